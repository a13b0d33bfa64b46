"""The index lists the pages that are there, says what each found, and which of them is old."""

import json
import re
import shutil

import pytest
from report.hostile import TEXTS
from report.making import study

from cxgap.report.gate import problems
from cxgap.report.index import note_status, write_index


@pytest.fixture
def output(good, tmp_path):
    """A copy of a folder with one report."""
    shutil.copytree(good.page.parent.parent, tmp_path / "reports")
    return tmp_path / "reports"


def index_of(output):
    return write_index(output).read_text(encoding="utf-8")


def cells(page):
    return re.findall("<td>(.*?)</td>", page)


def test_a_row_says_what_was_found_where_and_when(output):
    page = index_of(output)
    assert (
        '<th scope="row"><a href="customer/report.html">Receiving a parcel falls short of what customers expect</a></th>'
        in page
    )
    assert cells(page)[:3] == ["customer", "Northbound Parcel (synthetic), the whole study", "1 to 31 March 2026"]
    assert (
        cells(page)[3].replace("\N{NO-BREAK SPACE}", " ")
        == "▼ 2 short<br>● 2 met<br>▲ 1 exceeded<br>○ 1 cannot tell<br>– 1 not shown"
    )
    assert cells(page)[4] == "1,902"
    assert problems(page) == []
    assert "script-src 'none'" in page


def test_reports_are_sorted_and_nothing_else_is_listed(output):
    for name in ("north", "1-first"):
        shutil.copytree(output / "customer", output / name)
    (output / "unfinished").mkdir()
    (output / "notes.txt").touch()
    assert re.findall('href="([^"]*)"', index_of(output)) == [
        f"{name}/report.html" for name in ("1-first", "customer", "north")
    ]


def test_a_page_of_another_run_than_its_record_is_linked_without_a_finding(output):
    page = output / "customer/report.html"
    page.write_bytes(page.read_bytes() + b"\n")
    assert '<a href="customer/report.html">customer</a>' in index_of(output)
    assert "Receiving a parcel" not in index_of(output)


@pytest.mark.parametrize("record", [b"", b"[]", b"{}", b'{"artefacts": 1}', b"\xff", b'{"artefacts": [1]}'])
def test_a_broken_record_breaks_no_index(output, record):
    (output / "customer/record.json").write_bytes(record)
    assert '<a href="customer/report.html">customer</a>' in index_of(output)


def test_a_failed_run_is_said_and_the_page_before_stays_linked(output):
    note_status(output, "customer", state="failed", run_id="r", seconds=1.0, message="code cell 4 raised ValueError.")
    note_status(output, "north", state="failed", run_id="r", seconds=1.0, message="")
    page = index_of(output)
    assert "The last run of customer failed; the page below is from the run before." in page
    assert "The last run of north failed; there is no page of it yet." in page
    assert 'href="customer/report.html"' in page
    assert list(json.loads((output / "status.json").read_text())) == ["customer", "north"]


def test_a_broken_status_is_begun_anew(output):
    (output / "status.json").write_text("{")
    note_status(output, "customer", state="ok")
    assert json.loads((output / "status.json").read_text()) == {"customer": {"state": "ok"}}


def test_an_empty_folder_has_an_index(tmp_path):
    assert "0 reports" in index_of(tmp_path / "new")


def test_hostile_records_do_nothing(output, tmp_path, browse):
    record = json.loads((output / "customer/record.json").read_text())
    for i, text in enumerate(TEXTS):
        shutil.copytree(output / "customer", output / f"r{i}")
        changed = record | {"title": text, "study": study(title=text, where={text: text})}
        (output / f"r{i}/record.json").write_text(json.dumps(changed))
    note_status(output, TEXTS[0], state="failed", message=TEXTS[1])
    opened = browse(write_index(output))
    assert (opened.root("data-pwned"), opened.console, opened.requests) == (None, [], [])
    assert "Reports" in opened.dom
    assert opened.dom.count('href="r') == len(TEXTS)
