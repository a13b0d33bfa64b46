"""The Hodges-Lehmann shift and its interval against methods O-3.2b, wilcox.test in R 4.2.2, and the list of all means."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxgap.stats import pseudomedian
from cxgap.stats.counts import Counts, tabulate
from cxgap.stats.pseudomedian import hodges_lehmann
from cxgap.stats.signed_ranks import signed_rank_test

LAW = settings(max_examples=40, deadline=None, derandomize=True)
DEPRESSED = np.array([1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30])
TREATED = np.array([0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29])


def counted(values: object) -> Counts:
    values = np.asarray(values, float)
    return tabulate(values, np.zeros(len(values), int), 1)


def test_hollander_and_wolfes_shift_is_that_of_r():
    """Methods O-3.2b: wilcox.test(conf.int = TRUE): .46, from .010 to .786."""
    found = hodges_lehmann(counted(DEPRESSED - TREATED), conf_level=0.95)
    assert [part[0] for part in found] == pytest.approx([0.46, 0.010, 0.786], abs=1e-9)


@LAW
@given(values=st.lists(st.integers(-5, 5), min_size=1, max_size=30))
def test_the_estimate_is_the_median_of_the_means_of_all_pairs(values):
    """Hodges & Lehmann (1963): all i <= j; zeros left out, or kept."""
    values = np.array(values, float)
    for kept, drop in ((values[values != 0], True), (values, False)):
        found = hodges_lehmann(counted(values), conf_level=0.9, drop_zeros=drop).estimate[0]
        first, second = np.triu_indices(len(kept))
        assert found == pytest.approx(np.median((kept[first] + kept[second]) / 2) if len(kept) else np.nan, nan_ok=True)


@LAW
@given(seed=st.integers(0, 2**31))
def test_the_interval_holds_the_shifts_that_the_test_does_not_reject(seed):
    """Bauer (1972): just inside either end the exact test keeps the shift, just outside it does not."""
    values = np.random.default_rng(seed).normal(size=int(seed % 30) + 8)
    found = hodges_lehmann(counted(values), conf_level=0.95)
    for end, inward in ((found.low[0], 1e-6), (found.high[0], -1e-6)):
        inside, outside = (signed_rank_test(counted(values - end - side)).p_value[0] for side in (inward, -inward))
        assert outside <= 0.05 + 1e-12 < inside + 1e-12


@LAW
@given(seed=st.integers(0, 2**31))
def test_counting_the_means_finds_what_listing_them_finds(seed):
    random = np.random.default_rng(seed)
    values = np.round(random.normal(size=80), int(seed % 3))
    listed = hodges_lehmann(counted(values), conf_level=0.95)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pseudomedian, "MOST_LISTED", 0)
        sought = hodges_lehmann(counted(values), conf_level=0.95)
    assert np.ravel(sought) == pytest.approx(np.ravel(listed), abs=2e-9)


@LAW
@given(values=st.lists(st.integers(-5, 5), min_size=8, max_size=40), shift=st.integers(-20, 20), unit=st.floats(0.1, 10))
def test_a_shift_shifts_and_a_unit_stretches(values, shift, unit):
    values = np.array(values, float)
    plain, moved = (
        hodges_lehmann(counted(each), conf_level=0.95, drop_zeros=False) for each in (values, unit * (values + shift))
    )
    assert np.ravel(moved) == pytest.approx(unit * (np.ravel(plain) + shift), abs=1e-7, nan_ok=True)


def test_too_few_differences_have_no_interval():
    """By counting: of five signs the most extreme pattern has a chance of 2 in 32, which is more than 5 %."""
    found = hodges_lehmann(tabulate(np.arange(1.0, 8.0), np.array([0, 0, 0, 0, 0, 1, 3]), 4), conf_level=0.95)
    assert found.estimate.tolist() == pytest.approx([3, 6, np.nan, 7], nan_ok=True)
    assert np.isnan([found.low, found.high]).all()
    assert hodges_lehmann(counted(np.arange(1.0, 6.0)), conf_level=0.9).low[0] == 1
