"""Links and money drawn: every mark is a number of the table, grades stand apart, and what cannot be told is hollow."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from followed import followed_link

import cxgap as cx
from cxgap.errors import ArgumentError
from cxgap.plot.theme import PAPER
from cxgap.result import Table


@pytest.fixture(scope="module")
def link() -> Table:
    return followed_link()


@pytest.fixture(scope="module")
def risk(link) -> Table:
    return cx.value_at_risk(link, replicates=19)


def test_slopes_are_drawn_with_their_intervals_and_what_is_unsure_is_hollow(link):
    figure = cx.plot.outcome(link)
    rows = link.frame[link.frame["term"] == "shortfall"]
    (dots,) = [trace for trace in figure.data if trace.name == "effect"]
    assert sorted(dots.x) == pytest.approx(sorted(100 * rows["effect"]))
    bars = [trace for trace in figure.data if trace.name == "interval"]
    assert list(bars[0].x) == pytest.approx([100 * rows["effect_low"].iloc[0], 100 * rows["effect_high"].iloc[0]])
    about = figure.layout.meta["cxgap"]
    assert about["finding"] == f"{link.title}."
    assert "all together: +4." in about["alt"]
    assert about["table"]["rows"] == [list(cells) for cells in link.cells]
    unsure = Table(link.frame.assign(finding="cannot tell"), link.slug, link.title, link.heads, link.cells, 2, link.notes)
    (hollow,) = [trace for trace in cx.plot.outcome(unsure).data if trace.name == "effect"]
    assert set(hollow.marker.color) == {PAPER}


def test_the_curve_bends_where_customers_get_what_they_expected(link):
    figure = cx.plot.outcome(link, show="curve")
    rows = link.frame[link.frame["term"] == "predicted"]
    (line,) = [trace for trace in figure.data if trace.name == "predicted"]
    assert list(line.x) == rows["gap"].tolist()
    assert list(line.y) == pytest.approx((100 * rows["predicted"]).tolist())
    assert 0.0 in line.x
    assert "as expected" in [note.text for note in figure.layout.annotations]
    assert figure.layout.yaxis.range[0] == 0
    found = figure.layout.meta["cxgap"]["finding"]  # not that of the slopes, which stand above it on one page
    assert found != f"{link.title}."
    assert found.startswith("Predicted customers leaving")
    assert " where they get what they expected, " in found
    with pytest.raises(ArgumentError, match="show"):
        cx.plot.outcome(link, show="lines")


def test_money_stands_in_a_block_of_its_grade_and_is_not_added(link, risk):
    trial = Table(
        pd.DataFrame([{"method": "chance decided", "estimate": -0.1, "conf_low": -0.2, "conf_high": -0.01}]),
        "outreach_effect",
        "",
    )
    closing = cx.closing_value(link, evidence=trial, cost=50, draws=50)
    figure = cx.plot.money(risk, closing)
    heads = [note.text for note in figure.layout.annotations if "Grade" in note.text]
    assert heads == ["<b>Grade A: randomised</b>", "<b>Grade C: adjusted association</b>"]
    (dots,) = [trace for trace in figure.data if trace.name == "sum"]
    both = [
        *closing.frame["q50"][closing.frame["unit"] == "currency"],
        *risk.frame["estimate"][risk.frame["kind"] == "at risk"],
    ]
    assert list(dots.x) == pytest.approx(both)
    assert "are never added" in figure.layout.meta["cxgap"]["note"]
    assert "ASSUMPTION" in figure.layout.meta["cxgap"]["note"]
    assert np.isfinite(figure.layout.height)


def test_what_nobody_asked_is_written_and_not_drawn(risk):
    frame = pd.concat(
        [risk.frame, pd.DataFrame([{"what": "did not answer, with an order", "kind": "not heard from", "n": 9.0,
                                    "estimate": 1e7, "grade": ""}])],
        ignore_index=True,
    )  # fmt: skip
    table = Table(frame, risk.slug, risk.title, risk.heads, risk.cells, 2, risk.notes)
    figure = cx.plot.money(table)
    assert figure.layout.xaxis.range[1] < 1e6
    assert "10.00 M, 9 customers" in [note.text for note in figure.layout.annotations]


def test_nothing_to_draw_says_why():
    lacking = Table.not_measured("outcome_link", "What customers did", "nobody left")
    assert "not measured" in cx.plot.outcome(lacking).layout.meta["cxgap"]["finding"]
    frame = pd.DataFrame({"gap": np.linspace(-5, 5, 12), "left": [1, *[0] * 11]})
    few = cx.outcome_link(frame, gap="gap", outcome="left")
    assert "1 person had the rarer outcome" in str(cx.plot.outcome(few).layout.meta["cxgap"])
    absent = Table.not_measured("value_at_risk", "What is at stake", "nobody left")
    assert "not measured" in cx.plot.money(absent).layout.meta["cxgap"]["finding"]
    for draw in (cx.plot.outcome, cx.plot.money):
        with pytest.raises(ArgumentError, match=r"must be what `cx\."):
            draw(Table(pd.DataFrame(), "other", ""))
