"""Spans of time from numbers of which some are missing."""

from __future__ import annotations

import pandas as pd


def spans(numbers: object, unit: str = "D") -> pd.Series:
    """Return spans of so many units, none where there is no number.

    pandas 2.2 rounds memory that it never set where a number with a unit is missing, and warns by chance.
    """
    values = pd.Series(numbers, dtype=float)
    return pd.to_timedelta(values.fillna(0.0), unit=unit).where(values.notna())
