"""Models of what customers did afterwards, by how far what they got fell short: fitted, predicted, fitted again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from cxgap.gaps.outcome_people import People
from cxgap.gaps.outcome_terms import Terms
from cxgap.stats.bootstrap import Source
from cxgap.stats.discrimination import watched
from cxgap.stats.glm import ROUNDS, glm, robust
from cxgap.stats.hazards import cox, proportional
from cxgap.stats.means import Floats, strata_of, sum_by

LOGISTIC, COX, DISCRETE, COUNT, LINEAR = "logistic", "cox", "discrete", "count", "linear"
CHANCES = (LOGISTIC, COX, DISCRETE)  # kinds of model that predict the chance of an outcome
PERIODS = 6  # of the horizon, in discrete time
FIRTH_BELOW, NONE_BELOW = 10.0, 5.0  # events for each term of a model
REFITS = 8  # rounds of Newton's method from where the whole sample ended


@dataclass(frozen=True, slots=True)
class Fitted:
    """A fitted model.

    Attributes
    ----------
    kind : "logistic", "cox", "discrete", "count" or "linear"
    terms : its columns
    beta : coefficients; the constant or what stands for the baseline comes first
    covariance, df : of the coefficients, and their degrees of freedom
    centre : of the columns, about which the baseline is held
    firth : whether it was penalised
    people : of whom
    weight : of each row: sampling, and the inverse of the chance of having been watched
    horizon : days
    settled : whether the model could be fitted
    p_proportional : of the test that the gap's effect stays the same over time; NaN where it was not made
    """

    kind: str
    terms: Terms
    beta: Floats
    covariance: Floats
    df: float
    centre: Floats
    firth: bool
    people: People
    weight: Floats
    horizon: float
    settled: bool
    p_proportional: float = np.nan

    @property
    def base(self) -> int:
        """How many coefficients come before those of the columns."""
        return PERIODS if self.kind == DISCRETE else 1

    def mean(self, x: Floats, beta: Floats | None = None) -> Floats:
        """Predict the outcome of each row over the whole horizon: a chance, a count, an amount or a number."""
        return predict(self.kind, x, self.terms, self.beta if beta is None else beta, self.centre)

    def slope(self, column: int) -> tuple[float, float]:
        """Return a coefficient and its standard error."""
        place = self.base + column
        return float(self.beta[place]), float(np.sqrt(max(self.covariance[place, place], 0.0)))


class _Solved(NamedTuple):
    """What a kind of model gives back: coefficients, influence of the rows, weights, and the variance of its baseline."""

    beta: Floats
    influence: Floats
    settled: bool
    weight: Floats
    level: float = np.nan


def predict(kind: str, x: Floats, terms: Terms, beta: Floats, centre: Floats) -> Floats:
    """Predict the outcome of each row of `x` by coefficients."""
    from scipy.special import expit

    many = len(terms.names)
    if kind == DISCRETE:
        line = (x - centre) @ beta[PERIODS : PERIODS + many]
        drift = terms.drift(x) @ beta[PERIODS + many :]
        hazard = np.zeros(len(x))
        for period in range(PERIODS):
            hazard += np.exp(np.clip(beta[period] + line + drift * _clock(period), -30, 4))
        return np.asarray(-np.expm1(-hazard))
    line = (x - centre) @ beta[1:] + beta[0]
    if kind == LOGISTIC:
        return np.asarray(expit(line))
    if kind == COX:
        return np.asarray(-np.expm1(-np.exp(np.clip(line, -30, 6))))
    return np.exp(np.clip(line, -30, 30)) if kind == COUNT else np.asarray(line)


def _clock(period: int) -> float:
    return (period - (PERIODS - 1) / 2) / PERIODS


def fit(
    kind: str,
    people: People,
    terms: Terms,
    horizon: float,
    *,
    firth: bool = False,
    times: Floats | None = None,
    start: Fitted | None = None,
) -> Fitted:
    """Fit a model.

    Parameters
    ----------
    kind : as in `Fitted`
    people, terms : the rows and the columns
    horizon : days
    firth : whether to penalise, of "logistic"
    times : multipliers of the sampling weights, such as those of a bootstrap; rows of 0 take no part
    start : a fit of the same model to begin at; its errors are then not worked out again
    """
    design = people.weight / people.weight.mean() * (1.0 if times is None else times)
    x, inside = terms.x, design > 0
    centre = np.average(x[inside], axis=0, weights=design[inside]) if inside.any() else np.zeros(x.shape[1])
    begin = None if start is None else _moved(start, centre)
    rounds = ROUNDS if start is None else REFITS
    if kind == COX:
        found = _cox(people, x - centre, design, horizon, begin, rounds)
    elif kind == DISCRETE:
        found = _discrete(people, terms, x - centre, design, horizon, begin, rounds)
    else:
        found = _mean(kind, people, x - centre, design, horizon, begin, rounds, firth=firth)
    settled = (found.settled or start is not None) and bool(np.isfinite(found.beta).all())
    covariance, df = np.full((len(found.beta), len(found.beta)), np.nan), np.nan
    if start is None and np.isfinite(found.influence).all():
        covariance, df = robust(found.influence, people.respondent, people.design)
        if np.isfinite(found.level):
            covariance[0, :], covariance[:, 0] = 0.0, 0.0
            covariance[0, 0] = found.level
    return Fitted(kind, terms, found.beta, covariance, df, centre, firth, people, found.weight, horizon, settled)


def told(people: People, weight: Floats, horizon: float) -> tuple[Floats, Floats]:
    """Return what happened within the horizon, and what each row weighs; 0 where it was not watched so long.

    Whoever left for a reason that does not count is known not to have chosen to leave.
    """
    if not np.isfinite(people.time).any():
        return people.outcome, weight
    happened = (people.left & (people.time <= horizon)).astype(float)
    return happened, weight * watched(people.time, people.ended, horizon, weight=weight)


def with_proportional(model: Fitted) -> Fitted:
    """Return the model with the test of its hazards: whether the gap's effect stays the same over the horizon."""
    people, x = model.people, model.terms.x - model.centre
    time, left = np.minimum(people.time, model.horizon), people.left & (people.time <= model.horizon)
    used = (model.weight > 0) & (time > 0)
    again = cox(x[used], time[used], left[used], weight=model.weight[used])
    if not again.settled:
        return model
    (found,) = proportional(x[used], time[used], left[used], again, [model.terms.gap], weight=model.weight[used])
    return replace(model, p_proportional=float(found[2]))


