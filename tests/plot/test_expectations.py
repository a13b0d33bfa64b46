"""Pictures of expectations, against the tables they are drawn from: curves, medians, blocks and the unexplained part."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import cxgap as cx
from cxgap.errors import ArgumentError
from cxgap.plot.theme import PAPER
from cxgap.result import Table


def study(people=160, seed=0):
    random = np.random.default_rng(seed)
    segment, plan = np.arange(people) % 2, random.integers(0, 2, people)
    rows = [
        {"respondent_id": who, "touchpoint": name, "item": "1", "segment": "AB"[segment[who]], "plan": ["x", "y"][plan[who]],
         "region": "NS"[who // 2 % 2], "expectation": float(np.clip(random.normal(4.5 + plan[who] + 0.3 * k, 0.8), 1, 7)),
         "perception": float(random.integers(1, 8))}
        for who in range(people)
        for k, name in enumerate(("Shop", "Help", "Claim"))
        if name != "Claim" or who < 4
    ]  # fmt: skip
    order = pd.CategoricalDtype(["Shop", "Help", "Claim"], ordered=True)
    return pd.DataFrame(rows).astype({"touchpoint": order})


SPREAD = cx.expectations(study(), scale=(1, 7), min_n=10)
FACTORS = cx.expectation_factors(study(), controllable="plan", uncontrollable="region", replicates=50)


def named(figure, name):
    return [trace for trace in figure.data if trace.name == name]


def texts(layout):
    return [str(annotation["text"]) for annotation in layout["annotations"]]


def test_each_group_has_a_curve_on_its_row_over_the_whole_scale():
    figure = cx.plot.ridgeline(SPREAD)
    columns = [name for name in SPREAD.frame if name.startswith("expected_at_")]
    for row, touchpoint in enumerate(("Shop", "Help")):
        for segment in "AB":
            (curve,) = named(figure, f"{touchpoint} · {segment}")
            frame = SPREAD.frame
            height = frame[(frame["touchpoint"] == touchpoint) & (frame["segment"] == segment)][columns].to_numpy(float)[0]
            drawn = row - np.array(curve.y)
            assert (curve.x[0], curve.x[-1]) == (1, 7)
            assert drawn / drawn.max() == pytest.approx(height / height.max())
    low, high = figure.layout.xaxis.range
    assert low < 1
    assert high > 7


def test_medians_are_marked_and_written_and_hidden_cells_have_neither():
    figure = cx.plot.ridgeline(SPREAD)
    (dots,) = named(figure, "median")
    known = SPREAD.frame.dropna(subset=["median"])
    assert sorted(dots.x) == pytest.approx(sorted(known["median"]))
    assert len(known) == 4
    assert not [trace for trace in figure.data if str(trace.name).startswith("Claim")]
    for layout in (figure.layout.to_plotly_json(), figure.layout.meta["cxgap"]["narrow"]):
        assert any("not shown: too few" in text for text in texts(layout))
        assert any(f"{known['median'].iloc[0]:.1f}" in text for text in texts(layout))


def test_one_curve_a_row_has_perceptions_as_an_outline_and_two_have_none():
    one = cx.plot.ridgeline(cx.expectations(study(), by="touchpoint", scale=(1, 7), min_n=10))
    assert len([trace for trace in one.data if str(trace.name).endswith(", perceived")]) == 2
    assert "Dotted" in one.layout.meta["cxgap"]["note"]
    two = cx.plot.ridgeline(SPREAD)
    assert not [trace for trace in two.data if str(trace.name).endswith(", perceived")]


def test_the_bar_is_the_whole_and_the_unexplained_part_is_never_left_out():
    figure = cx.plot.factors(FACTORS)
    bars = [trace for trace in figure.data if trace.type == "bar"]
    assert [bar.name for bar in bars] == ["what the company controls", "what it does not control", "unexplained"]
    assert sum(bar.x[0] for bar in bars) == pytest.approx(100)
    rows = FACTORS.frame.set_index("name")
    assert bars[0].x[0] == pytest.approx(100 * rows.loc["controllable", "share"], rel=0.05)
    assert bars[2].marker.pattern.shape
    assert "unexplained" in figure.layout.meta["cxgap"]["alt"]
    assert any("unexplained" in text for text in texts(figure.layout.meta["cxgap"]["narrow"]))


def test_factors_stand_below_their_block_with_intervals_and_null_ones_are_hollow():
    figure = cx.plot.factors(FACTORS)
    (dots,) = named(figure, "share")
    rows = FACTORS.frame.set_index("name").loc[["controllable", "plan", "uncontrollable", "region"]]
    assert list(dots.x) == pytest.approx((100 * rows["share"]).tolist())
    assert [color == PAPER for color in dots.marker.color] == (rows["finding"] == "goes with nothing we can see").tolist()
    assert dots.marker.color[3] == PAPER
    ends = [tuple(trace.x) for trace in named(figure, "interval")]
    assert ends == [pytest.approx((100 * row.conf_low, 100 * row.conf_high)) for row in rows.itertuples()]


def test_what_is_not_there_says_why_and_other_tables_are_refused():
    assert "factor" in cx.plot.factors(cx.expectation_factors(study())).layout.meta["cxgap"]["note"]
    assert "scale" in cx.plot.ridgeline(cx.expectations(study())).layout.meta["cxgap"]["note"]
    assert (
        "why not"
        in cx.plot.ridgeline(Table.not_measured("expectations", "Title", "why not")).layout.meta["cxgap"]["note"].lower()
    )
    for draw in (cx.plot.factors, cx.plot.ridgeline):
        with pytest.raises(ArgumentError, match="must be what"):
            draw(Table(pd.DataFrame(), "nps", "Another"))
    many = pd.concat(
        [study().assign(segment=f"S{k}", respondent_id=lambda rows, k=k: rows["respondent_id"] + 1000 * k) for k in range(11)]
    )
    with pytest.raises(ArgumentError, match="at most 20 rows"):
        cx.plot.ridgeline(cx.expectations(many, scale=(1, 7)))


def test_names_from_data_are_only_text():
    sly = replace(SPREAD, frame=SPREAD.frame.assign(segment="<b>%{x}</b>"))
    drawn = cx.plot.ridgeline(sly)
    assert all("<b>%{" not in text for text in texts(drawn.layout.to_plotly_json()))
    assert all("<b>%{" not in text for trace in named(drawn, "median") for text in trace.hovertext)
