"""Which of a few plans to choose under a budget, when what they bring together is not the sum of what each brings.

A set of plans is a number whose bits say which plans are in it. All sets are looked at, so the choice is exact; a dynamic
programme or an integer programme would need values that add up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from cxgap.stats.means import Floats

MOST_PLANS: Final = 10


def members(plans: int) -> np.ndarray:
    """Return which plans each set holds, shape (2 ** plans, plans)."""
    return (np.arange(2**plans)[:, None] >> np.arange(plans) & 1).astype(bool)


def allowed(plans: int, requires: Mapping[int, Sequence[int]], exclusive: Sequence[Sequence[int]]) -> np.ndarray:
    """Say of each set whether every plan in it has what it requires, and no two are instead of one another."""
    held = members(plans)
    good = np.ones(len(held), bool)
    for plan, needed in requires.items():
        good &= ~held[:, plan] | held[:, list(needed)].all(axis=1)
    for group in exclusive:
        good &= held[:, list(group)].sum(axis=1) <= 1
    return good


def best(cost: Floats, net: Floats, possible: np.ndarray) -> int:
    """Return the possible set that leaves most, of equals the cheapest, then the one of fewest plans."""
    chosen = np.flatnonzero(possible)
    top = net[chosen].max()
    level = chosen[net[chosen] >= top - 1e-9 * max(abs(float(top)), 1.0)]
    size = np.array([int(each).bit_count() for each in level])
    return int(level[np.lexsort((level, size, cost[level]))[0]])


def efficient(cost: Floats, net: Floats, possible: np.ndarray) -> list[int]:
    """Return the possible sets that no cheaper set equals in what it leaves, the cheapest first."""
    found: list[int] = []
    top = -np.inf
    for each in sorted(np.flatnonzero(possible), key=lambda one: (cost[one], -net[one], int(one).bit_count(), one)):
        if net[each] > top + 1e-9 * max(abs(float(net[each])), 1.0):
            found.append(int(each))
            top = net[each]
    return found
