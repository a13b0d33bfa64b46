"""What a published page says of targets is frozen once, whatever happens in between; a lock that was touched is left alone."""

from __future__ import annotations

import errno
import json
import multiprocessing
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from report.fleet import making, scripts
from report.making import write as write_notebook
from targeted import target, write

import cxgap as cx
from cxgap.report import disk
from cxgap.report import targets as freezing
from cxgap.report.fleet.inputs import Hashes, basis_of, lock_of
from cxgap.report.fleet.keys import key_of
from cxgap.report.fleet.preparation import Preparation
from cxgap.report.fleet.supervisor import run_fleet
from cxgap.report.job import Job
from cxgap.report.private import write_private
from cxgap.report.target_heads import HEADS, known_head
from cxgap.report.targets import BROKEN, CLOSED, UNWRITTEN, FreezeError, freeze
from cxgap.shipped import shipped
from cxgap.tables.target_lock import LOCK, read_lock

RUN = "20260102T050000Z-0badc0de"
NAMES = ["Near", "Far"]
no_fork = pytest.mark.skipif(sys.platform == "win32", reason="Windows has neither fork nor flock")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A study whose targets are over, and what its page says of them."""
    path = write(tmp_path_factory.mktemp("made"), target("Near", -0.55) + target("Far", -0.50))
    study = cx.read_study(path)
    return path, {"study": study.record(), "facts": [cx.target_status(study).record()]}


@pytest.fixture
def study(made, tmp_path):
    shutil.copytree(made[0].parent, tmp_path / "study")
    return tmp_path / "study" / "study.toml"


@pytest.fixture
def output(made, tmp_path):
    return page(tmp_path / "reports", made[1])


def page(output: Path, record: dict) -> Path:
    """Put the record of a page into its place."""
    folder = output / "targets/runs" / RUN
    folder.mkdir(parents=True)
    (folder / "record.json").write_text(json.dumps(record))
    (output / "targets/current").symlink_to(f"runs/{RUN}")
    return output


def lock(study: Path):
    return read_lock(study.parent / LOCK)


def test_a_published_verdict_is_frozen_once(study, output, made):
    assert freeze(output, "targets", str(study), {}) == NAMES
    found = lock(study)
    assert [(one["name"], one["verdict"], one["kind"]) for one in found.entries] == [
        ("Near", "met", "final"),
        ("Far", "cannot tell", "final"),
    ]
    first = found.entries[0]
    assert first["fingerprint"] == made[1]["study"]["fingerprint"]
    assert (first["n"], first["low"]) == pytest.approx((240, -0.513235), abs=1e-6)
    raw = (study.parent / LOCK).read_bytes()
    assert freeze(output, "targets", str(study), {}) == []
    assert (study.parent / LOCK).read_bytes() == raw
    assert known_head(output, study) == {"lines": 2, "head": found.head}
    assert sorted(path.name for path in study.parent.iterdir()) == [
        "responses.csv",
        "study.toml",
        "targets.lock.jsonl",
        "targets.toml",
    ]
    assert cx.target_status(cx.read_study(study)).frame["state"].tolist() == ["frozen", "frozen"]


def showing(notebook: Path) -> Path:
    """Let a notebook name what shows targets."""
    held = json.loads(notebook.read_text())
    held["cells"][-1]["source"] = "By cx.target_status."
    notebook.write_text(json.dumps(held))
    return notebook


def changed(record: dict, **values: object) -> dict:
    """Return a record of which every line to freeze says otherwise."""
    table = record["facts"][0]
    place = table["columns"].index("to_freeze")
    rows = [[*row] for row in table["rows"]]
    for row in rows:
        row[place] = json.dumps([{**line, **values} for line in json.loads(row[place])])
    return {**record, "facts": [{**table, "rows": rows}]}


def test_the_first_verdict_wins(study, output, made, tmp_path):
    freeze(output, "targets", str(study), {})
    other = page(tmp_path / "other", changed(made[1], verdict="not met"))
    assert freeze(other, "targets", str(study), {}) == []
    assert [one["verdict"] for one in lock(study).entries] == ["met", "cannot tell"]


def test_a_page_of_a_part_or_of_rows_from_elsewhere_freezes_nothing(study, output, made, tmp_path):
    assert freeze(output, "targets", str(study), {"region": "north"}) == []
    sliced = page(tmp_path / "a", made[1] | {"study": {**made[1]["study"], "where": {"region": ["north"]}}})
    assert freeze(sliced, "targets", str(study), {}) == []
    elsewhere = page(tmp_path / "b", made[1] | {"study": {**made[1]["study"], "fingerprint": "f+responses"}})
    assert freeze(elsewhere, "targets", str(study), {}) == []
    assert freeze(page(tmp_path / "c", made[1] | {"facts": []}), "targets", str(study), {}) == []
    assert not (study.parent / LOCK).exists()


def test_a_day_that_is_not_over_freezes_nothing(study, made, tmp_path):
    """Clock: as_of may name a day to come; the machine's own day decides."""
    future = page(tmp_path / "future", changed(made[1], until="9999-12-30"))
    assert freeze(future, "targets", str(study), {}) == []


