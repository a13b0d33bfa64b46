"""Customers who were asked, and then followed: a study small enough for a test, with a link that is known."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd

import cxgap as cx
from cxgap.gaps.outcome_checks import DEALS, validate
from cxgap.result import Table

START = pd.Timestamp("2026-01-01", tz="UTC")
DAY = pd.Timedelta(days=1)


def followed(people: int = 300, *, slope: float = 0.06, seed: int = 1) -> dict[str, pd.DataFrame]:
    """Return answers, customers, contacts, events and channels; log odds of leaving rise by `slope` a point of 100 short."""
    random = np.random.default_rng(seed)
    names = np.array([f"C{number:04d}" for number in range(people)])
    gap = random.integers(-4, 3, (people, 2)).astype(float)  # of a scale of 1 to 7
    both = random.random(people) < 0.5
    mean = np.where(both, gap.mean(axis=1), gap[:, 0])
    short = np.maximum(-mean, 0) * 100 / 6
    tenure = random.integers(30, 2000, people)
    chance = 1 / (1 + np.exp(1.8 - slope * short))
    leaves = random.random(people) < chance
    at = START + pd.to_timedelta(random.integers(0, 60, people), unit="D")
    days = random.integers(5, 175, people)
    rows = []
    for touchpoint, place in (("Pay", 0), ("Get", 1)):
        met = both if place else np.ones(people, bool)
        for item in ("1", "2"):
            frame = {
                "respondent_id": "R" + pd.Series(names),
                "customer_id": names,
                "at": at,
                "touchpoint": touchpoint,
                "item": item,
            }
            rows.append(pd.DataFrame({**frame, "expectation": 5.0, "perception": 5 + gap[:, place]})[met])
    customers = pd.DataFrame(
        {
            "customer_id": names,
            "since": at - pd.to_timedelta(tenure, unit="D"),
            "churned_at": pd.Series(at + pd.to_timedelta(days, unit="D")).where(leaves),
            "exit": np.where(leaves, np.where(random.random(people) < 0.1, "moved", "chose"), None),
            "segment": random.choice(["Private", "Business"], people),
            "value": np.round(np.exp(random.normal(5, 0.5, people))),
        }
    )
    who = random.integers(0, people, people)
    when = at[who] + pd.to_timedelta(random.integers(-100, 170, people), unit="D")
    contacts = pd.DataFrame({"customer_id": names[who], "at": when, "channel": random.choice(["App", "Phone"], people)})
    events = pd.DataFrame({"customer_id": names[who], "ordered_at": when, "amount": np.round(random.gamma(2, 20, people), 2)})
    channels = pd.DataFrame({"channel": ["App", "Phone"], "cost": [0.5, 6.0]})
    responses = pd.concat(rows, ignore_index=True)
    return {"responses": responses, "customers": customers, "contacts": contacts, "events": events, "channels": channels}


@cache
def followed_link() -> Table:
    """Return the link of that study, its folds dealt once: what tests ask of it does not hang on how often."""
    study, defaults = followed(), validate.__kwdefaults__
    defaults["deals"] = 1
    made = cx.outcome_link(study.pop("responses"), **study, scale=(1, 7), as_of="2026-09-30", min_n=10)
    defaults["deals"] = DEALS
    return made
