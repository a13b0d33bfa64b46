"""The sample study, exported to each format, comes back through `inspect` with its own numbers.

A person answers what the study file asks and touches nothing else; what comes out is held against the sample study, whose
own study file was written by hand.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

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
    write_duckdb,
    write_sqlite,
)
from inspected import account, door, gaps_of, same

import cxgap as cx
from cxgap.tables.catalog import TABLES
from cxgap.tables.read import read_study
from cxgap.tables.study import Study

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"
ROWS = 90
ITEMS = ["01", "02", "08", "10", "14", "19"]  # two of them speak of a day and of hours, and are no measure
JUDGED = ["effort", "emotion"]  # of which a person must say more than the files do
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
    return frame.head(ROWS).drop(columns=[*left_out, *JUDGED])


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
    text = _by_hand().partition("[tables]")[0]
    (folder / "study.toml").write_text(change(text), encoding="utf-8")
    return read_study(folder)


def _by_hand() -> str:
    """The study file that was written by hand, without what `cut` leaves out."""
    return _without((SAMPLE / "study.toml").read_text(encoding="utf-8"), *(f"outcomes.{name}" for name in JUDGED))


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
    "LimeSurvey VV": ("a.csv", lambda frame: as_limesurvey(frame, GRIDS, heading="vv")),
    "Google Forms": ("a.csv", lambda frame: as_google_forms(frame, GRIDS)),
    "SPSS": ("a.sav", _sav(False)),
    "SPSS packed": ("a.zsav", _sav(True)),
    "Excel": ("a.xlsx", lambda frame: as_sheets({"Answers": frame})),
    "Excel, a sheet a wave and a banner": ("a.xlsx", lambda frame: _waves(frame, "Northbound Parcel, customer survey")),
    "Parquet": ("a.parquet", as_parquet),
    "CSV with decimal commas": ("a.csv", lambda frame: as_european(frame, ["weight"])),
    "CSV in UTF-16": ("a.csv", lambda frame: _csv(frame, "\t", "utf-16")),
    "CSV in cp949": ("a.csv", lambda frame: _csv(_in_korean(frame), ",", "cp949")),
    "CSV in cp932": ("a.csv", lambda frame: _csv(_in_japanese(frame), ",", "cp932")),
    "CSV in cp1252": ("a.csv", lambda frame: as_european(_in_german(frame), ["weight"], "cp1252")),
    "CSV with questions": ("a.csv", lambda frame: _csv(_worded(frame))),
    "long CSV": ("a.csv", lambda frame: _csv(as_long(frame, ITEMS, RATINGS))),
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


# Their reader and their words are those of another that is read every day.
SLOW = {
    "Qualtrics TSV",
    "Qualtrics XLSX",
    "SurveyMonkey XLSX",
    "LimeSurvey codes",
    "SPSS",
    "CSV with decimal commas",
    "CSV in cp932",
    *("French", "Spanish"),
}


def every(names: Iterable[str]) -> list[object]:
    return [pytest.param(name, marks=pytest.mark.slow if name in SLOW else []) for name in names]


@pytest.mark.parametrize("file", every(FILES))
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
    assert study.importance == sample.importance


def test_importance_of_dimensions_waits_for_the_dimensions(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(_csv(FRAME))
    found, study = door(tmp_path / "a.csv", tmp_path)
    assert study.importance == {}  # else every page would look for a column that no item has
    assert 'add here: importance = "importance_{dimension}"' in found.study_file


# As a form writes them that has no codes: what was asked, of which things, and the answers, the worst first.
LANGUAGES = {
    "English": (
        "utf-8",
        ("Respondent", "Touchpoint", "What do you expect of a parcel service: ", "How did you perceive our service: "),
        ("Staff are polite", "The parcel is on time", "Prices are fair"),
        "Strongly disagree|Disagree|Somewhat disagree|Neither agree nor disagree|Somewhat agree|Agree|Strongly agree"
        "|Don't know",
    ),
    "German": (
        "cp1252",
        ("Teilnehmer", "Kontaktpunkt", "Was erwarten Sie von einem Paketdienst: ", "Wie haben Sie unseren Dienst erlebt: "),
        ("Das Personal ist höflich", "Das Paket ist pünktlich", "Die Preise sind fair"),
        "Stimme überhaupt nicht zu|Stimme nicht zu|Stimme eher nicht zu|Weder noch|Stimme eher zu|Stimme zu"
        "|Stimme voll und ganz zu|Weiß nicht",
    ),
    "French": (
        "cp1252",
        ("Répondant", "Point de contact", "Qu'attendez-vous d'un service : ", "Comment avez-vous perçu notre service : "),
        ("Le personnel est poli", "Le colis est à l'heure", "Les prix sont justes"),
        "Pas du tout d'accord|Pas d'accord|Plutôt pas d'accord|Ni d'accord ni pas d'accord|Plutôt d'accord|D'accord"
        "|Tout à fait d'accord|Ne sait pas",
    ),
    "Spanish": (
        "utf-8",
        ("Encuestado", "Punto de contacto", "¿Qué espera de un servicio?: ", "¿Cómo percibió nuestro servicio?: "),
        ("El personal es amable", "El paquete llega a tiempo", "Los precios son justos"),
        "Totalmente en desacuerdo|En desacuerdo|Algo en desacuerdo|Ni de acuerdo ni en desacuerdo|Algo de acuerdo|De acuerdo"
        "|Totalmente de acuerdo|No sabe",
    ),
    "Korean": (
        "cp949",
        ("응답자ID", "접점", "택배 서비스에 무엇을 기대하십니까: ", "저희 서비스를 어떻게 경험하셨습니까: "),
        ("직원이 친절하다", "택배가 제시간에 온다", "가격이 합리적이다"),
        "전혀 그렇지 않다|그렇지 않다|별로 그렇지 않다|보통이다|약간 그렇다|그렇다|매우 그렇다|모르겠다",
    ),
}


@pytest.mark.parametrize("language", every(LANGUAGES))
def test_the_sample_comes_back_from_questions_and_answers_in_words(tmp_path: Path, language: str) -> None:
    encoding, (who, where, expected, perceived), texts, answers = LANGUAGES[language]
    kept = {
        f"{letter}{item}": stem + text
        for letter, stem in (("e", expected), ("p", perceived))
        for item, text in zip(ITEMS, texts, strict=False)
    }
    plain = FRAME[["respondent_id", "touchpoint", *kept]].copy()
    words = dict(zip([*map(str, range(1, 8)), "99"], answers.split("|"), strict=True)) | {"": ""}
    ratings = plain[[*kept]]
    plain[[*kept]] = ratings.where(ratings.isin([*words]), "")  # a form takes nothing that it does not offer
    worded = plain.assign(**{name: plain[name].map(words) for name in kept})
    (tmp_path / "a.csv").write_bytes(
        _csv(worded.rename(columns={"respondent_id": who, "touchpoint": where, **kept}), ";", encoding)
    )
    found, study = door(tmp_path / "a.csv", tmp_path)
    assert {key for key in map(str, found.questions) if "[scale]" in key} == set()  # the words are the scale
    untold = ("codebook", "design", "factors", "outcomes", "importance", "adequate")
    bare = declared(tmp_path / "study", plain, lambda text: _without(text, *untold))
    assert account(study) == account(bare)
    same(gaps_of(study), gaps_of(bare))


def _without(text: str, *names: str) -> str:
    """Take sections and keys out of a study file."""
    parts = re.split(r"(?m)^(?=\[)", text)
    kept = "".join(part for part in parts if not part.startswith(tuple(f"[{name}" for name in names)))
    return "".join(line for line in kept.splitlines(keepends=True) if not line.startswith(names))


def test_a_folder_of_everything_is_one_study(tmp_path: Path) -> None:
    for name in TABLES.keys() - {"promises"}:
        (tmp_path / f"{name}.csv").write_bytes((SAMPLE / f"{name}.csv").read_bytes())
    (tmp_path / "responses.csv").write_bytes(_csv(FRAME))
    (tmp_path / "items.csv").write_bytes(_csv(CODEBOOK))
    for name in ("managers", "employees"):
        frame = read(f"{name}.csv")
        (tmp_path / f"{name}.csv").write_bytes(_csv(frame[frame["item"].isin(ITEMS)]))
    found, study = door(tmp_path, tmp_path)
    by_hand = tmp_path / "by_hand.toml"
    by_hand.write_text(_by_hand(), encoding="utf-8")
    sample = read_study(by_hand)
    assert study.table_rows == sample.table_rows
    assert account(study) == account(sample)
    same(gaps_of(study, "dimensions"), gaps_of(sample, "dimensions"))
    for one, other in (
        (cx.knowledge_gap(study.responses, study.managers), cx.knowledge_gap(sample.responses, sample.managers)),
        (cx.standards_gap(study.managers, study.standards), cx.standards_gap(sample.managers, sample.standards)),
        (cx.delivery_gap(study.events, study.standards), cx.delivery_gap(sample.events, sample.standards)),
    ):
        columns = ["touchpoint", "n", "start", "end", "estimate"]
        left, right = (table.frame.assign(touchpoint=table.frame["touchpoint"].astype(str)) for table in (one, other))
        same(left.sort_values(columns)[columns], right.sort_values(columns)[columns])
    # What a person must still add to have the study that was written by hand: which side of the ratings the measured days
    # belong to, in what order touchpoints come, and the margin.
    assert len(found.questions) == 3
