"""The order of periods that are known by name only; the authority is the calendar."""

from __future__ import annotations

import pytest

from cxgap.waves import in_time, placed_in_time, places, steps


@pytest.mark.parametrize(
    "names",
    [
        ["Q3 2024", "Q4 2024", "Q1 2025"],
        ["2024-Q3", "2024-Q4", "2025-Q1"],
        ["3. Quartal 2024", "4. Quartal 2024", "1. Quartal 2025"],
        ["3rd quarter 2024", "4th quarter 2024", "1st quarter 2025"],
        ["Nov 2024", "December 2024", "Jan 2025", "März 2025"],
        ["11/2024", "12/2024", "01/2025"],
        ["H2 2023", "H1 2024", "H2 2024"],
        ["KW 9 2024", "KW 10 2024", "KW 1 2025"],
        ["W8", "W9", "W10", "W11"],
        ["Welle 9", "Welle 10"],
        ["2024-12-31", "2025-01-15"],
        ["1999", "2000", "2025"],
    ],
)
def test_names_follow_the_calendar_in_whatever_order_they_come(names):
    assert in_time(reversed(names)) == names
    assert in_time(sorted(names)) == names


def test_names_that_do_not_tell_stay_as_text():
    """One that is of no calendar, or of another kind, and none is placed by a guess."""
    for names in (["Q1 2025", "Q3 2024", "base"], ["2024", "Q1 2024"], ["spring", "autumn"], ["Q5 2024", "Q1 2025"], []):
        assert in_time(names) == sorted(names)
    for name in ("Q5 2024", "wave 3 2025", "13/2024", "2024 2025", "", "eq1 2025", "Q1"):
        assert placed_in_time(name) is None, name
    assert places(["W1", "X2"]) is None


def test_a_period_in_which_nobody_was_asked_keeps_its_place():
    assert steps(["2025-Q1", "2025-Q2", "2025-Q4"]) == [0, 1, 3]
    assert steps(["2023-Q1", "2024-Q1", "2025-Q1"]) == [0, 1, 2]  # once a year: a step is a year
    assert steps(["a", "b"]) is None
    assert steps(["2025-Q1"]) == [0]
