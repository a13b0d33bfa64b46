"""The intervals of a gap by the method that was asked for: Student's, or one of the bootstraps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

import numpy as np
import pandas as pd

from cxgap.gaps.counted import score_classes
from cxgap.gaps.finish import INNER
from cxgap.gaps.scores import Scores
from cxgap.progress import Steps
from cxgap.stats.ideal import Ideal, ideal_design, ideal_simple
from cxgap.stats.intervals import FALLBACK, interval
from cxgap.stats.means import Codes, Floats, Means
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
CELLS, CELLS_IN_FULL = 5_000, 500  # of which the replicates, or whole distributions, are held at once


def cell_intervals(
    scores: Scores, gap: Means, *, ci: str = "t", conf_level: float, seed: int = 0, count: int | None = None
) -> tuple[pd.DataFrame, list[set[str]]]:
    """Make the interval of each cell's gap, and that of level 2 x conf_level - 1 by which an expectation is called met.

    Independent, unweighted respondents of a cell are drawn again as many as they are; with a design, the sampling units
    of each stratum are, all cells together. The percentile and BCa intervals are those of infinitely many replicates, of
    which none is drawn, unless a number of them is asked for. Weights that were raked would have to be raked in every
    replicate, so their cells keep Student's interval, which takes account of it.

    Parameters
    ----------
    scores : of respondents
    gap : the estimate of each cell
    ci : "t", "boot_t", "percentile" or "bca"
    conf_level : two-sided
    seed : of the random numbers, with the names of the cells
    count : replicates to draw; if not given none for "percentile" and "bca", REPLICATES for "boot_t"

    Returns
    -------
    A frame, one row a cell, of `conf_low`, `conf_high`, `inner_low`, `inner_high` and `ci_method`; and its flags.
    """
    raked = scores.design.calibration is not None
    used = "t" if raked else ci
    made, flags = _made(gap, _drawn(scores, gap, used, count, seed), used, conf_level)
    if raked and ci != "t":
        flags = [{FALLBACK} if error > 0 else set() for error in gap.std_error]
    return made, flags


def class_intervals(
    value: Floats, times: Floats, cell: Codes, gap: Means, *, ci: str, conf_level: float
) -> tuple[pd.DataFrame, list[set[str]]]:
    """Make the intervals that `cell_intervals` makes for independent, unweighted respondents, from how often each gap comes.

    Parameters
    ----------
    value, times, cell : a gap of respondents, how many have it, and their cell; rows in any order
    gap, conf_level : as in `cell_intervals`
    ci : "percentile" or "bca", without replicates
    """
    return _made(gap, _classes(value, times, cell, len(gap.n)), ci, conf_level)


def _made(
    gap: Means, parts: Iterable[tuple[slice, Replicates | Ideal | None]], used: str, conf_level: float
) -> tuple[pd.DataFrame, list[set[str]]]:
    """Make the intervals of so many cells at a time."""
    inner, cells = 2 * conf_level - 1, len(gap.n)
    methods, fell = np.full(cells, "", object), np.zeros(cells, bool)
    ends = {name: gap.mean.copy() for name in ("conf_low", "conf_high", *INNER)}
    for at, drawn in parts:
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


def student_intervals(gap: Means, *, conf_level: float) -> tuple[pd.DataFrame, list[set[str]]]:
    """Make the intervals that `cell_intervals` makes with ci="t", from the estimates alone."""
    return _made(gap, [(slice(None), None)], "t", conf_level)


def interval_words(ci: str, count: int | None = None) -> str:
    """Say for the caption how intervals were made, where they are not Student's; p-values always are.

    Parameters
    ----------
    ci : a word of INTERVALS
    count : replicates that were asked for; only the number of those that were drawn is said
    """
    if not INTERVALS[ci]:
        return ""
    drawn = REPLICATES if count is None and ci == "boot_t" else count
    return f"; {INTERVALS[ci]}{f' of {drawn:,} replicates' if drawn else ''}, Student's p-values"


def _classes(value: Floats, times: Floats, cell: Codes, cells: int) -> Iterator[tuple[slice, Ideal]]:
    """Yield so many cells at a time, and the distribution of their means."""
    order = np.argsort(cell, kind="stable")
    value, times, cell = value[order], times[order], cell[order]
    for first in range(0, cells, CELLS_IN_FULL):
        at = slice(first, min(first + CELLS_IN_FULL, cells))
        rows = slice(*np.searchsorted(cell, [at.start, at.stop]))
        yield at, ideal_simple(value[rows], times[rows], cell[rows] - at.start, at.stop - at.start)


def _drawn(
    scores: Scores, gap: Means, ci: str, count: int | None, seed: int
) -> Iterator[tuple[slice, Replicates | Ideal | None]]:
    """Yield so many cells at a time, and their replicates or the distribution of all."""
    cells = len(gap.n)
    if ci == "t":
        yield slice(0, cells), None
        return
    known = np.isfinite(scores.gap)
    cell, y, respondent = scores.cell[known], scores.gap[known], scores.respondent[known]
    ideal = count is None and ci != "boot_t"
    if ideal and not scores.designed:
        of_class, value, times = score_classes(y, cell, cells)
        yield from _classes(value, times, of_class, cells)
        return
    count = REPLICATES if count is None else count
    keys = list(scores.cells.itertuples(index=False, name=None)) or [()]  # old pandas has no tuple of a row without columns
    names = ["\x1f".join(map(str, key)) for key in keys]
    for first in range(0, cells, CELLS):
        at = slice(first, min(first + CELLS, cells))
        rows = (cell >= at.start) & (cell < at.stop)
        held = y[rows], cell[rows] - at.start, at.stop - at.start
        if ideal:
            yield at, ideal_design(*held, respondent[rows], scores.design)
            continue
        with Steps("samples drawn again", count if scores.designed else count * held[-1]) as steps:
            how: dict[str, Any] = {"count": count, "seed": seed, "seen": steps.done}
            if scores.designed:
                people, studentised = respondent[rows], ci == "boot_t"
                drawn = design_replicates(*held, people, scores.design, SAMPLE, **how, studentised=studentised)
            else:
                drawn = simple_replicates(*held, names[at], **how)
        yield at, drawn
