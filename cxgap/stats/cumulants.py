"""Sums over units drawn again, and their cumulant generating function: unit by unit, or by powers where units are many.

Davison & Hinkley (1997), Bootstrap Methods and their Application, section 9.5.
"""

from __future__ import annotations

from math import comb
from typing import NamedTuple

import numpy as np

from cxgap.stats.means import Codes, Floats

ORDER, MASSES = 7, 3  # of a power series in the score and in the mass that stand for many units


class Sums(NamedTuple):
    """Sums over units that are drawn with replacement within blocks; entries sorted by block, blocks by cell.

    The estimate of a cell moves from its own value by tau where the sum of score - tau x mass is zero.

    Attributes
    ----------
    score, mass : of the units alike that an entry stands for, each once, shape (entries,); the scores of a cell, with
        `fixed`, add up to zero
    times : how many units those are
    entry : the cell of each entry
    begin : the first entry of each block, shape (blocks,)
    first : the first block of each cell, shape (cells,); each has one at least
    absent : units of each block that hold nothing, shape (blocks,)
    size, draws : units of each block, and how many are drawn
    fixed : score and mass that are in every sample, shape (2, cells)
    step : of the lattice on which the scores of a cell lie, 0 where they lie on none, shape (cells,)
    """

    score: Floats
    mass: Floats
    times: Floats
    entry: Codes
    begin: Codes
    first: Codes
    absent: Floats
    size: Floats
    draws: Floats
    fixed: Floats
    step: Floats


class Tilted(NamedTuple):
    """The cumulant generating function of the sum at a point, with its derivatives, shape (ends, cells)."""

    height: Floats
    slope: Floats
    bend: Floats
    mass: Floats
    cross: Floats


class Moments(NamedTuple):
    """Sums of powers of score and mass over the units of each block, from which far more units than powers are not needed.

    Attributes
    ----------
    sums : what they are of
    powers : sums of score^a x mass^b at [a, b], a + b up to ORDER, b up to MASSES, shape (ORDER + 1, MASSES + 1, blocks)
    """

    sums: Sums
    powers: Floats

    def of(self, k: int, b: int, tau: Floats) -> Floats:
        """Return the sums of (score - tau x mass)^k x mass^b, shape (ends, blocks)."""
        found = np.zeros(tau.shape)
        for j in range(min(k, MASSES - b), -1, -1):
            found = found * -tau + comb(k, j) * self.powers[k - j, j + b]
        return found


def moments_of(sums: Sums) -> Moments:
    """Add up the powers."""
    powers = np.zeros((ORDER + 1, MASSES + 1, len(sums.begin)))
    left = sums.times
    for b in range(MASSES + 1):
        part = left.copy()
        for a in range(ORDER + 1 - b):
            powers[a, b] = np.add.reduceat(part, sums.begin)
            part *= sums.score
        left = left * sums.mass
    return Moments(sums, powers)


def tilted(sums: Sums, u: Floats, tau: Floats) -> Tilted:
    """Evaluate the cumulant generating function of the sums of score - tau x mass at u, both of shape (ends, cells)."""
    moved = sums.score - tau[:, sums.entry] * sums.mass
    share = u[:, sums.entry]
    share *= moved
    np.exp(share, out=share)
    share *= sums.times
    total = _blocks(sums, share) + sums.absent
    mass = _blocks(sums, share * sums.mass) / total
    share *= moved
    mean = _blocks(sums, share) / total
    cross = _blocks(sums, share * sums.mass) / total
    share *= moved
    square = _blocks(sums, share) / total
    return _together(sums, u, tau, total, mean, mass, square, cross)


def _together(
    sums: Sums, u: Floats, tau: Floats, total: Floats, mean: Floats, mass: Floats, square: Floats, cross: Floats
) -> Tilted:
    """Put the blocks of each cell together."""
    fixed = sums.fixed[0] - tau * sums.fixed[1]
    return Tilted(
        u * fixed + sum_of_cells(sums, np.log(total / sums.size)),
        fixed + sum_of_cells(sums, mean),
        sum_of_cells(sums, square - mean**2),
        sums.fixed[1] + sum_of_cells(sums, mass),
        sum_of_cells(sums, cross - mean * mass),
    )


def tilted_of(moments: Moments, u: Floats, tau: Floats) -> Tilted:
    """Evaluate what `tilted` does by power series in u."""
    sums = moments.sums
    per = sums.first, np.diff(np.append(sums.first, len(sums.begin)))
    push, away = (np.repeat(part, per[1], axis=1) for part in (u, tau))
    # Sums over units of (score - tau x mass)^k, and the same times mass.
    power = [moments.of(k, 0, away) for k in range(ORDER + 1)]
    heavy = [moments.of(k, 1, away) for k in range(ORDER)]
    total = _series(power, push) + sums.absent
    mean, mass = _series(power[1:], push) / total, _series(heavy, push) / total
    square, cross = _series(power[2:], push) / total, _series(heavy[1:], push) / total
    return _together(sums, u, tau, total, mean, mass, square, cross)


def _series(power: list[Floats], u: Floats) -> Floats:
    """Add up power[k] u^k / k!, from the last."""
    found = np.zeros(u.shape)
    for k in range(len(power) - 1, -1, -1):
        found = found * (u / (k + 1)) + power[k]
    return found


def skewness(sums: Sums) -> Floats:
    """Return the skewness of the sum about its own centre, shape (cells,)."""
    (mean,) = _blocks(sums, (sums.times * sums.score)[None]) / sums.size
    away = sums.score - np.repeat(mean, np.diff(np.append(sums.begin, len(sums.score))))
    square = sums.times * away * away
    second, third = (
        sum_of_cells(sums, (_blocks(sums, part[None]) + none) / sums.size)[0]
        for part, none in ((square, sums.absent * mean**2), (square * away, -sums.absent * mean**3))
    )
    return third / second**1.5


def _blocks(sums: Sums, parts: Floats) -> Floats:
    return np.add.reduceat(parts, sums.begin, axis=1)


def sum_of_cells(sums: Sums, parts: Floats) -> Floats:
    """Add up over the blocks of each cell, as often as is drawn from them."""
    return np.add.reduceat(sums.draws * parts, sums.first, axis=1)


def of_cells(sums: Sums, chosen: Codes) -> Sums:
    """Keep these cells, in their order."""
    if len(chosen) == len(sums.first):
        return sums
    kept = np.zeros(len(sums.first), bool)
    kept[chosen] = True
    block_cell = np.repeat(np.arange(len(sums.first)), np.diff(np.append(sums.first, len(sums.begin))))
    blocks, entries = kept[block_cell], kept[sums.entry]
    length = np.diff(np.append(sums.begin, len(sums.score)))[blocks]
    return Sums(
        score=sums.score[entries],
        mass=sums.mass[entries],
        times=sums.times[entries],
        entry=(np.cumsum(kept) - 1)[sums.entry[entries]],
        begin=np.cumsum(length) - length,
        first=np.searchsorted((np.cumsum(kept) - 1)[block_cell[blocks]], np.arange(len(chosen))),
        absent=sums.absent[blocks],
        size=sums.size[blocks],
        draws=sums.draws[blocks],
        fixed=sums.fixed[:, kept],
        step=sums.step[kept],
    )
