"""Limits that do not cry wolf: those with which a process that only goes on signals as seldom as if all were known.

A chart is told by how seldom it cries wolf. With a mean and a spread that are known, that is a formula; with both estimated
from a short baseline, or with periods that are like their neighbours, the same limits cry far more often. That neighbours are
alike cannot be seen in a short baseline, so that its not being seen is no reason to take them for strangers.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from cxgap.stats.control_usual import LEAST_BASELINE, MOST_ALIKE, MOVING_RANGE, beyond_chance, bias_removed

KINDS: Final = ("shewhart", "cusum", "ewma")
NEAR: Final = 0.1  # how near the likeness and the share of sampling of a drawn baseline must be to those that were seen
ENDS: Final = (-0.2, 0.7)  # of the likeness, beyond which all count as one
_CELLS: Final = 600_000  # drawn at a time
_ALARMS, _LEAST, _MOST, _ROUNDS = 120, 1_500, 8_000, 60


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

    Baselines of as many periods are drawn: sampling, and beside it what usual periods differ by, whose neighbours are as alike
    as may be, from not at all to `MOST_ALIKE`, less being likelier (a beta law of 1 and 1.5). Mean, likeness and spread are
    estimated from each as `usual` does. Those in which they come out as they were seen are kept, and what follows them is
    judged. The limit is the one that the share 1 - exp(-monitored / arl) of them crosses.

    Parameters
    ----------
    kind : of KINDS
    baseline, monitored : how many periods; 0 monitored is the baseline judged by itself
    limit : which holds if all is known; the answer is never below it
    arl : periods to a false alarm with that limit, all known
    parameter : `k` of a CUSUM, the weight of an EWMA
    alike : correlation of neighbours, as estimated from the baseline, however small
    floor : share of the variance that sampling explains, as estimated
    seed : of what is drawn

    References
    ----------
    Jones, Champ & Rigdon (2004), Journal of Quality Technology 36(1), 95-108, on how a CUSUM suffers from estimates;
    VanBrackle & Reynolds (1997), Communications in Statistics: Simulation and Computation 26(3), 979-1008, on neighbours
    that are alike. Rubin (1984), Annals of Statistics 12(4), 1151-1172, on keeping the draws that look like what was seen.
    """
    random = np.random.default_rng(seed)
    allowed = 1 - np.exp(-(monitored or baseline) / arl)
    wanted = int(np.clip(_ALARMS / allowed, _LEAST, _MOST))
    largest: list[np.ndarray] = []
    for _ in range(_ROUNDS):
        largest.append(_drawn(kind, random, baseline, monitored, parameter, alike, floor))
        if sum(map(len, largest)) >= wanted:
            break
    found = np.concatenate(largest)
    return max(limit, float(np.quantile(found, 1 - allowed))) if len(found) else limit


def _drawn(
    kind: str, random: np.random.Generator, baseline: int, monitored: int, parameter: float, alike: float, floor: float
) -> np.ndarray:
    """Draw baselines and what follows, and return the largest value of the statistic of each that looks like the one seen."""
    draws = max(_CELLS // (baseline + monitored), 1_000)
    sampling = np.zeros(draws) if floor < NEAR / 2 else random.uniform(max(0.0, floor - 0.4), min(1.0, floor + 0.4), draws)
    true = MOST_ALIKE * (1 - random.uniform(size=draws) ** (2 / 3))
    state = random.standard_normal(draws)
    first = np.empty((baseline, draws))
    for place in range(baseline):
        first[place] = np.sqrt(1 - sampling) * state + np.sqrt(sampling) * random.standard_normal(draws)
        state = true * state + np.sqrt(1 - true**2) * random.standard_normal(draws)
    centre = first.mean(axis=0)
    seen = _neighbours(first - centre)
    alone = 1 - beyond_chance(seen, baseline)
    whole = (np.abs(np.diff(first, axis=0)).mean(axis=0) / MOVING_RANGE) ** 2 / alone
    whole = np.maximum(whole, sampling)
    near = _near(seen, alike)
    if floor >= NEAR / 2:
        near &= np.abs(sampling / whole - floor) <= NEAR
    first, centre, spread = first[:, near], centre[near], np.sqrt(whole[near])
    if not monitored:
        return largest(kind, (first - centre) / spread, parameter)
    sampling, true, state = sampling[near], true[near], state[near]
    after = np.empty((monitored, len(spread)))
    for place in range(monitored):
        after[place] = np.sqrt(1 - sampling) * state + np.sqrt(sampling) * random.standard_normal(len(state))
        state = true * state + np.sqrt(1 - true**2) * random.standard_normal(len(state))
    return largest(kind, (after - centre) / spread, parameter)


def _neighbours(own: np.ndarray) -> np.ndarray:
    """Return of each column what `neighbours` does; columns have mean 0."""
    m = len(own)
    if m < LEAST_BASELINE:
        return np.zeros(own.shape[1])
    return bias_removed((own[1:] * own[:-1]).sum(axis=0) / (own**2).sum(axis=0), m)


def _near(seen: np.ndarray, alike: float) -> np.ndarray:
    """Say which are about as alike; beyond the ends, where hardly any come, all that lie beyond."""
    low, high = ENDS
    if alike <= low:
        return seen <= low + NEAR
    return seen >= high - NEAR if alike >= high else np.abs(seen - alike) <= NEAR


def largest(kind: str, z: np.ndarray, parameter: float) -> np.ndarray:
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
