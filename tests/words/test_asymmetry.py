"""Kinds of requirements, penalties and peaks in sentences: what is settled is named, what is not is said not to be."""

from __future__ import annotations

import numpy as np
import pandas as pd

import cxgap as cx

PAIRS = {
    "A": ("like", "neutral"), "O": ("like", "dislike"), "M": ("neutral", "dislike"), "I": ("neutral", "neutral"),
    "R": ("dislike", "like"),
}  # fmt: skip


def features(**groups: dict[str, int]) -> pd.DataFrame:
    rows = [
        (f"r{number}", name, *PAIRS[letter])
        for name, counts in groups.items()
        for number, letter in enumerate("".join(letter * count for letter, count in counts.items()))
    ]
    return pd.DataFrame(rows, columns=["respondent_id", "feature", "functional", "dysfunctional"])


def test_kinds_are_named_only_where_they_are_settled():
    said = cx.describe(cx.kano(features(safe={"M": 60, "I": 20}, day={"O": 31, "M": 30, "I": 9}, rare={"A": 4}), min_n=5))
    assert said.headline == "Must be there: safe; mixed: 1"
    assert [sentence.text for sentence in said.lead] == ["Must-be: safe.", "We cannot tell which kind day is."]
    assert said.details[0].text == (
        "Day: we cannot tell whether it is performance or a must-be; performance to 44 %, a must-be to 43 % (70 respondents). "
        "Better 0.44 (0.33 to 0.56), worse −0.87 (−0.93 to −0.77)."
    )
    assert said.details[1].text == "Rare: not shown, too few."
    assert "having it is taken for granted (must-be); a must-be to 75 %, indifferent to 25 %" in said.details[2].text


def test_groups_that_want_the_opposite_are_said_first_and_not_their_sum():
    one, other = features(a={"R": 45, "I": 5}), features(b={"M": 30, "I": 5})
    other["respondent_id"] += " new"
    answers = pd.concat([one.assign(group="old"), other.assign(group="new")]).assign(feature="sign")
    said = cx.describe(cx.kano(answers, segments="group"))
    assert said.headline == "Groups want the opposite: sign"
    assert said.lead[0].text == "Groups want the opposite of sign: new: must-be; old: reverse. Read them apart."
    assert said.details[0].text.startswith("Sign: groups want the opposite, so that all together tell of neither;")


def test_a_side_is_said_to_weigh_more_only_beyond_a_straight_line():
    gap = np.repeat([-1.0, 0.0, 1.0], 40)
    joy = 5 + np.where(gap < 0, -2.0, 0.1 * gap) + np.tile([-0.3, 0.3], 60)
    frame = pd.DataFrame(
        {"respondent_id": range(120), "touchpoint": "Post", "item": "i", "expectation": 4.0, "perception": 4 + gap}
    )
    said = cx.describe(cx.penalty_reward(frame.assign(joy=joy), outcome="joy"))
    assert said.headline == "Falling short costs more than exceeding earns: Post"
    assert said.lead[0].text.startswith("At Post falling short goes with more than exceeding does")
    assert "falling short goes with −2.00 points (−2.14 to −1.86), exceeding with +0.10 points" in said.details[0].text
    far = frame.assign(perception=4 + np.where(gap < 0, 3 * gap, gap))
    straight = cx.describe(
        cx.penalty_reward(far.assign(joy=5 + 0.5 * (far["perception"] - 4) + np.tile([-0.3, 0.3], 60)), outcome="joy")
    )
    assert straight.headline.endswith("a straight line tells as much")
    assert straight.lead[0].text == "At Post a straight line tells as much, so that neither side counts for more."
    assert "drive" not in repr(said)


def test_of_few_journeys_it_is_said_that_they_cannot_tell():
    random = np.random.default_rng(0)
    people = np.repeat(np.arange(12), 3)
    frame = pd.DataFrame(
        {
            "respondent_id": people,
            "touchpoint": pd.Categorical(np.tile(["a", "b", "c"], 12), ["a", "b", "c"], ordered=True),
            "item": "i",
            "expectation": 4.0,
            "perception": random.integers(1, 8, 36).astype(float),
            "recommend": np.repeat(random.integers(0, 11, 12), 3).astype(float),
        }
    )
    said = cx.describe(cx.peak_end(frame))
    assert said.headline.endswith("we cannot tell from 12 journeys")
    assert said.lead[0].text == "12 journeys have three ratings or more; 40 are needed."
    more = pd.concat([frame.assign(respondent_id=frame["respondent_id"] + 100 * k) for k in range(5)])
    told = cx.describe(cx.peak_end(more, replicates=99))
    assert told.lead[0].text.startswith("The mean alone tells")
    assert "(60 journeys)" in told.lead[0].text
    assert any(sentence.text.startswith("Worst, best and end:") for sentence in told.details)
