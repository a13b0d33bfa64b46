"""Weighted quantiles against NumPy and arithmetic, and how often their intervals hold the truth."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxgap.stats.means import Design, design_means, simple_means
from cxgap.stats.quantiles import quantile_interval, quantiles

LAW = settings(max_examples=25, deadline=None, derandomize=True)
SEEDS = st.integers(0, 2**32 - 1)
LEVELS = st.floats(0.01, 0.99)


def drawn(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    random = np.random.default_rng(seed)
    rows, cells = int(random.integers(1, 80)), int(random.integers(1, 5))
    return random.exponential(size=rows).round(1), random.integers(0, cells, rows), random.uniform(0.2, 5, rows), cells


@LAW
@given(seed=SEEDS, level=LEVELS, unit=st.floats(0.01, 100))
def test_equal_weights_give_number_7_of_hyndman_and_fan(seed, level, unit):
    """Hyndman & Fan (1996), American Statistician 50(4), 361-365, by numpy.quantile; a cell of nothing has NaN."""
    y, cell, _, cells = drawn(seed)
    found = quantiles(y, cell, cells, level, weight=np.full(len(y), unit))
    for number in range(cells):
        expected = np.quantile(y[cell == number], level) if (cell == number).any() else np.nan
        assert found[number] == pytest.approx(expected, rel=1e-11, abs=1e-11, nan_ok=True)


def test_a_heavy_value_draws_the_median_as_arithmetic_says():
    """Akinshin (2023), arXiv:2304.07265: weights 1, 1, 2 have size 16 / 6 and the window (.3125, .6875) for the median."""
    (found,) = quantiles(np.array([1.0, 2, 4]), np.zeros(3, int), 1, 0.5, weight=np.array([1.0, 1, 2]))
    assert found == pytest.approx((0.1875 * 2 + 0.1875 * 4) / 0.375)


@LAW
@given(seed=SEEDS, level=LEVELS)
def test_order_units_of_weight_zeros_and_counted_rows_do_not_matter(seed, level):
    """Laws of methods 0.4 and 0.8: a count stands for equal rows, and a weight of zero for none."""
    y, cell, weight, cells = drawn(seed)
    times = np.random.default_rng(seed).integers(1, 4, len(y))
    found = quantiles(y, cell, cells, level, weight=weight, count=times.astype(float))
    split = [np.repeat(one, times) for one in (y, cell, weight)]
    assert quantiles(split[0], split[1], cells, level, weight=split[2]) == pytest.approx(found, rel=1e-9, nan_ok=True)
    turned = [np.append(one[::-1], extra) for one, extra in zip(split, (99.0, 0, 0.0), strict=True)]
    again = quantiles(turned[0], turned[1], cells, level, weight=turned[2] * 7)
    assert again == pytest.approx(found, rel=1e-9, nan_ok=True)


@LAW
@given(seed=SEEDS, level=LEVELS, factor=st.floats(0.1, 10), shift=st.floats(-50, 50))
def test_a_quantile_moves_with_its_values_and_stays_among_them(seed, level, factor, shift):
    """A change of unit is a change of unit of the quantile."""
    y, cell, weight, cells = drawn(seed)
    found = quantiles(y, cell, cells, level, weight=weight)
    moved = quantiles(shift + factor * y, cell, cells, level, weight=weight)
    assert moved == pytest.approx(shift + factor * found, rel=1e-9, abs=1e-9, nan_ok=True)
    for number in np.unique(cell):
        assert y[cell == number].min() - 1e-12 <= found[number] <= y[cell == number].max() + 1e-12


def interval(y: np.ndarray, level: float, cluster: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """The interval of every column of `y` at once; rows of one code of `cluster` are alike."""
    rows, cells = y.shape
    value, cell, ones = y.T.ravel(), np.repeat(np.arange(cells), rows), np.ones(y.size)
    below = (value <= quantiles(value, cell, cells, level, weight=ones)[cell]).astype(float)
    if cluster is None:
        reached = simple_means(below, cell, cells)
    else:
        design = Design(ones, np.zeros(y.size, int), np.tile(cluster, cells), np.array([np.inf]))
        reached = design_means(below, cell, cells, np.arange(y.size), design)
    return quantile_interval(
        *(value, cell, cells, level),
        weight=ones,
        reached=reached.mean,
        std_error=reached.std_error,
        n=np.full(cells, float(rows)),
        df=reached.df,
        conf_level=0.95,
    )


@pytest.mark.parametrize(("rows", "level"), [(40, 0.5), (120, 0.9)])
def test_woodruffs_interval_holds_the_quantile_as_often_as_it_says(rows, level):
    """Woodruff (1952), JASA 47(260), 635-646: 2,000 exponential samples; 95 % less 3 simulation errors, and at most 99 %."""
    low, high = interval(np.random.default_rng(1952).exponential(size=(rows, 2000)), level)
    truth = -np.log(1 - level)
    assert 0.935 <= ((low <= truth) & (truth <= high)).mean() <= 0.99


def test_customers_whose_events_are_alike_need_the_clustered_interval():
    """40 customers of 5 events that share 80 % of their variance: the naive interval fails, the clustered one does not."""
    random = np.random.default_rng(1998)
    person, event = random.normal(size=(40, 1, 1000)), random.normal(size=(40, 5, 1000))
    y = (np.sqrt(0.8) * person + np.sqrt(0.2) * event).reshape(200, 1000)
    (low, high), (naive_low, naive_high) = interval(y, 0.5, np.repeat(np.arange(40), 5)), interval(y, 0.5)
    assert ((low <= 0) & (high >= 0)).mean() >= 0.93
    assert ((naive_low <= 0) & (naive_high >= 0)).mean() < 0.8


def test_so_few_values_that_the_greatest_does_not_bound_a_high_quantile_give_no_upper_end():
    """Arithmetic: all of n values lie below the .9 quantile with probability .9^n, above .025 up to n = 35."""
    y = np.arange(36.0)[:, None]
    assert np.isnan(interval(y[:20], 0.9)[1]).all()
    assert np.isfinite(interval(y[:20], 0.9)[0]).all()
    assert np.isfinite(interval(np.arange(38.0)[:, None], 0.9)).all()
