"""What was published is remembered, bounded, closed to others, whole after any stop, and a person can be taken out."""

from __future__ import annotations

import json
import stat

import numpy as np
import pytest

from cxgap.disclosure import ledger
from cxgap.disclosure.counted import Cell, Counted, gathered
from cxgap.disclosure.counts import label_of
from cxgap.disclosure.key import BYTES, hashed, read_key
from cxgap.errors import RunError

BUY, USE = Cell("gap", "touchpoint", ("Buy",)), Cell("gap", "touchpoint", ("Use",))


def cells(key: bytes, people: range, survey: str = "kiosk", as_of: str = "") -> Counted:
    everybody = hashed((f"R{who}" for who in people), key=key, survey=survey)
    return gathered([(BUY, everybody), (USE, everybody[::2])], survey=survey, label=label_of({}, as_of), min_n=10)


def test_cells_come_back_as_they_were_noted(tmp_path):
    part = cells(read_key(tmp_path / "private"), range(31))
    ledger.note(tmp_path, "customer", part)
    (found,) = ledger.published(tmp_path)
    assert (found.digest, found.cells, found.n.tolist(), found.min_n) == (part.digest, part.cells, [31, 16], 10)


def test_a_file_of_cells_can_be_noted(tmp_path):
    part = cells(read_key(tmp_path / "private"), range(31))
    (tmp_path / "cells.npz").write_bytes(part.to_bytes())
    ledger.note(tmp_path, "customer", tmp_path / "cells.npz")
    assert [found.digest for found in ledger.published(tmp_path)] == [part.digest]


def test_equal_cells_are_kept_once_and_the_newest_come_first(tmp_path):
    key = read_key(tmp_path / "private")
    one, two = cells(key, range(30)), cells(key, range(50))
    for part in (one, two, one):
        ledger.note(tmp_path, "customer", part)
        ledger.note(tmp_path, "chain", part)
    assert [found.digest for found in ledger.published(tmp_path)] == [one.digest, two.digest]
    assert len(list((tmp_path / "private" / "ledger").glob("*.npz"))) == 2


def test_other_surveys_can_be_left_out(tmp_path):
    key = read_key(tmp_path / "private")
    ledger.note(tmp_path, "a", cells(key, range(30)))
    ledger.note(tmp_path, "b", cells(key, range(30), survey="another"))
    assert [found.survey for found in ledger.published(tmp_path, ["another"])] == ["another"]


def test_the_ledger_is_bounded_and_drops_the_oldest(tmp_path):
    """Policy: the newest 24 contents of each page."""
    key = read_key(tmp_path / "private")
    parts = [cells(key, range(20 + number)) for number in range(ledger.MOST_KEPT + 6)]
    for part in parts:
        ledger.note(tmp_path, "customer", part)
    found = [part.digest for part in ledger.published(tmp_path)]
    assert found == [part.digest for part in parts[:5:-1]]
    assert len(list((tmp_path / "private" / "ledger").iterdir())) == ledger.MOST_KEPT + 1


def test_everything_is_closed_to_others_and_names_nobody(tmp_path):
    ledger.note(tmp_path, "customer", cells(read_key(tmp_path / "private"), range(31)))
    for path in [tmp_path / "private" / "key", *(tmp_path / "private" / "ledger").iterdir()]:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert b"R17" not in path.read_bytes()
    for folder in (tmp_path / "private", tmp_path / "private" / "ledger"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_hashes_depend_on_key_survey_and_role():
    one = {"key": b"a" * BYTES, "survey": "kiosk", "role": "respondent"}
    others = [one | {"key": b"b" * BYTES}, one | {"survey": "another"}, one | {"role": "managers"}]
    assert hashed(["R1"], **one) == hashed(["R1"], **one)
    assert all(hashed(["R1"], **one) != hashed(["R1"], **other) for other in others)


def test_a_key_that_is_cut_off_stops_a_run(tmp_path):
    read_key(tmp_path)
    (tmp_path / "key").write_bytes(b"short")
    with pytest.raises(RunError, match="must hold the 32 bytes"):
        read_key(tmp_path)


@pytest.mark.parametrize(
    "damage", ["{", '{"schema": "cxgap.ledger/2", "pages": {}}', '{"schema": "cxgap.ledger/1", "pages": 3}', "[]"]
)
def test_a_damaged_list_stops_a_run_and_is_not_taken_for_an_empty_one(tmp_path, damage):
    ledger.note(tmp_path, "customer", cells(read_key(tmp_path / "private"), range(31)))
    (tmp_path / "private" / "ledger" / "ledger.json").write_text(damage)
    with pytest.raises(RunError, match="must be the list of what was published"):
        ledger.published(tmp_path)


def test_a_lost_or_damaged_file_of_cells_stops_a_run(tmp_path):
    ledger.note(tmp_path, "customer", cells(read_key(tmp_path / "private"), range(31)))
    (path,) = (tmp_path / "private" / "ledger").glob("*.npz")
    path.write_bytes(path.read_bytes()[:50])
    with pytest.raises(RunError, match="cannot be read"):
        ledger.published(tmp_path)
    path.unlink()
    with pytest.raises(RunError, match="is not there"):
        ledger.published(tmp_path)


@pytest.mark.parametrize("stopped_at", [1, 2])
def test_a_run_that_is_stopped_while_it_notes_leaves_the_ledger_as_it_was(tmp_path, monkeypatch, stopped_at):
    key = read_key(tmp_path / "private")
    ledger.note(tmp_path, "customer", cells(key, range(31)))
    before = [part.digest for part in ledger.published(tmp_path)]
    calls, write = [], ledger._write

    def stop(path, content):
        calls.append(path)
        if len(calls) == stopped_at:
            raise KeyboardInterrupt
        write(path, content)

    monkeypatch.setattr(ledger, "_write", stop)
    with pytest.raises(KeyboardInterrupt):
        ledger.note(tmp_path, "customer", cells(key, range(50)))
    monkeypatch.setattr(ledger, "_write", write)
    assert [part.digest for part in ledger.published(tmp_path)] == before
    ledger.note(tmp_path, "customer", cells(key, range(60)))
    assert len(list((tmp_path / "private" / "ledger").glob("*.npz"))) == 2  # what was left behind is gone


def test_a_respondent_is_taken_out_of_every_cell(tmp_path):
    key = read_key(tmp_path / "private")
    ledger.note(tmp_path, "old", cells(key, range(20)))
    ledger.note(tmp_path, "customer", cells(key, range(31)))
    ledger.note(tmp_path, "other", cells(key, range(40, 60)))
    assert ledger.forget(tmp_path, "R18") == ["customer", "old"]
    gone = hashed(["R18"], key=key, survey="kiosk")
    assert not any(np.isin(gone, part.people).any() for part in ledger.published(tmp_path))
    assert sorted(int(part.n[0]) for part in ledger.published(tmp_path)) == [19, 20, 30]
    assert ledger.forget(tmp_path, "R18") == []
    listed = json.loads((tmp_path / "private" / "ledger" / "ledger.json").read_text())["pages"]
    assert sorted(listed) == ["customer", "old", "other"]
