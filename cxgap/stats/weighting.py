"""Weights that agree with what is known of the population: raking, post-stratification, trimming, and what they cost.

Raking: Deming & Stephan (1940), Annals of Mathematical Statistics 11(4), 427-444; one margin alone is post-stratification,
Holt & Smith (1979), Journal of the Royal Statistical Society A 142(1), 33-46. Variances by residuals of the calibration:
Deville & Sarndal (1992), Journal of the American Statistical Association 87(418), 376-382.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.integer]

CLOSE = 1e-8  # margins that are nearer to their totals, as a share of them, agree
MOST_ROUNDS = 200
TRIM = 5.0  # weights are kept between a fifth and five times their mean


class Margin(NamedTuple):
    """What is known of the population by one column.

    Attributes
    ----------
    category : of each respondent, codes 0 .. categories - 1
    totals : of each category in the population, shape (categories,), above 0
    """

    category: Codes
    totals: Floats


class Calibration(NamedTuple):
    """To what weights were made to agree, as far as variances need it.

    Attributes
    ----------
    margins : 1 where a respondent is in a category, shape (respondents, categories of all margins)
    weight : by which residuals from the categories are taken, shape (respondents,), 0 for who has no weight: the weights
        before, for one margin, and equal ones for several, as R's survey package does
    """

    margins: Floats
    weight: Floats


class Raked(NamedTuple):
    """Weights that agree with margins.

    Attributes
    ----------
    weight : shape (respondents,)
    trimmed : whether a weight was pulled to an end of what is allowed, shape (respondents,)
    off : the largest difference that is left between a margin and its total, as a share of the total
    rounds : how often the margins were gone through
    """

    weight: Floats
    trimmed: NDArray[np.bool_]
    off: float
    rounds: int


def rake(weight: Floats, margins: Sequence[Margin], *, limit: float = CLOSE, rounds: int = MOST_ROUNDS) -> Raked:
    """Multiply the weights of each category by what it lacks, margin by margin, until all margins agree.

    Parameters
    ----------
    weight : of each respondent, 0 or more; a weight of 0 stays 0
    margins : at least one; each of its categories must hold weight, and all must have equal totals
    limit : largest difference from a total, as a share of it, at which to stop
    rounds : at most so many times through the margins

    Returns
    -------
    Raked, with nothing trimmed.
    """
    made = np.array(weight, np.float64)
    off, done = _off(made, margins), 0
    while off >= limit and done < rounds:
        for category, totals in margins:
            made *= (totals / np.bincount(category, made, len(totals)))[category]
        off, done = _off(made, margins), done + 1
    return Raked(made, np.zeros(len(made), bool), off, done)


def rake_within(weight: Floats, margins: Sequence[Margin], *, most: float = TRIM) -> Raked:
    """Rake, pull weights to between 1 / `most` and `most` times their mean, and where one was pulled, rake once more.

    Parameters
    ----------
    weight, margins : as in `rake`
    most : above 1; the second raking may take a weight over the limit again, which is then left so
    """
    raked = rake(weight, margins)
    cut, trimmed = trim(raked.weight, most=most)
    if not trimmed.any():
        return raked
    return rake(cut, margins)._replace(trimmed=trimmed)


def trim(weight: Floats, *, most: float = TRIM) -> tuple[Floats, NDArray[np.bool_]]:
    """Pull weights above 0 to between 1 / `most` and `most` times their mean; return them, and which were pulled."""
    held = weight > 0
    mean = weight[held].mean() if held.any() else 0.0
    cut = np.where(held, np.clip(weight, mean / most, mean * most), 0.0)
    moved = held & (np.abs(cut - weight) > CLOSE * mean)
    return np.where(moved, cut, weight), moved


def calibrated(weight: Floats, margins: Sequence[Margin]) -> Calibration:
    """Return what variances need to know of weights that were raked to `margins`.

    Parameters
    ----------
    weight : of each respondent before raking
    margins : as in `rake`
    """
    columns = [np.eye(len(totals))[category] for category, totals in margins]
    base = weight if len(margins) == 1 else (weight > 0).astype(np.float64)
    return Calibration(np.column_stack(columns), base)


def coefficients(calibration: Calibration, respondent: Codes, cell: Codes, cells: int, value: Floats) -> Floats:
    """Regress a linearised variable of each cell on the categories of all margins, shape (categories, cells).

    Parameters
    ----------
    respondent, cell : of each entry; a respondent who is not in a cell has a value of 0 there
    value : of each entry, without the respondent's weight
    """
    margins, base = calibration
    cross = np.linalg.pinv(margins.T @ (base[:, None] * margins), hermitian=True)
    sums = np.zeros((margins.shape[1], cells))
    for category, column in enumerate(margins.T):
        sums[category] = np.bincount(cell, (base * column)[respondent] * value, cells)
    return cross @ sums


def kish_deff(weight: Floats) -> float:
    """Return how many times the variance of a mean grows by unequal weights, n SUM w^2 / (SUM w)^2; NaN without weight.

    Kish (1965), Survey Sampling, section 11.7.
    """
    held = weight[weight > 0]
    return float(len(held) * (held**2).sum() / held.sum() ** 2) if len(held) else np.nan


def _off(weight: Floats, margins: Sequence[Margin]) -> float:
    return max(float(np.abs(np.bincount(category, weight, len(totals)) / totals - 1).max()) for category, totals in margins)
