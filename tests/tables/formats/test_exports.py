"""What holds of the exports of all platforms: the same study in each is the same study, and nothing in any is lost."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pandas as pd
import pytest
from exports import (
    LIMESURVEY,
    QUALTRICS,
    SURVEYMONKEY,
    as_google_forms,
    as_limesurvey,
    as_qualtrics,
    as_surveymonkey,
    delimited,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from study_files import WIDE, write

from cxgap.errors import CxgapError
from cxgap.gaps.customer import customer_gap
from cxgap.shipped import shipped
from cxgap.tables.formats import google_forms, limesurvey, qualtrics, surveymonkey
from cxgap.tables.read import read_study

FRAME = pd.read_csv(io.StringIO(WIDE), dtype=str, keep_default_na=False)
READERS = {"qualtrics": qualtrics, "surveymonkey": surveymonkey, "limesurvey": limesurvey, "google_forms": google_forms}
FORMS = {"Timestamp": "at"}
EXPORTS = {
    "qualtrics": (as_qualtrics, QUALTRICS),
    "surveymonkey": (as_surveymonkey, SURVEYMONKEY),
    "limesurvey": (as_limesurvey, LIMESURVEY),
    "google_forms": (as_google_forms, FORMS),
}
# Few examples, for each writes and reads whole files.
LAW = settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
CELLS = [
    "",
    "{question_not_shown}",
    '{"ImportId":"QID1"}',
    '{"ImportId":',
    "Survey Preview",
    "False",
    "N/A",
    "Response",
    "8",
    "x\ny",
]
EDIT = st.tuples(st.sampled_from(["set", "drop row", "repeat row", "drop cell", "add cell"]), *[st.integers(0, 40)] * 2)


def declared(platform):
    about = {"platform": platform, "rename": EXPORTS[platform][1]}
    return about | ({"date_format": "%Y/%m/%d %I:%M:%S %p %z"} if platform == "google_forms" else {})


def recorded(raw):
    return list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")))


@pytest.mark.slow  # tests/inspection/test_round_trip.py reads the same exports in fewer rows
@pytest.mark.parametrize("platform", EXPORTS)
def test_the_sample_study_is_the_same_in_the_export_of_each(platform, tmp_path):
    sample = shipped("sample")
    frame = pd.read_csv(sample / "responses.csv", dtype=str, keep_default_na=False)
    (tmp_path / "responses.csv").write_bytes(EXPORTS[platform][0](frame))
    for name in ("items.csv",):
        (tmp_path / name).write_bytes((sample / name).read_bytes())
    about, _, _ = (sample / "study.toml").read_text(encoding="utf-8").partition("[tables]")
    names = ", ".join(f'"{old}" = "{new}"' for old, new in EXPORTS[platform][1].items())
    keys = [f'platform = "{platform}"', f"rename = {{ {names} }}"]
    keys += ['date_format = "%Y/%m/%d %I:%M:%S %p %z"'] if platform == "google_forms" else []
    plain, said = (about.replace("[responses]\n", "[responses]\n" + "\n".join(lines) + "\n") for lines in ([], keys))
    (tmp_path / "study.toml").write_text(said, encoding="utf-8")
    (tmp_path / "plain.toml").write_text(plain.replace("responses.csv", str(sample / "responses.csv")), encoding="utf-8")
    found, told = read_study(tmp_path), read_study(tmp_path / "plain.toml")
    assert found.rows == told.rows
    gaps = [customer_gap(one.responses, by=["touchpoint", "dimension"], **one.design).frame for one in (found, told)]
    assert_frame_equal(*gaps)


@pytest.mark.parametrize("platform", EXPORTS)
def test_an_export_is_known_as_that_of_its_platform_and_of_no_other(platform):
    records = recorded(EXPORTS[platform][0](FRAME))
    assert [name for name, reader in READERS.items() if reader.recognise(records)] == [platform]


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
def test_a_plain_file_is_no_export(reader):
    assert reader.recognise(recorded(WIDE.encode())) == ""


@pytest.mark.parametrize("platform", EXPORTS)
def test_rows_above_the_head_are_counted(platform, study):
    """Row numbers are those of a spreadsheet, also where `header` says that the head begins lower."""
    export, about = EXPORTS[platform][0], declared(platform) | {"header": 3}
    raw = b"A title\r\n\r\n" + export(FRAME.replace({"e1": {"4": "40"}})).removeprefix(b"\xef\xbb\xbf")
    (reject,) = study(raw, responses=about).rejects.itertuples()
    assert reject.row == {"qualtrics": 11, "surveymonkey": 10}.get(platform, 9)
    with pytest.raises(CxgapError, match=r"responses\.csv, row 3: .*(Respondent ID|submitdate|blank)"):
        study(
            b"A title\r\n\r\n" + (b",\r\n" if platform in ("qualtrics", "google_forms") else b"a,b\r\n1,2\r\n"), responses=about
        )


@pytest.mark.parametrize("platform", EXPORTS)
def test_blank_columns_after_the_last_are_left_out_and_said(platform, study):
    rows = [[*row, "", ""] for row in recorded(EXPORTS[platform][0](FRAME))]
    read = study(delimited(rows), responses=declared(platform))
    (issue,) = [issue for issue in read.issues if issue["check"] == "unnamed_column"]
    assert (issue["column"], issue["row"]) == (f"{len(rows[0]) - 1}, ..., {len(rows[0])}", 1)
    assert read.rows["used"] == 12


@LAW
@given(platform=st.sampled_from(list(EXPORTS)), edits=st.lists(st.tuples(EDIT, st.sampled_from(CELLS)), min_size=1, max_size=5))
def test_every_answer_is_used_incomplete_or_rejected(tmp_path, platform, edits):
    rows = recorded(EXPORTS[platform][0](FRAME))
    heads = {"qualtrics": 3, "surveymonkey": 2}.get(platform, 1)
    for (what, place, column), cell in edits:
        row = rows[place % len(rows)] if rows else []
        if place % len(rows or [0]) < heads:
            continue  # another header may have other items, and so other answers
        if what == "drop row" and rows:
            del rows[place % len(rows)]
        elif what == "repeat row":
            rows.insert(column % (len(rows) + 1), list(row))
        elif what == "add cell":
            row.append(cell)
        elif row and what == "drop cell":
            del row[column % len(row)]
        elif row:
            row[column % len(row)] = cell
    try:
        read = read_study(write(tmp_path, delimited(rows), responses=declared(platform)))
    except CxgapError:
        return
    told = read.rows
    assert told["in"] == told["used"] + told["incomplete"] + told["rejected"] == told["read"]
    assert told["rejected"] == read.rejects["answers"].sum()
    assert told["in"] >= 2 * (len([row for row in rows if any(row)]) - heads)


STAFF = pd.DataFrame({"respondent_id": ["M1", "M2", "M3"], "item": ["1", "1", "2"], "believed": ["6", "5", "7"]}, dtype=object)


@pytest.mark.parametrize(("partials", "kept"), [("reject", ["M3"]), ("keep", ["M2", "M3"])])
def test_a_survey_of_staff_is_an_export_too(study, partials, kept):
    staff = as_qualtrics(STAFF.assign(touchpoint="Buy"), aside={0: "preview", 1: "unfinished"})
    table = {"file": "staff.csv", "platform": "qualtrics", "rename": {"ResponseId": "manager_id"}, "partials": partials}
    read = study(WIDE, {"staff.csv": staff}, tables={"managers": table}, items={"1": {}, "2": {}})
    assert list(read.managers["manager_id"]) == kept
    refused = read.rejects[read.rejects["table"] == "managers"]
    assert list(refused["row"]) == [4, 5][: 3 - len(kept)]
    assert not refused["answers"].any()


DOCS = Path(__file__).parents[3] / "docs" / "formats"
IDEAL, OURS = "What should an excellent kiosk do?", "What does our kiosk do?"
GRID = {"e1": (IDEAL, "Be quick"), "e2": (IDEAL, "Be kind"), "p1": (OURS, "Be quick"), "p2": (OURS, "Be kind")}
LABELS = FRAME[[*GRID]].apply(lambda ratings: "A" + ratings.astype(int).clip(upper=5).astype(str))
DOCUMENTED = {
    "qualtrics": as_qualtrics(
        FRAME.rename(columns={"e1": "Q1_1", "e2": "Q1_2", "p1": "Q2_1", "p2": "Q2_2"}).drop(columns="touchpoint")
    ),
    "surveymonkey": as_surveymonkey(FRAME[["respondent_id", *GRID]].assign(at="03/31/2026 01:02:03 PM"), GRID),
    "limesurvey": as_limesurvey(
        FRAME[["respondent_id", "at"]].join(
            LABELS.set_axis(["G01Q01[SQ001]", "G01Q01[SQ002]", "G02Q03[SQ001]", "G02Q03[SQ002]"], axis=1)
        )
    ),
    "google_forms": as_google_forms(FRAME[["at", *GRID]], GRID),
}


@pytest.mark.parametrize("platform", DOCUMENTED)
def test_the_study_file_of_the_documentation_reads_an_export(platform, tmp_path):
    _, said, _ = re.split("```(?:toml)?\n", (DOCS / f"{platform}.md").read_text(encoding="utf-8"), maxsplit=2)
    (tmp_path / "study.toml").write_text(said, encoding="utf-8")
    (tmp_path / "kiosk.csv").write_bytes(DOCUMENTED[platform])
    read = read_study(tmp_path)
    assert read.rows["used"] == 12
    assert read.responses["at"].notna().all()
