"""Gap 0 against Welch, R and methods 7.2 on every engine, the laws of two independent sides, and the sample's truth."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import samples
from answers import answers, survey
from conftest import ENGINES
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from scipy.stats import ttest_ind

from cxgap.errors import ArgumentError, ColumnError
from cxgap.gaps.company import OWN_COLUMNS, company_gap
from cxgap.stats.proportions import newcombe
from cxgap.tables.absent import Absent

ROOT = Path(__file__).resolve().parents[2]
C25 = ROOT.parent / "shared" / "reference" / "c25_two_proportions" / "expected.json"
needs_c25 = pytest.mark.skipif(not C25.exists(), reason="R's numbers for two proportions are not beside the project")
LAW = settings(max_examples=3, deadline=None, derandomize=True)
SEEDS = st.integers(0, 2**32 - 1)
SCALE = (1, 7)
# Methods O-7.2b: shares of the answers 1 to 7 in the company and among customers.
COMPANY = [0.02, 0.03, 0.05, 0.10, 0.20, 0.30, 0.30]
CUSTOMERS = [0.05, 0.10, 0.15, 0.20, 0.25, 0.15, 0.10]
DESIGN = {"weight": "weight", "stratum": "stratum", "psu": "psu", "population": "population"}


def customers(*ratings: float, **columns: object) -> pd.DataFrame:
    return answers(perception=np.array(ratings, float), **columns)


def raters(*ratings: float, **columns: object) -> pd.DataFrame:
    return pd.DataFrame({"manager_id": [f"M{number}" for number in range(len(ratings))], "rating": ratings, **columns})


def shares(company: list[float], public: list[float], times: int = 100) -> tuple[pd.DataFrame, pd.DataFrame]:
    """As many answers of each kind as the shares say."""
    spread = [np.repeat(np.arange(1.0, 8), np.round(times * np.array(part)).astype(int)) for part in (public, company)]
    return customers(*spread[0]), raters(*spread[1])


def one(public: object, company: object, **options: object) -> pd.Series:
    (_, row), *none = company_gap(public, company, **{"by": "", **options}).frame.iterrows()
    assert not none
    return row


def panel(seed: int, people: int = 12) -> pd.DataFrame:
    """Managers who rate the items of `answers.survey` at each touchpoint, with holes."""
    random = np.random.default_rng(seed)
    asked = survey(0)[["touchpoint", "item", "dimension", "retained"]].drop_duplicates().astype({"touchpoint": str})
    frame = pd.DataFrame({"manager_id": [f"m{number:02d}" for number in range(people)]}).merge(asked, "cross")
    frame["rating"] = random.integers(4, 8, len(frame)).astype(float)
    frame.loc[random.random(len(frame)) < 0.1, "rating"] = np.nan
    return frame


@pytest.fixture(scope="module")
def sample():
    return samples.sample()


# Numbers


@pytest.mark.parametrize("engine", ENGINES)
def test_the_gap_of_means_is_welchs(engine):
    """Welch (1947), Biometrika 34, 28-35; scipy.stats.ttest_ind(equal_var=False)."""
    random = np.random.default_rng(1)
    public, company = random.integers(1, 8, 90).astype(float), random.integers(4, 8, 20).astype(float)
    row = one(ENGINES[engine](customers(*public)), ENGINES[engine](raters(*company)))
    test = ttest_ind(public, company, equal_var=False)
    assert (row["start"], row["end"]) == pytest.approx((company.mean(), public.mean()), rel=1e-12)
    assert row["estimate"] == pytest.approx(public.mean() - company.mean(), rel=1e-12)
    assert row["estimate"] < 0
    assert (row["conf_low"], row["conf_high"]) == pytest.approx(tuple(test.confidence_interval()), rel=1e-9)
    assert (row["df"], row["p_value"]) == pytest.approx((test.df, test.pvalue), rel=1e-9)
    assert (row["n"], row["n_company"]) == (90, 20)


@pytest.mark.parametrize("engine", ENGINES)
def test_the_published_pair_is_a_pure_shift(engine):
    """Methods O-7.2b: W1 and mean difference 1.18, top-2 difference .35, A .71225; turned so that flattery is negative."""
    public, company = shares(COMPANY, CUSTOMERS)
    row = one(ENGINES[engine](public), ENGINES[engine](company), cut=6, scale=SCALE)
    found = row[["estimate", "w1", "pure_shift", "superiority", "top_box_difference"]].tolist()
    assert found == pytest.approx([-1.18, 1.18, 1, 0.71225, -0.35], abs=1e-12)
    assert row["superiority_low"] < 0.71225 < row["superiority_high"]
    assert row["gap_pomp"] == pytest.approx(-1.18 / 6 * 100)
    assert row["kolmogorov"] == pytest.approx(0.35)


def test_the_top_box_has_newcombes_interval():
    """Methods O-7.2a: 56/70 against 48/80 differ by .20 [.052431, .333873]; customers minus company is its negative."""
    public, company = customers(*[7.0] * 48, *[3.0] * 32), raters(*[7.0] * 56, *[6.0] * 14)
    row = one(public, company, measure="top_box", scale=SCALE)
    assert (row["start"], row["end"]) == (0.8, 0.6)
    assert (row["estimate"], row["conf_low"], row["conf_high"]) == pytest.approx((-0.2, -0.333873, -0.052431), abs=5e-7)


@needs_c25
@pytest.mark.parametrize("case", ["bain_362", "bain_500", "bain_3000", "small", "zero", "full"])
def test_shares_are_those_of_r(case):
    """Case c25, R 4.2.2: prop.test without correction, Newcombe's interval, Wilson's, and Cohen's h."""
    known = json.loads(C25.read_text(encoding="utf-8"))[case]
    x1, n1, x2, n2 = (known[name] for name in ("x1", "n1", "x2", "n2"))
    public, company = customers(*[7.0] * x2, *[5.0] * (n2 - x2)), raters(*[7.0] * x1, *[5.0] * (n1 - x1))
    row = one(public, company, measure="top_box", scale=SCALE)
    low, high = known["newcombe_hybrid_score_ci"]
    assert row["estimate"] == row["top_box_difference"] == pytest.approx(-known["diff"], abs=1e-12)
    assert (row["conf_low"], row["conf_high"]) == pytest.approx((-high, -low), abs=1e-12)
    assert (row["share_company_low"], row["share_company_high"]) == pytest.approx(tuple(known["wilson1"]), abs=1e-12)
    assert (row["share_customers_low"], row["share_customers_high"]) == pytest.approx(tuple(known["wilson2"]), abs=1e-12)
    assert row["effect"] == pytest.approx(-known["cohen_h"], abs=1e-12)
    assert row["p_value"] == pytest.approx(known["p"] if n1 >= 15 else np.nan, rel=1e-9, nan_ok=True)


