"""Two ordered distributions against methods O-7.2, SciPy and the analytic error, and laws that hold for any pair."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ks_2samp, mannwhitneyu, wasserstein_distance

from cxgap.stats.ordinal import compare, reaching, superiority_interval

LAW = settings(max_examples=25, deadline=None, derandomize=True)
SEEDS = st.integers(0, 2**32 - 1)
ANSWERS = np.arange(1.0, 8.0)
COMPANY = np.array([[0.02, 0.03, 0.05, 0.10, 0.20, 0.30, 0.30]])
CUSTOMERS = np.array([[0.05, 0.10, 0.15, 0.20, 0.25, 0.15, 0.10]])


def tables(seed: int, cells: int = 3) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    return random.integers(0, 9, (cells, 7)) + 0.5, random.integers(0, 9, (cells, 7)) + 0.5


def interval(first: np.ndarray, second: np.ndarray, **changes: object) -> tuple[float, float]:
    """One stratum, each of the second a sampling unit of weight 1, unless `changes` say otherwise."""
    n = len(second)
    design: dict[str, object] = {"weight": np.ones(n), "stratum": np.zeros(n, int), "psu": np.arange(n), "units": np.array([n])}
    return superiority_interval(first, second, **{**design, "conf_level": 0.95, **changes})


# Numbers


def test_the_published_pair_has_its_distance_shift_and_superiority():
    """Methods O-7.2b: W1 1.18 equals the mean difference, top-2 shares differ by .35, A is .71225."""
    found = compare(COMPANY, CUSTOMERS, ANSWERS)
    assert found.w1[0] == pytest.approx(1.18, abs=1e-12)
    assert ((COMPANY - CUSTOMERS) @ ANSWERS)[0] == pytest.approx(1.18, abs=1e-12)
    assert found.pure_shift[0] == pytest.approx(1, abs=1e-12)
    assert found.superiority[0] == pytest.approx(0.71225, abs=1e-12)
    assert (reaching(COMPANY, ANSWERS, [6]) - reaching(CUSTOMERS, ANSWERS, [6]))[0, 0] == pytest.approx(0.35, abs=1e-12)
    assert found.kolmogorov[0] == pytest.approx(0.35, abs=1e-12)


def test_distributions_that_cross_differ_by_more_than_their_means():
    """Arithmetic: halves at 1 and 7 against all at 4 have one mean and lie 3 apart; against all at 5 the means differ by 1."""
    ends, middle, above = np.zeros((3, 1, 7))
    ends[0, [0, 6]], middle[0, 3], above[0, 4] = 1, 1, 1
    crossing, shifted = compare(ends, middle, ANSWERS), compare(ends, above, ANSWERS)
    assert (crossing.w1[0], crossing.pure_shift[0], crossing.kolmogorov[0], crossing.superiority[0]) == (3, 0, 0.5, 0.5)
    assert (shifted.w1[0], shifted.pure_shift[0]) == pytest.approx((3, 1 / 3))


@LAW
@given(seed=SEEDS)
def test_distance_kolmogorov_and_superiority_are_scipys(seed):
    """scipy.stats: wasserstein_distance, ks_2samp, and mannwhitneyu's U over the number of pairs; uneven steps, many ties."""
    random = np.random.default_rng(seed)
    values = np.array([1, 1.5, 3, 4, 4.25, 7])
    first, second = (random.choice(values, size) for size in random.integers(2, 40, 2))
    counted = [np.array([[np.sum(sample == value) for value in values]]) for sample in (first, second)]
    found = compare(*counted, values)
    assert found.w1[0] == pytest.approx(wasserstein_distance(first, second), abs=1e-12)
    assert found.kolmogorov[0] == pytest.approx(ks_2samp(first, second, method="asymp").statistic, abs=1e-12)
    assert found.superiority[0] == pytest.approx(mannwhitneyu(first, second).statistic / (len(first) * len(second)), abs=1e-12)
    if found.w1[0] > 0:
        assert found.pure_shift[0] == pytest.approx(abs(first.mean() - second.mean()) / found.w1[0], abs=1e-12)


def test_the_interval_of_superiority_has_the_width_of_its_analytic_error():
    """DeLong, DeLong & Clarke-Pearson (1988), Biometrics 44(3), 837-845: the variances of the two samples' placements added."""
    random = np.random.default_rng(5)
    first, second = random.integers(3, 8, 40).astype(float), random.integers(1, 8, 600).astype(float)
    wins = (first[:, None] > second) + (first[:, None] == second) / 2
    error = np.sqrt(wins.mean(1).var(ddof=1) / 40 + wins.mean(0).var(ddof=1) / 600)
    low, high = interval(first, second)
    assert (low + high) / 2 == pytest.approx(wins.mean(), abs=0.25 * error)
    assert high - low == pytest.approx(2 * 1.959964 * error, rel=0.08)


def test_units_drawn_together_widen_the_interval():
    """Design effect: ten copies of each customer in one sampling unit tell no more than the customers themselves."""
    random = np.random.default_rng(8)
    first, second = random.integers(3, 8, 400).astype(float), random.integers(1, 8, 60).astype(float)
    copies = np.repeat(second, 10)
    alone, apart = interval(first, second), interval(first, copies)
    together = interval(first, copies, psu=np.repeat(np.arange(60), 10), units=np.array([60]))
    assert together[1] - together[0] == pytest.approx(alone[1] - alone[0], rel=0.08)
    assert apart[1] - apart[0] < 0.6 * (together[1] - together[0])


