"""Text becomes values only as declared, and every text that is none has a reason."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxgap.tables.schema import off_scale, read_flags, read_numbers, read_text
from cxgap.tables.times import read_times

LAW = settings(max_examples=60, deadline=None, derandomize=True)


def column(*words: str) -> pd.Series:
    return pd.Series(words, dtype=object)


def one(reader, word: str, **how) -> tuple[object, str]:
    values, reasons = reader(column(word), **how)
    return values.iloc[0], reasons[0]


@pytest.mark.parametrize(
    ("word", "value"),
    [("7", 7), (" 7 ", 7), ("7.0", 7), ("+7", 7), ("-3", -3), (".5", 0.5), ("5.", 5), ("1e2", 100), ("0012", 12), ("-0", 0)],
)
def test_a_number_is_ascii_digits_with_one_mark(word, value):
    assert one(read_numbers, word) == (value, "")


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("1_0", "not_a_number"),
        ("\N{FULLWIDTH DIGIT FIVE}", "not_a_number"),
        ("\N{ARABIC-INDIC DIGIT THREE}", "not_a_number"),
        ("TRUE", "not_a_number"),
        ("\N{MINUS SIGN}3", "not_a_number"),
        ("4,5", "not_a_number"),
        ("1,000.5", "not_a_number"),
        ("7 7", "not_a_number"),
        ("0x7", "not_a_number"),
        ("Strongly agree", "not_a_number"),
        ("1.23E+1777", "not_a_number"),
        ("inf", "not_finite"),
        ("-Infinity", "not_finite"),
        ("NaN", "not_finite"),
        ("1e999", "not_finite"),
    ],
)
def test_what_is_no_number_says_why(word, reason):
    value, found = one(read_numbers, word)
    assert np.isnan(value)
    assert found == reason


@pytest.mark.parametrize("word", ["", "  ", "NA", "na", "N/A", "null", "NULL"])
def test_blank_and_three_words_are_no_answer(word):
    value, reason = one(read_numbers, word)
    assert np.isnan(value)
    assert reason == ""


@pytest.mark.parametrize("word", ["99", "99.0", " 99", "9.9e1", "Refused", "refused "])
def test_a_declared_code_is_no_answer_however_it_is_written(word):
    value, reason = one(read_numbers, word, missing=["99", "refused"])
    assert np.isnan(value)
    assert reason == ""


def test_a_code_that_is_not_declared_stays_a_number():
    assert one(read_numbers, "98", missing=["99"]) == (98, "")


@pytest.mark.parametrize(("word", "value"), [("4,5", 4.5), ("1", 1), ("-0,25", -0.25)])
def test_a_declared_decimal_comma_is_read(word, value):
    assert one(read_numbers, word, decimal=",") == (value, "")


@pytest.mark.parametrize("word", ["4.5", "1.000,5", "1,000,5"])
def test_a_point_is_no_decimal_mark_where_the_comma_is_declared(word):
    assert one(read_numbers, word, decimal=",")[1] == "not_a_number"


@LAW
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_finite_number_survives_being_written(number):
    assert one(read_numbers, repr(number)) == (number, "")


@LAW
@given(st.text())
def test_no_text_breaks_a_reader(word):
    for reader, how in ((read_numbers, {}), (read_times, {"zone": "Europe/Berlin"}), (read_flags, {})):
        value, reason = one(reader, word, **how)
        assert pd.isna(value) or reason == ""
        assert isinstance(reason, str)


@LAW
@given(st.sampled_from(["NA", "None", "007", "1e5", "TRUE", "null", "nan", " padded ", "-"]))
def test_a_name_stays_what_it_is(name):
    assert read_text(column(name)).iloc[0] == name


def test_a_blank_name_is_null():
    assert read_text(column("", "  ", "x")).isna().tolist() == [True, True, False]


@pytest.mark.parametrize(
    ("number", "step", "reason"),
    [
        (1, 1, ""),
        (7, 1, ""),
        (0.999, 1, "out_of_scale"),
        (8, 1, "out_of_scale"),
        (4.5, 1, "off_step"),
        (4.5, 0.5, ""),
        (4.5, 0, ""),
        (7.5, 0, "out_of_scale"),
        (1.3, 0.1, ""),
        (np.nan, 1, ""),
    ],
)
def test_an_answer_lies_on_the_scale_and_on_its_steps(number, step, reason):
    assert off_scale(pd.Series([number]), 1, 7, step)[0] == reason


@pytest.mark.parametrize(
    ("word", "moment"),
    [
        ("2026-03-31", "2026-03-30T22:00Z"),
        ("2026-03-31T14:05", "2026-03-31T12:05Z"),
        ("2026-03-31 14:05:06", "2026-03-31T12:05:06Z"),
        ("2026-03-31T14:05:00Z", "2026-03-31T14:05Z"),
        ("2026-03-31T14:05:00-05:00", "2026-03-31T19:05Z"),
        ("2026-03-31T14:05:00.123456789", "2026-03-31T12:05:00.123456Z"),
        ("2026-10-25T02:30", "2026-10-25T00:30Z"),
    ],
)
def test_a_time_without_an_offset_is_of_the_zone(word, moment):
    assert one(read_times, word, zone="Europe/Berlin") == (pd.Timestamp(moment), "")


@pytest.mark.parametrize(
    "word",
    [
        "03/04/2026",
        "31.03.2026",
        "46083",
        "20260331",
        "2026-W13-2",
        "2026-02-30",
        "2026-3-1",
        "2026-03-31T25:00",
        "2026-03-31T14:05:00+25:00",
        "2026-03-31x",
        "0001-01-01T00:00",
        "\N{ARABIC-INDIC DIGIT TWO}026-03-31",
    ],
)
def test_what_is_no_date_or_never_was_says_so(word):
    value, reason = one(read_times, word, zone="Europe/Berlin")
    assert value is pd.NaT
    assert reason == "bad_date"


def test_a_day_exists_where_clocks_skip_its_midnight():
    """In São Paulo the clocks went from 23:59:59 on 3 November 2018 to 01:00:00 on the 4th."""
    assert one(read_times, "2018-11-04", zone="America/Sao_Paulo") == (pd.Timestamp("2018-11-04T03:00Z"), "")


@pytest.mark.parametrize(
    ("word", "value"), [("yes", True), ("TRUE", True), ("1", True), (" No ", False), ("false", False), ("0", False)]
)
def test_a_flag_is_yes_or_no(word, value):
    assert one(read_flags, word) == (value, "")


@pytest.mark.parametrize("word", ["y", "2", "ja", "x"])
def test_another_word_is_no_flag(word):
    value, reason = one(read_flags, word)
    assert value is pd.NA
    assert reason == "not_a_flag"


def test_readers_keep_the_rows_of_the_file():
    text = pd.Series(["1", "x", ""], index=[5, 9, 12], dtype=object)
    for values in (read_text(text), read_numbers(text)[0], read_times(text, "UTC")[0], read_flags(text)[0]):
        assert values.index.tolist() == [5, 9, 12]
