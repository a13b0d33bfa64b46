"""The picture of reliabilities: what is drawn where, what is hidden, and what it says."""

from __future__ import annotations

from math import nan

import pandas as pd
import pytest

from cxgap.errors import ArgumentError
from cxgap.plot import quality
from cxgap.result import Table

NAMES = ("access", "billing", "all items")
SIDES = ("expectation", "perception", "gap")


def table(values: dict[str, tuple[float, float, float]], *, hidden: tuple[str, ...] = ()) -> Table:
    """Make what `reliability` returns from the reliability of expectation, perception and gap of each dimension."""
    rows = []
    for name, three in values.items():
        for side, value in zip(SIDES, three, strict=True):
            gap = side == "gap"
            rows.append(
                {
                    "dimension": name,
                    "battery": side,
                    "alpha": value,
                    "alpha_low": value - 0.05,
                    "alpha_high": value + 0.02,
                    "omega": nan if name == "billing" else value,
                    "omega_low": value - 0.04,
                    "omega_high": value + 0.03,
                    "r_dd": value if gap else nan,
                    "flags": "SUPPRESSED_PRIVACY" if name in hidden else "",
                }
            )
    frame = pd.DataFrame(rows)
    cells = tuple((row["dimension"], row["battery"]) for row in rows)
    return Table(frame, slug="reliability", title="Reliability", heads=("dimension", "battery"), cells=cells, keys=2)


@pytest.fixture
def three() -> Table:
    return table({"access": (0.84, 0.91, 0.62), "billing": (0.77, 0.88, 0.75), "all items": (0.9, 0.95, 0.8)})


def drawn(figure, name: str) -> list:
    (trace,) = [trace for trace in figure.data if trace.name == name]
    return list(trace.x)


def test_each_mark_stands_at_its_reliability_and_gaps_below_the_line_have_their_own_colour(three):
    figure = quality(three)
    assert drawn(figure, "expectation") == [0.84, 0.77, 0.9]
    assert drawn(figure, "gap") == [0.62, 0.75, 0.8]
    (gap,) = [trace for trace in figure.data if trace.name == "gap"]
    assert gap.marker.color[0] != gap.marker.color[1] == gap.marker.color[2]
    ends = drawn(figure, "interval of expectation")
    assert ends[:2] == pytest.approx([0.80, 0.87])  # omega
    assert ends[3:5] == pytest.approx([0.72, 0.79])  # two items: alpha


def test_the_line_is_at_070_and_the_axis_begins_at_a_half_or_at_nothing(three):
    figure = quality(three)
    assert {(shape.x0, shape.x1) for shape in figure.layout.shapes if shape.xref == "x"} == {(0.7, 0.7)}
    assert figure.layout.xaxis.range[0] > 0.4
    low = quality(table({"access": (0.84, 0.91, -0.3)}))
    assert low.layout.xaxis.range[0] < 0
    assert drawn(low, "gap") == [0]  # at the edge; the text beside it is exact
    assert "−0.30" in [annotation.text for annotation in low.layout.annotations]


def test_words_say_which_gap_falls_short(three):
    about = quality(three).layout.meta["cxgap"]
    assert about["finding"] == "1 of 3 gaps falls short of a reliability of 0.70; the least reliable is that of access, 0.62."
    assert about["finding"] in about["alt"]
    assert about["by"] == ["dimension"]
    assert "cells are drawn" not in about["note"]
    assert len(about["table"]["rows"]) == 9
    good = quality(table({"access": (0.84, 0.91, 0.7)})).layout.meta["cxgap"]["finding"]
    assert good == "Every gap reaches a reliability of 0.70; the least reliable is that of access, 0.70."


def test_a_hidden_row_gives_nothing_away():
    shown, other = (
        quality(table({"access": (0.8, 0.9, 0.7), "billing": values}, hidden=("billing",)))
        for values in ((0.11, 0.22, 0.33), (0.44, 0.55, 0.66))
    )
    assert shown.to_json() == other.to_json()
    assert drawn(shown, "gap") == [0.7, None]
    assert "not shown" in [annotation.text for annotation in shown.layout.annotations]


def test_a_phone_has_the_numbers_above_the_marks(three):
    narrow = quality(three).layout.meta["cxgap"]["narrow"]
    assert any("expected 0.84, perceived 0.91, gap 0.62" in annotation["text"] for annotation in narrow["annotations"])
    assert narrow["height"] > quality(three).layout.height


def test_names_are_shown_and_not_read():
    figure = quality(table({"<b>$x$": (0.8, 0.9, 0.7)}))
    assert figure.layout.yaxis.ticktext == ("&lt;b&gt;&#36;x&#36;",)


def test_where_nothing_was_measured_the_box_says_why_and_another_table_is_refused(three):
    box = quality(Table.not_measured("reliability", "Reliability", "no survey"))
    assert "No survey." in box.layout.meta["cxgap"]["note"]
    with pytest.raises(ArgumentError, match="reliability"):
        quality(Table.not_measured("factors", "Factors", "no survey"))
