"""Exports as people really make them: what `inspect` settles, what it asks, and what it must never settle by itself.

An importance is never taken for an expectation, the two ratings are never told apart by their place or their level, and the
extremes of the answers are never the scale.
"""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from exports import delimited

from cxgap.errors import CxgapError
from cxgap.inspection.inspection import Inspection, inspect

Draw = Callable[[random.Random], str]
AGREE = ("Strongly disagree", "Disagree", "Neither agree nor disagree", "Agree", "Strongly agree")
ZUSTIMMUNG = ("Stimme überhaupt nicht zu", "Stimme nicht zu", "Weder noch", "Stimme zu", "Stimme voll zu")
MARKS = ("sehr gut", "gut", "befriedigend", "ausreichend", "mangelhaft", "ungenügend")
THINGS = ("speed of service", "friendly staff", "fair price", "clean rooms")
FOUR = range(1, 5)
ASKED = {'low = "?"', 'high = "?"'}
TYPE = {'expectation_type = "?"'}


def rated(low: int, high: int, about: float = 0) -> Draw:
    return lambda drawn: str(min(high, max(low, round(drawn.gauss((low + high) / 2 + about, 1.3)))))


def one_of(words: Sequence[str], weights: Sequence[int] | None = None) -> Draw:
    return lambda drawn: drawn.choices(words, weights)[0]


HIGH, MIDDLE = rated(1, 7, 2), rated(1, 7)
HALVES = [*[HIGH] * 4, *[MIDDLE] * 4]


def table(
    names: Sequence[str], draws: Sequence[Draw], *, rows: int = 80, delimiter: str = ",", encoding: str = "utf-8"
) -> bytes:
    drawn = random.Random(1)
    return delimited(
        [["id", *names], *([str(1000 + row), *(draw(drawn) for draw in draws)] for row in range(rows))], delimiter, encoding
    )


def two(*patterns: str, of: Sequence[object] = FOUR) -> list[str]:
    return [pattern.format(one) for pattern in patterns for one in of]


def added(raw: bytes, *rows: Sequence[str]) -> bytes:
    return raw + delimited(rows)


def looked_at(folder: Path, raw: bytes) -> Inspection:
    (folder / "a.csv").write_bytes(raw)
    return inspect(folder / "a.csv")


def keys(found: Inspection) -> set[str]:
    """Return the lines of the study file without their remarks."""
    return {line.partition("  #")[0].strip() for line in found.study_file.splitlines() if not line.startswith("#")}


SETTLED = {
    "answers with their codes": (
        table(two("exp_{}", "perc_{}"), [one_of([f"{place} - {word}" for place, word in enumerate(AGREE, 1)])] * 8),
        {'expectation = "exp_{item}"', "low = 1", "high = 5", '"5 - Strongly agree" = 5'} | TYPE,
    ),
    "perceptions before expectations": (
        table(two("p{}", "e{}"), [*[MIDDLE] * 4, *[HIGH] * 4]),
        {'expectation = "e{item}"', 'perception = "p{item}"'} | TYPE | ASKED,
    ),
    "expectations in another order than perceptions": (
        table([*(f"e{item}" for item in (3, 1, 4, 2)), *two("p{}")], HALVES),
        {'expectation = "e{item}"', 'perception = "p{item}"'} | TYPE | ASKED,
    ),
    "side by side, what was perceived first": (
        table([f"{one} ({rating})" for one in THINGS for rating in ("perception", "expectation")], [MIDDLE, HIGH] * 4),
        {'expectation = "{item} (expectation)"', 'perception = "{item} (perception)"'} | TYPE | ASKED,
    ),
    "importance, expectation and perception": (
        table(two("imp{}", "exp{}", "per{}"), [*[HIGH] * 4, *HALVES]),
        {'expectation = "exp{item}"', 'perception = "per{item}"', 'importance = "imp{item}"'} | TYPE | ASKED,
    ),
    "LibQUAL": (
        table(
            [f"{one} {kind}" for one in ("AS-1", "AS-2", "IC-1", "LP-1") for kind in ("min", "desired", "perceived")],
            [rated(1, 9, -1), rated(1, 9, 2), rated(1, 9)] * 4,
        ),
        {'adequate = "{item} min"', 'expectation = "{item} desired"', 'perception = "{item} perceived"'} | ASKED,
    ),
    "is and should be": (
        table(two("ist_{}", "soll_{}"), [*[MIDDLE] * 4, *[HIGH] * 4]),
        {'expectation = "soll_{item}"', 'perception = "ist_{item}"', 'expectation_type = "should"'} | ASKED,
    ),
    "two languages": (
        table(two("e{}", "p{}"), [one_of([*AGREE, *ZUSTIMMUNG])] * 8, rows=120),
        {"low = 1", "high = 5", '"Strongly agree" = 5', '"Stimme voll zu" = 5', '"Weder noch" = 3'} | TYPE,
    ),
    "marks at school in words": (
        table(two("{} erwartet", "{} erlebt", of=("Tempo", "Preis")), [one_of(MARKS)] * 4, delimiter=";", encoding="cp1252"),
        {'expectation = "{item} erwartet"', "low = 1", "high = 6", '"sehr gut" = 6', "gut = 5", '"ungenügend" = 1'} | TYPE,
    ),
    "97, 98 and 99": (
        table(two("e{}", "p{}"), [one_of([*"1234567", "97", "98", "99"], [5] * 7 + [1] * 3)] * 8, rows=200),
        {'missing = ["97", "98", "99"]'} | TYPE | ASKED,
    ),
    "rows of totals": (
        added(table(two("e{}", "p{}"), HALVES), ["Mean", *["5.6"] * 8], ["Total", *["336"] * 8]),
        {'expectation = "e{item}"'} | TYPE | ASKED,
    ),
    "a comment with commas, quotes and lines": (
        table([*two("e{}", "p{}"), "comment"], [*HALVES, one_of(['slow, dirty, "bad", and\nlate', ""])]),
        {'expectation = "e{item}"'} | TYPE | ASKED,
    ),
    "sliders with decimal commas": (
        table(two("exp_{}", "per_{}"), [lambda drawn: f"{drawn.uniform(0, 100):.1f}".replace(".", ",")] * 8, delimiter=";"),
        {'decimal = ","', "step = 0"} | TYPE | ASKED,
    ),
    "a title and a blank line above the header": (
        b"Customer survey 2026\r\n\r\n" + table(two("e{}", "p{}"), HALVES),
        {"header = 3", 'expectation = "e{item}"'} | TYPE | ASKED,
    ),
    "recommendation alone": (
        table(["How likely are you to recommend us to a friend?", "Why?"], [rated(0, 10, 2), one_of(["good, but slow", "ok"])]),
        {'kind = "recommend"', "low = 0", "high = 10", 'expectation = ""', 'perception = ""'},
    ),
}


