"""Orders with promises: shops whose reviews stand beside the orders, and requests to a city, of which many are still open."""

from __future__ import annotations

import numpy as np
import pandas as pd

DAY = pd.Timedelta(days=1)
CLIFF, LATE, EARLY = -1.4, -0.06, 0.02  # of shop_orders: the step at the promise, and each day late and early


def shop_orders(size: int = 1500, seed: int = 5) -> pd.DataFrame:
    """Orders as shops export them: a promise that is a date, some never delivered, and a review of 1 to 5."""
    rng = np.random.default_rng(seed)
    ordered = pd.Timestamp("2025-01-01") + pd.to_timedelta(rng.uniform(0, 300, size), unit="D")
    promised = ordered.floor("D") + pd.to_timedelta(rng.integers(5, 16, size), unit="D")
    delivered = ordered + pd.to_timedelta(rng.lognormal(1.9, 0.55, size), unit="D")
    late = np.ceil((delivered - promised - DAY) / DAY + 1e-9)
    score = 4.3 + np.where(late > 0, CLIFF + LATE * late, -EARLY * late) + rng.normal(0, 0.8, size)
    status = np.where(rng.random(size) < 0.03, np.where(rng.random(size) < 0.5, "canceled", "shipped"), "delivered")
    orders = pd.DataFrame(
        {
            "event_id": [f"o{number:05d}" for number in range(size)],
            "customer_id": [f"c{number:05d}" for number in rng.integers(0, int(size * 0.95), size)],
            "status": status,
            "ordered_at": ordered,
            "promised_first": promised,
            "delivered_at": pd.Series(delivered).where(status == "delivered"),
            "review_score": np.clip(np.rint(score), 1, 5),
            "state": rng.choice(["SP", "RJ", "MG"], size),
        }
    )
    orders.loc[orders.index % 50 == 3, "review_score"] = np.nan
    return orders


def city_requests(size: int = 2000, seed: int = 6) -> tuple[pd.DataFrame, pd.Timestamp]:
    """Requests to a city with a target, opened over the last 60 days; whoever is not closed by the end is open."""
    rng = np.random.default_rng(seed)
    end = pd.Timestamp("2025-06-30 12:00")
    opened = end - pd.to_timedelta(rng.uniform(0, 60, size), unit="D")
    closed = opened + pd.to_timedelta(rng.lognormal(np.log(9), 0.7, size), unit="D")
    dropped = rng.random(size) < 0.05
    frame = pd.DataFrame(
        {
            "event_id": np.arange(size),
            "ordered_at": opened,
            "promised_first": opened + 10 * DAY,
            "delivered_at": pd.Series(closed).where((closed <= end) & ~dropped),
            "cancelled_at": pd.Series(opened + 2 * DAY).where(dropped & (opened + 2 * DAY <= end)),
            "district": rng.choice(["North", "South"], size),
        }
    )
    return frame, end
