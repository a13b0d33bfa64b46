"""The scale and the codes for no answer are said by the file, or asked: the extremes of the data are never the scale."""

from __future__ import annotations

import pytest
from profiled import FIVE, SEVEN, column, columns

from cxgap.inspection.answers import core_of, rated
from cxgap.inspection.missing import propose_missing
from cxgap.inspection.proposed import THRESHOLD
from cxgap.inspection.scales import propose_scale, scale_said

AGREE = ("Strongly disagree", "Disagree", "Neutral", "Agree", "Strongly agree") * 4
LABELLED = {"1": "Strongly disagree", "7": "Strongly agree"}


def several(texts, count=4, **said):
    """Columns of the same answers."""
    return [column(f"e{place}", texts, place, **said) for place in range(count)]


@pytest.mark.parametrize("texts", [SEVEN, FIVE, tuple("0123456789"), ("1", "2", "3"), ("20", "60", "100")])
def test_without_a_codebook_the_scale_is_asked_and_the_extremes_are_shown(texts):
    scale = propose_scale(several(texts))
    low, high = min(map(int, texts)), max(map(int, texts))
    assert (scale.low, scale.high) == (low, high)
    assert f"The lowest and the highest in use are {low} and {high}" in scale.question
    assert scale.confidence < THRESHOLD


def test_labels_of_the_codebook_are_the_scale_though_nobody_chose_its_ends():
    scale = propose_scale(several(tuple("3456") * 9, labels=LABELLED))
    assert (scale.low, scale.high, scale.question) == (1, 7, "")
    assert scale.confidence >= THRESHOLD


def test_a_label_for_no_answer_is_no_end_of_the_scale():
    cells = several((*SEVEN, "99", "99"), labels={**LABELLED, "99": "Not applicable"})
    scale = propose_scale(cells)
    assert (scale.high, scale.question) == (7, "")
    assert propose_missing(cells, scale).codes == {"99": "not applicable"}


def test_user_missing_values_keep_their_reasons():
    """SPSS keeps refused, not applicable and don't know apart."""
    cells = several((*SEVEN, "98", "97"), labels=LABELLED, reasons={"98": "Refused", "97": "Verweigert am Telefon"})
    assert propose_missing(cells, propose_scale(cells)).codes == {"98": "refused", "97": "Verweigert am Telefon"}


def test_answers_outside_the_labels_are_asked():
    assert "outside the labels" in propose_scale(several((*SEVEN, "8", "8", "8"), labels=LABELLED)).question


def test_a_codebook_whose_first_code_is_the_best_is_asked():
    scale = propose_scale(several(FIVE, labels={"1": "sehr gut", "5": "sehr schlecht"}))
    assert "turned" in scale.question


def test_words_are_numbered_in_their_order():
    scale = propose_scale(several(AGREE))
    assert (scale.low, scale.high, scale.question) == (1, 5, "")
    assert dict(scale.labels)["Neutral"] == 3


def test_words_of_all_columns_say_the_scale_together():
    halves = [column("e1", AGREE[:2] * 9), column("p1", AGREE[2:5] * 9)]
    assert propose_scale(halves).labels == propose_scale(several(AGREE)).labels


@pytest.mark.parametrize(
    ("texts", "asked"),
    [
        (("superb", "meh", "dire") * 9, "what numbers do the answers"),
        (("Agree", "Strongly agree") * 9, "the others were never chosen"),
        (("1 (sehr gut)", "2", "3", "6 (ungenügend)") * 9, "turned"),
        (("Stronly agree", *AGREE[:4]) * 4, "was taken for"),
    ],
)
def test_words_that_are_not_known_beyond_doubt_are_asked(texts, asked):
    scale = propose_scale(several(texts))
    assert asked in scale.question
    assert scale.confidence < THRESHOLD


def test_words_whose_number_is_not_settled_are_asked_one_by_one():
    often = propose_scale(several(("superb", "meh", "superb", "dire") * 9))  # how often is no order of merit
    assert often.unsettled == ["dire", "meh", "superb"]
    assert "in the order of the alphabet" in often.question
    assert propose_scale(several(("Strongly agree", "Agree") * 9)).unsettled == ["Agree", "Strongly agree"]
    mixed = propose_scale([*several(AGREE), column("p1", (*AGREE[:3], "superb") * 9)])
    assert (mixed.unsettled, mixed.labels["Neutral"]) == (["superb"], 3)


def test_scales_that_are_settled_ask_for_no_word():
    assert not propose_scale(several(AGREE)).unsettled


@pytest.mark.parametrize(
    ("wording", "ends"),
    [
        ("On a scale from 1 to 7, what do you expect?", (1, 7)),
        ("Bitte bewerten Sie von 0 bis 10", (0, 10)),
        ("Notez de 1 à 5", (1, 5)),
        ("Califique de 1 a 5", (1, 5)),
        ("1점~7점", (1, 7)),
        ("(1 = strongly disagree, 7 = strongly agree)", (1, 7)),
        ("-3 to 3", (-3, 3)),
        ("Question 5 to 6 of 22", None),
        ("Delivery within 2-3 days", None),
        ("Is it 1 to 2 km away?", None),
    ],
)
def test_a_question_may_name_the_ends(wording, ends):
    assert scale_said(wording) == ends


