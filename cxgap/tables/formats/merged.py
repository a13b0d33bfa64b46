"""Merged cells: over columns they head what is below, down a column they mean each row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from cxgap.tables.formats.raw import Note


class Merged(NamedTuple):
    """One merged cell; rows and columns count from 0, and the last ones belong to it."""

    top: int
    left: int
    bottom: int
    right: int


def fill_right(rows: list[list[str]], merged: Sequence[Merged], heads: Sequence[int]) -> frozenset[int]:
    """Write what heads several columns over each of them, and return the rows of the head, from 1, that have such cells."""
    spanned = set()
    for one in merged:
        if one.right > one.left and one.top + 1 in heads and one.top < len(rows):
            row = rows[one.top]
            row[one.left : one.right + 1] = [row[one.left]] * len(row[one.left : one.right + 1]) if one.left < len(row) else []
            spanned.add(one.top + 1)
    return frozenset(spanned)


def fill_down(rows: list[list[str]], merged: Sequence[Merged], names: Sequence[str], last: int) -> list[Note]:
    """Write a cell that is merged over several rows in each of them, and say so, a column; `last` is the row of the names."""
    found: dict[int, Note] = {}
    for one in merged:
        if one.bottom > one.top >= last and one.left < len(names) and names[one.left] and one.top < len(rows):
            text, below = rows[one.top][one.left], rows[one.top + 1 : one.bottom + 1]
            if text and below:
                for row in below:
                    row[one.left] = text
                before = found.get(one.left) or Note("merged_cells", names[one.left], rows=0, row=one.top + 1, value=text)
                found[one.left] = before._replace(rows=before.rows + 1 + len(below))
    return list(found.values())
