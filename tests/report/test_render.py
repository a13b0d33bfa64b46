"""The page says what the notebook showed, in the reader's order, the same bytes every time."""

import base64
import re
import subprocess
import sys
from itertools import pairwise

import nbformat
import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest
from gap_tables import JOURNEY, gap_table
from nbconvert.exporters import get_exporter
from nbformat.v4 import new_code_cell, new_output
from report.making import METHOD, PARAMETERS, TITLE, executed, figure, prose, study, usual
from report.test_harvest import PNG

from cxgap.errors import RunError
from cxgap.report.harvest import PICTURE_MIME
from cxgap.report.render import GapReportExporter
from cxgap.result import Sentence, Table


def page_of(shows=None, **options):
    notebook = executed(shows) if not isinstance(shows, nbformat.NotebookNode) else shows
    return GapReportExporter(**{"plotly_js": "shared"} | options).from_notebook_node(notebook)[0]


def words(page):
    """Return the page's text, without what a browser does not show."""
    return " ".join(re.sub(r"<script.*?</script>|<style.*?</style>|<[^>]+>", " ", page, flags=re.DOTALL).split())


@pytest.fixture(scope="module")
def page():
    return page_of()


def test_nbconvert_and_jupyter_find_the_exporter_by_its_name():
    assert get_exporter("cxgap") is GapReportExporter
    assert (GapReportExporter.export_from_notebook, GapReportExporter.output_mimetype) == ("CX gap report (HTML)", "text/html")


def test_nbconvert_makes_one_self_contained_file(tmp_path):
    nbformat.write(executed(), tmp_path / "x.ipynb")
    command = [sys.executable, "-m", "nbconvert", "--to", "cxgap", str(tmp_path / "x.ipynb")]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    assert (tmp_path / "x.html").read_text(encoding="utf-8") == page_of(plotly_js="embed")


def test_a_notebook_that_failed_becomes_no_page():
    notebook = executed()
    error = new_output("error", ename="ValueError", evalue="no", traceback=[])
    notebook.cells.append(new_code_cell("x", outputs=[error], execution_count=9))
    with pytest.raises(RunError, match="raised ValueError: no"):
        page_of(notebook)


def test_a_notebook_that_was_given_what_it_does_not_have_becomes_no_page():
    """Plain papermill only logs a misspelt parameter, and runs the report of something else."""
    notebook = executed()
    given = new_code_cell('by = "channel"\nregoin = "0012"', metadata={"tags": ["injected-parameters"]}, execution_count=1)
    notebook.cells.insert(1, given)
    with pytest.raises(RunError, match=r"was run with \['regoin'\], which it does not have.*it has \['as_of', 'by',"):
        page_of(notebook)
    given.source = 'by = "channel"'
    assert page_of(notebook)


def test_the_answer_comes_first(page):
    head, main = page.split("<main")
    assert re.findall("<h1>(.*?)</h1>", page) == ["Receiving a parcel falls short of what customers expect"]
    assert "<strong>less than they expected at 2 of 7</strong>" in head
    assert "Northbound Parcel (synthetic) · the whole study · 1 to 31 March 2026 · 1,902 respondents, 7 touchpoints" in words(
        head
    )
    assert "(±0.3 scale points). “Expected” means what a company should offer" in words(head)
    assert '<p class="kicker">Customer gap</p>' in head
    assert "touchpoint by touchpoint?" in head
    assert "less than they expected at 2 of 7" not in main


def test_without_prose_the_title_of_the_notebook_is_the_headline():
    found = page_of([TITLE, study(), gap_table()])
    assert re.findall("<h1>(.*?)</h1>", found) == ["Customer gap"]
    assert "kicker" not in found.split("</style>")[1]


def test_without_a_margin_nothing_is_called_met():
    assert "No margin is set, so no expectation is called met." in page_of([TITLE, study(), gap_table(margin=None)])


def test_the_foot_accounts_for_every_row(page):
    foot = words(page[page.index("<footer") :])
    assert foot.startswith("Rows in 2,137 = used 1,902 + incomplete 204 + rejected 31. Study fingerprint 4f1c 09ab. cxgap 0.")
    assert "seed 20260331" in foot


def test_data_that_were_not_clean_are_said_at_the_top(page):
    assert "About the data: 31 of 2,137 answers rejected and 1 warning." in words(page.split("<main")[0])
    clean = study(issues=[], rejected={}, rows=study()["rows"] | {"used": 1933, "rejected": 0})
    assert "About the data" not in page_of([TITLE, clean])