def test_so_many_kinds_of_customers_that_sums_are_drawn_have_the_same_interval():
    """The central limit: 12,000 customers of 12,000 weights, against the same weights rounded to forty values."""
    random = np.random.default_rng(9)
    first, second = random.integers(3, 8, 2000).astype(float), random.integers(1, 8, 12_000).astype(float)
    weight = random.uniform(0.5, 2.5, 12_000)
    many, few = interval(first, second, weight=weight), interval(first, second, weight=np.round(weight * 20) / 20)
    assert sum(many) == pytest.approx(sum(few), abs=0.1 * (few[1] - few[0]))
    assert many[1] - many[0] == pytest.approx(few[1] - few[0], rel=0.08)
    order = random.permutation(12_000)
    assert interval(first, second[order], weight=7 * weight[order]) == pytest.approx(many, abs=1e-9)


# Laws


@LAW
@given(seed=SEEDS, factor=st.floats(0.01, 100), shift=st.floats(-50, 50))
def test_weights_have_no_unit_and_a_constant_moves_nothing(seed, factor, shift):
    first, second = tables(seed)
    plain, moved = compare(first, second, ANSWERS), compare(first * factor, second / factor, ANSWERS + shift)
    for expected, found in zip(plain, moved, strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)


@LAW
@given(seed=SEEDS)
def test_sides_change_places(seed):
    first, second = tables(seed)
    there, back = compare(first, second, ANSWERS), compare(second, first, ANSWERS)
    np.testing.assert_allclose(there.superiority + back.superiority, 1, rtol=1e-12)
    np.testing.assert_allclose(there.w1, back.w1, rtol=1e-12)
    np.testing.assert_allclose(there.kolmogorov, back.kolmogorov, rtol=1e-12)


@LAW
@given(seed=SEEDS)
def test_the_shift_is_pure_where_no_cut_says_otherwise_and_nowhere_else(seed):
    """Methods 7.2: W1 equals the difference of the means exactly where one distribution dominates the other."""
    first, second = tables(seed, cells=8)
    found, differences = compare(first, second, ANSWERS), reaching(first, ANSWERS, ANSWERS) - reaching(second, ANSWERS, ANSWERS)
    dominates = (differences >= -1e-12).all(axis=1) | (differences <= 1e-12).all(axis=1)
    assert ((found.pure_shift > 1 - 1e-12) == dominates).all()


@LAW
@given(seed=SEEDS)
def test_shares_fall_from_all_to_those_at_the_top(seed):
    first, _ = tables(seed)
    shares = reaching(first, ANSWERS, ANSWERS)
    assert (np.diff(shares, axis=1) <= 1e-12).all()
    np.testing.assert_allclose(shares[:, 0], 1)
    np.testing.assert_allclose(shares[:, -1], first[:, -1] / first.sum(axis=1))


def test_a_mean_of_answers_that_rounds_below_a_cut_reaches_it():
    """0.1 + 0.2 + 0.3 in another order is less than 0.6 by rounding alone."""
    assert reaching([[1]], [0.3 + 0.2 + 0.1 - 1e-15], [0.6])[0, 0] == 1


def test_the_interval_does_not_depend_on_the_order_of_rows_or_the_unit_of_weights():
    random = np.random.default_rng(3)
    first, second = random.integers(3, 8, 12).astype(float), random.integers(1, 8, 80).astype(float)
    design = {"weight": random.choice([0.5, 1, 2], 80), "stratum": np.repeat([0, 1], 40), "psu": np.arange(80) // 2}
    units, order = np.array([25, 20]), random.permutation(80)
    plain = interval(first, second, **design, units=units)
    moved = {name: values[order] for name, values in design.items()} | {"weight": 7 * design["weight"][order]}
    assert interval(first[::-1], second[order], **moved, units=units) == pytest.approx(plain, rel=1e-12)
    assert interval(first, second, **design, units=units, seed=1) != plain


# Edges


def test_nothing_to_compare_is_nan():
    none, some = np.zeros((1, 7)), COMPANY
    assert all(np.isnan(values).all() for values in (*compare(none, some, ANSWERS), *compare(some, none, ANSWERS)))
    assert np.isnan(reaching(none, ANSWERS, [4])).all()
    alike = compare(some, some, ANSWERS)
    assert (alike.w1[0], alike.kolmogorov[0]) == (0, 0)
    assert np.isnan(alike.pure_shift[0])
    assert alike.superiority[0] == pytest.approx(0.5)


def test_a_sample_of_one_has_no_interval_and_one_without_ties_never_leaves_the_range():
    one, low, high = np.array([4.0]), np.array([1.0, 2, 3]), np.array([5.0, 6, 7])
    assert np.isnan(interval(one, low)).all()
    assert np.isnan(interval(low, one)).all()
    assert interval(high, low) == (1, 1)
    assert interval(low, high) == (0, 0)
