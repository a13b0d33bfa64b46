"""What a chart follows: one row a period, made from promises that fell due, from rows of things, or taken as it stands."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap.errors import ArgumentError, ColumnError
from cxgap.gaps.moments import CUSTOMER, FIRST, LAST, SECONDS
from cxgap.gaps.promises import Promises, read_promises
from cxgap.stats.means import Floats, ratio, sum_by
from cxgap.stats.survival import CANCELLED
from cxgap.tables.restrict import Scope
from cxgap.vocabulary import counted

PERIODS: Final = {"day": "D", "week": "W-SUN", "month": "M", "quarter": "Q"}
DAYS: Final = {"day": 1.0, "week": 7.0, "month": 30.44, "quarter": 91.31}
ENOUGH: Final = 5.0  # expected hits, and misses, of a period, below which a share moves in jumps
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
BASELINE, MONITORED, RECENT, EARLY = "baseline", "monitored", "too recent", "too early"
DAY: Final = 86_400e6  # microseconds


class Series(NamedTuple):
    """What is charted.

    Attributes
    ----------
    rows : one row a group and period, in order: the keys of the group, `period` (its name), `start` (its first day, NaT
        where unknown), `n`, `people`, `value`, `std_error` (NaN for shares), and `ready`, "" or why it is not judged
    share : whether values are shares
    period : one of PERIODS, or "" where rows are periods of their own
    what : what is charted, in words
    notes : what a reader must know of how it was read
    """

    rows: pd.DataFrame
    share: bool
    period: str
    what: str
    notes: tuple[str, ...] = ()


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
    now = _moment(as_of, zone) if as_of else float(ends[np.isfinite(ends)].max())
    ordered = due - rows["lead"].to_numpy(float) * scale
    leads = rows["lead"].to_numpy(float)
    known = np.isfinite(leads)
    begin = float(ordered[known].min() + np.quantile(leads[known], 0.95) * scale) if known.any() else -np.inf
    local = _local(due, zone)
    if period == "auto":
        mass = rows["count"].to_numpy(float) * counted
        period = _finest(local, read.rows["cell"].to_numpy(), mass, mass * late, min_n)
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
    over = ((last - pd.Timestamp(0, tz="UTC")) / pd.Timedelta(microseconds=1)).to_numpy(float) + tolerated > now
    young = ((first - pd.Timestamp(0, tz="UTC")) / pd.Timedelta(microseconds=1)).to_numpy(float) < begin
    recent, early = (sum_by(place, size, mark.astype(float)) > 0 for mark in (over, young))
    of_period = np.tile(np.arange(len(labels)), cells)
    recent, early = (sum_by(of_period, len(labels), mark.astype(float))[of_period] > 0 for mark in (recent, early))
    table = read.cells.iloc[np.repeat(np.arange(cells), len(labels))].reset_index(drop=True)
    table = table.assign(
        period=[_name(labels[each], period) for each in of_period], start=[labels[each].start_time for each in of_period],
        n=n, people=_people(read, place, size, counted), value=ratio(hits, n), std_error=np.nan,
        ready=np.where(recent, RECENT, np.where(early, EARLY, "")),
    )  # fmt: skip
    notes = ["A promise counts in the period in which it fell due, and as late if it was not kept by then."]
    if sum(read.set_aside[reason].sum() for reason in read.set_aside):
        notes.append(f"{sum(each.sum() for each in read.set_aside.values()):,.0f} rows that cannot be true were set aside.")
    table["value"] = table["value"].where(table["ready"] == "")  # what is not over looks kept, and tells nothing yet
    return Series(table[table["n"] > 0].reset_index(drop=True), True, period, "the late share", tuple(notes))


def rows_counted(
    frame: IntoFrame,
    *,
    of: str,
    names: Sequence[str],
    period: str,
    time: str,
    n: str,
    std_error: str,
    zone: str,
    as_of: str | None = None,
    min_n: int = 1,
) -> Series:
    """Read a frame of one row a period (with `n` or `std_error`), or of one row a thing, whose periods are made.

    Days that are written as text, all as in 2025-12-31, are days. What came after `as_of` is left out, where times are known.
    """
    schema = nw.from_native(frame).collect_schema()
    for name in [of, time, *names, *filter(None, (n, std_error))]:
        if name not in schema:
            raise ColumnError.missing(name, "frame", list(schema))
    temporal = schema[time].is_temporal()
    mark = schema[of] == nw.Boolean
    whose = [CUSTOMER] if CUSTOMER in schema and CUSTOMER not in names else []
    rows = tally.tally_times(
        frame, keys=[*names, *([] if temporal else [time]), *whose], times=[time] if temporal else [],
        numbers=[name for name in ("" if mark else of, n, std_error) if name],
        marks=[of] if mark else [], zone=zone, table="frame",
    )  # fmt: skip
    if not temporal and (days := _days(rows[time], zone)) is not None:
        rows, temporal = rows.assign(**{time: days}), True
    value, count = rows[of].to_numpy(float), rows["rows"].to_numpy(float)
    keep = np.isfinite(value) & rows[time].notna().to_numpy()
    lost = float(count[~keep].sum())
    notes = [f"{counted(int(lost), 'row')} without a number or a time {'is' if lost == 1 else 'are'} left out."] if lost else []
    if as_of and temporal:
        keep &= rows[time].to_numpy(float) < _moment(as_of, zone)
    elif as_of:
        notes.append("Periods have names and no dates, so that all of them count, whatever the day of the reading.")
    rows, value, count = rows[keep].reset_index(drop=True), value[keep], count[keep]
    if rows.empty:
        return Series(pd.DataFrame(), True, period, of)
    share = bool(n) or (not std_error and bool(np.isin(value, (0.0, 1.0)).all()))
    cell = rows.groupby(list(names), observed=True, dropna=False).ngroup().to_numpy() if names else np.zeros(len(rows), int)
    if temporal:
        local = _local(rows[time].to_numpy(float), zone)
        if period == "auto" and (n or std_error):
            period = _spacing(local)
        elif period == "auto":
            period = _finest(local, cell, count, count * value, min_n) if share else "week"
        spans = local.dt.to_period(PERIODS[period])
        label, start = [_name(each, period) for each in spans], spans.dt.start_time.to_numpy()
        order = spans.astype("int64").to_numpy()
    else:
        period = ""
        label = rows[time].astype(str).tolist()
        start, order = np.full(len(rows), np.datetime64("NaT", "ns")), rows[time].cat.codes.to_numpy()
    weight = rows[n].to_numpy(float) * count if n else count
    if (n and (not np.isfinite(weight).all() or (weight < 0).any() or (value * count > weight).any() or (value < 0).any())) or (
        std_error and (rows[std_error] < 0).any()
    ):
        raise ArgumentError(f"`{of}` must be a count of at most `{n}`, both 0 or more." if n else
                            f"`{std_error}` must hold numbers of 0 or more.")  # fmt: skip
    rows = rows.assign(_value=value, _count=count, _weight=weight, _label=label, _start=start, _order=order, _cell=cell)
    if std_error and rows.duplicated(["_cell", "_order"]).any():
        raise ArgumentError("the frame must have one row a period and group where `std_error` is given, and has several.")
    pooled = _pooled(rows) if not (share or std_error) else {}
    made = [
        {
            **{name: part[name].iloc[0] for name in names},
            "period": part["_label"].iloc[0],
            "start": part["_start"].iloc[0],
            **_summed(part, n, std_error, whose, pooled.get(int(part["_cell"].iloc[0]), np.nan)),
            "ready": "",
        }
        for _, part in rows.groupby(["_cell", "_order"], sort=True)
    ]
    what = f"the {of.replace('_', ' ')}{' share' if share else ''}"
    return Series(pd.DataFrame(made), share, period, what, tuple(notes))


def _days(names: pd.Series, zone: str) -> Floats | None:
    """Return the first moments of days that are written as text, in microseconds; None where any is no day."""
    levels = list(map(str, names.cat.categories))
    if not levels or not all(map(_DAY.fullmatch, levels)):
        return None
    try:
        days = pd.to_datetime(levels, format="%Y-%m-%d")
    except ValueError:
        return None
    moments = days.tz_localize(zone, ambiguous=np.ones(len(days), bool), nonexistent="shift_forward").tz_convert("UTC")
    micros = np.asarray((moments - pd.Timestamp(0, tz="UTC")) / pd.Timedelta(microseconds=1), float)
    code = names.cat.codes.to_numpy()
    return np.where(code >= 0, micros[code], np.nan)


def _pooled(rows: pd.DataFrame) -> dict[int, float]:
    """Return the variance of things within the periods of each group; 0 where every period has one."""
    value, count = rows["_value"].to_numpy(float), rows["_count"].to_numpy(float)
    period = rows.groupby(["_cell", "_order"]).ngroup().to_numpy()
    periods = int(period.max()) + 1
    mean = ratio(sum_by(period, periods, count * value), sum_by(period, periods, count))
    cell = rows["_cell"].to_numpy(np.int64)
    squares = sum_by(cell, int(cell.max()) + 1, count * (value - mean[period]) ** 2)
    first = np.unique(period, return_index=True)[1]
    df = sum_by(cell, len(squares), count) - sum_by(cell[first], len(squares))
    return {number: float(squares[number] / df[number]) if df[number] > 0 else 0.0 for number in range(len(squares))}


def _summed(part: pd.DataFrame, n: str, std_error: str, whose: Sequence[str], pooled: float) -> dict[str, float]:
    """Sum the rows of one period."""
    value, count, weight = (part[name].to_numpy(float) for name in ("_value", "_count", "_weight"))
    people = float(part[whose[0]].nunique()) if whose else float(weight.sum())
    if std_error:
        return {"n": float(count.sum()) if not n else float(weight.sum()), "people": np.inf, "value": float(value[0]),
                "std_error": float(part[std_error].iloc[0])}  # fmt: skip
    total = weight.sum()
    mean = float((value * count).sum() / total) if total > 0 else np.nan
    if n:
        return {"n": float(total), "people": people, "value": mean, "std_error": np.nan}
    return {"n": float(total), "people": people, "value": mean, "std_error": float(np.sqrt(pooled / total))}


def _finest(local: pd.Series, cell: np.ndarray, mass: Floats, hits: Floats, min_n: int) -> str:
    """Return the shortest period in which a share does not move in jumps, and few are hidden."""
    level = hits.sum() / mass.sum() if mass.sum() > 0 else 0.0
    for period, code in PERIODS.items():
        n = pd.Series(mass).groupby([pd.Series(cell), local.dt.to_period(code).astype(str)]).sum()
        if (n.median() * min(level, 1 - level) >= ENOUGH and n.quantile(0.1) >= min_n) or period == "month":
            return period
    return "month"


def _spacing(local: pd.Series) -> str:
    """Return the period that dates of one row a period are apart."""
    days = local.drop_duplicates().sort_values().diff().dt.days.dropna()
    usual = float(days.median()) if len(days) else 1.0
    return min(DAYS, key=lambda period: abs(np.log(DAYS[period] / max(usual, 0.5))))


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


def _name(span: pd.Period, period: str) -> str:
    if period in ("day", "week"):
        return str(span.start_time.date())
    return f"{span.year}-Q{span.quarter}" if period == "quarter" else f"{span.year}-{span.month:02d}"


def _local(micros: Floats, zone: str) -> pd.Series:
    return pd.to_datetime(pd.Series(micros), unit="us", utc=True).dt.tz_convert(zone).dt.tz_localize(None)


def _micros(unit: str) -> float:
    return 1e6 * SECONDS[unit]


def _moment(as_of: str, zone: str) -> float:
    cutoff = Scope.of(None, as_of, zone).cutoff
    return np.inf if cutoff is None else float((cutoff - pd.Timestamp(0, tz="UTC")) / pd.Timedelta(microseconds=1))


def is_promised(frame: IntoFrame, promises: IntoFrame | None) -> str:
    """Return why promises that fall due cannot be read from the frame, "" where they can."""
    present = tally.columns_of(frame)
    if "delivered_at" not in present:
        return "events have no column 'delivered_at'"
    if promises is None and not {FIRST, LAST} & set(present):
        return "events have no promised moment, and there is no table of promises"
    return ""
