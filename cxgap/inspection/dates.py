"""How dates are written: what looks like one, and which of the formats that a study file may declare reads it."""

from __future__ import annotations

import re
from functools import cache
from itertools import product
from typing import Final

from cxgap.tables.dates import AFTER_NOON, BEFORE_NOON

LONGEST: Final = 45  # characters of a date

_MONTH = r"(jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)[a-z]*\.?"
_HALF = "|".join(map(re.escape, sorted([*BEFORE_NOON, *AFTER_NOON], key=len, reverse=True)))
_PARTS: Final = {
    "%d": r"(0?[1-9]|[12]\d|3[01])",
    "%m": r"(0?[1-9]|1[0-2])",
    "%Y": r"(1[89]|2[01]|99)\d\d",
    "%y": r"\d\d",
    "%b": _MONTH,
    "%H": r"([01]?\d|2[0-3])",
    "%I": r"(0?[1-9]|1[0-2])",
    "%M": r"[0-5]\d",
    "%S": r"[0-5]\d",
    "%p": rf"({_HALF})",
    "%z": r"(Z|(GMT|UTC)?[+-]\d{1,2}(:?\d\d)?|GMT|UTC)",
}
ISO: Final = (
    r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"
    r"([T ]([01]\d|2[0-3])(:?[0-5]\d){1,2}([.,]\d{1,9})?(Z|[+-]\d\d(:?\d\d)?)?)?$"
)
COMPACT: Final = r"^(19|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])$"  # a number too, and a date only where all are

_ORDERS = ("%d{0}%m{0}%Y", "%m{0}%d{0}%Y", "%Y{0}%m{0}%d", "%d{0}%m{0}%y", "%m{0}%d{0}%y", "%y{0}%m{0}%d")
_DAYS = [order.format(mark) for order, mark in product(_ORDERS, "./-")]
_DAYS += [
    "%d.%m.%Y.",
    "%Y. %m. %d",
    "%Y. %m. %d.",
    "%Y년 %m월 %d일",
    "%Y年%m月%d日",
    "%d %b %Y",
    "%b %d, %Y",
    "%d-%b-%Y",
    "%d-%b-%y",
]
_CLOCKS = ("%H:%M", "%H:%M:%S", "%I:%M %p", "%I:%M:%S %p", "%p %I:%M", "%p %I:%M:%S")
_TIMES = ["", *(gap + clock + zone for gap, clock, zone in product((" ", ", "), _CLOCKS, ("", " %z")))]


def _pattern(form: str) -> str:
    pattern = form.replace(".", r"\.").replace(" ", r"\s+")
    for part, shape in _PARTS.items():
        pattern = pattern.replace(part, shape)
    return f"(?i)^{pattern}$"


# A format to the pattern of the texts that it reads, days that a month lacks aside; "" is ISO 8601, which needs none.
FORMATS: Final = {"": ISO} | {
    form: _pattern(form)
    for form in map("".join, product(_DAYS, _TIMES))
    if not form.startswith("%Y-%m-%d") or "%p" in form or "%z" in form
}


@cache
def _beginnings() -> dict[str, tuple[re.Pattern[str], list[str]]]:
    """Return, a way of writing days, its pattern and the formats that begin with it."""
    patterns = {day: re.compile(_pattern(day).removesuffix("$") + r"(,|\s|$)", re.ASCII) for day in _DAYS}
    return {day: (pattern, [day + time for time in _TIMES if day + time in FORMATS]) for day, pattern in patterns.items()}


def possible(word: str) -> set[str]:
    """Return the formats that could read a text, by how it begins."""
    return {"", *(form for pattern, forms in _beginnings().values() if pattern.match(word) for form in forms)}


_YEAR, _MONTHS, _DAY = _PARTS["%Y"], _PARTS["%m"], _PARTS["%d"]
_BY_NUMBER = "|".join(
    rf"{_YEAR}{mark}{_MONTHS}{mark}{_DAY}\.?|({_DAY}{mark}{_MONTHS}|{_MONTHS}{mark}{_DAY}){mark}({_YEAR}\.?|\d\d)|"
    rf"\d\d{mark}{_MONTHS}{mark}{_DAY}"
    for mark in ("/", r"\.", "-", r"\.\s+")
)
_BY_WORD = rf"{_DAY}[ -]{_MONTH}[ -](\d{{4}}|\d\d)|{_MONTH}\s+{_DAY},\s+\d{{4}}|\d{{4}}[年년]\s*{_MONTHS}[月월]\s*{_DAY}[日일]"
_CLOCK = rf"(({_HALF})\s*)?\d\d?:[0-5]\d(:[0-5]\d(\.\d+)?)?(\s*({_HALF}))?(\s+[A-Z]{{2,5}}([+-]\d{{1,2}}(:?\d\d)?)?)?"
# What a reader takes for a date or a time of day, whether or not a format reads it.
LIKELY: Final = rf"(?i){ISO}|^({_BY_NUMBER}|{_BY_WORD})(,?[\sT]+{_CLOCK})?$|^{_CLOCK}$"
