"""How much of an overall judgement goes with the gap, and how much with perception alone."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from cxgap._check import check_choice, check_count, check_prob, check_scale
from cxgap.gaps.asking import SCORES, check_expectation_type, grouping
from cxgap.gaps.customer import IMPORTANCE_KINDS
from cxgap.gaps.design import UNIT
from cxgap.gaps.margins import Margins
from cxgap.gaps.shapes import keys_of
from cxgap.gaps.spared import spared_answers
from cxgap.gaps.visits import NO_OUTCOME, Visits, read_visits
from cxgap.result import Table
from cxgap.stats.explained import correlation, crossed_by_unit, percentiles, r_squared, redrawn
from cxgap.stats.guards import LESS, NOTHING
from cxgap.stats.means import Floats, strata_of
from cxgap.stats.privacy import too_few
from cxgap.stats.regression import least_squares
from cxgap.tables.absent import absent
from cxgap.vocabulary import percent, signed

SLUG = "gap-validity"
OWN = ("measure", "n", "r2", "conf_low", "conf_high", "adj_r2", "aic", "r", "flags")
WORDS = {
    "gap": "the gap alone",
    "perceived": "the perceived rating alone",
    "both": "expected and perceived, each with its own weight",
    "importance-weighted gap": "the gap weighted by importance",
    "direct": "the computed gap and what customers say of it directly",
}
FEWEST = 30  # respondents below which no share is told
HELD = 4_000_000  # numbers that wait to be drawn again, above which they are
MEASURE = "The gap is a measure for management: how far perception lies from a standard that was set before it."
BETTER = "To foresee what customers think of the whole, read the perceived rating: here it tells more than the gap does."


@spared_answers
def gap_validity(
    responses: IntoFrame,
    *,
    outcome: str | None = None,
    by: str | Sequence[str] = "",
    direct: str | None = None,
    score: str = "dimensions",
    weight: str | None = None,
    stratum: str | None = None,
    psu: str | None = None,
    population: str | None = None,
    margins: Margins | None = None,
    importance: str | None = None,
    importance_kind: str = "points",
    scale: Sequence[float] | None = None,
    expectation_type: str | None = None,
    margin: float | None = None,
    min_n: int = 1,
    confirmatory: str | Collection[str] = (),
    conf_level: float = 0.95,
    seed: int = 0,
    replicates: int = 1999,
) -> Table:
    """Compare what the gap and what perception alone tell of an overall judgement.

    Parameters
    ----------
    responses : as in `customer_gap`; the unit is a visit, one respondent at one touchpoint in one wave
    outcome : numeric column with a judgement of the whole visit
    by : columns whose combinations make the cells; "" is all together
    direct : numeric column in which customers say directly how far they got what they expected; it is correlated with the
        computed gap, and never averaged with it
    score, weight, stratum, psu, population, margins, importance, importance_kind : as in `customer_gap`
    min_n : cells with fewer respondents are blanked
    scale, expectation_type, margin, confirmatory : accepted with the rest of a study's design
    conf_level : two-sided
    seed, replicates : of the bootstrap of sampling units, for all intervals

    Returns
    -------
    Table "gap-validity" with one row a cell and measure ("gap", "perceived", "both", and where there are such
    "importance-weighted gap" and "direct"): `n` respondents, `r2` (share of the variance of the outcome) with interval,
    `adj_r2`, `aic`, `r` (correlation with the outcome; of "direct", with the computed gap, which then has the interval)
    and `flags`.

    Raises
    ------
    ColumnError : `responses` lacks a column.
    ArgumentError : an argument is not what it must be.

    References
    ----------
    Cronin & Taylor (1992), Journal of Marketing 56(3), 55-68.
    Page & Spreng (2002), Journal of Service Research 4(3), 184-192.
    Roszkowski, Baky & Jones (2005), Library & Information Science Research 27(4), 424-439.
    """
    names = grouping(by, {UNIT, "expectation", "perception", outcome, direct, *OWN})
    check_choice(score, "score", SCORES)
    check_choice(importance_kind, "importance_kind", IMPORTANCE_KINDS)
    check_expectation_type(expectation_type)
    check_scale(scale)
    conf_level, min_n = check_prob(conf_level, "conf_level"), check_count(min_n, "min_n")
    replicates = check_count(replicates, "replicates")
    title = "What the gap tells of the overall judgement, and what perception alone tells"
    if why := absent(responses) or ("" if outcome else NO_OUTCOME):
        return Table.not_measured(SLUG, title, why)
    visits = read_visits(
        responses,
        by=names,
        outcome=outcome,
        direct=direct,
        score=score,
        importance=importance,
        importance_kind=importance_kind,
        weight=weight,
        stratum=stratum,
        psu=psu,
        population=population,
        margins=margins,
    )
    told = (outcome or "").replace("_", " ")
    keys = keys_of(visits.cells, names)
    rows, said = [], []
    for key, measured in zip(keys, _measured(visits, min_n, conf_level, seed, replicates), strict=True):
        found = [{**key, **row} for row in measured]
        rows += found
        said.append((" ".join(key.values()), _finding(found, told)))
    better = any(one["r2"] < two["r2"] - LESS for one, two in pairwise(rows) if two["measure"] == "perceived")
    return Table(
        pd.DataFrame(rows),
        slug=SLUG,
        title=said[0][1] if len(said) == 1 else title,
        heads=(
            *(name.replace("_", " ") for name in names),
            "what is compared",
            f"share of the variance of {told}",
            f"{percent(conf_level)} interval",
            "people",
        ),
        cells=tuple(_written(row, names) for row in rows),
        keys=len(names) + 1,
        notes=(
            MEASURE,
            *((BETTER,) if better else ()),
            *(f"{where}: {text[0].lower()}{text[1:]}." for where, text in said if len(said) > 1),
        ),
    )


def _measured(visits: Visits, min_n: int, conf_level: float, seed: int, replicates: int) -> list[list[dict[str, Any]]]:
    """Return the rows of each cell; the sample is drawn again for many rows at a time, each time in the same way."""
    found: list[list[dict[str, Any]]] = []
    waiting: list[tuple[dict[str, Any], Floats]] = []
    for part in visits.parts():
        predictors = {
            "gap": part.gap,
            "perceived": part.perception,
            "both": np.column_stack([part.expectation, part.perception]),
            "importance-weighted gap": part.importance_gap,
        }
        if not np.isfinite(part.importance_gap).any():
            del predictors["importance-weighted gap"]
        tables = {measure: np.column_stack([columns, part.outcome]) for measure, columns in predictors.items()}
        if np.isfinite(part.direct).any():
            tables["direct"] = np.column_stack([part.gap, part.direct])
        found.append([])
        for measure, table in tables.items():
            row, cross = _row(part, table, min_n, of_r=measure == "direct")
            found[-1].append({"measure": measure, **row})
            if cross is not None:
                waiting.append((found[-1][-1], cross))
        if sum(cross.size for _, cross in waiting) > HELD:
            _drawn(waiting, visits, conf_level, seed, replicates)
            waiting = []
    _drawn(waiting, visits, conf_level, seed, replicates)
    return found


def _drawn(
    waiting: Sequence[tuple[dict[str, Any], Floats]], visits: Visits, conf_level: float, seed: int, replicates: int
) -> None:
    """Write the ends of the rows that wait for them."""
    found = redrawn([cross for _, cross in waiting], visits.source(SLUG), replicates=replicates, seed=seed)
    for (row, _), (matrix, drawn) in zip(waiting, found, strict=True):
        of_r = row["measure"] == "direct"
        row["conf_low"], row["conf_high"] = percentiles((correlation if of_r else r_squared)(drawn), conf_level=conf_level)
        if len(matrix) == 2:
            row["r"] = float(correlation(matrix))


def _row(part: Visits, table: Floats, min_n: int, *, of_r: bool) -> tuple[dict[str, Any], Floats | None]:
    """Return a row without its ends, and what they are drawn from."""
    known = np.isfinite(table).all(axis=1) & (part.weight > 0)
    part, table = part.part(known), table[known]
    row: dict[str, Any] = dict.fromkeys(("n", "r2", "conf_low", "conf_high", "adj_r2", "aic", "r"), np.nan)
    n = part.people
    if n == 0 or too_few(np.array([float(n)]), min_n)[0]:
        return {**row, "n": 0.0 if n == 0 else np.nan, "flags": "EMPTY" if n == 0 else "SUPPRESSED_PRIVACY"}, None
    if n < FEWEST:
        return {**row, "n": n, "flags": "FEW_RESPONDENTS"}, None
    design = part.design
    cross = crossed_by_unit(table, part.weight, design.psu[part.respondent], len(strata_of(design)))
    if of_r:
        return {**row, "n": n, "flags": ""}, cross
    fit = least_squares(table[:, :-1], table[:, -1], weight=part.weight)
    own = {"n": n, "r2": fit.r2, "adj_r2": fit.adj_r2, "aic": fit.aic}
    return {**row, **own, "flags": "" if np.isfinite(fit.r2) else "COLLINEAR"}, cross


def _finding(rows: Sequence[Mapping[str, Any]], outcome: str) -> str:
    share = {row["measure"]: row["r2"] for row in rows}
    gap, rating = share["gap"], share["perceived"]
    if np.isnan(gap) or np.isnan(rating):
        return f"What the gap tells of {outcome} cannot be told from so few answers, or from answers so much alike"
    if max(gap, rating) < NOTHING:
        return f"Neither the gap nor the perceived rating tells much of {outcome}"
    numbers = (
        f"the perceived rating alone goes with {_percent(rating)} of the variance of {outcome}, the gap with {_percent(gap)}"
    )
    return numbers[0].upper() + numbers[1:]


def _percent(share: float) -> str:
    return f"{share * 100:.0f} %"


def _written(row: Mapping[str, Any], names: Sequence[str]) -> tuple[str, ...]:
    key = (*(row[name] for name in names), WORDS[row["measure"]])
    low, high = row["conf_low"], row["conf_high"]
    people = "" if np.isnan(row["n"]) else f"{row['n']:,.0f}"
    if row["measure"] == "direct":
        number = "" if np.isnan(row["r"]) else f"correlation {signed(row['r'], 2)}"
        return (*key, number, "" if np.isnan(low) else f"{signed(low, 2)} to {signed(high, 2)}", people)
    number = "" if np.isnan(row["r2"]) else _percent(row["r2"])
    return (*key, number, "" if np.isnan(low) else f"{low * 100:.0f} to {_percent(high)}", people)
