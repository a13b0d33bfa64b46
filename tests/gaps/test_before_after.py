"""Before and after, against a comparison: by hand, on every engine, and where nothing may be told."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from before_after_logs import DAY, SINCE, START, drawn_log, spread
from conftest import ENGINES
from pandas.testing import assert_frame_equal
from samples import sample

import cxgap as cx
from cxgap.errors import ArgumentError, ColumnError
from cxgap.tables.absent import Absent

PAIR = ("at", "resolved_at")
CLOSE = {"check_exact": False, "rtol": 1e-9, "atol": 1e-9}
TREATED = "region = R0; R1"


def survey() -> pd.DataFrame:
    """Gaps of methods O-8.7a: -.62 to -.38 for the treated, -.60 to -.55 for the others; one item."""
    parts = [("T", "1", 220, -0.62, 1.3), ("T", "2", 240, -0.38, 1.25), ("C", "1", 90, -0.6, 1.0), ("C", "2", 70, -0.55, 1.0)]
    frames = []
    for region, wave, count, mean, sd in parts:
        gap = spread(count, mean, sd)
        who = [f"{region}{wave}{row}" for row in range(count)]
        frames.append(
            pd.DataFrame({"respondent_id": who, "region": region, "wave": wave, "expectation": 5.0, "perception": 5 + gap})
        )
    return pd.concat(frames, ignore_index=True)


def rows(table: cx.Table, part: str) -> pd.DataFrame:
    return table.frame[table.frame["part"] == part].reset_index(drop=True)


def test_a_survey_is_told_by_gap_perception_and_expectation_and_the_change_is_welchs():
    """Methods O-8.7a: t 2.014586 with df 450.81, interval [.005879, .474121]; difference in differences .19."""
    table = cx.before_after(survey(), since="2", treated="region = T", scale=(1, 7))
    change, difference = rows(table, "change"), rows(table, "difference")
    assert list(difference["measure"]) == ["gap", "perception", "expectation"]
    ours = change.iloc[0]
    assert (ours["conf_low"], ours["conf_high"], ours["df"]) == pytest.approx((0.005879, 0.474121, 450.81), abs=5e-3)
    assert difference["estimate"][0] == pytest.approx(0.19)
    assert (difference["estimate"][1], difference["estimate"][2]) == pytest.approx((0.19, 0.0))
    assert set(difference["grade"]) == {"C"}
    assert difference["flags"][0] == "FEW_CLUSTERS|NO_PRETREND_TEST"
    assert any(note.startswith("Cannot tell how far groups drift by themselves: 2 regions.") for note in table.notes)
    alone = cx.before_after(survey()[survey()["region"] == "T"], of="gap", since="2")
    assert set(rows(alone, "change")["grade"]) == {"D"}
    assert "it may be anything else that changed" in alone.notes[0]
    assert "no comparison, so anything may have changed it" in alone.title


@pytest.fixture(scope="module")
def settled() -> cx.Table:
    return cx.before_after(drawn_log(), value=PAIR, since=SINCE, treated=TREATED)


def test_what_is_not_over_counts_up_to_a_horizon_and_what_began_too_late_is_left_out(settled):
    """Arithmetic on the log: 99 of 100 that are over; those that began less than that before the end are out, over or not."""
    log = drawn_log()
    hours = (log["resolved_at"] - log["at"]) / pd.Timedelta(hours=1)
    limit = float(np.quantile(hours.dropna(), 0.99))
    end = log[["at", "resolved_at"]].max().max()
    stays = (end - log["at"]) / pd.Timedelta(hours=1) >= limit
    assert int(hours.isna().sum()) > 0
    assert not stays.all()
    value = hours.fillna(np.inf).clip(upper=limit)[stays]
    after = log["at"][stays] >= pd.Timestamp(SINCE, tz="UTC")
    ours = rows(settled, "change").iloc[0]
    treated = log["pilot"][stays]
    assert ours["before"] == pytest.approx(value[treated & ~after].mean())
    assert ours["after"] == pytest.approx(value[treated & after].mean())
    one = rows(settled, "difference").iloc[0]
    assert one["conf_high"] < 0
    assert one["finding"] == "better"
    assert one["unit"] == "hours"
    assert one["estimate"] == pytest.approx(ours["estimate"] - rows(settled, "change")["estimate"][1])
    assert one["conf_low"] < -4 < one["conf_high"]
    assert "OPEN" in one["flags"]
    assert one["pretrend_p"] > 0.05
    assert len(rows(settled, "lead")) == 5  # six months less the last before
    assert "for the better, and may have drifted by itself" in settled.title  # four regions: grade C
    fixed = cx.before_after(log, value=PAIR, since=SINCE, treated=TREATED, horizon=2, duration="days")
    assert rows(fixed, "difference")["unit"][0] == "days"


@pytest.mark.parametrize("engine", [name for name in ENGINES if name != "pandas"])
def test_engines_row_order_and_units_change_nothing(engine, settled):
    log = ENGINES[engine](drawn_log().sample(frac=1, random_state=1))
    found = cx.before_after(log, value=PAIR, since=SINCE, treated={"region": ["R0", "R1"]}).frame
    assert_frame_equal(found, settled.frame, **CLOSE)
    if engine == "duckdb":
        rated = cx.before_after(ENGINES[engine](survey()), since="2", treated="region = T").frame
        assert_frame_equal(rated, cx.before_after(survey(), since="2", treated="region = T").frame, **CLOSE)


def test_a_flag_a_column_of_customers_and_minutes_tell_the_same(settled):
    log = drawn_log()
    by_flag = cx.before_after(log, value="minutes", since=SINCE, treated="pilot")
    by_name = cx.before_after(log, value="minutes", since=SINCE, treated=TREATED)
    assert rows(by_flag, "difference")["estimate"][0] == pytest.approx(rows(by_name, "difference")["estimate"][0])
    customers = log[["customer_id", "region"]].drop_duplicates()
    away = cx.before_after(log.drop(columns="region"), value="minutes", since=SINCE, treated=TREATED, customers=customers)
    assert_frame_equal(away.frame, by_name.frame, **CLOSE)
    double = cx.before_after(log.assign(minutes=60 * log["minutes"]), value="minutes", since=SINCE, treated=TREATED)
    assert rows(double, "difference")["conf_low"][0] == pytest.approx(60 * rows(by_name, "difference")["conf_low"][0])
    share = cx.before_after(log, value="repeat", since=SINCE, treated="pilot", better="low")
    assert rows(share, "difference")["unit"][0] == "share"
    assert "percentage points" in share.title or "cannot be told" in share.title
    copied = pd.concat([log, log.assign(contact_id=log["contact_id"] + "x")])  # each row twice: customers, not rows, are units
    again = rows(cx.before_after(copied, value="minutes", since=SINCE, treated=TREATED), "difference")
    assert again["std_error"][0] == pytest.approx(rows(by_name, "difference")["std_error"][0])


def test_few_regions_are_bootstrapped_and_many_are_the_units():
    few = rows(
        cx.before_after(drawn_log(regions=12), value="minutes", since=SINCE, treated="pilot", unit="region"), "difference"
    )
    assert (few["method"][0], few["groups"][0]) == ("groups, bootstrap", 12)
    assert few["conf_low"][0] < few["estimate"][0] < few["conf_high"][0]
    named = "region = " + "; ".join(f"R{each}" for each in range(20))
    table = cx.before_after(drawn_log(regions=40, customers=160), value="minutes", since=SINCE, treated=named)
    many = rows(table, "difference")
    assert (many["method"][0], many["groups"][0]) == ("groups", 40)
    people = rows(
        cx.before_after(drawn_log(regions=12), value="minutes", since=SINCE, treated="pilot", unit="customer_id"), "difference"
    )
    assert people["method"][0] == "customers"


def test_a_drift_before_takes_the_word_of_cause_away():
    log = drawn_log(customers=300, effect=0)
    month = (log["at"] - START) / DAY / 30
    drifted = log.assign(minutes=log["minutes"] + 5 * month * log["pilot"])
    table = cx.before_after(drifted, value="minutes", since=SINCE, treated="pilot")
    one = rows(table, "difference").iloc[0]
    assert one["pretrend_p"] < 0.05
    assert one["grade"] == "C"
    assert "PRETREND" in one["flags"]
    assert any("cannot be put down to what was done" in note for note in table.notes)
    steady = rows(cx.before_after(drawn_log(customers=300), value="minutes", since=SINCE, treated="pilot"), "difference").iloc[
        0
    ]
    assert steady["grade"] == "B"


def test_groups_that_began_at_different_times_are_each_compared_with_those_never_treated():
    """Arithmetic: noise-free months; the first cohort gains 3, the second 1 from its start on; a rising season is in all."""
    months = pd.date_range("2025-01-15", periods=6, freq="MS", tz="UTC") + DAY
    told = []
    for region, first, gain in (("A", 2, 3.0), ("B", 4, 1.0), ("N", 9, 0.0)):
        for number, at in enumerate(months):
            for copy in range(4):
                value = 10 + 2.0 * number + gain * (number >= first) + (copy - 1.5) * 0.1
                told.append({"customer_id": f"{region}{copy}", "region": region, "at": at, "minutes": value})
    log = pd.DataFrame(told).assign(at=lambda frame: frame["at"].dt.as_unit("us"))
    dates = {"region": {"A": "2025-04-01", "B": "2025-06-01"}}
    table = cx.before_after(log, value="minutes", treated=dates)
    cohorts = rows(table, "cohort")
    by_group = cohorts.groupby("group")["estimate"]
    assert by_group.min().round(9).tolist() == by_group.max().round(9).tolist() == [3.0, 1.0]
    assert rows(table, "difference")["estimate"][0] == pytest.approx((4 * 3 + 2 * 1) / 6)  # four months of A, two of B
    with pytest.raises(ArgumentError, match="leave it out"):
        cx.before_after(log, value="minutes", treated=dates, since="2025-04-01")


def test_few_people_are_hidden_with_what_would_tell_them():
    log = drawn_log()
    small = log[(log["region"] != "R3") | (log["customer_id"].isin(["C3", "C7"]))].assign(
        kind=lambda f: f["region"].str[1] < "2"
    )
    table = cx.before_after(log.assign(segment=np.where(log["customer_id"].isin(["C0", "C1", "C2", "C3"]), "rare", "usual")),
                            value="minutes", since=SINCE, treated="pilot", by="segment", min_n=5)  # fmt: skip
    hidden = rows(table, "difference")
    assert set(hidden["flags"]) == {"SUPPRESSED_PRIVACY", "SUPPRESSED_SECONDARY"}
    assert hidden[["n", "estimate", "conf_low", "before"]].isna().all(axis=None)
    assert rows(table, "level").empty
    weekly = cx.before_after(small, value="minutes", since=SINCE, treated="pilot", period="week", min_n=8).frame
    told = weekly[(weekly["part"] == "level") & (weekly["flags"] == "")]
    assert (told["n"] >= 8).all()
    assert (weekly["flags"] == "SUPPRESSED_PRIVACY").any()
    with pytest.raises(ArgumentError, match="ids"):
        cx.before_after(log, value="minutes", since=SINCE, treated="pilot", by="customer_id", min_n=5)


def test_what_cannot_be_compared_is_said_and_bad_words_are_misuse():
    log = drawn_log()
    assert "no table 'contacts'" in cx.before_after(Absent("contacts"), since=SINCE).missing
    assert "no column 'waited'" in cx.before_after(log, value="waited", since=SINCE).missing  # contacts may lack it
    assert "nothing of the treated after" in cx.before_after(log, value="minutes", since="2026-05-01", treated="pilot").missing
    assert "no column 'wave'" in cx.before_after(survey().drop(columns="wave"), since="2", period="wave").missing
    assert "give `since` as one of" in cx.before_after(survey(), since="2025-10-01", treated="region = T").missing
    for options, message in (
        ({"since": None}, "`since` must be the date"),
        ({"since": 5}, "`since` must be text"),
        ({"since": "soon"}, "must be a date such as"),
        ({"treated": "region ="}, "must be such as"),
        ({"treated": "region = X9"}, "must name groups that 'region' has"),
        ({"treated": "minutes"}, "column of true and false"),
        ({"treated": 3}, "must be such as"),
        ({"treated": {"region": [7]}}, "put codes in quotes"),
        ({"value": ("at",)}, "two of times"),
        ({"period": "day"}, "`period` must be one of"),
        ({"duration": "years"}, "`duration` must be one of"),
        ({"by": "estimate"}, "none of the table's own"),
        ({"conf_level": 95}, "Did you mean 0.95"),
    ):
        with pytest.raises(ArgumentError, match=message):
            cx.before_after(log, **{"value": "minutes", "since": SINCE, "treated": "pilot", **options})
    for options, near in (
        ({"treated": "reg1on = 1"}, "region"), ({"value": "minuts"}, "minutes"),
        ({"value": ("at", "resolvd_at")}, "resolved_at"),
        ({"by": "regin"}, "region"), ({"unit": "regoin"}, "region"), ({"clock": "resolvedat"}, "resolved_at"),
    ):  # fmt: skip
        with pytest.raises(ColumnError, match=f"Did you mean '{near}'"):
            cx.before_after(log, **{"value": "minutes", "since": SINCE, **options})
    for options in ({"period": "quater"}, {"by": "regon"}, {"unit": "regon"}, {"weight": "wieght"}):
        with pytest.raises(ColumnError, match=f"must have a column '{next(iter(options.values()))}'"):
            cx.before_after(survey(), since="2", treated="region = T", **options)
    one = cx.before_after(log.groupby("pilot").head(1), value="minutes", since="2025-08-15")
    assert one.missing or one.frame["std_error"].isna().any()


def test_the_sample_study_has_the_intervention_that_was_drawn():
    """Its truth: a ratio of 0.7, which is -8.70 hours, in regions 007 and 0012 from 2025-10-01 on."""
    study = sample()
    table = cx.before_after(
        study.contacts, value=PAIR, since=SINCE, treated="region = 007; 0012", customers=study.customers, zone=study.zone,
        **study.operations,
    )  # fmt: skip
    one = rows(table, "difference").iloc[0]
    assert one["conf_low"] < -8.695583 < one["conf_high"] < 0
    assert (one["groups"], one["grade"], one["finding"]) == (4, "C", "better")


@pytest.mark.slow
def test_before_after_on_pyspark_is_that_of_pandas(spark, settled):
    found = cx.before_after(spark(drawn_log()), value=PAIR, since=SINCE, treated=TREATED).frame
    assert_frame_equal(found, settled.frame, **CLOSE)
    rated = cx.before_after(spark(survey()), since="2", treated="region = T").frame
    assert_frame_equal(rated, cx.before_after(survey(), since="2", treated="region = T").frame, **CLOSE)


def test_an_action_says_since_when_and_whom_it_reached(settled):
    register = pd.DataFrame(
        {
            "action_id": ["1", "2", "3"], "action": ["people", "vans", "paint"], "treated": [TREATED, "region = R2", ""],
            "done_at": pd.to_datetime([SINCE, None, SINCE], utc=True).as_unit("us"),
        }
    )  # fmt: skip
    assert_frame_equal(cx.before_after(drawn_log(), value=PAIR, actions=register).frame, settled.frame)
    assert "action 2 is not done" in cx.before_after(drawn_log(), value=PAIR, actions=register, action="2").missing
    assert "no action that is done" in cx.before_after(drawn_log(), value=PAIR, actions=register.iloc[1:]).missing
    assert "no table 'actions'" in cx.before_after(drawn_log(), value=PAIR, actions=Absent("actions")).missing
    for treated, why in {
        "region = Nowhere": "the action reached region Nowhere, and nothing here is of Nowhere",
        "customer_id": "which is no column of true and false",
        "city = T": "whom the action reached cannot be told here: `frame` must have a column 'city'",
    }.items():
        assert why in cx.before_after(drawn_log(), value=PAIR, actions=register.assign(treated=treated)).missing
    with pytest.raises(ArgumentError, match="must be an id"):
        cx.before_after(drawn_log(), value=PAIR, actions=register, action="9")
    with pytest.raises(ArgumentError, match="must be left out"):
        cx.before_after(drawn_log(), value=PAIR, actions=register, since=SINCE)
