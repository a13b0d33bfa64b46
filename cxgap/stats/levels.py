"""Levels of a service in cells, each as a function of the weights of the samples it is read from.

A level is asked once with all weights 1, and once for every replicate: so the levels of one replicate belong together, and
their differences have the error that they should have.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from cxgap.stats.bootstrap import Source, replicate_weights
from cxgap.stats.means import Codes, Floats, ratio, sum_by
from cxgap.stats.quantiles import quantiles

Weights = Mapping[str, Floats]  # of each source, shape (replicates, units)


class Values(NamedTuple):
    """What the people of one sample say, or got: one entry a person, or an event of theirs, and cell.

    Attributes
    ----------
    source : name of the sample
    cell : codes of the cells
    value : finite
    weight : above 0
    unit : the sampling unit of each entry, a position in the sample's units
    times, squares : where a unit is a group of many: people behind each entry, and the sum of the squares of their weights
    """

    source: str
    cell: Codes
    value: Floats
    weight: Floats
    unit: Codes
    times: Floats | None = None
    squares: Floats | None = None

    def people(self, cells: int) -> Floats:
        """Count the units in each cell, or the people of groups."""
        if self.times is not None:
            return sum_by(self.cell, cells, self.times)
        return sum_by(self._pairs()[0], cells)

    def effective(self, cells: int) -> Floats:
        """Return how many units of equal weight would tell as much: Kish (1965), Survey Sampling, section 8.2."""
        if self.squares is not None:
            return ratio(sum_by(self.cell, cells, self.weight) ** 2, sum_by(self.cell, cells, self.squares))
        cell, entry = self._pairs()
        weight = sum_by(entry, len(cell), self.weight)
        return ratio(sum_by(cell, cells, weight) ** 2, sum_by(cell, cells, weight**2))

    def _pairs(self) -> tuple[Codes, Codes]:
        """Return the cell of each unit in a cell, and the place there of each entry."""
        units = self.unit.max(initial=0) + 1
        pairs, entry = np.unique(self.cell * units + self.unit, return_inverse=True)
        return pairs // units, entry


class Level(Protocol):
    """One level in all cells; `said` are the values of the people who speak for it, None where somebody set it."""

    @property
    def said(self) -> Values | None:
        """The values behind it."""
        ...

    @property
    def sources(self) -> tuple[str, ...]:
        """The samples that it depends on."""
        ...

    def at(self, weights: Weights) -> Floats:
        """Return the level, shape (replicates, cells)."""
        ...


class Fixed(NamedTuple):
    """A level that somebody set: a standard, a target."""

    value: Floats
    said: Values | None = None
    sources: tuple[str, ...] = ()

    def at(self, weights: Weights) -> Floats:
        """Return it in one row, to be broadcast."""
        return self.value[None, :]


class Mean(NamedTuple):
    """A weighted mean."""

    said: Values
    cells: int

    @property
    def sources(self) -> tuple[str, ...]:
        """The one sample."""
        return (self.said.source,)

    def at(self, weights: Weights) -> Floats:
        """Return the mean of each cell."""
        from scipy.sparse import coo_array

        source, cell, value, weight, unit, *_ = self.said
        drawn = weights[source]
        top, bottom = (
            (coo_array((mass, (cell, unit)), (self.cells, drawn.shape[1])).tocsr() @ drawn.T).T
            for mass in (weight * value, weight)
        )
        return ratio(top, bottom)


class Quantile(NamedTuple):
    """A weighted quantile."""

    said: Values
    cells: int
    level: float

    @property
    def sources(self) -> tuple[str, ...]:
        """The one sample."""
        return (self.said.source,)

    def at(self, weights: Weights) -> Floats:
        """Return the quantile of each cell."""
        source, cell, value, weight, unit, *_ = self.said
        return np.array([quantiles(value, cell, self.cells, self.level, weight=weight * row[unit]) for row in weights[source]])


class Reach(NamedTuple):
    """The mean, over people who each name a level, of the share of what was delivered that is no worse than it.

    `said`, the levels that they name, and `got` are on a ladder where higher is better.
    """

    said: Values
    got: Values
    cells: int

    @property
    def sources(self) -> tuple[str, ...]:
        """Those of both samples."""
        return tuple(dict.fromkeys((self.said.source, self.got.source)))

    def at(self, weights: Weights) -> Floats:
        """Return the share of each cell."""
        rows = len(weights[self.got.source])
        shares = np.full((rows, self.cells), np.nan)
        for cell in range(self.cells):
            asked, made = self.said.cell == cell, self.got.cell == cell
            if asked.any() and made.any():
                shares[:, cell] = self._share(asked, made, weights)
        return shares

    def _share(self, asked: NDArray[np.bool_], made: NDArray[np.bool_], weights: Weights) -> Floats:
        order = np.argsort(self.got.value[made], kind="stable")
        mass = (weights[self.got.source][:, self.got.unit[made]] * self.got.weight[made])[:, order]
        worse = np.concatenate([np.zeros((len(mass), 1)), np.cumsum(mass, axis=1)], axis=1)
        place = np.searchsorted(self.got.value[made][order], self.said.value[asked], side="left")
        say = weights[self.said.source][:, self.said.unit[asked]] * self.said.weight[asked]
        reached = ratio(worse[:, -1:] - worse[:, place], worse[:, -1:])
        return ratio((say * reached).sum(axis=1), say.sum(axis=1))


class Either(NamedTuple):
    """One level in the cells that are chosen, another in the others."""

    first: Level
    second: Level
    chosen: NDArray[np.bool_]

    @property
    def said(self) -> Values | None:
        """The values of both, each in its cells."""
        parts = [(part.said, mask) for part, mask in ((self.first, self.chosen), (self.second, ~self.chosen)) if part.said]
        kept = [(said, mask[said.cell]) for said, mask in parts]
        columns = (
            np.concatenate([getattr(said, name)[held] for said, held in kept]) for name in ("cell", "value", "weight", "unit")
        )
        return Values(kept[0][0].source, *columns)

    @property
    def sources(self) -> tuple[str, ...]:
        """Those of both."""
        return tuple(dict.fromkeys((*self.first.sources, *self.second.sources)))

    def at(self, weights: Weights) -> Floats:
        """Return the level of each cell."""
        return np.where(self.chosen, self.first.at(weights), self.second.at(weights))


def levels_of(levels: Mapping[str, Level], sources: Iterable[Source], cells: int) -> dict[str, Floats]:
    """Return each level as the samples have it, shape (cells,)."""
    ones = {source.name: np.ones((1, len(source.stratum))) for source in sources}
    return {name: np.broadcast_to(level.at(ones), (1, cells))[0].copy() for name, level in levels.items()}


def replicated(
    levels: Mapping[str, Level], sources: Sequence[Source], cells: int, *, count: int, seed: int
) -> dict[str, Floats]:
    """Return each level in every replicate, shape (count, cells): in one replicate all levels see the same people."""
    chunks: dict[str, list[Floats]] = {name: [] for name in levels}
    for drawn in zip(*(replicate_weights(source, count, seed=seed) for source in sources), strict=True):
        weights = {source.name: rows for source, rows in zip(sources, drawn, strict=True)}
        for name, level in levels.items():
            chunks[name].append(np.broadcast_to(level.at(weights), (len(drawn[0]), cells)))
    return {
        name: np.concatenate(parts) if parts else np.broadcast_to(levels[name].at({}), (count, cells))
        for name, parts in chunks.items()
    }
