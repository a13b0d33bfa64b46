"""Alpha and its kin against R, against arithmetic, and against the laws that they must keep."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from cxgap.stats.bootstrap import Source
from cxgap.stats.consistency import Battery, bootstrap_ends, source_of
from cxgap.stats.covariance import complete, correlations, covariances, of_moments, unit_moments
from cxgap.stats.discriminant import htmt, htmt2
from cxgap.stats.extraction import extract
from cxgap.stats.means import Design
from cxgap.stats.noise import normal_shortfall, reliable_shortfall
from cxgap.stats.onefactor import (
    average_variance,
    composite_reliability,
    heywood,
    likeliest,
    omega,
    omega_near,
    omega_of,
    omega_of_loadings,
    one_factor,
)
from cxgap.stats.reliability import (
    alpha,
    alpha_if_deleted,
    alpha_standardised,
    alpha_std_error,
    average_r,
    combined_reliability,
    difference_reliability,
    difference_reliability_alike,
    feldt,
    item_rest,
    item_total,
    lambda6,
    median_r,
    spearman_brown,
)

# `attitude` of R: 30 departments on 7 questions, in per cent. Chatterjee & Price (1977), Regression Analysis by Example, Wiley.
ATTITUDE = np.array(
    [
        [43, 51, 30, 39, 61, 92, 45], [63, 64, 51, 54, 63, 73, 47], [71, 70, 68, 69, 76, 86, 48], [61, 63, 45, 47, 54, 84, 35],
        [81, 78, 56, 66, 71, 83, 47], [43, 55, 49, 44, 54, 49, 34], [58, 67, 42, 56, 66, 68, 35], [71, 75, 50, 55, 70, 66, 41],
        [72, 82, 72, 67, 71, 83, 31], [67, 61, 45, 47, 62, 80, 41], [64, 53, 53, 58, 58, 67, 34], [67, 60, 47, 39, 59, 74, 41],
        [69, 62, 57, 42, 55, 63, 25], [68, 83, 83, 45, 59, 77, 35], [77, 77, 54, 72, 79, 77, 46], [81, 90, 50, 72, 60, 54, 36],
        [74, 85, 64, 69, 79, 79, 63], [65, 60, 65, 75, 55, 80, 60], [65, 70, 46, 57, 75, 85, 46], [50, 58, 68, 54, 64, 78, 52],
        [50, 40, 33, 34, 43, 64, 33], [64, 61, 52, 62, 66, 80, 41], [53, 66, 52, 50, 63, 80, 37], [40, 37, 42, 58, 50, 57, 49],
        [63, 54, 42, 48, 66, 75, 33], [66, 77, 66, 63, 88, 76, 72], [78, 75, 58, 74, 80, 78, 49], [48, 57, 44, 45, 51, 83, 38],
        [85, 85, 71, 71, 77, 74, 55], [82, 82, 39, 59, 64, 78, 39],
    ],
    float,
)  # fmt: skip
CONGENERIC = np.array([0.8, 0.7, 0.6, 0.5])


def matrix(x: np.ndarray, weight: np.ndarray | None = None) -> np.ndarray:
    return covariances(x, np.zeros(len(x), int), 1, np.ones(len(x)) if weight is None else weight).matrix[0]


def implied(loading: np.ndarray) -> np.ndarray:
    return np.outer(loading, loading) * (1 - np.eye(len(loading))) + np.eye(len(loading))


def sample(seed: int, people: int = 80, items: int = 5) -> np.ndarray:
    random = np.random.default_rng(seed)
    shared = random.normal(size=(people, 1))
    return np.clip(np.round(4 + shared + random.normal(size=(people, items))), 1, 7)


def test_attitude_is_as_in_r():
    """R 4.2.2, psych 2.2.9: alpha(attitude)."""
    c = matrix(ATTITUDE)
    assert float(alpha(c)) == pytest.approx(0.8431428, abs=5e-8)
    assert float(alpha_standardised(c)) == pytest.approx(0.8390838, abs=5e-8)
    without = (0.8097602, 0.7969175, 0.8278478, 0.8030310, 0.7953866, 0.8638723, 0.8404649)
    assert alpha_if_deleted(c) == pytest.approx(without, abs=5e-8)
    rest = (0.671262, 0.742110, 0.560711, 0.714446, 0.786276, 0.265034, 0.460811)
    assert item_rest(c) == pytest.approx(rest, abs=1e-6)
    low, high = feldt(alpha(c), np.array(30), np.array(7), conf_level=0.95)
    assert (low, high) == pytest.approx((0.7393757, 0.9157731), abs=5e-8)


def test_feldts_interval_needs_the_summary_alone():
    """R 4.2.2, psychometric: alpha.CI(.7, k = 10, N = 200)."""
    ends = feldt(np.array(0.7), np.array(200), np.array(10), conf_level=0.95)
    assert ends == pytest.approx((0.6339897, 0.7583569), abs=5e-8)


def test_congeneric_loadings_by_arithmetic():
    """Loadings .8 .7 .6 .5: (sum l)^2 = 6.76, sum u = 2.26, sum l^2 = 1.74."""
    r, u = implied(CONGENERIC), 1 - CONGENERIC**2
    assert float(omega_of_loadings(CONGENERIC, u)) == pytest.approx(6.76 / 9.02, rel=1e-12)
    assert float(omega_of_loadings(CONGENERIC, u)) == pytest.approx(0.7494457, abs=5e-8)
    assert float(alpha(r)) == pytest.approx(0.7420547, abs=5e-8)
    assert float(average_variance(CONGENERIC)) == pytest.approx(0.435, rel=1e-12)
    assert one_factor(r) == pytest.approx(CONGENERIC, abs=1e-8)
    assert float(omega(r, one_factor(r))) == pytest.approx(0.7494457, abs=5e-8)
    assert float(composite_reliability(CONGENERIC)) == pytest.approx(0.7494457, abs=5e-8)


def test_one_factor_of_three_items_is_closed():
    """With three items l1^2 = r12 r13 / r23 (Spearman 1904): the fit is exact."""
    r = np.array([[1, 0.42, 0.3], [0.42, 1, 0.35], [0.3, 0.35, 1]])
    assert one_factor(r)[0] == pytest.approx(np.sqrt(0.42 * 0.3 / 0.35), abs=1e-8)


def test_a_heywood_case_has_no_omega():
    """r12 r13 / r23 = 0.9 * 0.9 / 0.5 is above 1: the first item would have less than no variance of its own."""
    r = np.array([[1, 0.9, 0.9], [0.9, 1, 0.5], [0.9, 0.5, 1]])
    loading = one_factor(r)
    assert heywood(loading)
    assert np.isnan(omega(r, loading))
    assert np.isnan(composite_reliability(loading))


def test_two_items_have_spearman_and_browns_coefficient_and_no_omega():
    """2 r / (1 + r) is the standardised alpha of two items; alpha without one of them is that of a single item."""
    c = matrix(sample(1, items=2))
    r = correlations(c)[0, 1]
    assert float(alpha_standardised(c)) == pytest.approx(2 * r / (1 + r), rel=1e-12)
    assert spearman_brown(r) == pytest.approx(2 * r / (1 + r), rel=1e-12)
    assert float(lambda6(c)) == pytest.approx(r, rel=1e-9)
    assert np.isnan(alpha_if_deleted(c)).all()
    assert np.isnan(omega_of(c)[0])


def test_one_item_has_nothing():
    c = matrix(sample(1, items=1))
    for value in (alpha(c), alpha_standardised(c), average_r(c), median_r(c), lambda6(c), omega_of(c)[0]):
        assert np.isnan(value)
    assert np.isnan(feldt(alpha(c), np.array(80), np.array(1), conf_level=0.95)).all()


def test_nobody_and_one_respondent_have_nothing():
    c = covariances(sample(2), np.array([0, 1] + [2] * 78), 4, np.ones(80))
    assert c.n.tolist() == [1, 1, 78, 0]
    assert np.isfinite(alpha(c.matrix)).tolist() == [False, False, True, False]


def test_items_that_speak_against_each_other_make_alpha_negative():
    """Two items with r = -.5: alpha = 2 (1 - 2 / 1) = -2."""
    assert float(alpha(np.array([[1, -0.5], [-0.5, 1]]))) == pytest.approx(-2, rel=1e-12)


@given(st.integers(0, 200), st.floats(-1e6, 1e6), st.sampled_from([1e-3, 0.1, 1.0, 300.0]))
@settings(max_examples=40, deadline=None, derandomize=True)
def test_an_item_that_everybody_answers_alike_changes_nothing(seed, answer, unit):
    """Its variance is rounding at most, in whatever unit; it is not an item."""
    x = sample(seed) * unit
    more = matrix(np.column_stack([x, np.full(len(x), answer)]))
    for measure in (alpha, alpha_standardised, average_r, median_r, lambda6):
        assert float(measure(more)) == pytest.approx(float(measure(matrix(x))), rel=1e-9)
    assert float(omega_of(more)[0]) == pytest.approx(float(omega_of(matrix(x))[0]), rel=1e-7, nan_ok=True)
    assert np.isnan(item_rest(more)[-1])
    assert np.isnan(alpha_if_deleted(more)[-1])


@given(st.integers(0, 200))
@settings(max_examples=30, deadline=None, derandomize=True)
def test_the_order_of_rows_and_items_the_unit_of_weights_and_a_split_row_change_nothing(seed):
    """A weight of two is two rows of one, for every ratio of covariances."""
    random = np.random.default_rng(seed)
    x, weight = sample(seed), random.integers(1, 4, 80).astype(float)
    c, rows, items = matrix(x, weight), random.permutation(80), random.permutation(5)
    again = matrix(x[rows][:, items], 7 * weight[rows])
    split = matrix(np.repeat(x, weight.astype(int), axis=0))
    for measure in (alpha, alpha_standardised, average_r, median_r, lambda6):
        assert float(measure(again)) == pytest.approx(float(measure(c)), rel=1e-10)
        assert float(measure(split)) == pytest.approx(float(measure(c)), rel=1e-10)
    for each in (item_rest, item_total, alpha_if_deleted):
        assert each(again) == pytest.approx(each(c)[items], rel=1e-9)
    assert omega_of(again)[0] == pytest.approx(omega_of(c)[0], abs=1e-7, nan_ok=True)
    assert alpha_std_error(again, np.array(80)) == pytest.approx(alpha_std_error(c, np.array(80)), rel=1e-9)


def test_covariances_are_numpys_in_each_cell_and_leave_incomplete_rows_out():
    """numpy.cov of the complete rows; with weights numpy.cov(aweights) turned to n / (n - 1)."""
    random = np.random.default_rng(4)
    x, cell, weight = sample(4), random.integers(0, 3, 80), random.choice([0.0, 0.5, 2.0], 80)
    x[random.random(x.shape) < 0.05] = np.nan
    found = covariances(x, cell, 3, weight)
    for place in range(3):
        rows = (cell == place) & complete(x) & (weight > 0)
        n, own = rows.sum(), weight[rows]
        assert found.n[place] == n
        assert found.matrix[place] == pytest.approx(np.cov(x[rows].T, aweights=own, ddof=0) * n / (n - 1), rel=1e-12)


def test_item_rest_and_item_total_are_correlations_with_sums():
    x = sample(5)
    c, total = matrix(x), x.sum(axis=1)
    assert item_total(c) == pytest.approx([np.corrcoef(x[:, j], total)[0, 1] for j in range(5)], rel=1e-12)
    assert item_rest(c) == pytest.approx([np.corrcoef(x[:, j], total - x[:, j])[0, 1] for j in range(5)], rel=1e-12)


def test_lambda6_is_one_less_the_residual_variances_of_regressions():
    """Guttman (1945): each standardised item on the others by least squares."""
    x = (sample(6) - sample(6).mean(axis=0)) / sample(6).std(axis=0)
    left = 0.0
    for item in range(5):
        others = np.delete(x, item, axis=1)
        left += np.var(x[:, item] - others @ np.linalg.lstsq(others, x[:, item], rcond=None)[0])
    assert float(lambda6(matrix(x))) == pytest.approx(1 - left / np.var(x.sum(axis=1)), rel=1e-10)


def test_minres_leaves_no_smaller_residuals_nearby():
    r = correlations(matrix(sample(7)))
    loading = one_factor(r)

    def misfit(values):
        return ((r - np.outer(values, values)) ** 2 * (1 - np.eye(5))).sum()

    random = np.random.default_rng(0)
    for _ in range(50):
        assert misfit(loading) <= misfit(loading + 1e-3 * random.normal(size=5)) + 1e-14


def test_mobi_gap_is_unreliable():
    """R 4.2.2 on `mobi` (Tenenhaus et al. 2005, CSDA 48, 159-205): expectation .433 and perception .872 make a gap of .234."""
    found = difference_reliability(1.6029344, 1.6031460, 0.5465175, 0.4325968, 0.8724064)
    assert float(found) == pytest.approx(0.2337436, abs=5e-7)
    alike = difference_reliability_alike(0.5465175, 0.4325968, 0.8724064)
    assert float(alike) == pytest.approx(((0.4325968 + 0.8724064) / 2 - 0.5465175) / (1 - 0.5465175), rel=1e-12)


@given(st.floats(0.1, 9), st.floats(-0.9, 0.9), st.floats(0.2, 1), st.floats(0.2, 1))
def test_the_two_forms_agree_where_the_variances_do(variance, r, start, end):
    """Lord (1963): with equal variances the general form is (mean reliability - r) / (1 - r)."""
    general = difference_reliability(variance, variance, r, start, end)
    assert float(general) == pytest.approx(float(difference_reliability_alike(r, start, end)), abs=1e-9)


def test_a_gap_that_does_not_vary_has_no_reliability():
    assert np.isnan(difference_reliability(1.3, 1.3, 1.0, 0.8, 0.8))
    assert float(difference_reliability(1.0, 1.0, 0.8, 0.5, 0.5)) < 0


def test_a_sum_of_scores_is_as_reliable_as_nunnally_says():
    """Two uncorrelated scores of variance 1 and reliability .8: (2 * .8) / 2; one score alone keeps its own."""
    assert float(combined_reliability(np.ones(2), np.full(2, 0.8), 2.0)) == pytest.approx(0.8, rel=1e-12)
    assert float(combined_reliability(np.array([4.0]), np.array([0.7]), 4.0)) == pytest.approx(0.7, rel=1e-12)


def test_noise_makes_shortfall():
    """Mean .2011429, sd 1.2057783, reliability .2337436 (mobi): most of the apparent shortfall can be noise."""
    raw = normal_shortfall(0.2011429, 1.2057783)
    reliable = reliable_shortfall(0.2011429, 1.2057783, 0.2337436)
    assert (float(raw.mean), float(raw.prevalence)) == pytest.approx((0.387142, 0.433757), abs=5e-7)
    assert (float(reliable.mean), float(reliable.prevalence)) == pytest.approx((0.145703, 0.365033), abs=5e-7)


@given(st.floats(-3, 3), st.floats(0.05, 4))
def test_shortfall_is_the_integral_of_the_normal_curve(mean, std_dev):
    """E[max(0, -G)] by quadrature."""
    grid = np.linspace(mean - 12 * std_dev, mean + 12 * std_dev, 20_001)
    values = np.maximum(-grid, 0) * norm.pdf(grid, mean, std_dev)
    assert float(normal_shortfall(mean, std_dev).mean) == pytest.approx(values.sum() * (grid[1] - grid[0]), abs=2e-5)


def test_shortfall_without_spread_or_reliability():
    assert float(normal_shortfall(-0.4, 0.0).mean) == 0.4
    assert float(normal_shortfall(0.4, 0.0).prevalence) == 0
    assert np.isnan(reliable_shortfall(np.zeros(3), np.ones(3), np.array([0.0, -0.2, np.nan])).mean).all()


def test_htmt_by_arithmetic():
    """Within .5 and .4, between .3 .2 .2 .1: .2 / sqrt(.2), and (.3 .2 .2 .1)^(1/4) / sqrt(.2)."""
    r = np.eye(4)
    for one, other, value in ((0, 1, 0.5), (2, 3, 0.4), (0, 2, 0.3), (0, 3, -0.2), (1, 2, 0.2), (1, 3, 0.1)):
        r[one, other] = r[other, one] = value
    code = np.array([0, 0, 1, 1])
    assert htmt(r, code, 2)[0, 1] == pytest.approx(0.2 / np.sqrt(0.2), rel=1e-12)
    assert htmt2(r, code, 2)[1, 0] == pytest.approx(0.0012**0.25 / np.sqrt(0.2), rel=1e-12)
    assert np.isnan(htmt(r, np.array([0, 0, 0, 1]), 2)[0, 1])


@given(st.integers(0, 50))
@settings(max_examples=20, deadline=None, derandomize=True)
def test_htmt_does_not_depend_on_the_order_of_items(seed):
    random = np.random.default_rng(seed)
    r, code, order = correlations(matrix(sample(seed, items=6))), np.array([0, 0, 0, 1, 1, 1]), random.permutation(6)
    for measure in (htmt, htmt2):
        assert measure(r[np.ix_(order, order)], code[order], 2) == pytest.approx(measure(r, code, 2), nan_ok=True)


def test_moments_of_units_give_the_covariances_again():
    """The sums of all units are those of the sample; a unit taken twice is a sample with its rows twice."""
    x, unit = sample(8), np.arange(80) % 30
    moments = unit_moments(x, np.ones(80), unit, 30)
    times = np.ones(30)
    times[3] = 2
    twice = np.concatenate([x, x[unit == 3]])
    assert of_moments(times @ moments, 5) == pytest.approx(np.cov(twice.T, ddof=0), rel=1e-10)


def battery(x: np.ndarray, unit: np.ndarray, units: int) -> Battery:
    return Battery(unit_moments(x, np.ones(len(x)), unit, units), omega_of(matrix(x))[1])


def test_bootstrap_agrees_with_feldt_where_feldt_holds():
    """Normal answers of independent respondents: the two intervals have about the same ends."""
    random = np.random.default_rng(9)
    x = random.normal(size=(400, 1)) + random.normal(size=(400, 5))
    ends = bootstrap_ends([battery(x, np.arange(400), 400)], Source.simple("x", 400), conf_level=0.95)
    low, high = feldt(alpha(matrix(x)), np.array(400), np.array(5), conf_level=0.95)
    assert (ends.alpha_low[0], ends.alpha_high[0]) == pytest.approx((float(low), float(high)), abs=0.012)
    assert (ends.omega_low[0], ends.omega_high[0]) == pytest.approx((float(low), float(high)), abs=0.012)


def test_visits_of_one_respondent_are_not_new_respondents():
    """Each respondent four times over: drawn as respondents, the interval is that of the respondents, not half as wide."""
    x = sample(10, people=100)
    once = bootstrap_ends([battery(x, np.arange(100), 100)], Source.simple("x", 100), conf_level=0.95)
    often = bootstrap_ends(
        [battery(np.tile(x, (4, 1)), np.tile(np.arange(100), 4), 100)], Source.simple("x", 100), conf_level=0.95
    )
    assert np.array(often) == pytest.approx(np.array(once), abs=1e-3)


def test_a_census_has_no_interval_to_speak_of():
    """All units of the population were drawn: nothing else could have come."""
    design = Design(np.ones(80), np.zeros(80, np.int64), np.arange(80), np.array([80.0]))
    x = sample(11)
    ends = bootstrap_ends([battery(x, np.arange(80), 80)], source_of("x", design), conf_level=0.95, count=199)
    assert (ends.alpha_low[0], ends.alpha_high[0]) == pytest.approx((float(alpha(matrix(x))),) * 2, abs=1e-12)


def test_a_bootstrap_needs_two_units():
    x = sample(12)
    ends = bootstrap_ends([battery(x, np.zeros(80, int), 1)], Source.simple("x", 1), conf_level=0.95, count=99)
    assert np.isnan(np.array(ends)).all()
    assert len(bootstrap_ends([], Source.simple("x", 1), conf_level=0.95).alpha_low) == 0


@pytest.mark.parametrize(("items", "rows"), [(3, 400), (5, 400), (12, 250)])
def test_replicates_near_a_sample_are_fitted_as_alone(items, rows):
    """Each replicate by `one_factor` from its own start, sweep by sweep; a loading beyond 1 counts as 1."""
    random = np.random.default_rng(items)
    x = random.normal(size=(rows, 1)) * np.linspace(0.4, 1.1, items) + random.normal(size=(rows, items))
    _, loading = omega_of(np.cov(x.T))
    drawn = np.array([np.cov(x[random.integers(0, rows, rows)].T) for _ in range(60)])
    r = drawn / np.sqrt(np.einsum("nii,njj->nij", drawn, drawn))
    alone = omega(r, np.clip(one_factor(r), -1, 1))
    found = omega_near(drawn, loading)
    settled = np.isfinite(alone)
    assert settled.sum() > 50
    assert found[settled] == pytest.approx(alone[settled], abs=2e-5)
    assert loading == pytest.approx(one_factor(np.corrcoef(x.T)), abs=1e-8)


@pytest.mark.parametrize("items", [3, 6, 15])
def test_the_likeliest_factor_is_that_of_the_general_search(items):
    """`extract` with method "ml", which test_factors holds against R's factanal."""
    random = np.random.default_rng(items)
    x = random.normal(size=(300, 1)) * np.linspace(0.5, 1.2, items) + random.normal(size=(300, items))
    r = np.corrcoef(x.T)
    found = likeliest(r, one_factor(r))
    assert found == pytest.approx(extract(r, 1, method="ml").loading[:, 0], abs=1e-6)


def test_a_factor_that_leaves_an_item_nothing_has_no_likeliest_loadings():
    """A Heywood case made by hand: r12 r13 / r23 is above 1."""
    r = np.array([[1, 0.9, 0.9], [0.9, 1, 0.7], [0.9, 0.7, 1]])
    assert likeliest(r, one_factor(r)) is None
