"""Which shares are printed: the standard of the National Center for Health Statistics, rule by rule."""

from __future__ import annotations

import numpy as np
import pytest

from cxgap.stats.presentation import presentable


@pytest.mark.parametrize(
    ("share", "low", "high", "n_eff", "df", "said"),
    [
        (0.5, 0.45, 0.55, 29, 50, "suppress"),
        (0.5, 0.45, 0.55, 30, 50, "show"),
        (0.5, 0.35, 0.65, 100, 50, "suppress"),
        (0.5, 0.36, 0.65, 100, 50, "show"),
        (0.01, 0.0, 0.05, 100, 50, "show"),
        (0.04, 0.01, 0.07, 100, 50, "suppress"),
        (0.05, 0.02, 0.08, 100, 50, "show"),
        (0.5, 0.45, 0.55, 100, 7, "review"),
        (0.5, 0.45, 0.55, 100, np.nan, "review"),
        (np.nan, np.nan, np.nan, 0, np.nan, "suppress"),
    ],
)
def test_each_rule(share, low, high, n_eff, df, said):
    """Parker et al. (2017), Vital and Health Statistics 2(175), rule by rule."""
    values = [np.array([float(value)]) for value in (share, low, high, n_eff, df)]
    assert presentable(*values).tolist() == [said]
