"""Groups of sampling units that are drawn again instead of the units, where these are too many to draw one by one.

A level is a function of sums over units, so the sums of a thousand groups, each of units taken at random, have the spread
that those of the units have: the standard error is the same but for a noise of 1 in sqrt(2 x groups), about 2 %.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from cxgap.stats.bootstrap import Source
from cxgap.stats.identity import SHARDS, hashes, shards
from cxgap.stats.levels import Level, Mean, Values
from cxgap.stats.means import Codes, sum_by

MOST_DRAWN: Final = 200_000  # sampling units that are drawn one by one


def sharded(
    levels: Mapping[str, Level], sources: Sequence[Source], *, most: int = MOST_DRAWN, count: int = SHARDS
) -> tuple[dict[str, Level], tuple[Source, ...]]:
    """Put the units of each sample of more than `most` into `count` groups, none across strata.

    A mean is then one of groups; other levels keep their values, whose weights go up and down with those of the group.

    Parameters
    ----------
    levels, sources : as in `replicated`; the units of a sample are in an order that does not hang on that of the rows

    Returns
    -------
    Levels and samples for `replicated`; the levels as they stand are the same as before.
    """
    group = {source.name: groups(source.stratum, count) for source in sources if len(source.stratum) > most}
    made = []
    for source in sources:
        if source.name in group:
            first = np.unique(group[source.name], return_index=True)[1]
            source = source._replace(stratum=source.stratum[first])
        made.append(source)
    return {name: _grouped(level, group) for name, level in levels.items()} if group else dict(levels), tuple(made)


def groups(stratum: Codes, count: int) -> Codes:
    """Return the group of each unit, by a hash of its number: as many in a stratum as its share of all, and at least two."""
    mixed = hashes(np.arange(len(stratum)))
    found, before = np.zeros(len(stratum), np.int64), 0
    for code in np.unique(stratum):
        members = np.flatnonzero(stratum == code)
        many = min(max(2, round(count * len(members) / len(stratum))), len(members))
        own = np.unique(shards(mixed[members], many), return_inverse=True)[1]
        found[members] = before + own
        before += int(own.max()) + 1
    return found


def _grouped(level: Any, group: Mapping[str, Codes]) -> Any:
    """Return a level whose values speak by groups."""
    changed = {}
    for name, part in zip(level._fields, level, strict=True):
        if isinstance(part, Values) and part.source in group:
            moved = part._replace(unit=group[part.source][part.unit])
            changed[name] = _summed(moved) if isinstance(level, Mean) else moved
        elif hasattr(part, "said") and hasattr(part, "_fields"):
            changed[name] = _grouped(part, group)
    return level._replace(**changed)


def _summed(values: Values) -> Values:
    """Put what a group says of a cell into one value: the weighted mean, with the weight of all."""
    units = int(values.unit.max(initial=0)) + 1
    pair, place = np.unique(values.cell * units + values.unit, return_inverse=True)
    weight = sum_by(place, len(pair), values.weight)
    value = sum_by(place, len(pair), values.weight * values.value) / weight
    return Values(values.source, pair // units, value, weight, pair % units)
