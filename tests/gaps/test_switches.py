"""Changes of channel counted by hand, hidden where few made them, and the truth of the sample study."""

from __future__ import annotations

import json
from itertools import product

import numpy as np
import pandas as pd
import pytest
from conftest import ENGINES
from contact_logs import CHANNELS, DAY, END, START, contact_log, drawn_log
from pandas.testing import assert_frame_equal
from samples import sample

import cxgap as cx
from cxgap.errors import ArgumentError
from cxgap.shipped import shipped
from cxgap.stats.proportions import wilson
from cxgap.tables.absent import Absent


def pairs(contacts: object, **options: object) -> pd.DataFrame:
    table = cx.channel_switches(contacts, **{"as_of": END, **options})
    return table.frame.set_index(["from_channel", "to_channel"])


def switched(**counts: int) -> pd.DataFrame:
    """Customers of two contacts a day apart; "App_Phone=3" is three of them."""
    rows = []
    for number, (pair, count) in enumerate(counts.items()):
        for customer, (day, channel) in product(range(count), enumerate(pair.split("_"))):
            rows.append({"customer_id": f"{number}-{customer}", "at": START + day * DAY, "channel": channel})
    return pd.DataFrame(rows)


@pytest.mark.parametrize("engine", ENGINES)
def test_four_further_contacts_counted_by_hand(engine):
    """App to Phone (A), Web to Phone and Web to Web (B), App to App (C); a phone contact costs 6, another 0.50."""
    to = ENGINES[engine]
    found = pairs(to(contact_log()), channels=to(CHANNELS))
    counts = {("App", "App"): 1, ("App", "Phone"): 1, ("Web", "Web"): 1, ("Web", "Phone"): 1}
    assert found["count"][found["count"] > 0].to_dict() == counts
    assert found.loc[list(counts), "share"].tolist() == [0.5] * 4
    assert found["forced"].to_dict() == {pair: pair in {("App", "Phone"), ("Web", "Phone")} for pair in found.index}
    assert found["changed"].to_dict() == {pair: pair[0] != pair[1] for pair in found.index}
    assert found.loc[("App", "Phone"), ["cost", "total_cost"]].tolist() == [6.0, 6.0]
    assert found.loc[("Phone", "App"), ["count", "total_cost"]].tolist() == [0, 0]
    assert np.isnan(found.loc[("Phone", "App"), "share"])  # nobody came again after a call


def test_self_service_and_people_are_the_same_contacts_joined():
    found = pairs(contact_log(), channels=CHANNELS, by="kind")
    assert found["count"].to_dict() == {
        ("self-service", "self-service"): 2,
        ("self-service", "people"): 2,
        ("people", "self-service"): 0,
        ("people", "people"): 0,
    }
    assert found.loc[("self-service", "people"), ["forced", "cost", "total_cost"]].tolist() == [True, 6.0, 12.0]


def test_a_pair_a_customer_has_wilsons_interval_and_several_pairs_a_wider_one():
    """Wilson (1927): 3 of 12. The same twelve pairs of four customers who each always do the same say less."""
    alone = switched(App_Phone=3, App_App=9)
    low, high = wilson([3], [12], conf_level=0.95)
    assert pairs(alone).loc[("App", "Phone"), ["share_low", "share_high"]].tolist() == pytest.approx([low[0], high[0]])
    owner = alone["customer_id"].str.split("-").str[0] + "-" + (alone["customer_id"].str[-1].astype(int) // 3).astype(str)
    few = pairs(alone.assign(event_id=alone["customer_id"], customer_id=owner))
    row = few.loc[("App", "Phone")]
    assert (row["share"], row["n"], row["count"]) == (0.25, 1, 3)
    assert row["share_low"] < low[0]
    assert row["share_high"] > high[0]


def test_shares_of_a_row_add_up_to_one_and_rows_may_stand_in_any_order():
    log = drawn_log(5, 80)
    found = pairs(log, as_of=None)
    assert found.groupby("from_channel")["share"].sum().to_numpy() == pytest.approx(1)
    assert_frame_equal(pairs(log.sample(frac=1, random_state=1), as_of=None), found)


def test_pairs_of_few_customers_are_hidden_and_so_is_what_would_tell_them():
    """Of 40 contacts after the app 4 are by phone: 36 shown of a share that tells 40 would tell them."""
    log = switched(App_App=20, App_Web=16, App_Phone=4, Web_Web=12, Web_App=11)
    found = pairs(log, min_n=10)
    assert found.loc[("App", "Phone"), "flags"] == "SUPPRESSED_PRIVACY"
    assert found.loc[("App", "Web"), "flags"] == "SUPPRESSED_SECONDARY"
    hidden = found[found["flags"].str.contains("SUPPRESSED")]
    assert hidden[["n", "count", "share", "share_low", "share_high", "total_cost"]].isna().all(axis=None)
    assert found.loc[("App", "App"), "share"] == 0.5
    assert found.loc[("Web", "App"), "count"] == 11
    table = cx.channel_switches(log, min_n=10, as_of=END)
    assert not any(digit in table.title for digit in "0123456789")  # the sum would tell the rest


def test_a_pair_cannot_be_worked_out_from_the_same_contacts_by_kind():
    """43 went from self-service to people, 40 of them by web and phone: so 3 by app and phone, unless the 40 are hidden."""
    log = switched(App_App=30, App_Web=25, App_Phone=3, Web_Phone=40, Web_Web=20, Phone_Phone=30)
    assert pairs(log, channels=CHANNELS, by="kind", min_n=10).loc[("self-service", "people"), "count"] == 43
    found = pairs(log, channels=CHANNELS, min_n=10)
    assert found.loc[("App", "Phone"), "flags"] == "SUPPRESSED_PRIVACY"
    assert found.loc[("Web", "Phone"), "flags"] == "SUPPRESSED_SECONDARY"
    assert found.loc[("Phone", "Phone"), "count"] == 30


def test_a_matrix_needs_contacts_that_follow_another():
    assert "no customer came again" in cx.channel_switches(contact_log().iloc[[0, 3]]).missing
    assert "no column 'channel'" in cx.channel_switches(contact_log().drop(columns="channel")).missing
    assert "which of them are assisted" in cx.channel_switches(contact_log(), by="kind").missing
    assert "no table 'contacts'" in cx.channel_switches(Absent("contacts"), channels=Absent("channels")).missing
    assert set(pairs(contact_log(), channels=Absent("channels"))["forced"]) == {None}
    with pytest.raises(ArgumentError, match="`by` must be one of"):
        cx.channel_switches(contact_log(), by="team")


def test_the_sample_study_has_the_changes_that_were_drawn():
    """truth.json: a further contact comes by another channel with 0.66; half of those after self-service by people."""
    study = sample()
    truth = json.loads((shipped("sample") / "truth.json").read_text(encoding="utf-8"))["switching"]
    found = pairs(study.contacts, as_of=None, zone=study.zone)
    changed, total = found.loc[found["changed"], "count"].sum(), found["count"].sum()
    low, high = wilson([changed], [total], conf_level=0.9999)
    assert low[0] < truth["changes"] < high[0]
    row = pairs(study.contacts, as_of=None, zone=study.zone, channels=study.channels, by="kind", conf_level=0.9999)
    row = row.loc[("self-service", "people")]
    assert row["share_low"] < truth["from_unassisted_to_assisted"] < row["share_high"]


@pytest.mark.slow
def test_switches_on_pyspark_are_those_of_pandas(spark):
    found = pairs(spark(contact_log()), channels=spark(CHANNELS))
    assert_frame_equal(found, pairs(contact_log(), channels=CHANNELS))
