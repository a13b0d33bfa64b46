"""A table that the study does not have can be handed on and asked about, and any other use of it says what to add."""

from __future__ import annotations

import copy
import pickle

import pandas as pd
import pytest

from cxgap.errors import StudyError
from cxgap.tables.absent import Absent, absent
from cxgap.tables.catalog import TABLES

ADVICE = "the study has no table 'events'; add events = \"events.csv\" under [tables] in the study file"
USES = {
    "a column by name": lambda table: table["region"],
    "an attribute": lambda table: table.columns,
    "iteration": iter,
    "rows": len,
    "truth": bool,
    "a column sought": lambda table: "region" in table,
}


@pytest.mark.parametrize("name", TABLES)
def test_every_table_that_is_not_declared_is_absent(study, name):
    assert getattr(study(), name) == Absent(name)


@pytest.mark.parametrize("error", [AttributeError, StudyError])
@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_any_use_of_it_says_what_to_add(use, error):
    with pytest.raises(error) as caught:
        use(Absent("events"))
    assert str(caught.value) == ADVICE + "."


def test_the_first_absent_table_gives_the_reason():
    there = pd.DataFrame()
    assert absent() == absent(there, there) == ""
    assert absent(there, Absent("events"), Absent("managers")) == ADVICE
    assert absent(None, Absent("events")) == "no table was given"


def test_it_shows_its_advice_and_can_be_copied_and_sent_to_another_process():
    table = Absent("events")
    assert repr(table) == ADVICE + "."
    assert copy.deepcopy(table) == pickle.loads(pickle.dumps(table)) == table
