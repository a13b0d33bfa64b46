"""California schools by R's survey package: everything of it that cxgap offers, through arrays and through gaps.

Not offered: regression (svyglm), and a second stage of sampling as a keyword of gap functions (it is in the arrays).
"""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import scipy

import cxgap as cx
from cxgap.gaps.differences import gap_differences
from cxgap.gaps.raking import raking
from cxgap.stats.linear import contrasts, design_effects, ratios, totals
from cxgap.stats.means import Design, Stage, design_means, t_interval, t_p_value
from cxgap.stats.quantiles import quantiles
from cxgap.stats.weighting import Margin, calibrated, rake

API = Path(__file__).resolve().parents[3] / "shared" / "reference" / "c07_survey_api"
pytestmark = pytest.mark.skipif(not API.exists(), reason="R's api data may not be copied here and are not beside the project")

NEW = tuple(map(int, scipy.__version__.split(".")[:2])) >= (1, 14)  # before, its t quantile has eight digits
EXACT = 1e-9
FILES = {"stratified": "apistrat", "weights": "apistrat", "cluster1": "apiclus1", "cluster2": "apiclus2"}
CASES = ["stratified_fpc", "stratified_nofpc", "weights_only", "cluster1_fpc", "cluster1_nofpc", "cluster2_fpc"]
STYPE = {"E": 4421, "H": 755, "M": 1018}
WIDE = {"No": 1072, "Yes": 5122}


def schools(case: str) -> pd.DataFrame:
    with (API / f"{FILES[case.split('_')[0]]}.csv").open(encoding="utf-8") as lines:
        frame = pd.DataFrame(list(csv.DictReader(lines)))
    numbers = [name for name in ("api00", "api99", "pw", "fpc", "fpc1", "fpc2", "enroll", "api.stu") if name in frame]
    frame[numbers] = frame[numbers].apply(pd.to_numeric, errors="coerce")
    return frame.assign(gap=frame["api00"] - frame["api99"])


def design(case: str, frame: pd.DataFrame) -> Design:
    """Describe the sample as script.R does."""
    people, fpc = len(frame), case.endswith("_fpc")
    nobody, own = np.zeros(people, int), np.arange(people)
    weight = frame["pw"].to_numpy(float)
    if case.startswith("stratified"):
        stratum = np.unique(frame["stype"], return_inverse=True)[1]
        sizes = frame.groupby("stype")["fpc"].first().to_numpy() if fpc else np.full(3, np.inf)
        return Design(weight, stratum, own, sizes)
    if case == "weights_only":
        return Design(weight, nobody, own, np.array([np.inf]))
    unit = np.unique(frame["dnum"], return_inverse=True)[1]
    if case.startswith("cluster1"):
        return Design(weight, nobody, unit, np.array([frame["fpc"][0] if fpc else np.inf]))
    drawn, inside = frame["fpc1"][0] / (unit.max() + 1), np.bincount(unit)[unit]
    within = np.zeros(unit.max() + 1)
    within[unit] = frame["fpc2"]
    weight = drawn * frame["fpc2"].to_numpy() / inside
    return Design(weight, nobody, unit, np.array([frame["fpc1"][0]]), within=Stage(own, within))


def answers(frame: pd.DataFrame) -> pd.DataFrame:
    """Make each school a respondent who expected last year's score and got this year's."""
    texts = {"stype": frame["stype"], "wide": frame["sch.wide"], "dnum": frame["dnum"].astype(str)}
    numbers = {"expectation": frame["api99"], "perception": frame["api00"], "pw": frame["pw"], "fpc": frame["fpc"]}
    return pd.DataFrame({"respondent_id": frame["cds"], **texts, **numbers})


