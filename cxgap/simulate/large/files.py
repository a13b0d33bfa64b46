"""Blocks of answers or orders become one Parquet file, in their order or in none, and memory holds one block at a time."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import numpy as np

from cxgap.simulate.large.answers import Block, generator
from cxgap.simulate.large.orders import Orders

if TYPE_CHECKING:
    import pyarrow as pa

IN_A_BUCKET: Final = 1_500_000  # rows, about; a bucket is shuffled as a whole in memory
Rows = TypeVar("Rows", Block, Orders)


def write_rows(path: Path, blocks: Iterator[Rows], arrow: Callable[[Rows], pa.Table], say: Callable[[int], None]) -> int:
    """Write blocks as they come, each a row group; return how many rows there are.

    Parameters
    ----------
    arrow : makes a table of a block
    say : is told how many rows are written
    """
    import pyarrow.parquet as pq

    writer, rows = None, 0
    try:
        for block in blocks:
            table = arrow(block)
            writer = writer or pq.ParquetWriter(path, table.schema, compression="zstd")
            writer.write_table(table, row_group_size=max(len(table), 1))
            rows += len(table)
            say(rows)
    finally:
        if writer:
            writer.close()
    return rows


def shuffled(blocks: Iterator[Rows], rows: int, seed: int) -> Iterator[Rows]:
    """Put the rows of all blocks into random order: each into a bucket by lot, on disk, and each bucket shuffled.

    The order depends on the seed and the number of rows alone.
    """
    buckets = max(1, round(rows / IN_A_BUCKET))
    with tempfile.TemporaryDirectory(prefix="cxgap-") as folder:
        places = [Path(folder) / f"{bucket}" for bucket in range(buckets)]
        files = [place.open("wb") for place in places]
        kinds: np.dtype | None = None
        make: Any = None
        try:
            for number, block in enumerate(blocks):
                if kinds is None:
                    kinds, make = (
                        np.dtype([(name, part.dtype) for name, part in zip(block._fields, _parts(block), strict=True)]),
                        block,
                    )
                lot = generator(seed, "bucket", number).integers(0, buckets, len(block[0]))
                order = np.argsort(lot, kind="stable")
                ends = np.searchsorted(lot[order], np.arange(buckets + 1))
                packed = np.empty(len(lot), kinds)
                for name, part in zip(block._fields, _parts(block), strict=True):
                    packed[name] = part[order]
                for bucket, file in enumerate(files):
                    file.write(packed[ends[bucket] : ends[bucket + 1]].tobytes())
        finally:
            for file in files:
                file.close()
        for bucket, place in enumerate(places):
            if kinds is not None:
                packed = np.fromfile(place, kinds)
                place.unlink()
                packed = packed[generator(seed, "order", bucket).permutation(len(packed))]
                yield type(make)(*(np.ascontiguousarray(packed[name]) for name in packed.dtype.names or ()))


def column_of(codes: np.ndarray, names: Sequence[str]) -> pa.Array:
    """Return names by their codes, as Arrow holds texts that come again."""
    import pyarrow as pa

    return pa.DictionaryArray.from_arrays(pa.array(codes), pa.array([*names], pa.string()))


def known(values: np.ndarray, kind: Any = None) -> pa.Array:
    """Return numbers as Arrow holds them, of which -1 is none."""
    import pyarrow as pa

    return pa.array(values, mask=values == -1).cast(kind) if kind is not None else pa.array(values, mask=values == -1)


def table_of(columns: Mapping[str, Any]) -> pa.Table:
    """Return columns as a table."""
    import pyarrow as pa

    return pa.table(dict(columns))


def _parts(block: Block | Orders) -> list[np.ndarray]:
    return list(block)
