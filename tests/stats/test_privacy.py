"""What is hidden cannot be worked out: not from a line's total, and not from all totals of a table together."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import null_space

from cxgap.stats.privacy import hide_also, too_few

LAW = settings(max_examples=60, deadline=None, derandomize=True)


def lines_of(rows: int, columns: int) -> list[np.ndarray]:
    cells = np.arange(rows * columns).reshape(rows, columns)
    return [*cells, *cells.T]


def hide(n: list[float] | np.ndarray, min_n: int, lines: list[np.ndarray] | None = None) -> list[int]:
    """Return the cells hidden beside those with too few."""
    n = np.asarray(n, float).ravel()
    also = hide_also(too_few(n, min_n), n, [np.arange(len(n))] if lines is None else lines, min_n)
    return np.flatnonzero(also).tolist()


def test_a_cell_below_the_minimum_is_too_small_and_one_at_it_is_not():
    assert too_few(np.array([0, 9, 10, 11.0]), 10).tolist() == [True, True, False, False]
    assert not too_few(np.array([0, 1.0]), 1).any()


def test_a_single_hidden_cell_takes_the_next_smallest_with_it():
    """Methods rule: exactly one suppressed cell in a margin that is also published."""
    assert hide([50, 4, 20, 30], 10) == [2]


def test_two_hidden_cells_need_the_minimum_together():
    """Nine people in two cells are nine people, whoever subtracts; ten in three are enough."""
    assert hide([50, 4, 5, 30], 10) == [3]
    assert hide([50, 4, 6, 30], 10) == []
    assert hide([50, 3, 3, 4], 10) == []


def test_an_empty_cell_hides_nobody():
    assert hide([50, 0, 20, 30], 10) == []
    assert hide([50, 4, 0, 30], 10) == [3]


def test_nothing_more_is_hidden_where_no_total_is_known():
    assert hide([50, 4, 20], 10, lines=[]) == []


def test_a_line_with_nothing_left_to_hide_is_left():
    assert hide([4, 5], 10) == []
    assert hide([4], 10) == []


def test_a_two_way_table_is_covered_in_both_directions():
    """One cell needs one more in its row, one in its column, and the corner between those two."""
    n = np.array([[4, 20, 90], [30, 40, 90], [90, 90, 90]])
    assert hide(n, 10, lines_of(3, 3)) == [1, 3, 4]


def test_totals_that_give_a_cell_away_together_are_seen():
    """Two blocks of four hidden cells and one between: the rows less the columns of the first block are the cell between.

    And yet each line hides two cells or three.
    """
    n = np.full((5, 5), 50)
    n[:2, :2] = n[2:4, 2:4] = n[0, 2] = 6
    found = hide(n, 10, lines_of(5, 5))
    assert found
    assert not solved(np.asarray(n, float).ravel(), 10, lines_of(5, 5), found)


def solved(n: np.ndarray, min_n: int, lines: list[np.ndarray], also: list[int]) -> list[int]:
    """Return the hidden cells that the totals of the lines determine: those that no solution of zero totals can move."""
    hidden = too_few(n, min_n)
    hidden[also] = True
    cells = np.flatnonzero(hidden & (n > 0))
    equations = np.array([np.isin(cells, line) for line in lines], float)
    free = null_space(equations) if len(cells) else np.zeros((0, 0))
    return [int(cell) for cell, row in zip(cells, free, strict=True) if np.allclose(row, 0)]


@LAW
@given(seed=st.integers(0, 2**32 - 1), min_n=st.sampled_from([2, 5, 10]))
def test_no_hidden_cell_of_a_two_way_table_can_be_solved_for(seed, min_n):
    """Each line hides nobody, or two cells and the minimum, and the null space of all totals moves every hidden cell.

    Unless nothing is left to hide.
    """
    random = np.random.default_rng(seed)
    rows, columns = random.integers(2, 7, 2)
    lines = lines_of(rows, columns)
    n = random.integers(0, 40, rows * columns).astype(float)
    also = hide(n, min_n, lines)
    hidden = too_few(n, min_n)
    assert not hidden[also].any()
    hidden[also] = True
    for line in lines:
        behind = n[line][hidden[line] & (n[line] > 0)]
        left = (~hidden[line] & (n[line] > 0)).any()
        assert not (left and len(behind) and (len(behind) < 2 or behind.sum() < min_n))
    for cell in solved(n, min_n, lines, also):
        assert not any((~hidden[line] & (n[line] > 0)).any() for line in lines if cell in line)


@pytest.mark.parametrize("min_n", [2, 10])
def test_hiding_is_done_when_it_is_done(min_n):
    """What was hidden, hidden again, needs nothing more."""
    random = np.random.default_rng(5)
    for _ in range(20):
        n = random.integers(0, 40, 30).astype(float)
        hidden = too_few(n, min_n)
        hidden |= hide_also(hidden, n, lines_of(5, 6), min_n)
        assert not hide_also(hidden, n, lines_of(5, 6), min_n).any()
