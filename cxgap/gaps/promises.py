"""Promises read from events: when each was due, when it was kept, and which of them cannot be true."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from numbers import Real
from typing import NamedTuple

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap._check import check_choice
from cxgap.errors import ArgumentError, ColumnError, listed, nearest
from cxgap.stats.means import Codes, Floats, sum_by
from cxgap.stats.survival import CANCELLED, FULFILLED, OPEN
from cxgap.tables.restrict import Scope

SECONDS = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86_400, "weeks": 604_800}
REASONS = ("duplicate", "impossible", "future")
AGAINST = {"first": "the first promise", "last": "the last promise"}
ROUNDING = 1e-9  # no two times that differ come nearer than this, in the unit
CUSTOMER, EVENT = "customer_id", "event_id"
FIRST, LAST = "promised_first", "promised_last"
MEASURED = (
    "delivered", "promised", "promised_low", "promised_high", "open", "cancelled",
    "ordered_at", "delivered_at", "cancelled_at", "promised_from", FIRST, LAST,
)  # fmt: skip
OF_UNIT = "what the numbers count, such as days"
DIRECTIONS = ("lower", "higher")
NO_PROMISES = "no promises here; the table 'events' has none in this part of the study"

Tolerance = Sequence[float] | Mapping[str, Sequence[float]]


class Promises(NamedTuple):
    """Promises that can be true.

    Attributes
    ----------
    cells : the keys of each cell, in order
    units : the unit of each cell
    rows : one for promises that are alike. `cell`, 0 .. cells - 1; `customer`, a code, below 0 where nobody knows, and then
        each promise is a customer's own; `count`, the promises that the row stands for; `state`, OPEN, FULFILLED or
        CANCELLED. In the unit, and turned so that more is later or worse: `residual`, the end less the latest moment
        promised, or for an open promise how far it has been followed; `delta`, the residual if it is above 0, else what it
        came before the window, else 0; `shift`, the last promise less the first, and `lead`, the latest moment promised,
        counted from the order, both NaN where not known. `sign`, -1 where every number was turned; `early` and `late`,
        tolerances of 0 or more
    set_aside : for each of REASONS, rows of each cell that cannot be true
    unpromised : rows of each cell without a promise
    """

    cells: pd.DataFrame
    units: list[str]
    rows: pd.DataFrame
    set_aside: Mapping[str, Floats]
    unpromised: Floats


class _Moments(NamedTuple):
    """What rows say, as they say it: microseconds, or numbers in the unit."""

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


def lacks_last(events: IntoFrame, promises: IntoFrame | None, against: str) -> str:
    """Return why the last promise cannot be told, "" where it can or is not asked for."""
    if against != "last" or promises is not None or LAST in tally.columns_of(events):
        return ""
    return f"events have no column {LAST!r}, and there is no table of promises"


def read_promises(
    events: IntoFrame,
    promises: IntoFrame | None,
    *,
    by: Sequence[str],
    against: str,
    tolerance: Tolerance,
    context: str | None,
    as_of: str | datetime | None,
    unit: str | None,
    zone: str,
) -> Promises:
    """Read promises from events of either shape; the parameters are those of `communication_gap`.

    Raises
    ------
    ColumnError : `events` or `promises` lacks a column.
    ArgumentError : an argument or a column is not what it must be.
    """
    check_choice(against, "against", AGAINST)
    _check_zone(zone)
    for argument, names in (("by", by), ("context", [context] if context else [])):
        if measured := sorted(set(MEASURED) & set(names)):
            raise ArgumentError(f"`{argument}` must name what makes groups, and no time or number, not {measured[0]!r}.")
    schema = nw.from_native(events).collect_schema()
    of_event = [name for name in (CUSTOMER, EVENT, "metric", "unit", "direction") if name in schema]
    keys = list(dict.fromkeys([*by, *([context] if context else []), *of_event]))
    made = None if promises is None else _first_and_last(promises, zone)
    if made is not None and EVENT not in schema:
        raise ColumnError.missing(EVENT, "events", list(schema))
    told = [str(word) for word in tally.tally_distinct(events, ["unit"])["unit"].dropna()] if "unit" in schema else []
    timed = promises is not None and nw.from_native(promises).collect_schema()["promised"].is_temporal()
    if "delivered" in schema and not timed:
        if unit and set(told) - {unit}:
            raise ArgumentError(f"`unit` must be that of `events`, {listed(set(told))}, not {unit!r}; leave it out.")
        unit = unit or "days"
        rows, at = _numbers(events, schema, keys, made, unit, zone)
    else:
        unit = unit or (told[0] if len(set(told)) == 1 and told[0] in SECONDS else "days")
        rows, at = _times(events, schema, keys, made, as_of, unit, zone)

    sign = np.ones(len(rows))
    if "direction" in schema:
        direction = _told(rows, "direction", "whether lower or higher is better")
        for word in direction.unique():
            check_choice(word, "direction", DIRECTIONS)
        sign = np.where(direction == "higher", -1.0, 1.0)
    low, high = (at.low, at.high) if against == "first" else (at.last_low, at.last_high)
    low, high = np.where(sign < 0, -high, low), np.where(sign < 0, -np.where(np.isnan(low), high, low), high)
    residual = (sign * at.end - high) / at.scale
    delta = np.where(residual > 0, residual, np.where(sign * at.end < low, (sign * at.end - low) / at.scale, 0.0))
    delta = np.where(np.isfinite(residual), delta, np.nan)
    residual = np.where(np.isnan(residual), -np.inf, residual)
    promised = np.isfinite(high)
    early, late = _tolerances(rows, promised, tolerance, context)
    residual, delta = (_settled(values, -early, np.zeros(len(rows)), late) for values in (residual, delta))

    copies = np.where(rows[EVENT].notna(), rows["rows"] - 1, 0.0) if EVENT in schema else np.zeros(len(rows))
    count = rows["rows"].to_numpy() - copies
    cells = rows[list(by)].drop_duplicates().sort_values(list(by)) if by else pd.DataFrame(index=range(min(len(rows), 1)))
    cell = _codes(rows, by)
    wrong = {"duplicate": _contradicting(rows), "impossible": at.impossible | (low > high), "future": at.future}
    seen, aside = np.zeros(len(rows), bool), {}
    for reason in REASONS:
        aside[reason] = sum_by(cell, len(cells), count * (wrong[reason] & ~seen))
        seen |= wrong[reason]
    aside["duplicate"] += sum_by(cell, len(cells), copies)
    kept = promised & ~seen
    customer = rows[CUSTOMER].cat.codes.to_numpy(np.int64) if CUSTOMER in schema else np.full(len(rows), -1)
    columns = {
        "cell": cell,
        "customer": customer,
        "count": count,
        "state": at.state,
        "residual": residual,
        "delta": delta,
        "shift": sign * (at.last_high - at.high) / at.scale,
        "lead": (high - sign * at.origin) / at.scale,
        "sign": sign,
        "early": early,
        "late": late,
    }
    return Promises(
        cells.reset_index(drop=True),
        _units(rows, cell, len(cells), unit if at.scale > 1 or "unit" not in schema else None),
        pd.DataFrame(columns)[kept].reset_index(drop=True),
        aside,
        sum_by(cell, len(cells), count * (~promised & ~seen)),
    )


def _numbers(
    events: IntoFrame,
    schema: Mapping[str, nw.dtypes.DType],
    keys: Sequence[str],
    made: pd.DataFrame | None,
    unit: str,
    zone: str,
) -> tuple[pd.DataFrame, _Moments]:
    """Read lead times that stand as numbers; the times beside them tell of a second promise, and of what cannot be."""
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
    rows = tally.tally_times(events, keys=keys, times=times, numbers=numbers, marks=marks, zone=zone)
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
        units = _told(rows, "unit", OF_UNIT) if "unit" in schema else pd.Series(unit, index=rows.index)
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
    return rows, _Moments(low, high, moved, last, done, np.zeros(len(rows)), state, impossible, none, 1.0)


def _times(
    events: IntoFrame,
    schema: Mapping[str, nw.dtypes.DType],
    keys: Sequence[str],
    made: pd.DataFrame | None,
    as_of: str | datetime | None,
    unit: str,
    zone: str,
) -> tuple[pd.DataFrame, _Moments]:
    """Read moments; what is neither delivered nor cancelled by the moment of the extract is open."""
    check_choice(unit, "unit", SECONDS)
    names = [name for name in ("ordered_at", "delivered_at", "cancelled_at", "promised_from", FIRST, LAST) if name in schema]
    if "delivered_at" not in names or (made is None and not {FIRST, LAST} & set(names)):
        raise ColumnError.missing(
            FIRST if "delivered_at" in names else "delivered", "events", [n for n in schema if n not in keys]
        )
    rows = tally.tally_times(events, keys=keys, times=names, zone=zone)
    at = {name: rows[name].to_numpy(float) for name in names}
    never = np.full(len(rows), np.nan)
    if made is not None:
        rows = rows.merge(made, on=EVENT, how="left")
        at |= {FIRST: rows["first_"].to_numpy(float), LAST: rows["last_"].to_numpy(float)}
    first, last, ordered = (at.get(name, never) for name in (FIRST, LAST, "ordered_at"))
    delivered, cancelled = at["delivered_at"], at.get("cancelled_at", never)
    low, high, last_low, last_high, origin = at.get("promised_from", first), first, last, last, ordered
    heard = [made["made_"].to_numpy(float)] if made is not None else []
    now = _moment(as_of, zone) if as_of else math.nan
    if _are_dates(np.concatenate([first, last]), zone):
        if _are_dates(np.concatenate([first, last, low]), zone) and _are_dates(np.concatenate([delivered, cancelled]), zone):
            # Dates on both sides: days of the calendar are counted, which know of no change of clocks.
            dated = len(ordered) > 0 and _are_dates(ordered, zone)
            first, last, low, delivered, cancelled, ordered = (
                _on_calendar(values, zone) for values in (first, last, low, delivered, cancelled, ordered)
            )
            heard, now = [_on_calendar(each, zone) for each in heard], float(_on_calendar(np.array([now]), zone)[0])
            zone = "UTC"
            low, last_low, delivered, cancelled = (_end_of_day(values, zone) for values in (low, last, delivered, cancelled))
            origin = _end_of_day(ordered, zone) if dated else ordered
        high, last_high = (_end_of_day(values, zone) for values in (first, last))
    recorded = [ordered, delivered, cancelled, *heard]
    if not as_of:
        now = max((float(np.nanmax(each)) for each in recorded if np.isfinite(each).any()), default=0.0)

    state = np.where(np.isfinite(cancelled), CANCELLED, np.where(np.isfinite(delivered), FULFILLED, OPEN))
    end = np.where(np.isfinite(cancelled), cancelled, np.where(np.isfinite(delivered), delivered, now))
    impossible = (end < ordered) & (state != OPEN) | (np.isfinite(cancelled) & np.isfinite(delivered))
    future = (end > now) | (ordered > now)
    moved = np.where(last == first, low, np.where("promised_from" in at, np.nan, last_low))
    return rows, _Moments(low, high, moved, last_high, end, origin, state, impossible, future, 1e6 * SECONDS[unit])


def _first_and_last(promises: IntoFrame, zone: str) -> pd.DataFrame:
    """Return the first and the last promise of each event by `made_at`, and when it was made last."""
    schema = nw.from_native(promises).collect_schema()
    tally.require(promises, [EVENT, "made_at", "promised"], "promises")
    times = [name for name in ("made_at", "promised") if schema[name].is_temporal()]
    numbers = [name for name in ("made_at", "promised") if name not in times]
    rows = tally.tally_times(promises, keys=[EVENT], times=times, numbers=numbers, zone=zone, table="promises")
    rows = rows.dropna(subset=[EVENT, "made_at", "promised"]).sort_values([EVENT, "made_at", "promised"])
    rows[EVENT] = rows[EVENT].astype(object)
    found = rows.groupby(EVENT, sort=False).agg(
        first_=("promised", "first"), last_=("promised", "last"), made_=("made_at", "max")
    )
    return found.reset_index()


def _contradicting(rows: pd.DataFrame) -> np.ndarray:
    """Mark the rows of an event that was told in more than one way: nobody can say which is right."""
    if EVENT not in rows:
        return np.zeros(len(rows), bool)
    named = [EVENT, *(["metric"] if "metric" in rows else [])]
    return (rows.duplicated(named, keep=False) & rows[EVENT].notna()).to_numpy()


def _told(rows: pd.DataFrame, name: str, what: str) -> pd.Series:
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


def _check_zone(zone: str) -> None:
    """Raise unless the time zone is known."""
    from zoneinfo import ZoneInfo, available_timezones

    try:
        ZoneInfo(zone)
    except (TypeError, ValueError, KeyError, OSError):  # no text, no name of a zone, none that is known, or a folder of them
        near = nearest(str(zone), available_timezones())
        raise ArgumentError(f'`zone` must be a time zone such as "Europe/Berlin", not {zone!r}.{near}') from None


def _are_dates(moments: Floats, zone: str) -> bool:
    """Say whether every known moment is a local midnight: then they are dates without a time."""
    local = _local(moments[np.isfinite(moments)], zone)
    return len(local) > 0 and bool((local == local.dt.normalize()).all())


def _end_of_day(moments: Floats, zone: str) -> Floats:
    """Move local midnights to the last second of their day."""
    known, moved = np.isfinite(moments), moments.copy()
    ends = _local(moments[known], zone) + pd.Timedelta(days=1) - pd.Timedelta(seconds=1)
    ends = ends.dt.tz_localize(zone, ambiguous=np.zeros(len(ends), bool), nonexistent="shift_backward")
    moved[known] = (ends - pd.Timestamp(0, tz="UTC")) / pd.Timedelta(microseconds=1)
    return moved


def _on_calendar(moments: Floats, zone: str) -> Floats:
    """Read moments off the local calendar and clock, as if its days all had 24 hours."""
    known, read = np.isfinite(moments), moments.copy()
    read[known] = (_local(moments[known], zone) - pd.Timestamp(0)) / pd.Timedelta(microseconds=1)
    return read


def _local(moments: Floats, zone: str) -> pd.Series:
    return pd.to_datetime(pd.Series(moments), unit="us", utc=True).dt.tz_convert(zone).dt.tz_localize(None)


def _moment(as_of: str | datetime, zone: str) -> float:
    """Return the moment of the extract in microseconds; a date includes its whole day."""
    text = as_of.isoformat() if isinstance(as_of, datetime) else as_of
    cutoff = Scope.of(None, text, zone).cutoff
    return (cutoff - pd.Timestamp(0, tz="UTC")) / pd.Timedelta(microseconds=1) - 1 if cutoff is not None else math.inf


def _settled(values: Floats, *limits: Floats) -> Floats:
    """Call a value that misses a limit by rounding the limit itself: 3.1 - 3 is a little more than 0.1."""
    for limit in limits:
        values = np.where(np.abs(values - limit) <= ROUNDING * (1 + np.abs(limit)), limit, values)
    return values


def _tolerances(rows: pd.DataFrame, promised: np.ndarray, tolerance: Tolerance, context: str | None) -> tuple[Floats, Floats]:
    """Return how early and how late each row may come."""
    if not isinstance(tolerance, Mapping):
        early, late = check_tolerance(tolerance)
        return np.full(len(rows), early), np.full(len(rows), late)
    if context is None:
        raise ArgumentError(
            '`context` must name the column whose values `tolerance` gives, such as "product"; it is not given.'
        )
    pairs = {str(value): check_tolerance(pair) for value, pair in tolerance.items()}
    values = rows[context].astype(object).where(rows[context].notna(), "").astype(str)
    lacking = set(values[promised]) - set(pairs)
    if lacking:
        raise ArgumentError(f"`tolerance` must have a pair for every value of {context!r}; it has none for {listed(lacking)}.")
    early, late = (values.map({value: pair[side] for value, pair in pairs.items()}).to_numpy(float) for side in (0, 1))
    return early, late


def check_tolerance(value: object) -> tuple[float, float]:
    """Return how early and how late a promise may be kept, if `value` is two finite numbers of 0 or more."""
    pair = list(value) if isinstance(value, Sequence) and not isinstance(value, str) else []
    if len(pair) != 2 or not all(isinstance(part, Real) and 0 <= float(part) < math.inf for part in pair):
        raise ArgumentError(
            f"`tolerance` must be how early and how late still counts as on time, such as (1, 0), not {value!r}."
        )
    return float(pair[0]), float(pair[1])


def _codes(rows: pd.DataFrame, by: Sequence[str]) -> Codes:
    if not by:
        return np.zeros(len(rows), np.int64)
    return rows.groupby(list(by), observed=True, dropna=False, sort=True).ngroup().to_numpy(np.int64)


def _units(rows: pd.DataFrame, cell: Codes, cells: int, unit: str | None) -> list[str]:
    """Return the unit of each cell, which may have but one."""
    if unit is not None:
        return [unit] * cells
    found = pd.DataFrame({"cell": cell, "unit": _told(rows, "unit", OF_UNIT).astype(str)}).drop_duplicates()
    mixed = found["unit"][found["cell"].duplicated(keep=False)]
    if len(mixed):
        raise ArgumentError(f'a cell must have one unit, and one has {listed(mixed.unique())}; add "metric" to `by`.')
    return found.sort_values("cell")["unit"].tolist()
