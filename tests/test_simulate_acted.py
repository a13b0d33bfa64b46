"""What actions of the synthetic study rest on: its tables agree with the truth that is claimed for them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cxgap.simulate import company, customers, mishaps, settled, shifts, simulate_study
from cxgap.simulate.drawn_actions import DRAWN
from cxgap.simulate.draws import combined
from cxgap.simulate.sayings import SAYINGS
from cxgap.simulate.whatif import one_action_draw

QUICK = 105  # seconds: nobody attentive is quicker
END = pd.Timestamp("2026-04-01", tz="UTC")


@pytest.fixture(scope="module")
def large():
    return simulate_study(40_000, seed=3)


@pytest.fixture(scope="module")
def orders(large) -> pd.DataFrame:
    """Delivered orders with their days, to the second and on the calendar."""
    events = large.tables["events"].dropna(subset="delivered_at").set_index("event_id")
    at = {name: pd.to_datetime(events[name], format="ISO8601") for name in ("ordered_at", "promised_first", "delivered_at")}
    day = {name: times.dt.floor("D") for name, times in at.items()}
    return events.assign(
        **at,
        elapsed=(at["delivered_at"] - at["ordered_at"]).dt.total_seconds() / 86400,
        calendar=(day["delivered_at"] - day["ordered_at"]).dt.days,
        delay=(day["delivered_at"] - day["promised_first"]).dt.days,
        over=(at["delivered_at"] - at["promised_first"]).dt.total_seconds() / 86400,
    )


@pytest.fixture(scope="module")
def early(orders) -> pd.DataFrame:
    """Those ordered so soon that none of their kind is open still."""
    return orders[orders["ordered_at"] < pd.Timestamp("2026-03-15", tz="UTC")]


def within(found: float, share: float, count: int) -> bool:
    return abs(found - share) < 5 * np.sqrt(share * (1 - share) / count) + 1e-6


def test_each_table_moves_alone(monkeypatch):
    """A generator of its own for all that was added; but who leaves and who lives together moves the campaigns."""
    plain = simulate_study(300, seed=7).tables
    changes = [
        (mishaps, "DAMAGED_SHARE", 0.5, "events", ["failed", "recovery_at"]),
        (settled, "FEELS_BLANK", 0.9, "contacts", ["sentiment"]),
        (shifts, "PRESENT", 0.5, "staffing", ["agents"]),
        (company, "DIED_PER_YEAR", 2.0, "customers", []),
        (customers, "HOUSEHOLD_SHARE", 0.0, "customers", ["household"]),
    ]
    for module, name, value, table, columns in changes:
        with monkeypatch.context() as changed:
            changed.setattr(module, name, value)
            moved = simulate_study(300, seed=7).tables
        assert {one for one in plain if not plain[one].equals(moved[one])} - {"outreach"} == {table}, name
        apart = {column for column in plain[table] if not plain[table][column].equals(moved[table][column])}
        assert apart - {"churned_at", "exit"} == set(columns) - {"churned_at", "exit"}


# Promises


def test_lead_times_have_the_quantiles_of_the_truth(large, early):
    """The share within a quantile is its level (to the second), or what is attained (on the calendar)."""
    for plan in large.truth["promise_plan"]:
        here = early[early["product"] == plan["product"]]
        assert within((here["delay"] <= 0).mean(), plan["kept"], len(here))
        for row in plan["quantiles"]:
            assert within((here["elapsed"] <= row["elapsed"]).mean(), row["level"], len(here)), row
            assert within((here["calendar"] <= row["calendar"]).mean(), row["attained"], len(here)), row
            assert (here["calendar"] < row["calendar"]).mean() < row["level"]


def test_messages_are_kept_as_often_as_the_truth_says(large, early):
    messages = large.tables["messages"].set_index("message_id")
    told = {row["message_id"]: row for row in large.truth["messages"]}
    assert set(told) == set(messages.index[messages["metric"] == "delivery time"])
    for name, row in told.items():
        here = early[early["product"] == messages.loc[name, "product"]]
        if isinstance(messages.loc[name, "region"], str):
            here = here[here["region"] == messages.loc[name, "region"]]
        for days in ("elapsed", "calendar"):
            assert within((here[days] <= row["level"]).mean(), row[days], len(here)), (name, days)
    assert told["M03"]["says"] == 0.95 > told["M03"]["calendar"] + 0.2
    assert messages["touchpoint"].nunique() == 6
    assert "Claim damage" not in set(messages["touchpoint"])


def test_perception_falls_with_lateness_as_the_regression_says(large, orders):
    """Least squares of attentive visits; the model's mean is not linear in days, so the truth is a projection."""
    visits = large.tables["responses"].dropna(subset="event_id").query("seconds >= @QUICK").merge(orders, on="event_id")
    answers = visits[[f"p{item:02d}" for item in range(1, 23)]].to_numpy(float, na_value=np.nan)
    answers = np.where((answers >= 1) & (answers <= 7), answers, np.nan)
    places = [np.flatnonzero(place == company.ITEM_DIMENSION) for place in range(5)]
    score = np.stack([np.nanmean(answers[:, place], axis=1) for place in places], axis=1).mean(axis=1)
    weight, late = visits["weight"].to_numpy(), (visits["delay"] > 0).to_numpy(float)
    for name, days in (("calendar", visits["delay"]), ("elapsed", visits["over"])):
        past = days.to_numpy(float)
        design = np.column_stack([np.ones(len(visits)), late, np.maximum(past, 0), np.maximum(-past, 0)])
        bread = np.linalg.inv(design.T @ (design * weight[:, None]))
        slopes = bread @ design.T @ (weight * score)
        meat = design * (weight * (score - design @ slopes))[:, None]
        error = np.sqrt(np.diag(bread @ meat.T @ meat @ bread))
        told = large.truth["response"]["attentive"][name]
        assert np.abs(slopes[1:] - list(told.values())).max() < 0.1
        assert (np.abs(slopes[1:] - list(told.values())) < 5 * error[1:]).all(), name


