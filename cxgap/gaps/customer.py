"""Gap 5: what customers perceived against what they expected."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from narwhals.stable.v2.typing import IntoFrame

from cxgap._check import check_choice, check_count, check_prob, check_scale
from cxgap.gaps.asking import SCORES, check_expectation_type, grouping, margin_of, score_words
from cxgap.gaps.cells import OWN_COLUMNS, estimate_cells, flag_cells
from cxgap.gaps.design import UNIT
from cxgap.gaps.finish import finish
from cxgap.gaps.judge import blank_thin, exposed_lines
from cxgap.gaps.scores import respondent_scores
from cxgap.result import COLUMNS, GapTable

IMPORTANCE_KINDS = ("points", "rating")


def customer_gap(
    responses: IntoFrame,
    *,
    by: str | Sequence[str] = "touchpoint",
    score: str = "dimensions",
    weight: str | None = None,
    stratum: str | None = None,
    psu: str | None = None,
    population: str | None = None,
    importance: str | None = None,
    importance_kind: str = "points",
    scale: Sequence[float] | None = None,
    expectation_type: str | None = None,
    margin: float | None = None,
    min_n: int = 1,
    conf_level: float = 0.95,
    confirmatory: str | Collection[str] = (),
) -> GapTable:
    """Score what customers perceived against what they expected (gap 5).

    Perception minus expectation: negative is a shortfall. A respondent's answers are averaged first, because
    respondents, not answers, are the independent units: items to dimensions, dimensions to the touchpoint, and over
    the touchpoints that the respondent used, each where at least half of the parts were answered. Without design
    columns a cell's interval is Student's for paired values; with any, it is design-based (Taylor linearisation), and
    respondents outside the cell stay in the design.

    Parameters
    ----------
    responses : pandas, Polars, DuckDB, PyArrow or PySpark frame, one row an answer
        Has `respondent_id`, `expectation` and `perception` (scale points), and the columns in `by`; where it has
        them, `touchpoint`, `dimension`, `item`, `wave` and `retained` shape the scores. An answer that lacks either
        rating is left out of the gap; its perception still counts for SERVPERF.
    by : columns whose combinations make the cells; "" is all together; commas cross columns
    score : "dimensions" (mean of dimension means) or "items" (mean of items)
    weight : column of survey weights; non-negative, constant within a respondent
    stratum, psu : columns of the strata and primary sampling units; a respondent is a unit where `psu` is not given
    population : column with the number of sampling units in the population of the stratum
    importance : column of importance, for the importance-weighted gap beside the plain one
    importance_kind : "points" (100 spread over the dimensions; sums of 95 to 105 are rescaled, others left out) or
        "rating" (of each item, as a share of the respondent's ratings at the touchpoint, or of all with score="items")
    scale : lowest and highest answer, such as (1, 7); sets the default margin and the share of the range
    expectation_type : what respondents were asked to expect, for the caption
    margin : largest gap that still counts as met, in scale points; 5 % of the scale's range if `scale` is given
    min_n : cells with fewer respondents are blanked, and others where they could be told by subtraction; and so is the
        importance-weighted gap where fewer gave their importance
    conf_level : two-sided, in (0, 1)
    confirmatory : cuts declared before the data were seen, each as in `by`; their p-values are adjusted by Holm (at
        most 10 tests), those of all other tables by Benjamini & Hochberg

    Returns
    -------
    GapTable with one row a cell: `n` respondents; `start` and `end`, the mean expectation and perception over the
    same pairs; `estimate` to `conf_high` in scale points; `effect`, Hedges' g_av. After them: `pairs` (answers),
    `std_dev` of the gap, `d_z`, `gap_pomp` (per cent of the scale's range), `share_below`, `share_equal` and
    `share_above` (of respondents, weighted), `servperf` and `importance_gap`, each with
    interval and respondents (`_low`, `_high`, `_n`),
    `product_of_means` and `heterogeneity` (their difference from it). A cell of one respondent has
    NaN after `estimate`; a cell of none has NaN in all.

    Raises
    ------
    ColumnError : `responses` lacks a column.
    ArgumentError : an argument is not what it must be, or weights or design columns are not usable.

    References
    ----------
    Parasuraman, Zeithaml & Berry (1988), Journal of Retailing 64(1), 12-40.
    Cronin & Taylor (1992), Journal of Marketing 56(3), 55-68 (SERVPERF).
    Lumley (2004), Journal of Statistical Software 9(8) (linearisation).
    """
    names = grouping(by, {UNIT, "expectation", "perception", *COLUMNS, *OWN_COLUMNS})
    check_choice(score, "score", SCORES)
    check_choice(importance_kind, "importance_kind", IMPORTANCE_KINDS)
    check_expectation_type(expectation_type)
    limits, min_n, conf_level = check_scale(scale), check_count(min_n, "min_n"), check_prob(conf_level, "conf_level")

    scores = respondent_scores(
        responses,
        start="expectation",
        end="perception",
        by=names,
        score=score,
        weight=weight,
        stratum=stratum,
        psu=psu,
        population=population,
        importance=importance,
        importance_kind=importance_kind,
    )
    cells, gap = estimate_cells(scores, conf_level=conf_level, scale=limits)
    gaps = finish(
        cells,
        flag_cells(scores, gap),
        gap="customer",
        by=names,
        unit="scale points",
        conf_level=conf_level,
        margin=margin_of(margin, limits),
        scale=limits,
        min_n=min_n,
        confirmatory=confirmatory,
        lines=exposed_lines(scores, names, min_n),
        expectation_type=expectation_type,
        score=score_words(names, dimensional=scores.dimensional),
    )
    people, performing = cells["n"].to_numpy(), cells["servperf_n"].to_numpy()
    return replace(gaps, frame=blank_thin(gaps.frame, people, performing, min_n))
