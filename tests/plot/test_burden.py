"""A burden drawn: three factors, the product and the ranks; every mark stands for a number of the table."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import cxgap as cx
from cxgap.errors import ArgumentError
from cxgap.plot.theme import NEUTRAL, VERMILION
from cxgap.result import Table

ROWS = 14


def survey() -> pd.DataFrame:
    random = np.random.default_rng(3)
    parts = [
        pd.DataFrame(
            {
                "respondent_id": np.arange(80),
                "touchpoint": f"T{place:02d} <b>",
                "expectation": 5.0,
                "perception": 5 - 0.2 * place + random.normal(0, 0.5, 80),
            }
        )
        for place in range(ROWS)
    ]
    return pd.concat(parts, ignore_index=True)


@pytest.fixture(scope="module")
def table() -> Table:
    return cx.burden(survey(), importance="equal", scale=(1, 7), replicates=99, seed=1)


def test_each_factor_has_a_panel_with_the_numbers_of_the_table(table):
    figure = cx.plot.burden(table)
    dots = {trace.name: trace for trace in figure.data if trace.mode == "markers+text"}
    assert list(dots) == ["reach", "importance", "shortfall", "burden_share"]
    assert list(dots["shortfall"].x) == pytest.approx(table.frame["shortfall_points"].head(12).tolist())
    assert list(dots["burden_share"].x) == pytest.approx((100 * table.frame["burden_share"].head(12)).tolist())
    assert [dots[name].xaxis for name in dots] == ["x", "x2", "x3", "x4"]
    colors = [VERMILION if may else NEUTRAL for may in table.frame["may_be_worst"].head(12)]
    assert list(dots["burden_share"].marker.color) == colors
    bars = [trace for trace in figure.data if trace.name == "burden_share interval"]
    assert [list(trace.x) for trace in bars] == [
        pytest.approx([100 * low, 100 * high])
        for low, high in table.frame[["burden_share_low", "burden_share_high"]].head(12).to_numpy()
    ]


def test_what_is_known_exactly_has_no_bar(table):
    assert not [trace for trace in cx.plot.burden(table).data if trace.name == "importance interval"]


def test_ranks_stand_beside_and_names_are_safe(table):
    figure = cx.plot.burden(table, rows=3)
    texts = [note.text for note in figure.layout.annotations]
    row = table.frame.iloc[0]
    assert (f"{row['rank_low']} to {row['rank_high']}" if row["rank_low"] < row["rank_high"] else str(row["rank_low"])) in texts
    assert all("<b>" not in text for text in figure.layout.yaxis.ticktext)
    assert len(figure.layout.yaxis.tickvals) == 3
    about = figure.layout.meta["cxgap"]
    assert about["finding"] == f"{table.title}."
    assert about["table"]["rows"] == [list(cells) for cells in table.cells]
    assert "rank 1" in about["narrow"]["annotations"][4]["text"]


def test_nothing_to_weigh_says_why():
    lacking = Table.not_measured("burden", "What carries the burden", "nobody was asked")
    assert "not measured" in cx.plot.burden(lacking).layout.meta["cxgap"]["finding"]
    with pytest.raises(ArgumentError, match=r"must be what `cx\.burden` returned"):
        cx.plot.burden(Table(pd.DataFrame(), "other", ""))
