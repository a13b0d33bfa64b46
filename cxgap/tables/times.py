"""Times: text becomes moments in UTC, as ISO 8601 or as the study file declares; what may be read in two ways stops."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from cxgap.errors import StudyError
from cxgap.tables.clocks import DAY, FIXED, LOCAL, NONE, read_clocks
from cxgap.tables.dates import NUMBERED, likely_formats
from cxgap.tables.issues import Issues
from cxgap.tables.schema import Reasons
from cxgap.tables.source import Source

WHOLE_COLUMN: Final = 0.2  # a larger share of a column that is no date is a way of writing, and no slip
ENOUGH: Final = 10  # dates, below which it is more than half of them
NO_DAYS: Final = (  # what programs write where they know no date
    "0001-01-01", "1601-01-01", "1753-01-01", "1899-12-30", "1899-12-31", "1900-01-01", "1904-01-01", "1970-01-01",
    "2999-12-31", "9999-12-31",
)  # fmt: skip
FIRST_TODAY: Final = date(2026, 11, 1)  # a clock that is older than this version of cxgap is wrong
REASONS: Final = ("bad_date", "nonexistent_time", "default_date", "future_date")

_OFFSET = re.compile(r"(Z|GMT|UTC|[+-]\d\d?(:?\d\d)?)$", re.ASCII | re.IGNORECASE)
_FIRST_DAY = np.datetime64("0001-01-02", "us")
_LAST_DAY = np.datetime64("9999-12-31", "us")


def read_times(text: pd.Series, zone: str, *, ending: bool = False, formats: Sequence[str] = ()) -> tuple[pd.Series, Reasons]:
    """Read dates and times of ISO 8601, or of the declared formats; those without an offset are of `zone`.

    Parameters
    ----------
    text : one a row; a date alone is its first moment
    ending : whether a date alone is its last microsecond, as a promise for that day is
    formats : of `dates.reader_of`; the first that reads a text does, and ISO 8601 where none does

    Returns
    -------
    Times in UTC, NaT where there is none; and "bad_date" where the text is no date, or "nonexistent_time" where it is a time
    that never was because clocks were set forward. Of a time that was twice, because they were set back, it is the earlier.

    Raises
    ------
    ValueError : two of the formats read one text differently; the text of the error is that text.
    """
    codes, plain = _distinct(text)
    shown, kind = read_clocks(plain, formats)
    values, reasons = _placed(shown, kind, ZoneInfo(zone), ending=ending)
    reasons[(kind == NONE) & (plain != "")] = "bad_date"
    return pd.Series(values[codes], index=text.index).dt.tz_localize("UTC"), reasons[codes]


def _distinct(text: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Number the distinct texts of a column, and return them without spaces around them."""
    codes, words = pd.factorize(text)
    return codes, np.array([word.strip() for word in words.to_numpy(object)], dtype=object)


def _placed(shown: np.ndarray, kind: np.ndarray, zone: ZoneInfo, *, ending: bool) -> tuple[np.ndarray, Reasons]:
    """Return moments in UTC, and "nonexistent_time" where the zone never had the time."""
    values, reasons = shown.copy(), np.full(len(shown), "", dtype=object)
    ends = (kind == DAY) & ending & (shown < _LAST_DAY)
    here = (kind == LOCAL) | (kind == DAY)
    edge = here & ((shown < _FIRST_DAY) | (shown >= _LAST_DAY))  # in UTC, these may lie outside of what there is
    local = np.flatnonzero(here & ~edge)
    clocks = pd.Series(np.where(ends, shown + np.timedelta64(1, "D"), shown)).astype("datetime64[us]")
    clock = clocks.iloc[local].reset_index(drop=True)
    utc = clock.dt.tz_localize(zone, ambiguous="NaT", nonexistent="NaT").dt.tz_convert("UTC").dt.tz_localize(None)
    values[local] = utc.to_numpy("datetime64[us]")
    for place in local[utc.isna().to_numpy(bool)]:
        values[place], reasons[place] = _moment(clock.iloc[int(np.searchsorted(local, place))], kind[place], zone)
    for place in np.flatnonzero(edge):
        try:
            values[place], reasons[place] = _moment(clocks.iloc[int(place)], kind[place], zone)
        except OverflowError:
            values[place], reasons[place] = np.datetime64("NaT", "us"), "bad_date"
    values[ends] -= np.timedelta64(1, "us")
    beyond = (values < np.datetime64(datetime.min, "us")) | (values > np.datetime64(datetime.max, "us"))
    values[beyond], reasons[beyond] = np.datetime64("NaT", "us"), "bad_date"
    values[(kind == DAY) & ending & (shown >= _LAST_DAY)] = np.datetime64(datetime.max, "us")
    return values, reasons


