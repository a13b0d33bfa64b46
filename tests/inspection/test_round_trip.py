"""The sample study, exported to each format, comes back through `inspect` with its own numbers.

A person answers what the study file asks and touches nothing else; what comes out is held against the sample study, whose
own study file was written by hand.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from exports import (
    as_european,
    as_google_forms,
    as_limesurvey,
    as_long,
    as_parquet,
    as_qualtrics,
    as_sav,
    as_sheets,
    as_surveymonkey,
    delimited,
    workbook,
    write_duckdb,
    write_sqlite,
)
from inspected import account, door, gaps_of, same

from cxgap.tables.read import read_study
from cxgap.tables.study import Study

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"
ROWS = 120
ITEMS = ["01", "02", "05", "06", "10", "14", "15", "18"]
RATINGS = {"expectation": "e", "perception": "p", "adequate": "a"}
ASKED = {
    "e": "What do you expect of a parcel service?",
    "p": "How did you perceive our service?",
    "a": "What is the minimum level that you would accept?",
}


def read(name: str) -> pd.DataFrame:
    return pd.read_csv(SAMPLE / name, dtype=str, keep_default_na=False)


def cut(frame: pd.DataFrame) -> pd.DataFrame:
    """Keep the answers to a few items of a few rows: each of the many files is small."""
    left_out = [name for name in frame if re.fullmatch(r"[epa]\d\d", name) and name[1:] not in ITEMS]
    return frame.head(ROWS).drop(columns=left_out)


FRAME = cut(read("responses.csv"))
CODEBOOK = read("items.csv").query("item in @ITEMS")
TEXTS = dict(zip(CODEBOOK["item"], CODEBOOK["label"], strict=True))
GRIDS = {letter + item: (ASKED[letter], TEXTS[item]) for letter in RATINGS.values() for item in ITEMS} | {
    "satisfaction": "Overall, how satisfied are you with us?",
    "recommend": "How likely is it that you would recommend us to a friend?",
}
SEVEN = {1: "does not apply at all", 7: "applies fully"}


def declared(folder: Path, frame: pd.DataFrame, change: Callable[[str], str] = lambda text: text) -> Study:
    """Read some of the sample's answers with the study file that was written by hand."""
    folder.mkdir()
    (folder / "responses.csv").write_bytes(delimited([list(frame), *frame.to_numpy().tolist()]))
    (folder / "items.csv").write_bytes(_csv(CODEBOOK))
    text = (SAMPLE / "study.toml").read_text(encoding="utf-8").partition("[tables]")[0]
    (folder / "study.toml").write_text(change(text), encoding="utf-8")
    return read_study(folder)


def _csv(frame: pd.DataFrame, delimiter: str = ",", encoding: str = "utf-8") -> bytes:
    return delimited([list(frame), *frame.to_numpy().tolist()], delimiter, encoding)


def _worded(frame: pd.DataFrame) -> pd.DataFrame:
    """Name the columns by their questions, as a platform does that has no other names."""
    return frame.rename(columns={name: " - ".join(text) for name, text in GRIDS.items() if not isinstance(text, str)})


def _sav(packed: bool) -> Callable[[pd.DataFrame], bytes]:
    ratings = [letter + item for letter in RATINGS.values() for item in ITEMS]
    ladder = {1: "Strongly disagree", 7: "Strongly agree", 99: "Not applicable"}
    return lambda frame: as_sav(
        frame,
        GRIDS,
        packed=packed,
        words={name: ladder for name in ratings},
        user_missing={name: [99] for name in ratings},
    )


def _waves(frame: pd.DataFrame, banner: str = "") -> bytes:
    return as_sheets({name: part.drop(columns="wave") for name, part in frame.groupby("wave")}, banner=banner)


