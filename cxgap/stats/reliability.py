"""How far the score of several items is the same each time: alpha and its kin, of covariances of any number of cells.

Cronbach (1951), Psychometrika 16(3), 297-334. An item without variance is left out of every one of these. Matrices have
shape (..., items, items) and results (...), or (..., items) where each item has one.
"""

from __future__ import annotations

import numpy as np

from cxgap.stats.covariance import correlations
from cxgap.stats.means import Floats, ratio

ROUNDING = 1e-13  # of both variances: what their difference has less of is rounding


def varying(matrix: Floats) -> np.ndarray:
    """Say which items vary, shape (..., items); none does where there are no covariances."""
    return np.einsum("...ii->...i", matrix) > 0


def alpha(matrix: Floats) -> Floats:
    """Return Cronbach's alpha; NaN with fewer than two items that vary, and below 0 where items speak against each other."""
    k = varying(matrix).sum(axis=-1).astype(float)
    total = matrix.sum(axis=(-2, -1))
    return _of_parts(k, np.einsum("...ii->...", matrix), total)


def alpha_standardised(matrix: Floats) -> Floats:
    """Return the alpha of standardised items; of two items it is Spearman and Brown's coefficient."""
    k, r = varying(matrix).sum(axis=-1).astype(float), average_r(matrix)
    return np.where(k > 1, k * r / (1 + (k - 1) * r), np.nan)


def spearman_brown(r: Floats, times: float = 2) -> Floats:
    """Return the reliability of a test `times` as long as one of reliability `r`.

    References
    ----------
    Spearman (1910), British Journal of Psychology 3(3), 271-295. Brown (1910), the same, 296-322.
    """
    return times * r / (1 + (times - 1) * r)


def average_r(matrix: Floats) -> Floats:
    """Return the mean correlation between two items."""
    r = _pairs(matrix)
    known = np.isfinite(r)
    return ratio(np.where(known, r, 0).sum(axis=-1), known.sum(axis=-1).astype(float))


def median_r(matrix: Floats) -> Floats:
    """Return the median correlation between two items."""
    r = _pairs(matrix)
    found = np.full(r.shape[:-1], np.nan)
    some = np.isfinite(r).any(axis=-1)
    found[some] = np.nanmedian(r[some], axis=-1)
    return found


def item_total(matrix: Floats) -> Floats:
    """Return the correlation of each item with the sum of all, itself among them."""
    return _with(matrix, np.zeros(matrix.shape[-1]))


def item_rest(matrix: Floats) -> Floats:
    """Return the correlation of each item with the sum of the others (the corrected item-total correlation)."""
    return _with(matrix, np.ones(matrix.shape[-1]))


def alpha_if_deleted(matrix: Floats) -> Floats:
    """Return the alpha of the others for each item; of one other, NaN."""
    k = varying(matrix).sum(axis=-1).astype(float)[..., None]
    variance, own = np.einsum("...ii->...i", matrix), matrix.sum(axis=-1)
    total = matrix.sum(axis=(-2, -1))[..., None]
    without = _of_parts(k - 1, variance.sum(axis=-1, keepdims=True) - variance, total - 2 * own + variance)
    return np.where(varying(matrix), without, np.nan)


def lambda6(matrix: Floats) -> Floats:
    """Return Guttman's lambda 6 of standardised items, from squared multiple correlations; NaN where they are singular.

    References
    ----------
    Guttman (1945), Psychometrika 10(4), 255-282.
    """
    flat = matrix.reshape(int(np.prod(matrix.shape[:-2])), *matrix.shape[-2:])
    found = np.full(len(flat), np.nan)
    for place, (one, kept) in enumerate(zip(flat, varying(flat), strict=True)):
        if kept.sum() < 2:
            continue
        r = correlations(one[np.ix_(kept, kept)])
        if np.linalg.matrix_rank(r) == len(r):
            found[place] = 1 - (1 / np.diag(np.linalg.inv(r))).sum() / r.sum()
    return found.reshape(matrix.shape[:-2])


