"""Many jobs at once, by scripts in place of kernels: what fails harms no other, and nothing is run twice or left behind."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cxgap.errors import ArgumentError, BusyError
from cxgap.report.fleet import endings
from cxgap.report.fleet.preparation import Preparation, Prepared
from cxgap.report.job import Limits
from cxgap.report.publish import locked

NOT_LINUX = sys.platform != "linux"


def by_slug(result):
    return {outcome.job.slug: outcome for outcome in result.outcomes}


def status(place):
    return json.loads((place.output / "status.json").read_text())


def events(place):
    return [json.loads(line) for line in (place.output / "private/log.jsonl").read_text().splitlines()]


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(endings, "DELAYS", (0.05, 0.05))


def test_what_fails_harms_no_other_and_its_old_page_stays(place):
    """Policy, runs.md G6 in small: every way to fail that needs no kernel; 0 false successes."""
    faults = ["raise", "crash", "removing", "silent", "killed", "tampered", "other"]
    good = [place.job(f"good{number}") for number in range(3)]
    assert place.run(*good, *(place.job(fault) for fault in faults)).exit_code == 0
    before = {fault: place.published(fault) for fault in faults}

    result = place.run(*good, *(place.job(fault, fault) for fault in faults), force=True)
    assert result.exit_code == 1
    assert result.counts == {"delivered": 3, "failed": 7}
    assert [outcome.job.slug for outcome in result.failures] == faults
    for fault in faults:
        assert place.published(fault) == before[fault]
        assert (place.output / fault / "failure.html").is_file()
        assert status(place)[fault]["state"] == "failed"
    codes = {outcome.job.slug: outcome.code for outcome in result.failures}
    assert codes == {
        "raise": "unfinished",
        "crash": "crashed",
        "removing": "folder_removed",
        "silent": "crashed",
        "killed": "worker_killed",
        "tampered": "publishing",
        "other": "publishing",
    }
    lines = place.said.getvalue().splitlines()
    assert all(sum(line.startswith("failed") and f" {fault} " in line for line in lines) == 1 for fault in faults)
    assert list((place.output / "private/staging").iterdir()) == []


def test_each_run_of_a_job_keeps_its_own_private_folder(place):
    place.run(place.job("a", "raise"))
    (folder,) = (place.output / "private/runs").iterdir()
    manifest = json.loads((folder / "manifest.json").read_text())
    assert (manifest["status"], manifest["error"]) == (
        "failed",
        {"code": "unfinished", "message": "code cell 3 raised IndexError."},
    )
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    ours = [path for path in folder.iterdir() if path.name in ("job.json", "manifest.json", "processes.txt")]
    for path in (place.output / "private/log.jsonl", *ours):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_what_is_unchanged_is_not_run(place):
    """Policy, runs.md G8 in small: no process; then one byte of one input, one damaged artefact, other parameters."""
    other = place.folder / "other"
    jobs = [place.job("a"), place.job("b"), place.job("c", study=_copy(place.study, other))]
    assert place.run(*jobs).counts == {"delivered": 3}
    runs = len(list((place.output / "private/runs").iterdir()))
    assert place.run(*jobs).counts == {"unchanged": 3}
    assert (place.starter.started, len(list((place.output / "private/runs").iterdir()))) == ([], runs)

    with open(other / "responses.csv", "a") as file:
        file.write("\n")
    assert place.run(*jobs).counts == {"delivered": 1, "unchanged": 2}
    assert place.starter.started == ["c"]

    for name in ("report.html", "record.json", "tables/1-customer-touchpoint.csv"):
        path = place.output / "b" / name
        path.write_bytes(path.read_bytes().replace(b"e", b"f", 1))
        place.run(*jobs)
        assert place.starter.started == ["b"], name

    place.run(place.job("a", by="channel"), *jobs[1:])
    assert place.starter.started == ["a"]
    place.run(*jobs[1:], force=True)
    assert sorted(place.starter.started) == ["b", "c"]


def _copy(study, folder):
    folder.mkdir()
    for path in study.parent.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    return folder / study.name


def test_a_study_in_a_database_is_always_read_again(place):
    """Nobody can tell from outside whether rows of a database have changed."""
    place.study.write_text(
        place.study.read_text().replace('"responses.csv"', '"postgresql://me:hunter2@db/cx"\ntable = "answers"')
    )
    for _ in range(2):
        assert place.run(place.job("a")).counts == {"delivered": 1}


def test_an_unchanged_report_loses_the_failure_of_a_run_between(place):
    good = place.job("a")
    place.run(good)
    place.run(place.job("a", "raise"))
    assert (place.output / "a/failure.html").exists()
    assert place.run(good).counts == {"unchanged": 1}
    assert not (place.output / "a/failure.html").exists()
    assert status(place)["a"]["state"] == "ok"


def test_a_kernel_that_does_not_start_is_tried_twice_more(place, quick):
    count = place.folder / "count"
    count.mkdir()
    jobs = [place.job("soon", "late", times=2, count=str(count)), place.job("never", "late", times=9, count=str(count))]
    found = by_slug(place.run(*jobs, place.job("wrong", "raise")))
    assert (found["soon"].state, found["soon"].attempt) == ("delivered", 3)
    assert (found["never"].state, found["never"].attempt, found["never"].code) == ("failed", 3, "kernel_start")
    assert (found["wrong"].attempt, place.starter.started.count("wrong")) == (1, 1)
    assert len({event["run_id"] for event in events(place) if event["event"] == "job_started"}) == 7


def test_an_input_that_changes_while_it_is_read_is_read_again(place, quick):
    count = place.folder / "count"
    count.mkdir()
    job = place.job("a", "changes", file=str(place.study.parent / "responses.csv"), count=str(count))
    result = place.run(job)
    assert (result.counts, result.outcomes[0].attempt) == ({"delivered": 1}, 2)
    assert [event["code"] for event in events(place) if event["event"] == "job_retried"] == ["input_changed"]
    assert place.run(job).counts == {"unchanged": 1}  # the key is that of what was read in the end


def test_where_no_process_can_be_started_each_job_says_so(place, monkeypatch):
    """As where the account may not run this very interpreter."""
    monkeypatch.setattr(sys, "executable", str(place.folder))
    result = place.run(place.job("a"), starter=None, mode="fork")
    assert [outcome.message for outcome in result.outcomes] == ["The report could not be made or written: Permission denied."]


@pytest.mark.skipif(NOT_LINUX, reason="elsewhere orphans are not found")
def test_a_daemon_that_hides_ends_with_the_run(place):
    pid = place.folder / "pid"
    assert place.run(place.job("a", "hiding", place=str(pid))).exit_code == 0
    process = Path("/proc") / pid.read_text().strip()
    assert not process.exists() or (process / "stat").read_text().rpartition(")")[2].split()[0] in "ZX"


def test_what_must_stay_hidden_is_decided_anew_for_inputs_that_have_changed(place, quick, monkeypatch):
    """Else a page of new data would be hidden by the numbers of the old. The reading itself is left out."""
    read = []

    def stub(self, stop, tell):
        read.append(place.folder)
        self._of = self._known_key()

    monkeypatch.setattr(Preparation, "read", stub)
    count = place.folder / "count"
    count.mkdir()
    job = place.job("a", "changes", file=str(place.study.parent / "responses.csv"), count=str(count))
    assert place.run(job, place.job("b")).counts == {"delivered": 2}
    assert len(read) == 2


def test_what_cannot_be_entered_in_the_ledger_is_not_published(place, monkeypatch):
    """Nobody could tell later what was shown."""
    place.run(place.job("a"))
    before, cells = place.published("a"), place.folder / "cells.npz"
    cells.write_bytes(b"rubbish")
    monkeypatch.setattr(Preparation, "of", lambda self, job: Prepared(cells=cells))
    assert place.run(place.job("a"), force=True).counts == {"failed": 1}
    assert place.published("a") == before


@pytest.mark.skipif(NOT_LINUX, reason="orphans are found by /proc")
@pytest.mark.parametrize(("do", "limits", "code"), [
    ("hang", Limits(job=1), "job_timeout"),
    ("greedy", Limits(memory=150_000_000), "memory"),
])  # fmt: skip
def test_over_a_limit_the_whole_tree_ends(place, monkeypatch, do, limits, code):
    """SIGTERM is enough for these; nobody waits for SIGKILL."""
    monkeypatch.setattr("cxgap.report.fleet.attempts.PATIENCE", 250.0)
    result = place.run(place.job("a", do, limits=limits, bytes=200_000_000))
    (outcome,) = result.outcomes
    assert outcome.code == code
    assert outcome.seconds < 200
    assert f"limits.{'memory' if code == 'memory' else 'job'} in the plan" in outcome.message
    assert _carriers(place) == []


@pytest.mark.skipif(NOT_LINUX, reason="orphans are found by /proc")
def test_a_worker_deaf_to_sigterm_is_killed_and_an_orphan_of_a_good_one_too(place, monkeypatch):
    monkeypatch.setattr("cxgap.report.fleet.attempts.PATIENCE", 0.3)
    found = by_slug(place.run(place.job("a", "deaf", limits=Limits(job=1)), place.job("b", "orphan")))
    assert (found["a"].code, found["b"].state) == ("job_timeout", "delivered")
    assert _carriers(place) == []


def _carriers(place):
    """Return the processes that carry the mark of a run of this folder, by an eye that is not cxgap's."""
    names = [path.name for path in (place.output / "private/runs").iterdir()]
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            text = path.read_bytes()
        except OSError:
            continue
        found += [path.parent.name for name in names if f"CXGAP_RUN={name}".encode() in text]
    return found


