"""Intervals by the weight stream: against formulas where there are any, a plain bootstrap where not, and laws."""

from __future__ import annotations

import numpy as np
import pytest

from cxgap.errors import ArgumentError
from cxgap.stats.consistency import Answers, simply_drawn, streamed_ends
from cxgap.stats.covariance import of_moments
from cxgap.stats.identity import SHARDS, hashes
from cxgap.stats.lmg import lmg
from cxgap.stats.means import Design
from cxgap.stats.onefactor import omega_of
from cxgap.stats.predictors import COLLINEAR, STILL
from cxgap.stats.relative_weights import relative_weights
from cxgap.stats.reliability import alpha, alpha_std_error, feldt
from cxgap.stats.stream import weights
from cxgap.stats.streamed import alphas_of, covariances_of, crossed, drawn_sums, fullest_first, summed
from cxgap.stats.streamed_intervals import alpha_intervals, correlation_intervals, omega_intervals, share_intervals


def answers(people: int, items: int = 5, seed: int = 1) -> np.ndarray:
    random = np.random.default_rng(seed)
    return np.clip(np.round(4.5 + random.normal(size=(people, 1)) + random.normal(size=(people, items))), 1, 7)


def holes(x: np.ndarray, seed: int = 2) -> np.ndarray:
    return np.where(np.random.default_rng(seed).random(x.shape) < 0.05, np.nan, x)


def same(found: object, wanted: object) -> None:
    for one, other in zip(found, wanted, strict=True):
        assert np.array_equal(one, other, equal_nan=True)


def test_alpha_agrees_with_its_formulas_for_normal_answers():
    """Feldt (1965) for the ends, Duhachek & Iacobucci (2004) for the standard error: 400 respondents, 5 items."""
    random = np.random.default_rng(9)
    x = random.normal(size=(400, 1)) + random.normal(size=(400, 5))
    found = alpha_intervals([x], np.arange(400))
    matrix = np.cov(x.T)
    low, high = feldt(alpha(matrix), np.array(400), np.array(5), conf_level=0.95)
    assert found.estimate[0] == pytest.approx(float(alpha(matrix)), rel=1e-12)
    assert (found.low[0], found.high[0]) == pytest.approx((float(low), float(high)), abs=0.012)
    assert found.std_error[0] == pytest.approx(float(alpha_std_error(matrix, np.array(400.0))), rel=0.1)


def test_each_replicate_is_that_of_the_rows_drawn_so_often():
    """By numpy's covariances of each respondent repeated as often as the stream says; for whole numbers and for fractions."""
    for x in (answers(150), answers(150) + 0.37):
        units = hashes(np.arange(150))
        columns, (place,) = crossed([x])
        drawn = drawn_sums(columns, units, 5, seed=3)
        short, (other,) = summed([x])
        alphas = alphas_of(drawn_sums(short, units, 5, seed=3).sums[:, other])
        for replicate, times in enumerate(weights(units, range(5), seed=3).T):
            matrix = np.cov(np.repeat(x, times.astype(int), axis=0).T, ddof=0)
            assert covariances_of(drawn.sums[replicate, place]) == pytest.approx(matrix, rel=1e-10)
            assert of_moments(drawn.sums[replicate, place], 5) == pytest.approx(matrix, rel=1e-10)
            assert alphas[replicate] == pytest.approx(float(alpha(matrix)), rel=1e-11)


def test_several_batteries_with_holes_are_each_as_alone():
    first, second = holes(answers(300, 4)), holes(answers(300, 3, seed=5))
    names = np.arange(300)
    for method in (alpha_intervals, omega_intervals):
        both = method([first, second], names, replicates=99)
        for place, x in enumerate((first, second)):
            full = np.isfinite(x).all(axis=1)
            same([part[place : place + 1] for part in both], method([x], names, replicates=99))
            alone = method([x[full]], names[full], replicates=99)
            assert both.estimate[place] == pytest.approx(alone.estimate[0], rel=1e-12)
            assert both.low[place] == pytest.approx(alone.low[0], rel=1e-12)


def test_the_order_of_rows_does_not_change_a_digit():
    x, names = holes(answers(500, 4)), np.repeat([f"p{who}" for who in range(250)], 2)
    order = np.random.default_rng(0).permutation(500)
    same(alpha_intervals([x[order]], names[order], replicates=99), alpha_intervals([x], names, replicates=99))
    y = answers(500, 1)[:, 0]
    one, other = (share_intervals(x[rows], y[rows], names[rows], replicates=99) for rows in (slice(None), order))
    same(one.share, other.share)


