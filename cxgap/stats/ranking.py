"""How sure the order of estimates is: ranks with simultaneous confidence, and the set that may hold the first.

Mogstad, Romano, Shaikh & Wilhelm (2024), Review of Economic Studies 91(1), 476-518.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from cxgap.stats.means import Floats, ratio

MOST_DRAWS, FEWEST_DRAWS = 50_000, 2_000
_PAIRS, _ERRORS = (
    5e7,
    3e6,
)  # differences, or errors where they are independent, that are drawn at most, but for the fewest draws
_HELD = 4_000_000  # numbers held at once
_TIE = 1e-12  # of the largest variance: a difference without any is a tie
_EXTREMES, _FAR = 6, 3.0  # how many errors are compared first, after these many standard errors were taken off

Mask = NDArray[np.bool_]


class Ranks(NamedTuple):
    """Ranks of estimates; each array has shape (k,).

    Attributes
    ----------
    rank : 1 is the smallest estimate; equal ones share the smallest of their ranks
    low, high : ends of the intervals that hold all true ranks at once
    critical : by how many standard errors two estimates must differ to be told apart, in the first step
    draws : how many were drawn for it
    """

    rank: NDArray[np.int64]
    low: NDArray[np.int64]
    high: NDArray[np.int64]
    critical: float
    draws: int

    def first(self, count: int = 1) -> Mask:
        """Return which may be among the first `count`: a set that holds them all with the confidence of the intervals."""
        return self.low <= count


def rank_sets(
    estimate: Floats,
    covariance: Floats,
    *,
    conf_level: float = 0.95,
    df: Floats | None = None,
    step_down: bool = False,
    seed: int = 0,
    name: str = "",
    draws: int | None = None,
) -> Ranks:
    """Return intervals for the ranks of all estimates at once.

    Two estimates are told apart where they differ by more than a critical number of standard errors of their difference:
    the quantile of the largest of all differences of normal draws with their covariance. An interval counts how many are
    surely before and surely behind. Without any variance a difference is a tie.

    Parameters
    ----------
    estimate : shape (k,), finite
    covariance : of the estimates, shape (k, k); or their variances, shape (k,), where they are independent, so that there
        can be thousands
    conf_level : of all intervals together
    df : degrees of freedom of each standard error; where they are finite, the critical number of a pair is the quantile of
        Student's t as far out as the one of the draws is of the normal curve. Not given: standard errors count as known
    step_down : whether to look again at pairs not told apart, without those that were; intervals are never longer
    seed, name : key of the counter-based generator
    draws : of the differences; if not given, MOST_DRAWS, fewer where there are many pairs, but FEWEST_DRAWS

    References
    ----------
    Romano & Wolf (2005), Econometrica 73(4), 1237-1282 (step-down).
    """
    k = len(estimate)
    independent = covariance.ndim == 1
    variance = covariance if independent else np.diag(covariance)
    least = _TIE * float(variance.max(initial=0.0))
    df = np.full(k, np.inf) if df is None else df
    quick = independent and not step_down
    draws = draws or int(
        np.clip((_ERRORS / max(k, 1)) if quick else _PAIRS / max(k * (k - 1) / 2, 1), FEWEST_DRAWS, MOST_DRAWS)
    )
    critical = np.nan
    behind, ahead = np.zeros(k, np.int64), np.zeros(k, np.int64)
    if k > 1 and quick:
        errors = np.concatenate(list(_normal(variance, draws, seed, name)))
        critical = _critical_of_independent(errors, np.sqrt(variance), conf_level)
        for j in range(k):
            distance, spread = estimate - estimate[j], variance + variance[j]
            away = np.where(spread > least, np.abs(distance) / np.sqrt(np.where(spread > least, spread, 1.0)), 0.0)
            apart = _beyond(away, critical, ratio(spread**2, variance**2 / df + variance[j] ** 2 / df[j]))
            ahead[j], behind[j] = (apart & (distance < 0)).sum(), (apart & (distance > 0)).sum()
    elif k > 1:
        matrix = np.diag(covariance) if independent else covariance
        spread = np.add.outer(variance, variance) - 2 * matrix
        scale = np.sqrt(np.where(spread > least, spread, np.inf))
        distance = estimate[None, :] - estimate[:, None]
        apart, critical = np.zeros((k, k), bool), 0.0
        while True:
            left = np.where(apart, np.inf, scale)
            largest = np.concatenate([_largest(part, left) for part in _normal(covariance, draws, seed, name)])
            limit = float(np.quantile(largest, conf_level, method="higher"))
            critical = critical or limit
            further = apart | _beyond(np.abs(distance) / scale, limit, np.minimum.outer(df, df))
            if not step_down or (further == apart).all() or further.sum() == k * (k - 1):
                apart = further
                break
            apart = further
        ahead, behind = (apart & (distance < 0)).sum(axis=1), (apart & (distance > 0)).sum(axis=1)
    rank = np.searchsorted(np.sort(estimate), estimate, side="left") + 1
    return Ranks(rank, 1 + ahead, k - behind, critical, draws)


def _beyond(away: Floats, limit: float, df: Floats) -> Mask:
    """Say which differences lie beyond a limit of the normal curve, or beyond that of Student's t with the same chance."""
    from scipy.special import ndtr, stdtrit

    found = away > limit
    few = found & np.isfinite(df)
    found[few] = away[few] > -stdtrit(df[few], ndtr(-limit))
    return found


