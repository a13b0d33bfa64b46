"""The answers as codes and numbers, so that a check of a million of them is a few passes over arrays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from cxgap.tables.codebook import RATINGS
from cxgap.tables.sections import Item
from cxgap.tables.spec import StudyFile

LANGUAGES = frozenset({"language", "lang", "userlanguage", "startlanguage", "locale"})  # columns that say who read what


class Survey(NamedTuple):
    """What the checks look at; an array has one entry an answer.

    Attributes
    ----------
    answers : as they were read
    who, visit : respondent, and the respondent's visit of one touchpoint in one wave, each counted from 0
    question : the item, or the touchpoint in a survey without items, counted from 0
    names : of the questions
    item : whether the questions are items
    ratings : expectation and perception, where anybody gave them, as they count: reversed items are turned
    asked : the same as they were answered
    low, high : ends of the scale
    """

    answers: pd.DataFrame
    who: np.ndarray
    visit: np.ndarray
    question: np.ndarray
    names: list[str]
    item: bool
    ratings: dict[str, np.ndarray]
    asked: dict[str, np.ndarray]
    low: float
    high: float

    @classmethod
    def of(cls, answers: pd.DataFrame, spec: StudyFile, items: Mapping[str, Item]) -> Survey:
        """Number respondents, visits and questions."""
        who, _ = pd.factorize(answers["respondent_id"])
        visit = who
        for name in ("touchpoint", "wave"):
            if name in answers:
                codes = answers[name].cat.codes.to_numpy(np.int64)
                visit, _ = pd.factorize(visit * (codes.max(initial=0) + 2) + codes + 1)
        column = answers["item" if "item" in answers else "touchpoint"]
        question, names = column.cat.codes.to_numpy(np.int64), [str(name) for name in column.cat.categories]
        ratings = {name: answers[name].to_numpy(float) for name in RATINGS if name in answers}
        ratings = {name: values for name, values in ratings.items() if not np.isnan(values).all()}
        low, high = spec.scale.low, spec.scale.high
        back = np.array([name in items and (items[name].reversed or items[name].negative) for name in names], dtype=bool)
        turned = {name: np.where(back[question], low + high - values, values) for name, values in ratings.items()}
        asked = turned if "item" in answers and back.any() else ratings
        return cls(answers, who, visit, question, names, "item" in answers, ratings, asked, low, high)

    @property
    def paired(self) -> np.ndarray:
        """Which answers have both ratings."""
        both = np.full(len(self.who), len(self.ratings) == len(RATINGS))
        for values in self.ratings.values():
            both &= ~np.isnan(values)
        return both

    @property
    def width(self) -> float:
        """How far its ends are apart."""
        return self.high - self.low

    def codes(self, column: str) -> tuple[np.ndarray, list[str]]:
        """Number what stands in a column, -1 where it is blank, and name it."""
        codes, names = pd.factorize(self.answers[column])
        return codes, [str(name) for name in names]


def totals(groups: np.ndarray, values: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return count, mean and variance in each group; NaN values are passed over, and the mean of none is NaN."""
    given = ~np.isnan(values)
    groups, values = groups[given], values[given]
    count = np.bincount(groups, minlength=size).astype(float)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.bincount(groups, values, minlength=size) / count
        squares = np.bincount(groups, (values - mean[groups]) ** 2, minlength=size)
        return count, mean, squares / (count - 1)


def unvaried(groups: np.ndarray, values: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the count in each group, and whether all its values are one; NaN values are passed over."""
    given = ~np.isnan(values)
    groups, values = groups[given], values[given]
    first = np.full(size, np.nan)
    first[groups[::-1]] = values[::-1]
    other = np.bincount(groups, values != first[groups], minlength=size)
    count = np.bincount(groups, minlength=size)
    return count, (count > 0) & (other == 0)


def correlation(one: np.ndarray, two: np.ndarray) -> tuple[float, int]:
    """Return Pearson's correlation over what both have, 0 where one of them is constant, and of how many it is."""
    both = ~(np.isnan(one) | np.isnan(two))
    count = int(both.sum())
    if count < 2:
        return 0.0, count
    x, y = one[both] - one[both].mean(), two[both] - two[both].mean()
    size = float(np.sqrt((x @ x) * (y @ y)))
    return (float(x @ y) / size if size > 1e-12 * count else 0.0), count


def fisher(r: float) -> float:
    """Return Fisher's z of a correlation."""
    return float(np.arctanh(np.clip(r, -0.999999, 0.999999)))
