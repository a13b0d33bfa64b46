"""Every test and every size of a paired difference, one row a cell."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cxgap.gaps.cells import EVEN, estimate_cells, flag_cells
from cxgap.gaps.scores import Scores
from cxgap.stats.counts import tabulate
from cxgap.stats.dominance import TwoSamples, cliffs_delta, dominance, paired_order, signs, two_samples
from cxgap.stats.effects import (
    correlations,
    d_av,
    d_rm,
    d_rms,
    d_z,
    d_z_interval,
    g_av,
    hedges_factor,
    rank_biserial,
    romano_label,
)
from cxgap.stats.equivalence import equivalence
from cxgap.stats.means import Floats, design_means, ratio, std_devs, sum_by, t_interval, t_p_value
from cxgap.stats.pseudomedian import hodges_lehmann
from cxgap.stats.redrawn_effects import d_z_redrawn
from cxgap.stats.signed_ranks import sign_test, signed_rank_test

_KEPT = ("n", "n_eff", "start", "end", "estimate", "std_error", "df", "conf_low", "conf_high", "p_value")
DOMINATES = {"first": "perception", "second": "expectation", "neither": "neither", "same": "same", "": ""}


def independent(scores: Scores) -> bool:
    """Say whether respondents weigh the same and were drawn one by one, so that their ranks and signs may be tested."""
    weight, psu = scores.design.weight, scores.design.psu
    used = weight > 0
    same = bool(used.any()) and float(np.ptp(weight[used])) <= EVEN * float(weight[used].max())
    return not scores.designed or (same and len(np.unique(psu[used])) == int(used.sum()))


def paired_cells(
    scores: Scores,
    *,
    zeros: str,
    correction: bool,
    margin: float | None,
    scale: tuple[float, float] | None,
    conf_level: float,
    seed: int,
) -> tuple[pd.DataFrame, list[set[str]]]:
    """Test and size the gap of every cell.

    Returns
    -------
    A frame, one row a cell: the keys and every number and word of `paired_tests` but `p_adjusted` and `verdict`; and the
    flags of each cell.
    """
    estimated, gap = estimate_cells(scores, conf_level=conf_level, scale=scale)
    flags = flag_cells(scores, gap)
    own = list(scores.cells.columns)
    std_dev = estimated["std_dev"].to_numpy()
    frame = estimated[[*own, *_KEPT]]
    n, mean, std_error, df = (frame[name].to_numpy() for name in ("n", "estimate", "std_error", "df"))
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.where(std_error > 0, mean / std_error, np.nan)
    closed = equivalence(mean, std_error, df, margin=np.nan if margin is None else margin)
    frame = frame.assign(
        t=t, tost_p=closed.p_value, tost_p_lower=closed.p_lower, tost_p_upper=closed.p_upper,
        **_order(scores, zeros, correction, conf_level),
        **_sizes(scores, mean, std_dev, n, df, conf_level, seed),
        **_levels(scores, scale),
    )  # fmt: skip
    numbers = [name for name in frame.select_dtypes("number").columns if name not in {*own, "n"}]
    frame[numbers] = frame[numbers].where(frame["n"] > 0)
    frame["agree"] = _agree(frame)
    for cell in np.flatnonzero(frame["agree"] == "no"):
        flags[cell].add("SCALE_DEPENDENT")
    return frame, flags


def _order(scores: Scores, zeros: str, correction: bool, conf_level: float) -> dict[str, Floats | np.ndarray]:
    """Return what signs and ranks say; under weights or clusters, what shares and their linearised errors say."""
    cells = len(scores.cells)
    known = np.isfinite(scores.gap) & (scores.design.weight[scores.respondent] > 0)
    gap, cell, respondent = scores.gap[known], scores.cell[known], scores.respondent[known]
    weight = scores.design.weight[respondent]
    total = sum_by(cell, cells, weight)
    sides = {
        name: ratio(sum_by(cell, cells, weight * side), total)
        for name, side in (("below", gap < -EVEN), ("equal", np.abs(gap) <= EVEN), ("above", gap > EVEN))
    }
    found: dict[str, Floats | np.ndarray] = {f"share_{name}": share for name, share in sides.items()}
    found["share_met"] = sides["equal"] + sides["above"]
    unknown = np.full(cells, np.nan)
    if not independent(scores):
        sign = np.where(np.abs(gap) <= EVEN, 0.0, np.sign(gap))
        means = design_means(sign, cell, cells, respondent, scores.design)
        half, error = (means.mean + 1) / 2, means.std_error / 2
        low, high = t_interval(half, error, means.df, conf_level=conf_level)
        blank = (
            "below", "equal", "above", "sign_p", "wilcoxon", "wilcoxon_z", "wilcoxon_p", "hodges_lehmann",
            "hodges_lehmann_low", "hodges_lehmann_high", "rank_biserial", "rank_biserial_low", "rank_biserial_high",
        )  # fmt: skip
        found |= dict.fromkeys(blank, unknown) | {
            "wilcoxon_how": np.full(cells, "", dtype=object),
            "net_share": means.mean, "superiority": half, "superiority_low": np.maximum(low, 0.0),
            "superiority_high": np.minimum(high, 1.0), "superiority_p": t_p_value(means.mean, means.std_error, means.df),
        }  # fmt: skip
        return found
    differences = tabulate(np.where(np.abs(gap) <= EVEN, 0.0, gap), cell, cells)
    signed, ranks = sign_test(differences), signed_rank_test(differences, zeros=zeros, correction=correction)
    shift = hodges_lehmann(differences, conf_level=conf_level)
    order = paired_order(signed.below, signed.equal, signed.above, conf_level=conf_level)
    dropped = signed_rank_test(differences, zeros="wilcox", most_exact=0)
    several, n = ranks.n > 1, ranks.n
    biserial = rank_biserial(dropped.statistic, signed.below + signed.above, n, conf_level=conf_level)
    how = np.where(np.isnan(ranks.p_value) | ~several, "", np.where(ranks.exact, "exact", "normal"))
    return found | {
        "below": signed.below, "equal": signed.equal, "above": signed.above,
        "sign_p": np.where(several, signed.p_value, np.nan),
        "wilcoxon": np.where(n > 0, ranks.statistic, np.nan), "wilcoxon_z": ranks.z,
        "wilcoxon_p": np.where(several, ranks.p_value, np.nan), "wilcoxon_how": how.astype(object),
        "hodges_lehmann": shift.estimate, "hodges_lehmann_low": shift.low, "hodges_lehmann_high": shift.high,
        "rank_biserial": biserial[0],
        "rank_biserial_low": np.where(several, biserial[1], np.nan),
        "rank_biserial_high": np.where(several, biserial[2], np.nan),
        "net_share": order.delta, "superiority": order.superiority,
        "superiority_low": order.low, "superiority_high": order.high,
        "superiority_p": t_p_value(order.superiority - 0.5, order.std_error, n - 1),
    }  # fmt: skip


def _sizes(
    scores: Scores, mean: Floats, std_dev: Floats, n: Floats, df: Floats, conf_level: float, seed: int
) -> dict[str, Floats | np.ndarray]:
    cells = len(scores.cells)
    known = np.isfinite(scores.gap) & (scores.design.weight[scores.respondent] > 0)
    cell, respondent = scores.cell[known], scores.respondent[known]
    gap, start, end, weight = scores.gap[known], scores.start[known], scores.end[known], scores.design.weight[respondent]
    start_dev, end_dev = std_devs(start, cell, cells, weight), std_devs(end, cell, cells, weight)
    correlation = correlations(start, end, cell, cells, weight)
    size, factor = d_z(mean, std_dev), hedges_factor(n - 1)
    if independent(scores):
        low, high = d_z_interval(np.where(std_dev > 0, size, np.nan), n, conf_level=conf_level)
        cliff = cliffs_delta(_samples(start, end, cell, cells, np.ones(len(cell))), conf_level=conf_level)
        delta, delta_low, delta_high = cliff.delta, cliff.low, cliff.high
    else:
        low, high = d_z_redrawn(gap, cell, cells, respondent, scores.design, df, conf_level=conf_level, seed=seed)
        low, high = (np.where(std_dev > 0, edge, np.nan) for edge in (low, high))
        samples = _samples(start, end, cell, cells, weight)
        perceived, expected = signs(samples)
        both = perceived[samples.first_place] - expected[samples.second_place]
        delta = ratio(sum_by(cell, cells, weight * both), 2 * sum_by(cell, cells, weight))
        means = design_means(both - delta[cell], cell, cells, respondent, scores.design)
        edges = t_interval(delta, means.std_error, means.df, conf_level=conf_level)
        delta_low, delta_high = np.maximum(edges[0], -1.0), np.minimum(edges[1], 1.0)
    return {
        "std_dev": std_dev, "std_dev_start": start_dev, "std_dev_end": end_dev, "correlation": correlation,
        "d_z": size, "d_z_low": low, "d_z_high": high,
        "g_z": factor * size, "g_z_low": factor * low, "g_z_high": factor * high,
        "d_av": d_av(mean, start_dev, end_dev), "d_rms": d_rms(mean, start_dev, end_dev),
        "d_rm": d_rm(mean, std_dev, correlation), "g_av": g_av(mean, start_dev, end_dev, n),
        "cliffs_delta": delta, "cliffs_delta_low": delta_low, "cliffs_delta_high": delta_high,
        "cliffs_size": romano_label(delta),
    }  # fmt: skip


def _levels(scores: Scores, scale: tuple[float, float] | None) -> dict[str, Floats | np.ndarray]:
    """Return the shares in the two highest answers, and whether one distribution lies above the other at every cut."""
    cells, known = len(scores.cells), np.isfinite(scores.gap)
    cell, weight = scores.cell[known], scores.design.weight[scores.respondent[known]]
    total, top = sum_by(cell, cells, weight), np.inf if scale is None else scale[1] - 1 - EVEN

    def reaching(values: Floats) -> Floats:
        return ratio(sum_by(cell, cells, weight * (values >= top)), total) if scale else np.full(cells, np.nan)

    start, end = scores.start[known], scores.end[known]
    above = dominance(_samples(start, end, cell, cells, weight))
    return {
        "top2_start": reaching(start),
        "top2_end": reaching(end),
        "dominates": np.array([DOMINATES[word] for word in above]),
    }


def _samples(start: Floats, end: Floats, cell: np.ndarray, cells: int, weight: Floats) -> TwoSamples:
    return two_samples(end, start, cell, cell, cells, weight, weight)


def _agree(frame: pd.DataFrame) -> np.ndarray:
    """Say whether mean and order point the same way: "no" where not, and one is told from zero; "" where it is not known."""
    mean, net = frame["estimate"].to_numpy(), frame["net_share"].to_numpy()
    sign = [np.where(np.abs(values) <= EVEN, 0.0, np.sign(values)) for values in (mean, net)]
    by_mean = (frame["conf_low"] > 0) | (frame["conf_high"] < 0)
    by_order = (frame["superiority_low"] > 0.5) | (frame["superiority_high"] < 0.5)
    known = np.isfinite(frame["conf_low"].to_numpy()) & np.isfinite(net)
    differ = (sign[0] != sign[1]) & (by_mean | by_order).to_numpy()
    return np.where(known, np.where(differ, "no", "yes"), "").astype(object)
