"""The explained variance shared out as what each predictor adds, averaged over every order in which they can come in.

Lindeman, Merenda & Gold (1980), Introduction to Bivariate and Multivariate Analysis, Scott Foresman, 119-127; Groemping
(2006), Journal of Statistical Software 17(1) (as `lmg` of R's relaimpo). It is Shapley's value (1953) of R squared, and
exact here: every subset of the predictors is looked at once. A subset follows from a smaller one by one step of a
regression, and all subsets of the same first predictors take the step together.
"""

from __future__ import annotations

from math import comb

import numpy as np
from numpy.typing import NDArray

from cxgap.errors import ArgumentError
from cxgap.stats.means import Floats
from cxgap.stats.predictors import Shares, entangled, predictors, shared
from cxgap.stats.threads import one_thread

MOST = 25  # predictors; each one more doubles the subsets
_LAST = 12  # predictors whose subsets are looked at together, for a part of the subsets of those before
_LEAVES = 1 << 18  # subsets times matrices held at once, to stay in the cache


@one_thread
def lmg(matrix: Floats) -> Shares:
    """Share the explained variance of an outcome out among its predictors, for any number of matrices at once.

    Parameters
    ----------
    matrix : covariances or correlations of the predictors and, last, the outcome, shape (..., p + 1, p + 1), of at most
        25 predictors. Each matrix takes time and memory for 2^p subsets: some tenths of a second for 22 predictors

    Returns
    -------
    Shares; NaN with a reason where the outcome does not vary, a covariance is not known, or predictors are collinear. A
    predictor that does not vary has NaN, and the others are as if it were not there.

    Raises
    ------
    ArgumentError : `matrix` is not square, or holds no predictor or more than 25.
    """
    found = predictors(matrix)
    p = found.r.shape[-1]
    if p > MOST:
        raise ArgumentError(
            f"`matrix` must hold at most {MOST} predictors, whose every subset is looked at; it holds {p}. Take the scores of "
            "dimensions for those of items, or `relative_weights`, which has no such limit."
        )
    collinear = entangled(np.linalg.eigvalsh(found.r))
    r = np.where(collinear[:, None, None], np.eye(p), found.r)
    share = np.empty((len(r), p))
    some = max(1, _LEAVES >> p)
    for low in range(0, len(r), some):
        part = slice(low, low + some)
        share[part] = _shares(r[part], found.with_outcome[part])
    return shared(found, share, collinear, np.shape(matrix)[:-2])


@one_thread
def explained_by_subsets(matrix: Floats) -> Floats:
    """Return the share of an outcome's variance that every subset of its predictors explains.

    Parameters
    ----------
    matrix : as in `lmg`

    Returns
    -------
    Shape (..., 2^p); bit i of a subset's number says whether it holds predictor i. NaN where predictors are collinear, one of
    them or the outcome does not vary, or a covariance is not known.
    """
    found = predictors(matrix)
    many, p = found.with_outcome.shape
    lost = entangled(np.linalg.eigvalsh(found.r)) | (found.reason != "")
    r = np.where(lost[:, None, None], np.eye(p), found.r)
    whole = np.concatenate([np.concatenate([r, found.with_outcome[:, :, None]], 2), np.ones((many, 1, p + 1))], 1)
    one, other = np.triu_indices(p + 1)
    left = np.ascontiguousarray(whole[:, one, other].T)[:, None, :]
    for _ in range(p):
        left = _stepped(left)
    explained = np.where(lost[:, None], np.nan, 1 - left[0].T)
    return explained.reshape(*np.shape(matrix)[:-2], 1 << p)


def _shares(r: Floats, with_outcome: Floats) -> Floats:
    """Return the shares of some matrices, shape (matrices, p).

    A subset S of k predictors stands `before` each of its absent ones in k! (p - k - 1)! of the p! orders, and counts there
    against it, and `after` each of its own in (k - 1)! (p - k)!, and counts there for it.
    """
    many, p = with_outcome.shape
    before = np.array([1 / (p * comb(p - 1, k)) for k in range(p)] + [0.0])
    after = np.concatenate([[0.0], before[:-1]])
    whole = np.concatenate([np.concatenate([r, with_outcome[:, :, None]], 2), np.ones((many, 1, p + 1))], 1)
    one, other = np.triu_indices(p + 1)
    left = np.ascontiguousarray(whole[:, one, other].T)[:, None, :]  # triangle, subset, matrix
    first = max(p - _LAST, 0)
    for _ in range(first):
        left = _stepped(left)
    size = _sizes(p)
    subsets = left.shape[1]
    some = max(1, (_LEAVES // many) >> (p - first))
    share, against, of_first = np.zeros((many, p)), np.zeros(many), np.empty((subsets, many))
    for low in range(0, subsets, some):
        part = left[:, low : low + some]
        for _ in range(p - first):
            part = _stepped(part)
        here = min(some, subsets - low)
        sizes = (size[: 1 << (p - first), None] + size[None, low : low + here]).ravel()
        explained = 1 - part[0]  # (subsets of the last ones) x (these subsets of the first), matrix
        against += np.einsum("s,sn->n", before[sizes], explained)
        explained *= (before + after)[sizes][:, None]
        of_first[low : low + here] = _folded(explained, p - first, first, share)
    _folded(of_first, first, 0, share)
    return share - against[:, None]


def _stepped(left: Floats) -> Floats:
    """Take the next predictor out of the regression and into it: what is left of the covariances of all after it.

    Parameters
    ----------
    left : rows of the upper triangle, one after the other, shape (triangle, subsets, matrices)

    Returns
    -------
    Shape (triangle without its first row, 2 x subsets, matrices): those without the predictor, then those with it.
    """
    triangle, subsets, many = left.shape
    wide = round((np.sqrt(8 * triangle + 1) - 1) / 2)
    found = np.empty((triangle - wide, 2 * subsets, many))
    found[:, :subsets] = left[wide:]
    slope = left[1:wide] / left[0]
    place = 0
    for row in range(wide - 1):
        with_it = found[place : place + wide - 1 - row, subsets:]
        np.multiply(slope[row], left[1 + row : wide], out=with_it)
        np.subtract(left[wide + place : 2 * wide - 1 - row + place], with_it, out=with_it)
        place += wide - 1 - row
    return found


def _folded(values: Floats, bits: int, first: int, share: Floats) -> Floats:
    """Add to the share of each of `bits` predictors, from number `first`, the values of the subsets that hold it; fold them up.

    Returns
    -------
    The values of the subsets of the predictors before, shape (subsets / 2^bits, matrices).
    """
    for bit in reversed(range(bits)):
        half = len(values) // 2
        share[:, first + bit] += values[half:].sum(axis=0)
        values = values[:half] + values[half:]
    return values


def _sizes(p: int) -> NDArray[np.intp]:
    """Return how many predictors each subset of the first or of the last ones holds."""
    size = np.zeros(1 << max(min(p, _LAST), p - _LAST), np.intp)
    for bit in range(len(size).bit_length() - 1):
        size[1 << bit : 2 << bit] = size[: 1 << bit] + 1
    return size
