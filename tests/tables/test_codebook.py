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


FULL = """item;wording;wording_de;wording_ko;dimension;label;retained;reversed;negative;changed;missing;first_wave;last_wave;\
low;high;step;labels
1;Easy to use;Leicht zu bedienen;쓰기 쉽다;ease;It is easy;;;;"W2; W3";97 = refused;;;;;;
2;I had to wait;Ich musste warten;기다려야 했다;speed;It is quick;no;yes;yes;;;W2;W3;0;10;0,5;"never = 0; always = 10"
"""
WAVES = {"waves": ["W1", "W2", "W3"]}


def in_waves(text: str = WIDE) -> str:
    """Return the survey in which every third respondent is of the first, second and third wave."""
    return text.replace("region", "wave").replace("NA", "W1").replace("007", "W2").replace("north", "W3")


def test_a_codebook_file_says_all_that_the_study_file_can(study):
    survey = in_waves().replace("7,5,6,6", "7,97,,").replace("7,6,7,5", "7,6,,")
    filed = {"codebook": {"file": "items.csv", "decimal": ","}}
    items = {
        "1": {
            "wording": {"": "Easy to use", "de": "Leicht zu bedienen", "ko": "쓰기 쉽다"},
            **{"dimension": "ease", "label": "It is easy", "missing": {"97": "refused"}, "changed": ["W2", "W3"]},
        },
        "2": {
            "wording": {"": "I had to wait", "de": "Ich musste warten", "ko": "기다려야 했다"},
            **{"dimension": "speed", "label": "It is quick", "retained": False, "reversed": True, "negative": True},
            **{"low": 0, "high": 10, "step": 0.5, "labels": {"never": 0, "always": 10}, "first_wave": "W2", "last_wave": "W3"},
        },
    }
    read = study(survey, {"items.csv": FULL}, study=WAVES, **filed)
    said = study(survey, study=WAVES, items=items)
    assert read.codebook.equals(said.codebook)
    assert read.responses.equals(said.responses)
    assert read.issues.records() == said.issues.records()


def test_the_codebook_of_a_study_has_a_row_for_every_question(study):
    survey = WIDE.replace("region", "joy,days").replace(",NA,", ",6,3,").replace(",007,", ",5,2,").replace(",north,", ",4,1,")
    read = study(
        survey,
        study={"touchpoints": ["Buy", "Use"]},
        scale={"labels": {"Not at all": 1, "Rather": 5, "Fully": 7}},
        responses={"missing": {"98": "don't know", "99": ""}},
        items={"1": {"wording": {"de": "Leicht"}, "changed": []}, "2": {"low": 0, "high": 10, "reversed": True}},
        outcomes={"joy": {"kind": "satisfaction", "low": 1, "high": 7}},
        metrics={"time": {"touchpoint": "Use", "unit": "days", "direction": "lower", "perceived": "days"}},
    )
    columns = ["item", "role", "wording_de", "perception", "low", "high", "anchors", "direction", "reversed", "missing"]
    assert read.codebook[columns].fillna(-1).to_numpy().tolist() == [
        ["1", "item", "Leicht", "p1", 1, 7, "1 = Not at all ... 7 = Fully", "higher", False, "98 = don't know; 99"],
        ["2", "item", "", "p2", 0, 10, "1 = Not at all ... 7 = Fully", "higher", True, "98 = don't know; 99"],
        ["joy", "outcome", "", "joy", 1, 7, "", "higher", False, "98 = don't know; 99"],
        ["time", "metric", "", "days", -1, -1, "", "lower", False, "98 = don't know; 99"],
    ]
    assert read.codebook["expectation_type"].tolist() == ["should", "should", "", ""]
    assert read.codebook["retained"].tolist() == [True] * 4


def test_without_a_codebook_the_questions_are_those_of_the_survey(study):
    for text, about in ((WIDE, {}), (LONG, AS_LONG)):
        assert study(text, responses=about).codebook["item"].tolist() == ["1", "2"]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("no,yes,yes", "perhaps,yes,yes", "items.csv, row 3: retained must be yes or no, not 'perhaps'."),
        (",0,10,", ",zero,10,", "items.csv, row 3: low must be a number, not 'zero'."),
        (",0.5,", ",-1,", "items.csv, row 3: `step` must be greater than or equal to 0."),
        (",W2,W3,", ",W9,W3,", "item '2': `first_wave` 'W9' must be one of ['W1', 'W2', 'W3']."),
        (",W2,W3,", ",W3,W2,", "item '2': `first_wave` 'W3' must not come after `last_wave` 'W2'."),
        (",W2,W3,", ",W2,W3,W2", "item '2': `changed` 'W2' must come after its first, 'W2', and not after its last."),
    ],
)
def test_what_cannot_be_in_a_codebook_is_refused_with_its_row(study, old, new, words):
    book = (
        "item,retained,reversed,negative,low,high,step,first_wave,last_wave,changed\n1,,,,,,,,,\n2,no,yes,yes,0,10,0.5,W2,W3,\n"
    )
    with pytest.raises(StudyError) as caught:
        with_book(study, book.replace(old, new), in_waves(), study=WAVES)
    assert words in str(caught.value)


