"""What every gap function refuses, and which margin it means."""

from __future__ import annotations

import pandas as pd
import pytest
from conftest import ENGINES

from cxgap.errors import ArgumentError
from cxgap.gaps.asking import check_answers, check_expectation_type, grouping, margin_of, score_words


def test_groups_are_named_and_are_none_of_what_is_taken():
    """Of several that are taken the first of the alphabet is named."""
    assert grouping("touchpoint, segment", {"n", None}) == ("touchpoint", "segment")
    with pytest.raises(
        ArgumentError, match=r"^`by` must name columns that make groups, and none of the result's own, not 'a'\.$"
    ):
        grouping(["b", "x", "a"], {"a", "b", None})


def test_the_margin_is_what_was_said_or_a_twentieth_of_the_range():
    """House, section 11: 5 % of the scale's range."""
    assert margin_of(None, (1, 7)) == pytest.approx(0.3)
    assert (margin_of(0.5, (1, 7)), margin_of(0.5, None), margin_of(None, None)) == (0.5, 0.5, None)
    with pytest.raises(ArgumentError, match="`margin` must be a number above 0, not 0"):
        margin_of(0, (1, 7))


def test_a_kind_of_expectation_need_not_be_said_and_must_be_known():
    assert check_expectation_type(None) is None
    with pytest.raises(ArgumentError, match="`expectation_type` must be one of"):
        check_expectation_type("hoped")


@pytest.mark.parametrize(
    ("by", "dimensional", "words"),
    [
        (["touchpoint"], True, "mean of dimension means"),
        (["touchpoint"], False, "mean of items"),
        (["item"], False, "single items"),
        (["touchpoint", "question"], True, "single items"),
    ],
)
def test_the_caption_says_how_answers_became_a_score(by, dimensional, words):
    assert score_words(by, dimensional=dimensional) == words


@pytest.mark.parametrize("engine", ENGINES)
def test_answers_beyond_the_scale_are_refused_and_missing_ones_are_not(engine):
    make = ENGINES[engine]
    check_answers(make(pd.DataFrame({"a": [1.0, 7.0, None]})), "a", (1, 7), "never said")
    with pytest.raises(ArgumentError, match=r"^`t` must hold them; it holds 8\. Answers on another scale"):
        check_answers(make(pd.DataFrame({"a": [1.0, 8.0, None]})), "a", (1, 7), "`t` must hold them")
