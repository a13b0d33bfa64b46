"""When a contact's matter was settled, how the customer felt, and what was said; and a change that made it quicker."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from numpy.random import Generator
from numpy.typing import NDArray

from cxgap.simulate import company
from cxgap.simulate.orders import AS_OF, Orders
from cxgap.simulate.sayings import SAYINGS
from cxgap.simulate.text import codes, instants

# Hours until the matter is settled: lognormal, the median by channel times a level of the region and of the season.
HOURS_MEDIAN: Final = {"App": 20.0, "Web": 30.0, "Phone": 10.0, "Shop": 14.0}
HOURS_LOG_SD: Final = 0.9
HOURS_REGION: Final = np.array([1.00, 1.10, 0.95, 1.20])
SEASON, SEASON_PEAK = 0.15, 350  # of the logarithm: a wave of a year, highest on this day of it

# The intervention: more people who settle cases, in some regions. It multiplies the hours of contacts from that day on.
CHANGED_ON: Final = np.datetime64("2025-10-01", "D")
CHANGED_IN: Final = ("007", "0012")
CHANGE: Final = 0.70

REOPENED_SHARE: Final = 0.08  # of the settled matters
FEELS, FEELS_LATE, FEELS_UNRESOLVED, FEELS_SD = 0.30, -0.45, -0.25, 0.30
FEELS_BLANK: Final = 0.03
BANDS: Final = (-0.45, -0.10, 0.15, 0.50)  # of sentiment: very bad, bad, neither, good, very good


def with_settling(rng: Generator, region: NDArray, orders: Orders, event_id: NDArray, contacts: pd.DataFrame) -> pd.DataFrame:
    """Add `resolved_at`, `reopened`, `sentiment` and `text` at the end of the contacts.

    `region` is the customer's, one code a contact. The hours do not depend on whether the contact itself settled the matter.
    What is not settled by the end of the data is open. Sentiment is lower where the order is late or the contact did not help;
    the text is one of a few made-up sentences on the reason, taken by the sentiment.
    """
    size = len(contacts)
    at = contacts["at"].str[:19].to_numpy().astype("datetime64[s]")
    hours = settling_hours(rng, contacts["channel"].to_numpy(object), region, at)
    settled = at + np.floor(hours * 3600).astype("timedelta64[s]")
    again, feeling, noise, saying = rng.random(size), rng.random(size), rng.standard_normal(size), rng.random(size)
    late_orders = set(event_id[orders.late])
    late = np.array([each in late_orders for each in contacts["event_id"]])
    unresolved = (contacts["resolved"] != "yes").to_numpy(bool)
    level = FEELS + FEELS_LATE * late + FEELS_UNRESOLVED * unresolved + FEELS_SD * noise
    sentiment = np.round(np.clip(level, -1, 1), 2)
    band = np.searchsorted(BANDS, sentiment, side="right")
    words = [SAYINGS[why][place] for why, place in zip(contacts["reason"], band, strict=True)]
    return contacts.assign(
        resolved_at=instants(np.where(settled <= AS_OF, settled, np.datetime64("NaT", "s"))),
        reopened=codes(("no", "yes"), np.where(settled <= AS_OF, again < REOPENED_SHARE, -1).astype(int)),
        sentiment=np.where(feeling < FEELS_BLANK, np.nan, sentiment + 0.0),
        text=[said[int(place * len(said))] for said, place in zip(words, saying, strict=True)],
    )


def settling_hours(rng: Generator, channel: NDArray, region: NDArray, at: NDArray, *, noise: bool = True) -> NDArray:
    """Draw the hours until each contact's matter is settled; without noise, their median."""
    day = at.astype("datetime64[D]")
    of_year = (day - company.FIRST_DAY).astype(float) + 90  # from 1 January 2025
    median = np.array([HOURS_MEDIAN[each] for each in channel], dtype=float)
    level = SEASON * np.cos(2 * np.pi * (of_year - SEASON_PEAK) / 365.25)
    if noise:
        level = level + HOURS_LOG_SD * rng.standard_normal(len(channel))
    hours: NDArray = median * HOURS_REGION[region] * np.exp(level) * np.where(changed(region, at), CHANGE, 1.0)
    return hours


def changed(region: NDArray, at: NDArray) -> NDArray:
    """Whether the intervention reached a contact, by the customer's region and the moment of the contact."""
    here = np.isin(region, [company.REGIONS.index(name) for name in CHANGED_IN])
    reached: NDArray = here & (at.astype("datetime64[D]") >= CHANGED_ON)
    return reached
