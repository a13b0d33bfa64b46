"""Factors of answers that were made with a known structure, and the laws of what is measured of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxgap.errors import ArgumentError
from cxgap.stats.extraction import LOWEST, extract, likelihood_ratio, oblimin
from cxgap.stats.factors import bartlett, eigenvalues, kmo, minimum_partial, parallel_analysis
from cxgap.stats.onefactor import one_factor

SIMPLE = np.zeros((9, 3))
SIMPLE[:3, 0], SIMPLE[3:6, 1], SIMPLE[6:, 2] = (0.8, 0.7, 0.6), (0.75, 0.65, 0.7), (0.6, 0.8, 0.7)
BETWEEN = np.array([[1, 0.3, 0.2], [0.3, 1, 0.4], [0.2, 0.4, 1]])


def implied() -> np.ndarray:
    r = SIMPLE @ BETWEEN @ SIMPLE.T
    np.fill_diagonal(r, 1)
    return r


def made(seed: int, people: int = 300) -> np.ndarray:
    random = np.random.default_rng(seed)
    return np.clip(np.round(4 + 1.3 * random.multivariate_normal(np.zeros(9), implied(), people)), 1, 7)


@pytest.mark.parametrize("method", ["minres", "ml"])
def test_loadings_and_factor_correlations_come_back(method):
    """Correlations that three factors of simple structure imply exactly: oblimin finds that structure again."""
    found = oblimin(extract(implied(), 3, method=method))
    assert found.settled
    assert not found.heywood
    home = np.abs(found.loading).argmax(axis=1)
    order = [home[0], home[3], home[6]]
    assert sorted(order) == [0, 1, 2]
    assert found.loading[:, order] == pytest.approx(SIMPLE, abs=1e-3)
    assert found.r[np.ix_(order, order)] == pytest.approx(BETWEEN, abs=2e-3)
    assert found.uniqueness == pytest.approx(1 - np.einsum("if,fg,ig->i", SIMPLE, BETWEEN, SIMPLE), abs=1e-5)


def test_rotation_keeps_what_is_explained():
    """Communalities and implied correlations do not depend on rotation."""
    plain = extract(np.corrcoef(made(1).T), 3)
    turned = oblimin(plain)
    assert turned.communality == pytest.approx(plain.communality, rel=1e-9)
    assert turned.loading @ turned.r @ turned.loading.T == pytest.approx(plain.loading @ plain.loading.T, abs=1e-9)
    assert np.diag(turned.r) == pytest.approx(np.ones(3), rel=1e-9)


def test_no_small_turn_makes_the_structure_simpler():
    """Direct oblimin, gamma 0, minimises the sum of products of squared loadings: Jennrich & Sampson (1966)."""
    turned = oblimin(extract(np.corrcoef(made(2).T), 3))

    def complexity(loading):
        square = loading**2
        return (square.T @ square).sum() - (square**2).sum()

    random, least = np.random.default_rng(0), complexity(turned.loading)
    root = np.linalg.cholesky(turned.r)
    plain = turned.loading @ root
    for _ in range(50):
        axes = root + 1e-3 * random.normal(size=(3, 3))
        axes /= np.linalg.norm(axes, axis=1, keepdims=True)
        assert least <= complexity(plain @ np.linalg.inv(axes)) + 1e-9


def test_one_factor_by_two_roads():
    """Bounded search on uniquenesses and one loading at a time end at the same loadings."""
    r = np.corrcoef(made(3)[:, :4].T)
    assert extract(r, 1).loading[:, 0] == pytest.approx(one_factor(r), abs=1e-6)
    assert oblimin(extract(r, 1)).r == pytest.approx(np.ones((1, 1)))


def test_a_heywood_case_is_held_and_told():
    r = np.array([[1, 0.9, 0.9], [0.9, 1, 0.5], [0.9, 0.5, 1]])
    found = extract(r, 1)
    assert found.heywood
    assert found.uniqueness.min() == pytest.approx(LOWEST)


def test_the_likelihood_ratio_is_zero_where_the_model_is_true_and_grows_where_it_is_not():
    r = implied()
    chi2, df, p = likelihood_ratio(extract(r, 3, method="ml"), r, 300)
    assert (chi2, df, p) == pytest.approx((0, 12, 1), abs=1e-4)
    assert likelihood_ratio(extract(r, 1, method="ml"), r, 300)[0] > 100


def test_kmo_and_bartlett_of_equal_correlations_by_arithmetic():
    """Three items, all r = .5: the inverse has 1.5 and -.5, so partials are 1/3 and KMO is .25 / (.25 + 1/9); |R| is .5."""
    r = np.full((3, 3), 0.5) + 0.5 * np.eye(3)
    assert kmo(r).overall == pytest.approx(0.25 / (0.25 + 1 / 9), rel=1e-12)
    assert kmo(r).item == pytest.approx(np.full(3, 0.25 / (0.25 + 1 / 9)), rel=1e-12)
    assert bartlett(r, 101).chi2 == pytest.approx(-(100 - 11 / 6) * np.log(0.5), rel=1e-12)


def test_singular_correlations_have_no_kmo():
    x = made(4)
    r = np.corrcoef(np.column_stack([x, x[:, 0] + x[:, 1]]).T)
    assert np.isnan(kmo(r).overall)
    assert np.isnan(bartlett(r, 300).p_value)


def test_bartlett_of_unrelated_items_is_not_small():
    """Under the null p is uniform: of 200 samples about 10 have p below .05."""
    random = np.random.default_rng(5)
    p = [bartlett(np.corrcoef(random.normal(size=(5, 200))), 200).p_value for _ in range(200)]
    assert 2 <= sum(value < 0.05 for value in p) <= 22


def test_map_finds_three():
    """Velicer (1976): least where all that is common is taken out; three uncorrelated factors of five items each."""
    loading = np.kron(np.eye(3), np.full((5, 1), 0.7))
    r = loading @ loading.T
    np.fill_diagonal(r, 1)
    assert int(np.nanargmin(minimum_partial(r))) + 1 == 3


def test_parallel_analysis_finds_three_and_none():
    """Three factors were put in, or none; of common variance alone, chance that fits one item exactly must not count."""
    assert parallel_analysis(made(7)).retained == 3
    assert parallel_analysis(made(7), of="factors").retained == 3
    noise = np.random.default_rng(8).integers(1, 8, (300, 9)).astype(float)
    assert parallel_analysis(noise, quantile=0.999, permutations=400).retained == 0


@given(st.integers(0, 1000))
@settings(max_examples=8, deadline=None, derandomize=True)
def test_the_order_of_rows_and_items_and_the_unit_of_weights_do_not_matter(seed):
    random = np.random.default_rng(seed)
    x, weight = made(seed, 120), random.choice([0.5, 1.0, 2.0], 120)
    rows = random.permutation(120)
    one = parallel_analysis(x, weight, permutations=20)
    other = parallel_analysis(x[rows], 3 * weight[rows], permutations=20)
    assert other.eigenvalue == pytest.approx(one.eigenvalue, rel=1e-10)
    assert other.reference == pytest.approx(one.reference, rel=1e-10)
    r, items = np.corrcoef(x.T), random.permutation(9)
    assert kmo(r[np.ix_(items, items)]).item == pytest.approx(kmo(r).item[items], rel=1e-9)
    assert minimum_partial(r[np.ix_(items, items)]) == pytest.approx(minimum_partial(r), abs=1e-4)
    again = extract(r[np.ix_(items, items)], 2).communality
    assert again == pytest.approx(extract(r, 2).communality[items], abs=1e-4)


def test_uneven_weights_raise_the_reference():
    """Few heavy respondents are a smaller sample, in which chance reaches further."""
    x = made(9)
    uneven = np.where(np.arange(300) < 60, 10.0, 0.1)
    assert parallel_analysis(x, uneven).reference[0] > parallel_analysis(x).reference[0] + 0.1


def test_eigenvalues_of_components_sum_to_the_items():
    assert eigenvalues(np.corrcoef(made(10).T)).sum() == pytest.approx(9, rel=1e-12)


def test_what_cannot_be_asked_is_refused():
    with pytest.raises(ArgumentError, match="fewer than the 9 items"):
        extract(implied(), 9)
    with pytest.raises(ArgumentError, match="minres"):
        extract(implied(), 2, method="pca")
    with pytest.raises(ArgumentError, match="components"):
        eigenvalues(implied(), of="images")
