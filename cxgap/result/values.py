"""Cells as JSON can hold them, and back."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from typing import Any

import pandas as pd


def frame_record(frame: pd.DataFrame) -> dict[str, Any]:
    """Return a frame as JSON-able `columns` and `rows`: exact floats, None for what is missing, ISO 8601 for times."""
    rows = [[plain_value(value) for value in row] for row in frame.itertuples(index=False, name=None)]
    return {"columns": [str(name) for name in frame.columns], "rows": rows}


def frame_from(record: Mapping[str, Any], texts: frozenset[str] = frozenset()) -> pd.DataFrame:
    """Make the frame again: a column that holds any text, or is one of `texts`, is of texts, any other of floats."""
    frame = pd.DataFrame(record["rows"], columns=record["columns"])
    words = {name for name in frame if frame[name].map(type).eq(str).any()} | texts
    return frame.astype({name: float for name in frame if name not in words})


def plain_value(value: object) -> object:
    """Turn a cell into what JSON can hold exactly."""
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and not math.isfinite(value)):
        return None
    if isinstance(value, date):  # a Timestamp is one, too
        return value.isoformat()
    return value.item() if hasattr(value, "item") else value
