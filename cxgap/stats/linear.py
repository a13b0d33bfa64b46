"""Totals, ratios, contrasts and covariances of a stratified, clustered sample, each through one linearised variable.

`cell_covariance(y, cell, cells, respondent, design)` is the covariance matrix of the means of `design_means`, for what needs
cells together: people who are in several are counted once, so that their covariance needs no further formula.

Binder (1983), International Statistical Review 51(3), 279-292; as in Lumley (2004), Journal of Statistical Software 9(8).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from cxgap.stats.means import (
    Codes,
    Design,
    Floats,
    Variance,
    centred,
    linear_variance,
    ratio,
    strata_of,
    stratum_scale,
    sum_by,
    unit_totals,
)


class Estimates(NamedTuple):
    """Estimates of cells or contrasts; each array has the shape of what was asked for. `std_error` is NaN without `df`."""

    estimate: Floats
    std_error: Floats
    df: Floats


def cell_covariance(y: Floats, cell: Codes, cells: int, respondent: Codes, design: Design) -> Floats:
    """Return the covariance matrix of the means of cells, shape (cells, cells); its diagonal is that of `design_means`.

    Parameters
    ----------
    y, cell, cells, respondent, design : as in `design_means`; a respondent may be in several cells

    Returns
    -------
    A cell without weight, or of one respondent, has NaN in its row and column.
    """
    inside = design.weight[respondent] > 0
    y, cell, respondent = y[inside], cell[inside], respondent[inside]
    score, _ = _mean_scores(y, cell, cells, respondent, design)
    total = centred(unit_totals(score, cell, cells, respondent, design), design)
    scaled = stratum_scale(design)[strata_of(design)][:, None] * total
    covariance = total.T @ scaled
    unknown = sum_by(cell, cells) < 2
    covariance[unknown] = np.nan
    covariance[:, unknown] = np.nan
    return covariance


def contrasts(
    y: Floats, cell: Codes, cells: int, respondent: Codes, design: Design, of: Codes, plus: Codes, minus: Codes
) -> Estimates:
    """Subtract means of cells: of contrast k, that of cell `minus[k]` from that of cell `plus[k]`.

    Parameters
    ----------
    y, cell, cells, respondent, design : as in `design_means`
    of : numbers of the contrasts, 0 .. contrasts - 1, in order
    plus, minus : the two cells of each contrast

    Returns
    -------
    Estimates; `df` is the sampling units less the strata that either cell meets, less one where the cells hold different
    people, because each has a mean of its own: n1 + n2 - 2 of two groups, and n - 1 of one group measured twice.

    References
    ----------
    Lumley (2004), Journal of Statistical Software 9(8): svyttest of R's survey package.
    """
    inside = design.weight[respondent] > 0
    y, cell, respondent = y[inside], cell[inside], respondent[inside]
    score, mean = _mean_scores(y, cell, cells, respondent, design)
    order = np.argsort(cell, kind="stable")
    held = sum_by(cell, cells).astype(np.int64)
    first = np.cumsum(held) - held
    entries, places, signs = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)], [np.zeros(0)]
    for sign, side in ((1.0, plus), (-1.0, minus)):
        size = held[side]
        within = np.arange(size.sum()) - np.repeat(np.cumsum(size) - size, size)
        entries.append(order[np.repeat(first[side], size) + within])
        places.append(np.repeat(of, size))
        signs.append(np.full(int(size.sum()), sign))
    entry, place, turned = np.concatenate(entries), np.concatenate(places), np.concatenate(signs)
    variance = linear_variance(turned * score[entry], place, len(of), respondent[entry], design)
    people = len(design.weight)
    together = sum_by(np.unique(place * people + respondent[entry]) // max(people, 1), len(of))
    paired = (together == held[plus]) & (together == held[minus])
    df = variance.df - np.where(paired, 0.0, 1.0)
    known = (held[plus] > 1) & (held[minus] > 1) & (df > 0)
    std_error = np.sqrt(variance.variance)
    largest = np.abs(mean[plus]) + np.abs(mean[minus])
    std_error = np.where(std_error <= 1e-13 * largest, 0.0, std_error)
    return Estimates(mean[plus] - mean[minus], np.where(known, std_error, np.nan), np.where(known, df, np.nan))


def totals(y: Floats, cell: Codes, cells: int, respondent: Codes, design: Design) -> Estimates:
    """Estimate population totals of cells; weights must then be inverse chances of being drawn, not shares.

    Parameters
    ----------
    y, cell, cells, respondent, design : as in `design_means`
    """
    weight = design.weight[respondent]
    inside = weight > 0
    score, cell, respondent = (weight * y)[inside], cell[inside], respondent[inside]
    return _estimates(sum_by(cell, cells, score), linear_variance(score, cell, cells, respondent, design))


def ratios(top: Floats, bottom: Floats, cell: Codes, cells: int, respondent: Codes, design: Design) -> Estimates:
    """Estimate the total of `top` over that of `bottom` in each cell.

    Parameters
    ----------
    top, bottom : values, shape (rows,), finite
    cell, cells, respondent, design : as in `design_means`
    """
    weight = design.weight[respondent]
    inside = weight > 0
    top, bottom, weight, cell, respondent = top[inside], bottom[inside], weight[inside], cell[inside], respondent[inside]
    below = sum_by(cell, cells, weight * bottom)
    found = ratio(sum_by(cell, cells, weight * top), below)
    score = weight * (top - found[cell] * bottom) / below[cell]
    return _estimates(found, linear_variance(score, cell, cells, respondent, design))


def design_effects(y: Floats, cell: Codes, cells: int, respondent: Codes, design: Design) -> Floats:
    """Return how many times larger the variance of each mean is than a simple random sample of as many would give.

    That sample is drawn without replacement from a population as large as the sum of the weights, as in R's survey package;
    where the weights do not add up to more people than were asked, from an infinite one.

    Parameters
    ----------
    y, cell, cells, respondent, design : as in `design_means`

    References
    ----------
    Kish (1965), Survey Sampling, section 8.2.
    """
    inside = design.weight[respondent] > 0
    y, cell, respondent = y[inside], cell[inside], respondent[inside]
    score, mean = _mean_scores(y, cell, cells, respondent, design)
    weight = design.weight[respondent]
    n, total = sum_by(cell, cells), sum_by(cell, cells, weight)
    spread = ratio(sum_by(cell, cells, weight * (y - mean[cell]) ** 2), total) * ratio(n, n - 1)
    left = np.where(total > n, 1 - ratio(n, total), 1.0)
    return ratio(linear_variance(score, cell, cells, respondent, design).variance, spread * left / np.maximum(n, 1))


def lonely_strata(design: Design) -> Codes:
    """Return the strata of a single sampling unit."""
    return np.flatnonzero(sum_by(strata_of(design), len(design.population)) == 1)


def merge_strata(design: Design, into: Mapping[int, int]) -> Design:
    """Merge strata with declared neighbours, such as those of a single unit; their populations add up.

    Parameters
    ----------
    into : for a stratum to be merged, the one that takes it; chains are followed
    """
    strata = len(design.population)
    final = np.arange(strata)
    for _ in range(strata):
        final = np.array([into.get(int(code), int(code)) for code in final])
    kept, renamed = np.unique(final, return_inverse=True)
    population = sum_by(renamed, len(kept), design.population)
    return design._replace(stratum=renamed[design.stratum], population=population)


def _mean_scores(y: Floats, cell: Codes, cells: int, respondent: Codes, design: Design) -> tuple[Floats, Floats]:
    """Return the linearised variable of each cell's mean, times the weight, of each row; and the means."""
    weight = design.weight[respondent]
    total = sum_by(cell, cells, weight)
    mean = ratio(sum_by(cell, cells, weight * y), total)
    return weight * (y - mean[cell]) / total[cell], mean


def _estimates(estimate: Floats, variance: Variance) -> Estimates:
    known = variance.df > 0
    std_error = np.where(known, np.sqrt(variance.variance), np.nan)
    return Estimates(estimate, std_error, np.where(known, variance.df, np.nan))
