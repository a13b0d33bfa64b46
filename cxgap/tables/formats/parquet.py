"""Parquet: typed columns are turned back to text."""

from __future__ import annotations

import io

import pandas as pd

from cxgap.errors import StudyError
from cxgap.tables.formats.typed import frame_of


def read_parquet(raw: bytes, file: str) -> pd.DataFrame:
    """Read a Parquet file as text, as `frame_of` writes it.

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
    return frame_of(table, file)
