"""One stream of replicate weights, multiplied with columns of whole numbers: sums of every replicate, of any number of rows.

Each respondent comes as often as a Poisson number of mean 1 that hangs on the seed, the replicate and the respondent's name
alone: Chamandy, Muralidharan, Najmi & Naidu (2012), Estimating uncertainty for massive data streams, Google. Sums of whole
numbers are exact, so that neither the order of rows, nor how they were parted, nor how many threads the matrix product
takes changes a digit.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from cxgap.stats.identity import SHARDS, STEP, Hashes, mix_in_place, mixed, shards
from cxgap.stats.means import Floats

Columns = Callable[[slice], Floats]  # the columns of some rows, shape (rows, columns), made when they are wanted

LEAST_POISSON = 100  # sampling units, below which the size of a Poisson replicate varies too much
MOST_UNITS = 200_000  # respondents that are drawn one by one; of more, groups of them
# How many of the 65,536 numbers of 16 bits are a 0, a 1 .. an 8: mean and variance are exactly 1, the third moment to 1e-5.
TIMES = (24113, 24099, 12062, 4020, 1003, 200, 33, 5, 1)

_CUTS = np.cumsum(TIMES)[:-1].astype(np.uint16)  # from where on a number of 16 bits is a 1, a 2 .. an 8
_LANES = 4  # replicates from one number of 64 bits
_ROWS, _REPLICATES, _TILE = 2048, 2048, 32  # weights held at once, and rows of them made at once, to stay in the cache
_SORTED = 8192  # rows that are sorted by group at once
_WHOLE = 2.0**24  # a float32 counts in ones up to here


def weights(units: Hashes, replicates: range, *, seed: int, room: NDArray[np.float32] | None = None) -> NDArray[np.float32]:
    """Draw how often each unit comes in each replicate, shape (units, replicates).

    Parameters
    ----------
    units : a hash of the name of each, as `identity.hashes` makes them
    replicates : consecutive numbers of the replicates wanted
    seed : of all
    room : taken for the result, shape (at least units, at least replicates + 8); by default new
    """
    first, last = replicates.start // _LANES, -(-replicates.stop // _LANES)
    wide = _LANES * (last - first)
    start = mixed(units ^ mixed(np.array([seed % 2**64], np.uint64)))
    step = np.arange(first, last, dtype=np.uint64) * np.uint64(STEP)
    found = np.empty((len(units), wide), np.float32) if room is None else room[: len(units), :wide]
    number, spare = np.empty((2, _TILE, last - first), np.uint64)
    times, above = np.empty((2, _TILE, wide), np.uint8)
    for low in range(0, len(units), _TILE):
        part = start[low : low + _TILE, None]
        if len(part) < _TILE:
            number, spare, times, above = number[: len(part)], spare[: len(part)], times[: len(part)], above[: len(part)]
        np.add(part, step, out=number)
        mix_in_place(number, spare)
        short = number.astype("<u8", copy=False).view("<u2")  # the lowest 16 bits first, on every machine
        np.greater_equal(short, _CUTS[0], out=times.view(bool))
        for cut in _CUTS[1:]:
            np.greater_equal(short, cut, out=above.view(bool))
            np.add(times, above, out=times)
        found[low : low + _TILE] = times
    skipped = replicates.start - _LANES * first
    return found[:, skipped : skipped + len(replicates)]


def streamed_sums(columns: Columns | Floats, units: Hashes, replicates: range, *, seed: int) -> Floats:
    """Return the sums of columns in each replicate, shape (replicates, columns).

    Parameters
    ----------
    columns : shape (rows, columns), or what makes them of a slice of rows: then they are never all there
    units : the hash of the sampling unit of each row, shape (rows,); rows of one unit that follow each other are quicker,
        and so are the first and last columns of nothing but zeros in some 2,000 rows that follow each other
    replicates, seed : as in `weights`

    Returns
    -------
    Exact where columns are whole numbers and no sum of their sizes is above 2^53: the sums of the parts of a sample then
    add up to those of the whole. Products are in float32 where that is exact, and else in float64.
    """
    make = columns if callable(columns) else columns.__getitem__
    found = np.zeros((len(replicates), make(slice(0, 0)).shape[1]))
    room = np.empty((min(_ROWS, len(units)), min(_REPLICATES, len(replicates)) + 2 * _LANES), np.float32)
    for low in range(0, len(units), _ROWS):
        rows = slice(low, min(low + _ROWS, len(units)))
        once, block = _collapsed(units[rows], make(rows))
        seen = np.flatnonzero(block.any(axis=0))
        held = slice(int(seen[0]), int(seen[-1]) + 1) if len(seen) else slice(0, 0)
        block = block[:, held]
        whole = bool((np.rint(block) == block).all())
        for start in range(0, len(replicates), _REPLICATES):
            part = slice(start, min(start + _REPLICATES, len(replicates)))
            drawn = weights(once, replicates[part], seed=seed, room=room)
            _add(found[part, held], drawn, block, whole)
    return found


def shard_sums(columns: Columns | Floats, units: Hashes, count: int = SHARDS) -> tuple[Floats, Hashes]:
    """Return the sums of columns in each group of respondents, shape (groups, columns), and the names of the groups, hashed.

    Parameters
    ----------
    columns, units : as in `streamed_sums`
    count : groups
    """
    make = columns if callable(columns) else columns.__getitem__
    group = shards(units, count)
    found = np.zeros((count, make(slice(0, 0)).shape[1]))
    for low in range(0, len(units), _SORTED):
        rows = slice(low, min(low + _SORTED, len(units)))
        order = np.argsort(group[rows], kind="stable")
        here, first = np.unique(group[rows][order], return_index=True)
        found[here] += np.add.reduceat(make(rows)[order], first, axis=0)
    return found, mixed(np.arange(count, dtype=np.uint64))


def _collapsed(units: Hashes, block: Floats) -> tuple[Hashes, Floats]:
    """Add up rows of one unit that follow each other."""
    first = np.flatnonzero(np.concatenate([[True], units[1:] != units[:-1]]))
    return (units, block) if len(first) == len(units) else (units[first], np.add.reduceat(block, first, axis=0))


def _add(found: Floats, drawn: NDArray[np.float32], block: Floats, whole: bool) -> None:
    """Add the sums of a block to those that were `found`, in the narrowest numbers that hold them."""
    highest = (len(TIMES) - 1) * np.abs(block).sum(axis=0).max(initial=0.0)
    if whole and highest < _WHOLE:
        found += drawn.T @ block.astype(np.float32)
    elif whole and len(block) > _TILE and highest < _WHOLE * _ROWS / _TILE:
        half = len(block) // 2
        _add(found, drawn[:half], block[:half], whole)
        _add(found, drawn[half:], block[half:], whole)
    else:
        found += drawn.T.astype(np.float64) @ block
