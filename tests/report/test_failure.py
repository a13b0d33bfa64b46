"""The page of a failure says what happened and what to do, and nothing that the data hold."""

import pytest
from report.hostile import TEXTS
from report.publisher import make_run

from cxgap.report.failure import failure_page, write_failure
from cxgap.report.gate import problems
from cxgap.report.publish import locked

WHEN = "2026-03-31T05:03:00Z"


def page(message="code cell 4: responses.csv, row 14, column comment: byte 0xE9 is not UTF-8", **changes):
    about = {"finished": WHEN, "run_id": "20260331T050300Z-0a1b2c3d", "to_do": "Run it again.", "good": ""} | changes
    return failure_page("North, executive", message, **about)


def test_it_names_the_job_the_time_the_place_and_what_to_do():
    text = page()
    assert problems(text) == []
    assert "script-src 'none'" in text
    for words in (
        "North, executive",
        "31 March 2026, 05:03 UTC",
        "responses.csv, row 14, column comment: byte 0xE9 is not UTF-8",
        "Run it again.",
        "20260331T050300Z-0a1b2c3d",
        "There is no report yet.",
    ):
        assert words in text


@pytest.mark.parametrize(
    "code", ["cell_timeout", "memory", "kernel_start", "space", "killed", "input_changed", "anything else"]
)
def test_each_kind_of_fault_has_its_advice(tmp_path, code):
    with locked(tmp_path):
        path = write_failure(tmp_path, "north", job="North", message="x", finished=WHEN, code=code)
    assert path == tmp_path / "north/failure.html"
    advice = {"memory": "more memory", "space": "Make room", "anything else": "Correct what the message names"}
    assert advice.get(code, "again") in path.read_text()


def test_the_next_success_removes_it(tmp_path):
    with locked(tmp_path):
        path = write_failure(tmp_path, "customer", job="Customer", message="x", finished=WHEN)
        assert path.exists()
        make_run(tmp_path, "good")
        assert not path.exists()


@pytest.mark.parametrize("text", TEXTS)
def test_no_text_does_anything_on_it(text):
    found = failure_page(text, text, finished=text, run_id=text, to_do=text, good=text)
    assert problems(found) == []
