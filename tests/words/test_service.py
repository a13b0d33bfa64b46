"""Service metrics in sentences, against the table that they are made from."""

from __future__ import annotations

import numpy as np
import pytest
from service_logs import STANDARDS, calls, drawn, staff

import cxgap as cx


@pytest.fixture(scope="module")
def prose() -> cx.Prose:
    """Twenty weeks of contacts; on Mondays at 8 six of ten agents are missing."""
    hours = staff(140, agents=9)
    monday = (hours["at"].dt.day_of_week == 0) & (hours["at"].dt.hour == 8)
    log = drawn(8).assign(waited=4.0, abandoned=False)
    log.loc[::3, "waited"] = 2.0
    hours = hours.assign(agents=np.where(monday, 4.0, 9.0 + hours.index % 2), planned=10.0, channel="Phone")
    return cx.describe(cx.service_metrics(log.assign(channel="Phone"), staffing=hours, standards=STANDARDS))


def test_missed_standards_come_first_then_what_grows_then_the_hours(prose):
    texts = [sentence.text for sentence in prose.lead]
    assert prose.headline.startswith("2 of 3 standards of service are missed: wait for the first response, median")
    assert texts[0] == "Median wait for the first response: 4.0 minutes (4.0 to 4.0), short of the standard of 3 minutes."
    assert texts[1].startswith("Median time until settled: 0.6 days (0.5 to 0.7), short of the standard of 0.25 days.")
    assert texts[2].startswith("Open, of the minutes of planned hours: 100 % (97 to 100 %), better than the standard of 95 %.")
    assert texts[3].startswith("Whether what is open grows cannot be told: ")
    monday = [
        text for text in texts if text.startswith("Monday 8 to 9 has fewer of the planned agents than all hours together")
    ]
    assert (
        monday[0].endswith("after allowance for 21 of them; Monday at 8: 40 % (40 to 40 %).")
        or "Monday at 8: 40 %" in monday[0]
    )


def test_other_measures_are_details_and_notes_are_limits(prose):
    details = [sentence.text for sentence in prose.details]
    assert any(text.startswith("Agents there, of those planned: ") for text in details)
    assert any("weekly counts weeks" in sentence.text for sentence in prose.limits)


def test_agents_for_each_customer_are_doubted_where_nobody_came_in_most_hours():
    """Counted: somebody came in 3 of 6 staffed hours, and in 3 of 36."""
    found = [cx.service_metrics(calls(), staffing=staff(first=first, last=last)) for first, last in ((8, 11), (0, 18))]
    texts = [each.text for table in found for each in cx.describe(table).details]
    told = [text for text in texts if text.startswith("Agents there for each customer of the hour: ")]
    assert [text.endswith("; nobody came in most hours, so read it only if the log has every contact.") for text in told] == [
        False,
        True,
    ]


def test_cells_are_named_and_hidden_ones_say_so():
    cut = cx.describe(cx.service_metrics(calls(), standards=STANDARDS, by="channel", min_n=2, as_of="2025-01-08"))
    details = " ".join(sentence.text for sentence in cut.details)
    assert "App: gave up before an answer: not shown." in details
    assert cx.describe(cx.service_metrics(None)).headline == "How customers are served: not measured"