def source_of(people: People, name: str) -> Source:
    """Describe the sampling units of the people, for a bootstrap."""
    stratum = strata_of(people.design)
    return Source(name, stratum, sum_by(stratum, len(people.design.population)) / people.design.population)


def _moved(start: Fitted, centre: Floats) -> Floats:
    """Return coefficients of a fit to begin at, its baseline moved to another centre."""
    beta = start.beta.copy()
    if start.kind == COX:
        return beta[1:]
    beta[: start.base] += (centre - start.centre) @ beta[start.base : start.base + len(centre)]
    return beta


def _mean(
    kind: str, people: People, x: Floats, weight: Floats, horizon: float, begin: Floats | None, rounds: int, *, firth: bool
) -> _Solved:
    """Fit a chance within the horizon, a count or amount by what was watched of it, or a number."""
    outcome = people.outcome
    if kind == LOGISTIC:
        outcome, weight = told(people, weight, horizon)
    used = weight > 0
    full = np.column_stack([np.ones(len(x)), x])
    model = glm(
        full[used],
        outcome[used],
        family={LOGISTIC: "logistic", COUNT: "log", LINEAR: "linear"}[kind],
        weight=weight[used],
        offset=np.log(np.maximum(people.exposure[used], 1e-9)) if kind == COUNT else None,
        firth=firth,
        start=begin,
        rounds=rounds,
    )
    influence = np.zeros((len(x), full.shape[1]))
    influence[used] = model.influence
    return _Solved(model.coefficients, influence, model.settled, weight)


def _cox(people: People, x: Floats, weight: Floats, horizon: float, begin: Floats | None, rounds: int) -> _Solved:
    """Fit proportional hazards within the horizon; the first coefficient is the log of the baseline hazard until then.

    About the centre of the columns that baseline hardly hangs on the slopes; its variance is that of a count of events.
    """
    time, left = np.minimum(people.time, horizon), people.left & (people.time <= horizon)
    used = (weight > 0) & (time > 0)
    model = cox(x[used], time[used], left[used], weight=weight[used], start=begin, rounds=rounds)
    level = np.log(max(model.hazard_at(horizon), 1e-300))
    influence = np.zeros((len(x), len(model.coefficients) + 1))
    influence[used, 1:] = model.influence
    counted = weight[used & left]
    events = max(float(counted.sum()) ** 2 / max(float((counted**2).sum()), 1e-300), 1.0)
    return _Solved(np.concatenate([[level], model.coefficients]), influence, model.settled, weight, 1 / events)


def _discrete(
    people: People, terms: Terms, x: Floats, weight: Floats, horizon: float, begin: Floats | None, rounds: int
) -> _Solved:
    """Fit complementary log-log hazards of periods of the horizon, in which the gap's effect may drift."""
    size = horizon / PERIODS
    time = np.minimum(people.time, horizon)
    last = np.clip(np.ceil(time / size).astype(int) - 1, 0, PERIODS - 1)
    left = people.left & (people.time <= horizon)
    drift = terms.drift(terms.x)
    blocks, outcome, row = [], [], []
    for period in range(PERIODS):
        # a period counts where it was watched to its end, or ended by leaving
        here = (weight > 0) & ((time >= (period + 1) * size - 1e-9) | (left & (last == period)))
        where = np.flatnonzero(here)
        base = np.zeros((len(where), PERIODS))
        base[:, period] = 1.0
        blocks.append(np.column_stack([base, x[where], drift[where] * _clock(period)]))
        outcome.append((left & (last == period))[where].astype(float))
        row.append(where)
    rows = np.concatenate(row)
    model = glm(np.vstack(blocks), np.concatenate(outcome), family="cloglog", weight=weight[rows], start=begin, rounds=rounds)
    influence = np.column_stack([sum_by(rows, len(x), column) for column in model.influence.T])
    return _Solved(model.coefficients, influence, model.settled, weight)