def _moment(clock: datetime, kind: int, zone: ZoneInfo) -> tuple[np.datetime64, str]:
    """Return the moment in UTC of a time that a clock showed twice or never; a day begins even if its midnight was skipped."""
    told = clock.to_pydatetime().replace(tzinfo=zone)  # type: ignore[attr-defined]
    utc = told.astimezone(UTC)
    if kind == LOCAL and utc.astimezone(zone).replace(tzinfo=None) != told.replace(tzinfo=None):
        return np.datetime64("NaT", "us"), "nonexistent_time"
    return np.datetime64(utc.replace(tzinfo=None), "us"), ""


def _end(day: date, zone: object) -> datetime:
    """Return the last microsecond of the day in UTC, without saying so."""
    if day == date.max:
        return datetime.max
    midnight = datetime.combine(day + timedelta(days=1), datetime.min.time(), zone)  # type: ignore[arg-type]
    return midnight.astimezone(UTC).replace(tzinfo=None) - timedelta(microseconds=1)


def settle_times(
    text: pd.Series, source: Source, zone: str, *, ending: bool = False, horizon: pd.Timestamp | None = None
) -> tuple[pd.Series, Reasons]:
    """Read times as `source` declares them, and refuse what cannot be true; see `read_times` and `untrue`."""
    values, reasons = read_times(text, zone, ending=ending, formats=source.date_format)
    reasons = np.where(reasons.astype(bool), reasons, untrue(values, zone, horizon))
    return values.mask(reasons.astype(bool)), reasons


def note_twice(text: pd.Series, values: pd.Series, source: Source, zone: str, table: str, issues: Issues) -> None:
    """Warn of times that a clock showed twice."""
    rows = text.index[shown_twice(text, values, zone)]
    if len(rows):
        sheet, row = source.row_of(int(rows[0]))
        where = {"table": table, "column": str(text.name), "sheet": sheet}
        issues.add("ambiguous_time", "warning", **where, rows=rows.nunique(), row=row)


def untrue(values: pd.Series, zone: str, horizon: pd.Timestamp | None = None) -> Reasons:
    """Return "default_date" for a day that programs write where they know none, "future_date" from `horizon` on, else "".

    Parameters
    ----------
    values : in UTC; a day is one of `zone`, or of UTC
    horizon : the first moment of which nobody can know yet, or None where any may be told of
    """
    reasons = np.full(len(values), "", dtype=object)
    if horizon is not None:
        reasons[(values >= horizon).to_numpy(bool)] = "future_date"
    nothing = np.array(NO_DAYS, dtype="datetime64[D]")
    for local in ("UTC", zone):
        seen = values.mask(reasons == "default_date").dt.tz_convert(local)  # the last day of all has no later one elsewhere
        days = seen.dt.tz_localize(None).to_numpy("datetime64[us]").astype("datetime64[D]")
        reasons[np.isin(days, nothing)] = "default_date"
    return reasons


