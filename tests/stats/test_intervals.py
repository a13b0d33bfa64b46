"""The interval that each kind of estimate gets, and what stands in where it cannot be made."""

from __future__ import annotations

import numpy as np
import pytest

from cxgap.errors import ArgumentError
from cxgap.stats.intervals import FALLBACK, METHODS, default_method, interval
from cxgap.stats.means import Design, simple_means, t_interval
from cxgap.stats.posterior import posterior_worst
from cxgap.stats.proportions import korn_graubard, wilson
from cxgap.stats.redrawn import simple_replicates
from cxgap.stats.resample import Replicates, bca_interval, boot_t_interval, percentile_interval
from cxgap.vocabulary import FLAGS

# Four cells: 40 respondents who differ, 3 who do, 5 who do not, and one.
Y = np.concatenate([np.repeat([-4.0, -2, -1, 0], [4, 8, 16, 12]), [-2, 0, 1], [-1] * 5, [3]])
CELL = np.repeat(np.arange(4), [40, 3, 5, 1])
MEANS = simple_means(Y, CELL, 4)
DRAWN = simple_replicates(Y, CELL, 4, ["a", "b", "c", "d"])


def mean(**options):
    given = {"conf_level": 0.95, "replicates": DRAWN, **options}
    return interval("mean", MEANS.mean, MEANS.std_error, MEANS.df, n=MEANS.n, **given)


@pytest.mark.parametrize(
    ("estimand", "designed", "expected"),
    [
        ("mean", False, "t"),
        ("mean", True, "t"),
        ("share", False, "wilson"),
        ("share", True, "korn_graubard"),
        ("nps", False, "adjusted_wald"),
        ("nps", True, "t"),
        ("quantile", False, "bca"),
        ("nonlinear", True, "bca"),
        ("rank", False, "max_t"),
        ("probability", False, "bayes"),
    ],
)
def test_each_estimand_has_its_interval(estimand, designed, expected):
    """Which covers best: docs/coverage.md for means and shares, Rocks (2016) for net promoter scores."""
    assert default_method(estimand, designed=designed) == expected
    assert expected in METHODS[estimand]


def test_a_mean_gets_students_interval_and_no_variance_no_width():
    found = mean()
    low, high = t_interval(MEANS.mean, MEANS.std_error, MEANS.df, conf_level=0.95)
    assert found.low == pytest.approx(low, nan_ok=True)
    assert found.high == pytest.approx(high, nan_ok=True)
    assert found.method.tolist() == ["t", "t", "degenerate", ""]
    assert (found.low[2], found.high[2]) == (-1, -1)
    assert not found.fallback.any()


@pytest.mark.parametrize("method", ["percentile", "bca", "boot_t"])
def test_a_bootstrapped_mean_gets_what_was_asked_for_or_says_what_it_got(method):
    found = mean(method=method)
    if method == "boot_t":
        low, high, _ = boot_t_interval(DRAWN, MEANS.mean, MEANS.std_error, conf_level=0.95)
    elif method == "bca":
        low, high, _ = bca_interval(DRAWN.values, MEANS.mean, DRAWN.acceleration, conf_level=0.95)
    else:
        low, high = percentile_interval(DRAWN.values, conf_level=0.95)
    assert (found.low[0], found.high[0]) == (low[0], high[0])
    assert (found.low[2], found.high[2], found.method[2]) == (-1, -1, "degenerate")
    assert np.isnan([found.low[3], found.high[3]]).all()
    assert found.method[3] == ""
    assert found.method[1] == ("t" if method == "boot_t" else method)  # of three, a ninth of the samples is of one person
    assert found.flags == [set(), {FALLBACK} if method == "boot_t" else set(), set(), set()]
    assert FALLBACK in FLAGS


def test_where_bootstrap_t_cannot_be_made_students_interval_stands_in():
    low, high = t_interval(MEANS.mean, MEANS.std_error, MEANS.df, conf_level=0.95)
    found = mean(method="boot_t")
    assert (found.low[1], found.high[1]) == (low[1], high[1])


@pytest.mark.parametrize(("units", "method"), [(30.0, "bca"), (29.0, "percentile")])
def test_a_quantile_gets_bca_from_thirty_units_on(units, method):
    """Below, its acceleration is told by too few; whoever asks for it by name gets it."""
    values = np.random.default_rng(1).gamma(3, size=(1999, 1))
    drawn = Replicates(values, None, np.array([0.05]), np.array([units]))
    found = interval("quantile", np.median(values), conf_level=0.95, replicates=drawn)
    assert found.method.tolist() == [method]
    assert found.fallback.tolist() == [units < 30]
    assert interval("quantile", 3.0, conf_level=0.95, replicates=drawn, method="bca").method.tolist() == ["bca"]


@pytest.mark.parametrize(("units", "method", "ends"), [(5.0, "degenerate", 2.0), (1.0, "", np.nan)])
def test_an_estimate_that_never_varies_is_certain_unless_a_single_unit_speaks(units, method, ends):
    drawn = Replicates(np.full((99, 1), 2.0), None, np.array([np.nan]), np.array([units]))
    found = interval("nonlinear", 2.0, conf_level=0.95, replicates=drawn)
    assert found.method.tolist() == [method]
    assert [found.low[0], found.high[0]] == pytest.approx([ends, ends], nan_ok=True)
    assert not found.fallback[0]


