"""Gap 5: what customers perceived against what they expected."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from narwhals.stable.v2.typing import IntoFrame

from cxgap._check import check_choice, check_count, check_prob, check_scale
from cxgap.gaps.asking import SCORES, check_expectation_type, grouping, margin_of, score_words
from cxgap.gaps.cells import OWN_COLUMNS, estimate_cells, figures_of, flag_cells
from cxgap.gaps.design import UNIT
from cxgap.gaps.finish import finish, not_measured
from cxgap.gaps.intervals import INTERVALS, cell_intervals, class_intervals, interval_words, student_intervals
from cxgap.gaps.judge import blank_thin, exposed_lines
from cxgap.gaps.margins import Margins
from cxgap.gaps.scores import MISSING, respondent_scores
from cxgap.gaps.shrunk import SHRUNK_COLUMNS, shrunk_columns
from cxgap.gaps.summary import read_summary, summarises
from cxgap.result import COLUMNS, GapTable
from cxgap.tables.absent import absent

UNPAIRED = "no answer has both an expectation and a perception"
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
    margins: Margins | None = None,
    importance: str | None = None,
    importance_kind: str = "points",
    missing: str = "half",
    scale: Sequence[float] | None = None,
    expectation_type: str | None = None,
    margin: float | None = None,
    min_n: int = 1,
    conf_level: float = 0.95,
    confirmatory: str | Collection[str] = (),
    ci: str = "t",
    replicates: int | None = None,
    seed: int = 0,
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
    margins : population totals, or shares, by column and value, such as {"age": {"18-34": 410, "35+": 590}}; weights are
        raked to them, and standard errors take account of it; commas in a name cross columns
    importance : column of importance, for the importance-weighted gap beside the plain one
    importance_kind : "points" (100 spread over the dimensions; sums of 95 to 105 are rescaled, others left out) or
        "rating" (of each item, as a share of the respondent's ratings at the touchpoint, or of all with score="items")
    missing : how many of its parts a score needs: "half" of them (at least), "pairwise" (any pair that is there; also called
        available pairs), or "listwise" (only visits at which every retained item was answered twice)
    scale : lowest and highest answer, such as (1, 7); sets the default margin and the share of the range
    expectation_type : what respondents were asked to expect, for the caption
    margin : largest gap that still counts as met, in scale points; 5 % of the scale's range if `scale` is given
    min_n : cells with fewer respondents are blanked, and others where they could be told by subtraction; and so is the
        importance-weighted gap where fewer gave their importance
    conf_level : two-sided, in (0, 1)
    confirmatory : cuts declared before the data were seen, each as in `by`; their p-values are adjusted by Holm (at
        most 10 tests), those of all other tables by Benjamini & Hochberg
    ci : how the gap's interval is made: "t" (Student's), "boot_t" (bootstrap-t, for skewed scores of 15 to 100 respondents),
        "percentile" or "bca" (bootstrap); p-values, and the intervals of `servperf` and `importance_gap`, are Student's
    replicates : of the bootstrap. Not given, "percentile" and "bca" are those of infinitely many, of which none is drawn, and
        "boot_t" draws 1,999; 9,999 for what will be printed
    seed : of the random numbers, where replicates are drawn

    Returns
    -------
    GapTable with one row a cell: `n` respondents; `start` and `end`, the mean expectation and perception over the
    same pairs; `estimate` to `conf_high` in scale points; `effect`, Hedges' g_av. After them: `pairs` (answers),
    `std_dev` of the gap, `d_z`, `gap_pomp` (per cent of the scale's range), `share_below`, `share_equal` and
    `share_above` (of respondents, weighted), `servperf` and `importance_gap`, each with
    interval and respondents (`_low`, `_high`, `_n`),
    `product_of_means` and `heterogeneity` (their difference from it), and
    `ci_method`, the interval that the gap got: as `ci` says, "degenerate" where all gaps are the same, or what stands in for
    it (flag CI_FALLBACK); `mdg`, the smallest gap that would be found in 4 of 5 samples; and `shrunk`, the gap after cells
    borrowed strength from each other, with `shrunk_low`, `shrunk_high`, `shrinkage` and `tau` (see `shrunk_columns`): for
    ranking, not for tests. A cell of one respondent has
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
    names = grouping(by, {UNIT, "expectation", "perception", *COLUMNS, *OWN_COLUMNS, *SHRUNK_COLUMNS})
    check_choice(score, "score", SCORES)
    check_choice(importance_kind, "importance_kind", IMPORTANCE_KINDS)
    check_choice(missing, "missing", MISSING)
    check_expectation_type(expectation_type)
    check_choice(ci, "ci", INTERVALS)
    limits, min_n, conf_level = check_scale(scale), check_count(min_n, "min_n"), check_prob(conf_level, "conf_level")
    count = None if replicates is None else check_count(replicates, "replicates")
    if why := absent(responses):
        return not_measured("customer", names, why, unit="scale points", conf_level=conf_level)

    how: dict[str, Any] = {
        "start": "expectation", "end": "perception", "by": names, "score": score, "missing": missing,
        "weight": weight, "stratum": stratum, "psu": psu, "population": population,
    }  # fmt: skip
    designed = any((weight, stratum, psu, population))
    drawn = ci == "boot_t" or (ci != "t" and (designed or replicates is not None))
    summary = None
    if summarises(responses, margins=margins, importance=importance, missing=missing, drawn=drawn):
        summary = read_summary(responses, **how, scale=limits)
    if summary is not None:
        figures, dimensional, people = summary.figures, summary.dimensional, summary.people
    else:
        scores = respondent_scores(
            responses, **how, margins=margins, importance=importance, importance_kind=importance_kind
        )  # fmt: skip
        figures, dimensional, people = figures_of(scores), scores.dimensional, len(scores.design.weight)
    if not figures.pairs.any() and people >= min_n > 1:  # one of the two was not asked; nobody is exposed
        return not_measured("customer", names, UNPAIRED, unit="scale points", conf_level=conf_level)
    cells, gap = estimate_cells(figures, conf_level=conf_level, scale=limits)
    flags, lines = flag_cells(figures), []
    if summary is not None:
        if ci == "t":
            intervals, fell = student_intervals(gap, conf_level=conf_level)
        else:
            cell, value, times = summary.gaps()
            intervals, fell = class_intervals(value, times, cell, gap, ci=ci, conf_level=conf_level)
        lines = summary.lines(min_n, limits)
    else:
        intervals, fell = cell_intervals(scores, gap, ci=ci, conf_level=conf_level, seed=seed, count=count)
        lines = exposed_lines(scores, names, min_n)
    gaps = finish(
        cells.assign(**intervals),
        [found | also for found, also in zip(flags, fell, strict=True)],
        gap="customer",
        by=names,
        unit="scale points",
        conf_level=conf_level,
        margin=margin_of(margin, limits),
        scale=limits,
        min_n=min_n,
        confirmatory=confirmatory,
        lines=lines,
        expectation_type=expectation_type,
        score=score_words(names, dimensional=dimensional) + interval_words(ci, count),
    )
    people, performing = cells["n"].to_numpy(), cells["servperf_n"].to_numpy()
    frame = blank_thin(gaps.frame, people, performing, min_n)
    return replace(gaps, frame=shrunk_columns(frame, gaps.by, conf_level=conf_level))
