"""A workbook, opened once it is known to be one and to be safe: .xlsx, .xlsm, .xlsb, .xls and .ods."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from posixpath import normpath
from typing import Any, Final, NamedTuple, TypeVar
from zipfile import ZipFile

from cxgap.errors import StudyError
from cxgap.tables.formats.archive import damaged, locked, safe_archive
from cxgap.tables.formats.binary_workbook import links_of_sheets, marks_of_binary
from cxgap.tables.formats.marks import Marks, marks_of
from cxgap.tables.formats.merged import Merged
from cxgap.tables.formats.old_workbook import marks_of_old
from cxgap.tables.formats.open_document import marks_of_document
from cxgap.tables.formats.unnamed import letters

SECONDS: Final = 8  # of work in which the smallest workbook must be read
WAITING: Final = 8  # times as long on a busy machine
SECONDS_A_MEGABYTE: Final = 4
MOST_CELLS: Final = 20_000_000  # of a sheet, counted from its first cell to its last, for memory
FEW_CELLS: Final = 4_000_000  # of a sheet, of which all may be blank
MOST_BLANK: Final = 10  # cells for each that holds something, where they are not few
MOST_OPEN_CELLS: Final = 5_000_000  # of a sheet of an OpenDocument, each of which takes more
_CONTENT: Final = "content.xml"  # of an OpenDocument
_BOOK: Final = re.compile(r"xl/workbook\w*\.(xml|bin)$")
_OPEN_DOCUMENT: Final = b"application/vnd.oasis.opendocument.spreadsheet"
_STREAMS: Final = tuple(name.encode("utf-16-le") for name in ("Workbook\x00", "Book\x00", "WORKBOOK\x00", "BOOK\x00"))
_LOCKED: Final = "EncryptedPackage".encode("utf-16-le")

T = TypeVar("T")


class Sheet(NamedTuple):
    """One sheet: its cells as text, each row as long as the longest, and what stands beside them."""

    rows: list[list[str]]
    marks: Marks


class Book(NamedTuple):
    """A workbook that is known to be one.

    Attributes
    ----------
    place : the file, as messages name it
    raw : its bytes
    archive : in which its parts lie; None for an old one
    parts : where its sheets lie, by name
    sheets : names of all sheets that hold cells, in order, and whether Excel hides them
    seen : the marks of the sheets that were looked at
    """

    place: str
    raw: bytes
    archive: ZipFile | None
    parts: Mapping[str, str]
    sheets: Mapping[str, bool]
    seen: dict[str, Marks]

    def marks(self, name: str) -> Marks:
        """Return what stands in a sheet beside its values; nothing is known of one that is not found.

        Raises
        ------
        StudyError : the sheet is damaged, or too large.
        """
        archive = self.archive
        if archive and name in self.parts and name not in self.seen:
            self.seen[name] = _tried(self.place, lambda: _marks(archive, self.parts[name]))
            _fits(self.place, name, self.seen[name], MOST_CELLS)
        return self.seen.setdefault(name, Marks())

    def read(self, names: Collection[str], decimal: str = ".") -> dict[str, Sheet]:
        """Read sheets.

        Raises
        ------
        StudyError : one is damaged, or too large.
        """
        marks = {name: self.marks(name) for name in names}
        values = _values(self.raw, self.place, names, decimal)["values"]
        for name, found in values.items():
            if found["merged"]:
                marks[name].merged = sorted(Merged(*start, *end) for start, end in found["merged"])
            for (row, column), text in marks[name].errors.items():  # which the reader takes for blanks
                if row < len(found["rows"]) and column < len(found["rows"][row]):
                    found["rows"][row][column] = text
        return {name: Sheet(values[name]["rows"], marks[name]) for name in names}


def open_book(raw: bytes, place: str) -> Book:
    """Open a workbook.

    Raises
    ------
    StudyError : it is none, or is damaged, encrypted or unsafe; in one line.
    """
    archive = safe_archive(raw, place) if raw.startswith(b"PK") else None
    kind = _other_kind(raw, archive)
    if kind:
        raise StudyError(f"{place} must be CSV text, Parquet, a workbook, an SPSS file or a database, and is {kind}.")
    is_locked = _is_locked(archive) if archive else _LOCKED in raw
    seen = {} if archive or is_locked else _tried(place, lambda: marks_of_old(raw))
    if is_locked or seen is None:
        raise StudyError(locked(place))
    if archive and _CONTENT in archive.namelist():
        seen = _tried(place, lambda: marks_of_document(archive.open(_CONTENT)))
        for name, marks in seen.items():
            _fits(place, name, marks, MOST_OPEN_CELLS)
    parts = _tried(place, lambda: _parts(archive)) if archive else {}
    return Book(place, raw, archive, parts, _values(raw, place, (), ".")["sheets"], seen)


def _values(raw: bytes, place: str, names: Collection[str], decimal: str) -> dict[str, Any]:
    """Let the program of cells.py read the workbook; if that is ended, by whatever is in it, the workbook is damaged."""
    seconds = SECONDS + SECONDS_A_MEGABYTE * (len(raw) >> 20)
    command = [sys.executable, "-P", str(Path(__file__).with_name("cells.py")), json.dumps([list(names), decimal, seconds])]
    environment = os.environ | {"RUST_BACKTRACE": "0"}
    try:
        told = subprocess.run(
            command, input=raw, capture_output=True, timeout=seconds * WAITING, env=environment, check=True
        ).stdout
    except subprocess.TimeoutExpired as error:
        raise StudyError(damaged(place, "it takes too long to read")) from error
    except subprocess.CalledProcessError as error:
        raise StudyError(damaged(place, "its parts contradict each other")) from error
    found: dict[str, Any] = json.loads(told)
    if "locked" in found:
        raise StudyError(locked(place))
    if "fault" in found:
        raise StudyError(damaged(place, found["fault"]))
    return found


def _tried(place: str, read: Callable[[], T]) -> T:
    """Return what `read` does, and word whatever goes wrong in a damaged workbook.

    Raises
    ------
    StudyError : something went wrong.
    """
    try:
        return read()
    except Exception as error:
        raise StudyError(damaged(place, error)) from error


def _fits(place: str, name: str, marks: Marks, most: int) -> None:
    cells = marks.rows * marks.columns
    if cells > most or cells > max(FEW_CELLS, MOST_BLANK * marks.filled):
        raise StudyError(
            f"{place}, sheet {name!r}: a sheet must have at most {most:,} cells, few of them blank, and its last row is "
            f"{marks.rows:,} and its last column {letters(marks.columns - 1)}; delete what stands far from the table, or "
            "export it as CSV in UTF-8."
        )


def _is_locked(archive: ZipFile) -> bool:
    manifest = "META-INF/manifest.xml"
    return manifest in archive.namelist() and b"encryption-data" in archive.read(manifest)


def _other_kind(raw: bytes, archive: ZipFile | None) -> str | None:
    """Say what the file is, if it is no workbook, and what to do."""
    if archive is None:
        is_book = any(name in raw for name in _STREAMS) or _LOCKED in raw
        return None if is_book else "an old Office file that holds no whole workbook; open it in Excel, and save it as .xlsx"
    names = archive.namelist()
    if any(map(_BOOK.match, names)):
        return None
    if "mimetype" in names and archive.read("mimetype").startswith(_OPEN_DOCUMENT):
        return None
    if "[Content_Types].xml" in names or "mimetype" in names:
        return "a zip archive, of another Office file; save the table in it as CSV in UTF-8"
    inside = next((name for name in names if not name.endswith("/")), "")
    return "a zip archive; unpack it" + (f", and name {inside!r}" if inside else "")


def _parts(archive: ZipFile) -> dict[str, str]:
    """Return where each sheet of a workbook lies; none of an OpenDocument, which is all one part."""
    from defusedxml.ElementTree import fromstring  # type: ignore[import-untyped]

    book = next((name for name in archive.namelist() if _BOOK.match(name)), None)
    if book is None:
        return {}
    folder, _, name = book.rpartition("/")
    links = fromstring(archive.read(f"{folder}/_rels/{name}.rels"), forbid_dtd=True)
    targets = {link.get("Id"): link.get("Target", "") for link in links}
    if book.endswith(".bin"):
        sheets = links_of_sheets(archive.read(book))
    else:
        found = [one for one in fromstring(archive.read(book), forbid_dtd=True).iter() if one.tag.endswith("}sheet")]
        sheets = {
            one.get("name", ""): next((one.attrib[key] for key in one.attrib if key.endswith("}id")), "") for one in found
        }
    parts = {}
    for sheet, link in sheets.items():
        target = targets.get(link, "")
        path = target.lstrip("/") if target.startswith("/") else normpath(f"{folder}/{target}")
        if path in archive.namelist():
            parts[sheet] = path
    return parts


def _marks(archive: ZipFile, path: str) -> Marks:
    return marks_of_binary(archive.read(path)) if path.endswith(".bin") else marks_of(archive.open(path))
