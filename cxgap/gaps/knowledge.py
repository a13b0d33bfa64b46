"""Gap 1: what managers believe that customers expect, against what customers do expect."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap._check import as_names, check_choice, check_count, check_prob, check_scale
from cxgap.errors import ArgumentError
from cxgap.gaps.asking import SCORES, check_expectation_type, grouping, margin_of, score_words
from cxgap.gaps.beliefs import managers_there
from cxgap.gaps.design import UNIT
from cxgap.gaps.finish import finish, not_measured
from cxgap.gaps.judge import exposed_lines, rater_lines, withheld
from cxgap.gaps.margins import Margins
from cxgap.gaps.raters import FEW, Sides, compare, distinct, positions
from cxgap.gaps.scores import Scores
from cxgap.gaps.spared import spared
from cxgap.result import COLUMNS, GapTable
from cxgap.stats.differences import Difference, difference, of_finite
from cxgap.stats.effects import hedges_factor
from cxgap.stats.means import Floats, Means, ratio, simple_means, std_devs, sum_by, t_p_value
from cxgap.stats.privacy import too_few
from cxgap.tables.absent import absent

OWN_COLUMNS = ("n_managers", "units", "std_dev_customers", "std_dev_managers", "manager_low", "manager_high", "gap_pomp")
SPREAD_FROM = 10  # managers from whom their spread is shown


@spared
def knowledge_gap(
    responses: IntoFrame,
    managers: IntoFrame,
    *,
    by: str | Sequence[str] = "touchpoint",
    score: str = "dimensions",
    match: str | None = None,
    managers_population: int | bool | None = None,
    min_managers: int = 5,
    weight: str | None = None,
    stratum: str | None = None,
    psu: str | None = None,
    population: str | None = None,
    margins: Margins | None = None,
    scale: Sequence[float] | None = None,
    expectation_type: str | None = None,
    margin: float | None = None,
    min_n: int = 1,
    conf_level: float = 0.95,
    confirmatory: str | Collection[str] = (),
) -> GapTable:
    """Score what managers believe that customers expect against what customers expect (gap 1).

    Belief minus expectation: negative says that managers think customers want less than they do; positive is an error
    too, of the other kind. Answers of customers and of managers are averaged by the same steps, and where a cell lumps
    touchpoints the managers' are weighed as its customers use them. Both samples are independent: the error is that of
    the customers (design-based where there is a design) and that of the managers together, with Welch's degrees of
    freedom. How right managers are item by item is `knowledge_accuracy`.

    Parameters
    ----------
    responses : pandas, Polars, DuckDB, PyArrow or PySpark frame, one row an answer
        Has `respondent_id`, `expectation` and the columns in `by`; as for `customer_gap`.
    managers : such a frame, one row an answer of a manager
        Has `manager_id` and `believed`, on the scale of `expectation`, and whatever of `touchpoint`, `dimension` and
        `item` customers have. Columns of `by` that it lacks, such as a segment, cut the customers only.
    by, score, weight, stratum, psu, population, margins, scale, expectation_type, margin, confirmatory : as in `customer_gap`
    match : column of both tables that says which managers and customers belong together, such as a branch; the gap is
        then taken in each unit, and the units are the sample
    managers_population : how many managers there are, or True if all were asked; None or False if they stand for many
    min_managers : cells with fewer managers are blanked
    min_n : cells with fewer customers are blanked, and others where they could be told by subtraction
    conf_level : two-sided, in (0, 1)

    Returns
    -------
    GapTable with one row a cell: `n` customers who gave an expectation; `start`, mean expectation; `end`, mean belief;
    `estimate` to `conf_high` in scale points; `effect`, the gap over the mean of the two standard deviations, with
    Hedges' factor. After them: `n_managers`, `units` (where matched), `std_dev_customers`, `std_dev_managers`,
    `manager_low` and `manager_high` (least and greatest score of a manager) and `gap_pomp` (per cent of the scale's
    range). The spread of managers is NaN with fewer than 10 of them, the p-value with fewer than 15.

    Raises
    ------
    ColumnError : a table lacks a column.
    ArgumentError : an argument is not what it must be, or weights or design columns are not usable.

    References
    ----------
    Zeithaml, Parasuraman & Berry (1990), Delivering Quality Service, Free Press.
    Welch (1947), Biometrika 34(1-2), 28-35.
    Cochran (1977), Sampling Techniques, section 2.6 (finite population).
    """
    names, conf_level = as_names(by), check_prob(conf_level, "conf_level")
    check_choice(score, "score", SCORES)
    check_expectation_type(expectation_type)
    limits, min_n, least = check_scale(scale), check_count(min_n, "min_n"), check_count(min_managers, "min_managers")
    margin = margin_of(margin, limits)
    if why := absent(responses, managers):
        return not_measured("knowledge", names, why, unit="scale points", conf_level=conf_level)
    grouping(names, {UNIT, "manager_id", "expectation", "believed", match, *COLUMNS, *OWN_COLUMNS})
    if match:
        if managers_population not in (None, False):
            raise ArgumentError("`managers_population` must be None where units are matched, for units are then the sample.")
        tally.require(managers, [match], "managers")
    sides = compare(
        responses,
        managers,
        asked="expectation",
        rated="believed",
        by=[*names, match] if match else names,
        score=score,
        weight=weight,
        stratum=stratum,
        psu=psu,
        population=population,
        margins=margins,
    )
    found = _matched(sides, names) if match else _independent(sides, managers_population)
    gap, few, thin = found.gap, found.n_managers < FEW, found.n_managers < SPREAD_FROM
    effect = hedges_factor(gap.df) * ratio(gap.estimate, (found.std_dev_customers + found.std_dev_managers) / 2)
    columns = {
        "n": found.n,
        "n_eff": found.sample.n_eff,
        "start": found.start,
        "end": found.end,
        **gap._asdict(),
        "p_value": np.where(few, np.nan, t_p_value(*gap)),
        "effect": np.where(thin, np.nan, effect),
        "n_managers": found.n_managers,
        "units": found.units,
        "std_dev_customers": found.std_dev_customers,
        "std_dev_managers": np.where(thin, np.nan, found.std_dev_managers),
        "manager_low": np.where(thin, np.nan, found.manager_low),
        "manager_high": np.where(thin, np.nan, found.manager_high),
        "gap_pomp": 100 * gap.estimate / (limits[1] - limits[0]) if limits else np.nan,
    }
    hidden = (found.n_managers > 0) & (found.n_managers < least)
    also = withheld(
        hidden | too_few(found.n, min_n),
        (found.n, exposed_lines(found.scores, names, min_n), min_n),
        (found.n_managers, rater_lines(found.asked, found.cells, names, least), least),
    )
    return finish(
        found.cells.assign(**columns),
        _flags(found),
        gap="knowledge",
        by=names,
        unit="scale points",
        conf_level=conf_level,
        margin=margin,
        scale=limits,
        min_n=min_n,
        hidden=hidden,
        also=also,
        confirmatory=confirmatory,
        expectation_type=expectation_type,
        score=score_words(names, dimensional=sides.scores.dimensional),
    )


class _Found(NamedTuple):
    """What is known of each cell, one entry a cell; `sample` is of what is one, customers or matched units.

    `asked` says which manager (row) has a score in which cell (column).
    """

    cells: pd.DataFrame
    scores: Scores
    sample: Means
    n: Floats
    start: Floats
    end: Floats
    gap: Difference
    n_managers: Floats
    units: Floats
    std_dev_customers: Floats
    std_dev_managers: Floats
    manager_low: Floats
    manager_high: Floats
    census: np.ndarray
    partial: np.ndarray
    asked: np.ndarray


def _independent(sides: Sides, managers_population: int | bool | None) -> _Found:
    """Compare two samples in each cell."""
    asked, cells = sides.raters.n, len(sides.cells)
    there = managers_there(sides, managers_population)
    raters, customers = of_finite(sides.raters, there), sides.own_means
    return _Found(
        cells=sides.cells,
        scores=sides.scores,
        sample=customers,
        n=customers.n,
        start=customers.mean,
        end=raters.mean,
        gap=difference(customers, raters),
        n_managers=asked,
        units=np.full(cells, np.nan),
        std_dev_customers=sides.std_dev_customers,
        std_dev_managers=sides.std_dev_raters,
        manager_low=np.fmin.reduce(sides.matrix, axis=0),
        manager_high=np.fmax.reduce(sides.matrix, axis=0),
        census=(asked > 0) & (asked == there),
        partial=sides.partial,
        asked=np.isfinite(sides.matrix),
    )


def _matched(sides: Sides, names: Sequence[str]) -> _Found:
    """Take the gap in each unit, then its mean over the units of a cell: they, not people, are the sample."""
    cells = distinct(sides.cells, names)
    both = np.isfinite(sides.asked) & np.isfinite(sides.raters.mean)
    place, size = positions(sides.cells, cells, names), len(cells)
    cell, start, end = place[both], sides.asked[both], sides.raters.mean[both]
    units, ones = simple_means(end - start, cell, size), np.ones(len(cell))
    scores, people = sides.scores, len(sides.scores.design.weight)
    kept = both[scores.cell] & (scores.design.weight[scores.respondent] > 0)
    code = np.unique((place[scores.cell] * people + scores.respondent)[kept])
    rater, column = np.nonzero(np.isfinite(sides.matrix) & both)
    asked = np.zeros((len(sides.matrix), size), bool)
    asked[rater, place[column]] = True
    low, high = np.full(size, np.inf), np.full(size, -np.inf)
    np.minimum.at(low, place[column], sides.matrix[rater, column])
    np.maximum.at(high, place[column], sides.matrix[rater, column])
    return _Found(
        cells=cells,
        scores=scores._replace(cells=cells, cell=code // people, respondent=code % people, gap=np.zeros(len(code))),
        sample=units,
        n=sum_by(code // people, size),
        start=ratio(sum_by(cell, size, start), units.n),
        end=ratio(sum_by(cell, size, end), units.n),
        gap=Difference(units.mean, units.std_error, units.df),
        n_managers=asked.sum(axis=0).astype(float),
        units=units.n,
        std_dev_customers=std_devs(start, cell, size, ones),
        std_dev_managers=std_devs(end, cell, size, ones),
        manager_low=low,
        manager_high=high,
        census=np.zeros(size, bool),
        partial=sum_by(cell, size, sides.partial[both]) > 0,
        asked=asked,
    )


def _flags(found: _Found) -> list[set[str]]:
    sample, several = found.sample, found.sample.n > 1
    marks = {
        "EMPTY": (sample.n == 0) | (found.n_managers == 0),
        "N1": sample.n == 1,
        "ZERO_VAR": several & (found.gap.std_error == 0),
        "UNSTABLE": several & (sample.n_eff < 30),
        "LOW_DF": several & ~(sample.df >= 8),
        "LONELY_PSU": sample.lonely,
        "PARTIAL": found.partial,
        "FEW_RATERS": (found.n_managers > 0) & (found.n_managers < FEW),
        "CENSUS": found.census,
    }
    return [{flag for flag, mark in marks.items() if mark[cell]} for cell in range(len(found.cells))]
