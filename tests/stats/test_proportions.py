"""Shares against R and the papers that their intervals are from, and the laws that hold for any counts."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest, fisher_exact
from scipy.stats.contingency import odds_ratio

from cxgap.stats.proportions import (
    clopper_pearson,
    cohens_h,
    equal_shares,
    korn_graubard,
    mcnemar,
    newcombe,
    score_test,
    wald,
    wilson,
)
from cxgap.stats.proportions import fisher_exact as exact_test

REFERENCE = Path(__file__).resolve().parents[3] / "shared" / "reference" / "c25_two_proportions" / "expected.json"
LAW = settings(max_examples=25, deadline=None, derandomize=True)
COUNTS = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
LEVELS = st.floats(0.5, 0.999)


@pytest.mark.parametrize("case", ["bain_362", "bain_500", "bain_3000", "small", "zero", "full"])
def test_shares_and_their_difference_have_the_intervals_of_r(case):
    """R 4.2.2: prop.test(correct = FALSE), binom.test, and Newcombe (1998), Statistics in Medicine 17, method 10."""
    if not REFERENCE.exists():
        pytest.skip("R's numbers are not beside the project")
    r = json.loads(REFERENCE.read_text(encoding="utf-8"))[case]
    x, n = np.array([r["x1"], r["x2"]]), np.array([r["n1"], r["n2"]])
    for interval, name in ((wilson, "wilson"), (clopper_pearson, "clopper")):
        assert np.transpose(interval(x, n, conf_level=0.95)) == pytest.approx(
            np.array([r[f"{name}1"], r[f"{name}2"]]), abs=1e-10
        )
    difference, low, high = newcombe(x[:1], n[:1], x[1:], n[1:], conf_level=0.95)
    assert (difference[0], low[0], high[0]) == pytest.approx((r["diff"], *r["newcombe_hybrid_score_ci"]), abs=1e-10)

    counts = r["x1"], r["n1"], r["x2"], r["n2"]
    assert np.ravel(wald(*counts, conf_level=0.95)) == pytest.approx(r["wald_ci"], rel=1e-9, abs=1e-12)
    assert np.ravel(wald(*counts, conf_level=0.95, correction=True)) == pytest.approx(r["wald_cc_ci"], rel=1e-9, abs=1e-12)
    chi_square, p_value = equal_shares(*counts)
    assert chi_square == pytest.approx(r["chisq"], rel=1e-9)
    assert np.log(p_value) == pytest.approx(np.log(r["p"]), rel=1e-9)
    assert equal_shares(*counts, correction=True)[0] == pytest.approx(r["chisq_cc"], rel=1e-9)
    assert cohens_h(r["p1"], r["p2"]) == pytest.approx(r["cohen_h"], rel=1e-9)
    # R stops its search for the odds ratio early: it is within .2 % of the maximum of the likelihood.
    odds, p_value = exact_test(*counts)
    assert np.log(p_value) == pytest.approx(np.log(r["fisher_p"]), rel=1e-9)
    assert odds == pytest.approx(np.inf if r["fisher_or"] is None else r["fisher_or"], rel=2e-3)


def test_wilson_and_newcombe_give_the_printed_numbers():
    """Methods O-7.2a: Wilson 8 of 100 and 0 of 20; Newcombe (1998), 56 of 70 against 48 of 80."""
    low, high = wilson([8, 0], [100, 20], conf_level=0.95)
    assert np.array([low, high]) == pytest.approx(np.array([[0.0410935, 0], [0.1499811, 0.1611252]]), abs=5e-8)
    assert newcombe(56, 70, 48, 80, conf_level=0.95) == pytest.approx((0.2, 0.052431, 0.333873), abs=5e-7)


def test_korn_and_graubard_give_the_interval_of_r_survey():
    """Methods O-3.4d, R survey 4.1.1: svyciprop(method = "beta") of 12 respondents in 6 units and 2 strata."""
    low, high = korn_graubard([0.2277778], [0.1344041], [12], [4], conf_level=0.95)
    assert (low[0], high[0]) == pytest.approx((0.0143618, 0.6906264), abs=5e-7)


@LAW
@given(count=COUNTS, conf_level=LEVELS)
def test_an_undisturbed_sample_has_the_exact_interval_of_its_size(count, conf_level):
    """Clopper & Pearson (1934) by scipy.stats.binomtest; Korn & Graubard (1998): at full effective size they are the same."""
    x, n = count
    exact = binomtest(x, n).proportion_ci(conf_level, method="exact")
    low, high = clopper_pearson(x, n, conf_level=conf_level)
    assert (float(low), float(high)) == pytest.approx(tuple(exact), abs=1e-12)
    share = x / n
    design = korn_graubard(share, np.sqrt(share * (1 - share) / n), n, n - 1, conf_level=conf_level)
    if n > 1:
        assert tuple(map(float, design)) == pytest.approx(tuple(exact), abs=1e-8)


@LAW
@given(count=COUNTS, conf_level=LEVELS, factor=st.floats(1, 4))
def test_less_is_known_of_a_share_whose_standard_error_is_larger_and_no_more_than_of_n(count, conf_level, factor):
    """Korn & Graubard (1998): the effective size falls with the variance, and is at most n."""
    x, n = count
    share = x / n
    simple = np.sqrt(share * (1 - share) / n)
    wide = np.subtract(*korn_graubard(share, factor * simple, n, max(n - 1, 1), conf_level=conf_level)[::-1])
    usual, small = (
        np.subtract(*korn_graubard(share, error, n, max(n - 1, 1), conf_level=conf_level)[::-1])
        for error in (simple, simple / 3)
    )
    if n > 1:
        assert wide >= usual - 1e-9
        assert small == pytest.approx(usual, abs=1e-9)


@LAW
@given(count=COUNTS, target=st.floats(0.01, 0.99))
def test_the_score_test_rejects_what_wilsons_interval_excludes(count, target):
    """Wilson (1927): his interval holds the shares that the score test does not reject."""
    x, n = count
    p_value = float(score_test(x / n, n, target))
    low, high = wilson(x, n, conf_level=0.95)
    if min(abs(low - target), abs(high - target)) > 1e-9:
        assert (p_value < 0.05) == (not low < target < high)


@LAW
@given(first=COUNTS, second=COUNTS, conf_level=LEVELS)
def test_swapping_two_groups_or_success_and_failure_turns_the_interval_round(first, second, conf_level):
    """Newcombe (1998): equivariance; and Wilson's and the exact interval of the failures mirror those of the successes."""
    (x1, n1), (x2, n2) = first, second
    difference, low, high = newcombe(x1, n1, x2, n2, conf_level=conf_level)
    swapped = newcombe(x2, n2, x1, n1, conf_level=conf_level)
    assert (-difference, -high, -low) == pytest.approx(swapped, abs=1e-12)
    for interval in (wilson, clopper_pearson):
        low, high = interval(x1, n1, conf_level=conf_level)
        assert interval(n1 - x1, n1, conf_level=conf_level) == pytest.approx((1 - high, 1 - low), abs=1e-9)


