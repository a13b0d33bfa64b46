"""The customer list: worth, consent, who left, and who lives together."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.random import Generator
from numpy.typing import NDArray

from cxgap.simulate import company
from cxgap.simulate.design import Design
from cxgap.simulate.leaving import EXITS
from cxgap.simulate.orders import DAY
from cxgap.simulate.text import codes, days, identifiers

YEARLY_VALUE = np.array([60.0, 600.0, 6000.0])  # median by segment, currency units
CONSENT_SHARE = 0.72
HOUSEHOLD_SHARE = 0.12
FIRST_SINCE = np.datetime64("2015-01-01", "D")


def customers_table(rng: Generator, design: Design, customer_id: NDArray) -> tuple[pd.DataFrame, NDArray]:
    """Write down every customer, asked or not, and draw how long each bears what makes customers leave (leaving.py).

    Returns
    -------
    The list, its `churned_at` blank still, and a unit exponential a customer.
    """
    size = len(design.segment)
    patience = rng.exponential(1, size)
    tenure = (company.FIRST_DAY - 60 - FIRST_SINCE) // (DAY.astype("timedelta64[D]"))
    frame = pd.DataFrame(
        {
            "customer_id": customer_id,
            "segment": codes(company.SEGMENTS, design.segment),
            "region": codes(company.REGIONS, design.region),
            "since": days(FIRST_SINCE + rng.integers(0, tenure, size)),
            "value": np.round(YEARLY_VALUE[design.segment] * np.exp(rng.normal(0, 0.7, size))).astype(np.int64),
            "churned_at": codes((), np.full(size, -1)),
            "consent": codes(("no", "yes"), (rng.random(size) < CONSENT_SHARE).astype(int)),
        }
    )
    return frame, patience


def with_exits(customers: pd.DataFrame, left: NDArray, way: NDArray) -> pd.DataFrame:
    """Fill in `churned_at` and add `exit`; leaving after the end of the data is not seen.

    `left` is the day, as a count, and `way` a position in EXITS.
    """
    day = left.astype("datetime64[D]")
    seen = day <= company.LAST_DAY
    columns = {
        "churned_at": days(np.where(seen, day, np.datetime64("NaT", "D"))),
        "exit": codes(EXITS, np.where(seen, way, -1)),
    }
    return customers.assign(**columns)


def with_households(rng: Generator, design: Design, customers: pd.DataFrame) -> pd.DataFrame:
    """Add `household` at the end: about HOUSEHOLD_SHARE of the customers share one, two private ones of a region each."""
    home = np.full(len(customers), -1)
    count = 0
    for region in range(len(company.REGIONS)):
        private = rng.permutation(np.flatnonzero((design.segment == 0) & (design.region == region)))
        wanted = HOUSEHOLD_SHARE * (design.region == region).sum()
        pairs = min(round(wanted / 2), len(private) // 2)
        home[private[: 2 * pairs]] = count + np.repeat(np.arange(pairs), 2)
        count += pairs
    return customers.assign(household=codes(identifiers("H", max(count, 1)), home))
