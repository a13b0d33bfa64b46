"""Intervals of noncentralities against the distribution function itself, where common libraries can still compute it."""

from __future__ import annotations

import numpy as np
import pytest
import scipy
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import chdtri, nctdtr, ndtr
from scipy.stats import norm

from cxgap.stats.noncentral import noncentrality_interval

LAW = settings(max_examples=60, deadline=None, derandomize=True)


def ends(t: float, df: float, conf_level: float = 0.95) -> tuple[float, float]:
    low, high = noncentrality_interval(np.array([t]), np.array([df]), conf_level=conf_level)
    return float(low[0]), float(high[0])


@pytest.mark.skipif(
    tuple(map(int, scipy.__version__.split(".")[:2])) < (1, 14), reason="the distribution function of this SciPy errs by 1e-4"
)
@LAW
@given(t=st.floats(-25, 25), df=st.integers(1, 600), conf_level=st.floats(0.5, 0.995))
def test_each_end_gives_t_the_chance_of_one_tail(t, df, conf_level):
    """Steiger & Fouladi (1997): the definition, by scipy.special.nctdtr."""
    low, high = ends(t, df, conf_level)
    tail = (1 - conf_level) / 2
    assert (nctdtr(df, low, t), nctdtr(df, high, t)) == pytest.approx((1 - tail, tail), abs=1e-8)


def test_two_pairs_far_below_zero_have_the_mirror_of_those_far_above():
    """The definition, integrated over the standard deviation by scipy.integrate; the search from below once missed it."""
    for t in (15.0, 18.0, 21.1338, 25.0):
        low, high = ends(t, 1, 0.962)
        assert ends(-t, 1, 0.962) == (-high, -low)
        below = [
            quad(lambda z, nc=nc, t=t: ndtr(t * z - nc) * 2 * norm.pdf(z), 0, 12, points=[nc / t], limit=500)[0]
            for nc in (low, high)
        ]
        assert below == pytest.approx([0.981, 0.019], abs=1e-6)


def test_no_difference_has_the_normal_interval():
    """At t = 0 the standard deviation plays no part."""
    assert ends(0, 3) == pytest.approx((-1.959964, 1.959964), abs=5e-7)


@pytest.mark.parametrize(("t", "df"), [(40.0, 9), (500.0, 2000), (1e6, 5), (1e9, 200)])
def test_a_large_t_does_not_fail(t, df):
    """Far out the normal error is nothing beside that of the standard deviation, whose quantiles are chi's."""
    low, high = ends(t, df)
    assert ends(-t, df) == pytest.approx((-high, -low), rel=1e-9)
    chi = t * np.sqrt(np.array([chdtri(df, 0.975), chdtri(df, 0.025)]) / df)
    width = np.hypot(1.96, chi - t)
    assert np.abs(np.array([low, high]) - t) == pytest.approx(width, rel=0.02)


def test_what_is_not_known_has_no_interval():
    low, high = noncentrality_interval(np.array([np.nan, 1, 1, np.inf]), np.array([5, np.nan, 0, 5.0]), conf_level=0.95)
    assert np.isnan([low, high]).all()
