"""How much of the spread of gaps between customers is no error of measurement, in the cells of a cut."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap.errors import TooManyError
from cxgap.gaps.batteries import UNDIVIDED, Batteries, read_batteries
from cxgap.gaps.consistency import FEWEST, Scale, covariance_of, scales
from cxgap.gaps.scores import ITEMS
from cxgap.stats.means import Floats
from cxgap.stats.reliability import alpha, combined_reliability, difference_reliability
from cxgap.stats.streamed import in_full


def gap_reliability(
    responses: IntoFrame, cells: pd.DataFrame, by: Sequence[str], std_dev: Floats, *, score: str, **design: Any
) -> Floats:
    """Estimate the reliability of the gap score in each cell, from the alphas of its two batteries.

    Scores that are means of dimensions have the reliability of such a mean: errors of the dimensions add up, and are set
    against the variance of the whole.

    Parameters
    ----------
    responses : as in `customer_gap`
    cells, by : one row a cell, and the columns that name it
    std_dev : of the gap between the respondents of each cell
    score : as in `customer_gap`
    design : weight, stratum, psu, population and margins

    Returns
    -------
    Shape (cells,). NaN where there are no items, where they are shown one by one, or fewer than 30 visits have all of a
    dimension.
    """
    unknown = np.full(len(cells), np.nan)
    if "item" not in tally.columns_of(responses) or not ITEMS.isdisjoint(by):
        return unknown
    cuts = [name for name in by if name != "dimension"]
    try:
        batteries = read_batteries(responses, by=cuts, **design)
    except TooManyError:
        return unknown
    divided = "dimension" in by or score == "dimensions"
    found: dict[tuple[str, ...], dict[str, tuple[float, float]]] = {}
    for scale in scales(batteries, divided=divided):
        key = tuple(map(str, batteries.cells.iloc[scale.cell])) if cuts else ()
        found.setdefault(key, {})[scale.dimension] = _difference(batteries, scale)
    keys = [tuple(map(str, row)) for row in cells[cuts].itertuples(index=False)] if cuts else [()] * len(cells)
    parts = [found.get(key, {}) for key in keys]
    if "dimension" in by:
        return np.array([part.get(str(name), (0, np.nan))[1] for part, name in zip(parts, cells["dimension"], strict=True)])
    return np.array([_whole(part, spread) for part, spread in zip(parts, std_dev, strict=True)])


def _whole(parts: dict[str, tuple[float, float]], std_dev: float) -> float:
    """Return the reliability of the mean of dimensions; of all items, where there are none."""
    of_dimensions = [part for name, part in parts.items() if name != UNDIVIDED]
    if not of_dimensions:
        return parts.get(UNDIVIDED, (0, np.nan))[1]
    variance, reliability = (np.array(column) for column in zip(*of_dimensions, strict=True))
    return float(combined_reliability(variance, reliability, np.array((std_dev * len(variance)) ** 2)))


def _difference(batteries: Batteries, scale: Scale) -> tuple[float, float]:
    """Return the variance and the reliability of the gap of one battery, over the visits with all of it."""
    inside = batteries.cell == scale.cell
    start, end = batteries.expectation[:, scale.columns], batteries.perception[:, scale.columns]
    both = np.hstack([start, end])
    used = inside & in_full(both) & (batteries.weight > 0)
    k = len(scale.columns)
    if k < 2 or used.sum() < FEWEST:
        return np.nan, np.nan
    matrix = covariance_of(batteries, both, used)
    own, other, between = matrix[:k, :k], matrix[k:, k:], matrix[:k, k:].sum() / k**2
    var_start, var_end = own.sum() / k**2, other.sum() / k**2
    with np.errstate(divide="ignore", invalid="ignore"):
        r = between / np.sqrt(var_start * var_end)
    value = difference_reliability(var_start, var_end, r, alpha(own), alpha(other))
    return float(var_start + var_end - 2 * between), float(value)
