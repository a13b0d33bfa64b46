"""How well a model of outcomes predicts people whom it has not seen, beside one without the gap."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from cxgap.gaps.outcome_model import CHANCES, COUNT, DISCRETE, LOGISTIC, Fitted, fit, told
from cxgap.gaps.outcome_people import People
from cxgap.gaps.outcome_terms import bare_terms
from cxgap.stats.bootstrap import keyed
from cxgap.stats.discrimination import auc, brier, calibration, folds, spread
from cxgap.stats.means import Codes, Floats, strata_of

FOLDS: Final = 5
DEALS: Final = 5


class Validated(NamedTuple):
    """What the validation found.

    Attributes
    ----------
    measure : "AUC", or "share explained" of counts, amounts and numbers
    with_gap, without : of both models
    added, low, high : their difference and its interval
    brier, brier_without : mean squared error of chances; NaN otherwise
    intercept, slope : of the calibration; NaN otherwise
    """

    measure: str
    with_gap: float
    without: float
    added: float
    low: float
    high: float
    brier: float
    brier_without: float
    intercept: float
    slope: float


def validate(model: Fitted, *, conf_level: float, seed: int, deals: int = DEALS) -> Validated:
    """Leave out a fifth of the sampling units at a time, predict it from the rest, and compare with a model without the gap.

    Areas are of each fold, and averaged: predictions of different folds come from different models. Discrete time is
    validated as the chance of leaving within the horizon.
    """
    from scipy.special import stdtrit

    people = model.people
    chance, kind = model.kind in CHANCES, LOGISTIC if model.kind == DISCRETE else model.kind
    unit, stratum = people.design.psu[people.respondent], strata_of(people.design)
    present = np.unique(unit)
    place = np.searchsorted(present, unit)
    design = people.weight / people.weight.mean()
    outcome, weight = told(people, design, model.horizon) if chance else (people.outcome, design)
    random, bare = keyed("outcome_link", seed), bare_terms(model.terms)
    influence, found, errors, lines = np.zeros(len(unit)), [], [], []
    for _ in range(deals):
        fold = folds(len(present), FOLDS, stratum[present], random)[place]
        seen = np.zeros((2, len(unit)))
        for one in range(FOLDS):
            training = (fold != one).astype(float)
            for side, terms in enumerate((model.terms, bare)):
                part = fit(kind, people, terms, model.horizon, firth=model.firth, times=training)
                seen[side, fold == one] = part.mean(terms.x[fold == one])
        if chance:
            values, moved = _areas(seen, outcome, weight, fold)
            errors.append([brier(row, outcome, weight=weight) for row in seen])
            lines.append(calibration(seen[0], outcome, weight=weight))
        else:
            values, moved = _explained(seen * people.exposure if kind == COUNT else seen, people, weight)
        found.append(values)
        influence += moved / deals
    with_gap, without = np.mean(found, axis=0)
    half = stdtrit(max(len(present) - 1, 1), (1 + conf_level) / 2) * spread(influence, place)
    added = with_gap - without
    own, other = np.mean(errors, axis=0) if chance else (np.nan, np.nan)
    intercept, slope = np.mean(lines, axis=0) if chance else (np.nan, np.nan)
    numbers = (with_gap, without, added, added - half, added + half, own, other, intercept, slope)
    return Validated("AUC" if chance else "share explained", *map(float, numbers))


def _areas(seen: Floats, event: Floats, weight: Floats, fold: Codes) -> tuple[list[float], Floats]:
    """Return the mean area over the folds of both predictions, and the influence on their difference."""
    sums, moved, many = np.zeros(2), np.zeros(len(event)), 0
    for one in range(FOLDS):
        here = (fold == one) & (weight > 0)
        both = [auc(row[here], event[here], weight=weight[here]) for row in seen]
        if not np.isfinite(both[0].value):
            continue
        many += 1
        sums += [each.value for each in both]
        moved[here] += both[0].influence - both[1].influence
    return (list(sums / many), moved / many) if many else ([np.nan, np.nan], moved * np.nan)


def _explained(seen: Floats, people: People, weight: Floats) -> tuple[list[float], Floats]:
    """Return the share of the squared error that both predictions take away, and the influence on their difference."""
    outcome = people.outcome
    off = weight * (outcome - np.average(outcome, weights=weight)) ** 2
    lost = weight * (outcome - seen) ** 2
    shares = 1 - lost.sum(axis=1) / off.sum()
    added = shares[0] - shares[1]
    return list(shares), (lost[1] - lost[0] - added * off) / off.sum()
