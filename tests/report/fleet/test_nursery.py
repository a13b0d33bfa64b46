"""A forked worker does what a spawned one does, and dies with those it belongs to."""

import json
import os
import signal
import sys
import time

import pytest
from report.making import TITLE, study, write

from cxgap.report.fleet.nursery import Nursery
from cxgap.report.fleet.processes import snapshot, tree
from cxgap.report.fleet.starters import Spawn
from cxgap.report.job import Job
from cxgap.report.publish import new_run

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")


@pytest.fixture(scope="module")
def warm():
    nursery = Nursery()
    yield nursery
    nursery.close()


def start(starter, path, tmp_path, **environment):
    run_id, folder = new_run(tmp_path / "reports")
    staged = tmp_path / f"staged-{run_id}"
    staged.mkdir()
    (folder / "job.json").write_bytes(Job("x", "x", path, {}).to_json())
    return starter.start(folder, staged, {"CXGAP_RUN": run_id, **environment}), folder, staged


def wait(condition, seconds=60):
    until = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < until, "it did not come to pass"
        time.sleep(0.05)
    return found


def ended(process):
    return wait(lambda: process.poll() is not None and (process.poll(),))[0]


def test_a_fork_gives_the_bytes_that_a_new_interpreter_gives(warm, tmp_path):
    path = write(tmp_path / "05_customer.ipynb")
    made = []
    for starter in (warm, Spawn()):
        process, folder, staged = start(starter, path, tmp_path)
        assert ended(process) == 0, (folder / "stderr.txt").read_text()
        made.append({name.relative_to(staged).as_posix(): name.read_bytes() for name in staged.rglob("*") if name.is_file()})
    assert made[0] == made[1]
    assert "report.html" in made[0]


def test_each_fork_draws_its_own_numbers_and_has_its_own_environment(warm, tmp_path):
    told = tmp_path / "told.txt"
    code = [
        f"import json, os, random, sys\nimport numpy as np\nwith open({str(told)!r}, 'a') as file:\n"
        "    print(json.dumps([random.random(), np.random.rand(), os.environ['WHOSE'], sys.flags.hash_randomization,"
        " os.getppid() != 1, os.getsid(0) == os.getpid()]), file=file)"
    ]
    path = write(tmp_path / "x.ipynb", [TITLE, study()], code=code)
    for whose in ("one", "two"):
        process, folder, _ = start(warm, path, tmp_path, WHOSE=whose)
        assert ended(process) == 0, (folder / "result.json").read_text()
    one, two = map(json.loads, told.read_text().splitlines())
    assert one[0] != two[0]
    assert one[1] != two[1]
    assert (one[2:], two[2:]) == (["one", 0, True, True], ["two", 0, True, True])


def running(tmp_path, starter):
    """A job whose kernel computes for ever in C, and has a child that waits for ever."""
    told = tmp_path / "told.txt"
    loop = (
        "import os, subprocess\nchild = subprocess.Popen(['sleep', '777'])\n"
        f"open({str(told)!r}, 'w').write(f'{{os.getpid()}} {{child.pid}}')"
    )
    path = write(tmp_path / "x.ipynb", [TITLE, study()], code=[loop, "import re\nre.match(r'(a+)+b', 'a' * 60)"])
    process, _, _ = start(starter, path, tmp_path)
    kernel, child = map(int, wait(lambda: told.is_file() and told.read_text().split()))
    return process, kernel, child


def gone(pid):
    return pid not in snapshot()


@pytest.mark.skipif(sys.platform != "linux", reason="Linux alone lets a process die with its parent")
def test_a_killed_worker_takes_its_kernel_along_and_the_end_of_the_nursery_is_the_end_of_all(tmp_path):
    warm = Nursery()
    try:
        process, kernel, child = running(tmp_path, warm)
        assert {process.pid, kernel, child} <= tree(process.pid, snapshot())
        os.kill(process.pid, signal.SIGKILL)
        wait(lambda: gone(kernel), 10)
        assert ended(process) == -9
        os.kill(child, signal.SIGKILL)  # which the family of the attempt does in a run

        (tmp_path / "told.txt").unlink()
        process, kernel, child = running(tmp_path, warm)
        os.kill(warm.pid, signal.SIGKILL)
        wait(lambda: gone(kernel) and gone(process.pid), 10)
        assert ended(process) == -9
        os.kill(child, signal.SIGKILL)

        process, _, _ = start(warm, write(tmp_path / "05_customer.ipynb"), tmp_path)
        assert ended(process) == 0  # by a new interpreter
    finally:
        warm.close()
