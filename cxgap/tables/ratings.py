"""Ratings: text becomes numbers on the scale; one that cannot be true costs its answer, and no other."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from cxgap.errors import StudyError
from cxgap.tables.codebook import ON_SCALE
from cxgap.tables.rejects import Rejects
from cxgap.tables.schema import Reasons, off_scale, read_numbers
from cxgap.tables.sections import Item
from cxgap.tables.spec import StudyFile

WRONG_COLUMN = 0.2  # more of a column's answers refused than this, and it is the column that is wrong
ENOUGH = 10  # answers in a column before its share of refusals is judged


def read_ratings(
    answers: pd.DataFrame, asked: pd.DataFrame, spec: StudyFile, items: Mapping[str, Item], rejects: Rejects
) -> pd.DataFrame:
    """Turn ratings into floats, NaN where none was given; reversed items are turned on all.

    An importance that is no number is refused alone: its answer stays, without it.

    Raises
    ------
    StudyError : so much of a column is refused that it must be another column, scale or notation.
    """
    source, scale = spec.responses, spec.scale
    wrong, numbers = np.zeros(len(answers), dtype=bool), {}
    rated = [rating for rating in ON_SCALE if rating in answers and asked[rating].notna().any()]
    for rating in rated:
        values, reasons = read_numbers(answers[rating], decimal=source.decimal, missing=source.missing)
        reasons = np.where(reasons.astype(bool), reasons, off_scale(values, scale.low, scale.high, scale.step))
        columns, bad = _columns(answers, asked, rating), reasons.astype(bool)
        _judge_columns(answers[rating], columns, values.notna().to_numpy() | bad, reasons, spec)
        rejects.cells(answers[rating], reasons, columns, np.where(wrong, 0, 1))
        wrong |= bad
        numbers[rating] = values
    if asked["importance"].notna().any():
        numbers["importance"], reasons = read_numbers(answers["importance"], decimal=source.decimal, missing=source.missing)
        rejects.cells(answers["importance"], reasons, _columns(answers, asked, "importance"))
    turned = [name for name, item in items.items() if item.reversed]
    if turned:
        back = answers["item"].isin(turned)
        numbers |= {rating: numbers[rating].where(~back, scale.low + scale.high - numbers[rating]) for rating in rated}
    return answers.assign(**numbers)[~wrong]


def _columns(answers: pd.DataFrame, asked: pd.DataFrame, rating: str) -> np.ndarray:
    """Return the column of the file in which each answer's rating stands."""
    if len(asked) == 1:
        return np.full(len(answers), asked[rating].iloc[0], dtype=object)
    return answers["item"].map(dict(zip(asked["item"], asked[rating], strict=True))).to_numpy(object)


def _judge_columns(text: pd.Series, columns: np.ndarray, given: np.ndarray, reasons: Reasons, spec: StudyFile) -> None:
    """Raise where a fifth of a column is refused: then the column is misread, not the answers in it."""
    bad = reasons.astype(bool)
    if not bad.any():
        return
    shares = pd.DataFrame({"column": columns, "given": given, "bad": bad}).groupby("column", sort=False).sum()
    wrong = shares[(shares["given"] >= ENOUGH) & (shares["bad"] > WRONG_COLUMN * shares["given"])]
    if wrong.empty:
        return
    column, (given_here, bad_here) = wrong.index[0], wrong.iloc[0]
    here = bad & (columns == column)
    reason = pd.Series(reasons[here]).mode().iloc[0]
    first = text[here & (reasons == reason)]
    scale = f"{spec.scale.low:g} to {spec.scale.high:g}"
    cure = {
        "out_of_scale": f"the scale is declared as {scale}; correct [scale], or declare a code for no answer in `missing`",
        "off_step": "set `step` under [scale] to the distance between answers, or to 0 if any number is one",
        "not_a_number": 'export codes in place of labels, or set decimal = "," if it is a decimal comma',
        "not_finite": "export the column again",
    }[reason]
    raise StudyError(
        f"{spec.responses.at(first.index[0])}, column {column!r}: {bad_here} of {given_here} answers cannot be read, "
        f"such as {first.iloc[0][:80]!r}; {cure}."
    )