def test_a_target_that_was_moved_while_its_page_was_made_is_not_frozen(study, output):
    (study.parent / "targets.toml").write_text(target("Near", -0.90) + target("Far", -0.50))
    assert freeze(output, "targets", str(study), {}) == ["Far"]


@pytest.mark.parametrize("step", ["write", "replace", "sync"])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
def test_a_disk_that_fails_leaves_the_old_lock_and_the_next_run_does_it(study, output, monkeypatch, step, code):
    """runs.md G2 for the lock: every step, each fault; nothing is lost, nothing is half there."""
    real = getattr(disk, step)

    def fail(*given):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(disk, step, fail)
    with pytest.raises(FreezeError, match="The page is in place; run again, and they will be") as found:
        freeze(output, "targets", str(study), {})
    assert found.value.kind == UNWRITTEN
    assert ("the disk is full" in str(found.value)) == (code == errno.ENOSPC)
    monkeypatch.setattr(disk, step, real)
    freeze(output, "targets", str(study), {})
    assert (len(lock(study).entries), lock(study).problem) == (2, "")
    assert not list(study.parent.glob(".targets*"))


_KILLED = """
import os, sys
from pathlib import Path
from cxgap.report import disk, targets
setattr(disk, sys.argv[1], lambda *given: os.kill(os.getpid(), 9))
targets.freeze(Path(sys.argv[2]), "targets", sys.argv[3], {})
"""


@no_fork
@pytest.mark.parametrize(
    "step", ["write", pytest.param("replace", marks=pytest.mark.slow), pytest.param("sync", marks=pytest.mark.slow)]
)
def test_a_run_that_is_killed_over_the_lock_harms_nothing(study, output, step):
    ended = subprocess.run([sys.executable, "-c", _KILLED, step, str(output), str(study)], check=False)
    assert ended.returncode == -9
    assert lock(study).problem == ""
    freeze(output, "targets", str(study), {})
    assert (len(lock(study).entries), lock(study).problem) == (2, "")
    assert not list(study.parent.glob(".targets*"))


def _race(given: tuple[Path, Path]) -> list[str]:
    return freeze(given[0], "targets", str(given[1]), {})


@no_fork
def test_runs_into_several_folders_at_once_freeze_each_name_once(study, made, tmp_path):
    """Eight schedulers with folders of their own on one study: the system's own lock puts them in a row."""
    folders = [page(tmp_path / f"out{k}", made[1]) for k in range(8)]
    with multiprocessing.get_context("fork").Pool(4) as pool:
        said = pool.map(_race, [(folder, study) for folder in folders], chunksize=1)
    assert sorted(said) == [[]] * 7 + [NAMES]
    assert (len(lock(study).entries), lock(study).problem) == (2, "")


def test_a_lock_that_was_touched_gets_no_line_more(study, output):
    freeze(output, "targets", str(study), {})
    place = study.parent / LOCK
    place.write_bytes(place.read_bytes().replace(b'"cannot tell"', b'"met"'))
    raw = place.read_bytes()
    with pytest.raises(FreezeError, match=r"line 2 was changed after it was written\..*Bring it back from a copy") as found:
        freeze(output, "targets", str(study), {})
    assert found.value.kind == BROKEN
    assert place.read_bytes() == raw


