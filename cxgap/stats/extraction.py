"""Several factors behind many items: extraction by least squares or maximum likelihood, and oblique rotation."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from cxgap.errors import ArgumentError
from cxgap.stats.means import Floats

LOWEST = 0.005  # uniqueness that no item may fall below, as in R's psych and factanal
METHODS = ("minres", "ml")


class Factors(NamedTuple):
    """Factors of a correlation matrix.

    Attributes
    ----------
    loading : shape (items, factors), the factors in falling order of what they explain
    uniqueness : shape (items,)
    r : correlations of the factors, shape (factors, factors)
    settled : whether the search ended where nothing improves
    heywood : whether an item was held at the lowest uniqueness
    """

    loading: Floats
    uniqueness: Floats
    r: Floats
    settled: bool
    heywood: bool

    @property
    def communality(self) -> Floats:
        """Share of each item's variance that the factors explain; it does not depend on rotation."""
        return np.einsum("if,fg,ig->i", self.loading, self.r, self.loading)


def extract(r: Floats, factors: int, *, method: str = "minres", start: Floats | None = None) -> Factors:
    """Extract uncorrelated factors, before any rotation.

    Parameters
    ----------
    r : correlations, shape (items, items)
    factors : how many, at least 1 and fewer than items
    method : "minres" (least squared residual correlations) or "ml" (normal likelihood; needs r to be positive definite)
    start : uniquenesses to begin at, shape (items,)

    Raises
    ------
    ArgumentError : there are too many factors, or too few, or `method` is another.

    References
    ----------
    Harman & Jones (1966), Psychometrika 31(3), 351-368.
    Joreskog (1967), Psychometrika 32(4), 443-482.
    """
    from scipy.optimize import minimize

    if method not in METHODS:
        raise ArgumentError.choice("method", method, METHODS)
    if not 1 <= factors < len(r):
        raise ArgumentError(f"`factors` must be at least 1 and fewer than the {len(r)} items, not {factors!r}.")
    misfit: Callable[[Floats], tuple[float, Floats]]
    misfit = (
        (lambda unique: _least_squares(unique, r, factors)) if method == "minres" else lambda unique: _ml(unique, r, factors)
    )
    bounds = [(LOWEST, 1.0)] * len(r)
    guess = _unexplained(r) * (1.0 if method == "minres" else 1 - 0.5 * factors / len(r)) if start is None else start
    first = np.clip(guess, LOWEST, 1)
    search = {"maxiter": 5000, "maxfun": 50_000, "ftol": 1e-15, "gtol": 1e-9, "maxcor": 10}
    done = minimize(misfit, first, jac=True, method="L-BFGS-B", bounds=bounds, options=search)
    loading = _loadings(done.x, r, factors) if method == "minres" else _ml_loadings(done.x, r, factors)
    loading = loading * np.where(loading.sum(axis=0) < 0, -1.0, 1.0)
    stuck = bool((done.x <= LOWEST * (1 + 1e-6)).any())
    unique = np.asarray(done.x, float)
    return Factors(loading, unique, np.eye(factors), _flat(misfit(unique)[1], unique), stuck)


def oblimin(found: Factors) -> Factors:
    """Rotate factors to simple structure and let them correlate (direct oblimin, gamma 0).

    Parameters
    ----------
    found : what `extract` returned; a single factor is left as it is

    References
    ----------
    Jennrich & Sampson (1966), Psychometrika 31(3), 313-323.
    Bernaards & Jennrich (2005), Educational and Psychological Measurement 65(5), 676-696.
    """
    if found.loading.shape[1] == 1:
        return found
    from statsmodels.multivariate.factor_rotation import rotate_factors

    loading, turn = (np.asarray(part, float) for part in rotate_factors(found.loading, "oblimin", 0, "oblique"))
    r = turn.T @ turn
    order = np.argsort(-np.diag(r @ loading.T @ loading), kind="stable")
    sign = np.where(loading.sum(axis=0) < 0, -1.0, 1.0)
    loading, r = (loading * sign)[:, order], (r * sign[:, None] * sign)[np.ix_(order, order)]
    return found._replace(loading=loading, r=r)


def likelihood_ratio(found: Factors, r: Floats, n: float) -> tuple[float, float, float]:
    """Test that the factors are enough: chi-squared with Bartlett's correction, its degrees of freedom, and p.

    Parameters
    ----------
    found : what `extract` returned with method "ml"
    r, n : the correlations and the respondents behind them

    References
    ----------
    Bartlett (1951), Biometrika 38(3-4), 337-344.
    """
    from scipy.special import chdtrc

    items, factors = found.loading.shape
    df = ((items - factors) ** 2 - items - factors) / 2
    chi2 = (n - 1 - (2 * items + 5) / 6 - 2 * factors / 3) * _ml(found.uniqueness, r, factors)[0]
    return float(chi2), float(df), float(chdtrc(df, chi2)) if df > 0 else np.nan


def _unexplained(r: Floats) -> Floats:
    """Return what the other items leave unexplained of each, a first guess at its uniqueness."""
    return 1 / np.diag(np.linalg.pinv(r, hermitian=True))


def _least_squares(unique: Floats, r: Floats, factors: int) -> tuple[float, Floats]:
    value, vector = np.linalg.eigh(r - np.diag(unique))
    left, other = value[:-factors], vector[:, :-factors]
    return float((left**2).sum()) / 2, -(other**2) @ left


def _loadings(unique: Floats, r: Floats, factors: int) -> Floats:
    value, vector = np.linalg.eigh(r - np.diag(unique))
    return (vector[:, -factors:] * np.sqrt(np.maximum(value[-factors:], 0)))[:, ::-1]


def _ml(unique: Floats, r: Floats, factors: int) -> tuple[float, Floats]:
    root = np.sqrt(unique)
    value = np.linalg.eigvalsh(r / root[:, None] / root)
    left = np.maximum(value[:-factors], 1e-300)
    loading = _ml_loadings(unique, r, factors)
    residual = np.einsum("if,if->i", loading, loading) + unique - np.diag(r)
    return float((left - np.log(left) - 1).sum()), residual / unique**2


def _ml_loadings(unique: Floats, r: Floats, factors: int) -> Floats:
    root = np.sqrt(unique)
    value, vector = np.linalg.eigh(r / root[:, None] / root)
    return (root[:, None] * vector[:, -factors:] * np.sqrt(np.maximum(value[-factors:] - 1, 0)))[:, ::-1]


def _flat(slope: Floats, unique: Floats) -> bool:
    """Whether nothing improves from here: no slope but against a bound."""
    held = ((unique <= LOWEST * (1 + 1e-6)) & (slope > 0)) | ((unique >= 1 - 1e-6) & (slope < 0))
    return bool(np.abs(np.where(held, 0, slope)).max() < 1e-4)
