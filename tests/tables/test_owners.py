"""Contacts and Kano answers that do not name a region are those of its customers and respondents, and no others."""

from __future__ import annotations

from functools import cache
from typing import Any

import pandas as pd

import cxgap as cx


@cache
def sample(region: str = "") -> Any:
    return cx.read_study("sample", where={"region": region} if region else None)


def test_contacts_and_kano_answers_of_a_region_are_those_of_its_people():
    whole, part = sample(), sample("0034")
    assert "region" not in whole.contacts
    assert "region" not in whole.kano
    mine = whole.customers.loc[whole.customers["region"] == "0034", "customer_id"]
    expected = whole.contacts[whole.contacts["customer_id"].isin(mine)].reset_index(drop=True)
    pd.testing.assert_frame_equal(part.contacts, expected)
    assert 0 < len(part.contacts) < len(whole.contacts) / 2
    assert set(part.kano["respondent_id"]) == set(whole.kano["respondent_id"]) & set(part.responses["respondent_id"])
    for rows in part.table_rows.values():
        assert rows["read"] == rows["left_out"] + rows["kept"] + rows["rejected"]


def test_parts_of_a_study_add_up_and_their_rates_are_of_one_kind():
    """Were the contacts of all regions set against the customers of one, every region would seem to have all of them."""
    whole = sample()
    parts = [sample(region) for region in sorted(set(whole.customers["region"].dropna()))]
    assert sum(len(part.contacts) for part in parts) == len(whole.contacts)
    rate = cx.journey(whole).frame.set_index("touchpoint")["contact_rate"]["Follow the parcel"]
    rates = [cx.journey(part).frame.set_index("touchpoint")["contact_rate"]["Follow the parcel"] for part in parts]
    assert min(rates) < rate < max(rates)
    weights = [len(part.customers) / len(whole.customers) for part in parts]
    assert abs(sum(one * weight for one, weight in zip(rates, weights, strict=True)) - rate) < 1e-9


def test_what_was_met_leaves_the_people_as_they_are():
    whole = sample()
    part = cx.read_study("sample", where={"touchpoint": "Get help"})
    assert len(part.kano) == len(whole.kano)
    assert set(part.contacts["touchpoint"]) == {"Get help"}


def test_answers_on_disk_are_followed_like_those_in_memory():
    on_disk = cx.read_study("sample", where={"region": "0034"}, engine="duckdb")
    pd.testing.assert_frame_equal(on_disk.kano, sample("0034").kano)
