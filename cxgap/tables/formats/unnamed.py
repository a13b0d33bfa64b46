"""Columns without a name: blank ones are left out, and so are notes that stand beside the table of a sheet."""

from __future__ import annotations

from collections.abc import Sequence

from cxgap.tables.formats.raw import Note

MOST_NAMED = 5  # columns in one warning


def unnamed_columns(records: Sequence[Sequence[str]], row: int, *, beside: bool = False) -> tuple[frozenset[int], list[Note]]:
    """Find the columns that are left out, because they have no name and are blank, or stand beside a table.

    Parameters
    ----------
    records : the rows from the one with the names on
    row : in which that one stands
    beside : whether notes may stand beside the table, as in a sheet; elsewhere a value without a name is a fault

    Returns
    -------
    Positions of the columns; and the warnings, where something was written there, or where delimiters say that there is a
    column. A name that is missing above values in delimited text is no such column.
    """
    blank = [column for column, name in enumerate(records[0] if records else []) if not name.strip()]
    if not blank or len(blank) == len(records[0]):
        return frozenset(), []
    found: dict[int, list[tuple[int, str]]] = {column: [] for column in blank}
    for place, fields in enumerate(records[1:], start=row + 1):
        for column in blank:
            if column < len(fields) and fields[column].strip():
                found[column].append((place, fields[column].strip()))
    if beside:
        notes = [
            Note("unnamed_column", letters(column), rows=len(cells), row=cells[0][0], value=cells[0][1])
            for column, cells in found.items()
            if cells
        ]
        return frozenset(blank), notes
    empty = [column for column in blank if not found[column]]
    named = ", ".join(str(column + 1) for column in empty[:MOST_NAMED]) + (", ..." if len(empty) > MOST_NAMED else "")
    return frozenset(empty), [Note("unnamed_column", named, row=row)] if empty else []


def letters(column: int) -> str:
    """Name a column, counted from 0, as a spreadsheet does.

    Examples
    --------
    >>> letters(0), letters(25), letters(26)
    ('A', 'Z', 'AA')
    """
    text = ""
    while column >= 0:
        column, letter = divmod(column, 26)
        text, column = chr(ord("A") + letter) + text, column - 1
    return text
