"""One pattern a rating, such as "e{item}", for pairs whose columns are named alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from cxgap.inspection.names import SEPARATORS, marks, pieces
from cxgap.inspection.proposed import RATINGS, Pair

_CLOSING: Final = ")]"


def patterns_of(pairs: Sequence[Pair], names: Sequence[str]) -> tuple[dict[str, str], list[Pair]]:
    """Find one pattern a rating, such as "e{item}", that leads to all pairs and to no other; the items are then as it has them.

    Returns
    -------
    Rating -> pattern, empty where there is none; and the pairs.
    """
    both = [pair for pair in pairs if pair.expectation and pair.perception]
    if not both or len(both) < len(pairs):
        return {}, list(pairs)
    if len({pair.wave for pair in both}) > 1 or any(pair.touchpoint for pair in both):
        return {}, list(pairs)
    closed = all(pair.expectation[-1] in _CLOSING and pair.perception[-1] in _CLOSING for pair in both)
    for ends in ((True, True),) if closed else ((True, False), (False, True), (True, True)):
        frames = {rating: _frame([getattr(pair, rating) for pair in both], rating, *ends) for rating in RATINGS[:2]}
        cut = {rating: [_rest(getattr(pair, rating), frame) for pair in both] for rating, frame in frames.items()}
        items = cut["expectation"]
        if (
            items != cut["perception"]
            or len(set(items)) < len(items)
            or not all(items)
            or frames["expectation"] == frames["perception"]
        ):
            continue
        found = [{_rest(name, frame) for name in names} - {""} for frame in frames.values()]
        if found[0] & found[1] != set(items):
            continue
        for rating in RATINGS[2:]:
            others = [getattr(pair, rating) for pair in both]
            frame = _frame(others, rating, *ends) if all(others) else ("", "")
            if any(frame) and [_rest(name, frame) for name in others] == items:
                frames[rating] = frame
        patterns = {rating: "{item}".join(frame) for rating, frame in frames.items()}
        return patterns, [pair._replace(item=item) for pair, item in zip(both, items, strict=True)]
    return {}, list(pairs)


def _frame(names: Sequence[str], rating: str, head: bool, tail: bool) -> tuple[str, str]:
    """Return what all names of one rating begin with and end on, around the item: whole words and numbers of it."""
    one = names[0]
    if len(names) > 1:
        before, after = _shared(names), _shared([name[::-1] for name in names])
    else:
        before, after = _around_mark(one, rating)
    starts = [piece.start for piece in pieces(one) if piece.start <= before] if head else []
    size = len(one) - max(starts, default=0)
    ends = [piece.end for piece in pieces(one) if len(one) - piece.end <= min(after, size)] if tail else []
    return one[: max(starts, default=0)], one[min(ends, default=len(one)) :]


def _around_mark(name: str, rating: str) -> tuple[int, int]:
    """Return how much of a name, from its beginning and from its end, the word for the rating takes with what parts it."""
    for mark in marks(name):
        if mark.role == rating or (mark.role == "rating" and rating == "perception"):
            return len(name) - len(name[mark.end :].lstrip(SEPARATORS)), len(name) - len(name[: mark.start].rstrip(SEPARATORS))
    return 0, 0


def _rest(name: str, frame: tuple[str, str]) -> str:
    """Return what stands between the two parts of a frame, "" where the name is not so made."""
    head, tail = frame
    fits = len(name) > len(head) + len(tail) and name.startswith(head) and name.endswith(tail)
    return name[len(head) : len(name) - len(tail)] if fits else ""


def _shared(names: Sequence[str]) -> int:
    """Return how many characters all names begin with."""
    first, last = min(names), max(names)
    return next((place for place, letter in enumerate(first) if last[place : place + 1] != letter), len(first))
