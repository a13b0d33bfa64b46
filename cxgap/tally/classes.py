"""Rows of a table that no memory holds, in classes of those that are alike, and sums over the customers among them.

Once the classes are known, whatever is asked of a row is a function of its class: the engine is handed that function, as
a small table beside the rows, and hands back sums of cells. So rows are counted and squared where they lie, however many.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any, NamedTuple

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
import pyarrow as pa
from narwhals.stable.v2.typing import IntoFrame
from numpy.typing import NDArray

from cxgap import engine
from cxgap.engine import MOST_ROWS, embedded
from cxgap.errors import ArgumentError
from cxgap.tally.frames import in_order, key_columns, require
from cxgap.tally.lattice import on_lattice
from cxgap.tally.times import decoded, value_columns

_WHOLE, _NUMBER, _TEXT = -(2**62), -1.7e308, "\x1f"  # what stands for null where rows are matched
_views = count(1)  # DuckDB keeps a relation that it is asked about by name
_UNIT, _CLASS, _CELL, _HELD = "_unit", "_class", "_cell", "_held"


class Classes(NamedTuple):
    """Classes of rows, and the rows where they lie.

    Attributes
    ----------
    frame : one row a class: what tells it apart, as `tally_values` gives it, and `count`, the rows of the class
    matched : the same as the engine matches rows by, columns "_0", "_1", ...
    rows : those columns of every row, with its customer; None where nobody needs to be asked
    nobody : whether no customer is told
    """

    frame: pd.DataFrame
    matched: pd.DataFrame
    rows: nw.LazyFrame | None
    nobody: bool

    def sizes(self, cell: NDArray[np.integer], counted: NDArray[Any]) -> pd.DataFrame:
        """Count the rows of each class by how many of its customer's rows count in the cell.

        Parameters
        ----------
        cell : of each class, below 0 where its rows are in none, shape (classes,)
        counted : of each class, whether its rows count, shape (classes,) or, for several ways to count, (classes, ways)

        Returns
        -------
        DataFrame, sorted: `class`, `size` (or `size0`, `size1`, ...), `count`, and `known`, whether anybody knows whose they
        are; else each is a customer's only one.
        """
        counted = np.asarray(counted, np.int64)
        counted = counted[:, None] if counted.ndim == 1 else counted
        ways = [f"{_HELD}{way}" for way in range(counted.shape[1])]
        found = self._sizes(cell, ways, counted).astype(np.int64)
        found["known"] = True
        inside = np.flatnonzero(cell >= 0)
        named = np.bincount(found[_CLASS], found["count"], len(cell))
        alone = (self.frame["count"].to_numpy() - named)[inside]
        rest = pd.DataFrame({_CLASS: inside, **dict(zip(ways, counted[inside].T, strict=True)), "count": alone, "known": False})
        made = pd.concat([found, rest[rest["count"] > 0]], ignore_index=True).astype({"count": float})
        names = {_CLASS: "class", **{way: f"size{number}" if len(ways) > 1 else "size" for number, way in enumerate(ways)}}
        made = made.rename(columns=names)
        return made.sort_values(list(made), ignore_index=True)

    def _sizes(self, cell: NDArray[np.integer], ways: Sequence[str], counted: NDArray[np.integer]) -> pd.DataFrame:
        if self.nobody or not (cell >= 0).any():
            return pd.DataFrame(columns=[_CLASS, *ways, "count"])
        rows = self._beside(cell, dict(zip(ways, counted.T, strict=True)), {_CLASS: np.arange(len(cell))})
        # Summed over windows: sums that are joined back to the rows were tried, and engines joined them in a ruinous order.
        held = summed_within(rows.select(_CELL, _UNIT, _CLASS, *ways), ways, [_CELL, _UNIT])
        return _collected(held.group_by(_CLASS, *ways).agg(nw.len().alias("count")))

    def totals(
        self, cell: NDArray[np.integer], cells: int, moved: NDArray[np.float64], counted: NDArray[Any] | None
    ) -> NDArray[np.float64]:
        """Sum the squares of the customers' totals of variables in each cell, over the customers whom somebody knows.

        Parameters
        ----------
        cell : as in `sizes`
        moved : the variables of each class, shape (classes, variables)
        counted : as in `sizes`, in one way: totals are divided by how many rows of the customer count in the cell, if
            any do; None leaves them as they are

        Returns
        -------
        Array of shape (cells, variables).
        """
        width = moved.shape[1]
        if self.nobody or not width:
            return np.zeros((cells, width))
        names = [f"_moved{number}" for number in range(width)]
        marks = {} if counted is None else {_HELD: np.asarray(counted, np.int64)}
        rows = self._beside(cell, marks, dict(zip(names, np.asarray(moved, np.float64).T, strict=True)))
        totals = (
            rows.select(_CELL, _UNIT, *marks, *names)
            .group_by(_CELL, _UNIT)
            .agg(*(nw.col(name).sum() for name in (*marks, *names)))
        )
        held = nw.when(nw.col(_HELD) > 0).then(nw.col(_HELD)).otherwise(nw.lit(1)).cast(nw.Float64) if marks else nw.lit(1.0)
        squared = totals.select(_CELL, *((nw.col(name) / held * (nw.col(name) / held)).alias(name) for name in names))
        found = _collected(squared.group_by(_CELL).agg(*(nw.col(name).sum() for name in names)))
        at = found[_CELL].to_numpy(np.int64)
        return np.stack([np.bincount(at, found[name].to_numpy(float), cells) for name in names], axis=1)

    def customers(self, line: NDArray[np.integer], lines: int, inside: NDArray[np.bool_] | None = None) -> NDArray[np.float64]:
        """Count the customers in each line, whom somebody knows.

        Parameters
        ----------
        line : of each class, below 0 where it is in none
        inside : of each class, whether a row puts its customer into each of several counts, shape (classes, counts)

        Returns
        -------
        Array of shape (lines,), or (lines, counts).
        """
        marked = np.ones((len(line), 1), bool) if inside is None else inside
        names = [f"_inside{number}" for number in range(marked.shape[1])]
        counts = np.zeros((lines, len(names)))
        if not self.nobody and names:
            rows = self._beside(line, dict(zip(names, marked.T.astype(np.int64), strict=True)), {})
            people = rows.select(_CELL, _UNIT, *names).group_by(_CELL, _UNIT).agg(*(nw.col(name).max() for name in names))
            found = _collected(people.group_by(_CELL).agg(*(nw.col(name).sum() for name in names)))
            at = found[_CELL].to_numpy(np.int64)
            counts = np.stack([np.bincount(at, found[name].to_numpy(float), lines) for name in names], axis=1)
        return counts[:, 0] if inside is None else counts

    def _beside(
        self, cell: NDArray[np.integer], marks: Mapping[str, NDArray[np.integer]], further: Mapping[str, NDArray[Any]]
    ) -> nw.LazyFrame:
        """Put what is known of its class beside each row of a known customer that is in a cell."""
        assert self.rows is not None  # somebody is known
        inside = cell >= 0
        told = self.matched.assign(**{_CELL: cell}, **marks, **further)[inside]
        table = beside(self.rows, told)
        return self.rows.filter(~nw.col(_UNIT).is_null()).join(table, on=list(self.matched), how="inner")


def classes(
    frame: IntoFrame,
    *,
    keys: Sequence[str],
    times: Sequence[str] = (),
    numbers: Sequence[str] = (),
    marks: Sequence[str] = (),
    unit: str | None,
    zone: str = "UTC",
    schema: Mapping[str, nw.dtypes.DType] | None = None,
) -> Classes | None:
    """Count the classes of rows: the combinations of keys, times, numbers and marks that occur.

    Parameters
    ----------
    frame, keys, times, numbers, marks, zone : as in `tally_times`
    unit : column of the customer, null where nobody knows; None where none is told
    schema : of the frame that this one was made of, if another engine than its own has made it

    Returns
    -------
    Classes, or None where the rows are few, or of kinds that an engine would change: count those one by one.

    Raises
    ------
    ColumnError : a column is missing.
    ArgumentError : a column does not hold what it must, a key is called "count", or there are too many classes.
    """
    parts = [*keys, *times, *numbers, *marks]
    require(frame, parts, "events")
    if not are_many(frame):
        return None
    if "count" in parts:
        raise ArgumentError("a column that makes groups must not be called 'count'; rename it in `events`.")
    native = nw.from_native(frame)
    schema = {**native.collect_schema(), **(schema or {})}
    if unit is None and not times and not marks and isinstance(native, nw.DataFrame):
        near = on_lattice(native, parts)
        if near is not None:
            near = in_order(near.astype({**dict.fromkeys(numbers, float), "count": float}), keys, schema)
            return Classes(near.sort_values(parts, kind="stable", ignore_index=True), near[[]], None, True)
    table = nw.from_native(embedded(frame, [*parts, *([unit] if unit else [])]))
    if not isinstance(table, nw.LazyFrame):
        return None
    values = value_columns(schema, times, numbers, marks, "events")
    who = nw.col(unit) if unit else nw.lit(None).cast(nw.String)
    prepared = table.select(*key_columns(schema, keys), *values, who.alias(_UNIT))
    inner = prepared.collect_schema()
    matched = {f"_{place}": name for place, name in enumerate(parts)}
    forms = matching(matched, inner)
    counted = _collected(
        prepared.group_by(*parts).agg(nw.len().alias("count")).with_columns(*forms)
        if parts
        else prepared.select(nw.len().alias("count"))
    )
    texts = [key for key in keys if isinstance(counted[key].dtype, pd.StringDtype)]
    counted = counted.astype({**dict.fromkeys(texts, object), "count": float})
    counted = in_order(decoded(counted, schema, times, numbers, marks, zone), keys, schema)
    ordered = counted.sort_values(parts, kind="stable", ignore_index=True) if parts else counted
    return Classes(ordered[[*parts, "count"]], ordered[list(matched)], prepared.select(*forms, _UNIT), unit is None)


def are_many(frame: IntoFrame) -> bool:
    """Tell whether there are so many rows, wherever they lie, that sums cost less than rows."""
    table = nw.from_native(frame)
    if isinstance(table, nw.LazyFrame):
        table = table.head(engine.MANY_ROWS).select(nw.len().alias("_rows")).collect()
        return int(table["_rows"][0]) >= engine.MANY_ROWS
    return len(table) >= engine.MANY_ROWS


def beside(rows: nw.LazyFrame, table: pd.DataFrame) -> nw.LazyFrame:
    """Hand a small table to the engine that holds `rows`."""
    held = pa.Table.from_pandas(table, preserve_index=False)
    native: Any = rows.to_native()
    made: Any
    if rows.implementation is nw.Implementation.DUCKDB:
        # Through the relation's own connection, which sees what is named here.
        made = native.query(f"cxgap_rows_{next(_views)}", "select * from held")
    elif rows.implementation is nw.Implementation.POLARS:
        import polars as pl

        frame: Any = pl.from_arrow(held)
        made = frame.lazy()
    elif rows.implementation is nw.Implementation.PYSPARK:
        made = native.sparkSession.createDataFrame(held)
    else:
        raise ArgumentError(f"frames of {rows.implementation.name.title()} must not be lazy here; collect the frame.")
    return nw.from_native(made)


def summed_within(rows: nw.LazyFrame, names: Sequence[str], by: Sequence[str]) -> nw.LazyFrame:
    """Put in place of columns of whole numbers their sums over the rows that have the same values of `by`."""
    if rows.implementation is nw.Implementation.DUCKDB:  # narwhals has windows for DuckDB 1.3 and later
        kept = ", ".join(f'"{name}"' for name in rows.collect_schema() if name not in names)
        within = ", ".join(f'"{name}"' for name in by)
        sums = ", ".join(f'sum("{name}") over (partition by {within}) as "{name}"' for name in names)
        native: Any = rows.to_native()
        view = f"cxgap_rows_{next(_views)}"
        return nw.from_native(native.query(view, f"select {kept}, {sums} from {view}"))
    return rows.with_columns(*(nw.col(name).sum().over(*by) for name in names))


def matching(names: Mapping[str, str], schema: Mapping[str, nw.dtypes.DType]) -> list[nw.Expr]:
    """Write columns as rows are matched by them, so that null is a value: `names` says which under which name."""
    return [_form(name, schema[name]).alias(alias) for alias, name in names.items()]


def _form(name: str, dtype: nw.dtypes.DType) -> nw.Expr:
    """Write a value as rows are matched by it, in which null is a value."""
    column = nw.col(name)
    if dtype == nw.Boolean:
        return nw.when(column.is_null()).then(nw.lit(-1)).otherwise(column.cast(nw.Int64)).cast(nw.Int64)
    if dtype.is_integer():
        return column.cast(nw.Int64).fill_null(_WHOLE)
    if dtype.is_numeric():
        return column.cast(nw.Float64).fill_null(_NUMBER)
    return column.cast(nw.String).fill_null(_TEXT)


def _collected(table: nw.LazyFrame) -> pd.DataFrame:
    held = table.head(MOST_ROWS + 1).collect()
    if len(held) > MOST_ROWS:
        raise ArgumentError(
            f"events must be of at most {MOST_ROWS:,} kinds, cells times distinct numbers, and are of more; round the numbers, "
            "to minutes or hundredths, or cut by less."
        )
    return held.to_pandas()
