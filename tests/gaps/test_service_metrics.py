"""Service metrics counted by hand on six contacts, on every engine; and the laws that no log may break."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from conftest import ENGINES
from pandas.testing import assert_frame_equal
from scipy.stats import t
from service_logs import ARTICLES, HOUR, MONDAY, STANDARDS, calls, drawn, staff

import cxgap as cx
from cxgap.errors import ArgumentError, ColumnError
from cxgap.stats.proportions import korn_graubard
from cxgap.tables.absent import Absent
from tests.spans import spans

END = "2025-01-08"
CLOSE = {"check_exact": False, "rtol": 1e-9, "atol": 1e-12}


def measured(contacts: object, **options: object) -> pd.DataFrame:
    table = cx.service_metrics(contacts, **{"as_of": END, "hours": "", **options})
    return table.frame.set_index("measure")


# Numbers, counted by hand


@pytest.mark.parametrize("engine", ENGINES)
def test_six_contacts_counted_by_hand(engine):
    """Arithmetic: in the hours from 8 to 11 two agents each, of three; A and B came at 8, A at 9, D on Tuesday at 9 o'clock."""
    to = ENGINES[engine]
    found = measured(to(calls()), staffing=to(staff()), articles=to(ARTICLES), standards=STANDARDS)
    by_hand = {
        "agents_per_customer": 12 / 4,
        "open": 1.0,
        "present": 12 / 18,
        "unattended": 0.0,
        "first_response": 3.0,  # answered after 1, 2, 3, 5 and 6; at risk 6 5 4 (gave up at 4) 2 1: 5/6, 4/6, 3/6
        "answered_within": 3 / 6,
        "gave_up": 1 / 6,
        "resolution": 4 / 24,  # in the unit of its standard; 1, 2, 4, 8 and 30 hours, one open: half by the third
        "resolution_p90": np.nan,
        "resolved_within": 3 / 6,
        "reopened": 2 / 5,
        "backlog": 1.0,
        "article": 5 / 6,
        "article_reviewed": 3 / 6,
    }
    assert found["estimate"][list(by_hand)].to_dict() == pytest.approx(by_hand, rel=1e-9, nan_ok=True)
    assert found.loc["first_response", ["n", "count", "standard"]].tolist() == [4, 6, 3]
    assert found.loc["resolution", "unit"] == "days"
    assert found.loc["gave_up", "verdict"] == ""
    assert np.isnan(found.loc["arrivals", "estimate"])  # of less than four weeks nothing is told
    assert found.loc["backlog", ["conf_low", "conf_high"]].isna().all()


def test_ratios_have_days_as_their_independent_units():
    """Binder (1983): agents less 3 for each customer, by day 6 - 9 and 6 - 3, over 4 customers, times 2 / 1."""
    row = measured(calls(), staffing=staff()).loc["agents_per_customer"]
    std_error = np.sqrt((9 + 9) / 16 * 2)
    assert (row["std_error"], row["df"]) == pytest.approx((std_error, 1))
    assert row["conf_high"] == pytest.approx(3 + t.ppf(0.975, 1) * std_error)
    assert row["conf_low"] == 0


def test_shares_have_customers_as_their_independent_units():
    """Korn & Graubard (1998): who gave up is one of six contacts of four customers."""
    row = measured(calls()).loc["gave_up"]
    share, parts = 1 / 6, np.array([1 - 2 / 6, -2 / 6, -1 / 6, -1 / 6])
    std_error = np.sqrt((parts**2).sum() / 36 * 4 / 3)
    assert row["std_error"] == pytest.approx(std_error)
    low, high = korn_graubard([share], [std_error], [6], [3], conf_level=0.95)
    assert (row["conf_low"], row["conf_high"]) == pytest.approx((low[0], high[0]))


def test_the_first_contact_is_that_of_friction():
    log = drawn(3, weeks=6).assign(resolved=lambda frame: frame.index % 3 > 0, channel="Phone", touchpoint="Help")
    mine = measured(log, as_of="2025-03-01").loc["first_contact"]
    other = cx.friction(log, as_of="2025-03-01").frame.set_index("measure").loc["first_contact"]
    assert mine[["estimate", "conf_low", "conf_high"]].tolist() == other[["estimate", "conf_low", "conf_high"]].tolist()


