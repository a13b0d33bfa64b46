from __future__ import annotations

import json
from dataclasses import replace

import plotly.graph_objects as go
import pytest

from cxgap.errors import ArgumentError
from cxgap.plot import heatmap
from cxgap.plot.theme import BAND, PALE_BLUE, PALE_VERMILION, PAPER

BY = ("touchpoint", "segment")
NAN = float("nan")
CELLS = [
    (("Order", "private"), 6.0, 5.5, -0.66, -0.34, 391, "short", ""),
    (("Order", "business"), 6.0, 6.0, -0.1, 0.1, 200, "met", ""),
    (("Help", "private"), 5.6, 5.4, -0.46, 0.08, 118, "cannot tell", ""),
    (("Help", "business"), 3.14159, 2.71828, -1.41421, -1.73205, 7777, "not shown", "SUPPRESSED_PRIVACY"),
    (("Pay", "private"), 5.2, 5.6, 0.18, 0.62, 164, "exceeded", ""),
    (("Claim", "private"), NAN, NAN, NAN, NAN, 0, "not shown", "EMPTY"),
    (("Claim", "business"), 6.0, 6.5, NAN, NAN, 1, "cannot tell", "N1"),
]
ORDER = {"touchpoint": ("Claim", "Help", "Never", "Pay", "Order"), "segment": ("business", "private")}


@pytest.fixture
def cells(table):
    return table(CELLS, by=BY, order=ORDER)


def trace(figure, name):
    return next(trace for trace in figure.data if trace.name == name)


def texts(layout):
    found = [a if isinstance(a, dict) else a.to_plotly_json() for a in layout["annotations"]]
    return {(a["x"], a["y"]): a["text"] for a in found if "xref" not in a}


def test_rows_are_the_first_key_and_columns_the_second_in_the_order_of_display(cells):
    layout = heatmap(cells).layout
    assert list(layout.yaxis.ticktext) == ["Claim", "Help", "Pay", "Order"]
    assert list(layout.xaxis.ticktext) == ["business", "private"]
    assert layout.yaxis.range[0] > layout.yaxis.range[1]


def test_values_that_the_order_lacks_come_last_as_they_appear(cells):
    layout = heatmap(replace(cells, order={"touchpoint": ("Pay",)})).layout
    assert list(layout.yaxis.ticktext) == ["Pay", "Order", "Help", "Claim"]


def test_only_what_the_data_can_tell_has_a_colour(cells):
    figure = heatmap(cells)
    assert [list(row) for row in trace(figure, "gap").z] == [
        [None, None],
        [None, None],
        [None, pytest.approx(0.4)],
        [0.0, -0.5],
    ]
    assert [list(row) for row in trace(figure, "cannot tell").z] == [
        [0.5, None],
        [None, pytest.approx(-0.2)],
        [None, None],
        [None, None],
    ]
    assert {color for _, color in trace(figure, "cannot tell").colorscale} == {PAPER}
    assert [list(row) for row in trace(figure, "not shown").z][1] == [0, None]


def test_colours_are_symmetric_about_no_gap(cells):
    gap = trace(heatmap(cells), "gap")
    assert gap.zmin == -gap.zmax == -0.5
    assert gap.colorscale == ((0, PALE_VERMILION), (0.5, BAND), (1, PALE_BLUE))


def test_a_cell_says_gap_interval_verdict_and_n(cells):
    shown = texts(heatmap(cells).layout)
    assert shown[1, 3] == '<b><span style="font-size:14px">▼ −0.5</span></b><br>−0.7 to −0.3<br>n 391'
    assert shown[1, 1] == '<span style="font-size:14px">○ −0.2</span><br>−0.5 to +0.1<br>n 118'
    assert shown[0, 0] == '<span style="font-size:14px">○ +0.5</span><br>n 1'


def test_hidden_cells_are_a_dash_and_cells_without_answers_say_so(cells):
    shown = texts(heatmap(cells).layout)
    assert shown[0, 1] == "–"
    assert shown[1, 0] == "no<br>answers"  # an empty row
    assert shown[0, 2] == "no<br>answers"  # no row at all
    note = heatmap(cells).layout.meta["cxgap"]["note"]
    assert "fewer than 10" in note
    assert "no answers" in note


def test_no_number_of_a_hidden_cell_is_in_the_figure(cells, other_secrets):
    page = heatmap(cells).to_json()
    assert page == heatmap(other_secrets(cells)).to_json()
    assert not [secret for secret in ("3.14159", "2.71828", "1.41421", "1.73205", "7777", "7,777") if secret in page]
    assert "bdata" not in page


