"""One factor behind several items: loadings by least squares for any number of batteries at once, and what follows from them.

Harman & Jones (1966), Psychometrika 31(3), 351-368 (minres); Harman & Fukuda (1966), Psychometrika 31(4), 563-571 (Heywood
cases). Loadings have shape (..., items), results (...).
"""

from __future__ import annotations

import numpy as np

from cxgap.stats.covariance import correlations
from cxgap.stats.means import Floats, ratio

FEWEST_ITEMS = 3  # with fewer, one factor is not identified
_SWEEPS, _CLOSE = 2000, 1e-10  # change of a loading in one sweep at which it is settled
_ROUGH_SWEEPS, _ROUGHLY = 200, 1e-5
_STEPS, _CLOSELY, _ASTRAY = 40, 1e-6, 4.0  # of replicates near a sample; a mean square of loadings beyond which they are not
LEAST_OWN = 0.005  # uniqueness that no item may fall below, as in `extraction`
_NEWTONS, _FAR = 12, 0.5
_SCORINGS, _HALVINGS, _LEVEL = 60, 12, 1e-10
FLATTEST = 1e-3  # curvature at a sample, below which its replicates are each fitted from the start


def one_factor(r: Floats, start: Floats | None = None, *, rough: bool = False) -> Floats:
    """Return the loadings of one factor that leave the least squared residual correlations (minres).

    One loading at a time is set to its best value given the others, until none moves.

    Parameters
    ----------
    r : correlations, shape (..., items, items)
    start : loadings to begin at, shape (items,); by default those of the first principal component
    rough : stop early, near enough for a replicate of a bootstrap, and wherever it stands after 200 sweeps

    Returns
    -------
    Loadings, mostly positive, on items of variance 1; NaN with fewer than three items, where a correlation is unknown, and
    where they do not settle. A loading beyond 1 is a Heywood case.
    """
    items = r.shape[-1]
    if items < FEWEST_ITEMS:
        return np.full(r.shape[:-1], np.nan)
    flat = r.reshape(-1, items, items)
    found = np.full((len(flat), items), np.nan)
    going = np.flatnonzero(np.isfinite(flat).all(axis=(1, 2)))
    if not len(going):
        return found.reshape(r.shape[:-1])
    r_left = np.ascontiguousarray((flat[going] - np.eye(items)).transpose(1, 2, 0))  # matrices last: sums over them are quick
    first = _first_component(flat[going]) if start is None else np.tile(start, (len(going), 1))
    loading = np.ascontiguousarray(first.T)
    close = _ROUGHLY if rough else _CLOSE
    for _ in range(_ROUGH_SWEEPS if rough else _SWEEPS):
        before = loading.copy()
        square = (loading**2).sum(axis=0)
        for item in range(items):
            others = square - loading[item] ** 2
            others[others <= 0] = np.nan
            loading[item] = np.einsum("in,in->n", r_left[item], loading) / others
            square = others + loading[item] ** 2
        moving = ~(np.abs(loading - before).max(axis=0) <= close)
        found[going[~moving]] = loading[:, ~moving].T
        if moving.all():
            continue
        going, r_left, loading = going[moving], r_left[:, :, moving], loading[:, moving]
        if not len(going):
            break
    if rough:
        found[going] = loading.T
    found *= np.where(found.sum(axis=1, keepdims=True) < 0, -1.0, 1.0)
    return found.reshape(r.shape[:-1])


def likeliest(r: Floats, start: Floats) -> Floats | None:
    """Return the loadings of one factor by maximum likelihood, where its search from `start` ends inside the bounds.

    Scoring in the logarithms of the uniquenesses, halved until the likelihood rises.

    Parameters
    ----------
    r : correlations of full rank, shape (items, items)
    start : loadings to begin at, such as those of least squares

    Returns
    -------
    None where it does not settle, or an item keeps less than LEAST_OWN of its variance.

    References
    ----------
    Joreskog (1967), Psychometrika 32(4), 443-482.
    """
    unique = np.clip(1 - start**2, LEAST_OWN, 1.0)
    misfit, loading, slope, curve = _likelihood(r, unique)
    for _ in range(_SCORINGS):
        if (unique < LEAST_OWN).any():
            return None
        if np.abs(slope).max() < _LEVEL:
            return loading * (-1.0 if loading.sum() < 0 else 1.0)
        try:
            step = np.clip(np.linalg.solve(curve, slope), -1, 1)
        except np.linalg.LinAlgError:
            return None
        for _ in range(_HALVINGS):
            tried = unique * np.exp(-step)
            found = _likelihood(r, tried)
            if found[0] <= misfit + 1e-14:
                break
            step /= 2
        else:
            return None
        unique, (misfit, loading, slope, curve) = tried, found
    return None


