"""Why promises were broken: bounds by hand, causes shared out, the sample's truth on every engine, and the laws."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from conftest import ENGINES
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from samples import sample

import cxgap as cx
from cxgap import engine
from cxgap.errors import ArgumentError, ColumnError
from cxgap.gaps.causes import causes
from cxgap.stats.proportions import wilson
from cxgap.tables.absent import Absent

CONTROL = pd.DataFrame(
    {
        "cause": ["carrier", "weather", "address"],
        "control": ["controllable", "uncontrollable", "shared"],
        "owner": ["Transport", "", "Sales"],
        "reviewed": ["2026-01-15", "2026-02-01", None],
    }
)
LAW = settings(max_examples=3, deadline=None, derandomize=True)


def orders(late: list[object], kept: int = 6, **columns: object) -> pd.DataFrame:
    """Make `kept` orders that came in time, and one that came two days late for each cause."""
    size = kept + len(late)
    cause = pd.Series([None] * kept + late, dtype=object)
    delivered = [4.0] * kept + [7.0] * len(late)
    ids = [f"C{number}" for number in range(size)]
    return pd.DataFrame({"promised": 5.0, "delivered": delivered, "cause": cause, "customer_id": ids, **columns})


def rows(table: cx.Table, level: str) -> pd.DataFrame:
    return table.frame[table.frame["level"] == level].reset_index(drop=True)


def late_of(table: cx.Table) -> dict[str, float]:
    frame = rows(table, "cause")
    return dict(zip(frame["cause"], frame["n"], strict=True))


# Numbers


@pytest.mark.parametrize("engine", ENGINES)
def test_what_is_known_and_what_is_not_bound_the_share_within_control(engine):
    """Arithmetic: of 10 orders 6 in time; late 2 carrier, 1 weather, 1 address: 2/4 to 3/4 are within control."""
    table = causes(ENGINES[engine](orders(["carrier", "carrier", "weather", "address"])), CONTROL)
    first = table.frame.iloc[0]
    assert (first["promises"], first["late"], first["unknown"], first["bounds_only"]) == (10, 4, 0, False)
    assert (first["controllable_low"], first["controllable_high"]) == (0.5, 0.75)
    assert table.title == "Between 50 and 75 % of lateness is within our control"
    control = rows(table, "control").set_index("control")
    assert control["share"].tolist() == pytest.approx([0.2, 0.1, 0.1, 0.0])
    assert control["of_late"].tolist() == pytest.approx([0.5, 0.25, 0.25, 0.0])
    assert rows(table, "kept")["share"].item() == 0.6
    assert rows(table, "excused")["share"].item() == pytest.approx(6 / 9)
    assert rows(table, "cause")["cause"].tolist() == ["carrier", "address", "weather"]
    assert rows(table, "cause")["owner"].tolist() == ["Transport", "Sales", ""]


def test_independent_orders_have_wilsons_intervals_and_both_bounds_lie_in_one():
    """Wilson (1927): 2 of 10, and 2 of 4; the bounds' interval runs from the lower end of 2/4 to the upper end of 3/4."""
    table = causes(orders(["carrier", "carrier", "weather", "address"]), CONTROL)
    control, first = rows(table, "control").set_index("control"), table.frame.iloc[0]
    for name, x, n in (("share", 2, 10), ("of_late", 2, 4)):
        low, high = wilson(x, n, conf_level=0.95)
        assert control.loc["controllable", [f"{name}_low", f"{name}_high"]].tolist() == pytest.approx([float(low), float(high)])
    ends = float(wilson(2, 4, conf_level=0.95)[0]), float(wilson(3, 4, conf_level=0.95)[1])
    assert (first["conf_low"], first["conf_high"]) == pytest.approx(ends)


def test_a_cause_that_is_blank_or_in_no_table_is_unknown_and_more_than_three_in_ten_leave_bounds_alone():
    """Arithmetic: late carrier, weather, fire, blank, "unknown": 1/5 to 4/5 within control, and 3/5 not known."""
    table = causes(orders(["carrier", "weather", "fire", None, "Unknown"]), CONTROL)
    first = table.frame.iloc[0]
    assert (first["controllable_low"], first["controllable_high"], first["unknown"]) == pytest.approx((0.2, 0.8, 0.6))
    control = rows(table, "control").set_index("control")
    assert first["bounds_only"]
    assert control.loc[["controllable", "shared", "uncontrollable"], ["n", "share", "of_late"]].isna().all(axis=None)
    assert control.loc["unknown", "of_late"] == pytest.approx(0.6)
    assert late_of(table) == {"unknown": 2, "carrier": 1, "fire": 1, "weather": 1}
    assert rows(table, "cause").set_index("cause").loc["fire", "control"] == "unknown"
    assert "Not in the table of causes, and so not known: fire." in table.notes
    assert any("only the bounds are shown" in note for note in table.notes)


