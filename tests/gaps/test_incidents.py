"""Who was hit and who said so, counted by hand on thirteen events, on every engine; and the laws that no log may break."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from conftest import ENGINES
from hits import END, START, contacts, customers, events, incidents
from pandas.testing import assert_frame_equal

import cxgap as cx
from cxgap.errors import ArgumentError, ColumnError
from cxgap.stats.iceberg import jeffreys
from cxgap.tables.absent import Absent

PARTS = ["n", "events", "vocal", "recovery", "silent", "recent", "watched"]


def counted(*tables: object, **options: object) -> pd.DataFrame:
    return cx.incidents(*tables, **{"as_of": END, **options}).frame.set_index("event_type")


@pytest.mark.parametrize("engine", ENGINES)
def test_thirteen_events_counted_by_hand(engine):
    """Arithmetic: late A (twice), B, C, D, F; A named its event, B came without naming one, D was helped, F is too recent."""
    to = ENGINES[engine]
    found = counted(*(to(table) for table in (events(), contacts(), customers(), incidents())))
    by_hand = {
        "late": [5, 6, 2, 1, 1, 1, 4],
        "overdue": [1, 1, 0, 0, 1, 0, 1],
        "failed": [1, 1, 0, 0, 1, 0, 1],
        "damaged batch": [1, 1, 0, 0, 1, 0, 1],
        "outage": [1, 1, 0, 0, 1, 0, 1],
        "any of these": [9, 10, 2, 1, 5, 1, 8],
    }
    assert {kind: row.tolist() for kind, row in found[PARTS].astype(int).iterrows()} == by_hand
    low, high = jeffreys([2], [4], conf_level=0.95)
    late = found.loc["late"]
    assert (late["complaint_rate"], late["conf_low"], late["conf_high"]) == pytest.approx((2 / 4, low[0], high[0]))
    assert (late["multiplier"], late["multiplier_low"], late["multiplier_high"]) == pytest.approx(
        (2.0, 1 / high[0], 1 / low[0])
    )
    assert late["value_silent"] == 300
    assert found.loc["any of these", "value_silent"] == 300 + 700 + 800 + 900 + 1000
    assert found.loc["failed", "flags"] == "UNSTABLE"


def test_what_links_a_contact_is_the_event_else_the_customer_and_the_window():
    late = counted(events(), contacts(), window=40).loc["late"]
    assert (late["vocal"], late["silent"]) == (3, 0)  # C came after 25 days
    assert counted(events(), contacts(), window=0.5).loc["late", "vocal"] == 0  # A came a day after the promise was missed
    said = contacts().assign(touchpoint=["Receive", "Invoice", "Receive", "Receive", "Receive"])
    assert counted(events(), said, about="Receive").loc["late", "vocal"] == 1
    assert counted(events(), said, about="Receive, Invoice").loc["late", "vocal"] == 2
    early = contacts().assign(at=contacts()["at"] - pd.Timedelta(days=3))
    assert counted(events(), early).loc["late", "vocal"] == 1  # A's came before anything was wrong
    table = cx.incidents(events(), contacts(), as_of=END)
    assert "Of the contacts of customers who were hit, 2 could not be linked to what happened, 1 of them" in " ".join(
        table.notes
    )


def test_a_bad_answer_counts_only_where_it_is_said_what_is_bad():
    moment = START + pd.Timedelta(days=9)
    answers = pd.DataFrame(
        {"customer_id": ["C", "D"], "at": pd.to_datetime([moment] * 2, utc=True), "satisfaction": [2.0, 6.0]}
    )
    assert counted(events(), contacts(), None, None, None, answers).loc["late", "vocal"] == 2
    assert counted(events(), contacts(), None, None, None, answers, negative=3).loc["late", "vocal"] == 3


def test_whom_an_earlier_list_reached_was_helped_and_whom_it_held_out_was_not():
    log = pd.DataFrame(
        {
            "customer_id": ["C", "B", "I"],
            "at": pd.to_datetime([START + pd.Timedelta(days=7)] * 3, utc=True),
            "arm": ["contacted", "contacted", "held out"],
            "event_id": ["E03", None, "E10"],
        }
    )
    found = counted(events(), contacts(), None, incidents(), log)
    assert found.loc["late", ["vocal", "recovery", "silent", "watched"]].tolist() == [2, 2, 0, 4]
    assert found.loc["damaged batch", "silent"] == 1
    with pytest.raises(ArgumentError, match="`outreach` must say in 'arm'"):
        counted(events(), contacts(), None, None, log.assign(arm="maybe"))


def test_incidents_hit_by_id_else_by_batch_else_by_what_both_tables_say_and_when():
    named = events().assign(incident_id=[*["I2"] * 2, *[None] * 11])
    found = counted(named, contacts(), None, incidents())
    assert found.loc["outage", "n"] == 2  # those that name it, and no other
    everywhere = incidents().assign(region=None)
    assert counted(events(), contacts(), None, everywhere).loc["outage", "n"] == 2  # J and K
    later = incidents().assign(started_at=incidents()["started_at"] + pd.Timedelta(days=11), ended_at=pd.NaT)
    found = counted(events(), contacts(), None, later)
    assert found.loc["outage", "n"] == 1  # L, and whoever in the region orders later
    with pytest.raises(ArgumentError, match="must not have a kind 'late'"):
        counted(events(), contacts(), None, incidents().assign(kind="late"))


def test_tolerance_makes_fewer_late_and_cells_part_them():
    assert counted(events(), contacts(), tolerance=(0, 2)).loc["late", "n"] == 2  # C and D
    found = cx.incidents(events(), contacts(), customers(), incidents(), by="region", as_of=END).frame
    outage = found[found["event_type"] == "outage"]
    assert outage["region"].tolist() == ["South"]


def test_rows_may_come_in_any_order_and_be_told_twice():
    once = cx.incidents(events(), contacts(), customers(), incidents(), by="region", as_of=END).frame
    twice = pd.concat([events(), events().iloc[:3]])
    again = cx.incidents(
        twice.sample(frac=1, random_state=2), contacts().iloc[::-1], customers().iloc[::-1], incidents().iloc[::-1],
        by="region", as_of=END,
    ).frame  # fmt: skip
    assert_frame_equal(once, again)
    torn = pd.concat([events(), events().iloc[:1].assign(delivered_at=events()["promised_first"])])
    table = cx.incidents(torn, contacts(), as_of=END)
    assert "1 event told in two ways left out." in table.notes


def many(size: int = 60) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """As many late orders, each of its own customer, in two regions, the second of nine; every third was spoken of."""
    base = events().iloc[[0] * size].reset_index(drop=True)
    ids = [f"P{place:03}" for place in range(size)]
    late = base.assign(event_id=[f"V{place:03}" for place in range(size)], customer_id=ids)
    late["region"] = np.where(np.arange(size) < size - 9, "North", "South")
    spoke = late.iloc[::3]
    said = pd.DataFrame({"contact_id": spoke["event_id"], "customer_id": spoke["customer_id"], "event_id": spoke["event_id"]})
    said["at"] = pd.Timestamp(START + pd.Timedelta(days=6))
    return late, said, pd.DataFrame({"customer_id": ids, "value": 10.0})


def test_rows_of_few_customers_are_hidden_and_so_is_what_would_tell_them():
    late, said, people = many()
    table = cx.incidents(late, said, people, by="region", min_n=10, as_of=END)
    assert table.frame["flags"].tolist() == ["SUPPRESSED_SECONDARY", "SUPPRESSED_PRIVACY"]
    assert table.frame[["n", "silent", "complaint_rate", "value_silent"]].isna().all(axis=None)
    assert "P0" not in repr(table)
    alone = cx.incidents(late, said.iloc[:0], people, min_n=10, as_of=END).frame
    assert alone.loc[0, "value_silent"] == 600
    heard = pd.concat([said] * 1 + [said.assign(customer_id=late["customer_id"][1::3].to_numpy(), event_id=None)])
    heard = pd.concat([heard, said.iloc[:15].assign(customer_id=late["customer_id"][2::3].to_numpy()[:15], event_id=None)])
    few = cx.incidents(late, heard, people, min_n=10, as_of=END).frame
    assert few.loc[0, "n"] == 60
    assert few.loc[0, ["silent", "value_silent", "vip_silent"]].isna().all()  # five silent people's value is theirs
    assert few.loc[0, ["vocal", "complaint_rate", "multiplier"]].isna().all()  # 60 less 55 would tell the five
    assert np.isnan(few.loc[0, "watched"]) or few.loc[0, "watched"] == 60
    with pytest.raises(ArgumentError, match="`by` must name columns that make groups of people"):
        cx.incidents(late, said, by="customer_id", min_n=10, as_of=END)


def test_no_part_of_a_shown_row_tells_of_few_people():
    """Arithmetic: 60 hit; 2, 20, 30 or 58 of them complained, and nobody was helped."""
    late, said, people = many()
    for many_said, shown in ((2, False), (20, True), (30, True), (58, False)):
        loud = said.iloc[[0] * many_said].assign(customer_id=late["customer_id"][:many_said].to_numpy(), event_id=None)
        table = cx.incidents(late, loud, people, min_n=10, as_of=END)
        row = table.frame.iloc[-1]
        assert (row["n"], bool(np.isfinite(row["vocal"])), bool(np.isfinite(row["complaint_rate"]))) == (60, shown, shown)
        assert bool(np.isfinite(row["silent"])) is shown
        told = f"{table} {cx.describe(table)} {cx.plot.incidents(table).layout.meta}"
        assert (f" {many_said} " in told.replace(",", " ").replace("'", " ")) is shown
        assert ("parts of fewer than 10 are not shown" in told) is not shown
        assert "nan" not in told


def test_what_is_lacking_is_said_and_what_is_wrong_is_refused():
    why = Absent("events")
    assert "no table 'events'" in cx.incidents(why, contacts()).missing
    assert "no table 'contacts'" in cx.incidents(events(), Absent("contacts")).missing
    assert "no column 'delivered_at'" in cx.incidents(events().drop(columns="delivered_at"), contacts()).missing
    assert cx.incidents(events().iloc[:0], contacts()).missing.startswith("no events here")
    assert "nothing went wrong" in cx.incidents(events().iloc[[4]], contacts(), as_of=END).missing
    whole = cx.incidents(events(), contacts(), Absent("customers"), Absent("incidents"), Absent("outreach"), as_of=END)
    assert "no column 'value'" in " ".join(whole.notes)
    with pytest.raises(ColumnError, match="`events` must have a column 'country'"):
        cx.incidents(events(), contacts(), by="country")
    nobody = cx.incidents(events().drop(columns="customer_id"), contacts()).missing
    assert nobody == "events do not say in a column 'customer_id' whose they are"
    for wrong, text in (({"window": 0}, "window"), ({"tolerance": (0, -1)}, "tolerance"), ({"vip": 90}, "vip"),
                        ({"by": "silent"}, "`by` must name"), ({"conf_level": 95}, "conf_level")):  # fmt: skip
        with pytest.raises(ArgumentError, match=text):
            cx.incidents(events(), contacts(), **wrong)
    with pytest.raises(ArgumentError, match="must hold true or false in 'failed'"):
        cx.incidents(events().assign(failed="perhaps"), contacts())


def test_blank_and_odd_cells_make_no_number_wrong():
    odd = events().assign(customer_id=events()["customer_id"].where(events()["event_id"] != "E02"), recovery_at=pd.NaT)
    table = cx.incidents(odd, contacts(), customers().assign(value=[np.nan, np.inf, *[1.0] * 10]), as_of=END)
    found = table.frame.set_index("event_type")
    assert found.loc["late", ["n", "vocal", "silent"]].tolist() == [4, 1, 2]
    assert "1 event without a customer, or that cannot be true, left out." in table.notes
    assert found.loc["late", "value_silent"] == 2
    nobody = cx.incidents(odd, contacts().iloc[:0], as_of=END).frame.set_index("event_type")
    assert nobody.loc["late", ["vocal", "complaint_rate"]].tolist() == [0, 0]
    assert np.isinf(nobody.loc["late", "multiplier"])


@pytest.mark.slow
def test_incidents_on_spark(spark):
    tables = (events(), contacts(), customers(), incidents())
    assert_frame_equal(counted(*map(spark, tables)), counted(*tables))
