"""Counting the values of cells, against counting by hand and numpy.unique."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from cxgap.stats.counts import tabulate

LAW = settings(max_examples=40, deadline=None, derandomize=True)


def test_values_are_counted_in_their_cell_and_rounding_makes_no_new_value():
    """By hand: a third taken from either end is one value, and minus zero is zero."""
    table = tabulate(np.array([1 - 2 / 3, 1 / 3, -0.0, 0.0, 5]), np.array([2, 2, 0, 0, 0]), 4)
    assert table.cell.tolist() == [0, 0, 2]
    assert table.times.tolist() == [2, 1, 2]
    assert table.total.tolist() == [3, 0, 2, 0]
    assert table.below().tolist() == [0, 2, 0]
    assert table.place.tolist() == [2, 2, 0, 0, 1]
    assert not np.signbit(table.value).any()


@LAW
@given(rows=st.lists(st.tuples(st.integers(0, 4), st.integers(-6, 6), st.integers(1, 5)), max_size=40))
def test_a_table_of_counts_is_the_rows_that_it_counts(rows):
    """numpy.unique and sums over each cell; a count is as good as so many rows."""
    cell, value, count = (np.array([row[part] for row in rows], int) for part in range(3))
    table = tabulate(value.astype(float), cell, 6, count.astype(float))
    long = tabulate(np.repeat(value, count).astype(float), np.repeat(cell, count), 6)
    for field in ("cell", "value", "times"):
        assert getattr(table, field).tolist() == getattr(long, field).tolist()
    for number in range(6):
        mine = np.repeat(value[cell == number], count[cell == number])
        values, counts = np.unique(mine, return_counts=True)
        inside = table.cell == number
        assert table.value[inside].tolist() == values.tolist()
        assert table.times[inside].tolist() == counts.tolist()
        assert table.below()[inside].tolist() == [(mine < value).sum() for value in values]
