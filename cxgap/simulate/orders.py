"""Orders: what was promised, when it came, and why it came late."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.random import Generator
from numpy.typing import NDArray

from cxgap.simulate import company
from cxgap.simulate.design import Design, choose
from cxgap.simulate.latent import delay_share
from cxgap.simulate.text import codes, identifiers, instants

DAY = np.timedelta64(86400, "s")
AS_OF = company.LAST_DAY.astype("datetime64[s]") + DAY - np.timedelta64(1, "s")

CAUSES = ("carrier", "weather", "address", "warehouse", "customs", "unknown")
CAUSE_SHARE = np.array([0.34, 0.12, 0.13, 0.21, 0.05, 0.15])
CAUSE_SHARE_ALPINE = np.array([0.24, 0.31, 0.08, 0.13, 0.11, 0.13])  # region NA
REPROMISED_SHARE = 0.45  # of the late orders


@dataclass(frozen=True, eq=False)
class Orders:
    """One row an order, in order of time; instants are UTC."""

    customer: NDArray  # position of the customer
    respondent: NDArray  # position of the respondent who was asked about this order, else -1
    product: NDArray
    delay: NDArray  # days from the first promised day to the delivery day; for a cancelled order of no meaning
    ordered: NDArray
    promised: NDArray  # the first promise
    repromised: NDArray  # the last promise; the first if there was no other
    delivered: NDArray  # NaT unless delivered by the end of the data
    cancelled: NDArray  # NaT unless cancelled by the end of the data

    @property
    def late(self) -> NDArray:
        """Whether the first promise was missed by the end of the data, be the order delivered or still open."""
        end = np.where(np.isnat(self.delivered), AS_OF, self.delivered)
        return np.isnat(self.cancelled) & (end > self.promised)


def draw_orders(rng: Generator, design: Design) -> Orders:
    """Draw everybody's orders.

    A customer has one order, and Poisson numbers of further and of cancelled ones. A respondent who received a parcel is
    asked about the first order: it came 1 to 9 days before the answer, with a delay drawn like any other. All other
    orders are placed evenly over a wave. A parcel promised for a day is promised by 18:00 and comes between 8:00 and
    18:00, so that it is late exactly if it comes on a later day. Who cancels does so within 12 hours, before the parcel could
    come. Of the late orders 45 % are promised anew, three in five of them for the day on which they come.
    """
    customers = len(design.segment)
    kept, dropped = 1 + rng.poisson(company.EXTRA_ORDERS, customers), rng.poisson(company.CANCELLED_ORDERS, customers)
    customer = np.concatenate([np.repeat(np.arange(customers), kept), np.repeat(np.arange(customers), dropped)])
    orders, is_dropped = len(customer), np.arange(len(customer)) >= kept.sum()
    respondent = np.full(orders, -1)
    receivers = np.flatnonzero(design.used[:, company.RECEIVE])
    respondent[(np.cumsum(kept) - kept)[design.asked[receivers]]] = receivers
    asked = respondent >= 0

    wave = np.where(asked, design.wave[respondent], choose(rng, orders, company.WAVE_SHARE))
    product = choose(rng, orders, company.PRODUCT_SHARE)
    cumulative = np.cumsum(delay_share(), axis=-1)[:, :, :, :-1].reshape(-1, len(company.DELAYS) - 1)
    cell = (product * len(company.REGIONS) + design.region[customer]) * len(company.WAVES) + wave
    level, delay = rng.random(orders), np.full(orders, company.DELAYS[0])
    for share_up_to_this_delay in cumulative.T:
        delay += level >= share_up_to_this_delay[cell]

    lead = company.PROMISED_DAYS[product]
    length = np.diff(company.WAVE_STARTS).astype(int)[wave]
    placed = company.WAVE_STARTS[wave] + np.floor(rng.random(orders) * length).astype(int)
    placed = np.where(asked, design.answered[respondent] - rng.integers(1, 10, orders) - delay - lead, placed)
    ordered = placed.astype("datetime64[s]") + rng.integers(6 * 3600, 18 * 3600, orders)
    promised = (placed + lead).astype("datetime64[s]") + 18 * 3600
    delivered = (placed + lead + delay).astype("datetime64[s]") + rng.integers(8 * 3600, 18 * 3600, orders)
    cancelled = ordered + rng.integers(0, 12 * 3600, orders)
    shift = np.where(rng.random(orders) < REPROMISED_SHARE, np.maximum(delay - (rng.random(orders) < 0.4), 0), 0)

    never = np.datetime64("NaT", "s")
    sort = np.argsort(ordered, kind="stable")
    return Orders(
        customer=customer[sort],
        respondent=respondent[sort],
        product=product[sort],
        delay=delay[sort],
        ordered=ordered[sort],
        promised=promised[sort],
        repromised=np.where(is_dropped, promised, promised + shift * DAY)[sort],
        delivered=np.where(is_dropped | (delivered > AS_OF), never, delivered)[sort],
        cancelled=np.where(is_dropped & (cancelled <= AS_OF), cancelled, never)[sort],
    )


def events_table(rng: Generator, design: Design, orders: Orders, customer_id: NDArray) -> pd.DataFrame:
    """Write the orders down: one row each, in order of time.

    `cause` is given for orders that were delivered late. Four orders in five come through the customer's usual channel.
    """
    size = len(orders.customer)
    region, usual = design.region[orders.customer], design.channel[orders.customer]
    channel = np.where(rng.random(size) < 0.8, usual, choose(rng, size, company.CHANNEL_SHARE))
    level, cause = rng.random(size), np.zeros(size, dtype=int)
    alpine = region == company.REGIONS.index("NA")
    for lowland, mountain in zip(np.cumsum(CAUSE_SHARE)[:-1], np.cumsum(CAUSE_SHARE_ALPINE)[:-1], strict=True):
        cause += level >= np.where(alpine, mountain, lowland)
    delivered, cancelled = ~np.isnat(orders.delivered), ~np.isnat(orders.cancelled)
    return pd.DataFrame(
        {
            "event_id": identifiers("E", size),
            "customer_id": customer_id[orders.customer],
            "region": codes(company.REGIONS, region),
            "channel": codes(company.CHANNELS, channel),
            "product": codes(company.PRODUCTS, orders.product),
            "ordered_at": instants(orders.ordered),
            "promised_first": instants(orders.promised),
            "promised_last": instants(orders.repromised),
            "delivered_at": instants(orders.delivered),
            "cancelled_at": instants(orders.cancelled),
            "status": codes(("open", "delivered", "cancelled"), delivered + 2 * cancelled),
            "cause": codes(CAUSES, np.where(delivered & orders.late, cause, -1)),
        }
    )


def last_activity(design: Design, orders: Orders) -> NDArray:
    """Day of each customer's last order, delivery, cancellation or answer."""
    last = np.zeros(len(design.segment), dtype=np.int64)
    for instant in orders.ordered, orders.delivered, orders.cancelled:
        done = ~np.isnat(instant)
        np.maximum.at(last, orders.customer[done], instant[done].astype("datetime64[D]").astype(np.int64))
    np.maximum.at(last, design.asked, design.answered.astype(np.int64))
    return last.astype("datetime64[D]")
