"""Two cuts through a surface: drawn solid where there are data, dashed beyond, and silent about noise."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from cxgap.errors import ArgumentError
from cxgap.plot import surface
from cxgap.result import Table


def slices(*, shown: bool = True, outcome: str = "satisfaction") -> Table:
    parts = []
    for line, at, first, last in (
        ("perceived equals expected", np.linspace(1, 7, 13), 4, 12),
        ("perceived less expected", np.linspace(-6, 6, 13), 3, 8),
    ):
        level = 3 + 0.4 * (at - at.mean())
        held = (np.arange(13) >= first) & (np.arange(13) <= last)
        parts.append(
            pd.DataFrame(
                {
                    "line": line,
                    "at": at,
                    "estimate": level,
                    "conf_low": level - 0.2,
                    "conf_high": level + 0.2,
                    "inside": held,
                    "visits": np.where(held, 20.0, 0.0),
                }
            )
        )
    frame = pd.concat(parts, ignore_index=True).assign(outcome=outcome, shown=shown)
    frame.loc[5, "visits"] = np.nan
    return Table(frame, "surface-slices", "Two cuts", heads=("line",), cells=tuple((line,) for line in frame["line"]), keys=1)


def traces(figure: go.Figure, name: str) -> list:
    return [trace for trace in figure.data if trace.name == name]


def test_the_line_is_solid_where_there_are_answers_and_dashed_beyond():
    table = slices()
    figure = surface(table)
    for panel, (_, part) in enumerate(table.frame.groupby("line", sort=False)):
        held = part[part["inside"]]
        solid, beyond = traces(figure, "outcome")[panel], traces(figure, "beyond")[panel]
        assert list(solid.x) == held["at"].tolist()
        assert list(solid.y) == pytest.approx(held["estimate"].tolist())
        assert beyond.line.dash == "dash"
        drawn = {x for x, y in zip(beyond.x, beyond.y, strict=True) if y is not None}
        inner = set(held["at"].iloc[1:-1])
        assert drawn
        assert not drawn & inner
        gap = [y for x, y in zip(beyond.x, beyond.y, strict=True) if x in inner]
        assert gap == [None] * len(inner)


def test_the_band_is_the_interval():
    table = slices()
    held = table.frame[table.frame["inside"] & (table.frame["line"] == "perceived less expected")]
    band = traces(surface(table), "band")[1]
    half = len(band.x) // 2
    assert list(band.y[:half]) == pytest.approx(held["conf_low"].tolist())
    assert list(band.y[half:])[::-1] == pytest.approx(held["conf_high"].tolist())


def test_strokes_count_visits_and_keep_few_to_themselves():
    table = slices()
    strokes = traces(surface(table), "visits")[0]
    there = {x for x in strokes.x if x is not None}
    first = table.frame[table.frame["line"] == "perceived equals expected"]
    assert there == set(first.loc[first["visits"] > 0, "at"])
    assert float(table.frame.loc[5, "at"]) not in there


def test_both_panels_have_one_scale_of_the_outcome():
    layout = surface(slices()).layout
    assert layout.yaxis.range == layout.yaxis2.range
    assert layout.xaxis.range != layout.xaxis2.range


def test_the_figure_says_what_a_page_must_know():
    table = slices()
    layout = surface(table).layout
    about = layout.meta["cxgap"]
    assert set(about) == {"gap", "by", "alt", "finding", "note", "table", "narrow"}
    assert about["finding"] in about["alt"]
    assert about["finding"].startswith("Satisfaction runs from 2.6 at 3.0 to 4.2 at 7.0 where perceived equals expected.")
    assert len(about["table"]["rows"]) == len(table.cells)
    go.Layout(**about["narrow"])
    assert set(about["narrow"]) >= {key for key in layout.to_plotly_json() if key not in {"template", "meta"}}


def test_an_outcome_that_goes_with_nothing_is_not_said_to_run():
    finding = surface(slices(shown=False)).layout.meta["cxgap"]["finding"]
    assert finding == "Satisfaction is not shown to go with expectation or perception."


def test_without_answers_on_a_line_that_line_is_only_dashed():
    table = slices()
    figure = surface(replace(table, frame=table.frame.assign(inside=False, visits=0.0)))
    assert all(not trace.x for trace in traces(figure, "outcome"))
    assert "No answers lie" in figure.layout.meta["cxgap"]["finding"]


def test_not_measured_says_why_and_another_table_is_refused():
    figure = surface(Table.not_measured("surface-slices", "Two cuts", "no overall judgement is declared"))
    assert "Not measured" in figure.layout.annotations[0].text
    with pytest.raises(ArgumentError, match="surface-slices"):
        surface(Table.not_measured("setting", "A curve", "why"))


def test_plotly_reads_nothing_into_a_name():
    page = json.loads(surface(slices(outcome="<b>joy</b> %{x} $1")).to_json())
    about = page["layout"]["meta"].pop("cxgap")
    drawn = json.dumps([page, about["narrow"]])
    for raw in ("<b>joy", "%{", "$1"):
        assert raw not in drawn
    assert "NaN" not in drawn
