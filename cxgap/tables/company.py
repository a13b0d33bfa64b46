"""The company's own tables, beside the survey: a cell that cannot be what its column holds becomes null, and is reported."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from cxgap.tables.catalog import TABLES
from cxgap.tables.formats import read_file
from cxgap.tables.header import require_columns, settle_header
from cxgap.tables.issues import Issues
from cxgap.tables.rejects import Rejects
from cxgap.tables.restrict import Scope
from cxgap.tables.schema import Kind, Reasons, off_scale, read_flags, read_numbers, read_text, read_times
from cxgap.tables.spec import Item, Source, StudyFile


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
    source, declared, rejects = spec.tables[name], TABLES[name], Rejects(name)
    raw = read_file(folder, source, declared.required)
    frame = settle_header(raw.frame, source, table=name, known=declared.names, issues=issues)
    require_columns(frame, declared.required, table=name, used=declared.names)
    rejects.unread(raw.unread)
    kept = frame[scope.within(frame, name, partly=True)]
    columns = {}
    for column in map(str, kept.columns):
        columns[column], wrong = _read(kept[column], declared.kind(column), source, spec)
        rejects.cells(kept[column], wrong, column)
    table = pd.DataFrame(columns, index=kept.index)
    if declared.clock in table:
        table = table[scope.in_time(table[declared.clock], name, issues)]
    if len(table) < len(frame):
        issues.add("left_out", "note", table=name, rows=len(frame) - len(table))
    for column, known in (("touchpoint", spec.study.touchpoints), ("item", tuple(items))):
        if known and column in table:
            unknown = table.index[table[column].notna() & ~table[column].isin(known)]
            if len(unknown):
                first = int(unknown[0])
                issues.add(f"unknown_{column}", "warning", table=name, column=column, rows=len(unknown), row=first)
    rejects.note(issues)
    return table.reset_index(drop=True), rejects.frame, raw.about(name, source)


def _read(text: pd.Series, kind: Kind, source: Source, spec: StudyFile) -> tuple[pd.Series, Reasons]:
    if kind == "time":
        return read_times(text, spec.study.zone)
    if kind == "flag":
        return read_flags(text)
    if kind == "number":
        return read_numbers(text, decimal=source.decimal)
    if kind == "rating":
        values, wrong = read_numbers(text, decimal=source.decimal, missing=spec.responses.missing)
        wrong = np.where(wrong.astype(bool), wrong, off_scale(values, spec.scale.low, spec.scale.high, spec.scale.step))
        return values.mask(wrong.astype(bool)), wrong
    words = read_text(text)
    return words, np.where(words.isna() & (kind == "key"), "empty_key", "").astype(object)
