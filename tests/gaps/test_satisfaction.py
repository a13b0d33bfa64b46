"""Satisfaction and effort: shares and means of one value a respondent, with the intervals that each needs."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from conftest import ENGINES
from judgements import DESIGN, recommended
from pandas.testing import assert_frame_equal
from scipy.stats import binomtest
from scipy.stats import t as student

from cxgap.errors import ArgumentError
from cxgap.gaps.satisfaction import ces, csat
from cxgap.stats.proportions import korn_graubard, wilson

SCALE = {"low": 1, "high": 7}
GIVEN = [7.0] * 5 + [6.0] * 3 + [5.0] * 4 + [2.0] * 8


def given(answers: list[float], **columns: object) -> pd.DataFrame:
    return pd.DataFrame({"respondent_id": range(len(answers)), "satisfaction": answers, **columns})


@pytest.mark.parametrize("engine", ENGINES)
def test_satisfied_are_the_two_best_answers_with_wilsons_interval_and_the_mean_has_students(engine):
    """Wilson (1927) and Student (1908), both by scipy."""
    row = csat(ENGINES[engine](given(GIVEN)), **SCALE).frame.iloc[0]
    assert (row["n"], row["estimate"]) == (20, 0.4)
    assert (row["conf_low"], row["conf_high"]) == pytest.approx(
        tuple(binomtest(8, 20).proportion_ci(method="wilson")), rel=1e-12
    )
    low, high = student.interval(0.95, 19, np.mean(GIVEN), np.std(GIVEN, ddof=1) / 20**0.5)
    assert (row["mean"], row["mean_low"], row["mean_high"]) == pytest.approx((np.mean(GIVEN), low, high), rel=1e-12)


def test_the_scale_of_the_ratings_is_that_of_the_question_unless_it_is_said():
    frame = given([5.0, 4, 3, 2])
    assert csat(frame, scale=(1, 5)).frame["estimate"][0] == 0.5
    assert csat(frame, scale=(1, 7)).frame["estimate"][0] == 0
    assert csat(frame, scale=(1, 7), low=1, high=5).frame["estimate"][0] == 0.5
    assert "Satisfied are those who answered 4 or 5" in csat(frame, scale=(1, 5)).notes[0]


def test_a_respondent_has_the_mean_over_visits():
    rows = [("a", "call", 7), ("a", "web", 4), ("b", "call", 6), ("b", "web", 6), ("b", "web", 6), ("c", "web", 1)]
    frame = pd.DataFrame(rows, columns=["respondent_id", "touchpoint", "satisfaction"])
    row = csat(frame, **SCALE).frame.iloc[0]
    assert (row["n"], row["mean"]) == pytest.approx((3, (5.5 + 6 + 1) / 3))
    assert row["estimate"] == pytest.approx(1 / 3)


def test_with_a_design_shares_have_korn_and_graubards_interval():
    """R's svyciprop(method = "beta"), of which methods O-3.4d are the numbers of korn_graubard."""
    frame = recommended().rename(columns={"recommend": "satisfaction"})
    row = csat(frame, low=0, high=10, **DESIGN).frame.iloc[0]
    ends = korn_graubard(row["estimate"], row["std_error"], row["n"], row["df"], conf_level=0.95)
    assert (row["conf_low"], row["conf_high"]) == pytest.approx(tuple(map(float, ends)))
    half = student.ppf(0.975, row["mean_df"]) * row["mean_std_error"]
    assert row["mean_high"] - row["mean"] == pytest.approx(half)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("options", [{}, DESIGN], ids=["plain", "design"])
def test_every_engine_and_order_of_rows_gives_the_same(engine, options):
    frame = recommended().rename(columns={"recommend": "satisfaction"})
    expected = csat(frame, by="segment,wave", low=0, high=10, **options).frame
    shuffled = ENGINES[engine](frame.sample(frac=1, random_state=3))
    assert_frame_equal(csat(shuffled, by="segment,wave", low=0, high=10, **options).frame, expected, rtol=1e-12)


@pytest.mark.slow
def test_pyspark_gives_the_same(spark):
    frame = recommended(people=20)
    options = {"outcome": "recommend", "by": "wave", "low": 0, "high": 10, **DESIGN}
    assert_frame_equal(csat(spark(frame), **options).frame, csat(frame, **options).frame, rtol=1e-12)
    options["better"] = "low"
    assert_frame_equal(ces(spark(frame), **options).frame, ces(frame, **options).frame, rtol=1e-12)


def test_ease_is_turned_where_a_low_answer_is_good():
    """Dixon, Freeman & Toman (2010): asked for effort, low is good; asked whether it was easy, high is."""
    easy = ces(given(GIVEN), outcome="satisfaction", better="high")
    hard = ces(given([8 - answer for answer in GIVEN]), outcome="satisfaction", better="low")
    assert_frame_equal(easy.frame, hard.frame, rtol=1e-14)
    row = easy.frame.iloc[0]
    assert (row["estimate"], row["share"]) == (np.mean(GIVEN), 0.6)
    assert (row["share_low"], row["share_high"]) == pytest.approx(tuple(float(end) for end in wilson(12, 20, conf_level=0.95)))
    low, high = student.interval(0.95, 19, np.mean(GIVEN), np.std(GIVEN, ddof=1) / 20**0.5)
    assert (row["conf_low"], row["conf_high"]) == pytest.approx((low, high), rel=1e-12)
    assert ["turned round" in table.notes[0] for table in (easy, hard)] == [False, True]


def test_easy_is_the_upper_third_of_any_scale():
    frame = given([1.0, 2, 3, 4, 5])
    assert ces(frame, outcome="satisfaction", better="high", low=1, high=5).frame["share"][0] == 0.4


@pytest.mark.parametrize("better", ["higher", "", None])
def test_which_answer_is_good_must_be_said(better):
    with pytest.raises(ArgumentError, match="`better` must be one of"):
        ces(given(GIVEN), outcome="satisfaction", better=better)
    with pytest.raises(TypeError, match="better"):
        ces(given(GIVEN), outcome="satisfaction")


def test_few_are_blanked_and_one_alone_has_no_interval():
    frame = given([*GIVEN, 3.0], shop=["a"] * 20 + ["b"])
    alone = csat(frame, by="shop", **SCALE).frame.iloc[1]
    assert alone["flags"] == "N1|UNSTABLE"
    assert np.isnan([alone["std_error"], alone["conf_low"], alone["mean_low"]]).all()
    hidden = csat(frame, by="shop", min_n=5, **SCALE)
    assert hidden.frame.drop(columns=["shop", "flags"]).isna().all(axis=None)
    assert hidden.title == "Satisfied customers: too few respondents to show"


def test_it_is_not_measured_where_nobody_was_asked():
    assert "[outcomes.satisfaction]" in csat(given(GIVEN).drop(columns="satisfaction")).missing
    assert "[outcomes]" in ces(given(GIVEN), outcome=None, better="high").missing


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "give its lowest and highest answer"),
        ({"low": 1}, "give its lowest and highest answer"),
        ({"low": 1, "scale": (1, 7)}, "give its lowest and highest answer"),
        ({"low": 7, "high": 1}, "`low, high` must be"),
        ({"low": 1, "high": 5}, "'satisfaction' must lie between 1 and 5; it holds 7"),
    ],
)
def test_a_scale_that_cannot_be_is_said(options, words):
    with pytest.raises(ArgumentError) as caught:
        csat(given(GIVEN), **options)
    assert words in str(caught.value)
