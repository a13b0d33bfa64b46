"""What would have been: leaving without delays, with and without a call, and hours without the intervention; by simulation.

Beside tools/truth.py nothing needs it; what it came to is kept in drawn_actions.py. Given who is who, the chance to leave in a
number of days is known, so that only people are drawn and never moments of leaving.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cxgap.simulate import company
from cxgap.simulate.campaigns import CAMPAIGNS, draw_lists
from cxgap.simulate.contacts import contacts_table
from cxgap.simulate.customers import customers_table, with_households
from cxgap.simulate.design import ATTENTIVE, Design, draw_design
from cxgap.simulate.latent import Floats, dimension_means
from cxgap.simulate.leaving import YEAR, Exits, churn_hazard, draw_exits, worst_delay
from cxgap.simulate.orders import Orders, draw_orders
from cxgap.simulate.settled import CHANGE, HOURS_LOG_SD, changed, settling_hours
from cxgap.simulate.survey import Answers, draw_answers

WITHIN: Final = 180  # days after the answer


def one_action_draw(rng: np.random.Generator, respondents: int) -> dict[str, Any]:
    """Simulate customers, and return what their leaving and their contacts come to in either case."""
    design = draw_design(rng, respondents)
    orders = draw_orders(rng, design)
    answers = draw_answers(rng, design, orders)
    customers, patience = customers_table(rng, design, np.arange(len(design.segment)))
    exits = draw_exits(rng, design, orders, answers.disposition, patience)
    contacts = contacts_table(rng, design, orders, np.arange(len(design.segment)), np.arange(len(orders.customer)))
    at = contacts["at"].str[:19].to_numpy().astype("datetime64[s]")
    about = contacts["event_id"].notna().to_numpy()
    order = contacts["event_id"][about].to_numpy(np.int64)
    listed = draw_lists(rng, orders, exits, order, at[about], with_households(rng, design, customers))
    day = np.array(list(CAMPAIGNS.values())).astype(np.int64)[listed.campaign]
    spell = np.clip(day + company.CALL_DAYS - np.maximum(day, exits.start[listed.customer]), 0, None)
    hazard = exits.hazard[listed.customer]
    risk = {"held_out": leaves(hazard, spell), "contacted": leaves(company.CALL_EFFECT * hazard, spell)}
    return {
        "causal": causal_effect(design, orders, answers, exits),
        "outreach": {
            "listed": len(day) / len(customers),
            **{arm: float(chance.mean()) for arm, chance in risk.items()},
            "risk_difference": float((risk["contacted"] - risk["held_out"]).mean()),
            "at_risk_days": float(spell.mean()),
        },
        "intervention": _hours(rng, design.region[contacts["customer_id"].to_numpy(np.int64)], contacts["channel"], at),
    }


def leaves(hazard: Floats, spell: NDArray) -> Floats:
    """Chance to choose to leave within so many days at risk, moving and dying being in the way."""
    other = company.MOVED_PER_YEAR + company.DIED_PER_YEAR
    chance: Floats = hazard / (hazard + other) * -np.expm1(-(hazard + other) * spell / YEAR)
    return chance


def causal_effect(design: Design, orders: Orders, answers: Answers, exits: Exits) -> dict[str, dict[str, float]]:
    """Compare leaving within WITHIN days of an answer about Receive the parcel with what it were had that parcel not been late.

    Returns
    -------
    For attentive respondents, and for all: `risk`; `effect`, what of it the delay of that parcel makes; `association`, what of
    it goes with the shortfall by logistic regression of leaving on the shortfall alone; `share`, the first over the second.
    """
    row = np.flatnonzero(answers.touchpoint == company.RECEIVE)
    who = answers.respondent[row]
    customer = design.asked[who]
    spell = np.clip(design.answered[who].astype(np.int64) + WITHIN - exits.start[customer], 0, WITHIN)
    delay = orders.delay.copy()
    delay[orders.respondent >= 0] = np.minimum(delay[orders.respondent >= 0], 0)
    worst = worst_delay(len(design.segment), replace(orders, delay=delay))[customer]
    risk = leaves(exits.hazard[customer], spell)
    prompt = leaves(churn_hazard(worst, answers.disposition[who]), spell)
    expected, perceived = (dimension_means(side[row].astype(np.float32)).astype(float).mean(axis=1) for side in answers.ratings)
    shortfall = np.maximum(expected - perceived, 0)
    told = {}
    for name, people in (("attentive", design.care[who] == ATTENTIVE), ("surveyed", np.ones(len(who), dtype=bool))):
        weight = design.weight[who][people] / design.weight[who][people].sum()
        effect = float(weight @ (risk - prompt)[people])
        association = _association(shortfall[people], risk[people], weight)
        told[name] = {"risk": float(weight @ risk[people]), "effect": effect, "association": association}
        told[name]["share"] = effect / association
    return told


def _association(shortfall: Floats, risk: Floats, weight: Floats) -> float:
    """Mean fitted risk less the fitted risk without a shortfall, by Newton's method."""
    design, slopes = np.column_stack([np.ones(len(shortfall)), shortfall]), np.zeros(2)
    for _ in range(25):
        fitted = 1 / (1 + np.exp(-design @ slopes))
        score = design.T @ (weight * (risk - fitted))
        slopes += np.linalg.solve((design * (weight * fitted * (1 - fitted))[:, None]).T @ design, score)
    return float(weight @ risk - 1 / (1 + np.exp(-slopes[0])))


def _hours(rng: np.random.Generator, region: NDArray, channel: Any, at: NDArray) -> dict[str, float]:
    """Mean hours of the contacts that the intervention reached, and what it saved."""
    reached = changed(region, at)
    hours = settling_hours(rng, channel.to_numpy(object)[reached], region[reached], at[reached], noise=False)
    mean = float(hours.mean() * np.exp(HOURS_LOG_SD**2 / 2))
    return {"hours": mean, "hours_without": mean / CHANGE, "difference": mean - mean / CHANGE}
