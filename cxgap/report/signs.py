"""Which side of a gap is bad, what the band around none is, and what "expected" means, said once for a page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from cxgap.result import GapTable
from cxgap.vocabulary import EXPECTATION_TYPES, FINDINGS, MIXED, SHORT

# Gaps whose one level is what customers say they expect.
_ASKED: Final = frozenset({"customer", "knowledge", "chain"})
# What falls within the band, where it is not an expectation that is met.
_WITHIN: Final = {
    "knowledge": "within which we call a belief right",
    "standards": "within which we call a standard right",
    "delivery": "within which we call a standard met",
    "communication": "within which we call promises kept",
    "company": "within which we call two ratings alike",
}
_LEFT: Final = "Left is a shortfall"
_INDEX: Final = "Left is a shortfall: an index says how far a rating lies below the best answer."
_RIGHT: Final = {"knowledge": "Right is an error too, of the other kind."}


def sign_words(tables: Sequence[GapTable], *, drawn: bool = True) -> str:
    """Say which side is bad and, where gaps are drawn, what the band is, by the first table that was measured."""
    known = [table for table in tables if not table.missing]
    if not known:
        return ""
    side = _side(known)
    if not drawn:  # there is no left
        side = side.replace(f"{_LEFT}: a negative", "A negative").replace(_LEFT, "A negative number is a shortfall")
    return " ".join(filter(None, [side, _band(known[0].readable(), drawn)]))


def _side(tables: Sequence[GapTable]) -> str:
    first = tables[0]
    if len({(table.gap, table.basis == "index") for table in tables}) > 1:
        return f"{_LEFT} for the customer: in a negative gap the later level is the worse one."
    if first.basis == "index":
        return _INDEX
    return " ".join(filter(None, [f"{_LEFT}: a negative gap means {FINDINGS[first.gap][SHORT]}.", _RIGHT.get(first.gap, "")]))


def _band(first: GapTable, drawn: bool) -> str:
    if first.basis == "index" and not drawn:
        return ""
    own = "margin" in first.frame and bool(first.frame["margin"].notna().any())
    customer = first.gap == "customer"
    if not first.margin and not own:
        return f"No margin is set, so {'no expectation' if customer else 'nothing'} is called met."
    if first.basis == "index":
        within = "within which we call the best answer reached"
    else:
        within = (
            "within which we call an expectation met"
            if customer
            else _WITHIN.get(first.gap, "within which we call a level met")
        )
    size = f"±{first.margin:g} {first.unit}" if first.margin and first.unit != MIXED else "as in the rows"
    return f"The grey band is the margin {within} ({size})." if drawn else f"The margin {within} is {size}."


def asked_words(tables: Sequence[GapTable], declared: str | None) -> str:
    """Say what respondents were asked to expect, where a table has to do with it."""
    known = [table for table in tables if table.gap in _ASKED and not table.missing and table.basis != "index"]
    kind = declared or next((table.expectation_type for table in known), None)
    return f"“Expected” means {EXPECTATION_TYPES[kind]}." if known and kind in EXPECTATION_TYPES else ""
