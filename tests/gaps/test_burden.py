"""Reach, importance and shortfall: their product by hand, its laws, its ranks, and the order of work of the sample study."""

from __future__ import annotations

import itertools
from functools import cache

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
from cxgap.stats.noise import normal_shortfall, reliable_shortfall

FEW = {"replicates": 49, "seed": 1}
FOUR = pd.DataFrame(
    {
        "respondent_id": ["a", "b", "c", "d", "a", "b"],
        "touchpoint": ["Pay", "Pay", "Pay", "Pay", "Help", "Help"],
        "expectation": [5.0, 5.0, 5.0, 5.0, 6.0, 6.0],
        "perception": [3.0, 5.0, 4.0, 6.0, 3.0, 5.0],
    }
)
GIVEN = {"Pay": 1.0, "Help": 3.0}


def journeys(
    seed: int = 3,
    people: int = 400,
    gaps: dict[str, float] | None = None,
    met: dict[str, float] | None = None,
    spread: float = 1.0,
) -> pd.DataFrame:
    """Make respondents who meet some touchpoints, with a judgement of each visit that follows its perception."""
    random, rows = np.random.default_rng(seed), []
    gaps = gaps or {"Order": -0.2, "Pay": -0.4, "Help": -1.5}
    for name, gap in gaps.items():
        who = np.flatnonzero(random.random(people) < (met or {}).get(name, 1.0))
        perceived = 5 + gap + random.normal(0, spread, len(who))
        judged = perceived + random.normal(0, 0.5, len(who))
        rows.append(
            pd.DataFrame(
                {"touchpoint": name, "respondent_id": who, "expectation": 5.0, "perception": perceived, "judged": judged}
            )
        )
    return pd.concat(rows, ignore_index=True)


@cache
def weighed(**options: object) -> Table:
    """Weigh the touchpoints of the sample study."""
    study = sample()
    return cx.burden(study.responses, **{**study.design, **study.outcome, "seed": study.seed, **options})


@pytest.mark.parametrize("engine", ENGINES)
def test_the_burden_is_the_product_of_its_three_factors(engine):
    """Arithmetic: at Pay 2, 0, 1 and 0 points are missing, at Help 3 and 1; half of all met Help, thrice as important."""
    frame = cx.burden(ENGINES[engine](FOUR), importance=GIVEN, scale=(1, 7), **FEW).frame.set_index("touchpoint")
    own = ["n", "reach", "importance", "shortfall_points", "prevalence", "volume", "estimate"]
    assert frame.loc["Pay", own].tolist() == pytest.approx([4, 1.0, 0.25, 0.75, 0.5, 75.0, -0.5])
    assert frame.loc["Help", own].tolist() == pytest.approx([2, 0.5, 0.75, 2.0, 1.0, 100.0, -2.0])
    assert frame["shortfall"].tolist() == pytest.approx([200 / 6, 12.5])
    assert frame["burden"].tolist() == pytest.approx([0.5 * 0.75 * 200 / 6, 0.25 * 12.5])
    assert frame["burden_share"].tolist() == pytest.approx([0.8, 0.2])


def test_weights_are_those_of_respondents_in_every_factor():
    """Arithmetic: respondent a counts for two, so that 5 are the whole, 3 met Help and miss (2 x 3 + 1) / 3 there."""
    heavy = FOUR.assign(weight=FOUR["respondent_id"].map({"a": 2.0, "b": 1.0, "c": 1.0, "d": 1.0}))
    frame = cx.burden(heavy, importance=GIVEN, weight="weight", **FEW).frame.set_index("touchpoint")
    assert frame["reach"].to_dict() == pytest.approx({"Pay": 1.0, "Help": 0.6})
    assert frame["shortfall"].to_dict() == pytest.approx({"Pay": 1.0, "Help": 7 / 3})
    assert frame["prevalence"].to_dict() == pytest.approx({"Pay": 0.6, "Help": 1.0})


def test_a_mean_gap_of_zero_is_no_proof_that_nothing_is_missing():
    split = FOUR.assign(perception=np.where(FOUR["respondent_id"].isin(["a", "c"]), 3.0, 7.0), expectation=5.0)
    frame = cx.burden(split, importance="equal", **FEW).frame.set_index("touchpoint")
    assert (frame.loc["Pay", "estimate"], frame.loc["Pay", "shortfall"]) == (0.0, 1.0)


