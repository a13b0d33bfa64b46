"""What is said of targets, sentence by sentence."""

from __future__ import annotations

import math
from dataclasses import replace

import pandas as pd
import pytest

import cxgap as cx
from cxgap.result import Table

ROW = {
    "name": "Receiving", "question": "", "owner": "", "measure": "customer", "unit": "scale points", "better": "high",
    "where": "", "value": -0.3, "margin": 0.0, "since": "", "cut_off": "2026-06-30", "set_on": "", "n": 240.0,
    "estimate": -0.28,
    "std_error": 0.05, "low": -0.36, "high": -0.2, "bound": -0.36, "level": 0.95, "target_verdict": "cannot tell",
    "state": "ahead", "look": 0, "looks": 1, "until": "2026-03-31", "on_track": 0.641, "chance_met": 0.2, "n_planned": 480.0,
    "n_needed": math.nan, "change": math.nan, "change_low": math.nan, "change_high": math.nan, "regression": math.nan,
    "frozen_at": "", "flags": "TENTATIVE", "note": "", "spec_hash": "0", "to_freeze": "",
}  # fmt: skip
LATE = {
    "name": "Late parcels", "measure": "late", "unit": "share", "better": "low", "value": 0.3, "cut_off": "2025-12-31",
    "n": 2069.0, "estimate": 0.386, "low": 0.368, "high": 0.404, "bound": 0.404, "target_verdict": "not met", "state": "frozen",
    "frozen_at": "2026-01-02T05:00:00Z", "on_track": math.nan, "flags": "",
}  # fmt: skip


def table(*rows: dict, title: str = "Of 2 targets: 1 not met, 1 still ahead", notes: tuple[str, ...] = ()) -> Table:
    return Table(pd.DataFrame([ROW | row for row in rows]), "targets", title, notes=notes)


def test_one_target_ahead_is_its_own_headline():
    """report.md E9."""
    prose = cx.describe(table({}))
    assert prose.headline == "Target −0.3 by 30 June 2026: on track, about 64 %"
    assert prose.details[0].text == (
        "Receiving. Target −0.3 by 30 June 2026: on track, about 64 %: −0.28 measured; one-sided 95 % lower bound −0.36; n 240."
    )


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"on_track": 0.43}, "behind, about 43 % to reach it"),
        ({"on_track": 0.999}, "on track, over 99 %"),
        ({"on_track": 0.001}, "behind, under 1 % to reach it"),
        ({"on_track": math.nan}, "still ahead"),
        ({"state": "final", "target_verdict": "met"}, "met"),
        ({"state": "final"}, "we cannot tell"),
        ({"state": "interim", "target_verdict": "met", "look": 2, "looks": 4}, "met, settled at look 2 of 4"),
        ({"flags": "LOCK_BROKEN"}, "cannot be trusted"),
    ],
)
def test_where_a_target_stands(row, said):
    prose = cx.describe(table(row))
    assert prose.details[0].text.startswith(f"Receiving. Target −0.3 by 30 June 2026: {said}")


def test_several_targets_are_counted_and_the_missed_ones_named():
    prose = cx.describe(table({}, LATE, notes=("Read as of 2026-03-31.",)))
    assert prose.headline == "Of 2 targets: 1 not met, 1 still ahead"
    assert [one.text for one in prose.lead] == [
        "Not met: Late parcels.",
        "Still ahead: Receiving, on track, about 64 %.",
    ]
    assert prose.details[1].text == (
        "Late parcels. Target 30 % by 31 December 2025: not met: 38.6 % measured; one-sided 95 % upper bound 40.4 %; n 2,069; "
        "frozen on 2 January 2026."
    )
    assert [one.text for one in prose.limits] == ["Read as of 2026-03-31."]


def test_a_note_of_a_row_is_said_with_it_and_not_twice():
    note = "the data behind it changed after it was frozen, and the verdict stays."
    prose = cx.describe(table(LATE | {"note": note}, notes=(f"Late parcels: {note}",)))
    assert prose.details[0].text.endswith("The data behind it changed after it was frozen, and the verdict stays.")
    assert prose.limits == ()


def test_a_broken_lock_is_the_headline():
    title = "Verdicts on targets cannot be trusted: line 3 does not follow line 2"
    prose = cx.describe(table({"flags": "LOCK_BROKEN"}, title=title))
    assert prose.headline == title
    assert "no verdict is said until it is brought back" in prose.lead[0].text


def test_no_targets_are_said_so():
    prose = cx.describe(replace(Table.not_measured("targets", "Targets", "the study has no targets")))
    assert prose.headline == "Targets: not measured"
