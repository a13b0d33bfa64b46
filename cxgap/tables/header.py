"""Column names as the file has them become the names that a table is known by."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd

from cxgap.errors import ColumnError, StudyError, nearest
from cxgap.tables.issues import Issues
from cxgap.tables.spec import Source


def settle_header(frame: pd.DataFrame, source: Source, *, table: str, known: Collection[str], issues: Issues) -> pd.DataFrame:
    """Rename columns as declared, and find known names that differ in case or spaces only (with a warning).

    Parameters
    ----------
    frame : the table as read
    source : how the file is written; its `rename` maps names in the file to known names
    known : names that the table is read by

    Raises
    ------
    StudyError : `rename` names a column that the file lacks, or leads two columns to one name.
    """
    for old in source.rename:
        if old not in frame:
            raise StudyError(
                f"{source.file}: rename names the column {old!r}, and the file has none.{nearest(old, frame.columns)}"
            )
    frame = frame.rename(columns=source.rename)
    alike = {}
    for name in frame.columns:
        folded = next(
            (wanted for wanted in known if wanted not in frame and wanted.casefold() == str(name).strip().casefold()), None
        )
        if folded and folded not in alike.values():
            alike[name] = folded
            issues.add("header_normalised", "warning", table=table, column=folded, row=1, value=str(name))
    frame = frame.rename(columns=alike)
    twice = frame.columns[frame.columns.duplicated()]
    if len(twice):
        raise StudyError(f"{source.file}: after renaming, two columns are called {twice[0]!r}; each name must be one column.")
    return frame


def require_columns(frame: pd.DataFrame, names: Collection[str], *, table: str) -> None:
    """Raise ColumnError for the first of `names` that the table lacks, naming the nearest unused column."""
    for name in names:
        if name not in frame:
            raise ColumnError.missing(name, table, [str(column) for column in frame if column not in names])
