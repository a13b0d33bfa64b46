"""Means over things that end: those that are not over yet would flatter, and so would leaving them out by their end.

What lasts long is more likely to be cut off by the end of the data than what is short. Those that ended stand in for those that
were cut off: each counts by the inverse of the chance of having been watched so long.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cxgap.stats.means import Codes, Floats, sum_by
from cxgap.stats.proportions import korn_graubard, wilson
from cxgap.stats.survival import FULFILLED, OPEN, Process, expect, process, robust_variance

ROUNDING = 1e-13  # of the largest value: a standard error below it is rounding


class Ended(NamedTuple):
    """Things of one cell.

    Attributes
    ----------
    unit : code of the sampling unit of each, from 0, shape (things,)
    weight : of each in a mean; 0 where it is not over; adds up to 1
    counted, units : how many things tell something, and of how many units they are
    whole : whether all have ended, so that all weigh alike
    along : the same along the axis of how long they lasted; None where that does not matter
    """

    unit: Codes
    weight: Floats
    counted: int
    units: int
    whole: bool
    along: Process | None = None

    @property
    def identified(self) -> bool:
        """Whether any has ended, so that anything can be told."""
        return self.counted > 0


class Mean(NamedTuple):
    """A mean, its standard error by clusters of units, and its degrees of freedom."""

    mean: float
    std_error: float
    df: float


def ended(length: Floats, over: np.ndarray, unit: Codes) -> Ended:
    """Weigh things of which some are not over.

    The longest of all count as ended, whatever they are (Efron 1967, Proceedings of the Fifth Berkeley Symposium 4, 831-853),
    unless none has ended.

    Parameters
    ----------
    length : how long each lasted, or has been watched, shape (things,)
    over : whether it ended
    unit : codes of the sampling units
    """
    names, place = np.unique(unit, return_inverse=True)
    if over.all() or not over.any():
        counted = len(over) if over.any() else 0
        weight = np.full(len(over), 1 / max(counted, 1) if counted else 0.0)
        return Ended(place, weight, counted, len(names) if counted else 0, bool(over.any()))
    over = over | (length == length.max())
    along = process(length, np.where(over, FULFILLED, OPEN))
    jump = along.before / along.counts.at_risk
    weight = np.where(over, jump[along.place], 0.0)
    counts = weight > 0
    return Ended(place, weight, int(counts.sum()), len(np.unique(place[counts])), bool(over.all()), along)


def mean_of(things: Ended, value: Floats) -> Mean:
    """Return the mean of a value, as if all had been watched to their end.

    Inverse probability of censoring: the sum over those that ended of the jump of the Kaplan-Meier curve times the value, as
    in Satten & Datta (2001), American Statistician 55(3), 207-210. Where all have ended it is the plain mean. The variance is
    that of the influence of each, the estimation of the curve included, summed within units (Williams 1995, Biometrics 51,
    1100-1107) and times m / (m - 1) for m units.

    Parameters
    ----------
    value : of each at its end, shape (things,); of one that is not over it is not looked at

    Returns
    -------
    Mean, NaN where none has ended; one unit has no standard error.
    """
    if not things.identified:
        return Mean(np.nan, np.nan, np.nan)
    counts = things.weight > 0
    seen = value[counts]
    if things.along is None:
        estimate = float(value.mean())
        influence = (value - estimate) / len(value)
    else:
        estimate, influence = expect(things.along, np.where(counts, value, 0.0))
    if (seen == seen[0]).all():
        estimate, influence = float(seen[0]), np.zeros(len(value))
    units = things.units
    if units < 2:
        return Mean(estimate, np.nan, np.nan)
    spread = robust_variance(influence, np.ones(len(value)), cluster=things.unit)
    std_error = float(np.sqrt(spread * units / (units - 1)))
    return Mean(estimate, 0.0 if std_error <= ROUNDING * float(np.abs(seen).max()) else std_error, units - 1.0)


def share_interval(things: Ended, share: Mean, *, conf_level: float) -> tuple[float, float]:
    """Return the ends of the interval of a share of things.

    Wilson's where each unit has one and all have ended, else Korn & Graubard's. Of a share of 0 or 1 nothing tells how
    alike the things of a unit are: it rests on units. One unit has no interval.
    """
    if not np.isfinite(share.std_error):
        return np.nan, np.nan
    if things.whole and things.units == things.counted:
        low, high = wilson([np.rint(share.mean * things.counted)], [things.counted], conf_level=conf_level)
    else:
        part = min(max(share.mean, 0.0), 1.0)
        size = things.units if share.std_error == 0 else things.counted
        low, high = korn_graubard([part], [share.std_error], [size], [share.df], conf_level=conf_level)
    return float(low[0]), float(high[0])


def ratio_of(top: Floats, bottom: Floats, unit: Codes) -> Mean:
    """Return a sum over a sum with the units that both are of: Taylor's linearisation of a ratio.

    Parameters
    ----------
    top, bottom : of each entry, shape (entries,); an entry has either or both
    unit : codes of the sampling units

    References
    ----------
    Binder (1983), International Statistical Review 51(3), 279-292.
    """
    total = float(bottom.sum())
    if not total > 0:
        return Mean(np.nan, np.nan, np.nan)
    estimate = float(top.sum()) / total
    distinct, place = np.unique(unit, return_inverse=True)
    units = len(distinct)
    if units < 2:
        return Mean(estimate, np.nan, np.nan)
    moved = sum_by(place, units, top - estimate * bottom) / total
    return Mean(estimate, float(np.sqrt((moved**2).sum() * units / (units - 1))), units - 1.0)
