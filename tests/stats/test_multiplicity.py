"""Adjusted p-values against R's p.adjust, and the laws that any adjustment keeps."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import false_discovery_control

from cxgap.stats.multiplicity import (
    ADJUSTMENTS,
    adjust_families,
    benjamini_hochberg,
    benjamini_yekutieli,
    bonferroni,
    fcr_level,
    hochberg,
    holm,
)

LAW = settings(max_examples=60, deadline=None, derandomize=True)
P = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1]
HOLM = [0.0015, 0.0056, 0.0247, 0.1140, 0.2211, 0.2780, 0.2780, 0.2780, 0.3213, 1, 1, 1, 1, 1, 1]
BH = [0.0015, 0.0030, 0.0095, 0.035625, 0.0603, 0.0638571, 0.0638571, 0.0645, 0.0765]
BH += [0.486, 0.5811818, 0.714875, 0.7532308, 0.8132143, 1]
METHODS = pytest.mark.parametrize("adjust", [holm, hochberg, bonferroni, benjamini_hochberg, benjamini_yekutieli])


def test_holm_is_that_of_r():
    """Benjamini & Hochberg's (1995) example; R 4.2.2: p.adjust(p, "holm"): three below .05."""
    found = holm(np.array(P))
    assert found == pytest.approx(HOLM, abs=5e-8)
    assert (found < 0.05).sum() == 3


def test_benjamini_hochberg_is_that_of_r():
    """Benjamini & Hochberg (1995), JRSS B 57(1), 289-300; R 4.2.2: p.adjust(p, "BH"): four below .05."""
    found = benjamini_hochberg(np.array(P))
    assert found == pytest.approx(BH, abs=5e-8)
    assert (found < 0.05).sum() == 4


@METHODS
def test_no_test_is_not_counted(adjust):
    """R's p.adjust leaves NA out of the number of tests."""
    p = np.array([0.01, np.nan, 0.02, np.nan])
    assert adjust(p)[[0, 2]] == pytest.approx(adjust(np.array([0.01, 0.02])))
    assert np.isnan(adjust(p)[[1, 3]]).all()
    assert np.isnan(adjust(np.full(3, np.nan))).all()
    assert adjust(np.zeros(0)).shape == (0,)


@METHODS
@LAW
@given(p=st.lists(st.floats(0, 1), min_size=1, max_size=12), order=st.randoms(use_true_random=False))
def test_adjusting_keeps_order_and_never_helps(adjust, p, order):
    """Adjusted values are no smaller, at most 1, in the same order, and do not depend on where a test stands."""
    given_p = np.array(p)
    found = adjust(given_p)
    assert (found >= given_p - 1e-15).all()
    assert (found <= 1).all()
    assert (np.diff(found[np.argsort(given_p, kind="stable")]) >= 0).all()
    places = np.array(order.sample(range(len(p)), len(p)))
    assert adjust(given_p[places]) == pytest.approx(found[places], rel=1e-15)
    chain = [benjamini_hochberg, hochberg, holm, bonferroni]  # each rejects what the next rejects
    for milder, stricter in pairwise(chain):
        assert (milder(given_p) <= stricter(given_p) + 1e-15).all()


@LAW
@given(p=st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_benjamini_hochberg_is_that_of_scipy(p):
    """scipy.stats.false_discovery_control(method="bh"), which costs too much to import in every kernel."""
    assert benjamini_hochberg(np.array(p)) == pytest.approx(false_discovery_control(p), rel=1e-14, abs=1e-300)
    assert benjamini_yekutieli(np.array(p)) == pytest.approx(false_discovery_control(p, method="by"), rel=1e-12, abs=1e-300)


def test_one_test_needs_no_adjustment():
    assert holm(np.array([0.03])) == benjamini_hochberg(np.array([0.03])) == 0.03


def test_hochbergs_is_found_by_its_definition():
    """Hochberg (1988), by hand: .02 x 3, .035 x 2 and .04 x 1; the smallest from the largest on."""
    assert hochberg(np.array([0.04, 0.02, 0.035])) == pytest.approx([0.04, 0.04, 0.04])
    assert holm(np.array([0.04, 0.02, 0.035])) == pytest.approx([0.07, 0.06, 0.07])


def test_families_are_adjusted_apart():
    """Each wave is a family; what is no test is in none."""
    p, family = np.array([0.01, 0.01, 0.04, np.nan, 0.02]), np.array([0, 1, 0, 1, 1])
    for method, (adjust, _) in ADJUSTMENTS.items():
        found = adjust_families(p, method, family)
        assert found[family == 0] == pytest.approx(adjust(p[family == 0]))
        assert found[family == 1] == pytest.approx(adjust(p[family == 1]), nan_ok=True)
    assert adjust_families(p, "none") == pytest.approx(p, nan_ok=True)


def test_intervals_of_selected_results_are_as_wide_as_the_share_that_was_selected():
    """Benjamini & Yekutieli (2005): four of fifteen selected at .05 have intervals of level 1 - 4 x .05 / 15."""
    assert fcr_level(np.array(P), conf_level=0.95) == pytest.approx(1 - 4 * 0.05 / 15)
    assert fcr_level(np.array([0.001, 0.01, np.nan]), conf_level=0.95) == pytest.approx(0.95)
    assert fcr_level(np.full(2, np.nan), conf_level=0.9) == 0.9
    assert fcr_level(np.array([0.5, 0.6]), conf_level=0.95) == pytest.approx(0.975)
