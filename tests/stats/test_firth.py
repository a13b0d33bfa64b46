"""Logistic regression that few events cannot upset, against closed forms and maximum likelihood."""

from __future__ import annotations

import numpy as np
import pytest

from cxgap.stats.firth import auc, chances, firth, honest


def test_a_two_by_two_table_has_half_an_event_added_to_each_cell():
    """Heinze & Schemper (2002): with one binary column, Firth's estimate is that of counts plus a half; here 0 of 2, 2 of 2."""
    found = firth(np.array([[0.0], [0], [1], [1]]), np.array([0.0, 0, 1, 1]))
    assert found.beta == pytest.approx([np.log(0.5 / 2.5), 2 * np.log(5)], abs=1e-6)


def test_with_many_events_it_is_maximum_likelihood():
    """Statsmodels' Logit; the penalty is of the order of one row."""
    import statsmodels.api as sm

    random = np.random.default_rng(3)
    x = random.normal(size=(20_000, 2))
    y = (random.random(20_000) < 1 / (1 + np.exp(1 - x[:, 0]))).astype(float)
    found, theirs = firth(x, y), sm.Logit(y, sm.add_constant(x)).fit(disp=0)
    assert found.beta == pytest.approx(theirs.params, abs=2e-3)
    assert np.sqrt(np.diag(found.covariance)) == pytest.approx(theirs.bse, rel=1e-3)
    doubled = firth(x[:500], y[:500], weight=np.full(500, 1.0))
    assert doubled.beta == pytest.approx(firth(x[:500][::-1], y[:500][::-1]).beta, abs=1e-8)


def test_predictions_of_unseen_people_are_calibrated_and_a_model_that_knows_nothing_says_the_mean():
    random = np.random.default_rng(4)
    x = random.normal(size=(3000, 2))
    y = (random.random(3000) < 1 / (1 + np.exp(2 - x[:, 0]))).astype(float)
    fold = np.arange(3000) % 5
    found = honest(x, np.zeros_like(x), y, fold)
    assert found.auc > 0.7
    assert found.chance.mean() == pytest.approx(y.mean(), abs=0.01)
    assert 0.8 < found.slope < 1.1
    blind = honest(x[:, 1:], x[:, 1:] + 1, y, fold)
    assert np.abs(blind.chance - blind.without).max() < 0.02
    assert blind.chance == pytest.approx(np.full(3000, y.mean()), abs=0.02)


def test_the_area_under_the_curve_counts_ties_half():
    """Hanley & McNeil (1982): pairs won 3, tied 1 of 4."""
    assert auc(np.array([3.0, 1, 1, 0]), np.array([1.0, 1, 0, 0])) == pytest.approx(3.5 / 4)
    assert np.isnan(auc(np.ones(3), np.ones(3)))
    assert chances(firth(np.zeros((4, 0)), np.array([0.0, 0, 0, 1])), np.zeros((1, 0)))[0] == pytest.approx(1.5 / 5)
