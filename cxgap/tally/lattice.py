"""Counts of whole numbers that lie close together, of frames in memory: each combination has a place of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

PLACES: Final = 2**20  # combinations that may be counted so, whether they occur or not
_ROWS: Final = 2**16  # at once, so that they stay near


def on_lattice(table: nw.DataFrame, names: Sequence[str]) -> pd.DataFrame | None:
    """Count the rows of each combination of whole numbers that occurs.

    Returns
    -------
    DataFrame, sorted by `names`: their values and `count`; None where a column holds anything else, or a null, or where the
    numbers spread too far.
    """
    schema = table.collect_schema()
    if not names or not len(table) or not all(schema[name].is_integer() for name in names):
        return None
    if any(table[name].null_count() for name in names):
        return None
    columns = [table[name].to_numpy() for name in names]
    lows = [int(column.min()) for column in columns]
    sizes = [int(column.max()) - low + 1 for column, low in zip(columns, lows, strict=True)]
    if np.prod([float(size) for size in sizes]) > PLACES:
        return None
    counts = np.zeros(int(np.prod(sizes)), np.int64)
    for start in range(0, len(columns[0]), _ROWS):
        place: np.ndarray | int = 0
        for column, low, size in zip(columns, lows, sizes, strict=True):
            part = column[start : start + _ROWS].astype(np.int64)
            part -= low
            place = place * size + part
        counts += np.bincount(place, minlength=len(counts))
    found = np.flatnonzero(counts)
    values = np.unravel_index(found, sizes)
    made = {name: value.astype(np.int64) + low for name, value, low in zip(names, values, lows, strict=True)}
    return pd.DataFrame({**made, "count": counts[found]})
