"""Expectation and perception are paired by names, questions or place, and what is not sure is asked."""

from __future__ import annotations

import time

import pytest
from profiled import column, columns

from cxgap.inspection.names import marks, wave_of
from cxgap.inspection.pairing import find_pairs
from cxgap.inspection.patterns import patterns_of
from cxgap.inspection.proposed import THRESHOLD
from cxgap.inspection.words import said

ITEMS = range(1, 5)
THINGS = ("speed", "price", "staff")


def two(expected: str, perceived: str, items=ITEMS) -> list[str]:
    """Names of two blocks: the patterns filled in."""
    return [pattern.format(item) for pattern in (expected, perceived) for item in items]


# Names seen in real exports: patterns of expectation and perception, and the items.
SEEN = [
    ("E{}", "P{}", range(1, 23)),
    ("e{:02}", "p{:02}", range(1, 23)),
    ("q{}_e", "q{}_p", ITEMS),
    ("exp_{}", "act_{}", THINGS),
    ("exp_{}", "perc_{}", THINGS),
    ("expected_{}", "perceived_{}", THINGS),
    ("{}_exp", "{}_perc", THINGS),
    ("sq{:02}_exp", "sq{:02}_per", range(1, 25)),
    ("tang_e_{}", "tang_p_{}", ITEMS),
    ("expected{}", "perceived{}", ("Speed", "Price")),
    ("{} (expected)", "{} (perceived)", THINGS),
    ("{}_exp_w3", "{}_per_w3", THINGS),
    ("exp_{}_2024Q1", "act_{}_2024Q1", THINGS),
    ("soll_{}", "ist_{}", ITEMS),
    ("erwartet_{}", "erlebt_{}", ITEMS),
    ("Erwartung{}", "Wahrnehmung{}", ITEMS),
    ("attendu_{}", "perçu_{}", ITEMS),
    ("attentes_{}", "vécu_{}", ITEMS),
    ("esperado_{}", "percibido_{}", ITEMS),
    ("esperado_{}", "percebido_{}", ITEMS),
    ("expectativa_{}", "percepcion_{}", ITEMS),
    ("harapan_{}", "persepsi_{}", ITEMS),
    ("beklenti_{}", "alg\u0131_{}", ITEMS),
    ("기대_{}", "인지_{}", ITEMS),
    ("기대{}", "체감{}", ITEMS),
    ("{}기대", "{}만족", ("속도", "가격")),
    ("{}_기대", "{}_실제", ("속도", "가격")),
    ("기대_{}", "경험_{}", ITEMS),
    ("期待_{}", "実際_{}", ITEMS),
    ("期待{}", "知覚{}", ITEMS),
    ("期望_{}", "感知_{}", ITEMS),
    ("期望{}", "实际{}", ITEMS),
    ("ожидание_{}", "восприятие_{}", ITEMS),
]


@pytest.mark.parametrize(("expected", "perceived", "items"), SEEN)
def test_names_that_are_seen_pair_and_need_no_question(expected, perceived, items):
    pairs = find_pairs(columns("respondent_id", *two(expected, perceived, items), "region"))
    assert [(pair.expectation, pair.perception) for pair in pairs] == [
        (expected.format(item), perceived.format(item)) for item in items
    ]
    assert all(pair.confidence >= THRESHOLD and not pair.question for pair in pairs)
    assert len({pair.item for pair in pairs}) == len(pairs)


@pytest.mark.parametrize(("expected", "perceived", "items"), SEEN)
def test_perceptions_that_stand_first_stay_perceptions(expected, perceived, items):
    pairs = find_pairs(columns(*two(perceived, expected, items)))
    assert {(pair.expectation, pair.perception) for pair in pairs} == {
        (expected.format(item), perceived.format(item)) for item in items
    }


IMPORTANCE = [
    ("imp_{}", "sat_{}"),
    ("importance_{}", "satisfaction_{}"),
    ("i{}", "p{}"),
    ("Wichtigkeit_{}", "Zufriedenheit_{}"),
    ("wichtig_{}", "erlebt_{}"),
    ("importance_{}", "perçu_{}"),
    ("importancia_{}", "percibido_{}"),
    ("중요도_{}", "만족도_{}"),
    ("重要度_{}", "満足度_{}"),
    ("重要性_{}", "满意度_{}"),
    ("kepentingan_{}", "persepsi_{}"),
    ("важность_{}", "восприятие_{}"),
]


