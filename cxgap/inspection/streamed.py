"""Large files, counted block by block as the reader would see them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd

from cxgap.errors import StudyError
from cxgap.inspection.blocks import Block, Columns, block_of
from cxgap.inspection.column import Column
from cxgap.inspection.database_tables import open_duckdb, open_sqlite, quoted
from cxgap.inspection.delimited_blocks import BLOCK, LARGEST, LongerRow, Misfits, delimited_blocks
from cxgap.inspection.detect import Found
from cxgap.tables.formats.heads import Heads, from_heads, read_heads
from cxgap.tables.formats.raw import Note, Unread
from cxgap.tables.formats.typed import texts, word
from cxgap.tables.header import check_header

ROWS: Final = 1 << 16  # of a block that is no text


class Seen(NamedTuple):
    """What was counted in a file; as of a Profile."""

    rows: int
    columns: list[Column]
    unread: list[Unread]
    misfits: int
    aside: Mapping[str, int]
    personal: tuple[str, ...]
    notes: tuple[Note, ...]


def delimited(path: Path, found: Found) -> Seen:
    """Count large delimited text.

    Raises
    ------
    StudyError : the header is not one, a row does not end, or every row has more fields than the header.
    """
    source = found.source
    records = from_heads([list(record) for record in found.head], source)
    heads = read_heads(records, source)
    width = len(records[0]) if records else 0
    size = BLOCK
    while True:
        misfits = Misfits(source.heads[-1] + heads.rows, width, source.delimiter or ",")
        try:
            return _delimited(path, found, heads, misfits, width, size)
        except LongerRow:
            size = min(size * 8, LARGEST)


def _delimited(path: Path, found: Found, heads: Heads, misfits: Misfits, width: int, size: int) -> Seen:
    source, aside = found.source, Counter[str]()
    start, named = source.heads[-1] + heads.rows, [place for place in range(width) if place not in heads.unnamed]
    columns, beside = Columns(len(named)), Columns(len(heads.unnamed))
    for block in delimited_blocks(path, source, width, misfits, size):
        body = block.only(block.rows >= start)
        beside.add(Block([body.columns[place] for place in sorted(heads.unnamed)], body.rows))
        whole = Block([body.columns[place] for place in named], body.rows)
        columns.add(_answers(whole, heads, aside))
    if beside.filled:
        check_header(["" if place in heads.unnamed else "named" + str(place) for place in range(width)], source.place)
    rows = columns.rows + aside.total() + misfits.count
    if rows and misfits.wide == rows:
        raise StudyError(
            f"{source.place}: every row has more fields than the header; name the last column, or drop the last delimiter."
        )
    return Seen(
        rows=rows,
        columns=columns.columns(heads.names, {"wording": heads.wording}),
        unread=misfits.unread,
        misfits=misfits.count,
        aside=dict(aside),
        personal=tuple(heads.personal),
        notes=tuple(heads.notes),
    )


def _answers(block: Block, heads: Heads, aside: Counter[str]) -> Block:
    """Return the rows that are answers, without the marks of the platform, and count the others."""
    if not heads.aside and not heads.clean:
        return block
    frame = pd.DataFrame(
        {name: _words(words)[codes] for name, (words, codes) in zip(heads.names, block.columns, strict=True)},
        index=pd.Index(block.rows, name="row"),
        dtype=object,
    )
    filled = (frame.map(str.strip) != "").any(axis=1).to_numpy()
    block, frame = block.only(filled), frame[filled]
    reasons = heads.aside(frame) if heads.aside else np.full(len(frame), "", dtype=object)
    aside.update(reason for reason in reasons.tolist() if reason)
    if heads.clean:
        block = block_of(heads.clean(frame))
    return block.only(reasons == "")


def _words(words: Any) -> np.ndarray:
    return np.array([*words.to_pylist(), ""], dtype=object)


def parquet_cells(path: Path) -> int:
    """Return how many cells a Parquet file has, 0 where it is damaged."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        said = pq.read_metadata(path)
    except (pa.ArrowException, OSError):
        return 0  # the reader says so
    return int(said.num_rows * said.num_columns)


