"""Which mark stands between the fields of a text: the one under which most records have one length."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import Final, NamedTuple

from cxgap.tables.formats.delimited import DELIMITERS, LONGEST

MOST: Final = 300  # records that are looked at
_NAMES = {",": "a comma", ";": "a semicolon", "\t": "a tab", "|": "a bar"}
_FEWEST = 0.3  # share of records of one length, below which a mark is a part of the text
_CLOSE = 0.02  # shares of even records that differ by no more are equal


class Delimiter(NamedTuple):
    """A mark, how it is known, and which others would do as well."""

    mark: str
    evidence: str
    others: tuple[str, ...] = ()


class _Fit(NamedTuple):
    even: float  # share of the records that have the commonest length
    fields: int
    first: int  # record that has it


def tell_delimiter(text: str, *, whole: bool) -> Delimiter:
    """Choose the delimiter of a text of which this is the beginning."""
    fits = {mark: fit for mark in DELIMITERS if (fit := _fit(head_records(text, mark, whole=whole)))}
    most = max((fit.even for fit in fits.values()), default=0.0)
    if most < _FEWEST:
        return Delimiter(",", "there is one column")
    near = {mark: fit for mark, fit in fits.items() if fit.even > most - _CLOSE}
    early = min(fit.first for fit in near.values())
    best = sorted((mark for mark, fit in near.items() if fit.first == early), key=lambda mark: -near[mark].fields)
    fit = near[best[0]]
    others = tuple(mark for mark in best[1:] if 2 * near[mark].fields > fit.fields and fit.even - near[mark].even < _CLOSE)
    share = "all" if fit.even == 1 else f"{fit.even:.0%} of"
    return Delimiter(best[0], f"{share} rows have {fit.fields} fields by {_NAMES[best[0]]}", others)


def head_records(text: str, mark: str, *, whole: bool) -> list[list[str]]:
    """Return the first records of a text; the last, if the text is cut there, is left out."""
    records = list(islice(_records(text, mark), MOST + 1))
    if len(records) <= MOST and not whole and len(records) > 1:
        del records[-1]
    return records[:MOST]


def _records(text: str, mark: str) -> Iterator[list[str]]:
    usual = csv.field_size_limit(LONGEST)
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=mark)
    finally:
        csv.field_size_limit(usual)


def _fit(records: list[list[str]]) -> _Fit | None:
    lengths = [len(record) for record in records if any(map(str.strip, record))]
    counts = Counter(length for length in lengths if length > 1)
    if not counts:
        return None
    fields = max(counts, key=lambda length: (counts[length], length))
    return _Fit(counts[fields] / len(lengths), fields, lengths.index(fields))
