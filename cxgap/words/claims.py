"""How far apart two levels of a gap are, as a clause: by gap, and by the ladder that they stand on."""

from __future__ import annotations

from typing import Final, NamedTuple

from cxgap.result import GapTable
from cxgap.vocabulary import PERCENTAGE_POINTS
from cxgap.words.numbers import exact, is_none, level, measured, size, unit_of
from cxgap.words.phrases import RATED
from cxgap.words.rows import Row


class Claim(NamedTuple):
    """A clause with its distance, `{size}`, and the word for its side, `{side}`; the clause where there is none; both words.

    `{start}` and `{end}` are the levels with their units; `{from}` and `{fact}` are the same as somebody set them, the
    first without a unit where it is clear.
    """

    text: str
    level: str
    worse: str
    better: str


_RATINGS: Final = {
    "knowledge": Claim(
        "managers believe customers expect {size} {side} than they do",
        "managers believe customers expect as much as they do",
        "less",
        "more",
    ),
    "standards": Claim(
        "the standard asks for {size} {side} than managers believe customers expect",
        "the standard asks for as much as managers believe customers expect",
        "less",
        "more",
    ),
    "delivery": Claim("delivery lies {size} {side} the standard", "delivery lies at the standard", "below", "above"),
    "communication": Claim("delivery lies {size} {side} what was promised", "delivery is what was promised", "below", "above"),
    "company": Claim(
        "managers rate {size} {side} than customers do", "managers rate as high as customers do", "higher", "lower"
    ),
}
_ATTAINED: Final = {
    "knowledge": Claim(
        "what managers believe is expected lets {size} {side} of deliveries pass than what customers expect",
        "what managers believe is expected lets as many deliveries pass as what customers expect",
        "more",
        "fewer",
    ),
    "standards": Claim(
        "the standard lets {size} {side} of deliveries pass than what managers believe is expected",
        "the standard lets as many deliveries pass as what managers believe is expected",
        "more",
        "fewer",
    ),
    "delivery": Claim(
        "{end} of deliveries meet the standard, {size} {side} the target of {from}",
        "{end} of deliveries meet the standard, which is the target",
        "below",
        "above",
    ),
    "communication": Claim(
        "{end} of promises are kept, {size} {side} the target of {from}",
        "{end} of promises are kept, which is the target",
        "below",
        "above",
    ),
}
_TOP_BOX: Final = Claim(
    "{start} of managers give top marks and {end} of customers, {size} {side}",
    "{start} of managers give top marks and {end} of customers",
    "fewer",
    "more",
)
_BELIEVED: Final = "managers believe customers expect {end}, "
_AGAINST: Final = "{end} against a standard of {from}"


def claim(value: float, gaps: GapTable, row: Row) -> str:
    """Put a row's gap into a clause: "3.9 days against a standard of 3, 0.9 days slower"."""
    found = claim_of(gaps, row)
    words = {
        "size": measured(value, row),
        "side": found.worse if value < 0 else found.better,
        "start": level(row.cells.start, row),
        "end": level(row.cells.end, row),
        "from": exact(row.cells.start) + (" per cent" if row.unit == PERCENTAGE_POINTS else ""),
        "fact": f"{exact(row.cells.end)} {unit_of(row, row.cells.end)}",
        "rating": f"{size(row.cells.end, row)} of {exact(row.cells.start)}",
    }
    return (found.level if is_none(value, row) else found.text).format(**words)


def claim_of(gaps: GapTable, row: Row) -> Claim:
    """Return the clause of a row's gap on the ladder that the row stands on."""
    if gaps.basis == "index":
        rated = f"staff rate {RATED.get(gaps.gap, 'how well it is done')} at {{rating}}"
        return Claim(f"{rated}, {{size}} {{side}} the best answer", f"{rated}, the best answer", "below", "above")
    if gaps.basis == "attainment" and gaps.gap in _ATTAINED:
        return _ATTAINED[gaps.gap]
    if gaps.gap == "company" and row.unit == PERCENTAGE_POINTS:
        return _TOP_BOX
    if gaps.basis != "physical" or row.unit == "scale points":
        return _RATINGS[gaps.gap]
    return _physical(gaps.gap, row)


def _physical(gap: str, row: Row) -> Claim:
    """Return the clause of a gap in days, contacts and the like, where less may be the better."""
    time, lower = row.is_time, row.lower_is_better
    words = ("slower", "faster") if time and lower else ("shorter", "longer") if time else ("worse", "better")
    if gap == "knowledge":
        return Claim(_BELIEVED + "{size} {side} than they do", _BELIEVED + "as they do", *words)
    if gap == "standards":
        text = "the standard of {fact} is {size} {side} than managers believe customers expect"
        return Claim(text, "the standard of {fact} is what managers believe customers expect", "looser", "stricter")
    if gap == "delivery":
        return Claim(f"{_AGAINST}, {{size}} {{side}}", _AGAINST, *words)
    if time and lower:
        return Claim("{side} by {size} on average", "on time on average", "late", "early")
    return Claim("{size} {side} than promised on average", "as promised on average", *words)
