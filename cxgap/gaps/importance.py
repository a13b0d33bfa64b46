"""What matters to each respondent, as shares of one, and what the product of averages misses.

Parasuraman, Zeithaml & Berry (1988), Journal of Retailing 64(1), 12-40: respondents spread 100 points.
"""

from __future__ import annotations

import numpy as np

from cxgap.stats.means import Codes, Floats, ratio, sum_by

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
    given = np.nan_to_num(points)
    total, negative = sum_by(place, size, given), sum_by(place, size, given < 0) > 0
    valid = (total >= FEWEST) & (total <= MOST) & ~negative
    return np.where(valid[place], points / np.where(valid, total, 1)[place], np.nan), valid & (np.abs(total - 100) > 1e-9)


def product_of_means(
    share: Floats, gap: Floats, cell: Codes, cells: int, part: Codes, respondent: Codes, weight: Floats
) -> Floats:
    """Multiply the mean share by the mean gap and sum over the parts of each cell, shape (cells,).

    It is not the importance-weighted gap, which also holds the covariance of the two across respondents.

    Parameters
    ----------
    share, gap : one entry a visit and part (dimension), NaN where not in the weighted gap; the shares of a visit sum to 1
    cell, part, respondent : of each entry; the visits of a respondent to a cell count as one
    weight : sampling weights, one a respondent
    """
    used = np.isfinite(share) & np.isfinite(gap)
    share, gap, cell, part, respondent = share[used], gap[used], cell[used], part[used], respondent[used]
    people, parts = len(weight), int(part.max(initial=0)) + 1
    slot, size = cell * parts + part, cells * parts

    def each(group: Codes, visits: Floats | None = None) -> Floats:
        _, place = np.unique(group * people + respondent, return_inverse=True)
        return weight[respondent] / sum_by(place, len(place), visits)[place]

    shares = sum_by(slot, size, each(cell, share) * share).reshape(cells, parts)
    gaps = ratio(sum_by(slot, size, each(slot) * gap), sum_by(slot, size, each(slot))).reshape(cells, parts)
    return ratio((shares * np.nan_to_num(gaps)).sum(axis=1), shares.sum(axis=1))