def test_fail_fast_begins_nothing_more(place):
    result = place.run(place.job("a", "raise"), *(place.job(f"b{n}") for n in range(4)), workers=1, fail_fast=True)
    assert result.counts == {"failed": 1, "skipped": 4}
    assert place.starter.started == ["a"]
    assert result.exit_code == 1


def test_strict_counts_warnings_as_failures_in_the_exit_code_alone(place):
    """The page of the template warns of its data once."""
    job = place.job("a")
    assert place.run(job).exit_code == 0
    result = place.run(job, strict=True)
    assert (result.exit_code, result.counts) == (1, {"unchanged": 1})


def test_two_reports_of_one_folder_are_refused_before_anything_runs(place):
    with pytest.raises(ArgumentError, match="'A' and 'a' are both 'a'"):
        place.run(place.job("A"), place.job("a"))
    assert not place.output.exists()


def test_a_study_file_that_is_not_there_fails_its_jobs_alone_and_starts_nothing(place):
    result = place.run(place.job("a", study=place.folder / "nosuch.toml"), place.job("b"))
    found = by_slug(result)
    assert (found["a"].state, found["a"].code, found["b"].state) == ("failed", "StudyError", "delivered")
    assert "there is none at" in found["a"].message
    assert place.starter.started == ["b"]


