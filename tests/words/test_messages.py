"""Promises in sentences, against the table that they are made from."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import cxgap as cx


@pytest.fixture(scope="module")
def table() -> cx.Table:
    """A hundred orders of 1 to 10 days; three messages say 3, 5 and 10 days, and the fourth says no level."""
    start = pd.Timestamp("2025-03-03T12:00Z")
    orders = pd.DataFrame({"delivered": np.repeat(np.arange(1.0, 11), 10), "touchpoint": "Receive", "metric": "delivery time"})
    orders = orders.assign(unit="days", direction="lower", ordered_at=start, customer_id=[f"C{row}" for row in range(100)])
    said = pd.DataFrame(
        {
            "message_id": ["M1", "M2", "M3", "M4"],
            "touchpoint": ["Receive", "Receive", "Receive", "Pay"],
            "channel": ["page", "letter", "page", "shop"],
            "metric": ["delivery time"] * 3 + [None],
            "level": [3.0, 5.0, 10.0, np.nan],
            "unit": ["days"] * 3 + [None],
            "reliability": [0.9, np.nan, np.nan, np.nan],
            "region": ["", "", "N", ""],
            "owner": ["Ann", "", "Ben", "Eve"],
            "exposed": [100.0, 10.0, 1.0, np.nan],
        }
    )
    touchpoints = pd.DataFrame({"touchpoint": ["Receive", "Pay", "Return"]})
    return cx.message_audit(said, orders.assign(region="N"), touchpoints=touchpoints, context="region", as_of="2025-03-31")


def test_the_words_to_change_come_first_with_what_to_say_and_whose_they_are(table):
    prose = cx.describe(table)
    assert prose.headline == (
        "2 of 3 promises are clearly kept less often than said, 1 of them if 95 % is what is meant; 3 pairs of messages "
        "contradict each other; 1 touchpoint has no valid promise"
    )
    assert prose.lead[0].text == (
        "Page at Receive: promised 3 days, 90 % of the time; kept for 30 % of events (22 to 40 %); about 60 customers "
        "a day hear more than is kept. Say 10 days, or keep 3 days (Ann)."
    )
    texts = [sentence.text for sentence in prose.lead]
    assert (
        "Letter at Receive: promised 5 days; kept for 50 % of events (40 to 60 %), less than the 95 % that it is taken to "
        "mean; about 4.5 customers a day hear " in texts[1]
    )
    assert texts[1].endswith("Say 10 days, or keep 5 days; nobody owns it.")
    conflict = (
        "Page and letter differ at Receive: 3 days against 5 days; 20 % of events (13 to 29 %) keep the second and not the "
        "first. Say one of them everywhere (Ann)."
    )
    assert conflict in texts
    own = "Page at Receive (region N) contradicts itself: 3 days against 10 days; 70 % of events (60 to 78 %) keep the second"
    assert own in " ".join(texts)
    for sentence in prose.lead:
        assert str(table.frame["touchpoint"][sentence.row]) in sentence.text


def test_what_is_silent_kept_or_small_is_said_after_it(table):
    texts = [sentence.text for sentence in cx.describe(table).details]
    assert texts[0] == "Return: nothing is promised there; silence is a message, too."
    assert "1 message promises nothing that could be kept or broken, and 1 is nobody's." in texts
    assert "Page at Receive: kept as often as said, or more often." in texts
    limits = " ".join(sentence.text for sentence in cx.describe(table).limits)
    assert (
        "3 claims were tested, and nothing was adjusted for it: were each kept exactly as often as stated, about 0.1" in limits
    )
    assert "A message that does not say how often is taken to promise 95 %, a choice of this audit." in limits
    assert "Whether messages were looked at is not known" in limits


def test_a_table_that_nobody_could_make_says_why():
    assert cx.describe(cx.message_audit(None)).headline == "What customers are promised: not measured"
