"""A table of gaps in sentences, each tied to the row it speaks of."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from cxgap.result import GapTable, Prose, Sentence
from cxgap.vocabulary import (
    CANNOT_TELL,
    EXCEEDED,
    EXPECTATION_TYPES,
    MET,
    NOT_SHOWN,
    SHORT,
    counted,
    percent,
    plain,
    signed,
)

# What a row of the table is called, where its one key has a name of its own.
_NOUNS = frozenset({"touchpoint", "dimension", "item", "segment", "channel", "region", "wave", "stage", "department"})

# What a reader must know of rows that carry a flag.
_CAUTIONS = {
    "UNSTABLE": "on an effective sample below 30, so a first look and no more",
    "PARTIAL": "some customers left whole dimensions unanswered and are scored on the others",
    "ZERO_VAR": "every customer has the same gap, so look at the answers before trusting it",
}


class _Row(NamedTuple):
    """One row of the table: its place in it, its name, and its cells."""

    place: int
    label: str
    cells: Any


def describe(gaps: GapTable) -> Prose:
    """Put a table of customer gaps into words.

    Parameters
    ----------
    gaps : of any cut; its rows are spoken of in their order

    Returns
    -------
    Prose: a headline that states the finding, a lead of a few sentences, one sentence a row, and what limits them.
    """
    rows = [_Row(*row) for row in zip(range(len(gaps.frame)), gaps.labels(), gaps.frame.itertuples(), strict=True)]
    noun = gaps.by[0] if len(gaps.by) == 1 and gaps.by[0] in _NOUNS else "group"
    limits = tuple(_limits(gaps, rows))
    if not gaps.by:
        return Prose(headline=gaps.finding.removesuffix("."), lead=tuple(_whole(gaps, rows[0])), limits=limits)
    return Prose(
        headline=_headline(rows, noun),
        lead=tuple(_lead(gaps, rows, noun)),
        details=tuple(Sentence(_detail(gaps, row), row.place, (_capital(row.label),)) for row in rows),
        limits=limits,
    )


def _headline(rows: Sequence[_Row], noun: str) -> str:
    short, above = _worst_first(rows), _with(rows, EXCEEDED)
    if short:
        rivals = _rivals(short)
        if len(short) == 1 or not rivals:
            return (
                f"{_capital(short[0].label)} falls {'short' if len(short) == 1 else 'furthest short'} of what customers expect"
            )
        rest = short[1].label if len(short) == 2 else f"{len(short) - 1} other {noun}s"
        return f"{_capital(short[0].label)} and {rest} fall short of what customers expect"
    if above:
        rest = f"{above[0].label} exceeds" if len(above) == 1 else f"{len(above)} {noun}s exceed"
        return f"No {noun} is shown to fall short; {rest} what customers expect"
    if len(_with(rows, MET)) == len(rows):
        where = f"the one {noun}" if len(rows) == 1 else f"all {len(rows)} {noun}s"
        return f"Customers got what they expected at {where}"
    if _with(rows, CANNOT_TELL):
        return f"No {noun} is shown to fall short; at {len(_with(rows, CANNOT_TELL))} of {len(rows)} we cannot tell"
    return f"No {noun} is shown to fall short" if _with(rows, MET) else "Too few customers answered to show a result"


def _lead(gaps: GapTable, rows: Sequence[_Row], noun: str) -> list[Sentence]:
    short, above, met = _worst_first(rows), len(_with(rows, EXCEEDED)), len(_with(rows, MET))
    unsure, hidden = len(_with(rows, CANNOT_TELL)), len(_with(rows, NOT_SHOWN))
    strong = f"less than they expected at {len(short) or 'none'} of {counted(len(rows), noun)}"
    text = f"Customers got {strong}"
    rest = [f"what they expected at {met}"] if met else []
    rest += [f"more at {above}"] if above else []
    text += f", {_list(rest)}" if rest else ""
    open_ends = [f"at {unsure} we cannot tell"] if unsure else []
    open_ends += [f"{hidden} {'is' if hidden == 1 else 'are'} not shown"] if hidden else []
    sentences = [Sentence(f"{text}{'; ' if open_ends else ''}{_list(open_ends)}.", None, (strong,) if short else ())]
    if short:
        worst, rivals = short[0], _rivals(short)
        scale = f" on the {gaps.scale[0]:g} to {gaps.scale[1]:g} scale" if gaps.scale else ""
        span = f"{_size(-worst.cells.conf_high, gaps)} to {_size(-worst.cells.conf_low, gaps)}"
        size = f"{_points(worst.cells.estimate, gaps)}{scale} ({span}; {_people(worst)})"
        sentences.append(Sentence(f"The largest shortfall is {worst.label}: {size}.", worst.place, (worst.label,)))
        if rivals:
            names = _list(_few([row.label for row in rivals]))
            sentences.append(Sentence(f"Its interval overlaps with {names}, so which of them is the largest is not settled."))
    return sentences


def _whole(gaps: GapTable, row: _Row) -> list[Sentence]:
    """Speak of everybody: the gap, the same by what matters to them, and perception alone."""
    texts, columns, digits = [_detail(gaps, row)], gaps.frame.iloc[0], gaps.decimals
    if math.isfinite(columns.get("importance_gap", math.nan)):
        low, high = (signed(columns[f"importance_gap_{end}"], digits) for end in ("low", "high"))
        value, people = signed(columns["importance_gap"], digits), counted(int(columns["importance_gap_n"]), "customer")
        span = f"({low} to {high}; {people} said what matters)"
        texts.append(f"Weighted by what matters to each of them, the gap is {value} points {span}.")
    if math.isfinite(columns.get("servperf", math.nan)):
        low, high = (plain(columns[f"servperf_{end}"], digits) for end in ("low", "high"))
        scale = f" on the {gaps.scale[0]:g} to {gaps.scale[1]:g} scale" if gaps.scale else ""
        value = f"{plain(columns['servperf'], digits)}{scale}"
        texts.append(f"What they perceived, whatever they expected, is {value} ({low} to {high}; SERVPERF).")
    return [Sentence(text, 0, (row.label,) if text is texts[0] else ()) for text in texts]


def _detail(gaps: GapTable, row: _Row) -> str:
    label, cells, flags = _capital(row.label), row.cells, row.cells.flags.split("|")
    if cells.verdict == NOT_SHOWN:
        few = "SUPPRESSED_PRIVACY" in flags
        return f"{label}: not shown, {f'fewer than {gaps.min_n} customers' if few else 'hidden to protect another cell'}."
    if "EMPTY" in flags:
        return f"{label}: no customer gave both answers."
    if math.isnan(cells.conf_low):
        return f"{label}: we cannot tell; {_people(row)} only, so there is no interval."
    low, high = cells.conf_low, cells.conf_high
    if cells.verdict == SHORT:
        return f"{label}: {_points(cells.estimate, gaps)} short ({_size(-high, gaps)} to {_size(-low, gaps)}), {_people(row)}."
    if cells.verdict == EXCEEDED:
        span = f"{_size(low, gaps)} to {_size(high, gaps)}"
        return f"{label}: {_points(cells.estimate, gaps)} more than expected ({span}), {_people(row)}."
    if cells.verdict == MET:
        gap = f"{signed(cells.estimate, gaps.decimals)} ({signed(low, gaps.decimals)} to {signed(high, gaps.decimals)})"
        return f"{label}: as expected; the gap of {gap} is within ±{gaps.margin:g}, the margin set, {_people(row)}."
    span = f"could be {_side(low, gaps)} to {_side(high, gaps)}"
    return f"{label}: we cannot tell; {_side(cells.estimate, gaps)}, {span}, {_people(row)}."


def _limits(gaps: GapTable, rows: Sequence[_Row]) -> list[Sentence]:
    frame = gaps.frame
    texts = [f"Expectation was asked as {EXPECTATION_TYPES[gaps.expectation_type]}."] if gaps.expectation_type else []
    level = percent(gaps.conf_level)
    texts.append(f"Each score is a {gaps.score}; each interval holds the gaps that fit the answers, with {level} confidence.")
    tests = int(frame["p_value"].notna().sum())
    if tests > 1:
        texts.append(f"The {tests} intervals hold one by one, not all at once; the table has p-values adjusted for that.")
    if frame["n_eff"].sum() < 0.995 * frame["n"].sum():
        loss = percent(round(1 - frame["n_eff"].sum() / frame["n"].sum(), 2))
        texts.append(f"Weights make up for who answered, at the cost of {loss} of the sample's information.")
    for flag, caution in _CAUTIONS.items():
        names = [_capital(row.label) for row in rows if flag in row.cells.flags.split("|")]
        if names:
            which = "All rows" if len(names) == len(rows) > 1 else _list(_few(names))
            texts.append(f"{which}: {caution}.")
    if gaps.margin is None:
        texts.append("No margin is set, so no expectation is called met.")
    return [Sentence(text) for text in texts]


def _with(rows: Sequence[_Row], verdict: str) -> list[_Row]:
    return [row for row in rows if row.cells.verdict == verdict]


def _worst_first(rows: Sequence[_Row]) -> list[_Row]:
    return sorted(_with(rows, SHORT), key=lambda row: row.cells.estimate)


def _rivals(short: Sequence[_Row]) -> list[_Row]:
    """Rows whose interval overlaps with that of the worst: the data do not say which is worse."""
    return [row for row in short[1:] if row.cells.conf_low <= short[0].cells.conf_high]


def _size(value: float, gaps: GapTable) -> str:
    return plain(value, gaps.decimals)


def _points(value: float, gaps: GapTable) -> str:
    text = _size(abs(value), gaps)
    return f"{text} point" if float(text) == 1 else f"{text} points"


def _side(value: float, gaps: GapTable) -> str:
    text = _size(abs(value), gaps)
    return "none" if not float(text) else f"{text} {'short' if value < 0 else 'above'}"


def _people(row: _Row) -> str:
    return counted(int(row.cells.n), "customer")


def _few(names: Sequence[str]) -> list[str]:
    return [*names[:3], *([f"{len(names) - 3} more"] if len(names) > 3 else [])]


def _list(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else ""


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