def test_an_order_of_several_causes_is_shared_out_and_counted_once():
    """Arithmetic: one order half carrier, half weather; a cause that is named twice is one."""
    table = causes(orders(["carrier; weather", "Carrier;carrier", "weather"]), CONTROL)
    assert late_of(table) == {"carrier": 1.5, "weather": 1.5}
    first = table.frame.iloc[0]
    assert (first["late"], first["controllable_low"], first["controllable_high"]) == (3, 0.5, 0.5)
    assert rows(table, "cause")["of_late_low"].notna().all()


@pytest.mark.parametrize("engine", ["pandas", "polars", "duckdb"])
def test_several_rows_of_an_order_share_it_by_measured_minutes(engine):
    """Arithmetic: 90 of 120 minutes were the carrier's; without minutes, or with one missing, both have half."""
    frame = orders(["carrier", "weather"], kept=3).assign(
        event_id=["A", "B", "C", "D", "E"], minutes=[np.nan] * 3 + [30.0, 5.0]
    )
    twice = frame.iloc[[3, 3]].assign(cause=["carrier", "weather"], minutes=[90.0, 30.0])
    whole = pd.concat([frame.iloc[[0, 1, 2, 4]], twice], ignore_index=True)
    assert late_of(causes(ENGINES[engine](whole), CONTROL, minutes="minutes")) == {"weather": 1.25, "carrier": 0.75}
    assert late_of(causes(ENGINES[engine](whole), CONTROL)) == {"weather": 1.5, "carrier": 0.5}
    lacking = whole.assign(minutes=whole["minutes"].where(whole["minutes"] != 30))
    assert late_of(causes(ENGINES[engine](lacking), CONTROL, minutes="minutes")) == {"weather": 1.5, "carrier": 0.5}


def test_rows_of_an_order_that_differ_in_more_than_the_cause_contradict_each_other():
    frame = orders(["carrier", "weather"], kept=2).assign(event_id=["A", "B", "C", "C"], delivered=[4.0, 4, 7, 8])
    table = causes(frame, CONTROL)
    assert (table.frame["late"].iloc[0], table.frame["set_aside"].iloc[0]) == (0, 2)
    assert table.title == "No promise was broken"


def test_open_orders_past_their_promise_are_late_and_others_are_left_out_and_counted():
    frame = orders(["carrier"], kept=1)
    times = pd.DataFrame(
        {
            "promised_first": pd.to_datetime(
                ["2026-03-05T12:00Z"] * 2 + ["2026-03-08T12:00Z", "2026-03-12T12:00Z", "2026-03-08T12:00Z"]
            ),
            "delivered_at": pd.to_datetime(["2026-03-04T12:00Z", "2026-03-07T12:00Z", None, None, None]),
            "cancelled_at": pd.to_datetime([None] * 4 + ["2026-03-07T12:00Z"]),
            "cause": [*frame["cause"], None, None, None],
        }
    )
    table = causes(times, CONTROL, as_of="2026-03-10")
    first = table.frame.iloc[0]
    assert first[["promises", "late", "open", "waiting", "cancelled"]].tolist() == [3, 2, 1, 1, 1]
    assert late_of(table) == {"carrier": 1, "unknown": 1}
    assert "Left out: 1 open and not yet due, 1 cancelled." in table.notes


def test_customers_weigh_the_same_whatever_they_order():
    """Arithmetic: one customer had nine orders late for the weather, another one late by the carrier: half and half."""
    frame = orders(["weather"] * 9 + ["carrier"], kept=0, customer_id=["A"] * 9 + ["B"])
    assert causes(frame, CONTROL).frame["controllable_low"].iloc[0] == pytest.approx(0.5)
    assert causes(frame, CONTROL, weight_by="event").frame["controllable_low"].iloc[0] == pytest.approx(0.1)


