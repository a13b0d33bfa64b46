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
from cxgap.gaps.visits import NO_OUTCOME, Visits, read_visits
from cxgap.result import Table
from cxgap.stats.explained import correlation, covariances_redrawn, percentiles, r_squared
from cxgap.stats.guards import LESS, NOTHING
from cxgap.stats.means import Floats
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
MEASURE = "The gap is a measure for management: how far perception lies from a standard that was set before it."
BETTER = "To foresee what customers think of the whole, read the perceived rating: here it tells more than the gap does."


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
    rows, said = [], []
    for keys, part in zip(keys_of(visits.cells, names), visits.parts(), strict=True):
        found = [
            {**keys, **row} for row in _measured(part, "\0".join([SLUG, *keys.values()]), min_n, conf_level, seed, replicates)
        ]
        rows += found
        said.append((" ".join(keys.values()), _finding(found, told)))
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


def _measured(part: Visits, name: str, min_n: int, conf_level: float, seed: int, replicates: int) -> list[dict[str, Any]]:
    """Return the rows of one cell."""
    predictors = {
        "gap": part.gap,
        "perceived": part.perception,
        "both": np.column_stack([part.expectation, part.perception]),
        "importance-weighted gap": part.importance_gap,
    }
    rows = []
    for measure, columns in predictors.items():
        table = np.column_stack([columns, part.outcome])
        if measure == "importance-weighted gap" and not np.isfinite(part.importance_gap).any():
            continue
        rows.append({"measure": measure, **_row(part, table, name, min_n, conf_level, seed, replicates)})
    if np.isfinite(part.direct).any():
        table = np.column_stack([part.gap, part.direct])
        row = _row(part, table, name, min_n, conf_level, seed, replicates, of_r=True)
        rows.append({"measure": "direct", **row})
    return rows


def _row(
    part: Visits, table: Floats, name: str, min_n: int, conf_level: float, seed: int, replicates: int, *, of_r: bool = False
) -> dict[str, Any]:
    known = np.isfinite(table).all(axis=1) & (part.weight > 0)
    part, table = part.part(known), table[known]
    blank: dict[str, Any] = dict.fromkeys(("n", "r2", "conf_low", "conf_high", "adj_r2", "aic", "r"), np.nan)
    n = part.people
    if n == 0 or too_few(np.array([float(n)]), min_n)[0]:
        return {**blank, "n": 0.0 if n == 0 else np.nan, "flags": "EMPTY" if n == 0 else "SUPPRESSED_PRIVACY"}
    if n < FEWEST:
        return {**blank, "n": n, "flags": "FEW_RESPONDENTS"}
    unit = part.design.psu[part.respondent]
    matrix, drawn = covariances_redrawn(table, part.weight, unit, part.source(name), replicates=replicates, seed=seed)
    if of_r:
        low, high = percentiles(correlation(drawn), conf_level=conf_level)
        return {**blank, "n": n, "r": float(correlation(matrix)), "conf_low": low, "conf_high": high, "flags": ""}
    fit = least_squares(table[:, :-1], table[:, -1], weight=part.weight)
    low, high = percentiles(r_squared(drawn), conf_level=conf_level)
    r = float(correlation(matrix)) if table.shape[1] == 2 else np.nan
    own = {"n": n, "r2": fit.r2, "conf_low": low, "conf_high": high, "adj_r2": fit.adj_r2, "aic": fit.aic, "r": r}
    return {**own, "flags": "" if np.isfinite(fit.r2) else "COLLINEAR"}


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
