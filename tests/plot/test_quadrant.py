"""An importance-performance map drawn: dots, ellipses and lines where the table has them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import cxgap as cx
from cxgap.errors import ArgumentError
from cxgap.plot.quadrant import ROUND
from cxgap.plot.theme import NEUTRAL, PAPER, VERMILION
from cxgap.result import Table


def rated() -> pd.DataFrame:
    random = np.random.default_rng(4)
    middle = {"bad": (6, 3), "good": (6, 5), "idle": (3, 3), "lush": (3, 5), "unsure": (4.5, 4)}
    parts = [
        pd.DataFrame(
            {
                "respondent_id": np.arange(60),
                "item": name,
                "importance": up + random.normal(0, 0.5, 60),
                "perception": across + random.normal(0, 0.5, 60),
            }
        )
        for name, (up, across) in middle.items()
    ]
    return pd.concat(parts, ignore_index=True)


@pytest.fixture(scope="module")
def table() -> Table:
    return cx.importance_performance(rated(), scale=(0, 10), replicates=199, seed=1)


def test_each_item_has_a_dot_that_is_filled_where_its_quadrant_is_sure(table):
    figure = cx.plot.quadrant(table)
    (dots,) = [trace for trace in figure.data if trace.name == "item"]
    assert list(dots.x) == table.frame["performance"].tolist()
    assert list(dots.y) == table.frame["importance"].tolist()
    where = dict(zip(dots.text, zip(dots.marker.color, dots.marker.line.color, strict=True), strict=True))
    assert where["bad"] == (VERMILION, VERMILION)
    assert where["unsure"] == (PAPER, NEUTRAL)


def test_an_ellipse_spans_its_standard_errors(table):
    """A normal cloud: the outline of 95 % reaches the root of 5.991 standard errors to each side."""
    rings = [trace for trace in cx.plot.quadrant(table).data if trace.name == "where it could be"]
    for ring, row in zip(rings, table.frame.itertuples(), strict=True):
        assert max(ring.x) - min(ring.x) == pytest.approx(2 * ROUND * row.performance_se, rel=1e-6)
        assert max(ring.y) - min(ring.y) == pytest.approx(2 * ROUND * row.importance_se, rel=0.01)
    assert pytest.approx(5.991465, abs=1e-6) == ROUND**2


def test_lines_lie_at_the_means_and_the_dotted_one_where_both_are_equal(table):
    figure = cx.plot.quadrant(table)
    upright, level = figure.layout.shapes
    assert upright.x0 == pytest.approx(table.frame["performance"].mean())
    assert level.y0 == pytest.approx(table.frame["importance"].mean())
    (equal,) = [trace for trace in figure.data if trace.name == "importance equals performance"]
    assert list(equal.y) == pytest.approx(list(equal.x))
    about = figure.layout.meta["cxgap"]
    assert "(by means)" in about["note"]
    assert {"concentrate here", "keep up", "low priority", "possible overkill"} <= {
        note.text for note in figure.layout.annotations
    }


def test_shares_have_an_axis_in_per_cent_and_no_line_of_equality():
    points = rated().assign(importance=lambda frame: np.where(frame["item"] == "bad", 40.0, 15.0))
    figure = cx.plot.quadrant(cx.importance_performance(points, importance_kind="points", replicates=99, seed=1))
    assert figure.layout.yaxis.ticktext[0].endswith(" %")
    assert not [trace for trace in figure.data if trace.name == "importance equals performance"]


def test_long_names_of_many_become_numbers_that_are_told_below():
    many = pd.concat([rated(), rated().assign(item=lambda frame: "a question of many words, " + frame["item"])])
    table = cx.importance_performance(many, replicates=99, seed=1)
    figure = cx.plot.quadrant(table)
    (dots,) = [trace for trace in figure.data if trace.name == "item"]
    assert list(dots.text) == [str(place) for place in range(1, 11)]
    about = figure.layout.meta["cxgap"]
    assert [row[:2] for row in about["table"]["rows"]][:1] == [["1", table.cells[0][0]]]
    assert about["table"]["heads"] == 2
    assert f"Numbers: 1 {table.cells[0][0]}, 2 " in about["note"]


def test_nothing_to_place_says_why():
    lacking = Table.not_measured("importance_performance", "Map", "there are 3")
    assert "not measured" in cx.plot.quadrant(lacking).layout.meta["cxgap"]["finding"]
    with pytest.raises(ArgumentError, match=r"must be what `cx\.importance_performance` returned"):
        cx.plot.quadrant(Table(pd.DataFrame(), "other", ""))
