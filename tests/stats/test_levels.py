"""Levels against the same levels done one by one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxgap.stats.bootstrap import Source
from cxgap.stats.levels import Fixed, Mean, Quantile, Reach, Values, levels_of, replicated

LAW = settings(max_examples=30, deadline=None, derandomize=True)
DELIVERED = [2.0, 3, 3, 4, 4, 5, 5, 6, 7, 9]


def values(source: str, numbers: list[float], sign: float = 1.0) -> Values:
    size = len(numbers)
    return Values(source, np.zeros(size, np.int64), sign * np.array(numbers, float), np.ones(size), np.arange(size))


def reach(wanted: list[float]) -> float:
    level = Reach(values("managers", wanted, -1), values("customers", DELIVERED, -1), 1)
    sources = [Source.simple("managers", len(wanted)), Source.simple("customers", len(DELIVERED))]
    return float(levels_of({"level": level}, sources, 1)["level"][0])


@pytest.mark.parametrize(("days", "share"), [(3, 0.3), (4, 0.5), (5, 0.7), (1, 0.0), (9, 1.0)])
def test_the_share_of_deliveries_that_a_level_lets_pass(days, share):
    """Arithmetic: of 2 3 3 4 4 5 5 6 7 9 days, as many are no longer than that."""
    assert reach([days]) == pytest.approx(share, abs=1e-12)


def test_people_who_want_different_levels_are_averaged():
    """Arithmetic: one manager content with 30 % and one with 70 % make 50 %."""
    assert reach([3, 5]) == pytest.approx(0.5, abs=1e-12)


@LAW
@given(
    wanted=st.lists(st.integers(0, 6), min_size=2, max_size=6),
    got=st.lists(st.integers(0, 6), min_size=2, max_size=9),
    seed=st.integers(0, 10),
)
def test_replicated_shares_are_those_of_the_pairs_counted_one_by_one(wanted, got, seed):
    """The double average over both samples, with the weights of each replicate."""
    first, second = values("managers", wanted), values("customers", got)
    sources = [Source.simple("managers", len(wanted)), Source.simple("customers", len(got))]
    means = {"wanted": Mean(first._replace(value=np.ones(len(wanted))), 1), "share": Reach(first, second, 1)}
    found = replicated(means, sources, 1, count=7, seed=seed)["share"][:, 0]
    from cxgap.stats.bootstrap import replicate_weights

    (a,), (b,) = (list(replicate_weights(source, 7, seed=seed)) for source in sources)
    passes = np.greater_equal.outer(got, wanted).astype(float)
    expected = np.einsum("rm,re,em->r", a, b, passes) / (a.sum(axis=1) * b.sum(axis=1))
    assert found == pytest.approx(expected, abs=1e-12)


def test_levels_of_one_replicate_see_the_same_people():
    """A level minus itself is zero in every replicate; two means of the same people are as correlated as their values."""
    rng = np.random.default_rng(2)
    pair = rng.normal(size=(2, 300)) @ np.diag(np.ones(300))
    first, second = pair[0], 0.6 * pair[0] + 0.8 * pair[1]
    levels = {"a": Mean(values("p", list(first)), 1), "b": Mean(values("p", list(second)), 1), "c": Fixed(np.array([4.0]))}
    made = replicated(levels, [Source.simple("p", 300)], 1, count=1999, seed=1)
    assert np.corrcoef(made["a"][:, 0], made["b"][:, 0])[0, 1] == pytest.approx(np.corrcoef(first, second)[0, 1], abs=0.06)
    assert (made["c"] == 4).all()


def test_a_quantile_of_equal_weights_is_numpys():
    """Hyndman & Fan (1996), number 7, which is numpy's default."""
    level = Quantile(values("p", DELIVERED), 1, 0.9)
    assert levels_of({"q": level}, [Source.simple("p", 10)], 1)["q"][0] == pytest.approx(np.quantile(DELIVERED, 0.9))


def test_a_cell_without_values_is_unknown():
    level = Mean(values("p", DELIVERED), 2)
    assert np.isnan(levels_of({"m": level}, [Source.simple("p", 10)], 2)["m"][1])
