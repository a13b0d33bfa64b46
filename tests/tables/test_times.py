"""Times: read only as they are written or declared, placed in the right moment, and refused where they cannot be true."""

from __future__ import annotations

import locale
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from study_files import WIDE, write

from cxgap.errors import StudyError
from cxgap.tables.clocks import DAY, FIXED, LOCAL, read_clocks
from cxgap.tables.dates import likely_formats, reader_of
from cxgap.tables.read import read_study
from cxgap.tables.source import Source
from cxgap.tables.times import read_times, settle_times, shown_twice

LAW = settings(max_examples=200, deadline=None, derandomize=True)
BERLIN = "Europe/Berlin"


def column(*words: str) -> pd.Series:
    return pd.Series(words, dtype=object, name="at")


def one(word: str, form: str = "", zone: str = BERLIN, **how) -> tuple[object, str]:
    values, reasons = read_times(column(word), zone, formats=(form,) if form else (), **how)
    return values.iloc[0], reasons[0]


def dated(*words: str) -> str:
    """Write a survey in which the answers have these dates, one after the other and round again."""
    header, *lines = WIDE.splitlines()
    days = [line.split(",")[3] for line in lines]
    return "\n".join(
        [
            header,
            *(line.replace(day, words[place % len(words)]) for place, (line, day) in enumerate(zip(lines, days, strict=True))),
        ]
    )


@pytest.mark.parametrize(
    ("form", "word", "moment"),
    [
        ("%d.%m.%Y", "31.3.2026", "2026-03-30T22:00Z"),
        ("%d.%m.%Y %H:%M", "31.03.2026 14:05", "2026-03-31T12:05Z"),
        ("%m/%d/%Y", "03/31/2026", "2026-03-30T22:00Z"),
        ("%m/%d/%Y %I:%M %p", "3/31/2026 12:05 AM", "2026-03-30T22:05Z"),
        ("%m/%d/%Y %I:%M:%S %p", "3/31/2026 12:05:09 p.m.", "2026-03-31T10:05:09Z"),
        ("%m/%d/%Y %I:%M %p", "3/31/2026 2:05\N{NARROW NO-BREAK SPACE}PM", "2026-03-31T12:05Z"),
        ("%Y/%m/%d %I:%M:%S %p %z", "2026/03/31 2:05:06 PM GMT+9", "2026-03-31T05:05:06Z"),
        ("%Y/%m/%d %I:%M:%S %p %z", "2026/03/31 2:05:06 오후 GMT+9", "2026-03-31T05:05:06Z"),
        ("%Y/%m/%d %I:%M:%S %p %z", "2026/03/31 12:05:06 오전 GMT-5:30", "2026-03-31T05:35:06Z"),
        ("%Y. %m. %d %p %I:%M:%S", "2026. 3. 31 오전 9:05:06", "2026-03-31T07:05:06Z"),
        ("%Y/%m/%d %H:%M %z", "2026/03/31 14:05 +0900", "2026-03-31T05:05Z"),
        ("%Y/%m/%d %H:%M %z", "2026/03/31 14:05 UTC", "2026-03-31T14:05Z"),
        ("%d %b %Y", "31 March 2026", "2026-03-30T22:00Z"),
        ("%A, %B %d, %Y", "Tuesday, March 31, 2026", "2026-03-30T22:00Z"),
        ("%d.%m.%y", "31.03.26", "2026-03-30T22:00Z"),
        ("%Y-%m-%d %H:%M:%S.%f", "2026-03-31 14:05:00.5", "2026-03-31T12:05:00.5Z"),
        ("excel", "46112", "2026-03-30T22:00Z"),
        ("excel", "46112.5868055556", "2026-03-31T12:05Z"),
        ("excel1904", "44650", "2026-03-30T22:00Z"),
        ("unix", "1774958700", "2026-03-31T12:05Z"),
        ("unix_ms", "1774958700000", "2026-03-31T12:05Z"),
        ("%d.%m.%Y", "2026-03-31T14:05:00Z", "2026-03-31T14:05Z"),
    ],
)
def test_a_declared_format_is_read_and_iso_8601_beside_it(form, word, moment):
    """The words of `strptime` are the authority; of Excel, that 1 is 1 January 1900 and it counts a 29 February 1900."""
    assert one(word, form) == (pd.Timestamp(moment), "")


