"""Differences in differences against Welch's test, arithmetic, and rates under truth."""

from __future__ import annotations

import numpy as np
import pytest

from cxgap.stats.did import by_groups, cell_means, contrast, joint_test, kinds, leads, sides_of
from cxgap.stats.means import t_interval, t_p_value

BOTH = np.array([0, 1])
DID = np.array([-1.0, 1.0, 1.0, -1.0])


def spread(count, mean, sd):
    value = np.random.default_rng(count).normal(size=count)
    return mean + sd * (value - value.mean()) / value.std(ddof=1)


def test_a_change_is_welchs_test_and_the_difference_in_differences_is_arithmetic():
    """Methods O-8.7a: Welch t 2.014586, df 450.81, p .0445413, interval [.005879, .474121]; DiD .24 - .05 = .19."""
    value = np.concatenate([spread(220, -0.62, 1.3), spread(240, -0.38, 1.25), spread(90, -0.6, 1), spread(70, -0.55, 1)])
    arm, period = np.repeat([1, 1, 0, 0], [220, 240, 90, 70]), np.repeat([0, 1, 0, 1], [220, 240, 90, 70])
    cells = cell_means(value, arm, period, (2, 2), np.ones(len(value)))
    sides, kind, unit = sides_of(cells, BOTH), kinds(cells, BOTH), np.arange(len(value))
    change = contrast(sides.mean[1] - sides.mean[0], sides.score[:, 1] - sides.score[:, 0], unit, kind)
    parts = [np.array([part]) for part in change]
    assert change.df == pytest.approx(450.81, abs=0.005)
    assert float(t_p_value(*parts)[0]) == pytest.approx(0.0445413, abs=1e-7)
    assert [float(end[0]) for end in t_interval(*parts, conf_level=0.95)] == pytest.approx([0.005879, 0.474121], abs=1e-6)
    assert sides.mean @ DID == pytest.approx(0.19)
    found = contrast(sides.mean @ DID, sides.score @ DID, unit, kind)
    assert found.std_error == pytest.approx(np.sqrt(1.3**2 / 220 + 1.25**2 / 240 + 1 / 90 + 1 / 70))
    weighed = cell_means(value, arm, period, (2, 2), np.full(len(value), 7.0))  # the unit of weights says nothing
    assert sides_of(weighed, BOTH).score == pytest.approx(sides.score)
    swapped = sides_of(cell_means(value, 1 - arm, period, (2, 2), np.ones(len(value))), BOTH)
    assert swapped.mean @ DID == pytest.approx(-0.19)


def test_people_on_both_sides_are_those_of_a_paired_test():
    """Student's paired t of the treated: standard error sd(after - before) / sqrt(n), df n - 1."""
    random = np.random.default_rng(2)
    before, after = random.normal(size=30), random.normal(size=30)
    value, period = np.concatenate([before, after]), np.repeat([0, 1], 30)
    cells = cell_means(value, np.ones(60, np.int64), period, (2, 2), np.ones(60))
    sides = sides_of(cells, BOTH, alone=True)
    kind = kinds(cells, BOTH)
    found = contrast(sides.mean[1] - sides.mean[0], sides.score[:, 1] - sides.score[:, 0], np.tile(np.arange(30), 2), kind)
    assert found.std_error == pytest.approx((after - before).std(ddof=1) / np.sqrt(30))
    assert found.df == 29
    assert np.isnan(sides.mean[2:]).all()


def test_the_comparison_stands_in_the_periods_of_the_treated_so_a_season_is_no_effect():
    """Arithmetic: values are the month's alone; the treated are many in the second, the comparison in the first."""
    season = np.array([0.0, 6.0, 1.0, 3.0])
    arm = np.repeat([1, 0], [16, 16])
    period = np.array([0] * 1 + [1] * 7 + [2] * 4 + [3] * 4 + [0] * 6 + [1] * 2 + [2] * 2 + [3] * 6)
    cells = cell_means(season[period], arm, period, (2, 4), np.ones(32))
    sides = sides_of(cells, np.array([0, 0, 1, 1]))
    assert sides.mean @ DID == pytest.approx(0, abs=1e-12)
    assert sides.mean[0] == pytest.approx(42 / 8)
    assert np.allclose(sides.score.sum(axis=0), 0)
    assert sides.held.sum() == pytest.approx(sides.mean.sum())
    lone = np.where(np.arange(32) == 22, 0, period)  # one row of the comparison is left in the second month: it is out
    kept = sides_of(cell_means(season[lone], arm, lone, (2, 4), np.ones(32)), np.array([0, 0, 1, 1]))
    assert kept.mean[0] == kept.mean[2] == season[0]
    apart, score = leads(cells, 1)
    assert apart == pytest.approx(np.zeros(4), abs=1e-12)
    assert not score[:, 1].any()
    assert np.isnan(joint_test(apart[:1], score[:, :1], np.zeros(32, np.int64), 4)[3])