def heywood(loading: Floats) -> np.ndarray:
    """Say where an item has less than no variance of its own: a loading beyond 1."""
    return np.asarray((np.abs(loading) > 1 + 1e-9).any(axis=-1))


def omega_of_loadings(loading: Floats, unique: Floats) -> Floats:
    """Return omega total as the loadings imply it: (sum l)^2 / ((sum l)^2 + sum u); NaN for a Heywood case.

    Parameters
    ----------
    loading, unique : of each item, in its own unit or standardised

    References
    ----------
    McDonald (1999), Test Theory: A Unified Treatment, Erlbaum, chapter 6.
    """
    common, own = loading.sum(axis=-1) ** 2, unique.sum(axis=-1)
    return np.where((unique < -1e-9).any(axis=-1), np.nan, ratio(common, common + own))


def omega(r: Floats, loading: Floats) -> Floats:
    """Return omega total against the variance that was observed: 1 - sum u / sum R, each item turned to load positively.

    Parameters
    ----------
    r : correlations, shape (..., items, items)
    loading : of one factor, as `one_factor` returns them

    Returns
    -------
    NaN with fewer than three items and for a Heywood case. As `omega.tot` of R's psych package.

    References
    ----------
    Revelle & Zinbarg (2009), Psychometrika 74(1), 145-154.
    """
    turn = np.where(loading < 0, -1.0, 1.0)
    total = np.einsum("...i,...ij,...j->...", turn, r, turn)
    return np.where(heywood(loading), np.nan, 1 - ratio((1 - loading**2).sum(axis=-1), total))


def omega_near(matrix: Floats, loading: Floats) -> Floats:
    """Return omega of covariances that are near those of a sample, as of the replicates of a bootstrap, shape (...).

    Parameters
    ----------
    matrix : covariances or correlations, shape (..., items, items)
    loading : of the sample, shape (items,), on items of variance 1; NaN where omega is not known, which then has no
        replicates either

    Returns
    -------
    Where the factor leaves an item less than no variance of its own, it counts with none.
    """
    items = len(loading)
    if items < FEWEST_ITEMS or not np.isfinite(loading).all():
        return np.full(matrix.shape[:-2], np.nan)
    flat = matrix.reshape(-1, items, items)
    with np.errstate(divide="ignore", invalid="ignore"):
        inverse = 1 / np.sqrt(np.maximum(np.einsum("nii->ni", flat), 0.0))
    found, settled = _moved(flat, inverse, loading)
    lost = np.flatnonzero(~settled)
    if len(lost):
        found[lost] = one_factor(correlations(flat[lost]), loading, rough=True)
    found = np.clip(found, -1, 1)
    turn = np.where(found < 0, -inverse, inverse)
    total = np.einsum("ni,ni->n", turn, _times(flat, turn))
    return (1 - ratio((1 - found**2).sum(axis=-1), total)).reshape(matrix.shape[:-2])


def average_variance(loading: Floats) -> Floats:
    """Return the average variance extracted (AVE), the mean square of standardised loadings.

    References
    ----------
    Fornell & Larcker (1981), Journal of Marketing Research 18(1), 39-50.
    """
    return (loading**2).mean(axis=-1)


def composite_reliability(loading: Floats) -> Floats:
    """Return composite reliability (CR) of standardised loadings: omega of standardised items as the loadings imply it."""
    return omega_of_loadings(loading, 1 - loading**2)