def test_the_error_of_customers_is_that_of_their_design():
    """Methods O-3.4a, R survey 4.1.1: SE .2453577 on 4 df; Welch & Satterthwaite add the managers' variance."""
    public = customers(
        *(5 + np.array([-1, 0, -2, -1, 0, 1, -3, -1, -1, -2, 0, -2])),
        weight=[10, 10, 12, 12, 8, 8, 20, 20, 25, 25, 15, 15],
        stratum=[*"AAAAAABBBBBB"],
        psu=["a1", "a1", "a2", "a2", "a3", "a3", "b1", "b1", "b2", "b2", "b3", "b3"],
    )
    ratings = np.array([6, 7, 5, 6, 6, 7, 5, 5, 6, 7.0])
    variance = ratings.var(ddof=1) / 10
    row = one(public, raters(*ratings), weight="weight", stratum="stratum", psu="psu")
    assert row["estimate"] == pytest.approx(5 - 1.238889 - 6, abs=5e-7)
    assert row["std_error"] == pytest.approx(np.hypot(0.2453577, np.sqrt(variance)), abs=5e-8)
    df = (0.2453577**2 + variance) ** 2 / (0.2453577**4 / 4 + variance**2 / 9)
    assert row["df"] == pytest.approx(df, rel=1e-6)
    assert (row["flags"], row["p_value"]) == ("FEW_RATERS|UNSTABLE", pytest.approx(np.nan, nan_ok=True))


