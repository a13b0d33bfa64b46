"""What a customer is worth, what closing a gap may bring, and how much an unseen cause would have to do.

Arithmetic of money and of doubt; arrays in, arrays out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations
from math import factorial

import numpy as np

from cxgap.stats.means import Floats

MOST_RETAINED = 0.99  # beyond which a lifetime is longer than anybody has seen
MOST_PARTS = 10


def lifetime_value(margin: Floats, retention: Floats, discount: Floats, *, immediate: bool = False) -> Floats:
    """Return what a customer is worth over the years, retention being at most 0.99.

    Parameters
    ----------
    margin : of a period
    retention : share that is still there a period later
    discount : of a period
    immediate : whether the first margin comes at once, and not after a period

    References
    ----------
    Gupta & Lehmann (2003), Journal of Interactive Marketing 17(1), 9-24.
    """
    kept = np.minimum(retention, MOST_RETAINED)
    return np.asarray(margin * ((1 + discount) if immediate else kept) / (1 + discount - kept))


def e_value(ratio: float) -> float:
    """Return how strongly an unseen cause would have to go with both sides to explain a risk ratio away.

    VanderWeele & Ding (2017), Annals of Internal Medicine 167(4), 268-274.
    """
    if not ratio > 0:
        return float("nan")
    above = max(ratio, 1 / ratio)
    return float(above + np.sqrt(above * (above - 1)))


def e_value_of_limit(low: float, high: float) -> float:
    """Return the E-value of the end of an interval that is nearest to 1; 1 where the interval holds 1."""
    if low <= 1 <= high:
        return 1.0
    return e_value(low if low > 1 else high)


def shapley(worth: Callable[[frozenset[int]], Floats], parts: int) -> Floats:
    """Share what all parts together are worth out among them: the mean of what each adds, over all orders.

    Parameters
    ----------
    worth : of a set of parts; any shape
    parts : how many, at most 10

    Returns
    -------
    Shape (parts, ...); the shares add up to the worth of all, less that of none.

    References
    ----------
    Shapley (1953), Contributions to the Theory of Games II, 307-317.
    """
    known = {
        frozenset(chosen): worth(frozenset(chosen)) for size in range(parts + 1) for chosen in combinations(range(parts), size)
    }
    found = []
    for part in range(parts):
        total = np.zeros_like(np.asarray(known[frozenset()], float))
        for chosen, value in known.items():
            if part in chosen:
                size = len(chosen) - 1
                times = factorial(size) * factorial(parts - size - 1) / factorial(parts)
                total = total + times * (np.asarray(value) - known[chosen - {part}])
        found.append(total)
    return np.array(found)


def information_value(net: Floats) -> float:
    """Return what knowing the outcome before deciding is worth: Howard (1966), IEEE Transactions SSC-2(1), 22-26."""
    return float(np.maximum(net, 0).mean() - max(float(net.mean()), 0.0))


def triangular(low: float, mode: float, high: float, chance: Floats) -> Floats:
    """Turn chances into draws of a triangle; a triangle without width is its mode."""
    width = high - low
    if width <= 0:
        return np.full(len(chance), float(mode))
    turn = (mode - low) / width
    up = low + np.sqrt(chance * width * (mode - low))
    down = high - np.sqrt((1 - chance) * width * (high - mode))
    return np.where(chance < turn, up, down)


def tornado(values: Sequence[Floats]) -> Floats:
    """Return the share of each input in the spread of a result, from the results with that input alone drawn."""
    spread = np.array([float(np.var(each)) for each in values])
    total = spread.sum()
    return spread / total if total > 0 else np.full(len(values), np.nan)
