"""Links, stakes and simulations in sentences, against their tables: an association never does anything."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from followed import followed_link

import cxgap as cx
from cxgap.result import Prose, Table


@pytest.fixture(scope="module")
def link() -> Table:
    return followed_link()


def said(prose: Prose) -> str:
    return " ".join([prose.headline, *(each.text for part in (prose.lead, prose.details, prose.limits) for each in part)])


def test_a_link_is_said_with_its_interval_its_grade_and_what_it_is_not(link):
    prose, row = cx.describe(link), link.frame.iloc[0]
    value, low, high = (f"{100 * row[name]:.1f}" for name in ("effect", "effect_low", "effect_high"))
    assert prose.headline == (
        f"Each 5 points of 100 more shortfall goes with {value} percentage points more customers leaving within 180 days "
        f"({low} to {high}; adjusted association, grade C)"
    )
    assert prose.lead[0].text == f"{row['events']:.0f} of 300 customers left within 180 days of their answer."
    assert prose.lead[1].text.startswith("Of customers who get what they expected, ")
    assert prose.details[0].text == (
        f"All together: 5 points of 100 more shortfall goes with {value} percentage points more ({low} to {high}); 300 people."
    )
    assert "All together: we cannot tell what 5 points of 100 more surplus goes with: it could be" in said(prose)
    assert "This is an association: customers who got less may differ" in said(prose)


def test_nothing_drives_and_nothing_returns_per_cent(link):
    tables = [link, cx.value_at_risk(link, replicates=9), cx.closing_value(link, cost=100, draws=20)]
    for table in tables:
        text = f"{said(cx.describe(table))} {table!r}"
        assert "drive" not in text
        assert "ROI" not in text
        assert "significant" not in text
        assert "grade C" in text


def test_stakes_are_conditional_and_their_assumptions_come_first(link):
    prose = cx.describe(cx.value_at_risk(link, replicates=9, min_n=10))
    assert prose.headline.startswith("If the link were causal, ")
    assert prose.lead[0].text == (
        "ASSUMPTION: the whole of the association is taken to be causal; grade C is adjusted association."
    )
    assert all("grade C" in detail.text for detail in prose.details)
    assert "customers got less." in prose.details[0].text


def test_a_simulation_says_its_range_and_what_it_hangs_on(link):
    table = cx.closing_value(link, touchpoint="Get", cost=(200, 400, 900), draws=100)
    prose = cx.describe(table)
    assert prose.headline.startswith("Closing the shortfall at Get may mean ")
    assert prose.headline.endswith("(grade C, under the assumptions below)")
    assert prose.lead[0].text.startswith("Most of the spread comes from ")
    assert "in 9 of 10 draws." in prose.details[0].text
    said = [sentence.text for part in (prose.lead, prose.details, prose.limits) for sentence in part]
    assert [text[:40] for text in said if "ASSUMPTION" in text] == ["ASSUMPTION: half of the association is t"]
    assert any(note.startswith("ASSUMPTION: 100 % of each shortfall is closed at Get, for ") for note in table.notes)
    assert not any("ASSUMPTION" in cell for row in table.cells for cell in row)


def test_no_link_and_too_few_are_said_to_be_so():
    random = np.random.default_rng(12)
    frame = pd.DataFrame({"gap": random.normal(0, 10, 400), "left": (random.random(400) < 0.2).astype(int)})
    none = cx.describe(cx.outcome_link(frame, gap="gap", outcome="left", scale=(0, 100)))
    assert none.headline.startswith(
        "No demonstrated link between shortfalls and left: each 5 points of 100 more could go with "
    )
    assert "we cannot tell what 5 points of 100 more shortfall goes with" in none.details[0].text
    few = cx.outcome_link(frame.head(12), gap="gap", outcome="left")
    assert cx.describe(few).headline.startswith("Cannot tell: ")
    assert cx.describe(Table.not_measured("outcome_link", "What customers did", "nobody left")).headline.endswith(
        "not measured"
    )
