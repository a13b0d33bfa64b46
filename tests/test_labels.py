"""Labels of answers are read in their order, whatever their language, and never in the order of the alphabet."""

# ruff: noqa: RUF001 (letters of other alphabets are meant)

from __future__ import annotations

import pytest

from cxgap.labels import coded, non_answer, read_labels, scale_of
from cxgap.labels.ladders import LADDERS, SHAPES

# From low to high; Likert (1932), Archives of Psychology 140, and the wordings that survey platforms offer.
ORDERED = [
    ["Strongly disagree", "Disagree", "Neither agree nor disagree", "Agree", "Strongly agree"],
    ["Strongly disagree", "Disagree", "Neutral", "Agree", "Strongly agree"],
    ["Strongly disagree", "Disagree", "Somewhat disagree", "Neutral", "Somewhat agree", "Agree", "Strongly agree"],
    ["Strongly disagree", "Disagree", "Slightly disagree", "Slightly agree", "Agree", "Strongly agree"],
    ["Strongly disagree", "Somewhat disagree", "Neither agree nor disagree", "Somewhat agree", "Strongly agree"],
    ["Strongly disagree", "Disagree", "Agree", "Strongly agree"],
    ["Very dissatisfied", "Dissatisfied", "Neutral", "Satisfied", "Very satisfied"],
    ["Extremely dissatisfied", "Somewhat dissatisfied", "Neutral", "Somewhat satisfied", "Extremely satisfied"],
    ["Never", "Rarely", "Sometimes", "Often", "Always"],
    ["Poor", "Fair", "Good", "Very good", "Excellent"],
    ["Very poor", "Poor", "Average", "Good", "Very good"],
    ["Not at all important", "Slightly important", "Moderately important", "Very important", "Extremely important"],
    ["Much worse than expected", "Worse than expected", "As expected", "Better than expected", "Much better than expected"],
    ["Very unlikely", "Unlikely", "Neutral", "Likely", "Very likely"],
    ["Trifft überhaupt nicht zu", "Trifft eher nicht zu", "Teils/teils", "Trifft eher zu", "Trifft voll und ganz zu"],
    ["Stimme überhaupt nicht zu", "Stimme nicht zu", "Weder noch", "Stimme zu", "Stimme voll und ganz zu"],
    ["Trifft gar nicht zu", "Trifft eher nicht zu", "Teils teils", "Trifft eher zu", "Trifft voll zu"],
    ["Trifft ganz und gar nicht zu", "Trifft kaum zu", "Teils / teils", "Trifft überwiegend zu", "Trifft ganz zu"],
    ["Stimme gar nicht zu", "Stimme eher nicht zu", "Stimme teilweise zu", "Stimme eher zu", "Stimme voll zu"],
    ["Stimmt gar nicht", "Stimmt eher nicht", "Teils – teils", "Stimmt eher", "Stimmt genau"],
    ["ungenügend", "mangelhaft", "ausreichend", "befriedigend", "gut", "sehr gut"],
    ["Sehr unzufrieden", "Eher unzufrieden", "Teils/teils", "Eher zufrieden", "Sehr zufrieden"],
    ["Viel schlechter als erwartet", "Schlechter als erwartet", "Wie erwartet", "Besser als erwartet",
     "Viel besser als erwartet"],
    ["Pas du tout d’accord", "Plutôt pas d’accord", "Ni d’accord ni pas d’accord", "Plutôt d’accord", "Tout à fait d’accord"],
    ["Très insatisfait", "Insatisfait", "Neutre", "Satisfait", "Très satisfait"],
    ["Totalmente en desacuerdo", "En desacuerdo", "Ni de acuerdo ni en desacuerdo", "De acuerdo", "Totalmente de acuerdo"],
    ["Muy malo", "Malo", "Regular", "Bueno", "Muy bueno"],
    ["전혀 그렇지 않다", "그렇지 않다", "보통이다", "그렇다", "매우 그렇다"],
    ["매우 불만족", "불만족", "보통", "만족", "매우 만족"],
    ["Discordo totalmente", "Discordo", "Neutro", "Concordo", "Concordo totalmente"],
    ["Molto insoddisfatto", "Insoddisfatto", "Neutrale", "Soddisfatto", "Molto soddisfatto"],
    ["Helemaal mee oneens", "Mee oneens", "Neutraal", "Mee eens", "Helemaal mee eens"],
    ["全くそう思わない", "あまりそう思わない", "どちらともいえない", "ややそう思う", "とてもそう思う"],
    ["非常不满意", "不满意", "一般", "满意", "非常满意"],
    ["Kesinlikle katılmıyorum", "Katılmıyorum", "Kararsızım", "Katılıyorum", "Kesinlikle katılıyorum"],
    ["Sangat tidak setuju", "Tidak setuju", "Netral", "Setuju", "Sangat setuju"],
    ["Полностью не согласен", "Не согласен", "Нейтрально", "Согласен", "Полностью согласен"],
]  # fmt: skip


@pytest.mark.parametrize("labels", ORDERED, ids=lambda labels: labels[0])
def test_labels_rise_from_one(labels):
    wanted = {label: float(number) for number, label in enumerate(labels, start=1)}
    assert scale_of(sorted(labels)) == scale_of(labels[::-1]) == wanted


