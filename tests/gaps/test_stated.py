"""What customers say matters, as shares of one respondent by respondent."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import ENGINES
from pandas.testing import assert_frame_equal

import cxgap as cx
from cxgap.errors import ArgumentError

CASE = Path(__file__).resolve().parents[3] / "shared" / "reference" / "c01_kiosk_paired"

# Three respondents spread 100 points over three dimensions; the third spreads 90, which sums to no whole.
POINTS = pd.DataFrame(
    {
        "respondent_id": np.repeat(["A", "B", "C"], 3),
        "dimension": ["care", "speed", "price"] * 3,
        "item": "one",
        "points": [50.0, 30.0, 20.0, 20.0, 60.0, 18.0, 30.0, 30.0, 30.0],
    }
)


def test_points_are_shares_of_their_sum():
    """Arithmetic: (0.5, 0.3, 0.2) and (20, 60, 18) / 98; who spread 90 is left out."""
    frame = cx.stated_importance(POINTS, importance="points").frame.set_index("part")
    assert frame["n"].tolist() == [2, 2, 2]
    assert frame.loc["care", "share"] == pytest.approx((0.5 + 20 / 98) / 2)
    assert frame.loc["care", "mean"] == pytest.approx(35)
    assert frame["share"].sum() == pytest.approx(1)


def test_ratings_are_divided_by_the_respondents_own_sum():
    """Arithmetic: who rates all alike says nothing, however high; (6, 3, 3) is a half and two quarters."""
    rated = POINTS.assign(points=[7.0, 7.0, 7.0, 6.0, 3.0, 3.0, 5.0, np.nan, 5.0])
    frame = cx.stated_importance(rated, importance="points", importance_kind="rating").frame.set_index("part")
    assert frame["share"].to_dict() == pytest.approx({"care": (1 / 3 + 1 / 2) / 2, "price": 7 / 24, "speed": 7 / 24})
    assert frame["n"].tolist() == [2, 2, 2]  # the third did not rate all


@pytest.mark.parametrize("engine", ENGINES)
def test_every_engine_and_order_gives_the_same(engine):
    wanted = cx.stated_importance(POINTS, importance="points").frame
    moved = ENGINES[engine](POINTS.sample(frac=1, random_state=1).reset_index(drop=True))
    assert_frame_equal(cx.stated_importance(moved, importance="points").frame, wanted)


def test_columns_of_a_wide_frame_are_the_same_as_answers():
    wide = pd.DataFrame({"care": [7.0, 6.0, 4.0], "speed": [7.0, 3.0, 5.0], "price": [7.0, 3.0, 99.0]})
    with pytest.raises(ArgumentError, match=r"missing=\(99,\)"):
        cx.stated_importance(wide.iloc[[0, 1, 2, 2]], importance=list(wide), importance_kind="rating")
    long = wide.assign(respondent_id=range(3)).melt("respondent_id", var_name="item", value_name="said")
    long["said"] = long["said"].replace(99, np.nan)
    across = cx.stated_importance(wide, importance=list(wide), importance_kind="rating", missing=(99,)).frame.set_index("part")
    along = cx.stated_importance(long, by="item", importance="said", importance_kind="rating").frame.set_index("part")
    assert_frame_equal(across.sort_index(), along.sort_index())


def test_order_is_told_as_far_as_it_is_sure():
    random = np.random.default_rng(0)
    shares = random.dirichlet([50, 30, 29], 200) * 100
    wide = pd.DataFrame(shares, columns=["care", "speed", "price"])
    table = cx.stated_importance(wide, importance=list(wide))
    assert table.title == "Customers say that care matters most"
    rows = table.frame.set_index("part")
    assert rows.loc["care", ["rank", "rank_low", "rank_high"]].tolist() == [1, 1, 1]
    low, high = np.array([1.96, -1.96]) * -rows.loc["care", "std_error"] + rows.loc["care", "share"]
    assert (rows.loc["care", "conf_low"], rows.loc["care", "conf_high"]) == pytest.approx((low, high), abs=1e-4)
    assert cx.describe(table).details[0].text.startswith("Care: 4")
    assert cx.plot.drivers(table).layout.meta["cxgap"]["finding"] == "Customers say that care matters most."


def test_few_are_not_shown_and_nobody_asked_says_so():
    assert "fewer than 5" in cx.stated_importance(POINTS, importance="points", min_n=5).missing
    assert "does not ask what matters" in cx.stated_importance(POINTS).missing


def test_a_published_survey_by_question():
    """Arithmetic on 194 customers: each one's ratings over their sum, averaged."""
    if not CASE.exists():
        pytest.skip("the survey may not be copied here and is not beside the project")
    frame = pd.read_csv(CASE / "input.csv")
    columns = [f"ipa{item:02d}_imp" for item in range(1, 25)]
    table = cx.stated_importance(frame, importance=columns, importance_kind="rating")
    wanted = frame[columns].div(frame[columns].sum(axis=1), axis=0).mean()
    assert table.frame["share"].to_numpy() == pytest.approx(wanted.to_numpy())
