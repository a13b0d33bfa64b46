"""How large a gap a sample can show, and how many respondents a gap needs: power of Student's paired test.

Cohen (1988), Statistical Power Analysis for the Behavioral Sciences, 2nd edition; the noncentral t distribution by Johnson,
Kotz & Balakrishnan (1995), Continuous Univariate Distributions 2, chapter 31. Both tails count.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from cxgap.stats.means import Floats, ratio

FEWEST = 2.0  # effective respondents: one alone has no spread
_STEPS, _DOUBLINGS, _NEAR = 200, 60, 1e-11
_SHORT = 5.0  # over the degrees of freedom: about how far the normal curve is off


def power(gap: ArrayLike, std_dev: ArrayLike, n: ArrayLike, *, deff: ArrayLike = 1.0, alpha: float = 0.05) -> Floats:
    """Return the chance that a true gap is found significant.

    Parameters
    ----------
    gap : the true mean difference
    std_dev : of the differences of respondents
    n : respondents; with `deff`, how many times larger weights and clusters make the variance, n / deff of a simple sample
    alpha : two-sided level of the test
    """
    gap, std_dev, n = np.broadcast_arrays(*(np.asarray(value, float) for value in (gap, std_dev, np.divide(n, deff))))
    return _power(ratio(gap, std_dev) * np.sqrt(n), np.where(n > 1, n - 1, np.nan), alpha)


def detectable(std_error: ArrayLike, df: ArrayLike, *, power: float = 0.8, alpha: float = 0.05) -> Floats:
    """Return the smallest gap that the standard error of a cell lets us find with the given power.

    Parameters
    ----------
    std_error : of the estimate; where it is zero or unknown, so is the answer
    df : its degrees of freedom, infinite where the normal curve holds
    power : chance that a gap of this size is found, at least `alpha`
    alpha : two-sided level of the test
    """
    std_error, df = np.broadcast_arrays(np.asarray(std_error, float), np.asarray(df, float))
    known = (std_error > 0) & (df > 0)
    found = np.full(std_error.shape, np.nan)
    different, place = np.unique(df[known], return_inverse=True)

    def lacking(noncentrality: Floats) -> Floats:
        return _power(noncentrality, different, alpha) - power

    # The normal curve is near, and below wherever power and level are those of a test; else the search begins at zero.
    near = np.full(len(different), max(_quantiles(power, alpha), 0.0))
    ratios = _rising_root(lacking, np.where(lacking(near) < 0, near, 0.0), near + _SHORT / different + _NEAR)
    found[known] = std_error[known] * ratios[place.ravel()]
    return found


def detectable_gap(
    std_dev: ArrayLike, n: ArrayLike, *, deff: ArrayLike = 1.0, power: float = 0.8, alpha: float = 0.05
) -> Floats:
    """Return the smallest gap that `n` respondents let us find with the given power; other arguments as in `power`."""
    n = np.divide(n, deff)
    return detectable(np.asarray(std_dev, float) / np.sqrt(n), n - 1, power=power, alpha=alpha)


def needed(gap: ArrayLike, std_dev: ArrayLike, *, deff: ArrayLike = 1.0, power: float = 0.8, alpha: float = 0.05) -> Floats:
    """Return how many respondents a gap needs to be found with the given power, not rounded; at least FEWEST x deff.

    Infinite for no gap. Arguments as in `power`.
    """
    gap, std_dev, deff = np.broadcast_arrays(*(np.asarray(value, float) for value in (gap, std_dev, deff)))
    size = ratio(np.abs(gap), std_dev)
    found = np.where(gap == 0, np.inf, np.full(size.shape, np.nan))
    some = size > 0
    least = np.full(int(some.sum()), np.log(FEWEST))

    def lacking(log_n: Floats) -> Floats:
        n = np.exp(log_n)
        return _power(size[some] * np.sqrt(n), n - 1, alpha) - power

    found[some] = np.exp(_rising_root(lacking, least, least + 1))
    return found * deff


def detectable_roughly(
    std_dev: ArrayLike, n: ArrayLike, *, deff: ArrayLike = 1.0, power: float = 0.8, alpha: float = 0.05
) -> Floats:
    """Return what `detectable_gap` does, by the normal curve: (z of 1 - alpha / 2 + z of the power) standard errors."""
    return _quantiles(power, alpha) * np.asarray(std_dev, float) * np.sqrt(np.divide(deff, n))


def detectable_change(
    std_dev: tuple[ArrayLike, ArrayLike],
    n: tuple[ArrayLike, ArrayLike],
    *,
    deff: ArrayLike = 1.0,
    overlap: ArrayLike = 0.0,
    correlation: ArrayLike = 0.0,
    power: float = 0.8,
    alpha: float = 0.05,
) -> Floats:
    """Return the smallest change between two waves that their respondents let us find with the given power.

    By the normal curve; a panel sees smaller changes, because those who answer twice are compared with themselves.

    Parameters
    ----------
    std_dev, n : of the first wave and of the second
    overlap : respondents who answer in both
    correlation : between the two gaps of a respondent who answers in both
    deff, power, alpha : as in `power`
    """
    (sd0, sd1), (n0, n1) = (tuple(np.asarray(value, float) for value in pair) for pair in (std_dev, n))
    variance = sd0**2 / n0 + sd1**2 / n1 - 2 * np.asarray(correlation) * sd0 * sd1 * np.asarray(overlap) / (n0 * n1)
    return _quantiles(power, alpha) * np.sqrt(np.asarray(deff) * np.maximum(variance, 0))


def nps_needed(promoters: ArrayLike, detractors: ArrayLike, half_width: ArrayLike, *, conf_level: float = 0.95) -> Floats:
    """Return how many respondents a Net Promoter Score needs for an interval of plus or minus `half_width`, not rounded.

    Parameters
    ----------
    promoters, detractors : their shares, 0 to 1
    half_width : of the interval, as a share: 0.05 for 5 points
    """
    from scipy.special import ndtri

    promoters, detractors = np.asarray(promoters, float), np.asarray(detractors, float)
    variance = promoters + detractors - (promoters - detractors) ** 2
    return ndtri((1 + conf_level) / 2) ** 2 * variance / np.asarray(half_width, float) ** 2


def _power(noncentrality: Floats, df: Floats, alpha: float) -> Floats:
    """Return the chance that Student's t lies beyond its two critical values."""
    from scipy.special import nctdtr, ndtr, stdtrit

    size, endless = np.abs(noncentrality), np.isposinf(df)
    finite = np.where(endless, 1.0, df)
    limit = stdtrit(df, 1 - alpha / 2)
    # Where the routine gives up, the value is below what a double can hold.
    below, far = (np.nan_to_num(nctdtr(finite, size, edge)) for edge in (limit, -limit))
    chance = np.where(endless, ndtr(size - limit) + ndtr(-size - limit), 1 - below + far)
    return np.where(np.isfinite(size) & (df > 0), chance, np.nan)


