"""Qualtrics exports, in the shape that its help documents: ids, wording and ImportId above the responses."""

from __future__ import annotations

import io
from itertools import product

import pandas as pd
import pytest
from exports import QUALTRICS, as_qualtrics, delimited, workbook
from pandas.testing import assert_frame_equal
from study_files import WIDE

from cxgap.errors import StudyError
from cxgap.gaps.customer import customer_gap
from cxgap.tables.formats.qualtrics import heads, recognise, time_zone

FRAME = pd.read_csv(io.StringIO(WIDE), dtype=str, keep_default_na=False)
ASKED = {
    "e1": ("What should an excellent kiosk do?", "Be quick"),
    "p1": ("What does our kiosk do?", "Be quick"),
    "e2": 'Should staff\nsay "hello", or\r\nnot; <script>alert(1)</script>',
    "p2": "Do staff say hello?",
}
DECLARED = {"platform": "qualtrics", "rename": QUALTRICS}
GERMAN = {"IP Address": "IP-Adresse", "Survey Preview": "Umfragenvorschau", "True": "Wahr", "False": "Falsch"}
IDS, WORDS, MARKS = (
    ["RecordedDate", "Status", "ResponseId", "e1"],
    ["Recorded Date", "Response Type", "Response ID", "Soll?"],
    ['{"ImportId":"recordedDate","timeZone":"Asia/Tokyo"}', '{"ImportId":"status"}', '{"ImportId":"_recordId"}'],
)
MARKS = [*MARKS, '{"ImportId":"QID1"}']
ROW = ["2026-03-01 09:10:00", "IP Address", "R_1", "7"]


@pytest.fixture
def exported(study):
    """Write an export and read it."""

    def read(raw: bytes, *, file: str = "export.csv", **words):
        return study(raw, responses={"file": file, **DECLARED, **words})

    return read


def gaps(read):
    return customer_gap(read.responses, by="touchpoint", **read.design).frame


# Every day each kind and each number of rows above the answers, with codes and without.
DAILY = {("csv", 3, False), ("csv", 2, True), ("csv", 1, False), ("tsv", 3, True), ("xlsx", 3, True), ("xlsx", 1, False)}
WAYS = [
    pytest.param(*way, marks=[] if way in DAILY else pytest.mark.slow)
    for way in product(("csv", "tsv", "xlsx"), (3, 2, 1), (False, True))
]


@pytest.mark.parametrize(("kind", "rows", "codes"), WAYS)
def test_the_gap_is_that_of_the_plain_file(exported, study, kind, rows, codes):
    read = exported(as_qualtrics(FRAME, ASKED, kind=kind, heads=rows, codes=codes), file=f"export.{kind}")
    assert_frame_equal(gaps(read), gaps(study(WIDE)))
    assert read.rows["in"] == read.rows["used"] == 12


@pytest.mark.parametrize(
    ("kind", "codes", "words"),
    [
        ("csv", False, {}),
        ("csv", True, {}),
        ("xlsx", True, {}),
        ("csv", False, GERMAN),
        pytest.param("xlsx", False, {}, marks=pytest.mark.slow),
        pytest.param("xlsx", False, GERMAN, marks=pytest.mark.slow),
    ],
)
def test_what_is_no_customers_answer_is_set_aside_and_counted(exported, kind, codes, words):
    """Policy: rows in = used + incomplete + rejected; what the platform marks costs nothing of `max_rejected`."""
    aside = {0: "preview", 1: "unfinished", 4: "preview"} | ({} if words else {2: "spam"})
    raw = as_qualtrics(FRAME, ASKED, kind=kind, codes=codes, aside=aside, words=words)
    read = exported(raw, file=f"export.{kind}", partials="reject")
    reasons = read.rejects.set_index("row")["reason"].to_dict()
    first = 4 if kind == "csv" else 3
    assert reasons == {first + place: why for place, why in aside.items()}
    assert read.rows["rejected"] == 2 * len(aside) == read.rejects["answers"].sum()
    assert read.rows["in"] == 12 == read.rows["used"] + read.rows["rejected"]


def test_previews_do_not_use_up_what_may_be_rejected(study):
    aside = dict.fromkeys(range(5), "preview")
    read = study(as_qualtrics(FRAME, aside=aside), study={"max_rejected": 0}, responses=DECLARED)
    assert read.rows["used"] == 2


def test_unfinished_responses_can_be_kept_and_previews_cannot(exported):
    read = exported(as_qualtrics(FRAME, aside={0: "preview", 1: "unfinished"}), partials="keep")
    assert list(read.rejects["reason"]) == ["preview"]
    assert "R2" in set(read.responses["respondent_id"])


