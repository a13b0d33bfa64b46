"""Overall judgements side by side are the numbers of the functions that measure each kind."""

from __future__ import annotations

import pandas as pd
import pytest

import cxgap as cx
from cxgap.tables.absent import Absent

ANSWERS = pd.DataFrame(
    {
        "respondent_id": [f"R{who}" for who in range(12)],
        "touchpoint": ["Buy", "Use"] * 6,
        "joy": [1, 2, 3, 4, 5, 6, 7, 7, 6, 5, 7, 6],
        "tell": [0, 10, 9, 8, 7, 10, 3, 10, 9, 6, 10, 9],
        "work": [1, 2, 3, 1, 2, 3, 4, 5, 6, 7, 1, 2],
    }
).astype({"joy": float, "tell": float, "work": float})
OUTCOMES = pd.DataFrame(
    [
        {"name": "joy", "column": "joy", "kind": "satisfaction", "low": 1.0, "high": 7.0, "better": None},
        {"name": "would tell", "column": "tell", "kind": "recommend", "low": 0.0, "high": 10.0, "better": None},
        {"name": "work", "column": "work", "kind": "effort", "low": 1.0, "high": 7.0, "better": "low"},
    ]
)
NUMBERS = ["n", "estimate", "std_error", "conf_low", "conf_high"]


@pytest.mark.parametrize("by", ["", "touchpoint"])
def test_each_row_is_what_its_own_function_says(by):
    frame = cx.judgements(ANSWERS, OUTCOMES, by=by).frame
    joy = cx.csat(ANSWERS, outcome="joy", by=by, low=1, high=7).frame
    tell = cx.nps(ANSWERS, outcome="tell", by=by).frame
    work = cx.ces(ANSWERS, outcome="work", better="low", by=by, low=1, high=7).frame
    for name, own in (("joy", joy), ("would tell", tell), ("work", work)):
        pd.testing.assert_frame_equal(frame.loc[frame["outcome"] == name, NUMBERS].reset_index(drop=True), own[NUMBERS])


def test_twelve_people_by_hand():
    """Seven of twelve answered 9 or 10, three 0 to 6: (7 - 3) / 12 in points; six answered 6 or 7."""
    frame = cx.judgements(ANSWERS, OUTCOMES).frame.set_index("outcome")
    assert frame.loc["would tell", "estimate"] == pytest.approx(100 * (7 - 3) / 12)
    assert frame.loc["joy", "estimate"] == pytest.approx(6 / 12)
    assert frame.loc["work", "estimate"] == pytest.approx(8 - ANSWERS["work"].mean())


def test_a_study_that_asked_nothing_of_the_kind_says_so():
    assert cx.judgements(ANSWERS, OUTCOMES.iloc[:0]).missing.startswith("no overall judgement was asked")
    assert "no survey" in cx.judgements(Absent("responses"), OUTCOMES).missing
