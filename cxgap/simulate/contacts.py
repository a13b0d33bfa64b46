"""Contacts: who asked for help, about which order, and whether it helped."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.random import Generator
from numpy.typing import NDArray

from cxgap.simulate import company
from cxgap.simulate.design import Design, choose
from cxgap.simulate.orders import AS_OF, DAY, Orders, last_activity
from cxgap.simulate.text import codes, identifiers, instants

REASONS = ("where is my parcel", "late parcel", "change of address", "damaged parcel", "invoice", "other")
REASON_SHARE_LATE = np.array([0.60, 0.25, 0.05, 0.04, 0.02, 0.04])
REASON_SHARE = np.array([0.15, 0.00, 0.25, 0.25, 0.20, 0.15])
CONTACT_CHANNEL_SHARE = np.array([0.34, 0.16, 0.44, 0.06])  # App, Web, Phone, Shop
GENERAL_CONTACTS = 0.03  # Poisson mean a customer, about no order in particular
ON_TIME_CHANCE, LATE_CHANCE, DAY_CHANCE, CHANCE_CAP_DAYS = 0.04, 0.18, 0.07, 4
RESOLVED_SHARE, RESOLVED_SHARE_LATE, RESOLVED_SHARE_REPEAT = 0.78, 0.62, 0.70
REPEAT_SHARE = 0.55  # of the unresolved


def contacts_table(rng: Generator, design: Design, orders: Orders, customer_id: NDArray, event_id: NDArray) -> pd.DataFrame:
    """Draw the contacts, in order of time.

    An order leads to a contact with ON_TIME_CHANCE, or if it is late with LATE_CHANCE + DAY_CHANCE for each day begun, up to
    the fourth: most of those who waited stay silent. A contact about a late order falls between the promise and a day
    after the delivery. Some contacts are about no order: their `event_id` is blank. REPEAT_SHARE of the unresolved contacts
    are repeated within four days, by a row of their own with `repeat` = yes.
    """
    done = np.where(np.isnat(orders.delivered), AS_OF, orders.delivered)
    wait = np.maximum((done - orders.promised) / DAY, 0)
    chance = np.where(orders.late, LATE_CHANCE + DAY_CHANCE * np.minimum(np.ceil(wait), CHANCE_CAP_DAYS), ON_TIME_CHANCE)
    order = np.flatnonzero((rng.random(len(done)) < chance) & (orders.late | ~np.isnat(orders.delivered)))
    late = orders.late[order]
    start, length = np.where(late, orders.promised[order], done[order]), np.where(late, wait[order] + 1, 5.0)
    at = start + _seconds(rng.random(len(order)) * length)

    people = np.repeat(np.arange(len(design.segment)), rng.poisson(GENERAL_CONTACTS, len(design.segment)))
    active = (last_activity(design, orders)[people] - company.FIRST_DAY).astype(float)
    general = company.FIRST_DAY.astype("datetime64[s]") + _seconds(rng.random(len(people)) * np.maximum(active, 1))

    customer = np.concatenate([orders.customer[order], people])
    order = np.concatenate([order, np.full(len(people), -1)])
    late = np.concatenate([late, np.zeros(len(people), dtype=bool)])
    at = np.concatenate([at, general])
    reason = np.where(late, choose(rng, len(at), REASON_SHARE_LATE), choose(rng, len(at), REASON_SHARE))
    resolved = rng.random(len(at)) < np.where(late, RESOLVED_SHARE_LATE, RESOLVED_SHARE)
    again = np.flatnonzero(~resolved & (rng.random(len(at)) < REPEAT_SHARE))
    row = np.concatenate([np.arange(len(at)), again])
    repeat = np.arange(len(row)) >= len(at)
    at = at[row] + _seconds(repeat * (0.2 + 3.8 * rng.random(len(row))))
    resolved = np.where(repeat, rng.random(len(row)) < RESOLVED_SHARE_REPEAT, resolved[row])
    minutes = np.round(6 * np.exp(rng.normal(0, 0.6, len(row))), 1)
    channel = choose(rng, len(row), CONTACT_CHANNEL_SHARE)

    keep = np.flatnonzero(at <= AS_OF)
    keep = keep[np.argsort(at[keep], kind="stable")]
    row = row[keep]
    return pd.DataFrame(
        {
            "contact_id": identifiers("K", len(keep)),
            "customer_id": customer_id[customer[row]],
            "event_id": codes(event_id, order[row]),
            "at": instants(at[keep]),
            "channel": codes(company.CHANNELS, channel[keep]),
            "reason": codes(REASONS, reason[row]),
            "minutes": minutes[keep],
            "resolved": codes(("no", "yes"), resolved[keep].astype(int)),
            "repeat": codes(("no", "yes"), repeat[keep].astype(int)),
        }
    )


def _seconds(days: NDArray) -> NDArray:
    return np.floor(days * 86400).astype("timedelta64[s]")
