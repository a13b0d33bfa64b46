"""Google Forms exports: whole questions above the answers, a column of times first, in the language of the form's owner."""

from __future__ import annotations

import io

import pandas as pd
import pytest
from exports import as_google_forms
from pandas.testing import assert_frame_equal
from study_files import WIDE

from cxgap.errors import StudyError
from cxgap.gaps.customer import customer_gap
from cxgap.tables.dates import likely_formats
from cxgap.tables.formats.google_forms import ADDRESSES, TIMESTAMPS, heads, recognise

FRAME = pd.read_csv(io.StringIO(WIDE), dtype=str, keep_default_na=False).drop(columns="respondent_id")
ENGLISH = ("What should an excellent kiosk do?", "What does ours do?", ("Be quick", "Be kind"))
QUESTIONS = {
    "Timestamp": (ENGLISH, "Email Address"),
    "Horodateur": (
        ("Que doit faire un bon kiosque ?", "Que fait le nôtre ?", ("Être rapide", "Être gentil")),
        "Adresse e-mail",
    ),
    "タイムスタンプ": (("良い店は？", "当店は？", ("速い", "親切")), "メールアドレス"),  # noqa: RUF001
    "طابع زمني": (("ماذا يجب أن يفعل؟", "ماذا يفعل؟", ("سريع", "لطيف")), "عنوان البريد الإلكتروني"),
}


def asked(questions):
    ideal, ours, (quick, kind) = questions
    return {"e1": (ideal, quick), "p1": (ours, quick), "e2": (ideal, kind), "p2": (ours, kind)}


def declared(word, questions, **words):
    patterns = {"expectation": questions[0] + " [{item}]", "perception": questions[1] + " [{item}]"}
    about = {"platform": "google_forms", "respondent": "row", "rename": {word: "at"}}
    return {**about, "date_format": "%Y/%m/%d %I:%M:%S %p %z", **patterns, **words}


# A workbook is read alike in each language: one of them every day.
WAYS = [
    pytest.param(kind, word, marks=pytest.mark.slow if kind == "xlsx" and word != "タイムスタンプ" else [])
    for kind in ("csv", "xlsx")
    for word in QUESTIONS
]


@pytest.mark.parametrize(("kind", "word"), WAYS)
def test_the_gap_is_that_of_the_plain_file(study, word, kind):
    questions, address = QUESTIONS[word]
    raw = as_google_forms(FRAME, asked(questions), word=word, address=address, kind=kind)
    read = study(raw, responses={"file": f"export.{kind}", **declared(word, questions)})
    plain = study(WIDE)
    found, told = (customer_gap(one.responses, by="touchpoint", **one.design).frame for one in (read, plain))
    assert_frame_equal(found, told)
    assert read.rows == plain.rows
    assert address not in read.responses
    assert read.responses["at"].min() == pd.Timestamp("2026-02-28 23:00", tz="UTC")  # midnight of the first, an hour ahead


def test_a_question_that_stands_twice_is_numbered_and_said(study):
    """An edited form keeps the answers to the old question in a column of the same words."""
    frame = FRAME[["at", "touchpoint", "e1", "e2", "p1", "p2"]].assign(again="1")
    raw = as_google_forms(frame, {**asked(ENGLISH), "again": (ENGLISH[1], "Be quick")})
    read = study(raw, responses=declared("Timestamp", ENGLISH))
    assert read.rows["used"] == 12
    assert set(read.responses["What does ours do? [Be quick] (2)"]) == {"1"}
    (issue,) = [issue for issue in read.issues if issue["check"] == "repeated_column"]
    assert (issue["column"], issue["row"]) == ("What does ours do? [Be quick] (2)", 1)
    swapped = {f"{ENGLISH[1]} [Be quick]": "before", f"{ENGLISH[1]} [Be quick] (2)": f"{ENGLISH[1]} [Be quick]"}
    read = study(raw, responses=declared("Timestamp", ENGLISH, rename={"Timestamp": "at", **swapped}))
    assert (read.responses.loc[read.responses["item"] == "Be quick", "perception"] == 1).all()


def test_headers_are_on_one_line_and_otherwise_as_they_were_written():
    head = heads([["Timestamp", 'Say "hello",\n or not  <script>alert(1)</script>'], ["", ""]], "form.csv")
    assert head.names[1] == 'Say "hello", or not <script>alert(1)</script>'
    assert head.wording[head.names[1]] == 'Say "hello",\n or not  <script>alert(1)</script>'


