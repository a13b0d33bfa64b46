"""Cross-products of items over visits, where the answers lie: what alpha, factors, drivers and regressions are made of."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import NamedTuple

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame
from numpy.typing import NDArray

from cxgap.engine import embedded, is_lazy
from cxgap.tally.frames import collected, finite, in_order, one, require, require_numbers

Floats = NDArray[np.float64]


class Products(NamedTuple):
    """Sums over the visits of each cell at which every item was answered; add those of parts that share no visit.

    Attributes
    ----------
    cells : one row a cell, the keys in the order of display
    n : visits, shape (cells,)
    sums : of each item, counted from `middle`, shape (cells, items)
    crossed : of the products of two items, likewise, shape (cells, items, items)
    middle : what answers are counted from
    """

    cells: pd.DataFrame
    n: Floats
    sums: Floats
    crossed: Floats
    middle: float

    @property
    def means(self) -> Floats:
        """Mean of each item, shape (cells, items)."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return self.sums / self.n[:, None] + self.middle

    @property
    def covariances(self) -> Floats:
        """Covariances with divisor n - 1, shape (cells, items, items); NaN below two visits."""
        with np.errstate(invalid="ignore", divide="ignore"):
            about = self.crossed - self.sums[:, :, None] * self.sums[:, None, :] / self.n[:, None, None]
            return np.where(self.n[:, None, None] > 1, about / (self.n[:, None, None] - 1), np.nan)


def tally_products(
    frame: IntoFrame, rating: str, *, keys: Sequence[str], visit: Sequence[str], items: Sequence[Hashable], middle: float
) -> Products:
    """Sum items and their products in each combination of `keys`.

    Parameters
    ----------
    frame : pandas, Polars, DuckDB, PyArrow or PySpark frame, one row an answer, with a column `item`
    rating : numeric column; null or NaN is no answer
    keys : columns to group by; null is a value of its own
    visit : columns that, with `keys`, tell one occasion of a respondent from another; several answers to an item are averaged
    items : those that must all be answered, in the order of the result
    middle : what answers are counted from, so that products stay small: the middle of the scale

    Raises
    ------
    ColumnError : a column is missing. ArgumentError : `rating` does not hold numbers.
    """
    columns = list(dict.fromkeys([*keys, *visit]))
    require(frame, [rating, "item", *columns], "responses")
    require_numbers(frame, [rating], "responses")
    schema = nw.from_native(frame).collect_schema()
    table = nw.from_native(embedded(frame, [rating, "item", *columns], added=[rating]))
    value = nw.col(rating).cast(nw.Float64) - middle
    asked = {number: finite(rating) & (nw.col("item") == item) for number, item in enumerate(items)}
    wide = table.select(
        *columns,
        *(nw.when(mark).then(value).otherwise(0.0).alias(f"_x{number}") for number, mark in asked.items()),
        *(one(mark.fill_null(False)).alias(f"_n{number}") for number, mark in asked.items()),
    )
    names = [f"_{kind}{number}" for kind in "xn" for number in asked]
    visits = wide.group_by(*columns).agg(*(nw.col(name).sum() for name in names))
    whole = visits.filter(nw.all_horizontal(*(nw.col(f"_n{number}") > 0 for number in asked), ignore_nulls=True))
    means = [(nw.col(f"_x{number}") / nw.col(f"_n{number}")).alias(f"_x{number}") for number in asked]
    pairs = [(first, second) for first in asked for second in asked if first <= second]
    made = whole.select(*keys, *means)
    products = ((nw.col(f"_x{first}") * nw.col(f"_x{second}")).alias(f"_p{first}_{second}") for first, second in pairs)
    crossed = made.with_columns(*products)
    sums = [nw.len().alias("_n"), *(nw.col(f"_x{number}").sum() for number in asked)]
    sums += [nw.col(f"_p{first}_{second}").sum() for first, second in pairs]
    found = collected(crossed.group_by(*keys).agg(*sums) if keys else crossed.select(*sums), lazy=is_lazy(frame))
    found = in_order(found, keys, schema)
    square = np.zeros((len(found), len(items), len(items)))
    for first, second in pairs:
        square[:, first, second] = square[:, second, first] = found[f"_p{first}_{second}"].to_numpy(float, na_value=0.0)
    totals = found[[f"_x{number}" for number in asked]].to_numpy(float, na_value=0.0).reshape(len(found), len(items))
    return Products(found[list(keys)], found["_n"].to_numpy(float), totals, square, middle)
