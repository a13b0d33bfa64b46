"""What the times say: medians, ratios with their spread, and how the cost grows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from statistics import median
from typing import NamedTuple

import numpy as np

from benchmarks.suite.case import OURS, Case, Goal
from benchmarks.suite.harness import Compared, Measured
from benchmarks.suite.measure import Cost


class Spread(NamedTuple):
    """Median, least and most of the repetitions."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Iterable[float]) -> Spread:
        """Summarise."""
        kept = list(values)
        return cls(median(kept), min(kept), max(kept))


class Growth(NamedTuple):
    """By which power of the size the cost of a side grows, fitted to logarithms; and from and to which size."""

    case: str
    side: str
    axis: str
    of: str
    exponent: float
    least: int
    most: int


class Outcome(NamedTuple):
    """What was reached of a goal, in the goal's own measure."""

    case: str
    goal: Goal
    reached: float
    met: bool


def ratio(peer: Sequence[Cost], ours: Sequence[Cost], of: str = "wall") -> Spread:
    """Return the ratio of medians, and the least and most of the ratios of paired repetitions.

    A side that was run once is compared with each repetition of the other.
    """
    theirs, own = ([getattr(cost, of) for cost in side] for side in (peer, ours))
    turns = max(len(theirs), len(own))
    pairs = [_at(theirs, turn) / _at(own, turn) for turn in range(turns)]
    return Spread(median(theirs) / median(own), min(pairs), max(pairs))


def growth(compared: Sequence[Compared], cases: Sequence[Case]) -> list[Growth]:
    """Fit the exponents of every side that was measured at three sizes or more, or at two that are ten times apart."""
    found = []
    family = {case.name: case.family or case.name for case in cases}
    axis = {family[case.name]: case.axis for case in cases}
    for name in dict.fromkeys(family.values()):
        own = [one for one in compared if family.get(one.case) == name]
        for side in dict.fromkeys(kept.side for one in own for kept in one.sides):
            points = sorted((one.size, kept.costs) for one in own for kept in one.sides if kept.side == side and kept.costs)
            sizes = [2**size if axis[name] == "predictors" else size for size, _ in points]
            if len(points) < 2 or (len(points) == 2 and sizes[1] < 10 * sizes[0]):
                continue
            for of in ("wall", "cpu"):
                seconds = [median(getattr(cost, of) for cost in costs) for _, costs in points]
                if min(seconds) > 0:
                    fitted = exponent(sizes, seconds)
                    found.append(Growth(name, side, axis[name], of, fitted, points[0][0], points[-1][0]))
    return found


def exponent(sizes: Sequence[float], seconds: Sequence[float]) -> float:
    """Return the slope of the logarithm of seconds on that of the size, by least squares."""
    return float(np.polyfit(np.log(np.asarray(sizes, float)), np.log(np.asarray(seconds, float)), 1)[0])


def outcomes(compared: Sequence[Compared], cases: Sequence[Case]) -> list[Outcome]:
    """Say of every goal whose size and sides were measured what was reached."""
    found = []
    for case in cases:
        for goal in case.goals:
            at = next((one for one in compared if one.case == case.name and one.size == goal.size), None)
            if at is None:
                continue
            if goal.of == "agreement":
                found.append(Outcome(case.name, goal, float(not at.wrong), not at.wrong))
                continue
            if not at.sides:
                continue
            costs = {side.side: side.costs for side in at.sides if side.costs}
            ours, peer = costs.get(goal.side or case.sides[0].name), costs.get(goal.peer)
            if ours and peer:
                reached = ratio(peer, ours, goal.of).median
                found.append(Outcome(case.name, goal, reached, reached >= goal.least))
            elif ours and not goal.peer:
                reached = median(getattr(cost, goal.of) for cost in ours)
                found.append(Outcome(case.name, goal, reached, reached <= goal.most))
    return found


def is_ours(side: Measured) -> bool:
    """Say whether a side is cxgap's, public or a kernel's."""
    return side.side.startswith(OURS)


def _at(values: Sequence[float], turn: int) -> float:
    pick: Callable[[Sequence[float]], float] = median
    return values[turn] if turn < len(values) else pick(values)