def test_those_who_wait_complain_as_often_as_the_truth_says(large, early):
    contacts = large.tables["contacts"].query("repeat == 'no'").dropna(subset="event_id").drop_duplicates("event_id")
    at = pd.to_datetime(contacts.set_index("event_id")["at"]).reindex(early.index)
    asked = (at - early["promised_first"]).dt.days < 14
    told = large.truth["silent"]
    late = early["delay"] > 0
    assert within(asked[late].mean(), told["complaint_rate"], late.sum())
    assert within(at.notna()[~late].mean(), told["on_time"], (~late).sum())
    for row in told["by_days"]:
        here = early["delay"] == row["days_late"]
        assert within(asked[here].mean(), row["complaint_rate"], here.sum())


# Leaving


def test_leaving_goes_with_the_shortfall_more_than_delay_makes_it(large):
    """Risk and association of a simulated study, of answers that were given 180 days before the end."""
    answers = large.tables["responses"].query("touchpoint == 'Receive the parcel'")
    answers = answers.merge(large.tables["customers"][["customer_id", "churned_at", "exit"]], on="customer_id")
    answers = answers[answers["at"] <= "2025-10-02"]
    sides = []
    for side in "ep":
        found = answers[[f"{side}{item:02d}" for item in range(1, 23)]].to_numpy(float, na_value=np.nan)
        found = np.where((found >= 1) & (found <= 7), found, np.nan)
        places = [np.flatnonzero(place == company.ITEM_DIMENSION) for place in range(5)]
        sides.append(np.stack([np.nanmean(found[:, place], axis=1) for place in places], axis=1).mean(axis=1))
    shortfall = np.maximum(sides[0] - sides[1], 0)
    days = (pd.to_datetime(answers["churned_at"]) - pd.to_datetime(answers["at"])).dt.days
    left = ((days < 180) & (answers["exit"] == "chose")).to_numpy(float)
    told = large.truth["causal_share"]["surveyed"]
    assert abs(left.mean() - told["risk"][0]) < 0.03  # early answers have later orders, and campaigns
    assert 0.6 < told["share"][0] < 0.9
    assert told["share"][0] == pytest.approx(told["effect"][0] / told["association"][0], abs=1e-3)
    slope, level = np.polyfit(shortfall, left, 1)
    assert slope * shortfall.mean() == pytest.approx(told["association"][0], abs=0.02)
    assert level > 0


def test_one_order_alone_gives_the_exact_effect():
    """Independent simulation: a normal disposition, a delay, and two exponential times."""
    rng, size = np.random.default_rng(6), 2_000_000
    share = np.einsum("p,r,w,prwd->d", company.PRODUCT_SHARE, company.REGION_SHARE, company.WAVE_SHARE, shares())
    late = np.maximum(rng.choice(company.DELAYS, size, p=share), 0)
    calm, days = np.exp(-company.CHURN_DISPOSITION * rng.standard_normal(size)), 180 / 365.25
    other = rng.exponential(1, size) / (company.MOVED_PER_YEAR + company.DIED_PER_YEAR)
    patience = rng.exponential(1, size) / company.CHURN_PER_YEAR / calm
    chose = patience / np.exp(company.CHURN_LOG_HAZARD * np.minimum(late, 4))
    risk, prompt = ((time < np.minimum(other, days)) for time in (chose, patience))
    told = simulate_study(1).truth["causal_share"]["one_order"]
    assert risk.mean() - prompt.mean() == pytest.approx(told["effect"], abs=0.001)
    assert risk[late > 0].mean() == pytest.approx(told["risk_if_late"], abs=0.003)
    assert prompt.mean() == pytest.approx(told["risk_if_not"], abs=0.001)


