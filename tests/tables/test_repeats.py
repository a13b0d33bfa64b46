"""Answers given twice: identical ones keep the first, those that contradict each other keep none."""

from __future__ import annotations

import pytest
from study_files import AS_LONG, LONG, WIDE

FIRST = "R1,Buy,NA,2026-03-01,7,5,6,6\n"


def test_identical_rows_keep_the_first(study):
    read = study(WIDE + FIRST)
    assert read.rejects.to_dict("records") == [
        {
            "table": "responses",
            "file": "responses.csv",
            "sheet": "",
            "row": 8,
            "column": "respondent_id",
            "value": "R1",
            "reason": "duplicate",
            "answers": 2,
        }
    ]
    assert read.responses.equals(study().responses)


@pytest.mark.parametrize(
    "again", ["R1,Buy,NA,2026-03-01,7,5,6,5\n", "R1,Buy,NA,2026-03-01,7,5,6,\n", "R1,Buy,NA,2026-03-01,7,5,6,x\n"]
)
def test_rows_of_a_wide_file_that_differ_in_one_answer_keep_none(study, again):
    read = study(WIDE + again)
    assert read.rejects[["row", "reason", "answers"]].to_numpy().tolist() == [
        [2, "conflicting_duplicate", 2],
        [8, "conflicting_duplicate", 2],
    ]
    assert "R1" not in read.responses["respondent_id"].to_list()


def test_one_contradiction_among_three_rows_costs_all_three(study):
    read = study(WIDE + FIRST + FIRST.replace("7,5", "7,4"))
    assert read.rejects["reason"].unique().tolist() == ["conflicting_duplicate"]
    assert read.rejects["row"].tolist() == [2, 8, 9]


def test_rows_of_a_long_file_stand_alone(study):
    read = study(LONG + "R1,Buy,NA,2026-03-01,1,7,5\nR1,Buy,NA,2026-03-01,2,6,1\n", responses=AS_LONG)
    assert read.rejects[["row", "reason", "answers"]].to_numpy().tolist() == [
        [3, "conflicting_duplicate", 1],
        [14, "duplicate", 1],
        [15, "conflicting_duplicate", 1],
    ]


def test_the_same_number_written_otherwise_is_the_same_answer(study):
    assert study(WIDE + "R1,Buy,NA,2026-03-01,7.0, 5,6,6\n").rejects["reason"].tolist() == ["duplicate"]


def test_two_ways_of_not_answering_are_the_same(study):
    survey = WIDE.replace(FIRST, "R1,Buy,NA,2026-03-01,7,5,6,99\n") + "R1,Buy,NA,2026-03-01,7,5,6,\n"
    assert study(survey, responses={"missing": ["99"]}).rejects["reason"].tolist() == ["duplicate"]


def test_identical_rows_that_are_bad_are_refused_once_each(study):
    bad = FIRST.replace("7,5", "77,5")
    read = study(WIDE.replace(FIRST, bad) + bad)
    assert read.rejects[["row", "reason", "answers"]].to_numpy().tolist() == [[2, "out_of_scale", 1], [8, "duplicate", 2]]


def test_other_columns_do_not_make_rows_differ(study):
    assert study(WIDE + FIRST.replace("NA", "south")).rejects["reason"].tolist() == ["duplicate"]


@pytest.mark.parametrize("again", [FIRST.replace("Buy", "Use"), FIRST.replace("R1", "r1"), FIRST.replace("R1", "R11")])
def test_another_touchpoint_or_respondent_is_no_duplicate(study, again):
    assert study(WIDE + again).rejects.empty


def test_a_respondent_of_a_panel_answers_in_every_wave(study):
    survey = WIDE.replace("region", "wave").replace(",NA,", ",1,").replace(",007,", ",1,").replace(",north,", ",1,")
    again = FIRST.replace("NA", "2")
    assert study(survey + again).rejects.empty
    assert study(survey + again.replace("7,5", "1,1")).rejects.empty
    assert study(survey + again.replace(",2,", ",1,", 1)).rejects["reason"].tolist() == ["duplicate"]


def test_a_wide_row_whose_items_lie_at_several_touchpoints_is_compared_as_a_whole(study):
    survey = WIDE.replace("touchpoint", "place")
    items = {"1": {"touchpoint": "Use"}, "2": {"touchpoint": "Buy"}}
    read = study(survey + FIRST.replace("6,6", "6,5"), items=items)
    assert read.rejects[["row", "reason", "answers"]].to_numpy().tolist() == [
        [2, "conflicting_duplicate", 2],
        [8, "conflicting_duplicate", 2],
    ]
