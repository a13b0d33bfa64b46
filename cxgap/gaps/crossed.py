"""Ratings of single items crossed with an overall judgement, counted in one pass over the answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap.gaps.design import UNIT
from cxgap.gaps.scores import ITEMS
from cxgap.stats.surfaces import Pairs, paired
from cxgap.tally.grouped import grouped

_SPARE = 16  # places in a table of respondents by cells, for each answer


class Crossed(NamedTuple):
    """The cells, one row each in the order of display, and their pairs of ratings."""

    cells: pd.DataFrame
    pairs: Pairs


def count_crossed(responses: IntoFrame, names: Sequence[str], outcome: str, centre: float) -> Crossed | None:
    """Count answers that are visits as `read_visits` makes them: of one item, and one of a respondent in each cell.

    Parameters
    ----------
    responses : as in `customer_gap`, without a design
    names : columns whose combinations make the cells
    outcome : numeric column
    centre : the midpoint of the scale

    Returns
    -------
    None where a visit may be more than one answer, and where anything is not as it must be, which `read_visits` tells.
    """
    numbers = ["expectation", "perception", outcome]
    if not isinstance(responses, pd.DataFrame) or ITEMS.isdisjoint(names) or not len(responses):
        return None
    if not {UNIT, *names, *numbers}.issubset(responses.columns) or any(map(_not_plain, (responses[name] for name in numbers))):
        return None
    by, person = grouped(responses, names), grouped(responses, [UNIT])
    if by is None or person is None or person.keys[UNIT].isna().any():
        return None
    cells, people = len(by.keys), len(person.keys)
    if cells * people > _SPARE * len(responses):
        return None
    met = np.zeros(cells * people, bool)
    met[by.place * people + person.place] = True
    if np.count_nonzero(met) < len(responses):
        return None
    x, y, z = (responses[name].to_numpy(np.float64) for name in numbers)
    used = np.isfinite(x + y + z)
    cell = by.place
    if not used.all():
        cell, x, y, z = cell[used], x[used], y[used], z[used]
    return Crossed(by.keys, paired(cell, x - centre, y - centre, z, cells))


def _not_plain(column: pd.Series) -> bool:
    return not (isinstance(column.dtype, np.dtype) and column.dtype.kind in "iuf")
