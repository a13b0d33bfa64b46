"""Contacts and Kano answers that do not name a region are those of its customers and respondents, and no others."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import cxgap as cx

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
NARROW = """
[study]
title = "A shop"
expectation_type = "should"
[scale]
low = 1
high = 7
[responses]
file = "responses.csv"
layout = "long"
[tables]
kano = "kano.csv"
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("owners")
    cx.simulate_study(400, seed=3).write(folder)
    shutil.copy(SAMPLE / "study.toml", folder)
    return folder


@pytest.fixture(scope="module")
def sample(folder) -> Callable[..., Any]:
    @cache
    def read(region: str = "") -> Any:
        return cx.read_study(folder, where={"region": region} if region else None)

    return read


def test_contacts_and_kano_answers_of_a_region_are_those_of_its_people(sample):
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


def test_parts_of_a_study_add_up_and_their_rates_are_of_one_kind(sample):
    """Were the contacts of all regions set against the customers of one, every region would seem to have all of them."""
    whole = sample()
    parts = [sample(region) for region in sorted(set(whole.customers["region"].dropna()))]
    assert sum(len(part.contacts) for part in parts) == len(whole.contacts)
    rate = cx.journey(whole).frame.set_index("touchpoint")["contact_rate"]["Follow the parcel"]
    rates = [cx.journey(part).frame.set_index("touchpoint")["contact_rate"]["Follow the parcel"] for part in parts]
    assert min(rates) < rate < max(rates)
    weights = [len(part.customers) / len(whole.customers) for part in parts]
    assert abs(sum(one * weight for one, weight in zip(rates, weights, strict=True)) - rate) < 1e-9


def test_what_was_met_leaves_the_people_as_they_are(sample, folder):
    whole = sample()
    part = cx.read_study(folder, where={"touchpoint": "Get help"})
    assert len(part.kano) == len(whole.kano)
    assert set(part.contacts["touchpoint"]) == {"Get help"}


def test_answers_on_disk_are_followed_like_those_in_memory(tmp_path):
    people = [f"R{number}" for number in range(12)]
    answers = {"respondent_id": people, "region": ["N", "S", "S"] * 4, "touchpoint": "Shop", "item": "1"}
    pd.DataFrame({**answers, "expectation": 5, "perception": 4}).to_csv(tmp_path / "responses.csv", index=False)
    kano = {"respondent_id": people, "feature": "Lift", "functional": "like", "dysfunctional": "dislike"}
    pd.DataFrame(kano).to_csv(tmp_path / "kano.csv", index=False)
    (tmp_path / "study.toml").write_text(NARROW, encoding="utf-8")
    read = {engine: cx.read_study(tmp_path, where={"region": "S"}, engine=engine) for engine in ("memory", "duckdb")}
    pd.testing.assert_frame_equal(read["duckdb"].kano, read["memory"].kano)
    assert list(read["duckdb"].kano["respondent_id"]) == [name for place, name in enumerate(people) if place % 3]
