"""How many are hit for each one who complains: from known events, from complaints alone, or from two lists.

Jeffreys's interval: Brown, Cai & DasGupta (2001), Statistical Science 16(2), 101-133. Two lists: Chapman (1951), University of
California Publications in Statistics 1, 131-160, with the variance of Seber (1970), Biometrika 57(2), 313-318.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from cxgap.stats.means import Floats, ratio


def jeffreys(successes: ArrayLike, n: ArrayLike, *, conf_level: float) -> tuple[Floats, Floats]:
    """Return the ends of Jeffreys's interval of a share; a share of none begins at 0, one of all ends at 1.

    Parameters
    ----------
    successes, n : counts of independent units, shape (cells,)
    conf_level : two-sided
    """
    from scipy.special import betaincinv

    x, n = np.broadcast_arrays(np.asarray(successes, float), np.asarray(n, float))
    some, tail = n > 0, (1 - conf_level) / 2
    a, b = np.where(some, x + 0.5, 1.0), np.where(some, n - x + 0.5, 1.0)
    low = np.where(x > 0, betaincinv(a, b, tail), 0.0)
    high = np.where(x < n, betaincinv(a, b, 1 - tail), 1.0)
    return np.where(some, low, np.nan), np.where(some, high, np.nan)


def multiplier(successes: ArrayLike, n: ArrayLike, *, conf_level: float) -> tuple[Floats, Floats, Floats]:
    """Return how many are hit for each one who complains, and its interval: those of the share, turned over.

    Where nobody complained there is a least multiplier and no largest: both it and the estimate are infinite.
    """
    low, high = jeffreys(successes, n, conf_level=conf_level)
    share = ratio(*np.broadcast_arrays(np.asarray(successes, float), np.asarray(n, float)))
    with np.errstate(divide="ignore"):
        return 1 / share, 1 / high, 1 / low


def hit_from_complaints(
    complaints: float, successes: float, n: float, *, conf_level: float, draws: int = 20_000, seed: int = 0
) -> tuple[float, float, float]:
    """Return how many were hit where only complaints are seen, and its interval.

    The share who complain comes from events of the same kind, reached by the same channels. Those hit are drawn: the share
    from its posterior, and those who kept silent, given the share, from the negative binomial law of failures before so many
    complaints.

    Parameters
    ----------
    complaints : those seen
    successes, n : who complained of how many where the events are known
    """
    if not (n > 0 and complaints > 0):
        return np.nan, np.nan, np.nan
    rng = np.random.default_rng(seed)
    share = np.maximum(rng.beta(successes + 0.5, n - successes + 0.5, draws), 1e-12)
    silent = rng.poisson(rng.gamma(complaints, (1 - share) / share))
    tail = (1 - conf_level) / 2
    low, high = np.quantile(complaints + silent, [tail, 1 - tail])
    return complaints * n / successes if successes > 0 else np.inf, float(low), float(high)


def chapman(first: float, second: float, both: float, *, conf_level: float) -> tuple[float, float, float, float]:
    """Return how many there are when two lists hold some of them each: estimate, standard error and interval.

    Taken for granted: whether somebody is on one list has nothing to do with whether they are on the other. Who complains also
    answers surveys, so the lists go together, and the number is a lower bound. The interval is on the scale of the logarithm of
    those on neither list, and never falls below those who were seen.

    Parameters
    ----------
    first, second : how many each list holds
    both : how many are on both

    References
    ----------
    Chapman (1951), University of California Publications in Statistics 1, 131-160. Seber (1970), Biometrika 57(2), 313-318.
    Chao (1987), Biometrics 43(4), 783-791 (the interval).
    """
    from scipy.special import ndtri

    if not (0 <= both <= min(first, second) and min(first, second) > 0):
        return np.nan, np.nan, np.nan, np.nan
    seen = first + second - both
    found = (first + 1) * (second + 1) / (both + 1) - 1
    variance = (first + 1) * (second + 1) * (first - both) * (second - both) / ((both + 1) ** 2 * (both + 2))
    unseen = found - seen
    if unseen <= 0:
        return found, float(np.sqrt(variance)), seen, found
    spread = np.exp(ndtri((1 + conf_level) / 2) * np.sqrt(np.log1p(variance / unseen**2)))
    return found, float(np.sqrt(variance)), float(seen + unseen / spread), float(seen + unseen * spread)
