"""Value at risk and what closing a gap may bring: the oracle of the method, the laws of sums, and grades that never mix."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from followed import followed, followed_link
from pandas.testing import assert_frame_equal

import cxgap as cx
from cxgap.errors import ArgumentError
from cxgap.gaps.grades import added, graded, money, money_span
from cxgap.gaps.outcome_model import Fitted
from cxgap.gaps.outcome_people import people_of
from cxgap.gaps.outcome_terms import Terms
from cxgap.gaps.stakes_of import allotted, stakes
from cxgap.result import Table
from cxgap.stats.means import Design


@pytest.fixture(scope="module")
def link() -> Table:
    return followed_link()


@pytest.fixture(scope="module")
def risk(link) -> Table:
    return cx.value_at_risk(link, replicates=49, seed=2, min_n=10)


@pytest.fixture(scope="module")
def closing(link) -> Table:
    return cx.closing_value(link, touchpoint="Get", cost=(200, 400, 900), reach=(8, 2), draws=200, seed=2)


def toy(shortfall: list[list[float]], beta: list[float]) -> Fitted:
    """A logistic model of given coefficients for people of given shortfalls, cell by cell."""
    x = np.array(shortfall)
    n, cells = x.shape
    people = people_of(
        cells=tuple("ABC"[:cells]), gap=-x, whole=-x.mean(axis=1), outcome=np.zeros(n), names=(), covariates=np.empty((n, 0)),
        respondent=np.arange(n), design=Design(np.ones(n), np.zeros(n, np.int64), np.arange(n), np.full(1, np.inf)),
        designed=False, pomp=True, later=True, notes=(),
    )  # fmt: skip
    terms = Terms(tuple(f"shortfall {name}" for name in people.cells), x, {cell: cell for cell in range(cells)}, None)
    size = len(beta)
    known = (np.array(beta), np.zeros((size, size)), 9.0, np.zeros(cells))
    return Fitted("logistic", terms, *known, firth=False, people=people, weight=np.ones(n), horizon=180.0, settled=True)


def test_the_oracle_of_three_customers():
    """Arithmetic: expit(-2 + s / 2) of 1, 2 and 0, less expit(-2), times 100, 500 and 900: 81.1915."""
    model, value = toy([[1.0], [2.0], [0.0]], [-2.0, 0.5]), np.array([100.0, 500.0, 900.0])
    assert model.mean(model.terms.x) == pytest.approx([0.1824255, 0.2689414, 0.1192029], abs=5e-8)
    assert value @ stakes(model, [0]) == pytest.approx(81.1915, abs=5e-5)


def test_what_falls_to_each_adds_up_to_all_together_and_single_stakes_do_not():
    model, value = toy([[1.0, 3.0], [2.0, 0.0], [4.0, 2.0]], [-2.0, 0.5, 0.4]), np.array([100.0, 500.0, 900.0])
    whole, single = value @ stakes(model, [0, 1]), [value @ stakes(model, [cell]) for cell in (0, 1)]
    parts = allotted(model, value)
    assert parts.sum() == pytest.approx(whole)
    assert abs(sum(single) - whole) > 1
    assert parts[0] > value[1] * (1 / (1 + np.exp(1)) - 1 / (1 + np.exp(2)))  # the second customer's whole stake, and more


def test_the_table_holds_all_together_touchpoints_and_who_did_not_answer(link, risk):
    frame = risk.frame
    assert frame["what"].iloc[0] == "all together"
    assert set(frame["what"][1:3]) == {"Get", "Pay"}
    assert (frame["conf_low"] < frame["estimate"])[:3].all()
    assert (frame["estimate"] < frame["conf_high"])[:3].all()
    assert frame["allotted"][1:3].sum() == pytest.approx(frame["estimate"].iloc[0])
    model = link.parts
    value = followed()["customers"]["value"].to_numpy()
    assert frame["estimate"].iloc[0] == pytest.approx(value @ stakes(model, [0, 1]), rel=1e-9)
    assert risk.title.startswith("If the link were causal, ")
    assert risk.title.endswith("customers who answered (adjusted association, grade C)")
    scaled = cx.value_at_risk(link, replicates=3, customers=3000).frame
    assert scaled["estimate"].iloc[0] == pytest.approx(10 * frame["estimate"].iloc[0])
    kept = cx.value_at_risk(link, replicates=3, retention=0.8, discount=0.1).frame
    assert kept["estimate"].iloc[0] == pytest.approx(8 / 3 * frame["estimate"].iloc[0])


def test_customers_who_did_not_answer_are_valued_and_nothing_is_claimed_of_them():
    study = followed()
    answers = study.pop("responses")
    some = answers[answers["customer_id"] < "C0200"]
    table = cx.value_at_risk(cx.outcome_link(some, by="", **study, scale=(1, 7), as_of="2026-09-30"), replicates=9)
    silent = table.frame[table.frame["kind"] == "not heard from"]
    there = study["customers"][(study["customers"]["customer_id"] >= "C0200") & study["customers"]["churned_at"].isna()]
    assert silent["estimate"].sum() == pytest.approx(there["value"].sum())
    assert silent["n"].sum() == len(there)
    assert silent["conf_low"].isna().all()
    assert set(silent["grade"]) == {""}
    assert set(silent["what"]) <= {"did not answer, with an order", "did not answer, without an order"}
    study["events"] = None
    table = cx.value_at_risk(cx.outcome_link(some, by="", **study, scale=(1, 7), as_of="2026-09-30"), replicates=9)
    silent = table.frame[table.frame["kind"] == "not heard from"]
    assert silent["what"].tolist() == ["did not answer"]  # who ordered is not known
    assert silent["n"].tolist() == [len(there)]


def test_spending_that_falls_with_a_shortfall_is_at_stake_and_kept_by_closing_it():
    """Arithmetic: what is predicted if nobody missed anything, less what is predicted as it is; here the first is the more."""
    study = followed()
    answers = study.pop("responses")
    gap = (answers["perception"] - answers["expectation"]).groupby(answers["customer_id"]).mean()
    less = np.exp(0.4 * np.minimum(study["events"]["customer_id"].map(gap).to_numpy(float), 0))
    study["events"] = study["events"].assign(amount=study["events"]["amount"] * less)
    spending = cx.outcome_link(answers, **study, outcome="revenue", by="", covariates=(), scale=(1, 7), as_of="2026-09-30")
    row = spending.frame.iloc[0]
    assert row["effect"] < 0
    risk = cx.value_at_risk(spending, replicates=9)
    model = spending.whole
    more = (model.mean(model.terms.without([-1])) - model.mean(model.terms.x)).sum()
    assert risk.frame["estimate"].iloc[0] == pytest.approx(more)
    assert 0 < risk.frame["share"].iloc[0] == pytest.approx(more / model.people.outcome.sum())
    kept = cx.closing_value(spending, draws=200).frame
    assert kept["what"].iloc[0] == "value kept"
    assert kept["mean"].iloc[0] == pytest.approx(more / 2 * 365.25 / 180 / 1.1, rel=0.15)
    assert not kept["what"].str.contains("contacts").any()


def test_a_touchpoint_whose_own_link_is_not_shown_brings_no_money(link):
    shown = link.frame.copy()
    shown.loc[shown["cell"] == "Pay", "finding"] = "cannot tell"
    other = replace(link, frame=shown)
    table = cx.closing_value(other, touchpoint="Pay", cost=1, draws=50)
    assert table.title == "No demonstrated link, so nothing is claimed for closing the shortfall at Pay (grade C)"
    assert table.frame["decision"].iloc[0] == "pilot first"
    assert "pays" not in str(cx.describe(table))
    assert "explain the link away" not in " ".join(table.notes)  # there is none
    assert "NO_LINK" not in set(cx.closing_value(other, touchpoint="Get", draws=20).frame["flags"])


def test_money_of_two_grades_is_never_added():
    rows = [{"grade": "A", "estimate": 3.0}, {"grade": "C", "estimate": 4.0}]
    assert added(rows[:1] * 2) == 6
    with pytest.raises(ArgumentError, match="grades A and C must not be added"):
        added(rows)


def test_a_simulation_says_what_it_assumed_and_what_it_hangs_on(closing):
    rows = closing.frame.set_index("what")
    assert rows.loc["net present value", "mean"] == pytest.approx(rows.loc["value kept", "mean"] - rows.loc["cost", "mean"])
    assert rows.loc["cost", "mean"] == pytest.approx(500, rel=0.1)
    shares = closing.frame["spread_share"].dropna()
    assert shares.sum() == pytest.approx(1)
    assert set(closing.frame["what"][closing.frame["kind"] == "what it hangs on"]) == {
        "how strong the link is", "who happened to be asked", "how much of it is causal", "how many are reached",
        "what it costs",
    }  # fmt: skip
    assert "ASSUMPTION: half of the association is taken to be causal (Beta(2,2))." in closing.notes
    doubt = closing.frame[closing.frame["kind"] == "unseen causes"].iloc[0]
    assert doubt["e_value"] > doubt["e_value_limit"] > 1
    assert doubt["conf_low"] < doubt["estimate"] < doubt["conf_high"]
    assert closing.frame["decision"].iloc[0] in closing.notes[2]


def test_nothing_is_closed_beyond_what_was_expected(link):
    whole = cx.closing_value(link, draws=30).frame["mean"].iloc[0]
    points = cx.closing_value(link, draws=30, close=200).frame["mean"].iloc[0]
    half = cx.closing_value(link, draws=30, close=0.5).frame["mean"].iloc[0]
    assert points == pytest.approx(whole)
    assert 0 < half < whole


def test_a_trial_takes_the_place_of_the_association(link):
    effect = {"method": "chance decided", "estimate": -0.1, "conf_low": -0.2, "conf_high": 0.0}
    trial = Table(pd.DataFrame([effect]), "outreach_effect", "What calling was worth")
    assert graded(trial) == ("A", -0.1, pytest.approx(0.1 / 1.959964))
    table = cx.closing_value(link, evidence=trial, draws=400)
    assert set(table.frame["grade"]) == {"A"}
    assert not any("half of the association" in note for note in table.notes)
    reached = float((link.whole.terms.x[:, link.whole.terms.shortfall[-1]] > 0).sum())
    assert table.frame["mean"].iloc[0] == pytest.approx(0.1 * reached * 365.25 / 180, rel=0.1)
    compared = Table(pd.DataFrame([{**effect, "part": "difference", "grade": "B"}]), "before_after", "")
    assert graded(compared)[0] == "B"
    with pytest.raises(ArgumentError, match=r"must be what cx\.outreach_effect"):
        cx.closing_value(link, evidence=link)


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"cost": (3, 2, 1)}, "lowest, most likely and highest"),
        ({"causal": (0, 2)}, "Beta distribution"),
        ({"reach": (1, 2, 3)}, "Beta distribution"),
        ({"touchpoint": "Gte"}, "Did you mean 'Get'"),
        ({"retention": 1.5}, "between 0 and 1"),
        ({"close": 0}, "above 0"),
    ],
)
def test_what_is_asked_wrongly_is_refused(link, options, why):
    with pytest.raises(ArgumentError, match=why):
        cx.closing_value(link, **{"draws": 5, **options})


def test_what_cannot_be_worked_out_says_why(link):
    record = Table.from_record(link.record())
    assert "call cx.outcome_link again" in cx.value_at_risk(record).missing
    bare = followed(40, slope=0.0, seed=6)
    thin = cx.outcome_link(bare.pop("responses"), **bare, scale=(1, 7), as_of="2026-09-30")
    assert cx.value_at_risk(thin).missing.startswith("cannot tell: ")
    assert cx.closing_value(thin).missing.startswith("cannot tell: ")
    with pytest.raises(ArgumentError, match="not the table 'friction'"):
        cx.value_at_risk(Table(pd.DataFrame(), "friction", ""))
    with pytest.raises(ArgumentError, match=r"must be given to cx\.outcome_link"):
        cx.value_at_risk(link, horizon=90)


def test_money_is_written_with_the_digits_that_count():
    assert [money(each) for each in (0, 3.14159, 61_724, -1_251, 1_254_000)] == ["0", "3.14", "61,700", "−1,250", "1.25 M"]
    assert money_span(312_000, 1_250_000) == "0.31 to 1.25 M"
    assert money_span(-500, 61_724) == "−500 to 61,700"


@pytest.mark.slow
def test_what_is_at_stake_on_pyspark_is_that_of_pandas(spark, risk, closing):
    there = {name: spark(table) for name, table in followed().items()}
    link = cx.outcome_link(there.pop("responses"), **there, scale=(1, 7), as_of="2026-09-30", min_n=10)
    at_risk = cx.value_at_risk(link, replicates=49, seed=2, min_n=10).frame
    assert_frame_equal(at_risk, risk.frame, check_dtype=False, rtol=1e-6)
    closed = cx.closing_value(link, touchpoint="Get", cost=(200, 400, 900), reach=(8, 2), draws=200, seed=2).frame
    assert_frame_equal(closed, closing.frame, check_dtype=False, rtol=1e-6)
