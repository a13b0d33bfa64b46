"""When each answer was given: typed times are taken by the engine, and texts are read as the small path reads them."""

from __future__ import annotations

from itertools import count
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from cxgap import engine
from cxgap.errors import ArgumentError, StudyError
from cxgap.tables.big.sight import ROW, Seen, arrow_of
from cxgap.tables.big.words import name, text
from cxgap.tables.issues import Issues
from cxgap.tables.restrict import Scope
from cxgap.tables.spec import StudyFile
from cxgap.tables.times import NO_DAYS, fault_of, note_twice, refuse_faults, settle_times

MOST_TIMES: Final = 1_000_000  # different texts
READ, REASON = "cxgap_at", "cxgap_when"  # columns that are joined to a survey whose times are texts
_TYPED: Final = ("TIMESTAMPTZ", "TIMESTAMP", "DATE")
_numbers = count()


class Moments(NamedTuple):
    """The survey, the expression of its times (None where it has none), and that of what is wrong with each.

    The latter is "" where nothing is, one of `times.REASONS`, or "late" or "undated", which `as_of` leaves out.
    """

    seen: Seen
    at: str | None
    when: str


def moments(seen: Seen, spec: StudyFile, scope: Scope, issues: Issues) -> Moments:
    """Find the times of a survey.

    Raises
    ------
    StudyError : times are written otherwise than is declared, or are texts of which too many differ.
    ArgumentError : `as_of` is asked for, and there are none.
    """
    if "at" not in seen.types:
        if scope.cutoff is not None:
            raise ArgumentError(
                "`as_of` needs the date of the answer in a column 'at' of `responses`; if another has it, rename it."
            )
        return Moments(seen, None, "''")
    kind, reason = seen.types["at"], "''"
    if kind in _TYPED:
        at = _typed(kind, spec.study.zone)
    elif kind == "VARCHAR":
        seen = _read(seen, spec, scope, issues)
        at, reason = READ, REASON
    else:
        raise StudyError(f"{spec.responses.place}: the column 'at' must hold times or text, not {kind}; convert it.")
    days = ", ".join(f"DATE {text(day)}" for day in NO_DAYS)
    nothing = [f"CAST(timezone({text(zone)}, {at}) AS DATE) IN ({days})" for zone in dict.fromkeys(["UTC", spec.study.zone])]
    cases = (
        [f"WHEN {reason} <> '' THEN {reason}"] if kind == "VARCHAR" else [f"WHEN {' OR '.join(nothing)} THEN 'default_date'"]
    )
    if scope.horizon is not None and kind != "VARCHAR":
        cases.append(f"WHEN {at} >= {_moment(scope.horizon)} THEN 'future_date'")
    if scope.cutoff is not None:
        cases += [f"WHEN {at} IS NULL THEN 'undated'", f"WHEN {at} >= {_moment(scope.cutoff)} THEN 'late'"]
    return Moments(seen, at, f"CASE {' '.join(cases)} ELSE '' END")


def _typed(kind: str, zone: str) -> str:
    quoted = name("at")
    if kind == "TIMESTAMPTZ":
        return quoted
    return f"timezone({text(zone)}, CAST({quoted} AS TIMESTAMP))"


def _moment(moment: pd.Timestamp) -> str:
    return f"CAST({text(moment.tz_convert('UTC').isoformat(' '))} AS TIMESTAMPTZ)"


def _read(seen: Seen, spec: StudyFile, scope: Scope, issues: Issues) -> Seen:
    """Join each text's moment to the survey."""
    con, source, zone = engine.connection(), spec.responses, spec.study.zone
    found = arrow_of(
        con.sql(f"SELECT coalesce(\"at\", '') AS said, min({ROW}) AS first FROM {seen.sql} GROUP BY ALL LIMIT {MOST_TIMES + 1}")
    ).to_pandas()
    if len(found) > MOST_TIMES:
        raise StudyError(
            f"{source.place}: the column 'at' holds more than {MOST_TIMES:,} different texts; write its times to Parquet as "
            "timestamps, which need not be read one by one."
        )
    rows = seen.row_in_file(found["first"].to_numpy(np.int64))
    said = pd.Series(found["said"].to_numpy(object), index=rows, name="at").sort_index()
    refuse_faults([fault_of(said, source, "at", "responses")])
    times, wrong = settle_times(said, source, zone, horizon=scope.horizon)
    note_twice(said, times, source, zone, "responses", issues)
    table = pd.DataFrame({"said": said.to_numpy(object), READ: times.to_numpy("datetime64[us]"), REASON: wrong.astype(object)})
    place = f"cxgap_times_{next(_numbers)}"
    con.register(f"{place}_frame", table)
    con.execute(
        f"CREATE TEMP TABLE {place} AS SELECT CAST(said AS VARCHAR) AS said, "
        f"timezone('UTC', CAST({READ} AS TIMESTAMP)) AS {READ}, "
        f"CAST({REASON} AS VARCHAR) AS {REASON} FROM {place}_frame"
    )
    con.unregister(f"{place}_frame")
    sql = f"(SELECT s.*, t.{READ}, t.{REASON} FROM {seen.sql} s JOIN {place} t ON coalesce(s.\"at\", '') = t.said)"
    return seen._replace(sql=sql)
