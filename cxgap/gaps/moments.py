"""When each promise was due, and when it was kept, as events say it: numbers in a unit, or times, or dates."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap._check import check_choice
from cxgap.errors import ArgumentError, ColumnError
from cxgap.gaps import clocks
from cxgap.gaps.clocks import end_of, local_times
from cxgap.stats.means import Codes, Floats
from cxgap.stats.survival import CANCELLED, FULFILLED, OPEN
from cxgap.tables.metrics import cancelling

SECONDS = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86_400, "weeks": 604_800}
CUSTOMER, EVENT = "customer_id", "event_id"
FIRST, LAST = "promised_first", "promised_last"
PLACE = "_place"
GONE = "_gone"  # whether a status says "cancelled"
OF_UNIT = "what the numbers count, such as days"


class Moments(NamedTuple):
    """What rows say, as they say it: microseconds, or numbers in the unit.

    Where an engine holds many events, a row is a class of `held`, which its column PLACE numbers.
    """

    low: Floats
    high: Floats
    last_low: Floats
    last_high: Floats
    end: Floats
    origin: Floats
    state: Codes
    impossible: np.ndarray
    future: np.ndarray
    scale: float
    held: tally.Classes | None = None


def lead_numbers(
    events: IntoFrame,
    schema: Mapping[str, nw.dtypes.DType],
    keys: Sequence[str],
    made: pd.DataFrame | None,
    unit: str,
    zone: str,
    *,
    single: bool = False,
) -> tuple[pd.DataFrame, Moments]:
    """Read lead times that stand as numbers; the times beside them tell of a second promise, and of what cannot be.

    `single` says that every event must be a row of its own.
    """
    names = [name for name in ("promised", "promised_high", FIRST) if name in schema and schema[name].is_numeric()]
    if made is None and not names:
        raise ColumnError.missing("promised", "events", [name for name in schema if name not in keys])
    second = LAST in schema and schema[LAST].is_numeric()
    numbers = ["delivered", *names[:1], *(["promised_low"] if "promised_low" in schema else []), *([LAST] if second else [])]
    times = [
        name
        for name in ("ordered_at", FIRST, LAST, "delivered_at", "cancelled_at")
        if name in schema and schema[name].is_temporal()
    ]
    times = times if {FIRST, LAST} <= set(times) else []
    marks = [name for name in ("open", "cancelled") if name in schema]
    rows, held = _counted(events, keys, single or made is not None, times=times, numbers=numbers, marks=marks, zone=zone)
    if made is not None:
        rows = rows.merge(made, on=EVENT, how="left")
        high, last = (rows[name].to_numpy(float) for name in ("first_", "last_"))
    else:
        high = rows[names[0]].to_numpy(float)
        last = rows[LAST].to_numpy(float) if second else np.full(len(rows), np.nan)
    if "metric" in schema:  # a quantity of which nothing was ever promised is no promise
        asked = rows["metric"].isin(rows["metric"][np.isfinite(high)].unique()).to_numpy()
        rows, high, last = rows[asked].reset_index(drop=True), high[asked], last[asked]
    done = rows["delivered"].to_numpy(float)
    cancelled = rows["cancelled"].to_numpy(bool) if "cancelled" in schema else np.zeros(len(rows), bool)
    backwards = np.zeros(len(rows), bool)
    if "ordered_at" in times:
        units = told_once(rows, "unit", OF_UNIT) if "unit" in schema else pd.Series(unit, index=rows.index)
        micros = units.map(SECONDS).to_numpy(float) * 1e6
        at = {name: rows[name].to_numpy(float) - rows["ordered_at"].to_numpy(float) for name in times}
        same = np.abs(high * micros - at[FIRST]) < 1e6  # the times are those of this promise
        last = np.where(same & np.isnan(last), high + (at[LAST] - at[FIRST]) / micros, last)
        if "cancelled_at" in at:
            done = np.where(same & cancelled & np.isnan(done), at["cancelled_at"] / micros, done)
        if "delivered_at" in at:
            backwards = same & (at["delivered_at"] < 0)
    low = rows["promised_low"].to_numpy(float) if "promised_low" in schema else high
    unknown = np.isnan(done)
    waiting = rows["open"].to_numpy(bool) if "open" in schema else unknown
    state = np.where(cancelled, CANCELLED, np.where(waiting, OPEN, FULFILLED))
    impossible = backwards | (unknown & (state == FULFILLED))
    moved = np.where(last == high, low, np.where("promised_low" in schema, np.nan, last))
    none = np.zeros(len(rows), bool)
    return rows, Moments(low, high, moved, last, done, np.zeros(len(rows)), state, impossible, none, 1.0, held)


def lead_times(
    events: IntoFrame,
    schema: Mapping[str, nw.dtypes.DType],
    keys: Sequence[str],
    made: pd.DataFrame | None,
    as_of: str | datetime | None,
    unit: str,
    zone: str,
    *,
    single: bool = False,
    known: bool = False,
) -> tuple[pd.DataFrame, Moments]:
    """Read moments; what is neither delivered nor cancelled by the moment of the extract is open; `single` as above.

    With `known`, what came later than `as_of` had not come then; else it cannot be true.
    """
    check_choice(unit, "unit", SECONDS)
    names = [name for name in ("ordered_at", "delivered_at", "cancelled_at", "promised_from", FIRST, LAST) if name in schema]
    if "delivered_at" not in names or (made is None and not {FIRST, LAST} & set(names)):
        raise ColumnError.missing(
            FIRST if "delivered_at" in names else "delivered", "events", [n for n in schema if n not in keys]
        )
    marks = [GONE] if "status" in schema else []
    marked, single = with_cancelled(events) if marks else events, single or made is not None
    rows, held = _counted(marked, keys, single, times=names, marks=marks, zone=zone)
    at = {name: rows[name].to_numpy(float) for name in names}
    never = np.full(len(rows), np.nan)
    if made is not None:
        rows = rows.merge(made, on=EVENT, how="left")
        at |= {FIRST: rows["first_"].to_numpy(float), LAST: rows["last_"].to_numpy(float)}
    first, last, ordered = (at.get(name, never) for name in (FIRST, LAST, "ordered_at"))
    delivered, cancelled = at["delivered_at"], at.get("cancelled_at", never)
    low, high, last_low, last_high, origin = at.get("promised_from", first), first, last, last, ordered
    heard = [made["made_"].to_numpy(float)] if made is not None else []
    now = end_of(as_of, zone) if as_of else math.nan
    if are_dates(np.concatenate([first, last]), zone):
        if are_dates(np.concatenate([first, last, low]), zone) and are_dates(np.concatenate([delivered, cancelled]), zone):
            # Dates on both sides: days of the calendar are counted, which know of no change of clocks.
            dated = len(ordered) > 0 and are_dates(ordered, zone)
            first, last, low, delivered, cancelled, ordered = (
                _on_calendar(values, zone) for values in (first, last, low, delivered, cancelled, ordered)
            )
            heard, now = [_on_calendar(each, zone) for each in heard], float(_on_calendar(np.array([now]), zone)[0])
            zone = "UTC"
            low, last_low, delivered, cancelled = (end_of_day(values, zone) for values in (low, last, delivered, cancelled))
            origin = end_of_day(ordered, zone) if dated else ordered
        high, last_high = (end_of_day(values, zone) for values in (first, last))
    recorded = [ordered, delivered, cancelled, *heard]
    if not as_of:
        now = max((float(np.nanmax(each)) for each in recorded if np.isfinite(each).any()), default=0.0)

    gone = rows[GONE].to_numpy(bool) if marks else np.zeros(len(rows), bool)
    if known and as_of:
        delivered, cancelled, gone = as_known(delivered, cancelled, gone, now)
    gone = gone | np.isfinite(cancelled)
    state = np.where(gone, CANCELLED, np.where(np.isfinite(delivered), FULFILLED, OPEN))
    end = np.where(gone, cancelled, np.where(np.isfinite(delivered), delivered, now))
    impossible = (end < ordered) & (state != OPEN) | (gone & np.isfinite(delivered))
    future = (end > now) | (ordered > now)
    moved = np.where(last == first, low, np.where("promised_from" in at, np.nan, last_low))
    return rows, Moments(low, high, moved, last_high, end, origin, state, impossible, future, 1e6 * SECONDS[unit], held)


def as_known(delivered: Floats, cancelled: Floats, gone: np.ndarray, now: float) -> tuple[Floats, Floats, np.ndarray]:
    """Forget what came after a moment: such orders were open then, whatever their status says by now."""
    later = (delivered > now) | (cancelled > now)
    return np.where(delivered > now, np.nan, delivered), np.where(cancelled > now, np.nan, cancelled), gone & ~later


def _counted(events: IntoFrame, keys: Sequence[str], single: bool, **what: Any) -> tuple[pd.DataFrame, tally.Classes | None]:
    """Count rows that are alike; where an engine holds many, without their customers, whom it keeps, and without events.

    With `single` every event is a row: a table of promises speaks of each, and so do cells that are made of events.
    """
    if not single and tally.are_many(events):
        schema, apart = nw.from_native(events).collect_schema(), [name for name in (CUSTOMER, EVENT) if name in keys]
        if EVENT in apart:
            columns = [name for part in ("times", "numbers", "marks") for name in what.get(part, ())]
            events = tally.told_once(events, [EVENT, *(["metric"] if "metric" in keys else [])], [*keys, *columns])
        further = [name for name in (tally.COPIES, tally.SEVERAL) if name in tally.columns_of(events)]
        named = [*(name for name in keys if name not in apart), *further]
        held = tally.classes(events, keys=named, unit=CUSTOMER if CUSTOMER in keys else None, schema=schema, **what)
        if held is not None:
            return held.frame.rename(columns={"count": "rows"}).assign(**{PLACE: np.arange(len(held.frame))}), held
    return tally.tally_times(events, keys=keys, **what), None


def with_cancelled(events: IntoFrame) -> IntoFrame:
    """Mark what a status calls cancelled: without a time of it, an order would pass for open."""
    words = cancelling(tally.tally_distinct(events, ["status"])["status"].dropna())
    told = nw.col("status").cast(nw.String).is_in([str(word) for word in words])
    return nw.from_native(events).with_columns(told.alias(GONE)).to_native()


def first_and_last(promises: IntoFrame, zone: str, until: float = math.inf) -> pd.DataFrame:
    """Return the first and the last promise of each event by `made_at`, of those made `until` then, and when the last was."""
    schema = nw.from_native(promises).collect_schema()
    tally.require(promises, [EVENT, "made_at", "promised"], "promises")
    times = [name for name in ("made_at", "promised") if schema[name].is_temporal()]
    numbers = [name for name in ("made_at", "promised") if name not in times]
    rows = tally.tally_times(promises, keys=[EVENT], times=times, numbers=numbers, zone=zone, table="promises")
    rows = rows.dropna(subset=[EVENT, "made_at", "promised"]).sort_values([EVENT, "made_at", "promised"])
    rows[EVENT] = rows[EVENT].astype(object)
    rows = rows[rows["made_at"] <= until]
    found = rows.groupby(EVENT, sort=False).agg(
        first_=("promised", "first"), last_=("promised", "last"), made_=("made_at", "max")
    )
    return found.reset_index()


def told_once(rows: pd.DataFrame, name: str, what: str) -> pd.Series:
    """Return what rows say of their metric; one that says nothing is taken to say what all others of its metric do."""
    said = rows[name].astype(object)
    said = said.where(said.notna(), None)
    silent = said.isna()
    if not silent.any():
        return said
    metric = (
        rows["metric"].astype(object).where(rows["metric"].notna(), None) if "metric" in rows else pd.Series("", rows.index)
    )
    only = {key: words.iloc[0] for key, words in said[~silent].groupby(metric[~silent]) if len(set(words)) == 1}
    said = said.where(~silent, metric.map(only))
    if said.isna().any():
        of = f" of {metric[said.isna()].iloc[0]!r}" if "metric" in rows else ""
        raise ArgumentError(f"`events` must say in {name!r} {what}; a row{of} does not. Fill it in, or leave the column out.")
    return said


def in_utc(frame: IntoFrame) -> IntoFrame:
    """Return the frame with its times in UTC where pandas holds them in zones that narwhals does not know, as New York's."""
    if not isinstance(frame, pd.DataFrame):
        return frame
    zoned = [name for name in frame if isinstance(frame.dtypes[name], pd.DatetimeTZDtype)]
    return frame.assign(**{name: frame[name].dt.tz_convert("UTC") for name in zoned}) if zoned else frame