@pytest.mark.parametrize("labels", ORDERED, ids=lambda labels: labels[0])
def test_case_spaces_quotes_and_full_width_letters_do_not_matter(labels):
    changed = [f"  {label.upper().replace(' ', '  ')} ".replace("’", "'") for label in labels]
    if any("ı" in label for label in labels):  # the capital of a dotless i is the capital of the dotted one elsewhere
        changed = [f" {label.replace(' ', chr(0xA0))} " for label in labels]
    assert [*scale_of(changed).values()] == [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0][: len(labels)]


@pytest.mark.parametrize("ends", [("Trifft nicht zu", "Trifft voll zu"), ("Trifft nicht zu", "Trifft zu")])
def test_five_labels_may_be_all_of_five_or_some_of_seven(ends):
    """Both stand in German questionnaires of five points; a form of seven has them too, with labels that nobody chose."""
    reading = read_labels([ends[0], "Trifft eher nicht zu", "Teils teils", "Trifft eher zu", ends[1]])
    assert "5 or 7 points" in reading.doubt
    assert [*reading.numbers] == sorted(reading.numbers, key=reading.numbers.__getitem__)


def test_two_languages_of_one_survey_are_one_scale():
    """The five levels of one language are not those of another: "eher zufrieden" is the fourth, and so is "satisfied"."""
    english = ["Very dissatisfied", "Dissatisfied", "Neutral", "Satisfied", "Very satisfied"]
    german = ["Sehr unzufrieden", "Eher unzufrieden", "Teils/teils", "Eher zufrieden", "Sehr zufrieden"]
    numbers = scale_of([*english, *german])
    assert (numbers["Satisfied"], numbers["Eher zufrieden"], numbers["Eher unzufrieden"], numbers["Teils/teils"]) == (
        4,
        4,
        2,
        3,
    )


@pytest.mark.parametrize(
    ("labels", "numbers"),
    [
        (["1 - Strongly disagree", "5 - Strongly agree", "3"], [1, 5]),
        (["Strongly agree (7)", "Strongly disagree (1)"], [1, 7]),
        (["0 Not at all likely", "10 Extremely likely"], [0, 10]),
        (["-3: viel schlechter", "+3: viel besser"], [-3, 3]),
        (["★", "★★★", "★★★★★"], [1, 3, 5]),
        (["1점", "5점"], None),
    ],
)
def test_a_number_within_a_label_is_its_number(labels, numbers):
    assert [*scale_of(labels).values()] == (numbers or [])


def test_one_may_be_the_best_and_then_is_asked():
    """German school grades run from 1, the best, to 6."""
    reading = read_labels(["1 (sehr gut)", "2", "3", "6 (ungenügend)"])
    assert "turned" in reading.doubt
    assert scale_of(["1 (sehr gut)", "6 (ungenügend)"]) == {}
    assert not read_labels(["1 (sehr schlecht)", "5 (sehr gut)"]).doubt


def test_a_slip_of_the_pen_is_taken_for_the_nearest_label_and_asked():
    reading = read_labels(["Stronly agree", "Agree", "Neutral", "Disagree", "Strongly disagree"])
    assert reading.numbers["Stronly agree"] == 5
    assert (dict(reading.typos), bool(reading.doubt)) == ({"Stronly agree": "strongly agree"}, True)


@pytest.mark.parametrize(
    "labels",
    [
        ["Agree", "Strongly agree"],  # of four, five, six or seven points
        ["Never", "Rarely", "Sometimes", "Often", "Usually", "Always"],  # two for one level
        ["North", "South", "East"],
        ["Pink Lady", "Golden Delicious"],
        [],
    ],
)
def test_what_is_no_scale_beyond_doubt_has_no_numbers(labels):
    assert scale_of(labels) == {}


def test_labels_that_nobody_chose_still_count():
    reading = read_labels(["Disagree", "Neutral", "Somewhat agree", "Agree", "Strongly agree"])
    assert (reading.low, reading.high, reading.numbers["Agree"]) == (1, 7, 6)


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("N/A", "not applicable"),
        ("Don’t know", "don't know"),
        ("Weiß nicht", "don't know"),
        ("keine Angabe", "no answer"),
        ("k.A.", "no answer"),
        ("Ne sais pas", "don't know"),
        ("sans objet", "not applicable"),
        ("No sabe", "don't know"),
        ("해당 없음", "not applicable"),
        ("모름", "don't know"),
        ("わからない", "don't know"),
        ("不适用", "not applicable"),
        ("Prefer not to say", "refused"),
        (".", ""),
        ("-", ""),
        ("x", ""),
        ("good", None),
        ("NA region", None),
    ],
)
def test_words_for_no_answer_say_why(text, meaning):
    assert non_answer(text) == meaning


def test_a_label_without_a_number_has_none():
    assert coded("Agree") is None
    assert coded("7") is None


@pytest.mark.parametrize("name", LADDERS)
def test_every_language_has_every_level_of_its_ladder(name):
    sizes = {len(block.split(";")) for block in LADDERS[name].split("\n\n")}
    assert len(sizes) == 1
    assert all(int(place) < max(sizes) for shape in SHAPES[max(sizes)] for place in shape)
