"""Plans under a budget: every set against the model by hand, customers counted once, and nothing paid for without a link."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from followed import followed, followed_link

import cxgap as cx
from cxgap.errors import ArgumentError
from cxgap.gaps import outcome_checks
from cxgap.gaps.closing_draws import own_draws, shared_draws
from cxgap.gaps.portfolio_sets import joint_values
from cxgap.result import Table

DRAWS = {"draws": 120, "seed": 2}


@pytest.fixture(scope="module")
def link() -> Table:
    return followed_link()


@pytest.fixture(scope="module")
def plans(link) -> list[Table]:
    return [
        cx.closing_value(link, touchpoint="Get", name="Faster", close=0.5, cost=(200, 400, 900), reach=(8, 2), **DRAWS),
        cx.closing_value(link, touchpoint="Pay", name="Clearer", close=20, cost=(800, 1000, 1500), **DRAWS),
        cx.closing_value(link, touchpoint="Get", name="Faster still", close=0.9, cost=3000, reach=(4, 2), **DRAWS),
    ]


@pytest.fixture(scope="module")
def chosen(plans) -> Table:
    return cx.portfolio(plans, budget=2000, exclusive=[("Faster", "Faster still")])


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Deal the folds once: what a test asks does not hang on how often they are dealt."""
    monkeypatch.setitem(outcome_checks.validate.__kwdefaults__, "deals", 1)


def nets(frame: pd.DataFrame, name: str) -> pd.Series:
    return frame[frame["what"] == name].iloc[0]


def test_a_plan_alone_is_what_closing_value_says_of_it(plans, chosen):
    for plan, name in zip(plans, ("Faster", "Clearer", "Faster still"), strict=True):
        alone, row = nets(plan.frame, "net present value"), nets(chosen.frame, name)
        assert row[["mean", "q05", "q50", "q95", "p_positive"]].to_numpy(float) == pytest.approx(
            alone[["mean", "q05", "q50", "q95", "p_positive"]].to_numpy(float)
        )


def test_every_set_is_the_model_of_every_person_reached_or_not(plans):
    """By hand, draw by draw: the mean over who is reached by which plan, of the chances with what those plans leave."""
    model, asked = plans[0].model, [plan.asked for plan in plans]
    joint = joint_values(model, asked, plans[0].worth, DRAWS["draws"], DRAWS["seed"])
    shared = shared_draws(model, asked[0], DRAWS["draws"], DRAWS["seed"])
    taken = [own_draws(each, DRAWS["draws"], DRAWS["seed"]).taken for each in asked]
    x = model.terms.x
    get, pay = (model.terms.shortfall[model.people.cells.index(name)] for name in ("Get", "Pay"))
    leaves = {
        0: lambda z: (get, z[:, get] * 0.5),
        1: lambda z: (pay, np.maximum(z[:, pay] - 20, 0)),
        2: lambda z: (get, z[:, get] * 0.1),
    }
    worth = model.people.value
    for size in range(4):
        for inside in combinations(range(3), size):
            code, by_hand = sum(1 << plan for plan in inside), np.zeros(DRAWS["draws"])
            for many in range(size + 1):
                for reached in combinations(inside, many):
                    z = x.copy()
                    for plan in reached:
                        column, left = leaves[plan](z)
                        z[:, column] = left
                    moved = np.array([model.mean(x, beta) - model.mean(z, beta) for beta in shared.beta])
                    share = np.prod([taken[plan] if plan in reached else 1 - taken[plan] for plan in inside], axis=0)
                    by_hand += share * ((moved * shared.multiplier) @ worth)
            by_hand *= shared.causal * 365.25 / model.horizon / 1.1
            assert joint.value[code] == pytest.approx(by_hand, rel=1e-9, abs=1e-6)


def test_customers_of_several_plans_count_once_and_it_is_said(chosen):
    both = chosen.frame[chosen.frame["chosen"].eq(True) & (chosen.frame["kind"] == "efficient set")].iloc[0]
    single = sum(nets(chosen.frame, name)["mean"] for name in str(both["plans"]).split("|"))
    assert both["plans"] == "Faster|Clearer"
    assert both["mean"] < single
    assert "do not add up" in " ".join(chosen.notes)
    assert both["cost"] == pytest.approx(500 + 1100)


