"""Columns that are held alike: numbers as they are, and marks of the levels of what is no number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from cxgap.errors import ArgumentError
from cxgap.gaps.told_answers import is_number
from cxgap.stats.means import Codes, Floats
from cxgap.stats.response import FEWEST

MOST_LEVELS: Final = 100  # of a column that is no number
FEW_LEVELS: Final = 20  # up to here numbers that stand as text are codes, such as those of regions


class Held(NamedTuple):
    """Columns that are held alike, of the rows of answers.

    Attributes
    ----------
    numbers : shape (rows, columns)
    levels : codes of the levels of each other column, shape (rows,)
    """

    numbers: Floats
    levels: tuple[Codes, ...]

    def part(self, chosen: np.ndarray) -> Held:
        """Return some of the rows."""
        return Held(self.numbers[chosen], tuple(code[chosen] for code in self.levels))

    def columns(self, weight: Floats, unit: Codes) -> Floats:
        """Return columns about their means, shape (rows, columns), none of which those before it make up; `unit` was drawn."""
        made = np.column_stack([self.numbers, *(_marks(code, unit) for code in self.levels)])
        if not made.shape[1]:
            return made
        made = made - np.average(made, axis=0, weights=weight)
        return made[:, _apart(made)]


def read_held(rows: pd.DataFrame, names: Sequence[str]) -> tuple[Held, np.ndarray]:
    """Return the columns to hold alike, and which rows lack a number of one.

    Raises
    ------
    ArgumentError : a column has more levels than can be told apart.
    """
    numbers, levels, blank = [np.zeros((len(rows), 0))], [], np.zeros(len(rows), bool)
    for name in names:
        values = rows[name].astype(object)
        text = values.where(values.notna(), "(blank)").astype(str)
        if _are_numbers(values):
            number = pd.to_numeric(values.where(values.astype(str).str.strip() != "", None), errors="coerce").to_numpy(float)
            known = np.isfinite(number)
            numbers.append(np.where(known, number, 0.0)[:, None])
            blank |= ~known
            continue
        if (count := text.nunique()) > MOST_LEVELS:
            raise ArgumentError(
                f"`covariates` must name numbers, or columns of at most {MOST_LEVELS} levels; {name!r} has {count:,}. "
                "Join levels into groups first."
            )
        levels.append(pd.factorize(text, sort=True)[0].astype(np.int64))
    return Held(np.column_stack(numbers), tuple(levels)), blank


def _are_numbers(values: pd.Series) -> bool:
    """Say whether a column counts or measures; a study leaves numbers of columns that it does not know as text."""
    told = values[values.notna()]
    if told.map(lambda value: isinstance(value, bool)).any():
        return False
    texts = told[told.map(lambda value: isinstance(value, str))]
    if len(texts) < len(told):
        return texts.empty and bool(pd.to_numeric(told, errors="coerce").notna().all())
    words = {word.strip() for word in texts} - {""}
    coded = any(len(word) > 1 and word[0] == "0" and word[1] != "." for word in words)
    return len(words) > FEW_LEVELS and not coded and all(map(is_number, words))


def _marks(code: Codes, unit: Codes) -> Floats:
    """Return a mark for each level but the most frequent; levels of few units are joined, so that each can be left out."""
    group = np.unique(code, return_inverse=True)[1].astype(np.int64)
    while True:
        pairs = np.unique(np.column_stack([group, unit]), axis=0)
        units = np.bincount(pairs[:, 0])
        order = np.argsort(units, kind="stable")
        if len(units) < 2 or units[order[0]] >= FEWEST:
            break
        few = order[units[order] < FEWEST]
        group = np.where(np.isin(group, few if len(few) > 1 else order[:2]), order[0], group)
        group = np.unique(group, return_inverse=True)[1].astype(np.int64)
    base = int(np.argmax(np.bincount(group)))
    return np.column_stack(
        [np.zeros((len(group), 0)), *((group == one).astype(float) for one in np.unique(group) if one != base)]
    )


def _apart(columns: Floats) -> np.ndarray:
    """Mark the columns that those before them do not make up."""
    kept: list[int] = []
    basis = np.zeros((len(columns), 0))
    for place, column in enumerate(columns.T):
        size = np.sqrt(column @ column)
        rest = column / size if size > 0 else np.zeros(len(column))
        for _ in range(2):  # once more for what rounding left
            rest = rest - basis @ (basis.T @ rest)
        if (left := np.sqrt(rest @ rest)) > 1e-8:
            kept.append(place)
            basis = np.column_stack([basis, rest / left])
    return np.array(kept, np.int64)
