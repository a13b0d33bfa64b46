"""The net promoter score of visits, weighed, cut and hidden as the survey asks, on every engine."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from conftest import ENGINES
from judgements import DESIGN, recommended
from pandas.testing import assert_frame_equal

from cxgap.errors import ArgumentError, ColumnError
from cxgap.gaps.loyalty import nps
from cxgap.gaps.loyalty_differences import nps_differences


def mix(promoters: int, passives: int, detractors: int, **columns: object) -> pd.DataFrame:
    answer = np.repeat([9.0, 7.0, 6.0], [promoters, passives, detractors])
    return pd.DataFrame({"respondent_id": range(len(answer)), "recommend": answer, **columns})


@pytest.mark.parametrize("engine", ENGINES)
def test_the_score_is_promoters_less_detractors_with_an_interval_that_holds(engine):
    """Methods O-7.3, in points: 50/30/20 has 30 and 14.05 to 44.20; Rocks (2016)."""
    row = nps(ENGINES[engine](mix(50, 30, 20))).frame.iloc[0]
    assert (row["n"], row["promoters"], row["passives"], row["detractors"]) == (100, 0.5, 0.3, 0.2)
    assert (row["estimate"], row["conf_low"], row["conf_high"]) == pytest.approx((30, 14.05, 44.20), abs=5e-3)
    assert row["std_error"] == pytest.approx(100 * (0.61 / 100) ** 0.5, rel=1e-13)


def test_ten_promoters_are_not_certain():
    """Methods O-7.3: the plain interval would be 100 to 100."""
    table = nps(mix(10, 0, 0))
    row = table.frame.iloc[0]
    assert (row["estimate"], row["conf_high"]) == (100, 100)
    assert row["conf_low"] == pytest.approx(47.5, abs=0.05)
    assert row["flags"] == "UNSTABLE|ZERO_VAR"
    assert table.cells == (("10", "100 %", "0 %", "0 %", "+100", "+48 to +100"),)


def test_nobody_but_detractors_is_minus_a_hundred():
    table = nps(mix(0, 0, 10))
    assert (table.frame["estimate"][0], table.frame["conf_low"][0]) == (-100, -100)
    assert table.title == "Net promoter score: \N{MINUS SIGN}100 (95 % interval \N{MINUS SIGN}100 to \N{MINUS SIGN}48)"


def test_the_same_score_of_other_mixes_shows_its_shares():
    frames = [mix(50, 0, 50).assign(shop="a"), mix(0, 100, 0).assign(shop="b", respondent_id=range(100, 200))]
    table = nps(pd.concat(frames), by="shop")
    assert table.frame["estimate"].tolist() == [0, 0]
    assert [row[2:5] for row in table.cells] == [("50 %", "0 %", "50 %"), ("0 %", "100 %", "0 %")]
    assert table.title == "Net promoter score by shop: 0 throughout"


def test_a_respondent_counts_once_however_many_answers_and_visits():
    """Each visit is of a kind; a respondent's score is the mean over visits, whatever the number of items."""
    rows = [("a", "call", 10), ("a", "call", 10), ("a", "call", 10), ("a", "web", 2), ("b", "call", 9), ("c", "call", 7)]
    frame = pd.DataFrame(rows, columns=["respondent_id", "touchpoint", "recommend"])
    row = nps(frame).frame.iloc[0]
    assert row["n"] == 3
    assert (row["promoters"], row["passives"], row["detractors"]) == pytest.approx((0.5, 1 / 3, 1 / 6))
    assert row["estimate"] == pytest.approx(100 / 3)
    assert row["std_error"] == pytest.approx(100 * np.std([0, 1, 0]) / 3**0.5)
    assert nps(frame, by="touchpoint").frame["estimate"].tolist() == pytest.approx([200 / 3, -100])


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("by", ["", "touchpoint", "segment,wave"])
def test_every_engine_and_order_of_rows_gives_the_same(engine, by):
    frame = recommended()
    expected = nps(frame, by=by, **DESIGN).frame
    shuffled = frame.sample(frac=1, random_state=3)
    if engine == "pyarrow" and by == "touchpoint":
        shuffled = shuffled.astype({"touchpoint": str})
    assert_frame_equal(nps(ENGINES[engine](shuffled), by=by, **DESIGN).frame, expected, rtol=1e-12)


@pytest.mark.slow
def test_pyspark_gives_the_same(spark):
    frame = recommended(people=20)
    assert_frame_equal(nps(spark(frame), by="wave", **DESIGN).frame, nps(frame, by="wave", **DESIGN).frame, rtol=1e-12)
    found = nps_differences(spark(frame), between="wave", **DESIGN).frame
    assert_frame_equal(found, nps_differences(frame, between="wave", **DESIGN).frame, rtol=1e-12)


def test_the_unit_of_weights_and_respondents_without_any_change_nothing():
    frame = recommended()
    expected = nps(frame, by="segment", **DESIGN).frame
    assert_frame_equal(nps(frame.assign(weight=7 * frame["weight"]), by="segment", **DESIGN).frame, expected, rtol=1e-12)
    unasked = frame[frame["weight"] == 0].assign(recommend=10.0, respondent_id="z" + frame["respondent_id"])
    more = pd.concat([frame, unasked.assign(stratum="north", psu="u0", population=200.0)])
    assert_frame_equal(nps(more, by="segment", **DESIGN).frame, expected, rtol=1e-12)


