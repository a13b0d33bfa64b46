"""Managers or staff beside customers: what a rater says of a cell, scored as a customer's answer is, like for like."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap.errors import ArgumentError, ColumnError
from cxgap.gaps.design import UNIT
from cxgap.gaps.margins import Margins
from cxgap.gaps.scores import ITEMS, Scores, respondent_scores
from cxgap.stats.means import Codes, Floats, Means, design_means, ratio, simple_means, std_devs, sum_by

TABLES = {"manager_id": "managers", "employee_id": "employees"}  # whom a rater's column names, for messages
FEW = 15  # raters below which a mean of theirs is flagged, and is not tested
PLACE = "touchpoint"
CONTENT = (*sorted(ITEMS), "dimension")  # what was asked: raters must have it, or other questions would be compared


class RaterScores(NamedTuple):
    """Scores of raters in cells.

    Attributes
    ----------
    cells : one row a cell, the `by` keys in the order of display
    cell, rater : codes, one entry a score
    value : the score, finite
    raters : how many raters there are, in whatever cell
    dimensional : whether items were averaged to dimensions before anything else
    """

    cells: pd.DataFrame
    cell: Codes
    rater: Codes
    value: Floats
    raters: int
    dimensional: bool

    @property
    def matrix(self) -> Floats:
        """One row a rater, one column a cell; NaN where the rater has no score."""
        matrix = np.full((self.raters, len(self.cells)), np.nan)
        matrix[self.rater, self.cell] = self.value
        return matrix


def rater_scores(
    frame: IntoFrame, rating: str, *, rater: str = "manager_id", by: Sequence[str], score: str = "dimensions"
) -> RaterScores:
    """Score each rater in each cell.

    Items are averaged to dimensions, dimensions to the touchpoint, and touchpoints to the cell, each where at least
    half of the parts were rated, exactly as a customer's answers are. A rater without a score in a cell is not in it.

    Parameters
    ----------
    frame : pandas, Polars, DuckDB, PyArrow or PySpark frame, one row a rating
    rating : column of the ratings
    rater : column that names the rater
    by : columns whose combinations make the cells
    score : "dimensions" (mean of dimension means) or "items" (mean of items)

    Raises
    ------
    ColumnError : `frame` lacks a column.
    ArgumentError : `by` names a column that is not there, or a column does not hold what it must.
    """
    table = TABLES.get(rater, "raters")
    tally.require(frame, [rater, rating], table)
    own = nw.from_native(frame)
    if rater != UNIT:
        own = own.select(*(name for name in tally.columns_of(frame) if name != UNIT)).rename({rater: UNIT})
    try:
        scores = respondent_scores(
            own.to_native(),
            start=rating,
            end=rating,
            by=by,
            score=score,
            weight=None,
            stratum=None,
            psu=None,
            population=None,
            importance=None,
            importance_kind="points",
        )
    except ArgumentError as error:
        raise ArgumentError(str(error).replace("`responses`", f"`{table}`").replace(UNIT, rater)) from None
    known = np.isfinite(scores.start)
    raters = len(scores.design.weight)
    return RaterScores(
        scores.cells, scores.cell[known], scores.respondent[known], scores.start[known], raters, scores.dimensional
    )


class Sides(NamedTuple):
    """Customers and raters in the same cells.

    Attributes
    ----------
    cells : one row a cell, the `by` keys in the order of display
    asked : mean of the customers' scores
    customers : of the raters' mean belief less the customer's own score; its error is that of the customers alone
    raters : of the raters' scores
    matrix : the raters' scores, one row a rater, one column a cell; NaN where there is none
    std_dev_customers, std_dev_raters : between people, ddof = 1
    partial : whether some customers are scored without all dimensions
    scores : the customers in cells, one entry a customer and cell; its `gap` is to the raters' mean belief
    own : each customer's own score, one an entry, over what raters were asked too
    """

    cells: pd.DataFrame
    asked: Floats
    customers: Means
    raters: Means
    matrix: Floats
    std_dev_customers: Floats
    std_dev_raters: Floats
    partial: np.ndarray
    scores: Scores
    own: Floats

    @property
    def own_means(self) -> Means:
        """Of the customers' own scores; their error is that of `customers`, for what raters believe is held fixed."""
        return self.customers._replace(mean=self.asked)


