"""Metrics: what is measured in days, minutes or shares rather than rated, and which columns hold it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np
import pandas as pd

from cxgap.errors import StudyError, nearest
from cxgap.folding import fold
from cxgap.tables.catalog import RESPONSES, TABLES
from cxgap.tables.issues import Issues
from cxgap.tables.schema import Kind
from cxgap.tables.sections import UNITS_OF_TIME, Metric
from cxgap.tables.spec import StudyFile

SHOWN: Final = ("touchpoint", "unit", "direction", "expected", "perceived", "believed", "delivered", "promised", "table")
MADE: Final = ("metric", "unit", "direction", "delivered", "promised", "open", "cancelled")  # besides touchpoint
SCALE_POINTS: Final = "scale points"  # the unit of a standard on the scale of the survey
_FEW: Final = 3  # names in a message
LEAST: Final = 10  # rows of a table of which none has a metric, for that to be a mistake
# As a column `status` may say, folded; docs/formats/orders.md lists them.
CANCELLED: Final = frozenset(
    {"cancelled", "canceled", "storniert", "abgebrochen", "annulé", "annulée", "annule", "annulee"}
    | {"cancelado", "cancelada", "anulado", "anulada", "annullato", "annullata", "geannuleerd"}
    | {"취소", "취소됨", "キャンセル", "已取消"}
)


def metrics_table(spec: StudyFile) -> pd.DataFrame:
    """Return what [metrics] declares, one row a metric, all text; a pair of times is "ordered_at to delivered_at"."""
    rows = []
    for name, metric in spec.metrics.items():
        declared = {column: getattr(metric, column) for column in SHOWN}
        shown = {column: " to ".join(value) if isinstance(value, tuple) else value for column, value in declared.items()}
        rows.append({"metric": name, **shown})
    return pd.DataFrame(rows, columns=["metric", *SHOWN], dtype=object)


def survey_columns(spec: StudyFile) -> list[str]:
    """Name the columns of the survey that hold numbers in the unit of a metric."""
    named = [getattr(metric, side) for metric in spec.metrics.values() for side in ("expected", "perceived")]
    return list(dict.fromkeys(name for name in named if name))


def check_metrics(spec: StudyFile, issues: Issues) -> None:
    """Raise where a metric is of a touchpoint that the study does not know, or in a column that cannot hold it.

    A table that the study does not have is an issue: what it would hold is not measured.

    Raises
    ------
    StudyError : the text names the key under [metrics], and what to write there.
    """
    reserved = {*RESPONSES.names, *spec.drawn_columns}
    for name, metric in spec.metrics.items():
        known = spec.study.touchpoints
        if known and metric.touchpoint not in known:
            raise StudyError(
                f"{_place(name, 'touchpoint')} must be one of `touchpoints` under [study], not {metric.touchpoint!r}."
                f"{nearest(metric.touchpoint, known)}"
            )
        needed = {"managers": metric.believed, metric.table: metric.delivered or metric.promised}
        for table, column in needed.items():
            if column and table not in spec.tables:
                issues.add("metric_without_table", "warning", table=table, column=f"metric {name}", rows=0)
        for column in (metric.expected, metric.perceived):
            if column in reserved:
                raise StudyError(f"{_place(name)} must name columns of numbers in the survey, and {column!r} holds others.")
    for table in spec.tables:
        if table in TABLES:
            kinds_of(spec, table)


def check_standards(text: pd.DataFrame, spec: StudyFile) -> None:
    """Raise where a standard is in another unit than its metric, or turned the other way.

    Parameters
    ----------
    text : the standards, columns of str; the index is the row in the file. A blank says nothing, and a standard on the
        scale of the survey is none of the metric.

    Raises
    ------
    StudyError : the text names the row, both sides and what to write.
    """
    rated = text["unit"] == SCALE_POINTS
    if "basis" in text:
        rated |= text["basis"] == "survey"
    for name, metric in spec.metrics.items():
        rows = text[~rated & (text["metric"] == name) & (text["touchpoint"] == metric.touchpoint)]
        for key in ("unit", "direction"):
            declared = getattr(metric, key)
            apart = rows[(rows[key].str.strip() != "") & (rows[key] != declared)]
            if len(apart):
                place = f"{spec.tables['standards'].place}, row {apart.index[0]}"
                inside = f" with the standard in {declared}" if key == "unit" else ""
                raise StudyError(
                    f"{place}: the {key} of {name!r} at {metric.touchpoint!r} must "
                    f"be {declared!r}, as {_place(name)} says, not {str(apart[key].iloc[0])[:80]!r}; write {declared!r} "
                    f"there{inside}, or correct `{key}` under {_place(name)}."
                )


def kinds_of(spec: StudyFile, table: str) -> dict[str, Kind]:
    """Return what the columns that metrics name in a table beside the survey hold.

    Raises
    ------
    StudyError : a column is declared as something else.
    """
    kinds: dict[str, Kind] = {}
    for name, metric in spec.metrics.items():
        for side, column, kind in _columns(metric, table):
            declared = TABLES[table].kind(column) if column in TABLES[table].names else kinds.get(column, kind)
            if declared not in (("time", "deadline") if kind == "time" else ("number", "flag", "measure")):
                raise StudyError(
                    f"{_place(name, side)} must name {'times' if kind == 'time' else 'numbers'}, and the column {column!r} of "
                    f"`{table}` holds {'a ' if declared != 'text' else ''}{declared}; name another, or rename that one."
                )
            kinds[column] = declared
    return kinds


def facts_of(spec: StudyFile, table: str) -> list[str]:
    """Name the columns of times at which something happened, as against those for which it is promised."""
    pairs = [metric.delivered for metric in spec.metrics.values() if metric.table == table]
    named = [column for pair in pairs if isinstance(pair, tuple) for column in pair]
    return [column for column in dict.fromkeys([*TABLES[table].facts, *named]) if column != TABLES[table].clock]


def pairs_of(spec: StudyFile, table: str, *, delivered: bool = False) -> list[tuple[str, str]]:
    """Name the pairs of times, from and to, whose difference is a metric of the table; only those of what was `delivered`."""
    here = [metric for metric in spec.metrics.values() if metric.table == table]
    sources = [source for metric in here for source in (metric.delivered, None if delivered else metric.promised)]
    return list(dict.fromkeys(source for source in sources if isinstance(source, tuple)))


def numbers_of(spec: StudyFile, table: str) -> list[str]:
    """Name the columns of numbers that metrics read in a table."""
    named = [(column, kind) for metric in spec.metrics.values() for _, column, kind in _columns(metric, table)]
    return list(dict.fromkeys(column for column, kind in named if kind != "time"))


def metered(spec: StudyFile) -> set[str]:
    """Name the tables that a metric is delivered or promised in."""
    return {metric.table for metric in spec.metrics.values() if _measured(metric)}


def measure(table: pd.DataFrame, name: str, spec: StudyFile, until: pd.Timestamp | None, issues: Issues) -> pd.DataFrame:
    """Put the metrics of a table beside its own columns: one row a row of the table and metric.

    Parameters
    ----------
    table : as read; where it has a column touchpoint, a metric is of the rows of its touchpoint alone
    name : its name in [tables]
    until : the moment up to which open rows have lasted
    issues : where rows of a touchpoint without a metric are noted

    Returns
    -------
    The table's columns, and touchpoint, metric, unit, direction, `delivered` and `promised` (floats, in the unit; NaN where a
    pair of times runs backwards), `open` (begun, not ended and not cancelled: `delivered` is what has passed so far) and
    `cancelled`.

    Raises
    ------
    StudyError : the table has a column of a name that is made here.
    """
    metrics = metrics_of(spec, name)
    check_made(list(table), name, spec)
    if "touchpoint" in table:
        without = ~table["touchpoint"].isin([metric.touchpoint for metric in metrics.values()]).to_numpy(bool)
        if without.any():
            first = int(table.index[without][0])
            issues.add("no_metric", "note", table=name, column="touchpoint", rows=int(without.sum()), row=first)
    parts = []
    for key, metric in metrics.items():
        rows = table[(table["touchpoint"] == metric.touchpoint).to_numpy(bool)] if "touchpoint" in table else table
        gone = cancelled(rows)
        delivered, open_ = _amount(rows, metric.delivered, metric.unit, until)
        open_ = open_ & ~gone
        parts.append(
            rows.assign(
                touchpoint=metric.touchpoint,
                metric=key,
                unit=metric.unit,
                direction=metric.direction,
                delivered=np.where(open_ | _ended(rows, metric.delivered), delivered, np.nan),
                promised=_amount(rows, metric.promised, metric.unit, None)[0],
                open=open_,
                cancelled=gone,
            )
        )
    made = pd.concat(parts)
    return made.assign(touchpoint=pd.Categorical(made["touchpoint"], categories=touchpoints_of(spec), ordered=True))


def check_touchpoints(table: pd.DataFrame, name: str, spec: StudyFile) -> None:
    """Raise where no row of a whole table is of a touchpoint that a metric is of: nothing of it would be left.

    Raises
    ------
    StudyError : the text names touchpoints of both sides.
    """
    asked = sorted({metric.touchpoint for metric in metrics_of(spec, name).values()})
    if "touchpoint" not in table or table["touchpoint"].isin(asked).any() or len(table) < LEAST:
        return
    held = sorted(table["touchpoint"].dropna().astype(str).unique())
    told = ", ".join(repr(each) for each in held[:_FEW]) + (f" and {len(held) - _FEW} more" if len(held) > _FEW else "")
    raise StudyError(
        f"{spec.tables[name].place}: the column 'touchpoint' must hold one of a metric's, which are {asked}, and holds "
        f"{told or 'none'}; correct `touchpoint` under [metrics], with a metric for each that is to be measured, or give the "
        "column another name by `rename`."
    )


def metrics_of(spec: StudyFile, table: str) -> dict[str, Metric]:
    """Return the metrics that a table holds, by name."""
    return {key: metric for key, metric in spec.metrics.items() if metric.table == table and _measured(metric)}


def touchpoints_of(spec: StudyFile) -> list[str]:
    """Return the touchpoints of metrics in their order."""
    return list(spec.study.touchpoints or dict.fromkeys(metric.touchpoint for metric in spec.metrics.values()))


def check_made(columns: Iterable[str], table: str, spec: StudyFile) -> None:
    """Raise where a table has a column of a name that is made from [metrics].

    Raises
    ------
    StudyError : the text says how to rename it.
    """
    for column in columns:
        if column in MADE:
            raise StudyError(
                f"{spec.tables[table].place}: the column {column!r} must have another name, because cxgap makes one of that "
                f'name from [metrics]; add rename = {{ {column} = "other_{column}" }} to {table} under [tables].'
            )


def _columns(metric: Metric, table: str) -> list[tuple[str, str, Kind]]:
    """Name each key of a metric with a column that it asks of the table, and the kind that it must be."""
    found: list[tuple[str, str, Kind]] = []
    if table == "managers" and metric.believed:
        found.append(("believed", metric.believed, "number"))
    for side in ("delivered", "promised"):
        source = getattr(metric, side)
        if metric.table != table or source is None:
            continue
        if isinstance(source, tuple):
            found += [(side, column, "time") for column in source]
        else:
            found.append((side, source, "measure" if metric.unit == "share" else "number"))
    return found


def _measured(metric: Metric) -> bool:
    return metric.delivered is not None or metric.promised is not None


def _place(name: str, key: str = "") -> str:
    return f'{f"`{key}` under " if key else ""}[metrics."{name}"]'


def cancelled(rows: pd.DataFrame) -> np.ndarray:
    """Return which rows were cancelled, as their time or their status says."""
    gone = np.zeros(len(rows), dtype=bool)
    if "cancelled_at" in rows:
        gone |= rows["cancelled_at"].notna().to_numpy(bool)
    if "status" in rows:
        said = rows["status"].astype(object)
        gone |= said.isin(cancelling(said.dropna().unique())).to_numpy(bool)
    return gone


def cancelling(words: Iterable[object]) -> list[object]:
    """Return those of the words of a status that say "cancelled"."""
    return [word for word in words if fold(str(word)) in CANCELLED]


def _ended(rows: pd.DataFrame, source: str | tuple[str, str] | None) -> np.ndarray:
    """Whether the amount is known as it stands: a number always is, a duration when both of its times are."""
    if isinstance(source, tuple):
        return rows[list(source)].notna().all(axis=1).to_numpy(bool)
    return np.ones(len(rows), dtype=bool)


def _amount(
    rows: pd.DataFrame, source: str | tuple[str, str] | None, unit: str, until: pd.Timestamp | None
) -> tuple[np.ndarray, np.ndarray]:
    """Return numbers in the unit, and which of them are of what has begun and not ended; those are counted to `until`."""
    nothing = np.zeros(len(rows), dtype=bool)
    if source is None:
        return np.full(len(rows), np.nan), nothing
    if isinstance(source, str):
        return rows[source].astype("Float64").to_numpy(float, na_value=np.nan), nothing
    start, end = rows[source[0]], rows[source[1]]
    begun = (start.notna() & end.isna()).to_numpy(bool)
    if until is not None and not pd.isna(until):
        end = end.fillna(until)
    amount = ((end - start).dt.total_seconds() / UNITS_OF_TIME[unit]).to_numpy(float)
    return np.where(amount < 0, np.nan, amount), begun
