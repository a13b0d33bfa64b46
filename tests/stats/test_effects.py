"""Standardised differences against R and against the definition of Hedges' factor."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import rankdata

from cxgap.stats.effects import (
    d_av,
    d_rm,
    d_rms,
    d_z,
    d_z_interval,
    g_av,
    hedges_factor,
    paired_correlation,
    rank_biserial,
    romano_label,
)
from cxgap.stats.means import Design
from cxgap.stats.redrawn_effects import d_z_redrawn

LAW = settings(max_examples=25, deadline=None, derandomize=True)

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


def test_every_unit_of_the_sleep_difference_is_that_of_r():
    """Methods O-3.2a, R 4.2.2: d_av, d_rm, r and the noncentral interval of d_z; Hedges' g, printed as .5924 (Borenstein)."""
    difference = FIRST - SECOND
    mean, spread, first, second = (
        np.array([value]) for value in (difference.mean(), difference.std(ddof=1), FIRST.std(ddof=1), SECOND.std(ddof=1))
    )
    r = paired_correlation(first, second, spread)
    assert r[0] == pytest.approx(0.7951702, abs=5e-8)
    assert d_av(mean, second, first)[0] == pytest.approx(-0.8334963, abs=5e-8)
    assert d_rm(mean, spread, r)[0] == pytest.approx(-0.8221766, abs=5e-8)
    assert d_rms(mean, first, second)[0] == pytest.approx(-1.58 / math.sqrt((FIRST.var(ddof=1) + SECOND.var(ddof=1)) / 2))
    low, high = d_z_interval(d_z(mean, spread), np.array([10.0]), conf_level=0.95)
    assert (low[0], high[0]) == pytest.approx((-2.118017, -0.414628), abs=5e-7)
    groups = (103 - 100) / math.sqrt((5.5**2 + 4.5**2) / 2)
    assert hedges_factor(np.array([98.0]))[0] * groups == pytest.approx(0.5924, abs=5e-5)


def test_an_interval_needs_two_pairs_and_spread():
    """Methods 0.5."""
    low, high = d_z_interval(np.array([0.5, np.nan, 0.5]), np.array([1.0, 5, 0]), conf_level=0.95)
    assert np.isnan([low, high]).all()


def test_no_spread_on_one_side_has_no_correlation():
    """Expectations that all sit at the top: the units that need their spread or a correlation have none."""
    r = paired_correlation(np.array([0.0]), np.array([1.4]), np.array([1.4]))
    assert np.isnan(r[0])
    assert np.isnan(d_rm(np.array([-2.0]), np.array([1.4]), r)[0])


@LAW
@given(seed=st.integers(0, 2**31), factor=st.floats(0.01, 100))
def test_the_correlation_is_numpys_and_has_no_unit(seed, factor):
    """numpy.corrcoef; two pairs alone lie on a line, and so do those whose differences are all the same."""
    x, y = factor * np.random.default_rng(seed).normal(size=(2, 12))
    pairs = ((x, y), (x[:2], y[:2]), (x, x + factor))
    spreads = np.array([[part.std(ddof=1) for part in (one, other, other - one)] for one, other in pairs]).T
    found = paired_correlation(*spreads)
    assert found[0] == pytest.approx(np.corrcoef(x, y)[0, 1], abs=1e-12)
    assert np.abs(found[1:]).tolist() == [1, 1]


@LAW
@given(seed=st.integers(0, 2**31), n=st.integers(5, 40))
def test_the_rank_biserial_is_what_positive_ranks_have_more_than_negative(seed, n):
    """Kerby (2014), by SciPy's ranks; the interval is symmetric on Fisher's scale."""
    values = np.random.default_rng(seed).integers(-5, 6, n)
    kept = values[values != 0]
    if len(kept):
        ranks = rankdata(np.abs(kept))
        up, down = ranks[kept > 0].sum(), ranks[kept < 0].sum()
        found, low, high = rank_biserial(np.array([up]), np.array([len(kept)]), np.array([n]), conf_level=0.95)
        assert found[0] == pytest.approx((up - down) / ranks.sum())
        if abs(found[0]) < 1:
            assert (np.arctanh(low[0]) + np.arctanh(high[0])) / 2 == pytest.approx(np.arctanh(found[0]))


