"""Answers that lie in memory become matrices at once, without being summed by visit and item first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap.engine import is_exact
from cxgap.gaps.design import UNIT
from cxgap.stats.means import Codes, Floats, sum_by
from cxgap.tally.grouped import grouped

_SPARE = 8  # places in a matrix, for each answer


class Arranged(NamedTuple):
    """Visits and items, one row each, and the ratings, shape (visits, items), NaN where none was given."""

    visits: pd.DataFrame
    items: pd.DataFrame
    expectation: Floats
    perception: Floats


def arranged(responses: IntoFrame, visit_keys: Sequence[str], item_keys: Sequence[str]) -> Arranged | None:
    """Put each answer into the row of its visit and the column of its item; the mean where there are several.

    Parameters
    ----------
    responses : as in `customer_gap`
    visit_keys, item_keys : columns that tell visits, and items, apart

    Returns
    -------
    None where the answers lie elsewhere, are too scattered, or hold anything but numbers whose sums do not round.
    """
    if not isinstance(responses, pd.DataFrame) or not len(responses) or responses[UNIT].isna().any():
        return None
    ratings = [responses[name] for name in ("expectation", "perception")]
    if not all(_exact_numbers(column) for column in ratings):
        return None
    visits, items = grouped(responses, visit_keys), grouped(responses, item_keys)
    if visits is None or items is None:
        return None
    shape = len(visits.keys), len(items.keys)
    if shape[0] * shape[1] > _SPARE * len(responses):
        return None
    place = visits.place * shape[1]
    place += items.place
    expectation, perception = (_matrix(column.to_numpy(np.float64), place, shape) for column in ratings)
    return Arranged(visits.keys, items.keys, expectation, perception)


def _matrix(values: Floats, place: Codes, shape: tuple[int, int]) -> Floats:
    known = np.isfinite(values)
    if not known.all():
        values, place = values[known], place[known]
    size = shape[0] * shape[1]
    count = sum_by(place, size)
    found = np.full(size, np.nan)
    if count.max(initial=0) <= 1:
        found[place] = values
    else:
        np.divide(sum_by(place, size, values), count, out=found, where=count > 0)
    return found.reshape(shape)


def _exact_numbers(column: pd.Series) -> bool:
    plain = isinstance(column.dtype, np.dtype) and column.dtype.kind in "iuf"
    return plain and is_exact(nw.from_native(column, series_only=True))
