"""Tables with every kind of row that a figure must draw or hide."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from math import nan

import pytest
from gap_tables import JOURNEY, gap_table

from cxgap.result import GapTable

EVERY_KIND = (
    *((*row, "") for row in JOURNEY[:6]),
    ("Claim damage", 3.14159, 2.71828, -1.41421, -1.73205, 7777, "not shown", "SUPPRESSED_PRIVACY"),
    ("Complain", nan, nan, nan, nan, nan, "not shown", "SUPPRESSED_SECONDARY"),
    ("Cancel", nan, nan, nan, nan, 0, "not shown", "EMPTY"),
    ("Praise", 6.0, 6.5, nan, nan, 1, "cannot tell", "N1"),
)


def make(
    rows: Sequence[tuple],
    by: Sequence[str] = ("touchpoint",),
    order: Mapping[str, tuple[str, ...]] | None = None,
    **settings: object,
) -> GapTable:
    """Make a table from (label or labels, start, end, low, high, n, verdict, flags)."""
    gaps = gap_table([row[:7] for row in rows], by=by)
    frame = gaps.frame.assign(flags=[row[7] for row in rows])
    return replace(gaps, frame=frame, order=gaps.order if order is None else order, **settings)


@pytest.fixture
def table() -> Callable[..., GapTable]:
    return make


@pytest.fixture
def journey() -> GapTable:
    return make(EVERY_KIND)


@pytest.fixture
def other_secrets() -> Callable[[GapTable], GapTable]:
    """Give the hidden rows other numbers: nothing that a reader gets may differ."""

    def change(gaps: GapTable) -> GapTable:
        hidden = gaps.frame["flags"].str.startswith("SUPPRESSED")
        numbers = gaps.frame.select_dtypes("number").columns
        return replace(gaps, frame=gaps.frame.assign(**{name: gaps.frame[name].mask(hidden, 9.87) for name in numbers}))

    return change