def parquet(path: Path, found: Found) -> Seen:
    """Count a large Parquet file.

    Raises
    ------
    StudyError : it is damaged, or its header is not one.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            names = file.schema_arrow.names
            return _typed(names, file.iter_batches(batch_size=ROWS), found.source.place)
    except (pa.ArrowException, OSError) as error:
        raise StudyError(f"{path.name} must be a whole Parquet file, and is damaged: {error}.") from error


def duckdb_table(path: Path, found: Found) -> Seen:
    """Count a large table of a DuckDB database, in the order in which it lies there.

    Raises
    ------
    StudyError : its header is not one, or a column holds what is no text.
    """
    with closing(open_duckdb(path)) as database:
        table = database.sql(f"SELECT * FROM {quoted(found.source.table or '')}")
        reader = table.to_arrow_reader(ROWS) if hasattr(table, "to_arrow_reader") else table.fetch_arrow_reader(ROWS)
        return _typed(reader.schema.names, iter(reader), found.source.place)


def sqlite_table(path: Path, found: Found) -> Seen:
    """Count a large table of an SQLite database, in the order in which it lies there.

    Raises
    ------
    StudyError : its header is not one, or a column holds what is no text.
    """
    place, start = found.source.place, 2
    with closing(open_sqlite(path)) as database:
        cursor = database.execute(f"SELECT * FROM {quoted(found.source.table or '')}")
        header = check_header([column[0] for column in cursor.description], place)
        columns = Columns(len(header))
        while rows := cursor.fetchmany(ROWS):
            coded = [_factorized(cells, name, place) for name, cells in zip(header, zip(*rows, strict=True), strict=True)]
            columns.add(Block(coded, np.arange(start, start + len(rows))))
            start += len(rows)
    return Seen(columns.rows, columns.columns(header, {}), [], 0, {}, (), ())


def _factorized(cells: tuple[Any, ...], name: str, place: str) -> tuple[Any, np.ndarray]:
    import pyarrow as pa

    values = np.empty(len(cells), dtype=object)
    values[:] = cells
    codes, unlike = pd.factorize(values)  # NULL is -1, which is the last
    try:
        words = [*map(word, unlike.tolist()), ""]
    except UnicodeDecodeError as error:
        raise StudyError(f"{place}, column {name!r}: binary values must be such as text can hold: {error}.") from error
    return pa.array(words, pa.string()), codes % len(words)


def _typed(names: list[str], batches: Iterator[Any], place: str) -> Seen:
    header = check_header(names, place)
    columns, start = Columns(len(header)), 2
    for batch in batches:
        coded = []
        for name, column in zip(header, batch.columns, strict=True):
            try:
                coded.append(_coded(column))
            except (ValueError, OverflowError) as error:  # what Arrow raises is one of them
                raise StudyError(
                    f"{place}, column {name!r}: {column.type} values must be such as text can hold: {error}."
                ) from error
        columns.add(Block(coded, np.arange(start, start + batch.num_rows)))
        start += batch.num_rows
    return Seen(columns.rows, columns.columns(header, {}), [], 0, {}, (), ())


def _coded(column: Any) -> tuple[Any, np.ndarray]:
    """Write the texts of a typed column, each once."""
    import pyarrow as pa

    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    try:
        coded = column.dictionary_encode()
    except pa.ArrowNotImplementedError:  # lists and other nests
        coded = pa.array(texts(pa.chunked_array([column])), pa.string()).dictionary_encode()
    words = [*texts(pa.chunked_array([coded.dictionary])), ""]
    return pa.array(words, pa.string()), coded.indices.fill_null(len(words) - 1).to_numpy()
