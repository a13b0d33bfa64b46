"""Least squares against certified values, R and the laws of weights, rows and designs."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxgap.stats.means import Design, design_means
from cxgap.stats.regression import combined, hc3, least_squares, linearised, nested_test, wald_test
from cxgap.stats.weighting import Margin, calibrated, rake

KIOSK = Path(__file__).resolve().parents[3] / "shared" / "reference" / "c10_drivers_kiosk"
# Longley (1967), JASA 62, 819-841: certified by NIST's Statistical Reference Datasets.
LONGLEY = [
    -3482258.63459582, 15.0618722713733, -0.358191792925910e-01, -2.02022980381683, -1.03322686717359,
    -0.511041056535807e-01, 1829.15146461355,
]  # fmt: skip
LONGLEY_ERRORS = [
    890420.383607373, 84.9149257747669, 0.334910077722432e-01, 0.488399681651699, 0.214274163161675,
    0.226073200069370, 455.478499142212,
]  # fmt: skip


def digits(value: np.ndarray, certified: object) -> float:
    """Correct digits of the worst value: the log relative error."""
    return float(-np.log10(np.max(np.abs(value - certified) / np.abs(certified)) + 1e-16))


def sample(seed: int, rows: int = 60) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    x = random.normal(size=(rows, 2))
    y = 1 + x @ [0.5, -2.0] + random.normal(size=rows) * (1 + np.abs(x[:, 0]))
    return x, y, random.uniform(0.2, 3.0, rows)


def test_longley_to_ten_digits():
    """NIST StRD, higher difficulty: certified coefficients, errors and R2."""
    data = pytest.importorskip("statsmodels.datasets.longley").load_pandas()
    fit = least_squares(data.exog.to_numpy(float), data.endog.to_numpy(float))
    assert digits(fit.coefficients, np.array(LONGLEY)) > 10
    assert digits(fit.std_error, np.array(LONGLEY_ERRORS)) > 10
    assert fit.r2 == pytest.approx(0.995479004577296, rel=1e-13)


@pytest.mark.parametrize(("base", "least"), [(1.0, 9.0), (0.1, 9.0)])
def test_wampler_polynomials_to_nine_digits(base, least):
    """Wampler (1970), JASA 65, 549-565, problems 1 and 2: exact by formula; normal equations reach 6 digits."""
    x = np.arange(21.0)
    exact = base ** np.arange(6)
    fit = least_squares(np.column_stack([x**k for k in range(1, 6)]), sum(c * x**k for k, c in enumerate(exact)))
    assert digits(fit.coefficients, exact) > least
    assert fit.r2 == pytest.approx(1, abs=1e-12)


def test_classical_numbers_of_one_column_by_hand():
    """Arithmetic of a line through twelve points; AIC and BIC count the variance as a parameter, as R's do."""
    wt = np.array([2.620, 2.875, 2.320, 3.215, 3.440, 3.460, 3.570, 3.190, 3.150, 3.440, 3.440, 4.070])
    mpg = np.array([21.0, 21.0, 22.8, 21.4, 18.7, 18.1, 14.3, 24.4, 22.8, 19.2, 17.8, 16.4])
    fit = least_squares(wt, mpg)
    off, rest = wt - wt.mean(), mpg - mpg.mean()
    slope = off @ rest / (off @ off)
    squares = rest @ rest - slope**2 * (off @ off)
    assert fit.coefficients == pytest.approx([mpg.mean() - slope * wt.mean(), slope])
    assert fit.std_error[1] == pytest.approx(np.sqrt(squares / 10 / (off @ off)))
    likelihood = -6 * (np.log(2 * np.pi) + np.log(squares / 12) + 1)
    assert (fit.aic, fit.bic) == pytest.approx((6 - 2 * likelihood, 3 * np.log(12) - 2 * likelihood))
    assert fit.adj_r2 == pytest.approx(1 - (1 - fit.r2) * 11 / 10)


