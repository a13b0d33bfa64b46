from __future__ import annotations

import pytest

from cxgap.plot import forest
from cxgap.plot.forest import middle_half
from cxgap.plot.rows import Rows


def test_the_thick_line_is_the_middle_half_of_students_t(table):
    """The quartile of t with 9 degrees of freedom is 0.7027 (R: qt(0.75, 9))."""
    gaps = table(
        [("A", 6.0, 5.0, -1.98, -0.02, 10, "short", ""), ("B", 6.0, 5.0, float("nan"), float("nan"), 1, "cannot tell", "N1")]
    )
    low, high = middle_half(Rows.of(gaps, None))
    assert (low[0], high[0]) == pytest.approx((-1 - 0.7027 * 0.5, -1 + 0.7027 * 0.5), abs=1e-4)
    assert low[1] is high[1] is None


def test_thick_lies_within_thin(journey):
    figure = forest(journey)
    ends = {name: {} for name in ("middle half", "interval")}
    for trace in figure.data:
        if trace.name in ends:
            ends[trace.name] |= {trace.y[k]: (trace.x[k], trace.x[k + 1]) for k in range(0, len(trace.x), 3)}
    assert sorted(ends["middle half"]) == sorted(ends["interval"]) == [0, 1, 2, 3, 4, 5]
    for row, (low, high) in ends["interval"].items():
        assert low < ends["middle half"][row][0] < ends["middle half"][row][1] < high


def test_where_each_gap_starts_and_ends_stands_beside_it(journey):
    figure = forest(journey)
    shown = [annotation.text for annotation in figure.layout.annotations]
    assert "6.5 → 5.7" in shown
    assert "expected →<br>perceived" in shown
    narrow = figure.layout.meta["cxgap"]["narrow"]["annotations"]
    assert any("expected 6.5, perceived 5.7" in annotation["text"] for annotation in narrow)


def test_the_band_is_the_margin(journey):
    (band,) = forest(journey).layout.shapes
    assert (band.x0, band.x1, band.xref) == (-0.3, 0.3, "x")


def test_the_note_explains_the_thick_part(journey):
    assert "50 % interval" in forest(journey).layout.meta["cxgap"]["note"]
