"""Differences of gaps between waves and groups, against SciPy's paired test, R's survey package and the gaps themselves."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from answers import survey
from conftest import ENGINES
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from scipy.stats import ttest_rel

import cxgap as cx
from cxgap.errors import ArgumentError
from cxgap.gaps.changes import LOWER, RISING
from cxgap.gaps.differences import gap_differences
from cxgap.stats.multiplicity import benjamini_hochberg, holm
from cxgap.tables.absent import Absent

LAW = settings(max_examples=5, deadline=None, derandomize=True)
DESIGN = {"weight": "weight", "stratum": "stratum", "psu": "psu", "population": "population"}
NUMBERS = ["estimate", "std_error", "df", "conf_low", "conf_high", "p_value"]


def panel(expected: tuple[list, list], perceived: tuple[list, list]) -> pd.DataFrame:
    """Make one answer a person and wave; the same people in both waves."""
    people = len(expected[0])
    return pd.DataFrame(
        {
            "respondent_id": [*range(people)] * 2,
            "wave": ["1"] * people + ["2"] * people,
            "expectation": np.concatenate(expected).astype(float),
            "perception": np.concatenate(perceived).astype(float),
        }
    )


def test_people_asked_twice_are_compared_with_themselves():
    """Student (1908) by SciPy: without a design, the paired test of each person's two gaps."""
    frame = panel(([5, 6, 6, 7, 5, 6], [6, 6, 7, 7, 6, 6]), ([4, 6, 5, 5, 3, 4], [5, 7, 5, 6, 6, 5]))
    row = gap_differences(frame).frame.iloc[0]
    gaps = (frame["perception"] - frame["expectation"]).to_numpy()
    wanted = ttest_rel(gaps[6:], gaps[:6])
    assert (row["level"], row["against"], row["n"], row["n_both"]) == ("2", "1", 6, 6)
    assert row["estimate"] == pytest.approx((gaps[6:] - gaps[:6]).mean())
    assert row["df"] == 5
    assert row["p_value"] == pytest.approx(wanted.pvalue)
    interval = wanted.confidence_interval()
    assert (row["conf_low"], row["conf_high"]) == pytest.approx((interval.low, interval.high))
    sides = [ttest_rel(frame[name][6:], frame[name][:6]).pvalue for name in ("expectation", "perception")]
    assert row[["expectation_p_value", "perception_p_value"]].tolist() == pytest.approx(sides)


def test_a_gap_that_closes_because_less_is_expected_is_flagged():
    """Section 10.3's rule: the gap rises, perception's interval reaches zero, and expectation falls."""
    frame = panel(([7, 7, 6, 7, 7, 6, 7, 6, 7, 7], [5, 5, 5, 5, 5, 5, 6, 4, 5, 5]), ([4] * 10, [4, 4, 5, 4, 3, 4, 4, 4, 4, 4]))
    table = gap_differences(frame)
    row = table.frame.iloc[0]
    assert LOWER in row["flags"]
    assert row["finding"] == "better because less was expected"
    assert row["estimate"] == pytest.approx(row["perception_estimate"] - row["expectation_estimate"])
    assert any("does not show better service" in note for note in table.notes)


def test_a_rising_bar_is_flagged():
    """Section 10.3's rule: expectation rises clearly, and perception's interval holds zero."""
    frame = panel(([4, 5, 4, 5, 4, 5, 4, 5, 4, 5], [6, 6, 6, 6, 6, 7, 6, 6, 6, 6]), ([4] * 10, [4, 4, 5, 4, 3, 4, 4, 4, 4, 4]))
    row = gap_differences(frame).frame.iloc[0]
    assert RISING in row["flags"]
    assert row["finding"] == "worse: expectation higher"
    turned = gap_differences(frame.rename(columns={"wave": "half"}), between="half").frame.iloc[0]
    assert RISING not in turned["flags"], "groups have no before and after"


@pytest.mark.parametrize(
    ("between", "against", "pairs"),
    [
        ("touchpoint", None, [("shop", "call"), ("web", "call"), ("web", "shop")]),
        ("touchpoint", "previous", [("shop", "call"), ("web", "shop")]),
        ("touchpoint", "shop", [("call", "shop"), ("web", "shop")]),
        ("wave", None, [("2026", "2025")]),
        ("wave", "2026", [("2025", "2026")]),
    ],
)
def test_what_is_compared_with_what(between, against, pairs):
    """Waves with the one before, groups all with all, or each with one, in the order of display."""
    frame = gap_differences(survey(2), between=between, against=against).frame
    assert list(zip(frame["level"], frame["against"], strict=True)) == pairs


@pytest.mark.parametrize("engine", ENGINES)
def test_estimates_are_differences_of_the_gaps_themselves(engine):
    """The gaps, expectations and perceptions of `customer_gap` with the same design, subtracted."""
    frame = survey(3, 60)
    options = {**DESIGN, "margins": {"segment": {"new": 1, "old": 2}}}
    found = gap_differences(ENGINES[engine](frame), by="touchpoint", **options).frame
    gaps = cx.customer_gap(frame, by="touchpoint,wave", **options).frame.set_index(["touchpoint", "wave"])
    later, earlier = (gaps.xs(wave, level="wave").loc[found["touchpoint"]] for wave in ("2026", "2025"))
    for side, name in (("", "estimate"), ("expectation_", "start"), ("perception_", "end")):
        assert found[f"{side}estimate"].tolist() == pytest.approx((later[name] - earlier[name]).tolist())
    assert found[["gap", "n"]].to_numpy() == pytest.approx(later[["estimate", "n"]].to_numpy())
    assert found["gap_against"].tolist() == pytest.approx(earlier["estimate"].tolist())


