"""What a row is of: a respondent of its own, the wave of its sheet, no customer's at all, and columns that are left unread."""

from __future__ import annotations

import io

import numpy as np
import openpyxl
import pandas as pd
import pytest
from study_files import AS_LONG, WIDE

from cxgap.errors import StudyError
from cxgap.tables.keys import set_aside, with_keys
from cxgap.tables.rejects import Rejects
from cxgap.tables.source import SHEET_BITS, Responses

NAMELESS = "touchpoint,region,at,e1,p1,e2,p2\n" + "".join(line.split(",", 1)[1] + "\n" for line in WIDE.splitlines()[1:])


def test_every_row_may_be_a_respondent_of_its_own(study):
    read = study(NAMELESS, responses={"respondent": "row"})
    assert read.respondents == 6
    assert sorted(read.responses["respondent_id"].unique()) == ["2", "3", "4", "5", "6", "7"]
    assert read.responses["perception"].tolist() == study(WIDE).responses["perception"].tolist()


def test_people_without_an_id_who_answer_alike_are_no_duplicates(study):
    read = study(NAMELESS + NAMELESS.splitlines()[1] + "\n", responses={"respondent": "row"})
    assert (read.rows["used"], read.rows["rejected"]) == (14, 0)


def test_without_an_id_and_without_being_told_so_the_id_is_missing(study):
    with pytest.raises(LookupError, match="must have a column 'respondent_id'"):
        study(NAMELESS)


def test_an_id_is_given_once(study):
    with pytest.raises(StudyError, match=r"`respondent_id` must be given once.*drop `respondent` under \[responses\]"):
        study(WIDE, responses={"respondent": "row"})


def test_a_sheet_is_its_wave_and_its_rows_are_counted_in_it():
    source = Responses(file="r.xlsx", layout="wide", respondent="row", waves={"spring": "2025", "autumn": "2026"})
    frame = pd.DataFrame({"e1": ["7", "6"]}, index=[2, (1 << SHEET_BITS) + 2], dtype=object)
    made = with_keys(frame, source)
    assert made["wave"].tolist() == ["2025", "2026"]
    assert made["respondent_id"].tolist() == ["spring 2", "autumn 2"]
    with pytest.raises(StudyError, match=r"`wave` must be given once.*drop `waves` under \[responses\]"):
        with_keys(frame.assign(wave="2025"), source)


def sheets(**texts: str) -> bytes:
    """Write a workbook of one sheet a text."""
    book, raw = openpyxl.Workbook(), io.BytesIO()
    book.remove(book.active)
    for name, text in texts.items():
        sheet = book.create_sheet(name)
        for line in text.splitlines():
            sheet.append([int(cell) if cell.isdigit() and cell[0] != "0" else cell for cell in line.split(",")])
    book.save(raw)
    return raw.getvalue()


def test_sheets_are_waves_and_their_rows_are_said_with_the_sheet(study):
    second = WIDE.replace("7,5,6,6", "5,5,5,99") + "Total,,,,5,5,5,5\n"
    words = {"file": "r.xlsx", "waves": {"spring": "2025", "autumn": "2026"}}
    read = study(sheets(spring=WIDE, autumn=second), responses=words, **{"scale.waves.2026": {"low": 1, "high": 7}})
    assert read.rejects[["sheet", "row", "reason", "answers"]].to_numpy().tolist() == [
        ["autumn", 2, "out_of_scale", 1],
        ["autumn", 8, "summary_row", 2],
    ]
    assert read.responses["wave"].value_counts().to_dict() == {"2025": 12, "2026": 11}
    lines = [line for line in read.issues.lines() if line.startswith("rejected")]
    assert [line.split(": ")[1] for line in lines] == [
        "responses, column p2, sheet 'autumn', row 2",
        "responses, column respondent_id, sheet 'autumn', row 8",
    ]
    assert lines[1].endswith("; nothing to do: it was set aside")
    with pytest.raises(StudyError, match=r"r\.xlsx, sheet 'autumn', row 2: a row must stand once"):
        study(sheets(spring=WIDE, autumn=WIDE), responses=words)


@pytest.mark.parametrize("partials", ["reject", "keep"])
def test_rows_that_are_no_answer_of_a_customer_cost_all_their_answers(partials):
    source = Responses(file="r.csv", layout="wide", partials=partials)
    answers = pd.DataFrame({"respondent_id": list("aabbcc"), "item": list("121212")}, index=[2, 2, 3, 3, 4, 4])
    aside = pd.Series(["preview", "unfinished", ""], index=[2, 3, 4], dtype=object)
    rejects = Rejects("responses", source)
    kept = set_aside(answers, aside, source, rejects)
    found = rejects.frame[["row", "reason", "answers"]].to_numpy().tolist()
    assert found == [[2, "preview", 2], [3, "unfinished", 2]][: 1 if partials == "keep" else 2]
    assert len(kept) + rejects.frame["answers"].sum() == 6


def test_personal_columns_are_left_unread_and_said(study):
    read = study(responses={"personal": ["region", "at"]})
    assert not {"region", "at"} & set(read.responses)
    (issue,) = [issue for issue in read.issues if issue["check"] == "personal_unread"]
    assert (issue["severity"], issue["column"], issue["value"]) == ("note", "region, at", "")
    assert "NA" not in repr(read.rejects)


def test_a_personal_column_that_is_needed_is_missing_then(study):
    with pytest.raises(LookupError, match="must have a column 'respondent_id'"):
        study(responses={"personal": ["respondent_id"]})


def test_all_personal_columns_that_are_not_there_are_said(study):
    with pytest.raises(StudyError) as caught:
        study(responses={"personal": ["regoin", "email"]})
    first, second = str(caught.value).splitlines()
    assert first == "responses.csv: `personal` names the column 'regoin', and the file has none. Did you mean 'region'?"
    assert second.startswith("responses.csv: `personal` names the column 'email', and the file has none.")


def test_where_and_a_total_do_not_meet(study):
    """A total belongs to no region, and is left out where one is asked for."""
    survey = WIDE + "Total,,,,35,28,33,29\n"
    assert study(survey, where={"region": "007"}).rows["rejected"] == 0
    rows = study(survey).rows
    assert (rows["in"], rows["rejected"]) == (14, 2)


@pytest.mark.parametrize("column", ["respondent_id", "touchpoint"])
def test_a_blank_key_costs_the_answers_of_its_row(study, column):
    place = {"respondent_id": "R3,Buy", "touchpoint": "R3,Buy"}[column]
    blank = {"respondent_id": " ,Buy", "touchpoint": "R3,"}[column]
    (found,) = study(WIDE.replace(place, blank)).rejects.itertuples()
    assert (found.row, found.column, found.reason, found.answers) == (4, column, "empty_key", 2)


def test_an_unknown_touchpoint_costs_the_answers_of_its_row(study):
    read = study(WIDE.replace("R3,Buy", "R3,Bye"), study={"touchpoints": ["Buy", "Use"]})
    assert read.rejects[["row", "value", "answers"]].to_numpy().tolist() == [[4, "Bye", 2]]


def test_a_long_file_without_ids_is_read_row_by_row(study):
    survey = "expectation,perception\n7,5\n6,6\n7,5\n"
    read = study(survey, responses={"respondent": "row", "touchpoint": "Buy", **AS_LONG})
    assert np.allclose(read.responses["perception"], [5, 6, 5])
