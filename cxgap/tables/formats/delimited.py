"""Delimited text: CSV with comma, semicolon, tab or bar."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Iterator
from itertools import islice

from cxgap.errors import StudyError
from cxgap.tables.formats.encodings import cure, is_utf8, wide_encoding
from cxgap.tables.formats.grid import Grid
from cxgap.tables.header import NARROW
from cxgap.tables.source import Source

DELIMITERS = (",", ";", "\t", "|")
LONGEST = (1 << 31) - 1  # characters of a field
MOST_BLANKS = 1 << 21  # line ends below a table; more are dropped before they take memory, a list each
LOOKED_AT = 100  # rows by which a delimiter is told where the header does not tell


def read_delimited(raw: bytes, source: Source, known: Collection[str]) -> Grid:
    """Read delimited text.

    Raises
    ------
    StudyError : the bytes are not text in the declared encoding, or a quote is never closed.
    """
    text = text_of(raw, source, known)
    records: list[list[str]] = []
    try:
        for record in _records(text, source.delimiter or delimiter_of(text, source, known), strict=True):
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


def text_of(raw: bytes, source: Source, known: Collection[str]) -> str:
    """Read bytes as text: by their mark if they begin with one, else as declared."""
    marks = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"\xef\xbb\xbf": "utf-8-sig"}
    encoding = next((name for mark, name in marks.items() if raw.startswith(mark)), source.encoding)
    if is_utf8(encoding) and (wide := wide_encoding(raw)):
        raise StudyError(f'{source.place} must be UTF-8, and looks like UTF-16 without a mark; set encoding = "{wide}".')
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        raise StudyError(_undecodable(error, encoding, source, known)) from error
    except (LookupError, ValueError) as error:
        raise StudyError(
            f'{source.place}: `encoding` must be one that Python knows, such as "cp1252", not {source.encoding!r}.'
        ) from error
    if "\x00" in text:
        line = len(text[: text.index("\x00")].splitlines()) or 1
        raise StudyError(
            f"{source.file} must be text, and holds NUL characters, first in line {line}; export it as CSV in UTF-8."
        )
    if text.startswith("sep=") and source.heads[0] == 1:
        raise StudyError(f"{source.at(1)}: the row tells Excel the delimiter, and row 2 names the columns; set header = 2.")
    if not text.strip():
        raise StudyError(f"{source.file} must hold a header and rows; it is empty.")
    return text if text[-MOST_BLANKS:].strip() else text.rstrip("\r\n")


def _undecodable(error: UnicodeDecodeError, encoding: str, source: Source, known: Collection[str]) -> str:
    """Say in which cell the first byte stands that is no text."""
    before = error.object[: error.start].decode(encoding, errors="ignore") + "?"
    try:
        rows = list(_records(before, source.delimiter or delimiter_of(before, source, known)))
    except StudyError:  # the delimiter is another matter
        rows = list(_records(before, "\t"))
    header, *body = rows[source.heads[-1] - 1 :] or [[]]
    fields = body[-1] if body else []
    column = f", column {header[len(fields) - 1]!r}" if 0 < len(fields) <= len(header) else ""
    name = "UTF-8" if is_utf8(encoding) else encoding.upper()
    byte = f"byte 0x{error.object[error.start]:02X} is not {name}"
    return f"{source.at(len(rows))}{column}: {byte}; {_cure(error, encoding)}."


def _cure(error: UnicodeDecodeError, encoding: str) -> str:
    """Say what to do: a half of a character, or the end of a file, is no other encoding."""
    half = re.match(rb"\xed[\xa0-\xbf]", error.object[error.start : error.start + 2])
    if half or "surrogate" in error.reason:
        return "it is half of a character, which no encoding helps; export the file again"
    if encoding.casefold().startswith("utf-16") and "truncated" in error.reason:
        return "the file ends amid a character; export it again"
    return cure(error.object, encoding)


def delimiter_of(text: str, source: Source, known: Collection[str]) -> str:
    """Choose the one delimiter under which the header holds the known names, else the one under which rows fit the header.

    Raises
    ------
    StudyError : several delimiters make a table of it.
    """
    old = {new: old for old, new in source.rename.items()}
    wanted = {old.get(name, name).casefold() for name in known}
    heads = {mark: next(islice(_records(text, mark), source.heads[-1] - 1, None), []) for mark in DELIMITERS}
    fits = [mark for mark, names in heads.items() if wanted <= {name.strip().casefold() for name in names}]
    if len(fits) == 1:
        return fits[0]
    tables = [mark for mark, names in heads.items() if len(names) > 1 and _even(text, mark, source.heads[-1], len(names))]
    if len(tables) > 1:
        readings = " and ".join(f"{mark!r} ({len(heads[mark])} columns)" for mark in tables)
        raise StudyError(
            f"{source.place}: the delimiter must be declared, because the header and its rows can be read by {readings}; set "
            f'delimiter = "{tables[0]}", or the other.'.replace("\t", "\\t")
        )
    return tables[0] if tables else max(DELIMITERS, key=lambda mark: (_wide(text, mark, source.heads[-1]), len(heads[mark])))


def _wide(text: str, mark: str, header: int) -> int:
    """Count the rows that have more fields than a title above a table has: the header may be lower than is declared."""
    return sum(len(row) > NARROW for row in islice(_records(text, mark), header - 1, header + LOOKED_AT))


def _even(text: str, mark: str, header: int, width: int) -> bool:
    """Whether most rows have as many fields as the header."""
    rows = [row for row in islice(_records(text, mark), header, header + LOOKED_AT) if any(map(str.strip, row))]
    return sum(len(row) == width for row in rows) * 2 > len(rows)
