"""What each set of plans brings, simulated together: a customer whom several plans touch is counted once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from cxgap.gaps.closing_draws import YEAR, Asked, Own, Shared, closed, own_draws, shared_draws, touched_by
from cxgap.gaps.outcome_model import Fitted
from cxgap.stats.knapsack import members
from cxgap.stats.means import Floats


class Joint(NamedTuple):
    """Draws of the value of every set (shape (sets, draws)), of each plan's cost, and whose customers overlap untold.

    Attributes
    ----------
    value : before costs; the set's bits say which plans are in it
    cost : shape (plans, draws)
    overlap : pairs of plans whose values are added although they touch the same customers: an upper bound
    """

    value: Floats
    cost: Floats
    overlap: list[tuple[int, int]]


def joint_values(model: Fitted, plans: Sequence[Asked], worth: Floats, many: int, seed: int) -> Joint:
    """Simulate all sets of plans on the same draws of the link, the people and the causal share.

    Plans that rest on the link are simulated person by person: what is left of a shortfall by one is what the next begins
    with, and whether a plan reaches a person does not hang on whether another does. An effect from evidence of its own says
    nothing of what it does to those whom another plan helps too, and is added.
    """
    shared = shared_draws(model, plans[0], many, seed)
    own = [own_draws(plan, many, seed) for plan in plans]
    touched = np.array([touched_by(model, plan) for plan in plans])
    linked = [place for place, plan in enumerate(plans) if plan.effect is None]
    value = np.zeros((2 ** len(plans), many))
    sets = members(len(plans))
    for pattern in np.unique(touched[linked].T, axis=0) if linked else []:
        inside = [place for place, there in zip(linked, pattern, strict=True) if there]
        if inside:
            rows = np.flatnonzero((pattern == touched[linked].T).all(axis=1))
            gains = _gains(model, plans, inside, rows, worth, shared, own)
            place = sets[:, inside] @ (1 << np.arange(len(inside)))
            for number, gain in enumerate(gains):
                value[place == number] += gain
    weight = model.people.weight / model.people.weight.mean()
    for place, plan in enumerate(plans):
        if plan.effect is not None:
            rows = np.flatnonzero(touched[place])
            each = shared.multiplier[:, rows] @ (weight[rows] * np.nan_to_num(worth[rows])) * shared.scale
            value[sets[:, place]] -= own[place].effect * each * own[place].taken
    value *= YEAR / model.horizon * plans[0].later
    overlap = [
        (first, second)
        for first in range(len(plans))
        for second in range(first + 1, len(plans))
        if (touched[first] & touched[second]).any() and (plans[first].effect or plans[second].effect)
    ]
    return Joint(value, np.array([each.cost for each in own]), overlap)


def _gains(
    model: Fitted, plans: Sequence[Asked], inside: Sequence[int], rows: np.ndarray, worth: Floats, shared: Shared,
    own: Sequence[Own],
) -> Floats:  # fmt: skip
    """Return what each set of the plans that touch the same people brings with them, shape (2 ** plans, draws)."""
    weight = (model.people.weight / model.people.weight.mean())[rows] * np.nan_to_num(worth[rows])
    x = [model.terms.x[rows]]
    for plan in inside:  # sets in the order of their bits
        x += [closed(model, plans[plan], each) for each in x]
    stacked, many = np.vstack(x), len(shared.beta)
    gain = np.empty((len(x), many))
    for draw in range(many):
        each = weight * shared.multiplier[draw, rows] * shared.scale[draw]
        mean = model.mean(stacked, shared.beta[draw]).reshape(len(x), len(rows))
        gain[:, draw] = (mean[0] - mean) @ each
    for bit, plan in enumerate(inside):  # whom a plan does not reach stays as without it
        cube = gain.reshape(-1, 2, 1 << bit, many)
        cube[:, 1] = own[plan].taken * cube[:, 1] + (1 - own[plan].taken) * cube[:, 0]
    return gain * shared.causal
