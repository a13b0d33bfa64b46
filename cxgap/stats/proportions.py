"""Shares, their intervals and tests, for all cells at once.

A share is bounded, so its interval is never the share plus and minus a multiple of its standard error: that fails where
the share is near 0 or 1. Cells without observations have NaN.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from cxgap.stats.means import Floats, ratio


def wilson(successes: ArrayLike, n: ArrayLike, *, conf_level: float) -> tuple[Floats, Floats]:
    """Return the two ends of the score interval of a share of independent, unweighted observations.

    References
    ----------
    Wilson (1927), Journal of the American Statistical Association 22(158), 209-212; at a count of none or all its
    end is exactly 0 or 1, as in R's prop.test(correct = FALSE).
    """
    x, n = _floats(successes, n)
    share, z = ratio(x, n), _z(conf_level)
    with np.errstate(divide="ignore", invalid="ignore"):
        centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
        half = z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    low, high = np.where(x == 0, 0.0, centre - half), np.where(x == n, 1.0, centre + half)
    return np.where(n > 0, low, np.nan), np.where(n > 0, high, np.nan)


def clopper_pearson(successes: ArrayLike, n: ArrayLike, *, conf_level: float) -> tuple[Floats, Floats]:
    """Return the two ends of the exact interval of a share; the counts may be any real numbers, such as effective ones.

    References
    ----------
    Clopper & Pearson (1934), Biometrika 26(4), 404-413; in R, binom.test.
    """
    from scipy.special import betaincinv

    x, n = _floats(successes, n)
    tail = (1 - conf_level) / 2
    known = (n > 0) & (x >= 0) & (x <= n)
    some, spare = known & (x > 0), known & (x < n)
    low = np.where(some, betaincinv(np.where(some, x, 1.0), np.where(some, n - x + 1, 1.0), tail), 0.0)
    high = np.where(spare, betaincinv(np.where(spare, x + 1, 1.0), np.where(spare, n - x, 1.0), 1 - tail), 1.0)
    return np.where(known, low, np.nan), np.where(known, high, np.nan)


def korn_graubard(
    share: ArrayLike, std_error: ArrayLike, n: ArrayLike, df: ArrayLike, *, conf_level: float
) -> tuple[Floats, Floats]:
    """Return the two ends of the interval of a share from a weighted or clustered sample.

    The exact interval at the effective sample size: as many independent observations as have the same standard error,
    at most `n`, times the square of the t quantile of n - 1 over that of `df`. A share of 0 or 1 has no standard error
    to go by; its effective size is `n`.

    Parameters
    ----------
    share, std_error : shape (cells,); the standard error is design-based
    n : observations
    df : degrees of freedom of `std_error`

    References
    ----------
    Korn & Graubard (1998), Survey Methodology 24(2), 193-201; in R, survey::svyciprop(method = "beta").
    """
    share, size = _floats(share, effective_size(share, std_error, n, df, conf_level=conf_level))
    return clopper_pearson(share * size, size, conf_level=conf_level)


def effective_size(share: ArrayLike, std_error: ArrayLike, n: ArrayLike, df: ArrayLike, *, conf_level: float) -> Floats:
    """Return how many independent observations tell as much of a share as the sample does, as in `korn_graubard`."""
    from scipy.special import stdtrit

    share, std_error, n, df = _floats(share, std_error, n, df)
    upper = (1 + conf_level) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        size = np.minimum(share * (1 - share) / std_error**2, n) * (stdtrit(n - 1, upper) / stdtrit(df, upper)) ** 2
    return np.where((share == 0) | (share == 1), n, size)


def score_test(share: ArrayLike, n: ArrayLike, target: ArrayLike) -> Floats:
    """Return the two-sided p-value of a share of `target`; NaN at a target of 0 or 1, under which nothing varies.

    With an effective size for `n` it is the first-order test of Rao & Scott (1984), Annals of Statistics 12(1), 46-60.
    """
    from scipy.special import ndtr

    share, n, target = _floats(share, n, target)
    variance = ratio(target * (1 - target), n)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(variance > 0, (share - target) / np.sqrt(variance), np.nan)
    return 2 * ndtr(-np.abs(z))


def newcombe(x1: ArrayLike, n1: ArrayLike, x2: ArrayLike, n2: ArrayLike, *, conf_level: float) -> tuple[Floats, Floats, Floats]:
    """Return the difference of two independent shares, the first less the second, and the two ends of its interval.

    References
    ----------
    Newcombe (1998), Statistics in Medicine 17(8), 873-890, method 10: the two score intervals combined.
    """
    x1, n1, x2, n2 = _floats(x1, n1, x2, n2)
    first, second = ratio(x1, n1), ratio(x2, n2)
    first_low, first_high = wilson(x1, n1, conf_level=conf_level)
    second_low, second_high = wilson(x2, n2, conf_level=conf_level)
    difference = first - second
    low = difference - np.hypot(first - first_low, second_high - second)
    high = difference + np.hypot(first_high - first, second - second_low)
    return difference, low, high


def mcnemar(b: ArrayLike, c: ArrayLike, n: ArrayLike, *, conf_level: float) -> tuple[Floats, Floats, Floats, Floats]:
    """Return the difference of two shares of the same units, the two ends of its interval, and its p-value.

    Parameters
    ----------
    b : units that have the first and not the second
    c : units that have the second and not the first
    n : all units
    conf_level : of the interval, which is normal and never beyond -1 or 1

    Returns
    -------
    difference, low, high and the exact binomial p-value of b against b + c; NaN where no unit differs.

    References
    ----------
    McNemar (1947), Psychometrika 12(2), 153-157.
    """
    from scipy.special import bdtr

    b, c, n = _floats(b, c, n)
    difference, differing = ratio(b - c, n), b + c
    std_error = ratio(np.sqrt(np.maximum(differing - ratio((b - c) ** 2, n), 0.0)), n)
    half = _z(conf_level) * std_error
    p_value = np.minimum(1.0, 2 * bdtr(np.minimum(b, c), differing.astype(np.int64), 0.5))
    low, high = np.maximum(difference - half, -1.0), np.minimum(difference + half, 1.0)
    return difference, low, high, np.where(differing > 0, p_value, np.nan)


def wald(
    x1: ArrayLike, n1: ArrayLike, x2: ArrayLike, n2: ArrayLike, *, conf_level: float, correction: bool = False
) -> tuple[Floats, Floats]:
    """Return the two ends of the normal interval of a difference of independent shares, never beyond -1 or 1.

    It fails where a share is near 0 or 1, and stands here for comparison with other software (R's prop.test gives it,
    with `correction` by default): `newcombe` is the one to use.
    """
    x1, n1, x2, n2 = _floats(x1, n1, x2, n2)
    first, second = ratio(x1, n1), ratio(x2, n2)
    half = _z(conf_level) * np.sqrt(ratio(first * (1 - first), n1) + ratio(second * (1 - second), n2))
    if correction:
        half = half + _yates(x1, n1, x2, n2) * (ratio(np.ones_like(n1), n1) + ratio(np.ones_like(n2), n2))
    return np.maximum(first - second - half, -1.0), np.minimum(first - second + half, 1.0)


def equal_shares(
    x1: ArrayLike, n1: ArrayLike, x2: ArrayLike, n2: ArrayLike, *, correction: bool = False
) -> tuple[Floats, Floats]:
    """Test that two independent shares are the same: return chi-square with one degree of freedom, and its p-value.

    NaN where a group is empty or nothing varies.

    References
    ----------
    Pearson (1900), Philosophical Magazine 50, 157-175; `correction` is that of Yates (1934), as in R's prop.test.
    """
    from scipy.special import ndtr

    x1, n1, x2, n2 = _floats(x1, n1, x2, n2)
    pooled, one = ratio(x1 + x2, n1 + n2), np.ones_like(n1)
    inverse = ratio(one, n1) + ratio(one, n2)
    away = np.abs(ratio(x1, n1) - ratio(x2, n2))
    if correction:
        away = away - _yates(x1, n1, x2, n2) * inverse
    chi_square = ratio(away**2, pooled * (1 - pooled) * inverse)
    return chi_square, 2 * ndtr(-np.sqrt(chi_square))


def cohens_h(share1: ArrayLike, share2: ArrayLike) -> Floats:
    """Return the difference of two shares on the scale where each is equally well known: Cohen (1988), chapter 6."""
    first, second = _floats(share1, share2)
    return 2 * np.arcsin(np.sqrt(first)) - 2 * np.arcsin(np.sqrt(second))


def fisher_exact(x1: int, n1: int, x2: int, n2: int) -> tuple[float, float]:
    """Return the odds ratio that makes one table of counts most likely given its margins, and the exact p-value.

    Two-sided: all tables of the same margins that are no more likely are as extreme.

    References
    ----------
    Fisher (1935), Journal of the Royal Statistical Society 98(1), 39-82; in R, fisher.test.
    """
    from scipy.optimize import brentq
    from scipy.special import gammaln

    reached, low, high = x1 + x2, max(0, x1 + x2 - n2), min(n1, x1 + x2)
    if min(n1, n2) == 0:
        return np.nan, np.nan
    count = np.arange(low, high + 1)
    rest = reached - count
    logs = -(gammaln(count + 1) + gammaln(n1 - count + 1) + gammaln(rest + 1) + gammaln(n2 - rest + 1))
    chance = np.exp(logs - logs.max())
    p_value = min(1.0, float(chance[chance <= chance[x1 - low] * (1 + 1e-7)].sum() / chance.sum()))
    if low == high:
        return np.nan, p_value
    if x1 in (low, high):
        return (0.0 if x1 == low else np.inf), p_value

    def away(log_odds: float) -> float:
        tilted = logs + count * log_odds
        weight = np.exp(tilted - tilted.max())
        return float(weight @ count / weight.sum() - x1)

    return float(np.exp(brentq(away, -700, 700, xtol=1e-13))), p_value


def _yates(x1: Floats, n1: Floats, x2: Floats, n2: Floats) -> Floats:
    """Return the part of a count by which an observed one is brought nearer to the expected, at most as far as it lies off."""
    one = np.ones_like(n1)
    off = ratio(np.abs(ratio(x1, n1) - ratio(x2, n2)), ratio(one, n1) + ratio(one, n2))
    return np.minimum(0.5, off)


def _z(conf_level: float) -> float:
    from scipy.special import ndtri

    return float(ndtri((1 + conf_level) / 2))


def _floats(*values: ArrayLike) -> tuple[Floats, ...]:
    return tuple(np.asarray(value, np.float64) for value in np.broadcast_arrays(*values))
