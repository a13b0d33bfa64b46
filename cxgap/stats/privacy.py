"""Which cells of a table must be hidden so that nobody can read, or work out, what a few people answered."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.int64]
Mask = NDArray[np.bool_]


def too_few(n: NDArray[np.float64], min_n: int) -> Mask:
    """Return the cells with fewer than `min_n` respondents; an empty cell counts as small."""
    return n < min_n if min_n > 1 else np.zeros(len(n), bool)


def hide_also(hidden: Mask, n: NDArray[np.float64], lines: Sequence[Codes], min_n: int) -> Mask:
    """Return further cells to hide, so that no line of the table gives a hidden cell away by subtraction.

    In each line that has a hidden cell, the next smallest cells are hidden until at least two cells and `min_n`
    respondents are, line by line until nothing changes.

    Parameters
    ----------
    hidden : cells already hidden, shape (cells,)
    n : respondents, shape (cells,)
    lines : positions of the cells of each line whose total may be known
    min_n : the least number of respondents that may be told apart
    """
    covered = hidden.copy()
    changed = bool(hidden.any()) and min_n > 1
    while changed:
        changed = False
        for line in lines:
            shown = line[~covered[line] & (n[line] > 0)]
            behind = covered[line] & (n[line] > 0)
            exposed = behind.any() and (behind.sum() < 2 or n[line][behind].sum() < min_n)
            if exposed and len(shown):
                covered[shown[np.argmin(n[shown])]] = True
                changed = True
    return covered & ~hidden
