"""How many days a parcel takes, asked as a number: what customers expect and perceive, and what managers believe they expect.

Expectation depends on the segment alone, the days that the order took on product, region and wave; so they are independent in
the population, and every mean and share below is a finite sum.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.random import Generator

from cxgap.simulate import company
from cxgap.simulate.design import ATTENTIVE, Design, choose
from cxgap.simulate.latent import Floats, delay_share
from cxgap.simulate.orders import Orders

LONGEST = int(company.PROMISED_DAYS.max() + company.DELAYS[-1] + company.REPORT_ERRORS[-1])
COUNTS = np.arange(LONGEST + 1)  # whole days from 0

# The moment of the order is a whole second from 6:00 to 18:00, evenly; the parcel comes from 8:00 to 18:00, promised for 18:00.
HOUR, DAY = 3600, 86400
ORDERED, CAME, PROMISED = np.arange(6 * HOUR, 18 * HOUR), np.arange(8 * HOUR, 18 * HOUR), 18 * HOUR


def asked_days(rng: Generator, design: Design, orders: Orders, responses: pd.DataFrame) -> pd.DataFrame:
    """Add `expected_days` and `perceived_days` at the end of the answers about Receive the parcel; blank elsewhere.

    Whole numbers. Perceived are the days on the calendar from the order to the delivery, now and then miscounted, and at
    least 1. Careless respondents leave both out, others one now and then.
    """
    respondent, touchpoint = np.nonzero(design.used)
    received = touchpoint == company.RECEIVE
    took = np.ones(len(design.asked), dtype=int)
    asked = np.flatnonzero(orders.respondent >= 0)
    took[orders.respondent[asked]] = company.PROMISED_DAYS[orders.product[asked]] + orders.delay[asked]
    segment = design.segment[design.asked]
    level = rng.random(len(segment))
    expected = 1 + (level[:, None] >= np.cumsum(company.EXPECTED_DAYS, axis=1)[segment, :-1]).sum(axis=1)
    error = company.REPORT_ERRORS[choose(rng, len(segment), company.REPORT_ERROR_SHARE)]
    given = rng.random((2, len(segment))) >= company.DAYS_BLANK
    given &= design.care == ATTENTIVE
    answers = {"expected_days": expected, "perceived_days": np.maximum(took + error, 1)}
    columns = {
        name: pd.arrays.IntegerArray(days[respondent].astype(np.int16), ~(received & said[respondent]))
        for (name, days), said in zip(answers.items(), given, strict=True)
    }
    return responses.assign(**columns)


def believed_days(rng: Generator, managers: pd.DataFrame) -> pd.DataFrame:
    """Add `believed_days` at the end: one whole number a manager, in the first of the rows about Receive the parcel."""
    received = managers["touchpoint"] == company.TOUCHPOINTS[company.RECEIVE]
    first = received.to_numpy() & ~managers.assign(received=received).duplicated(["manager_id", "received"]).to_numpy()
    days = np.zeros(len(managers), dtype=np.int16)
    days[first] = 1 + choose(rng, int(first.sum()), company.BELIEVED_DAYS)
    return managers.assign(believed_days=pd.arrays.IntegerArray(days, ~first))


def delivery_time_truth() -> dict:
    """Give the true mean of every node in days, and the share of deliveries that each level accepts."""
    took = np.zeros(LONGEST + 1)
    share = np.einsum("p,r,w,prwd->pd", company.PRODUCT_SHARE, company.REGION_SHARE, company.WAVE_SHARE, delay_share())
    for promised, of_product in zip(company.PROMISED_DAYS, share, strict=True):
        took[promised + company.DELAYS[of_product > 0]] += of_product[of_product > 0]
    perceived = np.zeros(LONGEST + 1)
    for error, part in zip(company.REPORT_ERRORS, company.REPORT_ERROR_SHARE, strict=True):
        np.add.at(perceived, np.clip(COUNTS + error, 1, LONGEST), part * took)
    by_segment = np.array([_counts(row) for row in company.EXPECTED_DAYS])
    expected, believed = company.SEGMENT_SHARE @ by_segment, _counts(company.BELIEVED_DAYS)
    kept = kept_share(took)
    nodes = {
        "expected": expected @ COUNTS,
        "believed": believed @ COUNTS,
        "standard": company.STANDARD_DAYS,
        "delivered": took @ COUNTS + (CAME.mean() - ORDERED.mean()) / DAY,
        "promised": company.PRODUCT_SHARE @ company.PROMISED_DAYS + (PROMISED - ORDERED.mean()) / DAY,
        "perceived": perceived @ COUNTS,
    }
    attained = {
        "expected": expected @ kept,
        "believed": believed @ kept,
        "standard": kept[company.STANDARD_DAYS],
        "promised": share[:, company.DELAYS <= 0].sum(),
        "perceived": perceived @ np.cumsum(expected[::-1])[::-1],
    }
    return {
        "touchpoint": company.TOUCHPOINTS[company.RECEIVE],
        "unit": "days",
        "direction": "lower",
        "mean": _rounded(nodes),
        "attainment": _rounded(attained),
        "segment": [
            {"segment": name, "expected": round(float(row @ COUNTS), 6)}
            for name, row in zip(company.SEGMENTS, by_segment, strict=True)
        ],
    }


def _counts(share: Floats) -> Floats:
    """Shares of 0, 1, 2 and more days, from those of 1, 2 and more."""
    return np.concatenate([[0], share, np.zeros(LONGEST - len(share))])


def kept_share(took: Floats) -> Floats:
    """Share of deliveries that take no more than 0, 1, 2 and more days, to the second.

    What came on an earlier day of the calendar took less, what came on a later day more; on that very day it depends on
    whether the parcel came no later in the day than it was ordered.
    """
    before = np.cumsum(took) - took
    return before + took * (ORDERED[-1] + 1 - CAME).clip(0, len(ORDERED)).mean() / len(ORDERED)


def _rounded(values: dict[str, float]) -> dict[str, float]:
    return {name: round(float(value), 6) for name, value in values.items()}
