"""The message audit against shares counted by hand, published curves, and the laws that no ledger may break."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from conftest import ENGINES
from pandas.testing import assert_frame_equal

import cxgap as cx
from cxgap.errors import ArgumentError, ColumnError
from cxgap.stats.proportions import wilson
from cxgap.tables.absent import Absent
from tests.spans import spans

DAYS = (2, 3, 3, 4, 4, 5, 5, 6, 7, 9)
START = pd.Timestamp("2025-03-03T12:00:00Z")
COLUMNS = ["message_id", "touchpoint", "channel", "metric", "level", "unit"]
METRICS = pd.DataFrame(
    {"metric": ["delivery time"], "touchpoint": ["Receive"], "unit": ["days"], "direction": ["lower"], "table": ["events"]}
)
NUMBERS = ["level", "other_level", "spread", "attainment", "attainment_low", "attainment_high", "attainment_gap", "keepable"]


def orders(days: object = DAYS, **columns: object) -> pd.DataFrame:
    frame = pd.DataFrame({"delivered": np.asarray(days, float)})
    base = {"touchpoint": "Receive", "metric": "delivery time", "unit": "days", "direction": "lower", "open": False}
    names = [f"E{row}" for row in range(len(frame))]
    frame = frame.assign(event_id=names, customer_id=[f"C{row}" for row in range(len(frame))], **base)
    frame = frame.assign(ordered_at=pd.Series([START] * len(frame)).dt.as_unit("us"), cancelled=False)
    return frame.assign(**columns)


def said(*rows: tuple[object, ...], **columns: object) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=COLUMNS)
    times = {"valid_from": "2025-01-01", "valid_to": None, "reviewed": "2025-02-01"}
    frame = frame.assign(**{name: pd.to_datetime(pd.Series([value] * len(rows)), utc=True) for name, value in times.items()})
    frame = frame.assign(owner="Ann", **columns)
    return frame.assign(**{name: pd.to_datetime(frame[name], utc=True).dt.as_unit("us") for name in times})


def days(level: float, channel: str = "Web", number: int = 1, unit: str = "days") -> tuple[object, ...]:
    return (f"M{number}", "Receive", channel, "delivery time", level, unit)


def kinds(table: cx.Table) -> list[str]:
    return table.frame["kind"].tolist()


@pytest.fixture(scope="module")
def ledger() -> pd.DataFrame:
    """Three days on the page, five on the phone (in hours), nothing that can be kept in the shop, and ten in the past."""
    rows = (days(3), days(120, "Phone", 2, "hours"), ("M3", "Pay", "Shop", None, np.nan, None), days(10, "Web", 4))
    frame = said(*rows, reliability=[0.5, np.nan, np.nan, 0.5], exposed=[200.0, 50.0, np.nan, np.nan])
    frame.loc[3, "valid_to"] = pd.Timestamp("2025-02-20", tz="UTC")
    frame.loc[2, "owner"] = None
    return frame


# Numbers


@pytest.mark.parametrize("engine", ENGINES)
def test_ten_orders_counted_by_hand(engine, ledger):
    """Arithmetic: of 2 3 3 4 4 5 5 6 7 9 days three are at most 3, seven at most 5; four lie between. Wilson (1927)."""
    to = ENGINES[engine]
    touchpoints = pd.DataFrame({"touchpoint": ["Receive", "Pay", "Return"], "owner": ["Ben", "Eve", "Kim"]})
    table = cx.message_audit(to(ledger), to(orders()), metrics=METRICS, touchpoints=to(touchpoints), as_of="2025-03-31")
    found = table.frame[table.frame["now"]].set_index(["kind", "message_id"]).sort_index()
    web, phone = found.loc[("cannot tell", "M1")], found.loc[("cannot keep", "M2")]
    low, high = wilson([3, 7], [10, 10], conf_level=0.95)
    assert [web["attainment"], web["attainment_low"], web["attainment_high"]] == pytest.approx([0.3, low[0], high[0]])
    assert web["over_promise"] == pytest.approx(0.2)
    assert (phone["attainment"], phone["reliability"]) == (pytest.approx(0.7), 0.95)
    assert phone["over_promise_low"] == pytest.approx(0.95 - high[1])
    assert phone["told_wrong"] == pytest.approx(50 * 0.25)
    conflict = found.loc[("conflict", "M1")]
    assert conflict[["level", "other_level", "spread", "attainment_gap"]].tolist() == pytest.approx([3, 5, 2, 0.4])
    assert (conflict["other_message_id"], conflict["customers"], conflict["exposed"]) == ("M2", 10, 50)
    assert conflict["days"] == pytest.approx(90, abs=1e-3)  # of January, February and March
    assert conflict["told_wrong"] == pytest.approx(50 * 0.4)
    assert found.loc[("hole", ""), "owner"] == "Kim"
    assert found.loc[("no owner", "M3"), "owner"] == "Eve"  # who answers for the touchpoint
    assert found.loc[("no level", "M3"), "touchpoint"] == "Pay"
    assert not table.frame.set_index("message_id").loc["M4", "now"].any()
    assert table.frame["order"].dropna().tolist() == [1, 2, 3, 4, 5]
    assert "customer_id" not in str(table.record())


def test_an_open_order_is_neither_left_out_nor_kept():
    """Freireich (1963) as Gehan (1965): R survfit S(10) = 0.7529, se 0.0963, at 21 patients; open ones are watched so far."""
    time = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
    still = [0, 0, 0, 1, 0, 1, 0, 1, 1, 0, 0, 1, 1, 1, 0, 0, 1, 1, 1, 1, 1]
    frame = orders(time, open=np.array(still, bool))
    row = cx.message_audit(said(days(10)), frame).frame.iloc[0]
    assert row["attainment"] == pytest.approx(1 - 0.7529, abs=5e-5)
    half = 1.959964 * 0.0963 / (0.7529 * abs(np.log(0.7529)))
    log = np.log(-np.log(0.7529))
    ends = [1 - np.exp(-np.exp(log - half)), 1 - np.exp(-np.exp(log + half))]
    assert [row["attainment_low"], row["attainment_high"]] == pytest.approx(ends, abs=3e-2)  # small-sample factor of customers
    assert row["attainment_low"] < 0.2471 < row["attainment_high"]


def test_times_give_the_same_as_numbers_and_dates_the_end_of_the_day():
    """A parcel of 3.4 days that left at noon came on the third date or on the fourth; elapsed it broke three days."""
    base = orders([2.4, 3.4, 3.6, 2.9] * 5)
    timed = base.drop(columns=["delivered", "open", "cancelled", "unit", "direction", "metric", "touchpoint"]).assign(
        delivered_at=(base["ordered_at"] + spans(base["delivered"])).dt.as_unit("us")
    )
    elapsed = [cx.message_audit(said(days(3)), frame, metrics=METRICS).frame.iloc[0] for frame in (base, timed)]
    assert [row["attainment"] for row in elapsed] == [0.5, 0.5]
    both = base.assign(delivered_at=timed["delivered_at"])
    for frame in (both, timed):
        row = cx.message_audit(said(days(3)), frame, metrics=METRICS, days="calendar").frame.iloc[0]
        assert row["attainment"] == 0.75  # noon and 3.4 days is 21:36 on the third date, 3.6 days the fourth
        row = cx.message_audit(said(days(72, unit="hours")), frame, metrics=METRICS, days="calendar").frame.iloc[0]
        assert row["attainment"] == 0.5  # 72 hours are no three dates
        assert row["kind"] == "cannot keep"


def test_a_level_that_would_be_kept_is_the_first_whole_one_that_the_interval_says_is_kept():
    """Of 400 orders 20 each last 1 to 20 days: Wilson's lower end reaches 0.9 with 373 of 400 or more, so at 19 days."""
    table = cx.message_audit(said(days(5), reliability=[0.9]), orders(np.repeat(np.arange(1, 21), 20)))
    row = table.frame.iloc[0]
    assert (row["kind"], row["keepable"]) == ("cannot keep", 19)
    assert wilson([380], [400], conf_level=0.95)[0][0] >= 0.9 > wilson([360], [400], conf_level=0.95)[0][0]
    assert row["action"] == "say 19 days, or keep 5 days"


