"""Signs and signed ranks against methods O-3.2, coin and wilcox.test in R, SciPy, and writing all sign patterns out."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest, rankdata, wilcoxon

from cxgap.stats.counts import Counts, tabulate
from cxgap.stats.signed_ranks import ZEROS, sign_test, signed_rank_test

LAW = settings(max_examples=40, deadline=None, derandomize=True)
MIXED = [-3, -2, -2, -1, -1, -1, 0, 0, 0, 1, 1, 2, -4, -2, 0, -1]
DEPRESSED = np.array([1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30])
TREATED = np.array([0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29])
DIFFERENCES = st.lists(st.integers(-6, 6), min_size=1, max_size=40)


def counted(values: object) -> Counts:
    values = np.asarray(values, float)
    return tabulate(values, np.zeros(len(values), int), 1)


# Numbers


def test_hollander_and_wolfes_example_is_that_of_r():
    """Methods O-3.2b: Hollander & Wolfe's depression scores, R 4.2.2: V 40, exact p .0390625."""
    found = signed_rank_test(counted(DEPRESSED - TREATED))
    assert found.statistic[0] == 40
    assert found.p_value[0] == 0.0390625
    assert found.exact[0]


@pytest.mark.parametrize(
    ("zeros", "statistic", "z", "normal", "exact"),
    [("pratt", 27.5, -1.868745, 0.0616584, 0.0751953), ("wilcox", 15.5, -1.876251, 0.0606208, 0.0776367)],
)
def test_zeros_and_ties_are_those_of_coin(zeros, statistic, z, normal, exact):
    """Methods O-3.2c: coin::wilcoxsign_test in R 4.2.2; exact p-values by convolution."""
    found = signed_rank_test(counted(MIXED), zeros=zeros)
    assert found.statistic[0] == statistic
    assert found.z[0] == pytest.approx(z, abs=5e-7)
    assert found.p_value[0] == pytest.approx(exact, abs=5e-8)
    assert signed_rank_test(counted(MIXED), zeros=zeros, most_exact=0).p_value[0] == pytest.approx(normal, abs=5e-8)


def test_the_correction_for_continuity_is_half_a_rank():
    """Arithmetic: half of 1 nearer to zero, over the same standard deviation."""
    plain, corrected = (signed_rank_test(counted(MIXED), correction=by, most_exact=0) for by in (False, True))
    differ = np.array(MIXED) != 0
    spread = np.sqrt((rankdata(np.abs(MIXED))[differ] ** 2).sum()) / 2
    assert corrected.z[0] == pytest.approx(plain.z[0] + 0.5 / spread, rel=1e-12)
    assert corrected.p_value[0] > plain.p_value[0]


def test_cells_of_nothing_of_one_and_of_zeros_alone():
    """Methods 0.5: none has no number; where nobody differs nothing was tested."""
    table = tabulate(np.array([2.0, 0, 0, 0]), np.array([1, 2, 2, 2]), 3)
    ranks, signs = signed_rank_test(table), sign_test(table)
    assert ranks.n.tolist() == [0, 1, 3]
    assert np.isnan(ranks.p_value[[0, 2]]).all()
    assert np.isnan(ranks.z[[0, 2]]).all()
    assert np.isnan(signs.p_value[[0, 2]]).all()
    assert (ranks.p_value[1], signs.p_value[1]) == (1, 1)
    assert signs.equal.tolist() == [0, 0, 3]


# Other software


@LAW
@given(values=DIFFERENCES)
@pytest.mark.parametrize("zeros", ["pratt", "wilcox", "zsplit"])
@pytest.mark.filterwarnings("ignore:Sample size too small")  # of SciPy 1.12
def test_the_normal_approximation_is_scipys(zeros, values):
    """scipy.stats.wilcoxon(method="approx", correction=False), to which coin's is the same."""
    if any(values):
        found = signed_rank_test(counted(values), zeros=zeros, most_exact=0)
        other = wilcoxon(values, zero_method=zeros, correction=False, method="approx", alternative="greater")
        assert found.statistic[0] == pytest.approx(other.statistic, abs=1e-9)
        assert found.z[0] == pytest.approx(other.zstatistic, rel=1e-9, abs=1e-12)


@LAW
@given(values=st.lists(st.integers(-4, 4), min_size=1, max_size=11), zeros=st.sampled_from(sorted(ZEROS)))
def test_the_exact_p_value_counts_every_pattern_of_signs(values, zeros):
    """Enumeration: given the sizes, each pattern of signs is as likely as any other."""
    values = np.array(values)
    if (values != 0).any():
        ranks = (
            rankdata(np.abs(values))
            if zeros != "wilcox"
            else np.where(values, rankdata(np.abs(values)) - (values == 0).sum(), 0)
        )
        kept = ranks[values != 0]
        sums = np.array([kept @ pattern for pattern in product((0, 1), repeat=len(kept))])
        observed = ranks[values > 0].sum()
        wanted = min(1.0, 2 * min((sums <= observed + 1e-9).mean(), (sums >= observed - 1e-9).mean()))
        assert signed_rank_test(counted(values), zeros=zeros).p_value[0] == pytest.approx(wanted, rel=1e-12)


def test_exact_and_normal_meet_where_one_gives_way_to_the_other():
    """The central limit: at 50 pairs the two are near, and 51 pairs have the normal one."""
    random = np.random.default_rng(4)
    values = random.integers(-4, 5, 51)
    exact, normal = (signed_rank_test(counted(values[:50]), most_exact=most) for most in (50, 0))
    assert (exact.exact[0], normal.exact[0], signed_rank_test(counted(values)).exact[0]) == (True, False, False)
    assert exact.p_value[0] == pytest.approx(normal.p_value[0], rel=0.05)


@LAW
@given(values=DIFFERENCES)
def test_the_sign_test_is_the_binomial_one(values):
    """scipy.stats.binomtest of the positive among those that differ."""
    values = np.array(values)
    found, above, below = sign_test(counted(values)), int((values > 0).sum()), int((values < 0).sum())
    assert (found.above[0], found.below[0], found.equal[0]) == (above, below, len(values) - above - below)
    if above + below:
        assert found.p_value[0] == pytest.approx(binomtest(above, above + below).pvalue, rel=1e-9)


# Laws


@LAW
@given(values=DIFFERENCES, order=st.randoms(use_true_random=False), zeros=st.sampled_from(sorted(ZEROS)))
def test_neither_order_nor_unit_nor_other_cells_matter_and_turning_the_scale_turns_z(values, order, zeros):
    first, mixed = np.array(values, float), np.array(order.sample(values, len(values)), float)
    one = signed_rank_test(counted(first), zeros=zeros)
    two = signed_rank_test(
        tabulate(np.concatenate([first, 0.3 * mixed, -first]), np.repeat([0, 2, 3], len(values)), 4), zeros=zeros
    )
    for name in ("n", "z", "p_value"):
        wanted = getattr(one, name)[0]
        assert getattr(two, name)[[0, 2]] == pytest.approx([wanted, wanted], nan_ok=True, rel=1e-12)
    assert two.z[3] == pytest.approx(-one.z[0], nan_ok=True, abs=1e-12)
    assert two.p_value[3] == pytest.approx(one.p_value[0], nan_ok=True, rel=1e-12)