def test_without_a_table_of_causes_they_are_shown_and_the_split_is_not_measured():
    table = causes(orders(["carrier", "carrier", "weather"]), Absent("causes"))
    assert rows(table, "cause")["cause"].tolist() == ["carrier", "weather"]
    assert table.title == "carrier is behind 67 % of what is late; which cause is the largest is not settled"
    clear = causes(orders(["carrier"] * 40 + ["weather"] * 4), None)
    assert clear.title == "The largest cause of lateness is carrier, 91 % of what is late"
    assert causes(orders([None] * 9 + ["weather"]), None).title == "90 % of what is late has no known cause"
    assert rows(table, "control").empty
    assert table.frame["controllable_low"].isna().all()
    assert any("is not measured: there is no table of causes" in note for note in table.notes)


def test_what_is_not_there_is_not_measured():
    assert "no column 'cause'" in causes(orders(["x"]).drop(columns="cause"), CONTROL).missing
    assert "no table 'events'" in causes(Absent("events"), CONTROL).missing
    assert "hold no promise" in causes(orders(["x"]).drop(columns="promised"), CONTROL).missing


def test_misuse_is_named():
    with pytest.raises(ArgumentError, match=r"must say in 'control' one of .* not 'ours'"):
        causes(orders(["carrier"]), CONTROL.assign(control="ours"))
    with pytest.raises(ArgumentError, match="one control for each cause; 'Carrier' has 'controllable' and 'shared'"):
        causes(orders(["carrier"]), pd.DataFrame({"cause": ["carrier", "Carrier"], "control": ["controllable", "shared"]}))
    with pytest.raises(ColumnError, match="'control'"):
        causes(orders(["carrier"]), CONTROL.drop(columns="control"))
    with pytest.raises(ArgumentError, match="none of the table's own, not 'cause'"):
        causes(orders(["carrier"]), CONTROL, by="cause")
    with pytest.raises(ArgumentError, match="column of teams"):
        causes(orders(["carrier"]).assign(employee_id="E1"), CONTROL, coder="employee_id")


# How causes were coded


def coded(seed: int, biased: bool) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    team = random.choice(["North", "South"], 400)
    excuse = np.where(biased & (team == "South"), 0.7, 0.3)
    first = np.where(random.random(400) < excuse, "weather", "carrier")
    second = np.where(random.random(400) < 0.2, np.where(first == "weather", "carrier", "weather"), first)
    return orders(list(first), kept=0, team=team, second=second)


def test_a_team_that_excuses_more_than_chance_would_give_is_named():
    table = causes(coded(1, True), CONTROL, coder="team")
    assert rows(table, "coder")["cause"].tolist() == ["North", "South"]
    assert any(note.startswith("South calls") and "more than chance would give" in note for note in table.notes)
    fair = causes(coded(1, False), CONTROL, coder="team")
    assert any("do not clearly differ" in note for note in fair.notes)


def test_two_codings_have_a_kappa_from_a_hundred_on():
    """Cohen (1960): four in five coded alike."""
    frame = coded(2, False)
    first = causes(frame, CONTROL, second="second").frame.iloc[0]
    agreed, share = (
        (frame["cause"] == frame["second"]).mean(),
        [(frame[name] == "weather").mean() for name in ("cause", "second")],
    )
    chance = share[0] * share[1] + (1 - share[0]) * (1 - share[1])
    assert (first["kappa"], first["kappa_n"]) == (pytest.approx((agreed - chance) / (1 - chance)), 400)
    few = causes(frame.head(99), CONTROL, second="second")
    assert np.isnan(few.frame["kappa"].iloc[0])
    assert any("not measured: 99 late events were coded twice, 100 are needed" in note for note in few.notes)


# Few customers


def test_small_causes_are_put_together_and_not_named_and_small_cells_are_left_out():
    frame = orders(["carrier"] * 12 + ["Mr Smith slept", "fire"], kept=20, region=["N"] * 30 + ["S"] * 4)
    table = causes(frame, CONTROL, min_n=10)
    assert late_of(table) == {"carrier": 12, "other causes": 2}
    assert "Smith" not in repr(table)
    assert "fire" not in repr(table)
    cut = causes(frame.assign(region=["N"] * 15 + ["W"] * 15 + ["S"] * 4), CONTROL, by="region", min_n=10)
    assert "S" not in set(cut.frame["region"])
    assert len(set(cut.frame["region"])) == 1  # another one protects it
    assert any(note.startswith("Too few to show: ") for note in cut.notes)


