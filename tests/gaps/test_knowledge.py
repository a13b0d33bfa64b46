"""Gap 1 against R on every engine, its laws, and the truth of the sample study."""

from __future__ import annotations

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
from samples import sample

import cxgap as cx
from cxgap.errors import ArgumentError, ColumnError
from cxgap.gaps.knowledge import knowledge_gap
from cxgap.tables.absent import Absent

LAW = settings(max_examples=2, deadline=None, derandomize=True)
LAWS = pytest.mark.parametrize("engine", ["pandas", pytest.param("polars", marks=pytest.mark.slow), "duckdb"])
SEEDS = st.integers(0, 2**32 - 1)
SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"
DESIGN = {"weight": "weight", "stratum": "stratum", "psu": "psu"}
FULL = {**DESIGN, "population": "population", "scale": (1, 7)}

# Student (1908), Biometrika 6(1), 1-25: extra hours of sleep under two drugs.
FIRST = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0, 2]
SECOND = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]


def beliefs(*values: float, **columns: object) -> pd.DataFrame:
    return pd.DataFrame({"manager_id": range(len(values)), "believed": np.array(values, float), **columns})


def panel(seed: int, managers: int = 8, missing: float = 0.2) -> pd.DataFrame:
    """Managers who rate the items and touchpoints of `survey`."""
    random = np.random.default_rng(seed)
    asked = survey(1, people=30)[["touchpoint", "item", "dimension", "retained"]].drop_duplicates()
    who = pd.DataFrame({"manager_id": [f"m{number:02d}" for number in random.permutation(managers)]})
    frame = who.merge(asked, "cross")
    believed = random.integers(1, 8, len(frame)).astype(float)
    return frame.assign(believed=np.where(random.random(len(frame)) < missing, np.nan, believed))


def one(responses: object, managers: object, **options: object) -> pd.Series:
    return knowledge_gap(responses, managers, **{"by": "", **options}).frame.iloc[0]


# Numbers


@pytest.mark.parametrize("engine", ENGINES)
def test_the_gap_of_two_samples_is_welchs(engine):
    """R 4.2.2: t.test(extra ~ group, data = sleep) gives df 17.776, p 0.07939, interval -3.3654832, 0.2054832."""
    make = ENGINES[engine]
    managers = pd.concat([beliefs(*FIRST), beliefs(*FIRST).assign(manager_id=range(10, 20))])
    row = one(make(answers(expectation=SECOND)), make(beliefs(*FIRST)))
    assert (row["n"], row["n_managers"]) == (10, 10)
    assert (row["start"], row["end"], row["estimate"]) == pytest.approx((2.33, 0.75, -1.58), rel=1e-12)
    assert row["df"] == pytest.approx(17.776, abs=5e-4)
    assert (row["conf_low"], row["conf_high"]) == pytest.approx((-3.3654832, 0.2054832), abs=5e-8)
    assert (row["manager_low"], row["manager_high"]) == (-1.6, 3.7)
    assert (row["std_dev_customers"], row["std_dev_managers"]) == pytest.approx((2.002249, 1.789010), abs=5e-7)
    assert row["flags"] == "FEW_RATERS|UNSTABLE"
    assert np.isnan(row["p_value"])
    assert np.isfinite(one(make(answers(expectation=SECOND)), make(managers))["p_value"])


