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
from report.whole import hold_silent, hold_whole

import cxgap as cx
from cxgap.report.record import RunRecord
from cxgap.report.run import run_report

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> RunRecord:
    return run_report("customer", output=tmp_path_factory.mktemp("sample") / "reports", study="sample")


def record(run) -> dict:
    return json.loads((run.page.parent / "record.json").read_text(encoding="utf-8"))


def test_a_page_of_the_sample_is_whole_in_a_browser_without_a_network(made, browse):
    hold_whole(made.page, browse, figures=2)


def test_the_title_is_the_finding_and_the_rows_add_up(made):
    page = made.page.read_text(encoding="utf-8")
    assert re.search(r"<h1[^>]*>Receive the parcel falls furthest short of what customers expect</h1>", page)
    rows = record(made)["study"]["rows"]
    assert rows["in"] == rows["used"] + rows["incomplete"] + rows["rejected"] > 60_000
    assert f"{rows['in']:,} = used {rows['used']:,}" in re.sub("<[^>]+>", "", page)


def test_the_page_shows_every_verdict_word(made):
    page = made.page.read_text(encoding="utf-8")
    assert all(word in page for word in ("▼ short", "● met", "▲ exceeded", "○ cannot tell", "– not shown"))


def test_no_respondent_and_no_hidden_number_is_on_any_published_page(made):
    """Privacy: ids of the input, and the estimate of the touchpoint with fewer customers than the minimum."""
    hold_silent(made.page.parents[1])
    hidden = [row for table in record(made)["tables"] for row in table["rows"] if "not shown" in row]
    assert hidden
    assert all(isinstance(value, str) or value is None for row in hidden for value in row)


@pytest.mark.slow
def test_the_same_inputs_give_the_same_bytes(made, tmp_path):
    again = run_report("customer", output=tmp_path / "again", study=str(ROOT / "data" / "sample"))
    page, other = (run.page.read_text(encoding="utf-8") for run in (made, again))
    assert page.replace("sample", "") == other.replace(str(ROOT / "data" / "sample"), "").replace("sample", "")
    first, second = (sorted((run.page.parent / "tables").iterdir()) for run in (made, again))
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


def test_a_study_that_does_not_declare_its_scale_fails_with_one_sentence_and_leaves_the_page(made, tmp_path):
    page = made.page.read_bytes()
    text = (ROOT / "data" / "sample" / "study.toml").read_text(encoding="utf-8")
    (tmp_path / "study.toml").write_text(text.replace("[scale]\nlow = 1\nhigh = 7\nstep = 1\n", ""), encoding="utf-8")
    with pytest.raises(Exception, match=r"must declare the scale") as caught:
        run_report("customer", output=made.page.parents[1], study=str(tmp_path))
    assert len(str(caught.value).splitlines()) == 1
    assert "05_customer" in str(caught.value)
    assert made.page.read_bytes() == page
