"""Where there are data: the convex hull of points in a plane, and the part of a line that runs inside it."""

from __future__ import annotations

import numpy as np

from cxgap.stats.means import Floats


def convex_hull(x: Floats, y: Floats) -> Floats:
    """Return the corners of the smallest convex area that holds all points, counter-clockwise, shape (corners, 2).

    References
    ----------
    Andrew (1979), Information Processing Letters 9(5), 216-219 (the monotone chain).
    """
    points = np.unique(np.column_stack([x, y]), axis=0)
    if len(points) < 3:
        return points
    return np.array([*_chain(points), *_chain(points[::-1])])


def inside(hull: Floats, start: tuple[float, float], step: tuple[float, float]) -> tuple[float, float]:
    """Return the ends of the part of a line that lies in a hull, as multiples of `step` from `start`; NaN where none does.

    References
    ----------
    Cyrus & Beck (1978), Computers & Graphics 3(1), 23-28.
    """
    if len(hull) < 3:
        return np.nan, np.nan
    edge = np.roll(hull, -1, axis=0) - hull
    room = np.array(start) - hull
    away = edge[:, 0] * room[:, 1] - edge[:, 1] * room[:, 0]  # positive on the inner side
    speed = edge[:, 0] * step[1] - edge[:, 1] * step[0]
    along = np.isclose(speed, 0.0)
    if (away[along] < -1e-12).any():
        return np.nan, np.nan
    with np.errstate(divide="ignore", invalid="ignore"):
        at = -away / speed
    low, high = at[~along & (speed > 0)].max(initial=-np.inf), at[~along & (speed < 0)].min(initial=np.inf)
    return (float(low), float(high)) if low <= high else (np.nan, np.nan)


def _chain(points: Floats) -> list[tuple[float, float]]:
    """Walk along one side of sorted points and keep only turns to the left; the last point is left to the other side."""
    kept: list[tuple[float, float]] = []
    for x, y in points.tolist():
        while len(kept) > 1 and _turn(kept[-2], kept[-1], (x, y)) <= 0:
            kept.pop()
        kept.append((x, y))
    return kept[:-1]


def _turn(one: tuple[float, float], two: tuple[float, float], three: tuple[float, float]) -> float:
    return (two[0] - one[0]) * (three[1] - one[1]) - (two[1] - one[1]) * (three[0] - one[0])