def test_hc3_is_the_jackknife_of_pulled_residuals():
    """MacKinnon & White (1985): sum of outer products of what leaving a row out changes, up to its mean."""
    x, y, _ = sample(3)
    fit = least_squares(x, y)
    left_out = [fit.coefficients - least_squares(np.delete(x, i, 0), np.delete(y, i)).coefficients for i in range(len(y))]
    assert hc3(fit).covariance == pytest.approx(np.array(left_out).T @ np.array(left_out), rel=1e-9)


def test_a_regression_on_a_constant_has_the_design_based_error_of_the_mean():
    """Binder (1983): a mean is a regression without columns, so both estimators agree on any design."""
    random = np.random.default_rng(11)
    _, y, weight = sample(11)
    stratum = np.repeat([0, 1, 2], 20)
    psu = stratum * 5 + random.integers(0, 5, 60)
    psu = np.unique(psu, return_inverse=True)[1]
    design = Design(weight, stratum, psu, np.array([40.0, 60.0, np.inf]))
    respondent = np.arange(60)
    fit = linearised(least_squares(np.empty((60, 0)), y, weight=weight), respondent, design)
    mean = design_means(y, np.zeros(60, np.int64), 1, respondent, design)
    assert fit.coefficients == pytest.approx(mean.mean)
    assert fit.std_error == pytest.approx(mean.std_error)
    assert fit.df == mean.df[0]


