"""Indices of careless responding: what answers given without reading look like, one number a questionnaire.

Meade & Craig (2012), Psychological Methods 17(3), 437-455; definitions as in R's package careless 1.2.2.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cxgap.stats.means import Codes, Floats, ratio

ROWS = 2000  # questionnaires held at once where each needs a matrix of its own
LEAST_SCALES = 4  # below this many halves a correlation over them tells nothing
SYNONYM_ABOVE = 0.60  # correlation from which two questions ask the same: Meade & Craig (2012)
SINGULAR = 1e-10  # of the largest eigenvalue: a smaller one says that an answer follows from the others
FLAT = 1e-12  # of a sum of squares: a smaller spread is rounding


class Runs(NamedTuple):
    """Runs of the same answer, one entry a questionnaire; NaN where nothing was answered."""

    longest: Floats
    average: Floats


class Distances(NamedTuple):
    """Squared Mahalanobis distances and the answers behind each; NaN where they cannot be computed."""

    squared: Floats
    df: Floats


def runs(values: Floats) -> Runs:
    """Measure runs of identical consecutive answers (longstring).

    Parameters
    ----------
    values : answers in the order in which they were asked, shape (rows, items); NaN where missing, which ends a run

    References
    ----------
    Johnson (2005), Journal of Research in Personality 39(1), 103-129.
    """
    answered = np.isfinite(values)
    begins = answered.copy()
    begins[:, 1:] &= values[:, 1:] != values[:, :-1]
    run, longest = np.zeros(len(values)), np.zeros(len(values))
    for item in range(values.shape[1]):
        run = np.where(answered[:, item], np.where(begins[:, item], 1.0, run + 1), 0.0)
        longest = np.maximum(longest, run)
    count = answered.sum(axis=1).astype(float)
    return Runs(np.where(count > 0, longest, np.nan), ratio(count, begins.sum(axis=1).astype(float)))


def variability(values: Floats) -> Floats:
    """Return the standard deviation of each questionnaire's answers (intra-individual response variability), ddof = 1.

    Only answers that were given count; with fewer than two it is NaN.

    References
    ----------
    Dunn, Heggestad, Shanock & Theilgard (2018), Journal of Business and Psychology 33(1), 105-121.
    """
    answered = np.isfinite(values)
    count = answered.sum(axis=1).astype(float)
    filled = np.where(answered, values, 0.0)
    mean = ratio(filled.sum(axis=1), count)
    squares = np.where(answered, (filled - mean[:, None]) ** 2, 0.0).sum(axis=1)
    alike = np.where(answered, values, -np.inf).max(axis=1, initial=-np.inf) == np.where(answered, values, np.inf).min(
        axis=1, initial=np.inf
    )
    return np.where(count > 1, np.where(alike, 0.0, np.sqrt(ratio(squares, count - 1))), np.nan)


def even_odd(values: Floats, scale: Codes) -> Floats:
    """Correlate the two halves of each questionnaire's scales: its first, third ... items with its second, fourth ...

    A careful respondent who rates one half of a scale high rates the other half high. The correlation is over scales,
    corrected to full length (Spearman-Brown), and no less than -1: high is consistent. R's careless gives minus this
    since version 1.2.1.

    Parameters
    ----------
    values : answers, shape (rows, items), NaN where missing
    scale : the scale of each item, codes from 0

    Returns
    -------
    One entry a row; NaN with fewer than four scales that have both halves, or where one half never varies.

    References
    ----------
    Johnson (2005), Journal of Research in Personality 39(1), 103-129.
    """
    scales = int(scale.max(initial=-1)) + 1
    halves = np.full((2, len(values), scales), np.nan)
    for code in range(scales):
        columns = np.flatnonzero(scale == code)
        for half in range(2):
            halves[half, :, code] = _row_means(values[:, columns[half::2]])
    known = np.isfinite(halves).all(axis=0)
    r = _row_correlations(halves[0], halves[1], known)
    with np.errstate(divide="ignore", invalid="ignore"):
        corrected = np.maximum(np.where(r > -1, 2 * r / (1 + r), -1.0), -1.0)
    return np.where((known.sum(axis=1) >= LEAST_SCALES) & np.isfinite(r), corrected, np.nan)


def synonyms(values: Floats, *, above: float = SYNONYM_ABOVE) -> Floats:
    """Correlate each questionnaire's answers to pairs of questions that nearly all answer alike (psychometric synonyms).

    Parameters
    ----------
    values : answers, shape (rows, items), NaN where missing
    above : pairs of items whose correlation over all rows exceeds this are synonyms

    Returns
    -------
    One entry a row, over the pairs of which it answered both; NaN with fewer than three, or where one side never varies.
    What is NaN stays so: nothing is drawn in its place.

    References
    ----------
    Meade & Craig (2012), Psychological Methods 17(3), 437-455.
    """
    pair, known = synonym_pairs(values, above=above).astype(float), np.isfinite(values)
    # Sums over pairs of (first, second) are quadratic forms of the answers, which are centred first.
    x, m = np.where(known, values - _row_means(values)[:, None], 0.0), known.astype(float)
    second, there = x @ pair.T, m @ pair.T
    first = (x * there).sum(axis=1)
    first_squares, cross = (x**2 * there).sum(axis=1), (x * second).sum(axis=1)
    other, other_squares = (m * second).sum(axis=1), (m * (x**2 @ pair.T)).sum(axis=1)
    count = (m * there).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        a, b = first_squares - first**2 / count, other_squares - other**2 / count
        varied = (a > FLAT * first_squares) & (b > FLAT * other_squares)
        r = (cross - first * other / count) / np.sqrt(a * b)
    return np.where((count > 2) & varied, np.clip(r, -1, 1), np.nan)


def synonym_pairs(values: Floats, *, above: float = SYNONYM_ABOVE) -> NDArray[np.bool_]:
    """Say which pairs of items are synonyms: true above the diagonal where they correlate above `above`."""
    known = np.isfinite(values)
    m = known.astype(float)
    x = np.where(known, values - _column_means(values), 0.0)
    count, total, squares = m.T @ m, x.T @ m, (x**2).T @ m  # of the rows that both have: entry (i, j) is of item i
    with np.errstate(divide="ignore", invalid="ignore"):
        own = squares - total**2 / count
        r = (x.T @ x - total * total.T / count) / np.sqrt(own * own.T)
    return np.triu(r > above, 1)


def mahalanobis(values: Floats) -> Distances:
    """Return how far each questionnaire lies from the middle of all, along their own covariance.

    Over the answers that were given alone: a missing answer adds no distance and no degree of freedom. Without missing
    answers it is Mahalanobis' distance. An item that everybody answers alike is left out.

    Parameters
    ----------
    values : answers, shape (rows, items), NaN where missing

    Returns
    -------
    Distances; all NaN where the covariance, over pairwise complete rows, is singular or not positive definite.

    References
    ----------
    Mahalanobis (1936), Proceedings of the National Institute of Sciences of India 2(1), 49-55.
    """
    covariance = pairwise_covariance(values)
    varied = np.diag(covariance) > 0
    values, covariance = values[:, varied], covariance[np.ix_(varied, varied)]
    nothing = np.full(len(values), np.nan)
    if not covariance.size or not np.isfinite(covariance).all():
        return Distances(nothing, nothing)
    roots = np.linalg.eigvalsh(covariance)
    if not roots[0] > SINGULAR * roots[-1]:
        return Distances(nothing, nothing)
    known = np.isfinite(values)
    centred = np.where(known, values - _column_means(values), 0.0)
    squared = np.empty(len(values))
    whole = known.all(axis=1)
    squared[whole] = (centred[whole] * np.linalg.solve(covariance, centred[whole].T).T).sum(axis=1)
    rest, eye = np.flatnonzero(~whole), np.eye(len(covariance))
    for done in range(0, len(rest), ROWS):
        rows = rest[done : done + ROWS]
        both = known[rows, :, None] & known[rows, None, :]
        block = np.where(both, covariance, eye)  # what is missing stands apart, at distance 0
        squared[rows] = (centred[rows] * np.linalg.solve(block, centred[rows, :, None])[:, :, 0]).sum(axis=1)
    df = known.sum(axis=1).astype(float)
    return Distances(np.where(df > 0, squared, np.nan), np.where(df > 0, df, np.nan))


def copied(expectation: Floats, perception: Floats) -> NDArray[np.bool_]:
    """Say which questionnaires have the same rating in both batteries, item by item, wherever both were answered."""
    paired = np.isfinite(expectation) & np.isfinite(perception)
    return paired.any(axis=1) & ~(paired & (expectation != perception)).any(axis=1)


def pairwise_covariance(values: Floats) -> Floats:
    """Return the covariance of the columns, each pair over the rows that have both; NaN where fewer than two have."""
    known = np.isfinite(values)
    m = known.astype(float)
    x = np.where(known, values - _column_means(values), 0.0)
    count, total = m.T @ m, x.T @ m
    return np.where(count > 1, ratio(x.T @ x - ratio(total * total.T, count), count - 1), np.nan)


def _row_correlations(a: Floats, b: Floats, known: NDArray[np.bool_]) -> Floats:
    """Correlate `a` with `b` within each row, where `known`; NaN where one of them does not vary."""
    a, b = np.where(known, a, np.nan), np.where(known, b, np.nan)
    flat = (variability(a) == 0) | (variability(b) == 0)
    a, b = (np.where(known, side - _row_means(side)[:, None], 0.0) for side in (a, b))
    squares = (a**2).sum(axis=1) * (b**2).sum(axis=1)
    return np.where(flat, np.nan, np.clip(ratio((a * b).sum(axis=1), np.sqrt(squares)), -1, 1))


def _row_means(values: Floats) -> Floats:
    known = np.isfinite(values)
    return ratio(np.where(known, values, 0.0).sum(axis=1), known.sum(axis=1).astype(float))


def _column_means(values: Floats) -> Floats:
    return _row_means(values.T)
