"""Rows of a survey that are no answers: totals, averages and notes, and keys with characters that nobody typed."""

from __future__ import annotations

import re
from collections.abc import Collection

import numpy as np
import pandas as pd

from cxgap.folding import fold
from cxgap.tables.answers import KEYS
from cxgap.tables.rejects import Rejects
from cxgap.tables.remarks import DOUBTFUL, SUMMARIES, is_sentence, word_of
from cxgap.tables.spec import StudyFile

NAME_SHARE = 0.5  # a column with fewer distinct texts than this share of its rows holds names, and more hold remarks
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def refuse_strays(
    answers: pd.DataFrame, frame: pd.DataFrame, ratings: Collection[str], spec: StudyFile, rejects: Rejects
) -> pd.DataFrame:
    """Refuse the answers of rows that are none, and of those with a control character in a key or name.

    Parameters
    ----------
    answers : as they are arranged, of the rows that were asked for
    frame : the file that they come from
    ratings : columns of it that hold ratings
    """
    names = {*KEYS, "dimension", *spec.drawn_columns}
    where = stray_rows(frame, spec.study.touchpoints)
    for column in sorted(set(where[where != ""])):
        gone = frame.index[(where == column).to_numpy(bool)]
        shown = column if column in answers else ""
        answers = rejects.rows(answers, answers.index.isin(gone), shown, "summary_row")
    for column in frame.columns.difference([*ratings], sort=False):
        bad = controlled(frame[column])
        if bad.any() and column in answers and (column in names or holds_names(frame[column])):
            answers = rejects.rows(answers, answers.index.isin(frame.index[bad]), column, "control_character")
    return answers


def stray_rows(frame: pd.DataFrame, touchpoints: Collection[str]) -> pd.Series:
    """Say in which column stands that a row sums up others, or is a note below them; "" where it is neither.

    Parameters
    ----------
    frame : columns of str; the index is the row in the file
    touchpoints : those declared
    """
    place, head = _first_filled(frame)
    known = {fold(name) for name in touchpoints}
    found = np.full(len(frame), "", dtype=object)
    if "touchpoint" in frame:
        found[_among(frame["touchpoint"].to_numpy(object), SUMMARIES - known)] = "touchpoint"
    people = frame["respondent_id"].to_numpy(object) if "respondent_id" in frame else None
    words = (SUMMARIES if people is None else SUMMARIES | DOUBTFUL) - known
    nobody = np.array([people is None or not people[row].strip() for row in range(len(frame))], dtype=bool)
    first = nobody.copy()
    first[nobody] = _among(head[nobody], words)
    first |= _alone(frame, place, np.array([is_sentence(text) for text in head], dtype=bool))
    found[first] = frame.columns.to_numpy(object)[place[first]]
    if people is not None:
        found[_among(people, SUMMARIES | DOUBTFUL)] = "respondent_id"
    return pd.Series(found, index=frame.index, dtype=object)


def _first_filled(frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return the place of the first cell of each row that is filled, and what it says."""
    place, head = np.zeros(len(frame), dtype=int), np.full(len(frame), "", dtype=object)
    open_rows = np.arange(len(frame))
    for number, name in enumerate(frame):
        text = frame[name].to_numpy(object)[open_rows]
        filled = np.array([bool(cell.strip()) for cell in text], dtype=bool)
        place[open_rows[filled]], head[open_rows[filled]] = number, text[filled]
        open_rows = open_rows[~filled]
        if not len(open_rows):
            break
    return place, head


def _alone(frame: pd.DataFrame, place: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Return which of the rows have no cell filled after their first."""
    still = np.flatnonzero(rows)
    for number, name in enumerate(frame):
        if not len(still):
            break
        text = frame[name].to_numpy(object)[still]
        blank = np.array([not cell.strip() for cell in text], dtype=bool)
        still = still[blank | (place[still] >= number)]
    alone = np.zeros(len(frame), dtype=bool)
    alone[still] = frame.shape[1] > 1
    return alone


def _among(text: np.ndarray, words: Collection[str]) -> np.ndarray:
    """Return which texts are one of the words."""
    codes, found = pd.factorize(text)
    return np.array([word_of(word) in words for word in found], dtype=bool)[codes]


def controlled(text: pd.Series) -> np.ndarray:
    """Return which cells have a control character other than a tab or the end of a line."""
    codes, words = pd.factorize(text)
    return np.array([bool(_CONTROL.search(word)) for word in words], dtype=bool)[codes]


def holds_names(text: pd.Series) -> bool:
    """Whether the texts of a column come again, as names do and remarks do not."""
    filled = text[text != ""]
    return filled.nunique() <= NAME_SHARE * len(filled)