def test_a_domain_keeps_the_units_that_it_does_not_meet():
    """Lumley (2004), JSS 9(8): of a domain, the errors by group indicators and by rows of the group alone are the same."""
    _, y, weight = sample(5)
    design = Design(weight, np.zeros(60, np.int64), np.arange(60) // 4, np.array([np.inf]))
    group = np.arange(60) % 2
    both = linearised(least_squares(group, y, weight=weight), np.arange(60), design)
    part = np.flatnonzero(group == 0)
    alone = linearised(least_squares(np.empty((30, 0)), y[part], weight=weight[part]), part, design)
    assert both.std_error[0] == pytest.approx(alone.std_error[0])


def test_visits_of_one_respondent_are_one_unit():
    """Arithmetic: everybody twice with the same answer is as sure as everybody once."""
    x, y, _ = sample(7)
    design = Design(np.ones(60), np.zeros(60, np.int64), np.arange(60), np.array([np.inf]))
    once = linearised(least_squares(x, y), np.arange(60), design)
    twice = linearised(least_squares(np.repeat(x, 2, 0), np.repeat(y, 2)), np.repeat(np.arange(60), 2), design)
    assert twice.covariance == pytest.approx(once.covariance)
    assert (once.df, twice.df) == (57, 57)


def test_wald_of_the_classical_covariance_is_the_f_test_of_nested_fits():
    """Theil (1971): for least squares the two are one number."""
    x, y, _ = sample(9)
    fit, none = least_squares(x, y), least_squares(np.empty((60, 0)), y)
    assert wald_test(fit, np.eye(3)[1:]) == pytest.approx(nested_test(none, fit))


@given(order=st.permutations(range(12)), factor=st.floats(0.001, 1000))
def test_rows_may_come_in_any_order_and_weights_in_any_unit(order, factor):
    x, y, weight = sample(1, 12)
    one, other = least_squares(x, y, weight=weight), least_squares(x[order], y[order], weight=weight[order] * factor)
    for name in ("coefficients", "std_error", "r2", "aic"):
        assert getattr(other, name) == pytest.approx(getattr(one, name), rel=1e-8, abs=1e-9)
    assert hc3(other).covariance == pytest.approx(hc3(one).covariance, rel=1e-8)


def test_a_row_of_weight_zero_is_not_there():
    x, y, weight = sample(2)
    weight[:5] = 0
    one, other = least_squares(x, y, weight=weight), least_squares(x[5:], y[5:], weight=weight[5:])
    assert one.n == 55
    assert one.covariance == pytest.approx(other.covariance)
    assert (one.aic, one.r2) == pytest.approx((other.aic, other.r2))


def test_collinear_columns_are_named_and_nothing_is_raised():
    x, y, _ = sample(4)
    fit = least_squares(np.column_stack([x, x.sum(axis=1), np.full(60, 3.0)]), y)
    assert fit.collinear == (2, 3)
    assert np.isnan(fit.coefficients).all()
    assert np.isnan(combined(fit, np.eye(5))[1]).all()
    assert np.isnan(wald_test(fit, np.eye(5)[1:]).p_value)
    assert np.isnan(hc3(fit).std_error).all()


@pytest.mark.parametrize("rows", [0, 1, 2, 3])
def test_too_few_rows_have_no_error(rows):
    """Methods 0.5: small data never raise; as many rows as coefficients fit exactly, with no degrees of freedom."""
    x, y, _ = sample(6)
    fit = least_squares(x[:rows], y[:rows])
    assert np.isnan(fit.df)
    assert np.isnan(fit.std_error).all()
    assert np.isfinite(fit.coefficients).all() == (rows == 3)


def test_an_outcome_that_does_not_vary_has_no_share_to_explain():
    x, _, _ = sample(8)
    assert np.isnan(least_squares(x, np.full(60, 0.1)).r2)


@pytest.mark.skipif(not KIOSK.is_dir(), reason="the reference cases are not beside the repository")
@pytest.mark.parametrize(
    ("case", "outcome", "kind"),
    [
        ("perception_to_satisfaction", "overall_satisfaction", "per"),
        ("gap_to_satisfaction", "overall_satisfaction", "gap"),
        ("perception_to_recommend", "recommend_intention", "per"),
    ],
)
def test_regressions_of_the_kiosk_study(case, outcome, kind):
    """R 4.2.2, summary(lm()) on the reference case c10: coefficients, errors, R2 and the overall F."""
    expected = json.loads((KIOSK / "expected.json").read_text())[case]
    frame = pd.read_csv(KIOSK / "derived.csv")
    names = [name for name in expected["coef"] if name != "(Intercept)"]
    x, y = frame[[f"{name}_{kind}" for name in names]].to_numpy(float), frame[outcome].to_numpy(float)
    fit = least_squares(x, y)
    assert fit.coefficients == pytest.approx(list(expected["coef"].values()), rel=1e-10)
    assert fit.std_error == pytest.approx(list(expected["se"].values()), rel=1e-10)
    assert (fit.r2, fit.adj_r2) == pytest.approx((expected["R2"], expected["adjR2"]), rel=1e-10)
    tested = nested_test(least_squares(np.empty((len(y), 0)), y), fit)
    assert (tested.f, tested.df1, tested.df2) == pytest.approx(tuple(expected["F"]), rel=1e-10)


@pytest.mark.parametrize("margins", [1, 2])
def test_raked_weights_spare_the_error_that_margins_take_away(margins):
    """Deville & Sarndal (1992): a mean by regression on a constant has the error of `design_means` with the same margins."""
    random = np.random.default_rng(12)
    y, weight = random.normal(size=60), random.uniform(0.5, 2, 60)
    columns = [random.integers(0, 3, 60), random.integers(0, 2, 60)][:margins]
    known = [Margin(codes, np.full(codes.max() + 1, 600.0 / (codes.max() + 1))) for codes in columns]
    raked = rake(weight, known).weight
    design = Design(raked, np.zeros(60, np.int64), np.arange(60), np.array([np.inf]), calibrated(weight, known))
    fit = linearised(least_squares(np.empty((60, 0)), y, weight=raked), np.arange(60), design)
    mean = design_means(y, np.zeros(60, np.int64), 1, np.arange(60), design)
    assert fit.coefficients == pytest.approx(mean.mean)
    assert fit.std_error == pytest.approx(mean.std_error)
    part = linearised(least_squares(columns[0] == 0, y, weight=raked), np.arange(60), design)
    cell = (columns[0] != 0).astype(np.int64)
    assert part.std_error[0] == pytest.approx(design_means(y, cell, 2, np.arange(60), design).std_error[1])
