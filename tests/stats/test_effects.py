"""Standardised differences against R and against the definition of Hedges' factor."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cxgap.stats.effects import d_z, g_av, hedges_factor

# Student (1908), Biometrika 6(1), 1-25: extra hours of sleep under two drugs.
FIRST = np.array([0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0, 2])
SECOND = np.array([1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4])


def test_hedges_factor_is_exact():
    """Hedges (1981), Journal of Educational Statistics 6(2), 107-128; R 4.2.2: exp(lgamma(4.5) - lgamma(4)) / sqrt(4.5)."""
    assert hedges_factor(np.array([9.0]))[0] == pytest.approx(0.9138749, abs=5e-8)
    df = np.arange(2, 300, dtype=float)
    by_gamma = [math.exp(math.lgamma(v / 2) - math.lgamma((v - 1) / 2)) / math.sqrt(v / 2) for v in df]
    assert hedges_factor(df) == pytest.approx(by_gamma, rel=1e-12)
    assert (np.diff(hedges_factor(df)) > 0).all()
    assert hedges_factor(np.array([1e6]))[0] == pytest.approx(1 - 3 / (4e6 - 1), rel=1e-9)


def test_hedges_factor_needs_more_than_one_degree_of_freedom():
    """At one it is zero, which would call any difference between two people nothing."""
    assert np.isnan(hedges_factor(np.array([np.nan, -1, 0, 1]))).all()


def test_effects_of_sleep_are_those_of_r():
    """R 4.2.2: mean(d) / sd(d), and mean(d) / ((sd(x) + sd(y)) / 2) times the exact factor; Lakens (2013)."""
    difference = FIRST - SECOND
    spread = [np.array([values.std(ddof=1)]) for values in (difference, FIRST, SECOND)]
    mean, n = np.array([difference.mean()]), np.array([10.0])
    assert d_z(mean, spread[0])[0] == pytest.approx(-1.2845576, abs=5e-8)
    assert g_av(mean, spread[1], spread[2], n)[0] == pytest.approx(-0.8334963 * 0.9138749, abs=5e-8)


def test_effects_without_spread():
    """Nobody differs: no gap is an effect of zero, and a gap has no standardised size."""
    mean, none = np.array([0.0, -1, np.nan]), np.zeros(3)
    assert d_z(mean, none).tolist() == pytest.approx([0, math.nan, math.nan], nan_ok=True)
    assert np.isnan(d_z(mean, np.full(3, np.nan))).all()
    assert np.isnan(g_av(mean, none, none, np.full(3, 5.0))).all()


def test_effects_turn_with_the_gap():
    random = np.random.default_rng(1)
    mean, one, other = random.normal(size=(3, 20))
    n = np.full(20, 7.0)
    assert (d_z(-mean, abs(one)) == -d_z(mean, abs(one))).all()
    assert (g_av(-mean, abs(one), abs(other), n) == -g_av(mean, abs(one), abs(other), n)).all()
