"""The customer list: worth, consent, and who left."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.random import Generator
from numpy.typing import NDArray

from cxgap.simulate import company
from cxgap.simulate.design import Design
from cxgap.simulate.orders import DAY, Orders, last_activity
from cxgap.simulate.text import codes, days

YEARLY_VALUE = np.array([60.0, 600.0, 6000.0])  # median by segment, currency units
CONSENT_SHARE = 0.72
FIRST_SINCE = np.datetime64("2015-01-01", "D")


def customers_table(rng: Generator, design: Design, orders: Orders, customer_id: NDArray) -> pd.DataFrame:
    """Write down every customer, asked or not.

    A customer leaves after an exponential time that begins a fortnight after the last order, delivery or answer. The yearly
    hazard is CHURN_PER_YEAR x exp(CHURN_LOG_HAZARD x days), days being the longest delay of the customer's delivered orders, at
    most CHURN_CAP_DAYS. Leaving after the end of the data is not seen: `churned_at` is blank.
    """
    size = len(design.segment)
    delivered = ~np.isnat(orders.delivered)
    worst = np.zeros(size, dtype=int)
    np.maximum.at(worst, orders.customer[delivered], np.clip(orders.delay[delivered], 0, company.CHURN_CAP_DAYS))
    hazard = company.CHURN_PER_YEAR * np.exp(company.CHURN_LOG_HAZARD * worst) / 365.25
    stays = np.floor(np.minimum(rng.exponential(1, size) / hazard, 1e5)).astype(int)
    left = last_activity(design, orders) + 14 + stays
    tenure = (company.FIRST_DAY - 60 - FIRST_SINCE) // (DAY.astype("timedelta64[D]"))
    return pd.DataFrame(
        {
            "customer_id": customer_id,
            "segment": codes(company.SEGMENTS, design.segment),
            "region": codes(company.REGIONS, design.region),
            "since": days(FIRST_SINCE + rng.integers(0, tenure, size)),
            "value": np.round(YEARLY_VALUE[design.segment] * np.exp(rng.normal(0, 0.7, size))).astype(np.int64),
            "churned_at": days(np.where(left <= company.LAST_DAY, left, np.datetime64("NaT", "D"))),
            "consent": codes(("no", "yes"), (rng.random(size) < CONSENT_SHARE).astype(int)),
        }
    )
