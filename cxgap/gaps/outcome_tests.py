"""Whether the gap says anything of an outcome, and each touchpoint's shortfall beside the others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from cxgap.gaps.outcome_model import COUNT, LINEAR, LOGISTIC, Fitted, told
from cxgap.stats.bootstrap import keyed
from cxgap.stats.glm import glm, wald
from cxgap.stats.means import Floats
from cxgap.stats.score import score_tests

FAMILY: Final = {LOGISTIC: "logistic", COUNT: "log", LINEAR: "linear"}


def tests_of(model: Fitted, blocks: Sequence[Sequence[int]], seed: int) -> Floats:
    """Return the p-value of each block of columns of a model, the others held alike.

    Chances within the horizon, counts and numbers by their score; hazards, whose rows are not people, by Wald's test.
    """
    if model.kind not in FAMILY:
        return np.array([_wald(model, block) for block in blocks])
    people = model.people
    outcome, weight = people.outcome, people.weight / people.weight.mean()
    if model.kind == LOGISTIC:
        outcome, weight = told(people, weight, model.horizon)
    used = weight > 0
    offset = np.log(np.maximum(people.exposure[used], 1e-9)) if model.kind == COUNT else None
    residual, inner, held, asked = [], [], [], []
    for block in blocks:
        others = [place for place in range(len(model.terms.names)) if place not in block]
        x = np.column_stack([np.ones(int(used.sum())), model.terms.x[used][:, others]])
        bare = glm(x, outcome[used], family=FAMILY[model.kind], weight=weight[used], offset=offset, firth=model.firth)
        spread = {LOGISTIC: bare.fitted * (1 - bare.fitted), COUNT: bare.fitted}.get(model.kind, np.ones(len(x)))
        residual.append(weight[used] * (outcome[used] - bare.fitted))
        inner.append(weight[used] * spread)
        held.append(x)
        asked.append(model.terms.x[used][:, list(block)])
    return score_tests(
        np.array(residual), np.array(inner), held, asked, people.respondent[used], people.design, keyed("outcome tests", seed)
    )  # fmt: skip


def _wald(model: Fitted, block: Sequence[int]) -> float:
    constraints = np.zeros((len(block), len(model.beta)))
    for row, column in enumerate(block):
        constraints[row, model.base + column] = 1.0
    return wald(model.beta, model.covariance, model.df, constraints)[2]