def test_a_lock_that_lost_its_last_line_or_itself_is_missed(study, output):
    freeze(output, "targets", str(study), {})
    place = study.parent / LOCK
    raw = place.read_bytes()
    for left in (raw.splitlines(keepends=True)[0], b""):
        place.write_bytes(left)
        with pytest.raises(FreezeError, match="it had 2 lines when a page was last published"):
            freeze(output, "targets", str(study), {})
    place.unlink()
    with pytest.raises(FreezeError, match="and has 0"):
        freeze(output, "targets", str(study), {})
    place.write_bytes(raw)
    assert freeze(output, "targets", str(study), {}) == []


@no_fork
def test_a_lock_that_is_gone_is_missed_whichever_way_the_study_is_reached(study, output):
    freeze(output, "targets", str(study), {})
    (study.parent / LOCK).unlink()
    link = study.parent.parent / "another way"
    link.symlink_to(study.parent)
    with pytest.raises(FreezeError, match="and has 0"):
        freeze(output, "targets", str(link / "study.toml"), {})


def test_a_note_of_heads_that_is_no_note_is_none(study, output):
    (output / "private").mkdir(exist_ok=True)
    write_private(output / "private" / HEADS, "[1]")
    assert known_head(output, study) is None
    assert freeze(output, "targets", str(study), {}) == NAMES


def test_the_sample_and_a_folder_that_is_read_only_are_not_written(study, output, monkeypatch):
    sample = page(output.parent / "sample", json.loads((output / f"targets/runs/{RUN}/record.json").read_text()))
    with pytest.raises(FreezeError, match="copy it with `cxgap sample FOLDER`") as found:
        freeze(sample, "targets", "sample", {})
    assert found.value.kind == CLOSED
    assert not (shipped("sample") / LOCK).exists()

    def refuse(*given):
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(disk, "write", refuse)
    with pytest.raises(FreezeError, match="may not be written") as found:
        freeze(output, "targets", str(study), {})
    assert found.value.kind == CLOSED


# In a run


@pytest.fixture
def fleet(study, made, tmp_path, monkeypatch):
    """A run of one page, by a script in place of a kernel, that shows the targets."""
    template = making.write_template(tmp_path / "template")
    record = json.loads((template / "record.json").read_text())
    (template / "record.json").write_text(json.dumps(record | {"facts": made[1]["facts"], "study": made[1]["study"]}))
    notebook = showing(write_notebook(tmp_path / "20_targets.ipynb"))
    monkeypatch.setattr(Preparation, "read", lambda self, stop, tell: None)
    job = scripts.job("targets", notebook, study)
    options = {"output": tmp_path / "out", "workers": 1, "starter": scripts.Script(template)}
    return lambda: run_fleet([job], **options), job


def test_a_run_freezes_and_the_page_is_made_once_more_and_then_stands(fleet, study):
    """The key of the page has the lock in it: the next page says that it is frozen, and the one after is unchanged."""
    run, job = fleet
    assert lock_of(job, Hashes()) == ""
    assert run().counts == {"delivered": 1}
    assert len(lock(study).entries) == 2
    assert [run().counts, run().counts] == [{"delivered": 1}, {"unchanged": 1}]


def test_a_run_that_was_killed_before_it_froze_is_made_good_by_the_next(fleet, study, monkeypatch):
    run, _ = fleet
    with monkeypatch.context() as patch:
        patch.setattr(freezing, "freeze", lambda *given: [])
        assert run().counts == {"delivered": 1}
    assert not (study.parent / LOCK).exists()
    assert run().counts == {"unchanged": 1}
    assert [one["name"] for one in lock(study).entries] == NAMES


