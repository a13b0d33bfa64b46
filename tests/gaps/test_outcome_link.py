"""What customers did after their answer: laws, the contract of the data, and when nothing may be said."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import ENGINES
from followed import DAY, START, followed, followed_link
from pandas.testing import assert_frame_equal
from samples import sample

import cxgap as cx
from cxgap.errors import ArgumentError, ColumnError
from cxgap.gaps import outcome_checks
from cxgap.result import Table
from cxgap.tables.absent import Absent

AS_OF = "2026-09-30"
TRUTH = Path(__file__).resolve().parents[2] / "data" / "sample" / "truth.json"
CLOSE = {"check_exact": False, "rtol": 1e-9, "atol": 1e-12}


def link(study: dict[str, object] | None = None, **options: object) -> Table:
    given = dict(followed() if study is None else study)
    return cx.outcome_link(given.pop("responses"), **given, **{"scale": (1, 7), "as_of": AS_OF, **options})


@pytest.fixture(scope="module")
def found() -> Table:
    return followed_link()


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Deal the folds once: what a test asks does not hang on how often they are dealt."""
    monkeypatch.setattr(outcome_checks, "DEALS", 1)
    monkeypatch.setitem(outcome_checks.validate.__kwdefaults__, "deals", 1)


# Numbers


def test_the_slope_of_the_simulation_is_inside_its_interval_and_is_said(found):
    """tests/followed.py: log odds of leaving rise by 0.06 for each point of 100 short; nothing else goes with leaving."""
    row = found.frame.iloc[0]
    assert (row["cell"], row["term"], row["n"]) == ("all together", "shortfall", 300)
    assert row["conf_low"] < 0.06 < row["conf_high"]
    assert row["finding"] == "goes with it"
    assert row["ratio"] == pytest.approx(np.exp(5 * row["estimate"]))
    assert (row["grade"], row["unit"]) == ("C", "share")
    assert found.title.startswith("Each 5 points of 100 more shortfall goes with 4.")
    assert "percentage points more customers leaving within 180 days (" in found.title
    assert found.title.endswith("; adjusted association, grade C)")
    assert row["added"] == pytest.approx(row["skill"] - row["skill_without"])
    assert row["added_low"] < row["added"] < row["added_high"]


def test_without_covariates_it_is_the_weighted_logistic_regression_of_the_people_who_were_watched():
    """Statsmodels GLM on the same columns, everybody watched; the sandwich times n / (n - 1)."""
    sm = pytest.importorskip("statsmodels.api")
    random = np.random.default_rng(4)
    gap = random.normal(-5, 15, 400)
    left = (random.random(400) < 1 / (1 + np.exp(1 - 0.05 * np.maximum(-gap, 0)))).astype(float)
    weight = random.integers(1, 4, 400).astype(float)
    row = cx.outcome_link(
        pd.DataFrame({"gap": gap, "left": left, "w": weight}), gap="gap", outcome="left", weight="w", scale=(0, 100)
    ).frame.iloc[0]
    x = np.column_stack([np.ones(400), np.maximum(-gap, 0), np.maximum(gap, 0)])
    told = sm.GLM(left, x, family=sm.families.Binomial(), freq_weights=weight).fit(tol=1e-12)
    score = ((left - told.fittedvalues) * weight)[:, None] * x
    bread = np.linalg.inv((x * (weight * told.fittedvalues * (1 - told.fittedvalues))[:, None]).T @ x)
    sandwich = bread @ (score.T @ score) @ bread * 400 / 399
    assert row["estimate"] == pytest.approx(told.params[1], rel=1e-8)
    assert row["std_error"] == pytest.approx(np.sqrt(sandwich[1, 1]), rel=1e-6)
    up, down = (told.predict(x + np.array([0, step, 0])) for step in (2.5, -2.5))
    assert row["effect"] == pytest.approx(np.average(up - down, weights=weight), rel=1e-8)
    assert (row["grade"], row["p_all"] < 0.05) == ("D", True)


def test_a_number_is_a_linear_model_and_the_same_survey_is_said_to_be_weaker():
    answers = followed()["responses"]
    judged = answers.assign(loyalty=answers.groupby("respondent_id")["perception"].transform("mean"))
    table = cx.outcome_link(judged, outcome="loyalty", scale=(1, 7))
    row = table.frame.iloc[0]
    assert row["effect"] == pytest.approx(-0.3, abs=1e-6)  # 5 points of 100 are 0.3 scale points
    assert (row["grade"], row["flags"], row["unit"]) == ("D", "SAME_SURVEY", "points")
    assert "asked in the same survey" in " ".join(table.notes)
    assert "points lower loyalty" in table.title


