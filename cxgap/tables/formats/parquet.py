"""Parquet: typed columns are turned back to text, so that one set of rules reads every file."""

from __future__ import annotations

import io
import math

import pandas as pd

from cxgap.errors import StudyError
from cxgap.tables.formats import RawTable
from cxgap.tables.spec import Source


def read_parquet(raw: bytes, source: Source) -> RawTable:
    """Read a Parquet file; whole numbers stay whole, times become ISO 8601, null stays null.

    Raises
    ------
    StudyError : the file is damaged or has no rows.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(io.BytesIO(raw))
    except (pa.ArrowInvalid, OSError) as error:
        raise StudyError(f"{source.file} must be a whole Parquet file, and is damaged: {error}.") from error
    if not table.num_rows:
        raise StudyError(f"{source.file} must hold rows; it has none.")
    index = pd.RangeIndex(2, table.num_rows + 2, name="row")
    columns = {name: pd.Series(_text(table[name]), index=index, dtype=object) for name in table.column_names}
    return RawTable(pd.DataFrame(columns), [], raw)


def _text(column: object) -> list[str | None]:
    import pyarrow as pa

    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.cast(kind.value_type)
    values = column.to_pylist()
    if pa.types.is_floating(kind):
        # Polars writes NaN where pandas writes null: both are no answer.
        known = [None if value is None or math.isnan(value) else value for value in values]
        return [None if value is None else str(int(value)) if value.is_integer() else repr(value) for value in known]
    if pa.types.is_temporal(kind):
        return [None if value is None else value.isoformat() for value in values]
    if pa.types.is_boolean(kind):
        return [None if value is None else "yes" if value else "no" for value in values]
    return [None if value is None else str(value) for value in values]
