"""Models of chances and counts against statsmodels, closed forms and the laws of weights and clusters."""

from __future__ import annotations

import numpy as np
import pytest

from cxgap.stats.glm import glm, robust, wald
from cxgap.stats.means import Design


@pytest.fixture(scope="module")
def drawn() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(5)
    x = np.column_stack([np.ones(300), random.normal(size=300), random.normal(size=300)])
    chance = 1 / (1 + np.exp(1.2 - 0.8 * x[:, 1]))
    return x, (random.random(300) < chance).astype(float), random.integers(1, 4, 300).astype(float)


def simple(n: int) -> Design:
    return Design(np.ones(n), np.zeros(n, np.int64), np.arange(n), np.full(1, np.inf))


@pytest.mark.parametrize("family", ["logistic", "cloglog", "log", "gamma"])
def test_every_family_agrees_with_statsmodels(drawn, family):
    """statsmodels.api.GLM, by iteratively reweighted least squares, with frequency weights."""
    sm = pytest.importorskip("statsmodels.api")
    x, y, weight = drawn
    y = y if family in ("logistic", "cloglog") else np.exp(x[:, 1]) + y + 0.5
    links = sm.families.links
    known = {
        "logistic": sm.families.Binomial(), "cloglog": sm.families.Binomial(links.CLogLog()),
        "log": sm.families.Poisson(), "gamma": sm.families.Gamma(links.Log()),
    }  # fmt: skip
    told = sm.GLM(y, x, family=known[family], freq_weights=weight).fit(tol=1e-13, maxiter=200)
    found = glm(x, y, family=family, weight=weight)
    assert found.settled
    assert found.coefficients == pytest.approx(told.params, rel=1e-6)
    assert found.fitted == pytest.approx(told.fittedvalues, rel=1e-6)


def test_a_weight_is_a_number_of_rows_and_clusters_are_what_varies(drawn):
    """A row of weight 3 fits as three rows; the sandwich of rows that are copies of each other is that of one of each."""
    x, y, weight = drawn
    times = weight.astype(int)
    whole, copied = glm(x, y, weight=weight), glm(np.repeat(x, times, axis=0), np.repeat(y, times))
    assert copied.coefficients == pytest.approx(whole.coefficients, rel=1e-9)
    assert copied.information == pytest.approx(whole.information, rel=1e-9)
    of_row, df = robust(whole.influence, np.arange(len(y)), simple(len(y)))
    of_copy, _ = robust(copied.influence, np.repeat(np.arange(len(y)), times), simple(len(y)))
    assert of_copy == pytest.approx(of_row, rel=1e-8)
    assert df == len(y) - 1


def test_a_proportion_has_its_closed_form():
    """One term, the constant: log odds of 3 of 10, and the sandwich n / (n - 1) / (n p (1 - p))."""
    y = np.array([1.0] * 3 + [0.0] * 7)
    found = glm(np.ones((10, 1)), y)
    assert found.coefficients == pytest.approx([np.log(3 / 7)], rel=1e-10)
    assert robust(found.influence, np.arange(10), simple(10))[0][0, 0] == pytest.approx(10 / 9 / (10 * 0.21), rel=1e-9)


def test_firth_keeps_what_parts_everybody_finite():
    """Firth (1993): of one constant, (events + 1/2) / (n + 1); of a table of two by two, cells with 1/2 added."""
    assert glm(np.ones((10, 1)), np.zeros(10), firth=True).coefficients == pytest.approx([np.log(0.5 / 10.5)], rel=1e-8)
    group = np.repeat([0.0, 1.0], 10)
    y = np.array([1.0] * 2 + [0.0] * 8 + [1.0] * 10)  # in the second group everybody left
    found = glm(np.column_stack([np.ones(20), group]), y, firth=True)
    assert found.settled
    assert found.coefficients == pytest.approx([np.log(2.5 / 8.5), np.log(10.5 / 0.5) - np.log(2.5 / 8.5)], rel=1e-7)


def test_the_joint_test_of_one_term_is_its_t_test():
    from scipy.stats import t

    f, rank, p_value = wald(np.array([0.3, 1.0]), np.diag([0.01, 0.16]), 20.0, np.array([[0.0, 1.0]]))
    assert (f, rank) == (pytest.approx(6.25), 1)
    assert p_value == pytest.approx(2 * t.sf(2.5, 20))
    assert np.isnan(wald(np.zeros(2), np.zeros((2, 2)), 20.0, np.eye(2))[2])
