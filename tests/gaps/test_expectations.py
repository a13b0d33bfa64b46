"""How expectations are spread, what they vary by and go with, and whether there are segments."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from conftest import ENGINES
from pandas.testing import assert_frame_equal
from samples import sample
from scipy import stats

import cxgap as cx
from cxgap.errors import ArgumentError, ColumnError
from cxgap.stats.lmg import lmg

SCALE = {"scale": (1, 7)}


def asked(people=120, seed=0, apart=0.0, touchpoints=("Shop", "Help")):
    """People of two segments at two touchpoints, one question each; segment B expects `apart` more."""
    random = np.random.default_rng(seed)
    segment = np.array(["A", "B"])[np.arange(people) % 2]
    level = random.normal(4.5, 0.7, people) + apart * (segment == "B")
    rows = [
        {"respondent_id": f"R{who:04d}", "touchpoint": name, "item": "1", "segment": segment[who], "expectation": score,
         "perception": 4.0}
        for who in range(people)
        for name, score in zip(touchpoints, np.clip(level[who] + random.normal(0, 0.5, len(touchpoints)), 1, 7), strict=True)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def factored(people=400, seed=0, share=0.3):
    """People whose expectation goes with a plan and an age, and with no region; `share` is what both explain."""
    random = np.random.default_rng(seed)
    plan, region = random.integers(0, 2, people), random.integers(0, 4, people)
    age = random.normal(size=people)
    part = 0.8 * plan + 0.5 * age
    y = 4 + part * np.sqrt(share / part.var()) + random.normal(0, np.sqrt(1 - share), people)
    return pd.DataFrame(
        {"respondent_id": np.arange(people), "item": "1", "expectation": y, "perception": y + random.normal(size=people),
         "plan": np.array(["basic", "plus"])[plan], "age": age, "region": np.array(list("NESW"))[region]}
    )  # fmt: skip


FACTORS = {"controllable": "plan", "uncontrollable": ["age", "region"]}


def test_a_cell_has_the_numbers_of_its_people():
    """NumPy's quantiles are Hyndman & Fan's number 7, and scipy's interval of a mean is Student's."""
    frame = asked()
    rows = cx.expectations(frame, by=["touchpoint", "segment"], **SCALE).frame
    for (touchpoint, segment), part in frame.groupby(["touchpoint", "segment"]):
        row = rows[(rows["touchpoint"] == touchpoint) & (rows["segment"] == segment)].iloc[0]
        y = part["expectation"].to_numpy()
        assert row[["q10", "q25", "median", "q75", "q90"]].tolist() == pytest.approx(
            np.quantile(y, [0.1, 0.25, 0.5, 0.75, 0.9]).tolist()
        )
        want = stats.t.interval(0.95, len(y) - 1, y.mean(), stats.sem(y))
        assert (row["n"], row["estimate"], row["sd"]) == pytest.approx((60, y.mean(), y.std(ddof=1)))
        assert (row["conf_low"], row["conf_high"]) == pytest.approx(want)
        assert row["median_low"] <= row["median"] <= row["median_high"]


def test_two_segments_are_compared_by_welchs_test_and_holms_account():
    """Welch (1947): of two groups the Wald F is the square of Welch's t, but for n / (n - 1) in the variance; with his df.

    Holm (1979) by hand.
    """
    frame = asked(apart=0.4)
    rows = cx.expectations(frame, by=["touchpoint", "segment"]).frame.drop_duplicates("touchpoint").set_index("touchpoint")
    p = {}
    for touchpoint, part in frame.groupby("touchpoint"):
        groups = [one["expectation"].to_numpy() for _, one in part.groupby("segment")]
        welch = stats.ttest_ind(*groups, equal_var=False)
        assert rows.loc[touchpoint, "f"] == pytest.approx(welch.statistic**2 * (1 - 1 / len(part)))
        assert (rows.loc[touchpoint, "df1"], rows.loc[touchpoint, "df2"]) == (1, pytest.approx(welch.df))
        p[touchpoint] = rows.loc[touchpoint, "p_value"]
        assert p[touchpoint] == pytest.approx(stats.f.sf(rows.loc[touchpoint, "f"], 1, welch.df))
    first, second = sorted(p, key=p.__getitem__)
    assert rows.loc[first, "p_adjusted"] == pytest.approx(min(1, 2 * p[first]))
    assert rows.loc[second, "p_adjusted"] == pytest.approx(max(2 * p[first], p[second]))


def test_segments_without_an_effect_stay_without_one():
    """At 5 % of all touchpoints together: of 20 studies without an effect at most 4 may seem to have one (binomial)."""
    wrong = sum((cx.expectations(asked(60, seed)).frame["finding"] == "differ").any() for seed in range(20))
    assert wrong <= 4
    null = cx.expectations(asked(60, seed=1), **SCALE)
    assert set(null.frame["finding"]) == {"no difference beyond chance"}
    assert null.title == "Segments expect no different beyond chance at any of 2 touchpoints"
    told = cx.expectations(asked(200, apart=1.0), **SCALE)
    assert told.title == "Segments expect different levels at all 2 touchpoints"


def test_few_people_are_hidden_and_nobodys_own_answer_is_told():
    frame = asked(people=64)
    frame.loc[frame["respondent_id"].isin(["R0000", "R0002", "R0004"]), "segment"] = "C"
    table = cx.expectations(frame, by="segment", min_n=10, **SCALE)
    rows = table.frame.set_index("segment")
    assert rows.loc["C", "flags"] == "SUPPRESSED_PRIVACY"
    assert (rows["flags"] == "SUPPRESSED_SECONDARY").sum() == 1  # three segments add up to all
    numbers = rows.drop(columns=["finding", "flags"]).astype(float)
    assert numbers[rows["flags"] != ""].isna().all().all()
    shown = rows[rows["flags"] == ""].iloc[0]
    own = cx.expectations(frame, by="segment").frame.set_index("segment").loc[shown.name]
    assert np.isfinite(own["q10"])
    assert np.isnan(shown["q10"])  # of about 30 people only three stand below
    assert shown["median"] == pytest.approx(own["median"])


def test_who_said_no_perception_counts_too_and_groups_may_be_unknown():
    frame = asked()
    frame.loc[frame["respondent_id"] < "R0030", "perception"] = np.nan
    assert cx.expectations(frame).frame["n"].tolist() == [60] * 4
    assert cx.expectations(frame.drop(columns="segment")).frame["n"].tolist() == [120] * 2
    with pytest.raises(ArgumentError, match="by"):
        cx.expectations(frame.drop(columns="segment"), by="segment")
    with pytest.raises(ColumnError, match="hope"):
        cx.expectations(frame, of="hope")
    with pytest.raises(ArgumentError, match="from 1 to 5"):
        cx.expectations(frame, scale=(1, 5))


OTHERS = ((cx.expectation_variance, {}), (cx.expectation_factors, {"controllable": "plan"}))


@pytest.fixture(scope="module")
def on_pandas():
    frame = asked(apart=0.5).assign(w=lambda rows: 1.0 + (rows["respondent_id"] > "R0050"))
    frame["plan"] = np.where(frame["segment"] == "B", "plus", "basic")
    others = [method(frame, weight="w", replicates=20, **given).frame for method, given in OTHERS]
    return frame, cx.expectations(frame, weight="w", min_n=10, **SCALE), others


@pytest.mark.parametrize("engine", ENGINES)
def test_every_engine_gives_the_same_tables_in_any_order_and_unit_of_weights(engine, on_pandas):
    frame, want, others = on_pandas
    moved = ENGINES[engine](frame.sample(frac=1, random_state=1).assign(w=lambda rows: 9 * rows["w"]))
    found = cx.expectations(moved, weight="w", min_n=10, **SCALE)
    assert_frame_equal(
        found.frame.astype({"touchpoint": str, "segment": str}), want.frame.astype({"touchpoint": str, "segment": str})
    )
    for (method, given), one in zip(OTHERS, others, strict=True):
        assert_frame_equal(method(moved, weight="w", replicates=20, **given).frame, one, rtol=1e-6)


def test_parts_add_up_and_the_person_is_found():
    frame = pd.concat([asked(400, seed=3).assign(item=str(k)) for k in range(3)], ignore_index=True)
    frame["expectation"] += np.random.default_rng(0).normal(0, 0.8, len(frame))
    frame["perception"] = frame["expectation"] + np.random.default_rng(1).normal(0, 0.5, len(frame))
    table = cx.expectation_variance(frame, replicates=200, **SCALE)
    parts = table.frame[table.frame["part"] != "response style"].set_index("part")
    assert parts["share"].sum() == pytest.approx(1)
    assert parts.loc["customer", "conf_low"] < 0.49 / (0.49 + 0.25 + 0.64) < parts.loc["customer", "conf_high"]
    style = table.frame.set_index("part").loc["response style"]
    own = frame.groupby("respondent_id")[["expectation", "perception"]].mean()
    assert style["estimate"] == pytest.approx(own.corr().iloc[0, 1], rel=0.02)
    assert style["conf_low"] < style["estimate"] < style["conf_high"]
    assert any("Subtracting the one from the other removes it" in note for note in table.notes)


def test_a_part_below_nothing_is_shown_as_it_is():
    frame = asked(60, seed=4, touchpoints=("Shop", "Help", "Return"))
    frame["expectation"] = np.random.default_rng(4).normal(4, 0.5, len(frame))
    found = [
        cx.expectation_variance(frame.assign(expectation=np.random.default_rng(k).normal(4, 0.5, len(frame))), replicates=5)
        for k in range(6)
    ]
    below = [table for table in found if table.frame["negative"].any()]
    assert below
    row = below[0].frame[below[0].frame["negative"]].iloc[0]
    assert row["variance"] < 0
    assert row["share"] < 0
    assert any("below 0" in note for note in below[0].notes)
    single = frame.drop_duplicates("respondent_id")
    assert "a single answer" in cx.expectation_variance(single).missing


def test_shares_of_factors_add_up_to_those_of_the_regression():
    """Groemping (2006): the shares sum to R squared; of single columns in one block they are lmg's."""
    frame = factored()
    table = cx.expectation_factors(frame, **FACTORS, replicates=50)
    rows = table.frame.set_index("name")
    x = pd.get_dummies(frame[["plan", "region"]], drop_first=True).astype(float).assign(age=frame["age"])
    fit = np.linalg.lstsq(np.column_stack([np.ones(len(x)), x]), frame["expectation"], rcond=None)
    r2 = 1 - fit[1][0] / ((frame["expectation"] - frame["expectation"].mean()) ** 2).sum()
    assert rows.loc["explained", "lmg"] == pytest.approx(r2)
    for name in ("lmg", "share", "r2_cv"):
        assert rows.loc["controllable", name] + rows.loc["uncontrollable", name] == pytest.approx(rows.loc["explained", name])
        assert rows.loc[["age", "region"], name].sum() == pytest.approx(rows.loc["uncontrollable", name])
        assert rows.loc["unexplained", name] == pytest.approx(1 - rows.loc["explained", name])
    two = cx.expectation_factors(frame.assign(b=frame["age"] + frame["expectation"]), controllable=["age", "b"], replicates=5)
    shares = two.frame[two.frame["part"] == "factor"]["lmg"].to_numpy()
    columns = np.column_stack([frame["age"], frame["age"] + frame["expectation"], frame["expectation"]])
    assert shares == pytest.approx(lmg(np.cov(columns.T)).share, rel=1e-5)


