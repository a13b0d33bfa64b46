"""Rows become sums here, on whatever engine holds them; nothing else sees rows once a study has been read.

Ratings are summed as they were given: the difference of a pair first, then exact sums of whole numbers, and one
division at the end elsewhere. So the order and the partition of the rows cannot change a digit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap.errors import ArgumentError, ColumnError

SUMS = frozenset(
    {"rows", "pairs", "start", "end", "gap", "ends", "end_all", "weights", "weight_low", "weight_high"}
    | {"importance_max", "importance_pairs", "importance_sum", "importance_gap"}
)


def columns_of(frame: IntoFrame) -> list[str]:
    """Return the column names of any supported frame, without reading rows.

    Raises
    ------
    ArgumentError : it is no frame.
    """
    try:
        return list(nw.from_native(frame).collect_schema().names())
    except TypeError:
        kind = type(frame).__name__
        told = f" Give its table, as in {kind.lower()}.responses." if kind == "Study" else ""
        raise ArgumentError(
            f"answers must be a pandas, Polars, DuckDB, PyArrow or PySpark frame, not a {kind}.{told}"
        ) from None


def require(frame: IntoFrame, names: Sequence[str], table: str) -> None:
    """Raise ColumnError for the first of `names` that `frame` lacks, naming the nearest column not already in use."""
    present = columns_of(frame)
    for name in names:
        if name not in present:
            raise ColumnError.missing(name, table, [column for column in present if column not in names])


def tally_pairs(
    frame: IntoFrame,
    start: str,
    end: str,
    *,
    keys: Sequence[str],
    weight: str | None = None,
    importance: str | None = None,
) -> pd.DataFrame:
    """Sum paired answers within each combination of `keys`.

    Parameters
    ----------
    frame : pandas, Polars, DuckDB, PyArrow or PySpark frame, one row an answer
    start, end : numeric columns; a null or NaN in either is no pair
    keys : columns to group by; null is a value of its own
    weight : column of sampling weights, of which the least and the greatest in a group are returned, and their number
    importance : numeric column that is summed over pairs, alone and times each rating

    Returns
    -------
    DataFrame, one row a group that has any answer or none, sorted by `keys`: the keys (an ordered categorical comes
    back as one), `rows`, `pairs`, `start`, `end` and `gap` (sums over pairs), `ends` and `end_all` (count and sum
    over answers that have `end`, with or without `start`), then `weights` (rows that have a finite one), `weight_low`,
    `weight_high`, and `importance_max`, `importance_pairs` (pairs that have one of at least 0), `importance_sum`,
    `importance_gap` where asked for.

    Raises
    ------
    ColumnError : a column is missing.
    ArgumentError : `start`, `end`, `weight` or `importance` does not hold numbers, or a key has the name of a sum.
    """
    numbers = [name for name in (start, end, weight, importance) if name]
    require(frame, [*numbers, *keys], "responses")
    table = nw.from_native(frame)
    schema = table.collect_schema()
    for name in numbers:
        if not schema[name].is_numeric():
            raise ArgumentError(
                f"`responses` must hold numbers in {name!r}, not {schema[name]}; read the file with read_study."
            )
    clash = next((key for key in keys if key in SUMS), None)
    if clash:
        raise ArgumentError(f"a column that makes groups must not be called {clash!r}, as a sum is; rename it in `responses`.")

    paired = _finite(start) & _finite(end)
    gap = nw.col(end).cast(nw.Float64) - nw.col(start).cast(nw.Float64)
    sums: dict[str, nw.Expr] = {
        "pairs": _one(paired),
        "start": _number(start, paired),
        "end": _number(end, paired),
        "gap": nw.when(paired).then(gap).fill_null(0.0),
        "ends": _one(_finite(end)),
        "end_all": _number(end, _finite(end)),
    }
    if importance:
        rated = paired & _finite(importance) & (nw.col(importance) >= 0)
        points = nw.col(importance).cast(nw.Float64)
        sums |= {
            "importance_pairs": _one(rated),
            "importance_sum": _number(importance, rated),
            "importance_gap": nw.when(rated).then(points * gap).fill_null(0.0),
        }
    extremes: dict[str, nw.Expr] = {}
    if weight:
        sums["weights"] = _one(_finite(weight))
        extremes["weight"] = nw.when(_finite(weight)).then(nw.col(weight).cast(nw.Float64))
    if importance:
        extremes["importance"] = nw.when(_finite(importance)).then(nw.col(importance).cast(nw.Float64))

    # The products are made before the grouping: engines differ in what they take inside an aggregate.
    prepared = table.select(
        *_keys(schema, keys),
        *(expression.alias(f"_{name}") for name, expression in sums.items()),
        *(expression.alias(f"_{name}_x") for name, expression in extremes.items()),
    )
    aggregates = [nw.len().alias("rows"), *(nw.col(f"_{name}").sum().alias(name) for name in sums)]
    if weight:
        aggregates += [nw.col("_weight_x").min().alias("weight_low"), nw.col("_weight_x").max().alias("weight_high")]
    if importance:
        aggregates += [nw.col("_importance_x").max().alias("importance_max")]
    grouped = prepared.group_by(*keys).agg(*aggregates) if keys else prepared.select(*aggregates)
    return _sorted(_to_pandas(grouped).astype({"rows": float}), keys, schema)


def tally_distinct(frame: IntoFrame, names: Sequence[str]) -> pd.DataFrame:
    """Return the combinations of `names` that occur, one a row, sorted as `tally_pairs` sorts its keys."""
    require(frame, names, "responses")
    table = nw.from_native(frame)
    schema = table.collect_schema()
    seen = table.select(*_keys(schema, names)).group_by(*names).agg(nw.len().alias("_rows"))
    return _sorted(_to_pandas(seen), names, schema)[list(names)]


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
    values, local = [], []
    for name in times:
        dtype = schema[name]
        if not isinstance(dtype, nw.Datetime | nw.Date):
            raise ArgumentError(f"`{table}` must hold times in {name!r}, not {dtype}; read the file with read_study.")
        values.append(nw.col(name).cast(nw.Datetime("us")) if isinstance(dtype, nw.Date) else nw.col(name))
        local += [] if isinstance(dtype, nw.Datetime) and dtype.time_zone else [name]
    for name in numbers:
        if not schema[name].is_numeric():
            raise ArgumentError(f"`{table}` must hold numbers in {name!r}, not {schema[name]}; read the file with read_study.")
        values.append(nw.when(_finite(name)).then(nw.col(name).cast(nw.Float64)).alias(name))
    for name in marks:
        if schema[name] != nw.Boolean:
            raise ArgumentError(f"`{table}` must hold true or false in {name!r}, not {schema[name]}.")
        values.append((nw.col(name) & ~nw.col(name).is_null()).alias(name))
    parts = [*keys, *times, *numbers, *marks]
    if "rows" in parts:
        raise ArgumentError(f"a column that makes groups must not be called 'rows', as a count is; rename it in `{table}`.")
    prepared = native.select(*_keys(schema, keys), *values)
    counted = _to_pandas(
        prepared.group_by(*parts).agg(nw.len().alias("rows")) if parts else prepared.select(nw.len().alias("rows"))
    )
    texts = [key for key in keys if isinstance(counted[key].dtype, pd.StringDtype)]  # slow to walk through, name by name
    kinds = {**dict.fromkeys(texts, object), **dict.fromkeys([*times, *numbers, "rows"], float), **dict.fromkeys(marks, bool)}
    for name in times:
        moments = pd.to_datetime(counted[name])
        if name in local:
            moments = moments.dt.tz_localize(zone, ambiguous=np.ones(len(moments), bool), nonexistent="shift_forward")
        counted[name] = (moments - pd.Timestamp(0, tz=moments.dt.tz)) / pd.Timedelta(microseconds=1)
    counted = counted.astype(kinds)
    ordered = _sorted(counted, keys, schema)
    return ordered.sort_values(parts, kind="stable").reset_index(drop=True) if parts else ordered


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
    table = nw.from_native(frame)
    schema = table.collect_schema()
    if not schema[value].is_numeric():
        raise ArgumentError(f"`events` must hold numbers in {value!r}, not {schema[value]}; read the file with read_study.")
    clash = next((key for key in keys if key in {"value", "count"}), None)
    if clash:
        raise ArgumentError(f"a column that makes groups must not be called {clash!r}; rename it in `events`.")
    number = nw.when(_finite(value)).then(nw.col(value).cast(nw.Float64)).alias("value")
    grouped = table.select(*_keys(schema, keys), number).group_by(*keys, "value").agg(nw.len().alias("count"))
    counted = _to_pandas(grouped).astype({"value": float, "count": float})
    return _sorted(counted.sort_values("value", kind="stable").reset_index(drop=True), keys, schema)


def _finite(name: str) -> nw.Expr:
    number = nw.col(name).cast(nw.Float64)
    return (~number.is_null()) & number.is_finite()


def _one(condition: nw.Expr) -> nw.Expr:
    return condition.cast(nw.Float64)


def _number(name: str, condition: nw.Expr) -> nw.Expr:
    return nw.when(condition).then(nw.col(name).cast(nw.Float64)).fill_null(0.0)


def _to_pandas(table: nw.DataFrame | nw.LazyFrame) -> pd.DataFrame:
    eager = table.collect() if isinstance(table, nw.LazyFrame) else table
    return eager.to_pandas()


def _keys(schema: Mapping[str, nw.dtypes.DType], keys: Sequence[str]) -> list[nw.Expr]:
    """Select the keys; ordered texts as plain text, because engines hand over categories each in its own way."""
    ordered = {key: _order(schema[key]) for key in keys}
    texts = {key for key, levels in ordered.items() if levels and all(isinstance(level, str) for level in levels)}
    return [
        nw.when(~nw.col(key).is_null()).then(nw.col(key).cast(nw.String)).alias(key) if key in texts else nw.col(key)
        for key in keys
    ]


def _order(dtype: nw.dtypes.DType) -> list[object] | None:
    """Return the declared order of an ordered categorical, or None where there is none."""
    return list(dtype.categories) if isinstance(dtype, nw.Enum) else None


def _sorted(frame: pd.DataFrame, keys: Sequence[str], schema: Mapping[str, nw.dtypes.DType]) -> pd.DataFrame:
    """Sort by the keys: a declared order where there is one, else by value with whole numbers and texts as they are."""
    frame = frame.copy()
    for key in keys:
        codes, found = pd.factorize(frame[key])
        if schema[key].is_integer():
            found = found.astype(np.int64)  # beside a null an engine may hand over 12 as 12.0
        order = _order(schema[key])
        if order is None:
            try:
                order = sorted(found)
            except TypeError:
                raise ArgumentError(
                    f"`responses` must hold values of one kind in {key!r}, not text and numbers; read the file with read_study."
                ) from None
        place = {level: number for number, level in enumerate(order)}
        rank = np.array([*(place[level] for level in found), -1], np.int64)  # the last is where null points to
        frame[key] = pd.Categorical.from_codes(rank[codes], categories=pd.Index(order), ordered=True)
    return frame.sort_values(list(keys), kind="stable").reset_index(drop=True) if keys else frame


def keep_true(frame: IntoFrame, name: str) -> IntoFrame:
    """Return the rows whose column `name` is true, on the frame's own engine."""
    table = nw.from_native(frame)
    if table.collect_schema()[name] != nw.Boolean:
        raise ArgumentError(f"`responses` must hold true or false in {name!r}, not {table.collect_schema()[name]}.")
    return table.filter(nw.col(name)).to_native()
