"""What two net promoter scores differ by, also where the same respondents stand behind both.

Linearisation of a difference: Binder (1983), International Statistical Review 51(3), 279-292. Where nothing varies the
two intervals are combined: Newcombe (1998), Statistics in Medicine 17(8), 873-890.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cxgap.stats.loyalty import NetScores
from cxgap.stats.means import Codes, Design, Floats, design_means, ratio, sum_by


class Differences(NamedTuple):
    """What one net promoter score has more than another, shape (pairs,); `df` is NaN without a design."""

    estimate: Floats
    std_error: Floats
    df: Floats
    conf_low: Floats
    conf_high: Floats
    p_value: Floats


def score_differences(
    found: NetScores,
    score: Floats,
    cell: Codes,
    respondent: Codes,
    first: Codes,
    second: Codes,
    *,
    conf_level: float,
    design: Design | None = None,
) -> Differences:
    """Subtract net promoter scores of cells that may share respondents, whose answers then go together.

    Parameters
    ----------
    found : the scores of all cells, for these very rows
    score : promoter less detractor of each respondent and cell
    cell, respondent : of each row
    first, second : the cells of each pair; what is estimated is the score of `second` less that of `first`
    conf_level : of the intervals
    design : as in `design_net_scores`; None for independent, unweighted respondents

    Returns
    -------
    Differences, one a pair. The variance is that of what each respondent adds to the difference: the sum of the two variances
    where nobody stands in both cells. Where it is zero, the interval combines those of the two scores, as Newcombe's does.
    """
    from scipy.special import ndtr, ndtri, stdtr, stdtrit

    weight = np.ones(len(score)) if design is None else design.weight[respondent]
    total = sum_by(cell, len(found.score), weight)
    added = (score - found.score[cell]) * ratio(np.ones(len(total)), total)[cell]  # times the weight: what a row adds
    rows_of = np.split(np.argsort(cell, kind="stable"), np.cumsum(np.bincount(cell, minlength=len(total)))[:-1])
    parts = []
    for pair, (one, other) in enumerate(zip(first, second, strict=True)):
        rows = np.concatenate([rows_of[one], rows_of[other]])
        turned = np.repeat([-1.0, 1.0], [len(rows_of[one]), len(rows_of[other])])
        who, place = np.unique(respondent[rows], return_inverse=True)
        parts.append((np.full(len(who), pair), who, sum_by(place, len(who), turned * added[rows])))
    pairs = len(parts)
    code, who, value = (np.concatenate([part[column] for part in parts] or [np.zeros(0)]) for column in range(3))
    code, who = code.astype(np.int64), who.astype(np.int64)
    if design is None:
        std_error, df = np.sqrt(sum_by(code, pairs, value**2)), np.full(pairs, np.inf)
    else:
        # The mean of the value times all weights of the pair is the sum of what respondents add, which is zero.
        whole = sum_by(code, pairs, design.weight[who])[code]
        means = design_means(value * whole, code, pairs, who, design)
        std_error, df = means.std_error, means.df
    known = (found.n[first] > 1) & (found.n[second] > 1)
    estimate, std_error = found.score[second] - found.score[first], np.where(known, std_error, np.nan)
    upper = (1 + conf_level) / 2
    half = (ndtri(upper) if design is None else stdtrit(df, upper)) * std_error
    t = -np.abs(ratio(estimate, std_error))
    low, high = _combined(found, first, second)
    return Differences(
        estimate,
        std_error,
        np.where(np.isfinite(df), df, np.nan),
        np.where(std_error == 0, low, np.maximum(estimate - half, -2.0)),
        np.where(std_error == 0, high, np.minimum(estimate + half, 2.0)),
        2 * (ndtr(t) if design is None else stdtr(df, t)),
    )


def _combined(found: NetScores, first: Codes, second: Codes) -> tuple[Floats, Floats]:
    """Combine the intervals of two scores into one of their difference."""
    below, above = found.score - found.conf_low, found.conf_high - found.score
    difference = found.score[second] - found.score[first]
    return difference - np.hypot(below[second], above[first]), difference + np.hypot(above[second], below[first])
