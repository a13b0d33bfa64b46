"""What falling short costs against what exceeding earns: two steps of an outcome, down and up from a middle level.

Brandt (1987), in Surprenant (ed.), Add Value to Your Service, American Marketing Association, 61-65; the indices are those of
Mikulic & Prebezac (2008), Managing Service Quality 18(6), 559-576.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from cxgap.stats.means import Floats

BASIC, EXCITEMENT, HYBRID, CANNOT_TELL = "basic", "excitement", "hybrid", "cannot tell"
TWICE: Final = 1 / 3  # the index at which one side weighs twice the other: (2 - 1) / (2 + 1)


class Asymmetry(NamedTuple):
    """Indices of a penalty and a reward; each array has the shape of these.

    Attributes
    ----------
    range : reward less penalty (range of impact on the overall judgement)
    satisfying, dissatisfying : share of the range that is reward (SGP) and that is penalty (DGP)
    lean : the first less the second (IA), from -1, where only falling short counts, to 1, where only exceeding does
    wrong_sign : whether a penalty is above 0 or a reward below; it then counts as 0 in all but `range`
    """

    range: Floats
    satisfying: Floats
    dissatisfying: Floats
    lean: Floats
    wrong_sign: np.ndarray


def asymmetry(penalty: Floats, reward: Floats) -> Asymmetry:
    """Compare penalties with rewards; a side that is not known makes all NaN, and of two that are none only the range is known.

    Parameters
    ----------
    penalty : outcome where the level is low, less that where it is in the middle; at most 0 if low is bad
    reward : outcome where the level is high, less that where it is in the middle
    """
    down, up = np.minimum(penalty, 0.0), np.maximum(reward, 0.0)
    whole = up - down
    with np.errstate(divide="ignore", invalid="ignore"):
        satisfying = np.where(whole > 0, up / whole, np.nan)
    return Asymmetry(reward - penalty, satisfying, 1 - satisfying, 2 * satisfying - 1, (penalty > 0) | (reward < 0))


def kind_of(low: float, high: float) -> str:
    """Name the kind by the interval of the index.

    Returns
    -------
    "basic" where all of it is below 0, "excitement" where all is above; "cannot tell" where there is none, or where it goes
    beyond a third on both sides, so that either side may weigh twice the other; else "hybrid".
    """
    if not (np.isfinite(low) and np.isfinite(high)) or (low < -TWICE and high > TWICE):
        return CANNOT_TELL
    return BASIC if high < 0 else EXCITEMENT if low > 0 else HYBRID


def thirds(x: Floats, weight: Floats) -> Floats:
    """Say of each value whether it lies in the lowest third (-1), the middle (0) or the highest (1), ties together.

    Parameters
    ----------
    x, weight : shape (rows,)
    """
    levels, place = np.unique(x, return_inverse=True)
    share = np.cumsum(np.bincount(place, weight))
    one, two = (
        levels[min(int(np.searchsorted(share, part * share[-1] * (1 - 1e-12))), len(levels) - 1)] for part in (1 / 3, 2 / 3)
    )
    low = x < one if one == two else x <= one
    return np.where(low, -1.0, np.where(x > two, 1.0, 0.0))
