"""A study that a run read once is the study that reading it again would give, or it is read again."""

import os
import pickle
import shutil

import pytest

import cxgap as cx
from cxgap.shipped import shipped
from cxgap.tables.context import CONTEXT, Context
from cxgap.tables.inputs import inputs_of
from cxgap.tables.restrict import Scope
from cxgap.tables.spec import load_spec
from cxgap.tables.store import keep_study

WHERE = {"region": "0012"}


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A study like the sample, of few people: how much is read is nothing to what is kept of it."""
    folder = tmp_path_factory.mktemp("small")
    cx.simulate_study(60, seed=1).write(folder)
    shutil.copy(shipped("sample") / "study.toml", folder)
    return folder


@pytest.fixture
def told(small, tmp_path, monkeypatch):
    """A study of our own, kept as read within WHERE, in the context of this process; and what was kept of it."""
    folder = tmp_path / "study"
    shutil.copytree(small, folder)
    path = folder / "study.toml"
    spec, _ = load_spec(path)
    study = cx.read_study(path, where=WHERE)
    kept = keep_study(study, path, Scope.of(WHERE, "", spec.study.zone), list(inputs_of(path, spec).files), tmp_path)
    place = tmp_path / "context.json"
    place.write_text(Context(kept=kept).model_dump_json())
    monkeypatch.setenv(CONTEXT, str(place))
    return study, kept


def reads(monkeypatch):
    """Count how often a study is read from its files."""
    from cxgap.tables import read

    counted = []
    real = read._read
    monkeypatch.setattr(read, "_read", lambda *given: counted.append(given) or real(*given))
    return counted


def test_what_was_kept_is_what_was_read_to_the_bit(told, monkeypatch):
    study, kept = told
    counted = reads(monkeypatch)
    again = cx.read_study(kept.study, where=WHERE)
    assert counted == []
    assert repr(again) == repr(study)
    assert again.record() == study.record()
    for name in ("responses", *study.tables):
        assert getattr(again, name).equals(getattr(study, name))
        assert list(getattr(again, name).dtypes) == list(getattr(study, name).dtypes)
    with pytest.raises(TypeError, match="does not support item assignment"):
        again.design["min_n"] = 1
    assert again.promises.shape == study.promises.shape if "promises" in study.tables else again.promises.reason


@pytest.mark.parametrize("change", ["another part", "another day", "a file that changed", "a kept file that changed"])
def test_anything_else_is_read_anew(told, monkeypatch, change):
    _, kept = told
    counted = reads(monkeypatch)
    asked = {"where": WHERE, "as_of": ""}
    if change == "another part":
        asked["where"] = {"region": "0034"}
    elif change == "another day":
        asked["as_of"] = "2026-01-31"
    elif change == "a file that changed":
        os.utime(kept.study.parent / "events.csv", ns=(1, 1))
    else:
        kept.path.write_bytes(pickle.dumps({"title": "forged"}))
    assert cx.read_study(kept.study, **asked).title == "Northbound Parcel (synthetic)"
    assert len(counted) == 1


def test_bytes_that_the_run_did_not_note_are_never_unpickled(told, tmp_path):
    """The proof that it could fail: the forged pickle writes a file when it is loaded."""
    _, kept = told
    told_off = tmp_path / "ran"

    class Forged:
        def __reduce__(self):
            return os.mkdir, (str(told_off),)

    kept.path.write_bytes(pickle.dumps(Forged()))
    cx.read_study(kept.study, where=WHERE)
    assert not told_off.exists()
    pickle.loads(kept.path.read_bytes())
    assert told_off.exists()


def test_only_the_owner_may_open_what_was_kept(told):
    assert told[1].path.stat().st_mode & 0o077 == 0
