"""Totals, ratios, contrasts and covariances against plain loops and textbook formulas; R's numbers are in tests/reference."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ttest_ind, ttest_rel

from cxgap.stats.linear import (
    cell_covariance,
    contrasts,
    design_effects,
    lonely_strata,
    merge_strata,
    ratios,
    totals,
)
from cxgap.stats.means import Design, Stage, design_means, t_p_value
from cxgap.stats.weighting import Margin, calibrated, rake

LAW = settings(max_examples=40, deadline=None, derandomize=True)
FIRST, SECOND = np.array([1]), np.array([0])  # the cells of one contrast: 1 less 0


def simple(people: int) -> Design:
    return Design(np.ones(people), np.zeros(people, int), np.arange(people), np.array([np.inf]))


def drawn(seed: int, people: int = 40, *, raked: bool = False):
    """Draw a sample of four strata and twelve units, and rows of people in up to three cells each."""
    random = np.random.default_rng(seed)
    unit = np.arange(people) % 12
    weight = random.choice([0.0, 1, 2, 3], people, p=[0.1, 0.3, 0.3, 0.3])
    margins = [Margin(np.arange(people) % 2, np.array([60.0, 40])), Margin(np.arange(people) % 5 // 3, np.array([70.0, 30]))]
    design = Design(weight, unit % 4, unit, random.choice([8.0, 20, np.inf], 4))
    if raked:
        design = design._replace(weight=rake(weight, margins).weight, calibration=calibrated(weight, margins))
    inside = random.random((people, 3)) < 0.6
    respondent, cell = np.nonzero(inside)
    return random.normal(size=len(cell)), cell, respondent, design


def test_the_design_effect_of_a_small_design_is_that_of_r_survey():
    """R survey 4.1.1: deff of svymean(~y, d, deff = TRUE) of the design in test_means: 0.68394."""
    y = np.array([-1, 0, -2, -1, 0, 1, -3, -1, -1, -2, 0, -2.0])
    weight = np.array([10, 10, 12, 12, 8, 8, 20, 20, 25, 25, 15, 15.0])
    design = Design(weight, np.repeat([0, 1], 6), np.repeat(np.arange(6), 2), np.full(2, np.inf))
    found = design_effects(y, np.zeros(12, int), 1, np.arange(12), design)
    assert found[0] == pytest.approx(0.68394, abs=5e-6)


def test_one_group_measured_twice_is_the_paired_test():
    """Student (1908) by SciPy: the linearised difference of the same people, with n - 1 degrees of freedom."""
    before, after = np.array([5, 6, 4, 7, 5.0]), np.array([6, 6, 5, 7, 7.0])
    cell, respondent = np.repeat([0, 1], 5), np.tile(np.arange(5), 2)
    found = contrasts(np.concatenate([before, after]), cell, 2, respondent, simple(5), np.array([0]), FIRST, SECOND)
    wanted = ttest_rel(after, before)
    assert found.estimate[0] == pytest.approx(0.8)
    assert found.df[0] == 4
    assert t_p_value(*found)[0] == pytest.approx(wanted.pvalue)


def test_two_equal_groups_have_nearly_the_two_sample_test():
    """Student (1908) by SciPy: n1 + n2 - 2 degrees; the variance is (N / (N - 1)) times ((m - 1) / m) of Welch's."""
    random = np.random.default_rng(5)
    y, cell = random.normal(size=20), np.repeat([0, 1], 10)
    found = contrasts(y, cell, 2, np.arange(20), simple(20), np.array([0]), FIRST, SECOND)
    wanted = ttest_ind(y[10:], y[:10])
    ratio = np.sqrt(20 / 19 * 9 / 10)
    assert found.df[0] == 18 == wanted.df
    assert found.estimate[0] / found.std_error[0] == pytest.approx(wanted.statistic / ratio)


def test_cells_of_one_or_none_have_no_error_and_equal_answers_an_error_of_zero():
    """Rules of edge cases: N1 has NaN after its estimate; ZERO_VAR has an error of 0 and no p-value."""
    y, cell = np.array([1, 1, 3, 3, 9.0]), np.array([0, 0, 1, 1, 2])
    plus, minus = np.array([1, 2, 3]), np.array([0, 0, 0])
    found = contrasts(y, cell, 4, np.arange(5), simple(5), np.arange(3), plus, minus)
    assert found.estimate[:2] == pytest.approx([2, 8])
    assert found.std_error[0] == 0
    assert np.isnan(found.std_error[1:]).all()
    assert np.isnan(found.estimate[2])
    assert np.isnan(t_p_value(*found)).all()


def test_a_total_and_a_ratio_of_a_simple_sample():
    """Cochran (1977), sections 2.6 and 2.11: N s / sqrt(n) sqrt(1 - f); s of residuals over the mean of the divisor."""
    top, bottom = np.array([4, 7, 2, 9.0]), np.array([2, 3, 2, 5.0])
    design = Design(np.full(4, 5.0), np.zeros(4, int), np.arange(4), np.array([20.0]))
    one, people = np.zeros(4, int), np.arange(4)
    total = totals(top, one, 1, people, design)
    assert total.estimate[0] == 5 * 22
    assert total.std_error[0] == pytest.approx(20 * top.std(ddof=1) / 2 * np.sqrt(0.8))
    found = ratios(top, bottom, one, 1, people, design)
    residual = top - 22 / 12 * bottom
    assert found.estimate[0] == pytest.approx(22 / 12)
    assert found.std_error[0] == pytest.approx(residual.std(ddof=1) / 2 * np.sqrt(0.8) / 3)
    assert found.df[0] == 3