@pytest.mark.parametrize(
    ("form", "word"),
    [
        ("%d.%m.%Y", "31.13.2026"),
        ("%d.%m.%Y", "30.02.2026"),
        ("%d.%m.%Y", "31.03.26"),
        ("%d.%m.%Y", "31.03.2026 14:05"),
        ("%d.%m.%Y", "\N{ARABIC-INDIC DIGIT THREE}1.03.2026"),
        ("%m/%d/%Y %I:%M %p", "3/31/2026 13:05 PM"),
        ("%m/%d/%Y %I:%M %p", "3/31/2026 1:05"),
        ("%Y-%d-%m", "2026-03-31"),
        ("excel", "29.5"),
        ("excel", "99999999"),
        ("excel", "2026"[:0] + "-5"),
        ("unix", "soon"),
    ],
)
def test_what_does_not_fit_its_format_is_no_date(form, word):
    value, reason = one(word, form)
    assert (pd.isna(value), reason) == (True, "bad_date")


NUMERIC = st.sampled_from(["%d.%m.%Y %H:%M:%S", "%m/%d/%Y %H:%M", "%Y%m%d", "%d-%m-%Y", "%Y-%m-%dT%H:%M:%S", "%H:%M %d/%m/%Y"])


@LAW
@given(moment=st.datetimes(datetime(1971, 1, 1), datetime(2099, 12, 30)), form=NUMERIC)
def test_what_strftime_writes_is_read_as_strptime_reads_it(moment, form):
    word = moment.strftime(form)
    assert one(word, form, zone="UTC")[0] == pd.Timestamp(datetime.strptime(word, form), tz="UTC")


@LAW
@given(
    moment=st.datetimes(datetime(1971, 1, 1), datetime(2099, 12, 30)),
    zone=st.sampled_from(["UTC", BERLIN, "America/Sao_Paulo", "Asia/Seoul", "Pacific/Apia", "Australia/Lord_Howe"]),
    spec=st.sampled_from(["hours", "minutes", "seconds", "microseconds"]),
)
def test_a_time_is_the_earlier_moment_at_which_a_clock_of_the_zone_showed_it(moment, zone, spec):
    """PEP 495 is the authority: fold = 0 is the earlier of two, and a time that was skipped does not survive the way back."""
    local = datetime.fromisoformat(moment.isoformat(timespec=spec)).replace(tzinfo=ZoneInfo(zone))
    utc = local.astimezone(UTC)
    value, reason = one(moment.isoformat(timespec=spec), zone=zone)
    if utc.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == local.replace(tzinfo=None):
        assert (value, reason) == (pd.Timestamp(utc), "")
    else:
        assert (pd.isna(value), reason) == (True, "nonexistent_time")


@LAW
@given(st.lists(st.text("0123456789-T:. Z+", min_size=8, max_size=26), max_size=8))
def test_texts_are_read_alike_one_by_one_and_many_at_a_time(words):
    """`datetime.fromisoformat` is the authority for what ISO 8601 is."""
    clocks = read_clocks(np.array(words, dtype=object), ())
    for word, shown, kind in zip(words, clocks.shown, clocks.kind, strict=True):
        try:
            told = datetime.fromisoformat(word) if word[4:5] == "-" and word[7:8] == "-" else None
        except ValueError:
            told = None
        if kind:
            assert told is not None
            clock = told.astimezone(UTC).replace(tzinfo=None) if kind == FIXED else told.replace(tzinfo=None)
            assert shown == np.datetime64(clock)
            assert kind == (DAY if len(word) == 10 else LOCAL if told.tzinfo is None else FIXED)


def test_no_language_of_the_machine_changes_what_is_read():
    before = locale.setlocale(locale.LC_TIME)
    for name in ("de_DE.UTF-8", "ko_KR.UTF-8", "fr_FR.UTF-8", "C"):
        try:
            locale.setlocale(locale.LC_TIME, name)
        except locale.Error:
            continue
        try:
            assert one("3/31/2026 2:05 PM", "%m/%d/%Y %I:%M %p", "UTC")[0] == pd.Timestamp("2026-03-31T14:05Z")
            assert one("31 Mar 2026", "%d %b %Y", "UTC")[0] == pd.Timestamp("2026-03-31T00:00Z")
        finally:
            locale.setlocale(locale.LC_TIME, before)


