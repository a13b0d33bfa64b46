"""Where a sum over units drawn again lies, to many digits and without drawing any: the saddlepoint approximation.

Davison & Hinkley (1988), Biometrika 75(3), 417-431; Lugannani & Rice (1980), Advances in Applied Probability 12(2), 475-490,
in the form of Barndorff-Nielsen (1986), Biometrika 73(2), 307-322.
"""

from __future__ import annotations

from math import factorial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cxgap.stats.cumulants import ORDER, Moments, Sums, Tilted, moments_of, of_cells, skewness, sum_of_cells, tilted, tilted_of
from cxgap.stats.means import Codes, Floats

STEPS, TOLERANCE = 40, 1e-5  # of Newton's method, whose next step then ends within its square; on the scale of normal quantiles
MANY, LEFT = 1000, 1e-6  # units from which on it is tried; what it may leave out of the cumulant generating function
AT_ONCE = 200_000  # numbers held in one array: so few that they stay near the processor
LONGEST = 1.5  # step, on that scale
NEAR = 1e-2  # of the centre, on that scale: there the correction is its limit, since it would be rounding over rounding


class Smooth(NamedTuple):
    """Sums made ready for a saddlepoint approximation.

    Attributes
    ----------
    sums : of cells whose estimate varies
    skewness : of each cell's sum
    many : cells of so many units that powers stand for them
    moments : of these cells
    """

    sums: Sums
    skewness: Floats
    many: Codes
    moments: Moments | None


def smooth_sums(sums: Sums) -> Smooth:
    """Make sums ready."""
    many = np.flatnonzero(np.bincount(sums.entry, minlength=len(sums.first)) >= MANY)
    return Smooth(sums, skewness(sums), many, moments_of(of_cells(sums, many)) if len(many) else None)


def saddle_quantiles(smooth: Smooth, z: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """Find where the estimates of samples drawn again have the normal quantiles z.

    Parameters
    ----------
    smooth : of cells whose estimate varies
    z : normal quantiles of the shares wanted, shape (ends, cells), finite

    Returns
    -------
    How far each lies from the cell's own estimate, shape (ends, cells); and whether it was found. Where scores lie on a
    lattice it is not yet a point of it: the quantile is the first that lies less than half a step below.

    References
    ----------
    Daniels (1987), International Statistical Review 55(1), 37-48 (the second correction for a lattice).
    """
    tau, reached = np.empty(z.shape), np.zeros(z.shape, bool)
    sums, skew, many, moments = smooth
    if moments is not None:
        fits = _fits(moments, z[:, many])
        tau[:, many], reached[:, many] = _found(moments.sums, z[:, many], skew[many], moments)
        reached[:, many] &= fits
    rest = np.flatnonzero(~reached.all(axis=0))
    if len(rest):
        load = np.cumsum(np.bincount(sums.entry, minlength=len(sums.first))[rest]) * len(z) // AT_ONCE
        for one in np.unique(load):
            part = rest[load == one]
            tau[:, part], reached[:, part] = _found(of_cells(sums, part), z[:, part], skew[part])
    return tau, reached


def _fits(moments: Moments, z: Floats) -> NDArray[np.bool_]:
    """Tell for which cells the power series leaves next to nothing out, at twice the u that normal sums would have."""
    sums = moments.sums
    begin, nothing = sums.begin[sums.first], np.zeros((1, len(sums.first)))
    start = tilted_of(moments, nothing, nothing)
    u = 2 * np.abs(z).max(axis=0) / np.sqrt(start.bend[0])
    tau = 2 * np.abs(z).max(axis=0) * np.sqrt(start.bend[0]) / start.mass[0]
    largest = u * (np.maximum.reduceat(np.abs(sums.score), begin) + tau * np.maximum.reduceat(sums.mass, begin))
    even = sum_of_cells(sums, (moments.powers[ORDER - 1, 0] / sums.size)[None])[0]
    return (largest < 1) & (even * u ** (ORDER - 1) * largest**2 < LEFT * factorial(ORDER + 1))


def _found(sums: Sums, z: Floats, skew: Floats, moments: Moments | None = None) -> tuple[Floats, NDArray[np.bool_]]:
    """Find the quantiles of cells by Newton's method for both where they are and u."""

    def evaluate(u: Floats, tau: Floats) -> Tilted:
        return tilted(sums, u, tau) if moments is None else tilted_of(moments, u, tau)

    start = evaluate(np.zeros((1, len(sums.first))), np.zeros((1, len(sums.first))))
    error = np.sqrt(start.bend) / start.mass
    tau, u = z * error, z / np.sqrt(start.bend)
    todo = np.ones(z.shape, bool)
    with np.errstate(all="ignore"):
        for _ in range(STEPS):
            at = evaluate(u, tau)
            root = np.sqrt(at.bend)
            near = u - at.slope / at.bend  # the saddlepoint, where the curve is lowest, and its height
            height = at.height - at.slope**2 / (2 * at.bend)
            r = np.copysign(np.sqrt(np.maximum(-2 * height, 0.0)), near)
            width = np.where(sums.step > 0, 2 * np.sinh(near * sums.step / 2) / sums.step, near)
            small = np.abs(r) < NEAR
            found = r + np.where(small, skew / 6, np.log(width * root / r) / r)
            away = np.clip(z - found, -LONGEST, LONGEST)
            shift = away / (at.mass * np.where(small, 1 / root, near / r))
            tau = tau + np.where(todo, shift, 0.0)
            todo &= ~((np.abs(z - found) < TOLERANCE) & (np.abs(at.slope) < TOLERANCE * root))
            if not todo.any():
                break
            step = (shift * (at.mass + u * at.cross) - at.slope) / at.bend
            u = u + np.where(todo, np.clip(step, -2 * LONGEST / root, 2 * LONGEST / root), 0.0)
    return tau, ~todo
