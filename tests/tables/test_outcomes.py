"""Outcomes: one number a visit beside the ratings, on a scale of its own; a wrong one costs itself and nothing else."""

from __future__ import annotations

import pytest
from samples import sample
from study_files import AS_LONG

from cxgap.errors import ColumnError, StudyError

WIDE = """respondent_id,touchpoint,e1,p1,e2,p2,happy,recommend
R1,Buy,7,5,6,6,5,10
R1,Use,7,5,6,6,3,10
R2,Buy,6,6,5,4,,0
R3,Buy,5,4,4,4,99,12
R4,Buy,5,4,4,4,6.5,seven
"""
LONG = """respondent_id,touchpoint,item,expectation,perception,satisfaction
R1,Buy,1,7,5,
R1,Buy,2,6,6,5
R1,Use,1,7,5,4
R1,Use,2,7,5,3
R2,Buy,1,6,6,6
R2,Buy,2,,6,6.0
"""
HAPPY = {"kind": "satisfaction", "low": 1, "high": 7, "column": "happy"}
RECOMMEND = {"kind": "recommend", "low": 0, "high": 10}


@pytest.fixture
def survey(study):
    """Read a study with [outcomes], which are sections within a section."""

    def read(text: str = WIDE, responses: dict | None = None, items: dict | None = None, **outcomes):
        return study(text, responses=responses or {"missing": ["99"]}, items=items or {}, outcomes=outcomes)

    return read


def test_an_outcome_is_a_number_beside_every_answer_of_its_visit(survey):
    read = survey(happiness=HAPPY, recommend=RECOMMEND)
    assert read.responses["happy"].fillna(-1).tolist() == [5, 5, 3, 3, -1, -1, -1, -1, -1, -1]
    assert read.responses["recommend"].fillna(-1).tolist() == [10] * 4 + [0] * 2 + [-1] * 4


def test_one_off_its_scale_costs_itself_alone_and_is_named_with_row_and_reason(survey):
    read = survey(happiness=HAPPY, recommend=RECOMMEND)
    assert read.rejects[["row", "column", "value", "reason", "answers"]].to_numpy().tolist() == [
        [5, "recommend", "12", "out_of_scale", 0],
        [6, "happy", "6.5", "off_step", 0],
        [6, "recommend", "seven", "not_a_number", 0],
    ]
    assert dict(read.rows) == {"read": 10, "left_out": 0, "in": 10, "used": 10, "incomplete": 0, "rejected": 0}


def test_a_step_of_none_lets_any_number_stand(survey):
    read = survey(happiness={**HAPPY, "step": 0}, recommend=RECOMMEND)
    assert read.responses["happy"].tolist()[-2:] == [6.5, 6.5]


def test_the_table_of_outcomes_says_what_was_declared(survey):
    effort = {"kind": "effort", "low": 1, "high": 7, "better": "low", "column": "happy"}
    table = survey(ease=effort, recommend={**RECOMMEND, "of": "journey"}).outcomes
    assert table.columns.tolist() == ["name", "column", "kind", "low", "high", "better", "of"]
    assert table.to_numpy().tolist() == [
        ["ease", "happy", "effort", 1, 7, "low", "visit"],
        ["recommend", "recommend", "recommend", 0, 10, None, "journey"],
    ]


@pytest.mark.parametrize(
    ("outcomes", "keyword"),
    [
        ({"recommend": RECOMMEND, "happiness": HAPPY}, {"outcome": "happy"}),
        ({"recommend": RECOMMEND}, {"outcome": "recommend"}),
        ({"happy": {"kind": "effort", "low": 1, "high": 7, "better": "high"}}, {}),
        ({}, {}),
    ],
)
def test_satisfaction_is_the_overall_judgement_and_else_the_will_to_recommend(survey, outcomes, keyword):
    assert dict(survey(**outcomes).outcome) == keyword


def test_without_a_declaration_the_column_stays_text_and_no_answer_changes(survey):
    plain, read = survey(), survey(happiness=HAPPY, recommend=RECOMMEND)
    assert plain.responses["happy"].fillna("").tolist()[:4] == ["5", "5", "3", "3"]
    pair = ["respondent_id", "item", "expectation", "perception"]
    assert plain.responses[pair].equals(read.responses[pair])
    assert len(plain.outcomes) == 0


def test_in_a_long_file_it_may_stand_once_a_visit_and_two_that_differ_are_both_refused(survey):
    read = survey(LONG, AS_LONG, satisfaction={"kind": "satisfaction", "low": 1, "high": 7})
    assert read.responses["satisfaction"].fillna(-1).tolist() == [5, 5, -1, -1, 6, 6]
    assert read.rejects[["row", "column", "reason", "answers"]].to_numpy().tolist() == [
        [4, "satisfaction", "several_outcomes", 0],
        [5, "satisfaction", "several_outcomes", 0],
    ]
    assert (read.rows["used"], read.rows["incomplete"], read.rows["rejected"]) == (5, 1, 0)


def test_the_rows_of_a_long_file_may_come_in_any_order(survey):
    head, *rows = LONG.splitlines(keepends=True)
    satisfaction = {"kind": "satisfaction", "low": 1, "high": 7}
    keys = ["respondent_id", "touchpoint", "item"]
    first = survey(LONG, AS_LONG, satisfaction=satisfaction).responses.sort_values(keys)["satisfaction"]
    turned = survey(head + "".join(rows[::-1]), AS_LONG, satisfaction=satisfaction).responses.sort_values(keys)["satisfaction"]
    assert first.fillna(-1).tolist() == turned.fillna(-1).tolist()


