"""The distribution of a sum over units drawn again by Fourier inversion: for sums of a few units, or that one unit rules.

There the distribution has steps that no smooth approximation follows. Gil-Pelaez (1951), Biometrika 38(3-4), 481-482.
"""

from __future__ import annotations

import numpy as np

from cxgap.stats.cumulants import Sums, of_cells, tilted
from cxgap.stats.means import Codes, Floats
from cxgap.stats.saddlepoint import saddle_quantiles, smooth_sums

FREQUENCIES, FIRST = 256, 32  # that are summed; those tried first, beyond which a smooth sum has nothing left
NOTHING = 1e-9
WIDTH = 10.0  # standard deviations of the sum that lie within half a period, beside its mean
ARM, DOUBLINGS, HALVINGS = 0.02, 9, 12  # of the bracket of a quantile: its arms at first, in standard errors
ENOUGH = 3e-3  # width of the bracket, in standard errors; the waves tell no more
AT_ONCE = 1_000_000  # numbers held in one array
GROUPS, ALONE = 128, 1e-3  # of small units in a block; share of the variance from which on a unit is not grouped


def share_below(sums: Sums, tau: Floats) -> Floats:
    """Return the share of the samples whose estimate is less than tau above the cell's own, shape (ends, cells).

    An equal one counts half. Samples that nobody of the cell is in tell nothing and are left out.
    """
    at = tilted(sums, np.zeros_like(tau), tau)
    period = 2 * (np.abs(at.slope) + WIDTH * np.sqrt(at.bend))
    found, last = _waves(sums, tau, period, np.arange(FIRST))
    rough = np.flatnonzero((last > NOTHING).any(axis=0))
    if len(rough):
        rest = np.arange(FIRST, FREQUENCIES)
        found[:, rough] += _waves(of_cells(sums, rough), tau[:, rough], period[:, rough], rest)[0]
    with np.errstate(divide="ignore"):
        empty = np.exp(np.add.reduceat(sums.draws * np.log(sums.absent / sums.size), sums.first))
    empty = np.where(sums.fixed[1] > 0, 0.0, empty)
    return np.clip((0.5 - found - empty / 2) / (1 - empty), 0.0, 1.0)


def grouped(sums: Sums) -> Sums:
    """Let small units of a block whose scores are neighbours stand at their mean: they are too many to make steps."""
    length = np.diff(np.append(sums.begin, len(sums.score)))
    block = np.repeat(np.arange(len(length)), length)
    square = sums.score * sums.score
    large = square > ALONE * np.bincount(sums.entry, sums.times * square)[sums.entry]
    order = np.lexsort((sums.mass, sums.score, large, block))
    place = np.arange(len(block)) - sums.begin[block]
    width = -(-length // GROUPS)[block]
    mark = np.where(large[order], place, place // width * width)
    first = np.flatnonzero(np.append(True, (np.diff(block) != 0) | (np.diff(mark) != 0)))
    times = np.add.reduceat(sums.times[order], first)
    score, mass = (np.add.reduceat((sums.times * part)[order], first) / times for part in (sums.score, sums.mass))
    begin = np.searchsorted(block[first], np.arange(len(length)))
    return sums._replace(score=score, mass=mass, times=times, entry=sums.entry[first], begin=begin)


def inverted_quantiles(sums: Sums, share: Floats) -> Floats:
    """Find how far above the cell's own estimate so many samples lie below, shape (ends, cells)."""
    load = np.cumsum(np.bincount(sums.entry, minlength=len(sums.first))) * (FIRST * len(share)) // AT_ONCE
    parts = [np.flatnonzero(load == one) for one in np.unique(load)]
    return np.hstack([_found(of_cells(sums, part), share[:, part]) for part in parts])


def _found(sums: Sums, share: Floats) -> Floats:
    """Widen a bracket about the saddlepoint's quantile until it holds the true one, then halve it."""
    from scipy.special import ndtri

    origin = np.zeros((1, len(sums.first)))
    start = tilted(sums, origin, origin)
    error = np.sqrt(start.bend) / start.mass * np.ones(share.shape)
    middle, reached = saddle_quantiles(smooth_sums(sums), ndtri(share))
    middle = np.where(reached, middle, np.clip(ndtri(share), -4.0, 4.0) * error)
    low, high = middle - ARM * error, middle + ARM * error
    least, most = _reach(sums)
    for end, other, below in ((low, high, True), (high, low, False)):
        arm, open_ = ARM * error, np.arange(share.shape[1])
        for _ in range(DOUBLINGS):
            out = (share_below(of_cells(sums, open_), end[:, open_]) < share[:, open_]) != below
            other[:, open_] = np.where(out, end[:, open_], other[:, open_])
            arm = 2 * arm
            end[:, open_] += np.where(out, -arm[:, open_] if below else arm[:, open_], 0.0)
            open_ = open_[out.any(axis=0)]
            if not len(open_):
                break
        else:  # a unit that outweighs all others is in some samples and not in others, far from each other
            bound = least if below else most
            out = (share_below(of_cells(sums, open_), end[:, open_]) < share[:, open_]) != below
            end[:, open_] = np.where(out, bound[open_], end[:, open_])
    for _ in range(HALVINGS):
        open_ = np.flatnonzero((high - low > ENOUGH * error).any(axis=0))
        if not len(open_):
            break
        middle = (low + high)[:, open_] / 2
        under = share_below(of_cells(sums, open_), middle) < share[:, open_]
        low[:, open_], high[:, open_] = np.where(under, middle, low[:, open_]), np.where(under, high[:, open_], middle)
    return np.clip((low + high) / 2, least, most)


def _reach(sums: Sums) -> tuple[Floats, Floats]:
    """Return the least and the greatest mean of units, and of what is in all samples: no sample's mean lies beyond."""
    begin = sums.begin[sums.first]
    held = sums.fixed[1] > 0
    fixed = np.divide(sums.fixed[0], sums.fixed[1], out=np.zeros(len(begin)), where=held)
    least, most = (pick.reduceat(sums.score / sums.mass, begin) for pick in (np.minimum, np.maximum))
    return np.where(held, np.minimum(least, fixed), least), np.where(held, np.maximum(most, fixed), most)


def _waves(sums: Sums, tau: Floats, period: Floats, number: Codes) -> tuple[Floats, Floats]:
    """Add up these waves of the odd frequencies, and tell how high the last of them still are."""
    odd = 2 * number + 1
    turn = (2 * np.pi / period)[:, sums.entry] * (sums.score - tau[:, sums.entry] * sums.mass)
    wave = np.empty((len(number), *turn.shape), complex)
    wave[0], wave[1:] = sums.times * np.exp(1j * odd[0] * turn), np.exp(2j * turn)
    each = np.add.reduceat(np.cumprod(wave, axis=0, out=wave), sums.begin, axis=2) + sums.absent
    with np.errstate(divide="ignore"):
        height = np.log(np.abs(each) / sums.size)
    size = np.exp(np.add.reduceat(sums.draws * height, sums.first, axis=2))
    angle = np.add.reduceat(sums.draws * np.angle(each), sums.first, axis=2)
    angle += odd[:, None, None] * (2 * np.pi / period * (sums.fixed[0] - tau * sums.fixed[1]))
    smooth = np.sinc(odd / (2 * FREQUENCIES + 1)) / odd  # Lanczos: no ripples about the steps
    return (2 / np.pi) * (smooth[:, None, None] * size * np.sin(angle)).sum(axis=0), size[len(number) // 2 :].max(axis=0)
