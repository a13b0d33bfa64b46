"""A run that is ended from outside: nothing half published, nobody left, and the next run completes it."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cxgap.errors import BusyError

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere workers do not die with their supervisor")

DRIVER = Path(__file__).with_name("driver.py")
EXITS = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGKILL: -9}
MIXED = [["a", "slow", {"seconds": 0.1}], ["b", "deaf", {}], ["c", "hang", {}], ["d", "slow", {"seconds": 0.2}]]


def start(place, jobs, *more):
    command = [sys.executable, str(DRIVER), str(place.folder), str(place.starter.template), json.dumps(jobs), *more]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def events(place):
    log = place.output / "private/log.jsonl"
    return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []


def wait_for(condition, seconds=60):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not come to that"
        time.sleep(0.02)


def carriers(place):
    """Return the processes that carry the mark of a run of this folder."""
    runs = [path.name for path in (place.output / "private/runs").iterdir()]
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            text = path.read_bytes()
            alive = path.with_name("stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
        except OSError:
            continue
        found += [path.parent.name for run in runs if alive and f"CXGAP_RUN={run}".encode() in text]
    return found


@pytest.mark.parametrize(
    "number",
    [pytest.param(signal.SIGINT, marks=pytest.mark.slow), signal.SIGTERM, signal.SIGKILL],
    ids=lambda number: number.name,
)
def test_whatever_ends_it_pages_are_whole_and_the_next_run_completes_it(place, number):
    """Policy, runs.md G3 in small."""
    assert place.run(*(place.job(slug) for slug in "abcd")).exit_code == 0
    before = {slug: place.published(slug) for slug in "abcd"}
    process = start(place, MIXED)
    try:
        known = len(events(place))
        wait_for(lambda: sum(event["event"] == "job_started" for event in events(place)[known:]) >= 3)
        time.sleep(random.uniform(0, 0.4))
        process.send_signal(number)
        clock = time.monotonic()
        said, _ = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == EXITS[number]
    whole = {name: content for slug in "bc" for name, content in place.published(slug).items()}
    assert whole == {name: content for slug in "bc" for name, content in before[slug].items()}
    if number != signal.SIGKILL:
        wait_for(lambda: not carriers(place), seconds=max(0.1, 10 - (time.monotonic() - clock)))
        status = json.loads((place.output / "status.json").read_text())
        assert {status[slug]["state"] for slug in "bc"} == {"killed"}
        assert events(place)[-1]["event"] == "fleet_ended"
        assert said.splitlines()[-1].endswith(" s.")
        assert "before the run was stopped" in said
    # The children of a job's child, which nothing binds to a supervisor that was killed, are ended by the next run.
    assert place.run(*(place.job(slug) for slug in "abcd")).exit_code == 0
    assert carriers(place) == []
    assert {slug: place.published(slug)["report.html"] for slug in "abcd"} == {
        slug: before[slug]["report.html"] for slug in "abcd"
    }


@pytest.mark.slow
def test_a_run_that_nobody_may_interrupt_is_not(place):
    """A run under `nohup` ignores SIGHUP, and so does what it runs."""
    shell = ["sh", "-c", 'trap "" HUP; exec "$@"', "sh", sys.executable, str(DRIVER), str(place.folder)]
    jobs = json.dumps([["a", "slow", {"seconds": 1.0}]])
    process = subprocess.Popen([*shell, str(place.starter.template), jobs], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    wait_for(lambda: any(event["event"] == "job_started" for event in events(place)))
    process.send_signal(signal.SIGHUP)
    process.communicate(timeout=60)
    assert process.returncode == 0


def test_of_two_runs_at_once_one_works_and_the_other_says_so(place):
    """Policy, runs.md G5 in small."""
    first = start(place, [["a", "hang", {}]])
    try:
        wait_for(lambda: any(event["event"] == "job_started" for event in events(place)))
        with pytest.raises(BusyError, match=f"process {first.pid} "):
            place.run(place.job("a"))
    finally:
        first.send_signal(signal.SIGKILL)
        first.communicate(timeout=60)
    clock = time.monotonic()
    assert place.run(place.job("a")).exit_code == 0
    assert time.monotonic() - clock < 30  # no lock is ever stale
