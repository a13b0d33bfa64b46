"""Direct ratings of gaps 2 to 4: Student's interval, the box "no standard exists", privacy, and what an index never is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import ENGINES
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from samples import sample
from scipy.stats import ttest_1samp

from cxgap.errors import ArgumentError, ColumnError
from cxgap.gaps.index import index_gap
from cxgap.tables.absent import Absent

ROOT = Path(__file__).resolve().parents[2]
LAW = settings(max_examples=3, deadline=None, derandomize=True)
SEEDS = st.integers(0, 2**32 - 1)
SCALE = (1, 7)


def staff(*ratings: float, **columns: object) -> pd.DataFrame:
    names = {"employee_id": [f"S{number:02d}" for number in range(len(ratings))]}
    return pd.DataFrame({**names, "standard": np.array(ratings, float), **columns})


def panel(seed: int, people: int = 30) -> pd.DataFrame:
    """Staff of three touchpoints who rate four items of two dimensions, with holes and boxes ticked."""
    random = np.random.default_rng(seed)
    who = pd.DataFrame({"employee_id": [f"S{number:02d}" for number in range(people)]})
    who["touchpoint"] = random.choice(["call", "shop", "web"], people, p=[0.2, 0.3, 0.5])
    items = pd.DataFrame({"item": ["a1", "a2", "b1", "b2"], "dimension": ["access", "access", "billing", "billing"]})
    frame = who.merge(items, "cross")
    frame["standard"] = random.integers(1, 8, len(frame)).astype(float)
    frame.loc[random.random(len(frame)) < 0.1, "standard"] = np.nan
    frame["none"] = random.random(len(frame)) < 0.15
    return frame


def one(frame: object, **options: object) -> pd.Series:
    return index_gap(frame, **{"of": "standards", "by": "", "scale": SCALE, **options}).frame.iloc[0]


@pytest.mark.parametrize("engine", ENGINES)
def test_the_index_is_the_rating_less_the_best_answer(engine):
    """Methods 1.1: index = rating - scale maximum; Student's t of the ratings, scipy.stats.ttest_1samp."""
    ratings = np.random.default_rng(1).integers(2, 8, 40).astype(float)
    row = one(ENGINES[engine](staff(*ratings)))
    low, high = ttest_1samp(ratings, 0).confidence_interval()
    assert (row["n"], row["start"]) == (40, 7)
    assert (row["end"], row["estimate"]) == pytest.approx((ratings.mean(), ratings.mean() - 7), rel=1e-12)
    assert (row["conf_low"], row["conf_high"]) == pytest.approx((low - 7, high - 7), rel=1e-9)
    assert row["gap_pomp"] == pytest.approx(100 * (ratings.mean() - 7) / 6)
    assert row["std_dev"] == pytest.approx(ratings.std(ddof=1))
    assert np.isnan(row[["p_value", "no_standard", "without"]].astype(float)).all()


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("recorded", ["column", "code"])
def test_no_standard_is_the_lowest_answer_and_is_counted(engine, recorded):
    """Methods 1.1, arithmetic: 7 raters of 6 and 3 without a standard have a mean of (42 + 3) / 10; without them, 6."""
    frame = staff(*[6.0] * 7, *[np.nan] * 3, none=[False] * 7 + [True] * 3)
    box: object = "none"
    if recorded == "code":
        frame["standard"], box = frame["standard"].fillna(0), 0
    row = one(ENGINES[engine](frame), no_standard=box)
    assert (row["n"], row["estimate"], row["no_standard"], row["without"]) == (10, pytest.approx(-2.5), 3, -1)
    assert row["flags"] == "FEW_RATERS|NO_STANDARD|UNSTABLE"
    thin = one(ENGINES[engine](frame), no_standard=box, min_staff=8)
    assert (thin["n"], thin["no_standard"], np.isnan(thin["without"])) == (10, 3, True)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("by", ["touchpoint", "touchpoint,dimension", ""])
def test_engines_agree_to_the_last_digit(engine, by):
    frame, options = panel(3), {"of": "standards", "by": by, "scale": SCALE, "no_standard": "none", "min_staff": 1}
    expected = index_gap(frame, **options).frame
    assert_frame_equal(index_gap(ENGINES[engine](frame), **options).frame, expected, check_exact=True)
    people = frame[frame["none"]].drop_duplicates(["employee_id", *([] if not by else by.split(","))])
    assert expected["no_standard"].tolist() == (people.groupby(by.split(",")).size().tolist() if by else [len(people)])


@LAW
@given(seed=SEEDS, constant=st.integers(-20, 20))
def test_row_order_and_a_shift_of_the_whole_scale_change_nothing(seed, constant):
    frame, options = panel(seed), {"of": "standards", "no_standard": "none", "min_staff": 1}
    moved = frame.sample(frac=1, random_state=seed % 1000).assign(standard=lambda rows: rows["standard"] + constant)
    expected = index_gap(frame, scale=SCALE, **options).frame.drop(columns=["start", "end"])
    found = index_gap(moved, scale=(1 + constant, 7 + constant), **options).frame.drop(columns=["start", "end"])
    assert_frame_equal(found, expected, rtol=1e-9, atol=1e-9)


