"""A change split into mix and within: the published identity, the laws, and errors against drawing people again."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxgap.stats.bootstrap import Source, replicate_weights
from cxgap.stats.decomposition import decompose, split_change
from cxgap.stats.linear import contrasts
from cxgap.stats.means import Design


def test_an_improvement_of_two_hundredths_can_be_a_tenth_within_groups():
    """Arithmetic of Kitagawa (1955): shares .6 .4 and .5 .5, means -.2 -1 and -.1 -.9."""
    found = decompose([-0.2, -1.0], [0.6, 0.4], [-0.1, -0.9], [0.5, 0.5])
    assert (found.total, found.mix, found.within) == pytest.approx((0.02, -0.08, 0.10), abs=1e-15)
    assert found.mix_terms == pytest.approx([0.015, -0.095])
    assert found.within_terms == pytest.approx([0.055, 0.045])


def test_late_orders_are_split_like_any_rate():
    """By hand: 10 % of Web and 30 % of Shop were late before and after; orders moved to the shop."""
    found = decompose([0.1, 0.3], [0.8, 0.2], [0.1, 0.3], [0.4, 0.6])
    assert (found.total, found.mix, found.within) == pytest.approx((0.08, 0.08, 0.0), abs=1e-15)


shares = st.lists(st.floats(0.0, 1), min_size=4, max_size=4).filter(lambda parts: sum(parts) > 0.1)
rates = st.lists(st.floats(-6, 6), min_size=4, max_size=4)


@settings(deadline=None)
@given(shares, shares, rates, rates, st.floats(-5, 5))
def test_parts_add_up_and_turn_with_time_and_do_not_know_of_the_origin(share0, share1, rate0, rate1, shift):
    """The law of every decomposition by averages of both periods: exact, antisymmetric in time, free of the scale's zero."""
    first, second = (np.array(share) / sum(share) for share in (share0, share1))
    found = decompose(rate0, first, rate1, second)
    assert found.mix + found.within == pytest.approx(found.total, abs=1e-12)
    assert (found.mix_terms.sum(), found.within_terms.sum()) == pytest.approx((found.mix, found.within), abs=1e-12)
    back = decompose(rate1, second, rate0, first)
    assert (back.total, back.mix, back.within) == pytest.approx((-found.total, -found.mix, -found.within), abs=1e-12)
    moved = decompose(np.array(rate0) + shift, first, np.array(rate1) + shift, second)
    assert (moved.mix, moved.within) == pytest.approx((found.mix, found.within), abs=1e-11)


def test_a_group_of_one_period_is_mix_alone():
    found = decompose([-0.2, np.nan], [1.0, 0.0], [-0.1, -0.9], [0.5, 0.5])
    assert found.alone.tolist() == [False, True]
    assert found.mix_terms[1] == pytest.approx(0.5 * -0.9)
    assert found.within_terms[1] == 0
    assert found.total == pytest.approx(-0.5 + 0.2)


def people(seed: int, n: int = 240, panel: int = 60) -> tuple[np.ndarray, ...]:
    """Draw people in two periods and three groups, some of them in both; the third group comes in the second period only."""
    random = np.random.default_rng(seed)
    respondent = np.concatenate([np.arange(n), np.arange(panel)])
    period = np.concatenate([np.arange(n) % 2, 1 - np.arange(panel) % 2])
    group = random.choice(3, len(period), p=[0.5, 0.3, 0.2])
    group = np.where((group == 2) & (period == 0), 1, group)
    own = random.normal(0, 0.7, n)
    y = random.normal(0, 1, len(period)) + own[respondent] + group * (0.6 + 0.5 * period)
    design = Design(random.uniform(0.5, 2, n), np.arange(n) % 3, np.arange(n), np.array([np.inf, 500.0, np.inf]))
    return y, group, period, respondent, design


