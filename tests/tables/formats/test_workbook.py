"""A workbook is read as the cells that a person sees, and what is none, or is made to harm, is refused in one line."""

from __future__ import annotations

import io
import struct
import zipfile
from datetime import date, datetime, time, timedelta

import openpyxl
import pytest
import xlwt
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH
from study_files import write

from cxgap import read_study
from cxgap.errors import StudyError
from cxgap.tables.formats.workbook import read_workbook, sheets_of
from cxgap.tables.source import Responses, Source

HEAD = ["respondent_id", "e1", "p1"]


def book(**sheets) -> openpyxl.Workbook:
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    return made


def saved(made) -> bytes:
    written = io.BytesIO()
    made.save(written)
    return written.getvalue()


def read(made, **source):
    raw = made if isinstance(made, bytes) else saved(made)
    return read_workbook(raw, Source(file="march.xlsx", **source), "")


def refused(made, **source) -> str:
    with pytest.raises(StudyError) as caught:
        read(made, **source)
    text = str(caught.value)
    assert "\n" not in text
    return text


def cells(*values, **source) -> list[str]:
    """Write values in one row, each a cell or a cell and its format, and read them back."""
    made = book(A=[[f"c{place}" for place in range(len(values))]])
    for column, value in enumerate(values, start=1):
        value, form = value if isinstance(value, tuple) else (value, None)
        cell = made["A"].cell(2, column, value)
        cell.number_format = form or cell.number_format
    return read(made, **source).frame.iloc[0].tolist()


def changed(made, part: str, change) -> bytes:
    """Write a workbook in which one part is other than openpyxl writes it."""
    raw = made if isinstance(made, bytes) else saved(made)
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(written := io.BytesIO(), "w", zipfile.ZIP_DEFLATED) as new:
        for name in dict.fromkeys((*old.namelist(), part)):
            text = old.read(name) if name in old.namelist() else b""
            new.writestr(name, change(text) if name == part else text)
    return written.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


def checks(table) -> dict[str, tuple]:
    return {note.check: (note.column, note.rows, note.row, note.value) for note in table.notes}


# Cells


def test_numbers_are_written_as_a_person_sees_them():
    """A spreadsheet holds every number as a float; 5 and 5.0 are one."""
    assert cells(5, 5.0, -3, 4.5, 0.1, 123456789012345, 1e17) == ["5", "5", "-3", "4.5", "0.1", "123456789012345", "1e+17"]


def test_text_stays_text_without_spaces_around_it():
    assert cells("5", "007", "4,5", "5.0", "\u00a0x \u00a0", " NA ") == ["5", "007", "4,5", "5.0", "x", "NA"]


def test_numbers_have_the_declared_decimal_mark_beside_text_that_has_it():
    assert cells(4.5, "4,5", 7, decimal=",") == ["4,5", "4,5", "7"]


@pytest.mark.parametrize(
    "form", ["0%", "0.00", '0" days"', "0\\d", "[Red]0;[Blue]-0", "#,##0 [$USD]", "_-* #,##0.00\\ [$€-407]_-"]
)
def test_a_format_does_not_change_a_number(form):
    assert cells((0.25, form), (7, form)) == ["0.25", "7"]


@pytest.mark.parametrize("epoch", [WINDOWS_EPOCH, MAC_EPOCH])
def test_dates_are_those_that_are_shown_in_both_systems(epoch):
    """ECMA-376, part 1, 18.17.4.1: serial dates count from 1900 or, in workbooks that say so, from 1904."""
    made = book(A=[["a", "b", "c", "d", "e"]])
    made.epoch = epoch
    moment = datetime(2026, 3, 31, 14, 5)
    made["A"].append([moment, date(2026, 3, 31), datetime(2026, 3, 31), time(14, 5), datetime(1904, 2, 29)])
    assert read(made).frame.iloc[0].tolist() == ["2026-03-31T14:05:00", "2026-03-31", "2026-03-31", "14:05:00", "1904-02-29"]


def test_the_same_serial_is_four_years_apart_in_the_two_systems():
    """Microsoft documents the difference between the systems: 1,462 days."""
    made = book(A=[["at"], [46112]])
    made["A"]["A2"].number_format = "yyyy-mm-dd"
    raw = saved(made)
    later = changed(raw, "xl/workbook.xml", lambda text: text.replace(b"<workbookPr", b'<workbookPr date1904="1"', 1))
    first, second = (date.fromisoformat(read(one).frame["at"].iloc[0]) for one in (raw, later))
    assert (first, second - first) == (date(2026, 3, 31), timedelta(days=1462))