def shares() -> np.ndarray:
    from cxgap.simulate.latent import delay_share

    return delay_share()


def test_campaigns_come_to_what_was_drawn(large):
    listed = large.tables["outreach"].merge(large.tables["customers"], on="customer_id")
    events, contacts = large.tables["events"].set_index("event_id"), large.tables["contacts"]
    days = (pd.to_datetime(listed["churned_at"]) - pd.to_datetime(listed["at"].str[:10])).dt.days
    left = (days < 90) & (listed["exit"] == "chose")
    told = large.truth["outreach"]
    for arm, name in (("contacted", "contacted"), ("held out", "held_out")):
        here = listed["arm"] == arm
        assert within(left[here].mean(), told[name][0], here.sum())
    assert told["risk_difference"][0] == pytest.approx(told["contacted"][0] - told["held_out"][0], abs=2e-6)
    assert len(listed) / len(large.tables["customers"]) == pytest.approx(told["listed"][0], abs=0.005)
    order = events.loc[listed["event_id"]].reset_index()
    assert (order["delivered_at"] > order["promised_first"]).all()
    assert (order["delivered_at"] < listed["at"]).all()
    first = contacts.groupby("event_id")["at"].min().reindex(listed["event_id"]).reset_index(drop=True)
    assert (first.fillna("9999") >= listed["at"].str[:10]).all()
    assert not listed["household"].dropna().groupby(listed["campaign"]).apply(lambda homes: homes.duplicated().any()).any()


def test_households_are_pairs_of_a_region(large):
    people = large.tables["customers"].dropna(subset="household")
    assert len(people) / len(large.tables["customers"]) == pytest.approx(0.12, abs=0.001)
    assert (people.groupby("household").size() == 2).all()
    assert not people.drop_duplicates(["household", "region"])["household"].duplicated().any()


# What went wrong, and help


def test_damage_and_recovery_come_in_the_declared_shares(large, orders):
    events, told = large.tables["events"], large.truth["incidents"]
    failed, lot = orders["failed"] == "yes", orders["batch"] == told["damaged_lot"]
    assert within(failed[lot].mean(), told["damaged"]["lot"], lot.sum())
    assert within(failed[~lot].mean(), told["damaged"]["elsewhere"], (~lot).sum())
    named = orders["incident_id"] == "I01"
    assert not (named & ~(failed & lot)).any()
    assert within(named[failed & lot].mean(), told["noted"], (failed & lot).sum())
    assert (events["failed"].notna() == events["delivered_at"].notna()).all()
    wrong = (orders["over"] > 0) | failed
    begun = pd.to_datetime(orders["recovery_at"])
    soon = wrong & (orders["delivered_at"] < END - pd.Timedelta(days=20))
    assert within(begun.notna()[soon].mean(), told["made_good"], soon.sum())
    assert not begun.notna()[~wrong].any()
    assert (begun[wrong & ~failed] > orders["promised_first"][wrong & ~failed])[begun.notna()].all()
    assert not (begun < orders["ordered_at"]).any()
    assert set(orders.loc[lot, "region"]) == {"007"}
    assert (orders.loc[lot, "ordered_at"].dt.isocalendar().week == 46).all()


def test_the_intervention_shortens_what_it_reaches_by_three_tenths(large):
    """Least squares of log hours on channel, region, season and the intervention: all of it declared."""
    contacts = large.tables["contacts"]
    region = contacts["customer_id"].map(large.tables["customers"].set_index("customer_id")["region"])
    at, done = (pd.to_datetime(contacts[name]) for name in ("at", "resolved_at"))
    hours = (done - at).dt.total_seconds() / 3600
    assert done.isna().mean() < 0.02
    told, early = large.truth["intervention"], (at < END - pd.Timedelta(days=20)).to_numpy()
    day = (at - pd.Timestamp("2025-01-01", tz="UTC")).dt.days.to_numpy()
    reached = region.isin(told["regions"]).to_numpy() & (day >= 273)
    known = contacts["channel"].map(told["median"]).to_numpy() * region.map(told["region"]).to_numpy()
    angle = 2 * np.pi * (day - settled.SEASON_PEAK) / 365.25
    design = np.column_stack([np.ones(len(at)), np.cos(angle), reached])[early]
    outcome = np.log(hours / known)[early]
    slopes = np.linalg.lstsq(design, outcome, rcond=None)[0]
    error = told["log_sd"] * np.sqrt(np.diag(np.linalg.inv(design.T @ design)))
    assert (np.abs(slopes - [0, told["season"], np.log(told["ratio"])]) < 5 * error).all()
    here = reached & early
    assert abs(hours[here].mean() - told["hours"][0]) < 5 * hours[here].std() / np.sqrt(here.sum())
    assert told["difference"][0] == pytest.approx(told["hours"][0] * (1 - 1 / told["ratio"]), abs=1e-3)


