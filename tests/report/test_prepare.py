"""One reading pass before the jobs: each slice once, a minimum for each, and one that cannot be read fails alone."""

from __future__ import annotations

import errno
import json
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from study_files import WIDE, write

from cxgap.disclosure import ledger
from cxgap.errors import RunError
from cxgap.gaps.customer import customer_gap
from cxgap.report import prepare as preparing
from cxgap.report.prepare import PREPARED, prepare, slice_key
from cxgap.tables.context import CONTEXT
from cxgap.tables.read import read_study

HEADER = WIDE.splitlines()[0]
SIZES = {"north": 60, "south": 32, "east": 8}
WHOLE: tuple[str, dict[str, object], str] = ("", {}, "")


def survey(sizes=SIZES, *, skip: frozenset[int] = frozenset()) -> str:
    random, rows, who = np.random.default_rng(1), [HEADER], 0
    for region, size in sizes.items():
        for _ in range(size):
            ratings = ",".join(map(str, random.integers(1, 8, 4)))
            rows += [] if who in skip else [f"RESP-{who},Buy,{region},2026-03-{who % 28 + 1:02},{ratings}"]
            who += 1
    return "\n".join(rows) + "\n"


@pytest.fixture
def study(tmp_path) -> str:
    return str(write(tmp_path, survey(), study={"min_n": 10}))


@pytest.fixture
def folder(tmp_path) -> Path:
    (tmp_path / "run").mkdir()
    return tmp_path / "run"


def slices(study: str, *regions: str, whole: bool = True):
    return [(study, {}, "")] * whole + [(study, {"region": region}, "") for region in regions]


def told(answer, study: str, region: str = "") -> dict:
    return answer["slices"][slice_key(study, {"region": region} if region else {}, "")]


def test_each_slice_gets_its_minimum_with_the_reason(tmp_path, folder, study):
    answer = prepare(tmp_path / "reports", slices(study, *SIZES), folder)
    assert [about["min_n"] for about in answer["slices"].values()] == [10, 10, 33, 10]
    assert (
        "all together (gap): with region north, the whole study, it would tell of too few people."
        in told(answer, study, "south")["reasons"]
    )
    assert told(answer, study)["rows"]["used"] == 200
    assert [one["table"] for one in told(answer, study)["inputs"]] == ["study", "responses"]


def test_the_whole_counts_though_no_job_reads_it(tmp_path, folder, study):
    answer = prepare(tmp_path / "reports", slices(study, "north", "south", whole=False), folder)
    assert [about["min_n"] for about in answer["slices"].values()] == [10, 33]


def test_what_no_page_may_show_cannot_be_worked_out_from_the_tables(tmp_path, folder, study, monkeypatch):
    """The east is hidden by its size; with the mask the whole less the others is no longer the east."""
    answer = prepare(tmp_path / "reports", slices(study, *SIZES), folder)
    shown = {}
    for name, about in answer["slices"].items():
        _, where, _ = json.loads(name)
        monkeypatch.setenv(CONTEXT, about["context"])
        part = read_study(study, where=where)
        shown[str(where.get("region"))] = customer_gap(part.responses, by="touchpoint", **part.design).frame["n"].iloc[0]
    assert np.isfinite(shown["None"])
    assert np.isfinite(shown["['north']"])
    assert np.isnan(shown["['east']"])
    assert np.isnan(shown["['south']"])


def test_a_kept_study_is_what_reading_gives(tmp_path, folder, study, monkeypatch):
    answer = prepare(tmp_path / "reports", slices(study), folder)
    read = read_study(study)
    monkeypatch.setenv(CONTEXT, told(answer, study)["context"])
    assert read_study(study).responses.equals(read.responses)


def test_each_slice_is_read_once(tmp_path, folder, study, monkeypatch):
    reads = []
    monkeypatch.setattr(preparing, "read_study", lambda *given, **scope: reads.append(scope) or read_study(*given, **scope))
    prepare(
        tmp_path / "reports", [*slices(study, "north"), *slices(study, "north"), (study, {"region": ["north"]}, "")], folder
    )
    assert len(reads) == 2


def test_a_slice_that_cannot_be_read_fails_alone(tmp_path, folder, study):
    asked = [*slices(study, "north"), (study, {"region": "nort"}, ""), (str(tmp_path / "none.toml"), {}, "")]
    found = list(prepare(tmp_path / "reports", asked, folder)["slices"].values())
    assert [sorted(about) == ["problem"] for about in found] == [False, False, True, True]
    assert "Did you mean 'north'?" in found[2]["problem"]
    assert "there is none at" in found[3]["problem"]


