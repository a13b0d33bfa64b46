"""Names that only look alike, hold what cannot be seen or were garbled are noticed; the names of any language are not."""

from __future__ import annotations

import pytest
from drawn import drawn, text

from cxgap.tables.cautions.names import LONG, garbled, lookalikes


def warned(study, names):
    frame = drawn(60)
    frame["region"] = [names[who % len(names)] for who in range(60)]
    found = study(text(frame)).issues
    return {issue["check"]: issue["rows"] for issue in found if issue["column"] == "region"}


@pytest.mark.parametrize(
    ("names", "rows"),
    [
        (["Nord", "nord"], 2),
        (["Nord-West", "nord west", "Süd"], 2),
        (["Nord", "N\u043erd"], 2),  # a Cyrillic o
        (["N\u03bfrd", "S\u00fcd"], 1),  # a Greek o, in one name alone
        (["caf\u00e9", "cafe\u0301"], 2),
        (["Nord\u200b", "Nord"], 2),
    ],
)
def test_names_that_a_reader_takes_for_one(study, names, rows):
    assert warned(study, names)["lookalike_names"] == rows


@pytest.mark.parametrize(
    "names",
    [
        ["A+", "A-", "A"],
        ["C", "C#", "C++"],
        ["\u0915\u093f", "\u0915\u093e"],  # Hindi: vowel signs alone tell these apart
        ["\u041c\u043e\u0441\u043a\u0432\u0430", "\u041a\u0430\u0437\u0430\u043d\u044c"],  # whole words in Cyrillic
        ["\u0391\u03b8\u03ae\u03bd\u03b1", "Athens"],
        ["\u0131rmak", "Izmir", "\u0130zmir kuzey"],  # Turkish has an i with a dot and one without
        ["\u03b2-test", "k\u03a9"],
    ],
)
def test_names_that_differ_for_a_reader_too(names):
    assert lookalikes(names) == 0


@pytest.mark.parametrize("mark", ["\u200b", "\u200e", "\u202e", "\ufeff", "\u00ad", "\u2066"])
@pytest.mark.parametrize("place", ["{}Nord", "No{}rd", "Nord{}"])
def test_characters_that_cannot_be_seen(study, mark, place):
    assert warned(study, [place.format(mark), "S\u00fcd"])["bidi_or_invisible"] == 1


@pytest.mark.parametrize(
    "name",
    [
        "\u0646\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",  # Persian is written with a joiner
        "\u0915\u094d\u200d\u0937",  # Hindi too
        "\u05e6\u05e4\u05d5\u05df",
        "\U0001f469\u200d\U0001f4bb",
        "Nord West",
    ],
)
def test_characters_that_a_script_needs_are_none_of_these(study, name):
    assert "bidi_or_invisible" not in warned(study, [name + " a", "S\u00fcd"])


TEXTS = [
    "S\u00fcd",
    "d\u00e9j\u00e0 vu",
    "S\u00e3o Paulo",
    "\u0141\u00f3d\u017a",
    "\u00c5rhus",
    "\u041c\u043e\u0441\u043a\u0432\u0430",
    "\uc11c\uc6b8",
    "\u6771\u4eac",
    "it\u2019s",
    "\u20ac 5",
    "caf\u00e9 \u2013 bar",
]


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1"])
@pytest.mark.parametrize("text", TEXTS)
def test_utf8_read_as_another_encoding_is_garbled(text, encoding):
    """By definition of the fault: the bytes of the one read as the other; Windows leaves five bytes as they are."""
    raw = text.encode()
    read = "".join(bytes([byte]).decode(encoding) if byte not in UNDEFINED else chr(byte) for byte in raw)
    assert garbled(read)
    assert not garbled(text)


UNDEFINED = (0x81, 0x8D, 0x8F, 0x90, 0x9D)


@pytest.mark.parametrize(
    "name",
    [
        "\u00abCAF\u00c9\u00bb",
        "\u201eT\u00c4\u201c",
        "\u00c0 \u00a7 5",
        "\u00d6\u2026",
        "\u00c2ge",
        "S\u00c3O",
        "\u00dcber\u2122",
    ],
)
def test_capitals_with_an_accent_before_a_mark_are_not_garbled(name):
    assert not garbled(name)


def test_a_lost_letter_is_garbled_too(study):
    assert warned(study, ["S\ufffdd", "Nord"])["mojibake"] == 1
    assert warned(study, ["S\u00c3\u00bcd", "Nord"])["mojibake"] == 1


def test_a_label_longer_than_a_line_is_said_and_one_of_a_line_is_not(study):
    assert warned(study, ["a" * (LONG + 1), "b"]) == {"long_label": 1}
    assert warned(study, ["a" * LONG, "b"]) == {}


def test_names_of_a_table_beside_the_survey_are_looked_at(study):
    orders = "event_id,customer_id,carrier\nE1,C1,Nord\nE2,C2,nord\n"
    read = study(text(drawn(60)), {"events.csv": orders}, tables={"events": "events.csv"})
    (issue,) = [issue for issue in read.issues if issue["check"] == "lookalike_names"]
    assert (issue["table"], issue["column"], issue["rows"]) == ("events", "carrier", 2)


def test_codes_of_people_and_items_may_look_alike(study):
    frame = drawn(60)
    frame.loc[:1, "respondent_id"] = ["R-A1", "ra1"]
    assert [issue["check"] for issue in study(text(frame)).issues] == []
