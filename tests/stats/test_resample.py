"""Bootstrap intervals against R's boot, published examples and the sums they are made of."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from cxgap.stats.bootstrap import Source, draws, rescaled
from cxgap.stats.means import Design, design_means, simple_means
from cxgap.stats.redrawn import design_replicates, simple_replicates
from cxgap.stats.resample import (
    Replicates,
    acceleration,
    bca_interval,
    bias_correction,
    boot_t_interval,
    constant,
    jackknife,
    order_statistic,
    percentile_interval,
    regressed,
    replicate,
)

# Davison & Hinkley (1997), Bootstrap Methods and their Application: inhabitants of ten cities in 1920 and 1930, and hours
# between failures of air conditioning.
CITIES = np.array([[138, 93, 61, 179, 48, 37, 29, 23, 30, 2], [143, 104, 69, 260, 75, 63, 50, 48, 111, 50.0]])
HOURS = np.array([3, 5, 7, 18, 43, 85, 91, 98, 100, 130, 230, 487.0])
# Efron & Tibshirani (1993), An Introduction to the Bootstrap: 15 law schools.
LSAT = np.array([576, 635, 558, 578, 666, 580, 555, 661, 651, 605, 653, 575, 545, 572, 594.0])
GPA = np.array([3.39, 3.30, 2.81, 3.03, 3.44, 3.07, 3.00, 3.43, 3.36, 3.13, 3.12, 2.74, 2.76, 2.88, 2.96])


def growth(weight):
    return (weight @ CITIES[1]) / (weight @ CITIES[0])


def hours(weight):
    return weight @ HOURS / weight.sum()


def correlation(weight):
    first, second = (values - weight @ values / weight.sum() for values in (LSAT, GPA))
    return (weight * first) @ second / np.sqrt((weight * first) @ first * ((weight * second) @ second))


def both(statistic, units, *, count=9999, conf_level=0.95, seed=1):
    drawn = replicate(statistic, Source.simple("example", units), count, seed=seed, rescale=False)
    low, high, unsafe = bca_interval(drawn.values, statistic(np.ones(units)), drawn.acceleration, conf_level=conf_level)
    assert not unsafe[0]
    percentile = percentile_interval(drawn.values, conf_level=conf_level)
    return (percentile[0][0], percentile[1][0]), (low[0], high[0])


def test_the_growth_of_cities_is_that_of_rs_boot():
    """R 4.2.2, boot 1.3-28.1: boot.ci(boot(city, ratio, R = 9999), type = c("perc", "bca")); Monte-Carlo tolerance."""
    assert growth(np.ones(10)) == 1.5203125
    percentile, bca = both(growth, 10)
    assert percentile == pytest.approx((1.248, 2.123), abs=0.03)
    assert bca == pytest.approx((1.253, 2.148), abs=0.07)  # R's acceleration is not the jackknife's: see below


def test_the_growth_of_cities_is_that_of_rs_boot_with_its_acceleration():
    """R 4.2.2, boot 1.3-28.1: boot.ci takes influences from a regression of the replicates (empinf(type = "reg"))."""
    (*parts,) = draws(Source.simple("example", 10), 9999, seed=1)
    times = np.concatenate(parts)
    values = np.array([[growth(row)] for row in times])
    low, high, _ = bca_interval(values, growth(np.ones(10)), regressed(values, times), conf_level=0.95, ties=0)
    assert (low[0], high[0]) == pytest.approx((1.253, 2.148), abs=0.035)


def test_hours_between_failures_are_those_of_rs_boot():
    """R 4.2.2, boot 1.3-28.1: boot.ci(boot(aircondit$hours, mean, R = 99999)); the acceleration by jackknife."""
    drawn = simple_replicates(HOURS, np.zeros(12, int), 1, ["hours"], count=99_999, seed=1)
    low, high = percentile_interval(drawn.values, conf_level=0.95)
    assert (low[0], high[0]) == pytest.approx((46.9, 191.7), abs=2)
    low, high, _ = bca_interval(drawn.values, HOURS.mean(), drawn.acceleration, conf_level=0.95)
    assert (low[0], high[0]) == pytest.approx((57.2, 227.2), abs=2)
    assert drawn.acceleration[0] == pytest.approx(0.0937981, abs=5e-8)
    assert acceleration(jackknife(hours, np.zeros(12, int)))[0] == pytest.approx(0.0937981, abs=5e-8)


def test_the_acceleration_of_a_mean_is_a_sixth_of_its_skewness_over_root_n():
    """Efron (1987), section 7: a = skewness / (6 sqrt(n)), the skewness with divisor n."""
    deviation = HOURS - HOURS.mean()
    skewness = (deviation**3).mean() / (deviation**2).mean() ** 1.5
    assert acceleration(jackknife(hours, np.zeros(12, int)))[0] == pytest.approx(skewness / (6 * np.sqrt(12)), rel=1e-12)


def test_law_schools_are_those_of_efron_and_tibshirani():
    """R 4.2.2, boot 1.3-28.1: 90 % intervals of cor(LSAT, GPA), about [.43, .93] by BCa and [.52, .95] by percentiles."""
    assert correlation(np.ones(15)) == pytest.approx(0.7763745, abs=5e-8)
    assert acceleration(jackknife(correlation, np.zeros(15, int)))[0] == pytest.approx(-0.0756716, abs=5e-8)
    percentile, bca = both(correlation, 15, conf_level=0.9)
    assert percentile == pytest.approx((0.52, 0.95), abs=0.015)
    assert bca == pytest.approx((0.43, 0.93), abs=0.015)


def test_the_acceleration_of_r_counts_influence_from_the_estimate():
    """boot::empinf(type = "jack") takes (n - 1)(t - t without the unit); for a mean that is the same."""
    left_out = jackknife(correlation, np.zeros(15, int))
    influence = correlation(np.ones(15)) - left_out
    expected = (influence**3).sum() / (6 * (influence**2).sum() ** 1.5)
    assert acceleration(left_out, centre=correlation(np.ones(15)))[0] == pytest.approx(expected, rel=1e-12)
    assert acceleration(left_out)[0] != pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize(("count", "conf_level"), [(9999, 0.95), (1999, 0.95), (1999, 0.9), (999, 0.98)])
def test_ends_are_order_statistics(count, conf_level):
    """The (B + 1) x tail-th of B replicates, an integer for these; Davison & Hinkley (1997), section 5.2.1."""
    values = np.random.default_rng(0).permutation(count).astype(float)[:, None] + 1  # the k-th smallest is k
    tail = round((count + 1) * (1 - conf_level) / 2)
    low, high = percentile_interval(values, conf_level=conf_level)
    assert (low[0], high[0]) == (tail, count + 1 - tail)


def test_between_two_order_statistics_the_normal_curve_decides():
    """Davison & Hinkley (1997), equation 5.8, by hand: 4 replicates, a fifth of the curve between two of them."""
    ordered = np.array([[1.0], [2.0], [4.0], [8.0]])
    part = (norm.ppf(0.3) - norm.ppf(0.2)) / (norm.ppf(0.4) - norm.ppf(0.2))
    assert order_statistic(ordered, 0.3)[0] == pytest.approx(1 + part, rel=1e-12)
    assert order_statistic(ordered, 0.4)[0] == 2
    assert order_statistic(ordered, [0.001])[0] == 1
    assert order_statistic(ordered, [0.999])[0] == 8
    assert np.isnan(order_statistic(ordered, np.nan)[0])


def test_replicates_that_drew_nobody_tell_nothing():
    values = np.array([[1.0, np.nan], [np.nan, np.nan], [2.0, np.nan], [3.0, np.nan]])
    low, high = percentile_interval(values, conf_level=0.5)
    assert (low[0], high[0]) == (1, 3)
    assert np.isnan([low[1], high[1]]).all()


def test_replicates_that_tie_with_the_estimate_count_half():
    """Efron (1987) with half weight for ties; R's boot counts those strictly below."""
    values = np.array([0, 0, 1, 1, 1, 1, 2, 2, 2, 2.0])[:, None]
    assert bias_correction(values, 1.0)[0] == pytest.approx(norm.ppf(0.4), rel=1e-12)
    assert bias_correction(values, 1.0, ties=0)[0] == pytest.approx(norm.ppf(0.2), rel=1e-12)
    assert bias_correction(values * 0.1, 0.3 - 0.2)[0] == pytest.approx(norm.ppf(0.4), rel=1e-12)  # but for rounding, a tie


