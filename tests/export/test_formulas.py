"""G19: no text of ours is a formula in a spreadsheet, by LibreOffice and by cell types, and no number is changed."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
import zipfile
from collections import Counter
from pathlib import Path

import pytest
from gap_tables import JOURNEY, gap_table

import cxgap as cx
from cxgap.export.text import csv_bytes

BLANKS = ("", " ", "\xa0", "\u200b", "\ufeff", "\u3000")
FORMULAS = (
    *(f"{blank}=1+1" for blank in BLANKS),
    *(f"{blank}+1+1" for blank in BLANKS),
    *(f"{blank}-2+3" for blank in BLANKS),
    *(f"{blank}@SUM(1)" for blank in BLANKS),
    "\t=1+1", "\r=1+1", "\n=1+1", "\uff1d1+1", "\uff0b1", "\uff0d1+1", "\uff20SUM(1)",
    '=HYPERLINK("http://127.0.0.1:9/x","x")', '=WEBSERVICE("http://127.0.0.1:9/x")', "=cmd|'/c calc'!A1",
    "+cmd|'/c calc'!A1", "=1+1;2", '"=1+1"', "#REF!", "{=1+1}", "=", "-", "+", "@", "=1+1\n=2+2", "--output",
)  # fmt: skip
HARMLESS = ("Buy", "a=b", "5", "2026-03-01", "x" * 40_000, "nul\x00bell\x07", "\ud83d", "a,b;c\td")


def table():
    """Make a gap table whose keys, heads and unit would be formulas."""
    texts = [text for text in (*FORMULAS, *HARMLESS) if text != "\ud83d"]
    rows = [(text, *JOURNEY[i % 2][1:]) for i, text in enumerate(texts)]
    return gap_table(rows, by=("=touchpoint()",)), texts


def test_a_workbook_holds_no_formula_and_the_very_numbers(tmp_path):
    from openpyxl import load_workbook

    made, texts = table()
    path = cx.write_tables(tmp_path / "x.xlsx", made)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist() if name.endswith(".xml")}
    assert not any("<f>" in text or "<f " in text for text in parts.values())
    sheet = load_workbook(path).worksheets[1]
    kinds = Counter(cell.data_type for row in sheet.iter_rows() for cell in row if cell.value is not None)
    assert set(kinds) <= {"s", "n", "b"}
    assert kinds["n"] >= len(texts)
    heads = [cell.value for cell in sheet[1]]
    for name in ("estimate", "conf_low", "n"):
        column = [sheet.cell(row, heads.index(name) + 1).value for row in range(2, sheet.max_row + 1)]
        assert column == pytest.approx(made.frame[name].tolist(), rel=1e-15)  # 16 digits


def test_a_csv_holds_no_formula_and_the_very_numbers():
    made, texts = table()
    head, *rows = csv.reader(io.StringIO(csv_bytes(made).decode("utf-8-sig"), newline=""))
    for text, row in zip(texts, rows, strict=True):
        assert row[0].removeprefix("'") == text
        assert row[0].lstrip(" \xa0\u200b\ufeff\u3000")[:1] not in tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
    assert [float(row[head.index("estimate")]) for row in rows] == made.frame["estimate"].tolist()
    assert head[0] == "'=touchpoint()"


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_libreoffice_sees_no_formula(tmp_path, kind):
    """Authority: what LibreOffice itself makes of the file. The same texts written by pandas are formulas there."""
    made, _ = table()
    naive = made.frame[["=touchpoint()", "estimate"]].iloc[: len(FORMULAS)].replace("[\x00-\x08]", "", regex=True)
    ours = cx.write_tables(tmp_path / f"ours.{kind}", made)
    theirs = tmp_path / f"theirs.{kind}"
    naive.to_csv(theirs, index=False) if kind == "csv" else naive.to_excel(theirs, index=False)
    counted = {path.stem: opened(path).count("table:formula=") for path in (ours, theirs)}
    print(f"{kind}: {counted['ours']} formulas of {len(FORMULAS)} texts; written by pandas {counted['theirs']}")
    assert counted["ours"] == 0
    assert counted["theirs"] >= 3


def opened(path: Path) -> str:
    """Return what LibreOffice makes of a file, as flat XML."""
    profile = f"-env:UserInstallation=file://{path.parent / 'profile'}"
    # comma, quote, UTF-8, first line, no column types; "false, true" is how a person opens it: unquoted texts are detected
    options = ["--infilter=CSV:44,34,76,1,,0,false,true"] if path.suffix == ".csv" else []
    command = ["soffice", profile, "--headless", *options, "--convert-to", "fods", "--outdir", str(path.parent), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=240)
    return path.with_suffix(".fods").read_text(encoding="utf-8")
