"""Dates as a page writes them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pandas as pd

_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def dated(moment: float, zone: str) -> str:
    """Write a moment in microseconds since 1970 as a date: "12 March 2026"."""
    local = pd.Timestamp(int(moment), unit="us", tz="UTC").tz_convert(zone)
    return f"{local.day} {_MONTHS[local.month - 1]} {local.year}"


def day_of(day: str) -> str:
    """Write a day in the form of ISO 8601, with or without a time, as a date: "12 March 2026"."""
    year, month, number = day[:10].split("-")
    return f"{int(number)} {_MONTHS[int(month) - 1]} {int(year)}"


def joined(names: Sequence[str]) -> str:
    """Join words as "a, b and c"."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else ""
