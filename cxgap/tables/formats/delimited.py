"""Delimited text: CSV with comma, semicolon, tab or bar."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection

import pandas as pd

from cxgap.errors import StudyError
from cxgap.tables.formats import RawTable
from cxgap.tables.spec import Source

DELIMITERS = (",", ";", "\t", "|")
LONGEST_FIELD = 1 << 20  # characters; a longer field is an unclosed quote


def read_delimited(raw: bytes, source: Source, known: Collection[str]) -> RawTable:
    """Read delimited text; a row whose fields do not match the header is set aside, not shifted.

    Raises
    ------
    StudyError : the bytes are not text in the declared encoding, a quote is never closed, the header names a column
        twice, there are no rows, or every row has more fields than the header.
    """
    text = _decode(raw, source)
    delimiter = source.delimiter or _delimiter(text, known)
    csv.field_size_limit(LONGEST_FIELD)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        records = list(enumerate(reader, start=1))
    except csv.Error as error:
        raise StudyError(
            f"{source.file}, about line {reader.line_num}: {error}; look for a quote that is never closed."
        ) from error
    header = [name.strip() for name in records[0][1]]
    blank = [place + 1 for place, name in enumerate(header) if not name]
    if blank:
        raise StudyError(f"{source.file}, row 1: every column must have a name; column {blank[0]} has none.")
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise StudyError(
            f"{source.file}, row 1: a column must be named once; {twice[0]!r} is named {header.count(twice[0])} times."
        )
    body = [(row, fields) for row, fields in records[1:] if any(field.strip() for field in fields)]
    if not body:
        raise StudyError(f"{source.file} must hold rows below its header; it has none.")
    if all(len(fields) > len(header) for _, fields in body):
        raise StudyError(
            f"{source.file}: every row has more fields than the header; name the last column, or drop the last delimiter."
        )
    rejected = [
        {"row": row, "reason": "too_many_fields" if len(fields) > len(header) else "too_few_fields", "value": str(len(fields))}
        for row, fields in body
        if len(fields) != len(header)
    ]
    whole = [(row, fields) for row, fields in body if len(fields) == len(header)]
    columns = zip(*(fields for _, fields in whole), strict=True) if whole else [()] * len(header)
    index = pd.Index([row for row, _ in whole], name="row")
    frame = pd.DataFrame(
        {name: pd.Series(values, dtype=object, index=index) for name, values in zip(header, columns, strict=True)}
    )
    return RawTable(frame, rejected, raw)


def _decode(raw: bytes, source: Source) -> str:
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encoding = "utf-16"
    else:
        encoding = "utf-8-sig" if source.encoding.casefold().replace("_", "-") in {"utf-8", "utf8"} else source.encoding
    try:
        text = raw.decode(encoding)
    except LookupError as error:
        raise StudyError(
            f'{source.file}: `encoding` must be one that Python knows, such as "cp1252", not {source.encoding!r}.'
        ) from error
    except UnicodeDecodeError as error:
        row = raw[: error.start].count(b"\n") + 1
        raise StudyError(
            f"{source.file}, about row {row}: byte 0x{raw[error.start]:02X} is not {source.encoding.upper()}; "
            'if the file comes from Excel, set encoding = "cp1252".'
        ) from error
    if "\x00" in text:
        raise StudyError(f"{source.file} must be text, and holds NUL characters; export it as CSV in UTF-8.")
    return text


def _delimiter(text: str, known: Collection[str]) -> str:
    """Choose the one delimiter under which the header holds the known names; a comma where none or several do."""
    line = text.lstrip("\r\n").split("\n", 1)[0]
    wanted = {name.casefold() for name in known}
    fits = []
    for delimiter in DELIMITERS:
        names = {name.strip().casefold() for name in next(csv.reader([line.rstrip("\r")], delimiter=delimiter), [])}
        if wanted and wanted <= names:
            fits.append(delimiter)
    return fits[0] if len(fits) == 1 else ","
