"""What kind of requirement a feature is: what people say of having it and of not having it, put together.

Kano, Seraku, Takahashi & Tsuji (1984), Hinshitsu 14(2), 39-48; the table of evaluation, and how far a feature pleases and
its lack displeases, are those of Berger et al. (1993), Center for Quality Management Journal 2(4), 3-36.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from cxgap.stats.bootstrap import Source, replicate_weights
from cxgap.stats.means import Codes, Floats, ratio

ANSWERS: Final = ("like", "must-be", "neutral", "live-with", "dislike")
CATEGORIES: Final = ("A", "O", "M", "I", "R", "Q")  # attractive, one-dimensional, must-be, indifferent, reverse, questionable
A, O, M, I, R, Q = range(6)  # noqa: E741

# Rows: what is said of having the feature; columns: of not having it.
EVALUATION: Final = np.array([[Q, A, A, A, O], [R, I, I, I, M], [R, I, I, I, M], [R, I, I, I, M], [R, R, R, R, Q]])
_FIRST = np.array([M, O, A, I, R, Q])  # of categories that are as frequent: what hurts most to overlook comes first
FONG_Z: Final = 1.65
_EXACT = 12  # digits of a share, beyond which two are a tie


class Leading(NamedTuple):
    """The two most frequent categories of each cell, and whether they are told apart; each array has shape (cells,).

    Attributes
    ----------
    category, second : positions in CATEGORIES; of a tie M comes before O, A, I, R and Q
    strength : share of the first less that of the second
    total : share of the three that ask for the feature: A, O and M
    difference, threshold : by how many answers the two differ, and by how many they would have to
    """

    category: Codes
    second: Codes
    strength: Floats
    total: Floats
    difference: Floats
    threshold: Floats


def evaluated(functional: Codes, dysfunctional: Codes) -> Codes:
    """Return the category of each pair of answers, a position in CATEGORIES; answers are positions in ANSWERS."""
    return np.asarray(EVALUATION[functional, dysfunctional], np.int64)


def leading(share: Floats, n: Floats) -> Leading:
    """Rank the categories of each cell by frequency, and compare the first two.

    Parameters
    ----------
    share : of each category, shape (cells, 6); NaN without answers
    n : answers, or how many equally weighted ones tell as much, shape (cells,)

    References
    ----------
    Fong (1996), Center for Quality Management Journal 5(3), 21-24: two frequencies a and b of n answers differ where
    |a - b| > 1.65 sqrt((a + b) (2n - a - b) / (2n)).
    """
    known = np.asarray(np.isfinite(share).all(axis=1))
    rounded = np.where(known[:, None], np.round(share, _EXACT), 0.0)
    order = _FIRST[np.argsort(-rounded[:, _FIRST], axis=1, kind="stable")]
    row = np.arange(len(share))
    first, second = order[:, 0], order[:, 1]
    a, b = share[row, first] * n, share[row, second] * n
    with np.errstate(divide="ignore", invalid="ignore"):
        threshold = FONG_Z * np.sqrt((a + b) * (2 * n - a - b) / (2 * n))
    total = share[:, A] + share[:, O] + share[:, M]
    return Leading(first, second, share[row, first] - share[row, second], total, a - b, threshold)


def better_and_worse(share: Floats) -> tuple[Floats, Floats]:
    """Return how far having each feature pleases (0 to 1) and its lack displeases (-1 to 0), of shares (..., 6)."""
    asked = share[..., A] + share[..., O] + share[..., M] + share[..., I]
    return ratio(share[..., A] + share[..., O], asked), -ratio(share[..., O] + share[..., M], asked)


def chance_of_leading(
    category: Codes, cell: Codes, unit: Codes, weight: Floats, cells: int, source: Source, *, replicates: int, seed: int
) -> Floats:
    """Return in what share of samples drawn again each category is the most frequent, shape (cells, 6).

    Parameters
    ----------
    category, cell, unit, weight : of each answer; `unit` is a position in `source.stratum`
    cells : number of cells
    source, replicates, seed : of the bootstrap

    Returns
    -------
    Rows sum to 1; of categories that lead together each has its part. NaN for a cell without answers.
    """
    from scipy.sparse import csr_array

    wide = len(CATEGORIES)
    place = (cell * wide + category, unit)
    totals = csr_array((weight, place), shape=(cells * wide, len(source.stratum)))
    won = np.zeros((cells, wide))
    for weights in replicate_weights(source, replicates, seed=seed):
        drawn = (totals @ weights.T).T.reshape(len(weights), cells, wide)
        whole = drawn.sum(axis=2, keepdims=True)
        share = np.round(np.divide(drawn, whole, out=np.zeros_like(drawn), where=whole > 0), _EXACT)
        top = (share == share.max(axis=2, keepdims=True)) & (whole > 0)
        won += (top / np.maximum(top.sum(axis=2, keepdims=True), 1)).sum(axis=0)
    return won / np.where(won.sum(axis=1, keepdims=True) > 0, won.sum(axis=1, keepdims=True), np.nan)