def test_a_length_of_time_is_written_as_iso_8601_has_it():
    assert cells((timedelta(hours=26, minutes=30), "[h]:mm:ss")) == ["PT26H30M0S"]


def test_yes_and_no_errors_and_rich_text_are_what_is_shown():
    rich = CellRichText("very ", TextBlock(InlineFont(b=True), "good"))
    assert cells(True, False, "#REF!", "#N/A", "#DIV/0!", rich) == ["true", "false", "#REF!", "#N/A", "#DIV/0!", "very good"]


def test_text_that_stands_in_the_sheet_itself_is_read():
    row = b'<row r="2"><c r="A2" t="inlineStr"><is><t>R1</t></is></c></row></sheetData>'
    raw = changed(book(A=[["respondent_id"]]), SHEET, lambda text: text.replace(b"</sheetData>", row))
    assert read(raw).frame["respondent_id"].tolist() == ["R1"]


def test_a_formula_is_its_value():
    made = book(A=[HEAD, ["R1", 7, "=B2-2"]])
    assert refused(made) == (
        "march.xlsx, sheet 'A', row 2, column 'p1': the formula has no value, because no program has calculated it; open and "
        "save it in Excel, or write the value."
    )
    raw = changed(made, SHEET, lambda text: text.replace(b"<v></v>", b"<v>5</v>").replace(b"<v />", b"<v>5</v>"))
    assert read(raw).frame["p1"].tolist() == ["5"]


def test_a_formula_beside_the_table_or_above_it_does_no_harm():
    made = book(A=[["=NOW()"], HEAD, ["R1", 7, 5, None, "=B3"]])
    assert read(made, header=2).frame["p1"].tolist() == ["5"]


# Sheets


def test_the_only_sheet_that_holds_something_is_meant():
    made = book(A=[], Data=[HEAD, ["R1", 7, 5]], Lists=[["secret"]], Codes=[["code"]])
    made["Lists"].sheet_state, made["Codes"].sheet_state = "hidden", "veryHidden"
    made.create_chartsheet("Chart")
    assert read(made).frame.columns.tolist() == HEAD


def test_a_hidden_sheet_can_be_declared():
    made = book(Data=[HEAD], Codes=[["code"], ["K1"]])
    made["Codes"].sheet_state = "veryHidden"
    assert read(made, sheet="Codes").frame["code"].tolist() == ["K1"]


def test_of_several_sheets_one_must_be_named():
    made = book(**{"Wave 3 final v2": [HEAD, ["R1", 7, 5]], "Notes": [["call Tom"]]})
    assert refused(made) == (
        "march.xlsx has 2 sheets, ['Notes', 'Wave 3 final v2'], and one must be named: set sheet = \"Wave 3 final v2\"."
    )
    survey = Responses(file="march.xlsx", layout="wide")
    with pytest.raises(StudyError, match=r'or a wave for each sheet, as in \[responses.waves\] "Wave 3 final v2" = "2026"\.'):
        read_workbook(saved(made), survey, "")


def test_a_sheet_that_is_not_there_is_answered_with_the_nearest():
    text = refused(book(**{"Wave 3": [HEAD], "Notes": [HEAD]}), sheet="wave3")
    assert text == "march.xlsx must have the sheet 'wave3', and has ['Notes', 'Wave 3']. Did you mean 'Wave 3'?"


def test_a_workbook_without_content_says_so():
    assert refused(book(A=[], B=[])) == "march.xlsx must hold a header and rows in a sheet that is not hidden; it has none."
    assert "row 1: the first row must name the columns; it is blank." in refused(book(A=[], B=[["x"]]), sheet="A")


# The head


BANNER = [["", "Expected", "", "Perceived", "", ""], ["respondent_id", "speed", "care", "speed", "care", "comment"]]
JOINED = ["respondent_id", "Expected speed", "Expected care", "Perceived speed", "Perceived care"]


def test_a_banner_heads_what_is_merged_under_it():
    made = book(A=[*BANNER, ["R1", 7, 6, 5, 4, "fine"]])
    made["A"].merge_cells("B1:C1")
    made["A"].merge_cells("D1:E1")
    table = read(made, header=[1, 2])
    assert (table.frame.columns.tolist(), table.frame.index.tolist()) == ([*JOINED, "comment"], [3])