def test_a_second_run_of_the_folder_is_told_who_holds_it(place):
    with locked(place.output), pytest.raises(BusyError, match="held by another run: process"):
        place.run(place.job("a"))
    assert place.starter.started == []


def test_a_full_disk_fails_its_jobs_and_nothing_else(place, monkeypatch):
    place.run(place.job("a"))
    before = place.published("a")
    monkeypatch.setattr("cxgap.report.disk.free", lambda folder: 1000)
    result = place.run(place.job("a"), force=True)
    assert (result.outcomes[0].code, place.starter.started) == ("space", [])
    assert "kB are missing" in result.outcomes[0].message
    assert place.published("a") == before


def test_what_a_killed_supervisor_left_is_ended_by_the_next_run(place):
    """Policy, runs.md 4.4: what still carries the mark of a run whose lock is free."""
    place.run(place.job("a", "raise"))
    (run_id,) = [path.name for path in (place.output / "private/runs").iterdir()]
    environment = {"CXGAP_RUN": run_id, "PATH": "/usr/bin:/bin"}
    left = subprocess.Popen(["sleep", "600"], env=environment, start_new_session=True)
    other = subprocess.Popen(["sleep", "600"], env=environment | {"CXGAP_RUN": "20260101T000000Z-00000000"})
    try:
        place.run(place.job("b"))
        if NOT_LINUX:
            pytest.skip("the mark is found by /proc")
        assert left.wait(timeout=10) == -9
        assert other.poll() is None
    finally:
        left.kill()
        other.kill()
        left.wait()
        other.wait()


@pytest.mark.slow
def test_forty_jobs_that_are_unchanged_take_little_time(place):
    """G8 asks for 5 seconds; processor time is told here, because tests share their machine."""
    jobs = [place.job(f"region-{number:02}") for number in range(40)]
    place.run(*jobs)
    clock = time.process_time()
    assert place.run(*jobs).counts == {"unchanged": 40}
    seconds = time.process_time() - clock
    print(f"\nG8: 40 unchanged in {seconds:.1f} s, 0 processes")
    assert (seconds < 5, place.starter.started) == (True, [])


def test_the_log_is_one_object_a_line_with_run_ids_and_no_password(place):
    place.run(place.job("a"), place.job("b", "crash"))
    text = (place.output / "private/log.jsonl").read_text()
    assert "hunter2" not in text
    assert all("hunter2" not in path.read_text() for path in (place.output / "private/runs").rglob("stderr.txt"))
    assert "hunter2" not in (place.output / "b/failure.html").read_text() + place.said.getvalue()
    about = [event for event in events(place) if event["event"].startswith("job_")]
    assert {event["event"] for event in about} == {"job_started", "job_delivered", "job_failed"}
    assert all(event["run_id"] and event["fleet"] for event in about)
