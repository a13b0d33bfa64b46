"""Whether a difference of two ratings may be used: eight guard rails, and the advice that follows from them.

Peter, Churchill & Brown (1993), Journal of Consumer Research 19(4), 655-662; Edwards (2002), in Drasgow & Schmitt (eds),
Measuring and Analyzing Behavior in Organizations, 350-400; Page & Spreng (2002), Journal of Service Research 4(3), 184-192.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from cxgap.stats.means import ROUNDING, Floats, std_devs
from cxgap.stats.reliability import difference_reliability

OK, WARN, NOT_TESTED = "ok", "warn", "not tested"
USE, READ_PERCEIVED, CANNOT_TELL = "use the gap", "read the perceived column", "cannot tell"

NAMES = {
    1: "reliability of the gap",
    2: "room above expectations",
    3: "spread of expectations",
    4: "gap moved by expectations",
    5: "equal and opposite weights",
    6: "prediction of the outcome",
    7: "perceptions at an end",
    8: "same meaning in both batteries",
}
FEWEST = 100  # respondents that the guard rails need
RELIABLE, TOO_NOISY = 0.7, 0.5  # reliability from which a gap is fine, and below which it ranks nobody
CEILING, ROOM = 0.5, 1.0  # share of expectations at the highest mark, and points left above their mean
SPREAD = (0.5, 2.0)  # variance of expectations over that of perceptions
MECHANICAL = 0.5  # correlation of the gap with expectation
LEVEL = 0.05  # of the test that expectation and perception weigh the same
LESS = 0.05  # R2 that the gap may lack beside perception alone
ENDS = 0.15  # share of perceptions at an end of the scale
NOTHING = 0.05  # R2 below which neither is said to go with the outcome
_NEAR = 1e-9  # of the scale's range: a mean that is nearer to an end is at it


class Guard(NamedTuple):
    """One guard rail.

    Attributes
    ----------
    value : what is compared with `threshold`; NaN where it could not be computed
    beside : a second number that the sentence needs, NaN where there is none
    threshold : what `value` is compared with
    verdict : "ok", "warn" or "not tested"
    """

    value: float = np.nan
    beside: float = np.nan
    threshold: float = np.nan
    verdict: str = NOT_TESTED


class Spread(NamedTuple):
    """Means, standard deviations and correlation of expectation and perception."""

    mean_start: float
    mean_end: float
    sd_start: float
    sd_end: float
    r: float


def spread_of(start: Floats, end: Floats, weight: Floats) -> Spread:
    """Return the moments of two ratings of the same entries; weights are shares, and deviations are taken first."""
    used = weight > 0
    start, end, weight = start[used], end[used], weight[used]
    if len(start) < 2:
        return Spread(*([np.nan] * 5))
    share, one = weight / weight.sum(), np.zeros(len(start), np.int64)
    means = float(share @ start), float(share @ end)
    sds = float(std_devs(start, one, 1, weight)[0]), float(std_devs(end, one, 1, weight)[0])
    off = start - means[0], end - means[1]
    lengths = np.sqrt(share @ off[0] ** 2), np.sqrt(share @ off[1] ** 2)
    r = _over(float(share @ (off[0] * off[1])), float(lengths[0] * lengths[1]))
    return Spread(*means, *sds, r)


def reliability(moments: Spread, start: float, end: float) -> Guard:
    """Guard 1: how much of the gap's spread is more than chance; `start` and `end` are the alphas of both batteries."""
    numbers = (moments.sd_start**2, moments.sd_end**2, moments.r, start, end)
    value = float(difference_reliability(*map(np.asarray, numbers)))
    return _judge(value, value < RELIABLE, RELIABLE, beside=end)


def ceiling(start: Floats, weight: Floats, scale: tuple[float, float] | None) -> Guard:
    """Guard 2: share of expectations at the highest mark; `beside` is the room left above their mean."""
    total = weight.sum()
    if scale is None or not total > 0:
        return Guard(threshold=CEILING)
    share = float(weight @ (start >= scale[1] - _NEAR * (scale[1] - scale[0])) / total)
    room = float(scale[1] - weight @ start / total)
    return _judge(share, share > CEILING or room < ROOM, CEILING, beside=room)


def variances(moments: Spread) -> Guard:
    """Guard 3: variance of expectations over that of perceptions."""
    value = _over(moments.sd_start**2, moments.sd_end**2)
    return _judge(value, not SPREAD[0] <= value <= SPREAD[1], SPREAD[0] if value < 1 else SPREAD[1])


def mechanical(moments: Spread) -> Guard:
    """Guard 4: correlation of the gap with expectation; `beside` is that with perception."""
    start, end, r = moments.sd_start, moments.sd_end, moments.r
    whole = start**2 + end**2 - 2 * r * start * end
    whole = np.sqrt(whole) if whole > ROUNDING * (start**2 + end**2) else 0.0
    value, beside = _over(r * end - start, whole), _over(end - r * start, whole)
    return _judge(value, abs(value) > MECHANICAL, MECHANICAL, beside=beside)


def opposite(p_value: float, f: float) -> Guard:
    """Guard 5: p-value of equal and opposite weights of expectation and perception; `beside` is the F."""
    return _judge(p_value, p_value < LEVEL, LEVEL, beside=f)


def prediction(gap: float, end: float) -> Guard:
    """Guard 6: R2 of the outcome by the gap alone less that by perception alone, which is `beside`."""
    return _judge(gap - end, gap < end - LESS, -LESS, beside=end)


def ends(end: Floats, weight: Floats, scale: tuple[float, float] | None) -> Guard:
    """Guard 7: the larger share of perceptions at an end of the scale; `beside` is that at the lowest mark."""
    total = weight.sum()
    if scale is None or not total > 0:
        return Guard(threshold=ENDS)
    near = _NEAR * (scale[1] - scale[0])
    low, high = float(weight @ (end <= scale[0] + near) / total), float(weight @ (end >= scale[1] - near) / total)
    return _judge(max(low, high), max(low, high) > ENDS, ENDS, beside=low)


def advise(guards: Mapping[int, Guard]) -> tuple[str, tuple[int, ...]]:
    """Say what to do with a gap, and the guards that decide it.

    Guards 1, 2 and 6 decide; 3, 4, 5, 7 and 8 warn without deciding. Read perception instead where more than half of the
    gap's spread is chance (1, below 0.5), where expectations leave it no room, so that it is perception less a constant
    (2), or where it predicts the outcome clearly worse (6). Nobody can tell where neither 1 nor 6 could be computed, or
    where more than half of the spread of either would be chance.
    """
    noisy = guards[1].value < TOO_NOISY
    better = guards[1].beside >= TOO_NOISY
    against = {1: noisy and better, 2: guards[2].verdict == WARN, 6: guards[6].verdict == WARN}
    if any(against.values()):
        return READ_PERCEIVED, tuple(number for number, fails in against.items() if fails)
    if noisy:
        return CANNOT_TELL, (1,)
    if guards[1].verdict == NOT_TESTED and guards[6].verdict == NOT_TESTED:
        return CANNOT_TELL, (1, 6)
    return USE, ()


def _judge(value: float, warns: bool, threshold: float, *, beside: float = np.nan) -> Guard:
    return Guard(value, beside, threshold, NOT_TESTED if np.isnan(value) else WARN if warns else OK)


def _over(top: float, bottom: float) -> float:
    return top / bottom if bottom > 0 else np.nan
