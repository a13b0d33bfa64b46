"""Scores of respondents become one row a cell: the gap with its interval, and what stands beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from cxgap.gaps.columns import beside
from cxgap.gaps.scores import Scores
from cxgap.stats.effects import d_z, g_av
from cxgap.stats.means import Floats, Means, design_means, ratio, simple_means, std_devs, sum_by, t_interval, t_p_value

# The columns that this method gives after those of every gap.
OWN_COLUMNS = (
    "pairs", "std_dev", "d_z", "gap_pomp", "share_below", "share_equal", "share_above",
    "servperf", "servperf_low", "servperf_high", "servperf_n",
    "importance_gap", "importance_gap_low", "importance_gap_high", "importance_gap_n", "product_of_means", "heterogeneity",
    "ci_method",
)  # fmt: skip

EVEN = 1e-9  # a mean of means may miss zero by rounding; no two scores that differ come nearer than this


class Figures(NamedTuple):
    """What is estimated of each cell, from scores in memory or from sums that an engine gave; arrays have shape (cells,).

    Attributes
    ----------
    cells : one row a cell, the keys in the order of display
    gap, performance, importance : Means of the gap, of all perceptions, and of the gap weighted by importance
    start, end : means over the respondents that have a gap
    spread : standard deviations of the gap, `start` and `end`
    below, equal, above : shares of respondents whose gap is so
    alike : the gap that all respondents have in common, NaN where they differ
    partial, rescaled : whether a score stands on fewer dimensions than there are, or on rescaled points
    pairs : answers
    product_of_means : mean importance times mean gap
    """

    cells: pd.DataFrame
    gap: Means
    performance: Means
    importance: Means
    start: Floats
    end: Floats
    spread: Mapping[str, Floats]
    below: Floats
    equal: Floats
    above: Floats
    alike: Floats
    partial: np.ndarray
    rescaled: np.ndarray
    pairs: Floats
    product_of_means: Floats


def figures_of(scores: Scores) -> Figures:
    """Estimate every cell from the scores of its respondents."""
    cells, scored = len(scores.cells), np.isfinite(scores.gap)
    cell, weight = scores.cell[scored], scores.design.weight[scores.respondent[scored]]
    gap, alike = _means(scores, scores.gap), _alike(scores)
    total = sum_by(cell, cells, weight)

    def mean(values: Floats) -> Floats:
        return ratio(sum_by(cell, cells, weight * values[scored]), total)

    def share(side: np.ndarray) -> Floats:
        return ratio(sum_by(cell[side], cells, weight[side]), total)

    own = scores.gap[scored]
    spread = {name: std_devs(getattr(scores, name)[scored], cell, cells, weight) for name in ("gap", "start", "end")}
    inside = scored & (scores.design.weight[scores.respondent] > 0)
    return Figures(
        cells=scores.cells,
        gap=gap,
        performance=_means(scores, scores.performance),
        importance=_means(scores, scores.importance_gap),
        start=mean(scores.start),
        end=mean(scores.end),
        spread=spread,
        below=share(own < -EVEN),
        equal=share(np.abs(own) <= EVEN),
        above=share(own > EVEN),
        alike=alike,
        partial=sum_by(scores.cell[inside], cells, scores.partial[inside]) > 0,
        rescaled=sum_by(scores.cell, cells, scores.rescaled) > 0,
        pairs=scores.pairs,
        product_of_means=scores.product_of_means,
    )


def estimate_cells(figures: Figures, *, conf_level: float, scale: tuple[float, float] | None) -> tuple[pd.DataFrame, Means]:
    """Write every number of a GapTable but `p_adjusted`.

    Returns
    -------
    A frame, one row a cell: the keys and the numbers; and the Means of the gap.
    """
    alike, spread = figures.alike, figures.spread
    gap = figures.gap._replace(mean=np.where(np.isfinite(alike), alike, figures.gap.mean))
    std_dev = np.where(np.isfinite(alike) & (gap.n > 1), 0.0, spread["gap"])
    low, high = t_interval(gap.mean, gap.std_error, gap.df, conf_level=conf_level)
    columns = {
        "n": gap.n,
        "n_eff": gap.n_eff,
        "start": figures.start,
        "end": figures.end,
        "estimate": gap.mean,
        "std_error": gap.std_error,
        "df": gap.df,
        "conf_low": low,
        "conf_high": high,
        "p_value": t_p_value(gap.mean, gap.std_error, gap.df),
        "effect": g_av(gap.mean, spread["start"], spread["end"], gap.n),
        "pairs": figures.pairs,
        "std_dev": std_dev,
        "d_z": d_z(gap.mean, std_dev),
        "gap_pomp": 100 * gap.mean / (scale[1] - scale[0]) if scale else np.full(len(gap.n), np.nan),
        "share_below": figures.below,
        "share_equal": figures.equal,
        "share_above": figures.above,
        **_with_interval("servperf", figures.performance, conf_level),
        **_with_interval("importance_gap", figures.importance, conf_level),
        "product_of_means": figures.product_of_means,
        "heterogeneity": figures.importance.mean - figures.product_of_means,
    }
    return beside(figures.cells, columns), gap


def flag_cells(figures: Figures) -> list[set[str]]:
    """Return what a reader must know of each cell, as words of `vocabulary.FLAGS`."""
    gap = figures.gap
    several = gap.n > 1
    marks = {
        "EMPTY": gap.n == 0,
        "N1": gap.n == 1,
        "ZERO_VAR": several & np.isfinite(figures.alike),
        "UNSTABLE": several & (gap.n_eff < 30),
        "LOW_DF": several & ~(gap.df >= 8),
        "LONELY_PSU": gap.lonely,
        "PARTIAL": figures.partial,
        "RENORM": figures.rescaled,
    }
    return [{flag for flag, mark in marks.items() if mark[cell]} for cell in range(len(gap.n))]


def _means(scores: Scores, values: Floats) -> Means:
    """Estimate the mean of each cell: Student's where nothing of a design is known, else by linearisation."""
    known, cells = np.isfinite(values), len(scores.cells)
    if scores.designed:
        return design_means(values[known], scores.cell[known], cells, scores.respondent[known], scores.design)
    return simple_means(values[known], scores.cell[known], cells)


def _with_interval(name: str, means: Means, conf_level: float) -> dict[str, Floats]:
    low, high = t_interval(means.mean, means.std_error, means.df, conf_level=conf_level)
    return {name: means.mean, f"{name}_low": low, f"{name}_high": high, f"{name}_n": means.n}


def _alike(scores: Scores) -> Floats:
    """Return the gap that all respondents of a cell have in common, NaN where they differ: a mean of it must not round."""
    known = np.isfinite(scores.gap) & (scores.design.weight[scores.respondent] > 0)
    least, most = np.full(len(scores.cells), np.inf), np.full(len(scores.cells), -np.inf)
    np.minimum.at(least, scores.cell[known], scores.gap[known])
    np.maximum.at(most, scores.cell[known], scores.gap[known])
    return np.where(most - least <= EVEN, np.where(np.abs(least) <= EVEN, 0.0, least), np.nan)
