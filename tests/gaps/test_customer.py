"""Gap 5 against Student, R and methods.md on every engine, and the laws that no data may break."""

from __future__ import annotations

import csv
import json
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from answers import answers, gaps_of, survey
from conftest import ENGINES
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from scipy.stats import ttest_rel

import cxgap as cx
from cxgap.errors import ArgumentError, ColumnError
from cxgap.gaps.shrunk import SHRUNK_COLUMNS

LAW = settings(max_examples=3, deadline=None, derandomize=True)  # each compares whole tables
LAWS = pytest.mark.parametrize("engine", ["pandas", pytest.param("polars", marks=pytest.mark.slow), "duckdb"])
SEEDS = st.integers(0, 2**32 - 1)
API = Path(__file__).resolve().parents[3] / "shared" / "reference" / "c07_survey_api"
needs_api = pytest.mark.skipif(not API.exists(), reason="R's api data may not be copied here and are not beside the project")

# Student (1908), Biometrika 6(1), 1-25: extra hours of sleep under two drugs.
SLEEP = answers(
    perception=[0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0, 2],
    expectation=[1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4],
)
# Twelve respondents in two strata and six sampling units.
SMALL = gaps_of(
    *[-1, 0, -2, -1, 0, 1, -3, -1, -1, -2, 0, -2],
    weight=[10, 10, 12, 12, 8, 8, 20, 20, 25, 25, 15, 15],
    stratum=[*"AAAAAABBBBBB"],
    psu=["a1", "a1", "a2", "a2", "a3", "a3", "b1", "b1", "b2", "b2", "b3", "b3"],
    seg=[1, 2, 1, 2, 1, 2, 1, 1, 2, 2, 1, 2],
)
DESIGN = {"weight": "weight", "stratum": "stratum", "psu": "psu"}
FULL = {**DESIGN, "population": "population", "importance": "importance", "importance_kind": "rating", "scale": (1, 7)}


def one(frame: object, **options: object) -> pd.Series:
    return cx.customer_gap(frame, **{"by": "", **options}).frame.iloc[0]


def same(found: cx.GapTable, expected: cx.GapTable, **options: object) -> None:
    assert_frame_equal(found.frame, expected.frame, **{"check_exact": True, **options})


# Numbers


@pytest.mark.parametrize("engine", ENGINES)
def test_customer_gap_is_students_paired_t(engine):
    """Student (1908); in R 4.2.2, with(sleep, t.test(extra[1:10], extra[11:20], paired = TRUE)); Lakens (2013) for g_av."""
    row = one(ENGINES[engine](SLEEP))
    assert row["estimate"] == pytest.approx(-1.58, rel=1e-14)
    assert (row["n"], row["n_eff"], row["pairs"], row["df"]) == (10, 10, 10, 9)
    assert (row["conf_low"], row["conf_high"]) == pytest.approx((-2.459886, -0.700114), abs=5e-7)
    assert row["std_dev"] == pytest.approx(1.2299955, abs=5e-8)
    assert row["p_value"] == row["p_adjusted"] == pytest.approx(0.00283289, abs=5e-9)
    assert row["d_z"] == pytest.approx(-1.2845576, abs=5e-8)
    assert row["effect"] == pytest.approx(-0.8334963 * 0.9138749, abs=5e-8)
    assert (row["start"], row["end"]) == pytest.approx((2.33, 0.75), rel=1e-14)
    assert (row["share_below"], row["share_equal"], row["share_above"]) == pytest.approx((0.9, 0.1, 0))