@pytest.mark.parametrize(
    ("form", "fault"),
    [
        ("%d.%m", "must name year, month and day once each"),
        ("%d.%m.%Y %Y", "must name year, month and day once each"),
        ("%d.%m.%Y %b", "must name year, month and day once each"),
        ("%d.%m.%Y %I:%M", "must have %H, or %I with %p"),
        ("%d.%m.%Y %H %p", "must have %H, or %I with %p"),
        ("%x", "knows no %x"),
        ("DD.MM.YYYY", "must name year, month and day once each"),
        ("%d.%m.%Y %", "knows no %"),
    ],
)
def test_a_format_that_is_none_is_refused_with_the_key_that_declares_it(study, form, fault):
    with pytest.raises(StudyError, match=rf"`responses.date_format` {fault}"):
        study(responses={"date_format": form})


@pytest.mark.parametrize(
    ("words", "formats"),
    [
        (["03/04/2026", "05/06/2026"], ("%d/%m/%Y", "%m/%d/%Y")),
        (["03/04/2026", "13/06/2026"], ("%d/%m/%Y",)),
        (["03/04/2026", "05/26/2026"], ("%m/%d/%Y",)),
        (["05/05/2026"], ("%d/%m/%Y",)),  # either way the same day
        (["31.03.2026 14:05"], ("%d.%m.%Y %H:%M",)),
        (["46083", "46090.5"], ("excel",)),
        (["1774958700"], ("unix",)),
        (["1774958700000"], ("unix_ms",)),
        (["20260331"], ("%Y%m%d",)),
        (["2026/03/31 2:05:06 PM GMT+9"], ("%Y/%m/%d %I:%M:%S %p %z",)),
        (["2026/03/31 2:05:06 오후 GMT+9"], ("%Y/%m/%d %I:%M:%S %p %z",)),
        (["soon", "later"], ()),
        ([], ()),
    ],
)
def test_the_formats_that_fit_are_proposed_and_both_where_they_cannot_be_told_apart(words, formats):
    assert likely_formats(words) == formats
    assert all(reader_of(form)(word) for form in formats for word in words)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["03/04/2026", "05/06/2026"],
            r'can be read in 2; set date_format = "%d/%m/%Y" or date_format = "%m/%d/%Y" under \[responses\]',
        ),
        (["31.03.2026"], r'ISO 8601, and .31.03.2026. is written otherwise; set date_format = "%d.%m.%Y" under \[responses\]'),
        (["46083"], r'is an Excel serial number; format the column as a date, or set date_format = "excel" under'),
        (["1774958700"], r'is a number of Unix time; set date_format = "unix" under'),
        (
            ["2026-03-01T10:00:00Z", "2026-03-02T10:00:00"],
            r"row 2, column 'at': every time must have an offset or none, .* in row 3 has none",
        ),
    ],
)
def test_a_column_that_as_a_whole_is_written_otherwise_stops_with_what_to_type(study, words, message):
    with pytest.raises(StudyError, match=message) as caught:
        study(dated(*words))
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith("responses.csv, row 2, column 'at': ")


def test_what_is_proposed_is_what_makes_it_read(study):
    read = study(dated("31.03.2026 14:05", "01.02.2026 08:00"), responses={"date_format": "%d.%m.%Y %H:%M"})
    assert read.responses["at"].iloc[0] == pd.Timestamp("2026-03-31T14:05Z")
    assert study(dated("46083", "46084.25"), responses={"date_format": "excel"}).period == ("2026-03-02", "2026-03-03")


def test_several_formats_may_be_declared_and_two_that_differ_on_one_text_stop(study):
    read = study(dated("31.03.2026", "3/30/2026"), responses={"date_format": ["%d.%m.%Y", "%m/%d/%Y"]})
    assert read.period == ("2026-03-30", "2026-03-31")
    with pytest.raises(
        StudyError, match=r"row 3, column 'at': must be read in one way.*read '03/04/2026' in two; leave the wrong"
    ):
        study(dated("13/03/2026", "03/04/2026"), responses={"date_format": ["%d/%m/%Y", "%m/%d/%Y"]})


def test_a_midnight_that_stands_for_a_day_may_be_declared_as_one():
    """A deadline that is a day ends with it; the first of the formats says that these zeros are no clock."""
    forms = ("%Y-%m-%d 00:00:00", "%Y-%m-%d %H:%M:%S")
    values, _ = read_times(column("2026-03-31 00:00:00", "2026-03-31 18:00:00"), "UTC", ending=True, formats=forms)
    assert values.tolist() == [pd.Timestamp("2026-03-31T23:59:59.999999Z"), pd.Timestamp("2026-03-31T18:00Z")]


