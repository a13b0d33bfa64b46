"""Texts that a person takes for one word are one word, and others stay apart."""

from __future__ import annotations

import pytest

from cxgap.folding import fold, straight


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("  Strongly   AGREE ", "strongly agree"),
        ("\N{FULLWIDTH LATIN CAPITAL LETTER A}gree", "agree"),
        ("don\N{RIGHT SINGLE QUOTATION MARK}t know", "don't know"),
        ("don\N{ACUTE ACCENT}t know", "don't know"),
        ("5 \N{EN DASH} often", "5 - often"),
        ("\N{LEFT-POINTING DOUBLE ANGLE QUOTATION MARK}oui\N{RIGHT-POINTING DOUBLE ANGLE QUOTATION MARK}", '"oui"'),
        ("cafe\N{COMBINING ACUTE ACCENT}", "café"),
        ("\N{LATIN CAPITAL LETTER I WITH DOT ABOVE}yi", "iyi"),
        ("매우\N{NO-BREAK SPACE}그렇다", "매우 그렇다"),
    ],
)
def test_ways_of_writing_one_word_are_one(one, other):
    assert fold(one) == fold(other)
    assert fold(fold(one)) == fold(one)


@pytest.mark.parametrize(("one", "other"), [("agree", "disagree"), ("für", "fur"), ("5", "6"), ("합계", "합 계")])
def test_different_words_stay_apart(one, other):
    assert fold(one) != fold(other)


def test_straight_text_keeps_its_case_and_spaces():
    assert straight("Yes  \N{EM DASH} ABC") == "Yes  - ABC"
