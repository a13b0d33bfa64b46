"""Text is read in the encoding that is declared; where it is in another, the message proposes that one and obeys nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from cxgap.errors import StudyError
from cxgap.tables.formats import RawTable, read_file
from cxgap.tables.source import Source

# What customers write, in the encodings in which their exports come.
SAID = {
    "cp949": ("직원이 친절하고 설명이 좋았습니다", "배송이 늦었습니다", "서울"),
    "cp932": ("店員さんがとても親切でした", "配送が遅かったです", "大阪"),
    "gb18030": ("店员非常热情解释很清楚", "送货太慢了", "北京"),
    "big5": ("店員非常熱情解釋很清楚", "送貨太慢了", "臺北"),
    "cp1252": ("café, “très” bien – naïve", "Größe schön", "Köln"),
    "mac_roman": ("café crème déjà vu", "Größe und schön über Öl", "Köln"),
    "cp1251": ("Очень вежливый персонал", "доставка была поздно", "Москва"),
    "cp1250": ("Příliš žluťoučký kůň", "zażółć gęślą jaźń", "Łódź"),
}
ALSO = {
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "gbk": "gb18030",
    "utf-16-le": "cp949",
    "utf-16-be": "cp932",
    "utf-8": "cp1251",
}


def text(words: tuple[str, ...], mark: str = ",", end: str = "\n") -> str:
    rows = [["respondent_id", "comment", "p1"], ["R1", f'"{words[0]}"', "7"], ["R2", words[1], "6"], ["R3", words[2], "5"]]
    return end.join(mark.join(row) for row in rows) + end


def read(folder: Path, contents: bytes, **source) -> RawTable:
    (folder / "march.csv").write_bytes(contents)
    return read_file(folder, Source(file="march.csv", **source), ["respondent_id"])


def refused(folder: Path, contents: bytes, **source) -> str:
    with pytest.raises(StudyError) as caught:
        read(folder, contents, **source)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("mark", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", [*SAID, *ALSO])
def test_a_declared_encoding_is_obeyed_under_every_delimiter(tmp_path, encoding, mark):
    words = SAID[ALSO.get(encoding, encoding)]
    frame = read(tmp_path, text(words, mark).encode(encoding), encoding=encoding).frame
    assert frame["comment"].tolist() == list(words)
    assert frame["p1"].tolist() == ["7", "6", "5"]


@pytest.mark.parametrize("encoding", SAID)
def test_an_undeclared_encoding_is_refused_and_the_likely_one_proposed(tmp_path, encoding):
    said = refused(tmp_path, text(SAID[encoding]).encode(encoding))
    assert said.startswith("march.csv, row 2, column 'comment': byte 0x")
    assert f'encoding = "{encoding}"' in said


def test_what_is_proposed_is_not_what_was_declared(tmp_path):
    assert 'try encoding = "cp949"' in refused(tmp_path, text(SAID["cp949"]).encode("cp949"), encoding="ascii")
    assert 'encoding = "cp932"' not in refused(tmp_path, b"respondent_id,c\nR1,\x81 \xfd\xfe\xff\xfd\n", encoding="cp932")


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_wide_text_is_read_with_a_mark_and_named_without(tmp_path, encoding):
    plain = text(SAID["cp949"], "\t").encode(encoding)
    assert refused(tmp_path, plain) == (
        f'march.csv must be UTF-8, and looks like UTF-16 without a mark; set encoding = "{encoding}".'
    )
    few = "응답자,기대\n가,5\n".encode(encoding)  # letters of which some have a NUL too
    assert f'set encoding = "{encoding}"' in refused(tmp_path, few)
    mark = b"\xff\xfe" if encoding == "utf-16-le" else b"\xfe\xff"
    assert read(tmp_path, mark + plain).frame["comment"].tolist() == list(SAID["cp949"])


@pytest.mark.parametrize("contents", [b"respondent_id,c\nR1,\xed\xa0\xbd\xed\xb8\x80\n", b"respondent_id,c\nR1,\xed\xb0\x80\n"])
def test_half_of_a_character_is_no_other_encoding(tmp_path, contents):
    """RFC 3629: UTF-8 has no surrogates, alone or in pairs."""
    assert refused(tmp_path, contents) == (
        "march.csv, row 2, column 'c': byte 0xED is not UTF-8; it is half of a character, which no encoding helps; "
        "export the file again."
    )


def test_half_of_a_wide_character_and_an_end_amid_one_are_said(tmp_path):
    wide = "respondent_id,c\nR1,x\n".encode("utf-16")
    assert "half of a character" in refused(tmp_path, wide + b"\x00\xd8x\x00")
    assert "the file ends amid a character; export it again" in refused(tmp_path, wide + b"x")


def test_the_line_of_a_nul_is_named(tmp_path):
    assert "holds NUL characters, first in line 3" in refused(tmp_path, b"respondent_id,c\nR1,x\nR2,\x00y\nR3,z\n")


@pytest.mark.parametrize("ends", [("\r",) * 3, ("\r\n", "\n", "\r"), ("\n", "\r\n", "\n")])
def test_line_ends_may_be_of_any_kind_and_mixed(tmp_path, ends):
    first, second, third = ends
    frame = read(tmp_path, f"respondent_id,p1{first}R1,7{second}R2,6{third}".encode()).frame
    assert (frame.index.tolist(), frame["p1"].tolist()) == ([2, 3], ["7", "6"])


def test_other_marks_of_a_line_end_belong_to_the_text(tmp_path):
    (comment,) = read(tmp_path, "respondent_id,c\nR1,a\u2028b\x85c\x0bd\n".encode()).frame["c"]
    assert comment == "a\u2028b\x85c\x0bd"


def test_a_cell_in_another_encoding_is_named_below_a_preamble(tmp_path):
    said = refused(tmp_path, b"Export of March\n\nrespondent_id,comment\nR1,x\nR2,caf\xe9\n", header=3)
    assert said.startswith("march.csv, row 5, column 'comment': byte 0xE9")


def test_the_delimiter_is_told_by_the_header_row_below_a_preamble(tmp_path):
    frame = read(tmp_path, b"Kiosk, Berlin, March\nrespondent_id;p1\nR1;7,5\n", header=2).frame
    assert frame.to_numpy().tolist() == [["R1", "7,5"]]


def test_the_line_that_tells_excel_the_delimiter_is_no_header(tmp_path):
    contents = b"sep=;\nrespondent_id;p1\nR1;7,5\n"
    assert refused(tmp_path, contents) == (
        "march.csv, row 1: the row tells Excel the delimiter, and row 2 names the columns; set header = 2."
    )
    assert read(tmp_path, contents, header=2).frame.to_numpy().tolist() == [["R1", "7,5"]]


def test_a_header_of_other_names_is_split_by_the_one_mark_that_makes_a_table(tmp_path):
    frame = read(tmp_path, b"resp;what, exactly;p1\nA;x, y, z;7\nB;x;6\n").frame
    assert frame.columns.tolist() == ["resp", "what, exactly", "p1"]


def test_where_two_delimiters_make_a_table_it_must_be_declared(tmp_path):
    contents = b"resp;a,b\nA;1,2\nB;3,4\n"
    assert refused(tmp_path, contents) == (
        "march.csv: the delimiter must be declared, because the header and its rows can be read by ',' (2 columns) and ';' "
        '(2 columns); set delimiter = ",", or the other.'
    )
    assert read(tmp_path, contents, delimiter=";").frame.columns.tolist() == ["resp", "a,b"]
