"""Raking, trimming and what they cost, against R's survey package, hand arithmetic and a plain regression."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxgap.stats.means import Design, design_means
from cxgap.stats.weighting import Margin, calibrated, kish_deff, rake, rake_within, trim

LAW = settings(max_examples=40, deadline=None, derandomize=True)

# The small design of tests/stats/test_means.py.
Y = np.array([-1, 0, -2, -1, 0, 1, -3, -1, -1, -2, 0, -2.0])
WEIGHT = np.array([10, 10, 12, 12, 8, 8, 20, 20, 25, 25, 15, 15.0])
UNIT = np.repeat(np.arange(6), 2)
STRATUM = np.repeat([0, 1], 6)
SEGMENT = np.array([1, 2, 1, 2, 1, 2, 1, 1, 2, 2, 1, 2]) - 1
ALL, ONE = np.arange(12), np.zeros(12, int)
MARGINS = [Margin(STRATUM, np.array([80.0, 100])), Margin(SEGMENT, np.array([70.0, 110]))]


def test_a_table_of_two_by_two_is_fitted_to_both_margins():
    """Deming & Stephan (1940), worked in plain Python: 20 30; 25 25 to rows 60, 40 and columns 45, 55."""
    rows, columns = np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])
    made = rake(np.array([20, 30, 25, 25.0]), [Margin(rows, np.array([60.0, 40])), Margin(columns, np.array([45.0, 55]))])
    assert made.weight == pytest.approx([24.591154, 35.408846, 20.408846, 19.591154], abs=1e-6)
    assert made.off < 1e-8


def test_two_rounds_give_what_r_survey_stops_at():
    """R survey 4.1.1: rake() with its usual epsilon stops after two rounds; mean -1.106187, and the four factors."""
    made = rake(WEIGHT, MARGINS, rounds=2).weight
    assert (made * Y).sum() / made.sum() == pytest.approx(-1.106187, abs=5e-7)
    assert (made / WEIGHT)[[0, 1, 6, 8]] == pytest.approx([1.0959206, 1.5707103, 0.6749524, 0.9673645], abs=5e-8)


def test_it_goes_on_until_all_margins_agree():
    """Arithmetic: at the end every category has its total to 1e-8, which two rounds do not reach."""
    made = rake(WEIGHT, MARGINS)
    assert np.bincount(STRATUM, made.weight) == pytest.approx([80, 100], rel=1e-8)
    assert np.bincount(SEGMENT, made.weight) == pytest.approx([70, 110], rel=1e-8)
    assert rake(WEIGHT, MARGINS, rounds=2).off > 1e-6


def test_weights_out_of_bounds_are_trimmed_and_raked_once_more():
    """Arithmetic: ten weights of mean 2, one of 11.5 and one below a fifth of it; the margin is met again afterwards."""
    weight = np.array([11.5, 0.1, *[1.05] * 8])
    assert weight.mean() == pytest.approx(2.0)
    cut, moved = trim(weight)
    assert cut[:2] == pytest.approx([10.0, 0.4])
    assert moved.tolist() == [True, True, *[False] * 8]
    half = Margin(np.repeat([0, 1], 5), np.array([14.75, 5.25]))
    made = rake_within(weight, [half])
    assert made.trimmed.sum() == 2
    assert np.bincount(half.category, made.weight) == pytest.approx([14.75, 5.25], rel=1e-8)


def test_weights_of_zero_stay_zero_and_are_not_trimmed():
    """Arithmetic: who has no weight is in no category's sum and pulls no mean down."""
    weight = np.array([0, 1, 1, 2.0])
    made = rake_within(weight, [Margin(np.array([0, 0, 1, 1]), np.array([3.0, 3]))])
    assert made.weight == pytest.approx([0, 3, 1, 2])
    assert not made.trimmed.any()


def test_what_unequal_weights_cost():
    """Kish (1965): n SUM w^2 / (SUM w)^2, with squares of 2 x (100 + 144 + 64 + 400 + 625 + 225) = 3116 and a sum of 180."""
    assert kish_deff(WEIGHT) == pytest.approx(12 * 3116 / 180**2)
    assert kish_deff(np.array([3.0, 3, 3, 0])) == 1
    assert np.isnan(kish_deff(np.zeros(2)))


