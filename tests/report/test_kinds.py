"""What is no customer gap on a page: other gaps in their own units, tables of facts, and what nobody could measure."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest
from gap_tables import gap_table
from report.hostile import CELLS
from report.making import METHOD, TITLE, executed, figure, prose, study, write
from report.test_record import read, record
from report.test_render import page_of, words
from words.making import attained, communication, delivery, index, knowledge, not_measured

import cxgap as cx
from cxgap.markup import table_html
from cxgap.report.gate import problems
from cxgap.report.harvest import harvest
from cxgap.report.index import write_index
from cxgap.report.record import table_files
from cxgap.report.run import run_report
from cxgap.report.signs import asked_words, sign_words
from cxgap.result import GapTable, Prose, Sentence, Table
from cxgap.vocabulary import FLAGS

EXACT = (0.1 + 0.2, 1 / 3, 1e-17)
QUESTION = "# Delivery gap\n\nIs what is delivered at the standard?"


def facts(**changes: object) -> Table:
    """Make a table of shares, with a column that no reader sees."""
    frame = pd.DataFrame({"class": ["late", "early", "=1+1"], "share": EXACT, "hidden": [1, 2, 3], "empty": [None, "x", None]})
    columns = {"class": ("class", str), "share": ("share", "{:.1%}".format)}
    notes = ("Against the first promise.", "Too few to show: web.")
    return replace(
        Table.of(frame, slug="lateness", title="How late promises were kept", columns=columns, notes=notes), **changes
    )


def absent_figure() -> go.Figure:
    """Make a figure that says that nothing was measured, as the pictures of gaps do."""
    table = {"caption": "Delivery gap: not measured", "columns": ["what", "result"], "rows": [["Delivery gap", "not measured"]]}
    about = {"alt": "Delivery gap: not measured.", "finding": "Delivery gap not measured.", "note": "", "table": table}
    return go.Figure(layout={"height": 150, "meta": {"cxgap": about}})


def statistics(page: str) -> list[dict[str, str]]:
    """Read the table of all statistics back from a page."""
    table = page[page.index('<details class="numbers" data-gaps') :].split("</table>")[0]
    heads = re.findall('<th scope="col">(.*?)</th>', table)
    rows = re.findall("<tr>(.*?)</tr>", table.split("<tbody>")[1])
    return [dict(zip(heads, re.findall("<t[hd][^>]*>(.*?)</t[hd]>", row), strict=True)) for row in rows]


def test_a_table_of_facts_is_open_on_the_page_with_its_caption_and_notes():
    page = page_of([TITLE, study(), facts(), METHOD])
    block = page[page.index('<div data-facts="lateness">') :]
    assert "<caption>How late promises were kept</caption>" in block
    assert '<th scope="row">late</th><td>30.0%</td>' in block
    assert '<p class="note">Against the first promise.</p><p class="note">Too few to show: web.</p></div>' in block
    assert "<details" not in page[: page.index("<div data-facts")].split("<main")[1]
    assert "hidden" not in block.split("</table>")[0]


def test_facts_are_exact_in_the_record_and_in_their_file():
    found = json.loads(record([TITLE, study(), gap_table(), facts()]).to_json())
    again = Table.from_record(found["facts"][0])
    assert again.frame["share"].tolist() == list(EXACT)
    assert (again.heads, again.notes) == (facts().heads, facts().notes)
    assert len(found["tables"]) == 1
    files = table_files([gap_table(), facts()])
    assert list(files) == ["tables/1-customer-touchpoint.csv", "tables/2-lateness.csv"]
    rows = read(files["tables/2-lateness.csv"])
    assert rows[0] == ["class", "share", "hidden", "empty"]
    assert [float(row[1]) for row in rows[1:]] == list(EXACT)
    assert rows[3][0] == "'=1+1"


def test_facts_do_not_move_behind_the_figure_that_follows():
    page = page_of([TITLE, study(), facts(), figure()])
    assert page.index("data-facts") < page.index("<figure")


def test_a_page_of_a_table_that_nobody_could_measure_says_why():
    gaps = not_measured()
    page = page_of([QUESTION, study(), gaps, absent_figure(), cx.describe(gaps), METHOD])
    head, main = page.split("<main")
    assert "<h1>Delivery gap: not measured</h1>" in head
    assert '<p class="lead">The study has no table &#x27;events&#x27;.</p>' in head
    assert (
        'data-gaps="delivery"><strong>Delivery gap: not measured.</strong> The study has no table &#x27;events&#x27;.</p>'
        in main
    )
    assert main.index("data-gaps") < main.index("<figure")
    assert "<strong>Delivery gap not measured.</strong>" in main
    assert 'class="sign"' not in page


def test_what_a_caption_or_a_sentence_has_said_is_not_said_again_below():
    table = facts()
    numbers = {"caption": "x", "columns": list(table.heads), "rows": [list(row) for row in table.cells]}
    about = {"alt": "x", "finding": "x.", "note": f"Bars: shares. {table.notes[0]}", "table": numbers}
    drawn = go.Figure(layout={"height": 150, "meta": {"cxgap": about}})
    block = page_of([TITLE, study(), drawn, table, METHOD]).split('<div data-facts="lateness">')[1].split("</div>")[0]
    assert table.notes[0] not in block
    assert table.notes[1] in block
    why = "the study has no table 'events'; add it"
    absent = Table.not_measured("lateness", "How late promises were kept", why)
    page = page_of([TITLE, study(), gap_table(), prose(), "## Promises", cx.describe(absent), absent, "## Again", absent])
    again = page.split("Again</h2>")[1]
    assert '<div data-facts="lateness"></div>' in page.split("Again</h2>")[0]  # the sentence before it says why
    assert "How late promises were kept: not measured." in again  # another section says so itself


def test_a_row_without_a_name_has_no_head():
    """axe-core, empty-table-header: a screen reader would read out nothing before each cell of the row."""
    page = table_html(["to do", "finding"], [["1", "conflict"], ["", "kept"]], "Findings")
    assert '<tr><th scope="row">1</th><td>conflict</td></tr><tr><td></td><td>kept</td></tr>' in page


def test_a_column_of_sentences_has_room_and_one_of_words_or_numbers_needs_none():
    rows = (("A1", "Send a message before a parcel is late", "done", "1,200"), ("A2", "None", "open", "8"))
    table = Table(facts().frame, "actions", "1 of 2 actions is done", ("id", "we did", "state", "cost"), rows, 1, ())
    block = page_of([TITLE, study(), table, METHOD]).split('data-facts="actions">')[1].split("</div>")[0]
    assert re.findall(r'<th scope="col"(.*?)>', block) == [' class="words"', ' class="words long"', ' class="words"', ""]


def test_a_page_whose_first_question_has_no_data_is_named_by_what_it_does_tell():
    absent = Table.not_measured("drivers", "What goes with the judgement", "no overall judgement is declared")
    told = Prose("Ranks 1 and 2 cannot be told apart", lead=(Sentence("Speed and price."),))
    page = page_of([TITLE, study(), cx.describe(absent), told, facts(), METHOD])
    head, main = page.split("<main")
    assert "<h1>Ranks 1 and 2 cannot be told apart</h1>" in head
    assert "Speed and price." in head
    assert "What goes with the judgement: not measured" in main
    assert "No overall judgement is declared." in main
    assert main.count("Speed and price.") == 0
    alone = page_of([TITLE, study(), cx.describe(absent), absent, METHOD])
    assert "<h1>What goes with the judgement: not measured</h1>" in alone


def test_without_sentences_the_page_says_the_same():
    page = page_of([QUESTION, study(), not_measured(), METHOD])
    assert "<h1>Delivery gap: not measured</h1>" in page
    assert '<p class="lead">The study has no table &#x27;events&#x27;.</p>' in page
    assert '<p class="kicker">Delivery gap</p>' in page


def test_one_missing_gap_does_not_name_a_page_that_measures_another():
    page = page_of([TITLE, study(), not_measured(), gap_table(), METHOD])
    assert "<h1>Customer gap</h1>" in page
    assert "customers got less than they expected" in words(page)


def test_a_missing_table_has_a_record_and_no_file():
    found = json.loads(
        record([QUESTION, study(), not_measured(), Table.not_measured("accuracy", "Accuracy", "nobody")]).to_json()
    )
    assert found["title"] == "Delivery gap: not measured"
    assert found["tables"][0]["missing"] == "the study has no table 'events'"
    assert found["facts"][0]["missing"] == "nobody"
    assert list(table_files([not_measured(), gap_table()])) == ["tables/2-customer-touchpoint.csv"]


def test_a_run_of_what_is_not_measured_is_published_and_listed(tmp_path):
    shows = [QUESTION, study(), not_measured(), absent_figure(), facts(), cx.describe(not_measured()), METHOD]
    run = run_report(write(tmp_path / "03_delivery.ipynb", shows), output=tmp_path / "reports")
    assert run.title == "Delivery gap: not measured"
    assert sorted(path.name for path in (run.page.parent / "tables").iterdir()) == ["2-lateness.csv"]
    listed = write_index(tmp_path / "reports").read_text(encoding="utf-8").replace("\N{NO-BREAK SPACE}", " ")
    assert "Delivery gap: not measured</a>" in listed
    assert "<td>not measured</td>" in listed


def test_every_table_must_come_through(monkeypatch):
    notebook = executed([TITLE, study(), facts(), not_measured(), absent_figure()])
    shown = harvest(notebook)
    assert [type(table) for table in shown.tables] == [Table, GapTable]
    page = page_of(notebook)
    assert problems(page, figures=1, tables=1, facts=1) == []
    assert problems(page, figures=1, tables=1) == ["1 other tables, not 0"]


def test_rows_of_different_units_have_their_own_unit_and_digits():
    page = page_of([QUESTION, study(), delivery()])
    rows = statistics(page)
    assert [row["unit"] for row in rows] == ["days", "contacts", "percentage points", "minutes", "days"]
    assert (rows[0]["standard"], rows[0]["delivered"], rows[0]["gap"]) == ("3.00", "3.90", "−0.90")
    assert (rows[2]["standard"], rows[2]["delivered"], rows[2]["95 % low"]) == ("98.00", "97.50", "−1.10")
    assert (rows[0]["owner"], rows[0]["review"], rows[1]["owner"]) == ("Operations", "30 June 2026", "")
    assert rows[2]["margin"] == "2.00"


def test_shares_are_per_cent_on_the_page_and_fractions_in_the_record():
    gaps = attained()
    (first, _) = statistics(page_of([QUESTION, study(), gaps]))
    assert (first["target"], first["attained"], first["gap"]) == ("95.00", "87.30", "−7.70")
    found = json.loads(record([QUESTION, study(), gaps]).to_json())["tables"][0]
    assert GapTable.from_record(found).frame["estimate"].tolist() == gaps.frame["estimate"].tolist()
    assert (found["unit"], found["basis"], found["counts"]) == ("share", "attainment", "event")


@pytest.mark.parametrize(
    ("gaps", "said"),
    [
        (
            gap_table(),
            "Left is a shortfall: a negative gap means customers got less than they expected. The grey band is the "
            "margin within "
            "which we call an expectation met (±0.3 scale points).",
        ),
        (
            knowledge(),
            "Left is a shortfall: a negative gap means managers believe that customers expect less than they do. Right "
            "is an error "
            "too, of the other kind. The grey band is the margin within which we call a belief right (±0.3 scale points).",
        ),
        (
            delivery(),
            "Left is a shortfall: a negative gap means delivery misses the standard. The grey band is the margin within "
            "which we "
            "call a standard met (as in the rows).",
        ),
        (
            communication(),
            "Left is a shortfall: a negative gap means delivery misses what was promised. The grey band is the margin "
            "within which "
            "we call promises kept (±0.3 days).",
        ),
        (
            attained(margin=0.02),
            "Left is a shortfall: a negative gap means delivery misses the standard. The grey band is the margin within "
            "which we "
            "call a standard met (±2 percentage points).",
        ),
        (
            index(),
            "Left is a shortfall: an index says how far a rating lies below the best answer. The grey band is the "
            "margin within "
            "which we call the best answer reached (±0.3 scale points).",
        ),
        (
            attained(),
            "Left is a shortfall: a negative gap means delivery misses the standard. No margin is set, so nothing is "
            "called met.",
        ),
        (not_measured(), ""),
    ],
)
def test_the_side_that_is_bad_is_said_in_the_words_of_the_gap(gaps, said):
    assert sign_words([gaps]) == said


def test_several_gaps_on_a_page_share_one_rule():
    said = sign_words([not_measured(), knowledge(), delivery()])
    assert said.startswith("Left is a shortfall for the customer: in a negative gap the later level is the worse one.")
    assert sign_words([knowledge(), knowledge()]) == sign_words([knowledge()])


def test_what_expected_means_is_said_only_where_something_was_expected():
    assert asked_words([delivery()], "should") == ""
    assert asked_words([not_measured("knowledge")], "should") == ""
    assert asked_words([index("standards")], "should") == ""
    assert asked_words([delivery(), knowledge()], "should").startswith("“Expected” means what a company should offer")
    assert asked_words([gap_table()], None) == asked_words([gap_table()], "should")
    assert asked_words([], "should") == ""


def test_flags_of_other_gaps_are_explained():
    page = words(page_of([QUESTION, study(), delivery()]))
    assert all(f"{flag}: {FLAGS[flag]}." in page for flag in ("NO_STANDARD", "OPEN"))


def test_hostile_facts_units_and_owners_do_nothing(tmp_path, browse):
    """Cells, heads, notes, title and slug of a table; unit, metric, direction, owner and reason of gaps."""
    frame = pd.DataFrame({"text": CELLS})
    table = Table(frame, CELLS[0], CELLS[1], CELLS[:2], tuple((text, text) for text in CELLS), 1, CELLS)
    rows = [((text, text), 3.0, 3.9, -1.0, -0.8, 40, "short") for text in CELLS]
    gaps = gap_table(rows, gap="delivery", by=("touchpoint", "metric"), unit="mixed units", margin=None, scale=None)
    texts = dict.fromkeys(("unit", "direction", "owner", "review"), CELLS)
    gaps = replace(gaps, frame=gaps.frame.assign(**texts, margin=np.nan), counts=CELLS[0], score=CELLS[1])
    shows = [QUESTION, study(), gaps, cx.describe(gaps), not_measured(why=CELLS[2]), facts(missing=CELLS[3], title=CELLS[4])]
    shows += [table, cx.describe(table), cx.describe(not_measured(why=CELLS[5]))]
    page = page_of([*shows, prose()])
    assert problems(page, tables=2, facts=2) == []
    path = tmp_path / "page.html"
    path.write_text(page_of([*shows, prose()], plotly_js="embed"), encoding="utf-8")
    opened = browse(path)
    assert (opened.root("data-pwned"), opened.console, opened.requests) == (None, [], [])
    assert "Rows in 2,137" in opened.dom
    (name,) = table_files([table])
    assert re.fullmatch(r"tables/1-[\w-]+\.csv", name)
    cells = list(csv.reader(io.StringIO(table_files([table])[name].decode("utf-8-sig"), newline="")))
    assert all(not row[0].startswith(("=", "+", "-", "@")) for row in cells[1:])
