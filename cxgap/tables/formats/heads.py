"""The rows that head a file: one that names the columns, or as many as the platform writes whose export it is."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from importlib import import_module
from typing import NamedTuple

import numpy as np
import pandas as pd

from cxgap.tables.catalog import CODEBOOK, RESPONSES, TABLES
from cxgap.tables.formats.raw import Note
from cxgap.tables.formats.unnamed import unnamed_columns
from cxgap.tables.header import check_header, check_titles
from cxgap.tables.source import Source

MOST_HEADS = 3  # rows that a platform writes above the responses
KNOWN = frozenset(name for table in (CODEBOOK, RESPONSES, *TABLES.values()) for name in table.names) | {
    "expectation",
    "perception",
}


class Heads(NamedTuple):
    """What the rows at the head say.

    Attributes
    ----------
    names : of the columns, each once
    rows : how many rows head the file
    wording : what respondents were asked, by column
    personal : columns that hold personal data
    aside : takes the body and returns, a row, "preview", "spam" or "unfinished", or "" where it is an answer
    clean : takes the body and returns it without the marks that the platform writes for what was not asked
    notes : what a page must say of the head
    unnamed : positions of columns that have no name and are left out
    zone : of the times, "" where it is not said
    """

    names: list[str]
    rows: int = 1
    wording: Mapping[str, str] = {}
    personal: Sequence[str] = ()
    aside: Callable[[pd.DataFrame], np.ndarray] | None = None
    clean: Callable[[pd.DataFrame], pd.DataFrame] | None = None
    notes: Sequence[Note] = ()
    unnamed: Collection[int] = ()
    zone: str = ""


def from_heads(records: list[list[str]], source: Source, spanned: Collection[int] = ()) -> list[list[str]]:
    """Return the records from the row of the names on, whose words are joined where several rows head the file.

    A word that stands above several names heads all to its right, up to the next word, that have a word below it.

    Parameters
    ----------
    records : from the first row of the file on
    spanned : rows, counted from 1, of which the file itself says how far each word reaches
    """
    last = source.heads[-1]
    if len(source.heads) == 1 or len(records) < last:
        return records[last - 1 :]
    width = max(len(records[row - 1]) for row in source.heads)
    rows = [[cell.strip() for cell in records[row - 1]] + [""] * (width - len(records[row - 1])) for row in source.heads]
    for place, row in enumerate(rows[:-1]):
        below, banner = [any(cells) for cells in zip(*rows[place + 1 :], strict=True)], ""
        for column, word in enumerate(row if source.heads[place] not in spanned else ()):
            banner = word or banner if below[column] else ""
            row[column] = word or banner
    return [[" ".join(filter(None, words)) for words in zip(*rows, strict=True)], *records[last:]]


def read_heads(records: Sequence[Sequence[str]], source: Source, *, beside: bool = False) -> Heads:
    """Read the head of a file whose records begin with it.

    Parameters
    ----------
    beside : whether notes may stand beside the table, as in a sheet

    Raises
    ------
    StudyError : the head is not what a table, or an export of the declared platform, has.
    """
    if source.platform:  # each has a module of its name beside this one, with a function `heads(records, place, first)`
        return _of_platform(records, source)
    check_titles(records, source, KNOWN)
    row = source.heads[-1]
    unnamed, notes = unnamed_columns(records, row, beside=beside)
    names = [name for column, name in enumerate(records[0] if records else []) if column not in unnamed]
    return Heads(check_header(names, source.place, row), notes=notes, unnamed=unnamed)


def _of_platform(records: Sequence[Sequence[str]], source: Source) -> Heads:
    """Read the head of an export; columns after the last that holds anything are left out."""
    row = source.heads[-1]
    width = len(records[0]) if records else 0
    filled = width if records and records[0][-1:] != [""] else max(map(_filled, records), default=0)
    empty = range(filled, width)
    heads: Heads = import_module(f"cxgap.tables.formats.{source.platform}").heads(
        [fields[:filled] if empty else fields for fields in records[:MOST_HEADS]], source.place, row
    )
    if not empty:
        return heads
    left = Note("unnamed_column", f"{filled + 1}, ..., {width}" if width > filled + 1 else str(width), row=row)
    return heads._replace(unnamed=frozenset(empty), notes=(*heads.notes, left))


def _filled(fields: Sequence[str]) -> int:
    """Count the fields up to the last that holds anything."""
    return next((place for place in range(len(fields), 0, -1) if fields[place - 1].strip()), 0)
