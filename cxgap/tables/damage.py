"""Files that are damaged as a whole: a second header, every row twice, ids that a spreadsheet has rounded."""

from __future__ import annotations

import re
from collections.abc import Collection

import numpy as np
import pandas as pd

from cxgap.tables.labels import worded
from cxgap.tables.schema import read_numbers, stripped
from cxgap.tables.source import Responses, Source
from cxgap.vocabulary import counted

IDS = ("respondent_id", "customer_id", "event_id", "contact_id", "manager_id", "employee_id")
FEW = 3  # rows that may stand twice by chance, or by one slip
FEW_NAMELESS = 10  # where rows have no id, and two people may answer alike
EXACT = 15  # digits that a spreadsheet keeps of a number
_ROUNDED = re.compile(r"\d([.,]\d+)?E\+\d{2,3}", re.ASCII | re.IGNORECASE)
_CUT = re.compile(rf"[1-9]\d{{{EXACT - 1}}}0+", re.ASCII)


def damaged_ids(frame: pd.DataFrame, source: Source) -> list[str]:
    """Say in which columns of ids a spreadsheet has put rounded numbers in their place; a line each.

    Parameters
    ----------
    frame : columns of str; the index is the row in the file
    """
    lines = []
    for name in IDS:
        if name not in frame:
            continue
        codes, words = pd.factorize(stripped(frame[name]))
        bad = np.array([bool(_ROUNDED.fullmatch(word)) for word in words], dtype=bool)
        long = [word for word in words if word.isascii() and word.isdigit() and len(word) > EXACT]
        if len(long) >= FEW and all(map(_CUT.fullmatch, long)):
            bad |= np.isin(np.asarray(words, dtype=object), np.asarray(long, dtype=object))
        if bad.any():
            rows = bad[codes]
            first = int(np.argmax(rows))
            lines.append(
                f"{source.at(frame.index[first])}, column {name!r}: an id must be as it was given, and "
                f"{str(frame[name].iloc[first]).strip()[:80]!r} is a number that a spreadsheet has rounded, in "
                f"{counted(int(rows.sum()), 'row')}; export the ids again, as text."
            )
    return lines


def repeated_body(frame: pd.DataFrame, source: Source, *, named: bool = True) -> list[str]:
    """Say that the file holds all of its rows twice or more, as when an export was appended to itself.

    Parameters
    ----------
    named : whether rows have an id, so that none may stand twice by chance
    """
    body = frame[~_heads(frame)]
    half, odd = divmod(len(body), 2)
    if half < (FEW if named else FEW_NAMELESS):
        return []
    twice = not odd and all(np.array_equal(text[:half], text[half:]) for text in (body[name].to_numpy(object) for name in body))
    if not twice and not (named and _paired(body) and bool(body.duplicated(keep=False).all())):
        return []
    again = body.index[half] if twice else body.index[body.duplicated().to_numpy(bool)][0]
    distinct = int((~body.duplicated()).sum())
    return [
        f"{source.at(again)}: a row must stand once, and from here on the file repeats itself: its {len(body):,} rows are "
        f"{distinct:,} rows, each more than once; delete the repetition."
    ]


def _heads(frame: pd.DataFrame) -> np.ndarray:
    """Return which rows are the header once more."""
    rows = np.ones(len(frame), dtype=bool)
    for name in frame:
        rows &= (frame[name] == name).to_numpy(bool)
        if not rows.any():
            break
    return rows


def _paired(body: pd.DataFrame) -> bool:
    """Whether the first rows have a twin each: where one has none, the others need no look."""
    for place in range(min(FEW_NAMELESS, len(body))):
        rows = np.ones(len(body), dtype=bool)
        for name in body:
            rows &= (body[name] == body[name].iloc[place]).to_numpy(bool)
            if rows.sum() < 2:
                return False
    return True


def second_header(frame: pd.DataFrame, ratings: Collection[str], source: Responses) -> list[str]:
    """Say that the first row of the body heads the columns once more, by units, codes or translated names.

    It does where each rating in it is a word, and one that its column does not have again, and ratings below are numbers.
    """
    columns = [name for name in ratings if name in frame]
    if len(frame) < FEW or not columns:
        return []
    first, body = frame.iloc[0], frame.iloc[1:]
    words = [str(first[name]).strip() for name in columns]
    _, reasons = read_numbers(pd.Series(words, dtype=object), decimal=source.decimal, missing=source.missing)
    if not all(map(worded, words)) or not (reasons == "not_a_number").all():
        return []
    numbers = 0
    for name, word in zip(columns, words, strict=True):
        values, _ = read_numbers(body[name], decimal=source.decimal, missing=source.missing)
        numbers += int(values.notna().any())
        if (body[name].str.strip() == word).any():
            return []
    if numbers <= len(columns) / 2:
        return []
    return [
        f"{source.at(frame.index[0])}, column {columns[0]!r}: a rating must be a number, and the row has {words[0][:80]!r} and "
        "words in every other; it heads the columns a second time. Delete the row, or set header = "
        f"{source.where(int(frame.index[0]))[1]} if its names are the ones to read by, or `platform` if an export has both."
    ]
