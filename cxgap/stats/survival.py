"""Times of which some are not over yet: curves, quantiles, tests and means that an open end does not bias.

Everything rests on counts per distinct time, which merge by addition. A time is any number, also below zero; a time of minus
infinity is one of which nothing is known but its state.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cxgap.stats.means import Codes, Floats, ratio, sum_by

OPEN, FULFILLED, CANCELLED = 0, 1, 2

ROUNDING = 1e-9  # a curve is a product of many factors: it has reached a level that it misses by less


class Counts(NamedTuple):
    """Weight of what happened at each distinct time, in rising order; each array has shape (times,)."""

    time: Floats
    at_risk: Floats
    fulfilled: Floats
    cancelled: Floats
    open: Floats


class Curve(NamedTuple):
    """A Kaplan-Meier curve: the share that lasts beyond each time of the counts; each array has shape (times,)."""

    time: Floats
    at_risk: Floats
    events: Floats
    survival: Floats
    std_error: Floats


class Process(NamedTuple):
    """Rows laid along the time axis with two ways to end.

    Attributes
    ----------
    counts : per distinct time
    before, after : share that has not ended just before, and after, each distinct time
    place : position of each row's time among the distinct ones, shape (rows,)
    entry : how many distinct times each row was not yet watched at, shape (rows,)
    state, weight : of each row, shape (rows,)
    """

    counts: Counts
    before: Floats
    after: Floats
    place: Codes
    entry: Codes
    state: Codes
    weight: Floats


def count_times(time: Floats, state: Codes, *, weight: Floats | None = None, entry: Floats | None = None) -> Counts:
    """Count what happened at each distinct time; a row is at risk where its entry < time <= its own time.

    Parameters
    ----------
    time : when a row ended, or until when it was watched, shape (rows,)
    state : OPEN, FULFILLED or CANCELLED, shape (rows,)
    weight : of each row: a count or a sampling weight; 1 if left out
    entry : from when a row was watched (left truncation); always if left out
    """
    weight = np.ones(len(time)) if weight is None else weight
    distinct, place = np.unique(time, return_inverse=True)
    kinds = [sum_by(place, len(distinct), np.where(state == kind, weight, 0.0)) for kind in (FULFILLED, CANCELLED, OPEN)]
    ended = sum_by(place, len(distinct), weight)
    at_risk = np.cumsum(ended[::-1])[::-1]
    if entry is not None:
        first = np.searchsorted(distinct, entry, side="right")
        at_risk = at_risk - (weight.sum() - np.cumsum(sum_by(first, len(distinct) + 1, weight))[:-1])
    return Counts(distinct, at_risk, *kinds)


def kaplan_meier(counts: Counts) -> Curve:
    """Return the share that lasts beyond each time, with Greenwood's standard error; any end is an event.

    Kaplan & Meier (1958), Journal of the American Statistical Association 53, 457-481. Greenwood (1926), Reports on
    Public Health and Medical Subjects 33. Where nothing is left the standard error is 0, and the interval is not.
    """
    events = counts.fulfilled + counts.cancelled
    survival = _product(ratio(events, counts.at_risk))
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(events > 0, events / (counts.at_risk * (counts.at_risk - events)), 0.0)
        std_error = np.where(survival > 0, survival * np.sqrt(np.cumsum(terms)), 0.0)
    return Curve(counts.time, counts.at_risk, events, survival, std_error)


def log_log_interval(share: Floats, std_error: Floats, at_risk: Floats, *, conf_level: float) -> tuple[Floats, Floats]:
    """Return the ends of the interval on the scale of log(-log(share)), which stays between 0 and 1.

    Kalbfleisch & Prentice (1980), The Statistical Analysis of Failure Time Data. For a share of 0 or 1 it is the one-sided
    interval of Clopper & Pearson (1934), Biometrika 26, 404-413, on `at_risk`.
    """
    from scipy.special import ndtri

    with np.errstate(divide="ignore", invalid="ignore"):
        log = np.log(share)
        half = ndtri((1 + conf_level) / 2) * std_error / (share * np.abs(log))
        low, high = (np.exp(-np.exp(np.log(-log) + side * half)) for side in (1, -1))
        reach = np.where(at_risk > 0, (1 - conf_level) ** (1 / at_risk), np.nan)
    one, none = share >= 1, share <= 0
    return np.where(one, reach, np.where(none, 0.0, low)), np.where(one, 1.0, np.where(none, 1 - reach, high))


def quantile(curve: Curve, prob: float, *, conf_level: float) -> tuple[float, float, float]:
    """Return the first time by which a share `prob` has ended, and its interval by inverting the log-log band.

    Brookmeyer & Crowley (1982), Biometrics 38, 29-41. NaN where the curve, or an end of its band, does not reach so far.
    """
    happened = curve.events > 0
    time, survival = curve.time[happened], curve.survival[happened]
    band = log_log_interval(survival, curve.std_error[happened], curve.at_risk[happened], conf_level=conf_level)
    found = [np.flatnonzero(level <= 1 - prob + ROUNDING) for level in (survival, *band)]
    estimate, low, high = (float(time[places[0]]) if len(places) else np.nan for places in found)
    return estimate, low, high


def restricted_mean(curve: Curve, until: float) -> tuple[float, float]:
    """Return the mean time up to `until`, which is the area under the curve, and its standard error.

    In R, survfit's rmean: Klein & Moeschberger (2003), Survival Analysis, section 4.5.
    """
    inside = (curve.events > 0) & (curve.time <= until)
    time, level = curve.time[inside], curve.survival[inside]
    steps = np.diff(np.concatenate([[0.0], time, [until]]))
    area = steps * np.concatenate([[1.0], level])
    ahead = np.cumsum(area[::-1])[::-1][1:]
    events, at_risk = curve.events[inside], curve.at_risk[inside]
    variance = np.where(at_risk > events, ahead**2 * ratio(events, at_risk * (at_risk - events)), 0.0)
    return float(area.sum()), float(np.sqrt(variance.sum()))


def log_rank(time: Floats, state: Codes, group: Codes, *, weight: Floats | None = None) -> tuple[float, int, float]:
    """Test whether groups have one curve: chi-square, degrees of freedom and p-value; any end is an event.

    Mantel (1966), Cancer Chemotherapy Reports 50, 163-170. `weight` is a count of rows. Groups are coded from 0.
    """
    from scipy.special import chdtrc

    weight = np.ones(len(time)) if weight is None else weight
    groups = int(group.max()) + 1
    distinct, place = np.unique(time, return_inverse=True)
    cell = place * groups + group
    shape = len(distinct), groups
    events = sum_by(cell, len(distinct) * groups, np.where(state != OPEN, weight, 0.0)).reshape(shape)
    at_risk = np.cumsum(sum_by(cell, len(distinct) * groups, weight).reshape(shape)[::-1], axis=0)[::-1]
    all_events, everybody = events.sum(axis=1), at_risk.sum(axis=1)
    share = at_risk / everybody[:, None]
    spread = all_events * ratio(everybody - all_events, everybody - 1)
    spread = np.where(everybody > 1, spread, 0.0)
    excess = (events - all_events[:, None] * share).sum(axis=0)
    variance = np.diag(spread @ share) - np.einsum("k,ki,kj->ij", spread, share, share)
    df = groups - 1
    chi_square = float(excess[:df] @ np.linalg.pinv(variance[:df, :df]) @ excess[:df])
    return chi_square, df, float(chdtrc(df, chi_square)) if df else np.nan


def process(time: Floats, state: Codes, *, weight: Floats | None = None, entry: Floats | None = None) -> Process:
    """Lay rows along the time axis; the parameters are those of `count_times`."""
    weight = np.ones(len(time)) if weight is None else weight
    counts = count_times(time, state, weight=weight, entry=entry)
    after = _product(ratio(counts.fulfilled + counts.cancelled, counts.at_risk))
    place = np.searchsorted(counts.time, time)
    first = np.zeros(len(time), np.int64) if entry is None else np.searchsorted(counts.time, entry, side="right")
    return Process(counts, np.concatenate([[1.0], after[:-1]])[: len(after)], after, place, first, state, weight)


def expect(rows: Process, value: Floats, *, left: float = 0.0) -> tuple[float, Floats]:
    """Return the mean of a value that each row has at its end, as if every row had been watched to it.

    A row that ended counts with the jump of the Aalen-Johansen curve that it makes, which is its weight over the chance of
    having been watched so long (inverse probability of censoring). With indicators as values these are cumulative incidences:
    Aalen & Johansen (1978), Scandinavian Journal of Statistics 5, 141-150.

    Parameters
    ----------
    rows : the rows along the time axis
    value : of each row at its end, shape (rows,); that of an open row is not looked at
    left : value of the share that outlasts every time seen

    Returns
    -------
    The mean, and the influence of each row on it per unit of weight, shape (rows,): its derivative by the row's weight.
    """
    ended, times = rows.state != OPEN, len(rows.counts.time)
    worth = sum_by(rows.place, times, np.where(ended, rows.weight * value, 0.0))
    happened = rows.counts.fulfilled + rows.counts.cancelled
    jump = ratio(rows.before, rows.counts.at_risk)
    steps = np.append(jump * worth, left * rows.after[-1])
    rest = np.cumsum(steps[::-1])[::-1]
    ahead = np.where(rows.after > 0, ratio(rest[1:], rows.after), left)  # mean of those that outlast a time
    drift = np.append(0.0, np.cumsum(ratio(jump * (worth - happened * ahead), rows.counts.at_risk)))
    influence = np.where(ended, jump[rows.place] * (value - ahead[rows.place]), 0.0)
    return float(rest[0]), influence - (drift[rows.place + 1] - drift[rows.entry])


def aalen_johansen(rows: Process, kind: int) -> tuple[Floats, Floats]:
    """Return the share that ended in one way by each distinct time, and its standard error from independent rows."""
    events = rows.counts.fulfilled if kind == FULFILLED else rows.counts.cancelled
    share, variance = np.cumsum(ratio(rows.before * events, rows.counts.at_risk)), np.empty(len(events))
    for number in range(len(share)):
        by_then = ((rows.place <= number) & (rows.state == kind)).astype(float)
        variance[number] = robust_variance(expect(rows, by_then)[1], rows.weight)
    return share, np.sqrt(variance)


def robust_variance(influence: Floats, weight: Floats, *, count: Floats | None = None, cluster: Codes | None = None) -> float:
    """Return the variance of an estimate from the influence of its rows, summed within clusters, which are independent.

    Williams (1995), Biometrics 51, 1100-1107. The sum has mean zero and no small-sample factor.

    Parameters
    ----------
    influence : per unit of weight, shape (rows,)
    weight : of one unit of the row, times its count
    count : how many units a row stands for; 1 if left out
    cluster : codes from 0; a row with a code below 0 stands for `count` clusters of one unit; every row if left out
    """
    count = np.ones(len(influence)) if count is None else count
    moved = influence * weight
    if cluster is None:
        return float((ratio(moved, count) ** 2 * count).sum())
    alone = cluster < 0
    together = sum_by(cluster[~alone], int(cluster.max(initial=-1)) + 1, moved[~alone])
    return float((together**2).sum() + (ratio(moved[alone], count[alone]) ** 2 * count[alone]).sum())


def survival_at(
    rows: Process, time: float, *, count: Floats | None = None, cluster: Codes | None = None
) -> tuple[float, float]:
    """Return the share that lasts beyond `time`, whatever its end, and its standard error, robust to clusters."""
    share, influence = expect(rows, (rows.counts.time > time)[rows.place].astype(float), left=1.0)
    return share, float(np.sqrt(robust_variance(influence, rows.weight, count=count, cluster=cluster)))


def followed(counts: Counts, time: float) -> float:
    """Return how many rows were watched up to `time`, or would have been had they not ended before.

    It is the number of rows times the Kaplan-Meier curve of the watching, in which ends and watching change places.
    """
    early = counts.time < time
    watched = counts.at_risk - counts.fulfilled - counts.cancelled
    lost = np.where(counts.open > 0, ratio(counts.open, watched), 0.0)[early]
    return float(counts.at_risk[0] * _product(lost)[-1]) if early.any() else float(counts.at_risk[:1].sum())


def _product(share_ended: Floats) -> Floats:
    return np.maximum(np.cumprod(1 - np.nan_to_num(share_ended)), 0.0)
