"""Replicate weights against the variances they are made for."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import t as student

from cxgap.stats.bootstrap import (
    Source,
    bayesian_weights,
    draws,
    expanded_percentiles,
    replicate_weights,
)


def drawn(source: Source, count: int = 4000, seed: int = 3) -> np.ndarray:
    return np.concatenate(list(replicate_weights(source, count, seed=seed)))


def test_the_variance_of_a_mean_is_the_unbiased_one():
    """Rao & Wu (1988): with n - 1 draws the bootstrap variance of a mean is s^2 / n, exactly in expectation."""
    y = np.array([2.0, 3, 3, 5, 8, 9, 9, 12])
    means = drawn(Source.simple("people", 8), 40_000) @ y / 8
    assert means.mean() == pytest.approx(y.mean(), abs=0.02)
    assert means.var() == pytest.approx(y.var(ddof=1) / 8, rel=0.03)


def test_a_stratum_is_drawn_by_itself_and_one_of_a_single_unit_stays():
    source = Source("people", np.array([0, 0, 0, 1, 1, 2]), np.zeros(3))
    weights = drawn(source)
    assert weights[:, :3].sum(axis=1) == pytest.approx(3)
    assert weights[:, 3:5].sum(axis=1) == pytest.approx(2)
    assert (weights[:, 5] == 1).all()


def test_a_census_does_not_vary_and_half_of_all_varies_half_as_much():
    """Cochran (1977), section 2.6: the variance of a sample of the share f is that without end times 1 - f."""
    census = Source("people", np.zeros(6, int), np.ones(1))
    assert (drawn(census) == 1).all()
    whole, half = (drawn(Source.simple("people", 6, size)) for size in (np.inf, 12))
    assert half.var(axis=0).sum() == pytest.approx(0.5 * whole.var(axis=0).sum(), rel=1e-9)


def test_replicates_depend_on_seed_and_sample_alone():
    source = Source.simple("people", 50)
    assert np.array_equal(drawn(source), drawn(source))
    assert np.array_equal(drawn(source, 150), drawn(source, 4000)[:150])
    assert not np.array_equal(drawn(source, seed=4), drawn(source))
    assert not np.array_equal(drawn(Source.simple("managers", 50)), drawn(source))


@pytest.mark.parametrize("df", [4.0, 23.0, 1e6])
def test_the_percentiles_of_a_normal_estimate_are_students_interval(df):
    """Hesterberg (2015): the level is chosen so that a normal estimate gets Student's interval."""
    grid = student.ppf((np.arange(99_999) + 0.5) / 99_999, 1e9)[:, None]
    low, high = expanded_percentiles(grid, np.array([df]), conf_level=0.95)
    assert (low[0], high[0]) == pytest.approx((-student.ppf(0.975, df), student.ppf(0.975, df)), rel=2e-3)


def test_without_degrees_of_freedom_there_is_no_interval():
    low, high = expanded_percentiles(np.arange(100.0)[:, None], np.array([np.nan]), conf_level=0.95)
    assert np.isnan([low[0], high[0]]).all()


STRATA = Source("people", np.array([0, 1, 0, 1, 1, 2]), np.zeros(3))


def test_as_many_units_are_drawn_from_a_stratum_as_it_has():
    """Efron (1979): a count of a unit is binomial, of variance (n - 1) / n."""
    times = np.concatenate(list(draws(STRATA, 20_000, seed=1)))
    assert (times[:, [0, 2]].sum(axis=1) == 2).all()
    assert (times[:, [1, 3, 4]].sum(axis=1) == 3).all()
    assert (times[:, 5] == 1).all()
    assert times.var(axis=0) == pytest.approx([1 / 2, 2 / 3, 1 / 2, 2 / 3, 2 / 3, 0], abs=0.02)


def test_bayesian_weights_are_dirichlets():
    """Rubin (1981): n times a Dirichlet share has mean 1 and variance (n - 1) / (n + 1)."""
    weights = np.concatenate(list(bayesian_weights(STRATA, 20_000, seed=1)))
    assert weights[:, [1, 3, 4]].sum(axis=1) == pytest.approx(3, rel=1e-12)
    assert weights.mean(axis=0) == pytest.approx(1, abs=0.02)
    assert weights.var(axis=0) == pytest.approx([1 / 3, 2 / 4, 1 / 3, 2 / 4, 2 / 4, 0], abs=0.02)
    assert (weights > 0).all()
    assert np.array_equal(weights[:200], np.concatenate(list(bayesian_weights(STRATA, 200, seed=1))))
