"""The verdict of each dimension: what fails it and what does not, the same on every engine."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest
from answers import survey
from conftest import ENGINES
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from cxgap.gaps.careless import careless
from cxgap.gaps.missingness import missingness
from cxgap.gaps.quality import CARE, GOOD, LIMITS, MARKS, POOR, judged, measurement_quality
from cxgap.gaps.reliability import reliability
from cxgap.vocabulary import CANNOT_TELL

LAW = settings(max_examples=25, deadline=None, derandomize=True)
FINE = {"omega": 0.85, "r_dd": 0.8, "ave": 0.6, "htmt_max": 0.7, "ceiling": 0.2, "missing": 0.02, "careless": 0.03}
FULL = {"weight": "weight", "stratum": "stratum", "psu": "psu", "population": "population", "scale": (1, 7)}


def answers(seed: int, people: int = 300, *, apart: float = 1.0, top: bool = False) -> pd.DataFrame:
    """Three dimensions of four items, each with its own level in each battery; `apart` is how different they are."""
    random = np.random.default_rng(seed)
    rows = []
    for middle in (5.0, 4.0):
        own = random.normal(0, apart, (people, 3)) + random.normal(0, 1.2 - apart, (people, 1)) * (apart < 1)
        level = middle + np.repeat(own, 4, axis=1) + random.normal(0, 0.7, (people, 12))
        rows.append(np.clip(np.rint(level), 1, 7))
    e, p = rows
    e = np.where(random.random(e.shape) < 0.9, 7.0, e) if top else e
    item = np.tile([f"q{number:02d}" for number in range(12)], people)
    frame = pd.DataFrame({"respondent_id": np.repeat(np.arange(people), 12), "item": item})
    dimension = np.tile(np.repeat(["access", "billing", "care"], 4), people)
    return frame.assign(dimension=dimension, expectation=e.ravel(), perception=p.ravel())


def test_dimensions_that_hold_are_good_and_each_number_is_that_of_its_own_table():
    frame = answers(1)
    table, rows = measurement_quality(frame, scale=(1, 7)), reliability(frame, replicates=2).frame
    assert table.frame["verdict"].tolist() == [GOOD] * 3
    assert table.title == "All three dimensions are measured well enough"
    assert table.frame["dimension"].tolist() == ["access", "billing", "care"]
    for _, row in table.frame.iterrows():
        of = rows[rows["dimension"] == row["dimension"]].set_index("battery")
        for side in ("expectation", "perception"):
            assert row[f"alpha_{side}"] == of.loc[side, "alpha"]
            assert row[f"omega_{side}"] == of.loc[side, "omega"]
        assert row["r_dd"] == of.loc["gap", "r_dd"]
        assert row["omega"] == min(of.loc[["expectation", "perception"], "omega"])
        assert row["ave"] == min(of.loc[["expectation", "perception"], "ave"])
        assert row["invariance"] == "not tested"
        own = frame.loc[frame["dimension"] == row["dimension"], "expectation"]
        assert row["ceiling"] == pytest.approx((own == 7).mean())
    holes = frame.assign(perception=frame["perception"].mask(frame.index % 11 == 0))
    lacking = missingness(holes, by="dimension").frame["missing_pair"]
    assert measurement_quality(holes).frame["missing"].to_numpy() == pytest.approx(lacking.to_numpy())
    share = careless(frame).frame.set_index("index").loc["rule", "share"]
    assert set(table.frame["careless"]) == {share}


def test_htmt_is_the_mean_correlation_between_over_that_within():
    """Henseler, Ringle & Sarstedt (2015), by the formula, on the correlations of perceptions."""
    frame = answers(2, apart=0.6)
    wide = frame.pivot_table(index="respondent_id", columns="item", values="perception")
    r = np.corrcoef(wide.to_numpy().T)
    within = [r[4 * d : 4 * d + 4, 4 * d : 4 * d + 4][np.triu_indices(4, 1)].mean() for d in range(3)]
    ratio = {
        (a, b): abs(r[4 * a : 4 * a + 4, 4 * b : 4 * b + 4]).mean() / (within[a] * within[b]) ** 0.5
        for a in range(3)
        for b in range(3)
        if a != b
    }
    names = ["access", "billing", "care"]
    found = measurement_quality(frame).frame
    for a in range(3):
        best = max((ratio[a, b], names[b]) for b in range(3) if b != a)
        assert found.loc[a, "htmt_max"] == pytest.approx(best[0], rel=1e-9)
        assert found.loc[a, "htmt_with"] == best[1]


def test_dimensions_that_customers_do_not_tell_apart_are_read_with_care():
    table = measurement_quality(answers(3, apart=0.1), scale=(1, 7))
    assert table.frame["verdict"].tolist() == [CARE] * 3
    assert table.frame["failing"].str.contains(r"HTMT .* with .* \(above 0.85\)").all()
    assert table.title == "All three dimensions are to be read with care"
    assert table.cells[0][1] == "!\u00a0with\u00a0care"


def test_expectations_all_at_the_top_are_poor():
    table = measurement_quality(answers(4, top=True), scale=(1, 7))
    assert set(table.frame["verdict"]) == {POOR}
    assert table.frame["failing"].str.contains("expectations at the top 9. % \\(above 80 %\\)").all()
    assert measurement_quality(answers(4, top=True)).frame["ceiling"].isna().all()


@pytest.mark.parametrize(("name", "limit"), LIMITS.items(), ids=list(LIMITS))
def test_each_limit_is_passed_by_a_hair_and_not_by_its_own_value(name, limit):
    """By the table of limits: what lies on a limit has not passed it."""
    hair = -0.01 if limit.worse == "below" else 0.01
    assert judged(FINE) == (GOOD, "")
    assert judged({**FINE, name: limit.care}) == (GOOD, "")
    verdict, failing = judged({**FINE, name: limit.care + hair})
    assert verdict == CARE
    assert failing.startswith(limit.words)
    if limit.poor is not None:
        assert judged({**FINE, name: limit.poor})[0] == CARE
        assert judged({**FINE, name: limit.poor + hair})[0] == POOR


def test_what_is_not_known_fails_nothing_but_is_called_good_by_nobody():
    assert judged({**FINE, "ave": np.nan, "htmt_max": np.nan, "ceiling": np.nan}) == (GOOD, "")
    assert judged({**FINE, "omega": np.nan}) == (CANNOT_TELL, "omega not known")
    assert judged({**FINE, "r_dd": np.nan, "missing": 0.9})[0] == POOR


@LAW
@given(values=st.fixed_dictionaries({name: st.floats(0, 1) for name in LIMITS}), name=st.sampled_from(list(LIMITS)))
def test_a_worse_number_never_makes_a_better_verdict(values, name):
    order = [GOOD, CARE, POOR]
    worse = {**values, name: 0.0 if LIMITS[name].worse == "below" else 1.0}
    assert order.index(judged(worse)[0]) >= order.index(judged(values)[0])


@cache
def on_pandas(by):
    return measurement_quality(survey(5, people=60, missing=0.1), by=by, **FULL).frame


@pytest.mark.parametrize("engine", [name for name in ENGINES if name != "pandas"])
@pytest.mark.parametrize("by", ["dimension", "segment"])
def test_engines_agree_on_a_ragged_survey(engine, by):
    frame = survey(5, people=60, missing=0.1)
    assert_frame_equal(measurement_quality(ENGINES[engine](frame), by=by, **FULL).frame, on_pandas(by))


def test_small_rows_are_not_shown_and_without_dimensions_all_items_are_one():
    frame = answers(6, people=40).assign(segment=lambda f: np.where(f["respondent_id"] < 5, "few", "many"))
    table = measurement_quality(frame, by="segment", min_n=10, scale=(1, 7))
    few = table.frame[table.frame["segment"] == "few"].iloc[0]
    assert few["verdict"] == "not shown"
    assert np.isnan([few[name] for name in ("n", *LIMITS)]).all()
    assert table.cells[0][2].startswith(MARKS["not shown"])
    whole = measurement_quality(frame.drop(columns=["dimension", "segment"]))
    assert whole.frame["dimension"].tolist() == ["all items"]
    assert whole.title.startswith("All items are ")


def test_one_respondent_or_one_item_is_no_error():
    frame = answers(7, people=40)
    one = measurement_quality(frame[frame["respondent_id"] == 0])
    assert set(one.frame["verdict"]) <= {CANNOT_TELL, POOR}
    item = measurement_quality(frame[frame["item"] == "q00"])
    assert item.frame["verdict"].tolist() == [CANNOT_TELL]
    assert item.title == "Access is not known well enough to judge"
