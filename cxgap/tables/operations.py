"""What cannot be true in tables of orders, contacts and customers, and what makes their numbers mean another thing."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Final

import numpy as np
import pandas as pd

from cxgap.tables.catalog import TABLES
from cxgap.tables.issues import Issues
from cxgap.tables.metrics import cancelled, numbers_of, pairs_of
from cxgap.tables.rejects import Rejects
from cxgap.tables.schema import Kind, Reasons, stripped
from cxgap.tables.source import Source
from cxgap.tables.spec import StudyFile
from cxgap.tables.times import WHOLE_COLUMN, at_midnight

NUMBERS: Final = ("number", "measure")
OF_AMOUNTS: Final = ("unit", "currency")  # columns that say what the numbers of a row are in
AT_MIDNIGHT, SELDOM_AT_MIDNIGHT, LEAST_TIMES = 0.95, 0.5, 3  # of the times of a column

_SIGN = r"[€$£¥₩%]|[^\W\d_]{1,8}\.?"
_MARKED = re.compile(rf"(?P<before>{_SIGN})?\s*[+-]?\d[\d.,]*\s*(?P<after>{_SIGN})?", re.ASCII | re.IGNORECASE)


def marked(frame: pd.DataFrame, source: Source, kinds: Mapping[str, Kind]) -> list[str]:
    """Say in which columns numbers have units or currencies written in their cells; a line each."""
    numbers = [str(column) for column in frame if kinds.get(str(column)) in NUMBERS]
    return [line for column in numbers for line in _marked(stripped(frame[column]), source, column)]


def _marked(words: pd.Series, source: Source, column: str) -> list[str]:
    words = words[words != ""]
    marks = {word: match for word in words.unique() if (match := _MARKED.fullmatch(word))}
    said = {word: (match["before"] or match["after"]) for word, match in marks.items() if match["before"] or match["after"]}
    said = {word: mark for word, mark in said.items() if mark.casefold() not in ("na", "e")}
    rows = words.index[words.isin(list(said)).to_numpy(bool)]
    if len(rows) <= WHOLE_COLUMN * len(words) or not len(rows):
        return []
    kinds = sorted({mark.casefold() for mark in said.values()})
    mixed = f"; they are in {' and '.join(repr(kind) for kind in kinds[:4])}, so convert them to one first" if kinds[1:] else ""
    return [
        f"{source.at(int(rows[0]))}, column {column!r}: must be numbers alone, and {words[rows[0]][:40]!r} has its unit in the "
        f"cell{mixed}; write the number only, and keep the unit in the name or in a column of its own."
    ]


def mixed(frame: pd.DataFrame, source: Source, name: str, spec: StudyFile, issues: Issues) -> list[str]:
    """Say where numbers of a metric are in several units or currencies, a line each; where no metric reads them, warn."""
    faults = []
    read = numbers_of(spec, name)
    for column in OF_AMOUNTS if name not in ("standards", "messages") else ():
        for holder in [column, *(f"{number}_{column}" for number in frame)]:
            if holder not in frame:
                continue
            words = stripped(frame[holder])
            given = words[words != ""].str.casefold().drop_duplicates()
            if len(given) < 2:
                continue
            first, second = given.index[:2]
            used = [number for number in read if holder in (column, f"{number}_{column}")]
            if used:
                faults.append(
                    f"{source.at(int(second))}, column {holder!r}: the numbers of {used[0]!r} must be in one {column}, because "
                    f"[metrics] reads them together, and {words[second]!r} stands here and {words[first]!r} in row "
                    f"{source.where(int(first))[1]}; convert them to one, or keep them in tables of their own."
                )
            elif {"number", "measure"} & {TABLES[name].kind(str(each)) for each in frame}:
                rows = int((words.str.casefold() != given.iloc[0]).sum())
                issues.add(f"{column}_mix", "warning", table=name, column=holder, rows=rows, row=int(second))
    return faults


def repeats(frame: pd.DataFrame, name: str) -> Reasons:
    """Return why a row is told before: "duplicate" but for the first of identical ones, "conflicting_duplicate" for all others.

    Parameters
    ----------
    frame : the whole table, columns of str
    """
    reasons = np.full(len(frame), "", dtype=object)
    key = key_of(frame, name)
    if not key:
        return reasons
    words = frame[key].apply(stripped)
    unique = [column for column in TABLES[name].unique if column in words]
    again = (words.duplicated(key, keep=False) & (words[unique] != "").all(axis=1)).to_numpy(bool)
    if again.any():
        several = frame[again].apply(stripped)
        thing = several.groupby(key, sort=False).ngroup()
        row = several.groupby(list(several), sort=False).ngroup()
        apart = row.groupby(thing).transform("nunique") > 1
        reasons[again] = np.where(apart, "conflicting_duplicate", np.where(row.duplicated(), "duplicate", ""))
    return reasons


def key_of(frame: Collection[str], name: str) -> list[str]:
    """Name the columns by which a row is known; a standard may be of more, such as a region, and then also by these."""
    table = TABLES[name]
    if not table.unique or table.unique[0] not in frame:
        return []
    of = [column for column in ("touchpoint", "item", "wave", "metric", "basis") if column in frame]
    of += [str(column) for column in frame if name == "standards" and column not in {*table.names, "owner"}]
    return list(dict.fromkeys([*(column for column in table.unique if column in frame), *of]))


def backwards(table: pd.DataFrame, text: pd.DataFrame, name: str, spec: StudyFile, rejects: Rejects) -> pd.DataFrame:
    """Refuse times that come before their beginning, and minutes below 0; a promise for such a time is none."""
    made = {}
    kinds = TABLES[name]
    for start, end in dict.fromkeys([*kinds.sequence, *pairs_of(spec, name)]):
        if start in table and end in table and table[end].dtype.kind == "M":
            wrong = (table[end] < table[start]).to_numpy(bool)
            rejects.cells(text.loc[table.index, end], np.where(wrong, "negative_duration", "").astype(object), end)
            if kinds.kind(end) == "deadline":
                made[end] = table[end].mask(wrong)
    for lasted in [column for column in ("minutes", "waited") if name == "contacts" and column in table]:
        wrong = (table[lasted] < 0).to_numpy(bool)
        rejects.cells(text.loc[table.index, lasted], np.where(wrong, "negative_duration", "").astype(object), lasted)
        made[lasted] = table[lasted].mask(wrong)
    return table.assign(**made)


def warn(table: pd.DataFrame, name: str, spec: StudyFile, issues: Issues) -> None:
    """Add warnings about rows that are used: what has not ended, and what ended twice."""
    gone = cancelled(table)
    if name == "events" and "customer_id" not in table:
        issues.add("no_customers", "warning", table=name, column="customer_id", rows=len(table))
    for start, end in [pair for pair in ends_of(spec, name) if {*pair} <= set(table)]:
        going = (table[start].notna() & table[end].isna()).to_numpy(bool) & ~gone
        _add(issues, "open_events", table.index[going], name, end)
    if {"cancelled_at", "delivered_at"} <= set(table):
        both = table[["cancelled_at", "delivered_at"]].notna().all(axis=1).to_numpy(bool)
        _add(issues, "cancelled_and_delivered", table.index[both], name, "cancelled_at")


def ends_of(spec: StudyFile, name: str) -> list[tuple[str, str]]:
    """Name the pairs of times, from and to, of which the second is not there while something is open."""
    return list(dict.fromkeys([("ordered_at", "delivered_at"), *pairs_of(spec, name, delivered=True)]))


def warn_of_days(table: pd.DataFrame, name: str, spec: StudyFile, issues: Issues) -> None:
    """Add warnings about times that may be days."""
    timed = [column for column in timed_of(table, name, spec) if table[column].count() >= LEAST_TIMES]
    share = {column: at_midnight(table[column], spec.study.zone) for column in timed}
    for column in doubtful(share, name):
        _add(issues, "suspected_midnight", table.index[table[column].notna().to_numpy(bool)], name, column)


def doubtful(share: Mapping[str, float], name: str) -> list[str]:
    """Name the columns that seem to hold days, by the share of the times of each that is midnight, where others do not."""
    # A date alone in a deadline is the end of its day: that is no clock time, and shows nothing about other columns.
    clocks = [part for column, part in share.items() if TABLES[name].kind(column) != "deadline"]
    if not any(part < SELDOM_AT_MIDNIGHT for part in clocks):
        return []
    return [column for column, part in share.items() if part >= AT_MIDNIGHT]


def timed_of(table: Collection[str], name: str, spec: StudyFile) -> list[str]:
    """Name the columns of times that durations are taken between."""
    pairs = [*TABLES[name].sequence, *pairs_of(spec, name)] if name in ("events", "contacts", "promises") else []
    return [column for column in dict.fromkeys(each for pair in pairs for each in pair) if column in table]


def _add(issues: Issues, check: str, rows: pd.Index, name: str, column: str) -> None:
    if len(rows):
        issues.add(check, "warning", table=name, column=column, rows=len(rows), row=int(rows[0]))


def made_after_delivery(promises: pd.DataFrame, events: pd.DataFrame) -> np.ndarray:
    """Return which promises were made after their event was delivered."""
    if not {"event_id", "delivered_at"} <= set(events):
        return np.zeros(len(promises), dtype=bool)
    known = events[["event_id", "delivered_at"]].dropna().drop_duplicates("event_id").set_index("event_id")["delivered_at"]
    return (promises["made_at"] > promises["event_id"].map(known)).to_numpy(bool)