@pytest.mark.parametrize("case", SETTLED)
def test_what_the_file_says_is_settled_and_no_more_is_asked(tmp_path: Path, case: str) -> None:
    raw, expected = SETTLED[case]
    found = keys(looked_at(tmp_path, raw))
    assert expected <= found
    assert {line for line in found if line.endswith('= "?"')} == {line for line in expected if line.endswith('= "?"')}


ASKING = {
    "two matrices without a word": (table(two("Q5_{}", "Q6_{}"), HALVES), "which was expected, and which perceived"),
    "e and s may be anything": (table(two("S{}", "E{}"), HALVES), "which was expected, and which perceived"),
    "a and b may be anything": (table(two("q{}a", "q{}b"), HALVES), "the columns that hold the expectation"),
    "ratings that say nothing": (table(two("CUEX{}", "PERQ{}"), [rated(1, 10)] * 8), "the columns that hold the expectation"),
    "a label with a slip": (
        table(two("e{}", "p{}"), [one_of([*AGREE, "Stongly agree"], [9] * 5 + [1])] * 8),
        "'Stongly agree' was taken for 'strongly agree'",
    ),
    "codes of which 1 is the best": (
        table(two("e{}", "p{}"), [one_of([f"{place} - {word}" for place, word in enumerate(AGREE[::-1], 1)])] * 8),
        "must the numbers be turned?",
    ),
    "marks at school": (
        table(
            two(
                "Was erwarten Sie (1 = sehr gut, 6 = ungenügend)? [{}]", "Was erlebten Sie (1 = sehr gut, 6 = ungenügend)? [{}]"
            ),
            [rated(1, 6)] * 8,
        ),
        "must the numbers be turned?",
    ),
    "a best answer of 1 in the question": (
        table(
            two("What do you expect? (1 = best, 5 = worst) [{}]", "What did you experience? (1 = best, 5 = worst) [{}]"),
            [rated(1, 5)] * 8,
        ),
        "must the numbers be turned?",
    ),
    "6 beside a scale to 5": (table(two("e{}", "p{}"), [one_of("123456", [5] * 5 + [1])] * 8), "is it a code for no answer?"),
    "days or months first": (
        table([*two("e{}", "p{}"), "date"], [*HALVES, one_of(["01/02/2026", "03/04/2026"])]),
        "'%d/%m/%Y' or '%m/%d/%Y'",
    ),
    "waves side by side": (
        table([f"{rating}{item}_w{wave}" for wave in (1, 2) for rating in "ep" for item in (1, 2)], HALVES),
        "can each wave be exported to its own rows?",
    ),
    "two waves on two scales": (
        added(
            table([*two("e{}", "p{}"), "wave"], [*[rated(1, 5)] * 8, one_of(["2024"])]),
            *([str(row), *[str(row % 11)] * 8, "2025"] for row in range(80)),
        ),
        "the answers go in 2024 from 1 to 5, 2025 from 0 to 10: are the waves on one scale?",
    ),
    "an answer at one end alone": (table(two("e{}", "p{}"), [rated(2, 4)] * 8), "the answers go from 2 to 4"),
}


