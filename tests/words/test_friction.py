"""Friction, changes of channel and patience in sentences, against their tables."""

from __future__ import annotations

import numpy as np
import pandas as pd
from contact_logs import CHANNELS, DAY, END, START, contact_log, drawn_log

import cxgap as cx


def said(prose: cx.Prose) -> str:
    return " ".join(sentence.text for part in (prose.lead, prose.details, prose.limits) for sentence in part)


def came(share_of_first: float, share_of_second: float, people: int = 200) -> pd.DataFrame:
    """Customers at two touchpoints, of which so many come again by phone after the app."""
    rows = []
    for touchpoint, share in (("Pay", share_of_first), ("Claim", share_of_second)):
        for customer in range(people):
            base = {"customer_id": f"{touchpoint}{customer}", "touchpoint": touchpoint}
            rows.append({**base, "at": START, "channel": "App"})
            if customer < share * people:
                rows.append({**base, "at": START + DAY, "channel": "Phone"})
    return pd.DataFrame(rows)


def test_the_headline_is_how_often_customers_come_again_and_what_was_forced():
    table = cx.friction(came(0.2, 0.4), channels=CHANNELS, as_of=END)
    prose = cx.describe(table)
    assert prose.headline == "30 % of issues need another contact; 30 % are forced from self-service to people"
    assert "Of 400 issues of 400 customers, 30 % (26 to 35 %) need another contact." in said(prose)
    assert "The contacts that were forced cost 720 in the study's currency, 1.80 (1.53 to 2.07) an issue" in said(prose)
    assert prose.limits[-1].text.startswith("A contact counts as forced where an assisted channel followed")
    assert "are forced" not in said(cx.describe(cx.friction(came(0.2, 0.4), as_of=END)))


def test_a_worst_touchpoint_is_named_only_where_it_can_be_told():
    apart = cx.describe(cx.friction(came(0.2, 0.4), by="touchpoint", as_of=END))
    assert apart.headline == "Claim needs another contact most often: 40 % of its issues"
    close = cx.describe(cx.friction(came(0.28, 0.3), by="touchpoint", as_of=END))
    assert close.headline == "28 % to 30 % of issues need another contact; which touchpoint is the worst cannot be told"
    assert "its interval overlaps with that of Pay, so which touchpoint is the worst is not settled." in close.lead[0].text
    assert [sentence.row for sentence in close.details] == [
        place for place, measure in enumerate(cx.friction(came(0.28, 0.3), by="touchpoint", as_of=END).frame["measure"])
        if measure == "repeat"
    ]  # fmt: skip


def test_hidden_cells_are_said_to_be_and_tell_no_number():
    log = pd.concat([came(0.2, 0.4), came(1, 1, people=3).assign(touchpoint="Rare", customer_id="r")])
    prose = cx.describe(cx.friction(log, by="touchpoint", min_n=10, as_of=END))
    assert "Rare: not shown." in [sentence.text for sentence in prose.details]


def test_forced_changes_come_first_with_their_cost():
    prose = cx.describe(cx.channel_switches(contact_log(), channels=CHANNELS, by="kind", as_of=END))
    assert prose.headline.startswith("50 % of those who came again after self-service went to people")
    assert "(2 contacts; they cost 12 in the study's currency)" in prose.lead[0].text
    bare = cx.describe(cx.channel_switches(contact_log(), as_of=END))
    assert bare.headline == "50 % of 4 further contacts came by another channel"
    assert not bare.lead
    assert "Whether a change was forced is not measured" in said(bare)


def test_curves_are_compared_at_one_time_and_a_half_not_reached_is_said():
    table = cx.patience(drawn_log(4, 200), times=(2, 5, 30))
    prose = cx.describe(table)
    assert prose.headline == "How long customers wait before they give up: curves by touchpoint cannot be told to differ"
    told = table.frame[table.frame["still"].notna()]
    common = min(told.groupby("touchpoint")["time"].max())
    assert all(f"after {common:g} minutes" in sentence.text for sentence in prose.details)
    rarely = drawn_log(4, 200).assign(abandoned=lambda log: log["abandoned"] & (np.arange(len(log)) % 12 == 0))
    assert "when half give up was not reached" in said(cx.describe(cx.patience(rarely, by="")))
    assert "how much longer the customer would have waited is not known" in said(prose)
    settled = said(cx.describe(cx.patience(contact_log(), by="", kind="resolution", as_of=END)))
    assert "Whether a customer who fell silent was helped, or gave up, cannot be told." in settled


def test_what_was_not_measured_is_said_with_the_reason():
    prose = cx.describe(cx.patience(contact_log(), by=""))
    assert prose.headline == "How long customers wait before they give up: not measured"
    assert "contacts have no column 'waited'" in said(prose).replace("Contacts", "contacts")


def test_whom_to_cite_and_what_was_done_are_known():
    tables = [cx.friction(contact_log()), cx.patience(drawn_log(1)), cx.channel_switches(contact_log())]
    cited = str(cx.cite(*tables))
    assert "Satten" in cited
    assert "Lin, D. Y." in cited
    assert "inverse probability of censoring" in str(cx.methods(*tables))
