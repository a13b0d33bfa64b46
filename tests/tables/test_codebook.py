"""Items are declared once, and what the codebook says is what the answers carry."""

from __future__ import annotations

import pytest
from study_files import AS_LONG, LONG, WIDE

from cxgap.errors import ColumnError, StudyError

BOOK = """item,dimension,label,retained,reversed
2,speed,It is quick,yes,
1,ease,It is easy,,no
"""
FILED = {"codebook": {"file": "items.csv"}}


def with_book(study, /, book: str = BOOK, survey: str = WIDE, **sections):
    return study(survey, {"items.csv": book}, **FILED, **sections)


def test_dimension_label_and_order_come_from_the_codebook(study):
    answers = with_book(study).responses
    assert answers["item"].cat.categories.tolist() == ["2", "1"]
    assert answers["dimension"].cat.categories.tolist() == ["speed", "ease"]
    assert answers[["item", "dimension", "question"]].drop_duplicates().to_numpy().tolist() == [
        ["2", "speed", "It is quick"],
        ["1", "ease", "It is easy"],
    ]


def test_a_codebook_in_the_study_file_says_the_same(study):
    items = {"2": {"dimension": "speed", "label": "It is quick"}, "1": {"dimension": "ease", "label": "It is easy"}}
    assert study(items=items).responses.equals(with_book(study).responses)


def test_the_codebook_is_one_of_the_files(study):
    assert [(file["table"], file["file"], file["rows"]) for file in with_book(study).files] == [
        ("responses", "responses.csv", 6),
        ("codebook", "items.csv", 2),
    ]


def test_without_a_codebook_an_item_is_its_own_question_of_one_dimension(study):
    answers = study().responses
    assert (answers["question"].astype(str) == answers["item"].astype(str)).all()
    assert answers["dimension"].unique().tolist() == ["all items"]
    assert answers["retained"].all()


def test_retained_false_is_carried_to_every_answer(study):
    answers = with_book(study, BOOK.replace("quick,yes", "quick,no")).responses
    assert answers.groupby("item", observed=True)["retained"].unique().map(list).to_dict() == {"2": [False], "1": [True]}


def test_a_reversed_item_is_turned_on_both_ratings(study):
    plain = study().responses
    turned = study(items={"1": {"reversed": True}, "2": {}}).responses
    for rating in ("expectation", "perception"):
        first = plain["item"] == "1"
        assert turned[rating].tolist() == plain[rating].where(~first, 8 - plain[rating]).tolist()


@pytest.mark.parametrize(
    ("book", "words"),
    [
        (BOOK + "2,speed,again,,\n", "items.csv, row 4: an item must have a name and one row, and '2' has one before."),
        (BOOK + " ,speed,again,,\n", "items.csv, row 4: an item must have a name and one row, and the item has no name."),
        (BOOK.replace("quick,yes", "quick,perhaps"), "items.csv, row 2: retained must be yes or no, not 'perhaps'."),
        (BOOK + "3,speed\n", "items.csv, row 4: the row has fewer fields than the header"),
        (BOOK + "3,speed,It, well, is,,\n", "items.csv, row 4: the row has more fields than the header"),
    ],
)
def test_a_codebook_that_contradicts_itself_is_refused_with_the_row(study, book, words):
    with pytest.raises(StudyError) as caught:
        with_book(study, book)
    assert words in str(caught.value)


def test_items_are_declared_in_one_place(study):
    with pytest.raises(StudyError, match=r"declared once, under \[items\] or in the file of \[codebook\], and both are given"):
        with_book(study, items={"1": {}})


def test_a_codebook_without_items_is_no_codebook(study):
    with pytest.raises(ColumnError, match=r"`codebook` must have a column 'item'.* If 'itm' holds it"):
        with_book(study, BOOK.replace("item", "itm"))


def test_an_item_may_name_its_own_columns(study):
    survey = WIDE.replace("e1,p1", "Q5_1,Q6_1")
    read = study(survey, items={"1": {"expectation": "Q5_1", "perception": "Q6_1"}, "2": {}})
    assert read.responses["expectation"].tolist() == study().responses["expectation"].tolist()


