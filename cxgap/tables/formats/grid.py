"""A file as rows of text, before it is known which of them name the columns."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from cxgap.errors import StudyError
from cxgap.tables.formats.heads import from_heads, read_heads
from cxgap.tables.formats.raw import Note, RawTable, Unread
from cxgap.tables.remarks import is_remark
from cxgap.tables.source import SHEET_BITS, Source

MOST_LINES: Final = (65_536, 1_048_576)  # of a sheet, in old and in new Excel: a file with as many was cut off by it


class Grid(NamedTuple):
    """The cells of a file or sheet.

    Attributes
    ----------
    records : text, row by row, from the first row of the file on; blank rows too
    notes : what a reader noticed and a page must say, such as hidden rows
    beside : whether notes may stand beside the table, as in a sheet
    spanned : rows, counted from 1, in which the words that head several columns have been written over each
    """

    records: list[list[str]]
    notes: Sequence[Note] = ()
    beside: bool = False
    spanned: Collection[int] = ()


def table_of(grids: Mapping[str, Grid], source: Source, sha256: str) -> RawTable:
    """Take the header off and give each row its number; a row whose fields do not match the header is set aside.

    Parameters
    ----------
    grids : one, or one a sheet in the order of `source.sheets`, by name

    Raises
    ------
    StudyError : a header is not one, sheets have different columns, or every row has more fields than its header.
    """
    parts = [_part(grid, source, sheet) for sheet, grid in enumerate(grids.values())]
    first = parts[0]
    notes = [(note, name) for name, part in zip(grids, parts, strict=True) for note in part.notes]
    for name, part in zip(grids, parts, strict=True):
        apart = set(part.frame.columns) ^ set(first.frame.columns)
        if apart:
            raise StudyError(
                f"{source.file}, sheet {name!r}: sheets that are read as waves must have the same columns, and "
                f"{sorted(apart)[0]!r} is in one of them alone; rename it, or read the sheets as studies of their own."
            )
    return RawTable(
        frame=pd.concat([part.frame[first.frame.columns] for part in parts]) if parts[1:] else first.frame,
        unread=[row for part in parts for row in part.unread],
        sha256=sha256,
        wording=first.wording,
        aside=pd.concat([part.aside for part in parts]) if parts[1:] else first.aside,
        personal=first.personal,
        notes=tuple(note._replace(sheet=name if parts[1:] else "") for note, name in notes),
        zone=first.zone,
    )


def _part(grid: Grid, source: Source, sheet: int) -> RawTable:
    records = from_heads(grid.records, source, grid.spanned)
    heads = read_heads(records, source, beside=grid.beside)
    names = heads.names
    if heads.unnamed:
        records = [[text for column, text in enumerate(fields) if column not in heads.unnamed] for fields in records]
    start = source.heads[-1] + heads.rows + (sheet << SHEET_BITS)
    body = [(row, fields) for row, fields in enumerate(records[heads.rows :], start=start) if any(map(str.strip, fields))]
    if body and all(len(fields) > len(names) for _, fields in body):
        raise StudyError(
            f"{source.place}: every row has more fields than the header; name the last column, or drop the last delimiter."
        )
    unread = [
        Unread(row, "summary_row", next(filter(str.strip, fields)))
        if is_remark(fields)
        else Unread(row, "too_many_fields" if len(fields) > len(names) else "too_few_fields", str(len(fields)))
        for row, fields in body
        if len(fields) != len(names)
    ]
    lines = len(grid.records)
    limits = [Note("row_limit", row=lines, value=str(lines))] if lines in MOST_LINES else []
    whole = [(row, fields) for row, fields in body if len(fields) == len(names)]
    index = pd.Index([row for row, _ in whole], name="row", dtype="int64")
    frame = pd.DataFrame([fields for _, fields in whole], index=index, columns=names, dtype=object)
    aside = heads.aside(frame) if heads.aside else np.full(len(frame), "", dtype=object)
    return RawTable(
        frame=heads.clean(frame) if heads.clean else frame,
        unread=unread,
        sha256="",
        wording=heads.wording,
        aside=pd.Series(aside, index=index, dtype=object),
        personal=heads.personal,
        notes=(*grid.notes, *heads.notes, *limits),
        zone=heads.zone,
    )
