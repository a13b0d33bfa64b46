"""Entities compared at one mix of customers, in sentences: who differs by more than chance, and which ranks each could have."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from cxgap.result import Prose, Sentence, Table
from cxgap.vocabulary import CANNOT_TELL, NOT_SHOWN, counted, plain, signed
from cxgap.words.numbers import capital, listed, some


def describe_case_mix(table: Table) -> Prose:
    """Put the comparison into words: who differs and what cannot be told apart, a sentence an entity, how as limits."""
    frame = table.frame
    rows = frame.to_dict("records")
    key, signs = str(frame.columns[0]), bool((frame["estimate"] < 0).any())
    lead = [*_apart(rows, key, signs), *_alike(rows, key)]
    details = [Sentence(_entity(row, key, signs), place, (str(row[key]),)) for place, row in enumerate(rows)]
    return Prose(table.title, tuple(lead), tuple(details), tuple(map(Sentence, table.notes)))


def away(value: float, low: float, high: float, unit: str = "") -> str:
    """Write the size of a difference that is surely one, without its sign, and its interval; no end of it reads as zero."""
    ends = sorted((abs(low), abs(high)))
    digits = 2 if ends[0] >= 0.005 else 3
    return f"{plain(abs(value), 2)}{unit} ({plain(ends[0], digits)} to {plain(ends[1], 2)})"


def _text(value: float, signs: bool) -> str:
    return (signed if signs else plain)(value, 2)


def _apart(rows: Sequence[Mapping[str, Any]], key: str, signs: bool) -> list[Sentence]:
    """Name those who differ from the mean, and by how much."""
    told = []
    for place, row in enumerate(rows):
        if str(row["finding"]).endswith("than the mean"):
            size = away(row["difference"], row["difference_low"], row["difference_high"])
            text = f"{capital(str(row[key]))} is {row['finding']} of {_text(row['overall'], signs)} by {size}."
            told.append(Sentence(text, place, (str(row[key]),)))
    known = [row for row in rows if math.isfinite(row["estimate"])]
    if not told and known:
        several = counted(len(known), key.replace("_", " "))
        told.append(
            Sentence(f"Of {several} none is shown to differ from the mean of all, {_text(known[0]['overall'], signs)}.")
        )
    return told


def _alike(rows: Sequence[Mapping[str, Any]], key: str) -> list[Sentence]:
    """Say which neighbours by rank cannot be told apart."""
    ranked = [row for row in rows if math.isfinite(row["rank"])]
    if len(ranked) < 2:
        return []
    if all(row["rank_low"] == 1 and row["rank_high"] == len(ranked) for row in ranked):
        return [Sentence(f"Ranks 1 to {len(ranked)} cannot be told apart.")]
    worst = [str(row[key]) for row in ranked if row["may_be_worst"] == 1]
    best = [str(row[key]) for row in ranked if row["may_be_best"] == 1]
    text = f"The worst {'is' if len(worst) == 1 else 'is one of'} {listed(some(worst))}"
    return [Sentence(f"{text}, the best {'is' if len(best) == 1 else 'is one of'} {listed(some(best))}.")]


def _entity(row: Mapping[str, Any], key: str, signs: bool) -> str:
    name = capital(str(row[key]))
    if row["finding"] == NOT_SHOWN or not math.isfinite(row["estimate"]):
        return f"{name}: not shown."
    low, high = (_text(row[f"conf_{end}"], signs) for end in ("low", "high"))
    span = f" ({low} to {high})" if math.isfinite(row["conf_low"]) else ""
    found = f"{_text(row['estimate'], signs)}{span} with the mix of all, {_text(row['raw'], signs)} as it is"
    finding = "we cannot tell whether it differs from the mean" if row["finding"] == CANNOT_TELL else str(row["finding"])
    rank = ""
    if math.isfinite(row["rank"]):
        ends = f"{row['rank_low']:.0f} to {row['rank_high']:.0f}"
        rank = f"; rank {row['rank']:.0f}" + (f", could be {ends}" if row["rank_low"] < row["rank_high"] else "")
    return f"{name}: {found} ({counted(int(row['n']), 'respondent')}), {finding}{rank}."
