"""Verdicts against two one-sided tests done one by one."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.stats import t as student

from cxgap.stats.verdict import verdicts
from cxgap.vocabulary import CANNOT_TELL, EXCEEDED, MET, SHORT


def say(estimate: float, std_error: float, df: float, *, conf_level: float = 0.95, margin: float | None = 0.3) -> str:
    arrays = (np.array([float(value)]) for value in (estimate, std_error, df))
    return verdicts(*arrays, conf_level=conf_level, margin=margin)[0]


def by_tests(estimate: np.ndarray, std_error: np.ndarray, df: np.ndarray, conf_level: float, margin: float | None) -> list[str]:
    """Schuirmann (1987): met if both one-sided tests reject; else the side of a two-sided t-test that rejects."""
    alpha = 1 - conf_level
    room = -np.inf if margin is None else margin
    above_low = student.sf((estimate + room) / std_error, df) < alpha
    below_high = student.cdf((estimate - room) / std_error, df) < alpha
    differs = 2 * student.sf(np.abs(estimate) / std_error, df) < alpha
    side = np.where(estimate < 0, SHORT, EXCEEDED)
    return np.where(above_low & below_high, MET, np.where(differs, side, CANNOT_TELL)).tolist()


@pytest.mark.parametrize("margin", [None, 0.05, 0.3, 1.0])
@pytest.mark.parametrize("conf_level", [0.8, 0.95, 0.99])
def test_verdicts_are_those_of_the_tests_done_one_by_one(conf_level, margin):
    """Schuirmann (1987), Journal of Pharmacokinetics and Biopharmaceutics 15(6), 657-680, over a grid."""
    grid = list(itertools.product(np.linspace(-1.03, 1.03, 42), (0.01, 0.07, 0.16, 0.31), (1.0, 4.0, 30.0, 500.0)))
    cells = [np.array(column) for column in zip(*grid, strict=True)]
    told = verdicts(*cells, conf_level=conf_level, margin=margin).tolist()
    assert told == by_tests(*cells, conf_level, margin)
    assert set(told) == {SHORT, EXCEEDED, CANNOT_TELL} | ({MET} if margin else set())


def test_met_is_judged_by_the_interval_of_90_per_cent_at_a_level_of_95():
    """Each one-sided test has the level 1 - conf_level; at 95 % the half width is 1.699 errors, not 2.045."""
    assert student.ppf(0.95, 29) * 0.17 < 0.3 < student.ppf(0.975, 29) * 0.17
    assert say(0, 0.17, 29) == MET


def test_a_gap_that_is_certain_and_small_is_met():
    """Met comes before short: an interval below zero and inside the margin is no shortfall that matters."""
    assert say(-0.1, 0.01, 100) == MET
    assert say(-0.1, 0.01, 100, margin=None) == SHORT
    assert say(-0.1, 0.01, 100, margin=0.09) == SHORT


@pytest.mark.parametrize("estimate", [-2.0, -0.1, 0.0, 0.1, 2.0])
def test_without_a_margin_nothing_is_met(estimate):
    assert say(estimate, 1e-6, 50, margin=None) != MET


def test_an_interval_that_ends_at_a_boundary_has_not_crossed_it():
    """With no error the interval is a point: on the margin is not inside it, and zero is on neither side."""
    assert say(-0.3, 0, 9) == SHORT
    assert say(0.3, 0, 9) == EXCEEDED
    assert say(-0.2999999, 0, 9) == MET
    assert say(0, 0, 9) == MET
    assert say(0, 0, 9, margin=None) == CANNOT_TELL


@pytest.mark.parametrize("missing", [(np.nan, np.nan, np.nan), (-2, np.nan, np.nan), (-2, 0.1, np.nan)])
def test_without_an_interval_we_cannot_tell(missing):
    assert say(*missing) == CANNOT_TELL


def test_a_level_of_a_half_leaves_no_room_for_met():
    """Two one-sided tests at a level of one half or more would call anything met."""
    assert say(0, 0.01, 50, conf_level=0.5) == CANNOT_TELL
    assert say(0, 0.01, 50, conf_level=0.51) == MET


def test_short_and_exceeded_mirror_each_other():
    random = np.random.default_rng(3)
    estimate, std_error, df = random.normal(0, 0.5, 300), random.uniform(0.02, 0.5, 300), random.integers(1, 60, 300)
    told = verdicts(estimate, std_error, df, conf_level=0.9, margin=0.2)
    mirrored = verdicts(-estimate, std_error, df, conf_level=0.9, margin=0.2)
    turned = {SHORT: EXCEEDED, EXCEEDED: SHORT, MET: MET, CANNOT_TELL: CANNOT_TELL}
    assert [turned[word] for word in told] == mirrored.tolist()
