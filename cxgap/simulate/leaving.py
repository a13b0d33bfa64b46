"""Who leaves, when and why; and what being called on does to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from cxgap.simulate import company
from cxgap.simulate.design import Design
from cxgap.simulate.latent import Floats
from cxgap.simulate.orders import Orders, last_activity

EXITS: Final = ("chose", "moved", "died")
YEAR: Final = 365.25
NEVER: Final = 10**6  # days


@dataclass(frozen=True, eq=False)
class Exits:
    """What decides when each customer leaves; drawn once, so that one can ask what would have been."""

    start: NDArray  # day, as a count, on which leaving becomes possible
    hazard: Floats  # of choosing to leave, a year
    patience: Floats  # unit exponential: choosing to leave comes when the hazard has summed to it
    other: Floats  # days from the start to moving and to dying; (customers, 2)

    def days(self, called: NDArray) -> tuple[NDArray, NDArray]:
        """Day on which each customer leaves and the way, a position in EXITS.

        `called` is the day on which the company got in touch, NEVER if it did not: for CALL_DAYS from then on the hazard of
        choosing to leave is multiplied by CALL_EFFECT.
        """
        rate = self.hazard / YEAR
        since = np.maximum(called - self.start, 0)  # days at risk before the call
        spell = np.clip(called + company.CALL_DAYS - np.maximum(self.start, called), 0, company.CALL_DAYS)
        before, during = rate * since, company.CALL_EFFECT * rate * spell
        in_spell = since + (self.patience - before) / (company.CALL_EFFECT * rate)
        after = since + spell + (self.patience - before - during) / rate
        chose = np.select([self.patience <= before, self.patience <= before + during], [self.patience / rate, in_spell], after)
        ways = np.column_stack([chose, self.other])
        way = ways.argmin(axis=1)
        stays = np.floor(np.minimum(ways.min(axis=1), 1e5)).astype(np.int64)
        return self.start + stays, way


def draw_exits(rng: Generator, design: Design, orders: Orders, disposition: Floats, patience: Floats) -> Exits:
    """Draw what decides who leaves.

    Leaving is possible from a fortnight after the last order, delivery or answer. The yearly hazard of choosing to is
    CHURN_PER_YEAR x exp(CHURN_LOG_HAZARD x days) x exp(-CHURN_DISPOSITION x disposition): days is the longest delay of the
    customer's delivered orders, at most CHURN_CAP_DAYS; disposition is the standard normal part of a respondent's perceptions
    that belongs to the person, and of others, who were never asked, a draw. Moving away and dying have nothing to do with
    either.
    """
    size = len(design.segment)
    whole = rng.standard_normal(size)
    whole[design.asked] = disposition
    rate = np.array([company.MOVED_PER_YEAR, company.DIED_PER_YEAR])
    return Exits(
        start=last_activity(design, orders).astype(np.int64) + 14,
        hazard=churn_hazard(worst_delay(size, orders), whole),
        patience=patience,
        other=rng.exponential(1, (size, 2)) / rate * YEAR,
    )


def churn_hazard(worst: NDArray, disposition: NDArray) -> Floats:
    """Yearly hazard of choosing to leave."""
    hazard: Floats = company.CHURN_PER_YEAR * np.exp(
        company.CHURN_LOG_HAZARD * np.clip(worst, 0, company.CHURN_CAP_DAYS) - company.CHURN_DISPOSITION * disposition
    )
    return hazard


def worst_delay(customers: int, orders: Orders) -> NDArray:
    """Return the longest delay of each customer's delivered orders, in days; 0 where none was late."""
    delivered = ~np.isnat(orders.delivered)
    worst = np.zeros(customers, dtype=int)
    np.maximum.at(worst, orders.customer[delivered], np.maximum(orders.delay[delivered], 0))
    return worst
