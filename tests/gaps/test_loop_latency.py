"""How fast the loop is closed: by hand, on every engine, with what is still open."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from conftest import ENGINES
from pandas.testing import assert_frame_equal

import cxgap as cx
from cxgap.errors import ArgumentError, ColumnError
from cxgap.gaps.loop_curve import curve
from cxgap.tables.absent import Absent
from tests.spans import spans

START, DAY = pd.Timestamp("2026-01-01T00:00:00Z"), pd.Timedelta(days=1)
CLOSE = {"check_exact": False, "rtol": 1e-9, "atol": 1e-9}
END = "2026-01-20"


def at(days: list[float]) -> pd.Series:
    return pd.Series(START + spans(days)).dt.as_unit("us")


def answers() -> pd.DataFrame:
    """Four bad answers (A, B, C, D) and a good one (E), of two items each."""
    frame = pd.DataFrame(
        {"customer_id": list("ABCDE"), "score": [3, 0, 6, 5, 9], "region": list("NNSSS"), "perception": [3.0, 2, 4, 4, 6]}
    )
    frame = frame.assign(respondent_id="r" + frame["customer_id"], expectation=6.0, at=at([0, 0, 2, 5, 1]))
    return pd.concat([frame, frame.assign(perception=frame["perception"] + 1)], ignore_index=True)


def outreach() -> pd.DataFrame:
    """A after one day, B held out, C after ten days and once before; D never."""
    return pd.DataFrame(
        {"customer_id": list("ABCC"), "at": at([1, 1, 12, 1]), "arm": ["contacted", "held out", "contacted", "contacted"]}
    )


def shares(table: cx.Table) -> pd.DataFrame:
    return table.frame[table.frame["measure"] == "closed within"]


@pytest.mark.parametrize("engine", ENGINES)
def test_four_bad_answers_by_hand(engine):
    """Arithmetic: A in 1 day, C in 10, B and D open for 20 and 15 days: a quarter in 2 days, half in 10."""
    to = ENGINES[engine]
    table = cx.loop_latency(to(answers()), outreach=to(outreach()), scale=(1, 7), as_of=END, within=(2, 10))
    frame = table.frame
    assert list(frame["estimate"]) == pytest.approx([0.25, 0.5, 10.0])
    assert list(frame["n"]) == [4, 4, 4]
    assert list(frame["open"]) == [2, 2, 2]
    assert (frame["conf_low"][:2] < frame["estimate"][:2]).all()
    assert (frame["conf_high"][:2] > frame["estimate"][:2]).all()
    judged = cx.loop_latency(to(answers()), outreach=to(outreach()), outcome="score", cut=6, as_of=END, within=(2, 10))
    assert_frame_equal(judged.frame, frame, **CLOSE)
    assert table.title == "Within 2 days we had contacted 25 % of those who answered badly"
    assert cx.describe(table).lead[0].text.startswith("Of those who answered badly, 25 % (")


def test_the_curve_is_greenwoods_where_customers_have_one_answer_each():
    """Kaplan & Meier's worked shares by hand: of ten, ends at 1, 2 and 4, two open at 1.5: .9, .9 * 6/7."""
    days = np.array([1, 1.5, 1.5, 2, 4, 9, 9, 9, 9, 9.0])
    closed = np.array([1, 0, 0, 1, 1, 0, 0, 0, 0, 0], bool)
    rows = curve(days, closed, np.arange(10), (1.0, 2.0), 0.95)
    assert [1 - row["estimate"] for row in rows[:2]] == pytest.approx([0.9, 0.9 * 6 / 7])
    greenwood = 0.9 * 6 / 7 * np.sqrt(1 / (10 * 9) + 1 / (7 * 6))
    assert rows[1]["std_error"] == pytest.approx(greenwood, rel=0.02)
    twice = curve(np.tile(days, 2), np.tile(closed, 2), np.tile(np.arange(10), 2), (2.0,), 0.95)
    assert twice[0]["std_error"] == pytest.approx(rows[1]["std_error"])
    late = curve(days, closed, np.arange(10), (30.0,), 0.95)[0]
    assert np.isnan(late["estimate"])
    assert "NOT_IDENTIFIED" in late["flags"]


def test_contacts_actions_groups_and_few_people():
    contacts = pd.DataFrame({"customer_id": ["D"], "at": at([6])})
    actions = pd.DataFrame({"action_id": ["1", "2"], "action": ["a", "b"], "raised_at": at([0, 0]), "decided_at": at([3, 40])})
    table = cx.loop_latency(
        answers(), contacts, outreach=outreach(), actions=actions, scale=(1, 7), as_of=END, within=(2,), within_outer=(10,)
    )
    found = shares(table).set_index("loop")["estimate"]
    assert found.to_dict() == pytest.approx(
        {"we contacted the customer": 0.25, "any contact with the customer": 0.25, "action decided": 0.5, "action done": 0.0}
    )
    hidden = cx.loop_latency(answers(), outreach=outreach(), scale=(1, 7), by="region", as_of=END, min_n=3).frame
    assert hidden["estimate"].isna().all()
    assert set(hidden["flags"]) == {"SUPPRESSED_PRIVACY"}
    outer = cx.loop_latency(Absent("responses"), actions=actions, as_of=END)
    assert "Not measured: the inner loop" in outer.notes[0]
    order = cx.loop_latency(answers().iloc[::-1], outreach=outreach().iloc[::-1], scale=(1, 7), as_of=END)
    assert_frame_equal(order.frame, cx.loop_latency(answers(), outreach=outreach(), scale=(1, 7), as_of=END).frame, **CLOSE)