def test_questions_that_name_the_ends_settle_the_scale():
    scale = propose_scale([column("e1", tuple("345") * 9, wording="From 1 to 7, what do you expect?")])
    assert (scale.low, scale.high, scale.question) == (1, 7, "")


def test_two_scales_are_noticed():
    longer = [column(f"p{place}", tuple("0123456789") * 4) for place in range(2)]
    assert "e0 goes no higher than 5: is it on another scale?" in propose_scale([*several(FIVE, 2), *longer]).question


# answers beside 1 to 7 or 1 to 5, and what they are taken for
CODES = [
    (SEVEN, ["99"] * 3, {"99": ""}),
    (SEVEN, ["97", "98", "99"] * 2, {"97": "", "98": "", "99": ""}),
    (SEVEN, ["-1"] * 3, {"-1": ""}),
    (SEVEN, ["-9", "-99"] * 2, {"-9": "", "-99": ""}),
    (FIVE, ["999"] * 3, {"999": ""}),
    (SEVEN, ["N/A", "n/a", "NA"], {}),  # always no answer in a rating
    (SEVEN, ["Don’t know"] * 3, {"Don’t know": "don't know"}),
    (SEVEN, [".", "-", "x"], {".": "", "-": "", "x": ""}),
    (SEVEN, ["keine Angabe"] * 3, {"keine Angabe": "no answer"}),
    (SEVEN, ["ne sais pas"] * 3, {"ne sais pas": "don't know"}),
    (SEVEN, ["no sabe"] * 3, {"no sabe": "don't know"}),
    (SEVEN, ["해당 없음"] * 3, {"해당 없음": "not applicable"}),
    (SEVEN, ["わからない"] * 3, {"わからない": "don't know"}),
    (SEVEN * 40, ["77"], {}),  # a key held too long
]


@pytest.mark.parametrize(("texts", "more", "codes"), CODES)
def test_codes_for_no_answer_lie_far_from_the_scale_or_say_so(texts, more, codes):
    cells = several((*texts, *more))
    found = propose_missing(cells, propose_scale(cells))
    assert found.codes == codes
    assert not found.questions
    assert all(found.evidence[code] for code in codes)


@pytest.mark.parametrize(
    ("texts", "more", "asked"),
    [
        (FIVE, ["0"] * 5, "0 lies beside a scale from 1 to 5"),
        (SEVEN, ["0"] * 5, "0 lies beside a scale from 1 to 7"),
        (FIVE, ["6"] * 5, "6 lies beside a scale from 1 to 5"),
        (SEVEN, ["8"] * 5, "8 lies beside a scale from 1 to 7"),
        (FIVE, ["8"] * 5, "8 stands 20 times in 4 columns"),
        (SEVEN, ["maybe"], "'maybe' stands 4 times in 4 columns of numbers"),
    ],
)
def test_codes_that_lie_beside_the_scale_are_asked(texts, more, asked):
    cells = several((*texts, *more))
    found = propose_missing(cells, propose_scale(cells))
    assert not found.codes
    assert any(question.startswith(asked) for question in found.questions)


def test_a_code_that_another_question_has_as_an_answer_is_asked():
    """`missing` holds for all ratings and outcomes of a file: 99 would be lost from a question from 0 to 100."""
    cells = several((*SEVEN, "99", "99"))
    slider = column("mood", [str(number) for number in range(0, 101, 3)])
    found = propose_missing(cells, propose_scale(cells), [slider])
    assert not found.codes
    assert "in mood it is an answer" in found.questions[0]


def test_the_evidence_says_how_often_and_in_how_many_columns():
    cells = several((*SEVEN, "99", "99"))
    assert propose_missing(cells, propose_scale(cells)).evidence == {
        "99": "99 stands 8 times in 4 columns, and the other answers are 1 to 7"
    }


@pytest.mark.parametrize(
    ("texts", "core"),
    [
        (SEVEN, (1, 7)),
        ((*SEVEN, "99", "-9"), (1, 7)),
        (tuple("12457") * 5, (1, 7)),
        ((*SEVEN * 50, "0", "8"), (1, 7)),
        (("-3", "-2", "-1", "0", "1", "2", "3") * 5, (-3, 3)),
        ((*SEVEN, "-1"), (1, 7)),
        (tuple(map(str, range(0, 101, 5))), (0, 100)),
        ((*map(str, range(0, 101, 5)), "999", "-99"), (0, 100)),
        (("1.5", "2.5", "3", "4.5"), (1.5, 4.5)),
    ],
)
def test_the_answers_are_the_run_around_the_commonest(texts, core):
    assert core_of([column("e1", texts)])[:2] == core


@pytest.mark.parametrize(
    ("texts", "may"),
    [
        (SEVEN, True),
        (AGREE, True),
        ((), True),
        (tuple(str(1000 + number) for number in range(40)), False),
        (("2026-03-01", "2026-03-02"), False),
        (("North", "South"), False),
        ((*SEVEN, "n/a", "x"), True),
    ],
)
def test_what_may_be_a_rating(texts, may):
    assert rated(column("e1", texts)) is may


def test_half_points_have_a_step_of_a_half():
    assert propose_scale(columns("e1", "p1", texts=("1", "1.5", "4.5", "5"))).step == 0.5
