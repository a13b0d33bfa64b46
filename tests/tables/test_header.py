"""Names in a file become the names that a table is known by, and never by a guess."""

from __future__ import annotations

import pytest
from study_files import AS_LONG, LONG, WIDE

from cxgap.errors import ColumnError, StudyError

ITEMS = {"1": {}, "2": {}}


def test_a_known_name_in_another_case_is_found_with_a_warning(study):
    read = study(WIDE.replace("respondent_id", "Respondent_ID").replace("e1", "E1"), items=ITEMS)
    found = [(issue["check"], issue["column"], issue["value"], issue["row"]) for issue in read.issues]
    assert found[:2] == [("header_normalised", "respondent_id", "Respondent_ID", 1), ("header_normalised", "e1", "E1", 1)]
    assert read.rows["used"] == 12


def test_the_ratings_of_a_long_file_are_found_in_another_case_too(study):
    read = study(LONG.replace("expectation", "Expectation").replace(",item", ",ITEM"), responses=AS_LONG)
    assert read.rows["used"] == 12
    assert [issue["column"] for issue in read.issues if issue["check"] == "header_normalised"] == ["item", "expectation"]


def test_two_columns_that_could_be_one_are_not_guessed_between(study):
    with pytest.raises(StudyError, match=r"one column must be 'respondent_id', and \['Respondent_id', 'RESPONDENT_ID'\] both"):
        study(WIDE.replace("respondent_id,touchpoint", "Respondent_id,RESPONDENT_ID").replace("Buy", "B").replace("Use", "U"))


def test_rename_leads_from_the_file_to_the_known_name(study):
    read = study(WIDE.replace("respondent_id", "case no"), responses={"rename": {"case no": "respondent_id"}})
    assert read.respondents == 6
    assert not [issue for issue in read.issues if issue["check"] == "header_normalised"]


def test_rename_of_a_column_that_is_not_there_names_the_nearest(study):
    with pytest.raises(StudyError, match=r"rename names the column 'regoin', and the file has none. Did you mean 'region'\?"):
        study(responses={"rename": {"regoin": "area"}})


def test_rename_may_not_lead_two_columns_to_one_name(study):
    with pytest.raises(StudyError, match=r"one column must be 'region', and \['region', 'at'\] both would be"):
        study(responses={"rename": {"at": "region"}})


def test_rename_may_swap_two_names(study):
    assert study(responses={"rename": {"e1": "p1", "p1": "e1"}}).responses["perception"].iloc[0] == 7


def test_a_missing_column_suggests_the_nearest_unused_one_and_the_line_to_type(study):
    with pytest.raises(ColumnError) as caught:
        study(WIDE.replace("respondent_id", "respondent"))
    assert str(caught.value) == (
        "responses.csv: `responses` must have a column 'respondent_id'; its unused columns are ['region', 'respondent']. If "
        "'respondent' holds it, set rename = { respondent = \"respondent_id\" } in the study file."
    )


def test_a_missing_rating_suggests_no_column_that_is_in_use(study):
    with pytest.raises(ColumnError) as caught:
        study(WIDE.replace("p2", "P_2"), items=ITEMS)
    said = "must have a column 'p2'; its unused columns are ['P_2', 'region']. Did you mean 'P_2'? If 'P_2' holds it"
    assert said in str(caught.value)


def test_a_suggested_name_with_spaces_is_quoted_as_toml_wants_it(study):
    with pytest.raises(ColumnError, match=r'rename = \{ "respondent id" = "respondent_id" \}'):
        study(WIDE.replace("respondent_id", "respondent id"))


@pytest.mark.parametrize("column", ["item", "expectation", "perception", "importance", "question", "retained"])
def test_a_wide_file_may_not_have_a_column_that_cxgap_makes(study, column):
    with pytest.raises(StudyError, match=f"the column '{column}' must have another name"):
        study(WIDE.replace("region", column))


def test_a_long_file_may_not_have_two_columns_for_one_rating(study):
    with pytest.raises(StudyError, match="the column 'expectation' must have another name"):
        study(LONG.replace("region", "exp"), responses={**AS_LONG, "expectation": "exp"})


def test_a_name_that_is_known_as_it_stands_is_not_taken_for_another(study):
    survey = WIDE.replace("e1,p1,e2,p2", "E1,p1,e2,p2")
    with pytest.raises(ColumnError, match="must have a column 'e1'"):
        study(survey, items={"1": {}, "2": {"expectation": "E1"}})


def test_no_other_name_is_in_the_way(study):
    columns = ["row", "index", "level_0", "values", "value", "column", "reason", "answers", "e1_column", "None", "0"]
    lines = [
        f"{line},{','.join(columns if place == 0 else [f'x{place}'] * len(columns))}"
        for place, line in enumerate(WIDE.splitlines())
    ]
    answers = study("\n".join(lines)).responses
    for column in columns:
        assert answers[column].tolist()[::2] == ["x1", "x2", "x3", "x4", "x5", "x6"]


@pytest.mark.parametrize("column", ["weight", "stratum", "psu", "population"])
def test_a_design_column_that_is_not_there_is_named(study, column):
    with pytest.raises(ColumnError, match=r"must have a column 'regoin'; its unused columns are \['region'\]"):
        study(design={column: "regoin"})


def test_a_rating_is_no_design_column(study):
    with pytest.raises(
        StudyError, match=r"\[design\] must name columns that say how respondents were drawn, and 'e1' holds ratings"
    ):
        study(design={"weight": "e1"})
