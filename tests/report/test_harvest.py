"""A notebook is harvested only if all of it ran, and what it shows is what it says it is."""

import base64

import pytest
from gap_tables import gap_table
from nbformat.v4 import new_code_cell, new_output
from pandas.testing import assert_frame_equal
from report.making import PARAMETERS, TITLE, executed, prose, study, usual

from cxgap.errors import RunError
from cxgap.report.harvest import FIGURE_MIME, PICTURE_MIME, STUDY_MIME, StudyRecord, harvest
from cxgap.result import GAPS_MIME, PROSE_MIME, TABLE_MIME, GapTable, Prose

PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=")


def ran(source="1 + 1", outputs=(), count=9, tags=()):
    return new_code_cell(source, outputs=list(outputs), execution_count=count, metadata={"tags": list(tags)})


def test_everything_shown_comes_in_its_order():
    found = harvest(executed([*usual(), {PICTURE_MIME: base64.b64encode(PNG).decode()}]))
    kinds = [type(piece.value) for piece in found.pieces]
    assert kinds == [str, StudyRecord, GapTable, dict, Prose, str, bytes]
    assert found.headline == prose().headline
    assert found.title == "Customer gap"
    assert found.parameters["conf_level"] == 0.95
    assert found.study == study()
    assert_frame_equal(found.all(GapTable)[0].frame, gap_table().frame)


def test_cells_are_numbered_as_code_cells_without_the_one_that_papermill_puts_in():
    notebook = executed([TITLE, study()])
    notebook.cells.insert(1, ran("by = 'channel'", tags=["injected-parameters"]))
    notebook.cells.append(ran("print(1)", [new_output("stream", text="1\n")]))
    pieces = harvest(notebook).pieces
    assert [piece.cell for piece in pieces] == [0, 2, 3]
    assert pieces[-1].value is None


def test_an_empty_print_is_nothing():
    notebook = executed([study()])
    notebook.cells.append(ran("print()", [new_output("stream", text="\n")]))
    assert len(harvest(notebook).pieces) == 1


@pytest.mark.parametrize("tags", [(), ("raises-exception",)])
def test_a_cell_that_raised_fails_whatever_its_tags_say(tags):
    notebook = executed()
    error = new_output("error", ename="KeyError", evalue="'jane@example.org'", traceback=[])
    notebook.cells.append(ran("rows[\n0]", [error], tags=tags))
    with pytest.raises(RunError, match=r"^code cell 6 \(`rows\[`\) raised KeyError: 'jane@example.org'$") as caught:
        harvest(notebook)
    assert "jane" not in caught.value.public


def test_an_error_that_cxgap_worded_speaks_for_itself():
    notebook = executed()
    error = new_output("error", ename="ColumnError", evalue="`responses` must have a column 'perception'.", traceback=["..."])
    notebook.cells.append(ran("cx.customer_gap(x)", [error]))
    with pytest.raises(RunError, match=r"\(`cx\.customer_gap\(x\)`\): `responses` must have a column 'perception'\.$"):
        harvest(notebook)


def test_a_cell_that_never_ran_fails():
    notebook = executed()
    notebook.cells.append(ran("x = 1", count=None))
    with pytest.raises(RunError, match="was never run"):
        harvest(notebook)
    notebook.cells[-1].source = "  \n"
    harvest(notebook)


def test_an_error_that_left_no_output_is_no_success():
    """A kernel cannot send a message with a lone surrogate: the cell fails without a word, and papermill alone notes it."""
    for noted in ({"exception": True, "status": "failed"}, {"status": "failed"}):
        notebook = executed()
        notebook.cells[-2].metadata["papermill"] = noted
        with pytest.raises(RunError, match="could not be shown"):
            harvest(notebook)


def test_sys_exit_is_no_success():
    notebook = executed()
    notebook.cells.append(ran("sys.exit(0)", [new_output("error", ename="SystemExit", evalue="0", traceback=[])]))
    with pytest.raises(RunError, match=r"ended the run with sys\.exit"):
        harvest(notebook)


def test_a_notebook_without_a_study_fails():
    with pytest.raises(RunError, match="No cell shows the study"):
        harvest(executed([TITLE, gap_table()]))


@pytest.mark.parametrize("change", [{"used": 1901}, {"in": 2138}, {"used": 2137 + 31, "rejected": -31 - 204}])
def test_rows_add_up(change):
    rows = study()["rows"] | change
    with pytest.raises(RunError, match="does not add up"):
        harvest(executed([study(rows=rows)]))


@pytest.mark.parametrize(
    "output",
    [
        {GAPS_MIME: {"schema": "cxgap.gaps/1"}},
        {GAPS_MIME: []},
        {GAPS_MIME: gap_table().record() | {"rows": [[1]]}},
        {TABLE_MIME: {"schema": "cxgap.table/1"}},
        {TABLE_MIME: []},
        {PROSE_MIME: prose().record() | {"lead": 5}},
        {STUDY_MIME: study(rows={"in": 1})},
        {STUDY_MIME: study(respondents="many")},
        {STUDY_MIME: "study"},
        {FIGURE_MIME: {"data": 1}},
        {FIGURE_MIME: []},
    ],
)
def test_an_output_that_is_not_what_its_type_says_fails(output):
    with pytest.raises(RunError, match="An output of code cell 3 is not what its type says"):
        harvest(executed([study(), output]))


@pytest.mark.parametrize("content", [b"<svg onload=alert(1)>", b""])
def test_a_picture_that_is_no_png_is_not_shown(content):
    picture = {PICTURE_MIME: base64.b64encode(content).decode()}
    assert harvest(executed([study(), picture])).pieces[-1].value is None


def test_a_notebook_without_a_title_is_a_report():
    assert harvest(executed([study()], parameters=PARAMETERS)).headline == "Report"
