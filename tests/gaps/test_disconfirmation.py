"""What customers say of their own expectations, held against the gap between two ratings."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from conftest import ENGINES
from judgements import DESIGN, recommended
from pandas.testing import assert_frame_equal
from scipy.stats import pearsonr

import cxgap as cx
from cxgap.errors import ArgumentError
from cxgap.gaps.disconfirmation import direct_disconfirmation

SCALE = {"low": 0, "high": 10}


def asked(seed: int = 5) -> pd.DataFrame:
    return recommended(seed).rename(columns={"recommend": "stated"})


@pytest.mark.parametrize("engine", ENGINES)
def test_the_midpoint_is_zero_and_the_ends_a_hundred_away(engine):
    """Arithmetic on a scale from 1 to 7: answers 1, 4, 7, 7 are -100, 0, 100, 100."""
    frame = pd.DataFrame(
        {"respondent_id": range(4), "expectation": 5.0, "perception": [1.0, 4, 6, 7], "stated": [1.0, 4, 7, 7]}
    )
    row = direct_disconfirmation(ENGINES[engine](frame), outcome="stated", scale=(1, 7)).frame.iloc[0]
    assert (row["n"], row["estimate"]) == (4, 25)
    assert row["std_error"] == pytest.approx(np.std([-100, 0, 100, 100], ddof=1) / 2)
    expected = pearsonr(frame["stated"], frame["perception"]).statistic
    assert (row["r_gap"], row["r_perception"]) == pytest.approx((expected, expected))


def test_it_is_held_against_the_gap_of_the_same_respondents():
    """Fisher (1921), by scipy: the scores are those of the customer gap, respondent by respondent."""
    frame = asked()
    row = direct_disconfirmation(frame, outcome="stated", score="items", **SCALE).frame.iloc[0]
    kept = frame[frame["retained"]]
    named = kept.assign(person=kept["respondent_id"].astype(str))
    gap = cx.customer_gap(named, by="person", score="items").frame.set_index("person")["estimate"]
    visits = kept.groupby(["respondent_id", "touchpoint", "wave"], observed=True)["stated"].first()
    stated = visits.groupby(visits.index.get_level_values("respondent_id").astype(str)).mean()
    both = pd.DataFrame({"stated": stated, "gap": gap}).dropna()
    expected = pearsonr(both["stated"], both["gap"])
    assert row["n_both"] == len(both)
    assert row["r_gap"] == pytest.approx(expected.statistic, abs=1e-12)
    assert (row["r_gap_low"], row["r_gap_high"]) == pytest.approx(tuple(expected.confidence_interval(0.95)), abs=1e-12)


def test_it_is_no_part_of_the_gap():
    """A shift of all expectations moves the computed gap, and neither what was stated nor the correlation."""
    frame = asked()
    first, second = (
        direct_disconfirmation(part, outcome="stated", by="segment", **SCALE, **DESIGN).frame
        for part in (frame, frame.assign(expectation=frame["expectation"] + 1))
    )
    assert_frame_equal(first, second, rtol=1e-9)


@pytest.mark.parametrize("engine", ENGINES)
def test_every_engine_and_order_of_rows_gives_the_same(engine):
    frame = asked()
    expected = direct_disconfirmation(frame, outcome="stated", by="segment", **SCALE, **DESIGN).frame
    shuffled = ENGINES[engine](frame.sample(frac=1, random_state=1))
    found = direct_disconfirmation(shuffled, outcome="stated", by="segment", **SCALE, **DESIGN).frame
    assert_frame_equal(found, expected, rtol=1e-10)


@pytest.mark.slow
def test_pyspark_gives_the_same(spark):
    frame, options = asked(), {"outcome": "stated", "by": "segment", **SCALE, **DESIGN}
    found, expected = (direct_disconfirmation(part, **options).frame for part in (spark(frame), frame))
    assert_frame_equal(found, expected, rtol=1e-10)


def test_turning_the_question_round_turns_everything():
    frame = asked()
    row = direct_disconfirmation(frame, outcome="stated", **SCALE).frame.iloc[0]
    turned = direct_disconfirmation(frame.assign(stated=10 - frame["stated"]), outcome="stated", **SCALE).frame.iloc[0]
    assert (turned["estimate"], turned["conf_low"], turned["r_gap"], turned["r_gap_low"]) == pytest.approx(
        (-row["estimate"], -row["conf_high"], -row["r_gap"], -row["r_gap_high"])
    )


def test_few_who_have_both_have_no_correlation_shown():
    frame = asked()
    keep = frame["respondent_id"] < "r004"
    row = direct_disconfirmation(
        frame.assign(expectation=frame["expectation"].where(keep)), outcome="stated", min_n=10, **SCALE
    ).frame.iloc[0]
    assert row["n"] >= 10
    assert np.isnan([row["r_gap"], row["n_both"]]).all()


def test_it_is_not_measured_where_nobody_was_asked_and_needs_a_scale():
    assert "disconfirmation" in direct_disconfirmation(asked(), outcome=None).missing
    with pytest.raises(ArgumentError, match="give its lowest and highest answer"):
        direct_disconfirmation(asked(), outcome="stated")
