"""Series in the order of time, broken where what was asked became another, and what each period is compared with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from narwhals.stable.v2.typing import IntoFrame

from cxgap.gaps.instrument import asked_in, broken
from cxgap.gaps.scores import Scores


class Line(NamedTuple):
    """The cells of one group in the order of time, and the segment of each."""

    group: int
    cells: list[int]
    segments: list[int]
    reasons: list[str]


def lines_of_time(
    scores: Scores,
    names: Sequence[str],
    between: str,
    levels: Sequence[Any],
    responses: IntoFrame,
    changed: dict[str, set[str]],
    declared: set[str],
    texts: dict[Any, str],
    hidden: np.ndarray,
) -> list[Line]:
    """Put the cells of each group in the order of time, and break the line where what was asked became another."""
    keys, asked = asked_in(responses, names, between)
    table = scores.cells
    group = table.groupby(list(names), observed=True, dropna=False).ngroup().to_numpy() if names else np.zeros(len(table), int)
    rank = table[between].map({level: number for number, level in enumerate(levels)}).to_numpy(float)
    told = table[keys].astype(str).to_numpy() if keys else np.zeros((len(table), 0), str)
    lines = []
    for number in dict.fromkeys(group):
        cells = [int(one) for one in np.flatnonzero((group == number) & np.isfinite(rank))]
        cells.sort(key=lambda one: rank[one])
        items = asked.get(tuple(told[cells[0]]), {})
        segments, reasons, segment = [], [], 1
        for before, one in zip([None, *cells], cells, strict=False):
            level = table[between].iloc[one]
            why = ""
            if before is not None:
                earlier = items.get(str(table[between].iloc[before]), set())
                why = broken(earlier, items.get(str(level), set()), texts[level], changed, declared)
                passed = [texts[each] for each in levels[int(rank[before]) + 1 : int(rank[one])]]  # periods without an answer
                if not why and any(each in declared for each in passed):
                    why = "declared"
            segment += bool(why)
            segments.append(segment)
            reasons.append(why)
        lines.append(Line(int(number), cells, segments, reasons))
    return lines


def compared_with(lines: Sequence[Line], hidden: np.ndarray) -> tuple[list[int], list[int]]:
    """Return the cells that each is compared with: the one before, and the first of its segment; -1 where there is none."""
    before, first = [], []
    for line in lines:
        start: dict[int, int] = {}
        last: dict[int, int] = {}
        for one, segment in zip(line.cells, line.segments, strict=True):
            before.append(-1 if hidden[one] else last.get(segment, -1))
            first.append(-1 if hidden[one] else start.get(segment, -1))
            if not hidden[one]:
                start.setdefault(segment, one)
                last[segment] = one
    return before, first
