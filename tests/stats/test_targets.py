"""Whether a target is met, against published numbers; and what several looks and a forecast promise, by simulation."""

import math

import numpy as np
import pytest
from scipy import stats

from cxgap.stats.targets import change, judge, level_of, needed, obrien_fleming, outlook


def test_two_waves_as_methods_have_them():
    """methods.md O-8.7 a: Welch's t of two waves, and its interval."""
    found = change(-0.62, 1.30 / math.sqrt(220), 219, -0.38, 1.25 / math.sqrt(240), 239)
    assert found.statistic == pytest.approx(2.014586, abs=1e-6)
    assert (found.df, found.p_value) == pytest.approx((450.81, 0.0445413), abs=1e-2, rel=1e-5)
    assert (found.low, found.high) == pytest.approx((0.005879, 0.474121), abs=1e-6)


def test_the_bound_decides_and_not_the_estimate():
    """methods.md O-8.7 a: the one-sided bound -.513235 meets -.55, and leaves -.50 open."""
    low, high = -0.513235, -0.246765
    assert judge(low, high, -0.55, "high") == "met"
    assert judge(low, high, -0.50, "high") == "cannot tell"
    assert judge(low, high, -0.20, "high") == "not met"
    assert judge(-high, -low, 0.55, "low") == "met"
    assert judge(-high, -low, 0.20, "low") == "not met"
    assert judge(math.nan, high, -0.55, "high") == "cannot tell"


def test_looks_are_those_of_obrien_and_fleming():
    """O'Brien & Fleming (1979); Jennison & Turnbull (2000), Table 2.3: C of 2, 4 and 5 looks, two-sided 5 %."""
    assert obrien_fleming(4, sides=2) == pytest.approx((4.0486, 2.8628, 2.3375, 2.0243), abs=1e-4)
    assert obrien_fleming(2, sides=2)[-1] == pytest.approx(1.9774, abs=1e-4)
    assert obrien_fleming(5, sides=2)[-1] == pytest.approx(2.0401, abs=1e-4)
    assert obrien_fleming(1) == pytest.approx((1.6448536,), abs=1e-6)
    assert level_of(obrien_fleming(1)[0]) == pytest.approx(0.90, abs=1e-12)


@pytest.mark.parametrize("looks", [4, *(pytest.param(looks, marks=pytest.mark.slow) for looks in (2, 3, 8))])
def test_all_looks_together_err_as_often_as_one(looks):
    """Simulation: 200,000 walks at the target itself; naive looks err 2 to 3 times as often."""
    walk = np.random.default_rng(looks).normal(size=(200_000, looks)).cumsum(axis=1) / np.sqrt(np.arange(1, looks + 1))
    size = (walk >= np.array(obrien_fleming(looks))).any(axis=1).mean()
    assert size == pytest.approx(0.05, abs=0.0016)
    assert (walk >= stats.norm.isf(0.05)).any(axis=1).mean() > 0.075


@pytest.mark.slow
def test_the_chance_of_the_end_comes_true():
    """Simulation: of 20,000 targets whose truth is drawn from a flat prior, those told 60 to 70 % end well in 65 %."""
    rng = np.random.default_rng(87)
    n, planned, value = 80, 200, 0.0
    truth = rng.uniform(-0.6, 0.6, 20_000)
    now = truth + rng.normal(size=truth.size) / math.sqrt(n)
    rest = truth + rng.normal(size=truth.size) / math.sqrt(planned - n)
    end = (n * now + (planned - n) * rest) / planned
    z = float(stats.norm.isf(0.05))
    told = [outlook(at, 1 / math.sqrt(n), 1e9, n, planned, value, "high", z) for at in now]
    for chances, came in (
        ([one.on_track for one in told], end >= value),
        ([one.met for one in told], end - z / math.sqrt(planned) >= value),
    ):
        chance = np.array(chances)
        inner = np.abs(truth) < 0.55  # beyond lies the edge of the prior
        for low in np.arange(0.05, 0.95, 0.1):
            here = inner & (chance >= low) & (chance < low + 0.1)
            assert came[here].mean() == pytest.approx(chance[here].mean(), abs=0.055)


def test_the_chance_at_the_end_is_what_is_so():
    assert outlook(0.5, 0.1, 50, 100, 100, 0.0, "high", 1.645) == (1.0, 1.0)
    assert outlook(0.5, 0.1, 50, 100, 40, 0.6, "high", 1.645) == (0.0, 0.0)
    assert outlook(0.5, 0.1, 50, 50, 100, 0.5, "low", 1.645).on_track == pytest.approx(0.5)
    assert math.isnan(outlook(0.5, math.nan, 50, 50, 100, 0.5, "low", 1.645).on_track)


def test_the_number_that_settles_has_four_fifths_power():
    """methods.md 3.10, one-sided: n ((z + .8416) se / distance)^2; then the bound passes in 4 of 5 samples."""
    z = float(stats.norm.isf(0.05))
    n = needed(-0.38, 1.25 / math.sqrt(240), 240, -0.50, z)
    assert n == math.ceil(((1.6448536 + 0.8416212) * 1.25 / 0.12) ** 2) == 671
    assert stats.norm.sf(z - 0.12 / (1.25 / math.sqrt(n))) == pytest.approx(0.8, abs=1e-3)
    assert math.isnan(needed(-0.5, 0.1, 240, -0.5, z))
