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