# Documented codes of Status; a sum of 1 (preview), 2 (test), 4 (imported), 8 (spam), 16 (offline), 32 (employees).
STATUS = {
    "0": "",
    "1": "preview",
    "2": "preview",
    "4": "",
    "8": "spam",
    "9": "preview",
    "12": "spam",
    "16": "",
    "17": "preview",
}
STATUS |= {"32": "", "40": "spam", "48": "", "256": "preview", "Survey Test": "preview", "Survey Preview Spam": "preview"}
STATUS |= {
    "Imported Spam": "spam",
    "Offline": "",
    "EX": "",
    "Imported": "",
    "ip address ": "",
    "1.0": "preview",
    "Vorschau": "",
}


@pytest.mark.parametrize("status", STATUS)
def test_each_status_is_known_by_code_and_by_label(status):
    head = heads([IDS, WORDS, MARKS, ROW], "export.csv")
    body = pd.DataFrame([["", status, "R_1", "7"]], columns=head.names, dtype=object)
    assert list(head.aside(body)) == [STATUS[status]]


@pytest.mark.parametrize(("finished", "progress", "why"), [("False", "", "unfinished"), ("0", "100", "unfinished")])
@pytest.mark.parametrize("more", [[], [("Faux", "40", "unfinished"), ("Vrai", "100", ""), ("", "", ""), ("True", "40", "")]])
def test_a_response_is_finished_by_its_mark_and_in_another_language_by_its_progress(finished, progress, why, more):
    cases = [(finished, progress, why), *more]
    head = heads([["Finished", "Progress", "ResponseId"], ["Finished", "Progress", "Response ID"]], "export.csv")
    body = pd.DataFrame([[done, share, "R_1"] for done, share, _ in cases], columns=head.names, dtype=object)
    assert list(head.aside(body)) == [why for *_, why in cases]


def test_personal_columns_are_left_unread_unless_they_are_renamed(exported):
    read = exported(as_qualtrics(FRAME), rename={**QUALTRICS, "ExternalReference": "customer_id"})
    (issue,) = [issue for issue in read.issues if issue["check"] == "personal_unread"]
    dropped = {
        "IPAddress",
        "RecipientLastName",
        "RecipientFirstName",
        "RecipientEmail",
        "LocationLatitude",
        "LocationLongitude",
    }
    assert set(issue["column"].split(", ")) == dropped
    assert not dropped & set(read.responses)
    assert set(read.responses["customer_id"]) == {"C1"}
    assert "doe@example" not in read.responses.to_csv()


def test_columns_are_known_by_their_import_id_whatever_they_are_called():
    ids = ["when", "kind", "who", "e1"]
    marks = [*MARKS[:1], '{"ImportId":"ipAddress"}', *MARKS[2:]]
    assert list(heads([ids, WORDS, marks], "export.csv").personal) == ["kind"]


def test_wording_is_on_one_line_and_otherwise_as_it_was_written():
    rows = [["StartDate", "Status", "ResponseId", "e2"], ["Start Date", "Response Type", "Response ID", ASKED["e2"]]]
    head = heads(rows, "export.csv")
    assert head.wording["e2"] == 'Should staff say "hello", or not; <script>alert(1)</script>'


def test_an_old_export_names_its_columns_in_the_second_row():
    top = ["V1", "V2", "V3", "V5", "V6", "V7", "V8", "V9", "V10", "Q1"]
    below = [
        "ResponseID",
        "ResponseSet",
        "Name",
        "EmailAddress",
        "IPAddress",
        "Status",
        "StartDate",
        "EndDate",
        "Finished",
        "How?",
    ]
    head = heads([top, below], "old.csv")
    assert (head.names, head.rows) == ([*below[:-1], "Q1"], 2)
    assert head.personal == ("Name", "EmailAddress", "IPAddress")
    assert recognise([top, below]) == "row 1 holds V1, V2, ... and row 2 ResponseID"


@pytest.mark.parametrize("broken", [b'""QID1', b"5}", b"null}", b'{""a"":1}}', b"[" * 50_000, b'""QID1""}}', b"\xc3\xa9"])
def test_broken_json_in_the_third_row_loses_nothing(exported, broken):
    raw = as_qualtrics(FRAME).replace(b'""QID1""}', broken)
    assert raw != as_qualtrics(FRAME)
    assert exported(raw).rows["used"] == 12


