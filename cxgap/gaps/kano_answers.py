"""The two answers of a Kano question, read from words or from codes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from numbers import Real

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap.errors import ArgumentError, listed, nearest
from cxgap.gaps.design import UNIT
from cxgap.stats.kano import ANSWERS, evaluated

CATEGORY = "_category"
_WORDS = {"like": 0, "must-be": 1, "neutral": 2, "live-with": 3, "dislike": 4}
_NUMBERED = 'coded=(1, 2, 3, 4, 5), the codes of "like", "must-be", "neutral", "live-with" and "dislike" in this order'


def read_answers(
    answers: IntoFrame,
    *,
    by: Sequence[str],
    functional: str,
    dysfunctional: str,
    respondent: str,
    coded: Mapping[object, str | None] | Sequence[object] | None,
    beside: Sequence[str],
) -> tuple[pd.DataFrame, int]:
    """Read one pair of answers a row, and put the category of each beside its keys.

    Parameters
    ----------
    answers : frame of any engine
    by : columns that name a cell
    functional, dysfunctional : columns of what is said of having the feature and of not having it
    respondent : column of the respondents; where there is none each row is a person
    coded : what codes mean, as in `kano`
    beside : further columns to keep

    Returns
    -------
    The rows that have both answers, with UNIT and CATEGORY; and how many were left out for lack of one.

    Raises
    ------
    ColumnError : a column is not there.
    ArgumentError : an answer is none of the five, or a respondent answered twice of a cell.
    """
    present = tally.columns_of(answers)
    alone = respondent not in present and respondent == UNIT
    wanted = list(dict.fromkeys([*by, functional, dysfunctional, *([] if alone else [respondent]), *beside]))
    tally.require(answers, wanted, "answers")
    frame = tally.rows_of(nw.from_native(answers).select(wanted).to_native()).reset_index(drop=True)
    said = [_positions(frame[name], name, coded) for name in (functional, dysfunctional)]
    full = (said[0] >= 0) & (said[1] >= 0)
    frame = frame[full].copy()
    frame[CATEGORY] = evaluated(said[0][full], said[1][full]).astype(float)
    if alone:  # numbered in an order that is not that of the rows
        order = frame.astype(object).astype(str).sort_values([*wanted, CATEGORY], kind="stable").index
        frame = frame.loc[order].assign(**{UNIT: np.arange(len(frame))})
    elif respondent != UNIT:
        frame = frame.rename(columns={respondent: UNIT})
    frame = frame.reset_index(drop=True)
    twice = frame.duplicated([*by, UNIT])
    if twice.any():
        name = str(frame.loc[twice, UNIT].iloc[0])
        where = f" by {', '.join(by)}" if by else ""
        raise ArgumentError(
            f"`answers` must hold one pair of answers a respondent and cell{where}; {name!r} has more. Name the column that "
            'tells them apart in `by`, such as by="feature".'
        )
    return frame, int((~full).sum())


def _positions(column: pd.Series, name: str, coded: Mapping[object, str | None] | Sequence[object] | None) -> np.ndarray:
    """Return the position of each answer in ANSWERS, -1 where there is none."""
    meaning = dict(_WORDS) if coded is None else _meanings(coded)
    codes, levels = pd.factorize(column.astype(object))
    positions = np.full(len(levels) + 1, -1)
    for number, level in enumerate(levels):
        key = _key(level)
        if key not in meaning:
            shown = level if isinstance(level, str) else f"{level:g}" if isinstance(level, Real) else level
            answer = meaning_said(meaning) if coded is not None else listed_answers()
            how = f"Say what codes mean with {_NUMBERED}" if coded is None else f"Add {shown!r} to `coded`"
            raise ArgumentError(
                f"{name!r} must hold {answer}, not {shown!r}.{nearest(str(level), meaning)} {how}; a code for no answer has "
                "the meaning None, as in {9: None}."
            )
        positions[number] = meaning[key]
    return positions[codes]


def listed_answers() -> str:
    """Name the five answers."""
    return f"{', '.join(map(repr, ANSWERS[:-1]))} or {ANSWERS[-1]!r}"


def meaning_said(meaning: Mapping[str, int]) -> str:
    """Name the codes that have a meaning."""
    return f"one of the codes {listed(meaning)}"


def _meanings(coded: Mapping[object, str | None] | Sequence[object]) -> dict[str, int]:
    """Return the position that each code stands for."""
    if isinstance(coded, Mapping):
        wrong = [word for word in coded.values() if word is not None and _key(word) not in _WORDS]
        if wrong:
            raise ArgumentError(f"`coded` must give each code one of {listed_answers()}, or None, not {wrong[0]!r}.")
        found = {_key(code): -1 if word is None else _WORDS[_key(word)] for code, word in coded.items()}
        given = set(found.values()) - {-1}
    else:
        codes = [] if isinstance(coded, str) or not isinstance(coded, Iterable) else list(coded)
        found = {_key(code): place for place, code in enumerate(codes)}
        given = set(found.values()) if len(codes) == len(ANSWERS) else set()
    if len(given) < len(ANSWERS):
        raise ArgumentError(f"`coded` must give a code for each of the five answers, as in {_NUMBERED}; it is {coded!r}.")
    return found


def _key(value: object) -> str:
    """Write a code or a word in the one way in which they are compared."""
    if isinstance(value, Real) and not isinstance(value, bool):
        return f"{float(value):g}"
    text = "-".join(str(value).casefold().replace("_", " ").replace("-", " ").split())
    try:
        return f"{float(text):g}"
    except ValueError:
        return text
