"""The same inputs give the same bytes: runs.md 4.7, and goal G7 of its section 6."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from pathlib import Path

import pytest
from report.whole import hold_silent, hold_whole

import cxgap as cx
from cxgap.report.run import run_report
from cxgap.shipped import shipped

ZONES = ("UTC", "Pacific/Kiritimati")
REAL = ("customer", "chain", "quality", "executive", "analyst")


def hashes(folder: Path) -> dict[str, str]:
    """Return the sha256 of every artefact of a report."""
    files = [folder / "report.html", folder / "record.json", *sorted((folder / "tables").iterdir())]
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_two_runs_in_two_zones_and_two_folders_are_one(tmp_path, monkeypatch, browse):
    """A real notebook, whose page is whole; tests of `verify` do the same with a tiny one whose folder moved."""
    cx.simulate_study(200, seed=1).write(tmp_path / "sample")
    shutil.copy(shipped("sample") / "study.toml", tmp_path / "sample")
    found = []
    for zone in ZONES:
        folder = tmp_path / zone.replace("/", "-")
        folder.mkdir()
        monkeypatch.chdir(folder)
        monkeypatch.setenv("TZ", zone)
        found.append(
            hashes(run_report("study", output="reports", study=str(tmp_path / "sample"), as_of="2026-03-31").page.parent)
        )
    assert {"report.html", "record.json"} < set(found[0])
    assert found[0] == found[1]
    hold_whole(folder / "reports/study/report.html", browse, figures=1)
    hold_silent(folder / "reports")


def test_the_hash_of_an_artefact_sees_one_byte(tmp_path):
    """The guard above must be able to fail."""
    (tmp_path / "tables").mkdir()
    for name in ("report.html", "record.json"):
        (tmp_path / name).write_text("x")
    before = hashes(tmp_path)
    (tmp_path / "record.json").write_text("y")
    assert [name for name, digest in hashes(tmp_path).items() if digest != before[name]] == ["record.json"]


def _run(folder: Path, notebook: str, zone: str, seed: str) -> dict[str, str]:
    folder.mkdir(parents=True)
    command = [sys.executable, "-m", "cxgap", "report", notebook, "--as-of", "2026-03-31", "--output", "out"]
    environment = os.environ | {"TZ": zone, "PYTHONHASHSEED": seed, "LC_ALL": "C" if seed == "0" else "C.UTF-8"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stderr
    return hashes(folder / "out" / notebook)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("notebook", REAL)
def test_ten_runs_have_one_hash_an_artefact(tmp_path, notebook):
    """Two zones, two hash seeds, two working folders, alone and beside each other: G7."""
    ways = list(product(ZONES, ("0", "4711"), ("a", "b b/ü")))
    alone = [_run(tmp_path / "alone" / place / zone / seed, notebook, zone, seed) for zone, seed, place in ways[:5:2]]
    with ThreadPoolExecutor(4) as pool:
        beside = pool.map(lambda way: _run(tmp_path / "beside" / way[2] / way[0] / way[1], notebook, way[0], way[1]), ways[1:])
        runs = [*alone, *beside]
    assert len(runs) == 10
    distinct = {name: len({run.get(name) for run in runs}) for run in runs for name in run}
    print(f"G7 {notebook}: {len(runs)} runs, {len(distinct)} artefacts, distinct hashes {sorted(set(distinct.values()))}")
    assert {name: number for name, number in distinct.items() if number != 1} == {}
