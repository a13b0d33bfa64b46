"""How early or late promises were kept: bars and shares, against the table they are drawn from."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise

import plotly.graph_objects as go
import pytest
from gap_tables import lateness_table

from cxgap.errors import ArgumentError
from cxgap.plot import promise
from cxgap.plot.theme import BLUE, NEUTRAL, VERMILION
from cxgap.result import Table


def bars(figure, kind):
    return [trace for trace in figure.data if trace.name == kind]


def texts(layout):
    return [annotation["text"] for annotation in layout["annotations"]]


def test_the_bars_of_a_cell_are_its_shares_in_per_cent():
    table = lateness_table()
    figure = promise(table)
    for kind, color in (("early", BLUE), ("on time", NEUTRAL), ("late", VERMILION)):
        for panel, cell in enumerate(("App", "Shop")):
            rows = table.frame[(table.frame["channel"] == cell) & (table.frame["class"] == kind)]
            bar = bars(figure, kind)[panel]
            assert list(bar.y) == pytest.approx((rows["share"] * 100).tolist())
            assert bar.marker.color == color
            assert bar.xaxis == ("x" if panel == 0 else "x2")


def test_bars_stand_between_the_ends_of_their_class():
    figure = promise(lateness_table(("App",), dates=False))
    late = bars(figure, "late")[0]
    assert list(late.x) == [0.5, 1.5, 2.5]
    assert max(late.width) < 1
    assert list(bars(figure, "early")[0].x) == [-2.5, -1.5, -0.5]


def test_a_class_without_width_gets_a_bar_and_the_others_make_room():
    """Promised dates: on time is exactly 0, and a bar is then at the day that it ends at, so that none covers another."""
    figure = promise(lateness_table(("App",)))
    assert list(bars(figure, "on time")[0].x) == [0]
    assert list(bars(figure, "late")[0].x) == [1, 2, 3]
    assert list(bars(figure, "early")[0].x) == [-3, -2, -1]
    edges = sorted((x - width / 2, x + width / 2) for bar in figure.data for x, width in zip(bar.x, bar.width, strict=True))
    assert all(left[1] <= right[0] for left, right in pairwise(edges))


def test_a_line_at_0_is_the_promise_in_every_panel():
    lines = promise(lateness_table()).layout.shapes
    assert [(line.x0, line.x1, line.xref) for line in lines] == [(0, 0, "x"), (0, 0, "x2")]


def test_the_three_shares_stand_above_with_the_tables_own_intervals():
    table = lateness_table(("App",))
    assert "<b>late 35 %</b>" in " ".join(texts(promise(table).layout))
    whole = table.frame.groupby("class")["share"].transform("sum")
    frame = table.frame.assign(class_share=whole, class_low=whole - 0.02, class_high=whole + 0.03)
    shown = " ".join(texts(promise(replace(table, frame=frame)).layout))
    assert "<b>late 35 %</b><br>(33 to 38)" in shown
    assert "<b>on time 30 %</b><br>(28 to 33)" in shown


def test_panels_share_their_axes_and_stand_in_the_order_of_the_table():
    figure = promise(lateness_table(("Web", "App", "Shop")))
    layout = figure.layout
    assert layout.xaxis.range == layout.xaxis2.range == layout.xaxis3.range
    assert layout.yaxis.range == layout.yaxis2.range == layout.yaxis3.range
    names = [text.split(" <span")[0] for text in texts(layout) if text.split(" <span")[0] in ("Web", "App", "Shop")]
    assert names == ["Web", "App", "Shop"]
    assert layout.yaxis3.domain[1] < layout.yaxis.domain[0]


def test_the_narrow_layout_sets_the_panels_one_below_the_other():
    layout = promise(lateness_table()).layout
    narrow = layout.meta["cxgap"]["narrow"]
    go.Layout(**narrow)
    assert set(narrow) >= {key for key in layout.to_plotly_json() if key not in {"template", "meta"}}
    assert narrow["xaxis"]["domain"] == narrow["xaxis2"]["domain"] == [0.0, 1.0]
    assert narrow["height"] > layout.height


def test_more_than_twelve_cells_are_cut_and_the_note_says_so():
    table = lateness_table(tuple(f"c{k}" for k in range(15)))
    figure = promise(table)
    assert len(bars(figure, "late")) == 12
    assert "12 of 15 cells are drawn" in figure.layout.meta["cxgap"]["note"]
    assert len(bars(promise(table, cells=slice(12, 15)), "late")) == 3
    with pytest.raises(ArgumentError, match="1 to 12 cells, not 15"):
        promise(table, cells=slice(None))


def test_the_finding_is_a_span_and_no_league_table():
    table = lateness_table()
    frame = table.frame.copy()
    frame.loc[(frame["channel"] == "Shop") & (frame["delta_low"] == 1), "share"] = 0.2
    finding = promise(replace(table, frame=frame)).layout.meta["cxgap"]["finding"]
    assert finding == "The share of promises missed runs from 35 % at App to 45 % at Shop."


def test_a_table_not_measured_and_one_of_hidden_cells_say_why():
    empty = Table.not_measured("lateness", "How early or late", "the study has no table 'events'")
    assert "Not measured" in texts(promise(empty).layout)[0]
    hidden = replace(lateness_table(), frame=lateness_table().frame.iloc[:0], cells=(), notes=("Too few to show: App, Shop.",))
    figure = promise(hidden)
    assert "Not shown" in texts(figure.layout)[0]
    assert "Too few to show: App, Shop." in texts(figure.layout)[0]


def test_another_table_is_refused_by_its_columns():
    with pytest.raises(ArgumentError, match=r"must have the columns.*delta_high.*lacks"):
        promise(replace(lateness_table(), frame=lateness_table().frame.drop(columns="delta_high")))


def test_the_table_behind_it_is_the_one_shown():
    table = lateness_table()
    about = promise(table).layout.meta["cxgap"]
    assert about["table"]["rows"] == [list(row) for row in table.cells]
    assert about["by"] == ["channel"]
    assert about["gap"] == "lateness"


def test_plotly_reads_nothing_into_a_name():
    page = json.loads(promise(lateness_table(("<b>A</b> %{x} $1", "B"))).to_json())
    about = page["layout"]["meta"].pop("cxgap")
    drawn = json.dumps([page, about["narrow"]])
    for raw in ("<b>A", "%{", "$1"):
        assert raw not in drawn
    assert "bdata" not in drawn
    assert "NaN" not in drawn
