"""Delimited text: CSV with comma, semicolon, tab or bar."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator

from cxgap.errors import StudyError
from cxgap.tables.formats.grid import Grid
from cxgap.tables.source import Source

DELIMITERS = (",", ";", "\t", "|")
LONGEST = (1 << 31) - 1  # characters of a field


def read_delimited(raw: bytes, source: Source, known: Collection[str]) -> Grid:
    """Read delimited text.

    Raises
    ------
    StudyError : the bytes are not text in the declared encoding, or a quote is never closed.
    """
    text = _decode(raw, source, known)
    records: list[list[str]] = []
    try:
        for record in _records(text, source.delimiter or _delimiter(text, source, known), strict=True):
            records.append(record)
    except csv.Error as error:
        raise StudyError(
            f"{source.at(len(records) + 1)}: a quote is never closed, or stands amid a field ({error}); "
            'close it, or double a quote that belongs to the text ("").'
        ) from error
    return Grid(records)


def _records(text: str, delimiter: str, *, strict: bool = False) -> Iterator[list[str]]:
    """Split text into records; a quoted line break does not end one, so their count is the row in a spreadsheet."""
    usual = csv.field_size_limit(LONGEST)  # for the process, hence put back: an unclosed quote is found at the end anyway
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=strict)
    finally:
        csv.field_size_limit(usual)


def _decode(raw: bytes, source: Source, known: Collection[str]) -> str:
    """Read bytes as text: by their mark if they begin with one, else as declared."""
    marks = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"\xef\xbb\xbf": "utf-8-sig"}
    encoding = next((name for mark, name in marks.items() if raw.startswith(mark)), source.encoding)
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        raise StudyError(_undecodable(error, encoding, source, known)) from error
    except (LookupError, ValueError) as error:
        raise StudyError(
            f'{source.place}: `encoding` must be one that Python knows, such as "cp1252", not {source.encoding!r}.'
        ) from error
    if "\x00" in text:
        raise StudyError(f"{source.file} must be text, and holds NUL characters; export it as CSV in UTF-8.")
    if not text.strip():
        raise StudyError(f"{source.file} must hold a header and rows; it is empty.")
    return text


def _undecodable(error: UnicodeDecodeError, encoding: str, source: Source, known: Collection[str]) -> str:
    """Say in which cell the first byte stands that is no text."""
    before = error.object[: error.start].decode(encoding, errors="ignore") + "?"
    delimiter = source.delimiter or _delimiter(before, source, known)
    header, *rows = _records(before, delimiter)
    fields = rows[-1] if rows else []
    column = f", column {header[len(fields) - 1]!r}" if 0 < len(fields) <= len(header) else ""
    utf8 = encoding.casefold().replace("_", "-") in {"utf-8", "utf8", "utf-8-sig"}
    cure = 'if the file comes from Excel, set encoding = "cp1252"' if utf8 else "declare the encoding in which it was written"
    name = "UTF-8" if utf8 else encoding.upper()
    return f"{source.at(len(rows) + 1)}{column}: byte 0x{error.object[error.start]:02X} is not {name}; {cure}."


def _delimiter(text: str, source: Source, known: Collection[str]) -> str:
    """Choose the one delimiter under which the header holds the known names; where none or several do, the commonest."""
    old = {new: old for old, new in source.rename.items()}
    wanted = {old.get(name, name).casefold() for name in known}
    headers = {mark: next(_records(text, mark), []) for mark in DELIMITERS}
    fits = [mark for mark, names in headers.items() if wanted <= {name.strip().casefold() for name in names}]
    return fits[0] if len(fits) == 1 else max(DELIMITERS, key=lambda mark: len(headers[mark]))
