"""A table of results that are not gaps: an accuracy block, a coverage matrix, the points of a curve."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from cxgap import markup
from cxgap.result.made import note
from cxgap.result.values import frame_from, frame_record

TABLE_MIME = "application/vnd.cxgap.table+json"
TABLE_SCHEMA = "cxgap.table/1"


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Exact values for a program, and beside them the cells that a reader sees.

    Attributes
    ----------
    frame : the values, exact
    slug : what the table is, such as "accuracy"
    title : what it shows, in one line
    heads : the heads of the columns that a reader sees
    cells : the texts under them, one tuple a row
    keys : how many leading columns name the row
    notes : sentences that a reader needs beside it
    missing : why there is no row, where nothing could be measured
    """

    frame: pd.DataFrame
    slug: str
    title: str
    heads: tuple[str, ...] = ()
    cells: tuple[tuple[str, ...], ...] = ()
    keys: int = 1
    notes: tuple[str, ...] = ()
    missing: str = ""

    def __post_init__(self) -> None:
        note(self.slug, self)

    @classmethod
    def of(
        cls,
        frame: pd.DataFrame,
        *,
        slug: str,
        title: str,
        columns: Mapping[str, tuple[str, Callable[[Any], str]]],
        keys: int = 1,
        notes: Sequence[str] = (),
    ) -> Table:
        """Make the table from a frame.

        Parameters
        ----------
        frame : the values; columns that `columns` does not name are kept but not shown
        slug, title, keys, notes : as the attributes
        columns : for each column to show, its head and what writes a cell of it; a missing value is blank
        """
        written = [["" if pd.isna(value) else write(value) for value in frame[name]] for name, (_, write) in columns.items()]
        heads = tuple(head for head, _ in columns.values())
        cells = tuple(zip(*written, strict=True)) if len(frame) else ()
        return cls(frame.reset_index(drop=True), slug, title, heads, cells, keys, tuple(notes))

    @classmethod
    def not_measured(cls, slug: str, title: str, why: str) -> Table:
        """Make the table of no rows that says why there is none."""
        return cls(pd.DataFrame(), slug, title, missing=why)

    def record(self) -> dict[str, Any]:
        """Return the whole table as JSON-able values: exact floats, None for what is missing."""
        own = {"slug": self.slug, "title": self.title, "heads": list(self.heads), "keys": self.keys, "missing": self.missing}
        shown = {"cells": [list(row) for row in self.cells], "notes": list(self.notes)}
        return {"schema": TABLE_SCHEMA, **own, **shown, **frame_record(self.frame)}

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Table:
        """Make the table again from what `record` returned."""
        return cls(
            frame_from(record),
            slug=record["slug"],
            title=record["title"],
            heads=tuple(record["heads"]),
            cells=tuple(tuple(row) for row in record["cells"]),
            keys=record["keys"],
            notes=tuple(record["notes"]),
            missing=record["missing"],
        )

    def __repr__(self) -> str:
        if self.missing:
            return f"{self.title}: not measured; {self.missing}"
        text = [pd.DataFrame(self.cells, columns=list(self.heads)).to_string(index=False)] if self.cells else []
        return "\n".join([self.title, *text, *self.notes])

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, object]:
        return {"text/plain": repr(self), "text/html": table_html(self), TABLE_MIME: self.record()}


def table_html(table: Table) -> str:
    """Write the cells that a reader sees, the title as caption, and the notes below."""
    if table.missing:
        return f"<p>{markup.prose(f'{table.title}: not measured; {table.missing}')}</p>"
    html = markup.table_html(list(table.heads), [list(row) for row in table.cells], table.title, heads=table.keys)
    return html + "".join(f"<p>{markup.prose(note)}</p>" for note in table.notes)
