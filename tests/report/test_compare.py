"""What changed between two runs, and whether data, definition or code did it: as far as records tell, and no further."""

from __future__ import annotations

import json
from functools import cache

import pytest
from report.hostile import CELLS
from report.making import prose, study, usual
from report.runs import files, publish, shifted

from cxgap.errors import ArgumentError
from cxgap.report import compare as compare_module
from cxgap.report.compare import compare
from cxgap.report.differences import compare_records
from cxgap.report.recompute import Again

OTHER = "1" * 64
LATER = "20260501T000500Z-0badc0de"


@cache
def plain():
    """Return the files of one good report."""
    return files()


def changed_data(**changes):
    tables = [{"table": "responses", "file": "responses.csv", "rows": 2500, "sha256": OTHER}]
    return {"tables": tables, "fingerprint": OTHER, "respondents": 2000, **changes}


@pytest.fixture(scope="module")
def was(tmp_path_factory):
    return publish(tmp_path_factory.mktemp("was"), plain())


def against(was, tmp_path, shows=None, **changes):
    content = files(shows, **changes) if shows or changes else plain()
    (found,) = compare(was, publish(tmp_path, content, run=LATER))
    return found


def test_the_same_run_twice_is_the_same(was, tmp_path):
    found = against(was, tmp_path)
    assert (found.equal, found.found.causes) == (True, [])
    assert found.lines() == ["customer (20260401T000500Z-0badc0de) against customer (20260501T000500Z-0badc0de): the same"]


def test_new_data_is_the_cause_where_only_data_changed(was, tmp_path):
    found = against(was, tmp_path, shifted(0.5, **changed_data()))
    assert found.why == "changed, because of the data"
    assert [cause.text for cause in found.found.causes] == ["responses.csv (responses) changed from 2,400 rows to 2,500"]
    assert found.found.counts == {"respondents": (1902, 2000)}
    (row,) = found.found.rows
    assert (row.table, row.row, list(row.cells)) == ("customer by touchpoint", "Receive the parcel", ["estimate"])
    assert any(
        "customer by touchpoint / Receive the parcel: estimate -0.8" in line and "(+0.5)" in line for line in found.lines()
    )


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        ({"notebook": b"other"}, "the notebook 05_customer.ipynb changed"),
        ({"parameters": 'study: str = "sample"\nby: str = "channel"\n'}, "parameter by 'touchpoint' became 'channel'"),
        ({"shows": {"min_n": 13}}, "the least number of respondents to show, 10, became 13"),
        ({"shows": {"margin": 0.5}}, "the study file changed: margin 0.3 became 0.5"),
        ({"shows": {"fingerprint": OTHER}}, "the study file changed"),
    ],
)
def test_a_definition_is_the_cause_where_only_it_changed(was, tmp_path, changes, cause):
    shows = shifted(0.5, **changes.pop("shows", {}))
    found = against(was, tmp_path, shows, **changes)
    assert found.why == "changed, because of the definition"
    assert cause in [one.text for one in found.found.causes]


def test_code_is_the_cause_where_only_versions_changed(was, tmp_path):
    versions = json.loads(plain()["record.json"])["versions"]
    found = against(was, tmp_path, shifted(0.5), versions=versions | {"scipy": "99.0"})
    assert (found.why, found.found.kinds) == ("changed, because of the code", ["code"])


def test_causes_that_came_together_are_not_parted_by_guessing(was, tmp_path):
    versions = json.loads(plain()["record.json"])["versions"]
    found = against(was, tmp_path, shifted(0.5, **changed_data()), versions=versions | {"scipy": "99.0"})
    assert found.why == "changed; data and code changed at once, and records alone cannot part them; --recompute may"


def test_a_change_without_a_cause_is_said_to_be_one(was, tmp_path):
    assert "no record says why" in against(was, tmp_path, shifted(0.5)).why


def test_recomputing_parts_data_from_code(was, tmp_path, monkeypatch):
    """The older report is made again with the code of today on its own data: what moves then is the code's."""
    versions = json.loads(plain()["record.json"])["versions"] | {"scipy": "99.0"}
    middle = json.loads(files(shifted(0.1), versions=versions)["record.json"])
    monkeypatch.setattr(compare_module, "recompute", lambda published: Again(middle, {}))
    now = publish(tmp_path, files(shifted(0.5, **changed_data()), versions=versions), run=LATER)
    (found,) = compare(was, now, again=True)
    assert found.why == (
        "changed; made again today, the older report has 1 changed row because of code; "
        "from there to the newer one 1 changed row because of data"
    )


