"""The index lists the pages that are there, says what each found, and which of them is old."""

import hashlib
import json
import re
import shutil

import pytest
from report.hostile import TEXTS
from report.making import study
from report.schemas import check_schema

from cxgap.errors import BusyError, RunError
from cxgap.report import disk, index
from cxgap.report.failure import write_failure
from cxgap.report.gate import problems
from cxgap.report.index import note_status, write_index
from cxgap.report.publish import locked
from cxgap.report.status import BAD


@pytest.fixture
def output(good, tmp_path):
    """A copy of a folder with one report."""
    shutil.copytree(good.page.parent.parent, tmp_path / "reports", symlinks=True)
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
    assert "<caption>1 report of Northbound Parcel (synthetic)</caption>" in page
    assert cells(page)[:2] == ["customer", "the whole study<br>1 to 31 March 2026"]
    assert (
        cells(page)[2].replace("\N{NO-BREAK SPACE}", " ")
        == "▼ 2 short<br>● 2 met<br>▲ 1 exceeded<br>○ 1 cannot tell<br>– 1 not shown"
    )
    assert cells(page)[3] == "1,902"
    assert problems(page) == []
    assert "script-src 'none'" in page


def test_reports_are_sorted_and_nothing_else_is_listed(output):
    for name in ("north", "1-first"):
        shutil.copytree(output / "customer", output / name, symlinks=True)
    (output / "unfinished").mkdir()
    (output / "notes.txt").touch()
    assert re.findall('href="([^"]*)"', index_of(output)) == [
        f"{name}/report.html" for name in ("1-first", "customer", "north")
    ]


DAMAGED = "The page of customer is not listed: it is not whole, or not the one that its record describes. Run it again."


@pytest.mark.parametrize("damage", [lambda page: page + b"\n", lambda page: page[:-20], lambda page: b""])
def test_a_page_that_is_not_the_one_of_its_record_is_not_listed(output, damage):
    page = output / "customer/report.html"
    page.write_bytes(damage(page.read_bytes()))
    index = index_of(output)
    assert "href" not in index
    assert DAMAGED in index


def test_a_page_that_ends_early_is_not_listed_though_its_record_says_so(output):
    page, record = output / "customer/report.html", output / "customer/record.json"
    content = page.read_bytes()
    page.write_bytes(content[:-20])
    digests = [hashlib.sha256(text).hexdigest() for text in (content, content[:-20])]
    record.write_text(record.read_text().replace(*digests))
    assert DAMAGED in index_of(output)


@pytest.mark.parametrize("record", [b"", b"[]", b"{}", b'{"artefacts": 1}', b"\xff", b'{"artefacts": [1]}', b"[" * 100_000])
def test_a_broken_record_breaks_no_index(output, record):
    (output / "customer/record.json").write_bytes(record)
    assert DAMAGED in index_of(output)


def test_a_failed_run_is_said_and_the_page_before_stays_linked(output):
    failed = {"state": "failed", "run_id": "r", "seconds": 1.0, "finished": "2026-04-01T05:00:00Z"}
    note_status(output, "customer", **failed, message="code cell 4 raised ValueError.")
    note_status(output, "north", **failed, message="")
    write_failure(output, "north", job="North", message="x", finished="2026-04-01T05:00:00Z")
    page = index_of(output)
    assert "The last run of customer failed; the page below is from the run before, of " in page
    assert "code cell 4 raised ValueError." in page
    assert 'The last run of north failed; there is no page of it yet.  <a href="north/failure.html">' in page
    assert 'href="customer/report.html"' in page
    assert "<caption>1 report of " in page
    assert cells(page)[4].startswith("failed, 1 April 2026, 05:00 UTC, 1 s<br>")
    own = json.loads((output / "status.json").read_text())
    check_schema("status", own)
    assert list(own) == ["schema", "customer", "north"]
    assert own["customer"]["good"]["run_id"] != "r"  # of the run before
    assert (own["north"]["page"], "good" in own["north"]) == (None, False)


@pytest.mark.parametrize("state", sorted(BAD))
def test_every_kind_of_failure_makes_a_report_old(output, state):
    note_status(output, "customer", state=state, message="")
    assert "The last run of customer failed" in index_of(output)


