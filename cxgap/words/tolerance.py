"""The zone of tolerance in words: below it, inside it or above it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from cxgap.result import GapTable, Prose, Sentence
from cxgap.vocabulary import EXCEEDED, MET, NOT_SHOWN, SHORT, counted
from cxgap.words.details import blank, span, spread, within
from cxgap.words.limits import limits
from cxgap.words.numbers import capital, is_none, listed, measured, share
from cxgap.words.rows import Row, noun_of, people, rows_of, worst_first

ADEQUACY, SUPERIORITY = "adequacy", "superiority"
_ASKED: Final = {ADEQUACY: "the least that is acceptable", SUPERIORITY: "what is desired"}
_MEANING: Final = "The zone of tolerance lies between the least that is acceptable and what is desired."
BELOW, INSIDE, ABOVE, OPEN, HIDDEN = "below", "inside", "above", "open", "hidden"


def describe_tolerance(gaps: GapTable) -> Prose:
    """Put zones of tolerance into words."""
    rows, noun = rows_of(gaps), noun_of(gaps)
    zones = _zones(rows)
    return Prose(
        headline=_headline(zones, noun),
        lead=tuple(_lead(gaps, rows, zones, noun)),
        details=tuple(Sentence(_detail(gaps, row), row.place, (capital(row.label),) if row.label else ()) for row in rows),
        limits=limits(gaps, rows, [_MEANING]),
    )


def _zones(rows: Sequence[Row]) -> dict[str, str]:
    """Say of each cell where in its zone perception lies, as far as both verdicts tell."""
    verdicts: dict[str, dict[str, str]] = {}
    for row in rows:
        verdicts.setdefault(row.label, {})[str(row.cells.measure)] = row.verdict
    return {label: _zone(found.get(ADEQUACY, ""), found.get(SUPERIORITY, "")) for label, found in verdicts.items()}


def _zone(adequacy: str, superiority: str) -> str:
    if NOT_SHOWN in (adequacy, superiority):
        return HIDDEN
    if adequacy == SHORT:
        return BELOW
    if superiority == EXCEEDED:
        return ABOVE
    return INSIDE if adequacy in (MET, EXCEEDED) and superiority in (MET, SHORT) else OPEN


def _headline(zones: dict[str, str], noun: str) -> str:
    below = [label for label, zone in zones.items() if zone == BELOW]
    inside, known = _count(zones, INSIDE), len(zones) - _count(zones, HIDDEN)
    if not known:
        return "Too few customers answered to show a result"
    if len(zones) == 1 and "" in zones:
        zone = zones[""]
        return (
            "We cannot tell where in the zone of tolerance perceived lies"
            if zone == OPEN
            else f"Perceived lies {zone} the zone"
        )
    if not below:
        return f"Perceived lies inside the zone at {inside} of {counted(len(zones), noun)}"
    rest = f" and {below[1] if len(below) == 2 else f'{len(below) - 1} other {noun}s'}" if len(below) > 1 else ""
    return f"Perceived lies below the zone at {below[0]}{rest}, inside it at {inside} of {counted(len(zones), noun)}"


def _lead(gaps: GapTable, rows: Sequence[Row], zones: dict[str, str], noun: str) -> list[Sentence]:
    sentences = []
    if "" not in zones:
        strong = f"inside the zone of tolerance at {_count(zones, INSIDE) or 'none'} of {counted(len(zones), noun)}"
        rest = [f"{zone} it at {_count(zones, zone)}" for zone in (BELOW, ABOVE) if _count(zones, zone)]
        ends = [f"at {_count(zones, OPEN)} we cannot tell"] if _count(zones, OPEN) else []
        hidden = _count(zones, HIDDEN)
        ends += [f"{hidden} {'is' if hidden == 1 else 'are'} not shown"] if hidden else []
        text = f"Perceived lies {strong}{', ' if rest else ''}{listed(rest)}{'; ' if ends else ''}{listed(ends)}."
        sentences.append(Sentence(text, None, (strong,)))
    for measure, asked in _ASKED.items():
        short = worst_first([row for row in rows if row.cells.measure == measure])
        if short and (measure == ADEQUACY or not _count(zones, BELOW)):
            worst = short[0]
            at = f" at {worst.label}" if worst.label else ""
            size = f"{measured(worst.cells.estimate, worst)} ({span(worst)}; {people(worst, gaps.counts)})"
            text = (
                f"The largest shortfall against {asked} is{at}: {size}." if at else f"Against {asked} the shortfall is {size}."
            )
            sentences.append(Sentence(text, worst.place, (worst.label,) if at else ()))
    return sentences


def _detail(gaps: GapTable, row: Row) -> str:
    name = f"{capital(row.label)}: " if row.label else ""
    measure = str(row.cells.measure)
    asked = _ASKED.get(measure, measure)
    empty = blank(gaps, row)
    if empty:
        return f"{capital(f'{row.label}, against {asked}' if row.label else f'against {asked}')}: {empty}."
    value, found = row.cells.estimate, people(row, gaps.counts)
    side = "at" if is_none(value, row) else f"{measured(value, row)} {'below' if value < 0 else 'above'}"
    size = f"{side} {asked}"
    if row.verdict in (SHORT, EXCEEDED):
        text = f"perceived lies {size} ({span(row)})"
    elif row.verdict == MET:
        text = f"perceived lies {size} ({spread(row, 'below', 'above')}), {within(gaps, row)}"
    else:
        text = f"we cannot tell on which side of {asked} perceived lies; {side} it, could be {spread(row, 'below', 'above')}"
    text = "; ".join([f"{text}, {found}", *(_shares(row) if measure == ADEQUACY else [])])
    return f"{name}{text if name else capital(text)}."


def _shares(row: Row) -> list[str]:
    """Say how many customers perceive less, as much and more than their own zone."""
    texts = []
    for zone, words in (("below", " of customers lie below their own zone"), ("in", " inside it"), ("above", " above it")):
        value, low, high = (row.number(f"share_{zone}{end}") for end in ("", "_low", "_high"))
        if not math.isfinite(value):
            return []
        said, ends = share(value, low, high)
        texts.append(f"{said}{words}{f' ({ends})' if math.isfinite(low) else ''}")
    return [listed(texts)]


def _count(zones: dict[str, str], zone: str) -> int:
    return sum(found == zone for found in zones.values())
