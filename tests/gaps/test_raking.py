"""Margins in every function of the survey, and the table that says what raking did."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from answers import gaps_of, survey
from conftest import ENGINES
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

import cxgap as cx
from cxgap.errors import ArgumentError, ColumnError
from cxgap.gaps.raking import raking
from cxgap.gaps.setting import setting_curve
from cxgap.gaps.thresholds import threshold_curve
from cxgap.tables.absent import Absent

LAW = settings(max_examples=5, deadline=None, derandomize=True)
DESIGN = {"weight": "weight", "stratum": "stratum", "psu": "psu"}
MARGINS = {"stratum": {"A": 80, "B": 100}, "seg": {"1": 70, "2": 110}}
SEGMENTS = {"segment": {"new": 300, "old": 700}}


def small() -> pd.DataFrame:
    """Twelve respondents in two strata and six units, the small design of tests/stats/test_means.py."""
    return pd.DataFrame(
        {
            "respondent_id": [f"R{number:02d}" for number in range(12)],
            "expectation": 0.0,
            "perception": [-1, 0, -2, -1, 0, 1, -3, -1, -1, -2, 0, -2.0],
            "weight": [10, 10, 12, 12, 8, 8, 20, 20, 25, 25, 15, 15.0],
            "stratum": list("AAAAAABBBBBB"),
            "psu": ["a1", "a1", "a2", "a2", "a3", "a3", "b1", "b1", "b2", "b2", "b3", "b3"],
            "seg": [1, 2, 1, 2, 1, 2, 1, 1, 2, 2, 1, 2],
        }
    )


def test_a_gap_is_that_of_the_population():
    """R survey 4.1.1: rake() of the small design to strata 80, 100 and segments 70, 110: mean -1.106187.

    R stops where no count moves by 1; at the fixed point, which all margins meet to 1e-8, the mean is 6e-6 higher.
    """
    gaps = cx.customer_gap(small(), by="", margins=MARGINS, **DESIGN).frame
    assert gaps["estimate"][0] == pytest.approx(-1.106187, abs=1e-5)
    assert gaps["df"][0] == 4
    assert gaps["std_error"][0] < cx.customer_gap(small(), by="", **DESIGN).frame["std_error"][0] * 1.2


def test_shares_and_totals_are_the_same_margin():
    """Arithmetic: a mean does not depend on how many people there are, only on their shares."""
    shares = {name: {value: total / 180 for value, total in totals.items()} for name, totals in MARGINS.items()}
    as_numbers = {"stratum": MARGINS["stratum"], "seg": {1: 70, 2.0: 110}}
    wanted = cx.customer_gap(small(), by="", margins=MARGINS, **DESIGN).frame
    for margins in (shares, as_numbers):
        assert_frame_equal(cx.customer_gap(small(), by="", margins=margins, **DESIGN).frame, wanted, rtol=1e-9)


def test_commas_cross_columns():
    """Arithmetic: a margin of both columns crossed gives each of its cells its share, so the overall mean is theirs."""
    totals = {"A,1": 40, "A,2": 40, "B,1": 30, "B, 2": 70}
    gap = cx.customer_gap(small(), by="", margins={"stratum, seg": totals}, **DESIGN).frame["estimate"][0]
    cells = cx.customer_gap(small(), by="stratum,seg", **DESIGN).frame["estimate"]
    assert gap == pytest.approx((cells * [40, 40, 30, 70]).sum() / 180)


@pytest.mark.parametrize(
    ("margins", "words"),
    [
        ({"seg": {"1": 70, "2": 100, "3": 10}}, r"nobody in \['3'\]. Merge '3' with '2'"),
        ({"seg": {"1": 70}}, r"gives none for \['2'\]"),
        ({"stratum": {"A": 80, "B": 100}, "seg": {"1": 70, "2": 100}}, "equal totals.*180 by stratum and 170 by seg"),
        ({"seg": {"1": 0, "2": 100}}, "above 0.*gives 0 for '1'"),
        ({"seg": 5}, "totals by value for 'seg'"),
        (["seg"], "totals by column and value"),
        ({"seg": {"1": 70, "2": float("nan")}}, "above 0"),
    ],
)
def test_margins_that_cannot_be_met_are_refused(margins, words):
    """Nothing is guessed: the message lists what is wrong, and what to merge."""
    with pytest.raises(ArgumentError, match=words):
        cx.customer_gap(small(), by="", margins=margins, **DESIGN)


def test_a_category_that_only_people_of_weight_zero_are_in_is_empty():
    """Arithmetic: no factor makes a sum of zeros the total."""
    frame = small().assign(weight=lambda rows: rows["weight"].where(rows["seg"] == 1, 0.0))
    with pytest.raises(ArgumentError, match=r"nobody in \['2'\]"):
        cx.customer_gap(frame, by="", margins={"seg": {"1": 70, "2": 110}}, weight="weight")


def test_margins_are_of_people_and_known_of_all():
    """A column that changes within a respondent, is blank for one, or is not there cannot be a margin."""
    with pytest.raises(ArgumentError, match="must not change within a respondent"):
        cx.customer_gap(survey(1), by="", margins={"wave": {"2025": 1, "2026": 1}})
    with pytest.raises(ArgumentError, match="`seg` must be known for every respondent"):
        cx.customer_gap(small().assign(seg=lambda rows: rows["seg"].where(rows.index > 0)), by="", margins={"seg": {"1": 1}})
    with pytest.raises(ColumnError, match="age"):
        cx.customer_gap(small(), by="", margins={"age": {"18-34": 1}})


@pytest.mark.parametrize("engine", ENGINES)
def test_every_engine_gives_the_same_table(engine):
    """One law for all frames: sums are the engine's, everything after them is not."""
    frame = survey(6)
    options = {"margins": SEGMENTS, "weight": "weight", "stratum": "stratum", "psu": "psu"}
    wanted = raking(frame, **options)
    found = raking(ENGINES[engine](frame), **options)
    assert_frame_equal(found.frame, wanted.frame)
    assert found.title == wanted.title


