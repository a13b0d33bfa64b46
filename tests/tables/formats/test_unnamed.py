"""Columns without a name, and heads of several rows, in delimited text."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from cxgap.errors import StudyError
from cxgap.tables.formats import read_file
from cxgap.tables.formats.raw import Unread
from cxgap.tables.source import Source


def read(folder, text: str, **source):
    (folder / "march.csv").write_text(text, encoding="utf-8")
    return read_file(folder, Source(file="march.csv", **source), [])


def test_blank_columns_without_a_name_are_left_out_and_said(tmp_path):
    table = read(tmp_path, "a,,b,,\n1,,2,,\n3,,4\n5,,6,,,\n7,\n")
    assert table.frame.to_numpy().tolist() == [["1", "2"], ["3", "4"]]
    assert table.unread == [Unread(4, "too_many_fields", "3"), Unread(5, "too_few_fields", "1")]
    assert [(note.check, note.column, note.row) for note in table.notes] == [("unnamed_column", "2, 4, 5", 1)]


def test_a_value_without_a_name_stops_the_reading(tmp_path):
    with pytest.raises(StudyError, match="row 1: every column must have a name; column 2 has none"):
        read(tmp_path, "a,,b\n1,,2\n3,x,4\n")


def test_rows_of_a_head_are_joined(tmp_path):
    table = read(tmp_path, "\n,E,,P,\nid,speed,care,speed,care\n1,7,6,5,4\n", header=[2, 3])
    assert table.frame.columns.tolist() == ["id", "E speed", "E care", "P speed", "P care"]
    assert table.frame.index.tolist() == [4]


@pytest.mark.parametrize("header", [0, -1, True, "1", [], [2, 1], [1, 1], [0, 1], 1.5])
def test_a_header_is_a_row_or_rows_from_above(header):
    with pytest.raises(ValidationError, match="must be the row of the column names, such as 1, or several such as"):
        Source(file="march.csv", header=header)
