"""A study shows what it rests on, as text, as a page and as a record, and shows no cell of the data."""

from __future__ import annotations

import dataclasses
import json

import pytest
from drawn import drawn
from drawn import text as as_csv
from samples import sample
from study_files import WIDE

from cxgap.errors import ArgumentError
from cxgap.tables.issues import Issues
from cxgap.tables.study import STUDY_MIME

SECRET = "jane.doe@example.org"
HOSTILE = "<script>alert(1)</script>\u202e\x1b[31m"


def test_a_study_shows_counts_and_issues_as_text(study):
    survey = drawn(40, 2).fillna(5)
    survey.loc[0, "p1"] = 99
    assert repr(study(as_csv(survey))).splitlines() == [
        "Kiosk: 40 respondents, 2 touchpoints",
        "80 answers in = 79 used + 0 incomplete + 1 rejected",
        "expectation asked as 'should'",
        'rejected: responses, column p1, row 2: lies outside the scale; if it means "no answer", add it to `missing` under '
        "[responses]; or correct it",
    ]


def test_what_was_left_out_is_shown(study):
    assert "; 8 more left out by where or as_of" in repr(study(where={"region": "NA"}))


def test_a_study_in_a_notebook_shows_counts_and_issues_and_its_record(study):
    read = study(WIDE.replace("7,5,6,6", "77,5,6,6"))
    shown = read._repr_mimebundle_()
    assert set(shown) == {"text/plain", "text/html", STUDY_MIME}
    assert "<caption>Kiosk</caption>" in shown["text/html"]
    assert '<th scope="row">rejected</th><td>1</td>' in shown["text/html"]
    assert "lies outside the scale" in shown["text/html"]
    assert shown[STUDY_MIME] == read.record()


def test_the_record_is_plain_json_and_whole(study):
    record = study(WIDE.replace("7,5,6,6", "77,5,6,6"), where={"region": ["NA", "007"]}, as_of="2026-03-31").record()
    assert json.loads(json.dumps(record, allow_nan=False)) == record
    assert record["rows"] == {"read": 12, "left_out": 4, "in": 8, "used": 7, "incomplete": 0, "rejected": 1}
    assert record["rejected"] == {"out_of_scale": 1}
    assert record["where"] == {"region": ["NA", "007"]}
    assert record["period"] == ["2026-03-01", "2026-03-05"]
    assert (record["respondents"], record["touchpoints"], record["weighted"]) == (4, 2, False)
    assert record["scale"] == {"low": 1, "high": 7, "step": 1}


def test_neither_record_nor_display_holds_a_cell_of_the_data(study):
    survey = WIDE.replace("R1,", f"{SECRET},").replace("R2,Buy", f"R2,{SECRET}") + f"{SECRET},Buy,NA,2026-03-01,7,5,6,6\n"
    survey = survey.replace("6,3,6,4", f"{SECRET},3,6,4")
    read = study(survey, study={"touchpoints": ["Buy", "Use"]})
    assert SECRET in read.rejects["value"].tolist()
    assert SECRET in read.issues.frame["value"].tolist()
    assert SECRET not in json.dumps(read.record()) + repr(read) + str(read._repr_mimebundle_()) + str(read.issues.records())


def test_hostile_names_come_out_inert(study):
    name = f"e1{HOSTILE}"
    survey = WIDE.replace("e1,p1", f"{name},p1").replace("7,5,6,6", "77,5,6,6")
    read = study(survey, study={"title": HOSTILE}, items={"1": {"expectation": name}, "2": {}})
    page = read._repr_mimebundle_()["text/html"]
    assert "<script" not in page
    for text in (page, repr(read)):
        assert not {"\u202e", "\x1b"} & set(text)
    assert "[U+202E]" in page


def test_a_study_is_not_changed_by_hand(study):
    read = study()
    with pytest.raises(dataclasses.FrozenInstanceError):
        read.title = "x"
    for mapping in (read.rows, read.design, read.importance, read.operations, read.tables, read.where):
        with pytest.raises(TypeError):
            mapping["x"] = 1


def test_studies_are_not_compared_cell_by_cell(study):
    read = study()
    assert read == read
    assert read != study()


def test_issues_are_sorted_by_what_they_cost():
    issues = Issues()
    issues.add("left_out", "note", table="responses", rows=2)
    issues.add("small_sample", "warning", table="responses", column="touchpoint Buy")
    issues.add("off_step", "rejected", table="responses", column="e1", rows=3, row=7, value="4.5")
    assert [issue["severity"] for issue in issues] == ["rejected", "warning", "note"]
    assert [record["check"] for record in issues.records()] == issues.frame["check"].tolist()
    assert all("value" not in record and "row" not in record for record in issues.records())
    assert issues.lines()[0] == (
        "rejected: responses, column e1, row 7: lies between two answers of the scale (3 in all); correct the cell, or set "
        "`step` under [scale]"
    )
    assert issues.frame["row"].tolist()[0] == 7


def test_no_issues_are_said_to_be_none():
    assert repr(Issues()) == "no issues"
    assert Issues()._repr_html_() == "<p>The checks found nothing.</p>"
    assert (len(Issues()), Issues().records(), len(Issues().frame)) == (0, [], 0)


def test_tables_held_elsewhere_take_the_place_of_those_read_and_mark_the_fingerprint():
    study = sample()
    events = study.events.head(3)
    there = study.with_tables(events=events).with_tables(responses=study.responses.head(5), events=events)
    assert there.events is events
    assert len(there.responses) == 5
    assert there.fingerprint == f"{study.fingerprint}+events+responses"
    assert study.fingerprint == there.fingerprint.split("+")[0]
    with pytest.raises(ArgumentError, match=r"no table 'event', only .* Did you mean 'events'"):
        study.with_tables(event=events)
