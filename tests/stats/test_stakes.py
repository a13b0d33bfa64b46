"""What a customer is worth, what falls to whom, and what an unseen cause would have to do: arithmetic by hand."""

from __future__ import annotations

import numpy as np
import pytest

from cxgap.stats.stakes import e_value, e_value_of_limit, information_value, lifetime_value, shapley, tornado, triangular


def test_a_lifetime_is_a_geometric_series():
    """Gupta & Lehmann (2003): 100 x 0.8 / 0.3 from the next year on, 100 x 1.1 / 0.3 from now; retention at most 0.99."""
    margin, kept, rate = (np.array(each) for each in (100.0, 0.8, 0.1))
    assert lifetime_value(margin, kept, rate) == pytest.approx(266.6667, abs=1e-4)
    assert lifetime_value(margin, kept, rate, immediate=True) == pytest.approx(366.6667, abs=1e-4)
    assert lifetime_value(margin, np.array(1.0), np.array(0.0)) == pytest.approx(9900)


def test_the_e_value_of_the_paper():
    """VanderWeele & Ding (2017): a risk ratio of 3.9 has 7.26; below 1 it is turned; an interval with 1 has 1."""
    assert e_value(3.9) == pytest.approx(7.26, abs=0.005)
    assert e_value(1 / 3.9) == pytest.approx(e_value(3.9))
    assert e_value(1.0) == 1.0
    assert (e_value_of_limit(0.9, 2.0), e_value_of_limit(1.2, 2.0)) == (1.0, pytest.approx(e_value(1.2)))
    assert e_value_of_limit(0.5, 0.8) == pytest.approx(e_value(0.8))


def test_shapleys_glove_game():
    """One left glove and two right ones: 2/3 to the left, 1/6 to each right; shares add up to the whole."""
    found = shapley(lambda chosen: np.array(float(0 in chosen and len(chosen) > 1)), 3)
    assert found == pytest.approx([2 / 3, 1 / 6, 1 / 6])


def test_knowing_is_worth_what_it_saves():
    """Half the time 10, half the time -6: deciding now brings 2, knowing first brings 5."""
    assert information_value(np.array([10.0, -6.0])) == pytest.approx(3)
    assert information_value(np.array([1.0, 2.0])) == 0


def test_a_triangle_has_its_mean_and_a_tornado_its_shares():
    chance = (np.arange(100_000) + 0.5) / 100_000
    assert triangular(0, 3, 6, chance).mean() == pytest.approx(3, abs=1e-3)
    assert triangular(2, 2, 2, chance[:3]).tolist() == [2, 2, 2]
    assert tornado([np.array([0.0, 2.0]), np.array([0.0, 0.0])]) == pytest.approx([1, 0])
