"""The share of promises that were not kept, by the period in which they fell due."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap.gaps.clocks import local_times, moments
from cxgap.gaps.control_series import EARLY, PERIODS, RECENT, Series, finest, moment_of, period_name
from cxgap.gaps.moments import FIRST, LAST, SECONDS
from cxgap.gaps.promises import Promises, read_promises
from cxgap.stats.means import Floats, ratio, sum_by
from cxgap.stats.survival import CANCELLED

DAY: Final = 86_400e6  # microseconds


def promises_due(
    events: IntoFrame,
    promises: IntoFrame | None,
    *,
    names: Sequence[str],
    period: str,
    against: str,
    tolerance: Any,
    as_of: str | None,
    unit: str | None,
    zone: str,
    min_n: int,
) -> Series:
    """Count the promises that fell due in each period, and those of them that were not kept.

    A promise is looked at when its tolerance is over: by then it was kept or not, and nothing that happens later changes
    that. So no period looks better or worse for being recent; one that is not over, or not followed by the tolerance, is not
    judged. The first periods of an extract hold short promises only, and are not judged either.
    """
    drop = [name for name in ("delivered", "promised", "promised_low", "promised_high") if name in tally.columns_of(events)]
    timed = nw.from_native(events).drop(*drop).to_native() if drop else events
    read = read_promises(
        timed, promises, by=names, against=against, tolerance=tolerance, context=None, as_of=as_of, unit=unit, zone=zone
    )
    rows = read.rows
    if rows.empty:
        return Series(pd.DataFrame(), True, "day", "late")
    scale = _micros(read.units[0])
    late = (rows["residual"] > rows["late"]).to_numpy()
    counted = ~((rows["state"] == CANCELLED).to_numpy() & ~late)  # called off before it was late: nobody knows
    due, tolerated = rows["due"].to_numpy(float), rows["late"].to_numpy(float) * scale
    if (due % DAY == DAY - 1e6).all():  # dates on both sides are read off the calendar, and have no zone
        zone = "UTC"
    ends = due + rows["residual"].to_numpy(float) * scale
    now = moment_of(as_of, zone) if as_of else float(ends[np.isfinite(ends)].max())
    ordered = due - rows["lead"].to_numpy(float) * scale
    leads = rows["lead"].to_numpy(float)
    known = np.isfinite(leads)
    begin = float(ordered[known].min() + np.quantile(leads[known], 0.95) * scale) if known.any() else -np.inf
    local = local_times(due, zone)
    if period == "auto":
        mass = rows["count"].to_numpy(float) * counted
        period = finest(local, read.rows["cell"].to_numpy(), mass, mass * late, min_n)
    spans = local.dt.to_period(PERIODS[period])
    first, last = (
        getattr(spans.dt, side).dt.tz_localize(zone, ambiguous=np.ones(len(spans), bool), nonexistent="shift_forward")
        for side in ("start_time", "end_time")
    )
    code, labels = pd.factorize(spans, sort=True)
    cells = len(read.cells)
    place = rows["cell"].to_numpy(np.int64) * len(labels) + code
    size = cells * len(labels)
    mass = rows["count"].to_numpy(float) * counted
    n, hits = sum_by(place, size, mass), sum_by(place, size, mass * late)
    over = moments(last) + tolerated > now
    young = moments(first) < begin
    recent, early = (sum_by(place, size, mark.astype(float)) > 0 for mark in (over, young))
    of_period = np.tile(np.arange(len(labels)), cells)
    recent, early = (sum_by(of_period, len(labels), mark.astype(float))[of_period] > 0 for mark in (recent, early))
    table = read.cells.iloc[np.repeat(np.arange(cells), len(labels))].reset_index(drop=True)
    table = table.assign(
        period=[period_name(labels[each], period) for each in of_period], start=[labels[each].start_time for each in of_period],
        n=n, people=_people(read, place, size, counted), value=ratio(hits, n), std_error=np.nan,
        ready=np.where(recent, RECENT, np.where(early, EARLY, "")),
    )  # fmt: skip
    notes = ["A promise counts in the period in which it fell due, and as late if it was not kept by then."]
    if sum(read.set_aside[reason].sum() for reason in read.set_aside):
        notes.append(f"{sum(each.sum() for each in read.set_aside.values()):,.0f} rows that cannot be true were set aside.")
    table["value"] = table["value"].where(table["ready"] == "")  # what is not over looks kept, and tells nothing yet
    return Series(table[table["n"] > 0].reset_index(drop=True), True, period, "the late share", tuple(notes))


def _people(read: Promises, place: np.ndarray, size: int, counted: np.ndarray) -> Floats:
    """Count the customers of each group and period; a promise of nobody known has a customer of its own."""
    count = read.rows["count"].to_numpy(float) * counted
    if read.away is not None:
        known = read.rows["known"].to_numpy(bool)
        line = np.full(len(read.away.cell), -1)
        line[read.rows["place"].to_numpy(np.int64)] = np.where(counted, place, -1)
        return read.away.classes.customers(line, size) + sum_by(place[~known], size, count[~known])
    customer = read.rows["customer"].to_numpy(np.int64)
    named = counted & (customer >= 0)
    pairs = np.unique(np.stack([place[named], customer[named]]), axis=1)[0] if named.any() else np.zeros(0, np.int64)
    return sum_by(pairs, size) + sum_by(place[customer < 0], size, count[customer < 0])


def _micros(unit: str) -> float:
    return 1e6 * SECONDS[unit]


def is_promised(frame: IntoFrame, promises: IntoFrame | None) -> str:
    """Return why promises that fall due cannot be read from the frame, "" where they can."""
    present = tally.columns_of(frame)
    if "delivered_at" not in present:
        return "events have no column 'delivered_at'"
    if promises is None and not {FIRST, LAST} & set(present):
        return "events have no promised moment, and there is no table of promises"
    return ""
