"""Fleets of real kernels, in both modes: whatever a notebook or a machine does, what is good is delivered and nothing else."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from report.making import METHOD, TITLE, study, write

from cxgap.report.fleet.preparation import Preparation
from cxgap.report.fleet.supervisor import run_fleet
from cxgap.report.job import Job, Limits

DRIVER = Path(__file__).with_name("real_driver.py")
C_LOOP = "import re\nre.match('(a+)+$', 'a' * 64 + 'b')"  # Python code never gets a turn in it
CHILD = "import subprocess, time\nsubprocess.Popen(['sleep', '777'], start_new_session=True)\ntime.sleep(600)"
FAULTS = {
    "raising": "[][1]",
    "also-raising": "{}['x']",
    "raising-ours": "import cxgap as cx\ncx.read_study('nosuch')",
    "killed": "import os\nos.kill(os.getpid(), 9)",
    "hanging": C_LOOP,
    "leaving": "import sys\nsys.exit(0)",
}
SLOW = Limits(cell=20)
PARAMETERS = {"study": "sample", "where": {}, "as_of": ""}


def notebooks(folder):
    """Write one good notebook and one of each fault; return them by name."""
    found = {name: write(folder / f"{name}.ipynb", [TITLE, study(), METHOD], code=[code]) for name, code in FAULTS.items()}
    found["too-large"] = write(folder / "too-large.ipynb", [TITLE, study(), "x" * 400_000])
    found["good"] = write(folder / "good.ipynb")
    return found


def job(slug, notebook, **limits):
    return Job(slug, slug, notebook, PARAMETERS, limits=SLOW._replace(**limits))


def bytes_of(output, slugs):
    return {slug: (output / slug / "report.html").read_bytes() for slug in slugs}


def test_a_few_real_kernels(tmp_path, monkeypatch):
    """G6 in small. Stub of the reading pass: these notebooks show canned records, and read no study."""
    monkeypatch.setattr(Preparation, "read", lambda self, stop, tell: None)
    found = notebooks(tmp_path)
    names = ["raising", "leaving", "killed", "too-large"]
    jobs = [job("good", found["good"]), *(job(name, found[name]) for name in names)]
    result = run_fleet(jobs, output=tmp_path / "reports", workers=2, mode="fork" if sys.platform != "win32" else "spawn")
    codes = {outcome.job.slug: (outcome.state, outcome.code) for outcome in result.outcomes}
    assert codes["good"] == ("delivered", "")
    assert [codes[name][0] for name in names] == ["failed"] * 4
    assert codes["killed"][1] == "kernel_died"
    messages = {outcome.job.slug: outcome.message for outcome in result.outcomes}
    assert "ended the run with sys.exit" in messages["leaving"]
    assert "did not pass the gate" in messages["too-large"]
    assert [path.parent.name for path in (tmp_path / "reports").glob("*/report.html")] == ["good"]


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("mode", ["spawn", "fork"])
def test_forty_jobs_of_which_seven_fail(tmp_path, mode):
    """G6: 33 delivered, 7 old kept, exit 1, the summary names 7, 0 false successes."""
    found, output = notebooks(tmp_path), tmp_path / "reports"
    faults = [*FAULTS, "too-large"]
    assert run_fleet([job(name, found["good"]) for name in faults], output=output, mode=mode).exit_code == 0
    before = bytes_of(output, faults)
    good = [job(f"region-{number:02}", found["good"]) for number in range(33)]
    jobs = [*good, *(job(name, found[name]) for name in faults)]
    random.Random(6).shuffle(jobs)
    clock = time.monotonic()
    place = tmp_path / "summary.json"
    command = f"{sys.executable} -c \"import sys; open({str(place)!r}, 'w').write(sys.stdin.read())\""
    result = run_fleet(jobs, output=output, mode=mode, on_failure=command)
    seconds = time.monotonic() - clock
    assert (result.exit_code, result.counts) == (1, {"delivered": 33, "failed": 7})
    assert bytes_of(output, faults) == before
    assert sorted(json.loads(place.read_text())["failed"]) == sorted(faults)
    assert all((output / name / "failure.html").is_file() for name in faults)
    clock = time.monotonic()
    again = run_fleet(good, beside=[j for j in jobs if j not in good], output=output, mode=mode)
    assert again.counts == {"unchanged": 33}
    print(f"\nG6 {mode}: 33 delivered, 7 kept, 0 false, {seconds:.0f} s; unchanged again in {time.monotonic() - clock:.1f} s")


@pytest.mark.slow
@pytest.mark.timeout(7200)
@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere kernels do not die with their worker")
@pytest.mark.parametrize("mode", ["spawn", "fork"])
def test_real_runs_ended_at_random_moments(tmp_path, mode):
    """G3: 20 each of SIGKILL, SIGTERM, SIGINT; old report byte-equal, 0 processes left 10 s later, the next run succeeds.

    CXGAP_ROUNDS sets how many of each there are in place of 20. A child of a kernel of a supervisor that was *killed* is
    ended by the next run; it is counted apart.
    """
    output = tmp_path / "reports"
    good = write(tmp_path / "good.ipynb")
    bad = {"loop": C_LOOP, "child": CHILD, "sleep": "import time\ntime.sleep(600)"}
    found = {name: write(tmp_path / f"{name}.ipynb", [TITLE, study(), METHOD], code=[code]) for name, code in bad.items()}
    whole = [job(name, good) for name in bad]
    assert run_fleet(whole, output=output, mode=mode).exit_code == 0
    before = bytes_of(output, bad)
    files = []
    for name, notebook in found.items():
        files.append(tmp_path / f"{name}.json")
        files[-1].write_bytes(job(name, notebook, cell=600).to_json())
    rounds = int(os.environ.get("CXGAP_ROUNDS", "20"))
    left_at_once = 0
    for number in [n for _ in range(rounds) for n in (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)]:
        process = subprocess.Popen(
            [sys.executable, str(DRIVER), str(output), mode, *map(str, files)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        time.sleep(random.uniform(1, 25))
        family = descendants(process.pid) | {process.pid}
        process.send_signal(number)
        clock = time.monotonic()
        _, said = process.communicate(timeout=60)
        assert process.returncode in (-number, {signal.SIGTERM: 143, signal.SIGINT: 130}.get(number)), said.decode()
        while (left := [pid for pid in family if alive(pid)]) and time.monotonic() - clock < 10:
            time.sleep(0.05)
        if number == signal.SIGKILL:
            left_at_once += len(left)
            left = [pid for pid in left if b"sleep\x00777" not in command_of(pid)]
        assert left == [], [command_of(pid) for pid in left]
        assert bytes_of(output, bad) == before
    assert run_fleet(whole, output=output, mode=mode, force=True).exit_code == 0
    assert bytes_of(output, bad) == before
    print(f"\nG3 {mode}: {3 * rounds} ended, 0 damaged, 0 left, {left_at_once} children of killed supervisors for the next run")


def descendants(root):
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(path.parent.name)] = int(path.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    found = {root}
    while new := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= new
    return found


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def command_of(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""
