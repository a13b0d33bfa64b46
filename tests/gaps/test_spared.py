"""What must see people one by one is "not measured" where they are too many, with what to do about it."""

from __future__ import annotations

import duckdb
import pandas as pd
import pytest

import cxgap as cx
from cxgap import engine
from cxgap.errors import TooManyError
from cxgap.gaps.spared import spared, spared_answers
from cxgap.tables.absent import Absent


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


@spared
def counted(events, beside=None):
    if isinstance(events, Absent):
        return f"not measured: {events.reason}"
    if beside == "too many":
        raise TooManyError("Too many rows.")
    return "measured"


@spared_answers
def looked_at(events=None):
    return events


def test_a_table_is_handed_over_by_place_or_by_its_own_name():
    assert counted("a table") == counted(events="a table") == "measured"
    assert (
        counted("a table", beside="too many") == counted(events="a table", beside="too many") == "not measured: Too many rows"
    )
    with pytest.raises(TypeError, match="events"):
        counted()
    few = pd.DataFrame({"a": [1]})
    assert looked_at(few) is looked_at(events=few) is few
    assert looked_at() is None
