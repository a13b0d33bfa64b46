"""Answers in words become the numbers that are declared for them, and a word that is not declared is never guessed."""

from __future__ import annotations

import pytest
from study_files import AS_LONG, LONG, WIDE, wide

from cxgap.errors import StudyError

WORDS = dict(
    enumerate(["Strongly disagree", "Disagree", "Rather disagree", "Neither", "Rather agree", "Agree", "Strongly agree"], 1)
)
LABELS = {word: number for number, word in WORDS.items()}
SCALE = {"labels": LABELS}


def in_words(text: str) -> str:
    """Write the ratings of a wide file in words."""
    header, *lines = text.splitlines()
    rows = [line.split(",") for line in lines]
    return "\n".join([header, *(",".join([*row[:4], *(WORDS[int(cell)] for cell in row[4:])]) for row in rows)]) + "\n"


def refused(study, /, *args, **sections) -> list[str]:
    with pytest.raises(StudyError) as caught:
        study(*args, **sections)
    return str(caught.value).splitlines()


def test_answers_in_words_are_read_as_the_numbers_declared(study):
    read = study(in_words(WIDE), scale=SCALE)
    numbers = study(WIDE)
    for rating in ("expectation", "perception"):
        assert read.responses[rating].tolist() == numbers.responses[rating].tolist()
    assert dict(read.rows) == dict(numbers.rows)


def test_words_and_numbers_may_stand_side_by_side(study):
    assert study(WIDE.replace("7,5,6,6", "Strongly agree,5,Agree,6"), scale=SCALE).responses["expectation"].tolist()[:2] == [
        7,
        6,
    ]


@pytest.mark.parametrize(
    "written",
    [
        "strongly AGREE",
        " Strongly agree ",
        "Strongly  agree",
        "Strongly\u00a0agree",
        "\uff33trongly agree",
    ],
)
def test_a_label_is_known_whatever_its_case_width_and_spaces(study, written):
    assert study(WIDE.replace("7,5,6,6", f"{written},5,6,6"), scale=SCALE).responses["expectation"].iloc[0] == 7


@pytest.mark.parametrize(
    ("declared", "written"),
    [
        ("I don't know, but like it", "\u201cI don\u2019t know, but like it\u201d"),
        ("5 - Strongly agree", "5 \u2013 strongly agree"),
        ("(7) Cafe\u0301", "(7) Caf\u00e9"),
        ("7 = tr\u00e8s bien", "7 = TR\u00c8S BIEN"),
    ],
)
def test_a_label_is_known_whatever_its_quotes_dashes_and_accents(study, declared, written):
    shown = '"' + written.replace('"', '""') + '"'
    label = declared if "\u201c" not in written else f'"{declared}"'
    read = study(WIDE.replace("7,5,6,6", f"{shown},5,6,6"), scale={"labels": {label: 7}})
    assert read.responses["expectation"].iloc[0] == 7


def test_an_unknown_label_is_an_error_with_the_nearest_once_for_each(study):
    survey = in_words(wide(12)).replace("R3,Buy,NA,2026-03-01,Rather agree", "R3,Buy,NA,2026-03-01,Rathr agree")
    survey = survey.replace("R5,Buy,NA,2026-03-01,Rather agree", "R5,Buy,NA,2026-03-01,rathr  agree")
    survey = survey.replace("R7,Buy,NA,2026-03-01,Rather agree,Neither", "R7,Buy,NA,2026-03-01,Rather agree,Quite")
    lines = refused(study, survey, scale=SCALE)
    assert lines == [
        "responses.csv, row 5, column 'e1': 'Rathr agree' is none of the labels under [scale]; correct it, or add "
        "\"Rathr agree\" and its number to `labels`. Did you mean 'Rather agree'?",
        "responses.csv, row 9, column 'p1': 'Quite' is none of the labels under [scale]; correct it, or add \"Quite\" and its "
        "number to `labels`.",
    ]