@pytest.mark.parametrize("engine", ENGINES)
def test_customers_bring_the_error_of_their_design(engine):
    """Methods 1.3: sqrt(Var_T(E) + s^2 / n); R survey 4.1.1 gives .2453577 with 4 degrees of freedom (methods O-3.4a)."""
    frame = gaps_of(
        *[-1, 0, -2, -1, 0, 1, -3, -1, -1, -2, 0, -2],
        weight=[10, 10, 12, 12, 8, 8, 20, 20, 25, 25, 15, 15],
        stratum=[*"AAAAAABBBBBB"],
        psu=["a1", "a1", "a2", "a2", "a3", "a3", "b1", "b1", "b2", "b2", "b3", "b3"],
    ).assign(expectation=lambda rows: rows["perception"])
    row = one(ENGINES[engine](frame), ENGINES[engine](beliefs(*FIRST)), **DESIGN)
    of_managers = 1.789010**2 / 10
    assert row["start"] == pytest.approx(5 - 1.238889, abs=5e-7)
    assert row["std_error"] == pytest.approx(np.sqrt(0.2453577**2 + of_managers), abs=5e-7)
    df = (0.2453577**2 + of_managers) ** 2 / (0.2453577**4 / 4 + of_managers**2 / 9)
    assert row["df"] == pytest.approx(df, rel=1e-6)
    census = one(frame, beliefs(*FIRST), **DESIGN, managers_population=True)
    assert census["std_error"] == pytest.approx(0.2453577, abs=5e-8)
    assert census["df"] == 4
    assert census["flags"] == "CENSUS|FEW_RATERS|LOW_DF|UNSTABLE"
    half = one(frame, beliefs(*FIRST), **DESIGN, managers_population=20)
    assert half["std_error"] == pytest.approx(np.sqrt(0.2453577**2 + of_managers / 2), abs=5e-7)
    assert one(frame, beliefs(*FIRST), **DESIGN, managers_population=10)["std_error"] == census["std_error"]


@pytest.mark.parametrize("engine", ENGINES)
def test_matched_units_are_a_paired_t(engine):
    """Student (1908); R: t.test(extra[1:10], extra[11:20], paired = TRUE) on ten branches of one manager and one customer."""
    make, branch = ENGINES[engine], [f"b{number}" for number in range(10)]
    row = one(make(answers(expectation=SECOND, branch=branch)), make(beliefs(*FIRST, branch=branch)), match="branch")
    assert (row["n"], row["n_managers"], row["units"], row["df"]) == (10, 10, 10, 9)
    assert row["estimate"] == pytest.approx(-1.58, rel=1e-12)
    assert (row["conf_low"], row["conf_high"]) == pytest.approx((-2.459886, -0.700114), abs=5e-7)


@LAWS
@LAW
@given(seed=SEEDS)
def test_what_units_differ_in_does_not_matter_where_they_are_matched(engine, seed):
    """A shift of a branch's customers and managers alike leaves the gap and its error; pooled, it does not."""
    random = np.random.default_rng(seed)
    customers = answers(expectation=random.normal(5, 1, 60), branch=random.permutation([*range(6)] * 10))
    managers = beliefs(*random.normal(5, 1, 18), branch=[*range(6)] * 3)
    shift = random.normal(0, 3, 6)
    moved = customers.assign(expectation=customers["expectation"] + shift[customers["branch"]])
    also = managers.assign(believed=managers["believed"] + shift[managers["branch"]])
    found = one(ENGINES[engine](moved), ENGINES[engine](also), match="branch")
    still = one(customers, managers, match="branch")
    for name in ("n", "n_managers", "units", "estimate", "std_error", "df", "p_value"):
        assert found[name] == pytest.approx(still[name], rel=1e-9)
    assert found["df"] == 5
    assert one(moved, also)["std_error"] != pytest.approx(one(customers, managers)["std_error"], rel=1e-3)


# Laws


@LAWS
@LAW
@given(seed=SEEDS)
def test_order_and_engine_cannot_change_a_digit(engine, seed):
    customers, managers, random = survey(seed, people=14), panel(seed), np.random.default_rng(seed)
    moved = customers.iloc[random.permutation(len(customers))].reset_index(drop=True)
    also = managers.iloc[random.permutation(len(managers))].reset_index(drop=True)
    for by in ("touchpoint", "segment", "touchpoint,dimension"):
        found = knowledge_gap(ENGINES[engine](moved), ENGINES[engine](also), by=by, **FULL)
        assert_frame_equal(found.frame, knowledge_gap(customers, managers, by=by, **FULL).frame, check_exact=True)


