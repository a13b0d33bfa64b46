"""A table of orders in the shape of the public Olist set is read by renaming its columns, and joined to the survey."""

from __future__ import annotations

import pandas as pd
import pytest
from study_files import WIDE

import cxgap as cx

# Written for this test; nothing of the public set is in it. The fifth order is open, the sixth cancelled, the last unreadable.
NAMES = """order_id customer_id order_status order_purchase_timestamp order_approved_at order_delivered_carrier_date
order_delivered_customer_date order_estimated_delivery_date"""
ORDERS = (
    ",".join(NAMES.split())
    + """
o1,c1,delivered,2026-02-02 10:56:33,2026-02-02 11:07:15,2026-02-04 19:55:00,2026-02-10 21:25:13,2026-02-18 00:00:00
o2,c2,delivered,2026-02-24 20:41:37,2026-02-26 03:24:27,2026-02-26 14:31:00,2026-03-07 15:27:45,2026-03-03 00:00:00
o3,c3,delivered,2026-02-08 08:38:49,2026-02-08 08:55:23,2026-02-08 13:50:00,2026-02-17 18:06:29,2026-02-17 00:00:00
o4,c1,delivered,2026-02-18 19:28:06,2026-02-18 19:45:59,2026-02-22 13:39:59,2026-02-28 00:28:42,2026-03-15 00:00:00
o5,c4,shipped,2026-02-13 21:18:39,2026-02-13 22:20:29,2026-02-14 19:46:34,,2026-02-26 00:00:00
o6,c5,canceled,2026-02-09 21:57:05,2026-02-09 22:10:13,,,2026-02-20 00:00:00
o7,c6,delivered,2026-02-11 12:01:02,2026-02-11 12:30:00,2026-02-12 09:00:00,unknown,2026-02-21 00:00:00
"""
)
ROLES = {
    "order_id": "event_id",
    "order_status": "status",
    "order_purchase_timestamp": "ordered_at",
    "order_delivered_customer_date": "delivered_at",
    "order_estimated_delivery_date": "promised_first",
}
DAYS = ["%Y-%m-%d 00:00:00", "%Y-%m-%d %H:%M:%S"]
METRIC = {
    "touchpoint": "Use",
    "unit": "days",
    "direction": "lower",
    "delivered": ["ordered_at", "delivered_at"],
    "promised": ["ordered_at", "promised_first"],
}
SURVEY = WIDE.replace("region", "customer_id")
for who, place in (("c1", "NA"), ("c2", "007"), ("c3", "north"), ("c4", "NA"), ("c9", "007"), ("", "north")):
    SURVEY = SURVEY.replace(place, who, 1)


def orders(study, text: str = ORDERS, /, source: dict | None = None, **sections):
    table = {"file": "orders.csv", "rename": ROLES, **(source or {})}
    return study(SURVEY, {"orders.csv": text}, tables={"events": table}, **sections)


def test_renaming_the_columns_is_enough(study):
    read = orders(study)
    events = read.events.set_index("event_id")
    assert list(events.index) == ["o1", "o2", "o3", "o4", "o5", "o6"]
    assert events.loc["o1", "delivered_at"] == pd.Timestamp("2026-02-10T21:25:13Z")
    assert read.table_rows["events"] == {"read": 7, "left_out": 0, "kept": 6, "rejected": 1}
    (reject,) = read.rejects.itertuples()
    assert (reject.row, reject.column, reject.value, reject.reason) == (8, "delivered_at", "unknown", "bad_date")


def test_estimated_days_at_midnight_are_suspected_and_may_be_declared_as_days(study):
    """Order 3 came at 18:06 of the day that it was promised for: kept if a day ends with it, late if where it begins."""
    midnight, days = orders(study), orders(study, source={"date_format": DAYS})
    said = [[issue["column"] for issue in read.issues if issue["check"] == "suspected_midnight"] for read in (midnight, days)]
    assert said == [["promised_first"], []]
    late = [(read.events["delivered_at"] > read.events["promised_first"]).tolist() for read in (midnight, days)]
    assert late == [[False, True, True, False, False, False], [False, True, False, False, False, False]]


def test_the_open_order_is_open_and_the_cancelled_is_none(study):
    read = orders(study, source={"date_format": DAYS}, metrics={"delivery time": METRIC})
    events = read.events.set_index("event_id")
    assert events.index[events["open"]].tolist() == ["o5"]
    assert events.index[events["cancelled"]].tolist() == ["o6"]
    assert events.loc["o1", "delivered"] == pytest.approx(8 + (10 * 3600 + 28 * 60 + 40) / 86400)


def test_promises_are_counted_from_it_as_they_stand(study):
    """By hand: of six promises one was cancelled and one is open after its day; of three customers served, one was late."""
    read = orders(study, source={"date_format": DAYS}, as_of="2026-03-10", metrics={"delivery time": METRIC})
    (row,) = cx.communication_gap(read.events, by=[], as_of="2026-03-10").frame.itertuples()
    assert (row.promises, row.open, row.overdue, row.cancelled) == (6, 1, 1, 1)
    assert row.late_closed == pytest.approx(1 / 3)


def test_what_stands_between_may_be_measured_too(study):
    told = {**METRIC, "delivered": ["order_approved_at", "order_delivered_carrier_date"], "promised": None}
    read = orders(study, metrics={"handed over": {key: value for key, value in told.items() if value}})
    assert read.events.set_index("event_id").loc["o2", "delivered"] == pytest.approx((11 * 3600 + 6 * 60 + 33) / 86400)


def test_the_survey_finds_the_latest_order_before_each_answer(study):
    link = {
        "to": "events",
        "key": "customer_id",
        "rule": "latest_before",
        "at": "delivered_at",
        "columns": ["event_id", "status"],
    }
    read = orders(study, **{"links.order": link})
    found = read.responses.drop_duplicates("respondent_id")["event_id"].astype(object).fillna("").tolist()
    assert found == ["o4", "", "o3", "", "", ""]  # c1 has two; that of c2 came later; that of c4 not yet
    (told,) = read.links.to_dict("records")
    assert [told[name] for name in ("rows", "matched", "multiple", "unmatched", "blank")] == [6, 2, 1, 3, 1]
