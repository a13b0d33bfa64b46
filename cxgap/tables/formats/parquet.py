"""Parquet: typed columns are turned back to text, so that one set of rules reads every file."""

from __future__ import annotations

import io
import math
from datetime import date, time
from typing import Any

import numpy as np
import pandas as pd

from cxgap.errors import StudyError
from cxgap.tables.header import check_header


def read_parquet(raw: bytes, file: str) -> pd.DataFrame:
    """Read a Parquet file; whole numbers stay whole, times become ISO 8601, null and NaN become blank.

    Raises
    ------
    StudyError : the file is damaged, holds what is no text, or its header is not one.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(io.BytesIO(raw))
    except (pa.ArrowException, OSError) as error:
        raise StudyError(f"{file} must be a whole Parquet file, and is damaged: {error}.") from error
    header = check_header(table.column_names, file)
    columns = {}
    for name, column in zip(header, table.columns, strict=True):
        try:
            columns[name] = _texts(column)
        except (pa.ArrowException, ValueError, OverflowError) as error:
            raise StudyError(
                f"{file}, column {name!r}: {column.type} values must be such as text can hold: {error}."
            ) from error
    frame = pd.DataFrame(columns, index=pd.RangeIndex(2, table.num_rows + 2, name="row"), dtype=object)
    return frame[(frame != "").any(axis=1)]


def _texts(column: Any) -> np.ndarray:
    """Write each distinct value once."""
    import pyarrow as pa

    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_timestamp(column.type) and column.type.tz:
        column = column.cast(pa.timestamp(column.type.unit, "UTC"))
    try:
        coded = column.combine_chunks().dictionary_encode()
    except pa.ArrowNotImplementedError:  # lists and other nests
        return np.array([_word(value) for value in column.to_pylist()], dtype=object)
    words = [word if word.strip() else "" for word in map(_word, coded.dictionary.to_pylist())] + [""]
    return np.array(words, dtype=object)[coded.indices.fill_null(len(words) - 1).to_numpy()]


def _word(value: Any) -> str:
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
