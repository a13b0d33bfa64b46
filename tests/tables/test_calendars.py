"""Days that count, and when a promise of some of them runs out: local dates first, then moments."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from study_files import WIDE

from cxgap.errors import StudyError
from cxgap.tables.calendars import EVERY_DAY, Calendar, deadline

BERLIN = Calendar("Europe/Berlin", "Mon Tue Wed Thu Fri", (date(2026, 4, 3), date(2026, 4, 6), date(2026, 12, 25)))


def ends(start: str | list[str], days: object, calendar: Calendar = BERLIN) -> list[str]:
    starts = pd.Series(pd.to_datetime([start] if isinstance(start, str) else start, utc=True))
    return [str(moment) for moment in deadline(starts, days, calendar).dt.tz_convert(calendar.zone)]


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        ("2026-03-20T15:00Z", 1, "2026-03-23 23:59:59.999999+01:00"),  # Friday and one: Monday
        ("2026-03-21T15:00Z", 1, "2026-03-23 23:59:59.999999+01:00"),  # Saturday and one: Monday too
        ("2026-03-20T15:00Z", 0, "2026-03-20 23:59:59.999999+01:00"),  # none: the same day
        ("2026-03-21T15:00Z", 0, "2026-03-23 23:59:59.999999+01:00"),  # none, on a day that does not count: the next
        ("2026-03-27T15:00Z", 1, "2026-03-30 23:59:59.999999+02:00"),  # clocks go forward on Sunday 29 March
        ("2026-10-23T15:00Z", 1, "2026-10-26 23:59:59.999999+01:00"),  # and back on Sunday 25 October
        ("2026-04-02T15:00Z", 1, "2026-04-07 23:59:59.999999+02:00"),  # Thursday, Good Friday, Easter Monday
        ("2026-12-24T15:00Z", 2, "2026-12-29 23:59:59.999999+01:00"),  # Thursday, Christmas Day on a Friday
        ("2026-03-22T23:30Z", 1, "2026-03-24 23:59:59.999999+01:00"),  # half past midnight on Monday in Berlin
        ("2026-03-22T22:30Z", 1, "2026-03-23 23:59:59.999999+01:00"),  # an hour earlier it is still Sunday there
    ],
)
def test_a_promise_ends_with_the_local_day_that_the_wall_calendar_shows(start, days, end):
    """Counted by hand on the calendar of 2026; offsets by the IANA rules of Europe/Berlin."""
    assert ends(start, [days]) == [end]


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-06-15", 24)])
def test_a_day_on_which_clocks_change_ends_when_it_ends(day, hours):
    """From local midnight to the deadline of the same day: 23 hours in spring, 25 in autumn, less a microsecond."""
    every = Calendar("Europe/Berlin", EVERY_DAY)
    start = pd.Series([pd.Timestamp(day, tz="Europe/Berlin").tz_convert("UTC")])
    assert (deadline(start, [0], every) - start).tolist() == [pd.Timedelta(hours=hours) - pd.Timedelta(microseconds=1)]


@pytest.mark.parametrize("days", [np.nan, -1, 1.5, np.inf, 1e18])
def test_what_is_no_number_of_days_has_no_deadline(days):
    assert ends(["2026-03-20T15:00Z", "2026-03-20T15:00Z"], [days, 1])[0] == "NaT"
    assert deadline(pd.Series([pd.NaT], dtype="datetime64[us, UTC]"), [1], BERLIN).isna().all()


@given(
    start=st.datetimes(pd.Timestamp("2020-01-01"), pd.Timestamp("2030-12-31")).map(
        lambda moment: moment.replace(microsecond=0)
    ),
    days=st.integers(0, 60),
    mask=st.sets(st.sampled_from(EVERY_DAY.split()), min_size=1),
    holidays=st.sets(st.dates(date(2020, 1, 1), date(2031, 3, 1)), max_size=40),
    zone=st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Auckland", "UTC"]),
)
def test_it_is_found_by_walking_from_day_to_day(start, days, mask, holidays, zone):
    """The definition, walked: the next day that counts, k times; for none the first that counts from the day itself."""
    calendar = Calendar(zone, " ".join(mask), tuple(holidays))
    (end,) = deadline(pd.Series([pd.Timestamp(start, tz="UTC")]), [days], calendar).dt.tz_convert(zone)
    day = pd.Timestamp(start, tz="UTC").tz_convert(ZoneInfo(zone)).date()
    counted = 0
    while counted < days or not (day.strftime("%a") in mask and day not in holidays):
        day += timedelta(days=1)
        counted += day.strftime("%a") in mask and day not in holidays
    assert end.date() == day
    assert end.time().isoformat() == "23:59:59.999999"


EVENTS = """event_id,customer_id,ordered_at,promised_days,promised_calendar,promised_first
E1,C1,2026-03-20T15:00Z,1,office,
E2,C2,2026-03-20T15:00Z,1,,
E3,C3,2026-03-20T15:00Z,1,office,2026-03-22T12:00:00Z
E4,C4,2026-03-20T15:00Z,1,depot,
E5,C5,2026-03-20T15:00Z,1.5,office,
E6,C6,,1,office,
E7,C7,2026-03-20T15:00Z,,office,
"""
BASE = {"study": {"zone": "Europe/Berlin"}, "calendars": {"office": {"holidays": ["2026-03-23"]}, "shop": {"zone": "UTC"}}}
TUESDAY, SATURDAY, MONDAY = "2026-03-24 22:59:59.999999", "2026-03-21 22:59:59.999999", "2026-03-23 23:59:59.999999"


def read(study, text: str = EVENTS, **options):
    return study(WIDE, {"events.csv": text}, **{"tables": {"events": "events.csv"}, **BASE, **options})


def promised(table: pd.DataFrame) -> list[str]:
    return ["" if pd.isna(moment) else str(moment.tz_localize(None)) for moment in table["promised_first"]]


def test_promised_days_give_the_promise_where_it_is_blank(study):
    """E1 skips the weekend and a holiday; E2 names no calendar, so that Saturday counts; E3 has its own promise."""
    made = read(study)
    assert promised(made.events) == [TUESDAY, SATURDAY, "2026-03-22 12:00:00", "", "", "", ""]
    found = [
        (issue["check"], issue["severity"], issue["rows"], issue["row"]) for issue in made.issues if issue["table"] == "events"
    ]
    assert found == [
        ("not_whole_days", "rejected", 1, 6),
        ("unknown_calendar", "rejected", 1, 5),
        ("assumed_calendar", "warning", 1, 3),
    ]


def test_a_table_may_have_a_calendar_which_a_row_may_override(study):
    tables = {"events": {"file": "events.csv", "calendar": "shop"}}
    made = read(study, tables=tables)
    assert promised(made.events)[:2] == [TUESDAY, MONDAY]
    assert "assumed_calendar" not in {issue["check"] for issue in made.issues}


def test_the_column_of_promises_may_be_missing_altogether(study):
    text = "event_id,customer_id,ordered_at,promised_days\nE1,C1,2026-03-20T15:00Z,1\nE2,C2,2026-03-21T15:00Z,0\n"
    metrics = {
        "time": {"touchpoint": "Use", "unit": "days", "direction": "lower", "promised": ["ordered_at", "promised_first"]}
    }
    made = read(study, text, metrics=metrics)
    assert promised(made.events) == [SATURDAY, SATURDAY]
    assert made.events["promised"].tolist() == pytest.approx([1 + 8 / 24, 8 / 24], abs=1e-10)


def test_a_promise_for_a_day_ends_with_it_and_a_delivery_on_a_day_does_not(study):
    """Local midnight of 29 March 2026 in Berlin is 23:00 UTC the day before; the day has 23 hours."""
    text = "event_id,customer_id,ordered_at,promised_first,promised_last,delivered_at\n"
    text += "E1,C1,2026-03-20,2026-03-29,2026-03-29T00:00,2026-03-29\nE2,C2,2026-03-20,2026-03-32,,\n"
    row, wrong = read(study, text).events.itertuples(index=False)
    assert str(row.promised_first) == "2026-03-29 21:59:59.999999+00:00"
    assert str(row.promised_last) == str(row.delivered_at) == "2026-03-28 23:00:00+00:00"
    assert pd.isna(wrong.promised_first)


@pytest.mark.parametrize(
    ("sections", "words"),
    [
        ({"calendars": {"office": {"weekmask": "Mo Di"}}}, "`calendars.office.weekmask` must name days of ['Mon', 'Tue'"),
        ({"calendars": {"office": {"weekmask": ""}}}, "such as \"Mon Tue Wed Thu Fri\", not ''"),
        (
            {"calendars": {"office": {"zone": "Europe/Berlln"}}},
            "must be a time zone such as \"Europe/Berlin\", not 'Europe/Berlln'",
        ),
        ({"calendars": {"office": {"holidays": ["25.12.2026"]}}}, "`calendars.office.holidays.0`"),
        (
            {"calendars": {"office": {"holiday": []}}},
            "has no key 'holiday'; it has ['holidays', 'weekmask', 'zone']. Did you mean",
        ),
        (
            {"tables": {"events": {"file": "events.csv", "calendar": "ofice"}}},
            "declare it under [calendars]. Did you mean 'office'?",
        ),
        (
            {"tables": {"contacts": {"file": "c.csv", "calendar": "office"}}},
            "study.toml: [tables] may name a calendar for events alone, and names one for contacts",
        ),
    ],
)
def test_a_calendar_that_cannot_be_is_said_with_its_key(study, sections, words):
    with pytest.raises(StudyError) as caught:
        read(study, **sections)
    assert words in str(caught.value)
