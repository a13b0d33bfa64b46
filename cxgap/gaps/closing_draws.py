"""Draws of what closing a gap may bring: the link, the people, the causal share, the reach and the cost, together and alone."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np

from cxgap.gaps.outcome_model import Fitted, source_of
from cxgap.stats.bootstrap import keyed, replicate_weights
from cxgap.stats.means import Floats
from cxgap.stats.stakes import triangular

NAME: Final = "closing_value"
YEAR: Final = 365.25


class Asked(NamedTuple):
    """What is to be done, and what is taken for granted."""

    cells: list[int]
    name: str
    close: float
    cost: tuple[float, float, float] | None
    reach: tuple[float, float] | None
    causal: tuple[float, float]
    effect: tuple[str, float, float] | None
    discount: float
    years: int
    customers: int | None


def closed(model: Fitted, asked: Asked, rows: np.ndarray) -> Floats:
    """Return the columns as they would be; nothing is closed beyond what was expected."""
    x = model.terms.x[rows].copy()
    for cell in asked.cells:
        column = model.terms.shortfall[cell]
        x[:, column] = x[:, column] * (1 - asked.close) if asked.close <= 1 else np.maximum(x[:, column] - asked.close, 0.0)
    return x


class Drawn(NamedTuple):
    """The draws of each outcome, the same with one input drawn at a time, and of the risk ratio."""

    kept: Floats
    value: Floats
    cost: Floats
    net: Floats
    alone: dict[str, Floats]
    ratio: Floats


def drawn_of(model: Fitted, worth: Floats, touched: np.ndarray, asked: Asked, many: int, seed: int) -> Drawn:
    """Draw the inputs, and what follows from them."""
    people, random = model.people, keyed(NAME, seed)
    rows = np.flatnonzero(touched)
    x, better = model.terms.x[rows], closed(model, asked, rows)
    weight = people.weight / people.weight.mean()
    unit = people.design.psu[people.respondent]
    price = np.nan_to_num(worth[rows])
    # the strength of the link
    root = _root(model.covariance)
    beta = model.beta + random.standard_normal((many, len(model.beta))) @ root.T
    multiplier = np.concatenate([block for block in replicate_weights(source_of(people, NAME), many, seed=seed)])[:, unit]
    scale = np.full(many, 1.0) if asked.customers is None else asked.customers / np.maximum(multiplier @ weight, 1e-300)
    middle = 1.0 if asked.customers is None else asked.customers / weight.sum()
    here = weight[rows]
    effect = random.normal(asked.effect[1], asked.effect[2], many) if asked.effect else np.zeros(many)

    def gain(betas: Floats, times: Floats, scaled: Floats, shift: Floats) -> tuple[Floats, Floats]:
        """Return customers and value, before reach and cause."""
        saved, value = np.empty(len(betas)), np.empty(len(betas))
        for place in range(len(betas)):
            each = here * times[place] * scaled[place]
            if asked.effect:
                moved = np.full(len(rows), -shift[place])
            else:
                moved = model.mean(x, betas[place]) - model.mean(better, betas[place])
            saved[place], value[place] = each @ moved, (each * price) @ moved
        return saved, value

    one, same = np.ones((many, len(rows))), np.broadcast_to(model.beta, beta.shape)
    fixed = np.full(many, asked.effect[1] if asked.effect else 0.0)
    inside = multiplier[:, rows]
    per_year = YEAR / model.horizon
    later = sum((1 + asked.discount) ** -year for year in range(1, asked.years + 1))
    phi = np.ones(many) if asked.effect else random.beta(*asked.causal, many)
    taken = np.ones(many) if asked.reach is None else random.beta(*asked.reach, many)
    chance = random.random(many)
    cost = np.zeros(many) if asked.cost is None else triangular(*asked.cost, chance)
    phi_mean = 1.0 if asked.effect else asked.causal[0] / sum(asked.causal)
    taken_mean = 1.0 if asked.reach is None else asked.reach[0] / sum(asked.reach)
    cost_mean = 0.0 if asked.cost is None else sum(asked.cost) / 3
    saved, value = gain(beta, inside, scale, effect)
    kept, worthy = saved * phi * taken * per_year, value * phi * taken * per_year * later
    base_saved, base_value = gain(same[:1], one[:1], np.array([middle]), fixed[:1])
    has_value = bool(price.any())

    def result(saved: Floats, value: Floats, phi: Any, taken: Any, cost: Any) -> Floats:
        total = value * phi * taken * per_year * later - cost if has_value else saved * phi * taken * per_year
        return np.broadcast_to(total, (many,)).astype(float)

    by_link = gain(beta, one, np.full(many, middle), effect)
    by_people = gain(same, inside, scale, fixed)
    inputs = {
        "how strong the link is": result(*by_link, phi_mean, taken_mean, cost_mean),
        "who happened to be asked": result(*by_people, phi_mean, taken_mean, cost_mean),
        **({} if asked.effect else {"how much of it is causal": result(base_saved, base_value, phi, taken_mean, cost_mean)}),
        **({"how many are reached": result(base_saved, base_value, phi_mean, taken, cost_mean)} if asked.reach else {}),
        **({"what it costs": result(base_saved, base_value, phi_mean, taken_mean, cost)}
           if asked.cost and asked.cost[0] < asked.cost[2] and has_value else {}),
    }  # fmt: skip
    ratio = np.array([here @ model.mean(x, row) / max(float(here @ model.mean(better, row)), 1e-300) for row in beta])
    return Drawn(kept, worthy, cost, worthy - cost, inputs, ratio)


def _root(covariance: Floats) -> Floats:
    """Return a square root of a covariance matrix, also of one that rounding has made not quite one."""
    value, vector = np.linalg.eigh((covariance + covariance.T) / 2)
    return np.asarray(vector * np.sqrt(np.maximum(value, 0.0)))
