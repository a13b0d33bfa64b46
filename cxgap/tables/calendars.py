"""Calendars: when a promise of so many days runs out, in the days that count and the zone in which they are counted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from cxgap.tables.issues import Issues
from cxgap.tables.schema import Reasons
from cxgap.tables.spec import StudyFile

MOST_DAYS = 3660  # ten years
EVERY_DAY = "Mon Tue Wed Thu Fri Sat Sun"


class Calendar(NamedTuple):
    """The days that count: those of the week, but for the holidays, from midnight to midnight in the zone."""

    zone: str
    weekmask: str = EVERY_DAY
    holidays: tuple[date, ...] = ()


def deadline(start: pd.Series, days: ArrayLike, calendar: Calendar) -> pd.Series:
    """Return the end of the k-th day that counts after the day on which a promise of k days was made.

    Days are counted as dates in the calendar's zone, so that a change of the clocks moves no deadline. A promise of 0 days
    is for the same day, or the next that counts.

    Parameters
    ----------
    start : when the promises were made, in UTC
    days : whole numbers of 0 or more
    calendar : the days that count

    Returns
    -------
    Moments in UTC, the last microsecond of their local day; NaT where `start` is missing or `days` is no such number.
    """
    count = np.asarray(days, dtype=float)
    known = start.notna().to_numpy(bool) & whole_days(count)
    local = start.dt.tz_convert(calendar.zone).dt.tz_localize(None).to_numpy("datetime64[D]")
    number = np.where(known, count, 0).astype(np.int64)
    week = np.busdaycalendar(calendar.weekmask, np.array(calendar.holidays, dtype="datetime64[D]"))
    last = np.full(len(start), np.datetime64("NaT", "D"))
    later, same = known & (number > 0), known & (number == 0)
    last[later] = np.busday_offset(local[later], number[later], roll="backward", busdaycal=week)
    last[same] = np.busday_offset(local[same], 0, roll="forward", busdaycal=week)
    return pd.Series(ends_of_days(last, calendar.zone), index=start.index).dt.tz_localize("UTC")


def whole_days(days: np.ndarray) -> np.ndarray:
    """Return which are whole numbers of days that somebody may promise."""
    return (days >= 0) & (days <= MOST_DAYS) & (days == np.floor(days))


def ends_of_days(days: np.ndarray, zone: str) -> np.ndarray:
    """Return the last microsecond of each local day in UTC, as datetime64[us]; the day before the next one's midnight."""
    codes, dates = pd.factorize(days.astype("datetime64[s]"))
    local = ZoneInfo(zone)
    ends: list[datetime | None] = []
    for day in dates.astype("datetime64[D]").tolist():
        if not isinstance(day, date) or day == date.max:  # beyond the calendar
            ends.append(None)
            continue
        midnight = datetime.combine(day + timedelta(days=1), time(), local).astimezone(UTC).replace(tzinfo=None)
        ends.append(midnight - timedelta(microseconds=1))
    return np.array([*ends, None], dtype="datetime64[us]")[codes]


def fill_promises(
    table: pd.DataFrame, name: str, spec: StudyFile, issues: Issues
) -> tuple[pd.DataFrame, Mapping[str, Reasons]]:
    """Compute `promised_first` where it is blank and a number of `promised_days` is not.

    The calendar is the row's `promised_calendar`, else that of the table; without any, all days of the study's zone count, with
    a warning.

    Returns
    -------
    The table; and for each column the reasons why a cell of it cannot be used.
    """
    nothing = np.full(len(table), "", dtype=object)
    if not {"promised_days", "ordered_at"} <= set(table.columns):
        return table, {}
    days = table["promised_days"].to_numpy(float)
    wrong = np.isfinite(days) & ~whole_days(days)
    named = table["promised_calendar"].astype(object) if "promised_calendar" in table else pd.Series(None, table.index, object)
    named = named.map(lambda word: word.strip() if isinstance(word, str) else None)
    unknown = (named.notna() & ~named.isin(list(spec.calendars))).to_numpy(bool)
    chosen = named.fillna(spec.tables[name].calendar) if spec.tables[name].calendar else named
    wanted = (
        (table["promised_first"].isna() & table["ordered_at"].notna()).to_numpy(bool) & np.isfinite(days) & ~wrong & ~unknown
    )
    first = table["promised_first"].copy()
    for calendar, rows in table[wanted].groupby(chosen[wanted].fillna("").to_numpy(object), sort=False):
        declared = spec.calendars.get(str(calendar))
        days_that_count = Calendar(declared.zone or spec.study.zone, declared.weekmask, declared.holidays) if declared else None
        if days_that_count is None:
            place = int(rows.index[0])
            issues.add("assumed_calendar", "warning", table=name, column="promised_days", rows=len(rows), row=place)
        first[rows.index] = deadline(rows["ordered_at"], rows["promised_days"], days_that_count or Calendar(spec.study.zone))
    reasons = {
        "promised_days": np.where(wrong, "not_whole_days", nothing),
        "promised_calendar": np.where(unknown, "unknown_calendar", nothing),
    }
    return table.assign(promised_first=first), {column: why for column, why in reasons.items() if column in table}
