"""Answers arranged as matrices: one row a visit, one column an item."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from answers import survey
from conftest import ENGINES
from pandas.testing import assert_frame_equal

from cxgap.errors import ArgumentError, ColumnError
from cxgap.gaps.batteries import UNDIVIDED, read_batteries

FRAME = survey(3, people=12)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_matrix_holds_each_answer_where_its_visit_and_item_meet(engine):
    """Counted by hand from the rows of the frame."""
    found = read_batteries(ENGINES[engine](FRAME))
    for name, matrix in (("expectation", found.expectation), ("perception", found.perception)):
        answers = FRAME.dropna(subset=[name])
        assert np.isfinite(matrix).sum() == len(answers)
        for row in answers.sample(30, random_state=1).itertuples():
            here = found.visits["respondent_id"].astype(str) == str(row.respondent_id)
            if "touchpoint" in found.visits:
                here &= found.visits["touchpoint"].astype(str) == str(row.touchpoint)
            if "wave" in found.visits:
                here &= found.visits["wave"].astype(str) == str(row.wave)
            assert matrix[np.flatnonzero(here)[0], found.items.index(str(row.item))] == getattr(row, name)
    assert np.array_equal(np.isfinite(found.gap), np.isfinite(found.expectation) & np.isfinite(found.perception))


@pytest.mark.parametrize("engine", ["pandas", "polars", "duckdb"])
def test_the_order_of_rows_changes_nothing(engine):
    one, other = (read_batteries(ENGINES[engine](frame)) for frame in (FRAME, FRAME.sample(frac=1, random_state=2)))
    assert np.array_equal(one.expectation, other.expectation, equal_nan=True)
    assert (one.items, one.dimensions) == (other.items, other.dimensions)
    assert np.array_equal(one.respondent, other.respondent)


def test_items_without_a_dimension_are_of_one_and_those_not_retained_are_marked():
    found = read_batteries(FRAME.drop(columns="dimension"))
    assert set(found.dimensions) == {UNDIVIDED}
    marked = read_batteries(FRAME.assign(retained=FRAME["item"] != FRAME["item"].iloc[0]))
    assert [item for item, kept in zip(marked.items, marked.retained, strict=True) if not kept] == [FRAME["item"].iloc[0]]


def test_an_outcome_and_the_seconds_are_those_of_the_visit():
    frame = FRAME.assign(satisfied=FRAME["respondent_id"].astype("category").cat.codes + 1.0, seconds=100.0)
    found = read_batteries(frame, outcome="satisfied")
    assert np.array_equal(found.outcome, found.respondent + 1.0)
    assert set(found.seconds) == {100.0}
    assert read_batteries(FRAME).outcome is None


@pytest.mark.parametrize("keys", [["region"], []])
def test_answers_arranged_at_once_are_those_that_are_summed_first(keys, monkeypatch):
    """Also where an item was answered twice on a visit, of which the mean counts, and where a rating is missing."""
    frame = pd.concat([FRAME, FRAME.head(7).assign(perception=lambda rows: 8 - rows["perception"])], ignore_index=True)
    frame["region"] = np.where(frame["respondent_id"].astype("category").cat.codes % 2, "north", "south")
    frame.loc[:3, "expectation"] = np.nan
    one = read_batteries(frame, by=keys)
    monkeypatch.setattr("cxgap.gaps.batteries.arranged", lambda *_: None)
    other = read_batteries(frame, by=keys)
    assert one.items == other.items
    for name in ("expectation", "perception", "cell", "respondent", "retained"):
        assert np.array_equal(getattr(one, name), getattr(other, name), equal_nan=name[-1] == "n")
    assert_frame_equal(one.visits, other.visits)
    assert_frame_equal(one.cells, other.cells)


def test_what_cuts_items_cannot_cut_visits():
    with pytest.raises(ArgumentError, match="cuts their items"):
        read_batteries(FRAME, by=["dimension"])
    with pytest.raises(ColumnError, match="'item'"):
        read_batteries(FRAME.drop(columns="item"))
