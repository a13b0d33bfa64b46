"""Penalty and reward: the saturated arithmetic of O-5.4, what a straight line gives, and what the design must hold."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from conftest import ENGINES
from pandas.testing import assert_frame_equal

import cxgap as cx
from cxgap.errors import ArgumentError, ColumnError
from cxgap.stats.asymmetry import asymmetry, kind_of, thirds
from cxgap.stats.regression import least_squares


def judged(gap: np.ndarray, outcome: np.ndarray, **columns: object) -> pd.DataFrame:
    people = [f"r{number:05d}" for number in range(len(gap))]
    frame = pd.DataFrame({"respondent_id": people, "touchpoint": "t", "item": "i", "expectation": 4.0, "perception": 4.0 + gap})
    return frame.assign(joy=outcome, **columns)


def saturated(low: float = 4.0, middle: float = 6.0, high: float = 6.5, each: int = 30) -> pd.DataFrame:
    gap = np.repeat([-1.0, 0.0, 1.0], each)
    return judged(gap, np.repeat([low, middle, high], each) + np.tile([-0.5, 0.5], 3 * each // 2))


def row(frame: pd.DataFrame, **asks: object) -> pd.Series:
    (found,) = [each for _, each in cx.penalty_reward(frame, outcome="joy", **asks).frame.iterrows()]
    return found


@pytest.mark.parametrize("engine", ENGINES)
def test_the_oracle(engine):
    """Arithmetic: means 4, 6 and 6.5 give a penalty of -2, a reward of .5, a range of 2.5, shares of .8 and .2, and -.6."""
    (found,) = [each for _, each in cx.penalty_reward(ENGINES[engine](saturated()), outcome="joy").frame.iterrows()]
    names = ["pi", "ri", "riocs", "sgp", "dgp", "ia", "ia_linear"]
    assert [found[name] for name in names] == pytest.approx([-2, 0.5, 2.5, 0.2, 0.8, -0.6, 0], abs=1e-12)
    assert found["class"] == "basic"
    assert (found["n"], found["n_low"], found["n_middle"], found["n_high"]) == (90, 30, 30, 30)


def test_errors_and_the_test_of_equal_sizes_are_those_of_hc3():
    """MacKinnon & White (1985): in a group of n alike in x, the variance of its mean is the sum of squares over (n - 1)^2."""
    frame = saturated()
    found = row(frame)
    variance = 30 * 0.25 / 29**2  # of each of the three means
    t = 1.98761  # qt(.975, 87)
    assert (found["pi_high"] - found["pi_low"]) / 2 == pytest.approx(t * np.sqrt(2 * variance), rel=1e-5)
    # low + high - 2 middle has the variance (1 + 1 + 4) v.
    assert found["f"] == pytest.approx(1.5**2 / (6 * variance), rel=1e-9)
    assert (found["df1"], found["df2"]) == (1, 87)


def test_dimensions_of_a_visit_are_fitted_together_and_touchpoints_one_by_one():
    """Each dimension's penalty is the coefficient of lm(joy ~ low1 + high1 + low2 + high2), not the difference of two means."""
    random = np.random.default_rng(2)
    gaps = np.sign(random.normal(size=(400, 2)) + random.normal(size=(400, 1))).astype(float)
    gaps[random.random((400, 2)) < 0.3] = 0.0
    joy = 5 + np.where(gaps[:, 0] < 0, -1.0, 0.2 * gaps[:, 0]) + 0.5 * gaps[:, 1] + random.normal(size=400)
    parts = [judged(gaps[:, k], joy, dimension=name) for k, name in enumerate(("first", "second"))]
    frame = pd.concat(parts)
    found = cx.penalty_reward(frame, outcome="joy", by="dimension").frame.set_index("dimension")
    columns = np.column_stack([gaps[:, 0] < 0, gaps[:, 0] > 0, gaps[:, 1] < 0, gaps[:, 1] > 0]).astype(float)
    slope = least_squares(columns, joy).coefficients
    assert found[["pi", "ri"]].to_numpy().ravel() == pytest.approx(slope[1:], abs=1e-12)
    assert found.loc["first", "class"] == "basic"
    places = pd.concat([part.assign(touchpoint=part["dimension"], dimension="d") for part in parts])
    alone = cx.penalty_reward(places, outcome="joy").frame.set_index("touchpoint")
    assert alone.loc["first", "pi"] == pytest.approx(joy[gaps[:, 0] < 0].mean() - joy[gaps[:, 0] == 0].mean())
    assert alone.loc["first", "pi"] < found.loc["first", "pi"] < 0
    cut = cx.penalty_reward(frame.assign(touchpoint=np.tile(["a", "b"], 400)), outcome="joy", by="touchpoint,dimension").frame
    assert cut[["touchpoint", "dimension"]].to_numpy().tolist() == [[p, d] for p in "ab" for d in ("first", "second")]