@settings(max_examples=6, deadline=None)
@given(order=st.permutations(range(len(FOUR))), factor=st.floats(0.01, 100), times=st.floats(0.01, 100))
def test_neither_row_order_nor_the_units_of_weights_or_of_importance_count(order, factor, times):
    moved = FOUR.iloc[order].assign(weight=factor)
    scaled = {name: times * value for name, value in GIVEN.items()}
    one = cx.burden(moved, importance=scaled, weight="weight", **FEW).frame
    other = cx.burden(FOUR.assign(weight=1.0), importance=GIVEN, weight="weight", **FEW).frame
    assert_frame_equal(one, other, rtol=1e-9)


def test_more_tolerance_never_makes_a_shortfall_larger():
    frame = journeys()
    found = [
        cx.burden(frame, importance="equal", tolerance=tolerance, **FEW).frame.set_index("touchpoint").sort_index()
        for tolerance in (0.0, 0.3, 1.0, 4.0)
    ]
    for less, more in itertools.pairwise(found):
        assert (more["shortfall"] <= less["shortfall"]).all()
        assert (more["prevalence"] <= less["prevalence"]).all()
    by_hand = np.maximum(0, 5 - frame.loc[frame["touchpoint"] == "Help", "perception"] - 1.0).mean()
    assert found[2].loc["Help", "shortfall"] == pytest.approx(by_hand)


def test_identical_touchpoints_share_importance_and_every_rank():
    frame = journeys(gaps={"Order": -0.2, "Pay": -1.0})
    twin = pd.concat([frame, frame[frame["touchpoint"] == "Pay"].assign(touchpoint="Pay again")])
    found = cx.burden(twin, outcome="judged", **FEW).frame.set_index("touchpoint")
    own = ["reach", "importance", "shortfall", "burden_low", "burden_high", "rank", "rank_low", "rank_high", "importance_lower"]
    assert found.loc["Pay", own].tolist() == pytest.approx(found.loc["Pay again", own].tolist())
    assert found.loc[["Pay", "Pay again"], ["rank_low", "rank_high"]].to_numpy().tolist() == [[1, 2], [1, 2]]


def test_derived_importance_is_the_slope_among_those_who_met_the_touchpoint():
    """Arithmetic: the judgement follows perception twice as steeply at Order as at Pay; the slopes are 2 and 1, exactly."""
    frame = journeys(gaps={"Order": -0.2, "Pay": -1.0}, met={"Order": 0.4, "Pay": 0.4})
    frame["judged"] = np.where(frame["touchpoint"] == "Order", 2.0, 1.0) * frame["perception"]
    found = cx.burden(frame, outcome="judged", **FEW).frame.set_index("touchpoint")
    assert found["importance"].to_dict() == pytest.approx({"Order": 2 / 3, "Pay": 1 / 3})
    assert set(found["importance_source"]) == {"slope"}


def test_where_all_rated_all_and_judged_once_the_explained_variance_is_shared_out():
    """Lindeman, Merenda & Gold (1980): of uncorrelated columns each has its squared correlation."""
    random = np.random.default_rng(2)
    columns = np.linalg.qr(np.column_stack([np.ones(60), random.normal(size=(60, 3))]))[0][:, 1:]
    judged = columns @ np.array([3.0, 2.0, 1.0])
    long = pd.concat(
        pd.DataFrame(
            {
                "respondent_id": np.arange(60),
                "dimension": f"d{place}",
                "expectation": 5.0,
                "perception": 5 + x,
                "judged": judged,
            }
        )
        for place, x in enumerate(columns.T)
    )
    found = cx.burden(long, by="dimension", outcome="judged", **FEW).frame.set_index("dimension").sort_index()
    assert set(found["importance_source"]) == {"LMG"}
    assert found["importance"].tolist() == pytest.approx([9 / 14, 4 / 14, 1 / 14])


def test_stated_points_are_mean_shares_of_those_who_gave_a_hundred():
    study = sample()
    found = cx.burden(study.responses, by="dimension", importance="stated", **study.design, **FEW).frame
    points = study.responses.drop_duplicates(["respondent_id", "dimension"])
    total = points.groupby("respondent_id")["importance"].transform("sum")
    used = points[(total >= 95) & (total <= 105)].assign(share=points["importance"] / total)
    by_hand = used.groupby("dimension", observed=True)[["share", "weight"]].apply(
        lambda part: np.average(part["share"], weights=part["weight"])
    )
    assert dict(zip(found["dimension"].astype(str), found["importance"], strict=True)) == pytest.approx(by_hand.to_dict())


def test_importance_that_was_not_asked_of_a_touchpoint_is_said_to_be_so():
    study = sample()
    told = cx.burden(study.responses, importance="stated", **study.design)
    assert told.missing.startswith("the points were spread over dimensions, and say nothing of each touchpoint")
    assert "no overall judgement" in cx.burden(study.responses, **study.design).missing
    assert "no column 'importance'" in cx.burden(FOUR, importance="stated").missing


