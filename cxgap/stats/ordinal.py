"""Two distributions over the same ordered answers, compared without taking the steps between answers for equal.

Values that no two people gave alike are as good as answers: whatever can be put in order can be compared.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cxgap.stats.means import Codes, Floats, ratio, sum_by

REPLICATES = 1999  # odd, so that the ends of a 95 % interval are two of the sorted replicates
HELD_AT_ONCE = 2_000_000  # numbers drawn before they are summed up
MANY_KINDS = 5_000  # of sampling units in a stratum, from which their sums are drawn as normal ones
DECIMALS = 9  # means of answers that differ at all differ before this digit; beyond it is rounding


class Ordinal(NamedTuple):
    """How a first distribution lies to a second; each array has shape (cells,).

    Attributes
    ----------
    superiority : chance that one of the first is above one of the second, ties counting half
    w1 : Wasserstein-1 distance, the mean way by which the one must be moved to become the other, in steps of the values
    pure_shift : share of `w1` that the difference of the means shows; 1 where one distribution lies above the other
        at every cut, NaN where they are the same
    kolmogorov : largest difference of the shares at or below any value
    """

    superiority: Floats
    w1: Floats
    pure_shift: Floats
    kolmogorov: Floats


def compare(first: ArrayLike, second: ArrayLike, values: ArrayLike) -> Ordinal:
    """Compare two distributions in every cell.

    Parameters
    ----------
    first, second : counts or sums of weights of each value, shape (cells, values); a cell of none has NaN
    values : the answers in rising order, shape (values,)

    References
    ----------
    Vargha & Delaney (2000), Journal of Educational and Behavioral Statistics 25(2), 101-132 (superiority, as A).
    Vallender (1974), Theory of Probability and its Applications 18(4), 784-786 (distance, from cumulative shares).
    """
    step = np.diff(np.asarray(values, np.float64))
    p, q = _shares(first), _shares(second)
    below_p, below_q = np.cumsum(p, axis=1), np.cumsum(q, axis=1)
    superiority = (p * (below_q - q / 2)).sum(axis=1)
    apart = below_q - below_p
    w1 = (np.abs(apart[:, :-1]) * step).sum(axis=1)
    shift = np.abs((apart[:, :-1] * step).sum(axis=1))  # of the means, by summation by parts
    return Ordinal(superiority, w1, np.minimum(ratio(shift, w1), 1.0), np.abs(apart).max(axis=1))


def reaching(weights: ArrayLike, values: ArrayLike, cuts: ArrayLike) -> Floats:
    """Return the share at or above each cut, shape (cells, cuts).

    Parameters
    ----------
    weights : counts or sums of weights of each value, shape (cells, values)
    values : the answers, shape (values,)
    cuts : shape (cuts,)
    """
    at_least = np.asarray(values, np.float64)[:, None] >= np.asarray(cuts, np.float64) - 10.0**-DECIMALS
    return _shares(weights) @ at_least.astype(np.float64)


def superiority_interval(
    first: Floats,
    second: Floats,
    weight: Floats,
    stratum: Codes,
    psu: Codes,
    units: Floats,
    *,
    conf_level: float,
    seed: int = 0,
    replicates: int = REPLICATES,
) -> tuple[float, float]:
    """Return the two ends of the bootstrap interval of superiority in one cell, both samples drawn anew.

    The first sample is drawn with replacement; of the second, sampling units within strata, one fewer than there are,
    with their weights scaled up to match. The ends are percentiles of the replicates. The draws depend on `seed` and on
    the data alone: neither the order of the rows nor the other cells of a table can change them.

    Parameters
    ----------
    first : values of the first sample, shape (n,), independent and unweighted
    second, weight, stratum, psu : values of the second, with weights, codes of strata and of sampling units
    units : sampling units in each stratum, shape (strata,), those without a member in the cell too
    conf_level : two-sided

    Returns
    -------
    low and high; NaN where either sample has fewer than two members.

    References
    ----------
    Rao & Wu (1988), Journal of the American Statistical Association 83(401), 231-241 (units within strata).
    """
    if len(first) < 2 or len(second) < 2:
        return np.nan, np.nan
    random = np.random.default_rng(seed)
    levels, counts = np.unique(np.round(first, DECIMALS), return_counts=True)
    values = np.round(second, DECIMALS)
    place = np.searchsorted(levels, values, "left") + np.searchsorted(levels, values, "right")  # odd: a tie
    places = 2 * len(levels) + 1
    ties = 2 * np.arange(len(levels))[:, None] + 1
    above = (np.arange(places) < ties) + (np.arange(places) == ties) / 2

    weight = weight / weight.max()
    company = random.multinomial(len(first), counts / len(first), replicates).astype(np.float64)
    customers = np.zeros((replicates, places))
    for block in np.unique(stratum):
        inside = stratum == block
        totals, alike = _kinds(psu[inside], place[inside], weight[inside], places)
        customers += _drawn(random, totals, alike, int(units[block]), replicates)
    drawn = ratio(((company @ above) * customers).sum(axis=1), len(first) * customers.sum(axis=1))
    drawn = np.sort(drawn[np.isfinite(drawn)])
    if not len(drawn):
        return np.nan, np.nan
    end = max(1, round((1 - conf_level) / 2 * (len(drawn) + 1)))
    return float(drawn[end - 1]), float(drawn[-end])


def _shares(weights: ArrayLike) -> Floats:
    table = np.asarray(weights, np.float64)
    return ratio(table, table.sum(axis=1, keepdims=True))


def _kinds(psu: Codes, place: Codes, weight: Floats, places: int) -> tuple[Floats, NDArray[np.int64]]:
    """Return the sums of weight that sampling units have in each place, one row for all units alike, and how many are."""
    unit = np.unique(psu, return_inverse=True)[1]
    units = int(unit.max()) + 1
    # What differs by rounding alone must not make two kinds of one, or the draws would depend on the order of the rows.
    if units == len(psu):
        sizes, size = np.unique(np.round(weight, DECIMALS), return_inverse=True)
        kinds, alike = np.unique(place * len(sizes) + size, return_counts=True)
        totals = np.zeros((len(kinds), places))
        totals[np.arange(len(kinds)), kinds // len(sizes)] = sizes[kinds % len(sizes)]
        return totals, alike.astype(np.int64)
    table = sum_by(unit * places + place, units * places, weight).reshape(units, places)
    totals, alike = np.unique(np.round(table, DECIMALS), axis=0, return_counts=True)
    return totals, alike.astype(np.int64)


def _drawn(random: np.random.Generator, totals: Floats, alike: NDArray[np.int64], units: int, replicates: int) -> Floats:
    """Draw the sampling units of one stratum, and return the sums of weight in each place, one row a replicate."""
    if units < 2:
        return np.broadcast_to(alike @ totals, (replicates, totals.shape[1]))
    chance = np.append(alike, units - alike.sum()) / units
    if len(alike) > MANY_KINDS:
        mean = chance[:-1] @ totals
        spread = (totals * chance[:-1, None]).T @ totals - np.outer(mean, mean)
        drawn: Floats = random.multivariate_normal(units * mean, units**2 / (units - 1) * spread, replicates, method="eigh")
        return drawn
    size = max(1, HELD_AT_ONCE // len(chance))
    parts = [
        random.multinomial(units - 1, chance, min(size, replicates - done))[:, :-1] @ totals
        for done in range(0, replicates, size)
    ]
    return np.concatenate(parts) * (units / (units - 1))
