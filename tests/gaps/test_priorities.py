"""What to fix first: which gaps, in which order, and which of them cannot be told apart."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from gap_tables import JOURNEY, gap_table

import cxgap as cx
from cxgap.errors import ArgumentError
from cxgap.gaps.alike import not_told_apart
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
        "Ranks 2 and 3 cannot be told apart: Follow the parcel and Get help.",
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


def test_many_runs_of_ranks_are_said_in_few_words():
    """Arithmetic: of ten, each with the three ranks next to its own on either side, the runs are of four."""
    rank = np.arange(1, 11)
    frame = pd.DataFrame({"rank": rank, "rank_low": np.maximum(rank - 3, 1), "rank_high": np.minimum(rank + 3, 10)})
    said = not_told_apart(frame, list("ABCDEFGHIJ"))
    assert said[0] == "Ranks 1 to 4 cannot be told apart: A, B, C and D."
    assert len(said) == 4
    assert said[3] == "From rank 4 on, too, 4 runs of ranks cannot be told apart."
    long = pd.DataFrame({"rank": rank, "rank_low": 1, "rank_high": 10})
    assert not_told_apart(long, list("ABCDEFGHIJ")) == ["Ranks 1 to 10 cannot be told apart: A, B, C, D, E and 5 more."]
    assert not_told_apart(long.assign(rank=1).head(2), ["A", "B"]) == ["A and B share rank 1."]


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


HEAVY = {
    "Follow the parcel": (0.34, 0.45, (1, 1, 2)), "Receive the parcel": (0.30, 0.40, (2, 1, 3)),
    "Get help": (0.05, 0.10, (3, 2, 4)), "Order and pay": (0.30, 0.05, (4, 3, 4)),
}  # fmt: skip


def heavy(places: dict = HEAVY) -> Table:
    """Make a burden of touchpoints from their reach, their share of it, and their ranks."""
    frame = pd.DataFrame(
        [
            (name, reach, reach - 0.02, reach + 0.02, 0.25, 10.0, share, "", *ranks)
            for name, (reach, share, ranks) in places.items()
        ]
    )
    frame.columns = [
        "touchpoint", "reach", "reach_low", "reach_high", "importance", "shortfall", "burden_share", "moment_that_matters",
        "rank", "rank_low", "rank_high",
    ]  # fmt: skip
    return Table(frame.assign(may_be_worst=frame["rank_low"] == 1), "burden", "Burden", keys=1)


OWNERS = pd.DataFrame({"touchpoint": ["Follow the parcel", "Receive the parcel"], "owner": ["Head of Digital", None]})


def test_the_burden_orders_the_work_and_says_which_ranks_it_cannot_tell_apart():
    table = cx.priorities(gap_table(), ORDER, heavy(), owners=OWNERS)
    assert table.frame["touchpoint"].tolist() == ["Follow the parcel", "Receive the parcel", "Get help"]
    assert table.title == (
        "Fix first: Follow the parcel (rank 1 of 4, could be 1 to 2); Receive the parcel may come before it, and the data "
        "cannot tell"
    )
    assert table.notes[:2] == (
        "Ranks 1 and 2 cannot be told apart: Follow the parcel and Receive the parcel.",
        "Ranks 2 and 3 cannot be told apart: Receive the parcel and Get help.",
    )
    assert table.cells[0][:5] == ("Follow the parcel", "1", "1 to 2", "34 % (32 to 36)", "45 %")
    assert [row[-1] for row in table.cells] == ["Head of Digital", "", ""]
    assert set(table.frame["ranked_by"]) == {"burden"}


def test_what_met_its_expectations_waits_and_is_named():
    places = {**HEAVY, "Order and pay": (0.3, 0.2, (3, 2, 4)), "Get help": (0.05, 0.1, (4, 2, 4))}
    notes = cx.priorities(gap_table(), ORDER, heavy(places)).notes
    assert "Not listed, because customers there got on average what they expected: Order and pay (rank 3)." in notes


def test_a_sole_first_is_said_to_be_so():
    places = {**HEAVY, "Follow the parcel": (0.34, 0.6, (1, 1, 1)), "Receive the parcel": (0.3, 0.25, (2, 2, 3))}
    assert cx.priorities(gap_table(), ORDER, heavy(places)).title == (
        "Fix first: Follow the parcel (rank 1 of 4, no other carries as much)"
    )


def test_without_a_burden_the_gap_orders_the_work_and_the_table_says_why():
    lacking = Table.not_measured("burden", "Burden", "no overall judgement is declared")
    table = cx.priorities(gap_table(), ORDER, lacking)
    assert table.frame["touchpoint"].iloc[0] == "Receive the parcel"
    assert (
        "Ranked by the size of the gap alone, because the burden is not measured: no overall judgement is declared."
        in table.notes
    )
    assert set(table.frame["ranked_by"]) == {"gap"}


def test_what_was_picked_for_being_worst_is_expected_to_look_better():
    """Arithmetic: the mean of what two are expected to rise by, 0.2 and 0.4."""
    order = replace(
        ORDER, frame=ORDER.frame.assign(expected_change=[0.2, 0.4, 1, 1, 1, 1], expected_low=0.1, expected_high=0.5)
    )
    (said,) = [note for note in cx.priorities(gap_table(), order, heavy()).notes if note.startswith("Expect")]
    assert said.startswith("Expect the worst 2 to look better by 0.30 points (0.10 to 0.50) next time though nothing is done")


def test_other_tables_are_refused():
    with pytest.raises(ArgumentError, match="`burden` must be what `burden` returned"):
        cx.priorities(gap_table(), ORDER, ORDER)
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


def test_the_picture_of_a_burden_names_reach_and_owner():
    figure = cx.plot.ranks(cx.priorities(gap_table(), ORDER, heavy(), owners=OWNERS))
    assert figure.layout.yaxis.ticktext[0].startswith("Follow the parcel<br>")
    assert "Head of Digital" in figure.layout.yaxis.ticktext[0]
    texts = [note.text for note in figure.layout.annotations]
    assert "rank of 4, 1 the heaviest" in texts
    assert "34 %" in texts
    about = figure.layout.meta["cxgap"]
    assert about["alt"].startswith("Ranks of 4 burdens, of which 3 are drawn")
    assert "Head of Digital" in str(about["narrow"]["annotations"])


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