def test_a_banner_that_is_not_merged_heads_all_up_to_the_next():
    assert read(book(A=[*BANNER, ["R1", 7, 6, 5, 4, "x"]]), header=[1, 2]).frame.columns.tolist() == [
        *JOINED,
        "Perceived comment",
    ]


def test_names_that_are_merged_down_beside_a_banner_stay():
    made = book(A=[["id", "region", "Expected", None], [None, None, "speed", "care"], ["R1", "N", 7, 6]])
    for place in ("A1:A2", "B1:B2", "C1:D1"):
        made["A"].merge_cells(place)
    assert read(made, header=[1, 2]).frame.columns.tolist() == ["id", "region", "Expected speed", "Expected care"]


def test_a_title_above_the_declared_header_is_not_read():
    table = read(book(A=[["Survey of March"], [], HEAD, ["R1", 7, 5]]), header=3)
    assert (table.frame.columns.tolist(), table.frame.index.tolist()) == (HEAD, [4])


def test_rows_are_padded_to_the_header():
    table = read(book(A=[HEAD, ["R1"], ["R2", 7, 5]]))
    assert (table.frame.to_numpy().tolist(), table.unread) == ([["R1", "", ""], ["R2", "7", "5"]], [])


def test_a_table_may_begin_anywhere_in_a_sheet():
    table = read(book(A=[[], [None, None, *HEAD], [], [None, None, "R1", 7, 5]]), header=2)
    assert (table.frame.columns.tolist(), table.frame.index.tolist(), table.notes) == (HEAD, [4], ())


def test_notes_beside_the_table_are_left_out_and_said():
    table = read(book(A=[HEAD, ["R1", 7, 5], ["R2", 6, 6, None, None, "check with Tom"], ["R3", 6, 6, None, None, "done"]]))
    assert table.frame.columns.tolist() == HEAD
    assert checks(table) == {"unnamed_column": ("F", 2, 3, "check with Tom")}


# Rows and columns that look otherwise


def test_a_cell_that_is_merged_down_a_column_is_the_value_of_each_row():
    made = book(A=[["region", *HEAD], ["North", "R1", 7, 5], [None, "R2", 6, 5], ["South", "R3", 5, 5], [None, "R4", 5, 5]])
    made["A"].merge_cells("A2:A3")
    made["A"].merge_cells("A4:A5")
    table = read(made)
    assert table.frame["region"].tolist() == ["North", "North", "South", "South"]
    assert checks(table) == {"merged_cells": ("region", 4, 2, "North")}


def test_a_cell_that_is_merged_over_columns_is_the_value_of_the_first():
    made = book(A=[HEAD, ["R1", 7, None], ["R2", 6, 5]])
    made["A"].merge_cells("B2:C2")
    table = read(made)
    assert (table.frame.loc[2].tolist(), table.notes) == (["R1", "7", ""], ())


def test_what_is_hidden_is_used_and_said():
    made = book(A=[HEAD, ["R1", 7, 5], ["R2", 6, 5], ["R3", 6, 5], [None]])
    for row in (1, 3, 4, 5, 9):
        made["A"].row_dimensions[row].hidden = True
    made["A"].column_dimensions["C"].hidden = True
    table = read(made)
    assert len(table.frame) == 3
    assert checks(table) == {"hidden_rows": ("", 2, 3, ""), "hidden_columns": ("p1", 1, None, "")}


def test_as_many_rows_as_a_sheet_can_have_are_said():
    made = book(A=[["respondent_id"], ["R1"]])
    made["A"].cell(65_536, 1, "R2")
    assert checks(read(made)) == {"row_limit": ("", 1, 65_536, "65536")}


# Other kinds of workbook


def old_book() -> xlwt.Workbook:
    made = xlwt.Workbook()
    sheet = made.add_sheet("Data")
    day = xlwt.easyxf(num_format_str="yyyy-mm-dd")
    for column, name in enumerate(["respondent_id", "region", "at", "e1", "late"]):
        sheet.write(0, column, name)
    for row in (1, 2):
        for column, value in enumerate([f"R{row}", None, date(2026, 3, 31), 5.0, True]):
            if value is not None:
                sheet.write(row, column, value, day if column == 2 else xlwt.Style.default_style)
    sheet.write_merge(1, 2, 1, 1, "North")
    made.add_sheet("Lists").visibility = 1
    made.get_sheet("Lists").write(0, 0, "secret")
    return made