def test_the_choice_keeps_to_budget_dependencies_and_instead_of(plans):
    for budget, requires, exclusive in [
        (400, None, ()), (600, None, ()), (4700, None, ()), (None, {"Faster": "Clearer"}, [("Faster", "Faster still")]),
        (1000, {"Faster": ["Clearer"]}, ()),
    ]:  # fmt: skip
        frame = cx.portfolio(plans, budget=budget, requires=requires, exclusive=exclusive).frame
        picked = frame[(frame["kind"] == "efficient set") & frame["chosen"].eq(True)].iloc[0]
        names = str(picked["plans"]).split("|")
        assert picked["cost"] <= (budget or np.inf)
        assert not (requires and "Faster" in names and "Clearer" not in names)
        assert not (exclusive and {"Faster", "Faster still"} <= set(names))
        assert set(frame["what"][(frame["kind"] == "plan") & frame["chosen"].eq(True)]) == set(names) - {""}
        sets = frame[(frame["kind"] == "efficient set") & frame["within"].eq(True)]
        assert picked["mean"] == sets["mean"].max()
    assert (frame["frequency"].dropna() <= 1).all()


def test_without_a_demonstrated_link_nothing_is_paid_for():
    study = followed(slope=0.0, seed=4)
    none = cx.outcome_link(study.pop("responses"), **study, scale=(1, 7), as_of="2026-09-30", min_n=10)
    assert none.title.startswith("No demonstrated link")
    table = cx.portfolio(
        [cx.closing_value(none, touchpoint=name, name=name, cost=1, draws=50) for name in ("Get", "Pay")], budget=1e6
    )
    assert table.title.startswith("No demonstrated link, so no plan is to be paid for")
    assert not table.frame["chosen"].eq(True)[table.frame["kind"] == "plan"].any()
    assert set(table.frame["decision"][table.frame["kind"] == "plan"]) <= {"pilot first", "leave"}
    risk = cx.value_at_risk(none, replicates=9)
    assert risk.title.startswith("No demonstrated link with customers leaving, so no money is claimed")
    assert "ASSUMPTION" not in cx.plot.money(risk).layout.meta["cxgap"]["note"]
    curve = cx.plot.outcome(none, show="curve").layout.meta["cxgap"]["note"]
    assert curve.startswith("That it slopes at all is not shown: whether there is a link we cannot tell. Line: ")
    said = str(cx.describe(risk))
    assert "so no money is claimed." in said
    assert "ASSUMPTION: the whole of the association" not in said.split("What is predicted")[0]


def test_evidence_of_its_own_is_added_as_an_upper_bound_and_grades_are_named(link, plans):
    effect = {"method": "chance decided", "estimate": -0.1, "conf_low": -0.2, "conf_high": 0.0}
    trial = Table(pd.DataFrame([effect]), "outreach_effect", "What calling was worth")
    called = cx.closing_value(link, touchpoint="Pay", name="Call", evidence=trial, cost=10, **DRAWS)
    table = cx.portfolio([plans[0], called])
    both = table.frame[(table.frame["kind"] == "efficient set") & table.frame["chosen"].eq(True)].iloc[0]
    assert (both["plans"], both["grade"], both["flags"]) == ("Faster|Call", "C", "MIXED_GRADES")
    said = " ".join(table.notes)
    assert "the grades A (randomised) and C (adjusted association)" in said
    assert "Upper bound" in said


@pytest.mark.parametrize(
    ("change", "options", "why"),
    [
        ({"cost": None}, {}, "has no cost"),
        ({"name": "Faster"}, {}, "two plans are called 'Faster'"),
        ({"draws": 60}, {}, "same 'draws'"),
        ({"discount": 0.2}, {}, "same 'discount'"),
        ({"retention": 0.5}, {}, "same 'retention'"),
        ({"touchpoint": ""}, {}, "all close a touchpoint"),
        ({}, {"requires": {"Fastr": "Other"}}, "Did you mean 'Faster'"),
        ({}, {"exclusive": ["Faster"]}, "groups of names"),
        ({}, {"budget": -1}, "0 or more"),
    ],
)
def test_what_is_asked_wrongly_is_refused(link, plans, change, options, why):
    other = cx.closing_value(link, **{"touchpoint": "Pay", "name": "Other", "cost": 10, **DRAWS, **change})
    with pytest.raises(ArgumentError, match=why):
        cx.portfolio([plans[0], other], **options)


