"""Factors of 22 SERVQUAL items against R 4.2.2 (psych 2.2.9, stats::factanal); tolerances of the reference.

Normal data simulated from the correlations of Babakus & Boller (1992), Journal of Business Research 24(3), 253-268.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cxgap.stats.covariance import covariances
from cxgap.stats.extraction import extract, likelihood_ratio
from cxgap.stats.factors import bartlett, eigenvalues, kmo, minimum_partial, parallel_analysis
from cxgap.stats.onefactor import one_factor
from cxgap.stats.reliability import alpha

CASE = Path(__file__).resolve().parents[3] / "shared" / "reference" / "c05_bb1992_efa"
pytestmark = pytest.mark.skipif(not CASE.exists(), reason="the survey may not be copied here and is not beside the project")


@pytest.fixture(scope="module")
def expected() -> dict:
    return json.loads((CASE / "expected.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def x() -> np.ndarray:
    return pd.read_csv(CASE / "input.csv").to_numpy(float)


@pytest.fixture(scope="module")
def r(x) -> np.ndarray:
    return np.corrcoef(x.T)


def test_kmo_bartlett_eigenvalues_and_map(r, expected):
    assert kmo(r).overall == pytest.approx(expected["KMO"], rel=1e-9)
    assert kmo(r).item == pytest.approx(expected["MSAi"], rel=1e-9)
    test = bartlett(r, expected["n"])
    assert (test.chi2, test.df) == pytest.approx((expected["bartlett"]["chisq"], expected["bartlett"]["df"]), rel=1e-9)
    assert test.p_value == expected["bartlett"]["p"]
    assert eigenvalues(r) == pytest.approx(expected["eigenvalues"], rel=1e-9)
    partial = minimum_partial(r, 8)
    assert partial == pytest.approx(expected["velicer_MAP"], rel=1e-9)
    assert int(np.argmin(partial)) + 1 == expected["MAP_n"]


@pytest.mark.parametrize(("kind", "count"), [("components", "n_components"), ("factors", "n_factors")])
def test_parallel_analysis_counts(kind, count, x, expected):
    """The reference of R is random: the counts are compared, and its mean eigenvalues lie below our 95th percentile."""
    found = parallel_analysis(x, of=kind)
    assert found.retained == expected["parallel"][count]
    if kind == "components":
        above = found.reference[:8] - np.array(expected["parallel"]["pc_sim_mean_first8"])
        assert ((above > 0) & (above < 0.1)).all()


@pytest.mark.parametrize("factors", [1, 2, 5])
def test_minres_communalities(factors, r, expected):
    """With five factors the second item is at the bound of uniqueness, .005, as in psych."""
    wanted = expected["minres1"]["communality"] if factors == 1 else expected[f"minres{factors}_communality"]
    found = extract(r, factors)
    assert found.settled
    assert found.communality == pytest.approx(wanted, abs=1e-4)
    assert found.heywood == (factors == 5)
    if factors == 5:
        assert (found.loading**2).sum(axis=0) == pytest.approx(expected["minres5_SS"], abs=1e-4)


def test_one_factor_by_two_roads(r, expected):
    assert one_factor(r) == pytest.approx(expected["minres1"]["loadings"], abs=1e-4)


def test_maximum_likelihood_is_factanals(r, expected):
    found = extract(r, 2, method="ml")
    assert found.uniqueness == pytest.approx(expected["ml2"]["uniquenesses"], abs=1e-4)
    wanted = expected["ml2"]
    assert likelihood_ratio(found, r, expected["n"])[:2] == pytest.approx((wanted["chisq"], wanted["df"]), rel=1e-6)


def test_alpha(x, expected):
    c = covariances(x, np.zeros(len(x), int), 1, np.ones(len(x))).matrix
    assert float(alpha(c)[0]) == pytest.approx(expected["alpha_all22"], rel=1e-9)
