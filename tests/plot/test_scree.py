"""Eigenvalues against shuffled answers, drawn as the table has them."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest
from gap_tables import lateness_table

from cxgap.errors import ArgumentError
from cxgap.plot import scree
from cxgap.plot.theme import BLUE
from cxgap.result import Table

EIGENVALUES = [3.1, 1.6, 0.9, 0.7, 0.4, 0.3]
REFERENCE = [1.5, 1.3, 1.1, 0.9, 0.7, 0.5]


def table(retained: int = 2) -> Table:
    frame = pd.DataFrame({"number": range(1, 7), "eigenvalue": EIGENVALUES, "reference": REFERENCE})
    frame["retained"] = np.arange(6) < retained
    columns = {name: (name, str) for name in ("number", "eigenvalue", "reference")}
    return Table.of(
        frame, slug="factors", title="Are there five dimensions? The answers show two.", columns=columns, notes=["A."]
    )


def traces(figure: go.Figure) -> dict[str, go.Scatter]:
    return {trace.name: trace for trace in figure.data}


def texts(layout) -> list[str]:
    return [annotation["text"] for annotation in layout["annotations"]]


def test_the_lines_are_the_table_and_the_blue_dots_lead():
    figure = scree(table())
    drawn = traces(figure)
    assert list(drawn["eigenvalue"].y) == EIGENVALUES
    assert list(drawn["reference"].y) == REFERENCE
    assert drawn["reference"].line.dash == "dash"
    assert list(drawn["retained"].x) == [1, 2]
    assert drawn["retained"].marker.color == BLUE
    assert list(drawn["left out"].x) == [3, 4, 5, 6]
    assert "2 stand out" in texts(figure.layout)


def test_none_and_one_that_stand_out():
    assert "retained" not in traces(scree(table(0)))
    assert not any("stand" in text for text in texts(scree(table(0)).layout))
    assert "1 stands out" in texts(scree(table(1)).layout)
    assert "left out" not in traces(scree(table(6)))


def test_every_mark_is_in_view():
    layout = scree(table()).layout
    low, high = layout.yaxis.range
    assert low < 0
    assert high > max(EIGENVALUES)
    assert layout.xaxis.range[0] < 1
    assert layout.xaxis.range[1] > 6


def test_the_figure_says_what_a_page_must_know():
    layout = scree(table()).layout
    about = layout.meta["cxgap"]
    assert set(about) == {"gap", "by", "alt", "finding", "note", "table", "narrow"}
    assert (about["gap"], about["finding"]) == ("factors", table().title)
    assert about["finding"] in about["alt"]
    assert "3.10 (shuffled 1.50)" in about["alt"]
    assert len(about["table"]["rows"]) == 6
    go.Layout(**about["narrow"])
    assert set(about["narrow"]) >= {key for key in layout.to_plotly_json() if key not in {"template", "meta"}}
    assert about["narrow"]["height"] < layout.height


def test_what_was_not_measured_says_why():
    figure = scree(Table.not_measured("factors", "Dimensions", "80 respondents answered all 22 items, and 110 are needed"))
    assert "110 are needed" in " ".join(texts(figure.layout))


def test_another_table_is_refused():
    with pytest.raises(ArgumentError, match="factors"):
        scree(lateness_table())
    with pytest.raises(ArgumentError, match=r"lacks .*reference"):
        scree(replace(table(), frame=table().frame.drop(columns="reference")))


def test_plotly_reads_nothing_into_a_title():
    page = json.loads(scree(replace(table(), title="<i>Are</i> %{x} $1")).to_json())
    about = page["layout"]["meta"].pop("cxgap")
    drawn = json.dumps([page, about["narrow"]])
    for raw in ("<i>", "%{", "$1", "NaN"):
        assert raw not in drawn
