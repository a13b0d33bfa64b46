"""What a baseline says is usual: its level, how much periods differ beyond sampling, and how alike neighbours are."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from cxgap.stats.means import Codes, Floats, ratio, sum_by

MOVING_RANGE: Final = 2 / np.sqrt(np.pi)  # mean distance of two neighbours, in standard deviations: 1.128
LEAST_BASELINE: Final = 8  # periods, without which nothing tells how much usual ones differ
LEAST_WEEKS: Final = 8  # of days in the baseline, before weekdays have a level each
MOST_ALIKE: Final = 0.9


class Usual(NamedTuple):
    """What the baseline says is usual.

    Attributes
    ----------
    centre : of each period, shape (periods,)
    std_error : of each period by sampling alone, about that centre, shape (periods,)
    spread : standard deviation of each period, with what usual periods differ by beyond sampling, shape (periods,)
    dispersion : how many times wider baseline periods lie than sampling alone would scatter them
    between : standard deviation of usual periods beyond sampling; 0 where none is seen
    alike : correlation of neighbours; 0 where it is less than its standard error
    weekly : whether weekdays have a level each
    floor : share of the variance that sampling explains
    level : of all baseline periods together
    seen : correlation of neighbours as it was estimated, however small
    """

    centre: Floats
    std_error: Floats
    spread: Floats
    dispersion: float
    between: float
    alike: float
    weekly: bool
    floor: float
    level: float
    seen: float = 0.0


def usual(
    value: Floats,
    std_error: Floats,
    baseline: np.ndarray,
    *,
    n: Floats | None = None,
    weekday: Codes | None = None,
    share: bool = False,
    centre: float | None = None,
    between: float | None = None,
) -> Usual:
    """Estimate from the baseline what is usual.

    Parameters
    ----------
    value, std_error : of each period, shape (periods,); the standard errors of shares are made here
    baseline : whether the period tells what is usual, shape (periods,)
    n : of shares, how many each is of
    weekday : of each period, 0 .. 6, where periods are days
    share : whether values are shares; their spread is then `dispersion` times the binomial one (Laney), else a variance beyond
        sampling is added
    centre, between : given, and not estimated

    References
    ----------
    Laney (2002), Quality Engineering 14(4), 531-537.
    """
    weight = np.ones(len(value)) if n is None else n
    inside = baseline & np.isfinite(value) & (weight > 0)
    level = float((weight * value)[inside].sum() / weight[inside].sum()) if centre is None else centre
    at = np.full(len(value), level)
    effect, weekly = np.zeros(7), False
    if weekday is not None and centre is None:
        effect, weekly = _weekdays(value - level, inside, weekday, weight)
        at = np.clip(at + effect[weekday], 1e-6, 1 - 1e-6) if share else at + effect[weekday]
    if share and n is not None:
        std_error = np.sqrt(ratio(at * (1 - at), n))
    z = ratio(value - at, std_error)[inside]
    if share:
        own, sampling = z, 1.0
    else:
        own, sampling = (value - at)[inside], float((std_error[inside] ** 2).mean()) if inside.any() else 0.0
    seen = neighbours(own) if len(own) else 0.0
    alike = float(beyond_chance(np.array([seen]), len(own))[0])
    whole = (moving_range(own) ** 2) / (1 - alike) if len(own) > 1 else sampling
    beyond = max(0.0, whole - sampling) if between is None else between**2
    dispersion = float(np.sqrt(max(whole, sampling) / sampling)) if sampling > 0 else np.inf
    spread = std_error * np.sqrt(1 + beyond) if share and between is None else np.sqrt(std_error**2 + beyond)
    total = sampling + beyond
    floor = sampling / total if total > 0 else 0.0
    return Usual(at, std_error, spread, dispersion, float(np.sqrt(beyond)), alike, weekly, floor, level, seen)


def _weekdays(value: Floats, inside: np.ndarray, weekday: Codes, weight: Floats) -> tuple[Floats, bool]:
    """Return what each weekday lies above all, if the baseline is long enough and they differ beyond chance."""
    from scipy.special import fdtrc

    days, own, mass = weekday[inside], value[inside], weight[inside]
    count = sum_by(days, 7)
    if (count > 0).sum() < 5 or count.sum() < 7 * LEAST_WEEKS or count[count > 0].min() < LEAST_WEEKS - 1:
        return np.zeros(7), False
    mean = ratio(sum_by(days, 7, own), count)
    groups = int((count > 0).sum())
    within = ((own - mean[days]) ** 2).sum() / (len(own) - groups)
    among = (count * np.where(count > 0, mean - own.mean(), 0.0) ** 2).sum() / (groups - 1)
    if within <= 0 or fdtrc(groups - 1, len(own) - groups, among / within) > 0.01:
        return np.zeros(7), False
    level = ratio(sum_by(days, 7, mass * own), sum_by(days, 7, mass))
    return np.where(count > 0, level, 0.0), True


def moving_range(values: Floats) -> float:
    """Return the standard deviation by the mean distance of neighbours, which a change of level does not inflate."""
    return float(np.abs(np.diff(values)).mean() / MOVING_RANGE) if len(values) > 1 else np.nan


def likeness(values: Floats) -> float:
    """Return the correlation of neighbours, put right for its bias; 0 where it is less than its standard error."""
    return float(beyond_chance(np.array([neighbours(values)]), len(values))[0])


def neighbours(values: Floats) -> float:
    """Return the correlation of neighbours, put right for its bias, however small; 0 of too few values or of equal ones."""
    m, own = len(values), values - values.mean()
    if m < LEAST_BASELINE or not (spread := float((own**2).sum())):
        return 0.0
    return float(bias_removed(np.array([(own[1:] * own[:-1]).sum() / spread]), m)[0])


def bias_removed(r: Floats, m: int) -> Floats:
    """Put correlations of neighbours right for their bias in `m` periods. Kendall (1954), Biometrika 41, 403-404."""
    return np.minimum(r + (1 + 3 * r) / m, MOST_ALIKE)


def beyond_chance(r: Floats, m: int) -> Floats:
    """Return correlations that were put right, 0 where one was less than its standard error before it was."""
    return np.where(r > 1 / np.sqrt(max(m, 1)) * (1 + 3 / max(m, 1)) + 1 / max(m, 1), r, 0.0)
