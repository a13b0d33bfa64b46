"""The shift that makes paired differences most nearly symmetric about zero, with the interval that Wilcoxon's test gives."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cxgap.stats.counts import DECIMALS, Counts
from cxgap.stats.means import Floats

MOST_EXACT = 49  # differences up to which the exact distribution is used, if no two are alike
MOST_LISTED = 200  # different values up to which all of their means are listed; beyond, they are counted
MOST_PAIRS = 4000  # likewise, of those that are left of the halving


class Shift(NamedTuple):
    """Hodges & Lehmann's estimate and the ends of its interval; each array has shape (cells,)."""

    estimate: Floats
    low: Floats
    high: Floats


def hodges_lehmann(differences: Counts, *, conf_level: float, drop_zeros: bool = True) -> Shift:
    """Estimate the centre of the differences: the median of the means of all pairs of them, each with itself too.

    The interval holds the shifts that Wilcoxon's test does not reject: by its exact distribution for up to 49 differences
    of which no two are alike (and none was zero), else by the normal one with correction for continuity. Where there are
    too few differences for the level, its ends are NaN.

    Parameters
    ----------
    differences : counted in each cell
    conf_level : two-sided
    drop_zeros : whether differences of zero are left out, as in R's wilcox.test: the estimate is then that of those who
        differ, and may lie far from zero though most do not

    References
    ----------
    Hodges & Lehmann (1963), Annals of Mathematical Statistics 34(2), 598-611. Bauer (1972), Journal of the American
    Statistical Association 67, 687-690 (interval).
    """
    made = np.full((3, differences.cells), np.nan)
    ends = np.searchsorted(differences.cell, np.arange(differences.cells + 1))
    for cell in range(differences.cells):
        rows = slice(ends[cell], ends[cell + 1])
        value, count = differences.value[rows], differences.times[rows]
        zeros = bool((value == 0).any())
        if drop_zeros and zeros:
            value, count = value[value != 0], count[value != 0]
        if len(value):
            made[:, cell] = _shift(value, count, zeros and drop_zeros, conf_level)
    return Shift(*made)


def _shift(value: Floats, count: Floats, dropped: bool, conf_level: float) -> tuple[float, float, float]:
    n = count.sum()
    means = n * (n + 1) / 2
    at = _listed(value, count) if len(value) <= MOST_LISTED else _sought(value, count)
    half = means / 2
    estimate = (at(np.ceil(half)) + at(np.floor(half) + 1)) / 2
    if n <= MOST_EXACT and not dropped and (count == 1).all():
        below = _least_kept(int(n), conf_level)
        if below < 1:
            return estimate, np.nan, np.nan
        return estimate, at(below), at(means - below + 1)
    spread = np.sqrt(n * (n + 1) * (2 * n + 1) / 24 - (count**3 - count).sum() / 48)
    reach = 0.5 + _z(conf_level) * spread  # of the means of pairs on either side of the middle
    if not reach < half:
        return estimate, np.nan, np.nan
    return estimate, at(np.floor(half - reach) + 1), at(np.floor(half + reach) + 1)


def _listed(value: Floats, count: Floats) -> Callable[[float], float]:
    """Return what finds the mean of a pair by its place in rising order, from 1, by listing them all."""
    first, second = np.triu_indices(len(value))
    mean = np.round((value[first] + value[second]) / 2, DECIMALS)
    pairs = np.where(first == second, count[first] * (count[first] + 1) / 2, count[first] * count[second])
    order = np.argsort(mean, kind="stable")
    mean, reached = mean[order], np.cumsum(pairs[order])
    return lambda place: float(mean[np.searchsorted(reached, place)])


def _sought(value: Floats, count: Floats) -> Callable[[float], float]:
    """Return the same by halving the range until few enough means lie in it to be listed: there are too many of them all."""
    reached = np.concatenate([[0.0], np.cumsum(count)])

    def partners(level: float) -> NDArray[np.intp]:
        """Count, for each value, the values whose mean with it is at most `level`."""
        return np.searchsorted(value, 2 * level - value, "right")

    def at_most(level: float) -> float:
        alone = reached[np.searchsorted(value, level, "right")]
        return float(((count * reached[partners(level)]).sum() + alone) / 2)

    def at(place: float) -> float:
        low, high = value[0] - 1.0, value[-1]
        while (partners(high) - partners(low)).sum() > MOST_PAIRS and high - low > 0.1**DECIMALS:
            middle = (low + high) / 2
            low, high = (low, middle) if at_most(middle) >= place else (middle, high)
        begin = partners(low)
        many = partners(high) - begin
        first = np.repeat(np.arange(len(value)), many)
        second = np.arange(len(first)) + np.repeat(begin - np.cumsum(many) + many, many)
        mean = np.round((value[first] + value[second]) / 2, DECIMALS)
        pairs = np.where(first == second, count[first] * (count[first] + 1) / 2, count[first] * count[second] / 2)
        order = np.argsort(mean, kind="stable")
        below = at_most(low) + np.cumsum(pairs[order])
        return float(mean[order[np.searchsorted(below, place)]])

    return at


@cache
def _least_kept(n: int, conf_level: float) -> int:
    """Return the place of the lower end among the means of pairs: the least rank sum that the exact test keeps.

    0 where even the smallest is kept, so that the level cannot be reached.
    """
    ways = np.zeros(n * (n + 1) // 2 + 1)
    ways[0], reached = 1.0, 0
    for rank in range(1, n + 1):
        reached += rank
        ways[rank : reached + 1] += ways[: reached + 1 - rank].copy()
    return int(np.searchsorted(np.cumsum(ways) / 2.0**n, (1 - conf_level) / 2 * (1 - 1e-12)))


def _z(conf_level: float) -> float:
    from scipy.special import ndtri

    return float(ndtri((1 + conf_level) / 2))