@LAW
@given(seed=SEEDS, high=st.integers(2, 11))
def test_an_index_and_its_interval_are_never_positive_nor_beyond_the_scale(seed, high):
    ratings = np.random.default_rng(seed).choice([1, high - 1, high, high], 6)
    row = one(staff(*ratings), scale=(1, high))
    assert 1 - high <= row["conf_low"] <= row["estimate"] <= row["conf_high"] <= 0


@pytest.mark.parametrize(
    ("of", "column"), [("standards", "standard"), ("delivery", "delivered"), ("communication", "promised")]
)
def test_each_gap_has_its_column_and_says_that_it_is_an_index(of, column):
    frame = staff(*[5.0, 6, 7] * 3).rename(columns={"standard": column})
    gaps = index_gap(frame, of=of, by="", scale=SCALE)
    assert (gaps.gap, gaps.basis, gaps.counts, gaps.unit) == (of, "index", "employee", "scale points")
    assert gaps.score == "index: rating minus the best answer, never added to differences"
    named = index_gap(frame.rename(columns={column: "own"}), of=of, rating="own", by="", scale=SCALE)
    assert_frame_equal(named.frame, gaps.frame)


def test_the_sample_studys_staff_are_recovered():
    """By construction: mean standard of all employees at each touchpoint, of data/sample/truth.json, less 7."""
    import json

    truth = json.loads((ROOT / "data" / "sample" / "truth.json").read_text(encoding="utf-8"))
    study = sample()
    for of, column in (("standards", "standard"), ("delivery", "delivered"), ("communication", "promised")):
        frame = index_gap(study.employees, of=of, scale=SCALE).frame.merge(pd.DataFrame(truth["staff"]), on="touchpoint")
        assert len(frame) == 7
        assert ((frame["estimate"] - (frame[column] - 7)).abs() < 4 * frame["std_error"]).all()


def test_few_of_the_staff_are_hidden_and_so_is_what_would_give_them_away():
    """Methods 0.5: fewer than 5 employees, and the next smallest cell, because staff of touchpoints add up to all."""
    places, random = np.repeat([*"abcd"], [4, 6, 20, 40]), np.random.default_rng(4)
    frame = index_gap(staff(*random.integers(2, 8, 70), touchpoint=places), of="standards", scale=SCALE).frame
    assert frame["flags"].tolist() == ["SUPPRESSED_PRIVACY", "SUPPRESSED_SECONDARY", "UNSTABLE", ""]
    assert frame.loc[:1, ["n", "start", "end", "estimate", "conf_low", "gap_pomp", "std_dev"]].isna().all(axis=None)
    assert frame["verdict"].tolist() == ["not shown", "not shown", "short", "short"]


def test_staff_who_rate_every_touchpoint_give_nobody_away():
    frame = pd.concat([staff(*[5.0, 6, 7] * 3, touchpoint=name) for name in "ab"] + [staff(*[6.0] * 4, touchpoint="c")])
    found = index_gap(frame, of="standards", scale=SCALE).frame
    assert found["verdict"].tolist() == ["short", "short", "not shown"]


def test_everybody_at_the_best_answer_is_met():
    row = one(staff(*[7.0] * 6))
    assert (row["estimate"], row["conf_low"], row["conf_high"], row["verdict"]) == (0, 0, 0, "met")
    assert "ZERO_VAR" in row["flags"].split("|")


def test_a_single_rater_has_no_interval():
    row = one(staff(5.0), min_staff=1)
    assert (row["estimate"], row["flags"]) == (-2, "FEW_RATERS|N1")
    assert np.isnan(row[["std_error", "conf_low", "conf_high"]].astype(float)).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"of": "customer"}, "`of` must be one of ['communication', 'delivery', 'standards'], not 'customer'."),
        (
            {"scale": None},
            "`scale` must be the question's lowest and highest answer, such as (1, 7); the index ends at the best.",
        ),
        ({"scale": (1, 5)}, "`staff` must hold ratings from 1 to 5 in 'standard'; it holds 6. Answers on another scale cannot"),
        ({"no_standard": 1}, "`no_standard` must be a code outside the scale of 1 to 7, not 1."),
        ({"no_standard": "text"}, "`staff` must hold true or false in 'text', not String."),
        ({"by": "standard"}, "`by` must name columns that make groups, and none of the result's own, not 'standard'."),
        ({"rating": "text"}, "`staff` must hold numbers in 'text', not String; read the file with read_study."),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_call_that_cannot_be_meant_is_refused_in_one_sentence(options, message):
    with pytest.raises(ArgumentError) as refusal:
        one(staff(5.0, 6, 6, text=["yes", "no", "no"]), **options)
    assert str(refusal.value).startswith(message)


def test_a_column_that_is_not_there_is_named():
    with pytest.raises(ColumnError, match="`staff` must have a column 'promised'"):
        one(staff(5.0, 6), of="communication")
    with pytest.raises(ColumnError, match="`staff` must have a column 'nothing'"):
        one(staff(5.0, 6), no_standard="nothing")


def test_a_study_without_employees_says_what_to_add():
    gaps = index_gap(Absent("employees"), of="delivery", scale=SCALE)
    assert (len(gaps.frame), gaps.basis, gaps.counts) == (0, "index", "employee")
    assert "add employees = " in gaps.missing
