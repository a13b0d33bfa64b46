"""A record is exact and harmless: floats to the last bit, and no text that a spreadsheet takes for a formula."""

import csv
import io
import json
import math

import pandas as pd
import pytest
from gap_tables import JOURNEY, gap_table
from report.making import executed, prose, study, usual
from report.schemas import check_schema

from cxgap.report.harvest import harvest
from cxgap.report.record import RECORD_SCHEMA, record_run, table_files
from cxgap.result import GapTable, Prose

FORMULAS = (
    *("=1+1", "+1+1", "-1+1", "@SUM(A1)", '=HYPERLINK("http://x")', "=cmd|'/c calc'!A1", '=WEBSERVICE("http://x")'),
    *(" =1+1", "\t=1", "\r=1", "\n=1", "\tx", "\u200b=1", "\u2060=x", "\xa0+1", "\ufeff@x", " \u3000-x"),
    *("\uff1d1+1", "\uff0b1", "\uff0d1", "\uff20x", "-0.5", "=", "+", "-", "@", "=1\x00"),
)
HARMLESS = ("North", "1+1", "a=b", "e-mail", "'quoted", " space", "0012", "#REF!", "−0.5")


def record(shows=None):
    return record_run(
        harvest(executed(shows)), {"report.html": b"page"}, slug="customer", notebook={"name": "x", "sha256": "0"}
    )


def read(content: bytes):
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_a_record_holds_what_was_shown_to_the_last_bit():
    found = json.loads(record().to_json())
    assert found["schema"] == RECORD_SCHEMA
    again = GapTable.from_record(found["tables"][0])
    pd.testing.assert_frame_equal(again.frame, gap_table().frame, check_exact=True)
    assert Prose.from_record(found["prose"][0]) == prose()
    assert found["study"] == study()
    assert found["figures"][0]["finding"] == "Two touchpoints fall short, one exceeds."
    assert (found["title"], found["slug"]) == (prose().headline, "customer")
    assert set(found["versions"]) > {"python", "cxgap", "plotly"}
    assert found["artefacts"][0]["bytes"] == 4
    assert not {"page", "run_id", "seconds", "started", "host"} & set(found)  # the same inputs give the same bytes
    assert record().to_json() == record().to_json()
    check_schema("record", found)


def test_what_is_no_number_is_null():
    shown = usual()
    shown[3].layout.meta["cxgap"]["table"]["rows"] = [[math.nan, math.inf]]
    assert json.loads(record(shown).to_json())["figures"][0]["table"]["rows"] == [[None, None]]


def test_a_table_s_file_is_exact():
    (content,) = table_files([gap_table()]).values()
    rows = read(content)
    assert rows[0] == list(gap_table().frame.columns)
    assert [float(row[5]) for row in rows[1:-1]] == gap_table().frame["estimate"].dropna().tolist()
    assert rows[1][1] == "398"
    assert rows[-1][1:4] == ["", "", ""]
    assert rows[-1][-2:] == ["not shown", "SUPPRESSED_PRIVACY"]


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_or_head_is_a_formula(text):
    table = gap_table([(text, *JOURNEY[0][1:])], by=(text,))
    (content,) = table_files([table]).values()
    rows = read(content)
    assert (rows[0][0], rows[1][0]) == (f"'{text}", f"'{text}")


@pytest.mark.parametrize("text", HARMLESS)
def test_other_text_is_left_alone(text):
    (content,) = table_files([gap_table([(text, *JOURNEY[0][1:])])]).values()
    assert read(content)[1][0] == text


def test_negative_numbers_are_no_attack():
    (content,) = table_files([gap_table()]).values()
    assert read(content)[3][5] == "-0.5"


def test_names_of_tables_are_short_and_apart():
    tables = [
        gap_table(),
        gap_table([(("a", "b"), *JOURNEY[0][1:])], by=("touchpoint", "dimension")),
        gap_table([("", *JOURNEY[0][1:])], by=()),
    ]
    assert list(table_files(tables)) == [
        "tables/1-customer-touchpoint.csv",
        "tables/2-customer-touchpoint-dimension.csv",
        "tables/3-customer-overall.csv",
    ]
    (name,) = table_files([gap_table([("x", *JOURNEY[0][1:])], by=("../../x",))])
    assert "/" not in name.removeprefix("tables/")
