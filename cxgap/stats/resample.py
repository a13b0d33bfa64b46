"""Intervals from replicates of an estimate, for all cells at once, whoever drew the replicates."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cxgap.stats.bootstrap import Source, draws, rescaled
from cxgap.stats.means import Codes, Floats, ratio

REPLICATES, REPLICATES_IN_REPORTS = 1999, 9999  # with both, the ends of 90, 95 and 99 % are order statistics
MOST_ACCELERATION, MOST_BIAS = 0.25, 0.5  # beyond these BCa shifts its levels further than it can be trusted
MOST_LOST = 0.05  # of the replicates, without which bootstrap-t is not made
ROUNDING = 1e-12  # of the largest replicate: two that are nearer are one


class Replicates(NamedTuple):
    """An estimate in samples drawn again.

    Attributes
    ----------
    values : shape (replicates, cells), NaN where nobody was drawn
    std_error : of each value, same shape, for bootstrap-t; or None
    acceleration : of BCa, shape (cells,); or None
    units : sampling units that each cell meets, shape (cells,); or None
    """

    values: Floats
    std_error: Floats | None = None
    acceleration: Floats | None = None
    units: Floats | None = None


def replicate(
    statistic: Callable[[Floats], ArrayLike], source: Source, count: int = REPLICATES, *, seed: int = 0, rescale: bool = True
) -> Replicates:
    """Compute any statistic in samples drawn again, and without one sampling unit after another.

    Parameters
    ----------
    statistic : of multipliers of the units' weights, shape (units,), all 1 in the sample itself; gives a number, or one
        a cell
    source : the sample, its units in an order that does not depend on the order of the rows
    count : replicates
    seed : with the name of the source the key of the random numbers
    rescale : whether to draw one unit less than a stratum has and scale up (Rao & Wu 1988), as a design asks for; False
        draws as many as there are, as R's boot does

    Returns
    -------
    Replicates without standard errors.
    """
    values: list[ArrayLike] = []
    for drawn in draws(source, count, seed=seed, less=int(rescale)):
        values += [statistic(row) for row in (rescaled(drawn, source) if rescale else drawn)]
    units = np.full(np.shape(np.atleast_1d(values[0])), float(len(source.stratum)))
    left_out = jackknife(statistic, source.stratum)
    return Replicates(_stacked(values), None, acceleration(left_out, source.stratum), units)


def jackknife(statistic: Callable[[Floats], ArrayLike], stratum: Codes) -> Floats:
    """Return the statistic without each sampling unit in turn, the rest of its stratum scaled up, shape (units, cells)."""
    rows: list[ArrayLike] = []
    for unit in range(len(stratum)):
        mates = stratum == stratum[unit]
        size = mates.sum()
        weights = np.where(mates, size / max(size - 1, 1), 1.0)
        weights[unit] = 0.0 if size > 1 else 1.0
        rows.append(statistic(weights))
    return _stacked(rows)


def acceleration(left_out: ArrayLike, stratum: Codes | None = None, *, centre: ArrayLike | None = None) -> Floats:
    """Return the acceleration of BCa from the estimates without each unit; NaN where nothing moves.

    Parameters
    ----------
    left_out : the estimate without each unit in turn, shape (units, cells) or (units,)
    stratum : of each unit; one if not given
    centre : what the influence of a unit is counted from: the mean of `left_out` in its stratum if not given. R's boot
        takes the estimate from all units

    References
    ----------
    Efron (1987), Journal of the American Statistical Association 82(397), 171-185.
    """
    values = _stacked(left_out)
    code = np.zeros(len(values), np.int64) if stratum is None else np.unique(stratum, return_inverse=True)[1]
    influence = np.zeros(values.shape)
    for one in range(code.max(initial=-1) + 1):
        mates = code == one
        middle = values[mates].mean(axis=0) if centre is None else np.asarray(centre, np.float64)
        influence[mates] = (mates.sum() - 1) * (middle - values[mates])
    return skewed(influence)


def regressed(values: Floats, times: Floats) -> Floats:
    """Return the acceleration of BCa from the replicates themselves, as R's boot.ci does.

    The influence of a unit is the slope of the replicates on how often they hold it.

    Parameters
    ----------
    values : replicates, shape (replicates, cells), finite and more than there are units
    times : how often each holds each unit of one simple random sample, shape (replicates, units)

    References
    ----------
    Davison & Hinkley (1997), Bootstrap Methods and their Application, section 2.7.4.
    """
    held = np.column_stack([np.ones(len(times)), times[:, 1:]])
    slopes = np.linalg.lstsq(held, values, rcond=None)[0]
    slopes[0] = 0.0  # the first unit is what the others are compared with
    return skewed(slopes - slopes.mean(axis=0))


def skewed(influence: Floats) -> Floats:
    """Return the acceleration of influences, shape (units, cells): a sixth of their skewness over the root of their number."""
    largest = np.abs(influence).max(axis=0, initial=0.0)
    part = ratio(influence, np.broadcast_to(largest, influence.shape))
    return ratio((part**3).sum(axis=0), 6 * (part**2).sum(axis=0) ** 1.5)


def bias_correction(values: Floats, estimate: ArrayLike, *, ties: float = 0.5) -> Floats:
    """Return z0: the normal quantile of the share of the replicates below the estimate.

    Parameters
    ----------
    values : replicates, shape (replicates, cells)
    estimate : of each cell
    ties : what a replicate that equals the estimate counts; half with ratings, which tie. R's boot counts 0
    """
    from scipy.special import ndtri

    estimate, known = np.atleast_1d(np.asarray(estimate, np.float64)), np.isfinite(values)
    near = ROUNDING * np.fmax(np.abs(estimate), np.abs(np.where(known, values, 0.0)).max(axis=0, initial=0.0))
    with np.errstate(invalid="ignore"):
        tied = np.abs(values - estimate) <= near
        below = (values < estimate) & ~tied
    return ndtri(ratio(below.sum(axis=0) + ties * tied.sum(axis=0), known.sum(axis=0).astype(np.float64)))


def percentile_interval(values: Floats, *, conf_level: float) -> tuple[Floats, Floats]:
    """Return the order statistics of the replicates number tail x (B + 1), each cell's two ends.

    References
    ----------
    Efron (1979), Annals of Statistics 7(1), 1-26; in R, boot.ci(type = "perc").
    """
    ordered, tail = np.sort(values, axis=0), (1 - conf_level) / 2
    return order_statistic(ordered, tail), order_statistic(ordered, 1 - tail)


def bca_interval(
    values: Floats, estimate: ArrayLike, acceleration: ArrayLike, *, conf_level: float, ties: float = 0.5
) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Return the two ends of the bias-corrected and accelerated interval, and where it cannot be trusted.

    Parameters
    ----------
    values : replicates, shape (replicates, cells)
    estimate, acceleration : of each cell
    conf_level : two-sided
    ties : as in `bias_correction`

    Returns
    -------
    low, high and whether they are the percentile interval's, because the acceleration exceeds MOST_ACCELERATION, z0
    exceeds MOST_BIAS, or either is unknown. Where all replicates are the estimate, both ends are it.

    References
    ----------
    Efron (1987), Journal of the American Statistical Association 82(397), 171-185; in R, boot.ci(type = "bca").
    """
    estimate, a = (np.atleast_1d(np.asarray(given, np.float64)) for given in (estimate, acceleration))
    levels, unsafe = bca_levels(bias_correction(values, estimate, ties=ties), a, conf_level=conf_level)
    ordered, still = np.sort(values, axis=0), constant(values)
    low, high = (np.where(still, estimate, order_statistic(ordered, level)) for level in levels)
    return low, high, unsafe & ~still & np.isfinite(low)


