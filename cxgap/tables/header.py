"""Column names as the file has them become the names that a table is known by."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from cxgap.errors import ColumnError, StudyError, nearest
from cxgap.tables.issues import Issues
from cxgap.tables.source import Source

if TYPE_CHECKING:
    from cxgap.tables.formats.raw import RawTable


def check_header(names: Sequence[str], file: str) -> list[str]:
    """Return the names of a header without spaces around them.

    Raises
    ------
    StudyError : a name is blank, or stands twice.
    """
    header = [name.strip() for name in names]
    if not any(header):
        raise StudyError(f"{file}, row 1: the first row must name the columns; it is blank.")
    if "" in header:
        raise StudyError(f"{file}, row 1: every column must have a name; column {header.index('') + 1} has none.")
    twice = [name for name in header if header.count(name) > 1]
    if twice:
        raise StudyError(f"{file}, row 1: a column must be named once; {twice[0]!r} is named {header.count(twice[0])} times.")
    return header


def leave_unread(raw: RawTable, source: Source, table: str, issues: Issues) -> pd.DataFrame:
    """Drop the columns that hold personal data, those declared and those the platform is known for; add a reader's notes.

    Raises
    ------
    StudyError : `personal` names a column that the file lacks.
    """
    for name in source.personal:
        if name not in raw.frame:
            near = nearest(name, raw.frame.columns)
            raise StudyError(f"{source.place}: `personal` names the column {name!r}, and the file has none.{near}")
    for note in raw.notes:
        issues.add(note.check, "warning", table=table, column=note.column, rows=note.rows, row=note.row, value=note.value)
    known = [name for name in raw.personal if name not in source.rename]
    dropped = [name for name in raw.frame.columns if name in {*source.personal, *known}]
    if dropped:
        issues.add("personal_unread", "note", table=table, column=", ".join(dropped), rows=len(raw.frame))
    return raw.frame.drop(columns=dropped)


def settle_header(frame: pd.DataFrame, source: Source, *, table: str, known: Collection[str], issues: Issues) -> pd.DataFrame:
    """Rename columns as declared, and find known names that are written in another case (with a warning).

    Parameters
    ----------
    frame : the table as read
    source : how the file is written; its `rename` maps names in the file to known names
    known : names that the table is read by

    Raises
    ------
    StudyError : `rename` names a column that the file lacks, or two columns come to one name.
    """
    for old in source.rename:
        if old not in frame:
            near = nearest(old, frame.columns)
            raise StudyError(f"{source.place}: rename names the column {old!r}, and the file has none.{near}")
    names = [source.rename.get(name, name) for name in frame.columns]
    wanted = {name.casefold(): name for name in known if name not in names}
    settled = [name if name in known else wanted.get(name.casefold(), name) for name in names]
    twice = [name for name in settled if settled.count(name) > 1]
    if twice:
        both = [old for old, name in zip(frame.columns, settled, strict=True) if name == twice[0]]
        raise StudyError(f"{source.place}: one column must be {twice[0]!r}, and {both} both would be; rename one of them.")
    for name, new in zip(names, settled, strict=True):
        if name != new:
            issues.add("header_normalised", "warning", table=table, column=new, row=1, value=name)
    return frame.set_axis(settled, axis=1)


def require_columns(frame: pd.DataFrame, names: Collection[str], *, table: str, used: Collection[str] = ()) -> None:
    """Raise ColumnError for the first of `names` that the table lacks; a name in `used` is not suggested for it."""
    for name in names:
        if name not in frame:
            raise ColumnError.missing(name, table, [column for column in frame.columns if column not in {*names, *used}])
