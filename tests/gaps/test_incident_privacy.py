"""What one table of incidents tells of a few people, worked out as somebody would who subtracts."""

from __future__ import annotations

import json
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hits import START

import cxgap as cx

END = "2025-12-31"
LEAST = 10


def log(late: list[bool], failed: list[bool], spoke: list[bool], *, due: list[float] | None = None, values: float = 10.0):
    """One event a customer, four days late or on time, failed or not, which its customer spoke of a day after it came."""
    size = len(late)
    ids = [f"P{place:03}" for place in range(size)]
    days = np.full(size, 20.0) if due is None else np.asarray(due, float)

    def moment(number: np.ndarray) -> pd.Series:
        return pd.Series([START + pd.Timedelta(hours=24 * float(each)) for each in number]).dt.as_unit("us")

    came = days + np.where(late, 4.0, -1.0)
    events = pd.DataFrame({"event_id": [f"V{place:03}" for place in range(size)], "customer_id": ids, "failed": failed})
    events["ordered_at"], events["promised_first"], events["delivered_at"] = moment(days - 6), moment(days), moment(came)
    loud = np.flatnonzero(spoke)
    said = pd.DataFrame({"customer_id": events["customer_id"].iloc[loud], "event_id": events["event_id"].iloc[loud]})
    said["at"] = moment(came[loud] + 1).to_numpy()
    people = pd.DataFrame({"customer_id": ids, "value": values})
    return events, said, people


def groups(frame: pd.DataFrame, late: np.ndarray, failed: np.ndarray, spoke: np.ndarray) -> list[set[int]]:
    """Return the people behind every number that is shown, and behind what is left of each row."""
    hit = {"late": late, "failed": failed, "any of these": late | failed}
    told = []
    for row in frame.to_dict("records"):
        inside = hit[row["event_type"]]
        parts = {"n": inside, "vocal": inside & spoke, "silent": inside & ~spoke}
        shown = {name: set(np.flatnonzero(mask)) for name, mask in parts.items() if np.isfinite(row[name])}
        for name, mask in shown.items():
            assert row[name] == len(mask)
        if np.isfinite(row["complaint_rate"]):  # the share and its interval tell both counts
            shown |= {"of": set(np.flatnonzero(inside)), "spoke": set(np.flatnonzero(inside & spoke))}
        if "n" in shown:
            shown |= {f"not {name}": shown["n"] - shown[name] for name in list(shown) if name != "n"}
        told += shown.values()
    return told


@pytest.mark.parametrize("seed", range(3))
def test_no_two_numbers_of_a_table_differ_by_a_few_people(seed):
    """Law: of what is shown no group, no difference and no overlap of two holds one to nine people."""
    random = np.random.default_rng(seed)
    shown = 0
    for _ in range(2):
        late = random.random(80) < random.choice([0.5, 0.9, 0.97])
        failed = random.random(80) < random.choice([0.1, 0.3, 0.9])
        failed[0] = late[1] = True
        spoke = random.random(80) < random.choice([0.1, 0.4, 0.9])
        events, said, people = log(late.tolist(), failed.tolist(), spoke.tolist())
        frame = cx.incidents(events, said, people, min_n=LEAST, as_of=END).frame
        told = groups(frame, late, failed, spoke)
        shown += len(told)
        assert not [len(each) for each in told if 0 < len(each) < LEAST]
        assert not [(len(one), len(two)) for one, two in combinations(told, 2) if 0 < len(one ^ two) < LEAST]
        both = late & failed
        if frame["n"].notna().all():  # those of each type less those of any
            assert both.sum() == 0 or both.sum() >= LEAST
    assert shown  # the law is not kept by showing nothing


def test_few_whose_window_still_runs_are_left_out_of_what_is_told():
    """Arithmetic: 60 hit long ago, 25 of whom spoke; three lately, one of whom spoke. The share alone told N = 60 of 63."""
    spoke = [place < 25 for place in range(60)] + [True, False, False]
    tables = log([True] * 63, [False] * 63, spoke, due=[20.0] * 60 + [355.0] * 3)
    table = cx.incidents(*tables, min_n=LEAST, as_of=END)
    row = table.frame.iloc[0]
    assert row[["n", "watched", "vocal", "silent", "recent"]].tolist() == [60, 60, 25, 35, 0]
    assert row["complaint_rate"] == 25 / 60
    assert "LATEST_LEFT_OUT" in row["flags"]
    assert "left out" in repr(table)
    assert "63" not in repr(table)
    open_ = cx.incidents(*tables, as_of=END).frame.iloc[0]
    assert open_[["n", "watched", "vocal", "silent", "recent"]].tolist() == [63, 60, 26, 35, 2]


def test_a_value_that_is_nearly_all_of_a_sum_is_not_told():
    events, said, people = log([True] * 60, [False] * 60, [place < 20 for place in range(60)])
    people.loc[59, "value"] = 98_765_432.0
    table = cx.incidents(events, said, people, min_n=LEAST, as_of=END)
    assert np.isnan(table.frame.loc[0, "value_silent"])
    assert "98,76" not in repr(table)
    assert "98765" not in json.dumps(table.record())
    assert table.frame.loc[0, "silent"] == 40
    known = people.assign(value=people["value"].where(people.index > 56, np.nan))  # the value of three is theirs
    assert np.isnan(cx.incidents(events, said, known, min_n=LEAST, as_of=END).frame.loc[0, "value_silent"])


def test_what_hit_one_customer_is_not_named():
    events, said, people = log([True] * 60, [False] * 60, [place < 20 for place in range(60)])
    events["incident_id"] = ["I7", *[None] * 59]
    happened = pd.DataFrame({"incident_id": ["I7"], "kind": ["burst pipe at Zorblaxian"]})
    table = cx.incidents(events, said, people, happened, min_n=LEAST, as_of=END)
    told = f"{table} {json.dumps(table.record())} {cx.describe(table)} {cx.plot.incidents(table).to_json()}"
    assert "Zorblax" not in told
    assert "other incidents" in told
    assert "Zorblax" in repr(cx.incidents(events, said, people, happened, as_of=END))  # one who looks at everything


def test_how_many_events_tells_no_few_who_had_several():
    """Arithmetic: 60 customers with 62 events: two had two."""
    events, said, people = log([True] * 62, [False] * 62, [place < 20 for place in range(62)])
    events["customer_id"] = [*events["customer_id"][:60], "P058", "P059"]
    frame = cx.incidents(events, said, people, min_n=LEAST, as_of=END).frame
    assert frame.loc[0, "n"] == 60
    assert np.isnan(frame.loc[0, "events"])
