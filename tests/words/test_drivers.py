"""What is said of drivers: only what the ranks and intervals support, and never that anything drives anything."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

import cxgap as cx
from cxgap.words.drivers import alike


def ranked(*intervals: tuple[int, int]) -> list[dict]:
    names = zip("abcdefgh", intervals, strict=False)
    return [{"name": name, "rank": k, "rank_low": low, "rank_high": high} for k, (name, (low, high)) in enumerate(names, 1)]


def test_runs_of_ranks_are_those_that_each_of_them_could_have():
    """The first differs from the last four, and the second from nobody: no run holds them all."""
    assert alike(ranked((1, 2), (1, 6), (2, 6), (2, 6), (2, 6), (2, 6)), "name") == [
        "Ranks 1 and 2 cannot be told apart: a and b.",
        "Ranks 2 to 6 cannot be told apart: b, c, d, e and f.",
    ]
    assert alike(ranked((1, 1), (2, 2), (3, 3)), "name") == []
    assert alike(ranked((1, 1), (2, 3), (2, 3)), "name") == ["Ranks 2 and 3 cannot be told apart: b and c."]
    assert alike(ranked((1, 3), (1, 3), (1, 3)), "name") == ["Ranks 1 to 3 cannot be told apart: a, b and c."]
    assert alike([{"name": "a", "rank": 1, "rank_low": math.nan, "rank_high": math.nan}] * 2, "name") == []


def test_what_customers_say_is_held_against_what_goes_with_their_judgement():
    random = np.random.default_rng(2)
    scores = random.normal(4, 1, (300, 3))
    joy = scores @ [0.8, 0.2, 0.1] + random.normal(size=300)
    rows = pd.DataFrame(scores, columns=["care", "speed", "price"]).assign(joy=joy, respondent_id=range(300))
    long = rows.melt(["respondent_id", "joy"], var_name="dimension", value_name="perception").assign(item="one")
    long["said"] = long["dimension"].map({"care": 20.0, "speed": 20.0, "price": 60.0})
    prose = cx.describe(cx.drivers(long, outcome="joy", importance="said", replicates=199))
    text = [sentence.text for sentence in prose.lead]
    assert text[0].startswith("The 3 predictors together go with ")
    assert any(line.startswith("By what customers say, price and speed matter more than") for line in text) or any(
        line.startswith("By what customers say, speed and price matter more than") for line in text
    )
    assert any("care matters less" in line for line in text)
    said = repr(prose)
    assert "drive" not in said
    assert "cause" not in said


def test_what_cannot_be_told_is_named():
    random = np.random.default_rng(4)
    frame = pd.DataFrame(random.normal(size=(120, 3)), columns=["strong", "weak", "alike"]).assign(alike=4.0)
    frame["joy"] = frame["strong"] + random.normal(size=120)
    table = cx.drivers(frame, outcome="joy", predictors=["strong", "weak", "alike"], replicates=199)
    prose = cx.describe(table)
    assert prose.headline == "Joy goes most with strong"
    lead = " ".join(sentence.text for sentence in prose.lead)
    assert "we cannot tell whether the judgement goes with weak at all" in lead
    texts = [sentence.text for sentence in prose.details]
    assert texts[1].endswith("the others alike, which may be none.")
    assert texts[2] == "Alike: everybody answered alike, so nothing can go with it."
