"""Standardised sizes of a paired difference."""

from __future__ import annotations

import numpy as np

from cxgap.stats.means import Floats, ratio


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
    return hedges_factor(n - 1) * ratio(mean, (std_dev_start + std_dev_end) / 2)