@pytest.mark.parametrize(("estimate", "a"), [(0.0, 0.3), (0.0, -0.3), (0.8, 0.0), (0.0, np.nan), (99.0, 0.0)])
def test_bca_gives_way_to_percentiles_where_it_shifts_too_far(estimate, a):
    values = np.random.default_rng(2).standard_normal((1999, 1))
    low, high, unsafe = bca_interval(values, estimate, a, conf_level=0.95)
    expected = percentile_interval(values, conf_level=0.95)
    assert unsafe[0]
    assert (low[0], high[0]) == (expected[0][0], expected[1][0])


def test_bca_without_bias_and_acceleration_is_the_percentile_interval():
    values = np.linspace(-1, 1, 1999)[:, None]
    low, high, unsafe = bca_interval(values, 0.0, 0.0, conf_level=0.95)
    assert not unsafe[0]
    assert (low[0], high[0]) == pytest.approx((values[49, 0], values[1949, 0]), rel=1e-9)


def test_replicates_that_are_all_the_same_give_the_estimate_twice():
    """SciPy 1.12's bootstrap(method = "BCa") gives NaN; nothing varies, so nothing is uncertain."""
    values = np.full((999, 1), -0.3)
    assert constant(values)[0]
    low, high, unsafe = bca_interval(values, -0.3, np.nan, conf_level=0.95)
    assert (low[0], high[0], unsafe[0]) == (-0.3, -0.3, False)


