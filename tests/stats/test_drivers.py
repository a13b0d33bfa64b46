"""Shares of an explained variance from sampling units: drawn again by the design, with columns that are always there."""

from __future__ import annotations

import numpy as np
import pytest

from cxgap.stats.bootstrap import Source
from cxgap.stats.drivers import (
    beyond,
    collinear_columns,
    complete_dominance,
    corrected_percentiles,
    crossed,
    drawn_again,
    inflation,
    shared_out,
)
from cxgap.stats.lmg import explained_by_subsets, lmg
from cxgap.stats.ranking import rank_sets
from cxgap.stats.streamed_intervals import share_intervals


def sample(people: int = 150, seed: int = 0, slopes: tuple[float, ...] = (0.5, 0.3, 0.0), halo: float = 0.7) -> np.ndarray:
    random = np.random.default_rng(seed)
    x = random.normal(size=(people, len(slopes))) + halo * random.normal(size=(people, 1))
    return np.column_stack([x, x @ slopes + random.normal(size=people)])


def taken(table: np.ndarray, weight: np.ndarray | None = None, unit: np.ndarray | None = None, source: Source | None = None):
    ones = np.ones(len(table)) if weight is None else weight
    unit = np.arange(len(table)) if unit is None else unit
    return crossed(table, ones, unit, source or Source.simple("d", int(unit.max()) + 1))


def test_shares_are_those_of_the_covariances_of_the_rows():
    table = sample()
    found = shared_out(taken(table).covariance, 0, method="lmg")
    assert found.share == pytest.approx(lmg(np.cov(table.T)).share, abs=1e-14)


def test_what_is_always_there_is_taken_out_first():
    """Groemping (2006), argument `always` of relaimpo: shares sum to R2 of all less R2 of what is always there."""
    table = sample(slopes=(0.5, 0.3, 0.2, -0.2))
    matrix = np.cov(table.T)
    found = shared_out(matrix, 1, method="lmg")
    every = explained_by_subsets(matrix)
    assert found.r_squared == pytest.approx(every[-1])
    assert found.share.sum() == pytest.approx(every[-1] - every[1])
    # By hand, the mean over the six orders of the three that are left, always after the first.
    adds = np.zeros(3)
    for order in ((0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)):
        have = 1
        for predictor in order:
            more = have | 1 << (predictor + 1)
            adds[predictor] += (every[more] - every[have]) / 6
            have = more
    assert found.share == pytest.approx(adds, abs=1e-13)


def test_every_subset_explains_what_a_regression_on_it_does():
    table = sample(slopes=(0.4, 0.1, -0.3, 0.2))
    every = explained_by_subsets(np.cov(table.T))
    for subset in range(1, 16):
        chosen = [place for place in range(4) if subset >> place & 1]
        x = np.column_stack([np.ones(len(table)), table[:, chosen]])
        left = table[:, -1] - x @ np.linalg.lstsq(x, table[:, -1], rcond=None)[0]
        assert every[subset] == pytest.approx(1 - left.var() / table[:, -1].var())
    assert every[0] == 0


def test_a_plain_sample_has_the_errors_that_drawing_respondents_gives():
    """Two ways of drawing: the stream of `share_intervals`, and the rescaled bootstrap of units."""
    table = sample(300)
    drawn = drawn_again(taken(table), 0, method="relative_weights", replicates=599, seed=1)
    other = share_intervals(table[:, :-1], table[:, -1], np.arange(300), replicates=599, seed=1)
    assert drawn.share.std(axis=0, ddof=1) == pytest.approx(other.share.std_error, rel=0.12)


def test_clusters_make_shares_less_sure_and_strata_more():
    random = np.random.default_rng(2)
    mood = np.repeat(random.normal(size=(20, 3)), 15, axis=0)
    x = mood + 0.3 * random.normal(size=(300, 3))
    table = np.column_stack([x, x @ [0.6, 0.3, 0.1] + np.repeat(random.normal(size=20), 15)])
    unit = np.repeat(np.arange(20), 15)
    apart = drawn_again(taken(table), 0, method="lmg", replicates=499, seed=0).share.std(axis=0)
    together = drawn_again(taken(table, unit=unit), 0, method="lmg", replicates=499, seed=0).share.std(axis=0)
    assert (together > 1.5 * apart).all()
    census = Source("d", np.zeros(20, np.int64), np.ones(1))
    whole = drawn_again(taken(table, unit=unit, source=census), 0, method="lmg", replicates=9, seed=0).share
    assert whole == pytest.approx(np.tile(whole[0], (9, 1)))  # every unit was asked


def test_replicates_of_many_predictors_stand_where_the_exact_shares_do(monkeypatch):
    table = sample(200, slopes=(0.5, 0.3, 0.0, 0.2, 0.1))
    exact = drawn_again(taken(table), 0, method="lmg", replicates=399, seed=0)
    monkeypatch.setattr("cxgap.stats.drivers.MOST_EXACT", 4)
    moved = drawn_again(taken(table), 0, method="lmg", replicates=399, seed=0)
    assert (exact.moved, moved.moved) == (False, True)
    assert moved.share.mean(axis=0) == pytest.approx(exact.share.mean(axis=0), rel=0.03)
    assert moved.share.std(axis=0) == pytest.approx(exact.share.std(axis=0), rel=0.1)


