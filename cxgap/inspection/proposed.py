"""What `inspect` proposes: what each column is taken for, how sure that is, and what must be asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

THRESHOLD: Final = 0.8  # below it a proposal is a question

# What a column can be taken for. An importance is never an expectation.
RATINGS: Final = ("expectation", "perception", "adequate", "importance")
ROLES: Final = (
    *RATINGS,
    *("outcome", "metric"),
    *("weight", "stratum", "psu", "population"),
    *("respondent_id", "customer_id", "event_id", "touchpoint", "wave", "item", "dimension"),
    *("time", "duration", "segment", "personal", "free text", "unknown"),
)

# How sure each kind of evidence makes. Two that agree give the higher; two that contradict each other, CONTRADICTED.
CONFIDENCE: Final = {
    "wording and name": 0.98,  # both say which of the two ratings it is
    "wording": 0.95,  # the question says it, and the other question has the same item
    "name": 0.95,  # a whole word such as "expected" in the name, and the rest of the name is another column's too
    "letters in order": 0.9,  # e and p, for three items at least, and the columns stand in the same order
    "letters": 0.85,  # e and p, for two items at least
    "abbreviation": 0.85,  # "exp" beside "per": the letters may stand for something else
    "one of them": 0.6,  # one rating is named, and its partner only by its place
    "one item": 0.6,  # e and p, for one item
    "position": 0.5,  # two blocks of equal length: which of them is which is not known
    "contradicted": 0.3,
}


class Entry(NamedTuple):
    """What a column is taken for, `confidence` from 0 to 1; `question` is "" where it is settled."""

    column: str
    wording: str
    role: str
    item: str = ""
    dimension: str = ""
    touchpoint: str = ""
    wave: str = ""
    confidence: float = 0.0
    evidence: str = ""
    question: str = ""


class Pair(NamedTuple):
    """The columns in which one item is rated, "" where there is none."""

    item: str
    expectation: str = ""
    perception: str = ""
    adequate: str = ""
    importance: str = ""
    confidence: float = 0.0
    evidence: str = ""
    question: str = ""
    dimension: str = ""
    wave: str = ""
    touchpoint: str = ""


class ScaleProposal(NamedTuple):
    """The lowest and highest answer; where `question` is not "", they are only the extremes of the data, or None."""

    low: float | None = None
    high: float | None = None
    step: float = 1.0
    labels: Mapping[str, float] = {}
    confidence: float = 0.0
    evidence: str = ""
    question: str = ""
    unsettled: Sequence[str] = ()  # answers in words whose number must be asked


class OutcomeProposal(NamedTuple):
    """An overall judgement beside the ratings; `better` is said of effort alone, and "" must be asked."""

    name: str
    column: str
    kind: str
    low: float | None = None
    high: float | None = None
    confidence: float = 0.0
    evidence: str = ""
    question: str = ""
    labels: Mapping[str, float] = {}
    better: str = ""


class MetricProposal(NamedTuple):
    """What was asked in a unit of its own, as days: the columns that hold what was expected and what was perceived."""

    name: str
    unit: str
    direction: str
    expected: str = ""
    perceived: str = ""
    confidence: float = 0.0
    evidence: str = ""
    question: str = ""


class Proposal(NamedTuple):
    """All that is proposed for one file.

    Attributes
    ----------
    layout : "wide", "long", or "" where the file is no survey
    table : "responses", a name of `catalog.TABLES`, or "codebook"
    patterns : rating -> "e{item}" where one pattern a rating leads to all pairs and to nothing else
    rename : column of the file -> the name by which cxgap knows it
    missing : code -> what it means ("" where that is not known); only what the evidence is good for
    design : "weight", "stratum", "psu", "population" -> column
    expectation_kind : a key of `vocabulary.EXPECTATION_TYPES`, "" where it must be asked
    questions : all that must be asked, each once
    candidates : what `patterns` would be if the two matrices were in the order that the question names; empty where no pattern
        waits for an answer
    """

    layout: str = ""
    table: str = "responses"
    entries: Sequence[Entry] = ()
    pairs: Sequence[Pair] = ()
    patterns: Mapping[str, str] = {}
    rename: Mapping[str, str] = {}
    scale: ScaleProposal = ScaleProposal()
    missing: Mapping[str, str] = {}
    missing_evidence: Mapping[str, str] = {}
    outcomes: Sequence[OutcomeProposal] = ()
    metrics: Sequence[MetricProposal] = ()
    design: Mapping[str, str] = {}
    expectation_kind: str = ""
    expectation_evidence: str = ""
    importance_kind: str = ""
    questions: Sequence[str] = ()
    candidates: Mapping[str, str] = {}
