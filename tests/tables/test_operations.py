"""Orders, promises, contacts and customers: what cannot be true is set aside or stops, and every row is accounted for."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from study_files import WIDE, write

from cxgap.errors import CxgapError, StudyError
from cxgap.tables.read import read_study

HEAD = "event_id,customer_id,ordered_at,promised_first,delivered_at,cancelled_at\n"
EVENTS = """E1,C1,2026-03-01T08:00,2026-03-04,2026-03-03T12:30,
E2,C2,2026-03-02T09:00,2026-03-05,2026-03-06T18:00,
E3,C3,2026-03-03T10:00,2026-03-06,,
E4,C4,2026-03-04T11:00,2026-03-07,,2026-03-04T12:00
"""
TIME = {"touchpoint": "Use", "unit": "days", "direction": "lower", "delivered": ["ordered_at", "delivered_at"]}


def beside(study, text: str, name: str = "events", /, **words):
    return study(WIDE, {"t.csv": text}, tables={name: {"file": "t.csv", **words.pop("source", {})}}, **words)


def found(read, name: str = "events") -> list[tuple]:
    rejects = read.rejects[read.rejects["table"] == name]
    return list(rejects[["row", "column", "value", "reason"]].itertuples(index=False, name=None))


def warned(read, name: str = "events") -> dict[str, tuple]:
    return {
        i["check"]: (i["column"], i["rows"], i["row"]) for i in read.issues if i["table"] == name and i["severity"] == "warning"
    }


@pytest.mark.parametrize(
    ("name", "head", "row", "other"),
    [
        ("events", "event_id,customer_id,channel", "E1,C1,Web", "E1,C1,Shop"),
        ("contacts", "contact_id,customer_id,minutes", "K1,C1,3", "K1,C1,4"),
        ("customers", "customer_id,value", "C1,40", "C1,41"),
        ("promises", "event_id,made_at,promised", "E1,2026-03-01T08:00,2026-03-04", "E1,2026-03-01T08:00,2026-03-05"),
        ("standards", "touchpoint,metric,unit,direction,standard", "Use,time,days,lower,3", "Use,time,days,lower,4"),
    ],
)
def test_a_thing_told_twice_is_kept_once_and_told_in_two_ways_not_at_all(study, name, head, row, other):
    """The policy of 5.3: identical, keep the first; differing, keep none."""
    key = row.split(",")[0]
    spare = row.replace(key, "Buy" if name == "standards" else "X9")
    same = beside(study, "\n".join([head, row, spare, f" {row} "]), name)
    assert found(same, name) == [(4, head.split(",")[0], f" {key}", "duplicate")]
    assert same.table_rows[name] == {"read": 3, "left_out": 0, "kept": 2, "rejected": 1}
    apart = beside(study, "\n".join([head, row, spare, other]), name)
    assert [(row, reason) for row, _, _, reason in found(apart, name)] == [
        (2, "conflicting_duplicate"),
        (4, "conflicting_duplicate"),
    ]
    assert len(getattr(apart, name)) == 1


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("events", "event_id,customer_id,touchpoint\nE1,C1,Buy\nE1,C1,Use\n"),
        ("promises", "event_id,made_at,promised\nE1,2026-03-01,2026-03-04\nE1,2026-03-02,2026-03-05\n"),
        (
            "standards",
            "touchpoint,metric,unit,direction,region,standard\nUse,time,days,lower,NA,3\nUse,time,days,lower,007,4\n",
        ),
        (
            "standards",
            "touchpoint,metric,unit,direction,basis\nUse,level,points,higher,survey\nUse,level,points,higher,physical\n",
        ),
        ("events", "event_id,customer_id,channel\n,C1,Web\n,C2,Shop\n"),
        ("managers", "manager_id,touchpoint,item,believed\nM1,Use,1,5\nM1,Use,1,6\n"),
    ],
)
def test_what_differs_in_its_key_is_no_repetition(study, name, text):
    assert not {reason for *_, reason in found(beside(study, text, name), name)} & {"duplicate", "conflicting_duplicate"}


def test_two_regions_that_contradict_each_other_are_both_set_aside_whichever_is_asked_for(study):
    text = "customer_id,region,value\nC1,NA,40\nC1,007,41\nC2,NA,9\n"
    read = beside(study, text, "customers", where={"region": "NA"})
    assert read.customers["customer_id"].tolist() == ["C2"]
    assert read.table_rows["customers"] == {"read": 3, "left_out": 1, "kept": 1, "rejected": 1}


@pytest.mark.parametrize(
    ("old", "new", "rejected"),
    [
        ("2026-03-03T12:30", "2026-02-03T12:30", (2, "delivered_at", "2026-02-03T12:30", "negative_duration")),
        (
            "E1,C1,2026-03-01T08:00,2026-03-04",
            "E1,C1,2026-03-01T08:00,2026-02-04",
            (2, "promised_first", "2026-02-04", "negative_duration"),
        ),
        ("2026-03-04T12:00", "2026-02-04T12:00", (5, "cancelled_at", "2026-02-04T12:00", "negative_duration")),
        ("2026-03-03T12:30", "soon", (2, "delivered_at", "soon", "bad_date")),
        ("2026-03-03T12:30", "1900-01-01T00:00", (2, "delivered_at", "1900-01-01T00:00", "default_date")),
        ("2026-03-03T12:30", "2199-01-01T00:00", (2, "delivered_at", "2199-01-01T00:00", "future_date")),
        ("2026-03-03T12:30", "2026-03-29T02:30", (2, "delivered_at", "2026-03-29T02:30", "nonexistent_time")),
        ("2026-03-01T08:00", "1970-01-01T00:00", (2, "ordered_at", "1970-01-01T00:00", "default_date")),
        (
            "E1,C1,2026-03-01T08:00,2026-03-04",
            "E1,C1,2026-03-01T08:00,9999-12-31",
            (2, "promised_first", "9999-12-31", "default_date"),
        ),
    ],
)
def test_an_order_whose_times_cannot_be_true_is_said_and_never_open(study, old, new, rejected):
    read = beside(study, HEAD + EVENTS.replace(old, new, 1), study={"zone": "Europe/Berlin"}, metrics={"time": TIME})
    assert found(read) == [rejected]
    kept = read.events.set_index("event_id")
    open_ = kept.index[kept["open"].to_numpy(bool)].tolist()
    assert open_ == ["E3"]
    if rejected[1] == "promised_first":
        assert pd.isna(kept.loc["E1", "promised_first"])
    elif rejected[3] != "negative_duration":
        assert "E1" not in kept.index
    assert read.table_rows["events"]["rejected"] == 4 - kept.index.nunique()


def test_a_promise_may_lie_in_the_future_and_a_delivery_not(tmp_path):
    text = HEAD + "E1,C1,2026-03-20T08:00,2099-03-04,,\nE2,C1,2026-03-21T08:00,2026-03-22,2026-03-22T09:00,\n"
    path = write(tmp_path, WIDE, {"t.csv": text}, tables={"events": "t.csv"})
    assert found(read_study(path, today=date(2026, 3, 22))) == []
    assert found(read_study(path, today=date(2026, 3, 21))) == [(3, "delivered_at", "2026-03-22T09:00", "future_date")]
    hidden = read_study(path, as_of="2026-03-21", today=date(2026, 3, 1))
    assert found(hidden) == []  # what came after `as_of` was not known, whenever the file is read
    assert hidden.events["delivered_at"].isna().all()


def test_a_promise_after_the_delivery_was_none_and_is_set_aside(study):
    promises = "event_id,made_at,promised\nE1,2026-03-01T08:00,2026-03-04\nE1,2026-03-03T13:00,2026-03-09\n"
    promises += "E3,2026-03-09T08:00,2026-03-12\n"
    read = study(WIDE, {"e.csv": HEAD + EVENTS, "p.csv": promises}, tables={"events": "e.csv", "promises": "p.csv"})
    assert [(row, column, reason) for row, column, _, reason in found(read, "promises")] == [
        (3, "made_at", "promise_after_delivery")
    ]
    assert read.promises["event_id"].tolist() == ["E1", "E3"]
    assert read.table_rows["promises"] == {"read": 3, "left_out": 0, "kept": 2, "rejected": 1}


def test_a_promise_for_a_day_before_it_was_made_is_refused(study):
    read = beside(
        study, "event_id,made_at,promised\nE1,2026-03-05T08:00,2026-03-04\nE2,2026-03-05T08:00,2026-03-05\n", "promises"
    )
    assert found(read, "promises") == [(2, "promised", "2026-03-04", "negative_duration")]


def test_minutes_below_zero_are_no_length_of_time(study):
    read = beside(study, "contact_id,customer_id,minutes\nK1,C1,-3\nK2,C1,0\n", "contacts")
    assert found(read, "contacts") == [(2, "minutes", "-3", "negative_duration")]
    assert read.contacts["minutes"].fillna(-1).tolist() == [-1, 0]


def test_open_orders_are_used_and_the_late_ones_are_said_to_be_among_them(study):
    assert warned(beside(study, HEAD + EVENTS)) == {"open_events": ("delivered_at", 1, 4)}
    both = EVENTS.replace(
        "E2,C2,2026-03-02T09:00,2026-03-05,2026-03-06T18:00,",
        "E2,C2,2026-03-02T09:00,2026-03-05,2026-03-06T18:00,2026-03-03T10:00",
    )
    assert warned(beside(study, HEAD + both))["cancelled_and_delivered"] == ("cancelled_at", 1, 3)


def test_a_column_of_midnights_beside_clock_times_is_suspected(study):
    """A promise that is written with zeros for a clock ends at the beginning of its day, and not with it."""
    zeros = EVENTS
    for day in range(4, 8):
        zeros = zeros.replace(f",2026-03-0{day},", f",2026-03-0{day} 00:00:00,")
    assert warned(beside(study, HEAD + zeros))["suspected_midnight"] == ("promised_first", 4, 2)
    forms = {"source": {"date_format": ["%Y-%m-%d 00:00:00"]}}
    read = beside(study, HEAD + zeros, **forms)
    assert "suspected_midnight" not in warned(read)
    assert read.events["promised_first"].iloc[0] == pd.Timestamp("2026-03-04T23:59:59.999999Z")


def test_a_deadline_that_is_a_day_makes_no_other_column_suspicious(study):
    """Its moment is the end of the day, which nobody wrote: that orders and deliveries are days too is no surprise."""
    days = "".join(f"E{n},C{n},2026-03-0{n},2026-03-1{n},2026-03-1{n},\n" for n in range(1, 6))
    assert "suspected_midnight" not in warned(beside(study, HEAD + days))


def test_dates_alone_everywhere_are_no_suspicion(study):
    text = "event_id,customer_id,ordered_at,delivered_at\n" + "".join(
        f"E{n},C{n},2026-03-0{n},2026-03-1{n}\n" for n in range(1, 6)
    )
    assert warned(beside(study, text)) == {}


@pytest.mark.parametrize(
    ("name", "column", "cells", "message"),
    [
        (
            "contacts",
            "minutes",
            ["12 min", "3 min", "4 min"],
            r"row 2, column 'minutes': must be numbers alone, and '12 min' has its unit",
        ),
        ("contacts", "minutes", ["12 min", "0.5 h", "4 min"], r"they are in 'h' and 'min', so convert them to one first"),
        ("customers", "value", ["€40", "€ 9", "12"], r"column 'value': must be numbers alone, and '€40' has its unit"),
        ("customers", "value", ["40 EUR", "9 USD", "12 EUR"], r"they are in 'eur' and 'usd', so convert them"),
    ],
)
def test_numbers_with_their_unit_in_the_cell_stop_with_the_fix(study, name, column, cells, message):
    key = {"contacts": "contact_id,customer_id", "customers": "customer_id"}[name]
    ids = {"contacts": "K{0},C{0}", "customers": "C{0}"}[name]
    text = f"{key},{column}\n" + "".join(f"{ids.format(n)},{cell}\n" for n, cell in enumerate(cells))
    with pytest.raises(StudyError, match=message):
        beside(study, text, name)


def test_one_number_among_many_with_its_unit_is_one_bad_cell(study):
    text = "contact_id,customer_id,minutes\n" + "".join(f"K{n},C{n},{n}\n" for n in range(9)) + "K9,C9,4 min\n"
    assert found(beside(study, text, "contacts"), "contacts") == [(11, "minutes", "4 min", "not_a_number")]


def test_numbers_of_a_metric_must_be_of_one_unit_and_one_currency(study):
    text = "event_id,customer_id,took,took_unit\nE1,C1,2,days\nE2,C2,48,hours\n"
    metric = {"metrics": {"time": {**TIME, "delivered": "took"}}}
    with pytest.raises(
        StudyError,
        match=r"row 3, column 'took_unit': the numbers of 'took' must be in one unit.*'hours' stands here and 'days' in row 2",
    ):
        beside(study, text, **metric)
    assert "unit_mix" not in warned(beside(study, text.replace("hours", "Days"), **metric))
    money = "customer_id,value,currency\nC1,40,EUR\nC2,9,USD\nC3,7,EUR\n"
    assert warned(beside(study, money, "customers"), "customers") == {"currency_mix": ("currency", 1, 3)}


def test_ids_that_a_spreadsheet_rounded_stop(study):
    with pytest.raises(StudyError, match=r"row 2, column 'event_id': an id must be as it was given"):
        beside(study, "event_id,customer_id\n1.23E+17,C1\nE2,C2\n")


def test_a_table_appended_to_itself_stops(study):
    with pytest.raises(StudyError, match=r"row 6: a row must stand once"):
        beside(study, HEAD + EVENTS + EVENTS)


def test_too_many_rows_that_cannot_be_true_stop_and_a_few_do_not(study):
    bad = "".join(f"E{n},C{n},2026-03-01T08:00,,soon,\n" for n in range(10, 20))
    good = "".join(f"E{n},C{n},2026-03-01T08:00,,2026-03-02T08:00,\n" for n in range(20, 120))
    with pytest.raises(
        StudyError, match=r"10 of 110 rows have what cannot be true, and `max_rejected` is 5.0%; most often bad_date"
    ):
        beside(study, HEAD + bad + good, study={"max_rejected": 0.05})
    few = bad.replace("soon", "2026-03-02T08:00", 1)
    assert beside(study, HEAD + few + good, study={"max_rejected": 0.05}).table_rows["events"]["rejected"] == 9


def test_the_record_says_what_became_of_the_rows_of_each_table(study):
    read = beside(study, HEAD + EVENTS + "E5,C5\n" + EVENTS.splitlines()[0] + "\n")
    (events,) = [table for table in read.record()["tables"] if table["table"] == "events"]
    assert {name: events[name] for name in ("rows", "read", "left_out", "kept", "rejected")} == {
        "rows": 6, "read": 6, "left_out": 0, "kept": 4, "rejected": 2,
    }  # fmt: skip


CELLS = [
    "",
    "E1",
    "E2",
    "C1",
    "2026-03-02",
    "2026-03-02T10:00",
    "2026-03-02T10:00Z",
    "1900-01-01",
    "2199-01-01",
    "x",
    "03/04/2026",
    "46083",
]


# Few examples, for each writes and reads whole files.
@settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.lists(st.sampled_from(CELLS), min_size=5, max_size=6), min_size=1, max_size=8),
    as_of=st.sampled_from(["", "2026-03-02"]),
    metric=st.booleans(),
)
def test_every_row_of_a_table_is_kept_left_out_or_rejected(tmp_path, rows, as_of, metric):
    text = HEAD + "\n".join(map(",".join, rows)) + "\n"
    path = write(tmp_path, WIDE, {"t.csv": text}, tables={"events": "t.csv"}, **({"metrics": {"time": TIME}} if metric else {}))
    try:
        read = read_study(path, as_of=as_of)
    except CxgapError:
        return
    counts = read.table_rows["events"]
    assert counts["read"] == counts["left_out"] + counts["kept"] + counts["rejected"]
    assert counts["kept"] == len(read.events)
