"""Rows themselves, of tables that are small wherever they lie: what managers said, what the standards are."""

from __future__ import annotations

import narwhals.stable.v2 as nw
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap.engine import is_lazy
from cxgap.tally.frames import collected, key_columns, order_of


def rows_of(frame: IntoFrame) -> pd.DataFrame:
    """Return a table as a pandas frame: itself where it is one, else its rows; ordered categories stay ordered.

    Raises
    ------
    ArgumentError : it has more rows than `engine.MOST_ROWS`, and lies with an engine.
    """
    if isinstance(frame, pd.DataFrame):
        return frame
    table = nw.from_native(frame)
    schema = table.collect_schema()
    rows = collected(table.select(*key_columns(schema, list(schema))), lazy=is_lazy(frame))
    orders = {name: order for name in schema if (order := order_of(schema[name]))}
    return rows.assign(**{name: pd.Categorical(rows[name], categories=order, ordered=True) for name, order in orders.items()})
