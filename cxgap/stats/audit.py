"""What everything that is published leaves open of a hidden mean: the lowest and the highest it can be.

A published total is a sum over its cells, each mean lies on the scale, and a rounded number is a range. The feasible
interval of a hidden mean under all of that together is found by linear programming; where no cell stands in two lines,
by arithmetic, which is the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cxgap.stats.means import Codes, Floats

Mask = NDArray[np.bool_]

LEAST_WIDTH: Final = 2.0  # scale points that must stay open of a hidden mean
FEW: Final = 50  # respondents below which a mean is shown with one decimal, and from which with two
SLACK: Final = 1e-9


def half_unit(n: Floats) -> Floats:
    """Return half of the last digit with which a mean of `n` respondents is shown."""
    return np.where(np.asarray(n) < FEW, 0.05, 0.005)


def feasible(
    n: Floats,
    mean: Floats,
    hidden: Mask,
    lines: Sequence[Codes],
    scale: tuple[float, float],
    *,
    half: Floats | None = None,
    total_half: Floats | None = None,
    rough: bool = False,
) -> tuple[Floats, Floats]:
    """Return the lowest and highest mean that each hidden cell can have; NaN where nothing is hidden.

    Parameters
    ----------
    n : respondents, shape (cells,); an attacker is taken to know them all
    mean : what is true of each cell; of the shown cells and of the totals it is known
    hidden : cells that are not shown
    lines : positions of the cells of each line whose total is known
    scale : lowest and highest answer
    half : half of the last digit of each shown mean, shape (cells,); exact without
    total_half : the same of each total, shape (lines,)
    rough : look at one line at a time, which is quick and may find more open than there is
    """
    counted = (n > 0) & np.isfinite(mean)
    covered, lines = hidden & counted, [line[counted[line]] for line in lines]
    lines, total_half = _used(lines, covered, total_half)
    low, high = np.where(covered, scale[0], np.nan), np.where(covered, scale[1], np.nan)
    if not lines:
        return low, high
    sums = np.array([n[line] @ mean[line] for line in lines])
    open_by = np.array([n[line].sum() for line in lines]) * total_half
    ends = _ends(mean, covered, half, scale)
    stands_in = np.bincount(np.concatenate(lines), minlength=len(n))
    _by_arithmetic(n, covered, lines, sums, open_by, ends, low, high)
    if not rough and (stands_in[ends[0] < ends[1]] > 1).any():
        _by_program(n, covered, lines, sums, open_by, ends, low, high)
    return low, high


def _used(lines: Sequence[Codes], covered: Mask, total_half: Floats | None) -> tuple[list[Codes], Floats]:
    """Return the lines that have a hidden cell, and the rounding of their totals."""
    kept = [place for place, line in enumerate(lines) if covered[line].any()]
    half = np.zeros(len(lines)) if total_half is None else np.asarray(total_half, float)
    return [lines[place] for place in kept], half[kept]


def _ends(mean: Floats, covered: Mask, half: Floats | None, scale: tuple[float, float]) -> tuple[Floats, Floats]:
    spread = np.zeros(len(mean)) if half is None else np.asarray(half, float)
    low = np.where(covered, scale[0], np.maximum(mean - spread, scale[0]))
    high = np.where(covered, scale[1], np.minimum(mean + spread, scale[1]))
    return low, np.maximum(low, high)


def _by_arithmetic(
    n: Floats,
    covered: Mask,
    lines: Sequence[Codes],
    sums: Floats,
    open_by: Floats,
    ends: tuple[Floats, Floats],
    low: Floats,
    high: Floats,
) -> None:
    """Narrow `low` and `high` where each hidden cell stands in one line: the rest is at one end of the scale, or the other."""
    for line, total, slack in zip(lines, sums, open_by, strict=True):
        inside = line[covered[line]]
        bottom, top = ((n[line] * end[line]).sum() - n[inside] * end[inside] for end in ends)
        low[inside] = np.maximum(low[inside], (total - slack - top) / n[inside])
        high[inside] = np.minimum(high[inside], (total + slack - bottom) / n[inside])


def _by_program(
    n: Floats,
    covered: Mask,
    lines: Sequence[Codes],
    sums: Floats,
    open_by: Floats,
    ends: tuple[Floats, Floats],
    low: Floats,
    high: Floats,
) -> None:
    """Narrow `low` and `high` to what all lines together leave."""
    from scipy.optimize import linprog

    cells = np.unique(np.concatenate(list(lines)))
    place = np.full(len(n), -1)
    place[cells] = np.arange(len(cells))
    matrix = np.zeros((len(lines), len(cells)))
    for row, line in enumerate(lines):
        matrix[row, place[line]] = n[line]
    limits = np.vstack([matrix, -matrix]), np.concatenate([sums + open_by, open_by - sums]) + SLACK
    bounds = np.column_stack([ends[0][cells], ends[1][cells]])
    for cell in np.flatnonzero(covered & (place >= 0)):
        goal = np.zeros(len(cells))
        goal[place[cell]] = 1
        for sign, bound in ((1, low), (-1, high)):
            found = linprog(sign * goal, A_ub=limits[0], b_ub=limits[1], bounds=bounds, method="highs")
            if found.status == 0:
                bound[cell] = sign * found.fun


def narrow(low: Floats, high: Floats, scale: tuple[float, float], least: float = LEAST_WIDTH) -> Mask:
    """Return the cells of which too little is open: less than `least` scale points, or than half of a shorter scale."""
    width = np.nan_to_num(high - low, nan=np.inf)
    return width < min(least, (scale[1] - scale[0]) / 2) - 1e-6