@cache
def on_pandas(by):
    return knowledge_gap(survey(4, people=20), panel(4), by=by, **FULL).frame


@pytest.mark.parametrize("engine", ENGINES)
def test_every_engine_gives_the_same_bits(engine):
    make, customers, managers = ENGINES[engine], survey(4, people=20), panel(4)
    for by in ("", "touchpoint", "item", "wave,dimension"):
        found = knowledge_gap(make(customers), make(managers), by=by, **FULL)
        assert_frame_equal(found.frame, on_pandas(by), check_exact=True)


def stretched(*sizes: int) -> list[str]:
    return [region for region, size in zip("ABCDEF", sizes, strict=False) for _ in range(size)]


def test_managers_of_one_region_cannot_be_told_by_subtraction():
    """House: regions with 9, 8 and 1 managers; the one of C is all less A and B, so B is hidden, too."""
    responses = answers(expectation=[5.0, 6.0] * 60, region=stretched(40, 40, 40))
    managers = beliefs(*[6.0, 7.0] * 9, region=stretched(9, 8, 1))
    found = knowledge_gap(responses, managers, by="region").frame.set_index("region")
    assert found.loc[["B", "C"], "flags"].to_list() == ["SUPPRESSED_SECONDARY", "SUPPRESSED_PRIVACY"]
    assert found.loc[["B", "C"], ["n_managers", "end"]].isna().all(axis=None)
    assert np.isfinite(found.loc["A", "estimate"])


def test_managers_of_one_region_cannot_be_told_where_units_are_matched():
    """The same with two branches a region: what counts is how many managers stand in the region."""
    responses = answers(expectation=[5.0, 6.0] * 60, region=stretched(40, 40, 40), branch=stretched(*[20] * 6))
    managers = beliefs(*[6.0, 7.0] * 9 + [6.0], region=stretched(9, 8, 2), branch=stretched(5, 4, 4, 4, 1, 1))
    found = knowledge_gap(responses, managers, by="region", match="branch").frame.set_index("region")
    assert found.loc[["B", "C"], "flags"].to_list() == ["SUPPRESSED_SECONDARY", "SUPPRESSED_PRIVACY"]
    assert found.loc["A", "n_managers"] == 9


def test_managers_who_answer_for_all_touchpoints_hide_nothing_more():
    responses = answers(expectation=[5.0, 6.0] * 60, touchpoint=stretched(40, 40, 40))
    both = pd.concat([beliefs(*[6.0, 7.0] * 9).assign(touchpoint=name) for name in "AB"])
    managers = pd.concat([both, beliefs(6.0, touchpoint="C")])
    found = knowledge_gap(responses, managers).frame.set_index("touchpoint")
    assert found.loc["C", "flags"] == "SUPPRESSED_PRIVACY"
    assert np.isfinite(found.loc[["A", "B"], "estimate"]).all()


@pytest.mark.slow
def test_pyspark_gives_the_same_bits(spark):
    customers, managers = survey(4, people=20), panel(4)
    found = knowledge_gap(spark(customers), spark(managers), by="touchpoint", **FULL)
    assert_frame_equal(found.frame, knowledge_gap(customers, managers, by="touchpoint", **FULL).frame, check_exact=True)


@LAWS
@LAW
@given(seed=SEEDS, factor=st.floats(0.01, 100))
def test_turning_the_scale_turns_the_gap_and_the_unit_of_weights_is_free(engine, seed, factor):
    """Where x becomes 8 - x the estimate and the interval change sign, and the test does not change."""
    customers, managers = survey(seed, people=14), panel(seed)
    turned = customers.assign(expectation=8 - customers["expectation"], weight=customers["weight"] * factor)
    other = managers.assign(believed=8 - managers["believed"])
    still = knowledge_gap(customers, managers, by="segment", **FULL).frame
    found = knowledge_gap(ENGINES[engine](turned), ENGINES[engine](other), by="segment", **FULL).frame
    for name, opposite in {"estimate": "estimate", "conf_low": "conf_high", "effect": "effect"}.items():
        assert found[name].to_numpy() == pytest.approx(-still[opposite].to_numpy(), rel=1e-9, abs=1e-12, nan_ok=True)
    for name in ("n", "n_eff", "std_error", "df", "n_managers"):
        assert found[name].to_numpy() == pytest.approx(still[name].to_numpy(), rel=1e-9, nan_ok=True)
    assert (found["start"] + still["start"]).to_numpy() == pytest.approx(8)
    assert found["flags"].equals(still["flags"])


