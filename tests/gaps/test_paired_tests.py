"""Tests of the gap by means, ranks and signs: on every engine, under designs, at the edges, and with few people."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from answers import gaps_of, survey
from conftest import ENGINES
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from samples import sample
from scipy.stats import binomtest, ttest_1samp, wilcoxon

import cxgap as cx
from cxgap.errors import ArgumentError
from cxgap.gaps.paired_tests import paired_tests
from cxgap.tables.absent import Absent

LAW = settings(max_examples=5, deadline=None, derandomize=True)
FULL = {"weight": "weight", "stratum": "stratum", "psu": "psu", "population": "population", "scale": (1, 7)}
MIXED = [-3, -2, -2, -1, -1, -1, 0, 0, 0, 1, 1, 2, -4, -2, 0, -1]
RANKED = ["below", "equal", "above", "sign_p", "wilcoxon", "wilcoxon_z", "wilcoxon_p", "hodges_lehmann", "rank_biserial"]


def one(*gaps: float, **options: object) -> pd.Series:
    return paired_tests(gaps_of(*gaps), by="", **options).frame.iloc[0]


# Numbers


@pytest.mark.parametrize("engine", ENGINES)
def test_one_cell_has_what_scipy_says_of_it(engine):
    """Methods O-3.2c by R coin and convolution; t, sign and one-sided tests by scipy.stats."""
    (row,) = paired_tests(ENGINES[engine](gaps_of(*MIXED)), by="", margin=1.5).frame.itertuples()
    test = ttest_1samp(MIXED, 0)
    assert (row.n, row.estimate, row.std_dev) == pytest.approx((16, -0.8125, 1.558578), abs=5e-7)
    assert (row.t, row.df, row.p_value) == pytest.approx((test.statistic, 15, test.pvalue))
    assert (row.conf_low, row.conf_high) == pytest.approx(tuple(test.confidence_interval(0.95)))
    assert (row.wilcoxon, row.wilcoxon_how) == (27.5, "exact")
    assert (row.wilcoxon_z, row.wilcoxon_p) == pytest.approx((-1.868745, 0.0751953), abs=5e-7)
    assert (row.below, row.equal, row.above) == (9, 4, 3)
    assert row.sign_p == pytest.approx(binomtest(3, 12).pvalue)
    sides = [ttest_1samp(MIXED, -1.5, alternative="greater").pvalue, ttest_1samp(MIXED, 1.5, alternative="less").pvalue]
    assert [row.tost_p_lower, row.tost_p_upper, row.tost_p] == pytest.approx([*sides, max(sides)])
    assert (row.net_share, row.superiority) == pytest.approx((-6 / 16, 5 / 16))
    assert (row.share_below, row.share_met) == pytest.approx((9 / 16, 7 / 16))
    assert row.p_adjusted == row.p_value


def test_zeros_and_correction_are_chosen():
    """Methods O-3.2c, zeros left out first: z -1.876251; above 50 pairs as scipy.stats.wilcoxon, corrected or not."""
    assert one(*MIXED, zeros="wilcox")["wilcoxon_z"] == pytest.approx(-1.876251, abs=5e-7)
    many = MIXED * 4
    for correction in (False, True):
        row = one(*many, zeros="wilcox", correction=correction)
        wanted = wilcoxon(many, zero_method="wilcox", correction=correction, method="approx").pvalue
        assert (row["wilcoxon_p"], row["wilcoxon_how"]) == (pytest.approx(wanted), "normal")


def test_the_two_highest_answers_and_who_dominates():
    """By counting: expectations are all 5; perceptions 6, 7, 5 and 4 cross them, and 6, 7, 5, 5 lie above."""
    crossing, above = one(1, 2, 0, -1, scale=(1, 7)), one(1, 2, 0, 0, scale=(1, 7))
    assert (crossing["top2_start"], crossing["top2_end"], crossing["dominates"]) == (0, 0.5, "neither")
    assert above["dominates"] == "perception"
    assert np.isnan(one(1, 2, 0)["top2_end"])


def test_means_and_order_that_point_different_ways_are_flagged():
    """Arithmetic: seven in ten got a point more, three lost four: the mean falls, most gained."""
    row = one(*[1.0] * 70, *[-4.0] * 30)
    assert row["estimate"] == pytest.approx(-0.5)
    assert (row["net_share"], row["agree"], row["flags"]) == (pytest.approx(0.4), "no", "SCALE_DEPENDENT")
    table = paired_tests(gaps_of(*[1.0] * 70, *[-4.0] * 30), by="")
    assert table.cells[0][-1] == "less than expected; but means and order point different ways"
    assert "depends on how the answers are numbered" in table.notes[0]
    noise = one(*[1.0] * 4, *[-1.5] * 3)  # opposite ways, but neither is told from zero
    assert (np.sign(noise["estimate"]), np.sign(noise["net_share"]), noise["agree"]) == (-1, 1, "yes")


# Edges


@pytest.mark.parametrize("engine", ENGINES)
def test_cells_of_none_of_one_and_of_all_alike(engine):
    """Methods 0.5: EMPTY has nothing, N1 its estimate, ZERO_VAR an interval of no width and neither p nor d_z."""
    frame = gaps_of(-1, -1, -1, -1, 2, np.nan, 0, 0, 0, who=["a"] * 4 + ["b", "c"] + ["d"] * 3)
    rows = paired_tests(ENGINES[engine](frame), by="who", margin=0.5).frame.set_index("who")
    assert rows["flags"].tolist() == ["LOW_DF|UNSTABLE|ZERO_VAR", "N1", "EMPTY", "LOW_DF|UNSTABLE|ZERO_VAR"]
    alike, single, empty, zero = (rows.loc[name] for name in "abcd")
    assert (alike["estimate"], alike["conf_low"], alike["conf_high"]) == (-1, -1, -1)
    assert np.isnan([alike["t"], alike["p_value"], alike["p_adjusted"], alike["d_z"], alike["d_z_low"], alike["tost_p"]]).all()
    assert (alike["below"], alike["sign_p"], alike["wilcoxon_p"]) == (4, 0.125, 0.125)
    assert (zero["estimate"], zero["d_z"], zero["verdict"]) == (0, 0, "met")
    assert np.isnan([zero["sign_p"], zero["wilcoxon_p"], zero["d_z_low"]]).all()
    assert (single["estimate"], single["above"], single["wilcoxon_how"]) == (2, 1, "")
    assert np.isnan(
        [single[name] for name in ("p_value", "sign_p", "wilcoxon_p", "superiority_low", "rank_biserial_low")]
    ).all()
    numbers = rows.select_dtypes("number").drop(columns="n").loc["c"]
    assert numbers.isna().all()
    assert (empty["n"], empty["verdict"], empty["agree"]) == (0, "cannot tell", "")


def test_few_people_are_hidden_and_their_tests_are_in_no_family():
    """Methods 3.6: a hidden cell is no test; methods 0.5: its neighbour is hidden where subtraction would tell."""
    frame = gaps_of(*MIXED * 3, *MIXED * 2, *MIXED, -1, -2, 0, who=["a"] * 48 + ["b"] * 32 + ["c"] * 16 + ["d"] * 3)
    rows = paired_tests(frame, by="who", min_n=5).frame.set_index("who")
    assert rows["flags"].to_dict() == {"a": "", "b": "", "c": "SUPPRESSED_SECONDARY", "d": "SUPPRESSED_PRIVACY"}
    hidden = rows.loc[["c", "d"]]
    assert hidden.select_dtypes("number").isna().all(axis=None)
    assert set(hidden["verdict"]) == {"not shown"}
    assert set(hidden[["wilcoxon_how", "cliffs_size", "dominates", "agree"]].to_numpy().ravel()) == {""}
    p = rows["p_value"].dropna().to_numpy()
    assert rows["p_adjusted"].dropna().to_numpy() == pytest.approx([min(2 * p.min(), p.max()), p.max()])
    assert "nan" not in str(paired_tests(frame, by="who", min_n=5).cells)


# Designs


@pytest.mark.parametrize("engine", ENGINES)
def test_under_weights_ranks_and_signs_are_not_tested_and_order_is_linearised(engine):
    """Methods 3.2 and 3.4: the mini design of O-3.4 (a), R survey 4.1.1; the net share is the mean of the signs."""
    values = [-1, 0, -2, -1, 0, 1, -3, -1, -1, -2, 0, -2]
    design = {
        "stratum": list("AAAAAABBBBBB"), "psu": [f"p{unit}" for unit in np.repeat(np.arange(6), 2)],
        "weight": [10.0, 10, 12, 12, 8, 8, 20, 20, 25, 25, 15, 15],
    }  # fmt: skip
    columns = {name: name for name in design}
    table = paired_tests(ENGINES[engine](gaps_of(*values, **design)), by="", **columns)
    (row,) = table.frame.to_dict("records")
    assert (row["estimate"], row["std_error"], row["df"]) == pytest.approx((-1.238889, 0.2453577, 4), abs=5e-7)
    assert (row["conf_low"], row["conf_high"]) == pytest.approx((-1.920111, -0.557667), abs=5e-7)
    assert row["t"] == pytest.approx(row["estimate"] / row["std_error"])
    assert np.isnan([row[name] for name in RANKED]).all()
    assert row["wilcoxon_how"] == ""
    signs = cx.customer_gap(gaps_of(*np.sign(values), **design), by="", **columns).frame.iloc[0]
    assert row["net_share"] == pytest.approx(signs["estimate"])
    assert row["superiority"] == pytest.approx((1 + signs["estimate"]) / 2)
    assert row["superiority_high"] == pytest.approx(min(1, (1 + signs["conf_high"]) / 2))
    assert row["superiority_p"] == pytest.approx(signs["p_value"])
    assert row["d_z_low"] < row["d_z"] < row["d_z_high"]
    assert any("Ranks and signs are not tested" in note for note in table.notes)


def test_linearised_cliffs_delta_is_near_that_of_simple_samples_and_knows_of_pairs():
    """Weighted shares by hand; and with everybody apart, the linearised interval allows for pairing."""
    random = np.random.default_rng(2)
    common = random.normal(0, 1, 300)
    start, end = (np.clip(np.round(4 + common + random.normal(0, 0.5, 300) + shift), 1, 7) for shift in (0.4, 0))
    frame = pd.DataFrame({"respondent_id": range(300), "expectation": start, "perception": end})
    frame["weight"] = random.choice([1.0, 3.0], 300)
    row = paired_tests(frame, by="", weight="weight").frame.iloc[0]
    signs, weight = np.sign(np.subtract.outer(end, start)), frame["weight"].to_numpy()
    assert row["cliffs_delta"] == pytest.approx(weight @ signs @ weight / weight.sum() ** 2)
    plain = paired_tests(frame, by="").frame.iloc[0]
    widths = [each["cliffs_delta_high"] - each["cliffs_delta_low"] for each in (row, plain)]
    assert widths[0] < 0.75 * widths[1]


def test_equal_weights_of_people_drawn_one_by_one_leave_ranks_their_test():
    """Methods 3.4: weights have no unit, and a weight that is the same for all is none."""
    frame = survey(3, people=40).assign(weight=2.5)
    plain = paired_tests(frame, by="touchpoint").frame
    weighted = paired_tests(frame, by="touchpoint", weight="weight").frame
    tested = [*RANKED, "superiority_low", "d_z", "d_z_low", "g_av", "d_rm", "cliffs_delta_low", "rank_biserial_low"]
    assert_frame_equal(plain[tested], weighted[tested], rtol=1e-9, atol=1e-12)
    assert plain["wilcoxon_p"].notna().any()
    pairs = paired_tests(frame.assign(psu=frame["respondent_id"].str[:3]), by="touchpoint", psu="psu").frame
    assert pairs["wilcoxon_p"].isna().all()


# Laws


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("options", [{}, FULL], ids=["plain", "designed"])
def test_every_engine_gives_the_same_bits(engine, options):
    frame = survey(4, people=20)
    table = paired_tests(ENGINES[engine](frame), by="touchpoint,segment", **options)
    assert_frame_equal(table.frame, paired_tests(frame, by="touchpoint,segment", **options).frame, check_exact=True)


@LAW
@given(seed=st.integers(0, 1000), designed=st.booleans())
def test_row_order_the_unit_of_weights_and_an_added_cell_change_nothing(seed, designed):
    frame = survey(seed, people=16)
    options = FULL if designed else {}
    plain = paired_tests(frame, by="touchpoint", **options).frame
    added = frame[frame["touchpoint"] == "web"].assign(touchpoint="app", expectation=np.nan)
    texts = pd.concat([frame.assign(touchpoint=frame["touchpoint"].astype(str)), added], ignore_index=True)
    moved = texts.sample(frac=1, random_state=seed).assign(weight=lambda each: 3 * each["weight"])
    found = paired_tests(moved, by="touchpoint", **options).frame
    assert found["flags"].tolist()[0] == "EMPTY"
    assert_frame_equal(found.iloc[1:].reset_index(drop=True), plain, rtol=1e-9, atol=1e-9)


@LAW
@given(seed=st.integers(0, 1000))
def test_turning_the_scale_turns_the_signs_and_keeps_the_chances(seed):
    """What is asked from 1 to 7 may be asked from 7 to 1."""
    frame = survey(seed, people=20, missing=0.1)
    turned = frame.assign(expectation=8 - frame["expectation"], perception=8 - frame["perception"])
    one_way, other = (paired_tests(each, by="touchpoint", margin=0.3).frame for each in (frame, turned))
    for name in ("p_value", "wilcoxon_p", "sign_p", "tost_p", "superiority_p", "correlation"):
        np.testing.assert_allclose(one_way[name], other[name], rtol=1e-7, atol=1e-12)
    for name in ("estimate", "t", "wilcoxon_z", "hodges_lehmann", "d_z", "g_av", "d_rm", "cliffs_delta", "rank_biserial"):
        np.testing.assert_allclose(one_way[name], -other[name], rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(one_way["cliffs_delta_low"], -other["cliffs_delta_high"], rtol=1e-7, atol=1e-9)


# Families and words


def test_declared_cuts_are_adjusted_by_holm_others_by_what_is_asked():
    frame = survey(7, people=40)
    p = paired_tests(frame, by="touchpoint").frame["p_value"].to_numpy()
    holm = np.minimum(1, np.maximum.accumulate(np.sort(p) * [3, 2, 1]))
    declared = paired_tests(frame, by="touchpoint", confirmatory=["touchpoint"])
    assert np.sort(declared.frame["p_adjusted"]) == pytest.approx(holm)
    assert "adjusted by Holm" in declared.notes[1]
    assert paired_tests(frame, by="touchpoint", adjust="bonferroni").frame["p_adjusted"].to_numpy() == pytest.approx(
        np.minimum(1, 3 * p)
    )
    assert paired_tests(frame, by="touchpoint", adjust="none").frame["p_adjusted"].to_numpy() == pytest.approx(p)
    waves = paired_tests(frame, by="wave,touchpoint").frame
    for _, rows in waves.groupby("wave"):
        assert rows["p_adjusted"].max() == pytest.approx(rows["p_value"].max())
    many = gaps_of(*MIXED * 3, who=[f"g{number % 12:02d}" for number in range(48)])
    with pytest.raises(ArgumentError, match="at most 10 tests, and 'who' makes 12"):
        paired_tests(many, by="who", confirmatory="who")


def test_intervals_of_the_selected_are_widened():
    """Benjamini & Yekutieli (2005): one of three at 5 % is given at 1 - .05 / 3."""
    frame = gaps_of(*[-1, -2, -3, -2] * 5, *MIXED, *[1, -1, 0, 1] * 4, who=["a"] * 20 + ["b"] * 16 + ["c"] * 16)
    each, wide = (paired_tests(frame, by="who", intervals=kind).frame for kind in ("each", "fcr"))
    assert ((each["p_adjusted"] < 0.05).tolist()) == [True, False, False]
    level = paired_tests(frame, by="who", conf_level=1 - 0.05 / 3).frame
    assert wide["conf_low"].to_numpy() == pytest.approx(level["conf_low"].to_numpy())
    assert wide["conf_high"].to_numpy() == pytest.approx(level["conf_high"].to_numpy())


def test_the_title_tells_what_is_left_of_many_tests():
    """Benjamini & Hochberg (1995): the smallest of six p-values counts six times, and the other five are 1."""
    short = [-2, 0, -1, 0, -1, -1]
    table = paired_tests(
        gaps_of(*short, *MIXED[:6] * 0, *[1, -1] * 15, who=["a"] * 6 + [g for g in "bcdef" for _ in range(6)]), by="who"
    )
    p = ttest_1samp(short, 0).pvalue
    assert 0.05 / 6 < p < 0.05
    assert table.title == (
        "Customers got less than they expected in 1 of 6 whos, one by one; in none if account is taken of all tests"
    )
    alone = paired_tests(gaps_of(*[-1, -2, -1, -3] * 5, *[1, -1] * 3, who=["a"] * 20 + ["b"] * 6), by="who")
    assert alone.title == "Customers got less than they expected in 1 of 2 whos"


def test_a_cell_whose_respondents_all_weigh_nothing_is_empty():
    """Methods 0.5: a sum of weights of zero is an empty cell, without a warning."""
    frame = gaps_of(*MIXED, *MIXED, who=["a"] * 16 + ["b"] * 16).assign(weight=[1.0, 2.0] * 8 + [0.0] * 16)
    found = paired_tests(frame, by="who", weight="weight").frame.set_index("who")
    assert found.loc["b", "flags"].startswith("EMPTY")
    assert found.loc["b", "dominates"] == ""
    assert np.isnan(found.loc["b", "estimate"])


def test_the_reader_is_told_what_the_test_of_ranks_is():
    """Methods 3.2: it tests symmetry about zero, not the median."""
    table = paired_tests(gaps_of(*MIXED), by="", scale=(1, 7))
    assert any("symmetrically about zero, not whether their median is zero" in note for note in table.notes)
    assert table.title == "What customers got against what they expected: cannot tell"
    assert table.cells[0] == (
        "all together", "16", "−0.81 (−1.64 to +0.02)", "0.055", "56 % / 25 % / 19 %", "0.075", "−0.38, medium", "cannot tell",
    )  # fmt: skip


def test_the_sample_study_is_tested_shown_and_recorded():
    study = sample()
    table = paired_tests(study.responses, by="touchpoint", **study.design)
    record = json.loads(json.dumps(table.record(), allow_nan=False))
    assert len(record["cells"]) == 7
    assert "nan" not in str(table.cells)
    gaps = cx.customer_gap(study.responses, by="touchpoint", **study.design).frame
    shown = table.frame["n"].notna()
    assert table.frame.loc[shown, "estimate"].to_numpy() == pytest.approx(gaps.loc[shown, "estimate"].to_numpy())
    assert table.frame["verdict"].tolist() == gaps["verdict"].tolist()


def test_what_cannot_be_asked_is_said():
    assert "no survey" in paired_tests(Absent("responses")).missing
    for wrong in ({"zeros": "drop"}, {"adjust": "tukey"}, {"intervals": "all"}, {"score": "sum"}):
        with pytest.raises(ArgumentError, match=f"`{next(iter(wrong))}` must be"):
            paired_tests(gaps_of(*MIXED), by="", **wrong)
    with pytest.raises(ArgumentError, match="none of the result's own, not 't'"):
        paired_tests(gaps_of(*MIXED), by="t")
