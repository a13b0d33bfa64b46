"""Bars of who was hit against the table that they are drawn from."""

from __future__ import annotations

import pytest
from hits import END, contacts, customers, events, incidents

import cxgap as cx
from cxgap.errors import ArgumentError
from cxgap.plot import incidents as draw


@pytest.fixture(scope="module")
def hit() -> cx.Table:
    return cx.incidents(events(), contacts(), customers(), incidents(), as_of=END)


def test_bars_and_dots_are_the_numbers_of_the_table(hit):
    figure = draw(hit)
    rows = hit.frame[hit.frame["event_type"] != "any of these"]
    bars = {trace.name: list(trace.x) for trace in figure.data if trace.type == "bar"}
    assert bars == {
        "complained": rows["vocal"].tolist(), "helped": rows["recovery"].tolist(), "silent": rows["silent"].tolist(),
        "too early to say": rows["recent"].tolist(),
    }  # fmt: skip
    assert figure.layout.barmode == "stack"
    (dots,) = [trace for trace in figure.data if trace.name == "share who complain"]
    assert list(dots.x) == pytest.approx((100 * rows["complaint_rate"]).tolist())
    lines = [trace.x for trace in figure.data if trace.name == "interval"]
    assert [list(line) for line in lines] == [
        pytest.approx([100 * low, 100 * high]) for low, high in zip(rows["conf_low"], rows["conf_high"], strict=True)
    ]


def test_the_picture_can_be_read_without_colour_and_without_eyes(hit):
    about = draw(hit).layout.meta["cxgap"]
    assert "came late: of 5, 2 complained, 1 helped, 1 silent, 1 too early to say; complain 50 % (12 to 88)" in about["alt"]
    assert about["finding"] == "5 customers of 9 who were hit kept silent and were not helped."
    assert "1 silent of 5" in draw(hit).layout.yaxis.ticktext[0]
    assert len(about["table"]["rows"]) == len(hit.frame)
    heads = [note["text"] for note in about["narrow"]["annotations"]]
    assert all(any(name in head for head in heads) for name in ("complained", "silent", "came late", "outage"))
    assert next(trace for trace in draw(hit).data if trace.name == "too early to say").marker.pattern.shape == "/"


def test_hidden_rows_are_named_and_not_drawn():
    table = cx.incidents(events(), contacts(), customers(), incidents(), min_n=5, as_of=END)
    figure = draw(table)
    assert len(figure.data[0].y) == 1
    assert "Not shown, too few:" in figure.layout.meta["cxgap"]["note"]
    none = cx.incidents(events(), contacts(), customers(), incidents(), min_n=50, as_of=END)
    assert "not shown" in str(draw(none).layout.meta["cxgap"]).lower()


def test_nothing_measured_says_why_and_another_table_is_refused(hit):
    empty = cx.incidents(events().iloc[:0], contacts())
    assert "no events here" in str(draw(empty).layout.meta["cxgap"])
    with pytest.raises(ArgumentError, match="`table` must be what"):
        draw(hit.frame)
    assert len(draw(hit, rows=2).data[0].y) == 2
