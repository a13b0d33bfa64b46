"""In which order periods follow each other that are known by name only: "Q4 2024" before "Q1 2025", "W9" before "W10"."""

from __future__ import annotations

import re
from collections.abc import Iterable
from math import gcd
from typing import Final

MONTHS: Final = (
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
)  # fmt: skip
ELSEWHERE: Final = {"mär": 3, "mrz": 3, "mai": 5, "okt": 10, "dez": 12}  # months as German has them
QUARTER, MONTH, HALF, YEAR, WEEK, DAY = "quarter", "month", "half", "year", "week", "day"
SPACED: Final = {QUARTER, MONTH, HALF, YEAR}
_YEAR: Final = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_DAY: Final = re.compile(r"(?:19|20)\d\d-(\d\d)-(\d\d)")
_PARTS: Final = (
    (QUARTER, 4, re.compile(r"(?<![^\W\d_])q(?:uarter|uartal|tr)?[\s._-]*([1-4])(?!\d)")),
    (QUARTER, 4, re.compile(r"(?<!\d)([1-4])(?:\.|st|nd|rd|th)?\s*(?:quarter|quartal|qtr|q)(?![^\W\d_])")),
    (HALF, 2, re.compile(r"(?<![^\W\d_])(?:h|hj|half|halbjahr)[\s._-]*([12])(?!\d)")),
    (HALF, 2, re.compile(r"(?<!\d)([12])(?:\.|st|nd)?\s*(?:half|halbjahr|hj|h)(?![^\W\d_])")),
    (WEEK, 53, re.compile(r"(?<![^\W\d_])(?:kw|cw|w|week)[\s._-]*(\d\d?)(?!\d)")),
    (MONTH, 12, re.compile(r"^\s*[-/._m]\s*(\d\d?)\s*$|^\s*(\d\d?)\s*[-/._]\s*$")),
)
_WORD: Final = re.compile(r"[^\W\d_]+")
_ONE_NUMBER: Final = re.compile(r"(\D*)(\d+)(\D*)")


def placed_in_time(name: str) -> tuple[str, int] | None:
    """Return what kind of period a name is of, and its number on the calendar; None where the name does not say.

    Examples
    --------
    >>> placed_in_time("Q1 2025"), placed_in_time("2025-Q1"), placed_in_time("1. Quartal 2025")
    (('quarter', 8101), ('quarter', 8101), ('quarter', 8101))
    """
    text = name.strip().lower()
    if found := _DAY.fullmatch(text):
        return DAY, int(text[:4]) * 10_000 + int(found[1]) * 100 + int(found[2])
    years = list(_YEAR.finditer(text))
    if len(years) != 1:
        return None
    year, rest = int(years[0][0]), (text[: years[0].start()] + " " + text[years[0].end() :]).strip()
    if not rest:
        return YEAR, year
    for kind, count, pattern in _PARTS:
        if (match := pattern.search(rest)) and 1 <= (part := int(next(filter(None, match.groups())))) <= count:
            return kind, year * count + part
    words = [word[:3] for word in _WORD.findall(rest)]
    months = [MONTHS.index(word) + 1 if word in MONTHS else ELSEWHERE[word] for word in words if word in {*MONTHS, *ELSEWHERE}]
    return (MONTH, year * 12 + months[0]) if len(months) == 1 and not re.search(r"\d", rest) else None


def places(names: Iterable[str]) -> list[int] | None:
    """Return the number of each period in time, all names being of one kind or alike but for one number; None elsewhere."""
    names = list(names)
    told = [placed_in_time(name) for name in names]
    if all(told) and len({kind for kind, _ in filter(None, told)}) == 1:
        return [number for _, number in filter(None, told)]
    parts = [_ONE_NUMBER.fullmatch(name.strip()) for name in names]
    if all(parts) and len({(part[1], part[3]) for part in parts if part}) == 1:
        return [int(part[2]) for part in parts if part]
    return None


def in_time(names: Iterable[str]) -> list[str]:
    """Sort the names of periods in the order of time, and as text where their names do not tell it.

    Examples
    --------
    >>> in_time(["Q1 2025", "Q3 2024", "Q4 2024"])
    ['Q3 2024', 'Q4 2024', 'Q1 2025']
    >>> in_time(["W10", "W9"])
    ['W9', 'W10']
    """
    names = sorted(names)
    numbers = places(names)
    return (
        names if numbers is None else [name for _, name in sorted(zip(numbers, names, strict=True), key=lambda pair: pair[0])]
    )


def steps(names: Iterable[str]) -> list[int] | None:
    """Return how far along each period lies where names are of the calendar, the usual distance being 1; None elsewhere.

    A quarter in which nobody was asked takes its place, so that a slope does not make two quarters one.
    """
    told = [placed_in_time(name) for name in names]
    kinds = {None if one is None else one[0] for one in told}
    if len(kinds) != 1 or not kinds <= SPACED:
        return None
    numbers = [number for _, number in filter(None, told)]
    unit = gcd(*(number - numbers[0] for number in numbers)) or 1
    return [(number - numbers[0]) // unit for number in numbers]
