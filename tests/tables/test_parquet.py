"""Parquet is typed; what it holds must read as the same study in CSV would."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cxgap.errors import StudyError
from cxgap.tables.formats import RawTable, read_file
from cxgap.tables.source import Source

NIGHT = dt.datetime(2026, 3, 31, 23, 30)


def read(folder, table: pa.Table) -> RawTable:
    pq.write_table(table, folder / "x.parquet")
    return read_file(folder, Source(file="x.parquet"), [])


@pytest.mark.parametrize(
    ("column", "texts"),
    [
        (pa.array([1, None, 255], pa.uint8()), ["1", "", "255"]),
        (pa.array([1.0, None, float("nan")]), ["1", "", ""]),
        (pa.array([0.1, -0.0, float("inf")]), ["0.1", "0", "inf"]),
        (pa.array(np.array([5.5, 1, 7], "float16")), ["5.5", "1", "7"]),
        (pa.array([Decimal("5.00"), None, Decimal("7.50")]), ["5.00", "", "7.50"]),
        (pa.array([True, None, False]), ["true", "", "false"]),
        (pa.array(["007", "NA", None]), ["007", "NA", ""]),
        (pa.array(["None", "  ", "null"], pa.large_string()), ["None", "", "null"]),
        (pa.array(["1e5", None, "TRUE"]).dictionary_encode(), ["1e5", "", "TRUE"]),
        (pa.array([7, None, 5]).dictionary_encode(), ["7", "", "5"]),
        (pa.array([7.0, float("nan"), 5.5]).dictionary_encode(), ["7", "", "5.5"]),
        (pa.array(["süd".encode(), None, b"north"]), ["süd", "", "north"]),
        (pa.array([NIGHT.date(), None, NIGHT.date()]), ["2026-03-31", "", "2026-03-31"]),
        (pa.array([NIGHT, None, NIGHT], pa.timestamp("ns")), ["2026-03-31T23:30:00", "", "2026-03-31T23:30:00"]),
        (
            pa.array([NIGHT, None, NIGHT], pa.timestamp("us", "Europe/Berlin")),
            ["2026-03-31T23:30:00+00:00", "", "2026-03-31T23:30:00+00:00"],
        ),
        (pa.array([dt.time(14, 5), None, dt.time(0)]), ["14:05:00", "", "00:00:00"]),
        (pa.array([dt.timedelta(days=1), None, None]), ["1 day, 0:00:00", "", ""]),
        (pa.array([[1, 2], None, []]), ["[1, 2]", "", "[]"]),
        (pa.nulls(3), ["", "", ""]),
    ],
    ids=lambda value: str(value.type) if isinstance(value, pa.Array) else "",
)
def test_every_type_becomes_the_text_that_a_csv_would_hold(tmp_path, column, texts):
    assert read(tmp_path, pa.table({"key": ["a", "b", "c"], "x": column})).frame["x"].tolist() == texts


def test_rows_are_numbered_as_if_the_header_were_row_one_and_blank_ones_are_none(tmp_path):
    table = pa.table({"respondent_id": ["R1", None, "R3"], "e1": [7, None, None]})
    assert read(tmp_path, table).frame.index.tolist() == [2, 4]


def test_several_row_groups_are_one_table(tmp_path):
    table = pa.table({"respondent_id": pa.array([f"R{place}" for place in range(100)]).dictionary_encode()})
    pq.write_table(table, tmp_path / "x.parquet", row_group_size=7)
    frame = read_file(tmp_path, Source(file="x.parquet"), []).frame
    assert frame["respondent_id"].tolist() == [f"R{place}" for place in range(100)]


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (pa.table({"respondent_id": pa.array([], pa.string())}), "must hold rows below its header; it has none."),
        (pa.table({"respondent_id": pa.nulls(2, pa.string())}), "must hold rows below its header; it has none."),
        (pa.table([["R1"], [7], [6]], names=["respondent_id", "e1", " e1"]), "'e1' is named 2 times"),
        (pa.table([["R1"], [7]], names=["respondent_id", ""]), "column 2 has none"),
        (pa.table({"respondent_id": [b"\xff\xfe"]}), "column 'respondent_id': binary values must be such as text can hold"),
        (
            pa.table({"at": pa.array([2**53], pa.int64()).cast(pa.timestamp("ms"))}),
            "column 'at': timestamp[ms] values must be such as text can hold",
        ),
    ],
    ids=["no rows", "only nulls", "a name twice", "a blank name", "bytes", "a far year"],
)
def test_what_is_no_table_says_so(tmp_path, table, words):
    with pytest.raises(StudyError) as caught:
        read(tmp_path, table)
    assert words in str(caught.value)


@pytest.mark.parametrize("kept", [40, 100, -9])
def test_a_file_that_was_cut_off_is_damaged(tmp_path, kept):
    pq.write_table(pa.table({"respondent_id": ["R1", "R2"] * 50}), tmp_path / "x.parquet")
    (tmp_path / "x.parquet").write_bytes((tmp_path / "x.parquet").read_bytes()[:kept])
    with pytest.raises(StudyError, match="must be a whole Parquet file, and is damaged"):
        read_file(tmp_path, Source(file="x.parquet"), [])
