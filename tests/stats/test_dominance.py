"""Cliff's delta, superiority and dominance against methods O-3.3, SciPy, the matrix of all pairs, and their laws."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import brunnermunzel, t

from cxgap.stats.dominance import (
    TwoSamples,
    brunner_munzel,
    cliffs_delta,
    design_superiority,
    dominance,
    paired_order,
    signs,
    two_samples,
)
from cxgap.stats.means import Design

LAW = settings(max_examples=40, deadline=None, derandomize=True)
TREATED = [10, 10, 20, 20, 20, 30, 30, 30, 40, 50]
CONTROL = [10, 20, 30, 40, 40, 50]
ANSWERS = st.lists(st.integers(1, 7), min_size=2, max_size=25)


def samples(first: object, second: object) -> TwoSamples:
    first, second = np.asarray(first, float), np.asarray(second, float)
    return two_samples(first, second, np.zeros(len(first), int), np.zeros(len(second), int), 1)


# Numbers


def test_hogarty_and_kromreys_example_is_that_of_effsize():
    """Methods O-3.3: effsize::cliff.delta in R: -.25, from -.7265846 to .3890062."""
    found = cliffs_delta(samples(TREATED, CONTROL), conf_level=0.95)
    assert [part[0] for part in found] == pytest.approx([-0.25, 0.3131382, -0.7265846, 0.3890062], abs=5e-8)
    other = cliffs_delta(samples([10, 20, 20, 20, 30, 30, 30, 40, 50, 100], CONTROL), conf_level=0.95)
    assert other.delta[0] == pytest.approx(-0.0666667, abs=5e-8)


def test_samples_that_do_not_overlap_keep_an_open_end():
    """As effsize 0.8.1: a delta of one pair less than all, and the end itself is 1."""
    found = cliffs_delta(samples([5, 6, 7], [1, 2, 3, 4]), conf_level=0.95)
    assert (found.delta[0], found.high[0]) == (1, 1)
    assert 0 < found.low[0] < 1
    mirrored = cliffs_delta(samples([1, 2, 3, 4], [5, 6, 7]), conf_level=0.95)
    assert (mirrored.delta[0], mirrored.low[0], mirrored.high[0]) == pytest.approx((-1, -1, -found.low[0]))


def test_paired_order_has_the_printed_error():
    """Methods O-2.7, PERQ1 against CUEX1: 24, 32.8 and 43.2 % of 250: superiority .596, standard error .025202, net .192."""
    found = paired_order(np.array([60.0]), np.array([82.0]), np.array([108.0]), conf_level=0.95)
    assert (found.delta[0], found.superiority[0]) == pytest.approx((0.192, 0.596))
    assert found.std_error[0] == pytest.approx(0.025202, abs=5e-7)
    half = t.ppf(0.975, 249) * 0.02520190
    assert (found.low[0], found.high[0]) == pytest.approx((0.596 - half, 0.596 + half), abs=1e-6)


def test_order_of_none_of_one_and_of_all_alike():
    """Methods 0.5: a single pair has no interval, and where all are alike it has no width."""
    found = paired_order(np.array([0.0, 0, 4]), np.array([0.0, 1, 0]), np.zeros(3), conf_level=0.95)
    assert found.superiority.tolist() == pytest.approx([np.nan, 0.5, 0], nan_ok=True)
    assert np.isnan(found.low[:2]).all()
    assert (found.low[2], found.high[2]) == (0, 0)


def test_small_and_empty_samples_have_what_can_be_known():
    empty = two_samples(np.array([3.0, 1, 2]), np.array([2.0, 1, 2]), np.array([0, 1, 1]), np.array([0, 1, 1]), 3)
    found, tested = cliffs_delta(empty, conf_level=0.95), brunner_munzel(empty, conf_level=0.95)
    assert found.delta.tolist() == pytest.approx([1, 0, np.nan], nan_ok=True)
    assert np.isnan(found.low[[0, 2]]).all()
    assert np.isnan(tested.p_value).all()
    assert dominance(empty).tolist() == ["first", "same", ""]


# The matrix of all pairs, and SciPy


@LAW
@given(first=ANSWERS, second=ANSWERS, conf_level=st.floats(0.5, 0.99))
def test_counts_give_what_the_matrix_of_all_pairs_gives(first, second, conf_level):
    """Cliff (1993), Feng & Cliff (2004), from the sign of every pair; the floor of the variance is that of one pair."""
    matrix = np.sign(np.subtract.outer(first, second))
    n1, n2 = matrix.shape
    table = samples(first, second)
    of_first, of_second = signs(table)
    assert of_first[table.first_place] == pytest.approx(matrix.mean(axis=1))
    assert of_second[table.second_place] == pytest.approx(-matrix.mean(axis=0))
    delta = matrix.mean()
    found = cliffs_delta(table, conf_level=conf_level)
    assert found.delta[0] == pytest.approx(delta, abs=1e-12)
    if abs(delta) < 1:
        top = n2**2 * ((matrix.mean(1) - delta) ** 2).sum() + n1**2 * ((matrix.mean(0) - delta) ** 2).sum()
        variance = (top - ((matrix - delta) ** 2).sum()) / (n1 * n2 * (n1 - 1) * (n2 - 1))
        variance = max(variance, (1 - delta**2) / (n1 * n2 - 1))
        reach = t.ppf((1 + conf_level) / 2, n1 + n2 - 2) ** 2 * variance
        half = np.sqrt(reach * ((1 - delta**2) ** 2 + reach))
        ends = [(delta - delta**3 + side * half) / (1 - delta**2 + reach) for side in (-1, 1)]
        assert [found.low[0], found.high[0]] == pytest.approx(ends, abs=1e-9)


@LAW
@given(
    first=st.lists(st.integers(1, 7), min_size=10, max_size=30), second=st.lists(st.integers(2, 9), min_size=10, max_size=30)
)
def test_brunner_and_munzels_test_is_scipys(first, second):
    """scipy.stats.brunnermunzel(distribution="t"); where nothing varies it has no p-value."""
    found = brunner_munzel(samples(first, second), conf_level=0.95)
    if found.std_error[0] > 0:
        other = brunnermunzel(first, second)
        assert found.p_value[0] == pytest.approx(other.pvalue, rel=1e-9, abs=1e-300)
    else:
        assert np.isnan(found.p_value[0])


def weighed(random: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray, Design]:
    """Answers, cells 0 and 1, and the design of `n` people drawn in threes, with weights."""
    weight, unit = random.choice([0.5, 1, 3], n), np.arange(n) // 3
    design = Design(weight, np.zeros(n, int), unit, np.array([np.inf]))
    return random.integers(1, 8, n).astype(float), np.arange(n) % 2, design


def test_without_weights_or_clusters_linearising_gives_the_variance_of_placements():
    """DeLong et al. (1988) against Binder (1983): a ratio mean of equal weights has the same variance in its whole sample."""
    random = np.random.default_rng(6)
    first, second = random.integers(1, 8, 30).astype(float), random.integers(2, 8, 45).astype(float)
    table = samples(first, second)
    designs = [(np.arange(n), Design(np.full(n, 2.0), np.zeros(n, int), np.arange(n), np.array([np.inf]))) for n in (30, 45)]
    found = design_superiority(table, np.zeros(30, int), np.zeros(45, int), *designs, conf_level=0.95)
    wanted = brunner_munzel(table, conf_level=0.95)
    for one, two in zip(found, wanted, strict=True):
        assert one[0] == pytest.approx(two[0], rel=1e-9)


def test_clusters_and_weights_give_superiority_the_spread_of_samples_drawn_again():
    """Rao & Wu (1988): the standard error by linearisation is that of both samples' units drawn again, 800 times."""
    random = np.random.default_rng(7)
    parts = [weighed(random, n) for n in (90, 150)]

    def estimate(units: list[np.ndarray]) -> float:
        values, weights = [], []
        for (value, cell, design), times in zip(parts, units, strict=True):
            inside = cell == 0
            values.append(value[inside])
            weights.append((design.weight * times[design.psu])[inside])
        wins = np.sign(np.subtract.outer(values[0], values[1])) / 2 + 0.5
        return float(weights[0] @ wins @ weights[1] / (weights[0].sum() * weights[1].sum()))

    table = two_samples(*(p[0] for p in parts), *(p[1] for p in parts), 2, *(p[2].weight for p in parts))
    designs = [(np.arange(len(p[0])), p[2]) for p in parts]
    found = design_superiority(table, parts[0][1], parts[1][1], *designs, conf_level=0.95)
    sizes = [int(p[2].psu.max()) + 1 for p in parts]
    assert found.superiority[0] == pytest.approx(estimate([np.ones(size) for size in sizes]))
    again = [
        estimate([random.multinomial(size - 1, np.full(size, 1 / size)) * size / (size - 1) for size in sizes])
        for _ in range(800)
    ]
    assert found.std_error[0] == pytest.approx(np.std(again), rel=0.12)
    assert found.low[0] < found.superiority[0] < found.high[0]


