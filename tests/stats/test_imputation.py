"""Rubin's rules against R's mice, and imputations against what was hidden."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxgap.stats.imputation import impute, rubin

LAW = settings(max_examples=25, deadline=None, derandomize=True)


def hidden(seed: int, rows: int = 300, missing: float = 0.25) -> tuple[np.ndarray, np.ndarray]:
    """Correlated ratings of 1 to 7, and the same with holes that depend on the first column alone."""
    random = np.random.default_rng(seed)
    latent = random.normal(0, 1, (rows, 1))
    whole = np.clip(np.rint(4 + 1.4 * latent + random.normal(0, 0.8, (rows, 5))), 1, 7)
    holes = random.random(whole.shape) < np.where(whole[:, :1] < 4, 2 * missing, missing / 4)
    holes[:, 0] = False
    return whole, np.where(holes, np.nan, whole)


def test_rules_are_those_of_mice():
    """R mice 3.15.0: pool.scalar(c(1, 1.2, 0.9), c(.04, .05, .045), n = 50, k = 1), by its formulas on paper.

    b = .0233333, t = .045 + 4/3 b = .0761111, lambda = .4087591; df_old = 2 / lambda^2 = 11.969770,
    df_obs = 50/52 x 49 x (1 - lambda) = 27.857103, df = 8.372309; r = .6913580; fmi = (r + 2 / (df + 3)) / (r + 1).
    """
    found = rubin(np.array([1, 1.2, 0.9]), np.array([0.04, 0.05, 0.045]), df=49)
    assert (found.estimate, found.within, found.between) == pytest.approx((1.0333333333, 0.045, 0.0233333333))
    assert found.total == pytest.approx(0.0761111111)
    assert found.df == pytest.approx(8.372309, rel=1e-5)
    assert found.increase == pytest.approx(0.6913580247)
    assert found.fmi == pytest.approx((0.6913580247 + 2 / (found.df + 3)) / 1.6913580247)


def test_without_an_end_to_the_sample_the_df_are_rubins():
    """Rubin (1987): (m - 1) / lambda^2."""
    found = rubin(np.array([1, 1.2, 0.9]), np.array([0.04, 0.05, 0.045]))
    share = (4 / 3 * 0.0233333333) / found.total
    assert found.df == pytest.approx(2 / share**2, rel=1e-6)


def test_edges_have_no_number_rather_than_a_wrong_one():
    one = rubin(np.array([2.0]), np.array([0.1]))
    assert (one.estimate, one.within) == (2.0, 0.1)
    assert np.isnan([one.total, one.df, one.fmi]).all()
    same = rubin(np.full(20, -0.3), np.full(20, 0.01), df=99)
    assert (same.between, same.std_error) == pytest.approx((0, 0.1))
    assert 90 < same.df < 99  # nothing was missing: nearly the df of the whole
    assert np.isnan(rubin(np.full(5, 1.0), np.zeros(5)).df)


@LAW
@given(
    estimates=st.lists(st.floats(-5, 5), min_size=2, max_size=20),
    factor=st.floats(0.1, 10),
    shift=st.floats(-9, 9),
)
def test_pooling_does_not_know_units_or_order(estimates, factor, shift):
    q, u = np.array(estimates), np.linspace(0.5, 1.5, len(estimates))
    found, turned = rubin(q, u, df=60), rubin(q[::-1], u[::-1], df=60)
    assert turned.total == pytest.approx(found.total)
    moved = rubin(factor * q + shift, factor**2 * u, df=60)
    assert moved.estimate == pytest.approx(factor * found.estimate + shift, abs=1e-9)
    assert moved.std_error == pytest.approx(factor * found.std_error, rel=1e-6)
    assert (moved.df, moved.fmi) == pytest.approx((found.df, found.fmi), rel=1e-5)


def test_only_what_is_missing_is_filled_and_only_with_answers_that_were_given():
    """Predictive mean matching takes observed values alone: van Buuren (2018), section 3.4."""
    _, holes = hidden(1)
    copies = list(impute(holes, count=4, seed=1))
    assert len(copies) == 4
    for filled in copies:
        known = np.isfinite(holes)
        assert np.array_equal(filled[known], holes[known])
        for column in range(5):
            assert set(filled[~known[:, column], column]) <= set(holes[known[:, column], column])
    assert not np.array_equal(copies[0], copies[1])


def test_the_same_seed_gives_the_same_and_another_another():
    _, holes = hidden(2, rows=80)
    first, again, other = (np.array(list(impute(holes, count=2, seed=seed))) for seed in (7, 7, 8))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_imputation_takes_back_the_bias_of_answers_missing_at_random():
    """By construction: the discontented leave more out, so the mean of what was answered is too high; seeds fixed.

    Intervals of 95 % by Rubin's rules should hold the whole sample's mean of the fifth item nearly always, since only
    the missing part is uncertain; those of the answers given should not.
    """
    held, biased = 0, []
    for seed in range(6):
        whole, holes = hidden(100 + seed)
        q, u = zip(*((f[:, 4].mean(), f[:, 4].var(ddof=1) / len(f)) for f in impute(holes, count=6, seed=seed)), strict=True)
        found, truth = rubin(np.array(q), np.array(u), df=len(holes) - 1), whole[:, 4].mean()
        held += abs(found.estimate - truth) < 2 * found.std_error
        biased.append((np.nanmean(holes[:, 4]) - truth, found.estimate - truth))
    assert held == 6
    raw, imputed = np.mean(biased, axis=0)
    assert raw > 0.2
    assert abs(imputed) < 0.06


def test_edges_of_columns_do_not_break_the_chain():
    """A column of one value is filled with it, one of none stays empty, and twins of a column do no harm."""
    _, holes = hidden(3, rows=60)
    constant = np.where(np.isnan(holes[:, 1]), np.nan, 5.0)
    table = np.column_stack([holes, constant, np.full(60, np.nan), holes[:, 2]])
    beside = np.column_stack([np.arange(60) % 2, np.ones(60)])
    (filled,) = impute(table, beside=beside, count=1, seed=1)
    assert set(filled[:, 5]) == {5.0}
    assert np.isnan(filled[:, 6]).all()
    assert np.isfinite(filled[:, [0, 1, 2, 3, 4, 7]]).all()
    whole, _ = hidden(3, rows=20)
    (same,) = impute(whole, count=1, seed=1)
    assert np.array_equal(same, whole)