def alpha_std_error(matrix: Floats, n: Floats) -> Floats:
    """Return the standard error of alpha of normal answers of `n` respondents.

    References
    ----------
    Duhachek & Iacobucci (2004), Journal of Applied Psychology 89(5), 792-808.
    """
    k, total, trace = varying(matrix).sum(axis=-1), matrix.sum(axis=(-2, -1)), np.einsum("...ii->...", matrix)
    square = matrix @ matrix
    inside = total * (np.einsum("...ii->...", square) + trace**2) - 2 * trace * square.sum(axis=(-2, -1))
    spread = ratio(2 * k**2 * inside, np.maximum(k - 1, 0) ** 2 * total**3)
    return np.sqrt(ratio(np.maximum(spread, 0), np.asarray(n, float)))


def feldt(reliability: Floats, n: Floats, k: Floats, *, conf_level: float) -> tuple[Floats, Floats]:
    """Return the two ends of the interval of alpha for independent respondents and normal scores.

    Parameters
    ----------
    reliability : alpha
    n, k : respondents, two or more, and items, two or more; NaN else

    References
    ----------
    Feldt (1965), Psychometrika 30(3), 357-370.
    Feldt, Woodruff & Salih (1987), Applied Psychological Measurement 11(1), 93-103.
    """
    from scipy.special import fdtri

    n, k = np.asarray(n, float), np.asarray(k, float)
    df = np.where((n > 1) & (k > 1), n - 1, np.nan)
    tails = ((1 + conf_level) / 2, (1 - conf_level) / 2)
    low, high = (1 - (1 - reliability) * fdtri(df, df * (k - 1), tail) for tail in tails)
    return low, high


def difference_reliability(var_start: Floats, var_end: Floats, r: Floats, start: Floats, end: Floats) -> Floats:
    """Return the reliability of a difference between two scores, whose errors are taken to be uncorrelated.

    Parameters
    ----------
    var_start, var_end : variances of the two scores
    r : their correlation
    start, end : their reliabilities

    Returns
    -------
    NaN where the difference does not vary; below 0 where errors must be correlated, so that it is not admissible.

    References
    ----------
    Lord (1963), in Harris (ed.), Problems in Measuring Change, 21-38.
    Peter, Churchill & Brown (1993), Journal of Consumer Research 19(4), 655-662.
    """
    var_start, var_end = np.asarray(var_start, float), np.asarray(var_end, float)
    common = 2 * r * np.sqrt(var_start * var_end)
    whole = var_start + var_end - common
    whole = np.where(whole > ROUNDING * (var_start + var_end), whole, 0.0)
    return ratio(var_end * end + var_start * start - common, whole)


def difference_reliability_alike(r: Floats, start: Floats, end: Floats) -> Floats:
    """Return the reliability of a difference between two scores of the same variance; arguments as above."""
    return ratio((np.asarray(start, float) + end) / 2 - r, 1 - np.asarray(r, float))


def combined_reliability(variances: Floats, reliabilities: Floats, total: Floats) -> Floats:
    """Return the reliability of a sum of scores: Nunnally (1978), Psychometric Theory, 2nd ed., McGraw-Hill, chapter 7.

    Parameters
    ----------
    variances, reliabilities : of the scores that are summed, shape (..., scores)
    total : variance of the sum
    """
    return 1 - ratio((variances * (1 - np.asarray(reliabilities, float))).sum(axis=-1), np.asarray(total, float))


def _of_parts(k: Floats, variances: Floats, total: Floats) -> Floats:
    """Return alpha from the number of items, the sum of their variances and the variance of their sum."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(k > 1, k / (k - 1), np.nan) * (1 - ratio(variances, total))


def _pairs(matrix: Floats) -> Floats:
    """Return the correlation of each pair of items, shape (..., pairs); NaN where one of them does not vary."""
    one, other = np.triu_indices(matrix.shape[-1], 1)
    return correlations(matrix)[..., one, other]


def _with(matrix: Floats, less: Floats) -> Floats:
    """Return the correlation of each item with the sum of all, from which `less` times the item is taken."""
    variance, own = np.einsum("...ii->...i", matrix), matrix.sum(axis=-1)
    total = matrix.sum(axis=(-2, -1))[..., None]
    rest = total - less * (2 * own - variance)
    return ratio(own - less * variance, np.sqrt(np.maximum(variance * rest, 0)))
