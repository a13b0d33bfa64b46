"""The mean of respondents drawn again, exactly: its distribution is a power of theirs, which Fourier's transform takes at once.

Respondents' values lie on a lattice: ratings on whole points, means of k items on k-ths of a point. Where the lattice is too
fine to be held, or there is none, values are shared between the two nearest points of a lattice that is fine enough.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cxgap.stats.means import Codes, Floats, sum_by

FINENESS = 60  # parts into which the smallest difference of two values is divided in search of a common step
POINTS = 8192  # of a lattice that is held
WIDTH = 12.0  # standard errors to either side of the mean that are held, beside the largest value
ROUNDING = 1e-9  # of a probability
OFF = 1e-6  # of a step that values may lie beside the lattice, as sums and engines round them


class Powers(NamedTuple):
    """Distribution functions of the sum of respondents drawn again, of cells whose lattices are of one length.

    Attributes
    ----------
    cell : which cells these are, shape (some,)
    below : share of the samples at or below each point, shape (some, points)
    origin : what the mean is at the first point, counted from the cell's own mean, shape (some,)
    step : between two points of the mean
    shared : whether values had to be shared between points
    """

    cell: Codes
    below: Floats
    origin: Floats
    step: Floats
    shared: np.ndarray


def lattice_steps(value: Floats, entry: Codes, cells: int) -> Floats:
    """Return the largest step that all differences within a cell are multiples of, shape (cells,); 0 where none was found.

    Parameters
    ----------
    value, entry : distinct values and their cells, sorted by cell and value
    """
    start = np.searchsorted(entry, np.arange(cells))
    away = value - value[start][entry]
    same = entry[1:] == entry[:-1]
    least = np.full(cells, np.inf)
    np.minimum.at(least, entry[1:][same], np.diff(value)[same])
    step, open_ = np.zeros(cells), np.isfinite(least)
    for parts in range(1, FINENESS + 1):
        rows = open_[entry]
        if not rows.any():
            break
        place, code = away[rows] * (parts / least[entry[rows]]), entry[rows]
        off = np.abs(place - np.rint(place)) > OFF
        fits = open_ & (sum_by(code[off], cells) == 0)
        step[fits] = least[fits] / parts
        open_ &= ~fits
    return step


def powers(value: Floats, times: Floats, entry: Codes, cells: int, step: Floats) -> list[Powers]:
    """Return the distribution of the sum of as many respondents as each cell has, drawn with replacement.

    Parameters
    ----------
    value, times, entry : distinct values about the cell's mean, sorted by cell and value; how often each comes; its cell
    cells : each with two values at least
    step : of the lattice of each cell, as from `lattice_steps`
    """
    n = sum_by(entry, cells, times)
    first, last = np.searchsorted(entry, np.arange(cells)), np.searchsorted(entry, np.arange(1, cells + 1)) - 1
    low, reach = value[first], value[last] - value[first]
    error = np.sqrt(sum_by(entry, cells, times * value**2))  # of the sum
    held = np.minimum(n * reach, 2 * (WIDTH * error + reach))
    shared = (step == 0) | (held + step > POINTS * step)
    step = np.where(shared, held / (POINTS - 2), step)
    length = np.exp2(np.ceil(np.log2(held / step + 2 - ROUNDING))).astype(np.int64)
    made = []
    for points in np.unique(length):
        chosen = np.flatnonzero(length == points)
        code = np.full(cells, -1)
        code[chosen] = np.arange(len(chosen))
        rows = code[entry] >= 0
        where, row = (value - low[entry])[rows] / step[entry[rows]], code[entry[rows]]
        share = (times / n[entry])[rows]
        left = np.where(shared[entry[rows]], np.floor(where), np.rint(where))
        part = np.where(shared[entry[rows]], where - left, 0.0)
        place, portion = np.append(left, left + 1), share * np.array([1 - part, part])
        at = np.tile(row * points, 2) + place.astype(np.int64) % points
        chance = sum_by(at, len(chosen) * points, portion.ravel()).reshape(len(chosen), points)
        below, begin = _power(chance, n[chosen], low[chosen], step[chosen])
        made.append(Powers(chosen, below, begin, step[chosen] / n[chosen], shared[chosen]))
    return made


def quantiles(held: Powers, share: Floats) -> Floats:
    """Return the first point of the mean at or below which so many samples lie, shape (ends, cells).

    Where values were shared between points, half a step more is in each: the end lies between two points.
    """
    ends = []
    row = np.arange(len(held.cell))
    for wanted in share:
        place = np.argmax(held.below >= (wanted - ROUNDING)[:, None], axis=1)
        upper, lower = held.below[row, place], np.where(place > 0, held.below[row, place - 1], 0.0)
        with np.errstate(invalid="ignore", divide="ignore"):
            between = np.where(held.shared & (upper > lower), (wanted - lower) / (upper - lower), 0.5)
        ends.append(
            held.origin + held.step * (place + np.clip(between, 0.0, 1.0) - 0.5)
        )  # what is rounding divides to anything
    return np.array(ends)


def share_below(held: Powers) -> Floats:
    """Return the share of the samples whose mean is below the cell's own; one that equals it counts half."""
    row, last = np.arange(len(held.cell)), held.below.shape[1] - 1
    place = -held.origin / held.step
    near = np.rint(place)
    tied = ~held.shared & (np.abs(place - near) < 1e-6)

    def at(point: Floats) -> Floats:
        known = np.clip(point, 0, last).astype(np.int64)
        return np.where(point < 0, 0.0, held.below[row, known])

    half = (at(near) + at(near - 1)) / 2
    floor = np.floor(place + 0.5)  # shared: half a step more is in each point
    part = place + 0.5 - floor
    smooth = at(floor - 1) + part * (at(floor) - at(floor - 1))
    return np.where(tied, half, np.where(held.shared, smooth, at(np.floor(place))))


def _power(chance: Floats, n: Floats, low: Floats, step: Floats) -> tuple[Floats, Floats]:
    """Return the distribution function of the sum of n draws about its centre, and where it begins as a mean."""
    from scipy.fft import irfft, rfft

    points = chance.shape[1]
    turned = rfft(chance, axis=1)
    begin = np.maximum(np.rint(-n * low / step) - points // 2, 0.0)  # the mean is zero; no sum lies below n times the lowest
    row, frequency = np.nonzero(turned.real**2 + turned.imag**2 > np.exp(-80.0 / n)[:, None])  # the rest vanishes
    turn = (2 * np.pi / points) * ((begin.astype(np.int64)[row] * frequency) % points)
    raised = np.zeros_like(turned)
    raised[row, frequency] = np.exp(n[row] * np.log(turned[row, frequency]) + 1j * turn)
    below = irfft(raised, points, axis=1)
    np.maximum(below, 0.0, out=below)
    np.cumsum(below, axis=1, out=below)
    below /= below[:, -1:]
    return below, low + step * begin / n
