"""What a profile is taken for: the whole proposal, put together from roles, pairs and scales."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from cxgap.inspection.answers import core_of, rated
from cxgap.inspection.column import Column
from cxgap.inspection.entries import entries_of, named_roles
from cxgap.inspection.expected import expectation_kind
from cxgap.inspection.missing import propose_missing
from cxgap.inspection.names import marks
from cxgap.inspection.operations import Recognised, recognise
from cxgap.inspection.outcomes import propose_metrics, propose_outcome, unit_of
from cxgap.inspection.pairing import find_pairs, sentence
from cxgap.inspection.patterns import patterns_of
from cxgap.inspection.proposed import (
    RATINGS,
    ROLES,
    THRESHOLD,
    Entry,
    MetricProposal,
    OutcomeProposal,
    Pair,
    Proposal,
    ScaleProposal,
)
from cxgap.inspection.roles import OPEN, Claim, claim, rank, unique
from cxgap.inspection.scales import propose_scale
from cxgap.inspection.words import said

if TYPE_CHECKING:
    from cxgap.inspection.profile import Profile

__all__ = ["ROLES", "THRESHOLD", "Entry", "MetricProposal", "OutcomeProposal", "Pair", "Proposal", "ScaleProposal", "propose"]

_KNOWN_AS: Final = {
    **{role: role for role in ("respondent_id", "customer_id", "event_id", "touchpoint", "wave", "item", "dimension")},
    "time": "at",
    "duration": "seconds",
}
_FEW_ALIKE: Final = 2  # questions that differ in their columns alone; of more, one is asked


def propose(profile: Profile) -> Proposal:
    """Propose what each column is, how the ratings pair, and what must be asked.

    Nothing below `THRESHOLD` is decided: it is proposed with a question.
    """
    columns = list(profile.columns)
    claims = {column.name: claim(column, profile.rows, profile.personal) for column in columns}
    free = [column for column in columns if claims[column.name].role in OPEN or claims[column.name].role.startswith("outcome")]
    metrics = propose_metrics([column for column in free if unit_of(column.name)])
    measured = {name for metric in metrics for name in (metric.expected, metric.perceived)}
    ratings = [column for column in free if column.name not in measured and rated(column)]
    pairs = find_pairs(ratings)
    table = recognise(columns, profile.rows)
    if table is not None and not _is_survey(table, pairs, claims):
        return _beside(columns, claims, table)
    return _survey(columns, claims, ratings, pairs, metrics)


def _is_survey(table: Recognised, pairs: Sequence[Pair], claims: Mapping[str, Claim]) -> bool:
    if table.table in ("managers", "employees", "standards"):
        return False
    if any(pair.confidence >= THRESHOLD for pair in pairs):
        return True
    judged = any(found.role.startswith("outcome") and found.confidence >= THRESHOLD for found in claims.values())
    return judged and table.table == "customers"


def _beside(columns: Sequence[Column], claims: Mapping[str, Claim], table: Recognised) -> Proposal:
    """Propose a table beside the survey, or a codebook."""
    known = {name: role for role, name in _KNOWN_AS.items()} | {"metric": "unknown"}
    entries = []
    for column in columns:
        found, called = claims[column.name], table.columns.get(column.name, "")
        if called and found.role != "personal":
            role = known.get(called) or ("time" if column.dates else "unknown")
            entries.append(Entry(column.name, column.wording, role, confidence=0.9, evidence=f"the {called} of {table.table}"))
        else:
            role = found.role if found.role in ROLES and found.role not in _KNOWN_AS else "unknown"
            role = found.role if found.role == "time" else role
            entries.append(Entry(column.name, column.wording, role, confidence=found.confidence, evidence=found.evidence))
    rename = {name: called for name, called in table.columns.items() if name != called}
    return Proposal(table=table.table, entries=entries, rename=rename, questions=table.questions)


def _survey(
    columns: Sequence[Column],
    claims: Mapping[str, Claim],
    ratings: Sequence[Column],
    pairs: Sequence[Pair],
    metrics: Sequence[MetricProposal],
) -> Proposal:
    pairs = [*pairs] or _perceived(ratings)
    patterns, pairs = patterns_of(pairs, [column.name for column in columns])
    of_name = {column.name: column for column in columns}
    bare = [pair for pair in pairs if not pair.item]
    long = len(pairs) == 1 and bool(bare)
    if long:
        patterns = {rating: name for rating in RATINGS if (name := getattr(pairs[0], rating))}
    candidates = {} if any(not pair.question for pair in pairs) else patterns
    paired = {getattr(pair, rating) for pair in pairs for rating in RATINGS} - {""}
    measured = {name for metric in metrics for name in (metric.expected, metric.perceived)}
    judged = [
        (name, found) for name, found in claims.items() if found.role.startswith("outcome") and name not in paired | measured
    ]
    outcomes = _named_once(
        [outcome for name, found in judged if (outcome := propose_outcome(of_name[name], found)) is not None]
    )
    entries, points = entries_of(columns, claims, ratings, pairs, metrics, outcomes)
    on_scale = [of_name[name] for pair in pairs for rating in RATINGS[:3] if (name := getattr(pair, rating))]
    beside = [of_name[outcome.column] for outcome in outcomes] + [
        of_name[entry.column] for entry in entries if entry.role == "importance"
    ]
    scale = propose_scale(on_scale)
    missing = propose_missing(on_scale, scale, beside)
    if long or (points and "{dimension}" not in patterns.get("importance", "{dimension}")):
        points = {}
    rename = _renamed(columns, claims)
    kind, why = expectation_kind([of_name[pair.expectation] for pair in pairs if pair.expectation and not pair.question])
    weighed = [of_name[entry.column] for entry in entries if entry.role == "importance"]
    questions = [*_asked(pairs), *_asked([entry for entry in entries if entry.column not in paired])]
    questions += [
        scale.question,
        *missing.questions,
        *(outcome.question for outcome in outcomes),
        *_of_layout(columns, entries, pairs),
    ]
    return Proposal(
        layout="long" if long else "wide" if pairs or outcomes or metrics else "",
        table="responses",
        entries=entries,
        pairs=pairs,
        patterns={} if candidates else {**patterns, **points},
        rename=rename,
        scale=scale,
        missing=missing.codes,
        missing_evidence=missing.evidence,
        outcomes=outcomes,
        metrics=metrics,
        design=_design(claims),
        expectation_kind=kind,
        expectation_evidence=why,
        importance_kind=_importance_kind(weighed)
        if points or "importance" in patterns or any(p.importance for p in pairs)
        else "",
        questions=list(dict.fromkeys(question for question in questions if question)),
        candidates=candidates,
    )


def _named_once(outcomes: Sequence[OutcomeProposal]) -> list[OutcomeProposal]:
    """Number outcomes that would have one name."""
    times = Counter(outcome.name for outcome in outcomes)
    seen: Counter[str] = Counter()
    named = []
    for outcome in outcomes:
        seen[outcome.name] += 1
        several = times[outcome.name] > 1
        named.append(outcome._replace(name=f"{outcome.name}_{seen[outcome.name]}") if several else outcome)
    return named


def _perceived(ratings: Sequence[Column]) -> list[Pair]:
    """Take ratings for perceptions where several say that they are, and none that it was expected."""
    named: dict[str, tuple[str, str]] = {}
    for column in ratings:
        question = said(sentence(column))
        words = named_roles(column)
        roles = {mark.role for mark in words} | ({question.role} if question.role else set())
        if roles & {"expectation", "adequate"}:
            return []
        if roles == {"perception"} and (question.stem or words):
            item = question.about if question.stem else "_".join(_without(column.name, words[0].start, words[0].end))
            named[column.name] = (item or column.name, question.stem or words[0].word)
    items = Counter(item for item, _ in named.values())
    if len(named) < _FEW_ALIKE or max(items.values()) > 1:
        return []
    return [
        Pair(item, perception=name, confidence=0.85, evidence=f"{why!r} asks for what was perceived")
        for name, (item, why) in named.items()
    ]


def _without(name: str, start: int, end: int) -> list[str]:
    return [part for part in (name[:start].strip(" _.-"), name[end:].strip(" _.-")) if part]


def _renamed(columns: Sequence[Column], claims: Mapping[str, Claim]) -> dict[str, str]:
    """Choose the column for each name that cxgap knows; what has the name already keeps it."""
    names = {column.name for column in columns}
    rename = {}
    for role, known in _KNOWN_AS.items():
        if known in names:
            continue
        able = [
            column for column in columns if claims[column.name].role == role and claims[column.name].confidence >= THRESHOLD
        ]
        able = [column for column in able if role != "time" or rank(role, column.name) is not None]
        if able:
            most = max(column.filled for column in able)
            best = min(
                able,
                key=lambda one: (
                    role.endswith("_id") and not unique(one),
                    one.filled * 10 < most * 9,
                    rank(role, one.name) or 0,
                    one.place,
                ),
            )
            rename[best.name] = known
    return rename


def _design(claims: Mapping[str, Claim]) -> dict[str, str]:
    design: dict[str, str] = {}
    for role in ("weight", "stratum", "psu", "population"):
        able = [name for name, found in claims.items() if found.role == role and found.confidence >= THRESHOLD]
        if able:
            design[role] = min(able, key=lambda name: rank(role, name) or 0)
    return design


def _importance_kind(columns: Sequence[Column]) -> str:
    core = core_of(columns)
    return "" if core is None else "points" if core.high > 11 else "rating"


def _asked(proposed: Sequence[Pair] | Sequence[Entry]) -> list[str]:
    """Ask what is open, and once of many that are open for one reason."""
    alike: dict[tuple[str, float], list[str]] = {}
    for one in proposed:
        if one.question:
            alike.setdefault((one.role if isinstance(one, Entry) else "", one.confidence), []).append(one.question)
    asked = []
    for questions in alike.values():
        different = list(dict.fromkeys(questions))
        asked += different if len(different) <= _FEW_ALIKE else [f"{different[0]} ({len(different) - 1} more alike)"]
    return asked


def _of_layout(columns: Sequence[Column], entries: Sequence[Entry], pairs: Sequence[Pair]) -> list[str]:
    asked = []
    for column in columns:
        roles = (
            {mark.role for text in column.values for mark in marks(text) if mark.strength == "whole"}
            if 2 <= column.distinct <= 4
            else set()
        )
        if {"expectation", "perception"} <= roles and not column.numbers:
            asked.append(f"{column.name} says in each row which rating it is: can the file be exported with a column for each?")
    waves = sorted({pair.wave for pair in pairs if pair.wave})
    if len(waves) > 1:
        asked.append(
            f"columns of {len(waves)} waves stand side by side ({', '.join(waves)}): can each wave be exported to its own rows?"
        )
    loose = [entry.column for entry in entries if entry.role == "perception" and not entry.question]
    if not pairs and len(loose) > 1:
        shown = ", ".join(loose[:5]) + (", ..." if len(loose) > 5 else "")
        asked.append(f"nothing says which of the ratings {shown} were expected, and which perceived: which are they?")
    return asked
