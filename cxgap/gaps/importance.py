"""What matters to each respondent, as shares of one, and what the product of averages misses.

Parasuraman, Zeithaml & Berry (1988), Journal of Retailing 64(1), 12-40: respondents spread 100 points.
"""

from __future__ import annotations

import numpy as np

from cxgap.stats.means import Codes, Floats, ratio

FEWEST, MOST = 95.0, 105.0  # sums of points that are read as a slip and rescaled to 100


def shares_of_points(points: Floats, place: Codes, size: int) -> tuple[Floats, np.ndarray]:
    """Turn 100 points spread over dimensions into shares.

    Parameters
    ----------
    points : one a row, NaN where not given
    place : the respondent's visit of each row, 0 .. size - 1
    size : number of visits

    Returns
    -------
    Shares, one a row, NaN where the points of the visit do not sum to 95 .. 105 or one is negative; and for each visit
    whether its points were rescaled.
    """
    total = np.bincount(place, np.nan_to_num(points), size)
    negative = np.bincount(place, np.nan_to_num(points) < 0, size) > 0
    valid = (total >= FEWEST) & (total <= MOST) & ~negative
    return np.where(valid[place], points / np.where(valid, total, 1)[place], np.nan), valid & (np.abs(total - 100) > 1e-9)


def product_of_means(
    share: Floats, gap: Floats, usable: np.ndarray, cell: Codes, cells: int, part: Codes, respondent: Codes, weight: Floats
) -> Floats:
    """Multiply the mean share by the mean gap and sum over the parts of each cell, shape (cells,).

    It is not the importance-weighted gap, which also holds the covariance of the two across respondents.

    Parameters
    ----------
    share, gap, usable, cell, part, respondent : one entry a respondent, visit and part (dimension)
    weight : sampling weights, one a respondent
    """
    parts = part.max() + 1
    person = (cell * parts + part) * len(weight) + respondent
    _, place, visits = np.unique(np.where(usable, person, -1), return_inverse=True, return_counts=True)
    each = np.where(usable, weight[respondent] / visits[place], 0.0)  # the visits of a respondent count as one
    slot, size = cell * parts + part, cells * parts
    total = np.bincount(slot, each, size)
    mean_share = np.nan_to_num(ratio(np.bincount(slot, each * np.where(usable, share, 0), size), total))
    mean_gap = np.nan_to_num(ratio(np.bincount(slot, each * np.where(usable, gap, 0), size), total))
    product = (mean_share * mean_gap).reshape(cells, parts).sum(axis=1)
    return np.where(total.reshape(cells, parts).sum(axis=1) > 0, product, np.nan)
