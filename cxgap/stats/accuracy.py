"""How right one side's picture of many items is: in level, in spread and in order.

The mean squared error of a set of judgements splits exactly into three parts: Cronbach (1955), Psychological Bulletin
52(3), 177-193; Murphy (1988), Monthly Weather Review 116(12), 2417-2424.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cxgap.stats.means import ROUNDING, Floats

FEWEST_ITEMS = 3  # with fewer, spread and order mean nothing
FEWEST_RESAMPLED = 8  # items that a bootstrap over items needs
REPLICATES = 1999  # so that 2.5 % and 5 % of one more are whole numbers


class Accuracy(NamedTuple):
    """The parts of the squared error of judgements over items; NaN where there are fewer than 3 items.

    Attributes
    ----------
    items : number of items
    mean_gap : mean judgement less mean truth
    mse, rmse : mean squared error over the items, and its root
    elevation : the part that comes of the level: the square of `mean_gap`
    spread : the part that comes of how far the items lie apart: the square of the difference of standard deviations
    ordering : the part that comes of the order: 2 s_judged s_true (1 - r); 0 where one side has no spread
    std_dev_true, std_dev_judged : over the items, ddof = 0, without which the identity is not exact
    r, rho : Pearson's and Spearman's correlation; NaN where one side has no spread
    noise_var : the part of `mse` to be expected of sampling error alone
    mse_corrected : `mse` less `noise_var`, at least 0
    """

    items: int
    mean_gap: float
    mse: float
    rmse: float
    elevation: float
    spread: float
    ordering: float
    std_dev_true: float
    std_dev_judged: float
    r: float
    rho: float
    noise_var: float
    mse_corrected: float


def accuracy(true: Floats, judged: Floats, noise: Floats | None = None) -> Accuracy:
    """Split the squared error of judgements over items.

    Parameters
    ----------
    true, judged : one entry an item, finite
    noise : sampling variance of each difference; none if left out
    """
    true, judged = np.asarray(true, float), np.asarray(judged, float)
    items = len(true)
    if items < FEWEST_ITEMS:
        return Accuracy(items, *[np.nan] * 12)
    gap = float((judged - true).mean())
    mse = float(((judged - true) ** 2).mean())
    s_true, s_judged = _std_dev(true), _std_dev(judged)
    covariance = float(((true - true.mean()) * (judged - judged.mean())).mean())
    both = s_true > 0 and s_judged > 0
    once = np.ones((1, items))
    noise_var = 0.0 if noise is None else float(np.mean(noise))
    return Accuracy(
        items=items,
        mean_gap=gap,
        mse=mse,
        rmse=mse**0.5,
        elevation=gap**2,
        spread=(s_judged - s_true) ** 2,
        ordering=max(0.0, 2 * (s_judged * s_true - covariance)) if both else 0.0,
        std_dev_true=s_true,
        std_dev_judged=s_judged,
        r=float(_correlations(true[None], judged[None], once)[0]) if both else np.nan,
        rho=float(_correlations(_ranks(true, once), _ranks(judged, once), once)[0]) if both else np.nan,
        noise_var=noise_var,
        mse_corrected=float(np.maximum(0, mse - noise_var)),
    )


def correlation_intervals(
    true: Floats, judged: Floats, *, conf_level: float, random: np.random.Generator
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the percentile bootstrap intervals of Pearson's and of Spearman's correlation over items.

    Efron & Tibshirani (1993), An Introduction to the Bootstrap, chapter 13. Items are drawn, so the interval speaks of
    other items of the same kind. NaN with fewer than 8 items, or where one side has no spread.
    """
    true, judged = np.asarray(true, float), np.asarray(judged, float)
    items = len(true)
    if items < FEWEST_RESAMPLED or not (_std_dev(true) > 0 and _std_dev(judged) > 0):
        return (np.nan, np.nan), (np.nan, np.nan)
    drawn = random.multinomial(items, np.full(items, 1 / items), size=REPLICATES).astype(float)
    r = _correlations(true[None], judged[None], drawn)
    rho = _correlations(_ranks(true, drawn), _ranks(judged, drawn), drawn)
    return _ends(r, conf_level), _ends(rho, conf_level)


def _std_dev(values: Floats) -> float:
    found = float(values.std())
    return found if found > ROUNDING * np.abs(values).max() else 0.0


def _correlations(x: Floats, y: Floats, count: Floats) -> Floats:
    """Pearson's correlation in each resample, where item j is drawn `count[b, j]` times."""
    size = count.sum(axis=1, keepdims=True)
    x = x - (count * x).sum(axis=1, keepdims=True) / size
    y = y - (count * y).sum(axis=1, keepdims=True) / size
    xy, xx, yy = ((count * product).sum(axis=1) for product in (x * y, x * x, y * y))
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.sqrt(xx * yy)
        return np.where(spread > ROUNDING, np.clip(xy / spread, -1, 1), np.nan)


def _ranks(values: Floats, count: Floats) -> Floats:
    """Mid-ranks of the items in each resample."""
    _, place = np.unique(values, return_inverse=True)
    drawn = np.zeros((len(count), place.max() + 1))
    np.add.at(drawn.T, place, count.T)
    return (np.cumsum(drawn, axis=1) - (drawn - 1) / 2)[:, place]


def _ends(values: Floats, conf_level: float) -> tuple[float, float]:
    """Take the order statistics number alpha / 2 x (B + 1) from either end, of the resamples that have a value."""
    known = np.sort(values[np.isfinite(values)])
    number = max(1, int((1 - conf_level) / 2 * (len(known) + 1) + 1e-9))
    return float(known[number - 1]), float(known[-number])
