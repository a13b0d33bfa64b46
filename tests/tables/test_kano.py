"""Kano questions: five answers and no other, in long and wide files, and what their codes mean is declared."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from study_files import WIDE

from cxgap.errors import ColumnError, StudyError
from cxgap.tables.read import read_study

LONG = """respondent_id,feature,functional,dysfunctional,at,segment,weight
R1,lid,like,dislike,2026-03-01,new,1.5
R1,cup,Must-Be,neutral,2026-03-01,new,1.5
R2,lid,1,5,2026-03-09,old,0.5
R2,cup,,live-with,2026-03-09,old,0.5
"""
PAIRS = """respondent_id,segment,k_lid_yes,k_lid_no,k_cup_yes,k_cup_no
R1,new,1,5,2,3
R2,old,1,5,,4
"""
PATTERNS = {"functional": "k_{feature}_yes", "dysfunctional": "k_{feature}_no"}
KIOSK = Path(__file__).resolve().parents[3] / "shared" / "reference" / "c18_kano_kiosk"
ANSWERS = ["like", "must-be", "neutral", "live-with", "dislike"]


@pytest.fixture
def kano(study):
    def read(text: str = LONG, declared: dict | None = None, **words):
        sections = {"kano": declared} if declared else {}
        return study(WIDE, {"k.csv": text}, tables={"kano": "k.csv"}, **sections, **words)

    return read


def told(read) -> list[list]:
    table = read.kano[["respondent_id", "feature", "functional", "dysfunctional"]].astype(object)
    return table.where(table.notna(), None).to_numpy().tolist()


def test_answers_in_words_and_in_codes_are_the_same_and_further_columns_stay(kano):
    read = kano()
    assert told(read) == [
        ["R1", "lid", "like", "dislike"],
        ["R1", "cup", "must-be", "neutral"],
        ["R2", "lid", "like", "dislike"],
        ["R2", "cup", None, "live-with"],
    ]
    assert read.kano["weight"].tolist() == [1.5, 1.5, 0.5, 0.5]
    assert read.kano["segment"].tolist() == ["new", "new", "old", "old"]
    assert len(read.rejects) == 0


def test_a_wide_file_has_a_row_a_feature_in_the_order_of_its_columns(kano):
    """The same answers in both layouts are the same table."""
    read = kano(PAIRS, PATTERNS)
    assert told(read) == told(kano(LONG))
    assert read.kano.columns.tolist() == ["respondent_id", "feature", "functional", "dysfunctional", "segment"]
    assert read.table_rows["kano"] == {"read": 2, "left_out": 0, "kept": 2, "rejected": 0}


@pytest.mark.parametrize(
    "answers", [ANSWERS[::-1], {"1": "dislike", "2": "live-with", "3": "neutral", "4": "must-be", "5": "like"}]
)
def test_what_codes_mean_is_declared(kano, answers):
    read = kano(PAIRS, {**PATTERNS, "answers": answers})
    assert told(read)[:2] == [["R1", "lid", "dislike", "like"], ["R1", "cup", "live-with", "neutral"]]


def test_words_of_another_language_are_declared_like_codes(kano):
    text = LONG.replace("like,dislike", "Das freut mich,das stört mich", 1)
    answers = {"das freut mich": "like", "das stört mich": "dislike"}
    assert told(kano(text, {"answers": answers}))[0] == ["R1", "lid", "like", "dislike"]
    codes = kano(text, {"answers": answers}).rejects  # and codes that are not declared then mean nothing
    assert codes[["row", "column", "value", "reason"]].to_numpy().tolist() == [
        [4, "dysfunctional", "5", "unknown_kano"],
        [4, "functional", "1", "unknown_kano"],
    ]


def test_an_answer_that_is_none_of_the_five_is_refused_with_its_row_and_the_row_stays(kano):
    read = kano(PAIRS.replace("R1,new,1", "R1,new,6").replace(",3\nR2", ",99\nR2"), PATTERNS, responses={"missing": ["99"]})
    assert read.rejects[["table", "row", "column", "value", "reason"]].to_numpy().tolist() == [
        ["kano", 2, "k_lid_yes", "6", "unknown_kano"]
    ]
    assert told(read)[:2] == [["R1", "lid", None, "dislike"], ["R1", "cup", "must-be", None]]


def test_where_and_as_of_restrict_it(kano):
    assert kano(as_of="2026-03-05").kano["respondent_id"].unique().tolist() == ["R1"]
    old = kano(LONG.replace("segment", "region").replace("old", "NA"), where={"region": "NA"})
    assert old.kano["respondent_id"].unique().tolist() == ["R2"]
    people = kano(where={"region": "NA"})  # a column that it does not have is that of its respondents
    assert set(people.kano["respondent_id"]) == set(people.responses["respondent_id"]) & {"R1", "R2"}
    assert len(people.kano) == 2


def test_a_respondent_who_stands_twice_in_a_wide_file_is_set_aside(kano):
    read = kano(PAIRS + "R1,new,1,5,2,3\nR2,old,5,5,5,5\n", PATTERNS)
    assert read.rejects[["row", "reason"]].to_numpy().tolist() == [
        [3, "conflicting_duplicate"],
        [4, "duplicate"],
        [5, "conflicting_duplicate"],
    ]
    assert read.table_rows["kano"] == {"read": 4, "left_out": 0, "kept": 1, "rejected": 3}


@pytest.mark.parametrize(
    ("text", "declared", "error", "words"),
    [
        (PAIRS.replace("k_cup_no", "cup_no"), PATTERNS, StudyError, "the column 'k_cup_yes' must have its partner 'k_cup_no'"),
        (LONG, PATTERNS, StudyError, "columns must be named as functional = 'k_{feature}_yes' under [kano]"),
        (PAIRS, None, ColumnError, "must have a column 'feature'"),
        (PAIRS, {"functional": "k_{feature}_yes"}, StudyError, 'must have dysfunctional = "..." with {feature} in it once'),
        (PAIRS, {**PATTERNS, "functional": "k_{feature}_no"}, StudyError, "must have two patterns"),
        (PAIRS, {**PATTERNS, "answers": ANSWERS[:4]}, StudyError, "once, in the order of the codes 1 to 5"),
        (PAIRS, {**PATTERNS, "answers": {"1": "love"}}, StudyError, "must be 'like', 'must-be'"),
        (PAIRS.replace("segment", "feature"), PATTERNS, StudyError, 'rename = { feature = "other_feature" }'),
    ],
)
def test_what_cannot_be_read_says_what_to_type(kano, text, declared, error, words):
    with pytest.raises(error) as caught:
        kano(text, declared)
    assert words in str(caught.value)


def test_patterns_without_a_table_are_refused(study):
    with pytest.raises(StudyError, match=r'add kano = "kano.csv" under \[tables\]'):
        study(WIDE, kano=PATTERNS)


@pytest.mark.skipif(not KIOSK.exists(), reason="the survey may not be copied here and is not beside the project")
def test_a_survey_of_29_features_gives_the_published_counts(tmp_path):
    """Counts of the reference (pandas and R, Berger's table) of 194 respondents, of the file as it came."""
    (tmp_path / "k.csv").write_bytes((KIOSK / "input.csv").read_bytes())
    (tmp_path / "study.toml").write_text(
        '[study]\ntitle = "kiosk"\n[tables.kano]\nfile = "k.csv"\nrename = { resp_id = "respondent_id" }\n[kano]\n'
        'functional = "kano{feature}_fun"\ndysfunctional = "kano{feature}_dys"\n'
        f"answers = {json.dumps(ANSWERS)}\n"
    )
    read = read_study(tmp_path)
    berger = dict(zip(ANSWERS, ("QAAAO", "RIIIM", "RIIIM", "RIIIM", "RRRRQ"), strict=True))
    category = [berger[one][ANSWERS.index(other)] for one, other in read.kano[["functional", "dysfunctional"]].to_numpy()]
    counts = read.kano.assign(category=category).groupby(["feature", "category"]).size()
    expected = json.loads((KIOSK / "expected.json").read_text())
    assert read.kano["feature"].nunique() == 29
    for feature in read.kano["feature"].unique():
        found = {letter: int(counts.get((feature, letter), 0)) for letter in "AOMIRQ"}
        assert found == expected[f"kano{feature}"]["counts"]
