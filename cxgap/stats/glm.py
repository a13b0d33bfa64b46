"""Generalised linear models of what customers did, fitted by weights and with errors that clusters do not deceive.

Every model gives the influence of each row on its coefficients, from which the covariance of any design follows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np

from cxgap.stats.means import Codes, Design, Floats, strata_of, stratum_scale, sum_by

ROUNDS, SETTLED = 60, 1e-10  # of Newton's method, and the largest step that still counts as one
FARTHEST, STEP = 30.0, 5.0  # of a linear predictor, and of one step of it


class Family(NamedTuple):
    """A link and a variance: the mean by the linear predictor, its slope, and the variance by the mean."""

    mean: Callable[[Floats], Floats]
    slope: Callable[[Floats], Floats]
    variance: Callable[[Floats], Floats]
    start: Callable[[Floats], Floats]


def _expit(eta: Floats) -> Floats:
    from scipy.special import expit

    return np.asarray(expit(eta))


def _cloglog(eta: Floats) -> Floats:
    return -np.expm1(-np.exp(eta))


def _binomial(mean: Floats) -> Floats:
    return np.maximum(mean * (1 - mean), 1e-300)


FAMILIES: Final = {
    "logistic": Family(
        _expit, lambda eta: _expit(eta) * _expit(-eta), _binomial, lambda mean: np.log(mean / (1 - mean))
    ),
    "cloglog": Family(
        _cloglog, lambda eta: np.exp(eta - np.exp(eta)), _binomial, lambda mean: np.log(-np.log1p(-mean))
    ),
    "log": Family(np.exp, np.exp, lambda mean: np.maximum(mean, 1e-300), np.log),
    "gamma": Family(np.exp, np.exp, lambda mean: np.maximum(mean**2, 1e-300), np.log),
    "linear": Family(lambda eta: eta, np.ones_like, np.ones_like, lambda mean: mean),
}  # fmt: skip


class Glm(NamedTuple):
    """A fitted model; the constant, if any, is a column like the others.

    Attributes
    ----------
    coefficients : shape (terms,); NaN where the model could not be fitted
    information : weighted Fisher information, shape (terms, terms)
    influence : of each row on the coefficients, its weight included, shape (rows, terms)
    fitted : mean of each row, shape (rows,)
    deviance : minus twice the log-likelihood beside that of a perfect fit; for "logistic" and "cloglog" alone, else NaN
    settled : whether Newton's method came to rest
    """

    coefficients: Floats
    information: Floats
    influence: Floats
    fitted: Floats
    deviance: float
    settled: bool

    @property
    def covariance(self) -> Floats:
        """Covariance of independent rows whose weights are counts and whose variance is the family's."""
        return _inverse(self.information)


def glm(
    x: Floats, y: Floats, *, family: str = "logistic", weight: Floats | None = None, offset: Floats | None = None,
    firth: bool = False, start: Floats | None = None, rounds: int = ROUNDS,
) -> Glm:  # fmt: skip
    """Fit a model by Newton's method with halved steps.

    Parameters
    ----------
    x : shape (rows, terms), with a column of 1 for a constant
    y : shape (rows,)
    family : "logistic", "cloglog", "log" (a mean that is exp(x b), whatever the variance), "gamma" or "linear"
    weight, offset : shape (rows,); 1 and 0 if left out
    firth : whether to penalise by Jeffreys' prior, which keeps a coefficient finite where a term parts those who left from
        those who stayed; "logistic" alone
    start : coefficients to begin at
    rounds : of Newton's method at most

    References
    ----------
    McCullagh & Nelder (1989), Generalized Linear Models. Firth (1993), Biometrika 80(1), 27-38; Heinze & Schemper (2002),
    Statistics in Medicine 21(16), 2409-2419. Santos Silva & Tenreyro (2006), Review of Economics and Statistics 88(4), 641-658.
    """
    rule = FAMILIES[family]
    weight = np.ones(len(y)) if weight is None else weight
    offset = np.zeros(len(y)) if offset is None else offset
    beta = _first(x, y, weight, offset, rule, family) if start is None else start.copy()
    settled, hat = False, np.zeros(len(y))
    for _ in range(rounds):
        score, information, hat = _score(x, y, weight, offset, beta, rule, firth=firth)
        step = _solve(information, score)
        if not np.isfinite(step).all():
            break
        largest = float(np.abs(x @ step).max(initial=0.0))
        if family != "linear":
            step = step * min(1.0, STEP / max(largest, 1e-300))
        beta = beta + step
        if largest <= SETTLED * (1 + float(np.abs(x @ beta).max(initial=0.0))):
            settled = True
            break
    eta = _bounded(x @ beta + offset, family)
    mean = rule.mean(eta)
    residual = weight * (y - mean) * rule.slope(eta) / rule.variance(mean)
    if firth:
        residual = residual + hat * (0.5 - mean)
    _, information, _ = _score(x, y, weight, offset, beta, rule, firth=False)
    influence = (residual[:, None] * x) @ _inverse(information)
    deviance = _deviance(y, mean, weight) if family in ("logistic", "cloglog") else np.nan
    return Glm(beta, information, influence, mean, deviance, settled and bool(np.isfinite(beta).all()))