def test_a_row_of_few_is_blanked_and_so_is_one_that_would_give_it_away():
    sizes = {"a": 4, "b": 20, "c": 30}
    shop = np.repeat([*sizes], [*sizes.values()])
    frame = pd.DataFrame({"respondent_id": range(54), "recommend": np.tile([10.0, 3.0], 27), "shop": shop})
    table = nps(frame, by="shop", min_n=10)
    assert table.frame["flags"].tolist() == ["SUPPRESSED_PRIVACY", "SUPPRESSED_SECONDARY", ""]
    assert table.frame.iloc[:2][["n", "promoters", "estimate", "conf_low", "std_error"]].isna().all(axis=None)
    assert [row[1] for row in table.cells] == ["not shown", "not shown", "30"]
    assert "Rows of fewer than 10 respondents are not shown." in table.notes


def test_a_cell_of_one_and_a_cell_of_none_stay_in_the_table():
    frame = mix(2, 0, 0).assign(shop=["a", "b"])
    frame = pd.concat([frame, frame.iloc[:1].assign(shop="c", recommend=np.nan)])
    found = nps(frame, by="shop").frame
    assert found["flags"].tolist() == ["N1|UNSTABLE", "N1|UNSTABLE", "EMPTY"]
    assert found["estimate"].fillna(-1).tolist() == [100, 100, -1]
    assert found["conf_low"].isna().all()


def test_it_is_not_measured_where_nobody_was_asked():
    table = nps(mix(1, 1, 1).drop(columns="recommend"))
    assert 'declare the one that holds it under [outcomes.recommend], or name it with outcome="..."' in table.missing
    assert "declare it under [outcomes.recommend]" in nps(mix(1, 1, 1).astype({"recommend": str})).missing


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"outcome": "recomend"}, ColumnError, "'recomend'"),
        ({"by": "recommend"}, ArgumentError, "not 'recommend'"),
        ({"by": "item"}, ArgumentError, "which cuts their items"),
        ({"by": "shops"}, ArgumentError, "Did you mean 'shop'?"),
        ({"outcome": "high"}, ArgumentError, "'high' must lie between 0 and 10; it holds 11"),
    ],
)
def test_what_cannot_be_scored_is_said(options, error, words):
    frame = mix(1, 1, 1, item="i", shop="a", high=11.0)
    with pytest.raises(error) as caught:
        nps(frame, **options)
    assert words in str(caught.value)


@pytest.mark.parametrize("engine", ENGINES)
def test_differences_of_waves_are_those_of_their_scores(engine):
    frame = recommended()
    scores = nps(frame, by="segment,wave").frame.set_index(["segment", "wave"])["estimate"]
    found = nps_differences(ENGINES[engine](frame), between="wave", by="segment").frame
    assert found[["segment", "first", "second"]].to_numpy().tolist() == [["new", "2025", "2026"], ["old", "2025", "2026"]]
    assert found["estimate"].tolist() == pytest.approx([scores[name, "2026"] - scores[name, "2025"] for name in ("new", "old")])
    assert (found["p_adjusted"] >= found["p_value"]).all()


def test_who_answered_at_both_touchpoints_goes_together():
    """Arithmetic: nobody changes the answer, so that the difference is known to be zero, though each score is not."""
    half = mix(5, 5, 5).assign(touchpoint="call")
    both = pd.concat([half, half.assign(touchpoint="web")])
    apart = pd.concat([half, half.assign(touchpoint="web", respondent_id=range(50, 65))])
    assert nps_differences(both, between="touchpoint").frame["std_error"].tolist() == [0]
    expected = 2**0.5 * nps(half).frame["std_error"][0]
    assert nps_differences(apart, between="touchpoint").frame["std_error"].tolist() == pytest.approx([expected])


def test_a_pair_with_a_hidden_row_is_hidden():
    frame = recommended().assign(shop=lambda frame: np.where(frame["respondent_id"] < "r003", "a", "b"))
    table = nps_differences(frame, between="shop", min_n=10, **DESIGN)
    assert table.frame[["n_first", "estimate", "p_value", "conf_low"]].isna().all(axis=None)
    assert table.cells == (("a", "b", "not shown", "", ""),)


def test_weights_are_raked_to_what_is_known_of_the_population():
    """Holt & Smith (1979): with one margin, the score is that of its categories, each by its share of the population."""
    frame = recommended().drop(columns="weight")
    visits = frame.dropna(subset="recommend")
    everybody = frame.groupby("segment")["respondent_id"].nunique()
    scored = nps(visits, by="segment").frame.set_index("segment")
    answered = scored["n"] / everybody  # the totals are of all who were asked, and so are the weights
    share = pd.Series({"new": 300.0, "old": 100.0}) * answered
    found = nps(frame, margins={"segment": {"new": 300, "old": 100}}).frame.iloc[0]
    assert found["estimate"] == pytest.approx((share * scored["estimate"]).sum() / share.sum(), rel=1e-10)
    parts = nps(frame, by="segment", margins={"segment": {"new": 300, "old": 100}}).frame
    assert parts["estimate"].tolist() == pytest.approx(scored["estimate"].tolist(), rel=1e-10)
