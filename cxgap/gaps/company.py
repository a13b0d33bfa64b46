"""Gap 0: how the company rates itself, against how its customers rate it, question by question."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
from narwhals.stable.v2.typing import IntoFrame

from cxgap._check import check_choice, check_count, check_prob, check_scale
from cxgap.errors import ArgumentError
from cxgap.gaps.asking import SCORES, check_expectation_type, grouping, margin_of, score_words
from cxgap.gaps.design import UNIT
from cxgap.gaps.finish import finish, not_measured
from cxgap.gaps.judge import exposed_lines, rater_lines, withheld
from cxgap.gaps.margins import Margins
from cxgap.gaps.raters import FEW, Sides
from cxgap.gaps.reach import Shares, check_cut, on_one_scale, shares_at
from cxgap.gaps.spared import spared
from cxgap.result import COLUMNS, GapTable
from cxgap.stats.differences import Difference, difference
from cxgap.stats.effects import hedges_factor
from cxgap.stats.means import Floats, ratio, sum_by, t_p_value
from cxgap.stats.ordinal import DECIMALS, compare, superiority_interval
from cxgap.stats.privacy import too_few
from cxgap.stats.proportions import newcombe
from cxgap.tables.absent import absent
from cxgap.vocabulary import SHARE

MEASURES = ("mean", "top_box")
OWN_COLUMNS = (
    "n_company", "gap_pomp",
    "share_company", "share_company_low", "share_company_high",
    "share_customers", "share_customers_low", "share_customers_high",
    "top_box_difference", "top_box_difference_low", "top_box_difference_high",
    "w1", "pure_shift", "kolmogorov", "superiority", "superiority_low", "superiority_high",
)  # fmt: skip


@spared
def company_gap(
    responses: IntoFrame,
    company: IntoFrame,
    *,
    by: str | Sequence[str] = "touchpoint",
    rating: str = "rating",
    rater: str = "manager_id",
    answer: str = "perception",
    score: str = "dimensions",
    measure: str = "mean",
    cut: float | None = None,
    min_company: int = 5,
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
    """Score how customers rate the company against how it rates itself on the same questions (gap 0).

    Customers' rating minus the company's own: negative says that the company flatters itself. Both sides must have
    answered the same questions in the same words on the same scale; no conversion makes different wordings comparable.
    Each person's answers are averaged first, in the steps of `customer_gap`, and where a cell lumps touchpoints the
    company's are weighed as its customers use them. The samples are independent: Welch's interval, with the
    design-based error of the customers.

    Parameters
    ----------
    responses : pandas, Polars, DuckDB, PyArrow or PySpark frame, one row an answer of a customer
        Has `respondent_id`, `answer` and the columns in `by`; as for `customer_gap`.
    company : such a frame, one row an answer of somebody in the company
        Has `rater`, `rating`, and whatever of touchpoint, dimension and item customers have. Columns of `by` that it
        lacks, such as a segment, cut the customers only.
    rating, answer : columns of the ratings of the company and of the customers
    rater : column that names the person in the company
    measure : "mean", or "top_box": the share of people whose score reaches `cut`, with the interval of Newcombe
    cut : the score that counts as superior; the best answer of the scale if not given
    min_company : cells that fewer people in the company rated are blanked
    by, score, weight, stratum, psu, population, margins, expectation_type, min_n, confirmatory : as in `customer_gap`
    scale : lowest and highest answer, such as (1, 7), of both sides
    margin : largest gap that still counts as met, in scale points; for shares, the same part of their range
    conf_level : two-sided, in (0, 1)

    Returns
    -------
    GapTable with one row a cell: `n` customers; `start`, the company's own mean (or share), and `end`, the customers';
    `estimate` to `conf_high` in scale points or as a share; `effect`, the gap over the mean of the two standard deviations
    with Hedges' factor, or Cohen's h. After them `n_company`, `gap_pomp` (of the means); `share_company`,
    `share_customers` and `top_box_difference`, each with interval (`_low`, `_high`), by `cut`; and of the two
    distributions of scores `w1`, `pure_shift` (the part of `w1` that the difference of the means shows), `kolmogorov` and
    `superiority` (chance that the company's score is above a customer's, ties half) with its bootstrap interval. With
    fewer than 15 raters there is no p-value.

    Raises
    ------
    ColumnError : a table lacks a column.
    ArgumentError : an argument is not what it must be, an answer of either side lies outside `scale`, or weights or
        design columns are not usable.

    References
    ----------
    Newcombe (1998), Statistics in Medicine 17(8), 873-890, method 10.
    Vargha & Delaney (2000), Journal of Educational and Behavioral Statistics 25(2), 101-132 (superiority).
    Cohen (1988), Statistical Power Analysis for the Behavioral Sciences (h).
    """
    names = grouping(by, {UNIT, rater, rating, answer, *COLUMNS, *OWN_COLUMNS})
    check_choice(score, "score", SCORES)
    check_choice(measure, "measure", MEASURES)
    check_expectation_type(expectation_type)
    conf_level, limits = check_prob(conf_level, "conf_level"), check_scale(scale)
    min_n, least = check_count(min_n, "min_n"), check_count(min_company, "min_company")
    margin, cut = margin_of(margin, limits), check_cut(cut, limits)
    length = limits[1] - limits[0] if limits else np.nan
    unit, ladder, why = "scale points", limits, absent(responses, company)
    if measure == "top_box" and why:
        unit, ladder = SHARE, (0.0, 1.0)
    elif measure == "top_box":
        if limits is None or margin is None:
            raise ArgumentError('`scale` must be the lowest and highest answer, such as (1, 7), where `measure` is "top_box".')
        unit, ladder, margin = SHARE, (0.0, 1.0), margin / length
    if why:
        return not_measured("company", names, why, unit=unit, conf_level=conf_level)

    design: dict[str, Any] = {"weight": weight, "stratum": stratum, "psu": psu, "population": population, "margins": margins}
    sides = on_one_scale(
        responses, company, answer=answer, rating=rating, rater=rater, by=names, score=score, scale=limits, **design
    )
    customers, asked = sides.own_means, sides.raters.n
    hidden = (asked > 0) & (asked < least)
    few = hidden | too_few(customers.n, min_n)
    also = withheld(
        few,
        (customers.n, exposed_lines(sides.scores, names, min_n), min_n),
        (asked, rater_lines(np.isfinite(sides.matrix), sides.cells, names, least), least),
    )
    means = difference(sides.raters, customers)
    shares = shares_at(sides, cut, conf_level=conf_level)
    columns = _of_means(sides, means) if measure == "mean" else _of_shares(shares, conf_level)
    columns["p_value"] = np.where(asked < FEW, np.nan, columns["p_value"])
    columns |= {
        "n_company": asked,
        "gap_pomp": 100 * means.estimate / length,
        "share_company": shares.company.mean,
        "share_company_low": shares.company_low,
        "share_company_high": shares.company_high,
        "share_customers": shares.customers.mean,
        "share_customers_low": shares.customers_low,
        "share_customers_high": shares.customers_high,
        "top_box_difference": shares.difference,
        "top_box_difference_low": shares.low,
        "top_box_difference_high": shares.high,
        **_distributions(sides, ~(few | also), conf_level),
    }
    said = score_words(names, dimensional=sides.scores.dimensional)
    return finish(
        sides.cells.assign(n=customers.n, n_eff=customers.n_eff, **columns),
        _flags(sides, columns["std_error"], columns["df"]),
        gap="company",
        by=names,
        unit=unit,
        conf_level=conf_level,
        margin=margin,
        scale=ladder,
        min_n=min_n,
        hidden=hidden,
        also=also,
        confirmatory=confirmatory,
        score=said if measure == "mean" else f"share of people whose {said} is at least {cut:g}",
    )


def _of_means(sides: Sides, gap: Difference) -> dict[str, Floats]:
    spread = (sides.std_dev_raters + sides.std_dev_customers) / 2
    return {
        "start": sides.raters.mean,
        "end": sides.asked,
        **gap._asdict(),
        "effect": hedges_factor(gap.df) * ratio(gap.estimate, spread),
        "p_value": t_p_value(*gap),
    }


def _of_shares(shares: Shares, conf_level: float) -> dict[str, Floats]:
    """Take the difference of the shares for the gap; its test is the pooled one of two proportions."""
    from scipy.special import ndtr

    company, customers = shares.company, shares.customers
    counts = shares.n_eff * customers.mean, company.n * company.mean
    pooled = ratio(counts[0] + counts[1], shares.n_eff + company.n)
    variance = pooled * (1 - pooled) * (ratio(np.ones(len(pooled)), shares.n_eff) + ratio(np.ones(len(pooled)), company.n))
    z = ratio(np.abs(shares.difference), np.sqrt(variance))
    _, inner_low, inner_high = newcombe(counts[0], shares.n_eff, counts[1], company.n, conf_level=2 * conf_level - 1)
    gap = difference(company, customers)
    return {
        "start": company.mean,
        "end": customers.mean,
        "estimate": shares.difference,
        "std_error": gap.std_error,
        "df": gap.df,
        "conf_low": shares.low,
        "conf_high": shares.high,
        "inner_low": inner_low,
        "inner_high": inner_high,
        "effect": 2 * (np.arcsin(np.sqrt(customers.mean)) - np.arcsin(np.sqrt(company.mean))),
        "p_value": 2 * ndtr(-z),
    }


def _distributions(sides: Sides, shown: np.ndarray, conf_level: float) -> dict[str, Floats]:
    """Compare the two distributions of scores in each cell that is shown."""
    scores, design = sides.scores, sides.scores.design
    weight = design.weight[scores.respondent]
    stratum_of = np.zeros(design.psu.max() + 1, np.int64)
    stratum_of[design.psu] = design.stratum
    sizes = sum_by(stratum_of, len(design.population))
    found = np.full((len(sides.cells), 6), np.nan)
    for cell in np.flatnonzero(shown & (sides.raters.n > 0) & (sides.customers.n > 0)):
        company = np.round(sides.matrix[np.isfinite(sides.matrix[:, cell]), cell], DECIMALS)
        inside = (scores.cell == cell) & (weight > 0)
        customers, weights, people = sides.own[inside], weight[inside], scores.respondent[inside]
        values, place = np.unique(np.concatenate([company, customers]), return_inverse=True)
        tables = (
            sum_by(place[: len(company)], len(values))[None],
            sum_by(place[len(company) :], len(values), weights)[None],
        )
        alike = compare(*tables, values)
        drawn = (design.stratum[people], design.psu[people], sizes)
        if not scores.designed:
            drawn = (np.zeros(len(people), np.int64), np.arange(len(people)), np.array([float(len(people))]))
        interval = superiority_interval(company, customers, weights, *drawn, conf_level=conf_level)
        found[cell] = (alike.w1[0], alike.pure_shift[0], alike.kolmogorov[0], alike.superiority[0], *interval)
    names = ("w1", "pure_shift", "kolmogorov", "superiority", "superiority_low", "superiority_high")
    return dict(zip(names, found.T, strict=True))


def _flags(sides: Sides, std_error: Floats, df: Floats) -> list[set[str]]:
    customers, asked = sides.customers, sides.raters.n
    several = customers.n > 1
    marks = {
        "EMPTY": (customers.n == 0) | (asked == 0),
        "N1": customers.n == 1,
        "ZERO_VAR": several & (std_error == 0),
        "UNSTABLE": several & (customers.n_eff < 30),
        "LOW_DF": several & np.isfinite(std_error) & ~(df >= 8),
        "LONELY_PSU": customers.lonely,
        "PARTIAL": sides.partial,
        "FEW_RATERS": (asked > 0) & (asked < FEW),
    }
    return [{flag for flag, mark in marks.items() if mark[cell]} for cell in range(len(sides.cells))]
