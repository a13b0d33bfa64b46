"""Intervals of alpha, omega, correlations and shares of an explained variance, by drawing respondents again.

All replicates are estimated at once from sums of cross products (`streamed`); no row is looked at twice. Ends are expanded
percentiles: Hesterberg (2015), The American Statistician 69(4), 371-386. A respondent's rows are drawn together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cxgap.errors import ArgumentError
from cxgap.stats.bootstrap import expanded_percentiles
from cxgap.stats.covariance import correlations
from cxgap.stats.identity import Hashes, hashes
from cxgap.stats.means import Codes, Floats
from cxgap.stats.onefactor import omega_near, omega_of
from cxgap.stats.predictors import Shares
from cxgap.stats.relative_weights import relative_weights
from cxgap.stats.streamed import Drawn, alphas_of, covariances_of, crossed, drawn_sums, in_full, summed
from cxgap.stats.threads import one_thread

REPLICATES = 1999


class Intervals(NamedTuple):
    """Estimates and how sure they are; each array has the shape of the estimates.

    Attributes
    ----------
    estimate : of the sample
    std_error : standard deviation of its replicates, made unbiased
    low, high : ends of the interval
    """

    estimate: Floats
    std_error: Floats
    low: Floats
    high: Floats


class ShareIntervals(NamedTuple):
    """Shares of an explained variance, shape (predictors,), and the whole of it, shape (); `reason` says why there is NaN."""

    share: Intervals
    r_squared: Intervals
    reason: str


@one_thread
def alpha_intervals(
    batteries: Sequence[Floats], respondent: NDArray, *, conf_level: float = 0.95, replicates: int = REPLICATES, seed: int = 0
) -> Intervals:
    """Estimate Cronbach's alpha of several batteries, shape (batteries,), drawing respondents again once for all of them.

    Parameters
    ----------
    batteries : answers, each of shape (rows, items), NaN where missing; a row counts in those that it answered in full. An
        item that does not vary is left out
    respondent : the name of the respondent of each row, text or integers, shape (rows,)
    conf_level : two-sided
    replicates, seed : of the bootstrap

    Returns
    -------
    Intervals; NaN with fewer than two items that vary.

    Raises
    ------
    ArgumentError : batteries and names differ in their rows.

    References
    ----------
    Cronbach (1951), Psychometrika 16(3), 297-334.
    """
    if not batteries:
        return Intervals(*np.empty((4, 0)))
    units, person = _units(batteries, respondent)
    varying = [_varying(x) for x in batteries]
    columns, places = summed(varying)
    drawn = drawn_sums(columns, units, replicates, seed=seed)
    found = [
        _intervals(alphas_of(drawn.sums[:, place]), alphas_of(drawn.total[place]), drawn, _answered(x, person), conf_level)
        for x, place in zip(varying, places, strict=True)
    ]
    return _stacked(found)


@one_thread
def omega_intervals(
    batteries: Sequence[Floats], respondent: NDArray, *, conf_level: float = 0.95, replicates: int = REPLICATES, seed: int = 0
) -> Intervals:
    """Estimate omega total of several batteries, shape (batteries,): one factor, standardised items.

    Parameters, errors and results as of `alpha_intervals`; NaN with fewer than three items that vary, and for a Heywood
    case.

    References
    ----------
    McDonald (1999), Test Theory: A Unified Treatment, Erlbaum. Revelle & Zinbarg (2009), Psychometrika 74(1), 145-154.
    """
    if not batteries:
        return Intervals(*np.empty((4, 0)))
    units, person = _units(batteries, respondent)
    varying = [_varying(x) for x in batteries]
    columns, places = crossed(varying)
    drawn = drawn_sums(columns, units, replicates, seed=seed)
    found = []
    for x, place in zip(varying, places, strict=True):
        total, loading = omega_of(covariances_of(drawn.total[place]))
        known = loading if np.isfinite(total) else np.full_like(loading, np.nan)
        values = omega_near(covariances_of(drawn.sums[:, place]), known)
        found.append(_intervals(values, total, drawn, _answered(x, person), conf_level))
    return _stacked(found)


@one_thread
def correlation_intervals(
    x: Floats,
    respondent: NDArray,
    *,
    weight: Floats | None = None,
    conf_level: float = 0.95,
    replicates: int = REPLICATES,
    seed: int = 0,
) -> Intervals:
    """Estimate the correlations of columns among complete rows, shape (columns, columns).

    Parameters
    ----------
    x : shape (rows, columns), NaN where missing
    respondent : the name of the respondent of each row, text or integers, shape (rows,)
    weight : sampling weight of each row, of a sample without strata or sampling units
    conf_level, replicates, seed : as of `alpha_intervals`

    Returns
    -------
    Intervals; of a column with itself 1, and NaN beside a column that does not vary.

    Raises
    ------
    ArgumentError : columns, names and weights differ in their rows.
    """
    drawn, person = _drawn(x, respondent, weight, replicates, seed)
    values, estimate = (correlations(covariances_of(sums)) for sums in (drawn.sums, drawn.total))
    return _intervals(values, estimate, drawn, _answered(x, person, weight), conf_level)


@one_thread
def share_intervals(
    x: Floats,
    outcome: Floats,
    respondent: NDArray,
    *,
    shares: Callable[[Floats], Shares] = relative_weights,
    weight: Floats | None = None,
    conf_level: float = 0.95,
    replicates: int = REPLICATES,
    seed: int = 0,
) -> ShareIntervals:
    """Share the variance of an outcome that predictors explain out among them, with intervals.

    Parameters
    ----------
    x : predictors, shape (rows, predictors), NaN where missing; rows count that have all of them and the outcome
    outcome : shape (rows,)
    respondent : the name of the respondent of each row, text or integers, shape (rows,)
    shares : `relative_weights`, or `lmg`, whose replicates take long for more than 12 predictors
    weight : sampling weight of each row, of a sample without strata or sampling units
    conf_level, replicates, seed : as of `alpha_intervals`

    Returns
    -------
    ShareIntervals. A replicate of which a share is not known does not count in its interval.

    Raises
    ------
    ArgumentError : predictors, outcome, names and weights differ in their rows.

    References
    ----------
    Johnson (2000), Multivariate Behavioral Research 35(1), 1-19. Groemping (2006), Journal of Statistical Software 17(1).
    """
    x, outcome = np.asarray(x, float), np.asarray(outcome, float)
    if x.ndim != 2 or outcome.shape != x.shape[:1]:
        raise ArgumentError(
            "`x` must have a row for each value of `outcome`, shapes (rows, predictors) and (rows,); "
            f"their shapes are {x.shape} and {outcome.shape}."
        )
    both = np.column_stack([x, outcome])
    drawn, person = _drawn(both, respondent, weight, replicates, seed)
    estimate, found = shares(covariances_of(drawn.total)), shares(covariances_of(drawn.sums))
    people = _answered(both, person, weight)
    return ShareIntervals(
        _intervals(found.share, estimate.share, drawn, people, conf_level),
        _intervals(found.r_squared, estimate.r_squared, drawn, people, conf_level),
        str(estimate.reason),
    )


def _drawn(x: Floats, respondent: NDArray, weight: Floats | None, replicates: int, seed: int) -> tuple[Drawn, Codes]:
    """Draw the cross products of the complete rows of one table again; the code of each row's respondent beside it."""
    x = np.asarray(x, float)
    units, person = _units([x], respondent)
    if weight is not None and np.shape(weight) != units.shape:
        raise ArgumentError(
            f"`weight` must have one value a row; it has the shape {np.shape(weight)}, and there are {len(units)} rows."
        )
    columns, _ = crossed([x], weight)
    return drawn_sums(columns, units, replicates, seed=seed), person


