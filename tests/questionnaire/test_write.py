"""What is written can be printed, imported and filled in, and what is filled in is read by the same study."""

from __future__ import annotations

import csv
import io
import random
from html.parser import HTMLParser

import pytest
from study_files import DECLARED, toml

import cxgap as cx
from cxgap.errors import ArgumentError, StudyError
from cxgap.questionnaire.phrases import LANGUAGES, RATINGS, SENTENCES

NODES = ("customers", "managers", "staff")


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    folder = tmp_path_factory.mktemp("asked")
    return folder, cx.write_questionnaires("sample", folder, languages=LANGUAGES)


class Cells(HTMLParser):
    """The rows of every table, as counts of cells with their spans; and every element that could fetch or run something."""

    def __init__(self):
        super().__init__()
        self.rows, self.active = [], []

    def handle_starttag(self, tag, attrs):
        if tag == "table":
            self.rows.append([])
        elif tag == "tr":
            self.rows[-1].append(0)
        elif tag in ("td", "th"):
            self.rows[-1][-1] += int(dict(attrs).get("colspan", 1))
        elif tag in ("script", "img", "link", "iframe", "object"):
            self.active.append(tag)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("node", NODES)
def test_every_page_has_whole_tables_and_nothing_that_runs(sample, node, language):
    read = Cells()
    read.feed((sample[0] / f"{node}.{language}.html").read_text(encoding="utf-8"))
    assert read.rows
    assert not read.active
    assert all(len(set(rows)) == 1 for rows in read.rows)


def test_customers_are_asked_each_item_three_times_with_a_way_to_decline(sample):
    page = (sample[0] / "customers.en.html").read_text(encoding="utf-8")
    assert page.count('class="box"') == 22 * 3
    assert page.count("does not apply") == 3
    assert "delivery time: what did you expect, in days?" in page
    assert "Spread 100 points" in page


@pytest.mark.parametrize("node", NODES)
def test_limesurvey_gets_the_same_rows_in_every_language(sample, node):
    """LimeSurvey's manual, "Tab Separated Value survey structure": the base language first, each other a copy of it."""
    text = (sample[0] / f"{node}.limesurvey.txt").read_text(encoding="utf-8")
    assert text.startswith("\ufeffid\tclass\t")
    rows = [line.split("\t") for line in text.removeprefix("\ufeff").splitlines()]
    assert {len(row) for row in rows} == {len(rows[0])}
    read = [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]
    asked = {
        language: [
            (row["class"], row["type/scale"], row["id"]) for row in read if row["language"] == language and row["class"] != "SL"
        ]
        for language in LANGUAGES
    }
    assert all(found == asked["en"] for found in asked.values())
    order = [row["language"] for row in read if row["class"] in ("G", "Q", "SQ", "A")]
    assert list(dict.fromkeys(order)) == list(LANGUAGES)
    questions = [row["name"] for row in read if row["class"] == "Q" and row["language"] == "en"]
    assert len(set(questions)) == len(questions)
    assert all(name.isalnum() and name[0].isalpha() for name in questions)


def test_qualtrics_gets_each_rating_as_a_matrix_of_all_items(sample):
    text = (sample[0] / "customers.de.qualtrics.txt").read_text(encoding="utf-8")
    assert text.startswith("[[AdvancedFormat]]\n")
    blocks = text.split("[[Question:Matrix]]")[1:]
    assert len(blocks) == 3
    for block in blocks:
        choices = block.split("[[Choices]]\n")[1].split("[[Answers]]")[0].split("\n")
        assert len([line for line in choices if line]) == 22
        assert "trifft nicht zu" in block


