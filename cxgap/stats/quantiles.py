"""Weighted quantiles of cells, and their intervals."""

from __future__ import annotations

import numpy as np

from cxgap.stats.means import Codes, Floats, ratio, sum_by
from cxgap.stats.proportions import clopper_pearson, effective_size

ROUNDING = 1e-12  # of a share: two cumulative shares that are nearer are one


def quantiles(y: Floats, cell: Codes, cells: int, level: float, *, weight: Floats, count: Floats | None = None) -> Floats:
    """Return a weighted quantile of each cell.

    The average of the weighted step quantiles over a window of one effective observation: with equal weights it is the
    usual one between two order statistics, number 7 of Hyndman & Fan (1996, American Statistician 50(4), 361-365).

    Parameters
    ----------
    y : values, shape (rows,), finite
    cell : the cell of each row, 0 .. cells - 1
    level : share of the weight at or below the quantile, in (0, 1)
    weight : of each observation, shape (rows,); an observation of weight 0 is none, and units of weight do not matter
    count : observations that a row stands for; 1 if not given

    References
    ----------
    Akinshin (2023), Weighted quantile estimators, arXiv:2304.07265.
    """
    each = np.ones(len(y)) if count is None else count
    size = ratio(sum_by(cell, cells, each * weight) ** 2, sum_by(cell, cells, each * weight**2))
    order, start, end = _steps(y, cell, cells, each * weight)
    y, cell = y[order], cell[order]
    first = level * (size - 1) / size
    last = first + 1 / size
    part = np.clip(end, first[cell], last[cell]) - np.clip(start, first[cell], last[cell])
    base = _step_quantiles(y, cell, cells, end, level)  # the rest is added to it, so that equal values stay what they are
    return base + sum_by(cell, cells, (y - base[cell]) * part * size[cell])


def quantile_interval(
    y: Floats,
    cell: Codes,
    cells: int,
    level: float,
    *,
    weight: Floats,
    reached: Floats,
    std_error: Floats,
    n: Floats,
    df: Floats,
    conf_level: float,
) -> tuple[Floats, Floats]:
    """Return the two ends of the interval of a quantile: the quantiles at the two ends of the interval of its share.

    Parameters
    ----------
    y, cell, cells, level : as in `quantiles`
    weight : of each row, shape (rows,)
    reached, std_error, df : the share of the weight at or below the quantile, its design-based standard error and
        degrees of freedom, shape (cells,)
    n : observations, shape (cells,)
    conf_level : two-sided

    Returns
    -------
    Two arrays of shape (cells,); an end is NaN where even the least or the greatest value of so few does not bound it.

    References
    ----------
    Woodruff (1952), Journal of the American Statistical Association 47(260), 635-646; the share's interval is that of
    Korn & Graubard (1998), Survey Methodology 24(2), 193-201, as in R's survey::svyquantile(interval.type = "beta").
    """
    size = effective_size(reached, std_error, n, df, conf_level=conf_level)
    low, high = clopper_pearson(level * size, size, conf_level=conf_level)
    order, _, end = _steps(y, cell, cells, weight)
    tail = (1 - conf_level) / 2
    ends = (_step_quantiles(y[order], cell[order], cells, end, share) for share in (low, high))
    bounded = ((1 - level) ** size <= tail, level**size <= tail)
    return tuple(np.where(inside, found, np.nan) for found, inside in zip(ends, bounded, strict=True))  # type: ignore[return-value]


def _steps(y: Floats, cell: Codes, cells: int, mass: Floats) -> tuple[Codes, Floats, Floats]:
    """Order the rows that have mass by cell and value; return the order, and the cumulative share before and after each."""
    order = np.lexsort((y, cell))
    order = order[mass[order] > 0]
    total = sum_by(cell, cells, mass)
    upto, inside = np.cumsum(mass[order]), cell[order]
    before = np.concatenate([[0.0], np.cumsum(total)])[:-1]
    end = np.minimum((upto - before[inside]) / total[inside], 1.0)
    final = np.append(inside[1:] != inside[:-1], True)[: len(inside)]
    end[final] = 1.0
    start = np.concatenate([[0.0], end[:-1]])[: len(end)]
    start[np.concatenate([[True], final[:-1]])[: len(start)]] = 0.0
    return order, start, end


def _step_quantiles(y: Floats, cell: Codes, cells: int, end: Floats, share: float | Floats) -> Floats:
    """Return the least value whose cumulative share reaches `share`; NaN where there is none."""
    wanted = np.broadcast_to(np.asarray(share, np.float64), cells)
    short = sum_by(cell, cells, end < wanted[cell] - ROUNDING).astype(np.int64)
    held = sum_by(cell, cells).astype(np.int64)
    place = np.cumsum(held) - held + np.minimum(short, held - 1)
    found = np.full(cells, np.nan)
    known = (held > 0) & np.isfinite(wanted)
    found[known] = y[place[known]]
    return found
