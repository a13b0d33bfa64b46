"""Regression to the mean: the example of the method, the shrinkage it is the other side of, and the laws."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxgap.stats.regressing import regression_to_mean
from cxgap.stats.shrinkage import shrink


def picked(seed: int, tau: float, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw 40 cells often, with errors of .3, and return by how much the worst four will change, and are expected to."""
    random = np.random.default_rng(seed)
    true, expected = [], []
    for _ in range(count):
        level = random.normal(-0.5, tau, 40)
        seen = level + random.normal(0, 0.3, 40)
        worst = np.argsort(seen)[:4]
        true.append((level - seen)[worst].mean())
        expected.append(regression_to_mean(seen, np.full(40, 0.09)).of(worst))
    return np.array(true), np.array(expected)


def test_the_worst_four_of_forty_improve_by_a_third_of_a_point_for_free():
    """As many as the method's example: tau and standard error of .3 each give about .37 points with no action at all."""
    true, expected = picked(1, 0.3, 250)
    assert true.mean() == pytest.approx(0.36, abs=0.02)
    assert expected[:, 0].mean() == pytest.approx(true.mean(), abs=0.02)


def test_the_interval_holds_what_known_variances_would_expect():
    """Viechtbauer (2007): the interval of tau2 has its level, and the change falls as tau2 rises."""
    random, inside = np.random.default_rng(2), []
    for _ in range(400):
        seen = random.normal(0, 0.3, 20) + random.normal(0, 0.3, 20)
        found = regression_to_mean(seen, np.full(20, 0.09))
        inside.append(found.tau2_low <= 0.09 <= found.tau2_high)
        change, low, high = found.of(np.argsort(seen)[:3])
        assert low <= change <= high
    assert np.mean(inside) == pytest.approx(0.95, abs=0.033)  # three standard errors


def test_it_is_the_other_side_of_shrinkage():
    """Fay & Herriot (1979): a cell's shrunken estimate less its own, with the same variance between cells."""
    random = np.random.default_rng(3)
    seen, variance = random.normal(0, 1, 12), random.uniform(0.1, 0.6, 12)
    found, shrunk = regression_to_mean(seen, variance), shrink(seen, variance)
    assert found.tau2 == pytest.approx(shrunk.tau2, rel=1e-9)
    assert found.change == pytest.approx(shrunk.estimate - seen, abs=1e-9)
    joint = regression_to_mean(seen, np.diag(variance))
    assert joint.change == pytest.approx(found.change, abs=1e-9)
    assert (joint.tau2_low, joint.tau2_high) == pytest.approx((found.tau2_low, found.tau2_high), rel=1e-9)


@settings(deadline=None)
@given(common=st.floats(0, 5), shift=st.floats(-3, 3), factor=st.floats(0.1, 10))
def test_what_all_cells_share_does_not_count_and_units_carry_over(common, shift, factor):
    seen = np.array([-1.4, -0.9, -0.8, -0.6, -0.1, 0.3])
    errors = np.diag([0.04, 0.09, 0.02, 0.05, 0.01, 0.06])
    found = regression_to_mean(seen, errors)
    again = regression_to_mean(factor * (seen + shift), factor**2 * (errors + common))
    assert again.change == pytest.approx(factor * found.change, abs=1e-7)
    assert again.tau2 == pytest.approx(factor**2 * found.tau2, abs=1e-7)


def test_cells_that_do_not_differ_beyond_chance_all_go_to_the_mean():
    seen = np.array([-0.51, -0.49, -0.5, -0.52, -0.48])
    found = regression_to_mean(seen, np.full(5, 0.04))
    assert found.tau2 == 0
    assert found.change == pytest.approx(seen.mean() - seen)


def test_of_three_cells_nothing_is_said_and_of_certain_ones_nothing_is_expected():
    three = regression_to_mean(np.array([-1.0, 0.0, 1.0]), np.full(3, 0.1))
    assert np.isnan([*three.change, three.tau2, *three.of(np.array([0]))]).all()
    assert np.isnan(regression_to_mean(np.arange(5.0), np.zeros(5)).tau2)
    one_sure = regression_to_mean(np.arange(5.0), np.array([0.0, 0.1, 0.1, 0.1, 0.1]))
    assert one_sure.change[0] == pytest.approx(0, abs=1e-9)
    assert np.isnan(one_sure.of(np.array([], int))).all()
