"""A survey and a log of which the difference in differences is known by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd

START = pd.Timestamp("2025-07-01T00:00:00Z")
DAY = pd.Timedelta(days=1)
SINCE = "2025-10-01"


def spread(count: int, mean: float, sd: float, seed: int = 1) -> np.ndarray:
    """Numbers that have exactly that mean and standard deviation."""
    value = np.random.default_rng(seed).normal(size=count)
    return mean + sd * (value - value.mean()) / value.std(ddof=1)


def drawn_log(seed: int = 3, customers: int = 80, *, effect: float = -4.0, regions: int = 4) -> pd.DataFrame:
    """Cases of customers of some regions, of which the first half are treated from October on; open where not yet settled."""
    random = np.random.default_rng(seed)
    who = np.repeat(np.arange(customers), random.integers(1, 6, customers))
    region = who % regions
    at = (START + pd.to_timedelta((random.random(len(who)) * 180 * 86_400).round(), unit="s")).as_unit("us")
    treated = region < regions // 2
    after = at >= pd.Timestamp(SINCE, tz="UTC")
    hours = random.exponential(8, len(who)) + 6 + random.normal(0, 2, customers)[who] + effect * (treated & after)
    done = at + pd.to_timedelta((np.maximum(hours, 0.5) * 3600).round(), unit="s")
    end = START + 180 * DAY
    return pd.DataFrame(
        {
            "contact_id": [f"K{row}" for row in range(len(who))], "customer_id": [f"C{each}" for each in who],
            "region": [f"R{each}" for each in region], "pilot": treated, "at": pd.Series(at),
            "resolved_at": pd.Series(done).where(pd.Series(done) <= end).dt.as_unit("us"), "minutes": np.round(hours, 3),
            "repeat": hours > 14,
        }
    )  # fmt: skip
