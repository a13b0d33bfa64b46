"""Where small groups are protected, no mean is shown that is everybody's answer, and no digit too many."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cxgap.errors import ArgumentError
from cxgap.gaps.customer import customer_gap
from cxgap.vocabulary import ALIKE
from cxgap.words import describe


def answers(**cells: tuple[int, float | None, float | None]) -> pd.DataFrame:
    """Make answers: for each touchpoint so many people, who all expect and perceive the same, or anything."""
    random, rows, who = np.random.default_rng(4), [], 0
    for touchpoint, (n, expected, perceived) in cells.items():
        for _ in range(n):
            any_two = random.integers(2, 7, 2).astype(float)
            pair = [one if fixed is None else fixed for one, fixed in zip(any_two, (expected, perceived), strict=True)]
            rows.append((f"R{who}", touchpoint, *pair))
            who += 1
    return pd.DataFrame(rows, columns=["respondent_id", "touchpoint", "expectation", "perception"])


def shown(table) -> dict[str, dict[str, str]]:
    heads, rows = table.display()
    return {row[0]: dict(zip(heads, row, strict=True)) for row in rows}


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("perceived", 1, "at most 2"),
        ("perceived", 7, "at least 6"),
        ("expected", 1, "at most 2"),
        ("expected", 7, "at least 6"),
    ],
)
def test_a_mean_that_is_everybodys_answer_is_shown_as_a_bound(column, value, words):
    """Policy: twelve people who all answered 1 are shown as "at most 2"; the mean would be the answer of each of them."""
    fixed = (value, None) if column == "expected" else (None, value)
    table = customer_gap(answers(Buy=(12, *fixed), Use=(80, None, None), Ask=(90, None, None)), scale=(1, 7), min_n=10)
    row = shown(table)["Buy"]
    assert row[column] == words
    assert row["notes"] == ALIKE
    assert row["n"] == row["gap"] == row["95 % interval"] == ""
    frame = table.frame.set_index("touchpoint").loc["Buy"]
    assert np.isnan(frame[["start", "end", "estimate", "servperf"]].to_numpy(float)).all()
    assert ALIKE in describe(table).details[list(table.frame["touchpoint"]).index("Buy")].text


def test_the_bound_cannot_be_passed_by_subtraction():
    """Two more cells of the line go with it, as for any hidden cell, until two scale points are open of each."""
    table = customer_gap(answers(Buy=(12, None, 1), Use=(80, None, None), Ask=(30, None, None)), scale=(1, 7), min_n=10)
    assert table.frame["verdict"].eq("not shown").sum() >= 2


def test_an_analyst_who_protects_nobody_sees_the_numbers():
    table = customer_gap(answers(Buy=(12, None, 1), Use=(80, None, None)), scale=(1, 7))
    assert table.frame.set_index("touchpoint").loc["Buy", "end"] == 1
    assert "1.00" in shown(table)["Buy"]["perceived"]


def test_small_cells_have_one_decimal_and_others_two():
    """Policy: means at 1 decimal below 50 respondents, 2 above."""
    table = customer_gap(answers(Buy=(49, None, None), Use=(50, None, None)), scale=(1, 7), min_n=10)
    rows = shown(table)
    assert [len(rows[name]["perceived"].split(".")[1]) for name in ("Buy", "Use")] == [1, 2]
    assert [len(rows[name]["gap"].split(".")[1]) for name in ("Buy", "Use")] == [1, 2]


def test_the_number_of_people_in_a_hidden_cell_is_not_shown():
    table = customer_gap(answers(Buy=(7, None, None), Use=(50, None, None), Ask=(60, None, None)), scale=(1, 7), min_n=10)
    hidden = table.frame[table.frame["verdict"] == "not shown"]
    assert hidden["n"].isna().all()
    assert len(hidden) >= 2
    assert all(
        value is None for row in table.record()["rows"] if "not shown" in row for value in row if isinstance(value, float)
    )


@pytest.mark.parametrize(
    ("column", "values"),
    [
        (
            "comment",
            [f"I waited {who} days for the parcel, and then nobody at the desk knew anything of it" for who in range(40)],
        ),
        ("email", [f"person{who}@mail.example" for who in range(40)]),
        ("customer_id", [f"C{who % 2}" for who in range(40)]),
    ],
)
def test_what_single_people_wrote_is_never_the_name_of_a_cell(column, values):
    """Policy: free text, addresses and ids are never shown; a hidden cell still has its name."""
    frame = answers(Buy=(40, None, None)).assign(**{column: values})
    with pytest.raises(ArgumentError, match=f"`by` must name columns that make groups of people, and '{column}' holds"):
        customer_gap(frame, by=column, min_n=10)
    assert len(customer_gap(frame, by=column).frame) >= 2  # an analyst at their own desk may


def test_a_long_name_of_a_large_group_is_a_name():
    frame = answers(Buy=(40, None, None)).assign(segment=["x" * 80, "y" * 80] * 20)
    assert len(customer_gap(frame, by="segment", min_n=10).frame) == 2
