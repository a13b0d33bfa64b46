"""What goes with the overall judgement, in words that claim no more than that."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from cxgap.result import Prose, Sentence, Table
from cxgap.vocabulary import plain, signed
from cxgap.words.numbers import capital, listed, share

GOES_WITH = "goes with it"
_MOST = 6  # names in one sentence


def describe_drivers(table: Table) -> Prose:
    """Put drivers into words: what goes with the judgement most and which ranks cannot be told apart; a sentence a row."""
    rows = table.frame.to_dict("records")
    ranked = [row for row in rows if math.isfinite(row["rank"])]
    unsure = [str(row["predictor"]) for row in ranked if row["finding"] != GOES_WITH]
    lead = [Sentence(table.notes[0])]
    lead += [Sentence(text) for text in alike(ranked, "predictor")]
    if unsure:
        lead.append(
            Sentence(f"With the others alike, we cannot tell whether the judgement goes with {_some(unsure)} at all.", None)
        )
    lead += [Sentence(text) for text in _against_said(ranked)]
    details = [Sentence(_row(row), place, (capital(str(row["predictor"])),)) for place, row in enumerate(rows)]
    return Prose(table.title, tuple(lead), tuple(details), tuple(map(Sentence, table.notes[1:])))


def describe_stated(table: Table) -> Prose:
    """Put what customers say matters into words."""
    rows = table.frame.to_dict("records")
    ordered = sorted((row for row in rows if math.isfinite(row["rank"])), key=lambda row: float(row["rank"]))
    lead = [Sentence(table.notes[0]), *(Sentence(text) for text in alike(ordered, "part"))]
    details = []
    for place, row in enumerate(rows):
        name = str(row["part"])
        text = f"{capital(name)}: {_share(row, 'share', 'conf_low', 'conf_high')} of what matters{_ranks(row)}."
        details.append(Sentence(text, place, (capital(name),)))
    return Prose(table.title, tuple(lead), tuple(details), tuple(map(Sentence, table.notes[1:])))


def describe_dominance(table: Table) -> Prose:
    """Put dominance into words: the pairs that are settled, and how many are not."""
    rows = table.frame.to_dict("records")
    settled = [row for row in rows if row["finding"] != "cannot tell"]
    details = [
        Sentence(f"{capital(str(row['predictor']))} tells more than {row['over']}, whatever else is known{_again(row)}.", place)
        for place, row in enumerate(rows)
        if row in settled
    ]
    left = len(rows) - len(settled)
    lead = []
    if left:
        which = "it" if left == 1 else "them"
        pairs = "1 pair" if left == 1 else f"{left} pairs"
        lead.append(
            Sentence(f"Of {pairs} we cannot tell which of {which} tells more: it hangs on what else is known, or on chance.")
        )
    return Prose(table.title, tuple(lead), tuple(details), tuple(map(Sentence, table.notes)))


def alike(rows: Sequence[Mapping[str, Any]], name: str) -> list[str]:
    """Say which runs of ranks cannot be told apart: each that has one of them could have any of them.

    Parameters
    ----------
    rows : in the order of their ranks
    name : the column that names a row
    """
    said, told = [], 0
    for first in range(len(rows)):
        last = first + 1
        while last < len(rows) and _open(rows[first : last + 1], first + 1, last + 1):
            last += 1
        if last - first > 1 and last > told:
            joined = "and" if last - first == 2 else "to"
            names = _some([str(row[name]) for row in rows[first:last]])
            said.append(f"Ranks {first + 1} {joined} {last} cannot be told apart: {names}.")
            told = last
    return said


def _open(rows: Sequence[Mapping[str, Any]], first: int, last: int) -> bool:
    """Say whether each of the rows could have any rank from `first` to `last`."""
    return all(row["rank_low"] <= first and row["rank_high"] >= last for row in rows)


def _against_said(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Name what customers say matters more, or less, than what goes with their judgement, beyond the interval."""
    more = [str(row["predictor"]) for row in rows if row["stated"] > row["share_high"]]
    less = [str(row["predictor"]) for row in rows if row["stated"] < row["share_low"]]
    parts = [f"{_some(more)} {'matters' if len(more) == 1 else 'matter'} more than their judgement shows"] if more else []
    parts += (
        [f"{_some(less)} {'matters less' if len(less) == 1 else 'matter less'}{'' if more else ' than their judgement shows'}"]
        if less
        else []
    )
    return [f"By what customers say, {', and '.join(parts)}."] if parts else []


def _row(row: Mapping[str, Any]) -> str:
    name = capital(str(row["predictor"]))
    if not math.isfinite(row["share"]):
        return f"{name}: everybody answered alike, so nothing can go with it."
    text = f"{name}: {_share(row, 'share', 'share_low', 'share_high')} of what is explained{_ranks(row)}"
    if math.isfinite(row["conf_low"]):
        digits = 2 if row["conf_high"] - row["conf_low"] >= 0.02 else 3
        span = f"{signed(row['conf_low'], digits)} to {signed(row['conf_high'], digits)}"
        text += f"; a point more goes with {signed(row['slope'], digits)} ({span}), the others alike"
        text += "" if row["finding"] == GOES_WITH else ", which may be none"
    return f"{text}."


def _ranks(row: Mapping[str, Any]) -> str:
    if not math.isfinite(row["rank_low"]):
        return f", rank {row['rank']:.0f}"
    could = f", could be {row['rank_low']:.0f} to {row['rank_high']:.0f}" if row["rank_high"] > row["rank_low"] else ""
    return f", rank {row['rank']:.0f}{could}"


def _share(row: Mapping[str, Any], name: str, low: str, high: str) -> str:
    if not math.isfinite(row[low]):
        return f"{plain(row[name] * 100, 0)} %"
    value, span = share(row[name], row[low], row[high])
    return f"{value} ({span})"


def _again(row: Mapping[str, Any]) -> str:
    return f" ({row['reproduced'] * 100:.0f} % of samples drawn again say the same)" if math.isfinite(row["reproduced"]) else ""


def _some(names: Sequence[str]) -> str:
    return listed([*names[:_MOST], *([f"{len(names) - _MOST} more"] if len(names) > _MOST else [])])
