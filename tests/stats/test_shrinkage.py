"""Shrinkage against metafor, published tables and the normal model itself."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cxgap.stats.shrinkage import METHODS, james_stein, shrink, smooth_variances

Y = np.array([-0.90, -0.55, -0.20, -1.60, 0.10, -0.45])
V = np.array([0.010, 0.040, 0.010, 0.250, 0.090, 0.020])
# Colditz et al. (1994), JAMA 271(9), 698-702: vaccination against tuberculosis, 13 trials, as metafor::dat.bcg has them.
BCG, BCG_V = np.array(
    [
        (-0.889311, 0.325585), (-1.585389, 0.194581), (-1.348073, 0.415368), (-1.441551, 0.020010), (-0.217547, 0.051210),
        (-0.786116, 0.006906), (-1.620898, 0.223017), (0.011952, 0.003962), (-0.469418, 0.056434), (-1.371345, 0.073025),
        (-0.339359, 0.012412), (0.445913, 0.532506), (-0.017314, 0.071405),
    ]
).T  # fmt: skip
LATITUDE = np.array([44, 55, 42, 52, 13, 44, 19, 13, 27, 42, 18, 33, 33.0])
YEAR = np.array([1948, 1949, 1960, 1977, 1973, 1953, 1973, 1980, 1968, 1961, 1974, 1969, 1976.0])


def numbers(found):
    return found.tau2, found.coefficients[0], found.coefficients_cov[0, 0] ** 0.5


@pytest.mark.parametrize(
    ("method", "tau2", "mu", "std_error"),
    [("DL", 0.137589, -0.525954, 0.175407), ("REML", 0.138822, -0.526144, 0.176037), ("PM", 0.207221, -0.535755, 0.207592)],
)
def test_six_cells_are_metafors(method, tau2, mu, std_error):
    """Metafor 3.8-1 in R, rma(y, v, method = ...)."""
    assert numbers(shrink(Y, V, method=method)) == pytest.approx((tau2, mu, std_error), abs=5e-6)


def test_best_predictors_of_six_cells_are_metafors():
    """Metafor 3.8-1 in R, blup(rma(y, v, method = "PM")); metafor stops at a tau2 of 0.207204."""
    found = shrink(Y, V)
    assert found.shrinkage == pytest.approx([0.04604, 0.16181, 0.04604, 0.54680, 0.30282, 0.08803], abs=3e-5)
    assert found.estimate == pytest.approx([-0.88323, -0.54770, -0.21546, -1.01807, -0.09252, -0.45757], abs=5e-5)
    assert found.std_error == pytest.approx([0.09814, 0.18616, 0.09814, 0.35522, 0.25826, 0.13628], abs=2e-5)


@pytest.mark.parametrize(
    ("method", "tau2", "mu", "std_error"),
    [("DL", 0.308760, -0.714117, 0.178742), ("REML", 0.313243, -0.714532, 0.179782), ("PM", 0.318094, -0.714970, 0.180898)],
)
def test_thirteen_trials_are_metafors(method, tau2, mu, std_error):
    """Metafor in R, rma(yi, vi, data = dat.bcg, method = ...); its tau2 of PM is not exact."""
    assert numbers(shrink(BCG, BCG_V, method=method)) == pytest.approx((tau2, mu, std_error), abs=3e-5)


def test_best_predictors_of_thirteen_trials_are_metafors():
    """Metafor in R, blup(rma(yi, vi, data = dat.bcg, method = "DL"))."""
    found = shrink(BCG, BCG_V, method="DL")
    expected = [-0.7994, -1.2486, -0.9844, -1.3973, -0.2882, -0.7845, -1.2406, 0.0028, -0.5072, -1.2456, -0.3538, -0.2884]
    assert found.estimate == pytest.approx([*expected, -0.1482], abs=6e-5)
    assert found.std_error[0] == pytest.approx(0.4085, abs=5e-5)


def test_a_regression_on_latitude_and_year_is_metafors():
    """Viechtbauer (2010), Journal of Statistical Software 36(3), section 3: REML, latitude and year as moderators."""
    found = shrink(BCG, BCG_V, np.column_stack([np.ones(13), LATITUDE, YEAR]), method="REML")
    assert found.tau2 == pytest.approx(0.1108, abs=5e-5)
    assert found.tau2_variance**0.5 == pytest.approx(0.0845, abs=5e-5)
    assert found.coefficients == pytest.approx([-3.5455, -0.0280, 0.0019], abs=5e-4)
    assert np.sqrt(np.diag(found.coefficients_cov))[1:] == pytest.approx([0.0102, 0.0147], abs=5e-5)


def test_baseball_is_efron_and_morris():
    """Efron & Morris (1975): 18 batters after 45 times at bat."""
    hits = np.array([18, 17, 16, 15, 14, 14, 13, 12, 11, 11, 10, 10, 10, 10, 10, 9, 8, 7]) / 45
    factor, found = james_stein(hits, hits.mean() * (1 - hits.mean()) / 45)
    assert factor == pytest.approx(0.2116534, abs=5e-8)
    assert (found[0], found[-1]) == pytest.approx((0.294, 0.242), abs=5e-4)


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=15, deadline=None, derandomize=True)
@given(seed=st.integers(0, 2**32 - 1))
def test_the_estimates_are_the_conditional_means_of_the_normal_model(method, seed):
    """Multivariate normal: the precision of theta given y, with a flat prior for the coefficients of the regression."""
    random = np.random.default_rng(seed)
    k = int(random.integers(6, 30))
    v, x = random.gamma(2, 0.2, k), np.column_stack([np.ones(k), random.normal(size=(k, 1))])
    y = random.normal(0, 1, k)
    found = shrink(y, v, x, method=method)
    assume(found.tau2 > 1e-3)
    off_plane = np.eye(k) - x @ np.linalg.pinv(x)
    covariance = np.linalg.inv(np.diag(1 / v) + off_plane / found.tau2)
    assert found.estimate == pytest.approx(covariance @ (y / v), rel=1e-6, abs=1e-8)
    assert found.std_error**2 == pytest.approx(np.diag(covariance), rel=1e-6)


@settings(max_examples=15, deadline=None, derandomize=True)
@given(seed=st.integers(0, 2**32 - 1), factor=st.floats(0.01, 100))
def test_units_order_and_empty_cells_change_nothing_else(seed, factor):
    random = np.random.default_rng(seed)
    k = int(random.integers(5, 20))
    y, v = random.normal(0, 1, k), random.gamma(2, 0.2, k)
    found, order = shrink(y, v, prasad_rao=True), random.permutation(k)
    scaled, mixed = shrink(factor * y, factor**2 * v, prasad_rao=True), shrink(y[order], v[order], prasad_rao=True)
    assert scaled.estimate == pytest.approx(factor * found.estimate, rel=1e-6, abs=1e-9)
    assert scaled.std_error == pytest.approx(factor * found.std_error, rel=1e-6)
    assert mixed.estimate == pytest.approx(found.estimate[order], abs=1e-9)
    more = shrink(np.append(y, np.nan), np.append(v, np.nan), prasad_rao=True)
    assert more.estimate[:-1] == pytest.approx(found.estimate, abs=1e-12)
    assert (more.estimate[-1], more.shrinkage[-1]) == (pytest.approx(found.coefficients[0]), 1)
    assert more.std_error[-1] ** 2 == pytest.approx(found.tau2 + found.coefficients_cov[0, 0])


def test_cells_that_differ_no_more_than_chance_all_get_the_mean():
    found = shrink(np.array([1.0, 1.1, 0.9, 1.0]), np.ones(4))
    assert found.tau2 == 0
    assert found.estimate == pytest.approx(1.0)
    assert (found.shrinkage == 1).all()


def test_fewer_than_four_cells_are_left_alone():
    found = shrink(np.array([1.0, 2.0, 3.0, np.nan]), np.ones(4))
    assert np.isnan(found.estimate).all()
    assert np.isnan(found.tau2)


def test_few_cells_are_less_sure_and_never_less_than_each_alone():
    """Prasad & Rao (1990): the uncertainty of tau2 adds to the variance; a cell alone has its own."""
    plain, careful = shrink(Y, V), shrink(Y, V, prasad_rao=True)
    assert (careful.std_error > plain.std_error).all()
    alike = shrink(np.array([1.0, 1.1, 0.9, 1.0]), np.array([0.01, 1, 1, 1]), prasad_rao=True)
    assert (alike.std_error**2 <= np.array([0.01, 1, 1, 1]) + 1e-12).all()


def test_variances_of_small_cells_are_the_tables():
    """Arithmetic: a pooled variance of (9 x 2 + 39 x 1) / 48 a respondent; half of the way on the log scale at n = 20."""
    n = np.array([10.0, 40, 20, 1, 0])
    variance = np.array([2 / 10, 1 / 40, 0.0, np.nan, np.nan])
    pooled = (9 * 2 + 39 * 1 + 19 * 0) / 67
    found = smooth_variances(variance, n, n)
    assert found == pytest.approx([pooled / 10, 1 / 40, pooled / 20, pooled, np.nan], nan_ok=True)
    variance[2] = 3 / 20
    pooled = (9 * 2 + 39 * 1 + 19 * 3) / 67
    assert smooth_variances(variance, n, n)[2] == pytest.approx(np.sqrt(pooled * 3) / 20)


def test_without_any_variance_nothing_can_be_smoothed():
    assert np.isnan(smooth_variances(np.zeros(3), np.full(3, 5.0), np.full(3, 5.0))).all()