def test_what_chance_adds_is_taken_off_and_a_null_factor_stays_null():
    """With 4 regions that mean nothing, R squared is 3 / (n - 1) by chance; less that it is 0 on average, and so foretold."""
    rows = [
        cx.expectation_factors(factored(120, seed), **FACTORS, replicates=100).frame.set_index("name") for seed in range(25)
    ]
    apparent, share, foretold = (np.array([row.loc["region", name] for row in rows]) for name in ("lmg", "share", "r2_cv"))
    assert apparent.mean() > 0.01
    assert abs(share.mean()) < 3 * share.std(ddof=1) / 5
    assert foretold.mean() < 0.005
    assert sum(row.loc["region", "finding"] == "goes with expectations" for row in rows) <= 4
    assert sum(row.loc["plan", "finding"] == "goes with expectations" for row in rows) >= 20
    whole = np.array([row.loc["explained", "share"] for row in rows])
    assert whole.mean() == pytest.approx(0.3, abs=0.05)
    held = [row.loc["explained", "conf_low"] <= 0.3 <= row.loc["explained", "conf_high"] for row in rows]
    assert sum(held) >= 20


def test_factors_that_tell_each_other_share_alike_and_are_not_tested():
    frame = factored().assign(twin=lambda rows: rows["plan"])
    rows = cx.expectation_factors(frame, controllable=["plan", "twin"], replicates=20).frame.set_index("name")
    assert rows.loc["plan", "lmg"] == pytest.approx(rows.loc["twin", "lmg"], rel=1e-5)
    assert "COLLINEAR" in set(rows.loc[["plan", "twin"], "flags"])


