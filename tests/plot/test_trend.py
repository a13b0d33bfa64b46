"""Trends and control charts against the tables that they are drawn from."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import cxgap as cx
from cxgap.errors import ArgumentError
from cxgap.plot import control, trend
from cxgap.tables.absent import Absent


def survey() -> pd.DataFrame:
    random, parts = np.random.default_rng(2), []
    for wave in range(5):
        parts.append(
            pd.DataFrame(
                {"respondent_id": np.arange(60) + 1000 * wave, "wave": f"2025-{wave + 1:02d}", "item": "a",
                 "touchpoint": np.where(np.arange(60) % 2, "Pay", "Claim"),
                 "expectation": 6 + random.normal(0, 0.4, 60), "perception": 5 + random.normal(0, 0.8, 60)}
            )
        )  # fmt: skip
    return pd.concat(parts, ignore_index=True)


ACTIONS = pd.DataFrame(
    {
        "action": ["Hired <b>more</b> people", "Rewrote the page"],
        "done_at": pd.to_datetime(["2025-04-02", "2025-02-02"], utc=True),
    }
)


@pytest.fixture(scope="module")
def table() -> cx.Table:
    return cx.gap_trend(survey(), breaks="2025-03", actions=ACTIONS)


def about(figure: object) -> dict:
    return figure.layout.meta["cxgap"]


def test_the_lines_are_broken_where_the_series_is(table):
    figure = trend(table, target=-0.5)
    lines = [trace for trace in figure.data if trace.name == "gap"]
    assert [list(trace.x) for trace in lines] == [[0, 1], [2, 3, 4]]
    assert [value for trace in lines for value in trace.y] == pytest.approx(table.frame["gap"].tolist())
    bands = [trace for trace in figure.data if trace.name == "band"]
    assert list(bands[0].y) == pytest.approx([*table.frame["conf_low"][:2], *table.frame["conf_high"][[1, 0]]])
    assert {trace.name for trace in figure.data} == {"expectation", "perception", "gap", "band"}
    texts = [note.text for note in figure.layout.annotations]
    assert texts.count("<b>//</b>") == 2
    assert "// 2025-03: declared" in texts
    assert {"<b>expected</b>", "<b>perceived</b>", "<b>gap</b>", "<b>target</b>"} <= set(texts)
    marks = [shape for shape in figure.layout.shapes if shape.line.dash == "dash"]
    assert [mark.y0 for mark in marks] == [-0.5]


def test_what_was_done_is_numbered_in_its_order_and_named_below(table):
    figure = trend(table)
    texts = [note.text for note in figure.layout.annotations]
    assert "1 Rewrote the page" in texts
    assert "2 Hired &lt;b&gt;more&lt;/b&gt; people" in texts
    at = {note.text: note.x for note in figure.layout.annotations if note.text in ("<b>1</b>", "<b>2</b>")}
    assert at == {"<b>1</b>": pytest.approx(0.8), "<b>2</b>": pytest.approx(2.8)}
    assert about(figure)["alt"].startswith("Gap over 5 periods: 2025-05 −")
    assert about(figure)["narrow"]["height"] >= figure.layout.height


def test_several_series_have_a_panel_each_on_one_axis():
    cut = cx.gap_trend(survey(), by="touchpoint")
    figure = trend(cut)
    assert {trace.yaxis for trace in figure.data} == {"y", "y2"}
    assert figure.layout.yaxis.range == figure.layout.yaxis2.range
    one = trend(cut, cells=slice(0, 1))
    assert "1 of 2 cells are drawn" in about(one)["note"]


def chart(**options: object) -> cx.Table:
    week = pd.Timestamp("2025-01-06") + pd.to_timedelta(7 * np.arange(24), unit="D")
    late = np.where(np.arange(24) == 22, 160, np.where(np.arange(24) == 23, 10, 80 + 6 * (-1) ** np.arange(24)))
    frame = pd.DataFrame({"week": week, "late": late, "n": 400, "region": "North"})
    return cx.control_chart(frame, time="week", n="n", baseline_until="2025-05-25", **options)


def test_signals_have_a_shape_a_colour_and_a_word():
    table = chart()
    figure = control(table)
    marks = {trace.name: trace for trace in figure.data if str(trace.name).startswith("signal")}
    assert {name: (mark.marker.symbol, list(mark.x), list(mark.y)) for name, mark in marks.items()} == {
        "signal: worse": ("triangle-up", [22], [40.0]),
        "signal: better": ("triangle-down", [23], [2.5]),
    }
    (band,) = [trace for trace in figure.data if trace.name == "band"]
    assert list(band.y)[:24] == pytest.approx((100 * table.frame["limit_low"]).tolist())
    texts = [note.text for note in figure.layout.annotations]
    assert "<b>9 June 2025 worse</b>" in texts
    assert "baseline" in texts
    assert about(figure)["alt"].endswith(
        "2 signals: 9 June 2025 worse, 16 June 2025 better. The late share: 2 signals in 4 weeks; the first at 2025-06-09, for "
        "the worse."
    )


def test_sums_are_drawn_below_the_values_with_their_limits():
    table = chart(method="cusum")
    figure = control(table)
    limits = [trace for trace in figure.data if trace.name == "limit"]
    assert [trace.yaxis for trace in limits] == ["y2", "y2"]
    assert limits[0].y[0] == -limits[1].y[0] == table.frame["limit"].iloc[0]
    assert {trace.yaxis for trace in figure.data if trace.name == "value"} == {"y"}
    cut = control(chart(by="region"))
    assert "North" in [note.text for note in cut.layout.annotations]


def test_nothing_to_draw_says_why_and_other_tables_are_misuse(table):
    assert "no table 'events'" in about(control(cx.control_chart(Absent("events"))))["alt"]
    assert "no survey" in about(trend(cx.gap_trend(Absent("responses"))))["alt"]
    with pytest.raises(ArgumentError, match=r"what `cx.control_chart` returned"):
        control(table)
    with pytest.raises(ArgumentError, match=r"what `cx.gap_trend` returned"):
        trend(chart())
    with pytest.raises(ArgumentError, match="`target`"):
        trend(table, target=np.nan)