def test_bootstrap_t_is_the_quantiles_of_the_studentised_replicates_turned_round():
    """R's boot.ci(type = "stud"): t - z(.975) se and t - z(.025) se, by hand."""
    random = np.random.default_rng(4)
    values, errors = random.normal(-1, 0.5, (1999, 1)), random.uniform(0.3, 0.6, (1999, 1))
    z = np.sort((values[:, 0] + 1) / errors[:, 0])
    low, high, lost = boot_t_interval(Replicates(values, errors), -1.0, 0.45, conf_level=0.95)
    assert (low[0], high[0]) == pytest.approx((-1 - z[1949] * 0.45, -1 - z[49] * 0.45), rel=1e-12)
    assert not lost[0]


@pytest.mark.parametrize(("dropped", "lost"), [(100, True), (49, False)])
def test_bootstrap_t_is_not_made_of_what_is_left_when_many_replicates_have_no_error(dropped, lost):
    """Of 999 replicates 5 % are 49.95."""
    random = np.random.default_rng(4)
    errors = np.ones((999, 1))
    errors[:dropped] = 0
    low, _, found = boot_t_interval(Replicates(random.standard_normal((999, 1)), errors), 0.0, 1.0, conf_level=0.95)
    assert found[0] == lost == np.isnan(low[0])


# Means drawn again

Y = np.array([-1, 0, -2, -1, 0, 1, -3, -1, -1, -2, 0, -2.0])
WEIGHT = np.array([10, 10, 12, 12, 8, 8, 20, 20, 25, 25, 15, 15.0])
UNIT, STRATUM, SEGMENT = np.repeat(np.arange(6), 2), np.repeat([0, 1], 6), np.array([1, 2, 1, 2, 1, 2, 1, 1, 2, 2, 1, 2]) - 1
ALL = np.arange(12)


def drawn(weight=WEIGHT, y=Y, cell=SEGMENT, order=ALL, count=1999, population=(np.inf, np.inf), **options):
    design = Design(weight[order], STRATUM[order], UNIT[order], np.array(population))
    place = np.argsort(order)
    return design_replicates(y, cell, 2, place, design, "people", count=count, studentised=True, **options)


def test_a_simple_mean_has_the_variance_of_its_sample_and_each_replicate_its_own():
    """Efron (1979): the bootstrap variance of a mean is the sum of squares over n squared, exactly in expectation."""
    y = np.round(np.random.default_rng(1).normal(size=14), 1)
    found = simple_replicates(y, np.zeros(14, int), 1, ["cell"], count=40_000)
    assert found.values.mean() == pytest.approx(y.mean(), abs=0.01)
    assert found.values.var() == pytest.approx(y.var() / 14, rel=0.03)
    assert (found.std_error**2).mean() == pytest.approx(y.var() / 14, rel=0.03)  # unbiased for the sample it is drawn from


def test_counts_of_values_and_respondents_drawn_one_by_one_are_the_same_bootstrap():
    """A sample of few values is drawn as a multinomial count; with values told apart by a hair, person by person."""
    y = np.repeat([-3.0, -1, 0, 1], [10, 30, 50, 10])
    hair = y + 1e-9 * np.arange(100)
    one, other = (simple_replicates(x, np.zeros(100, int), 1, ["cell"], count=20_000) for x in (y, hair))
    assert one.values.mean() == pytest.approx(other.values.mean(), abs=0.005)
    assert one.values.std() == pytest.approx(other.values.std(), rel=0.03)
    assert one.std_error.mean() == pytest.approx(other.std_error.mean(), rel=0.01)
    assert one.acceleration == pytest.approx(other.acceleration, rel=1e-6)


