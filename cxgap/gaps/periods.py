"""The order of periods that a frame knows by name only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap.waves import in_time, places, steps

Ends = Mapping[str, tuple[pd.Timestamp, pd.Timestamp]]


def levels_in_time(frame: IntoFrame, between: str, levels: Sequence[Any], ends: Ends | None = None) -> list[Any]:
    """Return the periods in the order that the column declares, else in that of time: by their names, or by their answers."""
    if tally.declared_order(frame, between) is not None or not all(isinstance(level, str) for level in levels):
        return list(levels)
    if places(levels) is None and ends and all(level in ends for level in levels):
        return sorted(levels, key=lambda level: ends[level])
    return list(in_time(levels))


def turned(levels: Sequence[str], ends: Ends) -> tuple[str, str] | None:
    """Return the first period whose answers all came before those of the one that stands before it, and that one."""
    dated = [level for level in levels if level in ends]
    return next(((later, earlier) for earlier, later in pairwise(dated) if ends[later][1] < ends[earlier][0]), None)


def distances(names: Sequence[str]) -> list[int]:
    """Return how far along each period lies: by the calendar where all names are of it, else one after the other."""
    return steps(names) or list(range(len(names)))
