"""SurveyMonkey exports: questions in the first row, "Response" or what is asked of in the second."""

from __future__ import annotations

import io

import pandas as pd
import pytest
from exports import SURVEYMONKEY, as_surveymonkey, delimited
from pandas.testing import assert_frame_equal
from study_files import WIDE

from cxgap.errors import StudyError
from cxgap.gaps.customer import customer_gap
from cxgap.tables.formats.surveymonkey import heads, recognise

FRAME = pd.read_csv(io.StringIO(WIDE), dtype=str, keep_default_na=False)[
    ["respondent_id", "at", "touchpoint", "region", "e1", "e2", "p1", "p2"]
]
ABOUT = ["Respondent ID", "Collector ID", "IP Address", "Email Address", "First Name", "Custom Data 1"]
BELOW = [""] * len(ABOUT)
IDEAL, OURS = "What should an excellent kiosk do?", "What does ours do?"
ASKED = {"e1": (IDEAL, "Be quick"), "e2": (IDEAL, "Be kind"), "p1": (OURS, "Be quick"), "p2": (OURS, "Be kind")}
JAPANESE = {
    "e1": ("優れた店", "速い"),
    "e2": ("優れた店", "親切"),
    "p1": ("当店", "速い"),
    "p2": ("当店", "親切"),
}


def declared(asked, names=SURVEYMONKEY):
    stems = {name: asked[name][0] for name in ("e1", "p1")}
    return {
        "platform": "surveymonkey",
        "rename": dict(names),
        "expectation": stems["e1"] + " - {item}",
        "perception": stems["p1"] + " - {item}",
    }


@pytest.mark.parametrize(
    ("kind", "asked", "small"),
    [
        ("csv", ASKED, False),
        ("xlsx", ASKED, True),
        ("csv", JAPANESE, True),
        pytest.param("xlsx", ASKED, False, marks=pytest.mark.slow),
        pytest.param("csv", ASKED, True, marks=pytest.mark.slow),
        pytest.param("xlsx", JAPANESE, True, marks=pytest.mark.slow),
    ],
)
def test_the_gap_is_that_of_the_plain_file(study, kind, asked, small):
    names = {"respondent_id": "respondent_id", "date_modified": "at"} if small else SURVEYMONKEY
    raw = as_surveymonkey(FRAME, asked, kind=kind, small=small)
    read = study(raw, responses={"file": f"export.{kind}", **declared(asked, names)})
    plain = study(WIDE)
    found, told = (customer_gap(one.responses, by="touchpoint", **one.design).frame for one in (read, plain))
    assert_frame_equal(found, told)
    assert read.rows == plain.rows
    assert set(read.responses["item"]) == {sub for _, sub in asked.values()}
    assert "doe@example" not in read.responses.to_csv()


def test_a_question_is_carried_on_to_its_columns_and_told_apart():
    """Expanded columns: a question has a column a choice; the further ones are blank in the first row."""
    top = [*ABOUT, "Which?", "", "", "How?", "Why?", "How?", ""]
    below = [*BELOW, "Box", "Shop", "Other (please specify)", "Response", "Open-Ended Response", "Be quick", "Be\n quick"]
    head = heads([top, below], "export.csv")
    asked = ["Which? - Box", "Which? - Shop", "Which? - Other (please specify)", "How?", "Why?"]
    assert head.names == [*ABOUT, *asked, "How? - Be quick", "How? - Be quick (2)"]
    assert head.wording["How? - Be quick (2)"] == "How? - Be quick"
    assert head.rows == 2
    assert [(note.check, note.column, note.value) for note in head.notes] == [
        ("repeated_column", "How? - Be quick (2)", "How? - Be quick")
    ]


def test_condensed_columns_have_the_name_of_their_question():
    head = heads([[*ABOUT, "Which?", 'Say "hello",\n<b>now</b>'], [*BELOW, "Response", "Open-Ended Response"]], "export.csv")
    assert head.names[-2:] == ["Which?", 'Say "hello", <b>now</b>']


def test_blanks_that_another_program_named_are_blanks():
    """A blank in a header is `Unnamed: 3` as pandas writes it, and `Unnamed: 3_level_1` in one of two rows."""
    top = [*ABOUT, "How?", "Unnamed: 7", "Unnamed: 8"]
    below = [*(f"Unnamed: {place}_level_1" for place in range(len(ABOUT))), "quick", "kind", "near"]
    assert heads([top, below], "export.csv").names[-3:] == ["How? - quick", "How? - kind", "How? - near"]


def test_a_question_for_a_name_is_a_question_and_the_column_of_names_is_personal():
    head = heads([[*ABOUT, "First Name", ""], [*BELOW, "Open-Ended Response", "Nickname"]], "export.csv")
    assert head.personal == ["IP Address", "Email Address", "First Name"]
    assert head.names[-2:] == ["First Name (2)", "First Name - Nickname"]


def test_numbered_names_do_not_meet_those_that_are_numbered_already():
    head = heads([["Respondent ID", "How?", "How? (2)", "How?"], ["", "Response", "Response", "Response"]], "export.csv")
    assert head.names == ["Respondent ID", "How?", "How? (2)", "How? (3)"]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([["id", "How?"], ["", "Response"]], ["row 1", "Respondent ID", "drop `platform`"]),
        ([[*ABOUT, "How?"], ["118", "4711", "", "", "", "", "7"]], ["row 2", "'118'", "one row heads it"]),
        ([[*ABOUT, "How?"]], ["row 2", "''"]),
        ([[*ABOUT, "", "How?"], [*BELOW, "", "Response"]], ["column 7 has none"]),
        ([], ["row 1", "Respondent ID"]),
    ],
)
def test_what_is_no_export_says_so(rows, words):
    with pytest.raises(StudyError) as error:
        heads(rows, "export.csv")
    assert all(word in str(error.value) for word in ["export.csv", *words])


def test_a_response_in_the_place_of_the_second_row_stops_the_reading(study):
    first, _, *rest = as_surveymonkey(FRAME, ASKED).split(b"\r\n")
    with pytest.raises(StudyError, match="row 2: the second row of an export of SurveyMonkey must be blank"):
        study(b"\r\n".join([first, *rest]), responses=declared(ASKED))


@pytest.mark.parametrize(
    ("rows", "evidence"),
    [
        ([[*ABOUT, "How?"], [*BELOW, "Response"]], "row 1 holds Respondent ID and Collector ID, and row 2 nothing below"),
        ([["respondent_id", "collector_id"], ["", ""]], "row 1 holds respondent_id and collector_id, and row 2 nothing below"),
        (
            [["RespondentID", "CollectorID", "How?"], ["", "", "x"]],
            "row 1 holds RespondentID and CollectorID, and row 2 nothing below",
        ),
        ([["respondent_id", "collector_id"], ["1", "2"]], ""),
        ([["respondent_id", "e1"], ["", "7"]], ""),
        ([["Respondent ID", "Collector ID"]], ""),
        ([], ""),
    ],
)
def test_the_evidence_is_said_in_words(rows, evidence):
    assert recognise(rows) == evidence


def test_rows_are_those_of_the_file(study):
    rows = [line.split(",") for line in as_surveymonkey(FRAME.replace({"e1": {"4": "40"}}), ASKED).decode().split("\r\n")[:-1]]
    (reject,) = study(delimited(rows), responses=declared(ASKED)).rejects.itertuples()
    assert (reject.row, reject.column, reject.value) == (8, f"{IDEAL} - Be quick", "40")
