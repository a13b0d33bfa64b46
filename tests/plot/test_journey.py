"""The journey map: what stands in which lane, what says that it is not known, who hands over, and the rows of a phone."""

from __future__ import annotations

import re
from math import nan

import numpy as np
import pandas as pd
import pytest

from cxgap.errors import ArgumentError
from cxgap.plot import journey
from cxgap.result import Table

NAMES = ["Choose", "Pay", "Receive", "Claim"]


def table(**changes: object) -> Table:
    """Make what `journey` returns: four touchpoints, the last hidden, effort asked and emotion not."""
    columns: dict[str, object] = {
        "touchpoint": NAMES,
        "stage": ["before", "before", "during", "after"],
        "department": ["Sales", "Sales", "Delivery", "Service"],
        "estimate": [-0.1, 0.5, -0.8, nan],
        "conf_low": [-0.2, 0.3, -1.0, nan],
        "conf_high": [0.0, 0.7, -0.6, nan],
        "verdict": ["met", "exceeded", "short", "not shown"],
        "share": [0.3, 0.4, 0.2, nan],
        "ease": [5.0, 4.0, 3.0, nan],
        "ease_low": [4.8, 3.8, 2.8, nan],
        "ease_high": [5.2, 4.2, 3.2, nan],
        "ease_least": 1.0,
        "ease_most": 7.0,
        "emotion": nan,
        "emotion_low": nan,
        "emotion_high": nan,
        "emotion_least": nan,
        "emotion_most": nan,
        "contacts": [0.0, 20.0, 60.0, nan],
        "contacts_hidden": [False, False, False, True],
        "contact_rate": [nan, 2.0, 6.0, nan],
        "contact_base": "customers",
        "margin": 0.3,
        "next": ["Pay", "Receive", "Claim", ""],
        "handover": [False, True, True, False],
        "change": [0.6, -1.3, nan, nan],
        "change_finding": ["gets better", "gets worse", "not shown", ""],
    }
    frame = pd.DataFrame({**columns, **changes})
    return Table(frame, "journey", "The gap falls at one hand-over", ("touchpoint",), tuple((name,) for name in NAMES))


def drawn(figure, name: str):
    (trace,) = [trace for trace in figure.data if trace.name == name]
    return trace


def texts(layout) -> list[str]:
    return [each["text"].replace("<br>", " ") for each in layout["annotations"]]


def test_every_lane_stands_on_the_same_touchpoints():
    figure = journey(table())
    gap, used, ease, contacts = (drawn(figure, name) for name in ("gap", "used by", "ease", "contacts"))
    assert {trace.xaxis for trace in (gap, used, ease, contacts)} == {"x"}
    assert len({trace.yaxis for trace in (gap, used, ease, contacts)}) == 4
    assert list(gap.y) == [-0.1, 0.5, -0.8, None]
    assert list(used.y) == [0.3, 0.4, 0.2, None]
    assert list(ease.y) == [5.0, 4.0, 3.0, None]
    assert list(contacts.y) == [None, 2.0, 6.0, None]
    ends = [trace for trace in figure.data if trace.name == "interval"]
    assert sorted(value for trace in ends for value in trace.y if value is not None) == [-1.0, -0.6, -0.2, 0.0, 0.3, 0.7]


def test_the_shape_is_the_verdict():
    assert list(drawn(journey(table()), "gap").marker.symbol)[:3] == ["circle", "triangle-up", "triangle-down"]


def test_a_scale_is_never_cut_and_zero_and_the_margin_are_in_view():
    layout = journey(table()).layout
    low, high = layout.yaxis4.range
    assert low <= 1
    assert high >= 7
    low, high = layout.yaxis2.range
    assert low < -1.0
    assert high > 0.7
    (band,) = [shape for shape in layout.shapes if shape.type == "rect" and shape.yref == "y2"]
    assert (band.y0, band.y1) == (-0.3, 0.3)


def test_what_was_not_asked_or_may_not_be_shown_says_so():
    layout = journey(table()).layout
    said = [each.text for each in layout.annotations if each.yref == "y5"]
    assert said == ["not asked"]
    assert [shape.yref for shape in layout.shapes if shape.name == "not known"] == ["y5"]
    assert [each.text for each in layout.annotations if each.yref == "y2"] == ["not shown"]
    assert {each.text.replace("<br>", " ") for each in layout.annotations if each.yref == "y6"} == {
        "none recorded",
        "not shown",
    }


def test_stages_stand_above_departments_below_and_hand_overs_between():
    layout = journey(table()).layout
    assert [shape.x0 for shape in layout.shapes if shape.name == "hand-over"] == [1.5, 2.5]
    heads = [each for each in layout.annotations if each.yref == "y"]
    assert {"before", "during", "after"} <= {each.text for each in heads}
    assert next(each.x for each in heads if each.text == "before") == 0.5
    feet = {each.text.replace("<br>", " "): each.x for each in layout.annotations if each.yref == "y7"}
    assert feet["Sales"] == 0.5
    assert feet["gets worse \N{MINUS SIGN}1.30"] == 1.5
    assert "rises +0.60" not in feet  # within one department


