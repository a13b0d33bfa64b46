"""Slopes through means, against ordinary least squares of each person's own."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import linregress, ttest_1samp

from cxgap.stats.linear import contrasts
from cxgap.stats.means import Design
from cxgap.stats.trend import combined, slope_factors


def design(people: int) -> Design:
    return Design(np.ones(people), np.zeros(people, np.int64), np.arange(people), np.array([np.inf]))


def test_the_slope_of_a_panel_is_the_mean_of_its_peoples_slopes():
    """Student (1908) by SciPy: with everybody in all periods, a one-sample test of each person's slope."""
    random = np.random.default_rng(1)
    y = random.normal(size=(20, 4)) + 0.3 * np.arange(4)
    cell, person = np.tile(np.arange(4), 20), np.repeat(np.arange(20), 4)
    found = combined(y.ravel(), cell, 4, person, design(20), np.zeros(4, np.int64), np.arange(4), slope_factors(np.arange(4.0)))
    own = [linregress(np.arange(4), row).slope for row in y]
    wanted = ttest_1samp(own, 0)
    assert found.estimate[0] == pytest.approx(np.mean(own))
    assert (found.df[0], found.estimate[0] / found.std_error[0]) == pytest.approx((19, wanted.statistic))


def test_with_two_cells_it_is_their_contrast():
    random = np.random.default_rng(2)
    y, cell, person = random.normal(size=30), np.repeat([0, 1], 15), np.arange(30)
    one = combined(y, cell, 2, person, design(30), np.zeros(2, np.int64), np.array([1, 0]), np.array([1.0, -1.0]))
    other = contrasts(y, cell, 2, person, design(30), np.array([0]), np.array([1]), np.array([0]))
    assert [part[0] for part in one] == pytest.approx([part[0] for part in other])


def test_periods_that_nobody_answered_keep_their_place():
    """Arithmetic: through 0, 1 and 3 the slope of a straight line is exactly that of the line."""
    factors = slope_factors(np.array([0.0, 1.0, 3.0]))
    assert factors @ np.array([1.0, 3.0, 7.0]) == pytest.approx(2.0)
    assert factors.sum() == pytest.approx(0.0)
