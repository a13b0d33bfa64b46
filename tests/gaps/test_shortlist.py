"""Few enough rows for a page, and the worst of them always among these."""

from __future__ import annotations

import numpy as np
import pytest
from gap_tables import JOURNEY, gap_table
from words.making import delivery, not_measured

import cxgap as cx
from cxgap.errors import ArgumentError


def test_a_short_table_stays_as_it_is():
    gaps = gap_table()
    assert cx.shortlist(gaps) is gaps
    lacking = not_measured()
    assert cx.shortlist(lacking, most=1) is lacking


def test_the_worst_are_kept_in_the_order_of_the_table_with_their_own_numbers():
    gaps = gap_table()
    few = cx.shortlist(gaps, most=3)
    assert few.frame["touchpoint"].tolist() == ["Follow the parcel", "Receive the parcel", "Get help"]
    rows = gaps.frame.iloc[[2, 3, 4]]
    assert np.array_equal(few.frame["estimate"].to_numpy(), rows["estimate"].to_numpy())
    assert "the 3 of 7 that are nearest to a shortfall" in few.caption
    assert cx.plot.dumbbell(few).layout.meta["cxgap"]["finding"] == (
        f"{gaps.finding} Drawn are the 3 of 7 that are nearest to a shortfall."
    )
    assert few.record().keys() == gaps.record().keys()


def test_sixty_touchpoints_still_make_a_picture():
    rows = [(f"T{place}", 6.0, 6.0 - place / 50, -place / 50 - 0.1, -place / 50 + 0.1, 100, "short") for place in range(60)]
    gaps = gap_table(rows)
    figure = cx.plot.dumbbell(cx.shortlist(gaps))
    assert figure.layout.meta["cxgap"]["table"]["rows"][-1][0] == "T59"


def test_rows_of_several_units_are_not_compared_by_size():
    assert cx.shortlist(delivery(), most=2).frame["metric"].tolist() == ["delivery time", "contacts"]


def test_another_object_is_refused():
    with pytest.raises(ArgumentError, match="`gaps` must be what a gap function returned"):
        cx.shortlist(gap_table(JOURNEY).frame)
