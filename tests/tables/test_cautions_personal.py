"""Personal data in text that is kept are counted and never repeated; codes, dates and numbers are none."""

from __future__ import annotations

import json

import pytest
from drawn import drawn, text

# Numbers that are nobody's: of example.org, of ranges kept free for drama, and the test numbers of the standards themselves.
PERSONAL = [
    "write to anna.maria+kiosk@example.org please",
    "call me on +49 30 23125 0123",
    "+44 (0)20 7946 0123",
    "ring 030 23125 012 after six",
    "(020) 7946 0123",
    "my number is 555-555-0123",
    "IBAN DE89 3704 0044 0532 0130 00, thanks",
    "GB82WEST12345698765432",
    "card 4111 1111 1111 1111",
    "5500-0000-0000-0004",
]
HARMLESS = [
    "",
    "waited 45 minutes on 2026-03-01 14:05",
    "order 4111 1111 1111 1112 came late",  # the check digit is wrong
    "parcel 00340434161094042557",
    "DE88 3704 0044 0532 0130 00",
    "12.345.678,90 EUR",
    "+12345678.90",
    "2026-03-31T14:05:00Z",
    "a@b",
    "open 9-12 and 14-18, room 0.123",
    "10.0.0.1",
    "7,5,6,6,5,4,4,4,7,6,7,5,6",
]


def found(study, comments):
    frame = drawn(60)
    frame["comment"] = [comments[who] if who < len(comments) else "fine" for who in range(60)]
    read = study(text(frame))
    return [issue for issue in read.issues if issue["check"] == "personal_data"], read


@pytest.mark.parametrize("comment", PERSONAL)
def test_personal_data_are_found_in_what_is_kept(study, comment):
    ((issue,), read) = found(study, ["good", comment, comment])
    assert (issue["column"], issue["rows"], issue["value"]) == ("comment", 2, "")
    said = json.dumps(read.issues.records()) + repr(read) + repr([*read.issues])
    assert comment not in said
    assert not any(word in said for word in comment.split() if any(map(str.isdigit, word)))


@pytest.mark.parametrize("comment", HARMLESS)
def test_what_is_no_personal_data_is_not(study, comment):
    assert found(study, [comment] * 3)[0] == []


def test_a_column_of_long_codes_is_not_full_of_cards(study):
    """By chance a tenth of all numbers pass the check digit of a card."""
    codes = [f"4{number:015d}" for number in range(1000, 1060)]
    assert found(study, codes)[0] == []


def test_a_column_that_is_left_unread_is_not_searched(study):
    frame = drawn(60).assign(comment=PERSONAL[0])
    read = study(text(frame), responses={"personal": ["comment"]})
    assert [issue["check"] for issue in read.issues] == ["personal_unread"]


def test_addresses_that_serve_as_ids_are_found(study):
    frame = drawn(60)
    frame["respondent_id"] = [f"someone{who}@example.org" for who in range(60)]
    (issue,) = [issue for issue in study(text(frame)).issues if issue["check"] == "personal_data"]
    assert (issue["column"], issue["rows"]) == ("respondent_id", 60)


def test_a_table_beside_the_survey_is_searched(study):
    orders = "event_id,customer_id,note\nE1,C1,call +49 30 23125 0123\nE2,C2,\n"
    read = study(text(drawn(60)), {"events.csv": orders}, tables={"events": "events.csv"})
    (issue,) = [issue for issue in read.issues if issue["check"] == "personal_data"]
    assert (issue["table"], issue["column"], issue["rows"]) == ("events", "note", 1)
