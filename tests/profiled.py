"""Profiles built from a few words, so that a test of a proposal shows only the columns it is about."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cxgap.inspection.column import Column
from cxgap.inspection.profile import Profile
from cxgap.tables.source import Source

SEVEN = tuple("1234567") * 6
FIVE = tuple("12345") * 8
ROWS = len(SEVEN)
_DATE = re.compile(r"\d{4}-\d\d-\d\d.*")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")


def column(name: str, texts: Sequence[str] = SEVEN, place: int = 0, wording: str = "", **said: Any) -> Column:
    """Count the texts of a column."""
    counts = Counter(text for text in texts if text)
    numbers = [float(text) for text in texts if _NUMBER.fullmatch(text)]
    first = {text: texts.index(text) + 2 for text in counts}
    dates = sum(bool(_DATE.fullmatch(text)) for text in texts)
    return Column(
        name,
        wording,
        place,
        sum(counts.values()),
        len(counts),
        dict(counts.most_common()),
        first,
        len(numbers),
        0,
        dates,
        "" if dates else None,
        min(numbers, default=None),
        max(numbers, default=None),
        all(value == int(value) for value in numbers),
        max(map(len, counts), default=0),
        **said,
    )


def columns(*names: str | tuple[str, str], texts: Sequence[str] = SEVEN) -> list[Column]:
    """Columns of the same answers in the order of a file; a pair is a name and its wording."""
    named = [(name, "") if isinstance(name, str) else name for name in names]
    return [column(name, texts, place, wording) for place, (name, wording) in enumerate(named)]


def profiled(*several: Column | Sequence[Column], **cells: Sequence[str]) -> Profile:
    """Return a profile of columns; those given by keyword stand first, as `region=["N", "S"]`."""
    flat = [one for given in several for one in ([given] if isinstance(given, Column) else given)]
    whole = [*(column(name, texts) for name, texts in cells.items()), *flat]
    placed = [one._replace(place=place) for place, one in enumerate(whole)]
    rows = max((one.filled for one in placed), default=0)
    source, nothing = Source(file="a.csv"), dict[str, int]()
    return Profile(Path("a.csv"), "CSV", "", "", source, {}, rows, [], 0, nothing, placed, (), (), ())


def roles(proposal: Any) -> Mapping[str, str]:
    """Return column -> role of what is proposed beyond doubt."""
    return {entry.column: entry.role for entry in proposal.entries if not entry.question}
