"""What is hidden stays hidden, what is tested is adjusted, and every verdict has its flags."""

from __future__ import annotations

import json
import math

import numpy as np
import pandas as pd
import pytest
from answers import answers, gaps_of, survey
from hypothesis import given, settings
from hypothesis import strategies as st

import cxgap as cx
from cxgap.errors import ArgumentError
from cxgap.gaps.judge import withheld
from cxgap.result import COLUMNS, GAPS_MIME, GapTable
from cxgap.stats.multiplicity import benjamini_hochberg, holm
from cxgap.vocabulary import NOT_SHOWN

LAW = settings(max_examples=8, deadline=None, derandomize=True)


def groups(**sizes: int) -> pd.DataFrame:
    """Make a partition: so many respondents in each region, with gaps that no two cells share."""
    region = np.repeat(list(sizes), list(sizes.values()))
    return gaps_of(*np.random.default_rng(8).normal(-1, 1, len(region)), region=region)


def hidden(gaps: GapTable) -> list[str]:
    return [label for label, verdict in zip(gaps.labels(), gaps.frame["verdict"], strict=True) if verdict == NOT_SHOWN]


def two_way(table: dict[str, dict[str, int]]) -> pd.DataFrame:
    cells = [(row, column, n) for row, columns in table.items() for column, n in columns.items()]
    frame = pd.concat([pd.DataFrame({"region": row, "segment": column}, index=range(n)) for row, column, n in cells])
    return gaps_of(*np.random.default_rng(9).normal(-1, 1, len(frame)), **{name: frame[name].to_list() for name in frame})


def touchpoints(**people: range) -> pd.DataFrame:
    """Make a journey: the respondents, by number, who used each touchpoint."""
    rows = [(who, place) for place, users in people.items() for who in users]
    ids, places = zip(*rows, strict=True)
    return gaps_of(*np.random.default_rng(7).normal(-1, 1, len(rows)), respondent_id=ids, touchpoint=places)


def test_a_small_cell_of_a_partition_is_hidden_with_the_next_smallest():
    """Methods 0.5: one suppressed cell in a margin that is also published; the flags say which is which."""
    gaps = cx.customer_gap(groups(north=50, south=20, east=4, west=30), by="region", min_n=10)
    assert hidden(gaps) == ["east", "south"]
    flags = dict(zip(gaps.labels(), gaps.frame["flags"], strict=True))
    assert (flags["east"], flags["south"]) == ("SUPPRESSED_PRIVACY", "SUPPRESSED_SECONDARY")


def test_a_cell_at_the_minimum_is_shown_and_min_n_of_1_hides_nothing():
    frame = groups(north=10, south=9, east=10)
    assert hidden(cx.customer_gap(frame, by="region", min_n=10)) == ["east", "south"]
    assert hidden(cx.customer_gap(frame, by="region", min_n=9)) == []
    assert hidden(cx.customer_gap(frame, by="region")) == []


def test_a_two_way_table_is_hidden_in_both_directions():
    frame = two_way({"a": {"x": 4, "y": 20, "z": 40}, "b": {"x": 30, "y": 25, "z": 40}, "c": {"x": 40, "y": 40, "z": 40}})
    assert hidden(cx.customer_gap(frame, by="region,segment", min_n=10)) == ["a · x", "a · y", "b · x", "b · y"]


def test_touchpoints_that_share_respondents_do_not_hide_each_other():
    """Sixty people in several cells: no total is known from which a cell could be taken away."""
    frame = touchpoints(web=range(50), shop=range(40, 100), call=range(70, 130), fax=range(4))
    assert hidden(cx.customer_gap(frame, min_n=10)) == ["fax"]


def test_touchpoints_that_share_nobody_are_a_partition():
    frame = touchpoints(web=range(50), shop=range(50, 70), fax=range(70, 74))
    assert hidden(cx.customer_gap(frame, min_n=10)) == ["fax", "shop"]


def test_a_few_respondents_in_two_cells_do_not_undo_a_partition():
    """Nine extra places are not ten: who knows of them can still subtract."""
    assert hidden(cx.customer_gap(touchpoints(web=range(50), shop=range(41, 70), fax=range(70, 74)), min_n=10)) == [
        "fax",
        "shop",
    ]
    assert hidden(cx.customer_gap(touchpoints(web=range(50), shop=range(40, 70), fax=range(70, 74)), min_n=10)) == ["fax"]


def numbers_in(value: object) -> list[float]:
    if isinstance(value, dict):
        return [number for part in value.values() for number in numbers_in(part)]
    if isinstance(value, list):
        return [number for part in value for number in numbers_in(part)]
    return [float(value)] if isinstance(value, (int, float)) and not isinstance(value, bool) else []


