"""What stands in an old workbook (.xls) beside its values: errors, and what is hidden.

The file is a small file system of sectors, in which one stream holds the records of the workbook: [MS-CFB] and [MS-XLS].
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final

from cxgap.tables.formats.binary_workbook import ERRORS
from cxgap.tables.formats.marks import Marks

_NAMES: Final = ("Workbook", "Book")
_END: Final = 0xFFFFFFFA  # sector numbers from here on are none
_BEGIN, _END_OF_PART = (0x809, 0x409, 0x209, 0x009), 0x0A
_LOCK, _BOUNDSHEET, _FORMULA, _BOOLERR, _ROW, _COLINFO = 0x2F, 0x85, 0x06, 0x205, 0x208, 0x7D


def marks_of_old(raw: bytes) -> dict[str, Marks] | None:
    """Read the marks of all sheets of an old workbook; None where it asks for a password.

    Raises
    ------
    ValueError, struct.error, IndexError : it is damaged.
    """
    stream = _stream(raw)
    sheets: dict[str, Marks] = {}
    version = 0
    for kind, data in _records(stream, 0):
        if kind in _BEGIN:
            (version,) = struct.unpack_from("<H", data)
        elif kind == _LOCK:
            return None
        elif kind == _BOUNDSHEET:
            sheets[_name(data[6:], version)] = _marks(stream, *struct.unpack_from("<I", data))
    return sheets


def _name(data: bytes, version: int) -> str:
    """Return the name of a sheet: since Excel 97 a byte tells whether its letters take one byte or two."""
    if version < 0x600:
        return data[1 : 1 + data[0]].decode("cp1252")
    return data[2 : 2 + 2 * data[0]].decode("utf-16-le") if data[1] & 1 else data[2 : 2 + data[0]].decode("latin-1")


def _marks(stream: bytes, start: int) -> Marks:
    marks = Marks()
    for kind, data in _records(stream, start):
        if kind == _BOOLERR and data[7]:
            marks.errors[struct.unpack_from("<HH", data)] = ERRORS.get(data[6], "#N/A")
        elif kind == _FORMULA and data[6] == 2 and data[12:14] == b"\xff\xff":
            marks.errors[struct.unpack_from("<HH", data)] = ERRORS.get(data[8], "#N/A")
        elif kind == _ROW and data[12] & 0x20:
            marks.hidden_rows.add(struct.unpack_from("<H", data)[0])
        elif kind == _COLINFO and data[8] & 1:
            first, last = struct.unpack_from("<HH", data)
            marks.hidden_columns.update(range(first, min(last, 255) + 1))
    return marks


def _records(stream: bytes, place: int) -> Iterator[tuple[int, bytes]]:
    """Give the records of one part of the stream, from its first to its last, each its kind and content."""
    depth = 0
    while place + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, place)
        yield kind, stream[place + 4 : place + 4 + size]
        place += 4 + size
        depth += (kind in _BEGIN) - (kind == _END_OF_PART)
        if depth <= 0:
            return


def _stream(raw: bytes) -> bytes:
    """Return the stream of the workbook."""
    size = 1 << struct.unpack_from("<H", raw, 30)[0]
    (tables,) = struct.unpack_from("<I", raw, 44)
    (directory,) = struct.unpack_from("<I", raw, 48)
    (cutoff, first_small, _, first_more) = struct.unpack_from("<IIII", raw, 56)
    if size not in (512, 4096):
        raise ValueError("its sectors have no known size")

    def sector(number: int) -> bytes:
        return raw[(number + 1) * size : (number + 2) * size]

    places = [*struct.unpack_from("<109I", raw, 76)]
    seen = set()
    while first_more < _END and first_more not in seen:
        seen.add(first_more)
        *more, first_more = struct.unpack(f"<{size // 4}I", sector(first_more))
        places += more
    following = [
        number for place in places[:tables] if place < _END for number in struct.unpack(f"<{size // 4}I", sector(place))
    ]

    def chain(number: int, links: list[int]) -> Iterator[int]:
        passed = 0
        while number < _END:
            yield number
            number, passed = links[number], passed + 1
            if passed > len(links):
                raise ValueError("its sectors run in a circle")

    entries = b"".join(map(sector, chain(directory, following)))
    root: bytes = b""
    for start in range(0, len(entries) - 127, 128):
        entry = entries[start : start + 128]
        name = entry[: max(struct.unpack_from("<H", entry, 64)[0] - 2, 0)].decode("utf-16-le")
        first, length = struct.unpack_from("<II", entry, 116)
        if entry[66] == 5:
            root = b"".join(map(sector, chain(first, following)))
        elif name.capitalize() in _NAMES:
            if length >= cutoff:
                return b"".join(map(sector, chain(first, following)))[:length]
            small = b"".join(map(sector, chain(first_small, following)))
            links = [*struct.unpack(f"<{len(small) // 4}I", small)]
            return b"".join(root[number * 64 : number * 64 + 64] for number in chain(first, links))[:length]
    raise ValueError("it has no stream of a workbook")