def test_what_is_no_plan_is_refused_and_what_could_not_be_told_is_left_out(link, plans):
    with pytest.raises(ArgumentError, match="a list of what"):
        cx.portfolio(plans[0])
    with pytest.raises(ArgumentError, match=r"what cx\.closing_value returned, not 'outcome_link'"):
        cx.portfolio([link])
    unknown = Table.not_measured("closing_value", "What closing the gap may bring", "nobody got less there")
    assert "Left out: 1 plan" in " ".join(cx.portfolio([*plans[:1], unknown]).notes)
    assert cx.portfolio([unknown]).missing == "nobody got less there"
    assert "call cx.closing_value again" in cx.portfolio([Table.from_record(plans[0].record())]).missing


def test_open_actions_with_a_touchpoint_and_a_cost_are_plans(link, plans):
    actions = pd.DataFrame(
        {
            "action_id": ["1", "2", "3", "4", "5"],
            "action": ["Faster", "Clearer", "Uniforms", "Done", "Elsewhere"],
            "touchpoint": ["Get", "Pay", "Get", "Get", "Nowhere"],
            "cost": [400.0, 1000.0, np.nan, 10.0, 10.0],
            "done_at": pd.to_datetime([None, None, None, "2026-01-05", None], utc=True),
        }
    )
    table = cx.portfolio(link, actions, budget=2000, **DRAWS)
    assert set(table.frame["what"][table.frame["kind"] == "plan"]) == {"Faster", "Clearer"}
    alone = cx.closing_value(link, touchpoint="Pay", name="Clearer", close=0.5, cost=1000, **DRAWS)
    assert nets(table.frame, "Clearer")["mean"] == pytest.approx(nets(alone.frame, "net present value")["mean"])
    assert "Left out: 3 actions" in " ".join(table.notes)
    assert "no open action" in cx.portfolio(link, actions.iloc[2:], **DRAWS).missing
    with pytest.raises(ArgumentError, match="`actions` must be given"):
        cx.portfolio(link)
    with pytest.raises(ArgumentError, match="'actions' must be given with a link"):
        cx.portfolio(plans, actions)
    assert "call cx.outcome_link again" in cx.portfolio(Table.from_record(link.record()), actions).missing


def test_it_is_put_into_words_and_pictures_with_the_currency(chosen):
    said = str(cx.describe(chosen))
    assert "To be paid for under these assumptions: " in said
    assert "the best set with it leaves" in said
    for show in ("plans", "budget"):
        about = cx.plot.portfolio(chosen, show=show).layout.meta["cxgap"]
        assert "Faster" in about["alt"]
    with pytest.raises(ArgumentError, match=r"what `cx\.portfolio` returned"):
        cx.plot.portfolio(cx.describe)
    with pytest.raises(ArgumentError, match="show"):
        cx.plot.portfolio(chosen, show="both")
    bare = Table.not_measured("portfolio", "Which plans to pay for", "nobody knows what customers are worth")
    assert "not measured" in cx.plot.portfolio(bare).layout.meta["cxgap"]["alt"]


def test_amounts_name_their_currency_wherever_they_stand():
    study = followed()
    euros = cx.outcome_link(
        study.pop("responses"), **study, scale=(1, 7), as_of="2026-09-30", by="", currency="EUR", covariates=()
    )
    risk = cx.value_at_risk(euros, replicates=9)
    closing = cx.closing_value(euros, cost=(10, 20, 30), name="All", draws=50)
    both = cx.portfolio([closing], budget=50)
    assert "EUR " in risk.title
    assert "EUR" in risk.heads
    for table in (risk, closing, both):
        assert "EUR " in str(cx.describe(table))
        assert "EUR " in str(table)
    assert "EUR" in cx.plot.money(risk, closing).to_json()
    assert "EUR" in cx.plot.portfolio(both, show="budget").to_json()