def _normal(covariance: Floats, draws: int, seed: int, name: str) -> Iterator[Floats]:
    """Draw normal errors with a covariance, or independent ones with variances: parts of shape (some, k)."""
    generator = np.random.Generator(np.random.Philox(key=[seed % 2**64, crc32(name.encode())]))
    k, root = len(covariance), np.sqrt(covariance) if covariance.ndim == 1 else _root(covariance)
    size = max(1, _HELD // k)
    for done in range(0, draws, size):
        errors = generator.standard_normal((min(size, draws - done), k))
        yield errors * root if root.ndim == 1 else errors @ root


def _root(covariance: Floats) -> Floats:
    """Return the symmetric square root of a covariance, whatever its rank."""
    values, vectors = np.linalg.eigh((covariance + covariance.T) / 2)
    return (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T


def _largest(errors: Floats, scale: Floats) -> Floats:
    """Return the largest difference of two errors in each draw, in units of `scale`, shape (k, k)."""
    found = np.zeros(len(errors))
    columns = np.ascontiguousarray(errors.T)
    for j in range(len(scale) - 1):
        used = np.flatnonzero(np.isfinite(scale[j, j + 1 :])) + j + 1
        if len(used):
            np.maximum(found, (np.abs(columns[used] - columns[j]) / scale[j, used, None]).max(axis=0), out=found)
    return found


def _critical_of_independent(errors: Floats, std_error: Floats, conf_level: float) -> float:
    """Return the quantile of the largest differences of independent errors, without looking at every pair.

    The standard error of a difference is at least the sum of both over the root of 2. So a pair lies further apart than a
    limit only if both errors stand out: one from the lowest of the upper ends, the other from the highest of the lower ends
    of intervals of limit / sqrt(2) standard errors. The pairs that stand out most give the first limit, and nothing below it
    can change the quantile.
    """
    k, variance = len(std_error), std_error**2
    count, step = min(_EXTREMES, k), _FAR * std_error
    top = np.argpartition(step - errors, count - 1, axis=1)[:, :count]
    bottom = np.argpartition(step + errors, count - 1, axis=1)[:, :count]
    largest = _widest(errors, variance, top, bottom)
    limit = float(np.quantile(largest, conf_level, method="higher"))
    step = limit / np.sqrt(2) * std_error
    lower, upper = errors - step, errors + step
    leads, trails = lower > upper.min(axis=1)[:, None], upper < lower.max(axis=1)[:, None]
    for draw in np.flatnonzero(leads.any(axis=1)):
        pair = np.flatnonzero(leads[draw])[None], np.flatnonzero(trails[draw])[None]
        largest[draw] = max(largest[draw], _widest(errors[draw][None], variance, *pair)[0])
    return float(np.quantile(largest, conf_level, method="higher"))


def _widest(errors: Floats, variance: Floats, top: NDArray[np.intp], bottom: NDArray[np.intp]) -> Floats:
    """Return the largest difference in each draw between the errors at `top` and those at `bottom`."""
    distance = np.take_along_axis(errors, top, 1)[:, :, None] - np.take_along_axis(errors, bottom, 1)[:, None, :]
    spread = variance[top][:, :, None] + variance[bottom][:, None, :]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(spread > 0, distance / np.sqrt(spread), 0.0).max(axis=(1, 2))
