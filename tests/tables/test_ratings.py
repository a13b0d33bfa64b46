"""A rating is a number on the scale; what is none costs its answer, and a column of them stops the reading."""

from __future__ import annotations

import math

import pytest
from study_files import AS_LONG, LONG, WIDE, wide

from cxgap.errors import StudyError


def refused(study, *args, **sections) -> str:
    with pytest.raises(StudyError) as caught:
        study(*args, **sections)
    return str(caught.value)


def test_a_bad_rating_costs_its_answer_and_no_other(study):
    read = study(WIDE.replace("R1,Buy,NA,2026-03-01,7,5,6,6", "R1,Buy,NA,2026-03-01,77,5,6,6"))
    assert read.rejects.to_dict("records") == [
        {
            "table": "responses",
            "file": "responses.csv",
            "sheet": "",
            "row": 2,
            "column": "e1",
            "value": "77",
            "reason": "out_of_scale",
            "answers": 1,
        }
    ]
    assert read.rows["used"] == 11
    assert read.responses.loc[read.responses["respondent_id"] == "R1", "item"].tolist() == ["2"]


def test_two_bad_ratings_in_one_answer_are_two_entries_but_one_answer(study):
    rejects = study(WIDE.replace("7,5,6,6", "77,x,6,6")).rejects
    assert rejects[["column", "value", "reason", "answers"]].to_numpy().tolist() == [
        ["e1", "77", "out_of_scale", 1],
        ["p1", "x", "not_a_number", 0],
    ]


@pytest.mark.parametrize("word", ["", " ", "NA", "n/a", "null", "99", "refused"])
def test_a_rating_that_was_not_given_leaves_the_answer_incomplete(study, word):
    read = study(WIDE.replace("7,5,6,6", f"7,{word},6,6"), responses={"missing": [99, "refused"]})
    assert (read.rows["used"], read.rows["incomplete"], read.rows["rejected"]) == (11, 1, 0)
    assert math.isnan(read.responses["perception"].iloc[0])
    assert read.responses["expectation"].iloc[0] == 7


def test_a_scale_may_have_halves_or_no_steps(study):
    survey = WIDE.replace("7,5,6,6", "6.5,5,6.25,6")
    assert study(survey).rejects["reason"].tolist() == ["off_step", "off_step"]
    assert study(survey, scale={"step": 0.5}).rejects["value"].tolist() == ["6.25"]
    assert study(survey, scale={"step": 0}).rejects.empty


def test_a_scale_may_run_below_zero(study):
    lines = [WIDE.splitlines()[0], "R1,Buy,NA,2026-03-01,3,-3,0,+1"]
    assert study("\n".join(lines), scale={"low": -3, "high": 3}).responses["perception"].tolist() == [-3, 1]


def test_labels_in_place_of_codes_are_said_to_be_labels(study):
    text = refused(study, wide(20).replace(",5,", ",Agree,"))
    assert "row 2, column 'e1': 20 of 20 answers cannot be read, such as 'Agree'; it holds labels" in text
    assert 'under [scale] set labels = { "Agree" = ... }, each with its number, or export codes.' in text


def test_an_undeclared_decimal_comma_is_said_to_be_one(study):
    survey = wide(20).replace(",", ";").replace(";5;", ";4,5;")
    assert "such as '4,5'; they have a decimal comma: set decimal = \",\" under [responses]." in refused(study, survey)
    assert study(survey, responses={"decimal": ","}, scale={"step": 0.5}).rows["used"] == 40


def test_data_of_another_scale_are_said_to_be_of_another(study):
    text = refused(study, wide(20).replace(",5,", ",7,"), scale={"high": 5})
    assert "column 'e1': 20 of 20 answers cannot be read, such as '7'; its answers run from 7 to 7, and the scale is" in text
    assert "declared as 1 to 5; correct [scale], declare a code for no answer in `missing`" in text


def test_a_column_of_halves_is_said_to_have_them(study):
    assert "set `step` under [scale] to the distance" in refused(study, wide(20).replace(",5,", ",4.5,"))


def test_a_column_of_infinities_is_to_be_exported_again(study):
    assert "such as 'inf'; export the column again" in refused(study, wide(20).replace(",5,", ",inf,"))


def test_a_few_bad_ratings_are_no_bad_column(study):
    survey = wide(20).replace(",5,", ",x,", 4)
    assert study(survey).rows["rejected"] == 4
    assert "5 of 20 answers" in refused(study, wide(20).replace(",5,", ",x,", 5))


def test_a_column_of_fewer_than_ten_answers_is_judged_cell_by_cell(study):
    assert study(wide(9).replace(",5,", ",x,", 8)).rows["rejected"] == 8


def test_a_long_file_names_the_column_of_the_rating(study):
    read = study(LONG.replace(",1,7,5", ",1,77,5"), responses=AS_LONG)
    assert read.rejects[["row", "column"]].to_numpy().tolist() == [[2, "expectation"]]


POINTS = """respondent_id,touchpoint,e1,p1,e2,p2,e3,p3,w_speed,w_ease
R1,Buy,7,5,6,6,5,5,60,40
R2,Buy,6,6,5,4,5,5,x,30
"""
DIMENSIONS = {"1": {"dimension": "speed"}, "2": {"dimension": "ease"}, "3": {"dimension": "speed"}}


def test_points_of_a_dimension_reach_all_its_items(study):
    read = study(POINTS, items=DIMENSIONS, responses={"importance": "w_{dimension}"})
    assert read.responses["importance"].fillna(-1).tolist() == [60, 40, 60, -1, 30, -1]
    assert dict(read.importance) == {"importance": "importance", "importance_kind": "points"}
    assert not set(read.importance) & set(read.design)


def test_a_bad_importance_is_one_entry_and_costs_no_answer(study):
    read = study(POINTS, items=DIMENSIONS, responses={"importance": "w_{dimension}"})
    assert read.rejects[["row", "column", "value", "answers"]].to_numpy().tolist() == [[3, "w_speed", "x", 0]]
    assert read.rows["used"] == 6


def test_one_item_may_name_the_column_of_its_importance(study):
    read = study(POINTS, items={**DIMENSIONS, "2": {"importance": "w_ease"}})
    assert read.responses["importance"].fillna(-1).tolist() == [-1, 40, -1, -1, 30, -1]
    assert read.importance["importance"] == "importance"


def test_an_item_without_a_dimension_has_no_importance(study):
    read = study(POINTS, items={**DIMENSIONS, "3": {}}, responses={"importance": "w_{dimension}"})
    assert read.responses["importance"].fillna(-1).tolist() == [60, 40, -1, -1, 30, -1]


def test_without_importance_there_is_none(study):
    assert "importance" not in study().responses
    assert dict(study().importance) == {}


def test_a_pattern_by_dimension_needs_the_dimension_of_every_item(study):
    with pytest.raises(StudyError, match=r"expectation = 'e_\{dimension\}' needs the dimension of item '1'; declare it"):
        study(POINTS, items={"1": {}}, responses={"expectation": "e_{dimension}"})
