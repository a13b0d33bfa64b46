"""Pairs of Kano questions: how a feature would be liked if it were there, and if it were not.

A respondent is of one category a feature, with the declared probabilities; the pair of answers is drawn evenly from those of
the category in the table of Berger and others (1993, Center for Quality of Management Journal 2(4)).
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.random import Generator

from cxgap.simulate import company
from cxgap.simulate.design import Design
from cxgap.simulate.text import codes, days, identifiers

ANSWERS: Final = ("like", "must-be", "neutral", "live-with", "dislike")
CATEGORIES: Final = ("attractive", "one-dimensional", "must-be", "indifferent", "reverse", "questionable")
ASKED = 500  # respondents at most, drawn evenly from those of the survey
_MIDDLE = (1, 2, 3)
PAIRS: Final = {  # functional, dysfunctional: positions in ANSWERS
    "attractive": tuple((0, other) for other in _MIDDLE),
    "one-dimensional": ((0, 4),),
    "must-be": tuple((other, 4) for other in _MIDDLE),
    "indifferent": tuple((one, other) for one in _MIDDLE for other in _MIDDLE),
    "reverse": (*((4, other) for other in _MIDDLE), *((other, 0) for other in _MIDDLE), (4, 0)),
    "questionable": ((0, 0), (4, 4)),
}
# Probabilities of the categories by feature, of each segment where they differ.
FEATURES: Final[dict[str, tuple[tuple[float, ...], ...]]] = {
    "Parcel arrives undamaged": ((0.04, 0.20, 0.66, 0.08, 0.01, 0.01),) * 3,
    "Delivery on the named day": ((0.13, 0.58, 0.20, 0.07, 0.01, 0.01),) * 3,
    "Choosing the hour of delivery": ((0.56, 0.16, 0.04, 0.21, 0.02, 0.01),) * 3,
    "A choice of parcel colours": ((0.12, 0.03, 0.02, 0.72, 0.10, 0.01),) * 3,
    "Seeing the van on a map": ((0.33, 0.30, 0.06, 0.28, 0.02, 0.01),) * 3,
    "Signature on receipt": (
        (0.05, 0.04, 0.04, 0.34, 0.51, 0.02),
        (0.07, 0.26, 0.46, 0.17, 0.03, 0.01),
        (0.07, 0.26, 0.46, 0.17, 0.03, 0.01),
    ),
}


def kano_table(rng: Generator, design: Design) -> pd.DataFrame:
    """Ask some respondents of the survey about each feature: one row a respondent and feature, a few answers left out."""
    people = np.sort(rng.choice(len(design.asked), min(ASKED, len(design.asked)), replace=False))
    person, feature = np.repeat(people, len(FEATURES)), np.tile(np.arange(len(FEATURES)), len(people))
    segment = design.segment[design.asked][person]
    chance = np.array(list(FEATURES.values()))[feature, segment]
    category = (rng.random(len(person))[:, None] >= np.cumsum(chance, axis=1)[:, :-1]).sum(axis=1)
    size = np.array([len(PAIRS[name]) for name in CATEGORIES])
    place = np.floor(rng.random(len(person)) * size[category]).astype(int)
    pair = np.array([PAIRS[CATEGORIES[which]][at] for which, at in zip(category, place, strict=True)])
    pair[rng.random(pair.shape) < 0.01] = -1
    return pd.DataFrame(
        {
            "respondent_id": identifiers("R", len(design.asked))[person],
            "feature": codes(list(FEATURES), feature),
            "functional": codes(ANSWERS, pair[:, 0]),
            "dysfunctional": codes(ANSWERS, pair[:, 1]),
            "at": days(design.answered)[person],
            "segment": codes(company.SEGMENTS, segment),
            "weight": design.weight[person],
        }
    )


def kano_truth() -> list[dict[str, Any]]:
    """Give the probabilities of each feature's categories, better and worse, of the population and of each segment."""
    rows = []
    for feature, by_segment in FEATURES.items():
        shares = {"all": company.SEGMENT_SHARE @ np.array(by_segment)} | dict(zip(company.SEGMENTS, by_segment, strict=True))
        for segment, share in shares.items():
            told = {name: round(float(part), 6) for name, part in zip(CATEGORIES, share, strict=True)}
            asked = sum(told[name] for name in CATEGORIES[:4])
            rows.append(
                {"feature": feature, "segment": segment, **told, "category": max(told, key=lambda name: told[name])}
                | {"better": round((told["attractive"] + told["one-dimensional"]) / asked, 6)}
                | {"worse": round(-(told["one-dimensional"] + told["must-be"]) / asked, 6)}
            )
    return rows
