"""Cohen's kappa: a textbook's table, and the laws."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxgap.stats.kappa import cohens_kappa

DIAGNOSES = np.array([[75, 1, 4], [5, 4, 1], [0, 0, 10.0]])


def test_two_raters_of_a_hundred_diagnoses():
    """The table of Fleiss, Levin & Paik (2003), Statistical Methods for Rates and Proportions, chapter 18: kappa .68.

    Its interval is that of statsmodels' `cohens_kappa`, which has the error of Fleiss, Cohen & Everitt (1969).
    """
    found = cohens_kappa(DIAGNOSES, conf_level=0.95)
    assert (found.n, found.agreed, found.kappa) == pytest.approx((100, 0.89, 0.6764706), abs=1e-6)
    assert (found.std_error, found.low, found.high) == pytest.approx((0.0877, 0.5046, 0.8484), abs=5e-5)


def test_its_error_is_that_of_drawing_the_table_again():
    random = np.random.default_rng(1)
    drawn = [cohens_kappa(random.multinomial(400, DIAGNOSES.ravel() / 100).reshape(3, 3), conf_level=0.95) for _ in range(1500)]
    wanted = cohens_kappa(4 * DIAGNOSES, conf_level=0.95).std_error
    assert np.std([one.kappa for one in drawn]) == pytest.approx(wanted, rel=0.08)


@settings(deadline=None)
@given(st.lists(st.integers(0, 40), min_size=9, max_size=9).filter(lambda cells: sum(cells) > 5))
def test_order_of_codes_and_of_raters_changes_nothing(cells):
    table = np.array(cells, float).reshape(3, 3)
    found = cohens_kappa(table, conf_level=0.95)
    for other in (table.T, table[::-1, ::-1]):
        assert cohens_kappa(other, conf_level=0.95) == pytest.approx(found, nan_ok=True, abs=1e-9)


def test_full_agreement_none_and_nothing_to_agree_on():
    assert cohens_kappa(np.diag([30.0, 20.0]), conf_level=0.95).kappa == pytest.approx(1)
    assert cohens_kappa(np.outer([30.0, 20.0], [10.0, 40.0]), conf_level=0.95).kappa == pytest.approx(0, abs=1e-12)
    assert np.isnan(cohens_kappa(np.array([[50.0]]), conf_level=0.95).kappa)
    assert np.isnan(cohens_kappa(np.zeros((2, 2)), conf_level=0.95).agreed)