def test_the_sample_study_flatters_itself_as_much_as_it_does(sample):
    """By construction: perceived by all surveyed, less the rating of all managers, of data/sample/truth.json."""
    truth = json.loads((ROOT / "data" / "sample" / "truth.json").read_text(encoding="utf-8"))
    known = pd.DataFrame(truth["staff"]).merge(pd.DataFrame(truth["surveyed"]["touchpoint"]), on="touchpoint")
    cells = company_gap(sample.responses, sample.managers, **sample.design).frame.merge(known, on="touchpoint")
    shown = cells[cells["estimate"].notna()]
    assert len(shown) == 6
    z = (shown["estimate"] - (shown["perceived"] - shown["rating"])) / shown["std_error"]
    assert z.abs().max() < 4
    assert cells.loc[cells["touchpoint"] == "Claim damage", "flags"].tolist() == ["SUPPRESSED_PRIVACY"]


# Laws


@LAW
@given(seed=SEEDS, factor=st.floats(0.01, 100))
def test_row_order_and_the_unit_of_weights_change_nothing(seed, factor):
    random, public, company = np.random.default_rng(seed), survey(seed), panel(seed)
    moved = public.sample(frac=1, random_state=seed % 1000).assign(weight=lambda frame: frame["weight"] * factor)
    shuffled = company.iloc[random.permutation(len(company))]
    options = {**DESIGN, "scale": SCALE, "cut": 5, "by": "touchpoint,dimension"}
    expected, found = (company_gap(*pair, **options).frame for pair in ((public, company), (moved, shuffled)))
    assert_frame_equal(found, expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("by", ["touchpoint", "segment,dimension", ""])
def test_engines_agree_to_the_last_digit(engine, by):
    public, company = survey(7), panel(7)
    options = {**DESIGN, "by": by, "scale": SCALE, "cut": 5}
    found = company_gap(ENGINES[engine](public), ENGINES[engine](company), **options)
    assert_frame_equal(found.frame, company_gap(public, company, **options).frame, check_exact=True)


@LAW
@given(seed=SEEDS, measure=st.sampled_from(["mean", "top_box"]))
def test_sides_that_change_places_change_the_sign(seed, measure):
    random = np.random.default_rng(seed)
    public, company = (random.integers(1, 8, size).astype(float) for size in random.integers(15, 60, 2))
    options = {"measure": measure, "scale": SCALE, "cut": 5}
    there, back = one(customers(*public), raters(*company), **options), one(customers(*company), raters(*public), **options)
    assert there["estimate"] == pytest.approx(-back["estimate"], abs=1e-12)
    assert (there["conf_low"], there["conf_high"]) == pytest.approx((-back["conf_high"], -back["conf_low"]), abs=1e-12)
    assert there["p_value"] == pytest.approx(back["p_value"], rel=1e-9, nan_ok=True)
    assert there["superiority"] == pytest.approx(1 - back["superiority"], abs=1e-12)
    assert there[["w1", "kolmogorov"]].tolist() == pytest.approx(back[["w1", "kolmogorov"]].tolist(), abs=1e-12)


@LAW
@given(seed=SEEDS, constant=st.integers(-30, 30))
def test_a_constant_added_to_both_sides_moves_no_gap(seed, constant):
    public, company = survey(seed), panel(seed)
    lifted = public.assign(perception=public["perception"] + constant), company.assign(rating=company["rating"] + constant)
    expected, found = (company_gap(*pair, **DESIGN).frame for pair in ((public, company), lifted))
    same = [name for name in expected if name not in {"start", "end"}]
    assert_frame_equal(found[same], expected[same], rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(found["start"] - expected["start"], constant, atol=1e-9)


@LAW
@given(seed=SEEDS)
def test_equal_weights_are_no_weights(seed):
    """A sample in which everybody weighs the same is as large as it looks."""
    public, company = customers(*np.random.default_rng(seed).integers(1, 8, 50)), raters(*[5.0, 6, 7] * 6)
    options = {"measure": "top_box", "cut": 5, "scale": SCALE}
    plain, weighted = one(public, company, **options), one(public.assign(weight=3.0), company, weight="weight", **options)
    for name in ("estimate", "conf_low", "conf_high", "p_value", "std_error", "superiority"):
        assert weighted[name] == pytest.approx(plain[name], rel=1e-9), name


def test_customers_drawn_together_count_for_less():
    """Ten copies of each of 30 customers in one sampling unit have the interval of the 30, not of 300."""
    ratings = np.random.default_rng(6).integers(1, 8, 30).astype(float)
    company, options = raters(*[5.0, 6, 7] * 6), {"measure": "top_box", "cut": 5, "scale": SCALE}
    alone = one(customers(*ratings), company, **options)
    copies = customers(*np.repeat(ratings, 10), psu=np.repeat([f"u{number}" for number in range(30)], 10))
    together, apart = one(copies, company, psu="psu", **options), one(copies, company, **options)
    assert together["conf_high"] - together["conf_low"] == pytest.approx(alone["conf_high"] - alone["conf_low"], rel=0.03)
    assert apart["conf_high"] - apart["conf_low"] < together["conf_high"] - together["conf_low"]


def test_what_customers_use_makes_no_gap():
    """A company that rates each touchpoint as its customers do has no gap, however unevenly they use the touchpoints."""
    level = {"call": 3.0, "web": 6.0}
    used = ["call"] * 30 + ["web"] * 10
    public = customers(*[level[name] for name in used], touchpoint=used)
    company = pd.concat([raters(*[value] * 6, touchpoint=name) for name, value in level.items()])
    row = one(public, company, scale=SCALE, cut=5)
    assert (row["estimate"], row["start"], row["end"]) == pytest.approx((0, 3.75, 3.75), abs=1e-12)
    assert row["share_customers"] == 0.25


@LAW
@given(seed=SEEDS, by=st.sampled_from(["", "segment", "wave", "touchpoint"]))
def test_means_and_distributions_are_of_the_same_scores(seed, by):
    """The part of w1 that is a pure shift is the gap of the means, however unevenly customers used the touchpoints."""
    gaps = company_gap(survey(seed), panel(seed), by=by, **DESIGN).frame
    assert (gaps["w1"] * gaps["pure_shift"]).to_numpy() == pytest.approx(gaps["estimate"].abs().to_numpy(), abs=1e-8)


def test_a_cut_that_the_company_does_not_have_cuts_its_customers_alone():
    public = customers(*[3.0] * 10, *[5.0] * 10, segment=[*"a" * 10, *"b" * 10])
    frame = company_gap(public, raters(*[4.0, 6] * 3), by="segment").frame
    assert (frame["start"].tolist(), frame["estimate"].tolist()) == ([5, 5], pytest.approx([-2, 0]))


# Edges


def test_few_in_the_company_are_hidden_and_not_tested():
    """Methods 7.2 and 1.3: fewer than 5 hidden, 5 to 14 shown without a p-value."""
    random, places = np.random.default_rng(2), np.repeat([*"abcd"], [4, 5, 14, 15])
    company = raters(*random.integers(3, 8, 38).astype(float), touchpoint=places)
    company["manager_id"] = [f"M{number}" for count in (4, 5, 14, 15) for number in range(count)]  # no partition
    public = customers(*random.integers(1, 8, 160).astype(float), touchpoint=np.repeat([*"abcd"], 40))
    frame = company_gap(public, company, scale=SCALE).frame.set_index("touchpoint")
    assert frame["flags"].tolist() == ["SUPPRESSED_PRIVACY", "FEW_RATERS|LOW_DF", "FEW_RATERS", ""]
    assert frame.loc["a", "verdict"] == "not shown"
    assert frame.loc["a"].drop(["verdict", "flags"]).isna().all()
    assert frame["p_value"].isna().tolist() == [True, True, True, False]
    assert frame.loc["b":, list(OWN_COLUMNS)].notna().all(axis=None)
    assert company_gap(public, company, min_company=4).frame["n_company"].tolist() == [4, 5, 14, 15]


def test_a_touchpoint_that_the_company_did_not_rate_has_nothing_to_compare():
    public = customers(*[5.0, 6] * 10, touchpoint=[*"a" * 10, *"b" * 10])
    frame = company_gap(public, raters(*[6.0, 7] * 3, touchpoint="a"), scale=SCALE).frame
    assert frame["flags"].tolist()[1].split("|")[0] == "EMPTY"
    assert frame.loc[1, ["start", "estimate", "conf_low", "w1", "superiority"]].isna().all()
    assert frame.loc[1, "end"] == 5.5


def test_alike_on_both_sides_is_met_only_if_equal():
    same, apart = (one(customers(*[6.0] * 20), raters(*[rating] * 20), scale=SCALE) for rating in (6.0, 7.0))
    assert (same["estimate"], same["verdict"], apart["estimate"], apart["verdict"]) == (0, "met", -1, "short")
    assert "ZERO_VAR" in same["flags"].split("|")
    assert np.isnan(same["p_value"])


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("side", ["responses", "company"])
def test_another_scale_is_refused(engine, side):
    """Methods 7.2: different scales are refused, for no conversion makes different wordings comparable."""
    public, company = customers(*[5.0] * 10), raters(*[6.0] * 10)
    if side == "company":
        company.loc[3, "rating"] = 9
    else:
        public.loc[3, "perception"] = 0
    with pytest.raises(ArgumentError, match=rf"^`{side}` must hold answers from 1 to 7 in '\w+'; it holds [09]\. Answers"):
        company_gap(ENGINES[engine](public), ENGINES[engine](company), by="", scale=SCALE)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"measure": "share"}, "`measure` must be one of ['mean', 'top_box'], not 'share'."),
        (
            {"measure": "top_box"},
            '`scale` must be the lowest and highest answer, such as (1, 7), where `measure` is "top_box".',
        ),
        ({"cut": 1, "scale": SCALE}, "`cut` must be a score above 1 and at most 7, as `scale` says, not 1."),
        ({"cut": "top"}, "`cut` must be a score, not 'top'."),
        ({"by": "rating"}, "`by` must name columns that make groups, and none of the result's own, not 'rating'."),
        ({"by": "w1"}, "`by` must name columns that make groups, and none of the result's own, not 'w1'."),
        ({"min_company": 0}, "`min_company` must be a whole number of at least 1, not 0."),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_call_that_cannot_be_meant_is_refused_in_one_sentence(options, message):
    with pytest.raises(ArgumentError) as refusal:
        one(customers(5.0, 6), raters(5.0, 6), **options)
    assert str(refusal.value) == message