def test_times_until_settled_follow_the_curve_of_all_and_not_of_the_closed():
    """Gehan's 6-MP times in hours: median 23 and in R survfit's band from 16 on (Brookmeyer & Crowley 1982)."""
    time = np.array([6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35])
    still = np.array([0, 0, 0, 1, 0, 1, 0, 1, 1, 0, 0, 1, 1, 1, 0, 0, 1, 1, 1, 1, 1], bool)
    end = MONDAY + 100 * HOUR
    at = pd.Series(np.where(still, 100 - time, 10.0))
    done = (MONDAY + pd.to_timedelta(at + time, unit="h")).where(~still)
    log = pd.DataFrame({"customer_id": [f"C{row}" for row in range(21)], "at": MONDAY + pd.to_timedelta(at, unit="h")})
    log = log.assign(at=log["at"].dt.as_unit("us"), resolved_at=pd.Series(done).dt.as_unit("us"))
    found = measured(log, as_of=end.isoformat())
    assert found.loc["resolution", ["estimate", "conf_low"]].tolist() == pytest.approx([23, 13], abs=1e-6)
    assert np.isnan(found.loc["resolution", "conf_high"])
    assert found.loc["backlog", "estimate"] == 12


def test_weekly_flows_are_means_of_whole_weeks():
    """Every Wednesday ten cases, settled in an hour but for two: each week two more are open."""
    at = np.repeat(MONDAY + pd.to_timedelta(np.arange(12) * 7 + 2, unit="D"), 10)
    log = pd.DataFrame({"customer_id": [f"C{row}" for row in range(120)], "at": pd.Series(at).dt.as_unit("us")})
    log["resolved_at"] = (log["at"] + HOUR).where(log.index % 10 < 8)
    found = measured(log, as_of="2025-03-30")
    assert found["estimate"][["arrivals", "closures", "backlog_trend", "backlog"]].tolist() == [10, 8, 2, 24]
    assert found.loc["backlog_trend", "count"] == 10  # twelve weeks, less the first and one in which cases are settled
    assert found.loc["backlog_trend", ["conf_low", "conf_high"]].tolist() == [2, 2]


def test_requests_for_service_are_cases_with_a_date_promised():
    """Of 10 requests 6 were closed in time, 2 late, one is open and late, one not yet due: kept among all but the last 6/9."""
    day = np.array([2, 2, 2, 3, 3, 4, 8, 9, np.nan, np.nan])
    frame = pd.DataFrame({"event_id": [f"E{row}" for row in range(10)], "customer_id": [f"C{row}" for row in range(10)]})
    opened = pd.Series([MONDAY] * 9 + [MONDAY + pd.Timedelta(days=18)]).dt.as_unit("us")
    frame = frame.assign(ordered_at=opened, promised_first=opened + pd.Timedelta(days=5))
    frame["delivered_at"] = (opened + spans(day)).dt.as_unit("us")
    table = cx.service_metrics(frame, as_of="2025-01-25")
    found = table.frame.set_index("measure")
    assert found["estimate"][["kept", "resolution", "backlog"]].tolist() == pytest.approx([6 / 9, 3.0, 2.0])
    assert found.loc["resolution", "unit"] == "days"
    assert_frame_equal(cx.service_metrics(Absent("contacts"), events=frame, as_of="2025-01-25").frame, table.frame)
    assert set(found.index) >= {"kept", "resolution", "resolution_p90", "backlog", "arrivals"}


def requests(days: list[float], *, opened: float | list[float] = 0.0, due: float | list[float] = 5.0) -> pd.DataFrame:
    """Return requests without customers: days after a Monday on which each came, how long each took (NaN: open), when due."""
    came = (pd.Series([MONDAY] * len(days)) + spans(np.broadcast_to(opened, len(days)).astype(float))).dt.as_unit("us")
    frame = pd.DataFrame({"event_id": [f"E{row}" for row in range(len(days))], "ordered_at": came})
    last = (came + spans(np.broadcast_to(due, len(days)).astype(float))).dt.as_unit("us")
    return frame.assign(promised_first=last, delivered_at=(came + spans(np.array(days, float))).dt.as_unit("us"))


