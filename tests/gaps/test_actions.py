"""The register of actions: states, days and verdicts by hand, on every engine."""

from __future__ import annotations

import pandas as pd
import pytest
from conftest import ENGINES
from pandas.testing import assert_frame_equal
from samples import sample

import cxgap as cx
from cxgap.errors import ArgumentError, ColumnError
from cxgap.tables.absent import Absent

ASOF = "2026-03-31"


def register() -> pd.DataFrame:
    told = [
        ("A1", "Rewrite the page", "It is unclear.", "2025-06-01", "2025-06-11", "2025-08-01", "2025-08-10", "Clear"),
        ("A2", "New vans", "", "2025-06-01", "2025-07-01", "2026-03-01", None, "Late"),
        ("A3", "Ask more", "Nobody asks.", "2026-01-01", "2026-02-01", "2026-06-30", None, ""),
        ("A4", "Paint", "", "2026-03-01", None, None, None, "Unknown"),
        ("A5", "Later", "", "2026-05-01", None, None, None, ""),
        ("A6", "Ring back", "No call.", "2025-10-01", "2025-10-02", None, "2026-04-15", "Clear"),
    ]
    names = ["action_id", "action", "said", "raised_at", "decided_at", "due_at", "done_at", "target"]
    frame = pd.DataFrame(told, columns=names)
    times = {name: pd.to_datetime(frame[name], utc=True).dt.as_unit("us") for name in names if name.endswith("_at")}
    return frame.assign(**times, cost=[10.0, 20.0, None, 1.0, 1.0, 5.0], owner="Head")


def targets() -> cx.Table:
    frame = pd.DataFrame({"name": ["Clear", "Late"], "target_verdict": ["met", "not met"], "state": ["frozen", "interim"]})
    return cx.Table(frame, "targets", "Targets")


@pytest.mark.parametrize("engine", ENGINES)
def test_states_days_and_verdicts_are_those_of_a_calendar(engine):
    """Arithmetic: 10 days to decide and 60 to do, 9 late; what was done after the date is not done yet."""
    table = cx.actions(ENGINES[engine](register()), targets=targets(), as_of=ASOF)
    frame = table.frame.set_index("action_id")
    assert list(frame.index) == ["A2", "A3", "A6", "A4", "A1"]
    assert frame["state"].to_dict() == {"A1": "done", "A2": "overdue", "A3": "in work", "A4": "raised", "A6": "decided"}
    done = frame.loc["A1"]
    assert (done["days_to_decide"], done["days_to_do"], done["days_late"]) == pytest.approx((10, 60, 9))
    assert frame.loc["A2", "days_late"] == 30
    verdicts = {"A1": "met", "A2": "cannot tell yet", "A3": "no target", "A4": "target not declared", "A6": "cannot tell yet"}
    assert frame["target_verdict"].to_dict() == verdicts
    assert done["we_did"] == "Rewrite the page; done 10 August 2025"
    assert frame.loc["A6", "we_did"] == "Ring back; decided 2 October 2025"
    assert table.title == "1 of 5 actions is done; 1 is overdue"
    assert "Not among the targets: Unknown." in table.notes
    assert cx.describe(table).lead[0].text == "Overdue: New vans (Head), by 30 days."
    said = [sentence.text for sentence in cx.describe(table).details]
    assert said[-1] == (
        "You said: “It is unclear.” We did: Rewrite the page; done 10 August 2025; its target was met at the cut-off."
    )
    assert cx.describe(table).limits[-1].text == "2 actions rest on nothing that a customer said."


def test_the_last_day_of_the_targets_is_today_where_nothing_else_says_so():
    """Arithmetic: without it the data end on 15 April 2026, with the last thing done."""
    judged = cx.Table(targets().frame.assign(until=["2026-03-31", "2026-01-31"]), "targets", "Targets")
    assert cx.actions(register(), targets=judged).notes[0].startswith("As of 31 March 2026.")
    assert cx.actions(register()).notes[0].startswith("As of 1 May 2026.")


def test_order_and_absent_columns_change_nothing_and_bad_registers_are_misuse():
    whole = cx.actions(register(), as_of=ASOF)
    assert_frame_equal(cx.actions(register().iloc[::-1], as_of=ASOF).frame, whole.frame)
    assert "no verdict is told" in whole.notes[1]
    bare = cx.actions(register()[["action_id", "action"]])
    assert set(bare.frame["state"]) == {"raised"}
    assert "no table 'actions'" in cx.actions(Absent("actions")).missing
    assert "no action is registered" in cx.actions(register().iloc[:0]).missing
    assert "none" not in cx.actions(register().iloc[:1], as_of=ASOF).title.split(";")[0]
    assert "no action had been raised" in cx.actions(register(), as_of="2020-01-01").missing
    with pytest.raises(ArgumentError, match="each with its own `action_id`"):
        cx.actions(pd.concat([register(), register().assign(action="other")]))
    with pytest.raises(ColumnError, match="'action_id'"):
        cx.actions(register().drop(columns="action_id"))
    with pytest.raises(ArgumentError, match=r"must be what `cx\.target_status` returned"):
        cx.actions(register(), targets=register())
    crossed = register().assign(done_at=lambda frame: frame["raised_at"] - pd.Timedelta(days=1)).iloc[:1]
    assert "TIMES_CROSSED" in cx.actions(crossed, as_of=ASOF).frame["flags"][0]


def test_a_register_says_each_day_once():
    """What is to be done by when stands in a column of its own; the frame keeps the whole sentence."""
    table = cx.actions(cx.read_study("sample").actions, as_of="2026-03-31")
    assert ", to be done by " in " ".join(table.frame["we_did"])
    assert ", to be done by " not in " ".join(cell for row in table.cells for cell in row)


def test_the_sample_registers_eight_actions():
    study = sample()
    table = cx.actions(study.actions, zone=study.zone, as_of=ASOF)
    assert len(table.frame) == 8
    assert set(table.frame.loc[table.frame["state"] == "done", "action_id"]) == {"A01", "A03", "A05", "A08"}


@pytest.mark.slow
def test_actions_on_pyspark_are_those_of_pandas(spark):
    assert_frame_equal(cx.actions(spark(register()), as_of=ASOF).frame, cx.actions(register(), as_of=ASOF).frame)
