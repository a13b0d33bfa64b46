"""Which touchpoints have a standard, counted by hand."""

from __future__ import annotations

import pandas as pd
import pytest

import cxgap as cx
from cxgap.errors import ArgumentError


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


@pytest.mark.parametrize("as_of", ["foo", "2026-13-01", 5])
def test_a_day_that_is_none_is_refused(as_of):
    with pytest.raises(ArgumentError, match=r"^`as_of` must be an ISO 8601 date, such as 2026-03-31, not"):
        cx.standards_coverage(standards(LEVEL), as_of=as_of)


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", 3, "../etc"])
def test_a_zone_that_is_none_is_refused(zone):
    with pytest.raises(ArgumentError, match=r'^`zone` must be a time zone such as "Europe/Berlin", not'):
        cx.standards_coverage(standards(LEVEL), zone=zone)


def test_no_standard_and_no_touchpoint_is_nothing_to_list():
    none = standards(LEVEL).head(0)
    with pytest.raises(ArgumentError, match=r"^`touchpoints` must name the touchpoints of the journey where `standards` has"):
        cx.standards_coverage(none)
    table = cx.standards_coverage(none, ["A", "B"])
    assert table.frame["standards"].to_list() == [0, 0]
    assert "No standard exists for A, B." in table.notes
