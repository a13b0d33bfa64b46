"""What stands in the XML of a sheet beside its values: errors, formulas without a value, and what is hidden or merged."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import IO, Final, Protocol
from xml.parsers.expat import ParserCreate

from cxgap.tables.formats.merged import Merged
from cxgap.tables.formats.unnamed import letters

_BLOCK: Final = 1 << 20
_MOST_COLUMNS: Final = 1 << 14
_TRUE: Final = ("1", "true")
_CELL = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")


@dataclass(slots=True)
class Marks:
    """Of a sheet; rows and columns count from 0.

    Attributes
    ----------
    rows, columns : how many there are, to the last that holds something
    filled : how many cells hold something
    errors : cells that hold an error instead of a value, such as #N/A
    uncalculated : cells whose formula was never calculated
    hidden_rows, hidden_columns : that Excel does not show
    merged : cells that were made one
    """

    rows: int = 0
    columns: int = 0
    filled: int = 0
    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    uncalculated: list[tuple[int, int]] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    merged: list[Merged] = field(default_factory=list)


def marks_of(stream: IO[bytes]) -> Marks:
    """Read the marks of a sheet from its XML; whatever is no XML, or declares entities, raises.

    Raises
    ------
    ExpatError, ValueError : the XML is none of a sheet.
    """
    found = _Sheet()
    walk(stream, found)
    return found.marks


class Walker(Protocol):
    """Is told what stands in XML, in its order."""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""

    def text(self, content: str) -> None:
        """Text stands in it."""

    def end(self, name: str) -> None:
        """It ends."""


def walk(stream: IO[bytes], walker: Walker) -> None:
    """Go through XML of any length; what is none, or declares entities, raises."""
    parser = ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = walker.start, walker.end
    parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = walker.text, _refuse
    with stream:
        while block := stream.read(_BLOCK):  # in large blocks, because a tag is looked at again with each that it reaches into
            parser.Parse(block, False)
    parser.Parse(b"", True)


def _refuse(*_: object) -> None:
    raise ValueError("a document type is declared")


class _Sheet:
    """Keeps the cell it is in; a sheet has millions of them, so that places are reckoned only where they are asked for."""

    __slots__ = ("_before", "_cell", "_filled", "_formula", "_inside", "_kind", "_names", "_row", "_text", "marks")

    def __init__(self) -> None:
        self.marks = Marks()
        self._names: dict[str, str] = {}
        self._row, self._before = -1, -1  # of the row, and of the cell before this one
        self._cell: str | None = None
        self._filled: str | None = None
        self._kind: str | None = None
        self._formula = self._inside = False
        self._text = ""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if not self._names:  # the first element, whose prefix the others share
            prefix = name[: name.find(":") + 1]
            self._names = {prefix + known: known for known in ("c", "v", "t", "f", "row", "col")}
        known = self._names.get(name)
        if known == "c":
            self._cell, self._kind = attributes.get("r"), attributes.get("t")
            self._formula, self._text = False, ""
            if self._cell is None:
                self._before += 1
                if self._before >= _MOST_COLUMNS:
                    raise ValueError(f"row {self._row + 1} has more cells than a sheet can have")
                self._cell = f"{letters(self._before)}{self._row + 1}"
        elif known in ("v", "t"):
            self._inside = True
        elif known == "f":
            self._formula = True
        elif known == "row":
            self._row, self._before, self._filled = int(attributes.get("r", self._row + 2)) - 1, -1, None
            if attributes.get("hidden") in _TRUE:
                self.marks.hidden_rows.add(self._row)
        elif known == "col" and attributes.get("hidden") in _TRUE:
            self.marks.hidden_columns.update(range(int(attributes["min"]) - 1, min(int(attributes["max"]), _MOST_COLUMNS)))

    def text(self, content: str) -> None:
        if self._inside:
            self._text += content

    def end(self, name: str) -> None:
        known = self._names.get(name)
        if known in ("v", "t"):
            self._inside = False
        elif known == "c":
            if self._text:
                self._filled = self._cell
                self.marks.filled += 1
                if self._kind == "e":
                    self.marks.errors[_place(self._cell)] = self._text
            elif self._formula and self._kind != "str":
                self.marks.uncalculated.append(_place(self._cell))
        elif known == "row" and self._filled:
            row, column = _place(self._filled)
            self.marks.rows, self.marks.columns = max(self.marks.rows, row + 1), max(self.marks.columns, column + 1)


def _place(cell: str | None) -> tuple[int, int]:
    """Return row and column of a cell such as AB12, counted from 0."""
    found = _CELL.fullmatch(cell or "")
    if not found:
        raise ValueError(f"{(cell or '')[:20]!r} is no cell")
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(found[2]) - 1, column - 1
