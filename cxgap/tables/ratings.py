"""Ratings: text becomes numbers on the scale; one that cannot be true costs its answer, and no other."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from cxgap.tables.codebook import ON_SCALE, RATINGS
from cxgap.tables.faults import Faults
from cxgap.tables.issues import Issues
from cxgap.tables.labels import unknown_labels
from cxgap.tables.misread import Column, misread
from cxgap.tables.rejects import Rejects
from cxgap.tables.scales import Scales, scales_of
from cxgap.tables.schema import Reasons, read_numbers
from cxgap.tables.sections import Item
from cxgap.tables.source import Source
from cxgap.tables.spec import StudyFile


def read_ratings(
    answers: pd.DataFrame,
    asked: pd.DataFrame,
    spec: StudyFile,
    items: Mapping[str, Item],
    rejects: Rejects,
    issues: Issues,
    faults: Faults,
) -> pd.DataFrame:
    """Turn ratings into floats on the study's scale, NaN where none was given; reversed items are turned on all.

    An importance that is no number is refused alone: its answer stays, without it. A label that is not declared, and a
    column of which so much is refused that it must be another column, scale or notation, is a fault.
    """
    source, scales = spec.responses, scales_of(answers, spec, items)
    wrong, numbers = np.zeros(len(answers), dtype=bool), {}
    turned, read = _turned(answers, items), []
    rated = [rating for rating in ON_SCALE if rating in answers and asked[rating].notna().any()]
    for rating in rated:
        values, reasons = scales.read(answers[rating], source, source.missing)
        columns = _columns(answers, asked, rating)
        faults.add(undeclared(answers[rating], reasons, scales, source, columns))
        reasons = np.where(reasons == "unknown_label", "", reasons)
        read.append(Column(answers[rating], columns, values, reasons))
        bad = reasons.astype(bool)
        rejects.cells(answers[rating], reasons, columns, np.where(wrong, 0, 1))
        wrong |= bad
        numbers[rating] = scales.settle(values, turned)
    faults.add(misread(read, scales, source))
    scales.note(issues, "responses")
    if asked["importance"].notna().any():
        numbers["importance"], reasons = read_numbers(answers["importance"], decimal=source.decimal, missing=source.missing)
        rejects.cells(answers["importance"], reasons, _columns(answers, asked, "importance"))
    unasked = {rating: np.nan for rating in RATINGS if rating not in rated}
    return answers.assign(**numbers, **unasked)[~wrong]


def undeclared(text: pd.Series, reasons: Reasons, scales: Scales, source: Source, columns: np.ndarray) -> list[str]:
    """Word the labels that are not declared, each once for the scale that it was to be on."""
    lines: list[str] = []
    for place in np.unique(scales.which[reasons == "unknown_label"]):
        asked, here = scales.kinds[place], scales.which == place
        lines += unknown_labels(text[here], reasons[here], asked.range.labels, source, columns[here], asked.section)
    return lines


def _turned(answers: pd.DataFrame, items: Mapping[str, Item]) -> np.ndarray:
    """Return which answers are to items that are asked the other way round."""
    names = [name for name, item in items.items() if item.reversed]
    return answers["item"].isin(names).to_numpy(bool) if names else np.zeros(len(answers), dtype=bool)


def _columns(answers: pd.DataFrame, asked: pd.DataFrame, rating: str) -> np.ndarray:
    """Return the column of the file in which each answer's rating stands."""
    if len(asked) == 1:
        return np.full(len(answers), asked[rating].iloc[0], dtype=object)
    known = dict(zip(asked["item"], asked[rating], strict=True))
    codes, words = pd.factorize(answers["item"])
    names = [name if isinstance(name := known.get(word), str) else np.nan for word in words]
    return np.array([*names, np.nan], dtype=object)[codes]


def read_judgements(text: pd.Series, scales: Scales, source: Source, missing: Mapping[str, str]) -> tuple[pd.Series, Reasons]:
    """Read a column of ratings in a table beside the survey, on the study's scale; one that is refused is none.

    Raises
    ------
    StudyError : labels are not declared; each is a line.
    """
    values, reasons = scales.read(text, source, missing)
    columns = np.full(len(text), text.name, dtype=object)
    faults = Faults()
    faults.add(undeclared(text, reasons, scales, source, columns))
    faults.settle()
    return scales.settle(values.mask(reasons.astype(bool)), np.zeros(len(text), dtype=bool)), reasons