@pytest.mark.parametrize(("columns", "line"), [(2, "−0.7 to −0.3"), (6, "−0.7 to<br>−0.3")])
def test_on_a_phone_the_interval_takes_the_lines_it_needs(table, columns, line):
    rows = [(("A", f"s{k}"), 6.0, 5.5, -0.66, -0.34, 391, "short", "") for k in range(columns)]
    narrow = heatmap(table(rows, by=BY)).layout.meta["cxgap"]["narrow"]
    assert line in texts(narrow)[0, 0]


def test_on_a_phone_many_columns_leave_mark_and_gap(table):
    rows = [(("A", f"s{k}"), 6.0, 5.5, -0.66, -0.34, 391, "short", "") for k in range(12)]
    narrow = heatmap(table(rows, by=BY)).layout.meta["cxgap"]["narrow"]
    assert ">▼<" in texts(narrow)[0, 0]
    assert "to" not in texts(narrow)[0, 0]


def test_the_narrow_layout_names_the_rows_above_their_cells(cells):
    narrow = heatmap(cells).layout.meta["cxgap"]["narrow"]
    go.Layout(**narrow)
    assert narrow["yaxis"]["showticklabels"] is False
    names = {a["text"]: a["y"] for a in narrow["annotations"] if a.get("xref") == "paper"}
    assert names == {"Claim": -0.5, "Help": 0.5, "Pay": 1.5, "Order": 2.5}


def test_plotly_reads_nothing_into_a_value(table):
    rows = [(("<b>A</b> %{x}", "$1 $2 <i>"), 6.0, 5.5, -0.66, -0.34, 391, "short", "")]
    page = json.loads(heatmap(table(rows, by=BY)).to_json())
    about = page["layout"]["meta"].pop("cxgap")
    drawn = json.dumps([page, about["narrow"]])
    for raw in ("<b>A", "%{", "$", "<i>"):
        assert raw not in drawn


def test_the_page_is_told_the_finding(cells):
    about = heatmap(cells).layout.meta["cxgap"]
    assert about["by"] == ["touchpoint", "segment"]
    assert about["table"]["heads"] == 2
    assert cells.finding in about["alt"]
    assert "Order · private: −0.5 scale points" in about["alt"]


@pytest.mark.parametrize("by", [(), ("touchpoint",), ("touchpoint", "segment", "channel")])
def test_two_keys_are_needed(table, by):
    row = (("A", "B", "C")[: len(by)], 6.0, 5.5, -0.66, -0.34, 391, "short", "")
    with pytest.raises(ArgumentError, match=r'exactly two keys.*by="touchpoint,segment"'):
        heatmap(table([row], by=by))


def test_more_columns_than_can_be_read_are_refused_with_a_way_out(table):
    rows = [(("A", f"s{k}"), 6.0, 5.5, -0.66, -0.34, 391, "short", "") for k in range(13)]
    with pytest.raises(ArgumentError, match="'segment' has 13: put the key with more values first"):
        heatmap(table(rows, by=BY))


def test_a_table_without_rows_is_refused(table):
    with pytest.raises(ArgumentError, match="no cell to draw"):
        heatmap(table([], by=BY))


@pytest.fixture
def pulled(cells):
    flags = [*cells.frame["flags"]]
    flags[4] = "UNSTABLE"  # the cell that is exceeded
    shrunk = [-0.3, -0.05, -0.1, -9.87654, 0.1, NAN, 0.2]
    return replace(cells, frame=cells.frame.assign(shrunk=shrunk, flags=flags))


def test_colours_are_of_shrunken_gaps_and_numbers_of_each_cells_own(pulled):
    """Arithmetic: the table's own numbers."""
    figure = heatmap(pulled)
    assert trace(figure, "gap").z[3][1] == -0.3
    assert "▼ −0.5" in texts(figure.layout)[1, 3]
    assert "shrunk towards those of the other cells" in figure.layout.meta["cxgap"]["note"]
    hover = trace(figure, "gap").hovertext[3][1]
    assert hover.endswith("shrunken −0.30, rank 1 of 5 from the worst")


def test_an_unstable_cell_is_grey_and_keeps_its_shrunken_gap(pulled):
    figure = heatmap(pulled)
    assert trace(figure, "gap").z[2][1] is None
    assert trace(figure, "small sample").z[2][1] == 0.1
    assert "shrunken +0.10, rank 4 of 5" in trace(figure, "small sample").hovertext[2][1]
    assert not texts(figure.layout)[1, 2].startswith("<b>")


def test_no_shrunken_number_of_a_hidden_cell_is_in_the_figure(pulled):
    assert "9.87654" not in heatmap(pulled).to_json()
