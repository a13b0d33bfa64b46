"""Tables written to files: what a program, a spreadsheet, a typesetter and a word processor find in them."""

from __future__ import annotations

import csv
import math
import shutil
import subprocess

import pandas as pd
import pytest
from answers import gaps_of

import cxgap as cx
from cxgap.errors import ArgumentError
from cxgap.result import Table

HOSTILE = [
    "=1+1",
    "+cmd|'/c calc'!A1",
    "-2",
    "@SUM(A1)",
    "\t=1",
    "\uff1d1+1",
    "50 % & {more}_$#^~\\",
    "bell\x07",
    "\u202eturned",
]


@pytest.fixture
def gaps():
    return cx.customer_gap(gaps_of(-1, -2, 0, -1, 1, -3), by="", scale=(1, 7))


@pytest.fixture
def hostile():
    frame = pd.DataFrame({"=head": HOSTILE, "value": [1.5, math.nan, *range(2, len(HOSTILE))]})
    columns = {"=head": ("=head", str), "value": ("value", "{:g}".format)}
    return Table.of(frame, slug="hostile", title="=title & more", columns=columns, notes=["=note with 5 % & a_b"])


def test_a_workbook_holds_numbers_to_16_digits_a_sheet_a_table_and_no_formula(tmp_path, gaps, hostile):
    openpyxl = pytest.importorskip("openpyxl")
    path = cx.write_tables(tmp_path / "all.xlsx", gaps, [hostile])
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["About", "1 customer-overall", "2 hostile"]
    heads, row = book["1 customer-overall"].iter_rows(values_only=True)
    got = dict(zip(heads, row, strict=True))
    assert got["estimate"] == pytest.approx(gaps.frame["estimate"].iloc[0], rel=1e-15)
    assert got["p_value"] == pytest.approx(gaps.frame["p_value"].iloc[0], rel=1e-15)
    cells = [cell for line in book["2 hostile"].iter_rows() for cell in line]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert {cell.value for cell in cells if cell.data_type == "s"} >= {"=1+1", "=head", "@SUM(A1)"}
    assert book["2 hostile"].cell(3, 2).value is None
    assert [cell.value for cell in book["About"]["B"]] == ["table", gaps.caption, "=title & more"]


def test_a_folder_holds_a_csv_file_a_table_in_which_no_text_is_a_formula(tmp_path, gaps, hostile):
    folder = cx.write_tables(tmp_path / "tables", gaps, hostile)
    assert sorted(path.name for path in folder.iterdir()) == ["1-customer-overall.csv", "2-hostile.csv"]
    with (folder / "2-hostile.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["'=head", "value"]
    assert all(row[0].startswith("'") for row in rows[1:7])
    assert rows[2][1] == ""
    one = cx.write_tables(tmp_path / "one.csv", gaps)
    assert float(pd.read_csv(one)["estimate"][0]) == gaps.frame["estimate"].iloc[0]


def test_latex_escapes_what_would_be_a_command(tmp_path, gaps, hostile):
    pytest.importorskip("jinja2")
    text = cx.write_tables(tmp_path / "all.tex", gaps, hostile).read_text(encoding="utf-8")
    assert text.count("\\toprule") == text.count("\\bottomrule") == 2
    assert "50 \\% \\& \\{more\\}\\_\\$\\#\\textasciicircum \\textasciitilde \\textbackslash" in text
    assert "=note with 5 \\% \\& a\\_b" in text
    assert not set(text) & set("▼●▲○−±\x07\u202e")
    if shutil.which("pdflatex"):
        head = "\\documentclass{article}\\usepackage[T1]{fontenc}\\usepackage{booktabs}"
        page = f"{head}\\begin{{document}}{text}\\end{{document}}"
        (tmp_path / "page.tex").write_text(page, encoding="utf-8")
        subprocess.run(["pdflatex", "-halt-on-error", "page.tex"], cwd=tmp_path, check=True, capture_output=True)


def test_a_document_has_every_table_with_caption_and_notes(tmp_path, gaps, hostile):
    docx = pytest.importorskip("docx")
    document = docx.Document(str(cx.write_tables(tmp_path / "all.docx", gaps, hostile)))
    heads, (row,) = gaps.display()
    assert [cell.text for cell in document.tables[0].rows[0].cells] == heads
    assert [cell.text for cell in document.tables[0].rows[1].cells][:-2] == row[:-2]
    texts = [paragraph.text for paragraph in document.paragraphs]
    assert texts[:2] == ["Table 1", gaps.caption]
    assert "=note with 5 % & a_b" in texts
    assert document.tables[1].rows[1].cells[0].text == "=1+1"


def test_a_table_that_nobody_could_measure_is_said_and_has_no_cells(tmp_path):
    missing = Table.not_measured("nothing", "What nobody asked", "the study has no answers")
    document = cx.write_tables(tmp_path / "a.docx", missing)
    assert document.exists()
    assert list(cx.write_tables(tmp_path / "folder", missing).iterdir()) == []
    assert "not measured; the study has no answers" in cx.write_tables(tmp_path / "a.tex", missing).read_text(encoding="utf-8")


def test_what_cannot_be_written_is_said(tmp_path, gaps):
    with pytest.raises(ArgumentError, match="at least one table"):
        cx.write_tables(tmp_path / "a.xlsx")
    with pytest.raises(ArgumentError, match=r"not '\.xls'\. Did you mean '\.xlsx'"):
        cx.write_tables(tmp_path / "a.xls", gaps)
    with pytest.raises(ArgumentError, match="a CSV file holds one table, and 2 were given"):
        cx.write_tables(tmp_path / "a.csv", gaps, gaps)
    with pytest.raises(ArgumentError, match=r"not (DataFrame|str)"):
        cx.write_tables(tmp_path / "a.xlsx", "gaps")
