"""Charts of shares and values, on every engine: counted by hand, drawn with a known truth, and refused where they must be."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from conftest import ENGINES
from pandas.testing import assert_frame_equal

import cxgap as cx
from cxgap.errors import ArgumentError, ColumnError
from cxgap.tables.absent import Absent

# Montgomery & Runger, Applied Statistics and Probability for Engineers, example 16-6.
CONCENTRATION = [
    102.0, 94.8, 98.3, 98.4, 102.0, 98.5, 99.0, 97.7, 100.0, 98.1,
    101.3, 98.7, 101.1, 98.4, 97.0, 96.7, 100.3, 101.4, 97.2, 101.0,
]  # fmt: skip
CLOSE = {"check_exact": False, "rtol": 1e-10, "atol": 1e-12}


def weeks(rows: int = 30, *, jump: float = 0.0, after: int = 20, seed: int = 3) -> pd.DataFrame:
    """Shares of 400 a week, differing from week to week by more than sampling, that jump after some."""
    random = np.random.default_rng(seed)
    level = 0.2 + 0.03 * random.normal(size=rows) + np.where(np.arange(rows) >= after, jump, 0)
    start = pd.Timestamp("2025-01-06") + pd.to_timedelta(7 * np.arange(rows), unit="D")
    return pd.DataFrame({"week": start, "late": random.binomial(400, level), "n": 400})


def orders() -> pd.DataFrame:
    """Forty weeks of ten promises each, due on Wednesdays; two of each week are a day late, one is open, one is called off."""
    rows = []
    for week in range(40):
        due = pd.Timestamp("2025-01-01T12:00", tz="UTC") + pd.Timedelta(weeks=week)
        for order in range(12):
            row = {"event_id": f"{week}-{order}", "customer_id": f"C{order}", "region": "AB"[order % 2],
                   "ordered_at": due - pd.Timedelta(days=3), "promised_first": due,
                   "delivered_at": due - pd.Timedelta(hours=5), "cancelled_at": pd.NaT}  # fmt: skip
            if order < 2:
                row["delivered_at"] = due + pd.Timedelta(days=1)
            if order == 2:  # called off before it was due: left out
                row |= {"delivered_at": pd.NaT, "cancelled_at": due - pd.Timedelta(days=1)}
            if order == 3:  # called off after it was late: late
                row |= {"delivered_at": pd.NaT, "cancelled_at": due + pd.Timedelta(days=2)}
            if order == 4:
                row["delivered_at"] = pd.NaT  # still open
            rows.append(row)
    return pd.DataFrame(rows)


AS_OF = "2025-10-03"  # a Friday: the week of the last promises is not over


@pytest.mark.parametrize("engine", ENGINES)
def test_promises_count_when_they_fall_due_on_every_engine(engine):
    """Arithmetic: of 11 promises a week that were not called off before, 2 came late, 1 was called off late, 1 is open."""
    table = cx.control_chart(ENGINES[engine](orders()), as_of=AS_OF, period="week", baseline_until="2025-06-30")
    frame = table.frame
    last = frame.iloc[-1]
    assert (last["phase"], last["n"]) == ("too recent", 11)
    assert np.isnan(last["value"])  # it looks kept, and tells nothing yet
    told = frame[frame["phase"].isin(["baseline", "monitored"])]
    assert (told["n"] == 11).all()
    assert told["value"].to_numpy() == pytest.approx(4 / 11)
    assert (frame["period"].iloc[1], frame["start"].iloc[1]) == ("2025-01-06", "2025-01-06")
    assert frame["signal"].sum() == 0
    assert table.title == f"The late share: nothing beyond the usual course in {(frame['phase'] == 'monitored').sum()} weeks"


def test_groups_have_a_chart_each_and_small_periods_are_hidden():
    table = cx.control_chart(orders(), by="region", as_of=AS_OF, period="week", min_n=6)
    assert set(table.frame["region"]) == {"A", "B"}
    hidden = table.frame["flags"].str.contains("SUPPRESSED")  # A has 5 customers a week, and with it goes B
    assert hidden.all()
    assert table.frame.loc[hidden, ["n", "value", "spread", "limit_low", "statistic"]].isna().all(axis=None)
    assert table.title.endswith("8 are needed")
    month = cx.control_chart(orders(), by="region", as_of=AS_OF, period="month", min_n=5)
    assert not month.frame["flags"].str.contains("SUPPRESSED").any()


@pytest.fixture(scope="module")
def jumped() -> cx.Table:
    return cx.control_chart(weeks(jump=0.25), of="late", n="n", time="week", baseline_until="2025-05-25")


def test_a_jump_signals_and_says_when(jumped):
    frame = jumped.frame
    assert (frame["phase"] == "baseline").sum() == 20
    first = frame[frame["signal"] == 1].iloc[0]
    assert (first["period"], first["direction"]) == ("2025-05-26", "worse")
    assert frame.loc[frame["phase"] == "baseline", "signal"].sum() == 0
    assert jumped.title.endswith("in 10 weeks; the first at 2025-05-26, for the worse")
    assert any(
        note.startswith("If nothing changed, there would be about one false alarm in 370 weeks, 7 years")
        for note in jumped.notes
    )
    ends = frame["limit_low"].notna()
    assert ((frame["value"] > frame["limit_high"]) | (frame["value"] < frame["limit_low"]))[
        ends & (frame["phase"] == "monitored")
    ].tolist() == (frame.loc[frame["phase"] == "monitored", "signal"] == 1).tolist()


def test_one_row_a_thing_is_the_same_as_one_row_a_week(jumped):
    """Splitting: 400 rows of true and false a week have the counts of one row."""
    source = weeks(jump=0.25)
    things = source.loc[source.index.repeat(400)].reset_index(drop=True)
    things["late"] = np.tile(np.arange(400), 30) < things["late"]
    found = cx.control_chart(things[["week", "late"]], time="week", period="week", baseline_until="2025-05-25")
    assert_frame_equal(found.frame, jumped.frame, **CLOSE)
    shuffled = cx.control_chart(
        source.sample(frac=1, random_state=1), of="late", n="n", time="week", baseline_until="2025-05-25"
    )
    assert_frame_equal(shuffled.frame, jumped.frame, **CLOSE)


def test_a_chart_that_takes_sampling_for_all_there_is_is_set_beside():
    """The naive signal is three binomial standard errors from the level of the baseline, by hand."""
    source = weeks(60, after=60)
    table = cx.control_chart(source, of="late", n="n", time="week")
    share, level = source["late"] / 400, source["late"].sum() / 400 / 60
    naive = (share - level).abs() > 3 * np.sqrt(level * (1 - level) / 400)
    assert table.frame["naive_signal"].tolist() == naive.astype(int).tolist()
    assert naive.sum() > table.frame["signal"].sum()
    bare = cx.control_chart(source, of="late", n="n", time="week", method="p")
    assert bare.frame["signal"].sum() == naive.sum()
    assert "looking back, not watching" in table.notes[0]


@pytest.mark.parametrize("method", ["cusum", "ewma"])
def test_a_small_lasting_change_is_found_by_sums(method):
    random = np.random.default_rng(8)
    value = np.append(random.normal(0, 0.2, 40), random.normal(0.3, 0.2, 20))
    frame = pd.DataFrame({"wave": [f"w{number:02d}" for number in range(60)], "gap": value, "se": 0.05})
    options = {"of": "gap", "time": "wave", "std_error": "se", "baseline_until": "w39", "better": "higher", "method": method}
    table = cx.control_chart(frame, **options, limit={"cusum": 5.0, "ewma": 2.86}[method])
    signals = table.frame[table.frame["signal"] == 1]
    assert "w40" <= signals["period"].iloc[0] <= "w50"
    assert set(signals["direction"]) == {"better"}
    wider = cx.control_chart(frame, **options).frame  # forty waves do not rule out that neighbours are alike: later, and found
    assert signals["period"].iloc[0] <= wider.loc[wider["signal"] == 1, "period"].iloc[0] <= "w55"
    assert table.frame["limit_low"].isna().all()
    turned = cx.control_chart(frame.assign(gap=-frame["gap"] * 10, se=0.5), **options).frame
    assert turned["statistic"].to_numpy() == pytest.approx(-wider["statistic"].to_numpy(), abs=1e-9)  # units


def test_values_that_are_given_are_not_estimated():
    """Montgomery & Runger, example 16-6: target 99, sigma 2, no signal, and the last sums 1.0 and 0."""
    frame = pd.DataFrame({"hour": [f"{hour:02d}" for hour in range(20)], "x": CONCENTRATION, "se": 2.0})
    table = cx.control_chart(frame, of="x", time="hour", std_error="se", centre=99.0, between=0.0)
    assert table.frame["statistic"].iloc[-1] * 2 == pytest.approx(1.0)
    assert table.frame["limit"].iloc[0] == 5.0
    assert table.title == "The x: nothing beyond the usual course in 20 periods"


def test_too_few_periods_make_no_limits():
    table = cx.control_chart(weeks(7), of="late", n="n", time="week")
    assert table.title == "7 weeks are too few to say what is usual: 8 are needed"
    assert (table.frame["flags"] == "FEW_PERIODS").all()
    assert table.frame["statistic"].isna().all()
    alike = weeks(12).assign(late=0)
    assert cx.control_chart(alike, of="late", n="n", time="week").frame["signal"].sum() == 0


def test_what_is_not_there_is_not_measured_and_misuse_is_said():
    assert cx.control_chart(Absent("events")).missing
    assert "delivered_at" in cx.control_chart(orders().drop(columns="delivered_at")).missing
    assert "no table of promises" in cx.control_chart(orders().drop(columns="promised_first")).missing
    assert "'area'" in cx.control_chart(orders(), by="area").missing
    frame = weeks()
    for options, said in (
        ({"of": "late", "n": "n"}, "`time` must name"),
        ({"of": "late", "n": "n", "time": "week", "std_error": "n"}, "and not both"),
        ({"of": "n", "n": "late", "time": "week"}, "count of at most"),
        ({"of": "late", "std_error": "n", "time": "week", "method": "laney"}, "no share"),
        ({"of": "late", "n": "n", "time": "week", "baseline_until": "soon"}, "must be a day"),
        ({"of": "late", "n": "n", "time": "week", "limit": -1}, "`limit`"),
        ({"of": "late", "n": "n", "time": "week", "between": -1.0}, "`between`"),
        ({"of": "late", "n": "n", "time": "week", "by": "value"}, "none of the table's own"),
    ):
        with pytest.raises(ArgumentError, match=said):
            cx.control_chart(frame, **options)
    with pytest.raises(ColumnError):
        cx.control_chart(frame, of="lateness", time="week")
    odd = frame.assign(late=[np.nan, *frame["late"].iloc[1:]], n=[0, 0, *frame["n"].iloc[2:]])
    odd.loc[1, "late"] = 0
    assert cx.control_chart(odd, of="late", n="n", time="week").frame["signal"].sum() <= 1


@pytest.mark.slow
def test_a_chart_on_pyspark_is_that_of_pandas(spark):
    options = {"as_of": AS_OF, "period": "week", "by": "region"}
    assert_frame_equal(cx.control_chart(spark(orders()), **options).frame, cx.control_chart(orders(), **options).frame, **CLOSE)


def test_one_number_a_day_is_charted_by_what_days_differ():
    """Arithmetic: with one thing a period there is no sampling to see, and the moving range is all of the spread."""
    random = np.random.default_rng(1)
    frame = pd.DataFrame({"at": pd.date_range("2025-01-01", periods=40), "minutes": random.normal(size=40)})
    rows = cx.control_chart(frame, of="minutes", time="at", period="day", better="lower").frame
    assert (rows["std_error"] == 0).all()
    assert rows["spread"].to_numpy() == pytest.approx(np.abs(np.diff(frame["minutes"])).mean() * np.sqrt(np.pi) / 2, rel=0.3)
    assert rows["signal"].sum() == 0
    alike = cx.control_chart(weeks().assign(late=400), of="late", n="n", time="week")
    assert alike.title == "Usual weeks do not differ at all, so nothing tells what is unusual"


def test_days_as_text_are_days_and_what_came_after_as_of_is_left_out():
    """The same numbers whether days are text or dates, one row a day or a flight; a lost number is counted."""
    days = pd.date_range("2025-01-01", periods=60)
    table = pd.DataFrame({"day": days.strftime("%Y-%m-%d"), "late": np.arange(60) % 7 + 3, "n": 40})
    how = {"of": "late", "time": "day", "period": "day", "baseline_until": "2025-01-31", "as_of": "2025-02-20", "limit": 3}
    made = cx.control_chart(table, n="n", **how).frame
    assert (made["period"].iloc[-1], len(made), made["phase"].eq("monitored").sum()) == ("2025-02-20", 51, 20)
    assert_frame_equal(made, cx.control_chart(table.assign(day=days), n="n", **how).frame)
    things = table.loc[table.index.repeat(40), ["day"]].assign(late=np.concatenate([np.arange(40) < k for k in table["late"]]))
    assert_frame_equal(made, cx.control_chart(things, **how).frame, **CLOSE)
    lost = cx.control_chart(table.assign(late=table["late"].where(table.index != 3)), n="n", **how)
    assert "1 row without a number or a time is left out." in lost.notes


def test_shares_of_a_day_are_shares_and_per_cent_are_refused(jumped):
    """The same chart from counts and from shares of the same number; a share taken for a count would be one of thousands."""
    source = weeks(jump=0.25).assign(part=lambda rows: rows["late"] / rows["n"])
    options = {"n": "n", "time": "week", "baseline_until": "2025-05-25", "better": "lower"}
    found = cx.control_chart(source, of="part", **options)
    assert_frame_equal(found.frame, jumped.frame, **CLOSE)
    assert found.notes[0] == "'part' holds shares, and not counts; each is taken as a share of 'n'."
    with pytest.raises(ArgumentError, match="per cent divide by 100"):
        cx.control_chart(source.assign(part=100 * source["part"]), of="part", **options)
    lost = cx.control_chart(source.assign(n=source["n"].where(source.index != 25)), of="late", **options)
    assert "1 row without a number or a time is left out." in lost.notes
    bare = cx.control_chart(source, of="late", time="week", period="week")
    assert "'late' is charted as it stands: if it counts things, `n` names the column of how many there were." in bare.notes


@pytest.mark.parametrize("method", ["laney", "cusum", "ewma"])
def test_what_comes_after_a_day_alters_no_verdict_before_it(method):
    """A chart of June is the beginning of that of December, whatever December holds."""
    options = {"of": "late", "n": "n", "time": "week", "baseline_until": "2025-05-25", "method": method}
    june = cx.control_chart(weeks(60, after=99), as_of="2025-06-29", **options).frame
    assert june["period"].iloc[-1] == "2025-06-23"
    for jump in (0.0, 0.5):
        source = weeks(60, after=99)
        higher = source["late"].where(source["week"] < "2025-06-30", source["late"] + int(400 * jump))
        later = cx.control_chart(source.assign(late=higher), **options).frame
        assert_frame_equal(later.iloc[: len(june)], june, **CLOSE)
    assert later["signal"].iloc[len(june) :].any()


def test_names_of_periods_follow_the_calendar():
    names = [f"Q{quarter} {year}" for year in (2023, 2024, 2025) for quarter in (1, 2, 3, 4)]
    frame = pd.DataFrame({"wave": names, "gap": np.random.default_rng(2).normal(size=12), "se": 0.1})
    table = cx.control_chart(
        frame.sample(frac=1, random_state=3), of="gap", std_error="se", time="wave", baseline_until="Q4 2024"
    )
    assert table.frame["period"].tolist() == names
    assert (table.frame["phase"] == "monitored").sum() == 4


def test_a_period_that_is_not_over_is_no_baseline_and_is_not_judged():
    """The week of 9 June 2025 ends on the 15th: until the 12th it tells nothing yet, and what follows is no baseline."""
    days = pd.DataFrame({"at": pd.date_range("2025-01-06", periods=200), "late": 20, "n": 100})
    days["late"] += np.arange(200) % 5
    options = {"of": "late", "n": "n", "time": "at", "period": "week", "method": "cusum"}
    rows = cx.control_chart(days, **options, baseline_until="2025-06-12").frame.set_index("period")["phase"]
    assert (rows["2025-06-02"], rows["2025-06-09"]) == ("baseline", "monitored")
    rows = cx.control_chart(days, **options, as_of="2025-06-12").frame.set_index("period")["phase"]
    assert (rows["2025-06-02"], rows["2025-06-09"]) == ("monitored", "too recent")
    rows = cx.control_chart(days, **options, as_of="2025-06-15").frame.set_index("period")["phase"]
    assert rows["2025-06-09"] == "monitored"
