"""Each fault of a questionnaire is found where it is, and a sound one has none."""

from __future__ import annotations

import pytest
from study_files import DECLARED, toml

import cxgap as cx

SOUND = {f"items.{n}": {"label": f"Staff of desk {n} are polite", "dimension": "assurance"} for n in range(1, 4)}
OFFERED = {**DECLARED, "responses": {**DECLARED["responses"], "missing": [99]}}


def found(folder, sections) -> set[tuple[str, str]]:
    (folder / "study.toml").write_text(toml(sections), encoding="utf-8")
    frame = cx.lint_questionnaire(folder / "study.toml").frame
    return set(zip(frame["item"], frame["check"], strict=True))


def test_a_sound_questionnaire_has_no_fault(tmp_path):
    assert found(tmp_path, {**OFFERED, **SOUND}) == set()


@pytest.mark.parametrize(
    ("item", "check"),
    [
        ({"label": "Staff are fast and polite"}, "double_barrelled"),
        ({"label": "Das Personal ist schnell und höflich"}, "double_barrelled"),
        ({"label": "Le personnel est rapide et poli"}, "double_barrelled"),
        ({"label": "El personal es rápido y amable"}, "double_barrelled"),
        ({"label": "직원이 빠르고 친절하다"}, "double_barrelled"),
        ({"label": "Staff are not polite"}, "negative_wording"),
        ({"label": "Man muss nie warten"}, "negative_wording"),
        ({"label": "직원이 친절하지 않다"}, "negative_wording"),
        ({"label": "I had to wait", "reversed": True}, "negative_wording"),
        ({"label": "Staff of desk 1 are polite"}, "same_wording"),
        ({"label": " ".join(["very"] * 26)}, "long_wording"),
        ({"label": "Fast", "low": 0, "high": 10}, "mixed_scales"),
        ({"label": "Fast", "wording": {"de": "Schnell"}}, None),
    ],
)
def test_a_fault_is_found_in_its_item(tmp_path, item, check):
    faults = found(tmp_path, {**OFFERED, **SOUND, "items.9": {"dimension": "assurance", **item}})
    assert check is None or ("9", check) in faults
    assert {name for name, said in faults if said == check} <= {"9", "1"}


def test_words_that_only_contain_a_joining_word_are_left_alone(tmp_path):
    labels = ["Brand names are handled orderly", "Der Kundendienst ist rund um die Uhr da", "El yogur es fresco"]
    items = {f"items.{n}": {"label": label, "dimension": "x"} for n, label in enumerate(labels)}
    assert found(tmp_path, {**OFFERED, **items}) == set()


def test_a_dimension_of_two_items_is_too_small(tmp_path):
    items = {f"items.{n}": {"label": f"Label {n}", "dimension": "pair"} for n in range(2)}
    assert found(tmp_path, {**OFFERED, **items}) == {("dimension pair", "few_items")}


def test_nobody_can_decline_where_no_code_for_it_is_declared(tmp_path):
    assert found(tmp_path, {**DECLARED, **SOUND}) == {("all items", "no_decline")}


def test_an_item_asked_once_is_not_paired(tmp_path):
    once = {**OFFERED, "responses": {**OFFERED["responses"], "expectation": ""}}
    assert found(tmp_path, {**once, **SOUND}) == {(str(n), "unpaired") for n in range(1, 4)}


def test_a_missing_translation_is_named_where_others_have_one(tmp_path):
    items = {**SOUND, "items.9": {"label": "Fast", "dimension": "assurance", "wording": {"de": "Schnell"}}}
    assert found(tmp_path, {**OFFERED, **items}) == {(str(n), "untranslated") for n in range(1, 4)}


def test_items_that_nobody_declared_are_taken_from_the_survey(tmp_path):
    text = "respondent_id,touchpoint,e1,p1,e2,p2\nR1,Buy,7,5,6,6\n"
    (tmp_path / "responses.csv").write_text(text, encoding="utf-8")
    assert found(tmp_path, DECLARED) == {("all items", "no_decline")}
    assert found(tmp_path, {**OFFERED, "items.1": {"label": "Staff are not polite"}}) == {("1", "negative_wording")}
    long = {"file": "responses.csv", "layout": "long", "missing": [99]}
    (tmp_path / "responses.csv").write_text("respondent_id,item,expectation,perception\nR1,a,5,4\nR1,b,5,4\n", encoding="utf-8")
    assert found(tmp_path, {**OFFERED, "responses": long}) == set()
    assert "Nothing is wrong with 2 items" in repr(cx.lint_questionnaire(tmp_path))


def test_without_items_nothing_is_called_sound(tmp_path):
    assert found(tmp_path, DECLARED) == set()
    said = repr(cx.lint_questionnaire(tmp_path))
    assert "no items are declared, so that nothing was looked at" in said
    assert "Nothing is wrong" not in said


def test_a_check_that_could_not_be_made_is_named_and_no_empty_table_is_printed(tmp_path):
    assert found(tmp_path, {**OFFERED, **{name: {"label": item["label"]} for name, item in SOUND.items()}}) == set()
    said = repr(cx.lint_questionnaire(tmp_path))
    assert said.splitlines() == [
        "Nothing is wrong with 3 items",
        "Dimensions are not known, so that few_items was not checked.",
    ]


def test_what_was_answered_is_no_scale_of_an_item(tmp_path):
    """Item 2 was never answered below 3, and 99 stands for no answer; both are as the others were asked."""
    rows = [f"R{n},Buy,{1 + n % 7},{1 + n % 7},{3 + n % 5},{99 if n % 9 == 0 else 3 + n % 5}" for n in range(60)]
    (tmp_path / "export.csv").write_text("\n".join(["respondent_id,touchpoint,e1,p1,e2,p2", *rows]), encoding="utf-8")
    table = cx.lint_questionnaire(tmp_path / "export.csv")
    assert "mixed_scales" not in set(table.frame["check"])
    assert not table.missing
