"""Factors of expectations, causes and channels: what is declared is there, and what cannot be says what to type."""

from __future__ import annotations

import pytest
from study_files import WIDE

from cxgap.errors import StudyError

PEOPLE = "customer_id,plan\nNA,Plus\n007,Basic\nnorth,Basic\n"
BROUGHT = {"links.who": {"to": "customers", "key": "region", "to_key": "customer_id", "columns": ["plan"]}}


def test_factors_are_what_was_declared_and_empty_where_nothing_was(study):
    assert study(WIDE).factors == {"controllable": (), "uncontrollable": ()}
    read = study(WIDE, factors={"uncontrollable": ["region"]})
    assert read.factors == {"controllable": (), "uncontrollable": ("region",)}


def test_a_column_that_a_link_brings_over_is_one_of_the_survey(study):
    read = study(WIDE, {"c.csv": PEOPLE}, tables={"customers": "c.csv"}, factors={"controllable": ["plan"]}, **BROUGHT)
    assert read.factors["controllable"] == ("plan",)
    assert set(read.responses["plan"]) == {"Plus", "Basic"}


@pytest.mark.parametrize(
    ("factors", "words"),
    [
        ({"controllable": ["plan"]}, "`controllable` under [factors] must name columns of the survey that may go with "
         "expectations, and the survey has no such column: 'plan'; correct it, or leave it out."),
        ({"uncontrollable": ["Region"]}, "Did you mean 'region'?"),
        ({"uncontrollable": ["expectation"]}, "that column holds something else: 'expectation'"),
        ({"controllable": ["region"], "uncontrollable": ["region"]}, "each column once, and 'region' is named 2 times"),
        ({"controlable": ["region"]}, "[factors] has no key 'controlable'"),
    ],
)  # fmt: skip
def test_a_factor_that_is_none_says_what_to_type(study, factors, words):
    with pytest.raises(StudyError) as caught:
        study(WIDE, factors=factors)
    assert words in str(caught.value)


def test_causes_say_who_can_do_something_and_a_wrong_word_costs_itself(study):
    text = "cause,control,owner,reviewed\nsnow,Uncontrollable,,2026-01-05\nlost,theirs,Ann,\ngate,shared,Ann,soon\n"
    read = study(WIDE, {"t.csv": text}, tables={"causes": "t.csv"})
    assert read.causes["control"].isna().tolist() == [False, True, False]
    assert read.causes["control"].tolist()[::2] == ["uncontrollable", "shared"]
    assert read.rejects[["row", "column", "value", "reason"]].to_numpy().tolist() == [
        [3, "control", "theirs", "unknown_control"],
        [4, "reviewed", "soon", "bad_date"],
    ]


@pytest.mark.parametrize(
    ("name", "text"),
    [("causes", "cause,control\nsnow,shared\nsnow,unknown\n"), ("channels", "channel,assisted\nApp,no\nApp,yes\n")],
)
def test_a_cause_or_channel_that_stands_twice_contradicts_itself(study, name, text):
    read = study(WIDE, {"t.csv": text}, tables={name: "t.csv"})
    assert read.rejects["reason"].tolist() == ["conflicting_duplicate"] * 2
    assert len(getattr(read, name)) == 0


def test_nobody_waits_for_less_than_no_time(study):
    text = "contact_id,customer_id,touchpoint,waited,abandoned,issue_id\nK1,C1,Buy,-2,yes,\nK2,C1,Use,0,no,I1\n"
    read = study(WIDE, {"t.csv": text}, tables={"contacts": "t.csv"})
    assert read.rejects[["row", "column", "reason"]].to_numpy().tolist() == [[2, "waited", "negative_duration"]]
    assert read.contacts["waited"].isna().tolist() == [True, False]
    assert read.contacts["abandoned"].tolist() == [True, False]
