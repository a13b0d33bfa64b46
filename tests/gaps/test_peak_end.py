"""Mean, worst, best and end of journeys: arithmetic of the features, what is told of them, and when nothing is."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from conftest import ENGINES
from pandas.testing import assert_frame_equal

import cxgap as cx
from cxgap.errors import ArgumentError
from cxgap.stats.lmg import lmg
from cxgap.stats.peaks import features
from cxgap.stats.regression import least_squares, nested_test

NAMES = [f"t{number}" for number in range(6)]


def rated(seed: int = 1, people: int = 250, *, end: float = 0.5, worst: float = 0.4) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    length = random.integers(3, 7, people)
    person = np.repeat(np.arange(people), length)
    step = np.concatenate([np.arange(each) for each in length])
    frame = pd.DataFrame(
        {
            "respondent_id": [f"r{number:04d}" for number in person],
            "touchpoint": pd.Categorical([NAMES[place] for place in step], categories=NAMES, ordered=True),
            "item": "i",
            "expectation": 5.0,
            "perception": np.clip(np.round(random.normal(5, 1.2, len(person))), 1, 7),
            "at": pd.Timestamp("2026-01-01") + pd.to_timedelta(step, unit="h"),
        }
    )
    rating = frame.groupby("respondent_id")["perception"]
    whole = worst * rating.min() + end * rating.last() + random.normal(0, 0.7, people)
    return frame.assign(whole=frame["respondent_id"].map(whole))


def of(frame: pd.DataFrame, **asks: object) -> pd.DataFrame:
    return cx.peak_end(frame, outcome="whole", **{"replicates": 199, **asks}).frame.set_index("feature")


def test_features_are_what_they_are_called():
    """Arithmetic: 4, 2, 6 and 3, 3, 5, 7; the slope of 3, 3, 5, 7 on 0, 1, 2, 3 is (-1.5 x 3 - .5 x 3 + .5 x 5 + 1.5 x 7)/5."""
    found = features(np.array([4.0, 2, 6, 3, 3, 5, 7]), np.array([0, 0, 0, 1, 1, 1, 1]), 2)
    assert found.tolist() == [[4, 2, 6, 6, 1, 3], [4.5, 3, 7, 7, 1.4, 4]]


@pytest.mark.parametrize("engine", [name for name in ENGINES if name != "pyarrow"])
def test_shares_are_those_of_lmg_and_tests_those_of_nested_models(engine):
    """In R: calc.relimp(type = "lmg") of lm(whole ~ mean + worst + best + end), and anova against lm(whole ~ mean)."""
    frame = rated()
    found = of(ENGINES[engine](frame))
    rating = frame.groupby("respondent_id")["perception"]
    x = np.column_stack([rating.mean(), rating.min(), rating.max(), rating.last()])
    y = frame.groupby("respondent_id")["whole"].first().to_numpy()
    both = np.cov(np.column_stack([x, y]).T)
    assert found["lmg"].iloc[:4].to_numpy() == pytest.approx(lmg(both).share, abs=1e-12)
    assert found["r2_with"].iloc[0] == pytest.approx(least_squares(x, y).r2)
    assert found.loc["end", "r2_without"] == pytest.approx(least_squares(x[:, :3], y).r2)
    together = found.loc["worst, best and end"]
    assert together["r2_without"] == pytest.approx(least_squares(x[:, 0], y).r2)
    assert together["lmg"] == pytest.approx((together["r2_with"] + least_squares(x[:, 1:], y).r2 - together["r2_without"]) / 2)
    assert found.loc["length", "r"] == pytest.approx(np.corrcoef(rating.size(), y)[0, 1])
    assert nested_test(least_squares(x[:, 0], y), least_squares(x, y)).p_value < 1e-6
    assert together["p_value"] < 1e-6
    assert (found["flags"] == "").all()


def test_the_end_is_found_by_time_whatever_the_order_of_rows():
    frame = rated()
    assert_frame_equal(of(frame.sample(frac=1, random_state=5)), of(frame), rtol=1e-9)
    backwards = of(frame.assign(at=-frame["at"].astype("int64")))
    assert backwards.loc["end", "r"] < of(frame).loc["end", "r"] - 0.2
    assert backwards.loc["trend", "r"] == pytest.approx(-of(frame).loc["trend", "r"])
    assert backwards.loc["worst", "r"] == pytest.approx(of(frame).loc["worst", "r"])


def test_times_far_apart_follow_each_other_as_the_calendar_has_them():
    frame = rated(people=60)
    step = frame["touchpoint"].cat.codes.astype("int64")
    far = frame.assign(at=pd.Timestamp("2019-11-30 23:59:58") + pd.to_timedelta(step * 31_000_003, unit="s"))
    assert_frame_equal(of(far), of(frame))
    assert_frame_equal(of(frame.assign(at=step.astype(float))), of(frame))


def test_ratings_of_one_time_are_flagged_and_follow_the_declared_order():
    frame = rated()
    once = frame.assign(at=pd.Timestamp("2026-02-01"))
    found = of(once)
    assert set(found["flags"]) == {"RETROSPECTIVE"}
    assert found["lmg"].tolist() == pytest.approx(of(frame)["lmg"].tolist(), nan_ok=True)
    assert "rated at one time" in " ".join(cx.peak_end(once, outcome="whole", replicates=99).notes)
    plain = once.assign(touchpoint=once["touchpoint"].astype(str))
    with pytest.raises(ArgumentError, match="name the touchpoints in their order"):
        of(plain)
    assert_frame_equal(of(plain, order=NAMES), found)
    with pytest.raises(ArgumentError, match="it lacks 't5'"):
        of(plain, order=NAMES[:5])


@pytest.mark.slow
def test_the_worst_and_the_end_are_said_to_matter_as_rarely_as_it_says_where_the_mean_is_all():
    """Of 40 samples in which the mean is all that counts, 5 % may find more, and three standard errors."""
    found = 0
    for seed in range(40):
        frame = rated(seed, 80, end=0.0, worst=0.0)
        frame["whole"] += frame.groupby("respondent_id")["perception"].transform("mean")
        table = cx.peak_end(frame, outcome="whole", replicates=9)
        found += table.title.startswith("The worst")
    assert found <= 40 * 0.05 + 3 * np.sqrt(40 * 0.05 * 0.95)
    assert cx.peak_end(rated(), outcome="whole", replicates=9).title.startswith("The worst")


def test_few_journeys_short_ones_and_other_judgements_tell_nothing():
    few = cx.peak_end(rated(people=39), outcome="whole")
    assert "cannot tell from 39 journeys" in few.title
    assert few.frame.drop(columns=["feature", "n", "flags"]).isna().all(axis=None)
    frame = rated()
    short = frame[frame["touchpoint"].isin(NAMES[:2])]
    assert "nobody rated 3 touchpoints" in cx.peak_end(short, outcome="whole").missing
    assert "fewer than 300 respondents" in cx.peak_end(frame, outcome="whole", min_n=300).missing
    assert "differs between the touchpoints" in cx.peak_end(frame, outcome="perception").missing
    assert "no judgement of the whole" in cx.peak_end(frame).missing
    unread = frame.assign(recommend=frame["whole"].astype(str))  # as a study has a column that it does not declare
    assert (
        '[outcomes.recommend] with of = "journey"'
        in cx.peak_end(unread, outcomes=pd.DataFrame({"column": ["joy"], "of": ["visit"]})).missing
    )
    declared = pd.DataFrame({"column": ["joy", "whole"], "of": ["visit", "journey"]})
    assert not cx.peak_end(frame, outcomes=declared, replicates=9).missing


@pytest.mark.slow
def test_peak_and_end_on_pyspark(spark):
    frame = rated(people=60)
    assert_frame_equal(of(spark(frame)), of(frame), rtol=1e-9)


@pytest.mark.parametrize("order", [3, [1, 2, 3], None])
def test_an_order_that_is_none_is_refused(order):
    frame = pd.DataFrame({"respondent_id": [1], "touchpoint": ["A"], "expectation": [5.0], "perception": [5.0], "z": [1.0]})
    with pytest.raises(ArgumentError, match="`order` must be the name of a column"):
        cx.peak_end(frame, outcome="z", order=order)