def test_a_coder_of_few_customers_cannot_be_worked_out_from_all_that_is_late():
    """Arithmetic: of 90 late, 42 by A and 45 by B leave 3, and what they were coded, for C; so one of the two is hidden too."""
    team = ["A"] * 42 + ["B"] * 45 + ["C"] * 3
    frame = orders(["carrier", "weather", "weather"] * 30, kept=0, team=team)
    assert rows(causes(frame, CONTROL, coder="team"), "coder")["cause"].tolist() == ["A", "B", "C"]
    assert rows(causes(frame, CONTROL, coder="team", min_n=10), "coder")["cause"].tolist() == ["B"]
    blank = frame.assign(team=["A"] * 42 + ["B"] * 45 + [None] * 3)  # those that nobody signed are as few
    assert rows(causes(blank, CONTROL, coder="team", min_n=10), "coder")["cause"].tolist() == ["B"]
    many = frame.assign(team=["A"] * 30 + ["B"] * 40 + [None] * 20)
    assert rows(causes(many, CONTROL, coder="team", min_n=10), "coder")["cause"].tolist() == ["A", "B"]


def test_an_empty_table_of_causes_leaves_all_unknown_and_days_of_review_are_read_as_iso_alone():
    table = causes(orders(["carrier"]), CONTROL.iloc[:0])
    assert (table.frame["controllable_low"].iloc[0], table.frame["controllable_high"].iloc[0]) == (0, 1)
    odd = causes(orders(["carrier"]), CONTROL.assign(reviewed=["2026-01-15", "never", "01.02.2026"]))
    assert (
        "The oldest row of the table of causes was reviewed on 15 January 2026. 2 causes of it tell of no review."
        in " ".join(odd.notes)
    )
    with pytest.raises(ArgumentError, match="events must be a pandas"):
        causes("orders.csv")


# The sample, and the laws


@pytest.mark.parametrize("name", ["pandas", "polars", "duckdb"])
def test_the_samples_true_shares_lie_in_their_intervals(name):
    """The truth that the sample was drawn from; few of 14 intervals of 95 % may miss, and the bounds' own may not."""
    study = sample()
    truth = json.loads((Path(cx.__file__).parents[1] / "data" / "sample" / "truth.json").read_text(encoding="utf-8"))["causes"]
    table = causes(ENGINES[name](study.events), study.causes, zone="Europe/Berlin", min_n=10)
    first, missed = table.frame.iloc[0], 0
    assert first["conf_low"] <= truth["controllable"]["low"] <= truth["controllable"]["high"] <= first["conf_high"]
    for level in ("control", "cause"):
        found = rows(table, level).set_index(level)
        for key, share in truth[level].items():
            missed += not found.loc[key, "of_late_low"] <= share <= found.loc[key, "of_late_high"]
    assert missed <= 1


@pytest.mark.parametrize("weight_by", ["customer", pytest.param("event", marks=pytest.mark.slow)])
def test_customers_that_an_engine_holds_give_the_same_table(monkeypatch, weight_by):
    study = sample()
    options = {"by": "region", "weight_by": weight_by, "zone": "Europe/Berlin", "min_n": 10, "coder": "channel"}
    near = causes(study.events, study.causes, **options)
    monkeypatch.setattr(engine, "MANY_ROWS", 100)
    away = causes(duckdb.from_df(study.events), study.causes, **options)
    assert_frame_equal(near.frame, away.frame, rtol=1e-9)
    assert near.cells == away.cells


@pytest.mark.slow
def test_pyspark_gives_the_same_table(spark):
    frame = orders(["carrier", "weather; carrier", None] * 4, kept=20, region=["N", "S"] * 16)
    wanted, found = causes(frame, CONTROL, by="region"), causes(spark(frame), CONTROL, by="region")
    assert_frame_equal(found.frame, wanted.frame, rtol=1e-9)


@LAW
@given(st.integers(0, 2**31))
def test_parts_add_up_and_order_of_rows_changes_nothing(seed):
    random = np.random.default_rng(seed)
    late = list(random.choice(["carrier", "weather", "address", "fire", None, "carrier; fire"], 40))
    frame = orders(late, kept=30, customer_id=random.integers(0, 30, 70).astype(str), region=random.choice(["N", "S"], 70))
    for weight_by in ("customer", "event"):
        table = causes(frame, CONTROL, by="region", weight_by=weight_by)
        sums = table.frame.groupby(["region", "level"])[["share", "of_late"]].sum()
        for region in ("N", "S"):
            kept = sums.loc[(region, "kept"), "share"]
            assert kept + sums.loc[(region, "cause"), "share"] == pytest.approx(1)
            assert sums.loc[(region, "cause"), "of_late"] == pytest.approx(1)
        again = causes(frame.sample(frac=1, random_state=1), CONTROL.iloc[::-1], by="region", weight_by=weight_by)
        assert_frame_equal(table.frame, again.frame)
