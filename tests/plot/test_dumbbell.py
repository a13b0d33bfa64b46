from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace

import plotly.graph_objects as go
import plotly.io as pio
import pytest

from cxgap.errors import ArgumentError
from cxgap.plot import dumbbell, forest
from cxgap.plot.theme import BLUE, NEUTRAL, PAPER, VERMILION

SHOWN = [0, 1, 2, 3, 4, 5, 9]


def traces(figure, name):
    return [trace for trace in figure.data if trace.name == name]


def texts(layout):
    return [annotation["text"] for annotation in layout["annotations"]]


def test_ring_and_dot_stand_where_the_gap_starts_and_ends(journey):
    figure = dumbbell(journey)
    for name, column in (("expected", "start"), ("perceived", "end"), ("gap", "estimate")):
        (trace,) = traces(figure, name)
        assert [trace.x[row] for row in SHOWN] == journey.frame[column].iloc[SHOWN].tolist()
        assert [row for row, x in enumerate(trace.x) if x is not None] == SHOWN
        assert list(trace.y) == list(range(10))


def test_a_line_spans_each_interval_and_a_single_respondent_has_none(journey):
    drawn = {}
    for trace in traces(dumbbell(journey), "interval"):
        for k in range(0, len(trace.x), 3):
            drawn[trace.y[k]] = (trace.x[k], trace.x[k + 1], trace.line.color)
    assert sorted(drawn) == [0, 1, 2, 3, 4, 5]
    assert drawn[3] == (-0.97, -0.63, VERMILION)
    assert drawn[4] == (-0.46, 0.06, NEUTRAL)
    assert drawn[5] == (0.19, 0.61, BLUE)


def test_colours_follow_the_verdict_and_what_cannot_be_told_is_hollow(journey):
    (dots,), (gaps,) = (traces(dumbbell(journey), name) for name in ("perceived", "gap"))
    assert dots.marker.color[:6] == (NEUTRAL, NEUTRAL, VERMILION, VERMILION, NEUTRAL, BLUE)
    assert gaps.marker.color[4] == PAPER
    assert gaps.marker.line.color[4] == NEUTRAL


def test_names_stand_in_the_order_of_the_table_from_the_top(journey):
    axis = dumbbell(journey).layout.yaxis
    assert list(axis.tickvals) == list(range(10))
    assert list(axis.ticktext) == journey.frame["touchpoint"].tolist()
    assert axis.range[0] > 9
    assert axis.range[1] < 0


@pytest.mark.parametrize("draw", [dumbbell, forest])
def test_no_number_of_a_hidden_row_is_in_the_figure(journey, other_secrets, draw):
    page = draw(journey).to_json()
    assert page == draw(other_secrets(journey)).to_json()
    assert not [secret for secret in ("3.14159", "2.71828", "1.41421", "1.73205", "7777", "7,777") if secret in page]


@pytest.mark.parametrize("draw", [dumbbell, forest])
def test_a_hidden_row_says_why(journey, draw):
    figure = draw(journey)
    for layout in (figure.layout, figure.layout.meta["cxgap"]["narrow"]):
        shown = [text.replace("<br>", " ") for text in texts(layout)]
        assert "not shown: fewer than 10 respondents" in shown
        assert "not shown: hidden to protect another cell" in shown
        assert "no complete answers" in shown


@pytest.mark.parametrize("scale", [(1.0, 7.0), (0.0, 10.0), (0.0, 100.0), (-3.0, 3.0)])
def test_the_scale_is_whole_whatever_the_data(table, scale):
    gaps = table([("A", 2.0, 2.1, 0.0, 0.2, 50, "met", "")], scale=scale)
    axis = dumbbell(gaps).layout.xaxis
    assert axis.range[0] <= scale[0] < scale[1] <= axis.range[1]
    assert (axis.tickvals[0], axis.tickvals[-1]) == scale


def test_without_a_scale_the_axis_fits_the_data_and_says_so(table):
    rows = [("A", 24.0, 31.5, -9.3, -5.7, 90, "short", ""), ("B", 72.0, 70.0, 1.0, 3.0, 90, "exceeded", "")]
    figure = dumbbell(table(rows, gap="delivery", unit="hours", scale=None, margin=None))
    low, high = figure.layout.xaxis.range
    assert 15 < low < 24
    assert 72 < high < 80
    assert "in hours;<br>axis fits<br>the data" in texts(figure.layout)
    assert "fits the data" in figure.layout.meta["cxgap"]["note"]