@settings(LAW, max_examples=10)
@given(seed=SEEDS, conf_level=st.floats(0.5, 0.999))
def test_customer_gap_is_scipys_paired_t(seed, conf_level):
    """scipy.stats.ttest_rel, for ratings of any number of respondents."""
    random = np.random.default_rng(seed)
    n = int(random.integers(3, 200))
    frame = answers(expectation=random.integers(1, 8, n), perception=random.integers(1, 8, n))
    test = ttest_rel(frame["perception"], frame["expectation"])
    row = one(frame, conf_level=conf_level)
    if row["std_error"] == 0:
        return
    low, high = test.confidence_interval(conf_level)
    assert (row["conf_low"], row["conf_high"]) == pytest.approx((low, high), rel=1e-10, abs=1e-12)
    assert np.log(row["p_value"]) == pytest.approx(np.log(test.pvalue), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("columns", "std_error", "df"),
    [(("weight", "stratum", "psu"), 0.2453577, 4), (("weight", "psu"), 0.2841754, 5), (("weight",), 0.3074113, 11)],
    ids=["strata and units", "units", "weights"],
)
def test_design_columns_make_the_gap_that_of_r_survey(engine, columns, std_error, df):
    """Methods O-3.4a, R survey 4.1.1."""
    row = one(ENGINES[engine](SMALL), **{name: name for name in columns})
    assert row["estimate"] == pytest.approx(-1.238889, abs=5e-7)
    assert row["std_error"] == pytest.approx(std_error, abs=5e-8)
    assert row["df"] == df
    assert row["n"] / row["n_eff"] == pytest.approx(1.154074, abs=5e-7)
    if len(columns) == 3:
        assert (row["conf_low"], row["conf_high"]) == pytest.approx((-1.920111, -0.557667), abs=5e-7)


@pytest.mark.parametrize("engine", ENGINES)
def test_cells_are_domains_of_the_whole_design(engine):
    """Methods O-3.4a, R survey 4.1.1: svyby; units without a member of the cell stay in the design."""
    frame = cx.customer_gap(ENGINES[engine](SMALL), by="seg", **DESIGN).frame
    assert frame["seg"].tolist() == ["1", "2"]
    assert frame["estimate"].tolist() == pytest.approx([-1.341176, -1.147368], abs=5e-7)
    assert frame["std_error"].tolist() == pytest.approx([0.511976, 0.218547], abs=5e-7)


def schools(file: str) -> tuple[pd.DataFrame, dict]:
    with (API / file).open(encoding="utf-8") as lines:
        frame = pd.DataFrame(list(csv.DictReader(lines)))
    frame = frame.rename(columns={"cds": "respondent_id", "api99": "expectation", "api00": "perception"})
    numbers = dict.fromkeys(("expectation", "perception", "pw", "fpc"), float)
    return frame.astype(numbers), json.loads((API / "expected.json").read_text(encoding="utf-8"))


@needs_api
@pytest.mark.parametrize(
    ("case", "file", "design"),
    [
        ("stratified_fpc", "apistrat.csv", {"stratum": "stype", "population": "fpc"}),
        ("stratified_nofpc", "apistrat.csv", {"stratum": "stype"}),
        ("weights_only", "apistrat.csv", {}),
        ("cluster1_fpc", "apiclus1.csv", {"psu": "dnum", "population": "fpc"}),
        ("cluster1_nofpc", "apiclus1.csv", {"psu": "dnum"}),
    ],
)
def test_this_years_schools_against_last_years_are_those_of_r_survey(case, file, design):
    """Methods O-3.4b, c; R survey 4.1.1: svymean(~api00 + api99 + gap, ...) and confint with degf."""
    frame, expected = schools(file)
    row, wanted = one(frame, weight="pw", **design), expected[case]
    assert row["estimate"] == pytest.approx(wanted["mean"]["gap"], rel=1e-12)
    assert (row["start"], row["end"]) == pytest.approx((wanted["mean"]["api99"], wanted["mean"]["api00"]), rel=1e-12)
    assert row["std_error"] == pytest.approx(wanted["se"]["gap"], rel=1e-12)
    assert row["df"] == wanted["degf"]
    assert (row["conf_low"], row["conf_high"]) == pytest.approx(tuple(wanted["ci95_t_degf"]["gap"].values()), rel=1e-12)
    half = (row["servperf_high"] - row["servperf_low"]) / (row["conf_high"] - row["conf_low"])
    assert row["servperf"] == pytest.approx(wanted["mean"]["api00"], rel=1e-12)
    assert half == pytest.approx(wanted["se"]["api00"] / wanted["se"]["gap"], rel=1e-12)
    if case == "stratified_fpc":
        assert row["n"] / row["n_eff"] == pytest.approx(1.186371, abs=5e-7)
        assert row["n_eff"] == pytest.approx(168.581, abs=5e-4)


