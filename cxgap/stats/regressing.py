"""Regression to the mean: by how much what was picked for being worst will look better though nothing is done.

Galton (1886), Journal of the Anthropological Institute 15, 246-263; as Bayes' rule, Morris (1983), Journal of the American
Statistical Association 78(381), 47-55.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from cxgap.stats.means import Floats
from cxgap.stats.shrinkage import FEWEST_CELLS

_STEPS, _NEAR = 200, 1e-12


class Expected(NamedTuple):
    """What is to be expected of cells when they are measured again.

    Attributes
    ----------
    change : of each cell: its true value as all cells together suggest it, less its estimate, shape (cells,)
    at_least, at_most : the change of each cell where true values differ as much, and as little, as the data allow
    tau2 : variance of true values between cells
    tau2_low, tau2_high : ends of its interval
    """

    change: Floats
    at_least: Floats
    at_most: Floats
    tau2: float
    tau2_low: float
    tau2_high: float

    def of(self, chosen: np.ndarray) -> tuple[float, float, float]:
        """Return the mean change of some cells and its two ends; NaN of none."""
        if not len(self.change[chosen]):
            return np.nan, np.nan, np.nan
        mean, *ends = (float(each[chosen].mean()) for each in (self.change, self.at_least, self.at_most))
        return mean, min(ends), max(ends)


def regression_to_mean(estimate: Floats, covariance: Floats, *, conf_level: float = 0.95) -> Expected:
    """Expect what each cell will be on being measured again, if nothing is done.

    With independent errors its change is (1 - rel)(mu - estimate), with rel = tau2 / (tau2 + variance): the less reliable a
    cell, and the further it lies from the mean, the more of its distance was chance. That holds however cells were picked.
    Errors that all cells share, as where the same people rate them all, give no cell a worse place, and do not count.

    Parameters
    ----------
    estimate : of each cell, shape (cells,), finite
    covariance : of the estimates, shape (cells, cells); or their variances, shape (cells,), where they are independent
    conf_level : of the interval of tau2, two-sided, in (0, 1)

    Returns
    -------
    Expected; all NaN with fewer than FEWEST_CELLS cells, or where no cell has any error.

    References
    ----------
    Paule & Mandel (1982), Journal of Research of the National Bureau of Standards 87(5), 377-385 (tau2).
    Viechtbauer (2007), Statistics in Medicine 26(1), 37-52 (its interval: all values that the spread of the cells allows).
    """
    from scipy.special import chdtri

    k = len(estimate)
    variance = covariance if covariance.ndim == 1 else np.diag(covariance)
    if k < FEWEST_CELLS or not (variance > 0).any():
        blank = np.full(k, np.nan)
        return Expected(blank, blank, blank, np.nan, np.nan, np.nan)
    look = _of_independent(estimate, variance) if covariance.ndim == 1 else _of_joint(estimate, covariance)
    tail = (1 - conf_level) / 2
    levels = (k - 1.0, float(chdtri(k - 1, tail)), float(chdtri(k - 1, 1 - tail)))
    tau2, low, high = (_spread(look, level) for level in levels)
    return Expected(look(tau2).change, look(high).change, look(low).change, tau2, low, high)


class _Look(NamedTuple):
    """What a variance between cells makes of them: squares about the mean over their variances, how they fall, the change."""

    squares: float
    slope: float
    change: Floats


def _of_independent(estimate: Floats, variance: Floats) -> Callable[[float], _Look]:
    variance = np.maximum(variance, _NEAR * variance.max())

    def look(spread: float) -> _Look:
        weight = 1 / (variance + spread)
        away = estimate - (weight @ estimate) / weight.sum()
        return _Look(float(weight @ away**2), float(weight**2 @ away**2), 0.0 - variance * weight * away)

    return look


def _of_joint(estimate: Floats, covariance: Floats) -> Callable[[float], _Look]:
    """Look at contrasts about the mean, turned so that their errors are independent; none holds what all cells share."""
    k = len(estimate)
    about = np.linalg.svd(np.full((1, k), k**-0.5))[2][1:].T
    noise, turned = np.linalg.eigh(about.T @ covariance @ about)
    noise, about = np.maximum(noise, _NEAR * np.diag(covariance).max()), about @ turned
    contrast, moving = about.T @ estimate, covariance @ about

    def look(spread: float) -> _Look:
        part = contrast / (noise + spread)
        return _Look(float(part @ contrast), float(part @ part), 0.0 - moving @ part)

    return look


def _spread(look: Callable[[float], _Look], level: float) -> float:
    """Return the variance between cells at which the squares come down to `level`; 0 where they start below."""
    spread = 0.0
    for _ in range(_STEPS):
        found = look(spread)
        over = found.squares - level
        if over <= _NEAR * level:  # falls and is convex: steps from below never go too far
            break
        spread += over / found.slope
    return spread