def test_the_table_says_what_became_of_each_category():
    """Arithmetic of the small design: weights of 66 and 114 by segment, of which 70 and 110 are wanted."""
    table = raking(small(), margins={"seg": {"1": 70, "2": 110}}, asked={"seg": {"1": 12, "2": 24}}, **DESIGN)
    frame, weight = table.frame.set_index("category"), small().groupby("seg")["weight"].sum().to_numpy()
    assert frame["n"].tolist() == [6, 6]
    assert frame["share_before"].to_numpy() == pytest.approx(weight / 180)
    assert frame["share_after"].to_numpy() == pytest.approx([70 / 180, 110 / 180])
    assert frame["factor"].to_numpy() == pytest.approx(np.array([70, 110]) / weight)
    assert frame["response_rate"].tolist() == [0.5, 0.25]
    assert any("1.15 before raking" in note for note in table.notes)
    assert any("residuals" in note for note in table.notes)


def test_trimmed_weights_are_said():
    """Arithmetic: one of 41 weights is more than five times the mean after raking, and is cut."""
    frame = small().loc[[0] * 41].assign(respondent_id=range(41), seg=["rare"] + ["usual"] * 40, weight=1.0)
    table = raking(frame, margins={"seg": {"rare": 30, "usual": 70}})
    assert any(note.startswith("2.4 % of the weights were trimmed") for note in table.notes)


def test_categories_of_few_people_are_not_shown_nor_told_by_the_others():
    """A category of 2 is hidden at a minimum of 5, and the next smallest with it, because shares add up to one."""
    frame = small().assign(seg=["x"] * 2 + ["y"] * 5 + ["z"] * 5)
    table = raking(frame, margins={"seg": {"x": 10, "y": 20, "z": 30}}, min_n=5).frame
    assert table["n"].isna().tolist() == [True, True, False]
    assert table["flags"].tolist() == ["SUPPRESSED_PRIVACY", "SUPPRESSED_SECONDARY", ""]
    assert table.loc[0, ["share_before", "factor", "response_rate"]].isna().all()


def test_without_margins_it_says_that_nobody_knows():
    """A study without a population table has a statement, and where it is known who was asked, the rates of answers."""
    assert "who did not answer may differ" in raking(small()).missing
    rates = raking(small(), asked={"seg": {"1": 12, "2": 24}})
    assert rates.frame["response_rate"].tolist() == [0.5, 0.25]
    assert any("who did not answer may differ" in note for note in rates.notes)
    assert "responses" in raking(Absent("responses"), margins=MARGINS).missing


