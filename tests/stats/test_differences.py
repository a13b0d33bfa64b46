"""The difference of two independent means against R, SciPy and arithmetic."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ttest_ind

from cxgap.stats.differences import difference, of_finite
from cxgap.stats.means import Means, simple_means, t_interval, t_p_value

LAW = settings(max_examples=40, deadline=None, derandomize=True)
SEEDS = st.integers(0, 2**32 - 1)

# Student (1908), Biometrika 6(1), 1-25: extra hours of sleep under two drugs.
FIRST = np.array([0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0, 2])
SECOND = np.array([1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4])


def mean_of(values: np.ndarray) -> Means:
    return simple_means(np.asarray(values, float), np.zeros(len(values), int), 1)


def test_the_difference_is_welchs():
    """R 4.2.2: t.test(extra ~ group, data = sleep) gives t -1.8608, df 17.776, p 0.07939, interval -3.3654832, 0.2054832."""
    found = difference(mean_of(SECOND), mean_of(FIRST))
    low, high = t_interval(*found, conf_level=0.95)
    assert found.estimate / found.std_error == pytest.approx(-1.8608, abs=5e-5)
    assert found.df == pytest.approx(17.776, abs=5e-4)
    assert t_p_value(*found) == pytest.approx(0.07939, abs=5e-6)
    assert (low[0], high[0]) == pytest.approx((-3.3654832, 0.2054832), abs=5e-8)


@LAW
@given(seed=SEEDS, shift=st.floats(-5, 5), factor=st.floats(0.01, 100))
def test_welch_for_any_two_samples(seed, shift, factor):
    """scipy.stats.ttest_ind(equal_var=False); a shift of both leaves it, a factor scales it, and exchange turns the sign."""
    random = np.random.default_rng(seed)
    one, other = random.normal(size=random.integers(2, 40)), random.normal(1, 3, size=random.integers(2, 40))
    found, test = difference(mean_of(one), mean_of(other)), ttest_ind(other, one, equal_var=False)
    assert found.df == pytest.approx(test.df, rel=1e-9)
    assert t_p_value(*found) == pytest.approx(test.pvalue, rel=1e-8)
    moved = difference(mean_of(factor * (one + shift)), mean_of(factor * (other + shift)))
    assert moved.estimate == pytest.approx(factor * found.estimate, rel=1e-9, abs=1e-9 * factor)
    assert moved.std_error == pytest.approx(factor * found.std_error, rel=1e-9)
    turned = difference(mean_of(other), mean_of(one))
    assert turned.estimate == pytest.approx(-found.estimate, rel=1e-12)
    assert turned.df == pytest.approx(found.df, rel=1e-12)
    assert min(len(one), len(other)) - 1 <= found.df[0] * (1 + 1e-12) <= (len(one) + len(other) - 2) * (1 + 1e-9)


def test_half_of_a_population_halves_the_variance_and_all_of_it_leaves_none():
    """Cochran (1977), Sampling Techniques, theorem 2.2: the variance of the mean is s^2 / n (1 - n / N)."""
    whole = mean_of(FIRST)
    assert of_finite(whole, np.array([20.0])).std_error == pytest.approx(whole.std_error * np.sqrt(0.5), rel=1e-14)
    assert of_finite(whole, np.array([np.inf])).std_error == whole.std_error
    assert of_finite(whole, whole.n).std_error == 0
    assert of_finite(mean_of(FIRST[:1]), np.array([1.0])).std_error == 0
    assert np.isnan(of_finite(mean_of(FIRST[:1]), np.array([2.0])).std_error)


def test_a_side_without_error_leaves_error_and_degrees_of_freedom_to_the_other():
    """Satterthwaite (1946): the weight of a component in the degrees of freedom is its share of the variance."""
    sample, census = mean_of(FIRST), of_finite(mean_of([3.0]), np.array([1.0]))
    found = difference(sample, census)
    assert (found.std_error, found.df) == (sample.std_error, 9)
    assert found.estimate == pytest.approx(3 - 0.75, rel=1e-14)
    same = difference(mean_of([2, 2, 2]), mean_of([5, 5]))
    assert (same.estimate[0], same.std_error[0], same.df[0]) == (3, 0, 1)


def test_a_side_of_one_gives_an_estimate_and_no_error():
    found = difference(mean_of([2.0]), mean_of(FIRST))
    assert found.estimate == pytest.approx(-1.25)
    assert np.isnan([found.std_error[0], found.df[0]]).all()
