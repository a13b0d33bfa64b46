"""Counts of times, numbers and marks, on whatever engine holds the events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap.engine import embedded, is_lazy
from cxgap.errors import ArgumentError
from cxgap.tally.frames import collected, finite, in_order, key_columns, require


def tally_times(
    frame: IntoFrame,
    *,
    keys: Sequence[str],
    times: Sequence[str] = (),
    numbers: Sequence[str] = (),
    marks: Sequence[str] = (),
    zone: str = "UTC",
    table: str = "events",
) -> pd.DataFrame:
    """Count the rows of each combination of `keys`, times, numbers and marks that occurs.

    Parameters
    ----------
    frame : pandas, Polars, DuckDB, PyArrow or PySpark frame, one row an event
    keys : columns to group by; null is a value of its own
    times : columns of times or dates; those without an offset are of `zone`, and of the hour that comes twice in autumn
        the first is meant
    numbers : numeric columns; what is not finite is missing
    marks : columns of true and false; null is false
    table : the name of the frame in messages

    Returns
    -------
    DataFrame, sorted by all its columns: the keys (ordered categoricals), the times in microseconds since 1970 in UTC and
    the numbers (NaN where missing), the marks, and `rows`.

    Raises
    ------
    ColumnError : a column is missing.
    ArgumentError : a column does not hold what it must.
    """
    require(frame, [*keys, *times, *numbers, *marks], table)
    if isinstance(frame, pd.DataFrame):  # narwhals does not know every zone of pandas
        zoned = [name for name in times if isinstance(frame[name].dtype, pd.DatetimeTZDtype)]
        frame = frame.assign(**{name: frame[name].dt.tz_convert("UTC") for name in zoned})
    native = nw.from_native(frame)
    schema = native.collect_schema()
    values = value_columns(schema, times, numbers, marks, table)
    parts = [*keys, *times, *numbers, *marks]
    if "rows" in parts:
        raise ArgumentError(f"a column that makes groups must not be called 'rows', as a count is; rename it in `{table}`.")
    prepared = native.select(*key_columns(schema, keys), *values)
    sums = prepared.group_by(*parts).agg(nw.len().alias("rows")) if parts else prepared.select(nw.len().alias("rows"))
    counted = collected(sums, lazy=is_lazy(frame))
    texts = [key for key in keys if isinstance(counted[key].dtype, pd.StringDtype)]  # slow to walk through, name by name
    counted = counted.astype({**dict.fromkeys(texts, object), "rows": float})
    ordered = in_order(decoded(counted, schema, times, numbers, marks, zone), keys, schema)
    return ordered.sort_values(parts, kind="stable").reset_index(drop=True) if parts else ordered


def value_columns(
    schema: Mapping[str, nw.dtypes.DType], times: Sequence[str], numbers: Sequence[str], marks: Sequence[str], table: str
) -> list[nw.Expr]:
    """Select times, numbers and marks, each in one kind whatever the engine; parameters and errors as in `tally_times`."""
    values = []
    for name in times:
        if not isinstance(schema[name], nw.Datetime | nw.Date):
            raise ArgumentError(f"`{table}` must hold times in {name!r}, not {schema[name]}; read the file with read_study.")
        values.append(nw.col(name).cast(nw.Datetime("us")) if isinstance(schema[name], nw.Date) else nw.col(name))
    for name in numbers:
        if not schema[name].is_numeric():
            raise ArgumentError(f"`{table}` must hold numbers in {name!r}, not {schema[name]}; read the file with read_study.")
        values.append(nw.when(finite(name)).then(nw.col(name).cast(nw.Float64)).alias(name))
    for name in marks:
        if schema[name] != nw.Boolean:
            raise ArgumentError(f"`{table}` must hold true or false in {name!r}, not {schema[name]}.")
        values.append((nw.col(name) & ~nw.col(name).is_null()).alias(name))
    return values


def decoded(
    counted: pd.DataFrame,
    schema: Mapping[str, nw.dtypes.DType],
    times: Sequence[str],
    numbers: Sequence[str],
    marks: Sequence[str],
    zone: str,
) -> pd.DataFrame:
    """Write the times of what was counted as microseconds since 1970 in UTC, numbers as floats, marks as true and false."""
    made = counted.astype({**dict.fromkeys(numbers, float), **dict.fromkeys(marks, bool)})
    for name in times:
        moments, dtype = pd.to_datetime(made[name]), schema[name]
        if not (isinstance(dtype, nw.Datetime) and dtype.time_zone):
            moments = moments.dt.tz_localize(zone, ambiguous=np.ones(len(moments), bool), nonexistent="shift_forward")
        made[name] = ((moments - pd.Timestamp(0, tz=moments.dt.tz)) / pd.Timedelta(microseconds=1)).astype(float)
    return made


def tally_values(frame: IntoFrame, value: str, *, keys: Sequence[str]) -> pd.DataFrame:
    """Count the rows that have each value within each combination of `keys`.

    Parameters
    ----------
    frame : pandas, Polars, DuckDB, PyArrow or PySpark frame, one row an event
    value : numeric column; what is not finite counts as missing
    keys : columns to group by; null is a value of its own

    Returns
    -------
    DataFrame, one row a group and value, sorted by `keys` and by value: the keys (as `tally_pairs` gives them), `value`
    (NaN where it is missing) and `count`.

    Raises
    ------
    ColumnError : a column is missing.
    ArgumentError : `value` does not hold numbers, or a key is called "value" or "count".
    """
    require(frame, [value, *keys], "events")
    schema = nw.from_native(frame).collect_schema()
    if not schema[value].is_numeric():
        raise ArgumentError(f"`events` must hold numbers in {value!r}, not {schema[value]}; read the file with read_study.")
    clash = next((key for key in keys if key in {"value", "count"}), None)
    if clash:
        raise ArgumentError(f"a column that makes groups must not be called {clash!r}; rename it in `events`.")
    table = nw.from_native(embedded(frame, [value, *keys]))
    number = nw.when(finite(value)).then(nw.col(value).cast(nw.Float64)).alias("value")
    grouped = table.select(*key_columns(schema, keys), number).group_by(*keys, "value").agg(nw.len().alias("count"))
    counted = collected(grouped, lazy=is_lazy(frame)).astype({"value": float, "count": float})
    return in_order(counted.sort_values("value", kind="stable").reset_index(drop=True), keys, schema)
