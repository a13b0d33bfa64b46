"""Patience against textbook curves of R's survival package, on every engine, and against the truth of the sample study."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from conftest import ENGINES
from contact_logs import DAY, START, contact_log, drawn_log
from pandas.testing import assert_frame_equal
from samples import sample

import cxgap as cx
from cxgap.errors import ArgumentError, ColumnError
from cxgap.shipped import shipped
from cxgap.tables.absent import Absent

# A plus is a time that was watched no longer. Freireich et al. (1963), Blood 21, 699-716; Gehan (1965), Biometrika 52, 203-223.
SIX_MP = "6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+"
CONTROL = "1 1 2 2 3 4 4 5 5 8 8 8 8 11 11 12 12 15 17 22 23"
# Miller (1981), Survival Analysis: acute myelogenous leukaemia, maintained.
AML = "9 13 13+ 18 23 28+ 31 34 45+ 48 161+"


def waits(team: str = "", **groups: str) -> pd.DataFrame:
    """One customer a time; those with a plus were answered."""
    rows = []
    for group, times in groups.items():
        for number, text in enumerate(times.split()):
            told = {"waited": float(text.rstrip("+")), "abandoned": not text.endswith("+")}
            rows.append({"customer_id": f"{group}{number}", "at": START, "touchpoint": group, "team": team, **told})
    return pd.DataFrame(rows)


def curve(contacts: object, **options: object) -> pd.DataFrame:
    return cx.patience(contacts, **options).frame.set_index("time")


# Numbers


@pytest.mark.parametrize("engine", ENGINES)
def test_a_curve_is_that_of_rs_survfit(engine):
    """R survival 3.5-3, aml Maintained: survfit(conf.type = "log-log"); interval at 23; median 31 [13, NA]."""
    found = curve(ENGINES[engine](waits(all=AML)), by="", times=(9, 13, 18, 23, 31, 34, 48))
    survival = [0.909091, 0.818182, 0.715909, 0.613636, 0.490909, 0.368182, 0.184091]
    assert found["still"].tolist() == pytest.approx(survival, abs=1e-6)
    assert found.loc[23, ["still_low", "still_high"]].tolist() == pytest.approx([0.265752, 0.835299], abs=1e-6)
    assert found.loc[23, ["median", "median_low"]].tolist() == [31, 13]
    assert np.isnan(found.loc[23, "median_high"])
    assert found.loc[23, ["n", "times", "ended", "at_risk"]].tolist() == [11, 11, 7, 7]


def test_two_curves_are_those_of_freireich_and_gehan():
    """R: S(23) of 6-MP 0.4482 [0.188, 0.680], median 23; of the control, median 8; log-rank chi-square 16.79."""
    found = curve(waits(mp=SIX_MP, control=CONTROL), times=(8, 23)).reset_index().set_index("touchpoint")
    last = found[found["time"] == 23].loc["mp"]
    assert last["still"] == pytest.approx(0.4482, abs=5e-5)
    assert [last["still_low"], last["still_high"]] == pytest.approx([0.188, 0.680], abs=5e-4)
    assert (last["median"], found.loc["control", "median"].iloc[0]) == (23, 8)
    assert found["chi_square"].to_numpy() == pytest.approx(16.79, abs=5e-3)
    assert found["p_value"].to_numpy() == pytest.approx(4.17e-5, abs=1e-7)
    assert found[found["time"] == 23].loc["control", "still"] == 0


def test_without_answers_the_curve_is_the_share_that_waited_longer():
    """All gave up: 1 less the empirical distribution; quantiles are order statistics."""
    times = np.random.default_rng(2).integers(1, 40, 60)
    found = curve(waits(all=" ".join(map(str, times))), by="", times=range(1, 40))
    assert found["still"].tolist() == pytest.approx([(times > mark).mean() for mark in range(1, 40)])
    assert found["median"].iloc[0] == np.sort(times)[29]


def test_what_is_not_reached_is_not_told():
    """Nobody gave up: not measured. One of ten did: no median; and beyond the longest time nobody was watched."""
    assert "no customer gave up" in cx.patience(waits(all="3+ 4+ 5+"), by="").missing
    found = curve(waits(all="3 4+ 4+ 4+ 5+ 5+ 5+ 6+ 6+ 9+"), by="", times=(1, 3, 9, 10))
    assert found["still"].tolist()[:3] == pytest.approx([1, 0.9, 0.9])
    assert found["flags"].tolist() == ["UNSTABLE"] * 3 + ["NOT_IDENTIFIED"]
    assert found[["median", "median_high"]].isna().all(axis=None)
    assert (found["median_low"] == 3).all()  # where the band reaches a half
    assert found.loc[1, ["still_low", "still_high"]].tolist() == pytest.approx([0.05 ** (1 / 10), 1])  # one-sided


def test_the_time_to_settle_an_issue_counts_open_ones_until_the_end():
    """A1 after 1 day, A2 and B1 at once, B2 after 2, B3 at once, C1 after 7: of six, 3, 2, 1 and none are open."""
    found = curve(contact_log(), by="", kind="resolution", times=(0, 1, 2, 6.9, 7), as_of="2025-03-31")
    assert found["still"].tolist() == pytest.approx([3 / 6, 2 / 6, 1 / 6, 1 / 6, 0])
    silent = contact_log().assign(resolved=False)
    silent.loc[0, "resolved"] = True
    row = curve(silent, by="", kind="resolution", times=(0, 40), as_of="2025-03-31")
    assert row["still"].tolist() == pytest.approx([5 / 6, 5 / 6])


# Customers with several contacts, laws


def test_customers_who_call_several_times_are_counted_once():
    """Each time told again by the same customer: the curve, the band and the median stay as they were, up to the formula."""
    once = waits(mp=SIX_MP, control=CONTROL)
    again = pd.concat([once] * 4, ignore_index=True)
    again = again.assign(at=again["at"] + np.arange(len(again)) * DAY)
    options = {"times": (5, 10, 20)}
    single, several = (cx.patience(each, **options).frame for each in (once, again))
    alone = again.assign(customer_id=np.arange(len(again)).astype(str))
    naive = cx.patience(alone, **options).frame
    assert several["still"].to_numpy() == pytest.approx(single["still"].to_numpy())
    width = (each["still_high"] - each["still_low"] for each in (single, several, naive))
    first, clustered, wrong = (part.to_numpy()[:3] for part in width)
    assert clustered == pytest.approx(first, rel=0.06)
    assert (wrong < 0.6 * first).all()
    assert several["chi_square"].iloc[0] < 0.4 * naive["chi_square"].iloc[0]


def test_rows_may_stand_in_any_order_and_times_in_any_unit():
    log = drawn_log(4, 80)
    found = cx.patience(log, times=(2, 5, 10)).frame
    assert_frame_equal(cx.patience(log.sample(frac=1, random_state=3), times=(2, 5, 10)).frame, found)
    seconds = cx.patience(log.assign(waited=log["waited"] * 60), times=(120, 300, 600)).frame
    assert_frame_equal(
        seconds[["still", "still_low", "still_high", "p_value"]], found[["still", "still_low", "still_high", "p_value"]]
    )
    assert seconds["q25"].to_numpy() == pytest.approx(60 * found["q25"].to_numpy())


# Privacy, what is missing, truth


def test_a_curve_ends_where_few_were_watched_longer():
    log = waits(many=" ".join([*["5+", "8"] * 15, "30", "31+"]), few="3 4+ 5", more=" ".join(["2", "9+"] * 15))
    found = cx.patience(log, min_n=10).frame
    assert found.loc[found["touchpoint"] == "few", ["flags", "n"]].values.tolist()[0][0] == "SUPPRESSED_PRIVACY"
    assert (found.loc[found["still"].notna(), "at_risk"] >= 10).all()
    assert found.loc[found["touchpoint"] == "few", "still"].isna().all()
    assert found["median"].isna().all() or found["median"].max() <= 9
    blocks = found[found["touchpoint"] == "more"]
    assert blocks["flags"].eq("SUPPRESSED_SECONDARY").all() or blocks["at_risk"].min() >= 10


def test_a_column_that_is_not_there_is_a_reason_and_a_wrong_name_is_misuse():
    log = waits(all=AML)
    assert "no column 'waited'" in cx.patience(log.drop(columns="waited")).missing
    assert "no column 'resolved'" in cx.patience(log, kind="resolution").missing
    assert "no table 'contacts'" in cx.patience(Absent("contacts")).missing
    with pytest.raises(ColumnError, match="must have a column 'wait'"):
        cx.patience(log, waited="wait")
    with pytest.raises(ArgumentError, match="`times` must hold numbers of 0 or more"):
        cx.patience(log, times=(-1, 2))
    for wrong in ("soon", 3, ["a"]):
        with pytest.raises(ArgumentError, match="`times` must hold numbers of 0 or more"):
            cx.patience(log, times=wrong)
    with pytest.raises(ArgumentError, match="`kind` must be one of"):
        cx.patience(log, kind="anger")
    table = cx.patience(pd.concat([log, log.assign(waited=-1.0)]), by="")
    assert "Left out: 11 contacts without a wait." in table.notes


def test_the_sample_study_has_the_patience_that_was_drawn():
    """truth.json: Weibull, shape 1.3; who was answered first is watched no longer. Each within a 99.9 % interval."""
    study = sample()
    truth = json.loads((shipped("sample") / "truth.json").read_text(encoding="utf-8"))["patience"]
    found = cx.patience(study.contacts, by="channel", zone=study.zone, times=(2, 4, 8), conf_level=0.999).frame
    for drawn in truth:
        rows = found[(found["channel"] == drawn["channel"]) & (found["at_risk"] >= 10)]
        assert len(rows)
        true = np.exp(-((rows["time"] / drawn["scale"]) ** drawn["shape"]))
        assert ((rows["still_low"] <= true) & (true <= rows["still_high"])).all()


@pytest.mark.slow
def test_patience_on_pyspark_is_that_of_pandas(spark):
    log = waits(mp=SIX_MP, control=CONTROL)
    assert_frame_equal(cx.patience(spark(log), times=(5, 10)).frame, cx.patience(log, times=(5, 10)).frame)
