"""Least squares of clustered samples: how far the line moves when each sampling unit is left out.

Where few units hold what a coefficient rests on, the usual variance of clusters is too small. Leaving units out does not
share that: MacKinnon, Nielsen & Webb (2023), Journal of Applied Econometrics 38(5), 671-694. Degrees of freedom by
coefficient are after Bell & McCaffrey (2002), Survey Methodology 28(2), 169-181.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from cxgap.stats.means import Codes, Design, Floats, strata_of, sum_by
from cxgap.stats.regression import Fit, linearised
from cxgap.stats.threads import one_thread

_HELD = 4_000_000  # numbers of a stack of matrices at a time
_SINGULAR = 1e-10  # of the largest: the smallest eigenvalue of scaled cross-products that still tells


@one_thread
def left_out(fit: Fit, respondent: Codes, design: Design) -> Fit:
    """Put the jackknife's covariance in its place; where weights were raked, the linearised one, which knows of margins.

    Parameters
    ----------
    fit : of the rows, weighted with the design's weights
    respondent : the respondent of each row, a position in the arrays of `design`
    design : the whole sample

    Returns
    -------
    Fit with `df` as `regression.linearised` has them. NaN where a coefficient rests on a single unit, since without it
    there is none.
    """
    usual = linearised(fit, respondent, design)
    if design.calibration is not None or design.within is not None or not np.isfinite(fit.coefficients).all():
        return usual
    stratum = strata_of(design)
    size = sum_by(stratum, len(design.population))
    scale = np.sqrt(np.maximum(np.diag(fit.x.T @ (fit.weight[:, None] * fit.x)), np.finfo(float).tiny))
    x = fit.x / scale
    whole, held = x.T @ (fit.weight[:, None] * x), np.zeros((len(size), x.shape[1], x.shape[1]))
    unit = design.psu[respondent]
    drawn = (fit.weight[:, None] * fit.residuals[:, None]) * x
    of = np.column_stack([sum_by(stratum[unit], len(size), column) for column in drawn.T])
    for number in range(len(size)) if len(size) > 1 else ():
        here = stratum[unit] == number
        held[number] = x[here].T @ (fit.weight[here, None] * x[here])
    covariance = np.zeros_like(whole)
    for units, squares, sums in _by_unit(x, fit.weight, drawn, unit):
        level = stratum[units]
        rest = np.maximum(size[level] - 1, 1)
        moved = (of[level] - sums) / rest[:, None] - sums
        stratum_sum = held[level] if len(size) > 1 else whole
        left = whole - squares + (stratum_sum - squares) / rest[:, None, None]
        lonely = size[level] == 1
        left[lonely], moved[lonely] = whole, sums[lonely]
        if (np.linalg.eigvalsh(left)[:, 0] < _SINGULAR).any():
            return usual._replace(covariance=np.full_like(covariance, np.nan))
        apart = np.linalg.solve(left, moved[:, :, None])[:, :, 0]
        alone = 1.0 if design.lonely == "adjust" else 0.0
        share = np.where(lonely, alone, (1 - size[level] / design.population[level]) * rest / size[level])
        covariance += (share[:, None] * apart).T @ apart
    covariance = covariance / np.outer(scale, scale)
    return usual._replace(covariance=covariance if np.isfinite(usual.df) else covariance * np.nan)


def _by_unit(x: Floats, weight: Floats, drawn: Floats, unit: Codes) -> Iterator[tuple[Codes, Floats, Floats]]:
    """Yield sampling units with the cross-products and the scores of their rows, some at a time."""
    order = np.argsort(unit, kind="stable")
    order = order[weight[order] > 0]
    units, first = np.unique(unit[order], return_index=True)
    ends = np.append(first, len(order))
    some = max(1, _HELD // x.shape[1] ** 2)
    low = 0
    while low < len(units):
        high = max(low + 1, int(np.searchsorted(ends, ends[low] + some, side="right")) - 1)
        rows, at = order[ends[low] : ends[high]], ends[low:high] - ends[low]
        squares = np.add.reduceat(weight[rows, None, None] * x[rows, :, None] * x[rows, None, :], at, axis=0)
        yield units[low:high], squares, np.add.reduceat(drawn[rows], at, axis=0)
        low = high


def contrast_df(fit: Fit, unit: Codes, weights: Floats) -> Floats:
    """Return the degrees of freedom of sums of coefficients: by how many sampling units, and how evenly, they are told.

    Parameters
    ----------
    fit : of the rows
    unit : sampling unit of each row
    weights : of the coefficients, one row a sum, shape (sums, terms)

    Returns
    -------
    Shape (sums,). For the mean of n units it is n - 1; it is never more than those of the fit.
    """
    pull = fit.weight[:, None] * (fit.x @ fit.bread @ np.atleast_2d(weights).T)
    units = np.unique(unit, return_inverse=True)[1]
    count = int(units.max(initial=-1)) + 1
    each = np.column_stack([(sum_by(units, count, one) ** 2 + sum_by(units, count, one**2)) / 2 for one in pull.T])
    total = each.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = total**2 / (each**2).sum(axis=0) - 1
    return np.minimum(np.where(found > 0, found, np.nan), fit.df)