def test_what_was_said_goes_with_how_it_felt_and_names_nobody(large):
    contacts, events = large.tables["contacts"], large.tables["events"].set_index("event_id")
    said = [line for lists in SAYINGS.values() for lines in lists for line in lines]
    assert 30 <= len(said) == len(set(said)) <= 60
    assert not any(letter.isdigit() or letter in "@+/" for line in said for letter in line)
    assert set(contacts["text"]) == set(said)
    felt = contacts.groupby("text")["sentiment"].mean()
    for lists in SAYINGS.values():
        by_band = [felt[list(lines)].mean() for lines in lists]
        assert (np.diff(by_band) > 0.15).all()
    assert contacts["sentiment"].dropna().between(-1, 1).all()
    assert contacts["sentiment"].isna().mean() == pytest.approx(0.03, abs=0.01)
    late = contacts["event_id"].map(events["delivered_at"] > events["promised_first"]) == True  # noqa: E712
    assert contacts["sentiment"][late].mean() < contacts["sentiment"][~late].mean() - 0.3
    assert (contacts["reopened"].notna() == contacts["resolved_at"].notna()).all()


def test_mondays_begin_weakly(large):
    hours, told = large.tables["staffing"], large.truth["staffing"]
    assert len(hours) == 12 * 6 * 12 * 2
    at = pd.to_datetime(hours["at"]).dt.tz_convert("Europe/Berlin")
    assert at.dt.hour.between(8, 19).all()
    weak = (at.dt.day_of_week == 0) & (at.dt.hour < 8 + told["monday_hours"])
    for here, chance in ((weak, told["present_monday"]), (~weak, told["present"])):
        planned = hours["planned"][here].sum()
        assert within(hours["agents"][here].sum() / planned, chance, planned)
    shut = hours["open_minutes"] < 60
    assert within(shut[weak].mean(), told["shut_monday"], weak.sum())
    assert within(shut[~weak].mean(), told["shut"], (~weak).sum())
    assert set(hours["channel"]) == set(large.tables["channels"].query("assisted == 'yes'")["channel"])


def test_registers_hold_what_there_is_to_find(large):
    """One reason lacks an article, one article is old, one action nobody asked for, three are overdue, one is technology."""
    tables = large.tables
    reasons = set(tables["contacts"]["reason"])
    assert reasons - set(tables["articles"]["reason"]) == {"damaged parcel"}
    assert (tables["articles"]["reviewed"] < "2024").sum() == 1
    actions = tables["actions"]
    assert actions["said"].isna().sum() == 1
    assert ((actions["due_at"] < "2026-03-31") & actions["done_at"].isna()).sum() == 3
    assert (actions["kind"] == "technology").sum() == actions["target"].notna().sum() == 1
    change = actions.set_index("action_id").loc["A01"]
    assert (change["done_at"], change["treated"]) == (str(settled.CHANGED_ON), "region = 007; 0012")
    assert set(tables["inventory"]["product"]) >= set(company.PRODUCTS)
    assert set(tables["incidents"]["batch"].dropna()) <= set(tables["events"]["batch"])


@pytest.mark.slow
def test_what_was_drawn_comes_again():
    """Four other studies of 40,000 against the fifty of the truth: within 6 standard errors of both."""
    told = combined([one_action_draw(np.random.default_rng(seed), 40_000) for seed in np.random.SeedSequence(98).spawn(4)])
    for name, part in walked(told):
        there = DRAWN
        for key in name:
            there = there[key]
        assert abs(part[0] - there[0]) < 6 * there[1] * np.sqrt(1 + 50 / 4) + 1e-6, name


def walked(parts, name=()):
    for key, value in parts.items():
        if isinstance(value, dict):
            yield from walked(value, (*name, key))
        else:
            yield (*name, key), value
