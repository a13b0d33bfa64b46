"""Which gap is the worst: sets by hand, account of people in several cells, and the laws."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from conftest import ENGINES
from pandas.testing import assert_frame_equal

from cxgap.errors import ArgumentError
from cxgap.gaps.ranks import gap_ranks


def people(seed: int = 1, n: int = 200, gaps: dict[str, float] | None = None, *, shared: float = 0.0) -> pd.DataFrame:
    """Make respondents who answer at all touchpoints (shared > 0), or each at one."""
    random, rows = np.random.default_rng(seed), []
    common = random.normal(0, shared, n)
    for place, (name, gap) in enumerate((gaps or {"Order": -2.0, "Pay": -1.0, "Help": 0.0}).items()):
        values = 5 + gap + common + random.normal(0, 1, n)
        ids = np.arange(n) + (0 if shared else n * place)
        rows.append(pd.DataFrame({"touchpoint": name, "respondent_id": ids, "expectation": 5.0, "perception": values}))
    return pd.concat(rows, ignore_index=True)


@pytest.mark.parametrize("engine", ENGINES)
def test_gaps_far_apart_have_one_rank_each(engine):
    """Arithmetic: ten standard errors lie between neighbours."""
    table = gap_ranks(ENGINES[engine](people()))
    assert table.frame["touchpoint"].tolist() == ["Order", "Pay", "Help"]
    assert table.frame[["rank", "rank_low", "rank_high"]].to_numpy().tolist() == [[1] * 3, [2] * 3, [3] * 3]
    assert table.title == "Order is the worst"
    assert table.notes[0] == "The worst touchpoint is Order, with 95 % confidence."


def test_gaps_close_together_name_every_candidate():
    table = gap_ranks(people(gaps={"Order": -1.02, "Pay": -1.0, "Help": 3.0}))
    assert table.frame["may_be_worst"].tolist() == [True, True, False]
    assert table.title == "2 of 3 may be the worst"
    assert set(table.notes[0].removeprefix("The worst touchpoint is one of: ").split(", with")[0].split(", ")) == {
        "Order",
        "Pay",
    }
    both = gap_ranks(people(gaps={"Order": -1.02, "Pay": -1.0, "Help": 3.0}), worst=2)
    assert both.title.endswith("are the worst")


def test_people_in_all_cells_tell_more_than_as_many_strangers():
    """A respondent's own level cancels in a difference."""
    gaps = {"Order": -1.3, "Pay": -1.0, "Help": -0.7}
    table = gap_ranks(people(gaps=gaps, shared=3.0))
    strangers = people(gaps=gaps, shared=3.0).assign(respondent_id=range(600))
    assert table.frame["may_be_worst"].sum() == 1
    assert gap_ranks(strangers).frame["may_be_worst"].sum() == 3
    assert gap_ranks(strangers).frame["std_error"].to_numpy() == pytest.approx(table.frame["std_error"].to_numpy(), rel=1e-9)


@pytest.mark.parametrize("shared", [0.0, 1.0])
def test_order_weight_units_and_cells_without_rank_change_nothing(shared):
    frame = people(gaps={name: -1 - 0.1 * place for place, name in enumerate("ABCDEF")}, shared=shared)
    frame = frame.assign(weight=1.0 + frame["respondent_id"] % 3)
    table = gap_ranks(frame, weight="weight")
    mixed = frame.sample(frac=1, random_state=2).assign(weight=lambda made: 5 * made["weight"])
    alone = pd.DataFrame(
        {"touchpoint": ["Z"], "respondent_id": [-1], "expectation": [7.0], "perception": [1.0], "weight": [5.0]}
    )
    again = gap_ranks(pd.concat([mixed, alone]), weight="weight")
    same = ["touchpoint", "rank", "rank_low", "rank_high", "may_be_worst"]
    assert_frame_equal(table.frame[same], again.frame[same])
    assert any("without an interval" in note for note in again.notes)


def test_the_order_of_display_does_not_change_the_draws():
    frame = people(gaps={name: -1 - 0.15 * place for place, name in enumerate("ABCDEF")}, shared=1.0)
    turned = frame.assign(touchpoint=pd.Categorical(frame["touchpoint"], categories=list("FEDCBA"), ordered=True))
    one, other = (gap_ranks(made).frame.sort_values("touchpoint")["rank_high"].tolist() for made in (frame, turned))
    assert one == other


def test_hidden_cells_are_left_out_and_counted():
    frame = people(gaps={"Order": -2.0, "Pay": -1.0, "Help": 0.0, "Claim": 1.0})
    few = frame[(frame["touchpoint"] != "Order") | (frame["respondent_id"] < 5)]
    table = gap_ranks(few, min_n=10)
    assert "Order" not in repr(table)
    assert any("too few respondents" in note for note in table.notes)


def test_one_gap_cannot_be_ranked():
    table = gap_ranks(people(gaps={"Order": -1.0}))
    assert "at least two gaps" in table.missing


def test_worst_must_be_a_count():
    with pytest.raises(ArgumentError, match="`worst` must be a whole number"):
        gap_ranks(people(), worst=0)


def test_the_worst_are_expected_to_improve_by_chance_alone():
    """Shrinkage by hand: equal errors pull every gap the same share of its way to the mean; people in common take it away."""
    frame = people(n=12, gaps={name: -1 - 0.1 * place for place, name in enumerate("ABCDEF")})
    table = gap_ranks(frame, worst=2)
    change = table.frame["expected_change"].to_numpy()
    assert (table.frame["expected_low"] <= change).all()
    assert (change <= table.frame["expected_high"]).all()
    assert f"Expect the worst 2 to look better by {change[:2].mean():.2f}" in next(n for n in table.notes if "Expect" in n)
    assert not any("Expect" in note for note in gap_ranks(people()).notes)  # three gaps: not known
    sure = people(n=1000, gaps={name: -place / 2 for place, name in enumerate("ABCDE")})
    assert not any("Expect" in note for note in gap_ranks(sure).notes)  # none as it is written
