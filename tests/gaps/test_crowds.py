"""Chains of more people than come home: levels are those of all, and intervals those of a thousand groups of them."""

from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd
import pytest
from conftest import ENGINES

import cxgap as cx
from cxgap import engine
from cxgap.tally import with_shards

EXACT = ["estimate", "start", "end", "n", "net", "gross"]


def held(study, name: str, **changed):
    frame = study.responses.assign(**changed)
    return study.with_tables(responses=ENGINES[name](frame))


@pytest.fixture(scope="module")
def study():
    return cx.read_study("sample")


@pytest.mark.parametrize("numbered", [True, False])
def test_levels_are_those_of_all_and_errors_those_of_groups(monkeypatch, study, numbered):
    """A mean over groups is the mean over their people; the error of G groups of one is 1 in sqrt(2 G) off."""
    ids = pd.factorize(study.responses["respondent_id"], sort=True)[0] if numbered else study.responses["respondent_id"]
    known = cx.gap_chain(study, by="touchpoint", replicates=999).frame
    monkeypatch.setattr(engine, "MANY_ROWS", 1)
    found = cx.gap_chain(held(study, "duckdb", respondent_id=ids), by="touchpoint", replicates=999).frame
    found, known = (frame.astype({"touchpoint": str}).sort_values(["touchpoint", "link"]) for frame in (found, known))
    assert found["link"].tolist() == known["link"].tolist()
    for name in EXACT:
        np.testing.assert_allclose(found[name].to_numpy(float), known[name].to_numpy(float), rtol=1e-11, atol=1e-11)
    ratio = (found["std_error"].to_numpy() / known["std_error"].to_numpy())[known["std_error"].to_numpy() > 0]
    assert 0.93 < np.nanmedian(ratio) < 1.07


def test_a_respondent_is_in_one_group_whatever_the_engine_and_a_file_may_say_which():
    """Whole numbers are mixed by the arithmetic that every engine has."""
    import narwhals.stable.v2 as nw

    frame = pd.DataFrame({"respondent_id": np.array([0, 7, 7, -3, 2**40, 12]), "x": 1.0})
    by_hand = [(((one % 2147483647) * 48271) % 2147483647) % 8 for one in frame["respondent_id"].tolist()]
    for name in ("duckdb", "polars lazy"):
        table = with_shards(nw.from_native(ENGINES[name](frame)).lazy(), "respondent_id", 8)
        assert table.collect()["_shard"].to_list() == by_hand
    told = frame.assign(respondent_id=list("abbcde"), shard=[1, 2, 2, 3, 4, 5])
    table = with_shards(nw.from_native(duckdb.from_df(told)), "respondent_id", 8)
    assert len(set(table.collect()["_shard"].to_list())) == 5
    texts = with_shards(nw.from_native(duckdb.from_df(told.drop(columns="shard"))), "respondent_id", 1024)
    found = texts.collect().to_pandas()
    assert len(found.drop_duplicates(["respondent_id", "_shard"])) == len(set(found["respondent_id"]))
    assert len(set(found["_shard"])) > 1


@pytest.mark.slow
@pytest.mark.parametrize("numbered", [True, False])
def test_pyspark_draws_the_groups_that_duckdb_draws(monkeypatch, study, spark, numbered):
    """Groups hang on what people are called alone: so the intervals are the same, not only the levels."""
    kept = study.responses[study.responses["respondent_id"].isin(study.responses["respondent_id"].unique()[:200])]
    frame = kept.assign(touchpoint=kept["touchpoint"].astype(str), dimension=kept["dimension"].astype(str))
    if numbered:
        frame["respondent_id"] = pd.factorize(frame["respondent_id"], sort=True)[0]
    monkeypatch.setattr(engine, "MANY_ROWS", 1)
    chains = [
        cx.gap_chain(study.with_tables(responses=made(frame)), by="touchpoint", replicates=199).frame
        for made in (ENGINES["duckdb"], spark)
    ]
    pd.testing.assert_frame_equal(*chains, check_exact=False, rtol=1e-12, atol=1e-12)
