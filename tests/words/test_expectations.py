"""Sentences on expectations: what they claim is in the table, and what is not beyond chance is never said to be."""

from __future__ import annotations

import numpy as np
import pandas as pd

import cxgap as cx


def study(effect=1.0, people=200, seed=0):
    random = np.random.default_rng(seed)
    group = np.arange(people) % 2
    base = random.normal(4, 0.6, people)
    return pd.DataFrame(
        [
            {"respondent_id": who, "touchpoint": name, "item": str(k), "segment": "AB"[group[who]], "plan": "xy"[group[who]],
             "region": "NS"[who // 2 % 2], "expectation": score, "perception": score + random.normal()}
            for who in range(people)
            for name in ("Shop", "Help")
            for k, score in enumerate(base[who] + effect * group[who] + random.normal(0, 0.5, 2))
        ]
    )  # fmt: skip


def said(prose):
    return " ".join([prose.headline, *(one.text for one in (*prose.lead, *prose.details, *prose.limits))])


def test_groups_that_differ_are_named_and_others_are_not_said_to():
    differ, alike = (cx.describe(cx.expectations(study(effect), scale=(1, 9))) for effect in (1.0, 0.0))
    assert "Segments expect different levels at all 2 touchpoints" in differ.headline
    assert "B expects" in said(differ)
    assert "they differ" in said(differ)
    assert "No difference of segments beyond chance at Help and Shop" in said(alike)
    assert "no proof" in said(alike)
    assert "they differ" not in said(alike)
    assert "lie farthest apart" not in said(alike)


def test_every_sentence_is_tied_to_its_row():
    table = cx.expectations(study(), by="touchpoint", scale=(1, 9))
    prose = cx.describe(table)
    for sentence in prose.details:
        assert str(table.frame["touchpoint"].iloc[sentence.row]) in sentence.text
        assert f"mean {table.frame['estimate'].iloc[sentence.row]:.2f}" in sentence.text


def test_parts_of_the_variance_and_the_habit_of_answering_are_told():
    prose = cx.describe(cx.expectation_variance(study(0.0), replicates=100))
    assert "of what sets expectations apart is the person" in prose.headline
    assert "Who expects more also perceives more" in said(prose)
    assert "subtracting removes it from the gap" in said(prose)


def test_factors_go_with_expectations_and_never_drive_them():
    table = cx.expectation_factors(study(0.5), controllable="plan", uncontrollable="region", replicates=100)
    text = said(cx.describe(table))
    assert "What the company controls goes with" in text
    assert "Plan goes with" in text
    assert "Region goes with nothing we can see; that is no proof that there is nothing." in text
    assert "What it does not control is not shown to go with" in text
    assert "Unexplained is" in text
    assert "drive" not in text
    null = cx.describe(cx.expectation_factors(study(0.0, seed=3), controllable="plan", replicates=100))
    assert "goes with nothing we can see of expectations" in null.headline
    assert "it is clearly less" in said(null)


def test_no_segments_are_told_with_the_reason():
    frame = study(0.0, people=300)
    prose = cx.describe(cx.expectation_segments(frame, dimension="item", scale=(1, 9), most=2))
    assert prose.headline == "No stable segments: one group describes people as well as several do"
    assert "does not say that all people expect the same" in said(prose)


def test_sources_and_methods_are_known():
    tables = [cx.expectations(study()), cx.expectation_factors(study(), controllable="plan", replicates=20)]
    assert all(name in str(cx.cite(tables)) for name in ("Woodruff", "Owen", "Rust"))
    assert "less what chance adds" in str(cx.methods(tables))
