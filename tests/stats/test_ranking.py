"""Ranks with simultaneous confidence against R's csranks, and the laws of sets."""

from __future__ import annotations

import numpy as np
import pytest

from cxgap.stats.ranking import rank_sets

# OECD (2019), PISA 2018 Results (Volume I): mathematics, mean and standard error of the 38 countries.
PISA = """Japan 527.0 2.5 Korea 525.9 3.1 Estonia 523.4 1.7 Netherlands 519.2 2.6 Poland 515.6 2.6 Switzerland 515.3 2.9
Canada 512.0 2.4 Denmark 509.4 1.7 Slovenia 508.9 1.4 Belgium 508.1 2.3 Finland 507.3 2.0 Sweden 502.4 2.7 UK 501.8 2.6
Norway 501.0 2.2 Germany 500.0 2.6 Ireland 499.6 2.2 Czechia 499.5 2.5 Austria 498.9 3.0 Latvia 496.1 2.0 France 495.4 2.3
Iceland 495.2 2.0 NewZealand 494.5 1.7 Portugal 492.5 2.7 Australia 491.4 1.9 Italy 486.6 2.8 Slovakia 486.2 2.6
Luxembourg 483.4 1.1 Spain 481.4 1.5 Lithuania 481.2 2.0 Hungary 481.1 2.3 US 478.2 3.2 Israel 463.0 3.5 Turkey 453.5 2.3
Greece 451.4 3.1 Chile 417.4 2.4 Mexico 408.8 2.5 CostaRica 402.3 3.3 Colombia 390.9 3.0""".split()


def test_three_estimates_far_apart_and_three_close_together():
    """Arithmetic."""
    apart = rank_sets(np.array([0.0, 10, 20]), np.eye(3))
    assert [*zip(apart.low, apart.high, strict=True)] == [(1, 1), (2, 2), (3, 3)]
    close = rank_sets(np.array([0.0, 0.1, 0.2]), np.eye(3))
    assert [*zip(close.low, close.high, strict=True)] == [(1, 3)] * 3
    assert close.first().all()


@pytest.mark.parametrize("as_matrix", [False, True])
def test_countries_rank_as_in_csranks(as_matrix):
    """Csranks in R, csranks(math_score, diag(math_se^2), simul = TRUE), to one rank; its critical value is 3.816."""
    names, score, std_error = PISA[::3], np.array(PISA[1::3], float), np.array(PISA[2::3], float)
    found = rank_sets(-score, np.diag(std_error**2) if as_matrix else std_error**2)
    assert found.critical == pytest.approx(3.816, abs=0.03)
    expected = {"Japan": (1, 6), "Korea": (1, 7), "Estonia": (1, 6), "UK": (5, 24)}
    for name, (low, high) in expected.items():
        place = names.index(name)
        assert abs(found.low[place] - low) <= 1
        assert abs(found.high[place] - high) <= 1
    assert found.rank[names.index("UK")] == 13


def test_the_quick_way_for_independent_estimates_gives_the_same():
    random = np.random.default_rng(7)
    for k in (3, 12, 40):
        variance, estimate = random.gamma(0.5, 1, k) + 0.01, random.normal(0, 3, k)
        quick, slow = (rank_sets(estimate, given, draws=3000, name="x") for given in (variance, np.diag(variance)))
        assert quick.critical == pytest.approx(slow.critical, rel=1e-9)
        assert (quick.low == slow.low).all()
        assert (quick.high == slow.high).all()


def test_step_down_is_never_longer_and_sometimes_shorter():
    estimate = np.array([0.0, 3.5, 20, 40, 60, 80])
    single, down = (rank_sets(estimate, np.ones(6), step_down=step, conf_level=0.95) for step in (False, True))
    assert (down.low >= single.low).all()
    assert (down.high <= single.high).all()
    assert (down.high - down.low).sum() < (single.high - single.low).sum()


def test_estimates_that_move_together_are_told_apart_more_often():
    """Two estimates with a correlation of 0.99 have a difference of a tenth of the variance."""
    together = np.full((2, 2), 0.99) + 0.01 * np.eye(2)
    assert rank_sets(np.array([0.0, 1.0]), together).first().tolist() == [True, False]
    assert rank_sets(np.array([0.0, 1.0]), np.eye(2)).first().all()


def test_ties_and_a_single_estimate():
    tie = rank_sets(np.zeros(2), np.ones((2, 2)))
    assert (tie.rank.tolist(), tie.low.tolist(), tie.high.tolist()) == ([1, 1], [1, 1], [2, 2])
    alone = rank_sets(np.array([3.0]), np.ones(1))
    assert (alone.low.tolist(), alone.high.tolist()) == ([1], [1])


def test_intervals_hold_all_true_ranks_as_often_as_they_say():
    """Coverage by simulation: at least 0.95 of 300 samples, less two standard errors of that share."""
    random, true = np.random.default_rng(3), np.array([0.0, 0.5, 1, 4, 4.5])
    held = 0
    for _ in range(300):
        found = rank_sets(true + random.normal(size=5), np.ones(5), draws=2000)
        held += bool(((found.low <= np.arange(1, 6)) & (np.arange(1, 6) <= found.high)).all())
    assert held / 300 >= 0.95 - 2 * np.sqrt(0.95 * 0.05 / 300)


@pytest.mark.slow
def test_intervals_of_few_respondents_hold_as_often_as_they_say():
    """Coverage by simulation, ten cells of five and of ten who do not differ: with normal quantiles one in three is wrong."""
    for size in (5, 10):
        random, told, plain = np.random.default_rng(size), 0, 0
        for _ in range(200):
            y = random.normal(size=(10, size))
            given = y.mean(axis=1), y.var(axis=1, ddof=1) / size
            told += (rank_sets(*given, df=np.full(10, size - 1.0), draws=2000).low > 1).any()
            plain += (rank_sets(*given, draws=2000).low > 1).any()
        assert told / 200 <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 200) < plain / 200


@pytest.mark.parametrize("as_matrix", [False, True])
def test_many_degrees_of_freedom_are_as_none_given(as_matrix):
    """Student's t with a billion degrees of freedom is the normal curve, in both ways of looking at pairs."""
    random = np.random.default_rng(5)
    given = random.normal(0, 3, 12), random.uniform(0.5, 1.5, 12)
    covariance = np.diag(given[1]) if as_matrix else given[1]
    plain, many = (rank_sets(given[0], covariance, df=df, draws=2000) for df in (None, np.full(12, 1e9)))
    few = rank_sets(given[0], covariance, df=np.full(12, 3.0), draws=2000)
    assert (plain.low.tolist(), plain.high.tolist()) == (many.low.tolist(), many.high.tolist())
    assert (few.low <= plain.low).all()
    assert (few.high >= plain.high).all()
    assert (few.high - few.low).sum() > (plain.high - plain.low).sum()
