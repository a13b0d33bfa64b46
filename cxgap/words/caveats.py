"""How sure are we? What the intervals hold, whether the gap is the right number, and what was not measured."""

from __future__ import annotations

import math
import re
from typing import Final

from cxgap.errors import ArgumentError
from cxgap.result import GapTable, Prose, Sentence, Table
from cxgap.vocabulary import percent, plain
from cxgap.words.limits import small_samples, weighting
from cxgap.words.links import reason
from cxgap.words.numbers import capital
from cxgap.words.rows import comparable, people, rows_of, worst_first

HEADLINE: Final = "How sure are we?"
_STILL: Final = "That a gap is short or met still holds; where it says to read the perceived column, compare by that."
_NEVER: Final = (
    "No page measures how many of those asked answered, or what customers who left before they were asked think; what is at "
    "stake is an association, not what an action would bring."
)
_CLAUSES: Final = re.compile(r"; (?=[^;:]* is not measured: )")  # of a reason that is of several levels
_ADVICE: Final = re.compile(r'; add (\w+ = "[^"]*" under )?\[\w+\] (in|to) the study file')


def caveats(gaps: GapTable, *others: GapTable | Table) -> Prose:
    """Say how sure a whole page is, in a few lines.

    Parameters
    ----------
    gaps : what `customer_gap` returned, on which the page rests
    others : every other table of the page: of guard rails it says whether the gap may be used, of a chain which levels are
        not known, and of any that is not measured why

    Returns
    -------
    Prose without a lead; its details are the lines.

    Raises
    ------
    ArgumentError : something is no table that cxgap returned.
    """
    for name, table in (("gaps", gaps), *(("others", other) for other in others)):
        if not isinstance(table, GapTable if name == "gaps" else GapTable | Table):
            what = "what a gap function returned" if name == "gaps" else "tables that cxgap returned"
            raise ArgumentError(f"`{name}` must be {what}, not {type(table).__name__}.")
    texts = [_precision(gaps)] if not gaps.missing else []
    guards = [table for table in others if isinstance(table, Table) and table.slug == "guard-rails" and not table.missing]
    guards = [] if gaps.missing else guards  # of a gap that is not there nobody asks whether it may be used
    for table in guards:
        read = (table.frame["use"] == "read the perceived column").any()
        texts.append(" ".join([f"{table.title}.", *([_STILL, *_perceived(gaps)] if read else [])]))
    texts.append(" ".join([*_absent((gaps, *others)), _NEVER]))
    return Prose(HEADLINE, details=tuple(map(Sentence, texts)))


def without_advice(why: str) -> str:
    """Leave out what a reader of the page cannot do: to add a table to the study file."""
    return _ADVICE.sub("", why)


def _precision(gaps: GapTable) -> str:
    gaps = gaps.readable()
    rows = rows_of(gaps)
    holds = f"Each interval holds the gaps that fit the answers, with {percent(gaps.conf_level)} confidence."
    return " ".join([holds, *small_samples(gaps, rows), *weighting(gaps)])


def _perceived(gaps: GapTable) -> list[str]:
    """Say who comes last by the perceived rating alone, for who is told to compare by that."""
    gaps = gaps.readable()
    rows = [row for row in rows_of(gaps) if math.isfinite(row.number("servperf_low"))]
    short = worst_first(rows)
    if len(rows) < 2 or not short or not comparable(rows):
        return []
    last, worst = min(rows, key=lambda row: row.number("servperf")), short[0]
    scale = f" on the {gaps.scale[0]:g} to {gaps.scale[1]:g} scale" if gaps.scale else ""
    (value, low, high), (other, *ends) = (
        [plain(row.number(f"servperf{end}"), row.digits) for end in ("", "_low", "_high")] for row in (last, worst)
    )
    beside = "" if last.place == worst.place else f"; {worst.label} has {other} ({ends[0]} to {ends[1]})"
    opening = f"By what they perceived alone, the lowest is {last.label}{', too' if last.place == worst.place else ''}"
    return [f"{opening}: {value}{scale} ({low} to {high}; {people(last, gaps.counts)}){beside}."]


def _absent(tables: tuple[GapTable | Table, ...]) -> list[str]:
    """Say what is not measured, by reason: several tables may lack the same."""
    found: dict[str, list[str]] = {}
    for table in tables:
        if table.missing:
            found.setdefault(without_advice(table.missing).rstrip("."), []).append(table.title)
    parts = [f"{', '.join(dict.fromkeys(titles)).lower()} ({why})" for why, titles in found.items()]
    said = [f"Not measured: {'; '.join(parts)}."] if parts else []
    levels = [row for table in tables if isinstance(table, GapTable) and table.gap == "chain" for row in rows_of(table)]
    reasons = [without_advice(reason(row)) for row in levels if row.text("why") and "MERGED" in row.flags]
    clauses = dict.fromkeys(capital(clause) for text in reasons for clause in _CLAUSES.split(text.removesuffix(".")))
    return [*said, *(f"{clause}." for clause in clauses)]