@pytest.mark.parametrize("case", ASKING)
def test_what_the_file_does_not_say_is_asked(tmp_path: Path, case: str) -> None:
    raw, question = ASKING[case]
    assert question in "\n".join(looked_at(tmp_path, raw).questions)


@pytest.mark.parametrize(
    "names",
    [
        two("imp_{}", "sat_{}", of=("speed", "price", "staff", "rooms")),
        two("I{}", "P{}"),
        two("How important is {}?", "How satisfied are you with {}?", of=THINGS),
        two("How important do you expect it to be? - {}", "How well did we perform? - {}", of=THINGS),
        two("Wichtigkeit: {}", "Zufriedenheit: {}", of=THINGS),
        two("importance_{}", "performance_{}", of=("speed", "price", "staff", "rooms")),
    ],
)
def test_an_importance_is_no_expectation(tmp_path: Path, names: list[str]) -> None:
    found = looked_at(tmp_path, table(names, HALVES))
    assert "expectation" not in set(found.columns["role"])
    assert not any(line.startswith("expectation = ") and names[0][:5] in line for line in keys(found))


# Every second one is slow: all are looked at once above, in another order of their columns here.
SECOND = [pytest.param(case, marks=pytest.mark.slow if n % 2 else []) for n, case in enumerate([*SETTLED, *ASKING])]


@pytest.mark.parametrize("case", SECOND)
def test_the_two_ratings_are_told_apart_by_words_not_by_level_or_place(tmp_path: Path, case: str) -> None:
    raw = (SETTLED | ASKING)[case][0]
    mark = ";" if b";" in raw.splitlines()[0] else ","
    encoding = "utf-8" if case != "marks at school in words" else "cp1252"
    if raw.startswith(b"Customer"):
        return
    rows = list(csv.reader(io.StringIO(raw.decode(encoding)), delimiter=mark))
    turned = delimited([[row[0], *row[:0:-1]] for row in rows], mark, encoding)
    (tmp_path / "turned").mkdir()
    one, other = looked_at(tmp_path, raw), looked_at(tmp_path / "turned", turned)

    def settled(found: Inspection) -> set[tuple[str, str]]:
        sure = found.pairs[found.pairs["question"] == ""]
        return set(zip(sure["expectation"], sure["perception"], strict=True))

    assert settled(one) == settled(other)


@pytest.mark.parametrize(
    ("weight", "population", "strata", "design"),
    [
        ("2.5", "100", 2, {"weight", "stratum", "population"}),  # 40 rows of a stratum stand for its 100: rows were drawn
        ("2.5", "30", 3, {"weight", "psu", "population"}),  # 10 clusters of 30, and each lies in several strata
        ("2.5", "30", 2, {"weight", "stratum", "psu", "population"}),  # each lies in one
    ],
)
def test_a_design_is_what_the_rows_bear_out(
    tmp_path: Path, weight: str, population: str, strata: int, design: set[str]
) -> None:
    drawn = [[str(row), str(row % strata), str(row % 10), weight, population, *[str(row % 7 + 1)] * 6] for row in range(80)]
    names = ["id", "stratum", "psu", "weight", "population", *two("e{}", "p{}", of=(1, 2, 3))]
    found = looked_at(tmp_path, delimited([names, *drawn]))
    section = found.study_file.partition("[design]")[2].partition("\n[")[0]
    assert {line.partition(" = ")[0] for line in section.splitlines() if " = " in line} == design


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"id,e1,p1\r\n",
        b"id,e1,p1\r\n1,5,4\r\n",
        table(["speed", "price", "speed", "price"], [MIDDLE] * 4),
        table(["e1", "", "p1"], [MIDDLE] * 3),
        table(two("e{}", "p{}"), [one_of([""])] * 8),
        table(two("e{}", "p{}"), [one_of(["\u202e1", "=1+1", "\x07"])] * 8),
        b"\xff\xfe" + table(two("e{}", "p{}"), HALVES).decode().encode("utf-16-le"),
        b"PK\x03\x04 no workbook",
    ],
)
def test_no_file_ends_in_a_traceback(tmp_path: Path, raw: bytes) -> None:
    try:
        found = looked_at(tmp_path, raw)
    except CxgapError as error:
        said = str(error)
    else:
        said = repr(found) + found._repr_html_() + found.study_file
    assert "a.csv" in said
