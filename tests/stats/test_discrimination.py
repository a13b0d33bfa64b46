"""Areas under the curve, predictions that come true, and who was watched long enough."""

from __future__ import annotations

import numpy as np
import pytest

from cxgap.stats.discrimination import auc, brier, calibration, folds, watched
from cxgap.stats.hazards import cox


def test_the_area_is_the_share_of_pairs_in_order():
    """Arithmetic: of 2 x 3 pairs, scores 3 and 1 beat 0, 1, 2: 3 + 1.5 of 6. Variance by placements (DeLong et al. 1988)."""
    score, event = np.array([3.0, 1, 0, 1, 2]), np.array([1.0, 1, 0, 0, 0])
    found = auc(score, event)
    assert found.value == pytest.approx(4.5 / 6)
    above, below = np.array([1, 0.5]), np.array([1, 0.75, 0.5])  # share of the others that each is in order with
    variance = np.sum((above - 0.75) ** 2) / 4 + np.sum((below - 0.75) ** 2) / 9
    assert found.std_error() == pytest.approx(np.sqrt(variance * 5 / 4))
    assert auc(score, event, weight=np.full(5, 7.0)).value == pytest.approx(4.5 / 6)
    assert np.isnan(auc(score, np.zeros(5)).value)


def test_copies_in_a_cluster_tell_nothing_more():
    random = np.random.default_rng(1)
    score, event = random.normal(size=80), (random.random(80) < 0.4).astype(float)
    once, twice = auc(score, event), auc(np.tile(score, 2), np.tile(event, 2))
    assert twice.value == pytest.approx(once.value)
    assert twice.std_error(np.tile(np.arange(80), 2)) == pytest.approx(once.std_error())


def test_predictions_that_are_half_as_far_apart_have_a_slope_of_two():
    random = np.random.default_rng(2)
    line = random.normal(size=20_000)
    event = (random.random(20_000) < 1 / (1 + np.exp(-line))).astype(float)
    level, slope = calibration(1 / (1 + np.exp(-line / 2)), event)
    assert slope == pytest.approx(2, abs=0.1)
    assert level == pytest.approx(0, abs=0.05)
    assert brier(np.array([1.0, 0.0]), np.array([1.0, 1.0])) == 0.5


def test_whoever_was_watched_stands_in_for_whoever_was_not():
    """By hand: of 5, one is lost at 2 when 4 are left, so that those who lasted beyond count 4 / 3 each."""
    weight = watched(np.array([1.0, 2, 3, 4, 5]), np.array([True, False, True, False, False]), 4.0)
    assert weight == pytest.approx([1, 0, 4 / 3, 4 / 3, 4 / 3])
    assert weight.sum() == pytest.approx(5)


def test_folds_are_as_large_as_each_other_in_each_stratum():
    fold = folds(23, 5, np.repeat([0, 1], [11, 12]), np.random.default_rng(3))
    assert np.bincount(fold).max() - np.bincount(fold).min() <= 1
    assert np.bincount(fold[:11], minlength=5).max() <= 3


def test_hazards_of_the_leukaemia_trial():
    """Embury et al. (1977), in R coxph(Surv(time, status) ~ x, aml): 0.9155326, standard error 0.5119343."""
    time = np.array([9, 13, 13, 18, 23, 28, 31, 34, 45, 48, 161, 5, 5, 8, 8, 12, 16, 23, 27, 30, 33, 43, 45], float)
    event = np.array([1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 0, 1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1], bool)
    found = cox(np.repeat([0.0, 1.0], [11, 12])[:, None], time, event)
    assert (found.coefficients[0], np.sqrt(found.covariance[0, 0])) == pytest.approx((0.9155326, 0.5119343), abs=5e-7)
    doubled = cox(np.repeat([0.0, 1.0], [11, 12])[:, None], time, event, weight=np.full(23, 2.0))
    assert doubled.coefficients == pytest.approx(found.coefficients)
    assert doubled.influence.sum(axis=0) == pytest.approx([0], abs=1e-9)
