"""One link of a chain in a sentence: between which levels, and by how much, the level falls."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from cxgap.result import GapTable
from cxgap.vocabulary import EXCEEDED, MET, NOT_SHOWN, SHORT
from cxgap.words.details import blank, span, spread, within
from cxgap.words.numbers import capital, is_none, listed, measured
from cxgap.words.rows import Row, people

TOTAL: Final = "customer"
BESIDE: Final = frozenset({"positioning", "communication"})

_NODES: Final = {
    "expected": "what customers expect",
    "believed": "what managers believe",
    "standard": "the standard",
    "delivered": "what is delivered",
    "promised": "what is promised",
    "perceived": "what customers perceive",
    "target": "the target",
}
# As shares of deliveries.
_SHARES: Final = _NODES | {
    "expected": "those that meet what customers expect",
    "believed": "those that meet what managers believe",
    "standard": "those that meet the standard",
    "promised": "those that meet the promise",
    "perceived": "those that customers perceive as met",
}


_WAY: Final = "from what customers expect to what they perceive"
_NUMBERS: Final = ("one", "two", "three", "four")


class Moves(NamedTuple):
    """How a level is said to move on the ladder of the table, from where to where, and what each level is called."""

    level: str
    falls: str
    rises: str
    holds: str
    lower: str
    higher: str
    way: str
    nodes: dict[str, str]


def moves_of(gaps: GapTable) -> Moves:
    """Return the words for the ladder of a table."""
    if gaps.basis == "attainment":
        way = "from the target to what customers perceive"
        return Moves("the share of deliveries", "falls", "rises", "holds", "lower", "higher", way, _SHARES)
    if gaps.basis == "physical":
        return Moves("the level", "worsens", "improves", "holds", "worse", "better", _WAY, _NODES)
    return Moves("the level", "falls", "rises", "holds", "lower", "higher", _WAY, _NODES)


def link_of(row: Row) -> str:
    """Return the name of a row's link."""
    return str(row.cells.link)


def between(row: Row, say: Moves) -> str:
    """Name the two levels of a link."""
    start, end = (say.nodes.get(row.text(name), row.text(name)) for name in ("link_from", "link_to"))
    return f"between {start} and {end}"


def ends(row: Row) -> str:
    """Write the interval of a link; one between two levels that somebody set has none."""
    return "set, not estimated" if row.cells.conf_low == row.cells.conf_high else span(row)


def link_detail(gaps: GapTable, row: Row, say: Moves) -> str:
    """Put a link into a sentence."""
    link, text = link_of(row), blank(gaps, row)
    if text:
        lost = row.verdict != NOT_SHOWN and link == TOTAL
        text = "the whole is not measured" if lost else f"{'the whole' if link == TOTAL else f'the link {link}'}: {text}"
    else:
        text = f"{'beside the chain, ' if link in BESIDE else ''}{_moved(gaps, row, say)}{_merged(row)}"
    return f"{capital(row.label)}: {text}." if row.label else f"{capital(text)}."


def _moved(gaps: GapTable, row: Row, say: Moves) -> str:
    value, who = row.cells.estimate, people(row, gaps.counts)
    where = f"in all {say.way}" if link_of(row) == TOTAL else between(row, say)
    tail = f", {who}" if who else ""
    if row.verdict in (SHORT, EXCEEDED):
        return f"{say.level} {say.falls if value < 0 else say.rises} by {measured(value, row)} ({ends(row)}) {where}{tail}"
    side = "none" if is_none(value, row) else f"{measured(value, row)} {say.lower if value < 0 else say.higher}"
    both = spread(row, say.lower, say.higher)
    if row.verdict == MET:
        found = "" if is_none(value, row) else f"; {side}"
        return f"{say.level} {say.holds} {where}{found} ({both}), {within(gaps, row)}{tail}"
    return f"{where} we cannot tell; {side}, could be {both}{tail}"


def reason(row: Row) -> str:
    """Say which levels of a link were not measured, and why."""
    why = row.text("why")
    for node, name in _NODES.items():
        why = re.sub(rf"(^|; ){node}: ", rf"\g<1>{name} is not measured: ", why)
    nodes = unmeasured(row)
    if why == row.text("why") and nodes:
        why = f"{listed(nodes)} {'is' if len(nodes) == 1 else 'are'} not measured: {why}"
    return f"{capital(why)}."


def unmeasured(row: Row) -> list[str]:
    """Name the levels of a link that were not measured."""
    return [_NODES.get(node, node) for node in filter(None, row.text("unmeasured").split(", "))]


def _merged(row: Row) -> str:
    nodes = unmeasured(row)
    if not nodes:
        return ""
    links = _NUMBERS[len(nodes)] if len(nodes) < len(_NUMBERS) else str(len(nodes) + 1)
    return f"; {listed(nodes)} {'is' if len(nodes) == 1 else 'are'} not measured, so {links} links are one"
