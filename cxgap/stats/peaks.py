"""What a series of ratings in the order of time is remembered by: its mean, its worst and best, its end, its trend.

Fredrickson & Kahneman (1993), Journal of Personality and Social Psychology 65(1), 45-55.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from cxgap.stats.means import Codes, Floats, sum_by

FEATURES: Final = ("mean", "worst", "best", "end", "trend", "length")


def features(value: Floats, series: Codes, count: int) -> Floats:
    """Return the features of each series of ratings, shape (count, 6), in the order of FEATURES.

    Parameters
    ----------
    value : ratings, each series in one piece and in the order of time
    series : the series of each rating, 0 .. count - 1, in rising order; each has at least one rating
    count : number of series

    Returns
    -------
    The trend is the slope by least squares on 0, 1, 2, ...; 0 of a single rating. The length is how many ratings there are.
    """
    if not count:
        return np.zeros((0, len(FEATURES)))
    first = np.searchsorted(series, np.arange(count))
    size = sum_by(series, count)
    mean = sum_by(series, count, value) / size
    place = np.arange(len(value)) - first[series] - (size[series] - 1) / 2
    spread = sum_by(series, count, place**2)
    trend = sum_by(series, count, place * value) / np.where(spread > 0, spread, 1.0)
    last = value[np.append(first[1:], len(value)) - 1]
    worst, best = np.minimum.reduceat(value, first), np.maximum.reduceat(value, first)
    return np.column_stack([mean, worst, best, last, trend, size])
