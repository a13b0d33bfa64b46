"""Groups at one mix of people: by least squares done here, Welch's test by its formula, and the nominal rate."""

from __future__ import annotations

import numpy as np
import pytest

from cxgap.stats.case_mix import adjusted_means, confounded, differ, from_mean
from cxgap.stats.means import Design, simple_means


def plain(people: int, weight: np.ndarray | None = None) -> Design:
    own = np.ones(people) if weight is None else weight
    return Design(own, np.zeros(people, np.int64), np.arange(people), np.full(1, np.inf))


def drawn(seed: int, people: int = 240, groups: int = 4) -> tuple[np.ndarray, ...]:
    """Who is in which group goes with what is known of them, so that raw means mislead."""
    random = np.random.default_rng(seed)
    group = random.integers(0, groups, people)
    x = random.normal(size=(people, 2)) + 0.4 * group[:, None]
    y = 0.5 * x[:, 0] - x[:, 1] + 0.1 * group + random.normal(size=people)
    return y, x, group, random.choice([0.5, 1.0, 2.0], people)


def test_adjusted_means_are_those_of_least_squares_at_the_mean_mix():
    """Weighted least squares with a column a group and centred adjusters, by numpy.linalg.lstsq."""
    y, x, group, weight = drawn(1)
    found = adjusted_means(y, x, group, 4, weight, np.arange(len(y)), plain(len(y), weight))
    columns = np.column_stack([np.eye(4)[group], x - weight @ x / weight.sum()])
    root = np.sqrt(weight)
    beta = np.linalg.lstsq(columns * root[:, None], y * root, rcond=None)[0]
    assert found.mean == pytest.approx(beta[:4], abs=1e-10)
    assert found.share @ found.mean == pytest.approx(found.overall, abs=1e-12)
    left = weight @ (y - columns @ beta) ** 2 / (weight @ (y - weight @ y / weight.sum()) ** 2)
    assert found.r2 == pytest.approx(1 - left, abs=1e-10)


def test_errors_are_whites_with_residuals_over_the_root_of_what_their_pull_leaves():
    """MacKinnon & White (1985), Journal of Econometrics 29(3), 305-325: HC2; times n / (n - 1), as of one stratum."""
    y, x, group, _ = drawn(2)
    n = len(y)
    found = adjusted_means(y, x, group, 4, np.ones(n), np.arange(n), plain(n))
    columns = np.column_stack([np.eye(4)[group], x - x.mean(axis=0)])
    bread = np.linalg.inv(columns.T @ columns)
    pull = np.einsum("ij,jk,ik->i", columns, bread, columns)
    residual = (y - columns @ (bread @ columns.T @ y)) / np.sqrt(1 - pull)
    score = columns * residual[:, None] @ bread
    expected = (score.T @ score)[:4, :4] * n / (n - 1)
    assert found.covariance == pytest.approx(expected, rel=1e-3, abs=1e-9)


def test_without_adjusters_they_are_means_with_students_errors():
    y, x, group, _ = drawn(3)
    n = len(y)
    found, means = adjusted_means(y, x[:, :0], group, 4, np.ones(n), np.arange(n), plain(n)), simple_means(y, group, 4)
    assert found.mean == pytest.approx(means.mean, abs=1e-12)
    assert np.sqrt(np.diag(found.covariance)) == pytest.approx(means.std_error * np.sqrt(n / (n - 1)), rel=1e-9)
    assert found.df == pytest.approx(means.df, rel=1e-12)
    distance, error = from_mean(found)
    assert found.share @ distance == pytest.approx(0, abs=1e-12)
    assert (error > 0).all()


