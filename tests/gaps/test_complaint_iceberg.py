"""How many were hit where no events tell: two lists, and complaints over a known share."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from conftest import ENGINES
from hits import START
from pandas.testing import assert_frame_equal

import cxgap as cx
from cxgap.errors import ArgumentError, ColumnError
from cxgap.tables.absent import Absent


def lists(first: int = 200, second: int = 150, both: int = 30) -> tuple[pd.DataFrame, pd.DataFrame]:
    """So many customers who complained, some of them twice, so many who answered badly, and as many who answered well."""
    names = [f"cust-{place:04}" for place in range(first + 2 * second - both)]
    at = pd.Series(pd.to_datetime([START], utc=True)).dt.as_unit("us")
    loud = [*names[:first], *names[: min(20, first)]]
    contacts = pd.DataFrame({"customer_id": loud, "at": pd.concat([at] * len(loud), ignore_index=True)})
    contacts = contacts.assign(touchpoint="Pay")
    told = names[first - both :]
    answers = pd.DataFrame({"customer_id": told, "satisfaction": [2.0] * second + [6.0] * (len(told) - second)})
    return contacts, answers.assign(touchpoint="Pay")


@pytest.mark.parametrize("engine", ENGINES)
def test_two_lists_of_two_hundred_and_a_hundred_and_fifty(engine):
    """Chapman (1951): 201 x 151 / 31 - 1 = 978.06, a lower bound."""
    table = cx.complaint_iceberg(*map(ENGINES[engine], lists()))
    row = table.frame.iloc[0]
    assert row[["first", "second", "both"]].tolist() == [200, 150, 30]
    assert row["estimate"] == pytest.approx(978.0645161)
    assert 320 < row["conf_low"] < row["estimate"] < row["conf_high"]
    assert (row["finding"], row["flags"]) == ("at least", "LOWER_BOUND")
    assert table.title == "At least 978 customers had reason to complain, where 200 did"
    assert "200 customers complained and 150 answered badly, 30 did both: at least 978 had reason to complain" in str(
        cx.describe(table)
    )
    assert "the lists go together and the number is a lower bound" in repr(table)


def test_complaints_over_a_known_share():
    """Arithmetic: 40 of 900 complained, so 200 complaints are of 4,500; it needs no survey."""
    contacts, _ = lists()
    table = cx.complaint_iceberg(contacts, Absent("responses"), known=(40, 900))
    row = table.frame.iloc[0]
    assert (row["method"], row["finding"], row["estimate"]) == ("complaint rate", "about", pytest.approx(4500))
    assert 3000 < row["conf_low"] < 4500 < row["conf_high"] < 6700
    assert "Two lists are not compared" in repr(table)
    nobody = cx.complaint_iceberg(contacts, known=(0, 900))
    assert nobody.frame.loc[0, ["finding", "flags"]].tolist() == ["cannot tell", "NOT_IDENTIFIED"]
    assert "nobody is known to have complained" in str(cx.describe(nobody))


@pytest.mark.parametrize("both", [0, 1, 6])
def test_where_few_are_on_both_lists_it_cannot_be_told(both):
    """Robson & Regier (1964): seven at the least."""
    table = cx.complaint_iceberg(*lists(both=both))
    assert table.frame.loc[0, ["finding", "flags"]].tolist() == ["cannot tell", "FEW_IN_BOTH|LOWER_BOUND"]
    assert table.frame.loc[0, ["estimate", "conf_low", "conf_high", "std_error"]].isna().all()
    assert table.title.startswith("We cannot tell how many")


@pytest.mark.parametrize(
    ("first", "second", "both"), [(200, 150, 8), (200, 150, 145), (155, 150, 150), (8, 150, 8), (200, 9, 9)]
)
def test_nothing_is_told_of_few(first, second, both):
    """Law: neither those on both lists nor those on one alone can be worked out where they are one to nine."""
    table = cx.complaint_iceberg(*lists(first, second, both), min_n=10)
    row = table.frame.iloc[0]
    assert np.isnan(row["both"])
    assert np.isnan(row["estimate"])
    assert "cust-" not in json.dumps(table.record())
    assert row["finding"] in ("cannot tell", "not shown")


def test_only_the_time_that_both_lists_cover_counts():
    contacts, answers = lists()
    late = contacts.assign(at=contacts["at"] + pd.Timedelta(days=60), customer_id="late-" + contacts["customer_id"])
    dated = answers.assign(at=list(contacts["at"].iloc[[0]]) * len(answers))
    early = cx.complaint_iceberg(pd.concat([contacts, late]), dated)
    assert early.frame.loc[0, "first"] == 200
    assert "from 2025-01-01 to 2025-01-01, which both lists cover" in repr(early)
    assert cx.complaint_iceberg(pd.concat([contacts, late]), answers).frame.loc[0, "first"] == 400
    assert cx.complaint_iceberg(pd.concat([contacts, late]), answers, as_of="2025-01-31").frame.loc[0, "first"] == 200


def test_cells_and_what_counts_as_a_complaint_or_a_bad_answer():
    contacts, answers = lists()
    mixed = contacts.assign(reason=["complaint"] * 100 + ["question"] * 120)
    some = cx.complaint_iceberg(mixed, answers, reasons="complaint").frame
    assert some.loc[0, ["first", "flags"]].tolist() == [100, "FEW_IN_BOTH|LOWER_BOUND"]
    every = cx.complaint_iceberg(mixed, answers)  # questions among them: no lower bound
    assert every.frame.loc[0, ["first", "finding", "flags"]].tolist() == [200, "about", "ANY_CONTACT"]
    assert "those about other matters make the number too high" in repr(every)
    assert "30 did both: about 978 had reason to" in str(cx.describe(every))
    assert cx.complaint_iceberg(contacts, answers, negative=6).frame.loc[0, "second"] == 300
    assert cx.complaint_iceberg(contacts, answers, about="Pay").frame.loc[0, "first"] == 200
    cut = cx.complaint_iceberg(contacts, answers, by="touchpoint", known=(40, 900))
    assert cut.frame["touchpoint"].tolist() == ["Pay", "Pay"]
    assert cut.frame["method"].tolist() == ["two lists", "complaint rate"]
    again = cx.complaint_iceberg(contacts.iloc[::-1], answers.sample(frac=1, random_state=1), by="touchpoint", known=(40, 900))
    assert_frame_equal(cut.frame, again.frame)


def test_what_is_lacking_is_said_and_what_is_wrong_is_refused():
    contacts, answers = lists()
    assert "no table 'contacts'" in cx.complaint_iceberg(Absent("contacts"), answers).missing
    assert "no answers were given, and `known` gives no share" in cx.complaint_iceberg(contacts).missing
    assert "no column 'customer_id'" in cx.complaint_iceberg(contacts, answers.drop(columns="customer_id")).missing
    assert "nobody complained" in cx.complaint_iceberg(contacts.iloc[:0], answers).missing
    assert "no answer is bad" in cx.complaint_iceberg(contacts, answers, negative=1).missing
    assert str(cx.describe(cx.complaint_iceberg(contacts))).startswith(
        "How many had reason to complain, for those who did: not"
    )
    with pytest.raises(ColumnError, match="'region'"):
        cx.complaint_iceberg(contacts, answers, by="region")
    for wrong, text in (
        ({"known": (900, 40)}, "`known`"), ({"known": 0.04}, "`known`"), ({"known": (1, 0)}, "`known`"),
        ({"by": "customer_id"}, "`by`"), ({"negative": "bad"}, "`negative`"), ({"min_n": 0}, "min_n"),
    ):  # fmt: skip
        with pytest.raises(ArgumentError, match=text):
            cx.complaint_iceberg(contacts, answers, **wrong)


@pytest.mark.slow
def test_complaint_iceberg_on_spark(spark):
    assert_frame_equal(cx.complaint_iceberg(*map(spark, lists())).frame, cx.complaint_iceberg(*lists()).frame)
