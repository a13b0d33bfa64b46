"""Shares by a level: lines, bands and what is marked on them, against the table they are drawn from."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import plotly.graph_objects as go
import pytest
from gap_tables import lateness_table, level_table, threshold_table

from cxgap.errors import ArgumentError
from cxgap.plot import curve
from cxgap.plot.theme import NEUTRAL, VERMILION
from cxgap.result import Table

TABLES = [threshold_table(), level_table(), level_table("attainment", ("A", "B"))]


def traces(figure, name):
    return [trace for trace in figure.data if trace.name == name]


def texts(layout):
    return [annotation["text"] for annotation in layout["annotations"]]


def test_two_lines_are_the_shares_of_company_and_customers():
    table = threshold_table()
    figure = curve(table)
    for panel, cell in enumerate(("Order and pay", "Get help")):
        rows = table.frame[table.frame["touchpoint"] == cell]
        for name in ("company", "customers"):
            line = traces(figure, name)[panel]
            assert list(line.x) == rows["cut"].tolist()
            assert list(line.y) == pytest.approx((rows[f"share_{name}"] * 100).tolist())


def test_the_interval_of_the_difference_stands_on_the_companys_share():
    table = threshold_table(("Pay",))
    drawn = {}
    for trace in traces(curve(table), "interval"):
        drawn |= {trace.x[k]: (trace.y[k], trace.y[k + 1], trace.line.color) for k in range(0, len(trace.x), 3)}
    for row in table.frame.itertuples():
        low, high, color = drawn[row.cut]
        assert (low, high) == pytest.approx(
            ((row.share_company + row.conf_low) * 100, (row.share_company + row.conf_high) * 100)
        )
        assert color == (VERMILION if row.conf_high < 0 else NEUTRAL)


def test_a_bar_touches_the_company_exactly_where_nothing_is_shown():
    """The interval of customers minus company holds 0 if and only if the bar reaches the company's share."""
    figure = curve(threshold_table(("Pay",)))
    company = dict(zip(traces(figure, "company")[0].x, traces(figure, "company")[0].y, strict=True))
    for trace in traces(figure, "interval"):
        for k in range(0, len(trace.x), 3):
            touches = trace.y[k] <= company[trace.x[k]] <= trace.y[k + 1]
            assert touches == (trace.line.color == NEUTRAL)


@pytest.mark.parametrize("slug", ["setting", "attainment"])
def test_one_line_is_the_share_and_its_band_the_interval(slug):
    table = level_table(slug)
    figure = curve(table)
    name = "share" if slug == "setting" else "attained"
    (line,), (band,) = traces(figure, "share"), traces(figure, "band")
    assert list(line.y) == pytest.approx((table.frame[name] * 100).tolist())
    half = len(band.y) // 2
    assert list(band.y[:half]) == pytest.approx((table.frame[f"{name}_low"] * 100).tolist())
    assert list(band.y[half:][::-1]) == pytest.approx((table.frame[f"{name}_high"] * 100).tolist())


def test_a_band_stops_where_there_is_no_interval():
    table = level_table()
    frame = table.frame.copy()
    frame.loc[2, ["share_low", "share_high"]] = np.nan
    bands = traces(curve(replace(table, frame=frame)), "band")
    assert [sorted(set(band.x)) for band in bands] == [[0, 1], [3, 4, 5]]


def test_the_goal_is_a_line_and_the_level_chosen_a_dot():
    figure = curve(level_table())
    (goal,) = figure.layout.shapes
    assert (goal.y0, goal.y1, goal.line.dash) == (80, 80, "dash")
    (chosen,) = traces(figure, "chosen")
    assert (chosen.x, chosen.y) == ((2.0,), (83.0,))
    assert {"goal 80 %", "chosen 2"} <= set(texts(figure.layout))


def test_attainment_marks_the_standard_and_names_the_unit():
    figure = curve(level_table("attainment", ("A", "B")))
    assert texts(figure.layout).count("standard 3") == 2
    assert "across: level in days" in texts(figure.layout)[0]
    assert not figure.layout.shapes
    assert figure.layout.meta["cxgap"]["by"] == ["touchpoint", "metric"]


def test_panels_of_one_unit_share_an_axis_and_others_do_not():
    table = level_table("attainment", ("A", "B", "C"))
    frame = table.frame.copy()
    other = frame["touchpoint"] == "C"
    frame.loc[other, ["metric_unit", "metric"]] = ["minutes", "waiting"]
    frame.loc[other, "level"] *= 60
    layout = curve(replace(table, frame=frame)).layout
    assert layout.xaxis.range == layout.xaxis2.range
    assert layout.xaxis3.range[1] > 300 > layout.xaxis.range[1]
    assert any("minutes" in text for text in texts(layout))


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.slug)
def test_the_figure_says_what_a_page_must_know(table):
    layout = curve(table).layout
    about = layout.meta["cxgap"]
    assert set(about) == {"gap", "by", "alt", "finding", "note", "table", "narrow"}
    assert about["gap"] == table.slug
    assert about["finding"] in about["alt"]
    assert len(about["table"]["rows"]) == len(table.frame)
    go.Layout(**about["narrow"])
    assert set(about["narrow"]) >= {key for key in layout.to_plotly_json() if key not in {"template", "meta"}}


def test_findings():
    company = "At Get help, a score of at least 6 is given by 76 % of the company's own raters and by 29 % of customers."
    assert curve(threshold_table()).layout.meta["cxgap"]["finding"] == company
    setting = "Order and pay: a level of 2 days satisfies 83 % (79 to 86) of customers."
    assert curve(level_table()).layout.meta["cxgap"]["finding"] == setting
    several = curve(level_table("attainment", ("A", "B"))).layout.meta["cxgap"]["finding"]
    assert several.startswith("The standard is met from 45 % (42 to 49) of the time at A")


def test_where_no_difference_is_shown_none_is_told():
    table = threshold_table()
    frame = table.frame.assign(conf_low=-0.9, conf_high=0.9)
    assert curve(replace(table, frame=frame)).layout.meta["cxgap"]["finding"].startswith("No score is shown")


@pytest.mark.parametrize("slug", ["threshold", "setting", "attainment"])
def test_a_curve_not_measured_says_why(slug):
    figure = curve(Table.not_measured(slug, "A curve", "the survey has no column 'expected_days'"))
    assert "Not measured" in texts(figure.layout)[0]
    assert figure.layout.meta["cxgap"]["finding"] == "A curve not measured."


def test_another_table_is_refused():
    with pytest.raises(ArgumentError, match="attainment"):
        curve(lateness_table())


@pytest.mark.parametrize("make", [threshold_table, level_table])
def test_plotly_reads_nothing_into_a_name(make):
    table = make()
    frame = table.frame.assign(touchpoint="<b>A</b> %{x} $1")
    page = json.loads(curve(replace(table, frame=frame, title="Levels, in <i>days</i>")).to_json())
    about = page["layout"]["meta"].pop("cxgap")
    drawn = json.dumps([page, about["narrow"]])
    for raw in ("<b>A", "%{", "$1", "<i>"):
        assert raw not in drawn
    assert "NaN" not in drawn
