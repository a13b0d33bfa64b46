"""Where points lie about a cross of two lines, and how often they would lie there if the sample were drawn again."""

from __future__ import annotations

import numpy as np

from cxgap.stats.means import Floats

# Quadrants by (important, performs well), as Martilla & James (1977), Journal of Marketing 41(1), 77-79, name them.
CONCENTRATE, KEEP_UP, LOW_PRIORITY, OVERKILL = range(4)
ROUNDING = 1e-9  # of the span: nearer than this to a line is on it


def lines(values: Floats, method: str, fixed: float) -> Floats:
    """Return the line through values: their mean, their median, or where it is fixed.

    Parameters
    ----------
    values : shape (..., points); NaN where one is not known
    method : "means", "medians", or another for `fixed`
    """
    if method == "means":
        return np.nanmean(values, axis=-1)
    if method == "medians":
        return np.nanmedian(values, axis=-1)
    return np.full(values.shape[:-1], fixed)


def sides(values: Floats, line: Floats) -> Floats:
    """Say on which side of the line each value lies: 1 above, 0 below, one half on it; shape of `values`."""
    away = values - line[..., None]
    near = np.abs(away) <= ROUNDING * (1 + np.abs(line[..., None]))
    return np.where(near, 0.5, (away > 0).astype(float))


def quadrant_chances(important: Floats, performs: Floats) -> Floats:
    """Return the share of replicates in each quadrant; one on a line counts half on either side.

    Parameters
    ----------
    important, performs : as `sides` returns them, shape (replicates, points)

    Returns
    -------
    Shape (points, 4), in the order of the names above; they sum to 1.
    """
    parts = [
        important * (1 - performs),
        important * performs,
        (1 - important) * (1 - performs),
        (1 - important) * performs,
    ]
    return np.stack([part.mean(axis=0) for part in parts], axis=-1)


def line_distance(important: Floats, performs: Floats) -> Floats:
    """Return how far points lie above the line on which importance equals performance, both on one scale.

    Slack (1994), International Journal of Operations & Production Management 14(5), 59-75 draws such a line.
    """
    return (important - performs) / np.sqrt(2)
