"""Questions become names of columns: on one line, and each its own."""

from __future__ import annotations

from collections.abc import Sequence

from cxgap.tables.formats.raw import Note


def one_line(text: str) -> str:
    """Write text without line breaks or spaces that nobody sees the difference of."""
    return " ".join(text.split())


def told_apart(names: Sequence[str], row: int = 1) -> tuple[list[str], tuple[Note, ...]]:
    """Number the names that stand more than once, as "X" and "X (2)", and say so; blank ones are left.

    Parameters
    ----------
    row : in which they stand

    Returns
    -------
    The names in their order, and a note for each that was changed: `column` is the new name and `value` the old.
    """
    taken, told, notes = set(names), list[str](), list[Note]()
    seen: set[str] = set()
    for name in names:
        new, count = name, 1
        while new in seen or (count > 1 and new in taken):
            count += 1
            new = f"{name} ({count})"
        if new != name:
            notes.append(Note("repeated_column", new, row=row, value=name))
        if name:
            seen.add(new)
        told.append(new)
    return told, tuple(notes)
