"""How far the promises of one cell were kept: means and shares that open promises do not flatter."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple, TypeVar

import numpy as np
import pandas as pd

from cxgap._check import check_choice
from cxgap.gaps.inquiry import Inquiry
from cxgap.gaps.promises import Promises
from cxgap.stats.means import Floats, ratio, sum_by
from cxgap.stats.proportions import korn_graubard, wilson
from cxgap.stats.survival import (
    CANCELLED,
    FULFILLED,
    OPEN,
    Process,
    count_times,
    expect,
    followed,
    log_log_interval,
    process,
    robust_variance,
)

T = TypeVar("T")
Rows = Mapping[str, np.ndarray]

LEAST_FOLLOWED = 10  # promises that must have been followed as long as the tolerance
ROUNDING = 1e-13  # of the largest value: a standard error below it is rounding
SHARES = ("early", "on_time", "late")
WEIGHT_BY = {"customer": "every customer weighs the same", "event": "every promise weighs the same"}


class Kept(NamedTuple):
    """The promises of one cell along the axis of residuals.

    Attributes
    ----------
    rows : columns as in Promises
    along : the same, each customer or each promise weighing 1
    ending : share that ends by delivery, and the influence of each row on it
    longest : residual seen; what is still open after all others counts as that late
    n, customers : promises that were not cancelled, and whose they are
    several : whether a customer has more than one of them
    n_eff : as many customers as would weigh alike
    is_open : whether any is open
    number : of the cell
    inquiry : who is asked about customers that an engine holds
    """

    rows: Rows
    along: Process
    ending: tuple[float, Floats]
    longest: float
    n: float
    customers: float
    several: bool
    n_eff: float
    is_open: bool
    number: int = 0
    inquiry: Inquiry | None = None


def keep(read: Promises, weight_by: str) -> list[Kept]:
    """Lay the promises of each cell along the axis of residuals; `weight_by` as in `communication_gap`.

    Rows stand in one order whatever that of the events, so that sums have the same last bits.
    """
    check_choice(weight_by, "weight_by", WEIGHT_BY)
    order = np.argsort(read.rows["cell"].to_numpy(), kind="stable")
    columns, inquiry = {name: read.rows[name].to_numpy()[order] for name in read.rows}, None
    ends = np.searchsorted(columns["cell"], np.arange(len(read.cells) + 1))
    if read.away is not None:
        held, cell, standing = read.away
        inquiry = Inquiry(held, cell, standing if weight_by == "customer" else None)
    parts = ({name: column[first:last] for name, column in columns.items()} for first, last in pairwise(ends))
    return [_keep(part, weight_by)._replace(number=number, inquiry=inquiry) for number, part in enumerate(parts)]


def settled(kept: Sequence[Kept], compute: Callable[[], T]) -> T:
    """Return what `compute` says of the cells, once all that it asks about their customers is known."""
    inquiry = kept[0].inquiry if kept else None
    return compute() if inquiry is None else inquiry.settled(compute)


def lines_of(cells: pd.DataFrame, by: Sequence[str]) -> list[np.ndarray]:
    """List the lines of a table: a promise stands in one cell, so that any cell of a line is the rest of its total."""
    lines = []
    for name in by:
        rest = [other for other in by if other != name]
        line = cells.groupby(rest, observed=True, dropna=False).ngroup().to_numpy() if rest else np.zeros(len(cells), int)
        lines += [np.flatnonzero(line == number) for number in np.unique(line)]
    return lines


def _keep(rows: Rows, weight_by: str) -> Kept:
    state, count = (rows[name] for name in ("state", "count"))
    standing = state != CANCELLED
    held = _held(rows, standing, "held")
    along = process(rows["residual"], state, weight=count * (1 / np.maximum(held, 1.0) if weight_by == "customer" else 1.0))
    seen = rows["residual"][standing & np.isfinite(rows["residual"])]
    each = (count / np.maximum(held, 1.0))[standing]  # of the customers whose promises the row has, the part that it has
    total = (ratio(along.weight, count) * held)[standing]
    squares = (each * total**2).sum()
    return Kept(
        rows=rows,
        along=along,
        ending=expect(along, (state == FULFILLED).astype(float), left=1.0) if len(rows["count"]) else (np.nan, np.zeros(0)),
        longest=float(seen.max(initial=0.0)),
        n=float(count[standing].sum()),
        customers=float(np.round(each.sum())),
        several=bool((held[standing] > 1).any()),
        # Kish (1965), of the weight that each customer has over its promises.
        n_eff=float(along.weight[standing].sum() ** 2 / squares) if squares > 0 else 0.0,
        is_open=bool((state == OPEN).any()),
    )


def _held(rows: Rows, counted: np.ndarray, told: str) -> Floats:
    """Return how many of the promises that count the customer of each row holds in the cell; nobody known holds one."""
    if told in rows:
        return rows[told].astype(np.float64)
    count, customer = (rows[name] for name in ("count", "customer"))
    known = customer >= 0
    held = np.ones(len(rows["count"]))
    held[known] = sum_by(customer[known], int(customer.max(initial=-1)) + 1, (count * counted)[known])[customer[known]]
    return held


def mean_of(cell: Kept, value: Floats, left: float) -> tuple[float, float]:
    """Return the mean of a value over promises that end by delivery, and its standard error, robust to customers."""
    if not cell.ending[0] > 0:
        return np.nan, np.nan
    fulfilled = cell.along.state == FULFILLED
    total, influence = expect(cell.along, np.where(fulfilled, value, 0.0), left=left)
    mean = total / cell.ending[0]
    if not cell.is_open and len(np.unique(value[fulfilled])) == 1:
        mean = float(value[fulfilled][0])  # a mean of what is all alike must not round
    if cell.customers < 2:
        return mean, np.nan
    own = (influence - mean * cell.ending[1]) / cell.ending[0]
    std_error = float(np.sqrt(_spread(cell, own) * cell.customers / (cell.customers - 1)))
    largest = np.abs(value[fulfilled]).max(initial=abs(left))
    return mean, 0.0 if std_error <= ROUNDING * largest else std_error


def _spread(cell: Kept, own: Floats) -> float:
    """Return the variance of an estimate from the influence of each row on it, summed within customers."""
    count, customer = cell.rows["count"], cell.rows["customer"]
    if cell.inquiry is None:
        return robust_variance(own, cell.along.weight, count=count, cluster=customer)
    known, place = cell.rows["known"], cell.rows["place"]
    alone = robust_variance(own[~known], cell.along.weight[~known], count=count[~known])
    return alone + cell.inquiry.square(cell.number, place[known], own[known])


def people(cell: Kept, inside: np.ndarray) -> float:
    """Count the customers of some rows; a promise of nobody known has a customer of its own."""
    customer, count = (cell.rows[name][inside] for name in ("customer", "count"))
    if cell.inquiry is not None:
        known, place = (cell.rows[name][inside] for name in ("known", "place"))
        return cell.inquiry.people(cell.number, place[known]) + float(count[~known].sum())
    return float(len(np.unique(customer[customer >= 0])) + count[customer < 0].sum())


def outlasting(cell: Kept) -> np.ndarray:
    """Mark the open promises that outlast all others, if any do: they count as late as they are by now."""
    last = (cell.along.state == OPEN) & (cell.rows["residual"] == cell.longest)
    return last & bool(len(last) and cell.along.after[-1] > 0)


def is_followed(cell: Kept, time: float | None = None) -> bool:
    """Say whether a cell was watched long enough to tell what happened by `time`, or by its tolerance.

    It was where nothing is open; else where LEAST_FOLLOWED promises were followed so long, be it to their end.
    """
    if not (cell.is_open and cell.n):
        return cell.n > 0
    time = float(cell.rows["late"].max()) if time is None else time
    counts = count_times(cell.along.counts.time[cell.along.place], cell.along.state, weight=cell.rows["count"])
    return followed(counts, time) >= LEAST_FOLLOWED


def share_of(cell: Kept, inside: np.ndarray, left: float, time: float, conf_level: float) -> tuple[float, float, float, float]:
    """Return the share of promises that end `inside`, its standard error and its interval.

    Wilson's where promises are independent and none is open, Korn & Graubard's where customers have several, and on the
    scale of log(-log) where some are open; `time` is where the class ends that tells how many were followed. Of a share of 0
    or 1 nothing tells how alike a customer's promises are: it rests on customers. One customer has no interval.
    """
    share, std_error = mean_of(cell, inside.astype(float), left)
    share = min(max(share, 0.0), 1.0) if np.isfinite(share) else share
    share = float(np.round(share)) if abs(share - np.round(share)) < 1e-12 else share
    if cell.customers < 2:
        return share, std_error, np.nan, np.nan
    if cell.is_open:
        counts = count_times(cell.along.counts.time[cell.along.place], cell.along.state, weight=cell.rows["count"])
        at_risk = np.array([followed(counts, time) * cell.customers / cell.n])
        low, high = log_log_interval(np.array([share]), np.array([std_error]), at_risk, conf_level=conf_level)
    elif cell.several:
        size = cell.customers if share in (0, 1) else cell.n
        low, high = korn_graubard([share], [std_error], [size], [cell.customers - 1], conf_level=conf_level)
    else:
        met = cell.rows["count"][inside & (cell.along.state == FULFILLED)].sum()
        low, high = wilson([met], [cell.n], conf_level=conf_level)
    return share, std_error, float(low[0]), float(high[0])


def estimate(cell: Kept, *, severe: float | None, against: str, weight_by: str, conf_level: float) -> dict[str, float]:
    """Estimate a cell: the columns of `communication_gap` that need no other cell.

    Beside them `late_se_`; `late_people_`, the customers whose lateness is told; `inner_low_` and `inner_high_`, the ends of
    the interval of the share late of level 2 x conf_level - 1; and `identified_`, whether promises were followed as long as
    the tolerance.
    """
    rows, state, count = cell.rows, cell.along.state, cell.rows["count"]
    fulfilled, standing = state == FULFILLED, state != CANCELLED
    identified = is_followed(cell)
    mean, std_error = mean_of(cell, rows["delta"], cell.longest)
    lateness = mean_of(cell, rows["residual"], cell.longest)[0]
    if not (identified and fulfilled.any()):
        mean = std_error = lateness = np.nan

    jump = cell.along.weight * ratio(cell.along.before, cell.along.counts.at_risk)[cell.along.place]
    sign = rows["sign"]
    turned = sign[0] if len(np.unique(sign)) == 1 else np.nan
    start = turned * _average(rows["lead"], jump, fulfilled & np.isfinite(rows["lead"]))
    shift = _average(rows["shift"], jump, fulfilled)
    other = {"delta_first": mean, "delta_last": mean + shift * (-1 if against == "first" else 0)}
    if against == "last":
        other = {"delta_first": mean + shift, "delta_last": mean}
    moved = np.where(np.isfinite(rows["shift"]), rows["shift"] != 0, np.nan)
    return {
        "n": cell.n,
        "n_eff": cell.n_eff,
        "start": start,
        "end": start + turned * lateness,
        "estimate": 0.0 - mean,
        "std_error": std_error,
        "df": cell.customers - 1 if cell.customers > 1 else np.nan,
        "promises": float(count.sum()),
        "customers": cell.customers,
        "open": float(count[state == OPEN].sum()),
        "cancelled": float(count[state == CANCELLED].sum()),
        "overdue": float(count[(state == OPEN) & (rows["residual"] > 0)].sum()),
        **shares(cell, severe=severe, conf_level=conf_level),
        **_of_all(cell, weight_by, identified),
        "late_closed": _average((rows["delta"] > rows["late"]).astype(float), cell.along.weight, fulfilled),
        "repromised": _average(moved, cell.along.weight, standing),
        **other,
        "first_minus_last": shift,
        "identified_": float(identified and bool(fulfilled.any())),
    }


def shares(cell: Kept, *, severe: float | None, conf_level: float) -> dict[str, float]:
    """Estimate the shares of promises that come early, on time and late, and how late the late ones are."""
    rows, nothing, identified = cell.rows, (np.nan,) * 4, is_followed(cell)
    latest = float(rows["late"].max()) if len(rows["count"]) else 0.0
    delta, early, late = (rows[name] for name in ("delta", "early", "late"))
    is_early, is_late = delta < -early, delta > late
    before = -float(early.min(initial=np.inf))
    found = {
        "early": share_of(cell, is_early, 0.0, before, conf_level) if is_followed(cell, before) else nothing,
        "on_time": share_of(cell, ~is_early & ~is_late, 0.0, latest, conf_level) if identified else nothing,
        "late": share_of(cell, is_late, 1.0, latest, conf_level) if identified else nothing,
    }
    inner = share_of(cell, is_late, 1.0, latest, 2 * conf_level - 1) if identified and conf_level > 0.5 else nothing
    columns = {
        f"{name}{part}": values[place] for name, values in found.items() for part, place in (("", 0), ("_low", 2), ("_high", 3))
    }
    share = found["late"][0]
    units = mean_of(cell, np.where(is_late, delta, 0.0), cell.longest)[0]
    threshold = np.full(len(rows["count"]), severe) if severe else np.where(late > 0, 2 * late, np.nan)
    worst = float(threshold.max(initial=-np.inf))
    told = identified and np.isfinite(worst) and is_followed(cell, worst)
    return {
        **columns,
        "mean_late": units / share if share > 0 else np.nan,
        "severe": mean_of(cell, (delta > threshold).astype(float), float(cell.longest > worst))[0] if told else np.nan,
        "late_se_": found["late"][1],
        "late_people_": people(cell, is_late & ((cell.along.state == FULFILLED) | outlasting(cell))),
        "inner_low_": inner[2],
        "inner_high_": inner[3],
    }


def _of_all(cell: Kept, weight_by: str, identified: bool) -> dict[str, float]:
    """Estimate shares of all promises, cancelled ones too: each customer weighs 1 over all that it holds."""
    rows = cell.rows
    if not len(rows["count"]):
        return {"late_all": np.nan, "cancelled_share": np.nan}
    count, state = (rows[name] for name in ("count", "state"))
    held = _held(rows, np.ones(len(rows["count"]), bool), "whole")
    weight = count * (1 / np.maximum(held, 1.0) if weight_by == "customer" else 1.0)
    along = cell.along if (state != CANCELLED).all() else process(rows["residual"], state, weight=weight)
    outlasts = (rows["residual"] > rows["late"]).astype(float)
    return {
        "late_all": expect(along, outlasts, left=1.0)[0] if identified else np.nan,
        "cancelled_share": expect(along, (state == CANCELLED).astype(float))[0],
    }


def _average(values: Floats, weight: Floats, inside: np.ndarray) -> float:
    total = weight[inside].sum()
    return float((weight * values)[inside].sum() / total) if total > 0 else np.nan
