"""What a row is of: keys that the study file gives it, rows that are no customer's, and keys that are blank or unknown."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np
import pandas as pd

from cxgap.errors import StudyError
from cxgap.tables.answers import KEYS
from cxgap.tables.rejects import NO_ANSWERS, Rejects
from cxgap.tables.sections import Item
from cxgap.tables.source import Responses, TableSource
from cxgap.tables.spec import StudyFile

_UNSEEN = re.compile("[\\s\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]*")


def made_keys(source: Responses) -> list[str]:
    """Name the keys that the study file gives, and no column of the file has."""
    return [name for name, made in (("wave", source.waves), ("respondent_id", source.respondent)) if made]


def with_keys(frame: pd.DataFrame, source: Responses) -> pd.DataFrame:
    """Add what the study file says of each row: the wave of its sheet, and that it is a respondent of its own."""
    made = {}
    if source.waves:
        made["wave"] = [source.waves[source.where(int(row))[0]] for row in frame.index]
    if source.respondent == "row":
        made["respondent_id"] = [" ".join(filter(None, (sheet, str(row)))) for sheet, row in map(source.where, frame.index)]
    for name in made:
        if name in frame:
            raise StudyError(
                f"{source.place}: `{name}` must be given once, and the file has a column of that name; drop "
                f"{'`waves`' if name == 'wave' else '`respondent`'} under [responses]."
            )
    return frame.assign(**{name: pd.Series(texts, index=frame.index, dtype=object) for name, texts in made.items()})


def set_aside(answers: pd.DataFrame, aside: pd.Series | None, source: Responses, rejects: Rejects) -> pd.DataFrame:
    """Set aside the rows that a platform's export has and no customer's answer is."""
    if aside is None:
        return answers
    for reason in NO_ANSWERS:
        if reason == "unfinished" and source.partials == "keep":
            continue
        gone = aside.index[(aside == reason).to_numpy(bool)]
        answers = rejects.rows(answers, answers.index.isin(gone), "", reason)
    return answers


def set_rows_aside(frame: pd.DataFrame, aside: pd.Series | None, source: TableSource, rejects: Rejects) -> pd.DataFrame:
    """Set aside such rows of a table beside the survey, where they cost no answers."""
    if aside is None:
        return frame
    reasons = aside.to_numpy(object)
    if source.partials == "keep":
        reasons = np.where(reasons == "unfinished", "", reasons)
    rejects.cells(pd.Series("", index=frame.index, dtype=object), reasons, "")
    return frame[reasons == ""]


def known_keys(answers: pd.DataFrame, spec: StudyFile, items: Mapping[str, Item], rejects: Rejects) -> pd.DataFrame:
    """Refuse answers whose keys are blank or unknown."""
    levels = {"touchpoint": spec.study.touchpoints, "wave": spec.study.waves, "item": tuple(items)}
    for name in KEYS:
        if name not in answers:
            continue
        answers = rejects.rows(answers, unseen(answers[name]), name, "empty_key")
        if levels.get(name):
            answers = rejects.rows(answers, ~answers[name].isin(levels[name]).to_numpy(bool), name, f"unknown_{name}")
    return answers


def unseen(text: pd.Series) -> np.ndarray:
    """Return which keys hold nothing that can be seen."""
    codes, words = pd.factorize(text)
    return np.array([bool(_UNSEEN.fullmatch(word)) for word in words], dtype=bool)[codes]
