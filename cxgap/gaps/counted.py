"""How many respondents have each gap, and each of the two scores behind it: all that ranks and signs need of them."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from cxgap import tally
from cxgap.gaps.scores import Scores
from cxgap.stats.counts import DECIMALS, Counts, tabulate
from cxgap.stats.means import Codes, Floats

SCORED: Final = ("gap", "start", "end")
_LARGEST: Final = 2**31  # of a score that is numbered by its digits


class Counted(NamedTuple):
    """Scores of independent respondents of the same weight who have a gap, counted in each cell."""

    gap: Counts
    start: Counts
    end: Counts


def count_scores(scores: Scores) -> Counted:
    """Count the scores of the respondents that count at all."""
    known = np.isfinite(scores.gap) & (scores.design.weight[scores.respondent] > 0)
    cell, cells = scores.cell[known], len(scores.cells)

    def of(values: Floats) -> Counts:
        of_class, value, times = score_classes(values[known], cell, cells)
        return tabulate(value, of_class, cells, times)

    return Counted(of(scores.gap), of(scores.start), of(scores.end))


def score_classes(values: Floats, cell: Codes, cells: int) -> tuple[Codes, Floats, Floats]:
    """Put the scores of a cell together that are one but for rounding.

    Parameters
    ----------
    values, cell : finite scores, and the cell of each, 0 .. cells - 1

    Returns
    -------
    Of each class: its cell, the least of its scores, and how many it holds; sorted by cell, then by score.
    """
    if np.abs(values).max(initial=0.0) > _LARGEST:
        return cell, values, np.ones(len(values))
    digits = np.rint(values * 10.0**DECIMALS).astype(np.int64)
    digits -= digits.min(initial=0)
    place, codes = tally.numbered([cell, digits], [cells, int(digits.max(initial=0)) + 1], len(values))
    least = np.full(len(codes[0]), np.inf)
    np.minimum.at(least, place, values)
    return codes[0], least, np.bincount(place, minlength=len(least)).astype(np.float64)
