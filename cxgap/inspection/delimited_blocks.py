"""Delimited text in blocks, however large the file."""

from __future__ import annotations

import bisect
import csv
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from cxgap.errors import StudyError
from cxgap.inspection.blocks import Block
from cxgap.tables.formats.raw import Unread
from cxgap.tables.source import Source

BLOCK: Final = 1 << 22  # bytes
LARGEST: Final = 1 << 28  # of a block that one row needs
MOST_UNREAD: Final = 20
_TAIL = 1 << 16  # bytes of the end
_FIELD = 1 << 16  # characters of a row that does not fit, beyond which it is not asked whether it is blank


class Misfits:
    """Rows that do not fit the header, as they are met."""

    __slots__ = ("_delimiter", "_start", "_width", "count", "last", "rows", "unread", "wide")

    def __init__(self, start: int, width: int, delimiter: str) -> None:
        self._start, self._width, self._delimiter = start, width, delimiter
        self.rows: list[int] = []  # blank ones too, and those of the head
        self.unread: list[Unread] = []
        self.last = ""  # text of such a row
        self.count = self.wide = 0  # and of them, those with too many fields

    def __call__(self, row: Any) -> str:
        """Take what Arrow says of a row, and go on."""
        self.rows.append(row.number)
        self.last = row.text
        if row.number >= self._start and not self._is_blank(row.text):
            self.count += 1
            self.wide += row.actual_columns > self._width
            if len(self.unread) < MOST_UNREAD:
                reason = "too_many_fields" if row.actual_columns > self._width else "too_few_fields"
                self.unread.append(Unread(row.number, reason, str(row.actual_columns)))
        return "skip"

    def _is_blank(self, text: str) -> bool:
        return len(text) < _FIELD and not any(map(str.strip, next(csv.reader([text], delimiter=self._delimiter), [])))

    def numbers(self, after: int, rows: int) -> np.ndarray:
        """Return the numbers of so many rows that fit, of which the first comes after row `after`."""
        end = after + 1 + rows
        place = bisect.bisect_right(self.rows, after)
        found = place
        while found < len(self.rows) and self.rows[found] < end:
            found, end = found + 1, end + 1
        if found == place:
            return np.arange(after + 1, end)
        return np.setdiff1d(np.arange(after + 1, end), self.rows[place:found], assume_unique=True)


class LongerRow(Exception):  # noqa: N818
    """A row is longer than a block: no error, because a larger block may hold it."""


def delimited_blocks(path: Path, source: Source, width: int, misfits: Misfits, size: int) -> Iterator[Block]:
    """Read a file in blocks of so many bytes, from its first row on, which its head is part of.

    Raises
    ------
    LongerRow : a row is longer than a block.
    StudyError : a row does not end, as where a quote is never closed, or bytes are not of the encoding.
    """
    import pyarrow as pa

    last, reader, end = 0, None, ""
    while True:
        try:
            reader = reader or _reader(path, source, width, misfits, size)
            batch = reader.read_next_batch()
        except StopIteration:
            row = max(last, misfits.rows[-1] if misfits.rows else 0)
            if _is_cut(misfits.last, source.delimiter or ",") if row > last else _is_open(path, source, end):
                raise _endless(source, row, "the file ends within it") from None
            return
        except UnicodeDecodeError as error:
            byte = error.object[error.start]
            raise StudyError(
                f"{source.place}, below row {last}: byte 0x{byte:02X} is not {source.encoding.upper()}; declare the encoding "
                "in which the file was written, or export it again."
            ) from error
        except pa.ArrowInvalid as error:
            if size < LARGEST and "straddling" in str(error):
                raise LongerRow from error
            raise _undecoded(source, error) or _endless(source, last + 1, error) from error
        rows = misfits.numbers(last, batch.num_rows)
        if len(rows):
            last, end = int(rows[-1]), str(batch.columns[-1][-1])
        yield Block([_coded(column) for column in batch.columns], rows)


def _coded(column: Any) -> tuple[Any, np.ndarray]:
    return column.dictionary, column.indices.to_numpy()


def _is_open(path: Path, source: Source, cell: str) -> bool:
    """Whether the last cell of a file begins with a quote that is never closed: Arrow does not say so."""
    with path.open("rb") as opened:
        opened.seek(max(0, path.stat().st_size - _TAIL))
        tail = opened.read().decode(source.encoding, errors="ignore")
    raw = cell.replace('"', '""')
    if len(raw) >= len(tail) - 1:
        return raw.endswith(tail) and ("\n" in tail or "\r" in tail)  # which quotes alone let into a cell
    return tail.endswith(tuple(f'{before}"{raw}' for before in (source.delimiter or ",", "\n", "\r")))


def _is_cut(row: str, delimiter: str) -> bool:
    """Whether a quote in a row that does not fit is never closed."""
    if len(row) >= _FIELD:
        return not row.rstrip("\r\n").endswith('"')
    try:
        list(csv.reader([row], delimiter=delimiter, strict=True))
    except csv.Error as error:
        return "end of data" in str(error)
    return False


def _undecoded(source: Source, error: Exception) -> StudyError | None:
    found = re.search(r"column #(\d+): (?:Row #(\d+))?.*invalid UTF8", str(error))
    if not found:
        return None
    row = f", row {found[2]}" if found[2] else ""
    return StudyError(
        f"{source.place}{row}, column {int(found[1]) + 1}: a byte is not UTF-8; export the file again as CSV in UTF-8."
    )


def _endless(source: Source, row: int, error: object) -> StudyError:
    text = str(error).splitlines()[0].rstrip(".")
    return StudyError(
        f"{source.place}, row {row}: a quote is never closed, or stands amid a field ({text}); "
        'close it, or double a quote that belongs to the text ("").'
    )


def _reader(path: Path, source: Source, width: int, misfits: Misfits, size: int) -> Any:
    import pyarrow as pa
    from pyarrow import csv as arrow

    names: Sequence[str] = [str(place) for place in range(width)]
    return arrow.open_csv(
        path,
        # One thread, because the numbers of rows that do not fit are known to one alone.
        read_options=arrow.ReadOptions(use_threads=False, block_size=size, column_names=names, encoding=source.encoding),
        parse_options=arrow.ParseOptions(
            delimiter=source.delimiter or ",", newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=misfits
        ),
        convert_options=arrow.ConvertOptions(
            column_types=dict.fromkeys(names, pa.dictionary(pa.int32(), pa.string())), strings_can_be_null=False
        ),
    )
