"""Differences of net promoter scores: independent ones add their variances, paired ones take account of who is in both."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from cxgap.stats.loyalty import design_net_scores, net_scores
from cxgap.stats.means import Design, design_means
from cxgap.stats.net_differences import Differences, score_differences

RANDOM = np.random.default_rng(7)


def compared(score: np.ndarray, cell: np.ndarray, respondent: np.ndarray, design: Design | None = None) -> Differences:
    up, down, cells = (score > 0) * 1.0, (score < 0) * 1.0, int(cell.max()) + 1
    if design is None:
        found = net_scores(up, down, cell, cells, conf_level=0.95)
    else:
        found = design_net_scores(up, down, cell, cells, respondent, design, conf_level=0.95)
    first, second = np.triu_indices(cells, 1)
    return score_differences(found, score, cell, respondent, first, second, conf_level=0.95, design=design)


def test_independent_scores_add_their_variances():
    """Rocks (2016), The American Statistician 70(4); nps.test(test = "wald") of the R package NPS."""
    score, cell = RANDOM.integers(-1, 2, 90).astype(float), np.repeat([0, 1], [50, 40])
    found = compared(score, cell, np.arange(90))
    a, b = score[:50], score[50:]
    error = (a.var() / 50 + b.var() / 40) ** 0.5
    z = norm.ppf(0.975)
    assert found.estimate[0] == pytest.approx(b.mean() - a.mean(), abs=1e-15)
    assert found.std_error[0] == pytest.approx(error, rel=1e-14)
    assert (found.conf_low[0], found.conf_high[0]) == pytest.approx(
        (found.estimate[0] - z * error, found.estimate[0] + z * error), abs=1e-14
    )
    assert found.p_value[0] == pytest.approx(2 * norm.sf(abs(found.estimate[0]) / error), rel=1e-13)


def test_paired_scores_vary_as_the_differences_of_respondents_do():
    """Arithmetic: where everybody is in both, it is the mean of the differences, with divisor n as for a single score."""
    a = RANDOM.integers(-1, 2, 60).astype(float)
    b = np.clip(a + RANDOM.integers(0, 2, 60), -1, 1)
    found = compared(np.r_[a, b], np.repeat([0, 1], 60), np.tile(np.arange(60), 2))
    assert found.std_error[0] == pytest.approx((b - a).std() / 60**0.5, rel=1e-13)
    apart = compared(np.r_[a, b], np.repeat([0, 1], 60), np.arange(120))
    assert found.std_error[0] < apart.std_error[0]
    assert found.estimate[0] == apart.estimate[0]


def test_equal_weights_are_no_weights_but_for_the_divisor():
    score, cell = RANDOM.integers(-1, 2, 80).astype(float), np.repeat([0, 1], 40)
    respondent = np.r_[np.arange(40), np.arange(20, 60)]
    design = Design(np.full(60, 2.0), np.zeros(60, np.int64), np.arange(60), np.full(1, np.inf))
    plain, weighted = compared(score, cell, respondent), compared(score, cell, respondent, design)
    assert weighted.std_error[0] == pytest.approx(plain.std_error[0] * (60 / 59) ** 0.5, rel=1e-13)
    assert weighted.df[0] == 59
    assert np.isnan(plain.df[0])


def test_in_a_design_two_cells_without_a_unit_in_common_add_their_variances():
    """Strata of their own: the two means are independent by design, and R's svycontrast adds their variances."""
    score, cell = RANDOM.integers(-1, 2, 60).astype(float), np.repeat([0, 1], 30)
    people = np.arange(60)
    design = Design(RANDOM.uniform(0.5, 2, 60), cell.astype(np.int64), people // 3, np.full(2, np.inf))
    found = compared(score, cell, people, design)
    means = design_means(score, cell, 2, people, design)
    assert found.std_error[0] == pytest.approx(np.hypot(*means.std_error), rel=1e-13)
    assert found.df[0] == 18


def test_where_nothing_varies_the_interval_is_not_of_length_zero():
    found = compared(np.r_[np.ones(10), -np.ones(10)], np.repeat([0, 1], 10), np.arange(20))
    assert (found.estimate[0], found.std_error[0]) == (-2, 0)
    assert np.isnan(found.p_value[0])
    assert found.conf_low[0] == -2
    assert -1.5 < found.conf_high[0] < -1


def test_a_cell_of_one_respondent_tells_no_error():
    found = compared(np.array([1.0, 0, -1]), np.array([0, 1, 1]), np.arange(3))
    assert found.estimate[0] == -1.5
    assert np.isnan([found.std_error[0], found.conf_low[0], found.p_value[0]]).all()
