"""Who holds the lock: a run, nobody, or what a dead run left behind. Linux alone tells."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cxgap.doctor.holder import look_at_lock
from cxgap.report.lock import held

pytestmark = pytest.mark.skipif(not Path("/proc/locks").is_file(), reason="this system keeps no list of locks")

HOLD = """
import sys, time
from pathlib import Path
from cxgap.report.lock import held
with held(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(100)
"""
# A child that was forked without Python's knowledge, as C code does, keeps the lock of its parent.
LEAVE = """
import ctypes, os, sys, time
from pathlib import Path
from cxgap.report.lock import held
with held(Path(sys.argv[1])):
    child = ctypes.CDLL(None).fork()
    if child == 0:
        os.close(1)
        os.close(2)
        time.sleep(100)
    print(child, flush=True)
    os._exit(0)
"""


def test_a_lock_that_nobody_holds_is_free(tmp_path):
    assert look_at_lock(tmp_path).text == "no run was ever begun here"
    with held(tmp_path):
        pass
    assert (look_at_lock(tmp_path).state, look_at_lock(tmp_path).text) == ("ok", "nobody")


def test_a_run_that_is_going_on_is_named(tmp_path):
    with subprocess.Popen([sys.executable, "-c", HOLD, tmp_path], stdout=subprocess.PIPE, text=True) as run:
        try:
            assert run.stdout.readline() == "held\n"
            found = look_at_lock(tmp_path)
            assert found.state == "note"
            assert f"process {run.pid} " in found.text
        finally:
            run.kill()
    # A killed run leaves its name in the file; the system took its lock.
    assert (look_at_lock(tmp_path).state, look_at_lock(tmp_path).text) == ("ok", "nobody")


def test_looking_never_takes_the_lock(tmp_path):
    """A run that begins while the doctor looks must not be turned away."""
    with held(tmp_path):
        pass
    for _ in range(50):
        look_at_lock(tmp_path)
        with held(tmp_path):
            assert look_at_lock(tmp_path).state == "note"


def test_a_process_left_behind_by_a_dead_run_is_a_fault_that_names_it(tmp_path):
    done = subprocess.run([sys.executable, "-c", LEAVE, tmp_path], capture_output=True, text=True, timeout=60, check=False)
    child = int(done.stdout)
    try:
        found = look_at_lock(tmp_path)
        assert found.state == "fault"
        assert found.text.endswith(f"kill {child}")
    finally:
        os.kill(child, signal.SIGKILL)
    deadline = time.monotonic() + 5
    while look_at_lock(tmp_path).state != "ok":
        assert time.monotonic() < deadline
        time.sleep(0.05)
