"""The intervals of a gap by the method that was asked for: Student's, or one of the bootstraps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import pandas as pd

from cxgap.gaps.finish import INNER
from cxgap.gaps.scores import Scores
from cxgap.stats.intervals import FALLBACK, interval
from cxgap.stats.means import Means
from cxgap.stats.redrawn import design_replicates, simple_replicates
from cxgap.stats.resample import REPLICATES, Replicates

# What `ci` may be, and how the caption says it; Student's is not said.
INTERVALS: Final = {
    "t": "",
    "boot_t": "bootstrap-t intervals",
    "percentile": "percentile bootstrap intervals",
    "bca": "BCa bootstrap intervals",
}
SAMPLE = "customers"  # names the stream of random numbers
CELLS = 5_000  # of which the replicates are held at once


def cell_intervals(
    scores: Scores, gap: Means, *, ci: str = "t", conf_level: float, seed: int = 0, count: int = REPLICATES
) -> tuple[pd.DataFrame, list[set[str]]]:
    """Make the interval of each cell's gap, and that of level 2 x conf_level - 1 by which an expectation is called met.

    Independent, unweighted respondents of a cell are drawn again as many as they are; with a design, the sampling units
    of each stratum are, all cells together. Weights that were raked would have to be raked in every replicate, so their
    cells keep Student's interval, which takes account of it.

    Parameters
    ----------
    scores : of respondents
    gap : the estimate of each cell
    ci : "t", "boot_t", "percentile" or "bca"
    conf_level : two-sided
    seed : of the random numbers, with the names of the cells
    count : replicates

    Returns
    -------
    A frame, one row a cell, of `conf_low`, `conf_high`, `inner_low`, `inner_high` and `ci_method`; and its flags.
    """
    inner, cells = 2 * conf_level - 1, len(gap.n)
    raked = scores.design.calibration is not None
    used = "t" if raked else ci
    methods, fell = np.full(cells, "", object), np.full(cells, raked and ci != "t")
    ends = {name: gap.mean.copy() for name in ("conf_low", "conf_high", *INNER)}
    for at, drawn in _drawn(scores, gap, used, count, seed):
        for names, level in ((("conf_low", "conf_high"), conf_level), (INNER, inner)):
            if level <= 0:
                continue
            made = interval(
                "mean", gap.mean[at], gap.std_error[at], gap.df[at], conf_level=level, method=used, replicates=drawn
            )
            ends[names[0]][at], ends[names[1]][at] = made.low, made.high
            if level == conf_level:
                methods[at], fell[at] = made.method, fell[at] | made.fallback
    fell &= gap.std_error > 0
    return pd.DataFrame({**ends, "ci_method": methods}), [{FALLBACK} if one else set() for one in fell]


def interval_words(ci: str) -> str:
    """Say for the caption how intervals were made, where they are not Student's; p-values always are."""
    return f"; {INTERVALS[ci]}, Student's p-values" if INTERVALS[ci] else ""


def _drawn(scores: Scores, gap: Means, ci: str, count: int, seed: int) -> Iterator[tuple[slice, Replicates | None]]:
    """Yield so many cells at a time, and their replicates."""
    cells = len(gap.n)
    if ci == "t":
        yield slice(0, cells), None
        return
    known = np.isfinite(scores.gap)
    cell, y, respondent = scores.cell[known], scores.gap[known], scores.respondent[known]
    keys = list(scores.cells.itertuples(index=False, name=None)) or [()]  # old pandas has no tuple of a row without columns
    names = ["\x1f".join(map(str, key)) for key in keys]
    for first in range(0, cells, CELLS):
        at = slice(first, min(first + CELLS, cells))
        rows = (cell >= at.start) & (cell < at.stop)
        held = y[rows], cell[rows] - at.start, at.stop - at.start
        if scores.designed:
            people, studentised = respondent[rows], ci == "boot_t"
            drawn = design_replicates(*held, people, scores.design, SAMPLE, count=count, seed=seed, studentised=studentised)
        else:
            drawn = simple_replicates(*held, names[at], count=count, seed=seed)
        yield at, drawn
