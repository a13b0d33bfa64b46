"""Every test and every size of a paired difference, one row a cell."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from cxgap.gaps.cells import EVEN, Figures, estimate_cells, flag_cells
from cxgap.gaps.columns import beside
from cxgap.gaps.counted import Counted
from cxgap.gaps.paired_design import Reach, design_order, design_reach, design_samples
from cxgap.gaps.scores import Scores
from cxgap.stats.counts import Counts
from cxgap.stats.dominance import TwoSamples, cliffs_delta, dominance, paired_order, two_samples
from cxgap.stats.effects import (
    d_av,
    d_rm,
    d_rms,
    d_z,
    d_z_interval,
    g_av,
    hedges_factor,
    paired_correlation,
    rank_biserial,
    romano_label,
)
from cxgap.stats.equivalence import equivalence
from cxgap.stats.means import Floats, ratio, sum_by, t_p_value
from cxgap.stats.pseudomedian import hodges_lehmann
from cxgap.stats.signed_ranks import sign_test, signed_rank_test

_KEPT = ("n", "n_eff", "start", "end", "estimate", "std_error", "df", "conf_low", "conf_high", "p_value")
DOMINATES = {"first": "perception", "second": "expectation", "neither": "neither", "same": "same", "": ""}

Columns = dict[str, Any]


def independent(scores: Scores) -> bool:
    """Say whether respondents weigh the same and were drawn one by one, so that their ranks and signs may be tested."""
    weight, psu = scores.design.weight, scores.design.psu
    used = weight > 0
    same = bool(used.any()) and float(np.ptp(weight[used])) <= EVEN * float(weight[used].max())
    return not scores.designed or (same and len(np.unique(psu[used])) == int(used.sum()))


def paired_cells(
    figures: Figures,
    people: Counted | Scores,
    *,
    zeros: str,
    correction: bool,
    margin: float | None,
    scale: tuple[float, float] | None,
    conf_level: float,
    seed: int,
) -> tuple[pd.DataFrame, list[set[str]]]:
    """Test and size the gap of every cell.

    Parameters
    ----------
    figures : what was estimated of each cell
    people : the scores of respondents: counted where they are independent, else as they are
    zeros, correction, margin, scale, conf_level, seed : as in `paired_tests`

    Returns
    -------
    A frame, one row a cell: the keys and every number and word of `paired_tests` but `p_adjusted` and `verdict`; and the
    flags of each cell.
    """
    estimated, _ = estimate_cells(figures, conf_level=conf_level, scale=scale)
    flags = flag_cells(figures)
    made: Columns = {name: estimated[name].to_numpy() for name in _KEPT}
    std_dev = estimated["std_dev"].to_numpy()
    mean, std_error, df = (made[name] for name in ("estimate", "std_error", "df"))
    closed = equivalence(mean, std_error, df, margin=np.nan if margin is None else margin)
    made |= {
        "t": ratio(mean, std_error), "tost_p": closed.p_value, "tost_p_lower": closed.p_lower, "tost_p_upper": closed.p_upper,
        "share_below": figures.below, "share_equal": figures.equal, "share_above": figures.above,
        "share_met": figures.equal + figures.above,
    }  # fmt: skip
    if isinstance(people, Counted):
        samples = counted_samples(people)
        order, reach = _order(people.gap, zeros, correction, conf_level), _reach(samples, mean, std_dev, made["n"], conf_level)
    else:
        samples = design_samples(people)
        order, reach = design_order(people, conf_level), design_reach(people, samples, std_dev, df, conf_level, seed)
    made |= {**order, **_sizes(figures, mean, std_dev, made["n"], reach), **_levels(samples, scale)}
    answered = made["n"] > 0
    blank = {name for name, values in made.items() if values.dtype.kind == "f"} - {"n"}
    made = {name: np.where(answered, values, np.nan) if name in blank else values for name, values in made.items()}
    made["agree"] = _agree(made)
    for cell in np.flatnonzero(made["agree"] == "no"):
        flags[cell].add("SCALE_DEPENDENT")
    return beside(figures.cells, made), flags


def counted_samples(people: Counted) -> TwoSamples:
    """Set the perceptions of each cell against its expectations."""
    end, start = people.end, people.start
    return two_samples(end.value, start.value, end.cell, start.cell, end.cells, end.times, start.times)


def _order(gap: Counts, zeros: str, correction: bool, conf_level: float) -> Columns:
    """Return what signs and ranks say."""
    differences = gap._replace(value=np.where(np.abs(gap.value) <= EVEN, 0.0, gap.value))
    signed, ranks = sign_test(differences), signed_rank_test(differences, zeros=zeros, correction=correction)
    shift = hodges_lehmann(differences, conf_level=conf_level)
    order = paired_order(signed.below, signed.equal, signed.above, conf_level=conf_level)
    dropped = ranks if zeros == "wilcox" else signed_rank_test(differences, zeros="wilcox", most_exact=0)
    several, n = ranks.n > 1, ranks.n
    biserial = rank_biserial(dropped.statistic, signed.below + signed.above, n, conf_level=conf_level)
    how = np.where(np.isnan(ranks.p_value) | ~several, "", np.where(ranks.exact, "exact", "normal"))
    return {
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


def _reach(samples: TwoSamples, mean: Floats, std_dev: Floats, n: Floats, conf_level: float) -> Reach:
    """Return how far the sizes of independent respondents reach."""
    size = np.where(std_dev > 0, d_z(mean, std_dev), np.nan)
    cliff = cliffs_delta(samples, conf_level=conf_level)
    return Reach(*d_z_interval(size, n, conf_level=conf_level), cliff.delta, cliff.low, cliff.high)


def _sizes(figures: Figures, mean: Floats, std_dev: Floats, n: Floats, reach: Reach) -> Columns:
    start, end = figures.spread["start"], figures.spread["end"]
    spread = (start > EVEN) & (end > EVEN)
    correlation = np.where(spread, paired_correlation(start, end, std_dev), np.nan)
    size, factor = d_z(mean, std_dev), hedges_factor(n - 1)
    return {
        "std_dev": std_dev, "std_dev_start": start, "std_dev_end": end, "correlation": correlation,
        "d_z": size, "d_z_low": reach.d_z_low, "d_z_high": reach.d_z_high,
        "g_z": factor * size, "g_z_low": factor * reach.d_z_low, "g_z_high": factor * reach.d_z_high,
        "d_av": d_av(mean, start, end), "d_rms": d_rms(mean, start, end),
        "d_rm": d_rm(mean, std_dev, correlation), "g_av": g_av(mean, start, end, n),
        "cliffs_delta": reach.delta, "cliffs_delta_low": reach.delta_low, "cliffs_delta_high": reach.delta_high,
        "cliffs_size": romano_label(reach.delta),
    }  # fmt: skip


def _levels(samples: TwoSamples, scale: tuple[float, float] | None) -> Columns:
    """Return the shares in the two highest answers, and whether one distribution lies above the other at every cut."""
    cell, cells = samples.cell, samples.cells
    highest = samples.value >= (np.inf if scale is None else scale[1] - 1 - EVEN)

    def reaching(times: Floats) -> Floats:
        return ratio(sum_by(cell, cells, times * highest), sum_by(cell, cells, times)) if scale else np.full(cells, np.nan)

    words = [DOMINATES[word] for word in dominance(samples)]
    return {
        "top2_start": reaching(samples.second),
        "top2_end": reaching(samples.first),
        "dominates": np.array(words, object),
    }


def _agree(made: Columns) -> np.ndarray:
    """Say whether mean and order point the same way: "no" where not, and one is told from zero; "" where it is not known."""
    mean, net = made["estimate"], made["net_share"]
    sign = [np.where(np.abs(values) <= EVEN, 0.0, np.sign(values)) for values in (mean, net)]
    by_mean = (made["conf_low"] > 0) | (made["conf_high"] < 0)
    by_order = (made["superiority_low"] > 0.5) | (made["superiority_high"] < 0.5)
    known = np.isfinite(made["conf_low"]) & np.isfinite(net)
    differ = (sign[0] != sign[1]) & (by_mean | by_order)
    return np.where(known, np.where(differ, "no", "yes"), "").astype(object)