def test_what_is_neither_a_word_nor_a_number_is_set_aside_as_before(study):
    read = study(WIDE.replace("7,5,6,6", "7%,5,1 000,6"), scale=SCALE)
    assert read.rejects["reason"].tolist() == ["not_a_number", "not_a_number"]


def test_a_word_for_no_answer_comes_before_the_labels(study):
    read = study(WIDE.replace("7,5,6,6", "don\u2019t know,N/A,6,6"), scale=SCALE, responses={"missing": ["Don't know"]})
    assert (read.rows["incomplete"], read.rows["rejected"]) == (1, 0)


def test_a_number_off_the_scale_is_still_refused(study):
    assert study(WIDE.replace("7,5,6,6", "99,5,6,6"), scale=SCALE).rejects["reason"].tolist() == ["out_of_scale"]


def test_undeclared_labels_are_listed_once_for_the_whole_file_twelve_at_most(study):
    header, *lines = wide(14).splitlines()
    rows = [line.replace(",5,4,6,3", f",word {chr(97 + place)},4,word {chr(97 + place)},3") for place, line in enumerate(lines)]
    (line,) = refused(study, "\n".join([header, *rows]))
    assert line.startswith(
        "responses.csv, row 2, column 'e1': 14 of 14 answers cannot be read, such as 'word a'; it holds labels"
    )
    assert line.count(" = ...") == 12
    assert '"word l" = ... } (and 2 more), each with its number, or export codes. The same in 1 other column.' in line


def test_the_same_answer_in_words_and_as_a_number_is_a_duplicate(study):
    read = study(WIDE + "R1,Buy,NA,2026-03-01,Strongly agree,5,Agree,6\n", scale=SCALE)
    assert read.rejects["reason"].tolist() == ["duplicate"]


def test_a_long_file_has_labels_too(study):
    read = study(LONG.replace(",1,7,5", ",1,Strongly agree,5"), responses=AS_LONG, scale=SCALE)
    assert read.responses["expectation"].iloc[0] == 7


JOY = {"kind": "satisfaction", "low": 1, "high": 5, "labels": {"glad": 5, "sad": 1}}
JOYS = WIDE.replace("region", "joy").replace("NA", "Glad").replace("007", "sad").replace("north", "3")


def test_an_outcome_has_labels_of_its_own(study):
    assert study(JOYS, outcomes={"joy": JOY}).responses["joy"].tolist()[::2] == [5, 1, 3, 5, 1, 3]
    (line,) = refused(study, JOYS.replace("Glad", "Mad"), outcomes={"joy": JOY})
    assert line.startswith(
        "responses.csv, row 2, column 'joy': 'Mad' is none of the labels under [outcomes.\"joy\"]; correct it"
    )
    assert line.endswith("Did you mean 'sad'?")


STAFF = "manager_id,touchpoint,item,believed\nM1,Buy,1,agree\nM2,Buy,1,"


def test_managers_may_answer_in_words(study):
    tables = {"managers": "managers.csv"}
    read = study(WIDE, {"managers.csv": STAFF + "5\n"}, tables=tables, scale=SCALE)
    assert read.managers["believed"].tolist() == [6, 5]
    (line,) = refused(study, WIDE, {"managers.csv": STAFF + "agre\n"}, tables=tables, scale=SCALE)
    assert line.startswith("managers.csv, row 3, column 'believed': 'agre' is none of the labels under [scale]")


def test_a_label_declared_off_the_scale_is_refused(study):
    (line,) = refused(study, scale={"labels": {"Great": 8}})
    assert "must have labels from 1 to 7, and 'Great' is 8" in line


def test_labels_that_wait_for_their_number_are_asked_for(study):
    (line,) = refused(study, scale={"labels": {"Great": "?"}})
    assert line == 'study.toml: `scale.labels.Great` waits for an answer in place of "?".'
