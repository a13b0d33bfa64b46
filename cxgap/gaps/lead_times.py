"""How long orders take from being placed to being done, or have taken so far, whatever was promised."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap._check import check_choice, check_zone
from cxgap.errors import ArgumentError
from cxgap.gaps.clocks import end_of, local_times
from cxgap.gaps.moments import (
    CUSTOMER,
    EVENT,
    FIRST,
    GONE,
    LAST,
    SECONDS,
    are_dates,
    as_known,
    end_of_day,
    first_and_last,
    with_cancelled,
)
from cxgap.gaps.promises import REASONS, Promises, made_until
from cxgap.stats.means import Floats, sum_by
from cxgap.stats.survival import CANCELLED, FULFILLED, OPEN

_TIMES: Final = ("ordered_at", "delivered_at", "cancelled_at")
_DAY: Final = pd.Timedelta(days=1)


class Leads(NamedTuple):
    """Orders along the axis of time since they were placed.

    Attributes
    ----------
    orders : as promises whose `residual` is that time: of one that is open, so far; of one cancelled, until then
    promised : how long a time was promised for each row, NaN where not known
    unit : of both
    calendar : whether days end with the day: a time of 2.6 lies in the third day after that of the order
    undated : orders without a time at which they were placed
    timed : whether times were read, and not numbers
    """

    orders: Promises
    promised: Floats
    unit: str
    calendar: bool
    undated: float
    timed: bool


def lacks_leads(events: IntoFrame) -> str:
    """Return why the table does not tell how long orders take, "" where it does."""
    schema = nw.from_native(events).collect_schema()
    if {"ordered_at", "delivered_at"} <= set(schema):
        return ""
    if "delivered" in schema and schema["delivered"].is_numeric():
        return ""
    lacking = next(name for name in _TIMES if name not in schema)
    return f"events do not tell how long orders take: they have no column {lacking!r}"


def refuse_texts(schema: Any) -> None:
    """Refuse times that are texts, or of several kinds.

    Raises
    ------
    ArgumentError : a column of times holds something else.
    """
    kinds = {name: schema[name] for name in (*_TIMES, FIRST, LAST) if name in schema}
    for name, kind in kinds.items():
        if not (kind.is_temporal() or kind.is_numeric()):
            raise ArgumentError(f"`events` must hold times in {name!r}, not {kind}; read the file with read_study.")


def are_timed(schema: Any) -> bool:
    """Say whether orders tell when they were placed and came; else how long they took stands as a number."""
    return {"ordered_at", "delivered_at"} <= set(schema) and bool(schema["delivered_at"].is_temporal())


def read_leads(
    events: IntoFrame,
    promises: IntoFrame | None = None,
    *,
    by: Sequence[str],
    against: str = "first",
    as_of: str | datetime | None,
    unit: str | None,
    step: float,
    zone: str,
) -> Leads:
    """Read how long orders took; the parameters are those of `promise_plan`.

    Raises
    ------
    ColumnError : `events` lacks a column.
    ArgumentError : an argument or a column is not what it must be.
    """
    check_zone(zone, "zone")
    schema = nw.from_native(events).collect_schema()
    timed = are_timed(schema)
    if not timed and "delivered" not in schema:
        refuse_texts(schema)
    how = (by, as_of, unit, step, zone)
    read = _of_times(events, schema, promises, against, *how) if timed else _of_numbers(events, schema, *how)
    rows, time, state, promised, wrong, unit, calendar = read
    count = rows["rows"].to_numpy(float)
    copies = np.zeros(len(rows))
    if EVENT in rows:
        named = rows[EVENT].notna().to_numpy()
        copies = np.where(named, count - 1, 0.0)
        wrong["duplicate"] = rows[EVENT].duplicated(keep=False).to_numpy() & named
    cells = rows[list(by)].drop_duplicates().sort_values(list(by)) if by else pd.DataFrame(index=range(min(len(rows), 1)))
    cell = np.zeros(len(rows), np.int64)
    if by:
        cell = rows.groupby(list(by), observed=True, dropna=False, sort=True).ngroup().to_numpy(np.int64)
    seen, aside = np.zeros(len(rows), bool), {}
    for reason in REASONS:
        aside[reason] = sum_by(cell, len(cells), (count - copies) * (wrong.get(reason, False) & ~seen))
        seen |= wrong.get(reason, False)
    aside["duplicate"] += sum_by(cell, len(cells), copies)
    undated = ~seen & np.isnan(time) & (state != CANCELLED)
    kept = ~seen & ~undated
    customer = rows[CUSTOMER].cat.codes.to_numpy(np.int64) if CUSTOMER in rows else np.full(len(rows), -1)
    zero = np.zeros(len(rows))
    columns = {
        "cell": cell,
        "customer": customer,
        "count": count - copies,
        "state": state,
        "residual": np.where(np.isnan(time), -np.inf, time),
        "delta": time,
        "shift": zero,
        "lead": promised,
        "sign": zero + 1,
        "early": zero,
        "late": zero,
    }
    orders = Promises(
        cells.reset_index(drop=True), [unit] * len(cells), pd.DataFrame(columns)[kept].reset_index(drop=True), aside,
        np.zeros(len(cells)), None,
    )  # fmt: skip
    return Leads(orders, promised[kept], unit, calendar, float((count * undated).sum()), timed)


_Read = tuple[pd.DataFrame, Floats, np.ndarray, Floats, dict[str, np.ndarray], str, bool]


def _of_times(
    events: IntoFrame,
    schema: Any,
    promises: IntoFrame | None,
    against: str,
    by: Sequence[str],
    as_of: Any,
    unit: str | None,
    step: float,
    zone: str,
) -> _Read:
    """Read moments; what is neither delivered nor cancelled by the moment of the extract is open."""
    told = [str(word) for word in tally.tally_distinct(events, ["unit"])["unit"].dropna()] if "unit" in schema else []
    unit = check_choice(unit or (told[0] if len(set(told)) == 1 and told[0] in SECONDS else "days"), "unit", SECONDS)
    marks = [GONE] if "status" in schema else []
    promise = [FIRST if against == "first" else LAST]
    promise = [name for name in promise if name in schema and schema[name].is_temporal()]
    times = [name for name in (*_TIMES, *promise) if name in schema]
    keys = list(dict.fromkeys([*by, *(name for name in (CUSTOMER, EVENT) if name in schema)]))
    rows = tally.tally_times(with_cancelled(events) if marks else events, keys=keys, times=times, marks=marks, zone=zone)
    if "metric" in schema:  # an order has a row for each quantity
        rows = rows.assign(rows=np.where(rows[EVENT].notna(), 1.0, rows["rows"])) if EVENT in rows else rows
    never = np.full(len(rows), np.nan)
    at = {name: rows[name].to_numpy(float) for name in times}
    ordered, due = at["ordered_at"], at[promise[0]] if promise else never
    if promises is not None and EVENT in rows and nw.from_native(promises).collect_schema()["promised"].is_temporal():
        made = first_and_last(promises, zone, made_until(promises, as_of, zone))
        due = rows[[EVENT]].astype(object).merge(made, on=EVENT, how="left")[f"{against}_"].to_numpy(float)
    ended = (at["delivered_at"], at.get("cancelled_at", never))
    delivered, cancelled = (end_of_day(each, zone) if are_dates(each, zone) else each for each in ended)
    recorded = [each for each in (ordered, delivered, cancelled) if np.isfinite(each).any()]
    now = end_of(as_of, zone) if as_of else max((float(np.nanmax(each)) for each in recorded), default=0.0)
    gone = rows[GONE].to_numpy(bool) if marks else np.zeros(len(rows), bool)
    if as_of:
        delivered, cancelled, gone = as_known(delivered, cancelled, gone, now)
    gone = gone | np.isfinite(cancelled)
    state = np.where(gone, CANCELLED, np.where(np.isfinite(delivered), FULFILLED, OPEN))
    end = np.where(gone, cancelled, np.where(np.isfinite(delivered), delivered, now))
    wrong = {
        "impossible": (end < ordered) & (state != OPEN) & ~_same_day(end, ordered, zone) | (gone & np.isfinite(delivered)),
        "future": (end > now) | (ordered > now),
    }
    due = np.where((end_of_day(due, zone) if are_dates(due, zone) else due) < ordered, np.nan, due)  # no promise
    if unit == "days" and step and float(step).is_integer():
        begun = local_times(ordered, zone).dt.normalize()
        time = ((local_times(end, zone) - begun) / _DAY - 1).to_numpy(float)
        length = ((local_times(due, zone).dt.normalize() - begun) / _DAY).to_numpy(float)
        return rows, time, state, length, wrong, unit, True
    scale = 1e6 * SECONDS[unit]
    due = end_of_day(due, zone) if are_dates(due, zone) else due
    return rows, (end - ordered) / scale, state, (due - ordered) / scale, wrong, unit, False


def _same_day(one: Floats, other: Floats, zone: str) -> np.ndarray:
    """Mark dates without a time that are those of moments later on their day."""
    if not (are_dates(one, zone) or are_dates(other, zone)):
        return np.zeros(len(one), bool)
    days = [local_times(each, zone).dt.normalize() for each in (one, other)]
    return (days[0] == days[1]).to_numpy()


def _of_numbers(
    events: IntoFrame, schema: Any, by: Sequence[str], as_of: Any, unit: str | None, step: float, zone: str
) -> _Read:
    """Read lead times that stand as numbers, of which less is better."""
    further = [name for name in (CUSTOMER, EVENT, "metric", "unit", "direction") if name in schema]
    marks = [name for name in ("open", "cancelled") if name in schema]
    promise = [name for name in ("promised", "promised_high") if name in schema and schema[name].is_numeric()][:1]
    keys = list(dict.fromkeys([*by, *further]))
    rows = tally.tally_times(events, keys=keys, numbers=["delivered", *promise], marks=marks, zone=zone)
    units = {str(word) for word in rows["unit"].dropna()} if "unit" in rows else set()
    if len(units) > 1 or (unit and units - {unit}):
        raise ArgumentError(f"`events` must be in one unit, not {sorted(units | ({unit} if unit else set()))}; take a part.")
    if "direction" in rows and (rows["direction"].astype(object) == "higher").any():
        raise ArgumentError("`events` must hold times, of which less is better; in some more is better.")
    time = rows["delivered"].to_numpy(float)
    cancelled = rows["cancelled"].to_numpy(bool) if "cancelled" in rows else np.zeros(len(rows), bool)
    waiting = rows["open"].to_numpy(bool) if "open" in rows else np.isnan(time)
    state = np.where(cancelled, CANCELLED, np.where(waiting, OPEN, FULFILLED))
    wrong = {"impossible": (time < 0) | (np.isnan(time) & (state == FULFILLED))}
    promised = rows[promise[0]].to_numpy(float) if promise else np.full(len(rows), np.nan)
    return rows, time, state, promised, wrong, unit or next(iter(units), "days"), False