def test_what_was_done_had_been_decided_and_impossible_days_are_counted():
    """Arithmetic: 1 decided after 3 days, 2 done after 5 with no day of decision, 3 decided before it was raised, 4 undated."""
    actions = pd.DataFrame({"action_id": list("1234"), "action": "a", "raised_at": [*at([0, 0, 9]), pd.NaT],
                            "decided_at": [*at([3]), pd.NaT, *at([1]), pd.NaT],
                            "done_at": [pd.NaT, *at([5]), pd.NaT, pd.NaT]})  # fmt: skip
    table = cx.loop_latency(Absent("responses"), actions=actions, as_of=END, within_outer=(4, 6))
    found = shares(table)
    assert found[found["loop"] == "action decided"]["estimate"].tolist() == pytest.approx([0.5, 1.0])
    assert found[found["loop"] == "action done"]["estimate"].tolist() == pytest.approx([0.0, 1 / 3])
    for said in ("1 action done without a day", "1 action decided or done before", "1 action without a day on which"):
        assert any(note.startswith(said) for note in table.notes), said


def test_a_log_that_ends_long_before_the_data_is_doubted():
    late = cx.loop_latency(answers(), outreach=outreach(), scale=(1, 7), as_of="2026-03-31", within=(2, 7))
    assert any("78 days older than the data" in note for note in late.notes)
    assert not any("older than the data" in note for note in cx.loop_latency(
        answers(), outreach=outreach(), scale=(1, 7), as_of=END, within=(2, 10)).notes)  # fmt: skip


def test_what_is_not_there_is_said_and_bad_words_are_misuse():
    assert "no survey" in cx.loop_latency(Absent("responses"), outreach()).missing
    assert "no table 'outreach'" in cx.loop_latency(answers(), outreach=Absent("outreach"), scale=(1, 7)).missing
    assert "no column 'customer_id'" in cx.loop_latency(answers().drop(columns="customer_id"), outreach(), scale=(1, 7)).missing
    good = answers()[answers()["customer_id"] == "E"]
    assert "nobody answered badly" in cx.loop_latency(good, outreach=outreach(), scale=(1, 7)).missing
    with pytest.raises(ArgumentError, match="given together"):
        cx.loop_latency(answers(), outreach=outreach(), outcome="score")
    with pytest.raises(ArgumentError, match="`margin` or `scale`"):
        cx.loop_latency(answers(), outreach=outreach())
    with pytest.raises(ColumnError, match="'scores'"):
        cx.loop_latency(answers(), outreach=outreach(), outcome="scores", cut=6)
    with pytest.raises(ColumnError, match="'arm'"):
        cx.loop_latency(answers(), outreach=outreach().drop(columns="arm"), scale=(1, 7))


@pytest.mark.slow
def test_loop_latency_on_pyspark_is_that_of_pandas(spark):
    found = cx.loop_latency(spark(answers()), outreach=spark(outreach()), scale=(1, 7), as_of=END).frame
    assert_frame_equal(found, cx.loop_latency(answers(), outreach=outreach(), scale=(1, 7), as_of=END).frame, **CLOSE)


@pytest.mark.slow
def test_shares_and_medians_of_customers_with_several_answers_are_covered():
    """250 draws: 150 answers of 100 customers who differ in how long they wait, watched for at most 60 days.

    A binomial count of 250 at 0.95 lies within 226 and 247 (two rates, 0.5 % each).
    """
    large = np.random.default_rng(9)
    wait = large.exponential(5 * np.exp(large.normal(0, 0.7, 400_000)))
    truth, covered = (float((wait <= 7).mean()), float(np.median(wait))), np.zeros(2)
    for seed in range(250):
        random = np.random.default_rng(seed)
        who, start = random.integers(0, 100, 150), random.uniform(0, 60, 150)
        lasts = random.exponential(5 * np.exp(random.normal(0, 0.7, 100))[who])
        rows = curve(np.minimum(lasts, 60 - start), lasts <= 60 - start, np.unique(who, return_inverse=True)[1], (7.0,), 0.95)
        covered += [row["conf_low"] <= true <= row["conf_high"] for row, true in zip(rows, truth, strict=True)]
    assert ((covered >= 226) & (covered <= 247)).all(), covered