def test_a_broken_lock_fails_the_run_and_no_page(fleet, study, capsys):
    run, _ = fleet
    (study.parent / LOCK).write_text("{}\n")
    result = run()
    assert (result.counts, result.exit_code) == ({"delivered": 1}, 1)
    assert "line 1 is of 'None'" in result.faults[0]
    assert result.to_plain()["faults"] == list(result.faults)
    events = [json.loads(line) for line in (result.output / "private/log.jsonl").read_text().splitlines()]
    assert [event["kind"] for event in events if event["event"] == "targets_not_frozen"] == ["broken"]
    assert "cannot be trusted" in capsys.readouterr().err
    assert (study.parent / LOCK).read_text() == "{}\n"


def test_a_study_that_may_not_be_written_fails_nothing_and_is_said_once(fleet, monkeypatch):
    run, _ = fleet

    def refuse(*given):
        raise OSError(errno.EACCES, "Permission denied")

    real = disk.write
    monkeypatch.setattr(
        disk, "write", lambda path, content: refuse() if path.name.startswith(".targets") else real(path, content)
    )
    result = run()
    assert (result.counts, result.exit_code, result.faults) == ({"delivered": 1}, 0, ())
    events = [json.loads(line) for line in (result.output / "private/log.jsonl").read_text().splitlines()]
    assert [event["kind"] for event in events if event["event"] == "targets_not_frozen"] == ["closed"]


def test_only_a_page_that_shows_targets_depends_on_the_lock(study, tmp_path):
    plain = write_notebook(tmp_path / "plain.ipynb")
    shows = showing(write_notebook(tmp_path / "shows.ipynb"))

    def keys():
        jobs = [Job(path.stem, path.stem, path, {"study": str(study)}) for path in (plain, shows)]
        return [key_of(job, basis_of(job, Hashes()), Hashes()) for job in jobs]

    before = keys()
    (study.parent / LOCK).write_text("{}\n")
    after = keys()
    assert (before[0] == after[0], before[1] == after[1]) == (True, False)
    text = (study.parent / "targets.toml").read_text()
    (study.parent / "targets.toml").write_text(text.replace("-0.55", "-0.6"))
    assert all(one != other for one, other in zip(keys(), after, strict=True))


@pytest.mark.slow
def test_a_real_run_freezes_is_verified_and_a_kernel_sees_a_lock_that_was_cut(study, tmp_path):
    """Cxgap report with two jobs at once, then verify, then a lock that lost a line."""
    command = [sys.executable, "-m", "cxgap"]
    output = tmp_path / "reports"
    held = json.loads((shipped("notebooks") / "20_targets.ipynb").read_text())
    held["cells"] = [*held["cells"][:7], held["cells"][-1]]  # what follows is of other tables
    notebook = tmp_path / "targets.ipynb"
    notebook.write_text(json.dumps(held))
    report = [*command, "report", str(notebook), "study", "--study", str(study), "--output", str(output), "--jobs", "2"]
    for _ in range(2):
        subprocess.run(report, check=True, cwd=tmp_path)
    assert [one["name"] for one in lock(study).entries] == NAMES
    page = output / "targets/report.html"
    assert "frozen on" in page.read_text()
    subprocess.run(
        [*command, "verify", str(page), "--notebook", str(notebook), "--study", str(study)], check=True, cwd=tmp_path
    )
    subprocess.run([*command, "targets", str(study)], check=True, cwd=tmp_path)
    old = next(
        run for run in sorted((output / "targets/runs").iterdir()) if run.name != (output / "targets/current").resolve().name
    )
    subprocess.run(
        [*command, "verify", str(old / "report.html"), "--notebook", str(notebook), "--study", str(study)],
        check=True,
        cwd=tmp_path,
    )  # as it was before the lock
    place = study.parent / LOCK
    raw = place.read_bytes()
    place.write_bytes(raw.splitlines(keepends=True)[0])
    cut = subprocess.run(report, check=False, cwd=tmp_path, capture_output=True, text=True)
    assert cut.returncode == 1
    assert "it had 2 lines" in cut.stderr
    assert "cannot be trusted" in page.read_text()
    place.write_bytes(raw.replace(b'"cannot tell"', b'"met"'))
    assert subprocess.run([*command, "targets", str(study)], check=False, cwd=tmp_path).returncode == 1
    place.write_bytes(raw)
    subprocess.run(report, check=True, cwd=tmp_path)
    assert "frozen on" in page.read_text()
