"""Did the gap change? The latest difference in words: by how much, how sure, and which of its two sides moved."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from cxgap.result import Prose, Sentence, Table
from cxgap.vocabulary import counted, signed
from cxgap.words.numbers import capital

_SAID = {"cannot tell": "no clear change", "not shown": "not shown, too few answered"}


def describe_changes(table: Table) -> Prose:
    """Put differences into words: the last one as lead, all of them as details, how they are to be read as limits."""
    frame = table.frame
    keys = list(frame.columns[: list(frame.columns).index("level")])
    details = []
    for place, row in enumerate(frame.to_dict("records")):
        name = " · ".join(str(row[key]) for key in keys)
        text = _difference(row)
        details.append(Sentence(f"{capital(name)}: {text}." if name else f"{capital(text)}.", place))
    lead = tuple(details[-1:]) if not keys else ()
    return Prose(table.title, lead, tuple(details), tuple(map(Sentence, table.notes)))


def _difference(row: Mapping[str, Any]) -> str:
    against = f"{row['level']} against {row['against']}"
    finding = _SAID.get(row["finding"], row["finding"])
    if not math.isfinite(row["estimate"]):
        return f"{against}: {finding}"
    people = f"{counted(int(row['n']), 'customer')} against {int(row['n_against']):,}"
    moved = f"the gap moved by {_moved(row, '')}, {people}: {finding}"
    sides = f"what was perceived moved by {_moved(row, 'perception_')}, what was expected by {_moved(row, 'expectation_')}"
    return f"{against}, {moved}; {sides}"


def _moved(row: Mapping[str, Any], side: str) -> str:
    value, low, high = (row[f"{side}{name}"] for name in ("estimate", "conf_low", "conf_high"))
    span = f" ({signed(low, 2)} to {signed(high, 2)})" if math.isfinite(low) else ""
    return f"{signed(value, 2)} points{span}"
