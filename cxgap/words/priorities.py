"""What to fix first, and what carries the burden, in sentences: each with its doubt."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from cxgap.result import Prose, Sentence, Table
from cxgap.vocabulary import counted, plain, signed
from cxgap.words.numbers import listed

_TOLD = "cannot be told apart"
_NEXT = "Expect the worst"  # of what will look better by itself
MOMENT, CANDIDATE = "moment", "candidate"
_FINE = 9.5  # per cent, below which whole ones tell too little


def describe_priorities(table: Table) -> Prose:
    """Put the order of work into words: what comes first and how sure that is, then each row, then what limits it."""
    rows = table.frame.to_dict("records")
    names = _names(table)
    details = tuple(
        Sentence(_order(name, row), place, (name,)) for place, (name, row) in enumerate(zip(names, rows, strict=True))
    )
    said = [note for note in table.notes if _TOLD in note or note.startswith(_NEXT)]
    rest = [note for note in table.notes if note not in said]
    first = table.title.removeprefix("Fix first: ").partition(" (rank")[0]
    lead = [_reason(first, rows[names.index(first)], names.index(first))] if first in names else []
    return Prose(table.title, (*lead, *map(Sentence, said)), details, tuple(map(Sentence, rest)))


def describe_burden(table: Table) -> Prose:
    """Put a burden into words: what carries the most and why, which are moments that matter, then each row."""
    rows, names = table.frame.to_dict("records"), _names(table)
    points = [row["shortfall_points"] / row["shortfall"] if row["shortfall"] > 0 else 1.0 for row in rows]
    details = tuple(
        Sentence(f"{name}: rank {row['rank']} ({_could(row)}); {_factors(row, per)}.", place, (name,))
        for place, (name, row, per) in enumerate(zip(names, rows, points, strict=True))
    )
    told = [note for note in table.notes if _TOLD in note]
    rest = [note for note in table.notes if note not in told]
    lead = [
        Sentence(f"{names[0]}: {_factors(rows[0], points[0])}.", 0, (names[0],)),
        *map(Sentence, told),
        *_moments(rows, names),
    ]
    return Prose(table.title, tuple(lead), details, tuple(map(Sentence, rest)))


def describe_importance_performance(table: Table) -> Prose:
    """Put a map into words: which quadrants are sure, what is undetermined, then each row."""
    rows, names = table.frame.to_dict("records"), _names(table)
    lead = []
    for where, said in (
        ("keep up", "To keep up: {}."),
        ("possible overkill", "More than its importance asks for, perhaps: {}."),
    ):
        found = [name for name, row in zip(names, rows, strict=True) if row["quadrant"] == where]
        lead += [Sentence(said.format(_some(found)))] if found else []
    open_ = [name for name, row in zip(names, rows, strict=True) if row["quadrant"] in ("undetermined", "on line")]
    if open_:
        lead.append(Sentence(f"We cannot tell on which side of a line {_some(open_)} {'lies' if len(open_) == 1 else 'lie'}."))
    details = tuple(
        Sentence(f"{name}: {row['quadrant']} ({_often(row)}).", place, (name,))
        for place, (name, row) in enumerate(zip(names, rows, strict=True))
    )
    return Prose(table.title, tuple(lead), details, tuple(map(Sentence, table.notes)))


def _names(table: Table) -> list[str]:
    return list(table.frame.iloc[:, : table.keys].astype(str).agg(" · ".join, axis=1))


def _some(names: list[str]) -> str:
    """Name the first five and count the rest."""
    return listed([*names[:5], *([f"{len(names) - 5} more"] if len(names) > 5 else [])])


def _could(row: Mapping[str, Any]) -> str:
    low, high = int(row["rank_low"]), int(row["rank_high"])
    return "no other rank is possible" if low == high else f"could be {low} to {high}"


def _order(name: str, row: Mapping[str, Any]) -> str:
    met = f" met by {_part(row, 'reach')} of customers;" if "reach" in row else ""
    span = f"{signed(row['conf_low'], 2)} to {signed(row['conf_high'], 2)}; {counted(int(row['n']), 'customer')}"
    owner = f" Owner: {row['owner']}." if row.get("owner") else ""
    return (
        f"{name}: rank {row['rank']} ({_could(row)});{met} gap {signed(row['estimate'], 2)} ({span}): {row['verdict']}.{owner}"
    )


def _reason(name: str, row: Mapping[str, Any], place: int) -> Sentence:
    """Say why a row comes first."""
    size, ends = plain(abs(row["estimate"]), 2), sorted((abs(row["conf_low"]), abs(row["conf_high"])))
    text = f"{name}: customers got {size} points less than they expected ({plain(ends[0], 2)} to {plain(ends[1], 2)})"
    if row["verdict"] != "short":
        text = f"{name}: we cannot tell whether customers got what they expected"
    if "reach" in row:
        text += f"; {_part(row, 'reach', ends=True)} of all customers meet it"
    owner = f" Owner: {row['owner']}." if row.get("owner") else ""
    return Sentence(f"{text}.{owner}", place, (name,))


def _factors(row: Mapping[str, Any], per: float) -> str:
    """Say the three factors and the product."""
    reach, weight = _part(row, "reach"), _part(row, "importance")
    size, low, high = (plain(row[f"shortfall{end}"] * per, 2) for end in ("", "_low", "_high"))
    part = ""
    if math.isfinite(row["burden_share"]):
        part = f"; together {_part(row, 'burden_share', ends=True)} of the burden"
    return (
        f"{reach} of customers meet it, it has {weight} of the importance, and they miss {size} points ({low} to {high}){part}"
    )


def _part(row: Mapping[str, Any], name: str, *, ends: bool = False) -> str:
    """Write a share as per cent, of small ones a digit more; with its interval, where it has one."""
    value, low, high = (100 * float(row[f"{name}{end}"]) for end in ("", "_low", "_high"))
    digits = 1 if value < _FINE else 0
    known = ends and high - low > 10.0**-digits
    return f"{plain(value, digits)} %" + (f" ({plain(low, digits)} to {plain(high, digits)})" if known else "")


def _moments(rows: list[dict[str, Any]], names: list[str]) -> list[Sentence]:
    """Name moments that matter, and candidates for them."""
    sure, may = (
        [name for name, row in zip(names, rows, strict=True) if row["moment_that_matters"] == word]
        for word in (MOMENT, CANDIDATE)
    )
    said = []
    if sure:
        said.append(f"{listed(sure)} {'is a moment that matters' if len(sure) == 1 else 'are moments that matter'}.")
    if may:
        what = "is a candidate" if len(may) == 1 else "are candidates"
        said.append(f"{listed(may)} {what} for a moment that matters: the evidence does not reach further.")
    return [Sentence(text) for text in said] or [Sentence("None is shown to be a moment that matters.")]


def _often(row: Mapping[str, Any]) -> str:
    chances = {name: row[f"p_{name}"] for name in ("concentrate", "keep_up", "low_priority", "overkill")}
    words = {
        "concentrate": "concentrate here",
        "keep_up": "keep up",
        "low_priority": "low priority",
        "overkill": "possible overkill",
    }
    best = max(chances, key=lambda name: chances[name])
    often = "nearly all" if chances[best] > 0.995 else f"{plain(100 * chances[best], 0)} %"
    return f"{often} of the repetitions say {words[best]}"
