"""The period that a report is of: named, or counted back from the day on which the schedule runs, in the study's zone."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

_MONTH: Final = re.compile(r"(\d{4})-(0[1-9]|1[0-2])", re.ASCII)
_QUARTER: Final = re.compile(r"(\d{4})-Q([1-4])", re.ASCII)
_WORDS: Final = {
    "as_of": 'a day such as "2026-03-31", or "yesterday"',
    "month": 'a month such as "2026-03", or "last_month"',
    "quarter": 'a quarter such as "2026-Q1", or "last_quarter"',
}
PERIODS: Final = tuple(_WORDS)


def day_in(zone: str, now: datetime) -> date:
    """Return the day that it is in `zone` at the moment `now`, whatever zone the machine is set to."""
    return now.astimezone(ZoneInfo(zone)).date()


def utc_now() -> datetime:
    """Return the moment that it is."""
    return datetime.now(UTC)


def settle_period(kind: str, text: str, today: date) -> dict[str, str]:
    """Return what a period means: its name, and under "as_of" its last day.

    Parameters
    ----------
    kind : of PERIODS
    text : the period, or a word for the one before `today`
    today : the day of the schedule, in the study's zone

    Raises
    ------
    ValueError : `text` is no such period; the text of the error says what one is.
    """
    text = text.strip()
    if kind == "as_of":
        return {"as_of": (today - timedelta(days=1)).isoformat() if text == "yesterday" else _moment(text)}
    last, read = _READERS[kind]
    name = last(today) if text == f"last_{kind}" else text
    try:
        return {kind: name, "as_of": read(name).isoformat()}
    except (ValueError, OverflowError):
        raise ValueError(_WORDS[kind]) from None


def _moment(text: str) -> str:
    """Return a day, or a moment of one, as it is written; its last part is checked where the study is read."""
    try:
        datetime.fromisoformat(text)
        if len(text) >= len("2026-03-31") and text[4] == "-":
            return text
    except (ValueError, IndexError):
        pass
    raise ValueError(_WORDS["as_of"])


def _month_end(name: str) -> date:
    year, month = _parts(_MONTH, name)
    return (date(year, month, 28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def _quarter_end(name: str) -> date:
    year, quarter = _parts(_QUARTER, name)
    return _month_end(f"{year:04d}-{3 * quarter:02d}")


def _parts(form: re.Pattern[str], name: str) -> tuple[int, int]:
    match = form.fullmatch(name)
    if match is None:
        raise ValueError(name)
    return int(match[1]), int(match[2])


def _last_month(today: date) -> str:
    return (today.replace(day=1) - timedelta(days=1)).isoformat()[:7]


def _last_quarter(today: date) -> str:
    year, before = divmod(today.year * 4 + (today.month - 1) // 3 - 1, 4)
    return f"{year:04d}-Q{before + 1}"


_READERS: Final[Mapping[str, tuple[Callable[[date], str], Callable[[str], date]]]] = {
    "month": (_last_month, _month_end),
    "quarter": (_last_quarter, _quarter_end),
}
