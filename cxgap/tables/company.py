"""The company's own tables, beside the survey: a cell that cannot be what its column holds becomes null, and is reported."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from cxgap.errors import StudyError
from cxgap.tables.answers import WHOLE, from_codebook
from cxgap.tables.calendars import fill_promises
from cxgap.tables.catalog import TABLES
from cxgap.tables.formats import read_file
from cxgap.tables.header import leave_unread, require_columns, settle_header
from cxgap.tables.issues import Issues
from cxgap.tables.metrics import check_standards, facts_of, kinds_of, measure, metered, pairs_of
from cxgap.tables.rejects import Rejects
from cxgap.tables.restrict import Scope
from cxgap.tables.schema import Kind, Reasons, off_scale, read_flags, read_measures, read_numbers, read_text, read_times
from cxgap.tables.sections import Item
from cxgap.tables.source import Source
from cxgap.tables.spec import StudyFile

STAFF = ("managers", "employees")  # tables of answers, as the survey is


def read_table(
    name: str, spec: StudyFile, folder: Path, items: Mapping[str, Item], scope: Scope, issues: Issues
) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, object]]:
    """Read one table of [tables] with its declared kinds, and restrict it by `where` and `as_of` where it has the column.

    Returns
    -------
    The table; its refusals, of `Rejects.frame`, which cost no answers; and name, rows and hash of its file.

    Raises
    ------
    StudyError, ColumnError : the file cannot be used.
    """
    source, declared, rejects = spec.tables[name], TABLES[name], Rejects(name, spec.tables[name])
    raw = read_file(folder, source, declared.required)
    kinds = kinds_of(spec, name)
    known = [*declared.names, *kinds]
    frame = settle_header(leave_unread(raw, source, name, issues), source, table=name, known=known, issues=issues)
    if "promised_days" in frame and "promised_days" in declared.names and "promised_first" not in frame:
        frame = frame.assign(promised_first="")
    require_columns(frame, [*declared.required, *kinds], table=name, used=known)
    if name == "standards":
        check_standards(frame, spec)
    rejects.unread(raw.unread)
    kept = frame[scope.within(frame, name, partly=True)]
    if "item" in kept:
        kept = _with_dimension(kept, items, source.file)
    columns, codes = {}, spec.responses.missing if name in STAFF else ()
    for column in map(str, kept.columns):
        columns[column], wrong = _read(kept[column], kinds.get(column, declared.kind(column)), source, spec, codes)
        rejects.cells(kept[column], wrong, column)
    table = pd.DataFrame(columns, index=kept.index)
    if declared.clock in table:
        table = table[scope.in_time(table[declared.clock], name, issues)]
    if len(table) < len(frame):
        issues.add("left_out", "note", table=name, rows=len(frame) - len(table))
    _note_unknown(table, name, spec, items, issues)
    table = _in_order(table, spec)
    if "item" in table:
        table = _with_questions(table, items)
    table = _with_promises(table, kept, name, spec, rejects, issues)
    table = scope.as_known(table, facts_of(spec, name), declared.story, name, issues)
    if name in metered(spec):
        until = scope.last_moment if scope.cutoff is not None else _last_recorded(frame, name, spec)
        table = _with_metrics(table, kept, name, spec, until, rejects, issues)
        table = table[table["touchpoint"].isin(scope.where.get("touchpoint", table["touchpoint"].cat.categories))]
    rejects.note(issues)
    return table.reset_index(drop=True), rejects.frame, raw.about(name, source)


def _note_unknown(table: pd.DataFrame, name: str, spec: StudyFile, items: Mapping[str, Item], issues: Issues) -> None:
    for column, levels in {**_orders(spec), "item": tuple(items)}.items():
        if levels and column in table:
            unknown = table.index[table[column].notna() & ~table[column].isin(levels)]
            if len(unknown):
                first = int(unknown[0])
                issues.add(f"unknown_{column}", "warning", table=name, column=column, rows=len(unknown), row=first)


def _orders(spec: StudyFile) -> dict[str, tuple[str, ...]]:
    """Return the names that the study declares in an order of its own."""
    return {"touchpoint": spec.study.touchpoints, "wave": spec.study.waves}


def _in_order(table: pd.DataFrame, spec: StudyFile) -> pd.DataFrame:
    """Put touchpoints and waves in the declared order, as the survey has them; unknown ones come after, sorted."""
    made = {}
    for column, levels in _orders(spec).items():
        if levels and column in table:
            unknown = sorted(set(table[column].dropna()) - set(levels))
            made[column] = pd.Categorical(table[column], categories=[*levels, *unknown], ordered=True)
    return table.assign(**made)


def _with_promises(
    table: pd.DataFrame, text: pd.DataFrame, name: str, spec: StudyFile, rejects: Rejects, issues: Issues
) -> pd.DataFrame:
    """Compute the promises that are given in days; `text` has the cells as the file has them."""
    if "promised_days" not in TABLES[name].names:
        return table
    table, unusable = fill_promises(table, name, spec, issues)
    for column, reasons in unusable.items():
        rejects.cells(text.loc[table.index, column], reasons, column)
    return table


def _with_metrics(
    table: pd.DataFrame,
    text: pd.DataFrame,
    name: str,
    spec: StudyFile,
    until: pd.Timestamp | None,
    rejects: Rejects,
    issues: Issues,
) -> pd.DataFrame:
    """Measure what is declared, and refuse times that come before their beginning."""
    for start, end in pairs_of(spec, name):
        backwards = (table[end] < table[start]).to_numpy(bool)
        rejects.cells(text.loc[table.index, end], np.where(backwards, "negative_duration", "").astype(object), end)
    return measure(table, name, spec, until, issues)


def _last_recorded(text: pd.DataFrame, name: str, spec: StudyFile) -> pd.Timestamp:
    """Return the last time at which anything of the whole table is known to have happened; NaT where nothing is."""
    known = [column for column in (TABLES[name].clock, *facts_of(spec, name)) if column in text]
    latest = [read_times(text[column], spec.study.zone)[0].max() for column in known]
    return pd.Series(latest, dtype="datetime64[us, UTC]").max()


def _with_dimension(text: pd.DataFrame, items: Mapping[str, Item], file: str) -> pd.DataFrame:
    """Give each row the dimension of its item, as the answers of the survey have it."""
    if "retained" in text:
        raise StudyError(
            f"{file}: the column 'retained' must have another name, because cxgap makes one from the codebook; "
            'add rename = { retained = "other_retained" } to the table under [tables].'
        )
    dimension = from_codebook(text, "dimension", items, file)
    return text.assign(dimension=dimension if (dimension != "").any() or not len(text) else WHOLE)


def _with_questions(table: pd.DataFrame, items: Mapping[str, Item]) -> pd.DataFrame:
    """Put the dimensions in the order of the codebook, and say which items are kept in scores."""
    order = dict.fromkeys(item.dimension for item in items.values() if item.dimension)
    order |= dict.fromkeys(sorted(set(table["dimension"].dropna())))
    dropped = [name for name, item in items.items() if not item.retained]
    dimension = pd.Categorical(table["dimension"], categories=list(order), ordered=True)
    return table.assign(dimension=dimension, retained=~table["item"].isin(dropped))


def _read(text: pd.Series, kind: Kind, source: Source, spec: StudyFile, codes: tuple[str, ...]) -> tuple[pd.Series, Reasons]:
    """Read a column as what it holds; `codes` mean no answer where numbers were asked of people."""
    if kind == "time":
        return read_times(text, spec.study.zone)
    if kind == "deadline":
        return read_times(text, spec.study.zone, ending=True)
    if kind == "flag":
        return read_flags(text)
    if kind == "number":
        return read_numbers(text, decimal=source.decimal, missing=codes)
    if kind == "measure":
        return read_measures(text, decimal=source.decimal)
    if kind == "rating":
        values, wrong = read_numbers(text, decimal=source.decimal, missing=spec.responses.missing)
        wrong = np.where(wrong.astype(bool), wrong, off_scale(values, spec.scale.low, spec.scale.high, spec.scale.step))
        return values.mask(wrong.astype(bool)), wrong
    words = read_text(text)
    return words, np.where(words.isna() & (kind == "key"), "empty_key", "").astype(object)
