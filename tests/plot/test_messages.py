"""The picture of promises against the table that it is drawn from."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import cxgap as cx
from cxgap.errors import ArgumentError
from cxgap.plot import messages


@pytest.fixture(scope="module")
def table() -> cx.Table:
    orders = pd.DataFrame({"delivered": np.repeat(np.arange(1.0, 11), 10), "touchpoint": "Receive", "metric": "delivery time"})
    orders = orders.assign(unit="days", direction="lower", customer_id=[f"C{row}" for row in range(100)], region="N")
    said = pd.DataFrame({"message_id": [f"M{row}" for row in range(14)], "touchpoint": "Receive", "metric": "delivery time"})
    said = said.assign(channel=[f"<b>page {row}" for row in range(14)], level=np.r_[3.0, 10.0, np.full(12, 5.0)], unit="days")
    return cx.message_audit(said.assign(exposed=1.0, region=""), orders, context="region")


def test_marks_are_what_is_said_and_what_is_kept(table):
    figure = messages(table)
    drawn = {trace.name: trace for trace in figure.data}
    told = table.frame[table.frame["attainment"].notna()].head(12)
    assert list(drawn["said"].x) == [95.0] * 12
    assert list(drawn["kept"].x) == pytest.approx(100 * told["attainment"])
    intervals = [tuple(trace.x) for trace in figure.data if trace.name == "interval"]
    assert intervals[0] == pytest.approx((100 * told["attainment_low"].iloc[0], 100 * told["attainment_high"].iloc[0]))
    assert drawn["kept"].marker.color[0] == "#c4501b"


def test_it_says_what_it_shows_and_reads_no_markup(table):
    about = messages(table, rows=2).layout.meta["cxgap"]
    assert about["alt"].startswith("How often 2 promises are kept, of 14. <b>page 0: 3 days: said 95 %, kept 30 % (22 to 40); ")
    assert about["finding"] == f"{table.title}."
    assert len(about["table"]["rows"]) == len(table.frame)
    names = [text for text in messages(table).layout.yaxis.ticktext]
    assert names[0] == "&lt;b&gt;page 0: 3 days"
    assert "10 days would be kept" in " ".join(note["text"] for note in about["narrow"]["annotations"])


def test_nothing_to_draw_says_why_and_another_table_is_misuse(table):
    bare = cx.message_audit(pd.DataFrame({"message_id": ["M1"], "touchpoint": ["Pay"], "channel": ["shop"]}))
    assert "not measured" in messages(bare).layout.meta["cxgap"]["alt"]
    assert "not measured" in messages(cx.message_audit(None)).layout.meta["cxgap"]["alt"]
    with pytest.raises(ArgumentError, match=r"what `cx.message_audit` returned"):
        messages(table.frame)
