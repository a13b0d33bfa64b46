"""The zone of tolerance in words: on which side of it perception lies, as far as both verdicts tell."""

from __future__ import annotations

from dataclasses import replace

import pytest
from words.making import tolerance

import cxgap as cx


def test_the_lead_counts_every_cell_once():
    prose = cx.describe(tolerance())
    assert prose.headline == "Perceived lies below the zone at Receive the parcel, inside it at 1 of 5 touchpoints"
    assert prose.lead[0].text == (
        "Perceived lies inside the zone of tolerance at 1 of 5 touchpoints, below it at 1 and above it at 1; at 1 we "
        "cannot tell "
        "and 1 is not shown."
    )
    assert prose.lead[1].text == (
        "The largest shortfall against the least that is acceptable is at Receive the parcel: 0.4 points (0.2 to 0.6; "
        "412 customers)."
    )


def test_each_measure_is_a_sentence_and_the_shares_stand_with_the_first():
    found = [s.text for s in cx.describe(tolerance()).details]
    assert found[0] == (
        "Receive the parcel: perceived lies 0.4 points below the least that is acceptable (0.2 to 0.6), 412 customers; 30 % of "
        "customers lie below their own zone (26 to 34 %), 60 % inside it (55 to 65 %) and 10 % above it (7 to 13 %)."
    )
    assert found[1] == "Receive the parcel: perceived lies 0.9 points below what is desired (0.7 to 1.1), 412 customers."
    assert found[8] == "Claim damage, against the least that is acceptable: not shown, fewer than 10 customers."


@pytest.mark.parametrize(
    ("adequacy", "superiority", "said"),
    [
        ("exceeded", "short", "Perceived lies inside the zone at 1 of 1 touchpoint"),
        ("met", "met", "Perceived lies inside the zone at 1 of 1 touchpoint"),
        ("short", "short", "Perceived lies below the zone at Receive the parcel, inside it at 0 of 1 touchpoint"),
        ("exceeded", "exceeded", "Perceived lies inside the zone at 0 of 1 touchpoint"),
        ("cannot tell", "short", "Perceived lies inside the zone at 0 of 1 touchpoint"),
        ("not shown", "not shown", "Too few customers answered to show a result"),
    ],
)
def test_both_verdicts_make_the_zone(adequacy, superiority, said):
    gaps = tolerance()
    frame = gaps.frame.iloc[:2].assign(verdict=[adequacy, superiority])
    assert cx.describe(replace(gaps, frame=frame)).headline == said


def test_all_together_needs_no_name():
    gaps = tolerance()
    frame = gaps.frame.iloc[2:4].drop(columns="touchpoint").reset_index(drop=True)
    prose = cx.describe(replace(gaps, frame=frame, by=("measure",)))
    assert prose.headline == "Perceived lies inside the zone"
    assert prose.details[1].text == "Perceived lies 0.5 points below what is desired (0.3 to 0.7), 391 customers."
