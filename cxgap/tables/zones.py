"""The zone in which an export gives its times: where it is another than the study's, every time is read some hours wrong."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from cxgap.tables.issues import Issues

_DAYS = [datetime(2026, month, 15) for month in range(1, 13)]


def note_zone(said: str, timed: Sequence[str], zone: str, table: str, issues: Issues) -> None:
    """Warn where a file says of its times that they are of another zone than the study's.

    Parameters
    ----------
    said : zone that the file names, "" where it names none
    timed : columns of times that are read; without any, its zone is of no matter
    """
    if said and timed and not _alike(said, zone):
        fix = f'set zone = "{said}" under [study] if all its times are of it, or export the file in {zone}'
        issues.add("other_zone", "warning", table=table, column=", ".join(timed), value=said, fix=fix)


def _alike(one: str, other: str) -> bool:
    """Say whether clocks show the same in both."""
    try:
        clocks = [[day.replace(tzinfo=ZoneInfo(zone)).utcoffset() for day in _DAYS] for zone in (one, other)]
    except (ValueError, KeyError, OSError):  # no name of a zone
        return False
    return clocks[0] == clocks[1]
