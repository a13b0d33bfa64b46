"""Entities at one mix of customers: the numbers of least squares, nothing where there is nothing, and who is hidden."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from conftest import ENGINES
from pandas.testing import assert_frame_equal
from samples import sample

from cxgap.errors import ArgumentError
from cxgap.gaps.case_mix import case_mix
from cxgap.gaps.customer import customer_gap


def people(seed: int = 1, n: int = 600, *, effect: float = 0.0, mix: float = 0.5) -> pd.DataFrame:
    """Four regions; old customers are content with less and live more in some; region D has a gap of its own."""
    random = np.random.default_rng(seed)
    region = random.choice(list("ABCD"), n)
    old = random.random(n) < np.where(np.isin(region, ["C", "D"]), 0.5 + mix / 2, 0.5 - mix / 2)
    gap = 0.8 * old + effect * (region == "D") + random.normal(0, 1, n)
    return pd.DataFrame(
        {
            "respondent_id": np.arange(n),
            "region": region,
            "segment": np.where(old, "old", "new"),
            "age": random.integers(18, 80, n).astype(float),
            "weight": random.choice([0.5, 1.0, 2.0], n),
            "psu": random.integers(0, 60, n),
            "expectation": 5.0,
            "perception": 5 + gap,
        }
    )


SHOWN = ["n", "n_eff", "raw", "estimate", "std_error", "difference", "p_adjusted", "rank", "rank_low", "rank_high", "finding"]


def by_region(table) -> pd.DataFrame:
    return table.frame.set_index("region").sort_index()


@pytest.mark.parametrize("engine", ENGINES)
def test_adjusted_means_are_a_regressions_and_raw_ones_the_customer_gaps(engine):
    """By numpy.linalg.lstsq; the raw means and their intervals to the last digit those of `customer_gap`."""
    frame = people()
    found = by_region(case_mix(ENGINES[engine](frame), adjust=["segment", "age"], weight="weight"))
    root = np.sqrt(frame["weight"].to_numpy())
    who = np.column_stack([frame["segment"] == "old", frame["age"]]).astype(float)
    who -= np.average(who, axis=0, weights=frame["weight"])
    columns = np.column_stack([*(frame["region"] == name for name in "ABCD"), who]).astype(float)
    gap = (frame["perception"] - frame["expectation"]).to_numpy()
    beta = np.linalg.lstsq(columns * root[:, None], gap * root, rcond=None)[0]
    assert found["estimate"].to_numpy() == pytest.approx(beta[:4], abs=1e-9)
    raw = customer_gap(frame, by="region", weight="weight").frame.set_index("region")
    for name, of in (("raw", "estimate"), ("raw_low", "conf_low"), ("raw_high", "conf_high"), ("n", "n"), ("n_eff", "n_eff")):
        assert found[name].to_numpy() == pytest.approx(raw[of].to_numpy(), rel=1e-12)


def test_a_difference_that_is_the_mix_goes_and_one_that_is_the_regions_stays():
    mixed, own = case_mix(people(n=2000), adjust="segment"), case_mix(people(n=2000, effect=-0.6), adjust="segment")
    raw = case_mix(people(n=2000), adjust=[])
    assert "than the mean" in raw.title  # more old customers
    assert mixed.title == "No region differs from the mean by more than chance"
    assert set(mixed.frame["finding"]) <= {"like the mean", "cannot tell"}
    assert own.title.startswith("Region D is worse than the mean")
    assert own.frame["region"].iloc[0] == "D"
    assert (own.frame["rank_high"].iloc[0], own.frame["may_be_worst"].sum()) == (1, 1)


def test_where_the_mix_is_the_same_adjusting_moves_nothing():
    """Every region has the same customers, so that adjusters are independent of it."""
    random = np.random.default_rng(3)
    cells = pd.MultiIndex.from_product([list("ABCD"), ["old", "new"], range(30)], names=["region", "segment", "copy"])
    frame = cells.to_frame(index=False).assign(respondent_id=range(240), expectation=5.0)
    frame["perception"] = 5 + 0.7 * (frame["segment"] == "old") + random.normal(0, 1, 240)
    found = case_mix(frame, adjust="segment").frame
    assert found["estimate"].to_numpy() == pytest.approx(found["raw"].to_numpy(), abs=1e-12)
    assert found["r2_adjusters"].iloc[0] > 0.05
    assert (found["std_error"].to_numpy() < (found["raw_high"] - found["raw"]).to_numpy() / 1.9).all()  # and makes surer


@pytest.mark.parametrize("design", [{"weight": "weight"}, {"weight": "weight", "psu": "psu"}, {}])
def test_labels_order_of_rows_and_units_of_weights_change_nothing(design):
    frame = people(effect=-0.5)
    table = case_mix(frame, adjust=["segment", "age"], **design)
    other = frame.sample(frac=1, random_state=4).assign(
        weight=lambda made: 9 * made["weight"],
        segment=lambda made: made["segment"].map({"old": "a", "new": "z"}),
        age=lambda made: 1 - made["age"] / 10,
    )
    again = case_mix(other, adjust=["age", "segment"], **design)
    assert_frame_equal(by_region(table)[SHOWN], by_region(again)[SHOWN], rtol=1e-7)


def test_a_column_without_respondents_ids_and_any_outcome_will_do():
    """Each row is somebody; where a low value is good, the highest is the worst."""
    frame = people(effect=-0.8, n=1500).drop(columns=["respondent_id", "expectation"]).rename(columns={"perception": "minutes"})
    high, low = (case_mix(frame, of="minutes", adjust="segment", better=better) for better in ("high", "low"))
    assert high.frame["region"].iloc[0] == low.frame["region"].iloc[-1] == "D"
    assert by_region(high).loc["D", "finding"] == "worse than the mean"
    assert by_region(low).loc["D", "finding"] == "better than the mean"
    assert by_region(high)["estimate"].to_numpy() == pytest.approx(by_region(low)["estimate"].to_numpy(), abs=1e-12)


def test_an_adjuster_that_is_the_entity_is_refused_by_name():
    frame = people().assign(land=lambda made: made["region"].map({"A": "north", "B": "north", "C": "south", "D": "south"}))
    with pytest.raises(ArgumentError, match="`adjust` must not hold 'land', which is the same for all respondents of a region"):
        case_mix(frame, adjust=["segment", "land"])
    with pytest.raises(ArgumentError, match="must not hold 'region', which is compared"):
        case_mix(frame, adjust=["region"])
    frame["branch"] = np.where(frame["region"] == "A", "A1", frame["segment"])
    told = case_mix(frame, adjust=["branch"])
    assert told.missing.startswith("'branch' and 'region' cannot be told apart")


def test_what_the_survey_does_not_have_is_not_measured():
    frame = people()
    assert "'city'" in case_mix(frame, between="city").missing
    assert "'channel' to adjust for" in case_mix(frame, adjust=["segment", "channel"]).missing
    assert "two must have enough respondents" in case_mix(frame[frame["region"] == "A"], adjust="segment").missing


def test_few_respondents_are_hidden_and_nobody_can_be_told_by_subtraction():
    frame = people()
    few = frame[(frame["region"] != "A") | (frame["respondent_id"] < 20)]
    assert 0 < (few["region"] == "A").sum() < 10
    table = case_mix(few, adjust="segment", min_n=10, weight="weight")
    found = by_region(table)
    assert (found["finding"] == "not shown").sum() == 2
    assert found.loc["A", "flags"] == "SUPPRESSED_PRIVACY"
    assert (found["flags"] == "SUPPRESSED_SECONDARY").sum() == 1
    hidden = found[found["finding"] == "not shown"]
    assert hidden[["n", "raw", "estimate", "shrunk", "rank", "difference", "p_value"]].isna().all(axis=None)
    assert "fewer than 10 respondents" in table.notes[-1]


def test_what_is_shown_hangs_on_no_answer_of_those_that_are_hidden():
    """Else the mean of all gives away that of the entity hidden to protect the smallest, and then the smallest itself."""
    region = np.repeat(list("ABCD"), [7, 12, 30, 40])
    gap = np.random.default_rng(0).normal(size=len(region))
    frame = pd.DataFrame({"respondent_id": np.arange(len(region)), "touchpoint": "Shop", "region": region, "item": "q1"})
    frame = frame.assign(dimension="all", expectation=6.0, perception=6 + gap)
    table = case_mix(frame, adjust=[], min_n=10)
    assert set(table.frame.loc[table.frame["finding"] == "not shown", "region"]) == {"A", "B"}
    moved = frame.assign(perception=frame["perception"] - 3.0 * frame["region"].isin(["A", "B"]))
    assert_frame_equal(case_mix(moved, adjust=[], min_n=10).frame, table.frame)
    assert case_mix(frame.assign(expectation=np.nan), adjust=[]).missing == "nobody has both the gap and a region"


def test_ids_and_texts_of_single_people_make_no_entities():
    frame = people(n=60).assign(customer_id=range(60))
    with pytest.raises(ArgumentError, match="holds ids"):
        case_mix(frame, between="customer_id", adjust=[], min_n=10)
    with pytest.raises(ArgumentError, match="not 'item'"):
        case_mix(frame.assign(item="q1"), between="item", adjust=[])


def test_departments_come_from_the_table_of_touchpoints():
    """A respondent of two touchpoints of a department counts once there, with the mean of both."""
    study = sample()
    table = case_mix(study.responses, between="department", adjust=[], registry=study.touchpoints, **study.design)
    home = study.touchpoints.set_index("touchpoint")["department"].astype(object)
    merged = study.responses.assign(department=study.responses["touchpoint"].astype(object).map(home))
    direct = customer_gap(merged, by="department", **study.design).frame.set_index("department")
    found = table.frame.set_index("department")
    assert found["n"].to_dict() == direct["n"].to_dict()
    assert found["raw"].to_dict() == pytest.approx(direct["estimate"].to_dict(), abs=1e-9)
    assert table.title.startswith("Department Delivery is worse than the mean")


@pytest.mark.slow
def test_regions_alike_are_left_alone_at_the_stated_rate():
    """120 clustered surveys whose regions differ by their customers alone: at 5 %, 10 % is 2.5 standard errors above."""
    found = 0
    for seed in range(120):
        table = case_mix(people(seed, 240), adjust="segment", weight="weight", psu="psu")
        found += "by more than chance" not in table.title
    assert found / 120 <= 0.1
