"""The embedded engine, DuckDB, which holds what does not fit memory, under a cap; and what is held where.

A frame that lies in memory is seen by the engine in place: nothing is copied, and the sums come back in a tenth of the
time. What an engine would have to hand back row by row stops at MOST_ROWS, so that nothing big is collected unasked.
"""

from __future__ import annotations

import atexit
import os
import re
import shutil
import tempfile
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap.errors import ArgumentError

if TYPE_CHECKING:
    import duckdb

ENVIRONMENT: Final = "CXGAP_MEMORY"
MEMORY: Final = "512MiB"  # that the engine may take, unless another cap is set; what does not fit goes to disk
MOST_ROWS: Final = 5_000_000  # sums that an engine may hand back
MANY_ROWS: Final = 300_000  # that lie with an engine, from which on asking it for sums costs less than it saves
MANY_IN_MEMORY: Final = 3_000_000  # likewise of answers in memory, which are added up there in no time while they are fewer

_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*(B|[KMGT]i?B)", re.IGNORECASE)
_UNITS = {"b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12}
_UNITS |= {"kib": 2**10, "mib": 2**20, "gib": 2**30, "tib": 2**40}
_LEAST = 2**26
_EXACT = 2**24
_TEXT = ("string", "empty")  # what a column of objects may hold to be seen in place

_chosen: list[str] = []


def memory_limit() -> str:
    """Return the cap on the engine's memory: what `set_memory` said, else the environment CXGAP_MEMORY, else MEMORY."""
    return _chosen[-1] if _chosen else checked_size(os.environ.get(ENVIRONMENT, MEMORY), ENVIRONMENT)


def set_memory(size: str) -> None:
    """Set the cap on the memory that the engine takes in this process, such as "2GiB"; the rest goes to disk.

    Raises
    ------
    ArgumentError : `size` is no size, or less than 64 MiB.
    """
    _chosen[:] = [checked_size(size, "memory")]
    if _opened.cache_info().currsize:
        connection().execute(f"SET memory_limit = '{_chosen[-1]}'")


def checked_size(size: object, name: str) -> str:
    """Return `size` if it is one that the engine understands and can work with."""
    found = _SIZE.fullmatch(size.strip()) if isinstance(size, str) else None
    if not found or float(found[1]) * _UNITS[found[2].lower()] < _LEAST:
        raise ArgumentError(f'`{name}` must be a size of at least 64 MiB, such as "512MiB" or "2GiB", not {size!r}.')
    return f"{found[1]}{found[2]}"


def connection() -> duckdb.DuckDBPyConnection:
    """Return the engine of this process; what it puts on disk is gone when the process ends."""
    return _opened(os.getpid())


@cache
def _opened(process: int) -> duckdb.DuckDBPyConnection:  # a process that was forked opens its own
    import duckdb

    folder = tempfile.mkdtemp(prefix="cxgap-")  # 0700: it may hold answers
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": memory_limit(), "temp_directory": folder, "preserve_insertion_order": "false",
    }  # fmt: skip
    made = duckdb.connect(":memory:", config=config)
    made.execute("SET TimeZone = 'UTC'")
    if made.execute("SELECT current_setting('enable_progress_bar')").fetchall() == [(True,)]:  # a notebook shows what we say
        made.execute("SET enable_progress_bar = false")
    return made


def is_lazy(frame: IntoFrame) -> bool:
    """Tell whether the rows of `frame` lie with an engine that computes when it is asked, and not in memory."""
    return isinstance(nw.from_native(frame), nw.LazyFrame)


def is_many(frame: IntoFrame, *, in_memory: int | None = None) -> bool:
    """Tell whether `frame` has so many rows that an engine is best asked for sums, and not for rows of people.

    Parameters
    ----------
    in_memory : rows in memory from which on that is so; MANY_ROWS if not given
    """
    table = nw.from_native(frame)
    if isinstance(table, nw.LazyFrame):
        return int(table.select(nw.len().alias("rows")).collect()["rows"][0]) >= MANY_ROWS
    return len(table) >= (MANY_ROWS if in_memory is None else in_memory)


def embedded(frame: IntoFrame, names: list[str], *, added: Sequence[str] = ()) -> Any:
    """Return the columns `names` of a big frame in memory as the engine sees them, in place; any other frame as it is.

    A column of mixed values, or of a kind that the engine would hand back changed, leaves the frame where it is; and so does
    a column among those that will be `added` up whose sum would depend on the order of the rows.
    """
    table = nw.from_native(frame)
    if isinstance(table, nw.LazyFrame) or len(table) < min(MANY_ROWS, MANY_IN_MEMORY) or not names:
        return frame
    chosen = table.select(*dict.fromkeys(names))
    if not all(_is_plain(chosen[name]) for name in chosen.columns) or not all(is_exact(chosen[name]) for name in added):
        return frame
    native = chosen.to_native()
    if isinstance(native, pd.DataFrame):
        return connection().from_df(native)
    return connection().from_arrow(chosen.to_arrow())


def _is_plain(column: nw.Series) -> bool:
    """Tell whether the engine sees a column as it is: numbers, marks, texts, and categories of texts."""
    dtype = column.dtype
    if isinstance(dtype, nw.Categorical | nw.Enum):
        native = column.to_native()
        return not isinstance(native, pd.Series) or pd.api.types.infer_dtype(native.cat.categories) in _TEXT
    if dtype == nw.Object:
        return pd.api.types.infer_dtype(column.to_pandas(), skipna=True) in _TEXT
    if dtype.is_integer():
        return dtype not in (nw.Int128, nw.UInt128, nw.UInt64)
    return dtype in (nw.Float32, nw.Float64, nw.Boolean, nw.String)


def is_exact(column: nw.Series) -> bool:
    """Tell whether numbers are whole, or eighths, and so small that any sum of them is exact."""
    if column.dtype.is_integer():
        return True
    values = column.to_numpy() * 8.0
    known = values[np.isfinite(values)]
    return bool((np.abs(known) < _EXACT).all() and (known == np.rint(known)).all())