def test_what_failed_alike_in_several_columns_is_one_row():
    one = study()["issues"][0]
    found = page_of([TITLE, study(issues=[one | {"column": column} for column in ("e01", "e07", "p01")])])
    assert "<td>responses: e01, e07, p01</td><td>57</td><td>answers of 99 on a scale of 1 to 7</td>" in found


def test_every_statistic_is_on_the_page_and_every_flag_is_explained(page):
    table = page[page.index('<details class="numbers" data-gaps') :]
    heads = re.findall('<th scope="col">(.*?)</th>', table.split("</thead>")[0])
    assert heads == [
        "touchpoint", "n", "effective n", "expected", "perceived", "gap", "standard error", "degrees of freedom",
        "95 % low", "95 % high", "p", "p adjusted", "effect", "verdict", "notes",
    ]  # fmt: skip
    cells = re.findall("<td>(.*?)</td>", table.split("Receive the parcel</th>")[1].split("</tr>")[0])
    assert cells == [
        "412",
        "412",
        "6.50",
        "5.70",
        "−0.80",
        "0.09",
        "411",
        "−0.97",
        "−0.63",
        "0.001",
        "0.001",
        "−0.62",
        "▼ short",
        "",
    ]
    assert "SUPPRESSED_PRIVACY: fewer than the minimum." in words(page)
    assert "p adjusted: Benjamini &amp; Hochberg, exploratory." in page


def test_a_table_of_one_row_and_no_key_is_about_all(page):
    alone = gap_table([("", *JOURNEY[3][1:])], by=())
    assert '<th scope="row">all</th>' in page_of([TITLE, study(), alone])


def test_a_figure_says_in_words_what_it_shows(page):
    assert '<figure aria-labelledby="figure-1-caption" aria-describedby="figure-1-text">' in page
    assert "<strong>Two touchpoints fall short, one exceeds.</strong> Bars are 95 % intervals of the paired gap." in page
    assert "Seven touchpoints; two lie wholly left of the band." in page
    behind = page[page.index("The numbers behind this figure") :]
    assert "<td>−0.97 to −0.63</td>" in behind[: behind.index("</table>")]


def test_a_figure_of_another_library_gets_its_numbers_from_its_traces():
    """Plotly writes typed arrays as base64 of their bytes."""
    foreign = go.Figure(layout={"title": {"text": "<b>Days</b> late<br>by depot"}})
    foreign.add_bar(x=["north", "south"], y=np.array([1.5, 2.25]), name="March")
    foreign.add_heatmap(x=["a", "b"], y=["c"], z=np.array([[1, 2]], dtype="i2"), name="<i>grid</i>")
    found = page_of([TITLE, study(), foreign])
    assert "<strong>Days late by depot</strong>" in found
    behind = found[found.index("The numbers behind") :]
    rows = re.findall("<tr>(.*?)</tr>", behind[: behind.index("</table>")])
    assert [re.findall("<t[hd][^>]*>(.*?)</t[hd]>", row) for row in rows] == [
        ["series", "x", "y", "z"],
        ["March", "north", "1.5", ""],
        ["March", "south", "2.25", ""],
        ["grid", "a", "c", "1"],
        ["grid", "b", "c", "2"],
    ]


def test_a_figure_with_nothing_to_say_is_still_numbered():
    assert "<strong>Figure 1</strong>" in page_of([TITLE, study(), go.Figure(go.Scatter(x=[1], y=[np.nan]))])


def test_a_picture_is_shown():
    found = page_of([TITLE, study(), {PICTURE_MIME: base64.b64encode(PNG).decode()}])
    assert "Picture 1, from code cell 3." in found
    assert base64.b64encode(PNG).decode() in found


def test_what_cannot_be_published_is_counted_and_said():
    notebook = executed()
    secret = [new_output("stream", text="jane@example.org"), new_output("execute_result", data={"text/html": "<b>x</b>"})]
    notebook.cells.append(new_code_cell("df", outputs=secret, execution_count=9))
    notebook.cells.append(new_code_cell("print(1)", outputs=secret[:1], execution_count=10))
    found = page_of(notebook)
    assert "3 other outputs (cells 6 and 7) are not shown" in words(found)
    assert "jane" not in found