def test_verdicts_come_first_and_then_the_largest_change():
    record = json.loads(plain()["record.json"])
    other = json.loads(plain()["record.json"])
    columns = record["tables"][0]["columns"]
    estimate, verdict = columns.index("estimate"), columns.index("verdict")
    rows = other["tables"][0]["rows"]
    rows[0][estimate] += 0.1
    rows[1][estimate] += 0.2
    rows[2][verdict] = "short" if rows[2][verdict] != "short" else "met"
    names = [row[0] for row in rows]
    assert [change.row for change in compare_records(record, other).rows] == [names[2], names[1], names[0]]


def test_a_row_is_found_by_its_keys_wherever_it_stands():
    record, other = (json.loads(plain()["record.json"]) for _ in range(2))
    other["tables"][0]["rows"].reverse()
    assert not compare_records(record, other).shown
    gone = other["tables"][0]["rows"].pop()
    (change,) = compare_records(record, other).rows
    assert (change.row, change.what) == (gone[0], "gone")


def test_numbers_are_equal_to_the_bit_or_within_the_tolerance():
    record, other = (json.loads(plain()["record.json"]) for _ in range(2))
    place = record["tables"][0]["columns"].index("estimate")
    other["tables"][0]["rows"][0][place] *= 1 + 1e-12
    assert compare_records(record, other).rows
    assert not compare_records(record, other, tolerance=1e-9).rows
    other["tables"][0]["rows"][0][place] *= 1 + 1e-8
    assert compare_records(record, other, tolerance=1e-9).rows


def test_sentences_that_went_and_came_are_told(was, tmp_path):
    shows = usual()
    shows[4] = prose("Another finding")
    lines = against(was, tmp_path, shows).lines()
    assert "  + Another finding" in lines
    assert "  - Receiving a parcel falls short of what customers expect" in lines


def test_folders_of_reports_are_compared_report_by_report(tmp_path):
    for name in ("a", "b"):
        publish(tmp_path / name, plain())
    (tmp_path / "b/customer").rename(tmp_path / "b/other")
    publish(tmp_path / "b", files(shifted(0.5)))
    same, other = compare(tmp_path / "a", tmp_path / "b")
    assert (same.equal, other) == (False, "other: new")
    with pytest.raises(ArgumentError, match="two folders of all reports"):
        compare(tmp_path / "a/customer", tmp_path / "b")
    with pytest.raises(ArgumentError, match="must be a page"):
        compare(tmp_path, tmp_path)


@pytest.mark.parametrize("text", CELLS, ids=range(len(CELLS)))
def test_hostile_names_cannot_take_over_a_terminal(was, tmp_path, text):
    record = json.loads(plain()["record.json"])
    record["tables"][0]["rows"][0][0] = text
    record["study"]["title"] = text
    record["prose"][0]["headline"] = text
    content = plain() | {"record.json": json.dumps(record).encode()}
    (found,) = compare(was, publish(tmp_path, content, run=LATER))
    assert not found.equal
    assert all(line.isprintable() for line in found.lines())
    assert text in json.dumps(found.record(), ensure_ascii=False) or json.dumps(text)[1:-1] in json.dumps(found.record())


def test_a_record_of_the_first_version_is_read(was, tmp_path):
    """Its run's own facts have moved to the manifest since."""
    record = json.loads(plain()["record.json"]) | {"schema": "cxgap.record/1", "run_id": "x", "started": "x", "seconds": 1.0}
    record["status"] = "ok"
    del record["facts"], record["study"]["fingerprint"]
    content = plain() | {"record.json": json.dumps(record).encode()}
    (found,) = compare(was, publish(tmp_path, content, run=LATER))
    assert not found.found.rows


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ("cxgap.record/3", r"is a record of version 3, and this cxgap knows versions up to 2; update cxgap"),
        ("cxgap.manifest/1", "must be a record that cxgap wrote"),
        ("cxgap.record/x", "must be a record that cxgap wrote"),
        (None, "must be a record that cxgap wrote"),
    ],
)
def test_a_record_of_a_later_version_is_not_guessed_at(was, tmp_path, schema, words):
    record = json.loads(plain()["record.json"]) | {"schema": schema}
    content = plain() | {"record.json": json.dumps(record).encode()}
    with pytest.raises(ArgumentError, match=words):
        compare(was, publish(tmp_path, content, run=LATER))


def test_the_study_of_these_tests_is_a_study_record():
    assert study()["schema"] == "cxgap.study/1"
