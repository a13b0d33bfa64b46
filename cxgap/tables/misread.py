"""Columns that are misread as a whole: labels in place of codes, decimal commas, another scale."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from cxgap.tables.faults import first_of
from cxgap.tables.labels import declaration, worded
from cxgap.tables.scales import Asked, Scales
from cxgap.tables.schema import Reasons
from cxgap.tables.source import Source
from cxgap.vocabulary import counted

WRONG_COLUMN = 0.2  # more of a column's answers refused than this, and it is the column that is wrong
ENOUGH = 10  # answers in a column before its share of refusals is judged
_COMMA = re.compile(r"[+-]?\d+,\d+", re.ASCII)
_POINT = re.compile(r"[+-]?\d+\.\d+", re.ASCII)


class Column(NamedTuple):
    """Ratings as `Scales.read` left them: text with the row in the file as its index, and the column of each.

    `times` is how many answers each entry stands for, one where it is None.
    """

    text: pd.Series
    columns: np.ndarray
    values: pd.Series
    reasons: Reasons
    times: np.ndarray | None = None

    @classmethod
    def beside(cls, text: pd.Series, values: pd.Series, reasons: Reasons) -> Column:
        """Take a column beside the ratings, which stands at each answer of a row and counts once a row."""
        once = ~text.index.duplicated()
        return cls(text[once], np.full(once.sum(), text.name, dtype=object), values[once], reasons[once])


def misread(columns_read: Sequence[Column], scales: Scales | None, source: Source) -> list[str]:
    """Word each column of which more than a fifth is refused, a line each: then it is misread, and not its answers.

    Columns that hold labels share a line, because they share what is to be declared. Numbers in a unit are on no scale.
    """
    lines: list[str] = []
    labelled: list[tuple[str, Asked, pd.Series]] = []
    for text, columns, values, reasons, times in columns_read:
        times = np.ones(len(text), dtype=np.int64) if times is None else times
        for column, given, here in _wrong(columns, values, reasons, times):
            reason = pd.Series(reasons[here]).mode().iloc[0]
            kind = here[reasons[here] == reason]
            words, first = text.iloc[kind], int(kind[0])
            begin = (
                f"{source.at(text.index[first])}, column {column!r}: {times[here].sum()} of {given} answers cannot be read, "
                f"such as {text.iloc[first].strip()[:80]!r}; "
            )
            asked = scales.of(first) if scales else None
            if asked and reason == "not_a_number" and _labels(words):
                labelled.append((begin, asked, words))
            else:
                lines.append(begin + _cure(reason, words, values.to_numpy(float)[columns == column], asked, source))
    return [*_declare(labelled), *first_of(lines, "columns")]


def _wrong(columns: np.ndarray, values: pd.Series, reasons: Reasons, times: np.ndarray) -> list[tuple[str, int, np.ndarray]]:
    """Return each column of which too much is refused, how many answers it has, and the places of those refused."""
    bad = reasons.astype(bool)
    if not bad.any():
        return []
    given = values.notna().to_numpy(bool) | bad
    shares = pd.DataFrame({"column": columns, "given": times * given, "bad": times * bad}).groupby("column", sort=False).sum()
    wrong = shares[(shares["given"] >= ENOUGH) & (shares["bad"] > WRONG_COLUMN * shares["given"])]
    refused = pd.Series(np.flatnonzero(bad)).groupby(columns[bad], sort=False)
    places = {column: found.to_numpy() for column, found in refused}
    return [(str(column), int(given_here), places[column]) for column, given_here in wrong["given"].items()]


def _labels(words: pd.Series) -> bool:
    distinct = [word for word in words.unique() if not word.lstrip().startswith("#")]  # #NAME? is no label
    return bool(distinct) and sum(map(worded, distinct)) > len(distinct) / 2


def _declare(labelled: Sequence[tuple[str, Asked, pd.Series]]) -> list[str]:
    """Say in one line what labels to declare, for all columns that were asked on one scale."""
    lines = {}
    for begin, asked, _ in labelled:
        if asked.section not in lines:
            texts = [text for _, other, text in labelled if other.section == asked.section]
            words = dict.fromkeys(word for text in texts for word in text.unique())
            others = f" The same in {counted(len(texts) - 1, 'other column')}." if texts[1:] else ""
            lines[asked.section] = (
                f"{begin}it holds labels: under [{asked.section}] set {declaration(words)}, each with its number, or export "
                f"codes.{others}"
            )
    return list(lines.values())


def _cure(reason: str, words: pd.Series, numbers: np.ndarray, asked: Asked | None, source: Source) -> str:
    """Say what to type for a column of one kind of refusal."""
    if asked and reason == "out_of_scale":
        spread = f"its answers run from {np.nanmin(numbers):g} to {np.nanmax(numbers):g}"
        begin = f"{spread}, and the scale is declared as {asked.words}; correct [{asked.section}]"
        if asked.section.startswith("outcomes."):
            return f"{begin}, or declare a code for no answer in `missing` under [responses]."
        return (
            f"{begin}, declare a code for no answer in "
            "`missing`, or, for a wave or an item that was asked on another scale, [scale.waves.NAME] or its own low and high."
        )
    if asked and reason == "off_step":
        return f"set `step` under [{asked.section}] to the distance between answers, or to 0 if any number is one."
    if reason == "not_finite":
        return "export the column again."
    mark = {",": _COMMA, ".": _POINT}["," if source.decimal == "." else "."]
    if words.map(lambda word: bool(mark.fullmatch(word.strip()))).mean() > WRONG_COLUMN:
        other = "," if source.decimal == "." else "."
        name = "comma" if other == "," else "point"
        return f'they have a decimal {name}: set decimal = "{other}" under [responses].'
    return "export the column as plain numbers, or add what means no answer to `missing` under [responses]."
