"""The gap of all respondents from answers that were completed by imputation, once for each completed data set."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cxgap.gaps.attention import asked_alike
from cxgap.gaps.batteries import Batteries
from cxgap.gaps.scores import OCCASIONS
from cxgap.stats.imputation import COUNT, impute
from cxgap.stats.means import Codes, Floats, Means, ratio, sum_by
from cxgap.stats.subset import overall_mean

LEAST_VISITS = 10  # fewer are left as they are


def completed_means(
    batteries: Batteries, beside: Sequence[str], *, score: str, lower: Sequence[float], count: int = COUNT, seed: int
) -> list[list[Means]]:
    """Estimate the gap of all, once for each entry of `lower` and each completed data set.

    Parameters
    ----------
    batteries : answers of items that count in scores; a visit without any rating in one of the batteries stays out
    beside : columns of `batteries.visits` whose values help to predict
    score : "dimensions" or "items"
    lower : standard deviations of their item by which imputed perceptions are lowered; 0 is not at all
    count, seed : as in `impute`
    """
    shape = (count, *batteries.perception.shape)
    expectation, perception, down = np.full(shape, np.nan), np.full(shape, np.nan), np.zeros(shape[1:])
    answers = [np.isfinite(side).sum(axis=1) for side in (batteries.expectation, batteries.perception)]
    both = np.minimum(*answers) > 0
    for number, (rows, columns) in enumerate(asked_alike(batteries)):
        rows = rows[both[rows]]
        if not len(rows):
            continue
        place = np.ix_(rows, columns)
        items = len(columns)
        outcome = np.empty((len(rows), 0)) if batteries.outcome is None else batteries.outcome[rows, None]
        values = np.concatenate([batteries.expectation[place], batteries.perception[place], outcome], axis=1)
        if len(rows) < LEAST_VISITS:
            made = iter([values] * count)
        else:
            made = impute(values, beside=_dummies(batteries, rows, beside), count=count, seed=seed, name=f"asked {number}")
        perceived = values[:, items : 2 * items]
        down[place] = np.where(np.isnan(perceived), _spread(perceived), 0.0)
        for copy, filled in enumerate(made):
            expectation[copy][place] = filled[:, :items]
            perception[copy][place] = filled[:, items : 2 * items]
    pairs = list(zip(expectation, perception, strict=True))
    return [[_overall(batteries, e, p - times * down, score) for e, p in pairs] for times in lower]


def _overall(batteries: Batteries, expectation: Floats, perception: Floats, score: str) -> Means:
    """Average items to dimensions, dimensions to visits and visits to respondents, and estimate their mean."""
    gap = perception - expectation
    people = len(batteries.design.weight)
    if score == "dimensions":
        names = np.array(batteries.dimensions)
        parts = np.column_stack([_row_means(gap[:, names == name]) for name in dict.fromkeys(batteries.dimensions)])
        visit, each = _row_means(parts), np.ones(len(gap))
    else:
        visit, each = _row_means(gap), np.isfinite(gap).sum(axis=1).astype(float)
    known = np.isfinite(visit)
    who, each = batteries.respondent[known], each[known]
    score_of = ratio(sum_by(who, people, each * visit[known]), sum_by(who, people, each))
    scored = np.flatnonzero(np.isfinite(score_of))
    return overall_mean(score_of[scored], scored, design=batteries.design, designed=batteries.designed)


def _dummies(batteries: Batteries, rows: Codes, beside: Sequence[str]) -> Floats:
    """Return a column for each value of what tells visits apart and may predict answers."""
    columns = [np.empty((len(rows), 0))]
    for name in dict.fromkeys([*(name for name in OCCASIONS if name in batteries.visits), *beside]):
        codes = np.unique(batteries.visits[name].astype(str).to_numpy()[rows], return_inverse=True)[1]
        columns.append((codes[:, None] == np.arange(1, codes.max(initial=0) + 1)).astype(float))
    return np.concatenate(columns, axis=1)


def _spread(values: Floats) -> Floats:
    """Return the standard deviation of what was answered to each item, ddof = 1; 0 where one answer is known."""
    known = np.isfinite(values)
    count = known.sum(axis=0).astype(float)
    mean = ratio(np.where(known, values, 0.0).sum(axis=0), count)
    squares = np.where(known, (values - mean) ** 2, 0.0).sum(axis=0)
    return np.nan_to_num(np.sqrt(ratio(squares, count - 1)))


def _row_means(values: Floats) -> Floats:
    known = np.isfinite(values)
    return ratio(np.where(known, values, 0.0).sum(axis=1), known.sum(axis=1).astype(float))
