"""What a file is: format, delimiter, header, sheet, table, platform. The authority is that the file was written so."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from itertools import product
from time import perf_counter

import pandas as pd
import pytest

from cxgap.errors import CxgapError
from cxgap.inspection.dates import FORMATS, LIKELY
from cxgap.inspection.delimiting import tell_delimiter
from cxgap.inspection.detect import detect
from cxgap.inspection.heading import tell_heading
from cxgap.inspection.profile import profile
from cxgap.inspection.texts import like
from cxgap.tables.dates import reader_of

BODY = [["R1", "Buy", "5", "4"], ["R2", "Use", "7", "3"], ["R3", "Buy", "6", "6"]] * 5
NAMES = ["id", "touchpoint", "e1", "p1"]


def text(rows: list[list[str]], mark: str = ",") -> str:
    return "".join(mark.join(row) + "\n" for row in rows)


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
@pytest.mark.parametrize(
    "cells",
    [
        NAMES,
        ["id", "How good, fair; or bad | was it?", "e1", "p1"],
        ["id", "a,b,c,d,e,f,g,h", "e1", "p1"],
    ],
)
def test_the_delimiter_is_the_one_that_was_written(mark, cells):
    quoted = [f'"{cell}"' if any(sign in cell for sign in ",;|") else cell for cell in cells]
    assert tell_delimiter(text([quoted, *BODY], mark), whole=True).mark == mark


def test_decimal_commas_are_no_delimiter():
    """Every row has as many commas as the next, and the header has none."""
    assert tell_delimiter("id;a;b\n" + "1;3,5;4,5\n" * 9, whole=True).mark == ";"
    assert tell_delimiter("id;a\n" + "1;3,5\n" * 9, whole=True).mark == ";"


def test_commas_in_comments_and_ragged_rows_do_not_hide_a_semicolon():
    rows = ["id;comment", *[f"{row};well{', yes' * (row % 4)}" for row in range(40)], "1;2;3", "1"]
    assert tell_delimiter("\n".join(rows), whole=True).mark == ";"


def test_two_delimiters_that_do_equally_well_are_asked_about(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("a;b,c\n" + "1;2,3\n" * 9)
    assert any("between the fields" in asked for asked in detect(path).uncertain)


@pytest.mark.parametrize(
    ("above", "header"),
    [
        ([], (1,)),
        ([["Survey of March 2026"]], (2,)),
        ([["Survey of March 2026", "", "", ""], ["", "", "", ""], ["exported", "2026-03-31", "", ""]], (4,)),
        ([[""], [""]], (3,)),
        ([["", "", "Service", ""]], (2,)),
    ],
)
def test_what_stands_above_the_names_is_no_header(above, header):
    assert tell_heading([*above, NAMES, *BODY]).rows == header


def test_a_heading_above_several_names_is_one_with_them():
    assert tell_heading([["", "Buy", "", "Use", ""], ["id", "E", "P", "E", "P"], *[["R1", "5", "4", "6", "7"]] * 9]).rows == (
        1,
        2,
    )
    assert tell_heading(
        [["Me", "Buy", "Buy", "Use", "Use"], ["id", "E", "P", "E", "P"], *[["R1", "5", "4", "6", "7"]] * 9]
    ).rows == (1, 2)


def test_names_may_be_few_and_answers_blank():
    rows = [["R1", "", "5", ""], ["R2", "", "", ""]] * 9
    assert tell_heading([NAMES, *rows]).rows == (1,)
    assert tell_heading([NAMES]).rows == (1,)
    assert tell_heading([]).rows == (1,)


def test_rows_with_more_fields_than_names_do_not_hide_the_names():
    assert tell_heading([["id", "comment"], *[["R1", "well"], ["R2", "well"], ["R3", "well", "and", "good"]] * 9]).rows == (1,)


def test_no_header_is_asked_about_and_never_made_up():
    heading = tell_heading(BODY)
    assert heading.rows == (1,)
    assert "is there no header?" in heading.uncertain
    assert not tell_heading([["id", "2025", "2026"], *[["R1", "many", "few"]] * 9]).uncertain, "years are names too"


def test_values_that_repeat_in_the_first_row_are_no_names(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("R1,5,5\nR2,4,3\nR3,4,2\n")
    with pytest.raises(CxgapError, match=r"^a\.csv, row 1: the row must name the columns, and holds values"):
        profile(path)


@pytest.mark.parametrize(
    ("name", "raw", "said"),
    [
        ("a.csv", b"", "it is empty"),
        ("a.csv", b"\n \n", "it is empty"),
        ("a.csv", b"\x1f\x8b\x08\x00", "gzip"),
        ("a.xlsx", b"PK\x03\x04 no archive", "a.xlsx"),
        ("a.csv", b"%PDF-1.7", "PDF"),
        ("a.csv", b'{"a": 1}', "JSON"),
        ("a.html", b"<html><table>", "HTML"),
        ("a.sav", b"$FL2 and no more", "a.sav"),
        ("a.parquet", b"PAR1 cut short \x00", "a.parquet"),
        ("a.db", b"SQLite format 3\x00 and no more", "a.db"),
        ("a.duckdb", b"\x00" * 8 + b"DUCK" + b"\x00" * 90, "a.duckdb"),
        ("a.csv", None, "does not exist"),
    ],
)
def test_what_cannot_be_read_is_said_in_one_line(tmp_path, name, raw, said):
    if raw is not None:
        (tmp_path / name).write_bytes(raw)
    with pytest.raises(CxgapError) as refused:
        profile(tmp_path / name)
    assert said in str(refused.value)
    assert str(refused.value).startswith(name)
    assert "\n" not in str(refused.value)


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(CxgapError, match="must be a file"):
        profile(tmp_path)


def frame(*rows: list[str]) -> pd.DataFrame:
    return pd.DataFrame([*(rows or BODY)], columns=NAMES)


def workbook(path, **sheets: pd.DataFrame) -> None:
    with pd.ExcelWriter(path) as writer:
        for name, table in sheets.items():
            table.to_excel(writer, sheet_name=name, index=False)


def test_sheets_with_the_same_columns_are_waves(tmp_path):
    path = tmp_path / "a.xlsx"
    workbook(path, **{"2025": frame(), "2026": frame(*BODY[:4]), "Notes": pd.DataFrame({"read": ["me"]})})
    seen = profile(path)
    assert dict(seen.waves) == {"2025": "2025", "2026": "2026"}
    assert (seen.rows, seen.source.sheet, seen.columns[1].filled) == (len(BODY) + 4, None, len(BODY) + 4)


def test_the_sheet_with_the_answers_is_proposed_and_another_can_be_named(tmp_path):
    path = tmp_path / "a.xlsx"
    small = pd.DataFrame({"code": ["e1"], "meaning": ["expected"]})
    workbook(path, Legend=small, Answers=frame())
    seen = profile(path)
    assert (seen.source.sheet, seen.rows, seen.uncertain) == ("Answers", len(BODY), [])
    assert profile(path, sheet="Legend").rows == 1
    with pytest.raises(CxgapError, match=r"must have the sheet 'legend'.*Did you mean 'Legend'"):
        profile(path, sheet="legend")


def test_two_sheets_that_could_both_be_meant_are_asked_about(tmp_path):
    path = tmp_path / "a.xlsx"
    workbook(path, Answers=frame(), Managers=frame().rename(columns={"e1": "believed"}))
    assert "is 'Answers' the sheet with the answers" in profile(path).uncertain[0]


def test_the_table_with_ratings_is_proposed_before_a_longer_one(tmp_path):
    path = tmp_path / "a.db"
    with closing(sqlite3.connect(path)) as database:
        frame().to_sql("answers", database, index=False)
        pd.DataFrame({"order": range(500)}).to_sql("orders", database, index=False)
        database.commit()
    seen = profile(path)
    assert (seen.source.table, seen.rows, seen.uncertain) == ("answers", len(BODY), [])
    assert profile(path, table="orders").rows == 500
    with pytest.raises(CxgapError, match=r"must have the table 'order'.*Did you mean 'orders'"):
        profile(path, table="order")


@pytest.mark.parametrize("name", ["survey.csv", "survey.xlsx", "survey.tsv"])
def test_a_platform_is_known_in_whatever_format_it_exports(tmp_path, name):
    """A Google Form: a column of times, then whole questions."""
    rows = [["2026/03/01 2:05:33 PM GMT+9", "5", "4"], ["2026/03/02 2:05:33 PM GMT+9", "6", "7"]] * 4
    table = pd.DataFrame(rows, columns=["Timestamp", "What do you expect?", "What did you get?"])
    path = tmp_path / name
    if name.endswith("xlsx"):
        table.to_excel(path, index=False)
    else:
        table.to_csv(path, index=False, sep="\t" if name.endswith("tsv") else ",")
    seen = profile(path)
    assert (seen.platform, seen.source.platform, seen.rows) == ("google_forms", "google_forms", 8)
    assert seen.source.date_format == ("%Y/%m/%d %I:%M:%S %p %z",)
    assert seen.kind == {"csv": "CSV", "xlsx": "Excel workbook", "tsv": "TSV"}[name.rpartition(".")[2]]


@pytest.mark.parametrize(
    "raw", [b"a" * 50_000_000, b"a,b\n1," + b"x" * 40_000_000 + b"\n2,3\n", b'a,b\n1,"' + b"x\n" * 20_000_000 + b'"\n']
)
def test_a_very_long_line_or_cell_takes_no_minutes(tmp_path, raw):
    path = tmp_path / "a.csv"
    path.write_bytes(raw)
    start = perf_counter()
    if b"\n" in raw:
        assert profile(path).columns[1].longest > 10_000_000
    else:
        with pytest.raises(CxgapError, match="must have at most 10,000 characters"):
            profile(path)
    assert perf_counter() - start < 15


DAYS = {
    "%d": "27",
    "%m": "3",
    "%Y": "2026",
    "%y": "26",
    "%b": "Mar",
    "%H": "14",
    "%I": "2",
    "%M": "05",
    "%S": "33",
    "%p": "PM",
    "%z": "GMT+9",
}


def test_every_format_that_is_proposed_reads_what_it_is_proposed_for():
    import pyarrow as pa

    dates = {}
    for form in filter(None, FORMATS):
        date = form
        for part, value in DAYS.items():
            date = date.replace(part, value)
        dates[form] = date
        assert reader_of(form)(date) is not None, form
        assert like(pa.array([date, "27", "Buy", "13.13.13.13"]), FORMATS[form]).tolist() == [True, False, False, False], form
    assert like(pa.array(dates.values()), LIKELY).all()


@pytest.mark.parametrize(
    ("dates", "form"),
    [
        (["2026-03-01", "2026-03-01T14:05:00Z", "2026-03-01 14:05"], ""),
        (["03/04/2026", "05/06/2026"], None),
        (["03/04/2026", "25/06/2026"], "%d/%m/%Y"),
        (["03/04/2026", "05/26/2026"], "%m/%d/%Y"),
        (["31.12.2026", "2026-12-31"], None),
        (["20260301", "20261231"], "%Y%m%d"),
        (["2026. 3. 1 오후 2:05:33"], "%Y. %m. %d %p %I:%M:%S"),
        (["14:05", "9:30"], None),
    ],
)
@pytest.mark.parametrize("order", [1, -1])
def test_a_format_is_told_where_one_reads_every_date(tmp_path, dates, form, order):
    path = tmp_path / "a.csv"
    path.write_text("id,at\n" + "".join(f"R{row},{date}\n" for row, date in enumerate(dates[::order])))
    column = profile(path).columns[1]
    assert (column.dates, column.date_format) == (len(dates), form)


@pytest.mark.parametrize(
    "word", ["1.2.3", "10.0.0.1", "010-1234-5678", "3-4", "1/2", "12.5", "5:4:3:2", "May", "v1.2.2026-rc", "2026-13-01"]
)
def test_what_is_no_date_is_taken_for_none(word):
    import pyarrow as pa

    assert not like(pa.array([word]), LIKELY).any()


def test_day_and_month_that_cannot_be_told_apart_are_asked_about(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(
        "id,at\n"
        + "".join(f"R{row},0{one}/0{other}/2026\n" for row, (one, other) in enumerate(product(range(1, 10), repeat=2)))
    )
    (asked,) = profile(path).uncertain
    assert "'%d/%m/%Y' or '%m/%d/%Y'" in asked