@pytest.fixture(scope="module")
def expected() -> dict:
    return json.loads((API / "expected.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", ["api00", "api99", "gap"])
def test_means(case, name, expected):
    """R survey 4.1.1: svymean with deff = TRUE, degf, and confint with these degrees of freedom."""
    frame, wanted = schools(case), expected[case]
    sample, one, own = design(case, frame), np.zeros(len(frame), int), np.arange(len(frame))
    y = frame[name].to_numpy(float)
    found = design_means(y, one, 1, own, sample)
    assert found.mean[0] == pytest.approx(wanted["mean"][name], rel=EXACT)
    assert found.std_error[0] == pytest.approx(wanted["se"][name], rel=EXACT)
    assert found.df[0] == wanted["degf"]
    assert design_effects(y, one, 1, own, sample)[0] == pytest.approx(wanted["deff"][name], rel=EXACT)
    low, high = t_interval(found.mean, found.std_error, found.df, conf_level=0.95)
    assert (low[0], high[0]) == pytest.approx(tuple(wanted["ci95_t_degf"][name].values()), rel=EXACT if NEW else 1e-8)


@pytest.mark.parametrize("case", CASES)
def test_totals_and_ratios(case, expected):
    """R survey 4.1.1: svytotal(~enroll) and svyratio(~api.stu, ~enroll), without the schools that lack one."""
    frame, wanted = schools(case), expected[case]
    sample = design(case, frame)
    own = np.flatnonzero(frame["enroll"].notna() & frame["api.stu"].notna())
    one, pupils, tested = np.zeros(len(own), int), *(frame[name].to_numpy(float)[own] for name in ("enroll", "api.stu"))
    total, ratio = totals(pupils, one, 1, own, sample), ratios(tested, pupils, one, 1, own, sample)
    assert total.estimate[0] == pytest.approx(wanted["total_enroll"], rel=EXACT)
    assert total.std_error[0] == pytest.approx(wanted["total_enroll_se"], rel=EXACT)
    assert ratio.estimate[0] == pytest.approx(wanted["ratio_apistu_enroll"], rel=EXACT)
    assert ratio.std_error[0] == pytest.approx(wanted["ratio_se"], rel=EXACT)


def test_domains(expected):
    """R survey 4.1.1: svyby(~gap, ~stype, svymean), where types are strata and where they cut across districts."""
    for case, by, drawn in (
        ("stratified", "by_stype_stratified", {"stratum": "stype", "population": "fpc"}),
        ("cluster1", "by_stype_cluster1", {"psu": "dnum", "population": "fpc"}),
    ):
        gaps = cx.customer_gap(answers(schools(case)), by="stype", weight="pw", **drawn).frame
        assert gaps["stype"].tolist() == [row["stype"] for row in expected[by]]
        assert gaps["estimate"].tolist() == pytest.approx([row["gap"] for row in expected[by]], rel=EXACT)
        assert gaps["std_error"].tolist() == pytest.approx([row["se"] for row in expected[by]], rel=EXACT)


def test_two_groups(expected):
    """R survey 4.1.1: svyttest(gap ~ (sch.wide == "Yes")), with its 196 degrees of freedom, as arrays and as a table."""
    frame, wanted = schools("stratified"), expected["svyttest_two_group"]
    group = (frame["sch.wide"] == "Yes").to_numpy(int)
    sides = np.array([0]), np.array([1]), np.array([0])
    found = contrasts(frame["gap"].to_numpy(), group, 2, np.arange(200), design("stratified_fpc", frame), *sides)
    table = gap_differences(answers(frame), between="wide", weight="pw", stratum="stype", population="fpc").frame.iloc[0]
    for estimate, error, df, p in (
        (found.estimate[0], found.std_error[0], found.df[0], t_p_value(*found)[0]),
        tuple(table[["estimate", "std_error", "df", "p_value"]]),
    ):
        assert estimate == pytest.approx(wanted["diff"], rel=EXACT)
        assert estimate / error == pytest.approx(wanted["t"], rel=EXACT)
        assert df == wanted["df"]
        assert p == pytest.approx(wanted["p"], rel=1e-7)


def test_one_group(expected):
    """R survey 4.1.1: svyttest(gap ~ 0) has the t of svymean; it counts one degree less than degf, which cxgap does not."""
    frame, wanted = schools("stratified"), expected["svyttest_gap0"]
    gaps = cx.customer_gap(answers(frame), by="", weight="pw", stratum="stype", population="fpc").frame
    assert gaps["estimate"][0] / gaps["std_error"][0] == pytest.approx(wanted["t"], rel=EXACT)
    assert gaps["df"][0] == wanted["df"] + 1
    assert t_p_value(gaps["estimate"], gaps["std_error"], np.array([wanted["df"]]))[0] == pytest.approx(wanted["p"], rel=1e-7)


def test_post_strata(expected):
    """R survey 4.1.1: postStratify by type, through the keyword `margins` of a gap."""
    gaps = cx.customer_gap(
        answers(schools("cluster1")), by="", weight="pw", psu="dnum", population="fpc", margins={"stype": STYPE}
    ).frame
    assert gaps["estimate"][0] == pytest.approx(expected["poststratified_cluster1"]["mean"], rel=EXACT)
    assert gaps["std_error"][0] == pytest.approx(expected["poststratified_cluster1"]["se"], rel=EXACT)


def test_raking_as_in_the_examples_of_the_package():
    """R survey 4.1.1 without fpc: api00 641.2302 (23.94203), 3,647,300 pupils, six weights; post-stratified 24.16106.

    rake() stops where no count moves by 1, here after four rounds with the margins met to 3e-5; `rounds` does the same. At
    the fixed point, to which cxgap goes, the mean is 1e-7 away and its error 1e-6.
    """
    frame = schools("cluster1")
    codes = [np.unique(frame[name], return_inverse=True)[1] for name in ("stype", "sch.wide")]
    margins = [Margin(code, np.array([*known.values()], float)) for code, known in zip(codes, (STYPE, WIDE), strict=True)]
    weight, one, own = frame["pw"].to_numpy(), np.zeros(len(frame), int), np.arange(len(frame))
    made = rake(weight, margins, rounds=4).weight
    found = {f"{a}-{b}": value for a, b, value in zip(frame["stype"], frame["sch.wide"], made, strict=True)}
    wanted = {
        "E-Yes": 29.870464,
        "E-No": 39.838509,
        "H-Yes": 50.330153,
        "H-No": 67.125783,
        "M-Yes": 36.792182,
        "M-No": 49.070067,
    }
    assert found == pytest.approx(wanted, abs=1e-6)
    unit = np.unique(frame["dnum"], return_inverse=True)[1]
    sample = Design(made, one, unit, np.array([np.inf]), calibrated(weight, margins))
    mean = design_means(frame["api00"].to_numpy(float), one, 1, own, sample)
    assert (mean.mean[0], mean.std_error[0]) == (pytest.approx(641.2302, abs=5e-5), pytest.approx(23.94203, rel=2e-6))
    assert totals(frame["enroll"].to_numpy(float), one, 1, own, sample).estimate[0] == pytest.approx(3647300, abs=0.5)
    rows = answers(frame).assign(expectation=0.0)
    options = {"weight": "pw", "psu": "dnum"}
    gaps = cx.customer_gap(rows, by="", margins={"stype": STYPE, "wide": WIDE}, **options).frame
    assert gaps["estimate"][0] == pytest.approx(641.2302, rel=1e-6)
    assert gaps["std_error"][0] == pytest.approx(23.94203, rel=1e-6)
    strata = cx.customer_gap(rows, by="", margins={"stype": STYPE}, **options).frame
    assert (strata["estimate"][0], strata["std_error"][0]) == (
        pytest.approx(642.3108, abs=5e-5),
        pytest.approx(24.16106, abs=5e-6),
    )
    table = raking(rows, margins={"stype": STYPE, "wide": WIDE}, **options)
    assert table.frame["share_after"].tolist() == pytest.approx(table.frame["share_population"].tolist(), rel=1e-8)


def test_quantiles_are_within_one_school(expected):
    """R survey 4.1.1: svyquantile takes a single school's value; cxgap averages over one effective school around it."""
    frame = schools("stratified")
    for level, wanted in zip((0.25, 0.5, 0.75), expected["quantile_gap_stratified"].values(), strict=True):
        found = quantiles(frame["gap"].to_numpy(), np.zeros(200, int), 1, level, weight=frame["pw"].to_numpy())[0]
        values = np.sort(frame["gap"].unique())
        place = np.searchsorted(values, wanted)
        assert values[place - 1] <= found <= values[place + 1]
