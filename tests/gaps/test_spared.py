"""What must see people one by one is "not measured" where they are too many, with what to do about it."""

from __future__ import annotations

import duckdb
import pytest

import cxgap as cx
from cxgap import engine


@pytest.fixture(scope="module")
def study():
    return cx.read_study("sample")


@pytest.mark.parametrize("name", ["guard_rails", "reliability", "missingness", "careless", "surface_models"])
def test_answers_that_are_too_many_are_not_looked_at_one_by_one(monkeypatch, study, name):
    monkeypatch.setattr(engine, "MOST_ROWS", 1000)
    found = getattr(cx, name)(duckdb.from_df(study.responses))
    assert "62,201 are more than 1,000; restrict the study with `where`" in found.missing
    assert not len(found.frame)


@pytest.mark.parametrize("name", ["gap_ranks", "gap_differences"])
def test_scores_that_are_too_many_are_not_brought_home(monkeypatch, study, name):
    monkeypatch.setattr("cxgap.tally.frames.MOST_ROWS", 1000)
    found = getattr(cx, name)(duckdb.from_df(study.responses))
    assert "more than 1,000 rows at once" in found.missing
