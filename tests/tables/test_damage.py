"""A file that is damaged as a whole stops the reading, with the row and what to type, and all that is wrong at once."""

from __future__ import annotations

import pytest
from study_files import AS_LONG, LONG, WIDE, wide

from cxgap.errors import ColumnError, CxgapError, StudyError

ITEMS = {"1": {}, "2": {}}


def refused(study, /, *args, **sections) -> list[str]:
    with pytest.raises(CxgapError) as caught:
        study(*args, **sections)
    return str(caught.value).splitlines()


@pytest.mark.parametrize(
    "title", ["Kiosk survey\n", "Kiosk survey,first quarter\n", "\n", ",,,,,,,\n", "Kiosk survey,,,,,,,\n"]
)
def test_a_title_above_the_header_is_said_with_the_row_of_the_header(study, title):
    (line,) = refused(study, title + WIDE)
    assert line.startswith("responses.csv, row 1: the row must name the columns, and is ")
    assert line.endswith("the header is in row 2; set header = 2.")


@pytest.mark.parametrize("title", ["Kiosk survey", "Kiosk survey, first quarter", "Kiosk; first quarter", "Kiosk | 2026"])
@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_a_title_does_not_hide_the_delimiter(study, title, delimiter):
    survey = f"{title}\n\n" + WIDE.replace(",", delimiter)
    assert refused(study, survey)[0].endswith("the header is in row 3; set header = 3.")
    assert study(survey, responses={"header": 3}).rows["used"] == 12


def test_the_row_that_is_named_is_the_one_to_set(study):
    survey = "Kiosk survey\nexported,2026-04-01\n\n" + WIDE
    assert refused(study, survey)[0].endswith("the header is in row 4; set header = 4.")
    assert study(survey, responses={"header": 4}).rows["used"] == 12


def test_a_title_above_foreign_names_is_found_by_its_width(study):
    survey = "Kiosk survey,,,,,,,\n" + WIDE.replace("respondent_id,touchpoint,region,at,", "Wer,Wo,Region,Wann,")
    assert refused(study, survey)[0].endswith("the header is in row 2; set header = 2.")


def test_a_narrow_header_is_no_title(study):
    survey = "expectation,perception\n7,5\n6,4\n"
    words = {"respondent": "row", "touchpoint": "Buy", **AS_LONG}
    assert study(survey, responses=words).rows["used"] == 2


SECOND = [
    "id,place,area,date,expected 1,perceived 1,expected 2,perceived 2",
    ",,,,points,points,points,points",
    "Wer,Wo,Region,Wann,erwartet 1,erlebt 1,erwartet 2,erlebt 2",
    WIDE.splitlines()[0],
]


@pytest.mark.parametrize("second", SECOND)
def test_a_second_header_is_said_to_be_one(study, second):
    header, body = WIDE.split("\n", 1)
    (line,) = refused(study, f"{header}\n{second}\n{body}")
    assert line.startswith("responses.csv, row 2, column 'e1': a rating must be a number, and the row has ")
    assert "it heads the columns a second time. Delete the row, or set header = 2" in line


def test_a_first_row_with_one_number_is_an_answer(study):
    read = study(WIDE.replace("7,5,6,6", "x,y,z,6"))
    assert read.rejects["reason"].tolist() == ["not_a_number"] * 3


def test_labels_are_no_second_header(study):
    assert "it holds labels" in refused(study, wide(20).replace("5,4,6,3", "good,bad,good,bad"))[0]


def test_every_missing_column_is_named_at_once_with_the_nearest(study):
    survey = WIDE.replace("respondent_id", "respondent").replace("p2", "P_2").replace("e1", "quite other")
    lines = refused(study, survey, items=ITEMS)
    assert [line.split(";")[0] for line in lines] == [
        f"responses.csv: `responses` must have a column {name!r}" for name in ("respondent_id", "e1", "p2")
    ]
    assert 'set rename = { respondent = "respondent_id" }' in lines[0]
    assert 'set rename = { "..." = "e1" }' in lines[1]
    assert "Did you mean 'P_2'?" in lines[2]


def test_a_missing_column_alone_is_a_column_error(study):
    with pytest.raises(ColumnError):
        study(WIDE.replace("respondent_id", "who"))


def test_no_more_than_twenty_lines_are_said_of_one_thing(study):
    lines = refused(study, items={str(item): {} for item in range(1, 31)})
    assert len(lines) == 21
    assert lines[-1] == "... and 36 more columns."  # 28 items lack both of their columns


def test_all_names_that_stand_twice_are_said(study):
    lines = refused(study, WIDE.replace("region", " e1").replace("at", "p1 ", 1).replace("p1 ", "p1", 1))
    assert "responses.csv, row 1: a column must be named once; 'e1' is named 2 times. Rename all but one of them." in lines


def test_names_that_differ_in_case_alone_are_one(study):
    (line,) = refused(study, WIDE.replace("region", "E1"), items=ITEMS)
    assert "one column must be 'e1', and ['E1', 'e1'] both would be; rename one of them, such as" in line
    assert 'rename = { "E1" = "other_e1" }, or name it under `personal`.' in line
    assert study(WIDE.replace("region", "E1"), items=ITEMS, responses={"rename": {"E1": "other"}}).rows["used"] == 12
    assert study(WIDE.replace("region", "E1"), items=ITEMS, responses={"personal": ["E1"]}).rows["used"] == 12


