"""Whether a target is met, whether it will be, and what looking at it more than once costs.

O'Brien & Fleming (1979), Biometrics 35(3), 549-556; Armitage, McPherson & Rowe (1969), Journal of the Royal Statistical
Society A 132(2), 235-244; Spiegelhalter, Freedman & Blackburn (1986), Controlled Clinical Trials 7(1), 8-17; Welch (1947),
Biometrika 34(1-2), 28-35.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Final, NamedTuple

import numpy as np

from cxgap.stats.means import Floats

MET, NOT_MET, CANNOT_TELL = "met", "not met", "cannot tell"
POWER: Final = 0.8  # of the number that would settle it
_NODES, _REACH = 200, 8.0  # of the quadrature, and how many standard deviations it reaches down


class Change(NamedTuple):
    """A difference of two independent estimates: its value, standard error, degrees of freedom, t, p-value and interval."""

    estimate: float
    std_error: float
    df: float
    statistic: float
    p_value: float
    low: float
    high: float


@cache
def obrien_fleming(looks: int, alpha: float = 0.05, sides: int = 1) -> tuple[float, ...]:
    """Return the normal quantile that each of equally spaced looks must pass, so that all together err as often as `alpha`.

    z_k = C sqrt(K / k): the early looks ask for much, and the last for little more than a single one would. C is found from
    the exact distribution of the largest sum of normal steps.

    Parameters
    ----------
    looks : K, the last one being that at the end
    alpha : the share of errors over all looks
    sides : 1 where only one side counts, 2 for both together

    Returns
    -------
    K numbers, the first look first.
    """
    if looks == 1:
        return (-_quantile(alpha / sides),)
    from scipy.optimize import brentq

    edge = brentq(lambda bound: _crossing(bound, looks, sides) - alpha, 0.2, 12.0 * math.sqrt(looks), xtol=1e-10)
    return tuple(edge / math.sqrt(look) for look in range(1, looks + 1))


def _crossing(bound: float, looks: int, sides: int) -> float:
    """Return how often a sum of `looks` standard normal steps is at `bound` or beyond at one look at least."""
    low = -bound if sides == 2 else min(0.0, bound) - _REACH * math.sqrt(looks)
    nodes, weights = _quadrature()
    place = low + (bound - low) * (nodes + 1) / 2
    weight = weights * (bound - low) / 2
    density = _density(place)
    step = _density(place[:, None] - place[None, :])
    for _ in range(looks - 1):
        density = step @ (weight * density)
    return 1.0 - float(weight @ density)


def _density(at: Floats) -> Floats:
    return np.exp(-(at**2) / 2) / math.sqrt(2 * math.pi)


def _quantile(chance: float) -> float:
    from scipy.special import ndtri

    return float(ndtri(chance))


def _below(z: float) -> float:
    """Return the chance of a standard normal number below `z`."""
    return math.erfc(-z / math.sqrt(2)) / 2


@cache
def _quadrature() -> tuple[Floats, Floats]:
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    return nodes, weights


def level_of(z: float) -> float:
    """Return the level of the two-sided interval whose ends are the one-sided bounds at the normal quantile `z`."""
    return 1 - 2 * _below(-z)


def judge(low: float, high: float, value: float, better: str) -> str:
    """Return whether one-sided bounds settle that the target is met, or that it is not.

    Parameters
    ----------
    low, high : the one-sided lower and upper bound
    value : what is aimed at, the margin taken off
    better : "high" or "low"
    """
    if not (math.isfinite(low) and math.isfinite(high)):
        return CANNOT_TELL
    low, high, value = (low, high, value) if better == "high" else (-high, -low, -value)
    return MET if low >= value else NOT_MET if high < value else CANNOT_TELL


class Outlook(NamedTuple):
    """Chances at the end: that the estimate is at the target or beyond, and that its bound is, so that it counts as met."""

    on_track: float
    met: float


def outlook(
    estimate: float, std_error: float, df: float, n: float, planned: float, value: float, better: str, z: float
) -> Outlook:
    """Tell from the data so far where the final estimate will lie, if what is to come is like what came.

    With a share f = n / planned of the evidence in, the final estimate is about the one of now, with a standard error of
    std_error sqrt(1 - f) (a flat prior; Student's t for the standard error being estimated), and its own standard error
    will be std_error sqrt(f).

    Parameters
    ----------
    estimate, std_error, df, n : of the data so far
    planned : as many as will have answered at the end; never fewer than n
    value, better : as in `judge`
    z : the normal quantile that the last look asks for
    """
    from scipy.special import stdtr, stdtrit

    if not (std_error > 0 and math.isfinite(std_error + estimate)) or n <= 0:
        return Outlook(math.nan, math.nan)
    share = min(n / max(planned, n), 1.0)
    ahead = (estimate - value) * (1 if better == "high" else -1)
    df = df if df > 0 else math.inf
    ending = std_error * math.sqrt(share)
    quantile = -float(stdtrit(df / share if math.isfinite(df) else 1e9, _below(-z)))
    spread = std_error * math.sqrt(1 - share)
    if spread <= 0:
        return Outlook(float(ahead >= 0), float(ahead - quantile * ending >= 0))
    chances = (float(stdtr(min(df, 1e9), least / spread)) for least in (ahead, ahead - quantile * ending))
    return Outlook(*chances)


def needed(estimate: float, std_error: float, n: float, value: float, z: float, power: float = POWER) -> float:
    """Return how many would settle a target, with a chance of `power`, if the true value were the estimate.

    NaN where the estimate lies at the target, for no number would settle that.
    """
    away = abs(estimate - value)
    if not (away > 0 and std_error > 0 and math.isfinite(away + std_error)):
        return math.nan
    return math.ceil(n * ((z + _quantile(power)) * std_error / away) ** 2)


def change(
    was: float, was_error: float, was_df: float, now: float, now_error: float, now_df: float, conf_level: float = 0.95
) -> Change:
    """Compare two independent estimates, with Welch's degrees of freedom.

    Parameters
    ----------
    was, was_error, was_df : the earlier estimate, its standard error and degrees of freedom
    now, now_error, now_df : the later one's
    conf_level : of the two-sided interval
    """
    from scipy.special import stdtr, stdtrit

    estimate, variance = now - was, was_error**2 + now_error**2
    if not (variance > 0 and math.isfinite(variance + estimate)):
        return Change(estimate, math.nan, math.nan, math.nan, math.nan, math.nan, math.nan)
    df = variance**2 / (was_error**4 / was_df + now_error**4 / now_df)
    std_error = math.sqrt(variance)
    half = float(stdtrit(df, (1 + conf_level) / 2)) * std_error
    t = estimate / std_error
    return Change(estimate, std_error, df, t, float(2 * stdtr(df, -abs(t))), estimate - half, estimate + half)
