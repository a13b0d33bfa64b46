"""What is counted of the plain rows of a big table, and joined to what was found in the odd ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd

from cxgap import engine
from cxgap.tables.big.cells import moment
from cxgap.tables.big.measured import Amounts
from cxgap.tables.big.sight import ROW, Seen
from cxgap.tables.big.words import among, name, text
from cxgap.tables.catalog import TABLES
from cxgap.tables.issues import Issues
from cxgap.tables.metrics import facts_of, metered, metrics_of
from cxgap.tables.operations import LEAST_TIMES, doubtful, ends_of, timed_of
from cxgap.tables.rejects import COLUMNS
from cxgap.tables.schema import Kind
from cxgap.tables.times import at_midnight

LISTED: Final = 1_000  # rows of the file whose refusals are listed one by one
MORE: Final = "... and more of the kind, which are not listed"


class Counted(NamedTuple):
    """What is counted of plain rows.

    Attributes
    ----------
    kept : rows that are used
    left_out : rows that `where` and `as_of` leave out
    said : by check, severity and column, the rows of which it is said, and the place of the first
    doubted : columns of times that may be days, how many they are, and the row of the first
    unknown : touchpoints and waves, some of which are not declared
    """

    kept: int
    left_out: int
    said: Mapping[tuple[str, str, str], tuple[int, int]]
    doubted: Mapping[str, tuple[int, int]]
    unknown: list[str]


def count_plain(
    rows: str, known: str, amounts: Amounts, kinds: Mapping[str, Kind], seen: Seen, odd: pd.DataFrame, total: int
) -> Counted:
    """Count plain rows.

    Parameters
    ----------
    rows : inside of `where`
    known : of `known_sql`
    odd : odd rows that are used, before metrics are measured
    total : plain rows, inside of `where` or not
    """
    con, spec, table, columns = engine.connection(), amounts.spec, amounts.table, list(kinds)
    asked: dict[tuple[str, str, str], str] = {}
    unknown: set[str] = set(odd["touchpoint"].dropna().astype(str)) if "touchpoint" in odd else set()
    unknown |= set(odd["wave"].dropna().astype(str)) if "wave" in odd else set()
    for column, levels in (("touchpoint", spec.study.touchpoints), ("wave", spec.study.waves)):
        if levels and column in columns:
            strange = f"{name(column)} IS NOT NULL AND NOT {among(name(column), levels)}"
            asked[f"unknown_{column}", "warning", column] = strange
            names = con.sql(f"SELECT DISTINCT {name(column)} FROM {known} WHERE {strange} LIMIT 100000").fetchall()
            unknown |= {row[0] for row in names}
    for start, end in [pair for pair in ends_of(spec, table) if {*pair} <= set(columns)]:
        asked["open_events", "warning", end] = f"{name(start)} IS NOT NULL AND {name(end)} IS NULL AND NOT {amounts.gone}"
    if {"cancelled_at", "delivered_at"} <= set(columns):
        both = '"cancelled_at" IS NOT NULL AND "delivered_at" IS NOT NULL'
        asked["cancelled_and_delivered", "warning", "cancelled_at"] = both
    if table == "events" and "customer_id" not in columns:
        asked["no_customers", "warning", "customer_id"] = "true"
    used = "true"
    if table in metered(spec):
        every = [metric.touchpoint for metric in metrics_of(spec, table).values()]
        if "touchpoint" in columns:
            asked["no_metric", "note", "touchpoint"] = f"NOT {among(name('touchpoint'), every)}"
            used = among(name("touchpoint"), [metric.touchpoint for metric in amounts.metrics.values()])
        elif not amounts.metrics:
            used = "false"
    timed = [column for column in timed_of(columns, table, spec) if kinds[column] in ("time", "deadline")]
    midnight = [
        f"date_trunc('day', timezone({text(spec.study.zone)}, {name(one)})) = timezone({text(spec.study.zone)}, {name(one)})"
        for one in timed
    ]
    parts = ["count(*)", f"count(*) FILTER ({used})"]
    parts += [_first(condition) for condition in asked.values()]
    parts += [
        f"count({name(one)}), count(*) FILTER ({at}), {_least(f'{name(one)} IS NOT NULL')}"
        for one, at in zip(timed, midnight, strict=True)
    ]
    found: list[int] = list(con.sql(f"SELECT {', '.join(parts)} FROM {known}").fetchall()[0])
    here, kept = found[0], found[1]
    pairs = iter(found[2:])
    said: dict[tuple[str, str, str], tuple[int, int]] = {key: (next(pairs), next(pairs)) for key in asked}
    times = {one: (next(pairs), next(pairs), next(pairs)) for one in timed}
    if amounts.scope.cutoff is not None:
        said |= _not_yet(rows, amounts, columns)
    doubted = _doubted(times, odd, amounts, seen)
    return Counted(
        int(kept), total - int(here), {key: value for key, value in said.items() if value[0]}, doubted, sorted(unknown)
    )


def _least(condition: str) -> str:
    return f"coalesce(min({ROW}) FILTER ({condition}), -1)"


def _first(condition: str) -> str:
    return f"count(*) FILTER ({condition}), {_least(condition)}"


def _not_yet(rows: str, amounts: Amounts, columns: list[str]) -> dict[tuple[str, str, str], tuple[int, int]]:
    """Count what happened after `as_of` to rows that are older."""
    late, clock = moment(amounts.scope.cutoff), TABLES[amounts.table].clock or ""
    facts = [fact for fact in facts_of(amounts.spec, amounts.table) if fact in columns]
    if not facts:
        return {}
    where = f" WHERE {name(clock)} < {late}" if clock in columns else ""
    counts = ", ".join(f"count(*) FILTER ({name(fact)} >= {late})" for fact in facts)
    found = engine.connection().sql(f"SELECT {counts} FROM {rows}{where}").fetchall()[0]
    return {("not_yet", "note", fact): (rows_, -1) for fact, rows_ in zip(facts, found, strict=True)}


def _doubted(
    times: Mapping[str, tuple[int, int, int]], odd: pd.DataFrame, amounts: Amounts, seen: Seen
) -> dict[str, tuple[int, int]]:
    """Return the columns that seem to hold days: their times, and the first row of them."""
    share, given, first = {}, {}, {}
    for column, (plain, midnights, place) in times.items():
        own = odd[column].dropna() if column in odd else pd.Series(dtype="datetime64[us, UTC]")
        count = plain + len(own)
        if count >= LEAST_TIMES:
            at = midnights + (at_midnight(own, amounts.spec.study.zone) * len(own) if len(own) else 0)
            share[column], given[column] = at / count, count
            rows = [_row(seen, place)] if place >= 0 else []
            first[column] = min([*rows, *(int(row) for row in own.index[:1])])
    return {column: (given[column], first[column]) for column in doubtful(share, amounts.table)}


def _row(seen: Seen, place: int) -> int:
    return int(seen.row_in_file(np.array([place], dtype="int64"))[0])


def join_issues(odd: Issues, counted: Counted, seen: Seen, table: str, issues: Issues) -> None:
    """Add to the issues what was found in odd rows and counted in plain ones: one a check and column."""
    left = dict(counted.said)
    if counted.left_out:
        left["left_out", "note", ""] = counted.left_out, -1
    for issue in odd:
        told: dict[str, Any] = {key: issue[key] for key in ("table", "column", "value", "sheet", "fix", "row")}
        rows, key = int(str(issue["rows"])), (str(issue["check"]), str(issue["severity"]), str(issue["column"]))
        if key in left:
            more, place = left.pop(key)
            rows += more
            if place >= 0:
                told["row"] = min(int(told["row"]), _row(seen, place))
        issues.add(key[0], key[1], rows=rows, **told)
    for (check, severity, column), (rows, place) in left.items():
        issues.add(check, severity, table=table, column=column, rows=rows, row=_row(seen, place) if place >= 0 else None)
    for column, (rows, row) in counted.doubted.items():
        issues.add("suspected_midnight", "warning", table=table, column=column, rows=rows, row=row)


def shortened(rejects: pd.DataFrame) -> pd.DataFrame:
    """Return what is refused of the first LISTED rows of the file one by one, and the rest of a kind in one line."""
    rows = rejects["row"].unique()
    if len(rows) <= LISTED:
        return rejects
    listed, rest = rejects[rejects["row"] < rows[LISTED]], rejects[rejects["row"] >= rows[LISTED]]
    groups = rest.groupby(["reason", "column"], sort=False)
    lines, sizes = groups.head(1).copy(), groups["row"].transform("size")
    several = sizes[lines.index] > 1
    lines.loc[several, "value"] = lines.loc[several, "value"] + f" {MORE}"
    return pd.concat([listed, lines], ignore_index=True)[COLUMNS]