def test_errors_are_those_of_drawing_people_again():
    """Rao, Wu & Yue (1992): replicate weights that draw the units of each stratum again, both periods of a person together."""
    y, group, period, respondent, design = people(1)
    found = split_change(y, group, 3, period, respondent, design)
    source = Source("split", design.stratum, np.array([0, 80 / 500, 0]))
    drawn = []
    for weights in replicate_weights(source, 250, seed=1):
        for one in weights:
            again = split_change(y, group, 3, period, respondent, design._replace(weight=design.weight * np.maximum(one, 1e-9)))
            drawn.append(np.concatenate([again.total[:1], again.mix[:1], again.within, again.mix[1:]]))
    errors = np.concatenate([found.total_se[:1], found.mix_se[:1], found.within_se, found.mix_se[1:]])
    spread = np.std(drawn, axis=0)
    assert (errors[errors == 0], spread[errors == 0]) == (pytest.approx(0.0), pytest.approx(0.0, abs=1e-12))
    assert errors[errors > 0] == pytest.approx(spread[errors > 0], rel=0.16)


def test_the_whole_change_is_the_contrast_of_the_two_means():
    """Binder (1983): with its standard error and degrees of freedom, a panel compared with itself."""
    y, group, period, respondent, design = people(2)
    found = split_change(y, group, 3, period, respondent, design)
    one = np.array([0])
    wanted = contrasts(y, period, 2, respondent, design, one, np.array([1]), one)
    assert (found.total[0], found.total_se[0], found.df) == pytest.approx(tuple(float(part[0]) for part in wanted), rel=1e-10)
    assert found.total[1:].sum() == pytest.approx(found.total[0], abs=1e-12)
    assert found.both[0] == 60


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 1000), st.floats(0.1, 50))
def test_order_of_rows_units_of_weights_and_names_of_groups_change_nothing(seed, factor):
    y, group, period, respondent, design = people(seed, n=60, panel=20)
    found = split_change(y, group, 3, period, respondent, design)
    order = np.random.default_rng(seed).permutation(len(y))
    other = np.array([2, 0, 1])
    moved = (y[order], other[group[order]], 3, period[order], respondent[order], design._replace(weight=factor * design.weight))
    again = split_change(*moved)
    for name in ("total", "mix", "within", "total_se", "mix_se", "within_se"):
        here, there = getattr(found, name), getattr(again, name)
        assert there[0] == pytest.approx(here[0], abs=1e-10)
        assert there[1:][other] == pytest.approx(here[1:], abs=1e-10)


@pytest.mark.slow
def test_intervals_hold_the_true_parts_at_their_level_and_no_effect_stays_none():
    """Simulation: 600 samples of 300 people a period; with equal groups, mix is hardly ever called moved."""
    random = np.random.default_rng(5)
    share0, share1, rate0, rate1 = [0.6, 0.4], [0.5, 0.5], np.array([-0.2, -1.0]), np.array([-0.1, -0.9])
    true = decompose(rate0, share0, rate1, share1)
    held, false = np.zeros(3), 0
    design = Design(np.ones(600), np.zeros(600, int), np.arange(600), np.array([np.inf]))
    period = np.repeat([0, 1], 300)
    for _ in range(600):
        group = np.where(period == 0, random.random(600) > share0[0], random.random(600) > share1[0]).astype(int)
        y = np.where(period == 0, rate0[group], rate1[group]) + random.normal(0, 1, 600)
        found = split_change(y, group, 2, period, np.arange(600), design)
        for place, name in enumerate(("total", "mix", "within")):
            held[place] += abs(getattr(found, name)[0] - getattr(true, name)) < 1.96 * getattr(found, f"{name}_se")[0]
        null = split_change(random.normal(0, 1, 600), group, 2, period, np.arange(600), design)
        false += abs(null.mix[0]) > 1.96 * null.mix_se[0]
    assert held / 600 == pytest.approx(0.95, abs=0.03)
    assert false / 600 < 0.05