def test_groups_of_very_many_units_spread_as_the_units_do(monkeypatch):
    table = sample(3000)
    each = drawn_again(taken(table), 0, method="lmg", replicates=399, seed=0).share
    monkeypatch.setattr("cxgap.stats.drivers.MOST_UNITS", 1000)
    monkeypatch.setattr("cxgap.stats.drivers.GROUPS", 300)
    few = taken(table)
    assert len(few.sums) == 300
    assert few.covariance == pytest.approx(taken(table).covariance)
    grouped = drawn_again(few, 0, method="lmg", replicates=399, seed=0).share
    assert grouped.std(axis=0) == pytest.approx(each.std(axis=0), rel=0.2)


def test_dominance_is_that_of_every_subset():
    """Azen & Budescu (2003), arithmetic: uncorrelated predictors dominate by their correlations, equal ones by none."""
    matrix = np.eye(4)
    matrix[:3, 3] = matrix[3, :3] = [0.6, 0.3, 0.3]
    chosen = np.linalg.cholesky(matrix)
    random = np.random.default_rng(0)
    z = random.normal(size=(400, 4))
    z = np.linalg.solve(np.linalg.cholesky(np.cov(z.T)), (z - z.mean(axis=0)).T).T @ chosen.T  # with these very correlations
    found = complete_dominance(taken(z), 0, replicates=199, seed=0)
    assert found.complete[0].tolist() == [0.5, 1, 1]
    assert found.complete[1].tolist() == [0, 0.5, 0.5]
    assert found.ahead[0, 1] == 1
    assert found.reproduced[0, 1] > 0.95
    assert found.complete + found.complete.T == pytest.approx(np.ones((3, 3)))


def test_columns_that_make_each_other_up_are_named():
    table = sample()
    assert collinear_columns(np.cov(table.T)) == []
    twin = np.column_stack([table, table[:, 1]])
    assert sorted(collinear_columns(np.cov(twin.T))) == [1, 4]
    total = np.column_stack([table, table[:, 0] - 2 * table[:, 2]])
    assert sorted(collinear_columns(np.cov(total.T))) == [0, 2, 4]


def test_inflation_is_one_over_what_the_others_leave():
    """Marquardt (1970): 1 / (1 - R2 of a predictor by the others)."""
    table = sample()
    x, y = np.column_stack([np.ones(150), table[:, 1:3]]), table[:, 0]
    left = y - x @ np.linalg.lstsq(x, y, rcond=None)[0]
    assert inflation(np.cov(table[:, :3].T))[0] == pytest.approx(y.var() / left.var())


def test_without_a_shift_to_one_side_corrected_percentiles_are_the_widened_ones():
    values = np.arange(-999.0, 1000.0)
    low, high = corrected_percentiles(values, 0.0, np.inf, conf_level=0.95)
    assert (low, high) == pytest.approx((-950, 950), abs=1.5)
    assert corrected_percentiles(values, 500.0, np.inf, conf_level=0.95)[0] > low
    assert np.isnan(corrected_percentiles(values, np.nan, 10, conf_level=0.95)).all()


def test_covariates_that_are_collinear_tell_nothing():
    matrix = np.cov(sample().T)
    twin = matrix[np.ix_([0, 0, 1, 2, 3], [0, 0, 1, 2, 3])]
    left, told = beyond(twin, 2)
    assert np.isnan(told)
    assert np.isnan(left).all()


@pytest.mark.slow
def test_ranks_are_held_at_the_nominal_rate():
    """Simulation: 300 samples whose true shares are known by the formula; the sets of ranks hold all of them at once."""
    slopes = np.array([0.5, 0.3, 0.3, 0.0, 0.0])
    among = np.full((5, 5), 0.5) + 0.5 * np.eye(5)
    matrix = np.block([[among, (among @ slopes)[:, None]], [among @ slopes, np.array([[slopes @ among @ slopes + 1]])]])
    true, root = lmg(matrix).relative, np.linalg.cholesky(matrix)
    first = np.array([(true > one + 1e-9).sum() + 1 for one in true])
    last = np.array([(true >= one - 1e-9).sum() for one in true])
    random, held, inside = np.random.default_rng(4), 0, np.zeros(5)
    for seed in range(300):
        table = random.normal(size=(150, 6)) @ root.T
        units = taken(table)
        share = shared_out(units.covariance, 0, method="lmg").relative
        drawn = drawn_again(units, 0, method="lmg", replicates=299, seed=seed)
        parts = drawn.share / drawn.share.sum(axis=1, keepdims=True)
        ranks = rank_sets(-share, np.cov(parts.T), draws=2000, seed=seed)
        held += bool(((ranks.low <= first) & (ranks.high >= last)).all())
        low, high = np.quantile(parts, [0.025, 0.975], axis=0)
        inside += (low <= true) & (true <= high)
    assert held / 300 >= 0.93
    assert (inside / 300 >= 0.90).all()
