"""Northbound Parcel, an invented parcel-delivery company: every number that is declared rather than drawn.

Arrays follow the order of the names they belong to. Targets are means of answers on the scale of 1 to 7, after
rounding and clipping; shifts and standard deviations belong to the latent normal answer before that (latent.py).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Spread(NamedTuple):
    """Standard deviations of the independent parts of a latent answer; the second by touchpoint."""

    respondent: float
    touchpoint: NDArray[np.float64]
    dimension: float
    answer: float


FIRST_DAY = np.datetime64("2025-04-01", "D")
LAST_DAY = np.datetime64("2026-03-31", "D")  # the data end with this day, UTC

TOUCHPOINTS = (
    "Choose a service",
    "Order and pay",
    "Follow the parcel",
    "Receive the parcel",
    "Get help",
    "Return a parcel",
    "Claim damage",
)
RECEIVE = 3  # the touchpoint that is about one order
ITEM_DIMENSION = np.repeat(np.arange(5), (4, 5, 4, 4, 5))  # the dimension of items 01 to 22

WAVES = ("2025-Q2", "2025-Q3", "2025-Q4", "2026-Q1")
WAVE_STARTS = np.array(["2025-04-01", "2025-07-01", "2025-10-01", "2026-01-01", "2026-04-01"], dtype="datetime64[D]")
WAVE_SHARE = np.full(4, 0.25)

# Who the customers are. Segment and region are independent in the population; the sample takes more of the rarer ones.
SEGMENTS = ("Private", "Small business", "Business account")
SEGMENT_SHARE = np.array([0.70, 0.20, 0.10])
SEGMENT_OVERSAMPLING = np.array([0.75, 1.45, 1.70])
REGIONS = ("007", "0012", "0034", "NA")  # NA is Nordic-Alpine
REGION_SHARE = np.array([0.40, 0.30, 0.20, 0.10])
REGION_OVERSAMPLING = np.array([0.90, 0.97, 1.10, 1.12])
CHANNELS = ("App", "Web", "Phone", "Shop", "None")  # None: the customer used no channel of the company's
CHANNEL_SHARE = np.array([0.38, 0.30, 0.14, 0.10, 0.08])  # a channel has no effect on any answer

# The sets of touchpoints that respondents used, and the share of customers with each, alike in every segment, region and wave.
JOURNEYS = (
    (0,), (1,), (0, 1), (2,), (3,), (2, 3), (1, 2, 3), (1, 3), (4,), (2, 4), (3, 4), (5,), (3, 5), (6,), (3, 6),
)  # fmt: skip
JOURNEY_SHARE = np.array(
    [0.1310, 0.1076, 0.1500, 0.1250, 0.0950, 0.1650, 0.0300, 0.0400, 0.0260, 0.0200, 0.0167, 0.0550, 0.0350, 0.0020, 0.0017]
)

# What attentive customers expect, and the gap (perceived minus expected) at each touchpoint and dimension.
EXPECTED = np.array([5.90, 6.20, 6.00, 6.50, 5.60, 5.20, 6.10])[:, None] + np.array([-0.20, 0.12, 0.04, 0.08, -0.04])
GAP = np.array(
    [
        [+0.05, -0.20, -0.15, -0.05, -0.15],
        [-0.05, -0.15, -0.10, -0.05, -0.15],
        [-0.30, -0.75, -0.70, -0.35, -0.40],
        [-0.25, -1.45, -1.15, -0.60, -0.55],
        [+0.00, -0.30, -0.45, -0.10, -0.15],
        [+0.30, +0.45, +0.55, +0.35, +0.35],
        [-0.50, -1.30, -1.40, -0.90, -0.90],
    ]
)

# Latent shifts: how segments, regions, waves and items differ around those means.
SEGMENT_EXPECTS = np.array([-0.08, 0.10, 0.35])
SEGMENT_PERCEIVES = np.array([0.03, 0.00, -0.10])
REGION_PERCEIVES = np.array([0.04, 0.00, -0.04, -0.12])
WAVE_EXPECTS = np.array([-0.06, -0.02, 0.02, 0.06])
WAVE_PERCEIVES = np.zeros((7, 4))
WAVE_PERCEIVES[RECEIVE] = [0.12, 0.04, -0.04, -0.12]
_FOUR, _FIVE = [0.15, -0.05, -0.15, 0.05], [0.20, 0.00, -0.20, 0.10, -0.10]
ITEM_EXPECTS = np.array(_FOUR + _FIVE + _FOUR + _FOUR + _FIVE)
ITEM_PERCEIVES = np.array(_FOUR[::-1] + _FIVE[::-1] + _FOUR + _FOUR[::-1] + _FIVE[::-1])

# Latent standard deviations. `STYLE` is one draw a respondent that raises or lowers both ratings; the others are separate
# draws for expectation and perception: a respondent's, one at each touchpoint, one on each dimension, one an answer.
STYLE = 0.50
EXPECTS_SD = Spread(respondent=0.35, touchpoint=np.full(7, 0.45), dimension=0.30, answer=0.70)
PERCEIVES_SD = Spread(
    respondent=0.70, touchpoint=np.array([1.00, 1.00, 1.10, 0.90, 1.40, 1.10, 1.10]), dimension=0.45, answer=0.80
)

# Careless respondents, in equal parts: straight-liners repeat one number, random clickers draw each answer evenly from 1 to 7.
CARELESS_SHARE = 0.025
STRAIGHT_ANSWERS = np.array([4, 5, 6, 7])
STRAIGHT_SHARE = np.array([0.30, 0.20, 0.20, 0.30])

# What goes wrong in the file, at random and unrelated to any answer.
EXPECTS_BLANK, PERCEIVES_BLANK = 0.035, 0.045  # share of answers left out
NOT_APPLICABLE, NOT_APPLICABLE_SHARE = 99, 0.004
IMPOSSIBLE, IMPOSSIBLE_PER_RESPONDENT = np.array([8, 0, 77]), 15 / 1900

# The least acceptable level lies below what is expected by a width and normal noise, both latent.
ZONE_WIDTH = np.array([1.10, 1.00, 1.10, 0.70, 1.10, 1.30, 0.85])
ZONE_SD = 0.70
ADEQUATE_BLANK = 0.05

# 100 points over the dimensions: twenty times five points, each on dimension d with this probability, unrelated to the ratings.
IMPORTANCE = np.array([0.12, 0.31, 0.23, 0.18, 0.16])
IMPORTANCE_NEAR, IMPORTANCE_FAR, IMPORTANCE_BLANK = 0.03, 0.007, 0.015  # sums of 96 to 104, of 40 or less, no points at all

# Orders. A delay is the delivery day minus the first promised day; the shares below are tilted by exp(tilt * delay).
PRODUCTS = ("Standard", "Express")
PRODUCT_SHARE = np.array([0.70, 0.30])
PROMISED_DAYS = np.array([5, 2])  # calendar days from the order to the promised day
DELAYS = np.arange(-4, 9)
DELAY_SHARE = np.array([0.012, 0.030, 0.085, 0.170, 0.315, 0.140, 0.090, 0.058, 0.040, 0.026, 0.017, 0.010, 0.007])
PRODUCT_TILT = np.array([0.00, -0.12])
REGION_TILT = np.array([-0.02, 0.00, 0.02, 0.08])
WAVE_TILT = np.array([-0.04, -0.015, 0.015, 0.04])
EXTRA_ORDERS, CANCELLED_ORDERS = 0.22, 0.03  # Poisson means a customer, beside the one order that everybody has

# How many days a parcel should take: shares of the answers 1, 2, 3 and more by segment, and below what managers believe of
# them. The days that an order took are now and then miscounted.
EXPECTED_DAYS = np.array(
    [
        [0.04, 0.22, 0.40, 0.20, 0.11, 0.02, 0.01],
        [0.10, 0.32, 0.36, 0.14, 0.07, 0.01, 0.00],
        [0.22, 0.42, 0.26, 0.07, 0.03, 0.00, 0.00],
    ]
)
REPORT_ERRORS, REPORT_ERROR_SHARE = np.array([-1, 0, 1, 2]), np.array([0.08, 0.72, 0.15, 0.05])
DAYS_BLANK = 0.04  # of either answer, unrelated to it
BELIEVED_DAYS = np.array([0.00, 0.08, 0.44, 0.38, 0.10])
STANDARD_DAYS = 3  # as the standard in force has it

# What a delay does to perception at Receive the parcel: mean answer relative to delay 0, times the dimension's factor (mean 1).
DELAY_EFFECT = np.array([0.25, 0.22, 0.17, 0.10, 0.00, -1.10, -1.60, -1.90, -2.05, -2.15, -2.20, -2.25, -2.30])
DELAY_FACTOR = np.array([0.5, 1.6, 1.3, 0.8, 0.8])

# Leaving: exponential time from a fortnight after the last order, delivery or answer, faster for each day of the worst delay
# and slower for those who see everything in a better light. Moving and dying come beside it; a call slows leaving for a while.
CHURN_PER_YEAR, CHURN_LOG_HAZARD, CHURN_CAP_DAYS, CHURN_DISPOSITION = 0.26, 0.45, 4, 0.80
MOVED_PER_YEAR, DIED_PER_YEAR = 0.03, 0.008
CALL_EFFECT, CALL_DAYS = 0.60, 90

# Managers: believed minus expected, and perceived minus own rating, at each touchpoint. They rank the dimensions otherwise.
MANAGERS = 24
KNOWLEDGE = np.array([-0.10, -0.10, -0.25, -0.50, 0.10, 0.20, -0.30])
KNOWLEDGE_DIMENSION = np.array([0.20, -0.20, -0.10, 0.00, 0.10])
COMPANY = np.array([-0.30, -0.30, -0.70, -0.80, -0.60, -0.20, -1.20])
MANAGERS_SD = {"person": 0.30, "touchpoint": 0.25, "answer": 0.60}
EMPLOYEES = 120
EMPLOYEE_SHARE = np.array([0.10, 0.12, 0.15, 0.25, 0.15, 0.13, 0.10])  # the touchpoint an employee works at
EMPLOYEES_SAY = {
    "standard": np.array([5.70, 6.00, 5.70, 5.80, 5.60, 5.40, 5.20]),
    "delivered": np.array([5.80, 6.10, 5.60, 5.75, 5.50, 5.60, 5.10]),
    "promised": np.array([5.70, 5.90, 5.00, 4.60, 5.40, 5.70, 4.80]),
}
EMPLOYEES_SD = {"person": 0.40, "answer": 0.70}

# What a visit costs in effort and how it feels, 1 to 7: means at the touchpoint's mean perception, and how they move with it
# and with the visit's own gap. Nothing else depends on either.
EFFORT = np.array([2.2, 2.4, 2.9, 3.2, 4.0, 2.6, 4.8])
EFFORT_SLOPE, EFFORT_SD = -0.55, 0.90
EMOTION_MET, EMOTION_SLOPE, EMOTION_SD = 4.8, 0.70, 0.90
FEELINGS_BLANK = 0.02

# What goes with a respondent's expectations: yes (or Plus) where loading x person + noise is above the point that gives the
# share, `person` being the standard normal part of expectation that all answers of a respondent have in common.
FACTORS = ("plan", "promise_seen", "heard_from_others")
FACTOR_SHARE = np.array([0.30, 0.45, 0.35])
FACTOR_LOADING = np.array([0.50, 0.45, 0.40])
FACTOR_ANSWERS = (("Basic", "Plus"), ("no", "yes"), ("no", "yes"))
FACTOR_BLANK = np.array([0.00, 0.02, 0.02])
CONTROLLABLE, UNCONTROLLABLE = ("plan", "promise_seen"), ("heard_from_others", "segment", "region")