def test_customers_without_a_perception_count_and_their_expectation_is_that_of_all():
    """Methods 1.3: gap 1 needs no perception."""
    customers = answers(expectation=[4, 5, 6, 7.0], perception=[np.nan, np.nan, 3, 3])
    row = one(customers, beliefs(*FIRST))
    assert (row["n"], row["start"]) == (4, 5.5)


# Few managers


@pytest.mark.parametrize(("managers", "shown"), [(4, ""), (5, "gap"), (9, "gap"), (10, "spread"), (14, "spread"), (15, "test")])
def test_what_is_shown_grows_with_the_number_of_managers(managers, shown):
    """Methods 1.3: fewer than 5 suppressed; 5 to 14 flagged, no p-value; least and greatest from 10."""
    random = np.random.default_rng(managers)
    row = one(answers(expectation=random.integers(1, 8, 40)), beliefs(*random.integers(1, 8, managers)), scale=(1, 7))
    assert np.isfinite(row["estimate"]) == bool(shown)
    assert np.isfinite(row["conf_low"]) == bool(shown)
    assert np.isfinite(row[["manager_low", "manager_high", "std_dev_managers"]].to_numpy(float)).all() == (
        shown in ("spread", "test")
    )
    assert np.isfinite(row["p_value"]) == (shown == "test")
    assert row["flags"] == {"": "SUPPRESSED_PRIVACY", "test": ""}.get(shown, "FEW_RATERS")
    assert (row["verdict"] == "not shown") == (not shown)
    if not shown:
        assert row.drop(["verdict", "flags"]).isna().all()


def test_a_cell_that_managers_say_nothing_of_is_empty_and_few_customers_are_hidden():
    """Methods 0.5."""
    customers = answers(expectation=[5, 6, 7, 5, 6, 7, 6.0], touchpoint=[*"aaabbbc"])
    managers = pd.concat([beliefs(*FIRST, touchpoint="a"), beliefs(*FIRST, touchpoint="c")])
    frame = knowledge_gap(customers, managers, min_n=2).frame.set_index("touchpoint")
    assert frame.loc["b", "flags"] == "EMPTY|LOW_DF|UNSTABLE"
    assert (frame.loc["b", "start"], frame.loc["b", "n"], frame.loc["b", "n_managers"]) == (6, 3, 0)
    assert np.isnan(frame.loc["b", ["end", "estimate", "std_error"]].to_numpy(float)).all()
    assert frame.loc["c", "flags"] == "SUPPRESSED_PRIVACY"
    alone = knowledge_gap(customers, managers).frame.set_index("touchpoint").loc["c"]
    assert alone["flags"] == "FEW_RATERS|N1"
    assert np.isnan(alone["std_error"])


def test_all_of_one_mind_have_a_gap_without_error():
    """Methods 0.5: a standard error of 0, an interval of no width, no p-value."""
    row = one(answers(expectation=[6.0] * 40), beliefs(*[5.0] * 20))
    assert (row["estimate"], row["std_error"], row["conf_low"], row["conf_high"]) == (-1, 0, -1, -1)
    assert np.isnan(row["p_value"])
    assert row["flags"] == "ZERO_VAR"


# The sample study


@pytest.fixture(scope="module")
def study():
    return sample()


