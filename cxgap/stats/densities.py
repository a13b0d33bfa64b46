"""How answers are spread, as curves in which nobody stands out."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from cxgap.stats.means import Codes, Floats, sum_by

_LEAST = 40  # parts of the range: a curve's window is no narrower than one of them
_SPREAD = 1.349  # quartiles of a normal distribution are so many standard deviations apart


def densities(
    y: Floats, cell: Codes, cells: int, at: Floats, *, weight: Floats, bounds: tuple[float, float], behind: int = 1
) -> Floats:
    """Estimate the density of each cell at some points: a normal window, folded back at the ends of the scale.

    Parameters
    ----------
    y : values, shape (rows,), finite, within `bounds`
    cell, cells : as in `design_means`
    at : points of the curve, shape (points,)
    weight : of each value, shape (rows,)
    bounds : least and greatest value that there can be
    behind : people who must stand at or beyond a value for it to show; the values of those further out are taken for the
        next one that does, so that no curve tells what single people said

    Returns
    -------
    Shape (cells, points), each curve of area 1; NaN of a cell without anybody. A window is at least half a step between
    answers wide: narrower it would show the grid of the scale, in one group and not in another, where quartiles jump by a step.

    References
    ----------
    Silverman (1986), Density Estimation for Statistics and Data Analysis, sections 2.10 and 3.4.2.
    """
    order = np.lexsort((y, cell))
    order = order[weight[order] > 0]
    steps = np.diff(np.unique(y[order]))
    step = float(np.median(steps)) if len(steps) else 0.0
    ends = np.cumsum(np.concatenate([[0.0], sum_by(cell[order], cells)])).astype(np.int64)
    found = np.full((cells, len(at)), np.nan)
    low, high = bounds
    for number, (first, last) in enumerate(pairwise(ends)):
        if last == first:
            continue
        some, mass = y[order[first:last]], weight[order[first:last]]
        place = min(behind, (len(some) + 1) // 2) - 1
        some = np.clip(some, some[place], some[len(some) - 1 - place])
        value, where = np.unique(some, return_inverse=True)
        share = np.bincount(where, mass) / mass.sum()
        size = mass.sum() ** 2 / (mass**2).sum()
        deviation = np.sqrt(share @ (value - share @ value) ** 2)
        upto = np.cumsum(share)
        quartiles = value[np.minimum(np.searchsorted(upto, (0.25, 0.75)), len(value) - 1)]
        wide = float(quartiles[1] - quartiles[0]) / _SPREAD
        window = max(0.9 * min(deviation, wide or deviation) * size**-0.2, (high - low) / _LEAST, step / 2)
        curve = np.zeros(len(at))
        for centre in (value, 2 * low - value, 2 * high - value):
            curve += np.exp(-0.5 * ((at[:, None] - centre) / window) ** 2) @ share
        found[number] = curve / (window * np.sqrt(2 * np.pi))
    return found
