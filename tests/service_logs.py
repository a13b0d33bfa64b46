"""Contacts and staff small enough to count by hand, and drawn ones of any size."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tests.spans import spans

MONDAY = pd.Timestamp("2025-01-06T00:00:00Z")
HOUR = pd.Timedelta(hours=1)

# customer, hours after Monday, channel, reason, waited, abandoned, hours until settled (None: open), resolved, reopened
_ROWS = [
    ("A", 8.2, "Phone", "late", 1.0, False, 1.0, True, False),
    ("A", 9.5, "Phone", "late", 4.0, True, 30.0, False, True),
    ("B", 8.4, "Phone", "invoice", 2.0, False, 2.0, True, False),
    ("B", 8.6, "Phone", "invoice", 3.0, False, 4.0, True, False),
    ("C", 9.1, "App", "late", 5.0, False, None, False, False),
    ("D", 33.0, "Phone", "other", 6.0, False, 8.0, True, True),
]
STANDARDS = pd.DataFrame(
    {
        "touchpoint": ["Get help"] * 4,
        "metric": ["first response", "resolved at first contact", "resolution time", "availability"],
        "unit": ["minutes", "share", "days", "share"],
        "direction": ["lower", "higher", "lower", "higher"],
        "standard": [3.0, 0.8, 0.25, 0.95],
    }
)
ARTICLES = pd.DataFrame(
    {
        "article_id": ["B1", "B2"],
        "reason": ["Late", "invoice"],
        "reviewed": pd.to_datetime(["2024-12-01", "2023-01-01"], utc=True),
    }
)


def calls() -> pd.DataFrame:
    """Six contacts of four customers on a Monday and a Tuesday."""
    names = ["customer_id", "at", "channel", "reason", "waited", "abandoned", "took", "resolved", "reopened"]
    frame = pd.DataFrame(_ROWS, columns=names)
    at = MONDAY + frame["at"] * HOUR
    done = at + spans(frame["took"], "h")
    frame = frame.assign(at=at.dt.as_unit("us"), resolved_at=done.dt.as_unit("us"), contact_id=[f"K{row}" for row in range(6)])
    return frame.drop(columns="took")


def staff(days: int = 2, agents: float = 2, first: int = 8, last: int = 11) -> pd.DataFrame:
    """Phone agents from 8 to 11, of whom one more was planned."""
    at = [MONDAY + pd.Timedelta(days=day, hours=hour) for day in range(days) for hour in range(first, last)]
    frame = pd.DataFrame({"at": at, "agents": float(agents), "planned": agents + 1.0, "channel": "Phone", "open_minutes": 60.0})
    return frame.assign(at=frame["at"].dt.as_unit("us"))


def drawn(seed: int, *, weeks: int = 20, customers: int = 400, mean: float = 20.0, growth: float = 0.0) -> pd.DataFrame:
    """Contacts that come evenly and are settled after exponential times; some of those at the end stay open."""
    random = np.random.default_rng(seed)
    count = random.poisson(30 * weeks)
    at = np.sort(random.uniform(0, weeks * 168, count))
    took = random.exponential(mean, count) * (1 + growth * at / at.max())
    own = random.integers(0, customers, count)
    frame = pd.DataFrame({"customer_id": [f"C{each}" for each in own], "contact_id": [f"K{row}" for row in range(count)]})
    begun = MONDAY + pd.to_timedelta(np.round(at * 3600), unit="s")
    done = begun + pd.to_timedelta(np.round(took * 3600), unit="s")
    end = MONDAY + pd.Timedelta(weeks=weeks)
    done = pd.Series(done).where(pd.Series(done) <= end)
    return frame.assign(at=pd.Series(begun).dt.as_unit("us"), resolved_at=done.dt.as_unit("us"))
