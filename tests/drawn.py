"""A survey drawn at random in which nothing is wrong, for tests that then spoil one thing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd


def drawn(respondents: int = 240, items: int = 8, *, waves: Sequence[str] = (), seed: int = 1) -> pd.DataFrame:
    """Draw a wide file of answers from 1 to 7: one row a respondent, columns e1, p1, e2, ...

    People expect about 5.7 and perceive about 4.8, each with a level of their own for either; items differ by up to half a
    point, and 1 in 30 answers is blank.
    """
    draw = np.random.default_rng(seed)
    levels = {"e": 5.7 + draw.uniform(-0.5, 0.5, items), "p": 4.8 + draw.uniform(-0.5, 0.5, items)}
    frame = pd.DataFrame({"respondent_id": [f"R{who:05}" for who in range(respondents)]})
    frame["touchpoint"] = np.array(["Buy", "Use"])[draw.integers(0, 2, respondents)]
    frame["region"] = np.array(["north", "south", "east"])[draw.integers(0, 3, respondents)]
    if waves:
        frame["wave"] = np.array(waves)[np.arange(respondents) % len(waves)]
    own = {rating: draw.normal(0, 0.8, respondents) for rating in levels}
    for item in range(items):
        for rating, means in levels.items():
            answers = np.clip(np.round(means[item] + own[rating] + draw.normal(0, 1, respondents)), 1, 7)
            frame[f"{rating}{item + 1}"] = np.where(draw.random(respondents) < 1 / 30, np.nan, answers)
    return frame


def text(frame: pd.DataFrame) -> str:
    """Write a file as CSV."""
    return frame.to_csv(index=False)


def named(frame: pd.DataFrame, rating: str) -> list[str]:
    """Return the columns of one rating."""
    return [name for name in frame if name[0] == rating and name[1:].isdigit()]


def _with(columns: dict[str, Any], rows: Any = slice(None), **words: Any) -> pd.DataFrame:
    frame = drawn(**words)
    for name, values in columns.items():
        if name not in frame:
            frame[name] = "fine"
        frame.loc[rows, name] = values
    return frame


def _in_a_wave(change: Callable[[pd.DataFrame], pd.DataFrame]) -> pd.DataFrame:
    frame = drawn(360, waves=("Q1", "Q2", "Q3"))
    ratings, here = [*named(frame, "e"), *named(frame, "p")], frame["wave"] == "Q2"
    frame.loc[here, ratings] = change(frame.loc[here, ratings])
    return frame


def spoilt() -> dict[str, tuple[str, dict[str, Any], str]]:
    """Write, for each check of how answers look, a survey that fails it, further words of `study`, and the column named."""
    plain = drawn()
    ratings = [*named(plain, "e"), *named(plain, "p")]
    made: dict[str, tuple[pd.DataFrame, str]] = {
        "single_respondent": (_with({"touchpoint": "Claim"}, 0), "touchpoint Claim"),
        "many_touchpoints": (plain.assign(touchpoint=[f"T{who % 61}" for who in range(240)]), "touchpoint"),
        "expectation_alone": (plain.assign(p3=np.nan), "item 3"),
        "perception_alone": (plain.assign(e3=np.nan), "item 3"),
        "constant_answers": (_with(dict.fromkeys(ratings, 4), slice(9)), "respondent_id"),
        "zero_variance": (plain.assign(p4=5), "perception 4"),
        "copied_ratings": (plain.assign(p4=plain["e4"]), "expectation 4 and perception 4"),
        "near_duplicate": (pd.concat([plain, plain.iloc[[3]].assign(respondent_id="X")]), "respondent_id"),
        "swapped_ratings": (plain.assign(e3=plain["p3"], p3=plain["e3"]), "item 3"),
        "flipped_scale": (_in_a_wave(lambda ratings: 8 - ratings), "expectation and perception, wave Q2"),
        "scale_drift": (_in_a_wave(lambda ratings: ((ratings - 1) * 4 / 6 + 1).round()), "wave Q2"),
        "reverse_suspected": (plain.assign(e2=8 - plain["e2"], p2=8 - plain["p2"]), "item 2"),
        "reject_bias": (_with(dict.fromkeys(ratings, 99), plain.index[plain["region"] == "north"][:20]), "region north"),
        "bidi_or_invisible": (_with({"region": "no\u200brth"}, 0), "region"),
        "mojibake": (_with({"region": "S\u00c3\u00bcd"}, 0), "region"),
        "long_label": (_with({"region": "north " * 30}, 0), "region"),
        "personal_data": (_with({"comment": "someone@example.org"}, 0), "comment"),
    }
    failing = {check: (text(frame), {}, column) for check, (frame, column) in made.items()}
    wide_scale = {"scale": {"low": 1, "high": 100}}
    return {**failing, "narrow_range": (text(plain), wide_scale, "expectation and perception")}