FILES: Mapping[str, tuple[str, Callable[[pd.DataFrame], bytes]]] = {
    "CSV": ("a.csv", _csv),
    "Qualtrics CSV": ("a.csv", lambda frame: as_qualtrics(frame, GRIDS)),
    "Qualtrics TSV": ("a.tsv", lambda frame: as_qualtrics(frame, GRIDS, kind="tsv")),
    "Qualtrics XLSX": ("a.xlsx", lambda frame: as_qualtrics(frame, GRIDS, kind="xlsx")),
    "SurveyMonkey CSV": ("a.csv", lambda frame: as_surveymonkey(frame, GRIDS)),
    "SurveyMonkey XLSX": ("a.xlsx", lambda frame: as_surveymonkey(frame, GRIDS, kind="xlsx")),
    "LimeSurvey codes": ("a.csv", lambda frame: as_limesurvey(frame, GRIDS)),
    "LimeSurvey questions": ("a.csv", lambda frame: as_limesurvey(frame, GRIDS, heading="full")),
    "LimeSurvey both": ("a.csv", lambda frame: as_limesurvey(frame, GRIDS, heading="both", delimiter=";")),
    "LimeSurvey VV": ("a.csv", lambda frame: as_limesurvey(frame, GRIDS, heading="vv")),
    "Google Forms": ("a.csv", lambda frame: as_google_forms(frame, GRIDS)),
    "Google Forms XLSX": ("a.xlsx", lambda frame: as_google_forms(frame, GRIDS, kind="xlsx")),
    "SPSS": ("a.sav", _sav(False)),
    "SPSS packed": ("a.zsav", _sav(True)),
    "Excel": ("a.xlsx", lambda frame: as_sheets({"Answers": frame})),
    "Excel of texts": ("a.xlsx", lambda frame: workbook([list(frame), *frame.to_numpy().tolist()])),
    "Excel, a sheet a wave": ("a.xlsx", _waves),
    "Excel, a sheet a wave and a banner": ("a.xlsx", lambda frame: _waves(frame, "Northbound Parcel, customer survey")),
    "Parquet": ("a.parquet", as_parquet),
    "CSV with decimal commas": ("a.csv", lambda frame: as_european(frame, ["weight"])),
    "CSV in UTF-16": ("a.csv", lambda frame: _csv(frame, "\t", "utf-16")),
    "CSV in cp949": ("a.csv", lambda frame: _csv(_in_korean(frame), ",", "cp949")),
    "CSV in cp932": ("a.csv", lambda frame: _csv(_in_japanese(frame), ",", "cp932")),
    "CSV in cp1252": ("a.csv", lambda frame: as_european(_in_german(frame), ["weight"], "cp1252")),
    "CSV with questions": ("a.csv", lambda frame: _csv(_worded(frame))),
    "long CSV": ("a.csv", lambda frame: _csv(as_long(frame, ITEMS, RATINGS))),
    "long Parquet": ("a.parquet", lambda frame: as_parquet(as_long(frame, ITEMS, RATINGS))),
}


def _in_german(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(ort=["Köln", "Düsseldorf", "Gießen"] * (len(frame) // 3))


def _in_korean(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(지역=["서울특별시", "부산광역시", "대구"] * (len(frame) // 3))


def _in_japanese(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(地域=["東京都", "大阪府", "北海道"] * (len(frame) // 3))


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return declared(tmp_path_factory.mktemp("sample") / "study", FRAME)


@pytest.fixture(scope="module")
def by_items(sample: Study) -> pd.DataFrame:
    return gaps_of(sample)


@pytest.mark.parametrize("file", FILES)
def test_the_sample_comes_back_from_each_format(tmp_path: Path, sample: Study, by_items: pd.DataFrame, file: str) -> None:
    name, write = FILES[file]
    (tmp_path / name).write_bytes(write(FRAME))
    _, study = door(tmp_path / name, tmp_path)
    assert account(study) == account(sample)
    same(gaps_of(study), by_items)


@pytest.mark.parametrize("write", [write_duckdb, write_sqlite])
def test_the_sample_comes_back_from_a_database_that_holds_other_tables(
    tmp_path: Path, sample: Study, by_items: pd.DataFrame, write: Callable[..., None]
) -> None:
    write(tmp_path / "a.db", {"events": read("events.csv"), "responses": FRAME, "customers": read("customers.csv")})
    _, study = door(tmp_path / "a.db", tmp_path)
    assert account(study) == account(sample)
    same(gaps_of(study), by_items)


def test_with_its_codebook_the_dimensions_come_back_too(tmp_path: Path, sample: Study) -> None:
    (tmp_path / "a.csv").write_bytes(_csv(FRAME))
    (tmp_path / "items.csv").write_bytes(_csv(CODEBOOK))
    _, study = door([tmp_path / "a.csv", tmp_path / "items.csv"], tmp_path)
    same(gaps_of(study, "dimensions"), gaps_of(sample, "dimensions"))
    same(gaps_of(study, "dimensions", "dimension"), gaps_of(sample, "dimensions", "dimension"))
