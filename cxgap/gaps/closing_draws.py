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
    """What is to be done, and what is taken for granted; draws of reach, cost and evidence belong to its `label`."""

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
    label: str = ""

    @property
    def later(self) -> float:
        """What a benefit of every year is worth today."""
        return float(sum((1 + self.discount) ** -year for year in range(1, self.years + 1)))


def closed(model: Fitted, asked: Asked, x: Floats) -> Floats:
    """Return the columns as they would be; nothing is closed beyond what was expected."""
    x = x.copy()
    for cell in asked.cells:
        column = model.terms.shortfall[cell]
        x[:, column] = x[:, column] * (1 - asked.close) if asked.close <= 1 else np.maximum(x[:, column] - asked.close, 0.0)
    return x


def touched_by(model: Fitted, asked: Asked) -> np.ndarray:
    """Say of each person whether they got less where it is closed."""
    return np.asarray((model.terms.x[:, [model.terms.shortfall[cell] for cell in asked.cells]] > 0).any(axis=1))


class Shared(NamedTuple):
    """Draws that all plans have in common: of the coefficients, of the people, of their number, and of the causal share."""

    beta: Floats
    multiplier: Floats
    scale: Floats
    causal: Floats


def shared_draws(model: Fitted, asked: Asked, many: int, seed: int) -> Shared:
    """Draw what does not hang on the plan; `multiplier` has one column a person."""
    people = model.people
    weight = people.weight / people.weight.mean()
    beta = model.beta + keyed(NAME, seed).standard_normal((many, len(model.beta))) @ _root(model.covariance).T
    unit = people.design.psu[people.respondent]
    multiplier = np.concatenate([block for block in replicate_weights(source_of(people, NAME), many, seed=seed)])[:, unit]
    scale = np.full(many, 1.0) if asked.customers is None else asked.customers / np.maximum(multiplier @ weight, 1e-300)
    return Shared(beta, multiplier, scale, keyed(f"{NAME}: causal share", seed).beta(*asked.causal, many))


class Own(NamedTuple):
    """Draws of one plan: the effect of its evidence, the share it reaches, and its cost."""

    effect: Floats
    taken: Floats
    cost: Floats


def own_draws(asked: Asked, many: int, seed: int) -> Own:
    """Draw what hangs on the plan alone, so that another plan's reach and cost are drawn apart."""
    random = keyed(f"{NAME}: {asked.label}", seed)
    effect = random.normal(asked.effect[1], asked.effect[2], many) if asked.effect else np.zeros(many)
    taken = np.ones(many) if asked.reach is None else random.beta(*asked.reach, many)
    chance = random.random(many)
    cost = np.zeros(many) if asked.cost is None else triangular(*asked.cost, chance)
    return Own(effect, taken, cost)


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
    people = model.people
    rows = np.flatnonzero(touched)
    x = model.terms.x[rows]
    better = closed(model, asked, x)
    weight = people.weight / people.weight.mean()
    price = np.nan_to_num(worth[rows])
    beta, multiplier, scale, phi = shared_draws(model, asked, many, seed)
    effect, taken, cost = own_draws(asked, many, seed)
    phi = np.ones(many) if asked.effect else phi
    middle = 1.0 if asked.customers is None else asked.customers / weight.sum()
    here = weight[rows]

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
    later = asked.later
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
