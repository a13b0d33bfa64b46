"""How many are hit for each who complains, against published numbers."""

from __future__ import annotations

import numpy as np
import pytest

from cxgap.stats.iceberg import chapman, hit_from_complaints, jeffreys, multiplier


def test_forty_of_nine_hundred_complain():
    """In R, qbeta(c(.025, .975), 40.5, 860.5): .0324, .0594; the multiplier is the share turned over."""
    low, high = jeffreys([40], [900], conf_level=0.95)
    assert (low[0], high[0]) == pytest.approx((0.03241231, 0.05939838), rel=1e-6)
    found, least, most = multiplier([40], [900], conf_level=0.95)
    assert (found[0], least[0], most[0]) == pytest.approx((22.5, 1 / high[0], 1 / low[0]))


def test_none_and_all_reach_the_ends_and_nobody_has_no_interval():
    """Brown, Cai & DasGupta (2001): the interval of none begins at 0, that of all ends at 1."""
    low, high = jeffreys([0, 12, 0], [12, 12, 0], conf_level=0.95)
    assert (low[0], high[1]) == (0, 1)
    assert np.isnan(low[2])
    assert np.isnan(high[2])
    assert high[0] == pytest.approx(1 - low[1])
    found, least, most = multiplier([0], [12], conf_level=0.95)
    assert (found[0], most[0]) == (np.inf, np.inf)
    assert least[0] == pytest.approx(1 / high[0])


def test_two_lists_tell_a_lower_bound():
    """Chapman (1951): 201 x 151 / 31 - 1 = 978.06; Seber's (1970) variance by hand."""
    found, std_error, low, high = chapman(200, 150, 30, conf_level=0.95)
    assert found == pytest.approx(978.0645161, rel=1e-9)
    assert std_error == pytest.approx(np.sqrt(201 * 151 * 170 * 120 / (31**2 * 32)))
    assert 320 < low < found < high
    assert chapman(50, 50, 50, conf_level=0.95)[:2] == pytest.approx((50, 0))
    assert np.isnan(chapman(50, 40, 41, conf_level=0.95)[0])
    assert chapman(150, 200, 30, conf_level=0.95) == pytest.approx((found, std_error, low, high))


def test_those_hit_where_only_complaints_are_seen():
    """Arithmetic: 40 of 900 complained, so 20 more complaints are of 450."""
    found, low, high = hit_from_complaints(20, 40, 900, conf_level=0.95)
    assert found == pytest.approx(450)
    assert 230 < low < found < high < 850
    assert np.isnan(hit_from_complaints(0, 40, 900, conf_level=0.95)[0])
    assert hit_from_complaints(5, 0, 900, conf_level=0.95, draws=500)[0] == np.inf


@pytest.mark.slow
def test_intervals_hold_the_truth_as_often_as_they_say():
    """Simulation: 1,000 draws; 95 % within sampling error."""
    random = np.random.default_rng(1)
    k = random.binomial(900, 0.044, 4000)
    low, high = jeffreys(k, np.full(4000, 900), conf_level=0.95)
    assert np.mean((low <= 0.044) & (high >= 0.044)) == pytest.approx(0.95, abs=0.015)
    inside = []
    for _ in range(1000):
        one, other = random.random(1000) < 0.2, random.random(1000) < 0.15
        _, _, low1, high1 = chapman(one.sum(), other.sum(), (one & other).sum(), conf_level=0.95)
        inside.append(low1 <= 1000 <= high1)
    assert np.mean(inside) == pytest.approx(0.95, abs=0.03)
