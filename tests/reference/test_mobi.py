"""The European satisfaction survey of mobile phones: every number of the guard rails and of the surface."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import cxgap as cx
from cxgap.stats.covariance import covariances
from cxgap.stats.guards import mechanical, prediction, reliability, spread_of
from cxgap.stats.regression import least_squares, nested_test
from cxgap.stats.reliability import alpha
from cxgap.stats.surface import fit_models, hinge_columns, lines_of

DATA = Path(__file__).resolve().parents[3] / "shared" / "reference" / "c17_nps" / "mobi.csv"
pytestmark = pytest.mark.skipif(not DATA.is_file(), reason="the reference cases are not beside the repository")

BATTERIES = {"CUEX": 3, "PERQ": 7, "CUSA": 3, "IMAG": 5, "PERV": 2, "CUSL": 3}


@pytest.fixture(scope="module")
def mobi() -> dict[str, np.ndarray]:
    frame = pd.read_csv(DATA)
    return {name: frame[[f"{name}{item}" for item in range(1, count + 1)]].to_numpy(float) for name, count in BATTERIES.items()}


@pytest.fixture(scope="module")
def scores(mobi) -> dict[str, np.ndarray]:
    return {name: items.mean(axis=1) for name, items in mobi.items()}


def test_the_data_are_the_ones_that_the_numbers_are_of(mobi):
    """Tenenhaus et al. (2005), CSDA 48, 159-205: 250 customers, 1 to 10."""
    assert {items.shape[0] for items in mobi.values()} == {250}
    assert (min(items.min() for items in mobi.values()), max(items.max() for items in mobi.values())) == (1, 10)


def test_levels_and_the_gap(scores):
    """Methods O-2.7, R 4.2.2: means, the gap, its standard deviation, r and t."""
    start, end = scores["CUEX"], scores["PERQ"]
    gap = end - start
    assert (start.mean(), end.mean(), gap.mean()) == pytest.approx((7.5120, 7.7131, 0.20114), abs=5e-5)
    assert gap.std(ddof=1) == pytest.approx(1.20578, abs=5e-6)
    assert gap.mean() / (gap.std(ddof=1) / np.sqrt(250)) == pytest.approx(2.63759, abs=5e-6)


def test_alphas(mobi):
    """Methods O-2.7: raw alphas of six batteries."""
    told = {"CUEX": 0.43260, "PERQ": 0.87241, "CUSA": 0.77011, "IMAG": 0.71445, "PERV": 0.81669, "CUSL": 0.44172}
    one = np.zeros(250, np.int64)
    found = {name: float(alpha(covariances(items, one, 1, np.ones(250)).matrix)[0]) for name, items in mobi.items()}
    assert found == pytest.approx(told, abs=1e-5)


def test_reliability_of_the_gap(mobi, scores):
    """Methods O-2.7: .23374, the strongest single argument for guard rails."""
    moments = spread_of(scores["CUEX"], scores["PERQ"], np.ones(250))
    assert (moments.sd_start**2, moments.sd_end**2) == pytest.approx((1.6029344, 1.6031460), abs=1e-7)
    assert moments.r == pytest.approx(0.5465175, abs=1e-7)
    guard = reliability(moments, 0.4325968, 0.8724064)
    assert (guard.value, guard.verdict) == (pytest.approx(0.23374, abs=1e-5), "warn")
    assert mechanical(moments).value == pytest.approx(-0.47612, abs=1e-5)


def test_prediction_of_satisfaction(scores):
    """Methods O-2.8: R2 of the gap, of perception and of both; the constraint's F; coefficients."""
    start, end, z = (scores[name] for name in ("CUEX", "PERQ", "CUSA"))
    gap, rating = least_squares(end - start, z), least_squares(end, z)
    both = least_squares(np.column_stack([start, end]), z)
    assert (gap.r2, rating.r2, both.r2) == pytest.approx((0.0916625, 0.6206392, 0.6274215), abs=1e-7)
    tested = nested_test(gap, both)
    assert (tested.f, tested.df1, tested.df2) == pytest.approx((355.1802, 1, 247), abs=1e-4)
    assert both.coefficients[1:] == pytest.approx([0.102931, 0.768274], abs=1e-6)
    assert prediction(gap.r2, rating.r2).verdict == "warn"


