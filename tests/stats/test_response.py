"""Terms, classes and ratios of delays against arithmetic."""

from __future__ import annotations

import numpy as np
import pytest

from cxgap.stats.response import caps, classes, fieller, terms


def test_delays_are_a_step_and_a_slope_on_either_side():
    made = terms(np.array([-3.0, 0.0, 1.0, 40.0]), shape="days", cap=(10.0, 2.0))
    assert made.late.tolist() == [0, 0, 1, 1]
    assert made.late_units.tolist() == [0, 0, 1, 10]
    assert made.early_units.tolist() == [2, 0, 0, 0]
    logs = terms(np.array([-1.0, 3.0]), shape="log", cap=(np.inf, np.inf))
    assert logs.late_units == pytest.approx([0, np.log(4)])
    assert logs.early_units == pytest.approx([np.log(2), 0])


def test_a_cap_is_a_quantile_of_its_own_side():
    delay = np.concatenate([np.arange(1.0, 101), [-5.0, -7.0], np.zeros(500)])
    assert caps(delay, np.ones(len(delay)), 0.5) == (50.5, 6.0)
    assert caps(delay, np.ones(len(delay)), 1.0) == (np.inf, np.inf)
    assert caps(np.zeros(3), np.ones(3), 0.9) == (np.inf, np.inf)


def test_classes_are_whole_units_near_the_promise_and_join_from_the_outside_in():
    delay = np.array([-9.0, -1, -1, 0, 0, 1, 1, 2, 2, 9, 25])
    code, low, high = classes(delay, np.arange(11), step=1, least=1)
    assert list(zip(low, high, strict=True)) == [(-10, -7), (-1, 0), (0, 0), (0, 1), (1, 2), (7, 10), (21, 30)]
    assert code.tolist() == [0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 6]
    code, low, high = classes(delay, np.arange(11), step=1, least=2)
    assert list(zip(low, high, strict=True)) == [(-10, 0), (0, 0), (0, 1), (1, 2), (7, 30)]
    _, low, high = classes(delay, np.zeros(11, int), step=1, least=2)  # one customer: everything of a side is one class
    assert list(zip(low, high, strict=True)) == [(-10, 0), (0, 0), (0, 30)]
    _, low, high = classes(np.array([100.0, 0.5]), np.arange(2), step=0.5, least=1)
    assert list(zip(low, high, strict=True)) == [(0, 0.5), (30, 100)]


@pytest.mark.parametrize(("bottom", "kind"), [(2.0, "bounded"), (0.5, "outside"), (0.05, "all")])
def test_fiellers_set_holds_the_ratios_that_a_t_test_does_not_reject(bottom, kind):
    """Fieller (1954), Journal of the Royal Statistical Society B 16(2), 175-185: by its definition, ratio by ratio."""
    from scipy.stats import t

    top, covariance, df = 0.6 if kind == "all" else 3.0, np.array([[0.25, 0.05], [0.05, 0.16]]), 20
    found = fieller(top, bottom, covariance, df, conf_level=0.95)
    assert found.kind == kind
    assert found.estimate == top / bottom
    for ratio in np.linspace(-60, 60, 4801):
        size = abs(top - ratio * bottom) / np.sqrt(
            covariance[0, 0] - 2 * ratio * covariance[0, 1] + ratio**2 * covariance[1, 1]
        )
        inside = found.low <= ratio <= found.high
        held = kind == "all" or (inside if kind == "bounded" else not inside)
        assert held == (size <= t.ppf(0.975, df))


def test_a_ratio_of_nothing_known_excludes_nothing():
    assert fieller(1.0, 0.0, np.full((2, 2), np.nan), 3, conf_level=0.95).kind == "all"
