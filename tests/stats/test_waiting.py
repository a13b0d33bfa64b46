"""Curves and tests that know of units with several times."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from cxgap.stats.survival import FULFILLED, OPEN, count_times, kaplan_meier, log_rank, process, survival_at
from cxgap.stats.waiting import clustered, clustered_log_rank


def times(seed: int, rows: int = 240, units: int = 80) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Times in tenths, with ties, of units that have much in common."""
    random = np.random.default_rng(seed)
    unit = random.integers(0, units, rows)
    own = random.gamma(2, 0.5, units)[unit]
    end, watched = np.round(random.exponential(5 / own), 1), np.round(random.exponential(8, rows), 1)
    return np.minimum(end, watched), end <= watched, unit


def curve_of(time: np.ndarray, event: np.ndarray) -> object:
    return kaplan_meier(count_times(time, np.where(event, FULFILLED, OPEN)))


@pytest.mark.parametrize("seed", range(3))
def test_standard_errors_are_those_of_the_influence_of_every_row(seed):
    """`survival_at` adds the influences up time by time; one pass over the units must give the same."""
    time, event, unit = times(seed)
    found = clustered(curve_of(time, event), time, event, unit)
    along = process(time, np.where(event, FULFILLED, OPEN))
    for place in range(0, len(found.time), 17):
        share, std_error = survival_at(along, found.time[place], cluster=unit)
        assert (found.survival[place], found.std_error[place]) == pytest.approx((share, std_error), rel=1e-9)


def test_with_one_time_a_unit_and_nothing_open_it_is_greenwoods():
    time = np.random.default_rng(4).integers(1, 20, 50).astype(float)
    curve = curve_of(time, np.ones(50, bool))
    found = clustered(curve, time, np.ones(50, bool), np.arange(50))
    assert found.std_error == pytest.approx(curve.std_error, abs=1e-12)


def test_the_order_of_rows_and_names_of_units_do_not_matter():
    time, event, unit = times(5)
    group = unit % 3
    order = np.random.default_rng(6).permutation(len(time))
    first = clustered(curve_of(time, event), time, event, unit).std_error
    moved = clustered(curve_of(time, event), time[order], event[order], 900 - unit[order]).std_error
    assert moved == pytest.approx(first, rel=1e-9)
    assert clustered_log_rank(time[order], event[order], group[order], 900 - unit[order]) == pytest.approx(
        clustered_log_rank(time, event, group, unit), rel=1e-9
    )


def test_units_told_twice_are_no_evidence():
    time, event, unit = times(7)
    twice = clustered_log_rank(*(np.tile(part, 2) for part in (time, event, unit % 2, unit)))
    assert twice == pytest.approx(clustered_log_rank(time, event, unit % 2, unit), rel=1e-9)


def test_the_test_rejects_as_often_as_it_says_where_units_have_several_times():
    """300 samples of 60 units with three times each, one curve: 5 % +- 3 %; the plain log-rank test more than 10 %."""
    rejected = np.zeros(2)
    for seed in range(300):
        time, event, unit = times(seed, rows=180, units=60)
        group = unit % 3
        plain = log_rank(time, np.where(event, FULFILLED, OPEN), group)[2]
        rejected += [clustered_log_rank(time, event, group, unit)[2] < 0.05, plain < 0.05]
    assert 0.02 <= rejected[0] / 300 <= 0.08
    assert rejected[1] / 300 > 0.1


def test_a_test_needs_two_groups_and_an_event():
    time, event, unit = times(8)
    assert np.isnan(clustered_log_rank(time, event, np.zeros(len(time), int), unit)[2])
    assert np.isnan(clustered_log_rank(time, np.zeros(len(time), bool), unit % 2, unit)[2])


def test_many_groups_need_the_room_of_units_and_not_of_rows():
    """60,000 times of 2,000 units in 60 groups: rows times groups are 29 MB a matrix, of which none may be held."""
    random = np.random.default_rng(4)
    time, event, group = random.integers(1, 200, 60_000) / 10, random.random(60_000) < 0.3, np.arange(60_000) % 60
    unit = random.integers(0, 2_000, 60_000)
    tracemalloc.start()
    found = clustered_log_rank(time, event, group, unit)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert 0 < found[2] < 1
    assert most < 25e6
