"""Covariances of a battery's items for all cells at once, and again for every replicate of a bootstrap.

Moments are taken about a shift and merged: Chan, Golub & LeVeque (1983), The American Statistician 37(3), 242-247.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from cxgap.stats.means import Codes, Floats, ratio, sum_by

ROUNDING = 1e-13  # of the largest value: a standard deviation below it is rounding


class Covariances(NamedTuple):
    """Covariances of complete cases: how many rows, shape (cells,), and the matrices, shape (cells, items, items)."""

    n: Floats
    matrix: Floats


def complete(x: Floats) -> np.ndarray:
    """Say which rows of `x`, shape (rows, items), have every item."""
    return np.asarray(np.isfinite(x).all(axis=-1))


def covariances(x: Floats, cell: Codes, cells: int, weight: Floats) -> Covariances:
    """Estimate the covariances of items in each cell: ddof = 1, weights as shares.

    Parameters
    ----------
    x : answers, shape (rows, items), NaN where missing; a row without all of them is left out
    cell : of each row, 0 .. cells - 1
    cells : number of cells; one of fewer than two rows has NaN
    weight : of each row; a row of weight zero is left out
    """
    used = complete(x) & (weight > 0)
    x, cell, weight = x[used], cell[used], weight[used]
    items = x.shape[1]
    n, total = sum_by(cell, cells), sum_by(cell, cells, weight)
    share = weight / total[cell]
    mean = np.empty((cells, items))
    for item in range(items):
        mean[:, item] = sum_by(cell, cells, share * x[:, item])
    off = x - mean[cell]
    matrix = np.empty((cells, items, items))
    if cells == 1:  # one product; of both roots, so that it is symmetric to the last digit
        off *= np.sqrt(share)[:, None]
        matrix[0] = off.T @ off
    else:
        for one in range(items):
            for other in range(one + 1):
                matrix[:, one, other] = matrix[:, other, one] = sum_by(cell, cells, share * off[:, one] * off[:, other])
    matrix *= np.where(n > 1, ratio(n, n - 1), np.nan)[:, None, None]
    largest = np.zeros((cells, items))
    if cells == 1:
        largest[0] = np.abs(x).max(axis=0, initial=0.0)
    else:
        np.maximum.at(largest, cell, np.abs(x))
    return Covariances(n, _settled(matrix, largest))


def correlations(matrix: Floats) -> Floats:
    """Return the correlations of covariances, shape (..., items, items); NaN beside an item without variance."""
    std_dev = np.sqrt(np.maximum(np.einsum("...ii->...i", matrix), 0.0))  # rounding leaves a trace below 0
    with np.errstate(divide="ignore", invalid="ignore"):
        r = matrix / (std_dev[..., :, None] * std_dev[..., None, :])
    return np.where(np.eye(matrix.shape[-1], dtype=bool) & np.isfinite(r), 1.0, np.clip(r, -1, 1))


def unit_moments(x: Floats, weight: Floats, unit: Codes, units: int) -> Floats:
    """Add up, for each sampling unit, what the covariances of a battery are made of.

    Parameters
    ----------
    x : answers, shape (rows, items); a row without all of them is left out
    weight, unit : of each row

    Returns
    -------
    Sums of weights, of answers about their mean and of their products, shape (units, 1 + items + items (items + 1) / 2).
    Weights of units times these are the same sums of another sample.
    """
    used = complete(x) & (weight > 0)
    x, weight, unit = x[used], weight[used], unit[used]
    x = x - x.mean(axis=0) if len(x) else x
    one, other = np.triu_indices(x.shape[1])
    columns = [weight, *(weight * x.T), *((weight * x[:, a] * x[:, b]) for a, b in zip(one, other, strict=True))]
    return np.stack([sum_by(unit, units, column) for column in columns], axis=1)


def of_moments(sums: Floats, items: int) -> Floats:
    """Return covariances, up to the factor n / (n - 1), of sums as `unit_moments` makes them, shape (..., items, items)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        share = sums[..., 1:] / np.where(sums[..., :1] > 0, sums[..., :1], np.nan)
    mean, one, other = share[..., :items], *np.triu_indices(items)
    matrix = np.empty((*sums.shape[:-1], items, items))
    products = share[..., items:] - mean[..., one] * mean[..., other]
    matrix[..., one, other] = matrix[..., other, one] = products
    return matrix


def blocks(widths: Sequence[int]) -> list[slice]:
    """Return where each of several neighbours lies that are so wide."""
    return [slice(low, high) for low, high in pairwise([0, *map(int, np.cumsum(widths))])]


def _settled(matrix: Floats, largest: Floats) -> Floats:
    """Call the variance of an item zero, and its covariances, where it is no more than the rounding of its answers."""
    variance = np.einsum("...ii->...i", matrix)
    still = np.sqrt(np.maximum(variance, 0)) <= ROUNDING * largest
    return np.where(still[..., :, None] | still[..., None, :], 0.0 * matrix, matrix)
