"""Which interval an estimate gets: one place decides, by what is estimated and how large the sample is.

Every maker gives both ends for all cells at once; a cell whose interval cannot be made the way that was asked for gets the
next best one, and says so.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cxgap._check import check_choice
from cxgap.errors import ArgumentError
from cxgap.stats.ideal import Ideal, ideal_simple
from cxgap.stats.means import Codes, Floats, ratio, sum_by, t_interval
from cxgap.stats.proportions import korn_graubard, wilson
from cxgap.stats.resample import Replicates, bca_interval, bca_levels, boot_t_interval, constant, percentile_interval

FALLBACK: Final = "CI_FALLBACK"
LEAST_UNITS = 30  # sampling units, below which BCa is not the default of an estimate that is no mean

AUTO, DEGENERATE, NONE = "auto", "degenerate", ""
RESAMPLED: Final = ("boot_t", "percentile", "bca")

# What may be estimated, and the intervals that fit it; the first is the default.
METHODS: Final = {
    "mean": ("t", *RESAMPLED),
    "share": ("wilson", "korn_graubard", "t", "percentile", "bca"),
    "nps": ("adjusted_wald", "t", *RESAMPLED),
    "quantile": ("bca", "percentile"),
    "nonlinear": ("bca", "percentile"),
    "ratio": ("bca", "percentile"),
    "rank": ("max_t",),
    "probability": ("bayes",),
}
MEANS: Final = ("mean", "share", "nps")  # estimates with a standard error, without which they have no interval
_DESIGNED: Final = {"wilson": "korn_graubard", "adjusted_wald": "t"}  # what stands in for it where the sample has a design


class Interval(NamedTuple):
    """Two ends for each cell, and how they were made; each array has shape (cells,).

    Attributes
    ----------
    low, high : NaN where nothing can be said
    method : a word of METHODS, "degenerate" where nothing varies (both ends are the estimate), "" where there is no interval
    fallback : whether another method stands in for the one that was asked for
    """

    low: Floats
    high: Floats
    method: NDArray[np.object_]
    fallback: NDArray[np.bool_]

    @property
    def flags(self) -> list[set[str]]:
        """What a reader must know of each cell, as words of `vocabulary.FLAGS`."""
        return [{FALLBACK} if fell else set() for fell in self.fallback]


def default_method(estimand: str, *, designed: bool = False) -> str:
    """Return the interval that an estimate gets where nobody asks for another."""
    check_choice(estimand, "estimand", METHODS)
    first = METHODS[estimand][0]
    return _DESIGNED.get(first, first) if designed else first


def interval(
    estimand: str,
    estimate: ArrayLike,
    std_error: ArrayLike = np.nan,
    df: ArrayLike = np.nan,
    *,
    n: ArrayLike = np.nan,
    conf_level: float,
    method: str = AUTO,
    designed: bool = False,
    replicates: Replicates | Ideal | None = None,
    covariance: Floats | None = None,
) -> Interval:
    """Make the interval of each cell.

    Parameters
    ----------
    estimand : "mean" (and difference of means), "share", "nps", "quantile", "ratio" or "nonlinear" (anything else that is
        smooth), "rank", or "probability" (of a statement)
    estimate, std_error, df : of each cell; a share's standard error is needed where the sample has a design, that of a
        net promoter score has divisor n
    n : respondents, for shares and net promoter scores
    conf_level : two-sided
    method : a word of METHODS[estimand]; "auto" is the first of them, which for a quantile, a ratio and the like is BCa
        from LEAST_UNITS sampling units on and the percentile interval below
    designed : whether the sample has weights, strata or clusters
    replicates : of the estimate in samples drawn again, or their distribution where they are not drawn (of a mean or ratio of
        sums, for "percentile" and "bca"); draws of the posterior distribution for "bayes"
    covariance : of the estimates, or their variances where they are independent, for ranks

    Returns
    -------
    Interval. No standard error, or fewer than two respondents, gives NaN; a standard error of zero the estimate twice.

    Raises
    ------
    ArgumentError : the method does not fit the estimand, or what it needs is not given.

    References
    ----------
    DiCiccio & Efron (1996), Statistical Science 11(3), 189-228.
    """
    check_choice(estimand, "estimand", METHODS)
    check_choice(method, "method", (AUTO, *METHODS[estimand]))
    auto, chosen = method == AUTO, default_method(estimand, designed=designed) if method == AUTO else method
    known = np.broadcast_arrays(*(np.atleast_1d(np.asarray(x, np.float64)) for x in (estimate, std_error, df, n)))
    at, error, freedom, people = (np.array(values) for values in known)
    if chosen == "max_t":
        return _ranks(at, covariance, conf_level)
    if chosen in ("wilson", "korn_graubard"):
        ends = (
            korn_graubard(at, error, people, freedom, conf_level=conf_level)
            if chosen == "korn_graubard"
            else wilson(at * people, people, conf_level=conf_level)
        )
        return _settled(*ends, chosen, at, np.full(len(at), np.nan))
    if chosen == "adjusted_wald":
        from cxgap.stats.loyalty import adjusted_wald

        ends = adjusted_wald(at, people * error**2, people, conf_level=conf_level)
        return _settled(*ends, chosen, at, np.full(len(at), np.nan))
    if chosen == "t":
        return _settled(*t_interval(at, error, freedom, conf_level=conf_level), chosen, at, error)
    if replicates is None:
        raise ArgumentError(f"`replicates` must be given for the {chosen} interval of a {estimand}; see stats.resample.")
    if isinstance(replicates, Ideal):
        if chosen not in ("percentile", "bca"):
            raise ArgumentError(f"`replicates` must be drawn for the {chosen} interval of a {estimand}; see stats.redrawn.")
        if estimand not in MEANS:
            error = np.where(replicates.still, 0.0, np.inf)
        return _ideal(chosen, at, np.where(replicates.units > 1, error, np.nan), replicates, conf_level, small=auto)
    if chosen == "bayes":
        return _settled(*percentile_interval(replicates.values, conf_level=conf_level), chosen, at, error)
    if estimand not in MEANS:
        error = np.where(constant(replicates.values), 0.0, np.inf)
    if replicates.units is not None:
        error = np.where(replicates.units > 1, error, np.nan)
    return _resampled(chosen, at, error, freedom, replicates, conf_level, small=auto)


def ideal_interval(
    value: ArrayLike, times: ArrayLike, cell: Codes, cells: int, *, conf_level: float, method: str = "bca"
) -> Interval:
    """Make the bootstrap interval of the mean of independent, unweighted respondents, without drawing any.

    Parameters
    ----------
    value, times : of respondents, and how many each row stands for; rows in any order
    cell, cells : the cell of each row, 0 .. cells - 1
    conf_level : two-sided
    method : "percentile" or "bca"

    Returns
    -------
    Interval, as if there were infinitely many replicates; see `ideal_simple`, and `ideal_design` for designs.
    """
    value, times = np.asarray(value, np.float64), np.asarray(times, np.float64)
    drawn = ideal_simple(value, times, cell, cells)
    n, away = sum_by(cell, cells, times), value - drawn.estimate[cell]
    std_error = np.sqrt(ratio(sum_by(cell, cells, times * away * away), n * (n - 1)))
    std_error = np.where(drawn.still, 0.0, std_error)
    return interval("mean", drawn.estimate, std_error, n - 1, conf_level=conf_level, method=method, replicates=drawn)


def _resampled(
    method: str, estimate: Floats, std_error: Floats, df: Floats, drawn: Replicates, conf_level: float, *, small: bool
) -> Interval:
    """Make an interval from replicates; `small` is whether BCa must have LEAST_UNITS."""
    used = np.full(len(estimate), method, object)
    if method == "boot_t":
        low, high, fell = boot_t_interval(drawn, estimate, std_error, conf_level=conf_level)
        ends = t_interval(estimate, std_error, df, conf_level=conf_level)
        low, high = (np.where(fell, end, found) for found, end in zip((low, high), ends, strict=True))
        used[fell] = "t"
    elif method == "bca":
        if drawn.acceleration is None:
            raise ArgumentError(
                "`replicates` must have an `acceleration` for the bca interval; see stats.resample.acceleration."
            )
        low, high, fell = bca_interval(drawn.values, estimate, drawn.acceleration, conf_level=conf_level)
        if small and drawn.units is not None:
            few = drawn.units < LEAST_UNITS
            ends = percentile_interval(drawn.values, conf_level=conf_level)
            low, high = (np.where(few, end, found) for found, end in zip((low, high), ends, strict=True))
            fell = fell | few
        used[fell] = "percentile"
    else:
        low, high = percentile_interval(drawn.values, conf_level=conf_level)
        fell = np.zeros(len(estimate), bool)
    low, high = (np.where(np.isnan(std_error), np.nan, end) for end in (low, high))
    return _settled(low, high, used, estimate, std_error, fell)


def _ideal(method: str, estimate: Floats, std_error: Floats, drawn: Ideal, conf_level: float, *, small: bool) -> Interval:
    """Make an interval from the distribution of all samples; `small` is whether BCa must have LEAST_UNITS."""
    used, fell = np.full(len(estimate), method, object), np.zeros(len(estimate), bool)
    levels = np.broadcast_to(np.array([[(1 - conf_level) / 2], [(1 + conf_level) / 2]]), (2, len(estimate)))
    if method == "bca":
        corrected, unsafe = bca_levels(drawn.bias, drawn.acceleration, conf_level=conf_level)
        fell = (unsafe | (small & (drawn.units < LEAST_UNITS))) & ~drawn.still
        levels = np.where(fell, levels, corrected)
        used[fell] = "percentile"
    low, high = (np.where(np.isnan(std_error), np.nan, end) for end in drawn.quantiles(levels))
    return _settled(low, high, used, estimate, std_error, fell)


def _settled(
    low: Floats,
    high: Floats,
    method: str | NDArray[np.object_],
    estimate: Floats,
    std_error: Floats,
    fell: NDArray[np.bool_] | None = None,
) -> Interval:
    """Give a cell without variance its estimate twice, and one without an interval no method."""
    still = std_error == 0
    low, high = np.where(still, estimate, low), np.where(still, estimate, high)
    used = np.full(len(estimate), method, object) if isinstance(method, str) else method.copy()
    used[still] = DEGENERATE
    lost = np.isnan(low) & np.isnan(high)
    used[lost] = NONE
    return Interval(low, high, used, np.zeros(len(used), bool) if fell is None else fell & ~still & ~lost)


def _ranks(estimate: Floats, covariance: Floats | None, conf_level: float) -> Interval:
    from cxgap.stats.ranking import rank_sets

    if covariance is None:
        raise ArgumentError("`covariance` must be given for the ranks of estimates; variances do where they are independent.")
    found = rank_sets(estimate, covariance, conf_level=conf_level)
    return _settled(found.low.astype(float), found.high.astype(float), "max_t", estimate, np.full(len(estimate), np.nan))
