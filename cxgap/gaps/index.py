"""Gaps 2 to 4 as their authors asked for them: staff rate how well a thing is done, which is no difference of two levels."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap._check import check_choice, check_count, check_prob, check_scale
from cxgap.errors import ArgumentError
from cxgap.gaps.asking import check_answers, grouping, margin_of
from cxgap.gaps.finish import INNER, finish, not_measured
from cxgap.gaps.judge import rater_lines
from cxgap.gaps.raters import FEW, RaterScores, rater_scores
from cxgap.gaps.scores import ITEMS
from cxgap.result import COLUMNS, GapTable
from cxgap.stats.means import Floats, Means, simple_means, std_devs, t_interval
from cxgap.tables.absent import absent

RATINGS = {"standards": "standard", "delivery": "delivered", "communication": "promised"}
SCORE = "index: rating minus the best answer, never added to differences"
OWN_COLUMNS = ("std_dev", "gap_pomp", "no_standard", "without")
RATED, TICKED = "_rated", "_ticked"


def index_gap(
    staff: IntoFrame,
    *,
    of: str,
    rating: str | None = None,
    by: str | Sequence[str] = "touchpoint",
    rater: str = "employee_id",
    no_standard: str | float | None = None,
    scale: Sequence[float] | None = None,
    min_staff: int = 5,
    margin: float | None = None,
    min_n: int = 1,
    conf_level: float = 0.95,
    confirmatory: str | Collection[str] = (),
) -> GapTable:
    """Score a direct rating of standards, delivery or promises as an index: the rating minus the best answer.

    The published questions for gaps 2 to 4 ask staff how well a thing is done: how far standards are set, and how far
    standards and promises can be met. Such a rating stands on no ladder of expectation or perception. Its index, at
    most 0, may be ranked and followed over time; it is never to be added to a gap that is a difference, nor put into a
    chain of such gaps. A cell's interval is Student's, cut off at the ends of the scale. There is no p-value: that
    everybody gives the best answer is refuted by one who does not.

    Parameters
    ----------
    staff : pandas, Polars, DuckDB, PyArrow or PySpark frame, one row a rating
        Has `rater`, `rating` and the columns in `by`; items are averaged to dimensions, and these to touchpoints, as
        in `customer_gap`.
    of : "standards", "delivery" or "communication"
    rating : column of the ratings; by default "standard", "delivered" or "promised"
    by : columns whose combinations make the cells; "" is all together; commas cross columns
    rater : column that names the member of staff
    no_standard : how the box "no standard exists" was recorded: a column of true and false, or a code in `rating` that
        lies outside the scale. Such an answer counts as the lowest
    scale : lowest and highest answer, such as (1, 7); the best answer is the highest
    min_staff : cells with fewer members of staff are blanked
    margin : largest distance from the best answer that still counts as met; 5 % of the scale's range if not given
    min_n : as `min_staff`; the larger of the two counts
    conf_level : two-sided, in (0, 1)
    confirmatory : as in `customer_gap`

    Returns
    -------
    GapTable with one row a cell, its `basis` "index": `n` members of staff; `start`, the best answer; `end`, the mean
    rating; `estimate`, never above 0. After them: `std_dev`, `gap_pomp` (per cent of the scale's range), `no_standard`
    (members of staff who ticked the box at least once; NaN without one) and `without` (the estimate when those answers
    are left out; NaN also where fewer than the minimum remain).

    Raises
    ------
    ColumnError : `staff` lacks a column.
    ArgumentError : an argument is not what it must be, or a rating lies outside `scale`.

    References
    ----------
    Parasuraman, Berry & Zeithaml (1991), Human Resource Management 30(3), 335-364.
    """
    check_choice(of, "of", RATINGS)
    conf_level, rating = check_prob(conf_level, "conf_level"), rating or RATINGS[of]
    names, limits = grouping(by, {rater, rating, *COLUMNS, *OWN_COLUMNS}), check_scale(scale)
    least = max(check_count(min_n, "min_n"), check_count(min_staff, "min_staff"))
    if why := absent(staff):
        return not_measured(
            of,
            names,
            why,
            unit="scale points",
            conf_level=conf_level,
            scale=limits,
            score=SCORE,
            basis="index",
            counts="employee",
        )
    if limits is None:
        raise ArgumentError(
            "`scale` must be the question's lowest and highest answer, such as (1, 7); the index ends at the best."
        )
    margin = margin_of(margin, limits)
    low, high = limits
    marked = _marked(staff, rating, rater, no_standard, limits)
    ticked = nw.col(TICKED)
    rated = marked.with_columns(nw.when(ticked).then(nw.lit(low)).otherwise(nw.col(RATED)).alias(RATED)).to_native()
    check_answers(rated, RATED, limits, f"`staff` must hold ratings from {low:g} to {high:g} in {rating!r}")
    scores = rater_scores(rated, RATED, rater=rater, by=names)
    means = _means(scores)
    estimate = np.minimum(means.mean - high, 0.0)
    columns = {
        "n": means.n,
        "n_eff": means.n_eff,
        "start": np.where(means.n > 0, high, np.nan),
        "end": means.mean,
        "estimate": estimate,
        "std_error": means.std_error,
        "df": means.df,
        "p_value": np.full(len(estimate), np.nan),
        "std_dev": std_devs(scores.value, scores.cell, len(estimate), np.ones(len(scores.value))),
        "gap_pomp": 100 * estimate / (high - low),
        "no_standard": np.full(len(estimate), np.nan),
        "without": np.full(len(estimate), np.nan),
    }
    for ends, level in ((("conf_low", "conf_high"), conf_level), (INNER, 2 * conf_level - 1)):
        interval = t_interval(estimate, means.std_error, means.df, conf_level=level)
        columns |= {name: np.clip(end, low - high, 0.0) for name, end in zip(ends, interval, strict=True)}
    if no_standard is not None:
        rest = marked.with_columns(nw.when(~ticked).then(nw.col(RATED)).alias(RATED)).to_native()
        others = _means(rater_scores(rest, RATED, rater=rater, by=names))
        columns["no_standard"] = _count(marked.filter(ticked).to_native(), rater, names, scores.cells)
        columns["without"] = np.where(others.n >= least, others.mean - high, np.nan)
    return finish(
        scores.cells.assign(**columns),
        _flags(means, columns["no_standard"]),
        gap=of,
        by=names,
        unit="scale points",
        conf_level=conf_level,
        margin=margin,
        scale=limits,
        min_n=least,
        confirmatory=confirmatory,
        lines=rater_lines(np.isfinite(scores.matrix), scores.cells, names, least),
        basis="index",
        counts="employee",
        score=SCORE,
    )


def _marked(
    staff: IntoFrame, rating: str, rater: str, no_standard: str | float | None, scale: tuple[float, float]
) -> nw.DataFrame | nw.LazyFrame:
    """Copy the ratings to RATED, and say in TICKED where no standard exists."""
    tally.require(staff, [rater, rating, *([no_standard] if isinstance(no_standard, str) else [])], "staff")
    table = nw.from_native(staff)
    schema = table.collect_schema()
    if not schema[rating].is_numeric():
        raise ArgumentError(f"`staff` must hold numbers in {rating!r}, not {schema[rating]}; read the file with read_study.")
    number = nw.col(rating).cast(nw.Float64)
    box = nw.lit(False)
    if isinstance(no_standard, str):
        if schema[no_standard] != nw.Boolean:
            raise ArgumentError(f"`staff` must hold true or false in {no_standard!r}, not {schema[no_standard]}.")
        box = nw.col(no_standard)
    elif no_standard is not None:
        if scale[0] <= no_standard <= scale[1]:
            raise ArgumentError(
                f"`no_standard` must be a code outside the scale of {scale[0]:g} to {scale[1]:g}, not {no_standard:g}."
            )
        box = number == float(no_standard)
    ticked = nw.when(~box.is_null()).then(box).otherwise(nw.lit(False))
    return table.with_columns(number.alias(RATED), ticked.alias(TICKED))


def _means(scores: RaterScores) -> Means:
    return simple_means(scores.value, scores.cell, len(scores.cells))


def _count(ticked: IntoFrame, rater: str, by: Sequence[str], cells: pd.DataFrame) -> Floats:
    """Count the members of staff of each cell who ticked the box at least once."""
    if "retained" in tally.columns_of(ticked) and ITEMS.isdisjoint(by):
        ticked = tally.keep_true(ticked, "retained")
    people = tally.tally_distinct(ticked, [*by, rater])
    if not by:
        return np.array([float(len(people))])
    counts = people[list(by)].astype(object).value_counts(dropna=False)
    return counts.reindex(pd.MultiIndex.from_frame(cells[list(by)].astype(object)), fill_value=0).to_numpy(float)


def _flags(means: Means, ticked: Floats) -> list[set[str]]:
    marks = {
        "EMPTY": means.n == 0,
        "N1": means.n == 1,
        "FEW_RATERS": (means.n > 0) & (means.n < FEW),
        "NO_STANDARD": ticked > 0,
        "UNSTABLE": (means.n > 1) & (means.n < 30),
        "LOW_DF": (means.n > 1) & ~(means.df >= 8),
        "ZERO_VAR": means.std_error == 0,
    }
    return [{flag for flag, mark in marks.items() if mark[cell]} for cell in range(len(means.n))]
