"""The answer of a report in three sentences: how many touchpoints fall short, which is the worst, and where it breaks there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from cxgap.errors import ArgumentError
from cxgap.result import GapTable, Prose, Sentence, Table
from cxgap.vocabulary import CANNOT_TELL, NOT_SHOWN, SHORT, counted, percent
from cxgap.words.caveats import without_advice
from cxgap.words.chain import MOSTLY, SURE, Cell, cells_of
from cxgap.words.details import detail, span
from cxgap.words.links import between, ends, moves_of, unmeasured
from cxgap.words.numbers import listed, measured, some
from cxgap.words.rows import Row, beyond_chance, comparable, having, many, noun_of, people, rivals, rows_of, worst_first
from cxgap.words.sentences import describe

# What is wrong where a link of a rating chain falls, as a clause that ends the headline.
_BREAKS: Final = {
    ("expected", "believed"): "managers believe they expect less",
    ("expected", "standard"): "the standard asks for less than they expect",
    ("expected", "delivered"): "less is delivered than they expect",
    ("believed", "standard"): "the standard asks for less than managers believe is expected",
    ("believed", "delivered"): "less is delivered than managers believe is expected",
    ("believed", "perceived"): "they perceive less than managers believe is expected",
    ("standard", "delivered"): "less is delivered than the standard asks for",
    ("standard", "perceived"): "they perceive less than the standard asks for",
    ("delivered", "perceived"): "they perceive less than is delivered",
}


class _Place(NamedTuple):
    """The rank of a row among how many, the ranks it could have, and the names of all that may be the worst."""

    rank: int
    low: int
    high: int
    of: int
    worst: list[str]


def answer(gaps: GapTable, chain: GapTable | None = None, ranks: Table | None = None) -> Prose:
    """Say what a whole report found, in a headline and three sentences, each tied to the row that it speaks of.

    Parameters
    ----------
    gaps : what `customer_gap` returned
    chain : what `gap_chain` returned, cut alike: where it breaks at the worst cell
    ranks : what `gap_ranks` returned, cut alike: how sure it is that the worst cell is the worst

    Returns
    -------
    Prose: a headline that states the finding, and a lead. Where nothing falls short, the second sentence is of the cell
    that comes nearest to it, and there is no third. `of` names the table of a sentence's row.
    """
    for name, table, kind in (("gaps", gaps, GapTable), ("chain", chain, GapTable), ("ranks", ranks, Table)):
        if not isinstance(table, kind) and (table is not None or name == "gaps"):
            raise ArgumentError(f"`{name}` must be the table that its function returned, not {type(table).__name__}.")
    said = describe(gaps)
    if gaps.missing:
        return said
    gaps = gaps.readable()
    rows, noun = rows_of(gaps), noun_of(gaps)
    short = worst_first(rows)
    if not gaps.by or not comparable(short):
        return Prose(said.headline, said.lead)
    if len(having(rows, NOT_SHOWN)) == len(rows):
        few = f"fewer than {many(gaps.min_n, gaps.counts)}" if gaps.min_n > 1 else "too few"
        where = f"any of {counted(len(rows), noun)}" if len(rows) > 1 else rows[0].label
        return Prose(said.headline, (Sentence(f"Not shown at {where}: {few} gave both answers."),))
    lead = [sentence for sentence in said.lead if sentence.row is None][: 1 + _hedged(short, gaps)]
    if not short:
        return Prose(said.headline, (*lead, *_nearest(gaps, rows)))
    worst = short[0]
    firm = beyond_chance(short, 1 - gaps.conf_level)
    single = worst in firm and (len(firm) == 1 or not rivals(firm))
    lead.append(_largest(gaps, worst, [row.label for row in rivals(short)], _place(ranks, worst), noun))
    clause = ""
    if chain is not None:
        cell = None if chain.missing else _cell(chain.readable(), worst)
        lead.append(_where(chain.readable(), cell, worst))
        clause = _clause(chain, cell) if single else ""
    return Prose(f"{said.headline}{clause}", tuple(lead))


def _hedged(short: Sequence[Row], gaps: GapTable) -> bool:
    """Tell whether not every row that is short by itself stays so with account taken of all tests."""
    return len(beyond_chance(short, 1 - gaps.conf_level)) < len(short)


def _nearest(gaps: GapTable, rows: Sequence[Row]) -> list[Sentence]:
    """Speak of the row that comes nearest to a shortfall: of those in doubt, else of all that have an interval."""
    doubt = [row for row in having(rows, CANNOT_TELL) if row.cells.conf_low == row.cells.conf_low]
    known = doubt or [row for row in rows if row.cells.conf_low == row.cells.conf_low]
    if not known:
        return []
    row = min(known, key=lambda row: (row.cells.estimate, row.cells.conf_low))  # as the ranks have them
    return [Sentence(f"Nearest to a shortfall is {detail(gaps, row)}", row.place, (row.label,), gaps.gap)]


def _largest(gaps: GapTable, worst: Row, others: Sequence[str], place: _Place | None, noun: str) -> Sentence:
    scale = f" on the {gaps.scale[0]:g} to {gaps.scale[1]:g} scale" if gaps.scale else ""
    size = f"{measured(worst.cells.estimate, worst)}{scale} ({span(worst)}; {people(worst, gaps.counts)})"
    if place:
        others = [label for label in place.worst if label != worst.label]
        sure = f"rank {place.rank} of {place.of}, could be {place.low} to {place.high}"
        if place.low == place.high == 1:
            several, part = place.of > 2, place.of < len(gaps.frame)
            shown = f" that {'are' if several else 'is'} shown" if part else ""
            rest = f"none of the other {place.of - 1} {noun}s{shown} is" if several else f"the other {noun}{shown} is not"
            sure = f"with {percent(gaps.conf_level)} confidence {rest} worse"
    if others:
        rest = f"{listed(some(others))} may be as bad"
        tail = f"; {sure}, so {rest}" if place else f"; {rest}"
    else:
        tail = f"; {sure}" if place else ""
    opening = f"The largest shortfall is {worst.label}:" if len(gaps.frame) > 1 else f"The shortfall of {worst.label} is"
    return Sentence(f"{opening} {size}{tail}.", worst.place, (worst.label,), gaps.gap)


def _place(ranks: Table | None, worst: Row) -> _Place | None:
    if ranks is None or ranks.missing:
        return None
    names = ranks.frame.iloc[:, : ranks.keys].astype(str).agg(" · ".join, axis=1)
    found = ranks.frame[(names == worst.label).to_numpy()]
    if found.empty:
        return None
    rank, low, high = (int(found[name].iloc[0]) for name in ("rank", "rank_low", "rank_high"))
    may = list(names[ranks.frame["may_be_worst"].astype(bool).to_numpy()])
    return _Place(rank, low, high, len(names), may)


def _cell(chain: GapTable, worst: Row) -> Cell | None:
    return next((cell for cell in cells_of(rows_of(chain)) if cell.label == worst.label), None)


def _where(chain: GapTable, cell: Cell | None, worst: Row) -> Sentence:
    """Say between which levels the worst cell breaks, as far as that is settled."""
    if chain.missing:
        return Sentence(f"Where it breaks is not measured: {without_advice(chain.missing).rstrip('.')}.")
    link = cell.largest if cell else None
    if cell is None or link is None:
        return Sentence(f"Where {worst.label} breaks is not shown.")
    if len(cell.path) == 1:
        nodes = unmeasured(link)
        why = f": {listed(nodes)} {'is' if len(nodes) == 1 else 'are'} not known" if nodes else ""
        return Sentence(f"Where it breaks is not measured{why}.", link.place, (), "chain")
    levels, chance = between(link, moves_of(chain)), link.number("p_largest")
    sure = "more than 99 %" if chance >= SURE else percent(round(chance, 2))
    size = f"{measured(link.cells.estimate, link)} ({'; '.join(filter(None, [ends(link), people(link, chain.counts)]))})"
    if chance < MOSTLY or link.verdict != SHORT:
        text = f"Where it breaks is not settled; the likeliest is {levels}, by {size}, with a probability of {sure}."
        return Sentence(text, link.place, (), "chain")
    partly = (
        "of the steps that were measured the largest" if any("MERGED" in row.flags for row in cell.path) else "the largest step"
    )
    text = f"It breaks {levels}: there the level falls by {size}, {partly} with a probability of {sure}; look there first."
    return Sentence(text, link.place, (levels,), "chain")


def _clause(chain: GapTable, cell: Cell | None) -> str:
    """End the headline with what is wrong, where one link is clearly the largest and is short."""
    link = cell.largest if cell and len(cell.path) > 1 and chain.basis == "rating" else None
    if link is None or link.number("p_largest") < MOSTLY or link.verdict != SHORT:
        return ""
    clause = _BREAKS.get((link.text("link_from"), link.text("link_to")), "")
    return clause and f"; {clause}"
