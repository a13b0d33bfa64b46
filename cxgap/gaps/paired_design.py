"""What stands for ranks and signs where respondents weigh differently or were drawn in clusters: shares, and their errors."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from cxgap.gaps.cells import EVEN
from cxgap.gaps.scores import Scores
from cxgap.stats.dominance import TwoSamples, signs, two_samples
from cxgap.stats.means import Floats, design_means, ratio, sum_by, t_interval, t_p_value
from cxgap.stats.redrawn_effects import d_z_redrawn

# What is said of independent respondents alone.
_BLANK = (
    "below", "equal", "above", "sign_p", "wilcoxon", "wilcoxon_z", "wilcoxon_p", "wilcoxon_how", "hodges_lehmann",
    "hodges_lehmann_low", "hodges_lehmann_high", "rank_biserial", "rank_biserial_low", "rank_biserial_high",
)  # fmt: skip


class Reach(NamedTuple):
    """How far sizes reach: the ends of d_z, and Cliff's delta with its ends; each array has shape (cells,)."""

    d_z_low: Floats
    d_z_high: Floats
    delta: Floats
    delta_low: Floats
    delta_high: Floats


def design_samples(scores: Scores) -> TwoSamples:
    """Set the perceptions of each cell against its expectations, each with its respondent's weight."""
    cells, known = len(scores.cells), _known(scores)
    cell, weight = scores.cell[known], scores.design.weight[scores.respondent[known]]
    return two_samples(scores.end[known], scores.start[known], cell, cell, cells, weight, weight)


def design_order(scores: Scores, conf_level: float) -> dict[str, Any]:
    """Return the shares above and below with their linearised errors; ranks and signs are not tested."""
    cells, known = len(scores.cells), _known(scores)
    gap, cell, respondent = scores.gap[known], scores.cell[known], scores.respondent[known]
    sign = np.where(np.abs(gap) <= EVEN, 0.0, np.sign(gap))
    means = design_means(sign, cell, cells, respondent, scores.design)
    half, error = (means.mean + 1) / 2, means.std_error / 2
    low, high = t_interval(half, error, means.df, conf_level=conf_level)
    return dict.fromkeys(_BLANK, np.full(cells, np.nan)) | {
        "wilcoxon_how": np.full(cells, "", dtype=object),
        "net_share": means.mean, "superiority": half, "superiority_low": np.maximum(low, 0.0),
        "superiority_high": np.minimum(high, 1.0), "superiority_p": t_p_value(means.mean, means.std_error, means.df),
    }  # fmt: skip


def design_reach(scores: Scores, samples: TwoSamples, std_dev: Floats, df: Floats, conf_level: float, seed: int) -> Reach:
    """Return the interval of d_z from samples drawn again, and Cliff's delta with its linearised interval."""
    cells, known = len(scores.cells), _known(scores)
    gap, cell, respondent = scores.gap[known], scores.cell[known], scores.respondent[known]
    weight = scores.design.weight[respondent]
    low, high = d_z_redrawn(gap, cell, cells, respondent, scores.design, df, conf_level=conf_level, seed=seed)
    low, high = (np.where(std_dev > 0, edge, np.nan) for edge in (low, high))
    perceived, expected = signs(samples)
    both = perceived[samples.first_place] - expected[samples.second_place]
    delta = ratio(sum_by(cell, cells, weight * both), 2 * sum_by(cell, cells, weight))
    means = design_means(both - delta[cell], cell, cells, respondent, scores.design)
    edges = t_interval(delta, means.std_error, means.df, conf_level=conf_level)
    return Reach(low, high, delta, np.maximum(edges[0], -1.0), np.minimum(edges[1], 1.0))


def _known(scores: Scores) -> np.ndarray:
    return np.isfinite(scores.gap) & (scores.design.weight[scores.respondent] > 0)
