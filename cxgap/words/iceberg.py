"""How many were hit where only complaints, or complaints and a survey, tell: in sentences."""

from __future__ import annotations

import math
from collections.abc import Hashable
from typing import Any, Final

from cxgap.result import Prose, Sentence, Table
from cxgap.vocabulary import CANNOT_TELL, NOT_SHOWN, counted
from cxgap.words.numbers import capital

_AT_LEAST: Final = "at least"


def describe_complaint_iceberg(table: Table) -> Prose:
    """Put into words how many may have been hit, and by what that is known."""
    rows: list[dict[Hashable, Any]] = [{**row, "place": place} for place, row in enumerate(table.frame.to_dict("records"))]
    keys = list(table.frame.columns[: list(table.frame.columns).index("method")])
    sentences = []
    for row in rows:
        name = " · ".join(str(row[key]) for key in keys)
        text = f"{name}: {_row(row)}" if name else capital(_row(row))
        sentences.append(Sentence(f"{text}.", row["place"], (name,) if name else ()))
    limits = tuple(map(Sentence, table.notes))
    return Prose(table.title, () if keys else tuple(sentences), tuple(sentences) if keys else (), limits)


def _row(row: dict[Hashable, Any]) -> str:
    if row["finding"] == NOT_SHOWN:
        return NOT_SHOWN
    complained = f"{counted(int(row['first']), 'customer')} complained"
    if math.isfinite(row["second"]):
        complained += f" and {row['second']:,.0f} answered badly"
    if row["finding"] == CANNOT_TELL or not math.isfinite(row["estimate"]):
        why = "too few did both" if math.isfinite(row["second"]) else "nobody is known to have complained of those hit"
        return f"{complained}; how many had reason to cannot be told, as {why}"
    ends = f"({row['conf_low']:,.0f} to {row['conf_high']:,.0f})"
    if row["finding"] == _AT_LEAST:
        return f"{complained}, {row['both']:,.0f} did both: at least {row['estimate']:,.0f} had reason to complain {ends}"
    if math.isfinite(row["second"]):
        return f"{complained}, {row['both']:,.0f} did both: about {row['estimate']:,.0f} had reason to {ends}"
    return f"{complained}: at the known share about {row['estimate']:,.0f} had reason to {ends}"