def test_cliffs_delta_alone_has_words():
    """Romano et al. (2006): below .147, .33 and .474, on either side of zero."""
    found = romano_label(np.array([0, -0.146, 0.147, -0.329, 0.33, 0.473, -0.474, 1, np.nan]))
    assert found.tolist() == ["negligible"] * 2 + ["small"] * 2 + ["medium"] * 2 + ["large"] * 2 + [""]


def survey(seed: int, n: int) -> tuple[np.ndarray, Design]:
    random = np.random.default_rng(seed)
    return random.normal(-0.5, 1, n), Design(np.ones(n), np.zeros(n, int), np.arange(n), np.array([np.inf]))


def test_a_plain_sample_drawn_again_has_nearly_the_interval_of_the_noncentral_t():
    """Two ways to one interval: where everybody weighs the same, resampling must find what theory says."""
    y, design = survey(3, 400)
    cell, everybody = np.zeros(400, int), np.arange(400)
    redrawn = d_z_redrawn(y, cell, 1, everybody, design, np.array([399.0]), conf_level=0.95)
    size = np.array([y.mean() / y.std(ddof=1)])
    theory = d_z_interval(size, np.array([400.0]), conf_level=0.95)
    width = theory[1][0] - theory[0][0]
    assert [end[0] for end in redrawn] == pytest.approx([end[0] for end in theory], abs=0.08 * width)


def test_weights_have_no_unit_order_does_not_matter_and_copies_in_one_unit_tell_nothing_new():
    y, design = survey(4, 60)
    cell, everybody, df = np.zeros(60, int), np.arange(60), np.array([59.0])
    plain = np.ravel(d_z_redrawn(y, cell, 1, everybody, design, df, conf_level=0.95))
    heavy = d_z_redrawn(y, cell, 1, everybody, design._replace(weight=np.full(60, 7.0)), df, conf_level=0.95)
    assert np.ravel(heavy) == pytest.approx(plain, abs=1e-12)
    mixed = np.random.default_rng(1).permutation(60)
    assert np.ravel(d_z_redrawn(y[mixed], cell, 1, mixed, design, df, conf_level=0.95)) == pytest.approx(plain, abs=1e-9)
    units = Design(np.ones(300), np.zeros(300, int), np.repeat(everybody, 5), np.array([np.inf]))
    copied = d_z_redrawn(np.repeat(y, 5), np.zeros(300, int), 1, np.arange(300), units, df, conf_level=0.95)
    assert np.ravel(copied) == pytest.approx(plain, rel=0.02)


def test_a_cell_of_one_of_none_or_of_equals_has_no_interval_when_drawn_again():
    _, design = survey(5, 6)
    y, cell = np.array([1.0, 2, 2, 2, 5, 6]), np.array([0, 1, 1, 1, 3, 3])
    low, high = d_z_redrawn(y, cell, 4, np.arange(6), design, np.full(4, 5.0), conf_level=0.9, count=99)
    assert np.isnan(low[:3]).all()
    assert low[3] <= high[3]


def test_samples_drawn_again_without_spread_are_told_from_rounding():
    """Law: weights have no unit, also where a cell of three is drawn as one person again and again, who has no spread."""
    y, unit = np.array([-1.3, 0.7, 2.1, -0.4, 1.1, 3.3]), np.arange(6)
    for seed in range(8):
        weight = np.random.default_rng(seed).uniform(0.3, 3.0, 6)
        designs = [Design(weight * by, np.zeros(6, int), unit, np.array([np.inf])) for by in (1.0, 1e9, 1e-9)]
        ends = [
            np.ravel(d_z_redrawn(y, unit // 3, 2, unit, design, np.full(2, 4.0), conf_level=0.95, count=499))
            for design in designs
        ]
        assert ends[1] == pytest.approx(ends[0], rel=1e-9)
        assert ends[2] == pytest.approx(ends[0], rel=1e-9)
        assert np.abs(ends[0]).max() < 1e5
