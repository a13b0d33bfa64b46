"""Importance against performance: the published survey by hand, quadrants that are sure and those that are not, the laws."""

from __future__ import annotations

import csv
import math
import statistics
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import ENGINES
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from samples import sample

import cxgap as cx
from cxgap.errors import ArgumentError
from cxgap.result import Table
from cxgap.stats.burden import simultaneous
from cxgap.stats.quadrants import quadrant_chances, sides

CASE = Path(__file__).resolve().parents[3] / "shared" / "reference" / "c01_kiosk_paired" / "input.csv"
published = pytest.mark.skipif(not CASE.exists(), reason="the survey may not be copied here and is not beside the project")
ITEMS = {f"{place:02d}": (f"ipa{place:02d}_imp", f"ipa{place:02d}_sat") for place in range(1, 25)}
FEW = {"replicates": 99, "seed": 1}


def rated(seed: int = 4, people: int = 120, noise: float = 0.6) -> pd.DataFrame:
    """Four items, one in each quadrant, with a row an answer and no expectation."""
    random, rows = np.random.default_rng(seed), []
    for name, important, performs in (("bad", 6, 3), ("good", 6, 5), ("idle", 3, 3), ("lush", 3, 5)):
        rows.append(
            pd.DataFrame(
                {
                    "respondent_id": np.arange(people),
                    "item": name,
                    "importance": np.clip(np.rint(important + random.normal(0, noise, people)), 1, 7),
                    "perception": np.clip(np.rint(performs + random.normal(0, noise, people)), 1, 7),
                }
            )
        )
    return pd.concat(rows, ignore_index=True)


@cache
def kiosk(crosshair: str = "means") -> Table:
    return cx.importance_performance(pd.read_csv(CASE), items=ITEMS, scale=(1, 7), crosshair=crosshair, seed=1)


@published
def test_the_published_survey_lies_where_its_own_means_put_it():
    """Arithmetic with Python's csv and statistics alone: 194 respondents, 24 items, every mean and both lines."""
    with CASE.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    important = {name: statistics.fmean(float(row[column]) for row in rows) for name, (column, _) in ITEMS.items()}
    performs = {name: statistics.fmean(float(row[column]) for row in rows) for name, (_, column) in ITEMS.items()}
    frame = kiosk().frame.set_index("item")
    assert frame["importance"].to_dict() == pytest.approx(important, rel=1e-12)
    assert frame["performance"].to_dict() == pytest.approx(performs, rel=1e-12)
    assert frame[["performance_line", "importance_line"]].iloc[0].tolist() == pytest.approx(
        [4.917740550, 5.896262887], abs=1e-9
    )
    lines = kiosk("medians").frame[["performance_line", "importance_line"]].iloc[0].tolist()
    assert lines == pytest.approx([4.930412371, 6.427835052], abs=1e-9)
    assert set(frame.index[frame["quadrant_estimate"] == "concentrate here"]) == {"07", "10", "11", "16", "23"}
    assert set(frame.index[frame["quadrant_estimate"] == "low priority"]) == {"04", "05", "06", "12", "15", "22", "24"}
    assert (frame["quadrant_estimate"] == "keep up").sum() == 12


@published
def test_of_the_five_that_seem_to_need_care_only_two_are_sure():
    """Items 07, 10 and 11 lie within a standard error of the line of performance."""
    frame = kiosk().frame.set_index("item")
    assert set(frame.index[frame["quadrant"] == "concentrate here"]) == {"16", "23"}
    assert set(frame.loc[["07", "10", "11", "19", "20"], "quadrant"]) == {"undetermined"}
    assert frame[["p_concentrate", "p_keep_up", "p_low_priority", "p_overkill"]].sum(axis=1).tolist() == pytest.approx([1] * 24)
    assert kiosk().title == "Concentrate on 16, 23; at 5 of 24 the data cannot tell"


@published
def test_the_distance_from_the_line_of_equality_is_that_of_each_respondent():
    """Arithmetic: item 16 lies 22.598 above the line, item 05 10.631 below, with standard errors 1.5075 and 1.7303."""
    frame = kiosk().frame.set_index("item")
    assert frame.loc[["16", "05", "24"], "gap_line_distance"].tolist() == pytest.approx(
        [22.59826, -10.63090, 1.33646], abs=5e-6
    )
    width = frame["gap_line_distance_high"] - frame["gap_line_distance_low"]
    assert width[["16", "05"]].to_numpy() / (2 * 1.9723) == pytest.approx([1.5075, 1.7303], rel=0.08)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_long_table_without_any_expectation_is_enough(engine):
    table = cx.importance_performance(ENGINES[engine](rated()), scale=(1, 7), **FEW)
    assert dict(zip(table.frame["item"].astype(str), table.frame["quadrant"], strict=True)) == {
        "bad": "concentrate here", "good": "keep up", "idle": "low priority", "lush": "possible overkill",
    }  # fmt: skip
    assert table.title == "Concentrate on bad"


def test_a_wide_table_and_a_long_one_say_the_same():
    long = rated()
    wide = long.pivot_table(index="respondent_id", columns="item", values=["importance", "perception"])
    wide.columns = [f"{name}_{item}" for name, item in wide.columns]
    items = {name: (f"importance_{name}", f"perception_{name}") for name in ("bad", "good", "idle", "lush")}
    one = cx.importance_performance(wide.reset_index(drop=True), items=items, scale=(1, 7), **FEW).frame
    other = cx.importance_performance(long, scale=(1, 7), **FEW).frame
    own = ["performance", "importance", "gap_line_distance", "performance_line", "importance_line"]
    assert one[own].to_numpy() == pytest.approx(other[own].to_numpy())


