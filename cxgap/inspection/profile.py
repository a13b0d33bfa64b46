"""A file, seen whole: what it is, how it would be declared, and what stands in each column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from cxgap.inspection.column import MOST_VALUES, Column
from cxgap.tables.formats.raw import Note, Unread
from cxgap.tables.source import Source

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
    raise NotImplementedError