def test_a_published_page_that_differs_by_a_few_hides_the_new_one(tmp_path, folder, study):
    """Three respondents are gone since the page was published, so what it would show is refused; ten would do."""
    answer = prepare(tmp_path / "reports", slices(study), folder)
    ledger.note(tmp_path / "reports", "customer", Path(told(answer, study)["cells"]))
    again = prepare(tmp_path / "reports", slices(study), folder)
    assert told(again, study)["min_n"] == 10
    for gone, minimum, nothing in ((3, 98, True), (10, 10, False)):
        (Path(study).parent / "responses.csv").write_text(survey(skip=frozenset(range(gone))))
        about = told(prepare(tmp_path / "reports", slices(study), folder), study)
        assert (about["min_n"], about["nothing"]) == (minimum, nothing)


def test_only_cells_that_are_shown_go_into_the_ledger(tmp_path, folder, study):
    answer = prepare(tmp_path / "reports", slices(study, *SIZES), folder)
    for region in SIZES:
        ledger.note(tmp_path / "reports", region, Path(told(answer, study, region)["cells"]))
    assert [len(part.cells) > 0 for part in ledger.published(tmp_path / "reports")] == [
        False,
        True,
        False,
    ]  # east, north, south


def test_what_is_written_is_closed_to_others(tmp_path, folder, study):
    prepare(tmp_path / "reports", slices(study), folder)
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_a_damaged_ledger_stops_the_run(tmp_path, folder, study):
    answer = prepare(tmp_path / "reports", slices(study), folder)
    ledger.note(tmp_path / "reports", "customer", Path(told(answer, study)["cells"]))
    (tmp_path / "reports" / "private" / "ledger" / "ledger.json").write_text("{")
    with pytest.raises(RunError, match="nobody can tell what must stay hidden"):
        prepare(tmp_path / "reports", slices(study), folder)


def test_it_runs_in_a_process_of_its_own(tmp_path, folder, study):
    request = {"output": str(tmp_path / "reports"), "folder": str(folder)}
    request["slices"] = [{"study": study, "where": {"region": "south"}, "as_of": ""}]
    (folder / "request.json").write_text(json.dumps(request))
    run = subprocess.run(
        [sys.executable, "-m", "cxgap.report.prepare", str(folder / "request.json")],
        capture_output=True,
        text=True,
        timeout=250,
    )
    assert (run.returncode, run.stderr) == (0, "")
    answer = json.loads((folder / PREPARED).read_text())
    assert told(answer, study, "south")["min_n"] == 10


def timed(function, own, name):
    """Return the function, which adds the seconds that it takes to `own`."""

    def run(*given, **more):
        clock = time.process_time()
        try:
            return function(*given, **more)
        finally:
            own[name] = own.get(name, 0) + time.process_time() - clock

    return run


@pytest.mark.parametrize("left", [None, 1_000_000], ids=["no room", "too little left"])
def test_where_the_disk_is_full_no_study_is_kept_and_the_reports_have_the_room(tmp_path, folder, study, monkeypatch, left):
    """A kept study is some times larger than its files; kernels can read these again."""

    def full(*given):
        raise OSError(errno.ENOSPC, "No space left on device")

    if left is None:
        monkeypatch.setattr(preparing, "keep_study", full)
    else:
        monkeypatch.setattr(preparing.disk, "free", lambda place: left)
    about = told(prepare(tmp_path / "reports", slices(study), folder), study)
    assert json.loads(Path(about["context"]).read_text()) == {"min_n": 10, "kept": None}
    assert list(folder.glob("*.study")) == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there studies are read one at a time")
def test_where_a_reader_is_killed_the_studies_are_read_one_at_a_time(tmp_path, folder, study, monkeypatch):
    """As for want of memory."""
    whole, here = prepare(tmp_path / "reports", slices(study), folder), os.getpid()
    read = preparing._read

    def killed(*given):
        return read(*given) if os.getpid() == here else os.kill(os.getpid(), signal.SIGKILL)

    monkeypatch.setattr(preparing, "_read", killed)
    answer = prepare(tmp_path / "reports", slices(study, "north"), folder, workers=2)
    assert told(answer, study)["min_n"] == told(whole, study)["min_n"]


@pytest.mark.slow
def test_one_slice_costs_little_more_than_its_reading(tmp_path, folder, monkeypatch):
    """Goal: less than 0.3 s beside reading, on the sample study."""
    own = {}
    for name in ("count_people", "keep_study", "minimums", "published"):
        monkeypatch.setattr(preparing, name, timed(getattr(preparing, name), own, name))
    prepare(tmp_path / "reports", [("sample", {}, "")], folder)
    print({name: round(seconds, 3) for name, seconds in own.items()}, f"{sum(own.values()):.2f} s beside reading")
    assert sum(own.values()) < 0.3
