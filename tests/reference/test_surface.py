"""Response surfaces of the RSA package's own data (reference case c13), from the answers to the page."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import cxgap as cx
from cxgap.stats.regression import hc3, nested_test
from cxgap.stats.surface import AXES, LINES, axes_of, fit_models, lines_of

CASE = Path(__file__).resolve().parents[3] / "shared" / "reference" / "c13_rsa_motcon"
pytestmark = pytest.mark.skipif(not CASE.is_dir(), reason="the reference cases are not beside the repository")

NAMES = {
    "perceived": "only_perception",
    "linear": "additive",
    "difference": "difference",
    "absolute difference": "abs_diff",
    "squared difference": "squared_diff",
    "quadratic": "full",
}


@pytest.fixture(scope="module")
def expected() -> dict:
    return json.loads((CASE / "expected.json").read_text())


@pytest.fixture(scope="module")
def data() -> pd.DataFrame:
    return pd.read_csv(CASE / "derived_xyz.csv")


@pytest.fixture(scope="module")
def fits(data) -> dict:
    return fit_models(*(data[name].to_numpy(float) for name in "xyz"))


@pytest.fixture(scope="module")
def answers(data) -> pd.DataFrame:
    """The data as a survey of one item; 0 is the midpoint of the scale."""
    names = {"x": "expectation", "y": "perception", "z": "outcome"}
    return data.rename(columns=names).assign(respondent_id=range(len(data)), item="power")


def test_ordinary_least_squares(fits, expected):
    """R 4.2.2, lm."""
    fit, ols = fits["quadratic"], expected["ols"]
    assert fit.coefficients == pytest.approx(list(ols["coef"].values()), rel=1e-10)
    assert fit.std_error == pytest.approx(list(ols["se"].values()), rel=1e-10)
    assert fit.r2 == pytest.approx(ols["R2"], rel=1e-10)


@pytest.mark.parametrize(("errors", "case"), [(lambda fit: fit, "surface"), (hc3, "surface_HC3")])
def test_lines_with_classical_and_robust_errors(fits, expected, errors, case):
    """R 4.2.2, the delta method on vcov and on sandwich::vcovHC(type = "HC3")."""
    lines = lines_of(errors(fits["quadratic"]))
    assert lines.estimate == pytest.approx([expected["ols"][case]["est"][name] for name in LINES], rel=1e-10)
    assert lines.std_error == pytest.approx([expected["ols"][case]["se"][name] for name in LINES], rel=1e-10)


def test_stationary_point_and_axes(fits, expected):
    """R 4.2.2, the formulas of Edwards & Parry (1993)."""
    found = dict(zip(AXES, axes_of(fits["quadratic"].coefficients), strict=True))
    assert found == pytest.approx({name.lower(): value for name, value in expected["ols"]["stationary"].items()}, rel=1e-9)


@pytest.mark.parametrize("estimator", ["RSA_ML", "RSA_MLR"])
def test_the_estimates_of_the_package_itself(fits, expected, estimator):
    """RSA 0.10.6 by lavaan, whose optimiser stops at about 1e-6."""
    found = {name: value["est"] for name, value in expected[estimator].items()}
    coefficients = dict(zip(("b1", "b2", "b3", "b4", "b5"), fits["quadratic"].coefficients[1:], strict=True))
    lines = dict(zip(LINES, lines_of(fits["quadratic"]).estimate, strict=True))
    axes = dict(zip(("X0", "Y0", "p10", "p11", "p20", "p21"), axes_of(fits["quadratic"].coefficients), strict=True))
    assert coefficients | lines | axes == pytest.approx(found, rel=2e-6)


def test_models_and_their_order(fits, expected):
    """R 4.2.2: summary, AIC and BIC of lm; anova for the two F tests."""
    for name, case in NAMES.items():
        numbers = fits[name].r2, fits[name].adj_r2, fits[name].aic, fits[name].bic
        assert numbers == pytest.approx(tuple(expected["model_comparison_ols"][case].values()), rel=1e-10)
    for small, large, case in (
        ("difference", "linear", "edwards_test_difference_vs_additive"),
        ("linear", "quadratic", "test_quadratic_terms"),
    ):
        assert tuple(nested_test(fits[small], fits[large])) == pytest.approx(tuple(expected[case].values()), rel=1e-10)


def test_the_same_numbers_from_answers(answers, expected):
    """The public functions, whose errors of independent visits are HC3's; 84 respondents are too few to read in words."""
    table = cx.response_surface(answers, outcome="outcome", scale=(-4, 4))
    frame = table.frame.set_index("term")
    lines = expected["ols"]["surface_HC3"]
    assert frame.loc[list(LINES), "estimate"].to_numpy() == pytest.approx(list(lines["est"].values()), rel=1e-9)
    assert frame.loc[list(LINES), "std_error"].to_numpy() == pytest.approx(list(lines["se"].values()), rel=1e-9)
    assert (frame.loc[list(LINES), "df"] == 78).all()
    assert set(frame["flags"]) == {"FEW_RESPONDENTS|NO_AXIS"}
    assert np.isnan(frame.loc[list(AXES), "conf_low"]).all()
    assert "cannot be told" in table.title

    models = cx.surface_models(answers, outcome="outcome", scale=(-4, 4)).frame
    for name, case in NAMES.items():
        row = models[models["model"] == name].iloc[0]
        values = expected["model_comparison_ols"][case]
        assert (row["r2"], row["adj_r2"], row["aic"], row["bic"]) == pytest.approx(tuple(values.values()), rel=1e-9)
    linear = models[models["model"] == "linear"].iloc[0]
    assert (linear["f"], linear["p_test"]) == pytest.approx((8.73109532431287, 0.00409492228476984), rel=1e-9)
    assert models[models["chosen"]]["model"].unique() == ["linear"]
