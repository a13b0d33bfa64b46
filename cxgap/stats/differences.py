"""The difference of two independent means, cell by cell, also where one of the samples is a part of few.

Welch (1947), Biometrika 34(1-2), 28-35; Satterthwaite (1946), Biometrics Bulletin 2(6), 110-114. Finite population:
Cochran (1977), Sampling Techniques, section 2.6.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cxgap.stats.means import Floats, Means, ratio


class Difference(NamedTuple):
    """Estimates of cells; each array has shape (cells,)."""

    estimate: Floats
    std_error: Floats
    df: Floats


def of_finite(means: Means, population: Floats) -> Means:
    """Take account of a sample that is a large part of all there are: a census has no sampling error at all.

    Parameters
    ----------
    means : of simple random samples
    population : how many there are, at least `n`; infinity where it is not finite

    Returns
    -------
    The same Means with `std_error` times sqrt(1 - n / population); 0 for a census, even of one.
    """
    left = np.maximum(1 - ratio(means.n, population), 0)
    std_error = np.where((left == 0) & (means.n > 0), 0.0, means.std_error * np.sqrt(left))
    return means._replace(std_error=std_error)


def difference(start: Means, end: Means) -> Difference:
    """Subtract the mean of `start` from the mean of `end`, two independent samples of any size and spread.

    A side whose standard error is zero adds nothing to the error and takes nothing from the degrees of freedom; where
    both are zero, `df` is the smaller of the two.
    """
    whole = start.std_error**2 + end.std_error**2
    with np.errstate(divide="ignore", invalid="ignore"):
        part = np.where(whole > 0, start.std_error**2 / whole, np.nan)
        df = 1 / (_share(part, start.df) + _share(1 - part, end.df))
    df = np.where(whole == 0, np.fmin(start.df, end.df), df)
    return Difference(end.mean - start.mean, np.sqrt(whole), df)


def _share(part: Floats, df: Floats) -> Floats:
    return np.where(part == 0, 0.0, part**2 / df)