@LAW
@given(seed=st.integers(0, 2**32 - 1), by=st.sampled_from(["touchpoint", "segment", "touchpoint,segment", "wave,dimension"]))
def test_no_number_of_a_hidden_row_is_anywhere(seed, by):
    """Not in the frame, the record, the text or the page: no statistic, no count, no answer."""
    frame = survey(seed, people=30)
    options = {"by": by, "weight": "weight", "importance": "importance", "importance_kind": "rating"}
    open_, closed = cx.customer_gap(frame, **options), cx.customer_gap(frame, **options, min_n=8)
    away = (closed.frame["verdict"] == NOT_SHOWN).to_numpy()
    numbers = [name for name in closed.frame.columns if name not in {*closed.by, "verdict", "flags"}]
    assert closed.frame.loc[away, numbers].isna().all(axis=None)
    assert (closed.frame.loc[~away, "n"] >= 8).all()
    for row, gone in zip(closed.record()["rows"], away, strict=True):
        if gone:
            assert {value for value in row[len(closed.by) :] if value is not None} <= {
                NOT_SHOWN,
                "SUPPRESSED_PRIVACY",
                "SUPPRESSED_SECONDARY",
            }
    numbers.remove("ci_method")
    secret = {value for value in open_.frame.loc[away, numbers].to_numpy(float).ravel() if value % 1}
    told = set(numbers_in(closed.record()["rows"]))
    shown = set(open_.frame.loc[~away, numbers].to_numpy(float).ravel())
    assert not (secret - shown) & told
    for gone, cells in zip(away, closed.display()[1], strict=True):
        assert not gone or cells[len(closed.by) : len(closed.by) + 5] == [""] * 5


def test_hidden_cells_are_not_in_the_family_of_tests():
    """Methods 3.6: suppressed cells are not in m."""
    frame = groups(north=50, south=20, east=4, west=30)
    gaps = cx.customer_gap(frame, by="region", min_n=10)
    p = gaps.frame["p_value"].to_numpy()
    assert np.isfinite(p).sum() == 2
    assert gaps.frame["p_adjusted"].to_numpy() == pytest.approx(benjamini_hochberg(p), nan_ok=True)


def test_importance_of_too_few_is_hidden_by_itself():
    """Twenty gave both ratings and three of them an importance: the gap is shown, their weighting of it is not."""
    frame = gaps_of(*np.linspace(-2, 1, 20), importance=[5.0] * 3 + [np.nan] * 17)
    options = {"by": "", "importance": "importance", "importance_kind": "rating"}
    (row,) = cx.customer_gap(frame, **options, min_n=10).frame.to_dict("records")
    assert row["n"] == 20
    assert np.isnan([row["importance_gap"], row["importance_gap_n"], row["importance_gap_low"], row["heterogeneity"]]).all()
    assert cx.customer_gap(frame, **options, min_n=3).frame["importance_gap_n"].tolist() == [3]


# The family of tests


def four_waves() -> pd.DataFrame:
    random = np.random.default_rng(2)
    segment, wave = np.repeat([*"abc"], 40), np.tile(["1", "2"], 60)
    return gaps_of(*random.normal(-0.3, 1, 120), segment=segment, wave=wave)


def test_servperf_is_hidden_where_it_would_tell_of_one_who_gave_a_perception_alone():
    """Arithmetic: 21 perceptions' sum less 20 pairs' sum is the last respondent's own answer."""
    frame = gaps_of(*np.random.default_rng(5).normal(-1, 1, 20))
    lone = frame.tail(1).assign(respondent_id=999, expectation=np.nan)
    both = pd.concat([frame, lone])
    (told,) = cx.customer_gap(both, by="").frame.itertuples()
    (kept,) = cx.customer_gap(both, by="", min_n=10).frame.itertuples()
    (whole,) = cx.customer_gap(frame, by="", min_n=10).frame.itertuples()
    assert told.servperf_n == 21
    assert math.isnan(kept.servperf)
    assert math.isnan(kept.servperf_n)
    assert kept.estimate == told.estimate
    assert whole.servperf_n == 20


def test_every_wave_is_a_family():
    """Methods 3.6: one table, one estimand, one wave."""
    frame = cx.customer_gap(four_waves(), by="wave,segment").frame
    for _, wave in frame.groupby("wave"):
        assert wave["p_adjusted"].to_numpy() == pytest.approx(benjamini_hochberg(wave["p_value"].to_numpy()))


@pytest.mark.parametrize("declared", ["segment", ("segment",), [["segment"]], ("wave", "segment")])
def test_a_cut_declared_beforehand_is_adjusted_by_holm(declared):
    gaps = cx.customer_gap(four_waves(), by="segment", confirmatory=declared)
    assert gaps.adjustment == "Holm, declared beforehand"
    assert gaps.frame["p_adjusted"].to_numpy() == pytest.approx(holm(gaps.frame["p_value"].to_numpy()))


