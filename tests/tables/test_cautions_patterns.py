"""Answers that are too much alike are counted, and those of honest people are not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from drawn import drawn, named, text

from cxgap.tables.issues import CHECKS


def warned(read, check):
    return [(issue["column"], issue["rows"]) for issue in read.issues if issue["check"] == check]


def ratings(frame):
    return [*named(frame, "e"), *named(frame, "p")]


def test_an_honest_survey_meets_no_warning(study):
    assert [issue["check"] for issue in study(text(drawn())).issues] == []


def test_respondents_of_one_answer_are_counted_where_they_are_more_than_some(study):
    frame = drawn()
    frame.loc[:5, ratings(frame)] = 4
    read = study(text(frame))
    assert warned(read, "constant_answers") == [("respondent_id", 6)]
    assert warned(read, "copied_ratings") == warned(read, "near_duplicate") == []  # one fault is said once
    frame = drawn()
    frame.loc[:3, ratings(frame)] = 4  # 4 of 240 are fewer than 2 %
    assert warned(study(text(frame)), "constant_answers") == []


def test_one_answer_to_few_questions_is_none_to_every_question(study):
    frame = drawn(items=3)
    frame.loc[:9, ratings(frame)] = 4
    assert warned(study(text(frame)), "constant_answers") == []


@pytest.mark.parametrize("declared", [{"reversed": True}, {"negative": True}])
def test_a_straight_line_stays_one_where_items_are_turned(study, declared):
    """What was ticked is a straight line, not what it counts as: an item turned by cxgap or by the file is turned back."""
    frame, items = drawn(), {f"items.{item}": {} for item in range(1, 9)}
    frame.loc[:9, ratings(frame)] = 6
    if "negative" in declared:
        frame.loc[:9, ["e2", "p2"]] = 2
    assert warned(study(text(frame), **items | {"items.2": declared}), "constant_answers") == [("respondent_id", 10)]


def test_an_item_that_everybody_rated_the_same_is_named(study):
    frame = drawn()
    frame["p4"] = 5
    assert warned(study(text(frame)), "zero_variance") == [("perception 4", 240)]
    frame.loc[0, "p4"] = 6
    assert warned(study(text(frame)), "zero_variance") == []


def test_a_rating_without_any_variation_is_one_warning(study):
    frame = drawn()
    frame[named(frame, "e")] = 7
    assert warned(study(text(frame)), "zero_variance") == [("expectation", 8 * 240)]


@pytest.mark.parametrize(("high", "narrow"), [(10, 0), (13, 0), (14, 1), (100, 1)])
def test_a_scale_of_which_half_is_never_used_is_looked_at(study, high, narrow):
    read = study(text(drawn()), scale={"low": 1, "high": high})
    assert len(warned(read, "narrow_range")) == narrow


def test_a_rating_that_copies_the_other_is_one_warning(study):
    frame = drawn()
    frame[named(frame, "p")] = frame[named(frame, "e")].to_numpy()
    ((column, rows),) = warned(study(text(frame)), "copied_ratings")
    assert column == "expectation and perception"
    assert 0.8 < rows / frame[named(frame, "e")].notna().sum().sum() < 1  # but for those who gave the best all over


def test_respondents_whose_ratings_copy_each_other_are_counted(study):
    frame = drawn()
    for rating in "ep":
        frame.loc[:6, named(frame, rating)] = [np.roll([5, 6, 4, 6, 5, 3, 6, 5], who) for who in range(7)]
    assert warned(study(text(frame)), "copied_ratings") == [("respondent_id", 7)]


def test_who_expects_and_gets_the_best_copies_nothing(study):
    frame = drawn()
    frame.loc[:9, ratings(frame)] = 7
    frame.loc[:9, ["e1", "p1"]] = 6
    assert warned(study(text(frame)), "copied_ratings") == []


@pytest.mark.parametrize(
    ("one", "other", "said"), [("p5", "p2", "perception 2 and perception 5"), ("p3", "e3", "expectation 3 and perception 3")]
)
def test_a_column_of_ratings_that_copies_another_is_named(study, one, other, said):
    frame = drawn()
    frame[one] = frame[other]
    assert [column for column, _ in warned(study(text(frame)), "copied_ratings")] == [said]
    frame.loc[0, one] = 8 - frame.loc[0, other] if frame.loc[0, other] != 4 else 5
    assert warned(study(text(frame)), "copied_ratings") == []


def test_a_person_under_several_ids_is_counted(study):
    frame = drawn()
    again = frame.iloc[[3, 3, 8]].assign(respondent_id=["X1", "X2", "X3"])
    read = study(text(pd.concat([frame, again])))
    assert warned(read, "near_duplicate") == [("respondent_id", 3)]
    assert read.respondents == 243


def test_one_answer_apart_or_few_answers_are_no_same_person(study):
    frame = drawn()
    again = frame.iloc[[3]].assign(respondent_id="X1", e1=[3 if frame.loc[3, "e1"] != 3 else 4])
    assert warned(study(text(pd.concat([frame, again]))), "near_duplicate") == []
    frame = drawn(items=7)  # 14 ratings
    again = frame.iloc[[3]].assign(respondent_id="X1")
    assert warned(study(text(pd.concat([frame, again]))), "near_duplicate") == []


def test_people_who_are_all_content_are_not_one_person(study):
    """Half of all answers are the best one, so that sets of 16 answers are met twice by chance."""
    frame = drawn(600)
    draw = np.random.default_rng(2)
    frame[ratings(frame)] = np.where(draw.random((600, 16)) < 0.9, 7, 6)
    read = study(text(frame))
    assert warned(read, "near_duplicate") == []


def test_warnings_hold_no_value_and_can_be_read_aloud(study):
    for check, (what, fix) in CHECKS.items():
        assert what[0].islower() or what[0] == "`", check
        assert what[-1] != "." != fix[-1], check
        assert "\n" not in what + fix, check
