"""The journey map shows what its parts compute, says what was not asked, and compares neighbours as what they are."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from types import MappingProxyType

import numpy as np
import pandas as pd
import pytest
from conftest import ENGINES
from pandas.testing import assert_frame_equal
from samples import sample

from cxgap.errors import ArgumentError
from cxgap.gaps.customer import customer_gap
from cxgap.gaps.differences import gap_differences
from cxgap.gaps.journey import journey
from cxgap.gaps.satisfaction import ces, csat
from cxgap.gaps.traffic import counts_of
from cxgap.tables.study import Study

NAMES = ["Order and pay", "Get help"]
NUMBERS = ["n", "n_eff", "start", "end", "estimate", "std_error", "conf_low", "conf_high", "p_adjusted"]


def without(study: Study, *tables: str, **changes: object) -> Study:
    """Return the study without some tables, or with other parts."""
    kept = {name: table for name, table in study.tables.items() if name not in tables}
    return replace(study, tables=MappingProxyType(kept), **changes)


@pytest.fixture(scope="module")
def study() -> Study:
    return sample()


@pytest.fixture(scope="module")
def table(study):
    return journey(study)


def test_gaps_are_customer_gaps_to_the_bit(study, table):
    gaps = customer_gap(study.responses, by="touchpoint", **study.design).frame
    for name in (*NUMBERS, "verdict", "flags"):
        assert_frame_equal(table.frame[[name]], gaps[[name]], check_exact=True, check_dtype=False)
    assert list(table.frame["touchpoint"]) == list(gaps["touchpoint"])


def test_ease_and_emotion_are_those_of_ces_and_csat(study, table):
    outcomes = study.outcomes.set_index("kind")
    asked = outcomes.loc["effort"]
    given = {"by": "touchpoint", "low": asked["low"], "high": asked["high"], **study.design}
    ease = ces(study.responses, outcome=asked["column"], better=asked["better"], **given).frame
    assert table.frame["ease"].tolist() == pytest.approx(ease["estimate"].tolist(), abs=0, nan_ok=True)
    assert table.frame["ease_low"].tolist() == pytest.approx(ease["conf_low"].tolist(), abs=0, nan_ok=True)
    felt = outcomes.loc["emotion"]
    given |= {"low": felt["low"], "high": felt["high"]}
    emotion = csat(study.responses, outcome=felt["column"], **given).frame
    assert table.frame["emotion"].tolist() == pytest.approx(emotion["mean"].tolist(), abs=0, nan_ok=True)
    assert table.frame["emotion_high"].tolist() == pytest.approx(emotion["mean_high"].tolist(), abs=0, nan_ok=True)


def test_use_is_the_weighted_share_of_respondents_and_contacts_are_counted(study, table):
    answers = study.responses[study.responses["perception"].notna()]
    people = study.responses.drop_duplicates("respondent_id").set_index("respondent_id")["weight"]
    row = table.frame.set_index("touchpoint").loc["Get help"]
    users = answers.loc[answers["touchpoint"] == "Get help", "respondent_id"].unique()
    assert row["used"] == len(users)
    assert row["share"] == pytest.approx(people[users].sum() / people.sum(), rel=1e-12)
    assert row["share_low"] < row["share"] < row["share_high"]
    named = study.contacts[study.contacts["touchpoint"].astype(object) == "Get help"]
    assert row["contacts"] == named["contact_id"].nunique()
    assert row["contact_rate"] == pytest.approx(100 * row["contacts"] / study.customers["customer_id"].nunique())
    assert row["contact_base"] == "customers"


def test_changes_are_those_of_gap_differences(study, table):
    """The same contrast, with people on both sides counted once."""
    differ = gap_differences(study.responses, between="touchpoint", against="previous", **study.design).frame
    differ = differ.set_index(["against", "level"])
    for row in table.frame[table.frame["change"].notna()].itertuples():
        other = differ.loc[(row.touchpoint, row.next)]
        found = (row.change, row.change_error, row.change_low, row.change_high, row.change_p)
        wanted = tuple(other[["estimate", "std_error", "conf_low", "conf_high", "p_value"]].astype(float))
        assert found == pytest.approx(wanted, rel=1e-12)
        assert row.change == pytest.approx(
            table.frame.set_index("touchpoint").loc[row.next, "estimate"] - row.estimate, abs=1e-12
        )
    assert (table.frame["change_p_adjusted"] >= table.frame["change_p"])[table.frame["change"].notna()].all()


def test_hand_overs_are_where_the_department_changes(study, table):
    home = study.touchpoints.set_index("touchpoint")["department"].astype(object)
    order = list(table.frame["touchpoint"])
    wanted = [home[one] != home[other] for one, other in pairwise(order)]
    assert table.frame["handover"].tolist() == [*wanted, False]
    assert "hands over" in table.title
    assert any(note.startswith("5 hand-overs between departments") for note in table.notes)


def test_what_is_hidden_shows_no_number(table):
    row = table.frame.set_index("touchpoint").loc["Claim damage"]
    assert (row["verdict"], row["flags"]) == ("not shown", "SUPPRESSED_PRIVACY")
    assert row[[*NUMBERS, "used", "share", "share_low", "ease", "ease_n", "emotion", "emotion_n"]].isna().all()
    cells = table.cells[-1]
    assert cells.count("not shown") >= 3


def test_what_was_not_asked_says_so_and_is_no_zero(study):
    silent = journey(without(study, "contacts", outcomes=study.outcomes[study.outcomes["kind"] == "satisfaction"]))
    assert silent.frame[["ease", "emotion", "contacts", "contact_rate"]].isna().all(axis=None)
    place = {head: number for number, head in enumerate(silent.heads)}
    assert {row[place["ease"]] for row in silent.cells} == {"not asked"}
    assert {row[place["emotion"]] for row in silent.cells} == {"not asked"}
    assert {row[place["contacts"]] for row in silent.cells} == {"not measured"}
    assert any("Not asked of visits: effort and emotion" in note for note in silent.notes)


def test_it_works_without_a_table_of_touchpoints_and_without_a_survey(study, table):
    alone = journey(without(study, "touchpoints"))
    assert alone.frame["touchpoint"].tolist() == table.frame["touchpoint"].tolist()
    assert alone.frame["estimate"].tolist() == pytest.approx(table.frame["estimate"].tolist(), abs=0, nan_ok=True)
    assert not alone.frame["handover"].any()
    assert "stage" not in alone.heads
    from cxgap.tables.absent import SURVEY, Absent

    unasked = journey(replace(study, responses=Absent(SURVEY)))
    assert set(unasked.frame["verdict"]) == {"not measured"}
    assert unasked.frame["contacts"].notna().any()


def test_a_touchpoint_that_nobody_rated_keeps_its_place(study):
    left = journey(replace(study, responses=study.responses[study.responses["touchpoint"] != "Get help"]))
    row = left.frame.set_index("touchpoint").loc["Get help"]
    assert list(left.frame["touchpoint"])[4] == "Get help"
    assert row["verdict"] in ("not measured", "not shown", "cannot tell")
    assert row[["estimate", "change"]].isna().all()


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_every_engine_draws_the_same_map(study, table, engine):
    tables = {"responses": study.responses, "contacts": study.contacts, "customers": study.customers}
    held = study.with_tables(**{name: ENGINES[engine](frame) for name, frame in tables.items()})
    again = journey(held)
    exact = ["touchpoint", "estimate", "ease", "emotion", "share", "contacts", "contact_rate", "change", "change_finding"]
    assert_frame_equal(again.frame[exact], table.frame[exact], rtol=1e-9)
    assert again.title == table.title


def test_order_of_rows_and_units_of_weights_change_nothing(study, table):
    moved = study.responses.sample(frac=1, random_state=1).assign(weight=lambda made: 3 * made["weight"])
    again = journey(replace(study, responses=moved))
    numbers = table.frame.select_dtypes("number").columns
    assert_frame_equal(again.frame[numbers], table.frame[numbers], rtol=1e-9)


def counted(study: Study, **tables: object) -> pd.DataFrame:
    frame, base, unnamed = counts_of(study.with_tables(**tables), NAMES, min_n=10)
    return frame.assign(base=base, unnamed=unnamed).set_axis(NAMES)


def test_rates_are_per_100_events_where_every_touchpoint_with_contacts_has_events(study):
    events = pd.DataFrame(
        {"event_id": [f"e{k}" for k in range(80)], "customer_id": [f"c{k}" for k in range(80)], "touchpoint": "Get help"}
    )
    contacts = events.head(20).assign(contact_id=[f"k{k}" for k in range(20)]).drop(columns="event_id")
    made = counted(study, events=events, contacts=contacts)
    assert set(made["base"]) == {"events"}
    assert made.loc["Get help", ["events", "contacts", "contact_rate"]].tolist() == [80, 20, 25]
    assert made.loc["Order and pay", "contacts"] == 0
    assert np.isnan(made.loc["Order and pay", "contact_rate"])
    few = counted(study, events=events, contacts=contacts.head(9))
    assert few.loc["Get help", "contacts_hidden"]
    assert np.isnan(few.loc["Get help", "contacts"])


@pytest.mark.parametrize("engine", ENGINES)
def test_contacts_that_name_no_touchpoint_are_told_and_counted_nowhere(study, engine):
    contacts = pd.DataFrame(
        {
            "contact_id": [f"k{number}" for number in range(50)],
            "customer_id": [f"c{number // 2}" for number in range(50)],
            "touchpoint": pd.Categorical(["Get help"] * 30 + [None] * 20),
        }
    )
    made = counted(study, contacts=ENGINES[engine](contacts))
    assert made["contacts"].to_dict() == {"Get help": 30.0, "Order and pay": 0.0}
    assert set(made["unnamed"]) == {0.4}


def test_where_a_gap_is_hidden_to_protect_another_its_users_are_too(study):
    """Everybody at one touchpoint: what is not shown of one would be the rest of all."""
    once = study.responses.drop_duplicates("respondent_id")[["respondent_id", "touchpoint"]]
    alone = study.responses.merge(once, on=["respondent_id", "touchpoint"])
    claims = alone.loc[alone["touchpoint"] == "Claim damage", "respondent_id"].nunique()
    assert 0 < claims < study.design["min_n"]
    made = journey(replace(study, responses=alone)).frame
    hidden = made["verdict"] == "not shown"
    assert hidden.sum() >= 2
    assert made.loc[hidden, ["n", "used", "share", "share_low", "share_high"]].isna().all(axis=None)


@pytest.mark.parametrize("wrong", ["study.toml", None, pd.DataFrame()])
def test_a_map_needs_a_study(wrong):
    with pytest.raises(ArgumentError, match=r"`study` must be what `cx\.read_study` returned"):
        journey(wrong)
