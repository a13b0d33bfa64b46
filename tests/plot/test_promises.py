"""Responses and plans of promises against the tables that they are drawn from."""

from __future__ import annotations

import numpy as np
import pytest
from promised_orders import city_requests, shop_orders

import cxgap as cx
from cxgap.errors import ArgumentError
from cxgap.plot import promise_plan, response


@pytest.fixture(scope="module")
def answered() -> cx.Table:
    return cx.promise_response(shop_orders(1200), outcome="review_score", by="state", min_n=10)


@pytest.fixture(scope="module")
def planned() -> cx.Table:
    frame, end = city_requests(900)
    return cx.promise_plan(frame, by="district", as_of=end.isoformat(), min_n=10)


def test_marks_stand_at_the_means_of_their_classes_with_their_intervals(answered):
    figure = response(answered)
    for panel, (state, rows) in enumerate(answered.frame.groupby("state")):
        classes = rows[(rows["measure"] == "class") & rows["estimate"].notna()].sort_values("delay")
        axis = f"y{panel + 1}" if panel else "y"
        drawn = [trace for trace in figure.data if trace.yaxis == axis and trace.mode == "markers"]
        assert [trace.name for trace in drawn] == ["early", "as promised", "late"]
        assert len({(trace.marker.symbol, trace.marker.color) for trace in drawn}) == 3
        assert [x for trace in drawn for x in trace.x] == classes["delay"].tolist()
        assert [y for trace in drawn for y in trace.y] == classes["estimate"].tolist()
        tops = [y + up for trace in drawn for y, up in zip(trace.y, trace.error_y.array, strict=True)]
        assert tops == pytest.approx(classes["conf_high"].tolist())
        assert any(state in note.text for note in figure.layout.annotations)
        lines = [trace for trace in figure.data if trace.yaxis == axis and trace.name == "line"]
        assert [trace.x[-1] for trace in lines[:1]] + [trace.x[0] for trace in lines[1:]] == [0, 0]
        assert lines[0].y[-1] != lines[1].y[0]  # the step


def test_what_late_and_early_go_with_stands_above_each_panel(answered):
    figure = response(answered)
    late = answered.frame[(answered.frame["measure"] == "first_late")]["estimate"].iloc[0]
    text = " ".join(note.text for note in figure.layout.annotations)
    assert f"1 day late \N{MINUS SIGN}{abs(late):.2f}" in text
    assert text.count(">promise<") == 0
    assert sum(note.text == "promise" for note in figure.layout.annotations) == 3
    about = figure.layout.meta["cxgap"]
    assert about["alt"].startswith(answered.title)
    assert "1 day late" in about["alt"]
    assert about["table"]["rows"]
    assert about["narrow"]["height"] > figure.layout.height


def test_a_plan_is_a_curve_with_the_promises_on_it(planned):
    figure = promise_plan(planned)
    for panel, (district, rows) in enumerate(planned.frame.groupby("district")):
        axis = f"y{panel + 1}" if panel else "y"
        drawn = {trace.name: trace for trace in figure.data if trace.yaxis == axis}
        curve = rows[rows["kind"] == "curve"].sort_values("length")
        assert list(drawn["kept"].x) == curve["length"].tolist()
        assert list(drawn["kept"].y) == pytest.approx((100 * curve["kept"]).tolist())
        plans = rows[(rows["kind"] == "plan") & rows["promise"].notna()]
        assert list(drawn["promise"].x) == plans["promise"].tolist()
        assert list(drawn["today"].x) == [10]
        assert drawn["today"].marker.symbol != drawn["promise"].marker.symbol
        usual = plans.set_index("reliability").loc[0.95, "promise"]
        text = [note.text for note in figure.layout.annotations]
        assert f"<b>{usual:g} days</b><br>kept 95 %" in text
        assert district in text
    about = figure.layout.meta["cxgap"]
    assert about["finding"] == f"{planned.title}."
    assert "days for 95 %" in about["alt"]


def test_what_cannot_be_drawn_says_why(answered, planned):
    missing = cx.promise_plan(shop_orders(30).drop(columns="ordered_at"))
    assert "not measured" in promise_plan(missing).layout.meta["cxgap"]["alt"]
    hidden = cx.promise_response(shop_orders(30), outcome="review_score", min_n=200)
    assert "not shown" in response(hidden).layout.meta["cxgap"]["alt"]
    assert response(hidden).layout.meta["cxgap"]["finding"] == "What early and late deliveries go with not shown."
    frame, end = city_requests(40)
    none = cx.promise_plan(frame, as_of=end.isoformat(), min_n=100)
    assert "not shown" in promise_plan(none).layout.meta["cxgap"]["alt"]
    assert promise_plan(none).layout.meta["cxgap"]["finding"] == "Which promise can be kept not shown."
    for draw, other in ((response, planned), (promise_plan, answered)):
        with pytest.raises(ArgumentError, match="must be what"):
            draw(other)
    assert np.isfinite(response(answered).layout.height)