def test_headings_follow_on_from_each_other():
    found = page_of(
        [
            TITLE,
            study(),
            gap_table(),
            prose(),
            "#### Deep\n\n# Another title\n\n### Third\n\nText\n====",
            prose("Second"),
            METHOD,
        ]
    )
    levels = [int(level) for level in re.findall("<h([1-6])[ >]", found)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_a_long_page_has_contents_that_lead_to_its_sections(page):
    links = re.findall('<a href="#(section-[0-9]+|data)">(.*?)</a>', page.split("<nav")[1].split("</nav>")[0])
    assert [text for _, text in links] == ["How sure are we?", "How it was measured", "The data"]
    assert "<nav" not in page_of([TITLE, study(), gap_table(), METHOD])


def test_what_is_said_of_a_second_table_stands_where_it_is_said():
    more = prose("Empathy is where it breaks", lead=(Sentence("Of five dimensions, one falls short."),))
    found = page_of([*usual()[:-1], "## By dimension", more])
    assert '<h3 id="section-3">Empathy is where it breaks</h3><p>Of five dimensions, one falls short.</p>' in found


def test_markdown_keeps_its_form_and_nothing_leads_off_the_page():
    text = (
        "## A **bold** word\n\n- one\n- two\n\n| a | b |\n|--:|---|\n| 1 | 2 |\n\n`x < y` costs $5 or $10, see "
        "[the method](../docs/method/customer.md) and https://example.org.\n\n> so\n\n1. [x] done\n\n"
        "```python\na < b\n```\n\n---\n"
    )
    found = page_of([TITLE, study(), text])
    assert "A <strong>bold</strong> word</h2>" in found
    assert "<table><caption>A <strong>bold</strong> word</caption>" in found
    assert '<th scope="col">a</th>' in found
    assert (
        "<code>x &lt; y</code> costs $5 or $10, see the method (../docs/method/customer.md) and https://example.org." in found
    )
    assert set(re.findall('href="([^"]*)"', found)) == {"#main", "#data"}


def test_parameters_are_shown_without_paths():
    notebook = executed(
        parameters=PARAMETERS.replace('"sample"', '"/home/jane/north/study.toml"').replace("{}", '{"region": "0012"}')
    )
    found = page_of(notebook)
    table = found[found.index("<summary>Parameters") :]
    assert re.findall("<td>(.*?)</td>", table)[:3] == ["study.toml", "region = 0012", "none"]
    assert "jane" not in found


def test_the_same_notebook_gives_the_same_bytes():
    assert page_of() == page_of()


def test_ids_of_cells_and_times_are_not_on_the_page():
    other = executed()
    for i, cell in enumerate(other.cells):
        cell["id"], cell.metadata["execution"] = f"other-{i}", {"iopub.execute_input": "2026-01-01T00:00:00Z"}
    other.metadata["papermill"] = {"duration": 1.5}
    assert page_of(other) == page_of()


def test_the_page_is_small(page):
    assert len(page.encode()) < 60_000


def test_right_to_left_labels_are_kept():
    rows = [("استلام الطرد", *JOURNEY[3][1:])]
    assert "استلام الطرد" in page_of([TITLE, study(), gap_table(rows), figure(gap_table(rows))])


def test_a_sentence_about_a_row_that_no_table_has_is_a_run_error():
    """What is said must rest on what is shown: evidence resolves."""
    page_of([TITLE, study(), gap_table(), prose(), METHOD])
    astray = prose(details=(Sentence("Pay: short.", len(JOURNEY)),))
    with pytest.raises(RunError, match=f"a sentence about row {len(JOURNEY)} of a table that the page does not show"):
        page_of([TITLE, study(), gap_table(), astray, METHOD])


def test_a_sentence_may_rest_on_the_numbers_behind_a_figure():
    """A study of one dimension has a table of one driver, and a figure of four touchpoints of which sentences speak."""
    short = gap_table(JOURNEY[:1])
    page_of([TITLE, study(), short, figure(gap_table()), prose(), METHOD])
    with pytest.raises(RunError, match="a sentence about row 1 of a table"):
        page_of([TITLE, study(), short, figure(short), prose(), METHOD])


def test_a_sentence_may_rest_on_a_row_of_a_table_that_its_cells_leave_to_the_record():
    """A plan by many regions has points of curves between the rows that are written."""
    frame = pd.DataFrame({"region": list("abcdefghi")})
    table = Table(frame, "promise_plan", "Which promise can be kept", ("region",), (("a",), ("e",), ("i",)))
    page_of([TITLE, study(), gap_table(), table, prose(details=(Sentence("I: 5 days.", 8),)), METHOD])
    with pytest.raises(RunError, match="a sentence about row 9 of a table"):
        page_of([TITLE, study(), gap_table(), table, prose(details=(Sentence("J: 5 days.", 9),)), METHOD])


def test_an_odd_figure_is_a_run_error():
    mime = "application/vnd.plotly.v1+json"
    with pytest.raises(RunError, match="The page cannot be written"):
        page_of([TITLE, study(), {mime: {"data": [{"x": {"bdata": "AA", "dtype": "f8"}}], "layout": {}}}])