def test_an_old_workbook_is_read_alike():
    table = read(old_book())
    assert table.frame.to_numpy().tolist() == [[f"R{row}", "North", "2026-03-31", "5", "true"] for row in (1, 2)]
    assert checks(table) == {"merged_cells": ("region", 2, 2, "North")}


def test_errors_and_what_is_hidden_in_an_old_workbook_are_not_lost():
    made = old_book()
    sheet = made.get_sheet("Data")
    sheet.write(0, 5, "p1")
    sheet.row(1).set_cell_error(5, "#REF!")
    sheet.row(2).set_cell_error(5, 0x2A)  # the code of #N/A
    sheet.row(2).hidden = sheet.col(3).hidden = True
    table = read(made)
    assert table.frame["p1"].tolist() == ["#REF!", "#N/A"]
    assert (checks(table)["hidden_rows"], checks(table)["hidden_columns"]) == (("", 1, 3, ""), ("e1", 1, None, ""))


def test_a_large_old_workbook_is_followed_through_its_sectors():
    made = xlwt.Workbook()
    sheet = made.add_sheet("Überblick")
    for row in range(20_000):
        sheet.write(row, 0, f"text {row}")
    sheet.row(20_000).set_cell_error(0, "#REF!")
    assert read(made).frame.iloc[-1, 0] == "#REF!"


def record(kind: int, content: bytes = b"") -> bytes:
    """Write a record of a binary workbook: kind and size in seven bits a byte."""
    head = bytes([kind]) if kind < 0x80 else bytes([kind & 0x7F | 0x80, kind >> 7])
    return head + bytes([len(content)]) + content


def wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def binary_book(rows, hidden=()) -> bytes:
    """Write a binary workbook, of text, numbers, and errors as bytes: [MS-XLSB] 2.1.7.62 and 2.4."""
    cells = b""
    for row, values in enumerate(rows):
        cells += record(0, struct.pack("<IIHBBBI", row, 0, 300, 0, 0x10 if row in hidden else 0, 0, 0))
        for column, value in enumerate(values):
            start = struct.pack("<II", column, 0)
            kind, content = (6, wide(value)) if isinstance(value, str) else (3, value)
            kind, content = (5, struct.pack("<d", value)) if isinstance(value, float) else (kind, content)
            cells += record(kind, start + content)
    size = struct.pack("<IIII", 0, len(rows) - 1, 0, len(rows[0]) - 1)
    columns = record(390) + record(60, struct.pack("<IIIIH", 1, 1, 2000, 0, 1)) + record(391)
    sheet = record(129) + record(148, size) + columns + record(145) + cells + record(146) + record(130)
    book = record(131) + record(143) + record(156, struct.pack("<II", 0, 1) + wide("rId1") + wide("Data")) + record(144)
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"
    links = f'<Relationship Id="rId1" Type="{kind}" Target="worksheets/sheet1.bin"/>'
    links = f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{links}</Relationships>'
    parts = {"xl/workbook.bin": book + record(132), "xl/_rels/workbook.bin.rels": links.encode()}
    return archive(**parts, **{"xl/worksheets/sheet1.bin": sheet, "[Content_Types].xml": b"<Types/>"})


def test_a_binary_workbook_is_read_alike():
    table = read(binary_book([HEAD, ["R1", 7.0, b"\x2a"], ["R2", 6.5, 5.0]], hidden=[2]))
    assert table.frame.to_numpy().tolist() == [["R1", "7", "#N/A"], ["R2", "6.5", "5"]]
    assert checks(table) == {"hidden_rows": ("", 1, 3, ""), "hidden_columns": ("e1", 1, None, "")}


OPEN = "urn:oasis:names:tc:opendocument:xmlns:"
CONTENT = (
    f'<office:document-content xmlns:office="{OPEN}office:1.0" xmlns:table="{OPEN}table:1.0" xmlns:text="{OPEN}text:1.0">'
    '<office:body><office:spreadsheet><table:table table:name="Data">{}</table:table></office:spreadsheet></office:body>'
    "</office:document-content>"
)
KIND = "application/vnd.oasis.opendocument.spreadsheet"