def test_the_band_is_the_margin_and_zero_has_a_line(journey):
    (band,) = dumbbell(journey).layout.shapes
    assert (band.x0, band.x1, band.xref) == (-0.3, 0.3, "x2")
    assert dumbbell(journey).layout.xaxis2.zeroline
    without = dumbbell(replace(journey, margin=None))
    assert not without.layout.shapes
    assert "No margin is set" in without.layout.meta["cxgap"]["note"]


def test_every_interval_zero_and_the_margin_are_in_view(journey):
    low, high = dumbbell(journey).layout.xaxis2.range
    assert low < -0.97
    assert high > 0.61
    assert dumbbell(replace(journey, margin=2.0)).layout.xaxis2.range[1] > 2


@pytest.mark.parametrize("draw", [dumbbell, forest])
def test_a_part_has_the_axes_of_the_whole(journey, draw):
    whole, part = draw(journey).layout, draw(journey, rows=slice(0, 2)).layout
    for axis in {"xaxis", "xaxis2"} & set(whole):
        assert part[axis].range == whole[axis].range
    assert list(part.yaxis.ticktext) == ["Choose a service", "Order and pay"]
    assert part.meta["cxgap"]["finding"] == "Of 2: 2 met."
    assert len(part.meta["cxgap"]["table"]["rows"]) == 2


@pytest.mark.parametrize("draw", [dumbbell, forest])
def test_of_more_rows_than_can_be_read_both_ends_are_drawn_and_said(table, draw):
    rows = [(f"T{k}", 6.0, 5.5 - k % 7 / 10, -1.4, -0.4, 50, "short", "") for k in range(63)]
    assert draw(table(rows[:40])).layout.height > draw(table(rows[:12])).layout.height > 40 * 12
    drawn = draw(table(rows))
    said = drawn.layout.meta["cxgap"]
    assert said["note"].endswith("Drawn are the 20 lowest and the 20 highest of 63 gaps.")
    assert said["finding"] == "Of 63: 63 short."
    names = [f"T{k}" for k in range(63)]
    lowest = sorted(names, key=lambda name: -(int(name[1:]) % 7))
    assert [row[0] for row in said["table"]["rows"]] == [n for n in names if n in {*lowest[:20], *lowest[-20:]}]
    with pytest.raises(ArgumentError, match=r"at most 40 rows, not 63.*slice\(0, 12\).*heatmap"):
        draw(table(rows), rows=slice(None))
    assert len(draw(table(rows), rows=slice(0, 12)).layout.yaxis.ticktext) == 12


@pytest.mark.parametrize("rows", [3, [0, 1], "all"])
def test_rows_must_be_a_slice(journey, rows):
    with pytest.raises(ArgumentError, match="must be a slice"):
        dumbbell(journey, rows=rows)


def test_no_row_to_draw_is_refused(journey):
    with pytest.raises(ArgumentError, match="no row to draw"):
        dumbbell(journey, rows=slice(20, 30))
    with pytest.raises(ArgumentError, match="no row to draw"):
        dumbbell(replace(journey, frame=journey.frame.iloc[:0]))


@pytest.mark.parametrize("draw", [dumbbell, forest])
@pytest.mark.parametrize(
    "label", ["<b>bold</b>", "%{x} & %{meta.cxgap.gap}", "$5 and $10", "<a href='javascript:x'>", "a\u202eb\x00"]
)
def test_plotly_reads_nothing_into_a_label(table, draw, label):
    page = json.loads(draw(table([(label, 6.0, 5.0, -1.2, -0.8, 50, "short", "")], unit="<i>points</i>")).to_json())
    about = page["layout"]["meta"].pop("cxgap")
    page["narrow"] = about["narrow"]
    drawn = json.dumps(page, ensure_ascii=False)
    for raw in ("<b>bold", "%{", "$", "<a ", "<i>", "\u202e", "\\u0000", "\x00"):
        assert raw not in drawn
    assert "hovertemplate" not in drawn
    assert "texttemplate" not in drawn


def test_a_long_label_is_wrapped_and_whole(table):
    labels = [
        "Returning a parcel without a printed label at the shop round the corner",
        "Zollabfertigungsbenachrichtigungsformular",
        "w " * 100,
        "x" * 200,
    ]
    figure = dumbbell(table([(label, 6.0, 5.0, -1.2, -0.8, 50, "short", "") for label in labels]))
    for label, text in zip(labels, figure.layout.yaxis.ticktext, strict=True):
        pieces = text.split("<br>")
        assert max(map(len, pieces)) <= 26
        assert text.replace("<br>", "").replace("-", "").replace(" ", "") == label.replace(" ", "")
    assert figure.layout.xaxis.tickangle is None  # the theme's 0: labels are never rotated