def _units(batteries: Sequence[Floats], respondent: NDArray) -> tuple[Hashes, Codes]:
    """Return the hash of each row's respondent, and a code; every battery must have as many rows as there are names."""
    names = np.asarray(respondent)
    for x in batteries:
        if np.ndim(x) != 2 or len(x) != names.size:
            raise ArgumentError(
                "Answers must have a row for each name in `respondent`, and a column for each item; "
                f"their shape is {np.shape(x)}, and there are {names.size} names."
            )
    units = hashes(names)
    return units, np.unique(units, return_inverse=True)[1]


def _varying(x: Floats) -> Floats:
    """Leave out the items that do not vary among the rows that have all items."""
    x = np.asarray(x, float)
    full = in_full(x)
    known = x[full]
    varies = (known != known[:1]).any(axis=0)
    return x if varies.all() else np.where(full[:, None], x[:, varies], np.nan)


def _answered(x: Floats, person: Codes, weight: Floats | None = None) -> int:
    """Count the respondents, each row's a code, who answered a battery in full."""
    known = in_full(np.asarray(x, float))
    if weight is not None:
        known &= np.asarray(weight) > 0
    return int(np.count_nonzero(np.bincount(person[known])))


def _intervals(values: Floats, estimate: Floats, drawn: Drawn, people: int, conf_level: float) -> Intervals:
    """Return estimates with the ends of their intervals, from replicates of shape (replicates, ...)."""
    flat = values.reshape(len(values), -1)
    known = np.isfinite(flat)
    count = known.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(known, flat, 0.0).sum(axis=0) / count
        std_error = np.sqrt((np.where(known, flat - mean, 0.0) ** 2).sum(axis=0) / (count - 1)) * drawn.narrow(people)
    degrees = float(min(people, drawn.units) - 1)
    usable = (count > 1) & np.isfinite(np.ravel(estimate))
    df = np.where(usable, degrees if degrees > 0 else np.nan, np.nan)
    low, high = expanded_percentiles(flat, df, conf_level=conf_level, narrow=drawn.narrow(people))
    shape = np.shape(estimate)
    std_error = np.where(np.isfinite(df), std_error, np.nan)
    return Intervals(np.asarray(estimate, float), std_error.reshape(shape), low.reshape(shape), high.reshape(shape))


def _stacked(found: Sequence[Intervals]) -> Intervals:
    return Intervals(*(np.array(part, float) for part in zip(*found, strict=True)))
