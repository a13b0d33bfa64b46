"""The explained variance shared out among blocks of predictors: what each block adds, over every order of the blocks.

Shapley's value (1953) of R squared with blocks for players, as `lmg` is with single predictors: Groemping (2006), Journal of
Statistical Software 17(1) (the `groups` of R's relaimpo); Owen (1977), Lecture Notes in Economics and Mathematical Systems
141, 76-88. Predictors that belong together, such as the levels of one question or columns made of the same ratings, come in
at once, so that how many they are does not add to their share.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import comb
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cxgap.errors import ArgumentError
from cxgap.stats.means import Floats
from cxgap.stats.predictors import STILL, Shares, entangled, predictors, shared
from cxgap.stats.threads import one_thread

MOST = 15  # blocks; each one more doubles the subsets
_HELD = 1 << 21  # numbers held at once


class Explained(NamedTuple):
    """R squared of every set of blocks.

    Attributes
    ----------
    r_squared : shape (..., 2^blocks); the set with number s has block j where bit j of s is set, so that the first is of no
        block and the last of all
    reason : why there is a NaN, or "", shape (...)
    """

    r_squared: Floats
    reason: NDArray[np.object_]


def block_shares(matrix: Floats, blocks: Sequence[Sequence[int]]) -> Shares:
    """Share the explained variance of an outcome out among blocks of predictors, for any number of matrices at once.

    Parameters
    ----------
    matrix : covariances or correlations of the predictors and, last, the outcome, shape (..., p + 1, p + 1)
    blocks : the positions of each block's predictors; a predictor that is in none is left out of it all

    Returns
    -------
    Shares, shape (..., blocks), which sum to the R squared of all blocks. NaN with a reason where the outcome does not vary,
    a covariance is not known, or predictors are collinear; a block none of whose predictors varies has NaN, and the others are
    as if it were not there. Blocks of one predictor each have the shares of `lmg`.

    Raises
    ------
    ArgumentError : `matrix` is not square, or `blocks` are none or more than 15, are empty, share a predictor, or name one
        that is not there.
    """
    found = predictors(matrix)
    held = _checked(blocks, found.r.shape[-1])
    value, collinear = _explained(matrix, held)
    k = len(held)
    size = np.array([number.bit_count() for number in range(1 << k)])
    share = np.empty((len(value), k))
    for block in range(k):
        with_it = (np.arange(1 << k) >> block & 1).astype(bool)
        before = np.array([1 / (k * comb(k - 1, some)) for some in size[~with_it]])
        share[:, block] = (value[:, with_it] - value[:, ~with_it]) @ before
    still = np.column_stack([found.still[:, block].all(axis=1) for block in held])
    return shared(found._replace(still=still), share, collinear, np.shape(matrix)[:-2])


def explained_by(matrix: Floats, blocks: Sequence[Sequence[int]]) -> Explained:
    """Return how much of an outcome's variance each set of blocks explains.

    Parameters, errors and reasons as of `block_shares`; a block that does not vary explains nothing.
    """
    found = predictors(matrix)
    held = _checked(blocks, found.r.shape[-1])
    value, collinear = _explained(matrix, held)
    judged = shared(found, np.zeros_like(found.with_outcome), collinear, np.shape(matrix)[:-2])
    lost = ~np.isin(judged.reason, ["", STILL])
    value = value.reshape(*np.shape(matrix)[:-2], -1)
    return Explained(np.where(lost[..., None], np.nan, value), judged.reason)


@one_thread
def _explained(matrix: Floats, blocks: Sequence[NDArray[np.intp]]) -> tuple[Floats, NDArray[np.bool_]]:
    """Return R squared of every set, shape (matrices, 2^blocks), and which matrices are collinear.

    Each block steps out of what is left of the covariances, once with and once without what it tells of those after it.
    """
    found = predictors(matrix)
    order = np.concatenate(blocks)
    r = found.r[:, order[:, None], order]
    collinear = entangled(np.linalg.eigvalsh(r))
    r = np.where(collinear[:, None, None], np.eye(len(order)), r)
    tells = found.with_outcome[:, order]
    value = np.empty((len(r), 1 << len(blocks)))
    some = max(1, _HELD // ((len(order) + 1) ** 2 << len(blocks)))
    for low in range(0, len(r), some):
        part = slice(low, low + some)
        left = np.empty((1, len(r[part]), len(order) + 1, len(order) + 1))
        left[0, :, :-1, :-1], left[0, :, :-1, -1], left[0, :, -1, :-1] = r[part], tells[part], tells[part]
        left[0, :, -1, -1] = 1.0
        for block in blocks:
            b = len(block)
            rest, across = left[..., b:, b:], left[..., :b, b:]
            told = np.swapaxes(across, -1, -2) @ np.linalg.solve(left[..., :b, :b], across)
            left = np.concatenate([rest, rest - told])
        value[part] = 1 - left[..., 0, 0].T
    return value, collinear


def _checked(blocks: Sequence[Sequence[int]], p: int) -> list[NDArray[np.intp]]:
    """Return the positions of each block."""
    held = [np.asarray(block, np.intp).ravel() for block in blocks]
    if not 0 < len(held) <= MOST or not all(len(block) for block in held):
        raise ArgumentError(
            f"`blocks` must be 1 to {MOST} lists of positions, none of them empty; there are {len(held)}. Put predictors that "
            "belong together into one block."
        )
    named = np.concatenate(held)
    if len(np.unique(named)) < len(named) or named.min() < 0 or named.max() >= p:
        raise ArgumentError(
            f"`blocks` must name each of the predictors 0 to {p - 1} at most once, and no other; they name {named.tolist()}."
        )
    return held