def test_codes_of_no_answer_are_named_or_refused():
    coded = rated()
    coded.loc[coded.index[:5], "perception"] = 99
    with pytest.raises(
        ArgumentError, match="'perception' must hold answers from 1 to 7, or codes named in `missing`; it holds 99"
    ):
        cx.importance_performance(coded, scale=(1, 7), **FEW)
    found = cx.importance_performance(coded, scale=(1, 7), missing=(99,), **FEW).frame.set_index("item")
    assert found.loc["bad", ["n", "n_importance"]].tolist() == [115, 120]
    assert found.loc["bad", "performance"] == pytest.approx(rated().iloc[5:120]["perception"].mean())


@settings(max_examples=4, deadline=None)
@given(seed=st.integers(0, 1000), factor=st.floats(0.1, 10))
def test_neither_row_order_nor_the_units_of_weights_count(seed, factor):
    frame = rated().assign(weight=1.0)
    moved = frame.sample(frac=1, random_state=seed).assign(weight=factor)
    one, other = (cx.importance_performance(part, weight="weight", scale=(1, 7), **FEW).frame for part in (moved, frame))
    assert_frame_equal(one, other, rtol=1e-9)


def test_an_item_on_a_line_is_said_to_be_on_it():
    """Arithmetic: with the target at what item "bad" has, it lies on the line of performance."""
    frame = rated()
    mean = frame.loc[frame["item"] == "bad", "perception"].mean()
    found = cx.importance_performance(frame, crosshair="target", target=(mean, 4.5), **FEW).frame.set_index("item")
    assert found.loc["bad", "quadrant"] == "on line"
    assert (found["performance_line"].iloc[0], found["importance_line"].iloc[0]) == (mean, 4.5)


def test_the_middle_of_the_scales_and_of_a_gap():
    frame = rated().assign(expectation=4.0)
    found = cx.importance_performance(frame, crosshair="midpoint", scale=(1, 7), **FEW).frame
    assert found[["performance_line", "importance_line"]].iloc[0].tolist() == [4.0, 4.0]
    gap = cx.importance_performance(frame, performance="gap", crosshair="midpoint", scale=(1, 7), **FEW).frame
    assert (gap["performance_line"] == 0).all()
    assert gap["gap_line_distance"].isna().all()
    assert gap["performance"].tolist() == pytest.approx((found["performance"] - 4).tolist())


def test_three_items_make_no_map_and_importance_that_was_not_asked_says_so():
    frame = rated()
    assert "at least 4 items" in cx.importance_performance(frame[frame["item"] != "bad"], **FEW).missing
    assert "no column 'importance'" in cx.importance_performance(frame.drop(columns="importance"), **FEW).missing
    study = sample()
    told = cx.importance_performance(study.responses, **study.importance, **study.design)
    assert told.missing.startswith("the points were spread over dimensions")
    with pytest.raises(ArgumentError, match="`target` must be two numbers"):
        cx.importance_performance(frame, crosshair="target", **FEW)
    with pytest.raises(ArgumentError, match="crosshair"):
        cx.importance_performance(frame, crosshair="centre", **FEW)


def test_the_sample_study_is_to_concentrate_on_what_it_falls_short_in():
    """By construction reliability and responsiveness matter most, and perform worst."""
    study = sample()
    for importance in (study.importance, {"importance": "derived", **study.outcome}):
        found = cx.importance_performance(study.responses, by="dimension", **importance, **study.design, **FEW).frame
        assert set(found.loc[found["quadrant"] == "concentrate here", "dimension"].astype(str)) == {
            "reliability",
            "responsiveness",
        }
        assert found["importance"].sum() == pytest.approx(1, abs=1e-6)


def test_few_answers_hide_an_item():
    frame = rated()
    extra = frame[frame["item"] == "bad"].head(3).assign(item="secret")
    table = cx.importance_performance(pd.concat([frame, extra]), min_n=10, **FEW)
    assert "secret" not in str(table.record())
    assert any(note.startswith("1 item with too few") for note in table.notes)


def test_chances_of_quadrants_count_a_line_half_on_either_side():
    """Arithmetic: one replicate above both lines, one on the line of importance and left of the other."""
    high = sides(np.array([[2.0], [1.0]]), np.array([1.0, 1.0]))
    well = sides(np.array([[2.0], [0.0]]), np.array([1.0, 1.0]))
    assert quadrant_chances(high, well).tolist() == [[0.25, 0.5, 0.25, 0.0]]


def test_simultaneous_bounds_hold_for_all_at_once():
    """Of independent normal estimates all five lie above their lower bounds in about 95 of 100 samples; 500 err by 1."""
    random = np.random.default_rng(1)
    drawn = random.normal(size=(2000, 5))
    lower = np.array([simultaneous(value, value + drawn, conf_level=0.95)[0] for value in random.normal(size=(500, 5))])
    assert (lower <= 0).all(axis=1).mean() == pytest.approx(0.95, abs=0.03)
    still = simultaneous(np.ones(3), np.ones((9, 3)), conf_level=0.95)
    assert [part.tolist() for part in still] == [[1, 1, 1], [1, 1, 1]]
    assert not math.isnan(still[0][0])


@pytest.mark.slow
def test_importance_performance_on_spark(spark):
    own = ["performance", "importance", "p_concentrate"]
    one, other = (cx.importance_performance(frame, scale=(1, 7), **FEW).frame for frame in (spark(rated()), rated()))
    assert one[own].to_numpy() == pytest.approx(other[own].to_numpy())
