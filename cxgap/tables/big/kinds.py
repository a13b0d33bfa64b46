"""Answers that are alike: the engine counts each kind, and the rules of the small path judge each kind once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd

from cxgap import engine
from cxgap.errors import StudyError
from cxgap.tables.answers import KEYS, WHOLE, arrange
from cxgap.tables.big.sight import ROW, Seen, arrow_of
from cxgap.tables.big.words import name
from cxgap.tables.codebook import ON_SCALE
from cxgap.tables.faults import Faults
from cxgap.tables.formats.typed import texts
from cxgap.tables.keys import unseen
from cxgap.tables.misread import Column, misread
from cxgap.tables.questions import Known
from cxgap.tables.ratings import undeclared
from cxgap.tables.remarks import SUMMARIES, word_of
from cxgap.tables.rounds import without_unasked
from cxgap.tables.scales import Scales, check_scales, scales_of
from cxgap.tables.sections import Item
from cxgap.tables.silence import hush
from cxgap.tables.spec import StudyFile
from cxgap.tables.strays import controlled

MOST_KINDS: Final = 2_000_000
LEFT_OUT, UNASKED = "left_out", "unasked"  # beside the reasons of `issues.SET_ASIDE`


class Branch(NamedTuple):
    """Answers that stand in the same columns: all of a long file, or those to one item of a wide one."""

    place: int
    asked: pd.DataFrame
    ratings: Mapping[str, str]  # to the columns of the file

    @property
    def item(self) -> str | None:
        """The item, where the columns are of one."""
        found: str | None = self.asked["item"].iloc[0]
        return found


def branches(asked: pd.DataFrame) -> list[Branch]:
    """Return where the answers stand."""
    found = []
    for place in range(len(asked)):
        row = asked.iloc[[place]]
        ratings = {rating: row[rating].iloc[0] for rating in (*ON_SCALE, "importance") if row[rating].iloc[0] is not None}
        found.append(Branch(place, row.reset_index(drop=True), ratings))
    return found


def count_kinds(seen: Seen, branch: Branch, marks: Mapping[str, str]) -> pd.DataFrame:
    """Count the rows of each kind: alike in their keys, ratings on the scale, and marks.

    Parameters
    ----------
    marks : expressions of the engine by name, such as whether `where` keeps a row

    Returns
    -------
    One row a kind: the columns as text, the same with `raw ` before their names as the engine has them, the marks, and
    `times`; the index is the first of its rows.

    Raises
    ------
    StudyError : ratings are no such thing, because there are too many different ones.
    """
    columns = [*seen.keys, *(column for rating, column in branch.ratings.items() if rating != "importance")]
    parts = [*map(name, columns), *(f"{expression} AS {name(mark)}" for mark, expression in marks.items())]
    found = arrow_of(
        engine.connection().sql(
            f"SELECT {', '.join([*parts, 'count(*) AS times', f'min({ROW}) AS first'])} FROM {seen.sql} GROUP BY ALL "
            f"LIMIT {MOST_KINDS + 1}"
        )
    )
    if found.num_rows > MOST_KINDS:
        raise StudyError(
            f"more than {MOST_KINDS:,} different pairs of ratings cannot be judged without rows in memory; round them in "
            'the file, to a hundredth of the scale at most, or read it by engine = "memory".'
        )
    made: dict[str, Any] = {column: texts(found.column(column)) for column in columns}
    made |= {f"raw {column}": _objects(found.column(column).to_pylist()) for column in columns}
    made |= {mark: found.column(mark).to_pandas().to_numpy() for mark in marks}
    made["times"] = found.column("times").to_pandas().to_numpy(np.int64)
    first = seen.row_in_file(found.column("first").to_pandas().to_numpy(np.int64))
    frame = pd.DataFrame(made, index=pd.Index(first, name="row"))
    return frame.astype(dict.fromkeys(columns, object)).sort_index()


def _objects(values: Sequence[Any]) -> np.ndarray:
    held = np.empty(len(values), dtype=object)
    held[:] = values
    return held


class Judged(NamedTuple):
    """What the rules say of kinds of answers, one entry each.

    Attributes
    ----------
    answers : touchpoint, dimension, item and wave as text, and the ratings as numbers on the study's scale; the index is that
        of the kinds
    reason, column : why they are not used, or LEFT_OUT, or UNASKED; "" where they are; and the column of the file at fault
    cells : for each rating on the scale, the reason why it cannot be true
    silent : of `hush`, what was given in place of an answer; its `row` is the index
    scales : of the answers
    """

    answers: pd.DataFrame
    reason: np.ndarray
    column: np.ndarray
    cells: Mapping[str, np.ndarray]
    silent: pd.DataFrame
    scales: Scales


def judge(
    kinds: pd.DataFrame, branch: Branch, known: Known, spec: StudyFile, items: Mapping[str, Item], faults: Faults
) -> Judged:
    """Judge kinds of answers as the small path judges rows; what makes the whole column wrong becomes a fault.

    Parameters
    ----------
    kinds : of `count_kinds`, with the marks `inside`, `when` and `nobody`
    """
    source = spec.responses
    files = [column for column in kinds if f"raw {column}" in kinds]
    codes = [code for code in known.codes if code.column in files]
    frame, silent = hush(kinds[files], codes, source)
    asked = branch.asked.assign(importance=None)
    answers = arrange(frame, asked, spec, items)
    if branch.item is not None and any(item.dimension for item in items.values()):  # others have one, and this item has none
        answers["dimension"] = answers["dimension"].replace(WHOLE, "")
    asked_here = without_unasked(answers, spec, items)
    faults.add(check_scales(answers, spec, items))
    reason, column = np.full(len(answers), "", dtype=object), np.full(len(answers), "", dtype=object)
    reason[~answers.index.isin(asked_here.index)] = UNASKED

    def refuse(bad: np.ndarray, why: str | np.ndarray, where: str) -> None:
        new = bad & (reason == "")
        reason[new] = why[new] if isinstance(why, np.ndarray) else why
        column[new] = where

    refuse(~kinds["inside"].to_numpy(bool), LEFT_OUT, "")
    if "touchpoint" in frame:
        totals = SUMMARIES - {word_of(one) for one in spec.study.touchpoints}
        refuse(np.array([word_of(one) in totals for one in answers["touchpoint"]], dtype=bool), "summary_row", "touchpoint")
    refuse(kinds["nobody"].to_numpy(object) == "summary", "summary_row", "respondent_id")
    for key in frame.columns.intersection([*KEYS, "dimension"]):
        refuse(controlled(frame[key]), "control_character", str(key))
    when = kinds["when"].to_numpy(object)
    refuse(when == "late", LEFT_OUT, "")
    refuse((when != "") & (when != "late"), when, "at")
    refuse(kinds["nobody"].to_numpy(object) == "blank", "empty_key", "respondent_id")
    levels = {"touchpoint": spec.study.touchpoints, "wave": spec.study.waves, "item": tuple(items)}
    for key in KEYS[1:]:
        if key in answers:
            refuse(unseen(answers[key]), "empty_key", key)
            if levels[key]:
                refuse(~answers[key].isin(levels[key]).to_numpy(bool), f"unknown_{key}", key)
    return _rated(answers, kinds, branch, spec, items, faults, Judged(answers, reason, column, {}, silent, Scales([], reason)))


def _rated(
    answers: pd.DataFrame,
    kinds: pd.DataFrame,
    branch: Branch,
    spec: StudyFile,
    items: Mapping[str, Item],
    faults: Faults,
    judged: Judged,
) -> Judged:
    """Read the ratings of kinds that are known, and refuse those of which one cannot be true."""
    source, reason, column = spec.responses, judged.reason, judged.column
    scales = scales_of(answers, spec, items)
    turned = answers["item"].isin([name for name, item in items.items() if item.reversed]).to_numpy(bool) if items else None
    here, times = reason == "", kinds["times"].to_numpy(np.int64)
    cells: dict[str, np.ndarray] = {}
    numbers: dict[str, pd.Series] = {}
    read = []
    for rating in (one for one in ON_SCALE if one in branch.ratings):
        values, wrong = scales.read(answers[rating], source, source.missing)
        columns = np.full(len(answers), branch.ratings[rating], dtype=object)
        only = Scales(scales.kinds, scales.which[here])
        faults.add(undeclared(answers[rating][here], wrong[here], only, source, columns[here]))
        wrong = np.where(wrong == "unknown_label", "", wrong)
        read.append(Column(answers[rating][here], columns[here], values[here], wrong[here], times[here]))
        cells[rating] = np.where(here, wrong, "")
        new = (reason == "") & wrong.astype(bool)
        reason[new], column[new] = wrong[new], branch.ratings[rating]
        numbers[rating] = scales.settle(values, np.zeros(len(answers), bool) if turned is None else turned)
    faults.add(misread(read, Scales(scales.kinds, scales.which[here]), source))
    blank = pd.Series(np.nan, index=answers.index)
    made = {rating: numbers.get(rating, blank) for rating in ("expectation", "perception")} | numbers
    return judged._replace(answers=answers.assign(**made), cells=cells, scales=scales)
