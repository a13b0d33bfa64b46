"""Answers that are given twice: the same ones are kept once, and those that contradict each other not at all."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cxgap.tables.answers import KEYS
from cxgap.tables.codebook import ON_SCALE
from cxgap.tables.rejects import Rejects
from cxgap.tables.schema import read_numbers
from cxgap.tables.spec import StudyFile


def without_repeats(answers: pd.DataFrame, spec: StudyFile, rejects: Rejects) -> pd.DataFrame:
    """Refuse answers given twice: identical ones but for the first, and all of those that contradict each other.

    Rows of a wide file are compared as a whole: if two rows of one respondent differ in one answer, neither is kept.
    """
    keys = [name for name in KEYS if name in answers]
    again = answers.duplicated(keys, keep=False)
    if not again.any():
        return answers
    ratings = [name for name in (*ON_SCALE, "importance") if name in answers]
    several = answers[again].assign(**{name: _comparable(answers.loc[again, name], spec) for name in ratings})
    groups = several.groupby(keys, sort=False)
    apart = (groups[ratings].transform("nunique") > 1).any(axis=1)
    rows = groups.ngroup().groupby(level=0, sort=False).transform("first")
    apart = apart.groupby(rows.to_numpy()).transform("any")
    first = ~several.duplicated(keys)
    reason = np.full(len(answers), "", dtype=object)
    reason[again.to_numpy()] = np.where(apart, "conflicting_duplicate", np.where(first, "", "duplicate"))
    for check in ("duplicate", "conflicting_duplicate"):
        bad = reason == check
        answers, reason = rejects.rows(answers, bad, "respondent_id", check), reason[~bad]
    return answers


def _comparable(text: pd.Series, spec: StudyFile) -> np.ndarray:
    """Number the distinct answers in a column; 7 and 7.0 are the same, and so is the label of 7."""
    source = spec.responses
    values, reasons = read_numbers(text, decimal=source.decimal, missing=source.missing, labels=spec.scale.labels)
    return pd.factorize(np.where(reasons.astype(bool), text.to_numpy(object), values.map(repr).to_numpy(object)))[0]