def test_a_promise_is_passed_on_as_far_as_it_is():
    """The gap's slope is perception's less expectation's, exactly; true ones are 0.6 and 0.1."""
    random = np.random.default_rng(5)
    frame = factored(600).assign(promised=random.integers(1, 6, 600).astype(float))
    frame["expectation"] += 0.6 * frame["promised"]
    frame["perception"] = 4 + 0.1 * frame["promised"] + random.normal(size=600)
    table = cx.expectation_factors(frame, **FACTORS, promise="promised", replicates=20)
    slope = table.frame[table.frame["part"] == "promise"].set_index("name")
    assert slope.loc["gap", "slope"] == pytest.approx(slope.loc["perception", "slope"] - slope.loc["expectation", "slope"])
    for name, true in {"expectation": 0.6, "perception": 0.1, "gap": -0.5}.items():
        assert slope.loc[name, "conf_low"] < true < slope.loc[name, "conf_high"]
    assert any("points more expected" in note for note in table.notes)


def test_without_factors_it_says_what_to_type_and_wrong_ones_are_refused():
    table = cx.expectation_factors(factored())
    assert "[factors]" in table.missing
    assert "controllable" in table.missing
    with pytest.raises(ArgumentError, match="share a column"):
        cx.expectation_factors(factored(), controllable="plan", uncontrollable="plan")
    for rating in ("expectation", "perception"):
        with pytest.raises(ArgumentError, match=f"must not name '{rating}': a rating is what is to be explained"):
            cx.expectation_factors(factored(), controllable=rating)
    with pytest.raises(ColumnError, match="plam"):
        cx.expectation_factors(factored(), controllable="plam")
    assert "fewer have" in cx.expectation_factors(factored(30), **FACTORS).missing


