"""The evidence that counts for a target, and what is told of it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import narwhals.stable.v2 as nw
import pandas as pd

CELL = "cell of the target"
INSIDE, OUTSIDE = "in", "out"
NOTHING = "nothing of it has come in yet"


class Evidence(NamedTuple):
    """An estimate with its one-sided bounds at one level; NaN, and a reason in `why`, where there is none."""

    n: float = math.nan
    estimate: float = math.nan
    std_error: float = math.nan
    df: float = math.nan
    low: float = math.nan
    high: float = math.nan
    unit: str = ""
    why: str = ""


class Window(NamedTuple):
    """The evidence that counts: from a moment on (None: from the first), before another, and in some waves ((): in all)."""

    start: datetime | None
    end: datetime
    waves: tuple[str, ...] = ()


def window_of(spec: Mapping[str, Any], until: date, zone: str) -> Window:
    """Return the window of a target that is looked at with what had come in by the end of the day `until`."""
    since, waves = spec.get("since"), tuple(spec.get("waves", ()))
    start = moment(date.fromisoformat(str(since)), zone) if since and not waves else None
    return Window(start, moment(min(until, date.fromisoformat(spec["cut_off"])) + timedelta(days=1), zone), waves)


def moment(day: date, zone: str) -> datetime:
    """Return the first moment of a day in a zone, in UTC."""
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def empty(frame: Any) -> bool:
    """Whether a frame in memory has no row; one elsewhere is asked when it is measured."""
    return isinstance(frame, nw.DataFrame) and len(frame) == 0


def options_of(spec: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a target says of how its method measures."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in spec.get("options", {}).items()}


def of_gap(frame: pd.DataFrame, unit: str, people: str = "n") -> Evidence:
    """Take the row of the target's cell."""
    rows = frame[frame[CELL].astype(str) == INSIDE] if CELL in frame else frame
    if len(rows) != 1 or not float(rows["n"].iloc[0]) > 0:
        return Evidence(0.0, unit=unit, why=NOTHING if len(rows) < 2 else "several metrics were measured")
    row = rows.iloc[0]
    n, estimate, std_error, df, low, high = (
        float(row[name]) for name in (people, "estimate", "std_error", "df", "conf_low", "conf_high")
    )
    return Evidence(n, estimate, std_error, df, low, high, unit)