def test_a_few_odd_dates_are_set_aside_and_leave_the_column_as_it_is(study):
    read = study(dated("2026-03-01", "2026-03-02", "2026-03-03", "2026-03-04", "2026-03-05", "03/04/2026"))
    assert read.rejects[["row", "value", "reason"]].to_numpy().tolist() == [[7, "03/04/2026", "bad_date"]]


@pytest.mark.parametrize("day", ["1970-01-01", "1900-01-01", "1899-12-30", "9999-12-31", "1970-01-01T00:00:00Z", "0001-01-01"])
def test_a_day_that_programs_write_for_none_is_set_aside(study, day):
    words = [f"2026-03-0{number}" for number in range(1, 6)]
    read = study(dated(*words, day), study={"zone": "America/New_York"})
    assert read.rejects[["row", "value", "reason"]].to_numpy().tolist() == [[7, day, "default_date"]]
    assert read.rows["rejected"] == 2


def test_an_answer_from_after_the_day_of_reading_is_set_aside_and_a_given_day_makes_that_certain(tmp_path):
    """Nobody can have answered tomorrow; the same file read on the same day gives the same."""
    path = write(tmp_path, WIDE, study={"zone": "Asia/Seoul"})
    read = read_study(path, today=date(2026, 3, 4))
    assert read.rejects[["row", "value", "reason"]].to_numpy().tolist() == [
        [6, "2026-03-05", "future_date"],
        [7, "2026-03-06", "future_date"],
    ]
    assert read.rows == {"read": 12, "left_out": 0, "in": 12, "used": 8, "incomplete": 0, "rejected": 4}
    assert len(read_study(path, today=date(2026, 3, 6)).rejects) == 0


def test_with_as_of_the_day_of_reading_changes_nothing(tmp_path):
    path = write(tmp_path, WIDE)
    early, late = (read_study(path, as_of="2026-03-04", today=day) for day in (date(2026, 3, 1), date(2027, 1, 1)))
    assert early.rows == late.rows
    assert early.record() == late.record()
    assert early.rows["left_out"] == 4


def test_the_day_of_reading_ends_where_the_study_is(tmp_path):
    """Midnight in Seoul is 15:00 UTC of the day before."""
    survey = dated("2026-03-04T14:59:59Z", "2026-03-04T15:00:00Z")
    read = read_study(write(tmp_path, survey, study={"zone": "Asia/Seoul"}), today=date(2026, 3, 4))
    assert sorted(read.rejects["row"]) == [3, 5, 7]


def test_a_clock_that_is_older_than_the_library_is_not_believed(study, monkeypatch):
    import cxgap.tables.times as module

    class Wrong(datetime):
        @classmethod
        def now(cls, tz=None):
            return cls(1990, 1, 1, tzinfo=tz)

    monkeypatch.setattr(module, "datetime", Wrong)
    assert len(study().rejects) == 0


def test_a_time_that_clocks_showed_twice_is_the_earlier_with_a_warning_unless_its_offset_is_given(study):
    """On 25 October 2026 clocks in Berlin went from 3:00 back to 2:00."""
    words = [
        "2026-10-25T02:30",
        "2026-10-25T03:30",
        "2026-10-25T01:30",
        "2026-10-25T02:59:59",
        "2026-10-25T12:00",
        "2026-10-25",
    ]
    text = column(*words)
    values, reasons = settle_times(text, Source(file="x"), BERLIN)
    assert not reasons.astype(bool).any()
    assert shown_twice(text, values, BERLIN).tolist() == [True, False, False, True, False, False]
    assert values.iloc[0] == pd.Timestamp("2026-10-25T00:30Z")
    told = column("2026-10-25T02:30:00+01:00", "2026-10-25T00:30:00Z")
    assert not shown_twice(told, settle_times(told, Source(file="x"), BERLIN)[0], BERLIN).any()
    read = study(dated(*words), study={"zone": BERLIN})
    (issue,) = [issue for issue in read.issues if issue["check"] == "ambiguous_time"]
    assert (issue["rows"], issue["row"], issue["severity"], issue["column"]) == (2, 2, "warning", "at")


def test_a_time_that_was_skipped_is_set_aside_with_a_reason_of_its_own(study):
    words = ["2026-03-29T01:59", "2026-03-29T03:00", "2026-03-29T04:00", "2026-03-29", "2026-03-28T02:30", "2026-03-29T02:30"]
    read = study(dated(*words), study={"zone": BERLIN})
    assert read.rejects[["row", "reason"]].to_numpy().tolist() == [[7, "nonexistent_time"]]
