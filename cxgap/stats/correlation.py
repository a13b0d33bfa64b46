"""Correlations of two values of respondents, cell by cell, with intervals; for a designed sample by linearisation.

Fisher (1921), Metron 1, 3-32 (the transformation). The variable that a correlation is linear in: Kovacevic & Binder (1997),
Journal of Official Statistics 13(1), 41-58.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cxgap.stats.means import ROUNDING, Codes, Design, Floats, design_means, ratio, sum_by


class Correlations(NamedTuple):
    """Correlations of cells, shape (cells,); NaN where a side does not vary or fewer than three respondents have both."""

    n: Floats
    r: Floats
    conf_low: Floats
    conf_high: Floats


def correlations(
    x: Floats,
    y: Floats,
    cell: Codes,
    cells: int,
    *,
    conf_level: float,
    respondent: Codes | None = None,
    design: Design | None = None,
) -> Correlations:
    """Correlate `x` with `y` in each cell.

    Parameters
    ----------
    x, y : shape (rows,), one row a respondent and cell; rows in which either is NaN are left out
    cell : of each row, 0 .. cells - 1
    cells : number of cells
    conf_level : of the interval, on Fisher's scale: normal, as in R's cor.test, or Student's where there is a design
    respondent : of each row, a position in the arrays of `design`
    design : the whole sample; None for independent, unweighted respondents
    """
    from scipy.special import ndtri, stdtrit

    known = np.isfinite(x) & np.isfinite(y)
    x, y, cell = x[known], y[known], cell[known]
    people = np.arange(len(cell)) if respondent is None else respondent[known]
    weight = np.ones(len(cell)) if design is None else design.weight[people]
    n, total = sum_by(cell[weight > 0], cells), sum_by(cell, cells, weight)
    first, second = (_standardised(side, cell, cells, weight, total) for side in (x, y))
    r = np.where(n > 2, np.clip(ratio(sum_by(cell, cells, weight * first * second), total), -1.0, 1.0), np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.arctanh(r)
        if design is None:
            half = ndtri((1 + conf_level) / 2) / np.sqrt(np.where(n > 3, n - 3, np.nan))
        else:
            linear = np.nan_to_num(first * second - r[cell] * (first**2 + second**2) / 2)
            means = design_means(linear, cell, cells, people, design)
            half = stdtrit(means.df, (1 + conf_level) / 2) * means.std_error / (1 - r**2)
    return Correlations(n, r, np.tanh(z - half), np.tanh(z + half))


def _standardised(values: Floats, cell: Codes, cells: int, weight: Floats, total: Floats) -> Floats:
    """Centre and scale the values of each cell; NaN in a cell in which they do not vary."""
    off = values - ratio(sum_by(cell, cells, weight * values), total)[cell]
    std_dev = np.sqrt(ratio(sum_by(cell, cells, weight * off**2), total))
    largest = np.zeros(cells)
    np.maximum.at(largest, cell, np.abs(values))
    return off / np.where(std_dev > ROUNDING * largest, std_dev, np.nan)[cell]