@pytest.mark.parametrize(("weighed", "perceived"), IMPORTANCE)
def test_importance_is_importance_and_never_what_was_expected(weighed, perceived):
    pairs = find_pairs(columns(*two(weighed, perceived)))
    assert [pair.expectation for pair in pairs] == [""] * len(ITEMS)
    assert [(pair.importance, pair.perception) for pair in pairs] == [
        (weighed.format(item), perceived.format(item)) for item in ITEMS
    ]


QUESTIONS_OF_IMPORTANCE = [
    "How important is it to you? [{}]",
    "How important are your expectations of the following? - {}",
    "Wie wichtig ist Ihnen ... [{}]",
    "Quelle importance accordez-vous à ... [{}]",
    "¿Qué importancia tiene para usted lo que espera? [{}]",
    "귀하에게 얼마나 중요합니까? [{}]",
    "次の項目はどのくらい重要ですか [{}]",
]


@pytest.mark.parametrize("question", QUESTIONS_OF_IMPORTANCE)
@pytest.mark.parametrize("names", ["Q1_{}", "E{}", "exp_{}", "expected_{}"])
def test_no_name_makes_an_expectation_of_a_question_for_importance(question, names):
    asked = [(names.format(item), question.format(item)) for item in THINGS]
    got = [(f"P{item}" if names == "E{}" else f"per_{item}", f"How do you rate us? [{item}]") for item in THINGS]
    for pair in find_pairs(columns(*asked, *got)):
        assert not pair.expectation or pair.question


ASKED = [
    ("What do you expect of our service? [{}]", "How do you rate our service? [{}]"),
    ("What do you expect of our service? - {}", "What did you actually receive? - {}"),
    ("Rate each of these - {} - Expectation", "Rate each of these - {} - Experience"),
    ("Expected: {}", "Perceived: {}"),
    ("An excellent bank should offer it [{}]", "How did you experience our bank? [{}]"),
    ("Was erwarten Sie von uns? [{}]", "Wie haben Sie uns erlebt? [{}]"),
    ("So sollte eine gute Bank sein [{}]", "Bitte bewerten Sie unsere Bank [{}]"),
    ("Quelles sont vos attentes ? [{}]", "Comment évaluez-vous notre service ? [{}]"),
    ("Qu'attendez-vous de nous ? - {}", "Qu'avez-vous vécu ? - {}"),
    ("¿Qué espera de nuestro servicio? [{}]", "¿Cómo califica nuestro servicio? [{}]"),
    ("¿Cuáles son sus expectativas? - {}", "¿Qué recibió en realidad? - {}"),
    ("귀하가 기대한 서비스 수준은? [{}]", "실제로 경험한 서비스 수준은? [{}]"),
    ("どのくらい期待していましたか [{}]", "実際にはどう感じましたか [{}]"),
    ("Что вы ожидаете от сервиса? [{}]", "Как вы оцениваете сервис? [{}]"),
]


@pytest.mark.parametrize(("expected", "perceived"), ASKED)
@pytest.mark.parametrize("named", [True, False])
def test_questions_say_which_rating_each_column_is(expected, perceived, named):
    """As Google Forms has them in the header, and Qualtrics and SPSS in the wording."""
    texts = [(expected.format(item), perceived.format(item)) for item in THINGS]
    if named:
        cells = columns(*(one for one, _ in texts), *(other for _, other in texts))
        wanted = set(texts)
    else:
        cells = columns(
            *((f"Q8_{n}", one) for n, (one, _) in enumerate(texts)), *((f"Q7_{n}", two) for n, (_, two) in enumerate(texts))
        )
        wanted = {(f"Q8_{n}", f"Q7_{n}") for n in range(len(texts))}
    pairs = find_pairs(cells)
    assert {(pair.expectation, pair.perception) for pair in pairs} == wanted
    assert all(pair.confidence >= THRESHOLD and not pair.question for pair in pairs)


NO_EXPECTATION = [
    "How well did we meet your expectations? [{}]",
    "Was our service better or worse than expected? [{}]",
    "Wurden Ihre Erwartungen erfüllt? [{}]",
    "Avons-nous répondu à vos attentes ? [{}]",
    "¿El servicio cumplió sus expectativas? [{}]",
    "서비스가 기대보다 좋았습니까? [{}]",
    "Quel a été le temps d'attente ? [{}]",
    "¿Cómo fue el tiempo de espera? [{}]",
]


@pytest.mark.parametrize("question", NO_EXPECTATION)
def test_a_comparison_with_what_was_expected_and_a_wait_are_no_expectation(question):
    asked = [(f"A_{n}", question.format(item)) for n, item in enumerate(THINGS)]
    got = [(f"B_{n}", f"How do you rate our service? [{item}]") for n, item in enumerate(THINGS)]
    assert not any(pair.expectation and not pair.question for pair in find_pairs(columns(*asked, *got)))