def bca_levels(z0: Floats, a: Floats, *, conf_level: float) -> tuple[Floats, NDArray[np.bool_]]:
    """Return the shares of all samples below each end of the BCa interval, shape (2, cells), and where they are plain ones.

    Plain ones are those of the percentile interval, because a exceeds MOST_ACCELERATION, z0 exceeds MOST_BIAS, or either is
    unknown.
    """
    from scipy.special import ndtr, ndtri

    tails = np.array([[(1 - conf_level) / 2], [(1 + conf_level) / 2]])
    with np.errstate(invalid="ignore", divide="ignore"):
        unsafe = ~((np.abs(a) <= MOST_ACCELERATION) & (np.abs(z0) <= MOST_BIAS))
        z = z0 + ndtri(tails)
        return np.where(unsafe, tails, ndtr(z0 + z / (1 - a * z))), unsafe


def boot_t_interval(
    replicates: Replicates, estimate: ArrayLike, std_error: ArrayLike, *, conf_level: float
) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Return the two ends of the studentised interval, and where there is none.

    Parameters
    ----------
    replicates : with standard errors; those with none, or one of zero, are dropped
    estimate, std_error : of each cell
    conf_level : two-sided

    Returns
    -------
    low, high and whether they are NaN because more than MOST_LOST of the replicates had to be dropped.

    References
    ----------
    Efron & Tibshirani (1993), An Introduction to the Bootstrap, section 12.5; in R, boot.ci(type = "stud").
    """
    estimate, std_error = (np.atleast_1d(np.asarray(given, np.float64)) for given in (estimate, std_error))
    errors = np.full(replicates.values.shape, np.nan) if replicates.std_error is None else replicates.std_error
    with np.errstate(invalid="ignore", divide="ignore"):
        t = np.where(errors > 0, (replicates.values - estimate) / errors, np.nan)
    lost = np.isnan(t).mean(axis=0) > MOST_LOST
    low, high = percentile_interval(t, conf_level=conf_level)
    ends = (np.where(lost, np.nan, estimate - end * std_error) for end in (high, low))
    return (*ends, lost)


def order_statistic(ordered: Floats, share: ArrayLike) -> Floats:
    """Return the replicate of each cell whose number is share x (B + 1); between two, by the normal curve's quantiles.

    Parameters
    ----------
    ordered : replicates, sorted along the first axis with NaN last, shape (replicates, cells)
    share : of the replicates at or below, for all cells or each

    References
    ----------
    Davison & Hinkley (1997), Bootstrap Methods and their Application, equation 5.8; as in R's boot.ci.
    """
    from scipy.special import ndtri

    if not len(ordered):
        return np.full(ordered.shape[1], np.nan)
    column = np.arange(ordered.shape[1])
    count = np.isfinite(ordered).sum(axis=0)
    share = np.broadcast_to(np.asarray(share, np.float64), column.shape)
    known = np.isfinite(share) & (count > 0)
    place = np.where(known, share, 0.5) * (count + 1)
    place = np.where(np.abs(place - np.rint(place)) < 1e-9, np.rint(place), place)
    place = np.clip(place, 1, np.maximum(count, 1))
    below = np.floor(place).astype(np.int64)
    above = np.minimum(below + 1, np.maximum(count, 1))
    left, right, here = (ndtri(np.minimum(rank, count) / (count + 1)) for rank in (below, above, place))
    with np.errstate(invalid="ignore", divide="ignore"):
        part = np.where(above > below, (here - left) / (right - left), 0.0)
    lower, upper = ordered[below - 1, column], ordered[above - 1, column]
    return np.where(known, np.where(part > 0, lower + part * (upper - lower), lower), np.nan)


def constant(values: Floats) -> NDArray[np.bool_]:
    """Tell which cells have one and the same value in all replicates that have any."""
    known = np.isfinite(values)
    top = np.where(known, values, -np.inf).max(axis=0, initial=-np.inf)
    low = np.where(known, values, np.inf).min(axis=0, initial=np.inf)
    with np.errstate(invalid="ignore"):
        return known.any(axis=0) & (top - low <= ROUNDING * np.fmax(np.abs(top), np.abs(low)))


def _stacked(rows: ArrayLike | list[ArrayLike]) -> Floats:
    """Put one row below another; numbers of one cell are a column."""
    stacked = np.asarray(rows, np.float64)
    return stacked.reshape(len(stacked), -1)
