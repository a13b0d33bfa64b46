"""What a cell of a table beside the survey is, said to the engine; of what it cannot say plainly, that it is odd.

An odd cell need not be wrong: the row that holds it is read as the small path reads rows, which knows every rule.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import pandas as pd

from cxgap.errors import StudyError
from cxgap.tables.big.sight import WHOLE_NUMBERS, Seen
from cxgap.tables.big.words import SPACES, name, text
from cxgap.tables.schema import NO_ANSWER, Kind
from cxgap.tables.source import Source

YES, NO = ("yes", "true", "1"), ("no", "false", "0")
NUMBERS: Final = WHOLE_NUMBERS | {"DOUBLE", "FLOAT"}
TEXT_KEY: Final = "VARCHAR"
_CLOCK: Final = r"\d{4}-\d\d-\d\d[T ]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{3}(\d{3})?)?)?"
DAY_FORM: Final = r"\d{4}-\d\d-\d\d"
FIXED_FORM: Final = _CLOCK + r"(Z|[+-][01]\d:[0-5]\d)"
_CONTROL: Final = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x{80}-\x{9f}]"
_UNSEEN: Final = r"[\s\x{00a0}\x{00ad}\x{2000}-\x{200f}\x{2028}-\x{202f}\x{205f}-\x{2064}\x{2066}-\x{2069}\x{3000}\x{feff}]*"
_EARLY, _LATE = "1970-01-03", "2999-12-30"  # beyond them lie the days that programs write where they know none


class Cell(NamedTuple):
    """Expressions of a column: its value, whether it is odd, and its type in the table."""

    value: str
    odd: str
    kind: str


def cell_of(column: str, kind: Kind, seen: Seen, source: Source, zone: str, horizon: pd.Timestamp | None = None) -> Cell:
    """Return what a column holds.

    Parameters
    ----------
    horizon : the first moment of which nobody can know yet, for times at which something happened

    Raises
    ------
    StudyError : times are no times, or are written otherwise than ISO 8601 has them.
    """
    if kind == "key":
        return _key(column, seen)
    if kind in ("time", "deadline"):
        return _time(column, seen, source, zone, horizon, ending=kind == "deadline")
    if kind == "flag":
        said = f"lower(trim({seen.cell(column)}, {SPACES}))"
        value = f"CASE WHEN {_in(said, YES)} THEN true WHEN {_in(said, NO)} THEN false END"
        return Cell(value, f"({said} <> '' AND {value} IS NULL)", "BOOLEAN")
    if kind in ("number", "measure"):
        return _number(column, seen, source, measured=kind == "measure")
    return Cell(seen.cell(column), "false", "VARCHAR")


def _key(column: str, seen: Seen) -> Cell:
    cell = seen.cell(column)
    if seen.types[column] in WHOLE_NUMBERS:
        return Cell(name(column), f"{name(column)} IS NULL", seen.types[column])
    odd = f"{cell} IS NULL OR regexp_full_match({cell}, '{_UNSEEN}') OR regexp_matches({cell}, '{_CONTROL}')"
    return Cell(cell, f"({odd})", TEXT_KEY)


def _number(column: str, seen: Seen, source: Source, *, measured: bool) -> Cell:
    quoted, kind = name(column), seen.types[column]
    if kind in NUMBERS or kind.startswith("DECIMAL"):
        number = f"CAST({quoted} AS DOUBLE)"
        return Cell(f"CASE WHEN isnan({number}) THEN NULL ELSE {number} END", f"coalesce(isinf({number}), false)", "DOUBLE")
    said = f"lower(trim({seen.cell(column)}, {SPACES}))"
    mark = r"\." if source.decimal == "." else ","
    plain = f"regexp_full_match({said}, '-?\\d{{1,15}}({mark}\\d{{1,15}})?')"
    number = f"CAST(replace({said}, ',', '.') AS DOUBLE)"
    flags = f" WHEN {_in(said, YES)} THEN 1 WHEN {_in(said, NO)} THEN 0" if measured else ""
    value = f"CASE{flags} WHEN {plain} THEN {number} END"
    none = _in(said, sorted(NO_ANSWER))
    return Cell(value, f"({said} IS NOT NULL AND NOT {none} AND ({value}) IS NULL)", "DOUBLE")


def _time(column: str, seen: Seen, source: Source, zone: str, horizon: pd.Timestamp | None, *, ending: bool) -> Cell:
    quoted, kind = name(column), seen.types[column]
    odd = []
    if kind == "TIMESTAMPTZ":
        value = quoted
    elif kind in ("TIMESTAMP", "DATE"):
        value, apart = _placed(f"CAST({quoted} AS TIMESTAMP)", zone, ending=ending and kind == "DATE")
        odd.append(apart)
    elif kind == "VARCHAR":
        if source.date_format:
            raise StudyError(
                f"{source.place}: the times of a table on disk must be ISO 8601 or typed, and `date_format` says otherwise; "
                'write them to Parquet as timestamps, or read it by engine = "memory".'
            )
        value, apart = _read(f"trim({seen.cell(column)}, {SPACES})", zone, ending=ending)
        odd += [apart, f"({seen.cell(column)} IS NOT NULL AND ({value}) IS NULL)"]
    else:
        raise StudyError(f"{source.place}: the column {column!r} must hold times or text, not {kind}; convert it.")
    odd.append(f"({value}) < TIMESTAMPTZ '{_EARLY} 00:00:00+00' OR ({value}) >= TIMESTAMPTZ '{_LATE} 00:00:00+00'")
    if horizon is not None:
        odd.append(f"({value}) >= {moment(horizon)}")
    return Cell(value, f"coalesce({' OR '.join(f'({one})' for one in odd)}, false)", "TIMESTAMP WITH TIME ZONE")


def _read(said: str, zone: str, *, ending: bool) -> tuple[str, str]:
    """Return the moment that a text of ISO 8601 tells, and whether clocks make it odd."""
    is_day, is_local, is_fixed = (f"regexp_full_match({said}, '{form}')" for form in (DAY_FORM, _CLOCK, FIXED_FORM))
    clock = f"TRY_CAST({said} AS TIMESTAMP)"
    day, day_apart = _placed(clock, zone, ending=ending)
    local, local_apart = _placed(clock, zone, ending=False)
    value = (
        f"CASE WHEN {is_fixed} THEN TRY_CAST({said} AS TIMESTAMPTZ) WHEN {is_local} THEN {local} WHEN {is_day} THEN {day} END"
    )
    return value, f"CASE WHEN {is_local} THEN {local_apart} WHEN {is_day} THEN {day_apart} ELSE false END"


def _placed(clock: str, zone: str, *, ending: bool) -> tuple[str, str]:
    """Return the moment of a clock in the zone, or the end of its day; and whether clocks never showed it, or did so twice."""
    shown = f"({clock} + INTERVAL 1 DAY)" if ending else clock
    value = f"timezone({text(zone)}, {shown})"
    odd = "false"
    if zone != "UTC":
        again = [f"timezone({text(zone)}, {value} {sign} INTERVAL {gap})" for sign in "+-" for gap in ("1 HOUR", "30 MINUTE")]
        odd = f"(timezone({text(zone)}, {value}) <> {shown} OR {' OR '.join(f'{one} = {shown}' for one in again)})"
    return (f"({value} - INTERVAL 1 MICROSECOND)" if ending else value), odd


def moment(when: pd.Timestamp) -> str:
    """Write a moment."""
    return f"CAST({text(when.tz_convert('UTC').isoformat(' '))} AS TIMESTAMPTZ)"


def _in(said: str, words: object) -> str:
    return f"coalesce({said} IN ({', '.join(map(text, words))}), false)"  # type: ignore[call-overload]
