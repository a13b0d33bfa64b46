"""The bootstrap intervals of the customer gap, and the laws that they share with every number of it."""

from __future__ import annotations

from inspect import signature

import numpy as np
import pandas as pd
import pytest
from answers import answers, gaps_of, survey
from conftest import ENGINES
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from scipy.stats import bootstrap

import cxgap as cx
from cxgap.errors import ArgumentError
from cxgap.gaps.intervals import INTERVALS, class_intervals
from cxgap.stats.means import simple_means, t_interval

SEED = {"rng" if "rng" in signature(bootstrap).parameters else "random_state": 1}  # SciPy 1.15 renamed it
LAW = settings(max_examples=4, deadline=None, derandomize=True)
SEEDS = st.integers(0, 2**32 - 1)
BOOTSTRAPS = ["boot_t", "percentile", "bca"]
DESIGN = {"weight": "weight", "stratum": "stratum", "psu": "psu"}
SEEDED = {"rng" if "rng" in signature(bootstrap).parameters else "random_state": 1}  # SciPy before 1.15 calls it otherwise
SKEWED = [-6, -4, -3, -2, -2, -2, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 1, 1]


def one(frame, **options) -> pd.Series:
    return cx.customer_gap(frame, **{"by": "", **options}).frame.iloc[0]


@pytest.mark.parametrize("engine", ENGINES)
def test_engines_give_the_same_bootstrap(engine):
    frame = survey(11)
    found = cx.customer_gap(ENGINES[engine](frame), by="touchpoint,wave", ci="bca", **DESIGN)
    expected = cx.customer_gap(frame, by="touchpoint,wave", ci="bca", **DESIGN)
    assert_frame_equal(found.frame, expected.frame, check_exact=True)


@pytest.mark.parametrize(("ci", "name"), [("percentile", "percentile"), ("bca", "BCa")])
def test_independent_respondents_get_scipys_bootstrap(ci, name):
    """scipy.stats.bootstrap of the mean, with random numbers of its own; both have a Monte-Carlo error of about 0.01."""
    found = one(gaps_of(*SKEWED), ci=ci)
    low, high = bootstrap((SKEWED,), np.mean, n_resamples=9999, method=name, **SEEDED).confidence_interval
    assert (found["conf_low"], found["conf_high"]) == pytest.approx((low, high), abs=0.06)
    assert found["ci_method"] == ci


def test_bootstrap_t_reaches_further_to_the_side_of_the_few():
    """Efron & Tibshirani (1993), chapter 12: with a long left tail the interval's left arm is the longer one."""
    row, student = (one(gaps_of(*SKEWED), ci=ci) for ci in ("boot_t", "t"))
    assert row["estimate"] - row["conf_low"] > row["conf_high"] - row["estimate"]
    assert row["conf_low"] < student["conf_low"]
    assert row["ci_method"] == "boot_t"


@pytest.mark.parametrize("ci", BOOTSTRAPS)
def test_only_intervals_and_what_is_said_of_them_change(ci):
    frame = survey(3, 40)
    found, student = (cx.customer_gap(frame, by="touchpoint", ci=one, scale=(1, 7), **DESIGN) for one in (ci, "t"))
    changed = ["conf_low", "conf_high", "ci_method", "verdict", "flags"]
    assert_frame_equal(found.frame.drop(columns=changed), student.frame.drop(columns=changed), check_exact=True)
    assert (found.frame["conf_low"] != student.frame["conf_low"]).all()
    said = " of 1,999 replicates" if ci == "boot_t" else ""  # of the others none are drawn
    assert f"{INTERVALS[ci]}{said}, Student's p-values" in found.caption
    assert "Student" not in student.caption
    assert set(student.frame["ci_method"]) == {"t"}


def test_the_verdict_goes_by_the_bootstraps_own_intervals():
    """*Met* is the interval of level 2 x 0.95 - 1 within the margin: here the bootstrap's 90 % interval, by scipy."""
    gaps = [-1] * 2 + [0] * 60 + [1] * 2
    low, high = bootstrap(
        (gaps,), np.mean, n_resamples=9999, confidence_level=0.9, method="percentile", **SEED
    ).confidence_interval
    assert max(-low, high) < 0.06
    assert one(gaps_of(*gaps), ci="percentile", margin=0.06)["verdict"] == "met"
    assert one(gaps_of(*gaps), ci="percentile", margin=0.04)["verdict"] == "cannot tell"


