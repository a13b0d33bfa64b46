"""The reading pass before the jobs, seen from the supervisor: it is killed, and it never outlives who started it."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from study_files import wide, write

from cxgap.errors import RunError
from cxgap.report.fleet import preparation
from cxgap.report.fleet.inputs import Hashes
from cxgap.report.fleet.preparation import Preparation
from cxgap.report.fleet.signals import Stop
from cxgap.report.job import Job

DEAD = [sys.executable, "-S", "-E", "-c", "import os; os.kill(os.getpid(), 9)"]
STARTS = """
import os, sys, time
from pathlib import Path
from cxgap.report.fleet.starters import start_module
print(start_module("cxgap.report.prepare", [Path(sys.argv[1])], Path(sys.argv[2]), {}).pid, flush=True)
time.sleep(600)
"""


@pytest.fixture
def ready(tmp_path):
    study = write(tmp_path, wide(40))
    (tmp_path / "reports").mkdir()
    jobs = [Job("a", "a", tmp_path / "x.ipynb", {"study": str(study), "where": {}, "as_of": ""})]
    return Preparation(jobs, tmp_path / "reports", Hashes(), workers=2)


@pytest.mark.parametrize("times", [1, 2])
def test_a_reading_that_was_killed_is_done_once_more(ready, monkeypatch, times):
    started, start = [], preparation.start_module

    def dead(module, paths, folder, environment):
        started.append(module)
        if len(started) <= times:
            return subprocess.Popen(DEAD)
        return start(module, paths, folder, environment)

    monkeypatch.setattr(preparation, "start_module", dead)
    if times == 2:
        with pytest.raises(RunError, match="was ended by SIGKILL"):
            ready.read(Stop(), lambda slices, seconds: None)
    else:
        ready.read(Stop(), lambda slices, seconds: None)
        assert ready.of(ready._jobs[0]).cells is not None
    assert len(started) == 2
    ready.close()
    assert list((ready._output / "private/runs").iterdir()) == []  # kept studies hold respondents


def test_what_a_killed_run_kept_of_a_study_is_swept(ready):
    ready.read(Stop(), lambda slices, seconds: None)
    assert any((ready._output / "private/runs").iterdir())
    preparation.sweep(ready._output)
    assert list((ready._output / "private/runs").iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing binds a process to the one that started it")
def test_the_reading_ends_with_a_supervisor_that_is_killed(tmp_path):
    pipe = tmp_path / "request.json"
    subprocess.run(["mkfifo", pipe], check=True)  # it waits there for ever
    started = subprocess.Popen([sys.executable, "-c", STARTS, str(pipe), str(tmp_path)], stdout=subprocess.PIPE, text=True)
    child = Path(f"/proc/{started.stdout.readline().strip()}")
    until = time.monotonic() + 60
    while b"report.prepare" not in (child / "cmdline").read_bytes() or _sleeps(child) != "S":
        assert time.monotonic() < until
        time.sleep(0.05)
    time.sleep(1)
    started.send_signal(signal.SIGKILL)
    started.communicate()
    while child.exists() and _sleeps(child) not in "ZX":
        assert time.monotonic() < until
        time.sleep(0.05)


def _sleeps(process: Path) -> str:
    try:
        return (process / "stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "X"