@needs_api
@pytest.mark.parametrize(
    ("case", "file", "design"),
    [
        ("by_stype_stratified", "apistrat.csv", {"stratum": "stype", "population": "fpc"}),
        ("by_stype_cluster1", "apiclus1.csv", {"psu": "dnum", "population": "fpc"}),
    ],
)
def test_types_of_schools_are_those_of_r_survey(case, file, design):
    """R survey 4.1.1: svyby(~gap, ~stype, design, svymean)."""
    frame, expected = schools(file)
    found = cx.customer_gap(frame, by="stype", weight="pw", **design).frame
    wanted = expected[case]
    assert found["stype"].tolist() == [row["stype"] for row in wanted]
    assert found["estimate"].tolist() == pytest.approx([row["gap"] for row in wanted], rel=1e-12)
    assert found["std_error"].tolist() == pytest.approx([row["se"] for row in wanted], rel=1e-12)


# Laws


@LAWS
@LAW
@given(seed=SEEDS)
def test_order_and_engine_cannot_change_a_digit(engine, seed):
    """Whole-number ratings: equal to the last bit, with the full design, whatever the order and the parts of the rows."""
    frame = survey(seed, people=12)
    random = np.random.default_rng(seed)
    cut = int(random.integers(1, len(frame)))
    parts = [frame.iloc[cut:], frame.iloc[:cut]]
    moved = pd.concat(parts).iloc[random.permutation(len(frame))].reset_index(drop=True)
    same(cx.customer_gap(ENGINES[engine](moved), **FULL), cx.customer_gap(frame, **FULL))
    plain = {"by": "segment,dimension", "importance": "points"}
    same(cx.customer_gap(ENGINES[engine](moved), **plain), cx.customer_gap(frame, **plain))


@cache
def on_pandas(by):
    return cx.customer_gap(survey(4, people=20), **{**FULL, "by": by})


@pytest.mark.parametrize("engine", ENGINES)
def test_every_engine_gives_the_same_bits(engine):
    frame = survey(4, people=20)
    for by in ("", "touchpoint", "item", "wave,dimension"):
        same(cx.customer_gap(ENGINES[engine](frame), **{**FULL, "by": by}), on_pandas(by))


@pytest.mark.slow
def test_pyspark_gives_the_same_bits(spark):
    frame = survey(4, people=20)
    for by in ("", "touchpoint", "wave,dimension"):
        same(cx.customer_gap(spark(frame), **{**FULL, "by": by}), cx.customer_gap(frame, **{**FULL, "by": by}))


@LAWS
def test_cells_stand_in_their_declared_order(engine):
    places = pd.Categorical(["web", "call", "shop", "web"], categories=["web", "shop", "call", "mail"], ordered=True)
    gaps = cx.customer_gap(ENGINES[engine](gaps_of(-1, 0, 1, 2, touchpoint=places)))
    assert gaps.labels() == ["web", "shop", "call"]
    assert gaps.order["touchpoint"] == ("web", "shop", "call", "mail")


@LAWS
@LAW
@given(seed=SEEDS, factor=st.floats(0.01, 100))
def test_the_unit_of_weights_does_not_matter(engine, seed, factor):
    frame = survey(seed, people=12)
    scaled = ENGINES[engine](frame.assign(weight=frame["weight"] * factor))
    same(cx.customer_gap(scaled, **FULL), cx.customer_gap(frame, **FULL), check_exact=False, rtol=1e-9, atol=1e-12)