def test_a_cut_of_two_columns_is_declared_in_either_order():
    gaps = cx.customer_gap(four_waves(), by="segment,wave", confirmatory=["wave,segment"])
    assert gaps.adjustment == "Holm, declared beforehand"


@pytest.mark.parametrize("declared", [(), "", ("wave",), ("segment,wave",)])
def test_any_other_cut_is_adjusted_by_benjamini_hochberg(declared):
    gaps = cx.customer_gap(four_waves(), by="segment", confirmatory=declared)
    assert gaps.adjustment == "Benjamini & Hochberg, exploratory"
    assert gaps.frame["p_adjusted"].to_numpy() == pytest.approx(benjamini_hochberg(gaps.frame["p_value"].to_numpy()))


def test_eleven_tests_are_no_declared_hypotheses():
    frame = gaps_of(*np.random.default_rng(0).normal(size=33), segment=[*"abcdefghijk"] * 3)
    with pytest.raises(ArgumentError, match="at most 10 tests, and 'segment' makes 11; take it out"):
        cx.customer_gap(frame, by="segment", confirmatory="segment")
    assert len(cx.customer_gap(frame, by="segment").frame) == 11


# Flags and verdicts


def flags(*gaps: float, **options: object) -> tuple[str, pd.Series]:
    names = {name: options.pop(name) for name in ("weight", "stratum", "psu") if name in options}
    row = cx.customer_gap(gaps_of(*gaps, **names), by="", **{name: name for name in names}, **options).frame.iloc[0]
    return row["flags"], row


def test_nobody_at_all_is_an_empty_row():
    """Methods 0.5: n = 0, all NaN."""
    said, row = flags(np.nan, np.nan)
    assert (said, row["n"], row["pairs"], row["verdict"]) == ("EMPTY", 0, 0, "cannot tell")
    assert row[["start", "end", "estimate", "std_error", "df", "conf_low", "conf_high", "p_value", "effect"]].isna().all()


def test_one_respondent_has_an_estimate_and_no_interval():
    """Methods 0.5: n = 1."""
    said, row = flags(-2.0)
    assert (said, row["estimate"], row["verdict"]) == ("N1", -2, "cannot tell")
    assert row[["std_error", "df", "conf_low", "conf_high", "p_value", "p_adjusted", "effect", "d_z", "std_dev"]].isna().all()


@pytest.mark.parametrize(("gap", "size"), [(-1.0, math.nan), (0.0, 0.0), (1 / 3, math.nan), (-0.1, math.nan)])
@pytest.mark.parametrize("designed", [False, True])
def test_respondents_that_all_agree_have_no_test(gap, size, designed):
    """Methods 0.5: se = 0, ci = [est, est], p NaN and not 0, d_z NaN and not infinite, or 0 for no gap."""
    said, row = flags(*[gap] * 40, **({"weight": np.linspace(0.1, 3, 40)} if designed else {}))
    assert said == "ZERO_VAR"
    estimate = (5 + gap) - 5
    assert (row["estimate"], row["conf_low"], row["conf_high"]) == (estimate, estimate, estimate)
    assert (row["std_error"], row["std_dev"]) == (0, 0)
    assert np.isnan(row["p_value"])
    assert row["d_z"] == pytest.approx(size, nan_ok=True)


def test_a_mean_of_thirds_that_agree_is_not_blurred_by_rounding():
    """Three items, gaps of 1, 0 and 0 in any order, have one mean for everybody, whatever order it was added in."""
    rows = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1]] * 5, float)
    frame = answers(
        respondent_id=np.repeat(range(15), 3), touchpoint=[*"abc"] * 15, expectation=5.0, perception=5 + rows.ravel() * 0.7
    )
    row = cx.customer_gap(frame, by="").frame.iloc[0]
    assert (row["std_error"], row["flags"]) == (0, "UNSTABLE|ZERO_VAR")


def test_respondents_that_differ_have_a_spread_even_where_a_census_has_no_error():
    """ZERO_VAR says that all have the same gap; here all that is left out is the sampling."""
    frame = gaps_of(*np.tile([-1.0, 0], 20), size=40.0)
    row = cx.customer_gap(frame, by="", population="size").frame.iloc[0]
    assert (row["std_error"], row["conf_low"], row["conf_high"], row["flags"]) == (0, -0.5, -0.5, "")
    assert row["std_dev"] == pytest.approx(np.std([-1, 0] * 20, ddof=1))
    assert np.isnan(row["p_value"])


def test_small_samples_are_unstable_and_have_few_degrees_of_freedom():
    """Methods 0.5 and 3.4: n_eff below 30, and df below 8."""
    assert flags(*range(-15, 15))[0] == ""
    assert flags(*range(-15, 14))[0] == "UNSTABLE"
    assert flags(*range(8))[0] == "LOW_DF|UNSTABLE"
    assert flags(*range(9))[0] == "UNSTABLE"
    assert flags(*range(40), weight=[1.0] * 20 + [0.01] * 20)[0] == "UNSTABLE"


