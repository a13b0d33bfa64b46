"""The picture of before and after: both groups, intervals, and how far apart they are."""

from __future__ import annotations

import numpy as np
import pytest
from before_after_logs import SINCE, drawn_log

import cxgap as cx
from cxgap.errors import ArgumentError
from cxgap.tables.absent import Absent


@pytest.fixture(scope="module")
def table() -> cx.Table:
    return cx.before_after(drawn_log(), value="minutes", since=SINCE, treated="region = R0; R1", better="low", min_n=2)


def test_both_groups_are_drawn_by_month_with_intervals_and_names_and_the_leads_below(table):
    figure = cx.plot.before_after(table)
    names = [trace.name for trace in figure.data]
    assert names == ["treated", "comparison", "further apart"]
    levels = table.frame[(table.frame["part"] == "level") & (table.frame["group"] == "treated")]
    assert list(figure.data[0].y) == pytest.approx(levels["estimate"].tolist())
    assert list(figure.data[0].error_y.array) == pytest.approx((levels["conf_high"] - levels["estimate"]).tolist())
    assert len({trace.marker.symbol for trace in figure.data}) == 3  # shape as well as colour
    assert figure.data[2].yaxis == "y2"
    assert len(figure.data[2].x) == len(levels) - 1
    texts = [note.text for note in figure.layout.annotations]
    assert any("● treated" in text for text in texts)
    assert any("◇ comparison" in text for text in texts)
    meta = figure.layout.meta["cxgap"]
    assert meta["finding"].startswith("Minutes changed by −")
    assert meta["finding"].endswith("grade C.")
    assert "levels of minutes by period" in meta["alt"]
    assert meta["table"]["rows"]
    assert list(figure.layout.xaxis.ticktext) == ["July 2025", "Aug 2025", "Sept 2025", "Oct 2025", "Nov 2025", "Dec 2025"]
    assert [note in meta["note"] for note in table.notes] == [place < 2 for place in range(len(table.notes))]
    (line,) = figure.layout.shapes
    assert line.x0 == line.x1 == 2.5  # July to September before, October to December after
    low, high = figure.layout.yaxis.range
    assert low <= levels["conf_low"].min() <= levels["conf_high"].max() <= high
    assert meta["narrow"]["height"] == figure.layout.height


def test_a_survey_chooses_its_measure_and_a_share_is_in_per_cent(table):
    share = cx.before_after(drawn_log(), value="repeat", since=SINCE, treated="pilot")
    figure = cx.plot.before_after(share)
    assert max(figure.data[0].y) > 1
    assert "percentage points" in figure.layout.meta["cxgap"]["finding"]
    alone = cx.plot.before_after(cx.before_after(drawn_log(), value="minutes", since=SINCE))
    assert [trace.name for trace in alone.data] == ["treated"]
    with pytest.raises(ArgumentError, match="`measure` must be one of"):
        cx.plot.before_after(table, measure="hours")
    with pytest.raises(ArgumentError, match="`cell` must be one of"):
        cx.plot.before_after(table, cell="North")
    with pytest.raises(ArgumentError, match=r"must be what `cx\.before_after` returned"):
        cx.plot.before_after(cx.claims())


def test_nothing_measured_and_hidden_points_say_so(table):
    missing = cx.plot.before_after(cx.before_after(Absent("contacts"), since=SINCE))
    assert "no table 'contacts'" in missing.layout.meta["cxgap"]["alt"].replace("Contacts", "contacts")
    weekly = cx.before_after(drawn_log(), value="minutes", since=SINCE, treated="pilot", period="week", min_n=8)
    figure = cx.plot.before_after(weekly)
    assert "Not shown, too few" in figure.layout.meta["cxgap"]["note"]
    assert len(figure.layout.xaxis.tickvals) <= 13
    assert np.isfinite(list(figure.layout.yaxis.range)).all()