def test_an_outcome_whose_name_fits_a_pattern_is_no_rating(study):
    """`effort` fits "e{item}"; without the declaration it would be looked for as a pair."""
    text = WIDE.replace("happy", "effort")
    read = study(text, outcomes={"effort": {"kind": "effort", "low": 1, "high": 7, "better": "high"}})
    assert not [issue for issue in read.issues if issue["check"] == "unpaired_column"]
    assert [issue["column"] for issue in study(text).issues if issue["check"] == "unpaired_column"] == ["effort"]


@pytest.mark.parametrize(
    ("outcomes", "error", "words"),
    [
        ({"joy": {**HAPPY, "column": "joy"}}, ColumnError, "`responses` must have a column 'joy'"),
        ({"joy": {"kind": "satisfaction", "low": 1, "high": 7, "column": "p1"}}, StudyError, "'p1' holds ratings of an item"),
        ({"joy": {**HAPPY, "column": "touchpoint"}}, StudyError, "'touchpoint' is a name that cxgap gives"),
        ({"joy": HAPPY, "again": HAPPY}, StudyError, '[outcomes."again"] must name a column of its own'),
        ({"joy": {"kind": "effort", "low": 1, "high": 7}}, StudyError, '`outcomes.joy` must have better = "high" or "low"'),
        ({"joy": {**HAPPY, "better": "high"}}, StudyError, "must not have `better`"),
        ({"joy": {**RECOMMEND, "high": 7}}, StudyError, "must have low = 0 and high = 10"),
        ({"joy": {"low": 1, "high": 7}}, StudyError, "`outcomes.joy` must have a kind, such as"),
        ({"joy": {"kind": "satisfaction", "low": 1}}, StudyError, "`outcomes.joy` must have a high, such as high = 7"),
        ({"joy": {**HAPPY, "low": 9}}, StudyError, "must have low below high"),
        ({"joy": {**HAPPY, "kind": "satisfied"}}, StudyError, "Did you mean 'satisfaction'?"),
        ({"joy": {**HAPPY, "colum": "happy"}}, StudyError, "has no key 'colum'; it has ['better', 'column'"),
    ],
)
def test_what_an_outcome_cannot_be_is_said(survey, outcomes, error, words):
    with pytest.raises(error) as caught:
        survey(items={"1": {}, "2": {}}, **outcomes)
    assert words in str(caught.value)


def test_the_sample_declares_satisfaction_and_recommendation():
    read = sample()
    assert read.outcomes[["name", "kind", "low", "high"]].to_numpy().tolist() == [
        ["satisfaction", "satisfaction", 1, 7],
        ["recommend", "recommend", 0, 10],
        ["effort", "effort", 1, 7],
        ["emotion", "emotion", 1, 7],
    ]
    judged = read.outcomes["column"].tolist()
    assert not read.rejects["column"].isin(judged).any()
    per_visit = read.responses.groupby(["respondent_id", "touchpoint", "wave"], observed=True)[judged]
    assert (per_visit.nunique() <= 1).all().all()
    of_the_journey = read.outcomes.loc[read.outcomes["of"] == "journey", "column"].tolist()
    assert of_the_journey == ["recommend"]
    assert (read.responses.groupby("respondent_id")[of_the_journey].nunique() <= 1).all().all()


def column(*answers: str, name: str = "happy") -> str:
    """Write a wide file of two items, and beside them a column of these answers."""
    rows = [f"R{who},Buy,7,5,6,6,{answer}" for who, answer in enumerate(answers)]
    return "\n".join([f"respondent_id,touchpoint,e1,p1,e2,p2,{name}", *rows]) + "\n"


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        (["bad", "fine", "great"] * 4, '[outcomes."happiness"] set labels = { "bad" = ..., "fine" = ..., "great" = ... }'),
        (["5"] * 8 + ["bad"] * 3, "3 of 11 answers cannot be read, such as 'bad'; it holds labels"),
        (
            ["10", "60"] * 6,
            'from 10 to 60, and the scale is declared as 1 to 7; correct [outcomes."happiness"], or declare a code',
        ),
        (["5.5", "4"] * 6, 'set `step` under [outcomes."happiness"]'),
        (['"5,0"', '"4,0"'] * 6, 'set decimal = "," under [responses]'),
    ],
)
def test_a_column_of_which_more_than_a_fifth_is_refused_is_misread_as_a_whole(survey, answers, words):
    """docs/policy.md: labels, a scale and a decimal mark that are not declared stop the reading."""
    with pytest.raises(StudyError) as caught:
        survey(column(*answers), happiness=HAPPY)
    (line,) = str(caught.value).splitlines()
    row = 2 + next(place for place, answer in enumerate(answers) if answer not in ("4", "5"))
    assert line.startswith(f"responses.csv, row {row}, column 'happy': ")
    assert words in line


def test_a_fifth_of_a_column_or_fewer_than_ten_answers_cost_themselves(survey):
    for answers in (["5"] * 8 + ["bad"] * 2, ["bad"] * 4 + ["5"] * 5):
        read = survey(column(*answers), happiness=HAPPY)
        assert set(read.rejects["reason"]) == {"not_a_number"}
        assert len(read.rejects) == answers.count("bad")
        assert read.rows["used"] == 2 * len(answers)


def test_a_row_counts_once_however_many_answers_it_has(survey):
    """Nine rows are too few to judge a column by, though they have eighteen answers."""
    assert len(survey(column(*["bad"] * 8, "5"), happiness=HAPPY).rejects) == 8


def test_where_nothing_was_rated_no_item_is_in_the_codebook(study):
    text = "respondent_id,touchpoint,recommend\n" + "".join(f"R{n},Buy,{n}\n" for n in range(9))
    read = study(text, responses={"expectation": "", "perception": ""}, outcomes={"recommend": RECOMMEND})
    assert read.codebook[["item", "role"]].to_numpy().tolist() == [["recommend", "outcome"]]
