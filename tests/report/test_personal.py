"""Nothing of a single person is in what is published; the scan finds it wherever it is put."""

from __future__ import annotations

import html
import json

import pytest
from study_files import WIDE, write

from cxgap.errors import RunError
from cxgap.report.personal import leaks, leaks_in, personal_values
from cxgap.report.run import run_report
from cxgap.tables.read import read_study

HEADER, *ROWS = WIDE.splitlines()
COMMENT = 'I am Ann <b>Berg</b> & "never" again'


def study_of(folder):
    """Write a study in which sixty respondents have long ids, mail addresses, comments, and one an impossible answer."""
    rows = []
    for who in range(60):
        ratings = f"{who % 7 + 1},{(who * 3) % 7 + 1},6,{99 if who == 3 else 3}"
        comment = (COMMENT if who == 5 else f"my comment number {who}").replace('"', '""')
        rows.append(f'RESP-{who:04},Buy,NA,2026-03-01,{ratings},person{who}@mail.example,"{comment}"')
    return write(folder, "\n".join([f"{HEADER},email,comment", *rows]) + "\n")


def test_what_is_personal_is_known_by_kind(tmp_path):
    found = personal_values(read_study(study_of(tmp_path)))
    assert "RESP-0007" in found["an id"]
    assert COMMENT in found["a text"]
    assert "person9@mail.example" in found["a text"]
    assert not any("Buy" in values or "responses" in values for values in found.values())


@pytest.mark.parametrize("write_down", [str, html.escape, json.dumps, lambda text: json.dumps(html.escape(text))])
def test_a_leak_is_found_however_it_is_written(write_down):
    values = {"an id": {"RESP-0007"}, "a text": {COMMENT, "grüß Gott, Ann"}, "a rejected value": set()}
    for text in ("RESP-0007", "grüß Gott, Ann", COMMENT):
        assert [leak.value for leak in leaks_in(f"<p>{write_down(text)}</p>".encode(), values)] == [text]
    assert [leak.kind for leak in leaks_in(write_down("ann@mail.example").encode(), values)] == ["an address"]


def test_a_word_that_only_holds_an_id_is_none():
    assert leaks_in(b"RESP-00071 and XRESP-0007", {"an id": {"RESP-0007"}}) == []


def test_a_message_does_not_repeat_what_leaked(tmp_path):
    (tmp_path / "private").mkdir()
    (tmp_path / "private" / "log").write_text("RESP-0007")
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "record.json").write_text('["RESP-0007"]')
    (leak,) = leaks(tmp_path, {"an id": {"RESP-0007"}})
    assert repr(leak) == "a/record.json holds an id of 9 characters"


@pytest.mark.slow
@pytest.mark.parametrize("notebook", ["study", "customer", "scorecard", "quality", "validity", "analyst", "executive"])
def test_no_page_holds_anything_of_one_person(tmp_path, notebook):
    """On a study with ids, comments, addresses and rejects: page, figures, record, manifest, tables, index, status, failure."""
    path = study_of(tmp_path)
    values = personal_values(read_study(path))
    try:
        run_report(notebook, study=str(path), output=tmp_path / "reports")
    except RunError as error:  # what is said of it is published too
        print(f"{notebook}: {error}")
    files = [file for file in (tmp_path / "reports").rglob("*") if file.is_file() and "private" not in file.parts]
    found = leaks(tmp_path / "reports", values)
    print(f"{notebook}: {len(files)} published files, {sum(map(len, values.values()))} personal values, {len(found)} leaks")
    assert files
    assert found == []


@pytest.mark.slow
def test_a_page_cannot_be_cut_by_what_people_wrote(tmp_path):
    """The failure is told without the texts."""
    path = study_of(tmp_path)
    with pytest.raises(RunError, match="`by` must name columns that make groups"):
        run_report("customer", study=str(path), by="email", output=tmp_path / "reports")
    assert leaks(tmp_path / "reports", personal_values(read_study(path))) == []
