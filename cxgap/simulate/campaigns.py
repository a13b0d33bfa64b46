"""Two campaigns that called on customers whose parcel was late and who said nothing, with some held out by chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.random import Generator
from numpy.typing import NDArray

from cxgap.simulate.leaving import NEVER, Exits
from cxgap.simulate.orders import Orders
from cxgap.simulate.text import codes, instants

CAMPAIGNS: Final = {"2025-09": np.datetime64("2025-09-15", "D"), "2025-12": np.datetime64("2025-12-15", "D")}
LOOK_BACK: Final = 150  # days before a campaign within which the parcel came
HELD_OUT: Final = 0.20
SEVERE_DAYS: Final = 3
STRATA: Final = ("mild, lower value", "mild, higher value", "severe, lower value", "severe, higher value")


@dataclass(frozen=True, eq=False)
class Listed:
    """One row a customer on a campaign's list."""

    customer: NDArray
    order: NDArray  # the late order that it is about
    campaign: NDArray  # position in CAMPAIGNS
    stratum: NDArray  # position in STRATA
    held_out: NDArray

    def called(self, size: int) -> NDArray:
        """Day of the call by customer, as a count; NEVER for those who were not called."""
        day = np.full(size, NEVER, dtype=np.int64)
        at = np.array(list(CAMPAIGNS.values())).astype(np.int64)[self.campaign]
        day[self.customer[~self.held_out]] = at[~self.held_out]
        return day


def draw_lists(rng: Generator, orders: Orders, exits: Exits, about: NDArray, told: NDArray, customers: pd.DataFrame) -> Listed:
    """Draw up the lists of the campaigns, in order of time.

    A customer is listed who consented, is still there, was not listed before, and has an order that came late within LOOK_BACK
    days before the campaign and about which nobody had been in touch; of a household one. `about` and `told` are the orders and
    moments of the contacts. Within each stratum of severity and value HELD_OUT are left alone.
    """
    size = len(customers)
    first_told = np.full(len(orders.customer), np.datetime64("9999-01-01", "s"))
    np.minimum.at(first_told, about, told)
    consent = (customers["consent"] == "yes").to_numpy(bool)
    valuable = customers["value"].to_numpy() >= np.median(customers["value"])
    shared = customers["household"].notna().to_numpy()
    home = np.arange(size)
    home[shared] = size + pd.factorize(customers["household"][shared], sort=True)[0]
    free = consent.copy()
    parts: list[Listed] = []
    for place, day in enumerate(CAMPAIGNS.values()):
        called = np.full(size, NEVER, dtype=np.int64)
        for part in parts:
            called = np.minimum(called, part.called(size))
        there = exits.days(called)[0] > day.astype(np.int64)
        moment = day.astype("datetime64[s]")
        late = orders.late & (orders.delivered < moment) & (orders.delivered >= moment - LOOK_BACK * np.timedelta64(86400, "s"))
        order = np.flatnonzero(late & (first_told >= moment) & (free & there)[orders.customer])[::-1]  # the latest first
        order = order[np.unique(orders.customer[order], return_index=True)[1]]
        order = order[np.unique(home[orders.customer[order]], return_index=True)[1]]
        customer = orders.customer[order]
        stratum = 2 * (orders.delay[order] >= SEVERE_DAYS) + valuable[customer]
        parts.append(Listed(customer, order, np.full(len(order), place), stratum, _held_out(rng, stratum)))
        free[customer] = False
    return Listed(*(np.concatenate([getattr(part, name) for part in parts]) for name in Listed.__dataclass_fields__))


def outreach_table(listed: Listed, customer_id: NDArray, event_id: NDArray) -> pd.DataFrame:
    """Write the lists down: one row a customer and campaign."""
    at = (np.array(list(CAMPAIGNS.values())).astype("datetime64[s]") + 9 * 3600)[listed.campaign]
    frame = pd.DataFrame(
        {
            "customer_id": customer_id[listed.customer],
            "campaign": codes(tuple(CAMPAIGNS), listed.campaign),
            "at": instants(at),
            "arm": codes(("contacted", "held out"), listed.held_out.astype(int)),
            "stratum": codes(STRATA, listed.stratum),
            "event_id": event_id[listed.order],
        }
    )
    return frame.sort_values(["campaign", "customer_id"]).reset_index(drop=True)


def _held_out(rng: Generator, stratum: NDArray) -> NDArray:
    """Hold out the same share of every stratum, to the nearest whole person."""
    chosen = np.zeros(len(stratum), dtype=bool)
    for each in range(len(STRATA)):
        members = rng.permutation(np.flatnonzero(stratum == each))
        chosen[members[: round(HELD_OUT * len(members))]] = True
    return chosen