@LAWS
@LAW
@given(seed=SEEDS)
def test_rows_without_ratings_change_nothing(engine, seed):
    """An answer that lacks both ratings is no answer, whether its item was answered otherwise or not."""
    frame = survey(seed, people=12)
    blank = frame.sample(60, random_state=seed, replace=True).assign(expectation=np.nan, perception=np.nan, importance=np.nan)
    more = pd.concat([frame, blank], ignore_index=True)
    for by in ("touchpoint", "item"):
        options = {**FULL, "by": by}
        same(cx.customer_gap(ENGINES[engine](more), **options), cx.customer_gap(frame, **options))


@LAWS
@LAW
@given(seed=SEEDS)
def test_names_of_respondents_do_not_matter(engine, seed):
    """They may even be numbers; only the order of addition moves, and with it the last bits."""
    frame = survey(seed, people=12)
    names = frame["respondent_id"].unique()
    new = dict(zip(names, np.random.default_rng(seed).permutation(len(names)) * 7919, strict=True))
    renamed = ENGINES[engine](frame.assign(respondent_id=frame["respondent_id"].map(new)))
    same(cx.customer_gap(renamed, **FULL), cx.customer_gap(frame, **FULL), check_exact=False, rtol=1e-9, atol=1e-12)


@LAWS
@LAW
@given(seed=SEEDS)
def test_turning_the_scale_turns_the_gap(engine, seed):
    """Where x becomes 8 - x: the estimate and the interval change sign exactly, and the test does not change at all."""
    frame = survey(seed, people=12)
    turned = frame.assign(expectation=8 - frame["expectation"], perception=8 - frame["perception"])
    one, other = (
        cx.customer_gap(ENGINES[engine](rows), **{**FULL, "by": "touchpoint,dimension"}).frame for rows in (frame, turned)
    )
    for name, opposite in {"estimate": "estimate", "conf_low": "conf_high", "importance_gap": "importance_gap"}.items():
        assert (one[name] + other[opposite]).fillna(0).eq(0).all()
    for name in ("n", "n_eff", "std_error", "df", "p_value", "p_adjusted", "std_dev", "share_equal", "flags"):
        assert one[name].equals(other[name])
    assert one["share_below"].equals(other["share_above"].rename("share_below"))


@LAWS
@LAW
@given(seed=SEEDS, shift=st.integers(-100, 100))
def test_a_shift_of_both_ratings_leaves_the_gap(engine, seed, shift):
    frame = survey(seed, people=12)
    moved = frame.assign(expectation=frame["expectation"] + shift, perception=frame["perception"] + shift)
    one, other = (cx.customer_gap(ENGINES[engine](rows), **DESIGN).frame for rows in (frame, moved))
    names = ["touchpoint", "n", "estimate", "std_error", "df", "conf_low", "conf_high", "p_value", "d_z", "flags"]
    assert_frame_equal(one[names], other[names], check_exact=True)


@LAWS
@LAW
@given(seed=SEEDS, by=st.sampled_from(["touchpoint", "wave", "dimension", "item"]))
def test_without_a_design_a_cell_is_the_study_of_its_rows(engine, seed, by):
    """Student's interval of a cell knows nothing of the others; adjusted p-values and shrunken gaps do."""
    of_the_table = ["p_adjusted", *SHRUNK_COLUMNS]
    frame = survey(seed, people=12)
    whole = cx.customer_gap(ENGINES[engine](frame), by=by, importance="importance", importance_kind="rating").frame
    part = whole.iloc[-1]
    rows = frame[frame[by].astype(str) == part[by]]
    alone = cx.customer_gap(rows, by=by, importance="importance", importance_kind="rating").frame.iloc[0]
    assert_frame_equal(
        pd.DataFrame([part]).drop(columns=of_the_table).reset_index(drop=True),
        pd.DataFrame([alone]).drop(columns=of_the_table).reset_index(drop=True),
        check_exact=True,
    )


