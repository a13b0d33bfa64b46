"""Ratings that were exchanged, turned round or asked on another scale are noticed, and honest ones are not."""

from __future__ import annotations

import pytest
from drawn import drawn, named, text

WAVES = ("Q1", "Q2", "Q3")
SHOWN = {"min_n": 5, "max_rejected": 1}


def warned(read, check):
    return [(issue["column"], issue["rows"]) for issue in read.issues if issue["check"] == check]


def exchanged(frame, rows, items):
    made = frame.copy()
    for item in items:
        made.loc[rows, [f"e{item}", f"p{item}"]] = frame.loc[rows, [f"p{item}", f"e{item}"]].to_numpy()
    return made


def test_an_item_whose_two_columns_were_exchanged_is_named(study):
    frame = drawn()
    read = study(text(exchanged(frame, frame.index, [3])))
    ((column, rows),) = warned(read, "swapped_ratings")
    assert column == "item 3"
    assert rows == frame[["e3", "p3"]].notna().all(axis=1).sum()


@pytest.mark.parametrize("more", [2, 3])
def test_an_item_that_truly_exceeds_what_was_expected_is_not(study, more):
    frame = drawn()
    frame["p3"] = (frame["p3"] + more).clip(upper=7)
    assert warned(study(text(frame)), "swapped_ratings") == []


def test_an_item_that_exceeds_under_names_that_say_the_reverse_is_named(study):
    frame = drawn()
    frame["p3"] = (frame["p3"] + 2).clip(upper=7)
    items = {f"items.{name}": {} for name in "124 5678".replace(" ", "")}
    items["items.3"] = {"expectation": "perceived_speed", "perception": "expected_speed"}
    frame = frame.rename(columns={"e3": "perceived_speed", "p3": "expected_speed"})
    assert [column for column, _ in warned(study(text(frame), **items), "swapped_ratings")] == ["item 3"]


@pytest.mark.parametrize(("kind", "hits"), [("should", 1), ("desired", 1), ("predicted", 0), ("adequate", 0)])
def test_far_more_than_should_be_by_nearly_everybody_is_a_whole_file_exchanged(study, kind, hits):
    frame = drawn()
    for name in named(frame, "e"):
        frame[name] = (frame[name] - 3).clip(lower=1)
    assert len(warned(study(text(frame), study={"expectation_type": kind}), "swapped_ratings")) == hits


def test_a_whole_file_that_exceeds_by_a_little_is_not_exchanged_but_where_names_say_so(study):
    frame = drawn()
    turned = {"expectation": "p{item}", "perception": "e{item}"}
    frame[named(frame, "e")] = (frame[named(frame, "e")] - 1).clip(lower=1)
    frame[named(frame, "p")] = (frame[named(frame, "p")] + 1).clip(upper=7)
    assert warned(study(text(frame)), "swapped_ratings") == []
    frame = drawn()
    assert warned(study(text(frame), responses=turned), "swapped_ratings")[0][0] == ""


def test_a_wave_whose_columns_were_exchanged_is_named(study):
    frame = drawn(360, waves=WAVES)
    read = study(text(exchanged(frame, frame["wave"] == "Q2", range(1, 9))))
    assert [column for column, _ in warned(read, "swapped_ratings")] == ["wave Q2"]


def test_a_wave_in_which_the_company_got_far_better_is_not(study):
    frame = drawn(360, waves=WAVES)
    here = frame["wave"] == "Q3"
    frame.loc[here, named(frame, "p")] = (frame.loc[here, named(frame, "p")] + 2).clip(upper=7)
    read = study(text(frame))
    assert warned(read, "swapped_ratings") == warned(read, "flipped_scale") == []


@pytest.mark.parametrize(("ratings", "said"), [("ep", "expectation and perception"), ("p", "perception"), ("e", "expectation")])
def test_a_wave_asked_on_a_scale_that_ran_the_other_way_is_named(study, ratings, said):
    frame = drawn(360, waves=WAVES)
    here = frame["wave"] == "Q2"
    for rating in ratings:
        frame.loc[here, named(frame, rating)] = 8 - frame.loc[here, named(frame, rating)]
    assert [column for column, _ in warned(study(text(frame)), "flipped_scale")] == [f"{said}, wave Q2"]


def test_of_two_waves_that_mirror_each_other_the_lower_is_named(study):
    frame = drawn(240, waves=WAVES[:2])
    here = frame["wave"] == "Q1"
    for rating in "ep":
        frame.loc[here, named(frame, rating)] = 8 - frame.loc[here, named(frame, rating)]
    assert [column for column, _ in warned(study(text(frame)), "flipped_scale")] == ["expectation and perception, wave Q1"]


def test_a_wave_in_which_everything_got_worse_is_not_a_mirror(study):
    frame = drawn(360, waves=WAVES)
    here = frame["wave"] == "Q2"
    frame.loc[here, named(frame, "p")] = (frame.loc[here, named(frame, "p")] - 3).clip(lower=1)
    assert warned(study(text(frame)), "flipped_scale") == []


@pytest.mark.parametrize("column", ["wave", "UserLanguage"])
def test_a_wave_or_language_that_never_comes_near_the_top_is_named(study, column):
    frame = drawn(360, waves=WAVES)
    here, ratings = frame["wave"] == "Q2", [*named(frame, "e"), *named(frame, "p")]
    frame.loc[here, ratings] = ((frame.loc[here, ratings] - 1) * 4 / 6 + 1).round()
    read = study(text(frame.rename(columns={"wave": column})))
    assert [name for name, _ in warned(read, "scale_drift")] == [f"{column} Q2"]


def test_a_wave_of_few_people_that_misses_the_top_by_chance_is_not(study):
    frame = drawn(360, items=2, waves=WAVES)
    frame["wave"] = ["Q1" if who < 15 else "Q2" for who in range(360)]
    early, ratings = frame.index[:15], ["e1", "p1", "e2", "p2"]
    frame.loc[early, ratings] = frame.loc[early, ratings].clip(upper=6)
    assert warned(study(text(frame)), "scale_drift") == []