@pytest.mark.parametrize("margins", [MARGINS, MARGINS[:1]], ids=["raked", "post-stratified"])
def test_the_variance_is_that_of_residuals(margins):
    """Deville & Sarndal (1992): the linearised variable less its regression, by NumPy's least squares over people.

    By R's choice (survey::svyrecvar) people count alike for several margins, and by their first weights for one.
    """
    made = rake(WEIGHT, margins).weight
    drawn = Design(made, STRATUM, UNIT, np.full(2, np.inf), calibrated(WEIGHT, margins))
    found = design_means(Y, SEGMENT, 2, ALL, drawn)
    columns = np.column_stack([np.eye(2)[category] for category, _ in margins])
    root = np.sqrt(WEIGHT if len(margins) == 1 else np.ones(12))[:, None]
    for segment in (0, 1):
        inside = segment == SEGMENT
        mean = (made * Y)[inside].sum() / made[inside].sum()
        value = np.where(inside, Y - mean, 0) / made[inside].sum()
        slope = np.linalg.lstsq(root * columns, root[:, 0] * value, rcond=None)[0]
        total = np.bincount(UNIT, made * (value - columns @ slope))
        variance = sum(1.5 * ((part - part.mean()) ** 2).sum() for part in (total[:3], total[3:]))
        assert found.std_error[segment] == pytest.approx(np.sqrt(variance), rel=1e-10)


def test_a_mean_that_the_margin_tells_has_no_error():
    """Holt & Smith (1979): where everybody in a post-stratum answers alike, their shares are known and so is the mean."""
    margins = [Margin(SEGMENT, np.array([70.0, 110]))]
    made = rake(WEIGHT, margins).weight
    drawn = Design(made, STRATUM, UNIT, np.full(2, np.inf), calibrated(WEIGHT, margins))
    found = design_means(np.where(SEGMENT == 0, 2.0, 5.0), ONE, 1, ALL, drawn)
    assert found.mean[0] == pytest.approx((70 * 2 + 110 * 5) / 180)
    assert found.std_error[0] == pytest.approx(0, abs=1e-12)


def sample(seed: int, people: int = 30):
    random = np.random.default_rng(seed)
    weight = random.choice([0.5, 1, 2, 4], people)
    first, second = np.arange(people) % 3, random.permutation(people) % 2
    margins = [Margin(first, np.array([30.0, 50, 20])), Margin(second, np.array([45.0, 55]))]
    return random, weight, margins


@LAW
@given(st.integers(0, 10**6), st.floats(0.01, 100))
def test_neither_order_nor_units_of_weight_change_the_result(seed, times):
    """A law: raking multiplies by ratios of sums over people, and its totals are given."""
    random, weight, margins = sample(seed)
    order = random.permutation(len(weight))
    moved = rake(times * weight[order], [Margin(category[order], totals) for category, totals in margins])
    assert moved.weight == pytest.approx(rake(weight, margins).weight[order], rel=1e-6)


@LAW
@given(st.integers(0, 10**6))
def test_margins_that_agree_already_change_nothing(seed):
    """A law: a second raking of raked weights leaves them, in no round at all."""
    _, weight, margins = sample(seed)
    once = rake(weight, margins)
    assert rake(once.weight, margins).rounds == 0
    assert rake(once.weight, margins).weight == pytest.approx(once.weight, rel=1e-12)


@LAW
@given(st.integers(0, 10**6))
def test_a_person_split_in_two_halves_is_one(seed):
    """A law of raking and of residual variances with units: half of a weight twice, in the same sampling unit."""
    random, weight, margins = sample(seed)
    y, unit = random.normal(size=len(weight)), np.arange(len(weight)) % 10
    margins = margins[:1]
    twice = [Margin(np.concatenate([category, category[:5]]), totals) for category, totals in margins]
    halved = np.concatenate([np.where(np.arange(len(weight)) < 5, weight / 2, weight), weight[:5] / 2])
    found = []
    for base, given_margins, values, units in (
        (weight, margins, y, unit),
        (halved, twice, np.concatenate([y, y[:5]]), np.concatenate([unit, unit[:5]])),
    ):
        nobody = np.zeros(len(base), int)
        drawn = Design(rake(base, given_margins).weight, nobody, units, np.array([np.inf]), calibrated(base, given_margins))
        found.append(design_means(values, nobody, 1, np.arange(len(base)), drawn))
    assert found[1].mean[0] == pytest.approx(found[0].mean[0], rel=1e-9)
    assert found[1].std_error[0] == pytest.approx(found[0].std_error[0], rel=1e-7)
