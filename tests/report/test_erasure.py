"""A respondent can be erased: from the ledger, and from every private file that names them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from study_files import WIDE, write

from cxgap.cli import cli
from cxgap.disclosure import ledger
from cxgap.disclosure.key import hashed, read_key
from cxgap.errors import ArgumentError, BusyError
from cxgap.report.erasure import erase
from cxgap.report.lock import held
from cxgap.report.prepare import prepare, slice_key

HEADER = WIDE.splitlines()[0]


def survey(people: range) -> str:
    return "\n".join([HEADER, *(f"RESP-{who},Buy,NA,2026-03-01,5,4,6,3" for who in people)]) + "\n"


@pytest.fixture
def reports(tmp_path) -> Path:
    """Make a folder of reports as runs leave it: one page in the ledger, one from before there was a ledger."""
    study, output = str(write(tmp_path, survey(range(20)))), tmp_path / "reports"
    run = output / "private" / "runs" / "20260331T050000Z-0a0b0c0d"
    (run / "rejects").mkdir(parents=True)
    answer = prepare(output, [(study, {}, "")], run)["slices"][slice_key(study, {}, "")]
    ledger.note(output, "customer", Path(answer["cells"]))
    for slug in ("customer", "old"):
        (output / slug).mkdir()
        (output / slug / "report.html").write_text("<p>20 respondents</p>")
    (run / "rejects" / "responses.csv").write_text("file,row,column,value,reason\nr.csv,4,p1,99,out_of_scale\n")
    (run / "notebook.ipynb").write_text(json.dumps({"cells": ['print("RESP-7")']}))
    (run / "log.txt").write_text("RESP-70 is somebody else")
    (output / "private" / "cache").mkdir()
    (output / "private" / "cache" / "a.study").write_bytes(b"\x80RESP-7")
    return output


def test_who_is_erased_is_nowhere_in_the_private_folder(reports):
    found = erase(reports, ["RESP-7"])
    key = read_key(reports / "private")
    survey_of = ledger.published(reports)[0].survey
    assert hashed(["RESP-7"], key=key, survey=survey_of)[0] not in ledger.published(reports)[0].people
    assert len(ledger.published(reports)[0].people) == 19
    left = {path.name for path in reports.rglob("*") if path.is_file()}
    assert {"log.txt", "key", "ledger.json"} <= left
    assert not {"notebook.ipynb", "responses.csv", "a.study"} & left
    assert not any(b"RESP-7" in path.read_bytes().replace(b"RESP-70", b"") for path in reports.rglob("*") if path.is_file())
    assert found.forgotten == ("RESP-7",)
    assert found.again == ("customer", "old")  # the ledger does not know what the old page rests on


def test_the_page_can_be_made_again_without_the_erased(tmp_path, reports):
    """One person fewer would be refused by the ledger, if it still knew them."""
    (tmp_path / "responses.csv").write_text(survey(range(1, 20)))
    study, folder = str(tmp_path / "study.toml"), tmp_path / "again"
    folder.mkdir()
    before = prepare(reports, [(study, {}, "")], folder)["slices"][slice_key(study, {}, "")]
    erase(reports, ["RESP-0"])
    after = prepare(reports, [(study, {}, "")], folder)["slices"][slice_key(study, {}, "")]
    assert (before["nothing"], after["nothing"], after["min_n"]) == (True, False, 5)


def test_somebody_unknown_changes_no_numbers(reports):
    before = [part.digest for part in ledger.published(reports)]
    found = erase(reports, ["RESP-999"])
    assert [part.digest for part in ledger.published(reports)] == before
    assert found.forgotten == ()
    assert found.again == ("old",)
    assert (reports / "private" / "runs" / "20260331T050000Z-0a0b0c0d" / "notebook.ipynb").exists()


def test_nothing_outside_the_folder_is_followed(tmp_path, reports):
    outside = tmp_path / "outside.txt"
    outside.write_text("RESP-7")
    (reports / "private" / "runs" / "link.txt").symlink_to(outside)
    erase(reports, ["RESP-7"])
    assert outside.read_text() == "RESP-7"


@pytest.mark.parametrize("respondents", [[], [""], ["RESP-7", " "]])
def test_a_blank_id_is_refused(reports, respondents):
    with pytest.raises(ArgumentError, match="must be named by an id"):
        erase(reports, respondents)


def test_a_folder_that_a_run_holds_is_left(reports):
    with held(reports), pytest.raises(BusyError):
        erase(reports, ["RESP-7"])


def test_the_command_says_what_was_removed_and_what_to_make_again(reports):
    run = CliRunner().invoke(cli, ["erase", "RESP-7", "RESP-999", "--output", str(reports)])
    assert run.exit_code == 0
    assert "removed private/runs/20260331T050000Z-0a0b0c0d/notebook.ipynb\n" in run.stdout
    assert "make again customer\nmake again old\n" in run.stdout  # old click mixes stderr into it
    assert "RESP-999" in run.output
    assert "RESP-7," not in run.output
