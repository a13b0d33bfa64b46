"""Tests of paired differences by their signs and ranks, for all cells at once.

Wilcoxon's test asks whether the differences lie symmetrically about zero; only where they are symmetric about something is
that a test of their median. Both tests take each pair for one independent observation: weights and clusters have no place.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cxgap.stats.counts import Counts, tabulate
from cxgap.stats.means import Floats, ratio, sum_by

# What is done with differences of zero: ranked and then left out, left out before ranking, or shared between the sides.
ZEROS: Final = {
    "pratt": "ranked, then left out (Pratt 1959)",
    "wilcox": "left out before ranking (Wilcoxon 1945)",
    "zsplit": "ranked, and half of their ranks given to either side",
}
MOST_EXACT = 50  # pairs up to which the distribution is written out


class Signs(NamedTuple):
    """Differences by sign, and the exact test of as many below zero as above; each array has shape (cells,)."""

    below: Floats
    equal: Floats
    above: Floats
    p_value: Floats


class SignedRanks(NamedTuple):
    """Wilcoxon's test; each array has shape (cells,).

    Attributes
    ----------
    n : pairs, those without a difference too
    statistic : sum of the ranks of the positive differences
    z : its distance from what symmetry about zero makes us expect, in standard deviations; ties are accounted for
    p_value : two-sided; NaN where no pair differs
    exact : whether `p_value` is exact, or else by the normal curve
    """

    n: Floats
    statistic: Floats
    z: Floats
    p_value: Floats
    exact: NDArray[np.bool_]


def sign_test(differences: Counts) -> Signs:
    """Test whether differences are as often negative as positive: Arbuthnott (1710); Dixon & Mood (1946), JASA 41, 557-566.

    The p-value is the exact binomial one of those that differ; NaN where none does.
    """
    from scipy.special import bdtr

    cell, cells, count, value = differences.cell, differences.cells, differences.times, differences.value
    below, equal, above = (sum_by(cell, cells, count * side) for side in (value < 0, value == 0, value > 0))
    differing = below + above
    p = np.minimum(1.0, 2 * bdtr(np.minimum(below, above), differing.astype(np.int64), 0.5))
    return Signs(below, equal, above, np.where(differing > 0, p, np.nan))


def signed_rank_test(
    differences: Counts, *, zeros: str = "pratt", correction: bool = False, most_exact: int = MOST_EXACT
) -> SignedRanks:
    """Test whether differences lie symmetrically about zero.

    Parameters
    ----------
    differences : counted in each cell
    zeros : a word of ZEROS
    correction : whether the normal approximation of the p-value (and `z`) is corrected for continuity
    most_exact : pairs up to which the p-value is exact, ties and zeros included; at most 50, 0 for never

    References
    ----------
    Wilcoxon (1945), Biometrics Bulletin 1(6), 80-83. Pratt (1959), Journal of the American Statistical Association 54,
    655-667. The normal approximation is that of coin::wilcoxsign_test in R.
    """
    from scipy.special import ndtr

    cells = differences.cells
    size = tabulate(np.abs(differences.value), differences.cell, cells, differences.times)
    positive = sum_by(size.place, len(size.value), differences.times * (differences.value > 0))
    differs = size.value > 0
    zero = sum_by(size.cell, cells, size.times * ~differs)
    rank = size.below() + (size.times + 1) / 2
    if zeros == "wilcox":
        rank = np.where(differs, rank - zero[size.cell], 0.0)
    moving = differs if zeros != "zsplit" else np.ones(len(rank), bool)
    statistic = sum_by(size.cell, cells, rank * positive)
    expected = sum_by(size.cell, cells, np.where(differs, rank, 0.0) * size.times) / 2
    spread = np.sqrt(sum_by(size.cell, cells, np.where(moving, rank, 0.0) ** 2 * size.times)) / 2
    away = statistic - expected
    some = sum_by(size.cell, cells, size.times * differs) > 0
    z = ratio(away - (np.sign(away) / 2 if correction else 0.0), np.where(some, spread, 0.0))
    if zeros == "zsplit":
        statistic = statistic + sum_by(size.cell, cells, np.where(differs, 0.0, rank) * size.times) / 2
    n = size.total
    exact = (n <= min(most_exact, MOST_EXACT)) & some
    p = 2 * ndtr(-np.abs(z))
    ends = np.searchsorted(size.cell, np.arange(cells + 1))
    for cell in np.flatnonzero(exact):
        rows = slice(ends[cell], ends[cell + 1])
        chosen = differs[rows]
        ranks = np.rint(2 * rank[rows][chosen]).astype(np.int64)
        p[cell] = _exact(ranks, size.times[rows][chosen].astype(np.int64), 2 * away[cell])
    return SignedRanks(n, statistic, z, np.where(some, p, np.nan), exact)


def _exact(ranks: NDArray[np.int64], counts: NDArray[np.int64], twice_away: float) -> float:
    """Return the two-sided p-value when each of the doubled ranks is positive or negative by the toss of a coin.

    `twice_away` is the sum of the positive ranks less half of the sum of all, doubled.
    """
    each = np.repeat(ranks, counts)
    total = int(each.sum())
    ways = np.zeros(total + 1)  # of each sum: whole numbers up to 2 ** 50, which floats hold exactly
    ways[0], reached = 1.0, 0
    for rank in map(int, each):
        reached += rank
        ways[rank : reached + 1] += ways[: reached + 1 - rank].copy()
    lower = round(total / 2 - abs(twice_away))
    return float(min(1.0, 2 * ways[: lower + 1].sum() / 2.0 ** len(each)))
