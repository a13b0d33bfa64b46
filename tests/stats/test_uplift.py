"""Two arms in strata, and what a ranking was worth, against arithmetic, Newcombe and simulation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import ttest_ind

from cxgap.stats.uplift import (
    e_value,
    mean_difference,
    overlap_difference,
    qini,
    qini_area,
    qini_interval,
    share_difference,
    strata_weights,
    tenths,
)

ONE = np.zeros(150, np.int64)


def arms(first: tuple[int, int], second: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    happened = np.concatenate([np.arange(n) < x for x, n in (first, second)]).astype(float)
    return happened, np.concatenate([np.ones(first[1], bool), np.zeros(second[1], bool)])


def test_one_stratum_is_newcombes_difference():
    """Newcombe (1998), table II: 56/70 against 48/80 is .20, from .0524 to .3339."""
    happened, arm = arms((56, 70), (48, 80))
    found = share_difference(happened, arm, ONE, conf_level=0.95)
    assert (found.estimate, found.low, found.high) == pytest.approx((0.2, 0.052431472, 0.333872654), abs=1e-8)
    assert (found.contacted, found.held_out) == pytest.approx((0.8, 0.6))
    other = share_difference(happened, ~arm, ONE, conf_level=0.95)
    assert (other.estimate, other.low, other.high) == pytest.approx((-0.2, -found.high, -found.low))


def test_strata_weigh_by_both_arms_and_one_without_an_arm_does_not_count():
    """Mantel & Haenszel: 8 and 2 of 10, 5 and 5 of 10: 1.6 and 2.5 over 4.1; arithmetic of the shares."""
    arm = np.array([True] * 8 + [False] * 2 + [True] * 5 + [False] * 5 + [True] * 4)
    stratum = np.repeat([0, 1, 2], [10, 10, 4])
    weight, used = strata_weights(arm, stratum)
    assert weight == pytest.approx([1.6 / 4.1, 2.5 / 4.1, 0])
    assert used.sum() == 20
    happened = np.zeros(24)
    happened[[0, 1, 8, 10, 15, 16]] = 1
    found = share_difference(happened, arm, stratum, conf_level=0.95)
    assert found.contacted == pytest.approx(weight[0] * 2 / 8 + weight[1] * 1 / 5)
    assert found.held_out == pytest.approx(weight[0] * 1 / 2 + weight[1] * 2 / 5)
    order = np.random.default_rng(0).permutation(24)
    again = share_difference(happened[order], arm[order], stratum[order], conf_level=0.95)
    assert (again.low, again.high) == pytest.approx((found.low, found.high))
    assert np.isnan(share_difference(happened[20:], arm[20:], stratum[20:], conf_level=0.95).estimate)


def test_nobody_left_in_either_arm_still_has_an_interval():
    happened, arm = arms((0, 85), (0, 15))
    found = share_difference(happened, arm, np.arange(100) % 4, conf_level=0.95)
    assert found.estimate == 0
    assert found.low < -0.05
    assert found.high > 0.01


def test_means_are_welchs_and_what_was_known_before_narrows_them():
    """scipy.stats.ttest_ind with equal_var=False; Deng et al. (2013): variance falls by the squared correlation."""
    random = np.random.default_rng(5)
    before = random.normal(100, 20, 150)
    value = before + random.normal(0, 5, 150)
    arm = np.arange(150) % 5 > 0
    found = mean_difference(value, arm, ONE, conf_level=0.95)
    theirs = ttest_ind(value[arm], value[~arm], equal_var=False).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((theirs.low, theirs.high))
    adjusted = mean_difference(value, arm, ONE, before=before, conf_level=0.95)
    assert (adjusted.high - adjusted.low) < 0.4 * (found.high - found.low)
    units = mean_difference(1000 * value, arm, ONE, before=before, conf_level=0.95)
    assert units.low == pytest.approx(1000 * adjusted.low)
    assert np.isnan(mean_difference(value, np.ones(150, bool), ONE, conf_level=0.95).estimate)


def test_overlap_weights_take_out_what_sets_the_arms_apart():
    """Li, Morgan & Zaslavsky (2018): weighted means of what is adjusted for are alike; here leaving depends on it alone."""
    random = np.random.default_rng(6)
    x = random.normal(size=(4000, 1))
    arm = random.random(4000) < 1 / (1 + np.exp(-x[:, 0]))
    left = (random.random(4000) < 1 / (1 + np.exp(2 - 1.5 * x[:, 0]))).astype(float)
    assert left[arm].mean() - left[~arm].mean() > 0.1
    found = overlap_difference(left, arm, x, conf_level=0.95)
    assert found.low < 0 < found.high
    assert overlap_difference(x[:, 0], arm, x, conf_level=0.95).estimate == pytest.approx(0, abs=0.01)


def test_the_e_value_of_a_risk_ratio():
    """VanderWeele & Ding (2017): 3.9 gives 7.26; a ratio below 1 is turned over."""
    assert e_value(3.9) == pytest.approx(7.26, abs=0.005)
    assert e_value(1 / 3.9) == pytest.approx(e_value(3.9))
    assert e_value(1.0) == 1
    assert np.isnan(e_value(0.0))


def test_the_qini_curve_counted_by_hand():
    """Arithmetic: (T,1)(C,0)(T,1)(C,1)(T,0)(C,0)(T,0)(C,1) in order is 1, 1, 1, 0 after 2, 4, 6 and 8."""
    arm, y = np.array([1, 0, 1, 0, 1, 0, 1, 0], bool), np.array([1.0, 0, 1, 1, 0, 0, 0, 1])
    curve = qini(arm, y, -np.arange(8.0))
    assert list(curve[[1, 3, 5, 7]]) == [1, 1, 1, 0]
    assert qini_area(arm, y, -np.arange(8.0)) == pytest.approx(curve.sum() / 64)
    tied = qini(arm, y, np.zeros(8))
    assert tied == pytest.approx(np.zeros(8))
    order = np.random.default_rng(1).permutation(8)
    assert qini(arm[order], y[order], np.zeros(8)) == pytest.approx(tied)


def test_a_ranking_that_knows_who_gains_is_told_from_one_that_does_not():
    random = np.random.default_rng(7)
    score, arm = random.random(2000), np.arange(2000) % 2 == 0
    y = (random.random(2000) < 0.4 + 0.4 * arm * score).astype(float)
    area, low, high = qini_interval(arm, y, score, conf_level=0.95, replicates=199)
    assert 0 < low < area < high
    assert qini_interval(arm, y, -score, conf_level=0.95, replicates=199)[2] < 0
    shuffled = random.permutation(2000)
    assert qini_interval(arm[shuffled], y[shuffled], score[shuffled], conf_level=0.95, replicates=199) == (area, low, high)
    found, low10, high10 = tenths(arm, y, score, conf_level=0.95)
    assert found[:5].mean() > found[5:].mean()
    assert ((low10 <= found) & (found <= high10)).all()


@pytest.mark.slow
@pytest.mark.parametrize(("size", "share", "effect"), [(120, 0.15, 1.0), (300, 0.2, 0.6), (1200, 0.15, 0.7)])
def test_the_difference_in_strata_holds_the_truth_as_often_as_it_says(size, share, effect):
    """Simulation: four strata of 5 to 30 %, 1,000 lists."""
    random = np.random.default_rng(size)
    inside = []
    for _ in range(1000):
        stratum = random.integers(0, 4, size)
        arm = np.ones(size, bool)
        for code in range(4):
            members = random.permutation(np.flatnonzero(stratum == code))
            arm[members[: round(share * len(members))]] = False
        base = np.array([0.05, 0.1, 0.2, 0.3])[stratum]
        left = (random.random(size) < base * np.where(arm, effect, 1)).astype(float)
        found = share_difference(left, arm, stratum, conf_level=0.95)
        inside.append(found.low <= 0.1625 * (effect - 1) <= found.high)
    assert np.mean(inside) == pytest.approx(0.95, abs=0.025)
