"""Rows that follow each other within a window."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxgap.stats.chains import chained

ROWS = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 1), st.integers(0, 30)), min_size=1, max_size=25)


def test_chains_of_a_few_rows_by_hand():
    """Unit 0 at 0, 3, 10 about thing 0, and at 1 about thing 1; unit 1 at 4: with a window of 3 they are four chains."""
    unit, thing = np.array([0, 0, 1, 0, 0]), np.array([0, 0, 0, 1, 0])
    chains = chained(unit, thing, np.array([10.0, 0, 4, 1, 3]), window=3)
    assert chains.order.tolist() == [1, 4, 0, 3, 2]
    assert chains.chain.tolist() == [0, 0, 1, 2, 3]
    assert (chains.first.tolist(), chains.last.tolist(), chains.follows.tolist()) == ([0, 2, 3, 4], [1, 2, 3, 4], [1])


def test_rows_of_one_moment_stay_in_the_order_in_which_they_stand():
    assert chained(np.zeros(3, int), np.zeros(3, int), np.array([1.0, 1, 0]), window=1).order.tolist() == [2, 0, 1]


@settings(max_examples=30, deadline=None, derandomize=True)
@given(rows=ROWS, window=st.integers(0, 6))
def test_two_rows_are_in_one_chain_where_steps_within_the_window_lead_from_one_to_the_other(rows, window):
    """The slow way: join whatever lies within the window, until nothing changes."""
    unit, thing, at = (np.array(column) for column in zip(*rows, strict=True))
    joined = (unit[:, None] == unit) & (thing[:, None] == thing) & (np.abs(at[:, None] - at) <= window)
    for _ in rows:
        joined = joined @ joined
    chains = chained(unit, thing, at.astype(float), window=window)
    found = np.empty(len(rows), int)
    found[chains.order] = chains.chain
    assert ((found[:, None] == found) == joined).all()


@pytest.mark.parametrize("rows", [0, 1])
def test_no_row_is_no_chain(rows):
    chains = chained(np.zeros(rows, int), np.zeros(rows, int), np.zeros(rows), window=1)
    assert (len(chains.first), len(chains.last), len(chains.follows)) == (rows, rows, 0)