def are_dates(moments: Floats, zone: str) -> bool:
    """Say whether every known moment is the first of a local day: then they are dates without a time.

    Where clocks skip midnight itself, as in Brazil until 2019, a day begins at one.
    """
    known = moments[np.isfinite(moments)]
    local = local_times(known, zone)
    later = np.array(local != local.dt.normalize())
    if later.any() and bool((local[later].dt.hour <= 1).all()):
        first = (
            local[later].dt.normalize().dt.tz_localize(zone, ambiguous=np.ones(later.sum(), bool), nonexistent="shift_forward")
        )
        later[later] = clocks.moments(first) != known[later]
    return len(local) > 0 and not later.any()


def end_of_day(moments: Floats, zone: str) -> Floats:
    """Move moments to the last second of their local day."""
    known, moved = np.isfinite(moments), moments.copy()
    ends = local_times(moments[known], zone).dt.normalize() + pd.Timedelta(days=1) - pd.Timedelta(seconds=1)
    ends = ends.dt.tz_localize(zone, ambiguous=np.zeros(len(ends), bool), nonexistent="shift_backward")
    moved[known] = clocks.moments(ends)
    return moved


def _on_calendar(moments: Floats, zone: str) -> Floats:
    """Read moments off them as numbers, as if its days all had 24 hours; days that begin at one begin at midnight then."""
    known, read = np.isfinite(moments), moments.copy()
    local = local_times(moments[known], zone)
    local = local.dt.normalize() if are_dates(moments, zone) else local
    read[known] = clocks.moments(local.dt.tz_localize("UTC"))
    return read
