"""The standard-setting curve against quantiles and shares done one by one."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from conftest import ENGINES

import cxgap as cx
from cxgap.errors import ArgumentError


def wanted(values: list[float], **columns: object) -> pd.DataFrame:
    return pd.DataFrame({"respondent_id": range(len(values)), "expectation": values, **columns})


@pytest.mark.parametrize("engine", ENGINES)
def test_the_level_that_satisfies_a_stated_share(engine):
    """Hyndman & Fan (1996), number 1: numpy's inverted cumulative distribution; the share at each level is counted."""
    values = [2.0, 3, 3, 4, 5, 5, 6, 6, 6, 7]
    frame = cx.setting_curve(ENGINES[engine](wanted(values)), goal=0.8).frame
    assert frame["chosen_level"].iloc[0] == pytest.approx(np.quantile(values, 0.8, method="inverted_cdf"))
    at = frame.set_index("level")["share"]
    assert at[[3.0, 6.0, 7.0]].to_list() == pytest.approx([0.3, 0.9, 1.0])
    assert (np.diff(frame["share"]) >= 0).all()


def test_where_lower_is_better_the_curve_is_the_mirror_image():
    values = [2.0, 3, 3, 4, 5, 5, 6, 6, 6, 7]
    high = cx.setting_curve(wanted([-value for value in values]), goal=0.7).frame
    low = cx.setting_curve(wanted(values), goal=0.7, direction="lower").frame
    assert low["chosen_level"].iloc[0] == pytest.approx(-high["chosen_level"].iloc[0])
    assert (low["chosen_low"].iloc[0], low["chosen_high"].iloc[0]) == pytest.approx(
        (-high["chosen_high"].iloc[0], -high["chosen_low"].iloc[0]), nan_ok=True
    )
    assert low.sort_values("level", ascending=False)["share"].to_numpy() == pytest.approx(high["share"].to_numpy())


@pytest.mark.slow
def test_the_interval_of_the_level_covers_it_as_often_as_it_says():
    """Woodruff (1952): 200 samples of 150 from a known law; the 80 % quantile of a standard normal is .8416."""
    rng = np.random.default_rng(12)
    hits = []
    for _ in range(200):
        frame = cx.setting_curve(wanted(list(rng.normal(size=150))), goal=0.8).frame.iloc[0]
        hits.append(frame["chosen_low"] <= 0.8416 <= frame["chosen_high"])
    assert 0.91 <= np.mean(hits) <= 0.99


def test_curves_of_too_few_are_not_shown():
    frame = wanted([4.0] * 12 + [5.0] * 3, segment=["many"] * 12 + ["few"] * 3)
    table = cx.setting_curve(frame, by="segment", min_n=10)
    assert set(table.frame["segment"]) == {"many"}
    assert "1 of the curves are not shown: too few answered." in table.notes


@pytest.mark.parametrize(("goal", "level", "share"), [(0.8, 4, 1.0), (0.75, 3, 0.75), (0.1, 1, 0.25)])
def test_the_chosen_level_satisfies_at_least_the_goal(goal, level, share):
    """By hand: of 1, 2, 3 and 4 the level 3 satisfies three quarters, so four fifths need 4."""
    frame = cx.setting_curve(wanted([1.0, 2, 3, 4]), goal=goal).frame
    row = frame[frame["chosen"]].iloc[0]
    assert (row["chosen_level"], row["level"], row["share"]) == (level, level, share)


def test_a_heavy_customer_counts_as_many():
    """Law: a weight of 3 is as three customers; the units of weight do not matter."""
    values, weight = [1.0, 2, 3, 4], np.array([3.0, 1, 1, 1])
    repeated = cx.setting_curve(wanted([1.0, 1, 1, 2, 3, 4]), goal=0.5).frame
    for times in (1, 0.1):
        frame = cx.setting_curve(wanted(values, weight=weight * times), goal=0.5, weight="weight").frame
        assert frame["chosen_level"].iloc[0] == repeated["chosen_level"].iloc[0] == 1
        assert frame["share"].to_list() == pytest.approx(repeated["share"].to_list())


@pytest.mark.parametrize("engine", ENGINES)
def test_a_survey_of_nobody_says_so(engine):
    frame = wanted([2.0, 3.0], segment=["a", "b"], stratum=["a", "b"], weight=1.0)
    for options in ({}, {"by": "segment"}, {"weight": "weight", "stratum": "stratum", "psu": "segment"}):
        table = cx.setting_curve(ENGINES[engine](frame.iloc[:0]), **options)
        assert (table.missing, len(table.frame)) == ("nobody answered", 0)


@pytest.mark.parametrize("by", ["n", "share", "expectation", "respondent_id", "chosen_level", "metric"])
def test_a_curve_is_not_cut_by_what_it_measures(by):
    frame = wanted([2.0, 3.0]).assign(n="a", share="a", chosen_level="a", metric="a")
    with pytest.raises(ArgumentError, match=f"none of the result's own, not '{by}'"):
        cx.setting_curve(frame, by=by)


@pytest.mark.slow
def test_pyspark_gives_the_same_bits(spark):
    data = wanted([2.0, 3, 3, 4, 5, 5, 6, 6, 6, 7])
    pd.testing.assert_frame_equal(cx.setting_curve(spark(data)).frame, cx.setting_curve(data).frame)