@pytest.mark.parametrize("people", [60, 150])
def test_answers_given_twice_tell_nothing_new(people):
    """The interval is that of the respondents, not of their rows; below 100 respondents too."""
    x, names = answers(people), np.arange(people)
    once = alpha_intervals([x], names, replicates=999)
    twice = alpha_intervals([np.concatenate([x, x])], np.concatenate([names, names]), replicates=999)
    for one, other in zip(once, twice, strict=True):
        assert other == pytest.approx(one, rel=1e-10)


def test_groups_of_respondents_are_as_sure_as_respondents():
    """1,024 groups of 8 respondents: the standard error of alpha, and the width of its interval, of 4,096 people."""
    x = answers(4096)
    columns, (place,) = summed([x])
    units = hashes(np.arange(4096))
    full, grouped = (drawn_sums(columns, units, 1999, seed=1, most=most) for most in (10_000, 1000))
    assert (full.units, grouped.units) == (4096, SHARDS)
    assert np.array_equal(full.total, grouped.total)
    spread = [alphas_of(each.sums[:, place]).std() for each in (full, grouped)]
    assert spread[1] == pytest.approx(spread[0], rel=0.09)  # 1 / sqrt(2 x 1,023) and 1 / sqrt(1,999), times 2.5
    assert spread[0] == pytest.approx(float(alpha_std_error(np.cov(x.T), np.array(4096.0))), rel=0.1)
    order = np.random.default_rng(0).permutation(4096)
    moved, (there,) = summed([x[order]])
    assert np.array_equal(drawn_sums(moved, units[order], 20, seed=1, most=1000).sums[:, there], grouped.sums[:20, place])


def test_intervals_of_correlations_are_fishers():
    """Fisher (1921), Metron 1, 3-32: tanh(atanh r +- 1.96 / sqrt(n - 3)) of normal columns; 1 of a column with itself."""
    random = np.random.default_rng(4)
    x = random.normal(size=(800, 1)) + random.normal(size=(800, 3))
    found = correlation_intervals(x, np.arange(800))
    r = np.corrcoef(x.T)
    assert found.estimate == pytest.approx(r, rel=1e-11)
    half = 1.959964 / np.sqrt(797)
    off = ~np.eye(3, dtype=bool)
    assert found.low[off] == pytest.approx(np.tanh(np.arctanh(r[off]) - half), abs=0.012)
    assert found.high[off] == pytest.approx(np.tanh(np.arctanh(r[off]) + half), abs=0.012)
    assert np.diag(found.low) == pytest.approx(1)


def test_omega_is_that_of_the_covariances_and_weights_are_respondents():
    x = answers(400)
    found = omega_intervals([x], np.arange(400), replicates=199)
    assert found.estimate[0] == pytest.approx(float(omega_of(np.cov(x.T))[0]), rel=1e-8)
    assert found.low[0] < found.estimate[0] < found.high[0]
    twice = np.where(np.arange(400) < 100, 2.0, 1.0)
    repeated = np.concatenate([x, x[:100]])
    weighted = correlation_intervals(x, np.arange(400), weight=twice, replicates=50)
    assert weighted.estimate == pytest.approx(np.corrcoef(repeated.T), rel=1e-10)


@pytest.mark.parametrize("method", [relative_weights, lmg])
def test_shares_and_their_intervals(method):
    """Each replicate by itself from numpy's covariances of the repeated rows; the ends are those of a plain bootstrap."""
    x, y = answers(300, 3), answers(300, 1, seed=6)[:, 0] + answers(300, 3)[:, 0]
    found = share_intervals(x, y, np.arange(300), shares=method, replicates=999)
    assert found.reason == ""
    assert found.share.estimate == pytest.approx(method(np.cov(np.column_stack([x, y]).T)).share, rel=1e-10)
    assert found.share.estimate.sum() == pytest.approx(float(found.r_squared.estimate), rel=1e-12)
    random, both = np.random.default_rng(8), np.column_stack([x, y])
    drawn = method(np.array([np.cov(both[random.integers(0, 300, 300)].T) for _ in range(2000)])).share
    assert found.share.std_error == pytest.approx(drawn.std(axis=0), rel=0.12)
    assert found.share.low == pytest.approx(np.quantile(drawn, 0.025, axis=0), abs=0.012)
    assert found.share.high == pytest.approx(np.quantile(drawn, 0.975, axis=0), abs=0.025)


