"""Who answered is asked where codes stand a few times each under a name that nobody knows: a panel is no crowd of strangers."""

from __future__ import annotations

from pathlib import Path

import pytest

from cxgap.errors import StudyError
from cxgap.inspection.inspection import inspect
from cxgap.tables.read import read_study

HEAD = "e_speed,e_price,p_speed,p_price,wave"
ANSWERED = 'expectation_type = "should"', "low = 1", "high = 7"


def written(folder: Path, name: str, texts: list[str]) -> str:
    """Write a survey of two waves with one more column, and return the study file that is proposed for it."""
    rows = [
        f"{text},{1 + place % 7},{7 - place % 7},{1 + place % 5},{2 + place % 6},{1 + 2 * place // len(texts)}"
        for place, text in enumerate(texts)
    ]
    (folder / "survey.csv").write_text("\n".join([f"{name},{HEAD}", *rows]) + "\n", encoding="utf-8")
    return inspect(folder / "survey.csv").write(folder / "study.toml").read_text(encoding="utf-8")


def said(text: str) -> str:
    return next(line for line in text.splitlines() if line.startswith("respondent = "))


PADDED, CODED = ([form.format(number) for number in range(30)] * 2 for form in ("{:03}", "K-{:x}7"))


@pytest.mark.parametrize(
    ("name", "texts"),
    [
        ("Kennung", CODED),  # in both waves
        ("Kennung", CODED[:50]),  # some were not met again
        ("badge", PADDED),
        ("badge", [str(number) for number in range(1, 31)] * 2),
        ("member no", [str(number * number + 500) for number in range(58)] + ["500", "501"]),
        ("Kunde", CODED),
    ],
)
def test_codes_that_stand_a_few_times_each_may_be_people(name, texts, tmp_path):
    line = said(written(tmp_path, name, texts))
    assert line.startswith('respondent = "?"')
    assert f"does {name!r} say who answered?" in line


@pytest.mark.parametrize(
    ("name", "texts"),
    [
        ("badge", [f"K{number}" for number in range(60)]),  # no two rows have one: then a row is a respondent
        ("branch", ["B1", "B2", "B3"] * 20),
        ("spent", [str(100 + number * number % 997) for number in range(60)]),
        ("region", ["north", "south"] * 30),
        ("tempo", [f"{number / 7:.2f}" for number in range(30)] * 2),
        ("PLZ", [f"0{1000 + number}" for number in range(30)] * 2),
        ("started", [f"2026-03-{1 + number:02}" for number in range(30)] * 2),
    ],
)
def test_what_is_no_code_of_people_is_not_asked(name, texts, tmp_path):
    assert said(written(tmp_path, name, texts)).startswith('respondent = "row"')


@pytest.mark.parametrize("panel", [True, False])
def test_either_answer_is_read(panel, tmp_path):
    """The remark says what to do; followed, 60 rows are the answers of 30 people, or of 60."""
    text = written(tmp_path, "Kenn ung", CODED)
    with pytest.raises(StudyError, match="Kenn ung"):
        read_study(tmp_path)
    for answer in ANSWERED:
        text = text.replace(f'{answer.partition(" = ")[0]} = "?"', answer)
    line = said(text)
    if panel:
        text = text.replace(line + "\n", "").replace('# "Kenn ung" =', '"Kenn ung" =')
    else:
        text = text.replace(line, line.replace('"?"', '"row"', 1))
    (tmp_path / "study.toml").write_text(text, encoding="utf-8")
    assert read_study(tmp_path).responses["respondent_id"].nunique() == (30 if panel else 60)