def shown_twice(text: pd.Series, values: pd.Series, zone: str) -> np.ndarray:
    """Return which times a clock showed twice, because it was set back between, so that nobody knows which it was."""
    clock = values.dt.tz_convert(zone).dt.tz_localize(None)
    twice = clock.dt.tz_localize(zone, ambiguous="NaT", nonexistent="shift_forward").isna() & values.notna()
    twice = twice.to_numpy(bool, copy=True)
    twice[twice] = [":" in word and not _OFFSET.search(word.strip()) for word in text.to_numpy(object)[twice]]
    return twice


def at_midnight(values: pd.Series, zone: str) -> float:
    """Return the share of times that are the first moment of a day in `zone`; NaN where there are none."""
    clock = values.dropna().dt.tz_convert(zone)
    return float((clock == clock.dt.normalize()).mean()) if len(clock) else np.nan


def horizon_of(today: date | None, zone: str) -> pd.Timestamp:
    """Return the first moment of the day after `today` in `zone`: the day on which a file is read, unless it is given."""
    day = today or max(datetime.now(ZoneInfo(zone)).date(), FIRST_TODAY)
    return pd.Timestamp(_end(day, ZoneInfo(zone)), tz="UTC") + pd.Timedelta(microseconds=1)


def fault_of(text: pd.Series, source: Source, column: str, table: str) -> str:
    """Return why a column of times as a whole cannot be read, and what to declare; "" where it can.

    Parameters
    ----------
    text : one a row; the index is the row in the file
    source : the file, and the formats declared for it
    table : its name, for the section in which they are declared
    """
    codes, plain = _distinct(text)

    def row_of(place: np.intp) -> int:
        return int(text.index[np.argmax(codes == place)])

    try:
        kind = read_clocks(plain, source.date_format).kind
    except ValueError as error:
        place = np.flatnonzero(plain == str(error))[0]
        return (
            f"{source.at(row_of(place))}, column {column!r}: must be read in one way, and the formats under {_section(table)} "
            f"read {plain[place]!r} in two; leave the wrong one out of date_format."
        )
    counts, given = np.bincount(codes, minlength=len(plain)), plain != ""
    unread = np.flatnonzero(given & (kind == NONE))
    asked = counts[given].sum()
    if counts[unread].sum() > (WHOLE_COLUMN if asked >= ENOUGH else 0.5) * asked:
        likely = likely_formats(plain[unread].tolist())
        if likely:
            return f"{source.at(row_of(unread[0]))}, column {column!r}: {_proposed(plain[unread[0]], likely, table)}"
    if (kind == FIXED).any() and (kind == LOCAL).any():
        offset, without = np.argmax(kind == FIXED), np.argmax(kind == LOCAL)
        return (
            f"{source.at(row_of(offset))}, column {column!r}: every time must have an offset or none, and {plain[offset]!r} "
            f"has one and {plain[without]!r} in row {source.where(row_of(without))[1]} has none; write all of one kind, those "
            "without being of `zone` under [study]."
        )
    return ""


def _proposed(word: str, likely: Sequence[str], table: str) -> str:
    choice = " or ".join(f'date_format = "{form}"' for form in likely)
    where = f"set {choice} under {_section(table)}."
    if likely[0] in NUMBERED:
        counted = "an Excel serial number" if likely[0] == "excel" else "a number of Unix time"
        fix = "format the column as a date, or " if likely[0] == "excel" else ""
        return f"must be dates, and {word[:40]!r} is {counted}; {fix}{where}"
    if len(likely) > 1:
        return f"must be dates that can be read in one way, and {word[:40]!r} can be read in {len(likely)}; {where}"
    return f"must be dates of ISO 8601, and {word[:40]!r} is written otherwise; {where}"


def _section(table: str) -> str:
    return "[responses]" if table == "responses" else f"[tables.{table}]"


def refuse_faults(faults: Sequence[str]) -> None:
    """Raise where any column as a whole cannot be read.

    Raises
    ------
    StudyError : a line each.
    """
    said = [fault for fault in faults if fault]
    if said:
        raise StudyError("\n".join(said))
