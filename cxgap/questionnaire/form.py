"""A form: what one kind of respondent is asked, question by question, whatever it is then written as."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from cxgap.questionnaire.phrases import RATINGS, check_language, say, unit
from cxgap.tables.codebook import ON_SCALE
from cxgap.tables.sections import Item
from cxgap.tables.spec import StudyFile

NODES: Final = ("customers", "managers", "staff")


class Choice(NamedTuple):
    """One of several answers; `column` holds it."""

    column: str
    text: str
    options: tuple[str, ...]


class Grid(NamedTuple):
    """Items rated from `low` to `high`, in one or several columns beside each other.

    Attributes
    ----------
    ratings : heading of each column of the form
    names, items : name and wording of each item
    columns : for each item, the column of the file that holds each rating
    """

    text: str
    ratings: tuple[str, ...]
    names: tuple[str, ...]
    items: tuple[str, ...]
    columns: tuple[tuple[str, ...], ...]
    low: int
    high: int
    none: str


class Number(NamedTuple):
    """A number in a unit of its own."""

    column: str
    text: str


class Points(NamedTuple):
    """100 points to be spread."""

    text: str
    names: tuple[str, ...]
    columns: tuple[str, ...]


class Scale(NamedTuple):
    """One answer from `low` to `high`."""

    column: str
    text: str
    low: int
    high: int


Question = Choice | Grid | Number | Points | Scale


class Form(NamedTuple):
    """All that one kind of respondent is asked."""

    node: str
    language: str
    title: str
    questions: tuple[Question, ...]
    untranslated: tuple[str, ...]  # items that have no wording in the language

    @property
    def columns(self) -> list[str]:
        """Columns of the file that hold the answers."""
        found: list[str] = []
        for question in self.questions:
            if isinstance(question, Grid):
                found += [column for row in question.columns for column in row]
            elif isinstance(question, Points):
                found += question.columns
            else:
                found.append(question.column)
        return found


def form_of(node: str, spec: StudyFile, items: Mapping[str, Item], touchpoints: tuple[str, ...], language: str) -> Form:
    """Make the form of one node in one language, after what the study measures.

    Parameters
    ----------
    node : "customers" (expectation, perception and, where the study asks it, the least acceptable), "managers" (what they
        believe that customers expect, and how they think customers rate what they get) or "staff" (standards, delivery,
        promises)
    spec : the study file
    items : its codebook
    touchpoints : names, in the order of the journey
    """
    check_language(language)
    kept = {name: item for name, item in items.items() if item.retained}
    worded = {name: item.wording.get(language) or item.label or name for name, item in kept.items()}
    lacking = tuple(name for name, item in kept.items() if language not in item.wording)
    asked: list[Question] = []
    if len(touchpoints) > 1:
        asked.append(Choice("touchpoint", say("touchpoint", language), touchpoints))
    if kept:
        asked.append(_grid(node, spec, kept, worded, language))
    if node == "customers":
        asked += _customers(spec, kept, language)
    if node == "managers":
        asked += [
            Number(metric.believed, say("thought", language, name=name, unit=unit(metric.unit, language)))
            for name, metric in spec.metrics.items()
            if metric.believed
        ]
    return Form(node, language, f"{spec.study.title}: {say(node, language)}", tuple(asked), lacking)


def _grid(node: str, spec: StudyFile, items: Mapping[str, Item], worded: Mapping[str, str], language: str) -> Grid:
    low, high = int(spec.scale.low), int(spec.scale.high)
    if node == "customers":
        columns = {name: _places(name, item, spec) for name, item in items.items()}
        ratings = [rating for rating in ON_SCALE if any(rating in places for places in columns.values())]
        kinds = {"expectation": spec.study.expectation_type or "should", "perception": "perceived", "adequate": "adequate"}
    else:
        ratings = ["believed", "rating"] if node == "managers" else ["standard", "delivered", "promised"]
        kinds = {rating: "promised_by_us" if rating == "promised" else rating for rating in ratings}
        columns = {name: {rating: f"{rating} {name}" for rating in ratings} for name in items}
    return Grid(
        text=say("how", language, low=low, high=high),
        ratings=tuple(RATINGS[kinds[rating]][language] for rating in ratings),
        names=tuple(worded),
        items=tuple(worded.values()),
        columns=tuple(tuple(columns[name].get(rating, "") for rating in ratings) for name in items),
        low=low,
        high=high,
        none=say("none", language),
    )


def _places(name: str, item: Item, spec: StudyFile) -> dict[str, str]:
    """Return the column of each rating of an item, as the study reads it; in a long file there is one a rating."""
    places = {}
    for rating in ON_SCALE:
        pattern = getattr(item, rating) or getattr(spec.responses, rating)
        if pattern:
            filled = pattern.replace("{item}", name).replace("{dimension}", item.dimension or "")
            places[rating] = filled if spec.responses.layout == "wide" else f"{rating} {name}"
    return places


def _customers(spec: StudyFile, items: Mapping[str, Item], language: str) -> list[Question]:
    """Add native units, importance and overall judgements."""
    asked: list[Question] = []
    for name, metric in spec.metrics.items():
        words = {"name": name, "unit": unit(metric.unit, language)}
        for column, sentence in ((metric.expected, "expected"), (metric.perceived, "got")):
            if column:
                asked.append(Number(column, say(sentence, language, **words)))
    pattern, dimensions = spec.responses.importance, list(dict.fromkeys(i.dimension for i in items.values() if i.dimension))
    if pattern and "{dimension}" in pattern and dimensions:
        columns = tuple(pattern.replace("{dimension}", name) for name in dimensions)
        asked.append(Points(say("points", language), tuple(dimensions), columns))
    for name, outcome in spec.outcomes.items():
        asked.append(Scale(outcome.column or name, say(outcome.kind, language), int(outcome.low), int(outcome.high)))
    return asked
