"""What stands above and below a table, and its cells, as a reader of paper sees them."""

from __future__ import annotations

import re

from cxgap.result import GapTable, Table
from cxgap.vocabulary import FLAGS, MINUS, VERDICT_MARKS

_NUMBER = re.compile(rf"[+\-{MINUS}]?[\d.,]+( %)?( to [+\-{MINUS}]?[\d.,]+( %)?)?")
_MARKS = re.compile(f"^[{''.join(VERDICT_MARKS.values())}] (?={'|'.join(VERDICT_MARKS)}$)")


def caption_of(table: GapTable | Table) -> str:
    """Say what a table is, in one line."""
    if isinstance(table, GapTable):
        return table.caption
    return f"{table.title}: not measured; {table.missing}" if table.missing else table.title


def notes_of(table: GapTable | Table) -> list[str]:
    """Return the sentences that belong below a table."""
    if isinstance(table, Table):
        return list(table.notes)
    if table.missing:
        return []
    said = {flag for flags in table.frame["flags"] for flag in str(flags).split("|")}
    adjusted = [f"p_adjusted: {table.adjustment}."] if table.adjustment else []
    return [*adjusted, *(f"{flag}: {text}." for flag, text in FLAGS.items() if flag in said)]


def cells_of(table: GapTable | Table) -> tuple[list[str], list[list[str]], int]:
    """Return heads, cells and how many columns name the row; a verdict is a word, without the mark that it has on a page."""
    if isinstance(table, GapTable):
        heads, rows = table.display()
        return heads, [[_MARKS.sub("", cell) for cell in row] for row in rows], len(table.by)
    return list(table.heads), [list(row) for row in table.cells], table.keys


def to_the_right(rows: list[list[str]], columns: int, keys: int) -> list[bool]:
    """Say which columns hold numbers, and stand at the right."""
    return [column >= keys and all(_NUMBER.fullmatch(row[column]) for row in rows if row[column]) for column in range(columns)]
