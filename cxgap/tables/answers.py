"""Rows of the survey file become answers: one row each, in which the item, its touchpoint and its dimension are known."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from cxgap.errors import StudyError, nearest
from cxgap.tables.codebook import columns_of
from cxgap.tables.header import require_columns
from cxgap.tables.schema import stripped
from cxgap.tables.sections import Item
from cxgap.tables.spec import StudyFile

KEYS = ("respondent_id", "touchpoint", "wave", "item")
OWN = ("expectation", "perception", "importance", "item", "question", "retained")  # columns that cxgap makes
WHOLE = "all items"  # the dimension of every item where none is declared


def arrange(frame: pd.DataFrame, asked: pd.DataFrame, spec: StudyFile, items: Mapping[str, Item]) -> pd.DataFrame:
    """Turn the survey file into answers.

    Parameters
    ----------
    frame : columns of str; the index is the row in the file
    asked : where the ratings stand, of `rating_columns`
    items : the codebook

    Returns
    -------
    One row an answer, all of str: the file's columns with the ratings as expectation, perception and (where asked for)
    adequate and importance, then item (but in a long file without), touchpoint and dimension; the index is the row in the file.

    Raises
    ------
    StudyError, ColumnError : a rating's column is missing, two columns claim one name, or a touchpoint is not known.
    """
    wide = spec.responses.layout == "wide"
    ratings = [name for name in asked if name != "item" and asked[name].notna().any()]
    places, used = list(dict.fromkeys(columns_of(asked))), [*KEYS, *spec.drawn_columns, "at"]
    require_columns(frame, places, table="responses", used=used)
    base = frame.drop(columns=places)
    made = [*OWN, *ratings] if wide else [*ratings, "retained"]
    for name in base.columns.intersection(pd.Index(made)):
        raise StudyError(
            f"{spec.responses.place}: the column {name!r} must have another name, because cxgap makes one of that name from "
            f'layout = "{spec.responses.layout}"; add rename = {{ {name} = "other_{name}" }} under [responses].'
        )
    for name in base.columns.intersection(list(KEYS)):
        base[name] = stripped(base[name])
    answers = base.take(np.repeat(np.arange(len(base)), len(asked))).copy()
    if wide:
        answers["item"] = np.tile(asked["item"].to_numpy(object), len(base))
    elif items:
        require_columns(answers, ["item"], table="responses", used=used)
    blank = pd.Series("", index=frame.index, dtype=object)
    for rating in ratings:
        answers[rating] = np.column_stack([blank if name is None else frame[name] for name in asked[rating]]).ravel()
    return _place(answers, spec, items)


def _place(answers: pd.DataFrame, spec: StudyFile, items: Mapping[str, Item]) -> pd.DataFrame:
    """Give each answer its touchpoint and dimension, from the codebook, the file or the study file."""
    source = spec.responses
    if source.touchpoint is not None:
        if "touchpoint" in answers:
            raise StudyError(
                f"{source.place}: the touchpoint must be given once, and is both in the column `touchpoint` and in "
                f"touchpoint = {source.touchpoint!r} under [responses]; drop one of them."
            )
        answers["touchpoint"] = source.touchpoint.strip()
    for name in ("touchpoint", "dimension"):
        if any(getattr(entry, name) for entry in items.values()):
            answers[name] = from_codebook(answers, name, items, source.place)
    if "touchpoint" not in answers:
        near = nearest("touchpoint", answers.columns.difference([*KEYS, *OWN]))
        raise StudyError(
            f"{source.place}: the touchpoint of every answer must be known: by a column `touchpoint` (where another holds it, "
            'rename = { "..." = "touchpoint" }), by one for each item in the codebook, or by touchpoint = "..." under '
            f"[responses] where the whole survey is about one; none is given.{near}"
        )
    if "dimension" not in answers or (answers["dimension"] == "").all():
        answers["dimension"] = WHOLE
    return answers


def from_codebook(answers: pd.DataFrame, name: str, items: Mapping[str, Item], file: str) -> np.ndarray:
    """Return what the codebook says of each answer's item, and what the file says where it says nothing.

    Parameters
    ----------
    answers : columns of str, with `item`; the index is the row in the file
    name : "touchpoint" or "dimension"

    Raises
    ------
    StudyError : the two contradict each other, or only some items have a touchpoint.
    """
    declared = {item: getattr(entry, name) for item, entry in items.items() if getattr(entry, name)}
    said = answers["item"].map(declared).astype(object).fillna("").to_numpy(object)
    if name not in answers:
        lacking = answers["item"][said == ""]
        if name == "touchpoint" and len(lacking):
            raise StudyError(
                f"every item must have a touchpoint where any has; the codebook gives none to {lacking.iloc[0]!r}."
            )
        return said
    given = stripped(answers[name]).to_numpy(object)
    apart = (said != "") & (given != "") & (given != said)
    if apart.any():
        first = int(np.argmax(apart))
        raise StudyError(
            f"{file}, row {answers.index[first]}: the {name} of item {answers['item'].iloc[first]!r} is {given[first]!r}, and "
            f"the codebook says {said[first]!r}; leave one of them out."
        )
    return np.where(said != "", said, given)
