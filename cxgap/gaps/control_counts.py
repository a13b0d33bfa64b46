"""Shares and means of periods: counted from rows of things, or from a frame of one row a period."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap.errors import ArgumentError, ColumnError
from cxgap.gaps.clocks import local_times, moments
from cxgap.gaps.control_series import DAYS, PERIODS, RECENT, Series, finest, moment_of, period_name
from cxgap.gaps.moments import CUSTOMER
from cxgap.gaps.periods import levels_in_time
from cxgap.stats.means import Floats, ratio, sum_by
from cxgap.vocabulary import counted

_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")


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
    weight = rows[n].to_numpy(float) * count if n else count
    keep = np.isfinite(value) & np.isfinite(weight) & rows[time].notna().to_numpy()
    lost = float(count[~keep].sum())
    notes = [f"{counted(int(lost), 'row')} without a number or a time {'is' if lost == 1 else 'are'} left out."] if lost else []
    if as_of and temporal:
        keep &= rows[time].to_numpy(float) < moment_of(as_of, zone)
    elif as_of:
        notes.append("Periods have names and no dates, so that all of them count, whatever the day of the reading.")
    rows, value, count, weight = rows[keep].reset_index(drop=True), value[keep], count[keep], weight[keep]
    value, said = (_counts(value, weight / count, of, n)) if n else (value, "")
    notes += [said] if said else []
    if std_error and (rows[std_error] < 0).any():
        raise ArgumentError(f"`{std_error}` must hold numbers of 0 or more.")
    if rows.empty:
        return Series(pd.DataFrame(), True, period, of)
    share = bool(n) or (not std_error and bool(np.isin(value, (0.0, 1.0)).all()))
    cell = rows.groupby(list(names), observed=True, dropna=False).ngroup().to_numpy() if names else np.zeros(len(rows), int)
    if temporal:
        local = local_times(rows[time].to_numpy(float), zone)
        if period == "auto" and (n or std_error):
            period = _spacing(local)
        elif period == "auto":
            period = finest(local, cell, count, count * value, min_n) if share else "week"
        spans = local.dt.to_period(PERIODS[period])
        label, start = [period_name(each, period) for each in spans], spans.dt.start_time.to_numpy()
        end = spans.dt.end_time.dt.tz_localize(zone, ambiguous=np.ones(len(spans), bool), nonexistent="shift_forward")
        end_at = moments(end)
        order = spans.astype("int64").to_numpy()
    else:
        period, end_at = "", np.full(len(rows), -np.inf)
        label = rows[time].astype(str).tolist()
        levels = levels_in_time(frame, time, list(rows[time].cat.categories))
        place = {level: number for number, level in enumerate(levels)}
        start, order = np.full(len(rows), np.datetime64("NaT", "ns")), rows[time].astype(object).map(place).to_numpy()
    rows = rows.assign(
        _value=value, _count=count, _weight=weight, _label=label, _start=start, _order=order, _cell=cell, _end=end_at
    )
    until = moment_of(as_of, zone) if as_of else np.inf
    if std_error and rows.duplicated(["_cell", "_order"]).any():
        raise ArgumentError("the frame must have one row a period and group where `std_error` is given, and has several.")
    pooled = _pooled(rows) if not (share or std_error) else {}
    made = [
        {
            **{name: part[name].iloc[0] for name in names},
            "period": part["_label"].iloc[0],
            "start": part["_start"].iloc[0],
            **_summed(part, n, std_error, whose, pooled.get(int(part["_cell"].iloc[0]), np.nan)),
            "ready": RECENT if part["_end"].iloc[0] > until else "",
        }
        for _, part in rows.groupby(["_cell", "_order"], sort=True)
    ]
    what = f"the {of.replace('_', ' ')}{' share' if share and not of.endswith('share') else ''}"
    if not (share or std_error) and (value == np.round(value)).all():
        notes.append(f"{of!r} is charted as it stands: if it counts things, `n` names the column of how many there were.")
    return Series(pd.DataFrame(made), share, period, what, tuple(notes))


def _counts(value: Floats, of_many: Floats, of: str, n: str) -> tuple[Floats, str]:
    """Return how many of `n` each row counts, and what to say of it: shares between 0 and 1 are shares of `n`.

    A share taken for a count would be one of thousands, and nobody would see it.
    """
    whole = (value == np.round(value)).all()
    if (value < 0).any() or (of_many < 0).any():
        raise ArgumentError(f"`{of}` and `{n}` must be 0 or more.")
    if not whole and (value <= 1).all():
        return value * of_many, f"{of!r} holds shares, and not counts; each is taken as a share of {n!r}."
    if not whole and (of_many == np.round(of_many)).all():
        raise ArgumentError(f"`{of}` must be a count of at most `{n}`, or a share between 0 and 1; per cent divide by 100.")
    if (value > of_many).any():
        raise ArgumentError(f"`{of}` must be a count of at most `{n}`, both 0 or more.")
    return value, ""


def _days(names: pd.Series, zone: str) -> Floats | None:
    """Return the first moments of days that are written as text, in microseconds; None where any is no day."""
    levels = list(map(str, names.cat.categories))
    if not levels or not all(map(_DAY.fullmatch, levels)):
        return None
    try:
        days = pd.to_datetime(levels, format="%Y-%m-%d")
    except ValueError:
        return None
    micros = moments(days.tz_localize(zone, ambiguous=np.ones(len(days), bool), nonexistent="shift_forward"))
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


def _spacing(local: pd.Series) -> str:
    """Return the period that dates of one row a period are apart."""
    days = local.drop_duplicates().sort_values().diff().dt.days.dropna()
    usual = float(days.median()) if len(days) else 1.0
    return min(DAYS, key=lambda period: abs(np.log(DAYS[period] / max(usual, 0.5))))