# Laws


@LAW
@given(first=ANSWERS, second=ANSWERS, order=st.randoms(use_true_random=False))
def test_order_of_rows_steps_of_the_scale_and_other_cells_do_not_matter(first, second, order):
    table = samples(first, second)
    mixed = [np.exp(np.array(order.sample(each, len(each))) / 3) for each in (first, second)]
    cells = [np.full(len(each), 1) for each in mixed]
    moved = two_samples(*mixed, *cells, 2)
    for made in (cliffs_delta, brunner_munzel):
        plain, other = made(table, conf_level=0.9), made(moved, conf_level=0.9)
        for one, two in zip(plain, other, strict=True):
            assert two[1] == pytest.approx(one[0], rel=1e-9, abs=1e-9, nan_ok=True)
    assert dominance(moved)[1] == dominance(table)[0]


@LAW
@given(first=ANSWERS, second=ANSWERS)
def test_sides_change_places(first, second):
    table, turned = samples(first, second), samples(second, first)
    one, two = cliffs_delta(table, conf_level=0.9), cliffs_delta(turned, conf_level=0.9)
    assert [two.delta[0], two.low[0], two.high[0]] == pytest.approx([-one.delta[0], -one.high[0], -one.low[0]], abs=1e-9)
    superior = [brunner_munzel(each, conf_level=0.9).superiority[0] for each in (table, turned)]
    assert sum(superior) == pytest.approx(1)
    assert superior[0] == pytest.approx((one.delta[0] + 1) / 2)
    words = {"first": "second", "second": "first"}
    assert dominance(turned)[0] == words.get(dominance(table)[0], dominance(table)[0])


@LAW
@given(first=ANSWERS, second=ANSWERS)
def test_what_dominates_has_the_higher_mean_on_any_scale(first, second):
    """Quirk & Saposnik (1962): any rising scale puts a dominant distribution first."""
    word = dominance(samples(first, second))[0]
    scales = [np.asarray, np.exp, lambda each: -np.exp(-np.asarray(each, float)), lambda each: np.asarray(each) > 4]
    apart = [float(np.mean(scale(first)) - np.mean(scale(second))) for scale in scales]
    if word == "first":
        assert min(apart) >= -1e-9
    if word == "second":
        assert max(apart) <= 1e-9


@LAW
@given(first=ANSWERS, second=ANSWERS, times=st.integers(2, 5))
def test_weights_have_no_unit_where_shares_alone_count(first, second, times):
    first, second = np.array(first, float), np.array(second, float)
    cells = np.zeros(len(first), int), np.zeros(len(second), int)
    heavy = two_samples(first, second, *cells, 1, np.full(len(first), times), np.full(len(second), 0.5))
    assert signs(heavy)[0] == pytest.approx(signs(samples(first, second))[0])
    assert dominance(heavy)[0] == dominance(samples(first, second))[0]
