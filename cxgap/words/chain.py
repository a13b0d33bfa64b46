"""A chain of gaps in words: where on the way from what is expected to what is perceived the level falls."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from cxgap.result import GapTable, Prose, Sentence
from cxgap.vocabulary import CANNOT_TELL, EXCEEDED, MET, NOT_SHOWN, PERCENTAGE_POINTS, SHORT, counted, percent
from cxgap.words.details import span
from cxgap.words.limits import limits
from cxgap.words.links import BESIDE, TOTAL, Moves, between, ends, link_detail, link_of, moves_of, reason
from cxgap.words.numbers import capital, listed, measured, some
from cxgap.words.rows import Row, comparable, having, noun_of, people, rivals, rows_of

MOSTLY: Final = 0.8  # from this probability on, one link is called the largest
SURE: Final = 0.995
_FLAT: Final = 1.005  # links whose sizes add up to more than this of the whole cancel each other


class Cell(NamedTuple):
    """One cell of the table: its name, the links of its path, and the row of the whole, where it was measured."""

    label: str
    path: list[Row]
    total: Row | None

    @property
    def net(self) -> float:
        """The gap of the whole."""
        return float(self.total.cells.estimate) if self.total else _sum(self.path, "net")

    @property
    def largest(self) -> Row | None:
        """The link that is most often the largest."""
        known = [row for row in self.path if math.isfinite(row.number("p_largest"))]
        return max(known, key=lambda row: row.number("p_largest"), default=None)


def describe_chain(gaps: GapTable) -> Prose:
    """Put a chain into words."""
    rows, noun, say = rows_of(gaps), noun_of(gaps), moves_of(gaps)
    cells = cells_of(rows)
    total = "the gap between the target and what customers perceive" if gaps.basis == "attainment" else "the customer gap"
    first = [f"The links add up to {total}; that is bookkeeping, not cause.", *_cancelled(cells), *_reasons(rows)]
    return Prose(
        headline=_headline(cells, noun, say),
        lead=tuple(_lead(gaps, cells, noun, say)),
        details=tuple(_details(gaps, cells, say, rows)),
        limits=limits(gaps, rows, first),
    )


def _details(gaps: GapTable, cells: Sequence[Cell], say: Moves, rows: Sequence[Row]) -> Iterator[Sentence]:
    """Speak of every link of the cell that is worst, and of the others in one sentence each."""
    worst = next(iter(_worst_first(cells)), cells[0])
    for cell in sorted(cells, key=lambda cell: cell is not worst):
        strong = (capital(cell.label),) if cell.label else ()
        own = [row for row in rows if row.label == cell.label]
        whole = next((row for row in own if link_of(row) == TOTAL), own[0])
        if cell is worst:
            yield from (Sentence(link_detail(gaps, row, say), row.place, strong) for row in own)
            continue
        text = link_detail(gaps, whole, say)
        largest = cell.largest
        if cell.total and cell.total.verdict == SHORT and largest and len(cell.path) > 1:
            part = (
                f"above all {between(largest, say)}"
                if largest.number("p_largest") >= MOSTLY
                else "no one link is clearly the largest"
            )
            text = f"{text.removesuffix('.')}; {part}."
        yield Sentence(text, whole.place, strong)


def cells_of(rows: Sequence[Row]) -> list[Cell]:
    """Put the rows of a chain together by what they are of."""
    labels = dict.fromkeys(row.label for row in rows)
    cells = []
    for label in labels:
        links = [row for row in rows if row.label == label]
        path = [row for row in links if link_of(row) not in BESIDE | {TOTAL} and row.verdict != NOT_SHOWN]
        total = next((row for row in links if link_of(row) == TOTAL and math.isfinite(row.cells.estimate)), None)
        cells.append(Cell(label, path, total))
    return cells


def _worst_first(cells: Sequence[Cell]) -> list[Cell]:
    short = [c for c in cells if (c.total.verdict == SHORT if c.total else c.net < 0 and bool(having(c.path, SHORT)))]
    units = [row for c in short for row in c.path[:1]]
    return sorted(short, key=lambda c: c.net) if comparable(units) else short


def _rivals(short: Sequence[Cell]) -> list[Cell]:
    totals = [c.total for c in short if c.total]
    close = {row.place for row in rivals(totals)} if len(totals) == len(short) > 1 else set()
    return [c for c in short[1:] if c.total and c.total.place in close]


def _headline(cells: Sequence[Cell], noun: str, say: Moves) -> str:
    short = _worst_first(cells)
    if not short:
        where = "" if len(cells) == 1 else f" at any {noun}"
        return f"{capital(say.level)} is not shown to fall on the way {say.way}{where}"
    worst, others = short[0], _rivals(short)
    where = f"At {worst.label} {say.level}" if worst.label else capital(say.level)
    most = " furthest" if worst.label and len(short) > 1 and not others else ""
    opening = f"{where} {say.falls}{most}"
    if others:
        rest = others[0].label if len(others) == 1 else f"{len(others)} other {noun}s"
        opening = f"{capital(say.level)} {say.falls} furthest at {worst.label} and {rest}"
    return f"{opening}{_where(worst, say, bool(others))}{'' if worst.total else '; the whole is not measured'}"


def _where(cell: Cell, say: Moves, others: bool) -> str:
    """Say between which levels it mostly falls, as far as that is settled."""
    link = cell.largest
    if link is None or (len(cell.path) == 1 and cell.total):
        return ""
    if len(cell.path) == 1:
        return f" {between(link, say)}"
    if link.number("p_largest") >= MOSTLY:
        partly = ", as far as it was measured" if any("MERGED" in row.flags for row in cell.path) else ""
        return f", {f'at {cell.label} ' if others else ''}above all {between(link, say)}{partly}"
    return f"; which link is the largest{f' at {cell.label}' if others else ''} is not settled"


def _lead(gaps: GapTable, cells: Sequence[Cell], noun: str, say: Moves) -> list[Sentence]:
    sentences, short = [], _worst_first(cells)
    totals = [c.total for c in cells if c.total]
    if totals and len(cells) > 1:
        sentences.append(_verdicts(totals, len(cells), noun, say))
    if short and short[0].total:
        total, label = short[0].total, short[0].label
        size = f"{measured(total.cells.estimate, total)} ({span(total)}; {people(total, gaps.counts)})"
        opening = f"The largest total shortfall is {label}" if label else "The total shortfall is"
        sentences.append(Sentence(f"{opening}{': ' if label else ' '}{size}.", total.place, (label,) if label else ()))
        others = [c.label for c in _rivals(short)]
        if others:
            text = (
                f"Its interval overlaps with those of {listed(some(others))}, so which of them is the largest is not settled."
            )
            sentences.append(Sentence(text))
    link = short[0].largest if short else None
    several = bool(short) and len(short[0].path) > 1
    if link and (several or not short[0].total):
        there = f"At {link.label} {say.level}" if link.label else capital(say.level)
        size = f"{measured(link.cells.estimate, link)} ({ends(link)})"
        text = f"{there} {say.falls}{' most' if several else ''} {between(link, say)}, by {size}"
        sentences.append(Sentence(f"{text}{_chance(link.number('p_largest')) if several else ''}.", link.place))
    return sentences


def _chance(probability: float) -> str:
    if probability < MOSTLY:
        return ", but which link is the largest is not settled"
    said = "more than 99 %" if probability >= SURE else percent(round(probability, 2))
    return f"; this is the largest link with a probability of {said}"


def _verdicts(totals: Sequence[Row], cells: int, noun: str, say: Moves) -> Sentence:
    short, met, above, unsure = (len(having(totals, verdict)) for verdict in (SHORT, MET, EXCEEDED, CANNOT_TELL))
    strong = f"{say.falls} at {short or 'none'} of {counted(cells, noun)}"
    rest = [f"{say.holds} at {met}"] if met else []
    rest += [f"{say.rises} at {above}"] if above else []
    text = f"{capital(say.way)}, {say.level} {listed([strong, *rest])}"
    open_ends = [f"at {unsure} we cannot tell"] if unsure else []
    open_ends += [f"at {cells - len(totals)} the whole is not measured or not shown"] if cells > len(totals) else []
    return Sentence(f"{text}{'; ' if open_ends else ''}{listed(open_ends)}.", None, (strong,) if short else ())


def _cancelled(cells: Sequence[Cell]) -> list[str]:
    """Say where links of opposite sign cancel, with the sizes of the cell where they do so most."""
    found = []
    for cell in cells:
        net, gross = abs(_sum(cell.path, "net")), _sum(cell.path, "gross")
        if cell.path and gross > _FLAT * net:
            found.append((gross - net, cell, net, gross))
    if not found:
        return []
    _, cell, net, gross = max(found, key=lambda one: one[0])
    names = [capital(other.label) for _, other, _, _ in found if other.label]
    where = f" at {listed(some(names))}" if names else ""
    sizes = f"their sizes add up to {measured(gross, cell.path[0])}, the gap is {measured(net, cell.path[0])}"
    at = f"at {cell.label} " if len(names) > 1 else ""
    return [f"Links of opposite sign cancel{where}: {at}{sizes}."]


def _reasons(rows: Sequence[Row]) -> list[str]:
    """Say once why each level was not measured."""
    found = [reason(row) for row in rows if row.text("why") and row.verdict != NOT_SHOWN]
    return list(dict.fromkeys(found))


def _sum(path: Sequence[Row], name: str) -> float:
    """Return a sum over the path of a cell, in the unit that is shown."""
    values = [row.number(name) * (100 if row.unit == PERCENTAGE_POINTS else 1) for row in path]
    return next(filter(math.isfinite, values), math.nan)
