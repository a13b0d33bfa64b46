"""SPSS: codes, their words and their reasons for no answer, as the file has them; written here with pyreadstat."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from spss_files import as_spss
from study_files import DECLARED, WIDE, write

from cxgap.errors import StudyError
from cxgap.tables.formats import RawTable, read_file
from cxgap.tables.read import read_study
from cxgap.tables.source import Source

pyreadstat = pytest.importorskip("pyreadstat")

KOREAN = pd.DataFrame(
    {
        "id": ["R1 ", "R2", "R3", ""],
        "e1": [1.0, 98.0, 99.0, np.nan],
        "p1": [2.5, 150.0, -3.0, 7.0],
        "answer": ["a", "NA", "zz", ""],
        "big": [0.1, 1e20, 123456789012345.0, -0.0],
    }
)
LABELS = {"id": "응답자", "e1": "직원이 친절하기를 기대했다"}
WORDS = {"e1": {1: "전혀 그렇지 않다 ", 7: "매우 그렇다", 98: "모름", 99: "해당 없음"}, "answer": {"zz": "거절"}}
MISSING = {"e1": [98, 99], "p1": [{"lo": 100, "hi": 200}, -3], "answer": ["zz"]}


def save(path: Path, frame: pd.DataFrame, **words) -> Path:
    pyreadstat.write_sav(frame, path, compress=path.suffix == ".zsav", **words)
    return path


def read(path: Path, **source) -> RawTable:
    return read_file(path.parent, Source(file=path.name, **source), ["respondent_id"])


def refused(path: Path, **source) -> str:
    with pytest.raises(StudyError) as caught:
        read(path, **source)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("name", ["k.sav", "k.zsav", "k.txt"])
def test_cells_are_codes_and_the_file_says_what_they_mean(tmp_path, name):
    table = read(save(tmp_path / name, KOREAN, column_labels=LABELS, variable_value_labels=WORDS, missing_ranges=MISSING))
    assert table.frame.to_numpy().tolist() == [
        ["R1", "1", "2.5", "a", "0.1"],
        ["R2", "98", "150", "NA", "100000000000000000000"],
        ["R3", "99", "-3", "zz", "123456789012345"],
        ["", "", "7", "", "0"],
    ]
    assert table.frame.index.tolist() == [2, 3, 4, 5]
    assert table.wording == LABELS
    assert table.labels["e1"] == {"1": "전혀 그렇지 않다", "7": "매우 그렇다", "98": "모름", "99": "해당 없음"}
    assert table.reasons == {"e1": {"98": "모름", "99": "해당 없음"}, "p1": {"-3": "", "150": ""}, "answer": {"zz": "거절"}}
    assert table.weight == ""


def test_a_range_without_an_end_holds_all_beyond(tmp_path):
    ranges = {"p1": [{"lo": -np.inf, "hi": 2.5}]}
    assert read(save(tmp_path / "k.sav", KOREAN, missing_ranges=ranges)).reasons == {"p1": {"-3": "", "2.5": ""}}


def test_dates_and_times_are_of_iso_8601(tmp_path):
    """SPSS counts seconds since 14 October 1582, the eve of the calendar in use."""
    frame = pd.DataFrame(
        {
            "day": [dt.date(2026, 3, 31), None, dt.date(1582, 10, 15)],
            "at": [dt.datetime(2026, 3, 31, 23, 59, 58), None, dt.datetime(1999, 12, 31)],
            "clock": [dt.time(9, 5), None, dt.time(23, 59, 59)],
            "k": ["a", "b", "c"],
        }
    )
    assert read(save(tmp_path / "k.sav", frame)).frame.to_numpy().tolist() == [
        ["2026-03-31", "2026-03-31T23:59:58", "09:05:00", "a"],
        ["", "", "", "b"],
        ["1582-10-15", "1999-12-31T00:00:00", "23:59:59", "c"],
    ]


@pytest.mark.parametrize(("place", "name"), [(0, ""), (1, ""), (2, "e1"), (3, "p1"), (5, "big"), (4, ""), (99, "")])
def test_the_weight_is_the_one_in_the_head_of_the_file(tmp_path, place, name):
    """The head of a system file has at byte 76 the place of the weight among its records of variables, 0 for none."""
    path = tmp_path / "k.sav"
    path.write_bytes(as_spss(KOREAN, weight=place, column_labels=LABELS, missing_ranges=MISSING))
    assert read(path).weight == name


def test_a_long_text_before_the_weight_moves_it(tmp_path):
    """A text of 20 letters has three records of eight, a text of 600 several variables."""
    frame = pd.DataFrame({"said": ["x" * 20, "y"], "story": ["z" * 600, "y"], "w": [1.0, 2.0]})
    path, found = tmp_path / "k.sav", set()
    for place in range(70, 100):
        path.write_bytes(as_spss(frame, weight=place))
        found.add(read(path).weight)
    assert found == {"", "w"}


def test_text_in_another_encoding_than_the_file_says_is_refused_and_the_likely_one_proposed(tmp_path):
    path = save(tmp_path / "k.sav", KOREAN, column_labels={"e1": "직원이 친절하기를 기대했다"})
    label = "직원이 친절하기를 기대했다"
    old, new = label.encode(), label.encode("cp949")
    path.write_bytes(path.read_bytes().replace(old, new + b" " * (len(old) - len(new))))
    assert refused(path) == (
        "k.sav: its text must be in the encoding that is named, and it says another of itself; it looks like Korean, so try "
        'encoding = "cp949" and look whether its words are right.'
    )
    assert read(path, encoding="cp949").wording == {"e1": label}
    assert "`encoding` must be one that SPSS files are read in" in refused(path, encoding="klingon")


@pytest.mark.parametrize("name", ["k.sav", "k.zsav"])
def test_a_file_that_was_cut_off_is_damaged(tmp_path, name):
    path = save(tmp_path / name, pd.concat([KOREAN] * 50), column_labels=LABELS)
    whole = path.read_bytes()
    for kept in (4, 100, 500, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:kept])
        assert refused(path).startswith(f"{name} must be a whole SPSS file, and is damaged: ")


def survey(**columns: list[float]) -> pd.DataFrame:
    frame = pd.DataFrame([line.split(",") for line in WIDE.splitlines()[1:]], columns=WIDE.splitlines()[0].split(","))
    return frame.assign(**{name: frame[name].astype(float) for name in ("e1", "p1", "e2", "p2")}).assign(**columns)


def stored(folder: Path, frame: pd.DataFrame, words: dict, **sections):
    save(folder / "r.sav", frame, **words)
    path = write(folder, **sections)
    path.write_text(path.read_text().replace('"responses.csv"', '"r.sav"'))
    return read_study(path)


def test_a_survey_is_the_study_that_it_is_in_a_csv(tmp_path):
    plain = read_study(write(tmp_path))
    read_back = stored(tmp_path, survey(), {})
    assert read_back.responses.equals(plain.responses)
    assert read_back.rows == plain.rows


DECLINED = {
    "missing_ranges": {"p1": [98, 99], "p2": [99], "e2": [{"lo": 90, "hi": 99}], "joy": [9]},
    "variable_value_labels": {
        "p1": {98: "Don't know", 99: "Not applicable"},
        "p2": {99: "Not applicable"},
        "joy": {9: "Not applicable"},
    },
}
JOY = {"joy": {"kind": "satisfaction", "low": 1, "high": 5}}


def test_codes_that_the_file_declares_are_no_answer_and_counted_by_what_they_mean(tmp_path):
    frame = survey(p1=[98.0, 99, 4, 6, 3, 4], e2=[6.0, 95, 4, 7, 6, 5], p2=[99.0, 4, 4, 99, 4, 6], joy=[9.0, 9, 4, 5, 5, 1])
    study = stored(tmp_path, frame, DECLINED, outcomes=JOY)
    assert (study.rows["used"], study.rows["incomplete"], study.rows["rejected"]) == (7, 5, 0)
    assert study.responses.groupby("respondent_id")["joy"].first().isna().tolist() == [True, True, *[False] * 4]
    notes = [issue for issue in study.issues if issue["check"] == "no_answer"]
    assert [(note["column"], note["rows"], note["value"], note["row"]) for note in notes] == [
        ("p1, p2, joy", 5, "Not applicable", 2),
        ("p1", 1, "Don't know", 2),
        ("e2", 1, "95", 3),
    ]
    assert '"Not applicable": 5 answers in 3 columns' in str(notes[0]["fix"])
    assert any('"Not applicable": 5 answers' in str(issue["fix"]) for issue in study.record()["issues"])


def test_a_code_that_one_column_declares_is_an_answer_in_another(tmp_path):
    frame = survey(p1=[98.0, 6, 4, 6, 3, 4], p2=[98.0, 4, 4, 5, 4, 6])
    study = stored(tmp_path, frame, {"missing_ranges": {"p1": [98]}})
    assert study.rejects[["row", "column", "value", "reason"]].to_numpy().tolist() == [[2, "p2", "98", "out_of_scale"]]
    assert study.rows["incomplete"] == 1


def test_a_renamed_column_keeps_its_reasons(tmp_path):
    frame = survey(p1=[98.0, 6, 4, 6, 3, 4]).rename(columns={"p1": "Q1_P"})
    responses = {**DECLARED["responses"], "rename": {"Q1_P": "p1"}}
    study = stored(tmp_path, frame, {"missing_ranges": {"Q1_P": [98]}}, responses=responses)
    assert (study.rows["incomplete"], study.rows["rejected"]) == (1, 0)


def test_a_name_that_the_file_declares_missing_stays_a_name(tmp_path):
    study = stored(tmp_path, survey(), {"missing_ranges": {"region": ["NA"]}})
    assert study.responses["region"].eq("NA").sum() == 4


def test_a_code_that_a_table_of_the_company_declares_is_no_answer_there(tmp_path):
    staff = pd.DataFrame(
        {"manager_id": ["M1", "M2"], "touchpoint": ["Buy", "Buy"], "item": ["1", "1"], "believed": [98.0, 6.0]}
    )
    save(tmp_path / "m.sav", staff, missing_ranges={"believed": [98]})
    study = read_study(write(tmp_path, WIDE, tables={"managers": "m.sav"}))
    assert study.managers["believed"].fillna(-1).tolist() == [-1, 6]
    assert study.rejects.empty


def test_the_codebook_has_the_words_of_the_file(tmp_path):
    words = {
        "column_labels": {"p1": "직원이 친절했다"},
        "variable_value_labels": {"p1": {1: "전혀 아니다", 7: "매우 그렇다", 98: "모름"}},
        "missing_ranges": {"p1": [98]},
    }
    book = stored(tmp_path, survey(p1=[98.0, 6, 4, 6, 3, 4]), words).codebook.set_index("item")
    assert book.loc["1", ["wording", "anchors", "missing"]].tolist() == [
        "직원이 친절했다",
        "1 = 전혀 아니다 ... 7 = 매우 그렇다",
        "98 = 모름",
    ]
    assert book.loc["2", ["wording", "anchors", "missing"]].tolist() == ["", "", ""]
