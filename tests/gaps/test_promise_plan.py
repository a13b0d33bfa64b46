"""Promises that can be kept, against published curves, arithmetic and what was drawn."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from conftest import ENGINES
from pandas.testing import assert_frame_equal
from promised_orders import DAY, city_requests, shop_orders
from samples import sample

import cxgap as cx
from cxgap.errors import ArgumentError, ColumnError
from cxgap.stats.survival import FULFILLED, OPEN, count_times, kaplan_meier, quantile
from cxgap.tables.absent import Absent

# Weeks in remission with 6-MP (Gehan, 1965, Biometrika 52, 203-223); a plus is still in remission.
GEHAN = "6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+".split()
END = pd.Timestamp("2026-03-31 23:59", tz="Europe/Berlin")


def leads(texts: list[str]) -> pd.DataFrame:
    return pd.DataFrame(
        {"delivered": [float(text.rstrip("+")) for text in texts], "open": [text.endswith("+") for text in texts]}
    )


def plans(table: cx.Table) -> pd.DataFrame:
    return table.frame[table.frame["kind"] == "plan"].set_index("reliability")


def curve(table: cx.Table) -> pd.Series:
    return table.frame[table.frame["kind"] == "curve"].set_index("length")


def drawn(size: int, days: float, seed: int, each: int = 1) -> tuple[pd.DataFrame, pd.Timestamp]:
    """Orders over `days` days, of which each customer has `each`; the time to delivery is lognormal, median 4.5, sigma 0.55."""
    rng = np.random.default_rng(seed)
    start = pd.Timestamp("2026-01-01", tz="UTC")
    end = start + pd.Timedelta(days, unit="D")
    customer = np.arange(size) // each
    own = rng.normal(0, 0.35 if each > 1 else 0, size)[customer]
    ordered = start + pd.to_timedelta(rng.uniform(0, days, size), unit="D")
    spread = np.sqrt(0.55**2 - (0.35**2 if each > 1 else 0))
    done = ordered + pd.to_timedelta(np.exp(np.log(4.5) + own + rng.normal(0, spread, size)), unit="D")
    frame = pd.DataFrame(
        {"ordered_at": ordered, "customer_id": customer.astype(str), "delivered_at": pd.Series(done).where(done <= end)}
    )
    return frame.assign(promised_first=ordered + 5 * DAY), end


def test_the_curve_is_that_of_kaplan_and_meier():
    """R: survfit(Surv(time, cens) ~ treat, gehan, conf.type = "log-log"): S(10) .753 [.503, .889], S(23) .448, median 23."""
    thrice = pd.concat([leads(GEHAN)] * 3)  # so that enough were followed; shares stay
    table = cx.promise_plan(thrice, unit="weeks", step=0, reliability=(0.2, 0.5))
    found, told = plans(table), curve(table)
    assert told.loc[10, "kept"] == pytest.approx(1 - 0.752941, abs=1e-6)
    assert told.loc[23, "kept"] == pytest.approx(1 - 0.448179, abs=1e-6)
    assert found.loc[0.5, "shortest"] == 23
    assert found.loc[0.2, "shortest"] == 10  # .81 after 7 weeks, .75 after 10
    own = kaplan_meier(count_times(thrice["delivered"].to_numpy(), np.where(thrice["open"], OPEN, FULFILLED)))
    assert tuple(found.loc[0.2, ["shortest", "shortest_low", "shortest_high"]]) == quantile(own, 0.2, conf_level=0.95)
    assert found.loc[0.5, "closed_only"] == 10  # of nine who relapsed
    # Customers who are the units add a factor of 21/20 to the variance.
    single = curve(cx.promise_plan(leads(GEHAN), unit="weeks", step=0))
    assert single.loc[10, ["kept_low", "kept_high"]].tolist() == pytest.approx([1 - 0.889362, 1 - 0.503165], abs=0.01)


def test_shares_are_of_those_not_cancelled_and_of_all():
    """Methods, O-6.2c: of ten, delivered .1, .2, .316667, .433333, .608333 by 1, 2, 4, 6, 8; cancelled .216667 from 5."""
    times, state = [1, 2, 2, 3, 4, 5, 6, 7, 8, 9], [1, 1, 2, 0, 1, 2, 1, 0, 1, 0]
    frame = pd.DataFrame({"delivered": np.array(times, float), "open": np.array(state) == 0, "cancelled": np.array(state) == 2})
    many = pd.concat([frame] * 10)
    table = cx.promise_plan(many, step=1, reliability=0.5)
    told = curve(table)
    assert told.loc[[1, 2, 4, 6, 8], "kept_all"].tolist() == pytest.approx([0.1, 0.2, 0.3166667, 0.4333333, 0.6083333])
    assert told["cancelled_share"].iloc[0] == pytest.approx(0.2166667)
    assert told.loc[8, "kept"] == pytest.approx(0.6083333 / (1 - 0.2166667))  # who is open at the end will come, at some time
    assert (told["n"].iloc[0], told["cancelled"].iloc[0], told["open"].iloc[0]) == (80, 20, 30)


def test_days_are_those_of_the_calendar_and_a_promise_holds_to_the_end_of_its_day():
    """Ordered on 28 March at 23:30 in Berlin; clocks go forward on the 29th, so that a day of 23 hours lies between."""
    ordered = pd.Timestamp("2026-03-28 23:30", tz="Europe/Berlin")
    ends = ["2026-03-28 23:45", "2026-03-29 00:10", "2026-03-29 23:55", "2026-03-30 23:58", "2026-03-31 00:01"]
    frame = pd.DataFrame({"ordered_at": ordered, "delivered_at": [pd.Timestamp(end, tz="Europe/Berlin") for end in ends]})
    found = curve(cx.promise_plan(frame, zone="Europe/Berlin", reliability=0.8))
    assert found["kept"].to_dict() == pytest.approx({0: 0.2, 1: 0.6, 2: 0.8, 3: 1.0})
    assert found["late_units"].to_dict() == pytest.approx({0: 1.4, 1: 0.6, 2: 0.2, 3: 0})
    dates = frame.assign(
        ordered_at=pd.Timestamp("2026-03-28"), delivered_at=frame["delivered_at"].dt.tz_localize(None).dt.normalize()
    )
    assert_frame_equal(curve(cx.promise_plan(dates, reliability=0.8)), found)
    hours = curve(cx.promise_plan(frame, unit="hours", reliability=0.4))
    assert hours.loc[1, "kept"] == pytest.approx(0.4)
    exact = plans(cx.promise_plan(frame, step=0, reliability=0.8))
    assert exact.loc[0.8, "shortest"] == pytest.approx((47 * 60 + 28) / 1440)


def test_the_promise_to_make_is_a_bound_and_not_the_quantile():
    frame, end = drawn(400, 30, seed=2)
    table = cx.promise_plan(frame, as_of=end)
    found = plans(table)
    assert (found["shortest_low"] <= found["shortest"]).all()
    assert (found["shortest"] <= found["promise"])[found["promise"].notna()].all()
    assert (found["closed_only"] <= found["shortest"])[found["shortest"].notna()].all()
    at = found.loc[0.9]
    lower = curve(cx.promise_plan(frame, as_of=end, conf_level=0.9))["kept_low"]  # two-sided 90 % is one-sided 95 %
    assert lower[at["promise"]] >= 0.9 > lower[at["promise"] - 1]
    today = table.frame[table.frame["kind"] == "current"].iloc[0]
    gaps = cx.communication_gap(frame, by="", weight_by="event", as_of=end).frame.iloc[0]
    assert (today["kept"], today["length"]) == (pytest.approx(1 - gaps["late"]), 5)
    assert table.title.startswith(
        f"A promise of {found.loc[0.95, 'promise']:g} days is kept at least 95 % of the time; today's, of 5,"
    )


def test_a_young_cohort_is_not_identified():
    frame, end = drawn(300, 6, seed=4)
    table = cx.promise_plan(frame, as_of=end)
    assert plans(table)["promise"].isna().all()
    assert plans(table).loc[0.95, "flags"] == "NOT_IDENTIFIED|OPEN"
    assert table.title == "Which promise can be kept: we cannot tell; orders were not followed long enough"
    assert plans(table)["closed_only"].notna().all()  # which looks as if it could be told


@pytest.mark.parametrize("engine", ["pandas", "polars", "duckdb"])
def test_every_engine_and_order_of_rows_gives_one_plan(engine):
    frame = shop_orders(400).drop(columns="review_score")
    how = {"by": "state", "reliability": (0.8, 0.9), "as_of": "2025-12-31"}
    whole = cx.promise_plan(frame.sample(frac=1, random_state=1), **how).frame
    assert_frame_equal(cx.promise_plan(ENGINES[engine](frame), **how).frame, whole, check_dtype=False, rtol=1e-9)


def test_several_orders_of_a_customer_widen_the_interval_and_leave_the_share():
    frame, end = drawn(300, 40, seed=7)
    twice = pd.concat([frame, frame])
    one, two = (curve(cx.promise_plan(each, as_of=end, reliability=0.9)) for each in (frame, twice))
    assert two["kept"].tolist() == pytest.approx(one["kept"].tolist())
    ends = ["kept_low", "kept_high"]
    assert np.allclose(two.loc[4:9, ends], one.loc[4:9, ends], atol=1e-3)
    apart = curve(cx.promise_plan(twice.drop(columns="customer_id"), as_of=end, reliability=0.9))
    assert (apart.loc[4:9, "kept_low"] > one.loc[4:9, "kept_low"]).all()


def test_a_response_prices_each_length():
    """Arithmetic: orders of 1 to 4 days, each a quarter; each day late costs 1 point; early is nothing."""
    made = pd.DataFrame(
        {"measure": "class", "delay": [-1.0, 0, 1, 2, 3], "against": [0.0, 0, -1, -2, -3], "delay_unit": "days"}
    )
    made = made.assign(against_low=made["against"] - 0.5 * (made["delay"] > 0), against_high=made["against"])
    response = cx.Table(made, "promise_response", "made up")
    frame = pd.DataFrame({"delivered": [1.0, 2, 3, 4] * 10, "open": False})
    table = cx.promise_plan(frame, response=response, value=3, reliability=0.75)
    told = curve(table)
    assert told.loc[[1, 2, 3, 4], "points"].tolist() == pytest.approx([-1.5, -0.75, -0.25, 0])
    assert told.loc[[1, 2, 3, 4], "cost"].tolist() == pytest.approx([4.5, 2.25, 0.75, 0])
    assert told.loc[2, ["points_low", "points_high", "cost_low", "cost_high"]].tolist() == pytest.approx([-1, -0.75, 2.25, 3])
    assert any("What it costs in orders that are then not placed is not known" in note for note in table.notes)
    with pytest.raises(ArgumentError, match="must be in days"):
        cx.promise_plan(frame, unit="days", response=cx.Table(made.assign(delay_unit="hours"), "promise_response", ""))
    with pytest.raises(ArgumentError, match=r"what `cx\.promise_response` returned"):
        cx.promise_plan(frame, response=cx.Table(made, "drivers", ""))
    assert cx.promise_plan(frame, response=cx.Table.not_measured("promise_response", "", "why")).frame["points"].isna().all()
    by = cx.Table(made.assign(city="Rome")[["city", *made.columns]], "promise_response", "")
    with pytest.raises(ArgumentError, match="not by"):
        cx.promise_plan(frame, response=by)
    cities = cx.promise_plan(frame.assign(city=["Rome", "Oslo"] * 20), by="city", response=by, reliability=0.5).frame
    assert cities.groupby("city")["points"].count()["Oslo"] == 0 < cities.groupby("city")["points"].count()["Rome"]


def test_requests_to_a_city_are_planned_with_those_still_open():
    frame, end = city_requests()
    table = cx.promise_plan(frame, by="district", as_of=end.isoformat(), min_n=10)
    truth = np.exp(np.log(9) + 0.7 * np.array([0.841621, 1.281552, 1.644854]))  # quantiles of the lognormal
    found = table.frame[(table.frame["kind"] == "plan") & (table.frame["reliability"] < 0.99)]
    for _, rows in found.groupby("district"):
        assert (rows["shortest_low"] <= truth + 1).all()
        assert (rows["shortest_high"] >= truth - 1).all()
        assert (rows["closed_only"] < rows["shortest"]).all()
    assert any("were still open" in note for note in table.notes)
    few = cx.promise_plan(
        frame.assign(district=np.where(np.arange(len(frame)) < 4, "East", frame["district"])),
        by="district",
        as_of=end.isoformat(),
        min_n=10,
    )
    east = few.frame[few.frame["district"] == "East"]
    assert east["flags"].tolist() == ["SUPPRESSED_PRIVACY"] * 4
    assert east[["n", "kept", "promise"]].isna().all().all()


def test_what_cannot_be_true_is_set_aside_and_wrong_input_is_misuse():
    frame, end = drawn(60, 40, seed=9)
    frame = frame.assign(event_id=[f"E{number}" for number in range(60)])
    odd = frame.assign(delivered_at=frame["delivered_at"].mask(frame.index == 3, frame["ordered_at"] - 2 * DAY))
    table = cx.promise_plan(pd.concat([odd, odd.iloc[[5]], odd.iloc[[7]].assign(ordered_at=end)]), as_of=end, reliability=0.8)
    assert plans(table)["n"].iloc[0] == 58
    assert any(note.startswith("Set aside: 4 orders") for note in table.notes)
    assert "no table 'events'" in cx.promise_plan(Absent("events")).missing
    assert "have no column 'ordered_at'" in cx.promise_plan(frame.drop(columns="ordered_at")).missing
    assert "no order tells" in cx.promise_plan(frame.iloc[:0]).missing
    assert np.isnan(plans(cx.promise_plan(frame.iloc[:1], as_of=end))["promise"]).all()
    with pytest.raises(ColumnError, match="'city'"):
        cx.promise_plan(frame, by="city")
    for wrong in (
        {"reliability": 95},
        {"reliability": ()},
        {"reliability": "0.9"},
        {"step": -1},
        {"unit": "moons"},
        {"by": "kept"},
        {"by": "customer_id"},
        {"value": -1},
        {"weight_by": "order"},
        {"conf_level": 0},
        {"zone": "Mars"},
    ):
        with pytest.raises(ArgumentError):
            cx.promise_plan(frame, **wrong)
    with pytest.raises(ArgumentError, match="times in 'ordered_at'"):
        cx.promise_plan(frame.assign(ordered_at="yesterday"))
    more = pd.DataFrame({"delivered": [1.0, 2.0], "direction": "higher"})
    with pytest.raises(ArgumentError, match="in some more is better"):
        cx.promise_plan(more)


def test_the_sample_study_has_the_quantiles_that_were_drawn():
    """data/sample/truth.json: Standard 7, 9, 10 and 12 days of the calendar, Express 4, 5, 6 and 8."""
    study = sample()
    table = cx.promise_plan(study.events, study.promises, by="product", zone=study.zone, **study.operations)
    found = table.frame[table.frame["kind"] == "plan"].set_index("product")
    for product, truth in {"Standard": [7, 9, 10, 12], "Express": [4, 5, 6, 8]}.items():
        assert (found.loc[product, "shortest_low"] <= truth).all()
        assert (truth <= found.loc[product, "shortest_high"]).all()


def test_orders_that_were_never_delivered_are_counted_in_a_note():
    """Two orders are open for 16 days, longer than any that came."""
    frame, end = drawn(60, 16, seed=1)
    never = frame.iloc[:2].assign(ordered_at=end - 16 * DAY, delivered_at=pd.NaT, customer_id=["x", "y"])
    both = pd.concat([frame, never])
    both["delivered_at"] = pd.to_datetime(both["delivered_at"], utc=True)
    table = cx.promise_plan(both, as_of=end, reliability=0.5)
    assert sum("have been open for longer than any that came took" in note for note in table.notes) == 1


def test_only_what_was_known_on_a_past_day_is_planned_with():
    """What came later is what was open then, and what was placed later is not there."""
    frame = drawn(300, 60, seed=4)[0]
    frame["event_id"] = [f"E{number}" for number in range(300)]
    day = pd.Timestamp("2026-02-10", tz="UTC")
    then = frame[frame["ordered_at"] < day].copy()
    then["delivered_at"] = then["delivered_at"].where(then["delivered_at"] < day)
    past = cx.promise_plan(frame, as_of="2026-02-09")
    assert_frame_equal(past.frame, cx.promise_plan(then, as_of="2026-02-09").frame)
    assert plans(past)["open"].iloc[0] == then["delivered_at"].isna().sum() > 5
    assert f"{300 - len(then)} orders were placed after the moment asked for." in past.notes
    called = frame.assign(status=np.where(frame.index < 9, "canceled", "delivered"))
    called["cancelled_at"] = (called["ordered_at"] + 20 * DAY).where(frame.index < 9)
    called.loc[:8, "delivered_at"] = pd.NaT
    early = called["ordered_at"] + 20 * DAY < day
    assert plans(cx.promise_plan(called, as_of="2026-02-09"))["cancelled"].iloc[0] == (early & (frame.index < 9)).sum()


def test_promises_of_today_are_read_as_the_plan_is():
    """A study adds durations to the orders, in which a date is its first moment: both kept on the day that was promised."""
    start = pd.Timestamp("2026-01-05 09:00", tz="UTC")
    frame = pd.DataFrame({"event_id": [f"E{number}" for number in range(40)], "ordered_at": start})
    frame["promised_first"] = start.normalize() + 4 * DAY
    frame["promised_last"] = start.normalize() + 6 * DAY
    frame["delivered_at"] = start + pd.to_timedelta(np.tile([1.0, 3.0, 4.2, 5.0], 10), unit="D")
    day = pd.Timedelta(days=1)
    made = frame.assign(
        metric="delivery time", unit="days", direction="lower", open=False, cancelled=False,
        delivered=(frame["delivered_at"] - frame["ordered_at"]) / day,
        promised=(frame["promised_first"] - frame["ordered_at"]) / day,
    )  # fmt: skip
    ledger = pd.DataFrame(
        {
            "event_id": np.repeat(frame["event_id"].to_numpy(), 2),
            "made_at": list(pd.DatetimeIndex([start, start + DAY])) * 40,
            "promised": list(pd.DatetimeIndex([start.normalize() + 4 * DAY, start.normalize() + 6 * DAY])) * 40,
        }
    )
    last = DAY - pd.Timedelta(microseconds=1)  # of a day, as a study reads a date
    for against, length, kept in (("first", 4, 0.75), ("last", 6, 1.0)):
        for table in (
            cx.promise_plan(frame, against=against),
            cx.promise_plan(made, against=against),
            cx.promise_plan(
                frame.assign(**{name: frame[name] + last for name in ("promised_first", "promised_last")}), against=against
            ),
            cx.promise_plan(frame.drop(columns=["promised_first", "promised_last"]), ledger, against=against),
        ):
            today = table.frame[table.frame["kind"] == "current"].iloc[0]
            assert (today["length"], today["kept"]) == (length, pytest.approx(kept))


def test_times_that_are_texts_are_refused_as_such():
    texts = drawn(30, 16, seed=1)[0].astype({"ordered_at": str, "delivered_at": str, "promised_first": str})
    with pytest.raises(ArgumentError, match="must hold times in 'ordered_at', not String; read the file"):
        cx.promise_plan(texts)
    scored = texts.assign(event_id=range(30), score=5.0)
    with pytest.raises(ArgumentError, match="must hold times in 'ordered_at', not String; read the file"):
        cx.promise_response(scored, outcome="score")


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("each", [1, 4])
def test_promises_hold_as_often_as_is_said(each):
    """Drawn 200 times, with 30 % still open: in 95 % the promise must be long enough, and the interval must hold the truth."""
    truth = float(np.exp(np.log(4.5) + 0.55 * 1.281552))  # the 90 % quantile
    enough, inside, short = [], [], []
    for seed in range(200):
        frame, end = drawn(400, 16, seed=seed, each=each)
        row = plans(cx.promise_plan(frame, as_of=end, reliability=0.9, step=0)).iloc[0]
        enough.append(not row["promise"] < truth)
        inside.append(not (row["shortest_low"] > truth or row["shortest_high"] < truth))
        short.append(row["closed_only"] < truth)
    assert np.mean(enough) >= 0.915
    assert 0.91 <= np.mean(inside) <= 0.99
    assert np.mean(short) > 0.9  # delivered orders alone say too little


@pytest.mark.slow
def test_the_share_late_of_delivered_orders_alone_is_far_too_small():
    """Methods, section 6.2: true share late 0.424; delivered orders alone say 0.148 after 8 days, 0.341 after 20."""
    for days, closed in ((8, 0.148), (20, 0.341)):
        kept, late_closed = [], []
        for seed in range(40):
            frame, end = drawn(800, days, seed=seed)
            gaps = cx.communication_gap(frame, by="", as_of=end, weight_by="event").frame.iloc[0]
            kept.append(gaps["late"])
            late_closed.append(gaps["late_closed"])
        assert np.mean(kept) == pytest.approx(0.424, abs=0.02)
        assert np.mean(late_closed) == pytest.approx(closed, abs=0.02)


@pytest.mark.slow
def test_the_plan_on_pyspark_is_that_of_pandas(spark):
    frame = shop_orders(200).drop(columns="review_score")
    how = {"by": "state", "reliability": 0.8, "as_of": "2025-12-31"}
    found, whole = cx.promise_plan(spark(frame), **how).frame, cx.promise_plan(frame, **how).frame
    assert_frame_equal(found, whole, check_dtype=False, rtol=1e-9)