def test_a_share_by_a_date_is_of_what_was_due_whatever_else_is_not():
    """Counted: of 40 with a day 30 are in time; of 40 with a month 20, and none of these is due yet: 30 of 40, not 50 of 80."""
    frame = requests([0.5] * 30 + [3.0] * 10 + [2.0] * 20 + [np.nan] * 20, due=[1.0] * 40 + [30.0] * 40)
    row = measured(frame, as_of="2025-01-12").loc["kept"]
    assert (row["estimate"], row["n"], row["count"]) == (0.75, 40, 40)
    later = measured(frame, as_of="2025-02-12").loc["kept"]
    assert (later["estimate"], later["count"]) == (50 / 80, 80)
    off = frame.assign(
        cancelled_at=(frame["ordered_at"] + spans([2.0] * 80)).where(frame["delivered_at"].isna()).dt.as_unit("us")
    )
    assert measured(off, as_of="2025-02-12").loc["kept", "count"] == 60  # called off before they were due
    row = measured(off.assign(promised_first=off["ordered_at"] + pd.Timedelta(days=1)), as_of="2025-02-12").loc["kept"]
    assert (row["estimate"], row["count"]) == (30 / 80, 80)  # called off after


def test_what_ends_before_it_begins_is_set_aside_and_not_taken_for_open():
    frame = requests([1.0, 2.0, -0.5, np.nan])
    table = cx.service_metrics(frame, as_of="2025-01-25")
    found = table.frame.set_index("measure")
    assert found.loc["backlog", ["estimate", "count"]].tolist() == [1, 3]
    assert "1 case that ended before beginning was set aside." in table.notes
    assert "every event here ended before it began" in cx.service_metrics(frame[2:3]).missing
    assert "every event came after 2024-01-01" in cx.service_metrics(frame, as_of="2024-01-01").missing


def test_cases_of_nobody_are_called_cases_and_the_page_says_so():
    table = cx.service_metrics(requests([1.0, 2.0, 3.0]), as_of="2025-01-25", min_n=2)
    assert "cases" in table.heads
    assert "customers" not in table.heads
    assert any(note.startswith("No column says whose a case is: each counts as a customer of its own") for note in table.notes)
    assert "Rows of fewer than 2 cases are not shown." in table.notes


def test_a_wait_that_was_not_over_by_then_is_not_known_to_have_been():
    """Counted: at noon one answer after 10 minutes is on record; who came at 11:58 had waited for 2."""
    at = pd.Series(pd.to_datetime(["2025-01-06T09:00:00Z", "2025-01-06T11:58:00Z"])).dt.as_unit("us")
    log = pd.DataFrame({"customer_id": ["A", "B"], "at": at, "waited": [10.0, 3.0], "abandoned": [False, True]})
    rules = pd.DataFrame({"metric": ["first response"], "unit": ["minutes"], "standard": [3.0]})
    noon = measured(log, as_of="2025-01-06T12:00:00Z", standards=rules)
    assert noon["estimate"][["first_response", "answered_within", "gave_up"]].tolist() == [10.0, 0.0, 0.0]
    assert noon["count"][["first_response", "answered_within", "gave_up"]].tolist() == [2, 1, 1]
    later = measured(log, as_of="2025-01-07", standards=rules)
    assert later["estimate"][["answered_within", "gave_up"]].tolist() == [0.0, 0.5]


# Standards and expectations


OWN = pd.DataFrame(
    {
        "touchpoint": ["Noise", "Tree"],
        "metric": "resolution time",
        "unit": ["hours", "days"],
        "standard": [12.0, 10.0],
        "target": 0.9,
    }
)


def test_together_each_case_is_held_against_the_standard_of_its_own_touchpoint():
    """Counted: of 20 with half a day 15 are in time; of 20 with 10 days 10; 5 have time left: 25 of 40."""
    frame = requests(
        [0.25] * 15 + [0.75] * 5 + [8.0] * 10 + [12.0] * 5 + [np.nan] * 5 + [1.0] * 5, opened=[0.0] * 40 + [25.0] * 5
    ).assign(touchpoint=["Noise"] * 20 + ["Tree"] * 25)
    table = cx.service_metrics(frame, standards=OWN, as_of="2025-02-01", hours="")
    row = table.frame.set_index("measure").loc["resolved_within"]
    assert (row["estimate"], row["count"], row["standard"], row["verdict"]) == (25 / 40, 40, 0.9, "short")
    assert table.title == "The standard of service is missed: settled within the standard"
    assert any(note.startswith("Each case was held against the standard of resolution time of its own") for note in table.notes)
    cut = cx.service_metrics(frame, standards=OWN, by="touchpoint", as_of="2025-02-01").frame.set_index(
        ["touchpoint", "measure"]
    )
    assert cut.loc[("Noise", "resolved_within"), "estimate"] == pytest.approx(0.75)
    assert cut.loc[("Noise", "resolution"), "standard"] == 12
    assert cut.loc[("Noise", "resolution"), "verdict"] == ""  # it asks for a share, and not for a median
    twice = pd.concat([frame, frame.assign(touchpoint="Other")])  # one case that two touchpoints tell of is one
    assert measured(twice, standards=OWN, as_of="2025-02-01").loc["backlog", "estimate"] == 5
    bare = cx.service_metrics(frame.drop(columns="touchpoint"), standards=OWN, as_of="2025-02-01")
    assert "do not say in a column 'touchpoint'" in " ".join(bare.notes)
    assert bare.title == "How customers are served: each touchpoint has a standard of its own"
    lost = cx.service_metrics(frame, standards=OWN.assign(touchpoint=["Noise", "Trees"]), as_of="2025-02-01")
    assert "Standards of Trees were held against nothing: no case is of it." in lost.notes


