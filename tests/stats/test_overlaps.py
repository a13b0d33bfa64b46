"""Groups that overlap: which of their sizes and sums tell of a few."""

from __future__ import annotations

import numpy as np

from cxgap.stats.overlaps import nearly_alike, told_by_one, told_by_union


def people(*codes: int) -> np.ndarray:
    return np.array(codes, np.int64)


def test_pairs_that_differ_by_few_are_all_found():
    """Every pair of random groups, against sets."""
    random = np.random.default_rng(1)
    groups = [np.flatnonzero(random.random(30) < share) for share in (0.1, 0.5, 0.9, 0.95, 1, 1, 0.97)] + [people()]
    found = set(nearly_alike(groups, 5))
    sets = [set(group.tolist()) for group in groups]
    every = {(one, two) for two in range(len(sets)) for one in range(two)}
    assert found == {pair for pair in every if 0 < len(sets[pair[0]] ^ sets[pair[1]]) < 5 and sets[pair[0]] & sets[pair[1]]}
    assert nearly_alike(groups, 1) == []
    assert nearly_alike([people(), people()], 5) == []


def test_a_union_beside_its_parts_tells_who_is_in_neither_and_who_is_in_both():
    first, second = np.arange(20), np.arange(18, 40)
    assert told_by_union(np.arange(40), [first, second], True, 5)  # 20 and 22 less 40: two are in both
    assert not told_by_union(np.arange(40), [first, second], False, 5)
    assert not told_by_union(np.arange(40), [first, second], True, 2)
    assert told_by_union(np.arange(43), [first, second], False, 5)  # three are in another part
    assert not told_by_union(np.arange(40), [first, np.arange(20, 40)], True, 5)
    assert not told_by_union(np.arange(40), [], True, 5)


def test_a_sum_that_one_value_makes_up_tells_that_value():
    """The p % rule with p = 10 (Hundepool et al. 2012)."""
    assert told_by_one(np.array([1000.0, 50, *[9.0] * 11]))
    assert not told_by_one(np.array([1000.0, 50, *[10.0] * 10]))
    assert told_by_one(np.array([-1000.0, 50, 1]))
    assert not told_by_one(np.array([np.nan, 0.0]))
    assert not told_by_one(np.array([]))
