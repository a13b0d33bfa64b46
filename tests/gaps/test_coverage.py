"""Which touchpoints have a standard, counted by hand."""

from __future__ import annotations

import pandas as pd

import cxgap as cx


def standards(*rows: tuple[str, float, str, str, str]) -> pd.DataFrame:
    """Make standards of (touchpoint, standard, unit, direction, metric)."""
    names = ["touchpoint", "standard", "unit", "direction", "metric"]
    return pd.DataFrame(rows, columns=names).assign(owner="Head of A", review=pd.Timestamp("2026-01-31", tz="UTC"))


LEVEL = ("A", 5.5, "scale points", "higher", "level")


def test_coverage_counts_what_exists_and_what_is_overdue():
    rows = standards(LEVEL, ("A", 5.0, "days", "lower", "time"), ("B", 1.0, "days", "lower", "t"))
    table = cx.standards_coverage(rows.assign(exists=[True, True, False]), ["A", "B", "C"], as_of="2026-03-31")
    found = table.frame.set_index("touchpoint")
    assert found["standards"].to_list() == [2, 0, 0]
    assert (found.loc["A", "surveyed"], found.loc["A", "review"], found.loc["A", "overdue"]) == (1, "2026-01-31", True)
    assert found.loc["C", "unowned"]
    assert table.notes[0] == "1 of 3 touchpoints have a standard (33 %)."
    assert "No standard exists for B, C." in table.notes
    assert not cx.standards_coverage(rows, as_of="2026-01-30").frame["overdue"].any()


def test_a_review_day_is_the_day_in_the_zone_of_the_study():
    """Midnight of the 31st in Berlin is 23:00 of the 30th in UTC."""
    rows = standards(LEVEL).assign(review=pd.Timestamp("2026-01-30T23:00Z"))
    assert cx.standards_coverage(rows, zone="Europe/Berlin").frame["review"].to_list() == ["2026-01-31"]
