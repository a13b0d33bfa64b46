"""Commands as people type them: what they print, where, and how they end."""

from __future__ import annotations

import importlib.util
import json
import os
import stat
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pytest

from cxgap.cli import main

ROOT = Path(__file__).resolve().parents[1]


class Done(NamedTuple):
    returncode: int
    stdout: str
    stderr: str


def run(*words: str | Path) -> Done:
    """Run a command in this process: a new one would load pandas for each."""
    out, err, code = StringIO(), StringIO(), 0
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr(sys, "argv", ["cxgap", *map(str, words)])
        try:
            main()
        except SystemExit as stop:
            code = stop.code
    return Done(code, out.getvalue(), err.getvalue())


@pytest.fixture(scope="module")
def study(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("cli") / "study"
    done = run("sample", folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{folder / 'study.toml'}\n"
    return folder


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> Path:
    """A study that is quick to read, where the sample's own numbers do not matter."""
    folder = tmp_path_factory.mktemp("cli") / "small"
    assert run("sample", folder, "--respondents", "400", "--seed", "1", "--format", "parquet").returncode == 0
    return folder


def test_sample_is_a_whole_copy(study):
    assert {path.name for path in study.iterdir()} == {path.name for path in (ROOT / "data" / "sample").iterdir()}


def test_sample_never_writes_over_files(study):
    done = run("sample", study)
    assert (done.returncode, done.stdout) == (2, "")
    assert "must be new or empty" in done.stderr


def test_sample_makes_a_study_of_any_size(small):
    assert "400 respondents" in run("check", small).stdout


def test_check_counts_and_lists_and_writes_rejects_for_their_owner_alone(study, tmp_path):
    done = run("check", study, "--rejects", tmp_path / "rejects")
    assert done.returncode == 0
    assert "answers in = " in done.stdout
    assert "lies outside the scale" in done.stdout
    written = tmp_path / "rejects" / "responses.csv"
    assert str(written) in done.stdout
    if os.name == "posix":
        assert stat.S_IMODE(written.stat().st_mode) == 0o600
    assert set(pd.read_csv(written)["reason"]) == {"out_of_scale"}


def test_check_of_a_broken_study_fails_in_words(tmp_path):
    (tmp_path / "study.toml").write_text('[study]\ntitle = "x"\n', encoding="utf-8")
    done = run("check", tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert "must declare the expectation type" in done.stderr
    assert "Traceback" not in done.stderr


def test_score_prints_a_table_for_the_eye_or_csv_for_a_program(small):
    assert "negative is a shortfall" in run("score", small).stdout
    done = run("score", small, "--by", "segment", "--csv")
    frame = pd.read_csv(StringIO(done.stdout))
    assert list(frame["segment"]) == ["Business account", "Private", "Small business"]
    assert (frame["estimate"] < 0).all()


def test_score_takes_codes_as_text(small):
    done = run("score", small, "--by", "region", "--where", "region=007")
    assert done.returncode == 0
    assert "007" in done.stdout
    assert "0012" not in done.stdout


def test_python_m_cxgap_is_the_command():
    done = subprocess.run([sys.executable, "-m", "cxgap", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("cxgap, version ")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("score", "sample", "--by", "regoin"), "not 'regoin'; it has [ ... Did you mean 'region'?"),
        (("score", "sample", "--where", "region=7"), "asks for region '7'"),
        (("score", "sample", "--where", "region"), "must be NAME=VALUE"),
        (("report", "custommer"), "Did you mean 'customer'?"),
        (("report", "customer", "-p", "segmnt=x"), "has no parameter 'segmnt'"),
        (("report", "-p", "segmnt=x"), "has no parameter 'segmnt'"),
        # A parameter that only one of them has goes to that one; the other's own fault is what is said.
        (
            ("report", "scorecard", "customer", "-p", "score=items", "-p", "conf_level=high"),
            "`conf_level` of 09_scorecard must",
        ),
        (("report", "customer", "-p", "conf_level=high"), "must be a number (float), not 'high'"),
        (("report", "customer", "-p", "study=sample"), "must be given as --study"),
        (("scores",), "No such command"),
    ],
)
def test_misuse_ends_with_2_and_one_clear_sentence(words, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = run(*words)
    assert (done.returncode, done.stdout) == (2, "")
    assert all(part in done.stderr for part in said.split(" ... "))
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "reports").exists()


def test_the_page_of_commands_is_what_the_commands_say():
    spec = importlib.util.spec_from_file_location("commands", ROOT / "tools" / "commands.py")
    commands = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(commands)
    assert commands.PAGE.read_text(encoding="utf-8") == commands.page()


def test_a_study_that_is_not_there_is_said_before_anything_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = run("report", "--study", "nosuch")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("there is none at 'nosuch'") == 1
    assert not (tmp_path / "reports").exists()


def test_inspect_proposes_a_study_and_never_replaces_one(tmp_path):
    run("sample", tmp_path / "new", "--respondents", "100", "--seed", "1")
    (tmp_path / "new" / "responses.csv").rename(tmp_path / "answers.csv")
    done = run("inspect", tmp_path / "answers.csv")
    assert done.returncode == 0
    assert "expectation_type: what were customers asked to expect?" in done.stdout
    assert done.stdout.splitlines()[-1] == str(tmp_path / "study.toml")
    written = (tmp_path / "study.toml").read_text(encoding="utf-8")
    assert 'expectation = "e{item}"' in written
    again = run("inspect", tmp_path / "answers.csv")
    assert (again.returncode, "is not replaced; name another with --study" in again.stderr) == (2, True)
    assert (tmp_path / "study.toml").read_text(encoding="utf-8") == written
    waits = run("check", tmp_path)
    assert waits.returncode == 1
    assert "`expectation_type` waits for an answer" in waits.stderr


def test_questionnaire_writes_files_and_lint_ends_with_one_where_there_is_something(tmp_path):
    done = run("questionnaire", "sample", "--output", tmp_path, "--language", "de")
    assert done.returncode == 0
    assert str(tmp_path / "customers.de.html") in done.stdout.splitlines()
    assert run("questionnaire", "sample", "--lint").returncode == 1


def test_plan_prints_its_reports_and_runs_nothing(study, tmp_path):
    done = run("plan", "--plan", study / "plan.toml", "--today", "2026-04-01")
    assert done.returncode == 0
    assert [line.split()[:2] for line in done.stdout.splitlines()] == [
        ["customer", "05_customer"],
        ["2026-03-31-0012-customer", "05_customer"],
        ["2026-03-31-0034-customer", "05_customer"],
        ["2026-03-31-007-customer", "05_customer"],
        ["2026-03-31-na-customer-f956b66f", "05_customer"],
    ]
    assert done.stderr == f"cxgap: 5 reports into {study / 'reports'}.\n"
    assert not (study / "reports").exists()
    jobs = json.loads(run("plan", "--plan", study / "plan.toml", "--json").stdout)
    assert [job["parameters"]["where"] for job in jobs] == [{}, *({"region": r} for r in ("0012", "0034", "007", "NA"))]
    assert {job["parameters"]["study"] for job in jobs} == {str(study / "study.toml")}


def test_plan_that_is_wrong_is_misuse_with_a_line_a_problem(study, tmp_path):
    text = (study / "plan.toml").read_text().replace("levels_of", "level_of").replace('"2026-03-31" ', "20260331 ")
    (study / "wrong.toml").write_text(text)
    done = run("plan", "--plan", study / "wrong.toml")
    (study / "wrong.toml").unlink()
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("cxgap: wrong.toml, line 6: `as_of` must be text, in quotes, not 20260331; write as_of = ")
    assert "Did you mean 'levels_of'?" in done.stderr
    assert run("plan", "--plan", tmp_path / "none.toml").returncode == 2


def test_verify_and_diff_refuse_what_is_no_published_page(tmp_path):
    (tmp_path / "page.html").write_text("x")
    done = run("verify", tmp_path / "page.html")
    assert (done.returncode, done.stdout) == (2, "")
    assert "no record is of" in done.stderr
    assert run("verify", tmp_path / "none.html").returncode == 2
    assert "it is neither" in run("diff", tmp_path, tmp_path).stderr


def test_diff_ends_with_1_where_a_reader_sees_another_thing(tmp_path):
    from report.runs import files, publish, shifted

    was, now = publish(tmp_path / "a", files()), publish(tmp_path / "b", files(shifted(0.5)))
    assert (run("diff", was, was).returncode, run("diff", was, now).returncode) == (0, 1)
    (found,) = json.loads(run("diff", tmp_path / "a", tmp_path / "b", "--json").stdout)
    assert (found["equal"], found["rows"][0]["row"]) == (False, "Receive the parcel")
