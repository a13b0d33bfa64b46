"""What gap functions are asked in the same words: groups, margin, kind of expectation and of score, one scale of answers."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap._check import as_names, check_choice, check_positive
from cxgap.errors import ArgumentError
from cxgap.gaps.scores import ITEMS
from cxgap.result import MDG
from cxgap.vocabulary import EXPECTATION_TYPES, MARGIN_PART

SCORES = {"dimensions": "mean of dimension means", "items": "mean of items"}


def grouping(by: str | Sequence[str], taken: Collection[str | None]) -> tuple[str, ...]:
    """Return the names in `by`.

    Raises
    ------
    ArgumentError : one of them is in `taken`: it holds what is measured, or the result calls a column of its own so.
    """
    names = as_names(by)
    forbidden = sorted(set(names).intersection({*taken, MDG}))
    if forbidden:
        raise ArgumentError(f"`by` must name columns that make groups, and none of the result's own, not {forbidden[0]!r}.")
    return names


def margin_of(margin: float | None, scale: tuple[float, float] | None) -> float | None:
    """Return the margin that is meant: a part of the scale's range if none is given; None where there is no scale either."""
    margin = check_positive(margin, "margin")
    return (scale[1] - scale[0]) / MARGIN_PART if margin is None and scale else margin


def check_expectation_type(value: str | None) -> str | None:
    """Return `value` if it is None or a kind of expectation that the vocabulary knows."""
    return None if value is None else check_choice(value, "expectation_type", EXPECTATION_TYPES)


def check_outcome(value: object, name: str = "outcome") -> None:
    """Raise ArgumentError if `value` is neither None nor the name of a column; a mapping is what a study's outcome is."""
    if not isinstance(value, str | None):
        raise ArgumentError(f"`{name}` must be the name of a column, not {value!r}; write **study.outcome for the study's own.")


def score_words(by: Collection[str], *, dimensional: bool) -> str:
    """Say how a person's answers became one score, for the caption."""
    return "single items" if not ITEMS.isdisjoint(by) else SCORES["dimensions" if dimensional else "items"]


def check_answers(frame: IntoFrame, name: str, scale: tuple[float, float], sentence: str) -> None:
    """Raise ArgumentError, opening with `sentence`, if an answer in the column `name` lies outside `scale`."""
    answers = tally.tally_distinct(frame, [name])[name].dropna().to_numpy(float)
    wrong = answers[np.isfinite(answers) & ((answers < scale[0]) | (answers > scale[1]))]
    if len(wrong):
        raise ArgumentError(f"{sentence}; it holds {wrong[0]:g}. Answers on another scale cannot be brought to this one.")
