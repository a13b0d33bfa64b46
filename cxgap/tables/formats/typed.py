"""Typed columns become text again, so that one set of rules reads every file."""

from __future__ import annotations

import math
from datetime import date, time
from typing import Any

import numpy as np
import pandas as pd

from cxgap.errors import StudyError
from cxgap.tables.header import check_header

_FIRST, _LAST = np.datetime64("0001-01-01", "us"), np.datetime64("9999-12-31T23:59:59", "us")


def frame_of(table: Any, place: str) -> pd.DataFrame:
    """Return an Arrow table as text; whole numbers stay whole, times become ISO 8601, null and NaN become blank.

    Raises
    ------
    StudyError : a column holds what is no text, or the names of the columns are no header.
    """
    import pyarrow as pa

    header = check_header(table.column_names, place)
    columns = {}
    for name, column in zip(header, table.columns, strict=True):
        try:
            columns[name] = texts(column)
        except (pa.ArrowException, ValueError, OverflowError) as error:
            raise StudyError(
                f"{place}, column {name!r}: {column.type} values must be such as text can hold: {error}."
            ) from error
    return numbered(columns, table.num_rows)


def numbered(columns: dict[str, np.ndarray], rows: int) -> pd.DataFrame:
    """Return columns of text with the rows numbered as if the header were row 1; a row without a value is none."""
    frame = pd.DataFrame(columns, index=pd.RangeIndex(2, rows + 2, name="row"), dtype=object)
    return frame[(frame != "").any(axis=1)]


def texts(column: Any) -> np.ndarray:
    """Write each distinct value of an Arrow column once."""
    import pyarrow as pa

    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_timestamp(column.type) and column.type.tz:
        column = column.cast(pa.timestamp(column.type.unit, "UTC"))
    try:
        coded = column.combine_chunks().dictionary_encode()
    except pa.ArrowNotImplementedError:  # lists and other nests
        return np.array([word(value) for value in column.to_pylist()], dtype=object)
    words = [text if text.strip() else "" for text in _words(coded.dictionary)] + [""]
    return np.array(words, dtype=object)[coded.indices.fill_null(len(words) - 1).to_numpy()]


def _words(values: Any) -> list[str]:
    """Write distinct values; whole numbers and times many at once."""
    import pyarrow as pa

    if pa.types.is_integer(values.type):
        written: list[str] = values.cast(pa.string()).to_pylist()
        return written
    if pa.types.is_timestamp(values.type) and values.type.unit != "ns":
        clocks = values.cast(pa.timestamp("us")).to_numpy(zero_copy_only=False)
        if len(clocks) and clocks.min() >= _FIRST and clocks.max() <= _LAST:
            whole = clocks == clocks.astype("datetime64[s]")
            parts = np.where(whole, np.datetime_as_string(clocks, "s"), np.datetime_as_string(clocks, "us")).tolist()
            return [f"{part}+00:00" for part in parts] if values.type.tz else parts
    return list(map(word, values.to_pylist()))


def word(value: Any) -> str:
    """Write one value as a CSV would hold it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float | np.floating):
        # Polars writes NaN where pandas writes null: both are no answer.
        return (
            "" if math.isnan(value) else str(int(value)) if math.isfinite(value) and value == int(value) else repr(float(value))
        )
    if isinstance(value, date | time):
        return value.isoformat()
    return value.decode("utf-8") if isinstance(value, bytes) else str(value)