@pytest.fixture(scope="module")
def long() -> pd.DataFrame:
    """Twenty weeks of contacts, whose waits are exponential with a mean of 5 minutes."""
    random, log = np.random.default_rng(8), drawn(8)
    return log.assign(waited=np.round(random.exponential(5, len(log)), 2), abandoned=False)


@pytest.mark.parametrize(
    ("standard", "margin", "verdict"),
    [(2.0, None, "short"), (6.0, None, "exceeded"), (3.5, 1.0, "met"), (3.5, None, "cannot tell")],
)
def test_a_median_is_held_against_its_standard_by_its_interval(long, standard, margin, verdict):
    """An exponential wait of mean 5 has a median of 3.47 minutes."""
    rules = pd.DataFrame({"metric": ["First  Response"], "unit": ["minutes"], "standard": [standard], "margin": [margin]})
    row = measured(long, standards=rules, as_of=None).loc["first_response"]
    assert (row["standard"], row["verdict"]) == (standard, verdict)
    assert row["conf_low"] < 5 * np.log(2) < row["conf_high"]


def test_a_share_within_the_standard_is_held_against_its_target(long):
    rules = pd.DataFrame(
        {"touchpoint": ["Help"], "metric": ["first response"], "unit": ["hours"], "standard": [0.1], "target": [0.9]}
    )
    row = measured(long, standards=rules, as_of=None).loc["answered_within"]
    assert row["estimate"] == pytest.approx(1 - np.exp(-6 / 5), abs=0.04)
    assert (row["standard"], row["verdict"]) == (0.9, "short")


def test_a_standard_that_cannot_be_compared_is_not(long):
    rules = pd.DataFrame(
        {"metric": ["first response"] * 2, "unit": ["minutes"] * 2, "standard": [3.0, 4.0], "touchpoint": ["Help", "Pay"]}
    )
    assert measured(long, standards=rules).loc["first_response", "verdict"] == ""
    cut = measured(long.assign(touchpoint="Pay"), standards=rules, by="touchpoint").loc["first_response"]
    assert cut["standard"] == 4
    for change, said in (
        ({"unit": "km"}, "is in km"), ({"direction": "higher"}, "calls higher better"),
        ({"standard": -3.0}, "is -3, and must be more than 0"), ({"target": 90.0}, "is 90, and must be a share, such as 0.9"),
        ({"metric": "abandoned", "unit": "share", "standard": 5.0}, "is 5, and must be a share from 0 to 1"),
    ):  # fmt: skip
        table = cx.service_metrics(long, standards=rules[:1].assign(**change))
        assert said in " ".join(table.notes)
        if "target" in change:
            continue
        assert table.frame["verdict"].eq("").all()


def test_what_customers_expect_stands_beside_it(long):
    """Weighted mean of respondents by Taylor: (2 x 3 + 1 x 6) / 3 minutes."""
    responses = pd.DataFrame({"respondent_id": ["R1", "R2", "R3"], "wanted": [3.0, 6.0, np.nan], "w": [2.0, 1.0, 1.0]})
    metrics = pd.DataFrame({"metric": ["first response"], "expected": ["wanted"], "unit": ["minutes"]})
    row = measured(long, responses=responses, metrics=metrics, weight="w").loc["first_response"]
    assert row["expected"] == pytest.approx(4.0)
    assert row["expected_low"] < 4 < row["expected_high"]


# Hours


