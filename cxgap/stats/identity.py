"""A number for the name of a respondent: the same on every machine, whatever else is in the file.

What is drawn for a respondent can then hang on the name alone, so that the order of rows and how they lie in files change
nothing. Mixing function: Steele, Lea & Flood (2014), OOPSLA, 453-472.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]

SHARDS = 1024  # groups of respondents that are drawn instead of respondents where these are too many
STEP = 0x9E3779B97F4A7C15
_ROWS = 65_536  # names spelt out at once, four bytes a letter
_TEXT, _INTEGER = 0x63786761702D7478, 0x63786761702D696E  # so that 7 and "7" are two people


def hashes(names: NDArray) -> Hashes:
    """Return a 64-bit number for each name, shape (rows,).

    Parameters
    ----------
    names : text or integers, shape (rows,); anything else counts by how it is written. The integer 7 and the text "7" are
        two names, and so are "7" and "07"

    Notes
    -----
    Each letter is mixed in after those before it. The chance that any two of a million names share a number is 3 in 10^8.
    """
    plain = _plain(np.asarray(names).ravel())
    if plain.dtype.kind in "iu":
        return mixed(plain.astype(np.uint64) ^ np.uint64(_INTEGER))
    found = np.empty(len(plain), np.uint64)
    for first in range(0, len(plain), _ROWS):
        found[first : first + _ROWS] = _spelt(plain[first : first + _ROWS])
    return found


def shards(units: Hashes, count: int = SHARDS) -> NDArray[np.int64]:
    """Return the group of each respondent by hash, 0 .. count - 1; the groups are of nearly the same size."""
    return (units % np.uint64(count)).astype(np.int64)


def mixed(numbers: Hashes) -> Hashes:
    """Turn 64-bit numbers into others that look random, one for one."""
    found = numbers + np.uint64(STEP)
    mix_in_place(found, np.empty_like(found))
    return found


def mix_in_place(numbers: Hashes, room: Hashes) -> None:
    """Mix numbers without taking memory; `room` has their shape, and holds nothing of use afterwards."""
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        np.right_shift(numbers, np.uint64(shift), out=room)
        np.bitwise_xor(numbers, room, out=numbers)
        np.multiply(numbers, np.uint64(factor), out=numbers)
    np.right_shift(numbers, np.uint64(31), out=room)
    np.bitwise_xor(numbers, room, out=numbers)


def _plain(names: NDArray) -> NDArray:
    """Return names as integers where all are, and as text else."""
    if names.dtype.kind == "O" and len(names):
        together = np.asarray(names.tolist())  # finds out whether all are text, or all integers
        names = together if together.ndim == 1 and together.dtype.kind in "iuU" else np.array([str(name) for name in names])
    return names if names.dtype.kind in "iuU" else names.astype(np.str_)


def _spelt(names: NDArray) -> Hashes:
    """Mix the letters of each name, one place after the other; names that are over stay as they are."""
    width = names.dtype.itemsize // 4
    letters = np.ascontiguousarray(names).view(np.dtype(np.uint32).newbyteorder(names.dtype.byteorder)).reshape(-1, width)
    found = np.full(len(names), _TEXT, np.uint64)
    length = np.char.str_len(names)
    for place in range(int(length.max(initial=0))):
        going = length > place
        found[going] = mixed(found[going] ^ letters[going, place].astype(np.uint64))
    return found