def test_a_second_stage_adds_its_variance_within_units():
    """Cochran (1977), equation 10.22 (two-stage sampling): (1 - f1) s1^2 / n + f1 (1 - f2) s2^2 / (n m), equal sizes."""
    values = np.array([[3, 5, 4.0], [6, 6, 9], [1, 2, 6], [5, 8, 8]])
    units, size = values.shape
    unit = np.repeat(np.arange(units), size)
    stage = Stage(np.arange(12), np.full(units, 10.0))
    design = Design(np.full(12, 5.0), np.zeros(12, int), unit, np.array([6.0]), within=stage)
    found = design_means(values.ravel(), np.zeros(12, int), 1, np.arange(12), design)
    between, within = values.mean(axis=1).var(ddof=1), values.var(axis=1, ddof=1).mean()
    variance = (1 - 4 / 6) * between / 4 + 4 / 6 * (1 - 0.3) * within / 12
    assert found.std_error[0] == pytest.approx(np.sqrt(variance))
    alone = design_means(values.ravel(), np.zeros(12, int), 1, np.arange(12), design._replace(within=None))
    assert alone.std_error[0] == pytest.approx(np.sqrt((1 - 4 / 6) * between / 4))


def test_what_a_lonely_unit_adds():
    """Arithmetic: its squared total, nothing, or what it adds in the stratum that takes it."""
    y = np.array([1, 2, 4, 9.0])
    design = Design(np.ones(4), np.array([0, 0, 0, 1]), np.arange(4), np.full(2, np.inf))
    one, people = np.zeros(4, int), np.arange(4)
    z = (y - 4) / 4
    within = 1.5 * ((z[:3] - z[:3].mean()) ** 2).sum()
    found = {
        "adjust": design_means(y, one, 1, people, design),
        "certainty": design_means(y, one, 1, people, design._replace(lonely="certainty")),
        "merge": design_means(y, one, 1, people, merge_strata(design, {1: 0})),
    }
    assert lonely_strata(design).tolist() == [1]
    assert found["adjust"].std_error[0] ** 2 == pytest.approx(within + z[3] ** 2)
    assert found["certainty"].std_error[0] ** 2 == pytest.approx(within)
    assert found["merge"].std_error[0] == pytest.approx(y.std(ddof=1) / 2)
    assert [means.lonely[0] for means in found.values()] == [True, True, False]
    assert found["merge"].df[0] == 3


def test_merged_strata_add_their_populations_up():
    """Arithmetic: 4 and 6 are 10; a chain of neighbours ends in one stratum."""
    design = Design(np.ones(6), np.arange(6) % 3, np.arange(6), np.array([4.0, 6, 9]))
    assert merge_strata(design, {1: 0}).population.tolist() == [10, 9]
    assert merge_strata(design, {2: 1, 1: 0}).population.tolist() == [19]


@LAW
@given(st.integers(0, 10**6), st.booleans())
def test_the_covariance_of_cells_is_that_of_their_differences(seed, raked):
    """A law: V(a - b) = V(a) + V(b) - 2 C(a, b), whoever is in both; and the diagonal is that of the means."""
    y, cell, respondent, design = drawn(seed, raked=raked)
    covariance = cell_covariance(y, cell, 3, respondent, design)
    means = design_means(y, cell, 3, respondent, design)
    assert np.sqrt(np.diag(covariance)) == pytest.approx(means.std_error, rel=1e-9)
    plus, minus = np.array([1, 2, 2]), np.array([0, 0, 1])
    found = contrasts(y, cell, 3, respondent, design, np.arange(3), plus, minus)
    wanted = np.diag(covariance)[plus] + np.diag(covariance)[minus] - 2 * covariance[plus, minus]
    assert found.std_error**2 == pytest.approx(wanted, rel=1e-9)
    assert found.estimate == pytest.approx(means.mean[plus] - means.mean[minus])


@LAW
@given(st.integers(0, 10**6), st.floats(0.01, 100), st.booleans())
def test_neither_order_nor_units_of_weight_nor_an_empty_cell_change_a_covariance(seed, times, raked):
    """A law: means are ratios of sums, and a cell of nobody has no covariance with any."""
    y, cell, respondent, design = drawn(seed, raked=raked)
    wanted = cell_covariance(y, cell, 3, respondent, design)
    order = np.random.default_rng(seed).permutation(len(y))
    scaled = design._replace(weight=times * design.weight)
    found = cell_covariance(y[order], cell[order], 4, respondent[order], scaled)
    assert found[:3, :3] == pytest.approx(wanted, rel=1e-8, abs=1e-12)
    assert np.isnan(found[3]).all()


@LAW
@given(st.integers(0, 10**6))
def test_a_stratum_without_anybody_changes_nothing(seed):
    """A law: a stratum of no unit is no part of the sample."""
    y, cell, respondent, design = drawn(seed)
    more = design._replace(population=np.append(design.population, 50.0))
    assert design_means(y, cell, 3, respondent, more).std_error == pytest.approx(
        design_means(y, cell, 3, respondent, design).std_error
    )


@LAW
@given(st.integers(0, 10**6))
def test_the_total_of_cells_adds_up(seed):
    """A law: the total of all is the sum of the totals, and its variance holds all covariances."""
    y, cell, respondent, design = drawn(seed)
    parts = totals(y, cell, 3, respondent, design).estimate
    assert totals(y, np.zeros(len(y), int), 1, respondent, design).estimate[0] == pytest.approx(parts.sum())