def test_a_share_that_is_promised_is_held_against_the_share_of_events():
    ones = orders(np.r_[np.ones(80), np.zeros(20)], unit="share", direction="higher", metric="on time")
    row = cx.message_audit(said(("M1", "Receive", "Web", "on time", 0.95, "share")), ones).frame.iloc[0]
    assert (row["kind"], row["attainment"]) == ("cannot keep", pytest.approx(0.8))
    assert (row["reliability"], row["over_promise"]) == pytest.approx((0.95, 0.15))
    halves = ones.assign(delivered=0.5)
    row = cx.message_audit(said(("M1", "Receive", "Web", "on time", 0.95, "share")), halves).frame.iloc[0]
    assert (row["kind"], row["why"]) == ("not measured", "the metric is a share of each event, not of events")


def test_several_orders_of_a_customer_are_not_independent():
    once = cx.message_audit(said(days(4)), orders(np.tile(DAYS, 4))).frame.iloc[0]
    several = orders(np.tile(DAYS, 4), customer_id=np.tile([f"C{row}" for row in range(10)], 4))
    row = cx.message_audit(said(days(4)), several).frame.iloc[0]
    assert row["attainment"] == once["attainment"] == 0.5
    assert row["attainment_high"] - row["attainment_low"] > 1.5 * (once["attainment_high"] - once["attainment_low"])
    assert (row["customers"], row["events"]) == (10, 40)


