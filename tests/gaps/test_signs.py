"""One sign rule for all gaps: whatever is worse for the customer is negative, on every ladder."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from study_files import wide, write

import cxgap as cx

PEOPLE = 40
NOISE = np.random.default_rng(21).normal(0, 0.05, PEOPLE)
IDS = [f"P{number:03d}" for number in range(PEOPLE)]


def survey(expectation: float, perception: float) -> pd.DataFrame:
    return pd.DataFrame({"respondent_id": IDS, "touchpoint": "A", "expectation": expectation, "perception": perception + NOISE})


def managers(**ratings: float) -> pd.DataFrame:
    columns = {name: value + NOISE[:20] for name, value in ratings.items()}
    return pd.DataFrame({"manager_id": IDS[:20], "touchpoint": "A", **columns})


def standards(standard: float, direction: str, unit: str = "days") -> pd.DataFrame:
    return pd.DataFrame({"touchpoint": ["A"], "metric": "m", "unit": unit, "direction": direction, "standard": standard})


def delivered(value: float, promised: float = 3.0) -> pd.DataFrame:
    columns = {"event_id": IDS, "customer_id": IDS, "touchpoint": "A", "metric": "m"}
    return pd.DataFrame({**columns, "delivered": value + NOISE, "promised": promised})


def chained(direction: str, start: float, end: float) -> cx.GapTable:
    nodes = [("expected", start + NOISE[::-1]), ("perceived", end + NOISE)]
    frame = pd.concat([pd.DataFrame({"node": n, "person": IDS, "value": v, "touchpoint": "A"}) for n, v in nodes])
    return cx.gap_chain(frame, basis="physical", unit="days", direction=direction, replicates=99)


def believed(days: float, standard: float, direction: str) -> cx.GapTable:
    metric = pd.DataFrame({"metric": ["m"], "touchpoint": "A", "unit": "days", "direction": direction, "believed": "days"})
    return cx.standards_gap(managers(days=days), standards(standard, direction), basis="physical", metrics=metric)


# What is compared: a gap that is bad for the customer, and the same turned round.
BAD: dict[str, Callable[[int], cx.GapTable]] = {
    "customers perceive less than they expect": lambda s: cx.customer_gap(survey(5, 5 - s)),
    "managers believe less than is expected": lambda s: cx.knowledge_gap(survey(5, 5), managers(believed=5 - s)),
    "the standard is softer than the belief": lambda s: cx.standards_gap(
        managers(believed=5), standards(5 - s, "higher", "scale points")
    ),
    "the standard allows more days than believed": lambda s: believed(4, 4 + s, "lower"),
    "the standard asks for less than believed": lambda s: believed(4, 4 - s, "higher"),
    "delivery takes longer than the standard": lambda s: cx.delivery_gap(delivered(4 + s), standards(4, "lower")),
    "delivery reaches less than the standard": lambda s: cx.delivery_gap(delivered(4 - s), standards(4, "higher")),
    "delivery is later than promised": lambda s: cx.communication_gap(delivered(3 + s), by="touchpoint"),
    "customers rate lower than the company": lambda s: cx.company_gap(survey(5, 5 - s), managers(rating=5), scale=(1, 7)),
    "a longer wait is perceived than expected": lambda s: chained("lower", 3, 3 + s),
    "fewer agents are perceived than expected": lambda s: chained("higher", 3, 3 - s),
    "perceived is below the adequate level": lambda s: cx.tolerance_gap(
        survey(6, 5 - s).assign(adequate=5.0, desired=7.0), scale=(1, 7)
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_what_is_worse_for_the_customer_is_negative_and_short(case):
    """Methods 0.2: the later level minus the earlier one, on a ladder where higher is better for the customer."""
    worse, better = (BAD[case](side).frame.iloc[0] for side in (1, -1))
    assert worse["estimate"] == pytest.approx(-1, abs=0.05)
    assert better["estimate"] == pytest.approx(1, abs=0.05)
    assert (worse["verdict"], better["verdict"]) == ("short", "exceeded")
    assert worse["conf_low"] < worse["estimate"] < worse["conf_high"] < 0


def test_a_reversed_item_counts_as_if_it_had_been_asked_the_right_way_round(tmp_path):
    """Arithmetic, 1 to 7: "I had to wait too long", expected 5 and perceived 4, is 3 and 4 on the ladder, a gap of +1."""
    found = []
    for turned in (False, True):
        folder = tmp_path / str(turned)
        folder.mkdir()
        study = cx.read_study(write(folder, wide(12), items={"1": {"reversed": turned}, "2": {}}))
        gaps = cx.customer_gap(study.responses, by="item").frame.set_index("item")
        found.append((gaps.loc["1", ["start", "end", "estimate"]].to_list(), gaps.loc["2", "estimate"]))
    assert found == [([5, 4, -1], -3), ([3, 4, 1], -3)]
