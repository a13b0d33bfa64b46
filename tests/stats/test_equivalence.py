"""Two one-sided tests against SciPy's one-sided t tests, and what they have to do with the verdict "met"."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ttest_1samp

from cxgap.stats.equivalence import equivalence
from cxgap.stats.verdict import verdicts

LAW = settings(max_examples=60, deadline=None, derandomize=True)


@LAW
@given(values=st.lists(st.integers(-6, 6), min_size=3, max_size=30), margin=st.floats(0.05, 4))
def test_each_side_is_a_one_sided_t_test(values, margin):
    """Schuirmann (1987): scipy.stats.ttest_1samp against minus the margin, greater, and against the margin, less."""
    if len(set(values)) > 1:
        n = len(values)
        error = np.std(values, ddof=1) / np.sqrt(n)
        found = equivalence(np.array([np.mean(values)]), np.array([error]), np.array([n - 1.0]), margin=margin)
        sides = [ttest_1samp(values, side * margin, alternative=how).pvalue for side, how in ((-1, "greater"), (1, "less"))]
        assert [found.p_lower[0], found.p_upper[0]] == pytest.approx(sides, rel=1e-9)
        assert found.p_value[0] == max(found.p_lower[0], found.p_upper[0])


@LAW
@given(
    estimate=st.floats(-2, 2), error=st.floats(0.01, 1), df=st.integers(1, 400), margin=st.floats(0.05, 2),
    conf_level=st.floats(0.6, 0.99),
)  # fmt: skip
def test_met_is_said_where_both_sides_reject(estimate, error, df, margin, conf_level):
    """Schuirmann (1987): both tests reject at alpha where the interval of level 1 - 2 alpha lies inside the margin."""
    cell = np.array([estimate]), np.array([error]), np.array([float(df)])
    p = equivalence(*cell, margin=margin).p_value[0]
    if abs(p - (1 - conf_level)) > 1e-9:
        said = verdicts(*cell, conf_level=conf_level, margin=margin)[0]
        assert (said == "met") == (p < 1 - conf_level)


def test_a_wider_margin_closes_more_and_turning_the_gap_turns_the_sides():
    gap, error, df = np.array([-0.2, 0.0, 0.3]), np.full(3, 0.1), np.full(3, 20.0)
    narrow, wide = (equivalence(gap, error, df, margin=margin) for margin in (0.25, 0.5))
    assert (wide.p_value < narrow.p_value).all()
    turned = equivalence(-gap, error, df, margin=0.25)
    assert turned.p_lower == pytest.approx(narrow.p_upper)
    each = equivalence(gap, error, df, margin=np.array([0.25, 0.5, 0.25]))
    assert each.p_value[1] == wide.p_value[1]


def test_without_an_error_nothing_is_tested():
    """Methods 0.5: variance zero and a single respondent have no p-value."""
    found = equivalence(np.array([0.1, 0.1]), np.array([0.0, np.nan]), np.array([5.0, np.nan]), margin=1.0)
    assert np.isnan(found.p_value).all()
