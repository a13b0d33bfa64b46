"""Whom chance holds out: the right number, of every stratum, and the same people in any order."""

from __future__ import annotations

import numpy as np
import pytest

from cxgap.stats.arms import held_out, lots

IDS = [f"C{place}" for place in range(1000)]


def test_lots_are_even_and_depend_on_the_id_and_the_key_alone():
    """Kolmogorov's bound at one in a thousand: 1.95 / sqrt(n)."""
    drawn = lots(IDS, 1, "spring")
    assert np.abs(np.sort(drawn) - np.arange(1000) / 1000).max() < 1.95 / np.sqrt(1000)
    assert list(lots(IDS[::-1], 1, "spring")) == list(drawn[::-1])
    assert not (lots(IDS, 2, "spring") == drawn).any()
    assert not (lots(IDS, 1, "autumn") == drawn).any()
    assert lots(["C1"], "1", "spring")[0] == lots(["C1"], 1, "spring")[0]
    assert np.abs(np.corrcoef(drawn, lots(IDS, 1, "autumn"))[0, 1]) < 0.1


def test_every_stratum_gives_its_share_to_the_nearest_person():
    stratum = np.repeat([0, 1, 2], [500, 300, 200])
    out = held_out(stratum, lots(IDS, 3), 150)
    assert [int(out[stratum == code].sum()) for code in range(3)] == [75, 45, 30]
    assert held_out(stratum, lots(IDS, 3), 7).sum() == 7
    assert not held_out(stratum, lots(IDS, 3), 0).any()
    assert held_out(np.zeros(0, np.int64), np.zeros(0), 0).shape == (0,)


@pytest.mark.parametrize("seed", range(3))
def test_the_same_people_are_held_out_in_any_order(seed):
    random = np.random.default_rng(seed)
    stratum, drawn, order = random.integers(0, 4, 1000), lots(IDS, seed), random.permutation(1000)
    assert list(held_out(stratum, drawn, 153)[order]) == list(held_out(stratum[order], drawn[order], 153))
