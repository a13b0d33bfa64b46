"""Choosing plans: against an integer programme where values add up, and against counting where they do not."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

from cxgap.stats.knapsack import allowed, best, efficient, members


@pytest.mark.parametrize("seed", range(5))
def test_where_values_add_up_it_is_the_optimum_of_an_integer_programme(seed):
    """scipy.optimize.milp (HiGHS), with plan 0 needing plan 1 and plans 2 and 3 instead of one another."""
    random = np.random.default_rng(seed)
    cost, gain = random.integers(1, 30, 8).astype(float), random.normal(5, 10, 8)
    held = members(8)
    within = allowed(8, {0: [1]}, [[2, 3]]) & (held @ cost <= 60)
    chosen = best(held @ cost, held @ gain, within)
    rules = [LinearConstraint(cost[None], ub=60), LinearConstraint(np.eye(8)[0] - np.eye(8)[1], ub=0)]
    rules.append(LinearConstraint(np.eye(8)[2] + np.eye(8)[3], ub=1))
    known = milp(-gain, constraints=rules, integrality=np.ones(8), bounds=Bounds(0, 1))
    assert held[chosen] @ gain == pytest.approx(-known.fun)


def test_sets_are_named_by_their_bits_and_none_is_left_out():
    held = members(3)
    assert {tuple(np.flatnonzero(row)) for row in held} == {each for size in range(4) for each in combinations(range(3), size)}
    assert list(np.flatnonzero(held[5])) == [0, 2]


def test_efficient_sets_leave_more_the_more_they_cost_and_none_is_beaten():
    random = np.random.default_rng(2)
    cost, net = random.integers(0, 40, 64).astype(float), random.normal(0, 5, 64)
    cost[0] = net[0] = 0.0
    found = efficient(cost, net, np.ones(64, bool))
    assert (np.diff(cost[found]) > 0).all()
    assert (np.diff(net[found]) > 0).all()
    for each in range(64):
        assert any(cost[one] <= cost[each] and net[one] >= net[each] for one in found)


def test_of_sets_that_leave_the_same_the_cheapest_is_chosen():
    assert best(np.array([0.0, 5.0, 3.0, 8.0]), np.array([0.0, 2.0, 2.0, 2.0]), np.ones(4, bool)) == 2
    assert best(np.zeros(4), np.zeros(4), np.ones(4, bool)) == 0
