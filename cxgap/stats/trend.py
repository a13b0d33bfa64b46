"""Means of periods in a line: the slope through them, with the covariance that the design and returning people give them."""

from __future__ import annotations

import numpy as np

from cxgap.stats.linear import Estimates
from cxgap.stats.means import Codes, Design, Floats, linear_variance, ratio, sum_by


def slope_factors(at: Floats) -> Floats:
    """Return by what each of several means is multiplied so that the sum is the slope through them, each weighing the same."""
    away = at - at.mean()
    return away / (away**2).sum()


def combined(
    y: Floats, cell: Codes, cells: int, respondent: Codes, design: Design, of: Codes, member: Codes, factor: Floats
) -> Estimates:
    """Estimate sums of means of cells, each times a factor, through one linearised variable.

    Parameters
    ----------
    y, cell, cells, respondent, design : as in `design_means`
    of : of each member, the number of its sum, 0 .. sums - 1
    member, factor : a cell, and by what its mean is multiplied

    Returns
    -------
    Estimates; `df` is the sampling units less the strata that the cells meet, less one a further cell unless all hold the
    same people.

    References
    ----------
    Binder (1983), International Statistical Review 51(3), 279-292.
    """
    sums = int(of.max(initial=-1)) + 1
    inside = design.weight[respondent] > 0
    y, cell, respondent = y[inside], cell[inside], respondent[inside]
    weight = design.weight[respondent]
    total = sum_by(cell, cells, weight)
    mean = ratio(sum_by(cell, cells, weight * y), total)
    score = weight * (y - mean[cell]) / total[cell]
    held = sum_by(cell, cells)
    entries, places, turned = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)], [np.zeros(0)]
    for number, one, times in zip(of, member, factor, strict=True):
        rows = np.flatnonzero(cell == one)
        entries.append(rows)
        places.append(np.full(len(rows), number))
        turned.append(np.full(len(rows), times))
    entry, place, by = np.concatenate(entries), np.concatenate(places), np.concatenate(turned)
    variance = linear_variance(by * score[entry], place, sums, respondent[entry], design)
    people = len(design.weight)
    together = sum_by(np.unique(place * people + respondent[entry]) // max(people, 1), sums)
    largest = np.zeros(sums)
    np.maximum.at(largest, of, held[member])
    least = np.full(sums, np.inf)
    np.minimum.at(least, of, held[member])
    panel = (together == largest) & (least == largest)
    df = variance.df - np.where(panel, 0.0, sum_by(of, sums) - 1)
    known = (least > 1) & (df > 0)
    return Estimates(
        sum_by(of, sums, factor * mean[member]),
        np.where(known, np.sqrt(variance.variance), np.nan),
        np.where(known, df, np.nan),
    )
