"""Sentences are tested as a reader meets them: whole, and against the row they speak of."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from gap_tables import JOURNEY, gap_table

import cxgap as cx
from cxgap.vocabulary import MINUS


def rows(*names: str) -> list[tuple]:
    return [row for row in JOURNEY if row[0] in names]


def test_the_headline_is_the_worst_row_where_its_interval_stands_apart():
    table = gap_table([("Follow", 6.0, 5.7, -0.4, -0.2, 391, "short"), ("Receive", 6.5, 5.5, -1.1, -0.9, 412, "short")])
    assert cx.describe(table).headline == "Receive falls furthest short of what customers expect"


def test_the_headline_names_no_worst_row_where_intervals_overlap():
    """Report rule: ranks that the data cannot tell apart are not told apart in words."""
    prose = cx.describe(gap_table())
    assert prose.headline == "Receive the parcel and Follow the parcel fall short of what customers expect"
    assert "is not settled" in prose.lead[-1].text


def test_the_lead_counts_every_verdict_once():
    lead = cx.describe(gap_table()).lead[0].text
    assert lead == (
        "Customers got less than they expected at 2 of 7 touchpoints, what they expected at 2 and more at 1; "
        "at 1 we cannot tell and 1 is not shown."
    )
    assert sum(map(int, re.findall(r"\b\d\b", lead))) - 7 == len(JOURNEY)


def test_each_row_has_its_sentence_with_size_interval_and_customers():
    """The words of report.md for each verdict."""
    said = {s.row: s.text for s in cx.describe(gap_table()).details}
    assert said[3] == "Receive the parcel: 0.8 points short (0.6 to 1.0), 412 customers."
    assert said[5] == "Return a parcel: 0.4 points more than expected (0.2 to 0.6), 164 customers."
    assert said[0] == (
        f"Choose a service: as expected; the gap of {MINUS}0.1 ({MINUS}0.2 to 0.0) is within ±0.3, the margin set, "
        "398 customers."
    )
    assert said[4] == "Get help: we cannot tell; 0.2 short, could be 0.5 short to 0.1 above, 118 customers."
    assert said[6] == "Claim damage: not shown, fewer than 10 customers."


@pytest.mark.parametrize(
    ("names", "headline"),
    [
        (("Receive the parcel", "Choose a service"), "Receive the parcel falls short of what customers expect"),
        (("Choose a service", "Order and pay"), "Customers got what they expected at all 2 touchpoints"),
        (
            ("Return a parcel", "Get help"),
            "No touchpoint is shown to fall short; Return a parcel exceeds what customers expect",
        ),
        (("Get help", "Choose a service"), "No touchpoint is shown to fall short; at 1 of 2 we cannot tell"),
        (("Claim damage",), "Too few customers answered to show a result"),
    ],
)
def test_the_headline_says_what_the_verdicts_allow(names, headline):
    assert cx.describe(gap_table(rows(*names))).headline == headline


def test_never_says_significant_nor_no_difference():
    text = repr(cx.describe(gap_table())).lower()
    assert "significant" not in text
    assert "no difference" not in text


def test_hidden_rows_give_no_number_away():
    table = gap_table(
        [("A", 5, 4, -1.2, -0.8, 40, "short"), ("B", *[np.nan] * 5, "not shown")], flags={"B": "SUPPRESSED_SECONDARY"}
    )
    assert cx.describe(table).details[1].text == "B: not shown, hidden to protect another cell."


def test_one_respondent_has_no_interval_and_no_verdict():
    table = gap_table([("A", 5, 4, np.nan, np.nan, 1, "cannot tell")], flags={"A": "N1"})
    assert cx.describe(table).details[0].text == "A: we cannot tell; 1 customer only, so there is no interval."


def test_an_overall_table_is_one_sentence_of_all_customers():
    prose = cx.describe(gap_table([((), 6.0, 5.5, -0.6, -0.4, 900, "short")], by=()))
    assert prose.headline == "Customers got less than they expected"
    assert prose.lead[0].text == "All customers: 0.5 points short (0.4 to 0.6), 900 customers."
    assert prose.details == ()


def test_an_overall_table_says_what_importance_and_perception_alone_say():
    beside = {"importance_gap": -0.7, "importance_gap_low": -0.8, "importance_gap_high": -0.6, "importance_gap_n": 850.0}
    beside |= {"servperf": 5.5, "servperf_low": 5.4, "servperf_high": 5.6}
    table = gap_table([((), 6.0, 5.5, -0.6, -0.4, 900, "short")], by=())
    lead = [s.text for s in cx.describe(replace(table, frame=table.frame.assign(**beside))).lead]
    assert lead[1:] == [
        f"Weighted by what matters to each of them, the gap is {MINUS}0.7 points ({MINUS}0.8 to {MINUS}0.6; "
        "850 customers said what matters).",
        "What they perceived, whatever they expected, is 5.5 on the 1 to 7 scale (5.4 to 5.6; SERVPERF).",
    ]


def test_without_a_margin_nothing_is_called_met_and_the_reader_is_told():
    limits = [s.text for s in cx.describe(gap_table(rows("Get help"), margin=None)).limits]
    assert "No margin is set, so no expectation is called met." in limits


def test_flags_become_cautions():
    table = gap_table(rows("Get help", "Return a parcel"), flags={"Get help": "PARTIAL|UNSTABLE"})
    limits = " ".join(s.text for s in cx.describe(table).limits)
    assert "Get help: on an effective sample below 30" in limits
    assert "Get help: some customers left whole dimensions" in limits


def test_a_hostile_label_is_only_text():
    table = gap_table([("<script>alert(1)</script>", 5, 4, -1.2, -0.8, 40, "short")])
    html = cx.describe(table)._repr_mimebundle_()["text/html"]
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_what_does_not_outlast_all_tests_is_no_headline():
    """Of many rows some are short by chance: with 20 of them and nothing true, one on average."""
    gaps = gap_table()
    short = gaps.frame["verdict"].isin(["short", "exceeded"])
    alone = replace(gaps, frame=gaps.frame.assign(p_adjusted=gaps.frame["p_adjusted"].mask(short, 0.2)))
    said = cx.describe(alone)
    assert said.headline == "No touchpoint is shown to fall short, with account taken of all tests"
    assert f"none of the {short.sum()} is beyond chance." in said.lead[1].text
    one = gaps.frame.index == gaps.frame.loc[gaps.frame["verdict"] == "short", "estimate"].idxmin()
    some = replace(gaps, frame=alone.frame.assign(p_adjusted=alone.frame["p_adjusted"].mask(one, 0.001)))
    worst = gaps.frame.loc[one, "touchpoint"].iloc[0]
    assert cx.describe(some).headline == f"{worst} falls short of what customers expect"
    assert f"1 of the {short.sum()} is beyond chance." in cx.describe(some).lead[1].text
    assert "beyond chance" not in str(cx.describe(gaps))
