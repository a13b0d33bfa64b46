"""Least squares for an outcome and a few predictors, with three kinds of standard errors and the tests that go with them.

The columns are centred and scaled before a QR decomposition, so that nearly collinear columns cost as few digits as they
must: Golub (1965), Numerische Mathematik 7(3), 206-216.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cxgap.stats.means import ROUNDING, Codes, Design, Floats, strata_of, stratum_scale, sum_by
from cxgap.stats.weighting import coefficients

COLLINEAR = 1e-10  # of a scaled column's length: what is left of it beyond the columns before it, from which it adds nothing


class Fit(NamedTuple):
    """A fitted line; the constant comes first, so that arrays of terms have shape (columns + 1,).

    Attributes
    ----------
    coefficients : NaN where the columns are collinear or the rows too few
    covariance : of the coefficients: classical, until `hc3` or `linearised` has put another in its place
    df : degrees of freedom of `covariance`
    n : rows of positive weight
    r2, adj_r2, aic, bic : as R's lm gives them
    residuals : NaN where nothing was fitted, shape (rows,)
    condition : largest over smallest singular value of the scaled columns
    collinear : positions of columns that others make up
    x, weight, bread : what the other covariances need: columns with the constant, weights, inverse of the cross-products
    """

    coefficients: Floats
    covariance: Floats
    df: float
    n: int
    r2: float
    adj_r2: float
    aic: float
    bic: float
    residuals: Floats
    condition: float
    collinear: tuple[int, ...]
    x: Floats
    weight: Floats
    bread: Floats

    @property
    def std_error(self) -> Floats:
        """Standard errors of the coefficients."""
        return np.sqrt(np.maximum(np.diag(self.covariance), 0.0))

    @property
    def squares(self) -> float:
        """Weighted sum of squared residuals."""
        return float(np.sum(self.weight * self.residuals**2))


class FTest(NamedTuple):
    """An F test of several constraints at once."""

    f: float
    df1: float
    df2: float
    p_value: float


def least_squares(x: Floats, y: Floats, *, weight: Floats | None = None) -> Fit:
    """Fit `y` by a constant and the columns of `x`.

    Parameters
    ----------
    x : shape (rows, columns), without a constant; or (rows,) for a single column; finite
    y : shape (rows,), finite
    weight : non-negative, shape (rows,); a row of zero is left out; in the classical covariance a weight is the inverse
        of a variance, as in R's lm

    Returns
    -------
    Fit. Collinear columns, or fewer rows than coefficients, give NaN, and `collinear` names the columns.
    """
    y = np.asarray(y, np.float64)
    x = np.asarray(x, np.float64)
    x = x[:, None] if x.ndim == 1 else x
    whole = np.ones(len(y)) if weight is None else np.asarray(weight, np.float64)
    full = np.column_stack([np.ones(len(y)), x])
    used = whole > 0
    w, n, terms = whole[used], int(used.sum()), full.shape[1]
    if n < terms:
        return _unfitted(full, whole, n, ())
    mean, off = _centred(x[used], w)
    level, rest = _centred(y[used, None], w)
    length = np.sqrt(w @ off**2)
    flat = length <= ROUNDING * np.sqrt(w.sum()) * np.abs(x[used]).max(axis=0)
    root, length = np.sqrt(w)[:, None], np.where(flat, 1.0, length)
    q, r = np.linalg.qr(np.where(flat, 0.0, root * off / length))
    collinear = np.abs(np.diag(r)) <= COLLINEAR
    if collinear.any():
        return _unfitted(full, whole, n, tuple(map(int, np.flatnonzero(collinear))))

    scaled, target = root * off / length, (root * rest)[:, 0]
    slopes = np.linalg.solve(r, q.T @ target)
    slopes += np.linalg.solve(r, q.T @ (target - scaled @ slopes))  # one step of refinement
    residuals = np.zeros(len(y))
    residuals[used] = (target - scaled @ slopes) / root[:, 0]
    bread = _inverse(r, length, mean, float(w.sum()))
    beta = slopes / length
    squares, total, df = float(w @ residuals[used] ** 2), float(target @ target), n - terms
    settled = total > (ROUNDING * np.abs(y[used]).max()) ** 2 * w.sum()
    r2 = 1 - squares / total if settled else np.nan
    likelihood = 0.5 * (float(np.log(w).sum()) - n * (np.log(2 * np.pi) + 1 - np.log(n) + _log(squares)))
    return Fit(
        coefficients=np.concatenate([level - mean @ beta, beta]),
        covariance=bread * (squares / df if df else np.nan),
        df=float(df) if df else np.nan,
        n=n,
        r2=r2,
        adj_r2=1 - (1 - r2) * (n - 1) / df if df else np.nan,
        aic=float(2 * (terms + 1) - 2 * likelihood),
        bic=float(np.log(n) * (terms + 1) - 2 * likelihood),
        residuals=residuals,
        condition=float(np.linalg.cond(r)) if terms > 1 else 1.0,
        collinear=(),
        x=full,
        weight=whole,
        bread=bread,
    )


def hc3(fit: Fit) -> Fit:
    """Put the covariance in its place that holds where the spread of residuals differs between rows.

    References
    ----------
    MacKinnon & White (1985), Journal of Econometrics 29(3), 305-325; in R, sandwich::vcovHC(type = "HC3"). A row that
    nothing but itself determines (leverage 1) leaves it NaN.
    """
    leverage = fit.weight * np.einsum("ij,jk,ik->i", fit.x, fit.bread, fit.x)
    with np.errstate(divide="ignore", invalid="ignore"):
        pulled = np.where(leverage < 1 - 1e-10, fit.residuals / (1 - leverage), np.nan)
    score = (fit.weight * pulled)[:, None] * fit.x
    return fit._replace(covariance=fit.bread @ (score.T @ score) @ fit.bread)


def linearised(fit: Fit, respondent: Codes, design: Design) -> Fit:
    """Put the design-based covariance in its place; the fit must have been weighted with the design's weights.

    A domain: units of the sample without a row stay in the design with a total of zero. A stratum with a single unit is
    centred at the mean of all unit totals, which is zero.

    Parameters
    ----------
    fit : of the rows
    respondent : the respondent of each row, a position in the arrays of `design`
    design : the whole sample

    Returns
    -------
    Fit with `df` = units less strata that the rows meet, plus 1, less coefficients: n less coefficients where every
    respondent is a unit of one stratum.

    References
    ----------
    Binder (1983), International Statistical Review 51(3), 279-292; in R, survey::svyglm and its residual df.
    """
    value = fit.residuals[:, None] * fit.x @ fit.bread
    unit, stratum = design.psu[respondent], strata_of(design)
    units, strata = len(stratum), len(design.population)
    total = _totals(unit, units, fit.weight[:, None] * value)
    if design.calibration is not None:
        total -= _told_by_margins(value, respondent, units, design)
    size = sum_by(stratum, strata)
    centre = np.where(size[:, None] == 1, 0.0, _totals(stratum, strata, total) / np.maximum(size, 1)[:, None])
    apart = total - centre[stratum]
    covariance = (stratum_scale(design)[stratum, None] * apart).T @ apart
    met = np.unique(unit[fit.weight > 0])
    df = len(met) - len(np.unique(stratum[met])) + 1 - fit.x.shape[1]
    return fit._replace(covariance=covariance if df > 0 else covariance * np.nan, df=float(df) if df > 0 else np.nan)


def nested_test(small: Fit, large: Fit) -> FTest:
    """Test, of two fits of the same rows, whether the larger explains more than chance would; as R's anova(small, large)."""
    df1 = large.x.shape[1] - small.x.shape[1]
    with np.errstate(divide="ignore", invalid="ignore"):
        f = np.float64((small.squares - large.squares) / df1) / np.float64(large.squares / large.df)
    return _tested(float(f), df1, large.df)


