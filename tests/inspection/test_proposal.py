"""The whole proposal: what is settled is right, and what is not is a question."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from profiled import FIVE, SEVEN, column, columns, profiled, roles

from cxgap.inspection.profile import profile
from cxgap.inspection.proposal import propose
from cxgap.inspection.proposed import CONFIDENCE, ROLES, THRESHOLD
from cxgap.tables.catalog import TABLES
from cxgap.vocabulary import EXPECTATION_TYPES

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
REFERENCE = Path(__file__).parents[3] / "shared" / "reference"
IDS = [f"R{number}" for number in range(42)]
ELEVEN = tuple(map(str, range(11))) * 4
RATED = [f"{rating}_{item}" for rating in ("exp", "act") for item in ("speed", "price", "staff")]


def of(path: str):
    """Propose for a file of the reference cases."""
    if not (REFERENCE / path).exists():
        pytest.skip(f"{path} of the reference cases is not beside the project")
    return propose(profile(REFERENCE / path))


def test_a_wide_survey_has_patterns_pairs_and_names():
    found = propose(
        profiled(columns(*RATED), ResponseId=IDS, EndDate=["2026-03-01"] * 42, region=["N", "S"] * 21, wt=["0.5"] * 42)
    )
    assert (found.layout, found.table) == ("wide", "responses")
    assert found.patterns == {"expectation": "exp_{item}", "perception": "act_{item}"}
    assert found.rename == {"ResponseId": "respondent_id", "EndDate": "at"}
    assert found.design == {"weight": "wt"}
    assert [pair.item for pair in found.pairs] == ["speed", "price", "staff"]
    assert roles(found)["exp_price"] == "expectation"
    assert [entry.column for entry in found.entries][:4] == ["ResponseId", "EndDate", "region", "wt"]
    assert found.expectation_kind == ""


def test_a_long_survey_names_its_columns():
    found = propose(profiled(columns("expected", "perceived"), resp=IDS, question=["q1", "q2"] * 21))
    assert found.layout == "long"
    assert found.patterns == {"expectation": "expected", "perception": "perceived"}
    assert found.rename == {"resp": "respondent_id", "question": "item"}


def test_two_matrices_leave_no_pattern_until_it_is_said_which_is_which():
    found = propose(profiled(columns(*(f"Q{question}_{item}" for question in (5, 6) for item in range(1, 5)))))
    assert (found.patterns, found.candidates) == ({}, {"expectation": "Q5_{item}", "perception": "Q6_{item}"})
    assert not set(roles(found).values()) & {"expectation", "perception"}
    assert sum("which was expected" in question for question in found.questions) == 1


def test_importance_and_satisfaction_are_no_gap():
    found = propose(profiled(columns(*(f"{rating}_{item}" for rating in ("imp", "sat") for item in ("speed", "price")))))
    assert {pair.expectation for pair in found.pairs} == {""}
    assert set(roles(found).values()) == {"importance", "perception"}
    assert found.importance_kind == "rating"


def test_expectations_without_perceptions_are_asked():
    found = propose(profiled(columns("expected_speed", "expected_price", "expected_staff")))
    assert not roles(found)
    assert len(found.questions) == 1


@pytest.mark.parametrize("names", [["exp_1", "exp_2", "exp_3"], ["E1", "E2", "E3"], ["exp_1", "exp_2", "imp_1", "imp_2"]])
def test_letters_without_a_partner_are_taken_for_nothing(names):
    """It may be experience, expenses or expiry."""
    found = propose(profiled(columns(*names)))
    assert {entry.role for entry in found.entries} == {"unknown"}
    assert not found.pairs


def test_a_flag_that_expectations_were_met_is_no_expectation():
    found = propose(profiled(columns("meets_expectations", texts=FIVE)))
    assert [outcome.kind for outcome in found.outcomes] == ["disconfirmation"]


def test_grids_of_several_touchpoints_are_told_apart_by_what_their_questions_name():
    expected, perceived = "What do you expect of our {}? [{}]", "How do you rate our {}? [{}]"
    cells = columns(
        *(text.format(place, item) for text in (expected, perceived) for place in ("shop", "website") for item in "AB")
    )
    found = propose(profiled(cells))
    assert [(pair.item, pair.touchpoint) for pair in found.pairs] == [
        ("shop A", "shop"),
        ("shop B", "shop"),
        ("website A", "website"),
        ("website B", "website"),
    ]
    assert all(pair.expectation == expected.format(pair.touchpoint, pair.item[-1]) for pair in found.pairs)
    assert all(pair.perception == perceived.format(pair.touchpoint, pair.item[-1]) for pair in found.pairs)
    assert {entry.touchpoint for entry in found.entries} == {"shop", "website"}


def test_grids_that_cannot_be_told_apart_are_asked():
    names = ["What do you expect of our shop? [A]", "What do you expect? [A]", "How do you rate us? [A]", "Rate our site [A]"]
    assert not propose(profiled(columns(*names))).pairs


def test_perceptions_that_say_so_are_taken_though_nothing_was_expected():
    names = [f"How do you rate our service? [{item}]" for item in ("Speed", "Price", "Staff")]
    found = propose(profiled(columns(*names)))
    assert [pair.perception for pair in found.pairs] == names
    assert {pair.expectation for pair in found.pairs} == {""}


def test_a_file_with_a_row_a_rating_is_asked_for_in_another_form():
    found = propose(profiled(columns("rating"), respondent_id=IDS, kind=["expectation", "perception"] * 21))
    assert found.layout == ""
    assert any("a column for each" in question for question in found.questions)


def test_what_is_asked_in_days_is_a_metric_and_no_pair():
    found = propose(profiled(columns(*RATED), columns("expected_days", "perceived_days")))
    (metric,) = found.metrics
    assert metric[:5] == ("time in days", "days", "lower", "expected_days", "perceived_days")
    assert len(found.pairs) == 3


def test_importance_of_dimensions_is_a_pattern():
    points = columns(*(f"importance_{name}" for name in ("tangibles", "reliability", "empathy")), texts=("20", "30", "50") * 14)
    found = propose(profiled(columns(*RATED), points))
    assert found.patterns["importance"] == "importance_{dimension}"
    assert found.importance_kind == "points"


@pytest.mark.parametrize(
    ("expected", "kind"),
    [
        ("An excellent bank should have it: {}", ""),  # desired, or a right
        ("A bank should have it: {}", "should"),
        ("So sollte eine Bank sein: {}", "should"),
        ("The level of service that I desire: {}", "desired"),
        ("Excellent banks will have, as you expect: {}", "desired"),
        ("What do you expect of it: {}", ""),
        ("Was erwarten Sie: {}", ""),
    ],
)
def test_the_kind_of_expectation_is_known_only_where_the_questions_say_it(expected, kind):
    asked = [(f"E{item}", expected.format(item)) for item in range(1, 5)]
    got = [(f"P{item}", f"What did you actually receive: {item}") for item in range(1, 5)]
    found = propose(profiled(columns(*asked, *got)))
    assert len(found.pairs) == 4
    assert found.expectation_kind == kind
    assert kind == "" or kind in EXPECTATION_TYPES
    assert bool(found.expectation_evidence) is bool(kind)


def test_outcomes_have_their_scale_or_a_question():
    five, eleven = column("overall_satisfaction", FIVE), column("recommend", ELEVEN)
    satisfied, recommended = propose(profiled(columns(*RATED), five, eleven)).outcomes
    assert (satisfied.kind, satisfied.low, satisfied.high, bool(satisfied.question)) == ("satisfaction", 1, 5, True)
    assert recommended[:5] == ("recommend", "recommend", "recommend", 0, 10)
    assert recommended.question == ""


def test_a_recommendation_from_one_to_five_is_no_net_promoter_question():
    assert propose(profiled(columns(*RATED), column("recommend_intention", FIVE))).outcomes == []


def test_a_grid_of_comparisons_gives_outcomes_of_different_names():
    names = [f"How well did we meet your expectations? [{item}]" for item in ("Speed", "Price")]
    found = propose(profiled(columns(*names)))
    assert len({outcome.name for outcome in found.outcomes}) == 2
    assert not found.pairs


def test_a_name_that_cxgap_knows_keeps_its_column():
    found = propose(profiled(columns(*RATED), respondent_id=IDS, id=IDS))
    assert found.rename == {}


def test_one_column_is_the_time_and_a_date_of_something_else_is_not():
    days = ["2026-03-01"] * 42
    found = propose(profiled(columns(*RATED), StartDate=days, RecordedDate=days, contract_begin=days))
    assert found.rename == {"RecordedDate": "at"}
    assert propose(profiled(columns(*RATED), contract_begin=days)).rename == {}


def test_codes_for_no_answer_come_with_their_evidence():
    found = propose(profiled(columns(*RATED, texts=(*SEVEN, "99", "99"))))
    assert found.missing == {"99": ""}
    assert "12 times in 6 columns" in found.missing_evidence["99"]


@pytest.mark.parametrize("name", ["imp", "importance", "wichtigkeit", "중요도", "重要度", "重要性"])
@pytest.mark.parametrize("beside", ["exp_{}", "act_{}", "sat_{}", "P{}"])
def test_importance_is_never_an_expectation_whatever_stands_beside_it(name, beside):
    items = range(1, 5)
    weighed = [f"{name}_{item}" for item in items]
    found = propose(profiled(columns(*weighed, *(beside.format(item) for item in items))))
    assert not any(entry.role == "expectation" for entry in found.entries if entry.column in weighed)
    assert not {pair.expectation for pair in found.pairs} & set(weighed)


def test_the_sample_study_is_proposed_as_its_study_file_has_it():
    found = propose(profile(SAMPLE / "responses.csv"))
    assert found.patterns == {
        "expectation": "e{item}",
        "perception": "p{item}",
        "adequate": "a{item}",
        "importance": "importance_{dimension}",
    }
    assert [pair.item for pair in found.pairs] == [f"{item:02}" for item in range(1, 23)]
    assert (found.missing, found.importance_kind, found.design) == ({"99": ""}, "points", {"weight": "weight"})
    judged = ("satisfaction", "recommend", "effort", "emotion")
    assert {(outcome.name, outcome.kind) for outcome in found.outcomes} == {(name, name) for name in judged}
    assert found.metrics[0].expected == "expected_days"
    assert (found.scale.low, found.scale.high) == (1, 7)
    assert found.rename == {}


@pytest.mark.parametrize("table", sorted(TABLES.keys() - {"promises"}))
def test_the_tables_of_the_sample_study_are_known(table):
    found = propose(profile(SAMPLE / f"{table}.csv"))
    assert (found.table, found.layout, found.rename, found.questions) == (table, "", {}, [])


def test_the_codebook_of_the_sample_study_is_known():
    assert propose(profile(SAMPLE / "items.csv")).table == "codebook"


def test_the_kiosk_survey_has_24_pairs_among_kano_and_importance_grids():
    found = of("c01_kiosk_paired/input.csv")
    assert found.patterns == {"expectation": "{item}_exp", "perception": "{item}_per"}
    assert len(found.pairs) == 24
    assert {pair.importance for pair in found.pairs} == {""}
    assert (found.scale.low, found.scale.high, bool(found.scale.question)) == (1, 7, True)
    assert found.rename == {"resp_id": "respondent_id"}
    assert {entry.role for entry in found.entries if entry.column.startswith("kano")} == {"unknown"}
    assert {entry.role for entry in found.entries if entry.column.startswith("ipa")} == {"unknown"}
    assert [outcome.name for outcome in found.outcomes] == ["overall_satisfaction"]
    codebook = of("c01_kiosk_paired/items.csv")
    assert (codebook.table, codebook.rename) == ("codebook", {"text_en": "label", "dimension_final_cfa": "dimension"})


def test_holes_do_not_hide_the_pairs():
    assert len(of("c26_missing_kiosk/input.csv").pairs) == 24


def test_a_survey_without_expectations_claims_none():
    found = of("c17_nps/input.csv")
    (outcome,) = found.outcomes
    assert (outcome.column, outcome.kind, outcome.low, outcome.high) == ("REC", "recommend", 0, 10)
    assert found.rename == {"date": "at"}
    assert not found.pairs
    segments = {entry.column for entry in found.entries if entry.role == "segment"}
    assert segments == {"BU", "PRODUCT", "Account", "Region"}
    assert not of("c17_nps/mobi.csv").pairs


@pytest.mark.parametrize("file", ["apiclus1", "apistrat"])
def test_the_design_of_the_school_survey_is_known(file):
    """Lumley (2004): pw are weights, stype strata, dnum districts, fpc the sizes of the population."""
    found = of(f"c07_survey_api/{file}.csv")
    assert found.design == {"weight": "pw", "stratum": "stype", "psu": "dnum", "population": "fpc"}
    assert not found.pairs


def test_churn_data_are_customers():
    found = of("c14_telco_survival/input.csv")
    assert (found.table, len(found.questions)) == ("customers", 2)


def test_powers_explicit_and_implicit_are_no_pair():
    assert not of("c13_rsa_motcon/input.csv").pairs


def test_every_entry_has_a_role_and_what_is_unsure_a_question():
    found = propose(profiled(columns(*RATED), columns("Q5_1", "Q5_2", "Q5_3", "Q6_1", "Q6_2", "Q6_3"), column("rec", FIVE)))
    assert {entry.role for entry in found.entries} <= set(ROLES)
    assert all(
        entry.question or entry.confidence >= THRESHOLD for entry in found.entries if entry.role in ("expectation", "outcome")
    )
    assert all(bool(pair.question) is (pair.confidence < THRESHOLD) for pair in found.pairs)


def test_confidence_falls_from_questions_to_place():
    order = ["wording and name", "wording", "letters in order", "abbreviation", "one of them", "position", "contradicted"]
    sure = [CONFIDENCE[evidence] for evidence in order]
    assert sure == sorted(sure, reverse=True)
    assert CONFIDENCE["abbreviation"] >= THRESHOLD > CONFIDENCE["one of them"]


def test_two_thousand_columns_take_a_second():
    wide = profiled(columns(*(f"{rating}{item}" for rating in "ep" for item in range(1000))))
    begun = time.process_time()
    assert len(propose(wide).pairs) == 1000
    assert time.process_time() - begun < 1.5
