"""Rows become sums here, on whatever engine holds them; nothing else sees rows once a study has been read.

Ratings are summed as they were given: the difference of a pair first, then exact sums of whole numbers, and one
division at the end elsewhere. So the order and the partition of the rows cannot change a digit.
"""

from __future__ import annotations

from collections.abc import Sequence

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap.engine import embedded, is_exact, is_lazy
from cxgap.errors import ArgumentError
from cxgap.tally.frames import collected, finite, in_order, key_columns, number, one, require, require_numbers
from cxgap.tally.grouped import distinct, grouped

SUMS = frozenset(
    {"rows", "pairs", "start", "end", "gap", "ends", "end_all", "weights", "weight_low", "weight_high"}
    | {"importance_max", "importance_pairs", "importance_sum", "importance_gap"}
)


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
    schema = nw.from_native(frame).collect_schema()
    require_numbers(frame, numbers, "responses")
    clash = next((key for key in keys if key in SUMS), None)
    if clash:
        raise ArgumentError(f"a column that makes groups must not be called {clash!r}, as a sum is; rename it in `responses`.")

    if isinstance(frame, pd.DataFrame) and (known := _pairs_in_memory(frame, start, end, keys, weight, importance)) is not None:
        return known
    table = nw.from_native(embedded(frame, [*numbers, *keys], added=numbers))
    paired = finite(start) & finite(end)
    gap = nw.col(end).cast(nw.Float64) - nw.col(start).cast(nw.Float64)
    sums: dict[str, nw.Expr] = {
        "pairs": one(paired),
        "start": number(start, paired),
        "end": number(end, paired),
        "gap": nw.when(paired).then(gap).fill_null(0.0),
        "ends": one(finite(end)),
        "end_all": number(end, finite(end)),
    }
    if importance:
        rated = paired & finite(importance) & (nw.col(importance) >= 0)
        points = nw.col(importance).cast(nw.Float64)
        sums |= {
            "importance_pairs": one(rated),
            "importance_sum": number(importance, rated),
            "importance_gap": nw.when(rated).then(points * gap).fill_null(0.0),
        }
    extremes: dict[str, nw.Expr] = {}
    if weight:
        sums["weights"] = one(finite(weight))
        extremes["weight"] = nw.when(finite(weight)).then(nw.col(weight).cast(nw.Float64))
    if importance:
        extremes["importance"] = nw.when(finite(importance)).then(nw.col(importance).cast(nw.Float64))

    # The products are made before the grouping: engines differ in what they take inside an aggregate.
    prepared = table.select(
        *key_columns(schema, keys),
        *(expression.alias(f"_{name}") for name, expression in sums.items()),
        *(expression.alias(f"_{name}_x") for name, expression in extremes.items()),
    )
    aggregates = [nw.len().alias("rows"), *(nw.col(f"_{name}").sum().alias(name) for name in sums)]
    if weight:
        aggregates += [nw.col("_weight_x").min().alias("weight_low"), nw.col("_weight_x").max().alias("weight_high")]
    if importance:
        aggregates += [nw.col("_importance_x").max().alias("importance_max")]
    grouped = prepared.group_by(*keys).agg(*aggregates) if keys else prepared.select(*aggregates)
    return in_order(collected(grouped, lazy=is_lazy(frame)).astype({"rows": float}), keys, schema)


def tally_distinct(frame: IntoFrame, names: Sequence[str]) -> pd.DataFrame:
    """Return the combinations of `names` that occur, one a row, sorted as `tally_pairs` sorts its keys."""
    require(frame, names, "responses")
    if isinstance(frame, pd.DataFrame) and (known := distinct(frame, names)) is not None:
        return known
    schema = nw.from_native(frame).collect_schema()
    table = nw.from_native(embedded(frame, list(names)))
    seen = table.select(*key_columns(schema, names)).group_by(*names).agg(nw.len().alias("_rows"))
    return in_order(collected(seen, lazy=is_lazy(frame)), names, schema)[list(names)]


def _pairs_in_memory(
    frame: pd.DataFrame, start: str, end: str, keys: Sequence[str], weight: str | None, importance: str | None
) -> pd.DataFrame | None:
    """Sum as `tally_pairs` does, by numbers of groups; None where a key, or a sum that must not round, does not allow it."""
    added = [start, end, *([importance] if importance else [])]
    if not all(is_exact(nw.from_native(frame[name], series_only=True)) for name in added):
        return None
    found = grouped(frame, keys)
    if found is None:
        return None
    place, groups = found.place, max(len(found.keys), 0 if keys else 1)
    values = {name: _numbers(frame[name]) for name in dict.fromkeys(added)}
    first, last = values[start], values[end]
    ends = np.isfinite(last)
    paired = ends & np.isfinite(first)

    def count(mark: np.ndarray) -> np.ndarray:
        return np.bincount(place if mark.all() else place[mark], minlength=groups).astype(np.float64)

    def total(amounts: np.ndarray, mark: np.ndarray) -> np.ndarray:
        at, those = (place, amounts) if mark.all() else (place[mark], amounts[mark])
        return np.bincount(at, those, groups).astype(np.float64, copy=False)  # of no rows it would count

    alone = not np.array_equal(ends, paired)  # an end may have no start
    sums = {
        "rows": np.bincount(place, minlength=groups).astype(np.float64),
        "pairs": count(paired),
        "start": total(first, paired),
        "end": total(last, paired),
    }
    sums |= {"gap": sums["end"] - sums["start"]}  # no sum was rounded
    sums |= {"ends": count(ends), "end_all": total(last, ends)} if alone else {"ends": sums["pairs"], "end_all": sums["end"]}
    if importance:
        points = values[importance]
        with np.errstate(invalid="ignore"):
            rated = paired & np.isfinite(points) & (points >= 0)
            sums |= {"importance_pairs": count(rated), "importance_sum": total(points, rated)}
            sums |= {"importance_gap": total(points * np.subtract(last, first, dtype=np.float64), rated)}
    if weight:
        given = frame[weight].to_numpy(np.float64, na_value=np.nan)
        known = np.isfinite(given)
        sums |= {"weights": count(known), "weight_low": _extreme(np.fmin, given, known, place, groups)}
        sums |= {"weight_high": _extreme(np.fmax, given, known, place, groups)}
    if importance:
        sums["importance_max"] = _extreme(np.fmax, points, np.isfinite(points), place, groups)
    return pd.concat([found.keys.reindex(range(groups)), pd.DataFrame(sums)], axis=1)


def _numbers(column: pd.Series) -> np.ndarray:
    """Return whole numbers as they are held, which a sum takes for floats anyway, and others as floats."""
    dtype = column.dtype
    plain = isinstance(dtype, np.dtype) and dtype.kind in "iu"
    return column.to_numpy() if plain else column.to_numpy(np.float64, na_value=np.nan)


def _extreme(of: np.ufunc, values: np.ndarray, known: np.ndarray, place: np.ndarray, groups: int) -> np.ndarray:
    found = np.full(groups, np.nan)
    of.at(found, place[known], values[known])
    return found
