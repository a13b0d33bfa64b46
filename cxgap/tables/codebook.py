"""The questions of the survey: which dimension and touchpoint each belongs to, and how it is scored."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from cxgap.errors import StudyError
from cxgap.tables.catalog import CODEBOOK
from cxgap.tables.formats import read_file
from cxgap.tables.header import require_columns, settle_header
from cxgap.tables.issues import Issues
from cxgap.tables.schema import read_flags
from cxgap.tables.spec import Item, StudyFile


def read_codebook(spec: StudyFile, folder: Path, issues: Issues) -> tuple[dict[str, Item], dict[str, object] | None]:
    """Read the items of a study, from [items] or from the file of [codebook].

    Returns
    -------
    Items by name, in their order; and what is known of the file, or None.

    Raises
    ------
    StudyError, ColumnError : the codebook is given twice, cannot be read, or names an item twice.
    """
    if spec.codebook is None:
        return dict(spec.items), None
    source = spec.codebook
    if spec.items:
        raise StudyError("the items must be declared once, under [items] or in the file of [codebook], and both are given.")
    raw = read_file(folder / source.file, source, CODEBOOK.required)
    frame = settle_header(raw.frame, source, table="codebook", known=Item.model_fields, issues=issues)
    require_columns(frame, CODEBOOK.required, table="codebook")
    twice = frame.loc[frame["item"].duplicated(), "item"]
    if len(twice):
        raise StudyError(f"{source.file}: an item must have one row, and {twice.iloc[0]!r} has several.")
    columns = {name: [text or None for text in frame[name]] for name in Item.model_fields if name in frame}
    for name in ("retained", "reversed"):
        if name in frame:
            values, wrong = read_flags(frame[name])
            if wrong.notna().any():
                row = wrong.first_valid_index()
                raise StudyError(f"{source.file}, row {row}: {name} must be yes or no, not {frame[name][row]!r}.")
            columns[name] = [None if pd.isna(value) else bool(value) for value in values]
    rows = [
        {name: values[place] for name, values in columns.items() if values[place] is not None} for place in range(len(frame))
    ]
    items = {str(name): Item(**row) for name, row in zip(frame["item"], rows, strict=True)}
    return items, {"table": "codebook", "file": Path(source.file).name, "rows": len(frame), "sha256": raw.sha256}


def rating_columns(spec: StudyFile, items: Mapping[str, Item], header: Sequence[str]) -> pd.DataFrame:
    """Say where in a wide file each item's ratings stand.

    Returns
    -------
    One row an item: item, expectation, perception, importance (names of columns; importance None where not asked).

    Raises
    ------
    StudyError : a pattern has no {item}, or no column of the file fits the patterns and no items are declared.
    """
    source = spec.responses
    names = list(items) or _discover(source.expectation, header)
    if not names:
        raise StudyError(
            f"[responses] expectation = {source.expectation!r} must fit columns of {source.file}, {{item}} standing for the item, "
            f"and fits none of {list(header)[:8]}; give the pattern, or name the columns under [items]."
        )
    rows = []
    for name in names:
        item = items.get(name, Item())
        row: dict[str, str | None] = {"item": name}
        for rating in ("expectation", "perception", "importance"):
            pattern = getattr(item, rating) or getattr(source, rating)
            row[rating] = pattern and pattern.replace("{item}", name).replace("{dimension}", item.dimension or "")
        rows.append(row)
    columns = pd.DataFrame(rows, dtype=object)
    shared = columns["expectation"].duplicated() | (columns["expectation"] == columns["perception"])
    if shared.any():
        raise StudyError(
            f'[responses] expectation and perception must be patterns with {{item}}, such as "e{{item}}", not {source.expectation!r} and {source.perception!r}.'
        )
    return columns


def _discover(pattern: str, header: Sequence[str]) -> list[str]:
    before, found, after = pattern.partition("{item}")
    if not found:
        return []
    shape = re.compile(re.escape(before) + "(.+?)" + re.escape(after))
    return [match[1] for name in header if (match := shape.fullmatch(str(name)))]
