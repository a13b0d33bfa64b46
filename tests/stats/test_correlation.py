"""Correlations and their intervals against scipy's and against the bootstrap that they stand for."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import pearsonr

from cxgap.stats.bootstrap import Source, replicate_weights
from cxgap.stats.correlation import correlations
from cxgap.stats.means import Design

RANDOM = np.random.default_rng(3)
X = RANDOM.normal(size=120)
Y = 0.6 * X + RANDOM.standard_t(4, 120) * (1 + np.abs(X))
ZERO = np.zeros(120, np.int64)


def one_by_one(weight: np.ndarray) -> Design:
    return Design(weight, np.zeros(len(weight), np.int64), np.arange(len(weight)), np.full(1, np.inf))


def test_the_interval_is_fishers():
    """Fisher (1921), Metron 1; in R cor.test, in scipy pearsonr().confidence_interval()."""
    found, expected = correlations(X, Y, ZERO, 1, conf_level=0.9), pearsonr(X, Y)
    assert found.r[0] == pytest.approx(expected.statistic, rel=1e-13)
    assert (found.conf_low[0], found.conf_high[0]) == pytest.approx(tuple(expected.confidence_interval(0.9)), rel=1e-12)


def test_a_design_gives_the_error_of_its_bootstrap():
    """Rao & Wu (1988), Journal of the American Statistical Association 83: the replicates' spread on Fisher's scale."""
    units, strata = np.arange(120) // 4, np.arange(120) // 60
    weight = RANDOM.uniform(0.5, 3, 120)
    design = Design(weight, strata, units, np.full(2, np.inf))
    found = correlations(X, Y, ZERO, 1, conf_level=0.95, respondent=np.arange(120), design=design)
    source, z = Source("correlation", np.repeat([0, 1], 15), np.zeros(2)), []
    for times in replicate_weights(source, 1999, seed=1):
        for w in weight * times[:, units]:
            covariance = np.cov(X, Y, aweights=w)
            z.append(np.arctanh(covariance[0, 1] / np.sqrt(covariance[0, 0] * covariance[1, 1])))
    half = (np.arctanh(found.conf_high[0]) - np.arctanh(found.conf_low[0])) / 2
    assert half / 2.0484 == pytest.approx(np.std(z), rel=0.1)  # t of 28 degrees of freedom
    assert found.r[0] == pytest.approx(
        np.cov(X, Y, aweights=weight)[0, 1] / np.sqrt(np.prod(np.diag(np.cov(X, Y, aweights=weight))))
    )


@pytest.mark.parametrize("design", [None, one_by_one(RANDOM.uniform(0.5, 2, 120))], ids=["plain", "weighted"])
def test_origin_unit_and_order_tell_nothing_and_sides_may_be_swapped(design):
    options = {"conf_level": 0.95, "respondent": np.arange(120), "design": design}
    found = np.ravel(correlations(X, Y, ZERO, 1, **options)[1:])
    order = np.random.default_rng(0).permutation(120)
    for other in (
        correlations(1e6 + 3 * X, Y / 7, ZERO, 1, **options),
        correlations(Y, X, ZERO, 1, **options),
        correlations(X[order], Y[order], ZERO, 1, **{**options, "respondent": order}),
    ):
        assert np.ravel(other[1:]) == pytest.approx(found, rel=1e-8)
    turned = correlations(X, -Y, ZERO, 1, **options)
    assert np.ravel(turned[1:]) == pytest.approx([-found[0], -found[2], -found[1]], rel=1e-12)


def test_the_unit_of_weights_tells_nothing():
    weight = RANDOM.uniform(0.5, 2, 120)
    one, other = (
        correlations(X, Y, ZERO, 1, conf_level=0.95, respondent=np.arange(120), design=one_by_one(weight * unit))
        for unit in (1, 1000)
    )
    assert np.ravel(other) == pytest.approx(np.ravel(one), rel=1e-12)


def test_what_cannot_be_told_is_nan():
    """Three respondents have a correlation and no interval; a side that does not vary has none."""
    x, cell = np.array([1.0, 2, 4, 5, 5, 5, 1, 2, np.nan]), np.repeat([0, 1, 2], 3)
    y = np.array([2.0, 1, 3, 1, 2, 3, 1, 2, 3])
    found = correlations(x, y, cell, 4, conf_level=0.95)
    assert found.n.tolist() == [3, 3, 2, 0]
    assert found.r[0] == pytest.approx(np.corrcoef(x[:3], y[:3])[0, 1])
    assert np.isnan(found.r[1:]).all()
    assert np.isnan([*found.conf_low, *found.conf_high]).all()
