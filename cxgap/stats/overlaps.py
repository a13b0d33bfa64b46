"""Which counts and sums of groups that overlap would tell of a few people by subtraction.

Hundepool et al. (2012), Statistical Disclosure Control, Wiley, chapter 4 (differences of nested tables; the p % rule of sums).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cxgap.stats.means import Codes, Floats

P_PERCENT = 0.1


def nearly_alike(groups: Sequence[Codes], least: int) -> list[tuple[int, int]]:
    """Return the pairs of groups that differ by some people, and by fewer than `least`: their counts tell of these.

    Parameters
    ----------
    groups : codes of the people in each
    least : the least number of people that may be told apart
    """
    from scipy.sparse import csr_matrix

    size = np.array([len(group) for group in groups], np.int64)
    if least <= 1 or not size.sum():
        return []
    people = np.concatenate([np.asarray(group, np.int64) for group in groups])
    shape = (len(groups), int(people.max()) + 1)
    member = csr_matrix((np.ones(len(people), np.int64), (np.repeat(np.arange(len(groups)), size), people)), shape)
    both = (member @ member.T).tocoo()
    apart = size[both.row] + size[both.col] - 2 * both.data
    found = (both.row < both.col) & (apart > 0) & (apart < least)
    return list(zip(both.row[found].tolist(), both.col[found].tolist(), strict=True))


def told_by_union(union: Codes, parts: Sequence[Codes], whole: bool, least: int) -> bool:
    """Say whether the size of a union, beside those of its parts, tells of fewer than `least` people.

    Either the parts leave so few over; or, where they are all of it, so few are in more than one.

    Parameters
    ----------
    union, parts : codes of people; only of the parts whose size is shown
    whole : whether these are all the parts
    least : the least number of people that may be told apart
    """
    if least <= 1 or not parts:
        return False
    several = np.concatenate(list(parts))
    known = np.unique(several)
    rest = len(np.setdiff1d(union, known))
    return 0 < rest < least or (whole and rest == 0 and 0 < len(several) - len(known) < least)


def told_by_one(values: NDArray[np.float64]) -> bool:
    """Say whether a sum tells nearly what its largest part is, to whoever knows the second largest.

    That is so where all the others together are less than a tenth of the largest.
    """
    size: Floats = np.sort(np.abs(values[np.isfinite(values)]))[::-1]
    return bool(len(size) and size[0] > 0 and size[2:].sum() < P_PERCENT * size[0])