def test_copies_and_columns_that_do_not_vary_have_nan_and_a_reason():
    x, y = answers(200, 3), answers(200, 1, seed=6)[:, 0]
    copied = share_intervals(np.column_stack([x, x[:, 0]]), y, np.arange(200), replicates=50)
    assert copied.reason == COLLINEAR
    assert np.isnan([*copied.share.estimate, *copied.share.low]).all()
    still = share_intervals(np.column_stack([x, np.full(200, 4.0)]), y, np.arange(200), replicates=50)
    assert still.reason == STILL
    assert np.isnan(still.share.low[3])
    assert np.isfinite(still.share.low[:3]).all()
    item = alpha_intervals([np.column_stack([x, np.full(200, 4.0)])], np.arange(200), replicates=50)
    same(item, alpha_intervals([x], np.arange(200), replicates=50))


def test_little_that_is_there_gives_nan_and_no_traceback():
    for people in (0, 1, 2):
        for method in (alpha_intervals, omega_intervals):
            found = method([np.ones((people, 3)), np.full((people, 3), np.nan)], np.arange(people), replicates=9)
            assert np.isnan(np.array(found)).all()
        assert np.isnan(share_intervals(np.ones((people, 2)), np.ones(people), np.arange(people), replicates=9).share.low).all()
    assert alpha_intervals([], np.arange(0)).low.shape == (0,)


def test_rows_that_do_not_fit_are_refused():
    x = answers(20)
    with pytest.raises(ArgumentError, match="a row for each name"):
        alpha_intervals([x], np.arange(19))
    with pytest.raises(ArgumentError, match="one value a row"):
        correlation_intervals(x, np.arange(20), weight=np.ones(19))
    with pytest.raises(ArgumentError, match="a row for each value of `outcome`"):
        share_intervals(x, x, np.arange(20))


def test_a_simple_sample_is_one_without_strata_clusters_margins_or_unequal_weights():
    design = Design(np.full(9, 3.0), np.zeros(9, np.int64), np.arange(9), np.array([np.inf]))
    assert simply_drawn(design)
    assert not simply_drawn(design._replace(weight=np.arange(9.0)))
    assert not simply_drawn(design._replace(psu=np.arange(9) // 2))
    assert not simply_drawn(design._replace(population=np.array([900.0])))
    strata = design._replace(stratum=np.arange(9) // 5, population=np.full(2, np.inf))
    assert not simply_drawn(strata)


def test_ends_of_batteries_are_those_of_their_intervals():
    """What the table of reliability shows, and the function by itself."""
    x, names = holes(answers(300, 4)), np.arange(300)
    full = x[np.isfinite(x).all(axis=1)]
    ends = streamed_ends([Answers(x, omega_of(np.cov(full.T))[1])], hashes(names), conf_level=0.9, count=199, seed=4)
    asked = {"conf_level": 0.9, "replicates": 199, "seed": 4}
    of_alpha, of_omega = alpha_intervals([x], names, **asked), omega_intervals([x], names, **asked)
    wanted = [*of_alpha.low, *of_alpha.high, *of_omega.low, *of_omega.high]
    assert np.ravel(ends) == pytest.approx(wanted, abs=1e-6)  # loadings of replicates stop near enough


def test_rows_that_answered_more_first_give_the_same_sums():
    """Law: whole numbers add up to the same in any order, and columns of zeros that are passed over stay zeros."""
    x, names = holes(np.rint(3 * answers(5000, 6))), hashes(np.arange(5000))
    short = x.copy()
    short[1000:, 5] = np.nan
    batteries = [x[:, :3], short]
    order = fullest_first(batteries, names)
    assert sorted(order) == list(range(5000))
    assert np.isfinite(short[order]).all(axis=1)[:100].all()
    one, other = (
        drawn_sums(crossed([battery[rows] for battery in batteries])[0], names[rows], 50, seed=1)
        for rows in (np.arange(5000), order)
    )
    assert np.array_equal(one.sums, other.sums)
    twice = np.repeat(names[:2500], 2)
    assert np.array_equal(fullest_first(batteries, twice), np.arange(5000))
