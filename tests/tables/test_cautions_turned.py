"""An item that goes against the others of its dimension is named, with what to declare."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from drawn import drawn, named, text

from cxgap.tables.cautions.turned import NOT_TURNED, TURN, TWICE

ITEMS = {f"items.{item}": {"dimension": "care" if item < 5 else "speed"} for item in range(1, 9)}


def turned(frame, *items, ratings="ep"):
    made = frame.copy()
    for item in items:
        for rating in ratings:
            made[f"{rating}{item}"] = 8 - made[f"{rating}{item}"]
    return made


def warned(read):
    return {issue["column"]: issue["fix"] for issue in read.issues if issue["check"] == "reverse_suspected"}


@pytest.mark.parametrize("ratings", ["ep", "p", "e"])
@pytest.mark.parametrize("items", [{}, ITEMS], ids=["one dimension", "two dimensions"])
def test_an_item_that_was_not_turned_is_named(study, items, ratings):
    assert warned(study(text(turned(drawn(), 2, ratings=ratings)), **items)) == {"item 2": TURN}
    assert warned(study(text(drawn()), **items)) == {}


def test_two_of_eight_are_both_named_and_no_other(study):
    assert set(warned(study(text(turned(drawn(), 2, 7))))) == {"item 2", "item 7"}


@pytest.mark.parametrize(
    ("declared", "in_file", "fix"),
    [
        ({"reversed": True}, "straight", None),  # as asked, and cxgap turns it
        ({"reversed": True}, "turned", TWICE),
        ({"reversed": True, "negative": True}, "straight", None),
        ({"reversed": True, "negative": True}, "turned", TWICE),
        ({"negative": True}, "turned", None),
        ({"negative": True}, "straight", NOT_TURNED),
        ({}, "straight", TURN),
    ],
)
def test_what_is_declared_of_an_item_asked_in_the_negative_decides_what_to_do(study, declared, in_file, fix):
    """An answer to a negative wording runs against the others until it is turned, once, by the file or by cxgap."""
    frame = turned(drawn(), 2) if in_file == "straight" else drawn()
    items = ITEMS | {"items.2": ITEMS["items.2"] | declared}
    assert warned(study(text(frame), **items)) == ({} if fix is None else {"item 2": fix})


def test_items_without_anything_in_common_are_not_against_each_other(study):
    frame, draw = drawn(400), np.random.default_rng(5)
    for name in [*named(frame, "e"), *named(frame, "p")]:
        frame[name] = draw.integers(1, 8, 400)
    assert warned(study(text(frame))) == {}


def test_too_few_answers_say_nothing(study):
    assert warned(study(text(turned(drawn(25), 2)))) == {}


def test_touchpoints_of_different_levels_do_not_turn_an_item(study):
    """At one touchpoint an item is rated high and the others low, at the other the reverse; people agree within each."""
    frame = drawn(400)
    here = frame["touchpoint"] == "Buy"
    frame.loc[here, "p1"] = (frame.loc[here, "p1"] + 2).clip(upper=7)
    others = [name for name in named(frame, "p") if name != "p1"]
    frame.loc[~here, others] = (frame.loc[~here, others] + 2).clip(upper=7)
    assert np.corrcoef(frame["p1"].fillna(5), frame[others].mean(axis=1))[0, 1] < -0.2  # over both
    assert warned(study(text(frame))) == {}


def test_a_long_file_is_looked_at_too(study):
    frame = turned(drawn(), 2)
    parts = [
        frame[["respondent_id", "touchpoint"]].assign(
            item=str(item), expectation=frame[f"e{item}"], perception=frame[f"p{item}"]
        )
        for item in range(1, 9)
    ]
    ratings = {"layout": "long", "expectation": "expectation", "perception": "perception"}
    assert set(warned(study(text(pd.concat(parts)), responses=ratings))) == {"item 2"}