def test_groups_of_one_size_have_welchs_interval_over_their_changes():
    """Welch (1947) on the six changes: two samples of three, whatever the number of people in them."""
    random = np.random.default_rng(5)
    group, period = np.repeat(np.arange(6), 20), np.tile(np.repeat([0, 1], 10), 6)
    value, arm = random.normal(size=120) + random.normal(size=(6, 2))[group, period], (group < 3).astype(int)
    sides = sides_of(cell_means(value, arm, period, (2, 2), np.ones(120)), BOTH)
    found = by_groups(float(sides.mean @ DID), sides.score @ DID, group, arm, sides.share)
    change = np.array(
        [value[(group == g) & (period == 1)].mean() - value[(group == g) & (period == 0)].mean() for g in range(6)]
    )
    ours, theirs = change[:3].var(ddof=1) / 3, change[3:].var(ddof=1) / 3
    assert found.estimate == pytest.approx(change[:3].mean() - change[3:].mean())
    assert found.std_error == pytest.approx(np.sqrt(ours + theirs))
    assert found.df == pytest.approx((ours + theirs) ** 2 / (ours**2 / 2 + theirs**2 / 2))
    assert np.isnan(by_groups(0.0, sides.score @ DID, np.minimum(group, 3), arm, sides.share).std_error)  # one untreated group


def test_what_the_mean_of_a_sparse_period_hides_is_put_back():
    """Arithmetic: two rows a period hide half of the spread; of 2 T rows in T periods (n / (n - 1) is another matter)."""
    arm, period = np.repeat([1, 0], [80, 20]), np.concatenate([np.repeat(np.arange(10), 8), np.repeat(np.arange(10), 2)])
    value = np.concatenate([np.zeros(80), np.tile([-1.0, 1.0], 10)])
    after = (np.arange(10) >= 5).astype(int)
    sides = sides_of(cell_means(value, arm, period, (2, 10), np.ones(100)), after)
    assert (sides.score[80:, 2:] ** 2).sum() == pytest.approx(2 * 10 * 0.1**2 * 2 * 9 / 10)


@pytest.mark.slow
def test_a_sparse_comparison_in_many_periods_is_covered():
    """400 draws: 30 rows of the comparison over twelve periods, of a skewed law."""
    covered = 0
    for seed in range(400):
        random = np.random.default_rng(seed)
        arm, period = np.repeat([1, 0], [300, 30]), random.integers(0, 12, 330)
        value, after = random.exponential(1, 330) + 0.5 * period, (np.arange(12) >= 6).astype(int)
        cells = cell_means(value, arm, period, (2, 12), np.ones(330))
        sides = sides_of(cells, after)
        found = contrast(sides.mean @ DID, sides.score @ DID, np.arange(330), kinds(cells, after))
        low, high = t_interval(*(np.array([part]) for part in found), conf_level=0.95)
        covered += bool(low[0] <= 0 <= high[0])
    assert covered / 400 >= 0.925


@pytest.mark.slow
def test_differences_of_clustered_customers_are_covered_and_the_pretrend_test_keeps_its_level():
    """400 draws of customers with up to five rows in six months, of a skewed law, with a season."""
    covered, rejected, runs = 0, 0, 400
    for seed in range(runs):
        random = np.random.default_rng(seed)
        who = np.repeat(np.arange(120), random.integers(1, 6, 120))
        arm, period = (who < 60).astype(int), random.integers(0, 6, len(who))
        value = random.normal(size=120)[who] + np.array([0, 0.5, -0.3, 0.4, 0.1, 0.2])[period] + random.exponential(1, len(who))
        value += 0.5 * arm * (period >= 3)
        after = (np.arange(6) >= 3).astype(int)
        cells = cell_means(value, arm, period, (2, 6), np.ones(len(who)))
        sides = sides_of(cells, after)
        found = contrast(sides.mean @ DID, sides.score @ DID, who, kinds(cells, after))
        low, high = t_interval(*(np.array([part]) for part in found), conf_level=0.95)
        covered += bool(low[0] <= 0.5 <= high[0])
        apart, score = leads(cells, 2)
        rejected += joint_test(apart[:2], score[:, :2], who, 6)[3] < 0.05
    assert 0.925 <= covered / runs <= 0.975
    assert 0.02 <= rejected / runs <= 0.085