def test_slopes_above_and_below(scores):
    """Methods O-2.8: .060682 (.115443) above, .623379 (.120843) below, without perception."""
    fit = least_squares(hinge_columns(scores["PERQ"] - scores["CUEX"]), scores["CUSA"])
    assert fit.coefficients[1:] == pytest.approx([0.060682, 0.623379], abs=1e-6)
    assert fit.std_error[1:] == pytest.approx([0.115443, 0.120843], abs=1e-6)


def test_the_surface(scores):
    """Methods O-2.8: the quadratic fit about 5.5, a1 to a5, and the F of its curved terms."""
    fits = fit_models(scores["CUEX"] - 5.5, scores["PERQ"] - 5.5, scores["CUSA"])
    told = [0.0496556, 0.7288606, 0.0209933, -0.0160234, 0.0206925]
    assert fits["quadratic"].coefficients[1:] == pytest.approx(told, abs=1e-7)
    lines = lines_of(fits["quadratic"]).estimate
    assert lines == pytest.approx([0.778516, 0.025662, -0.679205, 0.057709, 0.000301], abs=1e-6)
    tested = nested_test(fits["linear"], fits["quadratic"])
    assert (tested.f, tested.df1, tested.df2) == pytest.approx((0.45419, 3, 244), abs=1e-5)


def test_direct_and_computed_disagree(mobi, scores):
    """Methods 2.6: r(CUSA2, gap) .280, r(CUSA2, perception) .663, from answers."""
    frame = pd.DataFrame(
        {
            "respondent_id": range(250),
            "item": "mean",
            "expectation": scores["CUEX"],
            "perception": scores["PERQ"],
            "satisfaction": scores["CUSA"],
            "fulfilled": mobi["CUSA"][:, 1],
        }
    )
    table = cx.gap_validity(frame, outcome="satisfaction", direct="fulfilled")
    rows = table.frame.set_index("measure")
    assert rows.loc["direct", "r"] == pytest.approx(0.280, abs=5e-4)
    assert rows.loc["direct", "conf_low"] < 0.280 < rows.loc["direct", "conf_high"]
    assert np.corrcoef(mobi["CUSA"][:, 1], scores["PERQ"])[0, 1] == pytest.approx(0.663, abs=5e-4)
    assert rows.loc[["gap", "perceived", "both"], "r2"].to_numpy() == pytest.approx([0.0916625, 0.6206392, 0.6274215], abs=1e-7)
    assert table.title.startswith("The perceived rating alone goes with 62 % of the variance of satisfaction, the gap with 9 %")


def test_the_page_says_read_the_perceived_rating(scores):
    """From answers to words: the plane is chosen, perception is what counts, and nothing is said of a curve."""
    frame = pd.DataFrame(
        {
            "respondent_id": range(250),
            "item": "mean",
            "expectation": scores["CUEX"],
            "perception": scores["PERQ"],
            "satisfaction": scores["CUSA"],
        }
    )
    asked = {"outcome": "satisfaction", "scale": (1, 10)}
    guards = cx.guard_rails(frame, **asked)
    assert set(guards.frame["use"]) == {"read the perceived column"}
    assert guards.frame.set_index("guard").loc[5, "beside"] == pytest.approx(355.1802, abs=1e-4)
    models = cx.surface_models(frame, **asked).frame
    assert set(models.loc[models["chosen"], "model"]) == {"linear"}
    table = cx.response_surface(frame, **asked)
    assert table.title.startswith("Satisfaction goes with what customers perceive (+0.77 for a point of perception)")
    assert not any("further perception and expectation lie apart" in note for note in table.notes)