UNCLEAR = {
    "two matrices in one order": two("Q5_{}", "Q6_{}"),
    "a side-by-side matrix": two("Q5#1_{}", "Q5#2_{}"),
    "columns that alternate": [f"Q{item}_{scale}" for item in ITEMS for scale in (1, 2)],
    "letters that say nothing": two("A{}", "B{}"),
    "one item by a letter": ["e1", "p1"],
    "expected against experience": ["expect_1", "exp_1", "per_1", "expect_2", "exp_2", "per_2"],
    "e against a alone": two("e{}", "a{}"),
    "names against questions": [
        *((f"E{n}", f"How do you rate us? [{item}]") for n, item in enumerate(THINGS)),
        *((f"P{n}", f"What do you expect of us? [{item}]") for n, item in enumerate(THINGS)),
    ],
    "items that are shifted": [
        *((f"E{n}", f"What do you expect of us? [{item}]") for n, item in enumerate(THINGS)),
        *((f"P{n}", f"Our bank [{THINGS[n - 1]}]") for n in range(len(THINGS))),
    ],
    "only one half says it": [
        *((f"Q{n}", f"Excellent banks will have it: {n}") for n in range(1, 6)),
        *((f"Q{n + 5}", f"Our bank has it: {n}") for n in range(1, 6)),
    ],
}


@pytest.mark.parametrize("case", UNCLEAR)
def test_what_cannot_be_told_is_asked(case):
    pairs = find_pairs(columns(*UNCLEAR[case]))
    assert all(pair.question and pair.confidence < THRESHOLD for pair in pairs if pair.expectation)
    assert case == "e against a alone" or any(pair.expectation for pair in pairs)


@pytest.mark.parametrize(
    "names", [[f"q1_{letter}" for letter in "abcdefghijklmnop"], two("CUEX{}", "PERQ{}"), ["ePow", "iPow", "postVA"]]
)
def test_names_that_only_look_like_ratings_do_not_pair(names):
    """Options a to p of one question; the European satisfaction index; explicit and implicit power."""
    assert not find_pairs(columns(*names))


def test_the_three_levels_of_libqual_are_adequate_desired_and_perceived():
    """Cook, Heath & Thompson (2002): each of AS, IC and LP is rated for minimum, desired and perceived service."""
    names = [f"{item} {level}" for item in ("AS-1", "AS-2", "IC-3", "LP-5") for level in ("Minimum", "Desired", "Perceived")]
    pairs = find_pairs(columns(*names))
    assert pairs[2][:4] == ("IC-3", "IC-3 Desired", "IC-3 Perceived", "IC-3 Minimum")
    assert [pair.dimension for pair in pairs] == [
        "affect of service",
        "affect of service",
        "information control",
        "library as place",
    ]


@pytest.mark.parametrize(
    "answers",
    [
        ("Not at all important", "Slightly important", "Moderately important", "Very important", "Extremely important"),
        ("Unwichtig", "Eher unwichtig", "Teils/teils", "Eher wichtig", "Sehr wichtig"),
        ("Worse than expected", "As expected", "Better than expected"),
    ],
)
@pytest.mark.parametrize("in_codebook", [True, False])
def test_answers_that_weigh_or_compare_contradict_a_name_that_says_expectation(answers, in_codebook):
    def asked(name):
        labels = {str(code): word for code, word in enumerate(answers, start=1)}
        return column(name, labels=labels) if in_codebook else column(name, answers * 8)

    pairs = find_pairs([asked("exp_1"), asked("exp_2"), *columns("per_1", "per_2")])
    assert len(pairs) == 2
    assert all(pair.question and pair.confidence < THRESHOLD for pair in pairs)


def test_other_pairs_in_the_file_do_not_disturb():
    """Kano's two questions, and a grid of importance and satisfaction, beside the ratings of the kiosk survey."""
    others = [
        f"{name}{item:02}_{end}"
        for name, ends in (("kano", ("fun", "dys")), ("ipa", ("imp", "sat")))
        for item in ITEMS
        for end in ends
    ]
    pairs = find_pairs(columns(*two("sq{:02}_exp", "sq{:02}_per"), *others))
    assert [(pair.expectation, pair.importance) for pair in pairs] == [(f"sq{item:02}_exp", "") for item in ITEMS]


