"""Links: each row of one table finds its row of another by a key, and no row is lost or told twice by it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from cxgap.errors import ColumnError, StudyError, listed, nearest
from cxgap.tables.absent import SURVEY
from cxgap.tables.catalog import RESPONSES, TABLES
from cxgap.tables.issues import CHECKS, Issues
from cxgap.tables.sections import Link
from cxgap.tables.source import Source
from cxgap.tables.spec import StudyFile

COLUMNS: Final = (
    "link", "table", "to", "key", "rule", "rows", "matched", "multiple", "ties", "unmatched", "blank", "match_rate",
    "to_rows", "to_unmatched", "to_match_rate",
)  # fmt: skip
OF_OWN_TIME: Final = ("latest_before", "earliest_after", "nearest")  # rules that look at the time of the row itself


class Placed(NamedTuple):
    """A table, and the row in its file of each of its rows: several answers may stand in one row."""

    table: pd.DataFrame
    places: np.ndarray


class Found(NamedTuple):
    """What each row found: its row of the other table (-1 where none), how many it could have had, and how many of one time."""

    row: np.ndarray
    choices: np.ndarray
    ties: np.ndarray


def link_tables(spec: StudyFile, tables: Mapping[str, Placed], issues: Issues) -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    """Follow the declared links in their order; a link may use what one before it brought.

    Parameters
    ----------
    tables : by name, the survey as "responses"

    Returns
    -------
    The tables, with what was brought over; and one row a link: how many rows of the file found one (`matched`), of these how
    many had several to take from (`multiple`), how often two of one time stood to choose from (`ties`), how many found none
    (`unmatched`) or have no key (`blank`); then rows of the other table, and how many of its keys no row asked for.

    Raises
    ------
    StudyError, ColumnError : a link cannot be followed as it is declared.
    """
    frames, told = dict(tables), []
    for name, link in spec.links.items():
        _check(name, link, frames)
        here, there = frames[link.table], frames[link.to]
        keys, other = _keys(here.table, link.key, link.table), _keys(there.table, link.to_key or link.key, link.to)
        whole = _once(there.places)
        _constant(name, link, there)
        _one_each(name, link, other, there, whole, _source(spec, link.to))
        found = _find(name, link, here.table, keys, there.table, other, whole)
        brought = _bring(there.table, found.row, link)
        made = pd.concat([here.table, brought.set_axis(here.table.index)], axis=1)
        if len(made) != len(here.table):
            raise AssertionError(f"rows of {link.table} were lost or doubled by [links.{name}]")  # a fault of cxgap
        frames[link.table] = Placed(made, here.places)
        told.append(_account(name, link, here, keys, found, other[whole]))
        _warn(name, link, here, keys, other, found, _source(spec, link.table), issues)
    return {name: placed.table for name, placed in frames.items()}, pd.DataFrame(told, columns=list(COLUMNS))


def _check(name: str, link: Link, tables: Mapping[str, Placed]) -> None:
    """Raise where a link names what is not there."""
    for side, table in (("table", link.table), ("to", link.to)):
        if table not in tables:
            raise StudyError(
                f"[links.{name}] `{side}` must be a table of the study, and {table!r} is none; it has {listed(tables)}."
                f"{nearest(table, tables)}"
            )
    here, there = tables[link.table].table, tables[link.to].table
    for column in link.columns:
        if column not in there:
            raise StudyError(f"[links.{name}] brings the column {column!r}, and `{link.to}` has none.{nearest(column, there)}")
        if column in here:
            raise StudyError(
                f"[links.{name}] brings the column {column!r}, and `{link.table}` has one of that name; rename one of "
                f'them, such as rename = {{ {column} = "{link.to}_{column}" }} for {link.to}.'
            )


def _keys(frame: pd.DataFrame, column: str, table: str) -> np.ndarray:
    """Return keys as text without spaces around it, None where there is none."""
    if column not in frame:
        raise ColumnError.missing(column, table, list(map(str, frame.columns)))
    codes, words = pd.factorize(frame[column].astype(object))
    return np.array([*(str(word).strip() or None for word in words), None], dtype=object)[codes]


def _times(name: str, frame: pd.DataFrame, column: str | None, table: str, rule: str) -> np.ndarray:
    """Return a column of times as microseconds, NaT as the least number."""
    if column is None or column not in frame or frame[column].dtype.kind != "M":
        lacks = "it has none; name one by `at`" if column is None else f"its column {column!r} is none"
        raise StudyError(
            f'[links.{name}] rule = "{rule}" needs a time of each row of `{table}`, and {lacks}; docs/columns.md says which '
            "columns hold times."
        )
    return frame[column].dt.tz_localize(None).to_numpy("datetime64[us]").astype(np.int64)


def _once(places: np.ndarray) -> np.ndarray:
    """Return which rows are the first of their row in the file."""
    return ~pd.Series(places).duplicated().to_numpy(bool)


def _constant(name: str, link: Link, there: Placed) -> None:
    """Raise where one row of the file has several values of a column that is to be brought over."""
    if _once(there.places).all():
        return
    for column in link.columns:
        values = pd.DataFrame({"place": there.places, "value": pd.factorize(there.table[column])[0]}).drop_duplicates()
        if values["place"].duplicated().any():
            each = "item" if link.to == SURVEY else "metric"
            raise StudyError(
                f"[links.{name}] brings the column {column!r} of `{link.to}`, of which one row of the file has several, one "
                f"for each {each}; leave it out."
            )


def _one_each(name: str, link: Link, other: np.ndarray, there: Placed, whole: np.ndarray, source: Source) -> None:
    """Raise where several rows have a key of which there may be but one."""
    if link.several:
        return
    keys = pd.Series(other[whole], index=there.places[whole]).dropna()
    again = keys[keys.duplicated(keep=False)]
    if len(again):
        key = again.iloc[0]
        rows = [source.where(int(row))[1] for row in again.index[again == key][:3]]
        raise StudyError(
            f"[links.{name}]: one row of `{link.to}` may have a {link.to_key or link.key}, and {key!r} stands in rows {rows}"
            f' ({again.nunique():,} such keys); set cardinality = "many" and rule = "latest_before", "earliest_after", '
            '"nearest" or "latest", or leave one row of each.'
        )


def _find(
    name: str,
    link: Link,
    here: pd.DataFrame,
    keys: np.ndarray,
    there: pd.DataFrame,
    other: np.ndarray,
    whole: np.ndarray,
) -> Found:
    """Find a row of `there` for each row of `here`; of those of one time, the one whose id comes first."""
    codes = pd.factorize(np.concatenate([keys, other]))[0]
    code, choice = codes[: len(keys)], codes[len(keys) :]
    able = whole & (choice >= 0)
    at, own = np.zeros(len(there), np.int64), np.zeros(len(here), np.int64)
    if link.rule:
        at = _times(name, there, link.at or _clock(link.to), link.to, link.rule)
        able &= at != np.iinfo(np.int64).min
    if link.rule in OF_OWN_TIME:
        own = _times(name, here, _clock(link.table), link.table, str(link.rule))
    ids = pd.factorize(_ids(there, link.to), sort=True)[0]
    rows = np.flatnonzero(able)
    rows = rows[np.lexsort((rows, ids[rows], at[rows], choice[rows]))]
    moments = np.unique(np.concatenate([at[rows], own]))
    size = len(moments) + 1
    placed = choice[rows].astype(np.int64) * size + np.searchsorted(moments, at[rows])
    now = code.astype(np.int64) * size + np.searchsorted(moments, own)
    start, end = (np.searchsorted(placed, code.astype(np.int64) * size + edge) for edge in (0, size))
    before, after = np.searchsorted(placed, now, side="right"), np.searchsorted(placed, now, side="left")
    if link.rule == "latest_before":
        chosen, choices = before - 1, before - start
    elif link.rule == "earliest_after":
        chosen, choices = after, end - after
    elif link.rule == "nearest":
        last, following = np.maximum(before - 1, 0), np.minimum(after, max(len(rows) - 1, 0))
        chosen, choices = before - 1, end - start
        if len(rows):
            nearer = (after < end) & ((before <= start) | (at[rows][following] - own < own - at[rows][last]))
            chosen = np.where(nearer, after, chosen)
    else:
        chosen, choices = end - 1, end - start
    known = (code >= 0) & (choices > 0)
    if link.rule in OF_OWN_TIME:
        known &= own != np.iinfo(np.int64).min
    if not len(rows):
        return Found(np.full(len(here), -1), np.zeros(len(here), np.int64), np.zeros(len(here), np.int64))
    moment = placed[np.where(known, chosen, 0)]
    first, last = np.searchsorted(placed, moment, side="left"), np.searchsorted(placed, moment, side="right")
    return Found(np.where(known, rows[first], -1), np.where(known, choices, 0), np.where(known, last - first, 0))


def _ids(frame: pd.DataFrame, table: str) -> np.ndarray:
    """Return the text by which rows of one time are put in order."""
    name = (RESPONSES if table == SURVEY else TABLES[table]).required[0]
    return frame[name].astype(object).where(frame[name].notna(), "").astype(str).to_numpy(object)


def _clock(table: str) -> str | None:
    return (RESPONSES if table == SURVEY else TABLES[table]).clock


def _source(spec: StudyFile, table: str) -> Source:
    return spec.responses if table == SURVEY else spec.tables[table]


def _bring(there: pd.DataFrame, row: np.ndarray, link: Link) -> pd.DataFrame:
    """Return the columns that are brought over, null where no row was found."""
    columns = there[list(link.columns)].reset_index(drop=True)
    columns = columns.astype({name: "boolean" for name in columns if columns[name].dtype == bool})
    return columns.reindex(row)


def _account(name: str, link: Link, here: Placed, keys: np.ndarray, found: Found, other: np.ndarray) -> dict[str, object]:
    once = _once(here.places)
    rows, blank = int(once.sum()), int((once & pd.isna(keys)).sum())
    matched = int((once & (found.row >= 0)).sum())
    asked, kept = set(pd.Series(keys).dropna()), set(pd.Series(other).dropna())
    lonely = len(kept - asked)
    return {
        "link": name,
        "table": link.table,
        "to": link.to,
        "key": link.key,
        "rule": link.rule or "",
        "rows": rows,
        "matched": matched,
        "multiple": int((once & (found.choices > 1)).sum()),
        "ties": int((once & (found.ties > 1)).sum()),
        "unmatched": rows - matched - blank,
        "blank": blank,
        "match_rate": matched / rows if rows else np.nan,
        "to_rows": len(other),
        "to_unmatched": lonely,
        "to_match_rate": (len(kept) - lonely) / len(kept) if kept else np.nan,
    }


def _warn(
    name: str, link: Link, here: Placed, keys: np.ndarray, other: np.ndarray, found: Found, source: Source, issues: Issues
) -> None:
    """Say how many rows found none, and how many had several to take from."""
    once, given = _once(here.places), ~pd.isna(keys)
    lost = once & given & (found.row < 0)
    where = {"table": link.table, "column": link.key}
    if lost.any():
        first, rate = int(np.argmax(lost)), (once & (found.row >= 0)).sum() / (once & given).sum()
        fix = f"[links.{name}] matched {rate:.1%} of the rows that have a key; {_alike(keys[once & given], other, rate)}"
        row = source.where(int(here.places[first]))[1]
        value = str(keys[first])
        issues.add("unmatched_keys", "warning", **where, rows=int(lost.sum()), row=row, value=value, fix=fix)
    several = once & (found.choices > 1)
    if several.any():
        first = int(np.argmax(several))
        row = source.where(int(here.places[first]))[1]
        fix = f'nothing to do: [links.{name}] takes the one that rule = "{link.rule}" says'
        issues.add("several_matches", "warning", **where, rows=int(several.sum()), row=row, value=str(keys[first]), fix=fix)


def _alike(keys: np.ndarray, other: np.ndarray, rate: float) -> str:
    """Say what to look at: where keys differ only in zeros, case or a decimal, that they do."""
    bare = {_bare(key) for key in other if key is not None}
    if rate < 0.5 and np.mean([_bare(key) in bare for key in keys]) > max(rate, 0.5):
        return "most would match but for leading zeros, a decimal or capitals: keep them as text on both sides, written alike"
    return CHECKS["unmatched_keys"][1]


def _bare(key: str) -> str:
    plain = key.casefold().removesuffix(".0")
    return plain.lstrip("0") or plain
