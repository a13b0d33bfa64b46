"""Text for readers: whole texts made safe to show, periods, counts and cell names in words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from cxgap import markup

_STEP = 100  # `markup.visible` cuts longer texts; pieces of this length pass whole
_TAG = re.compile(r"<[^<>]*>")


def shown(text: object) -> str:
    """Return the whole of `text` with control and direction characters made visible; not yet escaped."""
    text = str(text)
    if text.isascii() and text.isprintable():
        return text
    return "".join(markup.visible(text[i : i + _STEP]) for i in range(0, len(text), _STEP))


def paragraph(text: object, longest: int = 2000) -> str:
    """Return `text` as one line that a terminal or a log can show."""
    line = shown(" ".join(str(text).split()))
    return line if len(line) <= longest else line[: longest - 1] + "…"


def untagged(text: object) -> str:
    """Return a plotly text without its tags."""
    return " ".join(_TAG.sub(" ", str(text)).split())


def period_words(first: str, last: str) -> str:
    """Write a period without repeating what both ends share: "1 to 31 March 2026"."""
    try:
        start, end = date.fromisoformat(first[:10]), date.fromisoformat(last[:10])
    except ValueError:
        return f"{first} to {last}"
    if start == end:
        return _day(end, "%B %Y")
    if start.year != end.year:
        return f"{_day(start, '%B %Y')} to {_day(end, '%B %Y')}"
    return f"{_day(start, '%B' if start.month != end.month else '')} to {_day(end, '%B %Y')}"


def day_words(day: str) -> str:
    """Write a date as "31 March 2026"; text that is no date stays as it is."""
    return period_words(day, day) if len(day) >= len("2026-03-31") and day[:4].isdigit() else day


def moment_words(moment: str) -> str:
    """Write a time of ISO 8601 in UTC as "31 March 2026, 05:03 UTC"."""
    day, _, clock = moment.partition("T")
    return f"{day_words(day)}, {clock[:5]} UTC" if clock.endswith("Z") else day_words(moment)


def _day(day: date, rest: str) -> str:
    return f"{day.day} {day.strftime(rest)}".strip()


def many(number: int, noun: str) -> str:
    """Write a count with its noun: "1 row", "1,902 rows"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def listing(words: Sequence[str]) -> str:
    """Join words as "a, b and c"."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def cell_words(number: int, source: str) -> str:
    """Name a code cell by its number and its first line."""
    first = next((line.strip() for line in source.splitlines() if line.strip()), "")
    return f"code cell {number} (`{markup.visible(first)}`)" if first else f"code cell {number}"
