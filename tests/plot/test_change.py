"""A change and its two parts, drawn against the table."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest

from cxgap.errors import ArgumentError
from cxgap.gaps.composition import change_decomposition
from cxgap.plot import change
from cxgap.plot.theme import PAPER
from cxgap.result import Table
from cxgap.tables.absent import Absent


@cache
def table(people: int = 1500, waves: int = 3, **options: object) -> Table:
    random, parts = np.random.default_rng(1), []
    for wave in range(waves):
        home = random.random(people) < 0.7 - 0.15 * wave
        gap = np.where(home, -0.2, -1.0) + 0.1 * wave + random.normal(0, 0.3, people)
        ids = [f"{wave}-{number}" for number in range(people)]
        parts.append(
            pd.DataFrame(
                {"respondent_id": ids, "wave": str(wave), "segment": np.where(home, "Home", "Firm"), "perception": 5 + gap}
            )
        )
    return change_decomposition(pd.concat(parts).assign(expectation=5.0), **options)


def points(figure: object) -> dict[str, object]:
    return {trace.name: trace for trace in figure.data if trace.mode == "markers"}


def test_each_step_has_its_change_and_both_parts_with_intervals():
    made = table()
    figure = change(made)
    rows = made.frame[(made.frame["group"] == "") & (made.frame["side"] == "gap")]
    drawn = points(figure)
    for name, part in (("change in all", "total"), ("within groups", "within"), ("who answered", "mix")):
        assert list(drawn[name].x) == pytest.approx(rows[part].tolist())
    spans = [tuple(trace.x) for trace in figure.data if trace.name == "interval"]
    assert spans[1] == pytest.approx(tuple(rows.iloc[0][["within_low", "within_high"]]))
    assert list(figure.layout.yaxis.ticktext)[:4] == ["<b>0 to 1</b>", "change in all", "within groups", "who answered"]
    assert {drawn[name].marker.symbol for name in drawn} == {"diamond", "circle", "square"}


def test_a_mark_is_filled_only_where_the_interval_leaves_out_zero():
    clear, unclear = points(change(table())), points(change(table(people=30)))
    assert PAPER not in clear["within groups"].marker.color
    assert set(unclear["change in all"].marker.color) == {PAPER}


def test_one_side_is_drawn_and_another_can_be_asked_for():
    made = table()
    assert list(points(change(made, side="expectation"))["within groups"].x) == pytest.approx([0, 0])
    with pytest.raises(ArgumentError, match=r"`side` must be one of \['gap', 'perception', 'expectation'\]"):
        change(made, side="joy")
    assert "0 to 1" not in change(made, steps=slice(1, 2)).layout.meta["cxgap"]["alt"]


def test_hidden_steps_show_no_number_and_what_is_not_measured_says_why():
    figure = change(table(people=8, min_n=10))
    assert all("too few answered" in annotation.text for annotation in figure.layout.annotations if "few" in annotation.text)
    assert not [trace for trace in figure.data if trace.name == "interval"]
    assert "no survey" in change(change_decomposition(Absent("responses"))).layout.meta["cxgap"]["alt"]
    with pytest.raises(ArgumentError, match="change_decomposition"):
        change(Table.not_measured("lateness", "x", "y"))
    with pytest.raises(ArgumentError, match="1 to 12 changes, not 0"):
        change(table(), steps=slice(5, 9))