def wald_test(fit: Fit, constraints: Floats) -> FTest:
    """Test that every row of `constraints` times the coefficients is 0, by the covariance that the fit has.

    References
    ----------
    Wald (1943), Transactions of the American Mathematical Society 54(3), 426-482; in R, survey::regTermTest.
    """
    constraints = np.atleast_2d(np.asarray(constraints, np.float64))
    left, spread = constraints @ fit.coefficients, constraints @ fit.covariance @ constraints.T
    rank = len(constraints)
    if not np.isfinite(spread).all() or np.linalg.matrix_rank(spread, hermitian=True) < rank:
        return FTest(np.nan, float(rank), fit.df, np.nan)
    return _tested(float(left @ np.linalg.solve(spread, left)) / rank, rank, fit.df)


def combined(fit: Fit, weights: Floats) -> tuple[Floats, Floats]:
    """Return sums of coefficients, one for each row of `weights`, and their standard errors."""
    weights = np.atleast_2d(np.asarray(weights, np.float64))
    spread = np.einsum("ij,jk,ik->i", weights, fit.covariance, weights)
    return weights @ fit.coefficients, np.sqrt(np.maximum(spread, 0.0))


def _tested(f: float, df1: float, df2: float) -> FTest:
    from scipy.special import fdtrc

    known = np.isfinite(f) and np.isfinite(df2)
    return FTest(f, float(df1), df2, float(fdtrc(df1, df2, max(f, 0.0))) if known else np.nan)


def _centred(values: Floats, weight: Floats) -> tuple[Floats, Floats]:
    """Return the means and what is off them; a second round takes away what rounding left of them."""
    mean = weight @ values / weight.sum()
    off = values - mean
    left = weight @ off / weight.sum()
    return mean + left, off - left


def _totals(place: Codes, places: int, columns: Floats) -> Floats:
    return np.column_stack([sum_by(place, places, column) for column in columns.T])


def _told_by_margins(value: Floats, respondent: Codes, units: int, design: Design) -> Floats:
    """Return what the margins that weights were raked to tell of each unit's total."""
    assert design.calibration is not None
    rows, terms = value.shape
    term = np.tile(np.arange(terms), rows)
    told = coefficients(design.calibration, np.repeat(respondent, terms), term, terms, value.ravel())
    return _totals(design.psu, units, design.weight[:, None] * design.calibration.margins) @ told


def _inverse(r: Floats, length: Floats, mean: Floats, total: float) -> Floats:
    """Return the inverse of the cross-products of the constant and the columns as they were."""
    half = np.linalg.solve(r, np.eye(len(r))) / length[:, None]
    inner = half @ half.T
    shift = -mean @ inner
    return np.block([[np.array([[1 / total - shift @ mean]]), shift[None, :]], [shift[:, None], inner]])


def _log(value: float) -> float:
    return float(np.log(value)) if value > 0 else -np.inf


def _unfitted(x: Floats, weight: Floats, n: int, collinear: tuple[int, ...]) -> Fit:
    terms, nan = x.shape[1], np.nan
    blank = np.full((terms, terms), nan)
    return Fit(np.full(terms, nan), blank, nan, n, nan, nan, nan, nan, np.full(len(x), nan), nan, collinear, x, weight, blank)
