"""Touchpoints and items that few answered, or in one way only, and refusals that hit one group more than another."""

from __future__ import annotations

import json

import numpy as np
import pytest
from drawn import drawn, named, text

NAMED = {"touchpoints": ["Buy", "Use", "Return"]}


def warned(read, check):
    return [(issue["column"], issue["rows"]) for issue in read.issues if issue["check"] == check]


@pytest.mark.parametrize(("left", "other"), [("e", "p"), ("p", "e")])
def test_an_item_with_one_rating_only_is_named(study, left, other):
    frame = drawn()
    frame[f"{other}3"] = np.nan
    check = {"e": "expectation_alone", "p": "perception_alone"}[left]
    read = study(text(frame))
    assert warned(read, check) == [("item 3", frame[f"{left}3"].notna().sum())]
    assert warned(read, "many_missing") == []  # all of them missing is the same thing, said once


def test_a_touchpoint_with_one_rating_only_is_named_and_its_items_are_not(study):
    frame = drawn()
    frame.loc[frame["touchpoint"] == "Use", named(frame, "e")] = np.nan
    read = study(text(frame))
    assert [column for column, _ in warned(read, "perception_alone")] == ["touchpoint Use"]
    assert warned(read, "no_data_touchpoint") == []


def test_a_single_answer_of_the_other_rating_is_many_missing(study):
    frame = drawn()
    frame.loc[1:, "p3"] = np.nan
    read = study(text(frame))
    assert warned(read, "expectation_alone") == []
    assert warned(read, "many_missing") == [("perception 3", 239)]


@pytest.mark.parametrize("rating", ["expectation", "perception"])
def test_a_rating_that_was_asked_of_nobody_is_missed_nowhere(study, rating):
    frame = drawn()
    frame = frame.drop(columns=named(frame, rating[0]))
    assert [issue["check"] for issue in study(text(frame), responses={rating: ""}).issues] == []


@pytest.mark.parametrize(("touchpoints", "warnings"), [(60, 0), (61, 1)])
def test_more_touchpoints_than_a_page_has_room_for(study, touchpoints, warnings):
    frame = drawn(touchpoints * 6)
    frame["touchpoint"] = [f"T{who % touchpoints}" for who in range(len(frame))]
    assert warned(study(text(frame)), "many_touchpoints") == [("touchpoint", touchpoints)] * warnings


def test_a_touchpoint_of_one_person_is_said_to_who_has_the_file_and_not_on_a_page(study):
    """Policy on privacy: how many respondents a hidden cell has is not shown."""
    frame = drawn()
    frame.loc[0, "touchpoint"], frame.loc[1:3, "touchpoint"] = "Claim", "Return"
    read = study(text(frame))
    assert warned(read, "single_respondent") == [("touchpoint Claim", 1)]
    assert warned(read, "small_sample") == [("touchpoint Return", 1)]
    shown = {record["column"]: record for record in read.issues.records()}
    claim, back = shown["touchpoint Claim"], shown["touchpoint Return"]
    assert {**claim, "column": ""} == {**back, "column": ""}
    assert "single_respondent" not in json.dumps(read.record())


@pytest.mark.parametrize(
    ("scope", "missed"),
    [({}, 1), ({"where": {"region": "north"}}, 1), ({"where": {"touchpoint": "Buy"}}, 0), ({"as_of": "2026-03-15"}, 1)],
)
def test_a_touchpoint_that_nobody_was_asked_about_is_missed(study, scope, missed):
    frame = drawn().assign(at="2026-03-01")
    assert len(warned(study(text(frame), study=NAMED, **scope), "no_data_touchpoint")) == missed


@pytest.mark.parametrize("scope", [{"where": {"region": "north"}}, {"as_of": "2026-03-15"}])
def test_a_touchpoint_that_was_left_out_is_not(study, scope):
    frame = drawn().assign(at="2026-03-01")
    frame.loc[:40, ["touchpoint", "region", "at"]] = ["Return", "south", "2026-04-01"]
    assert warned(study(text(frame), study=NAMED, **scope), "no_data_touchpoint") == []


@pytest.mark.parametrize(("share", "hits"), [(0.04, 0), (0.08, 1)])
def test_refusals_that_hit_one_region_by_more_than_five_points(study, share, hits):
    frame = drawn()
    here = frame.index[frame["region"] == "north"]
    cells = round(share * 8 * len(here))
    ratings = [f"p{item}" for item in range(1, 9)]
    for number in range(cells):
        frame.loc[here[number // 8], ratings[number % 8]] = 99
    read = study(text(frame))
    assert warned(read, "reject_bias") == [("region north", cells)] * hits
    assert read.rows["rejected"] >= cells


def test_an_overall_judgement_is_no_group_of_customers(study):
    """Whoever is content by 7 of 7 gave impossible answers more often, and is no segment."""
    frame = drawn().assign(joy=["7" if who < 60 else "5" for who in range(240)])
    frame.loc[:30, ["p1", "p2", "p3", "p4"]] = 99
    outcomes = {"outcomes.joy": {"kind": "satisfaction", "low": 1, "high": 7}}
    assert [column for column, _ in warned(study(text(frame), **outcomes), "reject_bias")] == []


def test_refusals_spread_evenly_bend_nothing(study):
    frame = drawn()
    frame.loc[::10, ["p1", "p2", "p3", "p4"]] = 99
    assert warned(study(text(frame)), "reject_bias") == []


def test_an_answer_given_twice_is_no_loss_of_its_region(study):
    frame = drawn()
    again = frame[frame["region"] == "north"].iloc[:30]
    read = study(text(frame) + again.to_csv(index=False, header=False))
    assert read.rows["rejected"] == 30 * 8
    assert warned(read, "reject_bias") == []


def test_rows_that_contradict_each_other_are_a_loss(study):
    frame = drawn()
    again = frame[frame["region"] == "north"].iloc[:30].assign(p1=1)
    read = study(text(frame) + again.to_csv(index=False, header=False))
    assert [column for column, _ in warned(read, "reject_bias")] == ["region north"]


def test_a_word_that_is_refused_itself_is_no_group(study):
    frame = drawn()
    frame.loc[:20, "touchpoint"] = "Bye"
    read = study(text(frame), study={"touchpoints": ["Buy", "Use"]})
    assert read.rows["rejected"] == 21 * 8
    assert [column for column, _ in warned(read, "reject_bias") if column.startswith("touchpoint")] == []
