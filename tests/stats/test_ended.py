"""Means of what ends: plain where all has ended, and neither flattering nor too sure where not."""

from __future__ import annotations

import numpy as np
import pytest

from cxgap.stats.ended import ended, mean_of, ratio_of, share_interval
from cxgap.stats.means import Design, design_means
from cxgap.stats.proportions import korn_graubard, wilson
from cxgap.stats.survival import FULFILLED, OPEN, count_times, kaplan_meier


def test_where_all_have_ended_it_is_the_clustered_mean():
    """The same as `design_means`: Taylor's variance of a mean of a sample of clusters."""
    random = np.random.default_rng(1)
    unit, y = random.integers(0, 20, 70), random.normal(size=70)
    found = mean_of(ended(np.ones(70), np.ones(70, bool), unit), y)
    sample = Design(np.ones(70), np.zeros(70, int), np.unique(unit, return_inverse=True)[1], np.array([np.inf]))
    expected = design_means(y, np.zeros(70, int), 1, np.arange(70), sample)
    assert (found.mean, found.std_error, found.df) == pytest.approx(
        (expected.mean[0], expected.std_error[0], expected.df[0]), rel=1e-12
    )


def test_a_share_of_things_that_last_longer_is_the_kaplan_meier_curve():
    """Satten & Datta (2001): the weights of those that ended are the jumps of the curve."""
    random = np.random.default_rng(2)
    length, over = random.integers(1, 12, 40).astype(float), random.random(40) < 0.7
    over |= length == length.max()
    curve = kaplan_meier(count_times(length, np.where(over, FULFILLED, OPEN)))
    things = ended(length, over, np.arange(40))
    assert things.weight.sum() == pytest.approx(1)
    for time, share in zip(curve.time[:-1], curve.survival[:-1], strict=True):
        assert mean_of(things, (length > time).astype(float)).mean == pytest.approx(share, rel=1e-12)


def test_edges_none_one_and_all_alike():
    nothing = mean_of(ended(np.ones(3), np.zeros(3, bool), np.arange(3)), np.ones(3))
    assert np.isnan([nothing.mean, nothing.std_error, nothing.df]).all()
    alone = mean_of(ended(np.ones(3), np.ones(3, bool), np.zeros(3, int)), np.array([0.0, 1, 1]))
    assert (alone.mean, np.isnan(alone.std_error)) == (pytest.approx(2 / 3), True)
    alike = mean_of(ended(np.array([1.0, 2, 3]), np.array([True, False, True]), np.arange(3)), np.full(3, 0.1))
    assert (alike.mean, alike.std_error) == (0.1, 0.0)


def test_shares_have_wilsons_interval_or_korn_and_graubards():
    single = ended(np.ones(9), np.ones(9, bool), np.arange(9))
    value = np.array([1.0] * 3 + [0.0] * 6)
    low, high = wilson([3], [9], conf_level=0.9)
    assert share_interval(single, mean_of(single, value), conf_level=0.9) == pytest.approx((low[0], high[0]))
    pairs = ended(np.ones(9), np.ones(9, bool), np.arange(9) // 2)
    share = mean_of(pairs, value)
    low, high = korn_graubard([share.mean], [share.std_error], [9], [4], conf_level=0.9)
    assert share_interval(pairs, share, conf_level=0.9) == pytest.approx((low[0], high[0]))
    none = mean_of(pairs, np.zeros(9))
    low, high = korn_graubard([0], [0], [5], [4], conf_level=0.9)
    assert share_interval(pairs, none, conf_level=0.9) == pytest.approx((low[0], high[0]))


def test_a_ratio_is_of_sums():
    """Three units with 2 of 4, 1 of 1 and 0 of 5: 0.3; residuals 0.8, 0.7 and -1.5 over 10, times 3/2."""
    found = ratio_of(np.array([1.0, 1, 1, 0]), np.array([2.0, 2, 1, 5]), np.array([7, 7, 3, 1]))
    assert (found.mean, found.df) == (pytest.approx(0.3), 2)
    assert found.std_error == pytest.approx(np.sqrt((0.8**2 + 0.7**2 + 1.5**2) / 100 * 1.5))


def test_intervals_hold_the_truth_as_often_as_they_say():
    """400 samples of 120 issues of 60 customers, begun in 20 days of data; 45 % come again: 95 % +- 2.5 %."""
    random = np.random.default_rng(3)
    held, naive = 0, 0
    for _ in range(400):
        unit = np.arange(120) // 2
        chance = np.clip(0.45 + 0.35 * (random.random(60) - 0.5), 0, 1)[unit]
        first, again = 20 * random.random(120), random.random(120) < chance
        last = first + np.where(again, 0.1 + 4.9 * random.random(120), 0)
        seen = np.where(last <= 20, last, first)  # what comes after the data nobody knows
        length = np.minimum(seen + 5, 20) - first
        value = (seen > first).astype(float)
        things = ended(length, seen + 5 <= 20, unit)
        low, high = share_interval(things, mean_of(things, value), conf_level=0.95)
        held += low <= 0.45 <= high
        low, high = wilson([value.sum()], [120], conf_level=0.95)
        naive += low[0] <= 0.45 <= high[0]
    assert 0.925 <= held / 400 <= 0.985
    assert naive / 400 < 0.9
