"""How probable a statement about means is, by the Bayesian bootstrap: "this cell is the worst", "its gap is below zero".

Rubin (1981), Annals of Statistics 9(1), 130-134. No model is assumed beyond that only values seen can occur.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from cxgap.stats.bootstrap import Source, bayesian_weights
from cxgap.stats.means import Codes, Design, Floats, ratio, strata_of, sum_by
from cxgap.stats.resample import REPLICATES

ROUNDING = 1e-12  # of the largest mean: two that are nearer are tied


class Posterior(NamedTuple):
    """Posterior probabilities of cells; each array has shape (cells,), NaN where fewer than two sampling units speak.

    Attributes
    ----------
    worst : that the cell's mean is the lowest of all; cells that tie share it
    below : that it is below the target; a tie counts half
    draws : shape (draws, cells), the means drawn
    """

    worst: Floats
    below: Floats
    draws: Floats


def posterior_worst(
    y: Floats,
    cell: Codes,
    cells: int,
    respondent: Codes,
    design: Design,
    *,
    target: ArrayLike = 0.0,
    name: str = "customers",
    count: int = REPLICATES,
    seed: int = 0,
) -> Posterior:
    """Return how probable it is that each cell has the lowest mean, and that its mean is below a target.

    Parameters
    ----------
    y, cell, cells, respondent, design : as in `design_means`; cells may share respondents, whose values then go together
    target : of all cells, or of each
    name : of the sample; with `seed` the key of its random numbers
    count : draws
    """
    means = posterior_means(y, cell, cells, respondent, design, name=name, count=count, seed=seed)
    known = np.isfinite(means).all(axis=0)
    near = ROUNDING * np.abs(means[:, known]).max(initial=0.0)
    worst, below = np.full(cells, np.nan), np.full(cells, np.nan)
    if known.any():
        least = means[:, known] <= means[:, known].min(axis=1, keepdims=True) + near
        worst[known] = (least / least.sum(axis=1, keepdims=True)).mean(axis=0)
        distance = means[:, known] - np.broadcast_to(np.asarray(target, np.float64), cells)[known]
        below[known] = (distance < -near).mean(axis=0) + 0.5 * (np.abs(distance) <= near).mean(axis=0)
    return Posterior(worst, below, means)


def posterior_means(
    y: Floats,
    cell: Codes,
    cells: int,
    respondent: Codes,
    design: Design,
    *,
    name: str = "customers",
    count: int = REPLICATES,
    seed: int = 0,
) -> Floats:
    """Draw the means of cells from their posterior distribution, shape (draws, cells): weights vary by sampling unit.

    Parameters
    ----------
    y, cell, cells, respondent, design, name, count, seed : as in `posterior_worst`
    """
    from scipy.sparse import csr_array

    weight = design.weight[respondent]
    inside = weight > 0
    y, cell, unit, weight = y[inside], cell[inside], design.psu[respondent][inside], weight[inside]
    stratum, strata = strata_of(design), len(design.population)
    shape = (cells, len(stratum))
    middle = ratio(sum_by(cell, cells, weight * y), sum_by(cell, cells, weight))
    top, bottom = (csr_array((part, (cell, unit)), shape=shape) for part in (weight * (y - middle[cell]), weight))
    drawn, done = np.empty((cells, count)), 0
    for weights in bayesian_weights(Source(name, stratum, np.zeros(strata)), count, seed=seed):
        each = np.ascontiguousarray(weights.T)
        drawn[:, done : done + len(weights)] = middle[:, None] + ratio(top @ each, bottom @ each)
        done += len(weights)
    met = sum_by(np.unique(cell * len(stratum) + unit) // max(len(stratum), 1), cells)
    drawn[met < 2] = np.nan
    return drawn.T