def test_that_nobody_of_those_asked_answered_is_a_rate_of_zero():
    """Methods 3.7: a response rate per segment; only the margins of the population must have somebody in the sample."""
    asked = {"seg": {"1": 12, "2": 24, "never": 30}}
    for margins in (None, {"stratum": {"A": 80, "B": 100}}):
        frame = raking(small(), margins=margins, asked=asked).frame
        assert frame.loc[frame["margin"] == "seg", "response_rate"].tolist() == [0.5, 0.25, 0.0]
    with pytest.raises(ArgumentError, match="`asked` must give a total for every value of 'seg'"):
        raking(small(), asked={"seg": {"1": 12}})
    with pytest.raises(ArgumentError, match="missing"):
        raking(small().assign(seg=lambda rows: rows["seg"].where(rows.index > 0)), asked=asked)


def test_every_function_of_the_survey_takes_margins():
    """Post-stratified by a column, each weighted mean over it is that of its parts in the population's shares."""
    frame = survey(8, 60, missing=0.0)
    raters = frame.assign(manager_id=frame["respondent_id"], believed=frame["expectation"], rating=frame["perception"])
    raters = raters.drop(columns=["segment"])
    share = {"new": 0.3, "old": 0.7}
    options = {"margins": SEGMENTS}
    calls = {
        "customer": lambda by, **how: cx.customer_gap(frame, by=by, **how).frame["start"],
        "knowledge": lambda by, **how: cx.knowledge_gap(frame, raters, by=by, **how).frame["start"],
        "company": lambda by, **how: cx.company_gap(frame, raters, by=by, **how).frame["end"],
        "tolerance": lambda by, **how: cx.tolerance_gap(
            frame, by=by, adequate="expectation", desired="expectation", **how
        ).frame["end"][::2],
        "thresholds": lambda by, **how: threshold_curve(frame, raters, by=by, cuts=[4], **how).frame["share_customers"],
    }
    for name, call in calls.items():
        parts = np.asarray(call("segment"), float)
        whole = float(np.asarray(call("", **options), float)[0])
        assert len(parts) == 2, name
        assert whole == pytest.approx(share["new"] * parts[0] + share["old"] * parts[1], rel=1e-9), name
    raked = setting_curve(frame, **options).frame["share"].to_numpy()
    assert not np.allclose(raked, setting_curve(frame).frame["share"])


@LAW
@given(st.integers(0, 10**6), st.floats(0.05, 20))
def test_neither_order_nor_units_of_weight_change_a_raked_gap(seed, times):
    """A law: rows are summed before anything else, and margins have their own totals."""
    frame = survey(seed % 50, 40)
    options = {"margins": SEGMENTS, "weight": "weight", "stratum": "stratum", "psu": "psu"}
    wanted = cx.customer_gap(frame, **options).frame
    moved = frame.sample(frac=1, random_state=seed).assign(weight=lambda rows: times * rows["weight"])
    found = cx.customer_gap(moved, **options).frame
    numbers = ["n", "estimate", "std_error", "df", "conf_low", "conf_high", "servperf"]
    assert_frame_equal(found[numbers], wanted[numbers], rtol=1e-6)


def test_a_hidden_category_cannot_be_added_up_from_a_finer_margin():
    """Hidden: 2 of x, and y beside it; y is the sum of "y,N" and "y,S", of which one must go, too."""
    people = [("x", "N")] * 2 + [("y", "N")] * 12 + [("y", "S")] * 13 + [("z", "N")] * 30 + [("z", "S")] * 31
    frame = gaps_of(*[1.0] * len(people)).assign(age=[age for age, _ in people], region=[region for _, region in people])
    fine = {"x,N": 2, "y,N": 12, "y,S": 13, "z,N": 30, "z,S": 31}
    table = raking(frame, margins={"age": {"x": 2, "y": 25, "z": 61}, "age,region": fine}, min_n=5).frame
    hidden = set(table.loc[table["n"].isna(), "category"])
    assert {"x", "y", "x,N"} <= hidden
    assert hidden & {"y,N", "y,S"}
    assert not {"z"} & hidden
