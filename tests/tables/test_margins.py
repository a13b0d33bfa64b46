"""[margins]: what the population is made of, where that is known from, and what becomes of it in gaps and on the page."""

from __future__ import annotations

import datetime

import pytest

import cxgap as cx
from cxgap.errors import ColumnError, StudyError
from cxgap.gaps.design import RAKED, with_raked_weights
from cxgap.report.harvest import StudyRecord
from cxgap.report.sections import study_html

KNOWN = {"totals": {"NA": 30, "007": 30, "north": 60}, "source": "customer file", "date": "2026-01-01"}


def test_margins_are_handed_on_with_the_design(study):
    """A region called NA and one called 007 are texts in the totals as in the file; gaps are raked to them."""
    read = study(**{"margins.region": KNOWN})
    assert read.design["margins"] == {"region": KNOWN["totals"]}
    assert read.margins.to_dict("records") == [
        {"margin": "region", "column": "region", "source": "customer file", "date": "2026-01-01", "categories": 3, "total": 120}
    ]
    gaps = cx.customer_gap(read.responses, by="", **read.design).frame
    parts = cx.customer_gap(read.responses, by="region").frame.set_index("region")["estimate"]
    assert gaps["estimate"][0] == pytest.approx((parts * [0.25, 0.25, 0.5]).sum())


def test_a_study_without_margins_has_no_such_keyword(study):
    assert "margins" not in study().design
    assert study().margins.empty
    assert study().record()["raked"] == []


def test_a_column_may_have_another_name_than_the_margin(study):
    read = study(**{"margins.where": {**KNOWN, "column": "region"}})
    assert list(read.design["margins"]) == ["region"]


def test_a_date_of_toml_is_a_date(study, tmp_path):
    """A date without quotes is what TOML has dates for."""
    path = tmp_path / "study.toml"
    study(**{"margins.region": KNOWN})
    path.write_text(path.read_text().replace('"2026-01-01"', str(datetime.date(2026, 1, 1))))
    assert cx.read_study(path).margins["date"].tolist() == ["2026-01-01"]


@pytest.mark.parametrize(
    ("lacking", "words"),
    [
        ("source", "`margins.region` must have a source, such as source ="),
        ("date", "`margins.region` must have a date, such as date ="),
        ("totals", "`margins.region` must have a totals, such as totals ="),
    ],
)
def test_margins_must_be_documented(study, lacking, words):
    with pytest.raises(StudyError, match=words):
        study(**{"margins.region": {**KNOWN, lacking: None}})


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"source": " "}, "`margins.region.source` must name the table"),
        ({"date": ""}, "`margins.region.date` must be the day"),
        ({"totals": {"NA": -1}}, "`margins.region.totals.NA` must be greater than 0, not -1"),
        ({"totals": {}}, "`margins.region.totals` must give a total"),
        ({"column": "e1"}, r"\[margins\] must name columns of categories of respondents, and 'e1' holds ratings"),
        ({"colum": "region"}, "has no key 'colum'.*Did you mean 'column'"),
    ],
)
def test_what_a_margin_must_be(study, changes, words):
    with pytest.raises(StudyError, match=words):
        study(**{"margins.region": {**KNOWN, **changes}})


def test_the_column_must_be_there(study):
    with pytest.raises(ColumnError, match="'age'"):
        study(**{"margins.age": KNOWN})


def test_a_part_of_a_study_is_not_raked_to_the_whole(study):
    """The totals are of the whole population: a part gets a note, and no margins."""
    read = study(where={"region": "north"}, **{"margins.region": KNOWN})
    assert "margins" not in read.design
    assert "margins_of_the_whole" in read.issues.frame["check"].tolist()


def test_the_page_says_to_what_weights_were_raked(study):
    record = study(**{"margins.region": KNOWN}).record()
    page = study_html(StudyRecord.model_validate(record), "")
    assert "Answers are weighted." in page
    assert "Weights were raked to the population by region (customer file, 2026-01-01)." in page


def test_methods_that_look_at_parts_get_weights_of_the_whole(study):
    """One respondent a region in each touchpoint: a factor of 0.25 / (1 / 3) or 0.5 / (1 / 3), whatever part is looked at."""
    read = with_raked_weights(study(**{"margins.region": {**KNOWN, "totals": {"NA": 0.25, "007": 0.25, "north": 0.5}}}))
    weights = read.responses.drop_duplicates("respondent_id").set_index("region")[RAKED]
    assert weights["north"].tolist() == pytest.approx([1.5, 1.5])
    assert weights["NA"].tolist() == pytest.approx([0.75, 0.75])
    assert read.design["weight"] == RAKED
    assert "margins" not in read.design
    plain = study()
    assert with_raked_weights(plain) is plain