def linear(seed: int, people: int = 300, at: float = 0.0, noise: float = 1.0) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    gap = np.clip(np.round(random.normal(at, 1, people)), -3, 3)
    return judged(gap, 5 + 0.6 * gap + noise * random.normal(size=people))


def test_symmetric_linear_data_are_called_lopsided_as_rarely_as_it_says():
    """120 samples; 5 % of intervals may miss an index of 0, and three standard errors."""
    missed = 0
    for first in range(0, 120, 20):  # each sample a touchpoint of its own people
        parts = [linear(first + k, people=200).assign(touchpoint=f"t{k}") for k in range(20)]
        frame = pd.concat([part.assign(respondent_id=part["touchpoint"] + part["respondent_id"]) for part in parts])
        missed += cx.penalty_reward(frame, outcome="joy", replicates=199).frame["class"].isin(["basic", "excitement"]).sum()
    assert missed <= 120 * 0.05 + 3 * np.sqrt(120 * 0.05 * 0.95)


def test_a_straight_line_is_not_taken_for_asymmetry_where_most_fell_short():
    """With a mean gap of -1 low lies further from the middle than high: the index is below 0 though the line is straight."""
    found = [row(linear(seed, people=900, at=-1.0, noise=0.4), replicates=199) for seed in range(8)]
    assert sum(each["class"] == "basic" for each in found) >= 6
    assert all(each["ia_linear"] < -0.1 for each in found)
    assert sum(each["class"] == "basic" and "STRAIGHT_LINE" not in each["flags"] for each in found) <= 1
    bent = linear(1, people=900, at=-1.0)
    gap = bent["perception"] - 4
    bent["joy"] += np.where(gap < 0, 0.5 * gap, -0.5 * gap)
    table = cx.penalty_reward(bent, outcome="joy")
    assert "STRAIGHT_LINE" not in table.frame["flags"].iloc[0]
    assert table.title == "Falling short costs more than exceeding earns: t"


def test_a_side_of_the_wrong_sign_counts_as_none():
    """A reward of -.5 leaves the penalty alone: the index is -1; where neither moves anything nothing is told."""
    wrong = row(saturated(high=5.5))
    assert (wrong["ri"], wrong["sgp"], wrong["dgp"], wrong["ia"]) == pytest.approx((-0.5, 0, 1, -1))
    assert wrong["flags"] == "WRONG_SIGN"
    flat = row(saturated(6.0, 6.0, 6.0))
    assert np.isnan([flat["ia"], flat["sgp"], flat["ia_low"]]).all()
    assert flat["class"] == "cannot tell"
    assert np.isfinite([flat["riocs"], flat["p_value"]]).all()


def test_a_level_of_few_tells_nothing():
    few = judged(np.repeat([-1.0, 0.0, 1.0], [19, 60, 60]), np.tile([4.0, 5.0], 70)[:139])
    found = row(few)
    assert np.isnan([found["pi"], found["ia"], found["f"]]).all()
    assert np.isfinite(found["ri"])
    assert found["flags"].startswith("FEW_LEVELS")
    rare = judged(np.repeat([-1.0, 0.0, 1.0], [25, 500, 500]), np.tile([4.0, 5.0], 513)[:1025])
    assert "FEW_LEVELS" in row(rare)["flags"]  # 25 are less than a twentieth of 1,025
    middle = row(judged(np.repeat([-1.0, 1.0], 60), np.tile([4.0, 5.0], 60)))
    assert np.isnan([middle["pi"], middle["ri"], middle["riocs"]]).all()


