"""Answers become matrices, one row a visit and one column an item, for what looks at items together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap.errors import ArgumentError
from cxgap.gaps.arranged import arranged
from cxgap.gaps.design import UNIT, read_design
from cxgap.gaps.margins import Margins, margin_columns
from cxgap.gaps.scores import ITEMS, OCCASIONS
from cxgap.stats.means import Codes, Design, Floats, sum_by

UNDIVIDED = "all items"  # the dimension of items that have none


class Batteries(NamedTuple):
    """What each visit answered; a visit is one respondent at one touchpoint in one wave.

    Attributes
    ----------
    items, dimensions : of each column; items of different touchpoints that share a name are the same question
    retained : whether an item counts in scores, shape (items,)
    expectation, perception : ratings, shape (visits, items), NaN where none was given
    visits : keys of each visit: the `by` columns, the respondent, and what else tells visits apart
    cells : one row a combination of `by`, in the order of display
    cell : of each visit, a position in `cells`
    respondent : of each visit, a position in the arrays of `design`
    outcome, seconds : of each visit, NaN where not known; None where there is no such column
    design : how the respondents were drawn
    designed : whether a weight, stratum, sampling unit, population or margin was given
    """

    items: tuple[str, ...]
    dimensions: tuple[str, ...]
    retained: np.ndarray
    expectation: Floats
    perception: Floats
    visits: pd.DataFrame
    cells: pd.DataFrame
    cell: Codes
    respondent: Codes
    outcome: Floats | None
    seconds: Floats | None
    design: Design
    designed: bool

    @property
    def gap(self) -> Floats:
        """Perception minus expectation, NaN where either is missing."""
        return self.perception - self.expectation

    @property
    def weight(self) -> Floats:
        """Sampling weight of each visit."""
        return self.design.weight[self.respondent]


def read_batteries(
    responses: IntoFrame,
    *,
    by: Sequence[str] = (),
    outcome: str | None = None,
    weight: str | None = None,
    stratum: str | None = None,
    psu: str | None = None,
    population: str | None = None,
    margins: Margins | None = None,
) -> Batteries:
    """Arrange answers as matrices.

    Parameters
    ----------
    responses : as in `customer_gap`; it must have a column `item`
    by : columns that cut visits, such as region; not those of items
    outcome : numeric column with a judgement of the whole visit, repeated on each of its answers
    weight, stratum, psu, population, margins : as in `customer_gap`

    Raises
    ------
    ColumnError : `responses` lacks a column.
    ArgumentError : `by` names what tells items apart, or a column does not hold what it must.
    """
    apart = sorted({*ITEMS, "dimension"}.intersection(by))
    if apart:
        raise ArgumentError(f"`by` must name columns that cut visits here, not {apart[0]!r}, which cuts their items.")
    present = tally.columns_of(responses)
    drawn = [name for name in (stratum, psu, population, *margin_columns(margins)) if name]
    tally.require(
        responses, [UNIT, "item", "expectation", "perception", *by, *drawn, *filter(None, [weight, outcome])], "responses"
    )
    visit_keys = list(dict.fromkeys([*by, UNIT, *(name for name in OCCASIONS if name in present)]))
    item_keys = [name for name in ("item", "dimension") if name in present]
    if not (drawn or weight) and (direct := arranged(responses, visit_keys, item_keys)) is not None:
        about, named, expectation, perception = direct
        respondent, design = read_design(about, weight=None, stratum=None, psu=None, population=None)
    else:
        keys = list(dict.fromkeys([*visit_keys, *item_keys, *drawn]))
        sums = tally.tally_pairs(responses, "expectation", "perception", keys=keys, weight=weight)
        if sums.empty:
            raise ArgumentError("`responses` must hold at least one answer; it has no rows.")
        turned = tally.tally_pairs(responses, "perception", "expectation", keys=keys)

        everyone, design = read_design(sums, weight=weight, stratum=stratum, psu=psu, population=population, margins=margins)
        visit, columns = _codes(sums, visit_keys), _codes(sums, item_keys)
        visits, first = int(visit.max()) + 1, np.unique(visit, return_index=True)[1]
        named = sums[item_keys].iloc[np.unique(columns, return_index=True)[1]].reset_index(drop=True)
        shape = visits, len(named)
        about, respondent = sums[visit_keys].iloc[first].reset_index(drop=True), everyone[first]
        expectation, perception = (_matrix(table, visit, columns, shape) for table in (turned, sums))
    cells = about[list(by)].drop_duplicates().sort_values(list(by)) if by else pd.DataFrame(index=[0])
    return Batteries(
        items=tuple(named["item"].astype(str)),
        dimensions=tuple(_texts(named["dimension"])) if "dimension" in named else (UNDIVIDED,) * len(named),
        retained=_retained(responses, present, named, item_keys),
        expectation=expectation,
        perception=perception,
        visits=about,
        cells=cells.reset_index(drop=True),
        cell=_codes(about, by),
        respondent=respondent,
        outcome=_of_visits(responses, outcome, visit_keys),
        seconds=_of_visits(responses, "seconds" if "seconds" in present else None, visit_keys),
        design=design,
        designed=bool(drawn or weight),
    )


def _matrix(sums: pd.DataFrame, visit: Codes, column: Codes, shape: tuple[int, int]) -> Floats:
    values, known = np.full(shape, np.nan), sums["ends"].to_numpy(float)
    answered = known > 0
    place, size = visit[answered] * shape[1] + column[answered], shape[0] * shape[1]
    total = sum_by(place, size, sums["end_all"].to_numpy(float)[answered]).reshape(shape)
    count = sum_by(place, size, known[answered]).reshape(shape)
    np.divide(total, count, out=values, where=count > 0)
    return values


def _of_visits(responses: IntoFrame, name: str | None, visit_keys: Sequence[str]) -> Floats | None:
    if name is None:
        return None
    sums = tally.tally_pairs(responses, name, name, keys=visit_keys)
    return _matrix(sums, _codes(sums, visit_keys), np.zeros(len(sums), np.int64), (len(sums), 1))[:, 0]


def _retained(responses: IntoFrame, present: Sequence[str], named: pd.DataFrame, item_keys: Sequence[str]) -> Any:
    if "retained" not in present:
        return np.ones(len(named), bool)
    kept = set(_named(tally.tally_distinct(tally.keep_true(responses, "retained"), item_keys)))
    return np.array([name in kept for name in _named(named)], bool)


def _named(frame: pd.DataFrame) -> list[tuple[str, ...]]:
    return list(zip(*(_texts(frame[name]) for name in frame), strict=True))


def _texts(values: pd.Series) -> list[str]:
    return [UNDIVIDED if pd.isna(value) else str(value) for value in values.astype(object)]


def _codes(frame: pd.DataFrame, keys: Sequence[str]) -> Codes:
    if not len(keys):
        return np.zeros(len(frame), np.int64)
    return frame.groupby(list(keys), observed=True, dropna=False, sort=True).ngroup().to_numpy(np.int64)
