"""The wild cluster bootstrap-t against regression by hand, and its coverage with few clusters."""

from __future__ import annotations

import numpy as np
import pytest

from cxgap.stats.did import by_groups, cell_means, sides_of
from cxgap.stats.means import t_interval
from cxgap.stats.wild import two_by_two, wild_cluster

DID = np.array([-1.0, 1.0, 1.0, -1.0])


def drawn(seed, groups, treated, *, drift=0.3, effect=0.4):
    random = np.random.default_rng(seed)
    size = random.integers(20, 60, groups)
    group = np.repeat(np.arange(groups), size * 2)
    period = np.concatenate([np.repeat([0, 1], each) for each in size])
    arm = (group < treated).astype(int)
    value = random.normal(size=len(group)) + random.normal(0, drift, (groups, 2))[group, period] + effect * arm * period
    sides = sides_of(cell_means(value, arm, period, (2, 2), np.ones(len(value))), np.array([0, 1]))
    return value, arm, period, group, sides


def test_it_is_the_regression_with_a_cluster_robust_error_and_inverts_its_own_test():
    """Least squares on the rows by numpy; CR0 of clusters times G / (G - 1): Cameron, Gelbach & Miller (2008)."""
    value, arm, period, group, sides = drawn(1, 14, 7)
    x = np.column_stack([np.ones(len(value)), arm, period, arm * period]).astype(float)
    beta, *_ = np.linalg.lstsq(x, value, rcond=None)
    bread = np.linalg.inv(x.T @ x)
    scores = np.array([((value - x @ beta) * x.T)[:, group == each].sum(axis=1) for each in range(14)])
    error = np.sqrt((bread @ (scores.T @ scores) @ bread)[3, 3] * 14 / 13)
    found = wild_cluster(value, x, np.ones(len(value)), group, 3, conf_level=0.95, draws=499)
    assert (found.estimate, found.std_error) == pytest.approx((beta[3], error))
    y, z, weight, cluster = two_by_two(sides.held, sides.share, arm == 1, period, group)
    summed = wild_cluster(y, z, weight, cluster, 3, conf_level=0.95, draws=499)
    assert summed.estimate == pytest.approx(sides.mean @ DID) == pytest.approx(beta[3])
    assert found.low < beta[3] < found.high
    shifted = wild_cluster(value - found.high * arm * period, x, np.ones(len(value)), group, 3, conf_level=0.95, draws=499)
    assert shifted.p_value == pytest.approx(0.05, abs=0.005)
    again = wild_cluster(10 * value, x, np.ones(len(value)), group, 3, conf_level=0.95, draws=499)
    assert (again.p_value, again.low) == pytest.approx((found.p_value, 10 * found.low), rel=1e-4)
    assert np.isnan(wild_cluster(np.zeros(len(value)), x, np.ones(len(value)), group, 3, conf_level=0.95).p_value)


@pytest.mark.slow
@pytest.mark.parametrize(("groups", "treated", "least"), [(8, 4, 0.92), (20, 10, 0.925), (8, 2, 0.88), (20, 4, 0.9)])
def test_few_groups_are_covered_and_few_on_a_side_by_the_wider_of_both(groups, treated, least):
    """400 draws; customers taken as independent would cover 63 to 65 of 100."""
    covered = 0
    for seed in range(400):
        _, arm, period, group, sides = drawn(1000 * groups + treated + 7 * seed, groups, treated)
        y, x, weight, cluster = two_by_two(sides.held, sides.share, arm == 1, period, group)
        wild = wild_cluster(y, x, weight, cluster, 3, conf_level=0.95, seed=seed, draws=499)
        jack = by_groups(float(sides.mean @ DID), sides.score @ DID, group, arm, sides.share)
        low, high = t_interval(*(np.array([part]) for part in jack), conf_level=0.95)
        few = min(treated, groups - treated) < 5
        ends = (min(wild.low, low[0]), max(wild.high, high[0])) if few else (wild.low, wild.high)
        covered += ends[0] <= 0.4 <= ends[1]
    assert covered / 400 >= least
