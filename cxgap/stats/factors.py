"""Whether items can be told apart into factors, and how many: KMO, Bartlett's test, parallel analysis, MAP."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cxgap.errors import ArgumentError
from cxgap.stats.bootstrap import keyed
from cxgap.stats.covariance import correlations
from cxgap.stats.extraction import LOWEST
from cxgap.stats.means import Floats
from cxgap.stats.onefactor import one_factor
from cxgap.stats.threads import one_thread

KINDS = ("components", "factors")
PERMUTATIONS = 200
QUANTILE = 0.95


class Adequacy(NamedTuple):
    """The Kaiser-Meyer-Olkin measure of sampling adequacy: of all items, and of each, shape (items,)."""

    overall: float
    item: Floats


class Sphericity(NamedTuple):
    """Bartlett's test that no items correlate."""

    chi2: float
    df: float
    p_value: float


class Parallel(NamedTuple):
    """Eigenvalues in falling order, those that chance alone reaches, and how many lead it; arrays of shape (items,)."""

    eigenvalue: Floats
    reference: Floats
    retained: int


def kmo(r: Floats) -> Adequacy:
    """Measure how much of the correlations is common to several items rather than to two alone; near 1 is good.

    Parameters
    ----------
    r : correlations, shape (items, items); where they are singular the result is NaN

    References
    ----------
    Kaiser (1974), Psychometrika 39(1), 31-36.
    """
    if not _regular(r):
        return Adequacy(np.nan, np.full(len(r), np.nan))
    inverse = np.linalg.inv(r)
    scale = np.sqrt(np.diag(inverse))
    off = ~np.eye(len(r), dtype=bool)
    plain, partial = np.where(off, r, 0) ** 2, np.where(off, inverse / scale[:, None] / scale, 0) ** 2
    item = plain.sum(axis=0) / (plain.sum(axis=0) + partial.sum(axis=0))
    return Adequacy(float(plain.sum() / (plain.sum() + partial.sum())), item)


def bartlett(r: Floats, n: float) -> Sphericity:
    """Test that the items are uncorrelated; a singular matrix has NaN.

    Parameters
    ----------
    r, n : correlations of items, and how many respondents are behind them

    References
    ----------
    Bartlett (1950), British Journal of Statistical Psychology 3(2), 77-85.
    """
    from scipy.special import chdtrc

    items = len(r)
    df = items * (items - 1) / 2
    if not _regular(r):
        return Sphericity(np.nan, df, np.nan)
    chi2 = -(n - 1 - (2 * items + 5) / 6) * float(np.linalg.slogdet(r)[1])
    return Sphericity(chi2, df, float(chdtrc(df, chi2)))


def eigenvalues(r: Floats, *, of: str = "components") -> Floats:
    """Return eigenvalues in falling order, shape (..., items).

    Parameters
    ----------
    r : correlations, shape (..., items, items)
    of : "components" (of the correlations), or "factors" (with what one common factor explains of each item in the
        place of its 1)
    """
    if of not in KINDS:
        raise ArgumentError.choice("of", of, KINDS)
    if of == "factors":
        inside = np.arange(r.shape[-1])
        r = r.copy()
        r[..., inside, inside] = np.minimum(np.nan_to_num(one_factor(r, rough=True) ** 2), 1 - LOWEST)
    return np.asarray(np.linalg.eigvalsh(r)[..., ::-1], np.float64)


@one_thread
def parallel_analysis(
    x: Floats,
    weight: Floats | None = None,
    *,
    of: str = "components",
    permutations: int = PERMUTATIONS,
    quantile: float = QUANTILE,
    seed: int = 0,
) -> Parallel:
    """Count the leading eigenvalues above those of the same answers shuffled, item by item.

    Shuffling keeps how often each answer was given, so that a scale of seven points is compared with one.

    Parameters
    ----------
    x : answers, shape (rows, items), finite, each item with some variance
    weight : of each row; by default all alike
    of : as in `eigenvalues`
    permutations, quantile : how many times, and which quantile of their eigenvalues is the reference
    seed : key of a counter-based generator; the result does not depend on the order of rows

    References
    ----------
    Horn (1965), Psychometrika 30(2), 179-185.
    Buja & Eyuboglu (1992), Multivariate Behavioral Research 27(4), 509-540 (permutations).
    Glorfeld (1995), Educational and Psychological Measurement 55(3), 377-393 (the 95th percentile).
    """
    weight = np.ones(len(x)) if weight is None else np.asarray(weight, float)
    found = eigenvalues(_correlated(x, weight), of=of)
    generator = keyed(f"parallel {of}", seed)
    ordered, places = np.sort(x, axis=0), np.sort(weight)
    shuffled = np.stack([_correlated(generator.permuted(ordered, axis=0), places) for _ in range(permutations)])
    reference = np.quantile(eigenvalues(shuffled, of=of), quantile, axis=0)
    above = found > reference
    return Parallel(found, reference, len(above) if above.all() else int(np.argmin(above)))


def minimum_partial(r: Floats, most: int | None = None) -> Floats:
    """Return the mean squared partial correlation after taking out 1, 2, ... components; the smallest says how many (MAP).

    Parameters
    ----------
    r : correlations, shape (items, items)
    most : components to try; by default one fewer than items

    References
    ----------
    Velicer (1976), Psychometrika 41(3), 321-327.
    """
    items = len(r)
    value, vector = np.linalg.eigh(r)
    loading = (vector * np.sqrt(np.maximum(value, 0)))[:, ::-1]
    found = np.full(min(most or items - 1, items - 1), np.nan)
    for taken in range(1, len(found) + 1):
        rest = r - loading[:, :taken] @ loading[:, :taken].T
        own = np.diag(rest)
        if (own <= 1e-12).any():
            break
        partial = rest / np.sqrt(own[:, None] * own)
        found[taken - 1] = ((partial**2).sum() - items) / (items * (items - 1))
    return found


def _correlated(x: Floats, weight: Floats) -> Floats:
    share = weight / weight.sum()
    off = x - share @ x
    return correlations((off * share[:, None]).T @ off)


def _regular(r: Floats) -> bool:
    return bool(np.isfinite(r).all()) and np.linalg.matrix_rank(r) == len(r)
