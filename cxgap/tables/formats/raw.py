"""What every reader gives: text, row by row, and what the file itself says of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from cxgap.tables.source import Source


class Unread(NamedTuple):
    """A row whose fields do not match the header: its number in the file, why, and how many fields it has (or what it says)."""

    row: int
    reason: str
    value: str


class Note(NamedTuple):
    """Something that a reader noticed, for the issues: a code of `issues.CHECKS`, and where."""

    check: str
    column: str = ""
    rows: int = 1
    row: int | None = None
    value: str = ""
    sheet: str = ""  # that holds the row, where a table is made of several


class RawTable(NamedTuple):
    """A file as text.

    Attributes
    ----------
    frame : str columns, blank where there is nothing; the index is the row in the file, its header being row 1, and
        counts over sheets as `Source.where` says
    unread : rows that do not match the header
    sha256 : of the bytes that were read
    wording : what respondents were asked, by column, where the file says it
    aside : why a row is no answer of a customer ("preview", "spam", "unfinished"), "" where it is one; None is nowhere
    personal : columns that the platform is known to fill with personal data
    notes : what a reader noticed
    labels : the words for codes, by column and code, where the file has them
    reasons : what codes for no answer mean, by column and code, where the file says it
    weight : the column by which the file weighs its rows, "" where it names none
    zone : of the times, "" where the file does not say it
    sheet : the one sheet of a workbook that was read without being named, "" elsewhere
    """

    frame: pd.DataFrame
    unread: list[Unread]
    sha256: str
    wording: Mapping[str, str] = {}
    aside: pd.Series | None = None
    personal: Sequence[str] = ()
    notes: Sequence[Note] = ()
    labels: Mapping[str, Mapping[str, str]] = {}
    reasons: Mapping[str, Mapping[str, str]] = {}
    weight: str = ""
    zone: str = ""
    sheet: str = ""

    def about(self, table: str, source: Source) -> dict[str, object]:
        """Return what a record says of the file: its name, not where it lies."""
        rows = len(self.frame) + len(self.unread)
        return {"table": table, "file": Path(source.place).name, "rows": rows, "sha256": self.sha256}
