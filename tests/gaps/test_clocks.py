"""Moments are whole microseconds since 1970 in UTC; a clock shows what its zone's rules say."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from cxgap.errors import ArgumentError
from cxgap.gaps.clocks import end_of, local, local_times, moment, moments

DAY = 86_400_000_000


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/New_York"])
def test_moments_are_those_of_the_standard_library(zone):
    texts = ["1969-12-31T23:59:59.999999Z", "2025-10-26T00:30:00Z", "2025-10-26T01:30:00Z", "2199-03-29T01:00:00.000001Z"]
    known = [(datetime.fromisoformat(text) - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 1e6 for text in texts]
    times = pd.DatetimeIndex(pd.to_datetime(texts, utc=True, format="ISO8601")).tz_convert(zone)
    assert moments(times) == pytest.approx(known, abs=0.5, rel=0)
    assert moments(pd.Series(times)) == pytest.approx(known, abs=0.5, rel=0)
    assert [moment(time) for time in times] == pytest.approx(known, abs=0.5, rel=0)


def test_a_moment_that_is_not_known_is_no_number():
    assert np.isnan(moments(pd.Series(pd.to_datetime(["2026-01-01", None], utc=True)))).tolist() == [False, True]


@pytest.mark.parametrize(
    ("as_of", "zone", "first_too_late"),
    [
        ("2026-03-29", "Europe/Berlin", "2026-03-29T22:00Z"),  # a day of 23 hours
        ("2025-10-26", "Europe/Berlin", "2025-10-26T23:00Z"),  # one of 25
        ("2026-03-31", "UTC", "2026-04-01T00:00Z"),
        (datetime(2026, 3, 31, tzinfo=UTC), "UTC", "2026-03-31T00:00:00.000001Z"),
    ],
)
def test_a_date_counts_as_a_whole_and_a_time_is_the_last_that_counts(as_of, zone, first_too_late):
    """Policy: `as_of` a day stays whole, in the zone of the study."""
    assert end_of(as_of, zone) == moment(pd.Timestamp(first_too_late)) - 1


def test_without_an_end_the_reading_ends_where_it_is_said():
    assert end_of("", "UTC") == end_of(None, "UTC") == math.inf
    assert end_of(None, "UTC", 5.0) == 5.0
    with pytest.raises(ArgumentError):
        end_of("yesterday week", "UTC")


def test_clocks_jump_where_the_zone_says_and_both_readings_are_one():
    at = moments(
        pd.to_datetime(
            ["2026-03-29T00:59:59Z", "2026-03-29T01:00:00Z", "2025-10-26T00:30Z", "2025-10-26T01:30Z"], format="ISO8601"
        )
    )
    shown = ["2026-03-29T01:59:59", "2026-03-29T03:00:00", "2025-10-26T02:30:00", "2025-10-26T02:30:00"]
    assert [time.isoformat() for time in local_times(at, "Europe/Berlin")] == shown
    assert (local(at, "Europe/Berlin") == moments(pd.DatetimeIndex(local_times(at, "Europe/Berlin")).tz_localize("UTC"))).all()
    assert local_times(np.array([np.nan, DAY]), "UTC").isna().tolist() == [True, False]
