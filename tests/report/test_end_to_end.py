"""The notebooks that come with cxgap, on the sample study: from raw survey to the page in a browser."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

import cxgap as cx
from cxgap.report.run import run_report

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def pages(tmp_path_factory) -> dict:
    output = tmp_path_factory.mktemp("sample") / "reports"
    return {name: run_report(name, output=output, study="sample") for name in ("study", "customer")}


def record(run) -> dict:
    return json.loads((run.page.parent / "record.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("name", "figures"), [("study", 1), ("customer", 2)])
def test_a_page_of_the_sample_is_whole_in_a_browser_without_a_network(pages, browse, name, figures):
    opened = browse(pages[name].page)
    assert opened.root("data-figures") == f"{figures}/{figures}"
    assert (opened.console, opened.requests) == ([], [])
    assert len(re.findall("<h1[ >]", opened.dom)) == 1
    tables = re.findall(r"<table.*?</table>", opened.dom, re.S)
    assert len(tables) >= figures
    assert all("<caption" in table and 'scope="col"' in table and 'scope="row"' in table for table in tables)


def test_the_title_is_the_finding_and_the_rows_add_up(pages):
    page = pages["customer"].page.read_text(encoding="utf-8")
    assert re.search(r"<h1[^>]*>Receive the parcel falls furthest short of what customers expect</h1>", page)
    rows = record(pages["customer"])["study"]["rows"]
    assert rows["in"] == rows["used"] + rows["incomplete"] + rows["rejected"] > 60_000
    assert f"{rows['in']:,} = used {rows['used']:,}" in re.sub("<[^>]+>", "", page)


def test_the_page_shows_every_verdict_word(pages):
    page = pages["customer"].page.read_text(encoding="utf-8")
    assert all(word in page for word in ("▼ short", "● met", "▲ exceeded", "○ cannot tell", "– not shown"))


def test_no_respondent_and_no_hidden_number_is_on_any_published_page(pages):
    """Privacy: ids of the input, and the estimate of the touchpoint with fewer customers than the minimum."""
    published = [
        path for path in pages["customer"].page.parents[1].rglob("*") if path.is_file() and "private" not in path.parts
    ]
    for path in published:
        if path.suffix in (".html", ".json", ".csv"):
            text = path.read_text(encoding="utf-8")
            assert not re.search(r"\b[RC]0\d{4}\b", text), path.name
    hidden = [row for table in record(pages["customer"])["tables"] for row in table["rows"] if "not shown" in row]
    assert hidden
    assert all(isinstance(value, str) or value is None for row in hidden for value in row)


@pytest.mark.slow
def test_the_same_inputs_give_the_same_bytes(pages, tmp_path):
    again = run_report("customer", output=tmp_path / "again", study=str(ROOT / "data" / "sample"))
    page, other = (run.page.read_text(encoding="utf-8") for run in (pages["customer"], again))
    assert page.replace("sample", "") == other.replace(str(ROOT / "data" / "sample"), "").replace("sample", "")
    first, second = (sorted((run.page.parent / "tables").iterdir()) for run in (pages["customer"], again))
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_plain_papermill_runs_a_notebook_from_any_folder_and_nbconvert_makes_the_page(tmp_path):
    """As people run it without the report layer: papermill in.ipynb out.ipynb -p by segment, then nbconvert --to cxgap."""
    cx.simulate_study(200, seed=1).write(tmp_path / "study")
    shutil.copy(ROOT / "data" / "sample" / "study.toml", tmp_path / "study")
    source, done = ROOT / "notebooks" / "05_customer.ipynb", tmp_path / "out.ipynb"
    words = ["-m", "papermill", source, done, "-p", "study", "study", "-p", "by", "segment", "--no-progress-bar"]
    subprocess.run([sys.executable, *map(str, words)], check=True, capture_output=True, cwd=tmp_path)
    subprocess.run(
        [sys.executable, "-m", "nbconvert", "--to", "cxgap", str(done)], check=True, capture_output=True, cwd=tmp_path
    )
    page = (tmp_path / "out.html").read_text(encoding="utf-8")
    assert "Business account" in page
    assert len(re.findall("<figure ", page)) == 2
    assert nbformat.read(done, as_version=4).cells


def test_a_study_that_does_not_declare_its_scale_fails_with_one_sentence_and_leaves_the_page(pages, tmp_path):
    page = pages["customer"].page.read_bytes()
    text = (ROOT / "data" / "sample" / "study.toml").read_text(encoding="utf-8")
    (tmp_path / "study.toml").write_text(text.replace("[scale]\nlow = 1\nhigh = 7\nstep = 1\n", ""), encoding="utf-8")
    with pytest.raises(Exception, match=r"must declare the scale") as caught:
        run_report("customer", output=pages["customer"].page.parents[1], study=str(tmp_path))
    assert len(str(caught.value).splitlines()) == 1
    assert "05_customer" in str(caught.value)
    assert pages["customer"].page.read_bytes() == page
