"""LimeSurvey exports: headings of codes, of questions or of both, and VV files, as its own code writes them."""

from __future__ import annotations

import io

import pandas as pd
import pytest
from exports import LIMESURVEY, as_limesurvey
from pandas.testing import assert_frame_equal
from study_files import WIDE

from cxgap.errors import StudyError
from cxgap.gaps.customer import customer_gap
from cxgap.tables.formats.limesurvey import heads, recognise

CODES = {"e1": "G01Q01[SQ001]", "e2": "G01Q01[SQ002]", "p1": "G02Q03[SQ001]", "p2": "G02Q03[SQ002]"}
FRAME = pd.read_csv(io.StringIO(WIDE), dtype=str, keep_default_na=False).rename(columns=CODES)
IDEAL, OURS = "Was sollte ein Kiosk tun? Sehr gut; oder gut.", "Was tut unserer?"
ASKED = {
    CODES["e1"]: (IDEAL, "schnell sein"),
    CODES["e2"]: (IDEAL, "nett sein"),
    CODES["p1"]: (OURS, "schnell sein"),
    CODES["p2"]: (OURS, "nett sein"),
}
BY_CODE = {"platform": "limesurvey", "rename": LIMESURVEY, "expectation": "G01Q01[{item}]", "perception": "G02Q03[{item}]"}
GERMAN = {"id": "Antwort ID", "submitdate": "Datum Abgeschickt", "lastpage": "Letzte Seite", "startlanguage": "Start-Sprache"}
GERMAN |= {"token": "Zugangsschlüssel", "datestamp": "Datum letzte Aktivität", "ipaddr": "IP-Adresse"}
BY_QUESTION = {
    "platform": "limesurvey",
    "rename": {"Antwort ID": "respondent_id", "Datum letzte Aktivität": "at"},
    "expectation": IDEAL + " [{item}]",
    "perception": OURS + " [{item}]",
}


def same_gap(read, plain):
    found, told = (customer_gap(one.responses, by="touchpoint", **one.design).frame for one in (read, plain))
    assert_frame_equal(found, told)
    assert read.rows == plain.rows


@pytest.mark.parametrize(
    ("heading", "delimiter"),
    [
        ("code", ","),
        ("both", ";"),
        ("code", "\t"),
        *[pytest.param(*way, marks=pytest.mark.slow) for way in (("both", ","), ("code", ";"), ("both", "\t"))],
    ],
)
def test_the_gap_is_that_of_the_plain_file_under_each_heading_and_delimiter(study, heading, delimiter):
    raw = as_limesurvey(FRAME, ASKED, heading=heading, delimiter=delimiter)
    assert raw.startswith(b"\xef\xbb\xbf")
    same_gap(study(raw, responses={**BY_CODE, "delimiter": delimiter}), study(WIDE))


@pytest.mark.parametrize("delimiter", [pytest.param(",", marks=pytest.mark.slow), ";"])
def test_the_gap_is_that_of_the_plain_file_under_questions_in_german(study, delimiter):
    raw = as_limesurvey(FRAME, ASKED, heading="full", delimiter=delimiter, words=GERMAN)
    same_gap(study(raw, responses={**BY_QUESTION, "delimiter": delimiter}), study(WIDE))


def test_the_gap_is_that_of_the_plain_file_in_a_vv_export(study):
    raw = as_limesurvey(FRAME, ASKED, heading="vv")
    same_gap(study(raw, responses={**BY_CODE, "delimiter": "\t"}), study(WIDE))


@pytest.mark.parametrize("heading", ["code", "full", "both", "vv"])
def test_what_was_not_submitted_is_set_aside_and_counted(study, heading):
    raw = as_limesurvey(FRAME, ASKED, heading=heading, unfinished={0, 3}, words=GERMAN)
    about = {**(BY_QUESTION if heading == "full" else BY_CODE), "delimiter": "\t" if heading == "vv" else ","}
    read = study(raw, study={"max_rejected": 0}, responses=about)
    first = 3 if heading == "vv" else 2
    assert read.rejects[["row", "reason", "answers"]].to_numpy().tolist() == [
        [first, "unfinished", 2],
        [first + 3, "unfinished", 2],
    ]
    assert (read.rows["in"], read.rows["used"], read.rows["rejected"]) == (12, 8, 4)
    assert study(raw, responses={**about, "partials": "keep"}).rows["used"] == 12


@pytest.mark.parametrize("mark", ["", " ", "N/A", "{question_not_shown}"])
def test_a_submission_that_never_was_has_many_spellings(mark):
    head = heads([["id", "submitdate", "lastpage"]], "export.csv")
    body = pd.DataFrame([["1", mark, "2"], ["2", "1980-01-01 00:00:00", "3"]], columns=head.names, dtype=object)
    assert list(head.aside(body)) == ["unfinished", ""]


