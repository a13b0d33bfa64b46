"""Every file of the corpus becomes what the policy says: an error in words, rows set aside, a warning, or nothing at all."""

from __future__ import annotations

import re
from collections import Counter
from itertools import chain
from pathlib import Path

import pytest
from door.cases import Case
from door.corpus import corpus
from study_files import DECLARED, toml

import cxgap as cx
from cxgap.errors import CxgapError
from cxgap.tables.study import Study

CASES = {case.name: case for case in corpus()}
STOPS = {name for name, case in CASES.items() if case.outcome == "error"}

# Cases that differ in one cell and take one path: these are read every day, the others of their family are slow.
DAILY = {
    "default_date_": {"1970", "9999"},
    "delimiter_": {"semicolon", "tab_declared", "in_a_cell"},
    "no_answer_": {"blank", "null"},
    "rating_": {
        *("word", "decimal_comma", "arabic_digit", "error_cell", "script"),
        *("infinite", "overflow", "ninety_nine", "half", "without_partner"),
    },
    "region_called_": {"NA", "=SUM(A1)", "서울", "<b>bold</b>"},
    "summary_row_": {"english", "korean", "with_its_base", "that_looks_like_answers"},
    "written_with_": {"float", "zero"},
}
SLOW = {
    name
    for name in set(CASES) - STOPS
    for family, kept in DAILY.items()
    if name.startswith(family) and name.removeprefix(family) not in kept
}
USED = [pytest.param(name, marks=pytest.mark.slow if name in SLOW else []) for name in sorted(set(CASES) - STOPS)]


def put(folder: Path, case: Case) -> Path:
    """Write the files of a case and its study file."""
    if callable(case.files):
        case.files(folder)
    else:
        for name, contents in case.files.items():
            (folder / name).write_bytes(contents)
    usual = {**DECLARED, "study": {**DECLARED["study"], "max_rejected": 0.05}}
    sections = {name: {**usual.get(name, {}), **(case.study.get(name) or {})} for name in {**usual, **case.study}}
    sections = {name: section for name, section in sections.items() if name not in case.study or case.study[name] is not None}
    (folder / "study.toml").write_text(toml(sections), encoding="utf-8")
    return folder / "study.toml"


def measured(study: Study) -> float:
    """Return the mean gap over respondents, whose answers at a touchpoint are averaged first."""
    frame = cx.customer_gap(study.responses, by="", score="items", **study.design).frame
    return float(frame["estimate"].iloc[0])


def test_there_are_enough_cases_of_each_outcome():
    counts = Counter(case.outcome for case in CASES.values())
    assert len(CASES) >= 200
    assert min(counts[outcome] for outcome in ("error", "reject", "warn", "fine")) >= 20


def test_every_check_has_a_case_that_is_read_every_day():
    codes = {name: case.says for name, case in CASES.items() if case.outcome in ("reject", "warn")}
    assert {code for name, says in codes.items() if name not in SLOW for code in says} == {*chain(*codes.values())}
    assert {family + kept for family, names in DAILY.items() for kept in names} <= set(CASES)


@pytest.mark.parametrize("name", sorted(STOPS))
def test_a_file_that_would_make_an_answer_wrong_stops_the_reading(tmp_path, name):
    case = CASES[name]
    with pytest.raises(CxgapError) as caught:
        cx.read_study(put(tmp_path, case))
    text = str(caught.value)
    for words in case.says:
        assert re.search(words if "|" in words else re.escape(words), text), text
    for line in text.splitlines():
        assert len(line) < 700, line
        assert not any(mark < " " for mark in line)
    assert str(tmp_path) not in text  # files are named as the study file names them


@pytest.mark.parametrize("name", USED)
def test_a_file_that_can_be_used_is_used_and_nothing_in_it_is_lost(tmp_path, name):
    case = CASES[name]
    study = cx.read_study(put(tmp_path, case))
    rows = study.rows
    assert (rows["used"], rows["incomplete"], rows["rejected"]) == case.rows
    assert rows["in"] == sum(case.rows) == len(study.responses) + study.rejects["answers"].sum()
    found = [issue for issue in study.issues if issue["check"] in case.says]
    assert {issue["check"] for issue in found} == set(case.says)
    severity = {"reject": "rejected", "warn": "warning"}.get(case.outcome)
    assert all(issue["severity"] == severity for issue in found)
    if case.outcome == "reject":
        (code,) = case.says
        assert (study.rejects["reason"] == code).any()
        assert study.rejects.loc[study.rejects["reason"] == code, "row"].min() >= 2
    else:
        assert study.rejects.empty
    if case.outcome == "fine":
        alarms = [issue["check"] for issue in study.issues if issue["severity"] != "note"]
        assert alarms == []
    if case.gap is not None:
        assert measured(study) == pytest.approx(case.gap, abs=1e-12)
