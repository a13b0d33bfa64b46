"""Who left a telephone company: curves, hazards and chances of leaving, against R's survival and glm."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from cxgap.stats.discrimination import auc, brier, calibration
from cxgap.stats.glm import Glm, glm
from cxgap.stats.hazards import Cox, cox, proportional
from cxgap.stats.survival import OPEN, count_times, kaplan_meier, log_log_interval, log_rank, quantile, restricted_mean

HERE = Path(__file__).resolve().parents[3] / "shared" / "reference" / "c14_telco_survival"
pytestmark = pytest.mark.skipif(not HERE.is_dir(), reason="the reference cases are not beside the repository")

CONTRACTS = ("Month-to-month", "One year", "Two year")


@pytest.fixture(scope="module")
def telco() -> pd.DataFrame:
    return pd.read_csv(HERE / "input.csv")


@pytest.fixture(scope="module")
def expected() -> dict[str, Any]:
    return json.loads((HERE / "expected.json").read_text())


def columns(telco: pd.DataFrame) -> np.ndarray:
    support = telco["tech_support"]
    parts = [telco["contract"] == "One year", telco["contract"] == "Two year", telco["monthly_charges"]]
    return np.column_stack([*parts, telco["senior_citizen"], support == "No internet service", support == "Yes"]).astype(float)


def lifetimes(telco: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    return telco["tenure"].to_numpy(float), (telco["churn"] == "Yes").to_numpy()


@pytest.fixture(scope="module")
def efron(telco) -> Cox:
    return cox(columns(telco), *lifetimes(telco))


@pytest.fixture(scope="module")
def chances(telco) -> Glm:
    time, left = lifetimes(telco)
    x = np.column_stack([np.ones(len(time)), time, columns(telco)])
    return glm(x, left.astype(float))


def test_the_data_are_the_ones_that_the_numbers_are_of(telco, expected):
    time, left = lifetimes(telco)
    assert (len(telco), left.sum(), (time == 0).sum()) == (expected["n"], expected["events"], expected["tenure_zero"])


@pytest.mark.parametrize("name", ["overall", *CONTRACTS])
def test_curves_and_quantiles(telco, expected, name):
    """R: survfit(Surv(tenure, churn) ~ 1, conf.type = "log-log") of all and of each contract."""
    whole = name == "overall"
    told = expected["km"]["overall_loglog" if whole else f"loglog_{name}"]
    chosen = np.ones(len(telco), bool) if whole else (telco["contract"] == name).to_numpy()
    time, left = (part[chosen] for part in lifetimes(telco))
    curve = kaplan_meier(count_times(time, left.astype(int)))
    place = np.searchsorted(curve.time, told["times"], side="right") - 1
    assert curve.survival[place] == pytest.approx(told["surv"], rel=1e-12)
    assert curve.std_error[place] == pytest.approx(told["greenwood_se"], rel=1e-11, abs=1e-15)
    at_risk = np.array([(time >= each).sum() for each in told["times"]])
    assert at_risk.tolist() == told["n_risk"]
    low, high = log_log_interval(curve.survival[place], curve.std_error[place], curve.at_risk[place], conf_level=0.95)
    for found, ends in ((low, told["lower"]), (high, told["upper"])):
        known = [each is not None for each in ends]  # R gives none where nobody has left yet
        assert found[known] == pytest.approx([each for each in ends if each is not None], rel=1e-10)
    for number, prob in enumerate((0.1, 0.25, 0.5)):
        found = quantile(curve, prob, conf_level=0.95)
        stated = [told["quantile_10_25_50"][part][number] for part in ("q", "lower", "upper")]
        assert found == pytest.approx([np.nan if each is None else each for each in stated], nan_ok=True)


def test_restricted_means_and_the_log_rank_test(telco, expected):
    """R: summary(survfit(...), rmean = 60) and survdiff."""
    time, left = lifetimes(telco)
    for number, contract in enumerate(CONTRACTS):
        here = (telco["contract"] == contract).to_numpy()
        found = restricted_mean(kaplan_meier(count_times(time[here], left[here].astype(int))), 60.0)
        stated = [expected["rmean60"][part][number] for part in ("rmean", "se")]
        assert found == pytest.approx(stated, rel=1e-12)
    group = telco["contract"].map(CONTRACTS.index).to_numpy()
    chi_square, df, p_value = log_rank(time, np.where(left, 1, OPEN), group)
    assert (chi_square, df) == (pytest.approx(expected["logrank"]["chisq"], rel=1e-12), expected["logrank"]["df"])
    assert p_value == pytest.approx(expected["logrank"]["p"], abs=1e-300)


def test_proportional_hazards_by_efron(telco, expected, efron):
    """R: coxph(..., ties = "efron"), with robust = TRUE, and cox.zph."""
    told = expected["cox_efron"]
    assert efron.coefficients == pytest.approx(list(told["coef"].values()), abs=1e-8)
    assert np.sqrt(np.diag(efron.covariance)) == pytest.approx(list(told["se"].values()), abs=1e-9)
    assert efron.log_likelihood == pytest.approx(told["loglik"], abs=1e-8)
    robust = np.sqrt(np.diag(efron.influence.T @ efron.influence))
    assert robust == pytest.approx(list(expected["cox_efron_robust_se"].values()), abs=1e-9)
    terms = [[0, 1], [2], [3], [4, 5], list(range(6))]
    tests, stated = proportional(columns(telco), *lifetimes(telco), efron, terms), expected["cox_zph_km"]
    assert [each[0] for each in tests] == pytest.approx(stated["chisq"], rel=1e-8)
    assert [each[1] for each in tests] == stated["df"]
    assert [each[2] for each in tests] == pytest.approx(stated["p"], rel=1e-6)


def test_proportional_hazards_by_breslow(telco, expected):
    """R: coxph(..., ties = "breslow")."""
    found, told = cox(columns(telco), *lifetimes(telco), ties="breslow"), expected["cox_breslow"]
    assert found.coefficients == pytest.approx(list(told["coef"].values()), abs=1e-8)
    assert np.sqrt(np.diag(found.covariance)) == pytest.approx(list(told["se"].values()), abs=1e-9)
    assert found.log_likelihood == pytest.approx(told["loglik"], abs=1e-8)


def test_chances_of_leaving(telco, expected, chances):
    """R: glm(binomial); the errors of R stop a step of Newton's method earlier."""
    told, left = expected["logistic"], lifetimes(telco)[1].astype(float)
    assert chances.settled
    assert chances.coefficients == pytest.approx(list(told["coef"].values()), abs=1e-8)
    assert np.sqrt(np.diag(chances.covariance)) == pytest.approx(list(told["se"].values()), rel=2e-5)
    assert chances.deviance == pytest.approx(told["deviance"], rel=1e-12)
    assert auc(chances.fitted, left).value == pytest.approx(told["AUC"], rel=1e-13)
    assert brier(chances.fitted, left) == pytest.approx(told["brier"], rel=1e-11)
    assert calibration(chances.fitted, left) == pytest.approx((0, 1), abs=1e-9)  # a model fits the data that it was fitted to
