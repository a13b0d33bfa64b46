"""After how many periods a chart signals on average, if level and spread are known."""

from __future__ import annotations

from typing import Final

import numpy as np

_STATES: Final = 201  # of the chain that stands for an EWMA


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
