"""What a change says: how much, how sure, and which side moved."""

from __future__ import annotations

import numpy as np
import pandas as pd

import cxgap as cx
from cxgap.vocabulary import MINUS


def survey(moved: float, people: int = 60) -> pd.DataFrame:
    """Make two waves of people; in the second everybody perceives `moved` more."""
    random = np.random.default_rng(5)
    start = random.normal(6, 1, 2 * people)
    wave = np.repeat(["2025", "2026"], people)
    end = start - 1 + random.normal(0, 0.3, 2 * people) + moved * (wave == "2026")
    frame = {"respondent_id": np.arange(2 * people), "touchpoint": "Buy", "wave": wave, "expectation": start, "perception": end}
    return pd.DataFrame(frame).astype({"wave": "category"})


def test_a_change_has_size_interval_and_people_and_says_which_side_moved():
    table = cx.gap_differences(survey(0.8), margin=0.3)
    row = table.frame.iloc[0]
    prose = cx.describe(table)
    assert prose.headline == "1 of 1 difference of the gap by wave is more than chance would give"
    size = f"+{row.estimate:.2f} points (+{row.conf_low:.2f} to +{row.conf_high:.2f}), 60 customers against 60"
    assert prose.lead[0].text.startswith(f"2026 against 2025, the gap moved by {size}: better")
    assert prose.lead[0].row == 0


def test_no_clear_change_is_no_arrow_on_noise():
    prose = cx.describe(cx.gap_differences(survey(0.02), margin=0.001))
    assert ": no clear change; what was perceived moved by " in prose.lead[0].text
    assert MINUS in prose.lead[0].text


def test_a_hidden_change_shows_no_number():
    prose = cx.describe(cx.gap_differences(survey(0.8, people=8), min_n=10))
    assert prose.lead[0].text == "2026 against 2025: not shown, too few answered."
    assert prose.headline == "How the gap differs by wave: too few to show"  # and not that there is no difference
    assert not [digit for digit in "3456789" if digit in prose.lead[0].text.replace("2026", "").replace("2025", "")]