def test_the_date_of_a_survey_that_keeps_none_is_blank(study):
    """LimeSurvey writes 1980-01-01 for the submission of a survey without dates: finished, and no date."""
    raw = as_limesurvey(FRAME.drop(columns="at"), submitted="1980-01-01 00:00:00")
    read = study(raw, responses={**BY_CODE, "rename": {"id": "respondent_id", "submitdate": "at"}})
    assert read.rows["used"] == 12
    assert read.responses["at"].isna().all()


def test_marks_for_what_was_not_asked_are_no_answers(study):
    frame = FRAME.assign(**{CODES["p1"]: ["", *FRAME[CODES["p1"]][1:]], "region": ["N/A", *FRAME["region"][1:]]})
    frame["comment"] = ['a\n"b" {c}', *[""] * 5]
    for heading, delimiter in (("code", ","), ("vv", "\t")):
        read = study(as_limesurvey(frame, ASKED, heading=heading), responses={**BY_CODE, "delimiter": delimiter})
        assert (read.rows["used"], read.rows["incomplete"], read.rows["rejected"]) == (11, 1, 0)
        first = read.responses[read.responses["respondent_id"] == "R1"]
        assert first["region"].isna().all()
        assert set(first["comment"]) == {'a\n"b" {c}'}


def test_personal_columns_are_left_unread_unless_they_are_renamed(study):
    read = study(as_limesurvey(FRAME, ASKED), responses={**BY_CODE, "rename": {**LIMESURVEY, "token": "customer_id"}})
    (issue,) = [issue for issue in read.issues if issue["check"] == "personal_unread"]
    assert issue["column"] == "ipaddr, refurl"
    assert set(read.responses["customer_id"]) == {"t0k3n"}


def test_personal_columns_are_known_in_german():
    header = as_limesurvey(FRAME, heading="full", words=GERMAN).decode("utf-8-sig").splitlines()[0].split(",")
    assert heads([header], "export.csv").personal == ("Zugangsschlüssel", "IP-Adresse", "Referrer URL")


@pytest.mark.parametrize(
    ("cell", "name", "text"),
    [
        ("G02Q03[SQ001]. How quick? [Kiosk]", "G02Q03[SQ001]", "How quick? [Kiosk]"),
        ("G02Q03[SQ001][1]. How quick? [Kiosk][Scale 1]", "G02Q03[SQ001][1]", "How quick? [Kiosk][Scale 1]"),
        ("q_a[other]. Which? [Other]", "q_a[other]", "Which? [Other]"),
        ("G1. Two\nlines. And <i>more</i>", "G1", "Two lines. And <i>more</i>"),
    ],
)
def test_a_heading_of_both_is_taken_apart_at_its_first_stop(cell, name, text):
    head = heads([["id. Response ID", "submitdate. Date submitted", "lastpage. Last page", cell]], "export.csv")
    assert (head.names[-1], head.wording[head.names[-1]]) == (name, text)


def test_questions_asked_twice_are_told_apart():
    head = heads([["Response ID", "Date submitted", "Last page", "How?", "How?"]], "export.csv")
    assert head.names[-2:] == ["How?", "How? (2)"]
    assert [note.column for note in head.notes] == ["How? (2)"]


@pytest.mark.parametrize("rows", [[], [["id", "G01Q01"]], [["Vastaus", "Lähetetty", "How?"], ["1", "2026-03-01", "4"]]])
def test_what_is_no_export_says_so(rows):
    with pytest.raises(
        StudyError, match=r"export\.csv, row 1: .* submitdate, lastpage and startlanguage; choose question codes"
    ):
        heads(rows, "export.csv")


@pytest.mark.parametrize(
    ("rows", "evidence"),
    [
        ([["id", "submitdate", "lastpage", "G1"]], "row 1 holds submitdate, lastpage or startlanguage"),
        (
            [["id. Response ID", "submitdate. Date submitted", "lastpage. Last page"]],
            "row 1 holds submitdate, lastpage or startlanguage",
        ),
        ([["Antwort ID", "Datum Abgeschickt", "Letzte Seite"]], "row 1 holds 'Datum Abgeschickt' and 'Letzte Seite'"),
        (
            [["Response ID", "Date submitted"], ["id", "submitdate", "startlanguage"]],
            "row 2 holds submitdate and other codes of LimeSurvey below what was asked, as in a VV export",
        ),
        ([["id", "e1", "p1"], ["1", "7", "5"]], ""),
        ([["First name", "Last name", "e1"]], ""),
        ([], ""),
    ],
)
def test_the_evidence_is_said_in_words(rows, evidence):
    assert recognise(rows) == evidence
