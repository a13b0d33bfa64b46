"""Twelve runs of each report, a month of logs, a bounded disk; and never the run that readers see."""

import json
import os
import random
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from report import publisher
from report.publisher import Fault, faults, look, make_run

from cxgap.report.folders import CURRENT, NoRoomError, current_run, runs_of, size_of
from cxgap.report.publish import locked
from cxgap.report.retention import KEEP, Keep, prune

NOW = datetime(2026, 3, 31, 5, tzinfo=UTC)


def age(output, slug, days, mark="00000000"):
    """Make a private run that began so many days ago."""
    run_id = f"{NOW - timedelta(days=days):%Y%m%dT%H%M%SZ}-{mark}"
    folder = output / "private/runs" / run_id
    folder.mkdir(parents=True)
    (folder / "job.json").write_text(json.dumps({"slug": slug}))
    (folder / "notebook.ipynb").write_text("x" * 1000)
    return run_id


def private(output):
    return {path.name for path in (output / "private/runs").iterdir()}


@pytest.fixture
def output(tmp_path):
    with locked(tmp_path):
        yield tmp_path


def test_twelve_runs_stay_and_the_one_in_place_is_among_them(output):
    first = make_run(output, "first")
    for number in range(20):
        make_run(output, f"run {number}")
    folder = output / publisher.SLUG
    (folder / CURRENT).unlink()
    (folder / CURRENT).symlink_to(f"runs/{first}")  # an old one, put in place again by hand
    assert len(runs_of(folder)) == 21
    told = prune(output)
    assert len(runs_of(folder)) == KEEP.runs == 12
    assert current_run(folder).name == first
    assert told.runs == 9
    assert told.bytes > 9 * 3000
    assert prune(output).runs == 0


def test_private_runs_go_after_a_month_but_for_the_newest_of_each_report_and_those_in_place(output):
    old = {slug: age(output, slug, 200, mark) for slug, mark in (("a", "0000000a"), ("b", "0000000b"))}
    older = age(output, "a", 300)
    fresh = age(output, "b", 10)
    unknown = [age(output, "", 90, "0000000c"), age(output, "", 91, "0000000d")]
    report = output / "c"
    placed = age(output, "c", 400)
    (report / "runs" / placed).mkdir(parents=True)
    (report / "current").symlink_to(f"runs/{placed}")
    age(output, "c", 1)
    (output / "private/runs/notes").mkdir()  # not ours
    prune(output, now=NOW)
    assert {older, old["b"], unknown[1]} & private(output) == set()
    assert {old["a"], fresh, unknown[0], placed, "notes"} <= private(output)


def test_of_a_report_that_runs_every_hour_no_more_than_so_many_stay(output):
    for number in range(20):
        age(output, "a", number / 24, f"{number:08x}")
    prune(output, Keep(private_runs=5), now=NOW)
    assert len(private(output)) == 5


def test_the_cache_is_bounded_in_days_and_bytes(output):
    cache = output / "private/cache/studies"
    cache.mkdir(parents=True)
    for days in range(10):
        path = cache / f"{days}.parquet"
        path.write_bytes(b"x" * 100)
        os.utime(path, ((NOW - timedelta(days=days)).timestamp(),) * 2)
    prune(output, now=NOW)
    assert sorted(path.stem for path in cache.iterdir()) == list("01234567")
    prune(output, Keep(cache_bytes=350), now=NOW)
    assert sorted(path.stem for path in cache.iterdir()) == list("012")


def test_what_is_linked_to_is_not_removed(output, tmp_path_factory):
    """A report's folder that leads elsewhere, and a link in the cache, are left alone."""
    away = tmp_path_factory.mktemp("away")
    for number in range(20):
        (away / f"runs/20260101T000000Z-{number:08x}").mkdir(parents=True)
    (output / "linked").symlink_to(away)
    (output / "private/cache").mkdir()
    (away / "precious").touch()
    os.utime(away / "precious", (0, 0))
    (output / "private/cache/x").symlink_to(away / "precious")
    prune(output, now=NOW)
    assert len(list((away / "runs").iterdir())) == 20
    assert (away / "precious").exists()


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_two_years_of_forty_jobs_with_faults_lose_nothing_and_fill_no_disk(monkeypatch):
    """24 months x 40 jobs without kernels; 5 % of the publications stop at a random step, by an error or as by a kill."""
    memory = Path("/dev/shm")
    output = (memory if os.access(memory, os.W_OK) else Path("/tmp")) / f"cxgap-soak-{os.getpid()}"
    rng, said, faulty, sizes = random.Random(27), {}, 0, []

    class Killed(BaseException):
        pass

    def stop(error):
        raise error

    try:
        for month in range(24):
            for job in range(40):
                monkeypatch.setattr(publisher, "SLUG", f"region-{job:02}")
                text, before = f"month {month}", said.get(job)
                error = rng.choice([Killed(), OSError(28, "No space left on device"), OSError(5, "Input/output error")])
                at = rng.randrange(1, 28) if rng.random() < 0.05 else 0
                try:
                    with locked(output), faults(Fault(at, rng.choice(["before", "half", "after"]), lambda e=error: stop(e))):
                        make_run(output, text)
                    said[job] = text
                except (Killed, OSError, NoRoomError):
                    faulty += 1
                    with locked(output):
                        pass
                    if (output / publisher.SLUG / "report.html").exists():
                        assert look(output) in (before, text)
                        said[job] = look(output)
                    else:
                        assert before is None
                if before or job in said:
                    assert look(output) == said[job]
            with locked(output):
                prune(output, Keep(private_runs=12))
            sizes.append(size_of(output))
    finally:
        shutil.rmtree(output, ignore_errors=True)
    late = sum(text != "month 23" for text in said.values())
    print(f"\n960 publications, {faulty} stopped: 0 lost or damaged, {late} reports old at the end; ", end="")
    print(f"{sizes[11] / 1e6:.1f} MB after 12 months, {sizes[23] / 1e6:.1f} MB after 24")
    assert len(said) == 40
    assert sizes[23] < 1.1 * sizes[12]
    assert 20 < faulty < 80
