"""Parts of a variance: against the analysis of variance where numbers are even, against known parts where they are not."""

from __future__ import annotations

import numpy as np
import pytest

from cxgap.stats.bootstrap import Source
from cxgap.stats.components import CUSTOMER, ITEM, RESIDUAL, TOUCHPOINT, VISIT, _by_unit, _solved, components

TRUE = {CUSTOMER: 0.49, TOUCHPOINT: 0.25, ITEM: 0.09, VISIT: 0.16, RESIDUAL: 0.64}


def split(y, customer, touchpoint, item, *, weight=None, replicates=1, units=None):
    unit = customer if units is None else units
    weight = np.ones(len(y)) if weight is None else weight
    source = Source.simple("components", int(unit.max()) + 1)
    return components(y, customer, touchpoint, item, weight=weight, unit=unit, source=source, replicates=replicates, seed=1)


def even(customers=30, touchpoints=4, items=5, seed=1):
    random = np.random.default_rng(seed)
    c, t, q = (axis.ravel() for axis in np.meshgrid(*map(range, (customers, touchpoints, items)), indexing="ij"))
    y = 5 + random.normal(0, 0.7, customers)[c] + random.normal(0, 0.5, touchpoints)[t] + random.normal(0, 0.3, items)[q]
    return y + random.normal(0, 0.4, (customers, touchpoints))[c, t] + random.normal(0, 0.8, len(c)), c, t, q


def uneven(seed, people=600):
    """Each of the people meets one or two of twelve touchpoints and answers some of five questions."""
    random = np.random.default_rng(seed)
    c = np.repeat(np.arange(people), 10)
    t = random.integers(0, 12, (people, 2))[c, np.tile(np.repeat([0, 1], 5), people)]
    q = np.tile(np.arange(5), 2 * people)
    kept = random.random(len(c)) < 0.8
    c, t, q = c[kept], t[kept], q[kept]
    parts = (random.normal(0, TRUE[CUSTOMER] ** 0.5, people)[c], random.normal(0, TRUE[TOUCHPOINT] ** 0.5, 12)[t])
    y = 5 + sum(parts) + random.normal(0, TRUE[ITEM] ** 0.5, 5)[q]
    y += random.normal(0, TRUE[VISIT] ** 0.5, (people, 12))[c, t] + random.normal(0, TRUE[RESIDUAL] ** 0.5, len(c))
    return y, c, t, q, random.uniform(0.5, 2, people)[c]


def test_even_numbers_give_the_parts_of_the_analysis_of_variance():
    """Searle, Casella & McCulloch (1992), section 4.3: parts as differences of mean squares, here computed by hand."""
    y, c, t, q = even()
    cube = y.reshape(30, 4, 5)
    mean, by_c, by_t, by_q, by_ct = cube.mean(), cube.mean((1, 2)), cube.mean((0, 2)), cube.mean((0, 1)), cube.mean(2)
    ms_c = 20 * ((by_c - mean) ** 2).sum() / 29
    ms_t = 150 * ((by_t - mean) ** 2).sum() / 3
    ms_q = 120 * ((by_q - mean) ** 2).sum() / 4
    ms_ct = 5 * ((by_ct - by_c[:, None] - by_t + mean) ** 2).sum() / 87
    rest = ((cube - mean) ** 2).sum() - 29 * ms_c - 3 * ms_t - 4 * ms_q - 87 * ms_ct
    ms_e = rest / (600 - 1 - 29 - 3 - 4 - 87)
    want = [(ms_c - ms_ct) / 20, (ms_t - ms_ct) / 150, (ms_q - ms_e) / 120, (ms_ct - ms_e) / 5, ms_e]
    found = split(y, c, t, q)
    assert found.names == (CUSTOMER, TOUCHPOINT, ITEM, VISIT, RESIDUAL)
    assert found.variance == pytest.approx(want, rel=1e-9)


def test_known_parts_are_found_without_bias_from_uneven_and_weighted_answers():
    """Henderson's method I has no bias; 40 studies, of which the mean must lie within 3.5 of its standard errors."""
    runs = np.array([split(*uneven(seed)[:4], weight=uneven(seed)[4]).variance for seed in range(40)])
    off = (runs.mean(axis=0) - list(TRUE.values())) / (runs.std(axis=0, ddof=1) / np.sqrt(len(runs)))
    assert np.abs(off).max() < 3.5


def test_neither_the_order_of_answers_nor_the_unit_of_weights_nor_a_shift_matters():
    y, c, t, q, w = uneven(3, people=80)
    want = split(y, c, t, q, weight=w, replicates=5)
    order = np.random.default_rng(0).permutation(len(y))
    moved = split(y[order] + 40, c[order], t[order], q[order], weight=w[order] * 7, replicates=5)
    assert moved.variance == pytest.approx(want.variance, rel=1e-6)
    assert moved.redrawn == pytest.approx(want.redrawn, rel=1e-6)
    assert split(3 * y, c, t, q, weight=w).variance == pytest.approx(9 * want.variance, rel=1e-9)


def test_a_customer_drawn_twice_is_two_customers():
    """Arithmetic: with whole numbers for weights of units, the split of the answers of those drawn, each under a new name."""
    y, c, t, q, _ = uneven(5, people=40)
    codes = {CUSTOMER: c, TOUCHPOINT: t, ITEM: q}
    codes[VISIT] = np.unique(c * 12 + t, return_inverse=True)[1]
    flat, places = _by_unit(y - y.mean(), codes, np.ones(len(y)), c, 40)
    copies = np.random.default_rng(3).integers(0, 4, 40)
    found, _ = _solved(copies[None, :] @ flat, places, codes)
    rows = np.concatenate([np.tile(np.flatnonzero(c == one), copies[one]) for one in range(40)])
    names = np.concatenate([np.repeat(np.arange(copies[one]), (c == one).sum()) for one in range(40)])
    assert found[0] == pytest.approx(split(y[rows], c[rows] * 100 + names, t[rows], q[rows]).variance, rel=1e-9)


def test_factors_of_one_level_and_visits_that_cannot_be_told_apart_are_left_out():
    y, c, t, q = even(touchpoints=1)
    assert split(y, c, t, q).names == (CUSTOMER, ITEM, RESIDUAL)
    y, c, t, q = even(items=1)
    assert split(y, c, t, q).names == (CUSTOMER, TOUCHPOINT, RESIDUAL)
    found = split(np.random.default_rng(0).normal(size=120), np.arange(120), np.zeros(120, int), np.zeros(120, int))
    assert np.isnan(found.variance).all()