def test_equal_importance_is_said_and_makes_no_moment_that_matters():
    table = cx.burden(journeys(), importance=None, **FEW)
    assert any(note.startswith("Importance was not measured") for note in table.notes)
    assert set(table.frame["moment_that_matters"]) <= {"candidate", ""}
    assert table.frame["moment_that_matters"].iloc[0] == "candidate"


def test_a_moment_that_matters_is_surely_important_and_surely_heavy():
    frame = journeys(gaps={"Order": -0.1, "Pay": -0.1, "Help": -2.0})
    frame["judged"] = np.where(frame["touchpoint"] == "Help", 3.0, 1.0) * frame["perception"] + frame["judged"] % 0.3
    found = cx.burden(frame, outcome="judged", replicates=199, seed=1).frame.set_index("touchpoint")
    assert found["moment_that_matters"].to_dict() == {"Help": "moment", "Order": "", "Pay": ""}
    assert found.loc["Help", "importance_lower"] > 1 / 3
    assert (found["importance_lower"] <= found["importance"]).all()
    assert (found["importance"] <= found["importance_upper"]).all()


def test_what_goes_the_wrong_way_or_has_too_few_pairs_is_flagged():
    frame = journeys(gaps={"Order": -0.2, "Pay": -0.4, "Help": -1.0}, met={"Help": 0.04})
    frame["judged"] = np.where(frame["touchpoint"] == "Pay", -1.0, 1.0) * frame["perception"]
    table = cx.burden(frame, outcome="judged", **FEW)
    found = table.frame.set_index("touchpoint")
    assert found["flags"].to_dict() == {"Order": "", "Pay": "NEGATIVE_SLOPE", "Help": "BORROWED_IMPORTANCE|UNSTABLE"}
    assert found["importance"].to_dict() == pytest.approx({"Order": 2 / 3, "Pay": 0.0, "Help": 1 / 3})
    assert any(note.endswith("which counts as no importance: Pay.") for note in table.notes)


def test_a_huge_gap_that_hardly_anybody_meets_does_not_lead():
    frame = journeys(gaps={"Order": -0.5, "Claim": -4.0}, met={"Claim": 0.02})
    assert cx.burden(frame, outcome="judged", **FEW).frame["touchpoint"].tolist() == ["Order", "Claim"]


@pytest.mark.parametrize(
    "reach", [{"Pay": 0.2, "Help": 0.9}, pd.DataFrame({"touchpoint": ["Help", "Pay"], "reach": [0.9, 0.2]})]
)
def test_reach_may_be_what_the_company_counted(reach):
    table = cx.burden(FOUR, importance="equal", reach=reach, customers=1000, **FEW)
    found = table.frame.set_index("touchpoint")
    assert found["reach"].to_dict() == {"Pay": 0.2, "Help": 0.9}
    assert found["reach_low"].tolist() == found["reach_high"].tolist() == found["reach"].tolist()
    assert found["volume"].to_dict() == pytest.approx({"Pay": 150.0, "Help": 1800.0})
    assert "Reach is the share of active customers, as it was given." in table.notes


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"importance": "stted"}, 'Did you mean \'stated\'|must be "derived", "stated"'),
        ({"importance": {"Pay": 1.0}}, "it lacks 'Help'"),
        ({"importance": {"Pay": -1.0, "Help": 1.0}}, "not negative"),
        ({"importance": "equal", "reach": {"Pay": 0.5}}, "must have a share for 'Help'"),
        ({"importance": "equal", "reach": {"Pay": 50, "Help": 0.1}}, "from 0 to 1; 'Pay' has 50"),
        ({"importance": "equal", "tolerance": -1}, "`tolerance` must be"),
    ],
)
def test_what_cannot_be_weighed_is_refused(options, says):
    with pytest.raises(ArgumentError, match=says):
        cx.burden(FOUR, **options)


def test_small_touchpoints_are_left_out_and_counted():
    table = weighed()
    assert "Claim damage" not in str(table.record())
    assert "1 group with too few respondents, or hidden to protect one, took no part." in table.notes


