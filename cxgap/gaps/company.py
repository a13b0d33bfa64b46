"""Gap 0: how the company rates itself, against how its customers rate it, question by question."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from numbers import Real
from typing import NamedTuple

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap import tally
from cxgap._check import as_names, check_choice, check_count, check_positive, check_prob, check_scale
from cxgap.errors import ArgumentError
from cxgap.gaps.customer import SCORES
from cxgap.gaps.design import UNIT
from cxgap.gaps.finish import finish, not_measured
from cxgap.gaps.index import check_answers
from cxgap.gaps.judge import exposed_lines
from cxgap.gaps.raters import compare
from cxgap.gaps.scores import ITEMS, Scores, respondent_scores
from cxgap.result import COLUMNS, GapTable, Table
from cxgap.stats.differences import Difference, difference
from cxgap.stats.effects import hedges_factor
from cxgap.stats.means import Floats, Means, design_means, ratio, simple_means, sum_by, t_p_value
from cxgap.stats.ordinal import DECIMALS, superiority_interval
from cxgap.stats.ordinal import compare as compare_distributions
from cxgap.stats.privacy import hide_also, too_few
from cxgap.stats.proportions import korn_graubard, mcnemar, newcombe, wilson
from cxgap.tables.absent import absent
from cxgap.vocabulary import EXPECTATION_TYPES, MARGIN_PART, SHARE, counted, percent, plain, signed

MEASURES = ("mean", "top_box")
OWN_COLUMNS = (
    "n_company", "gap_pomp",
    "share_company", "share_company_low", "share_company_high",
    "share_customers", "share_customers_low", "share_customers_high",
    "top_box_difference", "top_box_difference_low", "top_box_difference_high",
    "w1", "pure_shift", "kolmogorov", "superiority", "superiority_low", "superiority_high",
)  # fmt: skip
CURVE = ("cut", "share_company", "share_customers", "difference", "conf_low", "conf_high", "n_company", "n")
EVEN = 10.0**-DECIMALS  # a mean may miss a cut by rounding
FEW = 15  # raters below which there is no p-value


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
    by, score, weight, stratum, psu, population, expectation_type, min_n, confirmatory : as in `customer_gap`
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
    names, conf_level = as_names(by), check_prob(conf_level, "conf_level")
    check_choice(score, "score", SCORES)
    check_choice(measure, "measure", MEASURES)
    if expectation_type is not None:
        check_choice(expectation_type, "expectation_type", EXPECTATION_TYPES)
    limits, min_n, least = check_scale(scale), check_count(min_n, "min_n"), check_count(min_company, "min_company")
    margin, cut = check_positive(margin, "margin"), _check_cut(cut, limits)
    length = limits[1] - limits[0] if limits else np.nan
    if margin is None and limits:
        margin = length / MARGIN_PART
    unit, ladder = "scale points", limits
    if measure == "top_box":
        if limits is None or margin is None:
            raise ArgumentError('`scale` must be the lowest and highest answer, such as (1, 7), where `measure` is "top_box".')
        unit, ladder, margin = SHARE, (0.0, 1.0), margin / length
    forbidden = sorted({UNIT, rater, rating, answer, *COLUMNS, *OWN_COLUMNS} & set(names))
    if forbidden:
        raise ArgumentError(f"`by` must name columns that make groups, and none of the result's own, not {forbidden[0]!r}.")
    if why := absent(responses, company):
        return not_measured("company", names, why, unit=unit, conf_level=conf_level)

    design = {"weight": weight, "stratum": stratum, "psu": psu, "population": population}
    both = _both(responses, company, (answer, rating, rater), by=names, score=score, scale=limits, design=design)
    hidden = (both.n_company > 0) & (both.n_company < least)
    means = difference(both.company, both.customers)
    shares = _shares(both, cut, conf_level)
    columns = _of_means(both, means) if measure == "mean" else _of_shares(shares, conf_level)
    columns["p_value"] = np.where(both.n_company < FEW, np.nan, columns["p_value"])
    columns |= {
        "n_company": both.n_company,
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
        **_distributions(both, ~(hidden | too_few(both.customers.n, min_n)), conf_level),
    }
    said = "single items" if not ITEMS.isdisjoint(names) else SCORES["dimensions" if both.scores.dimensional else "items"]
    return finish(
        both.cells.assign(n=both.customers.n, n_eff=both.customers.n_eff, **columns),
        _flags(both, columns["std_error"], columns["df"]),
        gap="company",
        by=names,
        unit=unit,
        conf_level=conf_level,
        margin=margin,
        scale=ladder,
        min_n=min_n,
        hidden=hidden,
        confirmatory=confirmatory,
        lines=exposed_lines(both.scores, names, min_n),
        score=said if measure == "mean" else f"share of people whose {said} is at least {cut:g}",
    )


def threshold_curve(
    responses: IntoFrame,
    company: IntoFrame,
    *,
    by: str | Sequence[str] = "touchpoint",
    rating: str = "rating",
    rater: str = "manager_id",
    answer: str = "perception",
    score: str = "dimensions",
    cuts: Sequence[float] | None = None,
    min_company: int = 5,
    weight: str | None = None,
    stratum: str | None = None,
    psu: str | None = None,
    population: str | None = None,
    scale: Sequence[float] | None = None,
    expectation_type: str | None = None,
    margin: float | None = None,
    min_n: int = 1,
    conf_level: float = 0.95,
    confirmatory: str | Collection[str] = (),
) -> Table:
    """Compare the shares of both sides that reach each cut of the scale, so that no one cut can be picked to please.

    Parameters
    ----------
    responses, company, by, rating, rater, answer, score, min_company, conf_level : as in `company_gap`
    cuts : scores to be reached; each whole answer of the scale if not given
    weight, stratum, psu, population, scale, min_n : as in `company_gap`
    expectation_type, margin, confirmatory : of no use here; taken so that `**study.design` may be handed on

    Returns
    -------
    Table with one row a cell and cut: the `by` keys, `cut`, `share_company`, `share_customers`, `difference` (customers
    minus company), `conf_low`, `conf_high`, `n_company` and `n`. Cells of too few are left out and counted in a note.

    Raises
    ------
    ColumnError, ArgumentError : as for `company_gap`.

    References
    ----------
    Newcombe (1998), Statistics in Medicine 17(8), 873-890, method 10.
    """
    names, conf_level, limits = as_names(by), check_prob(conf_level, "conf_level"), check_scale(scale)
    check_choice(score, "score", SCORES)
    min_n, least = check_count(min_n, "min_n"), check_count(min_company, "min_company")
    title = "Who reaches each score, in the company's own eyes and in its customers'"
    if why := absent(responses, company):
        return Table.not_measured("threshold", title, why)
    if cuts is None:
        if limits is None:
            raise ArgumentError("`scale` must be the lowest and highest answer, such as (1, 7), where `cuts` are not given.")
        cuts = [float(cut) for cut in np.arange(np.ceil(limits[0]), limits[1] + 1) if cut <= limits[1]]
    forbidden = sorted({UNIT, rater, rating, answer, "interval", *CURVE} & set(names))
    if forbidden:
        raise ArgumentError(f"`by` must name columns that make groups, and none of the result's own, not {forbidden[0]!r}.")
    design = {"weight": weight, "stratum": stratum, "psu": psu, "population": population}
    both = _both(responses, company, (answer, rating, rater), by=names, score=score, scale=limits, design=design)
    n = both.customers.n
    few = too_few(n, min_n) | (both.n_company < least) | (n == 0)
    hidden = few | hide_also(few, n, exposed_lines(both.scores, names, min_n), min_n)
    keys = {name: both.cells[name].astype(object).where(both.cells[name].notna(), "(blank)").astype(str) for name in names}
    points = []
    for cut in cuts:
        shares = _shares(both, float(cut), conf_level)
        columns = (shares.company.mean, shares.customers.mean, shares.difference, shares.low, shares.high, both.n_company, n)
        points.append(pd.DataFrame({**keys, "cut": float(cut), **dict(zip(CURVE[1:], columns, strict=True))})[~hidden])
    frame = pd.concat(points).sort_index(kind="stable")
    texts = [f"{_points(low)} to {_points(high)}" for low, high in zip(frame["conf_low"], frame["conf_high"], strict=True)]
    table = Table.of(
        frame.assign(interval=texts),
        slug="threshold",
        title=title,
        columns={
            **{name: (name.replace("_", " "), str) for name in names},
            "cut": ("at least", "{:g}".format),
            "share_company": ("company", _per_cent),
            "share_customers": ("customers", _per_cent),
            "difference": ("difference", _points),
            "interval": (f"{percent(conf_level)} interval", str),
            "n_company": ("n company", "{:,.0f}".format),
            "n": ("n customers", "{:,.0f}".format),
        },
        keys=len(names) + 1,
        notes=[
            "Differences are customers minus company, in percentage points; negative: the company flatters itself.",
            *([f"Not shown: {counted(int(hidden.sum()), 'cell')} with too few people on either side."] if hidden.any() else []),
        ],
    )
    return replace(table, frame=table.frame.drop(columns="interval"))


def believers(
    responses: IntoFrame,
    company: IntoFrame,
    *,
    unit: str,
    cut: float | None = None,
    rating: str = "rating",
    rater: str = "manager_id",
    answer: str = "perception",
    score: str = "dimensions",
    min_units: int = 5,
    weight: str | None = None,
    stratum: str | None = None,
    psu: str | None = None,
    population: str | None = None,
    scale: Sequence[float] | None = None,
    expectation_type: str | None = None,
    margin: float | None = None,
    min_n: int = 1,
    conf_level: float = 0.95,
    confirmatory: str | Collection[str] = (),
) -> Table:
    """Count the units that believe they reach a score, and those whose customers say so: each unit beside itself.

    A unit, such as a branch or a team, is a believer where its own mean reaches `cut`, and an achiever where its
    customers' mean does. The two shares are of the same units, so their difference is McNemar's.

    Parameters
    ----------
    responses, company, rating, rater, answer, score, conf_level : as in `company_gap`
    unit : column of both tables that names the unit
    cut : the score to be reached; the best answer of the scale if not given
    min_units : with fewer units nothing is shown
    weight, stratum, psu, population, scale : as in `company_gap`
    min_n : units with fewer customers are left out and counted
    expectation_type, margin, confirmatory : of no use here; taken so that `**study.design` may be handed on

    Returns
    -------
    Table of seven rows: the four groups of units, believers, achievers, and the difference (achievers minus believers;
    negative: units flatter themselves), with `group`, `units`, `share`, `std_error`, `conf_low`, `conf_high` and `p_value`
    (exact, of the difference).

    Raises
    ------
    ColumnError, ArgumentError : as for `company_gap`.

    References
    ----------
    McNemar (1947), Psychometrika 12(2), 153-157.
    """
    conf_level, limits = check_prob(conf_level, "conf_level"), check_scale(scale)
    check_choice(score, "score", SCORES)
    min_n, least, reached = check_count(min_n, "min_n"), check_count(min_units, "min_units"), _check_cut(cut, limits)
    if reached is None:
        raise ArgumentError("`scale` must be the lowest and highest answer, such as (1, 7), where `cut` is not given.")
    title = f"Units that believe they reach {reached:g}, and units whose customers say so"
    if why := absent(responses, company):
        return Table.not_measured("believers", title, why)
    tally.require(company, [unit], "company")
    design = {"weight": weight, "stratum": stratum, "psu": psu, "population": population}
    both = _both(responses, company, (answer, rating, rater), by=(unit,), score=score, scale=limits, design=design)
    named = [
        {str(value) for value in values.dropna()} for values in (both.cells[unit], tally.tally_distinct(company, [unit])[unit])
    ]
    used = (both.customers.n >= max(min_n, 1)) & (both.n_company > 0) & both.cells[unit].notna().to_numpy()
    units, left_out = int(used.sum()), len(named[0] | named[1]) - int(used.sum())
    if units < least:
        return Table.not_measured("believers", title, f"{counted(units, 'unit')} had enough customers and a rating of its own")
    believe, achieve = (means.mean[used] >= reached - EVEN for means in (both.company, both.customers))
    groups = {
        "believe it, and customers say so": believe & achieve,
        "believe it, and customers do not": believe & ~achieve,
        "do not believe it, and customers say so": ~believe & achieve,
        "do not believe it, and customers do not": ~believe & ~achieve,
        "believers": believe,
        "achievers": achieve,
    }
    counts = np.array([group.sum() for group in groups.values()], float)
    low, high = wilson(counts, units, conf_level=conf_level)
    gained, lost = counts[2], counts[1]
    change, change_low, change_high, p_value = map(float, mcnemar(gained, lost, units, conf_level=conf_level))
    std_error = float(np.sqrt(max(gained + lost - (gained - lost) ** 2 / units, 0.0)) / units)
    frame = pd.DataFrame(
        {
            "group": [*groups, "difference, achievers minus believers"],
            "units": [*counts, units],
            "share": [*(counts / units), change],
            "std_error": [*[np.nan] * len(groups), std_error],
            "conf_low": [*low, change_low],
            "conf_high": [*high, change_high],
            "p_value": [*[np.nan] * len(groups), p_value],
        }
    )
    texts = [f"{_per_cent(low)} to {_per_cent(high)}" for low, high in zip(frame["conf_low"], frame["conf_high"], strict=True)]
    table = Table.of(
        frame.assign(interval=texts),
        slug="believers",
        title=title,
        columns={
            "group": ("units that", str),
            "units": ("units", "{:,.0f}".format),
            "share": ("share", _per_cent),
            "interval": (f"{percent(conf_level)} interval", str),
        },
        notes=[f"{counted(left_out, 'unit')} left out, with too few customers or without a rating of its own."]
        if left_out
        else [],
    )
    return replace(table, frame=table.frame.drop(columns="interval"))


class _Both(NamedTuple):
    """Both sides in the same cells.

    Attributes
    ----------
    cells : one row a cell
    company, customers : means of each side's scores
    n_company : people of the company
    matrix : their scores, one row a person, one column a cell; NaN where there is none
    std_devs : between the people of the company, and between customers
    partial : whether some customers are scored without all dimensions
    scores, own : the customers in cells, and the score of each
    """

    cells: pd.DataFrame
    company: Means
    customers: Means
    n_company: Floats
    matrix: Floats
    std_devs: tuple[Floats, Floats]
    partial: np.ndarray
    scores: Scores
    own: Floats


class _Shares(NamedTuple):
    """Shares of each side that reach a cut, with the ends of their intervals, and the difference; shape (cells,)."""

    company: Means
    customers: Means
    n_eff: Floats
    company_low: Floats
    company_high: Floats
    customers_low: Floats
    customers_high: Floats
    difference: Floats
    low: Floats
    high: Floats


def _check_cut(cut: float | None, scale: tuple[float, float] | None) -> float | None:
    """Return the cut that is meant: the best answer if none is given; None where that is not known either."""
    if cut is None:
        return scale and scale[1]
    low, high = scale or (-np.inf, np.inf)
    if isinstance(cut, bool) or not isinstance(cut, Real) or not low < float(cut) <= high or not np.isfinite(float(cut)):
        asked = f" above {low:g} and at most {high:g}, as `scale` says" if scale else ""
        raise ArgumentError(f"`cut` must be a score{asked}, not {cut!r}.")
    return float(cut)


def _both(
    responses: IntoFrame,
    company: IntoFrame,
    columns: tuple[str, str, str],
    *,
    by: Sequence[str],
    score: str,
    scale: tuple[float, float] | None,
    design: Mapping[str, str | None],
) -> _Both:
    """Score both sides in the same cells, and refuse answers that are not on the one scale.

    `columns` are that of the customers' answers, that of the company's ratings, and that of its raters.
    """
    answer, rating, rater = columns
    sides = compare(
        responses,
        company,
        asked=answer,
        rated=rating,
        rater=rater,
        by=by,
        score=score,
        weight=design["weight"],
        stratum=design["stratum"],
        psu=design["psu"],
        population=design["population"],
    )
    if scale:
        low, high = scale
        for frame, name, table in ((responses, answer, "responses"), (company, rating, "company")):
            check_answers(frame, name, scale, f"`{table}` must hold answers from {low:g} to {high:g} in {name!r}")
    scores = sides.scores
    own = np.nan_to_num(sides.raters.mean)[scores.cell] - scores.gap
    if "touchpoint" not in by and "touchpoint" in tally.columns_of(company) and "touchpoint" in tally.columns_of(responses):
        # The gap of a customer is then to the company's rating of the touchpoints that the customer used.
        scores = respondent_scores(
            responses,
            start=answer,
            end=answer,
            by=by,
            score=score,
            weight=design["weight"],
            stratum=design["stratum"],
            psu=design["psu"],
            population=design["population"],
            importance=None,
            importance_kind="points",
        )
        known = np.isfinite(scores.end)
        own = scores.end[known]
        scores = scores._replace(cell=scores.cell[known], respondent=scores.respondent[known], gap=scores.gap[known])
    return _Both(
        cells=sides.cells,
        company=sides.raters,
        customers=sides.customers._replace(mean=sides.asked),
        n_company=sides.raters.n,
        matrix=sides.matrix,
        std_devs=(sides.std_dev_raters, sides.std_dev_customers),
        partial=sides.partial,
        scores=scores,
        own=np.round(own, DECIMALS),
    )


def _of_means(both: _Both, gap: Difference) -> dict[str, Floats]:
    spread = (both.std_devs[0] + both.std_devs[1]) / 2
    return {
        "start": both.company.mean,
        "end": both.customers.mean,
        **gap._asdict(),
        "effect": hedges_factor(gap.df) * ratio(gap.estimate, spread),
        "p_value": t_p_value(*gap),
    }


def _of_shares(shares: _Shares, conf_level: float) -> dict[str, Floats]:
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


def _shares(both: _Both, cut: float | None, conf_level: float) -> _Shares:
    """Estimate who reaches the cut on either side, and the difference; all NaN without a cut."""
    cells, scores = len(both.cells), both.scores
    if cut is None:
        blank = np.full(cells, np.nan)
        means = Means(blank, blank, blank, blank, blank, np.zeros(cells, bool))
        return _Shares(means, means, *[blank] * 8)
    reached = (both.own >= cut - EVEN).astype(float)
    rater, column = np.nonzero(np.isfinite(both.matrix))
    company = simple_means((both.matrix[rater, column] >= cut - EVEN).astype(float), column, cells)
    company_low, company_high = wilson(company.n * company.mean, company.n, conf_level=conf_level)
    if scores.designed:
        customers = design_means(reached, scores.cell, cells, scores.respondent, scores.design)
        n_eff = _effective(customers)
        low, high = korn_graubard(customers.mean, customers.std_error, customers.n, customers.df, conf_level=conf_level)
    else:
        customers = simple_means(reached, scores.cell, cells)
        n_eff = customers.n
        low, high = wilson(customers.n * customers.mean, customers.n, conf_level=conf_level)
    gap = newcombe(customers.mean * n_eff, n_eff, company.mean * company.n, company.n, conf_level=conf_level)
    return _Shares(company, customers, n_eff, company_low, company_high, low, high, *gap)


def _effective(share: Means) -> Floats:
    """Return how many independent customers would tell as much: n over the design effect, at most n."""
    variance = share.mean * (1 - share.mean) * ratio(share.n, share.n - 1)
    size = ratio(variance, share.std_error**2)
    return np.where(np.isfinite(size) & (size > 0), np.minimum(size, share.n), share.n_eff)


def _distributions(both: _Both, shown: np.ndarray, conf_level: float) -> dict[str, Floats]:
    """Compare the two distributions of scores in each cell that is shown."""
    scores, design = both.scores, both.scores.design
    weight = design.weight[scores.respondent]
    stratum_of = np.zeros(design.psu.max() + 1, np.int64)
    stratum_of[design.psu] = design.stratum
    sizes = sum_by(stratum_of, len(design.population))
    found = np.full((len(both.cells), 6), np.nan)
    for cell in np.flatnonzero(shown & (both.n_company > 0) & (both.customers.n > 0)):
        company = np.round(both.matrix[np.isfinite(both.matrix[:, cell]), cell], DECIMALS)
        inside = (scores.cell == cell) & (weight > 0)
        customers, weights, people = both.own[inside], weight[inside], scores.respondent[inside]
        values, place = np.unique(np.concatenate([company, customers]), return_inverse=True)
        tables = (
            sum_by(place[: len(company)], len(values))[None],
            sum_by(place[len(company) :], len(values), weights)[None],
        )
        alike = compare_distributions(*tables, values)
        drawn = (design.stratum[people], design.psu[people], sizes)
        if not scores.designed:
            drawn = (np.zeros(len(people), np.int64), np.arange(len(people)), np.array([float(len(people))]))
        interval = superiority_interval(company, customers, weights, *drawn, conf_level=conf_level)
        found[cell] = (alike.w1[0], alike.pure_shift[0], alike.kolmogorov[0], alike.superiority[0], *interval)
    names = ("w1", "pure_shift", "kolmogorov", "superiority", "superiority_low", "superiority_high")
    return dict(zip(names, found.T, strict=True))


def _flags(both: _Both, std_error: Floats, df: Floats) -> list[set[str]]:
    several = both.customers.n > 1
    marks = {
        "EMPTY": (both.customers.n == 0) | (both.n_company == 0),
        "N1": both.customers.n == 1,
        "ZERO_VAR": several & (std_error == 0),
        "UNSTABLE": several & (both.customers.n_eff < 30),
        "LOW_DF": several & np.isfinite(std_error) & ~(df >= 8),
        "LONELY_PSU": both.customers.lonely,
        "PARTIAL": both.partial,
        "FEW_RATERS": (both.n_company > 0) & (both.n_company < FEW),
    }
    return [{flag for flag, mark in marks.items() if mark[cell]} for cell in range(len(both.cells))]


def _per_cent(share: float) -> str:
    return f"{plain(100 * share, 0)} %"


def _points(difference: float) -> str:
    return signed(100 * difference, 0)
