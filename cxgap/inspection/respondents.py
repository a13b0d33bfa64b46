"""Which column may say who answered, where no name says it: codes that stand a few times each, as a panel has them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from cxgap.inspection.column import Column
from cxgap.inspection.names import pieces
from cxgap.inspection.profile import Profile
from cxgap.inspection.proposed import Entry, Proposal
from cxgap.inspection.roles import joined, unique

_FEWEST: Final = 10  # values, below which they make groups and no persons
_MOST_TIMES: Final = 6  # one person has answered, as far as a panel goes
_ALIKE: Final = 0.9  # of the values, that stand the same number of times
_CODE: Final = re.compile(r"(?=.*\d)[^\W_]+(?:[-_./][^\W_]+)*")
_NUMBERED: Final = frozenset("nr no num number numero nummer id code kennung kennziffer 번호 코드 番号 编号".split())
_POSTAL: Final = frozenset(
    "plz postleitzahl zip zipcode postcode postalcode codepostal codigopostal 우편번호 郵便番号 邮编".split()
)


def asked_of(profile: Profile, proposal: Proposal) -> str:
    """Return the column of which must be asked whether it says who answered, "" where none may.

    Where no two rows have one value every row is another respondent, whatever the column is: then nothing is asked.
    """
    columns = {column.name: column for column in profile.columns}
    spread = _times(profile, proposal)
    for entry in proposal.entries:
        column = columns[entry.column]
        if not unique(column) and _may_name(column, entry, spread):
            return column.name
    return ""


def _times(profile: Profile, proposal: Proposal) -> int:
    """Return how often one respondent may stand in the file: once a wave and touchpoint, or once an answer of a long file."""
    if proposal.layout == "long":
        return profile.rows
    levels = {entry.role: len(_column(profile, entry).values) for entry in proposal.entries}
    return max(_MOST_TIMES, levels.get("wave", 1) * levels.get("touchpoint", 1))


def _column(profile: Profile, entry: Entry) -> Column:
    return next(column for column in profile.columns if column.name == entry.column)


def _may_name(column: Column, entry: Entry, spread: int) -> bool:
    known = entry.role == "customer_id"
    if not known and (entry.role not in ("unknown", "segment") or entry.confidence >= _ALIKE or entry.question):
        return False
    counts = list(column.values.values())
    if len(counts) < _FEWEST or max(counts) > spread:
        return False
    if known:
        return True
    if column.dates > column.numbers or not all(map(_CODE.fullmatch, column.values)):
        return False
    numeric = column.numbers + column.commas
    if joined(column.name) in _POSTAL or (numeric and not column.whole):
        return False
    called = bool(_NUMBERED & {piece.text for piece in pieces(column.name)})
    if numeric < column.filled or called or _padded(list(column.values)):
        return True
    usual = max(set(counts), key=counts.count)
    even = counts.count(usual) >= _ALIKE * len(counts)
    low, high = column.low or 0.0, column.high or 0.0
    return even and (usual > 1 or high - low < 2 * column.distinct)


def _padded(texts: Sequence[str]) -> bool:
    """Whether numbers are written to one width with zeros before them, as amounts never are."""
    return len({len(text) for text in texts}) == 1 and any(text.startswith("0") for text in texts)