def test_a_column_that_is_not_there_is_named():
    with pytest.raises(ColumnError, match="must have a column 'rating'"):
        one(customers(5.0, 6), raters(5.0, 6).rename(columns={"rating": "own"}))


def test_a_study_without_managers_says_what_to_add():
    gaps = company_gap(customers(5.0), Absent("managers"))
    assert (len(gaps.frame), gaps.finding) == (0, "Company gap not measured.")
    assert "add managers = " in gaps.missing


def test_the_margin_of_shares_is_the_same_part_of_their_range():
    """0.3 of the six points from 1 to 7 is a twentieth, which is 5 percentage points."""
    public, company = shares(COMPANY, CUSTOMERS)
    gaps = company_gap(public, company, by="", measure="top_box", scale=SCALE, margin=0.3)
    assert (gaps.margin, gaps.unit, gaps.scale) == (pytest.approx(0.05), "share", (0, 1))
    assert gaps.caption.startswith(
        "Company gap by all together in percentage points, 95 % intervals, margin ±5; share of people"
    )


def test_no_share_of_a_published_survey_stands_in_code_or_words():
    """Methods 7.1: the shares of one survey of firms are never a benchmark for respondents."""
    code = [f"cxgap/gaps/{name}.py" for name in ("company", "reach", "thresholds", "believers")]
    for path in (*code, "docs/method/company.md", "notebooks/07_company.ipynb"):
        assert not re.findall(r"\b0?\.?80? ?%|\b0?\.80?\b|\b80/8\b", (ROOT / path).read_text(encoding="utf-8")), path


