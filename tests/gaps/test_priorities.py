"""What to fix first: which gaps, in which order, and which of them cannot be told apart."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from gap_tables import JOURNEY, gap_table

import cxgap as cx
from cxgap.errors import ArgumentError
from cxgap.result import Table


def ranked(**places: tuple[int, int, int]) -> Table:
    frame = pd.DataFrame([(name.replace("_", " "), *place) for name, place in places.items()])
    frame.columns = ["touchpoint", "rank", "rank_low", "rank_high"]
    return Table(frame.assign(may_be_worst=frame["rank_low"] == 1), "gap-ranks", "Ranks", keys=1)


ORDER = ranked(
    Receive_the_parcel=(1, 1, 1), Follow_the_parcel=(2, 2, 3), Get_help=(3, 2, 5), Choose_a_service=(4, 3, 5),
    Order_and_pay=(5, 3, 5), Return_a_parcel=(6, 6, 6),
)  # fmt: skip


def test_what_is_short_or_in_doubt_is_listed_with_its_own_numbers():
    gaps = gap_table()
    table = cx.priorities(gaps, ORDER)
    assert table.title == "Fix first: Receive the parcel (rank 1 of 6, no other is as bad)"
    assert table.frame["touchpoint"].tolist() == ["Receive the parcel", "Follow the parcel", "Get help"]
    own = ["n", "estimate", "conf_low", "conf_high"]
    same = gaps.frame.set_index("touchpoint").loc[table.frame["touchpoint"], own].to_numpy()
    assert np.array_equal(table.frame[own].to_numpy(), same)
    assert table.notes == (
        "Follow the parcel and Get help cannot be told apart by rank.",
        "All ranks hold at once with 95 % confidence.",
    )


def test_two_that_may_be_the_worst_are_both_first_and_more_are_counted():
    both = ranked(Receive_the_parcel=(1, 1, 2), Follow_the_parcel=(2, 1, 2))
    assert cx.priorities(gap_table(), both).title == (
        "Fix first: Receive the parcel or Follow the parcel; the data cannot tell which is the worse"
    )
    rows = [(name, 6.0, 5.0, -1.2, -0.8, 100, "short") for name in "ABC"]
    three = ranked(A=(1, 1, 3), B=(2, 1, 3), C=(3, 1, 3))
    assert cx.priorities(gap_table(rows), three).title == "Fix first one of 3: the data cannot tell which is the worst"
    fewer = cx.priorities(gap_table(rows), three, most=2)
    assert fewer.title == "Fix first one of 3, of which 2 are listed: the data cannot tell which is the worst"
    assert len(fewer.frame) == 2


def test_where_nothing_is_short_the_list_says_so_and_still_shows_the_order():
    rows = [row for row in JOURNEY if row[6] in ("met", "exceeded")]
    table = cx.priorities(gap_table(rows), ORDER, most=2)
    assert table.title == "Nothing is shown to fall short, so nothing comes first"
    assert table.frame["touchpoint"].tolist() == ["Choose a service", "Order and pay"]


def test_a_hidden_gap_has_no_place():
    assert "Claim damage" not in cx.priorities(gap_table(), ORDER).frame.to_string()


def test_what_cannot_be_ranked_says_why():
    lacking = Table.not_measured("gap-ranks", "Ranks", "at least two gaps with an interval are needed, and there is 1")
    assert cx.priorities(gap_table(), lacking).missing.endswith("there is 1")


def test_other_tables_are_refused():
    with pytest.raises(ArgumentError, match="`ranks` must be what `gap_ranks` returned"):
        cx.priorities(gap_table(), Table(pd.DataFrame(), "other", ""))
    with pytest.raises(ArgumentError, match="must be cut by"):
        cx.priorities(gap_table([((*row[:1], "x"), *row[1:]) for row in JOURNEY], by=("touchpoint", "segment")), ORDER)


def test_the_picture_has_every_rank_and_the_ranks_it_could_be():
    table = cx.priorities(gap_table(), ORDER)
    figure = cx.plot.ranks(table)
    (dots,) = [trace for trace in figure.data if trace.name == "rank"]
    assert list(dots.x) == [1, 2, 3]
    assert [list(trace.x) for trace in figure.data if trace.name != "rank"] == [[1, 1], [2, 3], [2, 5]]
    about = figure.layout.meta["cxgap"]
    assert about["finding"] == f"{table.title}."
    assert about["table"]["rows"][1][:3] == ["Follow the parcel", "2", "2 to 3"]
    assert about["narrow"]["height"] > 0


def test_the_picture_of_many_ranks_numbers_some_of_them():
    rows = [(f"T{place:02d}", 6.0, 5.0, -1.2, -0.8, 100, "short") for place in range(30)]
    figure = cx.plot.ranks(cx.priorities(gap_table(rows), ranked(**{row[0]: (i + 1, 1, 30) for i, row in enumerate(rows)})))
    assert len(figure.layout.xaxis.tickvals) <= 12
    assert len(figure.layout.yaxis.tickvals) == 5


def test_the_picture_of_nothing_says_why():
    lacking = Table.not_measured("gap-ranks", "Ranks", "no gaps")
    assert "not measured" in cx.plot.ranks(cx.priorities(gap_table(), lacking)).layout.meta["cxgap"]["finding"]
    with pytest.raises(ArgumentError, match="`priorities` must be what"):
        cx.plot.ranks(lacking)
