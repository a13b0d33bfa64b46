"""Units that believe they reach a score, against McNemar and the published firms."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from answers import answers

from cxgap.errors import ArgumentError, ColumnError
from cxgap.gaps.believers import believers
from cxgap.tables.absent import Absent

SCALE = (1, 7)


def customers(*ratings: float, **columns: object) -> pd.DataFrame:
    return answers(perception=np.array(ratings, float), **columns)


def raters(*ratings: float, **columns: object) -> pd.DataFrame:
    return pd.DataFrame({"manager_id": [f"M{number}" for number in range(len(ratings))], "rating": ratings, **columns})


def test_units_believe_more_than_their_customers_say():
    """Methods 7.2: of 362 firms 29 believe and achieve, 261 only believe; McNemar has .72 with SE .0236, not .0254."""
    believe, achieve = np.repeat([7.0, 7.0, 5.0], [29, 261, 72]), np.repeat([7.0, 4.0, 4.0], [29, 261, 72])
    units = [f"u{number}" for number in range(362)]
    table = believers(customers(*achieve, unit=units), raters(*believe, unit=units), unit="unit", scale=SCALE)
    frame = table.frame.set_index("group")
    assert frame["units"].tolist() == [29, 261, 0, 72, 290, 29, 362]
    row = frame.loc["difference, achievers minus believers"]
    assert row["share"] == pytest.approx(-0.72, abs=0.001)
    assert row["std_error"] == pytest.approx(0.0236, abs=5e-5)
    p = np.array([290, 29]) / 362
    assert np.sqrt((p * (1 - p)).sum() / 362) == pytest.approx(0.0254, abs=5e-5)
    assert row["p_value"] < 1e-70
    assert (row["conf_low"], row["conf_high"]) == pytest.approx(row["share"] + 1.959964 * row["std_error"] * np.array([-1, 1]))


def test_units_without_enough_customers_or_a_rating_are_left_out_and_counted():
    units = [*"abcdef"]
    public = customers(*[5.0] * 13, unit=[*np.repeat(units, 2), "g"])
    company = raters(*[6.0] * 7, unit=[*units, "h"])
    table = believers(public, company, unit="unit", cut=6, min_n=2)
    assert table.frame["units"].tolist() == [0, 6, 0, 0, 6, 0, 6]
    assert table.notes == ("2 units left out, with too few customers or without a rating of its own.",)
    few = believers(public, company, unit="unit", cut=6, min_n=3)
    assert (len(few.frame), few.missing) == (0, "0 units had enough customers and a rating of its own")


def test_units_that_cannot_be_compared_are_refused_or_say_why():
    with pytest.raises(ColumnError, match="`company` must have a column 'branch'"):
        believers(customers(5.0, branch="a"), raters(5.0), unit="branch", scale=SCALE)
    with pytest.raises(ArgumentError, match="where `cut` is not given"):
        believers(customers(5.0, unit="a"), raters(5.0, unit="a"), unit="unit")
    table = believers(customers(5.0), Absent("managers"), unit="u", cut=5)
    assert len(table.frame) == 0
    assert "add managers = " in table.missing
