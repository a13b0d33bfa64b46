"""The executive page: the same numbers as the single notebooks, in its own form, of whatever study there is."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from gap_tables import gap_table
from pandas.testing import assert_frame_equal
from report.composed import run
from report.making import executed, prose, study
from study_files import wide, write
from subsets import TABLES, study_of

import cxgap as cx
from cxgap.report.harvest import harvest
from cxgap.report.record import record_run
from cxgap.report.render import write_page
from cxgap.result import GapTable, Table

EXECUTIVE = "90_executive"


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("executive")
    cx.simulate_study(160, seed=11).write(folder, format="parquet")
    study_of(folder, TABLES)
    study_of(folder, ())
    return folder


@pytest.fixture(scope="module")
def whole(folder) -> tuple[Any, dict[str, Any]]:
    return run(EXECUTIVE, study=study_file(folder, TABLES))


def study_file(folder: Path, tables: tuple[str, ...]) -> str:
    return str(folder / f"{'-'.join(tables) or 'alone'}.toml")


def words(page: str) -> str:
    """Return what a reader sees without opening anything."""
    body = re.sub(r"<(details|script|style|head)[ >].*?</\1>", "", page, flags=re.S)
    return " ".join(re.sub("<[^>]+>", " ", body).split())


# The name in the executive notebook, and where a single notebook makes the same: its name there, parameters, last code cell.
SAME = {
    "gaps": ("05_customer", "gaps", {}, 3),
    "chain": ("06_chain", "chain", {}, 3),
    "company": ("07_company", "gaps", {}, 3),
    "kept": ("04_communication", "kept", {}, 8),
    "response": ("16_promises", "response", {}, 3),
    "plan": ("16_promises", "plan", {"by": ""}, 6),
    "status": ("20_targets", "status", {}, 3),
    "guards": ("11_validity", "guards", {"by": "touchpoint"}, 3),
    "burden": ("13_priorities", "burden", {}, 3),
    "first": ("13_priorities", "first", {}, 4),
}


@pytest.mark.parametrize("name", SAME)
def test_its_numbers_are_those_of_the_single_notebooks(monkeypatch, whole, name):
    """Exact floats, cell by cell, of the same study, which is read once."""
    monkeypatch.setattr(cx, "read_study", lambda *_, **__: whole[1]["study"])
    notebook, other, parameters, last = SAME[name]
    _, names = run(notebook, last=last, **parameters)
    ours, theirs = whole[1][name], names[other]
    assert_frame_equal(ours.frame, theirs.frame, check_exact=True)
    assert ours.record() == theirs.record()


def test_its_record_holds_every_table_that_it_rests_on(whole):
    """Displaying is recording: what a sentence or a picture takes its numbers from is in the record, exact."""
    notebook, names = whole
    shown = harvest(notebook)
    record = record_run(shown, {}, slug="executive", notebook={})
    kept = [*record.tables, *record.facts]
    for name, value in names.items():
        if isinstance(value, GapTable | Table):
            assert value.record() in kept, name
    assert [table["gap"] for table in record.tables] == ["customer", "chain", "company", "communication"]
    for sentence in record.prose[0]["lead"]:
        if sentence["row"] is not None:
            (table,) = [table for table in record.tables if table["gap"] == sentence["of"]]
            assert sentence["row"] < len(table["rows"])


def test_the_page_is_answered_at_the_top_and_rests_on_folded_tables(whole):
    page = write_page(whole[0], "shared")
    assert '<body class="executive">' in page
    text = words(page)
    assert text.index("The largest shortfall is") < text.index("Where customers got less") < text.index("Where it breaks Th")
    assert text.index("What to fix first") < text.index("How sure are we?") < text.index("Behind this page")
    assert "Rows in" in text
    behind = page[page.index('<section class="behind">') :]
    assert page.count("data-gaps=") == behind.count("data-gaps=") == 4
    assert page.count("data-facts=") == behind.count("data-facts=") == 11
    assert "<details" in behind
    assert len(page) < 120_000


def test_another_form_gets_the_usual_page(whole):
    notebook = whole[0].copy()
    notebook.metadata = {**notebook.metadata, "cxgap": {"page": "</body>"}}
    page = write_page(notebook, "shared")
    assert "<body>\n" in page
    assert 'id="data"' in page


@pytest.mark.slow
def test_a_survey_alone_says_of_each_section_what_is_not_measured(folder):
    notebook, _ = run(EXECUTIVE, study=study_file(folder, ()))
    text = words(write_page(notebook, "shared"))
    assert "Where it breaks is not measured: what managers believe, the standard and what is delivered are not known." in text
    assert "Company gap not measured." in text
    assert "What early and late deliveries go with: not measured. The study has no table &#x27;events&#x27;." in text
    assert text.split("Behind this page")[0].count("Communication gap: not measured.") == 1


def test_a_reader_is_not_told_what_to_declare_and_the_maker_is(tmp_path):
    notebook, _ = run(EXECUTIVE, study=str(write(tmp_path, wide(40))))
    top, behind = words(write_page(notebook, "shared")).split("Behind this page")
    assert "Company gap not measured. The study has no table &#x27;managers&#x27;." in top
    assert "in the study file" not in top
    assert "under [tables] in the study file" in behind


def test_a_finding_of_its_headline_alone_stands_under_its_heading_and_a_list_to_keep_in_mind_apart():
    finding = prose("No demonstrated link, so no money is claimed", lead=())
    known = prose("How sure are we?", lead=())
    notebook = executed(["# Executive", study(), prose(), "## What is at stake", finding, known, gap_table()])
    notebook.metadata["cxgap"] = {"page": "executive"}
    text = words(write_page(notebook, "shared"))
    assert "What is at stake No demonstrated link, so no money is claimed. How sure are we? Choose a service" in text


def test_orders_without_a_survey_lead_with_what_was_measured(tmp_path):
    """What is known stands first, and what is not measured keeps its section after it."""
    days = pd.Series(range(60)) % 3 + 2
    orders = pd.DataFrame({"event_id": [f"E{number}" for number in range(60)], "asked": 3, "took": days})
    orders.to_csv(tmp_path / "orders.csv", index=False)
    metric = ["[metrics.days]", 'touchpoint = "Get"', 'unit = "days"', 'direction = "lower"', 'delivered = "took"']
    parts = ["[study]", 'title = "Orders"', "[tables]", 'events = "orders.csv"', *metric, 'promised = "asked"']
    file = tmp_path / "study.toml"
    file.write_text("\n".join(parts), encoding="utf-8")
    top = words(write_page(run(EXECUTIVE, study=str(file))[0], "shared")).split("Behind this page")[0]
    heads = [
        "66.7 per cent of promises are kept",
        "Customer gap: not measured.",
        "Do we keep our promises?",
        "How sure are we?",
    ]
    places = [top.index(text) for text in [*heads, "Where customers got less than they expected", "You said, we did"]]
    assert places == sorted(places)


def test_nine_respondents_are_too_few_and_the_page_still_stands(tmp_path):
    """Policy: fewer than the minimum are never shown."""
    notebook, names = run(EXECUTIVE, study=str(write(tmp_path, wide(9), study={"min_n": 10})))
    text = words(write_page(notebook, "shared"))
    assert text.count("Too few customers answered to show a result") == 1
    assert "Not shown at Buy: fewer than 10 customers gave both answers." in text
    assert names["gaps"].frame["estimate"].isna().all()


def test_one_touchpoint_without_waves_operations_and_managers(tmp_path):
    notebook, _ = run(EXECUTIVE, study=str(write(tmp_path, wide(40))))
    text = words(write_page(notebook, "shared"))
    assert "The shortfall of Buy is 2.0 points on the 1 to 7 scale" in text
    assert "What to fix first not measured. At least two gaps with an interval are needed, and there is 1." in text
    assert "How the gap differs by wave: not measured. The survey has no column" in text


def test_without_expectations_nothing_is_made_up(tmp_path):
    answers = "respondent_id,touchpoint,p1,p2\n" + "".join(f"R{who},Buy,{1 + who % 7},4\n" for who in range(40))
    study = write(tmp_path, answers, study={"expectation_type": None}, responses={"expectation": ""})
    notebook, _ = run(EXECUTIVE, study=str(study))
    text = words(write_page(notebook, "shared"))
    assert "Customer gap: not measured" in text
    assert "What to fix first not measured. No answer has both an expectation and a perception." in text


@pytest.mark.slow
@pytest.mark.parametrize("study", ["sample", "kiosk"])
def test_it_is_printed_on_two_sides(tmp_path, study):
    """The goal of the page: two sides of A4, from a real browser."""
    chromium, info = shutil.which("chromium"), shutil.which("pdfinfo")
    if not (chromium and info):
        pytest.skip("no chromium or no pdfinfo on the path")
    file = Path(__file__).parents[1] / "reference" / "kiosk.toml"
    if study == "kiosk" and not (file.parents[3] / "shared" / "reference").is_dir():
        pytest.skip("the published data are not there")
    notebook, _ = run(EXECUTIVE, study=str(file) if study == "kiosk" else study)
    page, paper = tmp_path / "report.html", tmp_path / "report.pdf"
    page.write_text(write_page(notebook, "embed"), encoding="utf-8")
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=15000", f"--user-data-dir={tmp_path / 'p'}"]
    subprocess.run([chromium, *flags, f"--print-to-pdf={paper}", page.as_uri()], capture_output=True, check=True, timeout=120)
    said = subprocess.run([info, paper], capture_output=True, check=True, text=True).stdout
    sides = int(re.search(r"Pages:\s+(\d+)", said)[1])
    print(f"{study}: {sides} sides")
    assert sides == 2
