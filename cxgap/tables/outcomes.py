"""Outcomes: overall judgements beside the ratings, such as satisfaction; one number a visit, each on a scale of its own."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import numpy as np
import pandas as pd

from cxgap.errors import StudyError
from cxgap.tables.answers import KEYS, OWN
from cxgap.tables.catalog import RESPONSES
from cxgap.tables.labels import unknown_labels
from cxgap.tables.metrics import survey_columns
from cxgap.tables.misread import Column, misread
from cxgap.tables.scales import Asked, Scales
from cxgap.tables.schema import Reasons, off_scale, read_numbers
from cxgap.tables.sections import Outcome
from cxgap.tables.source import Responses
from cxgap.tables.spec import StudyFile

SHOWN: Final = ("name", "column", "kind", "low", "high", "better", "of")
PREFERRED: Final = ("satisfaction", "recommend")  # kinds that can stand for an overall judgement, the first one first


def outcome_columns(spec: StudyFile) -> dict[str, Outcome]:
    """Return what [outcomes] declares, by the column of the survey that holds it."""
    return {outcome.column or name: outcome for name, outcome in spec.outcomes.items()}


def outcomes_table(spec: StudyFile) -> pd.DataFrame:
    """Return what [outcomes] declares, one row an outcome; `better` is None where the kind says it."""
    rows = [{"name": name, **outcome.model_dump(), "column": outcome.column or name} for name, outcome in spec.outcomes.items()]
    table = pd.DataFrame(rows, columns=list(SHOWN), dtype=object)
    return table.astype({"low": float, "high": float})


def outcome_keywords(spec: StudyFile) -> dict[str, str]:
    """Return what functions that need an overall judgement are told of it: its column, or nothing where there is none."""
    for kind in PREFERRED:
        for column, outcome in outcome_columns(spec).items():
            if outcome.kind == kind:
                return {"outcome": column}
    return {}


def check_outcomes(spec: StudyFile, ratings: Collection[str]) -> None:
    """Raise where an outcome is in a column that holds something else.

    Parameters
    ----------
    spec : the study file
    ratings : columns of the file that hold ratings of items

    Raises
    ------
    StudyError : the text names the outcome, and what to write there.
    """
    taken = {
        **dict.fromkeys([*RESPONSES.names, *KEYS, *OWN, "adequate"], "is a name that cxgap gives to something else"),
        **dict.fromkeys(spec.drawn_columns, "says how respondents were drawn"),
        **dict.fromkeys(survey_columns(spec), "holds a metric"),
        **dict.fromkeys(ratings, "holds ratings of an item"),
    }
    for name, outcome in spec.outcomes.items():
        column = outcome.column or name
        if column in taken:
            raise StudyError(
                f'[outcomes."{name}"] must name a column of its own, and {column!r} {taken[column]}; correct `column`, or '
                "rename the column under [responses]."
            )
        taken[column] = "holds another outcome"


def read_outcome(
    text: pd.Series, outcome: Outcome, visits: np.ndarray, *, name: str, source: Responses
) -> tuple[pd.Series, Reasons]:
    """Read an outcome, one number a visit.

    Parameters
    ----------
    text : the column, row by row
    outcome : its scale
    visits : the visit of each row, codes; where only some of its rows have the number, all get it
    name : of the outcome
    source : how the survey is written

    Returns
    -------
    Floats, NaN where there is none, and the reason why a text is none: those of `read_numbers` and `off_scale`, and
    "several_outcomes" where a visit has two different numbers, none of which is then used.

    Raises
    ------
    StudyError : labels are not declared, or so much is refused that the column must be another, or on another scale or in
        another notation; each is a line.
    """
    section = f'outcomes."{name}"'
    values, reasons = read_numbers(text, decimal=source.decimal, missing=source.missing, labels=outcome.labels)
    unknown = unknown_labels(text, reasons, outcome.labels, source, np.full(len(text), text.name, dtype=object), section)
    reasons = np.where(reasons == "unknown_label", "", reasons)
    reasons = np.where(reasons.astype(bool), reasons, off_scale(values, outcome.low, outcome.high, outcome.step))
    read = Column.beside(text, values, reasons)
    scales = Scales([Asked(outcome, section)], np.zeros(len(read.text), dtype=int))
    if wrong := [*unknown, *misread([read], scales, source)]:
        raise StudyError("\n".join(wrong))
    values = values.mask(reasons.astype(bool))
    numbers = values.groupby(visits, sort=False)
    several = (numbers.transform("nunique") > 1).to_numpy() & values.notna().to_numpy()
    reasons = np.where(several, "several_outcomes", reasons)
    values = values.mask(several)
    return values.fillna(values.groupby(visits, sort=False).transform("first")), reasons
