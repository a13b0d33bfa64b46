"""Leaving customers out of a line against doing so one by one, and degrees of freedom against those that are known."""

from __future__ import annotations

import numpy as np
import pytest

from cxgap.stats.left_out import contrast_df, left_out
from cxgap.stats.means import Design
from cxgap.stats.regression import least_squares


def sample(seed: int = 1, rows: int = 60, units: int = 17) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = np.column_stack([rng.normal(size=rows), rng.random(rows) < 0.4])
    return x, x @ [1.0, -2.0] + rng.normal(size=rows), rng.integers(0, units, rows), rng.uniform(0.5, 2, units)


def one_by_one(x: np.ndarray, y: np.ndarray, unit: np.ndarray, weight: np.ndarray, stratum: np.ndarray) -> np.ndarray:
    """The jackknife of a stratified sample as Wolter (2007), Introduction to Variance Estimation, section 4.5, writes it."""
    full, total = np.column_stack([np.ones(len(y)), x]), 0.0

    def fitted(each: np.ndarray) -> np.ndarray:
        root = np.sqrt(each)
        return np.linalg.lstsq(root[:, None] * full, root * y, rcond=None)[0]

    whole = fitted(weight[unit])
    for left in range(len(weight)):
        size = (stratum == stratum[left]).sum()
        changed = np.where(stratum == stratum[left], weight * size / (size - 1), weight)
        changed[left] = 0
        moved = fitted(changed[unit]) - whole
        total = total + (size - 1) / size * np.outer(moved, moved)
    return total


@pytest.mark.parametrize("strata", [1, 3])
def test_the_covariance_is_that_of_leaving_each_unit_out_in_turn(strata):
    x, y, unit, weight = sample()
    stratum = np.arange(len(weight)) % strata
    design = Design(weight, stratum, np.arange(len(weight)), np.full(strata, np.inf))
    fit = left_out(least_squares(x, y, weight=weight[unit]), unit, design)
    assert fit.covariance == pytest.approx(one_by_one(x, y, unit, weight, stratum), rel=1e-9)
    assert fit.df == len(np.unique(unit)) - strata + 1 - 3
    order = np.random.default_rng(2).permutation(len(y))
    again = left_out(least_squares(x[order], y[order], weight=weight[unit][order]), unit[order], design)
    assert again.covariance == pytest.approx(fit.covariance, rel=1e-9)


def test_means_have_the_degrees_of_freedom_of_their_units():
    """Arithmetic: n - 1 of n alike units; of the smaller group alone where the other is very large."""
    x = np.repeat([0.0, 1.0], [4000, 8])
    design = Design(np.ones(4008), np.zeros(4008, np.int64), np.arange(4008), np.array([np.inf]))
    fit = left_out(least_squares(x, np.arange(4008.0) % 7), np.arange(4008), design)
    found = contrast_df(fit, design.psu, np.array([[1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]))
    assert found == pytest.approx([3999, 7, 7], rel=0.01)
    pairs = np.arange(4008) // 2  # two rows of one customer each
    assert contrast_df(fit, pairs, np.array([1.0, 1.0]))[0] == pytest.approx(3)


def test_what_rests_on_a_single_unit_has_no_error():
    x = np.repeat([0.0, 1.0], [9, 1])
    design = Design(np.ones(10), np.zeros(10, np.int64), np.arange(10), np.array([np.inf]))
    assert np.isnan(left_out(least_squares(x, np.arange(10.0)), np.arange(10), design).covariance).all()