# Laws


@pytest.mark.parametrize("engine", ["polars lazy", "duckdb", "pyarrow"])
def test_every_engine_tells_the_same(engine, found):
    to = ENGINES[engine]
    again = link({name: to(table) for name, table in followed().items()})
    assert_frame_equal(again.frame[found.frame.columns[:18]], found.frame[found.frame.columns[:18]], **CLOSE)
    assert again.notes[0] == found.notes[0]


def test_neither_the_order_of_rows_nor_the_unit_of_weights_nor_of_the_scale_counts():
    study = {name: table.sample(frac=1, random_state=3) for name, table in followed().items()}
    study["responses"] = study["responses"].assign(
        w=7.0, expectation=study["responses"]["expectation"] * 10, perception=study["responses"]["perception"] * 10
    )
    plain, moved = link(by="").frame, link(study, by="", weight="w", scale=(10, 70)).frame
    assert_frame_equal(moved[plain.columns[:12]], plain[plain.columns[:12]], **CLOSE)


# The contract of the data


def test_what_happened_before_the_answer_is_left_out_and_counted():
    study = followed()
    before = study["customers"].assign(
        churned_at=study["customers"]["churned_at"].where(study["customers"].index >= 10, START - DAY)
    )
    table = link({**study, "customers": before}, by="")
    assert table.frame["n"].iloc[0] == 290
    assert "Left out: 10 people who had left when they answered." in table.notes
    unknown = link({**study, "customers": study["customers"].iloc[5:]}, by="")
    assert "Left out: 5 people who are not in the table of customers." in unknown.notes


def test_other_ways_to_leave_are_no_churn_and_said():
    study = followed()
    left = study["customers"]["churned_at"].notna()
    chose = left & (study["customers"]["exit"] != "moved")
    table = link(study, by="")
    assert table.frame["events"].iloc[0] == chose.sum()
    assert any("left for another reason (moved)" in note for note in table.notes)
    assert link(study, by="", exits=("chose", "moved")).frame["events"].iloc[0] == left.sum()
    none = {**study, "customers": study["customers"].drop(columns="exit")}
    assert link(none, by="").frame["events"].iloc[0] == left.sum()


def test_who_was_not_watched_to_the_end_is_stood_in_for_and_hazards_agree():
    asked = {"by": "", "as_of": "2026-05-01", "horizon": 90}
    short, hazard, periods = (link(**asked, model=model) for model in ("logistic", "cox", "discrete"))
    assert short.frame["events"].iloc[0] < 60
    assert hazard.frame["model"].iloc[0] == "cox"
    assert np.isfinite(hazard.frame["p_proportional"].iloc[0])
    effects = [each.frame["effect"].iloc[0] for each in (short, hazard, periods)]
    spread = short.frame["effect_high"].iloc[0] - short.frame["effect_low"].iloc[0]
    assert max(effects) - min(effects) < spread / 2
    assert {each.frame["finding"].iloc[0] for each in (short, hazard, periods)} == {"goes with it"}
    assert "ask for fewer, such as horizon=8" in link(by="", as_of="2026-04-15").missing


def test_where_people_are_missing_and_not_days_no_longer_horizon_is_proposed():
    study = followed(12)
    why = "fewer than 10 customers were watched for 180 days after their answer; more customers have to be asked"
    assert link(study, by="", horizon=180, as_of="2027-09-30").missing == why


def test_contacts_and_spending_are_means_for_the_time_watched():
    contacts, spending = link(outcome="contacts", by=""), link(outcome="revenue", by="")
    assert (contacts.frame["unit"].iloc[0], spending.frame["unit"].iloc[0]) == ("contacts", "currency")
    assert "No demonstrated link between shortfalls and contacts" in contacts.title
    assert contacts.frame["model"].iloc[0] == "count"


def test_the_level_that_was_perceived_can_be_held_alike():
    """Expectations are noise in this study, so that what is left of the gap with the level held alike is less."""
    study = followed()
    random = np.random.default_rng(2)
    people = study["responses"]["respondent_id"].drop_duplicates()
    shift = study["responses"]["respondent_id"].map(dict(zip(people, random.integers(-1, 2, len(people)), strict=True)))
    moved = {**study, "responses": study["responses"].assign(expectation=5 + shift)}
    table = link(moved, by="", level=True)
    assert any("perceived level" in note for note in table.notes)
    assert table.frame["effect"].iloc[0] < link(moved, by="").frame["effect"].iloc[0]