def test_answers_filled_into_the_template_are_read_by_the_same_study(sample, tmp_path):
    header = next(csv.reader(io.StringIO((sample[0] / "customers.csv").read_text(encoding="utf-8"))))
    draw = random.Random(1)
    rows = []
    for who in range(30):
        row = {name: str(draw.randint(1, 7)) for name in header}
        row |= {"respondent_id": f"R{who}", "at": "2026-03-01", "wave": "2026-Q1", "touchpoint": "Get help"}
        row |= {name: "20" for name in header if name.startswith("importance_")}
        rows.append(row)
    study = (cx.read_study.__globals__["shipped"]("sample") / "study.toml").read_text(encoding="utf-8")
    study = study.split("[tables]")[0].replace('weight = "weight"', "")
    items = (cx.read_study.__globals__["shipped"]("sample") / "items.csv").read_bytes()
    (tmp_path / "items.csv").write_bytes(items)
    (tmp_path / "study.toml").write_text(study, encoding="utf-8")
    with (tmp_path / "responses.csv").open("w", newline="") as opened:
        writer = csv.DictWriter(opened, header)
        writer.writeheader()
        writer.writerows(rows)
    read = cx.read_study(tmp_path)
    assert read.rows["used"] == 30 * 22
    assert read.rows["rejected"] == 0


def test_the_templates_of_managers_and_staff_have_a_row_a_touchpoint_and_item(sample):
    for name, rater in (("managers", "manager_id"), ("staff", "employee_id")):
        rows = list(csv.DictReader(io.StringIO((sample[0] / f"{name}.csv").read_text(encoding="utf-8"))))
        assert len(rows) == 7 * 22
        assert next(iter(rows[0])) == rater


def test_every_sentence_is_there_in_every_language():
    for sentences in (SENTENCES, RATINGS):
        for name, said in sentences.items():
            assert set(said) == set(LANGUAGES), name
            assert all(text.strip() for text in said.values())


def test_what_is_not_translated_is_said(sample):
    assert set(sample[1].untranslated) == {"de", "fr", "es", "ko"}
    assert len(sample[1].untranslated["de"]) == 22


@pytest.mark.parametrize(
    ("wording", "languages", "lacking"),
    [
        ({}, ["en"], set()),  # a label counts as English
        ({}, ["de"], {"de"}),
        ({}, ["en", "de"], {"de"}),
        ({}, ["de", "fr"], {"de", "fr"}),
        ({"de": "Schnell"}, ["de"], set()),
        ({"de": "Schnell"}, ["en"], {"en"}),
    ],
)
def test_the_first_language_is_no_exception_but_for_labels_in_english(tmp_path, wording, languages, lacking):
    (tmp_path / "study.toml").write_text(toml({**DECLARED, "items.1": {"label": "Fast", "wording": wording}}), encoding="utf-8")
    written = cx.write_questionnaires(tmp_path, tmp_path / "out", languages=languages)
    assert set(written.untranslated) == lacking


def test_a_wording_of_the_language_is_taken(tmp_path):
    items = {"items.1": {"label": "Fast", "wording": {"en": "Fast", "de": "<b>Schnell</b>"}}}
    (tmp_path / "study.toml").write_text(toml({**DECLARED, **items}), encoding="utf-8")
    written = cx.write_questionnaires(tmp_path, tmp_path / "out", languages=["en", "de"])
    assert not written.untranslated
    page = (tmp_path / "out" / "customers.de.html").read_text(encoding="utf-8")
    assert "&lt;b&gt;Schnell&lt;/b&gt;" in page
    assert "Fast" not in page


def test_a_study_without_items_says_how_to_begin(tmp_path):
    (tmp_path / "study.toml").write_text(toml(DECLARED), encoding="utf-8")
    with pytest.raises(StudyError, match=r"must declare the items to ask.*cx\.instruments\.servqual"):
        cx.write_questionnaires(tmp_path, tmp_path)


@pytest.mark.parametrize("languages", [["xx"], []])
def test_a_language_that_is_not_known_is_refused(tmp_path, languages):
    with pytest.raises(ArgumentError):
        cx.write_questionnaires("sample", tmp_path, languages=languages)
