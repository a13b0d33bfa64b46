"""Cross-products of items are those of the complete visits, on every engine and of any parts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from conftest import ENGINES

from cxgap.tally import tally_products

ITEMS = ["a", "b", "c"]


def answers(people: int = 40) -> pd.DataFrame:
    random = np.random.default_rng(3)
    rows = [
        (f"r{person}", "north" if person % 3 else None, touchpoint, item, float(random.integers(1, 8)))
        for person in range(people)
        for touchpoint in ("shop", "call")
        for item in ITEMS
        if random.random() > 0.1
    ]
    frame = pd.DataFrame(rows, columns=["respondent_id", "region", "touchpoint", "item", "perception"])
    frame.loc[random.random(len(frame)) < 0.05, "perception"] = np.nan
    return pd.concat([frame, frame[:4].assign(perception=7.0)], ignore_index=True)  # some answered twice


def products(frame, **asked):
    return tally_products(frame, "perception", visit=["respondent_id", "touchpoint"], items=ITEMS, middle=4.0, **asked)


@pytest.mark.parametrize("engine", ENGINES)
def test_covariances_are_those_of_the_visits_at_which_every_item_was_answered(engine):
    """numpy.cov of the wide table."""
    frame = answers()
    found = products(ENGINES[engine](frame), keys=["touchpoint"])
    for number, touchpoint in enumerate(found.cells["touchpoint"]):
        held = frame[frame["touchpoint"] == touchpoint]
        wide = held.pivot_table(index="respondent_id", columns="item", values="perception", aggfunc="mean")[ITEMS].dropna()
        assert found.n[number] == len(wide)
        np.testing.assert_allclose(found.covariances[number], np.cov(wide.to_numpy().T), rtol=1e-12)
        np.testing.assert_allclose(found.means[number], wide.mean().to_numpy(), rtol=1e-13)


@pytest.mark.parametrize("engine", ["pandas", "duckdb", "polars lazy"])
def test_those_of_parts_that_share_no_visit_add_up(engine):
    """A law of sums: the state of a union is the sum of the states."""
    frame = answers()
    first = frame["respondent_id"] < "r2"
    whole, *parts = (products(ENGINES[engine](rows), keys=[]) for rows in (frame, frame[first], frame[~first]))
    assert whole.n == parts[0].n + parts[1].n
    np.testing.assert_allclose(whole.crossed, parts[0].crossed + parts[1].crossed, rtol=1e-14)
    np.testing.assert_allclose(whole.sums, parts[0].sums + parts[1].sums, rtol=1e-14)


def test_one_visit_has_no_covariance_and_none_no_cell():
    frame = answers().query("respondent_id == 'r7' and touchpoint == 'shop'").fillna({"perception": 4.0})
    found = products(frame, keys=["touchpoint"])
    assert (found.n == 1).all()
    assert np.isnan(found.covariances).all()
    assert not len(products(frame[frame["item"] == "a"], keys=["touchpoint"]).n)
