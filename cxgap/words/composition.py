"""Did it change, or did who answered change: each step in a sentence, with both parts and how sure they are."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from cxgap.result import Prose, Sentence, Table
from cxgap.vocabulary import counted, signed
from cxgap.words.numbers import capital


def describe_composition(table: Table) -> Prose:
    """Put a change that was split into words: the last step as lead, all of them as details, how to read them as limits."""
    frame = table.frame
    names = list(frame.columns[: list(frame.columns).index("level")])
    side = frame["side"].iloc[0]
    whole = frame[(frame["group"] == "") & (frame["side"] == side)]
    details = []
    for place, row in zip(whole.index, whole.to_dict("records"), strict=True):
        label = " · ".join(str(row[name]) for name in names)
        text = _step(row, "the gap" if side == "gap" else str(side).replace("_", " "))
        details.append(Sentence(f"{capital(label)}: {text}." if label else f"{capital(text)}.", int(place)))
    lead = tuple(details[-1:]) if not names else ()
    return Prose(table.title, lead, tuple(details), tuple(map(Sentence, table.notes)))


def _step(row: Mapping[str, Any], noun: str) -> str:
    step = f"{row['against']} to {row['level']}"
    if not math.isfinite(row["total"]):
        return f"{step}: not shown, too few answered"
    people = f"{counted(int(row['n_against']), 'customer')} and then {int(row['n']):,}"
    text = f"{step}, {noun} moved by {_moved(row, 'total')}, {people}: {row['finding']}"
    return f"{text}; within groups it moved by {_moved(row, 'within')}, and by who answered by {_moved(row, 'mix')}"


def _moved(row: Mapping[str, Any], part: str) -> str:
    low, high = row[f"{part}_low"], row[f"{part}_high"]
    span = f" ({signed(low, 2)} to {signed(high, 2)})" if math.isfinite(low) else ""
    return f"{signed(row[part], 2)}{span}"
