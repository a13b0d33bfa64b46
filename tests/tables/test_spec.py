"""A study file says what it must, or the error says what to type."""

from __future__ import annotations

import re

import pytest

from cxgap.errors import StudyError
from cxgap.tables.spec import load_spec
from cxgap.vocabulary import EXPECTATION_TYPES

GOOD = """[study]
title = "Kiosk"
expectation_type = "should"
[scale]
low = 1
high = 7
[responses]
file = "responses.csv"
layout = "wide"
"""


def load(tmp_path, text: str | bytes):
    path = tmp_path / "study.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load_spec(path)[0]


def refused(tmp_path, text: str | bytes) -> str:
    with pytest.raises(StudyError) as caught:
        load(tmp_path, text)
    return str(caught.value)


def test_the_least_study_file_is_enough(tmp_path):
    spec = load(tmp_path, GOOD)
    assert (spec.scale.low, spec.scale.high, spec.scale.step) == (1, 7, 1)
    assert (spec.study.min_n, spec.study.max_rejected, spec.study.zone) == (10, 0.05, "UTC")


def test_a_byte_order_mark_is_no_fault(tmp_path):
    assert load(tmp_path, b"\xef\xbb\xbf" + GOOD.encode()).study.title == "Kiosk"


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(StudyError, match=r"nowhere.toml must be a file that can be read: No such file"):
        load_spec(tmp_path / "nowhere.toml")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("title: Kiosk", "study.toml must be TOML, and is not: Expected '='"),
        (GOOD + GOOD, "must be TOML, and is not: Cannot declare"),
        ("a = " + "[" * 5000, "must be TOML, and is not"),
        (b"title = \xe9", "must be UTF-8, and byte 9 is not"),
        (b"\x89PNG\r\n", "must be UTF-8, and byte 1 is not"),
    ],
)
def test_what_is_not_toml_is_said_to_be_none(tmp_path, text, words):
    assert words in refused(tmp_path, text)


def test_a_scale_that_is_not_declared_is_asked_for(tmp_path):
    text = refused(tmp_path, re.sub(r"\[scale\]\nlow = 1\nhigh = 7\n", "", GOOD))
    assert text.startswith("study.toml must declare the scale, and does not. Add [scale] with low = 1 and high = 7")


def test_an_expectation_type_that_is_not_declared_is_asked_for_with_its_options(tmp_path):
    text = refused(tmp_path, GOOD.replace('expectation_type = "should"\n', ""))
    assert "must declare the expectation type" in text
    assert 'expectation = "" under [responses] where none was asked' in text
    assert all(f'"{kind}": {meaning}' in text for kind, meaning in EXPECTATION_TYPES.items())