# When nothing may be said


def test_too_few_who_left_are_counted_and_no_model_is_fitted():
    study = followed(40, slope=0.0, seed=6)
    table = link(study)
    assert table.title.startswith("Cannot tell: ")
    assert table.frame["finding"].tolist() == ["cannot tell"]
    assert " customers left; a model of " in table.title
    assert table.frame["effect"].isna().all()


def test_a_gap_that_has_no_link_is_said_to_have_none():
    random = np.random.default_rng(12)
    frame = pd.DataFrame({"gap": random.normal(0, 10, 500), "left": (random.random(500) < 0.2).astype(int)})
    table = cx.outcome_link(frame, gap="gap", outcome="left", scale=(0, 100))
    assert table.title.startswith("No demonstrated link between shortfalls and left: each 5 points of 100 more could go with")
    assert set(table.frame["finding"][:2]) == {"cannot tell"}


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"customers": None}, "no table of customers was given"),
        ({"customers": Absent("customers")}, "the study has no table 'customers'"),
        ({"outcome": "contacts", "contacts": None}, "no table of contacts was given"),
        ({"outcome": "revenue", "amount": "price"}, "the table 'events' has no column 'price'"),
    ],
)
def test_what_is_not_there_is_not_measured(options, why):
    study = followed(30)
    kept = {name: table for name, table in study.items() if name not in options}
    assert why in link(kept, **options).missing


def test_what_is_asked_wrongly_is_refused():
    study = followed(30)
    with pytest.raises(ArgumentError, match="Did you mean 'churn'"):
        link(study, outcome="chrun")
    with pytest.raises(ColumnError, match="covariates"):
        link(study, covariates="tenre")
    with pytest.raises(ArgumentError, match="must hold numbers, or true and false"):
        cx.outcome_link(pd.DataFrame({"gap": ["a"], "left": [1]}), gap="gap", outcome="left")
    with pytest.raises(ArgumentError, match="number above 0"):
        link(study, horizon=0)


def test_nobody_is_named_and_few_are_hidden():
    study = followed()
    table = link(study, min_n=200)
    row = table.frame[table.frame["cell"] == "Get"].iloc[0]
    assert row["finding"] == "not shown"
    assert np.isnan(row["n"])
    told = f"{table!r} {table.record()}"
    assert "C0001" not in told
    assert "RC0" not in told
    assert not Table.from_record(table.record()).frame.empty
    assert "at least 400 customers" in link(study, min_n=400).missing


def test_the_sample_study_has_its_link_and_the_truth_is_inside():
    """data/sample/truth.json, causal_share: the fitted risk above that at no shortfall, of those who received a parcel."""
    study = sample()
    truth = json.loads(TRUTH.read_text())["causal_share"]["surveyed"]["association"][0]
    answers = study.responses[study.responses["touchpoint"] == "Receive the parcel"]
    link_ = cx.outcome_link(
        answers, by="", customers=study.customers.assign(value=1.0), covariates=(), weight="weight", scale=(1, 7)
    )
    row = cx.value_at_risk(link_, replicates=99).frame.iloc[0]
    assert row["share_low"] < truth < row["share_high"]


@pytest.mark.slow
def test_spark_tells_the_same(spark, found):
    again = link({name: spark(table) for name, table in followed().items()})
    assert_frame_equal(again.frame[found.frame.columns[:12]], found.frame[found.frame.columns[:12]], **CLOSE)


@pytest.mark.slow
def test_a_link_that_is_not_there_is_seldom_said_to_be():
    """200 draws without any link: said to be there in at most 5 %, and chance."""
    random, said = np.random.default_rng(8), 0
    for _ in range(200):
        gap = random.normal(-3, 12, (300, 3))
        frame = pd.DataFrame(gap, columns=["a", "b", "c"]).assign(left=(random.random(300) < 0.25).astype(int))
        said += not cx.outcome_link(frame, gap=["a", "b", "c"], outcome="left", scale=(0, 100)).title.startswith("No demo")
    assert said <= 200 * 0.05 + 2.33 * np.sqrt(200 * 0.05 * 0.95)
