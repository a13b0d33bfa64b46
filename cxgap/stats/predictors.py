"""What shares of an explained variance start from: the correlations of predictors with each other and with an outcome.

What cannot be shared out is said in words beside a NaN, so that one replicate or one cell does not stop the others.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cxgap.errors import ArgumentError
from cxgap.stats.covariance import correlations
from cxgap.stats.means import Floats

MOST_CONDITION = 1e10  # of the predictors' correlations; beyond it one of them is told by the others

UNKNOWN = "a covariance is not known"
STILL_OUTCOME = "the outcome does not vary"
STILL = "a predictor does not vary, and has no share"
COLLINEAR = "a predictor is told by the others to the last digit: leave one of them out, or merge them"


class Shares(NamedTuple):
    """How an explained variance is shared among predictors.

    Attributes
    ----------
    share : of each predictor, as a part of the outcome's variance, shape (..., predictors); they sum to `r_squared`
    r_squared : shape (...)
    reason : why there is a NaN, or "", shape (...)
    """

    share: Floats
    r_squared: Floats
    reason: NDArray[np.object_]

    @property
    def relative(self) -> Floats:
        """Shares of the explained variance, which sum to 1; NaN where nothing is explained."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(self.r_squared[..., None] > 0, self.share / self.r_squared[..., None], np.nan)


class Predictors(NamedTuple):
    """Correlations that can be computed with, and what was wrong with them.

    Attributes
    ----------
    r : among predictors, shape (matrices, p, p); that of one that does not vary is 0
    with_outcome : shape (matrices, p)
    still : whether a predictor does not vary, shape (matrices, p)
    reason : shape (matrices,)
    """

    r: Floats
    with_outcome: Floats
    still: NDArray[np.bool_]
    reason: NDArray[np.object_]


def predictors(matrix: Floats) -> Predictors:
    """Read covariances or correlations of predictors and, last, an outcome.

    Parameters
    ----------
    matrix : shape (..., p + 1, p + 1), symmetric

    Raises
    ------
    ArgumentError : `matrix` is not square, or holds no predictor.
    """
    matrix = np.asarray(matrix, float)
    if matrix.ndim < 2 or matrix.shape[-1] != matrix.shape[-2] or matrix.shape[-1] < 2:
        raise ArgumentError(
            "`matrix` must be square, with a row for each predictor and a last one for the outcome, two or more; "
            f"its shape is {matrix.shape}."
        )
    flat = matrix.reshape(-1, *matrix.shape[-2:])
    known = np.isfinite(flat).all(axis=(1, 2))
    varies = np.einsum("nii->ni", flat) > 0
    reason = np.full(len(flat), "", dtype=object)
    reason[~varies[:, :-1].all(axis=1)] = STILL
    reason[~varies[:, -1]] = STILL_OUTCOME
    reason[~known] = UNKNOWN
    r = correlations(flat)
    if not (known & varies.all(axis=1)).all():
        r[~(np.isfinite(r) & (known & varies[:, -1])[:, None, None])] = 0.0
    place = np.arange(r.shape[-1])
    r[:, place, place] = 1.0
    return Predictors(r[:, :-1, :-1], r[:, :-1, -1], ~varies[:, :-1], reason)


def entangled(eigenvalues: NDArray) -> NDArray[np.bool_]:
    """Say which correlations have a predictor that the others tell, from their eigenvalues in rising order, shape (..., p)."""
    return np.asarray(eigenvalues[..., 0] * MOST_CONDITION <= eigenvalues[..., -1])


def shared(found: Predictors, share: Floats, collinear: NDArray[np.bool_], shape: tuple[int, ...]) -> Shares:
    """Blank what cannot be shared out, and give the results the shape of the matrices, `shape`."""
    reason = found.reason.copy()
    reason[collinear & np.isin(reason, ["", STILL])] = COLLINEAR
    lost = ~np.isin(reason, ["", STILL])
    r_squared = np.where(lost, np.nan, share.sum(axis=-1))
    share = np.where(lost[:, None] | found.still, np.nan, share)
    return Shares(share.reshape(*shape, share.shape[-1]), r_squared.reshape(shape), reason.reshape(shape))
