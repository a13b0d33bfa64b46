"""Zones of tolerance: levels, the interval of perceived, and the shares, against the table they are drawn from."""

from __future__ import annotations

import json
from dataclasses import replace

import plotly.graph_objects as go
import pytest
from gap_tables import ZONES, gap_table, tolerance_table

from cxgap.errors import ArgumentError
from cxgap.plot import thermometer
from cxgap.plot.theme import BLUE, NEUTRAL, VERMILION
from cxgap.plot.thermometer import zone

SHOWN = ZONES[:4]


def trace(figure, name):
    (found,) = [trace for trace in figure.data if trace.name == name]
    return found


def texts(layout):
    return [annotation["text"] for annotation in layout["annotations"]]


def test_a_bar_goes_from_adequate_to_desired_and_a_dot_is_perceived():
    figure = thermometer(tolerance_table())
    bar = trace(figure, "zone")
    assert [(bar.x[k], bar.x[k + 1]) for k in range(0, len(bar.x), 3)] == [(row[1], row[2]) for row in SHOWN]
    assert list(trace(figure, "perceived").x) == [*(row[3] for row in SHOWN), None]
    assert list(figure.layout.yaxis.ticktext) == [row[0] for row in ZONES]


def test_the_interval_of_perceived_is_that_of_adequacy_set_on_the_adequate_level():
    drawn = {}
    for line in (each for each in thermometer(tolerance_table()).data if each.name == "interval"):
        drawn |= {line.y[k]: (line.x[k], line.x[k + 1]) for k in range(0, len(line.x), 3)}
    for row, (_, adequate, _, _, (low, high), *_) in enumerate(SHOWN):
        assert drawn[row] == pytest.approx((adequate + low, adequate + high))
    assert sorted(drawn) == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("adequacy", "superiority", "verdict"),
    [
        ("short", "short", "short"),
        ("exceeded", "short", "met"),
        ("met", "short", "met"),
        ("exceeded", "met", "met"),
        ("exceeded", "exceeded", "exceeded"),
        ("cannot tell", "short", "cannot tell"),
        ("exceeded", "cannot tell", "cannot tell"),
        ("not shown", "short", "not shown"),
    ],
)
def test_a_row_has_the_verdict_of_both_gaps(adequacy, superiority, verdict):
    """Zeithaml, Berry & Parasuraman (1993): inside the zone is at least adequate and at most desired."""
    assert zone(adequacy, superiority) == verdict


def test_colours_follow_that_verdict():
    assert trace(thermometer(tolerance_table()), "perceived").marker.line.color[:4] == (NEUTRAL, VERMILION, BLUE, NEUTRAL)


def test_the_shares_stand_beside_each_row():
    shown = texts(thermometer(tolerance_table()).layout)
    assert {"below", "inside", "above", "61 %", "34 %", "5 %", "70 %"} <= set(shown)
    about = thermometer(tolerance_table()).layout.meta["cxgap"]
    assert any("below 61 %, inside 34 %, above 5 %" in text for text in texts(about["narrow"]))


def test_the_axis_is_the_whole_scale():
    axis = thermometer(tolerance_table()).layout.xaxis
    assert (axis.tickvals[0], axis.tickvals[-1]) == (1, 7)
    free = thermometer(tolerance_table(scale=None)).layout.xaxis
    assert 3 < free.range[0] < 4.2
    assert 6.7 < free.range[1] < 7.5


def test_a_hidden_row_shows_no_number_and_says_why():
    gaps = tolerance_table()
    hidden = gaps.frame["touchpoint"] == "Get help"
    frame = gaps.frame.assign(
        verdict=gaps.frame["verdict"].mask(hidden, "not shown"), flags=gaps.frame["flags"].mask(hidden, "SUPPRESSED_PRIVACY")
    )
    secret = replace(gaps, frame=frame)
    page = thermometer(secret).to_json()
    numbers = frame.select_dtypes("number").columns
    other = frame.assign(**{name: frame[name].mask(hidden, 9.87) for name in numbers})
    assert page == thermometer(replace(gaps, frame=other)).to_json()
    assert "not shown: fewer than" in page


def test_the_finding_counts_where_perception_lies():
    about = thermometer(tolerance_table()).layout.meta["cxgap"]
    assert about["finding"] == "Of 5: 1 below the zone, 1 inside it, 1 above it, 1 cannot tell, 1 not shown."
    assert about["by"] == ["touchpoint"]
    row = about["table"]["rows"][1]
    assert row[:5] == ["Receive the parcel", "412", "5.6", "6.7", "5.2"]
    assert row[5:7] == ["−0.4 (−0.6 to −0.2)", "−1.5 (−1.7 to −1.3)"]
    assert row[7:] == ["▼ short", "61 %", "34 %", "5 %"]


def test_the_narrow_layout_is_whole():
    layout = thermometer(tolerance_table()).layout
    narrow = layout.meta["cxgap"]["narrow"]
    go.Layout(**narrow)
    assert set(narrow) >= {key for key in layout.to_plotly_json() if key not in {"template", "meta"}}
    assert "Receive the parcel" in " ".join(texts(narrow))


def test_a_table_without_other_keys_is_one_row():
    gaps = tolerance_table(ZONES[:1])
    figure = thermometer(replace(gaps, frame=gaps.frame.drop(columns="touchpoint"), by=("measure",)))
    assert list(figure.layout.yaxis.ticktext) == ["All customers"]
    assert trace(figure, "perceived").x == (5.8,)


def test_another_gap_is_refused_and_one_not_measured_says_why():
    with pytest.raises(ArgumentError, match="zones of tolerance"):
        thermometer(gap_table())
    empty = replace(tolerance_table(), frame=tolerance_table().frame.iloc[:0], missing="the survey has no column 'adequate'")
    assert "The survey has no column 'adequate'." in texts(thermometer(empty).layout)[0].replace("<br>", " ")


def test_plotly_reads_nothing_into_a_name():
    page = json.loads(thermometer(tolerance_table([("<b>A</b> %{x} $1", *ZONES[0][1:])])).to_json())
    about = page["layout"]["meta"].pop("cxgap")
    drawn = json.dumps([page, about["narrow"]])
    for raw in ("<b>A", "%{", "$1"):
        assert raw not in drawn
