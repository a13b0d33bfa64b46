"""No public function meets a table or a path that is none with an error of Python's own, or quietly without it."""

from __future__ import annotations

import inspect
import pickle

import numpy as np
import pandas as pd
import pytest

import cxgap as cx
from cxgap.errors import ArgumentError
from cxgap.gaps.given import FRAME, PANDAS, PATH, STUDY, kinds_of
from cxgap.tables.absent import Absent
from cxgap.tables.study import Study

PUBLIC = [name for name in cx.__all__ if inspect.isfunction(getattr(cx, name))]
WRONG = (5, "responses.csv", [1], {"at": 1}, np.arange(3), pd.Series([1]), cx.Table(pd.DataFrame({"x": [1]}), "any", "Any"))
GONE = Absent("contacts")
FITTING = {FRAME: GONE, PANDAS: GONE, STUDY: object.__new__(Study), PATH: "x"}


@pytest.mark.parametrize("name", PUBLIC)
def test_what_is_no_table_is_refused_in_words(name):
    """Law: whichever of its tables is wrong, and whatever is given for it, the call ends in what must be and what is."""
    method = getattr(cx, name)
    asked = inspect.signature(method).parameters.values()
    needed = [each.name for each in asked if each.default is each.empty and each.kind is not each.VAR_POSITIONAL]
    tables = kinds_of(method)
    for wrong_one, kind in tables.items():
        others = {each: FITTING.get(tables.get(each, "")) for each in needed if each != wrong_one}
        for wrong in WRONG if kind in (FRAME, PANDAS) else (*WRONG, GONE, None):
            if kind == PATH and isinstance(wrong, str):
                continue
            with pytest.raises(ArgumentError, match=rf"`?{wrong_one}`? must be .*, not (a )?{type(wrong).__name__}"):
                method(**{**others, wrong_one: wrong})


def test_a_message_says_what_to_type():
    with pytest.raises(ArgumentError, match=r"contacts must be a pandas.*not a str\. Read the file with cx\.read_study"):
        cx.friction("contacts.csv")
    with pytest.raises(ArgumentError, match=r"`metrics` must be a pandas DataFrame, as study\.metrics is, not int"):
        cx.service_metrics(pd.DataFrame(), metrics=5)
    with pytest.raises(ArgumentError, match=r"`gaps` must be what a gap function returned, not int"):
        cx.caveats(5)
    with pytest.raises(ArgumentError, match=r"promises must be .* not a Study\. Give its table, as in study\.promises"):
        cx.promise_plan(pd.DataFrame(), object.__new__(Study))


def test_a_method_is_known_by_its_public_name():
    """Whoever hands a method to other processes pickles it; it reads as the function that it is."""
    assert pickle.loads(pickle.dumps(cx.customer_gap)) is cx.customer_gap
    assert cx.customer_gap.__name__ == "customer_gap"
    assert inspect.signature(cx.customer_gap) == inspect.signature(cx.customer_gap.__wrapped__)
    assert "Parameters" in (cx.customer_gap.__doc__ or "")
    with pytest.raises(TypeError, match="unexpected keyword"):
        cx.customer_gap(pd.DataFrame(), bye="touchpoint")


def test_every_kind_of_table_is_checked_somewhere():
    """The annotations are what the check goes by: one that is worded otherwise would go unchecked."""
    found = [kind for name in PUBLIC for kind in kinds_of(getattr(cx, name)).values()]
    assert set(found) == {FRAME, PANDAS, STUDY, PATH}
    assert len(found) >= 130
