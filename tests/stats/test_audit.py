"""What tables leave open of a hidden mean: at least two scale points, whatever an attacker does with the totals."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
from scipy.optimize import linprog

from cxgap.stats.audit import feasible, half_unit, narrow
from cxgap.stats.privacy import hide_also, hide_told, too_few

SCALE = (1.0, 7.0)
MIN_N = 10


def test_a_single_hidden_cell_is_told_by_its_total():
    """Arithmetic: (20 * 5 - 12 * 4) / 8."""
    n, mean = np.array([12.0, 8.0]), np.array([4.0, 6.5])
    low, high = feasible(n, mean, np.array([False, True]), [np.array([0, 1])], SCALE)
    assert np.isnan(low[0])
    assert (low[1], high[1]) == pytest.approx((6.5, 6.5))


def test_two_hidden_cells_leave_what_the_other_may_be():
    """Arithmetic: the ten people have 40 points; the four have at least 40 - 6 * 7, which is below the scale."""
    n, mean = np.array([30.0, 4.0, 6.0]), np.array([5.0, 4.0, 4.0])
    low, high = feasible(n, mean, np.array([False, True, True]), [np.arange(3)], SCALE)
    assert (low[1], high[1]) == pytest.approx((1, 7))
    assert (low[2], high[2]) == pytest.approx(((40 - 28) / 6, 6))


def test_nothing_is_told_where_no_total_is_known():
    low, high = feasible(np.array([30.0, 4.0]), np.array([5.0, 4.0]), np.array([False, True]), [], SCALE)
    assert (low[1], high[1]) == SCALE


def test_rounding_opens_the_interval_by_what_it_hides():
    """A total of 20 people to one decimal is 100 +- 1 points, and 12 at 4.0 are 48 +- 0.6: the eight have 52 +- 1.6."""
    n, mean = np.array([12.0, 8.0]), np.array([4.0, 6.5])
    hidden, line = np.array([False, True]), [np.array([0, 1])]
    low, high = feasible(n, mean, hidden, line, SCALE, half=half_unit(n), total_half=np.array([0.05]))
    assert (low[1], high[1]) == pytest.approx((6.5 - 1.6 / 8, 6.5 + 1.6 / 8))
    assert half_unit(np.array([49, 50])).tolist() == [0.05, 0.005]


@pytest.mark.parametrize("seed", range(5))
def test_arithmetic_and_linear_programming_agree_on_one_line(seed):
    random = np.random.default_rng(seed)
    n, mean = random.integers(1, 40, 8).astype(float), random.uniform(*SCALE, 8)
    hidden = random.random(8) < 0.5
    lines = [np.arange(4), np.arange(4, 8)]
    one = feasible(n, mean, hidden, lines, SCALE)
    other = feasible(n, mean, hidden, lines, SCALE, half=np.zeros(8))
    np.testing.assert_allclose(one, other, atol=1e-6)


def test_the_next_cell_is_hidden_where_a_total_near_the_end_tells():
    """Ten people in two hidden cells answered 6.9 on the average: each cell is known to half a point, so a third goes."""
    n, mean = np.array([50, 4, 6, 30.0]), np.array([4, 6.9, 6.9, 4.0])
    few, line = too_few(n, MIN_N), [np.arange(4)]
    assert not hide_also(few, n, line, MIN_N).any()
    assert np.flatnonzero(hide_told(few, n, [mean], line, MIN_N, SCALE)).tolist() == [3]
    assert not hide_told(few, n, [np.full(4, 4.0)], line, MIN_N, SCALE).any()


def test_a_large_hidden_cell_is_not_told_by_the_small_one_beside_it():
    """32 people beside 8: of their mean 6 * 8 / 32 = 1.5 points are open, which is too little."""
    n, mean = np.array([60, 32, 8, 40.0]), np.full(4, 4.0)
    few, line = too_few(n, MIN_N), [np.arange(4)]
    few |= hide_also(few, n, line, MIN_N)
    assert np.flatnonzero(few).tolist() == [1, 2]
    assert np.flatnonzero(hide_told(few, n, [mean], line, MIN_N, SCALE)).tolist() == [3]


def test_a_short_scale_is_held_to_half_of_it():
    low, high = np.array([0.0, 0.0]), np.array([0.5, 0.4])
    assert narrow(low, high, (0.0, 1.0)).tolist() == [False, True]


class Attacked(NamedTuple):
    """What random tables gave: primary cells shown, hidden cells, those told, and how an attack and a guess did."""

    tables: int
    primary_shown: int
    hidden: int
    told: int
    recovered: int
    guessed: int

    def __str__(self) -> str:
        share = 100 / max(1, self.hidden)
        return (
            f"{self.tables} tables: {self.primary_shown} primary cells shown, {self.hidden} hidden, {self.told} narrower "
            f"than 2 points; attack within 0.25 of the mean {self.recovered * share:.1f} %, guess {self.guessed * share:.1f} %"
        )


def random_table(random: np.random.Generator, crossed: float) -> tuple[np.ndarray, np.ndarray, list[np.ndarray]]:
    """Make a line or a two-way table: respondents, their mean, and the lines; answers are whole numbers from 1 to 7."""
    rows, columns = map(int, random.integers(4, 7, 2)) if random.random() < crossed else (1, int(random.integers(5, 13)))
    cells = np.arange(rows * columns).reshape(rows, columns)
    n = random.integers(10, 120, cells.size)
    small = random.random(cells.size) < 0.1
    n[small] = random.integers(1, 10, small.sum())
    centre = random.normal(random.uniform(3.2, 5.2), 0.4, cells.size)
    mean = np.array([np.clip(np.rint(random.normal(c, 1.5, k)), *SCALE).mean() for c, k in zip(centre, n, strict=True)])
    return n.astype(float), mean, [*cells] if rows == 1 else [*cells, *cells.T]


def attack(tables: int, seed: int, guard, crossed: float = 0.1) -> Attacked:
    """Hide as `guard` says, publish with the rounding of the page, and attack with everything that is out.

    The attack takes the middle of what is feasible; the guess takes the published mean of the cell's line. A table of which
    nothing is left to hide is told by its totals alone, and these are of large groups: it counts, but not as a cell told.
    """
    random, found = np.random.default_rng(seed), np.zeros(5, int)
    for _ in range(tables):
        n, mean, lines = random_table(random, crossed)
        hidden = guard(n, mean, lines)
        total = np.array([n[line].sum() for line in lines])
        low, high = feasible(n, mean, hidden, lines, SCALE, half=half_unit(n), total_half=half_unit(total))
        assert not hidden.any() or ((low <= mean + 1e-6) & (mean <= high + 1e-6))[hidden].all()
        covered = np.flatnonzero(hidden)
        of_line = {int(cell): n[line] @ mean[line] / n[line].sum() for line in reversed(lines) for cell in line}
        found += [
            int((too_few(n, MIN_N) & ~hidden).sum()),
            len(covered),
            0 if hidden.all() else int(narrow(low, high, SCALE).sum()),
            int((np.abs((low + high)[covered] / 2 - mean[covered]) < 0.25).sum()),
            sum(abs(of_line[int(cell)] - mean[cell]) < 0.25 for cell in covered),
        ]
    return Attacked(tables, *map(int, found))


def house(n: np.ndarray, mean: np.ndarray, lines: list[np.ndarray]) -> np.ndarray:
    """Hide as gap tables do."""
    few = too_few(n, MIN_N)
    hidden = few | hide_also(few, n, lines, MIN_N)
    return hidden | hide_told(hidden, n, [mean], lines, MIN_N, SCALE)


def by_counts(n: np.ndarray, mean: np.ndarray, lines: list[np.ndarray]) -> np.ndarray:
    few = too_few(n, MIN_N)
    return few | hide_also(few, n, lines, MIN_N)


def primary(n: np.ndarray, mean: np.ndarray, lines: list[np.ndarray]) -> np.ndarray:
    return too_few(n, MIN_N)


def test_no_hidden_mean_of_a_hundred_tables_is_known_to_two_points():
    found = attack(100, 1, house)
    print(found)
    assert (found.primary_shown, found.told) == (0, 0)
    assert found.hidden > 50
    assert found.recovered <= found.guessed


def test_the_attack_succeeds_where_a_guard_is_taken_away():
    assert attack(20, 1, lambda n, mean, lines: np.zeros(len(n), bool)).primary_shown > 10
    alone = attack(60, 1, primary)
    print(alone)
    assert alone.told > 5
    assert alone.recovered > 2 * alone.guessed
    assert attack(60, 1, by_counts).told > 0


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20260331, 20260341))
def test_no_hidden_mean_of_two_thousand_tables_is_known_to_two_points(seed):
    """Ten times two hundred, so that each part ends in time on a busy machine."""
    found = attack(200, seed, house)
    print(found)
    assert (found.primary_shown, found.told) == (0, 0)
    assert found.recovered <= found.guessed


def test_the_program_finds_what_plain_linprog_finds():
    """The auditor against SciPy on a table written out by hand: two rows, two columns, the corner and its partners hidden."""
    n, mean = np.array([8, 20, 30, 12, 40, 50, 30, 60, 70.0]), np.linspace(2, 6, 9)
    hidden = np.zeros(9, bool)
    hidden[[0, 1, 3, 4]] = True
    cells = np.arange(9).reshape(3, 3)
    low, high = feasible(n, mean, hidden, [*cells, *cells.T], SCALE)
    equal = [[8, 20, 0, 0], [0, 0, 12, 40], [8, 0, 12, 0], [0, 20, 0, 40]]
    known = [8 * mean[0] + 20 * mean[1], 12 * mean[3] + 40 * mean[4], 8 * mean[0] + 12 * mean[3], 20 * mean[1] + 40 * mean[4]]
    best = linprog([1, 0, 0, 0], A_eq=equal, b_eq=known, bounds=[SCALE] * 4).fun
    worst = -linprog([-1, 0, 0, 0], A_eq=equal, b_eq=known, bounds=[SCALE] * 4).fun
    assert (low[0], high[0]) == pytest.approx((best, worst), abs=1e-6)
