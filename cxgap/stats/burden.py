"""Reach times importance times shortfall, for the sample and for each time that it is drawn again.

The unit of a replicate is the sampling unit, so sums of units are kept: whatever is a function of sums is drawn again at once,
through the whole product, and importance with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from cxgap.stats.bootstrap import Source, replicate_weights
from cxgap.stats.means import Codes, Floats, ratio, sum_by
from cxgap.stats.threads import one_thread

NEVER = 1e-12  # of the mean square: a spread below it is rounding


class Factors(NamedTuple):
    """What is known of each cell; each array has shape (..., cells).

    Attributes
    ----------
    reach : weight of those who have a gap there, as a share of the weight of everybody
    shortfall : mean of what is missing, 0 where nothing is
    prevalence : share of them who miss something
    mean, std_dev : of the gap
    slope : of the outcome on the perception of the cell, among those who have both
    """

    reach: Floats
    shortfall: Floats
    prevalence: Floats
    mean: Floats
    std_dev: Floats
    slope: Floats


def gap_parts(gap: Floats, tolerance: float, even: float) -> dict[str, Floats]:
    """Return what is added up of gaps: 1, what is missing beyond a tolerance, whether any is, the gap and its square."""
    below = gap < -(tolerance + even)
    return {
        "weight": np.ones(len(gap)),
        "short": np.where(below, -gap - tolerance, 0.0),
        "below": below.astype(float),
        "gap": gap,
        "square": gap**2,
    }


def pair_parts(perception: Floats, outcome: Floats, cell: Codes, cells: int) -> dict[str, Floats]:
    """Return what is added up of pairs of perception and outcome, about the means of their cell; 0 where one is not known."""
    known = np.isfinite(perception) & np.isfinite(outcome)
    count = sum_by(cell[known], cells)
    x, y = (np.where(known, part, 0.0) for part in (perception, outcome))
    x, y = (np.where(known, part - np.nan_to_num(ratio(sum_by(cell, cells, part), count))[cell], 0.0) for part in (x, y))
    return {"paired": known.astype(float), "x": x, "y": y, "xx": x * x, "xy": x * y}


def unit_sums(
    parts: Mapping[str, Floats], weight: Floats, cell: Codes, cells: int, unit: Codes, units: int
) -> dict[str, Floats]:
    """Add up weighted parts in each sampling unit and cell; each has shape (units, cells)."""
    place = unit * cells + cell
    return {name: sum_by(place, units * cells, weight * part).reshape(units, cells) for name, part in parts.items()}


@one_thread
def drawn_again(sums: Sequence[Floats], source: Source, *, replicates: int, seed: int) -> list[Floats]:
    """Draw the sample again, and add sums of units up each time.

    Parameters
    ----------
    sums : each of shape (units, ...)
    source, replicates, seed : of the bootstrap

    Returns
    -------
    For each of `sums` its total in each replicate, shape (replicates, ...).
    """
    flat = np.concatenate([part.reshape(len(part), -1) for part in sums], axis=1)
    drawn = np.concatenate([weights @ flat for weights in replicate_weights(source, replicates, seed=seed)])
    ends = np.cumsum([part[0].size for part in sums])
    return [
        block.reshape(len(drawn), *part.shape[1:]) for block, part in zip(np.split(drawn, ends[:-1], axis=1), sums, strict=True)
    ]


def factors(sums: Mapping[str, Floats], everybody: Floats, n: Floats) -> Factors:
    """Turn sums into factors.

    Parameters
    ----------
    sums : totals of `gap_parts`, and of `pair_parts` where there is an outcome, shape (..., cells)
    everybody : total weight of all respondents, shape (...)
    n : respondents of each cell, shape (cells,)
    """
    weight = sums["weight"]
    mean = ratio(sums["gap"], weight)
    spread = ratio(sums["square"], weight) - mean**2
    spread = np.where(spread > NEVER * (1 + mean**2), spread, 0.0)
    return Factors(
        ratio(weight, everybody[..., None]),
        ratio(sums["short"], weight),
        ratio(sums["below"], weight),
        mean,
        np.sqrt(spread * ratio(n, n - 1)),
        slopes(sums) if "paired" in sums else np.full(weight.shape, np.nan),
    )


def slopes(sums: Mapping[str, Floats]) -> Floats:
    """Return the slope of the outcome on the perception of each cell, from totals of `pair_parts`; NaN where none varies."""
    x, y = ratio(sums["x"], sums["paired"]), ratio(sums["y"], sums["paired"])
    varies = ratio(sums["xx"], sums["paired"]) - x**2
    return ratio(ratio(sums["xy"], sums["paired"]) - x * y, np.where(varies > NEVER, varies, 0.0))


def potency(slope: Floats, few: np.ndarray) -> Floats:
    """Turn slopes into importance: none is below 0, those of few pairs are the mean of the others, and they sum to 1.

    Parameters
    ----------
    slope : shape (..., cells)
    few : whether a cell has too few pairs for a slope of its own, shape (cells,)
    """
    own = np.where(few, np.nan, np.maximum(slope, 0.0))
    known = np.isfinite(own)
    others = ratio(np.where(known, own, 0.0).sum(axis=-1), known.sum(axis=-1).astype(float))
    return normalised(np.where(known, own, others[..., None]))


def normalised(importance: Floats) -> Floats:
    """Scale importances so that they sum to 1; where all are 0 or none is known, all are alike."""
    total = np.nansum(importance, axis=-1, keepdims=True)
    even = np.full(importance.shape, 1 / importance.shape[-1])
    return np.where(total > 0, np.nan_to_num(importance) / np.where(total > 0, total, 1.0), even)


def shares(burden: Floats) -> Floats:
    """Return burdens as shares of their sum, shape (..., cells); NaN where nothing is a burden or one is not known."""
    return ratio(burden, np.broadcast_to(burden.sum(axis=-1, keepdims=True), burden.shape))


def simultaneous(value: Floats, drawn: Floats, *, conf_level: float) -> tuple[Floats, Floats]:
    """Return a lower bound that holds for all cells at once, and an upper one that does.

    Each is the estimate less or plus as many bootstrap standard errors as the largest of all errors has in a share
    `conf_level` of the replicates (Romano & Wolf 2005, Econometrica 73(4), 1237-1282). Without any spread it is the estimate.
    """
    spread = drawn.std(axis=0, ddof=1)
    error = (drawn - value) / np.where(spread > 0, spread, np.inf)
    up = np.quantile(error.max(axis=1), conf_level, method="higher")
    down = np.quantile(-error.min(axis=1), conf_level, method="higher")
    return value - np.maximum(up, 0) * spread, value + np.maximum(down, 0) * spread