@LAWS
def test_a_respondent_counted_twice_is_not_a_respondent_weighted_double(engine):
    """Methods 0.4: a frequency makes the sample larger and the error smaller; a weight does neither."""
    frame = gaps_of(-2, -1, 0, 1, weight=[2.0, 1, 1, 1])
    twice = pd.concat([frame, frame.head(1).assign(respondent_id=99)], ignore_index=True)
    weighted, counted = one(ENGINES[engine](frame), weight="weight"), one(ENGINES[engine](twice))
    assert weighted["estimate"] == counted["estimate"] == -0.8
    assert (weighted["n"], counted["n"]) == (4, 5)
    z = np.array([2, 1, 1, 1]) * (np.array([-2, -1, 0, 1]) + 0.8) / 5
    assert weighted["std_error"] == pytest.approx(np.sqrt(4 / 3 * (z**2).sum()), rel=1e-14)
    assert counted["std_error"] == pytest.approx(np.std([-2, -2, -1, 0, 1], ddof=1) / np.sqrt(5), rel=1e-14)
    assert abs(weighted["std_error"] - counted["std_error"]) > 0.05


@LAWS
def test_equal_weights_of_all_are_no_weights(engine):
    """Where a cell holds the whole sample, linearisation of the mean is Student's formula."""
    weighted = cx.customer_gap(ENGINES[engine](SLEEP.assign(weight=0.3)), by="", weight="weight")
    same(weighted, cx.customer_gap(SLEEP, by=""), check_exact=False, rtol=1e-12)


def test_a_row_more_of_the_same_respondent_is_no_respondent_more():
    frame = survey(3, people=10, missing=0)
    assert one(frame)["n"] == frame["respondent_id"].nunique()
    assert one(frame)["pairs"] == frame["retained"].sum()


# The design at its edges


def test_a_weight_of_zero_leaves_every_cell_and_stays_in_the_design():
    """Methods 0.5: zero weight is out of the domain; R survey 4.1.1 keeps the unit in the count of its stratum."""
    frame = SMALL.assign(weight=SMALL["weight"].where(SMALL["seg"] == 1, 0), seg=SMALL["seg"].astype(str))
    zero, domain = one(frame, **DESIGN), cx.customer_gap(SMALL, by="seg", **DESIGN).frame.iloc[0]
    for name in ("n", "n_eff", "estimate", "std_error", "df", "start", "end", "effect", "servperf_low"):
        assert zero[name] == pytest.approx(domain[name], rel=1e-14)


def test_a_cell_of_weightless_respondents_is_empty():
    """Methods 0.5: sum of weights 0 in a cell."""
    frame = cx.customer_gap(SMALL.assign(weight=SMALL["weight"].where(SMALL["seg"] == 1, 0)), by="seg", **DESIGN).frame
    row = frame.iloc[1]
    assert (row["n"], row["flags"], row["verdict"]) == (0, "EMPTY", "cannot tell")
    assert (
        row[["start", "end", "estimate", "std_error", "conf_low", "servperf", "share_below", "effect", "std_dev"]].isna().all()
    )


def test_units_of_one_name_in_two_strata_are_two_units():
    """svydesign(nest = TRUE)."""
    renamed = SMALL.assign(psu=SMALL["psu"].str[1])
    assert one(renamed, **DESIGN)["std_error"] == one(SMALL, **DESIGN)["std_error"]
    assert one(renamed, **DESIGN)["df"] == 4


def test_respondents_outside_a_cell_stay_in_the_design():
    """A cell of the same ten people has another error where its stratum holds twenty."""
    few = gaps_of(*range(10), weight=1.0, seg="a")
    many = pd.concat([few, gaps_of(*range(10), weight=1.0, seg="b").assign(respondent_id=range(10, 20))])
    alone, beside = one(few, weight="weight"), cx.customer_gap(many, by="seg", weight="weight").frame.iloc[0]
    assert alone["std_error"] / beside["std_error"] == pytest.approx(np.sqrt((10 / 9) / (20 / 19)), rel=1e-14)