# What a ledger says


def test_conflicts_need_customers_days_and_levels_in_common():
    north, south = days(3), days(5, "Phone", 2)
    frame = said(north, south, region=["N", "S"])
    assert "conflict" not in kinds(cx.message_audit(frame, context="region"))
    for region in (["N", None], [None, None], ["N", "N"], ["", "S"]):
        assert kinds(cx.message_audit(frame.assign(region=region), context="region")).count("conflict") == 1
    same = said(days(2), days(48, "Phone", 2, "hours"))
    assert "conflict" not in kinds(cx.message_audit(same, metrics=METRICS))
    apart = said(north, south, valid_to=pd.to_datetime(["2025-02-01", None], utc=True))
    apart.loc[1, "valid_from"] = pd.Timestamp("2025-02-01T12:00Z")
    assert "conflict" not in kinds(cx.message_audit(apart))
    apart.loc[1, "valid_from"] = pd.Timestamp("2025-01-31T00:00Z")
    row = cx.message_audit(apart).frame.query("kind == 'conflict'").iloc[0]
    assert (row["days"], row["now"]) == (1, False)
    assert "conflict" not in kinds(cx.message_audit(said(north, south), tolerance=2))


def test_the_better_side_says_which_level_is_the_stricter():
    more = METRICS.assign(direction="higher", unit="Mbps")
    frame = said(days(50, unit="Mbps"), days(100, "Phone", 2, "Mbps"))
    row = cx.message_audit(frame, metrics=more).frame.query("kind == 'conflict'").iloc[0]
    assert (row["level"], row["other_level"], row["message_id"]) == (100, 50, "M2")


def test_levels_in_other_units_are_compared_where_nobody_declares_the_metric():
    """Arithmetic: 48 hours are 2 days, 72 hours are 1 day more; a distance is no time."""
    assert "conflict" not in kinds(cx.message_audit(said(days(2), days(48, "Phone", 2, "hours"))))
    three = said(days(2), days(72, "Phone", 2, "hours"), days(2, "Shop", 3, "km"))
    for frame in (three, three[::-1]):
        row = cx.message_audit(frame).frame.query("kind == 'conflict'")
        assert row[["level", "other_level", "spread", "unit"]].to_numpy().tolist() == [[2, 3, 1, "days"]]


def test_what_events_leave_out_of_a_metric_is_as_it_was_declared():
    """Of ten orders in days seven come within 120 hours, not all ten within 120."""
    bare = orders().drop(columns=["unit", "direction"])
    row = cx.message_audit(said(days(120, unit="hours")), bare, metrics=METRICS).frame.iloc[0]
    assert (row["attainment"], row["direction"]) == (pytest.approx(0.7), "lower")


def test_times_without_an_offset_are_of_the_zone_in_messages_too():
    """Said on one evening in New York, 18:00 to midnight; an order at 23:30 there is within."""
    frame = said(days(3)).assign(valid_from=pd.Timestamp("2025-03-03 18:00"), valid_to=pd.Timestamp("2025-03-04 00:00"))
    late = orders(ordered_at=pd.Timestamp("2025-03-03 23:30"))
    for zone in ("UTC", "America/New_York", "Asia/Tokyo"):
        found = cx.message_audit(frame, late, zone=zone, as_of="2025-03-31").frame.set_index("kind")
        assert found.loc["cannot keep", "events"] == 10
        assert found.loc["stale", "days"] == pytest.approx(28, abs=1 / 20)  # an hour less where clocks went forward


