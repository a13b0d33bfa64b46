"""Standardised sizes of a paired difference."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from cxgap.stats.means import Floats, ratio
from cxgap.stats.noncentral import noncentrality_interval

# Romano, Kromrey, Coraggio & Skowronek (2006), Florida Association of Institutional Research: for Cliff's delta alone.
ROMANO_2006: Final = {"negligible": 0.147, "small": 0.33, "medium": 0.474, "large": np.inf}

ROUNDING: Final = 1e-12  # a correlation nearer to one than that is one


def hedges_factor(df: Floats) -> Floats:
    """Return the exact factor that removes the small-sample bias of a standardised difference; NaN up to 1 of `df`.

    Hedges (1981), Journal of Educational Statistics 6(2), 107-128.
    """
    from scipy.special import gammaln

    df = np.where(df > 1, df, np.nan)
    return np.exp(gammaln(df / 2) - np.log(np.sqrt(df / 2)) - gammaln((df - 1) / 2))


def d_z(mean: Floats, std_dev: Floats) -> Floats:
    """Divide a mean difference by the standard deviation of the differences: Cohen (1988).

    Where no respondent differs from another it is 0 for a mean of 0, and NaN otherwise.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(std_dev > 0, mean / std_dev, np.where((std_dev == 0) & (mean == 0), 0.0, np.nan))


def g_av(mean: Floats, std_dev_start: Floats, std_dev_end: Floats, n: Floats) -> Floats:
    """Divide a mean difference by the average of the two standard deviations, with Hedges' factor for n - 1.

    Comparable with differences between groups: Lakens (2013), Frontiers in Psychology 4, 863.
    """
    return hedges_factor(n - 1) * d_av(mean, std_dev_start, std_dev_end)


def d_z_interval(d: Floats, n: Floats, *, conf_level: float) -> tuple[Floats, Floats]:
    """Return the two ends of the interval of d_z of `n` independent pairs, from the noncentral t.

    NaN where there are fewer than two pairs, or no spread. Steiger & Fouladi (1997), as effectsize::cohens_d in R.
    """
    root = np.sqrt(np.maximum(n, 0.0))
    t = np.where(n > 1, d * root, np.nan)
    low, high = noncentrality_interval(t, n - 1, conf_level=conf_level)
    return ratio(low, root), ratio(high, root)


def d_av(mean: Floats, std_dev_start: Floats, std_dev_end: Floats) -> Floats:
    """Divide a mean difference by the average of the two standard deviations: Lakens (2013), Frontiers in Psychology 4, 863."""
    return ratio(mean, (std_dev_start + std_dev_end) / 2)


def d_rms(mean: Floats, std_dev_start: Floats, std_dev_end: Floats) -> Floats:
    """Divide a mean difference by the root of the mean of the two variances: Cohen (1988), Bonett (2008)."""
    return ratio(mean, np.sqrt((std_dev_start**2 + std_dev_end**2) / 2))


def d_rm(mean: Floats, std_dev: Floats, correlation: Floats) -> Floats:
    """Scale d_z by how closely the two measurements go together, as Morris & DeShon (2002): Lakens (2013), formula 8.

    NaN where the differences or one of the two measurements have no spread.
    """
    return ratio(mean, std_dev) * np.sqrt(2 * np.maximum(1 - correlation, 0.0))


def paired_correlation(first: Floats, second: Floats, difference: Floats) -> Floats:
    """Return Pearson's correlation of pairs from the standard deviations of both and of their difference.

    NaN where one side has no spread.
    """
    found: Floats = ratio(first**2 + second**2 - difference**2, 2 * first * second)
    return np.where(np.abs(found) > 1 - ROUNDING, np.sign(found), found)


def rank_biserial(statistic: Floats, differing: Floats, n: Floats, *, conf_level: float) -> tuple[Floats, Floats, Floats]:
    """Return the share of ranks of positive differences less that of negative ones, and the two ends of its interval.

    Parameters
    ----------
    statistic : sum of the ranks of the positive differences, zeros left out before ranking
    differing : differences that are not zero
    n : all pairs, from which the width of the interval is taken
    conf_level : two-sided

    References
    ----------
    Kerby (2014), Comprehensive Psychology 3, 11.IT.3.1; interval on Fisher's scale as effectsize::rank_biserial in R.
    """
    from scipy.special import ndtri

    ranks = differing * (differing + 1) / 2
    found = np.clip(ratio(2 * statistic - ranks, ranks), -1.0, 1.0)
    width = float(ndtri((1 + conf_level) / 2)) * ratio(np.sqrt(n * (n + 1) * (2 * n + 1) / 6), n * (n + 1) / 2)
    with np.errstate(divide="ignore"):
        middle = np.arctanh(found)
    return found, np.tanh(middle - width), np.tanh(middle + width)


def romano_label(delta: Floats) -> NDArray[np.object_]:
    """Name the size of Cliff's delta by ROMANO_2006; "" where it is NaN."""
    names, cuts = list(ROMANO_2006), list(ROMANO_2006.values())
    place = np.searchsorted(cuts[:-1], np.abs(delta), side="right")
    return np.array([names[at] if known else "" for at, known in zip(place, np.isfinite(delta), strict=True)], object)
