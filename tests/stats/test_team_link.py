"""Correlation and slope of means with error on both sides."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import linregress, pearsonr

from cxgap.stats.team_link import team_link


def test_without_error_it_is_pearsons_r_and_least_squares():
    """scipy.stats: pearsonr with Fisher's interval, and linregress with Student's."""
    random = np.random.default_rng(4)
    x = random.normal(size=15)
    y = 0.4 * x + random.normal(size=15)
    found = team_link(x, y, np.zeros((15, 15)), np.zeros((15, 15)), conf_level=0.95)
    r, line = pearsonr(x, y), linregress(x, y)
    ends = r.confidence_interval(0.95)
    assert (found.correlation, found.low, found.high) == pytest.approx((r.statistic, ends.low, ends.high))
    assert found.p_value == pytest.approx(r.pvalue)
    assert found.slope == pytest.approx(line.slope)
    assert (found.slope_high - found.slope) / line.stderr == pytest.approx(2.1603687)  # R: qt(.975, 13)
    assert (found.corrected, found.true_slope) == pytest.approx((r.statistic, line.slope))
    shared = team_link(x, y, np.full((15, 15), 0.3), np.zeros((15, 15)), conf_level=0.95)
    assert shared.reliability_x == pytest.approx(1)  # an error that all teams share moves none against another


def test_error_makes_a_link_look_weaker_and_too_much_of_it_tells_nothing():
    """Spearman (1904): r over the root of both reliabilities; Fuller (1987): the slope over that of x. Arithmetic."""
    x, y = np.array([1.0, 2, 3, 4, 5]), np.array([1.0, 3, 2, 5, 4])  # variance 2.5 each, r .8
    found = team_link(x, y, 0.5 * np.eye(5), 0.25 * np.eye(5), conf_level=0.95)
    assert (found.reliability_x, found.reliability_y) == pytest.approx((0.8, 0.9))
    assert found.corrected == pytest.approx(0.8 / np.sqrt(0.72))
    assert found.true_slope == pytest.approx(1.0)
    assert found.corrected_high == 1
    lost = team_link(x, y, 2 * np.eye(5), 0.25 * np.eye(5), conf_level=0.95)
    assert np.isnan(lost.corrected)
    assert np.isnan(lost.true_slope)
    assert np.isnan(team_link(x[:3], y[:3], np.eye(3), np.eye(3), conf_level=0.95).correlation)
    assert np.isnan(team_link(np.ones(5), y, np.eye(5), np.eye(5), conf_level=0.95).correlation)