@pytest.mark.parametrize("address", ADDRESSES)
def test_addresses_are_personal_in_many_languages(address):
    assert heads([["Timestamp", f" {address}\n", "How?"]], "form.csv").personal == (address,)


def test_a_typographic_apostrophe_hides_no_name():
    assert heads([["Horodateur", "Nom d\u2019utilisateur"]], "form.csv").personal == ("Nom d\u2019utilisateur",)


def test_a_column_without_a_name_stops_the_reading():
    with pytest.raises(StudyError, match=r"form\.csv, row 1: every column must have a name; column 2 has none"):
        heads([["Timestamp", "", "How?"]], "form.csv")


@pytest.mark.parametrize("word", TIMESTAMPS)
def test_a_form_is_known_by_its_first_column_in_many_languages(word):
    assert recognise([[word, "How quick was it?"], ["01.03.2026 10:22:33", "7"]]) == (
        f"column 1 is {word!r}, and others are whole questions"
    )


@pytest.mark.parametrize(
    ("rows", "known"),
    [
        ([["Stamp of time", "How quick was it?", "Any words?"], ["2026/03/01 10:22:33 AM GMT+9", "7", ""]], True),
        ([["Stamp of time", "How quick was it?", "Any words?"], ["soon", "7", ""]], False),
        ([["Stamp of time", "e1", "p1"], ["2026/03/01 10:22:33 AM GMT+9", "7", "6"]], False),
        ([["Timestamp", "e1", "p1"], ["2026/03/01 10:22:33", "7", "6"]], False),
        ([["Timestamp", "e1", "p1"], ["2026/03/01 10:22:33 AM GMT+9", "7", "6"]], True),
        ([["Timestamp", "How [quick]"]], True),
        ([["How?", "Why?"]], False),
        ([["Timestamp"]], False),
        ([[], ["2026"]], False),
        ([], False),
    ],
)
def test_an_unknown_word_needs_times_below_it_and_questions_beside_it(rows, known):
    assert bool(recognise(rows)) == known


@pytest.mark.parametrize(
    ("times", "formats"),
    [
        (["2024/03/01 10:22:33 AM GMT+9"], ("%Y/%m/%d %I:%M:%S %p %z",)),
        (["2025/07/11 10:16:35 \u5348\u524d GMT+9"], ("%Y/%m/%d %I:%M:%S %p %z",)),
        (["2024. 3. 1 \uc624\uc804 10:22:33", "2024. 3. 31 \uc624\ud6c4 1:02:03"], ("%Y. %m. %d %p %I:%M:%S",)),
        (["2024/03/01 8:01:15 p.\u00a0m. GMT-5"], ("%Y/%m/%d %I:%M:%S %p %z",)),
        (["2024/03/01 8:01:15 p. m. GMT-5"], ("%Y/%m/%d %I:%M:%S %p %z",)),
        (["2024/03/01 8:01:15 \u00d6S GMT+3"], ("%Y/%m/%d %I:%M:%S %p %z",)),
        (["3/1/2024 10:22:33"], ("%d/%m/%Y %H:%M:%S", "%m/%d/%Y %H:%M:%S")),
        (["3/1/2024 10:22:33", "3/31/2024 10:22:33"], ("%m/%d/%Y %H:%M:%S",)),
        (["01/03/2024 10:22:33", "31/03/2024 10:22:33"], ("%d/%m/%Y %H:%M:%S",)),
        (["01.03.2024 10:22:33"], ("%d.%m.%Y %H:%M:%S",)),
        (["01/03/2024 10.22.33", "31/03/2024 10.22.33"], ("%d/%m/%Y %H.%M.%S",)),
        (["2024/03/01 10:22:33 AM MESZ"], ()),
        ([""], ()),
    ],
)
def test_a_format_is_proposed_where_the_times_tell_it_and_asked_for_where_they_do_not(times, formats):
    assert likely_formats(times) == formats


def test_the_name_of_a_zone_is_no_offset(study):
    """A form whose owner's language writes MESZ: no format reads it, and the row says so."""
    raw = as_google_forms(FRAME, asked(ENGLISH), stamp="%Y/%m/%d %I:%M:%S %p MESZ")
    with pytest.raises(StudyError, match="bad_date"):
        study(raw, study={"max_rejected": 0.05}, responses=declared("Timestamp", ENGLISH, date_format=None))