def test_a_share_above_one_is_no_claim():
    ones = orders(np.r_[np.ones(80), np.zeros(20)], unit="share", direction="higher", metric="on time")
    row = cx.message_audit(said(("M1", "Receive", "Web", "on time", 95.0, "share")), ones).frame.iloc[0]
    assert (row["kind"], row["why"]) == ("not measured", "a share lies between 0 and 1, and it says 95")


def test_a_message_that_ends_before_it_begins_says_so():
    frame = said(days(3), days(3, number=2)).assign(valid_from=pd.Timestamp("2025-03-02", tz="UTC").as_unit("us"))
    frame["valid_to"] = pd.to_datetime(["2025-03-01", "2025-03-02"], utc=True).as_unit("us")
    found = cx.message_audit(frame, orders()).frame
    claim = found[found["kind"] == "not measured"]
    assert claim["why"].tolist() == ["it ends no later than it begins"] * 2
    assert not found.loc[found["message_id"] != "", "now"].any()


def test_customers_a_day_are_counted_from_the_first_day_on_record():
    """A message of 2005 met the 300 customers of these 30 days in 30 days, not in twenty years."""
    frame = orders(np.tile(DAYS, 30))
    frame["ordered_at"] = (START + spans(np.arange(300) % 30)).astype("datetime64[us, UTC]")
    old = said(days(3)).assign(valid_from=pd.Series(pd.to_datetime(["2005-01-01"], utc=True)).dt.as_unit("us"))
    row = cx.message_audit(old, frame).frame.iloc[0]
    assert row["reach"] == pytest.approx(300 / 29)


def test_what_is_not_measured_says_why():
    rows = [days(3), (*days(3)[:3], None, 3, "days"), days(3, unit="km"), (*days(3)[:3], "refund", 3, "days")]
    frame = said(*[(f"M{number}", *row[1:]) for number, row in enumerate(rows)], region=["N", "", "", ""])
    found = cx.message_audit(frame, orders(), metrics=METRICS, context="region").frame.query("kind == 'not measured'")
    assert dict(zip(found["message_id"], found["why"], strict=True)) == {
        "M0": "events do not say their region",
        "M1": "the message names no metric",
        "M2": "it speaks of km, its metric is in days",
        "M3": "no event measures it",
    }
    nothing = cx.message_audit(said(days(3)), Absent("events"))
    assert kinds(nothing) == ["not measured"]
    assert "the study has no table 'events'" in " ".join(nothing.notes)
    early = orders(ordered_at=pd.Timestamp("2024-06-01", tz="UTC"))
    row = cx.message_audit(said(days(3)), early).frame.query("kind == 'not measured'").iloc[0]
    assert row["why"] == "no event of its context began while it was said"


def test_an_ended_message_is_stale_unless_another_stands_in_its_place():
    frame = said(days(3), days(4, number=2), days(3, "Phone", 3), region=["N", "", "N"])
    frame["valid_to"] = pd.to_datetime(["2025-02-01", None, "2025-02-01"], utc=True).as_unit("us")
    frame["reviewed"] = pd.to_datetime(["2025-01-01", "2023-01-01", "2025-01-01"], utc=True).as_unit("us")
    found = cx.message_audit(frame, context="region", as_of="2025-03-01").frame.query("kind == 'stale'")
    assert found["message_id"].tolist() == ["M2", "M3"]
    assert found["days"].tolist() == pytest.approx([791, 29], abs=0.01)
    assert "stale" not in kinds(cx.message_audit(frame[1:2], context="region", as_of="2025-03-01", stale_days=800))


def test_hard_words_are_listed_only_where_so_few_of_them_tell():
    hard = "Notwithstanding customarily unforeseeable meteorological circumstances consignments arrive immediately thereafter."
    frame = said(days(3), days(3, "Phone", 2), wording=[hard, "Delivered within three working days."])
    found = cx.message_audit(frame).frame.query("kind == 'hard to read'")
    assert found["message_id"].tolist() == ["M1"]
    assert found.iloc[0][["words", "lix"]].tolist() == pytest.approx([9, 9 + 100 * 8 / 9])


def test_few_customers_are_not_told_of():
    table = cx.message_audit(said(days(3), days(5, "Phone", 2)), orders(), min_n=11)
    hidden = table.frame[table.frame["flags"] == "SUPPRESSED_PRIVACY"]
    assert len(hidden) == 3
    assert hidden[["attainment", "attainment_gap", "customers", "events", "told_wrong"]].isna().all().all()
    assert not hidden["kind"].isin(["cannot keep", "kept"]).any()


