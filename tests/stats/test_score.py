"""Score tests: the t-test they are in the simplest case, the law of chance pairing, and rare events that fool normal theory."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from scipy import stats

from cxgap.stats.means import Design
from cxgap.stats.score import score_tests


def design(units: np.ndarray) -> Design:
    return Design(np.ones(len(units)), np.zeros(len(units), np.int64), units.astype(np.int64), np.full(1, np.inf))


def chance(y: np.ndarray, z: np.ndarray, units: np.ndarray | None = None, draws: int = 199, seed: int = 0) -> float:
    """Test one block of a chance or a number beside a constant alone."""
    n = len(y)
    mean = y.mean()
    units = np.arange(n) if units is None else units
    inner = np.full(n, mean * (1 - mean) if set(y) <= {0.0, 1.0} else 1.0)
    random = np.random.default_rng(seed)
    beside = np.ones((n, 1))
    return float(score_tests((y - mean)[None], inner[None], [beside], [z], np.arange(n), design(units), random, draws)[0])


def test_by_clusters_it_is_the_one_sample_t_test_of_their_scores():
    """scipy.stats.ttest_1samp on the score of each cluster."""
    random = np.random.default_rng(3)
    units = np.repeat(np.arange(40), 3)
    y, z = random.normal(size=120), random.normal(size=120)
    score = np.bincount(units, (y - y.mean()) * (z - z.mean()))
    assert chance(y, z[:, None], units) == pytest.approx(stats.ttest_1samp(score, 0).pvalue, rel=1e-9)


def test_of_few_rows_the_chance_pairing_is_that_of_all_pairings():
    """Enumerated: the share of all 720 pairings of six rows whose studentised score is as far from none."""
    y, z = np.array([0.2, 1.7, 2.1, 4.4, 4.9, 7.0]), np.array([1.0, 0.4, 2.2, 1.9, 3.7, 2.8])
    r, c = y - y.mean(), z - z.mean()
    sizes = [(r @ c[list(order)]) ** 2 / (r**2 @ c[list(order)] ** 2) for order in permutations(range(6))]
    exact = np.mean(np.array(sizes) >= sizes[0] * (1 - 1e-9))
    assert chance(y, z[:, None], draws=20_000) == pytest.approx(exact, abs=0.01)


def test_rare_events_and_few_shortfalls_are_not_taken_for_a_link():
    """12 events of 200 and a shortfall of one in ten: the chance pairing keeps 5 %, where normal theory says 20 % and more."""
    random, n = np.random.default_rng(8), 200
    found = {"alone": 0, "theory": 0}
    for seed in range(80):
        z = np.where(random.random(n) < 0.1, random.exponential(1, n), 0)[:, None]
        y = np.zeros(n)
        y[random.choice(n, 12, replace=False)] = 1
        found["alone"] += chance(y, z, draws=99, seed=seed) < 0.05
        found["theory"] += chance(y, z, np.arange(n), draws=10**9) < 0.05
    assert found["alone"] <= 11  # 0.999 quantile of 80 draws of 5 %
    assert found["theory"] > 11, found


def test_a_link_is_found_and_the_block_that_says_nothing_is_not():
    random, n = np.random.default_rng(1), 300
    z, other = random.exponential(10, (n, 1)), random.normal(size=(n, 2))
    y = (random.random(n) < 1 / (1 + np.exp(2 - 0.1 * z[:, 0]))).astype(float)
    assert chance(y, z) <= 1 / 200
    assert chance(y, other) > 0.01
    assert chance(y, z, seed=1) == chance(y, z, seed=1)


def test_columns_that_set_nobody_apart_have_no_p_value():
    assert np.isnan(chance(np.arange(5.0), np.ones((5, 1))))
