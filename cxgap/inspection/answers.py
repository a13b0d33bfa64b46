"""The answers in a column: its numbers, parted into those of a scale and what lies away from it, and its words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Final, NamedTuple

from cxgap.inspection.column import Column
from cxgap.labels import non_answer, read_labels

_NUMBER: Final = re.compile(r"[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)", re.ASCII)
USUAL: Final = frozenset({(1, 4), (1, 5), (1, 7), (1, 9), (0, 10), (1, 10), (0, 100), (-3, 3), (-2, 2), (-5, 5), (0, 1)})
FAR: Final = frozenset({96, 97, 98, 99, 996, 997, 998, 999, 9997, 9998, 9999})
SLIPS: Final = 0.005  # of the answers
MOST_LABELS: Final = 15  # different words of one question
_SCATTERED: Final = 0.8  # of the answers: numbers that are next to each other hold fewer of them
_SLIDER: Final = 12  # different numbers beyond which not every one of a scale needs to be in use


class Core(NamedTuple):
    """The numbers that are answers, by their place: the run around the commonest; `others` lie away from it."""

    low: float
    high: float
    others: Mapping[float, int]


@lru_cache(maxsize=65536)
def number(text: str) -> float | None:
    """Return the number that a text is, with a decimal point or comma."""
    return float(text.replace(",", ".")) if _NUMBER.fullmatch(text) and any(map(str.isdigit, text)) else None


def rated(column: Column) -> bool:
    """Whether a column may hold ratings: numbers of one or two digits, or words that are labels of a scale."""
    if not column.filled:
        return True
    numeric = column.numbers + column.commas
    if column.dates > numeric or len(column.values) > 300:
        return False
    core = core_of([column])
    if core is not None and core.low >= -10 and core.high <= 100:
        silent = sum(count for text, count in column.values.items() if number(text) is None and non_answer(text) is not None)
        if 2 * numeric >= column.filled - silent:
            return True
    words = words_of([column])
    return 0 < len(words) <= MOST_LABELS and bool(read_labels(words).numbers)


def core_of(columns: Sequence[Column]) -> Core | None:
    """Part the numbers of columns into the answers and what lies away from them."""
    if len(columns) == 1:
        return _core_of(tuple(columns[0].values.items()))
    counts: Counter[str] = Counter()
    for column in columns:
        counts.update(column.values)
    return _core_of(tuple(counts.items()))


@lru_cache(maxsize=8192)
def _core_of(values: tuple[tuple[str, int], ...]) -> Core | None:
    counts: Counter[float] = Counter()
    for text, count in values:
        if (found := number(text)) is not None:
            counts[found] += count
    return _core(counts) if counts else None


def _core(counts: Mapping[float, int]) -> Core:
    values = sorted(counts)
    runs = _runs(values)
    run = max(runs, key=lambda run: sum(counts[value] for value in run))
    inside = [value for value in values if 0 <= value <= 100 and value not in FAR]
    scattered = sum(counts[value] for value in run) < _SCATTERED * sum(counts[value] for value in inside)
    if inside and inside[-1] > 11 and (len(inside) > _SLIDER or (len(runs) > 2 and scattered)):
        top = max(value for value in values if value <= 100) if inside[-1] > 80 else inside[-1]  # 99 is a place on a slider
        return Core(inside[0], top, {value: counts[value] for value in values if not inside[0] <= value <= top})
    near = [other for other in runs if other[-1] <= 11 and other[0] >= 0 and run[0] >= 0 and not _beyond(other, run)]
    low, high = min(other[0] for other in [run, *near]), max(other[-1] for other in [run, *near])
    if low == -1 and high > 1:  # below a scale that begins with 0
        low = 0 if 0 in counts else 1
    low, high = _without_slips(counts, low, high)
    return Core(low, high, {value: counts[value] for value in values if not low <= value <= high})


def _runs(values: Sequence[float]) -> list[list[float]]:
    """Part numbers where the next is more than one away."""
    runs: list[list[float]] = [[values[0]]]
    for one, two in pairwise(values):
        if two - one > 1:
            runs.append([])
        runs[-1].append(two)
    return runs


def _beyond(other: Sequence[float], run: Sequence[float]) -> bool:
    """Whether a run lies above a scale that is in use from end to end; else a level between may only be unused."""
    return (run[0], run[-1]) in USUAL and other[0] - run[-1] > (1 if run[-1] >= 7 else 2)


def _without_slips(counts: Mapping[float, int], low: float, high: float) -> tuple[float, float]:
    """Leave out ends that hardly anybody chose, where the rest is a scale in use and the whole is none."""
    total = sum(counts.values())
    for one, two in ((low + 1, high), (low, high - 1), (low + 1, high - 1)):
        slips = sum(count for value, count in counts.items() if low <= value < one or two < value <= high)
        if (low, high) not in USUAL and (one, two) in USUAL and slips < SLIPS * total:
            return one, two
    return low, high


def words_of(columns: Sequence[Column]) -> list[str]:
    """Return the answers in words, those that are none left out."""
    found = dict.fromkeys(text for column in columns for text in column.values if number(text) is None)
    return [text for text in found if non_answer(text) is None]