def test_all_wrong_renames_are_said(study):
    lines = refused(study, responses={"rename": {"regoin": "area", "nothing": "x"}})
    assert len(lines) == 2
    assert "Did you mean 'region'?" in lines[0]


def test_all_that_is_wrong_with_columns_is_said_at_once(study):
    survey = wide(20).replace("region", "w").replace("NA", "-1").replace(",5,4,6,3", ",55,good,6.5,3")
    lines = refused(study, survey, design={"weight": "w"})
    assert [line.split(":")[0] for line in lines] == [
        "responses.csv, row 2, column 'p1'",
        "responses.csv, row 2, column 'e1'",
        "responses.csv, row 2, column 'e2'",
    ]


def test_weights_and_ratings_are_said_together(study):
    survey = wide(20).replace("region", "w").replace("NA", "-1").replace(",5,", ",55,", 5)
    lines = refused(study, survey, design={"weight": "w"})
    assert "column 'e1': 5 of 20 answers cannot be read, such as '55'" in lines[0]
    assert "column 'w': every respondent must have a number of 0 or more" in lines[1]


@pytest.mark.parametrize("word", ["1.23E+17", "1,23457E+11", "1E+15", "1.2e+08"])
def test_a_rounded_id_is_an_error_and_not_a_respondent(study, word):
    shown = f'"{word}"'
    (line,) = refused(study, wide(20).replace("R7,", f"{shown},"))
    assert line.startswith(
        f"responses.csv, row 9, column 'respondent_id': an id must be as it was given, and {word!r} is a number"
    )
    assert line.endswith("in 1 row; export the ids again, as text.")


def test_ids_that_were_cut_to_fifteen_digits_are_damaged(study):
    survey = wide(20).replace("\nR", "\n1234567890123")
    lines = [f"{line.split(',', 1)[0]:0<18},{line.split(',', 1)[1]}" for line in survey.splitlines()[1:]]
    assert (
        "'123456789012300000' is a number that a spreadsheet" in refused(study, "\n".join([survey.splitlines()[0], *lines]))[0]
    )


@pytest.mark.parametrize("word", ["12E17", "1E5", "E+17", "R1.23E+17", "123456789012345678"])
def test_an_id_that_only_looks_like_a_number_is_one(study, word):
    assert study(wide(20).replace("R7,", f"{word},")).rows["used"] == 40


BODY = WIDE.split("\n", 1)[1]


@pytest.mark.parametrize("again", [BODY, WIDE, BODY * 2, "".join(reversed(BODY.splitlines(keepends=True)))])
def test_a_file_that_repeats_itself_is_an_error(study, again):
    (line,) = refused(study, WIDE + again)
    assert "a row must stand once, and from here on the file repeats itself" in line
    assert "rows are 6 rows, each more than once; delete the repetition." in line


def test_half_a_file_again_is_duplicates(study):
    assert study(WIDE + "".join(BODY.splitlines(keepends=True)[:3])).rejects["reason"].tolist() == ["duplicate"] * 3


def test_people_without_an_id_may_answer_alike(study):
    rows = "7,5\n6,6\n6,6\n7,5\n7,5\n6,6\n"
    words = {"respondent": "row", "touchpoint": "Buy", **AS_LONG}
    assert study("expectation,perception\n" + rows, responses=words).rows["used"] == 6
    twenty = "".join(f"{1 + place % 7},{1 + place % 5}\n" for place in range(20))
    assert "repeats itself" in refused(study, "expectation,perception\n" + twenty * 2, responses=words)[0]


def test_two_sheets_that_are_the_same_are_one_stored_twice():
    import pandas as pd

    from cxgap.tables.damage import repeated_body
    from cxgap.tables.source import SHEET_BITS, Responses

    source = Responses(file="r.xlsx", layout="wide", waves={"one": "1", "two": "2"})
    text = pd.DataFrame({"respondent_id": list("abc"), "e1": list("567")}, dtype=object)
    frame = pd.concat([text.set_axis([2, 3, 4]), text.set_axis([row + (1 << SHEET_BITS) for row in (2, 3, 4)])])
    assert repeated_body(frame, source)[0].startswith("r.xlsx, sheet 'two', row 2: a row must stand once")


def test_the_ids_of_a_long_file_come_again_and_that_is_no_repetition(study):
    assert study(LONG, responses=AS_LONG).rows["used"] == 12


@pytest.mark.parametrize("survey", ["", " \n", "\n\n\n", "respondent_id,touchpoint,e1,p1\n", "respondent_id,touchpoint,e1,p1"])
def test_a_file_of_no_answers_is_an_error(study, survey):
    with pytest.raises(StudyError, match=r"responses\.csv(, row 1)?:? must hold|it is empty|it has none"):
        study(survey)


def test_what_is_wrong_with_the_survey_and_with_other_tables_is_said_at_once(study):
    tables = {"events": "e.csv", "contacts": "c.csv"}
    files = {"e.csv": "event_id,customer_id\n1.23E+17,C1\n", "c.csv": "contact\nK1\n"}
    lines = refused(study, WIDE + WIDE, files, tables=tables)
    assert [line.split(",")[0].split(":")[0] for line in lines] == ["responses.csv", "e.csv", "c.csv", "c.csv"]
