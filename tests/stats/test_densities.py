"""Curves of answers: their area, their ends, and whom they do not show."""

from __future__ import annotations

import numpy as np
import pytest

from cxgap.stats.densities import densities

AT = np.linspace(1, 7, 241)


def area(curve):
    return float((curve[1:] + curve[:-1]).sum() / 2 * (AT[1] - AT[0]))


def test_each_curve_has_area_one_also_where_answers_crowd_at_an_end():
    random = np.random.default_rng(0)
    y = np.clip(np.concatenate([random.normal(4, 1, 400), random.normal(7, 0.5, 400)]), 1, 7)
    cell = np.repeat([0, 1], 400)
    found = densities(y, cell, 3, AT, weight=random.uniform(0.5, 2, 800), bounds=(1, 7))
    assert [area(curve) for curve in found[:2]] == pytest.approx([1, 1], abs=0.01)
    assert np.isnan(found[2]).all()
    assert abs(AT[found[0].argmax()] - 4) < 0.4
    assert found[1].argmax() == len(AT) - 1


def test_what_one_person_said_far_from_the_others_does_not_show():
    y = np.concatenate([np.random.default_rng(1).normal(5.5, 0.4, 60), [1.2]])
    cell, weight = np.zeros(61, int), np.ones(61)
    open_, closed = (densities(y, cell, 1, AT, weight=weight, bounds=(1, 7), behind=k)[0] for k in (1, 5))
    assert open_[AT < 2].max() > 0.005
    assert closed[AT < 3].max() < 1e-6
    other = np.where(y == 1.2, 3.4, y)
    assert densities(other, cell, 1, AT, weight=weight, bounds=(1, 7), behind=5)[0] == pytest.approx(closed)


def test_weights_count_as_shares_and_the_order_of_people_does_not():
    random = np.random.default_rng(2)
    y, weight, order = random.uniform(1, 7, 50), random.uniform(0.5, 2, 50), random.permutation(50)
    cell = np.zeros(50, int)
    one = densities(y, cell, 1, AT, weight=weight, bounds=(1, 7))
    two = densities(y[order], cell, 1, AT, weight=9 * weight[order], bounds=(1, 7))
    assert two == pytest.approx(one)


def test_groups_of_one_kind_that_answer_in_whole_points_do_not_look_different():
    """Quartiles of whole points jump: one group had a tooth at each answer where another, of the same people, had a hill."""
    one, other = np.repeat([4.0, 5, 6, 7], [24, 26, 26, 24]), np.repeat([4.0, 5, 6, 7], [26, 24, 24, 26])
    cell, weight = np.repeat([0, 1], 100), np.ones(200)
    first, second = densities(np.concatenate([one, other]), cell, 2, AT, weight=weight, bounds=(1, 7))
    assert np.abs(first - second).max() < 0.04
    inner = (AT >= 4) & (AT <= 7)
    assert (np.diff(np.sign(np.diff(first[inner]))) < 0).sum() <= 1