def test_importance_of_the_same_items_joins_their_pairs():
    pairs = find_pairs(columns(*two("exp_{}", "per_{}"), *(f"imp_{item}" for item in ITEMS)))
    assert [pair.importance for pair in pairs] == [f"imp_{item}" for item in ITEMS]


PATTERNS = [
    (two("E{}", "P{}", range(1, 23)), {"expectation": "E{item}", "perception": "P{item}"}, "1"),
    (two("sq{:02}_exp", "sq{:02}_per"), {"expectation": "{item}_exp", "perception": "{item}_per"}, "sq01"),
    (two("exp_{}", "act_{}", THINGS), {"expectation": "exp_{item}", "perception": "act_{item}"}, "speed"),
    (two("Expected [{}]", "Perceived [{}]"), {"expectation": "Expected [{item}]", "perception": "Perceived [{item}]"}, "1"),
    (two("tang_e_{}", "tang_p_{}"), {"expectation": "tang_e_{item}", "perception": "tang_p_{item}"}, "1"),
    ([f"{d}_{r}_{item}" for d in ("tang", "rel") for r in "ep" for item in ITEMS], {}, "tang_1"),
    ([*two("e{}", "p{}"), "e5", "p05"], {"expectation": "e{item}", "perception": "p{item}"}, "1"),
]


@pytest.mark.parametrize(("names", "patterns", "item"), PATTERNS)
def test_a_pattern_leads_to_all_pairs_and_nothing_else(names, patterns, item):
    pairs = find_pairs(columns(*names))
    found, named = patterns_of(pairs, names)
    if "p05" in names:  # the items of a pattern must be spelled alike
        assert found == {}
    else:
        assert found == patterns
        assert named[0].item == item
    for rating, pattern in found.items():
        assert [getattr(pair, rating) for pair in named] == [pattern.format(item=pair.item) for pair in named]


def test_a_pair_that_names_no_item_is_the_overall_one():
    pairs = find_pairs(columns("expectation", "perception", *two("exp_{}", "per_{}")))
    assert [pair.item for pair in pairs] == ["overall", "1", "2", "3", "4"]
    assert patterns_of(pairs, ["expectation", "perception", *two("exp_{}", "per_{}")])[0] == {}


def test_waves_side_by_side_keep_their_pairs_apart():
    names = [f"{item}_{rating}_{wave}" for wave in ("w1", "w2") for item in THINGS for rating in ("exp", "per")]
    pairs = find_pairs(columns(*names))
    assert [(pair.wave, pair.expectation[-2:], pair.perception[-2:]) for pair in pairs] == [("w1",) * 3] * 3 + [("w2",) * 3] * 3
    assert patterns_of(pairs, names)[0] == {}


@pytest.mark.parametrize(
    ("name", "wave"), [("speed_w3", "w3"), ("speed_2024Q1", "2024Q1"), ("p1-2023", "2023"), ("window", ""), ("q12", "")]
)
def test_a_wave_stands_at_the_end_of_a_name(name, wave):
    assert wave_of(name) == wave


def test_a_question_is_about_its_item():
    assert said("What do you expect of us? [Speed of service]")[:2] == ("expectation", "speed of service")
    assert said("Importance and expectation - Speed - Expectation")[:2] == ("expectation", "speed")
    assert said("How important is it? [Expectation]").role == "importance"
    assert said("Please rate [What you can expect]").role == ""


def test_a_word_in_one_piece_is_parted_at_capitals_and_in_scripts_without_spaces():
    assert [mark.role for mark in marks("expectedSpeed")] == ["expectation"]
    assert [mark.role for mark in marks("속도기대도")] == ["expectation"]
    assert marks("expedited") == marks("perhaps") == marks("tempo_espera") == ()


def test_two_thousand_columns_take_a_second():
    cells = columns(*two("e{}", "p{}", range(1000)))
    begun = time.process_time()
    assert len(find_pairs(cells)) == 1000
    assert time.process_time() - begun < 1


def test_the_evidence_names_the_stem_the_word_and_the_other_column():
    (pair, *_) = find_pairs(columns(*two("exp_{}", "act_{}", THINGS)))
    assert pair.evidence == "stem 'speed' after dropping 'exp', and act_speed beside it, as in 3 items"
    (pair, *_) = find_pairs([column(name, place=place) for place, name in enumerate(two("Q5_{}", "Q6_{}"))])
    assert pair.question.startswith("which was expected, and which perceived (or is one their importance)")
    assert pair.question.endswith(": Q5_1 to Q5_4 (mean 4.0), or Q6_1 to Q6_4 (mean 4.0)?")
