"""The columns of a model of outcomes: what was known before, who met what, shortfalls and surplus."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from cxgap.gaps.outcome_people import People
from cxgap.stats.means import Floats

FEWEST_OVER: Final = 20  # people who got more than they expected, for a slope of its own


class Terms(NamedTuple):
    """The columns of a model, without a constant.

    Attributes
    ----------
    names : of the columns
    x : shape (people, columns)
    shortfall : the column of each cell's shortfall, by the number of the cell; -1 stands for all cells together
    surplus : the column of the surplus; None where nobody got more than expected, or the model is without the gap
    """

    names: tuple[str, ...]
    x: Floats
    shortfall: dict[int, int]
    surplus: int | None

    @property
    def gap(self) -> list[int]:
        """Columns that the gap makes."""
        return [*self.shortfall.values(), *([] if self.surplus is None else [self.surplus])]

    def drift(self, x: Floats) -> Floats:
        """Return all shortfalls together and the surplus, of which discrete time lets the effects drift."""
        short = x[:, list(self.shortfall.values())].sum(axis=1)
        return np.column_stack([short, *([] if self.surplus is None else [x[:, self.surplus]])])

    def without(self, cells: Sequence[int]) -> Floats:
        """Return the columns as they would be if nobody missed anything at those cells."""
        x = self.x.copy()
        x[:, [self.shortfall[cell] for cell in cells]] = 0.0
        return x


def whole_terms(people: People) -> Terms:
    """Return what was known before, and the shortfall and surplus of the mean gap."""
    short, over = np.maximum(-people.whole, 0.0), np.maximum(people.whole, 0.0)
    return _terms(people, (), np.empty((len(short), 0)), {-1: short}, over)


def cell_terms(people: People, cells: Sequence[int]) -> Terms:
    """Return what was known before, which cells a customer met, each cell's shortfall, and the mean surplus."""
    gap = people.gap[:, list(cells)]
    met, known = np.isfinite(gap), np.isfinite(people.gap)
    short = np.where(met, np.maximum(-np.nan_to_num(gap), 0.0), 0.0)
    over = np.where(known, np.maximum(np.nan_to_num(people.gap), 0.0), 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    names = tuple(f"met {people.cells[cell]}" for cell in cells)
    return _terms(people, names, met.astype(float), dict(zip(cells, short.T, strict=True)), over)


def _terms(people: People, names: tuple[str, ...], met: Floats, short: dict[int, Floats], over: Floats) -> Terms:
    """Put the columns together, without those that the others make up."""
    beside = np.column_stack([people.covariates, met])
    kept: list[int] = []
    trial = np.ones((len(over), 1))
    for place, column in enumerate(beside.T):
        spread = float(np.abs(column).max(initial=0.0)) or 1.0
        longer = np.column_stack([trial, column / spread])
        if np.linalg.matrix_rank(longer) == longer.shape[1]:
            trial = longer
            kept.append(place)
    known = [(*people.names, *names)[place] for place in kept]
    columns = {cell: len(known) + place for place, cell in enumerate(short)}
    labels = ["shortfall" if cell < 0 else f"shortfall {people.cells[cell]}" for cell in short]
    # Errors of a slope that hangs on a handful of people are told too small.
    more = [over] if np.ptp(over) > 0 and (over > 0).sum() >= FEWEST_OVER else []
    x = np.column_stack([beside[:, kept], *short.values(), *more])
    return Terms((*known, *labels, *(["surplus"] if more else [])), x, columns, x.shape[1] - 1 if more else None)


def bare_terms(terms: Terms) -> Terms:
    """Return the terms without the gap."""
    kept = [place for place in range(len(terms.names)) if place not in terms.gap]
    return Terms(tuple(terms.names[place] for place in kept), terms.x[:, kept], {}, None)