def test_tolerance_and_tertiles_set_the_levels():
    random = np.random.default_rng(0)
    gap = random.normal(size=300)
    frame = judged(gap, 5 + gap + random.normal(size=300))
    near = row(frame, tolerance=0.5)
    assert near["n_middle"] == (np.abs(gap) <= 0.5).sum()
    assert row(frame, margin=0.5)["n_middle"] == near["n_middle"]  # within it an expectation counts as met
    assert np.isnan(row(frame)["pi"])  # nobody got just what was expected
    third = row(frame, levels="tertiles")
    assert [third[name] for name in ("n_low", "n_middle", "n_high")] == [100, 100, 100]
    assert thirds(np.array([1.0, 1, 1, 1, 2, 3]), np.ones(6)).tolist() == [0, 0, 0, 0, 1, 1]
    assert thirds(np.array([1.0, 2, 3]), np.array([1.0, 1, 1])).tolist() == [-1, 0, 1]


def test_weights_and_repeated_visits_are_heeded():
    frame = saturated()
    plain = row(frame)
    heavy = frame.assign(weight=2.0)
    same = row(heavy, weight="weight")
    assert [same[name] for name in ("pi", "ri", "ia")] == pytest.approx([plain[name] for name in ("pi", "ri", "ia")])
    again = pd.concat([frame.assign(wave="a"), frame.assign(wave="b")])
    twice = row(again)
    assert twice["n"] == plain["n"]
    width = plain["pi_high"] - plain["pi_low"]
    assert twice["pi_high"] - twice["pi_low"] == pytest.approx(width, rel=0.03)  # the same people twice tell no more
    assert_frame_equal(
        cx.penalty_reward(frame.sample(frac=1, random_state=3), outcome="joy").frame,
        cx.penalty_reward(frame, outcome="joy").frame,
        rtol=1e-9,
    )


def test_few_respondents_are_hidden_and_so_is_what_would_tell_them():
    frame = pd.concat(
        [
            part.assign(region=name, respondent_id=name + part["respondent_id"])
            for part, name in ((saturated(), "a"), (saturated(each=20), "b"), (saturated(each=2), "c"))
        ]
    )
    table = cx.penalty_reward(frame, outcome="joy", by="region", min_n=10)
    found = table.frame.set_index("region")
    assert found["flags"].tolist() == ["", "SUPPRESSED_SECONDARY", "SUPPRESSED_PRIVACY"]
    assert found.drop(index="a").drop(columns=["class", "flags"]).isna().all(axis=None)
    assert "60" not in " ".join(table.cells[1])


def test_misuse_is_told():
    frame = saturated()
    with pytest.raises(ArgumentError, match="`levels` must be one of"):
        cx.penalty_reward(frame, outcome="joy", levels="quartiles")
    with pytest.raises(ArgumentError, match="`tolerance` must be"):
        cx.penalty_reward(frame, outcome="joy", tolerance=-1)
    with pytest.raises(ColumnError, match="fun"):
        cx.penalty_reward(frame, outcome="fun")
    assert "judgement" in cx.penalty_reward(frame).missing


def test_kinds_follow_the_interval():
    assert [kind_of(low, high) for low, high in ((-0.8, -0.1), (0.1, 0.6), (-0.3, 0.2), (-0.5, 0.5), (np.nan, 1))] == [
        "basic", "excitement", "hybrid", "cannot tell", "cannot tell",
    ]  # fmt: skip
    none = asymmetry(np.array([0.3]), np.array([-0.2]))
    assert np.isnan(none.lean[0])
    assert none.range[0] == pytest.approx(-0.5)


@pytest.mark.slow
def test_penalty_and_reward_on_pyspark(spark):
    frame = saturated()
    found = cx.penalty_reward(spark(frame), outcome="joy", replicates=99).frame
    assert_frame_equal(found, cx.penalty_reward(frame, outcome="joy", replicates=99).frame, rtol=1e-9)
