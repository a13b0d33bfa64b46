"""The curve of thresholds against the top boxes of `company_gap`, on every engine."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest
from answers import answers, survey
from conftest import ENGINES
from pandas.testing import assert_frame_equal

from cxgap.errors import ArgumentError
from cxgap.gaps.company import company_gap
from cxgap.gaps.thresholds import threshold_curve
from cxgap.tables.absent import Absent

SCALE = (1, 7)
DESIGN = {"weight": "weight", "stratum": "stratum", "psu": "psu", "population": "population"}


def customers(*ratings: float, **columns: object) -> pd.DataFrame:
    return answers(perception=np.array(ratings, float), **columns)


def raters(*ratings: float, **columns: object) -> pd.DataFrame:
    return pd.DataFrame({"manager_id": [f"M{number}" for number in range(len(ratings))], "rating": ratings, **columns})


def panel(seed: int, people: int = 12) -> pd.DataFrame:
    """Managers who rate the items of `answers.survey` at each touchpoint, with holes."""
    random = np.random.default_rng(seed)
    asked = survey(0)[["touchpoint", "item", "dimension", "retained"]].drop_duplicates().astype({"touchpoint": str})
    frame = pd.DataFrame({"manager_id": [f"m{number:02d}" for number in range(people)]}).merge(asked, "cross")
    frame["rating"] = random.integers(4, 8, len(frame)).astype(float)
    frame.loc[random.random(len(frame)) < 0.1, "rating"] = np.nan
    return frame


@cache
def top_box(cut):
    return company_gap(survey(4), panel(4), measure="top_box", cut=cut, **DESIGN, scale=SCALE).frame


@pytest.mark.parametrize("engine", ENGINES)
def test_the_curve_is_the_top_box_of_every_cut(engine):
    """The same shares, differences and intervals as `company_gap` with that cut, weighted and clustered."""
    public, company = survey(4), panel(4)
    options = {**DESIGN, "scale": SCALE}
    curve = threshold_curve(ENGINES[engine](public), ENGINES[engine](company), **options)
    assert curve.frame.columns.tolist() == [
        "touchpoint", "cut", "share_company", "share_customers", "difference", "conf_low", "conf_high", "n_company", "n",
    ]  # fmt: skip
    assert curve.frame["cut"].tolist() == [1, 2, 3, 4, 5, 6, 7] * 3
    for cut, points in curve.frame[curve.frame["cut"] > 1].groupby("cut"):
        expected = top_box(cut)[["touchpoint", "start", "end", "estimate", "conf_low", "conf_high", "n_company", "n"]]
        assert_frame_equal(
            points.drop(columns="cut").reset_index(drop=True),
            expected.set_axis([name for name in points if name != "cut"], axis=1),
            check_dtype=False,
        )


def test_the_curve_leaves_out_cells_of_too_few_and_says_so():
    public = customers(*[5.0] * 12, *[6.0] * 3, *[4.0] * 30, touchpoint=[*"a" * 12, *"b" * 3, *"c" * 30])
    company = raters(*[6.0] * 18, touchpoint=[*"a" * 6, *"b" * 6, *"c" * 6])
    table = threshold_curve(public, company, scale=SCALE, min_n=10, cuts=[5, 6])
    assert table.frame["touchpoint"].tolist() == ["c", "c"]
    assert table.notes[-1] == "Not shown: 2 cells with too few people on either side."
    assert table.cells[0] == ("c", "5", "100 %", "0 %", "−100", "−100 to −59", "6", "30")
    few = threshold_curve(public, company.drop(index=[12, 13]), scale=SCALE)
    assert set(few.frame["touchpoint"]) == {"b"}  # with "a", the four of "c" would be all raters less those shown


def test_a_curve_without_people_or_on_another_scale_is_refused_or_says_why():
    table = threshold_curve(customers(5.0), Absent("managers"))
    assert len(table.frame) == 0
    assert "add managers = " in table.missing
    with pytest.raises(ArgumentError, match=r"^`company` must hold answers from 1 to 7 in 'rating'; it holds 9\. Answers"):
        threshold_curve(customers(5.0, 6), raters(5.0, 9), by="", scale=SCALE)
    with pytest.raises(ArgumentError, match="where `cuts` are not given"):
        threshold_curve(customers(5.0), raters(5.0))
    with pytest.raises(ArgumentError, match="none of the result's own, not 'cut'"):
        threshold_curve(customers(5.0), raters(5.0), by="cut", scale=SCALE)


def test_a_curve_tells_nothing_of_one_sampling_unit():
    """As the top box: shares and their difference are known, their error is not."""
    public, company = customers(*[7.0] * 100, psu=0), raters(*[7.0, 5.0] * 10)
    points = threshold_curve(public, company, by="", psu="psu", scale=SCALE, cuts=[6]).frame
    assert points["difference"].to_list() == [0.5]
    assert points[["conf_low", "conf_high"]].isna().all(axis=None)


def test_a_region_of_few_raters_takes_a_second_one_with_it():
    """House: of 9, 8 and 1 raters the last could be told from the total, so only the first region is drawn."""
    names = np.repeat(["A", "B", "C"], 40)
    company = raters(*[6.0, 7.0] * 9, region=[*"A" * 9, *"B" * 8, "C"])
    table = threshold_curve(customers(*[5.0, 6.0] * 60, region=names), company, by="region", scale=SCALE)
    assert set(table.frame["region"]) == {"A"}
    assert table.notes[-1] == "Not shown: 2 cells with too few people on either side."


@pytest.mark.parametrize("cuts", [["x"], [], 5, "5", [5, None], [True], [float("nan")], [8]])
def test_cuts_that_are_no_scores_are_refused(cuts):
    with pytest.raises(ArgumentError, match=r"^`cuts` must hold scores from 1 to 7, as `scale` says, such as \[5, 6\], not"):
        threshold_curve(customers(5.0), raters(5.0), scale=SCALE, cuts=cuts)
