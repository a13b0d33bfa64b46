"""A survey of any size: what is written depends on the seed alone, and its gaps are those that are said to be true."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

import cxgap as cx
from cxgap.errors import ArgumentError
from cxgap.simulate.large import simulate_large
from cxgap.tables.read import read_study


def test_the_gaps_are_the_true_ones_whatever_the_order_of_the_rows(tmp_path):
    """Arithmetic: the mean of a rounded and clipped normal answer; an estimate lies within 4.5 of its standard errors."""
    files = {}
    for order in ("sorted", "shuffled"):
        written = simulate_large(tmp_path / order, 40_000, order=order, seed=7)
        files[order] = pd.read_parquet(written.path.with_name("responses.parquet"))
    keys = ["respondent_id", "touchpoint", "item"]
    text = {order: frame.astype({"touchpoint": str, "item": str}) for order, frame in files.items()}
    assert not text["sorted"].equals(text["shuffled"])
    assert_frame_equal(*(frame.sort_values(keys, ignore_index=True) for frame in text.values()))
    study = read_study(tmp_path / "shuffled", engine="duckdb")
    assert study.rows["in"] == 40_000
    gaps = cx.customer_gap(study.responses, by="touchpoint", **study.design).frame.set_index("touchpoint")
    truth = json.loads((tmp_path / "sorted" / "truth.json").read_text())["gap"]
    for name, true in truth.items():
        assert abs(gaps.loc[name, "estimate"] - true["all"]) < 4.5 * gaps.loc[name, "std_error"]


def test_a_longer_survey_begins_with_the_shorter_one(tmp_path):
    short, long = (
        pd.read_parquet(
            simulate_large(tmp_path / f"{rows}", rows, events=rows // 1000, seed=3).path.with_name("responses.parquet")
        )
        for rows in (5_000, 20_000)
    )
    assert_frame_equal(short.astype(str), long.head(5_000).astype(str))
    assert len(pd.read_parquet(tmp_path / "20000" / "events.parquet")) == 20


@pytest.mark.parametrize("words", [{"answers": 0}, {"order": "random"}, {"seed": -1}, {"events": 1.5}])
def test_what_cannot_be_simulated_says_so(tmp_path, words):
    with pytest.raises(ArgumentError):
        simulate_large(tmp_path / "new", **{"answers": 10, **words})
