"""One row of a gap table in one sentence: how large the gap is, between what and what, and of how many."""

from __future__ import annotations

import math
from collections.abc import Callable

from cxgap.result import GapTable
from cxgap.vocabulary import ALIKE, EXCEEDED, MET, NOT_SHOWN, NOTES, SHORT, counted, signed
from cxgap.words.claims import claim, claim_of
from cxgap.words.numbers import capital, exact, measured, share, sided, size, unit_of
from cxgap.words.rows import Row, many, people

Clause = Callable[[GapTable, Row], str]


def detail(gaps: GapTable, row: Row) -> str:
    """Put a row into a sentence."""
    return _sentence(row, blank(gaps, row) or (_customer if gaps.gap == "customer" else _other)(gaps, row))


def blank(gaps: GapTable, row: Row) -> str:
    """Say why a row has no gap or no interval; nothing if it has."""
    cells, raters = row.cells, gaps.gap in ("knowledge", "company")
    if row.verdict == NOT_SHOWN:
        few = f"fewer than {many(gaps.min_n, gaps.counts)}" if gaps.min_n > 1 and not raters else ""
        few = few or f"too few {'managers or customers' if raters else many(2, gaps.counts).split()[1]}"
        kept = ALIKE if any(NOTES.get(flag) == ALIKE for flag in row.flags) else "hidden to protect another cell"
        return f"not shown, {few if 'SUPPRESSED_PRIVACY' in row.flags else kept}"
    if row.lacks:
        return row.lacks
    if "EMPTY" in row.flags:
        return "no customer gave both answers" if gaps.gap == "customer" else "nothing to compare"
    if math.isnan(cells.estimate):
        reason = "too few were followed long enough" if "NOT_IDENTIFIED" in row.flags else "nothing to compare"
        return f"we cannot tell; {reason}"
    if math.isnan(cells.conf_low):
        return f"we cannot tell; {people(row, gaps.counts)} only, so there is no interval"
    return ""


def span(row: Row) -> str:
    """Write the interval of a gap whose side is clear by its sizes: "0.6 to 1.0"."""
    low, high = sorted((abs(row.cells.conf_low), abs(row.cells.conf_high)))
    return f"{size(low, row)} to {size(high, row)}"


def spread(row: Row, worse: str, better: str) -> str:
    """Write an interval with the side of each end: "0.5 short to 0.1 above"."""
    return f"{sided(row.cells.conf_low, row, worse, better)} to {sided(row.cells.conf_high, row, worse, better)}"


def within(gaps: GapTable, row: Row) -> str:
    """Say by which margin an expectation is met."""
    margin = gaps.margin if gaps.margin is not None else row.number("margin")
    return f"within the margin of {exact(margin)} {unit_of(row, margin)}"


def _sentence(row: Row, text: str) -> str:
    return f"{capital(row.label)}: {text}." if row.label else f"{capital(text)}."


def _customer(gaps: GapTable, row: Row) -> str:
    cells, found = row.cells, people(row, gaps.counts)
    if row.verdict == SHORT:
        return f"{measured(cells.estimate, row)} short ({span(row)}), {found}"
    if row.verdict == EXCEEDED:
        return f"{measured(cells.estimate, row)} more than expected ({span(row)}), {found}"
    if row.verdict == MET and gaps.margin is not None:
        gap, low, high = (signed(value, row.digits) for value in (cells.estimate, cells.conf_low, cells.conf_high))
        return f"as expected; the gap of {gap} ({low} to {high}) is within ±{exact(gaps.margin)}, the margin set, {found}"
    if row.verdict == MET:
        value = sided(cells.estimate, row, "short", "above")
        return f"as expected; {value} ({spread(row, 'short', 'above')}), {within(gaps, row)}, {found}"
    value = sided(cells.estimate, row, "short", "above")
    return f"we cannot tell; {value}, could be {spread(row, 'short', 'above')}, {found}"


def _other(gaps: GapTable, row: Row) -> str:
    said, words = claim(row.cells.estimate, gaps, row), claim_of(gaps, row)
    ends = spread(row, words.worse, words.better)
    if row.verdict in (SHORT, EXCEEDED):
        text = f"{said} ({span(row)})"
    elif row.verdict == MET:
        text = f"{said} ({ends}), {within(gaps, row)}"
    else:
        text = f"we cannot tell; {said}, could be {ends}"
    return "; ".join([*_counted(gaps, row, text), *beside(gaps, row)])


def _counted(gaps: GapTable, row: Row, text: str) -> list[str]:
    found = people(row, gaps.counts)
    return [text, found] if gaps.gap in ("knowledge", "company") else [f"{text}, {found}"]


def beside(gaps: GapTable, row: Row) -> list[str]:
    """Say what the method found beside the gap: broken promises, what is still open, who says that there is no standard."""
    texts = []
    late, low, high = (row.number(f"late{end}") for end in ("", "_low", "_high"))
    if gaps.gap == "communication" and gaps.basis != "attainment" and math.isfinite(late) and math.isfinite(low):
        value, ends = share(late, low, high)
        texts.append(f"{value} of promises are broken ({ends})")
    still_open, said_none = row.number("open"), row.number("no_standard")
    if still_open > 0:
        noun = "promise" if gaps.gap == "communication" else "event"
        verb = "is" if still_open == 1 else "are"
        texts.append(f"{counted(int(still_open), noun)} {verb} still open and counted")
    if gaps.basis == "index" and said_none > 0:
        texts.append(f"{int(said_none):,} say{'s' if said_none == 1 else ''} that no standard exists")
    return texts
