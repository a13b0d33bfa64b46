"""Surveys of our own making, for tests of scores and gaps: small, ragged and with everything that can be missing."""

from __future__ import annotations

import numpy as np
import pandas as pd

# item: dimension, and whether it is kept in scores. One dimension has four items, one five, one a single one.
ITEMS = {f"a{n}": ("access", True) for n in range(1, 5)} | {f"b{n}": ("billing", True) for n in range(1, 6)}
ITEMS |= {"c1": ("care", True), "c2": ("care", False), "x1": (None, False)}
POINTS = {"access": 50.0, "billing": 30.0, "care": 20.0}


def survey(seed: int, people: int = 24, *, missing: float = 0.25, rows: bool = True) -> pd.DataFrame:
    """Make a survey: each respondent uses some of three touchpoints in one or both of two waves.

    Parameters
    ----------
    seed, people : of the random numbers, and how many respondents
    missing : share of the ratings that are not given
    rows : whether an answer without any rating has a row
    """
    random = np.random.default_rng(seed)
    ids = np.array([f"r{number:03d}" for number in random.permutation(people)])
    stratum = random.integers(0, 2, people)
    who = pd.DataFrame(
        {
            "respondent_id": ids,
            "segment": random.choice(["new", "old"], people),
            "weight": random.choice([0.0, 0.5, 1.0, 2.5], people, p=[0.1, 0.3, 0.3, 0.3]),
            "stratum": np.where(stratum == 0, "north", "south"),
            "psu": [f"u{unit}" for unit in random.integers(0, 5, people)],
            "population": np.where(stratum == 0, 200.0, 300.0),
        }
    )
    items = pd.DataFrame([(item, *entry) for item, entry in ITEMS.items()], columns=["item", "dimension", "retained"])
    frame = who.merge(pd.DataFrame({"wave": ["2025", "2026"]}), "cross")
    frame = frame.merge(pd.DataFrame({"touchpoint": ["call", "shop", "web"]}), "cross")
    frame = frame[random.random(len(frame)) < 0.6].merge(items, "cross")
    count = len(frame)
    frame["expectation"] = random.integers(3, 8, count).astype(float)
    frame["perception"] = random.integers(1, 8, count).astype(float)
    frame["importance"] = random.integers(1, 8, count).astype(float)
    frame["points"] = frame["dimension"].map(POINTS)
    for name in ("expectation", "perception", "importance"):
        frame.loc[random.random(count) < missing, name] = np.nan
    if not rows:
        frame = frame[frame["expectation"].notna() | frame["perception"].notna()]
    frame["touchpoint"] = pd.Categorical(frame["touchpoint"], categories=["call", "shop", "web"], ordered=True)
    return frame.reset_index(drop=True)


def answers(**columns: object) -> pd.DataFrame:
    """Make a frame of answers by hand; a respondent a row unless `respondent_id` says otherwise."""
    frame = pd.DataFrame(columns)
    return frame if "respondent_id" in frame else frame.assign(respondent_id=range(len(frame)))


def gaps_of(*gaps: float, **columns: object) -> pd.DataFrame:
    """Make one answer for each gap: the expectation is 5."""
    return answers(expectation=5.0, perception=[5 + gap for gap in gaps], **columns)
