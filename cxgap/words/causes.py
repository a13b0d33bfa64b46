"""Why promises were broken, in words: what of it is within control, and what cannot be told."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from cxgap.result import Prose, Sentence, Table
from cxgap.vocabulary import counted
from cxgap.words.numbers import capital, listed, share

_WITHIN: Final = {
    "controllable": "within our control",
    "shared": "shared with others",
    "uncontrollable": "beyond our control",
    "unknown": "not known",
    "mixed": "of several kinds",
}
_MOST: Final = 3  # causes that are named of a cell


def describe_causes(table: Table) -> Prose:
    """Put causes into words: what is within control, what customers felt, and the largest causes, cell by cell."""
    frame = table.frame
    if frame.empty:
        return Prose(table.title, lead=tuple(map(Sentence, table.notes)))
    names = list(frame.columns[: list(frame.columns).index("level")])
    cells = list(frame.groupby(names, sort=False)) if names else [((), frame)]
    details: list[Sentence] = []
    lead: tuple[Sentence, ...] = ()
    for key, rows in cells:
        label = " · ".join(map(str, key if isinstance(key, tuple) else (key,)))
        sentences = [*_control(rows, label), *_felt(rows, label), *_largest(rows, label)]
        details += sentences
        lead = tuple(sentences) if not names else ()
    return Prose(table.title, lead, () if lead else tuple(details), tuple(map(Sentence, table.notes)))


def _control(rows: pd.DataFrame, label: str) -> list[Sentence]:
    """Say between which bounds the share within control lies, and what leaves it open."""
    first, place = rows.iloc[0].to_dict(), int(rows.index[0])
    late, where = int(first["late"]), f"{capital(label)}: of" if label else "Of"
    if not late:
        return [
            Sentence(f"{capital(label) + ': no' if label else 'No'} promise of {int(first['promises']):,} was broken.", place)
        ]
    low, high = (first[f"controllable_{end}"] for end in ("low", "high"))
    if not math.isfinite(low):
        return []
    text = f"{where} {counted(late, 'late promise')}, {_between(low, high)} are within our control"
    if math.isfinite(first["conf_low"]):
        text += f" (both bounds lie in {_span(first['conf_low'], first['conf_high'])})"
    open_ = [f"the {_percent(first['unknown'])} without a known cause"] if first["unknown"] > 0 else []
    shared = rows[(rows["level"] == "control") & (rows["control"] == "shared")]
    if len(shared) and math.isfinite(of := float(shared["of_late"].iloc[0])) and of > 0:
        open_.append(f"the {_percent(of)} that are shared with others")
    if open_:
        text += f"; what cannot be told is {listed(open_)}"
    return [Sentence(f"{text}.", place)]


def _felt(rows: pd.DataFrame, label: str) -> list[Sentence]:
    """Say what was on time, and only beside it what would have been."""
    kept, excused = (rows[rows["level"] == level] for level in ("kept", "excused"))
    row: Mapping[str, Any] = kept.iloc[0].to_dict()
    if not math.isfinite(row["share_low"]):
        return []
    value, span = share(row["share"], row["share_low"], row["share_high"])
    text = f"{capital(label) + ': ' if label else ''}{value} were on time or early ({span})"
    if len(excused) and float(excused["share"].iloc[0]) > row["share"]:
        other = _percent(float(excused["share"].iloc[0]))
        text += f"; but for what is beyond our control it would be {other}, yet customers feel the {value}"
    return [Sentence(f"{text}.", int(kept.index[0]))]


def _largest(rows: pd.DataFrame, label: str) -> list[Sentence]:
    """Name the largest causes; those whose intervals overlap are said not to be told apart."""
    every = rows[rows["level"] == "cause"]
    named = every.head(_MOST)
    if named.empty:
        return []
    said = []
    for row in named.to_dict("records"):
        value, span = share(row["of_late"], row["of_late_low"], row["of_late_high"])
        kind = f", {_WITHIN[row['control']]}" if row["control"] in _WITHIN and row["cause"] != "unknown" else ""
        what = "an unknown cause" if row["cause"] == "unknown" else str(row["cause"])
        said.append(f"{what} {value}" + (f" ({span}{kind})" if math.isfinite(row["of_late_low"]) else ""))
    first = named.iloc[0]
    rivals = every.iloc[1:][every.iloc[1:]["of_late_high"] >= first["of_late_low"]]
    text = f"{capital(label) + ': of' if label else 'Of'} what is late, {listed(said)}"
    if len(rivals):
        names = ["what is unknown" if name == "unknown" else str(name) for name in [first["cause"], *rivals["cause"]]]
        which = f"which of {listed(names)}" if len(names) <= _MOST else f"which of the first {len(names)}"
        text += f"; {which} is the largest is not settled"
    return [Sentence(f"{text}.", int(named.index[0]))]


def _between(low: float, high: float) -> str:
    ends = _percent(low), _percent(high)
    return ends[0] if ends[0] == ends[1] else f"between {ends[0]} and {ends[1]}"


def _percent(value: float) -> str:
    return f"{100 * value:.0f} %"


def _span(low: float, high: float) -> str:
    return f"{100 * low:.0f} to {100 * high:.0f} %"
