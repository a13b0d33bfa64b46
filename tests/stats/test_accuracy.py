"""The parts of a squared error against worked numbers, SciPy and the identity that joins them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr

from cxgap.stats.accuracy import accuracy, correlation_intervals

LAW = settings(max_examples=60, deadline=None, derandomize=True)
SEEDS = st.integers(0, 2**32 - 1)
EXPECTED, BELIEVED = np.array([6.5, 6.2, 5.8, 6.0, 5.0]), np.array([5.5, 6.4, 6.0, 6.1, 6.2])


def items(seed: int, least: int = 3) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    count = int(random.integers(least, 30))
    return np.round(random.uniform(1, 7, count), 1), np.round(random.uniform(1, 7, count), 1)


def test_a_small_mean_gap_can_hide_a_wrong_order():
    """Methods O-1.3 (arithmetic): the mean gap is +.14, yet ordering is 87.8 % of the squared error."""
    found = accuracy(EXPECTED, BELIEVED)
    assert found.mse == pytest.approx(0.506, abs=1e-12)
    assert found.mean_gap == pytest.approx(0.14, abs=1e-12)
    assert found.elevation == pytest.approx(0.0196, abs=1e-12)
    assert found.spread == pytest.approx(0.0421474733, abs=5e-11)
    assert found.ordering == pytest.approx(0.4442525267, abs=5e-11)
    assert found.elevation + found.spread + found.ordering == pytest.approx(found.mse, abs=1e-12)
    assert found.r == pytest.approx(-0.4601440834, abs=1e-10)
    by_hand = (np.sqrt(0.256) - np.sqrt(0.0904)) ** 2, 2 * (np.sqrt(0.256 * 0.0904) + 0.07)
    assert (found.spread, found.ordering) == pytest.approx(by_hand, abs=1e-12)
    assert found.rho == pytest.approx(-0.3, abs=1e-12)
    assert found.ordering / found.mse == pytest.approx(0.878, abs=5e-4)


@LAW
@given(seed=SEEDS)
def test_the_parts_add_up_to_the_squared_error(seed):
    """Murphy (1988), Monthly Weather Review 116(12), 2417-2424; ordering is 2 s s (1 - r), NumPy's and SciPy's r."""
    true, judged = items(seed)
    found = accuracy(true, judged)
    assert found.elevation + found.spread + found.ordering == pytest.approx(((judged - true) ** 2).mean(), rel=1e-12, abs=1e-12)
    assert min(found.elevation, found.spread, found.ordering) >= 0
    if true.std() > 0 and judged.std() > 0:
        assert found.ordering == pytest.approx(2 * true.std() * judged.std() * (1 - found.r), rel=1e-9, abs=1e-12)
        assert found.r == pytest.approx(np.corrcoef(true, judged)[0, 1], rel=1e-9, abs=1e-12)
        assert found.rho == pytest.approx(spearmanr(true, judged).statistic, rel=1e-9, abs=1e-12)


@LAW
@given(seed=SEEDS, shift=st.floats(-3, 3), order=st.randoms(use_true_random=False))
def test_a_shift_moves_the_elevation_alone_and_the_order_of_items_nothing(seed, shift, order):
    """By definition: spread, ordering and correlations are free of the level."""
    true, judged = items(seed)
    place = list(range(len(true)))
    order.shuffle(place)
    found, moved = accuracy(true, judged), accuracy(true[place], judged[place] + shift)
    assert moved.mean_gap == pytest.approx(found.mean_gap + shift, abs=1e-12)
    assert (moved.spread, moved.ordering) == pytest.approx((found.spread, found.ordering), rel=1e-7, abs=1e-12)
    assert (moved.r, moved.rho) == pytest.approx((found.r, found.rho), rel=1e-7, abs=1e-9, nan_ok=True)


def test_judges_who_give_all_items_the_same_have_no_ordering_and_no_correlation():
    """Methods 1.3: r is NaN, and the ordering term is 2 x 0 = 0; the spread is then all that customers see."""
    for same in (6.0, 6.1):
        found = accuracy(EXPECTED, np.full(5, same))
        assert np.isnan([found.r, found.rho]).all()
        assert (found.ordering, found.std_dev_judged) == (0, 0)
        assert found.elevation + found.spread == pytest.approx(found.mse, abs=1e-12)


def test_two_items_have_no_accuracy():
    """Methods 1.3: fewer than three items give NaN."""
    found = accuracy(EXPECTED[:2], BELIEVED[:2])
    assert found.items == 2
    assert np.isnan(found[1:]).all()


def test_sampling_noise_is_taken_from_the_error_and_never_more_than_all():
    """Methods 1.3: MSE - mean of the variances, floored at 0."""
    assert accuracy(EXPECTED, BELIEVED, np.array([0.1, 0.2, 0.3, 0.2, 0.2])).mse_corrected == pytest.approx(0.306, abs=1e-12)
    assert accuracy(EXPECTED, BELIEVED, np.full(5, 0.6)).mse_corrected == 0
    assert np.isnan(accuracy(EXPECTED, BELIEVED, np.full(5, np.nan)).mse_corrected)


def test_intervals_of_correlations_are_those_of_a_plain_bootstrap():
    """A loop that draws the items themselves, with SciPy's rank correlation: the same ends up to resampling error."""
    random = np.random.default_rng(5)
    true = np.round(random.normal(5, 1, 14), 1)
    judged = np.round(0.6 * true + random.normal(2, 0.7, 14), 1)
    r, rho = correlation_intervals(true, judged, conf_level=0.9, random=np.random.default_rng(1))
    drawn = [random.integers(0, 14, 14) for _ in range(3000)]
    plain = np.quantile([np.corrcoef(true[rows], judged[rows])[0, 1] for rows in drawn], [0.05, 0.95])
    ranked = np.quantile([spearmanr(true[rows], judged[rows]).statistic for rows in drawn], [0.05, 0.95])
    assert r == pytest.approx(tuple(plain), abs=0.05)
    assert rho == pytest.approx(tuple(ranked), abs=0.06)
    assert r[0] < np.corrcoef(true, judged)[0, 1] < r[1]


def test_intervals_depend_on_the_seed_alone_and_need_eight_items():
    """Methods 1.3: a bootstrap over items only with 8 or more."""
    true, judged = items(3, least=12)
    ends = [correlation_intervals(true, judged, conf_level=0.95, random=np.random.default_rng(seed)) for seed in (1, 1, 2)]
    assert ends[0] == ends[1]
    assert ends[0] != ends[2]
    few = correlation_intervals(true[:7], judged[:7], conf_level=0.95, random=np.random.default_rng(1))
    flat = correlation_intervals(true, np.full(len(true), 6.0), conf_level=0.95, random=np.random.default_rng(1))
    assert np.isnan([*few[0], *few[1], *flat[0], *flat[1]]).all()
    assert np.isfinite(correlation_intervals(true[:8], judged[:8], conf_level=0.95, random=np.random.default_rng(1))).all()
