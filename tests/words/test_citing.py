"""Whom to cite, and what is said to have been done: it must be what ran, and nothing else."""

from __future__ import annotations

import pytest
from answers import survey

import cxgap as cx
from cxgap.errors import ArgumentError
from cxgap.references import BEHIND, REFERENCES
from cxgap.result.made import _MADE

FRAME = survey(1, people=40)


def test_only_what_ran_is_cited():
    simple = str(cx.cite(cx.customer_gap(FRAME, by="")))
    assert "The probable error of a mean" in simple
    assert "Binder" not in simple
    assert "two one-sided tests" not in simple  # no margin, no test of equivalence
    weighted = str(cx.cite(cx.customer_gap(FRAME.assign(w=1.0 + FRAME.index % 2 * 0), by="", weight="w", scale=(1, 7))))
    assert "two one-sided tests" in weighted


def test_a_design_is_cited_and_said():
    people = FRAME["respondent_id"].astype(str)
    weight = people.map({name: 1.0 + place % 3 for place, name in enumerate(sorted(people.unique()))})
    gaps = cx.customer_gap(FRAME.assign(weight=weight), by="", weight="weight", min_n=5)
    assert "On the variances of asymptotically normal estimators" in str(cx.cite(gaps))
    said = str(cx.methods(gaps))
    assert "Taylor linearisation (Binder, 1983; Lumley, 2004)" in said
    assert "Cells of fewer than 5 customers are not shown." in said


def test_without_results_all_that_the_session_made_is_cited():
    _MADE.clear()
    assert len(cx.cite().paragraphs) == 1
    cx.customer_gap(FRAME, by="")
    assert "SERVQUAL: A multiple-item scale" in str(cx.cite())


def test_the_methods_say_the_numbers_of_the_table():
    gaps = cx.customer_gap(FRAME, by="touchpoint", scale=(1, 7), expectation_type="desired", conf_level=0.9)
    said = str(cx.methods(gaps))
    assert f"for {len(gaps.frame)} cells by touchpoint" in said
    assert "asked as 'desired'" in said
    assert "the 80 % interval lay within ±0.3 scale points" in said
    assert said.endswith(").")


def test_every_source_that_a_method_names_is_known():
    assert {key for keys in BEHIND.values() for key in keys} <= set(REFERENCES)


def test_what_is_no_result_is_refused():
    with pytest.raises(ArgumentError, match="not str"):
        cx.cite("customer")


def test_ranks_are_cited_and_said_only_where_they_were_tested():
    alone = cx.paired_tests(FRAME, by="")
    assert "signed ranks" in str(cx.methods(alone))
    assert "Individual comparisons by ranking methods" in str(cx.cite(alone))
    people = FRAME["respondent_id"].astype(str)
    weight = people.map({name: 1.0 + place % 3 for place, name in enumerate(sorted(people.unique()))})
    weighed = cx.paired_tests(FRAME.assign(weight=weight), by="", weight="weight")
    assert "ranks and signs were not tested" in str(cx.methods(weighed))
    assert "Individual comparisons by ranking methods" not in str(cx.cite(weighed))


def test_a_bootstrap_without_replicates_is_cited_as_one():
    ideal, drawn, student = (
        str(cx.cite(cx.customer_gap(FRAME, by="", **options)))
        for options in ({"ci": "bca"}, {"ci": "bca", "replicates": 99}, {"ci": "t"})
    )
    assert "Better bootstrap confidence intervals" in ideal
    assert "Saddlepoint approximations in resampling methods" in ideal
    assert "Better bootstrap confidence intervals" in drawn
    assert "Saddlepoint approximations" not in drawn + student
