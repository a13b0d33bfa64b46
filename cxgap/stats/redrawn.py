"""Means of cells in samples drawn again, each with the standard error that it would have had."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from cxgap.stats.bootstrap import Source, draws, keyed, rescaled
from cxgap.stats.cell_totals import CellTotals, cell_acceleration, cell_totals
from cxgap.stats.means import Codes, Design, Floats, ratio, sum_by
from cxgap.stats.resample import REPLICATES, Replicates, skewed

FEW_LEVELS = 8  # respondents a distinct value, from which on it is quicker to draw counts of values than respondents
AT_ONCE = 4_000_000  # numbers held in one array
ROUNDING = 1e-12  # of the squares that a variance is the difference of: one that is smaller is zero


def simple_replicates(
    y: Floats,
    cell: Codes,
    cells: int,
    names: Sequence[str],
    *,
    count: int = REPLICATES,
    seed: int = 0,
    seen: Callable[[int], object] = int,
) -> Replicates:
    """Draw the independent, unweighted respondents of each cell again, as many as they are, and take their mean.

    Parameters
    ----------
    y, cell, cells : as in `simple_means`, in any order
    names : of the cells; with `seed` the key of the random numbers of each, which so do not depend on other cells
    count : replicates
    seen : told how many were drawn, now and then

    Returns
    -------
    Replicates with standard errors; a cell of fewer than two respondents has NaN.

    References
    ----------
    Efron (1979), Annals of Statistics 7(1), 1-26.
    """
    order = np.argsort(cell, kind="stable")
    starts = np.searchsorted(cell[order], np.arange(cells + 1))
    values, errors, units = np.full((cells, count), np.nan), np.full((cells, count), np.nan), np.diff(starts)
    accelerations = np.full(cells, np.nan)
    for number in map(int, np.flatnonzero(units > 1)):
        levels, times = np.unique(y[order[starts[number] : starts[number + 1]]], return_counts=True)
        middle = float(levels @ times) / units[number]
        moved, squares = _redrawn(levels - middle, times, keyed(names[number], seed), count)
        variance = squares - moved**2 / units[number]
        variance = np.where(variance <= ROUNDING * squares, 0.0, variance) / (units[number] - 1)
        values[number], errors[number] = middle + moved / units[number], np.sqrt(variance / units[number])
        accelerations[number] = skewed(np.repeat(levels - middle, times)[:, None])[0]
        seen(count)
    return Replicates(values.T, errors.T, accelerations, units.astype(np.float64))


def _redrawn(levels: Floats, times: Codes, generator: np.random.Generator, count: int) -> tuple[Floats, Floats]:
    """Draw values again that come so many times each; return the sum and the sum of squares of each sample."""
    n = int(times.sum())
    if len(levels) * FEW_LEVELS <= n:
        drawn = generator.multinomial(n, times / n, size=count).astype(np.float64)
        return drawn @ levels, drawn @ levels**2
    each, moved, squares = np.repeat(levels, times), np.empty(count), np.empty(count)
    many = max(1, AT_ONCE // n)
    for done in range(0, count, many):
        rows = slice(done, min(done + many, count))
        sample = each[generator.integers(0, n, (rows.stop - done, n), dtype=np.int32)]
        moved[rows], squares[rows] = sample.sum(axis=1), np.einsum("ij,ij->i", sample, sample)
    return moved, squares


def design_replicates(
    y: Floats,
    cell: Codes,
    cells: int,
    respondent: Codes,
    design: Design,
    name: str,
    *,
    count: int = REPLICATES,
    seed: int = 0,
    studentised: bool = False,
    seen: Callable[[int], object] = int,
) -> Replicates:
    """Draw the sampling units of each stratum again (Rao & Wu 1988), and take the weighted mean of each cell.

    Parameters
    ----------
    y, cell, cells, respondent, design : as in `design_means`; the units' codes must not depend on the order of the rows
    name : of the sample; with `seed` the key of its random numbers
    count : replicates
    studentised : whether to give each mean its standard error by linearisation; where a cell meets a stratum of two
        units, of which a sample holds one, there is none
    seen : told how many were drawn, now and then

    References
    ----------
    Rao & Wu (1988), Journal of the American Statistical Association 83(401), 231-241.
    """
    totals = cell_totals(y, cell, cells, respondent, design)
    source = Source(name, totals.stratum, totals.size / design.population)
    values = np.empty((cells, count))
    errors = np.empty((cells, count)) if studentised else None
    top, bottom = (_matrix(part, totals.cell, totals.unit, totals) for part in (totals.score, totals.weight))
    studentise = _Studentise(totals, source.fraction) if studentised else None
    done = 0
    for drawn in draws(source, count, seed=seed, less=1):
        rows = slice(done, done + len(drawn))
        times = np.ascontiguousarray(rescaled(drawn, source).T)
        mass = bottom @ times
        moved = ratio(top @ times, mass)
        values[:, rows] = totals.mean[:, None] + moved
        if errors is not None and studentise is not None:
            errors[:, rows] = studentise(np.ascontiguousarray(drawn.T), moved, mass)
        done = rows.stop
        seen(len(drawn))
    met = sum_by(totals.cell, cells)
    return Replicates(values.T, None if errors is None else errors.T, cell_acceleration(totals), met)


def _matrix(values: Floats, row: Codes, column: Codes, totals: CellTotals, shape: tuple[int, int] | None = None) -> Any:
    from scipy.sparse import csr_array

    return csr_array((values, (row, column)), shape=shape or (len(totals.mean), totals.units))


class _Studentise:
    """Standard errors by linearisation of the means of samples of one unit less a stratum."""

    def __init__(self, totals: CellTotals, fraction: Floats) -> None:
        size = totals.size
        lonely, drawn = size == 1, np.maximum(size - 1, 1)
        with np.errstate(divide="ignore"):
            spread = np.where(size == 2, np.nan, drawn / (drawn - 1))
        scale = (1 - fraction) * np.where(lonely, totals.alone, (size / drawn) ** 2 * spread)
        factor = scale[totals.stratum[totals.unit]]
        centred = np.where(lonely, 0.0, scale / drawn)[totals.block_stratum]
        a, b = totals.score, totals.weight
        blocks = len(totals.block_cell)
        self.squares = [_matrix(factor * x, totals.cell, totals.unit, totals) for x in (a * a, a * b, b * b)]
        self.sums = [_matrix(x, totals.block, totals.unit, totals, (blocks, totals.units)) for x in (a, b)]
        shape = (len(totals.mean), blocks)
        self.centre = _matrix(centred, totals.block_cell, np.arange(blocks), totals, shape)
        self.many = max(1, AT_ONCE // max(blocks, 1))

    def __call__(self, drawn: Floats, moved: Floats, mass: Floats) -> Floats:
        """Return them, from how often each unit came, how far each mean moved, and its weight; shapes (..., replicates)."""
        parts = [slice(start, start + self.many) for start in range(0, drawn.shape[1], self.many)]
        return np.hstack([self._part(drawn[:, at], moved[:, at], mass[:, at]) for at in parts])

    def _part(self, drawn: Floats, moved: Floats, mass: Floats) -> Floats:
        aa, ab, bb = (matrix @ drawn for matrix in self.squares)
        a, b = (matrix @ drawn for matrix in self.sums)
        size = aa + moved**2 * bb
        variance = size - 2 * moved * ab - self.centre @ (a * a)
        variance += 2 * moved * (self.centre @ (a * b)) - moved**2 * (self.centre @ (b * b))
        return ratio(np.sqrt(np.where(variance <= ROUNDING * size, 0.0, variance)), mass)