@pytest.mark.parametrize("ci", ["t", *BOOTSTRAPS])
@pytest.mark.parametrize("design", [{}, {"weight": "weight"}], ids=["simple", "weights"])
def test_no_variance_a_single_one_and_nobody(ci, design):
    """methods: a gap that all share has an interval of no width, one respondent has none, and neither has a p-value."""
    frame = gaps_of(*[-0.3] * 7, 2, *SKEWED, touchpoint=["same"] * 7 + ["one"] + ["many"] * 20, weight=1.5)
    frame = pd.concat([frame, frame.tail(1).assign(touchpoint="nobody", perception=np.nan, respondent_id=999)])
    rows = cx.customer_gap(frame, by="touchpoint", ci=ci, **design).frame.set_index("touchpoint")
    assert rows.loc["same", ["conf_low", "conf_high"]].tolist() == [rows.loc["same", "estimate"]] * 2
    assert rows["ci_method"].to_dict() == {"same": "degenerate", "one": "", "many": ci, "nobody": ""}
    assert rows.loc[["one", "nobody"], ["conf_low", "conf_high"]].isna().all(axis=None)
    assert np.isfinite(rows.loc["many", ["conf_low", "conf_high"]].astype(float)).all()
    assert not rows["flags"].str.contains("CI_FALLBACK").any()


def test_too_few_for_bootstrap_t_get_students_interval_and_a_flag():
    """Of samples of three, a ninth is one person three times, whose standard error is zero."""
    row, student = (one(gaps_of(-3, -1, 0), ci=ci) for ci in ("boot_t", "t"))
    assert row["ci_method"] == "t"
    assert "CI_FALLBACK" in row["flags"].split("|")
    assert (row["conf_low"], row["conf_high"]) == (student["conf_low"], student["conf_high"])


@pytest.mark.parametrize("ci", ["percentile", "bca", "boot_t"])
def test_cells_within_one_sampling_unit_have_no_interval(ci):
    frame = gaps_of(-1, -2, 0, -3, 1, 0, touchpoint=[*"aabbbb"], psu=[1, 1, 1, 1, 2, 3])
    rows = cx.customer_gap(frame, by="touchpoint", psu="psu", ci=ci).frame.set_index("touchpoint")
    assert rows.loc["a", ["conf_low", "conf_high"]].isna().all()
    assert rows.loc["a", "ci_method"] == ""
    assert np.isfinite(rows.loc["b", ["conf_low", "conf_high"]].astype(float)).all()


def test_clusters_are_drawn_not_people():
    """Ten clusters in which all say the same: twenty more of each say no more than the one."""
    gaps = np.array([-4, -2, -1, -1, 0, 0, 1, -3, -2, 0.0])
    few = gaps_of(*gaps, psu=np.arange(10))
    many = gaps_of(*np.repeat(gaps, 20), psu=np.repeat(np.arange(10), 20))
    for ci in BOOTSTRAPS:
        ends = [one(frame, psu="psu", ci=ci)[["conf_low", "conf_high"]].tolist() for frame in (few, many)]
        assert ends[1] == pytest.approx(ends[0], rel=1e-9)
        alone = one(many, ci=ci)
        assert alone["conf_high"] - alone["conf_low"] < 0.4 * (ends[0][1] - ends[0][0])


def test_raked_cells_keep_students_interval():
    """Its standard error takes account of the margins; a bootstrap would have to rake every replicate."""
    frame = gaps_of(*SKEWED, age=["young", "old"] * 10)
    margins = {"age": {"young": 300, "old": 700}}
    row, student = (one(frame, margins=margins, ci=ci) for ci in ("bca", "t"))
    assert row["ci_method"] == "t"
    assert "CI_FALLBACK" in row["flags"].split("|")
    assert (row["conf_low"], row["conf_high"]) == (student["conf_low"], student["conf_high"])


@LAW
@given(seed=SEEDS, ci=st.sampled_from(BOOTSTRAPS))
def test_row_order_and_weight_units_and_splitting_do_not_matter(seed, ci):
    frame = survey(seed, 16)
    options = {"by": "touchpoint,wave", "ci": ci}
    moved = frame.sample(frac=1, random_state=seed % 1000)
    plain = cx.customer_gap(frame, **options)
    assert_frame_equal(cx.customer_gap(moved, **options).frame, plain.frame, check_exact=True)
    drawn = cx.customer_gap(frame, **options, **DESIGN)
    assert_frame_equal(cx.customer_gap(moved, **options, **DESIGN).frame, drawn.frame, check_exact=True)
    heavier = cx.customer_gap(frame.assign(weight=frame["weight"] * 8), **options, **DESIGN)
    assert_frame_equal(heavier.frame, drawn.frame, rtol=1e-9)


@pytest.mark.parametrize("ci", BOOTSTRAPS)
def test_an_empty_cell_and_other_cells_do_not_matter(ci):
    """Each cell has random numbers of its own name, where any are drawn."""
    frame = answers(
        expectation=[5] * 30,
        perception=[4, 3, 5, 5, 2, 6, 1, 5, 4, 5] * 3,
        touchpoint=["call"] * 10 + ["shop"] * 10 + ["web"] * 10,
    )
    whole, some = (cx.customer_gap(part, ci=ci, replicates=999).frame for part in (frame, frame[frame["touchpoint"] != "shop"]))
    columns = ["touchpoint", "conf_low", "conf_high"]
    assert_frame_equal(whole.loc[[0, 2], columns].reset_index(drop=True), some[columns], check_exact=True)
    fourth = frame.tail(1).assign(touchpoint="post", perception=np.nan, respondent_id=99)
    wider = cx.customer_gap(pd.concat([frame, fourth]), ci=ci, replicates=999).frame
    assert_frame_equal(
        wider.loc[wider["touchpoint"] != "post", columns].reset_index(drop=True), whole[columns], check_exact=True
    )
    assert not np.array_equal(cx.customer_gap(frame, ci=ci, replicates=999, seed=1).frame["conf_low"], whole["conf_low"])


