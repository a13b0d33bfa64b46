"""What calling was worth, counted by hand, in strata, by curves, and where chance did not decide."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from conftest import ENGINES
from hits import START
from pandas.testing import assert_frame_equal
from samples import sample

import cxgap as cx
from cxgap.errors import ArgumentError, ColumnError
from cxgap.stats.proportions import newcombe
from cxgap.tables.absent import Absent

END = "2025-12-31"


def listed(
    called: int = 80, held: int = 20, left: tuple[int, int] = (4, 6), *, campaign: str = "spring", arm: str = "held out"
):
    """A list of so many customers, of whom so many of each arm left after thirty days; and the customers."""
    size = called + held
    ids = [f"{campaign}-{place:03}" for place in range(size)]
    at = pd.Series(pd.to_datetime([START] * size, utc=True)).dt.as_unit("us")
    log = pd.DataFrame({"customer_id": ids, "at": at, "arm": ["contacted"] * called + [arm] * held})
    log = log.assign(campaign=campaign, stratum=[f"s{place % 2}" for place in range(size)])
    gone = np.concatenate([np.arange(called) < left[0], np.arange(held) < left[1]])
    customers = pd.DataFrame({"customer_id": ids, "churned_at": (at + pd.Timedelta(days=30)).where(gone)})
    return log, customers.assign(value=[100.0 + 7 * (place % 5) for place in range(size)])


def row(*tables: object, **options: object) -> pd.Series:
    frame = cx.outreach_effect(*tables, **{"as_of": END, **options}).frame
    return frame[frame["measure"].isin(["left", "outcome"])].iloc[-1]


@pytest.mark.parametrize("engine", ENGINES)
def test_four_of_eighty_against_six_of_twenty(engine):
    """Newcombe (1998), method 10: 5 % less 30 %."""
    log, customers = listed()
    to = ENGINES[engine]
    found = row(to(log.drop(columns="stratum")), to(customers))
    gap, low, high = newcombe(4, 80, 6, 20, conf_level=0.95)
    assert (found["estimate"], found["conf_low"], found["conf_high"]) == pytest.approx((gap, low, high))
    assert found[["n_contacted", "n_held_out", "finding", "method"]].tolist() == [80, 20, "less", "chance decided"]
    table = cx.outreach_effect(to(log), to(customers), as_of=END)
    assert table.title.startswith("Fewer customers left of those called on: 5.0 % against 30.0 % within 90 days")


def test_lists_stand_beside_all_of_them_and_order_does_not_matter():
    parts = [listed(), listed(60, 15, (6, 2), campaign="autumn")]
    log, customers = (pd.concat(each, ignore_index=True) for each in zip(*parts, strict=True))
    frame = cx.outreach_effect(log, customers, as_of=END).frame
    assert frame["campaign"].tolist() == ["autumn", "spring", "all lists"]
    assert frame["n_contacted"].tolist() == [60, 80, 140]
    again = cx.outreach_effect(log.sample(frac=1, random_state=1), customers.iloc[::-1], as_of=END).frame
    assert_frame_equal(frame, again)
    hidden = cx.outreach_effect(log, customers, as_of=END, min_n=18).frame
    assert hidden["flags"].tolist() == ["SUPPRESSED_PRIVACY", "SUPPRESSED_SECONDARY", "FEW_LEFT"]
    assert hidden["estimate"].isna().tolist() == [True, True, True]


def test_shares_that_tell_how_few_left_are_hidden_and_the_finding_is_not():
    """Arithmetic: 4 of 80 and 6 of 20 left, and 36 of 80 and 14 of 40: the second, beside all lists, would tell the first."""
    parts = [listed(), listed(80, 40, (36, 14), campaign="summer")]
    log, customers = (pd.concat(each, ignore_index=True) for each in zip(*parts, strict=True))
    table = cx.outreach_effect(log, customers, as_of=END, min_n=10)
    shares = table.frame[["contacted", "held_out", "estimate", "conf_low", "std_error"]].notna().all(axis=1)
    assert shares.tolist() == [False, False, True]
    assert table.frame["n_contacted"].tolist() == [80, 80, 160]
    assert table.frame["finding"].tolist() == ["less", "cannot tell", "cannot tell"]
    assert repr(table).count("not shown") == 2 * 3 + 1  # three cells of each list, and the note
    assert all("%" not in each.text and "too few left" in each.text for each in cx.describe(table).details)
    one = cx.outreach_effect(*listed(), as_of=END, min_n=10)
    assert one.title == "Fewer customers left of those called on"
    assert cx.describe(one).lead[0].text == (
        "Fewer of those contacted left; of 80 customers contacted and 20 held out too few left, or stayed, for shares to be "
        "shown."
    )


def test_who_was_not_watched_long_enough_counts_by_a_curve_and_is_not_guessed():
    log, customers = listed()
    early = cx.outreach_effect(log, customers, as_of="2025-02-15")
    assert np.isnan(early.frame["estimate"].iloc[-1])
    assert early.frame["flags"].iloc[-1] == "NOT_IDENTIFIED"
    assert "too early to say" in repr(early)
    short = row(log, customers, as_of="2025-02-15", horizon=40)
    assert (short["method"], short["estimate"]) == ("chance decided", pytest.approx(0.05 - 0.3))
    late = log["at"].where(log.index % 4 != 0, log["at"] + pd.Timedelta(days=200))
    gone = customers["churned_at"].where(log.index % 4 != 0)
    mixed = row(log.assign(at=late), customers.assign(churned_at=gone), as_of="2025-08-15")
    assert mixed["method"] == "chance decided, curves"
    assert mixed["contacted"] == pytest.approx(3 / 60, abs=0.01)  # those followed for less tell nothing of later days
    assert mixed["conf_low"] < mixed["estimate"] < mixed["conf_high"]


def test_only_exits_that_count_are_exits():
    log, customers = listed()
    ways = customers.assign(exit=np.where(customers["customer_id"].str[-1] == "0", "moved", "chose"))
    found = row(log, ways, exits="chose", horizon=20)
    assert found["contacted"] == 0
    found = row(log, ways, exits="chose")
    assert found["method"] == "chance decided, curves"
    assert found["contacted"] == pytest.approx(3 / 79, abs=0.002)


def test_a_numeric_outcome_is_compared_by_its_mean_and_what_was_before_narrows_it():
    log, customers = listed()
    random = np.random.default_rng(2)
    before = random.normal(100, 30, 100)
    told = customers.assign(earlier=before, revenue=before + random.normal(0, 5, 100) + 8 * (log["arm"] == "contacted"))
    plain, adjusted = row(log, told, outcome="revenue"), row(log, told, outcome="revenue", before="earlier")
    assert adjusted["conf_low"] < 8 < adjusted["conf_high"]
    assert adjusted["conf_high"] - adjusted["conf_low"] < 0.5 * (plain["conf_high"] - plain["conf_low"])
    assert adjusted["finding"] == "more"


def test_where_chance_did_not_decide_it_is_associated_and_has_an_e_value():
    log, customers = listed(200, 200, (10, 40), arm="not contacted")
    table = cx.outreach_effect(log, customers, as_of=END)
    found = table.frame.iloc[-1]
    assert found["method"] == "adjusted"
    assert found["estimate"] == pytest.approx(-0.15, abs=0.01)
    assert found["e_value"] == pytest.approx(4 + np.sqrt(12), abs=0.3)  # a ratio of risks of 0.25
    assert 1 < found["e_value_limit"] < found["e_value"]
    assert table.title.endswith("associated only")
    assert "associated with contacting" in " ".join(table.notes)


def test_a_ranking_is_worth_what_it_tells():
    random = np.random.default_rng(3)
    log, customers = listed(400, 200, (0, 0))
    score = random.random(600)
    gone = random.random(600) < np.where(log["arm"] == "contacted", 0.5 - 0.45 * score, 0.5)
    left = (log["at"] + pd.Timedelta(days=30)).where(gone)
    frame = cx.outreach_effect(log.assign(score=score), customers.assign(churned_at=left), score="score", as_of=END).frame
    found = frame.set_index("measure")
    assert found.loc["qini", "finding"] == "more"
    assert found.loc["qini", "conf_low"] > 0
    assert 0 <= found.loc["harmed", "contacted"] <= found.loc["harmed", "estimate"] <= 0.3


def test_what_is_lacking_is_said_and_what_is_wrong_is_refused():
    log, customers = listed()
    assert "no table 'outreach'" in cx.outreach_effect(Absent("outreach"), customers).missing
    assert "nobody was held out" in cx.outreach_effect(log.assign(arm="contacted"), customers).missing
    assert "nobody was contacted" in cx.outreach_effect(log.assign(arm="held out"), customers).missing
    assert "no column 'churned_at'" in cx.outreach_effect(log, customers.drop(columns="churned_at")).missing
    assert "no customer of the table is on a list" in cx.outreach_effect(log, customers, as_of="2024-01-01").missing
    with pytest.raises(ColumnError, match="`customers` must have a column 'income'"):
        cx.outreach_effect(log, customers, outcome="income")
    with pytest.raises(ColumnError, match="`outreach` must have a column 'tier'"):
        cx.outreach_effect(log, customers, by="tier")
    with pytest.raises(ArgumentError, match="must hold numbers in 'stratum'"):
        cx.outreach_effect(log, customers, score="stratum")
    with pytest.raises(ArgumentError, match="`horizon` must be a number above 0"):
        cx.outreach_effect(log, customers, horizon=0)
    with pytest.raises(ArgumentError, match="one row a customer"):
        cx.outreach_effect(log, pd.concat([customers, customers.head(1).assign(value=9.0)]))


def test_the_sample_held_people_out_by_chance():
    """The truth of the sample: for 90 days a call multiplies the hazard of choosing to leave by 0.6."""
    study = sample()
    found = row(study.outreach, study.customers, as_of=None, zone=study.zone)
    assert found["conf_low"] < -0.4 * found["held_out"] / 1.5 < found["conf_high"]
    assert found["method"] == "chance decided"


@pytest.mark.slow
def test_the_effect_on_pyspark_is_that_of_pandas(spark):
    log, customers = listed()
    theirs = cx.outreach_effect(spark(log), spark(customers), as_of=END).frame
    assert_frame_equal(theirs, cx.outreach_effect(log, customers, as_of=END).frame)


def test_a_mean_that_is_nearly_one_customers_is_not_told():
    """The p % rule: 98,765,432 among eighty outcomes of about a hundred."""
    log, customers = listed()
    customers = customers.assign(revenue=customers["value"].where(customers.index != 3, 98_765_432.0))
    found = cx.outreach_effect(log, customers, outcome="revenue", as_of=END, min_n=10)
    assert found.frame["flags"].tolist() == ["SUPPRESSED_PRIVACY"]
    assert found.frame[["contacted", "held_out", "estimate"]].isna().all(axis=None)
    assert "1,234" not in f"{found} {cx.describe(found)}"
    assert cx.outreach_effect(log, customers, outcome="value", as_of=END, min_n=10).frame["estimate"].notna().all()
    assert cx.outreach_effect(log, customers, outcome="revenue", as_of=END).frame["estimate"].notna().all()
