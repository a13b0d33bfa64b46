"""Statistics that say along the periods when a process is no longer what is usual."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cxgap.stats.means import Codes, Floats


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
