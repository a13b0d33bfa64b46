"""Friction counted by hand on ten contacts, on every engine; and the laws that no log may break."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from conftest import ENGINES
from contact_logs import CHANNELS, CUSTOMERS, DAY, END, EVENTS, START, contact_log, drawn_log
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from samples import sample
from scipy.stats import t

import cxgap as cx
from cxgap.errors import ArgumentError, ColumnError
from cxgap.stats.proportions import wilson
from cxgap.tables.absent import Absent

LAW = settings(max_examples=2, deadline=None, derandomize=True)
SEEDS = st.integers(0, 2**32 - 1)
CLOSE = {"check_exact": False, "rtol": 1e-12, "atol": 1e-12}


def measured(contacts: object, **options: object) -> pd.DataFrame:
    table = cx.friction(contacts, **{"as_of": END, **options})
    return table.frame.set_index("measure")


def one(day: float, **columns: object) -> dict[str, object]:
    return {"customer_id": "A", "at": START + day * DAY, "reason": "late", **columns}


# Numbers, typed by hand


@pytest.mark.parametrize("engine", ENGINES)
def test_ten_contacts_counted_by_hand(engine):
    """Arithmetic: issues A1 (App, Phone), A2, B1, B2 (Web, Phone), B3 (Web, Web), C1 (App, App seven days later)."""
    to = ENGINES[engine]
    found = measured(to(contact_log()), channels=to(CHANNELS), customers=to(CUSTOMERS), events=to(EVENTS))
    by_hand = {
        "contacts": 10 / 6,
        "repeat": 4 / 6,
        "first_contact": 2 / 6,  # A2 and B1; B3's first contact was settled too, and the customer came again
        "switched": 2 / 6,
        "forced": 2 / 6,
        "handoffs": 1 / 6,
        "abandoned": 1 / 6,
        "elapsed": 12 / 6,  # 1, 0, 0, 2, 2 and 7 days
        "elapsed_median": 1.5,
        "elapsed_several": 2.0,
        "minutes": 42 / 6,
        "cost": 21.5 / 6,
        "switch_cost": 12 / 6,
        "forced_cost": 12 / 6,
        "per_customer": 150.0,  # six issues of four customers
        "per_event": 100.0,  # five issues of the customers A, B and D, who have five events
    }
    assert found["estimate"].to_dict() == pytest.approx(by_hand, rel=1e-12)
    assert found.loc["repeat", ["n", "issues", "open"]].tolist() == [3, 6, 0]
    assert found.loc["elapsed_several", ["n", "issues"]].tolist() == [3, 4]
    assert found.loc["cost", "total"] == pytest.approx(21.5)
    assert found.loc["forced_cost", "total"] == pytest.approx(12.0)


def test_customers_and_not_issues_are_the_independent_units():
    """Taylor: contacts less 10/6 x issues, by customer -1/3, 0 and 1/3; over 6 issues, times 3/2. Customers 2, 3, 1, 0 of 1."""
    found = measured(contact_log(), customers=CUSTOMERS)
    std_error = np.sqrt((2 / 9) / 36 * 3 / 2)
    row = found.loc["contacts"]
    assert (row["std_error"], row["df"]) == pytest.approx((std_error, 2), rel=1e-12)
    half = t.ppf(0.975, 2) * std_error
    assert (row["conf_low"], row["conf_high"]) == pytest.approx((10 / 6 - half, 10 / 6 + half), rel=1e-12)
    assert found.loc["per_customer", "std_error"] == pytest.approx(100 * np.std([2, 3, 1, 0], ddof=1) / 2, rel=1e-12)


def test_one_issue_a_customer_has_wilsons_interval():
    """Wilson (1927): 3 of 9 customers came again; the plain binomial standard error times sqrt(9 / 8)."""
    rows = [one(0, customer_id=f"C{k}") for k in range(9)] + [one(2, customer_id=f"C{k}") for k in range(3)]
    row = measured(pd.DataFrame(rows)).loc["repeat"]
    low, high = wilson([3], [9], conf_level=0.95)
    assert (row["estimate"], row["conf_low"], row["conf_high"]) == pytest.approx((1 / 3, low[0], high[0]), rel=1e-12)
    assert row["std_error"] == pytest.approx(np.sqrt(2 / 81) * np.sqrt(9 / 8) / np.sqrt(1), rel=1e-12)


@pytest.mark.parametrize(
    ("days", "window", "issues", "contacts"),
    [
        ((0,), 7, 1, [1]),
        ((0, 7), 7, 1, [2]),
        ((0, 7.0001), 7, 2, [1, 1]),
        ((0, 5, 10, 15), 7, 1, [4]),  # each follows the one before
        ((0, 0, 0), 7, 1, [3]),
        ((0, 1), 0.5, 2, [1, 1]),
    ],
)
def test_an_issue_goes_on_while_contacts_follow_each_other_within_the_window(days, window, issues, contacts):
    row = measured(pd.DataFrame([one(day) for day in days]), window=window).loc["contacts"]
    assert (row["issues"], row["estimate"]) == (issues, pytest.approx(np.mean(contacts)))


def test_contacts_of_one_moment_come_in_the_order_of_their_ids():
    """App, Phone, App within a second is two changes; App, App, Phone is one: the ids tell which it was."""
    ids = {"K1": "App", "K2": "Phone", "K3": "App"}
    for order in (["K1", "K2", "K3"], ["K3", "K1", "K2"]):
        log = pd.DataFrame([one(0, contact_id=name, channel=ids[name]) for name in order])
        found = measured(log, channels=CHANNELS)
        assert found.loc["switch_cost", "estimate"] == pytest.approx(6.0 + 0.5)


def test_what_a_contact_is_about_is_its_issue_else_its_event_else_its_touchpoint_or_reason():
    rows = [
        one(0, issue_id="I1", event_id="E1", touchpoint="Pay"),
        one(1, issue_id="I1", event_id="E2", touchpoint="Pay"),
        one(2, issue_id=None, event_id="E2", touchpoint="Pay"),
        one(3, issue_id=None, event_id="E2", touchpoint="Get"),
        one(4, issue_id=None, event_id=None, touchpoint="Pay"),
        one(5, issue_id=None, event_id=None, touchpoint="Pay", reason="other"),
    ]
    log = pd.DataFrame(rows)
    assert measured(log).loc["contacts", "issues"] == 3
    assert measured(log, about=["event_id", "touchpoint"]).loc["contacts", "issues"] == 3
    assert measured(log, about="customer_id").loc["contacts", "issues"] == 1
    assert measured(log.drop(columns=["issue_id", "event_id"])).loc["contacts", "issues"] == 2


def test_what_is_not_known_is_not_guessed():
    """A missing channel between two others: nobody knows of a change; an issue with a known one has it all the same."""
    rows = [one(0, channel="App"), one(1, channel=None), one(2, channel="Phone")]
    rows += [one(day, customer_id="B", channel=channel) for day, channel in ((0, "App"), (1, "Web"), (2, None))]
    rows += [one(0, customer_id="C", channel="App"), one(0, customer_id="D", channel=None)]
    row = measured(pd.DataFrame(rows)).loc["switched"]
    assert (row["issues"], row["estimate"]) == (2, 0.5)


def test_a_contact_without_customer_or_time_is_left_out_and_counted():
    log = pd.concat([contact_log(), pd.DataFrame([one(0, customer_id=None), one(0, at=pd.NaT)])], ignore_index=True)
    table = cx.friction(log, as_of=END)
    assert "2 contacts without a customer or a time were left out." in table.notes
    assert table.frame.set_index("measure").loc["contacts", "issues"] == 6


def test_a_contact_told_twice_under_its_id_is_one():
    log = contact_log()
    assert_frame_equal(measured(pd.concat([log, log.iloc[[1, 4]]], ignore_index=True)), measured(log), **CLOSE)


# What is still open


def test_an_issue_is_open_while_the_customer_may_come_again():
    """The data end at the start of day 12: of A2 (day 9), C1 (day 7) and B3 (day 6) nobody knows what comes."""
    log = contact_log()
    found = measured(log, as_of="2025-01-13T00:00:00Z")
    assert found.loc["repeat", "open"] == 3
    assert "3 issues were not over at the end of the data" in " ".join(cx.friction(log, as_of="2025-01-13").notes)


def test_nothing_can_be_told_where_nothing_is_over():
    row = measured(pd.DataFrame([one(0), one(1)]), as_of="2025-01-03").loc["repeat"]
    assert np.isnan(row["estimate"])
    assert row["flags"] == "NOT_IDENTIFIED"


def test_open_issues_neither_flatter_nor_are_left_out_by_their_end():
    """Simulated: 55 % come again. In 21 days of data the log as it stands, and closed issues alone, both say less."""
    random = np.random.default_rng(8)
    people, days = 6000, 21.0
    first, again = random.random(people) * days, random.random(people) < 0.55
    second = first + 0.2 + 6.8 * random.random(people)
    at, who = np.concatenate([first, second[again]]), np.concatenate([np.arange(people), np.flatnonzero(again)])
    moment = pd.Series(START + pd.to_timedelta(at * 86_400, unit="s")).dt.as_unit("us")
    log = pd.DataFrame({"customer_id": who.astype(str), "at": moment})[at <= days]
    row = measured(log, as_of=str(START + days * DAY)).loc["repeat"]
    seen = log.groupby("customer_id")["at"].agg(["count", "max"])
    stands, closed = (seen["count"] > 1).mean(), (seen["count"] > 1)[seen["max"] + 7 * DAY <= START + days * DAY].mean()
    assert row["conf_low"] < 0.55 < row["conf_high"]
    assert abs(row["estimate"] - 0.55) < 0.02
    assert stands < row["conf_low"]
    assert closed < row["conf_low"]


# Laws


@LAW
@given(seed=SEEDS)
@pytest.mark.parametrize("engine", ["pandas", "duckdb"])
def test_the_order_of_rows_does_not_matter(engine, seed):
    log = drawn_log(seed, 30)
    options = {"by": "touchpoint", "channels": CHANNELS, "as_of": None}
    shuffled = log.sample(frac=1, random_state=seed % 1000)
    assert_frame_equal(measured(ENGINES[engine](shuffled), **options), measured(log, **options), **CLOSE)


@LAW
@given(seed=SEEDS, days=st.integers(-400, 400))
def test_moving_all_times_moves_nothing(seed, days):
    log = drawn_log(seed, 30)
    moved = log.assign(at=log["at"] + days * DAY)
    assert_frame_equal(measured(moved, as_of=None), measured(log, as_of=None), check_exact=False, rtol=1e-9, atol=1e-9)


@LAW
@given(seed=SEEDS)
def test_the_same_customers_once_more_are_twice_the_sample(seed):
    """Means stay; a variance v with m customers becomes v (m - 1) / (2 m - 1)."""
    log = drawn_log(seed, 30)
    twice = pd.concat([log, log.assign(customer_id="x" + log["customer_id"], contact_id="x" + log["contact_id"])])
    once, both = (measured(each, channels=CHANNELS, as_of=None) for each in (log, twice))
    once, both = (each[~each.index.str.contains("median|several")] for each in (once, both))  # quantiles know of n
    assert both["estimate"].to_numpy() == pytest.approx(once["estimate"].to_numpy(), rel=1e-10)
    people = once["n"]
    told = once["std_error"].notna()
    scaled = once["std_error"] * np.sqrt((people - 1) / (2 * people - 1))
    assert both["std_error"][told].to_numpy() == pytest.approx(scaled[told].to_numpy(), rel=1e-8)


@LAW
@given(seed=SEEDS)
def test_a_mean_of_all_is_the_mean_of_the_cells_by_their_issues(seed):
    log = drawn_log(seed, 30)
    whole, parts = (measured(log, by=by, as_of="2026-01-01") for by in ("", "touchpoint"))
    for measure in ("contacts", "repeat", "switched", "handoffs", "elapsed"):
        part = parts.loc[[measure]]
        assert (part["estimate"] * part["issues"]).sum() / part["issues"].sum() == pytest.approx(whole.loc[measure, "estimate"])


# Groups, privacy, what is missing


def test_groups_are_those_of_the_first_contact_or_of_the_customer():
    by_channel = cx.friction(contact_log(), by="channel", as_of=END).frame.query("measure == 'contacts'")
    assert by_channel[["channel", "issues"]].values.tolist() == [["App", 3], ["Phone", 1], ["Web", 2]]
    by_segment = cx.friction(contact_log(), by="segment", customers=CUSTOMERS, as_of=END).frame
    rows = by_segment.set_index(["measure", "segment"])["estimate"]
    assert rows["contacts", "Private"] == pytest.approx(8 / 5)
    assert rows["per_customer", "Private"] == pytest.approx(250)
    assert rows["per_customer", "Firm"] == pytest.approx(50)


def test_small_groups_are_hidden_and_so_is_what_would_tell_them():
    log = drawn_log(3, 60)
    few = log.assign(touchpoint=np.where(log["customer_id"].isin(["C1", "C2"]), "Rare", log["touchpoint"]))
    frame = cx.friction(few, by="touchpoint", min_n=10).frame.set_index(["touchpoint", "measure"])
    assert frame.loc["Rare", "flags"].eq("SUPPRESSED_PRIVACY").all()
    assert frame.loc["Rare"].drop(columns=["unit", "flags"]).isna().all(axis=None)
    others = frame.loc[[name for name in ("Pay", "Receive")], "flags"]
    assert others.str.contains("SUPPRESSED_SECONDARY").any()


def test_without_a_table_of_channels_a_change_is_no_forced_one():
    table = cx.friction(contact_log(), as_of=END)
    assert not {"forced", "cost", "switch_cost", "forced_cost"} & set(table.frame["measure"])
    lacking = next(note for note in table.notes if note.startswith("Not measured"))
    assert lacking.startswith("Not measured, because there is no table of channels: forced from self-service to people; cost")
    other = CHANNELS.assign(channel=CHANNELS["channel"].str.upper())
    strange = " ".join(cx.friction(contact_log(), channels=other, as_of=END).notes)
    assert "The table of channels does not have " in strange
    assert f"is {CHANNELS['channel'].min()!r} the {CHANNELS['channel'].min().upper()!r} of the table?" in strange
    assert "in a column 'assisted' of the channels of contacts" in strange
    assert "The table of channels does not have " not in " ".join(cx.friction(contact_log(), channels=CHANNELS).notes)
    assert "does not have" in cx.channel_switches(contact_log(), channels=other, by="kind", as_of=END).missing
    unpriced = cx.friction(contact_log(), channels=CHANNELS.drop(columns="cost"), as_of=END)
    assert "forced" in set(unpriced.frame["measure"])
    assert "the table of channels does not say it in a column 'cost': cost of an issue" in " ".join(unpriced.notes)
    bare = cx.friction(contact_log()[["customer_id", "at"]], as_of=END)
    assert list(bare.frame["measure"]) == ["contacts", "repeat", "elapsed", "elapsed_median", "elapsed_several"]


def test_a_table_that_is_not_there_is_a_reason_and_a_wrong_column_is_misuse():
    assert "no table 'contacts'" in cx.friction(Absent("contacts")).missing
    assert "contacts have no column 'at'" in cx.friction(contact_log().drop(columns="at")).missing
    assert "touchpoint" in cx.friction(contact_log(), by="touchpoint").missing
    assert "no contacts here" in cx.friction(contact_log().iloc[:0]).missing
    with pytest.raises(ColumnError, match="must have a column 'chanel'"):
        cx.friction(contact_log(), by="chanel")
    with pytest.raises(ArgumentError, match="none of the table's own, not 'issues'"):
        cx.friction(contact_log(), by="issues")
    with pytest.raises(ArgumentError, match="window"):
        cx.friction(contact_log(), window=0)
    with pytest.raises(ArgumentError, match="must hold true or false in 'resolved', not 'yes'"):
        cx.friction(contact_log().assign(resolved="yes"))
    with pytest.raises(ArgumentError, match="one row a channel, and 'App' has several"):
        cx.friction(contact_log(), channels=pd.concat([CHANNELS, CHANNELS]))
    with pytest.raises(ArgumentError, match="must hold numbers in 'cost'"):
        cx.friction(contact_log(), channels=CHANNELS.assign(cost="dear"))
    with pytest.raises(ArgumentError, match="contacts must be a pandas"):
        cx.friction("contacts.csv")
    with pytest.raises(ColumnError, match="must have a column 'case'"):
        cx.friction(contact_log(), about="case")
    twice = pd.concat([CUSTOMERS, CUSTOMERS.assign(segment="Other")])
    with pytest.raises(ArgumentError, match="one row a customer"):
        cx.friction(contact_log(), by="segment", customers=twice)


def test_issues_of_customers_that_a_table_does_not_have_are_told_and_no_rate_is_zero_for_want_of_them():
    """Arithmetic: without A, four of the six issues are of two of the three customers told of: 400/3 per 100."""
    some = cx.friction(contact_log(), customers=CUSTOMERS[CUSTOMERS["customer_id"] != "A"], as_of=END)
    row = some.frame.set_index("measure").loc["per_customer"]
    assert (row["issues"], row["estimate"]) == (4, pytest.approx(400 / 3))
    assert "Issues per 100 customers: 2 issues of customers that the table does not have are not among them." in some.notes
    others = cx.friction(contact_log(), customers=CUSTOMERS.assign(customer_id=[1, 2, 3, 4]), as_of=END)
    assert "per_customer" not in set(others.frame["measure"])
    assert any("none of the customers of contacts" in note and "issues per 100 customers" in note for note in others.notes)


def test_the_sample_study_has_the_friction_that_was_drawn():
    """Its contacts are repeated with 0.55 of the unresolved, within four days; RESOLVED_SHARE 0.62 to 0.78."""
    study = sample()
    table = cx.friction(study.contacts, channels=study.channels, zone=study.zone, **study.operations)
    rows = table.frame.set_index("measure")
    flagged = study.contacts["repeat"].mean()
    contacts = rows.loc["contacts", "estimate"]
    assert abs((contacts - 1) / contacts - flagged) < 0.01  # what the log itself calls a repeat
    assert rows.loc["repeat", "conf_high"] > 0.55 * (1 - 0.78)
    assert rows.loc["repeat", "conf_low"] < 0.55 * (1 - 0.62)


@pytest.mark.slow
def test_friction_on_pyspark_is_that_of_pandas(spark):
    log = contact_log()
    found = measured(spark(log), channels=spark(CHANNELS), customers=spark(CUSTOMERS), by="segment")
    assert_frame_equal(found, measured(log, channels=CHANNELS, customers=CUSTOMERS, by="segment"), **CLOSE)
