"""Formats of dates that the study file declares, in the words of `strptime`, read alike whatever the machine's language."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from itertools import product
from typing import Final, NamedTuple

MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# In English, Spanish (with a space of any kind), Korean, Japanese, Chinese, Turkish and Arabic.
BEFORE_NOON: Final = ("am", "a.m.", "a. m.", "a.\u00a0m.", "a.\u202fm.", "오전", "午前", "上午", "öö", "ص")
AFTER_NOON: Final = ("pm", "p.m.", "p. m.", "p.\u00a0m.", "p.\u202fm.", "오후", "午後", "下午", "ös", "م")

_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)[a-z]*\.?"
_DAY = r"(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?"
_HALF = "|".join(map(re.escape, sorted([*BEFORE_NOON, *AFTER_NOON], key=len, reverse=True)))
_PARTS: Final = {  # digits are ASCII, spaces are any
    "Y": r"(?P<Y>[0-9]{4})",
    "y": r"(?P<y>[0-9][0-9])",
    "m": r"(?P<m>[0-9]{1,2})",
    "b": rf"(?P<b>{_MONTH})",
    "B": rf"(?P<b>{_MONTH})",
    "d": r"(?P<d>[0-9]{1,2})",
    "a": _DAY,
    "A": _DAY,
    "H": r"(?P<H>[0-9]{1,2})",
    "I": r"(?P<I>[0-9]{1,2})",
    "M": r"(?P<M>[0-9]{1,2})",
    "S": r"(?P<S>[0-9]{1,2})",
    "f": r"(?P<f>[0-9]{1,6})",
    "p": rf"(?P<p>{_HALF})",
    "z": r"(?P<z>Z|(?:GMT|UTC)?[+-][0-9]{1,2}(?::?[0-9][0-9])?|GMT|UTC)",
    "%": "%",
}
_SPACE = re.compile(r"\s+")

_EPOCH: Final = datetime(1970, 1, 1)
_FIRST_DAYS: Final = {"excel": datetime(1899, 12, 30), "excel1904": datetime(1904, 1, 1)}
_SECONDS: Final = {"unix": 1.0, "unix_ms": 1e-3}
NUMBERED: Final = (*_FIRST_DAYS, *_SECONDS)
_NUMBER = re.compile(r"\d{1,15}(\.\d+)?", re.ASCII)

# How dates are written where nobody thought of a standard; the commonest first.
_DATES: Final = (
    "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%Y/%m/%d", "%Y-%m-%d", "%Y.%m.%d", "%Y. %m. %d", "%Y. %m. %d.",
    "%Y%m%d", "%d.%m.%y", "%d/%m/%y", "%m/%d/%y", "%d %b %Y", "%b %d, %Y", "%d-%b-%Y", "%d-%b-%y",
    "%Y년 %m월 %d일", "%Y年%m月%d日",
)  # fmt: skip
_CLOCKS: Final = ("%H:%M", "%H:%M:%S", "%H.%M", "%H.%M.%S", "%I:%M %p", "%I:%M:%S %p", "%p %I:%M", "%p %I:%M:%S")
_TIMES: Final = ("", *(gap + clock for gap in (" ", ", ", "T") for clock in _CLOCKS))


class Written(NamedTuple):
    """A date as it is written: what the clock showed, with an offset where one is given, or a day alone."""

    clock: datetime
    day: bool


Reader = Callable[[str], Written | None]


@lru_cache(maxsize=1024)
def reader_of(form: str) -> Reader:
    """Return what reads a text of the format, and gives None for any other.

    Parameters
    ----------
    form : words of `strptime`, of which %b and %a are English, %p is am or pm, also in Korean, Japanese and Chinese, and %z
        is Z, +09:00, +0900, GMT+9 or UTC; or "excel" (days since 1900), "excel1904", "unix" (seconds since 1970) or "unix_ms"

    Raises
    ------
    ValueError : the format is none; the text says what it must be.
    """
    if form in _FIRST_DAYS:
        return lambda word: _serial(word, _FIRST_DAYS[form])
    if form in _SECONDS:
        return lambda word: _since_epoch(word, _SECONDS[form])
    named = re.findall("%(.?)", form.replace("%%", ""), re.DOTALL)
    whole = [set(named) & set(part) for part in ("Yy", "mbB", "d")]
    unknown = next((f"%{name}" for name in named if name not in _PARTS), None)
    if unknown or not all(whole) or max(Counter(named).values()) > 1 or any(len(part) > 1 for part in whole):
        fault = f"knows no {unknown}" if unknown else "must name year, month and day once each"
        raise ValueError(f'{fault}; write it such as "%d.%m.%Y %H:%M", or one of {[*NUMBERED]}, not {form!r}')
    if {"H", "I"} <= set(named) or ("I" in named) != ("p" in named):
        raise ValueError(f"must have %H, or %I with %p, and not {form!r}")
    literals = re.split("%.", form.strip())
    parts = [_PARTS[sign[1]] for sign in re.findall("%.", form)]
    pattern = "".join(
        _SPACE.sub(r"\\s+", re.sub(r"\\(?=\s)", "", re.escape(text))) + part
        for text, part in zip(literals, [*parts, ""], strict=True)
    )
    return _clock_reader(re.compile(pattern, re.IGNORECASE), day=not {"H", "I"} & set(named))


def _clock_reader(pattern: re.Pattern[str], *, day: bool) -> Reader:
    def read(word: str) -> Written | None:
        match = pattern.fullmatch(word)
        if match is None:
            return None
        said = match.groupdict()
        try:
            return Written(_clock(said), day)
        except ValueError:  # no such day or hour
            return None

    return read


def _clock(said: dict[str, str | None]) -> datetime:
    """Put the parts together; two digits of a year are 1969 to 2068, as POSIX has it."""
    year = int(said.get("Y") or 1900 + int(said.get("y") or 0) + 100 * (int(said.get("y") or 0) < 69))
    named = said.get("b")
    month = MONTHS.index(named[:3].casefold()) + 1 if named else int(said["m"] or 0)
    hour = int(said.get("H") or 0)
    if half := said.get("p"):
        hour = int(said["I"] or 0)
        if not 1 <= hour <= 12:
            raise ValueError
        hour = hour % 12 + 12 * (half.casefold() in AFTER_NOON)
    fraction = int((said.get("f") or "0").ljust(6, "0"))
    clock = datetime(year, month, int(said["d"] or 0), hour, int(said.get("M") or 0), int(said.get("S") or 0), fraction)
    zone = said.get("z")
    return clock.replace(tzinfo=_offset(zone)) if zone else clock


def _offset(said: str) -> timezone:
    digits = re.sub(r"[^\d]", "", said)
    if not digits:
        return UTC
    hours, minutes = (int(digits[:-2]), int(digits[-2:])) if len(digits) > 2 else (int(digits), 0)
    ahead = timedelta(hours=hours, minutes=minutes)
    return timezone(-ahead if "-" in said else ahead)


def _serial(word: str, first: datetime) -> Written | None:
    """Read days and parts of a day since `first`, to the millisecond; before March 1900 Excel counts one day too many."""
    days = float(word) if _NUMBER.fullmatch(word) else -1.0
    if not 0 <= days < 2_958_466 or (first.year < 1900 and 1 < days < 61):
        return None
    try:
        return Written(first + timedelta(milliseconds=round(days * 86_400_000)), days == int(days))
    except OverflowError:
        return None


def _since_epoch(word: str, seconds: float) -> Written | None:
    if not _NUMBER.fullmatch(word):
        return None
    try:
        return Written((_EPOCH + timedelta(seconds=float(word) * seconds)).replace(tzinfo=UTC), day=False)
    except OverflowError:
        return None


def likely_formats(words: Collection[str], *, least: float = 0.8) -> tuple[str, ...]:
    """Return the formats that read the most of these texts, and at least a share `least`; several where they tell not which.

    Formats that read every text as the same moment count as one, the commonest.
    """
    plain = [word.strip() for word in words if word.strip()]
    if not plain:
        return ()
    numbers = sorted(float(word) for word in plain if _NUMBER.fullmatch(word))
    if len(numbers) >= least * len(plain) and (kind := _numbered(numbers[len(numbers) // 2])):
        return (kind,)
    found: dict[str, list[Written | None]] = {}
    for date, time in product(_DATES, _TIMES):
        for form in (date + time, f"{date}{time} %z") if time else (date,):
            reader = reader_of(form)
            if any(reader(word) for word in plain[:200]):
                found[form] = [reader(word) for word in plain]
    counts = {form: sum(one is not None for one in read) for form, read in found.items()}
    most = max(counts.values(), default=0)
    if not most or most < least * len(plain):
        return ()
    best: dict[str, list[Written | None]] = {}
    for form, count in counts.items():
        if count == most and found[form] not in best.values():
            best[form] = found[form]
    return tuple(best)


def _numbered(number: float) -> str | None:
    """Return what counts so many: days since 1900 from 1954 to 2119, seconds or milliseconds since 1970 from 2001 to 2100."""
    if 20_000 <= number < 80_000:
        return "excel"
    if 1e9 <= number < 4.2e9:
        return "unix"
    return "unix_ms" if 1e12 <= number < 4.2e12 else None
