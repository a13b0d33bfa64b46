"""What each column is taken for, once pairs, outcomes and metrics are known."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from cxgap.inspection.answers import core_of
from cxgap.inspection.column import Column
from cxgap.inspection.names import Mark, dimension_of, marks
from cxgap.inspection.pairing import sentence
from cxgap.inspection.proposed import RATINGS, ROLES, THRESHOLD, Entry, MetricProposal, OutcomeProposal, Pair
from cxgap.inspection.roles import OPEN, Claim
from cxgap.inspection.words import said
from cxgap.labels import read_labels

_NAME: Final = 4  # words: a longer name is a sentence


def entries_of(
    columns: Sequence[Column],
    claims: Mapping[str, Claim],
    ratings: Sequence[Column],
    pairs: Sequence[Pair],
    metrics: Sequence[MetricProposal],
    outcomes: Sequence[OutcomeProposal],
) -> tuple[list[Entry], dict[str, str]]:
    """Write an entry a column; and the pattern of importance that is asked of dimensions."""
    of_pair = {getattr(pair, rating): (rating, pair) for pair in pairs for rating in RATINGS if getattr(pair, rating)}
    of_metric = {name: metric for metric in metrics for name in (metric.expected, metric.perceived) if name}
    of_outcome = {outcome.column: outcome for outcome in outcomes}
    points = _dimension_points(ratings, of_pair)
    pattern = next(iter(points.values()), "")
    rateable = {column.name for column in ratings}
    expected = any(pair.expectation for pair in pairs)
    entries = []
    for column in columns:
        name, found = column.name, claims[column.name]
        if name in of_pair:
            rating, pair = of_pair[name]
            entry = Entry(
                name,
                column.wording,
                rating,
                pair.item,
                pair.dimension,
                pair.touchpoint,
                pair.wave,
                pair.confidence,
                pair.evidence,
                pair.question,
            )
        elif name in of_metric:
            metric = of_metric[name]
            entry = Entry(name, column.wording, "metric", metric.name, confidence=metric.confidence, evidence=metric.evidence)
        elif name in of_outcome:
            outcome = of_outcome[name]
            sure, question = (outcome.confidence, "") if found.confidence >= THRESHOLD else (found.confidence, outcome.question)
            entry = Entry(
                name, column.wording, "outcome", outcome.name, confidence=sure, evidence=outcome.evidence, question=question
            )
        elif name in points:
            entry = Entry(
                name,
                column.wording,
                "importance",
                dimension=_dimension(name, pattern),
                confidence=0.9,
                evidence="its name says importance, of a dimension",
            )
        elif name in rateable and found.role in OPEN and (loose := _loose(column, expected)) is not None:
            entry = Entry(
                name, column.wording, loose.role, confidence=loose.confidence, evidence=loose.evidence, question=loose.question
            )
        else:
            role = found.role if found.role in ROLES else "unknown"
            entry = Entry(
                name, column.wording, role, confidence=found.confidence, evidence=found.evidence, question=found.question
            )
        entries.append(entry)
    return entries, {"importance": pattern} if pattern else {}


def _loose(column: Column, paired: bool) -> Claim | None:
    """Say what a rating without a partner is: never an expectation in silence."""
    question = said(sentence(column))
    words = named_roles(column)
    roles = {question.role} if question.role else {mark.role for mark in words}
    if "importance" in roles:
        return Claim(
            "importance",
            0.85 if question.role else 0.8,
            "its question asks for importance" if question.role else f"named {words[0].word!r}",
        )
    if roles == {"disconfirmation"}:
        return Claim("unknown", 0.8, "its question compares with what was expected, which is no expectation")
    if roles in ({"expectation"}, {"adequate"}):
        role = roles.pop()
        other = "perception" if role == "expectation" else "expectation"
        return Claim(
            role,
            0.5,
            f"it says {role}",
            f"{column.name} seems to be a rating of the {role}: of which {other} is it the other half?",
        )
    told = {mark.role for mark in marks(column.name)} if len(column.name.split()) <= _NAME else set()
    if not roles and told and told <= {"expectation", "adequate", "importance"}:
        return Claim("unknown", 0.5, f"named {marks(column.name)[0].word!r}, and nothing beside it says what that means")
    if paired:
        return Claim("unknown", 0.5, "a rating that belongs to no pair") if "rating" in roles or "perception" in roles else None
    if roles & {"perception", "rating"} or _like_ratings(column):
        return Claim("perception", 0.5, "numbers of a scale, and nothing that was expected beside it", "")
    return None


def named_roles(column: Column) -> list[Mark]:
    """Return the whole words for a rating in a name; in a sentence they may mean anything."""
    words = marks(column.name) if len(column.name.split()) <= _NAME else ()
    return [mark for mark in words if mark.strength == "whole"]


def _like_ratings(column: Column) -> bool:
    """Whether numbers look like answers on a scale, and not like counts or shares."""
    core = core_of([column])
    if core is None:
        words = read_labels(column.values)
        return len(words.numbers) > 2
    return 3 <= column.distinct <= 30 and 2 <= core.high - core.low <= 11 and core.high <= 11 and core.low >= -5


def _dimension_points(ratings: Sequence[Column], taken: Mapping[str, object]) -> dict[str, str]:
    """Find importance that was asked of dimensions: columns such as importance_tangibles, and their pattern."""
    found: dict[str, list[tuple[str, str]]] = {}
    for column in ratings:
        for mark in marks(column.name) if column.name not in taken else ():
            if mark.role == "importance" and mark.strength != "letter":
                for pattern, rest in (
                    (column.name[: mark.end + 1] + "{dimension}", column.name[mark.end + 1 :]),
                    ("{dimension}" + column.name[max(mark.start - 1, 0) :], column.name[: max(mark.start - 1, 0)]),
                ):
                    if rest and (dimension_of(f"{rest}_1") or re.fullmatch(r"[^\W\d_]{4,}", rest)):
                        found.setdefault(pattern, []).append((column.name, rest))
    best = max(found.items(), key=lambda entry: len(entry[1]), default=("", []))
    known = [rest for _, rest in best[1] if dimension_of(f"{rest}_1")]
    return {name: best[0] for name, _ in best[1]} if len(known) > 1 else {}


def _dimension(name: str, pattern: str) -> str:
    head, _, tail = pattern.partition("{dimension}")
    return name[len(head) : len(name) - len(tail)]