def test_paired_shares_have_the_printed_standard_error_and_an_exact_p_value():
    """Methods 7.2, Bain's nested reading of n = 362: standard error .0236; the exact p-value by scipy.stats.binomtest."""
    difference, low, high, p_value = mcnemar([261, 9], [0, 2], [362, 40], conf_level=0.95)
    assert (high - low)[0] / 2 / 1.959964 == pytest.approx(0.0236, abs=5e-5)
    assert difference.tolist() == pytest.approx([261 / 362, 7 / 40])
    assert p_value.tolist() == pytest.approx([binomtest(0, 261).pvalue, binomtest(2, 11).pvalue], rel=1e-9)


def test_cells_of_nothing_have_no_interval_and_no_p_value():
    """Methods 0.5: n = 0 is NaN; where nothing varies a p-value is NaN."""
    nothing = (*wilson(0, 0, conf_level=0.9), *clopper_pearson(0, 0, conf_level=0.9), *newcombe(0, 0, 1, 2, conf_level=0.9))
    assert np.isnan(nothing).all()
    assert np.isnan(korn_graubard(np.nan, np.nan, 0, np.nan, conf_level=0.9)).all()
    assert np.isnan(
        [*np.ravel(equal_shares(0, 0, 1, 2)), *exact_test(0, 0, 1, 2), *np.ravel(wald(0, 0, 1, 2, conf_level=0.9))]
    ).all()
    assert np.isnan(equal_shares(3, 3, 4, 4)).all()
    assert np.isnan([*score_test([0.5, 1], [0, 4], [0.5, 1]), mcnemar(0, 0, 9, conf_level=0.9)[3]]).all()


@LAW
@given(first=COUNTS, second=COUNTS)
def test_fishers_test_is_scipys(first, second):
    """scipy.stats.fisher_exact, and contingency.odds_ratio(kind="conditional"), which finishes the search R leaves early."""
    (x1, n1), (x2, n2) = first, second
    table = [[x1, n1 - x1], [x2, n2 - x2]]
    odds, p_value = exact_test(x1, n1, x2, n2)
    assert p_value == pytest.approx(fisher_exact(table).pvalue, rel=1e-7)
    if 0 < x1 + x2 < n1 + n2:
        assert odds == pytest.approx(odds_ratio(table, kind="conditional").statistic, rel=1e-6)
    else:
        assert np.isnan(odds)


@LAW
@given(first=COUNTS, second=COUNTS)
def test_swapping_two_groups_turns_their_difference_and_leaves_the_test(first, second):
    """Pearson's chi-square, Fisher's p and the width know no first group."""
    one, two = (*first, *second), (*second, *first)
    assert np.ravel(wald(*one, conf_level=0.9)) == pytest.approx(-np.ravel(wald(*two, conf_level=0.9))[::-1])
    for correction in (False, True):
        plain, turned = (np.ravel(equal_shares(*each, correction=correction)) for each in (one, two))
        assert plain == pytest.approx(turned, nan_ok=True)
    assert exact_test(*one)[1] == pytest.approx(exact_test(*two)[1])
    assert cohens_h(first[0] / first[1], second[0] / second[1]) == pytest.approx(
        -cohens_h(second[0] / second[1], first[0] / first[1])
    )