def test_a_hidden_region_is_not_told_by_subtraction():
    frame = orders(np.tile(DAYS, 6), region=np.r_[np.repeat("N", 57), np.repeat("S", 3)])
    frame.loc[50:56, "region"] = "W"
    rows = [days(3, f"C{number}", number) for number in range(4)]
    table = cx.message_audit(said(*rows, region=["", "N", "S", "W"]), frame, context="region", min_n=5)
    flags = table.frame.set_index("region")["flags"]
    assert flags["S"] == "SUPPRESSED_PRIVACY"
    assert (flags == "SUPPRESSED_SECONDARY").sum() >= 1


# Laws


def test_order_of_rows_and_further_messages_do_not_matter(ledger):
    table = cx.message_audit(ledger, orders(), metrics=METRICS)
    moved = cx.message_audit(ledger[::-1], orders()[::-1], metrics=METRICS)
    assert_frame_equal(moved.frame, table.frame, check_exact=False, rtol=1e-12)
    more = pd.concat([ledger, said(("M9", "Pay", "Web", "refund", 7.0, "days"))])
    row = cx.message_audit(more, orders(), metrics=METRICS).frame.query("message_id == 'M1' and other_message_id == ''")
    assert_frame_equal(
        row[NUMBERS].reset_index(drop=True),
        table.frame.query("message_id == 'M1' and other_message_id == ''")[NUMBERS].reset_index(drop=True),
    )


def test_nothing_to_audit_says_why():
    assert "the study has no table 'messages'" in cx.message_audit(Absent("messages")).missing
    assert "no messages here" in cx.message_audit(said(days(3))[:0]).missing
    assert cx.message_audit(said(days(3))[["message_id", "touchpoint", "channel"]]).frame["kind"].tolist() == ["no level"]
    blank = orders().assign(delivered=np.nan)
    assert cx.message_audit(said(days(3)), blank).frame["attainment"].isna().all()
    assert cx.message_audit(said(days(3)), orders()[:1]).frame["attainment_low"].isna().all()
    assert kinds(cx.message_audit(said(days(3)), orders([np.inf] * 10))) == ["cannot tell"]


@pytest.mark.parametrize(
    ("change", "options", "error", "text"),
    [
        ({}, {"context": "region"}, ColumnError, "must have a column 'region'"),
        ({}, {"context": "level"}, ArgumentError, "say for whom"),
        ({}, {"reliability": 95}, ArgumentError, "between 0 and 1"),
        ({}, {"tolerance": -1}, ArgumentError, "above 0"),
        ({}, {"days": "working"}, ArgumentError, "days"),
        ({"level": "three"}, {}, ArgumentError, "must hold numbers in 'level'"),
        ({"reliability": 95.0}, {}, ArgumentError, "shares above 0 and at most 1"),
        ({"message_id": ["M1", "M1"]}, {}, ArgumentError, "one row a message"),
    ],
)
def test_misuse_says_what_to_type(change, options, error, text):
    with pytest.raises(error, match=text):
        cx.message_audit(said(days(3), days(5, "Phone", 2)).assign(**change), **options)


# Statistics


@pytest.mark.slow
def test_a_promise_kept_exactly_as_often_as_stated_is_seldom_called_broken():
    """Simulated: with an interval of 95 %, at most about 2.5 % of such promises may be called so; customers have several."""
    random, level, broken, held = np.random.default_rng(5), 6.0, 0, 0
    for _ in range(300):
        customer = random.integers(0, 200, 400)
        own = random.normal(0, 0.3, 200)
        lead = np.exp(np.log(4) + own[customer] + random.normal(0, 0.3, 400))
        begun = random.uniform(0, 60, 400)
        still = begun + lead > 62
        frame = orders(np.where(still, 62 - begun, lead), open=still, customer_id=[f"C{each}" for each in customer])
        truth = float(0.5 * (1 + __import__("math").erf(np.log(level / 4) / np.sqrt(2 * 0.18))))
        row = cx.message_audit(said(days(level), reliability=[truth]), frame).frame.iloc[0]
        broken += row["kind"] == "cannot keep"
        held += row["attainment_low"] <= truth <= row["attainment_high"]
    assert broken <= 15
    assert held >= 275


@pytest.mark.slow
def test_spark_gives_the_same(spark, ledger):
    table = cx.message_audit(ledger, orders(), metrics=METRICS)
    away = cx.message_audit(spark(ledger), spark(orders()), metrics=METRICS)
    assert_frame_equal(away.frame, table.frame, check_exact=False, rtol=1e-9)
