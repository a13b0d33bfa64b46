"""Agreement of raters against the published example, and the laws of an intraclass correlation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxgap.stats.agreement import agreement

LAW = settings(max_examples=40, deadline=None, derandomize=True)
SEEDS = st.integers(0, 2**32 - 1)

# Shrout & Fleiss (1979), Psychological Bulletin 86(2), 420-428, table 2: four judges, six targets.
JUDGES = np.array([[9, 6, 8, 7, 10, 6], [2, 1, 4, 1, 5, 2], [5, 3, 6, 2, 6, 4], [8, 2, 8, 6, 9, 7]], float)


def panel(seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    raters, items = int(random.integers(3, 9)), int(random.integers(4, 15))
    return random.normal(0, 2, items) + random.normal(0, 0.5, (raters, 1)) + random.normal(0, 1, (raters, items))


def test_the_published_judges_hardly_agree():
    """Shrout & Fleiss (1979): ICC(2,1) .29, ICC(2,4) .62; R psych::ICC: [0.019, 0.761] and [0.071, 0.927]."""
    found = agreement(JUDGES, conf_level=0.95)
    assert (found.items, found.raters) == (6, 4)
    assert found.icc == pytest.approx(0.2898, abs=5e-5)
    assert found.icc_mean == pytest.approx(0.6201, abs=5e-5)
    assert (found.icc_low, found.icc_high) == pytest.approx((0.0188, 0.7611), abs=5e-5)
    assert (found.icc_mean_low, found.icc_mean_high) == pytest.approx((0.0711, 0.9272), abs=5e-5)
    assert found.std_dev == pytest.approx(np.sqrt(JUDGES.var(axis=0, ddof=1).mean()))


@LAW
@given(seed=SEEDS, shift=st.floats(-5, 5), factor=st.floats(0.1, 10))
def test_neither_order_nor_unit_nor_zero_of_the_ratings_matters(seed, shift, factor):
    """An intraclass correlation is free of the unit; the standard deviation scales with it."""
    ratings = panel(seed)
    random = np.random.default_rng(seed)
    moved = factor * (ratings[random.permutation(len(ratings))][:, random.permutation(ratings.shape[1])] + shift)
    one, other = agreement(ratings, conf_level=0.9), agreement(moved, conf_level=0.9)
    assert other[2:8] == pytest.approx(one[2:8], rel=1e-6, abs=1e-9)
    assert other.std_dev == pytest.approx(factor * one.std_dev, rel=1e-9)
    assert one.icc_low < one.icc < one.icc_high


@LAW
@given(seed=SEEDS)
def test_a_wider_interval_for_more_certainty_and_less_agreement_for_a_rater_who_is_stricter(seed):
    """McGraw & Wong (1996): absolute agreement counts a difference in level between raters, where consistency does not."""
    ratings = panel(seed)
    wide, narrow = agreement(ratings, conf_level=0.99), agreement(ratings, conf_level=0.8)
    assert wide.icc_low < narrow.icc_low
    assert narrow.icc_high < wide.icc_high
    stricter = ratings - 10.0 * (np.arange(len(ratings)) == 0)[:, None]
    assert agreement(stricter, conf_level=0.95).icc < wide.icc


def test_raters_of_one_mind_agree_fully_and_nothing_to_tell_apart_is_nan():
    """Arithmetic: no residual and no difference between raters gives 1; no difference at all is 0 / 0."""
    found = agreement(np.tile([1.0, 4, 2, 6], (3, 1)), conf_level=0.95)
    assert (found.icc, found.icc_mean, found.std_dev) == pytest.approx((1, 1, 0))
    assert np.isnan([found.icc_low, found.icc_high]).all()
    assert np.isnan(agreement(np.full((3, 4), 6.1), conf_level=0.95).icc)
    assert np.isnan(agreement(JUDGES[:1], conf_level=0.95)[2:]).all()
    assert np.isnan(agreement(JUDGES[:, :2], conf_level=0.95)[2:8]).all()
    assert agreement(JUDGES[:0], conf_level=0.95).raters == 0
