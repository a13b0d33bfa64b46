"""Journeys and entities in sentences: which change is clear, what was not shown, and ranks that cannot be told apart."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from samples import sample

from cxgap.gaps.case_mix import case_mix
from cxgap.gaps.journey import journey
from cxgap.gaps.journey_score import journey_score
from cxgap.result import Prose
from cxgap.words import describe
from cxgap.words.case_mix import away


def said(prose: Prose) -> str:
    return " ".join(sentence.text for part in (prose.lead, prose.details, prose.limits) for sentence in part)


@pytest.fixture(scope="module")
def study():
    return sample()


def test_the_map_leads_with_the_hand_overs_and_speaks_of_each_touchpoint(study):
    table = journey(study)
    prose = describe(table)
    assert prose.headline == table.title
    assert prose.lead[0].text == (
        "Short of what customers expect: Receive the parcel (\N{MINUS SIGN}0.75 points) and Follow the parcel "
        "(\N{MINUS SIGN}0.45 points)."
    )
    first = prose.lead[1].text
    assert first.startswith(
        "From Order and pay (Sales) to Follow the parcel (Digital) the gap gets worse by 0.38 points (0.26 to 0.50)"
    )
    assert first.endswith("57 respondents used both.")
    rises = "It gets better from Receive the parcel to Get help and from Get help to Return a parcel."
    assert [sentence.text for sentence in prose.lead[3:]] == [rises]
    assert [sentence.row for sentence in prose.details] == list(range(7))
    assert prose.details[-1].text.startswith("Claim damage (owner: Head of Claims): not shown, too few answered")
    assert "drives" not in said(prose)


def test_whole_journeys_are_told_with_both_disagreements(study):
    prose = describe(journey_score(study.responses, outcomes=study.outcomes, **study.design))
    assert "we cannot tell whether that is more than 1 in 20" in prose.lead[1].text
    assert prose.lead[2].text.endswith("a touchpoint was short and the journey was judged well all the same.")
    assert len(prose.details) == 7


def test_entities_that_differ_by_no_more_than_chance_are_not_told_apart():
    random = np.random.default_rng(5)
    frame = pd.DataFrame(
        {"respondent_id": range(300), "region": random.choice(list("ABC"), 300), "expectation": 5.0}
    )  # fmt: skip
    frame["perception"] = 5 + random.normal(0, 1, 300)
    prose = describe(case_mix(frame, adjust=[]))
    assert prose.headline == "No region differs from the mean by more than chance"
    assert prose.lead[0].text.startswith("Of 3 regions none is shown to differ from the mean of all")
    assert prose.lead[1].text == "Ranks 1 to 3 cannot be told apart."
    assert "than the mean" not in prose.headline


def test_entities_that_differ_are_named_with_size_and_interval(study):
    given = {"between": "department", "registry": study.touchpoints, **study.design}
    prose = describe(case_mix(study.responses, adjust="segment", **given))
    assert prose.headline == (
        "Department Delivery is worse than the mean; department Sales is better than the mean, with the same mix of customers"
    )
    assert "same mix" not in describe(case_mix(study.responses, adjust=[], **given)).headline
    assert prose.lead[0].text.startswith("Delivery is worse than the mean of \N{MINUS SIGN}")
    assert "could be" in prose.details[0].text


def test_a_sure_difference_never_ends_in_zero():
    assert away(-0.09, -0.18, -0.0012) == "0.09 (0.001 to 0.18)"
    assert away(0.31, 0.11, 0.51, " points") == "0.31 points (0.11 to 0.51)"


def test_a_hand_over_without_a_clear_change_is_counted_and_not_told_as_one(study):
    table = journey(study)
    frame = table.frame.assign(change_finding=["", "cannot tell", "gets worse", "holds", "cannot tell", "not shown", ""])
    prose = describe(replace(table, frame=frame))
    told = [sentence.text for sentence in prose.lead]
    assert told[-1] == "At 3 other hand-overs the gap holds, or we cannot tell whether it changes."
    assert sum("the gap gets worse by" in text for text in told) == 1
