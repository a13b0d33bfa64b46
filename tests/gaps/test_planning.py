"""Plans of surveys: R's numbers, the last wave's own spread, and what is assumed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import cxgap as cx
from cxgap.errors import ArgumentError
from cxgap.gaps.planning import plan_survey, spread_of


def test_plans_are_rs():
    """R 4.2.2, power.t.test(delta = 0.5, sd = 1, type = "paired"): 33.3672, rounded up; n = 400, sd = 1.4: 0.196584."""
    row = plan_survey(gap=-0.5, sd=1.0).frame.iloc[0]
    assert (row["gap"], row["n"], row["planned"]) == (0.5, 34, "gap")
    row = plan_survey(n=400).frame.iloc[0]
    assert row["gap"] == pytest.approx(0.196584, abs=1e-6)
    assert row["change"] == pytest.approx(2.8015852 * 1.4 * np.sqrt(2 / 400), rel=1e-6)


def test_the_assumed_spread_is_in_proportion_to_the_scale_and_said():
    table = plan_survey(n=100, scale=(0, 10))
    assert table.frame["sd"].iloc[0] == pytest.approx(1.4 * 10 / 6)
    assert any("An assumption" in note for note in table.notes)
    assert not any("An assumption" in note for note in plan_survey(n=100, sd=1.2).notes)


def test_the_last_wave_plans_the_next():
    """Arithmetic: pooled spread; the design effect is the variance of the means over that of simple samples."""
    random = np.random.default_rng(4)
    frame = pd.DataFrame({"touchpoint": np.repeat(["A", "B"], [30, 70]), "expectation": 5.0, "respondent_id": range(100)})
    frame = frame.assign(perception=5 + random.normal(0, 1, 100), weight=random.gamma(2, 1, 100))
    plain = cx.customer_gap(frame, scale=(1, 7))
    sd, deff = spread_of(plain)
    parts = frame.groupby("touchpoint")["perception"].var()
    assert sd == pytest.approx(np.sqrt((29 * parts["A"] + 69 * parts["B"]) / 98))
    assert deff == pytest.approx(1)
    weighted = spread_of(cx.customer_gap(frame, weight="weight", scale=(1, 7)))
    assert weighted[1] > 1.1
    row = plan_survey(n=100, from_gaps=plain).frame.iloc[0]
    assert row["sd"] == pytest.approx(sd)


def test_more_cells_need_more_people_and_a_panel_finds_smaller_changes():
    assert plan_survey(gap=0.3, cells=7).frame["total"].iloc[0] == 7 * plan_survey(gap=0.3).frame["n"].iloc[0]
    apart, panel = (plan_survey(n=200, overlap=share).frame["change"].iloc[0] for share in (0.0, 0.6))
    assert panel == pytest.approx(apart * np.sqrt(1 - 0.6 * 0.5))


def test_without_a_question_there_is_a_grid():
    frame = plan_survey().frame
    assert frame["n"].is_monotonic_increasing
    assert frame["gap"].is_monotonic_decreasing
    assert set(frame["planned"]) == {"gap", "n"}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"gap": 0}, "`gap` must be"),
        ({"n": 0}, "`n` must be"),
        ({"power": 80}, "Did you mean 0.8"),
        ({"overlap": 2}, "`overlap`"),
    ],
)
def test_what_cannot_be_planned_is_refused(options, words):
    with pytest.raises(ArgumentError, match=words):
        plan_survey(**options)
