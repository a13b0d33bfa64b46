"""Whether raters agree on items: intraclass correlation in a two-way random model.

McGraw & Wong (1996), Psychological Methods 1(1), 30-46, case 2: ICC(A,1) and ICC(A,k).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cxgap.stats.means import ROUNDING, Floats

FEWEST_ITEMS = 3


class Agreement(NamedTuple):
    """Agreement of raters on items; NaN with fewer than 2 raters or 3 items, or where nothing differs.

    Attributes
    ----------
    items, raters : how many
    icc, icc_low, icc_high : ICC(A,1), how far one rater's answers stand for another's
    icc_mean, icc_mean_low, icc_mean_high : ICC(A,k), how far the mean of these raters stands for that of others
    std_dev : between raters on the same item; its square is averaged over the items
    """

    items: int
    raters: int
    icc: float
    icc_low: float
    icc_high: float
    icc_mean: float
    icc_mean_low: float
    icc_mean_high: float
    std_dev: float


def agreement(ratings: Floats, *, conf_level: float) -> Agreement:
    """Estimate how far raters agree on the level of items, not merely on their order.

    Parameters
    ----------
    ratings : shape (raters, items), finite
    conf_level : two-sided, of the F-based intervals
    """
    k, n = ratings.shape
    std_dev = float(np.sqrt(ratings.var(axis=0, ddof=1).mean())) if k > 1 and n else np.nan
    unknown = Agreement(n, k, np.nan, np.nan, np.nan, np.nan, np.nan, np.nan, std_dev)
    if k < 2 or n < FEWEST_ITEMS:
        return unknown
    of_item, of_rater = ratings.mean(axis=0), ratings.mean(axis=1, keepdims=True)
    between_items = k * float(of_item.var(ddof=1))
    between_raters = n * float(of_rater.var(ddof=1))
    rest = float(((ratings - of_item - of_rater + ratings.mean()) ** 2).sum()) / ((n - 1) * (k - 1))
    below = between_items + (k - 1) * rest + k * (between_raters - rest) / n
    if below <= ROUNDING * float(np.abs(ratings).max()) ** 2:
        return unknown
    icc = (between_items - rest) / below
    low, high = _interval(icc, between_items, between_raters, rest, n, k, conf_level)
    return Agreement(n, k, icc, low, high, _stepped_up(icc, k), _stepped_up(low, k), _stepped_up(high, k), std_dev)


def _interval(
    icc: float, between_items: float, between_raters: float, rest: float, n: int, k: int, conf_level: float
) -> tuple[float, float]:
    """The interval of ICC(A,1): McGraw & Wong (1996), table 7."""
    from scipy.special import fdtri

    if rest <= ROUNDING * between_items:
        return np.nan, np.nan
    odds = k * icc / (n * (1 - icc))
    raters, residue = odds * between_raters, (1 + odds * (n - 1)) * rest
    df = (raters + residue) ** 2 / (raters**2 / (k - 1) + residue**2 / ((n - 1) * (k - 1)))
    level = (1 + conf_level) / 2
    above, under = float(fdtri(n - 1, df, level)), float(fdtri(df, n - 1, level))
    noise = k * between_raters + (k * n - k - n) * rest
    low = n * (between_items - above * rest) / (above * noise + n * between_items)
    high = n * (under * between_items - rest) / (noise + n * under * between_items)
    return low, high


def _stepped_up(icc: float, k: int) -> float:
    """Return the reliability of a mean of `k` raters: Spearman (1910), British Journal of Psychology 3(3), 271-295."""
    below = 1 + (k - 1) * icc
    return k * icc / below if below > 0 else np.nan
