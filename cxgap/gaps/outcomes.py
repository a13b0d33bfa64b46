"""Overall judgements become one value a respondent and cell, because respondents, not answers, are the independent units."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap._check import check_scale
from cxgap.errors import ArgumentError, nearest
from cxgap.gaps.design import UNIT, design_columns, read_design
from cxgap.gaps.margins import Margins
from cxgap.gaps.scores import ITEMS, OCCASIONS
from cxgap.stats.means import Codes, Design, Floats, Means, design_means, ratio, simple_means, sum_by


class Outcomes(NamedTuple):
    """An outcome, one entry a visit that has it; a visit is one respondent at one touchpoint in one wave.

    Attributes
    ----------
    cells : one row a cell, the `by` keys in the order of display; a cell without an outcome is among them
    value : what was answered at the visit
    cell, respondent : codes of each visit; those of respondents are positions in the arrays of `design`
    design : how the respondents were drawn
    designed : whether a weight, stratum, sampling unit, population or margin was given
    """

    cells: pd.DataFrame
    value: Floats
    cell: Codes
    respondent: Codes
    design: Design
    designed: bool


class People(NamedTuple):
    """Means over a respondent's visits in a cell: one row a respondent and cell, and a column of `values` each."""

    cell: Codes
    respondent: Codes
    values: tuple[Floats, ...]


def read_outcomes(
    responses: IntoFrame,
    outcome: str,
    *,
    by: Sequence[str] = (),
    weight: str | None = None,
    stratum: str | None = None,
    psu: str | None = None,
    population: str | None = None,
    margins: Margins | None = None,
    low: float = -np.inf,
    high: float = np.inf,
) -> Outcomes:
    """Read an outcome of every visit.

    Parameters
    ----------
    responses : as in `customer_gap`
    outcome : numeric column, repeated on each answer of a visit; of several values of a visit the mean is taken
    by : columns that cut visits, such as region; not those of items
    weight, stratum, psu, population, margins : as in `customer_gap`
    low, high : the outcome's scale

    Raises
    ------
    ColumnError : `responses` lacks a column.
    ArgumentError : `by` names what tells items apart, the outcome is off its scale, or a column does not hold what it must.
    """
    apart = sorted({*ITEMS, "dimension"}.intersection(by))
    if apart:
        raise ArgumentError(f"`by` must name columns that cut visits here, not {apart[0]!r}, which cuts their items.")
    present = tally.columns_of(responses)
    unknown = [name for name in by if name not in present]
    if unknown:
        spare = sorted(set(present) - {outcome, UNIT})
        raise ArgumentError(
            f"`by` must name columns of `responses`, not {unknown[0]!r}; it has {spare}.{nearest(unknown[0], spare)}"
        )
    drawn = design_columns(stratum, psu, population, margins)
    tally.require(responses, [outcome, UNIT, *by, *drawn, *([weight] if weight else [])], "responses")
    occasions = [name for name in OCCASIONS if name in present]
    keys = list(dict.fromkeys([*by, UNIT, *occasions, *drawn]))
    sums = tally.tally_pairs(responses, outcome, outcome, keys=keys, weight=weight)
    if sums.empty:
        raise ArgumentError("`responses` must hold at least one answer; it has no rows.")
    respondent, design = read_design(sums, weight=weight, stratum=stratum, psu=psu, population=population, margins=margins)
    value = ratio(sums["end_all"].to_numpy(float), sums["ends"].to_numpy(float))
    off = np.isfinite(value) & ((value < low) | (value > high))
    if off.any():
        raise ArgumentError(
            f"{outcome!r} must lie between {low:g} and {high:g}; it holds {value[off][0]:g}. Say what the question's scale is "
            "with `low` and `high`, or correct the answers."
        )
    cells = sums[list(by)].drop_duplicates().sort_values(list(by)) if by else pd.DataFrame(index=[0])
    cell = np.zeros(len(sums), np.int64)
    if by:
        cell = sums.groupby(list(by), observed=True, dropna=False, sort=True).ngroup().to_numpy(np.int64)
    known = np.isfinite(value)
    designed = bool(weight or drawn)
    return Outcomes(cells.reset_index(drop=True), value[known], cell[known], respondent[known], design, designed)


def by_respondent(outcomes: Outcomes, *values: Floats) -> People:
    """Average each of `values`, which are of visits, over a respondent's visits in a cell."""
    people = len(outcomes.design.weight)
    code, place = np.unique(outcomes.cell * people + outcomes.respondent, return_inverse=True)
    visits = sum_by(place, len(code))
    return People(code // people, code % people, tuple(sum_by(place, len(code), part) / visits for part in values))


def means_of(outcomes: Outcomes, people: People, values: Floats) -> Means:
    """Estimate the mean of respondents' `values` in every cell, design-based where there is a design."""
    cells = len(outcomes.cells)
    if outcomes.designed:
        return design_means(values, people.cell, cells, people.respondent, outcomes.design)
    return simple_means(values, people.cell, cells)


def scale_of(low: float | None, high: float | None, scale: Sequence[float] | None, of: str) -> tuple[float, float]:
    """Return the outcome's scale: `low` and `high` where both are given, else `scale`.

    Raises
    ------
    ArgumentError : neither is, or the ends are not in rising order.
    """
    given = (low, high) if low is not None and high is not None else scale
    limits = check_scale(given, "low, high")
    if limits is None or (low is None) != (high is None):
        raise ArgumentError(f"the scale of {of!r} must be known; give its lowest and highest answer as `low` and `high`.")
    return limits
