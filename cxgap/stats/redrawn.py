"""Means of cells in samples drawn again, each with the standard error that it would have had."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from cxgap.stats.bootstrap import Source, draws, keyed, rescaled
from cxgap.stats.means import Codes, Design, Floats, ratio, strata_of, sum_by
from cxgap.stats.resample import REPLICATES, Replicates, skewed

FEW_LEVELS = 8  # respondents a distinct value, from which on it is quicker to draw counts of values than respondents
AT_ONCE = 4_000_000  # numbers held in one array
ROUNDING = 1e-12  # of the squares that a variance is the difference of: one that is smaller is zero


def simple_replicates(
    y: Floats, cell: Codes, cells: int, names: Sequence[str], *, count: int = REPLICATES, seed: int = 0
) -> Replicates:
    """Draw the independent, unweighted respondents of each cell again, as many as they are, and take their mean.

    Parameters
    ----------
    y, cell, cells : as in `simple_means`, in any order
    names : of the cells; with `seed` the key of the random numbers of each, which so do not depend on other cells
    count : replicates

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
) -> Replicates:
    """Draw the sampling units of each stratum again (Rao & Wu 1988), and take the weighted mean of each cell.

    Parameters
    ----------
    y, cell, cells, respondent, design : as in `design_means`; the units' codes must not depend on the order of the rows
    name : of the sample; with `seed` the key of its random numbers
    count : replicates
    studentised : whether to give each mean its standard error by linearisation; where a cell meets a stratum of two
        units, of which a sample holds one, there is none

    References
    ----------
    Rao & Wu (1988), Journal of the American Statistical Association 83(401), 231-241.
    """
    totals = _totals(y, cell, cells, respondent, design)
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
    met = sum_by(totals.cell, cells)
    return Replicates(values.T, None if errors is None else errors.T, _acceleration(totals), met)


class _Totals(NamedTuple):
    """Sums over the respondents of each cell and unit that meet, one entry a pair; and what is known of the units."""

    cell: Codes
    unit: Codes
    score: Floats
    weight: Floats
    mean: Floats
    stratum: Codes
    size: Floats
    alone: float  # what the square of the total of a stratum's only unit is multiplied by
    block: Codes  # of each pair, the cell and stratum that it lies in
    block_cell: Codes
    block_stratum: Codes

    @property
    def units(self) -> int:
        return len(self.stratum)


def _totals(y: Floats, cell: Codes, cells: int, respondent: Codes, design: Design) -> _Totals:
    weight = design.weight[respondent]
    inside = weight > 0
    y, cell, respondent, weight = y[inside], cell[inside], respondent[inside], weight[inside]
    mean = ratio(sum_by(cell, cells, weight * y), sum_by(cell, cells, weight))
    stratum, strata = strata_of(design), len(design.population)
    units = len(stratum)
    pair, place = np.unique(cell * units + design.psu[respondent], return_inverse=True)
    score, mass = (sum_by(place, len(pair), values) for values in (weight * (y - mean[cell]), weight))
    blocks, block = np.unique(pair // units * strata + stratum[pair % units], return_inverse=True)
    size, alone = sum_by(stratum, strata), float(design.lonely == "adjust")
    places = block, blocks // strata, blocks % strata
    return _Totals(pair // units, pair % units, score, mass, mean, stratum, size, alone, *places)


def _matrix(values: Floats, row: Codes, column: Codes, totals: _Totals, shape: tuple[int, int] | None = None) -> Any:
    from scipy.sparse import csr_array

    return csr_array((values, (row, column)), shape=shape or (len(totals.mean), totals.units))


class _Studentise:
    """Standard errors by linearisation of the means of samples of one unit less a stratum."""

    def __init__(self, totals: _Totals, fraction: Floats) -> None:
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


def _acceleration(totals: _Totals) -> Floats:
    """Return the acceleration of BCa: each unit is left out in turn, those without a member of the cell too."""
    cells, size = len(totals.mean), totals.size[totals.block_stratum]
    mass = sum_by(totals.cell, cells, totals.weight)
    blocks = len(size)
    block_score, block_weight = (sum_by(totals.block, blocks, part) for part in (totals.score, totals.weight))
    absent = size - sum_by(totals.block, blocks)

    def left_out(score: Floats, weight: Floats, block: Codes) -> Floats:
        others = np.maximum(size[block] - 1, 1)
        top = (block_score[block] - size[block] * score) / others
        bottom = mass[totals.block_cell[block]] + (block_weight[block] - size[block] * weight) / others
        return np.where(size[block] > 1, ratio(top, bottom), 0.0)

    present = left_out(totals.score, totals.weight, totals.block)
    missing = left_out(np.zeros(blocks), np.zeros(blocks), np.arange(blocks))
    middle = (sum_by(totals.block, blocks, present) + absent * missing) / size
    own, other = (size - 1)[totals.block] * (middle[totals.block] - present), (size - 1) * (middle - missing)
    cubes = sum_by(totals.cell, cells, own**3) + sum_by(totals.block_cell, cells, absent * other**3)
    squares = sum_by(totals.cell, cells, own**2) + sum_by(totals.block_cell, cells, absent * other**2)
    return ratio(cubes, 6 * squares**1.5)
