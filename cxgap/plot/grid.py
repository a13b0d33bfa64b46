"""The cells of a table with two keys, in rows and columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product
from typing import Any

from cxgap.errors import ArgumentError, listed
from cxgap.plot.rows import MOST_ROWS, OF_CUSTOMERS, Rows, unhidden
from cxgap.result import GapTable
from cxgap.vocabulary import CANNOT_TELL, MIXED

MOST_COLUMNS = 12  # more cannot be read
SHRUNK = "shrunk"


def _lowest(whole: GapTable, down: list[str]) -> tuple[GapTable, str]:
    """Return the rows of the picture with the lowest gaps, as many as can be read, and say so."""
    names = whole.frame[whole.by[0]].astype(str)
    lowest = whole.frame["estimate"].astype(float).groupby(names).min()
    kept = set(lowest.sort_values(kind="stable").index[:MOST_ROWS])
    words = f"Drawn are the {MOST_ROWS} rows with the lowest gaps, of {len(down)}."
    return replace(whole, frame=whole.frame[names.isin(kept).to_numpy()]), words


@dataclass(frozen=True, eq=False)
class Grid:
    """The cells, one a row of the table, and where each stands.

    Attributes
    ----------
    cells : the rows of the table, hidden numbers blanked
    down : the values of the first key that occur, in the order of display: the rows of the picture
    across : those of the second: its columns
    places : (row, column) of each cell
    """

    cells: Rows
    down: list[str]
    across: list[str]
    places: list[tuple[int, int]]

    @classmethod
    def of(cls, gaps: GapTable) -> Grid:
        """Lay out the cells of `gaps`: its keys must be two, and its cells no more than can be read."""
        if len(gaps.by) != 2:
            keys = ", ".join(map(repr, gaps.by)) or "none"
            raise ArgumentError(
                f"A heatmap needs a table with exactly two keys, and the keys of this one are {keys}: "
                'score it with by="touchpoint,segment".'
            )
        whole = _of_one_unit(unhidden(gaps, [SHRUNK] if SHRUNK in gaps.frame else []))
        down, across = (_values(whole, key) for key in gaps.by)
        if not down:
            raise ArgumentError("There is no cell to draw: the table has no rows.")
        part, chosen = _lowest(whole, down) if len(down) > MOST_ROWS else (whole, "")
        down = _values(part, gaps.by[0])
        if len(across) > MOST_COLUMNS:
            first, second = gaps.by
            raise ArgumentError(
                f"A heatmap can hold at most {MOST_COLUMNS} columns; {first!r} has {len(down)} values and "
                f"{second!r} has {len(across)}: put the key with more values first, or score a part of the study."
            )
        rows, columns = (part.frame[key] for key in gaps.by)
        places = [(down.index(str(row)), across.index(str(column))) for row, column in zip(rows, columns, strict=True)]
        return cls(Rows(part, whole, chosen), down, across, places)

    @cached_property
    def told(self) -> list[bool]:
        """Whether the data can tell what each cell is; an unstable one with a shrunken gap needs it beside its own."""
        cells = zip(self.cells.verdicts, self.cells.reasons, self.greyed, strict=True)
        return [verdict != CANNOT_TELL and not why and not grey for verdict, why, grey in cells]

    @cached_property
    def greyed(self) -> list[bool]:
        """Whether each cell is drawn in grey, because its sample is small."""
        return [small and value is not None for small, value in zip(self.unstable, self.shrunk, strict=True)]

    @cached_property
    def shrunk(self) -> list[float | None]:
        """The gap of each cell after it borrowed strength from the others; None where it has none."""
        if SHRUNK not in self.cells.part.frame:
            return [None] * len(self.places)
        return [None if why else value for value, why in zip(self.cells.numbers(SHRUNK), self.cells.reasons, strict=True)]

    @cached_property
    def unstable(self) -> list[bool]:
        """Whether each cell has too small a sample to be more than a first look."""
        return ["UNSTABLE" in str(flags).split("|") for flags in self.cells.part.frame["flags"]]

    @cached_property
    def untold(self) -> list[bool]:
        """Whether each cell has a gap of which they cannot tell."""
        cells = zip(self.told, self.cells.reasons, self.greyed, strict=True)
        return [not (told or why or grey) for told, why, grey in cells]

    @cached_property
    def hidden(self) -> list[bool]:
        """Whether each cell is withheld; one without answers is not."""
        return [why.startswith("not shown") for why in self.cells.reasons]

    @cached_property
    def nothing(self) -> tuple[str, str]:
        """What stands in a cell that has no gap."""
        return ("no", "answers" if self.cells.part.gap in OF_CUSTOMERS else "data")

    @cached_property
    def absent(self) -> list[tuple[int, int]]:
        """Where the table has no row for a pair of values."""
        return sorted(set(product(range(len(self.down)), range(len(self.across)))) - set(self.places))

    def matrix(self, values: Sequence[Any], chosen: Sequence[bool]) -> list[list[Any]]:
        """Return the chosen values in their places, None elsewhere."""
        matrix: list[list[Any]] = [[None] * len(self.across) for _ in self.down]
        for (row, column), value, keep in zip(self.places, values, chosen, strict=True):
            if keep:
                matrix[row][column] = value
        return matrix


def _values(gaps: GapTable, key: str) -> list[str]:
    """Return the values of a key that occur, in the order of display; those that it does not know come last."""
    found = dict.fromkeys(map(str, gaps.frame[key]))
    return list(dict.fromkeys([*(value for value in map(str, gaps.order.get(key, ())) if value in found), *found]))


def _of_one_unit(gaps: GapTable) -> GapTable:
    """Return the table in the unit that all its rows have; colours of different units cannot be compared."""
    if gaps.unit != MIXED:
        return gaps
    units = set(gaps.row_units)
    if len(units) > 1:
        raise ArgumentError(
            f"A heatmap needs gaps of one unit, and these are in {listed(units)}: draw cx.plot.forest, or the cells of one "
            "metric, such as dataclasses.replace(gaps, frame=gaps.frame.query(\"metric == 'delivery time'\"))."
        )
    return replace(gaps, unit=units.pop()) if units else gaps