def test_long_departments_stand_clear_of_what_is_said_of_hand_overs():
    """Each of twelve has some 60 pixels: a name of several lines makes the foot deeper, and words go below each other."""
    many = pd.DataFrame({name: [f"{name} {number}" for number in range(12)] for name in ("touchpoint", "next")})
    given = table().frame.iloc[[1] * 12].reset_index(drop=True).assign(**many, handover=True, change_finding="cannot tell")
    long = given.assign(department=["Customer experience and data", "Sales"] * 6)
    short, deep = (journey(Table(frame, "journey", "", ("touchpoint",), (), 1)) for frame in (
        given.assign(department=["Data", "Sales"] * 6), long,
    ))  # fmt: skip
    lines = max(each.text.count("<br>") for each in deep.layout.annotations if each.yref == "y7" and "Custo" in each.text)
    assert lines > 2
    assert deep.layout.height - short.layout.height == 16 * lines
    assert "cannot<br>tell" in {each.text for each in deep.layout.annotations if each.yref == "y7"}


def test_without_departments_stages_and_contacts_only_what_is_known_is_drawn():
    bare = journey(table(stage="", department="", handover=False, contacts=nan, contact_rate=nan, contact_base=""))
    assert not [shape for shape in bare.layout.shapes if shape.name == "hand-over"]
    assert not [each for each in bare.layout.annotations if each.yref == "y7"]
    assert [each.text for each in bare.layout.annotations if each.yref == "y6"] == ["not measured"]


def test_on_a_phone_touchpoints_are_rows_and_no_mark_of_the_lanes_is_in_view():
    figure = journey(table())
    narrow = figure.layout.meta["cxgap"]["narrow"]
    rows = drawn(figure, "gap, row")
    assert (list(rows.x), list(rows.y)) == ([-0.1, 0.5, -0.8, None], [0, 1, 2, 3])
    wide, phone = figure.layout, {**figure.layout.to_plotly_json(), **narrow}
    for trace in figure.data:
        along, up = f"xaxis{trace.xaxis[1:]}", f"yaxis{trace.yaxis[1:]}"
        shown = [wide if "row" not in trace.name else phone, phone if "row" not in trace.name else wide]
        inside = []
        for layout in shown:
            (left, right), (low, high) = sorted(layout[along]["range"]), sorted(layout[up]["range"])
            points = [(x, y) for x, y in zip(trace.x, trace.y, strict=True) if x is not None and y is not None]
            inside.append([left <= x <= right and low <= y <= high for x, y in points])
        assert all(inside[0]), trace.name
        assert not any(inside[1]), trace.name
        assert trace.cliponaxis is not False
    said = " ".join(texts(narrow))
    assert "hand-over to Delivery: gap gets worse \N{MINUS SIGN}1.30" in said
    assert "used by 40 % · ease 4.0 · contacts 2.0" in said


def test_the_picture_is_told_in_words():
    about = journey(table()).layout.meta["cxgap"]
    assert "Receive: gap \N{MINUS SIGN}0.80 (\N{MINUS SIGN}1.00 to \N{MINUS SIGN}0.60), short, used by 20 %" in about["alt"]
    assert "Claim: not shown" in about["alt"]
    assert about["finding"] == "The gap falls at one hand-over."
    assert "Dotted: one department hands over" in about["note"]


def test_of_many_touchpoints_the_first_twelve_are_drawn_and_it_says_so():
    frame = pd.concat([table().frame] * 4, ignore_index=True)
    many = Table(frame, "journey", "Long", ("touchpoint",), tuple((name,) for name in frame["touchpoint"]))
    figure = journey(many)
    assert len(drawn(figure, "gap").x) == 12
    assert [text.strip() for text in drawn(figure, "gap in figures").text][:2] == ["\N{MINUS SIGN}0.10", "+0.50"]
    assert not any(text.strip() for text in drawn(figure, "gap").text)
    assert "Drawn are 12 of 16 touchpoints" in figure.layout.meta["cxgap"]["note"]
    assert len(drawn(journey(many, touchpoints=slice(12, 16)), "gap").x) == 4
    with pytest.raises(ArgumentError, match="`touchpoints` must choose 1 to 12"):
        journey(many, touchpoints=slice(0, 13))
    with pytest.raises(ArgumentError, match=r"must be what `cx\.journey` returned"):
        journey(Table(frame, "other", "Other"))


def test_names_from_files_cannot_become_marks_of_the_page():
    figure = journey(table(touchpoint=["<b>x</b>", "$1", "{a}", "Claim"]))
    said = " ".join([*texts(figure.layout), *texts(figure.layout.meta["cxgap"]["narrow"]), *drawn(figure, "gap").hovertext])
    assert "<b>x</b>" not in said.replace("<b>&lt;b&gt;x&lt;/b&gt;</b>", "")
    assert "$1" not in said
    assert np.isfinite(figure.layout.height)


def test_on_a_phone_no_line_is_longer_than_the_screen():
    """Use, ease, emotion and contacts of one touchpoint in one line were cut off at 390 pixels."""
    full = table(share=0.34, ease=5.1, emotion=4.4, contacts=460.0, contact_rate=1234.5, contact_base="customers")
    narrow = journey(full).layout.meta["cxgap"]["narrow"]
    told = [each["text"] for each in narrow["annotations"] if each.get("yref") == "y8"]
    lines = [re.sub("<[^>]*>", "", line) for text in told for line in text.split("<br>")]
    assert any("contacts 1,234.5" in line for line in lines)
    assert max(map(len, lines)) <= 48