# Calls that cannot be meant


def refused(frame: object = SMALL, **options: object) -> str:
    with pytest.raises((ArgumentError, ColumnError)) as caught:
        cx.customer_gap(frame, **{"by": "", **options})
    message = str(caught.value)
    assert "\n" not in message
    assert message.endswith((".", "?"))
    return message


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"conf_level": 95}, "`conf_level` must be a number between 0 and 1, not 95. Did you mean 0.95?"),
        ({"conf_level": True}, "`conf_level` must be a number between 0 and 1, not True."),
        ({"conf_level": "0.95"}, "`conf_level` must be a number between 0 and 1, not '0.95'."),
        ({"conf_level": float("nan")}, "`conf_level` must be a number between 0 and 1, not nan."),
        ({"score": "item"}, "`score` must be one of ['dimensions', 'items'], not 'item'. Did you mean 'items'?"),
        ({"margin": -1}, "`margin` must be a number above 0, not -1."),
        ({"margin": 0}, "`margin` must be a number above 0, not 0."),
        ({"min_n": 0}, "`min_n` must be a whole number of at least 1, not 0."),
        ({"min_n": 2.5}, "`min_n` must be a whole number of at least 1, not 2.5."),
        ({"scale": (7, 1)}, "`scale` must be the question's lowest and highest answer, such as (1, 7), not (7, 1)."),
        ({"min_n": float("inf")}, "`min_n` must be a whole number of at least 1, not inf."),
        ({"scale": 7}, "`scale` must be the question's lowest and highest answer, such as (1, 7), not 7."),
        ({"by": 5}, "`by` must hold column names, not 5."),
        ({"importance_kind": "share"}, "`importance_kind` must be one of ['points', 'rating'], not 'share'."),
        (
            {"expectation_type": "wanted"},
            "`expectation_type` must be one of ['adequate', 'desired', 'ideal_point', 'predicted', 'promised', 'should'], "
            "not 'wanted'.",
        ),
        (
            {"by": "respondent_id"},
            "`by` must name columns that make groups, and none of the result's own, not 'respondent_id'.",
        ),
        ({"by": "perception"}, "`by` must name columns that make groups, and none of the result's own, not 'perception'."),
        ({"by": ["seg", "seg"]}, "`by` must name each column once, not ['seg', 'seg']."),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_call_that_cannot_be_meant_is_refused_in_one_sentence(options, message):
    assert refused(**options) == message


def test_a_column_that_is_not_there_is_named_with_the_nearest_unused_one():
    message = refused(SMALL.rename(columns={"perception": "perceived"}))
    assert message.startswith("`responses` must have a column 'perception'; its unused columns are ['perceived', 'psu', ")
    assert 'set rename = { perceived = "perception" }' in message
    assert "`by` must name columns of `responses`, not 'segment'" in refused(by="segment")
    assert "Did you mean 'seg'?" in refused(by="segment")
    assert "must name columns of `responses`, not 'touchpoint'" in refused(by="touchpoint")
    assert "must have a column 'weigth'" in refused(weight="weigth")


@pytest.mark.parametrize("name", ["n", "estimate", "flags", "pairs", "d_z", "servperf", "gap", "rows", "ends"])
def test_a_group_cannot_have_the_name_of_a_number(name):
    assert f"{name!r}" in refused(SMALL.assign(**{name: 1}), by=name)


@pytest.mark.parametrize("engine", ENGINES)
def test_ratings_that_are_text_are_refused(engine):
    frame = SMALL.assign(perception=SMALL["perception"].astype(int).astype(str))
    assert refused(ENGINES[engine](frame)).startswith("`responses` must hold numbers in 'perception', not String")


@pytest.mark.parametrize("engine", ENGINES)
def test_an_empty_frame_is_refused(engine):
    assert refused(ENGINES[engine](SMALL.head(0))) == "`responses` must hold at least one answer; it has no rows."