def test_the_gaps_of_the_sample_study_come_within_sampling_error_of_the_truth(study):
    """By construction (cxgap/simulate/truth.py): believed - expected of attentive customers, whom 5 % careless ones dilute."""
    truth = json.loads((SAMPLE / "truth.json").read_text(encoding="utf-8"))
    believed = {row["touchpoint"]: row["believed"] for row in truth["staff"]}
    surveyed = {row["touchpoint"]: row["expected"] for row in truth["surveyed"]["touchpoint"]}
    gaps = knowledge_gap(study.responses, study.managers, **study.design)
    shown = gaps.frame[gaps.frame["estimate"].notna()]
    assert len(shown) >= 6
    for row in shown.itertuples():
        assert abs(row.estimate - (believed[row.touchpoint] - surveyed[row.touchpoint])) < 4 * row.std_error
    assert gaps.order["touchpoint"] == tuple(study.responses["touchpoint"].cat.categories)
    weight, knowledge = truth["touchpoint_weight"], {row["touchpoint"]: row["knowledge"] for row in truth["staff"]}
    overall = one(study.responses, study.managers, **study.design)
    mixed = sum(weight[name] * (believed[name] - surveyed[name]) for name in weight)
    assert abs(overall["estimate"] - mixed) < 4 * overall["std_error"]
    assert mixed == pytest.approx(sum(weight[name] * knowledge[name] for name in weight), abs=0.12)


def test_a_gap_table_of_the_sample_study_is_shown_and_recorded(study):
    gaps = knowledge_gap(study.responses, study.managers, by="segment,touchpoint", **study.design)
    assert set(gaps.frame["flags"].str.split("|").explode()) <= {*cx.vocabulary.FLAGS, ""}
    assert gaps.caption.startswith("Knowledge gap by segment, touchpoint in scale points, 95 % intervals, margin ±0.3")
    assert_frame_equal(cx.GapTable.from_record(json.loads(json.dumps(gaps.record()))).frame, gaps.frame)


# Calls that cannot be meant, and tables that are not there


def test_without_a_table_of_managers_nothing_is_measured_and_the_reason_is_given():
    gaps = knowledge_gap(survey(1), Absent("managers"), by="touchpoint,dimension")
    assert len(gaps.frame) == 0
    assert gaps.by == ("touchpoint", "dimension")
    assert "managers.csv" in gaps.missing


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"min_managers": 0}, "`min_managers` must be a whole number of at least 1, not 0."),
        ({"managers_population": 3}, "`managers_population` must be at least 8, the managers who answered, not 3."),
        ({"managers_population": 2.5}, "`managers_population` must be a whole number of at least 1, not 2.5."),
        ({"score": "item"}, "`score` must be one of ['dimensions', 'items'], not 'item'. Did you mean 'items'?"),
        ({"by": "manager_id"}, "`by` must name columns that make groups, and none of the result's own, not 'manager_id'."),
        ({"by": "units"}, "`by` must name columns that make groups, and none of the result's own, not 'units'."),
        (
            {"by": "touchpoint", "match": "touchpoint"},
            "`by` must name columns that make groups, and none of the result's own, not 'touchpoint'.",
        ),
        (
            {"match": "touchpoint", "by": "", "managers_population": True},
            "`managers_population` must be None where units are matched, for units are then the sample.",
        ),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_call_that_cannot_be_meant_is_refused_in_one_sentence(options, message):
    with pytest.raises(ArgumentError) as caught:
        knowledge_gap(survey(1), panel(1), **options)
    assert str(caught.value) == message


def test_a_column_that_is_not_there_is_named_with_its_table():
    with pytest.raises(ColumnError, match="`managers` must have a column 'branch'"):
        knowledge_gap(survey(1).assign(branch=1), panel(1), match="branch")
    with pytest.raises(ColumnError, match="`managers` must have a column 'believed'"):
        knowledge_gap(survey(1), panel(1).drop(columns="believed"))
    with pytest.raises(ColumnError, match="`responses` must have a column 'expectation'"):
        knowledge_gap(survey(1).drop(columns="expectation"), panel(1))
