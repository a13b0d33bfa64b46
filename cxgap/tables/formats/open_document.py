"""What stands in the XML of an OpenDocument workbook beside its values, and how large its sheets become.

A few bytes can say that a cell is repeated a million times in a million rows, so that this is read before the values are.
"""

from __future__ import annotations

from typing import IO, Final

from cxgap.tables.formats.marks import Marks, walk
from cxgap.tables.formats.merged import Merged

_UNSEEN: Final = ("collapse", "filter")
_MOST_REPEATED: Final = 1000  # times that one error is written out


def marks_of_document(stream: IO[bytes]) -> dict[str, Marks]:
    """Read the marks of all sheets from the content of a document; whatever is no XML raises.

    Raises
    ------
    ExpatError, ValueError : the XML is none of a workbook.
    """
    found = _Tables()
    walk(stream, found)
    return found.tables


class _Tables:
    """Keeps the sheet, row and cell that it is in."""

    __slots__ = ("_cell", "_column", "_filled", "_repeated", "_row", "_text", "marks", "tables")

    def __init__(self) -> None:
        self.tables: dict[str, Marks] = {}
        self.marks = Marks()
        self._row = self._column = self._filled = 0
        self._repeated = 1
        self._cell: dict[str, str] | None = None
        self._text = ""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        name = name.rpartition(":")[2]
        said = {key.rpartition(":")[2]: value for key, value in attributes.items()}
        if name == "table":
            self.marks = self.tables[said.get("name", "")] = Marks()
            self._row = self._column = 0
        elif name == "table-column":
            repeated = _times(said, "number-columns-repeated")
            if said.get("visibility") in _UNSEEN:
                self.marks.hidden_columns.update(range(self._column, self._column + repeated))
            self._column += repeated
        elif name == "table-row":
            self._column, self._filled, self._repeated = 0, 0, _times(said, "number-rows-repeated")
            if said.get("visibility") in _UNSEEN:
                self.marks.hidden_rows.update(range(self._row, self._row + self._repeated))
        elif name in ("table-cell", "covered-table-cell"):
            self._cell, self._text = said, ""
            if any(key.endswith(":value-type") and value == "error" for key, value in attributes.items()):
                self._cell["error"] = "yes"

    def text(self, content: str) -> None:
        if self._cell is not None:
            self._text += content

    def end(self, name: str) -> None:
        name = name.rpartition(":")[2]
        if name in ("table-cell", "covered-table-cell") and self._cell is not None:
            self._end_cell(self._cell)
            self._cell = None
        elif name == "table-row":
            if self._filled:
                self.marks.rows = self._row + self._repeated
                self.marks.columns = max(self.marks.columns, self._filled)
            self._row += self._repeated

    def _end_cell(self, said: dict[str, str]) -> None:
        repeated = _times(said, "number-columns-repeated")
        if "value-type" in said or self._text.strip():
            self._filled = self._column + repeated
            self.marks.filled += repeated * self._repeated
        down, right = _times(said, "number-rows-spanned"), _times(said, "number-columns-spanned")
        if down > 1 or right > 1:
            self.marks.merged.append(Merged(self._row, self._column, self._row + down - 1, self._column + right - 1))
        if "error" in said and self._repeated * repeated <= _MOST_REPEATED:
            places = ((self._row + down, self._column + right) for down in range(self._repeated) for right in range(repeated))
            self.marks.errors.update(dict.fromkeys(places, self._text.strip()))
        self._column += repeated


def _times(said: dict[str, str], name: str) -> int:
    """Return how often something is repeated; more than a sheet can have is no number of rows."""
    times = int(said.get(name, "1"))
    if not 1 <= times <= 1 << 24:
        raise ValueError(f"{name} is {times}")
    return times
