"""What stands in a binary workbook (.xlsb) beside its values: errors, what is hidden, and how far its sheets reach.

Its parts are lists of records, each a kind, a size and so many bytes: [MS-XLSB].
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final

from cxgap.tables.formats.marks import Marks

ERRORS: Final = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}
_SHEET, _ROW, _COLUMNS = 156, 0, 60
_ERROR_CELLS: Final = (3, 11)  # written as such, and of a formula
_CELLS: Final = (*range(2, 12), 62)  # those that hold something


def links_of_sheets(stream: bytes) -> dict[str, str]:
    """Return the names of the sheets that a workbook lists, and by which link each is found."""
    sheets = {}
    for kind, data in _records(stream):
        if kind == _SHEET:
            (size,) = struct.unpack_from("<I", data, 8)
            (name,) = struct.unpack_from("<I", data, 12 + 2 * size)
            start = 16 + 2 * size
            sheets[data[start : start + 2 * name].decode("utf-16-le")] = data[12 : 12 + 2 * size].decode("utf-16-le")
    return sheets


def marks_of_binary(stream: bytes) -> Marks:
    """Read the marks of a sheet.

    Raises
    ------
    struct.error, IndexError : it is damaged.
    """
    marks, row = Marks(), -1
    for kind, data in _records(stream):
        if kind == _ROW:
            (row,) = struct.unpack_from("<I", data)
            if data[11] & 0x10:
                marks.hidden_rows.add(row)
        elif kind in _CELLS:
            (column,) = struct.unpack_from("<I", data)
            marks.filled += 1
            marks.rows, marks.columns = max(marks.rows, row + 1), max(marks.columns, column + 1)
            if kind in _ERROR_CELLS:
                marks.errors[row, column] = ERRORS.get(data[8], "#N/A")
        elif kind == _COLUMNS and data[16] & 1:
            first, last = struct.unpack_from("<II", data)
            marks.hidden_columns.update(range(first, min(last + 1, 1 << 14)))
    return marks


def _records(stream: bytes) -> Iterator[tuple[int, bytes]]:
    place = 0
    while place < len(stream):
        kind, place = _number(stream, place, 2)
        size, place = _number(stream, place, 4)
        yield kind, stream[place : place + size]
        place += size


def _number(stream: bytes, place: int, most: int) -> tuple[int, int]:
    """Return a number of seven bits a byte, and where it ends: the last byte has its highest bit clear."""
    number = 0
    for shift in range(most):
        byte = stream[place + shift]
        number |= (byte & 0x7F) << 7 * shift
        if byte < 0x80:
            break
    return number, place + shift + 1