def test_the_text_columns_hold_gap_people_and_verdict(journey):
    shown = texts(dumbbell(journey).layout)
    assert {"gap", "people", "verdict", "−0.8", "412", "▼ short", "○ cannot tell", "▲ exceeded", "● met"} <= set(shown)
    assert shown.count("expected") == shown.count("perceived") == 1


def test_the_ends_are_named_in_the_row_where_they_are_farthest_apart(journey):
    places = {a.text: (a.x, a.y) for a in dumbbell(journey).layout.annotations if a.text in {"expected", "perceived"}}
    assert places == {"expected": (6.5, 3), "perceived": (5.7, 3)}


@pytest.mark.parametrize("draw", [dumbbell, forest])
def test_the_figure_says_what_a_page_must_know(journey, draw):
    about = draw(journey).layout.meta["cxgap"]
    assert set(about) == {"gap", "by", "alt", "finding", "note", "table", "narrow"}
    assert about["gap"] == "customer"
    assert about["by"] == ["touchpoint"]
    assert about["finding"] == journey.finding
    assert journey.finding in about["alt"]
    assert "Receive the parcel: −0.8 scale points (−1.0 to −0.6; n 412)" in about["alt"]
    assert "±0.3 scale points" in about["note"]
    assert "95 %" in about["note"]
    assert about["table"]["columns"][0] == "touchpoint"
    assert about["table"]["rows"][3][-2] == "▼ short"
    assert about["table"]["heads"] == 1


def test_where_nothing_is_short_no_shortfall_is_named(table):
    about = dumbbell(table([("A", 6.0, 5.8, -0.5, 0.1, 50, "cannot tell", "")])).layout.meta["cxgap"]
    assert "largest" not in about["alt"]


@pytest.mark.parametrize("draw", [dumbbell, forest])
def test_the_narrow_layout_is_one_and_replaces_what_the_wide_one_sets(journey, draw):
    layout = draw(journey).layout
    narrow = layout.meta["cxgap"]["narrow"]
    go.Layout(**narrow)
    wide = {key for key in layout.to_plotly_json() if key not in {"template", "meta"}}
    assert set(narrow) == wide
    assert narrow["yaxis"]["showticklabels"] is False
    assert narrow["height"] > layout.height
    assert "Receive the parcel" in " ".join(texts(narrow))
    assert narrow["xaxis"]["range"] == list(layout.xaxis.range)


def test_on_a_phone_long_names_have_the_result_in_a_line_below(table):
    row = (6.0, 5.0, -1.2, -0.8, 50, "short", "")
    beside = dumbbell(table([("Pay", *row)])).layout.meta["cxgap"]["narrow"]
    below = dumbbell(table([("Pay for what was ordered, at last", *row)])).layout.meta["cxgap"]["narrow"]
    assert "Pay" in texts(beside)
    assert any(text.startswith("Pay for what was ordered, at last<br>") and "▼ short" in text for text in texts(below))


@pytest.mark.parametrize("draw", [dumbbell, forest])
def test_the_json_has_readable_numbers_and_is_the_same_each_time(journey, draw):
    page = draw(journey).to_json()
    assert page == draw(journey).to_json()
    assert "bdata" not in page
    assert "NaN" not in page


def test_the_theme_stays_in_the_figure(journey):
    before = pio.templates.default, set(pio.templates)
    layout = dumbbell(journey).layout
    assert (pio.templates.default, set(pio.templates)) == before
    theme = layout.template.layout
    assert theme.xaxis.fixedrange
    assert theme.yaxis.fixedrange
    assert theme.showlegend is False
    assert layout.width is None


@pytest.mark.parametrize("draw", [dumbbell, forest])
def test_a_table_of_hidden_rows_is_drawn(table, draw):
    rows = [(name, *[float("nan")] * 5, "not shown", "SUPPRESSED_PRIVACY") for name in "AB"]
    figure = draw(table(rows, scale=None, margin=None))
    assert figure.layout.meta["cxgap"]["finding"] == "Of 2: 2 not shown."


@pytest.mark.parametrize("draw", [dumbbell, forest])
def test_a_table_without_keys_is_drawn(table, draw):
    figure = draw(table([("", 6.0, 5.0, -1.2, -0.8, 50, "short", "")], by=()))
    assert list(figure.layout.yaxis.ticktext) == ["All customers"]
    assert figure.layout.meta["cxgap"]["by"] == []


def test_drawing_leaves_the_table_as_it_was(journey):
    before = journey.frame.copy()
    dumbbell(journey)
    assert journey.frame.equals(before)


def test_plotly_loads_with_the_first_figure_and_not_before():
    code = "import sys, cxgap.plot; assert 'plotly' not in sys.modules; assert callable(cxgap.plot.dumbbell)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