def test_a_field_that_was_handed_over_under_a_fixed_name_is_not_taken_for_it():
    rows = [["Status", "ResponseId", "RecordedDate", "status"], *[["", "", "", ""]] * 2]
    rows[2] = ['{"ImportId":"status"}', *MARKS[2:3], MARKS[0], '{"ImportId":"Status"}']
    head = heads(rows, "export.csv")
    assert list(head.aside(pd.DataFrame([["1", "R_1", "", "0"]], columns=head.names, dtype=object))) == ["preview"]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([IDS, WORDS, [*MARKS[:3], "7"]], ["row 3, column 4", "ImportId", "'7'"]),
        ([["id", "e1", "p1"], ["1", "7", "5"]], ["ImportId in its third row", "drop `platform`"]),
        (
            [["Status", "Finished", "UserLanguage", "e1"], ["Typ", "Fertig", "EN", "7"]],
            ["row 2", "cannot be told", "RecordedDate"],
        ),
        ([], ["row 1", "it is blank"]),
    ],
)
def test_what_is_no_export_says_so(rows, words):
    with pytest.raises(StudyError) as error:
        heads(rows, "export.csv")
    assert "export.csv" in str(error.value)
    assert all(word in str(error.value) for word in words)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("rows", "evidence"),
    [
        ([IDS, WORDS, MARKS, ROW], "row 3 holds ImportId"),
        ([IDS, MARKS, ROW], "row 2 holds ImportId"),
        (
            [[*IDS, "Progress", "Finished"], [*WORDS, "", ""]],
            "row 1 holds ResponseId and other columns of every Qualtrics export",
        ),
        ([["respondent_id", "status", "e1"], ["1", "0", "7"]], ""),
        ([["comment"], ["{ImportId} is a word"]], ""),
        ([["startdate", "enddate", "status", "finished"], ["", "", "", ""]], ""),
        ([], ""),
    ],
)
def test_the_evidence_is_said_in_words(rows, evidence):
    assert recognise(rows) == evidence


def test_the_time_zone_is_that_of_the_third_row():
    assert time_zone([IDS, WORDS, MARKS]) == "Asia/Tokyo"
    assert time_zone([IDS, WORDS]) == ""


@pytest.mark.parametrize(
    ("said", "zone", "warned"),
    [
        ("America/Denver", "UTC", True),
        ("America/Denver", "US/Mountain", False),  # two names of one clock
        ("Europe/London", "UTC", True),  # alike in winter
        ("Etc/GMT", "UTC", False),
        ("Mountain", "UTC", True),
    ],
)
def test_times_of_another_zone_than_the_studys_are_warned_of(study, said, zone, warned):
    raw = as_qualtrics(FRAME, zone=said)
    read = study(raw, study={"zone": zone}, responses=DECLARED)
    assert [issue["value"] for issue in read.issues if issue["check"] == "other_zone"] == [said] * warned
    read = study(raw, study={"zone": zone}, responses={**DECLARED, "rename": {"ResponseId": "respondent_id"}})
    assert "other_zone" not in {issue["check"] for issue in read.issues}


@pytest.mark.parametrize("write", [delimited, workbook])
def test_rows_are_those_of_the_file(exported, write):
    raw = as_qualtrics(FRAME.replace({"e1": {"4": "40"}}))
    rows = pd.read_csv(io.BytesIO(raw), header=None, dtype=str, keep_default_na=False).to_numpy().tolist()
    read = exported(write(rows), file="export.xlsx" if write is workbook else "export.csv")
    (reject,) = read.rejects.itertuples()
    assert (reject.row, reject.column, reject.value) == (9, "e1", "40")


def test_a_workbook_may_have_numbers_times_and_truths_in_its_cells(exported, study):
    from datetime import datetime

    from openpyxl import Workbook

    frame = FRAME.drop(columns="at")
    rows = (
        pd.read_csv(io.BytesIO(as_qualtrics(frame, heads=2)), header=None, dtype=str, keep_default_na=False).to_numpy().tolist()
    )
    book, file = Workbook(), io.BytesIO()
    for row in rows[:2]:
        book.active.append(row)
    for place, row in enumerate(rows[2:]):
        cells = dict(zip(rows[0], row, strict=True))
        typed = {
            "RecordedDate": datetime.fromisoformat(cells["RecordedDate"]),
            "Finished": place > 0,
            "Status": 0,
            "Progress": 100,
        }
        typed |= {name: int(cells[name]) for name in ("e1", "p1", "e2", "p2")}
        book.active.append([typed.get(name, cell) for name, cell in cells.items()])
    book.save(file)
    read = exported(file.getvalue(), file="export.xlsx")
    assert read.rejects[["row", "reason"]].to_numpy().tolist() == [[3, "unfinished"]]
    assert set(read.responses["at"]) == {pd.Timestamp("2026-03-01 09:10", tz="UTC")}
    assert_frame_equal(gaps(exported(file.getvalue(), file="export.xlsx", partials="keep")), gaps(study(WIDE)))


def test_sheets_of_a_workbook_can_be_waves_and_each_has_its_head(exported):
    from openpyxl import load_workbook

    one = load_workbook(io.BytesIO(as_qualtrics(FRAME, kind="xlsx", aside={0: "preview"})))
    sheet, file = one.create_sheet("Q2"), io.BytesIO()
    for row in load_workbook(io.BytesIO(as_qualtrics(FRAME, kind="xlsx", aside={5: "spam"}))).active.values:
        sheet.append(row)
    one.save(file)
    read = exported(file.getvalue(), file="export.xlsx", waves={"Sheet0": "2026-Q1", "Q2": "2026-Q2"})
    refused = read.rejects[["sheet", "row", "reason"]].to_numpy().tolist()
    assert refused == [["Sheet0", 3, "preview"], ["Q2", 8, "spam"]]
    assert (read.rows["in"], read.rows["used"]) == (24, 20)
