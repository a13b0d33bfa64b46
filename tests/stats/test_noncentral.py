"""Intervals of noncentralities against the distribution function itself, where common libraries can still compute it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import chdtri, nctdtr

from cxgap.stats.noncentral import noncentrality_interval

LAW = settings(max_examples=60, deadline=None, derandomize=True)


def ends(t: float, df: float, conf_level: float = 0.95) -> tuple[float, float]:
    low, high = noncentrality_interval(np.array([t]), np.array([df]), conf_level=conf_level)
    return float(low[0]), float(high[0])


@LAW
@given(t=st.floats(-25, 25), df=st.integers(1, 600), conf_level=st.floats(0.5, 0.995))
def test_each_end_gives_t_the_chance_of_one_tail(t, df, conf_level):
    """Steiger & Fouladi (1997): the definition, by scipy.special.nctdtr."""
    low, high = ends(t, df, conf_level)
    tail = (1 - conf_level) / 2
    assert (nctdtr(df, low, t), nctdtr(df, high, t)) == pytest.approx((1 - tail, tail), abs=1e-6)  # SciPy 1.12 has seven digits


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
