"""Reliability of a published survey of kiosks against R 4.2.2 (psych 2.2.9, lavaan 0.6-14); tolerances of the reference."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import ENGINES

import cxgap as cx
from cxgap.gaps.item_analysis import item_analysis
from cxgap.gaps.reliability import reliability
from cxgap.stats.covariance import correlations, covariances
from cxgap.stats.extraction import extract
from cxgap.stats.onefactor import average_variance, composite_reliability, omega_of, omega_of_loadings
from cxgap.stats.reliability import (
    alpha,
    alpha_if_deleted,
    alpha_standardised,
    alpha_std_error,
    average_r,
    difference_reliability,
    difference_reliability_alike,
    feldt,
    item_rest,
    item_total,
    lambda6,
    median_r,
)

HERE = Path(__file__).resolve().parent
CASE = HERE.parents[2] / "shared" / "reference" / "c03_kiosk_reliability"
pytestmark = pytest.mark.skipif(not CASE.exists(), reason="the survey may not be copied here and is not beside the project")

GROUPS = ("usefulness", "tangibles", "control", "economy", "convenience", "security", "all24", "retained20")
BATTERIES = {"expectation": "expectation", "perception": "perception", "gap_items": "gap"}


@pytest.fixture(scope="module")
def expected() -> dict:
    return json.loads((CASE / "expected.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def answers() -> dict[str, dict[str, np.ndarray]]:
    data, items = pd.read_csv(CASE / "input.csv"), pd.read_csv(CASE / "items.csv")
    found = {}
    for group in GROUPS:
        home = items["dimension_final_cfa"]
        chosen = items[(home == group) | (group == "all24") | ((group == "retained20") & ~home.str.startswith("("))]["item"]
        start, end = (data[[f"sq{item:02d}_{side}" for item in chosen]].to_numpy(float) for side in ("exp", "per"))
        found[group] = {"expectation": start, "perception": end, "gap_items": end - start}
    return found


@pytest.fixture(scope="module")
def study() -> object:
    return cx.read_study(HERE / "kiosk.toml")


def matrix(x: np.ndarray) -> np.ndarray:
    return covariances(x, np.zeros(len(x), int), 1, np.ones(len(x))).matrix[0]


@pytest.mark.parametrize("battery", BATTERIES)
@pytest.mark.parametrize("group", GROUPS)
def test_every_statistic_is_as_in_r(group, battery, answers, expected):
    """Of psych::alpha and psych::omega(nfactors = 1). Its "alpha without it" of two items is not an alpha, and not ours."""
    c, wanted = matrix(answers[group][battery]), expected[group][battery]
    n, k = np.array(194), np.array(len(c))
    numbers = {
        "raw_alpha": alpha(c),
        "std_alpha": alpha_standardised(c),
        "G6": lambda6(c),
        "average_r": average_r(c),
        "median_r": median_r(c),
        "alpha_ase": alpha_std_error(c, n),
        "item_rest_r": item_rest(c),
        "item_total_raw_r": item_total(c),
        "feldt_textbook_ci95": feldt(alpha(c), n, k, conf_level=0.95),
        "feldt_psych_ci95": feldt(alpha(c), n, k, conf_level=0.95),
        **({"alpha_if_deleted": alpha_if_deleted(c)} if len(c) > 2 else {}),
    }
    for name, found in numbers.items():
        assert np.array(found) == pytest.approx(np.array(wanted[name]), rel=1e-9), name
    if len(c) > 2:
        assert float(omega_of(c)[0]) == pytest.approx(wanted["omega_total_1f_minres"], abs=1e-4)


@pytest.mark.parametrize("battery", BATTERIES)
@pytest.mark.parametrize("group", [group for group in GROUPS if group != "control"])
def test_one_factor_by_maximum_likelihood_is_as_in_lavaan(group, battery, answers, expected):
    c, wanted = matrix(answers[group][battery]), expected[group][battery]["lavaan_1f_ML"]
    found = extract(correlations(c), 1, method="ml").loading[:, 0]
    assert found == pytest.approx(np.array(wanted["std_loadings"]), abs=1e-4)
    assert float(average_variance(found)) == pytest.approx(wanted["AVE_std"], abs=1e-4)
    assert float(composite_reliability(found)) == pytest.approx(wanted["CR_std"], abs=1e-4)
    # semTools 0.5-6 sets the common variance against the variance observed, in the items' own units
    common = (found @ np.sqrt(np.diag(c))) ** 2
    assert common / c.sum() == pytest.approx(wanted["omega_compRelSEM"], abs=1e-4)


@pytest.mark.parametrize("group", GROUPS)
def test_the_reliability_of_the_gap_is_as_in_r(group, answers, expected):
    start, end = (answers[group][side] for side in ("expectation", "perception"))
    wanted, first, second = expected[group]["difference_score_reliability"], start.mean(axis=1), end.mean(axis=1)
    reliable = float(alpha(matrix(start))), float(alpha(matrix(end)))
    r = np.corrcoef(first, second)[0, 1]
    general = difference_reliability(first.var(ddof=1), second.var(ddof=1), r, *reliable)
    assert float(general) == pytest.approx(wanted["general"], rel=1e-9)
    assert float(difference_reliability_alike(r, *reliable)) == pytest.approx(
        wanted["equal_variance_peter_churchill_brown"], rel=1e-9
    )


def test_the_table_has_rs_numbers(study, expected):
    frame = reliability(study.responses, **study.design, replicates=99).frame.set_index(["dimension", "battery"])
    for group in GROUPS:
        if group == "all24":
            continue
        dimension = "all items" if group == "retained20" else group
        for theirs, ours in BATTERIES.items():
            row, wanted = frame.loc[(dimension, ours)], expected[group][theirs]
            assert (row["n"], row["k"], row["interval"]) == (194, wanted["k"], "Feldt")
            names = {"alpha": "raw_alpha", "alpha_std": "std_alpha", "lambda6": "G6", "r_average": "average_r"}
            for name, of in names.items():
                assert row[name] == pytest.approx(wanted[of], rel=1e-9)
            assert (row["alpha_low"], row["alpha_high"]) == pytest.approx(tuple(wanted["feldt_textbook_ci95"]), rel=1e-9)
            assert row["r_drop_min"] == pytest.approx(min(wanted["item_rest_r"]), rel=1e-9)
            if group == "control":
                assert row["spearman_brown"] == pytest.approx(wanted["std_alpha"], rel=1e-9)
                assert np.isnan(row["omega"])
                continue
            assert row["omega"] == pytest.approx(wanted["omega_total_1f_minres"], abs=1e-4)
            assert row["ave"] == pytest.approx(wanted["lavaan_1f_ML"]["AVE_std"], abs=1e-4)
            assert row["cr"] == pytest.approx(wanted["lavaan_1f_ML"]["CR_std"], abs=1e-4)
        gap = expected[group]["difference_score_reliability"]
        assert frame.loc[(dimension, "gap"), "r_dd"] == pytest.approx(gap["general"], rel=1e-9)
        assert frame.loc[(dimension, "gap"), "r_dd_alike"] == pytest.approx(
            gap["equal_variance_peter_churchill_brown"], rel=1e-9
        )
        assert frame.loc[(dimension, "gap"), "r_between"] == pytest.approx(gap["r_EP"], rel=1e-9)


@pytest.mark.parametrize("engine", ENGINES)
def test_items_have_rs_numbers_on_every_engine(engine, study, expected):
    frame = item_analysis(ENGINES[engine](study.responses), scale=(1, 7)).frame
    for group in GROUPS[:6]:
        for theirs, ours in BATTERIES.items():
            rows = frame[(frame["dimension"] == group) & (frame["battery"] == ours)]
            assert rows["r_drop"].to_numpy() == pytest.approx(expected[group][theirs]["item_rest_r"], rel=1e-9)
            if group != "control":
                assert rows["alpha_if_deleted"].to_numpy() == pytest.approx(
                    expected[group][theirs]["alpha_if_deleted"], rel=1e-9
                )


def test_loadings_in_own_units_give_omega_as_lavaan_implies_it(answers, expected):
    """With three items the model fits exactly, so that implied and observed variance are one."""
    for battery in BATTERIES:
        c = matrix(answers["security"][battery])
        loading, spread = omega_of(c)[1], np.sqrt(np.diag(c))
        found = omega_of_loadings(loading * spread, (1 - loading**2) * spread**2)
        assert float(found) == pytest.approx(expected["security"][battery]["lavaan_1f_ML"]["omega_compRelSEM"], abs=1e-4)
