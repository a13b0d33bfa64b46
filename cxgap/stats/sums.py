"""Means of cells and their errors from sums over respondents, however many those were."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cxgap.stats.means import ROUNDING, Codes, Floats, Means, ratio, sum_by

CANCELLED = 1e-13  # of the squares that a variance is the difference of: what is left below it is rounding


class Sums(NamedTuple):
    """Sums over respondents of positive weight w of a measure y; each array has shape (rows,).

    Attributes
    ----------
    cell : codes 0 .. cells - 1; a cell has a row for each stratum, and for each sampling unit that is no respondent
    n, w, ww : number of respondents, sum of weights and of their squares
    wy, wyy : sums of w y and w y squared
    wwy, wwyy : likewise with w squared
    middle : what y was counted from
    """

    cell: Codes
    n: Floats
    w: Floats
    ww: Floats
    wy: Floats
    wyy: Floats
    wwy: Floats
    wwyy: Floats
    middle: float = 0.0


class Drawn(NamedTuple):
    """How the respondents behind rows of Sums were drawn.

    Attributes
    ----------
    stratum : of each row, codes 0 .. strata - 1, shape (rows,)
    size : sampling units of each stratum in the whole sample, shape (strata,)
    population : units in the population of each, infinity where it is not finite, shape (strata,)
    clustered : whether a row is a sampling unit; else every respondent is one
    """

    stratum: Codes
    size: Floats
    population: Floats
    clustered: bool


def means_of_sums(sums: Sums, cells: int, drawn: Drawn | None = None) -> Means:
    """Estimate means as `simple_means` does from the values, or as `design_means` does where `drawn` is given.

    Returns
    -------
    Means; sums of squares lose as many digits as the squared mean, counted from `middle`, exceeds the variance.
    """
    n, total, mean = _means(sums, cells)
    squares = _squares(sums, cells, mean)
    if drawn is None:
        std_error = np.where(n > 1, np.sqrt(ratio(squares, n * (n - 1))), np.nan)
        return Means(n, n, mean + sums.middle, std_error, np.where(n > 1, n - 1, np.nan), np.zeros(cells, bool))
    n_eff = ratio(total**2, sum_by(sums.cell, cells, sums.ww))
    variance, df, lonely = _linear(sums, cells, drawn, mean, total)
    enough = (n > 1) & (df > 0)
    std_error = np.where(enough, np.sqrt(variance), np.nan)
    std_error = np.where(std_error <= ROUNDING * np.abs(mean), 0.0, std_error)
    return Means(n, n_eff, mean + sums.middle, std_error, np.where(enough, df, np.nan), lonely)


def mean_of_sums(sums: Sums, cells: int) -> Floats:
    """Return the weighted mean of each cell alone, shape (cells,)."""
    return _means(sums, cells)[2] + sums.middle


def std_devs_of_sums(sums: Sums, cells: int) -> Floats:
    """Return the standard deviation of each cell as `std_devs` does from the values, shape (cells,)."""
    n, total, mean = _means(sums, cells)
    return np.sqrt(ratio(_squares(sums, cells, mean), total) * ratio(n, n - 1))


def _means(sums: Sums, cells: int) -> tuple[Floats, Floats, Floats]:
    total = sum_by(sums.cell, cells, sums.w)
    return sum_by(sums.cell, cells, sums.n), total, ratio(sum_by(sums.cell, cells, sums.wy), total)


def _squares(sums: Sums, cells: int, mean: Floats) -> Floats:
    """Take the squares about the mean of each cell."""
    raw, total = sum_by(sums.cell, cells, sums.wyy), sum_by(sums.cell, cells, sums.w)
    left = raw - total * np.nan_to_num(mean) ** 2
    return np.where(left <= CANCELLED * raw, 0.0, left)


def _linear(sums: Sums, cells: int, drawn: Drawn, mean: Floats, total: Floats) -> tuple[Floats, Floats, np.ndarray]:
    """Estimate the variance of the linearised mean: squares of the units' totals about their stratum's mean."""
    held = sums.n > 0
    cell, stratum, strata = sums.cell[held], drawn.stratum[held], len(drawn.size)
    w, wy, n = sums.w[held], sums.wy[held], sums.n[held]
    at, whole = mean[cell], total[cell]
    score = (wy - at * w) / whole
    if drawn.clustered:
        units, squares = np.ones(len(score)), score**2
    else:
        raw = sums.wwyy[held]
        left = raw - 2 * at * sums.wwy[held] + at**2 * sums.ww[held]
        units, squares = n, np.where(left <= CANCELLED * raw, 0.0, left) / whole**2
    block = cell * strata + stratum
    met, first, second = (sum_by(block, cells * strata, values).reshape(cells, strata) for values in (units, score, squares))
    size = drawn.size
    centre = np.where(size == 1, 0.0, 1 / np.maximum(size, 1)) * first
    about = second - 2 * centre * first + size * centre**2
    scale = (1 - size / drawn.population) * np.where(size == 1, 1.0, size / np.maximum(size - 1, 1))
    df = met.sum(axis=1) - (met > 0).sum(axis=1)
    return (scale * np.maximum(about, 0.0)).sum(axis=1), df, ((met > 0) & (size == 1)).any(axis=1)
