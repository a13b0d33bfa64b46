"""The currency of a study: a code or a sign that stands at every amount, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest
from followed import followed

import cxgap as cx
from cxgap.errors import StudyError
from cxgap.gaps.outcome_checks import validate
from cxgap.vocabulary import currency_of, priced


@pytest.mark.parametrize("currency", ["EUR", "€", "R$", "kr", ""])
def test_a_code_or_a_sign_is_kept_as_declared(study, currency):
    assert study(study={"currency": currency} if currency else {}).currency == currency


@pytest.mark.parametrize("currency", ["eur", "Euros", "1", "<b>", "E R", "$\u202e"])
def test_what_is_neither_is_refused_with_an_example(study, currency):
    with pytest.raises(StudyError, match='such as "EUR"'):
        study(study={"currency": currency})


def test_a_code_stands_before_the_minus_and_a_sign_after_it():
    assert [priced("−5", each) for each in ("EUR", "€", "")] == ["EUR −5", "−€5", "−5"]
    assert priced("", "EUR") == ""
    assert [currency_of({"currency": "EUR"}), currency_of({}), currency_of({"currency": float("nan")})] == ["EUR", "", ""]


def test_a_link_of_a_study_has_its_currency(study, monkeypatch):
    monkeypatch.setitem(validate.__kwdefaults__, "deals", 1)
    tables = followed()
    declared = study(study={"currency": "EUR"})
    design = {"scale": (1.0, 7.0), "min_n": 10}
    money = replace(declared, design=design, responses=tables.pop("responses"), tables=tables)
    link = cx.outcome_link(money, covariates=(), by="", outcome="revenue", as_of="2026-09-30")
    assert set(link.frame["currency"]) == {"EUR"}
    assert "EUR " in link.title
