"""How much of a shortfall is real: errors of measurement make shortfalls of their own, since none is below 0."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cxgap.stats.means import Floats


class Shortfall(NamedTuple):
    """Of normal gaps: the mean of what is missing (0 where nothing is), and the share of gaps below zero."""

    mean: Floats
    prevalence: Floats


def normal_shortfall(mean: Floats, std_dev: Floats) -> Shortfall:
    """Return the shortfall of gaps with this mean and standard deviation, taken to be normal."""
    from scipy.special import ndtr

    mean, std_dev = np.broadcast_arrays(np.asarray(mean, float), np.asarray(std_dev, float))
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(std_dev > 0, mean / std_dev, np.nan)
    below = np.where(std_dev > 0, ndtr(-z), np.where(std_dev == 0, (mean < 0).astype(float), np.nan))
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    missing = np.where(std_dev > 0, std_dev * density - mean * below, np.where(std_dev == 0, np.maximum(-mean, 0), np.nan))
    return Shortfall(missing, below)


def reliable_shortfall(mean: Floats, std_dev: Floats, reliability: Floats) -> Shortfall:
    """Return the shortfall that is left when errors of measurement are taken out of the spread of the gaps.

    Parameters
    ----------
    mean, std_dev : of the gaps
    reliability : of the difference score; where it is not above 0 or not known, the result is NaN
    """
    reliability = np.asarray(reliability, float)
    usable = np.where(reliability > 0, reliability, np.nan)
    return normal_shortfall(mean, np.asarray(std_dev, float) * np.sqrt(usable))