def open_book(*rows: str) -> bytes:
    """Write an OpenDocument sheet of rows of XML."""
    with zipfile.ZipFile(written := io.BytesIO(), "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("mimetype", KIND, zipfile.ZIP_STORED)
        made.writestr("content.xml", CONTENT.format("".join(f"<table:table-row>{row}</table:table-row>" for row in rows)))
        entry = f'<m:file-entry m:full-path="/" m:media-type="{KIND}"/>'
        made.writestr("META-INF/manifest.xml", f'<m:manifest xmlns:m="{OPEN}manifest:1.0">{entry}</m:manifest>')
    return written.getvalue()


def word(text: str) -> str:
    return f'<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>'


def test_an_open_document_is_read_alike():
    five = '<table:table-cell office:value-type="float" office:value="5"><text:p>5,00</text:p></table:table-cell>'
    day = '<table:table-cell office:value-type="date" office:date-value="2026-03-31"><text:p>31.03.</text:p></table:table-cell>'
    frame = read(open_book(word("respondent_id") + word("e1") + word("at"), word("R1") + five + day)).frame
    assert frame.to_numpy().tolist() == [["R1", "5", "2026-03-31"]]


# Hostile ones


def archive(**parts: bytes) -> bytes:
    with zipfile.ZipFile(written := io.BytesIO(), "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in parts.items():
            made.writestr(name.replace("__", "/"), content)
    return written.getvalue()


def test_an_archive_that_is_no_workbook_is_named():
    kinds = "must be CSV text, Parquet, a workbook, an SPSS file or a database, and is"
    assert refused(archive(march=b"a,b\n")) == f"march.xlsx {kinds} a zip archive; unpack it, and name 'march'."
    word = archive(word__document=b"", **{"[Content_Types].xml": b""})
    assert f"{kinds} a zip archive, of another Office file" in refused(word)
    assert f"{kinds} an old Office file that holds no whole workbook; open it in Excel" in refused(
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 2000
    )


def test_a_workbook_behind_a_password_says_so():
    filepass = saved(old_book()).replace(
        b"\x42\x00\x02\x00", b"\x2f\x00\x02\x00"
    )  # [MS-XLS] 2.4.117, in place of the code page
    assert refused(filepass).endswith("and is encrypted; open it, and save it without one.")
    locked = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 2000 + "EncryptedPackage".encode("utf-16-le")
    assert refused(locked) == "march.xlsx must open without a password, and is encrypted; open it, and save it without one."


@pytest.mark.parametrize("keep", [0.3, 0.6, 0.95])
def test_half_a_workbook_is_damaged(keep):
    new, old = saved(book(A=[HEAD, ["R1", 7, 5]] * 50)), saved(old_book())
    assert "must be a whole workbook, and is damaged (" in refused(new[: int(len(new) * keep)])
    assert "a whole workbook" in refused(old[: int(len(old) * keep)]).replace("no whole workbook", "a whole workbook")


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/_rels/workbook.xml.rels", SHEET, "xl/styles.xml"])
def test_a_part_that_is_no_xml_is_damage(part):
    assert "is damaged (" in refused(changed(book(A=[HEAD, ["R1", 7, 5]]), part, lambda text: text[:-20] + b"<"))


def test_what_was_changed_after_it_was_packed_is_damage():
    raw = bytearray(saved(book(A=[HEAD, ["R1", 7, 5]])))
    place = raw.index(SHEET.encode()) + len(SHEET) + 40
    raw[place] ^= 0xFF
    assert "is damaged (" in refused(bytes(raw))


def test_a_bomb_is_refused_by_its_directory():
    """A gigabyte of spaces takes a megabyte of archive."""
    raw = changed(book(A=[HEAD]), SHEET, lambda text: text + b" " * (100 << 20))
    assert "must have at most 2 GB and 100 times its own size when unpacked" in refused(raw)


def test_a_bomb_whose_directory_lies_is_damage():
    """Sizes in an archive's directory are claims of its writer; only reading tells."""
    large = b" " * (100 << 20)
    raw = changed(book(A=[HEAD]), SHEET, lambda text: text + large)
    with zipfile.ZipFile(io.BytesIO(raw)) as opened:
        size = opened.getinfo(SHEET).file_size
    lying = raw.replace(size.to_bytes(4, "little"), (1000).to_bytes(4, "little"))
    assert lying != raw
    assert "is damaged (" in refused(lying)


LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "{}">]>'.format("&a;" * 1000).encode()


@pytest.mark.parametrize("part", ["xl/workbook.xml", SHEET, "xl/sharedStrings.xml", "xl/styles.xml", "[Content_Types].xml"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_are_refused_wherever_they_stand(part, encoding):
    declared = LAUGHS.decode().encode(encoding)
    text = refused(changed(book(A=[HEAD, ["R1", 7, 5]]), part, lambda text: declared + text))
    assert text == (
        f"march.xlsx must hold XML without a document type, and {part} in it declares one, by which entities are made; export "
        "the sheet as CSV in UTF-8."
    )


def test_a_cell_at_the_far_end_of_a_sheet_takes_no_memory():
    made = book(A=[HEAD, ["R1", 7, 5]])
    made["A"]["XFD1048576"] = "x"
    assert "its last row is 1,048,576 and its last column XFD; delete what stands far" in refused(made)
    made = book(A=[HEAD, ["R1", 7, 5]])
    made["A"]["R1048576"] = "x"
    assert "few of them blank, and its last row is 1,048,576 and its last column R; delete" in refused(made)


def test_rows_that_an_open_document_repeats_take_no_memory():
    raw = open_book(word("respondent_id"), word("R1"))
    many = b"<table:table-row table:number-rows-repeated='1048576'><table:table-cell table:number-columns-repeated='16384' "
    bomb = changed(raw, "content.xml", lambda text: text.replace(b"</table:table>", many + b"office:value-type='string'>"
                   b"<text:p>x</text:p></table:table-cell></table:table-row></table:table>"))  # fmt: skip
    assert (
        "sheet 'Data': a sheet must have at most 5,000,000 cells, few of them blank, and its last row is 1,048,578"
        in refused(bomb)
    )
    blank = changed(
        raw, "content.xml", lambda text: text.replace(b"</table:table>", many + b"/></table:table-row></table:table>")
    )
    assert read(blank).frame["respondent_id"].tolist() == ["R1"]


def test_a_long_tag_is_read_once():
    """Expat before 2.6 looked at a tag anew with each block that it reached into: CVE-2023-52425."""
    tag = b"<sheetData x='" + b"a" * (20 << 20) + b"'>"
    raw = changed(book(A=[HEAD, ["R1", 7, 5]]), SHEET, lambda text: text.replace(b"<sheetData>", tag))
    assert read(raw).frame["p1"].tolist() == ["5"]


# What the inspector sees


def test_a_preview_shows_every_sheet_as_it_is():
    made = book(A=[*BANNER, *[["R1", 7, 6, 5, 4, "x"]] * 60], B=[])
    made["A"].merge_cells("B1:C1")
    made["B"].sheet_state = "hidden"
    found = sheets_of(saved(made), "march.xlsx")
    shown = found["A"]
    assert (shown.rows, shown.columns, shown.hidden, len(shown.head), shown.merged) == (62, 6, False, 50, [(1, 1, 2)])
    assert shown.head[0] == ["", "Expected", "", "Perceived", "", ""]
    assert found["B"][:4] == (0, 0, True, [])


# The whole way


def test_two_waves_as_sheets_make_one_study(tmp_path):
    """Rows in are used, incomplete and rejected, over both sheets, and a reject says in which it stands."""
    banner = [["", "", "Expected", "", "Perceived", ""], ["id", "touchpoint", "speed", "care", "speed", "care"]]
    first = [*banner, *[[f"R{who}", "Buy", 7, 6, 5, 4] for who in range(6)]]
    second = [*banner, *[[f"R{who}", "Buy", 7, 6, 5, "#N/A" if who == 2 else None if who == 3 else 4] for who in range(6)]]
    made = book(**{"Wave 1": first, "Wave 2": second, "Notes": [["call Tom"]]})
    for name in ("Wave 1", "Wave 2"):
        made[name].merge_cells("C1:D1")
        made[name].merge_cells("E1:F1")
    words = {"file": "waves.xlsx", "header": [1, 2], "expectation": "Expected {item}", "perception": "Perceived {item}"}
    words |= {"rename": {"id": "respondent_id"}, "waves": {"Wave 1": "2025", "Wave 2": "2026"}}
    study = read_study(write(tmp_path, saved(made), responses=words))
    assert dict(study.rows) == {"read": 24, "left_out": 0, "in": 24, "used": 22, "incomplete": 1, "rejected": 1}
    assert study.responses["wave"].value_counts().to_dict() == {"2025": 12, "2026": 11}
    (reject,) = study.rejects.itertuples()
    assert (reject.sheet, reject.row, reject.column) == ("Wave 2", 5, "Perceived care")
    assert (reject.value, reject.reason) == ("#N/A", "not_a_number")
