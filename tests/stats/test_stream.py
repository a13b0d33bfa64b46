"""The weight stream: Poisson's numbers, exact sums, and the same digits however rows are parted."""

from __future__ import annotations

import tracemalloc
from math import exp, factorial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxgap.stats.identity import hashes
from cxgap.stats.stream import SHARDS, TIMES, shard_sums, streamed_sums, weights

UNITS = hashes(np.arange(200))


def test_the_table_is_poissons():
    """Of mean 1: 65,536 e^-1 / k! numbers of each count, and mean, variance and third moment 1, 1 and 5."""
    counts = np.arange(len(TIMES))
    moments = [int((np.array(TIMES) * counts**power).sum()) for power in range(4)]
    assert moments[:3] == [65_536, 65_536, 2 * 65_536]
    assert moments[3] == pytest.approx(5 * 65_536, rel=1e-5)
    assert np.array(TIMES) == pytest.approx([65_536 * exp(-1) / factorial(count) for count in counts], abs=11)


def test_counts_are_poissons_and_of_each_unit_alone():
    """Chamandy et al. (2012): mean and variance 1, units and replicates unrelated."""
    counts = weights(UNITS, range(5000), seed=3)
    assert counts.mean() == pytest.approx(1, abs=0.005)
    assert counts.var() == pytest.approx(1, abs=0.01)
    assert (counts == 0).mean() == pytest.approx(exp(-1), abs=0.002)
    assert np.abs(np.corrcoef(counts[:8]) - np.eye(8)).max() < 0.06
    assert np.abs(np.corrcoef(counts[:, :8].T) - np.eye(8)).max() < 0.35  # 200 units
    assert not np.array_equal(weights(UNITS, range(5000), seed=4), counts)


@given(start=st.integers(0, 30), count=st.integers(1, 30))
@settings(max_examples=20, deadline=None)
def test_a_weight_hangs_on_unit_replicate_and_seed_alone(start, count):
    whole = weights(UNITS, range(60), seed=3)
    order = np.random.default_rng(start).permutation(200)[: 5 * count]
    part = range(start, start + count)
    assert np.array_equal(weights(UNITS[order], part, seed=3), whole[order][:, start : start + count])


def test_the_standard_error_of_a_mean_is_that_of_the_formula():
    """Of 200 normal values: s / sqrt(n)."""
    y = np.random.default_rng(5).standard_normal(200)
    sums = streamed_sums(np.stack([np.ones(200), y], axis=1), UNITS, range(9999), seed=3)
    assert (sums[:, 1] / sums[:, 0]).std() == pytest.approx(y.std(ddof=1) / np.sqrt(200), rel=0.03)


def columns_of(rows: int, largest: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).integers(-largest, largest + 1, (rows, 3)).astype(float)


@pytest.mark.parametrize("largest", [9, 500, 20_000, 10**9])
def test_sums_of_whole_numbers_are_exact(largest):
    """Against int64: in float32 where that holds them, in halves where only these do, and in float64 beyond."""
    columns, units = columns_of(1500, largest), hashes(np.arange(1500))
    wanted = weights(units, range(40), seed=1).T.astype(np.int64) @ columns.astype(np.int64)
    assert np.array_equal(streamed_sums(columns, units, range(40), seed=1), wanted)


def test_no_digit_hangs_on_parts_order_or_how_often_a_respondent_came():
    columns, units = columns_of(3000, 4), hashes(np.repeat(np.arange(1000), 3))
    whole = streamed_sums(columns, units, range(50), seed=2)
    order = np.random.default_rng(0).permutation(3000)
    cut = streamed_sums(columns[order[:700]], units[order[:700]], range(50), seed=2)
    rest = streamed_sums(columns[order[700:]], units[order[700:]], range(50), seed=2)
    assert np.array_equal(cut + rest, whole)
    later = streamed_sums(columns, units, range(21, 50), seed=2)
    assert np.array_equal(later, whole[21:])
    made = streamed_sums(lambda rows: columns[rows], units, range(50), seed=2)
    assert np.array_equal(made, whole)


def test_fractions_are_added_as_numpy_adds_them():
    columns = np.random.default_rng(1).normal(size=(1500, 3))
    units = hashes(np.arange(1500))
    wanted = weights(units, range(40), seed=1).T.astype(float) @ columns
    assert streamed_sums(columns, units, range(40), seed=1) == pytest.approx(wanted, rel=1e-12, abs=1e-12)


def test_neither_weights_nor_columns_are_ever_there_as_a_whole():
    """Of 30,000 respondents, 100 columns would take 24 MB and 400 replicates of weights 48 MB."""
    answers, units = columns_of(30_000, 3), hashes(np.arange(30_000))
    tracemalloc.start()
    try:
        streamed_sums(lambda rows: np.repeat(answers[rows], 34, axis=1)[:, :100], units, range(400), seed=1)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 16e6


def test_groups_of_respondents_add_up_to_all_and_parts_to_the_whole():
    columns, units = columns_of(20_000, 4), hashes(np.repeat(np.arange(10_000), 2))
    groups, names = shard_sums(columns, units)
    assert groups.shape == (SHARDS, 3)
    assert len(np.unique(names)) == SHARDS
    assert np.array_equal(groups.sum(axis=0), columns.sum(axis=0))
    order = np.random.default_rng(0).permutation(20_000)
    parts = [shard_sums(columns[part], units[part])[0] for part in (order[:9000], order[9000:])]
    assert np.array_equal(parts[0] + parts[1], groups)