def test_an_unknown_expectation_type_shows_the_options_and_the_nearest(tmp_path):
    text = refused(tmp_path, GOOD.replace('"should"', '"shuold"'))
    assert "`study.expectation_type` must be 'desired', 'should'," in text
    assert "not 'shuold'" in text
    assert "Did you mean 'should'? These are:\n" in text
    assert all(meaning in text for meaning in EXPECTATION_TYPES.values())


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ('[response]\nfile = "x"', "the file has no key 'response'; it has ['calendars', 'codebook',"),
        ('[response]\nfile = "x"', "Did you mean 'responses'?"),
        (
            '[design]\nwieght = "w"',
            "[design] has no key 'wieght'; it has ['population', 'psu', 'stratum', 'weight']. Did you mean 'weight'?",
        ),
        ('[items.01]\nlable = "x"', "[items.01] has no key 'lable'; it has ['adequate', 'changed', 'dimension',"),
        ('[codebook]\nfile = "i.csv"\nencodng = "x"', "Did you mean 'encoding'?"),
        ('[tables]\nevents = { file = "e.csv", delimeter = ";" }', "[tables.events] has no key 'delimeter'"),
        ("[design]\nstratum = 5", "`design.stratum` must be text, in quotes, not 5."),
        ("[tables]\nevents = 5", "`tables.events` must be a section, not 5."),
        ("[tables]\nevents = {}", "must declare `tables.events.file`"),
        ("[items]\nx = 5", "`items.x` must be a section, not 5."),
    ],
)
def test_a_wrong_key_is_named_with_its_section_and_the_nearest(tmp_path, lines, words):
    assert words in refused(tmp_path, f"{GOOD}{lines}\n")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("low = 1", "low = 7", "`scale` must have low below high, and 7 is not below 7."),
        ("low = 1", "low = nan", "`scale.low` must be a finite number"),
        ("high = 7", "high = inf", "`scale.high` must be a finite number"),
        ("high = 7", "high = 7\nstep = -1", "`scale.step` must be greater than or equal to 0, not -1."),
        ("low = 1", 'low = "one"', "`scale.low` must be a valid number"),
        ('"wide"', '"tall"', "`responses.layout` must be 'wide' or 'long', not 'tall'."),
        ('"Kiosk"', '"Kiosk"\nzone = "Europe/Berln"', "Did you mean 'Europe/Berlin'?"),
        ('"Kiosk"', '"Kiosk"\nzone = "../etc/passwd"', "`study.zone` must be a time zone"),
        ('"Kiosk"', '"Kiosk"\nmin_n = 4', "`study.min_n` must be greater than or equal to 5, not 4."),
        ('"Kiosk"', '"Kiosk"\nmargin = 0', "`study.margin` must be greater than 0, not 0."),
        ('"Kiosk"', '"Kiosk"\nmax_rejected = 5', "`study.max_rejected` must be less than or equal to 1, not 5."),
        ('"Kiosk"', '"Kiosk"\ntouchpoints = ["a", "a"]', "`study.touchpoints` must name each once"),
        ('"Kiosk"', '"Kiosk"\nwaves = ["1", " 2"]', "`study.waves` must name each once, without spaces around it"),
        ('"Kiosk"', '"Kiosk"\nwaves = [2025]', "`study.waves.0` must be text, in quotes, not 2025."),
        ('"Kiosk"', "5", "`study.title` must be text, in quotes, not 5."),
    ],
)
def test_a_wrong_value_is_named_with_what_it_must_be(tmp_path, old, new, words):
    text = refused(tmp_path, GOOD.replace(old, new))
    assert words in text
    assert text.endswith((".", "?"))
    assert not text.endswith(("..", "?."))


def test_all_problems_are_told_at_once_a_line_each(tmp_path):
    text = refused(tmp_path, "[scale]\nlow = 1\n[responses]\nfile = 'r.csv'\n")
    assert [line for line in text.splitlines() if line.startswith("study.toml")] == [
        line for line in text.splitlines() if not line.startswith('  "')
    ]
    for words in ("`study`", "`scale.high`", "`responses.layout`"):
        assert f"must declare {words}" in text


def test_codes_for_no_answer_may_be_numbers(tmp_path):
    assert load(tmp_path, f'{GOOD}missing = [99, -9, "x"]\n').responses.missing == {"99": "", "-9": "", "x": ""}
    assert "must be text" in refused(tmp_path, f"{GOOD}missing = [true]\n")


def test_a_table_is_a_file_name_or_a_section(tmp_path):
    spec = load(tmp_path, GOOD + '[tables]\nevents = "e.csv"\ncontacts = { file = "c.csv", decimal = "," }\n')
    assert spec.tables["events"].file == "e.csv"
    assert spec.tables["contacts"].decimal == ","


def test_a_study_file_of_a_later_version_is_not_guessed_at(tmp_path):
    assert load(tmp_path, f"version = 1\n{GOOD}") == load(tmp_path, GOOD).model_copy(update={"version": 1})
    assert "`version` must be from 1 to 1, and 2 is of a later cxgap; update cxgap" in refused(tmp_path, f"version = 2\n{GOOD}")