def test_without_adjusters_the_test_that_none_differs_is_welchs():
    """Welch (1951), Biometrika 38(3-4), 330-336, written out; the variances n / (n - 1) larger, as of one stratum."""
    y, x, group, _ = drawn(4)
    n, k = len(y), 4
    found = differ(adjusted_means(y, x[:, :0], group, k, np.ones(n), np.arange(n), plain(n)))
    size = np.bincount(group)
    mean = np.array([y[group == j].mean() for j in range(k)])
    weight = size / np.array([y[group == j].var(ddof=1) for j in range(k)]) * (n - 1) / n
    centre = weight @ mean / weight.sum()
    unsure = ((1 - weight / weight.sum()) ** 2 / (size - 1)).sum()
    f = weight @ (mean - centre) ** 2 / (k - 1) / (1 + 2 * (k - 2) / (k**2 - 1) * unsure)
    assert (found.f, found.df1, found.df2) == pytest.approx((f, k - 1, (k**2 - 1) / (3 * unsure)), rel=1e-9)


def test_coding_order_and_units_of_weights_change_nothing():
    y, x, group, weight = drawn(5)
    n = len(y)
    kind = (x[:, 0] > 0).astype(int) + (x[:, 1] > 0.5)
    one, other = np.eye(3)[kind][:, 1:], np.column_stack([np.eye(3)[kind], 3 - kind])  # one makes up another
    first = adjusted_means(y, one, group, 4, weight, np.arange(n), plain(n, weight))
    order = np.random.default_rng(0).permutation(n)
    heavy = 7 * weight[order]
    again = adjusted_means(y[order], other[order], group[order], 4, heavy, np.arange(n), plain(n, heavy))
    assert again.mean == pytest.approx(first.mean, abs=1e-9)
    assert again.covariance == pytest.approx(first.covariance, abs=1e-9)
    assert again.df == pytest.approx(first.df, rel=1e-9)


def test_clusters_are_not_counted_as_so_many_people():
    """Every unit holds the same person five times over: the errors are those of the units."""
    y, x, group, _ = drawn(6)
    n = len(y)
    once = adjusted_means(y, x, group, 4, np.ones(n), np.arange(n), plain(n))
    copies = np.repeat(np.arange(n), 5)
    design = Design(np.ones(5 * n), np.zeros(5 * n, np.int64), copies, np.full(1, np.inf))
    many = adjusted_means(y[copies], x[copies], group[copies], 4, np.ones(5 * n), np.arange(5 * n), design)
    assert many.covariance == pytest.approx(once.covariance, rel=1e-9)
    assert many.df == pytest.approx(once.df, rel=1e-12)


def test_a_group_of_one_unit_has_a_mean_and_no_error():
    y, x, group, _ = drawn(7)
    n = len(y)
    group = np.where(np.arange(n) == 0, 4, group)
    found = adjusted_means(y, x, group, 5, np.ones(n), np.arange(n), plain(n))
    assert np.isfinite(found.mean[4])
    assert np.isnan(found.covariance[4]).all()
    assert np.isfinite(differ(found).p_value)


def test_what_is_the_same_throughout_a_group_cannot_be_told_from_it():
    _, x, group, weight = drawn(8)
    assert confounded((group > 1).astype(float)[:, None], group, 4, weight)
    assert confounded(np.column_stack([x, x[:, 0] + (group == 2)]), group, 4, weight)
    assert not confounded(x, group, 4, weight)
    assert not confounded(np.ones((len(x), 1)), group, 4, weight)


@pytest.mark.slow
@pytest.mark.parametrize(("groups", "each"), [(4, 100), (6, 40), (20, 12)])
def test_groups_alike_are_called_different_no_more_often_than_stated(groups, each):
    """600 samples without any difference, weighted and adjusted: at 5 %, 7.5 % is 2.8 standard errors above."""
    random = np.random.default_rng(groups)
    n, samples, found = groups * each, 600, 0
    group = np.repeat(np.arange(groups), each)
    for _ in range(samples):
        x, weight = random.normal(size=(n, 1)) + 0.05 * group[:, None], random.choice([0.5, 1.0, 2.0], n)
        y = 0.5 * x[:, 0] + random.standard_t(5, n)
        found += differ(adjusted_means(y, x, group, groups, weight, np.arange(n), plain(n, weight))).p_value <= 0.05
    assert found / samples <= 0.075
