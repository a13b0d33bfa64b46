"""Whatever is done to a file, every answer in it is used, incomplete or rejected, or the error is one of ours."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from study_files import AS_LONG, LONG, WIDE, write

from cxgap.errors import CxgapError
from cxgap.tables.read import read_study

LAW = settings(max_examples=30, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])

CELLS = [
    "",
    " ",
    "NA",
    "99",
    "7.0",
    "5.5",
    "1e0",
    "nan",
    "inf",
    "1e999",
    "-",
    "x",
    '"',
    "é",
    "\u202e",
    "R1",
    "Buy",
    "1,5",
    "TRUE",
]
CELLS += ["2026-02-30", "2026-03-29T02:30", "0001-01-01", "9999-12-31T23:59:59", "\x00", "\r", "a\nb"]
PLACE = st.integers(0, 40)
EDIT = st.one_of(
    st.tuples(st.just("set"), PLACE, PLACE, st.sampled_from(CELLS)),
    st.tuples(st.just("blank"), PLACE, PLACE),
    st.tuples(st.just("drop"), PLACE, PLACE),
    st.tuples(st.just("add"), PLACE, st.sampled_from(CELLS)),
    st.tuples(st.just("repeat"), PLACE, PLACE),
    st.tuples(st.just("empty"), PLACE),
)
DECLARED = st.fixed_dictionaries(
    {},
    optional={
        "study": st.just({"touchpoints": ["Buy", "Use"], "zone": "Europe/Berlin"}),
        "items": st.just({"1": {"label": "one", "dimension": "ease"}, "2": {"reversed": True}}),
        "scale": st.sampled_from([{"step": 0}, {"step": 0.5}, {"high": 5}]),
        "design": st.just({"stratum": "region"}),
    },
)


def edited(text: str, edits: list[tuple]) -> bytes:
    """Change cells, fields and rows; places count round."""
    rows = [line.split(",") for line in text.splitlines()]
    for what, place, *more in edits:
        row = rows[place % len(rows)]
        if what == "repeat":
            rows.insert(1 + more[0] % len(rows), list(row))
        elif what == "empty":
            row[:] = [""] * len(row)
        elif what == "add":
            row.append(more[0])
        elif row:
            if what == "drop":
                del row[more[0] % len(row)]
            else:
                row[more[0] % len(row)] = more[1] if what == "set" else ""
    return "\n".join(map(",".join, rows)).encode()


@LAW
@given(text=st.sampled_from([WIDE, LONG]), edits=st.lists(EDIT, max_size=6), declared=DECLARED)
def test_every_answer_is_used_incomplete_or_rejected(tmp_path, text, edits, declared):
    about = {"missing": [99], **(AS_LONG if text == LONG else {})}
    try:
        read = read_study(write(tmp_path, edited(text, edits), responses=about, **declared))
    except CxgapError:
        return
    rows = read.rows
    assert rows["in"] == rows["used"] + rows["incomplete"] + rows["rejected"]
    assert rows["rejected"] == read.rejects["answers"].sum()
    assert rows["used"] + rows["incomplete"] == len(read.responses)
    assert rows["used"] == read.responses[["expectation", "perception"]].notna().all(axis=1).sum()
    assert read.responses[["respondent_id", "touchpoint"]].notna().all(axis=None)
    assert not read.responses.duplicated(["respondent_id", "touchpoint", *(["item"] if "item" in read.responses else [])]).any()
    json.dumps(read.record(), allow_nan=False)
    repr(read)


@settings(LAW, max_examples=10)
@given(
    edits=st.lists(
        EDIT.filter(lambda edit: edit[0] not in ("drop", "add") and '"' not in edit and "\x00" not in edit), max_size=5
    )
)
def test_parquet_loses_and_refuses_what_csv_does(tmp_path, edits):
    text = edited(WIDE, edits)
    header, *body = csv.reader(io.StringIO(text.decode(), newline=""))
    if any(len(row) != len(header) for row in body) or len(set(header)) < len(header):
        return  # a line break in a cell, or a name twice: these have tests of their own
    found = []
    for survey, file in ((text, "r.csv"), (pd.DataFrame(body, columns=header), "r.parquet")):
        try:
            read = read_study(write(tmp_path, survey, responses={"file": file, "missing": [99]}))
            found.append(
                (read.rows, read.responses.to_csv(), read.rejects.drop(columns="file").to_csv(), read.issues.records())
            )
        except CxgapError as error:
            found.append(str(error).replace("r.parquet", "r.csv"))
    assert found[0] == found[1]


@settings(LAW, max_examples=8)
@given(order=st.permutations(range(6)))
def test_the_order_of_rows_changes_no_answer(tmp_path, order):
    header, *lines = WIDE.splitlines()
    first = read_study(write(tmp_path, WIDE)).responses
    moved = read_study(write(tmp_path, "\n".join([header, *(lines[place] for place in order)]))).responses
    assert_frame_equal(moved.sort_values(["respondent_id", "item"], ignore_index=True), first)
    assert list(moved["item"].cat.categories) == list(first["item"].cat.categories)


@pytest.mark.parametrize("as_of", ["", "2026-03-03"])
@pytest.mark.parametrize("where", [{}, {"region": ["NA", "north"]}])
def test_what_is_left_out_and_what_is_in_is_what_was_read(study, where, as_of):
    bad = WIDE.replace("7,5,6,6", "77,x,6,6").replace("2026-03-04", "") + "R9,Buy\n" + WIDE.splitlines()[3] + "\n"
    rows = study(bad, where=where, as_of=as_of).rows
    assert rows["read"] == rows["left_out"] + rows["in"]
    assert Counter(rows)["read"] == 16
