"""Rows of people leave by one door: a private file, whole or not at all, in which nothing is a formula."""

from __future__ import annotations

import csv
import os
import stat
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from cxgap.cli import cli
from cxgap.errors import ArgumentError, StudyError
from cxgap.result import Outreach, Table

HOSTILE = ["=1+1", "+cmd|' /C calc'!A1", "@SUM(A1)", "-2+3", "\t=1", "\u200b=HYPERLINK(1)", "plain"]


def people() -> Outreach:
    counts = Table.of(
        pd.DataFrame({"lane": ["others"]}), slug="outreach_counts", title="A list", columns={"lane": ("lane", str)}
    )
    return Outreach(counts, pd.DataFrame({"customer_id": HOSTILE, "value": [-1.5, 2.0, None, 4, 5, 6, 7]}))


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_file_and_a_folder_made_for_it_are_its_owners_alone(tmp_path):
    path = people().write(tmp_path / "private" / "outreach.csv")
    assert (mode(path), mode(path.parent)) == (0o600, 0o700)
    path.chmod(0o644)
    path.parent.chmod(0o755)
    people().write(path)
    assert (mode(path), mode(path.parent)) == (0o600, 0o700)
    assert [each.name for each in path.parent.iterdir()] == ["outreach.csv"]


def test_no_text_in_it_is_a_formula_and_numbers_are_as_they_were(tmp_path):
    path = people().write(tmp_path / "list.csv")
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["customer_id"] for row in rows] == [*(f"'{text}" for text in HOSTILE[:-1]), "plain"]
    assert [row["value"] for row in rows][:3] == ["-1.5", "2", ""]


def test_a_link_is_replaced_and_not_followed(tmp_path):
    other = tmp_path / "other.txt"
    other.write_text("mine")
    (tmp_path / "list.csv").symlink_to(other)
    people().write(tmp_path / "list.csv")
    assert other.read_text() == "mine"
    assert not (tmp_path / "list.csv").is_symlink()


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path = people().write(tmp_path / "list.csv")
    was = path.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        people().write(path)
    assert path.read_bytes() == was
    assert [each.name for each in tmp_path.iterdir()] == ["list.csv"]


@pytest.mark.parametrize(
    "place", ["outreach.csv", "north/outreach.csv", "assets/a.csv", "north/private/x.csv", "private/../a.csv"]
)
def test_nothing_is_written_where_reports_are_published(tmp_path, place):
    (tmp_path / "north").mkdir()
    (tmp_path / "index.html").touch()
    (tmp_path / "private" / "runs").mkdir(parents=True)
    with pytest.raises(ArgumentError, match="must not lie among published reports"):
        people().write(tmp_path / place)
    (tmp_path / "door").symlink_to(tmp_path / "north")
    with pytest.raises(ArgumentError, match="must not lie among published reports"):
        people().write(tmp_path / "door" / "list.csv")
    assert mode(people().write(tmp_path / "private" / "outreach.csv")) == 0o600


def test_the_command_writes_the_rows_and_shows_counts(tmp_path):
    """Exit 0; the ids are in the file, and on neither stream."""
    path = tmp_path / "reports" / "private" / "outreach.csv"
    found = CliRunner().invoke(cli, ["outreach", "sample", "--output", str(path), "--capacity", "60", "--campaign", "=x"])
    assert found.exit_code == 0, found.output
    rows = pd.read_csv(path, dtype=str)
    assert rows["arm"].value_counts()["contacted"] == 60
    assert set(rows["campaign"]) == {"'=x"}
    assert not any(name in found.output for name in [*rows["customer_id"], *rows["event_id"]])
    assert "customers to call on" in found.output
    assert mode(path) == 0o600
    assert {"customer_id", "at", "arm", "campaign", "stratum", "event_id"} <= set(rows)  # may come back as the table outreach
    with pytest.raises(StudyError, match="there is no list: nothing went wrong within the last"):
        CliRunner().invoke(cli, ["outreach", "sample", "--output", str(path), "--days", "0.001"], catch_exceptions=False)
    with pytest.raises(ArgumentError, match="--where must be NAME=VALUE"):
        CliRunner().invoke(cli, ["outreach", "sample", "--where", "North"], catch_exceptions=False)


def test_a_place_that_cannot_be_written_to_is_said(tmp_path, monkeypatch):
    """Neither a traceback nor a row of the list is on the screen."""
    monkeypatch.setattr("cxgap.gaps.silent.silent_customers", lambda *_, **__: people())
    (tmp_path / "file").write_text("")
    with pytest.raises(StudyError, match="could not be written to") as caught:
        CliRunner().invoke(cli, ["outreach", "sample", "--output", str(tmp_path / "file" / "list.csv")], catch_exceptions=False)
    assert caught.value.__suppress_context__


@pytest.mark.slow
def test_the_command_ends_with_2_where_reports_are_published(tmp_path):
    (tmp_path / "index.html").touch()
    told = [sys.executable, "-m", "cxgap", "outreach", "sample", "--output", str(tmp_path / "x.csv")]
    found = subprocess.run(told, capture_output=True, text=True, check=False)
    assert found.returncode == 2
    assert "must not lie among published reports" in found.stderr
    assert "Traceback" not in found.stderr