def test_every_fault_of_a_codebook_is_a_line(study):
    with pytest.raises(StudyError) as caught:
        with_book(study, "item,retained,low\n1,maybe,x\n1,,1\n,,y\n")
    assert len(str(caught.value).splitlines()) == 5


def test_waves_of_items_need_waves_of_the_study_and_of_the_answers(study):
    items = {"1": {"first_wave": "W2"}, "2": {}}
    with pytest.raises(StudyError, match=r"item '1' has `first_wave`, and \[study\] must declare the `waves`"):
        study(in_waves(), items=items)
    with pytest.raises(StudyError, match="must have a column `wave`"):
        study(items=items, study=WAVES)


@pytest.mark.parametrize("layout", ["wide", "long"])
def test_a_question_that_was_not_asked_in_a_wave_is_not_missing_there(study, layout):
    """Policy: incomplete is a legitimate non-answer; what nobody was asked is none."""
    survey = in_waves().replace("7,5,6,6", "7,5,,99").replace("7,6,7,5", "7,6,NA,")
    about = {"missing": [99]}
    if layout == "long":
        survey = (
            in_waves(LONG)
            .replace("W1,2026-03-01,2,6,6", "W1,2026-03-01,2,,99")
            .replace("W1,2026-03-04,2,7,5", "W1,2026-03-04,2,NA,")
        )
        about |= AS_LONG
    items = {"1": {}, "2": {"first_wave": "W2"}}
    read = study(survey, items=items, study=WAVES, responses=about)
    assert (read.rows["in"], read.rows["used"], read.rows["incomplete"]) == (10, 10, 0)
    assert not {"many_missing", "no_answer", "unasked_wave"} & {issue["check"] for issue in read.issues}
    asked = study(survey, items={"1": {}, "2": {}}, study=WAVES, responses=about)
    assert (asked.rows["in"], asked.rows["used"], asked.rows["incomplete"]) == (12, 10, 2)
    assert {"many_missing", "no_answer"} <= {issue["check"] for issue in asked.issues}


def test_an_answer_in_a_wave_in_which_it_was_not_asked_is_used_and_said(study):
    read = study(in_waves(), items={"1": {}, "2": {"first_wave": "W2"}}, study=WAVES)
    assert read.rows["used"] == 12
    (said,) = [issue for issue in read.issues if issue["check"] == "unasked_wave"]
    assert (said["column"], said["rows"]) == ("item 2", 2)


def test_a_change_is_said_where_answers_stand_on_both_sides_of_it(study):
    items = {"1": {"changed": ["W2", "W3"]}, "2": {}}
    said = [issue["column"] for issue in study(in_waves(), items=items, study=WAVES).issues if issue["check"] == "item_changed"]
    assert said == ["item 1, wave W2", "item 1, wave W3"]
    one = study(in_waves(), items=items, study=WAVES, where={"wave": ["W1", "W2"]})
    assert [issue["column"] for issue in one.issues if issue["check"] == "item_changed"] == ["item 1, wave W2"]


@pytest.mark.parametrize("layout", ["wide", "long"])
def test_a_code_of_one_item_is_no_code_of_another(study, layout):
    text, about = (WIDE, {}) if layout == "wide" else (LONG, AS_LONG)
    survey = (
        text.replace("7,5,6,6", "7,0,6,0") if layout == "wide" else text.replace(",1,7,5", ",1,7,0").replace(",2,6,6", ",2,6,0")
    )
    read = study(survey, responses=about, items={"1": {"missing": {"0": "not applicable"}}, "2": {}})
    assert read.rejects[["row", "reason"]].to_numpy().tolist() == [[2 if layout == "wide" else 3, "out_of_scale"]]
    (said,) = [issue for issue in read.issues if issue["check"] == "no_answer"]
    assert (said["value"], said["rows"]) == ("not applicable", 1)


def test_a_code_means_what_the_study_file_says_and_is_counted_by_it(study):
    survey = WIDE.replace("7,5,6,6", "98,99,99.0,6").replace("6,6,5,4", "6,6,Refused ,4")
    read = study(survey, responses={"missing": {"98": "don't know", "99": "not applicable", "refused": ""}})
    said = [(issue["value"], issue["rows"], issue["column"]) for issue in read.issues if issue["check"] == "no_answer"]
    assert said == [("not applicable", 2, "p1, e2"), ("don't know", 1, "e1"), ("refused", 1, "e2")]
    assert (read.rows["incomplete"], read.rows["rejected"]) == (3, 0)


def test_codes_of_answers_that_are_left_out_or_refused_are_not_counted(study):
    survey = WIDE.replace("7,5,6,6", "99,77,6,6").replace("6,6,5,4", "6,99,5,4")
    read = study(survey, responses={"missing": [99]}, where={"touchpoint": "Buy"})
    assert [issue["rows"] for issue in read.issues if issue["check"] == "no_answer"] == [1]
    assert not [
        issue
        for issue in study(survey, responses={"missing": [99]}, where={"touchpoint": "Use"}).issues
        if issue["check"] == "no_answer"
    ]
