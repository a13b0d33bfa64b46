"""Small cells borrow strength: empirical Bayes estimates of many cells at once.

Fay & Herriot (1979), Journal of the American Statistical Association 74(366), 269-277; Morris (1983), the same 78(381), 47-55;
Efron & Morris (1975), the same 70(350), 311-319.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cxgap.stats.means import Floats

FEWEST_CELLS = 4  # with fewer, how far cells differ cannot be told
FEW_CELLS = 15  # below, the uncertainty of the variance between cells is added
NOISY, SETTLED = 10.0, 30.0  # effective respondents up to which a cell's own variance is noise, and from which it stands
METHODS = ("PM", "REML", "DL")
_STEPS, _NEAR = 200, 1e-12


class Shrunk(NamedTuple):
    """Estimates of cells that took account of all others.

    Attributes
    ----------
    estimate, std_error : of the true value of each cell, shape (cells,)
    shrinkage : how far each went from its own estimate to that of the regression, 0 to 1, shape (cells,)
    tau2 : variance of the true values about the regression
    tau2_variance : its sampling variance, for large numbers of cells
    coefficients, coefficients_cov : of the regression, shapes (p,) and (p, p)
    """

    estimate: Floats
    std_error: Floats
    shrinkage: Floats
    tau2: float
    tau2_variance: float
    coefficients: Floats
    coefficients_cov: Floats


def shrink(y: Floats, variance: Floats, x: Floats | None = None, *, method: str = "PM", prasad_rao: bool = False) -> Shrunk:
    """Estimate the true values of cells from their own estimates and from what all have in common.

    Parameters
    ----------
    y : estimates, shape (cells,); NaN where nobody answered: such a cell has the regression's value
    variance : their sampling variances, shape (cells,), above 0 where `y` is known
    x : what is known of each cell, shape (cells, p), with a column of ones; only that if not given
    method : of the variance between cells: "PM" (Paule & Mandel), "REML" or "DL" (DerSimonian & Laird)
    prasad_rao : whether the variance takes account of that variance being an estimate, as it should of few cells; the term
        never makes a cell less sure than it was on its own

    Returns
    -------
    Shrunk; all NaN where fewer than FEWEST_CELLS have an estimate, or no three more than the regression has coefficients.

    References
    ----------
    Paule & Mandel (1982), Journal of Research of the National Bureau of Standards 87(5), 377-385.
    DerSimonian & Laird (1986), Controlled Clinical Trials 7(3), 177-188.
    Prasad & Rao (1990), Journal of the American Statistical Association 85(409), 163-171.
    """
    x = np.ones((len(y), 1)) if x is None else np.asarray(x, float)
    known = np.isfinite(y) & (variance > 0)
    p = _rank(x[known])
    blank = np.full(len(y), np.nan)
    if known.sum() < FEWEST_CELLS or known.sum() - p < FEWEST_CELLS - 1:
        nothing = np.full(x.shape[1], np.nan)
        return Shrunk(blank, blank, blank, np.nan, np.nan, nothing, np.full((x.shape[1],) * 2, np.nan))
    tau2, tau2_variance = between(y[known], variance[known], x[known], method=method)
    beta, beta_cov = _regression(y[known], 1 / (variance[known] + tau2), x[known], p == x.shape[1])

    synthetic = x @ beta
    of_regression = ((x @ beta_cov) * x).sum(axis=1)
    own = np.where(known, variance, 1.0)
    share = np.where(known, own / (own + tau2), 1.0)
    estimate = (1 - share) * np.where(known, y, 0.0) + share * synthetic
    squares = share * tau2 + share**2 * of_regression  # the first is (1 - share) x variance, and tau2 where nobody answered
    if prasad_rao:
        further = squares + np.where(known, 2 * share**2 * tau2_variance / (own + tau2), 0.0)
        squares = np.where(known, np.maximum(squares, np.minimum(further, own)), squares)
    return Shrunk(estimate, np.sqrt(squares), share, tau2, tau2_variance, beta, beta_cov)


def between(y: Floats, variance: Floats, x: Floats, *, method: str = "PM") -> tuple[float, float]:
    """Estimate the variance of the true values about the regression, and the sampling variance of this estimate.

    Parameters
    ----------
    y, variance, x : as in `shrink`, all known
    method : as in `shrink`

    Returns
    -------
    tau2 : at least 0
    variance : by the moments of a normal model at that value: for "PM" Morris (1983), for "REML" the inverse of Fisher's
        information, for "DL" that of a quadratic form
    """
    if method == "REML":
        return _likeliest(y, variance, x)
    if method == "DL":
        return _moment(y, variance, x)
    k, p = len(y), _rank(x)
    tau2 = 0.0
    for _ in range(_STEPS):
        weight = 1 / (variance + tau2)
        beta, _cov = _regression(y, weight, x, p == x.shape[1])
        squares = weight * (y - x @ beta) ** 2
        over = squares.sum() - (k - p)
        if over <= _NEAR * k:  # falls and is convex: steps from below never go too far
            break
        tau2 += over / (weight * squares).sum()
    weight = 1 / (variance + tau2)
    return float(tau2), float(2 * k**2 / ((k - p) * weight.sum() ** 2))


def james_stein(y: Floats, variance: float) -> tuple[float, Floats]:
    """Pull estimates of equal variance towards their mean.

    Returns
    -------
    factor : what is left of each distance from the mean, at least 0
    estimate : shape (cells,)

    References
    ----------
    Efron & Morris (1975), Journal of the American Statistical Association 70(350), 311-319.
    """
    centre = y.mean()
    squares = float(((y - centre) ** 2).sum())
    factor = max(0.0, 1 - (len(y) - 3) * variance / squares) if squares > 0 else 0.0
    return factor, centre + factor * (y - centre)


def smooth_variances(variance: Floats, n: Floats, n_eff: Floats) -> Floats:
    """Return sampling variances that small cells can be weighed by: those of few respondents are noise themselves.

    Up to NOISY effective respondents a cell has the variance of the table, the pooled variance of a respondent (weights and
    clusters included) over its `n`; from SETTLED on its own; between them a blend of the two on the log scale. A cell whose
    respondents are all alike, or one, has that of the table.

    Parameters
    ----------
    variance : of each cell's mean, shape (cells,); NaN where it is not known
    n, n_eff : respondents, and the effective number of them, shape (cells,)

    Returns
    -------
    shape (cells,); NaN where nobody answered, or where no cell has a variance above 0.
    """
    known = np.isfinite(variance) & (n > 1)
    freedom = np.where(known, n - 1, 0.0)
    total = freedom.sum()
    of_one = (freedom * n * np.where(known, variance, 0.0)).sum() / total if total else 0.0
    with np.errstate(divide="ignore", invalid="ignore"):
        of_table = np.where((n > 0) & (of_one > 0), of_one / n, np.nan)
        own = np.where(known & (variance > 0), np.clip((n_eff - NOISY) / (SETTLED - NOISY), 0, 1), 0.0)
        blend = np.exp(own * np.log(np.where(own > 0, variance, 1.0)) + (1 - own) * np.log(of_table))
    return np.where(own == 1, variance, np.where(own == 0, of_table, blend))


def _rank(x: Floats) -> int:
    return int(np.linalg.matrix_rank(x.T @ x, hermitian=True)) if len(x) else 0


def _regression(y: Floats, weight: Floats, x: Floats, independent: bool) -> tuple[Floats, Floats]:
    """Return the coefficients of weighted least squares, and their covariance where the weights are inverse variances."""
    information = (x * weight[:, None]).T @ x
    inverse = np.linalg.inv(information) if independent else np.linalg.pinv(information, hermitian=True)
    cov = inverse.astype(np.float64)
    return cov @ (x.T @ (weight * y)), cov


def _projection(weight: Floats, x: Floats) -> Floats:
    """Return the matrix that turns estimates into weighted residuals of the regression, shape (cells, cells)."""
    cov = np.linalg.pinv((x * weight[:, None]).T @ x, hermitian=True)
    weighted = x * weight[:, None]
    return np.diag(weight) - weighted @ cov @ weighted.T


def _moment(y: Floats, variance: Floats, x: Floats) -> tuple[float, float]:
    p = _rank(x)
    left = _projection(1 / variance, x)
    trace = np.trace(left)
    tau2 = max(0.0, float((y @ left @ y - (len(y) - p)) / trace))
    spread = 2 * (len(y) - p) + 4 * tau2 * trace + 2 * tau2**2 * (left**2).sum()
    return tau2, float(spread / trace**2)


def _likeliest(y: Floats, variance: Floats, x: Floats) -> tuple[float, float]:
    """Maximise the restricted likelihood by Fisher scoring; a step that would leave zero behind is halved."""
    tau2 = _moment(y, variance, x)[0]
    for _ in range(_STEPS):
        left = _projection(1 / (variance + tau2), x)
        residual = left @ y
        step = float((residual @ residual - np.trace(left)) / (left**2).sum())
        if tau2 == 0 and step <= 0:
            break
        change = max(step, -tau2)
        tau2 += change
        if abs(change) <= _NEAR * max(tau2, float(variance.min())):
            break
    left = _projection(1 / (variance + tau2), x)
    return tau2, float(2 / (left**2).sum())
