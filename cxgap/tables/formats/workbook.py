"""A workbook: the sheets that are meant, each as rows of text."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import NamedTuple

from cxgap.errors import StudyError, listed, nearest
from cxgap.tables.formats.book import Book, Sheet, open_book
from cxgap.tables.formats.grid import Grid, table_of
from cxgap.tables.formats.heads import from_heads
from cxgap.tables.formats.merged import fill_down, fill_right
from cxgap.tables.formats.raw import Note, RawTable
from cxgap.tables.formats.unnamed import letters
from cxgap.tables.source import Responses, Source

HEAD = 50  # rows of a preview


class Preview(NamedTuple):
    """What a sheet looks like.

    Attributes
    ----------
    rows, columns : how many there are
    hidden : whether Excel does not show the sheet
    head : its first rows as text, each as long as the longest
    merged : cells that are merged over several columns, in the head: row counted from 1, first and last position in it
    """

    rows: int
    columns: int
    hidden: bool
    head: list[list[str]]
    merged: list[tuple[int, int, int]]


def read_workbook(raw: bytes, source: Source, sha256: str) -> RawTable:
    """Read the declared sheets of a workbook or, where none is declared, the one that holds something.

    Raises
    ------
    StudyError : it is no workbook, is damaged, encrypted or unsafe, or does not say which sheet is meant.
    """
    book = open_book(raw, source.file)
    names = _chosen(book, source)
    sheets = book.read(names, source.decimal)
    found = "" if source.sheets else names[0]
    source = source.settled(found)
    return table_of({name: _grid(book.place, name, sheets[name], source) for name in names}, source, sha256)._replace(
        sheet=found
    )


def sheets_of(raw: bytes, file: str) -> dict[str, Preview]:
    """Return what each sheet of a workbook looks like, hidden ones too.

    Raises
    ------
    StudyError : it is no workbook, or is damaged, encrypted or unsafe.
    """
    book = open_book(raw, file)
    previews = {}
    for name, (rows, marks) in book.read(book.sheets).items():
        merged = [(one.top + 1, one.left, one.right) for one in marks.merged if one.right > one.left and one.top < HEAD]
        previews[name] = Preview(len(rows), max(map(len, rows), default=0), book.sheets[name], rows[:HEAD], merged)
    return previews


def _chosen(book: Book, source: Source) -> Sequence[str]:
    for name in source.sheets:
        if name not in book.sheets:
            raise StudyError(
                f"{book.place} must have the sheet {name!r}, and has {listed(book.sheets)}.{nearest(name, book.sheets)}"
            )
    if source.sheets:
        return source.sheets
    shown = [name for name, hidden in book.sheets.items() if not hidden]
    filled = shown if len(shown) == 1 else [name for name, sheet in book.read(shown).items() if any(map(any, sheet.rows))]
    if not filled:
        raise StudyError(f"{book.place} must hold a header and rows in a sheet that is not hidden; it has none.")
    if len(filled) > 1:
        first = json.dumps(filled[0], ensure_ascii=False)
        waves = f', or a wave for each sheet, as in [responses.waves] {first} = "2026"' if isinstance(source, Responses) else ""
        raise StudyError(
            f"{book.place} has {len(filled)} sheets, {listed(filled)}, and one must be named: set sheet = {first}{waves}."
        )
    return filled


def _grid(place: str, name: str, sheet: Sheet, source: Source) -> Grid:
    """Return the rows of a sheet, and what a page must say of it."""
    rows, marks = sheet
    spanned = frozenset() if source.platform else fill_right(rows, marks.merged, source.heads)
    names = (from_heads(rows, source, spanned) or [[]])[0]
    last = source.heads[-1]
    for row, column in marks.uncalculated:
        named = column < len(names) and names[column]
        if row + 1 in source.heads or (row >= last and named):
            raise StudyError(
                f"{place}, sheet {name!r}, row {row + 1}, column {named or letters(column)!r}: the formula has no value, "
                "because no program has calculated it; open and save it in Excel, or write the value."
            )
    notes = fill_down(rows, marks.merged, names, last)
    hidden_rows = [row for row in sorted(marks.hidden_rows) if last <= row < len(rows) and any(rows[row])]
    hidden_columns = [names[column] for column in sorted(marks.hidden_columns) if column < len(names) and names[column]]
    if hidden_rows:
        notes.append(Note("hidden_rows", rows=len(hidden_rows), row=hidden_rows[0] + 1))
    if hidden_columns:
        notes.append(Note("hidden_columns", ", ".join(hidden_columns)))
    return Grid(rows, notes, beside=True, spanned=spanned)
