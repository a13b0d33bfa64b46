"""The least number of respondents that each slice of a plan may show, so that no page gives away what another one hides.

One number a slice: where a cell of n people is one too many, the minimum of its slice becomes n + 1, and every function
hides it by its own rule. A raised minimum hides other cells too, which then may be told by subtraction in their turn;
so it is raised until nothing changes, and never lowered.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from cxgap.disclosure.counted import LEAST_STAFF, STAFF, Cell, Counted
from cxgap.disclosure.told import Sets, Sizes, classes, told
from cxgap.stats.privacy import Mask

WHOLE: Final = "the whole study"
BEFORE: Final = ", published before"  # in a reason: an earlier page is part of it


class Minimum(NamedTuple):
    """What a slice may show.

    Attributes
    ----------
    min_n : the least number of respondents
    reasons : why it is more than the study declares; names cells and slices, and no small number
    nothing : whether not even all respondents of the slice together may be shown
    """

    min_n: int
    reasons: tuple[str, ...] = ()
    nothing: bool = False


@dataclass(frozen=True, slots=True)
class _Owner:
    """Whose cell a set of people is: of a slice of this plan, of the whole study, or of a page that is out."""

    part: Counted
    slice: int | None  # number of the slice, if its minimum can be raised
    source: str  # "plan", "whole", "newest" page of its slice, or an "older" one, which counts in pairs alone
    place: int  # of the cell
    asked: int  # number that is compared with the minimum


def minimums(slices: Sequence[Counted], *, whole: Sequence[Counted] = (), published: Sequence[Counted] = ()) -> list[Minimum]:
    """Decide the minimum of each slice.

    Parameters
    ----------
    slices : the slices of a plan, counted, in any order
    whole : whole studies that are not in the plan; their totals are taken for known, because they may be published elsewhere
    published : what earlier pages show, the newest page of each slice first

    Returns
    -------
    One Minimum a slice, in the order of `slices`
    """
    found: list[Minimum] = [Minimum(part.min_n) for part in slices]
    for survey in sorted({part.survey for part in slices}):
        mine = sorted((place for place, part in enumerate(slices) if part.survey == survey), key=lambda at: _order(slices[at]))
        own = [slices[place] for place in mine]
        totals = sorted((part for part in whole if part.survey == survey), key=_order)
        raised = _Survey(own, totals, [part for part in published if part.survey == survey]).settle()
        for place, minimum in zip(mine, raised, strict=True):
            found[place] = minimum
    return found


def _order(part: Counted) -> tuple[str, str]:
    return part.label, part.digest


class _Survey:
    """The slices of one survey, and how far their minimums have been raised."""

    def __init__(self, slices: Sequence[Counted], whole: Sequence[Counted], published: Sequence[Counted]) -> None:
        self._slices = slices
        self._least = [part.min_n for part in slices]
        self._reasons: list[dict[str, None]] = [{} for _ in slices]
        self._owners: dict[Cell, list[_Owner]] = {}
        self._people = np.unique(np.concatenate([part.people for part in (*slices, *whole, *published)]))
        for number, part in enumerate(slices):
            self._add(part, part.shown(part.min_n), "plan", number)
        for part in whole:
            self._add(part, part.shown(part.min_n), "whole")
        labels: set[str] = set()
        for part in published:
            self._add(part, part.n > 0, "older" if part.label in labels else "newest")
            labels.add(part.label)
        self._sets = {cell: self._classes(owners) for cell, owners in self._owners.items()}

    def settle(self) -> list[Minimum]:
        """Raise minimums until no cell tells of too few."""
        seen: dict[Cell, tuple[bool, ...]] = {}
        changed = True
        while changed:
            changed = False
            for cell in sorted(self._owners):
                while (state := self._state(cell)) != seen.get(cell):
                    seen[cell] = state
                    changed |= self._raise(cell, np.array(state))
        return [self._minimum(number) for number in range(len(self._slices))]

    def _add(self, part: Counted, shown: Mask, source: str, number: int | None = None) -> None:
        asked = part.asked()
        for place in np.flatnonzero(shown):
            owner = _Owner(part, number, source, int(place), int(asked[place]))
            self._owners.setdefault(part.cells[place], []).append(owner)

    def _classes(self, owners: Sequence[_Owner]) -> tuple[Sets, Sizes]:
        held = np.zeros((len(self._people), len(owners)), bool)
        for column, owner in enumerate(owners):
            held[np.searchsorted(self._people, owner.part.people), column] = owner.part.held[:, owner.place]
        return classes(held)

    def _state(self, cell: Cell) -> tuple[bool, ...]:
        """Return which of the cells of this name are shown, as things stand."""
        return tuple(owner.slice is None or owner.asked >= self._least[owner.slice] for owner in self._owners[cell])

    def _raise(self, cell: Cell, shown: Mask) -> bool:
        """Hide the smallest of the cells by which too few can be told, if there are any; say whether."""
        owners = [owner for owner, stays in zip(self._owners[cell], shown, strict=True) if stays]
        sets, sizes = self._sets[cell]
        kept, same = np.unique(sets[shown], axis=0, return_inverse=True)
        of_set = [[owner for owner, at in zip(owners, same.ravel(), strict=True) if at == row] for row in range(len(kept))]
        if not any(owner.slice is not None for owner in owners):
            return False
        least = (
            LEAST_STAFF if cell.measure in STAFF else max(self._slices[o.slice].min_n for o in owners if o.slice is not None)
        )
        combined = np.array([any(owner.source != "older" for owner in group) for group in of_set])
        for rows in told(kept, sizes, least, combined):
            open_to = [row for row in rows if all(owner.slice is not None for owner in of_set[row])]
            if open_to:
                chosen = min(open_to, key=lambda row: (of_set[row][0].asked, [owner.slice or 0 for owner in of_set[row]]))
                beside = [of_set[row][0] for row in rows if row != chosen]
                for owner in of_set[chosen]:
                    self._hide(owner, cell, beside)
                return True
        return False

    def _hide(self, owner: _Owner, cell: Cell, beside: Sequence[_Owner]) -> None:
        if owner.slice is not None:
            self._least[owner.slice] = max(self._least[owner.slice], owner.asked + 1)
            others = ", ".join(sorted({_said(other) for other in beside}))
            self._reasons[owner.slice][f"{cell.words}: with {others}, it would tell of too few people."] = None

    def _minimum(self, number: int) -> Minimum:
        part, least = self._slices[number], self._least[number]
        nothing = least > part.min_n and not part.shown(least).any()
        return Minimum(least, tuple(self._reasons[number]), nothing)


def _said(owner: _Owner) -> str:
    where, as_of = json.loads(owner.part.label)
    place = ", ".join(f"{name} {' or '.join(values)}" for name, values in where.items()) or WHOLE
    when = f" as of {as_of}" if as_of else ""
    return f"{place}{when}{BEFORE if owner.source in ('newest', 'older') else ''}"
