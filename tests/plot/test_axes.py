from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxgap.plot.axes import round_ticks, scale_ticks, tick_texts


@pytest.mark.parametrize(
    ("scale", "ticks"),
    [
        ((1, 7), [1, 2, 3, 4, 5, 6, 7]),
        ((1, 5), [1, 2, 3, 4, 5]),
        ((0, 10), [0, 2, 4, 6, 8, 10]),
        ((1, 10), [1, 4, 7, 10]),
        ((0, 100), [0, 25, 50, 75, 100]),
        ((-3, 3), [-3, -2, -1, 0, 1, 2, 3]),
        ((0, 1), [0, 0.5, 1]),
    ],
)
def test_a_scale_is_ticked_from_end_to_end(scale, ticks):
    assert scale_ticks(*scale) == ticks


@given(low=st.floats(-1e6, 1e6), span=st.floats(1e-3, 1e6))
def test_round_ticks_lie_on_the_axis_and_rise(low, span):
    ticks = round_ticks(low, low + span)
    assert 1 <= len(ticks) <= 12
    assert ticks == sorted(set(ticks))
    assert all(low - 1e-6 * span <= tick <= low + span * (1 + 1e-6) for tick in ticks)


def test_ticks_have_the_digits_that_they_need_and_zero_is_bare():
    assert tick_texts([-1.0, -0.5, 0.0, 0.5], sign=True) == ["−1.0", "−0.5", "0", "+0.5"]
    assert tick_texts([1.0, 2.0]) == ["1", "2"]
    assert tick_texts([0.25, 0.5]) == ["0.25", "0.50"]