@pytest.mark.parametrize("ci", ["percentile", "bca"])
@pytest.mark.parametrize("design", [{}, DESIGN], ids=["simple", "design"])
def test_nothing_is_drawn_unless_a_number_of_replicates_is_asked_for(ci, design):
    """Efron (1987): replicates tend to the ideal bootstrap as they grow in number; the caption says how many there were."""
    frame = survey(2, 60)
    options = {"by": "touchpoint", "ci": ci, **design}
    ideal, again = (cx.customer_gap(frame, **options, seed=seed) for seed in (0, 1))
    assert_frame_equal(again.frame, ideal.frame, check_exact=True)
    assert "replicates" not in ideal.caption
    drawn = cx.customer_gap(frame, **options, replicates=20_000)
    assert f"{INTERVALS[ci]} of 20,000 replicates" in drawn.caption
    for end in ("conf_low", "conf_high"):
        away = (drawn.frame[end] - ideal.frame[end]) / ideal.frame["std_error"]
        assert away.abs().max() < 0.08  # four Monte-Carlo errors of a 2.5 % quantile of 20,000 replicates
        assert (away != 0).any()
    assert drawn.frame["ci_method"].tolist() == ideal.frame["ci_method"].tolist()


@pytest.mark.parametrize("ci", ["percentile", "bca"])
def test_how_often_each_gap_comes_is_enough(ci):
    """Efron (1979): a sample is drawn from the distribution of the gaps, whoever has them."""
    gaps, cell = np.array(SKEWED * 4 + [-1, 0, 2]), np.repeat([0, 1, 2], [40, 40, 3])
    rows = cx.customer_gap(gaps_of(*gaps, touchpoint=cell), by="touchpoint", ci=ci, scale=(1, 7)).frame
    pair, times = np.unique(np.column_stack([gaps, cell]), axis=0, return_counts=True)
    found, flags = class_intervals(
        pair[::-1, 0].astype(float), times[::-1], pair[::-1, 1].astype(int), simple_means(gaps, cell, 3), ci=ci, conf_level=0.95
    )
    for name in ("conf_low", "conf_high", "ci_method"):
        assert found[name].tolist() == rows[name].tolist()
    assert flags == [set()] * 3


@pytest.mark.parametrize("design", [{}, DESIGN], ids=["simple", "design"])
def test_cells_do_not_depend_on_each_other(design):
    """Of no other cell, nor of how many are worked out at a time; without a design others may be left out of the sample."""
    frame = survey(4, 60)
    both = cx.customer_gap(frame, by="touchpoint,dimension", ci="bca", **design).frame
    if not design:
        for touchpoint, rows in both.groupby("touchpoint", observed=True):
            part = frame[frame["touchpoint"] == touchpoint]
            alone = cx.customer_gap(part, by="touchpoint,dimension", ci="bca").frame
            assert alone["conf_low"].tolist() == pytest.approx(rows["conf_low"].tolist(), rel=1e-9)
    whole = cx.customer_gap(frame.assign(all="x"), by="touchpoint,dimension,all", ci="bca", **design).frame
    assert whole["conf_high"].tolist() == both["conf_high"].tolist()


def test_hidden_cells_hide_how_their_interval_was_made():
    frame = gaps_of(*SKEWED, -3, -1, 0, touchpoint=["many"] * 20 + ["few"] * 3)
    rows = cx.customer_gap(frame, by="touchpoint", ci="boot_t", min_n=10).frame.set_index("touchpoint")
    assert pd.isna(rows.loc["few", "ci_method"])
    assert "CI_FALLBACK" not in rows.loc["few", "flags"]


def test_a_table_keeps_how_intervals_were_made():
    gaps = cx.customer_gap(survey(5), by="touchpoint", ci="bca")
    again = cx.GapTable.from_record(gaps.record())
    assert again.frame["ci_method"].tolist() == gaps.frame["ci_method"].tolist()
    assert again.caption == gaps.caption


def test_students_ends_are_unchanged():
    """Student (1908): the default is what it always was."""
    rows = cx.customer_gap(survey(7), by="touchpoint", **DESIGN).frame
    low, high = t_interval(*(rows[name].to_numpy() for name in ("estimate", "std_error", "df")), conf_level=0.95)
    assert np.array_equal(rows["conf_low"], low)
    assert np.array_equal(rows["conf_high"], high)


def test_an_unknown_interval_is_refused():
    with pytest.raises(ArgumentError, match="`ci`"):
        one(gaps_of(-1, 0), ci="bootstrap")