def _quantiles(power: float, alpha: float) -> float:
    from scipy.special import ndtri

    return float(ndtri(1 - alpha / 2) + ndtri(power))


def _rising_root(function: Callable[[Floats], Floats], low: Floats, high: Floats) -> Floats:
    """Find where a rising function of each element is zero, by false position (Illinois); `low` if above zero there."""
    at_low = function(low)
    for _ in range(_DOUBLINGS):
        at_high = function(high)
        short = at_high < 0
        if not short.any():
            break
        low, at_low = np.where(short, high, low), np.where(short, at_high, at_low)
        high = np.where(short, 2 * high, high)
    done = ~(at_low < 0)
    result = np.where(done, low, high)
    was_above = np.zeros(len(low), bool)
    for _ in range(_STEPS):
        if done.all():
            break
        with np.errstate(divide="ignore", invalid="ignore"):
            middle = high - at_high * (high - low) / (at_high - at_low)
        middle = np.where((middle > low) & (middle < high), middle, (low + high) / 2)
        at_middle = function(middle)
        step, result = np.abs(middle - result), np.where(done, result, middle)
        done |= (step <= _NEAR * np.maximum(middle, 1)) | (at_middle == 0)
        above = at_middle >= 0
        share = np.where(above == was_above, 0.5, 1.0)  # an end that stays twice weighs half
        at_low, at_high = np.where(above, share * at_low, at_middle), np.where(above, at_middle, share * at_high)
        was_above = above
        low, high = np.where(above, low, middle), np.where(above, middle, high)
    return result
