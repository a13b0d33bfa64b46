"""Curves and tests of times of which units have several: what a unit's times have in common is not counted twice.

A time is an event or was watched no longer; see `stats.survival` for the curve itself, which does not depend on units.
"""

from __future__ import annotations

import numpy as np

from cxgap.stats.means import Codes, Floats, ratio, sum_by
from cxgap.stats.survival import Curve


def clustered(curve: Curve, time: Floats, event: np.ndarray, unit: Codes) -> Curve:
    """Return the curve with standard errors that are robust to units with several times.

    The variance at each time is the sum over units of the square of the sum of their times' influences, which is exact and
    needs one pass: a unit's sum changes only where one of its own times ends, and with the hazard that all share. Without
    several times a unit, and without censoring, it is Greenwood's.

    Parameters
    ----------
    curve : of `survival.kaplan_meier`
    time, event, unit : of the rows that it was made of, shape (rows,); units are codes

    References
    ----------
    Williams (1995), Biometrics 51, 1100-1107; in R, survival::survfit(cluster = ).
    """
    times = len(curve.time)
    left_over = curve.at_risk - curve.events  # where none is, the curve is at 0, and so is its standard error
    hazard = np.cumsum(np.nan_to_num(ratio(curve.events, curve.at_risk * left_over)))
    place = np.searchsorted(curve.time, time)
    own = np.where(event, np.nan_to_num(ratio(np.ones(len(time)), left_over[place])), 0.0) - hazard[place]
    order = np.lexsort((place, unit))
    unit, place, own = unit[order], place[order], own[order]
    first = np.append(True, unit[1:] != unit[:-1])
    group = np.cumsum(first) - 1
    held = sum_by(group, int(group[-1]) + 1)
    begin = np.flatnonzero(first)
    sums = np.cumsum(own)
    settled = sums - (sums - own)[begin][group]  # of the unit's rows that have ended, this one included
    left = held[group] - (np.arange(len(own)) - begin[group]) - 1
    before, more = settled - own, left + 1
    squares, crossed, watched = (
        np.cumsum(sum_by(place, times, part))
        for part in (settled**2 - before**2, settled * left - before * more, left**2 - more**2)
    )
    variance = squares - 2 * hazard * crossed + hazard**2 * (watched + (held**2).sum())
    return curve._replace(std_error=curve.survival * np.sqrt(np.maximum(variance, 0.0)))


def clustered_log_rank(time: Floats, event: np.ndarray, group: Codes, unit: Codes) -> tuple[float, int, float]:
    """Test whether groups have one curve where units have several times: chi-square, degrees of freedom and p-value.

    The scores are those of the log-rank test, events less those expected; their variance is the sum of the squares of what
    each unit adds, in whatever groups it is.

    Parameters
    ----------
    time, event, group, unit : of the rows, shape (rows,); groups are coded from 0, all of them occur

    References
    ----------
    Lin & Wei (1989), Journal of the American Statistical Association 84(408), 1074-1078: the robust score test.
    """
    from scipy.special import chdtrc

    groups = int(group.max(initial=-1)) + 1
    if groups < 2:
        return np.nan, 0, np.nan
    distinct, place = np.unique(time, return_inverse=True)
    cell = place * groups + group
    shape = len(distinct), groups
    at_risk = np.cumsum(sum_by(cell, shape[0] * groups).reshape(shape)[::-1], axis=0)[::-1]
    events = sum_by(place, len(distinct), event.astype(float))
    everybody = at_risk.sum(axis=1)
    share, step = at_risk / everybody[:, None], ratio(events, everybody)
    hazard, expected = np.cumsum(step), np.cumsum(step[:, None] * share, axis=0)
    units, of = np.unique(unit, return_inverse=True)

    def score(one: int) -> Floats:  # of one group at a time: rows times groups would not fit into memory
        own = group == one
        return np.asarray(event * (own - share[place, one]) - (own * hazard[place] - expected[place, one]))

    summed = np.column_stack([sum_by(of, len(units), score(one)) for one in range(groups)])
    df = groups - 1
    if len(units) <= df or not events.any():
        return np.nan, df, np.nan
    excess = summed.sum(axis=0)[:df]
    variance = (summed.T @ summed)[:df, :df]
    chi_square = float(excess @ np.linalg.pinv(variance) @ excess)
    return chi_square, df, float(chdtrc(df, chi_square))
