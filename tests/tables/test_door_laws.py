"""However the same answers are written, they are the same numbers; and what is added that is no answer changes none."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from study_files import AS_LONG, LONG, WIDE, write

from cxgap.errors import CxgapError
from cxgap.tables.read import read_study

# Few examples, for each writes and reads whole files.
LAW = settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
WORDS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7}
TABLE = [line.split(",") for line in WIDE.splitlines()]


def answers(folder, survey, **sections):
    read = read_study(write(folder, survey, **sections))
    order = ["respondent_id", "touchpoint", "item"]
    columns = [*order, "region", "expectation", "perception"]
    return read.responses.sort_values(order, ignore_index=True)[columns].astype({name: object for name in columns[:4]})


def written(table, delimiter=",", quoting=csv.QUOTE_MINIMAL, end="\n") -> str:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, quoting=quoting, lineterminator=end).writerows(table)
    return text.getvalue()


@LAW
@given(
    rows=st.permutations(range(1, 7)),
    columns=st.permutations(range(8)),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    end=st.sampled_from(["\n", "\r\n"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
)
def test_the_way_of_writing_changes_no_number(tmp_path, rows, columns, delimiter, quoting, end, encoding):
    table = [[TABLE[row][column].replace("north", "nørd") for column in columns] for row in (0, *rows)]
    declared = {"encoding": encoding} if encoding == "cp1252" else {}
    items = {"1": {}, "2": {}}  # so that their order is not that of the columns
    found = answers(tmp_path, written(table, delimiter, quoting, end).encode(encoding), responses=declared, items=items)
    assert_frame_equal(found, answers(tmp_path, WIDE.replace("north", "nørd"), items=items))


@LAW
@given(ratings=st.lists(st.sampled_from(["{}", " {}", "{}.0", "+{}", "0{}", "word", "WORD "]), min_size=24, max_size=24))
def test_a_number_is_the_same_however_it_is_written(tmp_path, ratings):
    name = {str(number): word for word, number in WORDS.items()}
    shapes = iter(ratings)
    body = []
    for row in TABLE[1:]:
        cells = []
        for cell, shape in zip(row[4:], shapes, strict=False):
            word = name[cell].upper() + " " if shape == "WORD " else name[cell]
            cells.append(word if shape.casefold().startswith("word") else shape.format(cell))
        body.append([*row[:4], *cells])
    found = answers(tmp_path, written([TABLE[0], *body]), scale={"labels": WORDS})
    assert_frame_equal(found, answers(tmp_path, WIDE))


NO_ANSWERS = [
    "Total,,,,35,28,33,29",
    ",,,Mittelwert,5,4,5,4",
    "Source: the survey of March.,,,,,,,",
    "R9\x07,Buy,NA,2026-03-01,7,7,7,7",
    "R9,Buy,NA,2026-03-01,x,99,7.5,inf",
    ",Buy,NA,2026-03-01,1,1,1,1",
    "R9, ,NA,2026-03-01,1,1,1,1",
    "R9,Bye,NA,2026-03-01,1,1,1,1",
    "R9,Buy,NA,2026-02-30,1,1,1,1",
    "R9,Buy,NA,2026-03-01,1,1,1",
    "R9,Buy,NA,2026-03-01,1,1,1,1,1",
    "R2,Buy,007,2026-03-02,6,6,5,4",
]


@LAW
@given(added=st.lists(st.tuples(st.sampled_from(NO_ANSWERS), st.integers(1, 6)), max_size=5, unique_by=lambda pair: pair[0]))
def test_rows_that_are_refused_change_no_number_and_are_counted(tmp_path, added):
    lines = WIDE.splitlines()
    for row, place in added:
        lines.insert(max(place, 3) if row.startswith("R2") else place, row)  # the copy comes after the original
    read = read_study(write(tmp_path, "\n".join(lines), study={"touchpoints": ["Buy", "Use"]}))
    assert read.rows["read"] == 12 + 2 * len(added)
    assert read.rows["rejected"] == 2 * len(added) == read.rejects["answers"].sum()
    assert_frame_equal(
        answers(tmp_path, "\n".join(lines), study={"touchpoints": ["Buy", "Use"]}),
        answers(tmp_path, WIDE, study={"touchpoints": ["Buy", "Use"]}),
    )


CELL = st.one_of(
    st.text(max_size=6),
    st.sampled_from(
        ["Total", "合計", "1.23E+17", "\ufeff", "=1+1", "'5", "\u200b5", "9" * 400, "1" * 5000, "-0", "1e-400", '"', "''"]
    ),
)
DECLARED = st.fixed_dictionaries(
    {},
    optional={
        "scale": st.sampled_from(
            [{"labels": {"a": 1, "Total": 7}}, {"low": 0, "high": 1, "step": 0}, {"step": 0.1}, {"low": -1e308, "high": 1e308}]
        ),
        "items": st.sampled_from(
            [{"1": {"low": 0, "high": 10, "reversed": True}, "2": {}}, {"1": {"labels": {"b": 3}}, "2": {}}]
        ),
        "scale.waves.NA": st.just({"low": 1, "high": 5}),
        "outcomes": st.just({"region": {"kind": "satisfaction", "low": 0, "high": 10, "labels": {"NA": 3}}}),
        "design": st.just({"weight": "region"}),
    },
)
RESPONSES = st.fixed_dictionaries(
    {},
    optional={
        "missing": st.sampled_from([["a", 99], ["Total"], ["1e0", ""]]),
        "decimal": st.just(","),
        "rename": st.sampled_from([{"region": "wave"}, {"region": "other"}, {"x": "y"}]),
        "header": st.sampled_from([1, 2, 9]),
        "personal": st.just(["region"]),
        "delimiter": st.sampled_from([";", "|"]),
        "respondent": st.just("row"),
        "touchpoint": st.just("Buy"),
    },
)


@settings(LAW, max_examples=15)
@given(
    edits=st.lists(st.tuples(st.integers(0, 12), st.integers(0, 7), CELL), max_size=6),
    text=st.sampled_from([WIDE, LONG]),
    declared=DECLARED,
    responses=RESPONSES,
    as_of=st.sampled_from(["", "2026-03-03"]),
)
def test_whatever_a_file_holds_the_error_is_one_of_ours(tmp_path, edits, text, declared, responses, as_of):
    table = [line.split(",") for line in text.splitlines()]
    for row, column, cell in edits:
        fields = table[row % len(table)]
        fields[column % len(fields)] = cell
    raw = written(table).encode("utf-8", "surrogatepass")
    try:
        path = write(tmp_path, raw, responses=responses | (AS_LONG if text == LONG else {}), **declared)
        read = read_study(path, as_of=as_of)
    except CxgapError:
        return
    rows = read.rows
    assert rows["read"] == rows["left_out"] + rows["used"] + rows["incomplete"] + rows["rejected"]
    assert rows["rejected"] == read.rejects.query("table == 'responses'")["answers"].sum()
    low, high = read.design["scale"]
    for rating in ("expectation", "perception"):
        assert read.responses[rating].dropna().between(low, high).all()


@settings(LAW, max_examples=12)
@given(raw=st.one_of(st.binary(max_size=200), st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass"))))
def test_whatever_a_study_file_or_a_survey_is_the_error_is_one_of_ours(tmp_path, raw):
    path = write(tmp_path, raw)
    with pytest.raises(CxgapError):
        read_study(path)
    path.write_bytes(raw)
    with pytest.raises(CxgapError):
        read_study(path)
