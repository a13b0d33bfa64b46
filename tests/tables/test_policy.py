"""The page of the policy says what the checks do, and every error that it lists can be met."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest
from study_files import WIDE, wide, write

from cxgap.errors import CxgapError
from cxgap.tables.issues import NOTES, SET_ASIDE, WARNINGS
from cxgap.tables.read import read_study

ROOT = Path(__file__).resolve().parents[2]


def policy():
    spec = importlib.util.spec_from_file_location("policy", ROOT / "tools" / "policy.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def codes(title: str) -> list[str]:
    """Return the codes of the table under a title of the page."""
    page = (ROOT / "docs" / "policy.md").read_text(encoding="utf-8")
    part = page.split(f"\n## {title}\n")[1].split("\n## ")[0]
    return [code for code in re.findall(r"^\| (\w+) \|", part, re.MULTILINE) if code != "code"]


def test_the_page_is_what_the_checks_say():
    assert (ROOT / "docs" / "policy.md").read_text(encoding="utf-8") == policy().page(), "type: make docs"


def test_every_code_stands_under_what_becomes_of_it():
    assert codes("What is set aside") == list(SET_ASIDE)
    assert codes("What is used, with a warning") == list(WARNINGS)
    assert codes("What is used, with a note") == list(NOTES)
    assert not set(SET_ASIDE) & set(WARNINGS)
    assert not set(NOTES) & {*SET_ASIDE, *WARNINGS}


HALF = wide(20).replace("region", "w").replace("NA", "1")
TIMED = wide(20).replace("2026-03-01", "2026-03-01T10:00")
LATE = wide(20).replace("2026-03-01", "31.03.2026")

# error: the survey, further words of the study, and what the message says
MET = {
    "missing_file": (WIDE, {"codebook": {"file": "no.csv"}}, "no.csv must be a file, found from the folder of the study file"),
    "empty_file": (" \n", {}, "it is empty"),
    "no_rows": (WIDE.splitlines()[0], {}, "must hold rows below its header"),
    "wrong_kind": (b"\x1f\x8b" + WIDE.encode(), {}, "gzip"),
    "not_decodable": (WIDE.replace("north", "no\u00f6rd").encode("cp1252"), {}, "byte 0xF6 is not UTF-8"),
    "open_quote": (WIDE.replace("NA", '"NA', 1), {}, "a quote is never closed"),
    "blank_header": (",,,\n,,,\n7,5,6,6\n", {}, "row 1: the first row must name the columns; it is blank"),
    "title_above": ("Kiosk\n" + WIDE, {}, "set header = 2"),
    "second_header": (WIDE.replace("\nR1", "\n,,,,pts,pts,pts,pts\nR1"), {}, "heads the columns a second time"),
    "missing_column": (WIDE.replace("respondent_id", "who"), {}, "must have a column 'respondent_id'"),
    "name_twice": (WIDE.replace("region", " e1"), {}, "'e1' is named 2 times"),
    "wide_body": (WIDE.replace("\n", ",x\n").replace("p2,x", "p2", 1), {}, "every row has more fields than the header"),
    "labels": (wide(20).replace(",5,4", ",good,4"), {}, "it holds labels"),
    "unknown_label": (WIDE.replace("7,5,6,6", "good,5,6,6"), {"scale": {"labels": {"bad": 1}}}, "is none of the labels"),
    "decimal_comma": (wide(20).replace(",5,4", ',"5,0",4'), {}, 'set decimal = ","'),
    "other_scale": (wide(20).replace(",5,4", ",9,4"), {}, "its answers run from 9 to 9"),
    "other_step": (wide(20).replace(",5,4", ",5.5,4"), {}, "set `step` under [scale]"),
    "unreadable": (wide(20).replace(",5,4", ",5%,4"), {}, "export the column as plain numbers"),
    "damaged_ids": (wide(20).replace("R7,", "1.23E+17,"), {}, "an id must be as it was given"),
    "other_dates": (LATE, {}, 'date_format = "%d.%m.%Y"'),
    "mixed_zones": (TIMED.replace("T10:00", "T10:00Z", 9), {}, "every time must have an offset or none"),
    "bad_weight": (HALF.replace(",1,2026", ",-1,2026", 1), {"design": {"weight": "w"}}, "must have a number of 0 or more"),
    "repeated_file": (WIDE + WIDE, {}, "the file repeats itself"),
    "too_much_rejected": (wide(20).replace(",5,4", ",9,4", 3), {"study": {"max_rejected": 0.05}}, "had to be rejected"),
    "no_pair": ("respondent_id,touchpoint,e1,p1\nR1,Buy,7,\n", {}, "must hold at least one answer with both ratings"),
}


TWO_FORMATS = {"responses": {"date_format": ["%d/%m/%Y", "%m/%d/%Y"]}}
MET["two_formats"] = (wide(20).replace("2026-03-01", "03/04/2026"), TWO_FORMATS, "leave the wrong one out of date_format")
TOOK = {"touchpoint": "Buy", "unit": "days", "direction": "lower", "delivered": "took"}
ONE_ORDER = {"links.order": {"table": "responses", "to": "events", "key": "respondent_id", "to_key": "customer_id"}}

# The same of a table beside the survey: its text before the rest.
BESIDE = {
    "unit_in_cell": ("took\nE1,C1,2 days\nE2,C2,3 days\n", {"metrics": {"time": TOOK}}, "must be numbers alone"),
    "mixed_units": ("took,took_unit\nE1,C1,2,days\nE2,C2,48,hours\n", {"metrics": {"time": TOOK}}, "must be in one unit"),
    "not_one_row": ("took\nE1,R1,2\nE2,R1,3\n", ONE_ORDER, "stands in rows [2, 3]"),
}


@pytest.mark.parametrize("error", BESIDE)
def test_an_error_of_a_table_beside_the_survey_stops_the_reading(tmp_path, error):
    text, words, said = BESIDE[error]
    text = f"event_id,customer_id,{text}"
    with pytest.raises(CxgapError) as caught:
        read_study(write(tmp_path, WIDE, {"e.csv": text}, tables={"events": "e.csv"}, **words))
    assert said in str(caught.value)


@pytest.mark.parametrize("error", MET)
def test_an_error_of_the_page_stops_the_reading(tmp_path, error):
    survey, words, said = MET[error]
    with pytest.raises(CxgapError) as caught:
        read_study(write(tmp_path, survey, **words))
    assert said in str(caught.value)


def test_data_in_place_of_a_study_file_stop_the_reading(tmp_path):
    write(tmp_path)
    with pytest.raises(CxgapError, match=r"type `cxgap inspect responses\.csv`"):
        read_study(tmp_path / "responses.csv")


def test_every_error_of_the_page_is_met_here():
    assert {*MET, *BESIDE, "study_expected"} == {error for group in policy().ERRORS.values() for error in group}
