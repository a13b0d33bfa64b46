"""A file, seen whole: what it is, how it would be declared, and what stands in each column."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Final, Literal, NamedTuple

import numpy as np

from cxgap.errors import StudyError, listed
from cxgap.inspection import streamed
from cxgap.inspection.blocks import Columns, block_of
from cxgap.inspection.column import MOST_VALUES, Column
from cxgap.inspection.delimited_blocks import MOST_UNREAD
from cxgap.inspection.detect import Found, detect
from cxgap.inspection.kinds import DUCKDB, PARQUET, SPSS, SQLITE, TEXT
from cxgap.inspection.streamed import Seen
from cxgap.tables.formats import read_file
from cxgap.tables.formats.raw import Note, Unread
from cxgap.tables.source import SHEET_BITS, Responses, Source

LARGE_BYTES: Final = 30 << 20  # of text that is counted block by block
LARGE_CELLS: Final = 5_000_000  # of what is no text
ROW: Final = (1 << SHEET_BITS) - 1
_MOSTLY = 0.8  # of the cells of a column, that make it one of numbers or of dates
_PROPOSED = re.compile(r'encoding = "(\w+)"')
_POINT = re.compile(r"[+-]?\d*\.\d+", re.ASCII)

__all__ = ["MOST_VALUES", "Column", "Profile", "profile"]


class Profile(NamedTuple):
    """What a file holds.

    Attributes
    ----------
    path : of the file
    kind : "CSV", "TSV", "Excel workbook", "SPSS file", "Parquet", "DuckDB database" or "SQLite database"
    platform : whose export it is, "" where it is none that is known
    evidence : why it is that platform's, and how encoding, delimiter and decimal mark were found
    source : as it would have to be declared to be read; `file` is the name without the folder
    waves : sheets that look like waves of one survey, to the name proposed for each
    rows : below the header, blank ones not counted; those that do not fit the header are
    unread : the first 20 rows that do not fit the header
    misfits : how many there are
    aside : "preview", "spam" or "unfinished" to how many rows are that; they are counted in no column
    columns : in the order of the file
    personal : columns that the platform is known to fill with personal data
    notes : what the reader noticed
    uncertain : what could not be told and must be asked, in words
    """

    path: Path
    kind: str
    platform: str
    evidence: str
    source: Source
    waves: Mapping[str, str]
    rows: int
    unread: list[Unread]
    misfits: int
    aside: Mapping[str, int]
    columns: list[Column]
    personal: Sequence[str]
    notes: Sequence[Note]
    uncertain: Sequence[str]


def profile(path: Path, *, sheet: str | None = None, table: str | None = None) -> Profile:
    """Look at a file of any format that is read here.

    Parameters
    ----------
    path : of the file
    sheet : of a workbook, where it is known which
    table : of a database, where it is known which

    Raises
    ------
    CxgapError : there is no such file, or it is not one that could be declared; one line says why.
    """
    path = Path(path)
    found = detect(path, sheet=sheet, table=table)
    try:
        seen = _seen(path, found)
    except StudyError as error:
        found = _reencoded(found, error)
        seen = _seen(path, found)
    decimal, doubts = _decimal(seen.columns)
    dated = [
        column for column in seen.columns if column.name not in seen.personal and 0 < _MOSTLY * column.filled <= column.dates
    ]
    forms = tuple(sorted({column.date_format for column in dated if column.date_format}))
    source = found.source.model_copy(update={"decimal": decimal, "date_format": forms})
    return Profile(
        path=path,
        kind=found.kind,
        platform=found.platform,
        evidence=found.evidence,
        source=source,
        waves=found.waves,
        rows=seen.rows,
        unread=seen.unread,
        misfits=seen.misfits,
        aside=seen.aside,
        columns=[column._replace(values={}, first={}) if column.name in seen.personal else column for column in seen.columns],
        personal=seen.personal,
        notes=seen.notes,
        uncertain=[*found.uncertain, *doubts, *_orders(dated, forms)],
    )


def _reencoded(found: Found, error: StudyError) -> Found:
    """Take the encoding that the reader of SPSS proposes where a file says another of itself; any other error is raised."""
    proposed = _PROPOSED.search(str(error))
    if found.kind != SPSS or not proposed or found.source.encoding != "utf-8":
        raise error
    return found._replace(
        source=found.source.model_copy(update={"encoding": proposed[1]}),
        evidence=f"{found.evidence}; its text is not in the encoding that it names, and makes words in {proposed[1]}",
        uncertain=[*found.uncertain, f"is the file in {proposed[1]}? Look at its words"],
    )


def _seen(path: Path, found: Found) -> Seen:
    """Count what is in a file: a large one block by block, any other as the reader reads it."""
    if found.kind in (TEXT, "TSV") and path.stat().st_size >= LARGE_BYTES:
        seen = streamed.delimited(path, found)
    elif found.kind == PARQUET and streamed.parquet_cells(path) >= LARGE_CELLS:
        seen = streamed.parquet(path, found)
    elif found.kind == DUCKDB and found.cells >= LARGE_CELLS:
        seen = streamed.duckdb_table(path, found)
    elif found.kind == SQLITE and found.cells >= LARGE_CELLS:
        seen = streamed.sqlite_table(path, found)
    else:
        return _read(path, found)
    if not seen.rows:
        raise StudyError(f"{found.source.place} must hold rows below its header; it has none.")
    return seen


def _read(path: Path, found: Found) -> Seen:
    source = found.source
    if found.waves:
        source = Responses(layout="long", waves=dict(found.waves), **source.model_dump(exclude={"sheet"}))
    table = read_file(path.parent, source, ())
    block = block_of(table.frame.set_axis(table.frame.index & ROW, axis=0))
    aside = np.full(len(table.frame), "", dtype=object) if table.aside is None else table.aside.to_numpy(object)
    columns = Columns(table.frame.shape[1])
    columns.add(block.only(aside == ""))
    said = {"wording": table.wording, "labels": table.labels, "reasons": table.reasons}
    return Seen(
        rows=len(table.frame) + len(table.unread),
        columns=columns.columns(list(table.frame.columns), said),
        unread=[row._replace(row=row.row & ROW) for row in table.unread[:MOST_UNREAD]],
        misfits=len(table.unread),
        aside=dict(Counter(aside[aside != ""].tolist())),
        personal=tuple(table.personal),
        notes=tuple(table.notes),
    )


def _orders(dated: Sequence[Column], known: Collection[str]) -> list[str]:
    """Ask how dates are meant that several formats read, unless one of those is the format of another column."""
    asked: dict[tuple[str, ...], list[Column]] = {}
    for column in dated:
        if len(column.date_formats) > 1 and len(set(known).intersection(column.date_formats)) != 1:
            asked.setdefault(column.date_formats, []).append(column)
    return [
        f"how is {_date(columns[0])!r} in {listed(column.name for column in columns)} to be read: as "
        f"{' or '.join(map(repr, forms))}?"
        for forms, columns in asked.items()
    ]


def _date(column: Column) -> str:
    return next(text for text in column.values if any(mark.isdigit() for mark in text))


def _decimal(columns: Sequence[Column]) -> tuple[Literal[".", ","], list[str]]:
    """Return the decimal mark that the columns of numbers have, and what must be asked where they have both."""
    numbers = [column for column in columns if column.filled and column.numbers + column.commas >= _MOSTLY * column.filled]
    commas = [column.name for column in numbers if column.commas]
    points = [column.name for column in numbers if any(_POINT.fullmatch(text) for text in column.values)]
    if commas and points:
        asked = f"is the decimal mark a comma, as in {listed(commas)}, or a point, as in {listed(points)}?"
        return ("," if len(commas) > len(points) else "."), [asked]
    return ("," if commas else "."), []
