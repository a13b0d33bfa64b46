"""Net promoter scores by the R package NPS 1.1 (script and output in the reference), scored here the same."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import ENGINES

from cxgap.gaps.disconfirmation import direct_disconfirmation
from cxgap.gaps.loyalty import nps
from cxgap.gaps.loyalty_differences import nps_differences
from cxgap.stats.loyalty import adjusted_wald, wald

CASE = Path(__file__).resolve().parents[3] / "shared" / "reference" / "c17_nps"
pytestmark = pytest.mark.skipif(not CASE.exists(), reason="R's numbers are not beside the project")


@pytest.fixture(scope="module")
def survey() -> pd.DataFrame:
    frame = pd.read_csv(CASE / "input.csv").rename(columns={"REC": "recommend"})
    times = pd.to_datetime(frame["date"])
    quarter = times.dt.year.astype(str) + "Q" + times.dt.quarter.astype(str)
    return frame.assign(respondent_id=range(len(frame)), quarter=quarter)[
        ["respondent_id", "recommend", "Region", "BU", "quarter"]
    ]


@pytest.fixture(scope="module")
def r() -> dict:
    return json.loads((CASE / "expected.json").read_text(encoding="utf-8"))


def same(row: pd.Series, expected: dict) -> None:
    n = expected["n"]
    assert row["n"] == n
    counts = [expected[name] / n for name in ("promoters", "passives", "detractors")]
    assert row[["promoters", "passives", "detractors"]].tolist() == pytest.approx(counts, rel=1e-13)
    assert row["estimate"] / 100 == pytest.approx(expected["nps"], rel=1e-12)
    assert row["std_error"] / 100 == pytest.approx(expected["nps_se"], rel=1e-12)
    variance = n * (row["std_error"] / 100) ** 2
    assert variance == pytest.approx(expected["nps_var"], rel=1e-12)
    assert np.ravel(wald(row["estimate"] / 100, variance, n, conf_level=0.95)) == pytest.approx(
        expected["ci95_normal"], rel=1e-12
    )
    adjusted = adjusted_wald(row["estimate"] / 100, variance, n, conf_level=0.95)
    assert [row["conf_low"] / 100, row["conf_high"] / 100] == pytest.approx(np.ravel(adjusted), rel=1e-12)


@pytest.mark.parametrize("engine", ENGINES)
def test_all_regions_and_units_have_the_packages_scores_and_errors(survey, r, engine):
    frame = ENGINES[engine](survey)
    same(nps(frame).frame.iloc[0], r["testdata_all"])
    for by, name in (("Region", "by_region"), ("BU", "by_BU")):
        found = nps(frame, by=by).frame
        assert found[by].tolist() == sorted(r[name])
        for _, row in found.iterrows():
            same(row, r[name][row[by]])


def test_quarters_have_the_packages_scores(survey, r):
    found = nps(survey, by="quarter").frame
    assert found["quarter"].tolist() == r["quarter"]["q"]
    assert found["n"].tolist() == r["quarter"]["n"]
    assert (found["estimate"] / 100).tolist() == pytest.approx(r["quarter"]["nps"], rel=1e-12)


def test_pairs_of_regions_have_the_packages_wald_tests(survey, r):
    """The package gives the difference without its sign."""
    found = nps_differences(survey, between="Region").frame
    assert len(found) == len(r["nps_test_wald"]) == 6
    for _, row in found.iterrows():
        expected = r["nps_test_wald"][f"{row['first']}_vs_{row['second']}"]
        assert (row["n_first"], row["n_second"]) == (expected["n.x"], expected["n.y"])
        assert row["estimate"] / 100 == pytest.approx(expected["nps.y"] - expected["nps.x"], rel=1e-12)
        assert abs(row["estimate"]) / 100 == pytest.approx(expected["delta"], rel=1e-12)
        assert row["std_error"] / 100 == pytest.approx(expected["se.hat"], rel=1e-12)
        assert row["p_value"] == pytest.approx(expected["p.value"], rel=1e-11)
        ends = np.sort(np.sign(row["estimate"]) * np.array([row["conf_low"], row["conf_high"]]) / 100)
        assert ends == pytest.approx(expected["int"], rel=1e-10, abs=1e-13)


def test_scores_of_a_scale_from_one_to_ten(r):
    mobi = pd.read_csv(CASE / "mobi.csv")
    frame = pd.DataFrame({"respondent_id": range(len(mobi)), "recommend": mobi["CUSL3"]})
    same(nps(frame).frame.iloc[0], r["mobi_CUSL3_1to10"])


def test_what_customers_state_goes_with_perception_more_than_with_the_gap():
    """Methods 2.6, in R: fulfilment of expectations correlates .280 with the gap and .663 with perception alone."""
    mobi = pd.read_csv(CASE / "mobi.csv")
    frame = pd.DataFrame(
        {
            "respondent_id": range(len(mobi)),
            "expectation": mobi.filter(like="CUEX").mean(axis=1),
            "perception": mobi.filter(like="PERQ").mean(axis=1),
            "stated": mobi["CUSA2"],
        }
    )
    row = direct_disconfirmation(frame, outcome="stated", low=1, high=10).frame.iloc[0]
    assert (row["r_gap"], row["r_perception"]) == pytest.approx((0.280, 0.663), abs=5e-4)
