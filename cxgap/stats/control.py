"""Charts of a process over time: what is usual by a baseline, and statistics that say when it is no longer so.

A chart is told by how seldom it cries wolf. With a mean and a spread that are known, that is a formula; with both estimated
from a short baseline, or with periods that are like their neighbours, the same limits cry far more often. `calibrated`
finds limits that do not: those with which a process that only goes on as in the baseline signals as seldom as it would
if all were known.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from cxgap.stats.means import Codes, Floats, ratio, sum_by

MOVING_RANGE: Final = 2 / np.sqrt(np.pi)  # mean distance of two neighbours, in standard deviations: 1.128
LEAST_BASELINE: Final = 8  # periods, without which nothing tells how much usual ones differ
LEAST_WEEKS: Final = 8  # of days in the baseline, before weekdays have a level each
MOST_ALIKE: Final = 0.9
KINDS: Final = ("shewhart", "cusum", "ewma")
_DRAWS, _LEAST_DRAWS, _MOST_DRAWS = 3_000_000, 4_000, 40_000
_STATES: Final = 201  # of the chain that stands for an EWMA


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
    alike = likeness(own)
    whole = (moving_range(own) ** 2) / (1 - alike) if len(own) > 1 else sampling
    beyond = max(0.0, whole - sampling) if between is None else between**2
    dispersion = float(np.sqrt(max(whole, sampling) / sampling)) if sampling > 0 else np.inf
    spread = std_error * np.sqrt(1 + beyond) if share and between is None else np.sqrt(std_error**2 + beyond)
    total = sampling + beyond
    return Usual(
        at, std_error, spread, dispersion, float(np.sqrt(beyond)), alike, weekly, sampling / total if total > 0 else 0.0, level
    )


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
    m = len(values)
    if m < LEAST_BASELINE or not (spread := float(((values - values.mean()) ** 2).sum())):
        return 0.0
    own = values - values.mean()
    r = float((own[1:] * own[:-1]).sum() / spread)
    return min(r + (1 + 3 * r) / m, MOST_ALIKE) if r * np.sqrt(m) > 1 else 0.0


class Path(NamedTuple):
    """A statistic along the periods; each array has shape (periods,). `signal` is 1 up, -1 down, 0 none."""

    up: Floats
    down: Floats
    limit: Floats
    signal: Codes


def shewhart(z: Floats, limit: float) -> Path:
    """Judge each period by itself; a NaN is no period."""
    known = np.isfinite(z)
    signal = np.where(known & (np.abs(z) > limit), np.sign(z), 0).astype(np.int64)
    return Path(np.maximum(z, 0), np.maximum(-z, 0), np.full(len(z), limit), signal)


def cusum(z: Floats, k: float, h: float) -> Path:
    """Add up how far periods lie beyond `k` on either side; beyond `h` it signals, and begins again.

    Page (1954), Biometrika 41, 100-115. A NaN leaves the sums as they are.
    """
    up, down, signal = np.zeros(len(z)), np.zeros(len(z)), np.zeros(len(z), np.int64)
    high = low = 0.0
    for place, each in enumerate(z):
        if np.isfinite(each):
            high, low = max(0.0, high + each - k), max(0.0, low - each - k)
        up[place], down[place] = high, low
        if max(high, low) > h:
            signal[place] = 1 if high >= low else -1
            high = low = 0.0
    return Path(up, down, np.full(len(z), h), signal)


def ewma(z: Floats, weight: float, limit: float) -> Path:
    """Average periods, older ones less; beyond `limit` of its own standard deviations it signals, and begins again.

    Roberts (1959), Technometrics 1(3), 239-250. A NaN leaves the mean as it is.
    """
    mean, width, signal = np.zeros(len(z)), np.zeros(len(z)), np.zeros(len(z), np.int64)
    now, age = 0.0, 0
    for place, each in enumerate(z):
        if np.isfinite(each):
            now, age = (1 - weight) * now + weight * each, age + 1
        mean[place] = now
        width[place] = limit * np.sqrt(weight / (2 - weight) * (1 - (1 - weight) ** (2 * max(age, 1))))
        if np.abs(now) > width[place]:
            signal[place] = np.sign(now)
            now, age = 0.0, 0
    return Path(np.maximum(mean, 0), np.maximum(-mean, 0), width, signal)


def cusum_arl(k: float, h: float, shift: float = 0.0, *, two_sided: bool = False) -> float:
    """Return after how many periods a CUSUM signals on average, all known; `shift` in standard deviations.

    Siegmund (1985), Sequential Analysis: with b = h + 1.166 and D = shift - k, (exp(-2 D b) + 2 D b - 1) / (2 D^2).
    """

    def one(drift: float) -> float:
        b = h + 1.166
        return b * b if abs(drift) < 1e-9 else float((np.exp(-2 * drift * b) + 2 * drift * b - 1) / (2 * drift**2))

    up = one(shift - k)
    return 1 / (1 / up + 1 / one(-shift - k)) if two_sided else up


def ewma_arl(weight: float, limit: float, shift: float = 0.0) -> float:
    """Return the same of an EWMA with its lasting limits, by a Markov chain.

    Lucas & Saccucci (1990), Technometrics 32(1), 1-12.
    """
    from scipy.special import ndtr

    edge = limit * np.sqrt(weight / (2 - weight))
    step = 2 * edge / _STATES
    middle = -edge + step * (np.arange(_STATES) + 0.5)
    ends = -edge + step * np.arange(_STATES + 1)
    reach = ndtr((ends[None, :] - (1 - weight) * middle[:, None]) / weight - shift)
    lasting = np.linalg.solve(np.eye(_STATES) - np.diff(reach, axis=1), np.ones(_STATES))
    return float(lasting[_STATES // 2])


def shewhart_arl(limit: float, shift: float = 0.0) -> float:
    """Return the same of periods judged one by one."""
    from scipy.special import ndtr

    return float(1 / (ndtr(-limit - shift) + ndtr(-limit + shift)))


def calibrated(
    kind: str,
    *,
    baseline: int,
    monitored: int,
    limit: float,
    arl: float,
    parameter: float = 0.0,
    alike: float = 0.0,
    floor: float = 0.0,
    seed: int = 0,
) -> float:
    """Return the limit at which a process that goes on as in its baseline signals as seldom as if all were known.

    Baselines are drawn with as many periods, and with neighbours as alike; mean and spread are estimated from each, and what
    follows is judged by them. The limit is the one that the share 1 - exp(-monitored / arl) of them crosses.

    Parameters
    ----------
    kind : of KINDS
    baseline, monitored : how many periods; 0 monitored is the baseline judged by itself
    limit : which holds if all is known; the answer is never below it
    arl : periods to a false alarm with that limit, all known
    parameter : `k` of a CUSUM, the weight of an EWMA
    alike : correlation of neighbours, as estimated from the baseline
    floor : share of the variance that is known, as sampling is
    seed : of what is drawn

    References
    ----------
    Jones, Champ & Rigdon (2004), Journal of Quality Technology 36(1), 95-108, on how a CUSUM suffers from estimates;
    VanBrackle & Reynolds (1997), Communications in Statistics: Simulation and Computation 26(3), 979-1008, on neighbours
    that are alike.
    """
    periods = baseline + monitored
    draws = int(np.clip(_DRAWS // max(periods, 1), _LEAST_DRAWS, _MOST_DRAWS))
    random = np.random.default_rng(seed)
    x = random.standard_normal((periods, draws), dtype=np.float32)
    if alike > 0:  # an estimate, too: what the likeness may be is drawn
        drawn = random.normal(alike, np.sqrt((1 - alike**2) / baseline), draws)
        true = np.clip(drawn, 0, MOST_ALIKE).astype(np.float32)
        fresh = np.sqrt(1 - true**2)
        for place in range(1, periods):
            x[place] = true * x[place - 1] + fresh * x[place]
    first = x[:baseline]
    spread = np.abs(np.diff(first, axis=0)).mean(axis=0) / MOVING_RANGE / np.sqrt(1 - alike)
    spread = np.maximum(spread, np.sqrt(floor))
    after = x[baseline:] if monitored else first
    largest = _largest(kind, (after - first.mean(axis=0)) / spread, parameter)
    allowed = 1 - np.exp(-len(after) / arl)
    return max(limit, float(np.quantile(largest, 1 - allowed)))


def _largest(kind: str, z: np.ndarray, parameter: float) -> np.ndarray:
    """Return the largest value that the statistic reaches, of each column."""
    if kind == "shewhart":
        return np.abs(z).max(axis=0)
    most = np.zeros(z.shape[1])
    high, low = np.zeros(z.shape[1]), np.zeros(z.shape[1])
    for place, each in enumerate(z):
        if kind == "cusum":
            high, low = np.maximum(0, high + each - parameter), np.maximum(0, low - each - parameter)
            most = np.maximum(most, np.maximum(high, low))
        else:
            high = (1 - parameter) * high + parameter * each
            width = np.sqrt(parameter / (2 - parameter) * (1 - (1 - parameter) ** (2 * (place + 1))))
            most = np.maximum(most, np.abs(high) / width)
    return most
