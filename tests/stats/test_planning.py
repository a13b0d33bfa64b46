"""Power and its inversions against R and against the noncentral t of SciPy."""

from __future__ import annotations

import numpy as np
import pytest
import scipy
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import nct, t

from cxgap.stats.planning import (
    detectable,
    detectable_change,
    detectable_gap,
    detectable_roughly,
    needed,
    nps_needed,
    power,
)

DIGITS = 1e-9 if tuple(map(int, scipy.__version__.split(".")[:2])) >= (1, 14) else 1e-6  # of its noncentral t, then mended


def test_planning_is_rs():
    """R 4.2.2, power.t.test(type = "paired"), to the tail that R leaves out; deff by hand."""
    assert needed(0.5, 1) == pytest.approx(33.3672, abs=1e-4)
    assert detectable_gap(1, 50) == pytest.approx(0.4041830, abs=1e-6)
    assert detectable_gap(1.2, 30, power=0.9) == pytest.approx(0.7349346, abs=1e-6)
    assert detectable_gap(1.4, 200, deff=1.3) == pytest.approx(0.318223, abs=1e-6)
    assert detectable_gap(1.4, 400) == pytest.approx(0.196584, abs=1e-6)
    assert detectable_roughly(1.4, 200, deff=1.3) == pytest.approx(0.316219, abs=1e-6)


def test_nps_needs_937_for_five_points():
    """Arithmetic: 1.96^2 (0.5 + 0.2 - 0.3^2) / 0.05^2."""
    assert nps_needed(0.5, 0.2, 0.05) == pytest.approx(937.3, abs=0.1)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(gap=st.floats(0.05, 3), n=st.integers(3, 3000), deff=st.floats(1, 2), alpha=st.sampled_from([0.01, 0.05, 0.1]))
def test_power_is_the_noncentral_t_in_both_tails(gap, n, deff, alpha):
    """scipy.stats.nct."""
    df, nc = n / deff - 1, gap * np.sqrt(n / deff)
    limit = t.ppf(1 - alpha / 2, df)
    if not df > 0.5 or nc > 30:
        return
    expected = nct.sf(limit, df, nc) + np.nan_to_num(nct.cdf(-limit, df, nc))
    assert power(gap, 1, n, deff=deff, alpha=alpha) == pytest.approx(expected, abs=DIGITS)


@pytest.mark.parametrize("alpha", [0.001, 0.05, 0.3])
@pytest.mark.parametrize("wanted", [0.5, 0.8, 0.99])
def test_both_inversions_come_back_to_the_power_that_was_asked_for(wanted, alpha):
    gaps = np.array([0.01, 0.1, 0.3, 0.5])
    n = needed(gaps, 1.0, power=wanted, alpha=alpha)
    assert power(gaps, 1.0, n, alpha=alpha) == pytest.approx(wanted, abs=1e-9)
    assert detectable_gap(1.0, n, power=wanted, alpha=alpha) == pytest.approx(gaps, rel=1e-8)


def test_a_cells_own_standard_error_gives_what_its_spread_and_number_give():
    """Arithmetic: sd / sqrt(n) with n - 1 degrees of freedom is the unweighted case."""
    n, sd = np.array([2.0, 3, 10, 50, 400, 400]), np.array([1.0, 2, 0.5, 1.4, 1.4, 0.7])
    assert detectable(sd / np.sqrt(n), n - 1) == pytest.approx(detectable_gap(sd, n), rel=1e-12)
    assert detectable_gap(sd[4], 400) == pytest.approx(2 * detectable_gap(sd[5], 400), rel=1e-12)


def test_without_uncertainty_nothing_is_said():
    found = detectable([0.0, np.nan, 0.1, 0.1], [9, 9, np.nan, 0])
    assert np.isnan(found).all()
    assert np.isinf(needed(0.0, 1.0))
    assert detectable(1.0, np.inf) == pytest.approx(2.801582, abs=1e-6)


def test_a_huge_gap_needs_two_and_a_tiny_one_very_many():
    assert needed(1000.0, 1.0) == 2
    assert needed(0.001, 1.4) == pytest.approx(1.4**2 * 2.8015818**2 / 0.001**2, rel=1e-5)


def test_a_panel_sees_smaller_changes_and_one_asked_twice_alike_sees_any():
    """Arithmetic: variance of a difference."""
    apart = detectable_change((1.4, 1.2), (200, 300))
    assert apart == pytest.approx(2.8015852 * np.sqrt(1.4**2 / 200 + 1.2**2 / 300), rel=1e-6)
    panel = detectable_change((1.4, 1.2), (200, 300), overlap=150, correlation=0.5)
    assert panel == pytest.approx(2.8015852 * np.sqrt(1.4**2 / 200 + 1.2**2 / 300 - 1.4 * 1.2 * 150 / 60000), rel=1e-6)
    assert detectable_change((1, 1), (100, 100), overlap=100, correlation=1.0) == pytest.approx(0, abs=1e-7)
