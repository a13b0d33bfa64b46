"""`cxgap run`: what it asks of the fleet, and how it ends."""

from __future__ import annotations

import os
import subprocess
import sys
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from cxgap.cli import cli, main
from cxgap.errors import ArgumentError
from cxgap.report.fleet import supervisor
from cxgap.report.fleet.outcome import FleetResult, Outcome
from cxgap.report.job import Job
from cxgap.report.publish import locked

PLAN = 'version = 1\noutput = "out"\nas_of = "2026-03-31"\n[[report]]\nnotebook = ["customer", "chain"]\n'


@pytest.fixture
def asked(monkeypatch, tmp_path):
    """Let the command end as `state` says, and keep what it asked for."""
    seen = SimpleNamespace(state="delivered")

    def run_fleet(jobs, *, output, **options):
        seen.jobs, seen.output, seen.options = [job.slug for job in jobs], output, options
        return FleetResult(tuple(Outcome(job, seen.state) for job in jobs), output, 1.0)

    monkeypatch.setattr(supervisor, "run_fleet", run_fleet)
    (tmp_path / "plan.toml").write_text(PLAN)
    monkeypatch.chdir(tmp_path)
    return seen


def run(*words):
    return CliRunner().invoke(cli, ["run", "--plan", "plan.toml", *words])


def test_a_plan_is_run_and_the_last_line_says_how_it_went(asked, tmp_path):
    done = run("--jobs", "3")
    assert (done.exit_code, asked.jobs, asked.options["workers"]) == (0, ["customer", "chain"], 3)
    assert done.output.splitlines()[-1] == "2 reports: 2 delivered, in 1.0 s. out/index.html"
    asked.state = "failed"
    assert run().exit_code == 1


def test_only_leaves_the_rest_of_the_plan_beside(asked):
    """What the others show counts where small groups must stay hidden."""
    assert run("--only", "chain").exit_code == 0
    assert (asked.jobs, [job.slug for job in asked.options["beside"]]) == (["chain"], ["customer"])
    done = run("--only", "chian")
    assert isinstance(done.exception, ArgumentError)
    assert "Did you mean 'chain'?" in str(done.exception)


def test_a_folder_that_is_held_ends_the_command_with_75(tmp_path, monkeypatch, capsys):
    (tmp_path / "plan.toml").write_text(PLAN)
    monkeypatch.setattr(sys, "argv", ["cxgap", "run", "--plan", str(tmp_path / "plan.toml")])
    with locked(tmp_path / "out"), pytest.raises(SystemExit) as stop:
        main()
    said = capsys.readouterr()
    assert (stop.value.code, said.out) == (75, "")
    assert said.err.startswith("cxgap: ")
    assert "is held by another run: process" in said.err
    assert len(said.err.splitlines()) == 1


@pytest.mark.skipif(os.name == "nt", reason="there a shell closes no streams")
def test_streams_that_are_closed_take_no_part_in_a_run():
    """Else the lock would be standard input, and what a worker says would be written into it."""
    code = (
        "import os, sys\nimport cxgap.cli as c\n"
        "c.cli = lambda **more: print(os.open(os.devnull, os.O_RDONLY), sys.stderr.fileno())\nc.main()"
    )
    shell = ["sh", "-c", 'exec 0<&- 2>&-; exec "$@"', "sh", sys.executable, "-c", code]
    said = subprocess.run(shell, stdout=subprocess.PIPE, text=True, check=True).stdout.split()
    assert int(said[0]) > 2
    assert said[1] == "2"


def test_a_reader_who_went_away_makes_no_failure_of_a_run():
    """`cxgap run | head -0`: what was delivered is delivered."""
    code = "from cxgap.cli.options import say_last\ninput()\nsay_last('1 report: 1 delivered.')"
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    process.stdout.close()
    process.stdin.write(b"\n")
    process.stdin.close()
    assert (process.wait(), process.stderr.read()) == (0, b"")
    process.stderr.close()


@pytest.mark.parametrize(("options", "message"), [
    ({"workers": 0}, "`workers` must be 1 or more"),
    ({"mode": "thread"}, "`mode` must be one of"),
    ({"on_failure": "'"}, "a quote is not closed"),
])  # fmt: skip
def test_misuse_is_found_before_anything_runs(tmp_path, options, message):
    job = Job("a", "a", tmp_path / "x.ipynb", {})
    with pytest.raises(ArgumentError, match=message):
        supervisor.run_fleet([job], output=tmp_path / "out", **options)
    assert not (tmp_path / "out").exists()
