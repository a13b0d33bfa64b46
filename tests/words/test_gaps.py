"""Each gap in its own words, as a reader hears them, and the laws that hold for all of them."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from gap_tables import gap_table
from words.making import (
    EVERY,
    attained,
    communication,
    company,
    delivery,
    index,
    knowledge,
    not_measured,
    standards,
    with_columns,
)

import cxgap as cx
from cxgap.result import GapTable, Prose, Table
from cxgap.vocabulary import FINDINGS

NUMBER = re.compile(r"(?<![\w.])\d[\d,]*(?:\.\d+)?")


def details(gaps: GapTable) -> list[str]:
    return [sentence.text for sentence in cx.describe(gaps).details]


def every_text(prose: Prose) -> list[str]:
    return [prose.headline, *(s.text for part in (prose.lead, prose.details, prose.limits) for s in part)]


def known_numbers(gaps: GapTable, row: pd.Series) -> list[float]:
    """Return what may be said of a row: its numbers, its shares as per cent, the margin, the best answer."""
    own = [float(value) for value in row if isinstance(value, float | int)]
    return [*own, *(value * 100 for value in own), gaps.margin or 0.0, *(gaps.scale or ()), float(gaps.min_n)]


def test_knowledge_says_what_managers_believe_and_how_many_of_both_were_asked():
    assert details(knowledge()) == [
        "Receive the parcel: managers believe customers expect 0.5 points less than they do (0.3 to 0.7); 24 managers, "
        "412 customers.",
        "Order and pay: managers believe customers expect as much as they do (0.1 less to 0.1 more), within the margin of 0.3 "
        "points; 24 managers, 405 customers.",
        "Get help: we cannot tell; managers believe customers expect 0.2 points less than they do, could be 0.5 less to "
        "0.1 more; "
        "only 7 managers, 118 customers.",
        "Claim damage: not shown, too few managers or customers.",
    ]


def test_delivery_says_both_levels_and_slower_and_whose_events_and_what_is_open():
    found = details(delivery())
    assert found[0] == (
        "Receive the parcel, delivery time: 3.9 days against a standard of 3, 0.9 days slower (0.8 to 1.0), 4,521 events of "
        "812 customers; 60 events are still open and counted."
    )
    assert found[2] == (
        "Order and pay, orders without error: 97.5 per cent against a standard of 98 per cent, 0.5 percentage points worse "
        "(1.1 worse to 0.1 better), within the margin of 2 percentage points, 900 events of 500 customers."
    )
    assert found[4] == "Claim damage, settlement: no standard exists."


def test_a_missing_standard_is_counted_apart_from_what_we_cannot_tell():
    assert cx.describe(delivery()).lead[0].text == (
        "Delivery misses the standard at 1 of 5 touchpoints, is at the standard at 1 and is better at 1; at 1 we cannot "
        "tell and "
        "at 1 no standard exists."
    )


def test_sizes_in_different_units_are_not_ranked():
    """A day is not more than three calls: house, native units first."""
    gaps = delivery()
    verdicts = ["short", "short", *gaps.frame["verdict"][2:]]
    turned = gaps.frame.assign(verdict=verdicts, estimate=gaps.frame["estimate"] * [1, -1, 1, 1, 1])
    prose = cx.describe(replace(gaps, frame=turned))
    assert prose.headline == "Delivery misses the standard at Receive the parcel, delivery time and Get help, contacts"
    assert not any("largest" in text for text in every_text(prose))


def test_attainment_is_said_as_per_cent_of_deliveries():
    assert details(attained())[0] == (
        "Receive the parcel: 87.3 per cent of deliveries meet the standard, 7.7 percentage points below the target of "
        "95 per cent "
        "(6.9 to 8.5), 4,521 events."
    )
    assert details(attained("communication", counts="promise"))[1] == (
        "Return a parcel: 93.0 per cent of promises are kept, 3.0 percentage points above the target of 90 per cent "
        "(1.2 to 4.8), "
        "900 promises."
    )


def test_communication_says_late_and_how_many_promises_are_broken():
    found = details(communication())
    assert found[0] == (
        "Web: late by 0.6 days on average (0.5 to 0.7), 4,521 promises; 29 % of promises are broken (27 to 31 %); 60 "
        "promises are "
        "still open and counted."
    )
    assert found[1].startswith("Shop: on time on average (0.1 late to 0.1 early), within the margin of 0.3 days, 900 promises")
    assert found[2].startswith("Partner: early by 0.3 days on average (0.1 to 0.5)")
    assert found[3] == "Phone: we cannot tell; late by 0.2 days on average, could be 0.6 late to 0.2 early, 80 promises."


def test_standards_are_looser_or_stricter_whichever_way_is_better():
    found = details(standards())
    assert found[0].endswith(
        "the standard of 3 days is 0.5 days looser than managers believe customers expect (0.3 to 0.7), 24 managers."
    )
    assert found[1].endswith(
        "the standard of 5 days is 2.0 days stricter than managers believe customers expect (1.5 to 2.5), 21 managers."
    )
    assert found[2] == "Claim damage, settlement: no standard exists."


def test_company_says_who_rates_higher():
    assert details(company()) == [
        "Receive the parcel: managers rate 0.7 points higher than customers do (0.5 to 0.9); 24 managers, 412 customers.",
        "Return a parcel: managers rate 0.6 points lower than customers do (0.3 to 0.9); 21 managers, 164 customers.",
    ]


def test_top_marks_are_shares_of_people():
    rows = [("Receive the parcel", 0.76, 0.31, -0.53, -0.37, 412, "short")]
    gaps = gap_table(rows, gap="company", unit="share", scale=(0.0, 1.0), margin=0.05)
    assert details(with_columns(gaps, n_company=24.0)) == [
        "Receive the parcel: 76.0 per cent of managers give top marks and 31.0 per cent of customers, 45.0 percentage "
        "points fewer "
        "(37.0 to 53.0); 24 managers, 412 customers."
    ]


def test_an_index_is_a_rating_and_never_a_gap_between_two_levels():
    prose = cx.describe(index())
    assert prose.headline == "Staff rate how far standards are met below the best answer at Receive the parcel"
    assert prose.details[0].text == (
        "Receive the parcel: staff rate how far standards are met at 5.2 of 7, 1.8 points below the best answer (1.6 to "
        "2.0), only "
        "12 employees; 3 say that no standard exists."
    )
    limits = [s.text for s in prose.limits]
    assert "A rating of how well a thing is done is an index, never added to other gaps." in limits
    assert not any(FINDINGS["delivery"]["short"] in text.lower() for text in every_text(prose))


@pytest.mark.parametrize(("direction", "word"), [("lower", "slower"), ("higher", "shorter")])
def test_a_time_is_slower_where_less_is_better_and_shorter_where_more_is(direction, word):
    gaps = delivery()
    row = gaps.frame.iloc[[0]].assign(direction=direction)
    assert f"0.9 days {word} (0.8 to 1.0)" in details(replace(gaps, frame=row.reset_index(drop=True)))[0]


def test_an_overall_table_needs_no_name():
    gaps = gap_table([((), 6.5, 6.0, -0.7, -0.3, 412, "short")], by=(), gap="knowledge")
    prose = cx.describe(with_columns(gaps, n_managers=24.0))
    assert prose.headline == "Managers believe that customers expect less than they do"
    assert (
        prose.lead[0].text
        == "Managers believe customers expect 0.5 points less than they do (0.3 to 0.7); 24 managers, 412 customers."
    )


@pytest.mark.parametrize("gap", ["knowledge", "delivery", "chain", "tolerance", "customer"])
def test_what_is_missing_says_why(gap):
    prose = cx.describe(not_measured(gap))
    assert prose.headline.endswith(": not measured")
    assert [s.text for s in prose.lead] == ["The study has no table 'events'."]
    assert (prose.details, prose.limits) == ((), ())


def test_a_table_that_is_no_gap_is_its_title_and_its_notes():
    table = Table(pd.DataFrame({"x": [1.0]}), "accuracy", "How right managers are", ("x",), (("1",),), notes=("Of 22 items.",))
    prose = cx.describe(table)
    assert (prose.headline, [s.text for s in prose.lead]) == ("How right managers are", ["Of 22 items."])
    assert cx.describe(replace(table, title="")).headline == "Of 22 items."
    assert cx.describe(Table.not_measured("accuracy", "Accuracy", "nobody was asked")) == Prose(
        "Accuracy: not measured", lead=(cx.describe(Table.not_measured("accuracy", "Accuracy", "nobody was asked")).lead[0],)
    )


@pytest.mark.parametrize("name", EVERY)
def test_every_number_that_is_said_of_a_row_is_in_the_row(name):
    gaps = EVERY[name]()
    shown = gaps.readable()
    for sentence in cx.describe(gaps).details:
        assert sentence.row is not None
        row = shown.frame.iloc[sentence.row]
        known = known_numbers(shown, row)
        for said in NUMBER.findall(sentence.text):
            places = len(said.partition(".")[2])
            assert said.replace(",", "") in {f"{abs(value):.{places}f}" for value in known if np.isfinite(value)}, sentence.text


@pytest.mark.parametrize("name", EVERY)
def test_no_bare_minus_no_p_value_and_nothing_that_was_never_found(name):
    gaps = EVERY[name]()
    gaps = with_columns(gaps, p_value=0.0371234, p_adjusted=0.0481234)
    for text in every_text(cx.describe(gaps)):
        assert not re.search(r"-\s?\d", text)
        assert not re.search(r"0\.037|0\.048|p ?[<=]|significant|no difference|\bnan\b|\{|\}", text)


@pytest.mark.parametrize("name", sorted(set(EVERY) - {"customer"}))
def test_only_the_customer_gap_shows_a_minus(name):
    """A lower-is-better metric would read the wrong way round."""
    assert "\N{MINUS SIGN}" not in "".join(every_text(cx.describe(EVERY[name]())))


@pytest.mark.parametrize("name", EVERY)
def test_hidden_rows_speak_no_number_but_the_minimum(name):
    gaps = EVERY[name]()
    numbers = [c for c in gaps.frame.columns if gaps.frame[c].dtype == float]
    hidden = gaps.frame.assign(verdict="not shown", flags="SUPPRESSED_SECONDARY").assign(**dict.fromkeys(numbers, np.nan))
    prose = cx.describe(replace(gaps, frame=hidden))
    assert all("hidden to protect another cell" in s.text for s in prose.details)
    assert not any(NUMBER.search(s.text) for s in prose.details)
    assert len(prose.details) == len(gaps.frame) or name == "chain"


@pytest.mark.parametrize("name", EVERY)
def test_rows_are_spoken_of_in_their_order_and_each_once(name):
    gaps = EVERY[name]()
    rows = [s.row for s in cx.describe(gaps).details]
    assert len(set(rows)) == len(rows)
    if name != "chain":  # speaks of every link of the worst cell alone
        assert rows == list(range(len(gaps.frame)))


@pytest.mark.parametrize("name", EVERY)
def test_what_is_bold_is_in_the_sentence(name):
    prose = cx.describe(EVERY[name]())
    for sentence in (*prose.lead, *prose.details):
        assert all(part in sentence.text for part in sentence.strong)


@pytest.mark.parametrize("name", EVERY)
def test_the_words_are_the_same_after_the_record(name):
    gaps = EVERY[name]()
    assert cx.describe(GapTable.from_record(gaps.record())) == cx.describe(gaps)


@pytest.mark.parametrize(("flag", "words"), [
    ("CENSUS", "every manager was asked"),
    ("ASSUMED_CALENDAR", "calendar days were counted"),
    ("EXTRAPOLATED", "read at its end"),
    ("INVERSION", "were left out"),
    ("NOT_IDENTIFIED", "followed long enough"),
])  # fmt: skip
def test_flags_become_cautions_of_the_rows_that_have_them(flag, words):
    gaps = knowledge()
    gaps.frame["flags"] = [flag, "", "", "SUPPRESSED_PRIVACY"]
    (caution,) = [s.text for s in cx.describe(gaps).limits if words in s.text]
    assert caution.startswith("Receive the parcel: ")


def test_a_label_with_braces_is_only_text():
    gaps = gap_table([("{0} {size}", 6.5, 6.0, -0.7, -0.3, 412, "short")], gap="knowledge")
    assert cx.describe(gaps).details[0].text.startswith("{0} {size}: managers believe customers expect 0.5 points less")


def test_what_was_never_counted_is_said_apart():
    gaps = delivery()
    gaps.frame.loc[3, ["estimate", "conf_low", "conf_high", "n", "events", "open"]] = np.nan
    gaps.frame.loc[3, "flags"] = "EMPTY"
    prose = cx.describe(gaps)
    assert prose.details[3].text == "Follow the parcel, wait: there is nothing to compare."
    assert prose.lead[0].text.endswith("; at 1 there is nothing to compare and at 1 no standard exists.")