def test_a_respondent_without_a_name_is_refused():
    frame = SMALL.assign(respondent_id=[None, *range(11)])
    assert refused(frame) == "`responses` must have a 'respondent_id' in every row; some rows have none."


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("bad", [-1.0, np.nan, np.inf])
def test_a_weight_that_is_none_is_refused_with_the_names_of_those_who_have_it(engine, bad):
    """Methods 0.5: a hard error that lists the respondents, also where only one of their rows is wrong."""
    frame = pd.concat([SMALL, SMALL], ignore_index=True).astype({"weight": float, "respondent_id": str})
    frame.loc[[2, 3, 15, 16, 17], "weight"] = bad
    sentence = "`weight` must be a number of 0 or more for every respondent; it is not for 2, 3, 4 and 1 more."
    assert refused(ENGINES[engine](frame), weight="weight") == sentence


@LAWS
def test_a_weight_that_changes_within_a_respondent_is_refused(engine):
    frame = pd.concat([SMALL, SMALL.assign(weight=SMALL["weight"] + (SMALL["respondent_id"] == 4))], ignore_index=True)
    message = refused(ENGINES[engine](frame), weight="weight")
    assert message == "`weight` must be the same in all rows of a respondent; it differs for 4."


def test_weights_that_are_all_zero_are_refused():
    assert refused(SMALL.assign(weight=0.0), weight="weight") == "`weight` must not be zero for everybody."


def test_a_design_that_contradicts_itself_is_refused():
    frame = pd.concat([SMALL, SMALL.assign(stratum="A")], ignore_index=True)
    assert refused(frame, stratum="stratum").startswith("stratum must not change within a respondent; they do for 6, 7, 8 and")
    holes = SMALL.assign(psu=SMALL["psu"].where(SMALL["respondent_id"] != 5))
    assert refused(holes, psu="psu") == "`psu` must be known for every respondent; it is missing for 5."
    sized = "`size` must give each stratum one size, no less than the units drawn from it."
    assert refused(SMALL.assign(size=5), population="size") == sized
    assert refused(SMALL.assign(size=SMALL["seg"] + 50), population="size") == sized
    assert (
        refused(SMALL.assign(size="many"), population="size")
        == "`size` must hold numbers, the size of each stratum; it holds text."
    )


def test_a_touchpoint_with_one_answer_is_no_error():
    frame = cx.customer_gap(gaps_of(-1, 0, -2, touchpoint=["a", "a", "b"])).frame
    assert frame["flags"].tolist() == ["LOW_DF|UNSTABLE", "N1"]
    assert frame["verdict"][1] == "cannot tell"


# What is said of the table


def test_the_caption_says_how_the_table_was_made():
    frame = survey(1)
    gaps = cx.customer_gap(frame, scale=(1, 7), expectation_type="desired")
    assert gaps.caption == (
        "Customer gap by touchpoint in scale points, 95 % intervals, margin ±0.3, expectation asked as 'desired'; "
        "mean of dimension means; negative is a shortfall"
    )
    assert cx.customer_gap(frame, score="items").score == "mean of items"
    assert cx.customer_gap(frame, by="dimension").score == "mean of items"
    assert cx.customer_gap(frame, by="item").score == "single items"
    assert cx.customer_gap(frame.drop(columns="dimension")).score == "mean of items"
    assert (gaps.gap, gaps.by, gaps.unit, gaps.scale) == ("customer", ("touchpoint",), "scale points", (1.0, 7.0))


def test_pomp_is_the_gap_in_per_cent_of_the_scales_range():
    """Methods 0.3: 100 x gap / (max - min)."""
    assert one(gaps_of(-1, -2.0), scale=(1, 7))["gap_pomp"] == -25


def test_blank_keys_are_a_row_of_their_own():
    gaps = cx.customer_gap(gaps_of(-1, 0, 1, seg=["a", None, "a"]), by="seg")
    assert gaps.labels() == ["a", "(blank)"]