def test_shortfalls_without_errors_of_measurement_stand_beside_the_raw_ones():
    """Methods 5.1: normal gaps with the spread of the scores, and with the reliable part of it."""
    frame, study = weighed(by="dimension", replicates=49).frame, sample()
    spread = cx.customer_gap(study.responses, by="dimension", **study.design).frame
    spread = spread.set_index("dimension").loc[frame["dimension"], "std_dev"].to_numpy(float)
    mean = frame["estimate"].to_numpy()
    told = cx.reliability(study.responses, by="dimension", **study.design, replicates=9).frame
    told = told[told["battery"] == "gap"].set_index("dimension").loc[frame["dimension"].astype(str), "r_dd"].to_numpy()
    assert frame["r_dd"].to_numpy() == pytest.approx(told, rel=1e-9)
    raw, reliable = (
        normal_shortfall(mean * 100 / 6, spread * 100 / 6),
        reliable_shortfall(mean * 100 / 6, spread * 100 / 6, told),
    )
    assert frame["shortfall_normal"].to_numpy() == pytest.approx(raw.mean, rel=1e-6)
    assert frame["shortfall_reliable"].to_numpy() == pytest.approx(reliable.mean, rel=1e-6)
    assert frame["prevalence_reliable"].to_numpy() == pytest.approx(reliable.prevalence, rel=1e-6)
    assert (frame["shortfall_reliable"] < frame["shortfall_normal"]).all()


def test_the_sample_study_is_led_by_what_its_truth_says():
    """The truth of the sample: a gap of -0.8 at Receive the parcel, which a third of customers meet; -1.0 at Claim damage."""
    frame = weighed().frame
    assert frame["touchpoint"].astype(str).tolist()[:2] == ["Receive the parcel", "Follow the parcel"]
    assert frame["rank_high"].iloc[0] == 1
    assert frame["burden_share"].sum() == pytest.approx(1)
    assert frame["importance"].sum() == pytest.approx(1)
    assert np.allclose(frame["burden"], frame["reach"] * frame["importance"] * frame["shortfall"])
    for name in ("reach", "importance", "shortfall", "prevalence", "burden", "burden_share"):
        assert (frame[f"{name}_low"] <= frame[name]).all()
        assert (frame[name] <= frame[f"{name}_high"]).all()


def test_all_that_may_be_the_heaviest_are_named():
    near = journeys(gaps={"Order": -0.5, "Pay": -0.5, "Help": 1.5})
    table = cx.burden(near, importance="equal", replicates=199, seed=1)
    assert table.title.endswith("carries the most of the burden; the data cannot tell which")
    assert any(note == "Ranks 1 and 2 cannot be told apart: Order and Pay." or "Pay and Order" in note for note in table.notes)


@pytest.mark.slow
def test_rank_sets_hold_all_true_ranks_at_the_nominal_rate():
    """Mogstad et al. (2024): all true ranks lie in their intervals in at least 95 of 100 samples; 120 samples err by 2."""
    gaps = {"A": -0.9, "B": -0.8, "C": -0.7, "D": -0.7}
    held = 0
    for seed in range(120):
        frame = journeys(seed, 150, gaps=gaps, met={"A": 0.8, "B": 0.8, "C": 0.8, "D": 0.8}, spread=0.8)
        found = cx.burden(frame, importance="equal", replicates=199, seed=seed).frame.set_index("touchpoint")
        true = {"A": (1, 1), "B": (2, 2), "C": (3, 4), "D": (3, 4)}
        held += all(
            found.loc[name, "rank_low"] <= low and found.loc[name, "rank_high"] >= high for name, (low, high) in true.items()
        )
    assert held / 120 >= 0.91


@pytest.mark.slow
def test_burden_on_spark(spark):
    own = ["reach", "importance", "shortfall", "burden"]
    one, other = (cx.burden(frame, importance=GIVEN, **FEW).frame for frame in (spark(FOUR), FOUR))
    assert one[own].to_numpy() == pytest.approx(other[own].to_numpy())


def test_where_importance_goes_with_nothing_no_order_is_told():
    """The slopes of two touchpoints of a judgement at random are below 0 here, which left the third with all of the burden."""
    rng, opened = np.random.default_rng(3), 0
    person, place = np.repeat(np.arange(120), 3), np.tile(np.arange(3), 120)
    for _ in range(12):
        held = pd.DataFrame({"respondent_id": person, "touchpoint": place.astype(str), "item": "q1", "dimension": "all"})
        held = held.assign(expectation=6.0, perception=rng.integers(2, 8, 360).astype(float), sat=rng.normal(size=360))
        table = cx.burden(held[rng.random(360) < 0.7], outcome="sat", scale=(1, 7), replicates=199)
        if open_ := any("not shown to go with any touchpoint" in note for note in table.notes):
            assert (table.frame["rank_low"] == 1).all()
            assert (table.frame["rank_high"] == 3).all()
            assert not (table.frame["moment_that_matters"] == "moment").any()
        opened += open_
    assert opened >= 10


def test_a_whole_outcome_section_is_not_a_column():
    with pytest.raises(ArgumentError, match=r"study\.outcome"):
        cx.burden(pd.DataFrame(), outcome={"outcome": "sat"})
