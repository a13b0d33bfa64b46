"""Relative weights: the explained variance shared out by way of the uncorrelated columns that are nearest to the predictors.

Johnson (2000), Multivariate Behavioral Research 35(1), 1-19. They are not negative, sum to R squared, and are near the
shares of `lmg`; with two predictors they are the same.
"""

from __future__ import annotations

import numpy as np

from cxgap.stats.means import Floats
from cxgap.stats.predictors import Shares, entangled, predictors, shared
from cxgap.stats.threads import one_thread


@one_thread
def relative_weights(matrix: Floats) -> Shares:
    """Share the explained variance of an outcome out among its predictors, for any number of matrices at once.

    Parameters
    ----------
    matrix : covariances or correlations of the predictors and, last, the outcome, shape (..., p + 1, p + 1)

    Returns
    -------
    Shares; NaN with a reason where the outcome does not vary, a covariance is not known, or predictors are collinear. A
    predictor that does not vary has NaN, and the others are as if it were not there.

    Raises
    ------
    ArgumentError : `matrix` is not square, or holds no predictor.
    """
    found = predictors(matrix)
    value, vector = np.linalg.eigh(found.r)
    collinear = entangled(value)
    root = np.sqrt(np.where(collinear[:, None], 1.0, value))
    turned = np.swapaxes(vector, -1, -2)
    nearest = (vector * root[:, None, :]) @ turned  # correlations of the predictors with the uncorrelated columns
    slope = (vector / root[:, None, :]) @ (turned @ found.with_outcome[..., None])
    return shared(found, ((nearest**2) @ (slope**2))[..., 0], collinear, np.shape(matrix)[:-2])
