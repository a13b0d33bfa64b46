"""Overall judgements beside the ratings, and what was asked in days, hours or minutes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from cxgap.inspection.answers import core_of
from cxgap.inspection.column import Column
from cxgap.inspection.names import pieces
from cxgap.inspection.pairing import find_pairs
from cxgap.inspection.proposed import THRESHOLD, MetricProposal, OutcomeProposal
from cxgap.inspection.roles import Claim
from cxgap.inspection.scales import propose_scale, scale_said

_UNITS: Final = {
    "days": "day days tag tage tagen jour jours dia dias giorno giorni dag dagen gun hari дней дни 일수 日数 天数",
    "hours": "hour hours hrs std stunde stunden heure heures hora horas ora ore uur uren saat jam часов часы 時間 小时",
    "minutes": "minute minutes mins minuten minuti minutos minuut minuten dakika menit минут минуты 分钟",
    "weeks": "week weeks woche wochen semaine semaines semana semanas",
}
_UNIT_OF: Final = {word: unit for unit, words in _UNITS.items() for word in words.split()}


_NO_PROMOTERS: Final = 7  # the highest answer of a recommendation that was not asked from 0 to 10
_ENOUGH: Final = 30  # answers
_LONGEST_NAME: Final = 30
_SHORT: Final = 4  # words of a name; more are a sentence
_HOW_MANY: Final = frozenset(
    "many viele vielen combien de cuantos cuantas quantos quantas quanti quante hoeveel 몇 kac berapa".split()
)


def unit_of(name: str) -> str:
    """Return the unit of time that a name has, "" where it has none; a sentence must ask how many of them."""
    words = [piece.text for piece in pieces(name)]
    if len(name.split()) > _SHORT:
        words = [word for before, word in pairwise(words) if before in _HOW_MANY]
    return next((_UNIT_OF[word] for word in reversed(words) if word in _UNIT_OF), "")


def propose_metrics(columns: Sequence[Column]) -> list[MetricProposal]:
    """Pair what was expected with what was perceived in a unit of its own; the fewer of it, the better."""
    numeric = [column for column in columns if column.numbers + column.commas and not column.dates]
    metrics = []
    for pair in find_pairs(numeric):
        if not (pair.expectation and pair.perception) or pair.confidence < THRESHOLD:
            continue
        unit = unit_of(pair.expectation)
        words = [piece.text for piece in pieces(pair.item) if piece.text not in _UNIT_OF]
        name = " ".join(words) or f"time in {unit}"
        metrics.append(MetricProposal(name, unit, "lower", pair.expectation, pair.perception, pair.confidence, pair.evidence))
    return metrics


def propose_outcome(column: Column, found: Claim) -> OutcomeProposal | None:
    """Propose the kind and the scale of an overall judgement; None where it cannot be read as one."""
    kind = found.role.removeprefix("outcome ")
    name = re.sub(r"[^\w]+", "_", column.name).strip("_").casefold()
    name = name if 0 < len(name) <= _LONGEST_NAME else kind
    scale, core = propose_scale([column]), core_of([column])
    if kind == "recommend" and not scale.labels:
        said = scale_said(column.wording)
        full = core is not None and core.high == 10 and core.low >= 0
        if said == (1, 10):
            return None  # nobody could say 0: it is no net promoter question
        if full or said == (0, 10):
            evidence = found.evidence + ("; the question says so" if said else "; recommendation is asked from 0 to 10")
            return OutcomeProposal(name, column.name, kind, 0.0, 10.0, found.confidence, evidence, found.question)
        if core is not None and core.high <= _NO_PROMOTERS and column.filled >= _ENOUGH:
            return None
        top = f"goes from {core.low:g} to {core.high:g}" if core is not None else "has no answer"
        question = f"{column.name} {top}: was it asked from 0 to 10? On another scale it is no net promoter question"
        return OutcomeProposal(name, column.name, kind, None, None, 0.5, found.evidence, found.question or question)
    question = found.question or scale.question
    return OutcomeProposal(
        name, column.name, kind, scale.low, scale.high, found.confidence, found.evidence, question, dict(scale.labels)
    )