def compare(
    responses: IntoFrame,
    raters: IntoFrame,
    *,
    asked: str,
    rated: str,
    rater: str = "manager_id",
    by: Sequence[str],
    score: str,
    weight: str | None,
    stratum: str | None,
    psu: str | None,
    population: str | None,
    margins: Margins | None = None,
) -> Sides:
    """Score customers and raters in the same cells.

    Columns of `by` that raters lack cut the customers only. Where cells lump touchpoints that both tables have, the
    raters' scores are weighed over the touchpoints as the customers of the cell used them: otherwise a gap would arise
    from mere use, since customers answer for the touchpoints that they know and raters for all.

    Parameters
    ----------
    responses, raters : frames of any supported engine, one row an answer
    asked, rated : the columns of ratings of customers and of raters
    rater : column that names the rater
    by, score, weight, stratum, psu, population, margins : as in `respondent_scores`
    """
    theirs = tally.columns_of(raters)
    for name in CONTENT:
        if name in by and name not in theirs:
            raise ColumnError.missing(name, TABLES.get(rater, "raters"), [spare for spare in theirs if spare not in by])
    lumped = PLACE not in by and PLACE in theirs and PLACE in tally.columns_of(responses)
    fine = [*by, PLACE] if lumped else list(by)
    shared = [name for name in fine if name in theirs]
    scores = respondent_scores(
        responses,
        start=asked,
        end=asked,
        by=fine,
        score=score,
        weight=weight,
        stratum=stratum,
        psu=psu,
        population=population,
        margins=margins,
        importance=None,
        importance_kind="points",
    )
    panel = rater_scores(raters, rated, rater=rater, by=shared, score=score)
    ratings = panel.matrix
    known = np.isfinite(ratings)
    belief = ratio(np.nansum(ratings, axis=0), known.sum(axis=0))

    cells = distinct(scores.cells, by)
    place = positions(scores.cells, cells, by)
    column = positions(scores.cells, panel.cells, shared)
    believed = np.where(column >= 0, belief[column], np.nan)[scores.cell]
    used = np.isfinite(scores.start) & (np.isfinite(believed) | (not lumped))
    people = len(scores.design.weight)
    code, entry = np.unique((place[scores.cell] * people + scores.respondent)[used], return_inverse=True)
    cell, respondent = code // people, code % people
    share = 1 / sum_by(entry, len(code))
    own = share * sum_by(entry, len(code), scores.start[used])
    ahead = share * sum_by(entry, len(code), (np.nan_to_num(believed) - scores.start)[used])
    weights = scores.design.weight[respondent]
    customers = (
        design_means(ahead, cell, len(cells), respondent, scores.design)
        if scores.designed
        else simple_means(ahead, cell, len(cells))
    )

    mix = np.zeros((len(cells), len(belief)))
    found = column[scores.cell[used]] >= 0
    np.add.at(mix, (cell[entry][found], column[scores.cell[used]][found]), (weights * share)[entry][found])
    mix /= np.maximum(mix.sum(axis=1, keepdims=True), np.finfo(float).tiny)
    covered = known @ mix.T
    matrix = np.where(covered >= 0.5, ratio(np.nan_to_num(ratings) @ mix.T, covered), np.nan)
    row, at = np.nonzero(np.isfinite(matrix))
    means = simple_means(matrix[row, at], at, len(cells))
    return Sides(
        cells=cells,
        asked=ratio(sum_by(cell, len(cells), weights * own), sum_by(cell, len(cells), weights)),
        customers=customers,
        raters=means,
        matrix=matrix,
        std_dev_customers=std_devs(own, cell, len(cells), weights),
        std_dev_raters=means.std_error * np.sqrt(means.n),
        partial=sum_by(place[scores.cell[used]], len(cells), scores.partial[used]) > 0,
        scores=scores._replace(cells=cells, cell=cell, respondent=respondent, gap=ahead),
        own=own,
    )


def distinct(cells: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Return the combinations of `keys` that there are, each once, in the order of the cells; one of none without keys."""
    return cells[list(keys)].drop_duplicates().reset_index(drop=True) if keys else pd.DataFrame(index=[0])


def positions(cells: pd.DataFrame, among: pd.DataFrame, keys: Sequence[str]) -> Codes:
    """Return the position in `among` of each of the cells, by the texts of their `keys`; -1 where it is not there."""
    if not keys:
        return np.zeros(len(cells), np.int64)
    texts = [
        pd.MultiIndex.from_arrays([frame[name].astype(object).where(frame[name].notna(), None).map(str) for name in keys])
        for frame in (cells, among)
    ]
    return texts[1].get_indexer(texts[0]).astype(np.int64)
