"""A file is told by its bytes, and one that cannot be read says why, where and what to do."""

from __future__ import annotations

import gzip
import io
import os
import pickle
import zipfile
from pathlib import Path

import pytest

from cxgap.errors import StudyError
from cxgap.tables.formats import read_file
from cxgap.tables.formats.raw import Unread
from cxgap.tables.source import Source

HEADER = b"respondent_id,comment,e1\n"


def read(folder: Path, contents: bytes, name: str = "march.csv", **source):
    (folder / name).write_bytes(contents)
    return read_file(folder, Source(file=name, **source), ["respondent_id"])


def refused(folder: Path, contents: bytes, **source) -> str:
    with pytest.raises(StudyError) as caught:
        read(folder, contents, **source)
    text = str(caught.value)
    assert "\n" not in text
    return text


def zipped() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("march.csv", "a,b\n1,2\n")
    return made.getvalue()


@pytest.mark.parametrize(
    ("contents", "kind"),
    [
        (gzip.compress(HEADER), "a gzip archive"),
        (b"<!DOCTYPE html><p>Please log in", "an HTML page"),
        (b"\xef\xbb\xbf\n <html><table>", "an HTML page"),
        (b"<?xml version='1.0'?><x/>", "an XML file"),
        (b'{"respondent_id": 1}', "JSON"),
        (b'[{"respondent_id": 1}]', "JSON"),
        (pickle.dumps({"a": 1}), "a Python pickle"),
        (b"%PDF-1.7", "a PDF"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_another_kind_of_file_is_named_whatever_it_is_called(tmp_path, contents, kind):
    readable = "CSV text, Parquet, a workbook, an SPSS file or a database"
    assert refused(tmp_path, contents) == f"march.csv must be {readable}, and is {kind}; export it as CSV in UTF-8."


def test_what_could_be_a_workbook_and_is_none_is_named(tmp_path):
    kinds = "march.csv must be CSV text, Parquet, a workbook, an SPSS file or a database, and is"
    old = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    assert refused(tmp_path, zipped()) == f"{kinds} a zip archive; unpack it, and name 'march.csv'."
    assert refused(tmp_path, old).startswith(f"{kinds} an old Office file that holds no whole workbook; open it in Excel")


@pytest.mark.parametrize("header", ["PK,respondent_id", "PAR1,respondent_id", "BZh,respondent_id", "[x],respondent_id"])
def test_text_that_begins_like_another_kind_is_text(tmp_path, header):
    assert read(tmp_path, f"{header}\n1,R1\n".encode()).frame["respondent_id"].tolist() == ["R1"]


@pytest.mark.parametrize(
    ("contents", "words"),
    [
        (b"", "must hold a header and rows; it is empty."),
        (b" \n\r\n\t", "must hold a header and rows; it is empty."),
        (b"\xef\xbb\xbf", "must hold a header and rows; it is empty."),
        (b"\xff\xfe", "must hold a header and rows; it is empty."),
        (HEADER, "must hold rows below its header; it has none."),
        (HEADER + b"\n,,\n \n", "must hold rows below its header; it has none."),
        (b"\n" + HEADER + b"R1,x,7\n", "the row must name the columns, and is blank; the header is in row 2; set header = 2."),
        (
            b"respondent_id,,e1\nR1,x,7\n",
            "row 1: every column must have a name; column 2 has none; write one into the row, or delete the column.",
        ),
        (b"respondent_id,e1, e1\nR1,6,7\n", "row 1: a column must be named once; 'e1' is named 2 times."),
        (HEADER + b"R1,x,7,\nR2,y,6,\n", "every row has more fields than the header; name the last column, or drop"),
        (HEADER + b"R1,a\x00b,7\n", "must be text, and holds NUL characters"),
        (HEADER + b'R1,x,7\nR2,"never closed,6\nR3,y,5\n', "row 3: a quote is never closed"),
        (HEADER + b'R1,x,7\nR2,"a "word" amid",6\n', "row 3: a quote is never closed, or stands amid a field"),
    ],
)
def test_what_is_no_table_says_so(tmp_path, contents, words):
    assert words in refused(tmp_path, contents)


def test_a_file_that_is_missing_or_is_a_folder_is_named(tmp_path):
    (tmp_path / "folder.csv").mkdir()
    for name, fault in (("none.csv", "does not exist"), ("folder.csv", "is not one"), ("nul\x00.csv", "does not exist")):
        with pytest.raises(StudyError, match=fault):
            read_file(tmp_path, Source(file=name), [])
    with pytest.raises(StudyError, match="must be a file that can be read"):
        read_file(tmp_path, Source(file="x" * 300), [])


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_no_file_and_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(StudyError, match="is not one"):
        read_file(tmp_path, Source(file="pipe.csv"), [])


def test_a_byte_in_another_encoding_is_named_with_its_cell_and_the_cure(tmp_path):
    text = HEADER + b'R1,"two\nlines",7\nR2,caf\xe9,6\n'
    assert refused(tmp_path, text) == (
        "march.csv, row 3, column 'comment': byte 0xE9 is not UTF-8; if the file comes from Excel, set encoding = \"cp1252\"."
    )
    assert read(tmp_path, text, encoding="cp1252").frame["comment"].tolist() == ["two\nlines", "café"]


def test_a_byte_in_the_header_is_named_too(tmp_path):
    assert "row 1, column" not in refused(tmp_path, b"respondent_id,caf\xe9\nR1,x\n")
    assert "row 1: byte 0xE9" in refused(tmp_path, b"respondent_id,caf\xe9\nR1,x\n")


def test_the_cure_is_not_the_encoding_that_failed(tmp_path):
    text = refused(tmp_path, HEADER + b"R1,\x81,7\n", encoding="cp1252")
    assert text.endswith("byte 0x81 is not CP1252; declare the encoding in which it was written.")
    assert "is not UTF-16" in refused(tmp_path, HEADER.decode().encode("utf-16") + b"x")


@pytest.mark.parametrize("encoding", ["klingon", "hex", "undefined", "\x00"])
def test_an_encoding_that_is_none_is_named(tmp_path, encoding):
    assert "`encoding` must be one that Python knows" in refused(tmp_path, HEADER, encoding=encoding)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be"])
def test_unicode_is_told_by_its_mark(tmp_path, encoding):
    mark = b"\xfe\xff" if encoding == "utf-16-be" else b""
    frame = read(tmp_path, mark + (HEADER.decode() + "R1,süß,7\n").encode(encoding)).frame
    assert frame["comment"].tolist() == ["süß"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_end_is_read(tmp_path, end):
    frame = read(tmp_path, f"respondent_id,e1{end}R1,7{end}R2,6".encode()).frame
    assert (frame.index.tolist(), frame["e1"].tolist()) == ([2, 3], ["7", "6"])


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_the_delimiter_is_the_one_that_gives_the_known_header(tmp_path, mark):
    frame = read(tmp_path, f"a{mark}Respondent_ID{mark}e1\n1{mark}R1{mark}7\n".encode()).frame
    assert frame.columns.tolist() == ["a", "Respondent_ID", "e1"]


def test_the_delimiter_is_told_by_the_name_before_renaming_too(tmp_path):
    frame = read(tmp_path, b"resp;e1\nR1;7\n", rename={"resp": "respondent_id"}).frame
    assert frame.columns.tolist() == ["resp", "e1"]


def test_a_declared_delimiter_is_obeyed(tmp_path):
    assert read(tmp_path, b"respondent_id,a;b\nR1,x;y\n", delimiter=";").frame.columns.tolist() == ["respondent_id,a", "b"]


def test_rows_are_numbered_as_in_a_spreadsheet(tmp_path):
    table = read(tmp_path, HEADER + b'R1,"two\nlines",7\n\nR2,x\nR3,y,6\nR4,a,b,5\nR5,z,4\n')
    assert table.frame.index.tolist() == [2, 5, 7]
    assert table.unread == [Unread(4, "too_few_fields", "2"), Unread(6, "too_many_fields", "4")]
    assert table.about("responses", Source(file="some/where/march.csv"))["rows"] == 5
    assert table.about("responses", Source(file="some/where/march.csv"))["file"] == "march.csv"


def test_a_comment_of_a_megabyte_is_a_comment(tmp_path):
    import csv

    usual = csv.field_size_limit()
    assert len(read(tmp_path, HEADER + b"R1," + b"x" * (1 << 21) + b",7\n").frame["comment"].iloc[0]) == 1 << 21
    assert csv.field_size_limit() == usual


def test_a_header_whose_quote_is_never_closed_is_refused(tmp_path):
    assert "row 1: a quote is never closed" in refused(tmp_path, b'respondent_id,"e1\n' + b"R1,7\n" * 50_000)
