"""Delimited text becomes Parquet, row by row as it stands: for the engine, or once and for all by `cxgap convert`.

Nothing is guessed: every cell stays the text that it is. Where all cells of a column are whole numbers written without
leading zeros or signs, `convert` stores them as such, because they come back as the same text.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cxgap.errors import ArgumentError, StudyError
from cxgap.tables.formats.delimited import delimiter_of, read_delimited, text_of
from cxgap.tables.formats.grid import table_of
from cxgap.tables.source import Source

if TYPE_CHECKING:
    import pyarrow as pa

HEAD: Final = 1 << 20  # bytes by which header and delimiter are told
BLOCK: Final = 8 << 20  # bytes that are read at once
MOST_UNREAD: Final = 100_000  # rows that do not match the header
_WHOLE: Final = r"^(0|-?[1-9][0-9]{0,17})$"


class Unmatched(NamedTuple):
    """A row whose fields do not match the header: how many rows were written before it, its fields, and whether it is blank."""

    before: int
    fields: int
    blank: bool


class Staged(NamedTuple):
    """What became of a text file: rows that were written, and those that were not."""

    rows: int
    unmatched: list[Unmatched]


def head_of(path: Path, source: Source, known: Collection[str]) -> tuple[bytes, list[str], str]:
    """Return the first whole lines of a text file, the names of its columns, and its delimiter.

    Raises
    ------
    StudyError : the header is not one, or the text is not in the declared encoding.
    """
    with path.open("rb") as file:
        raw = file.read(HEAD)
    if len(raw) == HEAD:
        raw = raw[: raw.rfind(b"\n") + 1] or raw
    if len(source.heads) > 1:
        raise StudyError(f"{source.place}: a big file must name its columns in one row, not in {len(source.heads)}; join them.")
    frame = table_of({"": read_delimited(raw, source, known)}, source, "").frame
    return raw, list(frame.columns), source.delimiter or delimiter_of(text_of(raw, source, known), source, known)


def stage(path: Path, target: Path, source: Source, known: Collection[str]) -> Staged:
    """Write a text file as Parquet, every column as text, in the order of its rows.

    Raises
    ------
    StudyError : it is not text in the declared encoding, a quote is never closed, or too many rows do not match the header.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    _, header, delimiter = head_of(path, source, known)
    unmatched: list[Unmatched] = []
    written = 0
    with pq.ParquetWriter(target, pa.schema([(name, pa.string()) for name in header]), compression="zstd") as writer:
        for batch, bad in _batches(path, header, delimiter, source):
            for row, fields, blank in bad:
                unmatched.append(Unmatched(row - source.heads[-1] - 1 - len(unmatched), fields, blank))
            if len(unmatched) > MOST_UNREAD:
                raise StudyError(
                    f"{source.place}: rows must have as many fields as the header, {len(header)}, and over {MOST_UNREAD:,} "
                    f"have not, such as one of {unmatched[0].fields}; look whether the delimiter is {delimiter!r}."
                )
            if batch is not None and batch.num_rows:
                writer.write_batch(batch)
                written += batch.num_rows
    return Staged(written, unmatched)


def convert(path: Path, target: Path, source: Source) -> int:
    """Write a text file as a Parquet file that reads as the same text, faster; return how many rows it has.

    Raises
    ------
    ArgumentError : the target is there already.
    StudyError : as of `stage`; and rows that do not match the header, of which none may be lost.
    """
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    if target.exists():
        raise ArgumentError(f"{target} is there already, and is not replaced; name another file.")
    part = target.with_name(f".{target.name}.part")
    try:
        staged = stage(path, part, source, ())
        wrong = [one for one in staged.unmatched if not one.blank]
        if wrong:
            raise StudyError(
                f"{source.place}: every row must have as many fields as the header; {len(wrong):,} have not, the first after "
                f"{wrong[0].before:,} rows, of {wrong[0].fields}; mend them before."
            )
        with pq.ParquetFile(part) as text:
            whole = dict.fromkeys(text.schema_arrow.names, True)
            for batch in text.iter_batches():
                for name in [name for name, still in whole.items() if still]:
                    cells = batch.column(name)
                    fits = pc.or_(pc.equal(cells, ""), pc.match_substring_regex(cells, _WHOLE))
                    whole[name] = bool(pc.all(fits).as_py())
            kinds = pa.schema([(name, pa.int64() if still else pa.string()) for name, still in whole.items()])
            with pq.ParquetWriter(target, kinds, compression="zstd") as writer:
                for batch in text.iter_batches(batch_size=1 << 20):
                    cells = [
                        pc.if_else(pc.equal(cell, ""), None, cell).cast(kind.type)
                        for cell, kind in zip(batch.columns, kinds, strict=True)
                    ]
                    writer.write_batch(pa.record_batch(cells, schema=kinds))
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    finally:
        part.unlink(missing_ok=True)
    return staged.rows


def _batches(
    path: Path, header: list[str], delimiter: str, source: Source
) -> Iterator[tuple[pa.RecordBatch | None, list[tuple[int, int, bool]]]]:
    """Read a text file in batches of text; with each come the rows in it that do not match the header."""
    import pyarrow as pa
    from pyarrow import csv

    bad: list[tuple[int, int, bool]] = []

    def skip(row: Any) -> str:
        bad.append((row.number, row.actual_columns, not re.sub(rf'[{re.escape(delimiter)}"\s]', "", row.text or "")))
        return "skip"

    try:
        with csv.open_csv(
            path,
            read_options=csv.ReadOptions(
                block_size=BLOCK, column_names=header, skip_rows=source.heads[-1], encoding=source.encoding, use_threads=False
            ),
            parse_options=csv.ParseOptions(
                delimiter=delimiter, newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=skip
            ),
            convert_options=csv.ConvertOptions(column_types=dict.fromkeys(header, pa.string()), strings_can_be_null=False),
        ) as reader:
            for batch in reader:
                yield batch, list(bad)
                bad.clear()
    except (pa.ArrowException, UnicodeError, LookupError) as error:
        raise StudyError(
            f"{source.place} must be text in {source.encoding} with every quote closed, and is not: {error}; set `encoding` "
            "to the one it was written in, or close the quote."
        ) from error
    yield None, list(bad)