def test_a_share_gets_wilson_or_with_a_design_korn_and_graubard():
    """Wilson (1927); Korn & Graubard (1998)."""
    share, error, n, df = np.array([0.0, 0.25, 1.0]), np.array([0.0, 0.08, 0.0]), np.full(3, 40.0), np.full(3, 11.0)
    plain, drawn = (interval("share", share, error, df, n=n, conf_level=0.9, designed=designed) for designed in (False, True))
    assert np.array_equal([plain.low, plain.high], wilson(share * n, n, conf_level=0.9))
    assert np.array_equal([drawn.low, drawn.high], korn_graubard(share, error, n, df, conf_level=0.9))
    assert set(plain.method) == {"wilson"}  # no share is certain because nobody differed
    assert set(drawn.method) == {"korn_graubard"}


def test_ten_promoters_do_not_make_a_certain_score():
    """Rocks (2016), adjusted Wald: (10 + 3/4, 3/4) of 13, by hand."""
    found = interval("nps", 1.0, 0.0, n=10.0, conf_level=0.95)
    centre = 10 / 13
    half = 1.959964 * np.sqrt((11.5 / 13 - centre**2) / 13)
    assert (found.low[0], found.high[0]) == pytest.approx((centre - half, 1.0), abs=1e-6)
    assert found.method.tolist() == ["adjusted_wald"]


def test_ranks_get_intervals_that_hold_all_at_once():
    """Three estimates ten standard errors apart, and two that are alike."""
    found = interval("rank", [-3.0, -2.0, -2.01, 0.0], conf_level=0.95, covariance=np.full(4, 0.01))
    assert found.low.tolist() == [1, 2, 2, 4]
    assert found.high.tolist() == [1, 3, 3, 4]


@pytest.mark.parametrize(
    ("estimand", "options", "said"),
    [
        ("median", {}, "estimand"),
        ("mean", {"method": "wilson"}, "method"),
        ("mean", {"method": "bca"}, "replicates"),
        ("mean", {"method": "bca", "replicates": Replicates(np.zeros((9, 1)))}, "acceleration"),
        ("quantile", {}, "replicates"),
        ("rank", {}, "covariance"),
    ],
)
def test_what_does_not_fit_is_refused(estimand, options, said):
    with pytest.raises(ArgumentError, match=f"`{said}`"):
        interval(estimand, 1.0, 1.0, 5.0, conf_level=0.95, **options)


# Probabilities of statements


def design(people, psu=None, weight=None):
    return Design(np.ones(people) if weight is None else weight, np.zeros(people, int), psu, np.full(1, np.inf))


def test_the_probability_of_a_shortfall_is_that_of_students_posterior():
    """With many respondents the Bayesian bootstrap of a mean tends to Student's posterior: P = F(-t)."""
    y = np.round(np.random.default_rng(2).normal(-0.15, 1, 200), 2)
    means = simple_means(y, np.zeros(200, int), 1)
    from scipy.stats import t

    found = posterior_worst(y, np.zeros(200, int), 1, np.arange(200), design(200, np.arange(200)), count=9999)
    assert found.below[0] == pytest.approx(t.cdf(-means.mean[0] / means.std_error[0], 199), abs=0.015)
    assert found.worst.tolist() == [1]


def test_cells_of_the_same_people_go_together_and_ties_are_shared():
    """Whoever is a constant below another is always the worse one; two that are the same share it."""
    y = np.random.default_rng(3).integers(-3, 2, 30).astype(float)
    cell, people = np.repeat(np.arange(4), 30), np.tile(np.arange(30), 4)
    found = posterior_worst(np.concatenate([y, y - 0.1, y - 0.1, y + 1]), cell, 4, people, design(30, np.arange(30)))
    assert found.worst == pytest.approx([0, 0.5, 0.5, 0])


def test_probabilities_ignore_order_weight_units_and_other_cells():
    random = np.random.default_rng(4)
    y, cell, weight = random.normal(size=60), np.repeat([0, 1, 2], 20), random.uniform(1, 3, 60)
    drawn = design(60, np.arange(60) // 2, weight)
    found = posterior_worst(y, cell, 3, np.arange(60), drawn)
    order = random.permutation(60)
    moved = posterior_worst(y[order], cell[order], 3, order, drawn._replace(weight=weight * 11))
    assert moved.worst == pytest.approx(found.worst)
    assert moved.draws == pytest.approx(found.draws)
    wider = posterior_worst(np.append(y, 9), np.append(cell, 3), 5, np.append(np.arange(60), 0), drawn)
    assert wider.worst[:3] == pytest.approx(found.worst)
    assert np.isnan(wider.worst[3:]).all()
    assert np.isnan(wider.below[3:]).all()
    assert found.worst.sum() == pytest.approx(1)


def test_who_is_always_on_target_is_below_it_half_the_time():
    found = posterior_worst(np.full(5, -1.0), np.zeros(5, int), 1, np.arange(5), design(5, np.arange(5)), target=-1.0)
    assert found.below.tolist() == [0.5]
