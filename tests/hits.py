"""Events that went wrong, small enough to count by hand, and a study made of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from samples import sample

from cxgap.tables.study import Study
from tests.spans import spans

START = pd.Timestamp("2025-01-01T12:00:00Z")
END = "2025-03-31"

# event, customer, ordered, due, delivered, failed, batch, recovery, region; days from the start
_EVENTS = [
    ("E01", "A", 0, 5, 7, False, None, None, "North"),  # late, and the customer spoke of it
    ("E02", "B", 0, 5, 6, False, None, None, "North"),  # late; the customer came without naming it
    ("E03", "C", 0, 5, 8, False, None, None, "North"),  # late; the customer came a month later
    ("E04", "D", 0, 5, 9, False, None, 6, "North"),  # late, and helped before a word was said
    ("E05", "E", 0, 5, 5, False, None, None, "North"),
    ("E06", "F", 70, 80, 82, False, None, None, "North"),  # late, and the window still runs
    ("E07", "G", 60, 70, None, False, None, None, "North"),  # open and overdue
    ("E08", "A", 5, 10, 12, False, None, None, "North"),  # the same customer's second late one, not spoken of
    ("E09", "H", 0, 5, 4, True, None, None, "North"),  # came broken; the customer spoke of another event
    ("E10", "I", 0, 5, 4, False, "L1", None, "North"),  # of a damaged batch
    ("E11", "J", 18, 25, 21, False, None, None, "South"),  # under way in an outage of the region
    ("E12", "K", 18, 25, 21, False, None, None, "North"),  # under way then, elsewhere
    ("E13", "L", 30, 35, 34, False, None, None, "South"),  # in the region, later
]
_CONTACTS = [("K1", "A", "E01", 6), ("K2", "B", None, 8), ("K3", "C", None, 30), ("K4", "E", "E05", 6), ("K5", "H", "E99", 5)]


def _at(days: object) -> pd.Series:
    moments = START + spans(days)
    return pd.Series(pd.to_datetime(moments, utc=True)).dt.as_unit("us")


def events() -> pd.DataFrame:
    """Thirteen events of twelve customers."""
    names = [
        "event_id",
        "customer_id",
        "ordered_at",
        "promised_first",
        "delivered_at",
        "failed",
        "batch",
        "recovery_at",
        "region",
    ]
    frame = pd.DataFrame(_EVENTS, columns=names)
    return frame.assign(**{name: _at(frame[name]) for name in names if name.endswith("_at") or name == "promised_first"})


def contacts() -> pd.DataFrame:
    frame = pd.DataFrame(_CONTACTS, columns=["contact_id", "customer_id", "event_id", "at"])
    return frame.assign(at=_at(frame["at"]))


def customers() -> pd.DataFrame:
    value = [100.0 * (place + 1) for place in range(12)]
    return pd.DataFrame({"customer_id": list("ABCDEFGHIJKL"), "value": value})


def incidents() -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "incident_id": ["I1", "I2"],
            "kind": ["damaged batch", "outage"],
            "batch": ["L1", None],
            "region": [None, "South"],
            "severity": [0.9, 0.4],
        }
    )
    return frame.assign(started_at=_at([1, 20]), ended_at=_at([3, 22]))


def drawn_study(seed: int = 1, size: int = 400, **columns: Any) -> Study:
    """A study of customers with one late order each, a month before the end, of whom a third complained; half were on time.

    `columns` replace those of customers.
    """
    random = np.random.default_rng(seed)
    ids = [f"cust-{place:04}" for place in range(size)]
    hit = np.arange(size) % 2 == 0
    late = np.where(hit, random.gamma(2.0, 1.5, size) + 0.2, -1.0)
    due = 60 + 10 * random.random(size)
    orders = pd.DataFrame(
        {
            "event_id": [f"event-{place:04}" for place in range(size)],
            "customer_id": ids,
            "ordered_at": _at(due - 6),
            "promised_first": _at(due),
            "delivered_at": _at(due + late),
            "product": "Standard",
            "region": np.where(random.random(size) < 0.5, "North", "South"),
        }
    )
    spoke = hit & (random.random(size) < 0.33)
    said = pd.DataFrame(
        {
            "contact_id": [f"contact-{place:04}" for place in range(int(spoke.sum()))],
            "customer_id": orders["customer_id"][spoke].to_numpy(),
            "event_id": orders["event_id"][spoke].to_numpy(),
            "at": _at(due[spoke] + 1),
        }
    )
    people = pd.DataFrame(
        {
            "customer_id": ids,
            "since": _at(random.random(size) * -900),
            "value": random.gamma(2.0, 200.0, size).round(),
            "churned_at": _at(np.full(size, np.nan)),
            "consent": pd.array([True] * size, dtype="boolean"),
            "household": None,
        }
    ).assign(**columns)
    return with_tables(events=orders, contacts=said, customers=people)


def with_tables(**tables: pd.DataFrame) -> Study:
    """Return a study that has no tables but these."""
    study = sample()
    return replace(study, tables=type(study.tables)(tables), as_of=END)