def test_an_hour_stands_out_only_after_allowance_for_all_that_were_looked_at():
    """Twelve weeks of phone hours; on Mondays at 8 six of ten agents are missing, elsewhere chance alone."""
    random, hours = np.random.default_rng(2), staff(84, agents=9)
    monday = (hours["at"].dt.day_of_week == 0) & (hours["at"].dt.hour == 8)
    there = random.binomial(10, np.where(monday, 0.4, 0.95))
    table = cx.service_metrics(calls(), staffing=hours.assign(agents=there, planned=10.0), as_of="2025-04-01")
    told = table.frame[table.frame["measure"] == "present_hour"].set_index(["weekday", "hour"])
    assert told.index[told["above"] == -1].tolist() == [("Monday", 8.0)]
    assert len(told) == 21
    assert told.loc[("Monday", 8.0), "count"] == 12
    two = cx.service_metrics(calls(), staffing=hours, hours="week-weekend", as_of="2025-04-01").frame
    assert set(two["weekday"]) == {"", "Monday to Friday", "Saturday and Sunday"}
    few = cx.service_metrics(calls(), staffing=staff(21)).frame.query("measure == 'open_hour'")
    assert few["conf_low"].isna().all()
    assert (few["flags"] == "NOT_IDENTIFIED").all()


def test_hours_are_those_of_the_clocks_of_the_zone():
    shifted = cx.service_metrics(calls(), staffing=staff(70), zone="America/New_York", as_of="2025-03-01").frame
    assert sorted(set(shifted["hour"].dropna())) == [3, 4, 5]
    assert "Sunday" in set(shifted["weekday"])


def test_channels_that_only_one_side_knows_are_named():
    hours = pd.concat([staff(), staff().assign(channel="Chat")])
    notes = cx.service_metrics(calls(), staffing=hours, as_of=END).notes
    assert "Contacts by App were set against no agents: the table of staffing does not have it." in notes
    assert "Staffing has agents for Chat, by which no contact came." in notes


def test_parts_of_an_hour_are_not_further_agents_and_an_hour_shown_twice_is_two():
    """Counted: half an hour of two agents and half an hour of two are an hour of two; 1:00 on 3 November 2024 came twice."""
    halves = pd.concat([staff(), staff().assign(at=staff()["at"] + pd.Timedelta(minutes=30))])
    table = cx.service_metrics(calls(), staffing=halves, as_of=END, hours="")
    whole = measured(calls(), staffing=staff())["estimate"]
    names = ["agents_per_customer", "open", "present", "unattended"]
    assert table.frame.set_index("measure")["estimate"][names].to_dict() == whole[names].to_dict()
    assert any(note.startswith("Hours of staffing that were told in several parts") for note in table.notes)
    night = pd.date_range("2024-11-03T04:00Z", periods=4, freq="h").as_unit("us")
    here = pd.DataFrame({"at": night, "agents": [1.0, 2.0, 3.0, 4.0]})
    came = pd.DataFrame({"customer_id": list("ABCD"), "at": (night + pd.Timedelta(minutes=5)).as_unit("us")})
    told = cx.service_metrics(came, staffing=here, zone="America/New_York", as_of="2024-11-05", hours="")
    assert told.frame.set_index("measure").loc["agents_per_customer", "estimate"] == 10 / 4
    assert "staffing (no hour of its table can be used)" in " ".join(
        cx.service_metrics(calls(), staffing=staff().assign(agents=np.nan), as_of=END).notes
    )


def test_weeks_that_nothing_is_on_record_of_are_not_weeks_without_cases():
    log = drawn(5, weeks=12)
    near, far = (cx.service_metrics(log, as_of=as_of, hours="") for as_of in ("2025-03-30", "2026-12-31"))
    for measure in ("arrivals", "closures", "backlog_trend"):  # the last week may not be whole where the record ends
        one, other = (table.frame.set_index("measure").loc[measure] for table in (near, far))
        assert one["count"] - 1 <= other["count"] <= one["count"]
        assert other["estimate"] == pytest.approx(one["estimate"], abs=3)
    assert any(note.startswith("Nothing is on record after 30 March 2025") for note in far.notes)
    assert not any(note.startswith("Nothing is on record") for note in near.notes)


# Laws


