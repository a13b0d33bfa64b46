"""Rows of several units, shares, and tables of which nothing was measured."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise

import plotly.graph_objects as go
import pytest
from gap_tables import JOURNEY, gap_table

from cxgap.errors import ArgumentError
from cxgap.plot import dumbbell, forest, heatmap
from cxgap.plot.rows import Rows

NAN = float("nan")
UNITS = ("days", "days", "share", "minutes")


@pytest.fixture
def mixed():
    rows = [
        (("Order", "delivery time"), 2.0, 1.6, -0.6, -0.2, 398, "short"),
        (("Receive", "delivery time"), 3.0, 3.1, -0.1, 0.3, 412, "cannot tell"),
        (("Receive", "on time"), 0.95, 0.81, -0.18, -0.10, 412, "short"),
        (("Claim", "waiting"), NAN, NAN, NAN, NAN, NAN, "not shown"),
    ]
    gaps = gap_table(rows, by=("touchpoint", "metric"), gap="delivery", unit="mixed units", counts="event", basis="physical")
    frame = gaps.frame.assign(unit=UNITS, margin=[0.2, 0.5, 0.02, 1.0])
    return replace(gaps, frame=frame, margin=None, scale=None)


def texts(layout):
    return [annotation["text"] for annotation in layout["annotations"]]


@pytest.mark.parametrize(("draw", "axes"), [(dumbbell, 2), (forest, 1)])
def test_each_unit_has_a_panel_with_axes_of_its_own(mixed, draw, axes):
    figure = draw(mixed)
    gaps = [trace for trace in figure.data if trace.name == "gap"]
    assert [trace.x for trace in gaps] == [pytest.approx((-0.4, 0.1)), pytest.approx((-14,)), (None,)]
    assert [trace.xaxis for trace in gaps] == (["x2", "x4", "x6"] if axes == 2 else ["x", "x2", "x3"])
    assert [trace.yaxis or "y" for trace in gaps] == ["y", "y2", "y3"]
    spans = [figure.layout[name].domain for name in ("yaxis", "yaxis2", "yaxis3")]
    assert all(below[1] < above[0] for above, below in pairwise(spans))
    assert spans[0][1] == 1
    assert spans[-1][0] == pytest.approx(0)


@pytest.mark.parametrize("draw", [dumbbell, forest])
def test_each_panel_names_its_unit_and_shares_are_percentage_points(mixed, draw):
    for layout in (draw(mixed).layout, draw(mixed).layout.meta["cxgap"]["narrow"]):
        go.Layout(**(layout if isinstance(layout, dict) else {}))
        said = " ".join(texts(layout)).replace("<br>", " ")
        for unit in ("gap in days", "gap in percentage points", "gap in minutes"):
            assert unit in said
    assert "−14.0" in texts(draw(mixed).layout)
    assert "events" in texts(draw(mixed).layout)


@pytest.mark.parametrize("draw", [dumbbell, forest])
def test_narrow_replaces_every_axis_that_wide_sets(mixed, draw):
    layout = draw(mixed).layout
    assert set(layout.meta["cxgap"]["narrow"]) >= {key for key in layout.to_plotly_json() if key not in {"template", "meta"}}


def test_everything_in_a_panel_stands_on_its_axes(mixed):
    layout = forest(mixed).layout
    (points,) = [a for a in layout.annotations if a.text == "−14.0"]
    assert (points.y, points.yref) == (0, "y2")
    bands = [(shape.xref, shape.x1) for shape in layout.shapes]
    assert bands == [("x", 0.2), ("x", 0.5), ("x2", 2.0), ("x3", 1.0)]


def test_margins_that_differ_are_a_band_a_row(mixed):
    days = [shape for shape in dumbbell(mixed).layout.shapes if shape.xref == "x2"]
    assert [(shape.y0, shape.y1, shape.x1) for shape in days] == [(-0.4, 0.4, 0.2), (0.6, 1.4, 0.5)]
    assert "margin of each row" in dumbbell(mixed).layout.meta["cxgap"]["note"]


def test_the_largest_shortfall_is_named_for_each_unit(mixed):
    alt = forest(mixed).layout.meta["cxgap"]["alt"]
    assert "The largest shortfall in days is Order · delivery time: −0.4 days" in alt
    assert "The largest shortfall in percentage points is Receive · on time: −14.0 percentage points" in alt


def test_rows_of_one_unit_make_one_panel_in_it(mixed):
    rows = Rows.of(mixed, slice(0, 2))
    (panel,) = rows.panels
    assert panel.part.unit == "days"
    assert "yaxis2" not in forest(mixed, rows=slice(0, 2)).layout


def test_a_heatmap_of_several_units_says_what_to_draw_instead(mixed):
    with pytest.raises(ArgumentError, match=r"gaps of one unit.*forest"):
        heatmap(mixed)
    assert heatmap(replace(mixed, frame=mixed.frame.iloc[:2])).layout.meta["cxgap"]["gap"] == "delivery"


@pytest.mark.parametrize("draw", [dumbbell, forest, heatmap])
def test_shares_are_drawn_as_per_cent(draw):
    row = (("A", "x"), 0.9, 0.8, -0.14, -0.06, 300, "short")
    gaps = gap_table([row], by=("touchpoint", "segment"), gap="delivery", unit="share", scale=(0, 1), margin=0.02)
    figure = draw(gaps)
    page = json.loads(figure.to_json())["data"]
    shown = next(trace for trace in page if trace["name"] == "gap")
    assert (shown["z"][0][0] if draw is heatmap else shown["x"][0]) == pytest.approx(-10)
    assert "percentage points" in figure.layout.meta["cxgap"]["alt"]


@pytest.mark.parametrize("draw", [dumbbell, forest, heatmap])
def test_where_nothing_was_measured_a_hatched_box_says_why(draw):
    why = "the study has no table 'events'; name its file under <tables>"
    gaps = gap_table([], by=("touchpoint", "segment"), gap="delivery", missing=why)
    figure = draw(gaps)
    about = figure.layout.meta["cxgap"]
    assert figure.data[0].marker.pattern.shape == "/"
    for layout in (figure.layout, about["narrow"]):
        (text,) = texts(layout)
        shown = text.replace("<br>", " ")
        assert "Not measured" in shown
        assert "The study has no table 'events'; name its file under &lt;tables&gt;." in shown
    assert about["finding"] == "Delivery gap not measured."
    assert why in about["alt"].replace("The", "the")
    assert about["table"]["rows"] == [["Delivery gap", "not measured", why]]


def test_the_column_of_n_says_what_was_counted():
    heads = {
        ("customer", (1, 7)): "people",
        ("customer", None): "customers",
        ("promise", None): "promises",
        ("manager", (1, 7)): "managers",
    }
    for (counts, scale), head in heads.items():
        assert head in texts(dumbbell(gap_table(counts=counts, scale=scale)).layout)


def test_long_names_of_the_ends_stand_in_the_head_of_the_axis():
    layout = dumbbell(gap_table(gap="company")).layout
    head = next(text for text in texts(layout) if "whole scale" in text).replace("<br>", " ")
    assert "ring: company's own rating, dot: customers' rating" in head
    assert "company's own rating" not in texts(layout)


def test_an_index_ends_at_the_best_answer():
    note = dumbbell(gap_table(gap="standards", basis="index", counts="employee")).layout.meta["cxgap"]["note"]
    assert "Ring: best answer; dot: rating." in note


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"gap": "customer"}, "fewer than 10 respondents"),
        ({"gap": "standards", "basis": "index", "counts": "employee"}, "fewer than 10 employees"),
        ({"gap": "knowledge"}, "too few to show"),
    ],
)
def test_a_hidden_row_names_a_number_only_where_one_group_can_be_too_small(changes, why):
    shown = [text.replace("<br>", " ") for text in texts(dumbbell(gap_table(JOURNEY, **changes)).layout)]
    assert f"not shown: {why}" in shown


def test_a_row_without_a_gap_has_no_mark_though_one_of_its_levels_is_known():
    rows = [("Receive", 3.0, 4.7, -1.8, -1.6, 380, "short"), ("Return", 70.0, NAN, NAN, NAN, NAN, "cannot tell")]
    gaps = gap_table(rows, gap="delivery", unit="days", scale=None, flags={"Return": "EMPTY"})
    figure = dumbbell(gaps)
    ring = next(trace for trace in figure.data if trace.name == "standard")
    assert ring.x == (3.0, None)
    assert figure.layout.xaxis.range[1] < 10
    assert "nothing to compare" in [text.replace("<br>", " ") for text in texts(figure.layout)]
