"""Promises of days that are written as midnights: read as they stand they end as their day begins."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from cxgap.inspection.column import Column

_PROMISES: Final = ("promised_first", "promised_last")
_CLOCK: Final = re.compile(r"\d{4}-\d{2}-\d{2}([ T])(\d{2}:\d{2}:\d{2})")


def midnights_of(columns: Sequence[Column], rename: Mapping[str, str]) -> list[str]:
    """Return what to write above a format, and the format, for promises that may be days; nothing where none may.

    Parameters
    ----------
    columns : of a table of orders
    rename : names in the file to known names
    """
    clocks = {column.name: [_CLOCK.fullmatch(text) for text in column.values] for column in columns if column.values}
    told = {name: [found.groups() for found in every if found] for name, every in clocks.items() if all(every)}
    days = [name for name, texts in told.items() if {clock for _, clock in texts} == {"00:00:00"}]
    days = [name for name in days if rename.get(name, name) in _PROMISES]
    if not days or not any(clock != "00:00:00" for texts in told.values() for _, clock in texts):
        return []
    apart = sorted({mark for texts in told.values() for mark, _ in texts})
    forms = [form for mark in apart for form in (f"%Y-%m-%d{mark}00:00:00", f"%Y-%m-%d{mark}%H:%M:%S")]
    listed = ", ".join(f'"{form}"' for form in forms)
    return [
        f"{days[0]} holds midnights alone. Where it means a day, kept to its end, drop the mark before the",
        "next line; as it stands, what comes on the day that was promised is late.",
        f"date_format = [{listed}]",
    ]
