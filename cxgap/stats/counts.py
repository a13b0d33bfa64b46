"""Values counted in each cell, for statistics that depend on order alone.

A cell of any number of people is as many rows as it has different values: 13 for the differences of two answers from 1 to 7.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cxgap.stats.means import Codes, Floats, sum_by

DECIMALS = 9  # means of answers that differ at all differ before this digit; beyond it is rounding


class Counts(NamedTuple):
    """How often each value stands in each cell; rows are sorted by cell, then by value.

    Attributes
    ----------
    cell, value : of each row, shape (rows,)
    times : how often each row's value was counted; or sums of weights
    place : the row of each value that was counted
    cells : number of cells
    """

    cell: Codes
    value: Floats
    times: Floats
    place: Codes
    cells: int

    @property
    def total(self) -> Floats:
        """Sum of the counts of each cell, shape (cells,)."""
        return sum_by(self.cell, self.cells, self.times)

    def below(self, times: Floats | None = None) -> Floats:
        """Return how many of a row's cell lie below its value, of `times` where it is given."""
        return _below(self.cell, self.cells, self.times if times is None else times)


def tabulate(values: Floats, cell: Codes, cells: int, weight: Floats | None = None) -> Counts:
    """Count the values of each cell.

    Parameters
    ----------
    values : finite, shape (rows,); values that differ by rounding alone are one
    cell : the cell of each, 0 .. cells - 1
    cells : number of cells
    weight : how often each row counts, such as the counts of a table; once if left out
    """
    rounded = np.asarray(np.round(values, DECIMALS) + 0.0, np.float64)  # no minus zero
    cell = np.asarray(cell, np.int64)
    order = np.lexsort((rounded, cell))
    ordered, of = rounded[order], cell[order]
    new = np.ones(len(order), bool)
    new[1:] = (ordered[1:] != ordered[:-1]) | (of[1:] != of[:-1])
    place = np.empty(len(order), np.int64)
    place[order] = np.cumsum(new) - 1
    rows = int(new.sum())
    return Counts(of[new], ordered[new], sum_by(place, rows, weight), place, cells)


def _below(cell: Codes, cells: int, count: Floats) -> Floats:
    before = np.cumsum(count) - count
    first = np.searchsorted(cell, np.arange(cells))
    return before - np.append(before, count.sum())[first][cell]
