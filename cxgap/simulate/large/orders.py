"""The orders of a large study: when each was promised and delivered, drawn in blocks as the answers are."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from cxgap.simulate import company
from cxgap.simulate.large.answers import PEOPLE, generator

OPEN: Final = 0.01  # of orders, which nobody has delivered
STANDARD: Final = 3.0  # days in which a parcel is to come
DELIVERED_IN: Final = "Receive the parcel"
METRIC: Final = "delivery time"

_DAY: Final = 86_400_000_000  # microseconds
_FIRST: Final = np.datetime64("2025-04-01T00:00:00", "us").astype(np.int64)
_DAYS: Final = 360
_PROMISED: Final = np.array([2, 3, 5])
_PROMISED_SHARE: Final = np.array([0.30, 0.50, 0.20])
_LATE: Final = np.array([-1.0, 0.0, 1.0, 2.0, 4.0])  # days after the promise
_LATE_SHARE: Final = np.array([0.15, 0.62, 0.13, 0.07, 0.03])


class Orders(NamedTuple):
    """Orders, one entry each; times in microseconds since 1970 in UTC, and the delivery of an open one is -1."""

    event: np.ndarray
    customer: np.ndarray
    region: np.ndarray
    channel: np.ndarray
    ordered: np.ndarray
    promised: np.ndarray
    delivered: np.ndarray

    def take(self, rows: slice) -> Orders:
        """Return some of the orders."""
        return Orders(*(part[rows] for part in self))


def draw_orders(seed: int, number: int) -> Orders:
    """Draw the orders number * PEOPLE + 1 to (number + 1) * PEOPLE, each by a customer of the block of that number."""
    rng = generator(seed, "orders", number)
    ordered = _FIRST + rng.integers(0, _DAYS * 86_400, PEOPLE) * 1_000_000
    days = rng.choice(_PROMISED, PEOPLE, p=_PROMISED_SHARE)
    late = rng.choice(_LATE, PEOPLE, p=_LATE_SHARE)
    delivered = ordered + ((days + late) * _DAY).astype(np.int64)
    return Orders(
        number * PEOPLE + 1 + np.arange(PEOPLE),
        (number * PEOPLE + 1 + rng.integers(0, PEOPLE, PEOPLE)).astype(np.int32),
        rng.choice(len(company.REGIONS), PEOPLE, p=company.REGION_SHARE).astype(np.int8),
        rng.choice(len(company.CHANNELS), PEOPLE, p=company.CHANNEL_SHARE).astype(np.int8),
        ordered,
        ordered + days * _DAY,
        np.where(rng.random(PEOPLE) < OPEN, -1, delivered),
    )


def true_days() -> dict[str, float]:
    """Return what the population's orders took on average, and how late they were, in days."""
    late = float(_LATE @ _LATE_SHARE)
    return {"delivered": float(_PROMISED @ _PROMISED_SHARE) + late, "standard": STANDARD, "late": late}