def test_a_design_has_the_variance_of_its_linearisation():
    """Rao & Wu (1988): for a ratio the bootstrap variance is the linearised one up to higher orders; here six large strata."""
    random = np.random.default_rng(3)
    people, unit = 1200, np.repeat(np.arange(240), 5)
    y, weight = random.normal(size=people) + random.normal(size=240)[unit], random.uniform(0.5, 2, people)
    design = Design(weight, unit // 40, unit, np.array([np.inf, 80, 100, 200, np.inf, 60]))
    cell = random.integers(0, 2, people)
    means = design_means(y, cell, 2, np.arange(people), design)
    found = design_replicates(y, cell, 2, np.arange(people), design, "people", count=4000, studentised=True)
    assert found.values.std(axis=0) == pytest.approx(means.std_error, rel=0.04)
    assert found.std_error.mean(axis=0) == pytest.approx(means.std_error, rel=0.02)
    assert found.units.tolist() == [len(np.unique(unit[cell == one])) for one in (0, 1)]


def test_the_standard_error_of_a_replicate_is_that_of_the_units_it_holds():
    """Linearisation, by hand, of a sample of two of three units a stratum, each scaled up by 3 / 2."""
    found, count = drawn(count=5), 5
    source = Source("people", np.repeat([0, 1], 3), np.zeros(2))
    (times,) = draws(source, count, seed=0, less=1)
    weights = rescaled(times, source)
    for number in range(count):
        for cell in (0, 1):
            weight = np.where(cell == SEGMENT, WEIGHT * weights[number][UNIT], 0)
            mean = weight @ Y / weight.sum()
            totals = np.bincount(UNIT, np.where(cell == SEGMENT, WEIGHT * 1.5 * (Y - mean), 0)) / weight.sum()
            variance = 0.0
            for stratum in (0, 1):
                held = np.repeat(totals[3 * stratum :][:3], times[number].astype(int)[3 * stratum :][:3])
                variance += 2 / 1 * ((held - held.mean()) ** 2).sum()
            assert found.values[number, cell] == pytest.approx(mean, rel=1e-12)
            assert found.std_error[number, cell] == pytest.approx(np.sqrt(variance), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("population", [(np.inf, np.inf), (9, 30)])
def test_the_acceleration_of_a_cell_is_that_of_its_jackknife(population):
    """Each unit left out in turn, the rest of its stratum scaled up: a loop over units, those outside the cell too."""

    def means(multiplier):
        weight = WEIGHT * multiplier[UNIT]
        return [np.average(Y[cell == SEGMENT], weights=weight[cell == SEGMENT]) for cell in (0, 1)]

    stratum = np.repeat([0, 1], 3)
    expected = acceleration(jackknife(means, stratum), stratum)
    assert drawn(count=2, population=population).acceleration == pytest.approx(expected, rel=1e-9)


def test_replicates_do_not_depend_on_the_order_of_rows_or_the_unit_of_weights():
    expected = drawn()
    for order in (ALL[::-1], np.random.default_rng(5).permutation(12)):
        found = drawn(order=order)
        assert found.values == pytest.approx(expected.values, rel=1e-12, nan_ok=True)
    heavier = drawn(weight=WEIGHT * 37)
    assert heavier.values == pytest.approx(expected.values, rel=1e-12, nan_ok=True)
    assert heavier.std_error == pytest.approx(expected.std_error, rel=1e-9, abs=1e-12, nan_ok=True)
    assert heavier.acceleration == pytest.approx(expected.acceleration, rel=1e-9)
    assert not np.array_equal(drawn(seed=1).values, expected.values, equal_nan=True)


def test_a_stratum_of_two_units_leaves_no_standard_error():
    """A sample of one unit of it says nothing of how units differ."""
    design = Design(np.ones(5), np.array([0, 0, 1, 1, 1]), np.arange(5), np.full(2, np.inf))
    found = design_replicates(Y[:5], np.zeros(5, int), 1, np.arange(5), design, "people", count=99, studentised=True)
    assert np.isfinite(found.values).all()
    assert np.isnan(found.std_error).all()


def test_cells_of_one_are_not_drawn_and_other_cells_do_not_matter():
    y, cell = np.array([5.0, -1, 0, -2, -2]), np.array([0, 1, 1, 1, 1])
    found = simple_replicates(y, cell, 3, ["one", "four", "none"], count=99)
    alone = simple_replicates(y[1:], cell[1:] - 1, 1, ["four"], count=99)
    assert np.isnan(found.values[:, [0, 2]]).all()
    assert np.array_equal(found.values[:, 1], alone.values[:, 0])
    assert found.units.tolist() == [1, 4, 0]


def test_students_interval_is_what_bootstrap_t_tends_to():
    """Hall (1988), Annals of Statistics 16(3), 927-953: for normal values both are right to the second order."""
    y = norm.ppf((np.arange(200) + 0.5) / 200)
    means = simple_means(y, np.zeros(200, int), 1)
    found = simple_replicates(y, np.zeros(200, int), 1, ["cell"], count=9999)
    low, high, _ = boot_t_interval(found, means.mean, means.std_error, conf_level=0.95)
    assert (low[0], high[0]) == pytest.approx((-1.972 * means.std_error[0], 1.972 * means.std_error[0]), rel=0.05)
