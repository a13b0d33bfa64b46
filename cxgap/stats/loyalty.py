"""Net promoter scores, with intervals that hold for few respondents.

A respondent's score is +1 for a promoter, 0 for a passive and -1 for a detractor, or the mean of several such; the net
promoter score is its mean: Reichheld (2003), Harvard Business Review 81(12), 46-54.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from cxgap.stats.means import Codes, Design, Floats, design_means, ratio, sum_by, t_interval

PROMOTERS_FROM: Final = 9.0
DETRACTORS_TO: Final = 6.0
ADDED: Final = 3.0  # respondents that the adjusted interval adds: a quarter each promoters and detractors, half passives


class NetScores(NamedTuple):
    """Net promoter scores of cells, between -1 and 1; each array has shape (cells,).

    Attributes
    ----------
    n : respondents
    n_eff : effective number of respondents
    promoters, passives, detractors : shares, which add up to 1
    score : promoters less detractors
    variance : of one respondent's score
    std_error : of the score; NaN for a single respondent
    df : degrees of freedom of a design-based standard error, else infinity
    conf_low, conf_high : the adjusted Wald interval, or Student's where the sample has a design
    lonely : whether a stratum had a single sampling unit
    """

    n: Floats
    n_eff: Floats
    promoters: Floats
    passives: Floats
    detractors: Floats
    score: Floats
    variance: Floats
    std_error: Floats
    df: Floats
    conf_low: Floats
    conf_high: Floats
    lonely: np.ndarray


def kinds_of(answer: Floats) -> Floats:
    """Return +1 for a promoter (9 or 10), -1 for a detractor (6 or less), 0 between; NaN where there is no answer."""
    return np.where(np.isfinite(answer), 1.0 * (answer >= PROMOTERS_FROM) - (answer <= DETRACTORS_TO), np.nan)


def net_scores(promoter: Floats, detractor: Floats, cell: Codes, cells: int, *, conf_level: float) -> NetScores:
    """Score independent, unweighted respondents.

    Parameters
    ----------
    promoter, detractor : share of a respondent's answers that are a promoter's or a detractor's, one row a respondent and
        cell, finite; 0 or 1 where each answered once
    cell : of each row, 0 .. cells - 1
    cells : number of cells; one without rows has NaN
    conf_level : of the adjusted Wald interval

    Returns
    -------
    NetScores; where each answered once `variance` is p + d - (p - d)^2, and it is divided by `n`, not by n - 1.
    """
    n = sum_by(cell, cells)
    up, even, down = (ratio(sum_by(cell, cells, part), n) for part in (promoter, 1 - promoter - detractor, detractor))
    score = promoter - detractor
    mean = ratio(sum_by(cell, cells, score), n)
    variance = ratio(sum_by(cell, cells, (score - mean[cell]) ** 2), n)
    std_error = np.where(n > 1, np.sqrt(ratio(variance, n)), np.nan)
    low, high = adjusted_wald(mean, variance, n, conf_level=conf_level)
    some = np.where(n > 0, np.inf, np.nan)
    return NetScores(
        n, n, up, even, down, mean, variance, std_error, some,
        np.where(n > 1, low, np.nan), np.where(n > 1, high, np.nan), np.zeros(cells, bool),
    )  # fmt: skip


def design_net_scores(
    promoter: Floats, detractor: Floats, cell: Codes, cells: int, respondent: Codes, design: Design, *, conf_level: float
) -> NetScores:
    """Score respondents of a weighted, stratified or clustered sample: a mean with its linearised standard error.

    The interval is Student's, within -1 and 1. Where all respondents are of one kind the standard error is zero and tells
    nothing; the interval is then the adjusted one of the effective number of respondents.

    Parameters
    ----------
    promoter, detractor, cell, cells, conf_level : as in `net_scores`
    respondent : of each row, a position in the arrays of `design`
    design : the whole sample
    """
    means = design_means(promoter - detractor, cell, cells, respondent, design)
    weight = design.weight[respondent]
    total = sum_by(cell, cells, weight)
    parts = (promoter, 1 - promoter - detractor, detractor)
    up, even, down = (ratio(sum_by(cell, cells, weight * part), total) for part in parts)
    off = promoter - detractor - means.mean[cell]
    variance = ratio(sum_by(cell, cells, np.where(weight > 0, weight * off**2, 0.0)), total)
    low, high = t_interval(means.mean, means.std_error, means.df, conf_level=conf_level)
    alike = means.std_error == 0
    of_few = adjusted_wald(means.mean, variance, means.n_eff, conf_level=conf_level)
    return NetScores(
        means.n, means.n_eff, up, even, down, means.mean, variance, means.std_error, means.df,
        np.where(alike, of_few[0], np.maximum(low, -1.0)), np.where(alike, of_few[1], np.minimum(high, 1.0)), means.lonely,
    )  # fmt: skip


def wald(score: ArrayLike, variance: ArrayLike, n: ArrayLike, *, conf_level: float) -> tuple[Floats, Floats]:
    """Return the score plus and minus a multiple of its standard error, as the R package NPS does.

    With few respondents it is too short, and where all are of one kind it has no length at all; see `adjusted_wald`.
    """
    score, variance, n = _floats(score, variance, n)
    half = _z(conf_level) * np.sqrt(ratio(variance, n))
    return score - half, score + half


def adjusted_wald(score: ArrayLike, variance: ArrayLike, n: ArrayLike, *, conf_level: float) -> tuple[Floats, Floats]:
    """Return the Wald interval of three respondents more, 3/4 of them promoters and 3/4 detractors, within -1 and 1.

    Parameters
    ----------
    score : promoters less detractors, a share
    variance : of one respondent's score, with divisor n
    n : respondents

    References
    ----------
    Rocks (2016), The American Statistician 70(4), 365-372.
    """
    score, variance, n = _floats(score, variance, n)
    more = n + ADDED
    centre = ratio(score * n, more)
    # About the new centre: what was there, its shift, and half of those added at either end.
    spread = (n * (variance + (score - centre) ** 2) + ADDED * centre**2 + ADDED / 2) / more
    half = _z(conf_level) * np.sqrt(spread / more)
    return np.maximum(centre - half, -1.0), np.minimum(centre + half, 1.0)


def _z(conf_level: float) -> float:
    from scipy.special import ndtri

    return float(ndtri((1 + conf_level) / 2))


def _floats(*values: ArrayLike) -> tuple[Floats, ...]:
    return tuple(np.asarray(value, np.float64) for value in np.broadcast_arrays(*values))
