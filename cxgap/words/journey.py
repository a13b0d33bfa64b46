"""The journey in sentences: where it falls short, where it changes hands, and what touchpoints alone would not tell."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

from cxgap.result import Prose, Sentence, Table
from cxgap.vocabulary import CANNOT_TELL, EXCEEDED, MET, NOT_SHOWN, SHORT, counted, plain, signed
from cxgap.words.case_mix import away
from cxgap.words.numbers import capital, listed

_WORDS: Final = {
    SHORT: "customers got less than they expected",
    MET: "customers got what they expected",
    EXCEEDED: "customers got more than they expected",
    CANNOT_TELL: "we cannot tell whether customers got what they expected",
}
_HIDES = "touchpoints hide poor journeys"


def describe_journey(table: Table) -> Prose:
    """Put the map into words: the hand-overs as lead, a sentence a touchpoint, and what was not asked as limits."""
    rows = table.frame.to_dict("records")
    handed = [(place, row) for place, row in enumerate(rows) if row["handover"] and math.isfinite(row["change"])]
    lead = [*_short(rows), *(Sentence(_handed(row), place) for place, row in handed if row["change_finding"] == "gets worse")]
    rises = [f"from {row['touchpoint']} to {row['next']}" for _, row in handed if row["change_finding"] == "gets better"]
    lead += [Sentence(f"It gets better {listed(rises)}.")] if rises else []
    unclear = sum(row["change_finding"] not in ("gets worse", "gets better") for _, row in handed)
    if unclear:
        many = counted(unclear, "hand-over" if unclear == len(handed) else "other hand-over")
        lead.append(Sentence(f"At {many} the gap holds, or we cannot tell whether it changes."))
    details = [Sentence(_stop(row), place, (str(row["touchpoint"]),)) for place, row in enumerate(rows)]
    return Prose(table.title, tuple(lead), tuple(details), tuple(map(Sentence, table.notes[1:])))


def _short(rows: Sequence[Mapping[str, Any]]) -> list[Sentence]:
    """Name the touchpoints that are short, the largest shortfall first."""
    short = sorted((row for row in rows if row["verdict"] == SHORT), key=lambda row: float(row["estimate"]))
    named = [f"{row['touchpoint']} ({signed(row['estimate'], 2)} points)" for row in short]
    return [Sentence(f"Short of what customers expect: {listed(named)}.")] if named else []


def _handed(row: Mapping[str, Any]) -> str:
    """Say of a hand-over by how much the gap worsens there, and how many used both touchpoints."""
    where = f"From {row['touchpoint']} ({row['department']}) to {row['next']} ({row['next_department']})"
    both = row["n_both"]
    people = f"; {counted(int(both), 'respondent')} used both" if math.isfinite(both) else ""
    size = away(row["change"], row["change_low"], row["change_high"], " points")
    return f"{where} the gap gets worse by {size}{people}."


def _stop(row: Mapping[str, Any]) -> str:
    """Say of one touchpoint what each lane holds."""
    name, owner = row["touchpoint"], f" (owner: {row['owner']})" if row["owner"] else ""
    if not math.isfinite(row["estimate"]):
        said = f"not shown{', too few answered' if 'PRIVACY' in row['flags'] else ''}"
        gap = said if row["verdict"] == NOT_SHOWN else "nobody rated it"
    else:
        span = f", {signed(row['conf_low'], 2)} to {signed(row['conf_high'], 2)}" if math.isfinite(row["conf_low"]) else ""
        size = f"a gap of {signed(row['estimate'], 2)}{span}, {counted(int(row['n']), 'respondent')}"
        gap = f"{_WORDS.get(row['verdict'], row['verdict'])} ({size})"
    facts = [f"{plain(row['share'] * 100, 0)} % used it"] if math.isfinite(row["share"]) else []
    for lane in ("ease", "emotion"):
        if math.isfinite(row[lane]):
            facts.append(f"{lane} is {plain(row[lane], 1)} of {plain(row[f'{lane}_most'], 0)}")
    if math.isfinite(row["contact_rate"]):
        facts.append(f"{row['contact_rate']:,.1f} contacts came per 100 {row['contact_base']}")
    return f"{capital(str(name))}{owner}: {gap}{f'; {listed(facts)}' if facts else ''}."


def describe_journey_score(table: Table) -> Prose:
    """Put whole journeys into words: all of them as lead, each kind as a detail, and what counts as met as limits."""
    rows = table.frame.to_dict("records")
    lead = [Sentence(_whole(rows[0]), 0), *(Sentence(text, 0) for text in _disagreement(rows[0]))]
    details = [Sentence(_kind(row), place, (str(row["journey"]),)) for place, row in enumerate(rows) if place]
    return Prose(table.title, tuple(lead), tuple(details), tuple(map(Sentence, table.notes)))


def _whole(row: Mapping[str, Any]) -> str:
    worst = f"{signed(row['worst'], 2)} points ({signed(row['worst_low'], 2)} to {signed(row['worst_high'], 2)})"
    mean = f"{signed(row['estimate'], 2)} ({signed(row['conf_low'], 2)} to {signed(row['conf_high'], 2)})"
    people = counted(int(row["n"]), "respondent")
    return f"Over {people} the touchpoints of a journey have a gap of {mean} on average, and the worst of each one of {worst}."


def _disagreement(row: Mapping[str, Any]) -> list[str]:
    if not math.isfinite(row["hidden"]):
        return []
    said = {_HIDES: "so touchpoints hide poor journeys", "hardly any is hidden": "so touchpoints hide hardly any"}
    ends = said.get(row["verdict"], "and we cannot tell whether that is more than 1 in 20")
    other = f"In {_share(row, 'forgiven')} a touchpoint was short and the journey was judged well all the same."
    return [f"In {_share(row, 'hidden')} every touchpoint was met and the journey was not judged well, {ends}.", other]


def _kind(row: Mapping[str, Any]) -> str:
    met = f"{capital(str(row['journey']))}: every touchpoint was met in {_share(row, 'all_met')} of {int(row['n']):,}"
    if not math.isfinite(row["judged_well"]):
        return f"{met}."
    return (
        f"{met}, {_share(row, 'judged_well')} were judged well, and {_share(row, 'hidden')} were met throughout and were not."
    )


def _share(row: Mapping[str, Any], name: str) -> str:
    low, high = (plain(row[f"{name}_{end}"] * 100, 0) for end in ("low", "high"))
    return f"{plain(row[name] * 100, 0)} % ({low} to {high})"
