"""Whom to call on: who may be, in what order, whom chance holds out, and that nobody is shown."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hits import START, drawn_study, with_tables
from samples import sample

import cxgap as cx
from cxgap.errors import ArgumentError, ColumnError
from cxgap.gaps.leaving import _columns
from cxgap.gaps.listed import _counts, _share
from cxgap.gaps.stock import alternatives
from cxgap.result import Outreach


def rows(people: Outreach) -> pd.DataFrame:
    """The private rows, as only a test may look at them."""
    return object.__getattribute__(people, "_held")()


def ranked(study: Any, **options: Any) -> pd.DataFrame:
    return rows(cx.silent_customers(study, **{"risk": None, "seed": 1, "holdout": 0, **options}))


@pytest.fixture(scope="module")
def study():
    return drawn_study()


def silent(study: Any) -> set[str]:
    """Those with a late order of which nobody heard, found without the library."""
    orders = study.events
    late = orders[orders["delivered_at"] > orders["promised_first"]]
    return set(late["customer_id"]) - set(study.contacts["customer_id"])


def test_all_silent_customers_are_listed_by_value_where_no_risk_is_asked_for(study):
    found = ranked(study)
    assert set(found["customer_id"]) == silent(study)
    assert found["value"].is_monotonic_decreasing
    assert set(found["arm"]) == {"contacted"}
    assert found["rank"].tolist() == list(range(1, len(found) + 1))


def test_consent_that_is_blank_is_none_and_who_left_or_shares_a_home_is_not_called(study):
    ids = sorted(silent(study))
    people = study.customers.set_index("customer_id")
    people["consent"] = pd.array([None if name == ids[0] else name != ids[1] for name in people.index], dtype="boolean")
    people.loc[ids[2], "churned_at"] = START + pd.Timedelta(days=80)
    people["household"] = people["household"].astype(object)
    people.loc[ids[3:5], "household"] = "H1"
    people.loc[ids[3], "value"] = 1e6
    changed = with_tables(events=study.events, contacts=study.contacts, customers=people.reset_index())
    assert set(ids) - set(ranked(changed)["customer_id"]) == {*ids[:3], ids[4]}
    without = with_tables(events=study.events, contacts=study.contacts, customers=people.drop(columns="consent").reset_index())
    assert "consent" in cx.silent_customers(without).missing


def test_nobody_is_listed_twice_within_the_days_and_the_held_out_stay_so(study):
    ids = sorted(silent(study))
    log = pd.DataFrame({"customer_id": ids[:4], "arm": ["contacted", "held out", "held out", "contacted"], "campaign": "x"})
    log["at"] = pd.to_datetime([START + pd.Timedelta(days=day) for day in (40, 40, -60, -60)], utc=True)
    tables = {"events": study.events, "contacts": study.contacts, "customers": study.customers, "outreach": log}
    assert set(ids) - set(ranked(with_tables(**tables))["customer_id"]) == {ids[0], ids[1]}
    assert set(ids) - set(ranked(with_tables(**tables), frequency_days=400)["customer_id"]) == set(ids[:4])


def test_what_went_wrong_long_ago_is_left_alone_and_kinds_may_be_chosen(study):
    days = (pd.Timestamp("2025-03-31T22:00:00Z") - study.events.set_index("customer_id")["promised_first"]) / pd.Timedelta(
        days=1
    )
    found = ranked(study, look_back=25)
    assert set(found["customer_id"]) == {name for name in silent(study) if days[name] <= 25}
    assert cx.silent_customers(study, look_back=5).missing.startswith("nothing went wrong within the last 5 days")
    assert cx.silent_customers(study, kinds="failed").missing
    with pytest.raises(ArgumentError, match="`kinds` must be one of"):
        cx.silent_customers(study, kinds="flood")


def test_a_share_of_every_stratum_is_held_out_and_capacity_counts_the_others(study):
    found = ranked(study, holdout=0.2)
    assert (found["arm"] == "held out").mean() == pytest.approx(0.2, abs=0.005)
    share = found["arm"].eq("held out").groupby(found["stratum"]).mean()
    assert len(share) == 4
    assert share.between(0.13, 0.27).all()
    few = ranked(study, holdout=0.2, capacity=40)
    assert few["arm"].value_counts().to_dict() == {"contacted": 40, "held out": 10}
    assert few["customer_id"].tolist() == found["customer_id"].tolist()[:50]
    assert ranked(study, holdout=0.2, capacity=10_000)["arm"].tolist() == found["arm"].tolist()


def test_the_same_list_comes_of_any_order_of_the_rows_and_another_of_another_seed(study):
    found = ranked(study, holdout=0.2, risk="model")
    shuffled = {name: table.sample(frac=1, random_state=3) for name, table in study.tables.items()}
    again = ranked(with_tables(**shuffled), holdout=0.2, risk="model")
    pd.testing.assert_frame_equal(found, again)
    assert ranked(study, holdout=0.2, seed=2)["arm"].tolist() != ranked(study, holdout=0.2)["arm"].tolist()
    assert ranked(study, holdout=0.2, campaign="b")["arm"].tolist() != ranked(study, holdout=0.2)["arm"].tolist()


def felt(study: Any, ids: list[str], days: list[float], sentiment: list[float]) -> Any:
    """Add contacts about something else, so many days before the end."""
    end = pd.Timestamp("2025-03-31T21:59:59Z")
    said = pd.DataFrame({"contact_id": [f"s{place}" for place in range(len(ids))], "customer_id": ids, "event_id": "other"})
    said["at"] = pd.to_datetime([end - pd.Timedelta(days=day) for day in days], utc=True).as_unit("us")
    contacts = pd.concat([study.contacts, said.assign(sentiment=sentiment)], ignore_index=True)
    return with_tables(events=study.events, contacts=contacts, customers=study.customers)


def test_vips_who_felt_bad_lately_come_first(study):
    by_value = ranked(study)["customer_id"].tolist()
    lately, before, long_ago, content, poor = by_value[3], by_value[4], by_value[5], by_value[6], by_value[-1]
    changed = felt(
        study, [lately, before, long_ago, content, content, poor], [5, 60, 100, 20, 4, 5], [-0.5, -0.5, -0.9, -0.9, 0.4, -0.9]
    )
    found = ranked(changed).set_index("customer_id")
    assert found.index[0] == lately
    assert found["lane"].eq("VIP, last contact negative").sum() == 1
    assert "negative contact earlier" in found.loc[before, "reasons"]
    assert "negative" not in found.loc[long_ago, "reasons"] + found.loc[content, "reasons"]
    assert found.loc[poor, "reasons"].endswith("negative contact")
    unsure = ranked(changed, sentiment_error=0.5).set_index("customer_id")
    assert "negative contact (82%)" in unsure.loc[lately, "reasons"]  # normal: (0.5 - 0.05) / 0.5 is 0.9


def test_without_sentiment_the_lane_is_not_measured_and_says_what_to_install(study):
    notes = " ".join(cx.silent_customers(study, risk=None).counts.notes)
    assert "not measured: contacts have neither a column 'sentiment' nor 'text'" in notes
    worded = with_tables(**{**study.tables, "contacts": study.contacts.assign(text="fine")})
    notes = " ".join(cx.silent_customers(worded, risk=None).counts.notes)
    assert "pip install 'cxgap[sentiment]'" in notes or "VADER, for English only, a weak signal" in notes


def leaving(size: int = 3000) -> Any:
    """Customers of whom the late ones leave three times as often; half of the orders were watched long enough."""
    study = drawn_study(5, size)
    random = np.random.default_rng(6)
    late = (study.events["delivered_at"] > study.events["promised_first"]).to_numpy()
    back = pd.to_timedelta(np.where(np.arange(size) < size // 2, 300, 0), unit="D")
    events = study.events.copy()
    for name in ("ordered_at", "promised_first", "delivered_at"):
        events[name] = events[name] - back
    gone = random.random(size) < np.where(late, 0.3, 0.1)
    churned = events["promised_first"] + pd.to_timedelta(10 + 60 * random.random(size), unit="D")
    customers = study.customers.drop(columns="since").assign(churned_at=churned.where(gone & (np.arange(size) < size // 2)))
    return with_tables(events=events, contacts=study.contacts, customers=customers)


@pytest.fixture(scope="module")
def risky():
    people = cx.silent_customers(leaving(), seed=1, min_n=10)
    return people, rows(people)


def test_the_risk_is_that_of_those_who_went_before(risky):
    """The truth of the draw: 30 % of the late and 10 % of the others leave within 90 days."""
    _, found = risky
    assert found["risk"].mean() == pytest.approx(0.3, abs=0.04)
    assert found["risk_if_not"].mean() == pytest.approx(0.1, abs=0.03)
    assert found["expected_loss"].to_numpy() == pytest.approx(
        ((found["risk"] - found["risk_if_not"]) * found["value"]).to_numpy()
    )
    assert found["expected_loss"].is_monotonic_decreasing


def test_the_list_says_what_it_is_and_what_it_can_show(risky):
    people, found = risky
    notes = " ".join(people.counts.notes)
    assert "Order: risk-ranked, uplift unknown (no earlier list held out enough people by chance)." in notes
    assert "what goes with the event, not what a call would save" in notes
    assert f"A list of {len(found):,} can show a difference of" in notes
    assert "AUC 0.6" in notes
    assert people.counts.title.startswith(f"{(found['arm'] == 'contacted').sum():,} customers to call on")


def test_no_row_is_shown_recorded_copied_or_pickled(risky):
    people, found = risky
    shown = (
        repr(people) + str(people._repr_mimebundle_()) + str(people.record()) + repr(cx.describe(people)) + str(people.counts)
    )
    assert not any(name in shown for name in [*found["customer_id"], *found["event_id"]])
    walked = "".join(f"{name} {value!r}" for name, value in inspect.getmembers(people))
    assert not any(name in walked for name in found["customer_id"])
    for leave in (pickle.dumps, copy.copy, copy.deepcopy, len, dataclasses.asdict, dataclasses.astuple):
        with pytest.raises(TypeError, match="Outreach"):
            leave(people)
    assert not hasattr(people, "frame")
    assert not hasattr(people, "__dict__")


def test_small_counts_are_hidden_and_cannot_be_worked_out(study):
    counts = cx.silent_customers(study, risk=None, seed=1, min_n=10, capacity=60).counts
    told = counts.frame[["n", "contacted", "held_out"]].to_numpy(float)
    assert not ((told > 0) & (told < 10)).any()
    assert cx.silent_customers(study, risk=None, seed=1, min_n=10, capacity=40).counts.title.startswith("48 customers listed")
    tiny = cx.silent_customers(study, risk=None, seed=1, min_n=10, capacity=3)
    assert tiny.counts.title == "Fewer customers to call on than may be shown"
    assert tiny.counts.frame[["n", "contacted", "held_out"]].isna().all(axis=None)


def test_protected_attributes_never_enter_the_model(study):
    aged = with_tables(**{**study.tables, "customers": study.customers.assign(Gender="x", plan="Basic")})
    with pytest.raises(ArgumentError, match="must not name protected attributes, and 'Gender' is one"):
        cx.silent_customers(aged, features="Gender")
    with pytest.raises(ArgumentError, match="'plan' is one"):
        cx.silent_customers(aged, features="plan", protected=["plan"])
    with pytest.raises(ColumnError, match="`customers` must have a column 'tier'"):
        cx.silent_customers(aged, features="tier")


def test_wrong_arguments_and_what_is_lacking_are_said(study):
    for wrong in (
        {"holdout": 1},
        {"holdout": -0.1},
        {"capacity": 0},
        {"risk": "gut"},
        {"vip": 90},
        {"look_back": 0},
        {"window": -1},
    ):
        with pytest.raises(ArgumentError):
            cx.silent_customers(study, **wrong)
    with pytest.raises(ArgumentError, match="`study` must be what"):
        cx.silent_customers(study.events)
    for name in ("events", "contacts", "customers"):
        less = with_tables(**{key: table for key, table in study.tables.items() if key != name})
        people = cx.silent_customers(less)
        assert f"no table '{name}'" in people.missing
        with pytest.raises(ArgumentError, match="there is no list to write"):
            people.write("nowhere.csv")
        assert "not measured" in repr(people)
    nobody = with_tables(
        **{**study.tables, "customers": study.customers.assign(consent=pd.array([None] * 400, dtype="boolean"))}
    )
    assert "no consent" in cx.silent_customers(nobody).missing
    unnamed = with_tables(**{**study.tables, "events": study.events.drop(columns="customer_id")})
    assert cx.silent_customers(unnamed).missing == "events do not say in a column 'customer_id' whose they are"


def test_a_product_in_stock_stands_in_until_it_is_used_up():
    """Arithmetic: one express in the South, one locker anywhere; those held out take nothing away."""
    wanted = pd.DataFrame({"product": ["Standard"] * 4, "region": ["South", "North", "South", "South"]})
    wanted["arm"] = ["held out", "contacted", "contacted", "contacted"]
    stock = pd.DataFrame(
        {
            "product": ["Express", "Locker", "Safe"],
            "available": [1.0, 1, 0],
            "replaces": ["Standard", "Standard; Express", "Standard"],
        }
    )
    stock["region"] = ["South", None, None]
    assert alternatives(wanted, stock, 0.0, "UTC") == ["Express", "Locker", "Express", None]
    assert alternatives(wanted, None, 0.0, "UTC") == [None] * 4
    assert alternatives(wanted, stock.drop(columns="replaces"), 0.0, "UTC") == [None] * 4


def test_the_sample_can_be_called_on():
    people = cx.silent_customers(sample())
    found, study = rows(people), sample()
    consent = study.customers.set_index("customer_id")["consent"]
    assert consent.reindex(found["customer_id"]).eq(True).all()
    told = study.contacts.dropna(subset=["event_id"])
    assert not set(found["event_id"]) & set(told["event_id"][told["at"] > pd.Timestamp("2026-01-01", tz="UTC")])
    assert found["customer_id"].is_unique


@pytest.mark.slow
def test_the_list_on_pyspark_is_that_of_pandas(spark, study):
    there = study.with_tables(**{name: spark(table) for name, table in study.tables.items()})
    pd.testing.assert_frame_equal(
        ranked(there, holdout=0.2, risk="model"), ranked(study, holdout=0.2, risk="model"), check_dtype=False, rtol=1e-8
    )


def test_a_list_tells_of_no_few_by_subtraction():
    """Arithmetic: 138 silent; three of them without consent, and the list of the others would tell how many that is."""
    every = cx.silent_customers(drawn_study(), risk=None, seed=1, min_n=10)
    assert "138 who were hit and kept silent" in every.counts.title
    listed = ranked(drawn_study())["customer_id"]
    people = drawn_study().customers
    some = ~people["customer_id"].isin(listed.iloc[:3])
    found = cx.silent_customers(drawn_study(consent=some.to_numpy()), risk=None, seed=1, min_n=10).counts
    told = f"{found} {found.record()}"
    assert "135" not in told
    assert "138" not in told
    assert found.frame["n"].isna().all()
    assert "too nearly all who kept silent" in found.title
    many = ~people["customer_id"].isin(listed.iloc[:30])
    found = cx.silent_customers(drawn_study(consent=many.to_numpy()), risk=None, seed=1, min_n=10).counts
    assert found.frame["n"].sum() == 108
    assert "30 have not consented" in repr(found)
    short = cx.silent_customers(drawn_study(), risk=None, seed=1, capacity=5, min_n=10).counts
    assert "5 customers" not in repr(short)
    assert "6 customers" not in repr(short)


def test_an_expected_loss_that_is_nearly_one_customers_is_not_told():
    """Of twelve losses one is nearly all: their sum says whose it is, and that he is on the list. Twelve alike do not."""
    both = pd.DataFrame({"lane": "others", "kind": ["late"] * 12 + ["failed"] * 12, "arm": "contacted", "alternative": None})
    losses = [31_773_578.0, *[20.0] * 11, *[20.0] * 12]
    found = _counts(both.assign(expected_loss=losses), 10).set_index("event_type")["expected_loss"]
    assert np.isnan(found["late"])
    assert found["failed"] == 240
    assert _counts(both.assign(expected_loss=losses), 1)["expected_loss"].notna().all()


def test_what_hit_one_customer_is_not_named_beside_the_list():
    both = pd.DataFrame({"lane": "others", "kind": ["late"] * 12 + ["burst pipe at Zorblaxian"], "arm": "contacted"})
    made = both.assign(alternative=None, expected_loss=np.nan)
    assert not _counts(made, 10)["event_type"].str.contains("Zorblax").any()
    assert _counts(made, 1)["event_type"].str.contains("Zorblax").any()


def test_a_level_that_few_customers_have_is_no_column_of_the_model():
    """One customer with twelve orders: the level would stand in the note on the model, and be that customer."""
    made = pd.DataFrame({"customer_id": ["one"] * 12 + [f"other-{place}" for place in range(40)]})
    made["plan"] = ["plan of Zorblaxian"] * 12 + ["basic", "usual"] * 20
    made = made.assign(at=0.0, since=0.0, value=1.0, late=0.0, days=0.0, failed=0.0, incident=0.0)
    assert [name for name in _columns(made, ["plan"])[2] if name.startswith("plan")] == ["plan usual"]


def test_a_list_too_short_to_show_that_nobody_leaves_says_so():
    """Of 180 people 15 % are held out: with 10 % leaving, only 2.8 (by t 2.82) standard errors of 6.3 points show."""
    asked: Any = SimpleNamespace(horizon=90, holdout=0.15)
    said = [_share(pd.DataFrame({"risk": [risk] * 180}), 27, asked)[1] for risk in (0.1, 0.5)]
    assert "A list of 180 is too short to show even that nobody leaves; to show that a quarter fewer leave takes " in said[0]
    assert "A list of 180 can show a difference of 29.4 points four times out of five; " in said[1]
