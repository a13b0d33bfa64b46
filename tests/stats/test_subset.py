"""How far a mean moves when some are left out: against linearised scores by hand, and against drawing the sample again."""

from __future__ import annotations

import numpy as np
import pytest

from cxgap.stats.means import Design, design_means
from cxgap.stats.subset import leave_out


def sample(seed: int, people: int = 400) -> tuple[np.ndarray, np.ndarray, Design]:
    random = np.random.default_rng(seed)
    y, stratum = random.normal(-0.4, 1, people), random.integers(0, 2, people)
    weight = random.choice([0.5, 1, 2], people)
    design = Design(weight, stratum, stratum * 40 + random.integers(0, 40, people), np.array([np.inf, np.inf]))
    units = np.unique(design.psu, return_inverse=True)[1]
    return y, random.random(people) < 0.9, design._replace(psu=units)


def test_the_error_of_the_difference_is_that_of_drawing_the_same_people_again():
    """Efron & Tibshirani (1993), chapter 6: the standard deviation over samples drawn with replacement, within 8 %."""
    y, keep, design = sample(1)
    found = leave_out(y, keep, np.arange(400), design, designed=False)
    random, moved = np.random.default_rng(0), []
    for _ in range(2000):
        drawn = random.integers(0, 400, 400)
        moved.append(y[drawn][keep[drawn]].mean() - y[drawn].mean())
    assert found.difference.mean[0] == pytest.approx(y[keep].mean() - y.mean())
    assert found.difference.std_error[0] == pytest.approx(np.std(moved), rel=0.08)
    # Two means of nearly the same people: far less uncertain than as if they were of different ones.
    apart = np.hypot(found.everybody.std_error[0], found.kept.std_error[0])
    assert found.difference.std_error[0] < apart / 3


def test_with_a_design_it_is_the_variance_of_totals_of_linearised_scores():
    """Binder (1983): by hand, the between-unit variance of the units' totals in each stratum."""
    y, keep, design = sample(2)
    found = leave_out(y, keep, np.arange(400), design, designed=True)
    w = design.weight
    everybody, kept = np.average(y, weights=w), np.average(y[keep], weights=w[keep])
    z = keep * w * (y - kept) / w[keep].sum() - w * (y - everybody) / w.sum()
    variance = 0.0
    for stratum in (0, 1):
        units = np.unique(design.psu[design.stratum == stratum])
        totals = np.array([z[design.psu == unit].sum() for unit in units])
        variance += len(units) / (len(units) - 1) * ((totals - totals.mean()) ** 2).sum()
    assert found.difference.mean[0] == pytest.approx(kept - everybody)
    assert found.difference.std_error[0] == pytest.approx(variance**0.5, rel=1e-9)
    alone = design_means(y[keep], np.zeros(keep.sum(), int), 1, np.flatnonzero(keep), design)
    assert (found.kept.mean[0], found.kept.std_error[0]) == (alone.mean[0], alone.std_error[0])


def test_leaving_nobody_out_moves_nothing_and_leaving_all_out_is_not_known():
    y, _, design = sample(3, people=20)
    none = leave_out(y, np.ones(20, bool), np.arange(20), design, designed=False).difference
    assert (none.mean[0], none.std_error[0]) == (0, 0)
    gone = leave_out(y, np.zeros(20, bool), np.arange(20), design, designed=False)
    assert np.isnan([gone.kept.mean[0], gone.difference.mean[0], gone.difference.std_error[0]]).all()