def robust(influence: Floats, respondent: Codes, design: Design) -> tuple[Floats, float]:
    """Return the design-based covariance of coefficients from the influence of rows, and its degrees of freedom.

    Parameters
    ----------
    influence : with the row's weight in it, shape (rows, terms)
    respondent : of each row, a position in the arrays of `design`
    design : the whole sample; units without a row stay in it with a total of zero

    Returns
    -------
    Degrees of freedom are the sampling units that the rows meet, less their strata.

    References
    ----------
    Binder (1983), International Statistical Review 51(3), 279-292; in R, survey::svyglm. Lin & Wei (1989), Journal of the
    American Statistical Association 84(408), 1074-1078, for the Cox model.
    """
    unit, stratum = design.psu[respondent], strata_of(design)
    units, strata = len(stratum), len(design.population)
    total = np.column_stack([sum_by(unit, units, column) for column in influence.T])
    size = sum_by(stratum, strata)
    centre = np.column_stack([sum_by(stratum, strata, column) for column in total.T]) / np.maximum(size, 1)[:, None]
    apart = total - np.where(size[:, None] == 1, 0.0, centre)[stratum]
    covariance = (stratum_scale(design)[stratum, None] * apart).T @ apart
    met = np.unique(unit)
    df = float(len(met) - len(np.unique(stratum[met])))
    return (covariance, df) if df > 0 else (covariance * np.nan, np.nan)


def wald(coefficients: Floats, covariance: Floats, df: float, constraints: Floats) -> tuple[float, int, float]:
    """Test that every row of `constraints` times the coefficients is 0: F, its degrees of freedom above, and the p-value."""
    from scipy.special import fdtrc

    constraints = np.atleast_2d(constraints)
    left, spread = constraints @ coefficients, constraints @ covariance @ constraints.T
    rank = len(constraints)
    if not np.isfinite(spread).all() or np.linalg.matrix_rank(spread) < rank or not df >= rank:
        return np.nan, rank, np.nan
    f = float(left @ np.linalg.solve(spread, left)) / rank
    below = df - rank + 1  # as in Korn & Graubard (1990), The American Statistician 44(4), 270-276
    f *= below / df
    return f, rank, float(fdtrc(rank, below, f))


def _first(x: Floats, y: Floats, weight: Floats, offset: Floats, rule: Family, family: str) -> Floats:
    """Begin at the mean of all, as far as the columns can make it."""
    middle = float(weight @ y / weight.sum()) if weight.sum() > 0 else 0.0
    if family in ("logistic", "cloglog"):
        middle = min(max(middle, 1e-6), 1 - 1e-6)
    elif family in ("log", "gamma"):
        middle = max(middle, 1e-12) / float(weight @ np.exp(offset) / weight.sum())
    target = np.full(len(y), float(rule.start(np.array(middle))))
    return np.asarray(np.linalg.lstsq(x, target, rcond=None)[0], np.float64)


def _bounded(eta: Floats, family: str) -> Floats:
    if family == "linear":
        return eta
    return np.clip(eta, -FARTHEST, 3.5 if family == "cloglog" else FARTHEST)


def _score(
    x: Floats, y: Floats, weight: Floats, offset: Floats, beta: Floats, rule: Family, *, firth: bool
) -> tuple[Floats, Floats, Floats]:
    family = next(name for name, each in FAMILIES.items() if each is rule)
    eta = _bounded(x @ beta + offset, family)
    mean = rule.mean(eta)
    slope, variance = rule.slope(eta), rule.variance(mean)
    inner = weight * slope**2 / variance
    information = (inner[:, None] * x).T @ x
    residual = weight * (y - mean) * slope / variance
    hat = np.zeros(len(y))
    if firth:
        hat = inner * np.einsum("ij,jk,ik->i", x, _inverse(information), x)
        residual = residual + hat * (0.5 - mean)
    return x.T @ residual, information, hat


def _solve(matrix: Floats, right: Floats) -> Floats:
    if not np.isfinite(matrix).all():
        return np.full(len(right), np.nan)
    try:
        return np.asarray(np.linalg.solve(matrix, right), np.float64)
    except np.linalg.LinAlgError:  # columns that a part of the rows does not tell apart
        return np.asarray(np.linalg.lstsq(matrix, right, rcond=None)[0], np.float64)


def _inverse(matrix: Floats) -> Floats:
    if not np.isfinite(matrix).all() or np.linalg.cond(matrix) > 1e15:
        return np.full(matrix.shape, np.nan)
    return np.asarray(np.linalg.inv(matrix), np.float64)


def _deviance(y: Floats, mean: Floats, weight: Floats) -> float:
    from scipy.special import xlogy

    mean = np.clip(mean, 1e-15, 1 - 1e-15)
    return float(-2 * (weight * (xlogy(y, mean) + xlogy(1 - y, 1 - mean))).sum())
