"""The proportional hazards model: what goes with leaving sooner, whenever the data end.

Cox (1972), Journal of the Royal Statistical Society B 34(2), 187-220. Ties by Efron (1977), Journal of the American Statistical
Association 72(359), 557-565, or Breslow (1974), Biometrics 30(1), 89-99.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cxgap.stats.glm import ROUNDS, SETTLED, STEP
from cxgap.stats.means import Codes, Floats, sum_by


class Cox(NamedTuple):
    """A fitted model.

    Attributes
    ----------
    coefficients : shape (terms,)
    information : shape (terms, terms)
    influence : of each row on the coefficients, its weight included, shape (rows, terms)
    log_likelihood : partial, without any term and with all of them
    time, hazard : distinct times at which somebody left, and the cumulated baseline hazard there, of a row of zeros
    settled : whether Newton's method came to rest
    """

    coefficients: Floats
    information: Floats
    influence: Floats
    log_likelihood: tuple[float, float]
    time: Floats
    hazard: Floats
    settled: bool

    @property
    def covariance(self) -> Floats:
        """Covariance of independent rows."""
        return np.asarray(np.linalg.pinv(self.information), np.float64)

    def hazard_at(self, time: float) -> float:
        """Return the cumulated baseline hazard at a time."""
        place = int(np.searchsorted(self.time, time, side="right"))
        return float(self.hazard[place - 1]) if place else 0.0


class _Risk(NamedTuple):
    """Who is at risk when: rows by descending time, and one slot an event, in which a part of its tied events is gone."""

    order: Codes
    last: Codes  # of each distinct event time, how many of the ordered rows are at risk
    of_row: Codes  # of each row, how many event times it has lived to see
    own: Codes  # of each row that has the event, its event time; else -1
    slot: Codes  # the event time of each slot
    part: Floats  # share of the tied events that no longer counts
    mean_weight: Floats
    time: Floats


def cox(
    x: Floats, time: Floats, event: np.ndarray, *, weight: Floats | None = None, ties: str = "efron",
    start: Floats | None = None, rounds: int = ROUNDS,
) -> Cox:  # fmt: skip
    """Fit the model.

    Parameters
    ----------
    x : shape (rows, terms), without a constant
    time : until when each row was watched, shape (rows,)
    event : whether it left then
    weight : sampling weights; 1 if left out
    ties : "efron" or "breslow"
    start : coefficients to begin at
    rounds : of Newton's method at most
    """
    weight = np.ones(len(time)) if weight is None else weight
    risk = _risk(time, np.asarray(event, bool), weight, ties)
    middle = weight @ x / weight.sum()
    x = x - middle
    beta = np.zeros(x.shape[1]) if start is None else start.copy()
    first, settled, value = np.nan, False, np.nan
    for turn in range(rounds):
        value, score, information, _ = _likelihood(x, weight, risk, beta)
        first = value if turn == 0 and start is None else first
        try:
            step = np.linalg.solve(information, score)
        except np.linalg.LinAlgError:
            break
        largest = float(np.abs(x @ step).max(initial=0.0))
        step = step * min(1.0, STEP / max(largest, 1e-300))
        beta = beta + step
        if largest <= SETTLED * (1 + float(np.abs(x @ beta).max(initial=0.0))):
            settled = True
            break
    value, _, information, parts = _likelihood(x, weight, risk, beta)
    influence = _residuals(x, weight, risk, beta, parts) @ np.linalg.pinv(information)
    jump = sum_by(risk.slot, len(risk.time), parts[0])
    hazard = np.cumsum(jump) * float(np.exp(-middle @ beta))
    return Cox(beta, information, influence, (first, value), risk.time, hazard, settled and bool(np.isfinite(beta).all()))


def proportional(x: Floats, time: Floats, event: np.ndarray, fit: Cox, terms: list[list[int]], *, weight: Floats | None = None):  # type: ignore[no-untyped-def]
    """Test whether the effect of terms stays the same over time: chi-square, degrees of freedom and p-value of each.

    The score test of an interaction with one minus the Kaplan-Meier curve just before each time, as in R's cox.zph (3.0 on).

    Parameters
    ----------
    x, time, event, weight : as the model was fitted
    fit : the model, with Efron's ties
    terms : columns of each group to be tested; a group of all of them is the global test

    References
    ----------
    Grambsch & Therneau (1994), Biometrika 81(3), 515-526.
    """
    from scipy.special import chdtrc

    weight = np.ones(len(time)) if weight is None else weight
    event = np.asarray(event, bool)
    risk = _risk(time, event, weight, "efron")
    x = x - weight @ x / weight.sum()
    _, _, _, (_, mean, spread) = _likelihood(x, weight, risk, fit.coefficients)
    at_risk = np.cumsum(weight[risk.order])[risk.last - 1]
    gone = sum_by(risk.own[event], len(risk.time), weight[event])
    after = np.cumprod(1 - gone / at_risk)
    clock = 1 - np.concatenate([[1.0], after[:-1]])
    clock = clock - clock.mean()
    tick = clock[risk.slot]
    k = x.shape[1]
    seen = np.column_stack([sum_by(risk.own[event], len(risk.time), weight[event] * column[event]) for column in x.T])
    expected = np.column_stack([sum_by(risk.slot, len(risk.time), risk.mean_weight * column) for column in mean.T])
    score = ((seen - expected) * clock[:, None]).sum(axis=0)
    plain = np.einsum("s,sij->ij", risk.mean_weight, spread)
    mixed = np.einsum("s,sij->ij", risk.mean_weight * tick, spread)
    square = np.einsum("s,sij->ij", risk.mean_weight * tick**2, spread)
    left = square - mixed @ np.linalg.pinv(plain) @ mixed
    found = []
    for columns in terms:
        cross = mixed[:, columns]
        part = left if len(columns) == k else square[np.ix_(columns, columns)] - cross.T @ np.linalg.pinv(plain) @ cross
        part = part[np.ix_(columns, columns)] if len(columns) == k else part
        chi = float(score[columns] @ np.linalg.pinv(part) @ score[columns])
        found.append((chi, len(columns), float(chdtrc(len(columns), chi))))
    return found


def _risk(time: Floats, event: np.ndarray, weight: Floats, ties: str) -> _Risk:
    order = np.argsort(-time, kind="stable")
    times = np.unique(time[event & (weight > 0)]) if (event & (weight > 0)).any() else np.zeros(0)
    descending = -time[order]
    last = np.searchsorted(descending, -times, side="right")
    of_row = np.searchsorted(times, time, side="right")
    own = np.where(event & (weight > 0), of_row - 1, -1)
    deaths = np.bincount(own[own >= 0], minlength=len(times))
    slot = np.repeat(np.arange(len(times)), deaths)
    within = np.arange(len(slot)) - np.repeat(np.cumsum(deaths) - deaths, deaths)
    part = within / deaths[slot] if ties == "efron" else np.zeros(len(slot))
    total = sum_by(own[own >= 0], len(times), weight[own >= 0])
    return _Risk(order, last, of_row, own, slot, part, (total / np.maximum(deaths, 1))[slot], times)


def _likelihood(x: Floats, weight: Floats, risk: _Risk, beta: Floats):  # type: ignore[no-untyped-def]
    """Return the log partial likelihood, its score, its information, and of each slot the rate, mean and spread."""
    eta = np.clip(x @ beta, -50, 50)
    hot = weight * np.exp(eta)
    k, ends = x.shape[1], risk.last - 1
    dying, mine = risk.own >= 0, risk.own[risk.own >= 0]
    many = len(risk.time)

    def at(values: Floats) -> Floats:
        whole = np.cumsum(values[risk.order])[ends]
        lost = sum_by(mine, many, values[dying])
        return whole[risk.slot] - risk.part * lost[risk.slot]

    zero = at(hot)
    mean = np.column_stack([at(hot * column) for column in x.T]) / zero[:, None]
    spread = np.empty((len(zero), k, k))
    for i in range(k):
        for j in range(i + 1):
            spread[:, i, j] = spread[:, j, i] = at(hot * x[:, i] * x[:, j]) / zero - mean[:, i] * mean[:, j]
    value = float((weight * eta)[dying].sum() - (risk.mean_weight * np.log(zero)).sum())
    score = weight[dying] @ x[dying] - risk.mean_weight @ mean
    information = np.einsum("s,sij->ij", risk.mean_weight, spread)
    return value, score, information, (risk.mean_weight / zero, mean, spread)


def _residuals(x: Floats, weight: Floats, risk: _Risk, beta: Floats, parts) -> Floats:  # type: ignore[no-untyped-def]
    """Return the score residual of each row, times its weight."""
    rate, mean, _ = parts
    many, k = len(risk.time), x.shape[1]
    hot = np.exp(np.clip(x @ beta, -50, 50))

    def gathered(values: Floats) -> Floats:
        return sum_by(risk.slot, many, values)

    first = np.concatenate([[0.0], np.cumsum(gathered(rate))])
    found = np.empty((len(x), k))
    dying = risk.own >= 0
    own = risk.own[dying]
    count = np.maximum(gathered(np.ones(len(risk.slot))), 1)
    late = gathered(risk.part * rate)
    for j in range(k):
        second = np.concatenate([[0.0], np.cumsum(gathered(rate * mean[:, j]))])
        value = -hot * (x[:, j] * first[risk.of_row] - second[risk.of_row])
        centre = gathered(mean[:, j]) / count
        late_mean = gathered(risk.part * rate * mean[:, j])
        value[dying] += x[dying, j] - centre[own] + hot[dying] * (x[dying, j] * late[own] - late_mean[own])
        found[:, j] = value
    return weight[:, None] * found
