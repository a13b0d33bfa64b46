"""Whether dimensions are different things: correlations between their items against those within."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cxgap.stats.means import Codes, Floats


def htmt(r: Floats, dimension: Codes, dimensions: int) -> Floats:
    """Return the heterotrait-monotrait ratio of each pair of dimensions, from arithmetic means (the definition of 2015).

    Parameters
    ----------
    r : correlations of items, shape (items, items)
    dimension : of each item, 0 .. dimensions - 1

    Returns
    -------
    Shape (dimensions, dimensions), 1 on the diagonal; NaN where a dimension has a single item, or its items do not go
    together at all.

    References
    ----------
    Henseler, Ringle & Sarstedt (2015), Journal of the Academy of Marketing Science 43(1), 115-135.
    """
    within, between = _parts(r, dimension, dimensions)
    return _ratios([_mean(values) for values in within], [[_mean(values) for values in row] for row in between])


def htmt2(r: Floats, dimension: Codes, dimensions: int) -> Floats:
    """Return the same from geometric means, which does not presume that all items load alike; arguments as in `htmt`.

    References
    ----------
    Roemer, Schuberth & Henseler (2021), Industrial Management & Data Systems 121(12), 2637-2650.
    """
    within, between = _parts(r, dimension, dimensions)
    return _ratios([_geometric(values) for values in within], [[_geometric(values) for values in row] for row in between])


def _parts(r: Floats, dimension: Codes, dimensions: int) -> tuple[list[Floats], list[list[Floats]]]:
    places = [np.flatnonzero(dimension == code) for code in range(dimensions)]
    within = [r[np.ix_(place, place)][np.triu_indices(len(place), 1)] for place in places]
    return within, [[np.abs(r[np.ix_(one, other)]).ravel() for other in places] for one in places]


def _ratios(within: Sequence[float], between: Sequence[Sequence[float]]) -> Floats:
    inside, across = np.array(within), np.array(between)
    product = inside[:, None] * inside[None, :]
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.where((inside[:, None] > 0) & (inside[None, :] > 0), across / np.sqrt(product), np.nan)
    np.fill_diagonal(found, np.where(inside > 0, 1.0, np.nan))
    return found


def _mean(values: Floats) -> float:
    return float(values.mean()) if len(values) else np.nan


def _geometric(values: Floats) -> float:
    """Return the geometric mean; NaN of none, and where one is below 0."""
    if not len(values) or (values < 0).any():
        return np.nan
    return float(np.exp(np.log(values).mean())) if (values > 0).all() else 0.0
