"""Surveys in three columns: what would just do is a third rating of the same item, on the same scale."""

from __future__ import annotations

import pandas as pd
import pytest
from study_files import AS_LONG

from cxgap.errors import ColumnError, StudyError

WIDE = """respondent_id,touchpoint,e1,p1,a1,e2,p2,a2
R1,Buy,7,5,4,6,6,5
R2,Buy,6,6,,5,4,3
R3,Buy,5,4,99,4,4,2
"""
DESIRED = {"study": {"expectation_type": "desired"}, "responses": {"adequate": "a{item}"}}


def test_it_is_a_float_beside_the_pair_and_a_blank_costs_no_answer(study):
    """Zeithaml, Berry & Parasuraman (1993): the adequate level stands beside the desired; gap 5 needs only the pair."""
    read = study(WIDE, responses={**DESIRED["responses"], "missing": ["99"]}, study=DESIRED["study"])
    assert read.responses["adequate"].fillna(-1).tolist() == [4, 5, -1, 3, -1, 2]
    assert dict(read.rows) == {"read": 6, "left_out": 0, "in": 6, "used": 6, "incomplete": 0, "rejected": 0}
    assert read.responses.columns[4:].tolist() == ["question", "expectation", "perception", "adequate", "retained"]


def test_without_it_the_answers_are_those_of_the_pair(study):
    plain = study(WIDE.replace("a1", "x").replace("a2", "y"))
    assert "adequate" not in plain.responses
    read = study(WIDE.replace("99", ""), **DESIRED)
    pair = ["respondent_id", "item", "expectation", "perception"]
    pd.testing.assert_frame_equal(read.responses[pair], plain.responses[pair])


def test_one_off_the_scale_costs_its_answer_as_any_rating_does(study):
    read = study(WIDE, **DESIRED)
    assert read.rejects[["row", "column", "value", "reason", "answers"]].to_numpy().tolist() == [
        [4, "a1", "99", "out_of_scale", 1]
    ]
    assert (read.rows["used"], read.rows["rejected"], read.respondents) == (5, 1, 3)


def test_an_answer_refused_for_two_ratings_is_lost_once(study):
    read = study(WIDE.replace("5,4,99", "5,88,99"), **DESIRED)
    assert read.rejects["answers"].tolist().count(1) == read.rows["rejected"] == 1


def test_a_column_of_another_scale_stops_the_reading(study):
    lines = [WIDE.splitlines()[0], *(f"R{who},Buy,7,5,{who + 10},6,6,5" for who in range(10))]
    with pytest.raises(StudyError, match=r"column 'a1': 10 of 10 answers cannot be read.* declared as 1 to 7"):
        study("\n".join(lines), **DESIRED)


def test_a_reversed_item_is_turned_on_all_three(study):
    read = study(WIDE.replace("99", ""), **DESIRED, items={"1": {"reversed": True}, "2": {}})
    first = read.responses.iloc[0]
    assert first[["expectation", "perception", "adequate"]].tolist() == [1, 3, 4]


def test_a_long_file_has_it_in_a_column(study):
    text = "respondent_id,touchpoint,item,expectation,perception,least\nR1,Buy,1,7,5,4\nR1,Buy,2,6,6,\n"
    read = study(text, study=DESIRED["study"], responses={**AS_LONG, "adequate": "least"})
    assert read.responses["adequate"].fillna(-1).tolist() == [4, -1]
    assert read.rows["used"] == 2


def test_one_item_may_name_its_column(study):
    items = {"1": {"adequate": "a1"}, "2": {}}
    read = study(WIDE.replace("99", ""), study=DESIRED["study"], items=items)
    assert read.responses["adequate"].fillna(-1).tolist() == [4, -1, -1, -1, -1, -1]


def test_rows_that_differ_in_it_alone_contradict_each_other(study):
    read = study(WIDE.replace("99", "") + "R1,Buy,7,5,3,6,6,5\n", **DESIRED)
    assert read.rejects["reason"].tolist() == ["conflicting_duplicate"] * 2


def test_many_blanks_in_it_are_said(study):
    issues = study(WIDE.replace("99", ""), **DESIRED).issues
    assert [issue["column"] for issue in issues if issue["check"] == "many_missing"] == ["adequate 1"]


@pytest.mark.parametrize(
    ("sections", "error", "words"),
    [
        ({"responses": {"adequate": "m{item}"}}, ColumnError, "`responses` must have a column 'm1'"),
        (
            {"responses": {"adequate": "p{item}"}},
            StudyError,
            "expectation and perception and adequate must lead to a column each",
        ),
        ({"responses": {"adequate": "a{dimension}"}}, StudyError, "adequate = 'a{dimension}' needs the dimension of item '1'"),
        (
            {**DESIRED, "study": {"expectation_type": "adequate"}},
            StudyError,
            "adequate is a third rating, and expectation_type =",
        ),
    ],
)
def test_what_it_cannot_be_is_said(study, sections, error, words):
    with pytest.raises(error) as caught:
        study(WIDE, **sections)
    assert words in str(caught.value)
