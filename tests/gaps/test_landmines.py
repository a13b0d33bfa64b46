"""The checklist of landmines: found, clear, or cannot be told."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from samples import sample

import cxgap as cx
from cxgap.errors import ArgumentError
from cxgap.gaps.landmines import landmines


@pytest.fixture(scope="module")
def found() -> cx.Table:
    return cx.landmines(sample())


def without(*names: str, **changed: pd.DataFrame):
    study = sample()
    tables = {name: table for name, table in study.tables.items() if name not in names} | changed
    return replace(study, tables=type(study.tables)(tables))


def verdicts(table: cx.Table) -> dict[str, str]:
    return dict(zip(table.frame["check"], table.frame["verdict"], strict=True))


def test_the_sample_has_the_landmines_that_were_laid(found):
    """Counted by hand in actions.csv and standards.csv: A05 rests on opinion; no standard for claims is of customers."""
    frame = found.frame.set_index("check")
    bare = frame.loc["actions that rest on neither a survey nor anything a customer said"]
    assert (bare["verdict"], bare["found"], bare["of"], bare["where"]) == ("found", 1, 8, "A05")
    assert frame.loc["touchpoints none of whose standards rests on what customers expect", "where"] == "Claim damage"
    kept = frame.loc["first promises that were kept, of those due"]
    events = sample().events
    due = events[
        events["cancelled_at"].isna() & (events["promised_first"] <= events[["ordered_at", "delivered_at"]].max().max())
    ]
    assert kept["estimate"] == pytest.approx((due["delivered_at"] <= due["promised_first"]).mean(), abs=0.005)
    assert kept["verdict"] == "found"
    assert kept["conf_high"] < kept["limit"]
    assert frame.loc["issues forced from self-service to people", "verdict"] == "clear"
    prose = cx.describe(found)
    assert prose.headline == "3 landmines found in 8 checks"
    assert prose.lead[0].text == (
        "Decisions without customer data: actions that rest on neither a survey nor anything a customer said: 1 of 8 (A05)."
    )


def test_what_is_not_there_is_never_taken_for_clear():
    table = landmines(without("actions", "standards", "events", "employees", "channels", "contacts"))
    told = verdicts(table)
    assert told.pop("answers of employees") == "found"
    assert set(told.values()) == {"cannot tell"}
    assert "no table actions" in set(table.frame["why"])
    assert "cannot be told" in table.title


def test_promises_of_cases_without_customers_are_those_of_cases(found):
    """A share is the same; each case is a unit of its own, as where a city's services have no customers."""
    row = (
        landmines(without(events=sample().events.drop(columns="customer_id")))
        .frame.set_index("check")
        .loc["first promises that were kept, of those due"]
    )
    whole = found.frame.set_index("check").loc["first promises that were kept, of those due"]
    assert (row["estimate"], row["of"]) == pytest.approx((whole["estimate"], whole["of"]))
    assert row["conf_low"] < row["estimate"] < row["conf_high"]


def test_people_that_nobody_can_reach_and_staff_that_nobody_asked_are_found():
    study = sample()
    channels = study.channels.assign(assisted=False)
    employees = study.employees[study.employees["touchpoint"] != "Get help"]
    table = landmines(without("contacts", channels=channels, employees=employees))
    frame = table.frame.set_index("check")
    assert frame.loc["touchpoints where nobody can be reached", "found"] == 7
    assert frame.loc["technology built at touchpoints where nobody can be reached", "where"] == "A04"
    assert frame.loc["of those, with a gap short of what was expected", "verdict"] == "found"
    assert frame.loc["touchpoints without an answer of an employee", "where"] == "Get help"
    assert frame.loc["issues forced from self-service to people", "why"] == "no table contacts"
    with pytest.raises(ArgumentError, match=r"must be what `cx\.read_study` returned"):
        cx.landmines(channels)
    with pytest.raises(ArgumentError, match=r"Did you mean 0\.95"):
        cx.landmines(study, reliability=95)


@pytest.mark.slow
def test_landmines_on_pyspark_are_those_of_pandas(spark, found):
    study = sample()
    names = ("actions", "standards", "events", "employees", "channels", "touchpoints", "contacts")
    elsewhere = {name: spark(study.tables[name]) for name in names}
    there = cx.landmines(study.with_tables(responses=spark(study.responses), **elsewhere)).frame
    pd.testing.assert_frame_equal(there, found.frame, check_dtype=False, rtol=1e-8)