def test_cells_are_the_measures_of_their_own_contacts():
    cut = cx.service_metrics(calls(), staffing=staff(), by="channel", as_of=END).frame.set_index(["channel", "measure"])
    phone = measured(calls()[calls()["channel"] == "Phone"], staffing=staff())
    for measure in ("agents_per_customer", "open", "first_response", "gave_up", "resolution", "reopened", "backlog"):
        assert cut.loc[("Phone", measure), "estimate"] == pytest.approx(phone.loc[measure, "estimate"], nan_ok=True)
    assert ("App", "open") not in cut.index


def test_order_of_rows_and_copies_do_not_matter():
    options = {"staffing": staff(), "articles": ARTICLES, "standards": STANDARDS}
    table = measured(calls(), **options)
    assert_frame_equal(measured(calls()[::-1], **options), table, **CLOSE)
    assert_frame_equal(measured(pd.concat([calls(), calls()]), **options), table, **CLOSE)


def test_few_customers_are_not_told_of():
    log = pd.concat([drawn(4, weeks=5).assign(region="N"), drawn(5, weeks=5)[:4].assign(region="S")])
    table = cx.service_metrics(log, by="region", min_n=10)
    hidden = table.frame[table.frame["region"] == "S"]
    assert hidden["flags"].str.startswith("SUPPRESSED").all()
    assert hidden[["n", "count", "estimate", "conf_low", "conf_high"]].isna().all().all()
    lone = measured(calls(), staffing=staff(agents=1), min_n=2)
    assert np.isnan(lone.loc["present", "estimate"])  # who was not there would be told
    with pytest.raises(ArgumentError, match="ids"):
        cx.service_metrics(log, by="contact_id", min_n=10)


def test_what_is_not_there_is_not_measured():
    bare = cx.service_metrics(calls()[["customer_id", "at"]])
    assert bare.frame.empty
    assert "staffing (there is no table of it)" in " ".join(bare.notes)
    assert "the study has no table 'contacts'" in cx.service_metrics(Absent("contacts")).missing
    assert "no contacts here" in cx.service_metrics(calls()[:0]).missing
    assert "no column 'at'" in cx.service_metrics(calls()[["customer_id"]]).missing
    blank = calls().assign(waited=np.nan, resolved_at=calls()["resolved_at"].where(calls()["waited"] < 0), reason=None)
    table = cx.service_metrics(blank, articles=ARTICLES)
    assert not {"first_response", "resolution", "article"} & set(table.frame["measure"])
    odd = staff().assign(agents=[np.nan, -1, np.inf, 2, 2, 2], open_minutes=[60, 60, 60, 90, -1, 60])
    table = cx.service_metrics(calls(), staffing=odd, hours="")
    assert "5 hours of staffing that cannot be were set aside." in table.notes
    one = measured(calls()[:1])
    assert one["conf_low"].isna().all()


@pytest.mark.parametrize(
    ("change", "options", "error", "text"),
    [
        ({}, {"by": "region"}, ColumnError, "must have a column 'region'"),
        ({}, {"by": "measure"}, ArgumentError, "none of the table's own"),
        ({}, {"hours": "daily"}, ArgumentError, "hours"),
        ({}, {"staffing": staff().drop(columns="agents")}, ColumnError, "must have a column 'agents'"),
        ({}, {"zone": "Berlin"}, ArgumentError, "time zone"),
        ({"waited": "long"}, {}, ArgumentError, "must hold numbers in 'waited'"),
        ({"reopened": "maybe"}, {}, ArgumentError, "true or false in 'reopened'"),
    ],
)
def test_misuse_says_what_to_type(change, options, error, text):
    with pytest.raises(error, match=text):
        cx.service_metrics(calls().assign(**change), **options)


# Statistics


@pytest.mark.slow
def test_intervals_hold_what_is_true():
    """Simulated: exponential times, median 20 ln 2 hours; a backlog that is level is called growing in about 2.5 %."""
    held, grows, shrinks = 0, 0, 0
    for seed in range(200):
        found = measured(drawn(seed), as_of=None)
        row, trend = found.loc["resolution"], found.loc["backlog_trend"]
        held += row["conf_low"] <= 20 * np.log(2) <= row["conf_high"]
        grows += trend["conf_low"] > 0
        shrinks += trend["conf_high"] < 0
    assert held >= 182
    assert max(grows, shrinks) <= 11


@pytest.mark.slow
def test_spark_gives_the_same(spark):
    options = {"staffing": staff(), "articles": ARTICLES}
    away = {name: spark(frame) for name, frame in options.items()}
    assert_frame_equal(measured(spark(calls()), **away), measured(calls(), **options), **CLOSE)
