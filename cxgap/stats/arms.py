"""Whom chance holds out: the same people whatever the order of the rows, the machine or the day."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

from cxgap.stats.means import Codes, Floats, sum_by


def lots(ids: Sequence[str], *key: object) -> Floats:
    """Draw a number between 0 and 1 for each id, from the id and the key alone.

    Parameters
    ----------
    ids : of people
    key : what else decides, such as the seed and the campaign: another one draws anew
    """
    secret = hashlib.blake2b(repr([str(part) for part in key]).encode(), digest_size=32).digest()
    drawn = [hashlib.blake2b(str(each).encode("utf-8", "surrogatepass"), key=secret, digest_size=8).digest() for each in ids]
    return np.array([int.from_bytes(each, "big") >> 11 for each in drawn], float) / 2**53


def held_out(stratum: Codes, lot: Floats, count: int) -> np.ndarray:
    """Choose `count` people, of each stratum its share to the nearest whole person, those with the smallest lots.

    Parameters
    ----------
    stratum : codes, 0 .. strata - 1, shape (people,)
    lot : as `lots` returns, shape (people,)
    count : how many to hold out of all
    """
    size = sum_by(stratum, int(stratum.max(initial=-1)) + 1)
    share = count * size / max(len(stratum), 1)
    own = np.floor(share).astype(np.int64)
    rest = share - own
    first = np.array([lot[stratum == code].min(initial=1.0) for code in range(len(size))])
    order = np.lexsort((first, -rest))  # the largest remainders; among equal ones by lot
    own[order[: count - int(own.sum())]] += 1
    chosen = np.zeros(len(stratum), bool)
    for code, number in enumerate(own):
        members = np.flatnonzero(stratum == code)
        chosen[members[np.argsort(lot[members], kind="stable")[:number]]] = True
    return chosen