def test_a_cell_in_one_unit_says_that_it_has_no_degrees_of_freedom():
    said, row = flags(*range(40), psu=["u"] * 40)
    assert said == "LONELY_PSU|LOW_DF"
    assert np.isnan(row["std_error"])


def test_a_lonely_unit_is_flagged_where_a_cell_meets_it():
    frame = gaps_of(*range(8), psu=[*"aabbccdd"], stratum=[*"xxxxxxyy"], segment=[*"mmmmmmnn"]).assign(segment=[*"mnmnmmnn"])
    gaps = cx.customer_gap(frame, by="segment", stratum="stratum", psu="psu").frame
    assert [("LONELY_PSU" in said) for said in gaps["flags"]] == [False, True]


@pytest.mark.parametrize(("margin", "verdict"), [(0.5, "met"), (0.1, "cannot tell"), (None, "cannot tell")])
def test_met_needs_a_margin(margin, verdict):
    """Two one-sided tests inside the margin; without one, met is never said."""
    assert flags(*np.tile([-1.0, 1], 50), margin=margin)[1]["verdict"] == verdict


def test_the_default_margin_is_a_twentieth_of_the_scale():
    """House, section 11: ratings default to 5 % of the range; methods 3.3: 5 points of 100."""
    gaps = cx.customer_gap(gaps_of(*np.tile([-0.1, 0.1], 50)), by="", scale=(1, 7))
    assert (gaps.margin, gaps.frame["verdict"][0]) == (0.3, "met")
    assert cx.customer_gap(gaps_of(0, 1.0), by="", scale=(1, 7), margin=0.5).margin == 0.5
    assert "no margin set" in cx.customer_gap(gaps_of(0, 1.0), by="").caption


@LAW
@given(seed=st.integers(0, 2**32 - 1), by=st.sampled_from(["touchpoint", "item", "touchpoint,dimension", "segment"]))
def test_a_batch_never_raises_and_its_rows_agree_with_their_flags(seed, by):
    """Methods 0.5: the row comes back with NaN and a flag, however small."""
    frame = survey(seed, people=4, missing=0.6)
    design = {"weight": "weight", "psu": "psu"} if seed % 2 else {}
    if design and not frame["weight"].any():
        return
    gaps = cx.customer_gap(frame, by=by, margin=0.3, **design)
    for row in gaps.frame.to_dict("records"):
        said = set(filter(None, row["flags"].split("|")))
        assert row["flags"] == "|".join(sorted(said))
        assert ("EMPTY" in said) == (row["n"] == 0) == math.isnan(row["estimate"])
        assert ("N1" in said) == (row["n"] == 1)
        assert row["n"] > 1 or row["verdict"] == "cannot tell"
        assert math.isnan(row["p_value"]) == (not row["std_error"] > 0)
        assert math.isnan(row["conf_low"]) == math.isnan(row["std_error"])
        if not math.isnan(row["std_error"]):
            assert row["conf_low"] <= row["estimate"] <= row["conf_high"]
    assert tuple(gaps.frame.columns[len(gaps.by) : len(gaps.by) + len(COLUMNS)]) == COLUMNS
    assert json.loads(json.dumps(gaps._repr_mimebundle_()[GAPS_MIME], allow_nan=False))


def test_what_one_side_withholds_can_lay_open_a_cell_of_the_other():
    """By hand: managers of 3 in a hide b (next smallest of them); of customers, too, b and c then stand at 10 and 30."""
    line = [np.arange(4)]
    few = np.array([True, False, False, False])
    managers, customers = np.array([3.0, 6, 7, 8]), np.array([4.0, 3, 30, 40])
    assert withheld(few, (managers, line, 5)).tolist() == [False, True, False, False]
    assert withheld(few, (customers, line, 10), (managers, line, 5)).tolist() == [False, True, True, False]
    assert withheld(few, (customers, line, 1), (managers, [], 5)).tolist() == [False] * 4
    assert withheld(~few & few, (customers, line, 10)).tolist() == [False] * 4


def test_a_survey_that_asked_one_rating_is_not_measured_where_small_cells_are_hidden():
    answers = pd.DataFrame({"respondent_id": list("abcdefghijkl"), "expectation": np.nan, "perception": 4.0})
    assert "both an expectation and a perception" in cx.customer_gap(answers, by="", min_n=10).missing
    assert cx.customer_gap(answers.head(9), by="", min_n=10).missing == ""  # few people are not told of
    assert cx.customer_gap(answers, by="").frame["flags"].tolist() == ["EMPTY"]