def profiled(people=400, far=1.6, seed=0):
    """Two kinds of people, 35 and 65 %: one expects reliability, the other empathy; five questions a dimension."""
    random = np.random.default_rng(seed)
    kind = (np.arange(people) < 0.35 * people).astype(float)
    turned = {"tangibles": 0.0, "reliability": far / 2, "empathy": -far / 2}
    level = random.normal(4, 0.5, people)
    return pd.DataFrame(
        [
            {
                "respondent_id": f"R{who:04d}",
                "dimension": name,
                "item": f"{name} {k}",
                "expectation": np.clip(round(score), 1, 7),
            }
            for who in range(people)
            for name, shift in turned.items()
            for k, score in enumerate(level[who] + shift * (2 * kind[who] - 1) + random.normal(0, 0.7, 5))
        ]
    ).assign(perception=4.0)


def test_two_kinds_of_people_are_segments_with_their_sizes_and_profiles():
    table = cx.expectation_segments(profiled(), resamples=30, **SCALE)
    rows = table.frame
    assert set(rows["result"]) == {"stable segments"}
    assert set(rows.loc[rows["part"] == "check", "holds"]) == {"yes"}
    sizes = rows[rows["part"] == "size"]
    assert sizes["value"].tolist() == pytest.approx([0.65, 0.35], abs=0.03)
    assert (sizes["conf_low"] < sizes["value"]).all()
    small = rows[(rows["segment"] == "Segment 2") & (rows["part"] == "profile")].set_index("name")["value"].astype(float)
    assert small["reliability"] - small["empathy"] == pytest.approx(1.6, abs=0.2)
    assert any("no test of these answers can confirm them" in note for note in table.notes)


