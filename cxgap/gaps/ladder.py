"""The levels of a chain on one ladder: which there are, whose they are, and in what order they follow each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from cxgap._check import check_count
from cxgap.errors import ArgumentError
from cxgap.gaps.raters import positions
from cxgap.stats.bootstrap import Source
from cxgap.stats.levels import Fixed, Level, Mean, Quantile, Values
from cxgap.stats.means import Codes, Floats, sum_by
from cxgap.stats.privacy import hide_also, too_few

TARGET: Final = "target"
CUSTOMERS, MANAGERS = "customers", "managers"  # samples
SIGNS: Final = {"higher": 1.0, "lower": -1.0}


class Path(NamedTuple):
    """The order of levels, the link between each and the next, and the side branch of the promise.

    Attributes
    ----------
    nodes, links : from the first level to the last
    side : name, start and end of the links beside the path
    """

    nodes: tuple[str, ...]
    links: tuple[str, ...]
    side: tuple[tuple[str, str, str], ...]


# Parasuraman, Zeithaml & Berry (1985), Journal of Marketing 49(4), 41-50, in their order; the promise is a side branch,
# because in line it would reward promising more than is delivered.
LEVELS: Final = Path(
    ("expected", "believed", "standard", "delivered", "perceived"),
    ("knowledge", "standards", "delivery", "perception"),
    (("positioning", "expected", "promised"), ("communication", "promised", "delivered")),
)
# As shares of deliveries the levels follow each other the other way: a looser level is met more often.
SHARES: Final = Path(
    (TARGET, "standard", "believed", "expected", "perceived"),
    ("delivery", "standards", "knowledge", "perception"),
    (("communication", TARGET, "promised"),),
)


def population_of(managers: object, asked: int) -> float:
    """Return how many managers there are; infinity where those who answered stand for many.

    Raises
    ------
    ArgumentError : `managers` is neither True, False, None nor a count, or less than those who answered.
    """
    if managers is True:
        return float(asked)
    if managers is None or managers is False:
        return np.inf
    if check_count(managers, "managers_population") < asked:  # type: ignore[arg-type]
        raise ArgumentError(f"`managers_population` must be at least {asked}, the managers who answered, not {managers}.")
    return float(managers)  # type: ignore[arg-type]


def exposed(
    values: Values, cells: pd.DataFrame, by: Sequence[str], least: int, repeats: Callable[[Sequence[str]], Floats] | None = None
) -> np.ndarray:
    """Say in which cells a level must be hidden, since few speak for it there or it could be told by subtraction.

    A line of cells can be subtracted where (nearly) everybody stands in one of them.

    Parameters
    ----------
    repeats : of the keys of lines, in how many cells beyond their first people of each line stand; to be asked where
        `values` are of groups of people, which themselves stand in all cells
    """
    size = len(cells)
    people = values.people(size)
    few = (people > 0) & too_few(people, least)
    if least == 1 or not few.any():
        return few
    units = int(values.unit.max(initial=0)) + 1
    pair = np.unique(values.cell * units + values.unit)
    lines = []
    for name in by:
        rest = [other for other in by if other != name]
        line = cells.groupby(rest, observed=True, dropna=False).ngroup().to_numpy() if rest else np.zeros(size, np.int64)
        inside = line[pair // units]
        alone = sum_by(np.unique(inside * units + pair % units) // units, line.max() + 1)
        several = sum_by(inside, line.max() + 1) - alone if repeats is None or values.times is None else repeats(rest)
        for number in np.flatnonzero(several < least):
            lines.append(np.flatnonzero(line == number))
    return few | hide_also(few, people, lines, least)


class Ladder(NamedTuple):
    """Levels of cells that may be subtracted from each other.

    Attributes
    ----------
    cells : one row a cell, the `by` keys in the order of display
    levels : each node that was measured anywhere
    people : sampling units behind each node, shape (cells,); infinity where somebody set it
    sources : the samples
    sign : 1 where higher is better for the customer, -1 where lower is, shape (cells,)
    unit, basis, score : as in GapTable
    path : the order of the nodes
    why : why a node was not measured
    flags : words of `vocabulary.FLAGS` that belong to a node, a set for each cell
    repeats : as in `exposed`, where customers speak in groups
    """

    cells: pd.DataFrame
    levels: Mapping[str, Level]
    people: Mapping[str, Floats]
    sources: tuple[Source, ...]
    sign: Floats
    unit: str
    basis: str
    score: str
    path: Path
    why: Mapping[str, str]
    flags: Mapping[str, list[set[str]]]
    repeats: Callable[[Sequence[str]], Floats] | None = None


def placed_standards(rows: pd.DataFrame, by: Sequence[str], cells: pd.DataFrame) -> tuple[Codes, Floats]:
    """Give every cell the standards that hold there: columns of `by` that standards lack make no difference."""
    shared = [name for name in by if name in rows]
    place = positions(cells, rows[shared].drop_duplicates().reset_index(drop=True), shared)
    row = positions(rows, rows[shared].drop_duplicates().reset_index(drop=True), shared)
    pairs = [(cell, value) for cell, at in enumerate(place) for value in rows["standard"].to_numpy(float)[row == at] if at >= 0]
    cell, value = zip(*pairs, strict=True) if pairs else ((), ())
    return np.array(cell, np.int64), np.array(value, float)


def set_level(cell: Codes, value: Floats, cells: int, node: str) -> tuple[Level, Floats]:
    """Make a level that somebody set; two that differ in one cell contradict each other."""
    level = np.full(cells, np.nan)
    for place, one in zip(cell, value, strict=True):
        if np.isfinite(level[place]) and level[place] != one:
            raise ArgumentError(
                f"there must be one {node} in a cell, not both {level[place]:g} and {one:g}; cut by what tells them apart."
            )
        level[place] = one
    return Fixed(level), np.where(np.isfinite(level), np.inf, 0.0)


def read_level(values: Values, cells: int, statistic: str | float) -> Level:
    """Take the mean of the values, or a quantile."""
    return Mean(values, cells) if statistic == "mean" else Quantile(values, cells, float(statistic))


def numbered(names: pd.Series) -> Codes:
    """Number the names in their order, so that no order of rows matters; -1 where there is none."""
    return pd.Categorical(names, categories=sorted(names.dropna().unique())).codes.astype(np.int64)