@pytest.mark.parametrize(
    ("patterns", "words"),
    [
        ({"expectation": "e1", "perception": "p1"}, "must be patterns, with {item} for the item"),
        ({"expectation": "expected_{item}", "perception": "perceived_{item}"}, "fit no pair of the columns of responses.csv"),
        ({"expectation": "e{item}", "perception": "p1"}, "must be patterns, with {item} for the item"),
        ({"expectation": "{dimension}_{item}", "perception": "p{item}"}, "fit no pair"),
    ],
)
def test_patterns_without_items_say_what_they_must_be(study, patterns, words):
    with pytest.raises(StudyError) as caught:
        study(responses=patterns)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    "patterns", [{"expectation": "e1", "perception": "p{item}"}, {"expectation": "e{item}", "perception": "p1"}]
)
def test_a_pattern_that_leads_two_items_to_one_column_is_refused(study, patterns):
    with pytest.raises(StudyError, match=r"must lead to a column each for every item.* is met twice"):
        study(responses=patterns, items={"1": {}, "2": {}})


def test_patterns_are_not_for_long_files(study):
    with pytest.raises(StudyError, match=r'patterns with \{item\} are for layout = "wide"'):
        study(LONG, responses={"layout": "long"})


def test_one_column_cannot_be_both_ratings(study):
    with pytest.raises(StudyError, match="'expectation' is met twice"):
        study(LONG, responses={**AS_LONG, "perception": "expectation"})


def test_a_column_that_only_looks_like_a_rating_is_no_item_and_is_reported(study):
    read = study(WIDE.replace("region", "email"))
    assert read.responses["item"].cat.categories.tolist() == ["1", "2"]
    assert [issue["column"] for issue in read.issues if issue["check"] == "unpaired_column"] == ["email"]


def test_a_question_that_the_codebook_does_not_know_stops_the_reading(study):
    """Leaving its answers out would lose them without a word."""
    with pytest.raises(StudyError, match=r"every item .* must be in the codebook; the columns \['e1'\] fit the pattern"):
        study(items={"2": {}})


def test_a_question_is_left_out_of_scores_by_saying_so(study):
    read = study(items={"1": {"retained": False}, "2": {}})
    assert read.responses.groupby("item", observed=True)["retained"].first().tolist() == [False, True]


def test_items_found_in_the_file_keep_its_order(study):
    survey = WIDE.replace("e1,p1,e2,p2", "e10,p10,e9,p9")
    assert study(survey).responses["item"].cat.categories.tolist() == ["10", "9"]


@pytest.mark.parametrize("name", ["touchpoint", "dimension"])
def test_what_the_codebook_says_of_an_item_may_not_be_said_otherwise_in_the_file(study, name):
    survey = WIDE if name == "touchpoint" else WIDE.replace("region", "dimension")
    with pytest.raises(StudyError, match=f"row 2: the {name} of item '1' is .*, and the codebook says 'Other'"):
        study(survey, items={"1": {name: "Other"}, "2": {name: "Other"}})


def test_the_touchpoint_of_an_item_may_come_from_the_codebook(study):
    survey = WIDE.replace("touchpoint", "place")
    answers = study(survey, items={"1": {"touchpoint": "Use"}, "2": {"touchpoint": "Buy"}}).responses
    assert answers.groupby("item", observed=True)["touchpoint"].unique().map(list).to_dict() == {"1": ["Use"], "2": ["Buy"]}


def test_where_one_item_has_a_touchpoint_all_must(study):
    with pytest.raises(StudyError, match="every item must have a touchpoint where any has; the codebook gives none to '2'"):
        study(WIDE.replace("touchpoint", "place"), items={"1": {"touchpoint": "Use"}, "2": {}})


def test_a_survey_of_one_touchpoint_says_so_once(study):
    assert study(WIDE.replace("touchpoint", "place"), responses={"touchpoint": "Kiosk"}).responses["touchpoint"].unique() == [
        "Kiosk"
    ]
    with pytest.raises(StudyError, match="the touchpoint must be given once"):
        study(responses={"touchpoint": "Kiosk"})


def test_a_survey_without_a_touchpoint_is_asked_for_one(study):
    with pytest.raises(StudyError, match=r"the touchpoint of every answer must be known: .*none is given"):
        study(WIDE.replace("touchpoint", "place"))


def test_a_long_file_with_declared_items_needs_to_name_them(study):
    with pytest.raises(ColumnError, match="must have a column 'item'"):
        study(LONG.replace("item", "question_no"), responses=AS_LONG, items={"1": {}})


def test_a_long_file_may_have_no_items_at_all(study):
    text = "respondent_id,touchpoint,expectation,perception\nR1,Buy,7,6\nR2,Buy,5,6\n"
    answers = study(text, responses=AS_LONG).responses
    assert answers.columns.tolist() == ["respondent_id", "touchpoint", "dimension", "expectation", "perception"]
