"""Which rows of a table hold the names of its columns, and which are above it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final, NamedTuple

MOST_ABOVE: Final = 50  # rows that may stand above a header
_VALUE = re.compile(r"[+-]?\d+([.,]\d+)?([eE][+-]?\d+)?%?|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([ T].*)?", re.ASCII)
_MOSTLY = 0.8


class Heading(NamedTuple):
    """The rows that name the columns, counted from 1; how that is known; and what is not."""

    rows: tuple[int, ...]
    evidence: str = ""
    uncertain: str = ""


def tell_heading(records: Sequence[Sequence[str]]) -> Heading:
    """Find the header in the first records of a file or sheet."""
    filled = list(map(_filled, records))
    shown = [count for count in filled if count]
    if not shown:
        return Heading((1,))
    width = _width(filled)
    first = next((place for place, count in enumerate(filled[:MOST_ABOVE]) if count >= max(1, _MOSTLY * width)), None)
    if first is None:
        return Heading((1,))
    usual = Counter(map(len, filter(_filled, records))).most_common(1)[0][0]
    whole = next((place for place in range(first) if _filled(records[place]) == len(records[place]) == usual), None)
    if whole is not None and _named(records[whole]) and not _values(records[whole]):
        first = whole
    if _is_body(records, first):
        first = _above(records, first, width)
    rows = _joined(records, filled, first)
    if len(rows) == 1 and (better := _below(records, first, width)):
        first, rows = better[-1] - 1, better
    evidence = f"the header is in row {first + 1}, the first as wide as the table" if first and len(rows) == 1 else ""
    if len(rows) > 1:
        evidence = f"the names stand in rows {rows[0]} and {rows[1]}, a heading above several columns"
    if _is_body(records, rows[-1] - 1):
        return Heading(
            rows, evidence, f"row {rows[-1]} would name the columns, and looks like the rows below it: is there no header?"
        )
    return Heading(rows, evidence)


def _filled(record: Sequence[str]) -> int:
    return sum(1 for cell in record if cell.strip())


def _width(filled: Sequence[int]) -> int:
    """Return how many cells a full row has: those above and below a table have fewer, and answers may be blank."""
    counts = sorted(filled, reverse=True)
    return counts[0] if len(counts) < 3 else counts[max(1, len(counts) // 20)]


def _named(record: Sequence[str]) -> bool:
    """Whether a row could name columns: words, or nothing, each once."""
    names = [cell.strip() for cell in record if cell.strip()]
    return len(set(names)) == len(names) and sum(bool(_VALUE.fullmatch(name)) for name in names) * 2 < len(names)


def _above(records: Sequence[Sequence[str]], first: int, width: int) -> int:
    """Return the nearest row above the first full one that could name columns, if that one looks like an answer."""
    for place in range(first - 1, -1, -1):
        if 2 * _filled(records[place]) >= width and _named(records[place]) and not _values(records[place]):
            return place
    return first


def _joined(records: Sequence[Sequence[str]], filled: Sequence[int], first: int) -> tuple[int, ...]:
    """Return the row, or it and the one above, whose words head several columns each and without which names stand twice."""
    names = Counter(cell.strip() for cell in records[first] if cell.strip())
    above = first - 1
    if above >= 0 and names and max(names.values()) > 1 and filled[above] > 1 and not _values(records[above]):
        return (above + 1, first + 1)
    return (first + 1,)


def _below(records: Sequence[Sequence[str]], first: int, width: int) -> tuple[int, ...] | None:
    """Return the next row, if that holds the names and `first` words that head several columns each, or both."""
    if first + 2 >= len(records) or _named(records[first]):
        return None
    head, following = records[first], records[first + 1]
    if _filled(following) < _MOSTLY * width or _values(following) or _values(head):
        return None
    if _named(following):
        return (first + 2,)
    both = [pair for pair in zip(head, following, strict=False) if any(map(str.strip, pair))]
    return (first + 1, first + 2) if len(set(both)) == len(both) else None


def _values(record: Sequence[str]) -> int:
    return sum(bool(_VALUE.fullmatch(cell.strip())) for cell in record)


def _is_body(records: Sequence[Sequence[str]], place: int) -> bool:
    """Whether a row has numbers and dates where the rows below it do."""
    head, body = records[place], [record for record in records[place + 1 :] if any(map(str.strip, record))]
    if not body or not _values(head):
        return False
    below = [sum(bool(_VALUE.fullmatch(row[at].strip())) for row in body if at < len(row)) for at in range(len(head))]
    valued = [at for at, count in enumerate(below) if 2 * count > len(body)]
    return bool(valued) and sum(bool(_VALUE.fullmatch(head[at].strip())) for at in valued) * 2 > len(valued)