def test_one_kind_of_people_has_no_stable_segments_and_the_reason_is_told():
    table = cx.expectation_segments(profiled(far=0.0), **SCALE)
    assert set(table.frame["result"]) == {"no stable segments"}
    assert table.title.startswith("No stable segments: ")
    assert table.frame["reason"].iloc[0] in table.title
    checks = table.frame[table.frame["part"] == "check"]
    assert "no" in set(checks["holds"])
    assert not (table.frame["part"] == "profile").any()
    frame = profiled(far=0.0)
    again = cx.expectation_segments(frame.sample(frac=1, random_state=3), **SCALE)
    assert_frame_equal(again.frame, table.frame)


def test_dimensions_at_the_top_are_left_out_and_few_people_have_no_profile():
    frame = profiled(far=0.0)
    frame.loc[(frame["dimension"] == "empathy") & (frame["respondent_id"] < "R0150"), "expectation"] = 7
    table = cx.expectation_segments(frame, **SCALE)
    assert any("empathy" in note and "top of the scale" in note for note in table.notes)
    assert "at least 200" in cx.expectation_segments(profiled(150), **SCALE).missing
    assert "dimension" in cx.expectation_segments(profiled().drop(columns="dimension"), **SCALE).missing


def test_the_sample_study_shows_what_it_was_made_of():
    """data/sample: plan, promise seen, what others said and segment raise expectations; region does not."""
    study = sample()
    rows = cx.expectation_factors(study.responses, **study.factors, **study.design, replicates=100).frame.set_index("name")
    goes = rows.loc[["plan", "promise_seen", "heard_from_others", "segment", "region"], "finding"]
    assert goes.tolist() == ["goes with expectations"] * 4 + ["goes with nothing we can see"]
    assert rows.loc["unexplained", "share"] > 0.7


@pytest.mark.slow
def test_spark_gives_the_same_tables(spark):
    frame = asked(apart=0.5)
    keys = {"touchpoint": str, "segment": str}
    one, other = (cx.expectations(rows, **SCALE).frame.astype(keys) for rows in (frame, spark(frame)))
    assert_frame_equal(other, one)
    for method, given in ((cx.expectation_variance, {}), (cx.expectation_factors, {"controllable": "segment"})):
        want = method(frame, replicates=5, **given).frame
        assert_frame_equal(method(spark(frame), replicates=5, **given).frame, want, rtol=1e-6)


def test_answers_that_are_all_the_same_have_no_parts():
    frame = asked(60).assign(expectation=5.0)
    assert "all answers are the same" in cx.expectation_variance(frame).missing


def test_a_factor_without_groups_is_not_tested_and_no_share_is_above_all():
    frame = factored(300, share=0.0).assign(one="same")
    table = cx.expectation_factors(frame, controllable="one", uncontrollable="region", replicates=50)
    assert "What the company controls could not be tested" in table.title
    text = str(cx.describe(table))
    assert "What the company controls could not be tested" in text
    assert "half" not in text
    assert "10" not in table.title.split(";")[1].replace("100 %", "")
    with pytest.raises(ArgumentError, match="who people are"):
        cx.expectation_factors(frame, controllable="respondent_id")


def careless(people, how, seed=0):
    """One kind of people, and a tenth who give everything one score, or answer at random."""
    random = np.random.default_rng(seed)
    score = 5.2 + random.normal(0, 0.5, (people, 1)) + random.normal(0, 0.6, (people, 5))
    few = people // 10
    score[:few] = random.integers(1, 8, (few, 1)) if how == "flat" else random.uniform(1, 7, (few, 5))
    who, dimension = np.indices(score.shape).reshape(2, -1)
    return pd.DataFrame(
        {"respondent_id": who, "dimension": dimension.astype(str), "item": "1", "expectation": score.ravel()}
    ).assign(perception=4.0)


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ("flat", "gave all dimensions one score"),
        pytest.param("wide", "less alike than people as a whole", marks=pytest.mark.slow),
    ],
)
def test_people_who_answer_without_care_are_no_segment(how, why):
    """They pass every other condition: found again, told apart clearly, and enough of them."""
    table = cx.expectation_segments(careless(700, how), scale=(1, 7), resamples=10, most=3)
    rows = table.frame
    assert set(rows["result"]) == {"no stable segments"}
    assert why in table.title
    checks = rows[rows["part"] == "check"]
    assert checks["holds"].tolist() == ["yes"] * (len(checks) - 1) + ["no"]
    assert any("careless" in note for note in table.notes)
