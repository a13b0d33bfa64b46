"""Which cells of a table must be hidden so that nobody can read, or work out, what a few people answered."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cxgap.stats.audit import feasible, narrow

Codes = NDArray[np.integer]
Mask = NDArray[np.bool_]

ROUNDING = 1e-6  # what is this near to 1 is 1


def too_few(n: NDArray[np.float64], min_n: int) -> Mask:
    """Return the cells with fewer than `min_n` respondents; an empty cell counts as small."""
    return n < min_n if min_n > 1 else np.zeros(len(n), bool)


def hide_also(hidden: Mask, n: NDArray[np.float64], lines: Sequence[Codes], min_n: int) -> Mask:
    """Return further cells to hide, so that no line of the table gives a hidden cell away by subtraction.

    In each line that has a hidden cell, the next smallest cells are hidden until at least two cells and `min_n`
    respondents are; and where several lines together still give a cell away, one more beside it, until nothing changes.

    Parameters
    ----------
    hidden : cells already hidden, shape (cells,)
    n : respondents, shape (cells,)
    lines : positions of the cells of each line whose total may be known
    min_n : the least number of respondents that may be told apart
    """
    covered, answered = hidden.copy(), n > 0
    while min_n > 1:
        behind = covered & answered
        exposed = [line for line in lines if _tells(n[line[behind[line]]], min_n)]
        open_to = _shown(exposed, covered, answered) or _shown(_solved(behind, lines), covered, answered)
        if not open_to:
            break
        covered[open_to[0][np.argmin(n[open_to[0]])]] = True
    return covered & ~hidden


def hide_told(
    hidden: Mask,
    n: NDArray[np.float64],
    means: Sequence[NDArray[np.float64]],
    lines: Sequence[Codes],
    min_n: int,
    scale: tuple[float, float],
) -> Mask:
    """Return further cells to hide, so that what is shown leaves enough open of every hidden mean.

    Where those behind a line all answered near an end of the scale, or one of them is most of them, the total tells
    nearly what each cell answered, however many are hidden. The next smallest of its lines is then hidden too, and what
    `hide_also` asks for, until at least two scale points are open (see `stats.audit`) or nothing is left to hide.

    Parameters
    ----------
    hidden : cells already hidden, shape (cells,)
    n : respondents, shape (cells,)
    means : what is shown of each cell, such as the mean expectation and the mean perception
    lines, min_n : as in `hide_also`
    scale : lowest and highest answer
    """
    covered, answered, rough = hidden.copy(), n > 0, True
    while min_n > 1 and covered.any():
        told = np.zeros(len(n), bool)
        for mean in means:
            told |= narrow(*feasible(n, mean, covered, lines, scale, rough=rough), scale)
        open_to = [_ways(int(cell), lines, covered, answered) for cell in np.flatnonzero(told)]
        if not any(open_to):
            if not rough:
                break
            rough = False
            continue
        for ways in filter(None, open_to):
            covered[ways[0][np.argmin(n[ways[0]])]] = True
        covered |= hide_also(covered, n, lines, min_n)
    return covered & ~hidden


def _ways(cell: int, lines: Sequence[Codes], covered: Mask, answered: Mask) -> list[Codes]:
    """Return what can still be hidden in the lines of a cell, else in the lines that cross these."""
    own = [line for line in lines if cell in line]
    beside = [line for line in lines if any(np.isin(line, other).any() for other in own)]
    return _shown(own, covered, answered) or _shown(beside, covered, answered)


def _tells(n: NDArray[np.float64], min_n: int) -> bool:
    """Say whether a line's total, less what is shown, tells too much of the `n` respondents of its hidden cells."""
    return len(n) > 0 and (len(n) < 2 or n.sum() < min_n)


def _shown(lines: Sequence[Codes], covered: Mask, answered: Mask) -> list[Codes]:
    """Return the cells of each line that can still be hidden, without the lines that have none."""
    return [cells for line in lines if len(cells := line[~covered[line] & answered[line]])]


def _solved(behind: Mask, lines: Sequence[Codes]) -> list[Codes]:
    """Return the lines through hidden cells that the totals of all lines, taken together as equations, determine."""
    cells = np.flatnonzero(behind)
    held = np.array([np.isin(cells, line) for line in lines], float).reshape(len(lines), len(cells))
    known = np.einsum("ij,ji->i", np.linalg.pinv(held), held)  # 1 where the equations have one solution
    return [line for line in lines if np.isin(cells[known > 1 - ROUNDING], line).any()]
