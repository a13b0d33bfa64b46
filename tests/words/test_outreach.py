"""Who was hit, whom to call on and what calling was worth, in sentences, against their tables."""

from __future__ import annotations

import pandas as pd
import pytest
from hits import END, contacts, customers, drawn_study, events, incidents

import cxgap as cx


def said(prose: cx.Prose) -> str:
    return " ".join(sentence.text for part in (prose.lead, prose.details, prose.limits) for sentence in part)


@pytest.fixture(scope="module")
def hit() -> cx.Table:
    return cx.incidents(events(), contacts(), customers(), incidents(), as_of=END)


def test_silence_comes_first_with_its_number_and_its_worth(hit):
    prose = cx.describe(hit)
    assert prose.headline == "5 customers of 9 who were hit kept silent and were not helped"
    assert prose.lead[0].text == (
        "5 customers were hit by something and have not contacted us; the silent are worth 3,700 in the study's currency."
    )
    assert "Of those hit, 25.0 % (5.6 to 59.2 %) complained: for each who complains, 4.0 are hit (1.7 to 17.9)." in said(prose)
    assert (
        "Came late: of 5 customers 2 complained, 1 was helped, 1 kept silent and for 1 it is too early to say; 50.0 % "
        "(12.3 to 87.7 %) complain: for each who complains, 2.0 are hit (1.1 to 8.1)." in said(prose)
    )
    assert "for each who complains, 1.2 or more are hit" in said(prose)  # where nobody complained
    assert "says nothing of other events, companies or channels" in said(prose)


def test_one_type_is_named_as_what_it_is():
    prose = cx.describe(cx.incidents(events().drop(columns="failed").iloc[:6], contacts(), as_of=END))
    assert prose.headline == "1 customer of 5 who had an event that came late kept silent and was not helped"
    assert prose.lead[0].text == "1 customer had an order that came late and has not contacted us."


def test_a_cut_has_a_sentence_a_row_and_hidden_ones_tell_no_number():
    prose = cx.describe(cx.incidents(events(), contacts(), customers(), incidents(), by="region", min_n=5, as_of=END))
    assert "South · other incidents: not shown." in said(prose)
    assert prose.lead == ()


def test_a_list_is_told_by_counts_and_where_it_is():
    people = cx.silent_customers(drawn_study(), risk=None, seed=1, min_n=10)
    prose = cx.describe(people)
    assert prose.headline == "117 customers to call on, 21 held out, of 138 who were hit and kept silent"
    assert prose.lead[0].text == "200 customers were hit lately, 138 of whom kept silent and were not helped."
    assert "Came late (others): 138 customers, 21 of them held out." in said(prose)
    assert "writes them to a private file, outreach.csv" in said(prose)
    assert cx.describe(people.counts) == prose
    assert cx.describe(cx.silent_customers(drawn_study(), look_back=1)).headline == "Customers to call on: not measured"


def effect(left: tuple[int, int], arm: str = "held out", **options: object) -> cx.Prose:
    ids = [f"C{place}" for place in range(500)]
    at = pd.Series(pd.to_datetime(["2025-01-01"] * 500, utc=True))
    log = pd.DataFrame({"customer_id": ids, "at": at, "arm": ["contacted"] * 400 + [arm] * 100})
    gone = [place < left[0] or 400 <= place < 400 + left[1] for place in range(500)]
    people = pd.DataFrame({"customer_id": ids, "churned_at": (at + pd.Timedelta(days=9)).where(gone)})
    return cx.describe(cx.outreach_effect(log, people, as_of="2025-12-31", **options))


def test_an_effect_is_said_as_far_as_it_can_be_told():
    found = effect((20, 15))
    assert found.headline == "Fewer customers left of those called on: 5.0 % against 15.0 % within 90 days"
    assert found.lead[0].text == (
        "5.0 % of 400 customers contacted left, and 15.0 % of those held out (100): a difference of −10.0 points "
        "(−18.5 to −3.7), which is what calling did."
    )
    unsure = effect((20, 6))
    assert unsure.headline == "We cannot tell whether calling on customers keeps them: 5.0 % against 6.0 % within 90 days"
    assert "so whether calling changes it cannot be told" in unsure.lead[0].text
    other = effect((20, 15), arm="not contacted")
    assert other.headline.endswith("associated only")
    assert "associated with calling, and may be due to something else" in other.lead[0].text
    assert "calling did" not in said(other)
    early = effect((20, 15), horizon=400)
    assert early.lead[0].text == "Not watched long enough to tell."
