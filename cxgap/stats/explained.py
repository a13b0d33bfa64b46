"""How much of an outcome's variance goes with a few columns, and how sure that is, by drawing the sample again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cxgap.stats.bootstrap import Source, replicate_weights
from cxgap.stats.covariance import blocks
from cxgap.stats.means import Codes, Floats
from cxgap.stats.threads import one_thread


@one_thread
def covariances_redrawn(
    columns: Floats, weight: Floats, unit: Codes, source: Source, *, replicates: int, seed: int
) -> tuple[Floats, Floats]:
    """Return the covariances of columns, shape (columns, columns), and of each replicate of the sample.

    Parameters
    ----------
    columns : shape (rows, columns), finite
    weight : sampling weights, shape (rows,)
    unit : the sampling unit of each row, a position in `source.stratum`
    source, replicates, seed : of the bootstrap; the same ones draw the same units, so that columns can be compared
    """
    (found,) = redrawn([crossed_by_unit(columns, weight, unit, len(source.stratum))], source, replicates=replicates, seed=seed)
    return found


def crossed_by_unit(columns: Floats, weight: Floats, unit: Codes, units: int) -> Floats:
    """Add up a constant, columns about their means and their products in each sampling unit.

    Parameters
    ----------
    columns, weight, unit : as in `covariances_redrawn`
    units : of the sample

    Returns
    -------
    Shape (units, columns + 1, columns + 1).
    """
    wide = columns.shape[1]
    off = columns - np.average(columns, axis=0, weights=weight)
    full = np.column_stack([np.ones(len(off)), off])
    cross = np.empty((units, wide + 1, wide + 1))
    for one in range(wide + 1):
        for other in range(one + 1):
            cross[:, one, other] = cross[:, other, one] = np.bincount(unit, weight * full[:, one] * full[:, other], units)
    return cross


@one_thread
def redrawn(crosses: Sequence[Floats], source: Source, *, replicates: int, seed: int) -> list[tuple[Floats, Floats]]:
    """Draw a sample again once for many sets of columns, and return what `covariances_redrawn` returns of each.

    Parameters
    ----------
    crosses : as `crossed_by_unit` makes them, of the units of the same sample
    source, replicates, seed : of the bootstrap
    """
    if not crosses:
        return []
    places = blocks([cross[0].size for cross in crosses])
    flat = np.concatenate([cross.reshape(len(cross), -1) for cross in crosses], axis=1)
    drawn = np.concatenate([weights @ flat for weights in replicate_weights(source, replicates, seed=seed)])
    return [
        (_covariances(cross.sum(axis=0)), _covariances(drawn[:, place].reshape(-1, *cross.shape[1:])))
        for cross, place in zip(crosses, places, strict=True)
    ]


def r_squared(matrix: Floats) -> Floats:
    """Return the share of the last column's variance that goes with the others, shape (...); NaN where nothing varies."""
    among, with_last, own = matrix[..., :-1, :-1], matrix[..., :-1, -1], matrix[..., -1, -1]
    usable = np.isfinite(matrix).all(axis=(-2, -1)) & (own > 0)
    safe = np.where(usable[..., None, None], among, np.eye(among.shape[-1]))
    usable &= np.linalg.cond(safe) < 1e12
    safe = np.where(usable[..., None, None], safe, np.eye(among.shape[-1]))
    slopes = np.linalg.solve(safe, with_last[..., None])[..., 0]
    return np.where(usable, np.sum(slopes * with_last, axis=-1) / np.where(usable, own, 1.0), np.nan)


def correlation(matrix: Floats) -> Floats:
    """Return the correlation of the first two columns, shape (...); NaN where one does not vary."""
    spread = matrix[..., 0, 0] * matrix[..., 1, 1]
    return np.where(spread > 0, matrix[..., 0, 1] / np.sqrt(np.where(spread > 0, spread, 1.0)), np.nan)


def percentiles(values: Floats, *, conf_level: float) -> tuple[float, float]:
    """Return the order statistics that leave (1 - conf_level) / 2 on either side; NaN where there is no value."""
    known = np.sort(values[np.isfinite(values)])
    if len(known) < 2:
        return np.nan, np.nan
    tail = (1 - conf_level) / 2 * (len(known) + 1)
    low = int(np.clip(np.floor(tail + 1e-9), 1, len(known))) - 1
    return float(known[low]), float(known[len(known) - 1 - low])


def _covariances(cross: Floats) -> Floats:
    total, sums = cross[..., :1, :1], cross[..., 1:, :1]
    with np.errstate(divide="ignore", invalid="ignore"):
        return (cross[..., 1:, 1:] - sums * np.swapaxes(sums, -1, -2) / total) / total