def test_p_values_are_adjusted_over_the_table():
    """Benjamini & Hochberg (1995), or Holm (1979) where the cut was declared; a hidden row is in no family."""
    frame = survey(4, 40)
    found = gap_differences(frame, by="touchpoint").frame
    assert found["p_adjusted"].tolist() == pytest.approx(benjamini_hochberg(found["p_value"].to_numpy()).tolist())
    declared = gap_differences(frame, by="touchpoint", confirmatory="wave, touchpoint").frame
    assert declared["p_adjusted"].tolist() == pytest.approx(holm(found["p_value"].to_numpy()).tolist())
    least = int(min(found["n"].min(), found["n_against"].min())) + 1
    fewer = gap_differences(frame, by="touchpoint", min_n=least).frame
    hidden = fewer["p_value"].isna()
    assert hidden.any()
    assert fewer.loc[hidden, "p_adjusted"].isna().all()
    shown = fewer.loc[~hidden]
    assert shown["p_adjusted"].tolist() == pytest.approx(benjamini_hochberg(shown["p_value"].to_numpy()).tolist())


def test_few_people_on_either_side_are_not_shown():
    """A minimum of six and a wave of five: nothing of the pair is shown, in frame or in cells."""
    frame = panel(([5] * 6, [6] * 6), ([4, 5, 4, 5, 4, 5], [4, 5, 5, 5, 4, 5])).iloc[:-1]
    table = gap_differences(frame, min_n=6)
    row = table.frame.iloc[0]
    assert row["flags"] == "SUPPRESSED_PRIVACY"
    assert row["finding"] == "not shown"
    assert row[["n", "n_against", "n_both", "gap", "gap_against", *NUMBERS]].isna().all()
    assert not any(sign in cell for cell in table.cells[0] for sign in "+−0")


def test_small_data_never_raise():
    """One person a side has an estimate alone; equal changes have an error of 0 and no p-value; an empty side nothing."""
    one = gap_differences(panel(([5], [6]), ([4], [6]))).frame.iloc[0]
    assert one["estimate"] == 1
    assert np.isnan(one["std_error"])
    assert "N1" in one["flags"]
    alike = gap_differences(panel(([5, 6, 7], [5, 6, 7]), ([4, 4, 4], [5, 5, 5]))).frame.iloc[0]
    assert (alike["estimate"], alike["std_error"], alike["conf_low"], alike["conf_high"]) == (1, 0, 1, 1)
    assert np.isnan(alike["p_value"])
    assert "ZERO_VAR" in alike["flags"]
    frame = panel(([5, 6], [5, 6]), ([4, 4], [np.nan, np.nan]))
    empty = gap_differences(frame).frame.iloc[0]
    assert "EMPTY" in empty["flags"]
    assert np.isnan(empty["estimate"])


def test_where_there_is_nothing_to_compare_it_says_so():
    """A table that is absent, a column that is, one value, or no combination with two."""
    frame = panel(([5, 6], [5, 6]), ([4, 4], [5, 5]))
    assert "responses" in gap_differences(Absent("responses")).missing
    assert "no column 'half'" in gap_differences(frame, between="half").missing
    assert "two values" in gap_differences(frame[frame["wave"] == "1"]).missing
    apart = frame.assign(region=frame["wave"])
    assert "no combination" in gap_differences(apart, by="region").missing
    with pytest.raises(ArgumentError, match="`against` must be one of"):
        gap_differences(frame, against="3")
    with pytest.raises(ArgumentError, match="none of the result's own"):
        gap_differences(frame, by="wave")


@LAW
@given(st.integers(0, 10**6), st.floats(0.05, 20))
def test_neither_order_nor_units_of_weight_change_a_difference(seed, times):
    """A law: means are ratios of sums over people."""
    frame = survey(seed % 50, 40)
    wanted = gap_differences(frame, by="touchpoint", **DESIGN).frame
    moved = frame.sample(frac=1, random_state=seed).assign(weight=lambda rows: times * rows["weight"])
    found = gap_differences(moved, by="touchpoint", **DESIGN).frame
    assert_frame_equal(found[["n", "n_both", *NUMBERS]], wanted[["n", "n_both", *NUMBERS]], rtol=1e-8, atol=1e-12)


@LAW
@given(st.integers(0, 10**6))
def test_turning_a_comparison_round_turns_its_sign(seed):
    """A law: the same error, degrees of freedom and p-value from either side."""
    frame = survey(seed % 50, 40)
    one = gap_differences(frame, against="2025", **DESIGN).frame.iloc[0]
    other = gap_differences(frame, against="2026", **DESIGN).frame.iloc[0]
    assert other["estimate"] == pytest.approx(-one["estimate"], abs=1e-12)
    assert other[["std_error", "df", "p_value"]].tolist() == pytest.approx(one[["std_error", "df", "p_value"]].tolist())
    assert other["conf_low"] == pytest.approx(-one["conf_high"], abs=1e-12)
