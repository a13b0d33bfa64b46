"""Tables of measurement where little, or nothing, was answered: they say so, and what they say of the rest does not move."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cxgap.gaps.attention import attention, in_order
from cxgap.gaps.batteries import read_batteries
from cxgap.gaps.factors import factors
from cxgap.gaps.guards import guard_rails
from cxgap.gaps.item_analysis import item_analysis
from cxgap.gaps.missingness import missing_sensitivity, missingness
from cxgap.gaps.quality import measurement_quality
from cxgap.gaps.reliability import reliability
from cxgap.gaps.surface import response_surface


def answers(people: int = 150, *, items: int = 6, seed: int = 3) -> pd.DataFrame:
    """Make answers of two dimensions, with a judgement of the whole."""
    random = np.random.default_rng(seed)
    person = random.normal(size=(2, people, 1))
    ratings = np.clip(np.rint(5 + person + random.normal(scale=0.7, size=(2, people, items))), 1, 7)
    judged = np.clip(np.rint(5 + person[1, :, 0] + random.normal(size=people)), 1, 10)
    return pd.DataFrame(
        {
            "respondent_id": np.repeat([f"r{number:03d}" for number in range(people)], items),
            "item": np.tile([f"q{number + 1}" for number in range(items)], people),
            "dimension": np.tile(np.repeat(["one", "two"], [items // 2, items - items // 2]), people),
            "expectation": ratings[0].ravel(),
            "perception": ratings[1].ravel(),
            "satisfaction": np.repeat(judged, items),
        }
    )


def test_where_nobody_answered_anything_nothing_is_known_and_nothing_raises():
    """The edge rules: small data never raise, and a title must not claim what nothing shows."""
    silent = answers(40).assign(expectation=np.nan, perception=np.nan)
    trust = reliability(silent, replicates=19)
    assert trust.title.endswith("not known")
    assert trust.frame["flags"].str.contains("EMPTY").all()
    assert set(measurement_quality(silent, scale=(1, 7)).frame["verdict"]) == {"cannot tell"}
    assert missingness(silent).title == "Nobody of 40 respondents answered anything"
    assert item_analysis(silent).title == "Items: how they go together is not known"


def test_an_item_that_nobody_answered_changes_no_factor_and_no_reliability_of_a_gap():
    """A law: an item without an answer is no item. Complete rows of all columns would be none."""
    asked = answers()
    silent = asked[asked["item"] == "q1"].assign(item="q99", expectation=np.nan, perception=np.nan)
    more = pd.concat([asked, silent])
    few = factors(asked, permutations=20), factors(more, permutations=20)
    pd.testing.assert_frame_equal(few[0].frame, few[1].frame)
    before, after = (guard_rails(frame, outcome="satisfaction", scale=(1, 7)).frame for frame in (asked, more))
    assert before["value"].notna().sum() == 14
    assert before["use"].tolist() == after["use"].tolist()
    np.testing.assert_allclose(before["value"], after["value"], rtol=1e-12)


def test_a_check_that_was_not_made_says_the_reason_that_holds():
    """With 150 judgements that are all alike, it would be a lie that fewer than 100 gave one."""
    frame = guard_rails(answers().assign(satisfaction=5.0), outcome="satisfaction", scale=(1, 7)).frame
    said = frame.loc[frame["guard"].isin([5, 6]), "sentence"]
    assert said.str.contains("too much alike").all()
    assert not said.str.contains("fewer than").any()


def test_two_or_three_respondents_make_no_dimension_reliable():
    """Two respondents correlate by -1 or 1: Nunnally & Bernstein (1994), chapter 6, ask for hundreds."""
    few = answers(3, seed=1)
    assert reliability(few, replicates=19).title.endswith("too few respondents to judge")
    assert "good" not in set(measurement_quality(few, scale=(1, 7)).frame["verdict"])
    one = response_surface(answers(1), outcome="satisfaction", scale=(1, 7), replicates=19)
    assert "1 respondent, and it takes 150" in one.title


def test_a_hidden_segment_cannot_be_told_from_the_total_less_the_others():
    """The title tells the total: with one segment hidden its share would be the total less the others (rule 0.5)."""
    asked = answers(60)
    number = asked["respondent_id"].str[1:].astype(int)
    asked["segment"] = np.select([number < 4, number < 24], ["few", "some"], "many")
    asked.loc[number == 1, "perception"] = np.nan
    table = missingness(asked, by="segment", min_n=10).frame.set_index("segment")
    assert table["n"].isna().to_dict() == {"few": True, "many": False, "some": True}
    assert missingness(asked, by="segment").frame["n"].notna().all()


def test_the_few_who_skipped_a_question_cannot_be_told_from_two_means():
    """58 complete visits and 60 in all, both means shown, give away what the two others answered."""
    asked = answers(60)
    asked.loc[asked["respondent_id"].isin(["r001", "r002"]) & (asked["item"] == "q1"), "perception"] = np.nan
    shown = missing_sensitivity(asked, min_n=10, count=2).frame.set_index("method")["estimate"]
    assert np.isnan(shown["listwise"])
    assert np.isfinite(shown["half"])
    assert np.isfinite(missing_sensitivity(asked, min_n=1, count=2).frame["estimate"]).all()


def test_no_correlation_is_told_of_fewer_complete_visits_than_may_be_shown():
    """Of 60 who answered q2 six answered q1 as well: its correlation with the rest is of those six (rule 0.5)."""
    asked = answers(60)
    asked.loc[(asked["item"] == "q1") & (asked["respondent_id"] > "r005"), "perception"] = np.nan
    for min_n, told in ((6, True), (7, False)):
        frame = item_analysis(asked, min_n=min_n).frame
        row = frame[(frame["item"] == "q2") & (frame["battery"] == "perception")].iloc[0]
        assert row["respondents"] == 60
        assert np.isfinite(row["r_drop"]) == told


def test_a_question_of_one_battery_alone_spoils_neither_alpha_nor_the_gap():
    """Arithmetic: q7 was asked of perceptions only, so expectations, and pairs, are those of six items as before."""
    asked = answers()
    alone = asked[asked["item"] == "q6"].assign(item="q7", expectation=np.nan)
    before, after = (
        reliability(frame, by="", replicates=19).frame.set_index("battery") for frame in (asked, pd.concat([asked, alone]))
    )
    assert after["k"].tolist() == [6, 7, 6]
    np.testing.assert_allclose(after.loc[["expectation", "gap"], "alpha"], before.loc[["expectation", "gap"], "alpha"])
    np.testing.assert_allclose(after.loc["gap", "r_dd"], before.loc["gap", "r_dd"])


def test_so_few_complete_answers_are_not_counted_aloud():
    """A count below min_n is blank in every table, and so in the sentence that says why factors were not looked for."""
    asked = answers(30)
    asked.loc[(asked["item"] == "q1") & (asked["respondent_id"] > "r003"), "perception"] = np.nan
    assert factors(asked, min_n=10).missing.startswith("too few respondents answered all 6 items")


@pytest.mark.parametrize("declared", [False, True])
def test_runs_follow_the_questionnaire_and_not_the_alphabet(declared):
    """Of 12 items q10 comes tenth, not second; seven equal answers in a row are a run of seven (R's careless::longstring)."""
    asked = answers(60, items=12)
    place = asked["item"].str[1:].astype(int)
    asked.loc[(asked["respondent_id"] == "r007"), "perception"] = np.where(place <= 7, 4, 1 + place % 5)[
        asked["respondent_id"] == "r007"
    ]
    if declared:
        asked["item"] = pd.Categorical(asked["item"], [f"q{number}" for number in range(12, 0, -1)], ordered=True)
    batteries = read_batteries(asked)
    names = [batteries.items[column] for column in in_order(batteries, np.arange(12))]
    assert names == [f"q{number}" for number in (range(12, 0, -1) if declared else range(1, 13))]
    who = batteries.visits["respondent_id"].astype(str).to_numpy() == "r007"
    assert attention(batteries).flagged["longstring"][who].all()
