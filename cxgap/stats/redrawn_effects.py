"""The interval of a standardised difference in a weighted or clustered sample, from samples drawn again."""

from __future__ import annotations

import numpy as np

from cxgap.stats.bootstrap import Source, expanded_percentiles, replicate_weights
from cxgap.stats.means import Codes, Design, Floats, ratio, sum_by

REPLICATES = 1999
ROUNDING = 1e-12  # a standard deviation below it is none, and so is a variance below that part of the squares it is left of


def d_z_redrawn(
    y: Floats,
    cell: Codes,
    cells: int,
    respondent: Codes,
    design: Design,
    df: Floats,
    *,
    conf_level: float,
    seed: int = 0,
    count: int = REPLICATES,
) -> tuple[Floats, Floats]:
    """Return the two ends of the interval of the weighted mean over the weighted standard deviation, in every cell.

    The sampling units of each stratum are drawn again (Rao & Wu 1988), and the percentiles are widened as Student's t at
    `df` is wider than the normal curve. NaN where a cell has fewer than two respondents, or no spread.

    Parameters
    ----------
    y, cell, cells, respondent, design : as in `design_means`
    df : degrees of freedom behind each cell
    conf_level, seed, count : level, and the random numbers and how many samples are drawn

    References
    ----------
    Rao & Wu (1988), Journal of the American Statistical Association 83(401), 231-241.
    """
    from scipy import sparse

    weight = design.weight[respondent]
    inside = weight > 0
    y, cell, weight, unit = y[inside], cell[inside], weight[inside], design.psu[respondent[inside]]
    units = int(design.psu.max(initial=-1)) + 1
    stratum = np.zeros(units, np.int64)
    stratum[design.psu] = design.stratum
    size = sum_by(stratum, len(design.population))
    source = Source("effects", stratum, np.minimum(size / design.population, 1.0))

    n = sum_by(cell, cells)
    centre = ratio(sum_by(cell, cells, weight * y), sum_by(cell, cells, weight))
    away = y - centre[cell]
    sums = [sparse.csr_array((weight * away**power, (cell, unit)), shape=(cells, units)) for power in (0, 1, 2)]
    values = []
    for times in replicate_weights(source, count, seed=seed):
        columns = np.ascontiguousarray(times.T)
        total, first, second = (part @ columns for part in sums)
        mean, squares = ratio(first, total), ratio(second, total)
        variance = squares - mean**2
        spread = np.sqrt(np.where(variance > ROUNDING * squares, variance, 0.0) * ratio(n, n - 1)[:, None])
        values.append(np.where(spread > 0, ratio(centre[:, None] + mean, spread), np.nan).T)
    low, high = expanded_percentiles(np.concatenate(values), df, conf_level=conf_level)
    spread = np.sqrt(ratio(sum_by(cell, cells, weight * away**2), sum_by(cell, cells, weight)))
    known = (spread > ROUNDING) & (n > 1)
    return np.where(known, low, np.nan), np.where(known, high, np.nan)
