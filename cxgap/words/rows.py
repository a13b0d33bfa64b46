"""The rows of a gap table as sentences need them: each with its name, its digits and its unit."""

from __future__ import annotations

import math
from collections.abc import Sequence
from numbers import Real
from typing import Any, NamedTuple

from cxgap.result import GapTable
from cxgap.vocabulary import SHORT, counted

# What a row of the table is called, where its one key has a name of its own.
_NOUNS = frozenset({"touchpoint", "dimension", "item", "segment", "channel", "region", "wave", "stage", "department"})
# Keys that name a part of a cell, not the cell.
PARTS = frozenset({"link", "measure"})
_TIMES = frozenset({"week", "day", "hour", "minute", "second"})
# Columns that count raters of the company's own.
_RATERS = ("n_managers", "n_company")


class Row(NamedTuple):
    """One row of the table: its place in it, its name, its cells, the digits and the unit of its levels, and the gap."""

    place: int
    label: str
    cells: Any
    digits: int
    unit: str
    gap: str

    @property
    def verdict(self) -> str:
        """The verdict of the row."""
        return str(self.cells.verdict)

    @property
    def flags(self) -> list[str]:
        """The flags of the row."""
        return str(self.cells.flags).split("|")

    def number(self, name: str) -> float:
        """Return a number of the method's own; NaN where it has none."""
        value = getattr(self.cells, name, None)
        return float(value) if isinstance(value, Real) else math.nan

    def text(self, name: str) -> str:
        """Return a text of the method's own; nothing where it has none."""
        value = getattr(self.cells, name, None)
        return value if isinstance(value, str) else ""

    @property
    def lacks(self) -> str:
        """What the row lacks, so that there is nothing to tell; nothing where it lacks nothing, or is the customers'."""
        if not math.isnan(self.cells.estimate):
            return ""
        empty = "EMPTY" in self.flags and self.gap != "customer"
        return "no standard exists" if "NO_STANDARD" in self.flags else "there is nothing to compare" if empty else ""

    @property
    def is_time(self) -> bool:
        """Whether the row is in days or the like."""
        return self.unit.split()[-1:] != [] and self.unit.split()[-1].removesuffix("s") in _TIMES

    @property
    def lower_is_better(self) -> bool:
        """Whether the smaller of two levels of the row is the better one; of times it is, unless the row says otherwise."""
        direction = self.text("direction")
        if direction or self.is_time:
            return direction != "higher"
        return float((self.cells.end - self.cells.start) * self.cells.estimate) < 0


def rows_of(gaps: GapTable) -> list[Row]:
    """Return the rows in their order."""
    columns = (_labels(gaps), gaps.frame.itertuples(), gaps.row_decimals, gaps.row_units)
    return [Row(place, *row, gaps.gap) for place, row in enumerate(zip(*columns, strict=True))]


def noun_of(gaps: GapTable) -> str:
    """Return what a cell of the table is called, in the singular."""
    keys = [key for key in gaps.by if key not in PARTS]
    places = [key for key in keys if key != "metric"]
    if len(places) == 1 and places[0] in _NOUNS and (places == keys or gaps.frame[places[0]].is_unique):
        return places[0]
    return "metric" if places != keys else "group"


def people(row: Row, counts: str) -> str:
    """Say how many were counted: "412 customers"; of raters beside them, first how many; of events, whose they are."""
    found = many(float(row.cells.n), counts)
    events, raters = row.number("events"), [n for n in map(row.number, _RATERS) if math.isfinite(n)]
    if counts in ("person", "manager") and row.cells.n in raters:  # the managers are those who were counted
        raters, found = [], many(float(row.cells.n), "manager")
    if math.isfinite(events):
        found = many(events, "event") + (f" of {found}" if counts != "event" else "")
    few = "only " if "FEW_RATERS" in row.flags else ""
    return few + ", ".join(filter(None, [*(many(n, "manager") for n in raters), found]))


def many(count: float, noun: str) -> str:
    """Write a count with its noun; nothing where it is not known."""
    if not math.isfinite(count):
        return ""
    return f"{int(count):,} people" if noun == "person" and count != 1 else counted(int(count), noun)


def having(rows: Sequence[Row], verdict: str) -> list[Row]:
    """Return the rows of a verdict."""
    return [row for row in rows if row.verdict == verdict]


def worst_first(rows: Sequence[Row]) -> list[Row]:
    """Return the rows that are short: the worst first where their unit is one, else in their order."""
    short = having(rows, SHORT)
    return sorted(short, key=lambda row: row.cells.estimate) if comparable(short) else short


def comparable(rows: Sequence[Row]) -> bool:
    """Tell whether the sizes of the rows' gaps may be compared."""
    return len({row.unit for row in rows}) <= 1


def beyond_chance(rows: Sequence[Row], alpha: float) -> list[Row]:
    """Return the rows whose finding stays with account taken of all tests of the table; one without a test is as it is."""
    return [row for row in rows if not row.number("p_adjusted") > alpha]


def rivals(short: Sequence[Row]) -> list[Row]:
    """Return the rows whose interval overlaps with that of the worst: the data do not say which is worse."""
    return [row for row in short[1:] if row.cells.conf_low <= short[0].cells.conf_high]


def _labels(gaps: GapTable) -> list[str]:
    """Name each cell by its keys; what was measured of it stands after a comma."""
    places = [key for key in gaps.by if key not in PARTS and key != "metric"]
    if not gaps.by and gaps.gap == "customer":
        return gaps.labels()
    frame = gaps.frame[places].astype(str)
    names = [" · ".join(keys) for keys in frame.itertuples(index=False, name=None)] if places else [""] * len(frame)
    metrics = gaps.frame["metric"].astype(str) if "metric" in gaps.by else [""] * len(names)
    return [", ".join(filter(None, pair)) for pair in zip(names, metrics, strict=True)]