def test_a_broken_status_is_begun_anew(output):
    for text in ("{", "[1]", "\0", "[" * 100_000):
        (output / "status.json").write_text(text)
        note_status(output, "customer", state="ok")
        own = json.loads((output / "status.json").read_text())
        assert (list(own), own["customer"]["state"]) == (["schema", "customer"], "ok")


def test_metrics_are_what_prometheus_reads(output):
    """Its text format: backslash, quote and newline are escaped in a label; one HELP and one TYPE before the samples."""
    note_status(output, 'a\\b"c\nd', state="failed", seconds=2.5, finished="2026-04-01T00:00:00Z", message="x")
    lines = (output / "metrics.prom").read_text().splitlines()
    assert r'cxgap_run_ok{report="a\\b\"c\nd"} 0' in lines
    assert 'cxgap_run_ok{report="customer"} 1' in lines
    assert r'cxgap_run_finished_timestamp_seconds{report="a\\b\"c\nd"} 1775001600.0' in lines
    assert "cxgap_pages 1" in lines
    sample = re.compile(r'[a-z_]+(\{[a-z]+="([^"\\]|\\[\\n"])*"(,[a-z]+="[a-z]*")*\})? [0-9.e+]+')
    assert all(line.startswith(("# HELP ", "# TYPE ")) or sample.fullmatch(line) for line in lines)
    names = [line.split()[2] for line in lines if line.startswith("# TYPE ")]
    assert len(names) == len(set(names))


def test_composed_reports_come_first_and_a_hundred_and_twenty_fit(output):
    """The gate lets an index of three fleets through: 300,000 bytes."""
    record = json.loads((output / "customer/record.json").read_text())
    notebooks = ["05_customer.ipynb", "90_executive.ipynb", "91_analyst.ipynb"]
    for i in range(119):
        name = notebooks[i % 3]
        folder = output / f"{name[3:-6]}-region-{i:03}"
        folder.mkdir()
        shutil.copy(output / "customer/report.html", folder)
        (folder / "record.json").write_text(json.dumps(record | {"notebook": {"name": name, "sha256": "0"}}))
    page = index_of(output)
    listed = re.findall('href="([a-z]+)[^"]*"', page)
    assert listed == ["executive"] * 40 + ["analyst"] * 39 + ["customer"] * 41
    assert "<caption>120 reports of " in page
    assert len(page.encode()) < 200_000


def test_forty_pages_of_more_than_20_megabytes_are_said(output, monkeypatch):
    """Forty pages at most 20 MB in all."""
    assert "in all, more than" not in index_of(output)
    monkeypatch.setattr(index, "FOLDER_BUDGET", 4_000_000)
    assert "MB in all, more than 4 MB." in index_of(output)


def test_an_index_waits_for_no_run_and_a_full_disk_leaves_the_one_before(output, monkeypatch):
    before = index_of(output)
    with locked(output), pytest.raises(BusyError, match="is held by another run: process "):
        write_index(output)

    def full(path, content):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(disk, "write", full)
    with pytest.raises(RunError, match=r"The index could not be written: No space left on device\."):
        write_index(output)
    assert (output / "index.html").read_text(encoding="utf-8") == before


def test_an_empty_folder_has_an_index(tmp_path):
    assert "0 reports" in index_of(tmp_path / "new")


def test_hostile_records_do_nothing(output, tmp_path, browse):
    record = json.loads((output / "customer/record.json").read_text())
    for i, text in enumerate(TEXTS):
        shutil.copytree(output / "customer", output / f"r{i}", symlinks=True)
        changed = record | {"title": text, "study": study(title=text, where={text: text})}
        (output / f"r{i}/record.json").write_text(json.dumps(changed))
    note_status(output, TEXTS[0], state="failed", message=TEXTS[1])
    opened = browse(write_index(output))
    assert (opened.root("data-pwned"), opened.console, opened.requests) == (None, [], [])
    assert "Reports" in opened.dom
    assert opened.dom.count('href="r') == len(TEXTS)