def agreed(psu: object) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A hundred customers who all give the best answer, and twenty raters of whom half do."""
    return customers(*[7.0] * 100, psu=psu), raters(*[7.0, 5.0] * 10)


@pytest.mark.parametrize("psu", [0, range(100)])
def test_a_share_whose_error_is_unknown_has_no_interval_and_no_test(psu):
    """Design: one sampling unit tells nothing of how units differ; a hundred of one customer each are independent."""
    public, company = agreed(psu)
    row = one(public, company, measure="top_box", psu="psu", scale=SCALE)
    plain = one(public, company, measure="top_box", scale=SCALE)
    told = ["conf_low", "conf_high", "p_value", "share_customers_low", "top_box_difference_high"]
    assert row["estimate"] == plain["estimate"] == 0.5
    if psu == 0:
        assert row[told].isna().all()
        assert row["verdict"] == "cannot tell"
    else:
        assert row[[*told[:3], *told[4:]]].to_list() == pytest.approx(plain[[*told[:3], *told[4:]]].to_list())


def test_customers_who_all_agree_count_as_their_sampling_units():
    """Newcombe (1998) for 10 of 10 units against 10 of 20 raters, and Clopper & Pearson: 1 - .025^(1/10) of 10 of 10."""
    public, company = agreed(np.repeat(range(10), 10))
    row = one(public, company, measure="top_box", psu="psu", scale=SCALE)
    assert (row["conf_low"], row["conf_high"]) == pytest.approx(newcombe(10, 10, 10, 20, conf_level=0.95)[1:])
    assert row["share_customers_low"] == pytest.approx(0.025 ** (1 / 10))


def regions(*sizes: int) -> list[str]:
    return [region for region, size in zip("ABCD", sizes, strict=False) for _ in range(size)]


@pytest.mark.parametrize("measure", ["mean", "top_box"])
def test_raters_of_one_region_cannot_be_told_by_subtraction(measure):
    """House: regions with 9, 8 and 1 raters; the rater of C is all raters less those of A and B, so B is hidden too."""
    public = customers(*[5.0, 6.0] * 60, region=regions(40, 40, 40))
    company = raters(*[6.0, 7.0] * 9, region=regions(9, 8, 1))
    gaps = company_gap(public, company, by="region", measure=measure, scale=SCALE).frame.set_index("region")
    assert gaps.loc["B", "flags"] == "SUPPRESSED_SECONDARY"
    assert gaps.loc["C", "flags"] == "SUPPRESSED_PRIVACY"
    assert gaps.loc[["B", "C"], ["start", "n_company", "share_company", "superiority"]].isna().all(axis=None)
    assert np.isfinite(gaps.loc["A", "estimate"])


def test_raters_of_all_touchpoints_make_no_partition_and_nothing_more_is_hidden():
    public = customers(*[5.0, 6.0] * 60, touchpoint=regions(40, 40, 40))
    everybody = pd.concat([raters(*[6.0, 7.0] * 9).assign(touchpoint=name) for name in "AB"])
    company = pd.concat([everybody, raters(6.0, touchpoint="C")])
    flags = company_gap(public, company, scale=SCALE).frame.set_index("touchpoint")["flags"]
    assert flags["C"] == "SUPPRESSED_PRIVACY"
    assert "SUPPRESSED" not in flags["A"] + flags["B"]
