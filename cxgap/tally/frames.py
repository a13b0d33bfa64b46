"""Frames of any engine: what columns they have, which of their rows count, and how their groups come back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap.engine import MOST_ROWS
from cxgap.errors import ArgumentError, ColumnError, TooManyError


def columns_of(frame: IntoFrame, table: str = "answers") -> list[str]:
    """Return the column names of any supported frame, without reading rows; `table` names it in a message.

    Raises
    ------
    ArgumentError : it is no frame.
    """
    check_frame(frame, table)
    return list(nw.from_native(frame).collect_schema().names())


def check_frame(frame: object, table: str) -> None:
    """Refuse what is no frame; nothing of one is read.

    Raises
    ------
    ArgumentError : it is none.
    """
    try:
        nw.from_native(frame)  # type: ignore[call-overload]
    except TypeError:
        kind = type(frame).__name__
        of_study = "responses" if table == "answers" else table
        told = f" Give its table, as in {kind.lower()}.{of_study}." if kind == "Study" else ""
        told = told or (" Read the file with cx.read_study." if isinstance(frame, str) or hasattr(frame, "__fspath__") else "")
        raise ArgumentError(
            f"{table} must be a pandas, Polars, DuckDB, PyArrow or PySpark frame, not a {kind}.{told}"
        ) from None


def require(frame: IntoFrame, names: Sequence[str], table: str) -> None:
    """Raise ColumnError for the first of `names` that `frame` lacks, naming the nearest column not already in use."""
    present = columns_of(frame, table)
    for name in names:
        if name not in present:
            raise ColumnError.missing(name, table, [column for column in present if column not in names])


def require_numbers(frame: IntoFrame, names: Sequence[str], table: str) -> None:
    """Raise ArgumentError for the first of `names` that does not hold numbers."""
    schema = nw.from_native(frame).collect_schema()
    for name in names:
        if not schema[name].is_numeric():
            raise ArgumentError(f"`{table}` must hold numbers in {name!r}, not {schema[name]}; read the file with read_study.")


def keep_true(frame: IntoFrame, name: str) -> IntoFrame:
    """Return the rows whose column `name` is true, on the frame's own engine."""
    table = nw.from_native(frame)
    if table.collect_schema()[name] != nw.Boolean:
        raise ArgumentError(f"`responses` must hold true or false in {name!r}, not {table.collect_schema()[name]}.")
    return table.filter(nw.col(name)).to_native()


def finite(name: str) -> nw.Expr:
    """Tell which rows have a number in the column `name`."""
    number = nw.col(name).cast(nw.Float64)
    return (~number.is_null()) & number.is_finite()


def one(condition: nw.Expr) -> nw.Expr:
    """Count 1 where `condition` holds and 0 elsewhere."""
    return condition.cast(nw.Float64)


def number(name: str, condition: nw.Expr) -> nw.Expr:
    """Take the column `name` where `condition` holds, and 0 elsewhere."""
    return nw.when(condition).then(nw.col(name).cast(nw.Float64)).fill_null(0.0)


def collected(table: nw.DataFrame | nw.LazyFrame, *, lazy: bool) -> pd.DataFrame:
    """Hand the sums over as a pandas frame.

    Parameters
    ----------
    table : the sums, in memory or still to be computed
    lazy : whether the rows that they are of lie with an engine, so that there may be any number of them

    Raises
    ------
    TooManyError : the sums of a lazy frame are more than `engine.MOST_ROWS`.
    """
    if not isinstance(table, nw.LazyFrame):
        return table.to_pandas()
    categories = [name for name, dtype in table.collect_schema().items() if isinstance(dtype, nw.Enum | nw.Categorical)]
    if categories:  # engines hand them over each in its own way
        texts = (nw.when(~nw.col(name).is_null()).then(nw.col(name).cast(nw.String)).alias(name) for name in categories)
        table = table.with_columns(*texts)
    held = (table.head(MOST_ROWS + 1) if lazy else table).collect()
    if lazy and len(held) > MOST_ROWS:
        raise TooManyError(
            f"this needs more than {MOST_ROWS:,} rows at once, one for each person in each cell or even part of it; restrict "
            "the study with `where`, or draw a sample of people, such as every tenth."
        )
    return held.to_pandas()


def key_columns(schema: Mapping[str, nw.dtypes.DType], keys: Sequence[str]) -> list[nw.Expr]:
    """Select the keys; ordered texts as plain text, because engines hand over categories each in its own way."""
    ordered = {key: order_of(schema[key]) for key in keys}
    texts = {key for key, levels in ordered.items() if levels and all(isinstance(level, str) for level in levels)}
    return [
        nw.when(~nw.col(key).is_null()).then(nw.col(key).cast(nw.String)).alias(key) if key in texts else nw.col(key)
        for key in keys
    ]


def order_of(dtype: nw.dtypes.DType) -> list[object] | None:
    """Return the declared order of an ordered categorical, or None where there is none."""
    return list(dtype.categories) if isinstance(dtype, nw.Enum) else None


def declared_order(frame: IntoFrame, name: str) -> list[object] | None:
    """Return the order that the values of a column are declared to have, or None where there is none."""
    return order_of(nw.from_native(frame).collect_schema()[name])


def in_order(frame: pd.DataFrame, keys: Sequence[str], schema: Mapping[str, nw.dtypes.DType]) -> pd.DataFrame:
    """Sort by the keys: a declared order where there is one, else by value with whole numbers and texts as they are."""
    frame = frame.copy()
    for key in keys:
        codes, found = pd.factorize(frame[key])
        if schema[key].is_integer():
            found = found.astype(np.int64)  # beside a null an engine may hand over 12 as 12.0
        order = order_of(schema[key])
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
