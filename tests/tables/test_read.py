"""Finding a study, reading all of it, and writing nothing."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from study_files import WIDE, wide, write

from cxgap.errors import ArgumentError, StudyError
from cxgap.shipped import shipped
from cxgap.tables.read import find_study, read_study


def test_a_study_is_a_file_or_its_folder(tmp_path):
    path = write(tmp_path)
    assert find_study(path) == find_study(str(path)) == find_study(tmp_path) == path


def test_the_word_sample_is_the_study_that_came_with_cxgap():
    assert find_study("sample") == shipped("sample") / "study.toml"


def test_a_relative_path_is_looked_for_upwards_to_the_project(tmp_path, monkeypatch):
    (tmp_path / "project" / "deep" / "er").mkdir(parents=True)
    (tmp_path / "project" / "pyproject.toml").touch()
    path = write(tmp_path / "project" / "deep")
    monkeypatch.chdir(tmp_path / "project" / "deep" / "er")
    assert find_study("study.toml") == path
    assert find_study("deep/study.toml") == path
    write(tmp_path)
    monkeypatch.chdir(tmp_path / "project")
    with pytest.raises(StudyError):  # it lies above the project
        find_study("study.toml")


@pytest.mark.parametrize("name", ["nowhere.toml", "", ".", "nul\x00", "x" * 5000, "~nobody-of-that-name/study.toml"])
def test_a_study_that_is_not_there_says_how_to_start(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(StudyError, match=r"there is none at .* Type `cxgap sample FOLDER` for one to start from"):
        find_study(name)


@pytest.mark.parametrize("value", [None, 5, b"study.toml", ["study.toml"]])
def test_a_study_is_text_or_a_path(value):
    with pytest.raises(ArgumentError, match='`study` must be a path or the word "sample", not '):
        read_study(value)


@pytest.mark.parametrize("contents", [WIDE.encode(), "Größe;1\n".encode("cp1252"), b"PAR1\x00\xff", b"PK\x03\x04\xff"])
@pytest.mark.parametrize("name", ["r.csv", "r.XLSX", "my answers"])
def test_data_in_place_of_a_study_file_are_said_to_be_data(tmp_path, name, contents):
    (tmp_path / name).write_bytes(contents)
    with pytest.raises(
        StudyError, match=r"must be a study file, and is a data file; type `cxgap inspect ('my answers'|r\.\w+)`"
    ):
        read_study(tmp_path / name)


STRICT = {"study": {"max_rejected": 0.05}}


@pytest.mark.parametrize(
    ("survey", "words"),
    [
        (wide(40).replace(",5,4,6,3", ",5,4,6,9", 5), "6.2% of the answers had to be rejected, and `max_rejected` is 5.0%;"),
        (
            wide(40).replace(",5,4,6,3", ",5,4,6,9", 5),
            "most often out_of_scale (5), first in row 2, column 'p2': '9'; if it means",
        ),
        (WIDE + "\n".join(WIDE.splitlines()[1:5]), "40.0% of the answers had to be rejected"),
        (
            WIDE + "\n".join(WIDE.splitlines()[1:5]),
            "most often duplicate (8), first in row 8, column 'respondent_id'; delete the repeated rows.",
        ),
        (WIDE.replace("R2,Buy", "R2"), "most often too_few_fields (2), first in row 3; complete the row."),
    ],
)
def test_too_much_rejected_stops_the_reading(study, survey, words):
    with pytest.raises(StudyError) as caught:
        study(survey, **STRICT)
    assert words in str(caught.value)


@pytest.mark.parametrize("rows", ["R1,Buy,7,\nR2,Buy,,5\n", "R1,Buy\n", "R1,Buy,x,7\n", ",Buy,7,7\n"])
def test_a_survey_without_a_pair_stops_the_reading(study, rows):
    with pytest.raises(StudyError, match="must hold at least one answer with both ratings; it holds none"):
        study(f"respondent_id,touchpoint,e1,p1\n{rows}")


def test_exactly_as_much_as_is_allowed_is_allowed(study):
    survey = wide(50).replace(",5,4,6,3", ",5,4,6,9", 5)
    assert study(survey, **STRICT).rows["rejected"] == 5


def test_design_is_what_the_gap_functions_are_called_with(study):
    read = study(study={"margin": 0.4, "confirmatory": ["dimension"]}, design={"stratum": "region"})
    assert dict(read.design) == {
        "stratum": "region",
        "scale": (1, 7),
        "expectation_type": "should",
        "margin": 0.4,
        "min_n": 5,
        "confirmatory": ("dimension",),
    }
    assert study().design["margin"] == pytest.approx(0.3)  # 5 % of the range


def test_operations_is_what_functions_of_events_are_called_with(study):
    assert dict(study(study={"min_n": 7}).operations) == {"min_n": 7, "as_of": None}
    assert dict(study(as_of=" 2026-03-31 ").operations) == {"min_n": 5, "as_of": "2026-03-31"}


def test_orders_are_those_declared(study):
    survey = WIDE.replace("region", "wave").replace("007", "w9").replace("NA", "w10").replace("north", "w1")
    answers = study(survey, study={"touchpoints": ["Use", "Return", "Buy"], "waves": ["w10", "w9", "w1"]}).responses
    assert answers["touchpoint"].cat.categories.tolist() == ["Use", "Return", "Buy"]
    assert answers["wave"].cat.categories.tolist() == ["w10", "w9", "w1"]
    assert all(answers[name].cat.ordered for name in ("touchpoint", "wave", "item", "dimension"))


def test_nothing_is_written_and_nothing_is_said(tmp_path, capfd):
    path = write(tmp_path, WIDE.replace("7,5,6,6", "77,5,6,6"))
    before = {file: (file.stat().st_mtime_ns, file.read_bytes()) for file in tmp_path.iterdir()}
    repr(read_study(path))
    assert {file: (file.stat().st_mtime_ns, file.read_bytes()) for file in tmp_path.iterdir()} == before
    assert capfd.readouterr() == ("", "")


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_twenty_thousand_respondents_of_22_items_are_read_in_seconds(tmp_path, kind):
    rng = np.random.default_rng(20260331)
    frame = pd.DataFrame({"respondent_id": [f"R{who:05d}" for who in range(20_000)], "touchpoint": "Buy", "at": "2026-03-31"})
    ratings = {f"{side}{item:02d}": rng.integers(1, 8, len(frame)) for item in range(22) for side in "ep"}
    frame = frame.assign(weight=rng.integers(1, 400, len(frame)) / 100, **ratings)
    survey = frame if kind == "parquet" else frame.to_csv(index=False)
    path = write(tmp_path, survey, responses={"file": f"r.{kind}"}, design={"weight": "weight"})
    start = time.process_time()
    assert read_study(path).rows["used"] == 440_000
    assert time.process_time() - start < 15  # about 2.5 on a machine of 2024


EVENTS = {"events.csv": "event_id,customer_id\nE1,C1\n"}


def fingerprint(folder: Path, survey: str = WIDE, files=EVENTS, where=None, as_of="", **sections) -> str:
    folder.mkdir(exist_ok=True)
    path = write(folder, survey, files, tables={"events": "events.csv"}, **sections)
    return read_study(path, where=where, as_of=as_of).fingerprint


def test_the_fingerprint_is_of_every_byte_and_of_what_was_asked(tmp_path):
    marks = [
        fingerprint(tmp_path),
        fingerprint(tmp_path, WIDE + "\n"),
        fingerprint(tmp_path, files={"events.csv": EVENTS["events.csv"] + "\n"}),
        fingerprint(tmp_path, study={"seed": 1}),
        fingerprint(tmp_path, where={"region": "NA"}),
        fingerprint(tmp_path, where={"region": "007"}),
        fingerprint(tmp_path, as_of="2026-03-31"),
        fingerprint(tmp_path, as_of="2026-03-30"),
    ]
    assert len(set(marks)) == len(marks)


def test_the_fingerprint_is_not_of_the_place_nor_of_the_order_of_what_was_asked(tmp_path):
    assert fingerprint(tmp_path / "one") == fingerprint(tmp_path / "two")
    first = fingerprint(tmp_path, where={"region": ["NA", "007"], "touchpoint": "Buy"})
    assert first == fingerprint(tmp_path, where={"touchpoint": ["Buy"], "region": ("007", "NA")})


def test_a_study_can_be_moved(tmp_path):
    (tmp_path / "one").mkdir()
    write(tmp_path / "one")
    shutil.move(tmp_path / "one", tmp_path / "two")
    assert read_study(tmp_path / "two").rows["used"] == 12