def omega_of(matrix: Floats) -> tuple[Floats, Floats]:
    """Return omega of covariances, and the standardised loadings of one factor, without items that do not vary.

    Parameters
    ----------
    matrix : covariances of one battery, shape (items, items)
    """
    loading = np.full(len(matrix), np.nan)
    kept = np.diag(matrix) > 0
    r = correlations(matrix[np.ix_(kept, kept)])
    quick = _near_by(r)
    loading[kept] = one_factor(r) if quick is None else quick
    return omega(r, loading[kept]), loading


def _likelihood(r: Floats, unique: Floats) -> tuple[float, Floats, Floats, Floats]:
    """Return misfit and loadings given the uniquenesses, and slope and curvature of the misfit in their logarithms."""
    root = np.sqrt(unique)
    value, vector = np.linalg.eigh(r / root[:, None] / root)
    left, others = value[:-1], vector[:, :-1]
    loading = root * vector[:, -1] * np.sqrt(max(value[-1] - 1, 0.0))
    squares = others**2
    curve = (others @ others.T) ** 2
    return float((left - np.log(np.maximum(left, 1e-300)) - 1).sum()), loading, squares @ (1 - left), curve


def _first_component(r: Floats) -> Floats:
    value, vector = np.linalg.eigh(r)
    first = vector[..., -1] * np.sqrt(value[..., -1:])
    return first * np.where(first.sum(axis=-1, keepdims=True) < 0, -1.0, 1.0)


def _near_by(r: Floats) -> Floats | None:
    """Return the loadings of `one_factor` by Newton's method, where the first component is near enough; else None."""
    if len(r) < FEWEST_ITEMS or not np.isfinite(r).all():
        return None
    loading = _first_component(r)
    for _ in range(_NEWTONS):
        square = loading**2
        slope = loading * (1 + square.sum() - square) - r @ loading
        curve = 2 * np.outer(loading, loading) - r
        np.fill_diagonal(curve, square.sum() - square)
        if np.linalg.eigvalsh(curve)[0] < FLATTEST:
            return None
        step = np.linalg.solve(curve, slope)
        loading = loading - step
        largest = np.abs(step).max()
        if largest > _FAR:
            return None
        if largest <= _CLOSE:
            return loading * (-1.0 if loading.sum() < 0 else 1.0)
    return None


def _moved(matrix: Floats, inverse: Floats, start: Floats) -> tuple[Floats, np.ndarray]:
    """Move loadings from those of a sample to those of its replicates, by steps of one curvature; and say which settled.

    Parameters
    ----------
    matrix, inverse : covariances of each replicate, shape (n, items, items), and one over their standard deviations
    start : loadings of the sample
    """
    found = np.tile(start, (len(matrix), 1))
    known = np.isfinite(inverse).all(axis=1)
    if not known.any():
        return found, np.zeros(len(matrix), bool)
    spread = inverse[known].mean(axis=0)
    curve = 2 * np.outer(start, start) - matrix[known].mean(axis=0) * np.outer(spread, spread)
    np.fill_diagonal(curve, (start**2).sum() - start**2)
    if np.linalg.eigvalsh(curve)[0] < FLATTEST:
        return found, np.zeros(len(matrix), bool)
    turn = np.linalg.inv(curve)
    going, last = np.flatnonzero(known), found[known]
    moved, matrix, inverse = np.zeros(len(found), bool), matrix[going], inverse[going]
    for _ in range(_STEPS):
        length = np.einsum("ni,ni->n", last, last)
        slope = last * (1 + length[:, None] - last * last) - inverse * _times(matrix, inverse * last)
        step = slope @ turn
        last -= step
        there = np.einsum("ni,ni->n", step, step) <= _CLOSELY**2
        lost = ~(length < _ASTRAY * len(start))
        found[going[there]], moved[going[there]] = last[there], True
        left = ~(there | lost)
        if not left.any():
            break
        if left.all():
            continue
        going, last, matrix, inverse = going[left], last[left], matrix[left], inverse[left]
    found *= np.where(found.sum(axis=1, keepdims=True) < 0, -1.0, 1.0)
    return found, moved


def _times(matrix: Floats, vector: Floats) -> Floats:
    """Multiply each matrix with its vector, shapes (n, items, items) and (n, items)."""
    return np.einsum("nij,nj->ni", matrix, vector)
